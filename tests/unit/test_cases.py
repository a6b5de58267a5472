"""Cases against a taxonomy: what is missing, what is extra, which figures are wrong, and how that is counted."""

from dataclasses import replace
from typing import Any

import pytest

from pipelines.topics.cases import Case, Tally, Verdict, judged
from tests.factories import make_article
from transforms.records import Article
from transforms.tags import Casualty, Evidence, TopicTag

PROOF = Evidence(rule="r", text="Q", field="title", start=0, end=1)
WANTED = frozenset({"war", "peace"})


def tag(id: str, **overrides: Any) -> TopicTag:
    return TopicTag(**{"id": id, "label": id, "score": 2, "rule_version": "1", "evidence": (PROOF,), **overrides})


def killed(number: int | None = 12, **overrides: Any) -> Casualty:
    return Casualty(**{"kind": "killed", "min": number, "max": number, "who": "people", "evidence": PROOF, **overrides})


class Says:
    """A taxonomy that finds what it is told to find."""

    def __init__(self, *tags: TopicTag, below: tuple[TopicTag, ...] = (), figures: tuple[Casualty, ...] = ()) -> None:
        self._tags, self._below, self._figures = tags, below, figures

    def tag(self, article: Article) -> Article:
        return replace(article, topics=self._tags, casualties=self._figures)

    def judge(self, article: Article) -> list[TopicTag]:
        return [*self._tags, *self._below]


def verdict(says: Any, *expected: Any, **case: Any) -> Verdict:
    given = Case.model_validate({"key": "k", "title": "Quiet day", "expected": list(expected), **case})
    return judged(given, make_article(), says, WANTED)


def test_missing_ones_come_with_what_the_rules_found() -> None:
    below = tag("war", score=1)
    found = verdict(Says(below=(below,)), "war", "peace")
    assert found.missing == (("war", below), ("peace", None))
    assert (found.extra, found.stances, found.differs) == ((), (), True)


def test_extra_ones_and_topics_nobody_looks_at() -> None:
    found = verdict(Says(tag("war"), tag("sport")), "trade")
    assert [one.id for one in found.extra] == ["war"]
    assert found.missing == ()
    assert not verdict(Says(tag("sport")), "trade").differs


@pytest.mark.parametrize(
    ("expected", "stance", "differs"),
    [
        ("war", "denied", False),
        ("war:denied", "denied", False),
        ({"id": "war"}, "denied", False),
        ({"id": "war", "stance": "denied"}, "denied", False),
        ("war:stated", "denied", True),
        ({"id": "war", "stance": "alleged"}, "denied", True),
    ],
)
def test_a_stance_counts_where_the_case_names_one(expected: Any, stance: str, differs: bool) -> None:
    found = verdict(Says(tag("war", stance=stance)), expected)
    assert bool(found.stances) == found.differs == differs


FIGURE = {"kind": "killed", "min": 12, "max": 12, "who": "people"}


@pytest.mark.parametrize(
    ("expected", "found", "missing", "extra", "sources"),
    [
        pytest.param(None, [killed()], 0, 0, 0, id="not looked at"),
        pytest.param([], [killed()], 0, 1, 0, id="none expected"),
        pytest.param([FIGURE], [killed()], 0, 0, 0, id="the same"),
        pytest.param([FIGURE], [], 1, 0, 0, id="missing"),
        pytest.param([FIGURE], [killed(13)], 1, 1, 0, id="another number"),
        pytest.param([FIGURE], [killed(max=None)], 1, 1, 0, id="at least"),
        pytest.param([FIGURE], [killed(kind="injured")], 1, 1, 0, id="another kind"),
        pytest.param([FIGURE], [killed(who="children")], 1, 1, 0, id="other people"),
        pytest.param([FIGURE, FIGURE], [killed()], 1, 0, 0, id="twice expected"),
        pytest.param([FIGURE], [killed(), killed()], 0, 1, 0, id="twice found"),
        pytest.param([FIGURE], [killed(attribution="rescuers")], 0, 0, 0, id="any source"),
        pytest.param([{**FIGURE, "attribution": ""}], [killed(attribution="rescuers")], 0, 0, 1, id="its own word"),
        pytest.param([{**FIGURE, "attribution": "rescuers"}], [killed()], 0, 0, 1, id="no source"),
        pytest.param(
            [{**FIGURE, "attribution": "Rescuers"}], [killed(attribution="local rescuers")], 0, 0, 0, id="longer source"
        ),
        pytest.param(
            [{**FIGURE, "attribution": "the ministry"}], [killed(attribution="rescuers")], 0, 0, 1, id="other source"
        ),
        pytest.param(
            [{**FIGURE, "attribution": "A"}, {**FIGURE, "attribution": "B"}],
            [killed(attribution="B"), killed(attribution="A")],
            0, 0, 0, id="two sources",
        ),
    ],
)  # fmt: skip
def test_figures(expected: Any, found: list[Casualty], missing: int, extra: int, sources: int) -> None:
    said = verdict(Says(figures=tuple(found)), casualties=expected)
    assert (len(said.figures_missing), len(said.figures_extra), len(said.sources)) == (missing, extra, sources)
    assert said.differs == bool(missing + extra + sources)


def test_scores() -> None:
    tally = Tally()
    named = {**FIGURE, "attribution": "rescuers"}
    for one in (
        verdict(Says(tag("war", stance="denied"), figures=(killed(),)), "war:denied", casualties=[named]),
        verdict(Says(tag("war")), "war:denied", casualties=[named]),
        verdict(Says(tag("war")), casualties=[FIGURE]),
        verdict(Says(), "war:denied"),
        verdict(Says(tag("war")), "war"),
    ):
        tally.add(one, ["peace", "war"])
    assert list(tally.topics) == ["peace", "war"]
    assert tally.topics["war"].data("stances") == {
        "expected": 4, "found": 3, "missed": 1, "extra": 1, "precision": 0.75, "recall": 0.75, "stances": 0.5,
    }  # fmt: skip
    assert tally.topics["peace"].data("stances") == {
        "expected": 0, "found": 0, "missed": 0, "extra": 0, "precision": None, "recall": None, "stances": None,
    }  # fmt: skip
    assert tally.figures.data("sources") == {
        "expected": 3, "found": 1, "missed": 2, "extra": 0, "precision": 1.0, "recall": 1 / 3, "sources": 0.0,
    }  # fmt: skip
