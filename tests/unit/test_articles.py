"""A page, or the feed's own words, becomes an article; anything else is NotAnArticle."""

import json
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.factories import MORNING, NOON, URL, make_entry, make_response
from transforms.articles import from_feed, read_page
from transforms.errors import Challenged, ConsentWall, ErrorPage, IndexPage, LoginWall, NotAnArticle, Paywalled
from transforms.records import Article, Entry, Image, Provenance, Source, Urls
from transforms.urls import canonical_url, doc_id

PARAGRAPHS = (
    "Rescue workers in the northern town pulled nine people from the ruins of a bakery on Wednesday, residents said.",
    "The strike hit shortly after dawn, when dozens of people were waiting for bread, according to the local council.",
    "A spokesman for the ministry denied that aircraft had been in the area and promised an inquiry within days.",
)
EIGHT = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
DAY = datetime(2026, 11, 18, tzinfo=UTC)
LONG_HEAD = "Nine dead in bakery strike, rescuers say"
NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
#: An upper bound for a page of a megabyte, in seconds, on a slow machine.
SOON = 4.0


def page(
    *, head: str = "", title: str = "Quiet day", paragraphs: tuple[str, ...] = PARAGRAPHS, lang: str = "en"
) -> str:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    declared = f' lang="{lang}"' if lang else ""
    return (
        f'<!doctype html><html{declared}><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
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
        updated_at=NINE,
        language="en",
        keywords=("bread",),
        image=Image(url="https://wire.example/p.jpg", caption="Ruins", credit="Ann Lee"),
        source=Source(name="The Wire", feed_id="wire", domain="wire.example"),
        section="World",
        provenance=Provenance(
            title="feed",
            authors="jsonld",
            updated_at="jsonld",
            description="jsonld",
            keywords="jsonld",
            section="jsonld",
            language="meta",
            image_url="jsonld",
            image_caption="jsonld",
            image_credit="jsonld",
        ),
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
        pytest.param("Feed sa…", "Feed says more", "Feed says more", id="the page has the whole of it"),
    ],
)
def test_title(announced: str, on_page: str, expected: str) -> None:
    found = read(page(title=on_page), make_entry(title=announced))
    assert (found.title, found.provenance.title) == (expected, "visible" if expected == on_page else "feed")


@pytest.mark.parametrize(
    ("announced", "expected"),
    [
        pytest.param("Nine dead - The Wire", "Nine dead", id="the outlet's name"),
        pytest.param("Nine dead | wire.example", "Nine dead", id="its domain"),
        pytest.param("Nine dead - Elsewhere", "Nine dead - Elsewhere", id="another's name"),
        pytest.param("  Nine\n dead ", "Nine dead", id="on one line"),
    ],
)
def test_the_feeds_title_without_the_outlets_name(announced: str, expected: str) -> None:
    entry = make_entry(title=announced, source_name="The Wire")
    assert read(entry=entry).title == expected
    flash = from_feed(entry, fetched_at=NOON)
    assert flash is not None
    assert flash.title == expected


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
    found = read(page(head=head), make_entry(updated_at=announced))
    origin = "" if expected is None else "feed" if expected == announced else "jsonld"
    assert (found.updated_at, found.provenance.updated_at) == (expected, origin)


@pytest.mark.parametrize(
    ("on_page", "announced", "paragraphs", "expected", "origin"),
    [
        pytest.param("en", "fr", PARAGRAPHS, "en", "meta", id="the page says"),
        pytest.param("", "en", PARAGRAPHS, "en", "feed", id="the feed says"),
        pytest.param("", "", PARAGRAPHS, "en", "page", id="the words say"),
        pytest.param("ar", "", PARAGRAPHS * 2, "en", "page", id="the words contradict"),
        pytest.param("fr", "", ("Air strike.",), "fr", "meta", id="too few words to contradict"),
        pytest.param("", "", ("4711.",), "und", "", id="nobody says"),
    ],
)
def test_language(on_page: str, announced: str, paragraphs: tuple[str, ...], expected: str, origin: str) -> None:
    found = read(page(lang=on_page, paragraphs=paragraphs), make_entry(language=announced))
    assert (found.language, found.provenance.language) == (expected, origin)


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
    said = found.provenance
    assert {said.title, said.description, said.authors, said.keywords} == {"feed"}
    assert {said.image_url, said.image_caption, said.image_credit} == {"feed"}
    mixed = read(page(head=ld(headline="Quiet day", image="/p.jpg")), entry)
    assert mixed.image == Image(url="https://wire.example/p.jpg", caption="From the feed", credit="Ann")
    assert (mixed.provenance.image_url, mixed.provenance.image_caption) == ("jsonld", "feed")


