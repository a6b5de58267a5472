"""What becomes of feeds and articles over time, run after run, as an operator sees it."""

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.feed_ports import Polled
from connectors.opening import SqliteSpec, open_store
from pipelines.run import run_once
from pipelines.settings import load
from tests.e2e.cli import newswire, newswire_json, write_settings
from tests.site import Site, feed, page
from transforms.habits import PollNote

BODY = ["The council met on Monday and agreed on the budget for the coming year after a long debate.", "It is final."]
CHANGED = ["The council met on Monday and rejected the budget for the coming year after a long debate.", "It is final."]
RSS = "application/rss+xml"
#: Looked at again four seconds after it was first seen: long after it was stored, soon enough for a test.
#: Sooner would be past, on a busy machine, before the first run is over.
SOON = '[schedule]\nchecks = ["12s"]\n'


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as opened:
        yield opened


class Wire:
    """One feed of one site, and an operator who runs newswire over it."""

    def __init__(self, site: Site, folder: Path, more: str = "", more_fetch: str = "") -> None:
        self.site, self.folder = site, folder
        self.settings = write_settings(folder, [("wire", site.url("/feed"))], more=more, more_fetch=more_fetch)

    def announce(self, *items: tuple[str, str], path: str = "/feed", **more: Any) -> None:
        """The feed lists (headline, path) from now on."""
        body = feed([(title, self.site.url(link), "") for title, link in items])
        self.site.put(path, body, content_type=RSS, **more)

    def run(self) -> Mapping[str, Mapping[str, int]]:
        """The counts of a run over all feeds, in this process; what was asked of the site before is forgotten."""
        self.site.forget()
        return run_once(load(str(self.settings)), poll_all=True).counts

    def asked(self) -> list[str]:
        """The paths of the last run's requests, but for robots.txt."""
        return [path for path in self.site.paths() if path != "/robots.txt"]

    def trace(self, path: str) -> dict[str, Any]:
        traced: dict[str, Any] = newswire_json("trace", self.site.url(path), cwd=self.folder)
        return traced

    def feed(self) -> dict[str, Any]:
        (only,) = newswire_json("feeds", "list", cwd=self.folder)
        assert isinstance(only, dict)
        return only

    def wait_for_a_look(self) -> None:
        """Let pass the time until the first page is looked at again."""
        with open_store(SqliteSpec(str(self.folder / "newswire.db"))) as store:
            due = store.ledger.next_due()
        assert due is not None, "no look is to come"
        time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))

    def later(self, **learned: Any) -> None:
        """Have polling taught something that takes days to teach."""
        with open_store(SqliteSpec(str(self.folder / "newswire.db"))) as store:
            (known,) = store.feeds.all()
            note = PollNote(at=datetime.now(UTC), outcome="known")
            store.feeds.polled([Polled(feed=known, note=note, change=lambda stored: replace(stored, **learned))])


def test_a_run_that_finds_nothing_new_costs_no_page_and_no_write(site: Site, tmp_path: Path) -> None:
    wire = Wire(site, tmp_path)
    wire.announce(("A", "/a"), ("B", "/b"), headers={"ETag": '"1"'})
    for path in ("/a", "/b"):
        site.put(path, page(path, BODY))
    assert wire.run()["store"] == {"new": 2}
    counts = wire.run()
    assert wire.asked() == ["/feed"]
    assert "store" not in counts
    assert "fetch" not in counts


@pytest.mark.slow
def test_a_changed_page_is_found_by_a_later_look(site: Site, tmp_path: Path) -> None:
    wire = Wire(site, tmp_path, SOON)
    wire.announce(("The budget", "/a"))
    site.put("/a", page("The budget", BODY))
    wire.run()
    site.put("/a", page("The budget", CHANGED))
    wire.wait_for_a_look()
    counts = wire.run()
    assert (counts["check"], counts["store"]) == ({"done": 1}, {"revised": 1})
    traced = wire.trace("/a")
    assert [one["revision"] for one in traced["revisions"]] == [1, 2]
    assert "body" in str(traced["revisions"][1]["changes"])
    shown = newswire("trace", site.url("/a"), cwd=tmp_path).stdout
    assert "agreed on" in shown
    assert "rejected" in shown
    wire.run()
    assert wire.asked() == ["/feed"], "the last look was the last"


