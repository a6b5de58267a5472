"""transforms.robots: what RFC 9309 asks for, what real files look like, and what hostile ones must not cost."""

import time
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import make_response
from transforms.errors import (
    Busy,
    Forbidden,
    Gone,
    NewswireError,
    Refused,
    TooLarge,
    Unreachable,
)
from transforms.robots import MAX_BYTES, MAX_DELAY, Rules, agent_token, verdict
from transforms.urls import origin_of

US = "newswire"
SITE = "https://wire.example"


def allowed(text: str, *paths: str, robot: str = US) -> list[str]:
    rules = Rules(text)
    return [path for path in paths if rules.allows(SITE + path, robot)]


@pytest.mark.parametrize(
    ("user_agent", "token"),
    [
        ("newswire/0.1 (+https://wire.example/bot)", "newswire"),
        ("newswire/0.1", "newswire"),
        ("newswire", "newswire"),
        ("  News-Wire_2 (x)", "News-Wire_2"),
        ("newswire;x", "newswire"),
        ("(nameless)", ""),
        ("", ""),
    ],
)
def test_the_name_of_a_robot_is_the_product_of_its_user_agent(user_agent: str, token: str) -> None:
    assert agent_token(user_agent) == token


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Wire.Example/a?b#c", "https://wire.example"),
        ("https://wire.example:443/", "https://wire.example"),
        ("http://wire.example:443/", "http://wire.example:443"),
        ("HTTP://wire.example:80", "http://wire.example"),
        ("https://reader:secret@wire.example:8443/x", "https://wire.example:8443"),
        ("http://[::1]:8080/x", "http://[::1]:8080"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["/", "/a", "/b/c"]),
        ("User-agent: *\nDisallow:", ["/", "/a", "/b/c"]),
        ("User-agent: *\nDisallow: /", []),
        ("User-agent: *\nDisallow: /b", ["/", "/a"]),
        ("User-agent: *\r\nDisallow: /b\r\n", ["/", "/a"]),
        ("User-agent: *\rDisallow: /b", ["/", "/a"]),
        ("\ufeffUser-agent: *\nDisallow: /", []),
        ("User-agent: *\nDisallow: /\nAllow: /b", ["/b/c"]),
        ("User-agent: *\nAllow: /b\nDisallow: /", ["/b/c"]),
        ("User-agent: *\nDisallow: /*/c", ["/", "/a"]),
        ("User-agent: *\nDisallow: /a$", ["/", "/b/c"]),
        ("user-AGENT : * # all of you\n disallow:/a # not this", ["/", "/b/c"]),
        ("Disallow: /", ["/", "/a", "/b/c"]),
        ("no directive at all\n\x00\x01", ["/", "/a", "/b/c"]),
        # Our own group counts, and the one for all others does not.
        ("User-agent: *\nDisallow: /\n\nUser-agent: newswire\nDisallow: /a", ["/", "/b/c"]),
        ("User-agent: newswire\nDisallow: /\n\nUser-agent: *\nDisallow: /a", []),
        ("User-agent: NewsWire/2.0\nDisallow: /", []),
        ("User-agent: newswire*\nDisallow: /", []),
        ("User-agent newswire\nDisallow /", []),
        ("User-agent: other\nUser-agent: newswire\nDisallow: /a", ["/", "/b/c"]),
        ("User-agent: newswire\nDisallow: /a\nUser-agent: newswire\nDisallow: /b", ["/"]),
        # Others are others, however much their names look like ours (RFC 9309, 2.2.1).
        ("User-agent: news\nDisallow: /", ["/", "/a", "/b/c"]),
        ("User-agent: newswire-images\nDisallow: /", ["/", "/a", "/b/c"]),
        ("User-agent: wire\nDisallow: /", ["/", "/a", "/b/c"]),
        ("User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n\nUser-agent: *\nDisallow: /a", ["/", "/b/c"]),
        ("User-agent:\nDisallow: /", ["/", "/a", "/b/c"]),
        ("User-agent: **\nDisallow: /", ["/", "/a", "/b/c"]),
        # A sitemap line belongs to no group, and ends none.
        ("User-agent: *\nSitemap: https://wire.example/s.xml\nDisallow: /a", ["/", "/b/c"]),
    ],
)
def test_rules(text: str, expected: list[str]) -> None:
    assert allowed(text, "/", "/a", "/b/c") == expected


