"""What an outbox is, in as few words as can be: dictionaries in memory, without a thought for speed or sudden death."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from connectors.alert_ports import Addressed, Batch, Outbox, Sent
from transforms.alerts import Alert

Place = tuple[str, str]


@dataclass
class _Delivery:
    due_at: datetime
    state: str = "waiting"


@dataclass
class _Lane:
    deliveries: dict[str, _Delivery] = field(default_factory=dict)
    in_hand: set[str] = field(default_factory=set)
    worker: str = ""
    until: datetime | None = None
    next_at: datetime | None = None
    attempts: int = 0

    def waiting(self) -> dict[str, _Delivery]:
        return {name: one for name, one in self.deliveries.items() if one.state == "waiting"}

    def tidy(self) -> None:
        """A batch of which nothing waits is over."""
        self.in_hand = self.in_hand if self.in_hand & self.waiting().keys() else set()


class Model:
    """Told of each call and of its answer, it says whether the answer is right."""

    def __init__(self) -> None:
        self.alerts: dict[str, Alert] = {}
        self.lanes: dict[Place, _Lane] = defaultdict(_Lane)

    def add(self, alerts: Iterable[Addressed]) -> list[bool]:
        new = []
        for one in alerts:
            new.append(one.alert.id not in self.alerts)
            if new[-1]:
                self.alerts[one.alert.id] = one.alert
                for channel in one.channels:
                    self.lanes[one.alert.subscription, channel].deliveries[one.alert.id] = _Delivery(one.due_at)
        return new

    def claimed(
        self, batches: Sequence[Batch], *, now: datetime, worker: str, lease: timedelta, lanes: int, alerts: int
    ) -> None:
        able = {place: due for place, lane in self.lanes.items() if (due := self._due(lane, now))}
        given = {(one.lane.subscription, one.lane.channel): [alert.id for alert in one.alerts] for one in batches}
        assert len(given) == len(batches) == min(lanes, len(able))
        for place, names in given.items():
            lane = self.lanes[place]
            assert names == (able[place] if lane.in_hand else able[place][:alerts])
            lane.in_hand = lane.in_hand or set(names)
            lane.worker, lane.until = worker, now + lease

    def _due(self, lane: _Lane, now: datetime) -> list[str]:
        """What a lane gives at most, in order."""
        if any(moment and moment > now for moment in (lane.until, lane.next_at)):
            return []
        waiting = lane.waiting()
        names = lane.in_hand & waiting.keys() or waiting.keys()
        return sorted(
            (name for name in names if waiting[name].due_at <= now), key=lambda name: (self.alerts[name].made_at, name)
        )

    def settled(self, sent: Sent, *, worker: str) -> None:
        lane = self.lanes[sent.batch.lane.subscription, sent.batch.lane.channel]
        waiting = {one.id for one in sent.batch.alerts} & lane.waiting().keys() - set(sent.delivered)
        for name in sent.delivered:
            lane.deliveries[name].state = "delivered"
        if lane.worker == worker:
            lane.worker, lane.until, lane.next_at = "", None, sent.next_at
            for name in waiting & set(sent.dead):
                lane.deliveries[name].state = "dead"
            if sent.error and waiting:
                lane.attempts += 1
            elif sent.delivered and not sent.error:
                lane.attempts = 0
        lane.tidy()

    def readdress(self, subscription: str, channels: Sequence[str], due_at: datetime) -> int:
        own = {channel: lane for (name, channel), lane in self.lanes.items() if name == subscription}
        waiting = {name for lane in own.values() for name in lane.waiting()}
        for channel in channels if waiting else ():
            own[channel] = self.lanes[subscription, channel]
        for name in waiting:
            known = {channel: own[channel].deliveries.get(name) for channel in channels}
            lost = all(one and one.state == "dead" for one in known.values())
            for channel, one in known.items():
                if one is None or one.state in ("waiting", "dropped") or (lost and one.state == "dead"):
                    own[channel].deliveries[name] = _Delivery(due_at)
        for channel, lane in own.items():
            for one in lane.waiting().values() if channel not in channels else ():
                one.state = "dropped"
            lane.next_at, lane.attempts = None, 0
            lane.tidy()
        return len(waiting)

    def redeliver(self, wanted: Callable[[Alert, _Delivery], bool], now: datetime) -> int:
        count = 0
        for lane in self.lanes.values():
            for name, one in lane.deliveries.items():
                if wanted(self.alerts[name], one):
                    one.state, one.due_at = "waiting", now
                    lane.next_at, lane.attempts, count = None, 0, count + 1
        return count

    def check(self, outbox: Outbox, now: datetime) -> None:
        """Whether an outbox has just these deliveries."""
        found = outbox.deliveries(limit=9_999)
        assert all(one.alert.made_at >= other.alert.made_at for one, other in pairwise(found))
        assert {(one.alert.subscription, one.channel, one.alert.id): (one.state, one.due_at) for one in found} == {
            (*place, name): (one.state, one.due_at)
            for place, lane in self.lanes.items()
            for name, one in lane.deliveries.items()
        }
        failing = {place: lane.attempts for place, lane in self.lanes.items() if lane.attempts}
        assert {(one.subscription, one.channel): one.attempts for one in outbox.lanes(failing=True)} == failing
        due = [one.due_at for lane in self.lanes.values() for one in lane.waiting().values() if one.due_at <= now]
        status = outbox.status(now)
        assert (status.failing, status.oldest_due_at) == (len(failing), min(due, default=None))
        for state in ("waiting", "delivered", "dead", "dropped"):
            assert status.deliveries.get(state, 0) == sum(one.state == state for one in found), state
