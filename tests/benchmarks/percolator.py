"""Which subscriptions of ../shared/bench match which documents: ours beside OpenSearch's own percolator, which is asked
with our analyzer, and then with `english`; and why the two differ there (docs/percolator.md).

`python -m tests.servers run -- python -m tests.benchmarks.percolator [--subscriptions N]`: JSON. It fails where our
pairs are not those of the percolator with our analyzer, or where a difference to `english` has no cause.
"""

import argparse
import gzip
import json
import os
import re
import sys
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from typing import Any

from elasticsearch import Elasticsearch, helpers

from connectors.elasticsearch import mappings
from connectors.elasticsearch.analyzers import analysis
from connectors.elasticsearch.client import ElasticsearchSpec, open_client
from connectors.elasticsearch.documents import document
from connectors.elasticsearch.queries import compiled
from connectors.ports import Search
from tests.factories import NOON, make_article
from tests.servers.__main__ import VARIABLES
from tests.shared import SHARED
from transforms.analysis import MARKS, places, stems, words
from transforms.monitor import Asked, Monitor
from transforms.query import Both, Either, Not, Query, Words, parse
from transforms.records import Article

BENCH = SHARED / "bench"
WHY_SKIPPED = "needs ../shared/bench (100,000 subscriptions, 999 documents), which is not beside this checkout"
ALL = 100_000
#: The first so many are counted apart.
COUNTED = (1_000, 10_000, ALL)
#: Documents in one request. A server prepares a query for each and keeps their words in one index.
BATCH = 25
#: What a batch has of different terms; above the limit a percolator compares every query in full.
CLAUSES = {"indices.query.bool.max_clause_count": 50_000}

#: For each subscription the documents it matches, as the bits of a number.
Pairs = list[int]


def bench(count: int) -> tuple[list[str], list[Article]]:
    """The first `count` queries, and all documents as articles that have nothing but a body."""
    with gzip.open(BENCH / "subscriptions.jsonl.gz", "rt") as lines:
        texts = [json.loads(next(lines))["q"] for _ in range(count)]
    documents = json.loads(gzip.decompress((BENCH / "documents.json.gz").read_bytes()))
    return texts, [make_article(id=f"1{n}", title="", body=one["body"]) for n, one in enumerate(documents)]


def monitored(texts: Sequence[str], articles: Sequence[Article]) -> Pairs:
    """What our own monitor finds."""
    monitor = Monitor((str(number), Asked(query=parse(text))) for number, text in enumerate(texts))
    found = [0] * len(texts)
    for at, article in enumerate(articles):
        for name in monitor.match(article):
            found[int(name)] |= 1 << at
    return found


def percolated_as_ours(
    client: Elasticsearch, texts: Sequence[str], articles: Sequence[Article], *, batch: int = BATCH
) -> Pairs:
    """What a server's percolator finds in an index of ours: its settings and fields, documents as the store writes
    them, queries as searches compile them."""
    return _percolated(
        client,
        {"analysis": analysis("en")},
        mappings.article(),
        [compiled(Search(query=parse(text))) for text in texts],
        [json.loads(document(article, NOON)) for article in articles],
        batch,
    )


def percolated_as_english(
    client: Elasticsearch, texts: Sequence[str], articles: Sequence[Article], *, batch: int = BATCH
) -> Pairs:
    """What it finds with the analyzer `english` in the one field, and the queries as they are written: the pairs of
    shared SEARCH.md."""
    return _percolated(
        client,
        {},
        {"body": {"type": "text", "analyzer": "english"}},
        [{"query_string": {"query": text, "default_field": "body"}} for text in texts],
        [{"body": article.body} for article in articles],
        batch,
    )


def _percolated(
    client: Elasticsearch,
    settings: dict[str, Any],
    fields: dict[str, Any],
    queries: Sequence[dict[str, Any]],
    documents: Sequence[dict[str, Any]],
    batch: int,
) -> Pairs:
    client = client.options(request_timeout=300)
    name = f"newswire-percolator-{uuid.uuid4().hex[:12]}"
    hits = {"number_of_replicas": 0, "refresh_interval": -1, "max_result_window": max(10_000, len(queries))}
    client.indices.create(
        index=name,
        settings={"index": hits | settings},
        mappings={"properties": fields | {"subscription": {"type": "percolator"}}},
    )
    try:
        rows = ({"_index": name, "_id": str(n), "subscription": query} for n, query in enumerate(queries))
        assert helpers.bulk(client, rows, chunk_size=1_000, stats_only=True) == (len(queries), 0)
        client.indices.refresh(index=name)
        found = [0] * len(queries)
        for at in range(0, len(documents), batch):
            asked = {"percolate": {"field": "subscription", "documents": documents[at : at + batch]}}
            answer = client.search(
                index=name, query={"bool": {"filter": [asked]}}, size=len(queries), source=False, track_total_hits=True
            )["hits"]
            assert answer["total"]["value"] == len(answer["hits"]), "not all that was found was told"
            for hit in answer["hits"]:
                for slot in hit["fields"]["_percolator_document_slot"]:
                    found[int(hit["_id"])] |= 1 << at + slot
        return found
    finally:
        client.indices.delete(index=name)


