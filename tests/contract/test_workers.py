"""connectors.workers: a task that misbehaves costs only itself."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

import psutil
import pytest

from connectors.workers import Workers, WorkerSpec, timed, workers
from tests.contract import tasks
from transforms.errors import Crashed, NotAnArticle, TooSlow

#: What a worker may take to start, or to be stopped, on a busy machine.
SLACK_S = 5.0
URL = "https://wire.example/a"


def make_spec(**overrides: Any) -> WorkerSpec:
    return WorkerSpec(**{"processes": 2, "time_limit_s": 10.0, "memory_limit_mb": 1_024, **overrides})


@pytest.fixture(scope="module")
def shared() -> Iterator[Workers]:
    """One pool for the tests that do not mind their neighbours: that they need not is the point."""
    with workers(make_spec()) as pool:
        yield pool


@pytest.fixture
def pool() -> Iterator[Workers]:
    opened = Workers(make_spec(time_limit_s=0.5))
    yield opened
    opened.close()


def result(future: Future[Any], timeout: float = 20.0) -> Any:
    return future.result(timeout)


def children() -> set[int]:
    """Every process below this one, the fork server's children among them."""
    return {process.pid for process in psutil.Process().children(recursive=True)}


# Results.


def test_results(shared: Workers) -> None:
    futures = [shared.submit(tasks.echo, URL, i, "ÿ", None) for i in range(50)]
    assert [result(future) for future in futures] == [(i, "ÿ", None) for i in range(50)]


def test_a_large_argument_and_a_large_result(shared: Workers) -> None:
    body = os.urandom(20_000_000)
    assert result(shared.submit(tasks.echo, URL, body)) == (body,)


def test_the_work_is_done_elsewhere_and_at_the_same_time(shared: Workers) -> None:
    assert result(shared.submit(tasks.pid, URL)) != os.getpid()
    result(shared.submit(tasks.pid, URL))
    started = time.monotonic()
    futures = [shared.submit(tasks.nap, URL, 1.0) for _ in range(2)]
    assert [result(future) for future in futures] == [1.0, 1.0]
    assert time.monotonic() - started < 2.0


def test_timed(shared: Workers) -> None:
    answer, seconds = result(shared.submit(timed, URL, tasks.nap, 0.2))
    assert answer == 0.2
    assert 0.2 <= seconds < 1.0


def test_submitting_from_several_threads_makes_one_pool() -> None:
    before = children()
    own = Workers(make_spec())
    futures: list[Future[Any]] = []
    together = threading.Barrier(8)

    def submit() -> None:
        together.wait()
        futures.append(own.submit(tasks.pid, URL))

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        pids = {result(future) for future in futures}
        assert len(pids) <= own.spec.count, "more than one pool was opened"
    finally:
        own.close()
    assert children() - before - {helper_pid()} == set(), "the pool that lost the race lives on"


# Failures.


def test_what_a_task_raises_comes_through(shared: Workers) -> None:
    with pytest.raises(NotAnArticle) as caught:
        result(shared.submit(tasks.fail, URL, "an error page"))
    assert (caught.value.subject, caught.value.reason) == ("https://wire.example/a", "an error page")


def test_a_bug_comes_through(shared: Workers) -> None:
    with pytest.raises(KeyError, match="bug") as caught:
        result(shared.submit(tasks.stumble, URL))
    assert "in stumble" in "".join(caught.value.__notes__), "where it happened must not be lost"


@pytest.mark.parametrize("task", [tasks.spin, tasks.hang_in_c], ids=lambda task: task.__name__)
def test_too_slow_a_task_is_ended_and_its_neighbours_go_on(pool: Workers, task: Any) -> None:
    result(pool.submit(tasks.pid, URL))
    started = time.monotonic()
    slow = pool.submit(task, URL)
    neighbours = [pool.submit(tasks.echo, URL, i) for i in range(20)]
    with pytest.raises(TooSlow) as caught:
        result(slow)
    assert 0.5 <= time.monotonic() - started < 0.5 + SLACK_S
    assert caught.value.subject == URL
    assert "0.5 s" in caught.value.reason
    assert [result(future) for future in neighbours] == [(i,) for i in range(20)]


def test_the_time_limit_is_for_each_task_and_not_for_the_wait_before_it(pool: Workers) -> None:
    futures = [pool.submit(tasks.nap, URL, 0.1) for _ in range(14)]
    assert [result(future) for future in futures] == [0.1] * 14


@pytest.mark.parametrize(
    ("task", "arguments", "says"),
    [
        (tasks.leave, (3,), "exit 3"),
        (tasks.die, (signal.SIGKILL,), "SIGKILL"),
        (tasks.die, (signal.SIGSEGV,), "SIGSEGV"),
        (tasks.die, (signal.SIGABRT,), "SIGABRT"),
        (tasks.crash, (), "SIGSEGV"),
    ],
    ids=["exit 3", "SIGKILL", "SIGSEGV", "SIGABRT", "segmentation fault"],
)
def test_a_task_that_ends_its_worker_costs_only_itself(pool: Workers, task: Any, arguments: Any, says: str) -> None:
    deadly = pool.submit(task, URL, *arguments)
    neighbours = [pool.submit(tasks.echo, URL, i) for i in range(20)]
    with pytest.raises(Crashed) as caught:
        result(deadly)
    assert caught.value.subject == URL
    assert says in caught.value.reason
    assert [result(future) for future in neighbours] == [(i,) for i in range(20)]