def test_nothing_said_comes_from_nowhere() -> None:
    assert read().provenance == Provenance(title="feed", language="meta")


def test_a_credit_in_the_feeds_caption() -> None:
    entry = make_entry(image=Image(url="https://wire.example/f.jpg", caption="Ruins. Photo: Ann Lee/AP"))
    assert read(entry=entry).image == Image(url="https://wire.example/f.jpg", caption="Ruins.", credit="Ann Lee/AP")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(
            '<time datetime="2026-11-17T22:00:00Z">Tuesday</time>',
            (datetime(2026, 11, 17, 22, tzinfo=UTC), "time"),
            id="an unnamed <time>",
        ),
        pytest.param("<p>Copyright 2026</p>", (NOON, "crawl"), id="a copyright line is no date"),
        pytest.param("<p class=byline>18 November 2026</p>", (DAY, "visible"), id="words near the headline"),
        pytest.param("<p>18 Nov 2026 08:00 GMT</p>", (EIGHT, "visible"), id="to the minute"),
        pytest.param('<time pubdate datetime="2026-11-18T08:00:00Z">x</time>', (EIGHT, "time"), id="a <time>"),
        pytest.param("<figure><figcaption>Ruins, 1 May 2020</figcaption></figure>", (NOON, "crawl"), id="a caption"),
    ],
)
def test_a_date_only_visible_on_the_page(shown: str, expected: tuple[datetime, str]) -> None:
    html = page(title=LONG_HEAD).replace("</h1>", f"</h1>{shown}")
    found = read(html, make_entry(title=LONG_HEAD))
    assert (found.published_at, found.published_source) == expected


def test_the_day_in_the_address() -> None:
    address = "https://wire.example/2026/11/17/quiet-day"
    found = read(entry=make_entry(url=address), final_url=address)
    assert (found.published_at, found.published_source) == (datetime(2026, 11, 17, tzinfo=UTC), "url")


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


@pytest.mark.parametrize(
    ("title", "first", "expected"),
    [
        pytest.param(
            "UPDATE 2-Nine dead",
            "",
            {"title": "Nine dead", "edition_note": "UPDATE 2", "status": "usable"},
            id="update",
        ),
        pytest.param(
            "CORRECTED-Nine dead",
            "(Corrects name of town in paragraph 3)",
            {"title": "Nine dead", "edition_note": "CORRECTED; Corrects name of town in paragraph 3"},
            id="correction, and what it corrects",
        ),
        pytest.param("Nine dead", "(Corrects spelling)", {"status": "corrected"}, id="corrected in the text only"),
        pytest.param("Nine dead", "SYRIA-CRISIS/RUSSIA (UPDATE 2)", {"slug": "SYRIA-CRISIS/RUSSIA"}, id="slug"),
        pytest.param(
            "Nine dead",
            "GENEVA, Nov 18 (Reuters) - Nine people are dead, rescuers said.",
            {"located": "GENEVA", "dateline": "GENEVA, Nov 18 (Reuters)"},
            id="dateline",
        ),
        pytest.param(
            "Nine dead",
            "EMBARGOED until 19 November 2026 10:00 GMT",
            {"status": "embargoed", "embargoed_until": datetime(2026, 11, 19, 10, tzinfo=UTC)},
            id="embargo",
        ),
        pytest.param(
            "Nine dead",
            "EMBARGOED until 18 November 2026 10:00 GMT",
            {"status": "usable"},
            id="an embargo that is over",
        ),
        pytest.param(
            "WITHDRAWN: Nine dead", "(Corrects spelling)", {"status": "withdrawn"}, id="the weightiest counts"
        ),
        pytest.param("URGENT: Nine dead", "", {"title": "URGENT: Nine dead", "edition_note": ""}, id="for the reader"),
    ],
)
def test_the_copys_own_marks(title: str, first: str, expected: dict[str, Any]) -> None:
    lines = (first, *PARAGRAPHS) if first else PARAGRAPHS
    for found in (
        read(page(title=title, paragraphs=lines), make_entry(title=title)),
        from_feed(make_entry(title=title, text="\n".join(lines)), fetched_at=NOON),
    ):
        assert {name: getattr(found, name) for name in expected} == expected


