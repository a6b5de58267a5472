"""The settings file: TOML into frozen models. A typo is an error, and all problems come at once with their place."""

import re
import tomllib
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from connectors.http import HttpSpec
from connectors.opening import SqliteSpec, StoreSpec
from connectors.ports import FeedRegistry
from connectors.secrets import check_header, is_reference
from connectors.workers import WorkerSpec
from transforms.errors import ConfigError
from transforms.records import Feed
from transforms.schedule import CHECKS, Bounds
from transforms.urls import is_followable, redact

DEFAULT_FILE = "newswire.toml"
#: What a feed's own `interval` may be.
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=30)
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


#: Header fields that carry secrets, by name or by part of it.
_SECRET = re.compile(r"authorization|cookie|token|secret|password|signature|(?:^|[-_])(?:api-?)?key", re.IGNORECASE)


def header(name: str, value: str) -> tuple[str, str]:
    """A field to send with a feed's requests.

    Raises: ValueError where a secret is written out, or where it cannot be sent.
    """
    if _SECRET.search(name) and "${" not in value:
        raise ValueError(
            f"{name}: a secret must come from the environment, as ${{NAME}}, or from a file, ${{file:/path}};"
            " got one that is written out"
        )
    try:
        check_header(name, value)
    except ConfigError as e:
        raise ValueError(f"{e}; got the header {name!r}") from e
    return name, value


def _headers(headers: dict[str, str]) -> dict[str, str]:
    return dict(header(name, value) for name, value in headers.items())


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _reference(secret: str) -> str:
    if secret and not is_reference(secret):
        raise ValueError(
            "a secret is named as ${NAME}, a variable of the environment, or ${file:/path}; got one that is written out"
        )
    return secret


Secret = Annotated[str, AfterValidator(_reference)]


class StoreTable(_Table):
    """[store]"""

    #: The SQLite file; relative to the settings file. With `urls` it only names the lock that keeps runs apart.
    path: str = Field("newswire.db", min_length=1)
    #: The nodes of an Elasticsearch or OpenSearch that keeps everything in place of the file.
    urls: tuple[Annotated[str, AfterValidator(_fetchable)], ...] = ()
    #: The names of all its indices begin with it.
    prefix: str = Field("newswire", pattern=r"^[a-z0-9][a-z0-9_-]{0,60}$")
    api_key: Secret = ""
    user: str = ""
    password: Secret = ""
    #: PEM file of the authority that signed its certificate, relative to the settings file; or its own SHA-256.
    ca_file: str = ""
    fingerprint: str = Field("", pattern=r"^([0-9A-Fa-f:]{64,95})?$")
    timeout_s: float = Field(30, gt=0, le=600)

    @property
    def name(self) -> str:
        """What to call it."""
        return f"{', '.join(map(redact, self.urls))} ({self.prefix}-*)" if self.urls else self.path


class FetchTable(_Table):
    """[fetch]"""

    #: Sent with every request; its first word is the name that robots.txt files know us by.
    user_agent: str = Field("newswire/0.1", min_length=1, pattern=r"^[ -~]+$")
    #: Whom a webmaster can write to: an address of a page, or of mail. Sent with `user_agent`.
    contact: str = Field("", pattern=r"^([^\s()<>@]+@[^\s()<>@]+\.[^\s()<>@]+|https?://[!-~]+)?$")
    timeout_s: float = Field(30, gt=0, le=600)
    max_bytes: int = Field(10_000_000, ge=1_000, le=100_000_000)
    #: Pages and feeds in hand at once, over all hosts.
    concurrency: int = Field(64, ge=1, le=1_000)
    per_host: int = Field(4, ge=1, le=100)
    #: Between the starts of two requests to one public host: pages, and feeds.
    gap_s: float = Field(5.0, ge=0, le=600)
    feed_gap_s: float = Field(1.0, ge=0, le=600)
    #: Whether robots.txt is obeyed.
    robots: bool = True
    allow_private_hosts: bool = False


class ScheduleTable(_Table):
    """[schedule]"""

    #: Of a feed whose habits are not known yet; then it is polled about as often as it publishes, within the other two.
    interval: Duration = Field(timedelta(minutes=15), ge=timedelta(minutes=1), le=timedelta(days=7))
    shortest: Duration = Field(timedelta(minutes=10), ge=timedelta(minutes=1), le=timedelta(days=7))
    longest: Duration = Field(timedelta(hours=12), ge=timedelta(minutes=1), le=timedelta(days=7))
    #: How old an article is each time its page is looked at again, for changes; none: never.
    checks: tuple[Annotated[Duration, Field(ge=timedelta(seconds=1), le=timedelta(days=30))], ...] = Field(
        CHECKS, max_length=20
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.longest < max(self.shortest, self.interval):
            raise ValueError("longest must not be shorter than interval and shortest; got less")
        return self

    @property
    def bounds(self) -> Bounds:
        """What `transforms.schedule` takes."""
        return Bounds(interval=self.interval, shortest=self.shortest, longest=self.longest)


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
    #: How often to poll it, whatever its habits and wishes are.
    interval: Annotated[Duration, Field(ge=SHORTEST, le=LONGEST)] | None = None
    #: Sent to its own host; `${NAME}` and `${file:/path}` stand for a secret.
    headers: Annotated[dict[str, str], AfterValidator(_headers)] = Field(default_factory=dict)
    conditional: bool = True
    robots: bool = True
    follow_moves: bool = True

    @property
    def feed(self) -> Feed:
        """The feed as the registry keeps it."""
        return Feed(
            id=self.id,
            url=self.url,
            name=self.name,
            language=self.language,
            origin="settings",
            interval=self.interval,
            headers=tuple(sorted(self.headers.items())),
            conditional=self.conditional,
            robots=self.robots,
            follow_moves=self.follow_moves,
        )


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

    def register(self, registry: FeedRegistry) -> None:
        """Make the registry's feeds of origin `settings` those of this file."""
        listed = self.listed_feeds()
        if listed:
            registry.add(listed)
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
            "store": settings.store.model_copy(
                update={
                    "path": str(folder / settings.store.path),
                    "ca_file": str(folder / settings.store.ca_file) if settings.store.ca_file else "",
                }
            ),
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
