"""The Fetcher port against HttpFetcher, on a site that misbehaves in every way we know of."""

from __future__ import annotations

import asyncio
import gzip
import ipaddress
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from connectors.http import HttpFetcher, HttpSpec, error_for_status, is_public, parse_retry_after
from tests.site import BOMB_BYTES, COOKIE, ETAG, HTML, LAST_MODIFIED, MEGABYTE, RETRY_AFTER_S, Site, page
from transforms.errors import (
    Busy,
    Forbidden,
    Gone,
    NewswireError,
    Permanent,
    Refused,
    TooLarge,
    Transient,
    Unreachable,
)
from transforms.records import Request, Response

#: Short, since the silent resources are waited for in full.
TIMEOUT_S = 0.6
#: What a busy machine may add to a time limit.
SLACK_S = 1.5
CAP = 200_000
PAGE = page("Quiet day", ["Nothing happened."])


@pytest.fixture(scope="module")
def shared_site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def site(shared_site: Site) -> Site:
    shared_site.forget()
    return shared_site


def spec(**overrides: Any) -> HttpSpec:
    return HttpSpec(
        **{
            "user_agent": "newswire-tests/1",
            "timeout_s": TIMEOUT_S,
            "max_bytes": CAP,
            "allow_private_hosts": True,
            **overrides,
        }
    )


def fetch(request: Request | str, **overrides: Any) -> Response:
    """One fetch by a fetcher of its own."""
    return fetch_all([request], **overrides)[0]


def fetch_all(requests: list[Request | str], **overrides: Any) -> list[Response]:
    """Fetches one after the other by one fetcher."""

    async def run() -> list[Response]:
        async with HttpFetcher(spec(**overrides)) as fetcher:
            return [await fetcher.fetch(Request(url=r) if isinstance(r, str) else r) for r in requests]

    return asyncio.run(run())


def failure(url: str, **overrides: Any) -> NewswireError:
    """The error that a fetch ends with."""
    with pytest.raises(NewswireError) as caught:
        fetch(url, **overrides)
    return caught.value


def outcome(url: str, **overrides: Any) -> Response | NewswireError:
    """The answer, or the error; anything that is no NewswireError goes through."""
    try:
        return fetch(url, **overrides)
    except NewswireError as e:
        return e


# Answers.


def test_an_answer_is_handed_over_whole(site: Site) -> None:
    url = site.put("/a", PAGE, headers={"ETag": ETAG, "Last-Modified": LAST_MODIFIED})
    before = datetime.now(UTC)
    got = fetch(url)
    assert (got.final_url, got.status, got.body, got.content_type) == (url, 200, PAGE, HTML)
    assert (got.etag, got.last_modified) == (ETAG, LAST_MODIFIED)
    assert before <= got.fetched_at <= datetime.now(UTC)


def test_what_we_say_of_ourselves(site: Site) -> None:
    fetch(site.put("/a", PAGE))
    (asked,) = site.asked
    assert asked.method == "GET"
    assert asked.headers["user-agent"] == "newswire-tests/1"
    assert "text/html" in asked.headers["accept"]
    assert not {"cookie", "referer", "authorization", "if-none-match", "if-modified-since"} & asked.headers.keys()


@pytest.mark.parametrize("status", [200, 201, 203, 299])
def test_every_success_is_read(site: Site, status: int) -> None:
    got = fetch(site.put(f"/{status}", PAGE, status=status))
    assert (got.status, got.body) == (status, PAGE)


def test_an_empty_answer_is_an_answer(site: Site) -> None:
    assert fetch(site.url("/empty")).body == b""
    assert fetch(site.put("/204", status=204)).body == b""


def test_bytes_are_not_interpreted(site: Site) -> None:
    got = fetch(site.url("/binary"))
    assert got.body == bytes(range(256)) * 16
    assert got.content_type == "application/octet-stream"


def test_packed_answers_are_unpacked(site: Site) -> None:
    url = site.put("/packed", gzip.compress(PAGE), headers={"Content-Encoding": "gzip"})
    assert fetch(url).body == PAGE


