"""Indexing through the adapter beside bare `helpers.bulk`: the same documents into indices of the same settings, by
turns, on each of the test servers."""

import random
import statistics
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from elasticsearch import Elasticsearch, helpers

from connectors.codec import to_data
from connectors.elasticsearch import schema
from connectors.elasticsearch.articles import ElasticArticles
from connectors.elasticsearch.client import ElasticsearchSpec, open_client
from connectors.elasticsearch.queries import microseconds
from tests.factories import NOON, make_article
from tests.servers.__main__ import started
from transforms.records import Article

ARTICLES, WORDS, BATCH, ROUNDS = 3_000, 430, 500, 3
ASKED_OF_BARE = 0.85


def measure() -> dict[str, Any]:
    """Articles a second, the median of the rounds; a round ends when all of it can be searched."""
    articles = _articles()
    with started() as servers:
        found = {name.rpartition("_")[2].lower(): _measure(url, articles) for name, url in servers.items()}
    reached = all(one["of_bare"] >= ASKED_OF_BARE for one in found.values())
    return {"articles": ARTICLES, "words": WORDS, **found, "asked": ASKED_OF_BARE, "reached": reached}


def _measure(url: str, articles: Sequence[Article]) -> dict[str, float]:
    documents = [_document(article) for article in articles]

    def bare(client: Elasticsearch, prefix: str) -> None:
        actions = (
            {"_index": schema.article_index(prefix, article), "_id": article.id, "_source": document}
            for article, document in zip(articles, documents, strict=True)
        )
        assert helpers.bulk(client, actions, chunk_size=BATCH) == (ARTICLES, [])

    def adapter(client: Elasticsearch, prefix: str) -> None:
        archive = ElasticArticles(client, prefix)
        for at in range(0, ARTICLES, BATCH):
            assert all(one.error is None for one in archive.put(articles[at : at + BATCH], now=NOON))

    with open_client(ElasticsearchSpec(urls=(url,))) as client:
        _seconds(client, bare)  # the server's first documents are slow, and count for nobody
        taken = [(_seconds(client, bare), _seconds(client, adapter)) for _ in range(ROUNDS)]
    theirs, ours = (ARTICLES / statistics.median(times) for times in zip(*taken, strict=True))
    return {"bare_s": round(theirs), "adapter_s": round(ours), "of_bare": round(ours / theirs, 3)}


def _seconds(client: Elasticsearch, index: Callable[[Elasticsearch, str], None]) -> float:
    """How long it takes to index into a store that is new and goes away again."""
    prefix = f"newswire-benchmark-{uuid.uuid4().hex[:12]}"
    schema.init(client, prefix)
    try:
        started_at = time.perf_counter()
        index(client, prefix)
        client.indices.refresh(index=f"{prefix}-*")
        taken = time.perf_counter() - started_at
        assert client.count(index=schema.articles(prefix))["count"] == ARTICLES
        return taken
    finally:
        client.indices.delete(index=f"{prefix}-*")
        client.indices.delete_index_template(name=f"{prefix}-*")
        client.cluster.delete_component_template(name=f"{prefix}-*")


def _document(article: Article) -> dict[str, object]:
    dated = article.published_at or article.first_seen_at
    return {**to_data(article), "dated_at": dated.isoformat(), "dated_us": microseconds(dated)}


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
