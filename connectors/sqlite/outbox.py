"""The outbox on SQLite. Every call is one transaction, and leaves its lanes knowing when they are due next: so `claim`
need look at no delivery to see that there is nothing to do."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from connectors.alert_ports import Addressed, Batch, Delivery, Lane, Outbox, OutboxStatus, Sent, State
from connectors.codec import from_json, stamp, to_json
from connectors.sqlite import deliveries
from connectors.sqlite.database import transaction
from transforms.alerts import Alert, reprint

_WELL = "attempts = 0, failing_since = NULL, error = ''"
_AGAIN = "to be sent again, by hand"
_ROW = "lane = ? AND made_at = ? AND alert = ?"
# By the primary key, which the planner takes for as good, a lane would be read from its first delivery on, of years.
_WAITING, _IN_HAND = "delivery INDEXED BY delivery_waiting", "delivery INDEXED BY delivery_batch"


class _Row(NamedTuple):
    """What a delivery is found by."""

    lane: int
    made_at: str
    alert: str


class SqliteOutbox(Outbox):
    """See `connectors.alert_ports.Outbox`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(self, alerts: Sequence[Addressed]) -> list[bool]:
        lanes: set[int] = set()
        with transaction(self._db):
            new = [self._add(one, lanes) for one in alerts]
            self._due(lanes)
        return new

    def _add(self, addressed: Addressed, lanes: set[int]) -> bool:
        """Whether the alert is new; its lanes come to the others."""
        alert = addressed.alert
        row = self._db.execute("SELECT doc FROM alert WHERE id = ?", (alert.id,)).fetchone()
        if row is not None:
            told = from_json(Alert, row[0])
            if (noted := reprint(told, alert)) != told:
                self._db.execute("UPDATE alert SET doc = ? WHERE id = ?", (to_json(noted), alert.id))
            return False
        made_at = stamp(alert.made_at)
        self._db.execute(
            "INSERT INTO alert (id, story, subscription, made_at, doc) VALUES (?, ?, ?, ?, ?)",
            (alert.id, alert.story, alert.subscription, made_at, to_json(alert)),
        )
        for channel in dict.fromkeys(addressed.channels):
            lane = self._lane(alert.subscription, channel)
            lanes.add(lane)
            self._db.execute(
                "INSERT INTO delivery (lane, made_at, alert, state, due_at) VALUES (?, ?, ?, 'waiting', ?)",
                (lane, made_at, alert.id, stamp(addressed.due_at)),
            )
        return True

    def told(self, stories: Iterable[str]) -> Mapping[str, list[Alert]]:
        query = "SELECT doc FROM alert WHERE story = ? ORDER BY made_at, id"
        return {
            story: [from_json(Alert, doc) for (doc,) in self._db.execute(query, (story,)).fetchall()]
            for story in dict.fromkeys(stories)
        }

    def claim(self, *, now: datetime, worker: str, lease: timedelta, lanes: int, alerts: int) -> list[Batch]:
        at = stamp(now)
        # Asked several times a second, mostly for nothing: that need not wait for those who write, nor hold them up.
        if self._db.execute("SELECT 1 FROM lane WHERE ready_at <= ? LIMIT 1", (at,)).fetchone() is None:
            return []
        with transaction(self._db):
            ready = self._db.execute(
                f"SELECT number, batch, {deliveries.LANE} FROM lane WHERE ready_at <= ? ORDER BY due_at, number"
                " LIMIT ?",
                (at, lanes),
            ).fetchall()
            claimed = []
            for number, batch, *lane in ready:
                docs = self._batch(number, batch, at, alerts)
                self._db.execute(
                    "UPDATE lane SET worker = ?, lease_until = ? WHERE number = ?", (worker, stamp(now + lease), number)
                )
                claimed.append(Batch(lane=deliveries.lane(lane), alerts=tuple(from_json(Alert, doc) for doc in docs)))
            self._due(number for number, *_ in ready)
        return claimed

    def _batch(self, lane: int, batch: int, at: str, alerts: int) -> list[str]:
        """The documents of the batch in hand that wait; where none is left of it, of a new one."""
        columns, order = "doc, delivery.made_at, alert", "ORDER BY delivery.made_at, alert"
        rows = self._db.execute(
            f"SELECT {columns} FROM {_IN_HAND} JOIN alert ON id = alert WHERE lane = ? AND state = 'waiting'"
            f" AND batch = ? AND due_at <= ? {order}",
            (lane, batch, at),
        ).fetchall()
        if not rows:
            rows = self._db.execute(
                f"SELECT {columns} FROM {_WAITING} JOIN alert ON id = alert WHERE lane = ? AND state = 'waiting'"
                f" AND due_at <= ? {order} LIMIT ?",
                (lane, at, alerts),
            ).fetchall()
            self._db.executemany(
                f"UPDATE delivery SET batch = ? WHERE {_ROW}", [(batch, lane, *row) for _, *row in rows]
            )
        return [doc for doc, *_ in rows]

    def settle(self, sent: Sequence[Sent], *, worker: str, now: datetime) -> None:
        with transaction(self._db):
            for one in sent:
                lane = self._lane(one.batch.lane.subscription, one.batch.lane.channel)
                self._delivered(lane, one, now)
                (holder,) = self._db.execute("SELECT worker FROM lane WHERE number = ?", (lane,)).fetchone()
                if holder == worker:
                    self._end_lease(lane, one, now)
                self._due([lane])

    def _delivered(self, lane: int, sent: Sent, now: datetime) -> None:
        at = stamp(now)
        for row in _rows(lane, sent, sent.delivered):
            updated = self._db.execute(
                f"UPDATE delivery SET state = 'delivered', delivered_at = ?, error = '' WHERE {_ROW}"
                " AND state <> 'delivered'",
                (at, *row),
            )
            if updated.rowcount:
                self._event(row, at, "delivered")
                self._db.execute(
                    "UPDATE lane SET tried = 1, last_delivered_at = max(coalesce(last_delivered_at, ''), ?)"
                    " WHERE number = ?",
                    (at, lane),
                )

    def _end_lease(self, lane: int, sent: Sent, now: datetime) -> None:
        """Record what else became of a batch whose lane was its worker's until now."""
        at = stamp(now)
        self._db.execute(
            "UPDATE lane SET worker = '', lease_until = NULL, next_at = ? WHERE number = ?",
            (stamp(sent.next_at) if sent.next_at else None, lane),
        )
        # What was dropped while it was sent has no failures any more.
        waiting = [row for row in _rows(lane, sent) if self._state(row) == "waiting"]
        dead = [row for row in waiting if row.alert in sent.dead]
        for row in dead:
            self._db.execute(f"UPDATE delivery SET state = 'dead', error = ? WHERE {_ROW}", (sent.error, *row))
            self._event(row, at, f"dead: {sent.error}")
        failed = next((row for row in waiting if row not in dead), dead[-1] if dead else None)
        if sent.error and failed:
            self._db.execute(
                f"UPDATE delivery SET attempts = attempts + 1, error = ? WHERE {_ROW}", (sent.error, *failed)
            )
            self._db.execute(
                "UPDATE lane SET tried = 1, attempts = attempts + 1, failing_since = coalesce(failing_since, ?),"
                " error = ? WHERE number = ?",
                (at, sent.error, lane),
            )
            if failed not in dead:
                again = f"{sent.next_at:%Y-%m-%d %H:%M:%SZ}" if sent.next_at else "once"
                self._event(failed, at, f"failed: {sent.error}, next try at {again}")
        elif sent.delivered and not sent.error:
            self._db.execute(f"UPDATE lane SET {_WELL} WHERE number = ?", (lane,))

    def readdress(self, subscription: str, channels: Sequence[str], *, due_at: datetime) -> int:
        with transaction(self._db):
            waiting = self._db.execute(
                f"SELECT DISTINCT made_at, alert FROM lane CROSS JOIN {_WAITING} ON lane = number"
                " WHERE subscription = ? AND state = 'waiting'",
                (subscription,),
            ).fetchall()
            kept = [self._lane(subscription, channel) for channel in dict.fromkeys(channels)] if waiting else []
            for made_at, alert in waiting if kept else ():
                self._readdress([_Row(lane, made_at, alert) for lane in kept], stamp(due_at))
            lanes = self._db.execute(
                f"UPDATE lane SET next_at = NULL, {_WELL} WHERE subscription = ? RETURNING number", (subscription,)
            ).fetchall()
            self._db.executemany(
                f"UPDATE {_WAITING} SET state = 'dropped' WHERE lane = ? AND state = 'waiting'",
                [lane for lane in lanes if lane[0] not in kept],
            )
            self._due(lane for (lane,) in lanes)
        return len(waiting)

    def _readdress(self, rows: Sequence[_Row], due_at: str) -> None:
        """Have an alert wait in these lanes. Where it was delivered, or given up, it stays so; but an alert that is
        given up in all of them would be lost, after it had waited elsewhere: it waits."""
        states = [self._state(row) for row in rows]
        ended = ["delivered"] if set(states) == {"dead"} else ["delivered", "dead"]
        self._db.executemany(
            "INSERT INTO delivery (lane, made_at, alert, state, due_at) VALUES (?, ?, ?, 'waiting', ?)"
            " ON CONFLICT DO UPDATE SET state = 'waiting', due_at = excluded.due_at",
            [(*row, due_at) for row, state in zip(rows, states, strict=True) if state not in ended],
        )

    def deliveries(
        self, *, subscription: str = "", alert: str = "", state: State | None = None, limit: int = 100
    ) -> list[Delivery]:
        return deliveries.deliveries(self._db, subscription, alert, state, limit)

    def redeliver(
        self,
        *,
        alerts: Sequence[str] = (),
        subscription: str = "",
        state: State | None = None,
        since: datetime | None = None,
        still: Callable[[str, str], bool] = lambda subscription, channel: True,
        now: datetime,
    ) -> int:
        where, values = deliveries.asked(subscription, alerts, state, since)
        if not where:
            raise ValueError("say which deliveries are to be sent again")
        at = stamp(now)
        with transaction(self._db):
            found = self._db.execute(
                "SELECT lane.subscription, lane.channel, delivery.lane, delivery.made_at, delivery.alert"
                f" FROM {deliveries.DELIVERIES} WHERE {where}",
                values,
            ).fetchall()
            again = [_Row(*row) for name, channel, *row in found if still(name, channel)]
            rows = [row for row in again if not self._noted(row, at, _AGAIN)]
            for row in rows:
                self._db.execute(
                    f"UPDATE delivery SET state = 'waiting', due_at = ?, attempts = 0, error = '' WHERE {_ROW}",
                    (at, *row),
                )
                self._event(row, at, _AGAIN)
            lanes = {row.lane for row in rows}
            self._db.executemany(
                f"UPDATE lane SET next_at = NULL, {_WELL} WHERE number = ?", [(lane,) for lane in lanes]
            )
            self._due(lanes)
        return len(again)

    def lanes(self, *, subscription: str = "", failing: bool = False) -> list[Lane]:
        return deliveries.lanes(self._db, subscription, failing)

    def status(self, now: datetime) -> OutboxStatus:
        return deliveries.status(self._db, now)

    def _lane(self, subscription: str, channel: str) -> int:
        """The number of a lane, which is made where it is not there."""
        values = (subscription, channel)
        row = self._db.execute("SELECT number FROM lane WHERE subscription = ? AND channel = ?", values).fetchone()
        if row is None:
            insert = "INSERT INTO lane (subscription, channel) VALUES (?, ?) RETURNING number"
            row = self._db.execute(insert, values).fetchone()
        return int(row[0])

    def _due(self, lanes: Iterable[int]) -> None:
        """Write down when lanes are due: of the batch in hand if any of it waits, else of all that waits. A batch of
        which nothing waits is over, and what is sent again of it later does not bring it back."""
        of_it = "WHERE lane = number AND state = 'waiting'"
        in_hand = f"FROM {_IN_HAND} {of_it} AND delivery.batch = lane.batch"
        self._db.executemany(
            f"UPDATE lane SET batch = batch + NOT EXISTS (SELECT 1 {in_hand}), due_at = coalesce("
            f"(SELECT min(delivery.due_at) {in_hand}), (SELECT min(delivery.due_at) FROM {deliveries.DUE} {of_it}))"
            " WHERE number = ?",
            [(lane,) for lane in lanes],
        )

    def _state(self, row: _Row) -> str:
        """Empty where there is no such delivery."""
        found = self._db.execute(f"SELECT state FROM delivery WHERE {_ROW}", row).fetchone()
        return str(found[0]) if found else ""

    def _event(self, row: _Row, at: str, what: str) -> None:
        self._db.execute("INSERT INTO delivery_event VALUES (?, ?, ?, ?)", (row.lane, row.alert, at, what))

    def _noted(self, row: _Row, at: str, what: str) -> bool:
        """Whether the log has this line already."""
        values = (row.lane, row.alert, at, what)
        query = "SELECT 1 FROM delivery_event WHERE lane = ? AND alert = ? AND at = ? AND what = ?"
        return self._db.execute(query, values).fetchone() is not None


def _rows(lane: int, sent: Sent, ids: Iterable[str] | None = None) -> list[_Row]:
    """The deliveries of a batch, in order; of these alerts."""
    wanted = None if ids is None else set(ids)
    return [_Row(lane, stamp(a.made_at), a.id) for a in sent.batch.alerts if wanted is None or a.id in wanted]
