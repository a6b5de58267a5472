"""Getting in, staying in, and what is said when that fails: against a stand-in for what real servers do rarely, and
against real ones."""

from __future__ import annotations

import json
import logging
import pickle
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import BadRequestError, NotFoundError

from connectors.elasticsearch import transport
from connectors.elasticsearch.client import ElasticsearchSpec, open_client
from connectors.elasticsearch.failures import failure, item_failure
from connectors.elasticsearch.mappings import MAPPING_VERSION
from connectors.elasticsearch.schema import article_index, init, require_ready, versions
from tests.factories import make_article
from tests.servers.server import PASSWORD, USER, Server
from transforms.errors import Busy, ConfigError, Resting, StoreFailed, Unindexable, Unreachable

Answer = tuple[int, Any]
SECRET = "bm90LWZvci15b3VyLWV5ZXM="
BLOCKED = {"type": "cluster_block_exception", "reason": "index [a] blocked by: [FORBIDDEN/8/index write (api)];"}
FLOOD = {"type": "cluster_block_exception", "reason": "disk usage exceeded flood-stage watermark"}


def info(number: str, **version: str) -> dict[str, Any]:
    return {"version": {"number": number, "lucene_version": "9.12.2", **version}, "tagline": "You Know, for Search"}


class StandIn(ThreadingHTTPServer):
    """A server that answers as it is told, a list of answers one by one and its last one for ever."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.info: Answer = (200, info("8.19.0"))
        self.answers: list[Answer] = [(200, {"ok": True})]
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def spec(self, **options: Any) -> ElasticsearchSpec:
        return ElasticsearchSpec(**{"urls": (self.url,), "timeout_s": 2.0, "patience_s": 0.0, **options})


class _Handler(BaseHTTPRequestHandler):
    server: StandIn

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.command, self.path, headers))
        if "compatible-with=9" in headers.get("accept", "") + headers.get("content-type", ""):
            # What 8.19 says of a media type of a later version.
            status, said = 400, {"error": {"type": "media_type_header_exception", "reason": "Invalid media-type value"}}
        elif self.path == "/":
            status, said = self.server.info
        else:
            status, said = self.server.answers[0]
            del self.server.answers[: len(self.server.answers) > 1]
        if status == 0:
            self.close_connection = True
            return
        body = said.encode() if isinstance(said, str) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(said, str) else "application/json")
        if self.path == "/" and status == 200:
            self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_HEAD = _answer  # noqa: N815 - http.server's names

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    monkeypatch.setattr(transport, "FIRST_GAP_S", 0.01)
    with StandIn() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


# which servers


@pytest.mark.parametrize(
    "version",
    [
        pytest.param(info("8.19.0"), id="Elasticsearch 8.19"),
        pytest.param(info("9.4.3"), id="Elasticsearch 9"),
        pytest.param(info("10.0.0"), id="a later one"),
        pytest.param(info("2.19.1", distribution="opensearch"), id="OpenSearch 2.19"),
        pytest.param(info("3.6.0", distribution="opensearch"), id="OpenSearch 3"),
    ],
)
def test_plain_json_is_what_all_of_them_take(stand_in: StandIn, version: dict[str, Any]) -> None:
    stand_in.info = (200, version)
    with open_client(stand_in.spec()) as client:
        client.index(index="a", id="1", document={"a": 1})
        client.bulk(operations=[{"index": {"_index": "a"}}, {"a": 1}])
    sent = [(path, headers["accept"], headers.get("content-type")) for _, path, headers in stand_in.asked]
    assert sent == [
        ("/", "application/json", None),
        ("/a/_doc/1", "application/json", "application/json"),
        ("/_bulk", "application/json", "application/x-ndjson"),
    ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param((200, info("8.18.9")), "elasticsearch 8.18.9 is too old; newswire needs 8.19", id="Elasticsearch"),
        pytest.param((200, info("7.17.0")), "elasticsearch 7.17.0 is too old", id="a very old one"),
        pytest.param(
            (200, info("2.9.0", distribution="opensearch")), "opensearch 2.9.0 is too old; newswire needs 2.19",
            id="OpenSearch",
        ),
        pytest.param((200, {"version": {"number": "9.1"}}), "neither Elasticsearch nor OpenSearch", id="no Lucene"),
        pytest.param((200, {"version": "9.1"}), "neither Elasticsearch nor OpenSearch", id="some other API"),
        pytest.param((200, [1]), "neither Elasticsearch nor OpenSearch", id="a list"),
        pytest.param((200, "<h1>Welcome to nginx</h1>"), "neither Elasticsearch nor OpenSearch", id="a web site"),
        pytest.param((404, {"detail": "Not Found"}), "neither Elasticsearch nor OpenSearch", id="nothing there"),
        pytest.param((401, {"error": {"type": "security_exception"}}), "does not accept this user", id="401"),
        pytest.param((403, {"error": {"reason": "monitor is unauthorized"}}), "may not do it: monitor is", id="403"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_at_once(stand_in: StandIn, answer: Answer, words: str) -> None:
    stand_in.info = answer
    with pytest.raises(ConfigError, match=words), open_client(stand_in.spec(patience_s=60)):
        pass
    assert len(stand_in.asked) == 1


# bad minutes


def test_a_busy_server_is_asked_again(stand_in: StandIn) -> None:
    stand_in.answers = [
        (429, {"error": {"type": "es_rejected_execution_exception"}}),
        (503, "busy"),
        (0, ""),
        (200, {}),
    ]
    with open_client(stand_in.spec(patience_s=30)) as client:
        client.search(index="a")
    assert len(stand_in.asked) == 5


def test_that_there_is_no_answer_yet_is_said_once(stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    with open_client(stand_in.spec(patience_s=30)) as client:
        for _ in range(2):
            stand_in.answers = [(503, "busy")] * 6 + [(200, {})]
            client.search(index="a")
    said = [one.getMessage() for one in caplog.records if one.name == "newswire.store"]
    assert len(said) == 2
    assert said[0].startswith(stand_in.url)
    assert "it is asked again for up to 30 seconds" in said[0]


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        pytest.param((429, {"error": {"reason": "queue full"}}), Busy, "queue full", id="429"),
        pytest.param((503, {"error": {**BLOCKED, "reason": "no master"}}), Busy, "no master", id="503"),
        pytest.param((502, "<h1>Bad gateway</h1>"), Unreachable, "a gateway has no answer", id="502"),
        pytest.param((0, ""), Unreachable, "broke off", id="hung up"),
        pytest.param((403, {"error": BLOCKED}), StoreFailed, "cannot be written: index .a. blocked", id="write block"),
        pytest.param((429, {"error": FLOOD}), StoreFailed, "flood-stage", id="full disk"),
        pytest.param((401, {"error": "no"}), ConfigError, "does not accept", id="401"),
        pytest.param((400, {"error": {"type": "x"}}), BadRequestError, "x", id="400 is for the caller"),
        pytest.param((404, {"found": False}), NotFoundError, "404", id="404 is for the caller"),
    ],
)
def test_failures_are_sorted(stand_in: StandIn, answer: Answer, kind: type[Exception], reason: str) -> None:
    stand_in.answers = [answer]
    with open_client(stand_in.spec()) as client, pytest.raises(kind, match=reason):
        client.get(index="a", id="1")
    assert len(stand_in.asked) == 2, "without patience, and where patience is of no use, once"


def test_nobody_there(stand_in: StandIn) -> None:
    with (
        pytest.raises(Unreachable, match="refuses connections"),
        open_client(stand_in.spec(urls=("http://127.0.0.1:1",))),
    ):
        pass


def test_the_other_nodes_are_asked_first(stand_in: StandIn) -> None:
    for _ in range(4):  # nodes are taken in any order
        with open_client(stand_in.spec(urls=("http://127.0.0.1:1", stand_in.url))) as client:
            client.search(index="a")


def test_a_server_that_has_failed_is_left_alone_for_a_while(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_client(stand_in.spec()) as client:
        stand_in.answers = [(503, {})]
        for _ in range(transport.BREAK_AFTER):
            with pytest.raises(Busy):
                client.search(index="a")
        sent = len(stand_in.asked)
        with pytest.raises(Resting, match="not asked, after 2 failures in a row") as resting:
            client.search(index="a")
        assert len(stand_in.asked) == sent
        assert resting.value.retry_after is not None

        monkeypatch.setattr(transport.time, "monotonic", lambda now=transport.time.monotonic: now() + transport.BREAK_S)
        with pytest.raises(Busy):
            client.search(index="a")
        with pytest.raises(Resting):
            client.search(index="a")
        assert len(stand_in.asked) == sent + 1, "one request finds out"
        monkeypatch.undo()
        monkeypatch.setattr(
            transport.time, "monotonic", lambda now=transport.time.monotonic: now() + 3 * transport.BREAK_S
        )
        stand_in.answers = [(200, {})]
        client.search(index="a")
        stand_in.answers = [(503, {})]
        with pytest.raises(Busy):
            client.search(index="a")
        with pytest.raises(Busy):
            client.search(index="a")


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        pytest.param(201, None, None, id="written"),
        pytest.param(409, {"type": "version_conflict_engine_exception"}, None, id="a newer one is there"),
        pytest.param(
            400,
            {"type": "document_parsing_exception", "reason": "failed to parse", "caused_by": {"reason": "no date"}},
            "1a: the server rejects it: no date; failed to parse",
            id="no such document",
        ),
        pytest.param(404, {"type": "index_not_found_exception"}, "index_not_found_exception", id="no index"),
        pytest.param(429, {"type": "es_rejected_execution_exception", "reason": "full"}, "1a: full", id="queue"),
        pytest.param(403, BLOCKED, "the store cannot be written", id="block"),
    ],
)
def test_items_of_a_bulk_request(status: int, error: object, expected: str | None) -> None:
    got = item_failure("1a", status, error)
    assert (got is None) if expected is None else (expected in str(got))
    assert isinstance(got, {400: Unindexable, 404: Unindexable, 429: Busy, 403: StoreFailed}.get(status, type(None)))


def test_a_reason_is_one_short_line() -> None:
    said = str(failure("store", 429, {"reason": "too\nmuch " * 1_000}))
    assert "\n" not in said
    assert len(said) < 400


# credentials


@pytest.mark.parametrize("credentials", [{"api_key": "${KEY}"}, {"user": "${USER}", "password": "${KEY}"}])
@pytest.mark.parametrize("answer", [(200, {}), (401, {"error": {"reason": "no"}}), (503, {}), (0, "")])
def test_credentials_are_sent_and_never_told(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    credentials: dict[str, str], answer: Answer,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("KEY", SECRET)
    monkeypatch.setenv("USER", "desk")
    stand_in.answers = [answer]
    spec = stand_in.spec(**credentials)
    said = [repr(spec), str(pickle.dumps(spec))]
    with open_client(spec) as client:
        said += [repr(client), repr(client.transport), repr(vars(client.transport))]
        try:
            client.search(index="a")
        except Exception as e:
            said += [str(e), repr(e), str(pickle.dumps(e))]
    assert all("authorization" in headers for _, _, headers in stand_in.asked)
    sent = stand_in.asked[0][2]["authorization"].split()[1]
    said += [record.getMessage() for record in caplog.records]
    assert not [text for text in said if SECRET in text or sent in text]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"urls": ()}, "has no address", id="no address"),
        pytest.param({"urls": ("localhost:9200",)}, "not the address of a server", id="no scheme"),
        pytest.param({"urls": (f"http://desk:{SECRET}@127.0.0.1",)}, "holds no user", id="password in the address"),
        pytest.param({"urls": (f"desk:{SECRET}@127.0.0.1",)}, "not the address", id="password, and no scheme"),
        pytest.param({"urls": ("http://[::1",)}, "not the address of a server", id="no URL"),
        pytest.param({"urls": ("http://a:99999",)}, "not the address of a server", id="no port"),
        pytest.param({"urls": ("http://a:0",)}, "not the address of a server", id="nobody's port"),
        pytest.param({"api_key": SECRET}, "named by reference", id="key written out"),
        pytest.param({"user": "desk", "password": SECRET}, "named by reference", id="password written out"),
        pytest.param({"api_key": "${NOT_SET}"}, "needs the environment variable NOT_SET", id="no such variable"),
        pytest.param({"api_key": "${file:/no/such}"}, "needs the file '/no/such'", id="no such file"),
        pytest.param({"api_key": "${HOME}", "user": "a", "password": "${HOME}"}, "one is enough", id="both"),
        pytest.param({"user": "desk"}, "without a password", id="half of it"),
        pytest.param({"ca_file": "/no/such.pem"}, "CA file /no/such.pem|ca_certs|TLS|https", id="http with a CA"),
        pytest.param({"urls": ("https://127.0.0.1:1",), "ca_file": "/no/such.pem"}, "CA file /no/such.pem", id="no CA"),
    ],
)
def test_what_contradicts_itself_is_told_before_anything_is_sent(
    stand_in: StandIn, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as caught, open_client(stand_in.spec(**options)):
        pass
    assert SECRET not in repr(caught.value)
    assert not stand_in.asked


# real servers


@pytest.mark.servers
def test_a_store_is_made_once(shared_server: str, prefix: Callable[[], str]) -> None:
    with open_client(ElasticsearchSpec(urls=(shared_server,))) as client:
        name = prefix()
        with pytest.raises(ConfigError, match="run `newswire store init`"):
            require_ready(client, name)
        assert any("index template" in line for line in init(client, name))
        assert init(client, name) == []
        require_ready(client, name)
        article = make_article()
        client.index(
            index=article_index(name, article), id="1a", document={"id": "1a", "title": "Strikes"}, refresh=True
        )
        assert versions(client, name)[article_index(name, article)] == MAPPING_VERSION
        assert client.count(index=f"{name}-articles", query={"match": {"title": "striking"}})["count"] == 1
        with pytest.raises(BadRequestError, match="strict"):
            client.index(index=f"{name}-feeds", id="1", document={"nonsense": 1})


@pytest.mark.servers
def test_a_store_of_a_later_newswire_is_left_alone(shared_server: str, prefix: Callable[[], str]) -> None:
    with open_client(ElasticsearchSpec(urls=(shared_server,))) as client:
        name = prefix()
        client.indices.create(index=f"{name}-ledger", mappings={"_meta": {"mapping_version": 99}})
        for refuses in (init, require_ready):
            with pytest.raises(ConfigError, match=f"a later newswire has made {name}-ledger"):
                refuses(client, name)


@pytest.mark.servers
def test_a_block_on_writing_is_the_stores_failure(shared_server: str, prefix: Callable[[], str]) -> None:
    with open_client(ElasticsearchSpec(urls=(shared_server,))) as client:
        index = f"{prefix()}-blocked"
        client.indices.create(index=index, settings={"index.blocks.write": True})
        with pytest.raises(StoreFailed, match=r"cannot be written.*blocked"):
            client.index(index=index, id="1", document={})
        (item,) = client.bulk(operations=[{"index": {"_index": index, "_id": "1"}}, {}])["items"]
        got = item_failure("1", item["index"]["status"], item["index"]["error"])
        assert isinstance(got, StoreFailed)


@pytest.mark.servers
def test_users_keys_and_certificates(secured_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert secured_server.certificates is not None
    ca = str(secured_server.certificates.ca_file)
    key = secured_server.ask("POST", "/_security/api_key", {"name": "t"})["encoded"]
    weak = {"name": "weak", "role_descriptors": {"none": {"cluster": ["monitor"], "indices": []}}}
    weak_key = secured_server.ask("POST", "/_security/api_key", weak)["encoded"]
    for name, value in {"PW": PASSWORD, "WRONG": "wrong", "KEY": key, "WEAK": weak_key}.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "key").write_text(key)

    def enter(**options: Any) -> None:
        spec = ElasticsearchSpec(urls=(secured_server.url,), **{"patience_s": 30, **options})
        with open_client(spec) as client:
            client.index(index="newswire-test-secured", id="1", document={"a": 1})

    enter(ca_file=ca, user=USER, password="${PW}")
    enter(ca_file=ca, api_key="${KEY}")
    enter(fingerprint=secured_server.certificates.fingerprint, api_key=f"${{file:{tmp_path / 'key'}}}")
    for words, options in (
        ("does not accept", {"ca_file": ca, "user": USER, "password": "${WRONG}"}),
        ("does not accept", {"ca_file": ca}),
        ("may not do it.*unauthorized", {"ca_file": ca, "api_key": "${WEAK}"}),
        ("no secure connection.*[Cc]ertificate", {"user": USER, "password": "${PW}"}),
        ("no secure connection.*[Ff]ingerprint", {"fingerprint": "ab" * 32, "api_key": "${KEY}"}),
    ):
        with pytest.raises(ConfigError, match=words):
            enter(**options)


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_killed_server_is_waited_for(breakable_server: Server) -> None:
    spec = ElasticsearchSpec(urls=(breakable_server.url,), timeout_s=20, patience_s=300)
    with open_client(spec) as client:
        client.index(index="a", id="1", document={"a": 1})
        breakable_server.kill()
        back = threading.Thread(target=breakable_server.start)
        back.start()
        client.index(index="a", id="2", document={"a": 2})
        back.join()
        assert client.mget(index="a", ids=["1", "2"])["docs"][0]["found"]


@pytest.mark.servers
@pytest.mark.slow
def test_a_server_that_hangs_is_given_up(breakable_server: Server) -> None:
    spec = ElasticsearchSpec(urls=(breakable_server.url,), timeout_s=1, patience_s=2)
    with open_client(spec) as client:
        breakable_server.pause()
        try:
            with pytest.raises(Unreachable, match="no complete answer in time"):
                client.info()
        finally:
            breakable_server.resume()
