"""Subscriptions on SQLite."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from connectors.alert_ports import Changes, Subscriptions
from connectors.codec import from_json, stamp, to_json
from connectors.sqlite.database import transaction
from transforms.subscriptions import Subscription, as_said_now, named

#: How many are in memory while all are read.
_PAGE = 500


class SqliteSubscriptions(Subscriptions):
    """See `connectors.alert_ports.Subscriptions`. A row without a document is of a subscription that was removed."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def put(self, subscriptions: Sequence[Subscription]) -> int:
        new = 0
        with transaction(self._db):
            for said in named(subscriptions).values():
                known = self._get(said.id)
                new += known is None
                self._save(known, as_said_now(known, said))
        return new

    def get(self, ids: Iterable[str]) -> Mapping[str, Subscription]:
        found = ((one, self._get(one)) for one in dict.fromkeys(ids))
        return {name: known for name, known in found if known is not None}

    def all(self) -> Iterator[Subscription]:
        last = ""
        while rows := self._db.execute(
            "SELECT id, doc FROM subscription WHERE id > ? AND doc IS NOT NULL ORDER BY id LIMIT ?", (last, _PAGE)
        ).fetchall():
            yield from (from_json(Subscription, doc) for _, doc in rows)
            last = rows[-1][0]

    def change(self, ids: Iterable[str], change: Callable[[Subscription], Subscription]) -> list[Subscription]:
        made = []
        with transaction(self._db):
            for one in dict.fromkeys(ids):
                if (known := self._get(one)) is not None:
                    made.append(change(known))
                    self._save(known, made[-1])
        return made

    def remove(self, subscription_id: str, *, now: datetime) -> bool:
        with transaction(self._db):
            removed = self._db.execute(
                "UPDATE subscription SET doc = NULL, changed_at = ? WHERE id = ? AND doc IS NOT NULL",
                (stamp(now), subscription_id),
            )
        return removed.rowcount > 0

    def changes(self, since: datetime) -> Changes:
        rows = self._db.execute(
            "SELECT id, doc FROM subscription WHERE changed_at >= ? ORDER BY changed_at, id", (stamp(since),)
        ).fetchall()
        return Changes(
            changed=tuple(from_json(Subscription, doc) for _, doc in rows if doc is not None),
            removed=tuple(name for name, doc in rows if doc is None),
        )

    def _get(self, subscription_id: str) -> Subscription | None:
        row = self._db.execute("SELECT doc FROM subscription WHERE id = ?", (subscription_id,)).fetchone()
        return from_json(Subscription, row[0]) if row and row[0] is not None else None

    def _save(self, known: Subscription | None, said: Subscription) -> None:
        if said != known:
            self._db.execute(
                "REPLACE INTO subscription (id, changed_at, doc) VALUES (?, ?, ?)",
                (said.id, stamp(said.changed_at), to_json(said)),
            )