@pytest.mark.slow
def test_a_page_that_is_gone_withdraws_its_article_and_one_that_is_back_restores_it(site: Site, tmp_path: Path) -> None:
    wire = Wire(site, tmp_path, '[schedule]\nchecks = ["12s", "30s"]\n')
    wire.announce(("The budget", "/a"))
    site.put("/a", page("The budget", BODY))
    wire.run()
    site.put("/a", b"not here", status=404)
    wire.wait_for_a_look()
    assert wire.run()["check"] == {"gone": 1}
    traced = wire.trace("/a")
    assert (traced["state"], traced["revisions"][-1]["status"]) == ("done", "withdrawn")
    assert "404" in traced["revisions"][-1]["edition_note"]
    (hit,) = newswire_json("search", "budget", cwd=tmp_path)["hits"]
    assert hit["status"] == "withdrawn"
    assert hit["body"]
    site.put("/a", page("The budget", BODY))
    wire.wait_for_a_look()
    assert wire.run()["store"] == {"revised": 1}
    assert wire.trace("/a")["revisions"][-1]["status"] == "usable"


@pytest.mark.slow
def test_a_look_that_fails_changes_nothing(site: Site, tmp_path: Path) -> None:
    wire = Wire(site, tmp_path, SOON)
    wire.announce(("The budget", "/a"))
    site.put("/a", page("The budget", BODY))
    wire.run()
    site.put("/a", b"", status=500)
    wire.wait_for_a_look()
    assert wire.run()["check"] == {"failed": 1}
    traced = wire.trace("/a")
    assert (traced["state"], len(traced["revisions"])) == ("done", 1)
    assert "HTTP 500" in str(traced["history"])


@pytest.mark.slow
def test_an_item_that_gets_a_new_address_stays_one_document(site: Site, tmp_path: Path) -> None:
    def listed(path: str) -> bytes:
        item = (
            f"<item><guid isPermaLink='false'>tag:7</guid><link>{site.url(path)}</link><title>The budget</title></item>"
        )
        return f'<rss version="2.0"><channel><title>T</title>{item}</channel></rss>'.encode()

    wire = Wire(site, tmp_path)
    site.put("/feed", listed("/budget"), content_type=RSS)
    site.put("/budget", page("The budget", BODY))
    wire.run()
    site.put("/feed", listed("/budget-rejected"), content_type=RSS)
    site.put("/budget-rejected", page("The budget", CHANGED))
    site.put("/budget", b"", status=404)
    assert wire.run()["store"] == {"revised": 1}
    assert newswire_json("store", "status", cwd=tmp_path)["articles"] == 1
    traced = wire.trace("/budget-rejected")
    assert [one["revision"] for one in traced["revisions"]] == [1, 2]


@pytest.mark.slow
def test_a_ticker_s_flashes_are_documents_of_their_own(site: Site, tmp_path: Path) -> None:
    wire = Wire(site, tmp_path)
    wire.announce(("First flash", "/"), ("Second flash", "/"), ("Third flash", "/"))
    assert wire.run()["store"] == {"new": 3}
    assert wire.asked() == ["/feed"], "a front page is no story"
    assert newswire_json("search", "second", cwd=tmp_path)["total"] == 1
    wire.announce(("Fourth flash", "/"), ("First flash", "/"), ("Second flash", "/"))
    assert wire.run()["store"] == {"new": 1}


@pytest.mark.slow
def test_a_permanent_move_is_believed_at_the_third_time(site: Site, tmp_path: Path) -> None:
    wire = Wire(site, tmp_path)
    site.put("/feed", status=301, headers={"Location": "/new-feed"})
    wire.announce(("A", "/a"), path="/new-feed")
    site.put("/a", page("A", BODY))
    for _ in range(3):
        wire.run()
        assert wire.asked()[:2] == ["/feed", "/new-feed"]
    wire.run()
    assert wire.asked() == ["/new-feed"]
    assert wire.feed()["address"] == site.url("/new-feed")


@pytest.mark.slow
def test_a_temporary_redirect_is_never_believed(site: Site, tmp_path: Path) -> None:
    wire = Wire(site, tmp_path)
    site.put("/feed", status=302, headers={"Location": "/new-feed"})
    wire.announce(("A", "/a"), path="/new-feed")
    site.put("/a", page("A", BODY))
    for _ in range(5):
        wire.run()
    assert wire.asked() == ["/feed", "/new-feed"]


@pytest.mark.slow
def test_a_server_that_lies_about_its_feed_is_found_out(site: Site, tmp_path: Path) -> None:
    wire = Wire(site, tmp_path)
    wire.announce(("A", "/a"), headers={"ETag": '"same"'})
    for path in ("/a", "/b"):
        site.put(path, page(path, BODY))
    wire.run()
    wire.announce(("A", "/a"), ("B", "/b"), headers={"ETag": '"same"'})
    wire.later(last_full_at=datetime.now(UTC) - timedelta(days=2))
    assert wire.run()["entry"]["new"] == 1
    assert wire.feed()["distrusted"] is True
    wire.run()
    assert "if-none-match" not in next(one for one in site.asked if one.path == "/feed").headers