def test_a_mark_on_the_page_that_the_feed_has_not_yet() -> None:
    found = read(page(title="CORRECTED: Quiet day"))
    assert (found.title, found.status, found.edition_note) == ("Quiet day", "corrected", "CORRECTED")


@pytest.mark.parametrize(
    ("head", "first", "expected", "origin"),
    [
        pytest.param("", "GENEVA (Reuters) - It was quiet.", "Reuters", "dateline", id="dateline"),
        pytest.param(ld(headline="Quiet day", author="AFP"), "It was quiet.", "AFP", "jsonld", id="author"),
        pytest.param(
            ld(headline="Quiet day", author="AFP"), "GENEVA (Reuters) - It was quiet.", "Reuters", "dateline", id="both"
        ),
        pytest.param("", "It was quiet.", "", "", id="nobody's"),
    ],
)
def test_agency(head: str, first: str, expected: str, origin: str) -> None:
    found = read(page(head=head, paragraphs=(first, *PARAGRAPHS)))
    assert (found.source.agency, found.provenance.agency) == (expected, origin)


WALL = '<div class="paywall">Subscribe to continue reading. Already a subscriber? Log in.</div>'


@pytest.mark.parametrize(
    ("head", "after", "expected"),
    [
        pytest.param(ld(headline="Quiet day", isAccessibleForFree="False"), WALL, True, id="not free, and a wall"),
        pytest.param(ld(headline="Quiet day", isAccessibleForFree=False), WALL, True, id="false is no text"),
        pytest.param(ld(headline="Quiet day", isAccessibleForFree="False"), "", False, id="not free, and no wall"),
        pytest.param(ld(headline="Quiet day", isAccessibleForFree=True), WALL, False, id="free, whatever stands below"),
        pytest.param("", "", False, id="nothing said"),
    ],
)
def test_partial(head: str, after: str, expected: bool) -> None:
    assert read(page(head=head).replace("</article>", f"</article>{after}")).partial is expected


class TestFeedText:
    LONG = "\n".join(PARAGRAPHS * 2)

    def test_a_longer_feed_text_becomes_the_body(self) -> None:
        found = read(entry=make_entry(text=self.LONG), final_url="https://wire.example/login")
        assert (found.body, found.body_source, found.partial) == (self.LONG, "feed", False)
        assert (found.id, found.urls.canonical) == (doc_id(URL), canonical_url(URL))

    def test_so_does_a_longer_description(self) -> None:
        found = read(page(paragraphs=("Log in.",)), make_entry(description=PARAGRAPHS[0]))
        assert (found.body, found.body_source, found.partial) == (PARAGRAPHS[0], "feed", True)

    def test_an_empty_shell_leaves_it_to_the_feed(self) -> None:
        found = read("<html><body><div id=root></div></body></html>", make_entry(text=self.LONG))
        assert (found.body, found.body_source) == (self.LONG, "feed")

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
        assert found.provenance == Provenance(
            title="feed",
            authors="feed",
            updated_at="feed",
            description="feed",
            keywords="feed",
            language="",
            image_url="feed",
        )
        assert found.source == Source(name="The Wire", feed_id="wire", domain="wire.example")

    def test_a_description_stands_in_for_a_text(self) -> None:
        found = from_feed(make_entry(description="Short."), fetched_at=NOON)
        assert found is not None
        assert (found.body, found.partial) == ("Short.", True)

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
    with pytest.raises(NotAnArticle, match="instead of its story") as caught:
        read(page(title=title))
    assert type(caught.value) in (Challenged, ErrorPage)


def test_a_challenge_is_seen_in_its_heading_too() -> None:
    with pytest.raises(Challenged, match="'Just a moment' instead of its story"):
        read(page().replace("<h1>Quiet day", "<h1>Just a\n moment").replace("<title>Quiet day", "<title>Wire"))


