"""The Fetcher port against HttpFetcher, on a site that misbehaves in every way we know of."""

from __future__ import annotations

import asyncio
import errno
import gzip
import ipaddress
import socket
import ssl
import struct
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from connectors.headers import freshness, retry_after
from connectors.http import HttpFetcher, error_for_status, is_public
from connectors.ports import HttpSpec
from tests.site import BOMB_BYTES, COOKIE, ETAG, HTML, LAST_MODIFIED, MEGABYTE, RETRY_AFTER_S, Site, page
from transforms.errors import (
    KINDS,
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


def test_a_site_that_lies_of_change(site: Site) -> None:
    """What these tests stand on: only asking without validators finds the second edition."""
    for path, status in (("/same-etag", 200), ("/says-unchanged", 304)):
        url = site.url(path)
        first, asked, full = fetch_all([url, Request(url=url, etag=ETAG), url])
        assert (first.etag, asked.etag, full.etag) == (ETAG, ETAG, ETAG)
        assert (first.status, asked.status, full.status) == (200, status, 200)
        assert first.body != full.body


def test_a_web_page_in_place_of_a_feed_is_handed_over(site: Site) -> None:
    got = fetch(site.url("/html-for-xml"))
    assert (got.content_type, got.body[:9]) == ("application/rss+xml", b"<!doctype")


# Misbehaviour.


@pytest.mark.parametrize(
    ("path", "expected", "kind"),
    [
        ("/drop", Unreachable, "dropped"),
        ("/reset", Unreachable, "dropped"),
        ("/garbage", Unreachable, "dropped"),
        ("/partial", Unreachable, "dropped"),
        # aiohttp 3.14 forgets to wake who waits for a body when the faulty chunk came after the headers.
        ("/broken-chunks", Unreachable, "dropped or timeout"),
        ("/cut-chunks", Unreachable, "dropped"),
        ("/broken-gzip", Unreachable, "dropped"),
        ("/drip", Unreachable, "timeout"),
        ("/drip-headers", Unreachable, "timeout"),
        ("/forever", Unreachable, "timeout"),
        ("/headers-huge", Unreachable, "dropped"),
        ("/header-long", Unreachable, "dropped"),
        ("/huge", TooLarge, "too-large"),
        ("/announced-huge", TooLarge, "too-large"),
        ("/bomb", TooLarge, "too-large"),
        ("/bomb-deflate", TooLarge, "too-large"),
        ("/loop", Refused, "redirects"),
        ("/chain/6", Refused, "redirects"),
        ("/chain/50", Refused, "redirects"),
        ("/to-file", Forbidden, "forbidden"),
        ("/to-javascript", Forbidden, "forbidden"),
        ("/to-half", Forbidden, "forbidden"),
        ("/to-nowhere", Unreachable, "dns"),
        ("/moves/301-308-302-303-307-301", Refused, "redirects"),
        ("/429", Busy, "rate-limited"),
        ("/429-date", Busy, "rate-limited"),
        ("/503", Busy, "busy"),
        ("/503-date", Busy, "busy"),
        ("/not-there", Gone, "not-found"),
        ("/gone", Gone, "gone"),
    ],
)
def test_misbehaviour(site: Site, path: str, expected: type[NewswireError], kind: str) -> None:
    started = time.monotonic()
    error = failure(site.url(path), timeout_s=TIMEOUT_S)
    assert type(error) is expected
    assert error.kind in kind.split(" or ")
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
    assert (type(error), error.kind) == (Unreachable, "refused")


def test_a_network_without_a_way_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_way(*_: Any) -> Any:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr("connectors.http._public_socket", no_way)
    error = failure("http://127.0.0.1:9/", allow_private_hosts=False)
    assert (type(error), error.kind) == (Unreachable, "refused")


def test_a_name_that_nobody_has(site: Site) -> None:
    error = failure("http://nobody.invalid/")
    assert (type(error), error.kind) == (Unreachable, "dns")


def test_plain_http_on_an_https_address(site: Site) -> None:
    site.put("/a", PAGE)
    error = failure(site.url("/a").replace("http:", "https:"))
    assert (type(error), error.kind) == (Unreachable, "tls")


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    with secure_server(tmp_path, lambda connection: connection.recv(1)) as port:
        error = failure(f"https://localhost:{port}/")
        assert (type(error), error.kind) == (Unreachable, "tls")


def test_a_server_that_hangs_up_during_the_handshake() -> None:
    """No answer, and no proof of a bad certificate."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hang_up() -> None:
            with listening.accept()[0] as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        thread = threading.Thread(target=hang_up)
        thread.start()
        error = failure(f"https://127.0.0.1:{listening.getsockname()[1]}/")
        thread.join()
    assert (type(error), error.kind) == (Unreachable, "dropped")


def test_hints_before_the_answer_are_passed_over(site: Site) -> None:
    site.put("/a", PAGE)
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x.css>; rel=preload\r\n\r\n" * 3
    whole = early + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with raw_server(whole) as url:
        assert fetch(url).body == b"ok"


def test_hints_without_an_end_are_not_listened_to_for_ever() -> None:
    with raw_server(b"HTTP/1.1 103 Early Hints\r\n\r\n", forever=True) as url:
        started = time.monotonic()
        assert type(failure(url)) is Unreachable
        assert time.monotonic() - started < TIMEOUT_S + SLACK_S


def test_more_headers_than_any_server_needs(site: Site) -> None:
    headers = {f"X-{n}": "y" * 100 for n in range(5_000)}
    error = failure(site.put("/many", PAGE, headers=headers))
    assert (type(error), error.kind) == (Unreachable, "dropped")


def test_only_one_coding_is_unpacked(site: Site) -> None:
    """A bomb in a bomb costs one look at its wrapping."""
    got = outcome(site.url("/bomb-in-bomb"))
    assert isinstance(got, NewswireError) or len(got.body) < MEGABYTE


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "compress", "gzip;q=1", "\x00"])
def test_no_coding_is_worth_a_crash(site: Site, coding: str) -> None:
    got = outcome(site.put("/coded", b"\x00" * 50, headers={"Content-Encoding": coding}))
    assert isinstance(got, Transient | Permanent) or got.body == b"\x00" * 50


@pytest.mark.parametrize("header", ["ETag", "Last-Modified", "Content-Type", "Cache-Control", "Expires", "Age"])
@pytest.mark.parametrize("value", ["\xe9", '"\xff\xfe"', "\x01", "", " ", '"' * 500])
def test_what_a_header_says_can_be_stored_and_sent_back(site: Site, header: str, value: str) -> None:
    url = site.put("/odd", PAGE, headers={header: value, "Content-Length": str(len(PAGE))})
    got = outcome(url)
    if isinstance(got, NewswireError):  # the client would not read such a header
        assert type(got) is Unreachable
        return
    f"{got.etag}{got.last_modified}{got.content_type}".encode()
    assert fetch(Request(url=url, etag=got.etag, last_modified=got.last_modified)).body == PAGE


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
        from connectors.http import HttpFetcher
        from connectors.ports import HttpSpec
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


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        pytest.param("301", "/moves/end", id="for good"),
        pytest.param("308", "/moves/end", id="for good, 308"),
        pytest.param("301-308-301", "/moves/end", id="in steps"),
        pytest.param("301-302", "/moves/302", id="then for now"),
        pytest.param("308-301-307-301", "/moves/307-301", id="what comes after a redirect for now is for now"),
        pytest.param("302", "", id="for now"),
        pytest.param("303", "", id="see other"),
        pytest.param("307", "", id="for now, 307"),
        pytest.param("302-301", "", id="for now first"),
        pytest.param("end", "", id="not at all"),
    ],
)
def test_where_it_has_moved_for_good(site: Site, statuses: str, moved_to: str) -> None:
    got = fetch(site.url(f"/moves/{statuses}"))
    assert got.moved_to == (site.url(moved_to) if moved_to else "")
    assert got.final_url == site.url("/moves/end")


def test_an_unchanged_answer_says_where_it_has_moved_to(site: Site) -> None:
    site.put("/moved", status=301, headers={"Location": "/conditional"})
    got = fetch(Request(url=site.url("/moved"), etag=ETAG))
    assert (got.status, got.moved_to) == (304, site.url("/conditional"))


def test_a_fragment_is_no_part_of_where_it_has_moved_to(site: Site) -> None:
    site.put("/moved", status=301, headers={"Location": "/new#latest"})
    site.put("/new", PAGE)
    got = fetch(site.url("/moved#top"))
    assert (got.moved_to, got.final_url) == (site.url("/new"), site.url("/new#latest"))
    assert site.paths() == ["/moved", "/new"]


def test_a_redirect_to_another_part_of_itself_is_a_circle(site: Site) -> None:
    site.put("/self", status=301, headers={"Location": "/self#part"})
    assert failure(site.url("/self")).kind == "redirects"
    assert site.paths() == ["/self"]


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


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_leads_inside_in_any_notation(site: Site, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 is the public server here; every other spelling of our own network must be refused after it."""
    with Site("127.0.0.2") as inside:
        monkeypatch.setattr("connectors.http.is_public", lambda address: address == "127.0.0.1")
        for host in REDIRECTED_TO:
            site.put("/out", status=status, headers={"Location": f"http://{host}:{inside.port}/secret"})
            error = failure(site.url("/out"), allow_private_hosts=False)
            assert (type(error), host) in ((Forbidden, host), (Unreachable, host))
            assert error.subject == site.url("/out")
        assert inside.asked == []


# Addresses we do not go to.

#: 127.0.0.2, our own network and the metadata services of clouds, as redirects spell them.
REDIRECTED_TO = [
    "127.0.0.2",
    "127.2",
    "0x7f.2",
    "0x7f000002",
    "2130706434",
    "0177.0.0.2",
    "[::ffff:127.0.0.2]",
    "[::ffff:7f00:2]",
    "[64:ff9b::7f00:2]",
    "[2002:7f00:2::]",
    "127。0。0。2",
    "127．0．0．2",
    "１２７.0.0.2",
    "①②⑦.0.0.2",
    "169.254.169.254",
    "10.0.0.1",
    "[::]",
    "[fe80::1%25lo]",
    "0.0.0.0",
    "localhost.",
]
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
    "127.0.0.1.",
    "127。0。0。1",
    "127．0．0．1",
    "127｡0｡0｡1",
    "１２７.０.０.１",
    "①②⑦.⓪.⓪.①",
    "ｌｏｃａｌｈｏｓｔ",
    "%31%32%37.0.0.1",
    "localhost%00.example",
    "user@127.0.0.1",
    "example.org@127.0.0.1",
    "127.0.0.1%23.example",
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
        "[fe80::1%25lo]",
        "[64:ff9b:1::a00:1]",
        "[::ffff:169.254.169.254]",
        "[2002:a9fe:a9fe::]",
        "[64:ff9b::a9fe:a9fe]",
        "[fec0::1]",
        "[ff02::1]",
        "1.1.1.1@10.0.0.1",
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
        assert error.kind in KINDS
        assert (error.subject, error.reason) == ("https://example.org/a", f"HTTP {status}")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, "denied"),
        (403, "denied"),
        (404, "not-found"),
        (408, "busy"),
        (410, "gone"),
        (418, "denied"),
        (425, "busy"),
        (429, "rate-limited"),
        (451, "denied"),
        (500, "server-error"),
        (502, "server-error"),
        (503, "busy"),
        (504, "server-error"),
        (302, "redirects"),
    ],
)
def test_the_kind_of_a_status(site: Site, status: int, kind: str) -> None:
    assert failure(site.put("/error", PAGE, status=status)).kind == kind


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
        ("0000000000120", 120),
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
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == (None if seconds is None else timedelta(seconds=seconds))


