"""From due feeds to entries: polled politely, judged by `transforms.schedule`, announced to the ledger."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import Any

from connectors.feed_ports import Polled
from connectors.http import HttpFetcher
from pipelines.crawl import Task, crawl
from pipelines.steps import Crawl, Plan, Step, count, rejected, set_aside, took
from pipelines.traces import span
from transforms.errors import NewswireError, Resting, Transient
from transforms.feeds import read_feed, unchanged
from transforms.habits import PollNote
from transforms.records import Feed, Poll, Rejected, Request, Visit
from transforms.schedule import Bounds, after_failure, after_poll, asks_conditionally
from transforms.urls import origin_of


class PollFeeds(Crawl):
    """(shard, lists of Feeds) -> list[Poll], as they answer. Those that have nothing to announce end here."""

    def crawled(self, gathered: list[tuple[int, Iterable[list[Feed]]]]) -> Iterator[Any]:
        settings, now = self.plan.settings, datetime.now(UTC)
        bounds = settings.schedule.bounds
        tasks = [_task(feed, now) for _, lists in gathered for feeds in lists for feed in feeds]
        manners = self.manners([task.request.url for task in tasks], gap_s=settings.fetch.feed_gap_s)
        for batch in crawl(
            tasks,
            open_fetcher=partial(HttpFetcher, settings.http_spec),
            limits=self.plan.limits(),
            manners=manners,
            pool=self.pool,
            read=read_feed,
            unchanged=unchanged,
        ):
            polls: list[Poll] = []
            nothing_new: list[Polled] = []
            unchanged_ones, spent = 0, 0.0
            for done in batch:
                poll, seconds = done.result, done.fetch_s + done.read_s
                spent += seconds
                if done.postponed:  # it stays due
                    count("poll", "postponed")
                elif isinstance(done.error, Resting):
                    count("poll", "resting")
                    nothing_new.append(failed(done.subject, done.error, at=datetime.now(UTC), bounds=bounds))
                elif done.error is not None:
                    yield rejected("poll", done.subject, done.error)
                elif poll is not None and poll.status == "unchanged" and not done.subject.failures:
                    unchanged_ones += 1
                    nothing_new.append(answered(poll, 0, seconds=seconds, bounds=bounds))
                elif poll is not None:
                    polls.append(replace(poll, seconds=seconds))
            count("poll", "unchanged", unchanged_ones)
            took("poll", spent)
            if changed := manners.changed():
                self.store.hosts.put(changed)
            if nothing_new:
                self.store.feeds.polled(nothing_new)
            if polls:
                yield polls


class Announce(Step):
    """list[Poll] -> (shard, list[Visit]) of the entries that are news. Entries are in the ledger before the feed's
    validators are stored: after a crash in between, the feed simply tells us again."""

    def process(self, polls: list[Poll]) -> Iterator[Any]:
        started, now = perf_counter(), datetime.now(UTC)
        until = now if self.plan.hands_on else self.plan.pages_until(now)
        entries = [entry for poll in polls for entry in poll.entries]
        with span("announce", run_id=self.plan.run_id, entries=len(entries)):
            announced = self.store.ledger.announce(entries, run_id=self.plan.run_id, until=until) if entries else []
        answers = iter(announced)
        fresh = [sum(next(answers).news != "known" for _ in poll.entries) for poll in polls]
        bounds = self.plan.settings.schedule.bounds
        self.store.feeds.polled(
            [answered(poll, new, seconds=poll.seconds, bounds=bounds) for poll, new in zip(polls, fresh, strict=True)]
        )
        if healed := [poll.feed.url for poll in polls if poll.feed.failures]:
            self.store.ledger.recovered(healed, now=datetime.now(UTC))
        for poll in polls:
            count("poll", poll.status)
            for unusable in poll.rejected:
                yield set_aside(unusable)
        for one in announced:
            count("entry", one.news)
        took("entry", perf_counter() - started)
        if not self.plan.hands_on:
            yield from by_shard(self.plan, [Visit(entry=one.entry, until=until) for one in announced if one.fetch])


def by_shard(plan: Plan, visits: Iterable[Visit]) -> Iterator[tuple[int, list[Visit]]]:
    """Visits, dealt out to the shards of their hosts."""
    dealt: dict[int, list[Visit]] = {}
    for visit in visits:
        dealt.setdefault(plan.shard(visit.entry.url), []).append(visit)
    yield from dealt.items()


def failed(feed: Feed, error: NewswireError | Rejected, *, at: datetime, bounds: Bounds) -> Polled:
    """What becomes of a feed whose poll failed."""
    wish = error.retry_after if isinstance(error, (Transient, Rejected)) else None
    return Polled(
        feed=feed,
        note=PollNote(at=at, outcome=error.kind, reason=error.reason),
        change=partial(
            after_failure,
            kind=error.kind,
            reason=error.reason,
            at=at,
            bounds=bounds,
            jitter=random.random(),
            retry_after=wish,
        ),
    )


def answered(poll: Poll, new: int, *, seconds: float, bounds: Bounds) -> Polled:
    """What becomes of a feed that has answered, with `new` items."""
    outcome = "unchanged" if poll.status == "unchanged" else "new" if new else "known"
    return Polled(
        feed=poll.feed,
        note=PollNote(at=poll.polled_at, outcome=outcome, entries=len(poll.entries), new=new, seconds=seconds),
        change=partial(after_poll, poll=poll, new=new, bounds=bounds, jitter=random.random()),
    )


def _task(feed: Feed, now: datetime) -> Task[Feed]:
    validators = {"etag": feed.etag, "last_modified": feed.last_modified} if asks_conditionally(feed, now) else {}
    # They are meant for the host that the operator named; where a redirect leads for good, somebody else may be.
    headers = feed.headers if origin_of(feed.address) == origin_of(feed.url) else ()
    return Task(subject=feed, request=Request(url=feed.address, headers=headers, **validators), robots=feed.robots)
