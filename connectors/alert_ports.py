"""What alerts need of the outside, as `connectors.ports` is for articles: each port's docstrings are its contract."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from transforms.alerts import Alert
from transforms.channels import Channel
from transforms.messages import Message
from transforms.subscriptions import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What became of subscriptions since somebody last asked."""

    #: As they are now: new ones, changed ones, paused ones too.
    changed: tuple[Subscription, ...]
    #: Ids of those that are no longer there.
    removed: tuple[str, ...]


class Subscriptions(Protocol):
    """The subscriptions, paused and expired ones too, by id."""

    def put(self, subscriptions: Sequence[Subscription]) -> int:
        """Add subscriptions, or say anew what is to be known of those that are there: each becomes what
        `transforms.subscriptions.as_said_now` makes of both. Of two of one id the last counts. How many are new."""

    def get(self, ids: Iterable[str]) -> Mapping[str, Subscription]:
        """Those that exist, read in real time."""

    def all(self) -> Iterator[Subscription]:
        """Every subscription, by id; only a few are in memory at a time."""

    def change(self, ids: Iterable[str], change: Callable[[Subscription], Subscription]) -> list[Subscription]:
        """What `change` (pure; not of the id) makes of each that exists, as it is stored now; those it was made of, as
        they are then."""

    def remove(self, subscription_id: str, *, now: datetime) -> bool:
        """Forget a subscription; False when there is none of that id. `changes` says so from then on, until there is
        one of that id again. Its alerts stay."""

    def changes(self, since: datetime) -> Changes:
        """What was changed (by `changed_at`) or removed at `since` or later, by the clocks of those who did. Everything
        is seen that anybody had written before the call."""


#: `waiting`: to be sent, or sent again. `delivered`: the receiver has it. `dead`: given up. `dropped`: nobody is there
#: to have it any more.
State = Literal["waiting", "delivered", "dead", "dropped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """An alert on its way into the outbox."""

    alert: Alert
    #: `transforms.channels` addresses, each once.
    channels: tuple[str, ...]
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEvent:
    """One line of the delivery log."""

    at: datetime
    #: For people: `delivered`, `failed: …, next try at …`, `dead: …`, `to be sent again, by hand`.
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What is to become of an alert in one of its channels, and what became of it."""

    alert: Alert
    channel: str
    state: State
    due_at: datetime
    #: Tries that failed.
    attempts: int = 0
    delivered_at: datetime | None = None
    #: Of the last try, where it failed.
    error: str = ""
    history: tuple[DeliveryEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The way of a subscription's alerts into one of its channels: they go one after the other, in the order in which
    they were made, and what cannot be delivered holds up the rest until it can, or is dead."""

    subscription: str
    channel: str
    #: Nothing is sent before.
    next_at: datetime | None = None
    #: Failures in a row, and since when.
    attempts: int = 0
    failing_since: datetime | None = None
    error: str = ""
    last_delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a worker is to send now, by one lane: the alerts in the order in which they were made."""

    lane: Lane
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of a batch: the ids of its alerts that were delivered, and of those that are given up; the others
    wait."""

    batch: Batch
    delivered: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    #: Why the first of those that wait, or the last of those that are dead, was not delivered; empty: no failure.
    error: str = ""
    #: When the lane goes on; None: at once.
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxStatus:
    """How the outbox is."""

    #: Deliveries by state; states without any may be missing.
    deliveries: Mapping[str, int]
    #: How many lanes are failing.
    failing: int
    #: Since when the oldest delivery that waits is due; None: nothing that is due waits.
    oldest_due_at: datetime | None


class Outbox(Protocol):
    """What is to be told, durable before anything is sent, and what became of it.

    An alert has a delivery to each of its channels. Delivery is at least once: a worker claims, sends, settles; where
    it dies between the last two, another sends once more, with the same ids. Every method may be repeated with the same
    arguments without a second effect, but `claim`.
    """

    def add(self, alerts: Sequence[Addressed]) -> list[bool]:
        """Write alerts, each with its deliveries or not at all; for each, in order, whether it is new.

        Where there is one of the id already, it stays as it is, its deliveries too; only the article of the other is
        noted in it (`transforms.alerts.reprint`). An alert without channels is kept, and has nothing to deliver.

        Raises: Transient, StoreFailed: as `connectors.ports.ArticleStore.put`; those that were written stay.
        """

    def told(self, stories: Iterable[str]) -> Mapping[str, list[Alert]]:
        """The alerts of each story, to all subscriptions, those made first first. Everything is seen that anybody had
        added before the call."""

    def claim(self, *, now: datetime, worker: str, lease: timedelta, lanes: int, alerts: int) -> list[Batch]:
        """Batches to send, of up to `lanes` lanes, each of up to `alerts` alerts; the lanes whose deliveries are
        longest due come first.

        A lane is given if it has deliveries that are due, its `next_at` has come, and nobody has it on lease, the
        caller neither. From then on it is on lease to `worker` until `lease` is over or the batch is settled. Of a lane
        the deliveries that wait and are due are given, in the order in which their alerts were made.

        Once claimed, a batch stays together: as long as any of its alerts waits, a lane gives those of them that wait,
        and no others, however few `alerts` are asked for. So a message that is made of a batch can be sent again as it
        was.
        """

    def settle(self, sent: Sequence[Sent], *, worker: str, now: datetime) -> None:
        """Record what became of batches, and end their leases; the delivery log has a line for each alert it says
        something of. A delivered alert is recorded as that whoever has the lane by now; the rest counts only where it
        is still `worker`'s. An `error` is one more failure in a row of the lane, and of the first alert that waits or,
        if none does, the last that is dead; it counts once, however often it is said. A delivery without one ends the
        row. What was dropped while it was sent stays so, unless it was delivered."""

    def readdress(self, subscription: str, channels: Sequence[str], *, due_at: datetime) -> int:
        """What waits for a subscription is for these channels from now on, due at `due_at`, and not held up by former
        failures; what waits for channels that are not among them is dropped, where its alert has, or gets, one of
        them. What a channel has, or is dead in it, stays so; but an alert that is dead in all of them waits, or
        it would be lost. No channels: all that waits is dropped. How many alerts were waiting."""

    def deliveries(
        self, *, subscription: str = "", alert: str = "", state: State | None = None, limit: int = 100
    ) -> list[Delivery]:
        """Deliveries with their log, latest alert first."""

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
        """Have deliveries sent once more, whatever became of them: of these alerts, of this subscription, in this
        state, made at `since` or later; all that is given must hold, and something must be. Of those by which a
        subscription is `still` told in a channel: others stay as they are. Their lanes go on at once. How many
        deliveries. Raises: ValueError where nothing is given."""

    def lanes(self, *, subscription: str = "", failing: bool = False) -> list[Lane]:
        """The lanes that something was sent or tried by, by subscription and channel."""

    def status(self, now: datetime) -> OutboxStatus:
        """How the outbox is."""


class Notifier(Protocol):
    """Takes messages to their receivers. Used in one event loop, for many messages at once."""

    async def send(self, message: Message, channel: Channel) -> None:
        """Send a message; returns when the receiver has it. Sent once more, it is the same message, under the same id.

        Raises:
            Transient: the receiver does not have it, or did not say so in time, or this channel is not set up;
                `retry_after` where the receiver says when.
            Permanent: this receiver will not take this message.
        """
