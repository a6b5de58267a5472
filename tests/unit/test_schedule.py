"""When a feed is polled next."""

from datetime import datetime, timedelta

import pytest

from tests.factories import NOON
from transforms.schedule import due_until, next_poll


@pytest.mark.parametrize(
    ("interval", "failures", "gap"),
    [
        pytest.param(timedelta(minutes=15), 0, timedelta(minutes=15), id="one interval on"),
        pytest.param(timedelta(minutes=15), 1, timedelta(minutes=30), id="one failure doubles it"),
        pytest.param(timedelta(minutes=15), 3, timedelta(hours=1), id="linear, not exponential"),
        pytest.param(timedelta(minutes=15), 95, timedelta(hours=24), id="a day at last"),
        pytest.param(timedelta(minutes=15), 10_000, timedelta(hours=24), id="never more than a day"),
        pytest.param(timedelta(days=2), 0, timedelta(days=2), id="the operator may ask for more"),
        pytest.param(timedelta(days=2), 5, timedelta(days=2), id="and failures then add nothing"),
    ],
)
def test_next_poll(interval: timedelta, failures: int, gap: timedelta) -> None:
    assert next_poll(polled_at=NOON, interval=interval, failures=failures) == NOON + gap


@pytest.mark.parametrize(
    ("next_poll_at", "due"),
    [
        pytest.param(NOON, True, id="now"),
        pytest.param(NOON - timedelta(days=3), True, id="overdue"),
        pytest.param(NOON + timedelta(seconds=60), True, id="a cron job a minute early"),
        pytest.param(NOON + timedelta(seconds=61), False, id="not yet"),
    ],
)
def test_due_until(next_poll_at: datetime, due: bool) -> None:
    assert (next_poll_at <= due_until(NOON)) is due