@contextmanager
def more_clauses(client: Elasticsearch) -> Iterator[None]:
    """A server that is allowed CLAUSES meanwhile."""
    client.cluster.put_settings(transient=CLAUSES)
    try:
        yield
    finally:
        client.cluster.put_settings(transient=dict.fromkeys(CLAUSES))


# Why the pairs of `english` are others. It reads texts otherwise than we in ten ways, each of which it could take from
# us without the others. The cause of a difference is the way that it would have to take for there to be none.

DOT, APOSTROPHE, COLON, COMMA, UNDERSCORE = "full stop", "apostrophe", "colon", "comma", "underscore"
MARK, LETTER, STOP, FOLD, STEM = "mark", "letter", "stop word", "accent", "stemmer"
WAYS = (STEM, DOT, APOSTROPHE, STOP, COLON, COMMA, FOLD, LETTER, MARK, UNDERSCORE)
_JOINS = {".": DOT, "'": APOSTROPHE, "’": APOSTROPHE, "＇": APOSTROPHE, ":": COLON, ",": COMMA, "_": UNDERSCORE}
#: What we take for the end of a word, wherever it stands.
_BETWEEN = re.compile(rf"[^\w{MARKS}]|_")
_PIECE = re.compile(rf"(?:[^\W_]|[{MARKS}])+")
#: Lucene's EnglishAnalyzer.
_STOP_WORDS = frozenset(
    re.findall(
        "[a-z]+",
        "a an and are as at be but by for if in into is it no not of on or such that the their then there these they "
        "this to was will with",
    )
)
#: The first of its filters: takes off `'s`.
_UNPOSSESSED = {"type": "stemmer", "language": "possessive_english"}


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of a text that both tokenizers cut at both ends, and what each makes of it."""

    theirs: tuple[str, ...]
    ours: tuple[str, ...]
    #: Whether theirs is one, and is ours with what stands between them.
    joined: bool


class Readings:
    """The documents as `english` reads them, but for the ways in which it is made to read as we do: from the tokens of
    a server's own tokenizer, through its own filters. The words of queries are letters and digits only."""

    def __init__(self, client: Elasticsearch, bodies: Sequence[str]) -> None:
        self._client = client
        self._bodies = [list(_stretches(body, _standard(client, body), places(body, "en"))) for body in bodies]
        #: What a chain of a server's filters makes of a word.
        self._made: dict[str, dict[str, str]] = defaultdict(dict)

    def pairs(self, queries: Sequence[Query], ways: Collection[str]) -> Pairs:
        """What the queries find. None of `ways`: the pairs of `english`; all WAYS: ours."""
        pieces = [[piece for one in body for piece in _pieces(one, ways)] for body in self._bodies]
        asked = {word for query in queries for one in _leaves(query) for word in one.text.split()}
        read = self._terms(asked.union(*pieces), ways)
        found = _Found([[read[piece] for piece in body] for body in pieces], read)
        return [found.of(query) or 0 for query in queries]

    def surfaces(self, at: int, word: str, ways: Collection[str]) -> list[str]:
        """The words of a document that are found by `word`, as the tokenizer of these ways leaves them; none by a stop
        word."""
        pieces = [piece for one in self._bodies[at] for piece in _pieces(one, ways)]
        read = self._terms({word, *pieces}, ways)
        return [piece for piece in pieces if read[piece] == read[word] != ""]

    def _terms(self, pieces: Iterable[str], ways: Collection[str]) -> dict[str, str]:
        """The term of each piece; empty for a stop word."""
        given = list(pieces)
        small = self._filtered(["lowercase"] if APOSTROPHE in ways else [_UNPOSSESSED, "lowercase"], given)
        kept = ["" if STOP not in ways and word in _STOP_WORDS else word for word in small]
        folded = [_PIECE.sub(_folded, word) if word and FOLD in ways else word for word in kept]
        return dict(zip(given, self._stems(folded, ways), strict=True))

    def _stems(self, folded: list[str], ways: Collection[str]) -> list[str]:
        return stems(folded, "en") if STEM in ways else self._filtered(["porter_stem"], folded)

    def _filtered(self, filters: list[Any], given: list[str]) -> list[str]:
        made = self._made[json.dumps(filters)]
        new = list({word for word in given if word} - made.keys())
        for at in range(0, len(new), 5_000):
            part = new[at : at + 5_000]
            answer = self._client.indices.analyze(tokenizer="keyword", filter=filters, text=part)["tokens"]
            made.update(zip(part, (token["token"] for token in answer), strict=True))
        return [made[word] if word else "" for word in given]


