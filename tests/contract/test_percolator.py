"""The bench of ../shared: our pairs are those of OpenSearch's own percolator with our analyzer, and what is otherwise
with `english` has known causes. docs/percolator.md has the figures for all 100,000 subscriptions. (The test build of
Elasticsearch comes without its percolator.)"""

from collections.abc import Iterator

import pytest
from elasticsearch import Elasticsearch

from connectors.elasticsearch.client import ElasticsearchSpec, open_client
from tests.benchmarks.percolator import (
    BENCH,
    WAYS,
    WHY_SKIPPED,
    Readings,
    bench,
    causes,
    monitored,
    percolated_as_english,
    percolated_as_ours,
)
from tests.servers.fixtures import server_url
from transforms.query import parse

pytestmark = [pytest.mark.servers, pytest.mark.skipif(not BENCH.exists(), reason=WHY_SKIPPED)]


@pytest.fixture(scope="module")
def client() -> Iterator[Elasticsearch]:
    with open_client(ElasticsearchSpec(urls=(server_url("opensearch"),), patience_s=10)) as opened:
        yield opened


def test_the_pairs_are_the_percolators(client: Elasticsearch) -> None:
    texts, articles = bench(2_000)
    found = monitored(texts, articles)
    assert sum(one.bit_count() for one in found) == 3_817
    percolated = percolated_as_ours(client, texts, articles)
    assert found == percolated, [
        text for text, one, other in zip(texts, found, percolated, strict=True) if one != other
    ][:10]


def test_what_the_analyzer_english_finds_otherwise_has_a_cause(client: Elasticsearch) -> None:
    texts, articles = bench(2_000)
    articles = articles[:300]
    ours, english = monitored(texts, articles), percolated_as_english(client, texts, articles)
    readings = Readings(client, [article.body for article in articles])
    queries = [parse(text) for text in texts]
    assert readings.pairs(queries, ()) == english
    assert readings.pairs(queries, WAYS) == ours
    found = causes(readings, texts, ours, english)
    assert sum((one ^ other).bit_count() for one, other in zip(ours, english, strict=True)) == len(found) > 50
    assert {("stemmer",), ("full stop",), ("apostrophe",)} < {ways for several in found.values() for ways in several}
