"""pipelines.crawl on a fetcher in memory: polite, bounded, each task answered once, and nothing that hangs."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Self, cast

import pytest

from connectors.http import HttpFetcher
from connectors.ports import HttpSpec
from connectors.workers import Workers, WorkerSpec
from pipelines.crawl import MAX_BATCH, Done, Limits, Task, crawl
from pipelines.manners import Manners
from tests.factories import make_response
from tests.site import Site
from transforms.errors import Busy, Disallowed, Gone, NewswireError, NotAnArticle, Resting, Unreachable
from transforms.habits import Host
from transforms.records import Request, Response
from transforms.urls import host_of

AGENT = "newswire/0.1 (+https://wire.example/bot)"
#: What waits for something that does not happen goes on then, so that a test fails and does not hang.
LONGEST_S = 10.0
PUBLIC = ["one.example", "two.example", "three.example", "four.example"]


class FakeFetcher:
    """Answers from memory. Dials: how long a fetch takes, in seconds or until something has happened, and what it
    answers or raises."""

    def __init__(
        self,
        *,
        takes: Callable[[str], float | threading.Event] = lambda url: 0.0,
        answers: Callable[[str], Response | BaseException] = lambda url: make_response(url, final_url=url),
    ) -> None:
        self._takes, self._answers = takes, answers
        self.starts: list[tuple[str, float]] = []
        self.most: Counter[str] = Counter()
        self._now: Counter[str] = Counter()
        self.opened, self.closed, self.cancelled = 0, 0, 0
        self.threads: set[str] = set()

    async def __aenter__(self) -> Self:
        self.opened += 1
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.closed += 1

    async def fetch(self, request: Request) -> Response:
        host = host_of(request.url)
        self.threads.add(threading.current_thread().name)
        self.starts.append((request.url, time.monotonic()))
        for name in (host, "all"):
            self._now[name] += 1
            self.most[name] = max(self.most[name], self._now[name])
        takes = self._takes(request.url)
        try:
            if isinstance(takes, threading.Event):
                await asyncio.to_thread(takes.wait, LONGEST_S)
            else:
                await asyncio.sleep(takes)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            for name in (host, "all"):
                self._now[name] -= 1
        answer = self._answers(request.url)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def gaps(self) -> dict[str, list[float]]:
        """Seconds between the starts of requests to each host."""
        by_host: dict[str, list[float]] = defaultdict(list)
        for url, at in self.starts:
            by_host[host_of(url)].append(at)
        return {host: [b - a for a, b in pairwise(ats)] for host, ats in by_host.items()}


class HandPool:
    """A worker pool of one thread's patience: reads right away, or when it is told to."""

    def __init__(self, *, held: bool = False) -> None:
        self.held = held
        self.waiting: list[Future[Any]] = []

    def submit(self, function: Callable[..., Any], subject: str, *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.held:
            self.waiting.append(future)
            return future
        try:
            future.set_result(function(*arguments))
        except BaseException as e:
            future.set_exception(e)
        return future


def read(subject: int, response: Response) -> str:
    return f"{subject}: {response.body.decode()}"


def read_badly(subject: int, response: Response) -> str:
    if subject == 3:
        raise KeyError("a bug in reading")
    return "fine"


def refuse(subject: int, response: Response) -> str:
    raise NotAnArticle(response.final_url, "nothing to read")


def task(subject: int, url: str, **more: Any) -> Task[int]:
    return Task(subject=subject, request=Request(url=url), **more)


def tasks(count: int, hosts: list[str] | None = None) -> list[Task[int]]:
    named = hosts or PUBLIC
    return [task(i, f"https://{named[i % len(named)]}/{i}") for i in range(count)]


def run(
    what: list[Task[int]],
    fetcher: FakeFetcher,
    *,
    concurrency: int = 50,
    per_host: int = 2,
    gap_s: float = 0.0,
    stop_after_s: float = float("inf"),
    manners: Manners | None = None,
    pool: Any = None,
    reader: Callable[[int, Response], str] = read,
    unchanged: Callable[[int, Response], str] | None = None,
) -> Iterator[list[Done[int, str]]]:
    return crawl(
        what,
        open_fetcher=lambda: fetcher,
        limits=Limits(concurrency=concurrency, per_host=per_host, stop_after_s=stop_after_s),
        manners=manners or Manners({}, user_agent=AGENT, gap_s=gap_s, robots=False),
        pool=cast(Workers, pool or HandPool()),
        read=reader,
        unchanged=unchanged,
    )


def flat(batches: Iterator[list[Done[int, str]]]) -> list[Done[int, str]]:
    return [done for batch in batches for done in batch]


def crawl_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "crawl"]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """However a crawl ends, its thread ends."""
    yield
    deadline = time.monotonic() + 5
    while crawl_threads() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert crawl_threads() == []


