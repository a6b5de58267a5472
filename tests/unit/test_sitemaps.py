"""Sitemaps as feeds: what outlets write, what is missing in it, and how it breaks."""

import gzip
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.factories import FEED_URL, NOON, make_feed, make_response
from transforms import sitemaps
from transforms.errors import NotAFeed, TooLarge
from transforms.feeds import read_feed
from transforms.sitemaps import Sitemap, children, is_of_news, is_sitemap, read_sitemap

DECLARED = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)
STORY = """<url><loc>https://wire.example/a?x=1&amp;y=2</loc><lastmod>2026-11-18T09:30:00+01:00</lastmod>
<news:news><news:publication><news:name>The Wire</news:name><news:language>uk</news:language></news:publication>
<news:publication_date>2026-11-18T08:00:00Z</news:publication_date><news:title>Air strike &amp; fire</news:title>
<news:keywords>Idlib, Syria</news:keywords></news:news>
<image:image><image:loc>https://wire.example/a.jpg</image:loc><image:caption>Smoke</image:caption></image:image>
<image:image><image:loc>https://wire.example/b.jpg</image:loc></image:image></url>"""


def sitemap(*urls: str, declared: str = DECLARED, end: str = "</urlset>") -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {declared}>{"".join(urls)}{end}'.encode()


def url(loc: str, inner: str = "") -> str:
    return f"<url><loc>{loc}</loc>{inner}</url>"


def story(loc: str, title: str = "Quiet day", name: str = "The Wire") -> str:
    publication = f"<news:publication><news:name>{name}</news:name></news:publication>"
    return url(loc, f"<news:news>{publication}<news:title>{title}</news:title></news:news>")


def index(*locs: tuple[str, str]) -> bytes:
    listed = "".join(f"<sitemap><loc>{loc}</loc><lastmod>{at}</lastmod></sitemap>" for loc, at in locs)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</sitemapindex>'.encode()


def read(body: bytes) -> Sitemap:
    return read_sitemap(FEED_URL, make_response(body, final_url=FEED_URL))


def only(body: bytes) -> dict[str, Any]:
    (item,) = read(body).items
    return item


def test_a_story_of_a_news_sitemap() -> None:
    assert only(sitemap(STORY)) == {
        "url": "https://wire.example/a?x=1&y=2",
        "named": "https://wire.example/a?x=1&y=2",
        "guid": "https://wire.example/a?x=1&y=2",
        "title": "Air strike & fire",
        "description": "",
        "text": "",
        "authors": [],
        "keywords": ["Idlib", " Syria"],
        "picture": "https://wire.example/a.jpg",
        "caption": "Smoke",
        "credit": "",
        "language": "uk",
        "published_at": datetime(2026, 11, 18, 8, 0, tzinfo=UTC),
        "dated": "2026-11-18T08:00:00Z",
        "updated_at": datetime(2026, 11, 18, 8, 30, tzinfo=UTC),
    }


def test_a_news_sitemap_is_polled_like_any_feed() -> None:
    poll = read_feed(make_feed(), make_response(sitemap(STORY), final_url=FEED_URL))
    (entry,) = poll.entries
    assert (entry.title, entry.language, entry.keywords) == ("Air strike & fire", "uk", ("Idlib", "Syria"))
    assert (entry.published_precision, entry.source_name, poll.title) == ("minute", "The Wire", "The Wire")
    assert (poll.complete, poll.item_rule, poll.rejected) == (True, "guid", ())


