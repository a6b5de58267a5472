"""The main job on the sample wire: two runs, and everything that is known of the wire is found in the store."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from inspect import isfunction
from pathlib import Path
from typing import Any

import pytest

from connectors.opening import SqliteSpec, open_store
from connectors.ports import Search
from connectors.workers import PRELOAD, Workers
from pipelines.demo.server import WireServer
from pipelines.demo.site import Outlet, Story, load_wire
from tests.e2e.cli import newswire, newswire_json, typed, wire_settings
from transforms.query import parse
from transforms.records import Article


class Wire:
    """The sample wire after both runs, with the summaries of both."""

    def __init__(self, folder: Path, server: WireServer) -> None:
        self.folder, self.server = folder, server
        wire_settings(folder, server)
        self.first = newswire_json("run", cwd=folder)
        self.asked_first = list(server.asked)
        server.turn(2)
        self.second = newswire_json("run", "--all", cwd=folder)
        self.asked_second = list(server.asked)[len(self.asked_first) :]

    def url(self, outlet: Outlet, story: Story) -> str:
        return self.server.base_url(outlet) + story.path

    def article(self, slug: str) -> Article:
        outlet, story = story_of(slug)
        with open_store(SqliteSpec(str(self.folder / "newswire.db"))) as store:
            row = store.ledger.get(self.url(outlet, story))
            assert row is not None, slug
            return store.articles.get([row.doc_id])[row.doc_id]

    def search(self, query: str = "", **filters: Any) -> list[Article]:
        with open_store(SqliteSpec(str(self.folder / "newswire.db"))) as store:
            search = Search(query=parse(query) if query else None, limit=1000, **filters)
            return [hit.article for hit in store.articles.search(search).hits]


def story_of(slug: str) -> tuple[Outlet, Story]:
    return next((outlet, story) for outlet in load_wire() for story in outlet.stories if story.slug == slug)


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with WireServer() as server:
        yield Wire(tmp_path_factory.mktemp("wire"), server)


def ordinary() -> list[Any]:
    return [
        pytest.param(outlet, story, id=story.slug)
        for outlet in load_wire()
        for story in outlet.edition(2)
        if story.kind == "article"
    ]


def test_first_run_accounts_for_every_story_once_per_stage(wire: Wire) -> None:
    counts = wire.first["counts"]
    stories = sum(len(outlet.edition(1)) for outlet in load_wire())
    assert counts["poll"] == {"ok": len(load_wire())}
    assert counts["entry"] == {"new": stories}
    assert sum(counts["fetch"].values()) == stories
    assert counts["fetch"]["rejected"] == 2  # one page is missing, one never answers
    # A challenge, a consent wall and the page that never answers leave the feed's words.
    assert counts["extract"] == {"page": stories - 4, "rejected": 2, "stand_in": 3}
    assert counts["store"] == {"new": stories - 1}  # all but the missing one


def test_second_run_takes_only_what_changed(wire: Wire) -> None:
    counts = wire.second["counts"]
    assert counts["poll"] == {"ok": 3, "unchanged": 3}
    assert (counts["entry"]["new"], counts["entry"]["changed"]) == (2, 2)
    assert counts["store"] == {"new": 2, "revised": 2}
    pages = [one.path for one in wire.asked_second if not one.path.startswith("/feed")]
    assert len(pages) == 4


def test_each_page_was_fetched_once(wire: Wire) -> None:
    fetched = Counter((one.outlet, one.path) for one in wire.asked_first if not one.path.startswith("/feed"))
    assert set(fetched.values()) == {1}


@pytest.mark.parametrize(("outlet", "story"), ordinary())
def test_article_is_what_the_outlet_published(wire: Wire, outlet: Outlet, story: Story) -> None:
    article = wire.article(story.slug)
    assert article.title == (story.marks.title or story.title)
    assert (article.status, article.edition_note) == (story.marks.status, story.marks.edition_note)
    assert (article.body_source, article.language) == ("page", story.language)
    paragraphs = article.body.split("\n")
    assert [p for p in story.body if p not in paragraphs and p not in article.body] == []
    assert (article.published_at, article.published_precision) == (story.published, "minute")
    assert article.updated_at == story.updated
    assert article.source.name == outlet.name
    assert article.urls.final.startswith(wire.url(outlet, story))
    assert "cookie" not in article.body.lower()


@pytest.mark.parametrize(("outlet", "story"), ordinary())
def test_topics_are_those_a_careful_reader_would_give(wire: Wire, outlet: Outlet, story: Story) -> None:
    article = wire.article(story.slug)
    assert {tag.id for tag in article.topics} == set(story.topics)
    fields = {
        "title": article.title,
        "description": article.description,
        "keywords": ", ".join(article.keywords),
        "body": article.body,
    }
    for tag in article.topics:
        assert tag.evidence
        for evidence in tag.evidence:
            assert fields[evidence.field][evidence.start : evidence.end] == evidence.text


def test_a_flash_is_kept(wire: Wire) -> None:
    flash = wire.article("urgent-idlib-hospital")
    assert flash.title.startswith("URGENT")
    assert len(flash.body.split("\n")) == 1


@pytest.mark.parametrize(
    ("slug", "error", "retryable", "words"),
    [
        pytest.param("shipowners-red-sea-insurance", "Challenged", True, '"just a moment"', id="challenge"),
        pytest.param("panto-cast-announced", "ConsentWall", False, '"before you continue"', id="consent wall"),
    ],
)
def test_what_stands_before_a_story_leaves_the_feeds_own_words(
    wire: Wire, slug: str, error: str, retryable: bool, words: str
) -> None:
    _, story = story_of(slug)
    article = wire.article(slug)
    assert (article.body, article.body_source, article.partial) == (story.standfirst, "feed", True)
    assert wire.search(words) == []
    rows = newswire_json("rejected", "list", cwd=wire.folder)
    (row,) = (row for row in rows if slug in row["url"])
    assert (row["stage"], row["error"], row["retryable"]) == ("extract", error, retryable)
    assert bool(row["next_try_at"]) == retryable


def test_a_page_that_never_answers_leaves_the_feeds_own_words_and_is_tried_again(wire: Wire) -> None:
    assert wire.article("council-tax-leak").body_source == "feed"
    rows = {row["url"]: row for row in newswire_json("rejected", "list", cwd=wire.folder)}
    silent = next(row for url, row in rows.items() if url.endswith("council-tax-leak"))
    assert (silent["stage"], silent["error"], silent["retryable"]) == ("fetch", "Unreachable", True)
    assert silent["next_try_at"]


def test_a_missing_page_is_no_article(wire: Wire) -> None:
    outlet, story = story_of("passerelle-fermee-rive-gauche")
    row = newswire_json("trace", wire.url(outlet, story), cwd=wire.folder)
    assert (row["state"], row["stage"], row["error"], row["next_try_at"]) == ("rejected", "fetch", "Gone", None)
    assert row["revisions"] == []


def test_a_correction_is_a_new_revision_and_the_first_text_is_kept(wire: Wire) -> None:
    outlet, story = story_of("idlib-camp-shelling-correction")
    traced = newswire_json("trace", wire.url(outlet, story), cwd=wire.folder)
    before, after = traced["revisions"]
    assert (before["revision"], after["revision"]) == (1, 2)
    assert (before["status"], after["status"]) == ("usable", "corrected")
    assert before["title"].startswith("Forty-one killed")
    assert after["title"].startswith("Fourteen killed")
    assert after["edition_note"].startswith("CORRECTED; Correction: an earlier version")
    assert before["first_seen_at"] == after["first_seen_at"]


def test_a_withdrawn_piece_is_marked_and_stays_findable(wire: Wire) -> None:
    article = wire.article("raqqa-school-claim")
    assert (article.status, article.revision) == ("withdrawn", 2)
    assert article.edition_note.startswith("WITHDRAWN; ")
    assert article.id in {found.id for found in wire.search("status:withdrawn")}


def test_an_embargo_that_is_over_is_noted_and_no_more(wire: Wire) -> None:
    article = wire.article("deep-sea-cable-sensors")
    assert (article.status, article.embargoed_until) == ("usable", datetime(2026, 11, 19, 8, tzinfo=UTC))


def test_agency_copy_on_three_outlets_is_three_articles(wire: Wire) -> None:
    slugs = ["aleppo-market-strike", "aleppo-vegetable-market-bombed", "market-strike-aleppo-nineteen-dead"]
    assert len({wire.article(slug).id for slug in slugs}) == 3


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        pytest.param("hospitals", "idlib-hospital-evacuated", id="English stems"),
        pytest.param("مستشفى", "mustashfa-idlib", id="Arabic"),
        pytest.param("больницы", "ru-idlib-bolnitsa", id="Russian stems"),
        pytest.param("displac*", "idlib-camp-shelling-correction", id="prefix"),
    ],
)
def test_search_finds_it(wire: Wire, query: str, slug: str) -> None:
    assert wire.article(slug).id in {article.id for article in wire.search(query)}


def test_search_by_topic_source_and_language(wire: Wire) -> None:
    expected = {
        wire.article(story.slug).id
        for outlet in load_wire()
        for story in outlet.edition(2)
        if "airstrikes" in story.topics and outlet.id == "northline" and story.kind == "article"
    }
    found = {article.id for article in wire.search(topics=("airstrikes",), sources=("northline",))}
    assert expected <= found
    assert {article.language for article in wire.search(languages=("ru",))} == {"ru"}


def test_agency_copy_is_one_cluster_and_everything_else_is_alone(wire: Wire) -> None:
    slugs = ("aleppo-market-strike", "aleppo-vegetable-market-bombed", "market-strike-aleppo-nineteen-dead")
    copies = {wire.article(slug).id for slug in slugs}
    clusters: dict[str | None, set[str]] = {}
    for article in wire.search():
        clusters.setdefault(article.cluster_id, set()).add(article.id)
    shared = {name: members for name, members in clusters.items() if members != {name}}
    assert list(shared.values()) == [copies]
    assert set(shared) < copies
    outlet, story = story_of(slugs[1])
    traced = newswire_json("trace", wire.url(outlet, story), cwd=wire.folder)
    assert {one["id"] for one in traced["same_text"]} == copies - {wire.article(slugs[1]).id}
    shown = newswire("search", "qastal", cwd=wire.folder).stdout
    assert shown.count("the same text also at: ") == 1
    assert "4 found, in 2 different texts" in shown, "the fourth tells of it in French"


def test_a_run_that_finds_nothing_new_fetches_no_page_and_writes_no_article(wire: Wire) -> None:
    before = newswire_json("store", "status", cwd=wire.folder)
    asked = len(wire.server.asked)
    summary = newswire_json("run", "--all", cwd=wire.folder)
    later = wire.server.asked[asked:]
    assert summary["counts"]["poll"] == {"unchanged": len(load_wire())}
    assert "fetch" not in summary["counts"]
    assert [one.path for one in later if not one.path.startswith("/feed")] == []
    assert newswire_json("store", "status", cwd=wire.folder)["articles"] == before["articles"]


def test_feeds_that_are_not_due_are_left_alone(wire: Wire) -> None:
    asked = len(wire.server.asked)
    shown = newswire("run", cwd=wire.folder).stdout
    assert len(wire.server.asked) == asked
    assert "no feed was due" in shown


def test_workers_are_given_nothing_for_which_they_would_import_beam(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would take a second and a hundred megabytes for it, and once more after every 500 pages."""
    given: list[Any] = []
    submit = Workers.submit

    def noted(self: Workers, function: Any, subject: str, *arguments: Any) -> Any:
        given.extend([function, *arguments])
        return submit(self, function, subject, *arguments)

    monkeypatch.setattr(Workers, "submit", noted)
    with WireServer() as server:
        wire_settings(tmp_path, server)
        typed("run", cwd=tmp_path)
    ours = {one.__module__ for one in given if isfunction(one)}
    assert ours == {"connectors.workers", *PRELOAD}
    assert {type(one).__module__ for one in given} <= {"builtins", "transforms.records"}
