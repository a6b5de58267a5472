"""Whose work it is: news agencies by all their names, and the credits under pictures.

The table is our own: how agencies sign their copy, and how papers name them in bylines and credits.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

#: Name as we write it | spellings. A spelling in small letters counts in any case; one with a capital counts in exactly
#: this case, since AP, PA, TT, MENA or SANA are words and names of their own; after ~ it must stand alone as well:
#: Michael Bloomberg, Antara Das and the belga press are no agencies.
_TABLE = """
Reuters | reuters, thomson reuters, thomson reuters foundation, рейтер, رويترز, ロイター, 路透社, 路透, 로이터
AP | AP, associated press, AP News, أسوشيتد برس, أ ب, اسوشيتد برس, 美联社, 美聯社
AFP | afp, agence france presse, وكالة فرانس برس, فرانس برس, أ ف ب, ا ف ب, أف ب, 法新社, Франс Пресс
dpa | dpa, deutsche presse agentur, German Press Agency, د ب أ, د ب ا, 德新社
EFE | EFE, ~Efe, agencia efe, epa efe
ANSA | ANSA, ~Ansa, agenzia ansa
AGI | AGI, agenzia italia
Adnkronos | adnkronos, ~Aki
LaPresse | LaPresse
TASS | TASS, ~Tass, itar tass, тасс, итар тасс, تاس, 塔斯社, タス通信
RIA Novosti | ria novosti, RIA, риа новости, РИА, ريا نوفوستي, 俄新社
Interfax | interfax, интерфакс, إنترفاكس, 国际文传
Sputnik | ~Sputnik, Sputnik News, ~Спутник, ~سبوتنيك
Xinhua | xinhua, new china news agency, синьхуа, شينخوا, 新华社, 新華社, 新华网, 新華網, 신화통신
China News Service | china news service, 中新社, 中新网, 中新網
CNA | central news agency, 中央社
Kyodo | kyodo, kyodo news, киодо, 共同通信, 共同, 共同社, 교도통신
Jiji | ~Jiji, JIJI, jiji press, 時事通信, 時事, 时事社
Yonhap | yonhap, 연합뉴스, 韓聯社, 韩联社, 聯合ニュース
Newsis | newsis, 뉴시스
KCNA | KCNA, 조선중앙통신, 朝鮮中央通信, 朝中社
Anadolu | AA, ~Anadolu, anadolu agency, anadolu ajansı, anadolu ajansi, وكالة الأناضول, ~الأناضول, анадолу
DHA | DHA, demirören haber ajansı
IHA | İHA, ihlas haber ajansı, ihlas news agency
Lusa | LUSA, ~Lusa, agência lusa, agencia lusa
Agência Brasil | agência brasil, agencia brasil
Estadão Conteúdo | estadão conteúdo
Folhapress | folhapress
ANP | ANP, algemeen nederlands persbureau
Belga | BELGA, ~Belga, agence belga, belga news agency, belga photo
Ritzau | ritzau
NTB | NTB, norsk telegrambyrå
TT | TT, tidningarnas telegrambyrå, TT News Agency, ~TT Nyhetsbyrån
STT | STT, suomen tietotoimisto
PAP | PAP, polska agencja prasowa
CTK | čtk, ČTK, CTK, česká tisková kancelář
TASR | TASR
MTI | MTI, magyar távirati iroda
APA | APA, austria presse agentur
Keystone-SDA | keystone sda, SDA, ~sda, ~ats, keystone ats, ~Keystone, schweizerische depeschenagentur
epd | ~epd, evangelischer pressedienst
KNA | KNA, katholische nachrichten agentur
Europa Press | europa press
UPI | UPI, united press international
PA | PA, pa media, press association, the press association, PA Wire
AAP | AAP, australian associated press
Canadian Press | canadian press, la presse canadienne, presse canadienne
Bloomberg | ~Bloomberg, bloomberg news
SANA | SANA, ~Sana, syrian arab news agency, سانا, الوكالة العربية السورية للأنباء
WAFA | WAFA, ~Wafa, ~وفا, palestinian news and information agency
MENA | ~MENA, middle east news agency, أ ش أ, أ ش ا, وكالة أنباء الشرق الأوسط
KUNA | KUNA, kuwait news agency, كونا
SPA | SPA, saudi press agency, ~واس
WAM | WAM, emirates news agency, ~وام
QNA | QNA, qatar news agency, ~قنا
Petra | ~Petra, jordan news agency, ~بترا
NNA | NNA, national news agency, الوكالة الوطنية للإعلام
INA | INA, iraqi news agency, ~واع
IRNA | IRNA, islamic republic news agency, إرنا, ایرنا, ارنا
ISNA | ISNA, إيسنا, ایسنا
Tasnim | ~Tasnim, tasnim news agency, tasnim news, ~تسنيم, ~تسنیم
Mehr | mehr news agency, MNA
Fars | fars news agency
PTI | PTI, press trust of india
ANI | ANI, asian news international
IANS | IANS, indo asian news service
UNI | UNI, united news of india
APP | APP, associated press of pakistan
Antara | ANTARA, ~Antara, antara news, antara foto
Bernama | bernama
VNA | VNA, TTXVN, vietnam news agency, thông tấn xã việt nam
PNA | PNA, philippine news agency
Ukrinform | ukrinform, укринформ, укрінформ
UNIAN | unian, униан, уніан
BelTA | belta, белта
Tanjug | tanjug, танјуг, танюг
HINA | HINA, ~Hina, hrvatska izvještajna novinska agencija
BTA | BTA, БТА, bulgarian news agency
Agerpres | agerpres
ELTA | ELTA
ANA-MPA | ana mpa, ΑΠΕ ΜΠΕ
BNS | BNS, baltic news service
Prensa Latina | prensa latina
Télam | télam
"""
#: Chinese, Japanese and Korean leave no blanks: their names are looked for as they are.
_UNSPACED = r"\u2e80-\u9fff\uac00-\ud7a3\uff66-\uff9f"
_WORD = re.compile(rf"[^\W_{_UNSPACED}]+")
#: What may stand between the words of one name: "أ.ف.ب", "France-Presse".
_WITHIN = frozenset(["", " ", ".", ". ", "-", "–", " - "])
#: Words that make no person of the agency beside them.
_BESIDE = frozenset(
    """agence agencia agência agencies agency agentur agenzia and archive at by com correspondent correspondents da desk
    di e et ev for foto fotos from fuente images media mit news office par photo photos photographer por press quelle
    reporter reporters file ru service services source staff team the und via von wire wires with writer writers y с и
    агентство редакция وكالة و 通信 通信社 記者 记者""".split()  # noqa: SIM905
)
#: Names for agencies in general, as bylines give them.
_GENERIC = frozenset(
    """agencies agenturen agences agencias agências agenzie agencje agentury agentschappen agenzias agenties ajanslar
    newswires wires агентства агентств وكالات الوكالات""".split()  # noqa: SIM905
)
#: A credit or a byline is short; what comes later is prose.
MAX_CREDIT = 300
MAX_INITIALS = 4
MAX_NAME = 120
MAX_NAME_WORDS = 14
#: "Photo: a ferry at the quay" describes; "Foto: picture alliance/dpa" does not.
MAX_SMALL_WORDS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """An agency named in a text: where, and its name as we write it."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class _Spelling:
    name: str
    #: Case-folded, as looked up; `written` is empty where any case will do.
    words: tuple[str, ...]
    written: tuple[str, ...]
    alone: bool


