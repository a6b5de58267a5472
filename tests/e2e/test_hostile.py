"""Text that was written to steer whoever reads it, and files that were made to be endless."""

import base64
import bz2
import gzip
import json
import re
import stat
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread

import apache_beam as beam
import pytest

from connectors import warc
from connectors.opening import SqliteSpec, load_taxonomy, open_store
from pipelines import logs
from pipelines.ingest import build
from pipelines.settings import load
from pipelines.steps import Plan
from pipelines.watching import Topics
from tests.e2e.cli import newswire
from tests.factories import make_article

#: Red letters, a new title of the window, and text that runs backwards, in three encodings of the same wish.
EVIL = "\x1b[31m\x1b]0;own\x07\u009b2J\u202eEVIL"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
#: Seconds; it takes hundredths of them, and took minutes.
SOON = 10.0
PAGE = f"""<html><head><title>{EVIL}</title><meta property="og:site_name" content="{EVIL}"></head><body><article>
<h1>A strike {EVIL}</h1>{"<p>Some words of a story that goes on for a while, in which an air strike killed 12.</p>" * 6}
</article></body></html>"""


class _Hostile(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        here = f"http://127.0.0.1:{self.server.server_address[1]}"
        paths = ("page", "type", "away", "\u202eturned", "\u009bcursor")
        items = [{"url": f"{here}/{path}", "title": EVIL} for path in paths]
        feed = {"version": "https://jsonfeed.org/version/1", "title": EVIL, "items": [EVIL, {"id": EVIL}, *items]}
        answers = {
            "/feed": ("200 OK", "Content-Type: application/json", json.dumps(feed)),
            "/page": ("200 OK", "Content-Type: text/html", PAGE),
            "/type": ("200 OK", "Content-Type: text/\u009b31mEVIL", PAGE),
            "/away": ("302 Found", "Location: gopher://\u009b31mEVIL", ""),
        }
        status, header, body = answers.get(self.path, ("404 \u009b31mNo", "X: y", ""))
        data = body.encode()
        self.wfile.write(f"HTTP/1.1 {status}\r\n{header}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder in which a hostile feed was run, and its server."""
    folder = tmp_path_factory.mktemp("desk")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hostile)
    Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_address[1]}"
    feeds = f'[fetch]\nallow_private_hosts = true\n[[feeds]]\nid = "evil"\nurl = "{here}/feed"\n'
    (folder / "newswire.toml").write_text(feeds, "utf-8")
    newswire("run", cwd=folder, exit_code=None)
    yield folder, here
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "typed",
    [
        "extract {here}/type",
        "extract {here}/away",
        "extract {here}/page",
        "feeds check {here}/away",
        "feeds check {here}/feed",
        "feeds list",
        "feeds list --json",
        "rejected list",
        "rejected list --json",
        "search strike",
        "search strike --json",
        "export",
        "trace {here}/type",
        "trace {here}/page --json",
        "search {evil}(",
        "alerts add x {evil}(",
        "alerts show {evil}",
        "check {evil}",
        "feeds import {evil}",
    ],
)
def test_a_terminal_obeys_nobody(desk: tuple[Path, str], typed: str) -> None:
    folder, here = desk
    words = [word.format(here=here, evil=EVIL) for word in typed.split()]
    done = newswire(*words, cwd=folder, exit_code=None)
    assert done.stdout or done.stderr
    assert not OBEYED.search(done.stdout + done.stderr)
    if "--json" in words:
        json.loads(done.stdout)


def test_what_is_escaped_for_a_terminal_means_the_same_to_a_program(desk: tuple[Path, str]) -> None:
    folder, _ = desk
    rows = json.loads(newswire("rejected", "list", "--json", cwd=folder).stdout)
    assert any("\u009b31m" in row["reason"] for row in rows)


def test_no_command_prints_but_through_the_two_that_take_care() -> None:
    """What `pipelines.saying` and `pipelines.report.console` do cannot be forgotten."""
    pipelines = Path(__file__).resolve().parents[2] / "pipelines"
    allowed = {"saying.py", "logs.py", "export.py"}  # the last two escape by themselves, and have tests of their own
    for file in pipelines.rglob("*.py"):
        if file.name not in allowed and "demo" not in file.parts:
            assert not re.search(r"(?<![\w.])print\(", file.read_text("utf-8")), file


def test_a_long_word_is_logged_in_no_time() -> None:
    started = time.perf_counter()
    logs._cleaned("a" * 1_000_000)
    assert time.perf_counter() - started < SOON


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("he said that 12 were killed, ", "en"),
        ("killed 12 people air strike ", "en"),
        ("قتل 12 مدنيا ", "ar"),
    ],
)
def test_a_text_of_nothing_but_figures_is_tagged_in_no_time(words: str, language: str) -> None:
    """Tagging runs beside everything else, with nobody to end it: what takes the square of a text's length took
    minutes."""
    taxonomy = load_taxonomy()
    article = make_article(body=(words * 10_000)[:200_000], language=language)
    taxonomy.tag(make_article(language=language))  # which reads the words
    started = time.perf_counter()
    assert taxonomy.tag(article).topics is not None
    assert time.perf_counter() - started < SOON


