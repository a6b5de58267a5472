"""Where the work comes from: what is due, claimed from the store, once now or once a second.

The store is the queue, and a claim is a lease: a source that is killed loses none, nor does it have anything to
remember. So all that the runner's checkpoints hold of it is which second it was.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import apache_beam as beam
from apache_beam.transforms.periodicsequence import PeriodicImpulse
from apache_beam.utils.timestamp import MAX_TIMESTAMP, Timestamp

from pipelines import crawl, metrics
from pipelines.polling import by_shard
from pipelines.steps import Plan, Step, count
from transforms.records import Feed

VISITS: Final = "visits"
#: Pages that are taken up at once; the rest waits for the next look. Of a stream, that looks every second, about what a
#: worker reads in the meantime: what is taken and has to wait is in nobody else's hands.
MAX_CLAIM, MAX_CLAIM_OF_STREAM = 10_000, 100
#: Seconds from look to look.
TICK_S: Final = 1


def looks(plan: Plan) -> Any:
    """The root of a pipeline: an element whenever it is time to look for what is due, dated by when that is. It is a
    splittable source, whose watermark is the time of the next look."""
    if plan.time_limit is not None:
        return beam.Impulse()
    start = Timestamp.from_utc_datetime(plan.started_at)
    return PeriodicImpulse(start_timestamp=start, stop_timestamp=MAX_TIMESTAMP, fire_interval=TICK_S)


class Due(Step):
    """A look -> (shard, list[Feed]) of the feeds that are due; as VISITS (shard, list[Visit]) of retries and checks
    that are due, and of what a worker that died had in hand."""

    def __init__(self, plan: Plan, *, feeds: bool = True, pages: bool = True) -> None:
        super().__init__(plan)
        self._feeds, self._pages = feeds, pages

    def process(self, _: Any, look: Any = beam.DoFn.TimestampParam) -> Iterator[Any]:
        now = datetime.now(UTC)
        # After an outage, nobody makes up for all the looks in between: what they would find, the last one finds.
        late = self.plan.time_limit is None and float(look) + TICK_S < now.timestamp()
        if not (late or crawl.stopping.is_set()):
            if self._feeds:
                yield from self._due_feeds(now)
            if self._pages:
                yield from self._due_pages(now)

    def _due_feeds(self, now: datetime) -> Iterator[Any]:
        plan, registry = self.plan, self.store.feeds
        if plan.poll_all:
            feeds = [feed for feed in registry.all() if not feed.paused]
        else:
            feeds = registry.claim(by=now + plan.grace, until=plan.feeds_until(now))
        for feed in feeds:
            if feed.next_poll_at is not None and not plan.poll_all:
                metrics.waited("due", (now - feed.next_poll_at).total_seconds())
        dealt: dict[int, list[Feed]] = {}
        for feed in feeds:
            dealt.setdefault(plan.shard(feed.address), []).append(feed)
        yield from dealt.items()

    def _due_pages(self, now: datetime) -> Iterator[Any]:
        plan = self.plan
        limit = MAX_CLAIM_OF_STREAM * plan.workers if plan.is_stream else MAX_CLAIM
        claimed = self.store.ledger.claim(now=now, run_id=plan.run_id, until=plan.pages_until(now), limit=limit)
        count("entry", "again", sum(not visit.check for visit in claimed))
        for some in by_shard(plan, claimed):
            yield beam.pvalue.TaggedOutput(VISITS, some)
