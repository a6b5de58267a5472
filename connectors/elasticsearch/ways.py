"""The documents of the outbox and of its lanes, as they are in memory, and as the port gives what is in them. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from connectors.alert_ports import Delivery, DeliveryEvent, Lane, State
from connectors.codec import from_data, moment
from connectors.elasticsearch.changing import Document
from transforms.alerts import Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A delivery, as it lies in the document of its alert. Moments are as `stamp` writes them."""

    lane: str
    channel: str
    state: State = "waiting"
    due_at: str
    attempts: int = 0
    delivered_at: str | None = None
    error: str = ""
    history: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A document of the outbox's index (`connectors.elasticsearch.mappings.alert`). The alert itself is JSON data: it
    is read where it is told, and not where only its deliveries change."""

    id: str
    subscription: str
    story: str
    made_at: str
    alert: Mapping[str, Any]
    deliveries: tuple[Way, ...]
    #: Those whose failure is recorded here: it counts once, however often that is said.
    claims: Sequence[str] = ()

    def way(self, lane: str) -> Way | None:
        """Its delivery by a lane."""
        return next((one for one in self.deliveries if one.lane == lane), None)

    def waits(self, lane: str, due: str | None = None) -> bool:
        """Whether it waits in a lane, and is due at `due`."""
        way = self.way(lane)
        return way is not None and way.state == "waiting" and (due is None or way.due_at <= due)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRow:
    """A document of the lanes' index (`connectors.elasticsearch.mappings.lane`)."""

    key: str
    subscription: str
    channel: str
    next_at: str | None = None
    attempts: int = 0
    failing_since: str | None = None
    error: str = ""
    last_delivered_at: str | None = None
    #: Whether anything was sent by it, or tried.
    tried: bool = False
    #: Who has it on lease, by which claim, until when; empty where its batch is settled.
    worker: str = ""
    claim: str = ""
    leased_until: str | None = None
    #: The alerts that were claimed together, as long as one of them waits.
    batch: Sequence[str] = ()

    def free(self, at: str) -> bool:
        """Whether it may be claimed at `at`."""
        return (self.next_at or "") <= at and (self.leased_until or "") <= at


_NAMES, _LANE_NAMES, _WAY_NAMES = (tuple(one.name for one in fields(kind)) for kind in (Row, LaneRow, Way))


def lane_key(subscription: str, channel: str) -> str:
    """The id of a lane."""
    return hashlib.sha256(f"{subscription}\0{channel}".encode()).hexdigest()[:32]


def row(document: Document) -> Row:
    """The row of a document."""
    return Row(**{**document, "deliveries": tuple(Way(**one) for one in document["deliveries"])})


def body(one: Row) -> Document:
    """The document of a row."""
    ways = [{name: getattr(way, name) for name in _WAY_NAMES} for way in one.deliveries]
    return {name: getattr(one, name) for name in _NAMES} | {"deliveries": ways}


def lane_row(document: Document) -> LaneRow:
    """The row of a lane's document."""
    return LaneRow(**document)


def lane_body(one: LaneRow) -> Document:
    """The document of a lane's row."""
    return {name: getattr(one, name) for name in _LANE_NAMES}


def alert_of(one: Row) -> Alert:
    """The alert of a row."""
    return from_data(Alert, one.alert)


def lane_of(one: LaneRow) -> Lane:
    """A lane as the port gives it."""
    return Lane(
        subscription=one.subscription,
        channel=one.channel,
        next_at=moment(one.next_at),
        attempts=one.attempts,
        failing_since=moment(one.failing_since),
        error=one.error,
        last_delivered_at=moment(one.last_delivered_at),
    )


def shown(one: Row, state: State | None) -> Iterable[Delivery]:
    """An alert's deliveries (those in a state) as the port gives them, by channel."""
    alert = alert_of(one)
    for way in sorted(one.deliveries, key=lambda way: way.channel):
        if state in (None, way.state):
            yield Delivery(
                alert=alert,
                channel=way.channel,
                state=way.state,
                due_at=datetime.fromisoformat(way.due_at),
                attempts=way.attempts,
                delivered_at=moment(way.delivered_at),
                error=way.error,
                history=tuple(
                    DeliveryEvent(at=datetime.fromisoformat(event["at"]), what=event["what"]) for event in way.history
                ),
            )
