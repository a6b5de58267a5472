"""What becomes of the outbox's documents. Pure: the adapter reads them and writes what these functions say, so that
each change can be made anew on what another writer has made of a document in the meantime."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.alert_ports import Addressed, Sent
from connectors.codec import from_data, stamp, to_data
from connectors.elasticsearch.changing import Change, Document
from connectors.elasticsearch.ways import LaneRow, Row, Way, body, lane_body, lane_key, lane_row, row
from transforms.alerts import Alert, reprint

#: Events of a delivery that are kept, and claims of an alert: the latest. A document is read and written whole.
HISTORY, CLAIMS = 200, 20
_AGAIN = "to be sent again, by hand"


def added(addressed: Addressed, said: Callable[[bool], None]) -> Change:
    """An alert that is new, or a reprint of the one that is there; `said` hears whether it is new."""

    def change(document: Document | None) -> Document | None:
        said(document is None)
        alert = addressed.alert
        if document is not None:
            known = from_data(Alert, document["alert"])
            noted = reprint(known, alert)
            return {**document, "alert": to_data(noted)} if noted != known else None
        due = stamp(addressed.due_at)
        channels = dict.fromkeys(addressed.channels)
        return body(
            Row(
                id=alert.id,
                subscription=alert.subscription,
                story=alert.story,
                made_at=stamp(alert.made_at),
                alert=to_data(alert),
                deliveries=tuple(
                    Way(lane=lane_key(alert.subscription, channel), channel=channel, due_at=due) for channel in channels
                ),
            )
        )

    return change


def taken(
    known: LaneRow | None, key: str, batch: Sequence[Row], *, worker: str, claim: str, leased_until: str
) -> LaneRow:
    """A lane on lease with a batch in hand, of one alert at least: it names a lane that was never claimed before."""
    if known is None:
        channel = next(way.channel for way in batch[0].deliveries if way.lane == key)
        known = LaneRow(key=key, subscription=batch[0].subscription, channel=channel)
    names = [one.id for one in batch]
    if set(names) <= set(known.batch):  # what is left of it: what was delivered of it and is sent again, belongs to it
        names = list(known.batch)
    return replace(known, worker=worker, claim=claim, leased_until=leased_until, batch=names)


def settled(sent: Sent, lane: LaneRow, *, ours: bool, now: datetime) -> list[tuple[str, Change]]:
    """What a batch that was sent changes in its alerts, by id, but for the failure (`failed`). All of it, and all that
    the lane has in hand, is at least looked at. `ours`: the lane is still its worker's; else only deliveries count."""
    at = stamp(now)

    def delivered(way: Way) -> Way:
        if way.state == "delivered":
            return way
        return _noted(replace(way, state="delivered", delivered_at=at, error=""), at, "delivered")

    def dead(way: Way) -> Way:
        if way.state != "waiting":  # dropped, while it was sent
            return way
        return _noted(replace(way, state="dead", error=sent.error), at, _dead(sent))

    looked_at = dict.fromkeys([*lane.batch, *(alert.id for alert in sent.batch.alerts)])
    changes: dict[str, Callable[[Way], Way]] = {name: lambda way: way for name in looked_at}
    changes |= dict.fromkeys(sent.dead if ours else (), dead) | dict.fromkeys(sent.delivered, delivered)
    return [(name, _on_way(lane.key, decide)) for name, decide in changes.items()]


def failed(sent: Sent, lane: LaneRow, now_there: Mapping[str, Document], now: datetime) -> list[tuple[str, Change]]:
    """The failure of a batch, as a change of the alert that it counts for: the first that waits, or the last that is
    dead; none where there was no failure, or what failed was dropped, or given up by somebody else, while it was sent.
    """
    at = stamp(now)
    alerts = [row(now_there[one.id]) for one in sent.batch.alerts if one.id in now_there]
    waiting = [one for one in alerts if one.waits(lane.key)]
    given_up = {"at": at, "what": _dead(sent)}  # by this call, or by an earlier one that ended halfway
    dead = [one for one in alerts if one.id in sent.dead and (way := one.way(lane.key)) and given_up in way.history]
    if not sent.error or not (waiting or dead):
        return []
    again = f"{sent.next_at:%Y-%m-%d %H:%M:%SZ}" if sent.next_at else "once"

    def change(way: Way) -> Way:
        way = replace(way, attempts=way.attempts + 1, error=sent.error)
        if way.state != "waiting":
            return way
        return _noted(way, at, f"failed: {sent.error}, next try at {again}")

    return [((waiting[0] if waiting else dead[-1]).id, _once(lane.claim, _on_way(lane.key, change)))]


