"""The graph: feeds in, articles out, and every record that cannot go on into the ledger.

    due feeds ─ poll ─ announce ─┐
                     left over ──┴─ by host ─ read pages ─ tag ─ cluster and store
    every stage ── rejected ────────────────────────────────────────→ ledger

Batch and stream differ in the source only. Everything is idempotent: ids are derived and writes are versioned, so the
runner's at-least-once is exactly-once in the store. Addresses cross a shuffle, pages never do: the local runner keeps
in memory what it shuffles.
"""

from typing import Any

import apache_beam as beam

from pipelines.polling import Announce, PollFeeds
from pipelines.reading import LeftOver, ReadPages
from pipelines.steps import REJECTED, Plan
from pipelines.storing import RecordRejected, StoreArticles, Tag
from transforms.topics import Taxonomy

#: Rejections are written to the ledger in batches of up to this many.
REJECTED_BATCH = 200


def build(root: Any, plan: Plan, taxonomy: Taxonomy) -> Any:
    """Add the graph to a pipeline; returns the PCollection of what was stored (lists of Stored)."""

    def step(do: beam.DoFn) -> Any:
        return beam.ParDo(do).with_outputs(REJECTED, main="done")

    now = root | "Now" >> beam.Impulse()
    shards = now | "Shards of hosts" >> beam.FlatMap(lambda _: [(shard, None) for shard in range(plan.shards)])
    left_over = now | "Left over" >> beam.ParDo(LeftOver(plan))

    polls, unanswered = shards | "Feeds by host" >> beam.GroupByKey() | "Poll" >> step(PollFeeds(plan))
    entries, unusable = polls | "Announce" >> step(Announce(plan))
    readings, unread = (
        (entries, left_over)
        | "To read" >> beam.Flatten()
        | "Entries by host" >> beam.GroupByKey()
        | "Read pages" >> step(ReadPages(plan))
    )
    tagged = readings | "Tag" >> beam.ParDo(Tag(taxonomy))
    stored, unstored = tagged | "Store" >> step(StoreArticles(plan))

    (
        (unanswered, unusable, unread, unstored)
        | "Rejected" >> beam.Flatten()
        | "Rejected in batches" >> beam.BatchElements(min_batch_size=1, max_batch_size=REJECTED_BATCH)
        | "Record rejected" >> beam.ParDo(RecordRejected(plan))
    )
    return stored
