"""What is read off every page of the sample wire is what its story says: with the feed's entry, as a run reads it, and
without, as `newswire extract` does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from pipelines.demo.site import Outlet, Resource, Story, load_wire, render
from tests.factories import make_entry, make_feed, make_response
from transforms.agencies import is_agency
from transforms.articles import from_feed, read_page
from transforms.errors import Challenged, ConsentWall, NotAnArticle
from transforms.feeds import read_feed
from transforms.records import Article, Entry, Response

BASE = "http://127.0.0.1:4711"
HTML = "text/html; charset=utf-8"
#: After the last story, and after the only embargo.
AFTERWARDS = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
#: What the pages of each manner do not state, and so nobody knows without the feed.
UNSAID = {
    "jsonld": (),
    "meta": (),
    "microdata": (),
    "none": ("description", "section", "keywords"),
}
#: Fields in which a page is read as saying something else than its story, by slug. A row goes when that is mended.
#: Northline is invented, so no table of agencies knows it: a page that does not say it is one names it as a person.
MISREAD: dict[str, dict[str, Any]] = {
    "aleppo-market-strike": {"agency": ""},
    "market-strike-aleppo-nineteen-dead": {"agency": "", "authors": ("Northline",)},
}
#: Where the fields of a page come from when there is no feed, by the manner of the page.
ORIGINS = {
    "jsonld": ("jsonld", "jsonld", "jsonld", "jsonld", "jsonld", "jsonld", "jsonld"),
    "meta": ("opengraph", "meta", "meta", "opengraph", "opengraph", "opengraph", "visible"),
    # Of a picture's own microdata, the credit is not read; the figure shows it as well.
    "microdata": ("microdata", "microdata", "microdata", "microdata", "microdata", "microdata", "visible"),
    "none": ("time", "visible", "meta", "", "", "visible", "visible"),
}


def shown() -> Iterator[tuple[Outlet, Story, int]]:
    """Every story once in each shape it has: as the first round shows it, and as the second does where that differs."""
    for outlet in load_wire():
        first = outlet.edition(1)
        yield from ((outlet, story, 1) for story in first)
        yield from ((outlet, story, 2) for story in outlet.edition(2) if story not in first)


def cases(*kinds: str) -> list[Any]:
    return [
        pytest.param(outlet, story, round_, id=f"{story.slug}-{round_}")
        for outlet, story, round_ in shown()
        if story.kind in kinds
    ]


@cache
def site(outlet: Outlet, round_: int) -> dict[str, Resource]:
    return render(outlet, base_url=BASE, round_=round_)


def announced(outlet: Outlet, story: Story, round_: int) -> Entry:
    """The entry of the outlet's feed that announces the story."""
    feed = make_feed(id=outlet.id, url=BASE + outlet.feed_path, name=outlet.name, language=outlet.language)
    sent = site(outlet, round_)[outlet.feed_path]
    answer = make_response(sent.body, final_url=feed.url, content_type=sent.content_type, fetched_at=AFTERWARDS)
    entries = read_feed(feed, answer).entries
    return dict(zip((told.slug for told in outlet.edition(round_)), entries, strict=True))[story.slug]


def alone(outlet: Outlet, story: Story) -> Entry:
    """What is known of the story where no feed announced it."""
    return make_entry(feed_id=outlet.id, url=BASE + story.path, title="", seen_at=AFTERWARDS)


def page(outlet: Outlet, story: Story, round_: int) -> Response:
    body = site(outlet, round_)[story.path].body
    return make_response(body, final_url=BASE + story.path, content_type=HTML, fetched_at=AFTERWARDS)


def said(story: Story) -> dict[str, Any]:
    """What the story's page says, as an attentive reader would note it down."""
    marks, image = story.marks, story.image
    return {
        "title": marks.title or story.title,
        "description": story.standfirst,
        "authors": story.authors,
        "agency": story.agency,
        "published": (story.published, "minute"),
        "updated": story.updated,
        "language": story.language,
        "section": story.section,
        "keywords": story.keywords,
        "image": (f"{BASE}/images/{image.file}", image.caption, image.credit) if image else ("", "", ""),
        "status": marks.status,
        "edition_note": marks.edition_note,
        "dateline": (marks.dateline, marks.located),
        "slug": marks.slug,
        "embargoed_until": marks.embargoed_until,
        "partial": False,
    }


