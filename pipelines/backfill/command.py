"""`newswire backfill`: stories of old, out of a list or an archive, while live news goes on beside it."""

import os
import re
import socket
import sys
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from time import perf_counter
from typing import Any

from rich.text import Text

from connectors.opening import Store, is_there, open_store
from connectors.workers import workers
from pipelines import logs, report
from pipelines.backfill.pace import Pace, of_feeds, paces
from pipelines.backfill.sources import Archive, Broken, Item, Labels, Listed, opened
from pipelines.cli import EXIT_OK, EXIT_REJECTED
from pipelines.crawl import stopping
from pipelines.saying import complain, say_data
from pipelines.settings import Settings, load
from pipelines.signals import on_signals
from pipelines.values import moment
from transforms.errors import ConfigError
from transforms.lists import Kind

#: How much nicer to others than they are: live news comes first on this machine (nice(2)).
NICE = 10
#: Broken lines are named up to this many; all are counted.
NAMED = 20
#: Below this many broken lines or lost pages a share says nothing.
A_HANDFUL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the operator asked for."""

    file: str
    kind: Kind | None = None
    source: str = ""
    language: str = ""
    #: Starts a second; empty: DEFAULT_RATE for pages that are fetched, none for those that the file has.
    rate: str = ""
    limit: int = 0
    since: str = ""
    until: str = ""
    alerts: bool = False


DEFAULT_RATE = "2/s"
_RATE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)(?:/([sm]))?")


class Selection:
    """What of a list is to be read, counted."""

    def __init__(
        self, items: Iterator[Item], *, since: datetime | None = None, until: datetime | None = None, limit: int = 0
    ) -> None:
        """Stories whose list dates them before `since`, or not before `until`, are left out; `limit` 0: no limit."""
        self._items, self._since, self._until, self._limit = items, since, until, limit
        #: listed, broken, no_story, outside, known, taken_up (left behind by an earlier try), read → how many.
        self.tally: Counter[str] = Counter()

    def listed(self) -> Iterator[Listed]:
        """The stories, in their order. Broken lines are named on standard error, the first of them."""
        for item in self._items:
            if item is None:
                self.tally["no_story"] += 1
            elif isinstance(item, Broken):
                self.tally["broken"] += 1
                if self.tally["broken"] <= NAMED:
                    complain(f"{item.place}: {item.reason}")
                elif self.tally["broken"] == NAMED + 1:
                    complain("more are counted, and not named")
            else:
                self.tally["listed"] += 1
                at = item.entry.published_at
                if at and ((self._since and at < self._since) or (self._until and at >= self._until)):
                    self.tally["outside"] += 1
                else:
                    yield item

    def room(self) -> int:
        """How many more may be read."""
        return self._limit - self.tally["read"] if self._limit else sys.maxsize


def backfill_command(settings_file: str | None, asked: Asked, *, dry_run: bool, as_json: bool) -> int:
    """`newswire backfill`"""
    settings, started, now = load(settings_file), perf_counter(), datetime.now(UTC)
    since, until = moment(asked.since, now, "--since"), moment(asked.until, now, "--until")
    pace = Pace(_rate(asked.rate or DEFAULT_RATE))
    # Not among this machine's runs, which take over what runs before them have left (`pipelines.profiles.owner`).
    run_id = f"{socket.gethostname()}/backfill/{now:%Y%m%dT%H%M%S}-{os.getpid()}"
    os.nice(NICE)  # the workers inherit it
    counts: Counter[str] = Counter()
    left = 0
    with ExitStack() as stack:
        stack.enter_context(logs.configured(logs.of_a_run(settings.log)))
        stopped = stack.enter_context(on_signals(stopping.set))
        archive = stack.enter_context(opened(asked.file, asked.kind))
        store = stack.enter_context(open_store(settings.store_spec)) if _is_used(settings, dry_run) else None
        items = stack.enter_context(closing(_items(archive, asked, settings, pace, store)))
        selection = Selection(items, since=since, until=until, limit=asked.limit)
        if dry_run or store is None:
            _count_only(selection, store)
        else:
            paces[run_id] = pace
            stack.callback(paces.pop, run_id)
            with report.progress(settings, quiet=as_json):
                with logs.beam_is_quiet():
                    from pipelines.backfill.run import Backfill
                work = Backfill(run_id, settings, archive, store, pace_all=bool(asked.rate))
                left = work.run(selection)
            counts = work.counts
    tally = selection.tally
    data: dict[str, Any] = {
        "run_id": run_id,
        "file": asked.file,
        "format": archive.kind,
        **{name: tally[name] for name in ("listed", "broken", "no_story", "outside", "known", "taken_up", "read")},
        "left": left,
        "counts": {name: counts[name] for name in sorted(counts)},
        "dry_run": dry_run,
        "interrupted": bool(stopped),
        "elapsed_s": round(perf_counter() - started, 3),
    }
    say_data(data) if as_json else _print(data)
    if stopped:
        complain(f"interrupted after {tally['listed']} of the list; the same command goes on from there")
        return 128 + stopped[0]
    return EXIT_REJECTED if _too_many(tally, counts, settings.run.max_rejected_share) else EXIT_OK


def _rate(text: str) -> float:
    """Starts a second."""
    found = _RATE.fullmatch(text.strip())
    if not found or not float(found[1]):
        raise ConfigError(f"--rate: must be a number a second or minute, such as 2/s or 30/m; got {text!r}")
    return float(found[1]) / (60 if found[2] == "m" else 1)


def _is_used(settings: Settings, dry_run: bool) -> bool:
    """Whether there is a store to look into: one that is only looked at is not made."""
    return not dry_run or is_there(settings.store_spec)


def _items(
    archive: Archive, asked: Asked, settings: Settings, pace: Pace, store: Store | None
) -> Generator[Item, None, None]:
    name = PurePath(asked.file).name.partition(".")[0]
    labels = Labels(name=name, source=asked.source, language=asked.language, alerts=asked.alerts)
    if archive.kind != "opml":
        yield from archive.items(labels)
        return
    feeds = archive.feeds()
    with workers(settings.worker_spec) as pool:
        yield from of_feeds(feeds, labels, settings, pace, store.hosts if store else None, pool)


def _count_only(selection: Selection, store: Store | None) -> None:
    """Count what would be read. What is in the list twice counts twice."""
    for one in _until_stopped(selection.listed()):
        if not selection.room():
            return
        is_known = store is not None and store.ledger.get(one.entry.url) is not None
        selection.tally["known" if is_known else "read"] += 1


def _until_stopped(listed: Iterable[Listed]) -> Iterator[Listed]:
    for one in listed:
        if stopping.is_set():
            return
        yield one


def _too_many(tally: Counter[str], counts: Counter[str], share: float) -> bool:
    """Whether an operator should look before trusting what came of it."""
    lost = counts["fetch/rejected"] + counts["extract/rejected"] + counts["store/rejected"]
    tried = counts["fetch/done"] + counts["fetch/rejected"]
    return any(
        bad >= A_HANDFUL and bad > share * whole
        for bad, whole in ((tally["broken"], tally["broken"] + tally["listed"]), (lost, tried))
    )


def _print(data: dict[str, Any]) -> None:
    counts = data["counts"]
    some = [
        f"{data['listed']} listed",
        *(
            f"{data[name]} {words}"
            for name, words in (
                ("broken", "broken"),
                ("no_story", "records that are no story"),
                ("outside", "outside the dates"),
                ("known", "known already"),
                ("taken_up", "taken up again"),
            )
            if data[name]
        ),
    ]
    lines = [f"{data['file']} ({data['format']}): {', '.join(some)}"]
    if data["dry_run"]:
        lines.append(f"{data['read']} would be read; nothing was stored")
    else:
        stored = ", ".join(f"{counts.get(f'store/{name}', 0)} {name}" for name in ("new", "revised", "unchanged"))
        lost = sum(counts.get(f"{stage}/rejected", 0) for stage in ("fetch", "extract", "store"))
        lines.append(f"{data['read'] - data['left']} read: {stored}; {lost} rejected; {data['elapsed_s']:.1f} s")
        if data["left"]:
            lines.append(f"{data['left']} begun and left")
    for line in lines:
        report.console().print(Text(line))
