"""pipelines.crawl on a fetcher in memory: polite, bounded, each task answered once, and nothing that hangs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from itertools import pairwise
from typing import Any, Self, cast

import pytest

from connectors.workers import Workers, WorkerSpec
from pipelines.crawl import MAX_BATCH, Done, Limits, crawl
from tests.factories import make_response
from transforms.errors import Gone, NewswireError, NotAnArticle, Unreachable
from transforms.records import Request, Response
from transforms.urls import host_of

PUBLIC = ["one.example", "two.example", "three.example", "four.example"]


class FakeFetcher:
    """Answers from memory. Dials: how long a fetch takes, and what it answers or raises."""

    def __init__(
        self,
        *,
        takes: Callable[[str], float] = lambda url: 0.0,
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
        try:
            await asyncio.sleep(self._takes(request.url))
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


def tasks(count: int, hosts: list[str] | None = None) -> list[tuple[int, Request]]:
    named = hosts or PUBLIC
    return [(i, Request(url=f"https://{named[i % len(named)]}/{i}")) for i in range(count)]


def run(
    what: list[tuple[int, Request]],
    fetcher: FakeFetcher,
    *,
    concurrency: int = 50,
    per_host: int = 2,
    gap_s: float = 0.0,
    stop_after_s: float = float("inf"),
    pool: Any = None,
    reader: Callable[[int, Response], str] = read,
    unchanged: Callable[[int, Response], str] | None = None,
) -> Iterator[list[Done[int, str]]]:
    return crawl(
        what,
        open_fetcher=lambda: fetcher,
        limits=Limits(concurrency=concurrency, per_host=per_host, gap_s=gap_s, stop_after_s=stop_after_s),
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
    assert {one.result for one in done} == {f"{i}: {request.url}" for i, request in tasks(count)}
    assert not any(one.error for one in done)
    assert Counter(url for url, _ in fetcher.starts) == Counter(request.url for _, request in tasks(count))
    assert (fetcher.opened, fetcher.closed) == (1, 1)


def test_the_same_address_twice_is_two_tasks() -> None:
    request = Request(url="https://one.example/a")
    done = flat(run([(1, request), (2, request)], FakeFetcher()))
    assert sorted(one.subject for one in done) == [1, 2]


def test_requests_are_passed_on_whole() -> None:
    seen: list[Request] = []

    class Watching(FakeFetcher):
        async def fetch(self, request: Request) -> Response:
            seen.append(request)
            return await super().fetch(request)

    request = Request(url="https://one.example/feed", etag='"7"', last_modified="yesterday")
    flat(run([(1, request)], Watching()))
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
        assert sorted(one.result or "" for one in done) == sorted(f"{i}: {r.url}" for i, r in tasks(40))
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
    what = [(99, Request(url="https://slow.example/a")), *tasks(3, ["polite.example"])]
    flat(run(what, fetcher, concurrency=1, per_host=per_host, gap_s=0.1))
    assert min(fetcher.gaps()["polite.example"]) >= 0.099


def test_a_host_that_keeps_its_distance_holds_no_slot_meanwhile() -> None:
    fetcher = FakeFetcher()
    started = time.monotonic()
    what = [*tasks(3, ["polite.example"]), *((100 + i, Request(url=f"http://127.0.0.1/{i}")) for i in range(50))]
    order = [one.subject for one in flat(run(what, fetcher, concurrency=1, per_host=1, gap_s=0.3))]
    assert time.monotonic() - started < 2.0
    assert order[-1] == 2, "the slot was kept while nothing was fetched"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "10.0.0.1", "[::1]:8080", "[::1]", "localhost:80"])
def test_our_own_hosts_need_no_distance(host: str) -> None:
    fetcher = FakeFetcher()
    started = time.monotonic()
    flat(run([(i, Request(url=f"http://{host}/{i}")) for i in range(5)], fetcher, gap_s=0.5))
    assert time.monotonic() - started < 0.5


def test_ports_are_hosts_of_their_own() -> None:
    fetcher = FakeFetcher(takes=lambda url: 0.05)
    flat(run([(i, Request(url=f"http://127.0.0.1:{8000 + i % 2}/{i}")) for i in range(8)], fetcher, per_host=1))
    assert fetcher.most["all"] == 2


# Flow.


def test_a_slow_host_delays_no_other() -> None:
    fetcher = FakeFetcher(takes=lambda url: 1.0 if "slow" in url else 0.0)
    what = [(i, Request(url=f"https://slow.example/{i}")) for i in range(2)] + tasks(200)
    started = time.monotonic()
    soon = 0
    for batch in run(what, fetcher, concurrency=10, per_host=2):
        soon += sum(1 for one in batch if time.monotonic() - started < 0.9)
    assert soon >= 200


def test_results_come_as_they_are_ready() -> None:
    fetcher = FakeFetcher(takes=lambda url: {"0": 0.6, "1": 0.3}.get(url[-1], 0.0))
    started = time.monotonic()
    seen = [(one.subject, time.monotonic() - started) for one in flat_as_they_come(run(tasks(3), fetcher))]
    assert [subject for subject, _ in seen] == [2, 1, 0]
    assert seen[0][1] < 0.3
    assert seen[1][1] < 0.6


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
    batches = run(tasks(200), fetcher, concurrency=5, per_host=5)
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

    limits = Limits(concurrency=1, per_host=1, gap_s=0)
    with pytest.raises(ZeroDivisionError, match="not even made"):
        list(crawl(tasks(1), open_fetcher=nothing_to_open, limits=limits, pool=cast(Workers, HandPool()), read=read))


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