# Each task once.


@pytest.mark.parametrize("per_host", [1, 3])
def test_nothing_is_begun_once_the_time_is_up(per_host: int) -> None:
    fetcher = FakeFetcher()
    done = flat(run(tasks(40, PUBLIC[:2]), fetcher, per_host=per_host, gap_s=0.05, stop_after_s=0.3))
    assert sorted(one.subject for one in done) == list(range(40))
    begun = {one.subject for one in done if not one.postponed}
    assert len(begun) == len(fetcher.starts)
    assert 4 <= len(begun) <= 16
    assert all(one.result for one in done if one.subject in begun)
    assert not any(one.result or one.error or one.fetched for one in done if one.postponed)


def test_nothing_to_do() -> None:
    fetcher = FakeFetcher()
    assert list(run([], fetcher)) == []
    assert fetcher.opened == 0


@pytest.mark.parametrize("count", [1, 7, 500])
@pytest.mark.parametrize("concurrency", [1, 3, 50])
def test_each_task_is_answered_once(count: int, concurrency: int) -> None:
    fetcher = FakeFetcher()
    done = flat(run(tasks(count), fetcher, concurrency=concurrency))
    assert sorted(one.subject for one in done) == list(range(count))
    assert {one.result for one in done} == {f"{one.subject}: {one.request.url}" for one in tasks(count)}
    assert not any(one.error for one in done)
    assert Counter(url for url, _ in fetcher.starts) == Counter(one.request.url for one in tasks(count))
    assert (fetcher.opened, fetcher.closed) == (1, 1)


def test_the_same_address_twice_is_two_tasks() -> None:
    done = flat(run([task(1, "https://one.example/a"), task(2, "https://one.example/a")], FakeFetcher()))
    assert sorted(one.subject for one in done) == [1, 2]


def test_requests_are_passed_on_whole() -> None:
    seen: list[Request] = []

    class Watching(FakeFetcher):
        async def fetch(self, request: Request) -> Response:
            seen.append(request)
            return await super().fetch(request)

    request = Request(url="https://one.example/feed", etag='"7"', last_modified="yesterday")
    flat(run([Task(subject=1, request=request)], Watching()))
    assert seen == [request]


def test_errors_of_fetching_are_results() -> None:
    def answers(url: str) -> Response | BaseException:
        number = int(url.rpartition("/")[2])
        return [make_response("x", final_url=url), Gone(url, "HTTP 404"), Unreachable(url, "reset")][number % 3]

    done = flat(run(tasks(30), FakeFetcher(answers=answers)))
    assert len(done) == 30
    for one in done:
        expected = [type(None), Gone, Unreachable][one.subject % 3]
        assert type(one.error) is expected
        assert one.fetched is (expected is type(None))
        assert (one.result is None) is (one.error is not None)


def test_errors_of_reading_are_results() -> None:
    done = flat(run(tasks(5), FakeFetcher(), reader=refuse))
    assert [(type(one.error), one.fetched, one.result) for one in done] == [(NotAnArticle, True, None)] * 5


def test_unchanged_answers_are_not_read() -> None:
    def answers(url: str) -> Response | BaseException:
        return make_response("", final_url=url, status=304 if url.endswith("1") else 200)

    done = flat(run(tasks(2), FakeFetcher(answers=answers), unchanged=lambda subject, response: f"{subject} as ever"))
    assert {one.subject: one.result for one in done} == {0: "0: ", 1: "1 as ever"}


