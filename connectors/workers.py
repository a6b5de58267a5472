"""A pool of worker processes for reading hostile bytes: a time limit and a memory bound per task, workers recycled,
and a task that kills its worker costs only itself. On pebble: concurrent.futures can neither time out nor kill."""

import fcntl
import logging
import multiprocessing
import os
import pickle
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.process import BaseProcess
from threading import Lock, RLock, Thread
from typing import Any

from pebble import ProcessExpired, ProcessPool

from transforms.errors import Crashed, NewswireError, TooSlow

#: Imported once by the server that workers are forked from, so that a new worker starts within milliseconds.
PRELOAD = ["transforms.articles", "transforms.feeds"]
#: A task is given to a new pool when the one it waited in broke, but not for ever: it may be what breaks them.
GIVEN_AT_MOST = 3


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
        if self.processes:
            return self.processes
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers:
    """A pool that starts with its first task and hands out plain futures. Its methods may be used from any thread."""

    def __init__(self, spec: WorkerSpec) -> None:
        self.spec = spec
        self._lock = RLock()
        self._pool: ProcessPool | None = None
        self._given: dict[Future[Any], _Task] = {}
        self._ending: list[Thread] = []

    def submit(self, function: Callable[..., Any], subject: str, *arguments: Any) -> "Future[Any]":
        """Run an importable function on picklable arguments.

        The future raises what the function raises; TooSlow past the time limit, Crashed when the worker died.

        Raises: what pickle raises for arguments that cannot travel.
        """
        # Pickled here and unpickled in `_run`: what cannot be must cost its own task, and pebble would lose the worker
        # (and never answer) or the whole pool over it.
        task = _Task(pickle.dumps((function, arguments)), subject)
        with self._lock:
            self._give([task])
        return task.outer

    def close(self) -> None:
        """End the workers at once."""
        with self._lock:
            pool, self._pool = self._pool, None
            ending, self._ending = self._ending, []
            self._given.clear()
        if pool is not None:
            _end(pool)
        for thread in ending:
            thread.join()

    def _give(self, tasks: list["_Task"]) -> None:
        if self._pool is not None and not self._pool.active:
            tasks = [*self._abandon(), *tasks]
        if self._pool is None:
            self._pool = self._open()
        for task in tasks:
            task.given += 1
            inner = self._pool.schedule(_run, args=(task.payload,), timeout=self.spec.time_limit_s)
            self._given[inner] = task
            inner.add_done_callback(self._take)

    def _abandon(self) -> list["_Task"]:
        """Give up a broken pool; the tasks it still had."""
        # Elsewhere, since ending it waits for its threads, and this may be one of them.
        self._ending.append(Thread(target=_end, args=(self._pool,), name="end of a pool", daemon=True))
        self._ending[-1].start()
        self._pool = None
        left, self._given = list(self._given.values()), {}
        return left

    def _open(self) -> ProcessPool:
        # Not fork: this process has threads (Beam, the event loop), and a fork copies their locks in any state.
        context = _Context()
        context.set_forkserver_preload(PRELOAD)
        return ProcessPool(
            max_workers=self.spec.count,
            max_tasks=self.spec.tasks_per_worker,
            initializer=_bounded,
            initargs=(self.spec.memory_limit_mb,),
            context=context,
        )

    def _take(self, inner: "Future[Any]") -> None:
        """A task is done, or its pool is: pebble gives up a pool when a worker dies that had nothing to do."""
        with self._lock:
            task = self._given.pop(inner, None)
            if task is None:  # of a pool that was given up or closed
                return
            if isinstance(inner.exception(), BrokenProcessPool) and task.given < GIVEN_AT_MOST:
                self._give([task])
                return
        if task.outer.set_running_or_notify_cancel():
            self._pass_on(inner, task.outer, task.subject)

    def _pass_on(self, done: "Future[Any]", outer: "Future[Any]", subject: str) -> None:
        try:
            result, error = pickle.loads(done.result())  # noqa: S301 - from our own worker
            if error is not None:
                raise error
            outer.set_result(result)
        except FutureTimeoutError:
            outer.set_exception(TooSlow(subject, f"reading it took more than {self.spec.time_limit_s:g} s"))
        except ProcessExpired as e:
            outer.set_exception(Crashed(subject, f"reading it ended its worker ({_ended(e.exitcode)})"))
        except MemoryError:
            outer.set_exception(Crashed(subject, f"reading it took more than {self.spec.memory_limit_mb} MB"))
        except BaseException as e:  # noqa: BLE001 - what the function itself raised, on purpose or not
            outer.set_exception(e)


class _Process(ForkServerProcess):
    """A worker that does not import what started us: what it runs is importable, and in a Beam worker `__main__` would
    bring in all of Beam, a second and some 80 MB for every new worker."""

    @staticmethod
    def _Popen(process: BaseProcess) -> Any:
        main = sys.modules["__main__"]
        with _starting:
            named = {name: getattr(main, name) for name in ("__spec__", "__file__") if hasattr(main, name)}
            try:
                for name in named:  # multiprocessing.spawn.get_preparation_data goes by them
                    setattr(main, name, None)
                return ForkServerProcess._Popen(process)
            finally:
                for name, value in named.items():
                    setattr(main, name, value)


class _Context(ForkServerContext):
    Process = _Process


_starting = Lock()


class _Task:
    """What a worker is to do, and who waits for it."""

    def __init__(self, payload: bytes, subject: str) -> None:
        self.payload, self.subject = payload, subject
        self.outer: Future[Any] = Future()
        self.given = 0


def _end(pool: ProcessPool) -> None:
    pool.stop()
    pool.join()


def _run(payload: bytes) -> bytes:
    """Runs in a worker. The answer is (result, error), pickled; what does not survive that is an error as well."""
    answer: tuple[Any, BaseException | None]
    try:
        function, arguments = pickle.loads(payload)  # noqa: S301 - from our own parent
        answer = function(*arguments), None
        return pickle.dumps(answer)
    except BaseException as e:  # noqa: BLE001 - the parent raises it
        if not isinstance(e, NewswireError):
            e.add_note("".join(traceback.format_exception(e)))  # a traceback itself does not travel
        try:
            pickle.loads(pickled := pickle.dumps((None, e)))  # noqa: S301 - pickled right here
        except Exception:  # noqa: BLE001 - whatever an error does when it is pickled
            pickled = pickle.dumps((None, RuntimeError(f"{type(e).__name__}: {e} (an error that does not pickle)")))
        return pickled


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
    logging.disable(logging.ERROR)  # what libraries say of bad pages is in the ledger, in our words
    limit = megabytes * 1024 * 1024
    # macOS knows both calls and may refuse them; there, a page is still bounded in bytes and time.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with suppress(OSError):
        _end_with_parent()


def _end_with_parent() -> None:
    """A parent that is killed cannot stop its workers, and a busy one would not notice: it would spin for ever.

    So the kernel ends us: the pipe whose other end only the parent has raises SIGIO when it closes, and that is deadly
    by default. A thread could not do it, since a regular expression at work lets no other thread run.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None, "runs in workers only"
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, fcntl.fcntl(parent.sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    if not parent.is_alive():  # it died before we could listen
        os._exit(1)


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
