"""A pool of worker processes for reading hostile bytes: a time limit and a memory bound per task, workers recycled,
and a task that kills its worker costs only itself. On pebble: concurrent.futures can neither time out nor kill."""

import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

from pebble import ProcessExpired, ProcessPool

from transforms.errors import Crashed, TooSlow

#: Imported once by the server that workers are forked from, so that a new worker starts within milliseconds.
PRELOAD = ["transforms.articles", "transforms.feeds"]


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """How many workers, and what one task may take. Travels; the pool is opened where it is used."""

    processes: int = 0
    #: Typical pages take 20 to 200 ms.
    time_limit_s: float = 15.0
    #: Of address space per worker, on top of nothing: a page's tree takes some ten times its bytes.
    memory_limit_mb: int = 2_048
    #: Memory creeps up by about a megabyte a page in some versions (shared REFERENCES.md, item 10).
    tasks_per_worker: int = 500

    @property
    def count(self) -> int:
        """Worker processes: as configured, or one for each core this process may use."""
        return (
            self.processes or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        )


class Workers:
    """A pool that starts with its first task and hands out plain futures."""

    def __init__(self, spec: WorkerSpec) -> None:
        self.spec = spec
        self._pool: ProcessPool | None = None

    def submit(self, function: Callable[..., Any], subject: str, *arguments: Any) -> "Future[Any]":
        """Run an importable function on picklable arguments.

        The future raises what the function raises; TooSlow past the time limit, Crashed when the worker died.
        """
        if self._pool is None:
            self._pool = self._open()
        outer: Future[Any] = Future()
        inner = self._pool.schedule(function, args=arguments, timeout=self.spec.time_limit_s)
        inner.add_done_callback(lambda done: self._pass_on(done, outer, subject))
        return outer

    def close(self) -> None:
        """End the workers at once."""
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    def _open(self) -> ProcessPool:
        # Not fork: this process has threads (Beam, the event loop), and a fork copies their locks in any state.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOAD)
        return ProcessPool(
            max_workers=self.spec.count,
            max_tasks=self.spec.tasks_per_worker,
            initializer=_bounded,
            initargs=(self.spec.memory_limit_mb,),
            context=context,
        )

    def _pass_on(self, done: "Future[Any]", outer: "Future[Any]", subject: str) -> None:
        try:
            outer.set_result(done.result())
        except FutureTimeoutError:
            outer.set_exception(TooSlow(subject, f"reading it took more than {self.spec.time_limit_s:g} s"))
        except ProcessExpired as e:
            outer.set_exception(Crashed(subject, f"reading it ended its worker ({_ended(e.exitcode)})"))
        except MemoryError:
            outer.set_exception(Crashed(subject, f"reading it took more than {self.spec.memory_limit_mb} MB"))
        except BaseException as e:  # noqa: BLE001 - what the function itself raised, on purpose or not
            outer.set_exception(e)


def timed(function: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """What a function returns, and the seconds it took in its worker, without the wait for one."""
    started = time.perf_counter()
    return function(*arguments), time.perf_counter() - started


def _ended(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return signal.Signals(-exitcode).name
    return f"exit {exitcode}"


def _bounded(megabytes: int) -> None:
    """Runs in each new worker. Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


_shared: dict[WorkerSpec, tuple[Workers, int]] = {}
_lock = Lock()


@contextmanager
def workers(spec: WorkerSpec) -> Iterator[Workers]:
    """This process's pool of that spec, shared by all who have it open: two steps must not mean two workers a core."""
    with _lock:
        pool, users = _shared.get(spec) or (Workers(spec), 0)
        _shared[spec] = (pool, users + 1)
    try:
        yield pool
    finally:
        with _lock:
            pool, users = _shared.pop(spec)
            if users > 1:
                _shared[spec] = (pool, users - 1)
        if users == 1:
            pool.close()
