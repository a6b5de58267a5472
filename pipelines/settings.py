"""The settings file: TOML into frozen models. A typo is an error, and all problems come at once with their place."""

import re
import tomllib
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from connectors.http import HttpSpec
from connectors.opening import SqliteSpec
from connectors.ports import FeedRegistry
from connectors.workers import WorkerSpec
from transforms.errors import ConfigError
from transforms.records import Feed
from transforms.urls import is_followable

DEFAULT_FILE = "newswire.toml"
_DURATION = re.compile(r"^(\d+)\s*(s|m|h|d)$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(text: object) -> timedelta:
    """A length of time written as `90s`, `15m`, `24h` or `7d`. Raises: ValueError for anything else."""
    if isinstance(text, timedelta):
        return text
    found = _DURATION.match(text.strip()) if isinstance(text, str) else None
    if not found:
        raise ValueError(f"must be a number with s, m, h or d, such as 15m or 24h; got {text!r}")
    try:
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    except OverflowError as e:
        raise ValueError(f"{text!r} is too long") from e


def _fetchable(url: str) -> str:
    if not is_followable(url):
        raise ValueError(f"must be a complete http or https address, got {url!r}")
    return url


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StoreTable(_Table):
    """[store]"""

    #: The SQLite file; relative to the settings file.
    path: str = Field("newswire.db", min_length=1)


class FetchTable(_Table):
    """[fetch]"""

    #: Sent with every request; should say whom a webmaster can write to.
    user_agent: str = Field("newswire/0.1 (feed and article fetcher)", min_length=1, pattern=r"^[ -~]+$")
    timeout_s: float = Field(30, gt=0, le=600)
    max_bytes: int = Field(10_000_000, ge=1_000, le=100_000_000)
    #: Pages and feeds in hand at once, over all hosts.
    concurrency: int = Field(64, ge=1, le=1_000)
    per_host: int = Field(4, ge=1, le=100)
    #: Between the starts of two requests to one public host.
    gap_s: float = Field(1.0, ge=0, le=600)
    allow_private_hosts: bool = False


class ScheduleTable(_Table):
    """[schedule]"""

    interval: Duration = Field(timedelta(minutes=15), ge=timedelta(minutes=1), le=timedelta(days=7))


class ExtractTable(_Table):
    """[extract]"""

    #: Worker processes; 0 is one for each core.
    processes: int = Field(0, ge=0, le=256)
    time_limit_s: float = Field(15, gt=0, le=600)
    memory_limit_mb: int = Field(2_048, ge=512, le=65_536)


class TopicsTable(_Table):
    """[topics]"""

    #: A taxonomy of one's own, in place of the one shipped; relative to the settings file.
    taxonomy: str = ""


class RunTable(_Table):
    """[run]"""

    #: A run with a larger share of rejected feeds and pages ends with exit code 3.
    max_rejected_share: float = Field(0.5, ge=0, le=1)
    #: No poll and no page is begun later in a run than this; the next run takes up what is left.
    time_limit: Duration = Field(timedelta(minutes=10), ge=timedelta(seconds=1), le=timedelta(days=7))


class FeedTable(_Table):
    """[[feeds]]"""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    url: Annotated[str, AfterValidator(_fetchable)]
    name: str = ""
    language: str = Field("", pattern=r"^([a-z]{2,3})?$")


class Settings(_Table):
    """All tables; every one may be left out."""

    store: StoreTable = StoreTable()
    fetch: FetchTable = FetchTable()
    schedule: ScheduleTable = ScheduleTable()
    extract: ExtractTable = ExtractTable()
    topics: TopicsTable = TopicsTable()
    run: RunTable = RunTable()
    feeds: tuple[FeedTable, ...] = ()

    @property
    def store_spec(self) -> SqliteSpec:
        """What `open_store` takes."""
        return SqliteSpec(self.store.path)

    @property
    def http_spec(self) -> HttpSpec:
        """What `HttpFetcher` takes."""
        return HttpSpec(
            user_agent=self.fetch.user_agent,
            timeout_s=self.fetch.timeout_s,
            max_bytes=self.fetch.max_bytes,
            allow_private_hosts=self.fetch.allow_private_hosts,
        )

    @property
    def worker_spec(self) -> WorkerSpec:
        """What `workers` takes."""
        return WorkerSpec(self.extract.processes, self.extract.time_limit_s, self.extract.memory_limit_mb)

    def register(self, registry: FeedRegistry) -> None:
        """Make the registry's feeds of origin `settings` those of this file."""
        listed = self.listed_feeds()
        if listed:
            registry.add(listed)
        registry.retire(origin="settings", keep=[feed.id for feed in listed])

    def listed_feeds(self) -> list[Feed]:
        """The feeds of the file, as the registry keeps them."""
        return [Feed(id=f.id, url=f.url, name=f.name, language=f.language, origin="settings") for f in self.feeds]


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
    problems = _shared(data)
    try:
        settings = Settings.model_validate(data)
    except ValidationError as e:
        problems = [f"{_place(p['loc'])}: {_message(p)}" for p in e.errors(include_url=False)] + problems
    if problems:
        raise ConfigError("\n".join([f"{file}: {len(problems)} problem(s)", *(f"  {line}" for line in problems)]))
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
    taxonomy = settings.topics.taxonomy
    return settings.model_copy(
        update={
            "store": StoreTable(path=str(folder / settings.store.path)),
            "topics": TopicsTable(taxonomy=str(folder / taxonomy) if taxonomy else ""),
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
    return message if "got" in message else f"{message}, got {problem['input']!r}"
