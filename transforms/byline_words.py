"""The words of bylines: what announces an author, what follows a name, and who is nobody.

The tables are our own, from how papers sign their copy in the languages the wire reads.
"""

import re

#: What announces an author where neither a colon nor "by" does: expressions, at the start and before a blank.
OPENERS = r"""
about|sobre|über|à propos de|escrit[oa] por|publicado por|texto de|por|un (?:article|texte|récit) de|rédigé par
|écrit par|propos recueillis par|publié par|par|a cura di|articolo di|scritto da|redatto da|(?:ein
|eine)(?: \S+){1,3} von|aufgezeichnet von|geschrieben von|interview von|door|deur|tekst (?:av|af|door)
|skr[ei]ve[nt] a[vf]|text(?:o|e|en|i)?|teksti?
|kirjoittanut|kirjoittaja|höfundur|scris de|publicat de|(?-i:de)(?! l[aeo]s? )|imeandikwa na
|mwandishi|(?-i:nga|ni)|penulis|pewarta|laporan(?: wartawan)?|tác giả|bài và ảnh|thực hiện|phóng viên|yazan|hazırlayan
|írta|szerzők?|autor(?:i|y|zy|ka|a|e|in|en|/ica|s|ius)?|autrice|auteure?s?|authors?|avtor|piš[eu]|napsala?|napísala?
|připravila?|napisała?|opracowała?|oprac\.|rozmawiała?|skribent|författare|forfatter|kirjutas|müəllif|автор(?:ы|и|ка
|ки)?|автор текста|материал подготовила?|аутор|текст|пише|от|од|від|написала?|подготовила?|записала?
|беседовала?|підготувала?|γράφ(?:ει
|ουν)(?: ο| η| οι)?|από(?: το[νυ]| τη[νς])?|του|της|των|ρεπορτάζ|κείμενο|συντάκτης|հեղինակ՝?|ავტორი|بقلم|كتبت?|كتبه
|كتبها|إعداد|اعداد|تقرير|حوار|أعده|الكاتبة?|نوشته|نویسنده|گزارش از|گزارش|خبرنگار|تحریر|از|مصنف|מאת|כותבת?|כתבתנו|כתבנו
|लेखक|लेखिका|प्रस्तुति|লেখক|লিখেছেন|প্রতিবেদক|எழுதியவர்|ผู้เขียน|เรื่อง|โดย
"""
#: Openers that are names or parts of names too: at least two words must follow.
FAINT = r"von|di|av|af|(?-i:Na)(?= [A-Z]{2})|oleh|haber|bài|with|mit|avec"
#: What introduces another's part in the work (pictures, editing, sources, dates), and what means writing.
OTHERS = re.compile(
    r"""photo|foto|φωτο|фото|bild|\bkuva|video|відео|видео|fénykép|\bkép|zdj|grafi|graphic|illustr|\bedit|rediger|transl
    |traduc|traduz|übersetz|перев|přelo|slik[ae]|snim|\bảnh|biên.tập|ภาพ|写真|撮影|摄影|攝影|图|圖|编辑|編輯|編集|责编|責編|校对|사진|صور|تصوير
    |تحرير|مراجعة|عکس|עריכה|צילו|source|quelle|fuente|fonte|kilde|källa|źródł|zdroj|источник|джерело|kaynak|sumber
    |nguồn|مصدر|منبع|来源|來源|출처|publi|प्रकाशित|опублик|update|aktuali|modif|date|datum|review|check|present|sponsor
    |powered|produc|curat|narrat|design|market|interviewed""",
    re.VERBOSE,
)
WRITING = re.compile(
    r"""\bte[xk]s?t|\btesto|\bword|writ|report|story|a[uv]t(?:h|e)?[ou]r|автор|аутор|szerz|szöveg|skriv|skrev|yaza[nr]
    |penulis|tác.giả|\bbài|\bvon\b|文|글|記者|记者|เรื่อง|текст|كتب|بقلم|लेखक""",
    re.VERBOSE,
)
JOINING = frozenset("and und et y e och og ja & i и та / + dan và".split())  # noqa: SIM905
#: "and" where nothing else is meant; in Ortega y Gasset and Ana Gil en Madrid something else is.
AND = re.compile(
    r"""\s(?:and|AND|und|UND|sowie|et|ET|och|OCH|og|ja|és|ÉS|și|şi|ȘI|ve|VE|və|dan|và|VÀ|και|ΚΑΙ|и|И|та|ТА|і|й|ir|un|dhe
    |agus|eta|და|և|եւ|және|oraz|plus|او|اور|و|और|तथा|एवं|व|ও|এবং|மற்றும்|และ|및|with|WITH)\s""",
    re.VERBOSE,
)
MAYBE_AND = re.compile(r"\s(y|Y|e|E|i|I|a|A|en|EN|con|mit|avec|met|med|com|na|s|z|с)\s")
#: Arabic and Hebrew write "and" on the word it precedes; Walid, Wael, Vered and others begin with that letter.
JOINED_AND = re.compile(
    r"""(\s*\S+\s\S+(?:\s\S+)?)\s
    (?:و(?!ليد|ائل|سام|سيم|فاء|جدي|حيد|هبة|هبي|هيب|داد|ضاح|جيه|رد|صفي)|ו(?!יקטור|רד|לדימיר))(\S{2,}\s\S+\s*)""",
    re.VERBOSE,
)
#: Words of titles, by their stems.
ROLE = re.compile(
    r"""corr?espon|kor?respond|korespond|кор+еспонд|спецкор|журнал[иі]ст|jo?urnalis|žurnalist|periodist|giornalist
    |jornalist|dziennikar|novin[aá]r|újságíró|ziarist|gazetar|gazeteci|δημοσιογρ|ανταποκρι|συντάκτ|αρθρογρ|repo?rter
    |репорт|repórter|редактор|redakt(?!ion|ie)|rédact(?!ion)|redact(?:eur|or|riț)|redat(?:or|tr)|editor(?!ial)|éditor
    |editör|szerkesztő\b|writer\b|skribent|author|auteur|autor|écrivain|escritor|scritt(?:ore|rice)|yazarı?\b|colum?nis
    |kolumn|kolomnist|chroniqu|cronis|krönik|обозреват|оглядач|колумн|публиц|publicyst|felieton|komment(?:ator|ár)
    |comment(?:ator|ateur)|anal[yi]st|analityk|αναλυτ|contribut|collabora|colabora|mitarbeit|verslaggev|toimittaj
    |kirjeenvaiht|blaðama|fréttama|muhabir|temsilci|wartawan|jurnalis|kontribut|penulis|presenter|produ[csz]er
    |producent|photograph|fotogra|videogra|фотограф|blogger|publisher|enviad[oa]|envoyée?\b|inviat[oa]\b
    |leiter(?:in)?\b|chef(?:in)?\b|direct(?:or|eur|rice)|direttor|fellow\b|professor|lecturer|anchor\b|intern\b
    |stringer|freelanc|ombudsman|spokes|strategist|specialist|meteorolog|officer|chairman|president\b|ceo\b|founder
    |chief\b|manager|secretary|minister\b|ambassador|reviewer|critic\b|dopisn|zpravodaj|izvjest|izvešt|извешт|новинар
    |müxbir|นักข่าว|ผู้สื่อข่าว|مراسل|\b(?:ال)?صحاف?ي|محرر|\b(?:ال)?كاتبة?\b|خبرنگار|نویسنده|\bدبیر\b|\bכתב|עיתונאי
    |פרשנ|संवाददाता|रिपोर्टर|पत्रकार|संपादक|প্রতিবেদক|প্রতিনিধি|সাংবাদিক|সম্পাদক|செய்தியாளர்|நிருபர்|ჟურნალისტ|რედაქტორ
    |լրագրող|թղթակից""",
    re.VERBOSE,
)
#: What stands around such a word and belongs to the title.
BESIDE_ROLE = frozenset(
    """affairs africa american arts asia assistant associate auto banking beijing berlin brussels bureau business cairo
    chief china city climate community congressional consumer contributing copy courts crime culture cultural data
    defence defense deputy digital diplomatic economic economics economy education energy engagement entertainment
    environment europe european executive features film finance financial fitness food football foreign former
    founding freelance general global government guest head health high home house immigration in independent
    industry international investigation investigations investigative jerusalem junior justice labor legal
    legislative lifestyle live local london managing media medical metro middle military money moscow multimedia
    music national news newsletter night north of online opinion opinions paris political politics principal
    property racial real regional religion research royal science security senior social south special sports sport
    staff state style tech technology the theater theatre trade transport travel trending tv uk us video visiting
    war washington weather web weekend west wire world award-winning syndicated acting adjunct assignment audience
    breaking east and & at politik wirtschaft kultur freie freier stv stellvertretende stellvertretender leitende
    leitender grand специальный спеціальний собственный военный главный шеф ведущий старший политический наш""".split()  # noqa: SIM905
)
#: Words that no person is called: desks, papers, companies, and what stands around bylines on a page.
NO_NAME = frozenset(
    """admin administrator advertisement advertorial agencies agency agencia agencias agence agences agência agências
    agentur agenzia agenzie ajansı anonymous anónimo anonyme archive archives association astronomy author authors
    avisen blog board book books breaking broadcasting bulletin bureau caption centre center channel chronicle click
    club college comment comments committee company contact contents contributed contributor contributors copyright
    corp corporation corriere council crew daily dagblad dagbladet default department desk diario digital dispatch
    echo editorial editors email enquirer equipe équipe equipo especial events examiner exclusive express facebook
    federation foundation forum gazette gazeta gazetesi gazzetta giornale globe gmbh government group guardian
    haberleri headline headlines herald hírek holdings home homepage inc independent info inquirer insider instagram
    institute international invitado journal jornal journalists kanal krant latest limited linkedin liputan llc
    login ltd ltda magazine masthead media members menu merkezi ministry mirror moderator monitor more multiple n/a
    nachrichten network networks news newscast newspaper newspapers newsroom newswire newswires nieuws none noticias
    noticiero notícias notizie noviny null nyheter observer office official online opinion opinions organisation
    organization partner partners party periódico photos podcast police policy popular portal prensa presse print
    privacy project promoted publisher publishers publishing quotidiano radio readers recommended register related
    release reporters research rundschau sanomat school sentinel service services servicio share shares sharing sign
    slideshow society software source sources special sponsored sport sports staff standard stories studio studios
    submit subscribe superuser syndicate team technology telegram telegraph test tidende tidningen top topic topics
    translator tribune tv television télévision twitter undefined union university unknown untitled update updated
    updates user uutiset various verlag video videos view views webdesk webmaster website weekly whatsapp wiadomości
    wire wires with writers youtube zeitschrift zeitung zprávy správy știri ştiri anzeiger tagblatt tageblatt
    новости новини новостей газета агентство агентства агенция агенція радио радіо телеканал канал пресс-служба
    прес-служба пресс-центр служба отдел відділ команда портал сайт гость администратор админ администрация известия
    редколлегия аноним неизвестен ειδήσεις εφημερίδα ομάδα πρακτορείο أخبار الأخبار اخبار الاخبار وكالة وكالات
    الوكالات قناة صحيفة الصحيفة جريدة الجريدة موقع الموقع تحرير التحرير فريق الفريق قسم مركز بوابة هيئة شبكة مكتب
    إدارة المحرر المصدر مصدر رأي مقالات نشر تاريخ متابعة متابعات محررو رياضة اقتصاد ثقافة آخر خبرگزاری روزنامه
    تحریریه گروه سرویس سایت پایگاه نیوز نيوز ڈیسک ویب بیورو رپورٹ ادارہ מערכת חדשות סוכנויות כתבי
    צוות אתר אורח מאמר דעות
    ספורט עיתון डेस्क ब्यूरो न्यूज न्यूज़ टीम समाचार एजेंसी वेब ऑनलाइन भाषा डिजिटल नेटवर्क एडमिन ডেস্ক অনলাইন নিউজ
    সংবাদ টিম ব্যুরো নিজস্ব পত্রিকা বার্তা செய்தி செய்திகள் குழு டெஸ்க் กองบรรณาธิการ ข่าว ทีมข่าว ออนไลน์ ทีมงาน
    რედაქცია სააგენტო խմբագրություն""".split()  # noqa: SIM905
)
DESK = re.compile(
    r"""redaktion(?:en)?\b|redak(?:cj|c[eií]|si|sjon)|rédaction|redac(?:ci|ți)|redaç|redazion|redactie|szerkesztőség
    |toimitus\b|ban.biên|редакц|σύνταξ|ritstjórn|(?:web|news)-?desk|newsroom|\w\w\.(?:com|net|org|info|tv|news|online
    |eu|[a-z]{2})\b""",
    re.VERBOSE,
)
#: Surnames as well, so they count only after another name ("Ann Lee, Kettlebridge Post").
PAPER = frozenset(
    [
        "post",
        "times",
        "press",
        "sun",
        "star",
        "mail",
        "record",
        "world",
        "review",
        "report",
        "business",
        "week",
        "life",
        "bild",
        "welt",
        "courier",
    ]
)
#: Papers, channels and places that look like people, as whole parts or at the end of one.
KNOWN = frozenset(
    re.split(
        r"\s*\|\s*",
        """usa today|washington post|new york post|financial times|new york times|los angeles times|wall street journal
        |fox news|sky news|fox business|boston globe|the athletic|business insider|la repubblica|la stampa|le monde
        |le figaro
        |le parisien|la croix|la vanguardia|la nación|el país|el mundo|el universal|el tiempo|el comercio|la razón
        |il sole
        |die zeit|die welt|die presse|der spiegel|spiegel online|de volkskrant|de standaard|de morgen|het parool
        |al jazeera
        |al arabiya|dagens nyheter|deutsche welle|bbc|cnn|nbc|cbs|abc|cnbc|msnbc|npr|pbs|itv|usa|condé nast
        |super user|copy link|ফলো করুন|science x
        |associated press|europa press|haber merkezi|ap|pti|afp|dpa|ani|upi|aap|hong kong|tel aviv|buenos aires
        |san francisco
        |los angeles|san diego|cape town|kuala lumpur|nueva york|nova iorque|são paulo|sri lanka|las vegas|washington dc
        |saudi arabia|abu dhabi|addis ababa|phnom penh|tuổi trẻ|thanh niên|united states
        |united kingdom|folha de s.paulo|नई दिल्ली""",
    )
)
START_NO_NAME = frozenset("the a an our your my this new south north il das der het les los las gli top".split())  # noqa: SIM905
PARTICLES = frozenset(
    """de del dela della dello dei degli delle dal dalla dall da das do dos du des di d la le lo los las el al ul ur uz
    uddin ibn bin bint binti ben bar abu abd von vom van zu zum zur der den het 't ten ter te 's af av e y i ó ní
    nic ua san santa und dan oğlu kızı oglu kizi qızı оглы кызы фон де ван дер ди да ля ле аль эль бен
    ибн бин и""".split()  # noqa: SIM905
)
#: Particles that stay small when a name in capitals is written out; "Di" and "La" mostly do not.
SMALL = frozenset(
    [
        "de",
        "del",
        "da",
        "das",
        "do",
        "dos",
        "du",
        "von",
        "van",
        "der",
        "den",
        "ten",
        "ter",
        "zu",
        "zur",
        "vom",
        "af",
        "av",
        "e",
        "y",
        "i",
        "bin",
        "ibn",
        "bint",
        "фон",
        "де",
        "ван",
        "дер",
    ]
)
HONORIFICS = frozenset(
    """mr mrs ms miss mx dr prof professor dott dott.ssa dra sr sra mgr ing phdr judr mudr herr frau г-н гн проф д-р
    κ δρ د أ أ.د الدكتور الدكتورة الأستاذ ד"ר ד״ר פרופ' डॉ श्री श्रीमती mme mlle""".split()  # noqa: SIM905
)
#: Words that end a name: dates, buttons, degrees; and prepositions of scripts that have no capitals.
ENDS = frozenset(
    """the published updated posted modified publié publicado pubblicato veröffentlicht aktualisiert actualizado follow
    followed about bio biography share min mins minutes read comments comment special credit опубликовано обновлено
    monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag
    sonntag phd ph.d md m.d mba esq من في عن إلى على منذ تحديث در به ने में की के का द्वारा से को של על עם את سے میں
    کی থেকে เมื่อ วันที่ अपडेटेड प्रकाशित""".split()  # noqa: SIM905
)
PLACED = frozenset(
    "in at for from of im aus en à au em din из в з у w we på fra från i di da te na u z s iz til to is og".split()  # noqa: SIM905
)
BEFORE_DATE = frozenset(
    """on at am le el il den dne lúc ngày pada vom om kl em the january february march april may june july august
    september october november december jan feb mar apr jun jul aug sep sept oct nov dec januar februar märz mai
    juni juli oktober dezember mon tue wed thu fri sat sun""".split()  # noqa: SIM905
)
SUFFIX = re.compile(r",\s*(?=(?:Jr|JR|Sr|SR|II|III|IV)\b)")
HARD = re.compile(r"[\n;؛|│｜¦•●▪◦‣►»]+|\s·\s")
DASH = re.compile(r"\s[-–]+(?:\s|$)|—")
COMMAS = re.compile(
    r"[,，、،/／&+＆]+|(?<=[a-zа-я]{2})\.\s(?=[A-ZА-Я][^\s.]+ [A-ZА-Я])"
    r"|(?<=[가-힣])[·∙‧](?=[가-힣])|(?<=[一-鿿])・(?=[一-鿿])"
)
#: A credit is announced by "by" or a colon; East Asian papers write =, but ジャン＝リュック is one name.
MARK = re.compile(r"(?<!\S)by(?=[:\s]|$):?|[:：](?!\d)|[=＝](?![ァ-ヶ])", re.IGNORECASE)
BRACKETS = re.compile(r"[(（\[【〈<]([^()（）\[\]【】〈〉<>]*)[)）\]】〉>]")
OPENER = re.compile(
    rf"(?:(?:{OPENERS.replace(chr(10), '')})[.:]?(?=\s)|(?:{FAINT})(?=\s\S+\s\S)|(?:โดย|ผู้เขียน)(?=\S))\s*",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"(?:https?://|www\.)\S*|(?<![^\s@(<])[(<]?([^\s@(<]*+)@(\S*)")
