"""How near an answer comes to the truth: bodies, titles, authors, moments. Pure functions, whatever gave the answer."""

import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

_WORD = re.compile(r"\w+")
GRAM = 4
#: Zones differ from UTC by whole quarters of an hour, and by no more than this.
_FURTHEST_ZONE_S, _QUARTER_S = 14 * 3600, 900


class Overlap(NamedTuple):
    """What a body has in common with the true one, in shares of all their 4-grams: right, too much, missing."""

    right: float
    extra: float
    missing: float


class BodyScore(NamedTuple):
    #: The harmonic mean of the pages' mean precision and mean recall, as the benchmark's `evaluate.py` reports it.
    f1: float
    #: The F1 of the overlaps added up over the pages: every page weighs the same, whatever it answers.
    f1_of_sums: float


def grams(text: str) -> Counter[tuple[str, ...]]:
    """The runs of four words in a text and how often each occurs; a shorter text is one run."""
    words = _WORD.findall(text)
    runs = (tuple(words[at : at + GRAM]) for at in range(max(1, len(words) - GRAM + 1)))
    return Counter(run for run in runs if run)


def overlap(true: str, got: str) -> Overlap:
    """The shares of a page, which add up to one, so that long texts weigh no more; all zero where both are empty."""
    truth, answer = grams(true), grams(got)
    counts = ((truth & answer).total(), (answer - truth).total(), (truth - answer).total())
    return Overlap(*(count / max(1, sum(counts)) for count in counts))


def f1_of(page: Overlap) -> float:
    """The F1 of one page, or of overlaps added up; nothing where nothing belongs is right."""
    found = 2 * page.right + page.extra + page.missing
    return 2 * page.right / found if found else 1.0


def body_f1(true: str, got: str) -> float:
    """The F1 of one body."""
    return f1_of(overlap(true, got))


def body_score(pages: Iterable[Overlap]) -> BodyScore:
    """The F1 of many bodies, as zytedata/article-extraction-benchmark measures it: an empty answer has no precision to
    count and an empty truth no recall. Raises: ValueError without a page."""
    pages = list(pages)
    if not pages:
        raise ValueError("there are no pages to score")
    precision = _mean(page.right / (page.right + page.extra) for page in pages if page.right + page.extra)
    recall = _mean(page.right / (page.right + page.missing) for page in pages if page.right + page.missing)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return BodyScore(f1, f1_of(Overlap(*map(sum, zip(*pages, strict=True)))))


def _mean(values: Iterable[float]) -> float:
    """The mean; one where there is nothing to be wrong about."""
    return statistics.mean(list(values) or [1.0])


def only_letters(text: str) -> str:
    """`text` without case, punctuation and symbols, its words divided by single spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    kinds = ((char, unicodedata.category(char)) for char in plain)
    return " ".join("".join("" if kind == "Cf" else " " if kind[0] in "PSZC" else char for char, kind in kinds).split())


def title_equal(true: str, got: str) -> bool:
    """Whether two headlines differ in case, punctuation and spacing at most."""
    return only_letters(true) == only_letters(got)


def authors_f1(true: Iterable[str], got: Iterable[str]) -> float:
    """The F1 of a page's authors, whatever their order and case; naming nobody is right where nobody is named."""
    truth, answer = _names(true), _names(got)
    return 2 * len(truth & answer) / (len(truth) + len(answer)) if truth or answer else 1.0


def _names(names: Iterable[str]) -> set[str]:
    return {" ".join(unicodedata.normalize("NFC", name).casefold().split()) for name in names}


def date_right(true: str, got: datetime | None) -> bool:
    """Whether a moment is the true one, which is written as "2026-11-18T09:04Z" (to the minute), "2026-11-18" (that
    day in UTC), or "2026-11-18T09:04?" (a clock whose zone nobody knows: right in any zone there is)."""
    if got is None or not true:
        return got is None and not true
    written = datetime.fromisoformat(true.rstrip("Z?"))
    clock = got.replace(tzinfo=None, second=0, microsecond=0)
    if "T" not in true:
        return clock.date() == written.date()
    apart = abs((clock - written).total_seconds())
    return apart <= _FURTHEST_ZONE_S and apart % _QUARTER_S == 0 if true.endswith("?") else apart == 0


def day_right(true: str, got: datetime | None) -> bool:
    """Whether a moment is on the true day in UTC."""
    return date_right(true[:10], got)
