"""Fetch and read many things at once: polite to hosts, on all cores, results as they come. No Beam in here."""

import asyncio
import queue
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from connectors.ports import Fetcher
from connectors.workers import Workers, timed
from pipelines.manners import Manners
from transforms.errors import NewswireError, Resting
from transforms.records import Request, Response
from transforms.urls import host_of

Subject = TypeVar("Subject")
Result = TypeVar("Result")

#: Results are handed on together, at most so many, and none waits longer than this for others: a store writes ten
#: articles at the price of two, and nobody notices a tenth of a second.
MAX_BATCH = 200
LINGER_S = 0.1
#: Set by a process that is to end: nothing more is begun in it, and what is in hand is ended.
stopping = threading.Event()
#: How long a request that waits for its host does not listen for that.
LISTEN_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much at once."""

    #: Things in hand, from the start of a fetch until the result is taken.
    concurrency: int
    per_host: int
    #: Nothing is begun after so many seconds: one flooding host must not hold up everybody else's next poll.
    stop_after_s: float = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Generic[Subject]):
    """Something to fetch, and what it is fetched for."""

    subject: Subject
    request: Request
    #: Whether robots.txt has a say.
    robots: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[Subject, Result]):
    """What came of one subject: a result, an error and the stage it happened in, or neither when it was postponed."""

    subject: Subject
    result: Result | None = None
    error: NewswireError | None = None
    fetched: bool = True
    #: Not begun, since the time was up.
    postponed: bool = False
    #: Until the last byte had come; and at work on it, without the wait for a worker (0 where reading failed).
    fetch_s: float = 0.0
    read_s: float = 0.0


def crawl(
    tasks: Iterable[Task[Subject]],
    *,
    open_fetcher: Callable[[], Fetcher],
    limits: Limits,
    manners: Manners,
    pool: Workers,
    read: Callable[[Subject, Response], Result],
    unchanged: Callable[[Subject, Response], Result] | None = None,
) -> Iterator[list[Done[Subject, Result]]]:
    """Fetch each task as `manners` allow and have a worker `read` the answer; lists of what is done, each task once, in
    no order. What must not be fetched now, or at all, is done at once.

    `read` must be importable; `unchanged` makes the result of a 304 right here. What either raises that is no
    NewswireError is a bug and is raised to the caller; the rest is then stopped.
    """
    run = _Crawl(open_fetcher, limits, manners, pool, read, unchanged)
    by_host: dict[str, deque[Task[Subject]]] = defaultdict(deque)
    count = 0
    for task in tasks:
        by_host[host_of(task.request.url)].append(task)
        count += 1
    if count:
        yield from run.results(by_host, count)


class _Crawl(Generic[Subject, Result]):
    """Two threads: the caller's, which takes results, and one with an event loop for all the rest.

    They meet once a batch, since each meeting costs both: the caller says that it waits, and is given a batch. While it
    waits, results need no slot any more, since they are as good as taken; while it works on the last batch they keep
    theirs, so that no more is fetched than somebody takes.
    """

    def __init__(
        self,
        open_fetcher: Callable[[], Fetcher],
        limits: Limits,
        manners: Manners,
        pool: Workers,
        read: Callable[[Subject, Response], Result],
        unchanged: Callable[[Subject, Response], Result] | None,
    ) -> None:
        self._open_fetcher, self._limits, self._manners, self._pool = open_fetcher, limits, manners, pool
        self._read, self._unchanged = read, unchanged
        self._out: queue.SimpleQueue[list[Done[Subject, Result]] | BaseException] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._stop_at = time.monotonic() + limits.stop_after_s
        self._main_task: asyncio.Task[None] | None = None
        #: Results that nobody has taken, how many slots they hold, whether the caller waits, and until when.
        self._ready: deque[Done[Subject, Result]] = deque()
        self._held = 0
        self._wanted = False
        self._linger: asyncio.TimerHandle | None = None

    def results(self, by_host: dict[str, deque[Task[Subject]]], count: int) -> Iterator[list[Done[Subject, Result]]]:
        thread = threading.Thread(target=self._run, args=(by_host,), name="crawl", daemon=True)
        thread.start()
        try:
            while count:
                self._in_loop(self._want)
                batch = self._out.get()
                if isinstance(batch, BaseException):
                    raise batch
                count -= len(batch)
                yield batch
        finally:
            self._in_loop(self._stop)
            thread.join()

    def _in_loop(self, function: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed once everything is fetched and read
            self._loop.call_soon_threadsafe(function)

    def _stop(self) -> None:
        if self._main_task is not None:
            self._main_task.cancel()

    def _run(self, by_host: dict[str, deque[Task[Subject]]]) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._main(by_host))
            while self._ready:
                self._hand_over()
        except asyncio.CancelledError:
            pass
        except BaseExceptionGroup as e:  # a bug: the consumer must hear of it, not wait for ever
            self._out.put(e.exceptions[0])
        except BaseException as e:  # noqa: BLE001
            self._out.put(e)

    def _want(self) -> None:
        self._wanted = True
        if self._ready:
            self._taken()

    def _put(self, done: Done[Subject, Result], *, slots: int) -> None:
        self._ready.append(done)
        self._held += slots
        if self._wanted:
            self._taken()

    def _taken(self) -> None:
        """The caller waits, and there is something for it."""
        for _ in range(min(self._held, MAX_BATCH)):
            self._slots.release()
            self._held -= 1
        if len(self._ready) >= MAX_BATCH:
            self._hand_over()
        elif self._linger is None:
            self._linger = self._loop.call_later(LINGER_S, self._hand_over)

    def _hand_over(self) -> None:
        if self._linger is not None:
            self._linger.cancel()
        self._linger, self._wanted = None, False
        self._out.put([self._ready.popleft() for _ in range(min(len(self._ready), MAX_BATCH))])

    async def _main(self, by_host: dict[str, deque[Task[Subject]]]) -> None:
        self._main_task = asyncio.current_task()
        async with self._open_fetcher() as fetcher, asyncio.TaskGroup() as group:
            for waiting in by_host.values():
                group.create_task(self._visit(fetcher, waiting, group))

    async def _visit(self, fetcher: Fetcher, waiting: deque[Task[Subject]], group: asyncio.TaskGroup) -> None:
        """All of a host: what it asks of robots first, then its tasks over `per_host` connections."""
        for url in [task.request.url for task in waiting if task.robots]:
            if self._manners.unread(url):
                await self._read_robots(fetcher, url)
        for _ in range(min(self._limits.per_host, len(waiting))):
            group.create_task(self._serve(fetcher, waiting, group))

    async def _read_robots(self, fetcher: Fetcher, url: str) -> None:
        with suppress(Resting):
            if await self._begin(url):
                try:
                    await self._manners.read_robots(url, fetcher)
                finally:
                    self._slots.release()

    async def _serve(self, fetcher: Fetcher, waiting: deque[Task[Subject]], group: asyncio.TaskGroup) -> None:
        """One of a host's connections: fetch one after the other; reading goes on beside it."""
        while waiting:
            task = waiting.popleft()
            subject, request = task.subject, task.request
            try:
                if task.robots:
                    self._manners.permit(request.url)
                begun = await self._begin(request.url)
            except NewswireError as e:
                self._put(Done(subject=subject, error=e, fetched=False), slots=0)
                continue
            if not begun:
                self._put(Done(subject=subject, fetched=False, postponed=True), slots=0)
                continue
            started = time.perf_counter()
            try:
                response = await fetcher.fetch(request)
            except NewswireError as e:
                self._manners.heard(request.url, e)
                took = time.perf_counter() - started
                self._put(Done(subject=subject, error=e, fetched=False, fetch_s=took), slots=1)
                continue
            self._manners.heard(request.url, response)
            took = time.perf_counter() - started
            if response.status == 304 and self._unchanged is not None:
                self._put(self._as_ever(self._unchanged, subject, response, took), slots=1)
            else:
                group.create_task(self._have_read(subject, response, took))

    async def _begin(self, url: str) -> bool:
        """Wait for the moment to start a request, which is begun then and holds a slot; False once the time is up.

        Raises: Resting.
        """
        while (left := self._stop_at - time.monotonic()) > 0 and not stopping.is_set():
            if wait := self._manners.wait_s(url):  # without a slot, which others can use meanwhile
                await asyncio.sleep(min(wait, left, LISTEN_S))
                continue
            await self._slots.acquire()
            # The slot may have been long in coming, and the host is not what it was.
            try:
                if time.monotonic() < self._stop_at and not stopping.is_set() and self._manners.begin(url):
                    return True
            except Resting:
                self._slots.release()
                raise
            self._slots.release()
        return False

    @staticmethod
    def _as_ever(
        unchanged: Callable[[Subject, Response], Result], subject: Subject, response: Response, fetch_s: float
    ) -> Done[Subject, Result]:
        try:
            return Done(subject=subject, result=unchanged(subject, response), fetch_s=fetch_s)
        except NewswireError as e:
            return Done(subject=subject, error=e, fetch_s=fetch_s)

    async def _have_read(self, subject: Subject, response: Response, fetch_s: float) -> None:
        result, error, read_s = None, None, 0.0
        try:
            # In a thread, since the first task starts the pool, and that takes a moment.
            arguments = (self._read, subject, response)
            future = await asyncio.to_thread(self._pool.submit, timed, response.final_url, *arguments)
            result, read_s = await asyncio.wrap_future(future)
        except NewswireError as e:
            error = e
        self._put(Done(subject=subject, result=result, error=error, fetch_s=fetch_s, read_s=read_s), slots=1)
