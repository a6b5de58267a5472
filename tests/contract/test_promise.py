"""A subscription fires for an article if and only if a search finds it: the monitor and the embedded store agree on
generated articles and queries. The stores are held against each other in test_articles_servers."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.opening import SqliteSpec, open_store
from connectors.ports import Search
from tests.factories import NOON, make_article
from tests.unit.test_monitor import articles, queries
from transforms.monitor import Asked, Monitor
from transforms.query import Query, parse
from transforms.records import Article, Source


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(articles(), min_size=1, max_size=6), st.lists(queries, min_size=1, max_size=6))
def test_the_embedded_store_finds_what_the_monitor_fires_for(come: list[Article], wanted: list[Query]) -> None:
    come = [replace(article, id=f"1{number}") for number, article in enumerate(come)]
    monitor = Monitor((str(number), Asked(query=query)) for number, query in enumerate(wanted))
    fired = {article.id: set(monitor.match(article)) for article in come}
    with tempfile.TemporaryDirectory() as folder, open_store(SqliteSpec(str(Path(folder) / "x.db"))) as store:
        store.articles.put(come, now=NOON)
        for number, query in enumerate(wanted):
            found = {hit.article.id for hit in store.articles.search(Search(query=query, limit=100)).hits}
            assert found == {name for name, names in fired.items() if str(number) in names}, query


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("agency:afp", True),
        ('agency:"reuters afp"', True),
        ("agency:dpa", False),
        pytest.param('source:"meridian meridian"', False, id="not out of a name into the next"),
        ('"nothing happened"~2', True),
        pytest.param('"happened nothing"~1', False, id="two moves to turn two words round"),
        ('"happened nothing"~2', True),
        ("published:2026-11-18 -published:2025", True),
        ('quiet -"happened nothing"~1', True),
        ('quiet -"happened nothing"~2', False),
    ],
)
def test_what_full_text_search_alone_cannot_say(tmp_path: Path, query: str, found: bool) -> None:
    source = Source(name="The Meridian", feed_id="meridian-1", domain="meridian.example", agency="Reuters / AFP")
    with open_store(SqliteSpec(str(tmp_path / "x.db"))) as store:
        store.articles.put([make_article(source=source)], now=NOON)
        assert store.articles.search(Search(query=parse(query))).total == found