def after(
    sent: Sent, lane: LaneRow, now_there: Mapping[str, Document], *, ours: bool, failing: bool, now: datetime
) -> Change:
    """The lane after a batch was sent, whose alerts are `now_there`; `ours` as in `settled`."""
    over = not any(row(now_there[name]).waits(lane.key) for name in lane.batch if name in now_there)
    ends = [row(now_there[name]).way(lane.key) for name in sent.delivered if name in now_there]
    delivered_at = max((way.delivered_at for way in ends if way and way.delivered_at), default="")

    def change(document: Document | None) -> Document | None:
        if document is None:
            return None
        one = lane_row(document)
        if delivered_at:
            one = replace(one, tried=True, last_delivered_at=max(one.last_delivered_at or "", delivered_at))
        if over and one.batch == lane.batch:
            one = replace(one, batch=[])
        if ours and one.claim == lane.claim:
            next_at = stamp(sent.next_at) if sent.next_at else None
            one = replace(one, worker="", claim="", leased_until=None, next_at=next_at)
            if failing:
                since = one.failing_since or stamp(now)
                one = replace(one, tried=True, attempts=one.attempts + 1, failing_since=since, error=sent.error)
            elif sent.delivered and not sent.error:
                one = _well(one)
        return lane_body(one)

    return change


def readdressed(channels: Sequence[str], due_at: datetime, said: Callable[[str], None]) -> Change:
    """An alert that waits, waits in these channels; `said` hears its id.

    Where it was delivered, or given up, it stays so; but an alert that is given up in all of them would be lost, after
    it had waited elsewhere: it waits.
    """
    due = stamp(due_at)

    def change(document: Document | None) -> Document | None:
        if document is None or not any(way["state"] == "waiting" for way in document["deliveries"]):
            return None
        said(document["id"])
        one = row(document)
        lanes = {lane_key(one.subscription, channel): channel for channel in channels}
        states = {way.state for way in one.deliveries if way.lane in lanes}
        new = [lane for lane in lanes if one.way(lane) is None]
        ended: Collection[str] = ["delivered"] if states == {"dead"} and not new else ["delivered", "dead"]
        ways: list[Way] = []
        for way in one.deliveries:
            if way.lane not in lanes:
                way = replace(way, state="dropped") if way.state == "waiting" else way
            elif way.state not in ended:
                way = replace(way, state="waiting", due_at=due)
            ways.append(way)
        ways += [Way(lane=lane, channel=lanes[lane], due_at=due) for lane in new]
        return body(replace(one, deliveries=tuple(ways)))

    return change


def redelivered(asked: Callable[[Row, Way], bool], now: datetime, said: Callable[[str, list[str]], None]) -> Change:
    """The deliveries of an alert that are asked for wait once more; `said` hears in which lanes they are."""
    at = stamp(now)

    def again(way: Way) -> Way:
        if {"at": at, "what": _AGAIN} in way.history:  # said before
            return way
        return _noted(replace(way, state="waiting", due_at=at, attempts=0, error=""), at, _AGAIN)

    def change(document: Document | None) -> Document | None:
        if document is None:
            return None
        one = row(document)
        said(one.id, [way.lane for way in one.deliveries if asked(one, way)])
        return body(replace(one, deliveries=tuple(again(way) if asked(one, way) else way for way in one.deliveries)))

    return change


def going_on(kept: Collection[str] | None = None) -> Change:
    """A lane that is not held up by former failures; one that is not `kept` has nothing in hand."""

    def change(document: Document | None) -> Document | None:
        if document is None:
            return None
        one = replace(_well(lane_row(document)), next_at=None)
        return lane_body(one if kept is None or one.channel in kept else replace(one, batch=[]))

    return change


def _dead(sent: Sent) -> str:
    return f"dead: {sent.error}"


def _well(one: LaneRow) -> LaneRow:
    return replace(one, attempts=0, failing_since=None, error="")


def _on_way(lane: str, decide: Callable[[Way], Way]) -> Change:
    """A change of an alert's delivery by a lane."""

    def change(document: Document | None) -> Document | None:
        if document is None:
            return None
        one = row(document)
        ways = tuple(decide(way) if way.lane == lane else way for way in one.deliveries)
        return body(replace(one, deliveries=ways)) if ways != one.deliveries else document

    return change


def _once(claim: str, decide: Change) -> Change:
    """A change that a claim makes once."""

    def change(document: Document | None) -> Document | None:
        if document is None or claim in document["claims"] or (made := decide(document)) is None:
            return document
        return {**made, "claims": [*document["claims"], claim][-CLAIMS:]}

    return change


def _noted(way: Way, at: str, what: str) -> Way:
    return replace(way, history=[*way.history, {"at": at, "what": what}][-HISTORY:])