COOKIES = (
    "We and our partners store and access cookies on your device and process personal data. You can accept all "
    "cookies, reject them or manage your privacy settings and consent choices. We need your consent to show you "
    "personalised ads."
)
LINKS = "".join(f'<li><a href="/s/{n}">Headline number {n} of our stories of today</a></li>' for n in range(20))


@pytest.mark.parametrize(
    ("title", "texts", "more", "address", "error"),
    [
        pytest.param("Just a moment...", ("Verify you are human.",), "", URL, Challenged, id="challenge"),
        pytest.param("Before you continue", (COOKIES,), "", URL, ConsentWall, id="consent"),
        pytest.param("Anmelden", ("Bitte melden Sie sich an.",), "<input type=password>", URL, LoginWall, id="login"),
        pytest.param(
            "Wire",
            ("This article is for subscribers only.", "Subscribe to continue reading."),
            "",
            URL,
            Paywalled,
            id="paywall",
        ),
        pytest.param("Page not found", ("Sorry, the page does not exist.",), "", URL, ErrorPage, id="error"),
        pytest.param("World", (), f"<ul>{LINKS}</ul>", "https://wire.example/world/", IndexPage, id="index"),
    ],
)
def test_each_refusal_has_its_own_error(
    title: str, texts: tuple[str, ...], more: str, address: str, error: type[NotAnArticle]
) -> None:
    html = page(title=title, paragraphs=texts).replace("</article>", f"</article>{more}")
    with pytest.raises(NotAnArticle, match="instead of its story") as caught:
        read(html, final_url=address)
    assert type(caught.value) is error
    assert caught.value.subject == URL
    assert error.retryable is (error in (Challenged, ErrorPage))


@pytest.mark.parametrize("title", ["Just a moment...", "Page not found", "Anmelden"])
def test_the_feeds_words_do_not_stand_in_for_a_refusal(title: str) -> None:
    with pytest.raises(NotAnArticle, match="instead of its story"):
        read(page(title=title, paragraphs=("Please wait.",)), make_entry(text="\n".join(PARAGRAPHS)))


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
        pytest.param(
            b"<html><head><title>x</title></head><body></body></html>", "text/html", "'x' instead", id="no text"
        ),
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


STRAY = [*map(chr, [1, 2, 8, 11, 12, 14, 26, 27, 31, 127, 133, 0x2028, 0xFFFD, 0xFFFE, 0xFFFF])]


@pytest.mark.parametrize("stray", [*STRAY, "&#1;", "&#2;", "&#11;", "&#12;", "&#xFFFE;", "&#0;", "&#xD800;"], ids=ascii)
def test_a_stray_character_costs_a_character(stray: str) -> None:
    middle = f"A vertical tab {stray} out of a word processor stands in the middle of this paragraph of the story."
    found = read(page(paragraphs=(PARAGRAPHS[0], middle, PARAGRAPHS[1])).encode())
    first, second, third = found.body.split("\n")
    assert (first, third) == PARAGRAPHS[:2]
    assert second.startswith("A vertical tab")
    assert second.endswith("of the story.")


@pytest.mark.parametrize(
    "opened",
    [
        "<div {{ attributes }}>",
        '<div {{#if x}} class="a">',
        "<div {x}>",
        "<main {>",
        "<div<div>",
        "<{{ tag }}>",
        "<o:p>",
        '<div a"b="c">',
        "<x-story @click=y :class=z [d]=e *f=g #h>",
        '<div title="\x02">',
    ],
)
@pytest.mark.parametrize("inside", [False, True], ids=["around", "within"])
def test_what_a_template_leaves_behind_costs_nothing(opened: str, inside: bool) -> None:
    html = page().replace("<article>", f"<article>{opened}" if inside else f"{opened}<article>")
    assert read(html).body == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize("tag", ["h1", "p"])
def test_a_headline_over_and_over(tag: str) -> None:
    assert read(page().replace("</h1>", "</h1>" + f"<{tag}>Quiet day</{tag}>" * 1_500)).body == "\n".join(PARAGRAPHS)


def before(inner: str) -> str:
    return page().replace("<article>", f"{inner}<article>")


def within(inner: str) -> str:
    return page().replace("</h1>", f"</h1>{inner}")


def titled(title: str) -> str:
    return page(title=title)


