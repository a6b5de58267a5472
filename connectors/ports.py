"""What the pipeline needs of the outside. Each port's docstrings are its contract; tests/contract runs them on every
adapter. All moments are aware UTC; all adapters are opened where they are used and never pickled."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, Self

from transforms.errors import NewswireError
from transforms.matching import Snippet
from transforms.query import Query
from transforms.records import Article, Entry, Rejected, Request, Response, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSpec:
    """How to fetch. Travels to workers; the client is opened there."""

    user_agent: str
    #: From the first byte sent to the last byte read, all redirects together.
    timeout_s: float = 30.0
    #: Of the body, once unpacked: holds more than 99.99 % of pages (shared REFERENCES.md, item 10).
    max_bytes: int = 10_000_000
    max_redirects: int = 5
    #: Loopback, private and link-local addresses are refused unless this is set: a feed must not reach our own network.
    allow_private_hosts: bool = False


class Fetcher(Protocol):
    """Fetches resources over HTTP: bounded in time and size, each redirect's address checked, no retries of its own.

    A 304 answer is a Response with an empty body, not an error: "unchanged" is the usual case for a feed.
    """

    async def fetch(self, request: Request) -> Response:
        """Raises: Transient, Permanent; nothing else for whatever a server does."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What the ledger made of an entry: `new`, `changed` since this feed last announced it, or `known`."""

    entry: Entry
    news: Literal["new", "changed", "known"]
    #: Whether this run should fetch its page; False for known ones and for those it already has in hand.
    fetch: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """That an entry became (or already was) revision `revision` of the article `doc_id`."""

    entry: Entry
    doc_id: str
    revision: int
    content_hash: str
    #: `YYYY-MM` of the article's first appearance: where an index keeps it.
    month: str
    written: Literal["new", "revised", "unchanged"]
    #: False when the feed's words stand in for a page that could not be read: the entry's own state is then `reject`ed.
    settled: bool
    at: datetime
    #: When to look at its page again, for a change; None: never.
    check_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEvent:
    """One line of a URL's history."""

    at: datetime
    stage: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """Everything known of one announced URL, which is shown without the credentials in it."""

    key: str
    url: str
    #: pending: announced, not finished. done: in the archive (a feed: well again), or followed under another address.
    #: rejected: did not get through.
    state: Literal["pending", "done", "rejected"]
    stage: str = ""
    error: str = ""
    #: One of `transforms.errors.KINDS`; empty where nothing is wrong.
    kind: str = ""
    reason: str = ""
    retryable: bool = False
    attempts: int = 0
    #: Of a pending one: how long somebody has it in hand.
    next_try_at: datetime | None = None
    #: When its page is looked at again, for a change.
    check_at: datetime | None = None
    doc_id: str = ""
    content_hash: str = ""
    revision: int = 0
    month: str = ""
    first_seen_at: datetime
    updated_at: datetime
    #: (feed id, headline as announced there, when first seen there).
    appearances: tuple[tuple[str, str, datetime], ...] = ()
    history: tuple[LedgerEvent, ...] = ()


