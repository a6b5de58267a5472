"""Ordinary records with boring defaults: a test names only what it is about. Moments are fixed, never the clock's."""

from datetime import UTC, datetime
from typing import Any

from transforms.alerts import Alert
from transforms.records import Article, Entry, Feed, Response, Source, Urls
from transforms.subscriptions import Subscription

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 18, 8, 30, tzinfo=UTC)
URL = "https://wire.example/world/quiet-day"
FEED_URL = "https://wire.example/feed.xml"


def make_feed(**overrides: Any) -> Feed:
    """A registered feed that was never polled."""
    return Feed(**{"id": "wire", "url": FEED_URL, **overrides})


def make_response(body: bytes | str = b"", **overrides: Any) -> Response:
    """A 200 answer at noon; text is sent as UTF-8."""
    sent = body.encode() if isinstance(body, str) else body
    return Response(**{"final_url": URL, "status": 200, "body": sent, "fetched_at": NOON, **overrides})


def make_entry(**overrides: Any) -> Entry:
    """An announced story without any text of its own."""
    return Entry(**{"feed_id": "wire", "url": URL, "title": "Quiet day", "seen_at": NOON, **overrides})


def make_article(**overrides: Any) -> Article:
    """An archived story about nothing."""
    return Article(
        **{
            "id": "1a",
            "url": URL,
            "urls": Urls(announced=URL, final=URL, canonical=URL),
            "title": "Quiet day",
            "body": "Nothing happened.",
            "language": "en",
            "published_at": MORNING,
            "published_source": "feed",
            "source": Source(name="Wire", feed_id="wire", domain="wire.example"),
            "first_seen_at": NOON,
            "fetched_at": NOON,
            **overrides,
        }
    )


def make_subscription(**overrides: Any) -> Subscription:
    """A subscription on one word, told at once, to nobody."""
    return Subscription(**{"id": "desk", "query": "quiet", "since": NOON, "changed_at": NOON, **overrides})


def make_alert(**overrides: Any) -> Alert:
    """An alert of the archived story about nothing."""
    return Alert(
        **{
            "id": "a1",
            "subscription": "desk",
            "story": "1a",
            "kind": "new",
            "made_at": NOON,
            "article_id": "1a",
            "revision": 1,
            "status": "usable",
            "url": URL,
            "headline": "Quiet day",
            "outlet": "Wire",
            "first_seen_at": NOON,
            "language": "en",
            **overrides,
        }
    )
