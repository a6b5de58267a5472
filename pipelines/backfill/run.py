"""A back-fill: what a list names is announced, some hundreds at a time, and goes through the steps of a run, pass by
pass, until nothing of it is left. The ledger knows how far it is; whoever begins it again goes on."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from connectors.opening import Store, load_taxonomy
from connectors.workers import workers
from pipelines.backfill.command import Selection
from pipelines.backfill.sources import Archive, Listed
from pipelines.backfill.steps import ReadHeld, ReadListed
from pipelines.crawl import stopping
from pipelines.ingest import after_reading
from pipelines.settings import Settings
from pipelines.steps import REJECTED, Plan
from pipelines.watching import Topics, watch
from transforms.records import Visit
from transforms.urls import doc_id

#: Announced in one go, which is one short transaction; and in hand at once, so that slow hosts do not hold up others.
ANNOUNCED, IN_HAND = 100, 400
#: Nothing is begun later in a pass; what is left then is in hand of the next one, with what has come to it.
PASS = timedelta(seconds=20)
#: How long nobody else takes up what is in hand: a page of a host that wants a minute between two, behind many others.
LEASE = timedelta(hours=1)


class Backfill:
    """One back-fill, which counts into its selection. `run` ends when all is done, or once the process is to end."""

    def __init__(self, run_id: str, settings: Settings, archive: Archive, store: Store, *, pace_all: bool) -> None:
        """Pages are fetched at the pace of `run_id` in `paces`, and with `pace_all` also read off the archive at it."""
        self._run_id, self._archive, self._store, self._pace_all = run_id, archive, store, pace_all
        # A list of years is not looked at again for changes: that would be the live runs' work.
        schedule = settings.schedule.model_copy(update={"checks": ()})
        self._settings = settings.model_copy(update={"feeds": (), "schedule": schedule})
        self._topics = Topics(load_taxonomy(settings.topics.taxonomy))
        #: stage/outcome → how many, each page once per stage.
        self.counts: Counter[str] = Counter()

    def run(self, selection: Selection) -> int:
        """See everything through; how many that were begun are left pending."""
        listed = selection.listed()
        in_hand: list[Listed] = []
        with ExitStack() as stack:
            # Open over all passes, of which each step would open its own.
            stack.enter_context(workers(self._settings.worker_spec))
            stack.enter_context(watch(self._settings.store_spec))
            while not stopping.is_set():
                while len(in_hand) < IN_HAND and not stopping.is_set():
                    room = IN_HAND - len(in_hand)
                    some = list(islice(listed, min(ANNOUNCED, room, selection.room())))
                    if not some:
                        break
                    begun = list(self._announced(some, {doc_id(one.entry.url) for one in in_hand}, selection))
                    selection.tally["read"] += len(begun)
                    in_hand += begun
                if not in_hand:
                    break
                for held in (True, False):
                    if some := [one for one in in_hand if (one.offset is not None) == held]:
                        self._pass(some, held=held)
                in_hand = [one for one in in_hand if self._is_pending(one)]
        return len(in_hand)

    def _announced(self, some: list[Listed], in_hand: set[str], selection: Selection) -> Iterator[Listed]:
        """Those that are ours to read: what the ledger did not know, and what an earlier try has left behind."""
        until = datetime.now(UTC) + LEASE
        answers = self._store.ledger.announce([one.entry for one in some], run_id=self._run_id, until=until)
        for one, answer in zip(some, answers, strict=True):
            key = doc_id(one.entry.url)
            if key in in_hand:
                selection.tally["known"] += 1
            elif answer.fetch:
                in_hand.add(key)
                yield replace(one, entry=answer.entry)
            elif answer.news == "known" and self._is_left_behind(one):
                in_hand.add(key)
                selection.tally["taken_up"] += 1
                yield one
            else:
                selection.tally["known"] += 1

    def _is_left_behind(self, one: Listed) -> bool:
        """Whether this list announced it first, and was ended before it was read. A page that is in the list itself and
        that a run meanwhile failed to fetch is also left."""
        row = self._store.ledger.get(one.entry.url)
        if row is None or row.state == "done" or not row.appearances:
            return False
        first = min(row.appearances, key=lambda appearance: appearance[2])[0]
        failed = row.state == "rejected" and not (one.offset is not None and row.stage == "fetch")
        return first == one.entry.feed_id and not failed

    def _is_pending(self, one: Listed) -> bool:
        row = self._store.ledger.get(one.entry.url)
        return row is not None and row.state == "pending"

    def _pass(self, some: list[Listed], *, held: bool) -> None:
        plan = Plan(settings=self._settings, run_id=self._run_id, started_at=datetime.now(UTC), time_limit=PASS)
        # Named, since the default runner may download and switch to another one (shared BEAM.md, 1).
        pipeline = beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions([]))
        element: Any
        step: beam.DoFn
        if held:
            element = [(Visit(entry=one.entry), one.offset) for one in some]
            step = ReadHeld(plan, self._archive, paced=self._pace_all)
        else:
            element, step = (0, [[Visit(entry=one.entry) for one in some]]), ReadListed(plan)
        readings, unread = (
            pipeline
            | "In hand" >> beam.Create([element], reshuffle=False)
            | "Read pages" >> beam.ParDo(step).with_outputs(REJECTED, main="done")
        )
        after_reading(readings, plan, self._topics, (unread,))
        result = pipeline.run()
        result.wait_until_finish()
        for counter in result.metrics().query()["counters"]:
            self.counts[f"{counter.key.metric.namespace}/{counter.key.metric.name}"] += counter.result