def test_robots_txt_is_obeyed_and_asked_once(site: Site, tmp_path: Path) -> None:
    wire = Wire(site, tmp_path)
    site.put("/robots.txt", b"User-agent: newswire\nDisallow: /private\n", content_type="text/plain")
    wire.announce(("A", "/a"), ("B", "/private/b"))
    site.put("/a", page("A", BODY))
    site.put("/private/b", page("B", BODY))
    counts = wire.run()
    assert counts["fetch"] == {"done": 1, "rejected": 1}
    assert sorted(site.paths()) == ["/a", "/feed", "/robots.txt"]
    (row,) = newswire_json("rejected", "list", cwd=tmp_path)
    assert (row["error"], row["kind"]) == ("Disallowed", "robots")
    wire.run()
    assert site.paths() == ["/feed"], "robots.txt is kept from run to run"


@pytest.mark.slow
def test_robots_txt_can_be_left_out_for_a_feed(site: Site, tmp_path: Path) -> None:
    site.put("/robots.txt", b"User-agent: *\nDisallow: /feed\n", content_type="text/plain")
    wire = Wire(site, tmp_path)
    wire.announce(("A", "/a"))
    site.put("/a", page("A", BODY))
    assert wire.run()["poll"] == {"rejected": 1}
    with wire.settings.open("a") as file:
        file.write("robots = false\n")
    assert wire.run()["poll"] == {"ok": 1}


@pytest.mark.slow
def test_a_host_that_refuses_is_left_alone_and_the_feeds_words_stand_in(site: Site, tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        down = f"http://127.0.0.1:{taken.getsockname()[1]}"
        wire = Wire(site, tmp_path, more_fetch="per_host = 1")
        site.put("/feed", feed([(f"Story {n}", f"{down}/{n}", "In short.") for n in range(5)]), content_type=RSS)
        counts = wire.run()
        assert counts["fetch"]["rejected"] == 5
        assert counts["store"] == {"new": 5}
        rows = newswire_json("rejected", "list", cwd=tmp_path)
        assert {row["kind"] for row in rows} <= {"refused", "resting"}
        newswire("rejected", "retry", cwd=tmp_path)
        wire.run()
        rows = newswire_json("rejected", "list", cwd=tmp_path)
        assert {row["error"] for row in rows} == {"Resting"}, "the next run knows that it rests"


def test_a_secret_is_sent_to_its_own_host_and_kept_nowhere(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIRE_TOKEN", "s3cr3t-value")
    wire = Wire(site, tmp_path)
    with wire.settings.open("a") as file:
        file.write('headers = { Authorization = "Bearer ${WIRE_TOKEN}" }\n')
    wire.announce(("A", "/a"))
    site.put("/a", page("A", BODY))
    wire.run()
    by_path = {one.path: one.headers.get("authorization") for one in site.asked}
    assert by_path["/feed"] == "Bearer s3cr3t-value"
    assert {by_path.get("/a"), by_path.get("/robots.txt")} == {None}
    written = b"".join(file.read_bytes() for file in tmp_path.glob("newswire.db*"))
    assert b"s3cr3t-value" not in written
    monkeypatch.delenv("WIRE_TOKEN")
    assert wire.run()["poll"] == {"rejected": 1}
    assert "WIRE_TOKEN" in wire.feed()["last_error"]


def test_a_secret_that_is_written_out_is_an_error(site: Site, tmp_path: Path) -> None:
    wire = Wire(site, tmp_path)
    with wire.settings.open("a") as file:
        file.write('headers = { Authorization = "Bearer s3cr3t-value" }\n')
    said = newswire("check", cwd=tmp_path, exit_code=2).stderr
    assert "feeds.0.headers" in said
    assert "s3cr3t" not in said


@pytest.mark.slow
def test_passwords_in_addresses_are_shown_nowhere(site: Site, tmp_path: Path) -> None:
    secret = site.url("/feed").replace("//", "//ann:s3cr3t@")
    write_settings(tmp_path, [("wire", secret), ("dead", secret.replace("/feed", "/dead"))])
    site.put("/feed", feed([("A", site.url("/a"), "")]), content_type=RSS)
    site.put("/a", page("A", BODY))
    shown = [newswire("run", "--all", cwd=tmp_path, exit_code=None)]
    for command in ("feeds list", "rejected list", "feeds export", "store status", "feeds list --json"):
        shown += [newswire(*command.split(), cwd=tmp_path)]
    shown += [newswire("rejected", "list", "--json", cwd=tmp_path)]
    shown.append(newswire("trace", secret.replace("/feed", "/dead"), cwd=tmp_path))
    shown.append(newswire("feeds", "check", secret, cwd=tmp_path))
    assert not [one.args for one in shown if "s3cr3t" in one.stdout + one.stderr]
    authorized = [one.path for one in site.asked if "authorization" in one.headers]
    assert set(authorized) == {"/feed", "/dead"}