@pytest.mark.parametrize(
    ("written", "at", "precision"),
    [
        ("2026-11-18", datetime(2026, 11, 18, tzinfo=UTC), "day"),
        ("2026-11-18T08:00+02:00", datetime(2026, 11, 18, 6, 0, tzinfo=UTC), "minute"),
        ("2026-11-18T08:00:00.123456789Z", datetime(2026, 11, 18, 8, 0, tzinfo=UTC), "minute"),
        ("2026-11-18T08:00:00", datetime(2026, 11, 18, 8, 0, tzinfo=UTC), "minute"),
        ("Wed, 18 Nov 2026 08:00:00 GMT", datetime(2026, 11, 18, 8, 0, tzinfo=UTC), "minute"),
        ("soon", None, "day"),
        ("0001-01-01T00:00:00Z", None, "day"),
    ],
)
def test_dates(written: str, at: datetime | None, precision: str) -> None:
    body = sitemap(
        url(
            "https://wire.example/a", f"<news:news><news:publication_date>{written}</news:publication_date></news:news>"
        )
    )
    (entry,) = read_feed(make_feed(), make_response(body, final_url=FEED_URL)).entries
    assert (entry.published_at, entry.published_precision) == (at, precision)


@pytest.mark.parametrize(
    ("lastmod", "taken"),
    [
        pytest.param((NOON - timedelta(hours=47)).isoformat(), True, id="recent"),
        pytest.param((NOON - timedelta(hours=49)).isoformat(), False, id="old"),
        pytest.param("2026-11-16", True, id="a day lasts until its end"),
        pytest.param("2026-11-15", False, id="an old day"),
        pytest.param((NOON + timedelta(hours=3)).isoformat(), True, id="a clock ahead of ours"),
        pytest.param("2036-11-18", False, id="the far future"),
        pytest.param("", False, id="nobody knows"),
    ],
)
def test_of_an_ordinary_sitemap_what_changed_lately(lastmod: str, taken: bool) -> None:
    got = read(sitemap(url("https://wire.example/a", f"<lastmod>{lastmod}</lastmod>")))
    assert [item["title"] for item in got.items] == ([""] if taken else [])
    assert got.complete
    if taken:  # a change is no publication
        assert got.items[0]["published_at"] is None
        assert got.items[0]["updated_at"] is not None


def test_of_an_ordinary_sitemap_the_latest_pages_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MAX_PLAIN", 2)
    pages = [url(f"https://wire.example/{h}", f"<lastmod>2026-11-18T{h}:00:00Z</lastmod>") for h in ("01", "03", "02")]
    front = url("https://wire.example/", "<lastmod>2026-11-18T11:00:00Z</lastmod>")
    assert [item["url"][-2:] for item in read(sitemap(*pages, front)).items] == ["03", "02"]


def test_the_outlets_name_only_where_there_is_one() -> None:
    a, b = "https://wire.example/a", "https://wire.example/b"
    assert read(sitemap(story(a), story(b))).name == "The Wire"
    assert read(sitemap(story(a), story(b, name="Another"))).name == ""


@pytest.mark.parametrize(
    "declared",
    [
        pytest.param("", id="none"),
        pytest.param('xmlns="http://www.google.com/schemas/sitemap/0.84"', id="old, and an undeclared prefix"),
        pytest.param('xmlns:news="https://www.google.com/schemas/sitemap-news/0.9"', id="https"),
    ],
)
def test_namespaces_are_written_in_many_ways(declared: str) -> None:
    got = read(sitemap(story("https://wire.example/a"), declared=declared))
    assert [item["title"] for item in got.items] == ["Quiet day"]
    assert got.complete


