"""From the outbox to the subscribers: claim, send, settle, over and over, beside whatever else the process does.

Each lane (a subscription's way into one of its channels) is sent one message after the other; lanes do not wait for
each other, and a host that answers slowly holds up no more than its own. Whoever dies between sending and settling
leaves a lease that ends: the message is sent once more, under the same id.
"""

import asyncio
import logging
import os
import random
import socket
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from connectors.alert_ports import Batch, Notifier, Sent
from connectors.notify.opening import open_notifier
from connectors.opening import Store, open_store
from pipelines.endpoint import rest, tick
from pipelines.settings import Settings
from pipelines.traces import span
from transforms.channels import Channel, channel
from transforms.errors import NewswireError, StoreFailed, Transient
from transforms.messages import Message, messages
from transforms.retry import next_delivery
from transforms.subscriptions import Subscription, after_quiet

log = logging.getLogger("newswire.deliver")

#: How long a worker goes on with one lane before it looks at what came of it, and how much longer than its last message
#: can take the lane is its own: what a worker that died had in hand is sent by another one after that.
SENDING, MARGIN = timedelta(seconds=10), timedelta(seconds=10)
#: How often is looked for what is due, and after a store that did not answer.
LOOK_S, LOOK_IN_HAND_S, LOOK_AFTER_ERROR_S = 0.25, 0.05, 5.0
#: Lanes in hand, and of them claimed at once; messages on the way, and those of them to one host: one that hangs must
#: not take all.
LANES, LANES_A_LOOK, SENDING_AT_ONCE, PER_HOST = 1_000, 200, 256, 16
#: Alerts of one lane to claim: a digest of more is several messages.
ALERTS = 100
#: How long a lane waits for its host to take messages of others; then it gives way, which is no failure.
HOST_WAIT_S = 10.0
#: When to look again at a lane whose subscription is paused.
HOLD = timedelta(minutes=1)
#: How long a run that is over goes on with what is due.
DRAIN_S = 60.0


@dataclass(slots=True)
class Delivered:
    """What came of it so far."""

    #: `delivered`, `failed` (tries) and `dead` (alerts).
    counts: Counter[str] = field(default_factory=Counter)
    #: For the operator, a line each: what was given up, and why.
    words: list[str] = field(default_factory=list)
    #: Called with each of them at once, for who does not wait for the end.
    tell: Callable[[str], None] = field(default=lambda _: None)

    def say(self, line: str) -> None:
        """One more word to the operator."""
        self.words.append(line)
        self.tell(line)


@contextmanager
def delivering(settings: Settings, *, tell: Callable[[str], None] = lambda _: None) -> Iterator[Delivered]:
    """Deliver in a thread of its own while the block runs, and then what is still due, for up to `DRAIN_S`; not where
    the block ends with an error. `tell` is told at once what an operator should know."""
    delivered, over = Delivered(tell=tell), threading.Event()
    deadline: list[float] = []
    thread = threading.Thread(target=_thread, args=(settings, delivered, over, deadline), name="deliver", daemon=True)
    thread.start()
    try:
        yield delivered
        deadline.append(DRAIN_S)
    finally:
        over.set()
        thread.join()


def _thread(settings: Settings, delivered: Delivered, over: threading.Event, deadline: Sequence[float]) -> None:
    def is_over() -> bool:  # it is asked whenever the deliverer goes round
        tick("deliver")
        return over.is_set()

    try:
        asyncio.run(deliver(settings, delivered, over=is_over, drain_s=lambda: deadline[0] if deadline else 0.0))
        rest("deliver")
    except Exception:  # a bug here must not pass for "nothing to deliver"
        log.exception("alerts are not delivered any longer; what waits is delivered by the next run")
        delivered.say("alerts are not delivered, because of an error in newswire (see the log)")