CELL = '<table><tr><td colspan="9007199254740991" rowspan="9007199254740991">cell</td></tr></table>'
MINUTES = [f"2026-11-{1 + n % 17:02}T{n % 24:02}:{n % 60:02}:00Z" for n in range(4_000)]


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(within(CELL), id="a colspan without end"),  # REFERENCES.md, item 10
        pytest.param(before("<div>" * 100 + "x" + "</div>" * 100), id="deep before"),
        pytest.param(within("<div></div>" * 45_000), id="half a megabyte of <div></div>"),
        pytest.param(within("<p>x</p>" * 10_000), id="small paragraphs"),
        pytest.param(page(paragraphs=("<p>x</p>" * 60_000, *PARAGRAPHS)), id="half a megabyte of small paragraphs"),
        pytest.param(within(f'<div class="{"author " * 100_000}">By Ann Lee</div>'), id="a huge class"),
        pytest.param(within(f'<div id="{"x" * 1_000_000}">x</div>'), id="a huge id"),
        pytest.param(page(head=ld(headline="Quiet day", author="x " * 300_000)), id="a huge author"),
        pytest.param(page(head=f'<script type="application/ld+json">{"[" * 10_000}</script>'), id="deep JSON"),
        pytest.param(page(head=f"<script type='application/ld+json'>{'{' * 100_000}</script>"), id="open JSON"),
        pytest.param(page(head="".join(f"<meta name=n{n} content=x>" for n in range(50_000))), id="meta tags"),
        pytest.param(page(head="".join(f"<meta name=date content={at}>" for at in MINUTES)), id="dates in meta tags"),
        pytest.param(page(head="<meta name=date content='" + "nov 18 " * 50 + "'>"), id="months and days"),
        pytest.param(page(head="<meta name=date content='" + "1:1 " * 90 + "'>"), id="clocks"),
        pytest.param(within("<p>" + "18 " * 29 + "</p>") * 2, id="numbers near the headline"),
        pytest.param(within('<p class="byline">' + "Ann Lee and " * 24 + "</p>"), id="a byline of and"),
        pytest.param(within('<p class="byline">By ' + "A " * 140 + "</p>"), id="a byline of letters"),
        pytest.param(titled("a - " * 50_000), id="a headline of dashes"),
        pytest.param(titled("CORRECTED " * 20_000), id="a headline of markers"),
        pytest.param(titled("(" * 100_000), id="a headline of brackets"),
        pytest.param(titled("a" + " " * 200_000 + "b"), id="a headline of blanks"),
        pytest.param(within("".join(f"<h1>Quiet day {n} of the year</h1>" for n in range(2_000))), id="headings"),
        pytest.param(page(paragraphs=("GENEVA, " * 10_000 + "(Reuters) -", *PARAGRAPHS)), id="a dateline of commas"),
        pytest.param(page(paragraphs=("Editor's note: " * 5_000, *PARAGRAPHS)), id="notes"),
        pytest.param(within("<a href=/x>Word word word word</a> " * 20_000), id="links"),
    ],
)
@pytest.mark.timeout(20)
def test_a_hostile_page_costs_little(html: str) -> None:
    start = time.process_time()
    found = read(html)
    assert time.process_time() - start < SOON
    assert PARAGRAPHS[1] in found.body


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<div>" * 200_000, id="a megabyte of <div>"),
        pytest.param(before("<div>" * 5_000), id="5,000 levels before"),
        pytest.param(within("<b>" * 5_000), id="5,000 levels of bold print"),
        pytest.param(within("<table><tr><td>" * 2_000), id="tables in tables"),
        pytest.param(within("<ul><li>" * 3_000), id="lists in lists"),
        pytest.param(within("<select>" * 5_000), id="open selects"),
        pytest.param(within("<div itemscope itemtype='https://schema.org/Article' itemprop=author>" * 900), id="items"),
    ],
)
@pytest.mark.timeout(20)
def test_a_page_too_deep_to_parse_is_an_article_or_none(html: str) -> None:
    start = time.process_time()
    with suppress(NotAnArticle):
        read(html)
    assert time.process_time() - start < SOON


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


@settings(max_examples=150, deadline=timedelta(seconds=2))
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