def test_time_is_accounted_for() -> None:
    (one,) = flat(run(tasks(1), FakeFetcher(takes=lambda url: 0.2)))
    assert 0.2 <= one.fetch_s < 1.0
    assert 0.0 <= one.read_s < 0.2


def test_real_workers_read() -> None:
    pool = Workers(WorkerSpec(processes=2))
    try:
        done = flat(run(tasks(40), FakeFetcher(), pool=pool))
        assert sorted(one.result or "" for one in done) == sorted(f"{t.subject}: {t.request.url}" for t in tasks(40))
    finally:
        pool.close()


# Politeness.


@pytest.mark.parametrize("per_host", [1, 2, 5])
def test_no_more_at_once_on_a_host_than_allowed(per_host: int) -> None:
    fetcher = FakeFetcher(takes=lambda url: 0.02)
    flat(run(tasks(60), fetcher, per_host=per_host))
    assert {host: fetcher.most[host] for host in PUBLIC} == dict.fromkeys(PUBLIC, per_host)


@pytest.mark.parametrize("concurrency", [1, 3, 8])
def test_no_more_at_once_in_all_than_allowed(concurrency: int) -> None:
    fetcher = FakeFetcher(takes=lambda url: 0.01)
    flat(run(tasks(60), fetcher, concurrency=concurrency, per_host=5))
    assert fetcher.most["all"] == concurrency


@pytest.mark.parametrize("per_host", [1, 3])
@pytest.mark.parametrize("takes", [0.0, 0.15])
def test_starts_on_a_host_keep_their_distance(per_host: int, takes: float) -> None:
    fetcher = FakeFetcher(takes=lambda url: takes)
    flat(run(tasks(10, PUBLIC[:2]), fetcher, per_host=per_host, gap_s=0.1))
    for gaps in fetcher.gaps().values():
        assert len(gaps) == 4
        assert min(gaps) >= 0.099


@pytest.mark.parametrize("per_host", [1, 2])
def test_the_distance_is_kept_when_others_hold_the_slots(per_host: int) -> None:
    """Whoever waited long for a slot must not start right beside the one before."""
    fetcher = FakeFetcher(takes=lambda url: 0.4 if "slow" in url else 0.0)
    what = [task(99, "https://slow.example/a"), *tasks(3, ["polite.example"])]
    flat(run(what, fetcher, concurrency=1, per_host=per_host, gap_s=0.1))
    assert min(fetcher.gaps()["polite.example"]) >= 0.099


def test_a_host_that_keeps_its_distance_holds_no_slot_meanwhile() -> None:
    fetcher = FakeFetcher()
    started = time.monotonic()
    what = [*tasks(3, ["polite.example"]), *(task(100 + i, f"http://127.0.0.1/{i}") for i in range(50))]
    order = [one.subject for one in flat(run(what, fetcher, concurrency=1, per_host=1, gap_s=0.3))]
    assert time.monotonic() - started < 2.0
    assert order[-1] == 2, "the slot was kept while nothing was fetched"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "10.0.0.1", "[::1]:8080", "[::1]", "localhost:80"])
def test_our_own_hosts_need_no_distance(host: str) -> None:
    fetcher = FakeFetcher()
    started = time.monotonic()
    flat(run([task(i, f"http://{host}/{i}") for i in range(5)], fetcher, gap_s=5.0))
    assert time.monotonic() - started < 5.0


def test_ports_are_hosts_of_their_own() -> None:
    fetcher = FakeFetcher(takes=lambda url: 0.05)
    flat(run([task(i, f"http://127.0.0.1:{8000 + i % 2}/{i}") for i in range(8)], fetcher, per_host=1))
    assert fetcher.most["all"] == 2


# Manners: what they decide is tested in tests/pipelines/test_manners.py; here, that it is kept to.


def polite(*known: Host, gap_s: float = 0.0) -> Manners:
    return Manners({host.origin: host for host in known}, user_agent=AGENT, gap_s=gap_s)


