"""What a feed says of its own rhythm."""

from datetime import timedelta

import pytest

from tests.factories import make_feed, make_response
from transforms.feeds import read_feed
from transforms.habits import Hints

ITEM = "<item><title>A</title><link>https://wire.example/a</link></item>"


def hints(channel: str) -> Hints:
    """The hints of an RSS feed with these lines in its channel."""
    namespace = "http://purl.org/rss/1.0/modules/syndication/"
    body = f'<rss version="2.0" xmlns:sy="{namespace}"><channel><title>T</title>{channel}{ITEM}</channel></rss>'
    return read_feed(make_feed(), make_response(body)).hints


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        pytest.param("", Hints(), id="none"),
        pytest.param("<ttl>60</ttl>", Hints(ttl=timedelta(hours=1)), id="ttl is minutes"),
        pytest.param("<ttl> 90 </ttl>", Hints(ttl=timedelta(minutes=90)), id="blanks"),
        pytest.param("<ttl>soon</ttl>", Hints(), id="no number"),
        pytest.param("<ttl>-5</ttl>", Hints(), id="negative"),
        pytest.param("<ttl>0</ttl>", Hints(), id="zero says nothing"),
        pytest.param(f"<ttl>{'9' * 400}</ttl>", Hints(), id="a silly number"),
        pytest.param("<sy:updatePeriod>hourly</sy:updatePeriod>", Hints(period=timedelta(hours=1)), id="hourly"),
        pytest.param(
            "<sy:updatePeriod>\n\tDaily </sy:updatePeriod><sy:updateFrequency> 4 </sy:updateFrequency>",
            Hints(period=timedelta(hours=6)),
            id="four times a day",
        ),
        pytest.param(
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
            Hints(period=timedelta(days=1)),
            id="no times a day is a mistake",
        ),
        pytest.param("<sy:updatePeriod>fortnightly</sy:updatePeriod>", Hints(), id="no such period"),
        pytest.param(
            "<skipHours><hour>1</hour><hour> 2 </hour><hour>24</hour><hour>25</hour></skipHours>",
            Hints(skip_hours=frozenset({0, 1, 2})),
            id="24 is midnight",
        ),
        pytest.param(
            "<skipDays><day>Sunday</day><day>saturday</day><day>Holiday</day></skipDays>",
            Hints(skip_days=frozenset({5, 6})),
            id="days",
        ),
        pytest.param("<skipHours><hour>1</hour>", Hints(), id="not closed"),
    ],
)
def test_hints(channel: str, expected: Hints) -> None:
    assert hints(channel) == expected


def test_an_unchanged_answer_has_none() -> None:
    feed = make_feed(body_hash=read_feed(make_feed(), make_response("<rss><channel>" + ITEM)).body_hash)
    assert read_feed(feed, make_response("<rss><channel>" + ITEM)).hints == Hints()
