"""From entries to articles: what is to be read, pages fetched politely, read on all cores."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from connectors.http import HttpFetcher
from pipelines.crawl import Done, Task, crawl
from pipelines.manners import is_private
from pipelines.steps import IN_HAND, Crawl, count, rejected, took
from transforms.articles import from_feed, read_visit
from transforms.errors import Gone, NewswireError, NotAnArticle
from transforms.records import Article, Reading, Request, Visit
from transforms.revisions import GONE
from transforms.schedule import next_check
from transforms.urls import canonical_url, host_of, is_of_item

#: Nobody's turn is further off than this: hosts get faster, and others may read it.
LONGEST_TURN = timedelta(minutes=10)


class ReadPages(Crawl):
    """(shard, lists of Visits) -> list[Reading], as they come in: pages fetched, articles extracted on all cores.

    Where a page cannot be read, the feed's own words stand in at once; a story must not wait for a broken server. Not
    so for 404 and 410: there the publisher says that there is no story, or no longer one.
    """

    def crawled(self, gathered: list[tuple[int, Iterable[list[Visit]]]]) -> Iterator[Any]:
        visits, now = [visit for _, lists in gathered for visits in lists for visit in visits], datetime.now(UTC)
        # What has waited for too long may be in other hands by now; if not, the source has it again.
        late = [visit for visit in visits if visit.until is not None and visit.until <= now]
        count("fetch", "late", len(late))
        visits = [visit for visit in visits if visit.until is None or visit.until > now]
        pages = [visit for visit in visits if not is_of_item(visit.entry.url)]
        if self.plan.is_stream:
            pages = self._in_turn(pages, now)
        yield from self._without_a_page([visit for visit in visits if is_of_item(visit.entry.url)])
        manners = self.manners([visit.entry.url for visit in pages], gap_s=self.plan.settings.fetch.gap_s)
        for batch in crawl(
            [Task(subject=visit, request=Request(url=visit.entry.url)) for visit in pages],
            open_fetcher=partial(HttpFetcher, self.plan.settings.http_spec),
            limits=self.plan.limits(),
            manners=manners,
            pool=self.pool,
            read=read_visit,
        ):
            readings: list[Reading] = []
            put_off: list[Visit] = []
            for done in batch:
                took("fetch", done.fetch_s)
                if done.postponed:  # it stays pending or due, and the next run takes it up
                    count("check" if done.subject.check else "fetch", "postponed")
                    put_off.append(done.subject)
                elif done.subject.check:
                    readings += self._checked(done)
                else:
                    yield from self._read(done, readings)
            if changed := manners.changed():
                self.store.hosts.put(changed)
            if put_off and self.plan.is_stream:
                self._postpone([(visit, datetime.now(UTC)) for visit in put_off])
            if readings:
                yield readings

    def _in_turn(self, pages: list[Visit], now: datetime) -> list[Visit]:
        """Those that can be begun in time at a polite pace. The others of their hosts wait, each for its turn: else a
        host that floods would be all that anybody has in hand."""
        gap = timedelta(seconds=self.plan.settings.fetch.gap_s)
        turns: dict[str, int] = defaultdict(int)
        now_on: list[Visit] = []
        later: list[tuple[Visit, datetime]] = []
        for visit in pages:
            host = host_of(visit.entry.url)
            wait = gap * turns[host] if not is_private(host) else timedelta(0)
            turns[host] += 1
            if wait < IN_HAND:
                now_on.append(visit)
            else:
                later.append((visit, now + min(wait, LONGEST_TURN)))
        if later:
            count("fetch", "postponed", sum(not visit.check for visit, _ in later))
            self._postpone(later)
        return now_on

    def _postpone(self, later: list[tuple[Visit, datetime]]) -> None:
        """Each until then. Checks have a lease that is theirs until then."""
        waiting = [(visit.entry, at) for visit, at in later if not visit.check]
        self.store.ledger.postpone([entry for entry, _ in waiting], until=[at for _, at in waiting])

    def _read(self, done: Done[Visit, Article], readings: list[Reading]) -> Iterator[Any]:
        entry = done.subject.entry
        if done.fetched:
            count("fetch", "done")
            took("extract", done.read_s)
        if done.result is not None:
            count("extract", done.result.body_source)
            readings.append(Reading(entry=entry, article=done.result))
        elif done.error is not None:
            yield rejected("extract" if done.fetched else "fetch", entry, done.error)
            if isinstance(done.error, Gone):
                readings += self._withdrawn(done.subject, done.error, settled=False)
            elif (own_words := from_feed(entry, fetched_at=datetime.now(UTC))) is not None:
                count("extract", "stand_in")
                readings.append(Reading(entry=entry, article=own_words, settled=False))

    def _checked(self, done: Done[Visit, Article]) -> list[Reading]:
        """What a look for changes gives to store; whatever else happened, the article stays as it is."""
        entry = done.subject.entry
        if done.result is not None and done.result.body_source == "page":
            count("check", "done")
            return [Reading(entry=entry, article=done.result)]
        if isinstance(done.error, Gone) and (withdrawn := self._withdrawn(done.subject, done.error, settled=True)):
            count("check", "gone")
            return withdrawn
        count("check", "failed")
        why = f"{type(done.error).__name__}: {done.error.reason}" if done.error else "its page has no text any more"
        now = datetime.now(UTC)
        again = next_check(first_seen_at=entry.seen_at, now=now, ages=self.plan.settings.schedule.checks)
        self.store.ledger.checked([entry], now=now, what=f"looked for changes: {why}", check_at=[again])
        return []

    def _withdrawn(self, visit: Visit, error: NewswireError, *, settled: bool) -> list[Reading]:
        """The article that a page was, while it was there: withdrawn, kept, and still to be found. Not one that was
        read at another address of its item: it may be there still."""
        (document,) = self.store.ledger.documents([visit.entry])
        article = self.store.articles.get([document]).get(document) if document else None
        if article is None or canonical_url(article.urls.announced) != canonical_url(visit.entry.url):
            return []
        gone = replace(
            article, status="withdrawn", edition_note=f"{GONE}: {error.reason}", fetched_at=datetime.now(UTC)
        )
        return [Reading(entry=visit.entry, article=gone, settled=settled)]

    def _without_a_page(self, visits: list[Visit]) -> Iterator[Any]:
        """Items at an address that is no story's own: a ticker's. The feed's words are all there is."""
        readings = []
        for visit in visits:
            words = from_feed(visit.entry, fetched_at=datetime.now(UTC))
            if words is None:
                nothing = NotAnArticle(visit.entry.url, "its address is no page of its own, and the feed has no words")
                yield rejected("extract", visit.entry, nothing)
            else:
                count("extract", "feed")
                readings.append(Reading(entry=visit.entry, article=words))
        if readings:
            yield readings