def _read_table() -> tuple[dict[str, list[_Spelling]], dict[str, str]]:
    """Spellings by their first word, the longest first; and the names that are looked for as they are."""
    spelt: dict[str, list[_Spelling]] = {}
    unspaced: dict[str, str] = {}
    for line in _TABLE.strip().splitlines():
        name, _, spellings = line.partition(" | ")
        for spelling in spellings.split(", "):
            words = tuple(_WORD.findall(spelling))
            if not words:
                unspaced[spelling] = name
                continue
            folded = tuple(word.casefold() for word in words)
            small = words == folded and "~" not in spelling
            known = _Spelling(name, folded, () if small else words, alone="~" in spelling)
            spelt.setdefault(folded[0], []).append(known)
    for known_here in spelt.values():
        known_here.sort(key=lambda spelling: -len(spelling.words))
    return spelt, unspaced


_SPELT, _UNSPACED_NAMES = _read_table()
_UNSPACED_NAME = re.compile("|".join(sorted(_UNSPACED_NAMES, key=len, reverse=True)))


def find_agencies(text: str) -> list[Found]:
    """The agencies named in the first `MAX_CREDIT` characters of `text`, in their order."""
    text = text[:MAX_CREDIT]
    words = list(_WORD.finditer(text))
    found: list[Found] = []
    at = 0
    while at < len(words):
        spelling = _spelling_at(text, words, at)
        if spelling is None:
            at += 1
            continue
        last = at + len(spelling.words) - 1
        found.append(Found(words[at].start(), words[last].end(), spelling.name))
        at = last + 1
    if not text.isascii():
        found += [Found(m.start(), m.end(), _UNSPACED_NAMES[m[0]]) for m in _UNSPACED_NAME.finditer(text)]
        found.sort(key=lambda agency: agency.start)
    return found


def agencies_in(text: str) -> tuple[str, ...]:
    """The agencies a byline or credit names, each once, in their order: "Ann Lee/AFP via Reuters" gives two."""
    return tuple(dict.fromkeys(agency.name for agency in find_agencies(text)))


