"""Whether a query is true of an article, and why: spans for highlights, snippets for lists, evidence for alerts."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from transforms.analysis import terms
from transforms.documents import Document, Text, occurrences, read_as
from transforms.query import Both, Either, Not, Published, Query, Words, positive, written
from transforms.records import dated


class Snippet(NamedTuple):
    """A stretch of text and the character spans within it that matched."""

    text: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Why a query is true of an article: a part of the query, and where in the article its words stand first."""

    #: As one would type it: `title:"drone strike"~4`.
    clause: str
    field: str
    #: Character span within the field, and the words there as written.
    start: int
    end: int
    text: str
    #: With the words around it.
    snippet: Snippet


def holds(query: Query, document: Document) -> bool:
    """Whether the query is true of the article: what a search finds, and what a subscription fires for."""
    match query:
        case Words():
            return any(True for _ in document.occurrences(query))
        case Published(since, until):
            moment = dated(document.article)
            return (since is None or since <= moment) and (until is None or moment < until)
        case Both(parts):
            return all(holds(part, document) for part in parts)
        case Either(parts):
            return any(holds(part, document) for part in parts)
        case Not(part):
            return not holds(part, document)


def evidence(query: Query, document: Document) -> list[Match]:
    """Why the query is true of the article, each part and field once; empty where it is not true."""
    found: dict[tuple[str, str], Match] = {}
    for match in _evidence(query, document):
        found.setdefault((match.clause, match.field), match)
    return list(found.values())


def _evidence(query: Query, document: Document) -> list[Match]:
    match query:
        case Words():
            first: dict[str, Match] = {}
            clause = written(query)
            for text, start, end in document.occurrences(query):
                if text.field not in first:
                    shown = snippet(text.text, [(start, end)])
                    first[text.field] = Match(clause, text.field, start, end, text.text[start:end], shown)
            return list(first.values())
        case Published() if holds(query, document):
            moment = dated(document.article).isoformat()
            return [Match(written(query), "published", 0, len(moment), moment, Snippet(moment, ((0, len(moment)),)))]
        case Both(parts) if holds(query, document):
            return [match for part in parts for match in _evidence(part, document)]
        case Either(parts):  # of the alternatives those that are true
            return [match for part in parts for match in _evidence(part, document)]
        case _:
            return []


def spans(query: Query, field: str, text: str, language: str) -> list[tuple[int, int]]:
    """Character spans of `text` that the query's words match, in order, overlaps merged."""
    wanted = [words for words in positive(query) if words.field in ("", field)]
    if not wanted or not text:
        return []
    read: dict[str, Text] = {}
    return merged(hit for words in wanted for hit in _hits(words, field, text, language, read))


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that overlap or touch as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _hits(words: Words, field: str, text: str, language: str, read: dict[str, Text]) -> Iterator[tuple[int, int]]:
    analysed_as = read_as(words, field, language)
    analysed = read.get(analysed_as) or read.setdefault(analysed_as, Text(field, text, analysed_as))
    sought = terms(words.text, analysed_as)
    for first, last in occurrences(sought, analysed, prefix=words.prefix, slop=words.slop):
        yield analysed.tokens[first].start, analysed.tokens[last].end


def snippet(text: str, hits: Sequence[tuple[int, int]], *, width: int = 240) -> Snippet:
    """About `width` characters of `text` around the densest hits, cut at word ends; the start when there are none."""
    if not text:
        return Snippet("", ())
    if hits:
        starts = sorted(start for start, _ in hits)  # counted by halving: a text may be nothing but hits
        best = max(hits, key=lambda hit: bisect_left(starts, hit[0] + width) - bisect_left(starts, hit[0]))
        start = max(0, best[0] - width // 4)
    else:
        start = 0
    if start:
        start = next((i + 1 for i in range(start, min(start + 30, best[0])) if text[i].isspace()), start)
    end = min(len(text), start + width)
    if end < len(text):
        end = next((i for i in range(end, max(end - 30, start), -1) if text[i].isspace()), end)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    inside = tuple(
        (s - start + len(before), min(e, end) - start + len(before)) for s, e in hits if start <= s and s < end
    )
    return Snippet(before + text[start:end].replace("\n", " ") + after, inside)
