"""When a feed is polled next. The decision only; clock and dice are arguments."""

from datetime import datetime, timedelta

#: However often it failed, a feed is asked at least once a day: feeds come back.
LONGEST_GAP = timedelta(hours=24)
#: A cron job that starts a few seconds early still finds its feeds due.
GRACE = timedelta(minutes=1)


def next_poll(*, polled_at: datetime, interval: timedelta, failures: int) -> datetime:
    """The next poll: one interval on, or linearly later with each failure in a row, capped at a day."""
    return polled_at + min(interval * (1 + failures), max(LONGEST_GAP, interval))


def due_until(now: datetime) -> datetime:
    """The latest time of a next poll that counts as due at `now`; a feed never polled always is."""
    return now + GRACE
