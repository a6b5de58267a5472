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

from connectors.http import is_public
from connectors.ports import Fetcher
from connectors.workers import Workers, timed
from transforms.errors import NewswireError
from transforms.records import Request, Response
from transforms.urls import host_of

Subject = TypeVar("Subject")
Result = TypeVar("Result")

#: Results are handed on together, at most so many, and none waits longer than this for others: a store writes ten
#: articles at the price of two, and nobody notices a tenth of a second.
MAX_BATCH = 50
LINGER_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much at once."""

    #: Things in hand, from the start of a fetch until the result is taken.
    concurrency: int
    per_host: int
    #: Seconds between the starts of two requests to one public host.
    gap_s: float
    #: Nothing is begun after so many seconds: one flooding host must not hold up everybody else's next poll.
    stop_after_s: float = float("inf")


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
    tasks: Iterable[tuple[Subject, Request]],
    *,
    open_fetcher: Callable[[], Fetcher],
    limits: Limits,
    pool: Workers,
    read: Callable[[Subject, Response], Result],
    unchanged: Callable[[Subject, Response], Result] | None = None,
) -> Iterator[list[Done[Subject, Result]]]:
    """Fetch each task and have a worker `read` the answer; lists of what is done, each task once, in no order.

    `read` must be importable; `unchanged` makes the result of a 304 right here. What either raises that is no
    NewswireError is a bug and is raised to the caller; the rest is then stopped.
    """
    run = _Crawl(open_fetcher, limits, pool, read, unchanged)
    by_host: dict[str, deque[tuple[Subject, Request]]] = defaultdict(deque)
    count = 0
    for subject, request in tasks:
        by_host[host_of(request.url)].append((subject, request))
        count += 1
    if count:
        yield from run.results(by_host, count)


class _Crawl(Generic[Subject, Result]):
    def __init__(
        self,
        open_fetcher: Callable[[], Fetcher],
        limits: Limits,
        pool: Workers,
        read: Callable[[Subject, Response], Result],
        unchanged: Callable[[Subject, Response], Result] | None,
    ) -> None:
        self._open_fetcher, self._limits, self._pool = open_fetcher, limits, pool
        self._read, self._unchanged = read, unchanged
        self._out: queue.SimpleQueue[Done[Subject, Result] | BaseException] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._stop_at = time.monotonic() + limits.stop_after_s
        self._main_task: asyncio.Task[None] | None = None

    def results(
        self, by_host: dict[str, deque[tuple[Subject, Request]]], count: int
    ) -> Iterator[list[Done[Subject, Result]]]:
        thread = threading.Thread(target=self._run, args=(by_host,), name="crawl", daemon=True)
        thread.start()
        try:
            while count:
                batch = self._batch(min(count, MAX_BATCH))
                count -= len(batch)
                yield batch
        finally:
            self._in_loop(self._stop)
            thread.join()

    def _batch(self, size: int) -> list[Done[Subject, Result]]:
        """At least one result, and what else comes before the first has waited LINGER_S."""
        batch = [self._take(self._out.get())]
        until = time.monotonic() + LINGER_S
        with suppress(queue.Empty):
            while len(batch) < size:
                batch.append(self._take(self._out.get(timeout=max(0.0, until - time.monotonic()))))
        return batch

    def _take(self, done: Done[Subject, Result] | BaseException) -> Done[Subject, Result]:
        if isinstance(done, BaseException):
            raise done
        if not done.postponed:  # it had no slot
            self._in_loop(self._slots.release)
        return done

    def _in_loop(self, function: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed once everything is fetched and read
            self._loop.call_soon_threadsafe(function)

    def _stop(self) -> None:
        if self._main_task is not None:
            self._main_task.cancel()

    def _run(self, by_host: dict[str, deque[tuple[Subject, Request]]]) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._main(by_host))
        except asyncio.CancelledError:
            pass
        except BaseExceptionGroup as e:  # a bug: the consumer must hear of it, not wait for ever
            self._out.put(e.exceptions[0])
        except BaseException as e:  # noqa: BLE001
            self._out.put(e)

    async def _main(self, by_host: dict[str, deque[tuple[Subject, Request]]]) -> None:
        self._main_task = asyncio.current_task()
        async with self._open_fetcher() as fetcher, asyncio.TaskGroup() as hosts:
            for host, waiting in by_host.items():
                gap = _Gap(0.0 if _is_private(host) else self._limits.gap_s)
                for _ in range(min(self._limits.per_host, len(waiting))):
                    hosts.create_task(self._serve(fetcher, waiting, gap, hosts))

    async def _serve(
        self, fetcher: Fetcher, waiting: deque[tuple[Subject, Request]], gap: "_Gap", tasks: asyncio.TaskGroup
    ) -> None:
        """One of a host's `per_host` connections: fetch one after the other; reading goes on beside it."""
        while waiting:
            await gap.wait()
            await self._slots.acquire()
            if time.monotonic() >= self._stop_at:
                while waiting:
                    self._out.put(Done(subject=waiting.popleft()[0], fetched=False, postponed=True))
            if not waiting:
                self._slots.release()
                return
            if not gap.begin():  # the slot was long in coming, and another of the host's connections was faster
                self._slots.release()
                continue
            subject, request = waiting.popleft()
            started = time.perf_counter()
            try:
                response = await fetcher.fetch(request)
            except NewswireError as e:
                self._out.put(Done(subject=subject, error=e, fetched=False, fetch_s=time.perf_counter() - started))
                continue
            tasks.create_task(self._have_read(subject, response, time.perf_counter() - started))

    async def _have_read(self, subject: Subject, response: Response, fetch_s: float) -> None:
        result, error, read_s = None, None, 0.0
        try:
            if response.status == 304 and self._unchanged is not None:
                result = self._unchanged(subject, response)
            else:
                arguments = (self._read, subject, response)
                # In a thread, since the first task starts the pool, and that takes a moment.
                future = await asyncio.to_thread(self._pool.submit, timed, response.final_url, *arguments)
                result, read_s = await asyncio.wrap_future(future)
        except NewswireError as e:
            error = e
        self._out.put(Done(subject=subject, result=result, error=error, fetch_s=fetch_s, read_s=read_s))


class _Gap:
    """Starts on one host, at least so many seconds apart."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._next = seconds, 0.0

    async def wait(self) -> None:
        """Until a start is allowed, as far as is known now."""
        await asyncio.sleep(max(0.0, self._next - time.monotonic()))

    def begin(self) -> bool:
        """Whether a start is allowed right now; it then counts as made."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True


def _is_private(host: str) -> bool:
    """Whether a host is written as an address of our own network: nobody there asks for a gap."""
    name = host.rpartition(":")[0] or host
    for written in (host, name):  # an IPv6 address has colons of its own
        with suppress(ValueError):
            return not is_public(written.strip("[]"))
    return "localhost" in (host, name)
