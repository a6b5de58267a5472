"""Searches in the servers' query language.

The server analyses the words of a query as each index analyses its documents, so the words of a query mean in every
language of the archive what they mean there; tests/contract/test_analyze says that it is what the embedded store does.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.hits import LEAST_ARTICLES, LEAST_SHARED, MOST_WORDS
from connectors.ports import Search
from transforms.analysis import BIGRAMS, terms
from transforms.query import TEXT_FIELDS, Both, Either, Not, Published, Query, Words
from transforms.records import Article

Clause = dict[str, Any]

#: How much more a match in the headline, the standfirst or the keywords weighs than one in the text.
WEIGHTS: Mapping[str, float] = {"title": 6.0, "description": 3.0, "keywords": 3.0, "body": 1.0}
#: The fields of a query that are names, and where their words are. A name is one term a word in every language.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "author": ("authors.words",),
    "source": ("source.name.words", "source.domain.words", "source.feed_id.words"),
    "agency": ("source.agency.words",),
    "topic": ("topics.id.words",),
}
#: Of a phrase that ends in a prefix, how many words the prefix may stand for in one field of one shard. A server counts
#: them all together, and OpenSearch has 1,024 for a query.
MAX_EXPANSIONS = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """A moment as `dated_us` has it: the servers' own dates end at milliseconds."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def compiled(search: Search) -> Clause:
    """What is found by a search, withdrawn articles too; it is scored where the order wants it."""
    scored = search.order == "relevance" and search.query is not None
    bools: Clause = {"filter": _filters(search)}
    if search.query is not None:
        bools |= {"must": [_clause(search.query)]} if scored else {"filter": [*bools["filter"], _clause(search.query)]}
    return {"bool": bools}


def order(search: Search) -> list[dict[str, str]]:
    """The total order of what is found: `dated_us` and `id` are in every article."""
    newest = [{"dated_us": "desc"}, {"id": "desc"}]
    return [{"_score": "desc"}, *newest] if search.order == "relevance" and search.query is not None else newest


def _filters(search: Search) -> list[Clause]:
    found: list[Clause] = [{"term": {"marks": mark}} for mark in search.topics]
    if search.sources:
        named = [{"term": {"source.name": {"value": one, "case_insensitive": True}}} for one in search.sources]
        exact = [{"terms": {field: list(search.sources)}} for field in ("source.feed_id", "source.domain")]
        found.append(_any([*exact, *named]))
    if search.languages:
        found.append({"terms": {"language": list(search.languages)}})
    bounds = {"gte": search.since, "lt": search.until}
    if search.since or search.until:
        found.append({"range": {"dated_us": {end: microseconds(at) for end, at in bounds.items() if at}}})
    return found


def _clause(query: Query) -> Clause:
    match query:
        case Words():
            return _words(query)
        case Published(since, until):
            bounds = {"gte": since, "lt": until}
            return {"range": {"dated_us": {end: microseconds(at) for end, at in bounds.items() if at}}}
        case Both(parts):  # a NOT beside others needs no level of its own; servers limit how deep a query goes
            wanted = [_clause(part) for part in parts if not isinstance(part, Not)]
            unwanted = [_clause(part.part) for part in parts if isinstance(part, Not)]
            return {"bool": {"must": wanted} | ({"must_not": unwanted} if unwanted else {})}
        case Either(parts):
            return _any([_clause(part) for part in parts])
        case Not(part):
            return {"bool": {"must_not": [_clause(part)]}}


def _words(sought: Words) -> Clause:
    if sought.field in ("language", "status"):
        whole = {"value": " ".join(terms(sought.text, "")), "case_insensitive": True}
        return {"prefix" if sought.prefix else "term": {sought.field: whole}}
    if names := _NAMES.get(sought.field):
        return _prefix(sought, names, [terms(sought.text, "")]) if sought.prefix else _phrase(sought, names)
    named = [sought.field] if sought.field else TEXT_FIELDS
    if not sought.prefix:
        return _phrase(sought, [f"{name}^{WEIGHTS[name]}" for name in named])
    # Stems mislead: see `transforms.analysis.unstemmed`.
    readings = [terms(sought.text, language) for language in ("", *BIGRAMS)]
    return _prefix(sought, [f"{name}.exact" for name in named], readings)


def _phrase(sought: Words, fields: Any) -> Clause:
    asked = {"query": sought.text, "type": "phrase", "fields": list(fields), "tie_breaker": 1.0}
    return {"multi_match": {**asked, "slop": sought.slop} if sought.slop else asked}


def _prefix(sought: Words, fields: Any, readings: list[list[str]]) -> Clause:
    """Words of which the last may go on. `readings` are its terms in all languages."""
    if all(len(reading) == 1 and reading == readings[0] for reading in readings):
        return _any([{"prefix": {field: {"value": readings[0][0]}}} for field in fields])
    asked = {"query": sought.text, "type": "phrase_prefix", "fields": list(fields), "tie_breaker": 1.0}
    return {"multi_match": {**asked, "max_expansions": MAX_EXPANSIONS}}


def _any(clauses: list[Clause]) -> Clause:
    return {"bool": {"should": clauses, "minimum_should_match": 1}} if len(clauses) > 1 else clauses[0]


def like(article: Article, index: str) -> dict[str, Any]:
    """What finds the articles of the same language that are most like `article`, which is in `index`."""
    telling = {
        "fields": ["title", "body"],
        "like": [{"_index": index, "_id": article.id}],
        "min_term_freq": 1,
        "min_doc_freq": LEAST_ARTICLES,
        "max_query_terms": MOST_WORDS,
        "minimum_should_match": f"{LEAST_SHARED}%",
    }
    return {"bool": {"must": [{"more_like_this": telling}], "filter": [{"term": {"language": article.language}}]}}
