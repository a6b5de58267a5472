"""How often a feed says that it changes: <ttl>, <skipHours> and <skipDays> of RSS 2.0, <sy:updatePeriod> of RSS 1.0."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from transforms.habits import Hints

#: Channels put their hints before their items; a regular expression need not look further.
_HEAD = 65_536
_SKIPPED = re.compile(rb"<skip(Hours|Days)\s*>(.{0,4096}?)</skip\1\s*>", re.DOTALL)
_HOUR = re.compile(rb"<hour\s*>\s*(\d{1,2})\s*</hour\s*>")
_DAY = re.compile(rb"<day\s*>\s*([A-Za-z]{3})[A-Za-z]*\s*</day\s*>")
_DAYS = (b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun")
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
#: A number with more digits is no wish, but a mistake.
_DIGITS = 6


def read_hints(channel: Mapping[str, Any], body: bytes) -> Hints:
    """The hints of a channel as feedparser reads it, and of the feed's bytes: feedparser keeps one skipped hour only.

    What cannot be understood is no hint.
    """
    ttl = _number(channel.get("ttl"))
    period = _PERIODS.get(str(channel.get("sy_updateperiod") or "").strip().lower())
    frequency = _number(channel.get("sy_updatefrequency")) or 1
    skipped = dict(_SKIPPED.findall(body[:_HEAD]))
    hours = {int(hour) % 24 for hour in _HOUR.findall(skipped.get(b"Hours", b"")) if int(hour) <= 24}
    days = {day.lower() for day in _DAY.findall(skipped.get(b"Days", b""))}
    return Hints(
        ttl=timedelta(minutes=ttl) if ttl else None,
        period=period / frequency if period else None,
        skip_hours=frozenset(hours),
        skip_days=frozenset(number for number, day in enumerate(_DAYS) if day in days),
    )


def _number(text: object) -> int:
    written = str(text or "").strip()
    return int(written) if written.isascii() and written.isdigit() and len(written) <= _DIGITS else 0
