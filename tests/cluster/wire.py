"""A wire that does not stand still, and what is expected of whoever reads it without an end.

Each outlet publishes all the time and shows an item for a while only, so that what is missed is gone. Everything
matches one subscription, whose webhook is on loopback.
"""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from connectors.elasticsearch.client import ElasticsearchSpec, open_client
from connectors.opening import SqliteSpec, StoreSpec, init_store, open_store
from connectors.ports import Search
from tests.e2e.cli import NEWSWIRE, environment
from tests.receiver import Receiver
from tests.site import RSS, Site, feed, page
from transforms.records import Feed
from transforms.subscriptions import Subscription

KEY = "kept by the receiver"
#: How often each feed is polled.
INTERVAL = timedelta(seconds=2)
#: What a killed worker had in hand comes back when its lease is over; the leases of these settings last 90 s.
SETTLE_S = 150.0


class Wire:
    """A context manager: some outlets, each a site of its own, and the receiver of their alerts."""

    def __init__(
        self, folder: Path, *, outlets: int = 3, every_s: float = 1.0, shown_s: float = 60.0, server: str = ""
    ) -> None:
        """Each outlet publishes an item every `every_s` and shows it for `shown_s`. The store is in `folder`, or on the
        Elasticsearch whose address `server` is, until the end."""
        self.settings = folder / "newswire.toml"
        self.spec: StoreSpec = SqliteSpec(str(folder / "newswire.db"))
        if server:
            self.spec = ElasticsearchSpec(urls=(server,), prefix=f"newswire-test-{uuid.uuid4().hex[:12]}")
        self.receiver = Receiver()
        self.sites = [Site() for _ in range(outlets)]
        self._every_s, self._shown_s = every_s, shown_s
        self._published: list[tuple[float, Site, tuple[str, str, str]]] = []
        self._silent = threading.Event()
        self._thread = threading.Thread(target=self._publish, name="wire")
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for site in (*self.sites, self.receiver):
            self._stack.enter_context(site)
        for site in self.sites:
            site.put("/feed.xml", feed([]), content_type=RSS)
        now = datetime.now(UTC)
        init_store(self.spec)
        self._stack.callback(self._remove)
        with open_store(self.spec) as store:
            store.feeds.add(
                [
                    Feed(id=f"wire-{n}", url=site.url("/feed.xml"), interval=INTERVAL)
                    for n, site in enumerate(self.sites)
                ]
            )
            hook = self.receiver.url("/hook")
            store.subscriptions.put(
                [Subscription(id="all", query="harbour", channels=(hook,), since=now, changed_at=now)]
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hush()
        self._stack.close()

    def configure(self, **tables: str) -> None:
        """Write the settings: ours, and the lines of further tables."""
        store = f'path = "{self.settings.parent / "newswire.db"}"'
        if isinstance(self.spec, ElasticsearchSpec):
            store += f'\nurls = ["{self.spec.urls[0]}"]\nprefix = "{self.spec.prefix}"'
        lines = {
            "store": store,
            "fetch": "allow_private_hosts = true\ntimeout_s = 5\ngap_s = 0\nfeed_gap_s = 0",
            "extract": "processes = 1\ntime_limit_s = 5",
            "alerts": 'allow_private_hosts = true\nsigning = ["${HOOK_KEY}"]\ntimeout_s = 2',
            "metrics": 'listen = ""',
            **tables,
        }
        text = "".join(f"[{name}]\n{table}\n" for name, table in lines.items())
        self.settings.write_text(text, "utf-8")

    def publish(self) -> None:
        """Begin to."""
        self._thread.start()

    def publish_at_once(self, count: int) -> None:
        """So many items, which stay."""
        self._shown_s = float("inf")
        for number in range(count):
            self._add(self.sites[number % len(self.sites)])
        self._show()

    def hush(self) -> None:
        """Publish nothing more. What is shown stays until it is old."""
        self._silent.set()
        if self._thread.ident is not None:
            self._thread.join()

    def published(self) -> set[str]:
        """The addresses of all items that ever stood in a feed."""
        return {item[1] for _, _, item in list(self._published)}

    def stored(self) -> list[Stored]:
        """What the archive has of them."""
        with open_store(self.spec) as store:
            hits = store.articles.search(Search(limit=10_000)).hits
            assert len(hits) == store.articles.status()["articles"]
            return [Stored(hit.article.url, hit.article.title, hit.article.revision) for hit in hits]

    def waiting(self) -> Any:
        """What the ledger and the outbox say, for who wonders what is missing."""
        with open_store(self.spec) as store:
            return dict(store.ledger.counts()), store.outbox.status(datetime.now(UTC)).deliveries

    def wait_for(self, count: int, within_s: float) -> float:
        """Return when so many articles are stored, with the seconds that took. Raises: AssertionError."""
        began = time.monotonic()
        while (there := self._count()) < count:
            assert time.monotonic() - began < within_s, f"{there} of {count} after {within_s:g} s; {self.waiting()}"
            time.sleep(0.1)
        return time.monotonic() - began

    def check(self) -> dict[str, int]:
        """Wait until all that was published is stored and told. How much that was.

        Raises: AssertionError: something is lost, there twice, revised, or told under two ids.
        """
        published, until = self.published(), time.monotonic() + SETTLE_S
        while time.monotonic() < until and not (self._count() >= len(published) and published <= self._told().keys()):
            time.sleep(0.5)
        stored, told = self.stored(), self._told()
        numbers = [one.title.rpartition(" ")[2] for one in stored]
        lost = sorted(published - {one.url for one in stored})
        assert not lost, f"{len(lost)} of {len(published)} lost: {lost[:5]}; {self.waiting()}"
        assert len(stored) == len(published) == len(set(numbers)), "something is there twice"
        assert {one.revision for one in stored} == {1}
        silent = sorted(published - told.keys())
        assert not silent, f"{len(silent)} of {len(published)} were never told: {silent[:5]}; {self.waiting()}"
        assert {len(ids) for ids in told.values()} == {1}, "one story, told under two ids"
        again = len(self.receiver.received) - len(set(self.receiver.ids()))
        return {"items": len(published), "messages": len(self.receiver.received), "messages sent again": again}

    def _remove(self) -> None:
        if isinstance(self.spec, ElasticsearchSpec):
            with open_client(self.spec) as client:
                client.indices.delete(index=f"{self.spec.prefix}-*", expand_wildcards="all")
                client.options(ignore_status=404).indices.delete_index_template(name=f"{self.spec.prefix}-*")
                client.options(ignore_status=404).cluster.delete_component_template(name=f"{self.spec.prefix}-*")

    def _count(self) -> int:
        with open_store(self.spec) as store:
            return int(store.articles.status()["articles"])

    def _told(self) -> dict[str, set[str]]:
        """By address, the ids of its alerts."""
        told: dict[str, set[str]] = defaultdict(set)
        for message in self.receiver.verified(KEY.encode()):
            for alert in message["alerts"]:
                told[alert["url"]].add(alert["id"])
        return told

    def _publish(self) -> None:
        while not self._silent.wait(self._every_s):
            for site in self.sites:
                self._add(site)
            self._show()

    def _add(self, site: Site) -> None:
        path, headline, body = story(len(self._published))
        self._published.append((time.monotonic(), site, (headline, site.put(path, body), "It is said.")))

    def _show(self) -> None:
        since = time.monotonic() - self._shown_s
        for site in self.sites:
            shown = [item for at, where, item in self._published if where is site and at > since]
            site.put("/feed.xml", feed(shown[::-1]), content_type=RSS)


class Stored(NamedTuple):
    """An article as the archive has it; its title ends in its number."""

    url: str
    title: str
    revision: int


def story(number: int) -> tuple[str, str, bytes]:
    """Path, headline and page of a story like no other."""
    dice = random.Random(number)
    words = [f"w{dice.randrange(10**9)}x" for _ in range(60)]
    text = f"Drones hit the harbour for the {number}th time, officials said on Monday. {' '.join(words)}."
    headline = f"Harbour hit, report {number}"
    return f"/story/{number}.html", headline, page(headline, [text, f"Nobody could say why, it was said in {number}."])


@contextmanager
def streaming(wire: Wire, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """`newswire stream` with these options, its words in `stream.log` beside the settings. Killed at the end, if it is
    still there."""
    with (wire.settings.parent / "stream.log").open("ab") as log:
        process = subprocess.Popen(
            [*NEWSWIRE, "stream", str(wire.settings), *options],
            env=environment() | {"HOOK_KEY": KEY}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def log_of(wire: Wire) -> str:
    """The end of what the stream has said."""
    lines = (wire.settings.parent / "stream.log").read_text("utf-8", errors="replace").splitlines()
    return f"{sys.executable} -m pipelines.cli stream:\n" + "\n".join(lines[-25:])