def read(article: Article) -> dict[str, Any]:
    image = article.image
    return {
        "title": article.title,
        "description": article.description,
        "authors": article.authors,
        "agency": article.source.agency,
        "published": (article.published_at, article.published_precision),
        "updated": article.updated_at,
        "language": article.language,
        "section": article.section,
        "keywords": article.keywords,
        "image": (image.url, image.caption, image.credit),
        "status": article.status,
        "edition_note": article.edition_note,
        "dateline": (article.dateline, article.located),
        "slug": article.slug,
        "embargoed_until": article.embargoed_until,
        "partial": article.partial,
    }


@pytest.mark.parametrize(("outlet", "story", "round_"), cases("article", "flash"))
def test_a_page_says_what_its_story_says(outlet: Outlet, story: Story, round_: int) -> None:
    expected = said(story) | MISREAD.get(story.slug, {})
    for name in UNSAID[story.metadata]:
        expected[name] = () if name == "keywords" else ""
    article = read_page(alone(outlet, story), page(outlet, story, round_))
    assert read(article) == expected
    assert article.body_source == "page"


@pytest.mark.parametrize(("outlet", "story", "round_"), cases("article", "flash"))
def test_the_feed_says_what_the_page_does_not(outlet: Outlet, story: Story, round_: int) -> None:
    entry = announced(outlet, story, round_)
    expected = said(story) | MISREAD.get(story.slug, {})
    if "keywords" in UNSAID[story.metadata]:  # feeds file the section among the categories
        expected["keywords"] = entry.keywords
        assert set(entry.keywords) == {story.section, *story.keywords}
    if "description" in UNSAID[story.metadata] and story.feed_text == "none":
        expected["description"] = ""
    if "section" in UNSAID[story.metadata]:
        expected["section"] = ""
    article = read_page(entry, page(outlet, story, round_))
    assert read(article) == expected
    assert article.body_source == "page"
    assert article.source.name == outlet.name


@pytest.mark.parametrize(("outlet", "story", "round_"), cases("article"))
def test_each_field_says_where_it_was_found(outlet: Outlet, story: Story, round_: int) -> None:
    article = read_page(alone(outlet, story), page(outlet, story, round_))
    by = article.provenance
    date, authors, language, section, keywords, image, credit = ORIGINS[story.metadata]
    if outlet.id == "kettlebridge" and story.metadata == "none":
        date = "visible"  # without even a <time>
    assert article.published_source == date
    assert by.title == "visible"
    assert by.authors == (authors if article.authors else "")
    assert by.language == language
    assert by.section == section
    assert by.keywords == keywords
    assert (by.image_url, by.image_credit) == ((image, credit) if story.image else ("", ""))
    assert (by.agency == "dateline") == bool(story.marks.dateline)
    assert (by.updated_at != "") == (story.updated is not None)


def test_the_wire_has_the_shapes_that_are_read() -> None:
    kinds = {(story.metadata, story.kind) for _, story, _ in shown()}
    assert {("microdata", "article"), ("none", "article")} <= kinds
    told = [story for _, story, _ in shown() if story.kind == "article"]
    assert {story.marks.status for story in told} == {"usable", "corrected", "withdrawn"}
    assert [is_agency(story.agency) for story in told if story.marks.dateline] == [True]
    for wanted in ("edition_note", "slug", "embargoed_until"):
        assert any(getattr(story.marks, wanted) for story in told), wanted
    assert any(story.image and story.image.credit for story in told)


def test_an_embargo_binds_until_it_is_over() -> None:
    outlet, story, round_ = next(case for case in shown() if case[1].marks.embargoed_until)
    early = replace(page(outlet, story, round_), fetched_at=datetime(2026, 11, 19, 7, 59, tzinfo=UTC))
    entry = replace(announced(outlet, story, round_), seen_at=early.fetched_at)
    assert read_page(entry, early).status == "embargoed"
    assert read_page(entry, page(outlet, story, round_)).status == "usable"


@pytest.mark.parametrize(("outlet", "story", "round_"), cases("challenge", "consent"))
def test_what_stands_before_a_story_is_told_by_what_it_is(outlet: Outlet, story: Story, round_: int) -> None:
    error: type[NotAnArticle] = {"challenge": Challenged, "consent": ConsentWall}[story.kind]
    entry = announced(outlet, story, round_)
    for known in (entry, alone(outlet, story)):
        with pytest.raises(error):
            read_page(known, page(outlet, story, round_))
    article = from_feed(entry, fetched_at=AFTERWARDS)
    assert article is not None
    assert (article.title, article.body, article.body_source) == (story.title, story.standfirst, "feed")
    assert (article.published_at, article.published_source) == (story.published, "feed")
    assert (article.authors, article.provenance.authors) == (story.authors, "feed")
    assert article.partial
