"""The queries of the analyst's guide and of the saved searches, asked of real servers."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from connectors.elasticsearch import mappings
from connectors.elasticsearch.client import ElasticsearchSpec, open_client
from connectors.opening import init_store, load_taxonomy, open_store
from pipelines.kibana.lens import View
from pipelines.kibana.objects import saved_objects
from tests.factories import make_article
from tests.kql import parse
from transforms.records import Article, Source
from transforms.tags import Casualty, Evidence, TopicTag

#: Every field of the three data views; tests/unit/test_kibana holds each search against its own.
VIEWED = {
    field
    for properties in (mappings.article(), mappings.ledger(), mappings.feed())
    for field in View.of("v", "all", "", properties).fields
}
GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "analyst.md").read_text("utf-8")


def examples(language: str) -> list[str]:
    [block] = re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    return [line for line in block.splitlines() if not line.startswith("#")]


def topic(name: str, words: str, field: Any = "body") -> TopicTag:
    evidence = (Evidence(rule="r", text=words, field=field, start=0, end=len(words)),)
    return TopicTag(id=name, label=name.title(), score=3, rule_version="1", evidence=evidence)


def archive(now: datetime) -> list[Article]:
    """A day's news, of which each example finds some and not all."""
    meridian = Source(name="The Meridian Courier", feed_id="meridian", domain="meridian.example")
    story = make_article(
        id="strike",
        title="Airstrikes on hospital in Idlib",
        body="An air strike on the hospital in Idlib killed three civilians.",
        authors=("Hélène Marchetti",),
        source=meridian,
        topics=(
            topic("syria", "Idlib", "title"),
            topic("airstrikes", "air strike"),
            topic("civilian-casualties", "killed three civilians"),
        ),
        casualties=(
            Casualty(kind="killed", min=3, max=3, who="civilians", evidence=topic("x", "killed three").evidence[0]),
        ),
        edition_note="UPDATE 2",
        revision=2,
        published_at=now - timedelta(hours=1),
        first_seen_at=now - timedelta(hours=1),
        fetched_at=now,
    )
    french = replace(
        story,
        id="frappe",
        title="Un hôpital bombardé à Alep",
        body="Des civils tués à Alep.",
        authors=(),
        source=replace(meridian, name="Le Fil"),
        language="fr",
        topics=(topic("civilian-casualties", "civils tués", "title"),),
        casualties=(),
        edition_note="",
        status="corrected",
        partial=True,
        revision=1,
    )
    old = datetime(2026, 3, 1, tzinfo=UTC)
    quiet = make_article(id="quiet", title="Families displaced by hamsters", published_at=old, first_seen_at=old)
    gone = replace(quiet, id="gone", title="Hamster show opens", status="withdrawn", revision=3)
    return [story, french, quiet, gone]


@contextmanager
def filled(url: str, prefix: str) -> Iterator[Elasticsearch]:
    """A client of a server that has the archive."""
    spec = ElasticsearchSpec(urls=(url,), prefix=prefix, patience_s=20)
    init_store(spec)
    with open_store(spec) as store:
        now = datetime.now(UTC)
        assert all(one.error is None for one in store.articles.put(archive(now), now=now))
    with open_client(spec) as client:
        client.indices.refresh(index=f"{prefix}-*")
        yield client


@pytest.mark.servers
def test_every_example_finds_something_and_not_everything(shared_server: str, prefix: Callable[[], str]) -> None:
    name = prefix()
    with filled(shared_server, name) as client:
        fields = View.of("v", "articles", "dated_at", mappings.article()).fields.keys()
        # As Kibana asks, where the query bar is switched to Lucene.
        lucene = {one: {"query_string": {"query": one, "analyze_wildcard": True}} for one in examples("lucene")}
        for example, query in ({one: parse(one, fields) for one in examples("kql")} | lucene).items():
            found = client.search(index=f"{name}-articles", query=query)["hits"]["total"]["value"]
            assert 0 < found < 4, example


@pytest.mark.servers
def test_saved_searches_find_what_they_are_named_for(shared_server: str, prefix: Callable[[], str]) -> None:
    name = prefix()
    now = datetime.now(UTC)
    well = {"failures": 0, "paused": False, "muted": False, "last_polled_at": now, "last_new_at": now}
    long_ago = now - timedelta(days=9)
    feeds = {
        "well": well,
        "failing": {**well, "failures": 6},
        "paused": {**well, "failures": 6, "paused": True},
        "silent": {**well, "last_new_at": long_ago},
        "never": {**well, "last_new_at": None},
        "forgotten": {**well, "last_polled_at": now - timedelta(days=2)},
        "gone": {**well, "muted": True},
    }
    found: dict[str, set[str]] = {}
    with filled(shared_server, name) as client:
        for feed, kept in feeds.items():
            client.index(index=f"{name}-feeds", id=feed, document=kept, refresh=True)
        for state in ("pending", "done", "rejected"):
            client.index(index=f"{name}-ledger", id=state, document={"state": state}, refresh=True)
        objects = saved_objects(name, load_taxonomy().topics)
        views = {one["id"]: one["attributes"] for one in objects if one["type"] == "index-pattern"}
        for one in objects:
            if one["type"] == "search":
                kept = one["attributes"]
                query = json.loads(kept["kibanaSavedObjectMeta"]["searchSourceJSON"])["query"]["query"]
                [[field, order]] = kept["sort"]
                answer = client.search(
                    index=views[one["references"][0]["id"]]["title"],
                    query=parse(query, VIEWED),
                    sort=[{field: order}],
                )
                found[one["id"].removeprefix(f"{name}-")] = {hit["_id"] for hit in answer["hits"]["hits"]}
    others = {f"topic-{topic.id}": set() for topic in load_taxonomy().topics}
    assert found == others | {
        "latest": {"strike", "frappe", "quiet", "gone"},
        "casualties": {"strike"},
        "topic-syria": {"strike"},
        "topic-airstrikes": {"strike"},
        "topic-civilian-casualties": {"strike", "frappe"},
        "changed": {"strike", "frappe", "gone"},
        "rejected": {"rejected"},
        "stale-feeds": {"failing", "silent", "never", "forgotten", "gone"},
    }


def test_there_are_examples() -> None:
    assert len(examples("kql")) > 10
    assert len(examples("lucene")) > 10
