"""The steps of the graph. Each catches what is raised on purpose and nothing else: a swallowed bug is a story that
nobody will ever miss. Counters say `<stage>/<outcome>`, each feed, entry and article exactly once per stage."""

import random
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from connectors.http import HttpFetcher
from connectors.opening import Store, open_store
from connectors.ports import Stored
from connectors.workers import Workers, workers
from pipelines.crawl import Limits, crawl
from pipelines.settings import Settings
from transforms.articles import from_feed, read_page
from transforms.errors import Gone, NewswireError, Transient
from transforms.feeds import read_feed, unchanged
from transforms.records import Article, Entry, Feed, Poll, Reading, Rejected, Request
from transforms.retry import next_try
from transforms.revisions import content_hash, decide, same_story
from transforms.topics import Taxonomy
from transforms.urls import canonical_url, doc_id, host_of

REJECTED = "rejected"
#: Retries and leftovers that one run takes up; the rest waits for the next one.
MAX_CLAIM = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run is told; travels to every worker."""

    settings: Settings
    taxonomy: Taxonomy
    run_id: str
    started_at: datetime
    #: Poll feeds that are not due, too.
    poll_all: bool = False
    #: Hosts are dealt out to so many workers; all of a host's requests come from one, so politeness holds.
    shards: int = 1

    def shard(self, url: str) -> int:
        """The shard of a URL's host; the same on every machine."""
        return zlib.crc32(host_of(url).encode()) % self.shards

    def limits(self) -> Limits:
        """What the crawl may do at once, and for how long from now."""
        fetch = self.settings.fetch
        left = self.started_at + self.settings.run.time_limit - datetime.now(UTC)
        return Limits(
            concurrency=fetch.concurrency,
            per_host=fetch.per_host,
            gap_s=fetch.gap_s,
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
            subject=payload.url,
            error=type(error).__name__,
            reason=error.reason,
            retryable=error.retryable,
            payload=payload,
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


class DueFeeds(Step):
    """Impulse -> (shard, Feed)."""

    def process(self, _: Any) -> Iterator[tuple[int, Feed]]:
        registry = self.store.feeds
        feeds = [f for f in registry.all() if not f.paused] if self.plan.poll_all else registry.due(datetime.now(UTC))
        for feed in feeds:
            yield self.plan.shard(feed.url), feed


class LeftOver(Step):
    """Impulse -> (shard, Entry): retries that are due, and what an earlier run could not finish."""

    def process(self, _: Any) -> Iterator[tuple[int, Entry]]:
        claimed = self.store.ledger.claim(now=datetime.now(UTC), run_id=self.plan.run_id, limit=MAX_CLAIM)
        count("entry", "again", len(claimed))
        for entry in claimed:
            yield self.plan.shard(entry.url), entry


class PollFeeds(Step):
    """(shard, Feeds) -> list[Poll], as they answer."""

    reads = True

    def process(self, keyed: tuple[int, Iterable[Feed]]) -> Iterator[Any]:
        tasks = ((feed, Request(url=feed.url, etag=feed.etag, last_modified=feed.last_modified)) for feed in keyed[1])
        for batch in crawl(
            tasks,
            open_fetcher=partial(HttpFetcher, self.plan.settings.http_spec),
            limits=self.plan.limits(),
            pool=self.pool,
            read=read_feed,
            unchanged=unchanged,
        ):
            polls: list[Poll] = []
            for done in batch:
                took("poll", done.fetch_s + done.read_s)
                if done.postponed:  # it stays due
                    count("poll", "postponed")
                elif done.error is not None:
                    yield rejected("poll", done.subject, done.error)
                elif done.result is not None:
                    polls.append(done.result)
            if polls:
                yield polls


class Announce(Step):
    """list[Poll] -> (shard, Entry) for each that is news. Entries are in the ledger before the feed's validators are
    stored: after a crash in between, the feed simply tells us again."""

    def process(self, polls: list[Poll]) -> Iterator[Any]:
        started = perf_counter()
        entries = [entry for poll in polls for entry in poll.entries]
        announced = self.store.ledger.announce(entries, run_id=self.plan.run_id) if entries else []
        self.store.feeds.polled(polls, interval=self.plan.settings.schedule.interval)
        if healed := [poll.feed.url for poll in polls if poll.feed.failures]:
            self.store.ledger.recovered(healed, now=datetime.now(UTC))
        for poll in polls:
            count("poll", poll.status)
            for unusable in poll.rejected:
                yield set_aside(unusable)
        for one in announced:
            count("entry", one.news)
        took("entry", perf_counter() - started)
        for one in announced:
            if one.fetch:
                yield self.plan.shard(one.entry.url), one.entry


class ReadPages(Step):
    """(shard, Entries) -> list[Reading], as they come in: pages fetched, articles extracted on all cores.

    Where a page cannot be read, the feed's own words stand in at once; a story must not wait for a broken server. Not
    so for 404 and 410: there the publisher says that there is no story.
    """

    reads = True

    def process(self, keyed: tuple[int, Iterable[Entry]]) -> Iterator[Any]:
        for batch in crawl(
            ((entry, Request(url=entry.url)) for entry in keyed[1]),
            open_fetcher=partial(HttpFetcher, self.plan.settings.http_spec),
            limits=self.plan.limits(),
            pool=self.pool,
            read=read_page,
        ):
            readings: list[Reading] = []
            for done in batch:
                took("fetch", done.fetch_s)
                if done.postponed:  # it stays pending, and the next run takes it up
                    count("fetch", "postponed")
                    continue
                if done.fetched:
                    count("fetch", "done")
                    took("extract", done.read_s)
                if done.result is not None:
                    count("extract", done.result.body_source)
                    readings.append(Reading(entry=done.subject, article=done.result))
                elif done.error is not None:
                    yield rejected("extract" if done.fetched else "fetch", done.subject, done.error)
                    own_words = from_feed(done.subject, fetched_at=datetime.now(UTC))
                    if own_words is not None and not isinstance(done.error, Gone):
                        count("extract", "stand_in")
                        readings.append(Reading(entry=done.subject, article=own_words, settled=False))
            if readings:
                yield readings


class Tag(beam.DoFn):
    """list[Reading] -> list[Reading] with topics and their evidence."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy

    def process(self, readings: list[Reading]) -> Iterator[list[Reading]]:
        started = perf_counter()
        tagged = [replace(one, article=self._taxonomy.tag(one.article)) for one in readings]
        for one in tagged:
            count("tag", "tagged" if one.article.topics else "untagged")
            for tag in one.article.topics:
                count("topic", tag.id)
        took("tag", perf_counter() - started)
        yield tagged


class StoreArticles(Step):
    """list[Reading] -> list[Stored]. The archive is written first, the ledger after it: whoever crashes in between does
    the work again, finds the article unchanged, and goes on."""

    def process(self, readings: list[Reading]) -> Iterator[Any]:
        started, now = perf_counter(), datetime.now(UTC)
        became = self.store.ledger.documents([one.entry for one in readings])
        known = dict(self.store.articles.get({*became, *_candidate_ids(readings)} - {""}))
        writes: list[tuple[Reading, Article]] = []
        stored: list[Stored] = []
        for one, earlier in zip(readings, became, strict=True):
            article = _own_identity(one, earlier, known)
            before = known.get(article.id)
            revision = decide(article, before)
            if revision is None:
                stored.append(_stored(one, before or article, "unchanged", now))
                continue
            known[article.id] = revision
            writes.append((one, revision))
            stored.append(_stored(one, revision, "new" if before is None else "revised", now))
        outcomes = self.store.articles.put([article for _, article in writes], now=now) if writes else []
        failed: set[str] = set()
        for (one, article), outcome in zip(writes, outcomes, strict=True):
            if outcome.error is not None:
                failed.add(article.id)
                yield rejected("store", one.entry, outcome.error)
        kept = [one for one in stored if one.doc_id not in failed]
        self.store.ledger.stored(kept)
        for written in kept:
            count("store", written.written)
        took("store", perf_counter() - started)
        yield kept


class RecordRejected(Step):
    """list[Rejected] -> nothing; the ledger knows of each, and when to try again."""

    def process(self, batch: list[Rejected]) -> None:
        now = datetime.now(UTC)
        ledger = self.store.ledger
        attempts = ledger.attempts(batch)
        ledger.reject(
            [(one, self._next_try(one, behind + 1, now)) for one, behind in zip(batch, attempts, strict=True)],
            now=now,
        )
        failures = [
            (one.payload.id, one.reason) for one in batch if one.stage == "poll" and isinstance(one.payload, Feed)
        ]
        if failures:
            self.store.feeds.failed(failures, at=now, interval=self.plan.settings.schedule.interval)

    @staticmethod
    def _next_try(one: Rejected, attempts: int, now: datetime) -> datetime | None:
        if isinstance(one.payload, Feed):  # the feed's own schedule asks again
            return None
        return next_try(attempts, retryable=one.retryable, now=now, jitter=random.random(), retry_after=one.retry_after)


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


def _stored(one: Reading, article: Article, written: Any, now: datetime) -> Stored:
    return Stored(
        entry=one.entry,
        doc_id=article.id,
        revision=article.revision,
        content_hash=content_hash(article),
        month=article.first_seen_at.strftime("%Y-%m"),
        written=written,
        settled=one.settled,
        at=now,
    )
