"""`newswire stream` as an operator runs it: on one machine, without options."""

import json
import signal
import sqlite3
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from connectors.opening import SqliteSpec, open_store
from connectors.ports import Search
from tests.e2e.cli import NEWSWIRE, environment, newswire, newswire_json, write_settings
from tests.receiver import Receiver
from tests.site import Site, feed, page

#: An article is to be found within so many seconds of its feed's being due, on a machine that has other work as well.
SEARCHABLE_S = 5.0
QUIET = '[metrics]\nlisten = ""\n'
TEXT = ["The bridge over the river was closed on Friday after inspectors had found a crack in it.", "Ferries run."]


class Wire:
    """An outlet that publishes while somebody reads it."""

    def __init__(self, site: Site, name: str) -> None:
        self._site, self.name = site, name
        self._items: list[tuple[str, str, str]] = []
        self.born: dict[str, datetime] = {}
        self.publish(0)

    @property
    def feed(self) -> tuple[str, str]:
        return self.name, self._site.url(f"/{self.name}.xml")

    def publish(self, number: int, *, delay_s: float = 0.0) -> str:
        path, title = f"/{self.name}/{number}", f"Story {number} of the outlet {self.name}"
        self._site.put(path, page(title, [f"{title} is about {self.name}{number}word.", *TEXT]), delay_s=delay_s)
        self._items.insert(0, (title, self._site.url(path), "Standfirst"))
        self._site.put(f"/{self.name}.xml", feed(self._items), content_type="application/rss+xml")
        self.born[self._site.url(path)] = datetime.now(UTC)
        return self._site.url(path)


@contextmanager
def streaming(folder: Path, *arguments: str, exit_code: int | None = 0) -> Iterator[subprocess.Popen[bytes]]:
    """A stream in a folder; at the end it is asked to end, and must do so well."""
    with (folder / "stderr.txt").open("ab") as errors:
        process = subprocess.Popen(
            [*NEWSWIRE, "stream", *arguments], cwd=folder, stdout=errors, stderr=errors, env=environment()
        )
    try:
        yield process
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        code = process.wait(100)
        assert exit_code is None or code == exit_code, (folder / "stderr.txt").read_text()[-3000:]
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def settings_with(folder: Path, *wires: Wire, interval: str = "2s", more: str = "", more_fetch: str = "") -> None:
    file = write_settings(folder, [one.feed for one in wires], more=QUIET + more, more_fetch=more_fetch)
    file.write_text(file.read_text().replace("[[feeds]]\n", f'[[feeds]]\ninterval = "{interval}"\n'))


