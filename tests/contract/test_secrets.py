"""Headers and passwords of an operator's own: they reach the host they are for, nobody else, and are never shown."""

from __future__ import annotations

import asyncio
import base64
import os
import pickle
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.http import HttpFetcher
from connectors.ports import HttpSpec
from connectors.secrets import MAX_FILE, RESERVED, check_header, headers_to_send, resolve
from tests.site import LOOPBACK, Site, page
from transforms.errors import ConfigError, NewswireError, Refused
from transforms.records import Request, Response

PAGE = page("Quiet day", ["Nothing happened."])
SECRET = "s3cret-Value"
SPEC = HttpSpec(user_agent="newswire-tests/1", timeout_s=2.0, allow_private_hosts=True)
TOKEN = (("X-Token", "${WIRE_TOKEN}"),)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("WIRE_TOKEN", SECRET)
    with Site() as site:
        yield site


def fetch(*requests: Request) -> list[Response]:
    async def run() -> list[Response]:
        async with HttpFetcher(SPEC) as fetcher:
            return [await fetcher.fetch(request) for request in requests]

    return asyncio.run(run())


def failure(request: Request) -> NewswireError:
    with pytest.raises(NewswireError) as caught:
        fetch(request)
    return caught.value


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


# What a value stands for.


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        pytest.param("plain", "plain", id="no secret"),
        pytest.param("${A}", "one", id="variable"),
        pytest.param("Bearer ${A}", "Bearer one", id="within words"),
        pytest.param("${A}:${B_2}", "one:two", id="two"),
        pytest.param("${EMPTY}", "", id="set, but empty"),
        pytest.param("${NESTED}", "${A}", id="what is put in is not read again"),
        pytest.param("$A", "$A", id="no braces"),
        pytest.param("100$", "100$", id="a lone dollar"),
        pytest.param("{A}", "{A}", id="no dollar"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_resolve(value: str, resolved: str) -> None:
    environ = {"A": "one", "B_2": "two", "EMPTY": "", "NESTED": "${A}"}
    assert resolve(value, environ) == resolved


def test_a_file_s_content_without_the_white_space_around(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"\n {SECRET}\r\n")
    assert resolve(f"Bearer ${{file:{file}}}!", {}) == f"Bearer {SECRET}!"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param("${MISSING}", "MISSING", id="not set"),
        pytest.param("${A}${MISSING}", "MISSING", id="the second is not set"),
        pytest.param("${A", "closing brace", id="unfinished"),
        pytest.param("${}", "name of a variable", id="no name"),
        pytest.param("${A-B}", "name of a variable", id="not a name"),
        pytest.param("${file:/not/there}", "/not/there", id="no such file"),
        pytest.param("${file:}", "not there", id="no path"),
        pytest.param("${file:/dev/zero}", "/dev/zero", id="a device"),
        pytest.param("${file:/tmp}", "/tmp", id="a folder"),
        pytest.param("${file:/\x00}", "not there", id="no path at all"),
    ],
)
def test_what_cannot_be_resolved(value: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve(value, {"A": SECRET})
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff\xfe" + SECRET.encode(), SECRET.encode() * MAX_FILE])
def test_a_file_that_is_no_secret(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        resolve(f"${{file:{tmp_path}/key}}", {})
    assert str(tmp_path) in str(caught.value)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError):
        resolve(f"${{file:{tmp_path}/pipe}}", {})


# What may be sent.


@pytest.mark.parametrize("name", ["Authorization", "X-Api-Key", "Cookie", "User-Agent", "Accept", "x_odd.name"])
def test_headers_that_may_be_sent(name: str) -> None:
    check_header(name, "any value, äöü and\ttabs")


@pytest.mark.parametrize(
    "name", ["", "X Y", "X:", "X\r\nY", "Ä", "X\x00", "(x)", *sorted(RESERVED), "HOST", "Content-Length"]
)
def test_headers_that_may_not(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_header(name, SECRET)
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("bad", ["\r", "\n", "\r\n", "\x00", "\x1b", "\x7f", "\udc80"])
def test_values_that_may_not(bad: str) -> None:
    """The second header of a smuggler; written out, or in the variable."""
    for headers, environ in (
        ([("X-Token", f"{SECRET}{bad}X-Evil: 1")], {}),
        ([("X-Token", "${T}")], {"T": f"{SECRET}{bad}X-Evil: 1"}),
    ):
        with pytest.raises(ConfigError, match="X-Token") as caught:
            headers_to_send(headers, environ)
        assert SECRET not in str(caught.value)


def test_of_two_headers_of_one_name_the_last_counts() -> None:
    assert headers_to_send([("x-a", "1"), ("X-B", "2"), ("X-A", "3")], {}) == {"X-B": "2", "X-A": "3"}


# Where it is sent.


def test_headers_are_sent_with_their_secrets(site: Site) -> None:
    url = site.put("/a", PAGE)
    fetch(Request(url=url, headers=(*TOKEN, ("Accept", "text/plain"), ("User-Agent", "mine/1"))), Request(url=url))
    mine, plain = (asked.headers for asked in site.asked)
    assert (mine["x-token"], mine["accept"], mine["user-agent"]) == (SECRET, "text/plain", "mine/1")
    assert "x-token" not in plain, "one request's headers are not the next one's"
    assert plain["user-agent"] == SPEC.user_agent


def test_headers_go_with_validators(site: Site) -> None:
    fetch(Request(url=site.put("/a", PAGE), etag='"1"', headers=TOKEN))
    (asked,) = site.asked
    assert (asked.headers["x-token"], asked.headers["if-none-match"]) == (SECRET, '"1"')


SENT = pytest.mark.parametrize(
    ("private", "name"),
    [
        pytest.param({"headers": (*TOKEN, ("Authorization", "Bearer ${WIRE_TOKEN}"))}, "x-token", id="headers"),
        pytest.param({"user": f"reader:{SECRET}@"}, "authorization", id="user and password"),
        pytest.param({"user": f"{SECRET}@", "headers": TOKEN}, "x-token", id="both"),
    ],
)


def request(url: str, private: Mapping[str, Any]) -> Request:
    return Request(url=url.replace("//", f"//{private.get('user', '')}", 1), headers=private.get("headers", ()))


@SENT
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_elsewhere_takes_no_secret_with_it(
    site: Site, private: Mapping[str, Any], name: str, status: int
) -> None:
    with Site() as other:  # another port is another origin
        site.put("/a", status=status, headers={"Location": other.url("/b")})
        other.put("/b", PAGE)
        fetch(request(site.url("/a"), private))
        assert name in site.asked[0].headers
        assert SECRET not in str(other.asked)
        assert "authorization" not in other.asked[0].headers


@SENT
def test_another_host_on_the_same_port_is_elsewhere(site: Site, private: Mapping[str, Any], name: str) -> None:
    site.put("/a", status=301, headers={"Location": f"http://localhost:{site.port}/b"})
    site.put("/b", PAGE)
    fetch(request(site.url("/a"), private))
    first, second = (asked.headers for asked in site.asked)
    assert name in first
    assert name not in second
    assert SECRET not in str(second)


@SENT
def test_a_redirect_within_the_origin_keeps_the_secrets(site: Site, private: Mapping[str, Any], name: str) -> None:
    for i, to in enumerate(["/1", site.url("/2"), f"HTTP://{LOOPBACK}:{site.port}/3"]):
        site.put(f"/{i}", status=301, headers={"Location": to})
    site.put("/3", PAGE)
    fetch(request(site.url("/0"), private))
    assert site.paths() == ["/0", "/1", "/2", "/3"]
    assert all(name in asked.headers for asked in site.asked)


@SENT
def test_there_and_back_again(site: Site, private: Mapping[str, Any], name: str) -> None:
    with Site() as other:
        site.put("/a", status=302, headers={"Location": other.url("/b")})
        other.put("/b", status=302, headers={"Location": site.url("/c")})
        site.put("/c", PAGE)
        fetch(request(site.url("/a"), private))
        assert [name in asked.headers for asked in (*site.asked, *other.asked)] == [True, True, False]


def test_user_and_password_of_an_address(site: Site) -> None:
    site.put("/a", PAGE)
    for user, expected in {
        "reader:pass": basic("reader", "pass"),
        "reader": basic("reader", ""),
        "r%40x:p%3As%2Fs": basic("r@x", "p:s/s"),
        "käthe:naïve": basic("käthe", "naïve"),
        "a:b@c": basic("a", "b@c"),
    }.items():
        site.forget()
        (got,) = fetch(Request(url=site.url("/a").replace("//", f"//{user}@")))
        assert site.asked[0].headers["authorization"] == expected
        assert got.final_url == site.url("/a"), "what is handed on carries no password"


def test_an_authorization_of_one_s_own_goes_before_the_address(site: Site) -> None:
    url = site.put("/a", PAGE).replace("//", "//reader:other@")
    fetch(Request(url=url, headers=(("authorization", "Bearer ${WIRE_TOKEN}"),)))
    assert site.asked[0].headers["authorization"] == f"Bearer {SECRET}"


def test_a_redirect_s_own_user_and_password_are_not_used(site: Site) -> None:
    site.put("/a", status=301, headers={"Location": site.url("/b").replace("//", "//their:choice@")})
    site.put("/b", PAGE)
    (got,) = fetch(Request(url=site.url("/a")))
    assert "authorization" not in site.asked[1].headers
    assert (got.final_url, got.moved_to) == (site.url("/b"), site.url("/b"))


def test_where_a_feed_moves_to_within_its_origin_it_is_still_asked_with_its_password(site: Site) -> None:
    site.put("/a", status=301, headers={"Location": site.url("/b")})
    site.put("/b", PAGE)
    with_password = site.url("/b").replace("//", "//reader:pass@")
    assert fetch(Request(url=site.url("/a").replace("//", "//reader:pass@")))[0].moved_to == with_password
    with Site() as other:
        other.put("/c", PAGE)
        site.put("/b", status=308, headers={"Location": other.url("/c")})
        assert fetch(Request(url=site.url("/a").replace("//", "//reader:pass@")))[0].moved_to == other.url("/c")


# What goes wrong.


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ((("X-Token", "${NOT_SET_ANYWHERE}"),), "NOT_SET_ANYWHERE"),
        ((("X-Token", "${file:/not/there}"),), "/not/there"),
        ((("Host", "${WIRE_TOKEN}"),), "Host"),
        ((("X-Token", "${WIRE_TOKEN}\r\nX-Evil: 1"),), "X-Token"),
        ((("X Token", "${WIRE_TOKEN}"),), "X Token"),
    ],
)
def test_a_secret_that_is_missing_costs_this_request_only(
    site: Site, headers: tuple[tuple[str, str], ...], said: str
) -> None:
    url = site.put("/a", PAGE)
    error = failure(Request(url=url, headers=headers))
    assert (type(error), error.kind) == (Refused, "failed")
    assert said in error.reason
    assert SECRET not in f"{error!r}{error}"
    assert site.asked == [], "better not asked than asked without"
    fetch(Request(url=url))


