"""The settings file: TOML into frozen models. A typo is an error, and all problems come at once with their place."""

import tomllib
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import PrivateAttr, ValidationError

from connectors.feed_ports import FeedRegistry
from connectors.notify.opening import NotifySpec
from connectors.opening import SqliteSpec, StoreSpec
from connectors.ports import HttpSpec
from connectors.workers import WorkerSpec
from pipelines.tables import (
    AlertsTable,
    ExtractTable,
    FeedTable,
    FetchTable,
    LogTable,
    MetricsTable,
    RunnerTable,
    RunTable,
    ScheduleTable,
    StoreTable,
    TopicsTable,
)
from pipelines.values import Table
from transforms.errors import ConfigError
from transforms.health import spell
from transforms.records import Feed
from transforms.urls import redacted

DEFAULT_FILE = "newswire.toml"


class Settings(Table):
    """All tables; every one may be left out."""

    store: StoreTable = StoreTable()
    fetch: FetchTable = FetchTable()
    schedule: ScheduleTable = ScheduleTable()
    extract: ExtractTable = ExtractTable()
    topics: TopicsTable = TopicsTable()
    run: RunTable = RunTable()
    runner: RunnerTable = RunnerTable()
    alerts: AlertsTable = AlertsTable()
    metrics: MetricsTable = MetricsTable()
    log: LogTable = LogTable()
    feeds: tuple[FeedTable, ...] = ()
    #: Whether a file says so, or nobody.
    _from_file: bool = PrivateAttr(default=False)

    @property
    def store_spec(self) -> StoreSpec:
        """What `open_store` takes."""
        store = self.store
        if not store.urls:
            return SqliteSpec(store.path)
        from connectors.elasticsearch.client import ElasticsearchSpec  # its client takes a while to import

        return ElasticsearchSpec(
            urls=store.urls,
            prefix=store.prefix,
            api_key=store.api_key,
            user=store.user,
            password=store.password,
            ca_file=store.ca_file,
            fingerprint=store.fingerprint,
            timeout_s=store.timeout_s,
        )

    @property
    def http_spec(self) -> HttpSpec:
        """What `HttpFetcher` takes."""
        return HttpSpec(
            user_agent=f"{self.fetch.user_agent} (+{self.fetch.contact})"
            if self.fetch.contact
            else self.fetch.user_agent,
            timeout_s=self.fetch.timeout_s,
            max_bytes=self.fetch.max_bytes,
            allow_private_hosts=self.fetch.allow_private_hosts,
        )

    @property
    def worker_spec(self) -> WorkerSpec:
        """What `workers` takes."""
        return WorkerSpec(self.extract.processes, self.extract.time_limit_s, self.extract.memory_limit_mb)

    @property
    def notify_spec(self) -> NotifySpec:
        """What `open_notifier` takes."""
        options = self.alerts.model_dump(exclude={"give_up_after"})
        return NotifySpec(user_agent=self.http_spec.user_agent, **options)

    def with_profile(self, profile: str) -> "Settings":
        """With another profile of the runner; empty: as they are."""
        return (
            self.model_copy(update={"runner": self.runner.model_copy(update={"profile": profile})}) if profile else self
        )

    def register(self, registry: FeedRegistry) -> None:
        """Make the registry's feeds of origin `settings` those of the file. Where none was read they stay: who
        forgot to name it must not lose them."""
        listed = self.listed_feeds()
        if listed:
            registry.add(listed)
        if self._from_file:
            registry.retire(origin="settings", keep=[feed.id for feed in listed])

    def listed_feeds(self) -> list[Feed]:
        """The feeds of the file, as the registry keeps them."""
        return [table.feed for table in self.feeds]


def load(path: str | None) -> Settings:
    """The settings of a file; of `newswire.toml` here if none is named, and defaults where that is not there.

    Paths in it are relative to its own folder. Raises: ConfigError, naming every problem with its place.
    """
    if path is None and not Path(DEFAULT_FILE).exists():
        return Settings()
    file = Path(path or DEFAULT_FILE)
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except OSError as e:
        raise ConfigError(f"{file}: {e.strerror}") from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise ConfigError(f"{file}: {e}") from e
    except RecursionError as e:
        raise ConfigError(f"{file}: it is nested too deeply") from e
    problems = _shared(data)
    try:
        settings = Settings.model_validate(data)
    except ValidationError as e:
        problems = [f"{_place(p['loc'])}: {_message(p)}" for p in e.errors(include_url=False)] + problems
    if problems:
        lines = [f"{file}: {len(problems)} problem(s)", *(f"  {line}" for line in problems)]
        raise ConfigError(redacted("\n".join(lines)))
    return _settled(settings, file.resolve().parent)


def _shared(data: Any) -> list[str]:
    """Feeds with the same id or address: a look over the whole file, made even where single values are wrong."""
    feeds = data.get("feeds") if isinstance(data, dict) else None
    tables = [feed for feed in feeds if isinstance(feed, dict)] if isinstance(feeds, list) else []
    problems = []
    for what in ("id", "url"):
        counted = Counter(str(feed[what]) for feed in tables if what in feed)
        problems += [f"feeds: {n} feeds share the {what} {value!r}" for value, n in sorted(counted.items()) if n > 1]
    return problems


def _settled(settings: Settings, folder: Path) -> Settings:
    def placed(table: Any, *names: str) -> Any:
        paths = {name: str(folder / path) for name in names if (path := getattr(table, name))}
        return table.model_copy(update=paths)

    settings._from_file = True
    return settings.model_copy(
        update={
            "store": placed(settings.store, "path", "ca_file"),
            "topics": placed(settings.topics, "taxonomy"),
            "alerts": placed(settings.alerts, "smtp_ca_file", "atom_folder"),
        }
    )


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "(whole file)"


def _message(problem: Any) -> str:
    if problem["type"] == "extra_forbidden":
        return "unknown key"
    if problem["type"] == "missing":
        return "is missing"
    message: str = problem["msg"].removeprefix("Value error, ")
    given = problem["input"]
    shown = spell(given) if isinstance(given, timedelta) else repr(given)
    return message if "got" in message else f"{message}, got {shown}"
