"""One run over everything that feeds and pages are known to do wrong, beside a feed that does everything right: each
ends with a clear status in the ledger, nothing else is affected, and memory stays bounded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.opening import SqliteSpec, open_store
from pipelines.tracing import Traced
from tests.benchmarks.running import Ran, run
from tests.e2e.cli import newswire, newswire_json, write_settings
from tests.site import Site, feed, page
from transforms.records import Feed

PEAK_MB = 1_000
TEXT = ["The council met on Monday and agreed on the budget for the coming year after a long debate.", "It is final."]
FRENCH = [
    "Le conseil municipal s'est réuni lundi pour débattre du budget, adopté à une large majorité dans la soirée.",
    "La maire a salué « un vote de responsabilité », tandis que l'opposition dénonçait une hausse des impôts déguisée.",
    "Les travaux de la médiathèque débuteront en février et s'achèveront à l'été, a précisé l'adjoint à la culture.",
]
GOOD = [f"/good/{n}" for n in range(5)]

#: Pages by path: (error in the ledger, or "" where an article is stored), and the stage it happens in.
PAGES: dict[str, tuple[str, str]] = {
    "/drop": ("fetch", "Unreachable"),
    "/partial": ("fetch", "Unreachable"),
    "/broken-chunks": ("fetch", "Unreachable"),
    "/drip": ("fetch", "Unreachable"),
    "/forever": ("fetch", "Unreachable"),
    "/huge": ("fetch", "TooLarge"),
    "/announced-huge": ("fetch", "TooLarge"),
    "/bomb": ("fetch", "TooLarge"),
    "/headers-huge": ("fetch", "Unreachable"),
    "/broken-gzip": ("fetch", "Unreachable"),
    "/loop": ("fetch", "Refused"),
    "/chain/9": ("fetch", "Refused"),
    "/to-file": ("fetch", "Forbidden"),
    "/to-javascript": ("fetch", "Forbidden"),
    "/429": ("fetch", "Busy"),
    "/503-date": ("fetch", "Busy"),
    "/missing": ("fetch", "Gone"),
    "/empty": ("extract", "NotAnArticle"),
    "/binary": ("extract", "NotAnArticle"),
    "/pdf": ("extract", "NotAnArticle"),
    "/challenge": ("extract", "Challenged"),
    "/feed-as-page": ("extract", "NotAnArticle"),
    "/wrong-charset": ("", ""),
    "/colspan": ("", ""),
    "/nested": ("", ""),
    "/chain/2": ("", ""),
}

#: Feeds by path: the error in the ledger, or the number of entries that come out of it.
FEEDS: dict[str, str | int] = {
    "/f/empty": "NotAFeed",
    "/f/html": "NotAFeed",
    "/f/binary": "NotAFeed",
    "/f/truncated": 2,
    "/f/lol": "NotAFeed",
    "/f/external": 1,
    "/f/large": 1,
    "/f/too-large": "TooLarge",
    "/f/encoding": 1,
    "/f/many": 5_000,
    "/f/no-links": 0,
    "/f/javascript": 0,
    "/f/same-guid": 3,
    "/reset": "Unreachable",
    "/404": "Gone",
    "/503": "Busy",
}


def billion_laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "lol">{entities}]>'
    return f'{head}<rss version="2.0"><channel><title>&l9;</title></channel></rss>'.encode()


def rss(items: str, head: str = "") -> bytes:
    head = f'<?xml version="1.0" encoding="utf-8"?>{head}'
    return f'{head}<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


def item(link: str, more: str = "") -> str:
    return f"<item><title>Council agrees on budget</title><link>{link}</link>{more}</item>"


def build(site: Site) -> None:
    ordinary = page("Council agrees on budget", TEXT)
    for path in GOOD:
        site.put(path, page(f"Story {path}", [*TEXT, f"It said so in {path}."]))
    site.put("/pdf", b"%PDF-1.7 ...", content_type="application/pdf")
    site.put(
        "/challenge",
        b"<html><head><title>Just a moment...</title></head><body><p>Checking your browser</p></body></html>",
    )
    site.put("/feed-as-page", rss(item(site.url("/good/0"))), content_type="text/html")
    french = page(
        "Café", ["Déjà vu à la mairie, où le café est offert à tous les élèves de la ville.", *FRENCH], language="fr"
    )
    latin = french.decode().replace('<meta charset="utf-8">', "").encode("latin-1")
    site.put("/wrong-charset", latin, content_type="text/html; charset=utf-8")
    site.put(
        "/colspan",
        ordinary.replace(b"</article>", b'<table><tr><td colspan="9007199254740991">x</td></tr></table></article>'),
    )
    site.put("/nested", ordinary.replace(b"</main>", b"</main>" + b"<div>" * 100_000))

    def put(path: str, body: bytes) -> None:
        site.put(path, body, content_type="application/rss+xml")

    one = site.url("/good/0")
    put("/f/empty", b"")
    put("/f/html", ordinary)
    put("/f/binary", bytes(range(256)) * 40)
    put("/f/truncated", rss("".join(item(site.url(f"/good/{n}")) for n in range(3)))[:-70])
    put("/f/lol", billion_laughs())
    put(
        "/f/external",
        rss(item(one, "<description>&x;</description>"), '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    )
    put("/f/large", rss(item(one, f"<description>{'long ' * 1_900_000}</description>")))
    put("/f/too-large", rss(item(one, f"<description>{'long ' * 2_100_000}</description>")))
    put("/f/encoding", rss(item(one, "<description>naïve café</description>")).decode().encode("cp1252"))
    # One page for all of them, told apart by a query that is no tracking parameter.
    put("/f/many", rss("".join(item(f"{site.url('/missing')}?n={n}") for n in range(5_000))))
    put("/f/no-links", rss("<item><title>Nowhere to go</title></item><item><title>Nor here</title></item>"))
    put("/f/javascript", rss(item("javascript:alert(1)")))
    put(
        "/f/same-guid",
        rss("".join(item(site.url(f"/good/{n}"), '<guid isPermaLink="false">same</guid>') for n in range(3))),
    )
    put("/f/good", feed([(f"Story {path}", site.url(path), "") for path in GOOD]))
    put("/f/pages", feed([("Council agrees on budget", site.url(path), "") for path in PAGES]))


class After:
    """The archive after the run."""

    def __init__(self, folder: Path, site: Site, ran: Ran) -> None:
        self.folder, self.site, self.ran = folder, site, ran

    def trace(self, path: str) -> dict[str, Any]:
        """What `newswire trace --json` prints, without a process for each of so many."""
        with open_store(SqliteSpec(str(self.folder / "newswire.db"))) as store:
            traced = Traced.of(self.site.url(path), store)
            assert traced is not None, path
            return traced.data()

    def feeds(self) -> dict[str, Feed]:
        with open_store(SqliteSpec(str(self.folder / "newswire.db"))) as store:
            return {feed.url: feed for feed in store.feeds.all()}


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Iterator[After]:
    folder = tmp_path_factory.mktemp("faults")
    with Site() as site:
        build(site)
        feeds = [("good", site.url("/f/good")), ("pages", site.url("/f/pages"))]
        feeds += [(path.strip("/").replace("/", "-"), site.url(path)) for path in FEEDS]
        settings = write_settings(
            folder, feeds, timeout_s=3, more_fetch="per_host = 32", more="[extract]\ntime_limit_s = 8"
        )
        yield After(folder, site, run(settings))


def test_the_good_feed_is_not_affected(after: After) -> None:
    for path in GOOD:
        traced = after.trace(path)
        assert (traced["state"], len(traced["revisions"])) == ("done", 1)
        assert f"It said so in {path}." in traced["revisions"][0]["body"]


@pytest.mark.parametrize("path", PAGES)
def test_page(after: After, path: str) -> None:
    stage, error = PAGES[path]
    traced = after.trace(path)
    if not error:
        assert (traced["state"], traced["revisions"][-1]["body_source"]) == ("done", "page")
        return
    assert (traced["state"], traced["stage"], traced["error"]) == ("rejected", stage, error)
    assert traced["reason"]
    assert traced["retryable"] == (error in ("Unreachable", "Busy", "Challenged"))
    assert (traced["next_try_at"] is not None) == traced["retryable"]


def test_a_wrong_charset_is_seen_through(after: After) -> None:
    assert "Déjà vu à la mairie" in after.trace("/wrong-charset")["revisions"][0]["body"]


@pytest.mark.parametrize("path", FEEDS)
def test_feed(after: After, path: str) -> None:
    expected = FEEDS[path]
    known = after.feeds()[after.site.url(path)]
    if isinstance(expected, str):
        assert (known.last_status, known.failures) == ("failed", 1)
        traced = after.trace(path)
        assert (traced["state"], traced["stage"], traced["error"]) == ("rejected", "poll", expected)
    else:
        assert (known.last_status, known.failures) == ("ok", 0)


def test_all_entries_of_a_large_feed_are_accounted_for(after: After) -> None:
    counts = after.ran.summary["counts"]
    listed = len(GOOD) + len(PAGES) + sum(n for n in FEEDS.values() if isinstance(n, int))
    in_two_feeds = 2 + 1 + 1 + 1 + 3  # truncated, external, large, encoding and same-guid list the good stories again
    assert sum(counts["entry"][kind] for kind in ("new", "known")) == listed
    assert counts["entry"]["new"] == listed - in_two_feeds
    assert sum(counts["fetch"].values()) == counts["entry"]["new"]
    assert counts["entry"]["rejected"] == 3


def test_items_without_an_address_are_in_the_ledger(after: After) -> None:
    rows = newswire_json("rejected", "list", "--stage", "entry", cwd=after.folder)
    assert sorted(row["url"].partition("#")[2] for row in rows) == ["Nor here", "Nowhere to go", "javascript:alert(1)"]
    assert {row["error"] for row in rows} == {"NoLink"}


def test_a_feed_that_broke_off_is_asked_without_validators_next_time(after: After) -> None:
    assert after.feeds()[after.site.url("/f/truncated")].body_hash is None
    assert after.feeds()[after.site.url("/f/good")].body_hash


def test_no_file_was_read_through_an_entity(after: After) -> None:
    assert newswire_json("search", "root AND bash", cwd=after.folder)["total"] == 0


def test_memory_is_bounded(after: After) -> None:
    assert after.ran.peak_mb < PEAK_MB


def test_a_redirect_to_a_private_address_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if 127.0.0.1 were the public internet, so that the site can be reached and 10.0.0.1 cannot."""
    from connectors import http
    from pipelines.run import run_once
    from pipelines.settings import load

    monkeypatch.setattr(http, "is_public", lambda address: address == "127.0.0.1")
    with Site() as site:
        site.put("/feed", feed([("Moved", site.url("/to-private"), "")]), content_type="application/rss+xml")
        settings = write_settings(tmp_path, [("one", site.url("/feed"))])
        settings.write_text(settings.read_text().replace("allow_private_hosts = true", ""))
        summary = run_once(load(str(settings)))
        assert summary.errors == {"fetch": {"Forbidden": 1}}
        assert "10.0.0.1 is no public address" in newswire("rejected", "list", cwd=tmp_path).stdout


