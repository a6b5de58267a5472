"""A store of earlier mappings becomes one of ours, while somebody writes to it."""

import json
import threading
import time
from collections.abc import Callable

import pytest

from connectors.elasticsearch import mappings, migrating, schema
from connectors.elasticsearch.bulk import Operation, write
from connectors.elasticsearch.client import ElasticsearchSpec, open_client
from connectors.elasticsearch.feeds import ElasticFeeds
from tests.factories import make_feed
from transforms.errors import ConfigError, StoreFailed

pytestmark = pytest.mark.servers


def _later(monkeypatch: pytest.MonkeyPatch, version: int) -> None:
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
        _later(monkeypatch, 2)
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
        assert f"index {items}.v2, in place of {items}" in done
        schema.require_ready(client, name)
        assert set(schema.versions(client, name).values()) == {2}
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
        _later(monkeypatch, 2)
        monkeypatch.setitem(schema._SINGLE, "items", lambda: {"feed_id": {"type": "keyword"}})
        with pytest.raises(StoreFailed, match="do not fit the new mappings"):
            migrating.migrate(client, name)
        assert write(client, [Operation("index", items, "2", '{"feed_id": "f", "key": "k"}')])[0].status == 201
        client.indices.refresh(index=items)
        assert client.count(index=items)["count"] == 2
