"""The sample wire says what the demonstration and the other tests rely on."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest
import trafilatura
from lxml import html

from pipelines.demo.model import Outlet, Story
from pipelines.demo.server import UNANSWERED, Asked, WireServer
from pipelines.demo.site import Resource, load_wire, render
from pipelines.demo.words import WORDS

BASE = "http://127.0.0.1:4711"
WIRE = load_wire()
ROUNDS = (1, 2)
CHANGED = {
    "meridian": {"idlib-camp-shelling-correction", "ceasefire-northern-syria-signed"},
    "lantern": {"raqqa-school-claim"},
    "kettlebridge": {"river-peaks-below-danger"},
}


@pytest.fixture(scope="module")
def sites() -> dict[tuple[str, int], dict[str, Resource]]:
    return {(outlet.id, round_): render(outlet, base_url=BASE, round_=round_) for outlet in WIRE for round_ in ROUNDS}


def outlet_named(outlet_id: str) -> Outlet:
    return next(outlet for outlet in WIRE if outlet.id == outlet_id)


def stories(*, kind: str | None = None) -> Iterator[tuple[Outlet, Story]]:
    for outlet in WIRE:
        for story in outlet.stories:
            if kind in (None, story.kind):
                yield outlet, story


def parsed(outlet: Outlet, resource: Resource) -> tuple[feedparser.FeedParserDict, list[feedparser.FeedParserDict]]:
    """The feed as feedparser sees it: feedparser 6 reads JSON Feed as well."""
    headers = {"content-type": resource.content_type, "content-location": BASE + outlet.feed_path}
    feed = feedparser.parse(resource.body, response_headers=headers)
    return feed, feed.entries


def read_page(page: bytes, story: Story) -> str:
    document = trafilatura.bare_extraction(page.decode(), url=BASE + story.path)
    return str(getattr(document, "text", ""))


def tree(resource: Resource) -> Any:
    """The page as lxml sees it: Any, because the type of an XPath's result is in its text."""
    return html.document_fromstring(resource.body.decode())


def plain(title: str) -> str:
    """A title without markup and entities."""
    return unescape(re.sub(r"</?i>", "", title))


def test_there_is_enough_of_everything() -> None:
    assert len(WIRE) >= 6
    assert {outlet.feed for outlet in WIRE} == {"rss2", "atom", "rdf", "json"}
    assert {story.metadata for _, story in stories(kind="article")} == {"jsonld", "meta", "microdata", "none"}
    assert {outlet.feed_text for outlet in WIRE} == {"summary", "full", "none"}
    assert {outlet.links for outlet in WIRE} == {"plain", "tracked", "relative"}
    languages = Counter(story.language for _, story in stories())
    assert languages["en"] >= 50
    assert all(languages[language] >= 5 for language in ("ar", "ru", "fr"))
    assert languages.total() >= 66


def test_topics_come_in_true_and_deceptive_cases() -> None:
    topics = Counter(topic for _, story in stories() for topic in story.topics)
    neighbours = {"ceasefire-talks", "hospitals-attacked", "refugees", "war-crimes"}
    assert set(topics) == {"syria", "airstrikes", "civilian-casualties"} | neighbours
    assert topics["syria"] * 3 >= sum(1 for _ in stories())
    plain = [f"{story.title} {' '.join(story.body)}" for _, story in stories() if not story.topics]
    for lure in ("striker", "airmen", "Syrian hamster", "bombed so thoroughly at the box office", "Damascus, Virginia"):
        assert any(lure in text for text in plain), lure


def test_slugs_and_paths_are_unique_and_dates_in_range() -> None:
    for outlet in WIRE:
        assert len({story.slug for story in outlet.stories}) == len(outlet.stories)
        assert len({story.path for story in outlet.stories}) == len(outlet.stories)
    moments = [story.published for _, story in stories()]
    assert datetime(2026, 11, 10, tzinfo=UTC) <= min(moments)
    assert max(moments) < datetime(2026, 11, 21, tzinfo=UTC)


