"""Single names of people out of bylines and author values, in the languages the wire reads.

A byline is cut at its marks and at its "and", what announces a name ("By", "Von", "記者") and what follows it (titles,
outlets, places, dates) is taken off, and what is left must read like a name. The tables are our own, from how papers
sign their copy. Rather no name than a wrong one.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from transforms.agencies import is_agency
from transforms.text import one_line, plain_text

#: A longer author value is no list of authors, a longer visible byline is prose.
MAX_VALUE, MAX_VISIBLE = 2_000, 300
#: Words of a name without its particles.
MAX_WORDS = 5
#: Words in small letters ("in", "min read", "de diciembre de") that a byline may hold before it is prose.
MAX_SMALL = 8

#: What announces an author where neither a colon nor "by" does: expressions, at the start and before a blank.
_OPENERS = r"""
about|sobre|über|à propos de|escrit[oa] por|publicado por|texto de|por|un (?:article|texte|récit) de|rédigé par
|écrit par|propos recueillis par|publié par|par|a cura di|articolo di|scritto da|redatto da|(?:ein
|eine)(?: \S+){1,3} von|aufgezeichnet von|geschrieben von|interview von|door|deur|tekst (?:av|af|door)
|skr[ei]ve[nt] a[vf]|text(?:o|e|en|i)?|teksti?
|kirjoittanut|kirjoittaja|höfundur|scris de|publicat de|(?-i:de)(?! l[aeo]s? )|imeandikwa na
|mwandishi|(?-i:nga|ni)|penulis|pewarta|laporan(?: wartawan)?|tác giả|bài và ảnh|thực hiện|phóng viên|yazan|hazırlayan
|írta|szerzők?|autor(?:i|y|zy|ka|a|e|in|en|/ica|s|ius)?|autrice|auteure?s?|authors?|avtor|piš[eu]|napsala?|napísala?
|připravila?|napisała?|opracowała?|oprac\.|rozmawiała?|skribent|författare|forfatter|kirjutas|müəllif|автор(?:ы|и|ка
|ки)?|автор текста|аутор|текст|пише|от|од|від|написала?|подготовила?|записала?|беседовала?|підготувала?|γράφ(?:ει
|ουν)(?: ο| η| οι)?|από(?: το[νυ]| τη[νς])?|του|της|των|ρεπορτάζ|κείμενο|συντάκτης|հեղինակ՝?|ავტორი|بقلم|كتبت?|كتبه
|كتبها|إعداد|اعداد|تقرير|حوار|أعده|الكاتبة?|نوشته|نویسنده|گزارش از|گزارش|خبرنگار|تحریر|از|مصنف|מאת|כותבת?|כתבתנו|כתבנו
|लेखक|लेखिका|प्रस्तुति|লেখক|লিখেছেন|প্রতিবেদক|எழுதியவர்|ผู้เขียน|เรื่อง|โดย
"""
#: Openers that are names or parts of names too: at least two words must follow.
_FAINT = r"von|di|av|af|(?-i:Na)(?= [A-Z]{2})|oleh|haber|bài|with|mit|avec"
#: What introduces another's part in the work (pictures, editing, sources, dates), and what means writing.
_OTHERS = re.compile(
    r"""photo|foto|φωτο|фото|bild|\bkuva|video|відео|видео|fénykép|\bkép|zdj|grafi|graphic|illustr|\bedit|rediger|transl
    |traduc|traduz|übersetz|перев|přelo|slik[ae]|snim|\bảnh|biên.tập|ภาพ|写真|撮影|摄影|攝影|图|圖|编辑|編輯|編集|责编|責編|校对|사진|صور|تصوير
    |تحرير|مراجعة|عکس|עריכה|צילו|source|quelle|fuente|fonte|kilde|källa|źródł|zdroj|источник|джерело|kaynak|sumber
    |nguồn|مصدر|منبع|来源|來源|출처|publi|प्रकाशित|опублик|update|aktuali|modif|date|datum|review|check|present|sponsor
    |powered|produc|curat|narrat|design|market|interviewed""",
    re.VERBOSE,
)
_WRITING = re.compile(
    r"""\bte[xk]s?t|\btesto|\bword|writ|report|story|a[uv]t(?:h|e)?[ou]r|автор|аутор|szerz|szöveg|skriv|skrev|yaza[nr]
    |penulis|tác.giả|\bbài|\bvon\b|文|글|記者|记者|เรื่อง|текст|كتب|بقلم|लेखक""",
    re.VERBOSE,
)
_JOINING = frozenset("and und et y e och og ja & i и та / + dan và".split())  # noqa: SIM905
#: "and" where nothing else is meant; in Ortega y Gasset and Ana Gil en Madrid something else is.
_AND = re.compile(
    r"""\s(?:and|AND|und|UND|sowie|et|ET|och|OCH|og|ja|és|ÉS|și|şi|ȘI|ve|VE|və|dan|và|VÀ|και|ΚΑΙ|и|И|та|ТА|і|й|ir|un|dhe
    |agus|eta|და|և|եւ|және|oraz|plus|او|اور|و|और|तथा|एवं|व|ও|এবং|மற்றும்|และ|및|with|WITH)\s""",
    re.VERBOSE,
)
_MAYBE_AND = re.compile(r"\s(y|Y|e|E|i|I|a|A|en|EN|con|mit|avec|met|med|com|na|s|z|с)\s")
#: Words of titles, by their stems.
_ROLE = re.compile(
    r"""cor?respond|kor?respond|korespond|кор+еспонд|спецкор|журнал[иі]ст|jo?urnalis|žurnalist|periodist|giornalist
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
_BESIDE_ROLE = frozenset(
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
_NO_NAME = frozenset(
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
    تحریریه گروه سرویس سایت پایگاه نیوز ڈیسک ویب بیورو رپورٹ ادارہ מערכת חדשות סוכנויות כתבי צוות אתר אורח מאמר דעות
    ספורט עיתון डेस्क ब्यूरो न्यूज न्यूज़ टीम समाचार एजेंसी वेब ऑनलाइन भाषा डिजिटल नेटवर्क एडमिन ডেস্ক অনলাইন নিউজ
    সংবাদ টিম ব্যুরো নিজস্ব পত্রিকা বার্তা செய்தி செய்திகள் குழு டெஸ்க் กองบรรณาธิการ ข่าว ทีมข่าว ออนไลน์ ทีมงาน
    რედაქცია სააგენტო խմբագրություն""".split()  # noqa: SIM905
)
_DESK = re.compile(
    r"""redaktion(?:en)?\b|redak(?:cj|c[eií]|si|sjon)|rédaction|redac(?:ci|ți)|redaç|redazion|redactie|szerkesztőség
    |toimitus\b|ban.biên|редакц|σύνταξ|ritstjórn|(?:web|news)-?desk|newsroom|\w\w\.(?:com|net|org|info|tv|news|online
    |eu|[a-z]{2})\b""",
    re.VERBOSE,
)
#: Surnames as well, so they count only after another name ("Ann Lee, Kettlebridge Post").
_PAPER = frozenset(
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
_KNOWN = frozenset(
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
        |super user|science x
        |associated press|europa press|haber merkezi|ap|pti|afp|dpa|ani|upi|aap|hong kong|tel aviv|buenos aires
        |san francisco
        |los angeles|san diego|cape town|kuala lumpur|nueva york|nova iorque|são paulo|sri lanka|las vegas|washington dc
        |saudi arabia|abu dhabi|addis ababa|phnom penh|tuổi trẻ|thanh niên|united states|united kingdom|नई दिल्ली""",
    )
)
_START_NO_NAME = frozenset("the a an our your my this new south north il das der het les los las gli top".split())  # noqa: SIM905
_PARTICLES = frozenset(
    """de del dela della dello dei degli delle dal dalla dall da das do dos du des di d la le lo los las el al ul ur uz
    uddin ibn bin bint binti ben bar abu abd von vom van zu zum zur der den het 't ten ter te 's af av e y i ó ní
    nic ua san santa und dan oğlu kızı oglu kizi qızı оглы кызы фон де ван дер ди да ля ле аль эль бен
    ибн бин и""".split()  # noqa: SIM905
)
#: Particles that stay small when a name in capitals is written out; "Di" and "La" mostly do not.
_SMALL = frozenset(
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
_HONORIFICS = frozenset(
    """mr mrs ms miss mx dr prof professor dott dott.ssa dra sr sra mgr ing phdr judr mudr herr frau г-н гн проф д-р
    κ δρ د أ أ.د الدكتور الدكتورة الأستاذ ד"ר ד״ר פרופ' डॉ श्री श्रीमती mme mlle""".split()  # noqa: SIM905
)
#: Words that end a name: dates, buttons, degrees; and prepositions of scripts that have no capitals.
_ENDS = frozenset(
    """the published updated posted modified publié publicado pubblicato veröffentlicht aktualisiert actualizado follow
    followed about bio biography share min mins minutes read comments comment special credit опубликовано обновлено
    monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag
    sonntag phd ph.d md m.d mba esq من في عن إلى على منذ تحديث در به ने में की के का द्वारा से को של על עם את سے میں
    کی থেকে เมื่อ วันที่ अपडेटेड प्रकाशित""".split()  # noqa: SIM905
)
_PLACED = frozenset(
    "in at for from of im aus en à au em din из в з у w we på fra från i di da te na u z s iz til to is og".split()  # noqa: SIM905
)
_BEFORE_DATE = frozenset(
    """on at am le el il den dne lúc ngày pada vom om kl em the january february march april may june july august
    september october november december jan feb mar apr jun jul aug sep sept oct nov dec januar februar märz mai
    juni juli oktober dezember mon tue wed thu fri sat sun""".split()  # noqa: SIM905
)
_SUFFIX = re.compile(r",\s*(?=(?:Jr|JR|Sr|SR|II|III|IV)\b)")
_HARD = re.compile(r"[\n;؛|│｜¦•●▪◦‣►»]+|\s·\s")
_DASH = re.compile(r"\s[-–]+(?:\s|$)|—")
_COMMAS = re.compile(
    r"[,，、،/／&+＆]+|(?<=[a-zа-я]{2})\.\s(?=[A-ZА-Я][^\s.]+ [A-ZА-Я])"
    r"|(?<=[가-힣])[·∙‧](?=[가-힣])|(?<=[一-鿿])・(?=[一-鿿])"
)
#: A credit is announced by "by" or a colon; East Asian papers write =, but ジャン＝リュック is one name.
_MARK = re.compile(r"(?<!\S)by(?=[:\s]|$):?|[:：](?!\d)|[=＝](?![ァ-ヶ])", re.IGNORECASE)
_BRACKETS = re.compile(r"[(（\[【〈<]([^()（）\[\]【】〈〉<>]*)[)）\]】〉>]")
_OPENER = re.compile(
    rf"(?:(?:{_OPENERS.replace(chr(10), '')})[.:]?(?=\s)|(?:{_FAINT})(?=\s\S+\s\S)|(?:โดย|ผู้เขียน)(?=\S))\s*",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S*|(?<![^\s@(<])[(<]?([^\s@(<]*+)@(\S*)")
#: Elements side by side lose the blank between them: "Rodrigo Campos5 Min Read", "ANN LEEAssociated Press".
_GLUED = re.compile(
    r"""(?<=[a-zà-ɏа-я])(?=\d)|(?<=[A-Z]{3})(?=[A-Z][a-z]{3})|(?<=[a-z]{5})(?=[A-Z][a-z]{2})|(?<=[a-z]{3})(?=[A-Z]{3})
    |(?<=[a-z])(?=(?:Updated|Published|Posted|Staff|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b)""",
    re.VERBOSE,
)
_SURNAME_FIRST = re.compile(r"\s*([^\W\d_][\w'’-]+), ([^\W\d_][\w'’-]+(?: [^\W\d_]\.?)?)\s*")
_CASED = re.compile("[A-Za-zÀ-ɏḀ-ỿͰ-Ͽἀ-῿Ѐ-ԯԱ-և]")
_NOT_IN_NAME = re.compile(r"[\d_!?#%*=+<>{}\[\]()\\^~$€£©®™:;,/|…@]")
_ARTICLE = re.compile(r"(?:the|der|die|das|le|la|les|el|il) ")
_EAST = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_REPORTER = re.compile(
    r"""\s*(?:本報|本报|新华社|新華社|中央社|首席|特约|特約|见习|인턴|선임|전문|객원|수습)*(?:記者|记者|通讯员|通訊員|特派員|編譯|编译|撰文|作者
    |著者|筆者|執筆|ライター|編集委員|論説委員|기자|특파원|논설위원|에디터|칼럼니스트|앵커|해설위원)\s*""",
    re.VERBOSE,
)
_EAST_LABEL = re.compile(
    r"(?<!\S)(?:(文字?|글|図|图|圖|写真|攝影|摄影|사진)\s*[/／｜|]|((?:文|写真|取材)・\S{1,3}|글·사진)\s)"
)
_EAST_PLACE = re.compile(
    r"""(?:[台臺][北中南東]|新北|桃園|高雄|基隆|新竹|嘉義|屏東|宜蘭|花蓮|澎湖|金門|東京|東京都|華盛頓|洛杉磯|紐約|倫敦|巴黎|首爾|香港|北京|上海)?
    \s*(?:\d.*|(?:綜合|综合|特稿)*(?:報導|报道|報道|電|专电|專電|讯|訊))$""",
    re.VERBOSE,
)
_EAST_DESK = re.compile(
    r"""(?:社|網|网|局|新聞|新闻|報|报|編集部|編輯部|编辑部|編輯|编辑|中心|電視台?|电视台?|电台|電台|在线|频道|頻道|小[编編]|综合|綜合|ニュース
    |取材班|通信|放送|テレビ|委員会|公司|大学|研究所|協会|集团|政治部|経済部|社会部|国際部|外信部|地方部|報道部|文化部|運動部|科学部
    |[团團][队隊]|管理[者员員]|[周週]刊|匿名|佚名|不明|来源|뉴스|신문|일보|방송|통신|센터|미디어|편집자?|관리자|운영자
    |(?:정치|경제|사회|문화|국제|산업|편집|체육|증권|금융|뉴스|취재|보도)\S?(?:부|팀|국))$""",
    re.VERBOSE,
)
_SURNAMES = (
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖萧蕭田董潘袁蔡蒋蔣余于杜叶葉程魏苏蘇吕呂丁任"
    "卢盧姚沈钟鍾姜崔谭譚陆陸范汪廖石金韦韋贾賈夏付方邹鄒熊白孟秦邱侯江尹薛阎闫段雷龙龍黎史陶贺賀毛郝顾顧龚龔邵万萬覃武钱錢戴严嚴莫孔向汤湯"
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설"
)
_AROUND_ROLE = _BESIDE_ROLE | _KNOWN
_ALONE = frozenset("guest in read more post page".split())  # noqa: SIM905
_MARKS_OF_DIRECTION = dict.fromkeys(map(ord, "\u200e\u200f\u061c"))
_EDGES = " \t\n-–.,*'\"“”„«»‘’|"
_ABBREVIATED = re.compile(r"\b(?:[JS]r|[A-Z])\.\W*$")
_LABEL_STARTS = re.compile("[,，、/]")
_TITLE_MARKS = re.compile(r"\s[|–—-]\s|[|:]")
_DIGIT, _VOWEL, _NOT_WORD = re.compile(r"\d"), re.compile("[AEIOUYÀ-ÿ]|[^A-Z]"), re.compile(r"\W+")
_CAMEL = re.compile(r"(?<!\bMc)(?<!\bMac)[a-z][A-Z]")
_SHOUTED = re.compile(
    r"(?:Ma?c|[DO]['’])?(?=.*[A-ZÀ-ÞĀ-ŽΑ-ΫА-ЯЁІЇЄҐİӘ])[^a-zß-öø-ÿα-ώа-яё]+|d[aeiou]s?|l[ao]s?|v[ao]n|de[nrl]"
)
_ROMAN, _MC, _WITHIN_WORD = (
    re.compile("[IVX]{2,}"),
    re.compile("Ma?c(?=[A-Z])|MC(?=[A-Z]{2})"),
    re.compile(r"[-.‐]|\b\w['’]"),
)
_KANA, _HANGUL, _EAST_POLITE = re.compile("[\u3040-\u30ff]"), re.compile("[가-힣]"), re.compile("(?:氏|さん)$")


def people(texts: Iterable[str], *, outlet: str = "", domain: str = "") -> tuple[str, ...]:
    """The people that author values name, each once, in their order: "By Ann Lee and Bo Chan, Reuters" gives two.

    `outlet` and `domain` are whose page it is: a paper that signs with its own name is nobody. "Lee, Ann" alone is one
    person, surname first. Titles such as Dr go where two words follow. A single word is a name ("Madonna") only where
    no longer name stands beside it. A name in capitals is written out: "ANN LEE" gives "Ann Lee".
    """
    own = _own(outlet, domain)
    found: dict[str, str] = {}
    for text in texts:
        for name in _read(text[:MAX_VALUE], own)[0]:
            found.setdefault(name.casefold(), name)
    return tuple(found.values())


def from_visible(text: str, *, outlet: str = "", domain: str = "") -> tuple[str, ...]:
    """The people of a byline as a reader sees it, or () unless all of `text` can be told: names, titles, dates.

    Stricter than `people`: names have two words, or a reporter's mark in Chinese, Japanese and Korean.
    """
    if len(text) > MAX_VISIBLE:
        return ()
    names, clear = _read(text, _own(outlet, domain), visible=True)
    clear &= sum(map(_small, text.split())) <= MAX_SMALL
    return tuple({name.casefold(): name for name in reversed(names)}.values())[::-1] if clear else ()


def is_person(name: str) -> bool:
    """Whether `name` reads like one person's full name and nothing else."""
    name = one_line(name[:MAX_VISIBLE])
    if _EAST.search(name):
        return _eastern(name) == [name] and not _REPORTER.search(name)
    return _read(name, frozenset(), visible=True)[0] in ([name], [_written_out(name)]) and " " in name


def _read(text: str, own: frozenset[str], *, visible: bool = False) -> tuple[list[str], bool]:
    """The names in `text`, and whether all the rest of it is understood."""
    text = _ADDRESS.sub(_without_address, plain_text(text))
    if visible:
        text = _GLUED.sub("\n", text)
    if not text.isascii():
        text = _EAST_LABEL.sub(r"\1\2：", text.translate(_MARKS_OF_DIRECTION))
    names: list[str] = []
    clear = True
    for segment in () if _squeezed(text) in own else _HARD.split(text):
        known = len(names)
        for piece in _DASH.split(segment):
            if any(" " in name for name in names[known:]) and not _MARK.search(piece):
                break  # what follows the dash after a name is where they work
            for credited, run in _credits(_without_brackets(piece)):
                for part in _parts(run, swap=not visible):
                    if _EAST.search(part):
                        credited = credited or bool(_REPORTER.search(run))
                        names += _eastern(part) if credited or not visible else ()
                        clear &= credited
                        continue
                    name, understood = _name(part, own, later=bool(names), visible=visible)
                    clear &= understood
                    names += [name] if name else []
                    if names and _DIGIT.search(part):
                        break  # what comes after the date has nothing to do with authors
    # Beside a full name a single word is a place, a paper or a button.
    full = [name for name in names if " " in name or _EAST.search(name)]
    return full or ([] if visible else names), clear


def _without_address(found: re.Match[str]) -> str:
    """What an address leaves: "Ann Lee@annlee" keeps the name, "ann@wire.example" nothing."""
    handle = found[2] is not None and "." not in found[2]
    return f"{found[1]}\n" if handle else "\n"


def _without_brackets(piece: str) -> str:
    """`piece` without what stands in brackets, unless there is nothing else."""
    if inner := _BRACKETS.search(piece):
        bare = _BRACKETS.sub(" ", piece)
        return bare if bare.strip(" ,.") else inner[1]
    return piece


def _credits(piece: str) -> Iterator[tuple[bool, str]]:
    """The runs of a piece that credit authors, and whether a label says so; other people's runs are left out."""
    start, wanted, labelled = 0, True, False
    for mark in _MARK.finditer(piece):
        head = piece[start : mark.start()]
        if mark[0] in "=＝" and _REPORTER.search(head):  # "홍길동 기자 = ...": what follows is the story
            yield True, head
            return
        label = _LABEL_STARTS.split(head)[-1]
        before, words = head[: len(head) - len(label)], label.split()
        # "Text: Ann Lee Foto: Bo Chan": the last words are the label, those before belong to the run before.
        said = len(words)
        while said and (words[said - 1].casefold() in _JOINING or _credit_word(words[said - 1])):
            said -= 1
        if 1 < said < len(words):
            before += " ".join(words[:said])
        if wanted:
            yield labelled, before
        labelled, wanted = True, not _OTHERS.search(label.casefold()) or bool(_WRITING.search(label.casefold()))
        start = mark.end()
    if wanted:
        yield labelled, piece[start:]


def _credit_word(word: str) -> bool:
    return bool(_OTHERS.search(word.casefold()) or _WRITING.search(word.casefold()))


def _parts(run: str, *, swap: bool) -> Iterator[str]:
    """The pieces of a run that may be one name each."""
    run = _SUFFIX.sub(" ", _REPORTER.sub("、", run) if _EAST.search(run) else run)
    if swap and (turned := _SURNAME_FIRST.fullmatch(run)) and turned[1].isupper() == turned[2].isupper():
        pair = (turned[1], turned[2])
        if not any(_nobody([word]) or is_agency(word) or _role(word) or not word[0].isupper() for word in pair):
            run = f"{turned[2]} {turned[1]}"
    for piece in _COMMAS.split(run):
        for part in _AND.split(f" {piece} "):
            for mark in _MAYBE_AND.finditer(part):
                left, right = part[: mark.start()], part[mark.end() :].strip()
                meant = part.isupper() or mark[1].islower()  # E may be an initial
                if meant and right.casefold() not in _KNOWN and _is_full(left) and _is_full(right):
                    yield left
                    part = right  # a list has commas: no third name is looked for
                    break
            if part.strip():
                yield part


def _is_full(text: str) -> bool:
    words = [word for word in text.split()[:MAX_WORDS] if word.casefold() not in _PARTICLES]
    return len(words) > 1 and not _small(words[0]) and not _small(words[1])


@lru_cache(maxsize=2_048)  # a page names its authors in five places
def _name(part: str, own: frozenset[str], *, later: bool, visible: bool) -> tuple[str, bool]:
    """The person a part names (or ""), and whether the rest of the part is understood."""
    part = part.strip(_EDGES) + ("." if _ABBREVIATED.search(part) else "")
    while opener := _OPENER.match(part):
        part = part[opener.end() :]
    if not part or _squeezed(part) in own or is_agency(part):
        return "", True
    words = part.split()
    loud = next((at for at, word in enumerate(words) if not _SHOUTED.fullmatch(word)), len(words))
    words, understood = _without_title(_written_out(" ".join(words[:loud])).split() + words[loud:])
    while len(words) > 2 and words[0].casefold().rstrip(".") in _HONORIFICS:
        words = words[1:]
    if not visible and part.islower() and len(words) in (2, 3) and _CASED.match(part):
        # A name typed into a form; any word that is none makes it a phrase.
        is_name = not _nobody(words, later=later) and all(word.isalpha() and word not in _PLACED for word in words)
        return (" ".join(words) if is_name else ""), True
    stop = next((at for at, word in enumerate(words) if _ends(word, at)), len(words))
    words, rest = words[:stop], words[stop:]
    dated = bool(rest) and (bool(_DIGIT.search(rest[0])) or rest[0].casefold().strip(".:") in _ENDS)
    while words and (_small(words[-1]) or (dated and words[-1].casefold().strip(".,") in _BEFORE_DATE)):
        words = words[:-1]
    understood |= not rest or dated or not _small(rest[0]) or (rest[0] in _PLACED and len(rest) < MAX_WORDS)
    for length in range(min(4, len(words) - 2), 0, -1):
        tail = " ".join(words[-length:])
        if tail.casefold() in _KNOWN or _squeezed(tail) in own or is_agency(tail):
            words = words[:-length]
            break
    half = len(words) // 2
    if half > 1 and words[:half] == words[half:]:
        words = words[:half]
    name = " ".join(words)
    if not words or _nobody(words, later=later) or _squeezed(name) in own or (name != part and is_agency(name)):
        return "", True
    if len(words) == 1:
        alone = not (visible or part.isupper() or rest) and _may_stand_alone(name, own)
        return (name if alone else ""), True
    length = sum(word.casefold() not in _PARTICLES for word in words)
    if (
        length > MAX_WORDS
        or _NOT_IN_NAME.search(name)
        or not all(word[0].isalpha() or word[0] in "'’ʻ“„«" for word in words)
    ):
        return "", False
    if visible and len(words[-1].strip(".")) < 2:  # commenters sign "Rob W"
        return "", False
    return name, understood


def _may_stand_alone(word: str, own: frozenset[str]) -> bool:
    """Whether an author value of one word is somebody: Madonna, but not LinkNaija, gto, or the outlet in short."""
    low = word.casefold()
    return (
        len(word) > 1
        and word[0].isalpha()
        and not (_NOT_IN_NAME.search(word) or _CAMEL.search(word) or _small(word) or word.startswith("ال"))
        and not (low in _BESIDE_ROLE or low in _HONORIFICS or low in _ENDS or low in _ALONE)
        and not (len(word) > 2 and any(_squeezed(word) in mine for mine in own))
    )


def _without_title(words: list[str]) -> tuple[list[str], bool]:
    """`words` without the title before or behind the name, and whether there was one."""
    role = next((at for at, word in enumerate(words) if _role(word)), None) if _role(" ".join(words)) else None
    if role is None:
        return words, False
    start = role
    while start and _beside_role(words[start - 1], start - 1):
        start -= 1
    if start:
        return (words[: max(start, 2)] if role > 1 else []), True
    rest = words[role + 1 :]
    while rest and (_small(rest[0]) or rest[0].casefold() in _AROUND_ROLE or _role(rest[0])):
        rest = rest[1:]
    return (rest if len(rest) > 1 else []), True


def _beside_role(word: str, at: int) -> bool:
    return word.casefold() in _AROUND_ROLE or _small(word) or (at > 1 and _acronym(word))


def _role(text: str) -> bool:
    return bool(_ROLE.search(text.casefold()))


def _ends(word: str, at: int) -> bool:
    """Whether the name is over before this word."""
    low = word.casefold()
    return (
        bool(_DIGIT.search(word))
        or low.strip(".:") in _ENDS
        or (low not in _PARTICLES and _small(word))
        or (at > 1 and _acronym(word))
    )


def _small(word: str) -> bool:
    """Whether `word` is in small letters, of a script that has others; d'Ormesson and al-Assad are not."""
    return word == word.lower() and bool(_CASED.match(word))


def _acronym(word: str) -> bool:
    """BBC, AFP and the like, but neither III nor DUPONT."""
    if not (word.isupper() and word.isalpha() and 1 < len(word) < 7) or not word.strip("IVX"):
        return False
    return len(word) < 4 or not _VOWEL.search(word)


def _nobody(words: list[str], *, later: bool = False) -> bool:
    """Whether `words` name a desk, a paper, a place, or nothing at all."""
    low = [word.casefold().strip(".,:") for word in words]
    name = " ".join(low)
    return (
        not _NO_NAME.isdisjoint(low)
        or low[0] in _START_NO_NAME
        or low[0] in _KNOWN
        or name in _KNOWN
        or (later and low[-1] in _PAPER)
        or (len(words) > 1 and words[0].startswith("ال") and words[1].startswith("ال"))
        or (len(words) > 1 and len(words[0]) > 2 and _acronym(words[0]))
        or bool(_DESK.search(name))
    )


@lru_cache(maxsize=256)
def _own(outlet: str, domain: str) -> frozenset[str]:
    """How the outlet may be named in a byline, squeezed."""
    labels = domain.casefold().removeprefix("www.").split(".")
    said = [outlet, *_TITLE_MARKS.split(outlet), domain, *(label for label in labels[:-1] if len(label) > 3)]
    return frozenset(filter(None, map(_squeezed, said)))


def _squeezed(name: str) -> str:
    return _NOT_WORD.sub("", _ARTICLE.sub("", name.casefold().strip(), count=1))


def _written_out(name: str) -> str:
    """A name in capitals as it is written otherwise; any other name as it is."""
    words = name.split()
    if len(words) < 2 or not all(map(_SHOUTED.fullmatch, words)):
        return name
    turkish = "İ" in name or "Ğ" in name
    out: list[str] = []
    for at, word in enumerate(words):
        low = (word.replace("I", "ı").replace("İ", "i") if turkish else word).lower()
        bare = word.rstrip(".,")
        inner = 0 < at < len(words) - 1
        if inner and (low in _SMALL or (low in ("la", "las", "los") and out[-1] == "de")):
            out.append(low)
        elif _ROMAN.fullmatch(bare) or (
            len(bare) == 2 and at + 1 < len(words) and (bare[1] == "J" or (_acronym(bare) and not _VOWEL.search(bare)))
        ):
            out.append(word)
        else:
            head = _MC.match(word)
            spots = {0, head.end() if head else 0, *(mark.end() for mark in _WITHIN_WORD.finditer(word))}
            big = {"i": "İ"} if turkish else {}
            out.append("".join(big.get(c, c.upper()) if i in spots else c for i, c in enumerate(low)))
    return " ".join(out)


def _eastern(part: str) -> list[str]:
    """The names in a part in Chinese, Japanese or Korean letters."""
    part = part.strip(" .・=-")
    cut = _EAST_PLACE.sub("", part)
    words = [_EAST_POLITE.sub("", word) for word in cut.split() if not _EAST_DESK.search(word) and not is_agency(word)]
    if not all(word[0].isalpha() and not _NOT_IN_NAME.search(word) for word in words) or (
        cut != part and not (words and words[0][0] in _SURNAMES)
    ):
        return []
    if (
        len(words) > 1
        and all(1 < len(word) < 5 and word[0] in _SURNAMES for word in words)
        and len(max(words, key=len)) > 2
    ):
        return words
    name = " ".join(words)
    longest = 20 if _KANA.search(name) else 4 if _HANGUL.search(name) and len(words) == 1 else 9
    return [name] if 1 < len(name) <= longest and len(words) < 4 else []
