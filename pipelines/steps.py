"""What all steps of the graph share: the plan, the store, counters, and the way aside for what cannot go on.

Each step catches what is raised on purpose and nothing else: a swallowed bug is a story that nobody will ever miss.
Counters say `<stage>/<outcome>`, each feed, entry and article exactly once per stage.
"""

import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf
from time import monotonic
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.timestamp import Timestamp
from apache_beam.utils.windowed_value import WindowedValue

from connectors.opening import Store, open_store
from connectors.workers import Workers, workers
from pipelines import metrics
from pipelines.crawl import Limits
from pipelines.manners import Manners, Paces
from pipelines.settings import Settings
from pipelines.traces import span
from transforms.errors import NewswireError, Transient
from transforms.records import Entry, Feed, Rejected
from transforms.schedule import GRACE
from transforms.urls import host_of, origin_of, redact

REJECTED = "rejected"
#: Of all passes of this process: those of a stream overlap, and a host must not notice.
_paces: Paces = {}


#: How long after its own time limits what came of a request is in the store, most surely: of a page, and of a feed.
MARGIN, POLL_MARGIN = timedelta(minutes=1), timedelta(seconds=10)
#: In a stream nothing is begun later than this after it was taken up: whoever waits for one host lets the others wait.
IN_HAND = timedelta(seconds=20)
#: Whoever fetches and has got nothing for so long waits for hosts: of pages that can be had, several come each second.
WAITS_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run is told; travels to every worker."""

    settings: Settings
    run_id: str
    started_at: datetime
    #: No poll and no page is begun later than this after `started_at`. None: there is no end, and each has `IN_HAND`.
    time_limit: timedelta | None = None
    #: What falls due so much later is due as well.
    grace: timedelta = GRACE
    #: Poll feeds that are not due, too.
    poll_all: bool = False
    #: What is announced is not in the hands of this run, but for whoever reads.
    hands_on: bool = False
    #: The steps are at work in processes that a runner starts, which have nobody's log and no endpoint.
    away: bool = False
    workers: int = 1
    #: Hosts are dealt out to so many shards, and these to the workers; all of a host's requests come from one, so
    #: politeness holds.
    shards: int = 1

    def __post_init__(self) -> None:
        # They are in the registry; an address may hold a password, and runners keep plans and show them.
        object.__setattr__(self, "settings", self.settings.model_copy(update={"feeds": ()}))

    @property
    def is_stream(self) -> bool:
        """Whether there is always somebody who looks for what is due again."""
        return self.hands_on or self.time_limit is None

    def shard(self, url: str) -> int:
        """The shard of a URL's host; the same on every machine."""
        if self.shards == 1:
            return 0
        return zlib.crc32(host_of(url).encode()) % self.shards

    def limits(self) -> Limits:
        """What the crawl may do at once, and for how long from now."""
        fetch, now = self.settings.fetch, datetime.now(UTC)
        return Limits(
            concurrency=fetch.concurrency,
            per_host=fetch.per_host,
            stop_after_s=max(0.0, (self._last_start(now) - now).total_seconds()),
        )

    def pages_until(self, now: datetime) -> datetime:
        """How long pages that are taken up at `now` are nobody else's."""
        extract_s = self.settings.extract.time_limit_s
        return self._last_start(now) + self._answer + timedelta(seconds=extract_s) + MARGIN

    def feeds_until(self, now: datetime) -> datetime:
        """How long feeds are. As short as can be: those of a killed run wait for it, and what their publishers take off
        them meanwhile is never seen."""
        return min(now + IN_HAND, self._last_start(now)) + self._answer + POLL_MARGIN

    def _last_start(self, now: datetime) -> datetime:
        return now + IN_HAND if self.time_limit is None else self.started_at + self.time_limit

    @property
    def _answer(self) -> timedelta:
        return timedelta(seconds=self.settings.fetch.timeout_s)


def count(stage: str, outcome: str, n: int = 1) -> None:
    """Add to the counter `<stage>/<outcome>`, of the runner and of this process."""
    if n:
        Metrics.counter(stage, outcome).inc(n)
        metrics.record(stage, outcome, n)


