"""A backtest counts every change and keeps a few samples, however many there are."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pipelines.topics.backtest import Backtest, backtest
from tests.factories import make_article
from transforms.records import Article
from transforms.tags import Evidence, TopicTag

PROOF = Evidence(rule="r", text="war", field="body", start=0, end=3, sentence="war and peace")


def tag(id: str, against: tuple[Evidence, ...] = ()) -> TopicTag:
    return TopicTag(id=id, label=id, score=2, rule_version="1", evidence=(PROOF,), against=against)


class Everything:
    """A taxonomy by which all is `war`, and nothing `peace` since something counts against it."""

    version = "2"
    topics = (tag("war"), tag("peace"))

    def tag(self, article: Article) -> Article:
        return replace(article, topics=(tag("war"),))

    def judge(self, article: Article) -> list[TopicTag]:
        return [tag("war"), tag("peace", against=(PROOF,))]


def many(count: int, size: int = 1) -> Iterator[Article]:
    for number in range(count):
        yield make_article(id=f"{number:05}", body="war and peace\n" + f"{number} " * size, topics=(tag("peace"),))


def made(count: int, samples: int, *wanted: str, size: int = 1) -> Backtest:
    anything: Any = Everything()
    return backtest(many(count, size), anything, frozenset(wanted), samples, lambda more: None)


def test_every_change_is_counted_and_some_are_shown() -> None:
    done = made(100, 3)
    war, peace = done.topics["war"], done.topics["peace"]
    assert (done.articles, dict(done.versions)) == (100, {"": 100})
    assert (war.now, war.then, dict(war.counts)) == (0, 100, {"added": 100})
    assert (peace.now, peace.then, dict(peace.counts)) == (100, 0, {"removed": 100})
    assert [len(war.samples["added"]), len(peace.samples["removed"])] == [3, 3]
    removed = peace.samples["removed"][0]
    assert [one.snippet.text for one in (*removed.evidence, *removed.against)] == ["war and peace"] * 2


def test_samples_are_of_all_times_and_the_same_every_time() -> None:
    def ids() -> list[str]:
        return [one.id for one in made(1000, 20).topics["war"].samples["added"]]

    assert ids() == ids()
    assert len(set(ids())) == 20
    assert min(ids()) < "00200"
    assert max(ids()) > "00800"


def test_few_are_all_shown_and_none_where_none_are_asked_for() -> None:
    assert [one.id for one in made(2, 3).topics["war"].samples["added"]] == ["00000", "00001"]
    assert made(5, 0).topics["war"].samples["added"] == []


def test_only_what_is_asked_for() -> None:
    assert list(made(3, 1, "peace").topics) == ["peace"]


def test_memory_stays_flat() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            made(count, 3, size=2000)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(1000) < peak(50) + 200_000