def with_robots(robots: str | NewswireError, **pages: Response | BaseException) -> Callable[[str], Any]:
    """Answers: one robots.txt for all hosts, the pages by their last letters, and 200 for all others."""

    def answers(url: str) -> Response | BaseException:
        if url.endswith("/robots.txt"):
            return robots if isinstance(robots, NewswireError) else make_response(robots, final_url=url)
        return pages.get(url.rpartition("/")[2]) or make_response(url, final_url=url)

    return answers


def paths(fetcher: FakeFetcher, host: str) -> list[str]:
    return [url.removeprefix(f"https://{host}") for url, _ in fetcher.starts if host_of(url) == host]


def test_what_robots_txt_disallows_is_not_fetched() -> None:
    fetcher = FakeFetcher(answers=with_robots("User-agent: newswire\nDisallow: /private"))
    what = [task(n, f"https://one.example/{'private' if n % 2 else 'open'}/{n}") for n in range(20)]
    done = {one.subject: one for one in flat(run(what, fetcher, manners=polite(), per_host=3))}
    assert sorted(done) == list(range(20))
    for n, one in done.items():
        assert (type(one.error), one.fetched) == ((Disallowed, False) if n % 2 else (type(None), True))
    assert fetcher.starts[0][0] == "https://one.example/robots.txt"
    assert sorted(paths(fetcher, "one.example")) == sorted(["/robots.txt", *(f"/open/{n}" for n in range(0, 20, 2))])


def test_robots_txt_is_read_once_for_an_origin_and_before_all_else_of_its_host() -> None:
    fetcher = FakeFetcher(takes=lambda url: 0.05 if "robots" in url else 0.0, answers=with_robots(""))
    what = [*tasks(12), task(99, "http://one.example/a")]
    assert len(flat(run(what, fetcher, manners=polite(), per_host=5))) == 13
    robots = [url for url, _ in fetcher.starts if url.endswith("/robots.txt")]
    assert sorted(robots) == sorted(
        [*(f"https://{host}/robots.txt" for host in PUBLIC), "http://one.example/robots.txt"]
    )
    for host in PUBLIC[1:]:
        assert paths(fetcher, host)[0] == "/robots.txt"


def test_a_task_may_go_without_robots() -> None:
    fetcher = FakeFetcher(answers=with_robots("User-agent: *\nDisallow: /"))
    what = [task(1, "https://one.example/a", robots=False), task(2, "https://one.example/b")]
    done = {one.subject: one for one in flat(run(what, fetcher, manners=polite()))}
    assert (done[1].error, type(done[2].error)) == (None, Disallowed)
    alone = FakeFetcher()
    flat(run(what[:1], alone, manners=polite()))
    assert [url for url, _ in alone.starts] == ["https://one.example/a"]


def test_a_host_whose_robots_txt_cannot_be_read_is_let_be() -> None:
    trouble = Busy("https://one.example/robots.txt", "HTTP 503", timedelta(minutes=7))
    fetcher = FakeFetcher(answers=with_robots(trouble))
    done = flat(run(tasks(30, PUBLIC[:1]), fetcher, manners=polite()))
    assert len(fetcher.starts) == 1
    assert {type(one.error) for one in done} == {Unreachable}
    assert {cast(Unreachable, one.error).retry_after for one in done} == {timedelta(minutes=7)}
    assert len(done) == 30
    assert not any(one.fetched for one in done)


def test_a_host_that_rests_is_not_asked_and_holds_no_slot() -> None:
    fetcher = FakeFetcher(takes=lambda url: 0.3 if "slow" in url else 0.0)
    rests = Host(origin="https://one.example", rests_until=datetime.now(UTC) + timedelta(hours=1), reason="it refused")
    what = [task(0, "https://slow.example/a"), *(task(n, f"https://one.example/{n}") for n in range(1, 3_000))]
    order = list(flat_as_they_come(run(what, fetcher, concurrency=1, manners=polite(rests))))
    assert sorted(one.subject for one in order) == list(range(3_000))
    assert order[-1].subject == 0
    assert paths(fetcher, "one.example") == []
    assert all(isinstance(one.error, Resting) and not one.fetched for one in order[:-1])


