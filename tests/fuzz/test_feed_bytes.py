"""Whatever bytes a feed's address answers: a poll or a refusal, in bounded time, the same each time."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import timedelta
from typing import get_args

import pytest

from tests.factories import FEED_URL, NOON, make_feed, make_response
from tests.fuzz.mutation import case
from transforms.entries import MAX_LINE, MAX_TEXT
from transforms.errors import NewswireError, NotAFeed, TooLarge
from transforms.feeds import MAX_ENTRIES, read_feed
from transforms.habits import ItemRule
from transforms.records import Entry, Poll
from transforms.urls import doc_id, is_followable

QUICK, ALL, BLOCK = 300, 10_000, 1_000
#: Of one case, on a busy machine; most take some milliseconds.
LONGEST_S = 3.0


def read(number: int) -> Poll | NewswireError:
    """What is made of a case. Raises: what no reader of feeds expects."""
    body, content_type = case(number)
    rules = get_args(ItemRule)
    feed = make_feed(item_rule=rules[number % len(rules)])
    try:
        return read_feed(feed, make_response(body, content_type=content_type, final_url=FEED_URL))
    except (NotAFeed, TooLarge) as e:
        return e


def check(poll: Poll) -> None:
    """What the store, the pages' fetcher and the terminal rely on."""
    str(asdict(poll)).encode()
    assert len(poll.entries) <= MAX_ENTRIES
    assert poll.polled_at == NOON
    assert len({doc_id(entry.url) for entry in poll.entries}) == len(poll.entries)
    for wish in (poll.hints.ttl, poll.hints.period):
        assert wish is None or timedelta(0) < wish < timedelta(days=1_000)
    assert poll.hints.skip_hours <= set(range(24))
    assert poll.hints.skip_days <= set(range(7))
    for refused in poll.rejected:
        assert one_line(refused.subject.removeprefix(FEED_URL))
        assert len(refused.subject) < len(FEED_URL) + MAX_LINE
    for entry in poll.entries:
        check_entry(entry)


def check_entry(entry: Entry) -> None:
    assert is_followable(entry.url)
    for moment in (entry.published_at, entry.updated_at, entry.seen_at):
        assert moment is None or moment.utcoffset() == timedelta(0)
    lines = (entry.title, entry.guid, entry.item, entry.source_name, entry.image.caption, entry.image.credit)
    assert all(len(line) <= MAX_LINE and one_line(line) for line in (*lines, *entry.authors, *entry.keywords))
    assert len(entry.description) <= MAX_TEXT
    assert len(entry.text) <= MAX_TEXT
    assert max(len(entry.authors), len(entry.keywords)) <= 50
    assert entry.image.url == "" or is_followable(entry.image.url)
    assert entry.language == "" or (entry.language.isalpha() and len(entry.language) <= 3)
    for text in (*lines, *entry.authors, *entry.keywords, entry.description, entry.text, entry.url, entry.image.url):
        text.encode()
        assert "\x00" not in text


def one_line(text: str) -> bool:
    """Whether a text stays within its line, and gives a terminal no orders."""
    return not any(character in text for character in "\n\r\x0b\x0c\x1b\x85\u2028\u2029")


def fuzz(numbers: range) -> None:
    slowest, slow = 0.0, 0
    polls = 0
    for number in numbers:
        started = time.perf_counter()
        try:
            first = read(number)
            took = time.perf_counter() - started
            if isinstance(first, Poll):
                polls += 1
                check(first)
            else:
                f"{first}".encode()
                assert one_line(first.reason), first.reason
            again = read(number)
            assert first == again if isinstance(first, Poll) else repr(first) == repr(again)
        except Exception as e:
            body, content_type = case(number)
            raise AssertionError(f"case {number}: {content_type!r} {body[:2_000]!r}") from e
        if took > slowest:
            slowest, slow = took, number
    print(f"{len(numbers)} cases, {polls} of them feeds; the slowest, {slow}, took {slowest:.3f} s")
    assert slowest < LONGEST_S, f"case {slow} took {slowest:.1f} s"
    # Bytes so broken that nothing is read of them test nothing.
    assert polls > len(numbers) / 4


def test_some_broken_feeds() -> None:
    fuzz(range(QUICK))


@pytest.mark.slow
@pytest.mark.parametrize("start", range(QUICK, QUICK + ALL, BLOCK))
def test_many_broken_feeds(start: int) -> None:
    fuzz(range(start, start + BLOCK))


def test_a_case_is_the_same_each_time() -> None:
    assert [case(number) for number in range(50)] == [case(number) for number in range(50)]