def test_the_longest_rule_wins_and_allow_at_equal_length() -> None:
    text = "User-agent: *\nDisallow: /news\nAllow: /news/world\nDisallow: /news/world/private\nDisallow: /x\nAllow: /x"
    paths = ("/news", "/news/world/1", "/news/world/private/1", "/x")
    assert allowed(text, *paths) == ["/news/world/1", "/x"]


def test_escapes_and_letters_of_all_alphabets_compare_equal() -> None:
    text = "User-agent: *\nDisallow: /новости\nDisallow: /a%3cb\nDisallow: /*?print="
    assert allowed(text, "/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/1", "/новости/1", "/a%3Cb", "/s?print=1") == []
    assert allowed(text, "/s?page=1") == ["/s?page=1"]


def test_robots_txt_itself_may_always_be_read() -> None:
    assert allowed("User-agent: *\nDisallow: /", "/robots.txt", "/a") == ["/robots.txt"]


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("", None),
        ("User-agent: *\nDisallow: /a", None),
        ("User-agent: *\nCrawl-delay: 2", 2.0),
        ("User-agent: *\nCrawl-delay: 0.5", 0.5),
        ("User-agent: *\ncrawl-delay:10 # please", 10.0),
        ("User-agent: *\nCrawl-delay: 86400", MAX_DELAY),
        ("User-agent: *\nCrawl-delay: -1", None),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: inf", None),
        ("User-agent: *\nCrawl-delay: nan", None),
        ("User-agent: other\nCrawl-delay: 9", None),
        ("User-agent: newswire\nCrawl-delay: 3\n\nUser-agent: *\nCrawl-delay: 9", 3.0),
    ],
)
def test_delays(text: str, delay: float | None) -> None:
    assert Rules(text).delay(US) == delay


def test_sitemaps_come_in_order_and_once() -> None:
    text = "Sitemap: https://a.example/1.xml\nUser-agent: x\nDisallow: /\nSITEMAP: https://a.example/2.xml\n"
    assert Rules(text + "sitemap: https://a.example/1.xml").sitemaps() == (
        "https://a.example/1.xml",
        "https://a.example/2.xml",
    )
    assert Rules("").sitemaps() == ()


PAGES = [
    "<!DOCTYPE html><html><body>\nUser-agent: *\nDisallow: /\n</body></html>",
    "\n  <html>\nUser-agent: *\nDisallow: /",
    "<head>\nUser-agent: *\nDisallow: /",
    '<?xml version="1.0"?>\nUser-agent: *\nDisallow: /',
]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_in_place_of_the_file_has_no_rules(page: str) -> None:
    assert allowed(page, "/", "/a") == ["/", "/a"]
    assert Rules(page).delay(US) is None
    assert verdict(make_response(page)) == ""


