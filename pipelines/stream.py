"""`newswire stream`: the graph without an end.

On this machine alone, bounded passes in one process, one whenever something falls due; they overlap, so that a host
that answers slowly holds up no other. On a runner that streams, one graph that looks once a second.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any, Final

import apache_beam as beam
from apache_beam.runners.runner import PipelineState

from connectors.locking import only_run
from connectors.opening import Store, StoreSpec, file_of, load_taxonomy, open_store
from connectors.workers import workers
from pipelines import crawl, logs, metrics
from pipelines.deliver import Delivered, delivering
from pipelines.endpoint import rest, tick
from pipelines.ingest import build, build_polls, build_reads
from pipelines.profiles import owner, runner_and_options, shards
from pipelines.run import run_id, run_pass, summary, take_over, without_feeds
from pipelines.saying import reason
from pipelines.settings import Settings
from pipelines.steps import IN_HAND, Plan, crawls, waiting
from pipelines.watching import Followed, Topics, watch
from transforms.errors import NewswireError, StoreFailed

log = logging.getLogger("newswire.stream")

#: Passes of a kind at once: those at work, and with those that only wait for hosts, which take some 4 MB and 14 files
#: each; a process may mostly have 1,024 open.
PASSES, WITH_WAITING = 4, 24
#: How often is looked for what is due sooner than was known, and while feeds are polled.
LOOK_S, SOON_S = 1.0, 0.2
#: From the start of a pass to the next of its kind (to put its graph together takes half a second of a core), after one
#: that found nothing, and after one that failed.
APART_S, AFTER_NOTHING_S, AFTER_ERROR_S = 1.5, 5.0, 10.0
#: Tables of the settings that passes share: changes of them wait for the next start. A graph without an end was given
#: all of them.
AT_THE_START: Final = ("store", "runner", "extract", "alerts", "metrics", "log")
#: How long what is in hand is waited for, when the stream is to end: what is begun last, to its time limits.
DRAIN: Final = IN_HAND + timedelta(seconds=40)


class Stop:
    """Whether somebody wants the stream to end; for signal handlers and threads."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """End: nothing more is begun in this process, and what is in hand is ended."""
        crawl.stopping.set()
        self._event.set()

    def __bool__(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        """Wait so long, or until it is wanted."""
        self._event.wait(max(0.0, seconds))


def passes(file: str | None, settings: Settings, stop: Stop, tell: Any) -> int:
    """Passes over what is due, until `stop`; how many pages were left for the next start.

    Raises: ConfigError, AlreadyRunning, StoreFailed, Transient: it cannot begin; StoreFailed also later, as
    `_require_same` says.
    """
    with only_run(Path(settings.store.path)), ExitStack() as stack:
        take_over(settings)
        store = stack.enter_context(open_store(settings.store_spec))
        # Held open for as long as the stream lasts; each pass has it, too.
        stack.enter_context(workers(settings.worker_spec))
        stack.enter_context(watch(settings.store_spec))
        stack.enter_context(_delivering(settings, tell))
        stream = _Stream(Followed(file, settings, fixed=AT_THE_START), store, stop)
        return stream.go()


@dataclass(slots=True)
class _Passes:
    """Passes of one kind: those under way, and when the next may begin (`time.monotonic`)."""

    next_due: Callable[[], datetime | None]
    graph: Callable[[Plan], Callable[[Any], Any]]
    #: With the ids of their runs.
    under_way: dict[Future[bool], str] = field(default_factory=dict)
    not_before: float = 0.0
    #: Why the last one has not come to its end; empty: it has.
    wrong: str = ""

    def wait_s(self) -> float:
        """Seconds until there is something to begin, as far as is known; not above 0 where there is, and it may."""
        if (soonest := self.not_before - monotonic()) > 0:
            return soonest
        if len(self.under_way) >= WITH_WAITING or len(set(self.under_way.values()) - waiting()) >= PASSES:
            return LOOK_S
        due = self.next_due()
        return LOOK_S if due is None else (due - datetime.now(UTC)).total_seconds()


class _Stream:
    """Polls and reads in passes of their own: the runner ends one stage before it begins the next, so that in one graph
    every story would wait for the slowest feed."""

    def __init__(self, followed: Followed, store: Store, stop: Stop) -> None:
        self._followed, self._store, self._stop = followed, store, stop
        path = followed.settings.topics.taxonomy
        self._topics = Topics(load_taxonomy(path), path)
        self._spec = followed.settings.store_spec
        self._file = file_of(self._spec)
        self._id = run_id(datetime.now(UTC))
        self._count = 0
        #: Why the store could not be read at the last look.
        self._away = ""
        self._polls = _Passes(store.feeds.next_due, lambda plan: partial(build_polls, plan=plan))
        self._reads = _Passes(store.ledger.next_due, lambda plan: partial(build_reads, plan=plan, topics=self._topics))

    def go(self) -> int:
        """Begin passes until it is to end; see `passes`."""
        with ThreadPoolExecutor(2 * WITH_WAITING, thread_name_prefix="pass") as threads:
            while not self._stop:
                wrong = dict.fromkeys((self._away, self._polls.wrong, self._reads.wrong))
                tick("stream", "; ".join(filter(None, wrong)))
                try:
                    _require_same(self._spec, self._file)
                except StoreFailed:
                    self._stop.set()
                    raise
                wait_s = LOOK_S
                try:
                    self._followed.follow(self._store.feeds)
                    for kind in (self._polls, self._reads):
                        self._take_in(kind)
                        if (due_s := kind.wait_s()) <= 0:
                            self._begin(kind, threads)
                        else:
                            wait_s = min(wait_s, due_s)
                    self._away = _told(self._away, "")
                except (NewswireError, StoreFailed) as e:
                    self._away = _told(self._away, f"the store does not answer, and is asked again: {reason(e)}")
                    wait_s = AFTER_ERROR_S
                if self._polls.under_way:  # they announce something at any moment
                    wait_s = min(wait_s, SOON_S)
                self._stop.wait(wait_s)
            return self._end()

    def _begin(self, kind: _Passes, threads: ThreadPoolExecutor) -> None:
        self._count += 1
        now = datetime.now(UTC)
        settings = self._followed.settings
        self._topics.follow(settings.topics.taxonomy)
        self._topics.now(now)
        plan = Plan(
            settings=without_feeds(settings),
            run_id=f"{self._id}.{self._count}",
            started_at=now,
            time_limit=min(IN_HAND, settings.run.time_limit),
            grace=timedelta(0),
            hands_on=True,
        )
        kind.not_before = monotonic() + APART_S
        kind.under_way[threads.submit(self._pass, plan, kind.graph(plan))] = plan.run_id

    def _pass(self, plan: Plan, graph: Callable[[Any], Any]) -> bool:
        """Whether there was anything to do."""
        started = perf_counter()
        with logs.bound(run_id=plan.run_id):
            result = run_pass(plan, graph)
        done = summary(plan.run_id, result, Delivered(), perf_counter() - started, 1.0)
        if done.counts:
            logs.passed(done.counts, run_id=plan.run_id, seconds=done.elapsed_s)
        return bool(done.counts)

    def _take_in(self, kind: _Passes) -> None:
        """Look at passes that have ended."""
        for one in [one for one in kind.under_way if one.done()]:
            del kind.under_way[one]
            try:
                worked = one.result()
                kind.wrong = _told(kind.wrong, "")
                if not worked:
                    kind.not_before = max(kind.not_before, monotonic() + AFTER_NOTHING_S)
            except (NewswireError, StoreFailed) as e:
                words = f"a pass has ended early; what it had in hand is taken up again: {reason(e)}"
                kind.wrong = _told(kind.wrong, words)
                kind.not_before = monotonic() + AFTER_ERROR_S
            except Exception:  # what it had in hand comes back when its lease is over; the others go on
                log.exception("an error in newswire has ended a pass; what it had in hand is taken up again")
                kind.not_before = monotonic() + AFTER_ERROR_S

    def _end(self) -> int:
        rest("stream")
        until = monotonic() + DRAIN.total_seconds()
        while (left := [one for one in (*self._polls.under_way, *self._reads.under_way) if not one.done()]) and (
            monotonic() < until
        ):
            wait(left, timeout=until - monotonic())
        if left:
            log.warning("%d passes have not ended in time; the next start takes up what they had", len(left))
            os._exit(0)
        return self._store.ledger.release(owner())


def _told(was: str, wrong: str) -> str:
    """What is `wrong`, said where it was not so before; or, once, that what was wrong is so no longer."""
    if wrong and wrong != was:
        log.warning("%s", wrong)
    elif was and not wrong:
        log.info("it goes on: the store is there")
    return wrong


def _require_same(spec: StoreSpec, file: tuple[int, int] | None) -> None:
    """Return if an embedded store's file is still the one that `file_of` told. Who has opened another one works on what
    nobody else sees, and what is opened now would be made new.

    Raises: StoreFailed.
    """
    if file_of(spec) != file:
        raise StoreFailed(
            "the store's file was removed, or replaced by another one; what is there is for the next start"
        )


@contextmanager
def _delivering(settings: Settings, tell: Any) -> Iterator[Delivered]:
    """Deliver alerts while the block runs, and say at once what an operator should know of it."""
    with delivering(settings, tell=tell) as delivered:
        metrics.follow_deliveries(delivered.counts)
        yield delivered


def graph(file: str | None, settings: Settings, stop: Stop, tell: Any, beam_options: Sequence[str]) -> str:
    """One graph without an end, on a runner that streams, until `stop` or the job's own end; alerts are delivered from
    here meanwhile. What became of the job, in words.

    Raises: ConfigError; AlreadyRunning; StoreFailed, as `_require_same`; RuntimeError: the job has ended by itself.
    """
    here = settings.runner.profile == "prism"  # its steps are at work in this process
    with ExitStack() as stack:
        if here:
            stack.enter_context(only_run(Path(settings.store.path)))
            take_over(settings)
            stack.enter_context(workers(settings.worker_spec))
            stack.enter_context(watch(settings.store_spec))
        store = stack.enter_context(open_store(settings.store_spec))
        its_file = file_of(settings.store_spec)
        result = _submitted(settings, store, beam_options)
        stack.enter_context(_delivering(settings, tell))
        followed = Followed(file, settings, fixed=[name for name in Settings.model_fields if name != "feeds"])
        while not stop and not PipelineState.is_terminal(result.state):
            tick("stream")
            if here:
                try:
                    _require_same(settings.store_spec, its_file)
                except StoreFailed:
                    _cancel(result)
                    raise
            try:
                followed.follow(store.feeds)
            except (NewswireError, StoreFailed) as e:
                log.warning("the store does not answer: %s", e)
            stop.wait(LOOK_S)
        rest("stream")
        if not stop:
            raise RuntimeError(f"the job {_job_id(result)} has ended by itself: {result.state}")
        if not here:
            return f"the job {_job_id(result)} goes on without us; its runner stops it"
        _wait_for_crawls()
        _cancel(result)
        return "stopped"


def submit(settings: Settings, beam_options: Sequence[str]) -> str:
    """Have a runner begin one graph without an end, and leave it to it; what it is known as there, in words.

    Raises: ConfigError.
    """
    with open_store(settings.store_spec) as store:
        return f"submitted as {_job_id(_submitted(settings, store, beam_options))}"


def _submitted(settings: Settings, store: Store, beam_options: Sequence[str]) -> Any:
    now, path = datetime.now(UTC), settings.topics.taxonomy
    here = settings.runner.profile == "prism"
    plan = Plan(
        settings=without_feeds(settings),
        # What is in hand on a cluster is not over when this process is.
        run_id=run_id(now) if here else run_id(now).replace("/run/", "/graph/"),
        started_at=now,
        grace=timedelta(0),
        away=not here,
        workers=settings.runner.parallelism,
        shards=shards(settings.runner),
    )
    settings.register(store.feeds)
    runner, options = runner_and_options(settings, beam_options, streaming=True)
    pipeline = beam.Pipeline(runner=runner, options=options)
    build(pipeline, plan, Topics(load_taxonomy(path), path))
    return pipeline.run()


def _cancel(result: Any) -> None:
    with suppress(RuntimeError):  # "failed in state CANCELLED"
        result.cancel()


def _wait_for_crawls() -> None:
    """Until nothing has been in hand for a moment, but not for ever."""
    until, quiet_since = monotonic() + DRAIN.total_seconds(), monotonic()
    while monotonic() < until and monotonic() - quiet_since < 2 * LOOK_S:
        if crawls():
            quiet_since = monotonic()
        threading.Event().wait(0.1)


def _job_id(result: Any) -> str:
    found = getattr(result, "job_id", None) or getattr(result, "_job_id", "")
    return str(found() if callable(found) else found)
