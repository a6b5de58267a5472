"""`newswire topics retag`: every article gets the topics of the taxonomy, whatever goes wrong with one of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.opening import SqliteSpec, Store, open_store
from pipelines.topics import retag as retagging
from pipelines.topics.retag import retag
from tests.factories import NOON, make_article
from transforms.errors import NewswireError, Unindexable
from transforms.records import Article
from transforms.tags import Evidence, Stance, TopicTag


class Words:
    """A taxonomy of one topic, `war`, for articles whose body has the word; it stumbles over `broken` ones."""

    def __init__(self, stance: Stance = "stated") -> None:
        self.version, self._stance = f"2-{stance}", stance

    def tag(self, article: Article) -> Article:
        if "broken" in article.body:
            raise ZeroDivisionError("a bug")
        found = Evidence(rule="r", text="war", field="body", start=0, end=3)
        war = TopicTag(
            id="war", label="War", score=2, rule_version=self.version, stance=self._stance, evidence=(found,)
        )
        topics = (war,) if "war" in article.body else ()
        return replace(article, topics=topics, topics_version=self.version)


OLD = TopicTag(
    id="peace",
    label="Peace",
    score=2,
    rule_version="1",
    evidence=(Evidence(rule="r", text="W", field="body", start=0, end=1),),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(SqliteSpec(str(tmp_path / "newswire.db"))) as opened:
        yield opened


def fill(store: Store, *bodies: str) -> None:
    articles = [
        make_article(id=f"a{number:03}", body=body, topics=(OLD,), topics_version="1")
        for number, body in enumerate(bodies)
    ]
    store.articles.put(articles, now=NOON)


def topics(store: Store, *ids: str) -> list[list[str]]:
    found = store.articles.get(ids)
    return [[tag.id for tag in found[name].topics] for name in ids]


def done(store: Store, taxonomy: Any = None, told: Any = lambda more: None) -> Any:
    return retag(store.articles, taxonomy or Words(), told)


def test_all_are_tagged_and_what_changed_is_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retagging, "BATCH", 2)
    fill(store, "war one", "calm", "war two", "calm", "war three")
    told: list[int] = []
    made = done(store, told=told.append)
    assert (made.tagged, made.changed, sum(told), len(told)) == (5, 5, 5, 3)
    assert (made.added, made.removed, made.stances, made.failed) == ({"war": 3}, {"peace": 5}, {}, {})
    assert topics(store, "a000", "a001", "a004") == [["war"], [], ["war"]]
    assert store.articles.outdated(Words().version, limit=9) == []


def test_a_new_version_with_the_same_topics_changes_nothing(store: Store) -> None:
    fill(store, "war", "calm")
    done(store)
    again = Words()
    again.version = "3"
    made = done(store, again)
    assert (made.tagged, made.changed) == (2, 0)
    assert store.articles.get(["a000"])["a000"].topics_version == "3"
    assert done(store, again).tagged == 0


def test_a_change_of_stance_is_counted(store: Store) -> None:
    fill(store, "war")
    done(store)
    made = done(store, Words("denied"))
    assert (made.changed, made.added, made.removed, made.stances) == (1, {}, {}, {"war": 1})


@pytest.mark.parametrize("batch", [1, 2, 200])
def test_articles_that_cannot_be_tagged_are_passed_over_and_named(
    store: Store, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(retagging, "BATCH", batch)
    fill(store, "broken", "broken", "war", "calm", "broken", "war")
    made = done(store)
    assert made.tagged == 3
    assert made.failed == dict.fromkeys(("a000", "a001", "a004"), "ZeroDivisionError: a bug")
    assert topics(store, "a000", "a002", "a005") == [["peace"], ["war"], ["war"]]


def test_a_taxonomy_that_fails_everywhere_ends_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retagging, "BATCH", 2)
    monkeypatch.setattr(retagging, "MAX_FAILED", 4)
    fill(store, *["broken"] * 9)
    with pytest.raises(NewswireError, match=r"ZeroDivisionError: a bug; and \d others"):
        done(store)


class Between:
    """A store whose articles are written to between `outdated` and `retag`."""

    def __init__(self, store: Store) -> None:
        self._articles = store.articles

    def __getattr__(self, name: str) -> Any:
        return getattr(self._articles, name)

    def retag(self, articles: Sequence[Article]) -> int:
        self.happen(articles)
        return self._articles.retag(articles)

    def happen(self, articles: Sequence[Article]) -> None:
        raise NotImplementedError


def test_what_is_revised_in_the_meantime_keeps_its_words_and_is_tagged_with_them(store: Store) -> None:
    class RevisedOnce(Between):
        def happen(self, articles: Sequence[Article]) -> None:
            if articles[0].revision == 1:
                later = make_article(id="a000", body="calm again", revision=2, topics_version="1")
                self.put([later], now=NOON)

    fill(store, "war", "war")
    made = retag(RevisedOnce(store), Words(), lambda more: None)  # type: ignore[arg-type]
    stored = store.articles.get(["a000"])["a000"]
    assert (stored.revision, stored.body, stored.topics, stored.topics_version) == (2, "calm again", (), "2-stated")
    assert (made.tagged, made.added) == (2, {"war": 1})


def test_articles_that_are_revised_all_the_time_end_it(store: Store) -> None:
    class AlwaysRevised(Between):
        def happen(self, articles: Sequence[Article]) -> None:
            self.put([replace(one, revision=one.revision + 1, topics_version="1") for one in articles], now=NOON)

    fill(store, "war")
    with pytest.raises(NewswireError, match="start it again"):
        retag(AlwaysRevised(store), Words(), lambda more: None)  # type: ignore[arg-type]


def test_what_the_store_will_not_have_is_named_and_the_others_are_written(store: Store) -> None:
    class Refusing(Between):
        def retag(self, articles: Sequence[Article]) -> int:
            self._articles.retag([one for one in articles if one.id != "a001"])
            if any(one.id == "a001" for one in articles):
                raise Unindexable("a001", "too many words")
            return len(articles)

    fill(store, "war", "war", "war")
    made = retag(Refusing(store), Words(), lambda more: None)  # type: ignore[arg-type]
    assert (made.tagged, made.failed) == (2, {"a001": "too many words"})
    assert topics(store, "a000", "a001", "a002") == [["war"], ["peace"], ["war"]]
