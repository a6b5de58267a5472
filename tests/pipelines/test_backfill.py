"""What is a back-fill's own: what of a list is taken, at which rate, who hears of it, and what is taken up again."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.util import assert_that, equal_to

from connectors.opening import SqliteSpec, Store, open_store
from connectors.ports import Stored
from pipelines.alerting import Confirmed
from pipelines.backfill.command import NAMED, Selection
from pipelines.backfill.pace import Pace, Paced
from pipelines.backfill.run import Backfill
from pipelines.backfill.sources import Archive, Broken, Item, Listed
from pipelines.settings import Settings
from pipelines.steps import Plan
from pipelines.storing import MatchAlerts
from tests.factories import make_article, make_entry, make_subscription
from transforms.records import Entry, Rejected, Visit

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OLD = datetime(2024, 3, 2, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"store": {"path": str(tmp_path / "newswire.db")}})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(SqliteSpec(str(tmp_path / "newswire.db"))) as opened:
        yield opened


def listed(n: int = 0, *, offset: int | None = None, **overrides: Any) -> Listed:
    url = f"https://wire.example/{n}"
    given = {"url": url, "feed_id": "backfill-march", "seen_at": NOW, "alerts": False, **overrides}
    return Listed(entry=make_entry(**given), place=f"line {n}", offset=offset)


def test_a_selection_counts_all_and_leaves_out_what_is_dated_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    items: list[Item] = [
        listed(1, published_at=OLD),
        listed(2, published_at=OLD + timedelta(days=1)),
        listed(3, published_at=OLD - timedelta(seconds=1)),
        listed(4),
        None,
        *(Broken(place=f"line {n}", reason="no") for n in range(NAMED + 5)),
    ]
    selection = Selection(iter(items), since=OLD, until=OLD + timedelta(days=1), limit=3)
    assert [one.entry.url[-1] for one in selection.listed()] == ["1", "4"]
    assert selection.tally == {"listed": 4, "outside": 2, "no_story": 1, "broken": NAMED + 5}
    said = capsys.readouterr().err.splitlines()
    assert (len(said), said[0], said[-1]) == (
        NAMED + 1,
        "newswire: line 0: no",
        "newswire: more are counted, and not named",
    )
    selection.tally["read"] = 2
    assert selection.room() == 1
    assert Selection(iter([])).room() > 10**9


def test_a_pace_is_even_whoever_asks() -> None:
    pace, begun, end = Pace(50), [], time.monotonic() + 0.5

    def ask() -> None:
        while time.monotonic() < end:
            if pace.begin():
                begun.append(time.monotonic())
            time.sleep(0.001)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    begun.sort()
    assert 5 <= len(begun) <= 26
    assert all(b - a > 0.018 for a, b in pairwise(begun))


def test_manners_keep_the_pace_beside_the_gap_of_a_host(settings: Settings) -> None:
    pace = Pace(10)
    manners = Paced({}, pace, settings, gap_s=60)
    assert manners.begin("https://pace-a.example/1")
    assert manners.wait_s("https://pace-a.example/2") > 50, "the host's own gap"
    assert 0 < manners.wait_s("https://pace-b.example/1") <= 0.1, "the back-fill's"
    assert not manners.begin("https://pace-b.example/1")
    time.sleep(0.11)
    assert manners.begin("https://pace-b.example/1")


@pytest.mark.parametrize("told", [True, False])
def test_nobody_hears_of_what_is_filled_in(settings: Settings, store: Store, told: bool) -> None:
    store.subscriptions.put([make_subscription(channels=("log:",))])
    entry, article = make_entry(alerts=told), make_article(cluster_id="1a")
    stored = Stored(
        entry=entry,
        doc_id=article.id,
        revision=1,
        content_hash="",
        month="2026-11",
        written="new",
        settled=True,
        at=NOW,
    )
    one = Confirmed(stored=stored, article=article, at=NOW)
    pipeline = beam.Pipeline(runner=FnApiRunner())
    plan = Plan(settings=settings, run_id="test", started_at=NOW)
    out = pipeline | beam.Create([[one]]) | beam.ParDo(MatchAlerts(plan))
    assert_that(out, equal_to([[one]]))
    counters = pipeline.run().metrics().query()["counters"]
    made = [c.result for c in counters if (c.key.metric.namespace, c.key.metric.name) == ("alert", "new")]
    assert made == ([1] if told else [])


class TestTakenUpAgain:
    """What an earlier try left behind, and nothing else."""

    def taken(self, settings: Settings, store: Store, *some: Listed) -> tuple[list[int], dict[str, int]]:
        """The numbers of those that are taken, and the tally."""
        archive = Archive(path="", kind="csv", name="march.csv")
        work = Backfill("here/backfill/again", settings, archive, store, pace_all=False)
        selection = Selection(iter(()))
        found = list(work._announced(list(some), set(), selection))
        return [int(one.entry.url.rpartition("/")[2]) for one in found], dict(selection.tally)

    def announced(self, store: Store, *entries: Entry) -> None:
        later = datetime.now(UTC) + timedelta(hours=1)
        store.ledger.announce(list(entries), run_id="here/backfill/before", until=later)

    def rejected(self, store: Store, entry: Entry, stage: str) -> None:
        one = Rejected(
            stage=stage, subject=entry.url, error="Unreachable", reason="no", retryable=True, payload=entry, kind="dns"
        )
        store.ledger.reject([(one, NOW)], now=NOW)

    def test_what_is_new_and_once_only(self, settings: Settings, store: Store) -> None:
        assert self.taken(settings, store, listed(1), listed(2), listed(1)) == ([1, 2], {"known": 1})

    def test_what_this_list_had_begun(self, settings: Settings, store: Store) -> None:
        self.announced(store, listed(1).entry)
        assert self.taken(settings, store, listed(1), listed(2), listed(1)) == ([1, 2], {"taken_up": 1, "known": 1})

    def test_not_what_a_feed_announced(self, settings: Settings, store: Store) -> None:
        self.announced(store, replace(listed(1).entry, feed_id="wire", seen_at=NOW - timedelta(minutes=1)))
        assert self.taken(settings, store, listed(1)) == ([], {"known": 1})
        assert self.taken(settings, store, listed(1)) == ([], {"known": 1}), "now that it has appeared in both"

    def test_not_what_has_failed_unless_its_page_is_in_the_list(self, settings: Settings, store: Store) -> None:
        self.announced(store, *(listed(n).entry for n in range(4)))
        for n, stage in enumerate(["fetch", "extract", "fetch", "extract"]):
            self.rejected(store, listed(n).entry, stage)
        some = [listed(0, offset=7), listed(1, offset=8), listed(2), listed(3)]
        assert self.taken(settings, store, *some) == ([0], {"taken_up": 1, "known": 3})

    def test_it_is_claimed_by_nobody_else_meanwhile(self, settings: Settings, store: Store) -> None:
        self.taken(settings, store, listed(1))
        soon = datetime.now(UTC) + timedelta(minutes=30)
        assert store.ledger.claim(now=soon, run_id="run", until=soon, limit=9) == []
        much_later = soon + timedelta(hours=1)
        (visit,) = store.ledger.claim(now=much_later, run_id="run", until=much_later, limit=9)
        assert isinstance(visit, Visit)
        assert not visit.entry.alerts