def _folded(found: re.Match[str]) -> str:
    return "".join(words(found[0], ""))


def _standard(client: Elasticsearch, text: str) -> list[tuple[int, int]]:
    """The character spans of the tokens of Lucene's StandardTokenizer. It counts in UTF-16."""
    at = [i for i, letter in enumerate(text) for _ in range(1 + (letter > "\uffff"))] + [len(text)]
    answer = client.indices.analyze(tokenizer="standard", text=text)["tokens"]
    return [(at[token["start_offset"]], at[token["end_offset"]]) for token in answer]


def _stretches(text: str, theirs: list[tuple[int, int]], ours: list[tuple[int, int]]) -> Iterator[_Stretch]:
    spans = sorted([(*span, True) for span in theirs] + [(*span, False) for span in ours])
    group: list[tuple[int, int, bool]] = []
    for span in [*spans, (len(text), len(text), True)]:
        if group and span[0] >= max(end for _, end, _ in group):
            one, other = (tuple(text[a:b] for a, b, is_theirs in group if is_theirs is it) for it in (True, False))
            yield _Stretch(one, other, joined=len(one) == 1 and _BETWEEN.sub("", one[0]) == "".join(other))
            group = []
        group.append(span)


def _pieces(stretch: _Stretch, ways: Collection[str]) -> Sequence[str]:
    if not stretch.joined:
        return stretch.ours if LETTER in ways else stretch.theirs
    if stretch.theirs == stretch.ours:
        return stretch.ours
    cut = _BETWEEN.sub(lambda it: " " if _JOINS.get(it[0], MARK) in ways else it[0], stretch.theirs[0])
    return [piece for piece in cut.split(" ") if piece]


def _leaves(query: Query) -> Iterator[Words]:
    match query:
        case Words():
            yield query
        case Both(parts) | Either(parts):
            for part in parts:
                yield from _leaves(part)
        case Not(part):
            yield from _leaves(part)


class _Found:
    """Lucene's reading of queries over terms: a word that is none is no part of the query, and leaves a gap."""

    def __init__(self, bodies: list[list[str]], read: dict[str, str]) -> None:
        self._bodies = bodies
        self._read = read
        self._with: dict[str, int] = defaultdict(int)
        for at, body in enumerate(bodies):
            for term in set(body):
                self._with[term] |= 1 << at

    def of(self, query: Query) -> int | None:
        """The documents, as bits; None of what has no words left."""
        match query:
            case Words(text):
                return self._phrase([self._read[word] for word in text.split()])
            case Either(parts):
                found = [one for part in parts if (one := self.of(part)) is not None]
                return _joined(found, int.__or__)
            case Both(parts):
                wanted = [one for part in parts if not isinstance(part, Not) and (one := self.of(part)) is not None]
                unwanted = [one for part in parts if isinstance(part, Not) and (one := self.of(part.part)) is not None]
                if not wanted and not unwanted:
                    return None
                everything = (1 << len(self._bodies)) - 1
                return (_joined(wanted, int.__and__) if wanted else everything) & ~(_joined(unwanted, int.__or__) or 0)
            case _:
                raise TypeError(query)

    def _phrase(self, sought: list[str]) -> int | None:
        places = [(place, term) for place, term in enumerate(sought) if term]
        if not places:
            return None
        found = _joined([self._with[term] for _, term in places], int.__and__) or 0
        if len(places) == 1:
            return found
        return sum(1 << at for at in bits(found) if self._stands(places, self._bodies[at]))

    def _stands(self, places: list[tuple[int, str]], body: list[str]) -> bool:
        (start, first), *more = places
        return any(
            body[at : at + 1] == [first]
            and all(body[at + place - start : at + place - start + 1] == [term] for place, term in more)
            for at in range(len(body))
        )


