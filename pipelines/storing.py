"""From articles to the archive, and from rejections to the ledger."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import apache_beam as beam

from connectors.ports import Stored
from pipelines import logs, metrics
from pipelines.alerting import Confirmed, alerts
from pipelines.clustering import clustered
from pipelines.polling import failed
from pipelines.steps import Step, count, rejected, took
from pipelines.traces import span
from pipelines.watching import Topics, watch
from transforms.records import Article, Feed, Reading, Rejected
from transforms.retry import next_try
from transforms.revisions import GONE, content_hash, decide, same_story
from transforms.schedule import next_check
from transforms.urls import canonical_url, doc_id, is_of_item


class Tag(beam.DoFn):
    """list[Reading] -> list[Reading] with topics and their evidence."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics

    def process(self, readings: list[Reading]) -> Iterator[list[Reading]]:
        started, taxonomy = perf_counter(), self._topics.now(datetime.now(UTC))
        with span("tag", articles=len(readings)):
            tagged = [replace(one, article=taxonomy.tag(one.article)) for one in readings]
        for one in tagged:
            count("tag", "tagged" if one.article.topics else "untagged")
            for tag in one.article.topics:
                count("topic", tag.id)
        took("tag", perf_counter() - started)
        yield tagged


class StoreArticles(Step):
    """list[Reading] -> list[Confirmed]. The archive is written first, then the outbox, the ledger after them: whoever
    crashes in between does the work again, finds the article unchanged, and goes on."""

    def process(self, readings: list[Reading]) -> Iterator[Any]:
        with span("store", run_id=self.plan.run_id, articles=len(readings)):
            yield from self._stored_all(readings)

    def _stored_all(self, readings: list[Reading]) -> Iterator[Any]:
        started, now = perf_counter(), datetime.now(UTC)
        became = self.store.ledger.documents([one.entry for one in readings])
        before = self.store.articles.get({*became, *_candidate_ids(readings)} - {""})
        known = dict(before)
        writes: list[tuple[Reading, Article]] = []
        confirmed: list[Confirmed] = []
        for one, earlier in zip(readings, became, strict=True):
            article = _own_identity(one, earlier, known)
            last = known.get(article.id)
            revision = decide(article, last)
            if revision is None:
                same = last or article
                stored = self._stored(one, same, "unchanged", now)
                confirmed.append(Confirmed(stored=stored, article=same, at=same.indexed_at or now))
                continue
            known[article.id] = revision
            writes.append((one, revision))
            stored = self._stored(one, revision, "new" if last is None else "revised", now)
            confirmed.append(Confirmed(stored=stored, article=revision, before=last, at=now))
        revisions = clustered([article for _, article in writes], before, self.store.articles)
        outcomes = self.store.articles.put(revisions, now=now) if revisions else []
        lost: set[str] = set()
        for (one, article), outcome in zip(writes, outcomes, strict=True):
            if outcome.error is not None:
                lost.add(article.id)
                yield rejected("store", one.entry, outcome.error)
        placed = {(one.id, one.revision): one.cluster_id for one in revisions}
        took("store", perf_counter() - started)
        yield [
            replace(one, article=replace(one.article, cluster_id=placed.get(_version(one), one.article.cluster_id)))
            for one in confirmed
            if one.article.id not in lost
        ]

    def _stored(self, one: Reading, article: Article, written: Any, now: datetime) -> Stored:
        ages = self.plan.settings.schedule.checks
        gone = article.status == "withdrawn" and article.edition_note.startswith(GONE)
        check_at = next_check(first_seen_at=article.first_seen_at, now=now, ages=ages, gone=gone)
        return Stored(
            entry=one.entry,
            doc_id=article.id,
            revision=article.revision,
            content_hash=content_hash(article),
            month=article.first_seen_at.strftime("%Y-%m"),
            written=written,
            settled=one.settled,
            check_at=check_at if one.settled and not is_of_item(one.entry.url) else None,
            at=now,
        )


class MatchAlerts(Step):
    """list[Confirmed] -> list[Confirmed], once the alerts that they make are in the outbox."""

    def setup(self) -> None:
        super().setup()
        self._watch = self._stack.enter_context(watch(self.plan.settings.store_spec))

    def process(self, confirmed: list[Confirmed]) -> Iterator[list[Confirmed]]:
        started, now = perf_counter(), datetime.now(UTC)
        told = [one for one in confirmed if one.stored.entry.alerts]
        if told:
            self._watch.follow(self.store.subscriptions, now)
        addressed = alerts(told, self._watch, self.store, now) if told and len(self._watch) else []
        with span("match", run_id=self.plan.run_id, articles=len(told), alerts=len(addressed)):
            new = self.store.outbox.add(addressed) if addressed else []
        for one, is_new in zip(addressed, new, strict=True):
            count("alert", one.alert.kind if is_new else "known")
        took("alert", perf_counter() - started)
        yield confirmed


class RecordStored(Step):
    """list[Confirmed] -> list[Stored]: the ledger knows what became of each."""

    def process(self, confirmed: list[Confirmed]) -> Iterator[list[Stored]]:
        started = perf_counter()
        stored = [one.stored for one in confirmed]
        with span("record", run_id=self.plan.run_id, articles=len(stored)):
            self.store.ledger.stored(stored)
        metrics.stored(stored, now=datetime.now(UTC))
        logs.stored(confirmed, run_id=self.plan.run_id)
        for one in stored:
            count("store", one.written)
        took("store", perf_counter() - started)
        yield stored


class RecordRejected(Step):
    """list[Rejected] -> nothing; the ledger knows of each, and when to try again."""

    def process(self, batch: list[Rejected]) -> None:
        now = datetime.now(UTC)
        logs.rejected(batch, run_id=self.plan.run_id)
        ledger = self.store.ledger
        attempts = ledger.attempts(batch)
        ledger.reject(
            [(one, self._next_try(one, behind + 1, now)) for one, behind in zip(batch, attempts, strict=True)],
            now=now,
        )
        bounds = self.plan.settings.schedule.bounds
        failures = [
            failed(one.payload, one, at=now, bounds=bounds)
            for one in batch
            if one.stage == "poll" and isinstance(one.payload, Feed)
        ]
        if failures:
            self.store.feeds.polled(failures)

    @staticmethod
    def _next_try(one: Rejected, attempts: int, now: datetime) -> datetime | None:
        if isinstance(one.payload, Feed):  # the feed's own schedule asks again
            return None
        return next_try(attempts, retryable=one.retryable, now=now, jitter=random.random(), retry_after=one.retry_after)


def _version(one: Confirmed) -> tuple[str, int]:
    return one.article.id, one.article.revision


def _candidate_ids(readings: list[Reading]) -> set[str]:
    return {one.article.id for one in readings} | {doc_id(one.entry.url) for one in readings}


def _own_identity(one: Reading, earlier: str, known: dict[str, Article]) -> Article:
    """The article under the identity it will keep.

    What an entry once became, it stays, whatever its page leads to later. Else announced addresses that lead to one
    final address are one story if they agree on what it is; if not, each keeps the address it was announced under.
    """
    article, own = one.article, doc_id(one.entry.url)
    other = known.get(article.id)
    shared = other is not None and other.urls.announced != one.entry.url and not same_story(article, other)
    keeps = earlier or (own if shared else article.id)
    if keeps == article.id:
        return article
    return replace(article, id=keeps, urls=replace(article.urls, canonical=canonical_url(one.entry.url)))
