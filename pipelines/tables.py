"""The tables of the settings file: what can be set, its default and its bounds."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pipelines.values import Duration, Secret, Table, fetchable, sendable
from transforms.records import Feed
from transforms.schedule import CHECKS, Bounds
from transforms.urls import redact

#: What a feed's own `interval` may be.
SHORTEST, LONGEST = timedelta(seconds=1), timedelta(days=30)


class StoreTable(Table):
    """[store]"""

    #: The SQLite file; relative to the settings file. With `urls` it only names the lock that keeps runs apart.
    path: str = Field("newswire.db", min_length=1)
    #: The nodes of an Elasticsearch or OpenSearch that keeps everything in place of the file.
    urls: tuple[Annotated[str, AfterValidator(fetchable)], ...] = ()
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


class FetchTable(Table):
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


class ScheduleTable(Table):
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


class ExtractTable(Table):
    """[extract]"""

    #: Worker processes; 0 is one for each core.
    processes: int = Field(0, ge=0, le=256)
    time_limit_s: float = Field(15, gt=0, le=600)
    memory_limit_mb: int = Field(2_048, ge=512, le=65_536)


class TopicsTable(Table):
    """[topics]"""

    #: A taxonomy of one's own, in place of the one shipped; relative to the settings file.
    taxonomy: str = ""


class RunTable(Table):
    """[run]"""

    #: A run with a larger share of rejected feeds and pages ends with exit code 3.
    max_rejected_share: float = Field(0.5, ge=0, le=1)
    #: No poll and no page is begun later in a run than this; the next run takes up what is left.
    time_limit: Duration = Field(timedelta(minutes=10), ge=timedelta(seconds=1), le=timedelta(days=7))


class RunnerTable(Table):
    """[runner]"""

    #: local: in this process. prism: Beam's own runner for one machine. flink: a cluster, through Beam's job server.
    #: dataflow: Google's. The options that belong to each are set, and those after `--` are added.
    profile: Literal["local", "prism", "flink", "dataflow"] = "local"
    #: How many workers the hosts are dealt out to.
    parallelism: int = Field(1, ge=1, le=1_000)
    #: The job server, and the worker pool beside each TaskManager (Flink).
    job_endpoint: str = Field("localhost:8099", min_length=1)
    environment: str = Field("localhost:50000", min_length=1)
    #: The binary (Prism).
    prism: str = Field("prism", min_length=1)


class AlertsTable(Table):
    """[alerts]"""

    #: The mail server: smtp://host:25, smtp+starttls://host:587 or smtps://host:465.
    smtp: str = Field("", pattern=r"^((smtp|smtp\+starttls|smtps)://[^/?#@\s]+)?$")
    smtp_user: str = ""
    smtp_password: Secret = ""
    #: PEM file of the authority that signed its certificate, relative to the settings file.
    smtp_ca_file: str = ""
    #: Whom mail is from, and whom to write to in order to be left alone: mailto: or https:; empty: the sender.
    mail_from: str = Field("", pattern=r"^([^\s()<>@]+@[^\s()<>@]+|[^<>@\r\n]+<[^\s()<>@]+@[^\s()<>@]+>)?$")
    unsubscribe: str = Field("", pattern=r"^((mailto:|https://)[!-~]+)?$")
    #: What webhooks are signed with, of subscriptions that name no keys of their own: the new key first, then the old.
    signing: tuple[Secret, ...] = ()
    #: Where Atom feeds are written, relative to the settings file.
    atom_folder: str = Field("alerts", min_length=1)
    #: Where readers see what is known of an article, at /trace/ID; empty: messages name the command.
    base_url: str = Field("", pattern=r"^(https?://[!-~]+)?$")
    #: For one message.
    timeout_s: float = Field(10, gt=0, le=60)
    #: What cannot be delivered for so long is given up.
    give_up_after: Duration = Field(timedelta(hours=24), ge=timedelta(seconds=1), le=timedelta(days=30))
    #: Whether webhooks may go to loopback and private addresses.
    allow_private_hosts: bool = False

    @property
    def secrets(self) -> list[tuple[str, str]]:
        """What each secret is for, and where it stands."""
        found = [("a key that webhooks are signed with", key) for key in self.signing]
        return found + ([("the mail server's password", self.smtp_password)] if self.smtp_password else [])


class MetricsTable(Table):
    """[metrics]"""

    #: HOST:PORT on which processes that stay answer /metrics, /healthz and /livez; a second one takes the next port.
    #: Empty: not at all.
    listen: str = Field("127.0.0.1:9464", pattern=r"^(([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5})?$")

    @property
    def address(self) -> tuple[str, int] | None:
        """The host, an IPv6 one without its brackets, and the port; None: not at all."""
        host, _, port = self.listen.rpartition(":")
        return (host.strip("[]"), int(port)) if port else None

    @model_validator(mode="after")
    def _is_a_port(self) -> Self:
        if self.address and self.address[1] > 65_535:
            raise ValueError(f"listen must end in a port up to 65535, got {self.listen!r}")
        return self


class LogTable(Table):
    """[log]"""

    #: `text`: logfmt, `key=value` with blanks between. Either is one line an event.
    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"


class FeedTable(Table):
    """[[feeds]]"""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    url: Annotated[str, AfterValidator(fetchable)]
    name: str = ""
    language: str = Field("", pattern=r"^([a-z]{2,3})?$")
    #: How often to poll it, whatever its habits and wishes are.
    interval: Annotated[Duration, Field(ge=SHORTEST, le=LONGEST)] | None = None
    #: Sent to its own host; `${NAME}` and `${file:/path}` stand for a secret.
    headers: Annotated[dict[str, str], AfterValidator(sendable)] = Field(default_factory=dict)
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
