"""What counts as a change, and what is made of it."""

import random
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import MORNING, NOON, make_article, make_entry
from transforms.records import Article, Image, Source, Urls
from transforms.revisions import GONE, Change, changes, content_hash, decide, same_item, same_story
from transforms.tags import Evidence, TopicTag

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
        pytest.param({"edition_note": "UPDATE 2"}, id="note"),
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
    assert content_hash(make_article()).startswith("2")
    assert len(content_hash(make_article())) == 32


class TestPageGone:
    """The pipeline says so in the note of what it withdraws."""

    NOTE = f"{GONE}: HTTP 404"
    GONE = make_article(status="withdrawn", edition_note=NOTE, revision=2)

    def test_an_article_is_withdrawn(self) -> None:
        written = decide(make_article(status="withdrawn", edition_note=self.NOTE), make_article())
        assert written is not None
        assert (written.status, written.revision, written.body) == ("withdrawn", 2, "Nothing happened.")

    @pytest.mark.parametrize("note", [NOTE, f"{GONE}: HTTP 410", "WITHDRAWN; legal reasons"])
    def test_what_is_withdrawn_is_not_withdrawn_again(self, note: str) -> None:
        stored = make_article(status="withdrawn", edition_note=note)
        assert decide(make_article(status="withdrawn", edition_note=self.NOTE), stored) is None

    @pytest.mark.parametrize("source", ["page", "feed"])
    def test_an_article_comes_back(self, source: Any) -> None:
        written = decide(make_article(body_source=source), self.GONE)
        assert written is not None
        assert (written.status, written.edition_note, written.revision) == ("usable", "", 3)

    def test_what_its_publisher_withdrew_stays_withdrawn_in_new_words(self) -> None:
        killed = make_article(title="KILL: Quiet day", status="withdrawn", edition_note="KILL")
        written = decide(killed, self.GONE)
        assert written is not None
        assert (written.status, written.edition_note) == ("withdrawn", "KILL")


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


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        pytest.param("Nine dead in Raqqa blast", "Nine dead in Raqqa blast", True, id="same headline"),
        pytest.param("Nine dead in Raqqa blast", "Raqqa blasts: nine rescued", True, id="half of its words"),
        pytest.param("Nine dead in Raqqa blast", "Raqqa mourns", False, id="fewer"),
        pytest.param("Talks in the UN", "Floods in the UN", False, id="short words do not count"),
        pytest.param("Budget 2026", "Budget 2027", True, id="half, with a year"),
        pytest.param("", "", False, id="no headlines are no likeness"),
        pytest.param("停火协议达成", "停火协议破裂", True, id="Chinese"),
        pytest.param("停火协议达成", "空袭造成平民伤亡", False, id="another one"),
        pytest.param("غارة على المدينة", "غارة جديدة على المدينة", True, id="Arabic"),
    ],
)
def test_same_item_by_headline(before: str, now: str, same: bool) -> None:
    language = "zh" if before[:1] > "\u2e80" else "en"
    assert same_item(make_entry(title=before, language=language), make_entry(title=now, language=language)) is same


@pytest.mark.parametrize(
    ("later", "overrides", "same"),
    [
        pytest.param(0, {}, True, id="same moment"),
        pytest.param(59, {}, True, id="same minute"),
        pytest.param(60, {}, False, id="another minute"),
        pytest.param(0, {"published_precision": "day"}, False, id="a day is shared by many"),
        pytest.param(0, {"published_at": None}, False, id="no date"),
    ],
)
def test_same_item_by_date(later: int, overrides: dict[str, Any], same: bool) -> None:
    before = make_entry(title="Quiet day", published_at=MORNING)
    published = MORNING + timedelta(seconds=later)
    now = make_entry(**{"title": "Floods", "published_at": published, **overrides})
    assert same_item(before, now) is same


# What changed.


