"""What the desk says around a story: in front of its headline, and in paragraphs of its own.

Each function looks at a bounded part of its text, so hostile copy costs no more than any other. Sources: agencies' copy
as papers print it, and the stylebooks' own words (AP, Reuters, AFP, dpa, EFE, Yonhap).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from transforms.agencies import split_credit as split_credit  # what a caption says about itself
from transforms.datelines import WEEKDAYS, find_days
from transforms.months import fold, month_of
from transforms.records import Status
from transforms.text import one_line
from transforms.zones import ABBREVIATIONS, offset, offset_of

#: What a marker says of the story, the weightiest first.
_WEIGHT: tuple[Status, ...] = ("withdrawn", "embargoed", "corrected", "usable")
_WITHDRAWN = r"withdrawn|withdrawal|kill(?:ed)?|retracted|retraction|mandatory\ kill|kill\ notice|story\ withdrawn"
_CORRECTED = r"""corrected|corrections?|refiled?|korrektur|korrigiert|berichtigung|rectificatif|rectifié
    |corrección|rectificación|correção|rettifica|errata(?:\ corrige)?|erratum|исправлено|исправление|تصحيح|düzeltme
    |更正|訂正|정정|rättelse|rettelse|sprostowanie"""
_UPDATED = r"""updated?(?:\ \d{1,2})?|wrapup(?:\ \d{1,2})?|\d{1,2}(?:st|nd|rd|th)\ (?:lead|ld)(?:-writethru)?
    |clarification|actualización|actualisation|actualisé|mise\ à\ jour|atualização|aktualisiert|aggiornamento
    |обновлено"""
#: These are words as well ("Corrigé: bac 2025"), and mark a story in capitals or in brackets only.
_LOUD = {
    "withdrawn": r"аннулировано|отозвано|zurückgezogen",
    "corrected": r"corrects|corrigé|corrige|corrigido|corregido|поправка|уточнение",
    "usable": r"lead|ld|rpt|repeat|recasts?|wrap|roundup(?:\ \d)?|wdh|amplía|ampliación|amp|actualiza|atualiza|повтор",
}
_MARKER = rf"""(?:(?P<withdrawn>{_WITHDRAWN})|(?P<corrected>{_CORRECTED})|(?P<usable>{_UPDATED})
    |(?P<loud_withdrawn>{_LOUD["withdrawn"]})|(?P<loud_corrected>{_LOUD["corrected"]})|(?P<loud_usable>{_LOUD["usable"]}))"""
#: A marker is set off from the headline, or "Withdrawal of troops begins" would withdraw itself. A hyphen, a stroke or
#: a bracket right behind it sets off capitals only ("CORRECTED-UPDATE 1-"): "Kill-switch" is a word.
_FRONT = re.compile(
    rf"""(?P<open>[\W_]{{0,6}})(?P<word>{_MARKER})
    (?:(?P<off>\s*(?:\.-|[:：–—|)\]】=+*])|\s+-|-\s|\s*$)|(?P<tight>\s*\([^()]{{1,40}}\)|\s*[-(/]))""",
    re.IGNORECASE | re.VERBOSE,
)
_AFTER_MARKER = re.compile(r"(?:[\s)\]】=+*|:：/–—]|\.-|-(?!\d))*")
#: What the desk has done, in brackets before or behind the headline: "(Corrects spelling)", "(Adds quote)".
_BRACKET = re.compile(
    r"""[(\[](?P<note>(?:(?P<corrected>correct(?:s|ed|ion)|refile[sd]|fixes|corrige|corregid[oa]|rectifi(?:e|cación)
    |berichtigt|korrigiert|исправлен\w{1,3})|adds|updates|recasts|rewrites|releads|removes|deletes|clarifies|repeats|inserts
    |restores|changes|edits|amends|writes|amplía|actualiza|atualiza|actualisé|aktualisiert|neu|добавлен\w{1,3}
    |обновлен\w{1,3})\b(?!-)[^\[\]]{0,400}?)[)\]]""",
    re.IGNORECASE | re.VERBOSE,
)
#: An embargo, with nothing but its time up to where it ends.
_EMBARGO = re.compile(
    r"""[\W_]{0,6}(?P<word>(?:strictly\ )?embargo(?:ed)?|(?:achtung,?\ )?sperrfrist|sous\ embargo|эмбарго)
    (?P<when>[^–—|]{0,60}?)\s*(?:/{2,}|[)\]】=*+]+|[:–—|](?!\s*\d)|-(?=\s)|$)\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_WHEN = WEEKDAYS | frozenset(
    """until till to for release publication broadcast not before at on uhr h hrs hours am pm a m bis ab den der jusqu
    au à du le hasta las los el de del до год года strictly""".split()  # noqa: SIM905
)
_ZONES = frozenset(ABBREVIATIONS.split("|"))
_CLOCK = re.compile(
    rf"""(?<![\d.,:/-])(?P<hour>\d{{1,2}})(?:[:.h](?P<minute>\d\d)|(?P<packed>\d\d))?(?::\d\d)?\s?(?:hrs?|hours|uhr|h)?
    \s?(?P<half>[ap]\.?m\.?)?\s?\(?(?:(?P<zone>(?-i:{ABBREVIATIONS}|gmt|utc))\b)?\s?(?P<offset>[+-]\d{{1,2}}(?::?\d\d)?)?""",
    re.IGNORECASE | re.VERBOSE,
)
#: The keyword slug of AP ("BC-ML--Syria, 3rd Ld-Writethru"), and Reuters' ("SYRIA-CRISIS/RUSSIA (UPDATE 2)").
_SLUG = re.compile(
    r"""(?P<ap>(?:BC|AP)-(?:[A-Z]{2,4}-?)?-[A-Z][\w\ .'’&-]{1,60})(?:,\s*(?P<ap_note>[^,]{2,40}))?(?:,.{0,20})?$
    |(?=[A-Z\d]*[-/][A-Z\d-]*(?:[/(\s]|$))(?P<reuters>[A-Z][A-Z\d]+(?:-[A-Z\d]+)*/(?:[A-Z\d][A-Z\d-]*)?)
        (?:\s\((?P<reuters_note>[A-Z\d ,.-]{2,40})\))?$
    |(?i:slug(?:line)?\s*[:=]\s*)(?P<said>\w[^:;()]{1,80}?)(?:\s*\((?P<said_note>[^()]{2,40})\))?[\s.]*$""",
    re.VERBOSE,
)
_SLUGGED = re.compile(r"\bslugged\s+[\"'“]?(?P<slug>[A-Z\d][\w/-]+)")
_EDITOR = re.compile(
    r"""(?:(?:attention[\s:,]+)?editors?(?:['’]s?|s['’])?(?:\ note)?|eds|anm(?:\.|erkung)\ d(?:\.|er)\ red(?:\.|aktion)
    |hinweis\ der\ redaktion|note\ de\ la\ rédaction|n\.?d\.?l\.?r\.?|nota\ del?\ (?:editor|(?:la\ )?redacción)
    |nota\ d[ao]\ (?:editor|redação)|n\.?d\.?r\.?|примечание\ редакции|от\ редакции|ملاحظة\ (?:المحرر|التحرير)
    |编者按|編集部注)
    \s*(?:[:：]|\s[-–—]\s)\s*(?P<text>\S.*)""",
    re.IGNORECASE | re.VERBOSE,
)
_KILL = re.compile(
    r"\b(?:please|must|kindly)\s+(?:kill|withdraw|disregard)\b|\bkill\s+(?:the|this)\s+(?:story|item)"
    r"|\b(?:story|article|dispatch|item)\s+(?:is|has been|was)\s+(?:withdrawn|killed|retracted)|zurückgezogen",
    re.IGNORECASE,
)
#: On a line of its own, or as its first words in capitals.
_KILLED = re.compile(r"(?P<word>mandatory kill|kill notice|story (?:withdrawn|killed|retracted))\b(?P<end>\W*$)?", re.I)
_CORRECTION = re.compile(
    r"""(?:(?P<usable>clarification|уточнение)|corrections?|corrected|korrektur|berichtigung|rectificatif|erratum|correctif
    |corrección|fe\ de\ errores|correção|erramos|rettifica|errata\ corrige|исправление|تصحيح|düzeltme|更正|訂正|정정)
    (?:\s?\([^()]{0,40}\)|,?\s[\w.]{3,12}\s\d{1,2}(?:,\s\d{4})?)?\s*[:：]\s*\S""",
    re.IGNORECASE | re.VERBOSE,
)
_STORY = re.compile(
    r"""(?:this|the\ \w+\ (?:of|in|to)\ this)(?:\ [\w.]+\ \d{1,2},?)?(?:\ [\w-]+){0,2}?
    \ (?P<what>story|article|report|item|version|dispatch|headline|post|piece)\b[^.]{0,40}?\ (?P<aux>was|has\ been|is)
    \ (?:\w+\ ){0,2}?(?:(?P<corrected>corrected|refiled|amended)
    |(?P<usable>updated|clarified|edited)|(?P<withdrawn>withdrawn|retracted))
    \b""",
    re.IGNORECASE | re.VERBOSE,
)
_EARLIER = re.compile(
    r"""(?:in\ )?an?\ (?:earlier|previous|prior)\ version\ of\ th(?:is|e)\b
    |une\ (?:première\ )?version\ (?:antérieure|précédente)\ de
    |in\ einer\ (?:früheren|vorherigen|ersten)\ (?:version|fassung)|una\ versión\ anterior\ de|uma\ versão\ anterior\ d
    |una\ versione\ precedente\ d|в\ предыдущей\ версии""",
    re.IGNORECASE | re.VERBOSE,
)
_EMBARGO_NOTE = re.compile(
    r"""(?:strictly\ )?embargo(?:ed)?\b(?:\ (?:for|from)\ \w+)?(?:\ (?:until|till|to|before)\b|\s*:)
    |hold\ for\ release\b
    |not\ (?:for|to\ be)\ (?:publication|release|broadcast|use|published|released)\b[\w ,]{0,30}\b(?:before|until)\b
    |(?:achtung,?\ )?sperrfrist\s*:|sous\ embargo\ jusqu|embargo\ jusqu|embarg(?:o|ado)\ hasta
    |эмбарго\ до|محظور\ النشر""",
    re.IGNORECASE | re.VERBOSE,
)
#: Markers follow each other ("CORRECTED-UPDATE 2-"), but not for ever.
MAX_MARKERS = 4
MAX_MARKER = 160
#: A note is a paragraph of its own, among the first or the last.
MAX_NOTES = 4
MAX_NOTE = 600
MAX_EDGE = 3_000
#: What tells of an embargo says little else.
MAX_EMBARGO = 160
_BACK_BRACKET = re.compile(rf"\s*[(\[]\s*(?P<word>{_MARKER})\s*[)\]]\s*$", re.IGNORECASE | re.VERBOSE)
_BACK_DASH = re.compile(rf"\s[-–—]\s?(?P<word>{_MARKER})$", re.IGNORECASE | re.VERBOSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """A headline, and what its markers say."""

    #: Without its markers; as it was where it is nothing but markers.
    title: str
    status: Status = "usable"
    #: The markers as written, joined by "; ".
    edition_note: str = ""
    slug: str = ""
    #: None as well where an embargo gives no date, time and zone.
    embargoed_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What the desk's notes in a text say; they stay in the text."""

    status: Status = "usable"
    #: The notes as written, without brackets and "Editor's note:", joined by "; ".
    edition_note: str = ""
    slug: str = ""
    embargoed_until: datetime | None = None


def read_headline(title: str) -> Headline:
    """The headline, on one line, without the markers that are set off at its start and its end.

    URGENT, BREAKING and FLASH stay, as do genres (ANALYSIS, FACTBOX): they are for the reader. An embargo that is over
    is an embargo here: what time it is, the caller knows.
    """
    whole = one_line(title)
    found: list[tuple[str, Status]] = []
    until: datetime | None = None
    rest = whole
    while len(found) < MAX_MARKERS and (step := _front(rest, first=not found)):
        note, status, rest = step
        found.append((note, status))
        until = until or (_moment(note) if status == "embargoed" else None)
    if back := _back(rest):
        note, status, rest = back
        found.append((note, status))
    slug, slug_note = _slug(whole, first=True)
    return Headline(
        title=rest or whole,
        status=_weightiest([status for _, status in found]),
        edition_note="; ".join(dict.fromkeys(filter(None, [*(note for note, _ in found), slug_note]))),
        slug=slug,
        embargoed_until=until,
    )


def read_notes(body: str) -> Notes:
    """What the desk says in paragraphs of its own, among the first and the last `MAX_NOTES` of a text."""
    found: list[tuple[str, Status]] = []
    slugs: list[str] = []
    until: datetime | None = None
    for number, line in enumerate(_edges(body)):
        slug, note = _slug(line, first=number == 0)
        if slug:
            slugs.append(slug)
            found += [(note, "usable")] if note else []
        elif said := _note(line):
            found.append(said)
            slugs += [slugged["slug"]] if said[1] == "withdrawn" and (slugged := _SLUGGED.search(line)) else []
            until = until or (_moment(line) if said[1] == "embargoed" else None)
    return Notes(
        status=_weightiest([status for _, status in found]),
        edition_note="; ".join(dict.fromkeys(note for note, _ in found)),
        slug=next(iter(slugs), ""),
        embargoed_until=until,
    )


def _weightiest(statuses: list[Status]) -> Status:
    return min(statuses, key=_WEIGHT.index, default="usable")


def _front(title: str, *, first: bool) -> tuple[str, Status, str] | None:
    """The marker a title begins with, its status, and the rest of the title."""
    start = title[:MAX_MARKER]
    if (embargo := _EMBARGO.match(start)) and _is_time(embargo):
        return (embargo["word"] + embargo["when"]).strip(), "embargoed", title[embargo.end() :].strip()
    if bracket := _BRACKET.match(start):
        status: Status = "corrected" if bracket["corrected"] else "usable"
        return bracket["note"].strip(), status, _AFTER_MARKER.sub("", title[bracket.end() :], count=1)
    if not (found := _FRONT.match(start)):
        return None
    word, end = found["word"], found.end()
    bracketed = any(mark in "([（【" for mark in found["open"])
    plain = word.isupper() or word.upper() == word.lower()
    numbered = word[-1].isdecimal() or word[0].isdecimal()
    if (found["tight"] and not (word.isupper() or numbered)) or (_is_loud(found) and not (plain or bracketed)):
        return None
    # A marker behind another one has to look like one: "Update: Killed - the names" goes on in prose.
    if not (first or plain or bracketed or numbered):
        return None
    note = word
    if bracketed and found["off"] and found["off"].strip() not in (")", "]", "）", "】"):
        # "(Corrected: adds name) Fourteen killed"
        closing = re.search(r"[)\]）】]", start[end:])
        note = start[found.start("word") : end + closing.start()] if closing else word
        end += closing.end() if closing else 0
    elif found["tight"] and found["tight"].endswith(")"):
        note = word + found["tight"]
    elif found["tight"] and found["tight"].endswith("("):
        end -= 1
    return note, _kind(found), _AFTER_MARKER.sub("", title[end:], count=1)


def _back(title: str) -> tuple[str, Status, str] | None:
    """The marker a title ends with: "… (corrected)", "… - UPDATE"."""
    start = max(0, len(title) - MAX_MARKER)
    opening = title.rfind("(", start)
    if opening > 0 and (desk := _BRACKET.fullmatch(title, opening)) and desk["corrected"]:
        return desk["note"].strip(), "corrected", title[:opening].rstrip()
    for pattern in (_BACK_BRACKET, _BACK_DASH):
        found = pattern.search(title, start)
        if not found or not title[: found.start()].strip():
            continue
        # "Candidates: Ann Lee (withdrawn)" is news, and so is "- KILLED".
        kind, loud = _kind(found), found["word"].isupper()
        plain = kind != "withdrawn" and not _is_loud(found)
        if (plain and loud) or (pattern is _BACK_BRACKET and (plain or loud)):
            return found["word"], kind, title[: found.start()].rstrip()
    return None


def _kind(found: re.Match[str]) -> Status:
    return next(status for status in _WEIGHT if status != "embargoed" and (found[status] or found[f"loud_{status}"]))


def _is_loud(found: re.Match[str]) -> bool:
    return any(found[f"loud_{status}"] for status in _LOUD)


def _is_time(embargo: re.Match[str]) -> bool:
    """Whether nothing but its time stands behind the word embargo, and the word is no story's own: "Embargo: why"."""
    words = re.findall(r"[^\W\d_]+", embargo["when"])
    return all(word.casefold() in _WHEN or word in _ZONES or month_of(fold(word), "") for word in words) and (
        embargo["word"].isupper() or any(letter.isdecimal() for letter in embargo["when"])
    )


def _slug(line: str, *, first: bool) -> tuple[str, str]:
    """A slug that is a line of its own, and the note behind it; a Reuters slug is known on the first line only."""
    found = _SLUG.match(line) if len(line) <= MAX_MARKER else None
    if not found or (found["reuters"] and not first):
        return "", ""
    note = found["ap_note"] or found["reuters_note"] or found["said_note"] or ""
    slug = found["ap"] or found["reuters"] or found["said"]
    if found["reuters"] and not (note or "-" in slug or slug.endswith("/")):  # HIV/AIDS
        return "", ""
    return slug.strip(), note.strip()


def _edges(body: str) -> Iterator[str]:
    """The first and the last paragraphs, each on one line, none empty."""
    cut = len(body) > 2 * MAX_EDGE
    first = [line for line in body[: MAX_EDGE if cut else None].split("\n") if line and not line.isspace()]
    # The first line of a cut is half a line.
    rest = body[-MAX_EDGE:].split("\n")[1:] if cut else first[MAX_NOTES:]
    for line in first[:MAX_NOTES] + [line for line in rest if line and not line.isspace()][-MAX_NOTES:]:
        if shown := one_line(line[:MAX_NOTE]):
            yield shown


def _note(line: str) -> tuple[str, Status] | None:
    """What a paragraph of the desk says, without its brackets and its label, and the status it gives the story."""
    bare = line.strip("*_ ")
    if bracket := _BRACKET.fullmatch(bare):
        return bracket["note"].strip(), "corrected" if bracket["corrected"] else "usable"
    if bare[:1] in ("(", "[") and bare[-1:] in (")", "]"):
        bare = bare[1:-1].strip()
    if editor := _EDITOR.fullmatch(bare):
        text = editor["text"].strip()
        return text, "withdrawn" if _KILL.search(text) else (_note(text) or (text, "usable"))[1]
    if (story := _STORY.match(bare)) or (story := _CORRECTION.match(bare)) or (story := _EARLIER.match(bare)):
        said = story.groupdict()
        if said.get("withdrawn") and (said["what"].lower() == "report" or said["aux"].lower() == "was"):
            return None  # "This report was withdrawn by the ministry" is the story
        return bare, "withdrawn" if said.get("withdrawn") else "usable" if said.get("usable") else "corrected"
    if (killed := _KILLED.match(bare)) and (killed["end"] is not None or killed["word"].isupper()):
        return bare, "withdrawn"
    return (bare, "embargoed") if len(bare) <= MAX_EMBARGO and _EMBARGO_NOTE.match(bare) else None


def _moment(text: str) -> datetime | None:
    """The moment of an embargo in UTC; None when it lacks its year, its time or its zone."""
    text = re.sub(r"(?<=\d)T(?=\d)", " ", text[:MAX_EMBARGO])
    day = next((day for day in find_days(text) if day[0]), None)
    clock = next(
        (clock for clock in _CLOCK.finditer(text) if clock["zone"] or (clock["offset"] and clock["minute"])), None
    )
    if not day or not clock:
        return None
    hour, minute = int(clock["hour"]), int(clock["minute"] or clock["packed"] or 0)
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"][0] in "pP" else 0)
    try:
        wall = datetime(day[0] or 0, day[1], day[2], hour, minute, tzinfo=UTC)
        ahead = _ahead(clock["zone"] or "", clock["offset"] or "", wall.replace(tzinfo=None))
        return None if ahead is None else wall - ahead
    except (ValueError, OverflowError):
        return None


def _ahead(zone: str, written: str, wall: datetime) -> timedelta | None:
    """How far the clock is ahead of UTC: "GMT+2" counts from GMT, "EST" for itself."""
    if written and zone.upper() in ("", "GMT", "UTC"):
        return offset(written)
    return offset_of(zone.upper() if zone.islower() else zone, wall, None)
