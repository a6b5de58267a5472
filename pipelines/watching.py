"""What people change while a pipeline is at work, as it is now: subscriptions, in a monitor, topics and settings. Read
once, then followed."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from time import monotonic

from connectors.alert_ports import Subscriptions
from connectors.feed_ports import FeedRegistry
from connectors.opening import StoreSpec, load_taxonomy
from pipelines.settings import DEFAULT_FILE, Settings, load
from transforms.errors import ConfigError, QueryError
from transforms.monitor import Asked, Monitor
from transforms.records import Article
from transforms.subscriptions import Subscription, active, asked
from transforms.topics import Taxonomy

log = logging.getLogger("newswire.watching")

#: How often is looked for changes: they are to reach a running pipeline within 5 s.
FRESH = timedelta(seconds=2)
#: Changes are asked for from a while before the last look: clocks of machines differ, and a change is dated a moment
#: before it can be read.
OVERLAP = timedelta(minutes=2)


class Watch:
    """Which subscriptions an article is for. May be used by several threads."""

    def __init__(self) -> None:
        self._known: dict[str, Subscription] = {}
        self._asked: dict[str, Asked] = {}
        self._monitor: Monitor | None = None
        self._looked_at: datetime | None = None
        self._lock = Lock()

    def follow(self, subscriptions: Subscriptions, now: datetime) -> None:
        """Look for changes, if the last look was not just now."""
        with self._lock:
            if self._monitor is None or self._looked_at is None:
                self._known = {one.id: one for one in subscriptions.all()}
                self._asked = {one.id: what for one in self._known.values() if (what := _usable(one)) is not None}
                self._monitor = Monitor(self._asked.items())
            elif now - self._looked_at >= FRESH:
                changes = subscriptions.changes(self._looked_at - OVERLAP)
                for name in changes.removed:
                    self._known.pop(name, None)
                    self._ask(name, None)
                for one in changes.changed:
                    if self._known.get(one.id) != one:
                        self._known[one.id] = one
                        self._ask(one.id, _usable(one))
            else:
                return
            self._looked_at = now

    def matching(self, article: Article) -> dict[str, Asked]:
        """What the subscriptions ask for that an article matches, by their ids; paused ones are not among them."""
        with self._lock:
            assert self._monitor is not None, "follow first"
            return {name: self._asked[name] for name in self._monitor.match(article)}

    def get(self, name: str, now: datetime) -> Subscription | None:
        """A subscription that is there, and fires."""
        found = self._known.get(name)
        return found if found is not None and active(found, now) else None

    def __len__(self) -> int:
        return len(self._known)

    def _ask(self, name: str, what: Asked | None) -> None:
        assert self._monitor is not None
        if self._asked.get(name) == what:
            return
        if what is None:
            self._monitor.remove(name)
            del self._asked[name]
        else:
            self._monitor.add(name, what)
            self._asked[name] = what


def _usable(subscription: Subscription) -> Asked | None:
    """What a subscription asks; nothing of a paused one, and of one that an earlier newswire understood, and this one
    does not (`newswire alerts list` says so)."""
    if subscription.paused:
        return None
    try:
        return asked(subscription)
    except QueryError:
        return None


_shared: dict[StoreSpec, tuple[Watch, int]] = {}
_lock = Lock()


@contextmanager
def watch(spec: StoreSpec) -> Iterator[Watch]:
    """This process's watch of a store, shared by all who have it open: to read a hundred thousand subscriptions takes
    seconds, and the passes of a stream overlap."""
    with _lock:
        shared, users = _shared.get(spec) or (Watch(), 0)
        _shared[spec] = (shared, users + 1)
    try:
        yield shared
    finally:
        with _lock:
            shared, users = _shared.pop(spec)
            if users > 1:
                _shared[spec] = (shared, users - 1)


class Topics:
    """The taxonomy of a file or a folder as it is now. Travels with the one it was made with, which holds where there
    is no such file, and for as long as what is there has problems."""

    def __init__(self, taxonomy: Taxonomy, path: str = "") -> None:
        self._taxonomy, self._path = taxonomy, path
        self._seen = self._look() if path else ()
        self._looked_at: datetime | None = None

    def now(self, now: datetime) -> Taxonomy:
        """The taxonomy; looked at again, if the last look was not just now."""
        if self._path and (self._looked_at is None or now - self._looked_at >= FRESH):
            self._looked_at = now
            seen = self._look()
            if seen and seen != self._seen:
                self._seen = seen
                self._read()
        return self._taxonomy

    def follow(self, path: str) -> None:
        """Be those of another file or folder from now on, or (empty) those that ship with newswire."""
        if path != self._path:
            self._path = path
            self._seen = self._look() if path else ()
            self._read()

    def _read(self) -> None:
        try:
            self._taxonomy = load_taxonomy(self._path)
        except ConfigError as e:
            log.warning("the topics stay at %s, since the new ones cannot be used: %s", self._taxonomy.version, e)
        else:
            log.info("topics are at %s from now on", self._taxonomy.version)

    def _look(self) -> tuple[tuple[str, int, int], ...]:
        """What shows that files have changed; empty where there are none."""
        try:
            place = Path(self._path)
            files = sorted(one for one in place.iterdir() if one.is_file()) if place.is_dir() else [place]
            return tuple((one.name, (at := one.stat()).st_mtime_ns, at.st_size) for one in files)
        except OSError:
            return ()


class Followed:
    """The settings as their file is now, but for the tables that are read at the start."""

    def __init__(self, file: str | None, settings: Settings, *, fixed: Collection[str]) -> None:
        """`fixed` are the names of those tables."""
        self._file, self.settings, self._fixed = Path(file or DEFAULT_FILE), settings, fixed
        self._seen, self._looked_at = self._look(), monotonic()
        #: Whether the registry has still to hear of their feeds.
        self._changed = False

    def follow(self, registry: FeedRegistry) -> None:
        """Take up what has changed; once this returns, the feeds are the registry's, too. Asked often, it seldom looks.

        Raises: as the registry, which hears of them the next time.
        """
        self._read()
        if self._changed:
            self.settings.register(registry)
            self._changed = False

    def _read(self) -> None:
        """Those of the file, if they are others than before, and can be used."""
        if monotonic() - self._looked_at < FRESH.total_seconds() or (seen := self._look()) == self._seen:
            return
        self._seen, self._looked_at = seen, monotonic()
        if seen is None:
            return
        try:
            new = load(str(self._file)).with_profile(self.settings.runner.profile)
        except ConfigError as e:
            log.warning("the settings stay as they were, since the new ones cannot be used: %s", e)
            return
        old, self.settings, self._changed = self.settings, new, True
        if named := [n for n in self._fixed if getattr(new, n) != getattr(old, n)]:
            log.warning("changes of %s take effect with the next start", ", ".join(f"[{name}]" for name in named))
            self.settings = new.model_copy(update={name: getattr(old, name) for name in named})
        if self.settings != old:
            log.info("the settings have changed")

    def _look(self) -> tuple[int, int] | None:
        with suppress(OSError):
            at = self._file.stat()
            return at.st_mtime_ns, at.st_size
        return None
