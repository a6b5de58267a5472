"""Indexing through the adapter beside bare `helpers.bulk`: the same documents into indices of the same settings, by
turns, on each of the test servers."""

import json
import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from elasticsearch import Elasticsearch, helpers

from connectors.elasticsearch import schema
from connectors.elasticsearch.articles import ElasticArticles
from connectors.elasticsearch.client import ElasticsearchSpec, open_client
from connectors.elasticsearch.documents import document
from tests.factories import NOON, make_article
from tests.servers.__main__ import started
from tests.servers.builds import Unavailable
from transforms.records import Article

ARTICLES, WORDS, BATCH = 10_000, 430, 500
#: The first batches, while a server warms up, do not count.
WARMING = 4
ASKED_OF_BARE = 0.85


def measure() -> dict[str, Any]:
    """Articles a second, as indexing the whole of them takes."""
    articles = _articles()
    try:
        with started() as servers:
            found = {name.rpartition("_")[2].lower(): _measure(url, articles) for name, url in servers.items()}
    except Unavailable as e:
        return {"skipped": str(e)}
    reached = all(one["of_bare"] >= ASKED_OF_BARE for one in found.values())
    return {"articles": ARTICLES, "words": WORDS, **found, "asked": ASKED_OF_BARE, "reached": reached}


def _measure(url: str, articles: Sequence[Article]) -> dict[str, float]:
    """Both take turns from batch to batch, so that whatever else the machine does slows both."""
    taken: dict[Callable[..., None], float] = {_bare: 0.0, _adapter: 0.0}
    with open_client(ElasticsearchSpec(urls=(url,))) as client, _store(client) as one, _store(client) as other:
        ways = [(_bare, one), (_adapter, other)]
        for number, at in enumerate(range(0, ARTICLES, BATCH)):
            batch = articles[at : at + BATCH]
            ready = [_document(article) for article in batch]
            for index, prefix in ways if number % 2 else reversed(ways):
                seconds = _seconds(index, client, prefix, batch, ready)
                if number >= WARMING:
                    taken[index] += seconds
        for index, prefix in ways:
            taken[index] += _seconds(lambda prefix: client.indices.refresh(index=f"{prefix}-*"), prefix)
            assert client.count(index=schema.articles(prefix))["count"] == ARTICLES
    theirs, ours = ((ARTICLES - WARMING * BATCH) / taken[index] for index in (_bare, _adapter))
    return {"bare_s": round(theirs), "adapter_s": round(ours), "of_bare": round(ours / theirs, 3)}


def _bare(client: Elasticsearch, prefix: str, batch: Sequence[Article], documents: Sequence[Any]) -> None:
    actions = (
        {"_index": schema.article_index(prefix, article), "_id": article.id, "_source": source}
        for article, source in zip(batch, documents, strict=True)
    )
    assert helpers.bulk(client, actions, chunk_size=BATCH) == (len(batch), [])


def _adapter(client: Elasticsearch, prefix: str, batch: Sequence[Article], _: Sequence[Any]) -> None:
    assert all(one.error is None for one in ElasticArticles(client, prefix).put(batch, now=NOON))


def _seconds(function: Callable[..., Any], *arguments: Any) -> float:
    started_at = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - started_at


@contextmanager
def _store(client: Elasticsearch) -> Iterator[str]:
    """The prefix of a store that is new, and goes away again."""
    prefix = f"newswire-benchmark-{uuid.uuid4().hex[:12]}"
    schema.init(client, prefix)
    try:
        yield prefix
    finally:
        client.indices.delete(index=f"{prefix}-*")
        client.indices.delete_index_template(name=f"{prefix}-*")
        client.cluster.delete_component_template(name=f"{prefix}-*")


def _document(article: Article) -> dict[str, object]:
    """What the adapter makes of an article; bare helpers are given it ready-made, and have not to make it."""
    made: dict[str, object] = json.loads(document(article, NOON))
    return made


def _articles() -> list[Article]:
    """Stories of words as rare and as common as words are."""
    chance = random.Random(7)
    letters = "etaoinshrdlucmfwygpbvk"
    vocabulary = ["".join(chance.choices(letters, k=chance.randint(2, 11))) for _ in range(30_000)]
    weights = [1 / (rank + 3) for rank in range(len(vocabulary))]

    def some(count: int) -> str:
        return " ".join(chance.choices(vocabulary, weights, k=count))

    return [
        make_article(
            id=f"1{number:024x}", url=f"https://wire.example/world/{number}", title=some(10), description=some(25),
            body="\n".join(some(WORDS // 10) for _ in range(10)), authors=(some(2),), keywords=(some(1), some(2)),
            published_at=NOON - number * timedelta(minutes=1),
        )
        for number in range(ARTICLES)
    ]  # fmt: skip
