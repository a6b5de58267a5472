"""What a crawl knows of hosts, and how it behaves towards them. Decisions only: whoever asks waits and fetches.
Sources: RFC 9309; shared REFERENCES.md, items 2 and 4."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any, Final, TypeAlias

from connectors.http import is_public
from connectors.ports import Fetcher
from transforms.errors import Disallowed, NewswireError, Resting, Transient, Unreachable
from transforms.habits import Host
from transforms.records import Request, Response
from transforms.robots import FRESH, KEPT, Rules, agent_token, verdict
from transforms.schedule import LONGEST_WISH
from transforms.urls import host_of, is_followable, origin_of, redact

#: How long a host rests that refused; each further rest in a row is twice as long, up to the longest.
FIRST_REST: Final = timedelta(minutes=10)
LONGEST_REST: Final = timedelta(hours=6)
#: So many 429s and 503s in a row are the host's, not one resource's.
IN_A_ROW: Final = 3
#: Each of them doubles the gap between starts, from at least the first to at most the second, in seconds.
LEAST_SLOWED_S: Final = 1.0
MOST_SLOWED_S: Final = 60.0
PATIENCE_WANTED: Final = frozenset({"rate-limited", "busy"})
#: Errors that are answers of a host that is well.
WELL: Final = frozenset({"not-found", "gone"})


class Manners:
    """The manners of one pass, from what is `known` of hosts by origin (`transforms.urls.origin_of`).

    One thread asks and reports: `wait_s` and `permit` before a request, `begin` with it, `heard` after it; before the
    first to an origin, `read_robots` where `unread` says so. Any other may take what has `changed`.
    """

    def __init__(
        self,
        known: Mapping[str, Host],
        *,
        user_agent: str,
        gap_s: float = 0.0,
        robots: bool = True,
        now: Callable[[], datetime] | None = None,
        paces: "Paces | None" = None,
    ) -> None:
        """`gap_s` are the seconds between the starts of two requests to one public host; without `robots`, nobody's
        robots.txt is read. `now` is the clock. `paces` are shared with other passes, which ask the same hosts."""
        self._known, self._gap_s, self._robots = known, gap_s, robots
        self._agent = agent_token(user_agent)
        self._now = now or _steady_clock()
        #: By origin, and by URL: to find a URL's origin takes as long as to decide.
        self._sites: dict[str, _Site] = {}
        self._by_url: dict[str, _Site] = {}
        self._paces: Paces = {} if paces is None else paces
        self._changed: dict[str, Host] = {}

    def unread(self, url: str) -> bool:
        """Whether the robots.txt of the origin of `url` is to be read first: once a pass, and once a day."""
        site = self._site(url)
        if not self._robots or site.asked:
            return False
        read_at = site.host.robots_at
        return site.host.robots is None or read_at is None or self._now() - read_at >= FRESH

    async def read_robots(self, url: str, fetcher: Fetcher) -> None:
        """Fetch the robots.txt of the origin of `url` and learn from whatever comes of it. A start like any other."""
        site = self._site(url)
        address = f"{site.host.origin}/robots.txt"
        site.asked = True
        answer: Response | NewswireError
        try:
            answer = await fetcher.fetch(Request(url=address))
        except NewswireError as e:
            answer = e
        self.heard(address, answer)
        self._learn(site, answer)

    def permit(self, url: str) -> None:
        """Return if robots.txt lets us fetch `url`.

        Raises: Disallowed; Unreachable, of the same kind, where the origin is in trouble and its rules cannot be known.
        """
        site = self._site(url)
        if not self._robots:
            return
        if site.trouble is not None:
            reason = f"its robots.txt cannot be read: {site.trouble.reason}"
            raise Unreachable(redact(url), reason, site.trouble.retry_after, kind=site.trouble.kind)
        if not site.rules.allows(url, self._agent):
            raise Disallowed(redact(url), "robots.txt asks us not to fetch it")

    def wait_s(self, url: str) -> float:
        """Seconds until a request for `url` may start, as far as is known now: 0 where it may at once.

        Raises: Resting.
        """
        site = self._site(url)
        pace, rests_until = site.pace, site.host.rests_until
        gap = max(self._gap(pace), site.delay_s)
        if rests_until is None and not gap:
            return 0.0
        now = self._now()
        if rests_until is not None and now < rests_until:
            left = rests_until - now
            reason = f"its host is left alone for another {_in_words(left)}: {site.host.reason}"
            raise Resting(redact(url), reason, left)
        return 0.0 if pace.last is None else max(0.0, gap - (now - pace.last).total_seconds())

    def begin(self, url: str) -> bool:
        """Start a request for `url` now; False where another pass of this process was faster, and the host is to be
        left alone for a moment. Raises: Resting."""
        with _lock:
            if self.wait_s(url):
                return False
            self._site(url).pace.last = self._now()
            return True

    def heard(self, url: str, answer: Response | NewswireError) -> None:
        """Learn from what came of a request for `url`.

        What is asked of a host just before it rests and answered meanwhile does not count as another refusal, nor as
        the end of its rest. An error's own address counts, where it has one: redirects lead to other hosts.
        """
        if isinstance(answer, Response) or answer.kind in WELL:
            site = self._site(url)
            if site.refusals or site.host.rests:
                self._is_well(site)
            return
        site = self._site(answer.subject if is_followable(answer.subject) else url)
        if answer.kind == "refused":
            self._rest(site, f"it refused a connection ({answer.reason})")
        elif answer.kind in PATIENCE_WANTED:
            wish = answer.retry_after if isinstance(answer, Transient) else None
            now = self._now()
            site.wishes_until = max(site.wishes_until or now, now + min(wish or timedelta(0), LONGEST_WISH))
            site.refusals += 1
            site.pace.slow_down(self._gap(site.pace))
            if site.refusals >= IN_A_ROW or site.rests_at(now):
                self._rest(site, f"it asked for patience {IN_A_ROW} times in a row ({answer.reason})")

    def changed(self) -> list[Host]:
        """What is to be stored since the last call. For any thread: each step of it is atomic."""
        taken = []
        with suppress(KeyError):
            while True:
                taken.append(self._changed.popitem()[1])
        return taken

    def _gap(self, pace: "_Pace") -> float:
        """Seconds between two starts, whatever its robots.txt says."""
        return 0.0 if pace.private else max(self._gap_s, pace.slowed_s)

    def _site(self, url: str) -> "_Site":
        site = self._by_url.get(url)
        if site is None:
            origin = origin_of(url)
            site = self._by_url[url] = self._sites.get(origin) or self._first_met(origin, host_of(url))
        return site

    def _first_met(self, origin: str, host: str) -> "_Site":
        with _lock:
            if len(self._paces) >= MOST_PACES:
                for name in list(self._paces)[: MOST_PACES // 2]:  # those that were met first
                    del self._paces[name]
            pace = self._paces.setdefault((host, self._gap_s), _Pace(private=is_private(host)))
        site = self._sites[origin] = _Site(self._known.get(origin) or Host(origin=origin), pace)
        self._obey(site)
        return site

    def _obey(self, site: "_Site") -> None:
        if self._robots:
            site.rules = Rules(site.host.robots or "")
            site.delay_s = site.rules.delay(self._agent) or 0.0

    def _learn(self, site: "_Site", answer: Response | NewswireError) -> None:
        text, now, host = verdict(answer), self._now(), site.host
        lately = host.robots_at is not None and now - host.robots_at < KEPT
        if text is not None:
            self._keep(site, robots=text, robots_at=now)
        elif host.robots is not None and lately:
            return  # the older rules hold
        elif host.robots is not None or host.robots_at is None:  # asked for in vain from now on
            self._keep(site, robots=None, robots_at=now)
            lately = True
        # Asked for in vain for a month, it counts as if there were none (RFC 9309, 2.3.1.4).
        site.trouble = answer if isinstance(answer, Transient) and lately else None
        self._obey(site)

    def _is_well(self, site: "_Site") -> None:
        if site.rests_at(self._now()):
            return
        site.refusals, site.wishes_until = 0, None
        if site.host.rests:
            self._keep(site, rests=0, rests_until=None, reason="")

    def _rest(self, site: "_Site", reason: str) -> None:
        now, host = self._now(), site.host
        wished = site.wishes_until or now
        if site.rests_at(now):
            if host.rests_until is not None and wished > host.rests_until:
                self._keep(site, rests_until=wished)
            return
        length = min(FIRST_REST * 2 ** min(host.rests, 10), LONGEST_REST)
        self._keep(site, rests_until=max(now + length, wished), rests=host.rests + 1, reason=reason)
        site.refusals = 0

    def _keep(self, site: "_Site", **news: Any) -> None:
        site.host = replace(site.host, **news)
        self._changed[site.host.origin] = site.host


class _Pace:
    """The starts on one host, all its origins together."""

    def __init__(self, *, private: bool) -> None:
        self.private = private
        #: What it has asked for by its refusals.
        self.slowed_s = 0.0
        self.last: datetime | None = None

    def slow_down(self, gap_s: float) -> None:
        if not self.private:
            self.slowed_s = max(gap_s, min(max(2 * gap_s, LEAST_SLOWED_S), MOST_SLOWED_S))


#: By host and gap: feeds have their own.
Paces: TypeAlias = dict[tuple[str, float], _Pace]
_lock = RLock()
#: Hosts that are remembered.
MOST_PACES: Final = 20_000


class _Site:
    """An origin: what is stored of it, and what this pass has met."""

    def __init__(self, host: Host, pace: _Pace) -> None:
        self.host, self.pace = host, pace
        self.rules, self.delay_s = Rules(""), 0.0
        #: Whether its robots.txt was asked for in this pass; what kept us from it.
        self.asked = False
        self.trouble: Transient | None = None
        #: 429s and 503s in a row, and how long they ask us to stay away.
        self.refusals = 0
        self.wishes_until: datetime | None = None

    def rests_at(self, now: datetime) -> bool:
        return self.host.rests_until is not None and now < self.host.rests_until


def _steady_clock() -> Callable[[], datetime]:
    """A clock that tells the time, and that nobody sets in between."""
    started, ticks = datetime.now(UTC), time.monotonic()
    return lambda: started + timedelta(seconds=time.monotonic() - ticks)


def _in_words(left: timedelta) -> str:
    minutes = -(-int(left.total_seconds()) // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


def is_private(host: str) -> bool:
    """Whether a host is written as an address of our own network: nobody there asks for a gap."""
    name = host.rpartition(":")[0] or host
    for written in (host, name):  # an IPv6 address has colons of its own
        with suppress(ValueError):
            return not is_public(written.strip("[]"))
    return "localhost" in (host, name)