def test_special_cases_are_there() -> None:
    for kind in ("flash", "missing", "silent", "challenge", "consent"):
        assert sum(1 for _ in stories(kind=kind)) == 1, kind
    assert [story.slug for _, story in stories() if story.added] == [
        "river-peaks-below-danger",
        "ceasefire-northern-syria-signed",
    ]
    later = {story.slug: story.round2 for _, story in stories() if story.round2}
    assert set(later) == {"idlib-camp-shelling-correction", "raqqa-school-claim"}
    assert all(story.updated for story in later.values())
    assert later["idlib-camp-shelling-correction"].title.startswith("CORRECTED: Fourteen killed")
    assert later["raqqa-school-claim"].title.startswith("WITHDRAWN: ")
    assert len(later["raqqa-school-claim"].body) == 1
    copies = [(outlet.id, story) for outlet, story in stories() if story.agency == "Northline"]
    assert [outlet_id for outlet_id, _ in copies] == ["kettlebridge", "meridian", "northline"]
    assert len({story.title for _, story in copies}) == 3
    assert len({story.body[1:8] for _, story in copies}) == 1
    assert {name for _, story in stories() for name in ("dateline", "slug") if getattr(story.marks, name)} == {
        "dateline",
        "slug",
    }
    assert [story.marks.embargoed_until for _, story in stories() if story.marks.embargoed_until] == [
        datetime(2026, 11, 19, 8, tzinfo=UTC)
    ]


def test_the_denial_has_the_parts_its_model_has(sites: dict[tuple[str, int], dict[str, Resource]]) -> None:
    story = next(story for _, story in stories() if story.slug == "air-command-never-struck-homes")
    page = tree(sites["meridian", 1][story.path])
    assert story.image is not None
    caption = page.xpath("string(//figcaption)")
    assert caption == f"{story.image.caption} Image: Anselm Rudge / NORTHLINE"
    assert page.xpath("string(//p[@class='story__tags'])") == ", ".join(story.keywords)
    assert len(story.body) >= 12


@pytest.mark.parametrize("outlet", WIRE, ids=lambda outlet: outlet.id)
@pytest.mark.parametrize("round_", ROUNDS)
def test_feeds_parse_and_announce_every_story_newest_first(
    outlet: Outlet, round_: int, sites: dict[tuple[str, int], dict[str, Resource]]
) -> None:
    site = sites[outlet.id, round_]
    edition = outlet.edition(round_)
    if outlet.feed == "json":
        items = json.loads(site[outlet.feed_path].body)["items"]
        links = [item["url"] for item in items]
        titles = [item["title"] for item in items]
    else:
        feed, entries = parsed(outlet, site[outlet.feed_path])
        assert not feed.bozo, feed.get("bozo_exception")
        links = [entry.link for entry in entries]
        titles = [plain(entry.title) for entry in entries]
        for entry, story in zip(entries, edition, strict=True):
            # feedparser takes a picture's media:description for the entry's own text; readers have to tell them apart.
            texts = [entry.get("summary", ""), *(content.value for content in entry.get("content", ()))]
            assert (story.standfirst in texts) == (story.feed_text != "none"), story.slug
            assert any(story.body[-1] in unescape(text) for text in texts) == (story.feed_text == "full")
        # RSS 1.0 has one date only (dc:date), which feedparser gives as the update.
        moments = [entry.get("published_parsed") or entry["updated_parsed"] for entry in entries]
        dates = [story.changed if outlet.feed == "rdf" else story.published for story in edition]
        assert [moment[:5] for moment in moments] == [date.timetuple()[:5] for date in dates]
    assert [urlsplit(link)._replace(query="").geturl() for link in links] == [BASE + story.path for story in edition]
    assert all(("utm_source=rss" in link) == (outlet.links == "tracked") for link in links)
    assert titles == [story.title for story in edition]


