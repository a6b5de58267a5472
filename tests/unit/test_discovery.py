"""Where feeds may be, by what a home page and a robots.txt say."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import make_response
from transforms.discovery import (
    FEED_PATHS,
    MAX_CANDIDATES,
    SITEMAP_PATHS,
    Candidate,
    candidates,
    elsewhere,
    looks_like_feed,
)
from transforms.urls import is_followable, same_site

HOME = "https://wire.example/"
ATOM, RSS, JSON = "application/atom+xml", "application/rss+xml", "application/feed+json"


def link(href: str, kind: str = RSS, title: str = "", rel: str = "alternate") -> str:
    return f'<link rel="{rel}" type="{kind}" title="{title}" href="{href}">'


def find(head: str = "", body: str = "", *, home: str = HOME, sitemaps: tuple[str, ...] = ()) -> list[Candidate]:
    page = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    return candidates(make_response(page, final_url=home), sitemaps)


def named(head: str = "", body: str = "", *, home: str = HOME) -> list[str]:
    """What the page itself names, in order."""
    return [one.url for one in find(head, body, home=home) if one.why in ("alternate", "link")]


def test_alternates_of_every_kind_in_the_pages_order() -> None:
    head = (
        link("/a.rss")
        + link("b.atom", ATOM)
        + link("//wire.example/c.json", JSON)
        + link("/d", f"{RSS}; charset=utf-8")
    )
    assert named(head) == [HOME + name for name in ("a.rss", "b.atom", "c.json", "d")]


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(link("/de/", "text/html"), id="another language"),
        pytest.param(link("/style.css", RSS, rel="stylesheet"), id="no alternate"),
        pytest.param(link("/wp-json/wp/v2/pages/2", "application/json"), id="WordPress's own"),
        pytest.param(link("/wp-json/oembed/1.0/embed?url=x", "application/json+oembed"), id="oembed"),
        pytest.param(link("javascript:feed()"), id="no address"),
        pytest.param('<link rel="alternate" type="application/rss+xml">', id="no href"),
    ],
)
def test_alternates_that_are_no_feeds(head: str) -> None:
    assert named(head) == []


def test_own_feeds_then_others_then_links_then_parts_then_comments_last() -> None:
    head = (
        link("/comments/feed/", title="The Wire » Comments Feed")
        + link("/tag/war/feed/")
        + link("https://feeds.example.net/wire")
        + link("/feed/", title="The Wire » Feed")
    )
    found = find(head, '<a href="/rss/world.xml"> World\n news </a><a href="/author/ann/rss">Ann</a>')
    own = [one for one in found if one.why in ("alternate", "link")]
    assert [one.url.removeprefix(HOME) for one in own] == [
        "feed/",
        "https://feeds.example.net/wire",
        "rss/world.xml",
        "tag/war/feed/",
        "author/ann/rss",
        "comments/feed/",
    ]
    assert [one.title for one in own[:3]] == ["The Wire » Feed", "", "World news"]
    assert [one.url for one in found if one.comments] == [own[-1].url]
    assert found[-1] == own[-1]


def test_who_asks_for_a_part_wants_its_feed() -> None:
    head = link("/feed/") + link("/tag/war/feed/")
    assert named(head, home="https://wire.example/tag/war/") == [HOME + "tag/war/feed/", HOME + "feed/"]
    assert named(head) == [HOME + "feed/", HOME + "tag/war/feed/"]


@pytest.mark.parametrize("title", ["Comment is free", "Kommentar", "Opinion"])
def test_opinion_is_no_readers_comments(title: str) -> None:
    found = find(link("/commentisfree/rss", title=title))
    assert not found[0].comments


def test_links_count_on_the_own_site_only() -> None:
    body = '<a href="https://feeds.wire.example/all">x</a><a href="https://reader.example/subscribe/rss">y</a>'
    assert named(body=body) == []
    body += '<a href="https://rss.wire.example/rss/all">z</a><a href="/news/feeding-the-poor">story</a>'
    assert named(body=body) == ["https://rss.wire.example/rss/all"]


def test_the_base_of_a_page_counts() -> None:
    assert named('<base href="https://wire.example/en/">' + link("feed.xml")) == ["https://wire.example/en/feed.xml"]


def test_robots_and_known_paths() -> None:
    found = find(sitemaps=("https://wire.example/sitemap.xml", "/sitemap-news.xml", "ftp://wire.example/x"))
    assert [one.url.removeprefix(HOME) for one in found] == [
        "sitemap-news.xml",
        *(path.strip("/") for path in FEED_PATHS),
        "sitemap.xml",
    ]
    assert [one.why for one in found] == ["robots", *["path"] * len(FEED_PATHS), "robots"]


def test_sitemaps_are_guessed_only_where_robots_names_none() -> None:
    assert [one.url for one in find()] == [HOME[:-1] + path for path in (*FEED_PATHS, *SITEMAP_PATHS)]


def test_an_address_is_tried_once() -> None:
    found = find(link("/feed") + link("http://www.wire.example/feed/") + link("/feed#top", ATOM))
    assert [one.url for one in found if one.url.rstrip("/").endswith("/feed")] == [HOME + "feed"]
    assert found[0].why == "alternate"


def test_a_directory_of_feeds_is_cut() -> None:
    assert len(find("".join(link(f"/{n}.rss") for n in range(1_000)))) == MAX_CANDIDATES


def test_titles_are_text() -> None:
    (first, *_) = find(link("/feed", title="[bold]A &amp; B\u202e\n[/bold]"))
    assert first.title == "[bold]A & B [/bold]"


def test_pages_in_other_charsets() -> None:
    page = f'<html><head><meta charset="windows-1251">{link("/лента.rss", title="Лента")}</head></html>'.encode(
        "cp1251"
    )
    (first, *_) = candidates(make_response(page, final_url=HOME))
    assert (first.url, first.title) == (HOME + "лента.rss", "Лента")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://w.example/rss", True),
        ("https://w.example/news/rss.xml", True),
        ("https://w.example/rss2.0.xml", True),
        ("https://w.example/world.rss", True),
        ("https://w.example/?feed=rss2", True),
        ("https://w.example/news?format=feed&type=rss", True),
        ("https://w.example/feeds/posts/default", True),
        ("https://w.example/news_rss_en.php", True),
        ("https://w.example/press", False),
        ("https://w.example/atomic-energy", False),
        ("https://w.example/feedback", False),
        ("https://rss.example/news", False),
        ("https://w.example/?q=rss", False),
    ],
)
def test_what_looks_like_a_feed(url: str, expected: bool) -> None:
    assert looks_like_feed(url) is expected


@pytest.mark.parametrize(
    ("feed", "pages"),
    [
        ("https://w.example/feed.xml", ["https://w.example/"]),
        (
            "https://w.example/a/b/feed.xml?x=1",
            ["https://w.example/a/b/", "https://w.example/a/", "https://w.example/"],
        ),
        ("https://w.example/a/feed/", ["https://w.example/a/", "https://w.example/"]),
        ("https://u:p@w.example:8443/feed", ["https://w.example:8443/"]),
        ("https://w.example/", []),
        ("https://feeds.w.example/all", ["https://feeds.w.example/", "https://w.example/"]),
        (
            "https://w.example/1/2/3/4/5/f",
            [f"https://w.example/{up}" for up in ("1/2/3/4/5/", "1/2/3/4/", "1/2/3/", "")],
        ),
    ],
)
def test_where_to_look_for_a_dead_feed(feed: str, pages: list[str]) -> None:
    assert elsewhere(feed) == pages


@pytest.mark.parametrize(
    ("url", "other", "expected"),
    [
        ("https://www.w.example/a", "http://w.example/", True),
        ("https://feeds.w.example/a", "https://w.example/", True),
        ("https://w.example/a", "https://en.w.example/", True),
        ("https://notw.example/a", "https://w.example/", False),
        ("https://w.example:8080/a", "https://w.example/", False),
    ],
)
def test_same_site(url: str, other: str, expected: bool) -> None:
    assert same_site(url, other) is expected


@given(st.binary(max_size=200), st.lists(st.text(max_size=30), max_size=3))
@settings(max_examples=300, deadline=None)
def test_any_bytes_lead_somewhere_or_nowhere(noise: bytes, sitemaps: list[str]) -> None:
    page = b'<link rel=alternate type=application/rss+xml href="' + noise + b'"><a href="/rss' + noise
    for body in (noise, page):
        found = candidates(make_response(body, final_url=HOME), sitemaps)
        assert all(is_followable(one.url) for one in found)