def test_an_answer_exactly_as_large_as_allowed_is_read(site: Site) -> None:
    assert len(fetch(site.put("/brim", b"." * CAP)).body) == CAP
    assert isinstance(failure(site.put("/over", b"." * (CAP + 1))), TooLarge)


def test_what_goes_beyond_the_announced_length_is_nobody_s_answer(site: Site) -> None:
    """Whether the surplus arrives in time to be noticed is chance; that it is no part of any answer is not."""
    good = site.put("/good", PAGE)

    async def run() -> list[Response | BaseException]:
        async with HttpFetcher(spec()) as fetcher:
            first = await asyncio.gather(fetcher.fetch(Request(url=site.url("/wrong-length"))), return_exceptions=True)
            return [*first, await fetcher.fetch(Request(url=good))]

    for _ in range(5):
        odd, after = asyncio.run(run())
        assert type(odd) is Unreachable or (isinstance(odd, Response) and len(odd.body) == 20)
        assert isinstance(after, Response)
        assert after.body == PAGE


def test_a_well_formed_address_is_sent_as_it_came(site: Site) -> None:
    path = "/caf%c3%a9/a%2Fb;v=1?q=a+b%20c&x=%3D&&y"
    fetch(site.put(path, PAGE))
    assert site.paths() == [path]


def test_an_address_with_letters_of_its_own_is_quoted(site: Site) -> None:
    url = site.put("/caf%C3%A9", PAGE)
    assert fetch(site.url("/café")).body == PAGE
    assert site.paths() == [url.removeprefix(site.url(""))]


# Validators.


@pytest.mark.parametrize(
    ("validators", "status"),
    [
        pytest.param({"etag": ETAG, "last_modified": LAST_MODIFIED}, 304, id="both"),
        pytest.param({"etag": ETAG}, 304, id="etag"),
        pytest.param({"last_modified": LAST_MODIFIED}, 304, id="date"),
        pytest.param({"etag": '"edition-6"', "last_modified": LAST_MODIFIED}, 200, id="etag goes before date"),
        pytest.param({}, 200, id="none"),
    ],
)
def test_conditional_requests(site: Site, validators: dict[str, str], status: int) -> None:
    got = fetch(Request(url=site.url("/conditional"), **validators))
    assert got.status == status
    assert (got.body == b"") == (status == 304)
    assert (got.etag, got.last_modified) == (ETAG, LAST_MODIFIED)


def test_validators_survive_a_redirect(site: Site) -> None:
    site.put("/moved", status=301, headers={"Location": "/conditional"})
    assert fetch(Request(url=site.url("/moved"), etag=ETAG)).status == 304


def test_one_request_s_validators_are_not_the_next_one_s(site: Site) -> None:
    url = site.url("/conditional")
    assert [got.status for got in fetch_all([Request(url=url, etag=ETAG), url])] == [304, 200]


# Misbehaviour.


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/drop", Unreachable),
        ("/reset", Unreachable),
        ("/garbage", Unreachable),
        ("/partial", Unreachable),
        ("/broken-chunks", Unreachable),
        ("/cut-chunks", Unreachable),
        ("/broken-gzip", Unreachable),
        ("/drip", Unreachable),
        ("/drip-headers", Unreachable),
        ("/forever", Unreachable),
        ("/headers-huge", Unreachable),
        ("/header-long", Unreachable),
        ("/huge", TooLarge),
        ("/announced-huge", TooLarge),
        ("/bomb", TooLarge),
        ("/loop", Refused),
        ("/chain/6", Refused),
        ("/chain/50", Refused),
        ("/to-file", Forbidden),
        ("/to-javascript", Forbidden),
        ("/to-half", Forbidden),
        ("/to-nowhere", Unreachable),
        ("/429", Busy),
        ("/429-date", Busy),
        ("/503", Busy),
        ("/503-date", Busy),
        ("/not-there", Gone),
    ],
)
def test_misbehaviour(site: Site, path: str, expected: type[NewswireError]) -> None:
    started = time.monotonic()
    error = failure(site.url(path), timeout_s=TIMEOUT_S)
    assert type(error) is expected
    assert time.monotonic() - started < TIMEOUT_S + SLACK_S
    assert error.subject == site.url(path)
    assert error.reason
    assert "\n" not in error.reason