HEADS = {
    "a version without end": b"WARC/1.0",
    "a header without end": b"WARC/1.0\r\nWARC-Type: ",
    "a header of the answer without end": b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/b\r\n"
    b"Content-Type: application/http\r\nContent-Length: 900000000\r\n\r\nHTTP/1.1 200 OK\r\nX: ",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_warc_bomb_is_stopped_at_its_headers(head: bytes) -> None:
    """100 MB unpacked, of 100 kB."""
    packed = gzip.compress(head + b"A" * 100_000_000, compresslevel=6)
    code = (
        "import io, resource, sys; from connectors import warc; data = sys.stdin.buffer.read();"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "print([type(one).__name__ for one in warc.records(io.BytesIO(data))],"
        " (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], input=packed, capture_output=True, check=True, cwd=root)
    found, grown = done.stdout.decode().rsplit(" ", 1)
    assert found == "['Damaged']"
    assert int(grown) < 50, "megabytes"


def test_an_archive_of_damage_is_read_in_its_time() -> None:
    started = time.perf_counter()
    found = list(warc.records(BytesIO(b"\r\nWARC/" * 2_000)))
    assert time.perf_counter() - started < SOON
    assert {type(one) for one in found} == {warc.Damaged}


def test_a_new_store_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    with open_store(SqliteSpec(str(tmp_path / "new.db"))) as store:
        store.articles.put([make_article()], now=datetime.now(UTC))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == dict.fromkeys(modes, 0o600)
    assert "new.db" in modes


def test_an_export_with_passwords_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "newswire.toml").write_text('[[feeds]]\nid = "a"\nurl = "https://me:mine@a.example/feed"\n', "utf-8")
    newswire("feeds", "export", "--with-credentials", "out.opml", cwd=tmp_path)
    assert "me:mine" in (tmp_path / "out.opml").read_text("utf-8")
    assert stat.S_IMODE((tmp_path / "out.opml").stat().st_mode) == 0o600


def test_no_secret_is_in_the_graph_that_a_runner_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEY", "MAIL", "SIGN"):
        monkeypatch.setenv(name, f"hidden-{name}")
    (tmp_path / "newswire.toml").write_text(
        """
        [store]
        urls = ["https://store.example:9200"]
        api_key = "${KEY}"
        [alerts]
        smtp = "smtps://mail.example"
        smtp_user = "desk"
        smtp_password = "${MAIL}"
        signing = ["${SIGN}"]
        [[feeds]]
        id = "a"
        url = "https://me:hidden-password@a.example/feed?token=hidden-token"
        headers = { Authorization = "${KEY}" }
        """,
        "utf-8",
    )
    plan = Plan(settings=load(str(tmp_path / "newswire.toml")), run_id="r", started_at=datetime.now(UTC))
    pipeline = beam.Pipeline()
    build(pipeline, plan, Topics.__new__(Topics))
    carried = repr(plan) + repr(plan.settings.store_spec) + repr(plan.settings.notify_spec)
    assert "hidden-" not in carried
    assert "hidden-" not in _unpacked(pipeline.to_runner_api().SerializeToString())


def _unpacked(graph: bytes) -> str:
    """All that is in a graph, the pickled functions unpacked too."""
    found = [graph]
    for run in re.findall(rb"[A-Za-z0-9+/=]{40,}", graph):
        for unpack in (bytes, zlib.decompress, bz2.decompress):
            try:
                found.append(unpack(base64.b64decode(run)))
            except (ValueError, OSError, zlib.error):
                continue
    text = b"\n".join(found).decode("latin-1")
    assert "store.example" in text, "the settings are in it, and are read"
    return text


def _saved(searched: str) -> str:
    return json.dumps(
        {"type": "search", "attributes": {"title": "t", "kibanaSavedObjectMeta": {"searchSourceJSON": searched}}}
    )


NESTED = '{"meta": {"type": "combined", "params": [' * 300 + "{}" + "]}}" * 300
FILES = {
    "alerts import filters.ndjson": _saved(f'{{"query": {{"query": "", "language": "kuery"}}, "filter": [{NESTED}]}}'),
    "alerts import brackets.ndjson": _saved("[" * 100_000),
    "alerts import book.toml": "subscriptions = " + "[" * 100_000,
    "alerts import book.yaml": "subscriptions: " + "[" * 100_000,
    "check settings.toml": "a = " + "[" * 100_000,
    "topics backtest --taxonomy taxonomy.yaml": "topics: " + "[" * 100_000,
    "topics test cases.yaml": "- " * 100_000,
}


@pytest.mark.parametrize("typed", FILES)
def test_a_file_nested_without_end_is_refused_in_a_line(tmp_path: Path, typed: str) -> None:
    words = typed.split()
    (tmp_path / words[-1]).write_text(FILES[typed], "utf-8")
    done = newswire(*words, cwd=tmp_path, exit_code=2)
    assert "nested too deeply" in done.stderr
    assert "Traceback" not in done.stderr
