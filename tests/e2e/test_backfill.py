"""`newswire backfill` as an operator runs it: lists fetched, archives read without a request, ended and begun again,
and live news beside it."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from connectors.opening import SqliteSpec, open_store
from connectors.ports import Search
from pipelines.feeds.opml import opml
from tests.e2e.cli import NEWSWIRE, environment, newswire, newswire_json, write_settings
from tests.factories import NOON, make_feed
from tests.pipelines.archives import answer, warc
from tests.site import Site, feed, page
from transforms.records import Article

TEXT = [
    "The ministers met on Monday and will meet again next week, the government said in a statement to reporters.",
    "Nobody expects an agreement before the summer, officials in the capital said after hours of talks.",
]
HTML = "text/html; charset=utf-8"


def story(n: int, *, published: str = "2024-03-02T08:00:00Z") -> bytes:
    return page(f"Talks go on for week {n}", [*TEXT, f"It is week {n} of the talks."], published=published)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_settings(tmp_path, [])
    return tmp_path


def stories(site: Site, n: int, *, delay_s: float = 0.0, first: int = 0) -> list[str]:
    return [site.put(f"/story/{i}", story(i), delay_s=delay_s) for i in range(first, first + n)]


def articles(folder: Path) -> dict[str, Article]:
    """By their announced addresses; each is there once."""
    with open_store(SqliteSpec(str(folder / "newswire.db"))) as store:
        hits = store.articles.search(Search(limit=1_000)).hits
        assert len(hits) == store.articles.status()["articles"]
    return {hit.article.urls.announced: hit.article for hit in hits}


def pages(site: Site) -> list[str]:
    return [path for path in site.paths() if path.startswith("/story/")]


def begun(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*NEWSWIRE, "backfill", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )


def wait_for_pages(site: Site, n: int, process: "subprocess.Popen[str]") -> None:
    while len(pages(site)) < n:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def test_a_list_is_read_once_and_what_is_wrong_with_it_is_named(folder: Path, site: Site) -> None:
    urls = [*stories(site, 3), site.put("/story/gone", status=410), site.put("/story/early", story(9))]
    dates = ["2024-03-02", "2024-03-02", "2024-03-04", "2024-03-05", "2019-01-01"]
    rows = [f"{url};Talks go on;{day}" for url, day in zip(urls, dates, strict=True)]
    (folder / "march.csv").write_text("\n".join(["Link;Headline;Date", *rows, "nonsense;;", rows[0]]), "utf-8")
    options = ("march.csv", "--rate", "50/s", "--since", "2024-01-01", "--source", "The Wire")

    dry = newswire_json("backfill", *options, "--dry-run", cwd=folder)
    assert (dry["listed"], dry["outside"], dry["read"], dry["counts"]) == (6, 1, 5, {})
    assert not (folder / "newswire.db").exists()

    done = newswire("backfill", *options, cwd=folder)
    assert done.stderr == "newswire: line 7: no complete http or https address: 'nonsense'\n"
    assert done.stdout.startswith("march.csv (csv): 6 listed, 1 broken, 1 outside the dates, 1 known already\n")
    assert "4 read: 3 new, 0 revised, 0 unchanged; 1 rejected" in done.stdout
    found = articles(folder)
    assert sorted(found) == sorted(urls[:3])
    first = found[urls[0]]
    assert (first.source.name, first.source.feed_id) == ("The Wire", "backfill-the-wire")
    assert first.first_seen_at.year >= 2026, "when it came to us decides where it is kept"
    assert f"{first.published_at:%Y-%m-%d %H}" == "2024-03-02 08", "the page's own word"

    site.forget()
    again = newswire_json("backfill", *options, cwd=folder)
    assert (again["known"], again["read"], again["left"]) == (5, 0, 0)
    assert site.paths() == []
    assert newswire_json("store", "status", cwd=folder)["ledger"] == {"done": 3, "pending": 0, "rejected": 1}
    newswire("run", cwd=folder)
    assert pages(site) == [], "it is not looked at again for changes"


def test_the_pages_of_an_archive_are_never_fetched(folder: Path) -> None:
    records: list[Any] = [
        answer(f"https://old.example/{n}", story(n), Content_Type=HTML, fetched_at="2025-06-01T12:00:00Z")
        for n in range(5)
    ]
    russian = page("Новости дня", ["Переговоры продолжатся на следующей неделе, сообщили в правительстве."] * 3)
    body = russian.decode().replace('<meta charset="utf-8">', "").encode("cp1251")
    records.append(answer("https://old.example/ru", body, Content_Type="text/html; charset=windows-1251"))
    records.append(answer("https://old.example/x", b"", status="301 Moved", Location="https://old.example/1"))
    (folder / "old.warc.gz").write_bytes(warc(records))
    done = newswire_json("backfill", "old.warc.gz", cwd=folder)
    assert (done["format"], done["listed"], done["no_story"], done["read"]) == ("warc", 6, 1, 6)
    assert done["elapsed_s"] < 60, "the rate is that of fetching"
    found = articles(folder)
    assert len(found) == 6
    assert "Переговоры" in found["https://old.example/ru"].body
    one = found["https://old.example/1"]
    assert one.fetched_at.isoformat() == "2025-06-01T12:00:00+00:00"
    assert one.urls.final == "https://old.example/1"
    assert newswire_json("backfill", "old.warc.gz", cwd=folder)["known"] == 6


@pytest.mark.slow
def test_feeds_are_asked_once_and_pages_of_json_lines_are_taken_as_they_are(folder: Path, site: Site) -> None:
    urls = stories(site, 3)
    site.put("/feed", feed([(f"Talks {n}", url, "More talks") for n, url in enumerate(urls)]), content_type="text/xml")
    feeds = [make_feed(id="a", url=site.url("/feed")), make_feed(id="b", url=site.url("/drop"))]
    (folder / "feeds.opml").write_bytes(opml(feeds, NOON))
    done = newswire("backfill", "feeds.opml", "--rate", "50/s", cwd=folder)
    assert f"newswire: {site.url('/drop')}: " in done.stderr
    assert "3 listed, 1 broken" in done.stdout
    assert sorted(articles(folder)) == sorted(urls)
    assert newswire_json("feeds", "list", cwd=folder) == []
    assert {one.source.feed_id for one in articles(folder).values()} == {"backfill-the-wire"}

    line = '{"url": "https://never.example/a", "html": "<html><body><article><p>%s</p></article></body></html>"}\n'
    lines = line % " ".join(TEXT) + '{"url": 1}\n'
    given = newswire("backfill", "-", "--format", "jsonl", "--json", cwd=folder, stdin=lines)
    assert given.stderr == "newswire: line 2: `url` is no text\n"
    assert "https://never.example/a" in articles(folder)


def test_too_much_that_is_broken_is_exit_3_and_no_file_is_exit_2(folder: Path) -> None:
    (folder / "bad.jsonl").write_text("{\n" * 30, "utf-8")
    done = newswire("backfill", "bad.jsonl", cwd=folder, exit_code=3)
    assert len(done.stderr.splitlines()) == 21
    assert "30 broken" in done.stdout
    for arguments in (["none.csv"], ["bad.jsonl", "--format", "sitemap"], ["bad.jsonl", "--rate", "0"]):
        assert newswire("backfill", *arguments, cwd=folder, exit_code=2).stderr.startswith("newswire: ")


@pytest.mark.slow
def test_a_rate_holds_over_all_hosts(folder: Path, site: Site) -> None:
    urls = [
        url.replace("127.0.0.1", host)
        for url, host in zip(stories(site, 8), ["127.0.0.1", "localhost"] * 4, strict=True)
    ]
    (folder / "list.txt").write_text("\n".join(urls), "utf-8")
    done = newswire_json("backfill", "list.txt", "--rate", "4/s", "--limit", "7", cwd=folder)
    assert (done["read"], len(articles(folder))) == (7, 7)
    at = [one.at for one in site.asked]
    assert min(b - a for a, b in pairwise(at)) > 0.15
    assert at[-1] - at[0] > 1.9


@pytest.mark.slow
@pytest.mark.parametrize("told", [False, True])
def test_subscribers_hear_of_it_only_if_asked(folder: Path, site: Site, told: bool) -> None:
    newswire("alerts", "add", "desk", "talks", cwd=folder)
    (folder / "list.txt").write_text("\n".join(stories(site, 2)), "utf-8")
    done = newswire_json("backfill", "list.txt", "--rate", "50/s", *(["--alerts"] if told else []), cwd=folder)
    assert done["counts"].get("alert/new", 0) == (2 if told else 0)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ended_it_finishes_what_is_in_hand_and_goes_on_when_begun_again(
    folder: Path, site: Site, number: signal.Signals
) -> None:
    urls = stories(site, 60, delay_s=0.1)
    (folder / "list.txt").write_text("\n".join(urls), "utf-8")
    process = begun(folder, "list.txt", "--rate", "3/s")
    wait_for_pages(site, 5, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert err == "newswire: interrupted after 60 of the list; the same command goes on from there\n"
    fetched = len(pages(site))
    assert 5 <= fetched < 60
    assert len(articles(folder)) == fetched
    assert f"{fetched} read: {fetched} new" in out
    assert f"{60 - fetched} begun and left" in out
    again = newswire_json("backfill", "list.txt", "--rate", "50/s", cwd=folder)
    assert (again["taken_up"], again["known"], again["left"]) == (60 - fetched, fetched, 0)
    assert sorted(pages(site)) == sorted(f"/story/{n}" for n in range(60)), "each page once"
    assert len(articles(folder)) == 60


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_killed_and_begun_again_nothing_is_lost_and_nothing_doubled(folder: Path, site: Site, share: float) -> None:
    urls = stories(site, 20)
    (folder / "list.txt").write_text("\n".join(urls), "utf-8")
    process = begun(folder, "list.txt", "--rate", "20/s")
    wait_for_pages(site, round(20 * share), process)
    process.kill()
    process.communicate()
    newswire_json("backfill", "list.txt", "--rate", "50/s", cwd=folder)
    assert sorted(articles(folder)) == sorted(urls)
    assert newswire_json("store", "status", cwd=folder)["ledger"] == {"done": 20, "pending": 0, "rejected": 0}
    assert {one.revision for one in articles(folder).values()} == {1}


@pytest.mark.slow
def test_what_a_killed_one_left_is_a_runs_work_once_its_lease_is_over(folder: Path, site: Site) -> None:
    urls = stories(site, 8)
    (folder / "list.txt").write_text("\n".join(urls), "utf-8")
    process = begun(folder, "list.txt", "--rate", "4/s")
    wait_for_pages(site, 2, process)
    process.kill()
    process.communicate()
    newswire("run", cwd=folder)
    assert len(articles(folder)) < 8, "it is in hand, and no run takes it over"
    with open_store(SqliteSpec(str(folder / "newswire.db"))) as store:
        assert store.ledger.release(f"{socket.gethostname()}/backfill/") > 0
    newswire("run", cwd=folder)
    assert sorted(articles(folder)) == sorted(urls)


@pytest.mark.slow
def test_a_run_beside_it_takes_no_longer(folder: Path, tmp_path: Path, site: Site) -> None:
    """By its own clock, the best of two, each after one for which the back-fill was held: others use the machine."""
    alone = tmp_path / "alone"
    alone.mkdir()
    for where in (alone, folder):
        # No time limit passes while the back-fill is held.
        patient = "[extract]\ntime_limit_s = 300"
        write_settings(where, [("live", site.url("/feed"))], timeout_s=300, more=patient)
    live: list[str] = []

    def run(where: Path) -> float:
        live[:] = [*live, *(site.put(f"/live/{n}", story(100 + n)) for n in range(len(live), len(live) + 10))]
        site.put("/feed", feed([(f"Live {n}", url, "") for n, url in enumerate(live)]), content_type="text/xml")
        return float(newswire_json("run", "--all", cwd=where)["elapsed_s"])

    slow = stories(site, 400, delay_s=1.0)
    (folder / "list.txt").write_text("\n".join(slow), "utf-8")
    process = begun(folder, "list.txt", "--rate", "4/s")
    wait_for_pages(site, 3, process)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) >= 10
    by_itself, beside = [], []
    for _ in range(2):
        process.send_signal(signal.SIGSTOP)
        by_itself.append(run(alone))
        process.send_signal(signal.SIGCONT)
        beside.append(run(folder))
    assert process.poll() is None, "it was over before the runs were"
    assert min(beside) < 1.5 * min(by_itself) + 1.0, (by_itself, beside)
    process.terminate()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 143, (out, err)
    assert sorted(articles(alone)) == sorted(live[:30])
    found = articles(folder)
    assert set(live) <= set(found)
    assert sorted(set(found) - set(live)) == sorted({site.url(path) for path in pages(site)})
