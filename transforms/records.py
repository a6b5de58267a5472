"""What travels from feed to document. Every record is frozen; every moment is an aware UTC datetime.

Feed ── Poll ── Entry ── Visit ── Response ── Article ── (topics) ── Article
                   └────────── Rejected, from any stage
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from transforms.habits import Hints, ItemRule
from transforms.tags import Casualty, TextField, TopicTag
from transforms.zones import require_utc

BodySource = Literal["page", "feed"]
Precision = Literal["minute", "day"]
Status = Literal["usable", "corrected", "withdrawn", "embargoed"]
#: Where a statement about an article was found: the page's JSON-LD, its OpenGraph and other meta tags, its microdata, a
#: <time> element, the words a reader sees (byline, headline, figure), the start of the text (dateline), the address,
#: the feed, the page as a library reads it (trafilatura, htmldate, a language detector), or (a date) the moment it was
#: first seen. Empty: nobody said.
Origin = Literal[
    "", "jsonld", "opengraph", "meta", "microdata", "time", "visible", "dateline", "url", "feed", "page", "crawl"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as the registry knows it: what the operator said, and what the last polls taught."""

    id: str
    #: As the operator gave it; `address` is where it is polled.
    url: str
    #: The outlet's name, shown with every article; empty until a poll or the operator gives one.
    name: str = ""
    #: Language of articles that do not say their own, as a BCP 47 primary subtag; empty when unknown.
    language: str = ""
    #: `settings` feeds follow the settings file; `command` feeds were added by hand and stay until removed.
    origin: Literal["settings", "command"] = "command"
    paused: bool = False
    #: How often to poll, whatever the feed's habits and wishes are.
    interval: timedelta | None = None
    #: Sent to the feed's own host only, as (name, value); `${NAME}` in a value stands for an environment variable.
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    conditional: bool = True  # whether to ask with validators,
    robots: bool = True  # to obey robots.txt,
    follow_moves: bool = True  # and to follow a permanent redirect for good

    #: Validators of the last complete answer, for a conditional GET (RFC 9110, 13.1).
    etag: str | None = None
    last_modified: str | None = None
    #: Hash of the last body that parsed as a feed: an answer with the same bytes need not be parsed again.
    body_hash: str | None = None
    last_polled_at: datetime | None = None
    last_status: Literal["", "ok", "unchanged", "failed"] = ""
    last_error: str = ""
    #: Failed polls in a row, and their weights added up.
    failures: int = 0
    failure_weight: float = 0.0
    next_poll_at: datetime | None = None
    #: The interval that its habits suggest, and what that is derived from: news and seconds, recent ones counting more.
    pace: timedelta | None = None
    recent_news: float = 0.0
    recent_seconds: float = 0.0
    last_new_at: datetime | None = None
    hints: Hints = Hints()
    #: When it last answered in full, not only with "unchanged".
    last_full_at: datetime | None = None
    #: It said "unchanged" of a feed that had changed: asked without validators from then on.
    distrusted: bool = False
    muted: bool = False  # it answered 410 Gone: asked once a month
    #: Where a permanent redirect leads, for how many polls in a row, and at last where it is polled.
    moving_to: str = ""
    moves: int = 0
    moved_to: str = ""
    #: Never climbs back: an identity that changes makes old items new.
    item_rule: ItemRule = "guid"

    def __post_init__(self) -> None:
        require_utc(
            last_polled_at=self.last_polled_at,
            next_poll_at=self.next_poll_at,
            last_new_at=self.last_new_at,
            last_full_at=self.last_full_at,
        )

    @property
    def address(self) -> str:
        """Where it is polled: the operator's address, or the one it has moved to for good."""
        return self.moved_to or self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One resource to fetch, conditionally when validators are given."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    #: (name, value), sent to this host only; `${NAME}` in a value stands for an environment variable.
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a server answered. `status` is 200-299, or 304 with an empty body."""

    final_url: str
    status: int
    body: bytes
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    #: Where permanent redirects alone (301, 308) have led from the requested address; empty when they lead nowhere.
    moved_to: str = ""
    #: How long the server calls the answer fresh (RFC 9111, 4.2.1); None when it does not say.
    fresh_for: timedelta | None = None
    fetched_at: datetime

    def __post_init__(self) -> None:
        require_utc(fetched_at=self.fetched_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture with the words that belong to it."""

    url: str = ""
    caption: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item as its feed announced it; the page is not fetched yet. All texts are plain text."""

    feed_id: str
    #: Absolute, as announced: http or https.
    url: str
    title: str = ""
    description: str = ""
    #: The full text, where the feed carries it; paragraphs are separated by one newline.
    text: str = ""
    guid: str = ""
    #: What names it in its feed, whatever address it has (a GUID that can be trusted); empty where nothing does.
    item: str = ""
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    image: Image = Image()
    language: str = ""
    #: The outlet's name.
    source_name: str = ""
    #: As claimed by the feed; publishers get this wrong, so nothing is keyed on it.
    published_at: datetime | None = None
    published_precision: Precision = "minute"
    updated_at: datetime | None = None
    #: When this announcement was first seen.
    seen_at: datetime
    #: Whether subscribers hear of what becomes of it; not of what is filled in years later.
    alerts: bool = True

    def __post_init__(self) -> None:
        require_utc(seen_at=self.seen_at, published_at=self.published_at, updated_at=self.updated_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One answered poll of a feed. The feed's validators may be stored only after its entries are safe."""

    feed: Feed
    polled_at: datetime
    status: Literal["ok", "unchanged"]
    entries: tuple[Entry, ...] = ()
    #: Items of the feed that cannot be followed.
    rejected: tuple["Rejected", ...] = ()
    #: False when the answer ended early: its validators are not to be trusted.
    complete: bool = True
    #: Whether the answer was the whole feed, not only "unchanged" (304).
    full: bool = True
    #: Until the last byte had come, and was read.
    seconds: float = 0.0
    title: str = ""
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    hints: Hints = Hints()
    moved_to: str = ""  # as in Response
    fresh_for: timedelta | None = None
    item_rule: ItemRule = "guid"

    def __post_init__(self) -> None:
        require_utc(polled_at=self.polled_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Urls:
    """The three addresses of an article: as given, as reached, and as compared."""

    announced: str
    final: str
    canonical: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Whose article it is."""

    name: str
    feed_id: str
    domain: str
    #: The news agency whose copy it is, as agencies write themselves ("Reuters", "AFP"); several are joined by " / ".
    agency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where each field of an article was found. The body's and the date's are `body_source` and `published_source`."""

    title: Origin = ""
    authors: Origin = ""
    agency: Origin = ""
    updated_at: Origin = ""
    description: Origin = ""
    keywords: Origin = ""
    section: Origin = ""
    language: Origin = ""
    image_url: Origin = ""
    image_caption: Origin = ""
    image_credit: Origin = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A document of the archive: what is stored, searched and shown."""

    id: str
    #: The address to show a reader.
    url: str
    urls: Urls
    title: str
    description: str = ""
    #: Paragraphs separated by one newline; may be empty for a flash that is all headline.
    body: str = ""
    #: Whether `body` was read off the page, or is the feed's own text.
    body_source: BodySource = "page"
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_precision: Precision = "minute"
    published_source: Origin = ""
    updated_at: datetime | None = None
    #: BCP 47 primary subtag; `und` when nobody says.
    language: str = "und"
    keywords: tuple[str, ...] = ()
    image: Image = Image()
    source: Source
    section: str = ""
    #: The place of the dateline, as written ("GENEVA"), and the whole dateline ("GENEVA, Dec 18 (Reuters)").
    located: str = ""
    dateline: str = ""
    #: The working name that follows a story through its versions ("SYRIA-CRISIS/RUSSIA").
    slug: str = ""
    #: What the desk says about this version ("UPDATE 2", "Corrects name of the town in paragraph 3").
    edition_note: str = ""
    embargoed_until: datetime | None = None
    #: Whether `body` is known to be a part of the story only: a paid page's opening, or a feed's summary.
    partial: bool = False
    provenance: Provenance = Provenance()
    topics: tuple[TopicTag, ...] = ()
    casualties: tuple[Casualty, ...] = ()
    #: Version of the taxonomy that the topics and casualties were read with; empty before that.
    topics_version: str = ""
    #: The id of the article that those with the same text began with, its own where it is the first or alone
    #: (`transforms.clusters`). None before it is stored, and of articles that an earlier newswire stored.
    cluster_id: str | None = None
    revision: int = 1
    status: Status = "usable"
    first_seen_at: datetime
    fetched_at: datetime
    #: Set by the store.
    indexed_at: datetime | None = None

    def __post_init__(self) -> None:
        require_utc(
            published_at=self.published_at,
            updated_at=self.updated_at,
            first_seen_at=self.first_seen_at,
            fetched_at=self.fetched_at,
            indexed_at=self.indexed_at,
            embargoed_until=self.embargoed_until,
        )


def dated(article: Article) -> datetime:
    """When it counts as published: with no date of its own, when it was first seen."""
    return article.published_at or article.first_seen_at


def text_fields(article: Article) -> dict[TextField, str]:
    """The fields that are read for topics and figures, as evidence counts their characters."""
    return {
        "title": article.title,
        "description": article.description,
        "keywords": ", ".join(article.keywords),
        "body": article.body,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A record that could not go on, with enough to explain it and to replay it."""

    #: poll, entry, fetch, extract or store.
    stage: str
    #: A URL: what an operator would search for.
    subject: str
    #: Class name, stable enough to count and group by.
    error: str
    reason: str
    retryable: bool
    #: The record that failed, whole: the Feed or the Entry. Never the page's bytes.
    payload: Feed | Entry
    kind: str = ""  # one of `transforms.errors.KINDS`
    #: How long the other side asked us to wait.
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A page to read. At a `check` its article is in the archive, and only a change of it matters."""

    entry: Entry
    check: bool = False
    #: How long it is nobody else's to read; None where nobody else asks.
    until: datetime | None = None

    def __post_init__(self) -> None:
        require_utc(until=self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What became of an entry on its way to the archive."""

    entry: Entry
    article: Article
    #: False when the feed's words stand in for a page that could not be read; the entry is then rejected as well.
    settled: bool = True