def is_agency(name: str) -> bool:
    """Whether `name` is an agency, or several, and nobody besides: "AFP/dpa", "Staff with Reuters", "Agencies"."""
    if len(name) > MAX_CREDIT:
        return False
    found = find_agencies(name)
    rest, done = "", 0
    for agency in found:
        rest += name[done : agency.start] + " "
        done = agency.end
    # What is left may not hold another script's words either: hence \w, not the words of the table.
    others = re.findall(r"\w+", rest + name[done:])
    generic = _GENERIC.intersection(word.casefold() for word in others)
    return bool(found or generic) and all(
        word.casefold() in _BESIDE
        or word.casefold() in generic
        # Editors sign with their initials, dpa with those of its regional services: "AFP/dpa/cbr", "dpa/bb".
        or (found and len(word) <= MAX_INITIALS and word.isascii() and word.islower())
        for word in others
    )


def _spelling_at(text: str, words: list[re.Match[str]], at: int) -> _Spelling | None:
    for spelling in _SPELT.get(words[at][0].casefold(), ()):
        here = words[at : at + len(spelling.words)]
        if (
            tuple(word[0].casefold() for word in here) == spelling.words
            and (not spelling.written or tuple(word[0] for word in here) == spelling.written)
            and all(text[a.end() : b.start()] in _WITHIN for a, b in pairwise(here))
            and not re.match(r"['’](?!s\b)\w", text[here[-1].end() :])  # SANA'A is a town
            and not (spelling.alone and _has_company(text, words, at, at + len(here)))
        ):
            return spelling
    return None


def _has_company(text: str, words: list[re.Match[str]], first: int, after: int) -> bool:
    """Whether the words from `first` up to `after` are part of a longer name."""
    pairs = [(first - 1, first)] * (first > 0) + [(after, after - 1)] * (after < len(words))
    for other, own in pairs:
        gap = text[min(words[other].end(), words[own].end()) : max(words[other].start(), words[own].start())]
        word = words[other][0]
        if (gap.isspace() or gap == "-") and word.isalpha() and not word.islower() and word.casefold() not in _BESIDE:
            return True
    return False


