"""The graph: feeds in, articles out, and every record that cannot go on into the ledger.

    source ─┬─ due feeds ─ poll ─ announce ─┐
            └─ due pages ───────────────────┴─ by host ─ read pages ─ tag ─ cluster and store ─ match ─ record
    every stage ── rejected ────────────────────────────────────────→ ledger         └→ outbox

Batch and stream differ in the source only: once now, or once a second. Everything is idempotent: work is claimed on
leases, ids are derived and writes are versioned, so the runner's at-least-once is exactly-once in the store. Addresses
cross a shuffle, pages never do: the local runner keeps in memory what it shuffles.
"""

from typing import Any

import apache_beam as beam
from apache_beam.transforms.trigger import AccumulationMode, AfterCount, Repeatedly
from apache_beam.transforms.window import GlobalWindows

from pipelines.polling import Announce, PollFeeds
from pipelines.reading import ReadPages
from pipelines.source import VISITS, Due, looks
from pipelines.steps import REJECTED, Plan
from pipelines.storing import MatchAlerts, RecordRejected, RecordStored, StoreArticles, Tag
from pipelines.watching import Topics

#: Rejections are written to the ledger in batches of up to this many.
REJECTED_BATCH = 200


def build(root: Any, plan: Plan, topics: Topics) -> Any:
    """Add the graph to a pipeline; returns the PCollection of what was stored (lists of Stored)."""
    due = root | "Look" >> looks(plan) | "Due" >> beam.ParDo(Due(plan)).with_outputs(VISITS, main="feeds")
    entries, unusable = _polled(due.feeds, plan)
    visits = (entries, due[VISITS]) | "To read" >> beam.Flatten()
    return after_source(visits, plan, topics, unusable)


def build_polls(root: Any, plan: Plan) -> None:
    """Add the half of the graph that polls, and leaves what is announced to whoever reads."""
    feeds = root | "Look" >> looks(plan) | "Due" >> beam.ParDo(Due(plan, pages=False))
    _, unusable = _polled(feeds, plan)
    _set_aside(unusable, plan)


def build_reads(root: Any, plan: Plan, topics: Topics) -> Any:
    """Add the half of the graph that reads what was announced; as `build`."""
    due = root | "Look" >> looks(plan) | "Due" >> beam.ParDo(Due(plan, feeds=False)).with_outputs(VISITS, main="feeds")
    return after_source(due[VISITS], plan, topics)


def after_source(visits: Any, plan: Plan, topics: Topics, rejected: tuple[Any, ...] = ()) -> Any:
    """Add all that comes after a PCollection of (shard, list[Visit]); as `build`. `rejected`: what was, before it."""
    readings, unread = visits | "Entries by host" >> _ByHost(plan) | "Read pages" >> _step(ReadPages(plan))
    return after_reading(readings, plan, topics, (*rejected, unread))


def after_reading(readings: Any, plan: Plan, topics: Topics, rejected: tuple[Any, ...] = ()) -> Any:
    """Add all that comes after a PCollection of list[Reading]; as `build`."""
    tagged = readings | "Tag" >> beam.ParDo(Tag(topics))
    confirmed, unstored = tagged | "Store" >> _step(StoreArticles(plan))
    matched = confirmed | "Match" >> beam.ParDo(MatchAlerts(plan))
    stored = matched | "Record stored" >> beam.ParDo(RecordStored(plan))
    _set_aside((*rejected, unstored), plan)
    return stored


def _polled(feeds: Any, plan: Plan) -> tuple[Any, tuple[Any, ...]]:
    """What is announced as (shard, list[Visit]), and what was rejected."""
    polls, unanswered = feeds | "Feeds by host" >> _ByHost(plan) | "Poll" >> _step(PollFeeds(plan))
    entries, unusable = polls | "Announce" >> _step(Announce(plan))
    return entries, (unanswered, unusable)


def _set_aside(rejected: tuple[Any, ...], plan: Plan) -> None:
    (
        rejected
        | "Rejected" >> beam.Flatten()
        | "Rejected in batches" >> beam.BatchElements(min_batch_size=1, max_batch_size=REJECTED_BATCH)
        | "Record rejected" >> beam.ParDo(RecordRejected(plan))
    )


class _ByHost(beam.PTransform):
    """(shard, x) -> (shard, xs): all of a shard goes to one worker; without an end, each at once. Where one worker has
    all of them, nothing is shuffled: it would cost as much again as to ask a feed that has nothing new."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan

    def expand(self, pcoll: Any) -> Any:
        if self._plan.time_limit is not None and self._plan.shards == 1:
            return pcoll | "One worker" >> beam.MapTuple(lambda shard, one: (shard, [one]))
        if self._plan.time_limit is None:
            pcoll |= "At once" >> beam.WindowInto(
                GlobalWindows(), trigger=Repeatedly(AfterCount(1)), accumulation_mode=AccumulationMode.DISCARDING
            )
        return pcoll | "Group" >> beam.GroupByKey()


def _step(do: beam.DoFn) -> Any:
    return beam.ParDo(do).with_outputs(REJECTED, main="done")