@pytest.mark.parametrize(
    ("change", "field", "old", "new"),
    [
        ({"title": "Loud day"}, "title", "Quiet day", "Loud day"),
        ({"authors": ("Ann Lee", "Bo Ek")}, "authors", "", "Ann Lee, Bo Ek"),
        ({"description": "Calm."}, "description", "", "Calm."),
        ({"keywords": ("war",)}, "keywords", "", "war"),
        ({"status": "corrected"}, "status", "usable", "corrected"),
        ({"edition_note": "UPDATE 2"}, "edition_note", "", "UPDATE 2"),
        ({"slug": "CALM/"}, "slug", "", "CALM/"),
        ({"embargoed_until": NOON}, "embargoed_until", "", "2026-11-18T12:00:00+00:00"),
        ({"published_at": None}, "published_at", "2026-11-18T08:30:00+00:00", ""),
        ({"updated_at": NOON}, "updated_at", "", "2026-11-18T12:00:00+00:00"),
        ({"section": "World"}, "section", "", "World"),
        ({"image": Image(url="https://a.example/p.jpg")}, "image", "", "https://a.example/p.jpg"),
        ({"image": Image(caption="A street")}, "image_caption", "", "A street"),
        ({"image": Image(credit="C. Camera")}, "image_credit", "", "C. Camera"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_change_of_a_short_field_is_its_old_and_new_value(
    change: dict[str, Any], field: str, old: str, new: str
) -> None:
    assert changes(make_article(), make_article(**change)) == [Change(field=field, old=old, new=new)]


@pytest.mark.parametrize(
    "change",
    [
        {"fetched_at": LATER, "indexed_at": LATER, "revision": 2},
        {"topics": (TAG,)},
        {"authors": ("Bo", "Ann"), "keywords": ("b", "a")},
    ],
)
def test_what_a_reader_would_not_notice_is_no_change(change: dict[str, Any]) -> None:
    assert (
        changes(
            make_article(authors=("Ann", "Bo"), keywords=("a", "b")),
            make_article(**{"authors": ("Ann", "Bo"), "keywords": ("a", "b"), **change}),
        )
        == []
    )


STORY = (
    "RAQQA, Nov 18 (Wire) - Nine people were killed when a bakery was hit at dawn, rescuers said.\n"
    "A spokesman denied that aircraft had been in the area.\nSchools will stay closed."
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("Nine", "Fourteen", ("Nine", "Fourteen", " - ", " people were killed when a bakery "), id="word"),
        pytest.param(" at dawn", "", (" at dawn", "", "when a bakery was hit", ", rescuers said."), id="taken out"),
        pytest.param("had been", "had not been", ("", "not ", "that aircraft had ", "been in the area."), id="put in"),
        pytest.param("\nS", "\nOne more was hurt.\nS", ("", "One more was hurt.\n", "", "Schools will"), id="line"),
        pytest.param("A spokesman", "The ministry", ("A spokesman", "The ministry", "", " denied that"), id="two"),
    ],
)  # fmt: skip
def test_changes_of_the_body_are_words_with_some_around_them(
    old: str, new: str, expected: tuple[str, str, str, str]
) -> None:
    (change,) = changes(make_article(body=STORY), make_article(body=STORY.replace(old, new, 1)))
    was, became, left, right = expected
    assert (change.field, change.old, change.new) == ("body", was, became)
    assert STORY.startswith(was + change.right, change.at)
    assert STORY[: change.at].endswith(change.left)
    assert change.left.endswith(left)
    assert change.right.startswith(right)


def test_changes_that_lie_apart_are_told_apart() -> None:
    became = STORY.replace("Nine", "Ten").replace("closed", "open").replace("dawn", "noon")
    found = changes(make_article(body=STORY), make_article(body=became))
    assert [(change.old, change.new) for change in found] == [("Nine", "Ten"), ("dawn", "noon"), ("closed", "open")]


def test_scripts_without_blanks_are_compared_sign_by_sign() -> None:
    (change,) = changes(make_article(body="双方达成停火协议。"), make_article(body="双方撕毁停火协议。"))
    assert (change.old, change.new, change.left) == ("达成", "撕毁", "双方")


def applied(old: str, found: list[Change]) -> str:
    """What the changes make of the old body."""
    parts, at = [], 0
    for change in found:
        assert change.field == "body"
        assert old.startswith(change.old, change.at)
        parts += [old[at : change.at], change.new]
        at = change.at + len(change.old)
    return "".join([*parts, old[at:]])


@settings(max_examples=300, deadline=None, database=None)
@given(
    st.lists(st.sampled_from(["a", "b", "the", " ", ". ", "\n", "!", "停", "\u3000", "é\u0301", "\x1c"]), max_size=40),
    st.data(),
)
def test_the_changes_make_the_later_text_of_the_earlier_one(pieces: list[str], data: st.DataObject) -> None:
    later = list(pieces)
    for _ in range(data.draw(st.integers(min_value=0, max_value=6))):
        at = data.draw(st.integers(min_value=0, max_value=len(later)))
        stop = at + data.draw(st.integers(min_value=0, max_value=5))
        later[at:stop] = data.draw(st.lists(st.sampled_from(["a", "c", " ", ". ", "\n", "火"]), max_size=4))
    old, new = "".join(pieces), "".join(later)
    found = changes(make_article(body=old), make_article(body=new))
    assert applied(old, found) == new
    assert (found == []) == (old == new)
    assert all(change.old != change.new for change in found)


@settings(max_examples=200, deadline=None, database=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_the_changes_make_any_text_of_any_other(old: str, new: str) -> None:
    assert applied(old, changes(make_article(body=old), make_article(body=new))) == new


NOISE = random.Random(5)
WORDS = [f"word{NOISE.randrange(4_000)}" for _ in range(27_000)]
EDITED = [word if NOISE.random() > 0.002 else "edited" for word in WORDS]


def in_paragraphs(words: list[str]) -> str:
    return ".\n".join(" ".join(words[i : i + 60]) for i in range(0, len(words), 60))


@pytest.mark.parametrize(
    ("old", "new", "longest"),
    [
        pytest.param(in_paragraphs(WORDS), in_paragraphs(EDITED), 2_000, id="words changed"),
        pytest.param(" ".join(WORDS), " ".join(EDITED), 2_000, id="in one paragraph"),
        pytest.param(in_paragraphs(WORDS), in_paragraphs(WORDS[::-1]), 10**6, id="nothing alike"),
        pytest.param("a\n" * 100_000, "a\n" * 60_000 + "b\n" + "a\n" * 39_999, 10, id="all alike"),
        pytest.param("x y " * 50_000, "x z " * 50_000, 10**6, id="every other word"),
        pytest.param("x\ny\n" * 50_000, "y\nx\n" * 50_000, 10**6, id="every paragraph"),
    ],
)
def test_long_texts_are_compared_in_a_moment(old: str, new: str, longest: int) -> None:
    started = time.process_time()
    found = changes(make_article(body=old), make_article(body=new))
    assert time.process_time() - started < 10.0
    assert applied(old, found) == new
    assert sum(len(change.old) + len(change.new) for change in found) <= longest


OURS = "https://beta.example/council-budget"


def told_by(feed_id: str, announced: str, title: str) -> Article:
    """The story at OURS, as a feed announced it."""
    source = Source(name=feed_id, feed_id=feed_id, domain="beta.example")
    urls = Urls(announced=announced, final=OURS, canonical=OURS)
    return make_article(url=OURS, urls=urls, title=title, source=source)


def test_nobody_writes_over_the_story_of_another_outlet() -> None:
    """A feed whose address leads to somebody else's story could else put its own headline over it, or withdraw it."""
    stored = told_by("beta", OURS, "Council agrees on a budget")
    for title in ("Council steals the money", "WITHDRAWN: Council agrees on a budget"):
        led = told_by("alpha", "https://alpha.example/go?to=1", title)
        assert decide(led, stored) is None
        assert decide(replace(led, status="withdrawn"), stored) is None


def test_the_outlets_own_feed_writes_over_what_another_led_to() -> None:
    stored = told_by("alpha", "https://alpha.example/go?to=1", "Council steals the money")
    revised = decide(told_by("beta", OURS, "Council agrees on a budget"), stored)
    assert revised is not None
    assert (revised.revision, revised.title, revised.source.name) == (2, "Council agrees on a budget", "beta")


@pytest.mark.parametrize("announced", [OURS, "https://www.beta.example/?p=7", "https://feeds.beta.example/item/7"])
def test_feeds_of_one_outlet_revise_each_others_stories(announced: str) -> None:
    stored = told_by("beta-top", OURS, "Council agrees on a budget")
    assert decide(told_by("beta-world", announced, "Council agrees on budget of 12m"), stored) is not None