@pytest.mark.parametrize("per_host", [1, 3])
def test_a_host_that_refuses_a_connection_is_asked_no_more(per_host: int) -> None:
    def answers(url: str) -> Response | BaseException:
        if url.startswith("https://one") and "robots" not in url:
            return Unreachable(url, "connection refused", kind="refused")
        return make_response(url, final_url=url)

    manners = polite()
    fetcher = FakeFetcher(takes=lambda url: 0.01, answers=answers)
    done = flat(run(tasks(40, PUBLIC[:2]), fetcher, manners=manners, per_host=per_host))
    assert sorted(one.subject for one in done) == list(range(40))
    assert len(paths(fetcher, "one.example")) == 1 + per_host
    assert len(paths(fetcher, "two.example")) == 1 + 20
    assert Counter(type(one.error) for one in done) == {Unreachable: per_host, Resting: 20 - per_host, type(None): 20}
    (host,) = [host for host in manners.changed() if host.rests]
    assert host.origin == "https://one.example"


def test_a_host_that_cries_for_patience_is_asked_no_more_from_the_third_time_on() -> None:
    fetcher = FakeFetcher(answers=lambda url: Busy(url, "HTTP 429", timedelta(hours=2), kind="rate-limited"))
    what = [task(n, f"http://127.0.0.1/{n}", robots=False) for n in range(20)]
    done = flat(run(what, fetcher, manners=polite(), per_host=1))
    assert Counter(type(one.error) for one in done) == {Busy: 3, Resting: 17}
    left = {cast(Resting, one.error).retry_after for one in done if isinstance(one.error, Resting)}
    assert all(wish is not None and timedelta(minutes=119) < wish <= timedelta(hours=2) for wish in left)


@pytest.mark.parametrize("host", ["one.example", "127.0.0.1:8080"])
def test_a_crawl_delay_is_kept(host: str) -> None:
    fetcher = FakeFetcher(answers=with_robots("User-agent: *\nCrawl-delay: 0.1"))
    flat(run([task(n, f"https://{host}/{n}") for n in range(4)], fetcher, manners=polite(), per_host=3))
    gaps = fetcher.gaps()[host]
    assert len(gaps) == 4
    assert min(gaps) >= 0.099


def test_reading_robots_txt_takes_a_slot_and_a_start() -> None:
    fetcher = FakeFetcher(takes=lambda url: 0.02, answers=with_robots(""))
    done = flat(run(tasks(8), fetcher, manners=polite(gap_s=0.1), concurrency=2))
    assert len(done) == 8
    assert fetcher.most["all"] == 2
    assert min(gap for gaps in fetcher.gaps().values() for gap in gaps) >= 0.099


def test_a_robots_txt_that_takes_long_delays_no_other_host() -> None:
    others_are_read = threading.Event()
    fetcher = FakeFetcher(
        takes=lambda url: others_are_read if "one.example/robots" in url else 0.0, answers=with_robots("")
    )
    seen = []
    for one in flat_as_they_come(run(tasks(40), fetcher, manners=polite(), concurrency=4)):
        seen.append(one.subject % 4)
        if len(seen) == 30:
            others_are_read.set()
    assert len(seen) == 40
    assert 0 not in seen[:30]


def test_no_robots_txt_is_read_once_the_time_is_up() -> None:
    fetcher = FakeFetcher()
    done = flat(run(tasks(20), fetcher, manners=polite(), stop_after_s=0))
    assert fetcher.starts == []
    assert [one.postponed for one in done] == [True] * 20


def test_nobody_waits_for_a_start_that_would_come_too_late() -> None:
    fetcher = FakeFetcher(answers=with_robots("User-agent: *\nCrawl-delay: 30"))
    started = time.monotonic()
    done = flat(run(tasks(8, PUBLIC[:2]), fetcher, manners=polite(), stop_after_s=0.3))
    assert time.monotonic() - started < 2.0
    assert [one.postponed for one in done] == [True] * 8


