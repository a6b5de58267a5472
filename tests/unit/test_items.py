"""What tells the items of a feed apart, and how its rule gives way."""

from typing import Any

import pytest

from tests.factories import make_feed, make_response
from transforms.feeds import read_feed
from transforms.habits import ItemRule
from transforms.items import rule_for, shared_addresses
from transforms.records import Poll
from transforms.urls import canonical_url, doc_id, is_of_item


def item(number: int, **said: Any) -> dict[str, Any]:
    """An item as `transforms.feeds` reads it."""
    return {
        "url": f"https://wire.example/{number}",
        "guid": f"g{number}",
        "title": f"Headline {number}",
        "description": "",
        "text": "",
        "published_at": None,
        "dated": f"day {number}",
        **said,
    }


def items(*bad: dict[str, Any], good: int = 19) -> list[dict[str, Any]]:
    """`good` items with everything, then those that are not."""
    return [item(number) for number in range(good)] + [item(100 + n, **said) for n, said in enumerate(bad)]


@pytest.mark.parametrize(
    ("listed", "known", "expected"),
    [
        pytest.param([], "guid", "guid", id="nothing listed"),
        pytest.param(items(), "guid", "guid", id="all well"),
        pytest.param(items({"guid": ""}), "guid", "guid", id="one of twenty has no guid"),
        pytest.param(items({"guid": ""}, {"guid": ""}), "guid", "link+date", id="more than five per cent have none"),
        pytest.param(items({"guid": "g1"}, {"guid": "g1"}), "guid", "link+date", id="guids repeat"),
        pytest.param([item(n, guid="") for n in range(9)], "guid", "guid", id="a feed that never promised guids"),
        pytest.param(items(), "link+date", "link+date", id="never climbs back"),
        pytest.param([item(1)] * 9, "guid", "guid", id="one item listed nine times repeats nothing"),
        pytest.param(
            [item(n, guid="g", url="https://wire.example/live", dated="today") for n in range(9)],
            "guid",
            "link+date+title",
            id="a live ticker",
        ),
        pytest.param(
            [item(n, guid="g", url="https://wire.example/l", dated="", title="Flash", text=f"{n}") for n in range(9)],
            "guid",
            "link+date+title+text",
            id="nothing but the text",
        ),
    ],
)
def test_rules(listed: list[dict[str, Any]], known: ItemRule, expected: ItemRule) -> None:
    assert rule_for(listed, known) == expected


def test_a_front_page_is_no_story_s_address() -> None:
    listed = [item(1), item(2, url="https://wire.example/")]
    assert shared_addresses(listed) == {canonical_url("https://wire.example/")}


def test_an_address_is_shared_by_three_headlines() -> None:
    live = {"url": "https://wire.example/live"}
    twice = [item(1, **live), item(2, **live)]
    assert shared_addresses(twice) == frozenset(), "a headline that was changed is still one story"
    assert shared_addresses([*twice, item(3, **live)]) == {canonical_url("https://wire.example/live")}
    assert shared_addresses([item(1, **live)] * 5) == frozenset()


def rss(*listed: tuple[str, str, str]) -> bytes:
    """(guid, link, headline)."""
    written = "".join(
        f'<item><guid isPermaLink="false">{guid}</guid><link>{link}</link><title>{title}</title></item>'
        for guid, link, title in listed
    )
    return f'<rss version="2.0"><channel><title>T</title>{written}</channel></rss>'.encode()


def poll(*listed: tuple[str, str, str], rule: ItemRule = "guid") -> Poll:
    return read_feed(make_feed(item_rule=rule), make_response(rss(*listed)))


LIVE = "https://wire.example/live"


def test_flashes_at_one_address_are_entries_of_their_own() -> None:
    found = poll(("1", LIVE, "One"), ("2", LIVE, "Two"), ("3", LIVE, "Three"), ("4", "https://wire.example/x", "X"))
    assert [entry.title for entry in found.entries] == ["One", "Two", "Three", "X"]
    assert len({doc_id(entry.url) for entry in found.entries}) == 4
    assert [is_of_item(entry.url) for entry in found.entries] == [True, True, True, False]
    assert all(entry.url.startswith(f"{LIVE}#") for entry in found.entries[:3])


def test_the_same_flash_is_the_same_entry_next_time() -> None:
    first = poll(("1", LIVE, "One"), ("2", LIVE, "Two"), ("3", LIVE, "Three"))
    again = poll(("2", LIVE, "Two, corrected"), ("3", LIVE, "Three"), ("4", LIVE, "Four"))
    assert [entry.url for entry in first.entries[1:]] == [entry.url for entry in again.entries[:2]]


def test_an_item_is_named_by_a_guid_that_can_be_trusted() -> None:
    assert [entry.item for entry in poll(("tag:1", "https://wire.example/a", "A")).entries] == ["tag:1"]
    by_link = poll(("https://wire.example/a", "https://wire.example/a", "A"))
    assert by_link.entries[0].item == "", "a guid that is the address says no more than the address"
    assert poll(("tag:1", "https://wire.example/a", "A"), rule="link+date").entries[0].item == ""


def test_a_feed_that_repeats_its_guids_says_so() -> None:
    found = poll(*(("same", f"https://wire.example/{n}", f"H {n}") for n in range(5)))
    assert found.item_rule == "link+date"
    assert [entry.item for entry in found.entries] == [""] * 5
    assert len(found.entries) == 5


def test_flashes_without_guids_are_told_apart_by_day_and_headline() -> None:
    found = poll(("", LIVE, "One"), ("", LIVE, "Two"), ("", LIVE, "Three"), ("", LIVE, "One"))
    assert [entry.title for entry in found.entries] == ["One", "Two", "Three"]
    assert len({doc_id(entry.url) for entry in found.entries}) == 3