@pytest.mark.parametrize(
    ("body", "title", "loc"),
    [
        pytest.param(
            sitemap(story("https://wire.example/a?x=1&y=2")), "Quiet day", "https://wire.example/a?x=1&y=2", id="bare &"
        ),
        pytest.param(
            sitemap(story("https://wire.example/a?x=1&amp;amp;y=2")),
            "Quiet day",
            "https://wire.example/a?x=1&y=2",
            id="escaped twice",
        ),
        pytest.param(
            sitemap(story("<![CDATA[ https://wire.example/a?x=1&y=2 ]]>", "<![CDATA[Fire & smoke]]>")),
            "Fire & smoke",
            "https://wire.example/a?x=1&y=2",
            id="cdata",
        ),
        pytest.param(
            sitemap(story("https://wire.example/a", "Fire &laquo;and&raquo;&nbsp;smoke")),
            "Fire «and» smoke",
            "https://wire.example/a",
            id="entities of HTML",
        ),
        pytest.param(
            sitemap(story("https://wire.example/a", "Fire\x01 <b>and</b> smoke")),
            "Fire and smoke",
            "https://wire.example/a",
            id="control character and markup",
        ),
        pytest.param(
            sitemap(story("https://wire.example/a", "Пожежа"))
            .decode()
            .replace("UTF-8", "windows-1251")
            .encode("cp1251"),
            "Пожежа",
            "https://wire.example/a",
            id="charset",
        ),
        pytest.param(
            sitemap(story("https://wire.example/a")) + b"<!-- cached -->junk",
            "Quiet day",
            "https://wire.example/a",
            id="tail",
        ),
    ],
)
def test_oddities_cost_nothing(body: bytes, title: str, loc: str) -> None:
    poll = read_feed(make_feed(), make_response(body, final_url=FEED_URL))
    assert [(entry.title, entry.url) for entry in poll.entries] == [(title, loc)]
    assert poll.complete


def test_entities_of_the_document_are_never_expanded(tmp_path: Any) -> None:
    secret = tmp_path / "secret"
    secret.write_text("swordfish")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE urlset [<!ENTITY l0 "lol"><!ENTITY file SYSTEM "{secret.as_uri()}">{laughs}]>'
    body = sitemap(story("https://wire.example/a", "&l9;&file;")).replace(b"\n<urlset", doctype.encode() + b"<urlset")
    (item,) = read(body).items
    assert item["title"] in ("", "&l9;&file;")
    assert not is_sitemap(body)  # nobody needs an internal subset: feedparser may refuse it


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param("<url><loc>https://wire.example/hal", id="in an address"),
        pytest.param("<url><loc>https://wire.example/half</loc><news:ti", id="in a tag"),
        pytest.param(story("https://wire.example/half")[:-3], id="in the last tag"),
        pytest.param("", id="between two"),
    ],
)
def test_what_is_cut_off_comes_again_whole(cut: str) -> None:
    got = read(sitemap(story("https://wire.example/a"), story("https://wire.example/b"), cut, end=""))
    assert [item["url"][-1] for item in got.items] == ["a", "b"]
    assert not got.complete


def test_what_breaks_in_the_middle_is_read_on_and_not_trusted() -> None:
    broken = "<url><loc>https://wire.example/b</lock></url>"
    got = read(sitemap(story("https://wire.example/a"), broken, story("https://wire.example/c")))
    assert {item["url"][-1] for item in got.items} >= {"a", "c"}
    assert not got.complete


@pytest.mark.parametrize("body", [sitemap("<url><loc>https://wire.exa", end=""), b"<urlset ", sitemap("<a>" * 400)])
def test_nothing_but_ruins_is_no_feed(body: bytes) -> None:
    with pytest.raises(NotAFeed, match="broken sitemap"):
        read(body)


def test_a_quiet_day_is_no_error() -> None:
    assert read(sitemap()) == Sitemap(name="", items=(), complete=True)
    assert read(b"<urlset/>").complete


def test_an_address_is_missing() -> None:
    body = sitemap(story("https://wire.example/a"), "<url><news:news><news:title>Lost</news:title></news:news></url>")
    poll = read_feed(make_feed(), make_response(body, final_url=FEED_URL))
    assert (len(poll.entries), [rejected.subject for rejected in poll.rejected]) == (1, [f"{FEED_URL}#Lost"])


def test_packed_by_gzip() -> None:
    packed = gzip.compress(sitemap(STORY), mtime=0)
    assert is_sitemap(packed)
    assert read(packed) == read(sitemap(STORY))
    assert read(packed + gzip.compress(b"\n", mtime=0)).complete
    assert children(gzip.compress(index(("https://wire.example/news.xml", "2026-11-18")))) != []