RICH = page(
    title=LONG_HEAD,
    head=ld(
        **{
            "@id": "#a",
            "headline": LONG_HEAD,
            "datePublished": "2026-11-18T08:00:00+01:00",
            "isAccessibleForFree": True,
        },
        author=[{"@type": "Person", "name": "Ann Lee"}, {"@id": "#bo"}],
        image={"@type": "ImageObject", "url": "/p.jpg", "caption": "Ruins. Photo: Ann Lee/AP"},
        articleBody=" ".join(PARAGRAPHS),
        keywords=["bread", "north"],
    )
    + '<meta property="og:title" content="Nine dead | Wire"><meta property="og:site_name" content="Wire">'
    '<meta name="author" content="Ann Lee"><meta property="article:published_time" content="2026-11-18T07:00:00Z">'
    '<meta property="og:locale" content="en_GB"><link rel="canonical" href="/world/quiet-day">',
    paragraphs=("GENEVA, Nov 18 (Reuters) - It was quiet.", *PARAGRAPHS, "(Corrects name of town in paragraph 3)"),
).replace(
    "</h1>",
    '</h1><p class="byline" rel="author">By <a href="/author/ann">Ann Lee</a>, AFP</p>'
    '<time datetime="2026-11-18">x</time>'
    "<p>18 Nov 2026 08:00 GMT – updated 11:15</p>"
    '<figure><img src="/q.jpg"><figcaption>Ruins (Ann/AP)</figcaption></figure>'
    '<table><tr><td colspan="2">cell</td></tr></table><ul><li><a href="/b">Related story of the day</a></li></ul>',
)
SPANS = st.lists(
    st.tuples(
        st.sampled_from(["delete", "double", "flip", "move"]),
        st.integers(0, len(RICH) - 1),
        st.integers(1, 200),
        st.integers(0, len(RICH) - 1),
    ),
    min_size=1,
    max_size=12,
)


def mutated(text: str, spans: list[tuple[str, int, int, int]]) -> str:
    for act, start, length, to in spans:
        span = text[start : start + length]
        rest = text[:start] + text[start + length :]
        text = {
            "delete": rest,
            "double": text[:start] + span * 3 + text[start + length :],
            "flip": text[:start] + span[::-1] + text[start + length :],
            "move": rest[:to] + span + rest[to:],
        }[act]
    return text


@settings(max_examples=150, deadline=timedelta(seconds=2))
@given(SPANS)
def test_a_spoiled_page_is_an_article_or_none(spans: list[tuple[str, int, int, int]]) -> None:
    try:
        found = read(mutated(RICH, spans))
    except NotAnArticle:
        return
    assert found.title == "Quiet day"
    assert found.published_at is not None
    assert found.published_at <= NOON + timedelta(minutes=5)
    repr(found).encode()


def test_the_page_that_is_spoiled_is_a_good_one() -> None:
    found = read(RICH, make_entry(title=""))
    assert (found.title, found.authors, found.source.agency) == (LONG_HEAD, ("Ann Lee",), "Reuters")
    assert (found.published_at, found.status, found.located) == (EIGHT - timedelta(hours=1), "corrected", "GENEVA")
    assert found.image == Image(url="https://wire.example/p.jpg", caption="Ruins.", credit="Ann Lee/AP")


OTHER = """<html lang="de"><head><title>{title}</title><meta name="description" content="Alle Dienste im Überblick.">
<meta property="og:title" content="{title}"><meta name="author" content="Web Redaktion, Ann Lee"></head>
<body><main><p>Alle Dienste im Überblick.</p></main></body></html>"""


def test_a_page_that_is_about_something_else_lends_the_feeds_words_nothing() -> None:
    entry = make_entry(title="Quiet day", description="Nothing happened at all, said everybody.", language="en")
    found = read_page(entry, make_response(OTHER.format(title="Dienste"), content_type="text/html"))
    assert (found.body, found.body_source) == (entry.description, "feed")
    assert (found.description, found.authors, found.language) == (entry.description, (), "en")
    assert found.provenance == Provenance(title="feed", description="feed", language="feed")


def test_a_short_page_that_is_about_the_story_still_says_who_wrote_it() -> None:
    entry = make_entry(title="Quiet day", description="Nothing happened at all, said everybody.")
    found = read_page(entry, make_response(OTHER.format(title="Quiet day – The Wire"), content_type="text/html"))
    assert (found.body_source, found.authors, found.provenance.authors) == ("feed", ("Ann Lee",), "meta")