async def deliver(
    settings: Settings,
    delivered: Delivered,
    *,
    over: Callable[[], bool],
    drain_s: Callable[[], float] = lambda: 0.0,
) -> None:
    """Deliver until `over`, and then what is still due for up to `drain_s` more; what is in hand is always ended.

    Raises: ConfigError: the store cannot be used.
    """
    loop = asyncio.get_running_loop()
    # One thread for the store: its clients are not for several at once, and the loop must not wait for a disk.
    with ThreadPoolExecutor(1, thread_name_prefix="outbox") as store_thread:

        async def ask(function: Callable[..., Any], *args: Any, **named: Any) -> Any:
            return await loop.run_in_executor(store_thread, partial(function, *args, **named))

        opened = open_store(settings.store_spec)
        store = await ask(opened.__enter__)
        try:
            async with open_notifier(settings.notify_spec) as notifier:
                await _Worker(store, notifier, settings, delivered, ask).work(over, drain_s)
        finally:
            await ask(opened.__exit__, None, None, None)


class _Worker:
    def __init__(
        self, store: Store, notifier: Notifier, settings: Settings, delivered: Delivered, ask: Callable[..., Any]
    ) -> None:
        self._store, self._notifier, self._delivered, self._ask = store, notifier, delivered, ask
        self._give_up: timedelta = settings.alerts.give_up_after
        most = timedelta(seconds=HOST_WAIT_S + settings.alerts.timeout_s)
        self._lease = SENDING + most + MARGIN
        self._name = f"{socket.gethostname()}-{os.getpid()}-{random.randrange(16**6):06x}"
        self._at_once = asyncio.Semaphore(SENDING_AT_ONCE)
        self._hosts: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(PER_HOST))
        self._in_hand: dict[tuple[str, str], asyncio.Task[None]] = {}
        #: What is to be settled with the next look.
        self._sent: list[Sent] = []
        #: Messages that wait for their host.
        self._waiting: set[asyncio.Timeout] = set()
        self._stopping = self._troubled = False

    async def work(self, over: Callable[[], bool], drain_s: Callable[[], float]) -> None:
        clock = asyncio.get_running_loop().time
        until = float("inf")
        while clock() < until:
            if over():  # a signal may shorten what is left
                until = min(until, clock() + drain_s())
            try:
                await self._settle()
                claimed = await self._claim()
            except (Transient, StoreFailed) as e:
                self._trouble(e)
                await self._wait(LOOK_AFTER_ERROR_S, over, until)
                continue
            self._troubled = False
            if not claimed and not self._in_hand and not self._sent and until < float("inf"):
                return
            await asyncio.sleep(LOOK_IN_HAND_S if self._in_hand or claimed else LOOK_S)
        self._stopping = True
        for waiting in self._waiting:
            waiting.reschedule(clock())
        if self._in_hand:
            await asyncio.wait(self._in_hand.values())
        try:
            await self._settle()
        except (Transient, StoreFailed) as e:  # it is sent again, under the same id
            self._trouble(e)

    async def _wait(self, seconds: float, over: Callable[[], bool], until: float) -> None:
        clock = asyncio.get_running_loop().time
        end = min(clock() + seconds, until)
        while clock() < end and (until < float("inf") or not over()):  # noqa: ASYNC110 - `over` is another thread's
            await asyncio.sleep(LOOK_S)

    def _trouble(self, error: Exception) -> None:
        if not self._troubled:
            log.warning("alerts wait, since the store does not answer: %s", error)
        self._troubled = True

    async def _settle(self) -> None:
        if sent := list(self._sent):
            await self._ask(self._store.outbox.settle, sent, worker=self._name, now=datetime.now(UTC))
            del self._sent[: len(sent)]
            for one in sent:  # until it is settled, the lane is not claimed once more
                del self._in_hand[one.batch.lane.subscription, one.batch.lane.channel]

    async def _claim(self) -> bool:
        """Whether there was anything to claim."""
        room = min(LANES - len(self._in_hand), LANES_A_LOOK)
        if room <= 0:
            return False
        batches: list[Batch] = await self._ask(
            self._store.outbox.claim,
            now=datetime.now(UTC),
            worker=self._name,
            lease=self._lease,
            lanes=room,
            alerts=ALERTS,
        )
        if not batches:
            return False
        known = await self._ask(self._store.subscriptions.get, {one.lane.subscription for one in batches})
        for batch in batches:
            key = batch.lane.subscription, batch.lane.channel
            if (subscription := known.get(batch.lane.subscription)) is None:
                await self._ask(self._store.outbox.readdress, batch.lane.subscription, (), due_at=datetime.now(UTC))
            elif key not in self._in_hand:  # its lease was over before it was settled: it is as it was
                self._in_hand[key] = asyncio.create_task(self._send(batch, subscription))
        return True

    async def _send(self, batch: Batch, subscription: Subscription) -> None:
        try:
            sent = await self._sending(batch, subscription)
        except Exception as e:  # a bug must not keep the lane for ever
            log.exception("an error in newswire, at %s to %s", subscription.id, batch.lane.channel)
            sent = self._failed(batch, subscription, [], None, f"an error in newswire: {type(e).__name__}: {e}")
        self._sent.append(sent)

    async def _sending(self, batch: Batch, subscription: Subscription) -> Sent:
        started = datetime.now(UTC)
        if subscription.paused:
            return Sent(batch=batch, next_at=started + HOLD)
        # What was due before them may come now: after a cool-down, a failure, an outage, or once more by hand.
        if (quiet_until := after_quiet(subscription, started)) > started:
            return Sent(batch=batch, next_at=quiet_until)
        try:
            to = channel(batch.lane.channel)
        except ValueError as e:  # of an earlier newswire
            return self._failed(batch, subscription, [], None, str(e))
        delivered: list[str] = []
        for message in messages(subscription, batch.alerts):
            if self._stopping or (delivered and datetime.now(UTC) - started > SENDING):
                return Sent(batch=batch, delivered=tuple(delivered))
            try:
                if not await self._through(message, to):
                    at = datetime.now(UTC) + timedelta(seconds=HOST_WAIT_S)
                    return Sent(batch=batch, delivered=tuple(delivered), next_at=at)
            except NewswireError as e:
                wish = e.retry_after if isinstance(e, Transient) else None
                return self._failed(batch, subscription, delivered, message, e.reason, wish)
            delivered += [one.id for one in message.alerts]
            self._delivered.counts["delivered"] += len(message.alerts)
        pause = datetime.now(UTC) + subscription.cool_down if subscription.cool_down else None
        return Sent(batch=batch, delivered=tuple(delivered), next_at=pause)

    async def _through(self, message: Message, to: Channel) -> bool:
        """Send; False where messages of others keep the host busy. Raises: NewswireError."""
        host = self._hosts[f"{to.kind} {urlsplit(to.target).netloc or to.target if to.kind == 'webhook' else ''}"]
        try:
            async with asyncio.timeout(HOST_WAIT_S) as waiting:
                self._waiting.add(waiting)
                await host.acquire()
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(waiting)
        try:
            async with self._at_once:
                with span("deliver", subscription=message.subscription.id, alerts=len(message.alerts), kind=to.kind):
                    await self._notifier.send(message, to)
        finally:
            host.release()
        return True

    def _failed(
        self,
        batch: Batch,
        subscription: Subscription,
        delivered: Sequence[str],
        message: Message | None,
        reason: str,
        wish: timedelta | None = None,
    ) -> Sent:
        """What becomes of a batch whose `message` was not taken; None: none of it can be sent."""
        now, lane = datetime.now(UTC), batch.lane
        alerts = message.alerts if message else batch.alerts
        since = max(lane.failing_since if lane.failing_since and not delivered else now, alerts[-1].made_at)
        dead = tuple(one.id for one in alerts) if now - since >= self._give_up else ()
        self._delivered.counts["failed"] += 1
        if dead:
            self._delivered.counts["dead"] += len(dead)
            said = (
                f"gave up {len(dead)} alerts of {lane.subscription} to {lane.channel} (since {since:%F %R}): {reason}"
            )
            self._delivered.say(said)
        attempts = 1 if delivered else lane.attempts + 1
        again = next_delivery(attempts, now=now, jitter=random.random(), retry_after=wish)
        return Sent(
            batch=batch,
            delivered=tuple(delivered),
            dead=dead,
            error=reason,
            next_at=after_quiet(subscription, again),
        )