def test_json_feed_gives_an_identity_text_and_date_to_every_item(
    sites: dict[tuple[str, int], dict[str, Resource]],
) -> None:
    feed = json.loads(sites["kettlebridge", 1]["/feed.json"].body)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    for item in feed["items"]:
        assert all(item[name] for name in ("id", "content_html", "summary"))
        assert item["date_published"].endswith("Z")


@pytest.mark.parametrize("outlet", WIRE, ids=lambda outlet: outlet.id)
@pytest.mark.parametrize("round_", ROUNDS)
def test_every_link_leads_to_something(
    outlet: Outlet, round_: int, sites: dict[tuple[str, int], dict[str, Resource]]
) -> None:
    site = sites[outlet.id, round_]
    for path, resource in site.items():
        if not resource.content_type.startswith("text/html") or not resource.body:
            continue
        page = tree(resource)
        targets = page.xpath("//a/@href | //img/@src | //form/@action | //link/@href")
        for target in targets:
            where = urlsplit(urljoin(BASE + path, str(target)))
            assert where.netloc == urlsplit(BASE).netloc
            assert where.path in site, f"{outlet.id}{path} links to {target}"


@pytest.mark.parametrize("outlet", WIRE, ids=lambda outlet: outlet.id)
@pytest.mark.parametrize("round_", ROUNDS)
def test_pages_give_up_their_stories_and_not_their_furniture(
    outlet: Outlet, round_: int, sites: dict[tuple[str, int], dict[str, Resource]]
) -> None:
    for story in outlet.edition(round_):
        if story.kind != "article":
            continue
        text = read_page(sites[outlet.id, round_][story.path].body, story)
        words = WORDS[story.language]
        assert story.body[0] in text, story.slug
        assert story.body[-1] in text, story.slug
        assert words["cookies"] not in text, story.slug
        assert words["rights"] not in text, story.slug


@pytest.mark.parametrize("outlet", WIRE, ids=lambda outlet: outlet.id)
def test_pages_tell_machines_what_their_outlet_tells(
    outlet: Outlet, sites: dict[tuple[str, int], dict[str, Resource]]
) -> None:
    for story in outlet.edition(1):
        if story.kind != "article":
            continue
        page = tree(sites[outlet.id, 1][story.path])
        data = [json.loads(text) for text in page.xpath("//script[@type='application/ld+json']/text()")]
        titles = page.xpath("//meta[@property='og:title']/@content")
        marked_up = page.xpath("//*[@itemtype='https://schema.org/NewsArticle']")
        assert page.get("lang") == story.language
        assert (page.get("dir") == "rtl") == (story.language == "ar")
        if story.metadata == "jsonld":
            article = data[0]["@graph"][-1] if outlet.graph else data[0]
            assert article["headline"] == story.title
            assert datetime.fromisoformat(article["datePublished"]) == story.published
        elif story.metadata == "meta":
            assert titles == [story.title]
            assert page.xpath("//title/text()") != titles
        else:
            assert not page.xpath("//meta[@name='description'] | //meta[@property] | //link[@rel='canonical']")
            assert f"By {story.authors[0]}" in page.text_content()
            dates = [datetime.fromisoformat(date) for date in page.xpath("//time/@datetime")]
            assert dates == ([story.published] if outlet.id == "lantern" or marked_up else [])
            assert f"{story.published:%H:%M} UTC" in page.text_content()
        assert bool(data) == (story.metadata == "jsonld")
        assert bool(titles) == (story.metadata == "meta")
        assert bool(marked_up) == (story.metadata == "microdata")


@pytest.mark.parametrize("outlet", WIRE, ids=lambda outlet: outlet.id)
def test_round_two_differs_just_where_it_should(
    outlet: Outlet, sites: dict[tuple[str, int], dict[str, Resource]]
) -> None:
    first, second = sites[outlet.id, 1], sites[outlet.id, 2]
    if outlet.id not in CHANGED:
        assert first == second
        return
    assert first[outlet.feed_path] != second[outlet.feed_path]
    before = {story.slug: story for story in outlet.edition(1)}
    different = set()
    for story in outlet.edition(2):
        old = before.get(story.slug)
        if old is None or read_page(first[old.path].body, old) != read_page(second[story.path].body, story):
            different.add(story.slug)
    assert different == CHANGED[outlet.id]
    latest = [max(story.changed for story in outlet.edition(round_)) for round_ in ROUNDS]
    # Last-Modified has to move with the content, or a client that sends dates only would miss the turn.
    assert latest[0] < latest[1], outlet.id


