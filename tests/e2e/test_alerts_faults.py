"""Receivers that hang, drip, fail, reset, or answer too late: every alert arrives, in order, the others' at once, and
what arrives twice arrives under the same id."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.alert_ports import Addressed
from connectors.opening import Store, open_store
from pipelines import deliver
from pipelines.deliver import delivering
from pipelines.settings import Settings
from tests.factories import make_article
from tests.receiver import Receiver
from transforms import retry
from transforms.alerts import Alert, alert
from transforms.subscriptions import Subscription

KEY = "kept by the receiver"
#: What is sent to each receiver; how long it goes wrong; and how soon the ones that are well have everything.
ALERTS, FAULTY_S, AT_ONCE_S = 12, 3.0, 2.0
#: By name: a path of the receiver, and statuses that it answers first.
FAULTS: dict[str, tuple[str, tuple[int, ...]]] = {
    "hangs": ("/forever", ()),
    "drips": ("/drip", ()),
    "drips-headers": ("/drip-headers", ()),
    "resets": ("/reset", ()),
    "drops": ("/drop", ()),
    "speaks-no-http": ("/garbage", ()),
    "late": ("/late", ()),
    "fails": ("/hook/fails", (500, 502, 503, 404, 301, 429)),
}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Everything that takes hours in life takes parts of a second here."""
    monkeypatch.setenv("HOOK_KEY", KEY)
    monkeypatch.setattr(retry, "FIRST_DELIVERY_GAP", timedelta(seconds=0.05))
    monkeypatch.setattr(retry, "LONGEST_DELIVERY_GAP", timedelta(seconds=0.3))
    monkeypatch.setattr(deliver, "HOLD", timedelta(seconds=0.1))
    return settings_of(tmp_path)


