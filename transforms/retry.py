"""When to try again. The decision only: nobody sleeps here."""

from datetime import datetime, timedelta

#: First gap; each further gap is three times as long: 5 min, 15 min, 45 min, 2 h 15, 6 h 45.
FIRST_GAP = timedelta(minutes=5)
FACTOR = 3
#: After this many failures in a row the record rests in quarantine until `newswire rejected retry`.
ATTEMPTS = 6
#: No server may ask for more: without a cap one hint put an hourly feed to sleep for a week (REFERENCES.md, item 1).
LONGEST_WISH = timedelta(hours=24)


def next_try(
    attempts: int, *, retryable: bool, now: datetime, jitter: float, retry_after: timedelta | None = None
) -> datetime | None:
    """When to try once more after `attempts` failures in a row (1 = the first); None means not by itself.

    `jitter` in [0, 1) spreads the gap by up to a quarter, so that one outage does not come back as one burst.
    A server's own wish only lengthens the gap.
    """
    if not retryable or attempts >= ATTEMPTS:
        return None
    gap: timedelta = FIRST_GAP * FACTOR ** (attempts - 1) * (1 + jitter / 4)
    return now + max(gap, min(retry_after or timedelta(0), LONGEST_WISH))


#: Of a message that its receiver did not take: 5 s, 15 s, 45 s, 2 min 15, ... at most an hour, until it is given up.
FIRST_DELIVERY_GAP, LONGEST_DELIVERY_GAP = timedelta(seconds=5), timedelta(hours=1)


def next_delivery(attempts: int, *, now: datetime, jitter: float, retry_after: timedelta | None = None) -> datetime:
    """When to send once more after `attempts` failures in a row (1 = the first). `jitter` and `retry_after` as in
    `next_try`."""
    grown = min(attempts - 1, 10)  # past the longest gap anyway
    gap: timedelta = min(FIRST_DELIVERY_GAP * FACTOR**grown, LONGEST_DELIVERY_GAP) * (1 + jitter / 4)
    return now + max(gap, min(retry_after or timedelta(0), LONGEST_WISH))