#: Elements side by side lose the blank between them: "Rodrigo Campos5 Min Read", "ANN LEEAssociated Press".
GLUED = re.compile(
    r"""(?<=[a-zà-ɏа-я])(?=\d)|(?<=[A-Z]{3})(?=[A-Z][a-z]{3})|(?<=[a-z]{5})(?=[A-Z][a-z]{2})|(?<=[a-z]{3})(?=[A-Z]{3})
    |(?<=[a-z])(?=(?:Updated|Published|Posted|Staff|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b)""",
    re.VERBOSE,
)
SURNAME_FIRST = re.compile(r"\s*([^\W\d_][\w'’-]+), ([^\W\d_][\w'’-]+(?: [^\W\d_]\.?)?)\s*")
CASED = re.compile("[A-Za-zÀ-ɏḀ-ỿͰ-Ͽἀ-῿Ѐ-ԯԱ-և]")
NOT_IN_NAME = re.compile(r"[\d_!?#%*=+<>{}\[\]()\\^~$€£©®™:;,/|…@]")
ARTICLE = re.compile(r"(?:the|der|die|das|le|la|les|el|il) ")
EAST = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
REPORTER = re.compile(
    r"""\s*(?:本報|本报|新华社|新華社|中央社|首席|特约|特約|见习|인턴|선임|전문|객원|수습)*(?:記者|记者|通讯员|通訊員|特派員|編譯|编译|撰文|作者
    |著者|筆者|執筆|ライター|編集委員|論説委員|기자|특파원|논설위원|에디터|칼럼니스트|앵커|해설위원)\s*""",
    re.VERBOSE,
)
EAST_LABEL = re.compile(
    r"(?<!\S)(?:(文字?|글|図|图|圖|写真|攝影|摄影|사진)\s*[/／｜|]|((?:文|写真|取材)・\S{1,3}|글·사진|责任编辑|責任編輯|责编)\s)"
)
EAST_PLACE = re.compile(
    r"""(?:[台臺][北中南東]|新北|桃園|高雄|基隆|新竹|嘉義|屏東|宜蘭|花蓮|澎湖|金門|東京|東京都|華盛頓|洛杉磯|紐約|倫敦|巴黎|首爾|香港|北京|上海)?
    \s*(?:\d.*|(?:綜合|综合|特稿)*(?:報導|报道|報道|電|专电|專電|讯|訊))$""",
    re.VERBOSE,
)
EAST_DESK = re.compile(
    r"""(?:社|網|网|局|新聞|新闻|報|报|編集部|編輯部|编辑部|編輯|编辑|中心|電視台?|电视台?|电台|電台|在线|频道|頻道|小[编編]|综合|綜合|ニュース
    |取材班|通信|放送|テレビ|委員会|公司|大学|研究所|協会|集团|政治部|経済部|社会部|国際部|外信部|地方部|報道部|文化部|運動部|科学部
    |[团團][队隊]|管理[者员員]|[周週]刊|匿名|佚名|不明|来源|뉴스|신문|일보|방송|통신|센터|미디어|편집자?|관리자|운영자
    |(?:정치|경제|사회|문화|국제|산업|편집|체육|증권|금융|뉴스|취재|보도)\S?(?:부|팀|국))$""",
    re.VERBOSE,
)
SURNAMES = (
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖萧蕭田董潘袁蔡蒋蔣余于杜叶葉程魏苏蘇吕呂丁任"
    "卢盧姚沈钟鍾姜崔谭譚陆陸范汪廖石金韦韋贾賈夏付方邹鄒熊白孟秦邱侯江尹薛阎闫段雷龙龍黎史陶贺賀毛郝顾顧龚龔邵万萬覃武钱錢戴严嚴莫孔向汤湯"
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설"
)
AROUND_ROLE = BESIDE_ROLE | KNOWN
ALONE = frozenset("guest in read more post page".split())  # noqa: SIM905
MARKS_OF_DIRECTION = dict.fromkeys(map(ord, "\u200e\u200f\u061c"))
EDGES = " \t\n-–.,*'\"“”„«»‘’|"
ABBREVIATED = re.compile(r"\b(?:[JS]r|[A-Z])\.\W*$")
LABEL_STARTS = re.compile("[,，、/]")
TITLE_MARKS = re.compile(r"\s[|–—-]\s|[|:]")
DIGIT, VOWEL, NOT_WORD = re.compile(r"\d"), re.compile("[AEIOUYÀ-ÿ]|[^A-Z]"), re.compile(r"\W+")
CAMEL = re.compile(r"(?<!\bMc)(?<!\bMac)[a-z][A-Z]")
SHOUTED = re.compile(
    r"(?:Ma?c|[DO]['’])?(?=.*[A-ZÀ-ÞĀ-ŽΑ-ΫА-ЯЁІЇЄҐİӘ])[^a-zß-öø-ÿα-ώа-яё]+|d[aeiou]s?|l[ao]s?|v[ao]n|de[nrl]"
)
ROMAN, MC, WITHIN_WORD = (
    re.compile("[IVX]{2,}"),
    re.compile("Ma?c(?=[A-Z])|MC(?=[A-Z]{2})"),
    re.compile(r"[-.‐]|\b\w['’]"),
)
KANA, HANGUL, EAST_POLITE = re.compile("[\u3040-\u30ff]"), re.compile("[가-힣]"), re.compile("(?:氏|さん)$")
