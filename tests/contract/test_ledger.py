"""The Ledger port: the contract in `connectors.ports`, on every adapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from connectors.opening import Store
from connectors.ports import Announced, Ledger, LedgerRow, Stored
from tests.contract.together import at_once, twin
from tests.factories import FEED_URL, NOON, make_entry, make_feed
from transforms.ledger import CHECK_LEASE
from transforms.records import Entry, Feed, Image, Rejected, Visit
from transforms.urls import doc_id

RUN, NEXT_RUN = "run-1", "run-2"
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
LEASE = timedelta(minutes=10)
URL = make_entry().url
OTHER_URL = "https://wire.example/world/other"


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return store.ledger


def make_rejected(payload: Entry | Feed | None = None, **overrides: Any) -> Rejected:
    subject = payload if payload is not None else make_entry()
    return Rejected(
        **{
            "stage": "poll" if isinstance(subject, Feed) else "fetch",
            "subject": subject.url,
            "error": "Unreachable",
            "kind": "server-error",
            "reason": "HTTP 502",
            "retryable": True,
            "payload": subject,
            **overrides,
        }
    )


def make_stored(entry: Entry | None = None, **overrides: Any) -> Stored:
    one = entry or make_entry()
    return Stored(
        **{
            "entry": one,
            "doc_id": doc_id(one.url),
            "revision": 1,
            "content_hash": "1c",
            "month": "2026-11",
            "written": "new",
            "settled": True,
            "at": NOON,
            **overrides,
        }
    )


def announced(ledger: Ledger, entries: Sequence[Entry], run_id: str = RUN) -> list[Announced]:
    """What is announced is on lease from when it is seen."""
    until = max((entry.seen_at for entry in entries), default=NOON) + LEASE
    return ledger.announce(entries, run_id=run_id, until=until)


def announce(ledger: Ledger, *entries: Entry, run_id: str = RUN) -> list[tuple[str, bool]]:
    return [(one.news, one.fetch) for one in announced(ledger, entries or [make_entry()], run_id)]


def claim(ledger: Ledger, now: datetime, run_id: str = NEXT_RUN, *, limit: int = 9) -> list[Visit]:
    """What is claimed, with its lease taken off after a look at it."""
    visits = ledger.claim(now=now, run_id=run_id, until=now + LEASE, limit=limit)
    assert {visit.until for visit in visits} <= {now + LEASE, now + CHECK_LEASE}
    assert all(visit.until == now + (CHECK_LEASE if visit.check else LEASE) for visit in visits)
    return [replace(visit, until=None) for visit in visits]


def row(ledger: Ledger, url: str = URL) -> LedgerRow:
    found = ledger.get(url)
    assert found is not None, f"{url} is not in the ledger"
    return found


def without_history(found: LedgerRow) -> dict[str, Any]:
    return {name: getattr(found, name) for name in LedgerRow.__slots__ if name not in ("history", "updated_at")}


# announce


def test_a_new_url_becomes_pending(ledger: Ledger) -> None:
    entry = make_entry()
    assert announced(ledger, [entry]) == [Announced(entry=entry, news="new", fetch=True)]
    found = row(ledger)
    assert (found.state, found.url, found.attempts, found.error, found.doc_id) == ("pending", entry.url, 0, "", "")
    assert (found.first_seen_at, found.updated_at) == (NOON, NOON)
    assert found.appearances == (("wire", "Quiet day", NOON),)


def test_announcing_twice_is_no_news(ledger: Ledger) -> None:
    announce(ledger)
    before = row(ledger)
    assert announce(ledger) == [("known", False)]
    assert announce(ledger, run_id=NEXT_RUN) == [("known", False)]
    assert row(ledger) == before
    assert ledger.counts() == {"pending": 1, "done": 0, "rejected": 0}


def test_one_answer_per_entry_in_order(ledger: Ledger) -> None:
    announce(ledger, make_entry(url=OTHER_URL))
    entries = [make_entry(url=f"https://wire.example/{i}") if i % 2 else make_entry(url=OTHER_URL) for i in range(20)]
    answers = announced(ledger, entries)
    assert [one.entry for one in answers] == entries
    assert [one.news for one in answers] == ["known", "new"] * 10


def test_nothing_announced_is_nothing_answered(ledger: Ledger) -> None:
    assert announced(ledger, []) == []
    assert ledger.counts() == {"pending": 0, "done": 0, "rejected": 0}


def test_the_same_url_twice_in_one_batch_is_new_once(ledger: Ledger) -> None:
    assert announce(ledger, make_entry(), make_entry()) == [("new", True), ("known", False)]
    assert announce(ledger, make_entry(title="A"), make_entry(title="B")) == [("changed", False)] * 2


def test_spellings_of_one_address_are_one_row(ledger: Ledger) -> None:
    spellings = [
        URL,
        URL.replace("https", "http"),
        f"{URL}?utm_source=rss",
        f"{URL}#top",
        URL.replace("//", "//www."),
        f"{URL}/",
    ]
    assert announce(ledger, *(make_entry(url=url) for url in spellings)) == [("new", True)] + [("known", False)] * 5
    assert sum(ledger.counts().values()) == 1
    assert row(ledger).url == URL


@pytest.mark.parametrize("field", ["title", "description", "text"])
def test_changed_words_are_news(ledger: Ledger, field: str) -> None:
    announce(ledger)
    ledger.stored([make_stored()])
    later = make_entry(seen_at=NOON + HOUR, **{field: "Other words"})
    assert announce(ledger, later, run_id=NEXT_RUN) == [("changed", True)]
    found = row(ledger)
    assert (found.state, found.first_seen_at, found.updated_at) == ("pending", NOON, NOON + HOUR)
    worked_on = replace(later, seen_at=NOON)
    assert claim(ledger, NOON + 2 * HOUR, "run-3") == [Visit(entry=worked_on)], "the changed entry is what is worked on"


@pytest.mark.parametrize(
    "overrides",
    [
        {"published_at": NOON},
        {"updated_at": NOON},
        {"seen_at": NOON + HOUR},
        {"guid": "7"},
        {"authors": ("A. Writer",)},
        {"keywords": ("war",)},
        {"image": Image(url="https://wire.example/i.jpg")},
        {"source_name": "Wire"},
    ],
    ids=lambda overrides: next(iter(overrides)),
)
def test_other_changes_are_not_news(ledger: Ledger, overrides: dict[str, Any]) -> None:
    """Publishers touch dates and pictures without a change to the story."""
    announce(ledger)
    assert announce(ledger, make_entry(**overrides)) == [("known", False)]


def test_words_that_move_between_fields_are_a_change(ledger: Ledger) -> None:
    announce(ledger, make_entry(title="One", description="Two"))
    assert announce(ledger, make_entry(title="OneTwo", description="")) == [("changed", False)]


def test_what_is_in_hand_is_not_fetched_again(ledger: Ledger) -> None:
    announce(ledger)
    assert announce(ledger, make_entry(title="Changed at once")) == [("changed", False)]
    assert announce(ledger, make_entry(title="Changed later"), run_id=NEXT_RUN) == [("changed", True)]
    assert announce(ledger, make_entry(title="And again"), run_id=NEXT_RUN) == [("changed", False)]


def test_a_change_back_is_a_change(ledger: Ledger) -> None:
    announce(ledger)
    for title in ("Loud day", "Quiet day"):
        ledger.stored([make_stored()])
        assert announce(ledger, make_entry(title=title), run_id=NEXT_RUN) == [("changed", True)]


def test_another_feed_s_announcement_is_an_appearance(ledger: Ledger) -> None:
    announce(ledger)
    ledger.stored([make_stored()])
    elsewhere = make_entry(feed_id="mirror", title="Quiet day, says the wire", seen_at=NOON + HOUR)
    assert announce(ledger, elsewhere, run_id=NEXT_RUN) == [("known", False)]
    found = row(ledger)
    assert found.state == "done"
    assert found.appearances == (("wire", "Quiet day", NOON), ("mirror", "Quiet day, says the wire", NOON + HOUR))
    assert announce(ledger, elsewhere) == [("known", False)]
    assert len(row(ledger).appearances) == 2


def test_two_feeds_in_one_batch(ledger: Ledger) -> None:
    entries = [make_entry(), make_entry(feed_id="mirror", title="Other words"), make_entry(feed_id="third")]
    assert announce(ledger, *entries) == [("new", True), ("known", False), ("known", False)]
    assert {feed_id for feed_id, _, _ in row(ledger).appearances} == {"wire", "mirror", "third"}


def test_a_change_is_a_change_of_the_feed_that_made_it(ledger: Ledger) -> None:
    """Two feeds that word one story differently must not change it back and forth for ever."""
    ours, theirs = make_entry(), make_entry(feed_id="mirror", title="In other words")
    announce(ledger, ours, theirs)
    ledger.stored([make_stored()])
    assert announce(ledger, ours, theirs, run_id=NEXT_RUN) == [("known", False)] * 2
    assert announce(ledger, make_entry(feed_id="mirror", title="Corrected"), run_id=NEXT_RUN) == [("changed", True)]
    assert announce(ledger, ours, run_id=NEXT_RUN) == [("known", False)]
    titles = {feed_id: title for feed_id, title, _ in row(ledger).appearances}
    assert titles == {"wire": "Quiet day", "mirror": "Corrected"}


def test_a_change_forgets_earlier_attempts(ledger: Ledger) -> None:
    announce(ledger)
    ledger.reject([(make_rejected(), NOON + HOUR)], now=NOON)
    assert announce(ledger, make_entry(title="Corrected")) == [("changed", True)]
    assert (row(ledger).state, row(ledger).attempts) == ("pending", 0)


def test_a_rejected_story_is_not_news_when_it_is_announced_again(ledger: Ledger) -> None:
    announce(ledger)
    ledger.reject([(make_rejected(), None)], now=NOON)
    assert announce(ledger, run_id=NEXT_RUN) == [("known", False)]
    assert row(ledger).state == "rejected"


def test_entries_come_back_whole(ledger: Ledger) -> None:
    entry = make_entry(
        description="Standfirst",
        text="One.\nTwo — «três», 四, خمسة 🛰",
        guid="tag:wire.example,2026:1",
        authors=("A. Writer", "B. Писатель"),
        keywords=("war", "peace"),
        image=Image(url="https://wire.example/i.jpg", caption="A quiet street", credit="C. Camera"),
        language="en",
        source_name="Wire",
        published_at=NOON - HOUR,
        updated_at=NOON,
    )
    announce(ledger, entry)
    assert claim(ledger, NOON + LEASE) == [Visit(entry=entry)]


def test_a_whole_feed_at_once(ledger: Ledger) -> None:
    entries = [make_entry(url=f"https://wire.example/{i}") for i in range(2_000)]
    assert announce(ledger, *entries) == [("new", True)] * 2_000
    assert ledger.counts()["pending"] == 2_000


# An item that moves


GUID = "tag:wire.example,2026:1"
NEW_URL = "https://wire.example/world/quiet-day-ends"
MOVED = make_entry(url=NEW_URL, item=GUID, title="Quiet day ends", seen_at=NOON + HOUR)
ITEM = make_entry(item=GUID)


def test_an_item_that_moves_is_changed_under_its_new_address(ledger: Ledger) -> None:
    announce(ledger, ITEM)
    ledger.stored([make_stored(ITEM, doc_id="1a")])
    assert announced(ledger, [MOVED], NEXT_RUN) == [
        Announced(entry=replace(MOVED, seen_at=NOON), news="changed", fetch=True)
    ]
    found = row(ledger, NEW_URL)
    assert (found.state, found.doc_id, found.revision, found.first_seen_at) == ("pending", "1a", 0, NOON + HOUR)
    assert ledger.documents([MOVED, ITEM]) == ["1a", "1a"]
    assert [one.url for one in ledger.by_document("1a")] == [URL, NEW_URL]


def test_both_histories_tell_of_a_move(ledger: Ledger) -> None:
    announce(ledger, ITEM)
    announce(ledger, MOVED)
    assert [event.what for event in row(ledger, NEW_URL).history] == [f"announced by wire, until now as {URL}"]
    last = row(ledger).history[-1]
    assert (last.at, last.what) == (NOON + HOUR, f"announced by wire as {NEW_URL} from now on")


def test_a_move_is_news_once(ledger: Ledger) -> None:
    announce(ledger, ITEM)
    announce(ledger, MOVED)
    before = row(ledger), row(ledger, NEW_URL)
    assert announce(ledger, MOVED, run_id=NEXT_RUN) == [("known", False)]
    assert (row(ledger), row(ledger, NEW_URL)) == before


def test_an_item_known_from_before_items_were_told_apart_is_remembered_when_it_is_announced_again(
    ledger: Ledger,
) -> None:
    announce(ledger)
    ledger.stored([make_stored()])
    assert announce(ledger, ITEM, run_id=NEXT_RUN) == [("known", False)]
    assert announce(ledger, MOVED, run_id=NEXT_RUN) == [("changed", True)]


@pytest.mark.parametrize("state", ["pending", "left behind", "waiting", "quarantined", "stand-in"])
def test_what_moves_before_it_is_read_is_read_once_and_becomes_one_article(ledger: Ledger, state: str) -> None:
    announce(ledger, ITEM)
    if state == "stand-in":
        ledger.stored([make_stored(ITEM, settled=False)])
    if state in ("waiting", "quarantined", "stand-in"):
        ledger.reject([(make_rejected(ITEM), None if state == "quarantined" else NOON + HOUR)], now=NOON)
    assert announce(ledger, MOVED, run_id=RUN if state == "pending" else NEXT_RUN) == [("changed", True)]
    assert ledger.documents([ITEM, MOVED]) == [doc_id(URL)] * 2
    old = row(ledger)
    assert (old.state, old.error, old.attempts, old.next_try_at) == ("done", "", 0, None)
    assert ledger.counts() == {"pending": 1, "done": 1, "rejected": 0}
    assert ledger.retry(now=NOON) == 0
    claimed = claim(ledger, NOON + 9 * HOUR, "run-3")
    assert [(one.entry.url, one.entry.seen_at) for one in claimed] == [(NEW_URL, NOON)]


def test_what_was_in_hand_when_it_moved_may_still_be_stored(ledger: Ledger) -> None:
    announce(ledger, ITEM, run_id=RUN)
    announce(ledger, MOVED, run_id=RUN)
    ledger.stored([make_stored(ITEM), make_stored(MOVED, doc_id=doc_id(URL), revision=2, written="revised")])
    assert (row(ledger).state, row(ledger).revision) == ("done", 1)
    assert (row(ledger, NEW_URL).state, row(ledger, NEW_URL).revision) == ("done", 2)


def test_what_has_moved_is_looked_at_under_its_new_address_only(ledger: Ledger) -> None:
    announce(ledger, ITEM)
    ledger.stored([make_stored(ITEM, check_at=NOON + HOUR)])
    announce(ledger, MOVED, run_id=NEXT_RUN)
    assert row(ledger).check_at is None
    ledger.stored([make_stored(MOVED, doc_id=doc_id(URL), revision=2, check_at=NOON + 2 * HOUR)])
    (visit,) = claim(ledger, NOON + 9 * HOUR, "run-3")
    assert (visit.entry.url, visit.check) == (NEW_URL, True)


def test_an_item_that_moves_back_is_known_and_takes_its_checks_along(ledger: Ledger) -> None:
    announce(ledger, ITEM)
    ledger.stored([make_stored(ITEM)])
    announce(ledger, MOVED, run_id=NEXT_RUN)
    ledger.stored([make_stored(MOVED, doc_id=doc_id(URL), revision=2, check_at=NOON + 2 * HOUR)])
    for entry, check_at, other in ((ITEM, NOON + 2 * HOUR, NEW_URL), (MOVED, NOON + 2 * HOUR, URL)):
        assert announce(ledger, entry, run_id="run-3") == [("known", False)]
        assert (row(ledger, entry.url).check_at, row(ledger, other).check_at) == (check_at, None)


def test_an_item_that_moves_back_before_it_was_ever_read_is_read_there(ledger: Ledger) -> None:
    announce(ledger, ITEM)
    announce(ledger, MOVED, run_id=NEXT_RUN)
    assert announce(ledger, ITEM, run_id="run-3") == [("changed", True)]
    assert row(ledger).state == "pending"
    assert announce(ledger, ITEM, run_id="run-4") == [("known", False)]


def test_a_new_address_that_another_feed_has_announced_already_is_of_the_same_article(ledger: Ledger) -> None:
    announce(ledger, ITEM, replace(MOVED, feed_id="mirror", item=""))
    ledger.stored([make_stored(ITEM, doc_id="1a")])
    assert announce(ledger, MOVED) == [("known", False)]
    assert ledger.documents([MOVED]) == ["1a"]
    assert row(ledger, NEW_URL).state == "pending"


def test_what_moves_unread_to_an_address_that_has_been_read_is_of_its_article_and_takes_it_no_check(
    ledger: Ledger,
) -> None:
    announce(ledger, ITEM, replace(MOVED, feed_id="mirror", item=""))
    ledger.stored([make_stored(MOVED, doc_id="1b", check_at=NOON + HOUR)])
    assert announce(ledger, MOVED) == [("known", False)]
    assert ledger.documents([ITEM, MOVED]) == ["1b", "1b"]
    assert row(ledger, NEW_URL).check_at == NOON + HOUR


def test_two_articles_are_not_made_one_by_an_item_that_moves_between_them(ledger: Ledger) -> None:
    announce(ledger, ITEM, replace(MOVED, feed_id="mirror", item=""))
    ledger.stored([make_stored(ITEM, doc_id="1a"), make_stored(MOVED, doc_id="1b")])
    announce(ledger, MOVED, run_id=NEXT_RUN)
    assert ledger.documents([ITEM, MOVED]) == ["1a", "1b"]


@pytest.mark.parametrize(
    "overrides",
    [
        pytest.param({"title": "Floods in the south"}, id="the GUID is used again"),
        pytest.param({"item": ""}, id="the feed's GUIDs are not to be trusted"),
        pytest.param({"item": "tag:wire.example,2026:2"}, id="another item"),
        pytest.param({"feed_id": "mirror"}, id="another feed"),
    ],
)
def test_what_is_not_the_same_item_is_new(ledger: Ledger, overrides: dict[str, Any]) -> None:
    announce(ledger, ITEM)
    ledger.stored([make_stored(ITEM)])
    before = row(ledger)
    assert announce(ledger, replace(MOVED, **overrides)) == [("new", True)]
    assert row(ledger, NEW_URL).doc_id == ""
    assert row(ledger) == before


def test_a_guid_that_is_used_again_is_the_new_story_from_then_on(ledger: Ledger) -> None:
    flood = replace(MOVED, title="Floods in the south")
    announce(ledger, ITEM)
    announce(ledger, flood)
    moved = replace(flood, url="https://wire.example/floods", title="Floods in the south and east")
    assert announce(ledger, moved, run_id=NEXT_RUN) == [("changed", True)]
    assert ledger.documents([moved]) == [doc_id(NEW_URL)]


def test_the_headline_that_counts_is_the_one_this_feed_announced_last(ledger: Ledger) -> None:
    announce(ledger, ITEM)
    announce(ledger, replace(ITEM, title="Bakery bombed at dawn"))
    for title in ("Quiet day", "Floods in the south"):
        announce(ledger, replace(ITEM, feed_id="mirror", title=title))
    moved = replace(MOVED, title="Bakery bombed, nine dead")
    assert announce(ledger, moved, run_id=NEXT_RUN) == [("changed", True)]


def test_one_item_at_two_addresses_at_once_is_two_stories(ledger: Ledger) -> None:
    assert announce(ledger, ITEM, MOVED) == [("new", True)] * 2
    assert announce(ledger, ITEM, MOVED) == [("known", False)] * 2
    assert ledger.documents([ITEM, MOVED]) == ["", ""]


def test_one_item_twice_at_one_address_is_one_story(ledger: Ledger) -> None:
    assert announce(ledger, ITEM, ITEM) == [("new", True), ("known", False)]
    assert announce(ledger, MOVED, run_id=NEXT_RUN) == [("changed", True)]


def test_what_changes_after_a_move_keeps_the_time_it_was_first_seen(ledger: Ledger) -> None:
    announce(ledger, ITEM)
    announce(ledger, MOVED)
    (changed,) = announced(ledger, [replace(MOVED, title="Quiet day over", seen_at=NOON + 3 * HOUR)], NEXT_RUN)
    assert (changed.news, changed.entry.seen_at) == ("changed", NOON)


# claim


@pytest.mark.parametrize("run_id", [RUN, NEXT_RUN], ids=["the same run", "another run"])
def test_what_a_run_leaves_behind_is_anybody_s_when_its_lease_ends(ledger: Ledger, run_id: str) -> None:
    announce(ledger)
    assert row(ledger).next_try_at == NOON + LEASE
    assert claim(ledger, NOON + LEASE - SECOND, run_id) == []
    assert claim(ledger, NOON + LEASE, run_id) == [Visit(entry=make_entry())]
    assert (row(ledger).state, row(ledger).next_try_at) == ("pending", NOON + 2 * LEASE)
    assert claim(ledger, NOON + 2 * LEASE - SECOND, "run-3") == []
    assert claim(ledger, NOON + 2 * LEASE, "run-3") == [Visit(entry=make_entry())]


def test_a_claimed_retry_is_anybody_s_when_its_lease_ends(ledger: Ledger) -> None:
    announce(ledger)
    ledger.reject([(make_rejected(), NOON + HOUR)], now=NOON)
    for now in (NOON + HOUR, NOON + HOUR + LEASE):
        assert claim(ledger, now) == [Visit(entry=make_entry())]
        assert claim(ledger, now + LEASE - SECOND) == []


def test_what_is_done_or_rejected_is_on_no_lease(ledger: Ledger) -> None:
    announce(ledger, make_entry(), make_entry(url=OTHER_URL))
    ledger.stored([make_stored()])
    ledger.reject([(make_rejected(make_entry(url=OTHER_URL)), None)], now=NOON)
    assert (row(ledger).next_try_at, row(ledger, OTHER_URL).next_try_at) == (None, None)
    assert claim(ledger, NOON + 99 * HOUR) == []


def test_an_unsettled_one_stays_on_its_lease(ledger: Ledger) -> None:
    announce(ledger)
    ledger.stored([make_stored(settled=False)])
    assert claim(ledger, NOON + LEASE - SECOND) == []
    assert claim(ledger, NOON + LEASE) == [Visit(entry=make_entry())]


def test_what_was_claimed_is_in_hand(ledger: Ledger) -> None:
    announce(ledger)
    claim(ledger, NOON + LEASE)
    changed = make_entry(title="Changed", seen_at=NOON + LEASE)
    assert announce(ledger, changed, run_id=NEXT_RUN) == [("changed", False)]


def test_what_is_in_hand_is_so_for_no_longer_when_it_is_announced_again(ledger: Ledger) -> None:
    """Should it have been let go, nobody waits for it any longer than before."""
    announce(ledger)
    assert announce(ledger, make_entry(title="Changed", seen_at=NOON + LEASE - SECOND)) == [("changed", False)]
    assert row(ledger).next_try_at == NOON + LEASE
    assert announce(ledger, make_entry(title="And again", seen_at=NOON + LEASE)) == [("changed", True)]
    assert row(ledger).next_try_at == NOON + 2 * LEASE


def test_what_another_run_has_in_hand_is_this_one_s_when_it_changes(ledger: Ledger) -> None:
    announce(ledger)
    later = make_entry(title="Changed", seen_at=NOON + LEASE - SECOND)
    assert announce(ledger, later, run_id=NEXT_RUN) == [("changed", True)]
    assert row(ledger).next_try_at == NOON + 2 * LEASE - SECOND
    assert announce(ledger, replace(later, title="And again")) == [("changed", True)]


def test_a_second_announcement_leaves_the_lease_as_it_is(ledger: Ledger) -> None:
    announce(ledger)
    again = [make_entry(seen_at=NOON + LEASE), make_entry(feed_id="mirror", seen_at=NOON + LEASE)]
    assert announce(ledger, *again, run_id=NEXT_RUN) == [("known", False)] * 2
    assert row(ledger).next_try_at == NOON + LEASE
    assert len(claim(ledger, NOON + LEASE)) == 1


def test_a_move_is_on_lease_at_its_new_address_only(ledger: Ledger) -> None:
    announce(ledger, ITEM)
    announce(ledger, MOVED, run_id=NEXT_RUN)
    assert (row(ledger).next_try_at, row(ledger, NEW_URL).next_try_at) == (None, NOON + HOUR + LEASE)


def test_the_longest_due_is_first_whatever_it_is(ledger: Ledger) -> None:
    urls = [f"https://wire.example/{i}" for i in range(6)]
    entries = {url: make_entry(url=url) for url in urls}
    for at, url in ((5, urls[4]), (1, urls[1]), (3, urls[2])):
        ledger.announce([entries[url]], run_id=RUN, until=NOON + at * HOUR)
    ledger.announce([entries[urls[0]]], run_id="freed/1", until=NOON + 9 * HOUR)
    assert ledger.release("freed/") == 1
    announce(ledger, entries[urls[3]], entries[urls[5]])
    rejections = [(make_rejected(entries[urls[3]]), NOON + 4 * HOUR), (make_rejected(entries[urls[5]]), None)]
    ledger.reject(rejections, now=NOON)
    assert [visit.entry.url for visit in claim(ledger, NOON + 9 * HOUR, limit=3)] == urls[:3]
    assert [visit.entry.url for visit in claim(ledger, NOON + 9 * HOUR)] == urls[3:5]


def test_workers_that_claim_at_once_never_get_the_same_page(store: Store, tmp_path: Path) -> None:
    """Pages that were left behind, retries and checks."""
    entries = [make_entry(url=f"https://wire.example/{i}") for i in range(90)]
    announce(store.ledger, *entries)
    store.ledger.stored([make_stored(entry, check_at=NOON) for entry in entries[:30]])
    store.ledger.reject([(make_rejected(entry), NOON) for entry in entries[30:60]], now=NOON)
    with twin(store, tmp_path) as other:

        def work(name: str, ledger: Ledger) -> list[str]:
            found: list[str] = []
            while visits := claim(ledger, NOON + LEASE, name, limit=7):
                found += [visit.entry.url for visit in visits]
            return found

        one, two = at_once(lambda: work("a", store.ledger), lambda: work("b", other.ledger))
    assert sorted([*one, *two]) == sorted(entry.url for entry in entries)


# release


def test_a_released_page_is_anybody_s_at_once(ledger: Ledger) -> None:
    """Those that were announced, and those that were claimed."""
    announce(ledger, make_entry(url=OTHER_URL), run_id="host-a/1.1")
    announce(ledger, run_id="host-b/1.1")
    ledger.reject([(make_rejected(), NOON)], now=NOON)
    claim(ledger, NOON, "host-a/1.2")
    assert claim(ledger, NOON) == []
    assert ledger.release("host-a/1") == 2
    assert {visit.entry.url for visit in claim(ledger, NOON)} == {URL, OTHER_URL}
    assert claim(ledger, NOON) == []


def test_releasing_frees_the_pages_of_that_owner_only(ledger: Ledger) -> None:
    ours = "host.a_b%/20261118T120000-7"
    others = ["host.a_b%/20261118T120000-8", "host-a_b%/20261118T120000-7", "host.axb-/20261118T120000-7", f"x{ours}"]
    run_ids = [ours, f"{ours}.2", ours.upper(), *others]
    for number, run_id in enumerate(run_ids):
        announce(ledger, make_entry(url=f"https://wire.example/{number}"), run_id=run_id)
    assert ledger.release(ours) == 2
    freed = {visit.entry.url for visit in claim(ledger, NOON)}
    assert freed == {"https://wire.example/0", "https://wire.example/1"}
    assert len(claim(ledger, NOON + LEASE, limit=99)) == len(run_ids), "the others when their leases end"


def test_releasing_changes_nothing_else(ledger: Ledger) -> None:
    entries = [make_entry(url=f"https://wire.example/{i}") for i in range(4)]
    announce(ledger, *entries)
    ledger.stored([make_stored(entries[0], check_at=NOON + HOUR)])
    ledger.reject([(make_rejected(entries[1]), NOON + HOUR), (make_rejected(entries[2]), None)], now=NOON)
    before = [row(ledger, entry.url) for entry in entries]
    assert ledger.release(RUN) == 1
    after = [row(ledger, entry.url) for entry in entries]
    assert after == [*before[:3], replace(before[3], next_try_at=None)]
    assert ledger.release(RUN) == 0
    assert ledger.release("nobody") == 0
    assert ledger.counts() == {"pending": 1, "done": 1, "rejected": 2}


def test_what_was_released_and_changes_is_fetched(ledger: Ledger) -> None:
    announce(ledger)
    ledger.release(RUN)
    assert announce(ledger, make_entry(title="Changed")) == [("changed", True)]
    assert claim(ledger, NOON) == []


def test_what_was_released_may_still_be_stored(ledger: Ledger) -> None:
    announce(ledger)
    ledger.release(RUN)
    ledger.stored([make_stored()])
    assert row(ledger).state == "done"
    assert claim(ledger, NOON) == []


# next_due

ALWAYS = datetime.min.replace(tzinfo=UTC)


def next_due(ledger: Ledger) -> datetime | None:
    """As it is once it no longer lags: `counts` sees what was written."""
    ledger.counts()
    return ledger.next_due()


def test_nothing_is_due_in_an_empty_ledger(ledger: Ledger) -> None:
    assert next_due(ledger) is None


def test_a_page_is_due_when_its_lease_ends_and_at_once_when_it_is_released(ledger: Ledger) -> None:
    announce(ledger)
    assert next_due(ledger) == NOON + LEASE
    claim(ledger, NOON + LEASE)
    assert next_due(ledger) == NOON + 2 * LEASE
    ledger.release(NEXT_RUN)
    assert next_due(ledger) == ALWAYS
    ledger.stored([make_stored()])
    assert next_due(ledger) is None


def test_a_retry_is_due_at_its_time(ledger: Ledger) -> None:
    at = NOON + timedelta(minutes=5, microseconds=123_456)
    announce(ledger)
    ledger.reject([(make_rejected(), at)], now=NOON)
    assert next_due(ledger) == at
    assert len(claim(ledger, at)) == 1
    ledger.reject([(make_rejected(), None)], now=NOON)
    assert next_due(ledger) is None, "in quarantine"
    ledger.retry(now=NOON + HOUR)
    assert next_due(ledger) == NOON + HOUR


def test_a_check_is_due_at_its_time_and_when_it_was_not_made(ledger: Ledger) -> None:
    to_check(ledger)
    assert next_due(ledger) == NOON + HOUR
    claim(ledger, NOON + HOUR)
    assert next_due(ledger) == NOON + HOUR + CHECK_LEASE
    ledger.checked([make_entry()], now=NOON, what="HTTP 503", check_at=[None])
    assert next_due(ledger) is None


def test_a_feed_s_own_failure_is_never_due(ledger: Ledger) -> None:
    ledger.reject([(make_rejected(make_feed()), NOON)], now=NOON)
    assert next_due(ledger) is None


def test_the_earliest_of_all_is_due_next(ledger: Ledger) -> None:
    entries = [make_entry(url=f"https://wire.example/{i}") for i in range(4)]
    ledger.announce(entries, run_id=RUN, until=NOON + 4 * HOUR)
    assert next_due(ledger) == NOON + 4 * HOUR
    ledger.reject([(make_rejected(entries[0]), NOON + 3 * HOUR), (make_rejected(entries[3]), None)], now=NOON)
    assert next_due(ledger) == NOON + 3 * HOUR
    ledger.stored([make_stored(entries[1], check_at=NOON + 2 * HOUR)])
    assert next_due(ledger) == NOON + 2 * HOUR
    ledger.release(RUN)
    assert next_due(ledger) == ALWAYS


# claim: retries


@pytest.mark.parametrize(
    ("after", "claimed"),
    [pytest.param(-1, 0, id="early"), pytest.param(0, 1, id="on time"), pytest.param(3600, 1, id="late")],
)
def test_retries_are_claimed_when_they_are_due(ledger: Ledger, after: int, claimed: int) -> None:
    announce(ledger)
    due = NOON + HOUR
    ledger.reject([(make_rejected(), due)], now=NOON)
    for run_id, expected in ((RUN, claimed), (RUN, 0)):
        assert len(claim(ledger, due + timedelta(seconds=after), run_id)) == expected
    assert row(ledger).state == ("pending" if claimed else "rejected")


def test_a_claimed_retry_keeps_its_count_of_attempts(ledger: Ledger) -> None:
    announce(ledger)
    ledger.reject([(make_rejected(), NOON)], now=NOON)
    claim(ledger, NOON)
    assert ledger.attempts([make_rejected()]) == [1]
    ledger.reject([(make_rejected(), None)], now=NOON)
    assert row(ledger).attempts == 2


def test_dead_letters_and_finished_ones_are_not_claimed(ledger: Ledger) -> None:
    announce(ledger, make_entry(), make_entry(url=OTHER_URL))
    ledger.reject([(make_rejected(), None)], now=NOON)
    ledger.stored([make_stored(make_entry(url=OTHER_URL))])
    assert claim(ledger, NOON + 999 * HOUR) == []


def test_no_more_is_claimed_than_asked_for(ledger: Ledger) -> None:
    entries = [make_entry(url=f"https://wire.example/{i}") for i in range(10)]
    announce(ledger, *entries)
    batches = [claim(ledger, NOON + LEASE, limit=4) for _ in range(4)]
    assert [len(batch) for batch in batches] == [4, 4, 2, 0]
    assert {visit.entry.url for batch in batches for visit in batch} == {entry.url for entry in entries}


def test_a_feed_s_own_failure_is_nothing_to_claim(ledger: Ledger) -> None:
    ledger.reject([(make_rejected(make_feed()), NOON)], now=NOON)
    assert claim(ledger, NOON + HOUR) == []


# Looking again


def to_check(ledger: Ledger, *urls: str, at: datetime = NOON + HOUR) -> None:
    entries = [make_entry(url=url) for url in urls or [URL]]
    announce(ledger, *entries)
    ledger.stored([make_stored(entry, check_at=at) for entry in entries])


@pytest.mark.parametrize(
    ("after", "claimed"),
    [pytest.param(-1, 0, id="early"), pytest.param(0, 1, id="on time"), pytest.param(3600, 1, id="late")],
)
def test_checks_are_claimed_when_they_are_due(ledger: Ledger, after: int, claimed: int) -> None:
    to_check(ledger)
    assert row(ledger).check_at == NOON + HOUR
    visits = claim(ledger, NOON + HOUR + timedelta(seconds=after))
    assert visits == [Visit(entry=make_entry(), check=True)] * claimed
    assert row(ledger).state == "done"


def test_a_check_is_claimed_once_but_is_not_lost_with_the_run(ledger: Ledger) -> None:
    to_check(ledger)
    assert len(claim(ledger, NOON + HOUR)) == 1
    assert claim(ledger, NOON + HOUR) == []
    assert claim(ledger, NOON + 2 * HOUR, "run-3") == [Visit(entry=make_entry(), check=True)]


def test_checks_come_last(ledger: Ledger) -> None:
    to_check(ledger, *(f"https://wire.example/{i}" for i in range(3)))
    announce(ledger, make_entry(url=OTHER_URL), make_entry())
    ledger.reject([(make_rejected(), NOON)], now=NOON)
    visits = claim(ledger, NOON + HOUR, limit=4)
    assert [visit.check for visit in visits] == [False, False, True, True]
    assert [visit.check for visit in claim(ledger, NOON + HOUR, limit=4)] == [True]


def test_the_longest_overdue_check_is_first(ledger: Ledger) -> None:
    to_check(ledger, OTHER_URL, at=NOON + 2 * HOUR)
    to_check(ledger, URL, at=NOON + HOUR)
    (visit,) = claim(ledger, NOON + 9 * HOUR, limit=1)
    assert visit.entry.url == URL


def test_checked(ledger: Ledger) -> None:
    to_check(ledger, URL, OTHER_URL)
    visits = claim(ledger, NOON + HOUR)
    before = without_history(row(ledger, OTHER_URL))
    entries = sorted((visit.entry for visit in visits), key=lambda entry: entry.url)
    ledger.checked(entries, now=NOON + HOUR, what="HTTP 503", check_at=[NOON + 6 * HOUR, None])
    after = without_history(row(ledger, OTHER_URL))
    assert after == before | {"check_at": NOON + 6 * HOUR}
    assert row(ledger, OTHER_URL).updated_at == NOON + HOUR
    assert row(ledger).check_at is None
    assert [(e.at, e.stage, e.what) for e in row(ledger).history[-1:]] == [(NOON + HOUR, "check", "HTTP 503")]


def test_checking_what_is_unknown_or_was_announced_anew_changes_nothing(ledger: Ledger) -> None:
    to_check(ledger)
    announce(ledger, make_entry(title="Corrected"), run_id=NEXT_RUN)
    before = row(ledger)
    assert (before.state, before.check_at) == ("pending", None)
    stranger = make_entry(url=OTHER_URL)
    ledger.checked([make_entry(), stranger], now=NOON, what="HTTP 503", check_at=[NOON, NOON])
    assert row(ledger) == before
    assert ledger.get(OTHER_URL) is None


def test_storing_a_check_says_when_to_look_next(ledger: Ledger) -> None:
    to_check(ledger)
    for again in (NOON + 6 * HOUR, None):
        ledger.stored([make_stored(written="unchanged", check_at=again)])
        assert row(ledger).check_at == again


def test_what_is_rejected_or_only_stood_in_for_is_tried_again_and_not_checked(ledger: Ledger) -> None:
    to_check(ledger)
    ledger.reject([(make_rejected(), NOON + HOUR)], now=NOON)
    ledger.stored([make_stored(settled=False, check_at=NOON + HOUR)])
    assert row(ledger).check_at is None
    assert claim(ledger, NOON + HOUR) == [Visit(entry=make_entry())]


# stored


def test_stored(ledger: Ledger) -> None:
    announce(ledger)
    ledger.stored([make_stored(revision=3, at=NOON + HOUR)])
    found = row(ledger)
    assert (found.state, found.doc_id, found.revision, found.content_hash, found.month) == (
        "done",
        doc_id(URL),
        3,
        "1c",
        "2026-11",
    )
    assert found.updated_at == NOON + HOUR
    assert ledger.counts() == {"pending": 0, "done": 1, "rejected": 0}


def test_storing_ends_failures(ledger: Ledger) -> None:
    announce(ledger)
    ledger.reject([(make_rejected(), NOON)], now=NOON)
    claim(ledger, NOON)
    ledger.stored([make_stored()])
    found = row(ledger)
    assert (found.state, found.error, found.kind, found.reason, found.retryable) == ("done", "", "", "", False)
    assert (found.attempts, found.next_try_at) == (0, None)
    assert ledger.attempts([make_rejected()]) == [0]


@pytest.mark.parametrize("written", ["new", "revised", "unchanged"])
def test_storing_twice_has_one_effect(ledger: Ledger, written: Literal["new", "revised", "unchanged"]) -> None:
    announce(ledger)
    ledger.stored([make_stored(written=written)])
    once, counts = without_history(row(ledger)), ledger.counts()
    ledger.stored([make_stored(written=written), make_stored(written="unchanged")])
    assert (without_history(row(ledger)), ledger.counts()) == (once, counts)


@pytest.mark.parametrize("order", ["stored first", "rejected first"])
def test_a_stand_in_keeps_its_state_and_error_in_either_order(ledger: Ledger, order: str) -> None:
    """Two branches of the pipeline report on one entry; which comes first is chance."""
    announce(ledger)

    def store() -> None:
        ledger.stored([make_stored(settled=False)])

    def reject() -> None:
        ledger.reject([(make_rejected(), NOON + HOUR)], now=NOON)

    for step in (store, reject) if order == "stored first" else (reject, store):
        step()
    found = row(ledger)
    assert (found.state, found.error, found.attempts, found.next_try_at) == ("rejected", "Unreachable", 1, NOON + HOUR)
    assert (found.doc_id, found.revision) == (doc_id(URL), 1)
    assert claim(ledger, NOON + HOUR) == [Visit(entry=make_entry())]


def test_an_unsettled_one_stays_pending_until_it_is_rejected(ledger: Ledger) -> None:
    announce(ledger)
    ledger.stored([make_stored(settled=False)])
    assert row(ledger).state == "pending"


# reject


def test_reject(ledger: Ledger) -> None:
    announce(ledger)
    ledger.reject([(make_rejected(), NOON + HOUR)], now=NOON + timedelta(minutes=1))
    found = row(ledger)
    assert (found.state, found.stage, found.error, found.reason) == ("rejected", "fetch", "Unreachable", "HTTP 502")
    assert (found.kind, found.retryable, found.attempts, found.next_try_at) == ("server-error", True, 1, NOON + HOUR)
    assert found.updated_at == NOON + timedelta(minutes=1)


def test_each_rejection_is_one_more_attempt_and_the_last_one_counts(ledger: Ledger) -> None:
    announce(ledger)
    ledger.reject([(make_rejected(), NOON + HOUR)], now=NOON)
    ledger.reject([(make_rejected(stage="extract", error="NotAnArticle", retryable=False), None)], now=NOON + HOUR)
    found = row(ledger)
    assert (found.attempts, found.stage, found.error, found.retryable, found.next_try_at) == (
        2,
        "extract",
        "NotAnArticle",
        False,
        None,
    )
    assert ledger.counts() == {"pending": 0, "done": 0, "rejected": 1}


def test_a_subject_that_was_never_announced_gets_a_row(ledger: Ledger) -> None:
    feed, stranger = make_feed(), make_entry(url=OTHER_URL)
    ledger.reject([(make_rejected(feed), None), (make_rejected(stranger), None)], now=NOON)
    assert (row(ledger, FEED_URL).url, row(ledger, FEED_URL).stage) == (FEED_URL, "poll")
    assert row(ledger, OTHER_URL).state == "rejected"
    assert row(ledger, OTHER_URL).first_seen_at == NOON
    assert ledger.counts() == {"pending": 0, "done": 0, "rejected": 2}


def test_an_item_without_an_address_gets_a_row(ledger: Ledger) -> None:
    subject = f"{FEED_URL}#item-3"
    ledger.reject([(make_rejected(make_feed(), stage="entry", subject=subject, error="NoLink"), None)], now=NOON)
    assert (row(ledger, subject).error, row(ledger, subject).url) == ("NoLink", subject)


def test_a_feed_s_failure_hides_no_story_of_the_same_address(ledger: Ledger) -> None:
    ledger.reject([(make_rejected(make_feed(url=URL)), None)], now=NOON)
    assert announce(ledger) == [("new", True)]
    assert row(ledger).state == "pending"
    ledger.stored([make_stored()])
    ledger.reject([(make_rejected(make_feed(url=URL)), None)], now=NOON)
    assert row(ledger).state == "done"


def test_a_story_that_was_rejected_before_it_was_announced_is_news(ledger: Ledger) -> None:
    ledger.reject([(make_rejected(), None)], now=NOON)
    assert announce(ledger) == [("new", True)]
    assert ledger.counts() == {"pending": 1, "done": 0, "rejected": 0}


SECRET = "https://reader:s3cret@wire.example/feed.xml"


def test_the_password_of_a_feed_is_shown_nowhere(ledger: Ledger) -> None:
    failed = make_rejected(make_feed(url=SECRET))
    ledger.reject([(failed, None), (failed, None)], now=NOON)
    shown = "https://***@wire.example/feed.xml"
    assert [found.url for found in ledger.rejected()] == [shown]
    assert row(ledger, SECRET) == row(ledger, shown)
    assert "s3cret" not in repr(row(ledger, SECRET))
    assert ledger.attempts([failed]) == [2]
    ledger.recovered([SECRET], now=NOON)
    assert (row(ledger, shown).state, ledger.attempts([failed])) == ("done", [0])


def test_the_password_of_a_page_is_shown_nowhere_and_is_there_to_fetch_it(ledger: Ledger) -> None:
    entry, moved = make_entry(url=SECRET, item=GUID), make_entry(url=f"{SECRET}?2", item=GUID)
    announce(ledger, entry)
    announce(ledger, moved)
    assert "s3cret" not in repr([row(ledger, SECRET), row(ledger, moved.url)])
    stranger = make_entry(url="https://u:s3cret@wire.example/stranger")
    ledger.reject([(make_rejected(stranger), None)], now=NOON)
    assert "s3cret" not in repr(row(ledger, stranger.url))
    assert [visit.entry.url for visit in claim(ledger, NOON + LEASE)] == [moved.url]


# attempts, recovered


def test_attempts_answers_in_order(ledger: Ledger) -> None:
    feed, other = make_rejected(make_feed()), make_rejected(make_entry(url=OTHER_URL))
    announce(ledger)
    ledger.reject([(feed, None), (feed, None), (make_rejected(), None)], now=NOON)
    assert ledger.attempts([other, make_rejected(), feed, other, feed]) == [0, 1, 2, 0, 2]
    assert ledger.attempts([]) == []


def test_recovered(ledger: Ledger) -> None:
    feed = make_rejected(make_feed())
    ledger.reject([(feed, None), (feed, None)], now=NOON)
    ledger.recovered([FEED_URL], now=NOON + HOUR)
    found = row(ledger, FEED_URL)
    assert (found.state, found.error, found.attempts, found.updated_at) == ("done", "", 0, NOON + HOUR)
    assert ledger.attempts([feed]) == [0]
    assert ledger.rejected() == []


def test_recovering_twice_has_one_effect(ledger: Ledger) -> None:
    ledger.reject([(make_rejected(make_feed()), None)], now=NOON)
    ledger.recovered([FEED_URL], now=NOON)
    once = row(ledger, FEED_URL)
    ledger.recovered([FEED_URL], now=NOON + HOUR)
    assert row(ledger, FEED_URL) == once


def test_recovering_what_never_failed_is_ignored(ledger: Ledger) -> None:
    announce(ledger)
    before = row(ledger)
    ledger.recovered([FEED_URL, URL, "no address at all"], now=NOON)
    assert ledger.get(FEED_URL) is None
    assert row(ledger) == before
    assert ledger.counts() == {"pending": 1, "done": 0, "rejected": 0}


# get, by_document, rejected, counts


@pytest.mark.parametrize(
    "spelling",
    [
        URL,
        f"{URL}/",
        f"{URL}#comments",
        URL.replace("https://", "http://"),
        URL.replace("https://", "https://www."),
        URL.replace("wire.example", "WIRE.example:443"),
        f"{URL}?utm_source=rss&fbclid=1",
        f"  {URL} ",
    ],
)
def test_get_by_any_spelling(ledger: Ledger, spelling: str) -> None:
    announce(ledger)
    assert row(ledger, spelling) == row(ledger)


@pytest.mark.parametrize("url", [OTHER_URL, URL.upper(), "", "http://[half", "no address at all", "http://x:99999/"])
def test_get_what_is_not_there(ledger: Ledger, url: str) -> None:
    announce(ledger)
    assert ledger.get(url) is None


def test_parameters_that_may_choose_the_story_are_kept_apart(ledger: Ledger) -> None:
    assert announce(ledger, make_entry(url=f"{URL}?id=1"), make_entry(url=f"{URL}?id=2")) == [("new", True)] * 2


def test_by_document_earliest_first(ledger: Ledger) -> None:
    late, early = make_entry(url=OTHER_URL, seen_at=NOON + HOUR), make_entry()
    announce(ledger, late, early, make_entry(url="https://wire.example/third"))
    ledger.stored([make_stored(late, doc_id="1doc"), make_stored(early, doc_id="1doc")])
    assert [found.url for found in ledger.by_document("1doc")] == [URL, OTHER_URL]
    assert ledger.by_document("1doc")[0] == row(ledger)
    assert ledger.by_document("1none") == []


def test_rejected_latest_first_and_filtered(ledger: Ledger) -> None:
    entries = [make_entry(url=f"https://wire.example/{i}") for i in range(4)]
    announce(ledger, *entries)
    kinds = [("fetch", "Gone"), ("fetch", "Busy"), ("extract", "NotAnArticle"), ("fetch", "Gone")]
    for i, (stage, error) in enumerate(kinds):
        ledger.reject([(make_rejected(entries[i], stage=stage, error=error), None)], now=NOON + i * HOUR)

    def numbers(**filters: Any) -> list[str]:
        return [found.url[-1] for found in ledger.rejected(**filters)]

    assert numbers() == ["3", "2", "1", "0"]
    assert numbers(limit=2) == ["3", "2"]
    assert numbers(stage="fetch") == ["3", "1", "0"]
    assert numbers(error="Gone") == ["3", "0"]
    assert numbers(stage="extract", error="Gone") == []
    assert numbers(stage="fetch", error="Gone", limit=1) == ["3"]


def test_the_quarantined_are_the_pages_without_a_next_try(ledger: Ledger) -> None:
    entries = [make_entry(url=f"https://wire.example/{i}") for i in range(2)]
    announce(ledger, *entries)
    tries = [(make_rejected(entries[0]), None), (make_rejected(entries[1]), NOON), (make_rejected(make_feed()), None)]
    ledger.reject(tries, now=NOON)

    def urls(**filters: Any) -> set[str]:
        return {found.url for found in ledger.rejected(**filters)}

    assert urls(quarantined=True) == {entries[0].url}
    assert urls(quarantined=False) == {entries[1].url, FEED_URL}
    assert urls(quarantined=None) == {entries[0].url, entries[1].url, FEED_URL}
    assert urls(quarantined=True, stage="poll") == set()


def test_counts(ledger: Ledger) -> None:
    assert ledger.counts() == {"pending": 0, "done": 0, "rejected": 0}
    entries = [make_entry(url=f"https://wire.example/{i}") for i in range(6)]
    announce(ledger, *entries)
    ledger.stored([make_stored(entry) for entry in entries[:3]])
    ledger.reject([(make_rejected(entries[3]), None), (make_rejected(make_feed()), None)], now=NOON)
    assert ledger.counts() == {"pending": 2, "done": 3, "rejected": 2}


# retry


def test_retry_makes_due_at_once_and_forgets_attempts(ledger: Ledger) -> None:
    announce(ledger)
    ledger.reject([(make_rejected(), None), (make_rejected(), None)], now=NOON)
    assert ledger.retry(now=NOON + HOUR) == 1
    assert (row(ledger).attempts, row(ledger).next_try_at) == (0, NOON + HOUR)
    assert claim(ledger, NOON + HOUR) == [Visit(entry=make_entry())]


def test_retry_brings_forward_what_would_have_waited(ledger: Ledger) -> None:
    announce(ledger)
    ledger.reject([(make_rejected(), NOON + 9 * HOUR)], now=NOON)
    ledger.retry(now=NOON)
    assert len(claim(ledger, NOON)) == 1


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, 3),
        ({"urls": [URL]}, 1),
        ({"urls": [f"{URL}?utm_source=x", OTHER_URL]}, 2),
        ({"urls": ["https://wire.example/unknown", "http://[half"]}, 0),
        ({"stage": "fetch"}, 2),
        ({"error": "Gone"}, 2),
        ({"stage": "fetch", "error": "Gone"}, 1),
        ({"urls": [URL], "error": "Gone"}, 0),
    ],
    ids=str,
)
def test_retry_by_filter(ledger: Ledger, filters: dict[str, Any], expected: int) -> None:
    third = make_entry(url="https://wire.example/third")
    announce(ledger, make_entry(), make_entry(url=OTHER_URL), third, make_entry(url="https://wire.example/pending"))
    ledger.reject(
        [
            (make_rejected(), None),
            (make_rejected(make_entry(url=OTHER_URL), error="Gone"), None),
            (make_rejected(third, stage="extract", error="Gone"), None),
            (make_rejected(make_feed(), error="Gone"), None),
        ],
        now=NOON,
    )
    assert ledger.retry(**filters, now=NOON) == expected
    assert len(claim(ledger, NOON, RUN)) == expected


def test_a_feed_s_failure_is_not_counted_by_retry(ledger: Ledger) -> None:
    ledger.reject([(make_rejected(make_feed()), None)], now=NOON)
    before = row(ledger, FEED_URL)
    assert ledger.retry(now=NOON + HOUR) == 0
    assert row(ledger, FEED_URL) == before


def test_many_urls_can_be_retried_by_name(ledger: Ledger) -> None:
    entries = [make_entry(url=f"https://wire.example/{i}") for i in range(1_500)]
    announce(ledger, *entries)
    ledger.reject([(make_rejected(entry), None) for entry in entries], now=NOON)
    assert ledger.retry(urls=[entry.url for entry in entries], now=NOON) == 1_500


# history


def test_the_history_tells_the_story_in_order(ledger: Ledger) -> None:
    def at(hours: int) -> datetime:
        return NOON + hours * HOUR

    announce(ledger)
    ledger.reject([(make_rejected(), at(1))], now=at(1))
    claim(ledger, at(2))
    ledger.stored([make_stored(at=at(2))])
    announce(ledger, make_entry(feed_id="mirror", seen_at=at(3)))
    announce(ledger, make_entry(title="Corrected", seen_at=at(4)), run_id="run-3")
    ledger.stored([make_stored(revision=2, written="revised", at=at(5))])
    history = row(ledger).history
    assert [event.at for event in history] == [NOON, at(1), at(2), at(3), at(4), at(5)]
    assert [event.stage for event in history] == ["entry", "fetch", "store", "entry", "entry", "store"]
    for event, words in zip(
        history, ["wire", "HTTP 502", "revision 1", "mirror", "changed", "revision 2"], strict=True
    ):
        assert words in event.what


def test_a_retry_by_hand_is_in_the_history(ledger: Ledger) -> None:
    announce(ledger)
    ledger.reject([(make_rejected(), None)], now=NOON)
    ledger.retry(now=NOON + HOUR)
    assert row(ledger).history[-1].at == NOON + HOUR
    assert "by hand" in row(ledger).history[-1].what


def test_a_changed_entry_keeps_the_time_its_url_was_first_seen(ledger: Ledger) -> None:
    first, later = make_entry(title="A", seen_at=NOON), make_entry(title="B", seen_at=NOON + timedelta(hours=2))
    announced(ledger, [first], "one")
    (changed,) = announced(ledger, [later], "two")
    assert (changed.news, changed.entry.title, changed.entry.seen_at) == ("changed", "B", NOON)
    assert [visit.entry.seen_at for visit in claim(ledger, NOON + 3 * HOUR, "three")] == [NOON]


def test_documents_says_what_each_entry_became(ledger: Ledger) -> None:
    stored, waiting = make_entry(), make_entry(url="https://wire.example/waiting")
    announce(ledger, stored, waiting)
    assert ledger.documents([stored, waiting]) == ["", ""]
    ledger.stored([make_stored(doc_id="1a")])
    unknown = make_entry(url="https://wire.example/unknown")
    assert ledger.documents([waiting, stored, unknown, stored]) == ["", "1a", "", "1a"]


def test_what_is_postponed_is_pending_and_anybodys_later(ledger: Ledger) -> None:
    here, there, done = (make_entry(url=f"https://example.org/{name}") for name in ("here", "there", "done"))
    ledger.announce([here, there, done], run_id="one", until=NOON + HOUR)
    ledger.stored([make_stored(done)])
    ledger.postpone([here, there, done], until=[NOON + HOUR / 4, NOON + HOUR / 2, NOON])
    assert ledger.claim(now=NOON + HOUR / 8, run_id="two", until=NOON + HOUR, limit=9) == []
    (first,) = ledger.claim(now=NOON + HOUR / 3, run_id="two", until=NOON + HOUR, limit=9)
    assert first.entry.url == here.url
    assert ledger.next_due() == NOON + HOUR / 2
    assert ledger.counts() == {"pending": 2, "done": 1, "rejected": 0}
