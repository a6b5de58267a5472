"""pipelines.manners under a clock that stands still until it is told: when a request may start, when a host rests, and
what is remembered of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Self

import pytest

from pipelines.manners import FIRST_REST, IN_A_ROW, LONGEST_REST, MOST_SLOWED_S, Manners
from tests.factories import NOON, make_response
from transforms.errors import Busy, Disallowed, Gone, NewswireError, Refused, Resting, Unreachable
from transforms.habits import Host
from transforms.records import Request, Response
from transforms.urls import origin_of

WIRE = "https://wire.example"
PAGE = f"{WIRE}/a"
AGENT = "newswire/0.1 (+https://us.example/bot)"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REFUSED = Unreachable(PAGE, "connection refused", kind="refused")
FINE = make_response("well")


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> Any:
        return self.now

    def passes(self, time: timedelta | float) -> None:
        self.now += time if isinstance(time, timedelta) else timedelta(seconds=time)


class Robots:
    """A fetcher that knows robots.txt files; for any other it raises, or is a bug."""

    def __init__(self, answers: Mapping[str, Response | NewswireError] | None = None) -> None:
        self.answers = dict(answers or {})
        self.asked: list[Request] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None: ...

    async def fetch(self, request: Request) -> Response:
        self.asked.append(request)
        answer = self.answers[request.url.removesuffix("/robots.txt")]
        if isinstance(answer, NewswireError):
            raise answer
        return answer


@pytest.fixture
def clock() -> Clock:
    return Clock()


def manners(clock: Clock, *known: Host, **more: Any) -> Manners:
    return Manners({host.origin: host for host in known}, **{"user_agent": AGENT, "now": clock, **more})


def busy(wish: timedelta | None = None, status: int = 503) -> Busy:
    return Busy(PAGE, f"HTTP {status}", wish, kind="rate-limited" if status == 429 else "")


def read(polite: Manners, robots: Robots, url: str = PAGE) -> bool:
    """Whether robots.txt was asked for."""
    if unread := polite.unread(url):
        asyncio.run(polite.read_robots(url, robots))
    return unread


def rest(polite: Manners, url: str = PAGE) -> timedelta | None:
    """How long its host still rests."""
    try:
        polite.wait_s(url)
    except Resting as e:
        return e.retry_after
    return None


# The distance between starts.


def test_starts_keep_their_distance(clock: Clock) -> None:
    polite = manners(clock, gap_s=5.0)
    assert polite.wait_s(PAGE) == 0.0
    polite.begin(PAGE)
    assert polite.wait_s(f"{WIRE}/b") == 5.0
    clock.passes(3.5)
    assert polite.wait_s(f"{WIRE}/b") == 1.5
    assert polite.wait_s("https://other.example/") == 0.0
    clock.passes(60)
    assert polite.wait_s(f"{WIRE}/b") == 0.0


def test_a_host_s_origins_share_its_distance(clock: Clock) -> None:
    polite = manners(clock, gap_s=5.0)
    polite.begin("https://wire.example/a")
    assert polite.wait_s("http://wire.example/a") == 5.0
    assert polite.wait_s("https://wire.example:8443/a") == 0.0


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8080", "http://localhost", "http://10.0.0.1", "http://[::1]:81"])
def test_our_own_hosts_need_no_distance_but_may_ask_for_one(clock: Clock, origin: str) -> None:
    polite = manners(clock, Host(origin=origin), gap_s=5.0)
    polite.begin(f"{origin}/a")
    polite.heard(f"{origin}/a", busy())
    assert polite.wait_s(f"{origin}/b") == 0.0
    read(polite, Robots({origin: make_response("User-agent: *\nCrawl-delay: 2")}), f"{origin}/a")
    assert polite.wait_s(f"{origin}/b") == 2.0


@pytest.mark.parametrize(
    ("gap_s", "asked", "kept"), [(0.0, "7", 7.0), (5.0, "7", 7.0), (9.0, "7", 9.0), (0.0, "999", 30.0)]
)
def test_a_crawl_delay_lengthens_the_distance(clock: Clock, gap_s: float, asked: str, kept: float) -> None:
    polite = manners(clock, gap_s=gap_s)
    read(polite, Robots({WIRE: make_response(f"User-agent: *\nCrawl-delay: {asked}")}))
    polite.begin(PAGE)
    assert polite.wait_s(PAGE) == kept


def test_each_cry_for_patience_doubles_the_distance(clock: Clock) -> None:
    polite = manners(clock, gap_s=5.0)
    polite.begin(PAGE)
    seen = []
    for _ in range(7):
        polite.heard(PAGE, busy(status=429))
        polite.heard(PAGE, FINE)
        seen.append(polite.wait_s(PAGE))
    assert seen == [10, 20, 40, 60, 60, 60, 60]
    assert MOST_SLOWED_S == 60


def test_a_distance_of_none_becomes_one(clock: Clock) -> None:
    polite = manners(clock, gap_s=0.0)
    polite.begin(PAGE)
    polite.heard(PAGE, busy())
    assert polite.wait_s(PAGE) == 1.0


def test_a_distance_that_the_operator_made_long_is_not_cut(clock: Clock) -> None:
    polite = manners(clock, gap_s=300.0)
    polite.begin(PAGE)
    polite.heard(PAGE, busy())
    assert polite.wait_s(PAGE) == 300.0


# Rests.


def test_a_host_that_refuses_connections_rests(clock: Clock) -> None:
    polite = manners(clock)
    polite.heard(PAGE, REFUSED)
    with pytest.raises(Resting, match="another 10 min: it refused a connection") as raised:
        polite.wait_s(f"{WIRE}/b")
    assert (raised.value.kind, raised.value.retry_after) == ("resting", 10 * MINUTE)
    assert polite.wait_s("https://other.example/") == 0.0
    clock.passes(9 * MINUTE)
    assert rest(polite) == MINUTE
    clock.passes(MINUTE)
    assert rest(polite) is None


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_rests_at_the_third_cry_in_a_row(clock: Clock, status: int) -> None:
    polite = manners(clock)
    for _ in range(IN_A_ROW - 1):
        polite.heard(PAGE, busy(status=status))
        assert rest(polite) is None
    polite.heard(PAGE, busy(status=status))
    assert rest(polite) == FIRST_REST


@pytest.mark.parametrize(
    "well", [FINE, make_response("", status=304), Gone(PAGE, "HTTP 404")], ids=["200", "304", "404"]
)
def test_an_answer_in_between_ends_the_row(clock: Clock, well: Response | NewswireError) -> None:
    polite = manners(clock)
    for _ in range(5):
        for _ in range(IN_A_ROW - 1):
            polite.heard(PAGE, busy())
        polite.heard(PAGE, well)
    assert rest(polite) is None


@pytest.mark.parametrize("kind", ["dns", "tls", "timeout", "dropped", "server-error"])
def test_other_failures_neither_count_nor_end_the_row(clock: Clock, kind: str) -> None:
    polite = manners(clock)
    for _ in range(10):
        polite.heard(PAGE, Unreachable(PAGE, "why", kind=kind))
    assert rest(polite) is None
    polite.heard(PAGE, busy())
    polite.heard(PAGE, busy())
    polite.heard(PAGE, Unreachable(PAGE, "why", kind=kind))
    polite.heard(PAGE, Refused(PAGE, "HTTP 403"))
    polite.heard(PAGE, busy())
    assert rest(polite) == FIRST_REST


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ([None, None, 30 * MINUTE], 30 * MINUTE),
        ([HOUR, None, None], HOUR),
        ([None, None, MINUTE], FIRST_REST),
        ([None, None, 7 * DAY], DAY),
    ],
    ids=["longer", "longer, earlier", "shorter", "too long"],
)
def test_a_host_rests_as_long_as_it_asks_for(clock: Clock, wishes: list[Any], expected: timedelta) -> None:
    polite = manners(clock)
    for wish in wishes:
        polite.heard(PAGE, busy(wish))
    assert rest(polite) == expected


def test_a_longer_wish_during_a_rest_lengthens_it(clock: Clock) -> None:
    polite = manners(clock)
    for wish in (None, None, None, HOUR, MINUTE):
        polite.heard(PAGE, busy(wish))
    assert rest(polite) == HOUR
    (host,) = polite.changed()
    assert (host.rests, host.rests_until) == (1, NOON + HOUR)


def test_rests_in_a_row_double_up_to_the_longest_and_over_passes(clock: Clock) -> None:
    host, lengths = Host(origin=WIRE), []
    for _ in range(8):
        polite = manners(clock, host)
        polite.heard(PAGE, REFUSED)
        lengths.append(rest(polite))
        (host,) = polite.changed()
        assert host.rests_until is not None
        clock.now = host.rests_until
    assert lengths == [MINUTE * n for n in (10, 20, 40, 80, 160, 320, 360, 360)]
    assert lengths[-1] == LONGEST_REST


def test_a_success_forgets_the_rests(clock: Clock) -> None:
    polite = manners(clock, Host(origin=WIRE, rests=5, rests_until=NOON - MINUTE, reason="it refused"))
    polite.heard(PAGE, FINE)
    assert polite.changed() == [Host(origin=WIRE)]
    polite.heard(PAGE, REFUSED)
    assert rest(polite) == FIRST_REST


def test_what_was_asked_before_a_rest_changes_nothing_in_it(clock: Clock) -> None:
    polite = manners(clock)
    for answer in (REFUSED, REFUSED, REFUSED, FINE, busy(), busy(), busy(), busy()):
        polite.heard(PAGE, answer)
    (host,) = polite.changed()
    assert (host.rests, rest(polite)) == (1, FIRST_REST)


def test_a_rest_is_known_to_the_next_pass(clock: Clock) -> None:
    first = manners(clock)
    first.heard(PAGE, REFUSED)
    second = manners(clock, *first.changed())
    assert rest(second) == FIRST_REST
    assert second.changed() == []


def test_the_host_that_failed_rests_and_not_the_one_that_led_there(clock: Clock) -> None:
    polite = manners(clock)
    polite.heard(PAGE, Unreachable("https://***@elsewhere.example/x", "connection refused", kind="refused"))
    assert rest(polite) is None
    assert rest(polite, "https://elsewhere.example/") == FIRST_REST
    polite.heard(PAGE, Unreachable("a name that is no address", "connection refused", kind="refused"))
    assert rest(polite) == FIRST_REST


# robots.txt.


def test_rules_are_obeyed(clock: Clock) -> None:
    polite = manners(clock)
    robots = Robots({WIRE: make_response("User-agent: newswire\nDisallow: /private")})
    assert read(polite, robots)
    polite.permit(PAGE)
    with pytest.raises(Disallowed, match="txt asks us not") as raised:
        polite.permit("https://reader:secret@wire.example/private/1")
    assert raised.value.kind == "robots"
    assert "secret" not in str(raised.value)
    assert robots.asked == [Request(url=f"{WIRE}/robots.txt")]


def test_robots_txt_belongs_to_an_origin(clock: Clock) -> None:
    polite = manners(clock)
    robots = Robots({WIRE: make_response("User-agent: *\nDisallow: /"), f"{WIRE}:8443": Gone(WIRE, "HTTP 404")})
    assert [read(polite, robots, url) for url in (PAGE, f"{WIRE}:8443/a")] == [True, True]
    polite.permit(f"{WIRE}:8443/a")
    with pytest.raises(Disallowed):
        polite.permit(PAGE)


def test_it_is_read_once_a_pass_and_once_a_day(clock: Clock) -> None:
    robots = Robots({WIRE: make_response("User-agent: *\nDisallow: /private")})
    first = manners(clock)
    assert [read(first, robots) for _ in range(3)] == [True, False, False]
    (host,) = first.changed()
    assert host == Host(origin=WIRE, robots="User-agent: *\nDisallow: /private", robots_at=NOON)
    clock.passes(DAY - MINUTE)
    second = manners(clock, host)
    assert not read(second, robots)
    with pytest.raises(Disallowed):
        second.permit(f"{WIRE}/private")
    assert second.changed() == []
    clock.passes(MINUTE)
    third = manners(clock, host)
    assert read(third, robots)
    assert [changed.robots_at for changed in third.changed()] == [NOON + DAY]


def test_the_absence_of_rules_is_remembered_too(clock: Clock) -> None:
    robots = Robots({WIRE: Gone(WIRE, "HTTP 404")})
    first = manners(clock)
    assert read(first, robots)
    first.permit(PAGE)
    assert not read(manners(clock, *first.changed()), robots)


def test_without_robots_nobody_is_asked_and_nothing_disallowed(clock: Clock) -> None:
    everything = Host(origin=WIRE, robots="User-agent: *\nDisallow: /\nCrawl-delay: 9", robots_at=NOON - 2 * DAY)
    polite = manners(clock, everything, robots=False)
    assert not polite.unread(PAGE)
    polite.permit(PAGE)
    polite.begin(PAGE)
    assert polite.wait_s(PAGE) == 0.0


IN_TROUBLE = [
    Unreachable(PAGE, "HTTP 500", kind="server-error"),
    Unreachable(PAGE, "no answer", kind="timeout"),
    Busy(PAGE, "HTTP 503", HOUR),
    Busy(PAGE, "HTTP 429", kind="rate-limited"),
]


@pytest.mark.parametrize("trouble", IN_TROUBLE, ids=lambda error: error.kind)
def test_a_host_in_trouble_is_not_fetched_from_and_not_disallowed(clock: Clock, trouble: Any) -> None:
    polite = manners(clock)
    assert read(polite, Robots({WIRE: trouble}))
    with pytest.raises(Unreachable, match=f"robots.txt cannot be read: {trouble.reason}") as raised:
        polite.permit(PAGE)
    assert (raised.value.kind, raised.value.retry_after) == (trouble.kind, trouble.retry_after)
    assert rest(polite) is None, "whoever does not obey robots.txt may go on"
    assert not polite.unread(PAGE)
    assert manners(clock, *polite.changed()).unread(PAGE)


@pytest.mark.parametrize("trouble", IN_TROUBLE, ids=lambda error: error.kind)
def test_older_rules_hold_for_a_month_of_trouble(clock: Clock, trouble: Any) -> None:
    known = Host(origin=WIRE, robots="User-agent: *\nDisallow: /private", robots_at=NOON - timedelta(days=29))
    polite = manners(clock, known)
    assert read(polite, Robots({WIRE: trouble}))
    polite.permit(PAGE)
    with pytest.raises(Disallowed):
        polite.permit(f"{WIRE}/private")
    assert polite.changed() == []
    clock.passes(2 * DAY)
    later = manners(clock, known)
    assert read(later, Robots({WIRE: trouble}))
    with pytest.raises(Unreachable):
        later.permit(PAGE)
    assert later.changed() == [Host(origin=WIRE, robots=None, robots_at=clock.now)]


def test_after_a_month_of_trouble_there_are_no_rules(clock: Clock) -> None:
    """Some sites answer 500 to robots.txt for ever, and their feeds must not be lost."""
    robots = Robots({WIRE: IN_TROUBLE[0]})
    first = manners(clock)
    assert read(first, robots)
    (host,) = first.changed()
    clock.passes(timedelta(days=29))
    second = manners(clock, host)
    assert read(second, robots)
    with pytest.raises(Unreachable):
        second.permit(PAGE)
    assert second.changed() == []
    clock.passes(DAY)
    third = manners(clock, host)
    assert read(third, robots)
    third.permit(PAGE)
    healed = manners(clock, host)
    assert read(healed, Robots({WIRE: make_response("User-agent: *\nDisallow: /")}))
    with pytest.raises(Disallowed):
        healed.permit(PAGE)


def test_a_host_that_refuses_its_robots_txt_rests(clock: Clock) -> None:
    polite = manners(clock)
    assert read(polite, Robots({WIRE: Unreachable(f"{WIRE}/robots.txt", "connection refused", kind="refused")}))
    assert rest(polite) == FIRST_REST


def test_a_bug_in_fetching_is_raised(clock: Clock) -> None:
    with pytest.raises(KeyError):
        asyncio.run(manners(clock).read_robots(PAGE, Robots()))


# For others.


def test_what_has_changed_is_told_once_and_as_it_is_now(clock: Clock) -> None:
    polite = manners(clock)
    assert polite.changed() == []
    read(polite, Robots({WIRE: make_response("User-agent: *")}))
    polite.heard(PAGE, REFUSED)
    polite.heard("http://other.example/", Unreachable("http://other.example/", "no", kind="refused"))
    told = sorted(polite.changed(), key=lambda host: host.origin)
    assert [(host.origin, host.rests) for host in told] == [("http://other.example", 1), (WIRE, 1)]
    assert told[1].robots == "User-agent: *"
    assert polite.changed() == []


def test_what_has_changed_may_be_taken_by_another_thread(clock: Clock) -> None:
    polite, urls = manners(clock), [f"https://h{n}.example/" for n in range(3_000)]
    taken: list[Host] = []
    done = threading.Event()

    def take() -> None:
        while not done.is_set():
            taken.extend(polite.changed())
        taken.extend(polite.changed())

    thread = threading.Thread(target=take)
    thread.start()
    for url in urls:
        polite.heard(url, Unreachable(url, "no", kind="refused"))
    done.set()
    thread.join()
    assert sorted(host.origin for host in taken) == sorted(origin_of(url) for url in urls)


def test_the_clock_of_a_pass_runs() -> None:
    polite = Manners({}, user_agent=AGENT, gap_s=100.0)
    polite.begin(PAGE)
    first = polite.wait_s(PAGE)
    assert 99.0 < first < 100.0
    assert 99.0 < polite.wait_s(PAGE) < first