@pytest.mark.parametrize(
    "path",
    ["/drop", "/garbage", "/broken-gzip", "/huge", "/loop", "/to-file", "/to-half", "/429", "/gone", "/header-long"],
)
def test_no_failure_shows_a_secret(site: Site, path: str) -> None:
    url = f"{site.url(path).replace('//', f'//reader:{SECRET}@')}?token={SECRET}"
    error = failure(Request(url=url, headers=TOKEN))
    assert SECRET not in f"{error!r}{error.subject}{error.reason}{pickle.dumps(error)!r}"
    assert site.asked[0].headers["x-token"] == SECRET
    plain = failure(Request(url=url.partition("?")[0], headers=TOKEN))
    assert SECRET not in "".join(traceback.format_exception(plain)), "nor does what lies beneath it"


@pytest.mark.parametrize(
    "url",
    [
        f"http://reader:{SECRET}@[half/",
        f"http://reader:{SECRET}@x:99999/",
        f"http://reader:{SECRET}@/",
        f"ftp://reader:{SECRET}@example.org/",
        f"http://reader:{SECRET}@a..b.example/",
        f"http://a%3Ab:{SECRET}@{LOOPBACK}:9/",
        f"http://reader:{SECRET}\ud800@{LOOPBACK}:9/",
        f"http://reader:{SECRET}@\u2100.example/",
        f"http://reader:{SECRET}@nobody.invalid/?key={SECRET}",
        f"http://nobody.invalid/feed;{'x' * 3_000}?token={SECRET}",
    ],
)
def test_no_broken_address_shows_a_secret(url: str) -> None:
    error = failure(Request(url=url))
    assert SECRET not in f"{error!r}{error}"


def test_a_redirect_s_secrets_are_not_shown(site: Site) -> None:
    for i, to in enumerate(
        [f"http://127.0.0.1:9/?token={SECRET}", f"ftp://u:{SECRET}@x/?key={SECRET}", f"http://x y/?sig={SECRET}"]
    ):
        error = failure(Request(url=site.put(f"/{i}", status=302, headers={"Location": to})))
        assert SECRET not in f"{error!r}{error}"
