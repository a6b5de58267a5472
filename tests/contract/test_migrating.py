"""A store of earlier mappings becomes one of ours, while somebody writes to it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from connectors.codec import to_data
from connectors.elasticsearch import analyzers, mappings, migrating, schema
from connectors.elasticsearch.bulk import Operation, write
from connectors.elasticsearch.client import ElasticsearchSpec, open_client
from connectors.elasticsearch.feeds import ElasticFeeds
from connectors.opening import migrate_store, open_store
from connectors.ports import Search
from tests.factories import NOON, make_article, make_feed
from transforms.errors import ConfigError, StoreFailed
from transforms.query import parse
from transforms.records import Article
from transforms.tags import Evidence, TopicTag, marks

pytestmark = pytest.mark.servers


LATER = mappings.MAPPING_VERSION + 1


def _of_version(monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    """From here on, newswire is one of this version of mappings."""
    for module in (mappings, schema, migrating):
        monkeypatch.setattr(module, "MAPPING_VERSION", version)


def test_nothing_is_lost_while_writing_goes_on(
    shared_server: str, prefix: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = prefix()
    spec = ElasticsearchSpec(urls=(shared_server,), prefix=name, patience_s=20)
    items = schema.single(name, "items")
    month = f"{schema.articles(name)}-en-2026.11"
    written: list[str] = []
    over = threading.Event()

    def go_on_writing() -> None:
        """As runs do: one that meets the block stops, and the next one does its work again."""
        with open_client(spec) as client:
            number = 0
            while not over.is_set():
                number += 1
                document = json.dumps({"feed_id": "f", "key": f"{number}"})
                try:
                    write(client, [Operation("index", items, f"while-{number}", document)])
                    written.append(f"while-{number}")
                except StoreFailed:
                    number -= 1
                    time.sleep(0.05)

    with open_client(spec) as client:
        schema.init(client, name)
        ElasticFeeds(client, name).add([make_feed(id=f"f{n}") for n in range(5)])
        before = [Operation("index", items, f"before-{n}", '{"feed_id": "f", "key": "k"}') for n in range(2_000)]
        before += [
            Operation("index", month, f"a{n}", '{"title": "Quiet"}', {"version": 7, "version_type": "external_gte"})
            for n in range(50)
        ]
        assert {one.status for one in write(client, before)} == {201}
        _of_version(monkeypatch, LATER)
        with pytest.raises(ConfigError, match="newswire store migrate"):
            schema.require_ready(client, name)
        writer = threading.Thread(target=go_on_writing)
        writer.start()
        try:
            done = migrating.migrate(client, name)
            time.sleep(0.5)
        finally:
            over.set()
            writer.join()
        assert f"index {items}.v{LATER}, in place of {items}" in done
        schema.require_ready(client, name)
        assert set(schema.versions(client, name).values()) == {LATER}
        client.indices.refresh(index=f"{name}-*")
        assert client.count(index=items)["count"] == 2_000 + len(written)
        assert client.count(index=schema.articles(name))["count"] == 50
        assert client.get(index=month, id="a1")["_version"] == 7
        assert len(ElasticFeeds(client, name).all()) == 5
        assert migrating.migrate(client, name) == []
        found = write(client, [Operation("index", month, "a1", "{}", {"version": 6, "version_type": "external_gte"})])
        assert found[0].status == 409, "a lower revision is still refused"


def test_what_does_not_fit_leaves_the_old_index_as_it_was(
    shared_server: str, prefix: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = prefix()
    items = schema.single(name, "items")
    with open_client(ElasticsearchSpec(urls=(shared_server,), prefix=name, patience_s=20)) as client:
        schema.init(client, name)
        write(client, [Operation("index", items, "1", '{"feed_id": "f", "key": "k"}')])
        _of_version(monkeypatch, LATER)
        monkeypatch.setitem(schema._SINGLE, "items", lambda: {"feed_id": {"type": "keyword"}})
        with pytest.raises(StoreFailed, match="do not fit the new mappings"):
            migrating.migrate(client, name)
        assert write(client, [Operation("index", items, "2", '{"feed_id": "f", "key": "k"}')])[0].status == 201
        client.indices.refresh(index=items)
        assert client.count(index=items)["count"] == 2


# From version 1 to version 2.

#: What version 2 has and version 1 did not know, by where it is.
NEW = {
    "": ("casualties", "topics_version", "marks", "killed", "injured", "bands"),
    "topics": ("stance", "against"),
    "topics.evidence": ("sentence",),
}


def _without(properties: dict[str, Any], path: str = "") -> dict[str, Any]:
    """A mapping's fields, or one of their values, as version 1 had them."""
    kept = {name: field for name, field in properties.items() if name not in NEW.get(path, ())}
    for name, field in kept.items():
        inner = f"{path}.{name}".lstrip(".")
        if isinstance(field, dict) and "properties" in field:
            kept[name] = {**field, "properties": _without(field["properties"], inner)}
        elif isinstance(field, list):
            kept[name] = [_without(one, inner) if isinstance(one, dict) else one for one in field]
    return kept


