"""The steps of a back-fill that are its own: pages fetched at its rate, and pages read off its file. They run in the
process that began it, which has the rate."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from itertools import chain, islice
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO

from connectors.workers import timed
from pipelines.backfill.pace import Paced, paces
from pipelines.backfill.sources import Archive
from pipelines.crawl import Done, stopping
from pipelines.manners import Manners
from pipelines.reading import ReadPages
from pipelines.steps import Plan, took
from transforms.articles import read_visit
from transforms.errors import NewswireError
from transforms.records import Article, Reading, Visit
from transforms.urls import origin_of

#: Pages off a file in hand per worker, and articles that are handed on together.
AHEAD, TOGETHER = 2, 32
#: How long a page off a file that waits for its turn does not listen for the end of the process.
LISTEN_S = 0.5

Held = tuple[Visit, int]


class ReadListed(ReadPages):
    """As ReadPages, at the pace of the back-fill."""

    def manners(self, urls: Iterable[str], *, gap_s: float) -> Manners:
        known = self.store.hosts.get({origin_of(url) for url in urls})
        return Paced(known, paces[self.plan.run_id], self.plan.settings, gap_s=gap_s)


class ReadHeld(ReadPages):
    """list[Held] -> list[Reading], as they come: pages read off a file, articles extracted on all cores. Where the file
    gives a page, nothing is fetched."""

    def __init__(self, plan: Plan, archive: Archive, *, paced: bool) -> None:
        super().__init__(plan)
        self._archive, self._paced = archive, paced

    def crawled(self, gathered: list[Any]) -> Iterator[Any]:
        with Path(self._archive.path).open("rb") as file:
            done = self._each_done(file, chain.from_iterable(gathered))
            while some := list(islice(done, TOGETHER)):
                readings: list[Reading] = []
                for one in some:
                    took("fetch", one.fetch_s)
                    yield from self._read(one, readings)
                if readings:
                    yield readings

    def _each_done(self, file: BinaryIO, held: Iterable[Held]) -> Iterator[Done[Visit, Article]]:
        waiting: deque[tuple[Visit, float, Future[tuple[Article, float]]]] = deque()
        for visit, offset in held:
            if not self._may_begin():  # it stays pending
                break
            started = monotonic()
            try:
                page = self._archive.page(file, offset, max_bytes=self.plan.settings.fetch.max_bytes)
            except NewswireError as e:
                yield Done(subject=visit, error=e, fetched=False)
                continue
            future = self.pool.submit(timed, visit.entry.url, read_visit, visit, page)
            waiting.append((visit, monotonic() - started, future))
            if len(waiting) > AHEAD * self.pool.spec.count:
                yield _done(*waiting.popleft())
        while waiting:
            yield _done(*waiting.popleft())

    def _may_begin(self) -> bool:
        """Wait for the next start, where a rate was asked for; False once the process is to end."""
        pace = paces[self.plan.run_id] if self._paced else None
        while not stopping.is_set():
            if pace is None or pace.begin():
                return True
            stopping.wait(min(pace.wait_s(), LISTEN_S))
        return False


def _done(visit: Visit, fetch_s: float, future: "Future[tuple[Article, float]]") -> Done[Visit, Article]:
    try:
        article, read_s = future.result()
    except NewswireError as e:
        return Done(subject=visit, error=e, fetch_s=fetch_s)
    return Done(subject=visit, result=article, fetch_s=fetch_s, read_s=read_s)
