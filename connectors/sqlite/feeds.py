"""FeedRegistry on SQLite."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from connectors.codec import from_json, moment, stamp, to_json
from connectors.feed_ports import FeedRegistry, Polled
from connectors.sqlite.database import transaction
from transforms.habits import DAYS, POLLS, FeedHistory, PollNote
from transforms.records import Feed
from transforms.schedule import as_said_now, resumed

#: Once in about so many polls, what is older is thrown away.
_TIDY_EVERY = 20


class SqliteFeeds(FeedRegistry):
    """See `connectors.feed_ports.FeedRegistry`."""

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
                elif (changed := as_said_now(known, feed)) != known:
                    self._save(changed)
        return new

    def remove(self, feed_id: str) -> bool:
        with transaction(self._db):
            return self._forget([feed_id]) > 0

    def retire(self, *, origin: str, keep: Iterable[str]) -> int:
        kept = set(keep)
        with transaction(self._db):
            listed = [row[0] for row in self._db.execute("SELECT id FROM feed WHERE origin = ?", (origin,))]
            return self._forget([name for name in listed if name not in kept])

    def _forget(self, ids: Sequence[str]) -> int:
        values = [(name,) for name in ids]
        self._db.executemany("DELETE FROM poll WHERE feed_id = ?", values)
        self._db.executemany("DELETE FROM feed_day WHERE feed_id = ?", values)
        return self._db.executemany("DELETE FROM feed WHERE id = ?", values).rowcount if values else 0

    def all(self) -> list[Feed]:
        return [from_json(Feed, doc) for (doc,) in self._db.execute("SELECT doc FROM feed ORDER BY id").fetchall()]

    def claim(self, *, by: datetime, until: datetime) -> list[Feed]:
        first = self.next_due()
        if (
            first is None or first > by
        ):  # asked every second, mostly for nothing: that need not wait for those who write
            return []
        due = "WHERE paused = 0 AND coalesce(next_poll_at, '') <= ?1"
        with transaction(self._db):
            rows = self._db.execute(f"SELECT doc FROM feed {due} ORDER BY coalesce(next_poll_at, ''), id", (stamp(by),))
            feeds = [from_json(Feed, doc) for (doc,) in rows.fetchall()]
            self._db.execute(
                f"UPDATE feed SET next_poll_at = ?2, doc = json_set(doc, '$.next_poll_at', ?2) {due}",
                (stamp(by), stamp(until)),
            )
        return feeds

    def next_due(self) -> datetime | None:
        select = "SELECT next_poll_at FROM feed WHERE paused = 0 ORDER BY next_poll_at LIMIT 1"
        found = self._db.execute(select).fetchone()
        return (moment(found[0]) or datetime.min.replace(tzinfo=UTC)) if found else None

    def pause(self, feed_id: str, *, paused: bool) -> bool:
        with transaction(self._db):
            feed = self._get(feed_id)
            if feed is not None:
                self._save(replace(feed, paused=True) if paused else resumed(feed))
        return feed is not None

    def polled(self, polled: Sequence[Polled]) -> None:
        with transaction(self._db):
            for one in polled:
                feed = self._get(one.feed.id)
                if feed is None or feed.address != one.feed.address:  # retired, or moved, while it was polled
                    continue
                if self._note(feed.id, one.note):
                    self._save(one.change(feed))

    def _note(self, feed_id: str, note: PollNote) -> bool:
        """Whether this poll was not recorded before: a runner may deliver it twice."""
        noted = self._db.execute(
            "INSERT OR IGNORE INTO poll (feed_id, at, outcome, entries, new, seconds, reason)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (feed_id, stamp(note.at), note.outcome, note.entries, note.new, round(note.seconds, 3), note.reason),
        )
        if not noted.rowcount:
            return False
        day = note.at.astimezone(UTC).date()
        if note.new:
            self._db.execute(
                "INSERT INTO feed_day (feed_id, day, new) VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET new = new + excluded.new",
                (feed_id, day.isoformat(), note.new),
            )
        if note.at.microsecond % _TIDY_EVERY == 0:
            self._tidy(feed_id, day)
        return True

    def _tidy(self, feed_id: str, today: date) -> None:
        self._db.execute(
            "DELETE FROM poll WHERE feed_id = ?1 AND at <"
            f" (SELECT at FROM poll WHERE feed_id = ?1 ORDER BY at DESC LIMIT 1 OFFSET {POLLS - 1})",
            (feed_id,),
        )
        oldest = (today - timedelta(days=DAYS)).isoformat()
        self._db.execute("DELETE FROM feed_day WHERE feed_id = ? AND day < ?", (feed_id, oldest))

    def history(self, feed_ids: Iterable[str]) -> Mapping[str, FeedHistory]:
        return {feed_id: self._history(feed_id) for feed_id in feed_ids}

    def _history(self, feed_id: str) -> FeedHistory:
        polls = self._db.execute(
            "SELECT at, outcome, entries, new, seconds, reason FROM poll WHERE feed_id = ? ORDER BY at DESC LIMIT ?",
            (feed_id, POLLS),
        ).fetchall()
        days = self._db.execute(
            "SELECT day, new FROM feed_day WHERE feed_id = ? ORDER BY day DESC LIMIT ?", (feed_id, DAYS)
        ).fetchall()
        return FeedHistory(
            polls=tuple(
                PollNote(
                    at=datetime.fromisoformat(at), outcome=outcome, entries=n, new=new, seconds=seconds, reason=reason
                )
                for at, outcome, n, new, seconds, reason in reversed(polls)
            ),
            days=tuple((date.fromisoformat(day), new) for day, new in reversed(days)),
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
