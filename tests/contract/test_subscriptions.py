"""The contract of `connectors.alert_ports.Subscriptions`, sentence by sentence."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

from connectors.alert_ports import Changes
from connectors.opening import Store
from tests.factories import NOON, make_subscription
from transforms.subscriptions import Subscription, as_said_now, paused

MINUTE = timedelta(minutes=1)
LATER = NOON + timedelta(hours=1)


def kept(store: Store, name: str = "desk") -> Subscription:
    return store.subscriptions.get([name])[name]


def test_what_is_put_is_got_with_every_field(store: Store) -> None:
    said = make_subscription(
        name="The desk, “abroad”",
        query='title:"drone strike"~4 AND NOT идлиб',
        topics=("airstrikes", "airstrikes:denied"),
        sources=("wire.example",),
        languages=("en", "ar"),
        owner="desk@example.org",
        channels=("mailto:desk@example.org", "webhook:${HOOK}"),
        signing=("${NEW}", "${OLD}"),
        mode="cron 0 7 * * 1-5",
        timezone="Europe/Berlin",
        quiet="22:00-06:30",
        revisions="always",
        cool_down=timedelta(minutes=90, microseconds=7),
        paused=True,
        expires_at=NOON + timedelta(days=9),
        since=NOON + timedelta(microseconds=123_456),
    )
    assert store.subscriptions.put([said]) == 1
    assert store.subscriptions.get(["desk"]) == {"desk": said}
    assert list(store.subscriptions.all()) == [said]


def test_put_says_how_many_are_new(store: Store) -> None:
    assert store.subscriptions.put([make_subscription(id="a"), make_subscription(id="b")]) == 2
    assert store.subscriptions.put([make_subscription(id="b"), make_subscription(id="c")]) == 1
    assert store.subscriptions.put([]) == 0


SAID_AGAIN: dict[str, dict[str, Any]] = {
    "the same": {},
    "another name": {"name": "Desk"},
    "another channel": {"channels": ("log:",)},
    "another query": {"query": "loud"},
    "other topics": {"topics": ("syria",)},
    "paused": {"paused": True},
    "expired": {"expires_at": NOON - MINUTE},
}


def test_what_is_known_and_what_is_said_become_one(store: Store) -> None:
    pairs = {f"s{n}": pair for n, pair in enumerate(product(SAID_AGAIN.values(), repeat=2))}
    known = {name: make_subscription(id=name, **before) for name, (before, _) in pairs.items()}
    said = {
        name: make_subscription(id=name, since=LATER, changed_at=LATER, **after) for name, (_, after) in pairs.items()
    }
    assert store.subscriptions.put([*known.values()]) == len(pairs)
    assert store.subscriptions.put([*said.values()]) == 0
    assert store.subscriptions.get(pairs) == {name: as_said_now(known[name], said[name]) for name in pairs}


def test_it_asks_since_it_asks_that(store: Store) -> None:
    store.subscriptions.put([make_subscription()])
    store.subscriptions.put([make_subscription(name="Desk", since=LATER, changed_at=LATER)])
    assert (kept(store).since, kept(store).changed_at) == (NOON, LATER)
    much_later = LATER + MINUTE
    store.subscriptions.put([make_subscription(query="loud", since=much_later, changed_at=much_later)])
    assert kept(store).since == much_later


def test_saying_the_same_again_is_no_change(store: Store) -> None:
    store.subscriptions.put([make_subscription()])
    store.subscriptions.put([make_subscription(since=LATER, changed_at=LATER)])
    assert kept(store) == make_subscription()
    assert store.subscriptions.changes(LATER) == Changes(changed=(), removed=())


def test_of_two_of_one_id_the_last_counts(store: Store) -> None:
    store.subscriptions.put([make_subscription(name="Desk")])
    twice = [make_subscription(query=query, since=LATER, changed_at=LATER, name="Desk") for query in ("loud", "quiet")]
    assert store.subscriptions.put(twice) == 0
    assert kept(store) == make_subscription(name="Desk")
    assert store.subscriptions.put([make_subscription(id="new", name=name) for name in "ab"]) == 1
    assert kept(store, "new").name == "b"


def test_get_gives_those_that_exist(store: Store) -> None:
    both = [make_subscription(id="a", paused=True), make_subscription(id="b", expires_at=NOON)]
    store.subscriptions.put(both)
    assert store.subscriptions.get(["b", "none", "a", "b"]) == {one.id: one for one in both}
    assert store.subscriptions.get([]) == {}


def test_all_come_by_id(store: Store) -> None:
    names = [f"s{n}" for n in range(1_203)]
    store.subscriptions.put([make_subscription(id=name, paused=len(name) == 2) for name in reversed(names)])
    assert [one.id for one in store.subscriptions.all()] == sorted(names)


def test_all_is_read_while_others_write(store: Store) -> None:
    store.subscriptions.put([make_subscription(id=f"s{n:04}") for n in range(1_203)])
    every = store.subscriptions.all()
    assert isinstance(every, Iterator)
    first = next(every)
    store.subscriptions.put([make_subscription(id="a-new-one")])
    store.subscriptions.remove("s0000", now=LATER)
    assert [first.id, *(one.id for one in every if one.id != "a-new-one")] == [f"s{n:04}" for n in range(1_203)]


def test_change_makes_of_each_that_exists_what_it_says(store: Store) -> None:
    store.subscriptions.put([make_subscription(id="a"), make_subscription(id="b"), make_subscription(id="c")])

    def pause(one: Subscription) -> Subscription:
        return paused(one, now=LATER, pause=True)

    changed = store.subscriptions.change(["c", "none", "a", "c"], pause)
    assert changed == [make_subscription(id=name, paused=True, changed_at=LATER) for name in ("c", "a")]
    assert [one.paused for one in store.subscriptions.all()] == [True, False, True]
    assert store.subscriptions.get("ac") == {one.id: one for one in changed}


def test_change_is_of_what_is_stored_now(store: Store) -> None:
    store.subscriptions.put([make_subscription()])
    for n in range(3):
        store.subscriptions.change(["desk"], lambda one, n=n: replace(one, owner=f"{one.owner}{n}"))  # type: ignore[misc]
    assert kept(store).owner == "012"


def test_a_change_to_what_it_was_is_none(store: Store) -> None:
    store.subscriptions.put([make_subscription()])
    assert store.subscriptions.change(["desk"], lambda one: one) == [make_subscription()]
    assert kept(store) == make_subscription()


def test_what_is_removed_is_gone(store: Store) -> None:
    store.subscriptions.put([make_subscription(), make_subscription(id="other")])
    assert store.subscriptions.remove("desk", now=LATER) is True
    assert store.subscriptions.get(["desk"]) == {}
    assert [one.id for one in store.subscriptions.all()] == ["other"]
    assert store.subscriptions.change(["desk"], lambda one: one) == []


def test_what_is_not_there_cannot_be_removed(store: Store) -> None:
    assert store.subscriptions.remove("desk", now=NOON) is False
    store.subscriptions.put([make_subscription()])
    store.subscriptions.remove("desk", now=LATER)
    assert store.subscriptions.remove("desk", now=LATER + MINUTE) is False
    assert store.subscriptions.changes(LATER + MINUTE).removed == (), "the first removal counts"


def test_one_that_comes_again_is_new(store: Store) -> None:
    store.subscriptions.put([make_subscription()])
    store.subscriptions.remove("desk", now=LATER)
    again = make_subscription(since=LATER + MINUTE, changed_at=LATER + MINUTE)
    assert store.subscriptions.put([again]) == 1
    assert kept(store) == again, "it is not what it was before"


def test_changes_are_those_at_a_moment_or_later(store: Store) -> None:
    moments = {f"s{n}": NOON + timedelta(microseconds=n) for n in range(4)}
    store.subscriptions.put([make_subscription(id=name, changed_at=at) for name, at in moments.items()])
    for n in range(5):
        found = store.subscriptions.changes(NOON + timedelta(microseconds=n))
        assert {one.id for one in found.changed} == {f"s{k}" for k in range(n, 4)}
    assert store.subscriptions.changes(NOON).removed == ()


def test_changes_are_as_they_are_now_and_paused_ones_too(store: Store) -> None:
    store.subscriptions.put([make_subscription(id="a"), make_subscription(id="b")])
    store.subscriptions.put([make_subscription(id="b", name="B", changed_at=LATER, since=LATER)])
    store.subscriptions.change(["b"], lambda one: paused(one, now=LATER + MINUTE, pause=True))
    (found,) = store.subscriptions.changes(LATER).changed
    assert found == make_subscription(id="b", name="B", changed_at=LATER + MINUTE, paused=True)
    assert found == kept(store, "b")


def test_changes_say_what_was_removed(store: Store) -> None:
    store.subscriptions.put([make_subscription(id="a"), make_subscription(id="b", changed_at=LATER)])
    store.subscriptions.remove("a", now=LATER)
    for since in (NOON, LATER - MINUTE, LATER):
        found = store.subscriptions.changes(since)
        assert ([one.id for one in found.changed], found.removed) == (["b"], ("a",))
    assert store.subscriptions.changes(LATER + MINUTE) == Changes(changed=(), removed=())


def test_one_that_is_there_again_was_not_removed(store: Store) -> None:
    store.subscriptions.put([make_subscription()])
    store.subscriptions.remove("desk", now=LATER)
    again = make_subscription(since=LATER + MINUTE, changed_at=LATER + MINUTE)
    store.subscriptions.put([again])
    assert store.subscriptions.changes(NOON) == Changes(changed=(again,), removed=())
    store.subscriptions.remove("desk", now=LATER + 2 * MINUTE)
    assert store.subscriptions.changes(NOON) == Changes(changed=(), removed=("desk",))


def test_asking_with_an_overlap_misses_nothing_and_changes_nothing(store: Store) -> None:
    store.subscriptions.put([make_subscription()])
    first = store.subscriptions.changes(NOON - MINUTE)
    assert store.subscriptions.changes(NOON - MINUTE) == first
    # By a clock that is behind.
    store.subscriptions.put([make_subscription(id="late", changed_at=NOON - timedelta(seconds=5))])
    assert {one.id for one in store.subscriptions.changes(NOON - MINUTE).changed} == {"desk", "late"}


def test_that_it_was_removed_is_said_from_then_on(store: Store) -> None:
    store.subscriptions.put([make_subscription(id=name) for name in "abc"])
    for name, years in (("a", 0), ("b", 1), ("c", 2)):
        store.subscriptions.remove(name, now=NOON + timedelta(days=365 * years))
    assert store.subscriptions.changes(NOON).removed == ("a", "b", "c")
