"""Which of a page's titles is the headline. Pages state it in five places and dress it up in each: the site's name
behind it, the section before it, a shorter one for search engines. The places are heard as witnesses."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from transforms.records import Origin
from transforms.text import one_line, only_words
from transforms.urls import domain_of

#: What a title's parts are set off by. A hyphen or colon needs a blank, or "Al-Qaida" and "19:30" would fall apart.
_SEPARATOR = re.compile(
    r"\s*[|｜¦]\s*|\s+[-–—―·•»«›‹/\\~]+\s+|\s*[:：]\s+|_(?=\S{2,})|\s*::\s*|\s+[-–—]|[-–—]\s+|：|\s*»\s*"
)
_CUT = re.compile(r"\s*(?:…|\.\.\.)$")
#: A title that is the beginning of another one was cut (schema.org asked for 110 characters) when it is so long …
CUT_LENGTH = 20
#: … or so long, without dots to say so.
CUT_UNMARKED = 60
#: A witness for a text with something before or behind it speaks for that text with so much of its weight.
PARTLY = 0.65
#: A part with fewer words than this, and shorter, is as often a kicker or a section as a headline.
MIN_WORDS = 3
#: More parts than this are no title, but a list.
MAX_PARTS = 8
#: Each is compared with each.
MAX_WITNESSES = 30


@dataclass(frozen=True, slots=True)
class Witness:
    """One statement of the headline, and how much it counts."""

    text: str
    origin: Origin
    weight: float
    #: What the page itself sets apart in it, and may be the headline alone: the elements of a heading after the first.
    pieces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Heard:
    witness: Witness
    #: Without the outlet.
    text: str
    words: str
    #: The words of what is left when parts at its ends are taken off.
    parts: set[str]


def headline(witnesses: Sequence[Witness], site: Iterable[str] = ()) -> tuple[str, Origin]:
    """The headline and the first place that states it; empty where no witness says anything.

    `site` are the outlet's names and its domain: a title's part that is one of these is not of the headline. Each
    witness speaks for its whole text without the outlet, and less loudly for what is left of it without other parts
    at its ends. What is most spoken for is the headline; among equals, what the first witness says.
    """
    names = {_letters(name) for name in site} - {""}
    heard = [
        said for w in witnesses[:MAX_WITNESSES] if (said := _hear(w, names, alone=len(witnesses) == 1)) is not None
    ]
    best, most = "", -1.0
    origin: Origin = ""
    for said in heard:
        for text in (said.text, *filter(_says_enough, said.witness.pieces)):
            words = only_words(text)
            total = _support(text, words, heard, shown=said.witness.origin == "visible")
            if total > most:
                best, origin, most = text, said.witness.origin, total
    if best.isupper():  # a style of the page's; another witness may have it as written
        same = only_words(best)
        written = (said for said in heard if said.words == same and not said.text.isupper())
        best, origin = next(((said.text, said.witness.origin) for said in written), (best, origin))
    return best, origin


def without_site(title: str, site: Iterable[str]) -> str:
    """`title` without what it has of the outlet's names (`site`) at its ends, as feeds of feeds add them."""
    return _without_site(one_line(title), {_letters(name) for name in site} - {""})


def names_of_host(url: str) -> list[str]:
    """What of an address may stand for the outlet in a title: www.lantern.co.example, lantern.co.example, lantern."""
    host = domain_of(url)
    labels = host.split(".")
    return [host, f"www.{host}", *(label for label in labels[:-1] if len(label) > 3)]


def _hear(witness: Witness, names: set[str], *, alone: bool) -> _Heard | None:
    text = _without_site(one_line(witness.text), names)
    if alone:
        text = _longest_part(text)
    words = only_words(text)
    if not words or _letters(text) in names:
        return None
    ends = list(_SEPARATOR.finditer(text))
    parts = [text[: sep.start()] for sep in ends] + [text[sep.end() :] for sep in ends] if len(ends) < MAX_PARTS else []
    of_it = map(only_words, (*parts, *witness.pieces))
    return _Heard(witness, text, words, {w for w in of_it if _says_enough(w) and w != words})


def _support(text: str, words: str, heard: Sequence[_Heard], *, shown: bool) -> float:
    # What a reader sees is not cut without a sign of it.
    if _CUT.search(text) or (not shown and any(_is_cut_from(text, other.text) for other in heard)):
        return 0.0
    # One place may say it twice (a page's headline, and again in its player): it is one witness all the same.
    support: dict[Origin, float] = {}
    for other in heard:
        share = 1.0 if other.words == words else PARTLY * (words in other.parts or _is_cut_from(other.text, text))
        origin = other.witness.origin
        support[origin] = max(other.witness.weight * share, support.get(origin, 0.0))
    return sum(support.values())


def _says_enough(words: str) -> bool:
    return len(words.split()) >= MIN_WORDS or len(words) >= CUT_LENGTH


def _is_cut_from(text: str, whole: str) -> bool:
    """Whether `text` is the beginning of `whole`, cut off where no part of it ends."""
    start = _CUT.sub("", text)
    if len(start) < CUT_LENGTH or len(start) >= len(whole) or not whole.startswith(start):
        return False
    return start != text or (len(start) >= CUT_UNMARKED and not _SEPARATOR.match(whole, len(start)))


def _longest_part(title: str) -> str:
    """The part of a title that nobody else explains which is by far the longest: "Outlet :: Section :: Headline"."""
    parts = sorted(filter(None, re.split(r"\s*(?:\||::|»|\s[-–—]\s)\s*", title)), key=len, reverse=True)
    return parts[0] if 1 < len(parts) <= MAX_PARTS and len(parts[0]) >= 2 * len(parts[1]) else title


def _without_site(title: str, names: set[str]) -> str:
    """`title` without the parts at its ends that name the outlet, and what stands beyond them."""
    separators = list(_SEPARATOR.finditer(title))
    if not separators or len(separators) >= MAX_PARTS:
        return title
    starts = [0, *(sep.end() for sep in separators)]
    ends = [*(sep.start() for sep in separators), len(title)]
    named = [i for i, (a, b) in enumerate(zip(starts, ends, strict=True)) if _letters(title[a:b]) in names]
    last = min((i for i in named if i >= 1 and i >= len(starts) - 3), default=len(starts)) - 1
    first = 1 if 0 in named else 0
    return title[starts[first] : ends[last]].strip() if first <= last else title


def _letters(text: str) -> str:
    """For comparing names: "The Lantern" is thelantern.example's."""
    return re.sub(r"\W+", "", text).casefold().removeprefix("the").removeprefix("www")