def _joined(found: list[int], join: Callable[[int, int], int]) -> int | None:
    return reduce(join, found) if found else None


def bits(number: int) -> Iterator[int]:
    """Which bits are set, the lowest first."""
    while number:
        yield (number & -number).bit_length() - 1
        number &= number - 1


def causes(
    readings: Readings, texts: Sequence[str], ours: Pairs, english: Pairs
) -> dict[tuple[int, int], list[tuple[str, ...]]]:
    """For each subscription and document that are a pair in one of the two only: the fewest ways that, taken from us,
    make `english` agree; more than one where any of them does. Raises: AssertionError, where there are none."""
    left = {n: one ^ other for n, (one, other) in enumerate(zip(ours, english, strict=True)) if one != other}
    found: dict[tuple[int, int], list[tuple[str, ...]]] = defaultdict(list)
    for size in range(1, len(WAYS) + 1):
        for ways in combinations(WAYS, size) if left else ():
            pairs = readings.pairs([parse(texts[n]) for n in left], ways)
            for n, now in zip(left, pairs, strict=True):
                for at in bits((now ^ english[n]) & left[n]):
                    found[n, at].append(ways)
        explained: dict[int, int] = defaultdict(int)
        for n, at in found:
            explained[n] |= 1 << at
        left = {n: rest for n, one in left.items() if (rest := one & ~explained[n])}
    assert not left, f"without a cause: {[texts[n] for n in left][:10]}"
    return dict(found)


def _total(pairs: Pairs) -> int:
    return sum(one.bit_count() for one in pairs)


def measure(client: Elasticsearch, count: int) -> dict[str, Any]:
    """The pairs of the first `count` subscriptions, three times, and the causes of what differs, each with how many
    pairs it makes of the first 1,000, 10,000 and 100,000 subscriptions, and one of them."""
    texts, articles = bench(count)
    ours = monitored(texts, articles)
    with more_clauses(client):
        same, english = (one(client, texts, articles) for one in (percolated_as_ours, percolated_as_english))
    readings = Readings(client, [article.body for article in articles])
    queries = [parse(text) for text in texts]
    assert readings.pairs(queries, ()) == english, "`english` is not what we take it for"
    assert readings.pairs(queries, WAYS) == ours, "the ways are not all there are"
    rows: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for (n, at), ways in sorted(causes(readings, texts, ours, english).items()):
        only = "ours" if ours[n] >> at & 1 else "english"
        rows[" or ".join(" and ".join(one) for one in ways), only].append((n, at))
    sizes = [size for size in COUNTED if size < count] + [count]
    return {
        "server": client.info()["version"]["number"],
        "documents": len(articles),
        "subscriptions": sizes,
        "ours": [_total(ours[:size]) for size in sizes],
        "percolator_as_ours": [_total(same[:size]) for size in sizes],
        "percolator_english": [_total(english[:size]) for size in sizes],
        "the_same": same == ours,
        "differences": [
            {
                "cause": cause,
                "only": only,
                "pairs": [sum(n < size for n, _ in pairs) for size in sizes],
                "example": _example(readings, texts, *pairs[0]),
            }
            for (cause, only), pairs in sorted(rows.items(), key=lambda row: -len(row[1]))
        ],
    }


def _example(readings: Readings, texts: Sequence[str], n: int, at: int) -> dict[str, Any]:
    """A pair: the query, the number of the document, and what in it only one of the two takes for a word of the
    query."""
    found = {}
    for word in dict.fromkeys(word for leaf in _leaves(parse(texts[n])) for word in leaf.text.split()):
        theirs, mine = (Counter(readings.surfaces(at, word, ways)) for ways in ((), WAYS))
        if theirs != mine:
            found[word] = {"english": sorted(theirs - mine)[:3], "ours": sorted(mine - theirs)[:3]}
    return {"query": texts[n], "document": at, "words": found}


def main() -> int:
    """0; 1 where our pairs are not the percolator's."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.percolator", description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=ALL, metavar="N", help="the first N (default: all)")
    count = parser.parse_args().subscriptions
    url = os.environ.get(VARIABLES["opensearch"])
    if url is None or not BENCH.exists():
        parser.error(WHY_SKIPPED if url else f"{VARIABLES['opensearch']} is not set; see `python -m tests.servers run`")
    with open_client(ElasticsearchSpec(urls=(url,))) as client:
        measured = measure(client, count)
    print(json.dumps(measured, indent=1, ensure_ascii=False))
    return 0 if measured["the_same"] else 1


if __name__ == "__main__":
    sys.exit(main())
