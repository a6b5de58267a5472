"""What counts as a change, and what is made of it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import MORNING, NOON, make_article
from transforms.records import Evidence, Image, TopicTag
from transforms.revisions import content_hash, decide, same_story

TAG = TopicTag(
    id="t",
    label="T",
    score=3.0,
    rule_version="1",
    evidence=(Evidence(rule="r", text="x", field="title", start=0, end=1),),
)
LATER = NOON + timedelta(hours=3)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"title": "Loud day"}, id="title"),
        pytest.param({"body": "Something happened."}, id="body"),
        pytest.param({"authors": ("Ann Lee",)}, id="authors"),
        pytest.param({"keywords": ("quiet",)}, id="keywords"),
        pytest.param({"status": "corrected"}, id="status"),
    ],
)
def test_what_a_reader_would_notice_is_a_new_revision(change: dict[str, Any]) -> None:
    stored = make_article(revision=4)
    new = make_article(**change, first_seen_at=LATER, fetched_at=LATER)
    written = decide(new, stored)
    assert written is not None
    assert (written.revision, written.first_seen_at, written.fetched_at) == (5, NOON, LATER)
    assert {name: getattr(written, name) for name in change} == change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"published_at": MORNING - timedelta(hours=1)}, id="published"),
        pytest.param({"updated_at": LATER}, id="updated"),
        pytest.param({"fetched_at": LATER, "first_seen_at": LATER}, id="fetched"),
        pytest.param({"indexed_at": LATER}, id="indexed"),
        pytest.param({"topics": (TAG,)}, id="topics"),
        pytest.param({"image": Image(url="https://a.example/p.jpg")}, id="image"),
        pytest.param({"url": "https://a.example/other"}, id="address"),
        pytest.param({"revision": 9}, id="revision"),
    ],
)
def test_what_a_reader_would_not_notice_is_no_revision(change: dict[str, Any]) -> None:
    stored = make_article()
    assert content_hash(make_article(**change)) == content_hash(stored)
    assert decide(make_article(**change), stored) is None


def test_the_order_of_authors_and_keywords_is_no_change() -> None:
    stored = make_article(authors=("Ann", "Bo"), keywords=("a", "b"))
    assert decide(make_article(authors=("Bo", "Ann"), keywords=("b", "a")), stored) is None


def test_a_new_story_is_revision_one() -> None:
    new = make_article(revision=7)
    assert decide(new, None) == make_article(revision=1)


def test_the_hash_is_versioned_and_stable() -> None:
    assert content_hash(make_article()) == content_hash(make_article())
    assert content_hash(make_article()).startswith("1")
    assert len(content_hash(make_article())) == 32


class TestFeedTextAgainstPageText:
    STORED = make_article(body="The whole story, read off the page.", body_source="page", authors=("Ann",))

    def test_feed_text_does_not_replace_the_page(self) -> None:
        assert decide(make_article(body="A teaser.", body_source="feed", fetched_at=LATER), self.STORED) is None

    def test_its_withdrawal_counts_and_the_text_stays(self) -> None:
        new = make_article(
            title="WITHDRAWN: Quiet day", status="withdrawn", body="Teaser.", body_source="feed", fetched_at=LATER
        )
        written = decide(new, self.STORED)
        assert written is not None
        assert (written.status, written.title, written.revision) == ("withdrawn", "WITHDRAWN: Quiet day", 2)
        assert (written.body, written.body_source, written.authors) == (self.STORED.body, "page", ("Ann",))
        assert written.fetched_at == LATER

    def test_an_empty_headline_does_not_erase_one(self) -> None:
        assert decide(make_article(title="", body="", body_source="feed"), self.STORED) is None

    def test_the_page_replaces_feed_text(self) -> None:
        stored = make_article(body="A teaser that is long.", body_source="feed")
        written = decide(make_article(body="Page.", body_source="page"), stored)
        assert written is not None
        assert (written.body, written.body_source, written.revision) == ("Page.", "page", 2)

    def test_newer_feed_text_replaces_older(self) -> None:
        stored = make_article(body="First take.", body_source="feed")
        written = decide(make_article(body="Second take.", body_source="feed"), stored)
        assert written is not None
        assert written.body == "Second take."


@pytest.mark.parametrize(
    ("change", "same"),
    [
        pytest.param({"body": "Other text."}, True, id="same headline"),
        pytest.param({"title": "  QUIET — day! ", "body": "Other."}, True, id="headline spelt otherwise"),
        pytest.param({"title": "Loud day"}, True, id="same text"),
        pytest.param({"title": "Loud day", "body": "Other."}, False, id="neither"),
        pytest.param({"title": "Loud day", "body": ""}, False, id="no text is no likeness"),
    ],
)
def test_same_story(change: dict[str, Any], same: bool) -> None:
    assert same_story(make_article(**change), make_article()) is same


def test_two_empty_bodies_are_no_likeness() -> None:
    assert not same_story(make_article(title="A", body=""), make_article(title="B", body=""))
