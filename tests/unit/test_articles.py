"""A page, or the feed's own words, becomes an article; anything else is NotAnArticle."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.factories import MORNING, NOON, URL, make_entry, make_response
from transforms.articles import from_feed, read_page
from transforms.errors import NotAnArticle
from transforms.records import Article, Entry, Image, Source, Urls
from transforms.urls import canonical_url, doc_id

PARAGRAPHS = (
    "Rescue workers in the northern town pulled nine people from the ruins of a bakery on Wednesday, residents said.",
    "The strike hit shortly after dawn, when dozens of people were waiting for bread, according to the local council.",
    "A spokesman for the ministry denied that aircraft had been in the area and promised an inquiry within days.",
)
EIGHT = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
DAY = datetime(2026, 11, 18, tzinfo=UTC)


def page(
    *, head: str = "", title: str = "Quiet day", paragraphs: tuple[str, ...] = PARAGRAPHS, lang: str = "en"
) -> str:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f'<body><nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>{title}</h1>{body}</article>'
        "<footer>All rights reserved</footer></body></html>"
    )


def ld(**fields: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


def read(html: str | bytes | None = None, entry: Entry | None = None, **response: Any) -> Article:
    return read_page(entry or make_entry(), make_response(page() if html is None else html, **response))


def test_a_page_becomes_an_article() -> None:
    head = ld(
        headline="Nine dead",
        description="Standfirst.",
        author={"name": "Ann Lee"},
        datePublished="2026-11-18T08:00:00Z",
        dateModified="2026-11-18T09:00:00Z",
        keywords=["bread"],
        articleSection="World",
        image={"url": "/p.jpg", "caption": "Ruins", "creditText": "Ann Lee"},
        publisher={"name": "The Wire"},
    )
    assert read(page(head=head)) == Article(
        id=doc_id(URL),
        url=URL,
        urls=Urls(announced=URL, final=URL, canonical=URL),
        title="Quiet day",
        description="Standfirst.",
        body="\n".join(PARAGRAPHS),
        body_source="page",
        authors=("Ann Lee",),
        published_at=EIGHT,
        published_precision="minute",
        published_source="jsonld",
        updated_at=datetime(2026, 11, 18, 9, 0, tzinfo=UTC),
        language="en",
        keywords=("bread",),
        image=Image(url="https://wire.example/p.jpg", caption="Ruins", credit="Ann Lee"),
        source=Source(name="The Wire", feed_id="wire", domain="wire.example"),
        section="World",
        first_seen_at=NOON,
        fetched_at=NOON,
    )


@pytest.mark.parametrize(
    ("announced", "on_page", "expected"),
    [
        pytest.param("Feed says", "Page says", "Feed says", id="the feed's headline"),
        pytest.param("", "Page says", "Page says", id="the page's where the feed has none"),
        pytest.param("Feed says…", "Page says", "Page says", id="a cut one gives way"),
        pytest.param("Feed says...", "Page says", "Page says", id="cut with three dots"),
        pytest.param("Feed says…", "", "Feed says…", id="a cut one is better than none"),
    ],
)
def test_title(announced: str, on_page: str, expected: str) -> None:
    found = read(page(head=ld(headline=on_page, author="Ann Lee")), make_entry(title=announced, published_at=MORNING))
    assert found.title == expected


def test_a_title_only_visible_on_the_page_is_read() -> None:
    assert read(entry=make_entry(title="")).title == "Quiet day"


@pytest.mark.parametrize("tag", ["h1", "h2", "p"])
def test_the_headline_is_not_the_first_paragraph(tag: str) -> None:
    html = page().replace("<h1>Quiet day</h1>", f"<{tag}>Quiet day</{tag}>")
    assert read(html).body == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    ("on_page", "announced", "expected"),
    [
        pytest.param("2026-11-18T08:00:00Z", MORNING, (EIGHT, "minute", "jsonld"), id="the page to the minute"),
        pytest.param("2026-11-18", MORNING, (MORNING, "minute", "feed"), id="the feed before the page's day"),
        pytest.param("2026-11-18", None, (DAY, "day", "jsonld"), id="the page's day"),
        pytest.param("", MORNING, (MORNING, "minute", "feed"), id="the feed"),
        pytest.param(
            "2026-11-18T12:04:00Z", None, (NOON + timedelta(minutes=4), "minute", "jsonld"), id="a fast clock"
        ),
        pytest.param("2026-11-18T12:06:00Z", MORNING, (MORNING, "minute", "feed"), id="the page's future is skipped"),
        pytest.param("2027-01-01", MORNING, (MORNING, "minute", "feed"), id="a day in the future is skipped"),
        pytest.param("2027-01-01", NOON + timedelta(days=1), (NOON, "minute", "crawl"), id="both in the future"),
    ],
)
def test_published(on_page: str, announced: datetime | None, expected: tuple[datetime, str, str]) -> None:
    entry = make_entry(published_at=announced)
    found = read(page(head=ld(author="Ann Lee", datePublished=on_page)), entry)
    assert (found.published_at, found.published_precision, found.published_source) == expected


@pytest.mark.parametrize(
    ("on_page", "announced", "expected"),
    [
        pytest.param("2026-11-18T09:00:00Z", None, datetime(2026, 11, 18, 9, tzinfo=UTC), id="the page"),
        pytest.param("", NOON, NOON, id="the feed"),
        pytest.param("2026-11-18T08:00:00Z", None, None, id="as published is no update"),
        pytest.param("2026-11-18T07:00:00Z", NOON, NOON, id="before it was published is skipped"),
        pytest.param("2026-11-19T07:00:00Z", None, None, id="the future is skipped"),
    ],
)
def test_updated(on_page: str, announced: datetime | None, expected: datetime | None) -> None:
    head = ld(author="Ann Lee", datePublished="2026-11-18T08:00:00Z", dateModified=on_page)
    assert read(page(head=head), make_entry(updated_at=announced)).updated_at == expected


@pytest.mark.parametrize(
    ("on_page", "announced", "expected"),
    [("fr", "en", "fr"), ("", "ar", "ar"), ("", "", "und")],
)
def test_language(on_page: str, announced: str, expected: str) -> None:
    assert read(page(lang=on_page), make_entry(language=announced)).language == expected


def test_the_feed_fills_what_the_page_leaves_out() -> None:
    entry = make_entry(
        description="Standfirst.",
        authors=("By Ann Lee and Bo Chan",),
        keywords=("bread",),
        source_name="The Wire",
        image=Image(url="https://wire.example/f.jpg", caption="From the feed", credit="Ann"),
    )
    found = read(entry=entry)
    assert (found.description, found.authors, found.keywords) == ("Standfirst.", ("Ann Lee", "Bo Chan"), ("bread",))
    assert (found.image, found.source.name) == (entry.image, "The Wire")
    mixed = read(page(head=ld(image="/p.jpg")), entry).image
    assert mixed == Image(url="https://wire.example/p.jpg", caption="From the feed", credit="Ann")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(
            '<time datetime="2026-11-17T22:00:00Z">Tuesday</time>',
            (datetime(2026, 11, 17, tzinfo=UTC), "page"),
            id="day",
        ),
        pytest.param("<p>Copyright 2026</p>", (NOON, "crawl"), id="a copyright line is no date"),
    ],
)
def test_a_date_only_visible_on_the_page(shown: str, expected: tuple[datetime, str]) -> None:
    found = read(page().replace("<footer>", f"<footer>{shown}"))
    assert (found.published_at, found.published_source) == expected


def test_three_addresses() -> None:
    announced, final = "https://feeds.example/r/1?utm_source=rss", "https://www.wire.example/S/?utm_medium=x&id=1#top"
    found = read(entry=make_entry(url=announced), final_url=final)
    assert found.urls == Urls(announced=announced, final=final, canonical="https://wire.example/S?id=1")
    assert (found.url, found.source.domain) == ("https://www.wire.example/S/?id=1", "wire.example")
    assert found.id == doc_id(final)


@pytest.mark.parametrize(
    ("title", "status"),
    [("CORRECTED: Nine dead", "corrected"), ("WITHDRAWN: Nine dead", "withdrawn"), ("Nine", "usable")],
)
def test_status(title: str, status: str) -> None:
    assert read(entry=make_entry(title=title)).status == status
    flash = from_feed(make_entry(title=title), fetched_at=NOON)
    assert flash is not None
    assert flash.status == status


class TestFeedText:
    LONG = "\n".join(PARAGRAPHS * 2)

    def test_a_longer_feed_text_becomes_the_body(self) -> None:
        found = read(entry=make_entry(text=self.LONG), final_url="https://wire.example/login")
        assert (found.body, found.body_source) == (self.LONG, "feed")
        assert (found.id, found.urls.canonical) == (doc_id(URL), canonical_url(URL))

    def test_so_does_a_longer_description(self) -> None:
        found = read(page(paragraphs=("Log in.",)), make_entry(description=PARAGRAPHS[0]))
        assert (found.body, found.body_source) == (PARAGRAPHS[0], "feed")

    def test_a_shorter_one_does_not(self) -> None:
        found = read(entry=make_entry(text="Short."))
        assert (found.body, found.body_source, found.id) == ("\n".join(PARAGRAPHS), "page", doc_id(URL))

    def test_a_flash_is_kept(self) -> None:
        entry = make_entry(title="URGENT: blast heard in capital", language="en")
        flash = from_feed(entry, fetched_at=NOON)
        assert flash is not None
        assert (flash.title, flash.body, flash.body_source) == ("URGENT: blast heard in capital", "", "feed")
        assert (flash.published_at, flash.published_source, flash.language) == (NOON, "crawl", "en")

    def test_a_flash_on_its_page_is_kept(self) -> None:
        found = read(page(paragraphs=("URGENT - Blast heard in the capital.",)))
        assert (found.body, found.body_source) == ("URGENT - Blast heard in the capital.", "page")

    def test_nothing_said_is_nothing_kept(self) -> None:
        assert from_feed(make_entry(title=""), fetched_at=NOON) is None

    def test_the_feeds_own_words(self) -> None:
        entry = make_entry(
            url=URL + "?utm_source=rss",
            text="All of it.",
            description="Short.",
            published_at=MORNING,
            authors=("By Ann",),
            updated_at=NOON,
            source_name="The Wire",
            keywords=("x",),
            image=Image(url="https://wire.example/p.jpg"),
        )
        found = from_feed(entry, fetched_at=NOON)
        assert found is not None
        assert (found.body, found.description, found.url, found.id) == ("All of it.", "Short.", URL, doc_id(URL))
        assert (found.published_at, found.published_source, found.updated_at) == (MORNING, "feed", NOON)
        assert (found.authors, found.keywords, found.image) == (("Ann",), ("x",), entry.image)
        assert found.source == Source(name="The Wire", feed_id="wire", domain="wire.example")

    def test_a_description_stands_in_for_a_text(self) -> None:
        found = from_feed(make_entry(description="Short."), fetched_at=NOON)
        assert found is not None
        assert found.body == "Short."

    @pytest.mark.parametrize(
        ("published", "updated", "expected"),
        [
            pytest.param(MORNING, NOON, (MORNING, NOON), id="in order"),
            pytest.param(MORNING, MORNING, (MORNING, None), id="no update"),
            pytest.param(MORNING, NOON + timedelta(hours=1), (MORNING, None), id="an update in the future"),
            pytest.param(NOON + timedelta(hours=1), None, (NOON, None), id="published in the future"),
        ],
    )
    def test_dates(
        self, published: datetime, updated: datetime | None, expected: tuple[datetime, datetime | None]
    ) -> None:
        found = from_feed(make_entry(published_at=published, updated_at=updated), fetched_at=NOON)
        assert found is not None
        assert (found.published_at, found.updated_at) == expected


@pytest.mark.parametrize(
    "title",
    [
        "Just a moment...",
        "Attention Required! | Cloudflare",
        "Access denied",
        "Access to this page has been denied",
        "Are you a robot?",
        "Are you human?",
        "Checking your browser before you go",
        "Verify you are human",
        "Verifying that you are human",
        "Security check",
        "One more step",
        "Please wait…",
        "DDoS-Guard",
        "Robot check",
        "Captcha",
        "Pardon Our Interruption",
        "403 Forbidden",
        "404",
        "Error 502",
        "503 Service Unavailable",
        "Page not found",
        "Not found",
        "Service Unavailable",
        "Forbidden",
    ],
)
def test_a_challenge_is_no_article(title: str) -> None:
    with pytest.raises(NotAnArticle, match="instead of its story"):
        read(page(title=title))


def test_a_challenge_is_seen_in_its_heading_too() -> None:
    with pytest.raises(NotAnArticle, match="'Just a moment' instead of its story"):
        read(page().replace("<h1>Quiet day", "<h1>Just a\n moment"))


@pytest.mark.parametrize(
    ("announced", "shown", "paragraphs"),
    [
        pytest.param("Access denied", "Access denied - The Wire", PARAGRAPHS, id="the feed announced it so"),
        pytest.param(
            "Quiet day", "Access denied: life at the fence", PARAGRAPHS * 6, id="far too long for a challenge"
        ),
        pytest.param("Quiet day", "4040 miles by bicycle", PARAGRAPHS, id="a number that begins like an error"),
        pytest.param("Quiet day", "Court: access denied to files", PARAGRAPHS, id="not at the start"),
    ],
)
def test_a_story_of_that_name_is_kept(announced: str, shown: str, paragraphs: tuple[str, ...]) -> None:
    found = read(page(title=shown, paragraphs=paragraphs), make_entry(title=announced))
    assert (found.title, found.body) == (announced, "\n".join(paragraphs[:3]) if len(paragraphs) == 3 else found.body)
    assert PARAGRAPHS[0] in found.body


@pytest.mark.parametrize(
    ("announced", "final", "kept"),
    [
        pytest.param(URL, "https://wire.example/", False, id="front page"),
        pytest.param(URL, "https://wire.example", False, id="bare host"),
        pytest.param(URL, "https://other.example/#gone", False, id="another site's front page"),
        pytest.param("https://wire.example/", "https://wire.example/", True, id="announced so"),
        pytest.param(URL, "https://wire.example/?p=12", True, id="a story by number"),
        pytest.param(URL, "https://wire.example/moved", True, id="moved"),
    ],
)
def test_a_redirect_to_the_front_page_is_no_article(announced: str, final: str, kept: bool) -> None:
    if kept:
        assert read(entry=make_entry(url=announced), final_url=final).body == "\n".join(PARAGRAPHS)
    else:
        with pytest.raises(NotAnArticle, match="front page"):
            read(entry=make_entry(url=announced), final_url=final)


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        pytest.param(b"", "text/html", "empty", id="empty"),
        pytest.param(b" \n\t", "text/html", "empty", id="white space"),
        pytest.param(b"%PDF-1.7\n" + b"x" * 99, "", "no web page", id="PDF"),
        pytest.param(b"%PDF-1.7\n" + b"x" * 99, "text/html", "no web page", id="PDF said to be HTML"),
        pytest.param(page().encode(), "application/pdf", "no web page", id="said to be a PDF"),
        pytest.param(page().encode(), "image/png", "no web page", id="said to be a picture"),
        pytest.param(page().encode(), "application/json", "no web page", id="said to be JSON"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"x" * 99, "", "no web page", id="PNG"),
        pytest.param(b"\xff\xd8\xff\xe0" + b"x" * 99, "", "no web page", id="JPEG"),
        pytest.param(b"GIF89a" + b"x" * 99, "text/html", "no web page", id="GIF"),
        pytest.param(b"PK\x03\x04" + b"x" * 99, "", "no web page", id="zip"),
        pytest.param(b"\x1f\x8b\x08" + b"x" * 99, "", "no web page", id="gzip within gzip"),
        pytest.param(b"abc\x00\x01\x02" * 99, "text/html", "no web page", id="binary"),
        pytest.param(b"<?xml version='1.0'?>\n<rss version='2.0'></rss>", "text/html", "no web page", id="RSS"),
        pytest.param(b"<feed xmlns='http://www.w3.org/2005/Atom'></feed>", "", "no web page", id="Atom"),
        pytest.param(b"<?xml version='1.0'?><urlset></urlset>", "", "no web page", id="sitemap"),
        pytest.param(b"<html><head><title>x</title></head><body></body></html>", "text/html", "no text", id="no text"),
    ],
)
def test_what_is_no_article(body: bytes, content_type: str, reason: str) -> None:
    with pytest.raises(NotAnArticle, match=reason) as caught:
        read(body, content_type=content_type)
    assert caught.value.subject == URL


RUSSIAN = (
    "Спасатели извлекли из-под развалин пекарни девять человек, сообщили в среду жители города на севере страны.",
    "Удар был нанесён вскоре после рассвета, когда десятки людей стояли в очереди за хлебом, говорят в совете.",
)


@pytest.mark.parametrize(
    ("declared", "real", "content_type"),
    [
        pytest.param("utf-8", "utf-8", "text/html; charset=utf-8", id="as declared"),
        pytest.param("utf-8", "utf-8", "text/html; charset=us-ascii", id="header that cannot be true"),
        pytest.param("utf-8", "utf-8", "text/html; charset=x-unheard-of", id="unknown header"),
        pytest.param("utf-8", "utf-8", "", id="no header"),
        pytest.param("windows-1251", "cp1251", "text/html", id="meta only"),
        pytest.param("utf-8", "cp1251", 'text/html; charset="windows-1251"', id="header is right, meta is wrong"),
        pytest.param("utf-8", "utf-16", "text/html", id="byte order mark"),
        pytest.param("utf-8", "utf-16", "text/html; charset=utf-8", id="byte order mark beats the header"),
    ],
)
def test_encodings(declared: str, real: str, content_type: str) -> None:
    html = page(title="Тихий день", paragraphs=RUSSIAN, lang="ru").replace('charset="utf-8"', f'charset="{declared}"')
    found = read(html.encode(real), make_entry(title=""), content_type=content_type)
    assert (found.title, found.body) == ("Тихий день", "\n".join(RUSSIAN))


def test_a_colspan_without_end_costs_nothing() -> None:
    """REFERENCES.md, item 10: some extractors allocate one cell a column."""
    table = '<table><tr><td colspan="9007199254740991" rowspan="9007199254740991">cell</td></tr></table>'
    assert PARAGRAPHS[0] in read(page(paragraphs=(*PARAGRAPHS, table))).body


FRAGMENTS = st.sampled_from(
    [
        "<html>",
        "<body>",
        "<article>",
        "<p>",
        "</p>",
        "<div><div>",
        "<h1>Just a moment</h1>",
        "<title>",
        "</title>",
        PARAGRAPHS[0],
        "<script type='application/ld+json'>{",
        '{"@type":"Article","datePublished":"9999-99-99"}',
        "</script>",
        "<!--",
        "-->",
        "<meta property='article:published_time' content='2026-13-01'>",
        "<meta charset='utf-7'>",
        "<time datetime='x'>",
        "\x00",
        "&#xD800;",
        "<svg>",
        "<![CDATA[",
        "<base href='http://[x'>",
        "<link rel='canonical' href='http://[x'>",
        "<html lang='x-'>",
        "<a rel='author' href='javascript:x'>By 12/34/56</a>",
        "é",
        "<table><td colspan=99999999999>",
        "<frameset>",
        '<p lang="',
        "<meta name='date' content='2026-02-30'>",
        "<meta name='author' content=';;,'>",
        "<?php ?>",
        "<noscript>",
        "<template>",
    ]
)


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=80) | st.lists(FRAGMENTS, max_size=25).map(lambda parts: "".join(parts).encode()),
    st.sampled_from(
        ["", "text/html", "text/html; charset=utf-16", "text/html; charset=base64", "text/html; charset=idna", ";"]
    ),
    st.sampled_from(["", "Quiet day"]),
)
@example(b"<", "", "")
@example(b"<!---->", "", "")
@example(page().encode(), "text/html; charset=hex", "Quiet day")
def test_any_bytes_are_an_article_or_none(body: bytes, content_type: str, title: str) -> None:
    try:
        found = read(body, make_entry(title=title), content_type=content_type)
    except NotAnArticle:
        return
    assert found.body
    repr(found).encode()


LOGIN = """<html lang="de"><head><title>Anmelden</title><meta name="description" content="Bitte melden Sie sich an.">
<meta property="og:title" content="{title}"><meta name="author" content="Web Redaktion"></head>
<body><main><p>Bitte melden Sie sich an.</p></main></body></html>"""


def test_a_page_that_is_about_something_else_lends_the_feeds_words_nothing() -> None:
    entry = make_entry(title="Quiet day", description="Nothing happened at all, said everybody.", language="en")
    found = read_page(entry, make_response(LOGIN.format(title="Anmelden"), content_type="text/html"))
    assert (found.body, found.body_source) == (entry.description, "feed")
    assert (found.description, found.authors, found.language) == (entry.description, (), "en")


def test_a_short_page_that_is_about_the_story_still_says_who_wrote_it() -> None:
    entry = make_entry(title="Quiet day", description="Nothing happened at all, said everybody.")
    found = read_page(entry, make_response(LOGIN.format(title="Quiet day – The Wire"), content_type="text/html"))
    assert (found.body_source, found.authors) == ("feed", ("Web Redaktion",))
