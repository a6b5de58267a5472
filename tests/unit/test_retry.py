"""When a record is tried again: a table, since nobody sleeps here."""

from datetime import timedelta

import pytest

from tests.factories import NOON
from transforms.retry import ATTEMPTS, FACTOR, FIRST_GAP, LONGEST_WISH, next_try


@pytest.mark.parametrize(
    ("attempts", "jitter", "wish", "minutes"),
    [
        pytest.param(1, 0.0, None, 5, id="first gap"),
        pytest.param(2, 0.0, None, 15, id="three times as long"),
        pytest.param(3, 0.0, None, 45, id="and again"),
        pytest.param(5, 0.0, None, 405, id="last gap"),
        pytest.param(6, 0.0, None, None, id="quarantine"),
        pytest.param(7, 0.0, None, None, id="stays in quarantine"),
        pytest.param(1, 0.5, None, 5.625, id="jitter adds up to a quarter"),
        pytest.param(1, 0.0, 60, 60, id="a wish lengthens"),
        pytest.param(3, 0.0, 10, 45, id="a wish never shortens"),
        pytest.param(1, 0.0, 7 * 24 * 60, 24 * 60, id="a wish is capped at a day"),
        pytest.param(6, 0.0, 1, None, id="a wish does not lift the quarantine"),
    ],
)
def test_next_try(attempts: int, jitter: float, wish: float | None, minutes: float | None) -> None:
    retry_after = None if wish is None else timedelta(minutes=wish)
    at = next_try(attempts, retryable=True, now=NOON, jitter=jitter, retry_after=retry_after)
    assert at == (None if minutes is None else NOON + timedelta(minutes=minutes))


@pytest.mark.parametrize("attempts", [1, 2, ATTEMPTS])
def test_permanent_failures_are_not_tried_again_by_themselves(attempts: int) -> None:
    wish = timedelta(minutes=1)
    assert next_try(attempts, retryable=False, now=NOON, jitter=0.0, retry_after=wish) is None


def test_the_documented_numbers() -> None:
    assert (timedelta(minutes=5), 3, 6, timedelta(hours=24)) == (FIRST_GAP, FACTOR, ATTEMPTS, LONGEST_WISH)