def test_odd_pages_answer_oddly(sites: dict[tuple[str, int], dict[str, Resource]]) -> None:
    odd = {story.kind: sites[outlet.id, 1][story.path] for outlet, story in stories() if story.kind != "article"}
    assert odd["missing"].status == 404
    assert odd["silent"].hangs
    assert odd["challenge"].status == 200
    assert b"Just a moment..." in odd["challenge"].body
    assert len(re.sub(rb"<[^>]*>", b"", odd["flash"].body)) < 600
    (_, behind_the_wall), *_ = stories(kind="challenge")
    assert len(behind_the_wall.standfirst) > 200
    assert odd["consent"].status == 200
    assert b"Accept all" in odd["consent"].body


def test_there_are_two_rounds() -> None:
    with pytest.raises(ValueError, match="rounds 1 and 2"):
        WIRE[0].edition(3)


def ask(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", headers=headers)
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()
    finally:
        connection.close()


def test_server_answers_feeds_pages_and_what_is_not_there() -> None:
    with WireServer() as wire:
        assert [outlet.id for outlet, _ in wire.feeds()] == [outlet.id for outlet in WIRE]
        for outlet, url in wire.feeds():
            status, headers, body = ask(url)
            assert status == 200
            assert int(headers["Content-Length"]) == len(body)
            assert ask(url, **{"If-None-Match": headers["ETag"]})[0] == 304
            assert ask(url, **{"If-None-Match": '"other"', "If-Modified-Since": headers["Last-Modified"]})[0] == 200
            assert ask(url, **{"If-Modified-Since": headers["Last-Modified"]})[0] == 304
            assert ask(url, **{"If-Modified-Since": "yesterday"})[0] == 200
            assert ask(url, "HEAD")[2] == b""
            base = wire.base_url(outlet)
            newest = next(story for story in outlet.edition(1) if story.kind == "article")
            assert ask(f"{base}{newest.path}?utm_source=rss&utm_medium=feed")[0] == 200
            assert ask(f"{base}/no-such-page")[0] == 404
            assert ("GET", outlet.id, "/no-such-page", 404) in wire.asked
            assert ("GET", outlet.id, outlet.feed_path, 304) in wire.asked


def test_turn_changes_the_feeds_that_changed_and_no_others() -> None:
    with WireServer() as wire:
        tags = {outlet.id: ask(url)[1]["ETag"] for outlet, url in wire.feeds()}
        wire.turn(2)
        statuses = {outlet.id: ask(url, **{"If-None-Match": tags[outlet.id]})[0] for outlet, url in wire.feeds()}
    assert statuses == {outlet.id: 200 if outlet.id in CHANGED else 304 for outlet in WIRE}


def test_server_stops_at_once_with_a_silent_page_open(capfd: pytest.CaptureFixture[str]) -> None:
    ((outlet, story),) = stories(kind="silent")
    with WireServer() as wire:
        waiting = http.client.HTTPConnection(urlsplit(wire.base_url(outlet)).netloc, timeout=0.3)
        leaving = http.client.HTTPConnection(urlsplit(wire.base_url(outlet)).netloc, timeout=0.3)
        for connection in (waiting, leaving):
            connection.request("GET", story.path)
        with pytest.raises(TimeoutError):
            waiting.getresponse()
        leaving.close()
        assert wire.asked.count(Asked("GET", outlet.id, story.path, UNANSWERED)) == 2
        started = time.monotonic()
    assert time.monotonic() - started < 2
    waiting.close()
    assert capfd.readouterr().err == ""
