"""The rate of a back-fill, and the feeds of an OPML file, which are asked at it. No Beam in here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from time import monotonic
from typing import Any

from connectors.feed_ports import Hosts
from connectors.http import HttpFetcher
from connectors.workers import Workers
from pipelines.backfill.sources import Broken, Item, Labels, Listed
from pipelines.crawl import Limits, Task, crawl
from pipelines.manners import Manners
from pipelines.settings import Settings
from transforms.feeds import read_feed
from transforms.habits import Host
from transforms.records import Entry, Feed, Poll, Request
from transforms.urls import origin_of, redact


class Pace:
    """So many starts a second, evenly. For several threads."""

    def __init__(self, per_second: float) -> None:
        self._gap_s = 1 / per_second
        self._next = 0.0
        self._lock = Lock()

    def wait_s(self) -> float:
        """Seconds until the next may start."""
        return max(0.0, self._next - monotonic())

    def begin(self) -> bool:
        """Start one; False where somebody else was faster."""
        with self._lock:
            if self.wait_s():
                return False
            self._next = monotonic() + self._gap_s
            return True


class Paced(Manners):
    """Manners that also keep a pace of our own, over all hosts."""

    def __init__(self, known: Mapping[str, Host], pace: Pace, settings: Settings, *, gap_s: float) -> None:
        """`known` and `gap_s` as in `Manners`."""
        super().__init__(known, user_agent=settings.http_spec.user_agent, gap_s=gap_s, robots=settings.fetch.robots)
        self._pace = pace

    def wait_s(self, url: str) -> float:
        return max(super().wait_s(url), self._pace.wait_s())

    def begin(self, url: str) -> bool:
        return super().begin(url) and self._pace.begin()


def of_feeds(
    feeds: Iterable[Feed], labels: Labels, settings: Settings, pace: Pace, hosts: Hosts | None, pool: Workers
) -> Iterator[Item]:
    """The entries of feeds, each asked once, as they answer. What is learnt of hosts is kept in `hosts`, of feeds
    nowhere."""
    asked = [replace(feed, id="backfill") for feed in feeds]
    known = hosts.get({origin_of(feed.url) for feed in asked}) if hosts else {}
    manners = Paced(known, pace, settings, gap_s=settings.fetch.feed_gap_s)
    for batch in crawl(
        [Task(subject=feed, request=Request(url=feed.url), robots=feed.robots) for feed in asked],
        open_fetcher=partial(HttpFetcher, settings.http_spec),
        limits=Limits(concurrency=settings.fetch.concurrency, per_host=settings.fetch.per_host),
        manners=manners,
        pool=pool,
        read=read_feed,
    ):
        for done in batch:
            if done.error is not None:
                yield Broken(place=redact(done.subject.url), reason=done.error.reason)
            elif done.result is not None:
                yield from _of_poll(done.result, labels)
        if hosts and (changed := manners.changed()):
            hosts.put(changed)


def _of_poll(poll: Poll, labels: Labels) -> Iterator[Item]:
    for unusable in poll.rejected:
        yield Broken(place=unusable.subject, reason=unusable.reason)
    for number, entry in enumerate(poll.entries, 1):
        yield Listed(entry=_own(entry, labels), place=f"{redact(poll.feed.url)}, item {number}")


def _own(entry: Entry, labels: Labels) -> Entry:
    """An entry as one of the back-fill's: several feeds may go by its name, and their GUIDs do not."""
    source = entry.source_name or labels.source
    spoken = entry.language or labels.language
    own: dict[str, Any] = {"feed_id": labels.feed_id(source), "source_name": source, "language": spoken}
    return replace(entry, **own, item="", seen_at=datetime.now(UTC), alerts=labels.alerts)


#: The paces of this process's back-fills, by run id: one for all passes of each.
paces: dict[str, Pace] = {}