def until(what: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come to it in time"
        time.sleep(0.1)


def stored(folder: Path) -> dict[str, datetime]:
    """When each article could first be found, by its announced address; nothing where there is no store yet."""
    try:
        with sqlite3.connect(f"file:{folder}/newswire.db?mode=ro", uri=True) as db:
            rows = [json.loads(doc) for (doc,) in db.execute("SELECT doc FROM article")]
    except sqlite3.OperationalError:
        return {}
    return {one["urls"]["announced"]: datetime.fromisoformat(one["indexed_at"]) for one in rows}


def nothing_twice(folder: Path) -> bool:
    with open_store(SqliteSpec(str(folder / "newswire.db"))) as store:
        found = store.articles.search(Search(limit=1000))
        return {hit.article.revision for hit in found.hits} <= {1} and store.ledger.counts()["pending"] == 0


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.mark.slow
def test_what_appears_is_found_within_seconds_while_another_host_hangs(site: Site, tmp_path: Path) -> None:
    wires = [Wire(site, name) for name in ("alpha", "bravo", "charlie")]
    with Site(host="127.0.0.2") as hanging:
        silent = ("silent", hanging.url("/forever").replace("127.0.0.1", "127.0.0.2"))
        settings_with(tmp_path, *wires)
        file = tmp_path / "newswire.toml"
        listed = f'[[feeds]]\nid = "{silent[0]}"\nurl = "{silent[1]}"\ninterval = "2s"\n'
        file.write_text(file.read_text().replace("timeout_s = 3", "timeout_s = 20") + listed)
        with streaming(tmp_path):
            until(lambda: len(stored(tmp_path)) == 3)
            for number in range(1, 9):
                for wire in wires:
                    wire.publish(number)
                time.sleep(2.5)
            until(lambda: stored(tmp_path).keys() == {url for wire in wires for url in wire.born}, 20)
    found = stored(tmp_path)
    # Not the first ones, which were there before anybody looked.
    late = sorted(
        (found[url] - at).total_seconds() for wire in wires for url, at in wire.born.items() if url[-2:] != "/0"
    )
    # From its appearance it takes until its feed is due (2 s, and up to a tenth more), and then the seconds asked.
    assert late[int(len(late) * 0.9)] <= 2.2 + SEARCHABLE_S, late
    assert nothing_twice(tmp_path)


@pytest.mark.slow
def test_what_is_changed_meanwhile_takes_effect(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed by command, one in the settings, a subscription, the topics and their place; a mistake changes nothing."""
    first, by_command, by_settings = (Wire(site, name) for name in ("first", "command", "settings"))
    monkeypatch.setenv("HOOK_KEY", "whsec_" + b64encode(b"k" * 32).decode())
    topics = tmp_path / "topics.yaml"

    def taxonomy(name: str, word: str) -> str:
        rule = f"{{id: word, weight: 2, any: {{en: [{word}]}}}}"
        return f'version: "1"\ntopics:\n- id: {name}\n  labels: {{en: {name}}}\n  rules: [{rule}]\n'

    topics.write_text(taxonomy("bridges", "bridge"))
    with Receiver() as receiver:
        settings_with(
            tmp_path,
            first,
            more='[topics]\ntaxonomy = "topics.yaml"\n'
            '[alerts]\nallow_private_hosts = true\nsigning = ["${HOOK_KEY}"]\n',
        )
        newswire("check", cwd=tmp_path)
        with streaming(tmp_path):
            until(lambda: len(stored(tmp_path)) == 1)
            newswire("feeds", "add", by_command.feed[1], "--id", "command", cwd=tmp_path)
            until(lambda: by_command.born.keys() <= stored(tmp_path).keys(), 15)
            file = tmp_path / "newswire.toml"
            whole = file.read_text()
            file.write_text("[store\n")
            topics.write_text("topics: [")
            time.sleep(3)
            file.write_text(whole + f'[[feeds]]\nid = "settings"\nurl = "{by_settings.feed[1]}"\ninterval = "2s"\n')
            topics.write_text(taxonomy("ferries", "ferries"))
            until(lambda: by_settings.born.keys() <= stored(tmp_path).keys(), 20)
            newswire("alerts", "add", "ferries", "ferries", "--to", receiver.url("/hook"), cwd=tmp_path)
            time.sleep(5)  # what is asked of changes
            url = first.publish(1)
            until(lambda: url in stored(tmp_path), 20)
            until(lambda: bool(receiver.ids()), 20)
            (tmp_path / "other.yaml").write_text(taxonomy("closures", "closed"))
            file.write_text(file.read_text().replace("topics.yaml", "other.yaml"))
            until(lambda: (tmp_path / "stderr.txt").read_text().count("topics are at") == 2, 20)
            later = first.publish(2)
            until(lambda: later in stored(tmp_path), 20)
    said = (tmp_path / "stderr.txt").read_text()
    assert "the settings stay as they were" in said
    assert "the topics stay at" in said
    for address, topic in ((url, "ferries"), (later, "closures")):
        told = newswire_json("trace", address, cwd=tmp_path)
        assert [tag["id"] for tag in told["revisions"][-1]["topics"]] == [topic]


@pytest.mark.slow
def test_sigterm_ends_what_is_in_hand_and_a_second_one_does_not_wait(site: Site, tmp_path: Path) -> None:
    wire = Wire(site, "alpha")
    for number in range(1, 5):
        wire.publish(number, delay_s=2.0)
    settings_with(tmp_path, wire)
    with streaming(tmp_path) as process:
        until(lambda: any(path.startswith("/alpha/") for path in site.paths()))
        process.send_signal(signal.SIGTERM)
        process.wait(40)
    begun = {path for path in site.paths() if path.startswith("/alpha/")}
    assert begun
    assert set(stored(tmp_path)) == {site.url(path) for path in begun}
    newswire("run", "--all", cwd=tmp_path)  # the others are nobody's now
    assert stored(tmp_path).keys() == wire.born.keys()

    for number in range(5, 9):
        wire.publish(number, delay_s=2.9)
    with streaming(tmp_path, exit_code=128 + signal.SIGTERM) as process:
        until(lambda: any(path in site.paths() for path in (f"/alpha/{number}" for number in range(5, 9))))
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        assert time.monotonic() - asked < 2
    newswire("run", "--all", cwd=tmp_path)
    assert stored(tmp_path).keys() == wire.born.keys()
    assert nothing_twice(tmp_path)


@pytest.mark.slow
def test_killed_and_started_again_it_has_everything_once(site: Site, tmp_path: Path) -> None:
    wires = [Wire(site, name) for name in ("alpha", "bravo")]
    settings_with(tmp_path, *wires)
    number = 0
    for _ in range(4):
        with streaming(tmp_path, exit_code=-signal.SIGKILL) as process:
            for _ in range(6):
                number += 1
                for wire in wires:
                    wire.publish(number, delay_s=0.3)
                time.sleep(0.9)
            process.kill()
            process.wait()
    # Feeds that were in hand are nobody's for half a minute: `--all` does not wait for that.
    newswire("run", "--all", cwd=tmp_path)
    assert stored(tmp_path).keys() == {url for wire in wires for url in wire.born}
    assert nothing_twice(tmp_path)


@pytest.mark.slow
def test_an_idle_minute_costs_nearly_nothing(site: Site, tmp_path: Path) -> None:
    """Less than one per cent of a core, all its processes together, with its endpoint."""
    settings_with(tmp_path, Wire(site, "alpha"), interval="2h")
    file = tmp_path / "newswire.toml"
    file.write_text(file.read_text().replace('listen = ""', 'listen = "127.0.0.1:0"'))
    with streaming(tmp_path) as process:
        until(lambda: len(stored(tmp_path)) == 1)
        time.sleep(8)
        ours = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        before, started = _cpu_s(ours), time.monotonic()
        time.sleep(60)
        share = (_cpu_s(ours) - before) / (time.monotonic() - started)
    assert share < 0.01, f"{share:.2%} of a core"


def _cpu_s(processes: list[psutil.Process]) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in processes if one.is_running())


@pytest.mark.slow
def test_one_stream_or_run_at_a_time(site: Site, tmp_path: Path) -> None:
    settings_with(tmp_path, Wire(site, "alpha"), interval="1h")
    with streaming(tmp_path):
        until(lambda: len(stored(tmp_path)) == 1)
        for command in ("stream", "run"):
            assert "is at work on" in newswire(command, cwd=tmp_path, exit_code=1).stderr
        newswire("alerts", "list", cwd=tmp_path)
        assert newswire_json("search", "bridge", cwd=tmp_path)


def test_what_cannot_be_is_said(tmp_path: Path) -> None:
    assert "--no-wait" in newswire("stream", "--no-wait", cwd=tmp_path, exit_code=2).stderr
    (tmp_path / "newswire.toml").write_text('[runner]\nprofile = "prism"\nprism = "no-such-binary"\n')
    assert "no-such-binary" in newswire("stream", cwd=tmp_path, exit_code=2).stderr
    (tmp_path / "newswire.toml").write_text('[runner]\nprism = "no-such-binary"\n')
    for options in (("--runner", "PrismRunner"), ("--runner=prism",)):  # the same, however it is named
        for command in ("stream", "run"):
            assert "no-such-binary" in newswire(command, "--", *options, cwd=tmp_path, exit_code=2).stderr
    (tmp_path / "newswire.toml").write_text('[runner]\nprofile = "spark"\n')
    assert "runner.profile" in newswire("stream", cwd=tmp_path, exit_code=2).stderr


@pytest.mark.slow
@pytest.mark.parametrize("then", ["removed", "replaced"])
def test_a_store_that_is_taken_away_ends_it(site: Site, tmp_path: Path, then: str) -> None:
    """Whoever watches over it starts it anew, with the file that is there now."""
    wire, file = Wire(site, "alpha"), tmp_path / "newswire.db"
    settings_with(tmp_path, wire)
    with streaming(tmp_path, exit_code=1) as process:
        until(lambda: len(stored(tmp_path)) == 1)
        if then == "removed":
            for one in tmp_path.glob("newswire.db*"):
                one.unlink()
        else:
            with sqlite3.connect(file) as db:
                db.execute("VACUUM INTO ?", (str(tmp_path / "backup.db"),))
            (tmp_path / "backup.db").replace(file)
        process.wait(60)
    assert "the store's file was removed, or replaced" in (tmp_path / "stderr.txt").read_text()


@pytest.mark.slow
def test_a_host_that_hangs_and_goes_on_publishing_holds_up_nobody(site: Site, tmp_path: Path) -> None:
    """Each of its stories is waited for until `timeout_s`, so that more and more of them are."""
    wires = [Wire(site, name) for name in ("alpha", "bravo")]
    with Site(host="127.0.0.2") as hanging:
        stories: list[tuple[str, str, str]] = []

        def announce(number: int) -> None:
            link = hanging.put(f"/{number}", delay_s=100.0).replace("127.0.0.1", "127.0.0.2")
            stories.append((f"Story {number} that nobody can read", link, "Standfirst"))
            site.put("/hangs.xml", feed(stories), content_type="application/rss+xml")

        announce(0)
        settings_with(tmp_path, *wires)
        file = tmp_path / "newswire.toml"
        listed = f'[[feeds]]\nid = "hangs"\nurl = "{site.url("/hangs.xml")}"\ninterval = "1s"\n'
        file.write_text(file.read_text().replace("timeout_s = 3", "timeout_s = 60") + listed)
        with streaming(tmp_path, exit_code=None) as process:
            until(lambda: len(stored(tmp_path)) == 2)
            for number in range(1, 11):
                announce(number)
                until(lambda: f"/{number}" in hanging.paths(), 30)  # noqa: B023 - it is asked at once
            for number in range(1, 4):
                urls = {wire.publish(number) for wire in wires}
                until(lambda: urls <= stored(tmp_path).keys(), 30)  # noqa: B023
            process.kill()
    found = stored(tmp_path)
    late = [(found[url] - at).total_seconds() for wire in wires for url, at in wire.born.items() if url[-2:] != "/0"]
    assert max(late) <= 2.2 + SEARCHABLE_S, late
