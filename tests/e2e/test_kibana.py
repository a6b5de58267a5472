"""`newswire kibana`, against a stand-in for Kibana's import: no build of Kibana can be had here."""

from __future__ import annotations

import base64
import json
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from connectors.kibana import Kibana, KibanaSpec
from tests.e2e.cli import NEWSWIRE, environment, newswire
from tests.servers.tls import certificates
from transforms.errors import Busy, ConfigError, Refused, Unreachable

pytestmark = pytest.mark.slow  # a process for each

SECRET = "not-for-your-eyes"
IMPORT = "/api/saved_objects/_import"
ONE = '{"type": "search", "id": "a"}\n'


@dataclass
class Asked:
    path: str
    headers: dict[str, str]
    #: The objects in the file that was sent.
    objects: list[dict[str, Any]] = field(default_factory=list)
    file_name: str = ""


class StandIn(ThreadingHTTPServer):
    """Takes imports as Kibana does, and answers as it is told; by default, that all went well."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: tuple[int, Any] | None = None
        self.asked: list[Asked] = []
        self.location = ""
        self.scheme = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: StandIn

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) if self.headers["Content-Length"] else b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
        asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()})
        self.server.asked.append(asked)
        status, said = self._judged(asked, body)
        if self.server.answer is not None:
            status, said = self.server.answer
        sent = said.encode() if isinstance(said, str) else json.dumps(said).encode()
        self.send_response(status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Type", "text/html" if isinstance(said, str) else "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def _judged(self, asked: Asked, body: bytes) -> tuple[int, Any]:
        """What Kibana answers to such a request."""
        if "kbn-xsrf" not in asked.headers:
            return 400, {"statusCode": 400, "message": "Request must contain a kbn-xsrf header."}
        kind = asked.headers["content-type"]
        if not kind.startswith("multipart/form-data; boundary="):
            return 415, {"statusCode": 415, "message": "Unsupported Media Type"}
        parts = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body).get_payload()
        [part] = parts
        assert part.get_param("name", header="content-disposition") == "file"
        asked.file_name = part.get_filename()
        if not asked.file_name.endswith(".ndjson"):
            return 400, {"statusCode": 400, "message": f"Invalid file extension {asked.file_name}"}
        asked.objects = [json.loads(line) for line in part.get_payload(decode=True).decode().splitlines()]
        done = [{"type": one["type"], "id": one["id"], "meta": {}, "overwrite": True} for one in asked.objects]
        return 200, {"success": True, "successCount": len(done), "warnings": [], "successResults": done}

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def kibana() -> Iterator[StandIn]:
    with StandIn() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def failed(kind: str, name: str, error: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "id": name, "title": name, "meta": {"title": name}, "error": error}


def ask(kibana: StandIn, **options: Any) -> Kibana:
    return Kibana(KibanaSpec(**{"url": kibana.url, "timeout_s": 5, **options}), {"KEY": SECRET})


# the commands


def test_import_puts_all_that_export_writes(kibana: StandIn, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")
    reference = f"${{file:{tmp_path / 'key'}}}"
    done = newswire(
        "kibana", "import", "--url", f"{kibana.url}/base/", "--space", "desk", "--api-key", reference, cwd=tmp_path
    )
    newswire("kibana", "export", "objects.ndjson", cwd=tmp_path)
    exported = (tmp_path / "objects.ndjson").read_text("utf-8")
    [asked] = kibana.asked
    assert asked.path == f"/base/s/desk{IMPORT}?overwrite=true"
    assert asked.headers["authorization"] == f"ApiKey {SECRET}"
    assert asked.objects == [json.loads(line) for line in exported.splitlines()]
    assert done.stdout == f"{len(asked.objects)} objects imported, 0 not\n"
    assert newswire("kibana", "export", cwd=tmp_path).stdout == exported
    assert SECRET not in done.stdout + done.stderr


def test_the_prefix_and_the_topics_are_those_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "topics.yaml").write_text(
        'version: "1"\ntopics:\n  - id: floods\n    labels: {en: Floods}\n    threshold: 1\n'
        "    rules: [{id: word, weight: 1, any: {en: [flood]}}]\n"
    )
    (tmp_path / "newswire.toml").write_text('[store]\nprefix = "desk"\n[topics]\ntaxonomy = "topics.yaml"\n')
    names = [json.loads(line)["id"] for line in newswire("kibana", "export", cwd=tmp_path).stdout.splitlines()]
    assert "desk-topic-floods" in names
    assert {name.split("-")[0] for name in names} == {"desk"}


def test_objects_that_fail_are_listed_each_with_the_reason(kibana: StandIn, tmp_path: Path) -> None:
    missing = {"type": "missing_references", "references": [{"type": "index-pattern", "id": "newswire-articles"}]}
    kibana.answer = 200, {
        "success": False,
        "successCount": 1,
        "successResults": [{"type": "index-pattern", "id": "newswire-ledger", "meta": {}}],
        "errors": [
            failed("search", "newswire-latest", missing),
            failed("dashboard", "newswire-overview", {"type": "unknown", "message": "Too new"}),
            failed("search", "newswire-changed", {"type": "conflict"}),
            failed("search", "newswire-rejected", {"type": "ambiguous_conflict", "destinations": []}),
            failed("lens", "newswire-x", {"type": "unsupported_type"}),
        ],
    }  # fmt: skip
    done = newswire("kibana", "import", "--url", kibana.url, cwd=tmp_path, exit_code=1)
    assert done.stdout == "1 objects imported, 5 not\n"
    assert done.stderr.splitlines() == [
        "newswire: search newswire-latest: it refers to what is not there: index-pattern newswire-articles",
        "newswire: dashboard newswire-overview: Too new",
        "newswire: search newswire-changed: another object has its id, in a space that is not seen from here",
        "newswire: search newswire-rejected: several objects may be meant by its id",
        "newswire: lens newswire-x: this Kibana has no objects of its type",
    ]


def test_a_user_with_a_password_from_the_environment(kibana: StandIn, tmp_path: Path) -> None:
    command = [*NEWSWIRE, "kibana", "import", "--user", "anna", "--password", "${KIBANA_PASSWORD}"]
    asked_of = environment() | {"NEWSWIRE_KIBANA_URL": kibana.url, "KIBANA_PASSWORD": SECRET}
    done = subprocess.run(command, cwd=tmp_path, env=asked_of, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert kibana.asked[0].headers["authorization"] == "Basic " + base64.b64encode(f"anna:{SECRET}".encode()).decode()
    assert kibana.asked[0].path == f"{IMPORT}?overwrite=true"


def test_a_secret_that_a_shell_has_put_in_its_place_is_refused_and_not_shown(kibana: StandIn, tmp_path: Path) -> None:
    done = newswire("kibana", "import", "--url", kibana.url, "--api-key", SECRET, cwd=tmp_path, exit_code=2)
    assert "Kibana's API key is named by reference" in done.stderr
    assert SECRET not in done.stderr
    assert kibana.asked == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    done = newswire("kibana", "export", "nowhere/objects.ndjson", cwd=tmp_path, exit_code=2)
    assert done.stderr == "newswire: nowhere/objects.ndjson: No such file or directory\n"


# what Kibana may answer


@pytest.mark.parametrize(
    ("status", "said", "error", "words"),
    [
        pytest.param(401, {"message": "[security_exception]"}, ConfigError, "does not accept this user", id="401"),
        pytest.param(
            403, {"message": "Unable to bulk_create search"}, ConfigError,
            r"may not import .*Saved Objects Management, all\): Unable to bulk_create search", id="403",
        ),
        pytest.param(404, {"message": "Not Found"}, ConfigError, "no space 'desk', or this is not Kibana's", id="404"),
        pytest.param(302, "", ConfigError, "leads to /login; name Kibana's own address", id="login page"),
        pytest.param(200, "<html>It works!</html>", ConfigError, "what answers is not Kibana", id="a web page"),
        pytest.param(200, {"tagline": "You Know, for Search"}, ConfigError, "is not Kibana", id="another JSON"),
        pytest.param(400, {"message": "Unexpected token"}, Refused, "Unexpected token", id="400"),
        pytest.param(413, {"message": "Payload too large"}, Refused, "Payload too large", id="413"),
        pytest.param(503, "Kibana server is not ready yet", Busy, "not ready", id="503"),
        pytest.param(502, "", Unreachable, "HTTP 502", id="502"),
    ],
)  # fmt: skip
def test_answers_that_end_it(kibana: StandIn, status: int, said: Any, error: type[Exception], words: str) -> None:
    kibana.answer = status, said
    kibana.location = "/login" if status == 302 else ""
    with pytest.raises(error, match=words) as caught:
        ask(kibana, space="desk", api_key="${KEY}").import_objects(ONE)
    assert SECRET not in str(caught.value)
    assert len(kibana.asked) == 1


def test_a_failure_without_a_reason_is_one_all_the_same(kibana: StandIn) -> None:
    kibana.answer = 200, {"success": False, "successCount": 0}
    assert ask(kibana).import_objects(ONE).failed == (("the import", "Kibana says that it failed, and nothing more"),)


def test_nobody_there_and_no_answer(kibana: StandIn) -> None:
    with pytest.raises(Unreachable):
        Kibana(KibanaSpec(url="http://127.0.0.1:9"), {}).import_objects(ONE)
    with pytest.raises(Unreachable, match=r"within 1e-05 s"):
        ask(kibana, timeout_s=0.00001).import_objects(ONE)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"url": "kibana.example:5601"}, "not the address of Kibana", id="no scheme"),
        pytest.param({"url": f"https://anna:{SECRET}@k.example"}, "holds no user and password", id="user in it"),
        pytest.param({"url": f"ftp://anna:{SECRET}@k.example"}, "not the address", id="user in another"),
        pytest.param({"space": "../x"}, "no identifier of a space", id="space"),
        pytest.param({"api_key": "${KEY}", "user": "anna"}, "one is enough", id="both"),
        pytest.param({"user": "anna"}, "without a password", id="half"),
        pytest.param({"user": "anna", "password": SECRET}, "never written out", id="written out"),
        pytest.param({"api_key": "${NOWHERE}"}, "API key needs the environment variable NOWHERE", id="not set"),
        pytest.param({"ca_file": "/nowhere.pem"}, "CA file /nowhere.pem cannot be used", id="CA"),
    ],
)
def test_specs_that_cannot_be_used(options: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        Kibana(KibanaSpec(**{"url": "https://k.example", **options}), {"KEY": SECRET})
    assert SECRET not in str(caught.value)


def test_a_secure_connection_needs_an_authority_that_is_trusted(kibana: StandIn, tmp_path: Path) -> None:
    kept = certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    plain, kibana.socket = kibana.socket, context.wrap_socket(kibana.socket, server_side=True)
    assert plain.fileno() == -1
    kibana.scheme = "https"
    assert ask(kibana, ca_file=str(kept.ca_file)).import_objects(ONE).done == ("search a",)
    with pytest.raises(ConfigError, match="no secure connection"):
        ask(kibana).import_objects(ONE)


def test_the_proxy_of_the_environment_is_not_asked(kibana: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "HTTP_PROXY", "http://127.0.0.1:9")
    ask(kibana).import_objects(ONE)
    assert len(kibana.asked) == 1
