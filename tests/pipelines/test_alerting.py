"""From confirmed articles to alerts: whom each is for, once a story, and again as the subscription wants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.alert_ports import Addressed
from connectors.opening import SqliteSpec, Store, open_store
from connectors.ports import Stored
from pipelines.alerting import Confirmed, alerts
from pipelines.watching import FRESH, Watch
from tests.factories import NOON, make_article, make_entry
from transforms.alerts import Alert
from transforms.records import Article
from transforms.subscriptions import Subscription, paused

LATER = NOON + timedelta(hours=1)
DRONES = "Drones hit the grain port of Odesa, officials said."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(SqliteSpec(path=str(tmp_path / "store.db"))) as opened:
        yield opened


def subscribed(store: Store, **overrides: Any) -> Subscription:
    """A subscription to drones, in the store."""
    one = Subscription(
        **{"id": "drones", "query": "drones", "channels": ("log:",), "since": NOON, "changed_at": NOON, **overrides}
    )
    store.subscriptions.put([one])
    return one


def article(**overrides: Any) -> Article:
    return make_article(**{"title": "Port hit", "body": DRONES, "cluster_id": overrides.get("id", "1a"), **overrides})


def confirmed(one: Article, before: Article | None = None, at: datetime = LATER) -> Confirmed:
    stored = Stored(
        entry=make_entry(),
        doc_id=one.id,
        revision=one.revision,
        content_hash="",
        month="2026-11",
        written="new",
        settled=True,
        at=at,
    )
    return Confirmed(stored=stored, article=one, before=before, at=at)


def made(store: Store, *articles: Confirmed, now: datetime = LATER) -> list[Alert]:
    """The alerts that are made and new, and are in the outbox from then on."""
    watch = Watch()
    watch.follow(store.subscriptions, now)
    addressed: list[Addressed] = alerts(articles, watch, store, now)
    new = store.outbox.add(addressed)
    return [one.alert for one, is_new in zip(addressed, new, strict=True) if is_new]


def test_an_article_is_told_to_those_who_asked_for_it_with_the_words_that_matched(store: Store) -> None:
    subscribed(store)
    subscribed(store, id="ships", query="ships")
    subscribed(store, id="wire", query="", sources=("wire",), topics=())
    found = made(store, confirmed(article()))
    assert {one.subscription: [(m.clause, m.field, m.text) for m in one.matches] for one in found} == {
        "drones": [("drones", "body", "Drones")],
        "wire": [],
    }
    assert {(one.kind, one.revision, one.still_matches) for one in found} == {("new", 1, True)}


def test_an_alert_goes_to_the_channels_when_the_subscription_wants_it(store: Store) -> None:
    subscribed(store, channels=("log:", "atom:"), mode="every 15m")
    watch = Watch()
    watch.follow(store.subscriptions, LATER)
    now = LATER + timedelta(minutes=7)
    (addressed,) = alerts([confirmed(article())], watch, store, now)
    assert addressed.channels == ("log:", "atom:")
    assert addressed.due_at == LATER + timedelta(minutes=15)


def test_what_was_stored_before_somebody_asked_is_not_told(store: Store) -> None:
    subscribed(store)
    assert made(store, confirmed(article(), at=NOON - timedelta(seconds=1))) == []


@pytest.mark.parametrize(
    "state", [pytest.param({"paused": True}, id="paused"), pytest.param({"expires_at": LATER}, id="expired")]
)
def test_who_is_silent_is_told_nothing(store: Store, state: dict[str, Any]) -> None:
    subscribed(store, **state)
    assert made(store, confirmed(article())) == []


def test_an_article_that_is_found_as_it_is_is_told_if_nobody_was_told(store: Store) -> None:
    """A run that died between the archive and the outbox: the next one finds the article unchanged."""
    subscribed(store)
    assert [one.kind for one in made(store, confirmed(article()))] == ["new"]
    assert made(store, confirmed(article())) == []


def test_a_story_is_told_once_and_reprints_are_noted_in_it(store: Store) -> None:
    subscribed(store)
    first = made(store, confirmed(article()))
    assert made(store, confirmed(article(id="2b", cluster_id="1a", url="https://other.example/x"))) == []
    (told,) = store.outbox.told(["1a"])["1a"]
    assert [one.article_id for one in told.reprints] == ["2b"]
    assert told.id == first[0].id


def corrected(**overrides: Any) -> tuple[Article, Article]:
    """An article and its correction, which says nothing of drones."""
    before = article()
    after = replace(before, revision=2, status="corrected", body="Shells hit the grain port of Odesa, officials said.")
    return before, replace(after, **overrides)


@pytest.mark.parametrize(
    ("revisions", "kinds"),
    [("never", []), ("matching", ["corrected"]), ("always", ["corrected"])],
)
def test_a_correction_is_told_to_those_who_were_told(store: Store, revisions: Any, kinds: list[str]) -> None:
    subscribed(store, revisions=revisions)
    before, after = corrected()
    made(store, confirmed(before))
    found = made(store, confirmed(after, before))
    assert [one.kind for one in found] == kinds
    for one in found:
        assert not one.still_matches
        assert [(change.field, change.old, change.new) for change in one.changes] == [
            ("status", "usable", "corrected"),
            ("body", "Drones", "Shells"),
        ]
    assert made(store, confirmed(after, before)) == []


def test_a_correction_that_was_stored_by_a_run_that_died_is_told_by_the_next(store: Store) -> None:
    subscribed(store)
    before, after = corrected()
    made(store, confirmed(before))
    store.articles.put([before], now=NOON)
    store.articles.put([after], now=LATER)
    (found,) = made(store, confirmed(after))
    assert (found.kind, [change.new for change in found.changes]) == ("corrected", ["corrected", "Shells"])


def test_other_changes_are_told_to_those_who_want_all_of_them(store: Store) -> None:
    subscribed(store)
    subscribed(store, id="all", revisions="always")
    before = article()
    after = replace(before, revision=2, body=f"{DRONES} Two people were hurt.")
    made(store, confirmed(before))
    assert [(one.subscription, one.kind) for one in made(store, confirmed(after, before))] == [("all", "revised")]


def test_a_withdrawal_is_told_even_where_the_text_is_gone(store: Store) -> None:
    subscribed(store)
    before = article()
    gone = replace(before, revision=2, status="withdrawn", title="Withdrawn", body="")
    made(store, confirmed(before))
    (found,) = made(store, confirmed(gone, before))
    assert (found.kind, found.status, found.still_matches) == ("withdrawn", "withdrawn", False)


@pytest.mark.parametrize(("revisions", "kinds"), [("never", []), ("matching", ["newly-matching"])])
def test_a_version_that_is_the_first_to_match_is_told_as_such(store: Store, revisions: Any, kinds: list[str]) -> None:
    subscribed(store, revisions=revisions)
    before = article(body="Something hit the grain port of Odesa, officials said.")
    after = replace(before, revision=2, body=DRONES)
    assert made(store, confirmed(before)) == []
    assert [one.kind for one in made(store, confirmed(after, before))] == kinds


def test_a_running_pipeline_hears_of_changes(store: Store) -> None:
    one = subscribed(store)
    watch = Watch()
    watch.follow(store.subscriptions, NOON)
    subscribed(store, id="ports", query="port", changed_at=NOON + timedelta(seconds=1))
    watch.follow(store.subscriptions, NOON + FRESH / 2)
    assert set(watch.matching(article())) == {"drones"}
    watch.follow(store.subscriptions, NOON + FRESH)
    assert set(watch.matching(article())) == {"drones", "ports"}
    store.subscriptions.put([paused(one, now=NOON + FRESH, pause=True)])
    store.subscriptions.remove("ports", now=NOON + FRESH)
    watch.follow(store.subscriptions, NOON + 2 * FRESH)
    assert watch.matching(article()) == {}
    assert len(watch) == 1
