"""Where and when wire copy was filed, and by whom: "GENEVA, Dec 18 (Reuters) - " at its start.

Only the start of the first paragraphs is looked at, so hostile copy costs no more than any other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.agencies import Found, agencies_in, find_agencies, is_agency
from transforms.months import fold, month_of
from transforms.text import one_line

#: A word that may be a month; two Arabic ones have two.
_NAME = r"[^\W\d_]{2,14}(?:\ (?:الأول|الثاني|الاول|الثانى))?"
_DAY = rf"""(?:
    (?P<d1>\d{{1,2}})(?:\.|st|nd|rd|th|er|º)?\s?(?:de\s)?(?P<m1>{_NAME})\.?(?:/{_NAME})?(?:,?\s(?:de\s)?(?P<y1>\d{{4}}))?
        (?:\.?\s(?:г|года|року|godine)\.?)?
    |(?P<m2>{_NAME})\.?\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<y2>\d{{4}}))?
    |(?P<y3>\d{{4}})\.\s(?P<m3>{_NAME})\s(?P<d3>\d{{1,2}})\.?(?:,\s\w{{4,12}})?
    |(?P<d4>\d{{1,2}})[.-](?P<m4>\d{{1,2}})[.-](?P<y4>\d{{4}})
    |(?P<y5>\d{{4}})-(?P<m5>\d\d)-(?P<d5>\d\d))"""
_A_DAY = re.compile(rf"(?<![\w.]){_DAY}(?!\w)", re.VERBOSE | re.IGNORECASE)
_LAST_DAY = re.compile(rf"(?:^|[\s,.]){_DAY}[\s.,]*$", re.VERBOSE | re.IGNORECASE)
_UNSPACED_DAY = re.compile(r"(?:(?P<y1>\d{4})年)?(?:(?P<m1>\d{1,2})月)?(?P<d1>\d{1,2})日")

#: Year where it is written, month, day.
Day = tuple[int | None, int, int]
#: A dateline stands at the start of one of the first paragraphs, behind a byline at most.
MAX_LINES = 3
MAX_LINE = 140
#: No dateline is without one of these; most lines are, and need no closer look.
_HINT = re.compile(r"[\d(/（【\[—–―−‒-]")
MAX_PLACE = 70
MAX_PLACE_WORDS = 7
#: Arabic has no capitals to tell a place by, so it has to be short.
MAX_PLAIN_WORDS = 3
#: NATO, WHO and UEFA are no places.
MIN_CAPITALS = 4
_PHOTO = re.compile(r"photo|foto|video|\bvia\b|\bby\b", re.IGNORECASE)
_SERVICE = re.compile(r"\b(?:AFX|infocom|Breakingviews|Foundation|Health|Ukraine|Sport|Group|tmn|Nachrichten)\b")
_DASH = re.compile(r"\s*\.?\s*(?:-{1,3}|[–—―−‒=])")
_STOP = re.compile(r"\s*(?:[:.]|$)")
#: The text begins without any mark, with a capital.
_BEGINS = re.compile(r"\s+[\"'“‘«„]?(?P<first>[^\W\d_])")
#: Where there is no agency, a short dash needs its blanks; a place alone needs a long one.
_WELL_SET_OFF = re.compile(r"(?:\s-|(?P<long>\s?(?:--|[–—])))\s|\.-\s")
_MARKS = " ,-–—=|"
_PLACE = re.compile(r"[^\W\d_][\w .,'’‘ʼ`/&()\[\]-]*$")
_WORDS = re.compile(r"[^\W_]+")
#: Small words within the names of places.
_PARTICLES = frozenset(
    """al el es de del della di da do dos das du la le les au aux am an der den die im in of and und on sur sous nad pod
    na et e y u i pri près near bei upon s""".split()  # noqa: SIM905
)
WEEKDAYS = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag
    sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado
    domingo""".split()  # noqa: SIM905
)
#: First words of sentences, bylines and labels, which are set off as places are.
_NOT_FIRST = WEEKDAYS | frozenset(
    """in at on from the by but and a an as for with it he she we they this that said says von par por der die das
    les los un une analysis opinion exclusive update updates breaking watch video photos photo live listen factbox
    explainer review read editorial comment commentary interview profile obituary column poll related advertisement
    subscribe correction corrected warning note summary highlights nato urgent flash alert report special sports sport
    business world politics news fact check embargoed withdrawn kill timeline gallery podcast newsletter file story
    по в на из от""".split()  # noqa: SIM905
)
#: Xinhua and its neighbours end theirs with "电", by wire: "新华社大马士革12月18日电".
_BY_WIRE = re.compile(r"[（(]?(?P<text>(?P<head>[^\s，。：:（）()]{2,24}?日)[电電])")
#: Kyodo and Jiji write "【カイロ共同】", Reuters in Japanese "[東京 18日 ロイター]", Yonhap "(서울=연합뉴스)".
_BOXED = re.compile(r"(?P<text>[【\[（(](?P<inner>[^】\]）)]{2,40})[】\]）)])")
_UNSPACED = re.compile(r"[\u3040-\u9fff\uac00-\ud7a3]")
#: RIA and TASS sign between strokes or after a dash, with the reporter: "/Корр. ТАСС Иван Иванов/".
_OPENING_STROKE = re.compile(r"(?:^|\s)/[^/]{0,30}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """The line that says where a story comes from."""

    #: As written, without the dash that ends it: "GENEVA, Dec 18 (Reuters)".
    text: str
    #: The place as written: "GENEVA", "BEIRUT, Lebanon", "MOSCOW/BEIRUT"; empty when only the agency is named.
    located: str = ""
    #: By their names in `transforms.agencies`.
    agencies: tuple[str, ...] = ()
    day: Day | None = None


def read_dateline(body: str) -> Dateline | None:
    """The dateline of a text, from the start of its first paragraphs; None when it has none."""
    left = MAX_LINES
    for raw in body.lstrip().split("\n", 2 * MAX_LINES)[: 2 * MAX_LINES]:
        if not (line := one_line(raw[:MAX_LINE])):
            continue
        if _HINT.search(line) and (found := _read_unspaced(line) or _read_signed(line) or _read_unsigned(line)):
            return found
        if not (left := left - 1):
            break
    return None


def find_days(text: str) -> Iterator[Day]:
    """The days written in the first `MAX_LINE` characters of `text`, in most European languages and Arabic."""
    start = 0
    # "EMBARGO 18 Dec 2025" reads "EMBARGO 18" first, and that is no day: try again from its next letter.
    while match := _A_DAY.search(text, start, MAX_LINE):
        day = _day(match)
        start = match.end() if day else match.start() + 1
        if day:
            yield day


def _day(match: re.Match[str]) -> Day | None:
    found = {name[0]: text for name, text in match.groupdict().items() if text and name[1:].isdecimal()}
    year = int(found["y"]) if "y" in found else None
    named = found.get("m", "")
    month = int(named) if named.isdecimal() else month_of(fold(named), "")
    day = int(found["d"])
    return (year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def _read_unspaced(line: str) -> Dateline | None:
    """Chinese, Japanese and Korean."""
    if found := _BY_WIRE.match(line):
        inner = found["head"]
    elif (found := _BOXED.match(line)) and _UNSPACED.search(found["inner"]):
        inner = found["inner"]
    else:
        return None
    if not (agencies := find_agencies(inner)):
        return None
    dated = _UNSPACED_DAY.search(inner)
    # Xinhua names itself before the place, the others after it.
    first = agencies[0]
    place = inner[: first.start] or (inner[first.end :] if found.re is _BY_WIRE else "")
    place = _UNSPACED_DAY.sub("", place).strip(" =＝/・、,")
    return Dateline(
        text=found["text"],
        located="" if "记者" in place or "記者" in place else place,  # who reports is not set off from where
        agencies=agencies_in(inner),
        day=_day(dated) if dated else None,
    )


def _read_signed(line: str) -> Dateline | None:
    """A dateline with an agency, in brackets, between strokes, or bare."""
    for agency in find_agencies(line)[:2]:
        before, after = line[: agency.start], line[agency.end :]
        opened, closed = before.rfind("("), after.find(")")
        if opened >= 0 and ")" not in before[opened:] and closed >= 0:
            found = _read_bracketed(line, opened, agency.end + closed)
        elif (stroke := _OPENING_STROKE.search(before)) and "/" in after[:MAX_PLACE]:
            found = _read_stroked(line, stroke.start(), agency.end + after.index("/"))
        else:
            found = _read_bare(line, agency)
        if found:
            return found
    return None


def _read_bracketed(line: str, opened: int, closed: int) -> Dateline | None:
    """Most agencies: "GENEVA, Dec 18 (Reuters) - "; the Italian ones begin with it: "(ANSA) - ROMA, 18 DIC - "."""
    signature, head, tail = line[opened + 1 : closed], line[:opened].strip(), line[closed + 1 :]
    if not _signs(signature):
        return None
    text, agencies = line[: closed + 1], agencies_in(signature)
    dash = _DASH.match(tail)
    if not head:
        if not dash:
            return Dateline(text=text, agencies=agencies) if not tail else None
        rest = tail[dash.end() :].strip()
        # A place is dated or in capitals here, since "(Reuters) - Assad - who fled - ..." goes on with anybody.
        if (end := _DASH.search(rest)) and (where := _place_and_day(rest[: end.start()])):
            place, day, dated = where
            if dated or place.isupper():
                text = line[: line.index(rest) + end.start()].rstrip()
                return Dateline(text=text, located=place, agencies=agencies, day=day)
        return Dateline(text=text, agencies=agencies)
    if not (where := _place_and_day(head)):
        return None
    place, day, dated = where
    begins = _BEGINS.match(tail)
    ends = dash or (
        # "Smith (AP) said" is no dateline, "Ann Lee (AFP)" on a line of its own a byline.
        bool(_STOP.match(tail)) and (dated or place.isupper() or len(place.split()) == 1)
    )
    if not ends and not (begins and not begins["first"].islower() and (dated or place.isupper())):
        return None
    return Dateline(text=text, located=place, agencies=agencies, day=day)


def _read_stroked(line: str, opened: int, closed: int) -> Dateline | None:
    """TASS: "MOSCOW, December 18. /TASS/. "."""
    where = _place_and_day(line[:opened])
    if not where or not (_DASH.match(line[closed + 1 :]) or _STOP.match(line[closed + 1 :])):
        return None
    place, day, _ = where
    return Dateline(text=line[: closed + 1], located=place, agencies=agencies_in(line[opened:closed]), day=day)


def _read_bare(line: str, agency: Found) -> Dateline | None:
    """RIA: "МОСКВА, 18 дек — РИА Новости. "; Interfax: "Москва. 18 декабря. ИНТЕРФАКС.RU - "; SANA: "دمشق-سانا"."""
    before = line[: agency.start].rstrip()
    where = _place_and_day(before)
    if not where or not (where[2] or before.endswith((",", ".", "-", "–", "—"))):
        return None
    place, day, dated = where
    domain = re.match(r"\.(?:RU|UA|BY|KZ)\b", line[agency.end :])
    end = agency.end + (domain.end() if domain else 0)
    tail = line[end:]
    # A date makes it certain; without one, "Paris, AFP" may be half of a sentence.
    attached = before.endswith("-") and agency.start == len(before) and not _is_cased(place)
    if not (_DASH.match(tail) or ((dated or attached) and (_STOP.match(tail) or tail.startswith(",")))):
        return None
    return Dateline(text=line[:end], located=place, agencies=(agency.name,), day=day)


def _read_unsigned(line: str) -> Dateline | None:
    """A place and a day, or a place in capitals alone ("WASHINGTON — "), well set off."""
    dash = _WELL_SET_OFF.search(line[: 2 * MAX_PLACE])
    where = _place_and_day(line[: dash.start()]) if dash else None
    begins = _BEGINS.match(line[dash.end() - 1 :]) if dash else None
    if not dash or not where or not begins or begins["first"].islower():
        return None
    place, day, dated = where
    city = place.partition(",")[0]
    if not dated and not (dash["long"] and city.isupper() and len(city) >= MIN_CAPITALS):
        return None
    return Dateline(text=line[: dash.start()], located=place, day=day)


def _place_and_day(head: str) -> tuple[str, Day | None, bool] | None:
    """A place as written, its day, and whether there is one; None when `head` is nothing of the kind."""
    head = head.strip(_MARKS)
    day = None
    if (found := _LAST_DAY.search(head)) and (day := _day(found)):
        head = head[: found.start()].rstrip(_MARKS)
    start, comma, end = head.rpartition(",")
    if comma and end.strip(_MARKS).casefold() in WEEKDAYS:
        head = start.rstrip(_MARKS)
    # The full stop of "Calif." and "D.C." is the place's, that of "Москва. 18 декабря." is not.
    if head.endswith(".") and not ("," in head or "." in head.split()[-1][:-1]):
        head = head.rstrip(_MARKS + ".")
    return (head, day, day is not None) if _is_place(head) else None


def _is_cased(text: str) -> bool:
    return text[:1].swapcase() != text[:1]


def _is_place(place: str) -> bool:
    """Whether each word has a capital or is a small one of names, and none belongs to a sentence."""
    words = _WORDS.findall(place[: MAX_PLACE + 1])
    if not words or len(place) > MAX_PLACE or not _PLACE.match(place) or words[0].casefold() in _NOT_FIRST:
        return False
    if words[0].islower() or words[-1].islower() or any(word.isdecimal() for word in words):
        return False
    return len(words) <= (MAX_PLACE_WORDS if _is_cased(place) else MAX_PLAIN_WORDS) and all(
        not word.islower() or word in _PARTICLES for word in words
    )


def _signs(signature: str) -> bool:
    """Whether brackets hold an agency and nothing but its services: "Reuters", "dpa/bb", "APA/Reuters/dpa"."""
    return len(signature) <= MAX_PLACE and not _PHOTO.search(signature) and is_agency(_SERVICE.sub(" ", signature))
