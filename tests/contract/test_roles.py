"""The roles in deploy/elasticsearch on a server with security on: enough for what they are for, and nothing beside."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from connectors.elasticsearch import mappings, migrating, schema
from connectors.elasticsearch.client import ElasticsearchSpec, open_client
from connectors.opening import init_store, open_store
from tests.factories import NOON, make_article, make_entry, make_feed
from tests.servers.server import PASSWORD as SUPERUSERS
from tests.servers.server import USER as SUPERUSER
from tests.servers.server import Server
from transforms.errors import ConfigError

pytestmark = pytest.mark.servers

DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "elasticsearch"
ROLES = {file.stem: file for file in DEPLOY.glob("*.json")}
#: Of users on a server that lives on loopback for some minutes.
PASSWORD = "of-no-worth-elsewhere"
Enter = Callable[[str], ElasticsearchSpec]


@pytest.fixture(scope="module")
def secured(secured_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the roles, and a user of each name, as deploy/compose.yaml puts them there."""
    assert secured_server.certificates is not None
    secured_server.ask("PUT", "/private", {})
    secrets = tmp_path_factory.mktemp("secrets")
    for name in ("elastic", "kibana", "writer", "administrator"):
        (secrets / f"{name}_password").write_text(SUPERUSERS if name == "elastic" else PASSWORD)
    variables = {
        "ELASTICSEARCH_URL": secured_server.url,
        "ELASTICSEARCH_USER": SUPERUSER,
        "SECRETS": str(secrets),
        "CURL_CA_BUNDLE": str(secured_server.certificates.ca_file),
    }
    for _ in range(2):  # again does no harm
        script = ["sh", str(DEPLOY / "install.sh")]
        done = subprocess.run(script, env=os.environ | variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert PASSWORD not in done.stdout + done.stderr
    for name in ("newswire-reader", "newswire-operator"):
        secured_server.ask("PUT", f"/_security/user/{name}", {"password": PASSWORD, "roles": [name]})
    yield secured_server
    for name in ROLES:
        secured_server.ask("DELETE", f"/_security/user/{name}")
        secured_server.ask("DELETE", f"/_security/role/{name}")
    secured_server.ask("DELETE", "/newswire-*,private")


@pytest.fixture(params=["user", "API key"])
def enter(secured: Server, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Enter:
    """How to get in with a role: as its user, or with a key that has it."""

    def spec(role: str) -> ElasticsearchSpec:
        assert secured.certificates is not None
        ca = {"urls": (secured.url,), "ca_file": str(secured.certificates.ca_file), "patience_s": 20}
        if request.param == "user":
            monkeypatch.setenv("TEST_PASSWORD", PASSWORD)
            return ElasticsearchSpec(**ca, user=role, password="${TEST_PASSWORD}")
        kept = json.loads(ROLES[role].read_text("utf-8"))
        made = secured.ask("POST", "/_security/api_key", {"name": role, "role_descriptors": {role: kept}})
        monkeypatch.setenv(f"TEST_KEY_{role[-5:].upper()}", made["encoded"])
        return ElasticsearchSpec(**ca, api_key=f"${{TEST_KEY_{role[-5:].upper()}}}")

    return spec


@pytest.fixture
def made(secured: Server, enter: Enter) -> Iterator[None]:
    """The store, made by the administrator."""
    init_store(enter("newswire-administrator"))
    yield
    secured.ask("DELETE", "/newswire-*")


def refused(call: Callable[..., Any], **arguments: Any) -> None:
    with pytest.raises(ConfigError, match="may not do it"):
        call(**arguments)


def opened(enter: Enter, role: str) -> AbstractContextManager[Elasticsearch]:
    return open_client(enter(role))


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, newswire is one that has other mappings."""
    version = mappings.MAPPING_VERSION + 1
    for module in (mappings, schema, migrating):
        monkeypatch.setattr(module, "MAPPING_VERSION", version)


@pytest.mark.usefixtures("made")
def test_a_writer_does_what_a_run_does_and_nothing_else(enter: Enter) -> None:
    article, later = make_article(), NOON + timedelta(minutes=10)
    with open_store(enter("newswire-writer")) as store:
        store.feeds.add([make_feed()])
        store.ledger.announce([make_entry()], run_id="1", until=later)
        store.articles.put([article], now=NOON)
        assert store.articles.get([article.id])[article.id].title == article.title
        assert store.articles.retag(store.articles.outdated("8", limit=9)) == 1
        assert [feed.id for feed in store.feeds.claim(by=NOON, until=later)] == ["wire"]
        assert store.feeds.next_due() is not None
        assert store.ledger.release("1") == 1
        assert store.ledger.claim(now=NOON, run_id="2", until=later, limit=9)
        assert store.ledger.next_due() is not None
        assert store.articles.status()
    with opened(enter, "newswire-writer") as client:
        month = schema.article_index("newswire", article)
        client.indices.refresh(index=month)
        assert client.count(index="newswire-articles")["count"] == 1
        refused(client.indices.delete, index=month)
        refused(client.indices.close, index=month)
        refused(client.indices.put_settings, index=month, settings={"index.blocks.write": True})
        refused(client.indices.update_aliases, actions=[{"remove": {"index": month, "alias": "newswire-articles"}}])
        refused(client.search, index="private")
        refused(client.index, index="private", document={"a": 1})
        refused(client.index, index="other", document={"a": 1})
        refused(client.cluster.put_component_template, name="newswire-settings", template={})
        refused(client.indices.delete_index_template, name="newswire-feeds")
        refused(client.security.put_user, username="another", password=PASSWORD, roles=["superuser"])
        refused(client.cluster.state)


@pytest.mark.usefixtures("made")
def test_a_reader_searches_the_articles_and_nothing_else(enter: Enter) -> None:
    with open_store(enter("newswire-writer")) as store:
        store.articles.put([make_article()], now=NOON)
        store.feeds.add([make_feed()])
    with opened(enter, "newswire-writer") as client:
        client.indices.refresh(index="newswire-articles")
    with opened(enter, "newswire-reader") as client:
        found = client.search(index="newswire-articles", query={"match": {"title": "quiet days"}})
        assert [hit["_source"]["title"] for hit in found["hits"]["hits"]] == ["Quiet day"]
        point = client.open_point_in_time(index="newswire-articles", keep_alive="1m")["id"]
        assert client.search(pit={"id": point})["hits"]["total"]["value"] == 1
        client.close_point_in_time(id=point)
        # What Kibana asks for a data view.
        assert "title" in client.field_caps(index="newswire-articles", fields="*")["fields"]
        refused(client.index, index="newswire-articles-en-2026.11", id="1a", document={"title": "Forged"})
        refused(client.delete, index="newswire-articles-en-2026.11", id="1a")
        refused(client.update, index="newswire-articles-en-2026.11", id="1a", doc={"title": "Forged"})
        refused(client.indices.delete, index="newswire-articles-en-2026.11")
        for other in ("newswire-ledger", "newswire-feeds", "newswire-revisions", "private"):
            refused(client.search, index=other)


@pytest.mark.usefixtures("made")
def test_an_operator_looks_into_ledger_and_feeds_and_changes_nothing(enter: Enter) -> None:
    with opened(enter, "newswire-operator") as client:
        for index in ("newswire-ledger", "newswire-feeds"):
            assert client.search(index=index)["hits"]["total"]["value"] == 0
            refused(client.index, index=index, document={"url": "a"})
        refused(client.search, index="private")
        refused(client.search, index="newswire-hosts")


def test_an_administrator_makes_the_store_and_moves_it(
    secured: Server, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = enter("newswire-administrator")
    assert "index newswire-ledger" in init_store(spec)
    assert init_store(spec) == []
    with open_store(enter("newswire-writer")) as store:
        store.feeds.add([make_feed()])
    later(monkeypatch)
    with open_client(spec) as client:
        schema.init(client, spec.prefix)
        assert migrating.migrate(client, spec.prefix)
        refused(client.search, index="private")
        refused(client.indices.delete, index="private")
        refused(client.security.put_user, username="another", password=PASSWORD, roles=["superuser"])
    with open_store(enter("newswire-writer")) as store:
        assert [feed.id for feed in store.feeds.all()] == ["wire"]
    secured.ask("DELETE", "/newswire-*")


@pytest.mark.usefixtures("made")
def test_roles_go_by_the_alias_after_a_migration_too(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch)
    spec = enter("newswire-administrator")
    with open_client(spec) as client:
        schema.init(client, spec.prefix)
        migrating.migrate(client, spec.prefix)
    with opened(enter, "newswire-operator") as client:
        assert client.search(index="newswire-ledger")["hits"]["total"]["value"] == 0
    with opened(enter, "newswire-writer") as client:
        client.index(index="newswire-items", id="1", document={"feed_id": "wire", "key": "1"})