def test_a_task_that_leaves_as_if_all_were_well_is_an_error_and_not_a_wait(pool: Workers) -> None:
    """Nobody can tell such an end from a worker's retirement at once; the time limit can."""
    gone = pool.submit(tasks.leave, URL, 0)
    with pytest.raises((Crashed, TooSlow)):
        result(gone)
    assert result(pool.submit(tasks.echo, URL, 1)) == (1,)


def test_many_deaths_at_once(pool: Workers) -> None:
    futures = [pool.submit(*((tasks.leave, URL, 1) if i % 3 == 0 else (tasks.echo, URL, i))) for i in range(30)]
    wait(futures, timeout=60)
    errors = [future.exception(0) for future in futures]
    assert [type(error) for error in errors] == [Crashed if i % 3 == 0 else type(None) for i in range(30)]


def test_a_worker_that_is_killed_from_outside_costs_its_task(pool: Workers, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    busy = Workers(make_spec(time_limit_s=30.0))
    try:
        future = busy.submit(tasks.mark_and_spin, URL, str(mark))
        os.kill(await_pid(mark), signal.SIGKILL)
        with pytest.raises(Crashed):
            result(future)
        assert result(busy.submit(tasks.echo, URL, 1)) == (1,)
    finally:
        busy.close()


def test_a_worker_that_is_killed_while_it_waits_costs_nobody(pool: Workers) -> None:
    """The kernel ends what is large when memory is short, busy or not."""
    for _ in range(3):
        os.kill(result(pool.submit(tasks.pid, URL)), signal.SIGKILL)
        time.sleep(0.5)
        assert result(pool.submit(tasks.echo, URL, 1)) == (1,)


def test_all_workers_killed_while_they_wait(pool: Workers) -> None:
    pids = {result(future) for future in [pool.submit(tasks.pid, URL) for _ in range(20)]}
    for one in pids:
        os.kill(one, signal.SIGKILL)
    time.sleep(0.5)
    assert [result(pool.submit(tasks.echo, URL, i)) for i in range(4)] == [(i,) for i in range(4)]


@pytest.mark.parametrize("task", [tasks.swallow, tasks.hoard], ids=lambda task: task.__name__)
def test_a_task_that_takes_too_much_memory_costs_only_itself(shared: Workers, task: Any) -> None:
    greedy = shared.submit(task, URL, 4_096)
    neighbours = [shared.submit(tasks.echo, URL, i) for i in range(20)]
    with pytest.raises(Crashed) as caught:
        result(greedy)
    assert "1024 MB" in caught.value.reason
    assert [result(future) for future in neighbours] == [(i,) for i in range(20)]


def test_what_a_worker_may_and_may_not(shared: Workers) -> None:
    assert result(shared.submit(tasks.limits, URL)) == (1_024 << 20, True)


@pytest.mark.parametrize("task", [tasks.unreadable, tasks.fail_oddly], ids=lambda task: task.__name__)
def test_a_result_that_cannot_be_read_is_an_error_and_not_a_wait(task: Any) -> None:
    own = Workers(make_spec())
    try:
        odd, neighbour = own.submit(task, URL), own.submit(tasks.echo, URL, 1)
        with pytest.raises(Exception) as caught:
            result(odd)
        assert not isinstance(caught.value, TimeoutError)
        assert result(neighbour) == (1,)
    finally:
        own.close()


@pytest.mark.parametrize("argument", [lambda: 1, tasks.Unreadable()], ids=["cannot be sent", "cannot be read"])
def test_an_argument_that_cannot_travel_is_an_error_and_not_a_wait(pool: Workers, argument: Any) -> None:
    with pytest.raises(Exception) as caught:
        result(pool.submit(tasks.echo, URL, argument))
    assert not isinstance(caught.value, TimeoutError)
    assert result(pool.submit(tasks.echo, URL, 1)) == (1,)


# Recycling and closing.


def test_workers_are_recycled(pool: Workers) -> None:
    own = Workers(make_spec(processes=1, tasks_per_worker=3))
    try:
        pids = [result(own.submit(tasks.pid, URL)) for _ in range(9)]
        assert [len(set(pids[i : i + 3])) for i in (0, 3, 6)] == [1, 1, 1]
        assert len(set(pids)) == 3
    finally:
        own.close()


def test_a_pool_starts_with_its_first_task_and_leaves_nothing_behind() -> None:
    result_of_another = Workers(make_spec())
    result(result_of_another.submit(tasks.pid, URL))  # the fork server lives as long as this process
    result_of_another.close()
    before = children()
    own = Workers(make_spec())
    assert children() == before
    pids = {result(future) for future in [own.submit(tasks.pid, URL) for _ in range(20)]}
    assert pids <= children() - before
    own.submit(tasks.spin, URL)
    own.submit(tasks.hang_in_c, URL)
    time.sleep(0.2)
    started = time.monotonic()
    own.close()
    assert time.monotonic() - started < 2 * SLACK_S
    assert children() == before
    own.close()


def test_closing_what_was_never_used() -> None:
    Workers(make_spec()).close()


def test_a_closed_pool_starts_again(pool: Workers) -> None:
    result(pool.submit(tasks.pid, URL))
    pool.close()
    assert result(pool.submit(tasks.echo, URL, 1)) == (1,)


def test_a_task_nobody_waits_for_any_more_makes_no_noise(pool: Workers, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "concurrent.futures"):
        future = pool.submit(tasks.nap, URL, 0.1)
        assert future.cancel()
        assert result(pool.submit(tasks.nap, URL, 0.3)) == 0.3
    assert caplog.records == []


def test_one_pool_for_all_who_have_it_open() -> None:
    spec = make_spec(processes=1, tasks_per_worker=100)
    with workers(spec) as first:
        one = result(first.submit(tasks.pid, URL))
        with workers(spec) as second, workers(make_spec(processes=1, tasks_per_worker=101)) as other:
            assert second is first
            assert other is not first
            assert result(second.submit(tasks.pid, URL)) == one
        assert result(first.submit(tasks.pid, URL)) == one, "closed while it was in use"
    assert one not in children()
    with workers(spec) as third:
        assert result(third.submit(tasks.pid, URL)) != one


def test_a_user_that_fails_gives_its_pool_back() -> None:
    spec = make_spec(processes=1, tasks_per_worker=102)
    with pytest.raises(ZeroDivisionError), workers(spec) as pool:  # noqa: PT012
        one = result(pool.submit(tasks.pid, URL))
        raise ZeroDivisionError
    assert one not in children()


@pytest.mark.parametrize(("processes", "count"), [(3, 3), (0, len(os.sched_getaffinity(0)))])
def test_how_many(processes: int, count: int) -> None:
    assert WorkerSpec(processes=processes).count == count


PARENT = """
    import sys, time
    from connectors.workers import Workers, WorkerSpec
    from tests.contract import tasks

    pool = Workers(WorkerSpec(processes=2, time_limit_s=60.0))
    pids = {pool.submit(tasks.pid, "u").result() for _ in range(20)}
    for i, name in enumerate(sys.argv[2:]):
        pool.submit(getattr(tasks, name), "u", f"{sys.argv[1]}/{i}")
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize(
    "busy_with",
    [[], ["mark_and_spin"], ["mark_and_spin", "mark_and_spin"], ["mark_and_hang"]],
    ids=["waiting", "one busy", "all busy", "stuck in C"],
)
def test_workers_do_not_outlive_their_parent(tmp_path: Path, busy_with: list[str]) -> None:
    """Killed, it cannot tell them; an orphan that spins would take a core until somebody notices."""
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT), str(tmp_path), *busy_with],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        busy = {await_pid(tmp_path / str(i)) for i in range(len(busy_with))}
        below = {process.pid: process for process in psutil.Process(parent.pid).children(recursive=True)}
        assert busy <= below.keys()
        assert len(below) >= 3, "two workers and their fork server"
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close() if parent.stdout else None
    deadline = time.monotonic() + 5.0
    left = list(below.values())
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = [process for process in left if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    for process in left:  # ours: started above
        process.kill()
    assert left == []


STARTER = """
    from pathlib import Path
    with Path("imported").open("a") as file:
        file.write(__name__ + "\\n")

    if __name__ == "__main__":
        from connectors.workers import WorkerSpec, workers
        from tests.contract import tasks

        before = __spec__, __file__
        with workers(WorkerSpec(processes=2)) as pool:
            assert pool.submit(tasks.echo, "u", 1).result() == (1,)
        assert (__spec__, __file__) == before
"""


@pytest.mark.parametrize("how", [["starter.py"], ["-m", "starter"]], ids=["a file", "a module"])
def test_workers_do_not_import_what_started_them(tmp_path: Path, how: list[str]) -> None:
    """In Beam's containers that is Beam: a second or more of each new worker's life."""
    (tmp_path / "starter.py").write_text(textwrap.dedent(STARTER), "utf-8")
    ours = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, *how], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ours)}, check=True)
    assert (tmp_path / "imported").read_text().splitlines() == ["__main__"]


def await_pid(path: Path) -> int:
    """The process that a marking task runs in."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if path.exists() and path.read_text():
            return int(path.read_text())
        time.sleep(0.02)
    raise AssertionError(f"nobody wrote {path}")


def helper_pid() -> int:
    """The process that multiprocessing itself keeps: the fork server."""
    from multiprocessing import forkserver

    return forkserver._forkserver._forkserver_pid or 0  # type: ignore[attr-defined]