def took(stage: str, seconds: float) -> None:
    """Add to the time spent in a stage, in milliseconds, over all workers."""
    Metrics.distribution(stage, "ms").update(round(seconds * 1000))
    metrics.spent(stage, seconds)


def rejected(stage: str, payload: Feed | Entry, error: NewswireError) -> Any:
    """The side output for a record that cannot go on."""
    return set_aside(
        Rejected(
            stage=stage,
            subject=redact(payload.url),
            error=type(error).__name__,
            reason=error.reason,
            retryable=error.retryable,
            payload=payload,
            kind=error.kind,
            retry_after=error.retry_after if isinstance(error, Transient) else None,
        )
    )


def set_aside(record: Rejected) -> Any:
    """The side output for what is rejected already, counted."""
    count(record.stage, REJECTED)
    count(f"{record.stage}.errors", record.error)
    return beam.pvalue.TaggedOutput(REJECTED, record)


class Step(beam.DoFn):
    """Opens the store, and the worker pool for those who read, for as long as Beam keeps the step."""

    reads = False

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def setup(self) -> None:
        if self.plan.away:
            _at_home(self.plan.settings)
        self._stack = ExitStack()
        self.store: Store = self._stack.enter_context(open_store(self.plan.settings.store_spec))
        if self.reads:
            self.pool: Workers = self._stack.enter_context(workers(self.plan.settings.worker_spec))

    def teardown(self) -> None:
        self._stack.close()

    def manners(self, urls: Iterable[str], *, gap_s: float) -> Manners:
        """What is known of the hosts of these addresses, for one pass over them."""
        fetch = self.plan.settings.fetch
        return Manners(
            self.store.hosts.get({origin_of(url) for url in urls}),
            user_agent=self.plan.settings.http_spec.user_agent,
            gap_s=gap_s,
            robots=fetch.robots,
            paces=_paces,
        )


def _at_home(settings: Settings) -> None:
    """Make a runner's process one of ours; more than once does no harm."""
    from pipelines import endpoint  # what it shows uses this module

    endpoint.serve_worker(settings)


class Crawl(Step):
    """A step that fetches. What comes in is gathered, and fetched all at once when the runner's bundle ends: one after
    the other, each element would wait for the slowest host of the one before."""

    reads = True
    #: Since when it has had nothing to give out (`time.monotonic`); `inf` while what it gave is being stored.
    waits_since = inf

    def start_bundle(self) -> None:
        self._gathered: list[Any] = []

    def process(self, element: Any) -> None:
        self._gathered.append(element)

    def finish_bundle(self) -> Iterator[Any]:
        gathered, self._gathered = self._gathered, []
        if not gathered:
            return
        _at_work.append(self)
        try:
            with span(type(self).__name__, run_id=self.plan.run_id):
                yield from self._placed(gathered)
        finally:
            _at_work.remove(self)

    def _placed(self, gathered: list[Any]) -> Iterator[Any]:
        self.waits_since = monotonic()
        for out in self.crawled(gathered):
            self.waits_since = inf
            if isinstance(out, beam.pvalue.TaggedOutput):
                yield beam.pvalue.TaggedOutput(out.tag, _now_and_everywhere(out.value))
            else:
                yield _now_and_everywhere(out)
            self.waits_since = monotonic()

    def crawled(self, gathered: list[Any]) -> Iterator[Any]:
        """What comes of all that was gathered, as it comes."""
        raise NotImplementedError


#: The steps of this process that fetch at this moment; what they give out is stored before they end.
_at_work: list[Crawl] = []


def crawls() -> int:
    """How many steps of this process fetch at this moment."""
    return len(_at_work)


def waiting() -> set[str]:
    """The ids of runs of this process that do nothing but wait for hosts."""
    before = monotonic() - WAITS_S
    return {one.plan.run_id for one in _at_work.copy() if one.waits_since < before}


def _now_and_everywhere(value: Any) -> WindowedValue:
    return WindowedValue(value, Timestamp.now(), (GlobalWindow(),))
