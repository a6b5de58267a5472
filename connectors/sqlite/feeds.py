"""FeedRegistry on SQLite."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.codec import from_json, to_json
from connectors.ports import FeedRegistry
from connectors.sqlite.database import stamp, transaction
from transforms.records import Feed, Poll
from transforms.schedule import due_until, next_poll


class SqliteFeeds(FeedRegistry):
    """See `connectors.ports.FeedRegistry`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(self, feeds: Sequence[Feed]) -> int:
        new = 0
        with transaction(self._db):
            for feed in feeds:
                known = self._get(feed.id)
                if known is None:
                    new += 1
                    self._save(feed)
                    continue
                changed = replace(
                    known, url=feed.url, name=feed.name or known.name, language=feed.language, origin=feed.origin
                )
                if known.url != feed.url:
                    changed = replace(
                        changed, etag=None, last_modified=None, body_hash=None, next_poll_at=None, failures=0
                    )
                if changed != known:
                    self._save(changed)
        return new

    def retire(self, *, origin: str, keep: Iterable[str]) -> int:
        kept = set(keep)
        with transaction(self._db):
            listed = [row[0] for row in self._db.execute("SELECT id FROM feed WHERE origin = ?", (origin,))]
            gone = [(name,) for name in listed if name not in kept]
            self._db.executemany("DELETE FROM feed WHERE id = ?", gone)
        return len(gone)

    def all(self) -> list[Feed]:
        return [from_json(Feed, row[0]) for row in self._db.execute("SELECT doc FROM feed ORDER BY id")]

    def due(self, now: datetime) -> list[Feed]:
        rows = self._db.execute(
            "SELECT doc FROM feed WHERE paused = 0 AND coalesce(next_poll_at, '') <= ?"
            " ORDER BY coalesce(next_poll_at, ''), id",
            (stamp(due_until(now)),),
        )
        return [from_json(Feed, row[0]) for row in rows]

    def pause(self, feed_id: str, *, paused: bool) -> bool:
        with transaction(self._db):
            feed = self._get(feed_id)
            if feed is not None:
                self._save(replace(feed, paused=paused))
        return feed is not None

    def polled(self, polls: Sequence[Poll], *, interval: timedelta) -> None:
        with transaction(self._db):
            for poll in polls:
                feed = self._get(poll.feed.id)
                if feed is None or feed.url != poll.feed.url:  # retired, or moved, while it was polled
                    continue
                self._save(
                    replace(
                        feed,
                        name=feed.name or poll.title,
                        # An answer that broke off must not be taken for the whole next time.
                        etag=poll.etag if poll.complete else None,
                        last_modified=poll.last_modified if poll.complete else None,
                        body_hash=poll.body_hash if poll.complete else None,
                        last_polled_at=poll.polled_at,
                        last_status=poll.status,
                        last_error="" if poll.complete else "the answer broke off; what could be read was kept",
                        failures=0,
                        next_poll_at=next_poll(polled_at=poll.polled_at, interval=interval, failures=0),
                    )
                )

    def failed(self, failures: Sequence[tuple[str, str]], *, at: datetime, interval: timedelta) -> None:
        with transaction(self._db):
            for feed_id, reason in failures:
                feed = self._get(feed_id)
                if feed is None:
                    continue
                count = feed.failures + 1
                self._save(
                    replace(
                        feed,
                        last_polled_at=at,
                        last_status="failed",
                        last_error=reason,
                        failures=count,
                        next_poll_at=next_poll(polled_at=at, interval=interval, failures=count),
                    )
                )

    def _get(self, feed_id: str) -> Feed | None:
        row = self._db.execute("SELECT doc FROM feed WHERE id = ?", (feed_id,)).fetchone()
        return from_json(Feed, row[0]) if row else None

    def _save(self, feed: Feed) -> None:
        due = stamp(feed.next_poll_at) if feed.next_poll_at else None
        self._db.execute(
            "REPLACE INTO feed (id, url, origin, paused, next_poll_at, doc) VALUES (?, ?, ?, ?, ?, ?)",
            (feed.id, feed.url, feed.origin, feed.paused, due, to_json(feed)),
        )
