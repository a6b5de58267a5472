"""What pages say in place of a story, in 25 languages: `transforms.refusals` reads it, and decides.

A line is "language kind: phrase; phrase; …". A plain phrase is the whole of a title, of a heading, or of a part of one
("Page not found | The Wire"). With a `*` behind, it begins one. With a `~` before, it begins one, too, and is peculiar
enough to mean something anywhere in a page that has little text; of `consent`, these are the words its talk is made of.
"""

NOTICES = """
en challenge: just a moment*; attention required*; access denied; are you a robot; are you a human; are you human;
  i am not a robot; checking your browser*; verify you are human*; verify that you are human*; verifying you are human*;
  verifying that you are human*; human verification; access blocked; security check; security verification;
  vercel security checkpoint; one more step; please wait; please wait while*; one moment please; ddos-guard;
  ddos protection*; robot check; robot challenge screen; bot verification; captcha; recaptcha; client challenge;
  pardon our interruption*; sorry you have been blocked*; making sure you're not a bot*; browser check;
  verification required; request rejected; ~checking if the site connection is secure; ~verify you are human by;
  ~review the security of your connection; ~enable javascript and cookies to continue;
  ~checking your browser before accessing; ~why do i have to complete a captcha; ~unusual traffic from your;
  ~unusual activity from your; ~let us know you're not a robot; ~confirm you are not a robot; ~sure you're not a robot;
  ~prove you are human; ~confirm you are human; ~you were a bot; ~your browser will redirect;
  ~don't have permission to access; ~requested url was rejected; ~incapsula incident;
  ~protect itself from online attacks; ~solving the above captcha; ~you have been blocked;
  ~your request has been blocked; ~please enable js and disable any ad blocker; ~access to this page has been denied;
  ~and not a robot; ~requests coming from your computer network; ~detected unusual traffic; before we continue
en error: page not found*; not found; page cannot be found; page can't be found; page unavailable; page not available;
  page no longer available; page does not exist; page doesn't exist; article not found; story not found; forbidden;
  content not available; content unavailable; file not found; bad gateway; bad request; service unavailable;
  service temporarily unavailable; temporarily unavailable; gateway timeout; gateway time-out; internal server error;
  server error; unauthorized; unavailable for legal reasons; 410 gone; error; something went wrong; application error;
  an error occurred*; site maintenance; site under maintenance; under maintenance; maintenance; maintenance mode;
  scheduled maintenance; we'll be right back*; down for maintenance; error establishing a database connection;
  account suspended; site not found; default web page; index of /*; ~the page you are looking for;
  ~the page you're looking for; ~the page you were looking for; ~page you requested; ~this page could not be found;
  ~requested url was not found; ~can't find the page; ~article you are looking for;
  ~country belonging to the european economic area; ~not available in your country; ~not available in your region;
  ~not available in your location; ~unavailable due to legal reasons; ~domain is for sale; ~buy this domain;
  ~domain is parked; ~sponsored listings displayed above; ~apache2 ubuntu default page; ~welcome to nginx;
  ~this page isn't available; ~the request could not be satisfied; it works; article no longer available;
  ~domain may be for sale; ~currently unavailable in most european; ~our website is currently unavailable;
  connection timed out; web server is down; host error; origin is unreachable
en login: log in; login; sign in; please log in; please sign in; sign up; register; sign in or register;
  log in or register; create an account; create a free account; account login; subscriber login; member login;
  ~log in to continue; ~sign in to continue; ~register to continue; ~log in to read; ~sign in to read;
  ~register to read; ~create a free account to; ~create an account to continue; ~register now to continue;
  ~log in or register to; ~sign in or register to; ~logged in to read; ~register or log in to;
  ~free account to continue; log in to your account*; sign in to your account*; ~create a free account or;
  ~sign in to keep reading; ~log in to keep reading
en consent: before you continue*; cookie consent; your privacy; your privacy choices; consent; privacy settings;
  cookie settings; privacy gate; we value your privacy*; we care about your privacy*; ~cookie; ~we and our; ~accept all;
  ~reject all; ~our partners; ~your consent; ~personalised; ~personalized; ~legitimate interest;
  ~information on a device; ~privacy; ~personal data; ~your choices; ~your data; ~advertising
en paywall: subscriber exclusive; ~subscribe to continue; ~subscribe to read; ~subscribe now to read;
  ~subscribe or log in; ~subscribe or sign in; ~subscribe to unlock; ~for subscribers only; ~subscribers only;
  ~is for subscribers; ~exclusive to subscribers; ~exclusively for subscribers; ~available to subscribers;
  ~reserved for subscribers; ~unlock this article; ~unlock the full; ~your limit of free; ~your article limit;
  ~your free articles; ~subscribe for full; ~subscribe to keep reading; ~this article is reserved; subscribe;
  subscribe now; subscribe today; choose your subscription*
de challenge: bitte warten; einen moment bitte; nur einen moment*; einen moment*; sicherheitsüberprüfung;
  sicherheitsprüfung; zugriff verweigert; zugang verweigert; zugriff blockiert; sind sie ein roboter;
  sind sie ein mensch; ich bin kein roboter; ~bestätigen sie dass sie ein mensch; ~dass sie kein roboter;
  ~ihr browser wird überprüft; ~überprüfung ihres browsers; ~ungewöhnlichen datenverkehr; ~sicherheit ihrer verbindung
de error: nicht gefunden; seite nicht verfügbar; artikel nicht gefunden; artikel nicht verfügbar;
  inhalt nicht verfügbar; fehler; serverfehler; interner serverfehler; wartungsarbeiten; wartungsmodus; wartung;
  ~seite wurde nicht gefunden; ~seite konnte nicht gefunden; ~seite nicht gefunden; ~seite existiert nicht;
  ~gesuchte seite; ~aufgerufene seite; ~angeforderte seite; ~gewünschte seite; ~in ihrer region nicht verfügbar;
  ~in ihrem land nicht verfügbar; ~wegen wartungsarbeiten; ~domain steht zum verkauf
de login: anmelden; anmeldung; einloggen; login; registrieren; bitte anmelden; bitte melden sie sich an*;
  jetzt anmelden; anmelden oder registrieren; ~anmelden um weiterzulesen; ~registrieren und weiterlesen;
  ~registrieren um weiterzulesen; ~einloggen um weiterzulesen; ~jetzt anmelden und weiterlesen;
  ~anmelden und weiterlesen; anmeldung bei*; ~nach der anmeldung zum artikel; ~medienkonto anmelden
de consent: bevor sie fortfahren*; bevor sie zu*; datenschutzeinstellungen; cookie-einstellungen; ihre privatsphäre;
  mit werbung weiterlesen*; ~wir und unsere; ~alle akzeptieren; ~alle ablehnen; ~mit werbung; ~einwilligung;
  ~zustimmung; ~widerrufen; ~auf einem gerät; ~personalisierte; ~datenschutz; ~unsere partner; ~werbefrei; ~tracking;
  ~personenbezogen; ~akzeptieren
de paywall: ~nur für abonnenten; ~für abonnenten; ~mit einem abo; ~im abo lesen; ~dieser artikel ist kostenpflichtig;
  ~diesen artikel weiterlesen; ~weiterlesen mit; ~plus-artikel; ~ganzen artikel lesen; jetzt abonnieren; abonnieren;
  ~exklusiv für abonnenten; ~exklusiv für plus
fr challenge: un instant*; veuillez patienter*; un moment s'il vous plaît; accès refusé; accès interdit; accès bloqué;
  contrôle de sécurité; vérification de sécurité; êtes-vous un robot; je ne suis pas un robot;
  ~vérifiez que vous êtes humain; ~que vous êtes un humain; ~vous êtes bien un humain; ~n'êtes pas un robot;
  ~vérification de votre navigateur; ~trafic inhabituel; ~sécurité de votre connexion; ~avez été bloqué
fr error: page non trouvée*; page inexistante; page indisponible; article introuvable; contenu indisponible; erreur;
  erreur serveur; service indisponible; service temporairement indisponible; site en maintenance; en maintenance;
  ~page que vous recherchez; ~page que vous cherchez; ~page demandée; ~page introuvable; ~page n'existe plus;
  ~page n'existe pas; ~article que vous recherchez; ~n'est pas disponible dans votre pays;
  ~n'est pas disponible dans votre région; ~pas accessible depuis votre pays; ~domaine est à vendre
fr login: connexion; se connecter; connectez-vous; inscription; créer un compte; connexion abonnés; s'identifier;
  ~connectez-vous pour lire; ~connectez-vous pour continuer; ~connectez-vous pour accéder; ~inscrivez-vous pour lire;
  ~créez un compte gratuit; ~inscrivez-vous pour continuer
fr consent: avant de continuer*; votre vie privée; gestion des cookies; nous respectons votre vie privée*;
  le respect de votre vie privée*; ~nous et nos; ~tout accepter; ~tout refuser; ~sans accepter; ~accepter;
  ~consentement; ~sur un terminal; ~sur un appareil; ~personnalisé; ~intérêt légitime; ~partenaires; ~vie privée;
  ~données personnelles; ~publicité
fr paywall: article réservé aux abonnés; ~réservé aux abonnés; ~réservée aux abonnés; ~réservé à nos abonnés;
  ~réservés aux abonnés; ~pour lire la suite; ~lire la suite de cet article; ~poursuivre votre lecture;
  ~la suite est réservée; ~débloquez cet article; ~pour les abonnés; abonnez-vous; s'abonner; offres d'abonnement
es challenge: un momento*; espere un momento*; espera un momento*; por favor espere; espere por favor; acceso denegado;
  acceso bloqueado; comprobación de seguridad; verificación de seguridad; ¿eres un robot?; ¿es usted un robot?;
  no soy un robot; ~verifique que es un ser humano; ~verifica que eres humano; ~verifique que usted es humano;
  ~que no eres un robot; ~que no es un robot; ~que no soy un robot; ~comprobando su navegador;
  ~verificando su navegador; ~tráfico inusual; ~seguridad de su conexión; ~seguridad de tu conexión
es error: no encontrado; página no disponible; página inexistente; noticia no encontrada; artículo no encontrado;
  contenido no disponible; error; error del servidor; error interno del servidor; sitio en mantenimiento;
  servicio no disponible; ~página que buscas; ~página que busca; ~página que está buscando; ~página que estás buscando;
  ~página no encontrada; ~página solicitada; ~página no existe; ~no hemos encontrado la página;
  ~no encontramos la página; ~no está disponible en su país; ~no está disponible en tu país;
  ~no está disponible en tu región; ~no está disponible en su región; ~dominio está en venta; ~página que buscás;
  ~no encontramos la
es login: iniciar sesión; inicia sesión; inicie sesión; acceder; entrar; registrarse; regístrate; crear cuenta;
  ~inicia sesión para; ~inicie sesión para; ~regístrate para; ~regístrese para; ~para seguir leyendo inicia;
  ~iniciar sesión para continuar; ~ingresa para seguir leyendo
es consent: antes de continuar*; tu privacidad*; su privacidad*; configuración de cookies; valoramos tu privacidad*;
  valoramos su privacidad*; ~nosotros y nuestros; ~aceptar; ~rechazar; ~consentimiento; ~en un dispositivo;
  ~personalizad; ~interés legítimo; ~socios; ~privacidad; ~datos personales; ~publicidad
es paywall: ~solo para suscriptores; ~exclusivo para suscriptores; ~para suscriptores; ~para seguir leyendo;
  ~para continuar leyendo; ~has alcanzado el límite; suscríbete; suscríbase; suscripciones; ~suscríbete para seguir;
  ~solo suscriptores; ~límite de artículos gratuitos
pt challenge: um momento*; só um momento*; por favor aguarde; acesso negado; acesso bloqueado; você é um robô;
  verificação de segurança; não sou um robô; ~verifique se você é humano; ~confirme que você é humano;
  ~que não é um robô; ~que você não é um robô; ~verificando seu navegador; ~tráfego incomum; ~tráfego invulgar;
  ~segurança da sua conexão; ~segurança da sua ligação
pt error: página indisponível; notícia não encontrada; artigo não encontrado; conteúdo indisponível; erro;
  erro no servidor; erro interno do servidor; serviço indisponível; site em manutenção; ~página que você procura;
  ~página que procura; ~página que você está procurando; ~página não encontrada; ~página solicitada; ~página não existe;
  ~não encontramos a página; ~não está disponível no seu país; ~não está disponível em seu país;
  ~não está disponível na sua região; ~domínio está à venda
pt login: entrar; fazer login; faça login; iniciar sessão; inicie sessão; login; acesse sua conta; cadastre-se;
  criar conta; ~faça login para; ~faça seu login para; ~entre para continuar; ~inicie sessão para; ~cadastre-se para;
  ~registe-se para; ~crie uma conta
pt consent: sua privacidade; a sua privacidade; configurações de cookies; valorizamos sua privacidade*;
  valorizamos a sua privacidade*; ~nós e nossos; ~nós e os nossos; ~aceitar; ~rejeitar; ~recusar; ~dispositivo;
  ~parceiros; ~dados pessoais; ~publicidade
pt paywall: ~exclusivo para assinantes; ~para assinantes; ~assine para; ~exclusivo para subscritores;
  ~para continuar lendo; ~para continuar a ler; ~torne-se assinante; assine; assine já; ~assine para continuar
it challenge: un momento*; attendere prego; accesso negato; accesso bloccato; controllo di sicurezza; non sono un robot;
  verifica di sicurezza; sei un robot; ~verifica che sei umano; ~verifica di essere umano; ~di essere umano;
  ~non sei un robot; ~di non essere un robot; ~controllo del browser; ~traffico insolito; ~traffico anomalo;
  ~sicurezza della connessione
it error: pagina inesistente; pagina non disponibile; articolo non trovato; errore; contenuto non disponibile;
  errore del server; errore interno del server; servizio non disponibile; sito in manutenzione;
  ~pagina che stai cercando; ~pagina che cerchi; ~pagina cercata; ~pagina richiesta; ~pagina non trovata;
  ~pagina non esiste; ~non è disponibile nel tuo paese; ~non è disponibile nella tua regione; ~dominio è in vendita;
  torniamo presto; torniamo subito
it login: accedi; login; registrati; effettua il login; ~accedi per; ~registrati per; ~effettua il login per;
  ~accedi o registrati
it consent: prima di continuare*; la tua privacy; impostazioni cookie; gestione cookie; il rispetto della tua privacy*;
  ~noi e i nostri; ~accetta; ~rifiuta; ~consenso; ~su un dispositivo; ~personalizzat; ~partner; ~dati personali;
  ~pubblicità; ~abbonati
it paywall: ~riservato agli abbonati; ~riservata agli abbonati; ~per gli abbonati; ~per continuare a leggere;
  ~continua a leggere con; ~articolo riservato; ~sblocca l'articolo; ~solo per abbonati; abbonati; abbonamenti
nl challenge: een moment geduld*; even geduld*; moment geduld; toegang geweigerd; toegang geblokkeerd;
  beveiligingscontrole; ik ben geen robot; bent u een robot; ben je een robot; ~controleer of u een mens;
  ~dat u een mens bent; ~dat je een mens bent; ~geen robot bent; ~uw browser wordt gecontroleerd;
  ~ongebruikelijk verkeer; ~beveiliging van uw verbinding
nl error: artikel niet gevonden; pagina niet beschikbaar; serverfout; ~pagina die u zoekt; ~pagina die je zoekt;
  ~pagina niet gevonden; ~pagina bestaat niet; ~pagina niet vinden; ~opgevraagde pagina; ~niet beschikbaar in uw land;
  ~niet beschikbaar in jouw land; ~niet beschikbaar in uw regio; ~domein is te koop
nl login: inloggen; log in; aanmelden; registreren; account aanmaken; ~log in om; ~inloggen om; ~registreer om;
  ~maak een gratis account; ~meld je aan om; ~inloggen of registreren
nl consent: voordat je verdergaat*; voordat u verdergaat*; privacy-instellingen; cookie-instellingen; jouw privacy;
  uw privacy; dpg media privacy gate; ~wij en onze; ~accepteren; ~weigeren; ~akkoord; ~toestemming; ~op een apparaat;
  ~gepersonaliseerde; ~persoonsgegevens; ~advertenties
nl paywall: ~alleen voor abonnees; ~voor abonnees; ~met een abonnement; ~lees verder met; abonneren; word abonnee
sv challenge: ett ögonblick*; åtkomst nekad; säkerhetskontroll; är du en robot; jag är inte en robot;
  ~att du är människa; ~att du är en människa; ~inte är en robot; ~kontrollerar din webbläsare; ~ovanlig trafik
sv error: artikeln hittades inte; serverfel; underhållsarbete; ~sidan du söker; ~sidan du letar efter;
  ~sidan hittades inte; ~sidan kunde inte hittas; ~sidan finns inte; ~inte tillgänglig i ditt land;
  ~inte tillgängligt i ditt land
sv login: logga in; inloggning; registrera dig; skapa konto; ~logga in för att; ~registrera dig för
sv consent: innan du fortsätter*; din integritet; integritetsinställningar; cookieinställningar; ~vi och våra; ~kakor;
  ~godkänn; ~acceptera; ~avvisa; ~samtycke; ~på en enhet; ~anpassade; ~personuppgifter; ~annonser
sv paywall: endast för prenumeranter; ~för prenumeranter; ~prenumerera för att; ~läs vidare med; ~för att läsa vidare;
  ~för att läsa hela; ~lås upp artikeln; prenumerera; bli prenumerant
pl challenge: chwileczkę*; proszę czekać*; odmowa dostępu; dostęp zabroniony; dostęp zablokowany; nie jestem robotem;
  kontrola bezpieczeństwa; ~potwierdź że jesteś człowiekiem; ~że jesteś człowiekiem; ~nie jesteś robotem;
  ~sprawdzanie przeglądarki; ~sprawdzamy twoją przeglądarkę; ~nietypowy ruch; ~bezpieczeństwo połączenia
pl error: strona niedostępna; błąd; błąd serwera; artykuł nie istnieje; przerwa techniczna; prace konserwacyjne;
  ~strona której szukasz; ~szukana strona; ~strona nie istnieje; ~strony nie znaleziono; ~nie znaleziono strony;
  ~strona nie została znaleziona; ~niedostępna w twoim kraju; ~domena jest na sprzedaż
pl login: zaloguj się*; zaloguj; logowanie; rejestracja; zarejestruj się*; ~zaloguj się aby; ~zaloguj się by;
  ~zaloguj się żeby; ~zarejestruj się aby; ~zarejestruj się by; ~załóż konto; ~musisz być zalogowany aby przeczytać;
  ~aby czytać dalej; ~bezpłatne konto aby
pl consent: zanim przejdziesz*; twoja prywatność; ustawienia prywatności; szanujemy twoją prywatność*;
  cenimy twoją prywatność*; ~my i nasi; ~akceptuj; ~odrzuć; ~przejdź do serwisu; ~zgody; ~zgodę; ~na urządzeniu;
  ~spersonalizowan; ~partnerzy; ~partnerów; ~prywatności; ~danych osobowych; ~reklam
pl paywall: tylko dla prenumeratorów; tylko dla subskrybentów; ~dla prenumeratorów; ~dla subskrybentów; ~czytaj dalej z;
  ~aby czytać dalej; ~dostęp do pełnej treści; ~artykuł dostępny tylko; ~treść dostępna tylko
cs challenge: moment prosím; počkejte prosím; přístup odepřen; přístup zamítnut; bezpečnostní kontrola; nejsem robot;
  ~ověřte že jste člověk; ~že jste člověk; ~že nejste robot; ~kontrola prohlížeče; ~neobvyklý provoz
cs error: stránka nenalezena*; článek nenalezen; chyba; chyba serveru; probíhá údržba; ~stránka nebyla nalezena;
  ~stránka neexistuje; ~hledaná stránka; ~požadovaná stránka; ~stránka kterou hledáte; ~doména je na prodej
cs login: přihlášení; přihlásit se; přihlaste se*; registrace; ~přihlásit se a; ~pro přečtení se přihlaste
cs consent: než budete pokračovat*; vaše soukromí; nastavení soukromí; nastavení cookies; souhlas s cookies; ~my a naši;
  ~přijmout; ~odmítnout; ~souhlas; ~v zařízení; ~personalizovan; ~partner; ~soukromí; ~osobních údajů; ~reklam
cs paywall: pouze pro předplatitele; jen pro předplatitele; ~pro předplatitele; ~pokračovat ve čtení; ~odemknout článek;
  ~zbývá vám přečíst
hu challenge: egy pillanat*; kérjük várjon*; hozzáférés megtagadva; biztonsági ellenőrzés; nem vagyok robot;
  ~hogy ön ember; ~hogy ember vagy; ~nem vagy robot; ~ön nem robot; ~böngésző ellenőrzése; ~szokatlan forgal
hu error: oldal nem található*; a cikk nem található; hiba; szerverhiba; ~az oldal nem található; ~keresett oldal;
  ~a kért oldal; ~keresett cikk
hu login: bejelentkezés; belépés; regisztráció; jelentkezzen be*; ~az olvasáshoz bejelentkezés
hu consent: mielőtt továbblép*; adatvédelmi beállítások; süti beállítások; az ön adatainak védelme*; ~mi és partnereink;
  ~süti; ~elfogad; ~elutasít; ~hozzájárul; ~személyre szabott; ~adatvédelmi; ~személyes adat; ~hirdetés
hu paywall: csak előfizetőknek; ~csak előfizető; ~előfizetőknek; ~előfizetés szükséges; ~teljes cikk elolvasás
ro challenge: un moment*; o clipă*; vă rugăm așteptați*; acces interzis; acces refuzat; verificare de securitate;
  nu sunt robot; ~verificați că sunteți om; ~că ești om; ~că sunteți om; ~nu sunteți un robot; ~nu ești un robot;
  ~nu sunteți robot; ~verificarea browserului; ~trafic neobișnuit
ro error: pagină negăsită*; pagina nu a fost gasita*; articolul nu a fost găsit; eroare; eroare de server;
  în mentenanță; ~pagina nu a fost găsită; ~pagina căutată; ~pagina pe care o cauți; ~pagina solicitată;
  ~pagina pe care o căutați; ~pagina nu există; ~nu este disponibil în țara
ro login: autentificare; conectare; intră în cont; înregistrare; ~autentificați-vă pentru; ~autentifică-te pentru;
  ~intră în cont pentru; ~conectează-te pentru; ~conectați-vă pentru
ro consent: înainte de a continua*; setări cookie; confidențialitatea dvs; datele dumneavoastră*; ~noi și partenerii;
  ~accept; ~respinge; ~refuz; ~consimțământ; ~pe un dispozitiv; ~personalizat; ~confidențialitate;
  ~date cu caracter personal; ~publicitate
ro paywall: doar pentru abonați; ~pentru abonați; ~pentru a citi mai departe; ~pentru a continua lectura
el challenge: περιμένετε*; μια στιγμή*; μισό λεπτό*; δεν επιτρέπεται η πρόσβαση; άρνηση πρόσβασης; έλεγχος ασφαλείας;
  δεν είμαι ρομπότ; ~ότι είστε άνθρωπος; ~δεν είστε ρομπότ; ~έλεγχος του προγράμματος περιήγησης; ~ασυνήθιστη κίνηση
el error: σελίδα δεν βρέθηκε*; δεν βρέθηκε η σελίδα*; το άρθρο δεν βρέθηκε; σφάλμα; σφάλμα διακομιστή;
  ~η σελίδα δεν βρέθηκε; ~η σελίδα που ψάχνετε; ~η σελίδα που αναζητάτε; ~η σελίδα που ζητήσατε; ~σελίδα δεν υπάρχει;
  ~δεν είναι διαθέσιμο στη χώρα
el login: σύνδεση; είσοδος; εγγραφή; συνδεθείτε*; ~συνδεθείτε για; ~συνδεθείτε ή; ~εγγραφείτε για
el consent: πριν συνεχίσετε*; ρυθμίσεις απορρήτου; ρυθμίσεις cookies; σεβόμαστε την ιδιωτικότητά*; ~εμείς και οι;
  ~αποδοχή; ~απόρριψη; ~συμφωνώ; ~συγκατάθεση; ~σε μια συσκευή; ~εξατομικευμέν; ~συνεργάτες; ~απορρήτου;
  ~προσωπικά δεδομένα; ~διαφημίσεις
el paywall: ~μόνο για συνδρομητές; ~για να συνεχίσετε την ανάγνωση; ~για να διαβάσετε ολόκληρο
tr challenge: bir dakika lütfen*; bir saniye; lütfen bekleyin*; lütfen bekleyiniz*; erişim engellendi;
  erişim reddedildi; güvenlik kontrolü; güvenlik doğrulaması; ben robot değilim; robot musunuz; ~insan olduğunuzu;
  ~robot olmadığınızı; ~tarayıcınız kontrol; ~olağandışı trafik; ~bağlantınızın güvenliğini
tr error: haber bulunamadı; sayfaya ulaşılamıyor; hata; sunucu hatası; bakım çalışması; bakımdayız; ~sayfa bulunamadı;
  ~aradığınız sayfa; ~aradığınız haber; ~ülkenizde kullanılamıyor; ~bölgenizde kullanılamıyor
tr login: giriş; giriş yap; giriş yapın; üye girişi; üye ol; kayıt ol; oturum aç; oturum açın; ~devam etmek için giriş;
  ~okumak için giriş; ~okumak için üye; ~giriş yapmanız gerek; ~devam etmek için üye; ~ücretsiz üye ol; ~oturum açmanız
tr consent: devam etmeden önce*; gizliliğiniz*; gizlilik ayarları; çerez ayarları; çerez politikası; ~çerez; ~kabul et;
  ~reddet; ~onay; ~rıza; ~cihaz; ~kişiselleştirilmiş; ~ortaklarımız; ~gizlilik; ~kişisel veri; ~reklam
tr paywall: sadece abonelere*; ~abonelere özel; ~aboneler için; ~devamını okumak için; ~tamamını okumak için
ru challenge: один момент*; пожалуйста подождите*; доступ запрещен; проверка безопасности; проверка браузера*;
  вы не робот*; я не робот; подтвердите что вы не робот*; ~что вы человек; ~что вы не робот; ~что запросы отправляли вы;
  ~проверяем ваш браузер; ~проверка вашего браузера; ~проверка браузера перед; ~необычный трафик;
  ~безопасность вашего соединения; ~включите javascript и cookie
ru error: страница не существует*; страница недоступна; материал не найден; новость не найдена; статья не найдена;
  ошибка; ошибка сервера; сервис недоступен; ~страница не найдена; ~такой страницы нет; ~такой страницы не существует;
  ~запрашиваемая страница; ~запрашиваемый материал; ~запрашиваемой страницы; ~запрошенная страница;
  ~страница которую вы ищете; ~недоступен в вашей стране; ~недоступен в вашем регионе
ru login: вход; войти; авторизация; регистрация; войдите*; вход в личный кабинет; ~войдите чтобы;
  ~зарегистрируйтесь чтобы; ~войдите в аккаунт
ru consent: прежде чем перейти*; прежде чем продолжить*; настройки файлов cookie; ваша конфиденциальность; ~мы и наши;
  ~куки; ~принять; ~отклонить; ~согласие; ~на устройстве; ~персонализированн; ~партнер; ~конфиденциальност;
  ~персональных данных; ~рекламы
ru paywall: ~только для подписчиков; ~только подписчикам; ~доступно подписчикам; ~оформите подписку;
  ~чтобы читать дальше; ~чтобы прочитать полностью; ~для подписчиков
uk challenge: доступ заборонено; перевірка безпеки; перевірка браузера*; я не робот; ~що ви людина; ~що ви не робот;
  ~перевіряємо ваш браузер; ~перевірка вашого браузера; ~незвичний трафік; ~безпеку вашого з'єднання
uk error: сторінка не існує*; сторінки не існує*; новину не знайдено; помилка; помилка сервера; ~сторінку не знайдено;
  ~сторінка не знайдена; ~такої сторінки не існує; ~такої сторінки немає; ~сторінку яку ви шукаєте;
  ~запитувана сторінка; ~недоступний у вашій країні; ~недоступний у вашому регіоні
uk login: вхід; увійти; авторизація; реєстрація; увійдіть*; ~увійдіть щоб; ~зареєструйтеся щоб; ~зареєструйтесь щоб
uk consent: перш ніж продовжити*; налаштування cookie; налаштування конфіденційності; ваша конфіденційність;
  ~ми та наші; ~прийняти; ~відхилити; ~згоду; ~на пристрої; ~персоналізован; ~партнери; ~конфіденційн;
  ~персональних даних; ~реклами
uk paywall: тільки для передплатників; лише для передплатників; ~для передплатників; ~оформіть передплату;
  ~щоб читати далі; ~щоб прочитати повністю
ar challenge: لحظة من فضلك; يرجى الانتظار*; الرجاء الانتظار*; تم رفض الوصول; الوصول مرفوض; التحقق الأمني; فحص أمني;
  لست روبوت; أنا لست برنامج روبوت; هل أنت روبوت; ~التحقق من أنك إنسان; ~تحقق من أنك إنسان; ~أنك لست روبوت;
  ~التحقق من متصفحك; ~حركة مرور غير عادية; ~حركة مرور غير معتادة; ~أمان اتصالك
ar error: الصفحة المطلوبة غير موجودة*; لم يتم العثور على الصفحة*; الصفحة غير متاحة*; الخبر غير موجود; المقال غير موجود;
  خطأ; خطأ في الخادم; الموقع تحت الصيانة*; ~الصفحة غير موجودة; ~الصفحة المطلوبة; ~الصفحة التي تبحث عنها;
  ~غير متاح في بلدك; ~غير متاح في منطقتك
ar login: تسجيل الدخول; سجل الدخول; إنشاء حساب; ~سجل الدخول ل
ar consent: قبل المتابعة*; إعدادات الخصوصية; إعدادات ملفات تعريف الارتباط; ~نحن وشركاؤنا; ~ملفات تعريف الارتباط;
  ~قبول الكل; ~رفض الكل; ~أوافق; ~موافقتك; ~مخصصة; ~شركائنا; ~الخصوصية; ~البيانات الشخصية; ~الإعلانات
ar paywall: ~للمشتركين فقط; ~اشترك لقراءة; ~لمتابعة القراءة; ~لقراءة المقال كاملا
fa challenge: لطفا صبر کنید*; لطفا منتظر بمانید*; دسترسی غیرمجاز; دسترسی مسدود*; بررسی امنیتی; من ربات نیستم;
  ~که انسان هستید; ~که ربات نیستید; ~شما ربات نیستید; ~در حال بررسی مرورگر; ~بررسی مرورگر شما; ~در حال انتقال به سایت
fa error: خبر یافت نشد; خطای سرور; سایت در دست تعمیر*; ~صفحه یافت نشد; ~صفحه پیدا نشد; ~صفحه درخواستی;
  ~صفحه ای که به دنبال
fa login: ورود; ورود به سایت; ورود به حساب*; ثبت نام; ورود کاربران
fa consent: پیش از ادامه*; تنظیمات حریم خصوصی; تنظیمات کوکی; ~ما و شرکای; ~کوکی; ~پذیرش; ~موافقم; ~رضایت; ~حریم خصوصی;
  ~تبلیغات; ~اطلاعات شخصی
fa paywall: ~ویژه مشترکان; ~ویژه مشترکین; ~فقط برای مشترکان; ~برای ادامه مطالعه; ~برای خواندن ادامه
he challenge: רק רגע*; רק שנייה*; אנא המתן*; נא להמתין*; הגישה נדחתה; גישה נדחתה; בדיקת אבטחה; אני לא רובוט;
  ~שאתה אנושי; ~שאינך רובוט; ~אתה לא רובוט; ~בודק את הדפדפן; ~תעבורה חריגה; ~אבטחת החיבור
he error: דף לא נמצא*; עמוד לא נמצא*; הכתבה לא נמצאה; שגיאת שרת; האתר בתחזוקה*; ~הדף לא נמצא; ~העמוד לא נמצא;
  ~הדף שחיפשת; ~העמוד שחיפשת; ~הדף המבוקש; ~העמוד המבוקש; ~הכתבה שחיפשת; ~אינו זמין במדינה; ~אינו זמין באזור
he login: התחברות; כניסה; הרשמה; כניסת מנויים; ~התחברו כדי; ~התחבר כדי; ~הירשמו כדי; ~היכנסו לחשבון; ~הרשמו כדי
he consent: לפני שממשיכים*; הגדרות פרטיות; הגדרות עוגיות; הפרטיות שלך*; ~אנחנו והשותפים; ~עוגיות; ~קובצי; ~קבל הכל;
  ~אישור; ~הסכמה; ~הסכמתך; ~מותאמות; ~הפרטיות; ~פרסום
he paywall: ~למנויים בלבד; ~להמשך קריאה; ~כדי להמשיך לקרוא; ~לקריאת הכתבה המלאה
hi challenge: कृपया प्रतीक्षा करें*; पहुँच अस्वीकृत; प्रवेश निषेध; सुरक्षा जांच; सुरक्षा जाँच; मैं रोबोट नहीं हूँ;
  ~आप इंसान हैं; ~आप मानव हैं; ~आप रोबोट नहीं; ~ब्राउज़र की जांच; ~ब्राउज़र की जाँच; ~असामान्य ट्रैफ़िक
hi error: पन्ना नहीं मिला*; लेख नहीं मिला; खबर नहीं मिली; सर्वर त्रुटि; ~पेज नहीं मिला; ~पृष्ठ नहीं मिला; ~आप जिस पेज;
  ~आप जिस पृष्ठ; ~जो पेज आप; ~आपके देश में उपलब्ध नहीं; ~आपके क्षेत्र में उपलब्ध नहीं
hi login: लॉग इन; लॉगिन; लॉग इन करें*; लॉगिन करें*; साइन इन; साइन इन करें*; रजिस्टर करें; ~पढ़ने के लिए लॉग इन;
  ~पढ़ने के लिए लॉगिन; ~जारी रखने के लिए लॉग इन; ~जारी रखने के लिए लॉगिन; ~पढ़ने के लिए साइन इन; ~पढ़ने के लिए रजिस्टर
hi consent: जारी रखने से पहले*; आपकी गोपनीयता; गोपनीयता सेटिंग; कुकी सेटिंग; ~हम और हमारे; ~कुकी; ~स्वीकार; ~अस्वीकार;
  ~सहमति; ~गोपनीयता; ~विज्ञापन; ~व्यक्तिगत
hi paywall: ~केवल सब्सक्राइबर; ~सब्सक्राइबर्स के लिए; ~आगे पढ़ने के लिए
zh challenge: 请稍候*; 请稍等*; 請稍候*; 請稍等*; 安全检查; 安全验证; 安全檢查; 安全驗證; 访问被拒绝; 拒绝访问;
  存取被拒; 訪問被拒絕; 访问验证; 人机验证; 人機驗證; 您是机器人吗; 我不是机器人; 滑动验证页面; ~请验证您是真人;
  ~确认您是真人; ~验证您是人类; ~您是真人; ~您不是机器人; ~您不是機器人; ~你不是机器人; ~证明你是人类;
  ~正在检查您的浏览器; ~检查您的浏览器; ~異常流量; ~您的连接的安全性; ~您的访问被阻断; ~完成安全验证; ~完成下方验证
zh error: 找不到页面*; 找不到頁面*; 网页不存在; 找不到网页; 文章不存在; 新闻不存在; 错误; 服务器错误; 系统维护*;
  网站维护*; 系統維護*; ~页面不存在; ~頁面不存在; ~页面未找到; ~找不到该页面; ~您访问的页面; ~您要访问的页面;
  ~您要查看的页面; ~您请求的页面; ~您查看的页面; ~您所访问的; ~您瀏覽的頁面; ~您要找的頁面; ~您请求的文件
zh login: 登录; 登錄; 登入; 用户登录; 用戶登入; 会员登录; 會員登入; 请登录*; 請登入*; ~登入後繼續; ~登录继续阅读;
  ~登录查看
zh consent: 继续之前*; 隐私设置; 隱私設定; cookie 设置; cookie 設定; ~我们和我们的; ~全部接受; ~全部拒绝; ~全部拒絕;
  ~接受所有; ~同意; ~合作伙伴; ~合作夥伴; ~隐私; ~隱私; ~个性化; ~广告; ~廣告
zh paywall: 订阅后阅读*; 会员专享; ~仅限订阅; ~订阅后可; ~订阅以继续; ~订阅即可; ~會員專屬; ~訂閱會員; ~訂閱即可;
  ~继续阅读全文; ~阅读全文请; ~限會員; ~解锁全文; ~解鎖全文; ~繼續閱讀全文
ja challenge: しばらくお待ちください*; 少々お待ちください*; お待ちください*; アクセスが拒否されました*;
  アクセスが制限されています*; セキュリティチェック; セキュリティ確認; 私はロボットではありません; ~人間であることを;
  ~ロボットでないことを; ~ロボットではないことを; ~ロボットではありません; ~ブラウザを確認し; ~接続のセキュリティ
ja error: ページが見つかりませんでした*; 記事が見つかりません*; ページが存在しません*; エラー; サーバーエラー;
  サーバエラー; メンテナンス中*; メンテナンスのお知らせ; ただいまメンテナンス*; ~お探しのページ; ~お探しの記事;
  ~ページが見つかりません; ~ページは見つかりません; ~ページは存在しません; ~ページは存在しない; ~指定されたページ;
  ~ご指定のページ
ja login: ログイン; 会員ログイン; サインイン; 会員登録; 無料会員登録; ~ログインして続き; ~ログインすると
ja consent: 続行する前に*; 次に進む前に*; プライバシー設定; cookieの設定; クッキー設定; ~クッキー; ~同意; ~許可; ~拒否;
  ~パーソナライズ; ~プライバシー; ~パートナー; ~個人情報; ~広告
ja paywall: 会員限定*; ~有料会員限定; ~有料会員になると; ~続きを読むには; ~続きは有料; ~この記事は会員; ~購読者限定;
  ~読者会員限定
ko challenge: 잠시만 기다려*; 잠시만 기다리*; 잠시 기다려*; 액세스가 거부*; 접근이 거부*; 보안 확인; 보안 검사;
  ~사람인지 확인; ~로봇이 아닙니다; ~로봇이 아님을; ~로봇이 아닌지; ~비정상적인 트래픽; ~연결의 보안
ko error: 기사를 찾을 수 없*; 오류; 서버 오류; 에러 페이지; 오류 안내; 시스템 점검*; 서비스 점검*; ~페이지를 찾을 수 없;
  ~요청하신 페이지; ~찾으시는 페이지; ~귀하의 지역; ~귀하의 국가
ko login: 로그인; 회원 로그인; 회원가입; 회원 가입; ~로그인하시면
ko consent: 계속하기 전에*; 개인정보 설정; 쿠키 설정; ~쿠키; ~동의; ~수락; ~거부; ~맞춤; ~파트너; ~개인정보; ~광고
ko paywall: 유료 회원 전용; ~구독자 전용; ~구독하시면; ~구독자만; ~프리미엄 기사; ~전문을 보시려면; ~기사 전문을;
  ~계속 읽으려면; ~회원 전용 기사
id challenge: mohon tunggu*; harap tunggu*; tunggu sebentar*; akses ditolak; akses diblokir; pemeriksaan keamanan;
  verifikasi keamanan; saya bukan robot; apakah anda robot; ~bahwa anda manusia; ~anda bukan robot; ~memeriksa browser;
  ~lalu lintas yang tidak biasa; ~keamanan koneksi anda
id error: artikel tidak ditemukan; berita tidak ditemukan; halaman tidak tersedia; kesalahan server;
  sedang dalam perbaikan*; ~halaman tidak ditemukan; ~halaman yang anda cari; ~halaman yang kamu cari;
  ~tidak tersedia di negara; ~tidak tersedia di wilayah
id login: masuk; login; masuk akun; masuk atau daftar; ~login untuk; ~daftar untuk
id consent: sebelum anda melanjutkan*; sebelum melanjutkan*; privasi anda; pengaturan cookie; pengaturan privasi;
  ~kami dan mitra; ~terima semua; ~tolak semua; ~setuju; ~dipersonalisasi; ~privasi; ~mitra kami; ~data pribadi; ~iklan
id paywall: ~khusus pelanggan; ~berlangganan untuk; ~untuk melanjutkan membaca; ~untuk membaca selengkapnya
vi challenge: vui lòng chờ*; vui lòng đợi*; xin vui lòng chờ*; truy cập bị từ chối; truy cập bị chặn; kiểm tra bảo mật;
  xác minh bảo mật; tôi không phải là người máy; tôi không phải là robot; ~bạn là con người; ~không phải là robot;
  ~không phải là người máy; ~kiểm tra trình duyệt; ~lưu lượng truy cập bất thường; ~bảo mật kết nối
vi error: trang không tìm thấy*; không tìm thấy bài viết; lỗi máy chủ; đang bảo trì*; ~không tìm thấy trang;
  ~trang bạn tìm; ~trang bạn đang tìm; ~trang bạn yêu cầu; ~trang không tồn tại; ~bài viết không tồn tại;
  ~không khả dụng ở quốc gia
vi login: đăng nhập; đăng nhập tài khoản; ~đăng nhập để; ~đăng ký để
vi consent: trước khi tiếp tục*; trước khi bạn tiếp tục*; quyền riêng tư của bạn; cài đặt cookie; ~chấp nhận; ~từ chối;
  ~đồng ý; ~cá nhân hóa; ~quyền riêng tư; ~đối tác; ~dữ liệu cá nhân; ~quảng cáo
vi paywall: dành cho thuê bao*; chỉ dành cho hội viên*; ~để đọc tiếp; ~để đọc toàn bộ; ~bài viết trả phí
"""