DATE = ("Date", "Tue, 06 May 2025 08:00:00 GMT")
IN_AN_HOUR = ("Expires", "Tue, 06 May 2025 09:00:00 GMT")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param([], None, id="nothing said"),
        pytest.param([("Cache-Control", "max-age=600")], 600, id="max-age"),
        pytest.param([("Cache-Control", "public, Max-Age = 600")], 600, id="as some write it"),
        pytest.param([("Cache-Control", 'max-age="600"')], 600, id="quoted"),
        pytest.param([("Cache-Control", "public"), ("Cache-Control", "max-age=600")], 600, id="two lines"),
        pytest.param([("Cache-Control", "max-age=600"), ("Age", "100")], 500, id="already aged"),
        pytest.param([("Cache-Control", "max-age=600"), ("Age", "600")], 0, id="aged just so"),
        pytest.param([("Cache-Control", "max-age=600"), ("Age", "601")], None, id="stale"),
        pytest.param([("Cache-Control", "max-age=600"), ("Age", "-5")], 600, id="an age that is none"),
        pytest.param([("Cache-Control", "max-age=600"), ("Age", "9" * 400)], None, id="older than time"),
        pytest.param([("Cache-Control", "max-age=0")], 0, id="at once stale"),
        pytest.param([("Cache-Control", "s-maxage=600")], None, id="for shared caches"),
        pytest.param([("Cache-Control", "s-maxage=9, max-age=600")], 600, id="for shared caches, too"),
        pytest.param([("Cache-Control", "x-max-age=9, max-age=600")], 600, id="a longer name"),
        pytest.param([("Cache-Control", "max-age=600, max-age=9")], 600, id="the first of two"),
        pytest.param([("Cache-Control", "no-cache, max-age=600")], None, id="no-cache"),
        pytest.param([("Cache-Control", "max-age=600, no-store")], None, id="no-store"),
        pytest.param([("Cache-Control", 'no-cache="a, no-store", max-age=9')], 9, id="no-cache of some headers"),
        pytest.param([("Cache-Control", "max-age=-1")], None, id="negative"),
        pytest.param([("Cache-Control", "max-age=1.5")], None, id="a fraction"),
        pytest.param([("Cache-Control", "max-age=soon")], None, id="a word"),
        pytest.param([("Cache-Control", "max-age")], None, id="no number"),
        pytest.param([("Cache-Control", "max-age=²")], None, id="a digit that is none"),
        pytest.param([("Cache-Control", "max-age=31536000")], 31_536_000, id="a year"),
        pytest.param([("Cache-Control", "max-age=" + "9" * 5_000)], 999_999_999 * 86_400, id="for ever"),
        pytest.param([DATE, IN_AN_HOUR], 3_600, id="Expires"),
        pytest.param([IN_AN_HOUR], 3_600, id="Expires, and no date"),
        pytest.param([("Date", "Tue, 06 May 2025 08:30:00 GMT"), IN_AN_HOUR], 1_800, id="by the server's clock"),
        pytest.param([("Date", "yesterday"), IN_AN_HOUR], 3_600, id="Expires, and a date that is none"),
        pytest.param([DATE, IN_AN_HOUR, ("Age", "600")], 3_000, id="Expires, aged"),
        pytest.param([DATE, IN_AN_HOUR, ("Cache-Control", "max-age=60")], 60, id="max-age goes before Expires"),
        pytest.param([DATE, IN_AN_HOUR, ("Cache-Control", "max-age=x")], None, id="broken max-age, too"),
        pytest.param([DATE, IN_AN_HOUR, ("Cache-Control", "public")], 3_600, id="Expires beside other words"),
        pytest.param([DATE, IN_AN_HOUR, ("Cache-Control", "no-cache")], None, id="no-cache and Expires"),
        pytest.param([("Expires", "0")], None, id="expired"),
        pytest.param([DATE, ("Expires", "Tue, 06 May 2025 07:00:00 GMT")], None, id="expired an hour ago"),
        pytest.param([DATE, ("Expires", "Fri, 31 Dec 9999 23:59:59 GMT"), ("Age", "0")], 251_655_782_399, id="late"),
        pytest.param([("Expires", "Mon, 01 Jan 0001 00:00:00 GMT"), ("Age", "9" * 30)], None, id="time turned around"),
    ],
)
def test_freshness(headers: list[tuple[str, str]], seconds: float | None) -> None:
    assert freshness(CIMultiDict(headers), NOW) == (None if seconds is None else timedelta(seconds=seconds))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.text(alphabet='max-ge=,"\\ 0123456789nocaht', max_size=60), st.text(max_size=20))