def test_a_coding_we_did_not_ask_for_is_no_crash(site: Site) -> None:
    # Either is sound: bytes that nobody can read, or a refusal. An exception of the client library is not.
    got = outcome(site.url("/unknown-coding"))
    assert isinstance(got, Transient | Permanent) or got.body == b"?????"


@pytest.mark.parametrize("path", ["/partial", "/broken-chunks", "/broken-gzip", "/429", "/503", "/not-there", "/huge"])
def test_no_retries_of_its_own(site: Site, path: str) -> None:
    failure(site.url(path))
    assert site.paths() == [path]


@pytest.mark.parametrize("path", ["/drop", "/reset"])
def test_a_connection_closed_without_an_answer_is_tried_once_more_at_most(site: Site, path: str) -> None:
    """RFC 9112, 9.3.1: a kept-alive connection may close at any time, so a GET is repeated on a new one; only once."""
    failure(site.url(path))
    assert site.paths() in ([path], [path, path])


def test_gzip_that_ends_early_in_a_whole_answer_is_read_as_far_as_it_goes(site: Site) -> None:
    """As browsers do. The framing says that nothing is missing; a connection that broke off shows there (/partial)."""
    assert fetch(site.url("/cut-gzip")).body.startswith(b"<!doctype html>")


def test_a_host_that_is_down(site: Site) -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        error = failure(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert type(error) is Unreachable


def test_plain_http_on_an_https_address(site: Site) -> None:
    site.put("/a", PAGE)
    assert type(failure(site.url("/a").replace("http:", "https:"))) is Unreachable


def test_trouble_of_one_request_costs_the_others_nothing(site: Site) -> None:
    paths = ["/drop", "/forever", "/huge", "/bomb", "/broken-gzip", "/loop", "/headers-huge"]
    good = [site.put(f"/good/{i}", PAGE) for i in range(20)]

    async def run() -> list[Response | BaseException]:
        async with HttpFetcher(spec(timeout_s=3.0)) as fetcher:
            urls = [site.url(path) for path in paths] + good
            return await asyncio.gather(*(fetcher.fetch(Request(url=u)) for u in urls), return_exceptions=True)

    got = asyncio.run(run())
    assert all(isinstance(one, NewswireError) for one in got[: len(paths)])
    assert [one.body for one in got[len(paths) :] if isinstance(one, Response)] == [PAGE] * len(good)


# Bounds.


@pytest.mark.parametrize(
    "host", ["exam ple.org", "-", "a_b.invalid", "x" * 63 + ".invalid", "*", "1.2.3.4.5", "256.1.1.1"]
)
def test_names_that_nobody_has_are_not_reached(host: str) -> None:
    assert type(failure(f"http://{host}/", allow_private_hosts=False)) in (Forbidden, Unreachable)


@pytest.mark.parametrize("path", ["/huge", "/announced-huge"])
def test_no_more_is_taken_than_allowed(site: Site, path: str) -> None:
    assert isinstance(failure(site.url(path), timeout_s=5.0), TooLarge)
    time.sleep(0.2)
    sent = site.sent(path)
    # What was on its way in the sockets' buffers counts as sent.
    assert sent < CAP + 8 * MEGABYTE
    time.sleep(0.2)
    assert site.sent(path) == sent, "the connection is still open and the site still sends"


@pytest.mark.parametrize("path", ["/headers-huge", "/header-long"])
def test_headers_without_an_end_are_not_collected(site: Site, path: str) -> None:
    failure(site.url(path), timeout_s=5.0)
    time.sleep(0.2)
    assert site.sent(path) < 8 * MEGABYTE


@pytest.mark.parametrize("path", ["/bomb", "/huge", "/announced-huge", "/headers-huge"])
def test_memory_stays_small(site: Site, path: str) -> None:
    """In a process of its own, whose peak is nobody else's."""
    code = """
        import asyncio, resource, sys
        from connectors.http import HttpFetcher, HttpSpec
        from transforms.records import Request

        def peak():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        async def main():
            spec = HttpSpec(user_agent="t", timeout_s=20, max_bytes=1_000_000, allow_private_hosts=True)
            async with HttpFetcher(spec) as fetcher:
                try:
                    await fetcher.fetch(Request(url=sys.argv[1] + "/empty"))
                    before = peak()
                    await fetcher.fetch(Request(url=sys.argv[1] + sys.argv[2]))
                except Exception as e:
                    print(type(e).__name__, peak() - before)

        asyncio.run(main())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), site.url(""), path],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    name, kilobytes = done.stdout.split()
    assert name in ("TooLarge", "Unreachable")
    assert int(kilobytes) < 30_000, f"{BOMB_BYTES} bytes unpacked would be a thousand megabytes"


def test_the_time_limit_covers_all_redirects_together(site: Site) -> None:
    for i in range(4):
        site.put(f"/slow/{i}", status=302, headers={"Location": f"/slow/{i + 1}"}, delay_s=0.4)
    site.put("/slow/4", PAGE)
    started = time.monotonic()
    assert isinstance(failure(site.url("/slow/0"), timeout_s=0.8), Unreachable)
    assert time.monotonic() - started < 0.8 + SLACK_S
    assert site.asked_for("/slow/4") == []


# Redirects.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(site: Site, status: int) -> None:
    site.put("/old", status=status, headers={"Location": "/new?x=1"})
    url = site.put("/new", PAGE)
    got = fetch(site.url("/old"))
    assert (got.final_url, got.body) == (f"{url}?x=1", PAGE)


def test_as_many_redirects_as_allowed(site: Site) -> None:
    assert fetch(site.url("/chain/5")).final_url == site.url("/chain/0")
    site.forget()
    assert isinstance(failure(site.url("/chain/3"), max_redirects=2), Refused)
    assert site.paths() == ["/chain/3", "/chain/2", "/chain/1"]


def test_a_circle_is_left_at_once(site: Site) -> None:
    failure(site.url("/loop"))
    assert site.paths() == ["/loop", "/loop/again"]


def test_a_redirect_without_an_address_is_refused(site: Site) -> None:
    assert isinstance(failure(site.put("/lost", PAGE, status=302)), Refused)


def test_a_redirect_to_another_host(site: Site) -> None:
    with Site() as other:
        other.put("/there", PAGE)
        site.put("/here", status=302, headers={"Location": other.url("/there")})
        assert fetch(site.url("/here")).final_url == other.url("/there")


def test_every_hop_of_a_redirect_is_checked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first hop is public as far as the fetcher knows; the second is not."""
    monkeypatch.setattr("connectors.http.is_public", lambda address: address == "127.0.0.1")
    for path in ("/to-private", "/to-metadata"):
        error = failure(site.url(path), allow_private_hosts=False)
        assert type(error) is Forbidden
        assert error.subject == site.url(path)
    assert site.paths() == ["/to-private", "/to-metadata"]


def test_a_redirect_from_outside_to_loopback_is_not_followed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with Site("127.0.0.2") as inside:
        monkeypatch.setattr("connectors.http.is_public", lambda address: address == "127.0.0.1")
        inside.put("/secret", PAGE)
        site.put("/out", status=302, headers={"Location": f"http://127.0.0.2:{inside.port}/secret"})
        assert isinstance(failure(site.url("/out"), allow_private_hosts=False), Forbidden)
        assert inside.asked == []


# Addresses we do not go to.

PRIVATE_HOSTS = [
    "127.0.0.1",
    "127.1",
    "127.255.255.254",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "017700000001",
    "0.0.0.0",
    "0",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
]


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_loopback_is_refused_in_every_notation(site: Site, host: str) -> None:
    """Each of these would reach the site, or nothing; asked it must not be."""
    site.put("/a", PAGE)
    error = failure(f"http://{host}:{site.port}/a", allow_private_hosts=False)
    # Some of them are no host names to every resolver: not reached is as good as refused, but never an answer.
    assert type(error) in (Forbidden, Unreachable)
    assert site.asked == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "10.0.0.1",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "[fc00::1]",
        "[fd12:3456::1]",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::a00:1]",
        "[2002:7f00:1::]",
        "[2002:a00:1::1]",
    ],
)
def test_private_hosts_are_forbidden(host: str) -> None:
    started = time.monotonic()
    error = failure(f"http://{host}:9/", allow_private_hosts=False, timeout_s=5.0)
    assert type(error) is Forbidden
    assert "allow_private_hosts" in error.reason, "the operator must learn what to set"
    assert time.monotonic() - started < 1.0, "refused before anything is sent, not after a time-out"


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1"])
def test_a_name_that_leads_inside_is_forbidden(inside: str, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, [inside])
    site.put("/a", PAGE)
    error = failure(f"http://news.example:{site.port}/a", allow_private_hosts=False)
    assert type(error) is Forbidden
    assert site.asked == []


