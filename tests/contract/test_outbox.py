"""The contract of `connectors.alert_ports.Outbox`, sentence by sentence; and calls by chance, against a tiny model."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.alert_ports import Addressed, Batch, Delivery, Lane, Outbox, OutboxStatus, Sent
from connectors.opening import Store
from tests.alert_factories import full_alert
from tests.contract.outbox_model import Model
from tests.factories import NOON, make_alert

TICK, SECOND, MINUTE = timedelta(microseconds=1), timedelta(seconds=1), timedelta(minutes=1)
LATER = NOON + timedelta(hours=1)
LEASE = 2 * MINUTE
HOOK, LOG, MAIL = "https://desk.example/hook", "log:", "mailto:desk@example.org"


@pytest.fixture
def outbox(store: Store) -> Outbox:
    return store.outbox


def addressed(number: int, *channels: str, due_at: datetime = NOON, **overrides: Any) -> Addressed:
    """The alert of a story of its own, each made a second after the one before."""
    alert = make_alert(
        **{"id": f"a{number}", "story": f"s{number}", "made_at": NOON + number * SECOND, "article_id": f"{number}"}
        | overrides
    )
    return Addressed(alert=alert, channels=channels or (HOOK,), due_at=due_at)


def claim(outbox: Outbox, now: datetime = NOON, worker: str = "one", *, lanes: int = 99, alerts: int = 99) -> Any:
    return outbox.claim(now=now, worker=worker, lease=LEASE, lanes=lanes, alerts=alerts)


def claimed(outbox: Outbox, now: datetime = NOON, worker: str = "one", **limits: int) -> list[str]:
    """The ids of all that is claimed, a lane after the other."""
    return [alert.id for batch in claim(outbox, now, worker, **limits) for alert in batch.alerts]


def settle(outbox: Outbox, *sent: Sent, now: datetime = NOON, worker: str = "one") -> None:
    outbox.settle(sent, worker=worker, now=now)


def delivered(batch: Batch) -> Sent:
    return Sent(batch=batch, delivered=tuple(alert.id for alert in batch.alerts))


def failing(batch: Batch, next_at: datetime | None = LATER) -> Sent:
    return Sent(batch=batch, error="HTTP 500", next_at=next_at)


def given_up(batch: Batch) -> Sent:
    return Sent(batch=batch, dead=tuple(alert.id for alert in batch.alerts), error="HTTP 410")


def deliver_all(outbox: Outbox, now: datetime = NOON) -> list[str]:
    batches = claim(outbox, now)
    settle(outbox, *map(delivered, batches), now=now)
    return [alert.id for batch in batches for alert in batch.alerts]


def delivery(outbox: Outbox, alert: str = "a1", channel: str = HOOK) -> Delivery:
    return next(one for one in outbox.deliveries(alert=alert) if one.channel == channel)


def states(outbox: Outbox, alert: str = "a1") -> dict[str, str]:
    """Of an alert, by channel."""
    return {one.channel: one.state for one in outbox.deliveries(alert=alert)}


def everything(outbox: Outbox) -> Any:
    return outbox.deliveries(limit=999), outbox.lanes(), outbox.status(LATER)


# add, told


def test_add_says_of_each_whether_it_is_new(outbox: Outbox) -> None:
    assert outbox.add([addressed(1), addressed(2)]) == [True, True]
    assert outbox.add([addressed(3), addressed(1), addressed(4), addressed(4)]) == [True, False, True, False]
    assert outbox.add([]) == []


def test_an_alert_is_given_with_every_field(outbox: Outbox) -> None:
    alert = full_alert(made_at=NOON + TICK)
    outbox.add([Addressed(alert=alert, channels=(MAIL, HOOK), due_at=NOON + TICK)])
    assert outbox.told([alert.story]) == {alert.story: [alert]}
    assert [batch.alerts for batch in claim(outbox, NOON + TICK)] == [(alert,)] * 2
    assert outbox.deliveries() == [
        Delivery(alert=alert, channel=channel, state="waiting", due_at=NOON + TICK) for channel in (HOOK, MAIL)
    ]


def test_each_alert_is_written_with_all_of_its_deliveries(outbox: Outbox) -> None:
    outbox.add([addressed(n, HOOK, LOG, MAIL) for n in range(20)])
    for n in range(20):
        assert states(outbox, f"a{n}") == dict.fromkeys((HOOK, LOG, MAIL), "waiting")


def test_an_alert_that_is_there_stays_as_it_is(outbox: Outbox) -> None:
    outbox.add([addressed(1)])
    before = everything(outbox)
    assert outbox.add([addressed(1, LOG, MAIL, due_at=LATER, headline="Another", kind="revised")]) == [False]
    assert everything(outbox) == before
    assert outbox.told(["s1"])["s1"] == [addressed(1).alert]


def test_another_article_of_it_is_noted_once(outbox: Outbox) -> None:
    copy = {"article_id": "copy", "url": "https://other.example/", "headline": "As told", "outlet": "Other"}
    outbox.add([addressed(1)])
    deliver_all(outbox)
    for _ in range(2):
        assert outbox.add([addressed(1, **copy), addressed(1, **copy), addressed(1)]) == [False] * 3
    (alert,) = outbox.told(["s1"])["s1"]
    (noted,) = alert.reprints
    assert (noted.article_id, noted.url, noted.headline, noted.outlet) == tuple(copy.values())
    assert replace(alert, reprints=()) == addressed(1).alert
    assert outbox.deliveries(alert="a1")[0].alert == alert
    assert states(outbox) == {HOOK: "delivered"}


def test_what_waits_is_sent_with_its_reprints(outbox: Outbox) -> None:
    assert outbox.add([addressed(1), addressed(1, article_id="copy")]) == [True, False]
    ((batch,),) = [claim(outbox)]
    assert [one.article_id for one in batch.alerts[0].reprints] == ["copy"]


def test_an_alert_without_channels_is_kept_and_has_nothing_to_deliver(outbox: Outbox) -> None:
    alert = addressed(1).alert
    assert outbox.add([Addressed(alert=alert, channels=(), due_at=NOON)]) == [True]
    assert outbox.told(["s1"]) == {"s1": [alert]}
    assert (claim(outbox), outbox.deliveries(), outbox.lanes()) == ([], [], [])
    assert not any(outbox.status(NOON).deliveries.values())
    assert outbox.add([addressed(1)]) == [False]
    assert claim(outbox) == [], "it stays as it is, its deliveries too"


def test_told_gives_the_alerts_of_each_story_to_all_made_first_first(outbox: Outbox) -> None:
    later = [addressed(n, story="s", subscription="desk-b" if n % 2 else "desk-a") for n in (7, 3, 5, 4)]
    outbox.add([*later, addressed(1)])
    asked = iter(["s", "none", "s1", "s"])
    found = outbox.told(asked)
    assert [one.id for one in found["s"]] == ["a3", "a4", "a5", "a7"]
    assert [one.id for one in found["s1"]] == ["a1"]
    assert not found.get("none")
    assert outbox.told([]) == {}


# claim


def test_nothing_to_send_is_nothing_claimed(outbox: Outbox) -> None:
    assert claim(outbox) == []
    outbox.add([addressed(1)])
    assert deliver_all(outbox) == ["a1"]
    assert claim(outbox, LATER) == []


def test_alerts_are_given_in_the_order_in_which_they_were_made(outbox: Outbox) -> None:
    for n in (12, 3, 7, 100, 5):
        outbox.add([addressed(n)])
    assert claimed(outbox) == ["a3", "a5", "a7", "a12", "a100"]


def test_each_subscription_has_a_lane_into_each_of_its_channels(outbox: Outbox) -> None:
    outbox.add([addressed(1, HOOK, LOG), addressed(2, HOOK), addressed(3, HOOK, subscription="night")])
    found = {(one.lane.subscription, one.lane.channel): [alert.id for alert in one.alerts] for one in claim(outbox)}
    assert found == {("desk", HOOK): ["a1", "a2"], ("desk", LOG): ["a1"], ("night", HOOK): ["a3"]}


def test_nothing_is_given_before_it_is_due(outbox: Outbox) -> None:
    outbox.add([addressed(1, due_at=LATER)])
    assert claim(outbox, LATER - TICK) == []
    assert claimed(outbox, LATER) == ["a1"]


def test_of_a_lane_those_that_are_due_are_given(outbox: Outbox) -> None:
    outbox.add([addressed(1, due_at=LATER), addressed(2), addressed(3, due_at=LATER), addressed(4)])
    assert deliver_all(outbox) == ["a2", "a4"]
    assert deliver_all(outbox, LATER) == ["a1", "a3"]


def test_no_more_lanes_and_alerts_than_are_asked_for(outbox: Outbox) -> None:
    outbox.add([addressed(n, subscription=f"desk-{n % 5}") for n in range(20)])
    assert [len(one.alerts) for one in claim(outbox, lanes=3, alerts=2)] == [2, 2, 2]
    assert [len(one.alerts) for one in claim(outbox, alerts=3)] == [3, 3]


def test_the_lanes_that_are_longest_due_come_first(outbox: Outbox) -> None:
    moments = {3: 5, 1: 9, 4: 1, 2: 7}
    outbox.add([addressed(n, subscription=f"desk-{n}", due_at=NOON - m * MINUTE) for n, m in moments.items()])
    assert claimed(outbox, lanes=2) == ["a1", "a2"]
    assert claimed(outbox, lanes=2) == ["a3", "a4"]


@pytest.mark.parametrize("worker", ["one", "two"])
def test_a_lane_on_lease_is_given_to_nobody_until_the_lease_is_over(outbox: Outbox, worker: str) -> None:
    outbox.add([addressed(1)])
    assert claimed(outbox) == ["a1"]
    outbox.add([addressed(2)])
    assert claim(outbox, NOON, worker) == []
    assert claim(outbox, NOON + LEASE - TICK, worker) == []
    assert claimed(outbox, NOON + LEASE, worker) == ["a1"]
    assert claim(outbox, NOON + LEASE, "three") == []


def test_a_lease_is_of_one_lane(outbox: Outbox) -> None:
    outbox.add([addressed(1, HOOK)])
    claim(outbox)
    outbox.add([addressed(2, LOG), addressed(3, HOOK), addressed(4, HOOK, subscription="night")])
    assert sorted(claimed(outbox, worker="two")) == ["a2", "a4"]


def test_a_batch_says_how_its_lane_is(outbox: Outbox) -> None:
    outbox.add([addressed(1)])
    (first,) = claim(outbox)
    assert first.lane == Lane(subscription="desk", channel=HOOK)
    settle(outbox, failing(first), now=NOON + MINUTE)
    (second,) = claim(outbox, LATER)
    assert second.lane == Lane(
        subscription="desk",
        channel=HOOK,
        next_at=LATER,
        attempts=1,
        failing_since=NOON + MINUTE,
        error="HTTP 500",
    )


def test_what_fails_holds_up_the_rest_of_its_lane_and_nothing_else(outbox: Outbox) -> None:
    outbox.add([addressed(1, HOOK, LOG)])
    settle(outbox, *(failing(one) if one.lane.channel == HOOK else delivered(one) for one in claim(outbox)))
    outbox.add([addressed(2, HOOK, LOG)])
    (batch,) = claim(outbox, LATER - TICK)
    assert (batch.lane.channel, [one.id for one in batch.alerts]) == (LOG, ["a2"])
    assert claimed(outbox, LATER) == ["a1"]


# A batch stays together.

STAYS: dict[str, Callable[[Outbox, Batch], tuple[datetime, list[str]]]] = {}


def stays(way: Callable[[Outbox, Batch], tuple[datetime, list[str]]]) -> Any:
    """What may happen to a batch of a1, a2, a3; it gives when what is claimed next, and which alerts those are."""
    STAYS[way.__name__.replace("_", " ")] = way
    return way


@stays
def it_fails(outbox: Outbox, batch: Batch) -> tuple[datetime, list[str]]:
    settle(outbox, failing(batch))
    return LATER, ["a1", "a2", "a3"]


@stays
def it_fails_twice(outbox: Outbox, batch: Batch) -> tuple[datetime, list[str]]:
    settle(outbox, failing(batch, None))
    settle(outbox, failing(claim(outbox)[0]))
    return LATER, ["a1", "a2", "a3"]


@stays
def its_worker_dies(outbox: Outbox, batch: Batch) -> tuple[datetime, list[str]]:
    return NOON + LEASE, ["a1", "a2", "a3"]


@stays
def two_workers_die(outbox: Outbox, batch: Batch) -> tuple[datetime, list[str]]:
    assert claimed(outbox, NOON + LEASE, "two", alerts=1) == ["a1", "a2", "a3"]
    return NOON + 2 * LEASE, ["a1", "a2", "a3"]


@stays
def it_fails_and_its_next_worker_dies(outbox: Outbox, batch: Batch) -> tuple[datetime, list[str]]:
    settle(outbox, failing(batch))
    claim(outbox, LATER, "two")
    return LATER + LEASE, ["a1", "a2", "a3"]


@stays
def the_first_is_delivered(outbox: Outbox, batch: Batch) -> tuple[datetime, list[str]]:
    settle(outbox, replace(failing(batch), delivered=("a1",)))
    return LATER, ["a2", "a3"]


@stays
def one_in_between_is_dead(outbox: Outbox, batch: Batch) -> tuple[datetime, list[str]]:
    settle(outbox, replace(failing(batch, None), dead=("a2",)))
    return NOON, ["a1", "a3"]


@stays
def it_is_readdressed_to_where_it_was(outbox: Outbox, batch: Batch) -> tuple[datetime, list[str]]:
    settle(outbox, failing(batch))
    outbox.readdress("desk", [HOOK], due_at=NOON + MINUTE)
    return NOON + MINUTE, ["a1", "a2", "a3"]


@pytest.mark.parametrize("happens", STAYS)
def test_a_batch_stays_together_as_long_as_any_of_it_waits(outbox: Outbox, happens: str) -> None:
    outbox.add([addressed(n) for n in (1, 2, 3, 4)])
    (batch,) = claim(outbox, alerts=3)
    outbox.add([addressed(0)])
    at, expected = STAYS[happens](outbox, batch)
    outbox.add([addressed(5)])
    (again,) = claim(outbox, at, "other", alerts=1)
    assert [one.id for one in again.alerts] == expected
    settle(outbox, delivered(again), worker="other", now=at)
    assert claimed(outbox, LATER) == ["a0", "a4", "a5"]


def test_nothing_is_added_to_a_batch_that_is_not_due_any_more(outbox: Outbox) -> None:
    outbox.add([addressed(1)])
    settle(outbox, failing(claim(outbox)[0], None))
    outbox.readdress("desk", [HOOK], due_at=LATER)
    outbox.add([addressed(2)])
    assert claim(outbox) == []
    assert claimed(outbox, LATER) == ["a1"]


def test_of_a_batch_those_that_are_due_are_given(outbox: Outbox) -> None:
    outbox.add([addressed(1), addressed(2)])
    settle(outbox, failing(claim(outbox)[0]))
    outbox.readdress("desk", [HOOK], due_at=LATER)
    outbox.redeliver(alerts=["a2"], now=NOON)
    assert deliver_all(outbox) == ["a2"]
    assert deliver_all(outbox, LATER) == ["a1"]


# settle


def test_what_is_delivered_is_recorded_and_not_sent_again(outbox: Outbox) -> None:
    outbox.add([addressed(1, HOOK, LOG)])
    sent = [delivered(one) for one in claim(outbox) if one.lane.channel == HOOK]
    settle(outbox, *sent, now=NOON + MINUTE)
    found = delivery(outbox)
    assert (found.state, found.delivered_at, found.error, found.attempts) == ("delivered", NOON + MINUTE, "", 0)
    assert [(one.at, one.what) for one in found.history] == [(NOON + MINUTE, "delivered")]
    assert delivery(outbox, channel=LOG).state == "waiting"
    assert [one.lane.channel for one in claim(outbox, LATER)] == [LOG]
    assert outbox.lanes() == [Lane(subscription="desk", channel=HOOK, last_delivered_at=NOON + MINUTE)]


def test_a_settled_lane_goes_on_at_once(outbox: Outbox) -> None:
    outbox.add([addressed(n) for n in (1, 2)])
    settle(outbox, delivered(claim(outbox, alerts=1)[0]))
    assert claimed(outbox, worker="two") == ["a2"]


def test_a_settled_lane_goes_on_when_it_is_said(outbox: Outbox) -> None:
    outbox.add([addressed(n) for n in (1, 2)])
    settle(outbox, replace(delivered(claim(outbox, alerts=1)[0]), next_at=LATER))
    assert outbox.lanes()[0].next_at == LATER
    assert claim(outbox, LATER - TICK) == []
    assert claimed(outbox, LATER) == ["a2"]


def test_a_failure_counts_for_the_lane_and_the_first_alert_that_waits(outbox: Outbox) -> None:
    outbox.add([addressed(n) for n in (1, 2, 3)])
    (batch,) = claim(outbox)
    settle(outbox, replace(failing(batch), delivered=("a1",)), now=NOON + MINUTE)
    first, second, third = (delivery(outbox, name) for name in ("a1", "a2", "a3"))
    assert (first.state, first.attempts, first.error) == ("delivered", 0, "")
    assert (second.state, second.attempts, second.error) == ("waiting", 1, "HTTP 500")
    assert (third.state, third.attempts, third.error, third.history) == ("waiting", 0, "", ())
    ((at, what),) = [(one.at, one.what) for one in second.history]
    assert at == NOON + MINUTE
    assert what.startswith("failed: HTTP 500, next try at 2026-11-18 13:00")
    assert outbox.lanes() == [
        Lane(
            subscription="desk",
            channel=HOOK,
            next_at=LATER,
            attempts=1,
            failing_since=NOON + MINUTE,
            error="HTTP 500",
            last_delivered_at=NOON + MINUTE,
        )
    ]


def test_failures_are_counted_in_a_row(outbox: Outbox) -> None:
    outbox.add([addressed(n) for n in (1, 2)])
    for n in range(3):
        at = NOON + n * MINUTE
        (batch,) = claim(outbox, at)
        settle(outbox, replace(failing(batch, at), error=f"HTTP 50{n}"), now=at)
    (lane,) = outbox.lanes()
    assert (lane.attempts, lane.failing_since, lane.error) == (3, NOON, "HTTP 502")
    assert (delivery(outbox).attempts, delivery(outbox).error) == (3, "HTTP 502")
    assert [one.what.split(",")[0] for one in delivery(outbox).history] == [f"failed: HTTP 50{n}" for n in range(3)]
    assert delivery(outbox, "a2").attempts == 0


def test_a_delivery_without_an_error_ends_the_row(outbox: Outbox) -> None:
    outbox.add([addressed(n) for n in (1, 2)])
    settle(outbox, failing(claim(outbox)[0], None))
    settle(outbox, replace(failing(claim(outbox)[0], None), delivered=("a1",)), now=NOON + MINUTE)
    assert outbox.lanes()[0].attempts == 2, "one of them was delivered, but there is an error"
    assert deliver_all(outbox, LATER) == ["a2"]
    assert outbox.lanes() == [Lane(subscription="desk", channel=HOOK, last_delivered_at=LATER)]


def test_what_is_not_tried_is_no_failure(outbox: Outbox) -> None:
    outbox.add([addressed(1)])
    settle(outbox, Sent(batch=claim(outbox)[0], next_at=NOON + MINUTE))
    assert (outbox.lanes(failing=True), outbox.status(LATER).failing) == ([], 0)
    assert (delivery(outbox).attempts, delivery(outbox).history) == (0, ())
    assert claim(outbox) == []
    assert claimed(outbox, NOON + MINUTE) == ["a1"]


def test_what_is_given_up_is_dead_and_its_lane_goes_on(outbox: Outbox) -> None:
    outbox.add([addressed(n) for n in (1, 2, 3)])
    (batch,) = claim(outbox, alerts=2)
    settle(outbox, given_up(batch), now=NOON + MINUTE)
    first, second = delivery(outbox, "a1"), delivery(outbox, "a2")
    assert [(one.state, one.error, one.attempts) for one in (first, second)] == [
        ("dead", "HTTP 410", 0),
        ("dead", "HTTP 410", 1),
    ], "of those that are dead the last has failed"
    for one in (first, second):
        assert [(event.at, event.what) for event in one.history] == [(NOON + MINUTE, "dead: HTTP 410")]
    (lane,) = outbox.lanes()
    assert (lane.attempts, lane.failing_since, lane.error) == (1, NOON + MINUTE, "HTTP 410")
    assert deliver_all(outbox, NOON + MINUTE) == ["a3"]
    assert outbox.lanes(failing=True) == []


def test_where_one_is_dead_and_another_waits_it_is_that_which_failed(outbox: Outbox) -> None:
    outbox.add([addressed(n) for n in (1, 2)])
    settle(outbox, replace(failing(claim(outbox)[0], None), dead=("a1",)))
    assert [(one.state, one.attempts) for one in (delivery(outbox), delivery(outbox, "a2"))] == [
        ("dead", 0),
        ("waiting", 1),
    ]
    assert claimed(outbox) == ["a2"]


def test_of_a_lane_that_was_lost_deliveries_count_and_nothing_else(outbox: Outbox) -> None:
    outbox.add([addressed(n) for n in (1, 2, 3)])
    (batch,) = claim(outbox)
    late = NOON + LEASE
    (again,) = claim(outbox, late, "two")
    settle(outbox, Sent(batch=batch, delivered=("a1",), dead=("a2",), error="HTTP 410", next_at=LATER), now=late)
    assert [delivery(outbox, name).state for name in ("a1", "a2", "a3")] == ["delivered", "waiting", "waiting"]
    assert [delivery(outbox, name).attempts for name in ("a1", "a2", "a3")] == [0, 0, 0]
    assert outbox.lanes() == [Lane(subscription="desk", channel=HOOK, last_delivered_at=late)]
    assert claim(outbox, late, "three") == [], "the other one has it"
    settle(outbox, failing(again, late), now=late + MINUTE, worker="two")
    assert delivery(outbox).state == "delivered", "it is, whatever the other one says"
    assert (delivery(outbox, "a2").attempts, outbox.lanes()[0].attempts) == (1, 1)
    assert claimed(outbox, LATER, "three") == ["a2", "a3"]


def test_what_somebody_else_delivered_meanwhile_is_delivered_once(outbox: Outbox) -> None:
    outbox.add([addressed(1)])
    first = claim(outbox)
    second = claim(outbox, NOON + LEASE, "two")
    settle(outbox, delivered(second[0]), worker="two", now=NOON + LEASE)
    settle(outbox, delivered(first[0]), now=LATER)
    assert delivery(outbox).delivered_at == NOON + LEASE
    assert [one.what for one in delivery(outbox).history] == ["delivered"]


def test_a_lane_says_when_the_latest_delivery_was(outbox: Outbox) -> None:
    outbox.add([addressed(1), addressed(2)])
    settle(outbox, delivered(claim(outbox, alerts=1)[0]), now=NOON + MINUTE)
    settle(outbox, delivered(claim(outbox)[0]), now=NOON)  # by a clock that is behind
    assert outbox.lanes()[0].last_delivered_at == NOON + MINUTE


def test_several_batches_are_settled_at_once(outbox: Outbox) -> None:
    outbox.add([addressed(n, subscription=f"desk-{n}") for n in range(6)])
    fates = {f"desk-{n}": fate for n, fate in enumerate([delivered, failing, given_up] * 2)}
    settle(outbox, *(fates[batch.lane.subscription](batch) for batch in claim(outbox)))
    assert outbox.status(NOON).deliveries == {"delivered": 2, "waiting": 2, "dead": 2}
    assert [one.attempts for one in outbox.lanes()] == [0, 1, 1, 0, 1, 1]


@pytest.mark.parametrize(("sent", "state"), [(failing, "dropped"), (given_up, "dropped"), (delivered, "delivered")])
def test_what_is_dropped_while_it_is_sent_does_not_come_back(
    outbox: Outbox, sent: Callable[[Batch], Sent], state: str
) -> None:
    outbox.add([addressed(1)])
    (batch,) = claim(outbox)
    outbox.readdress("desk", [], due_at=NOON)
    settle(outbox, sent(batch))
    assert states(outbox) == {HOOK: state}
    assert outbox.lanes(failing=True) == []
    assert claim(outbox, LATER) == []


# readdress


def test_what_waits_is_for_other_channels_from_now_on(outbox: Outbox) -> None:
    outbox.add([addressed(1), addressed(2), addressed(3, subscription="night")])
    assert outbox.readdress("desk", [LOG, MAIL], due_at=LATER) == 2
    for name in ("a1", "a2"):
        assert states(outbox, name) == {HOOK: "dropped", LOG: "waiting", MAIL: "waiting"}
        assert delivery(outbox, name, LOG).due_at == LATER
    assert deliver_all(outbox) == ["a3"], "another's"
    assert [[one.id for one in batch.alerts] for batch in claim(outbox, LATER, "two")] == [["a1", "a2"]] * 2


def test_what_waits_in_several_channels_is_one_alert(outbox: Outbox) -> None:
    outbox.add([addressed(1, HOOK, LOG), addressed(2, HOOK, LOG)])
    assert outbox.readdress("desk", [LOG], due_at=NOON) == 2
    assert states(outbox) == {HOOK: "dropped", LOG: "waiting"}


def test_what_waited_for_a_channel_that_stays_is_due_anew_and_not_held_up(outbox: Outbox) -> None:
    outbox.add([addressed(1, due_at=NOON - MINUTE)])
    settle(outbox, failing(claim(outbox)[0]))
    assert outbox.readdress("desk", [HOOK], due_at=NOON + MINUTE) == 1
    assert outbox.lanes(failing=True) == []
    assert delivery(outbox).due_at == NOON + MINUTE
    assert claim(outbox, NOON + MINUTE - TICK) == []
    (batch,) = claim(outbox, NOON + MINUTE)
    assert batch.lane == Lane(subscription="desk", channel=HOOK)


def test_what_is_on_its_way_stays_on_lease(outbox: Outbox) -> None:
    outbox.add([addressed(1)])
    claim(outbox)
    assert outbox.readdress("desk", [HOOK], due_at=NOON) == 1
    assert claim(outbox, worker="two") == []
    assert claimed(outbox, NOON + LEASE, "two") == ["a1"]


def test_without_channels_all_that_waits_is_dropped(outbox: Outbox) -> None:
    outbox.add([addressed(1, HOOK, LOG), addressed(2, HOOK)])
    assert outbox.readdress("desk", [], due_at=NOON) == 2
    assert outbox.status(NOON) == OutboxStatus(deliveries={"dropped": 3}, failing=0, oldest_due_at=None)
    assert claim(outbox, LATER) == []
    assert outbox.told(["s1"])["s1"] == [addressed(1).alert], "it was made all the same"


def test_what_does_not_wait_is_left_alone(outbox: Outbox) -> None:
    outbox.add([addressed(1)])
    deliver_all(outbox)
    outbox.add([addressed(2)])
    settle(outbox, given_up(claim(outbox)[0]))
    before = outbox.deliveries()
    assert outbox.readdress("desk", [LOG], due_at=NOON) == 0
    assert outbox.deliveries() == before
    assert outbox.readdress("nobody", [LOG], due_at=NOON) == 0


#: What became of an alert by mail and in the log, while it waits for the hook; what is, after it is for both and not
#: for the hook any more.
ENDS = {
    ("delivered", "delivered"): ("delivered", "delivered"),
    ("delivered", "dead"): ("delivered", "dead"),
    ("dead", "dead"): ("waiting", "waiting"),
    ("waiting", "dead"): ("waiting", "dead"),
    ("waiting", "delivered"): ("waiting", "delivered"),
    ("dropped", "delivered"): ("waiting", "delivered"),
    ("dropped", "dead"): ("waiting", "dead"),
    ("dropped", "dropped"): ("waiting", "waiting"),
}


@pytest.mark.parametrize("before", ENDS, ids=" and ".join)
def test_an_alert_that_was_delivered_or_is_dead_somewhere_stays_so_but_is_not_lost(
    outbox: Outbox, before: tuple[str, str]
) -> None:
    fates = dict(zip((MAIL, LOG), before, strict=True))
    outbox.add([addressed(1, HOOK, MAIL, LOG)])
    sent = {"delivered": delivered, "dead": given_up}
    settle(outbox, *(sent.get(fates.get(one.lane.channel, ""), failing)(one) for one in claim(outbox)))
    outbox.readdress("desk", [HOOK, *(channel for channel, fate in fates.items() if fate != "dropped")], due_at=NOON)
    assert states(outbox) == {HOOK: "waiting", **fates}
    assert outbox.readdress("desk", [MAIL, LOG], due_at=NOON) == 1
    assert states(outbox) == {HOOK: "dropped", **dict(zip((MAIL, LOG), ENDS[before], strict=True))}


# deliveries, lanes, status


def test_the_latest_alerts_come_first(outbox: Outbox) -> None:
    outbox.add([addressed(n, HOOK, LOG, subscription=f"desk-{n % 2}") for n in (3, 9, 1, 5)])
    found = [(one.alert.id, one.channel) for one in outbox.deliveries()]
    assert found == [(f"a{n}", channel) for n in (9, 5, 3, 1) for channel in (HOOK, LOG)]
    assert [(one.alert.id, one.channel) for one in outbox.deliveries(limit=3)] == found[:3]
    assert [one.alert.id for one in outbox.deliveries(state="waiting", limit=3)] == ["a9", "a9", "a5"]


def test_deliveries_of_a_subscription_an_alert_and_a_state(outbox: Outbox) -> None:
    outbox.add([addressed(n, HOOK, LOG, subscription="desk" if n < 3 else "night") for n in (1, 2, 3, 4)])
    settle(outbox, *(delivered(one) for one in claim(outbox, alerts=1) if one.lane.channel == HOOK))

    def found(**filters: Any) -> list[tuple[str, str]]:
        return [(one.alert.id, one.channel) for one in outbox.deliveries(**filters)]

    assert found(subscription="night") == [("a4", HOOK), ("a4", LOG), ("a3", HOOK), ("a3", LOG)]
    assert found(alert="a2") == [("a2", HOOK), ("a2", LOG)]
    assert found(state="delivered") == [("a3", HOOK), ("a1", HOOK)]
    assert found(state="waiting", subscription="desk") == [("a2", HOOK), ("a2", LOG), ("a1", LOG)]
    assert found(state="delivered", alert="a1") == [("a1", HOOK)]
    assert found(alert="a1", subscription="night") == found(state="dead") == found(alert="none") == []


def test_lanes_are_those_that_something_was_sent_or_tried_by(outbox: Outbox) -> None:
    outbox.add([addressed(n, MAIL, HOOK, subscription=f"desk-{n}") for n in (3, 2, 1)])
    assert outbox.lanes() == []
    batches = {(one.lane.subscription, one.lane.channel): one for one in claim(outbox)}
    assert outbox.lanes() == [], "not tried yet"
    settle(outbox, *(delivered(one) for (_, channel), one in batches.items() if channel == HOOK))
    settle(outbox, failing(batches["desk-2", MAIL]), given_up(batches["desk-3", MAIL]))

    def found(**filters: Any) -> list[tuple[str, str]]:
        return [(one.subscription, one.channel) for one in outbox.lanes(**filters)]

    assert found() == [
        ("desk-1", HOOK), ("desk-2", HOOK), ("desk-2", MAIL), ("desk-3", HOOK), ("desk-3", MAIL),
    ]  # fmt: skip
    assert found(subscription="desk-2") == [("desk-2", HOOK), ("desk-2", MAIL)]
    assert found(failing=True) == [("desk-2", MAIL), ("desk-3", MAIL)]
    assert found(failing=True, subscription="desk-3") == [("desk-3", MAIL)]
    assert found(failing=True, subscription="desk-1") == []


def test_how_the_outbox_is(outbox: Outbox) -> None:
    assert (outbox.status(NOON).failing, outbox.status(NOON).oldest_due_at) == (0, None)
    outbox.add([addressed(n, due_at=NOON + n * MINUTE) for n in (1, 2, 3)])
    assert outbox.status(NOON).oldest_due_at is None
    assert outbox.status(NOON + 2 * MINUTE) == OutboxStatus(
        deliveries={"waiting": 3}, failing=0, oldest_due_at=NOON + MINUTE
    )
    (batch,) = claim(outbox, NOON + 2 * MINUTE)
    settle(outbox, replace(failing(batch), delivered=("a1",)))
    assert outbox.status(NOON + 3 * MINUTE) == OutboxStatus(
        deliveries={"waiting": 2, "delivered": 1}, failing=1, oldest_due_at=NOON + 2 * MINUTE
    )


# redeliver


@pytest.fixture
def sent_before(outbox: Outbox) -> Outbox:
    """Of a1 to a4, made a minute apart: delivered, dead, delivered to another subscription, waiting."""
    made = [addressed(n, made_at=NOON + n * MINUTE, subscription="night" if n == 3 else "desk") for n in (1, 2, 3, 4)]
    for one, fate in zip(made, (delivered, given_up, delivered, failing), strict=True):
        outbox.add([one])
        settle(outbox, *map(fate, claim(outbox)))
    return outbox


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"alerts": ["a1", "a3", "none"]}, ["a1", "a3"]),
        ({"subscription": "desk"}, ["a1", "a2", "a4"]),
        ({"state": "dead"}, ["a2"]),
        ({"state": "delivered"}, ["a1", "a3"]),
        ({"since": NOON + 2 * MINUTE}, ["a2", "a3", "a4"]),
        ({"since": NOON + 2 * MINUTE + TICK}, ["a3", "a4"]),
        ({"subscription": "desk", "state": "delivered"}, ["a1"]),
        ({"alerts": ["a1", "a2"], "since": NOON + 2 * MINUTE}, ["a2"]),
        ({"alerts": ["a1"], "state": "dead"}, []),
        ({"subscription": "nobody"}, []),
        ({"alerts": ["a4"], "subscription": "desk", "state": "waiting", "since": NOON}, ["a4"]),
    ],
    ids=str,
)
def test_what_is_asked_for_is_sent_again(sent_before: Outbox, asked: dict[str, Any], expected: list[str]) -> None:
    before = {one.alert.id: one for one in sent_before.deliveries()}
    assert sent_before.redeliver(**asked, now=LATER) == len(expected)
    for one in sent_before.deliveries():
        if one.alert.id not in expected:
            assert one == before[one.alert.id]
            continue
        assert (one.state, one.due_at, one.attempts, one.error) == ("waiting", LATER, 0, "")
        assert one.history[:-1] == before[one.alert.id].history
        assert (one.history[-1].at, one.history[-1].what) == (LATER, "to be sent again, by hand")


def test_nothing_goes_again_to_where_nothing_is_told_any_longer(outbox: Outbox) -> None:
    outbox.add([addressed(1, HOOK, MAIL)])
    deliver_all(outbox)
    asked: list[tuple[str, str]] = []

    def still(subscription: str, channel: str) -> bool:
        asked.append((subscription, channel))
        return channel == MAIL

    assert outbox.redeliver(since=NOON, still=still, now=LATER) == 1
    assert set(asked) == {("desk", HOOK), ("desk", MAIL)}
    assert states(outbox) == {HOOK: "delivered", MAIL: "waiting"}
    assert outbox.redeliver(alerts=["a1"], still=lambda *_: False, now=LATER) == 0


def test_what_is_sent_again_goes_at_once(sent_before: Outbox) -> None:
    assert claim(sent_before) == [], "the lane is failing"
    assert sent_before.redeliver(state="dead", now=NOON) == 1
    assert sent_before.lanes(failing=True) == []
    assert "a2" in deliver_all(sent_before) + deliver_all(sent_before)


def test_what_was_dropped_can_be_sent(outbox: Outbox) -> None:
    outbox.add([addressed(1)])
    outbox.readdress("desk", [], due_at=NOON)
    assert outbox.redeliver(state="dropped", now=NOON) == 1
    assert claimed(outbox) == ["a1"]


def test_something_must_be_asked_for(outbox: Outbox) -> None:
    outbox.add([addressed(1)])
    deliver_all(outbox)
    for nothing in ({}, {"alerts": []}, {"subscription": ""}):
        with pytest.raises(ValueError, match="which deliveries"):
            outbox.redeliver(**nothing, now=NOON)
    assert states(outbox) == {HOOK: "delivered"}


# Every method may be repeated with the same arguments without a second effect, but `claim`.

ALL = ("a1", "a2", "a3")
REPEATED: dict[str, Callable[[Outbox, Batch], Any]] = {
    "add": lambda outbox, _: outbox.add([addressed(4), addressed(1, article_id="copy")]),
    "told": lambda outbox, _: outbox.told(["s1"]),
    "delivered": lambda outbox, batch: settle(outbox, delivered(batch)),
    "failed": lambda outbox, batch: settle(outbox, failing(batch)),
    "failed, go on at once": lambda outbox, batch: settle(outbox, failing(batch, None)),
    "dead": lambda outbox, batch: settle(outbox, given_up(batch)),
    "all of it": lambda outbox, batch: settle(outbox, replace(failing(batch), delivered=("a1",), dead=("a2",))),
    "twice in one call": lambda outbox, batch: settle(outbox, failing(batch), failing(batch)),
    "not ours": lambda outbox, batch: settle(outbox, delivered(batch), worker="other"),
    "readdress": lambda outbox, _: outbox.readdress("desk", [LOG], due_at=LATER),
    "drop": lambda outbox, _: outbox.readdress("desk", [], due_at=LATER),
    "redeliver": lambda outbox, _: outbox.redeliver(subscription="desk", now=LATER),
    "deliveries": lambda outbox, _: outbox.deliveries(),
}


@pytest.mark.parametrize("call", REPEATED)
def test_what_is_repeated_has_no_second_effect(outbox: Outbox, call: str) -> None:
    outbox.add([addressed(n) for n in (1, 2, 3)])
    (batch,) = claim(outbox)
    REPEATED[call](outbox, batch)
    after = everything(outbox)
    REPEATED[call](outbox, batch)
    assert everything(outbox) == after
    assert all(lane.attempts <= 1 for lane in outbox.lanes())


def test_a_settlement_that_is_repeated_late_counts_its_failure_once(outbox: Outbox) -> None:
    outbox.add([addressed(1)])
    (batch,) = claim(outbox)
    settle(outbox, failing(batch, NOON))
    claim(outbox, worker="two")
    settle(outbox, failing(batch, NOON))
    assert (outbox.lanes()[0].attempts, delivery(outbox).attempts) == (1, 1)
    assert claim(outbox, worker="three") == [], "the lease is the other one's"


def test_what_is_to_be_sent_again_is_so_once(outbox: Outbox) -> None:
    outbox.add([addressed(1)])
    deliver_all(outbox)
    outbox.redeliver(alerts=["a1"], now=LATER)
    assert deliver_all(outbox, LATER) == ["a1"]
    outbox.redeliver(alerts=["a1"], now=LATER)
    assert states(outbox) == {HOOK: "delivered"}
    outbox.redeliver(alerts=["a1"], now=LATER + MINUTE)
    assert states(outbox) == {HOOK: "waiting"}


# Calls by chance


@pytest.fixture
def calls(request: pytest.FixtureRequest) -> int:
    """How many: a server takes its time."""
    return 400 if request.node.callspec.params["store"] == "sqlite" else 60


@pytest.mark.parametrize("seed", range(5))
def test_any_calls_in_any_order_lose_nothing_and_keep_order_and_leases(outbox: Outbox, calls: int, seed: int) -> None:
    dice, model, now = random.Random(seed), Model(), NOON
    sent: list[tuple[str, Sent]] = []
    for number in range(calls):
        now += dice.choice([SECOND, 20 * SECOND, MINUTE])
        due_at, some = now + dice.choice([-1, 0, 0, 2]) * MINUTE, dice.choice(["desk", "night"])
        channels = tuple(dice.sample((HOOK, LOG, MAIL), dice.choice([0, 1, 1, 2, 3])))
        match dice.choice(["add"] * 6 + ["claim"] * 6 + ["settle"] * 6 + ["readdress", "redeliver"]):
            case "add":
                alerts = [
                    addressed(n, *channels, due_at=due_at, id=f"{some}{n}", subscription=some)
                    for n in dice.choices(range(calls), k=dice.randrange(1, 5))
                ]
                assert outbox.add(alerts) == model.add(alerts)
            case "claim":
                worker = f"w{number % 3}"
                asked: Any = {"now": now, "worker": worker, "lease": LEASE}
                asked |= {"lanes": dice.randrange(1, 7), "alerts": dice.randrange(1, 5)}
                batches = outbox.claim(**asked)
                model.claimed(batches, **asked)
                sent += [(worker, by_chance(batch, due_at, dice)) for batch in batches]
            case "settle" if sent:
                worker, one = sent.pop(dice.randrange(max(0, len(sent) - 5), len(sent)))
                for _ in range(dice.randrange(1, 3)):
                    settle(outbox, one, now=now, worker=worker)
                    model.settled(one, worker=worker)
            case "readdress":
                assert outbox.readdress(some, channels, due_at=due_at) == model.readdress(some, channels, due_at)
            case "redeliver":
                state, since = dice.choice(["dead", "delivered", "waiting"]), NOON + dice.randrange(calls) * SECOND
                expected = model.redeliver(lambda a, d: d.state == state and a.made_at >= since, now)  # noqa: B023
                assert outbox.redeliver(state=state, since=since, now=now) == expected
        if number % 20 == 0:
            model.check(outbox, now)
    now += timedelta(days=1)
    while batches := claim(outbox, now, "last", alerts=5):
        model.claimed(batches, now=now, worker="last", lease=LEASE, lanes=99, alerts=5)
        for one in map(delivered, batches):
            settle(outbox, one, now=now, worker="last")
            model.settled(one, worker="last")
    model.check(outbox, now)
    assert not any(lane.waiting() for lane in model.lanes.values())


def by_chance(batch: Batch, next_at: datetime, dice: random.Random) -> Sent:
    """What may become of a batch."""
    fates = [dice.choice(["delivered", "delivered", "dead", "waits"]) for _ in batch.alerts]

    def those(fate: str) -> tuple[str, ...]:
        return tuple(alert.id for alert, its in zip(batch.alerts, fates, strict=True) if its == fate)

    return Sent(
        batch=batch,
        delivered=those("delivered"),
        dead=those("dead"),
        error=dice.choice(["", "HTTP 500"]),
        next_at=dice.choice([None, next_at]),
    )
