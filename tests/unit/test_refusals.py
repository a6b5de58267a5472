"""What is no article, in 25 languages; and, more important, what is one and looks as if it were none."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from transforms.notices import NOTICES
from transforms.phrases import plain
from transforms.refusals import LITTLE_TEXT, MAX_SHOWN, Refusal, Shown, is_partial, refusal

STORY_URL = "https://wire.example/world/2026/11/18/nine-dead-in-bakery-strike-4711"
PARAGRAPHS = (
    "Rescue workers in the northern town pulled nine people from the ruins of a bakery on Wednesday, residents said.",
    "The strike hit shortly after dawn, when dozens of people were waiting for bread, according to the local council.",
    "A spokesman for the ministry denied that aircraft had been in the area and promised an inquiry within days.",
)
LONG = PARAGRAPHS * 6


def shown(
    *texts: str, title: str = "", h1: str | None = None, more: str = "", before: str = "", **fields: Any
) -> Shown:
    """A page with these paragraphs, all of which were read as its story; `more` follows them, and was not."""
    heads = (title,) if h1 is None else tuple(filter(None, [h1]))
    body = "".join(f"<p>{text}</p>" for text in texts)
    head = "".join(f"<h1>{text}</h1>" for text in heads)
    page = f"<html><body>{before}<main>{head}{body}{more}</main></body></html>"
    tree = html.document_fromstring(page, parser=html.HTMLParser(encoding="utf-8"))
    given: dict[str, Any] = {"url": STORY_URL, "title": title, "headings": heads, "body": "\n".join(texts), **fields}
    return Shown(tree=tree, **{"raw": page.encode(), **given})


def kind(*texts: str, **fields: Any) -> str | None:
    found = refusal(shown(*texts, **fields))
    return found.kind if found else None


# language, title, text
CHALLENGES = [
    ("en", "Just a moment...", "wire.example needs to review the security of your connection before proceeding."),
    ("de", "Nur einen Moment…", "Bestätigen Sie, dass Sie ein Mensch sind. wire.example muss die Verbindung prüfen."),
    ("fr", "Un instant…", "Vérifiez que vous êtes humain en effectuant l’action ci-dessous."),
    ("es", "Un momento…", "Verifique que es un ser humano completando la acción que aparece a continuación."),
    ("pt", "Um momento…", "Verifique se você é humano realizando a ação a seguir."),
    ("it", "Un momento…", "Verifica che sei umano completando l’azione seguente."),
    ("nl", "Een moment geduld…", "Controleer of u een mens bent door de onderstaande actie te voltooien."),
    ("sv", "Ett ögonblick …", "Bekräfta att du är människa genom att slutföra åtgärden nedan."),
    ("pl", "Chwileczkę…", "Potwierdź, że jesteś człowiekiem, wykonując poniższe działanie."),
    ("cs", "Moment, prosím", "Ověřte, že jste člověk, provedením níže uvedené akce."),
    ("hu", "Egy pillanat…", "Igazolja, hogy ön ember, az alábbi művelet elvégzésével."),
    ("ro", "Un moment…", "Verificați că sunteți om efectuând acțiunea de mai jos."),
    ("el", "Μια στιγμή…", "Επαληθεύστε ότι είστε άνθρωπος ολοκληρώνοντας την παρακάτω ενέργεια."),
    ("tr", "Bir dakika lütfen...", "Aşağıdaki işlemi tamamlayarak insan olduğunuzu doğrulayın."),
    ("ru", "Один момент…", "Подтвердите, что вы человек, выполнив указанное действие."),
    ("uk", "Перевірка безпеки", "Підтвердьте, що ви людина, виконавши дію нижче."),
    ("ar", "لحظة من فضلك…", "يرجى التحقق من أنك إنسان بإكمال الإجراء أدناه."),
    ("fa", "لطفا صبر کنید…", "با انجام کار زیر تأیید کنید که انسان هستید."),
    ("he", "רק רגע…", "אמתו שאתה אנושי באמצעות השלמת הפעולה הבאה."),
    ("hi", "कृपया प्रतीक्षा करें…", "नीचे दी गई कार्रवाई पूरी करके सत्यापित करें कि आप इंसान हैं।"),
    ("zh", "请稍候…", "请完成以下操作，验证您是真人。"),
    ("ja", "しばらくお待ちください...", "以下のアクションを完了して、あなたが人間であることを確認してください。"),
    ("ko", "잠시만 기다려 주세요…", "아래 작업을 완료하여 사람인지 확인하세요."),
    ("id", "Tunggu sebentar...", "Verifikasi bahwa Anda manusia dengan menyelesaikan tindakan di bawah ini."),
    ("vi", "Vui lòng chờ…", "Xác minh bạn là con người bằng cách hoàn tất hành động dưới đây."),
]
ERRORS = [
    ("en", "Page not found | The Wire", "Sorry, the page you are looking for does not exist or has been moved."),
    ("de", "Seite nicht gefunden – Der Draht", "Die gesuchte Seite existiert leider nicht mehr."),
    ("fr", "Page introuvable - Le Fil", "La page que vous recherchez n’existe pas ou a été déplacée."),
    ("es", "Página no encontrada | El Cable", "La página que buscas no existe o ha cambiado de dirección."),
    ("pt", "Página não encontrada | O Fio", "A página que você procura não existe."),
    ("it", "Pagina non trovata - Il Filo", "La pagina che stai cercando non esiste."),
    ("nl", "Pagina niet gevonden | De Draad", "De pagina die je zoekt bestaat niet (meer)."),
    ("sv", "Sidan hittades inte | Tråden", "Sidan du söker finns inte längre."),
    ("pl", "Nie znaleziono strony – Drut", "Strona, której szukasz, została przeniesiona lub usunięta."),
    ("cs", "Stránka nenalezena | Drát", "Stránka, kterou hledáte, neexistuje."),
    ("hu", "Az oldal nem található – Drót", "A keresett oldal megszűnt vagy áthelyezték."),
    ("ro", "Pagina nu a fost găsită | Firul", "Pagina căutată nu există."),
    ("el", "Η σελίδα δεν βρέθηκε | Σύρμα", "Η σελίδα που ψάχνετε δεν υπάρχει."),
    ("tr", "Sayfa Bulunamadı - Tel", "Aradığınız sayfa kaldırılmış veya taşınmış olabilir."),
    ("ru", "Страница не найдена — Провод", "К сожалению, такой страницы нет на нашем сайте."),
    ("uk", "Сторінку не знайдено — Дріт", "На жаль, такої сторінки не існує."),
    ("ar", "الصفحة غير موجودة - السلك", "عذرا، الصفحة التي تبحث عنها غير موجودة."),
    ("fa", "صفحه یافت نشد | سیم", "صفحه درخواستی شما پیدا نشد."),
    ("he", "הדף לא נמצא | החוט", "הדף שחיפשת אינו קיים."),
    ("hi", "पेज नहीं मिला | तार", "आप जिस पेज को खोज रहे हैं वह मौजूद नहीं है।"),
    ("zh", "页面不存在_电讯网", "抱歉，您访问的页面不存在或已删除。"),
    ("ja", "ページが見つかりません | ワイヤー", "お探しのページは移動または削除された可能性があります。"),
    ("ko", "페이지를 찾을 수 없습니다 - 와이어", "요청하신 페이지가 존재하지 않습니다."),
    ("id", "Halaman Tidak Ditemukan | Kawat", "Maaf, halaman yang Anda cari tidak ada."),
    ("vi", "Không tìm thấy trang - Dây", "Trang bạn tìm không tồn tại hoặc đã bị xóa."),
]
LOGINS = [
    ("en", "Log in - The Wire", "Please log in to continue reading."),
    ("de", "Anmelden | Der Draht", "Jetzt anmelden und weiterlesen."),
    ("fr", "Connexion - Le Fil", "Connectez-vous pour lire cet article."),
    ("es", "Iniciar sesión | El Cable", "Inicia sesión para seguir leyendo."),
    ("pt", "Entrar | O Fio", "Faça login para continuar a leitura."),
    ("it", "Accedi - Il Filo", "Accedi per leggere l’articolo."),
    ("nl", "Inloggen | De Draad", "Log in om verder te gaan."),
    ("sv", "Logga in | Tråden", "Logga in för att fortsätta."),
    ("pl", "Zaloguj się – Drut", "Zaloguj się, aby czytać artykuł."),
    ("cs", "Přihlášení | Drát", "Pro přečtení se přihlaste."),
    ("hu", "Bejelentkezés – Drót", "Az olvasáshoz bejelentkezés szükséges."),
    ("ro", "Autentificare | Firul", "Intră în cont pentru a citi."),
    ("el", "Σύνδεση | Σύρμα", "Συνδεθείτε για να διαβάσετε το άρθρο."),
    ("tr", "Giriş Yap - Tel", "Okumak için giriş yapın."),
    ("ru", "Вход — Провод", "Войдите, чтобы прочитать материал."),
    ("uk", "Вхід — Дріт", "Увійдіть, щоб прочитати матеріал."),
    ("ar", "تسجيل الدخول - السلك", "سجل الدخول لقراءة المقال."),
    ("fa", "ورود به سایت | سیم", "نام کاربری و رمز عبور خود را بنویسید."),
    ("he", "התחברות | החוט", "התחברו כדי לקרוא את הכתבה."),
    ("hi", "लॉग इन करें | तार", "यह लेख पढ़ने के लिए लॉग इन करें।"),
    ("zh", "登录_电讯网", "登录查看全文。"),
    ("ja", "ログイン | ワイヤー", "ログインして続きを読む。"),
    ("ko", "로그인 - 와이어", "로그인하시면 기사를 볼 수 있습니다."),
    ("id", "Masuk | Kawat", "Login untuk membaca artikel ini."),
    ("vi", "Đăng nhập - Dây", "Đăng nhập để đọc bài viết."),
]
PAYWALLS = [
    ("en", "Subscribe to continue reading this story."),
    ("de", "Dieser Artikel ist exklusiv für Abonnenten. Jetzt weiterlesen mit Draht plus."),
    ("fr", "Cet article est réservé aux abonnés. Pour lire la suite, choisissez une offre."),
    ("es", "Contenido exclusivo para suscriptores. Suscríbete para seguir leyendo."),
    ("pt", "Este conteúdo é exclusivo para assinantes. Assine para continuar."),
    ("it", "Questo articolo è riservato agli abbonati."),
    ("nl", "Dit artikel is alleen voor abonnees."),
    ("sv", "Artikeln är endast för prenumeranter. Prenumerera för att läsa vidare."),
    ("pl", "Artykuł dostępny tylko dla prenumeratorów."),
    ("cs", "Tento článek je pouze pro předplatitele."),
    ("hu", "Ez a cikk csak előfizetőknek érhető el."),
    ("ro", "Acest articol este doar pentru abonați."),
    ("el", "Το άρθρο είναι διαθέσιμο μόνο για συνδρομητές."),
    ("tr", "Bu haber abonelere özel. Devamını okumak için üyelik gerekir."),
    ("ru", "Материал доступен только для подписчиков. Оформите подписку."),
    ("uk", "Матеріал лише для передплатників. Оформіть передплату."),
    ("ar", "هذا المقال للمشتركين فقط."),
    ("fa", "این مطلب ویژه مشترکان است."),
    ("he", "הכתבה המלאה למנויים בלבד."),
    ("hi", "यह लेख केवल सब्सक्राइबर के लिए है। आगे पढ़ने के लिए योजना चुनें।"),
    ("zh", "订阅后可阅读全文。"),
    ("ja", "この記事は有料会員限定です。続きを読むには登録が必要です。"),
    ("ko", "이 기사는 구독자 전용입니다."),
    ("id", "Artikel ini khusus pelanggan. Berlangganan untuk membaca."),
    ("vi", "Đăng ký gói hội viên để đọc tiếp bài viết."),
]
CONSENTS = [
    (
        "en",
        "We and our 842 partners store and access information on a device, such as cookies, and process personal data "
        "for personalised advertising. You can accept all or reject all, and withdraw your consent at any time.",
    ),
    (
        "de",
        "Wir und unsere 190 Partner speichern Informationen auf einem Gerät, zum Beispiel Cookies, und verarbeiten "
        "personenbezogene Daten. Mit „Alle akzeptieren“ geben Sie Ihre Einwilligung, die Sie jederzeit widerrufen "
        "können. Mehr steht in der Datenschutzerklärung.",
    ),
    (
        "fr",
        "Avec nos partenaires, nous utilisons des cookies pour stocker des informations sur un terminal et afficher de "
        "la publicité personnalisée. Vous pouvez tout accepter, tout refuser ou retirer votre consentement.",
    ),
    (
        "es",
        "Nosotros y nuestros socios utilizamos cookies para almacenar información en un dispositivo y tratar datos "
        "personales y mostrar publicidad personalizada. Puedes aceptar, rechazar y retirar tu consentimiento.",
    ),
    (
        "pt",
        "Nós e nossos parceiros utilizamos cookies no seu dispositivo e tratamos dados pessoais para publicidade. "
        "Pode aceitar tudo, rejeitar tudo ou recusar parte.",
    ),
    (
        "it",
        "Noi e i nostri partner archiviamo informazioni su un dispositivo, come i cookie, e trattiamo dati personali "
        "per pubblicità personalizzata. Accetta tutto o rifiuta; il consenso si può revocare.",
    ),
    (
        "nl",
        "Wij en onze partners gebruiken cookies om informatie op een apparaat op te slaan en persoonsgegevens te "
        "verwerken voor gepersonaliseerde advertenties. Alles accepteren of weigeren? Je geeft toestemming.",
    ),
    (
        "sv",
        "Vi och våra partner använder cookies, även kallade kakor, för att lagra information på en enhet och visa "
        "anpassade annonser. Du kan godkänna alla eller avvisa alla och ta tillbaka ditt samtycke.",
    ),
    (
        "pl",
        "My i nasi zaufani partnerzy używamy plików cookie na urządzeniu i przetwarzamy dane w celu wyświetlania "
        "spersonalizowanych reklam. Możesz wyrazić zgodę: akceptuj albo odrzuć.",
    ),
    (
        "cs",
        "My a naši partneři používáme cookies pro ukládání informací v zařízení a personalizované reklamy. Můžete vše "
        "přijmout nebo odmítnout; souhlas lze odvolat.",
    ),
    (
        "hu",
        "Mi és partnereink sütiket (cookie) használunk, személyes adatokat kezelünk, és személyre szabott hirdetéseket "
        "mutatunk. Ön elfogadhatja vagy elutasíthatja; hozzájárulását visszavonhatja.",
    ),
    (
        "ro",
        "Noi și partenerii noștri folosim cookie-uri pe un dispozitiv și prelucrăm date cu caracter personal pentru "
        "publicitate. Puteți accepta, refuza sau retrage consimțământul.",
    ),
    (
        "el",
        "Εμείς και οι συνεργάτες μας χρησιμοποιούμε cookies σε μια συσκευή και προσωπικά δεδομένα για εξατομικευμένες "
        "διαφημίσεις. Αποδοχή, απόρριψη ή ανάκληση της συγκατάθεσης;",
    ),
    (
        "tr",
        "Biz ve iş ortaklarımız cihazınızda çerez saklıyor ve kişisel verileri kişiselleştirilmiş reklam için "
        "kullanıyoruz. Tümünü kabul et, reddet ya da gizlilik ayarlarını değiştir.",
    ),
    (
        "ru",
        "Мы и наши партнеры используем файлы cookie на устройстве и обрабатываем данные для персонализированной "
        "рекламы. Вы можете принять или отклонить; согласие можно отозвать. Политика конфиденциальности.",
    ),
    (
        "uk",
        "Ми та наші партнери використовуємо файли cookie на пристрої для персоналізованої реклами. Прийняти, відхилити "
        "чи відкликати згоду можна будь-коли.",
    ),
    (
        "ar",
        "نحن وشركاؤنا نستخدم ملفات تعريف الارتباط والبيانات الشخصية لعرض الإعلانات المخصصة. "
        "يمكنك قبول الكل أو رفض الكل. سياسة الخصوصية",
    ),
    ("fa", "ما و شرکای ما از کوکی (cookie) استفاده می‌کنیم. پذیرش یا رد؟ رضایت شما مهم است. حریم خصوصی و تبلیغات."),
    (
        "he",
        "אנחנו והשותפים שלנו משתמשים בעוגיות (cookie). קבל הכל או דחה. הסכמתך ניתנת לביטול. מדיניות הפרטיות ופרסום.",
    ),
    ("hi", "हम और हमारे साझेदार कुकी (cookie) का उपयोग करते हैं। स्वीकार या अस्वीकार करें। आपकी सहमति, गोपनीयता और विज्ञापन।"),
    ("zh", "我们和我们的合作伙伴使用 Cookie 投放个性化广告。您可以全部接受或全部拒绝，并随时撤回同意。隐私政策。"),
    (
        "ja",
        "当社とパートナーはクッキー（Cookie）を使用し、パーソナライズされた広告を表示します。同意または拒否できます。プライバシーポリシー",
    ),
    (
        "ko",
        "당사와 파트너는 쿠키를 사용하여 맞춤 광고를 표시합니다. 모두 동의하거나 거부할 수 있습니다. 개인정보처리방침",
    ),
    (
        "id",
        "Kami dan mitra kami menyimpan cookie dan data pribadi untuk iklan yang dipersonalisasi. Terima semua atau "
        "tolak semua; persetujuan dapat ditarik. Kebijakan privasi.",
    ),
    (
        "vi",
        "Chúng tôi và các đối tác sử dụng cookie và dữ liệu cá nhân cho quảng cáo được cá nhân hóa. Chấp nhận hoặc từ "
        "chối; bạn có thể rút lại sự đồng ý. Quyền riêng tư.",
    ),
]


def by_language(rows: Sequence[tuple[str, ...]]) -> Any:
    return pytest.mark.parametrize("row", rows, ids=[row[0] for row in rows])


@by_language(CHALLENGES)
def test_challenges(row: tuple[str, ...]) -> None:
    _, title, text = row
    assert refusal(shown(text, title=title)) == Refusal("challenge", title)
    assert kind(text, title="wire.example", h1="") == "challenge"


@by_language(ERRORS)
def test_error_pages(row: tuple[str, ...]) -> None:
    _, title, text = row
    assert refusal(shown(text, title=title)) == Refusal("error", title)
    assert kind(text, title="The Wire", h1="") == "error"


@by_language(LOGINS)
def test_login_walls(row: tuple[str, ...]) -> None:
    _, title, text = row
    assert refusal(shown(text, title=title)) == Refusal("login", title)
    asks_in_vain = kind(text, title="Nine dead in strike on bakery", stated_article=True)
    assert asks_in_vain == "login" or row[0] == "fa"


@by_language(PAYWALLS)
def test_paywalls_without_a_story(row: tuple[str, ...]) -> None:
    page = shown(row[1], title="Nine dead in strike on bakery", stated_article=True)
    assert refusal(page) is not None
    assert refusal(page).kind == "paywall"  # type: ignore[union-attr]


@by_language(CONSENTS)
def test_consent_walls(row: tuple[str, ...]) -> None:
    assert kind(row[1], title="The Wire") == "consent"
    assert kind(row[1], title="Nine dead in strike on bakery", stated_article=True) == "consent"
    assert kind(*[row[1]] * 4, title="The Wire") == "consent"


def test_every_language_has_every_kind() -> None:
    lines = [line.split(":")[0].split() for line in NOTICES.strip().splitlines() if not line.startswith(" ")]
    languages = {language for language, *_ in CHALLENGES}
    assert len(languages) == 25
    assert sorted(map(tuple, lines)) == sorted(
        (language, kind) for language in languages for kind in ("challenge", "error", "login", "consent", "paywall")
    )


@pytest.mark.parametrize(
    "title",
    [
        "Just a moment...",
        "Attention Required! | Cloudflare",
        "Access denied",
        "Access Denied | wire.example used Cloudflare to restrict access",
        "Access to this page has been denied",
        "Bloomberg - Are you a robot?",
        "Are you human?",
        "Checking your browser before you go",
        "Verify you are human",
        "Verifying that you are human",
        "Security check",
        "One more step",
        "Please wait…",
        "DDoS-Guard",
        "Robot check",
        "Captcha",
        "Pardon Our Interruption",
        "Making sure you're not a bot!",
        "Vercel Security Checkpoint",
        "ERİŞİM ENGELLENDİ",
    ],
)
def test_titles_of_challenges(title: str) -> None:
    assert kind(*PARAGRAPHS, title=title, expected="Nine dead in strike on bakery") == "challenge"


@pytest.mark.parametrize(
    "title",
    [
        "403 Forbidden",
        "404",
        "404 | The Wire",
        "404: This page could not be found",
        "Error 404 (Not Found)!!1",
        "Ошибка 404 — Провод",
        "Error 502",
        "503 Service Unavailable",
        "wire.example | 522: Connection timed out",
        "Page not found",
        "Oops! Page not found",
        "The Wire - Page Not Found (404)",
        "Not found",
        "410 Gone",
        "Forbidden",
        "Service Unavailable",
        "451: Unavailable due to legal reasons",
        "This content is not available in your region",
        "We'll be right back!",
        "Site under maintenance",
        "Error establishing a database connection",
        "Welcome to nginx!",
        "Apache2 Ubuntu Default Page: It works",
        "Index of /news",
        "Fehler",
    ],
)
def test_titles_of_error_pages(title: str) -> None:
    assert kind(*PARAGRAPHS, title=title, expected="Nine dead in strike on bakery") == "error"


def test_a_notice_in_the_heading_alone() -> None:
    page = shown(*PARAGRAPHS, title="Nine dead", h1="Just a\n moment", expected="Nine dead")
    assert refusal(page) == Refusal("challenge", "Just a moment")


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        (b"window._cf_chl_opt={cvId:'3'}", "Enable something to go on."),
        (b"var dd={'rt':'c','host':'geo.captcha-delivery.com'}", "wire.example"),
        (b"<div id='px-captcha'></div>", "Press & Hold"),
        (b"/_Incapsula_Resource?CWUDNSAI=27&xinfo=1", ""),
        (b"https://check.ddos-guard.net/check.js", "Loading"),
        (b"window.gokuProps = {}; https://x.token.awswaf.com/challenge.js", ""),
        (b"<meta http-equiv='refresh' content='5; URL=/?bm-verify=AAQ'>", ""),
        (b"<a href='https://errors.edgesuite.net/18.4f'>", "Reference #18.4f"),
        (b"<script src='/.within.website/x/cmd/anubis/static/js/main.mjs'>", "Loading..."),
        (b"<div class='h-captcha' data-sitekey='1'>", "wire.example"),
        (b"<script src='https://www.google.com/recaptcha/api.js'></script><div class=g-recaptcha>", "Press the button"),
    ],
)
def test_vendors_marks(mark: bytes, text: str) -> None:
    assert kind(text, title="wire.example", h1="", raw=b"<html>" + mark) == "challenge"
    if not mark.startswith((b"<div class='h-", b"<script src='https://www.google")):
        # Even if the page kept the headline.
        assert kind(text, title="Nine dead", expected="Nine dead", raw=b"<html>" + mark) == "challenge"


def test_a_mark_is_looked_for_near_the_top() -> None:
    assert kind("URGENT: blast heard.", title="Blast heard", raw=b" " * 100_000 + b"_cf_chl_opt") is None


@pytest.mark.parametrize(
    "mark",
    [
        b"<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'>window.__CF$cv$params={r:'8'}</script>",
        b"<script src='https://js.datadome.co/tags.js'>",
        b"<script src='/_Incapsula_Resource?SWJIYLWA=719d34d31c8e3a6e6fffd425f7e032f3'>",
        b"<script src='https://client.perimeterx.net/PX1/main.min.js'>",
        b"<div class='g-recaptcha'></div>",
    ],
)
@pytest.mark.parametrize("fields", [{"stated_article": True}, {"expected": "Blast heard in capital"}])
def test_vendors_scripts_on_ordinary_pages(mark: bytes, fields: dict[str, Any]) -> None:
    title = "Blast heard in capital"
    assert kind("URGENT: a blast was heard in the capital.", title=title, raw=mark, **fields) is None
    assert kind(*PARAGRAPHS, title=title, raw=mark) is None


LINKS = "".join(f'<li><a href="/{n}">Headline number {n} about something that happened</a></li>' for n in range(12))
CARDS = "".join(
    f'<div><h3><a href="/{n}">Minister {n} says no to new taxes</a></h3><p>The coalition had hoped for a yes.</p></div>'
    for n in range(14)
)
TEASERS = tuple("The coalition had hoped for a yes from the minister." for _ in range(14))


@pytest.mark.parametrize(
    ("texts", "more", "fields"),
    [
        pytest.param((), LINKS, {"url": "https://wire.example/"}, id="home"),
        pytest.param((), LINKS, {"url": "https://wire.example/tag/taxes"}, id="tag"),
        pytest.param((), LINKS, {"url": "https://wire.example/world"}, id="section"),
        pytest.param((), LINKS, {"url": STORY_URL, "listing": True}, id="says so itself"),
        pytest.param(TEASERS, CARDS, {"url": "https://wire.example/search?q=taxes"}, id="search"),
        pytest.param(TEASERS, CARDS, {"url": "https://wire.example/world/", "og_type": "website"}, id="cards"),
        pytest.param(TEASERS * 4, CARDS * 4, {"url": "https://wire.example/tag/taxes/"}, id="long"),
        pytest.param(
            ("She has covered rivers and coasts since 2011. " * 6,),
            CARDS,
            {"url": "https://wire.example/author/ann-lee", "listing": True},
            id="author with a long life",
        ),
    ],
)
def test_indexes(texts: tuple[str, ...], more: str, fields: dict[str, Any]) -> None:
    assert kind(*texts, title="Taxes | The Wire", more=more, **fields) == "index"


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="an address like a story's"),
        pytest.param({"url": "https://wire.example/flash", "expected": "Blast heard"}, id="announced"),
        pytest.param({"url": "https://wire.example/tag/x", "stated_article": True}, id="states to be an article"),
        pytest.param({"url": "https://wire.example/n?id=12"}, id="an address with a number"),
    ],
)
def test_a_flash_among_links_is_no_index(fields: dict[str, Any]) -> None:
    assert kind("URGENT: a blast was heard in the capital.", title="Blast heard", more=LINKS, **fields) is None


def test_prose_among_links_is_no_index() -> None:
    prose = " ".join(PARAGRAPHS)
    assert kind(prose, title="Nine dead", more=LINKS, url="https://wire.example/world") is None
    assert kind(prose * 6, title="Nine dead", more=LINKS, url="https://wire.example/world") is None


def test_the_sites_own_frame_is_no_index() -> None:
    frame = (
        f"<nav>{LINKS}</nav><header>{LINKS}</header><div hidden>{LINKS}</div><div style='display: none'>{LINKS}</div>"
    )
    assert kind("A blast was heard.", title="Blast", before=frame, url="https://wire.example/flash") is None


@pytest.mark.parametrize(
    "texts",
    [
        (),
        ("You need to enable JavaScript to run this app.",),
        ("La Meseta", "Cargando…", "Para ver esta página es necesario activar JavaScript."),
        ("Loading...",),
        ("読み込み中…",),
    ],
)
def test_empty_shells(texts: tuple[str, ...]) -> None:
    assert kind(*texts, title="The Wire", h1="") == "empty"


def test_a_shells_notice_is_no_flash() -> None:
    text = "Please enable JavaScript to read this page."
    assert kind(text, title="Blast heard", expected="Blast heard", stated_article=True) == "empty"


def test_a_form_for_a_password_and_nothing_else() -> None:
    form = "<form><input name=u><input type=password></form>"
    assert kind("Medienkonto", title="Medienkonto", more=form) == "login"
    assert kind("A blast was heard in the capital.", title="Blast heard", more=form, stated_article=True) is None
    assert kind(*PARAGRAPHS, title="Nine dead in strike", more=form) is None


def test_two_sentences_of_a_notice_are_needed_where_there_is_more_text() -> None:
    told = "This page appears when requests come that seem to break the terms of service. " * 4
    assert kind(told, "Solving the above captcha lets you go on.", title="u") is None
    assert (
        kind(told, "Solving the above captcha lets you go on, if you are you and not a robot.", title="u")
        == "challenge"
    )


@pytest.mark.parametrize(
    ("title", "texts", "fields"),
    [
        pytest.param("Access denied - The Wire", PARAGRAPHS, {"expected": "Access denied"}, id="announced so"),
        pytest.param("Access denied: life at the fence", LONG, {}, id="too long for a challenge"),
        pytest.param("Access denied", PARAGRAPHS, {"stated_article": True}, id="states to be an article"),
        pytest.param("Court: access denied to files", PARAGRAPHS, {}, id="not a whole part"),
        pytest.param("4040 miles by bicycle", PARAGRAPHS, {}, id="a number that begins like an error"),
        pytest.param("404 people rescued at sea", PARAGRAPHS, {}, id="a number of people"),
        pytest.param("Flight 404 lands safely", PARAGRAPHS[:1], {}, id="a number of a flight"),
        pytest.param("500 errors a day: the railway's trouble", PARAGRAPHS, {}, id="errors by number"),
        pytest.param("Error: how a typo cost a bank millions", PARAGRAPHS, {}, id="a word before a colon"),
        pytest.param("Why captchas ask you to prove you are human", PARAGRAPHS, {}, id="a story about captchas"),
        pytest.param(
            "Please wait: hospitals run out of beds", PARAGRAPHS, {"expected": "Please wait: hospitals run"}, id="wait"
        ),
        pytest.param("Just a moments' peace", PARAGRAPHS, {}, id="begins with part of a word"),
        pytest.param("Forbidden fruit: quinces are back", PARAGRAPHS, {}, id="begins with a notice's word"),
        pytest.param("Consent law passes second reading", PARAGRAPHS, {}, id="consent"),
        pytest.param("Register of lobbyists opens", PARAGRAPHS[:1], {}, id="register"),
        pytest.param("Subscribers to streaming service fall", PARAGRAPHS[:1], {}, id="subscribers"),
        pytest.param("Maintenance of bridge ends early", PARAGRAPHS[:1], {}, id="maintenance"),
        pytest.param("EILMELDUNG: Explosion in der Hauptstadt", ("Mehr in Kürze.",), {}, id="a flash of three words"),
        pytest.param("Blast in capital", (), {"expected": "Blast in capital"}, id="all headline, announced"),
        pytest.param("Blast in capital", (), {"stated_article": True}, id="all headline, stated"),
        pytest.param("首都で爆発", ("首都で18日朝、爆発があった。警察が調べている。",), {}, id="a flash in Japanese"),
        pytest.param("Twitter is for sale", PARAGRAPHS[:1], {}, id="for sale"),
    ],
)
def test_a_story_is_a_story(title: str, texts: tuple[str, ...], fields: dict[str, Any]) -> None:
    assert refusal(shown(*texts, title=title, **fields)) is None


def test_a_story_about_challenges() -> None:
    texts = (
        "The words “Verify you are human” greet millions of readers a day, and most of them sigh. Researchers now say "
        "that solving the puzzles takes people longer than machines.",
        "“You have been blocked” is what one in fifty saw, according to the study of 3,600 users at a university.",
    )
    assert kind(*texts, title="Machines beat people at proving to be people", stated_article=True) is None
    assert kind(*texts, title="Machines beat people", expected="Machines beat people") is None
    assert kind(*texts, title="Machines beat people at proving to be people") is None


COOKIE_LAW = {
    "Brussels plans an end to cookie banners": (
        "The European Commission wants to do away with most cookie banners. Readers would say once, in their browser, "
        "whether sites may store information on their device, and publishers would have to obey for six months.",
        "Consumer groups welcomed the plan. “People click accept because they want to read the news, not because they "
        "agree,” said Ann Lee of a group in Brussels. Publishers fear for their income from advertising.",
        "Parliament is to vote in spring. A similar law on privacy failed in 2021 after four years of talks.",
    ),
    "EU-Kommission will Cookie-Banner abschaffen": (
        "Nutzer sollen ihre Einwilligung zu Cookies künftig einmal im Browser geben; Seiten müssten die Entscheidung "
        "sechs Monate lang beachten. Das geht aus einem Entwurf hervor, der der Deutschen Presse-Agentur vorliegt.",
        "Datenschützer begrüßten den Plan. «Niemand liest, was bei „Alle akzeptieren“ passiert», sagte die Hamburger "
        "Datenschutzbeauftragte. Verlage warnen: Ohne Zustimmung gebe es keine personalisierte Werbung.",
        "Wer personenbezogene Daten ohne Zustimmung verarbeitet, soll bis zu vier Prozent des Umsatzes zahlen. Eine "
        "Einwilligung könnten Nutzer jederzeit widerrufen.",
    ),
    "Google condamné pour ses cookies": (
        "La CNIL inflige une amende de 150 millions d’euros à Google pour ses cookies. Refuser les cookies y est plus "
        "difficile que de les accepter, estime le gardien de la vie privée, et rappelle que le consentement est libre.",
        "L’entreprise a trois mois pour permettre aux internautes de tout refuser aussi simplement que de tout "
        "accepter. La publicité personnalisée est sa première source de revenus. Ses partenaires ont protesté.",
    ),
}


@pytest.mark.parametrize("title", COOKIE_LAW)
@pytest.mark.parametrize("fields", [{}, {"stated_article": True}])
def test_a_story_about_the_law_on_cookies(title: str, fields: dict[str, Any]) -> None:
    texts = COOKIE_LAW[title]
    assert [kind(*texts[:n], title=title, **fields) for n in (1, 2, 3)] == [None] * 3
    assert kind(*texts * 4, title=title, **fields) is None


def test_a_story_about_javascript() -> None:
    title, text = "JavaScript turns 30", "JavaScript, the language of the web, turns 30 this week."
    assert kind(text, title=title, stated_article=True) is None
    assert kind(text, title=title) is None


def test_a_story_with_a_banner_for_consent_and_a_pop_up() -> None:
    banner = f"<div id=onetrust-banner-sdk>{CONSENTS[0][1]}</div>"
    assert kind("A blast was heard in the capital.", title="Blast heard", before=banner) is None
    popup = "<form><h1>Sign in</h1><input type=password></form>"
    page = shown(*PARAGRAPHS, title="Nine dead in strike", before=banner + popup)
    assert refusal(replace(page, headings=("Sign in", "Nine dead in strike"))) is None
    assert refusal(replace(page, headings=("Sign in",), stated_article=True)) is None


def test_labels_of_other_stories_are_no_paywall() -> None:
    others = "<ul>" + "<li><span>Réservé aux abonnés</span> <a href=/x>Un autre article</a></li>" * 3 + "</ul>"
    filler = f"<div>{'Partager. ' * 60}</div>"
    flash = "URGENT - Une explosion a été entendue dans la capitale."
    assert kind(flash, title="Explosion", more=filler + others, stated_article=True) is None


class TestPaid:
    TEASER = (PARAGRAPHS[0], PARAGRAPHS[1])
    ASKS = "<div class=box>Subscribe to continue reading. Already a subscriber? <a href=/login>Log in</a></div>"

    def test_an_opening_is_kept_and_partial(self) -> None:
        page = shown(*self.TEASER, title="Nine dead", more=self.ASKS, stated_article=True, free=False)
        assert refusal(page) is None
        assert is_partial(page)

    @pytest.mark.parametrize("row", PAYWALLS, ids=[row[0] for row in PAYWALLS])
    @pytest.mark.parametrize("free", [False, None])
    def test_in_all_languages(self, row: tuple[str, str], free: bool | None) -> None:
        assert is_partial(shown(*self.TEASER, title="t", more=f"<div>{row[1]}</div>", free=free))
        assert is_partial(shown(*self.TEASER, row[1], title="t", free=free))

    def test_less_than_an_opening_is_refused(self) -> None:
        page = shown("Nine people died.", title="Nine dead", more=self.ASKS, stated_article=True, free=False)
        assert refusal(page) == Refusal("paywall", "subscribe to continue")

    def test_a_wall_without_words_is_enough_for_a_page_that_is_not_free(self) -> None:
        wall = "<div class='article-paywall'></div>"
        assert kind("Nine people died.", title="Nine dead", more=wall, stated_article=True, free=False) == "paywall"
        assert is_partial(shown(*self.TEASER, title="Nine dead", more=wall, free=False))
        assert not is_partial(shown(*self.TEASER, title="Nine dead", more=wall))
        assert not is_partial(shown(*LONG, title="Nine dead", more=wall, free=False))

    @pytest.mark.parametrize(
        "page",
        [
            shown(*TEASER, title="t", more=ASKS, free=True),
            shown(*TEASER, title="t", free=False),
            shown(*TEASER, title="t"),
            shown(*LONG, title="t", more=ASKS),
            shown(*TEASER, title="t", before=ASKS, free=False),
            shown(*TEASER, title="t", more=f"<div hidden>{ASKS}</div>", free=False),
            shown(*TEASER, title="t", more=f"<div>{'Share. ' * 80}</div>{ASKS}"),
            shown(title="t", more=ASKS, free=False),
            shown(*TEASER, title="t", more=ASKS, free=None, body="Words that the page does not show."),
        ],
        ids=["free", "no wall", "silent", "long", "before", "hidden", "far away", "no text", "other text"],
    )
    def test_what_is_not_partial(self, page: Shown) -> None:
        assert not is_partial(page)

    def test_a_flash_of_a_paid_paper_is_kept(self) -> None:
        flash = "A blast was heard in the capital on Wednesday, the police said."
        assert kind(flash, title="Blast heard", stated_article=True, free=False) is None


def test_what_was_shown_is_short() -> None:
    found = refusal(shown("x", title="Just a moment " + "x" * 500))
    assert found is not None
    assert len(found.shown) == MAX_SHOWN


def test_a_long_text_in_chinese_is_long() -> None:
    assert kind("首都发生爆炸，" * 100, title="安全检查") is None
    assert kind("首都发生爆炸，" * 10, title="安全检查") == "challenge"


@pytest.mark.parametrize(
    ("written", "same"),
    [("ERİŞİM", "erisim"), ("Που είστε;", "ΠΟΥ ΕΙΣΤΕ"), ("l’été", "l'ete"), ("أنت", "انت"), ("Ещё", "еще")],
)
def test_notices_are_compared_by_their_letters(written: str, same: str) -> None:
    assert plain(written) == plain(same)


WORDS = st.sampled_from(
    [
        "Just a moment",
        "404",
        "|",
        "404:",
        "Log in",
        "cookie",
        "同意",
        "\n",
        "İ",
        "\u0301",
        "javascript",
        "…",
        "$(",
        "\ud800",
    ]
)
TEXTS = st.lists(WORDS | st.text(max_size=9), max_size=12).map(" ".join)
TAGS = """<a> </a> <p> <header> <nav> </nav> <div/class=paywall> <input/type=password> <a/hidden> text
<p/style=display:none> <noscript> </div> <main> &#xD800; <table><td> <frameset>"""
MARKUP = st.lists(st.sampled_from(TAGS.split()), max_size=20).map(" ".join)


@settings(max_examples=200, deadline=None)
@given(
    MARKUP, TEXTS, TEXTS, TEXTS, st.booleans(), st.none() | st.booleans(), st.sampled_from(["", "http://[x", "u?q="])
)
def test_nothing_raises(
    markup: str, title: str, body: str, expected: str, flag: bool, free: bool | None, url: str
) -> None:
    tree = html.document_fromstring(f"<html>{markup}")
    before = html.tostring(tree)
    for text in (body, body * 50 + "x" * LITTLE_TEXT):
        page = Shown(
            tree=tree,
            raw=markup.encode(),
            url=url,
            title=title,
            headings=(title, body),
            body=text,
            expected=expected,
            stated_article=flag,
            listing=not flag,
            free=free,
        )
        found = refusal(page)
        assert found is None or len(found.shown) <= MAX_SHOWN
        assert is_partial(page) in (True, False)
    assert html.tostring(tree) == before
