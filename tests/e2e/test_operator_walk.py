"""What an operator goes through from the first day on, step by step as it is typed: docs/operator.md, "A walk"."""

import json
import re
import sqlite3
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, closing
from html import escape
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipelines.demo.server import WireServer
from tests.contract.test_sqlite import SCHEMA_VERSION, version_1
from tests.e2e.cli import newswire, typed, wire_settings, write_settings
from tests.e2e.test_metrics import free_port
from tests.e2e.test_stream import streaming, until
from tests.pipelines.test_endpoint import asked
from tests.receiver import Receiver
from tests.site import RSS, Site, feed, page
from tests.unit.test_metrics import samples, value

OUTLETS = 20
KEY = "whsec_" + b64encode(b"k" * 32).decode()
FLOOD = 210
QUESTION = "council"


class Outlet:
    """An invented outlet with a host of its own, and what it has published."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name = site, name
        self.items: list[tuple[str, str, str]] = []
        self.publish(2)

    @property
    def url(self) -> str:
        return self.site.url("/feed.xml")

    def publish(self, stories: int) -> list[str]:
        """Bring out so many new stories; their addresses."""
        first = len(self.items)
        for number in range(first, first + stories):
            title = f"The {QUESTION} of {self.name} decides on matter {number}"
            body = [f"{title}, after a long debate that went on into the night.", "The mayor called it final."]
            self.items.insert(0, (title, self.site.put(f"/s/{number}", page(title, body)), "A decision was taken."))
        self.announce()
        return [url for _, url, _ in self.items[:stories]]

    def announce(self, path: str = "/feed.xml") -> None:
        self.site.put(path, feed(self.items, title=self.name), content_type=RSS)


@pytest.fixture
def web() -> Iterator[list[Outlet]]:
    with ExitStack() as stack:
        yield [Outlet(stack.enter_context(Site()), f"Outlet {number}") for number in range(OUTLETS)]


def opml(outlets: list[Outlet]) -> str:
    lines = "".join(f'<outline type="rss" text="{escape(one.name)}" xmlUrl="{one.url}"/>' for one in outlets)
    return (
        f'<opml version="2.0"><head><title>Desk</title></head><body><outline text="All">{lines}</outline></body></opml>'
    )


def stored(folder: Path) -> dict[str, str]:
    """By announced address, whose words the article has; nothing where there is no store yet."""
    try:
        with closing(sqlite3.connect(f"file:{folder}/newswire.db?mode=ro", uri=True)) as db:
            articles = [json.loads(doc) for (doc,) in db.execute("SELECT doc FROM article")]
    except sqlite3.OperationalError:
        return {}
    return {one["urls"]["announced"]: one["body_source"] for one in articles}


def shown(*arguments: str, cwd: Path) -> Any:
    """What a command says with --json."""
    return json.loads(typed(*arguments, "--json", cwd=cwd).stdout)


@pytest.mark.slow
def test_the_first_day(web: list[Outlet], tmp_path: Path) -> None:
    """Feeds by OPML, a check, a first run, one with nothing new, and one for which nothing is due."""
    (tmp_path / "desk.opml").write_text(opml(web), "utf-8")
    write_settings(tmp_path, [], more_fetch='contact = "desk@newsroom.example"')
    assert "20 feeds added" in typed("feeds", "import", "desk.opml", cwd=tmp_path).stdout
    checked = typed("check", cwd=tmp_path)
    assert "0 feeds and 20 added by command" in checked.stdout
    assert not checked.stderr

    first = newswire("run", cwd=tmp_path).stdout
    assert "20 polled, 0 unchanged, 0 failed" in first
    assert "40 fetched, 0 failed" in first
    for outlet in web:
        outlet.site.forget()
    second = newswire("run", "--all", cwd=tmp_path).stdout
    assert "0 polled, 20 unchanged, 0 failed" in second
    assert {path for outlet in web for path in outlet.site.paths()} == {"/feed.xml"}, "no page is fetched"
    assert "no feed was due; 20 feeds, the next at" in newswire("run", cwd=tmp_path).stdout

    assert "pending 0, done 40, rejected 0" in typed("store", "status", cwd=tmp_path).stdout
    assert len(stored(tmp_path)) == 40


def test_settings_that_nobody_named_take_no_feed_off_the_list(tmp_path: Path) -> None:
    with WireServer() as server:
        wire_settings(tmp_path, server).rename(tmp_path / "desk.toml")
        assert len(shown("feeds", "list", "-s", "desk.toml", cwd=tmp_path)) == 6
    assert len(shown("feeds", "list", cwd=tmp_path)) == 6, "it is the same store"
    (tmp_path / "desk.toml").write_text("[fetch]\nallow_private_hosts = true\n")
    assert shown("feeds", "list", "-s", "desk.toml", cwd=tmp_path) == []


def test_settings_that_cannot_be_are_said_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "newswire.toml").write_text('[schedule]\nshortest = "10s"\n')
    said = typed("check", cwd=tmp_path, exit_code=2).stderr
    assert "schedule.shortest: Input should be greater than or equal to 1 minute, got 10 s" in said


def test_an_archive_of_the_first_newswire_is_opened_and_searched(tmp_path: Path) -> None:
    """`tests.contract.test_sqlite` has what becomes of each row; this is what an operator sees of it."""
    version_1(tmp_path / "newswire.db")
    assert "0 feeds and 1 added by command" in typed("check", cwd=tmp_path).stdout
    status = shown("store", "status", cwd=tmp_path)
    assert (status["schema"], status["articles"], status["feeds"]) == (SCHEMA_VERSION, 1, 1)
    assert "1 articles tagged anew" in typed("topics", "retag", cwd=tmp_path).stdout
    assert shown("search", "Raqqa", cwd=tmp_path)["total"] == 1
    assert {row["error"] for row in shown("rejected", "list", cwd=tmp_path)} == {"Unreachable", "Refused"}


@pytest.mark.slow
def test_a_bad_day(web: list[Outlet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One feed dies, one moves, one floods, one host blocks, one asks for patience, a receiver is down, the disk is
    full: what is wrong is found by commands and numbers alone, and mended; nothing is lost, and nobody else waits."""
    monkeypatch.setenv("HOOK_KEY", KEY)
    well, dead, moving, flooding, blocking, busy = web[:6]
    feeds = {"well": well, "dead": dead, "moving": moving, "flooding": flooding, "blocking": blocking, "busy": busy}
    port = free_port()
    file = write_settings(
        tmp_path,
        [(name, outlet.url) for name, outlet in feeds.items()],
        more=f'[metrics]\nlisten = "127.0.0.1:{port}"\n'
        '[alerts]\nallow_private_hosts = true\nsigning = ["${HOOK_KEY}"]\n',
    )
    file.write_text(file.read_text().replace("[[feeds]]\n", '[[feeds]]\ninterval = "1s"\n'))

    def health(name: str) -> Any:
        listed = shown("feeds", "list", cwd=tmp_path)
        return next(one["health"] for one in listed if one["id"] == name)

    def alarms(name: str) -> set[str]:
        return {alarm["kind"] for alarm in health(name)["alarms"]}

    def number(name: str, **labels: str) -> float:
        return value(samples(asked(port, "/metrics")[1]), name, **labels)

    def told() -> dict[str, set[str]]:
        """The ids of the alerts that arrived, by the address of their article."""
        ids: dict[str, set[str]] = defaultdict(set)
        for message in receiver.verified(KEY):
            for alert in message["alerts"]:
                ids[alert["url"]].add(alert["id"])
        return ids

    with Receiver() as receiver, streaming(tmp_path) as stream:
        typed("alerts", "add", "councils", QUESTION, "--to", receiver.url("/hook"), cwd=tmp_path)
        until(lambda: len(stored(tmp_path)) == 12)

        receiver.put("/hook", status=503)
        dead.site.put("/feed.xml", status=404)
        moving.site.put("/feed.xml", status=301, headers={"Location": moving.site.url("/new.xml")})
        moving.announce("/new.xml")
        kept_from_us = blocking.publish(2)
        for url in kept_from_us:
            blocking.site.put(url.removeprefix(blocking.site.url("")), b"Access denied", status=403)
        busy.site.put("/feed.xml", status=429)
        flooding.publish(FLOOD)
        well.publish(1)

        # What is wrong? Each is named, with what to do.
        until(lambda: health("dead")["state"] == "only-failing" and "moved" in alarms("moving"))
        until(lambda: len(stored(tmp_path)) == 12 + FLOOD + 3)
        assert "flood" in alarms("flooding")
        listed = typed("feeds", "list", cwd=tmp_path).stdout
        assert listed.splitlines()[1].startswith("dead "), "trouble comes first"
        assert "(not-found): HTTP 404; `newswire feeds check dead` looks for a new address" in listed
        assert f"it has moved to {moving.site.url('/new.xml')} and is polled there: enter that address" in listed
        assert f"flood: {FLOOD} new items in one answer" in listed
        assert "(rate-limited): HTTP 429" in listed
        rejected = typed("rejected", "list", cwd=tmp_path).stdout
        assert f"2 of {blocking.site.host}: Refused: ask the outlet to let us in" in rejected
        assert re.search(r"\(attempt \d+, its feed is asked again by its schedule\)", rejected)
        assert {stored(tmp_path)[url] for url in kept_from_us} == {"feed"}, "the feed's own words stand in"
        assert "503" in typed("alerts", "list", cwd=tmp_path).stdout
        assert "next try" in typed("alerts", "deliveries", "--state", "waiting", cwd=tmp_path).stdout
        until(lambda: number("feeds", state="only-failing") == number("outbox_failing_lanes") == 1)
        assert number("errors_total", stage="fetch", error="Refused") == 2
        assert number("errors_total", stage="poll", error="Busy") >= 1
        assert number("outbox_deliveries", state="waiting") >= FLOOD
        assert asked(port, "/healthz")[0] == 200, "no trouble of an outlet's or a subscriber's is one of the process"

        # Mended.
        dead.announce()
        busy.publish(1)
        blocking.publish(0)
        for title, url, _ in blocking.items:
            blocking.site.put(url.removeprefix(blocking.site.url("")), page(title, [f"{title}, it was said.", title]))
        receiver.remove("/hook")
        typed("feeds", "resume", "dead", cwd=tmp_path)
        typed("feeds", "resume", "busy", cwd=tmp_path)
        typed("rejected", "retry", "--error", "Refused", cwd=tmp_path)
        typed("alerts", "redeliver", "--subscription", "councils", "--state", "waiting", cwd=tmp_path)
        until(lambda: health("dead")["state"] == health("busy")["state"] == "well")
        until(lambda: set(stored(tmp_path).values()) == {"page"})

        # The disk is full; then there is room again.
        process = psutil.Process(stream.pid)
        room = (tmp_path / "stderr.txt").stat().st_size + 30_000  # for the log, which has a disk of its own
        process.rlimit(psutil.RLIMIT_FSIZE, (room, psutil.RLIM_INFINITY))
        well.publish(1)
        until(lambda: asked(port, "/healthz")[0] == 503)
        assert "the store cannot be written" in str(asked(port, "/healthz")[1]["reasons"])
        assert asked(port, "/livez")[0] == 200, "a new process would not make room"
        process.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
        until(lambda: asked(port, "/healthz")[0] == 200)

        # Nothing is lost: every story is there, and has been told under one id.
        announced = {url for outlet in feeds.values() for _, url, _ in outlet.items}
        until(lambda: set(stored(tmp_path)) == announced)
        until(lambda: announced <= set(told()))
        assert all(len(ids) == 1 for ids in told().values())
        # The number is some seconds old, so it is no sign that all has been told.
        until(lambda: number("outbox_deliveries", state="waiting") == 0)
        assert stream.poll() is None
    said = (tmp_path / "stderr.txt").read_text()
    early = [
        line for line in said.splitlines() if "a pass has ended early" in line and "logger=newswire.stream" in line
    ]
    assert 1 <= len(early) <= 2, "once of polls, and once of pages"
    assert "it goes on: the store is there" in said
    assert shown("store", "status", cwd=tmp_path)["ledger"]["pending"] == 0