def _version_1(client: Elasticsearch, name: str, stored: list[Article]) -> None:
    """A store as version 1 left it: documents without marks, each of the version of its revision."""
    with pytest.MonkeyPatch.context() as earlier:
        _of_version(earlier, 1)
        fields = _without(mappings.article())
        earlier.setattr(mappings, "article", lambda: fields)
        earlier.setattr(analyzers, "MARKS", "")
        analyzers._plain_letters.cache_clear()
        schema.init(client, name)
    analyzers._plain_letters.cache_clear()
    operations = []
    for article in stored:
        index = schema.article_index(name, article)
        more = {"dated_at": NOON.isoformat(), "dated_us": 7}
        body = json.dumps(_without(to_data(replace(article, indexed_at=NOON))) | more)
        version = {"version": article.revision, "version_type": "external_gte"}
        place = json.dumps({"index": index, "revision": article.revision})
        operations += [
            Operation("index", index, article.id, body, version),
            Operation("index", schema.single(name, "places"), article.id, place),
        ]
    assert {(one.status, one.error) for one in write(client, operations)} == {(201, None)}


def _tag(name: str, *rules: str) -> TopicTag:
    found = tuple(Evidence(rule=rule, text="x", field="title", start=0, end=1) for rule in rules)
    return TopicTag(id=name, label=name, score=2, rule_version="1", evidence=found)


def test_version_1_becomes_what_a_new_store_is(shared_server: str, prefix: Callable[[], str]) -> None:
    name = prefix()
    spec = ElasticsearchSpec(urls=(shared_server,), prefix=name, patience_s=20)
    stored = [
        make_article(id="1a", topics=(_tag("syria", "places", "people"), _tag("airstrikes", "drone")), revision=2),
        make_article(id="1b", language="ar", title="وقُتل عشرة", topics=(_tag("syria", "places"),), keywords=("war",)),
        make_article(id="1c"),
    ]
    with open_client(spec) as client:
        _version_1(client, name, stored)
        assert set(schema.versions(client, name).values()) == {1}
        client.indices.refresh(index=f"{name}-*")
        vowels = {"match_phrase": {"title": "وقتل"}}
        assert client.count(index=schema.articles(name), query=vowels)["count"] == 0, "else nothing changed"
        assert migrate_store(spec)
        assert set(schema.versions(client, name).values()) == {mappings.MAPPING_VERSION}
        assert migrate_store(spec) == []
        hits = client.search(index=schema.articles(name), size=9)["hits"]["hits"]
        assert {hit["_id"]: hit["_source"]["marks"] for hit in hits} == {
            article.id: marks(article.topics) for article in stored
        }
        fresh = replace(stored[0], id="1new", language="fr")
    with open_store(spec) as store:
        archive = store.articles
        store.articles.put([fresh], now=NOON)
        assert archive.get(["1a", "1b", "1c"]) == {one.id: replace(one, indexed_at=NOON) for one in stored}
        found = archive.search(Search(query=parse("وقتل"))).hits
        assert [(hit.article.id, hit.title.spans) for hit in found] == [("1b", ((0, 5),))]
        for mark, expected in {
            "syria": {"1a", "1b", "1new"},
            "syria:stated": {"1a", "1b", "1new"},
            "airstrikes/drone": {"1a", "1new"},
            "syria:denied": set(),
        }.items():
            assert {hit.article.id for hit in archive.search(Search(topics=(mark,))).hits} == expected
        assert archive.topic_counts() == {"syria": 3, "airstrikes": 2}
        # What follows on the versions that version 1 gave its documents.
        outdated = archive.outdated("8", limit=9)
        assert {article.id for article in outdated} == {"1a", "1b", "1c", "1new"}
        assert archive.retag([replace(one, topics=(_tag("new", "x"),), topics_version="8") for one in outdated]) == 4
        assert archive.outdated("8", limit=9) == []
        archive.put(
            [replace(stored[0], title="The same again"), replace(stored[1], title="Next", revision=2)], now=NOON
        )
        assert [one.title for one in archive.get(["1a", "1b"]).values()] == ["The same again", "Next"]
        assert [one.revision for one in archive.revisions("1b")] == [1, 2]
    with open_client(spec) as client:
        _same_fields(client, name)


def _same_fields(client: Elasticsearch, name: str) -> None:
    """That an index which was migrated has the settings and fields of one made now."""
    month = f"{NOON:%Y.%m}"
    made = client.indices.get(index=[f"{schema.articles(name)}-{one}-{month}*" for one in ("en", "fr", "ar")]).body
    assert len(made) == 3
    assert len({json.dumps(one["mappings"], sort_keys=True) for one in made.values()}) == 1
    for index, one in made.items():
        language = index.removeprefix(f"{schema.articles(name)}-")[:2]
        letters = one["settings"]["index"]["analysis"]["char_filter"]["newswire_plain"]["mappings"]
        assert letters == list(analyzers.analysis(language)["char_filter"]["newswire_plain"]["mappings"])
        assert schema.articles(name) in one["aliases"]