class Ledger(Protocol):
    """One row per URL ever announced: seen-set, retry queue, dead letters and audit trail in one. No row is ever
    deleted: an item that comes back after a year is known.

    Rows are keyed by the canonical form of the announced URL. Every method may be repeated with the same arguments
    (a runner delivers at least once) without a second effect on counts of rows, revisions or states.

    What is pending is in somebody's hand, on a lease: under a run id, until a time, which is the row's `next_try_at`.
    Whoever has it and dies leaves a lease that ends, and then the page is anybody's. Nothing else keeps several workers
    from reading the same page, and nothing else is needed: reading a page twice is harmless.
    """

    def announce(self, entries: Sequence[Entry], *, run_id: str, until: datetime) -> list[Announced]:
        """Record announcements, durably, before anything is fetched; one answer per entry, in order.

        A new URL, or one whose headline or text this same feed changed, becomes pending under `run_id`, `until` then;
        the entry of a changed one is given back with the time its URL was first seen. The same URL from another feed is
        an appearance, not news.

        An item that its feed (by `Entry.item`) announced before, under another URL, is `changed` under the new one, and
        its new row belongs to the article of the old: `documents` says so. The old row is then done, without retries or
        checks. Not so where `transforms.revisions.same_item` doubts it, or where one call has the item under several
        URLs: these are stories of their own.
        """

    def claim(self, *, now: datetime, run_id: str, until: datetime, limit: int) -> list[Visit]:
        """Pages whose time has come: retries that are due and pending ones whose lease is over (also those that this
        same run let go), then checks that are due; each the longest due first. All but the checks become pending under
        `run_id`, `until` then; a check's row stays done, and is due again an hour later if it is neither `stored` nor
        `checked` by then. So a second call returns none of them, nor does a call that another worker makes at the same
        moment, and a run that is killed loses none."""

    def postpone(self, entries: Sequence[Entry], *, until: Sequence[datetime]) -> None:
        """Let pages that are pending wait, each until then, when anybody may `claim` it."""

    def release(self, owner: str) -> int:
        """End the leases of all runs whose ids begin with `owner`: what they have pending is anybody's at once; how
        many pages that are. For who knows that these runs are over."""

    def next_due(self) -> datetime | None:
        """When there is something to `claim`; a time that is past: now. None: not as things are."""

    def checked(
        self, entries: Sequence[Entry], *, now: datetime, what: str, check_at: Sequence[datetime | None]
    ) -> None:
        """Record that checks found nothing to store, and when to look again."""

    def stored(self, stored: Sequence[Stored]) -> None:
        """Record what became of entries. An unsettled one keeps its state and error."""

    def reject(self, rejected: Sequence[tuple[Rejected, datetime | None]], *, now: datetime) -> None:
        """Record failures with the time of the next try (None: not by itself). Each counts one more attempt.

        A subject that was never announced (a feed's address, an item without one) gets a row as well.
        """

    def attempts(self, subjects: Sequence[Rejected]) -> list[int]:
        """Failures in a row that each subject has behind it, before the one in hand; 0 for unknown ones."""

    def recovered(self, urls: Sequence[str], *, now: datetime) -> None:
        """The failures of these subjects are over; unknown ones and ones that never failed are ignored."""

    def get(self, url: str) -> LedgerRow | None:
        """The row of an announced URL, in any spelling that has the same canonical form."""

    def documents(self, entries: Sequence[Entry]) -> list[str]:
        """The id of the article that each entry became, in order, read in real time; empty where there is none yet."""

    def by_document(self, document_id: str) -> list[LedgerRow]:
        """The rows whose entries became this article, earliest first."""

    def rejected(
        self, *, stage: str = "", error: str = "", quarantined: bool | None = None, limit: int = 100
    ) -> list[LedgerRow]:
        """Rows that did not get through, latest first. Quarantined are the pages that only `retry` brings back; of the
        others, pages have a next try, and feeds their schedule."""

    def retry(self, *, urls: Sequence[str] = (), stage: str = "", error: str = "", now: datetime) -> int:
        """Make rejected rows due at once, with their attempts forgotten; how many there were. No filter: all.

        Rows without an entry to fetch (a feed's own failure) are not counted: the feed's schedule retries those.
        """

    def counts(self) -> Mapping[str, int]:
        """Rows by state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the store did with one article; `error` is data, since one bad document must not cost its neighbours."""

    id: str
    error: NewswireError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search of the archive. `query` None finds everything the filters let through."""

    query: Query | None = None
    #: Marks (`transforms.tags.marks`), all of which an article must have: `airstrikes`, `airstrikes:denied` where it is
    #: so, `airstrikes/air-strike` where this rule has found it.
    topics: tuple[str, ...] = ()
    #: Feed ids, outlet names or domains.
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    #: Bounds on the time of publication; `until` is exclusive.
    since: datetime | None = None
    until: datetime | None = None
    order: Literal["newest", "relevance"] = "newest"
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A found article with the words that matched: highlighted headline, and the best stretch of its text."""

    article: Article
    title: Snippet
    text: Snippet


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of hits, and how many there are in all."""

    total: int
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearby:
    """A question for articles near one: those with any of its bands (`transforms.clusters.bands`), that count as
    published (`transforms.clusters.dated`) from `since` to `until`, both included."""

    bands: tuple[str, ...]
    since: datetime
    until: datetime


class ArticleStore(Protocol):
    """The archive: articles by id, in revisions, found by words."""

    def get(self, ids: Iterable[str]) -> Mapping[str, Article]:
        """The current revisions of those that exist, read in real time."""

    def put(self, articles: Sequence[Article], *, now: datetime) -> list[Outcome]:
        """Write revisions; one outcome per article, in order. A revision at or above the stored one replaces it (so a
        replay is no error); a lower one is ignored, as success. What is replaced is kept as history.

        Raises:
            Transient: nothing of the batch may have been written; the whole batch may be sent again.
            StoreFailed: nothing can be written until somebody mends the store. So does every method that writes.
        """

    def outdated(self, version: str, *, limit: int) -> list[Article]:
        """Up to `limit` articles, in their current revisions, whose `topics_version` is another than `version`; empty
        when none is left. In no order that counts, and withdrawn ones too."""

    def retag(self, articles: Sequence[Article]) -> int:
        """Replace the topics, casualties and `topics_version` of stored articles by those given; how many were written.

        Only where the stored revision is still the given one: a later one was tagged when it was written, and is left
        alone, as is what is not there. It is no new revision, and nothing else of the article changes. One that another
        writer changes at the same moment is left to that writer; if it is still outdated, `outdated` has it again. So
        reading `outdated` and writing it back, until there is none, brings all of an archive to a version, however
        often whoever does it is killed.

        Raises:
            Transient, StoreFailed: as `put` does.
            Unindexable: the store will never have one of them with these tags; the others are written.
        """

    def revisions(self, doc_id: str) -> list[Article]:
        """All revisions of an article, oldest first."""

    def search(self, search: Search) -> Found:
        """A page of what is found. Raises: QueryError for a query nested more deeply than the engine can follow."""

    def each(self, search: Search) -> Iterator[Article]:
        """All that is found, in the order of `search`, withdrawn ones too; only a few are in memory at a time. `limit`
        and `offset` do not count.

        Which articles they are is settled by the call. The store may be written to in the meantime: what is new then is
        left out, what is revised then comes once, in the one revision or the other.

        Raises: QueryError, at the call, as `search` does.
        """

    def similar(self, doc_id: str, *, limit: int) -> list[Article]:
        """Articles of the same language that share the most telling words of an article's headline and text, the
        closest first, without itself; how close is the store's own judgement. Empty where there is none of that id."""

    def near(self, asked: Sequence[Nearby], *, limit: int) -> list[list[Article]]:
        """For each question, in order, the articles it asks for in their current revisions: up to `limit`, those that
        share the most bands first, of these the lowest id. Withdrawn ones too, and the article itself where it is
        stored; none for a question without bands. Everything is seen that anybody had `put` before the call."""

    def cluster(self, cluster_id: str) -> list[Article]:
        """The articles of a cluster, by id. One that is stored without a cluster is its own, and may be others'."""

    def status(self) -> Mapping[str, int | str]:
        """Counts and versions, for `newswire store status`."""

    def topic_counts(self) -> Mapping[str, int]:
        """Articles by topic id."""