def test_a_name_with_a_public_and_a_private_address_never_reaches_the_private_one(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 127.0.0.3 stands for a public host that does not answer: nobody listens there.
    monkeypatch.setattr("connectors.http.is_public", lambda address: address == "127.0.0.3")
    resolve_to(monkeypatch, ["127.0.0.3", "127.0.0.1"])
    site.put("/a", PAGE)
    assert type(failure(f"http://news.example:{site.port}/a", allow_private_hosts=False)) in (Forbidden, Unreachable)
    assert site.asked == []


def test_a_name_that_changes_its_mind_is_forbidden(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: whatever an earlier look-up said, the address of the connection counts."""
    answers = iter(["127.0.0.3", "127.0.0.1"])
    monkeypatch.setattr("connectors.http.is_public", lambda address: address == "127.0.0.3")
    resolve_to(monkeypatch, lambda: [next(answers, "127.0.0.1")])
    site.put("/a", PAGE)
    url = f"http://news.example:{site.port}/a"
    failure(url, allow_private_hosts=False)
    failure(url, allow_private_hosts=False)
    assert site.asked == []


def test_private_hosts_can_be_allowed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.put("/a", PAGE)
    resolve_to(monkeypatch, ["127.0.0.1"])
    assert fetch(f"http://news.example:{site.port}/a", allow_private_hosts=True).body == PAGE


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,hello",
        "ftp://example.org/a",
        "gopher://example.org/",
        "",
        "/relative",
        "http://",
        "http:///a",
        "http://[half",
        "http://example.org:99999/",
        "http://example.org:port/",
        f"http://example.org/{'a' * 3_000}",
        f"http://{'a' * 70}.example/",
        "http://a..b.example/",
        "http://\ud800.example/",
        "http://user:secret@[half",
    ],
)
def test_no_address_is_worth_a_crash(url: str) -> None:
    error = failure(url, allow_private_hosts=False)
    assert type(error) is Forbidden
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    "location",
    [
        b"http://\xff\xfe/",
        b"/\xff",
        b"//",
        b"http://[::1",
        b"http://a b/",
        b"?\x80",
        b"http://:80/",
        b"http://x:0/",
        b"///",
    ],
)
def test_no_redirect_is_worth_a_crash(site: Site, location: bytes) -> None:
    site.put("/odd", status=302, headers={"Location": location.decode("latin-1")})
    got = outcome(site.url("/odd"))
    assert isinstance(got, Response) or got.subject == site.url("/odd")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("93.184.216.34", True),
        ("1.1.1.1", True),
        ("172.15.255.255", True),
        ("172.32.0.0", True),
        ("100.63.255.255", True),
        ("100.128.0.0", True),
        ("2606:4700::1111", True),
        ("2a00:1450:4001::1", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True),
        ("2002:808:808::1", True),
        ("127.0.0.1", False),
        ("127.255.255.255", False),
        ("0.0.0.0", False),
        ("0.1.2.3", False),
        ("10.0.0.0", False),
        ("10.255.255.255", False),
        ("172.16.0.0", False),
        ("172.31.255.255", False),
        ("192.168.0.0", False),
        ("192.168.255.255", False),
        ("169.254.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.0", False),
        ("100.127.255.255", False),
        ("192.0.0.1", False),
        ("192.0.2.1", False),
        ("198.18.0.1", False),
        ("198.51.100.1", False),
        ("203.0.113.1", False),
        ("224.0.0.1", False),
        ("239.255.255.255", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("::127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b:1::a00:1", False),
        ("2002:7f00:1::", False),
        ("2002:c0a8:101::1", False),
        ("2001:0:4136:e378:8000:63bf:f5ff:fffe", False),  # Teredo around 10.0.0.1
        ("2001:db8::1", False),
        ("fc00::1", False),
        ("fdff::1", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("ff02::1", False),
    ],
)
def test_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    "network", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"]
)
def test_no_corner_of_a_private_network_is_public(network: str) -> None:
    whole = ipaddress.IPv4Network(network)
    step = max(1, whole.num_addresses // 500)
    for i in range(0, whole.num_addresses, step):
        address = whole[i]
        wrapped = [f"::ffff:{address}", f"64:ff9b::{int(address) >> 16:x}:{int(address) & 0xFFFF:x}"]
        assert not any(is_public(form) for form in [str(address), *wrapped]), address


# Secrets.

MISBEHAVIOURS = [
    "/drop",
    "/garbage",
    "/partial",
    "/broken-gzip",
    "/huge",
    "/loop",
    "/chain/9",
    "/to-file",
    "/to-half",
    "/429",
    "/gone",
]


@pytest.mark.parametrize("path", [*MISBEHAVIOURS, "/forever"])
def test_credentials_do_not_appear_in_errors(site: Site, path: str) -> None:
    error: BaseException | None = failure(site.url(path).replace("//", "//reader:s3cret@"))
    assert error is not None
    assert "s3cret" not in f"{error} {error!r}"
    assert site.asked[0].headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "nobody.invalid", "0x7f.1"])
def test_credentials_do_not_appear_in_refusals(host: str) -> None:
    error = failure(f"http://reader:s3cret@{host}:9/", allow_private_hosts=False)
    assert "s3cret" not in f"{error} {error!r}"
    assert host in error.subject


def test_credentials_of_a_redirect_do_not_appear_in_errors(site: Site) -> None:
    site.put("/in", status=302, headers={"Location": "http://reader:s3cret@10.0.0.1:99999/"})
    site.put("/ftp", status=302, headers={"Location": "ftp://reader:s3cret@example.org/"})
    for path in ("/in", "/ftp"):
        assert "s3cret" not in str(failure(site.url(path)))


def test_credentials_stay_with_their_host(site: Site) -> None:
    with Site() as other:
        other.put("/there", PAGE)
        site.put("/here", status=302, headers={"Location": other.url("/there")})
        fetch(site.url("/here").replace("//", "//reader:s3cret@"))
        assert "authorization" not in other.asked[0].headers


def test_cookies_are_not_kept(site: Site) -> None:
    site.put("/plain", PAGE)
    site.put("/jump", status=302, headers={"Location": "/plain", "Set-Cookie": COOKIE})
    fetch_all([site.url("/set-cookie"), site.url("/set-cookie"), site.url("/jump"), site.url("/plain")])
    assert len(site.asked) == 5
    assert not any("cookie" in asked.headers for asked in site.asked)


def test_the_environment_s_proxies_are_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with Site() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        assert fetch(site.put("/a", PAGE)).body == PAGE
        assert proxy.asked == []


def test_the_environment_s_netrc_is_not_used(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login reader password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    fetch(site.put("/a", PAGE))
    assert "authorization" not in site.asked[0].headers


# Statuses.

EXPECTED = {304: None, 404: Gone, 410: Gone, 408: Busy, 425: Busy, 429: Busy, 503: Busy}


@pytest.mark.parametrize("status", range(100, 600))
def test_error_for_status(status: int) -> None:
    error = error_for_status("https://example.org/a", status, None)
    if status in EXPECTED or 200 <= status < 300:
        expected = EXPECTED.get(status)
    else:
        expected = Unreachable if status >= 500 else Refused
    assert type(error) is (expected or type(None))
    if error is not None:
        assert isinstance(error, Transient | Permanent)
        assert (error.subject, error.reason) == ("https://example.org/a", f"HTTP {status}")


@pytest.mark.parametrize("path", ["/429", "/503", "/429-date", "/503-date"])
def test_a_busy_server_s_wish_is_passed_on(site: Site, path: str) -> None:
    error = failure(site.url(path))
    assert isinstance(error, Busy)
    assert error.retry_after is not None
    assert RETRY_AFTER_S - 3 <= error.retry_after.total_seconds() <= RETRY_AFTER_S


@pytest.mark.parametrize("status", [401, 402, 403, 404, 410, 418, 451, 500, 502, 504, 599])
def test_error_answers_are_not_read(site: Site, status: int) -> None:
    error = failure(site.put("/error", PAGE, status=status))
    assert type(error) is type(error_for_status("", status, None))
    assert error.reason == f"HTTP {status}"


NOW = datetime(2025, 5, 6, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("999999999999", 10**8),
        ("9" * 5_000, 10**8),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("Tue, 06 May 2025 08:02:00 GMT", 120),
        ("Tue, 06 May 2025 10:02:00 +0200", 120),
        ("Tuesday, 06-May-25 08:02:00 GMT", 120),
        ("Tue May  6 08:02:00 2025", None),  # asctime says no zone; guessing one is not our business
        ("Tue, 06 May 2025 07:00:00 GMT", 0),
        ("Tue, 06 May 2025 08:02:00 -0000", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - NOW).total_seconds()),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
        ("Tue, 99 May 2025 08:02:00 GMT", None),
        ("²", None),
        ("٣", None),
        ("\x00", None),
    ],
)
def test_parse_retry_after(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == (None if seconds is None else timedelta(seconds=seconds))


# Life.


def test_leaving_closes_the_connections(site: Site) -> None:
    with Site() as own:
        own.put("/a", PAGE)
        fetch_all([own.url("/a"), own.url("/a")])
        deadline = time.monotonic() + 2
        while own.connections and time.monotonic() < deadline:
            time.sleep(0.01)
        assert own.connections == 0


def test_a_cancelled_fetch_is_cancelled(site: Site) -> None:
    async def run() -> None:
        async with HttpFetcher(spec(timeout_s=30)) as fetcher:
            waiting = asyncio.ensure_future(fetcher.fetch(Request(url=site.url("/forever"))))
            await asyncio.sleep(0.1)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

    asyncio.run(run())


def test_the_site_stops_at_once_with_open_connections() -> None:
    """What these tests stand on."""

    async def hold(site: Site) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            paths = ["/forever", "/drip", "/drip-headers"] * 5
            held = [asyncio.ensure_future(session.get(site.url(path))) for path in paths]
            while len(site.asked) < len(paths):
                await asyncio.sleep(0.01)
            started = time.monotonic()
            await asyncio.to_thread(site.__exit__, None, None, None)
            assert time.monotonic() - started < 1.0
            await asyncio.gather(*held, return_exceptions=True)

    asyncio.run(hold(Site().__enter__()))


def resolve_to(monkeypatch: pytest.MonkeyPatch, addresses: Any) -> None:
    """Names under `.example` lead to these addresses; everything else is resolved as ever."""
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if not name.endswith(".example"):
            return real(host, port, *args, **kwargs)
        found = []
        for address in addresses() if callable(addresses) else addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            where = (address, port, 0, 0) if family == socket.AF_INET6 else (address, port)
            found.append((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where))
        return found

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
