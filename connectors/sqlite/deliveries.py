"""Deliveries, lanes and alerts as they lie in the file, and the questions that people ask of them."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from connectors.alert_ports import Delivery, DeliveryEvent, Lane, OutboxStatus, State
from connectors.codec import from_json, moment, stamp
from transforms.alerts import Alert

#: The columns of `lane`, and the tables that `asked` asks of.
LANE = "subscription, channel, next_at, attempts, failing_since, error, last_delivered_at"
DELIVERIES = (
    "alert JOIN lane ON lane.subscription = alert.subscription"
    " JOIN delivery ON delivery.lane = lane.number AND delivery.made_at = alert.made_at AND delivery.alert = alert.id"
)
#: For the first that is due of a lane: by the primary key, all that it ever had would be read.
DUE = "delivery INDEXED BY delivery_due"


def asked(
    subscription: str, alerts: Sequence[str], state: State | None, since: datetime | None
) -> tuple[str, list[str]]:
    """What must hold of a delivery, and the values in it; empty where nothing was said."""
    said: list[tuple[str, list[str]]] = [
        (f"alert.id IN ({', '.join('?' * len(alerts))})", list(alerts)),
        ("alert.subscription = ?", [subscription] if subscription else []),
        # `+`: not by the state where there is something better; of an alert, or of a subscription, are fewer.
        ("+delivery.state = ?" if alerts or subscription else "delivery.state = ?", [state] if state else []),
        ("alert.made_at >= ?", [stamp(since)] if since else []),
    ]
    given = [(clause, values) for clause, values in said if values]
    return " AND ".join(clause for clause, _ in given), [value for _, values in given for value in values]


def lane(row: Sequence[Any]) -> Lane:
    """The lane in a row of `LANE`."""
    subscription, channel, next_at, attempts, failing_since, error, last_delivered_at = row
    return Lane(
        subscription=subscription,
        channel=channel,
        next_at=moment(next_at),
        attempts=attempts,
        failing_since=moment(failing_since),
        error=error,
        last_delivered_at=moment(last_delivered_at),
    )


def lanes(db: sqlite3.Connection, subscription: str, failing: bool) -> list[Lane]:
    """See `connectors.alert_ports.Outbox.lanes`."""
    rows = db.execute(
        f"SELECT {LANE} FROM lane WHERE tried AND (? = '' OR subscription = ?) AND (NOT ? OR attempts > 0)"
        " ORDER BY subscription, channel",
        (subscription, subscription, failing),
    )
    return [lane(row) for row in rows.fetchall()]


def deliveries(
    db: sqlite3.Connection, subscription: str, alert: str, state: State | None, limit: int
) -> list[Delivery]:
    """See `connectors.alert_ports.Outbox.deliveries`."""
    where, values = asked(subscription, [alert] if alert else [], state, None)
    by = "delivery.made_at DESC, delivery.alert" if state and not subscription else "alert.made_at DESC, alert.id"
    rows = db.execute(
        "SELECT alert.doc, lane.number, channel, state, delivery.due_at, delivery.attempts, delivered_at,"
        f" delivery.error FROM {DELIVERIES} WHERE {where or 'TRUE'} ORDER BY {by} DESC, channel LIMIT ?",
        (*values, limit),
    ).fetchall()
    return [_delivery(db, *row) for row in rows]


def _delivery(
    db: sqlite3.Connection,
    doc: str,
    number: int,
    channel: str,
    state: State,
    due_at: str,
    attempts: int,
    delivered_at: str | None,
    error: str,
) -> Delivery:
    alert = from_json(Alert, doc)
    events = db.execute(
        "SELECT at, what FROM delivery_event WHERE lane = ? AND alert = ? ORDER BY at, rowid", (number, alert.id)
    )
    return Delivery(
        alert=alert,
        channel=channel,
        state=state,
        due_at=datetime.fromisoformat(due_at),
        attempts=attempts,
        delivered_at=moment(delivered_at),
        error=error,
        history=tuple(DeliveryEvent(at=datetime.fromisoformat(at), what=what) for at, what in events.fetchall()),
    )


def status(db: sqlite3.Connection, now: datetime) -> OutboxStatus:
    """See `connectors.alert_ports.Outbox.status`."""
    states = db.execute("SELECT state, count(*) FROM delivery GROUP BY state").fetchall()
    (failing,) = db.execute("SELECT count(*) FROM lane WHERE attempts > 0").fetchone()
    # A lane that nothing waits in is never ready.
    (oldest,) = db.execute(
        f"SELECT min((SELECT min(due_at) FROM {DUE} WHERE lane = number AND state = 'waiting')) FROM lane"
        " WHERE ready_at IS NOT NULL"
    ).fetchone()
    oldest_due_at = moment(oldest) if oldest is not None and oldest <= stamp(now) else None
    return OutboxStatus(deliveries=dict(states), failing=failing, oldest_due_at=oldest_due_at)