def test_a_bug_in_fetching_robots_txt_is_raised() -> None:
    fetcher = FakeFetcher(answers=lambda url: ZeroDivisionError("a bug in fetching"))
    with pytest.raises(ZeroDivisionError, match="a bug in fetching"):
        flat(run(tasks(8), fetcher, manners=polite()))
    assert fetcher.closed == 1


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def crawl_site(what: list[Task[int]], manners: Manners) -> dict[int, Done[int, str]]:
    batches = crawl(
        what,
        open_fetcher=lambda: HttpFetcher(HttpSpec(user_agent=AGENT, timeout_s=5.0, allow_private_hosts=True)),
        limits=Limits(concurrency=5, per_host=1),
        manners=manners,
        pool=cast(Workers, HandPool()),
        read=read,
    )
    return {one.subject: one for one in flat(batches)}


def test_robots_txt_of_a_real_site(site: Site) -> None:
    site.put("/robots.txt", b"User-agent: newswire\nDisallow: /private\n", content_type="text/plain")
    site.put("/open", b"come in")
    done = crawl_site([task(1, site.url("/open")), task(2, site.url("/private"))], polite())
    assert done[1].result == "1: come in"
    assert isinstance(done[2].error, Disallowed)
    assert site.paths() == ["/robots.txt", "/open"]
    assert site.asked[0].headers["user-agent"] == AGENT


def test_a_secret_for_a_feed_is_not_shown_to_robots_txt(site: Site) -> None:
    site.put("/feed", b"news")
    request = Request(url=site.url("/feed"), headers=(("X-Key", "secret"),), etag='"7"')
    crawl_site([Task(subject=1, request=request)], polite())
    robots, feed = site.asked
    assert (robots.path, feed.path) == ("/robots.txt", "/feed")
    assert "secret" in feed.headers.values()
    assert not {"x-key", "if-none-match"} & robots.headers.keys()


@pytest.mark.parametrize("path", ["/503", "/429-date", "/drop", "/reset", "/partial", "/garbage"])
def test_a_real_site_whose_robots_txt_cannot_be_read(site: Site, path: str) -> None:
    site.put("/robots.txt", status=302, headers={"Location": path})
    done = crawl_site([task(n, site.url(f"/{n}")) for n in range(5)], polite())
    assert {type(one.error) for one in done.values()} == {Unreachable}
    assert set(site.paths()) == {"/robots.txt", path}


@pytest.mark.parametrize("path", ["/missing", "/loop", "/to-half", "/binary", "/endless-links", "/empty"])
def test_a_real_site_without_rules(site: Site, path: str) -> None:
    site.put("/robots.txt", status=302, headers={"Location": path})
    site.put("/open", b"come in")
    assert crawl_site([task(1, site.url("/open"))], polite())[1].result == "1: come in"


def test_a_real_host_that_refuses_connections() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        manners = polite()
        done = crawl_site([task(n, f"{url}/{n}", robots=False) for n in range(10)], manners)
    assert Counter(type(one.error) for one in done.values()) == {Unreachable: 1, Resting: 9}
    assert [host.origin for host in manners.changed()] == [url]


def test_a_real_host_that_asks_for_patience(site: Site) -> None:
    manners = polite()
    done = crawl_site([task(n, site.url("/429-date" if n % 2 else "/503")) for n in range(10)], manners)
    assert Counter(type(one.error) for one in done.values()) == {Busy: 3, Resting: 7}
    assert len(site.asked) == 4


# Flow.


def test_a_slow_host_delays_no_other() -> None:
    others_are_read = threading.Event()
    fetcher = FakeFetcher(takes=lambda url: others_are_read if "slow" in url else 0.0)
    what = [task(1_000 + i, f"https://slow.example/{i}") for i in range(2)] + tasks(200)
    seen = []
    for one in flat_as_they_come(run(what, fetcher, concurrency=10, per_host=2)):
        seen.append(one.subject)
        if len(seen) == 200:
            others_are_read.set()
    assert sorted(seen[200:]) == [1_000, 1_001]


