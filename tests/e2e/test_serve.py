"""`newswire serve` as a user types it, over a store that fills while it is read; and on the servers."""

import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from lxml import html

from connectors.opening import SqliteSpec
from connectors.ports import Stored
from pipelines.demo.server import WireServer
from pipelines.serving.application import Application
from pipelines.settings import Settings
from tests.contract.conftest import ADAPTERS
from tests.e2e.cli import NEWSWIRE, environment, newswire, typed, wire_settings, write_settings
from tests.e2e.test_metrics import free_port
from tests.factories import NOON, URL, make_article, make_entry
from tests.pipelines.test_endpoint import asked
from tests.unit.test_metrics import samples, value
from tests.unit.test_serving import Desk
from transforms.urls import doc_id


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`newswire serve`, once it says where."""
    process = subprocess.Popen(
        [*NEWSWIRE, "serve", *(arguments or ("--listen", "127.0.0.1:0"))],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.fullmatch(r"http://[\w.:\[\]]+:(\d+)/\n", said)
        assert found, (said, process.communicate())
        yield process, int(found[1])
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def page(port: int, path: str) -> html.HtmlElement:
    status, text = asked(port, path)
    assert status == 200, (path, text)
    return html.document_fromstring(text)


def test_an_evening_with_the_pages(tmp_path: Path) -> None:
    """Opened on nothing, read while a run writes, followed from a search to the feed that brought it, and ended."""
    with WireServer() as server:
        wire_settings(tmp_path, server)
        newswire("alerts", "add", "strikes", '"air strikes" OR airstrike', "--to", "atom:", cwd=tmp_path)
        with serving(tmp_path) as (process, port):
            assert "nothing found" in page(port, "/").text_content()
            run = subprocess.Popen([*NEWSWIRE, "run"], cwd=tmp_path, env=environment(), stdout=-3, stderr=-3)
            counts = []
            while run.poll() is None:
                found = page(port, "/").xpath("string(//*[@id='found'])")
                counts.append(int(number[1]) if (number := re.match(r"(\d+) found", found)) else 0)
                for path in ("/feeds", "/alerts", "/healthz", "/?q=idlib"):
                    assert asked(port, path)[0] == 200, path
                time.sleep(0.3)
            assert run.returncode == 0
            assert counts == sorted(counts)

            archive = page(port, "/?q=camp+AND+idlib")
            said = typed("search", "camp AND idlib", cwd=tmp_path).stdout
            headlines = [one.text_content() for one in archive.xpath("//h3")]
            assert len(headlines) == 3
            assert all(headline in said.replace("**", "") for headline in headlines)

            [link] = archive.xpath("//h3/a[contains(., 'killed in air raid on')]/@href")
            story = page(port, link)
            assert story.xpath("//div[@class='body']//mark")
            words = " ".join(story.text_content().split())
            assert "announced by meridian" in words
            assert "strikes, new, revision 1: delivered to atom:" in words
            [outside] = {str(one) for one in story.xpath("//main/article/p[@class='address']/a/@href")}
            assert page(port, f"/trace?url={quote(outside)}").xpath("string(//h1)") == story.xpath("string(//h1)")

            assert len(page(port, "/feeds").xpath("//tbody/tr/th")) == 6
            assert page(port, "/alerts").xpath("string(//tbody/tr/th)") == "strikes"
            assert asked(port, "/?q=camp+AND+(")[0] == 400
            assert value(samples(asked(port, "/metrics")[1]), "store_up") == 1

            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_ctrl_c_ends_it_too(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, port), socket.create_connection(("127.0.0.1", port)):
        process.send_signal(signal.SIGINT)  # though somebody holds a connection
        process.communicate(timeout=20)
        assert process.returncode == 0


def test_it_listens_where_it_is_told_and_says_what_that_means(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path, "--listen", f"0.0.0.0:{port}") as (process, told):
        assert told == port
        assert asked(port, "/livez")[0] == 200
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=20)[1]
    assert said.count("\n") == 1
    assert "level=warning" in said
    assert "put a proxy before it that asks who it is" in said


def test_a_taken_port_is_said_in_a_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        done = newswire("serve", "--listen", listen, cwd=tmp_path, exit_code=2)
    assert (done.stdout, done.stderr) == ("", f"newswire: --listen {listen}: Address already in use\n")


@pytest.mark.parametrize("listen", ["8080", "localhost", "localhost:70000", ":8080", "", "http://localhost:8080"])
def test_what_is_no_address_is_said_in_a_line(tmp_path: Path, listen: str) -> None:
    said = typed("serve", "--listen", listen, cwd=tmp_path, exit_code=2).stderr
    assert said == f"newswire: --listen {listen!r}: write HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080\n"


def test_a_store_that_cannot_be_used_is_said_before_it_listens(tmp_path: Path) -> None:
    write_settings(tmp_path, [])
    (tmp_path / "newswire.db").write_text("no database" * 100)
    said = typed("serve", "--listen", "127.0.0.1:0", cwd=tmp_path, exit_code=2).stderr
    assert "newswire.db" in said


def test_another_site_s_page_gets_nothing_by_a_name_of_its_own(tmp_path: Path) -> None:
    """DNS rebinding: the browser believes that it still talks to evil.example."""
    with serving(tmp_path) as (_, port):
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/alerts", headers={"Host": f"evil.example:{port}"})
        assert connection.getresponse().status == 421
        connection.close()


@pytest.mark.parametrize(
    "kind", ["sqlite", *(pytest.param(name, marks=pytest.mark.servers) for name in ADAPTERS if name != "sqlite")]
)
def test_search_trace_feeds_and_alerts_on_every_store(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.contract import conftest

    article = make_article(id=doc_id(URL), body="Warplanes bombed Idlib.")
    with ADAPTERS[kind](tmp_path) as store:
        store.articles.put([article], now=NOON)
        store.ledger.announce([make_entry()], run_id="1", until=NOON)
        stored = Stored(
            entry=make_entry(), doc_id=article.id, revision=1, content_hash="1", month="2026-11", written="new",
            settled=True, at=NOON,
        )  # fmt: skip
        store.ledger.stored([stored])
    spec: Any = SqliteSpec(str(tmp_path / "store.db")) if kind == "sqlite" else conftest._spec(kind)  # type: ignore[arg-type]
    desk = Desk(tmp_path)
    monkeypatch.setattr(Settings, "store_spec", spec)
    desk.answers = Application(desk.settings, topics={}, hosts=frozenset())
    until = time.monotonic() + 20
    while "1 found" not in (found := desk.get("/?q=bombing")).words:  # a server's index is refreshed now and then
        assert time.monotonic() < until, found.words
        time.sleep(0.2)
    [link] = found.page.xpath("//h3/a/@href")
    assert "Warplanes bombed Idlib." in desk.get(link).words
    assert "stored revision 1" in desk.get(link).words
    assert [desk.get(path).status for path in ("/feeds", "/alerts", "/healthz", "/trace/1b")] == [200, 200, 200, 404]
