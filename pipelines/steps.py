"""What all steps of the graph share: the plan, the store, counters, and the way aside for what cannot go on.

Each step catches what is raised on purpose and nothing else: a swallowed bug is a story that nobody will ever miss.
Counters say `<stage>/<outcome>`, each feed, entry and article exactly once per stage.
"""

import zlib
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from connectors.opening import Store, open_store
from connectors.workers import Workers, workers
from pipelines.crawl import Limits
from pipelines.manners import Manners
from pipelines.settings import Settings
from transforms.errors import NewswireError, Transient
from transforms.records import Entry, Feed, Rejected
from transforms.urls import host_of, origin_of, redact

REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run is told; travels to every worker."""

    settings: Settings
    run_id: str
    started_at: datetime
    #: Poll feeds that are not due, too.
    poll_all: bool = False
    #: Hosts are dealt out to so many workers; all of a host's requests come from one, so politeness holds.
    shards: int = 1

    def shard(self, url: str) -> int:
        """The shard of a URL's host; the same on every machine."""
        if self.shards == 1:
            return 0
        return zlib.crc32(host_of(url).encode()) % self.shards

    def limits(self) -> Limits:
        """What the crawl may do at once, and for how long from now."""
        fetch = self.settings.fetch
        left = self.started_at + self.settings.run.time_limit - datetime.now(UTC)
        return Limits(
            concurrency=fetch.concurrency,
            per_host=fetch.per_host,
            stop_after_s=max(0.0, left.total_seconds()),
        )


def count(stage: str, outcome: str, n: int = 1) -> None:
    """Add to the counter `<stage>/<outcome>`."""
    if n:
        Metrics.counter(stage, outcome).inc(n)


def took(stage: str, seconds: float) -> None:
    """Add to the time spent in a stage, in milliseconds, over all workers."""
    Metrics.distribution(stage, "ms").update(round(seconds * 1000))


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
        )