def test_results_come_as_they_are_ready() -> None:
    come = {"0": threading.Event(), "1": threading.Event()}
    fetcher = FakeFetcher(takes=lambda url: come.get(url[-1], 0.0))
    batches = flat_as_they_come(run(tasks(3), fetcher))
    assert next(batches).subject == 2
    come["1"].set()
    assert next(batches).subject == 1
    come["0"].set()
    assert next(batches).subject == 0
    assert next(batches, None) is None


def flat_as_they_come(batches: Iterator[list[Done[int, str]]]) -> Iterator[Done[int, str]]:
    for batch in batches:
        yield from batch


def test_a_failure_to_fetch_frees_its_host_at_once() -> None:
    fetcher = FakeFetcher(answers=lambda url: Unreachable(url, "down"))
    started = time.monotonic()
    assert len(flat(run(tasks(300, PUBLIC[:1]), fetcher, per_host=1))) == 300
    assert time.monotonic() - started < 2.0


def test_a_slow_consumer_bounds_what_is_in_hand() -> None:
    fetcher = FakeFetcher()
    batches = run(tasks(10 * MAX_BATCH), fetcher, concurrency=5, per_host=5)
    taken = 0
    for _ in range(4):
        taken += len(next(batches))
        time.sleep(0.15)
        assert len(fetcher.starts) <= taken + 5, "results pile up that nobody takes"
    batches.close()  # type: ignore[attr-defined]


def test_slow_readers_bound_what_is_in_hand() -> None:
    """Pages that wait for a worker are held in memory; there may only be so many."""
    fetcher, pool = FakeFetcher(), HandPool(held=True)
    batches = run(tasks(200), fetcher, concurrency=5, per_host=5, pool=pool)
    consumer = threading.Thread(target=lambda: next(batches), daemon=True)
    consumer.start()
    time.sleep(0.3)
    assert len(fetcher.starts) == len(pool.waiting) == 5
    pool.waiting[0].set_result(("read", 0.0))
    consumer.join(5)
    assert not consumer.is_alive()
    batches.close()  # type: ignore[attr-defined]


def test_batches_are_bounded() -> None:
    batches = run(tasks(400), FakeFetcher(), concurrency=400, per_host=100)
    sizes = [len(next(batches))]
    time.sleep(0.5)
    sizes += [len(batch) for batch in batches]
    assert sum(sizes) == 400
    assert max(sizes) <= MAX_BATCH


def test_one_thread_and_not_the_caller_s() -> None:
    fetcher = FakeFetcher()
    flat(run(tasks(20), fetcher))
    assert fetcher.threads == {"crawl"}


def test_two_crawls_at_once() -> None:
    first, second = run(tasks(50), FakeFetcher()), run(tasks(50), FakeFetcher())
    counted = [len(next(first)), len(next(second))]
    assert [counted[0] + len(flat(first)), counted[1] + len(flat(second))] == [50, 50]


# Bugs, and leaving early.


def test_a_bug_in_fetching_is_raised() -> None:
    fetcher = FakeFetcher(
        takes=lambda url: 5.0 if "slow" in url else 0.0,
        answers=lambda url: ZeroDivisionError("a bug in fetching"),
    )
    started = time.monotonic()
    with pytest.raises(ZeroDivisionError, match="a bug in fetching"):
        flat(run(tasks(8, ["slow.example", "one.example"]), fetcher))
    assert time.monotonic() - started < 2.0
    assert fetcher.closed == 1
    assert fetcher.cancelled > 0, "the rest is stopped"


@pytest.mark.parametrize("real", [False, True], ids=["at hand", "in a worker"])
def test_a_bug_in_reading_is_raised(real: bool) -> None:
    pool: Any = Workers(WorkerSpec(processes=1)) if real else HandPool()
    started = time.monotonic()
    try:
        with pytest.raises(KeyError, match="a bug in reading"):
            flat(run(tasks(8), FakeFetcher(), reader=read_badly, pool=pool))
    finally:
        if real:
            pool.close()
    assert time.monotonic() - started < 10.0