#: Picture desks and libraries that are no news agencies, but sign in the same way.
_PICTURES = re.compile(
    r"""\b(?:getty(?:\ images)?|epa(?:-efe)?|shutterstock|alamy|imago(?:\ images)?|picture[\ -]alliance|nurphoto
    |sopa\ images|zuma(?:\ (?:press|wire))?|sipa(?:\ usa)?|polaris|magnum\ photos|planet\ labs|maxar|istock(?:photo)?
    |unsplash|wikimedia(?:\ commons)?|handout|ullstein\ bild|laif|vcg|rex\ features|corbis|pool)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_LABEL = r"""(?:file\ )?(?:images?|photos?(?:graph)?s?|pictures?|credits?|foto(?:graf[íi]a|s)?|cr[ée]ditos?|file
    |cr[ée]dits?(?:\ (?:photos?|images?))?|bild(?:er|quelle|nachweis)?|quelle|fuente|fonte|source|kuva|fotoğraf
    |фото|источник|الصورة|صورة|تصوير|المصدر|写真|写真提供|図|图源|图片来源|图片|摄影|圖|사진|사진\ ?제공)
    (?:\ (?:by|credit|courtesy))?\s*"""
#: Where a credit may begin: at the start, after a sentence or a stroke, at a capital or a letter that has no cases; or
#: glued to the caption, where a page had it in a box of its own.
_BEGINS = (
    r"(?:^|(?<=[.!?…|()–—。！？」”\"»,،-])|(?-i:\s(?=[A-ZÀ-ÞА-Яء-ي\u3040-\u9fff\uac00-\ud7a3©(])"
    r"|(?<=[a-zа-я])(?=Credit|Photo|Фото)))\s*"
)
#: Without a colon or a sign, what follows must look like a name from its first letter: "Copyright law is changing".
_ANNOUNCED = re.compile(
    rf"""{_BEGINS}(?:{_LABEL}(?:[:：=]|\.{{3}})|©|copyright\s*[:©]|(?-i:Copyright\s(?=[A-Z\d]|dpa\b)|\(c\)\s(?=[A-Z]|dpa\b|picture\b))
    |(?-i:(?:Photo\ c|C)ourtesy(?:\ of\b|(?=\ [A-Z]))|Photo(?:graph)?\ by\b|Foto\ von\b))
    \s*(?P<name>[^:：©]{{2,120}})$""",
    re.IGNORECASE | re.VERBOSE,
)
_BRACKETED = re.compile(r"\s*[(\[（【](?P<inner>[^()\[\]（）【】]{2,120})[)\]）】]\.?\s*$")
_INNER_LABEL = re.compile(
    rf"(?:{_LABEL}[:：=\s]|(?:photo|image|picture|foto)s?\ (?:by|von|de|di)\ |©|copyright\b|courtesy\ (?:of\b)?:?)\s*",
    re.IGNORECASE | re.VERBOSE,
)
#: Signatures that need no label: Reuters signs "REUTERS/Ann Lee", AFP "AFP PHOTO / ANN LEE".
_SIGNED = re.compile(r"\s(?=(?:REUTERS|AFP(?: PHOTO)?|AP Photo|EPA(?:-EFE)?)\s?/\s?[^\W\d_a-z])")
#: The last sentence, or what follows the last long dash or stroke ("—AFP", as Dawn writes).
_LAST = re.compile(
    r"(?:^|[.!?…”\"»](?:\s+|(?<=[a-z\d)]\.)(?=[A-Z]))|\s*[—–|]\s*)(?P<name>(?:[^.!?…—–|]|(?<=\b[A-Z])\.){2,80})\.?\s*$"
)
#: A stroke between capitals: "Ann Lee/AP", but not "2024/2025" or "and/or".
_STROKE = re.compile(r"^(?![a-z])[^\W\d_][^/]+/\s?(?!\d)\w[^/]")
#: The end of a sentence within what should be a name.
_SENTENCE = re.compile(r"[a-zà-ÿа-я]{3}[.!?]\s+(?!All rights)[^\W\d_a-z]")


def split_credit(caption: str) -> tuple[str, str]:
    """A caption and the credit it ends with ("… at the quay. Image: Ann Lee / AP"); the credit is empty without one.

    The caption keeps its full stop, the credit loses its label; a caption that is all credit comes back empty.
    """
    tail = caption[-MAX_CREDIT:].rstrip()
    for read in (_announced, _bracketed, _signed, _last):
        if found := read(tail):
            start, credit = found
            return caption[: len(caption) - len(caption[-MAX_CREDIT:]) + start].rstrip(" -–—|([（【/"), _bare(credit)
    return caption, ""


def _announced(tail: str) -> tuple[int, str] | None:
    found = _ANNOUNCED.search(tail)
    return (found.start(), found["name"]) if found and _like_a_name(found["name"]) else None


def _bracketed(tail: str) -> tuple[int, str] | None:
    """A credit announces itself within its brackets, or has a stroke or an agency, as agencies write it."""
    if not (found := _BRACKETED.search(tail)):
        return None
    inner = found["inner"].strip()
    if (label := _INNER_LABEL.match(inner)) and _like_a_name(inner[label.end() :]):
        return found.start(), inner[label.end() :]
    stroke = _STROKE.match(inner) and any(len(part.strip()) > len("UAE") for part in inner.split("/"))
    return (found.start(), inner) if _is_signature(inner) or (stroke and _like_a_name(inner)) else None


def _signed(tail: str) -> tuple[int, str] | None:
    found = _SIGNED.search(tail)
    return (found.start(), tail[found.end() :]) if found and _is_signature(tail[found.end() :]) else None


def _last(tail: str) -> tuple[int, str] | None:
    """An agency's or a library's signature as the last sentence: "Ann Lee/Getty Images", "Handout via Reuters"."""
    if not (found := _LAST.search(tail)):
        return None
    name = found["name"].strip()
    whole = is_agency(name) or _PICTURES.fullmatch(name)
    joined = "/" in name or " via " in name or (name.count(",") == 1 and is_agency(name.partition(",")[2]))
    if not (whole or (joined and _is_signature(name))):
        return None
    # The full stop before it is the caption's, the stroke is nobody's.
    return tail.index(name, found.start()), name


def _is_signature(name: str) -> bool:
    """Whether `name` is made of an agency or picture library, people, and the small words between them."""
    rest = _PICTURES.sub(" ", name)
    found = find_agencies(rest)
    if len(name) > MAX_NAME or not (found or rest != name):
        return False
    for agency in reversed(found):
        rest = rest[: agency.start] + rest[agency.end :]
    return all(not word.islower() or word in _BESIDE for word in re.findall(r"[^\W\d_]+", rest))


def _like_a_name(name: str) -> bool:
    """Whether what follows a label is who made the picture, not what it shows."""
    words = name.split()
    small = [word for word in words if word[0].islower() and word not in _BESIDE]
    return 0 < len(words) <= MAX_NAME_WORDS and len(small) <= MAX_SMALL_WORDS and not _SENTENCE.search(name)


def _bare(credit: str) -> str:
    """`credit` without the full stop and the bracket that close it; its own brackets stay."""
    credit = credit.strip(" .")
    for opening, closing in ("()", "[]", "（）", "【】"):
        if opening not in credit:
            credit = credit.partition(closing)[0].rstrip(" .")
    return credit
