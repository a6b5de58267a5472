"""Looking for feeds that answer: on a web page's site, and for a feed that died."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from connectors.http import fetch_one
from connectors.ports import HttpSpec
from transforms.discovery import Candidate, candidates, elsewhere
from transforms.errors import Busy, NewswireError, NotAFeed
from transforms.feeds import read_feed
from transforms.records import Feed, Poll, Response
from transforms.robots import Rules, verdict
from transforms.sitemaps import children, is_of_news
from transforms.urls import absolute, canonical_url

#: Addresses tried in one search, and how long one of them may take: somebody waits for it.
MAX_TRIES, PATIENCE_S = 12, 10.0
#: Sitemaps that are looked into, of those an index names.
MAX_CHILDREN = 3
#: A feed that fails in one of these ways may have a new address; in the others, it is to be asked again.
DEAD = frozenset({"dns", "refused", "denied", "not-found", "gone", "redirects", "not-a-feed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """A feed that answers."""

    candidate: Candidate
    poll: Poll

    @property
    def title(self) -> str:
        """What it calls itself, or else its site calls it."""
        return self.poll.title or self.candidate.title


def patient(spec: HttpSpec) -> HttpSpec:
    """`spec`, with as much patience as somebody at the keyboard has."""
    return replace(spec, timeout_s=min(PATIENCE_S, spec.timeout_s))


def ask(spec: HttpSpec, feed: Feed) -> Response:
    """What a feed's address answers now, in full. Raises: Transient, Permanent."""
    return fetch_one(patient(spec), feed.address, feed.headers)


def is_page(response: Response) -> bool:
    """Whether an answer that is no feed is a web page, which may lead to one."""
    start = response.body[:4_096].lower()
    return any(tag in start for tag in (b"<html", b"<!doctype html", b"<head", b"<body"))


class Search:
    """One search: what it has tried is not tried again, and after MAX_TRIES addresses it ends."""

    def __init__(self, spec: HttpSpec, known: Sequence[str] = ()) -> None:
        self._spec = patient(spec)
        self._seen = {canonical_url(url) for url in known}
        self._bodies: set[str | None] = set()
        self._left = MAX_TRIES
        #: (address, why it is no feed for us)
        self.failed: list[tuple[str, str]] = []

    def on(self, page: Response) -> list[Working]:
        """The feeds that a page or an index of sitemaps leads to: those with entries first, those of comments last."""
        working: list[Working] = []
        self._seen.add(canonical_url(page.final_url))
        queue = deque(_of_index(page) or candidates(page, self._sitemaps(page.final_url)))
        while queue and self._left:
            candidate = queue.popleft()
            if canonical_url(candidate.url) in self._seen or (working and _is_guess(candidate)):
                continue
            self._seen.add(canonical_url(candidate.url))
            self._left -= 1
            try:
                response = fetch_one(self._spec, candidate.url)
                poll = read_feed(Feed(id="found", url=candidate.url), response)
            except NotAFeed as e:
                self.failed.append((candidate.url, e.reason))
                queue.extendleft(reversed(list(_further(candidate, response))))
            except NewswireError as e:
                self.failed.append((candidate.url, e.reason))
                if isinstance(e, Busy):  # it has had enough of us
                    self._left = 0
            else:
                if candidate.why in ("robots", "path") and not poll.entries:
                    self.failed.append((candidate.url, "nothing is in it now"))
                elif poll.body_hash not in self._bodies:
                    self._bodies.add(poll.body_hash)
                    working.append(Working(candidate=candidate, poll=poll))
        return sorted(working, key=lambda found: (found.candidate.comments, not found.poll.entries))

    def instead_of(self, address: str, answer: Response | None) -> list[Working]:
        """Feeds that may be the new ones of a dead `address`; `answer` is the page that it gives now."""
        self._seen.add(canonical_url(address))
        for page in self._pages(address, answer):
            if found := [working for working in self.on(page) if not working.candidate.comments]:
                return found
        return []

    def _pages(self, address: str, answer: Response | None) -> Iterator[Response]:
        if answer is not None and is_page(answer):
            yield answer
        for url in elsewhere(address):
            try:
                page = fetch_one(self._spec, url)
            except NewswireError as e:
                self.failed.append((url, e.reason))
            else:
                if is_page(page):
                    yield page

    def _sitemaps(self, url: str) -> tuple[str, ...]:
        try:
            return Rules(verdict(fetch_one(self._spec, absolute(url, "/robots.txt"))) or "").sitemaps()
        except NewswireError:
            return ()


def _is_guess(candidate: Candidate) -> bool:
    return candidate.why == "path" or (candidate.why == "robots" and not is_of_news(candidate.url))


def _of_index(answer: Response) -> list[Candidate]:
    """Sitemaps of news that an index names; where it names none as such, those that changed last."""
    listed = sorted(children(answer.body), key=lambda child: child[1].timestamp() if child[1] else 0.0, reverse=True)
    chosen = [url for url, _ in listed if is_of_news(url)] or [url for url, _ in listed]
    return [Candidate(url=url, why="robots") for url in chosen[:MAX_CHILDREN]]


def _further(candidate: Candidate, answer: Response) -> Iterator[Candidate]:
    """What to try in place of what is no feed: the parts of an index, or the feeds that a page about feeds lists."""
    yield from _of_index(answer)
    if candidate.why == "link" and is_page(answer):
        for listed in candidates(answer):
            if listed.why == "alternate" or (listed.why == "link" and listed.url != candidate.url):
                # `robots` and `path` are tried for the site already; and a list of lists is not followed.
                yield replace(listed, why="alternate")
