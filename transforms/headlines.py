"""Which of a page's titles is the headline. Pages state it in five places and dress it up in each: the site's name
behind it, the section before it, a shorter one for search engines. The places are heard as witnesses."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from transforms.records import Origin
from transforms.text import one_line, only_words

#: What a title's parts are set off by. A hyphen or colon needs a blank, or "Al-Qaida" and "19:30" would fall apart.
_SEPARATOR = re.compile(r"\s*[|｜¦]\s*|\s+[-–—―·•»«›‹/\\~]+\s+|\s*[:：]\s+|_(?=\S{2,})|\s*::\s*|\s+[-–—]|[-–—]\s+|：")
_CUT = re.compile(r"\s*(?:…|\.\.\.)$")
#: A title that is the beginning of another one was cut (schema.org asked for 110 characters) when it is so long.
CUT_LENGTH = 20
#: … or so long, without dots to say so.
CUT_UNMARKED = 60
#: A witness for a text with something before or behind it speaks for that text with so much of its weight.
PARTLY = 0.6
#: A part with fewer words than this, and shorter, is as often a kicker or a section as a headline.
MIN_WORDS = 3
#: More parts than this are no title, but a list.
MAX_PARTS = 8


@dataclass(frozen=True, slots=True)
class Witness:
    """One statement of the headline, and how much it counts."""

    text: str
    origin: Origin
    weight: float


def headline(witnesses: Sequence[Witness], site: Iterable[str] = ()) -> tuple[str, Origin]:
    """The headline and the first place that states it; empty where no witness says anything.

    `site` are the outlet's names and its domain: a title's part that is one of these is not of the headline. Each
    witness speaks for its whole text, for that text without the outlet, and for what another one states if that stands
    at one end of its text. What most is spoken for is the headline; among equals, what the first witness says.
    """
    names = {_letters(name) for name in site} - {""}
    heard: list[tuple[Witness, str, str]] = []
    for witness in witnesses:
        text = _without_site(one_line(witness.text), names)
        if len(witnesses) == 1:
            text = _longest_part(text)
        if (words := only_words(text)) and _letters(text) not in names:
            heard.append((witness, text, words))
    best, origin, most = "", cast(Origin, ""), -1.0
    for witness, text, words in heard:
        cut = _CUT.search(text) or any(_is_cut_from(text, whole) for _, whole, _ in heard)
        # One place may say it twice (a page's headline, and again in its player): it is one witness all the same.
        support: dict[Origin, float] = {}
        for other, said, own in heard:
            weight = other.weight * _speaks_for(said, own, text, words)
            support[other.origin] = max(weight, support.get(other.origin, 0.0))
        total = 0.0 if cut else sum(support.values())
        if total > most:
            best, origin, most = text, witness.origin, total
    if best.isupper():  # a style of the page's; another witness may have it as written
        best = next((said for _, said, own in heard if own == only_words(best) and not said.isupper()), best)
    return best, origin


def _speaks_for(said: str, own: str, text: str, words: str) -> float:
    """How much of its weight a witness that says `said` gives to `text`."""
    if own == words:
        return 1.0
    if _is_cut_from(said, text):
        return PARTLY
    if len(words.split()) < MIN_WORDS and len(words) < CUT_LENGTH:
        return 0.0
    # With a kicker before it, which a page may put into the same element, or with something set off behind it.
    dressed = own.endswith(f" {words}") or (own.startswith(f"{words} ") and not _is_cut_from(text, said))
    return PARTLY if dressed else 0.0


def _is_cut_from(text: str, whole: str) -> bool:
    """Whether `text` is the beginning of `whole`, cut off where no part of it ends."""
    start = _CUT.sub("", text)
    if len(start) < CUT_LENGTH or len(start) >= len(whole) or not whole.startswith(start):
        return False
    return start != text or (len(start) >= CUT_UNMARKED and not _SEPARATOR.match(whole, len(start)))


def _longest_part(title: str) -> str:
    """The part of a title that nobody else explains which is by far the longest: "Outlet :: Section :: Headline"."""
    parts = sorted(filter(None, _SEPARATOR.split(title)), key=len, reverse=True)
    return parts[0] if 1 < len(parts) <= MAX_PARTS and len(parts[0]) >= 2 * len(parts[1]) else title


def without_site(title: str, site: Iterable[str]) -> str:
    """`title` without what it has of the outlet's names (`site`) at its ends, as feeds of feeds add them."""
    return _without_site(one_line(title), {_letters(name) for name in site} - {""})


def _without_site(title: str, names: set[str]) -> str:
    """`title` without the parts at its ends that name the outlet."""
    parts = _SEPARATOR.split(title)
    if len(parts) < 2 or len(parts) > MAX_PARTS:
        return title
    spans = []
    at = 0
    for part in parts:
        begin = title.index(part, at)
        spans.append((begin, begin + len(part)))
        at = begin + len(part)
    first, last = 0, len(parts) - 1
    named = [i for i, part in enumerate(parts) if _letters(part) in names]
    for i in named:
        if i >= 1 and i >= len(parts) - 3:
            last = min(last, i - 1)
        elif i == 0:
            first = 1
    return title[spans[first][0] : spans[last][1]].strip() if first <= last else title


def _letters(text: str) -> str:
    """For comparing names: "The Lantern" is thelantern.example's."""
    return re.sub(r"\W+", "", text).casefold().removeprefix("the").removeprefix("www")