def test_packed_and_cut_off() -> None:
    stories = [story(f"https://wire.example/{n}", title=f"Story {n * 7919 % 1009}") for n in range(2_000)]
    packed = gzip.compress(sitemap(*stories), mtime=0)
    got = read(packed[: len(packed) // 2])
    assert 100 < len(got.items) < 2_000
    assert not got.complete
    assert [item["url"] for item in got.items] == [f"https://wire.example/{n}" for n in range(len(got.items))]


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(sitemap(" " * (sitemaps.MAX_BYTES + 1)))
    assert len(bomb) < 100_000
    assert is_sitemap(bomb)
    with pytest.raises(TooLarge, match="unpacked"):
        read(bomb)


def test_no_more_addresses_than_the_protocol_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MAX_URLS", 3)
    assert len(read(sitemap(*(story(f"https://wire.example/{n}") for n in range(9)))).items) == 3


def test_an_index_is_no_feed_and_says_where_one_is() -> None:
    body = index(
        ("https://wire.example/pages.xml", "2026-11-18"),
        ("https://u:p@wire.example/sitemap-news-1.xml", "2026-11-17"),
        ("https://wire.example/sitemap-news-2.xml.gz", "2026-11-18"),
    )
    assert children(body) == [
        ("https://wire.example/pages.xml", datetime(2026, 11, 18, tzinfo=UTC)),
        ("https://u:p@wire.example/sitemap-news-1.xml", datetime(2026, 11, 17, tzinfo=UTC)),
        ("https://wire.example/sitemap-news-2.xml.gz", datetime(2026, 11, 18, tzinfo=UTC)),
    ]
    with pytest.raises(NotAFeed) as caught:
        read_feed(make_feed(), make_response(body))
    assert caught.value.reason.endswith(
        "its news sitemaps: https://wire.example/sitemap-news-2.xml.gz, https://***@wire.example/sitemap-news-1.xml"
    )
    assert children(sitemap(STORY)) == []


def test_an_index_without_news_names_its_latest() -> None:
    with pytest.raises(NotAFeed, match=r"the latest: https://wire.example/b.xml, https://wire.example/a.xml"):
        read(index(("https://wire.example/a.xml", ""), ("https://wire.example/b.xml", "2026-11-18")))
    with pytest.raises(NotAFeed, match="names none"):
        read(index())


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"<urlset>", True),
        (b"\xef\xbb\xbf  <?xml version='1.0'?><?xml-stylesheet href='a'?><!-- Yoast --><urlset>", True),
        (b"<sm:sitemapindex xmlns:sm='x'>", True),
        (b"<!DOCTYPE urlset><urlset/>", True),
        (b"<urlsets>", False),
        (b"<rss><channel><item><description>&lt;urlset></description>", False),
        (b"<rss><!-- <urlset> -->", False),
        (b"<html><urlset>", False),
        (b"\x1f\x8b\x08 and no gzip", False),
        (b"", False),
        (b"<!--" * 2_000, False),
        (b"<?a?>" * 800 + b"<!-- " * 100, False),
    ],
)
def test_the_start_tells(start: bytes, expected: bool) -> None:
    assert is_sitemap(start) is expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://wire.example/sitemap-news.xml", True),
        ("https://wire.example/sitemaps/NewsSitemap.xml", True),
        ("https://news.example/sitemap.xml", False),
    ],
)
def test_news_by_name(address: str, expected: bool) -> None:
    assert is_of_news(address) is expected


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_whatever_comes_is_read_or_refused(data: st.DataObject) -> None:
    body = bytearray(sitemap(STORY, story("https://wire.example/b"), url("x", "<lastmod>2026-11-18</lastmod>")))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=12))
    try:
        got = read(bytes(body))
    except NotAFeed:
        return
    assert all(item["url"] == "" or item["url"].startswith("http") for item in got.items)


@given(st.binary(max_size=300))
@example(b"\x1f\x8b")
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_sitemap_or_not(body: bytes) -> None:
    assert not is_sitemap(body) or b"urlset" in body or b"sitemapindex" in body or body.startswith(b"\x1f\x8b")
    assert children(body) == [] or b"sitemapindex" in body