def test_no_header_is_worth_a_crash(expires: str, cache_control: str, age: str) -> None:
    for control in (cache_control, expires):
        fresh = freshness(CIMultiDict({"Expires": expires, "Cache-Control": control, "Age": age, "Date": age}), NOW)
        assert fresh is None or fresh >= timedelta(0)
        wait = retry_after(control, NOW)
        assert wait is None or wait >= timedelta(0)


def test_a_long_header_is_read_in_no_time() -> None:
    for value in ('a="' * 2_700, '"\\' * 4_000, "a " * 4_000, "a=" * 4_000, " " * 8_000, "max-age=" + "9" * 8_000):
        started = time.perf_counter()
        freshness(CIMultiDict({"Cache-Control": value}), NOW)
        assert time.perf_counter() - started < 0.1


@pytest.mark.parametrize("status", [200, 304])
def test_how_long_an_answer_is_fresh(site: Site, status: int) -> None:
    url = site.put("/fresh", status=status, headers={"Cache-Control": "max-age=600", "Age": "100"})
    assert fetch(Request(url=url, etag=ETAG)).fresh_for == timedelta(seconds=500)


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


@contextmanager
def raw_server(answer: bytes, *, forever: bool = False) -> Iterator[str]:
    """A server for one connection that says `answer`, once or for as long as anybody listens; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError), listening.accept()[0] as connection:
                connection.recv(65_536)
                connection.sendall(answer)
                while forever:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join()


@contextmanager
def secure_server(folder: Path, answer: Callable[[ssl.SSLSocket], Any]) -> Iterator[int]:
    """A server for one TLS connection, with a certificate of its own making for localhost; its port."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            # The client turns away in the middle of the handshake: that is what is tested.
            with suppress(OSError), context.wrap_socket(listening.accept()[0], server_side=True) as connection:
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


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