@pytest.mark.slow
def test_a_flooding_host_does_not_hold_up_the_run_and_nothing_of_it_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if 127.0.0.1 were the public internet, where requests keep their distance."""
    from pipelines import manners
    from pipelines.run import run_once
    from pipelines.settings import load

    monkeypatch.setattr(manners, "is_public", lambda address: True)
    with Site() as site:
        paths = [f"/flood/{n}" for n in range(20)]
        for path in paths:
            site.put(path, page(f"Story {path}", TEXT))
        site.put("/feed", feed([(f"Story {p}", site.url(p), "") for p in paths]), content_type="application/rss+xml")
        more = '[run]\ntime_limit = "6s"'
        settings = write_settings(
            tmp_path, [("one", site.url("/feed"))], more_fetch="gap_s = 0.8\nfeed_gap_s = 0", more=more
        )
        first = run_once(load(str(settings)))
        assert 0 < first.count("fetch", "done") < len(paths)
        assert first.count("fetch", "done", "postponed") == len(paths)
        settings.write_text(settings.read_text().replace("gap_s = 0.8", "gap_s = 0"))
        second = run_once(load(str(settings)))
        assert second.count("entry", "again") == first.count("fetch", "postponed")
        assert sorted(site.paths()) == sorted(["/robots.txt", "/feed", *paths])
    assert newswire_json("store", "status", cwd=tmp_path)["articles"] == len(paths)
