"""How the store is, as a scrape sees it: of a real one, of one that is not there, and of one that hangs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from connectors.alert_ports import Addressed
from connectors.feed_ports import Polled
from connectors.opening import Store, open_store
from pipelines import store_metrics
from pipelines.settings import Settings
from pipelines.store_metrics import StoreWatch
from tests.alert_factories import make_alert
from tests.factories import make_article, make_entry, make_feed
from tests.unit.test_metrics import Samples, samples, value
from transforms.habits import PollNote
from transforms.records import Feed, Poll
from transforms.schedule import after_failure, after_poll

MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"store": {"path": str(tmp_path / "newswire.db")}})


def scraped(watch: StoreWatch) -> Samples:
    registry = CollectorRegistry()
    registry.register(watch)
    return samples(generate_latest(registry).decode())


def poll(store: Store, feed: Feed, at: datetime, *, fails: bool = False) -> None:
    bounds = Settings().schedule.bounds
    change: Any = (
        partial(after_failure, kind="dns", reason="no such host", at=at, bounds=bounds, jitter=0.5, retry_after=None)
        if fails
        else partial(after_poll, poll=Poll(feed=feed, status="ok", polled_at=at), new=1, bounds=bounds, jitter=0.5)
    )
    store.feeds.polled(
        [Polled(feed=feed, note=PollNote(at=at, outcome="dns" if fails else "new", new=1), change=change)]
    )


def test_a_store_says_how_it_is(settings: Settings) -> None:
    now = datetime.now(UTC)
    feeds = [make_feed(id=name, url=f"https://{name}.example/feed") for name in ("well", "failing", "paused")]
    with open_store(settings.store_spec) as store:
        store.feeds.add(feeds)
        poll(store, feeds[0], now - 90 * MINUTE)
        poll(store, feeds[1], now - 2 * MINUTE, fails=True)
        store.feeds.pause("paused", paused=True)
        store.articles.put([make_article(), make_article(id="2")], now=now)
        entries = [make_entry(url=f"https://well.example/{n}", seen_at=now) for n in range(3)]
        store.ledger.announce(entries, run_id="gone/1", until=now - 20 * MINUTE)
        due = now - 3 * MINUTE
        store.outbox.add([Addressed(alert=make_alert(id="a", made_at=due), channels=("log:", "atom:"), due_at=due)])
        next_poll_at = {feed.id: feed.next_poll_at for feed in store.feeds.all()}
    of = scraped(StoreWatch(settings))
    assert value(of, "store_up") == 1
    states = {dict(labels)["state"]: n for (name, labels), n in of.items() if name == "newswire_feeds"}
    assert {state: n for state, n in states.items() if n} == {"well": 1, "failing": 1, "paused": 1}
    assert len(states) == 7
    assert next_poll_at["well"] is not None
    late = max(timedelta(0), now - next_poll_at["well"]).total_seconds()
    assert late > 0
    assert value(of, "feeds_overdue_seconds") == pytest.approx(late, abs=30)
    assert value(of, "last_poll_timestamp_seconds") == pytest.approx((now - 2 * MINUTE).timestamp(), abs=1)
    assert value(of, "ledger_rows", state="pending") == 3
    assert value(of, "ledger_overdue_seconds") == pytest.approx(1200, abs=30)
    assert value(of, "outbox_deliveries", state="waiting") == 2
    assert value(of, "outbox_overdue_seconds") == pytest.approx(180, abs=30)
    assert value(of, "articles") == 2


def test_nothing_is_overdue_in_an_empty_store(settings: Settings) -> None:
    with open_store(settings.store_spec):
        pass
    of = scraped(StoreWatch(settings))
    assert [value(of, f"{what}_overdue_seconds") for what in ("feeds", "ledger", "outbox")] == [0, 0, 0]
    assert ("newswire_last_poll_timestamp_seconds", frozenset()) not in of
    assert value(of, "outbox_deliveries", state="dead") == 0


def test_a_feed_that_was_never_polled_waits_from_when_it_is_seen(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The registry says that it was due for ever, which is no alarm."""
    monkeypatch.setattr(store_metrics, "KEPT_S", 0.0)
    monkeypatch.setattr(store_metrics, "KEPT_TIMES", 0.0)
    with open_store(settings.store_spec) as store:
        store.feeds.add([make_feed()])
    watch = StoreWatch(settings)
    first = watch.look()
    assert first.feed_due_since is not None
    assert datetime.now(UTC) - first.feed_due_since < MINUTE
    assert watch.look().feed_due_since == first.feed_due_since
    with open_store(settings.store_spec) as store:
        poll(store, make_feed(), datetime.now(UTC))
    assert watch.look().feed_due_since is None


def test_a_store_that_is_not_there_is_not_made(settings: Settings) -> None:
    watch = StoreWatch(settings)
    assert scraped(watch) == {("newswire_store_up", frozenset()): 0}
    assert watch.look().error == "there is no store yet"
    assert not Path(settings.store.path).exists()


def test_what_is_no_store_is_down(settings: Settings) -> None:
    Path(settings.store.path).write_text("no database" * 100)
    watch = StoreWatch(settings)
    assert scraped(watch) == {("newswire_store_up", frozenset()): 0}
    assert "cannot be used as a store" in watch.look().error


def test_an_error_of_ours_is_loud_but_no_500(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Any:
        raise KeyError("articles")

    with open_store(settings.store_spec):
        pass
    monkeypatch.setattr(store_metrics, "inspected", broken)
    watch = StoreWatch(settings)
    assert scraped(watch) == {("newswire_store_up", frozenset()): 0}
    assert "an error in newswire: KeyError" in watch.look().error
    assert "the store could not be asked" in caplog.text


class Hanging:
    """Stands in for `open_store`: answers when it is let go."""

    def __init__(self) -> None:
        self.free, self.asked = threading.Event(), 0
        self.free.set()

    @contextmanager
    def __call__(self, spec: Any) -> Iterator[Store]:
        self.asked += 1
        assert self.free.wait(20)
        with open_store(spec) as store:
            yield store


@pytest.fixture
def hanging(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    with open_store(settings.store_spec):
        pass
    hanging = Hanging()
    monkeypatch.setattr(store_metrics, "open_store", hanging)
    yield hanging
    hanging.free.set()


def test_a_store_that_hangs_is_asked_once_and_holds_up_nobody(settings: Settings, hanging: Hanging) -> None:
    hanging.free.clear()
    watch = StoreWatch(settings)
    assert watch.look(0.05).error == "no answer within 0.05 seconds"
    assert watch.look(0.05).error == "no answer within 0.05 seconds"
    hanging.free.set()
    assert watch.look(20).error == ""
    assert hanging.asked == 1


def test_an_answer_is_kept_for_a_while(settings: Settings, hanging: Hanging, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = StoreWatch(settings)
    assert watch.look() == watch.look()
    assert hanging.asked == 1
    monkeypatch.setattr(store_metrics, "monotonic", lambda: float("inf"))
    watch.look()
    assert hanging.asked == 2


def test_the_last_answer_counts_while_the_next_one_is_late(
    settings: Settings, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_metrics, "KEPT_S", 0.0)
    monkeypatch.setattr(store_metrics, "KEPT_TIMES", 0.0)
    watch = StoreWatch(settings)
    first = watch.look()
    hanging.free.clear()
    assert watch.look(0.01) == first
    monkeypatch.setattr(store_metrics, "STALE", timedelta(0))
    assert watch.look(0.01).error
