"""Ledger on SQLite."""

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.codec import from_json, to_json
from connectors.ports import Announced, Ledger, LedgerEvent, LedgerRow, Stored
from connectors.sqlite.database import moment, stamp, transaction
from transforms.records import Entry, Feed, Rejected
from transforms.urls import doc_id

_COLUMNS = [
    "key",
    "url",
    "state",
    "stage",
    "error",
    "reason",
    "retryable",
    "attempts",
    "next_try_at",
    "doc_id",
    "content_hash",
    "revision",
    "month",
    "first_seen_at",
    "updated_at",
]


class SqliteLedger(Ledger):
    """See `connectors.ports.Ledger`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def announce(self, entries: Sequence[Entry], *, run_id: str) -> list[Announced]:
        with transaction(self._db):
            return [self._announce(entry, run_id) for entry in entries]

    def _announce(self, entry: Entry, run_id: str) -> Announced:
        key, digest, at = doc_id(entry.url), _entry_hash(entry), stamp(entry.seen_at)
        row = self._db.execute(
            "SELECT l.state, l.run_id, a.hash, l.first_seen_at FROM ledger l"
            " LEFT JOIN appearance a ON a.key = l.key AND a.feed_id = ? WHERE l.key = ? AND l.entry IS NOT NULL",
            (entry.feed_id, key),
        ).fetchone()
        if row is not None and row[2] == digest:
            return Announced(entry=entry, news="known", fetch=False)
        self._db.execute(
            "INSERT INTO appearance (key, feed_id, hash, title, first_seen_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET hash = excluded.hash, title = excluded.title",
            (key, entry.feed_id, digest, entry.title, at),
        )
        if row is None:
            self._db.execute(
                "REPLACE INTO ledger (key, url, state, run_id, entry, first_seen_at, updated_at)"
                " VALUES (?, ?, 'pending', ?, ?, ?, ?)",
                (key, entry.url, run_id, to_json(entry), at, at),
            )
            self._event(key, at, "entry", f"announced by {entry.feed_id}")
            return Announced(entry=entry, news="new", fetch=True)
        if row[2] is None:
            self._event(key, at, "entry", f"also announced by {entry.feed_id}")
            return Announced(entry=entry, news="known", fetch=False)
        in_hand = row[0] == "pending" and row[1] == run_id
        entry = replace(entry, seen_at=datetime.fromisoformat(row[3]))
        self._db.execute(
            "UPDATE ledger SET state = 'pending', run_id = ?, entry = ?, error = '', reason = '', attempts = 0,"
            " next_try_at = NULL, updated_at = ? WHERE key = ?",
            (run_id, to_json(entry), at, key),
        )
        self._event(key, at, "entry", f"changed by {entry.feed_id}")
        return Announced(entry=entry, news="changed", fetch=not in_hand)

    def claim(self, *, now: datetime, run_id: str, limit: int) -> list[Entry]:
        with transaction(self._db):
            rows = self._db.execute(
                "UPDATE ledger SET state = 'pending', run_id = ?, updated_at = ? WHERE key IN ("
                " SELECT key FROM ledger WHERE entry IS NOT NULL AND"
                " ((state = 'pending' AND run_id <> ?) OR (state = 'rejected' AND next_try_at <= ?))"
                " ORDER BY next_try_at LIMIT ?) RETURNING entry",
                (run_id, stamp(now), run_id, stamp(now), limit),
            ).fetchall()
        return [from_json(Entry, row[0]) for row in rows]

    def stored(self, stored: Sequence[Stored]) -> None:
        with transaction(self._db):
            for one in stored:
                key, at = doc_id(one.entry.url), stamp(one.at)
                self._db.execute(
                    "UPDATE ledger SET doc_id = ?, revision = ?, content_hash = ?, month = ?, updated_at = ?"
                    " WHERE key = ?",
                    (one.doc_id, one.revision, one.content_hash, one.month, at, key),
                )
                if one.settled:
                    self._db.execute(
                        "UPDATE ledger SET state = 'done', stage = 'store', error = '', reason = '', retryable = 0,"
                        " attempts = 0, next_try_at = NULL WHERE key = ?",
                        (key,),
                    )
                words = {"new": "stored", "revised": "stored", "unchanged": "unchanged, still"}[one.written]
                source = "" if one.settled else ", in the feed's own words"
                self._event(key, at, "store", f"{words} revision {one.revision}{source}")

    def reject(self, rejected: Sequence[tuple[Rejected, datetime | None]], *, now: datetime) -> None:
        at = stamp(now)
        with transaction(self._db):
            for one, next_try_at in rejected:
                key = _key(one)
                self._db.execute(
                    "INSERT INTO ledger (key, url, state, first_seen_at, updated_at) VALUES (?, ?, 'rejected', ?, ?)"
                    " ON CONFLICT DO NOTHING",
                    (key, one.subject, at, at),
                )
                self._db.execute(
                    "UPDATE ledger SET state = 'rejected', stage = ?, error = ?, reason = ?, retryable = ?,"
                    " attempts = attempts + 1, next_try_at = ?, updated_at = ? WHERE key = ?",
                    (
                        one.stage,
                        one.error,
                        one.reason,
                        one.retryable,
                        stamp(next_try_at) if next_try_at else None,
                        at,
                        key,
                    ),
                )
                self._event(key, at, one.stage, f"{one.error}: {one.reason}")

    def recovered(self, urls: Sequence[str], *, now: datetime) -> None:
        with transaction(self._db):
            for url in urls:
                key, at = _plain_key(url), stamp(now)
                healed = self._db.execute(
                    "UPDATE ledger SET state = 'done', error = '', reason = '', retryable = 0, attempts = 0,"
                    " next_try_at = NULL, updated_at = ? WHERE key = ? AND state = 'rejected'",
                    (at, key),
                )
                if healed.rowcount:
                    self._event(key, at, "poll", "answers again")

    def attempts(self, subjects: Sequence[Rejected]) -> list[int]:
        found = [self._db.execute("SELECT attempts FROM ledger WHERE key = ?", (_key(s),)).fetchone() for s in subjects]
        return [row[0] if row else 0 for row in found]

    def get(self, url: str) -> LedgerRow | None:
        for key in (_safe_doc_id(url), _plain_key(url)):
            row = self._db.execute(f"SELECT {', '.join(_COLUMNS)} FROM ledger WHERE key = ?", (key,)).fetchone()
            if row is not None:
                return self._row(row, whole=True)
        return None

    def documents(self, entries: Sequence[Entry]) -> list[str]:
        keys = [doc_id(entry.url) for entry in entries]
        found = [self._db.execute("SELECT doc_id FROM ledger WHERE key = ?", (key,)).fetchone() for key in keys]
        return [row[0] if row else "" for row in found]

    def by_document(self, document_id: str) -> list[LedgerRow]:
        rows = self._db.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM ledger WHERE doc_id = ? ORDER BY first_seen_at", (document_id,)
        )
        return [self._row(row, whole=True) for row in rows.fetchall()]

    def rejected(self, *, stage: str = "", error: str = "", limit: int = 100) -> list[LedgerRow]:
        rows = self._db.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM ledger WHERE state = 'rejected' AND (? = '' OR stage = ?)"
            " AND (? = '' OR error = ?) ORDER BY updated_at DESC, url LIMIT ?",
            (stage, stage, error, error, limit),
        )
        return [self._row(row, whole=False) for row in rows.fetchall()]

    def retry(self, *, urls: Sequence[str] = (), stage: str = "", error: str = "", now: datetime) -> int:
        where = "state = 'rejected' AND entry IS NOT NULL AND (? = '' OR stage = ?) AND (? = '' OR error = ?)"
        values = [stage, stage, error, error]
        if urls:
            where += f" AND key IN ({', '.join('?' * len(urls))})"
            values += [_safe_doc_id(url) for url in urls]
        at = stamp(now)
        with transaction(self._db):
            keys = self._db.execute(
                f"UPDATE ledger SET next_try_at = ?, attempts = 0, updated_at = ? WHERE {where} RETURNING key",
                (at, at, *values),
            ).fetchall()
            for (key,) in keys:
                self._event(key, at, "entry", "to be tried again, by hand")
        return len(keys)

    def counts(self) -> Mapping[str, int]:
        rows = self._db.execute("SELECT state, count(*) FROM ledger GROUP BY state")
        return {"pending": 0, "done": 0, "rejected": 0} | dict(rows.fetchall())

    def _event(self, key: str, at: str, stage: str, what: str) -> None:
        self._db.execute("INSERT INTO event (key, at, stage, what) VALUES (?, ?, ?, ?)", (key, at, stage, what))

    def _row(self, row: Sequence[Any], *, whole: bool) -> LedgerRow:
        values: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
        for name in ("next_try_at", "first_seen_at", "updated_at"):
            values[name] = moment(values[name])
        values["retryable"] = bool(values["retryable"])
        if whole:
            seen = self._db.execute(
                "SELECT feed_id, title, first_seen_at FROM appearance WHERE key = ? ORDER BY first_seen_at",
                (values["key"],),
            ).fetchall()
            events = self._db.execute(
                "SELECT at, stage, what FROM event WHERE key = ? ORDER BY at, rowid", (values["key"],)
            )
            values["appearances"] = tuple((f, title, datetime.fromisoformat(at)) for f, title, at in seen)
            values["history"] = tuple(
                LedgerEvent(at=datetime.fromisoformat(at), stage=stage, what=what)
                for at, stage, what in events.fetchall()
            )
        return LedgerRow(**values)


def _key(rejected: Rejected) -> str:
    """Entries share the key of their URL; a feed's own trouble has a key of its own, so that it hides no story."""
    return _plain_key(rejected.subject) if isinstance(rejected.payload, Feed) else doc_id(rejected.payload.url)


def _plain_key(subject: str) -> str:
    return f"f{hashlib.sha256(subject.encode()).hexdigest()[:31]}"


def _safe_doc_id(url: str) -> str:
    try:
        return doc_id(url)
    except ValueError:  # not a URL at all, as somebody typed it
        return ""


def _entry_hash(entry: Entry) -> str:
    """What a feed says of an item, without dates: publishers touch those without a change."""
    return hashlib.sha256("\0".join((entry.title, entry.description, entry.text)).encode()).hexdigest()[:32]
