"""Ledger on SQLite."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors.codec import from_json, moment, stamp, to_json
from connectors.ports import Announced, Ledger, LedgerEvent, LedgerRow, Stored
from connectors.sqlite.database import transaction
from transforms.ledger import CHECK_LEASE, feed_key, key_of, story_key, words_hash
from transforms.records import Entry, Rejected, Visit
from transforms.revisions import same_item
from transforms.urls import doc_id, redact

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
    "check_at",
    "kind",
]
#: Nothing is wrong with a row; and nothing is to be done for it, either.
_WELL = "error = '', reason = '', kind = '', retryable = 0, attempts = 0"
_DONE = f"state = 'done', {_WELL}, next_try_at = NULL"

#: What there is to claim, the longest due first: each is a stretch of an index. `ledger_open` is used only where its
#: own condition is said again. Pending without a time: the lease was ended, or is of before there were any.
_LEFT = "state <> 'done' AND state = 'pending' AND entry IS NOT NULL"
_RETRIES = "state <> 'done' AND state = 'rejected' AND next_try_at IS NOT NULL AND entry IS NOT NULL"
_CHECKS = "check_at IS NOT NULL AND entry IS NOT NULL"
FIRST = tuple(
    f"SELECT {column} FROM ledger WHERE {which} ORDER BY {column} LIMIT 1"
    for which, column in ((_LEFT, "next_try_at"), (_RETRIES, "next_try_at"), (_CHECKS, "check_at"))
)
OPEN = (
    f"SELECT key, entry, next_try_at FROM ledger WHERE {_LEFT} AND next_try_at IS NULL"
    f" UNION ALL SELECT key, entry, next_try_at FROM ledger WHERE {_LEFT} AND next_try_at <= ?1"
    f" UNION ALL SELECT key, entry, next_try_at FROM ledger WHERE {_RETRIES} AND next_try_at <= ?1"
    " ORDER BY next_try_at, key LIMIT ?2"
)
CHECKS = f"SELECT key, entry FROM ledger WHERE {_CHECKS} AND check_at <= ? ORDER BY check_at, key LIMIT ?"


#: Under which run id something is pending, and until when.
Lease = tuple[str, str]


class SqliteLedger(Ledger):
    """See `connectors.ports.Ledger`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def announce(self, entries: Sequence[Entry], *, run_id: str, until: datetime) -> list[Announced]:
        lease = (run_id, stamp(until))
        keys = [doc_id(entry.url) for entry in entries]
        addresses: dict[tuple[str, str], set[str]] = {}
        for entry, key in zip(entries, keys, strict=True):
            addresses.setdefault((entry.feed_id, entry.item), set()).add(key)
        with transaction(self._db):
            return [
                # One item at two addresses at once has not moved: these are two stories.
                self._announce(entry, key, lease, known_by_item=len(addresses[entry.feed_id, entry.item]) == 1)
                for entry, key in zip(entries, keys, strict=True)
            ]

    def _announce(self, entry: Entry, key: str, lease: Lease, *, known_by_item: bool) -> Announced:
        digest, at = words_hash(entry), stamp(entry.seen_at)
        row = self._db.execute(
            "SELECT l.state, l.run_id, a.hash, l.revision, i.key, l.next_try_at FROM ledger l"
            " LEFT JOIN appearance a ON a.key = l.key AND a.feed_id = ?"
            " LEFT JOIN item i ON i.feed_id = ? AND i.item = ? WHERE l.key = ? AND l.entry IS NOT NULL",
            (entry.feed_id, entry.feed_id, entry.item, key),
        ).fetchone()
        stays = not entry.item or not known_by_item or (row is not None and row[4] == key)
        before = None if stays else self._until_now(entry, key)
        if row is not None and before is not None:
            self._hand_over(before, key)
        unread = row is not None and row[0] == "done" and not row[3]  # its item had moved on before its page was read
        if row is not None and row[2] == digest and not unread:
            return Announced(entry=entry, news="known", fetch=False)
        self._db.execute(
            "INSERT INTO appearance (key, feed_id, hash, title, first_seen_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET hash = excluded.hash, title = excluded.title",
            (key, entry.feed_id, digest, entry.title, at),
        )
        if row is None and before is not None:
            return self._move(before, entry, key, lease)
        if row is None:
            self._insert(entry, key, lease, at)
            self._event(key, at, "entry", f"announced by {entry.feed_id}")
            return Announced(entry=entry, news="new", fetch=True)
        if row[2] is None:
            self._event(key, at, "entry", f"also announced by {entry.feed_id}")
            return Announced(entry=entry, news="known", fetch=False)
        in_hand = row[0] == "pending" and row[1] == lease[0] and (row[5] or "") > at
        entry = replace(entry, seen_at=self._entry(key).seen_at)
        self._db.execute(
            f"UPDATE ledger SET state = 'pending', run_id = ?, next_try_at = ?, entry = ?, {_WELL}, check_at = NULL,"
            " updated_at = ? WHERE key = ?",
            # Whoever has it in hand has it for no longer: if that is nobody any more, nobody else should wait.
            (lease[0], row[5] if in_hand else lease[1], to_json(entry), at, key),
        )
        self._event(key, at, "entry", f"{'announced again' if unread else 'changed'} by {entry.feed_id}")
        return Announced(entry=entry, news="changed", fetch=not in_hand)

    def _until_now(self, entry: Entry, key: str) -> str | None:
        """The key of the row that this item of its feed was until now, if that was another one, and the same story.
        From now on the item is `key`."""
        known = self._db.execute(
            "SELECT i.key, a.title FROM item i LEFT JOIN appearance a ON a.key = i.key AND a.feed_id = i.feed_id"
            " WHERE i.feed_id = ? AND i.item = ?",
            (entry.feed_id, entry.item),
        ).fetchone()
        self._db.execute("REPLACE INTO item VALUES (?, ?, ?)", (entry.feed_id, entry.item, key))
        if known is None or not same_item(replace(self._entry(known[0]), title=known[1]), entry):
            return None
        return str(known[0])

    def _move(self, before: str, entry: Entry, key: str, lease: Lease) -> Announced:
        """An item has got a new address: its story goes on there, as the same article. Nothing more is fetched from the
        old one, where it would be found gone, or older than it is."""
        at = stamp(entry.seen_at)
        entry = replace(entry, seen_at=self._entry(before).seen_at)
        old = self._db.execute("SELECT url FROM ledger WHERE key = ?", (before,)).fetchone()[0]
        self._insert(entry, key, lease, at)
        self._hand_over(before, key)
        self._db.execute(f"UPDATE ledger SET {_DONE}, updated_at = ? WHERE key = ?", (at, before))
        self._event(before, at, "entry", f"announced by {entry.feed_id} as {redact(entry.url)} from now on")
        self._event(key, at, "entry", f"announced by {entry.feed_id}, until now as {old}")
        return Announced(entry=entry, news="changed", fetch=True)

    def _hand_over(self, before: str, key: str) -> None:
        """Both rows are of one article, also where it has still to be read; its page is looked at under the new one."""
        select = "SELECT doc_id, check_at FROM ledger WHERE key = ?"
        (old, check_at), (new, _) = (self._db.execute(select, (one,)).fetchone() for one in (before, key))
        self._db.execute(
            "UPDATE ledger SET doc_id = ? WHERE key IN (?, ?) AND doc_id = ''", (new or old or before, before, key)
        )
        self._db.execute(
            "UPDATE ledger SET check_at = coalesce(?, check_at) WHERE key = ? AND state = 'done'", (check_at, key)
        )
        self._db.execute("UPDATE ledger SET check_at = NULL WHERE key = ?", (before,))

    def _insert(self, entry: Entry, key: str, lease: Lease, at: str) -> None:
        self._db.execute(
            "REPLACE INTO ledger (key, url, state, run_id, next_try_at, entry, first_seen_at, updated_at)"
            " VALUES (?, ?, 'pending', ?, ?, ?, ?, ?)",
            (key, redact(entry.url), *lease, to_json(entry), at, at),
        )

    def _entry(self, key: str) -> Entry:
        return from_json(Entry, self._db.execute("SELECT entry FROM ledger WHERE key = ?", (key,)).fetchone()[0])

    def claim(self, *, now: datetime, run_id: str, until: datetime, limit: int) -> list[Visit]:
        at, over = stamp(now), now + CHECK_LEASE
        due = self.next_due()
        if due is None or due > now:  # asked every second, mostly for nothing: that need not wait for those who write
            return []
        with transaction(self._db):
            work = self._db.execute(OPEN, (at, limit)).fetchall()
            self._db.executemany(
                "UPDATE ledger SET state = 'pending', run_id = ?, next_try_at = ?, updated_at = ? WHERE key = ?",
                [(run_id, stamp(until), at, key) for key, *_ in work],
            )
            checks = self._db.execute(CHECKS, (at, limit - len(work))).fetchall()
            self._db.executemany(
                "UPDATE ledger SET check_at = ? WHERE key = ?", [(stamp(over), key) for key, _ in checks]
            )
        return [Visit(entry=from_json(Entry, entry), until=until) for _, entry, _ in work] + [
            Visit(entry=from_json(Entry, entry), check=True, until=over) for _, entry in checks
        ]

    def postpone(self, entries: Sequence[Entry], *, until: Sequence[datetime]) -> None:
        values = [(stamp(at), doc_id(entry.url)) for entry, at in zip(entries, until, strict=True)]
        with transaction(self._db):
            self._db.executemany("UPDATE ledger SET next_try_at = ? WHERE key = ? AND state = 'pending'", values)

    def release(self, owner: str) -> int:
        with transaction(self._db):
            return self._db.execute(
                f"UPDATE ledger SET next_try_at = NULL WHERE {_LEFT} AND next_try_at IS NOT NULL"
                " AND substr(run_id, 1, length(?1)) = ?1",
                (owner,),
            ).rowcount

    def next_due(self) -> datetime | None:
        found = [row for select in FIRST for row in self._db.execute(select)]
        return min((moment(at) or datetime.min.replace(tzinfo=UTC) for (at,) in found), default=None)

    def checked(
        self, entries: Sequence[Entry], *, now: datetime, what: str, check_at: Sequence[datetime | None]
    ) -> None:
        at = stamp(now)
        with transaction(self._db):
            for entry, again in zip(entries, check_at, strict=True):
                key = doc_id(entry.url)
                known = self._db.execute(
                    "UPDATE ledger SET check_at = ?, updated_at = ? WHERE key = ? AND state = 'done'",
                    (stamp(again) if again else None, at, key),
                )
                if known.rowcount:  # else it has become pending meanwhile, and is read anyway
                    self._event(key, at, "check", what)

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
                        f"UPDATE ledger SET {_DONE}, stage = 'store', check_at = ? WHERE key = ?",
                        (stamp(one.check_at) if one.check_at else None, key),
                    )
                words = {"new": "stored", "revised": "stored", "unchanged": "unchanged, still"}[one.written]
                source = "" if one.settled else ", while its page cannot be read"
                self._event(key, at, "store", f"{words} revision {one.revision}{source}")

    def reject(self, rejected: Sequence[tuple[Rejected, datetime | None]], *, now: datetime) -> None:
        at = stamp(now)
        with transaction(self._db):
            for one, next_try_at in rejected:
                key = key_of(one)
                self._db.execute(
                    "INSERT INTO ledger (key, url, state, first_seen_at, updated_at) VALUES (?, ?, 'rejected', ?, ?)"
                    " ON CONFLICT DO NOTHING",
                    (key, redact(one.subject), at, at),
                )
                self._db.execute(
                    "UPDATE ledger SET state = 'rejected', stage = ?, error = ?, kind = ?, reason = ?, retryable = ?,"
                    " attempts = attempts + 1, next_try_at = ?, check_at = NULL, updated_at = ? WHERE key = ?",
                    (
                        one.stage,
                        one.error,
                        one.kind,
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
                key, at = feed_key(url), stamp(now)
                healed = self._db.execute(
                    f"UPDATE ledger SET {_DONE}, updated_at = ? WHERE key = ? AND state = 'rejected'",
                    (at, key),
                )
                if healed.rowcount:
                    self._event(key, at, "poll", "answers again")

    def attempts(self, subjects: Sequence[Rejected]) -> list[int]:
        found = [
            self._db.execute("SELECT attempts FROM ledger WHERE key = ?", (key_of(s),)).fetchone() for s in subjects
        ]
        return [row[0] if row else 0 for row in found]

    def get(self, url: str) -> LedgerRow | None:
        for key in (story_key(url), feed_key(url)):
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

    def rejected(
        self, *, stage: str = "", error: str = "", quarantined: bool | None = None, limit: int = 100
    ) -> list[LedgerRow]:
        rows = self._db.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM ledger WHERE state = 'rejected' AND (? = '' OR stage = ?)"
            " AND (? = '' OR error = ?) AND (? IS NULL OR (entry IS NOT NULL AND next_try_at IS NULL) = ?)"
            " ORDER BY updated_at DESC, url LIMIT ?",
            (stage, stage, error, error, quarantined, quarantined, limit),
        )
        return [self._row(row, whole=False) for row in rows.fetchall()]

    def retry(self, *, urls: Sequence[str] = (), stage: str = "", error: str = "", now: datetime) -> int:
        where = "state = 'rejected' AND entry IS NOT NULL AND (? = '' OR stage = ?) AND (? = '' OR error = ?)"
        values = [stage, stage, error, error]
        if urls:
            where += f" AND key IN ({', '.join('?' * len(urls))})"
            values += [story_key(url) for url in urls]
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
        for name in ("next_try_at", "first_seen_at", "updated_at", "check_at"):
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