# What answers mean.


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (make_response("User-agent: *"), "User-agent: *"),
        (make_response("\ufeffUser-agent: *"), "User-agent: *"),
        (make_response("Disallow: /é".encode("latin-1")), "Disallow: /\ufffd"),
        (make_response("Disallow: /".encode("utf-16")), "Disallow: /"),
        (make_response("", status=204), ""),
        (make_response("Allow: /", status=203), "Allow: /"),
        (make_response("", status=304), ""),
        (Gone(SITE, "HTTP 404"), ""),
        (Gone(SITE, "HTTP 410", kind="gone"), ""),
        (Refused(SITE, "HTTP 401"), ""),
        (Refused(SITE, "HTTP 403"), ""),
        (Refused(SITE, "more than 5 redirects", kind="redirects"), ""),
        (Forbidden(SITE, "10.0.0.1 is no public address"), ""),
        (TooLarge(SITE, "more than 10000000 bytes"), ""),
        (Busy(SITE, "HTTP 429", timedelta(minutes=1), kind="rate-limited"), None),
        (Busy(SITE, "HTTP 503"), None),
        (Unreachable(SITE, "HTTP 500", kind="server-error"), None),
        *[(Unreachable(SITE, kind, kind=kind), None) for kind in ("dns", "refused", "tls", "timeout", "dropped")],
    ],
    ids=lambda value: f"{value.kind}: {value.reason}" if isinstance(value, NewswireError) else None,
)
def test_verdicts(answer: object, text: str | None) -> None:
    assert verdict(answer) == text  # type: ignore[arg-type]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_no_more_is_read_than_must_be_and_no_half_line(newline: str) -> None:
    """A line cut at the wrong place would forbid the whole site."""
    line = f"Disallow: /private{newline}"
    head = f"User-agent: *{newline}"
    body = (head + line * (MAX_BYTES // len(line) + 10)).encode()
    body = body[: MAX_BYTES - len("Disallow: /")] + b"\n"[: len(body)] + b"Disallow: /private" + body[MAX_BYTES:]
    text = verdict(make_response(body))
    assert text is not None
    assert MAX_BYTES - 60 < len(text) <= MAX_BYTES
    assert text.endswith(("\n", "\r"))
    assert allowed(text, "/", "/private/1") == ["/"]


# What hostile files cost.


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"User-agent: a{n}\n" for n in range(14_000)) + "Allow /\n" * 30_000,
        "".join(f"User agent new{'*' * n}swire\n" for n in range(300)) + "Allow /\n" * 30_000,
        "User-agent: *\n" + "".join(f"Disallow: /*{n}$\n" for n in range(20_000)),
        "User-agent: *\nDisallow: /" + "*a" * 200_000,
        "Disallow: /" + "$" * 400_000,
        "user" + " " * 400_000,
        " " * 500_000,
    ],
    ids=["robots times rules", "spellings times rules", "wildcards", "one long wildcard", "dollars", "blanks", "empty"],
)
def test_a_hostile_file_costs_little(text: str) -> None:
    started = time.process_time()
    assert len(text) <= MAX_BYTES
    Rules(text).allows(SITE + "/" + "a" * 1_900, US)
    assert time.process_time() - started < 3.0


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(
            st.sampled_from(
                [
                    *(
                        "User-agent: *",
                        "User-agent: newswire",
                        "user agent",
                        "Disallow: /",
                        "Allow: /a$b*",
                        "Disallow: %",
                    ),
                    *(
                        "Crawl-delay: 1e400",
                        "Sitemap:",
                        "Sitemap: x",
                        "Request-rate: 1/0",
                        "Visit-time: 9-",
                        "Host",
                        ":",
                    ),
                    *(
                        "\x00",
                        "Disallow: //[",
                        "Allow: http://[half",
                        "#",
                        "\ufeff",
                        "Disallow: /%zz%",
                        "Disallow: \u2028/",
                    ),
                ]
            ),
            max_size=12,
        ).map(lambda lines: "\n".join(lines).encode()),
    )
)
def test_nothing_that_a_site_sends_raises(body: bytes) -> None:
    text = verdict(make_response(body))
    assert text is not None
    rules = Rules(text)
    assert isinstance(rules.allows(f"{SITE}/a?b=c%20d", US), bool)
    assert isinstance(rules.allows(f"{SITE}/новости", US), bool)
    delay = rules.delay(US)
    assert delay is None or 0 <= delay <= MAX_DELAY
    assert isinstance(rules.sitemaps(), tuple)