def test_a_bug_in_unchanged_is_raised() -> None:
    def answers(url: str) -> Response | BaseException:
        return make_response("", final_url=url, status=304)

    def unchanged(subject: int, response: Response) -> str:
        raise ZeroDivisionError("a bug in unchanged")

    with pytest.raises(ZeroDivisionError, match="a bug in unchanged"):
        flat(run(tasks(3), FakeFetcher(answers=answers), unchanged=unchanged))


def test_an_error_on_purpose_in_unchanged_is_a_result() -> None:
    def unchanged(subject: int, response: Response) -> str:
        raise NotAnArticle(response.final_url, "why")

    fetcher = FakeFetcher(answers=lambda url: make_response("", final_url=url, status=304))
    assert [type(one.error) for one in flat(run(tasks(3), fetcher, unchanged=unchanged))] == [NotAnArticle] * 3


def test_a_fetcher_that_cannot_be_opened_is_raised() -> None:
    class Closed(FakeFetcher):
        async def __aenter__(self) -> Self:
            raise ZeroDivisionError("cannot be opened")

    with pytest.raises(ZeroDivisionError, match="cannot be opened"):
        flat(run(tasks(3), Closed()))

    def nothing_to_open() -> FakeFetcher:
        raise ZeroDivisionError("not even made")

    with pytest.raises(ZeroDivisionError, match="not even made"):
        list(
            crawl(
                tasks(1),
                open_fetcher=nothing_to_open,
                limits=Limits(concurrency=1, per_host=1),
                manners=Manners({}, user_agent=AGENT),
                pool=cast(Workers, HandPool()),
                read=read,
            )
        )


def test_a_pool_that_is_broken_is_raised() -> None:
    class Broken(HandPool):
        def submit(self, function: Callable[..., Any], subject: str, *arguments: Any) -> Future[Any]:
            raise RuntimeError("the pool is broken")

    with pytest.raises(RuntimeError, match="the pool is broken"):
        flat(run(tasks(3), FakeFetcher(), pool=Broken()))


@pytest.mark.parametrize("error", [NewswireError("u", "r"), Gone("u", "r")], ids=lambda e: type(e).__name__)
def test_no_error_on_purpose_is_a_bug(error: NewswireError) -> None:
    done = flat(run(tasks(3), FakeFetcher(answers=lambda url: error)))
    assert [one.error for one in done] == [error] * 3


@pytest.mark.parametrize("how", ["close", "forget", "throw"])
def test_a_crawl_that_is_left_stops(how: str) -> None:
    fetcher = FakeFetcher(takes=lambda url: 0.0 if url.endswith("/0") else 30.0)
    batches: Any = run(tasks(40), fetcher)
    assert [one.subject for one in next(batches)] == [0]
    assert len(crawl_threads()) == 1
    started = time.monotonic()
    if how == "close":
        batches.close()
    elif how == "throw":
        with pytest.raises(ZeroDivisionError):
            batches.throw(ZeroDivisionError)
    else:
        del batches
    assert time.monotonic() - started < 2.0
    assert crawl_threads() == []
    assert fetcher.closed == 1
    assert fetcher.cancelled > 0
    begun = len(fetcher.starts)
    time.sleep(0.1)
    assert len(fetcher.starts) == begun


def test_a_crawl_that_is_left_while_pages_are_read_stops(caplog: pytest.LogCaptureFixture) -> None:
    pool = Workers(WorkerSpec(processes=1))
    try:
        batches: Any = run(tasks(10), FakeFetcher(), pool=pool, reader=read_slowly)
        next(batches)
        started = time.monotonic()
        batches.close()
        assert time.monotonic() - started < 2.0
        time.sleep(0.8)
    finally:
        pool.close()
    assert [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []


def read_slowly(subject: int, response: Response) -> str:
    time.sleep(0.3)
    return "read"


def test_a_crawl_that_was_never_begun_starts_nothing() -> None:
    fetcher = FakeFetcher()
    batches: Any = run(tasks(5), fetcher)
    batches.close()
    assert (fetcher.opened, fetcher.starts) == (0, [])
