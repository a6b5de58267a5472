"""Where the words of a query stand in an article: spans for highlights, snippets for lists."""

from collections.abc import Sequence
from typing import NamedTuple

from transforms.analysis import terms, tokens, unstemmed
from transforms.query import Query, Words, positive


class Snippet(NamedTuple):
    """A stretch of text and the character spans within it that matched."""

    text: str
    spans: tuple[tuple[int, int], ...]


def spans(query: Query, field: str, text: str, language: str) -> list[tuple[int, int]]:
    """Character spans of `text` that the query's words match, in order, overlaps merged."""
    wanted = [words for words in positive(query) if words.field in ("", field)]
    if not wanted or not text:
        return []
    hits = sorted(hit for words in wanted for hit in _occurrences(words, text, language))
    merged: list[tuple[int, int]] = []
    for start, end in hits:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _occurrences(words: Words, text: str, language: str) -> list[tuple[int, int]]:
    analysed_as = unstemmed(language) if words.prefix else language
    found, sought = tokens(text, analysed_as), terms(words.text, analysed_as)
    if not sought:
        return []
    *head, last = sought
    return [
        (found[i].start, found[i + len(head)].end)
        for i in range(len(found) - len(head))
        if (found[i + len(head)].term.startswith(last) if words.prefix else found[i + len(head)].term == last)
        and all(found[i + j].term == term for j, term in enumerate(head))
    ]


def snippet(text: str, hits: Sequence[tuple[int, int]], *, width: int = 240) -> Snippet:
    """About `width` characters of `text` around the densest hits, cut at word ends; the start when there are none."""
    if not text:
        return Snippet("", ())
    if hits:
        best = max(hits, key=lambda hit: sum(1 for h in hits if hit[0] <= h[0] < hit[0] + width))
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