def settings_of(folder: Path, **alerts: Any) -> Settings:
    return Settings.model_validate(
        {
            "store": {"path": str(folder / "newswire.db")},
            "alerts": {"allow_private_hosts": True, "signing": ["${HOOK_KEY}"], "timeout_s": 0.5, **alerts},
        }
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with open_store(settings.store_spec) as opened:
        yield opened


def subscribed(store: Store, name: str, url: str, **overrides: Any) -> Subscription:
    now = datetime.now(UTC)
    one = Subscription(
        **{"id": name, "query": "drones", "channels": (url,), "since": now, "changed_at": now, **overrides}
    )
    store.subscriptions.put([one])
    return one


def told(store: Store, subscription: Subscription, count: int, start: int = 0) -> list[Alert]:
    """So many alerts in the outbox, due now."""
    now = datetime.now(UTC)
    alerts = [
        alert(subscription, make_article(id=f"{n:03}", title=f"Report {n}"), "new", now=now + timedelta(microseconds=n))
        for n in range(start, start + count)
    ]
    store.outbox.add([Addressed(alert=one, channels=subscription.channels, due_at=now) for one in alerts])
    return alerts


def until(true: Callable[[], bool], within_s: float) -> float:
    """How long it took."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < within_s, f"not within {within_s} s"
        time.sleep(0.02)
    return time.monotonic() - started


def firsts(receiver: Receiver, path: str) -> list[str]:
    """What came to a path, in the order in which it came first."""
    return list(dict.fromkeys(receiver.ids(path)))


@pytest.mark.slow
def test_whatever_receivers_do_every_alert_arrives_in_order_and_the_others_do_not_wait(
    store: Store, settings: Settings, receiver: Receiver
) -> None:
    expected: dict[str, list[str]] = {}
    for name, (path, statuses) in FAULTS.items():
        one = subscribed(store, name, receiver.answers(path, *statuses))
        expected[path] = [made.id for made in told(store, one, ALERTS)]
    well = subscribed(store, "well", receiver.url("/hook/well"))
    expected["/hook/well"] = [made.id for made in told(store, well, ALERTS)]
    with delivering(settings) as delivered:
        until(lambda: receiver.ids("/hook/well") == expected["/hook/well"], AT_ONCE_S)
        time.sleep(FAULTY_S)
        failing = {lane.subscription for lane in store.outbox.lanes(failing=True)}
        # One that says 200 has it, however slowly it goes on to speak; one that failed a few times is well again.
        assert failing == FAULTS.keys() - {"drips", "fails"}
        for path, _ in FAULTS.values():
            receiver.put(path, status=204)
        until(lambda: store.outbox.status(datetime.now(UTC)).deliveries.get("waiting", 0) == 0, 30)
    assert store.outbox.status(datetime.now(UTC)).deliveries == {"delivered": len(expected) * ALERTS}
    assert delivered.counts["dead"] == 0
    receiver.verified(KEY.encode())
    for path, ids in expected.items():
        assert firsts(receiver, path) == ids, path
    copies = Counter(one.id for one in receiver.received)
    assert copies.keys() == {name for ids in expected.values() for name in ids}
    again = sum(copies.values()) - len(copies)
    # Whoever answers too late has it; the tries that failed, and nothing else, came twice at most.
    assert 0 < again <= delivered.counts["failed"]
    print(f"{len(copies)} alerts, {again} copies under the same id, {delivered.counts['failed']} tries failed")


@pytest.mark.slow
def test_what_cannot_be_delivered_is_given_up_named_and_sent_again_on_request(
    store: Store, settings: Settings, receiver: Receiver, tmp_path: Path
) -> None:
    path = "/hook/dead"
    hurried = settings_of(tmp_path, give_up_after="1s")
    one = subscribed(store, "dead", receiver.put(path, status=500))
    made = told(store, one, 3)
    with delivering(hurried) as delivered:
        until(lambda: store.outbox.status(datetime.now(UTC)).deliveries == {"dead": 3}, 20)
    assert delivered.counts["dead"] == 3
    assert "of dead to" in delivered.words[0]
    assert "HTTP 500" in delivered.words[0]
    receiver.remove(path)
    receiver.forget()
    assert store.outbox.redeliver(subscription="dead", state="dead", now=datetime.now(UTC)) == 3
    with delivering(hurried):
        pass
    assert receiver.ids(path) == [alert.id for alert in made]


def test_what_was_due_before_the_quiet_hours_waits_for_their_end(
    store: Store, settings: Settings, receiver: Receiver
) -> None:
    now = datetime.now(UTC)
    hours = f"{now - timedelta(minutes=2):%H:%M}-{now + timedelta(hours=3):%H:%M}"
    quiet = subscribed(store, "quiet", receiver.url("/hook/quiet"), quiet=hours)
    told(store, quiet, 2)
    with delivering(settings):  # which goes on until nothing is due
        pass
    assert receiver.received == []
    (lane,) = store.outbox.lanes(subscription="quiet") or [None]
    assert lane is None or lane.attempts == 0
    subscribed(store, "quiet", quiet.channels[0])
    store.outbox.readdress("quiet", quiet.channels, due_at=now)
    with delivering(settings):
        pass
    assert len(receiver.received) == 2


@pytest.mark.slow
def test_a_digest_that_was_not_taken_is_the_same_when_it_is_sent_again(
    store: Store, settings: Settings, receiver: Receiver
) -> None:
    one = subscribed(store, "digest", receiver.answers("/hook", 500), cool_down=timedelta(seconds=0.2))
    first = told(store, one, 3)
    with delivering(settings):
        until(lambda: len(receiver.received) >= 1, 5)
        second = told(store, one, 2, start=3)
        until(lambda: len(receiver.received) == 3, 10)
    said = [[alert["id"] for alert in message["alerts"]] for message in receiver.verified(KEY.encode())]
    assert said == [[alert.id for alert in first]] * 2 + [[alert.id for alert in second]]
    ids = receiver.ids()
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.slow
def test_a_paused_subscription_waits_and_one_that_is_gone_is_dropped(
    store: Store, settings: Settings, receiver: Receiver
) -> None:
    paused = subscribed(store, "paused", receiver.url("/hook/paused"), paused=True)
    gone = subscribed(store, "gone", receiver.url("/hook/gone"))
    told(store, paused, 2)
    told(store, gone, 2)
    store.subscriptions.remove("gone", now=datetime.now(UTC))
    with delivering(settings):
        time.sleep(1.0)
        assert receiver.received == []
        subscribed(store, "paused", paused.channels[0])
        until(lambda: len(receiver.received) == 2, 5)
    assert store.outbox.status(datetime.now(UTC)).deliveries == {"delivered": 2, "dropped": 2}
