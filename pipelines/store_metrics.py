"""How the store is, asked for when somebody scrapes: feeds by state, what is overdue, what waits.

The store is asked over a connection of its own, in a thread, so that one that hangs holds up nobody: a scrape that gets
no answer says `newswire_store_up 0` in place of the rest.
"""

import logging
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from connectors.alert_ports import OutboxStatus
from connectors.opening import Store, is_there, open_store
from pipelines.feeds.report import inspected
from pipelines.settings import Settings
from transforms.errors import ConfigError, NewswireError, StoreFailed
from transforms.health import STATES

log = logging.getLogger("newswire.metrics")

#: An answer is not asked for again for so long, and so many times as long as it took.
KEPT_S, KEPT_TIMES = 5.0, 20.0
#: While the next one is waited for, the last one still counts until it is so old: a store may be busy for a moment.
STALE: Final = timedelta(minutes=1)
#: How long a scrape waits for it; Prometheus itself gives up after ten seconds.
WAIT_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """How the store was when it was asked."""

    at: datetime
    #: Why it did not answer; empty: it did, and the rest is there.
    error: str = ""
    took_s: float = 0.0
    #: Feeds by `transforms.health` state.
    feeds: Mapping[str, int] | None = None
    #: Since when a feed has been due that is not polled, and a page that is not read.
    feed_due_since: datetime | None = None
    page_due_since: datetime | None = None
    last_poll_at: datetime | None = None
    #: Rows of the ledger by state.
    ledger: Mapping[str, int] | None = None
    outbox: OutboxStatus | None = None
    articles: int = 0


class StoreWatch(Collector):
    """Asks the store of these settings, for scrapes and for `/healthz`."""

    def __init__(self, settings: Settings) -> None:
        self._spec = settings.store_spec
        self._lock = threading.Lock()
        self._last: Looked | None = None
        self._until = 0.0
        self._asking: threading.Event | None = None
        #: When a feed that was never polled was first seen waiting: the registry knows no time of it.
        self._unpolled_since: datetime | None = None

    def look(self, wait_s: float = WAIT_S) -> Looked:
        """How the store is, or was a moment ago; waits for an answer no longer than that."""
        with self._lock:
            if self._last is not None and monotonic() < self._until:
                return self._last
            if self._asking is None:  # one that hangs is not asked again beside it
                self._asking = threading.Event()
                threading.Thread(target=self._ask, args=(self._asking,), name="store metrics", daemon=True).start()
            asking = self._asking
        answered, last = asking.wait(wait_s), self._last
        if last is not None and (answered or datetime.now(UTC) - last.at < STALE):
            return last
        return Looked(at=datetime.now(UTC), error=f"no answer within {wait_s:g} seconds")

    def _ask(self, asked: threading.Event) -> None:
        started = monotonic()
        try:
            if not is_there(self._spec):  # opening it would make it
                raise ConfigError("there is no store yet")
            with open_store(self._spec) as store:
                looked = self._looked(store, started)
        except (NewswireError, ConfigError, StoreFailed) as e:
            looked = Looked(at=datetime.now(UTC), error=str(e))
        except Exception as e:  # a bug here must not look like a healthy store, and is no reason for a 500
            log.exception("the store could not be asked")
            looked = Looked(at=datetime.now(UTC), error=f"an error in newswire: {type(e).__name__}: {e}")
        with self._lock:
            self._last, self._asking = looked, None
            self._until = monotonic() + max(KEPT_S, KEPT_TIMES * (monotonic() - started))
        asked.set()

    def _looked(self, store: Store, started: float) -> Looked:
        now = datetime.now(UTC)
        listed = inspected(store, now)
        found: dict[str, Any] = {
            "feeds": {**dict.fromkeys(STATES, 0), **Counter(health.state for _, _, health in listed)},
            "feed_due_since": self._feed_due(store.feeds.next_due(), now),
            "page_due_since": _past(store.ledger.next_due(), now),
            "last_poll_at": max((feed.last_polled_at for feed, *_ in listed if feed.last_polled_at), default=None),
            "ledger": dict(store.ledger.counts()),
            "outbox": store.outbox.status(now),
            "articles": int(store.articles.status()["articles"]),
        }
        return Looked(at=now, took_s=monotonic() - started, **found)

    def _feed_due(self, due: datetime | None, now: datetime) -> datetime | None:
        unpolled = due is not None and due == datetime.min.replace(tzinfo=UTC)
        self._unpolled_since = (self._unpolled_since or now) if unpolled else None
        return self._unpolled_since or _past(due, now)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges, for a registry."""
        looked = self.look()
        yield _gauge("store_up", "whether the store answers", 0 if looked.error else 1)
        if looked.error:
            return
        now, outbox = datetime.now(UTC), looked.outbox
        assert outbox is not None
        yield _gauge("store_answer_seconds", "how long the store took to say all this", looked.took_s)
        yield _by_state("feeds", "feeds, as `newswire feeds list` names their states", looked.feeds)
        late = "for how long the {} that is longest due has waited; 0: none is due"
        yield _gauge("feeds_overdue_seconds", late.format("feed"), _age(looked.feed_due_since, now))
        if looked.last_poll_at is not None:
            polled = looked.last_poll_at.timestamp()
            yield _gauge("last_poll_timestamp_seconds", "when a feed was last polled, by anybody", polled)
        yield _by_state("ledger_rows", "announced addresses, by what became of them", looked.ledger)
        yield _gauge("ledger_overdue_seconds", late.format("page"), _age(looked.page_due_since, now))
        states = dict.fromkeys(("waiting", "delivered", "dead", "dropped"), 0)
        yield _by_state(
            "outbox_deliveries", "alerts by channel, and what became of them", states | dict(outbox.deliveries)
        )
        yield _gauge("outbox_overdue_seconds", late.format("alert"), _age(outbox.oldest_due_at, now))
        yield _gauge("outbox_failing_lanes", "subscribers' channels whose last try failed", outbox.failing)
        yield _gauge("articles", "articles in the archive", looked.articles)

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: a registry that is made must not wait for a store."""
        return []


def _past(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment <= now else None


def _age(since: datetime | None, now: datetime) -> float:
    return max(timedelta(0), now - since).total_seconds() if since else 0.0


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"newswire_{name}", words, value=value)


def _by_state(name: str, words: str, counts: Mapping[str, int] | None) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"newswire_{name}", words, labels=["state"])
    for state, n in (counts or {}).items():
        family.add_metric([state], n)
    return family
