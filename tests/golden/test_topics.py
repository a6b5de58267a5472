"""What the shipped topics are worth: labelled texts in eight languages, both kinds of error counted.

The texts were written by others than the rules' author, before the words they test were listed; none is a template.
"""

from functools import cache
from pathlib import Path

import pytest

from connectors.opening import load_taxonomy
from pipelines.jsonl import given_article
from pipelines.topics.cases import Score, Tally, read_cases
from pipelines.topics.cases import judged as verdict_of
from transforms.topics import Taxonomy

FOLDER = Path(__file__).parent / "topics"
MAIN = frozenset({"syria", "airstrikes", "civilian-casualties"})
NEIGHBOURS = frozenset(
    {"ceasefire-talks", "refugees", "chemical-weapons", "sieges", "war-crimes", "hospitals-attacked", "armed-groups"}
)
#: Topics with a file of cases of their own, named as they are.
OTHERS = sorted(file.stem for file in FOLDER.glob("*.jsonl") if file.stem not in ("main", "neighbours"))
LANGUAGES = ("ar", "de", "en", "es", "fr", "pt", "ru", "tr")


@cache
def taxonomy() -> Taxonomy:
    return load_taxonomy()


@cache
def tallied(name: str, wanted: frozenset[str]) -> dict[str, Tally]:
    """The scores of a case file, by language, and of all of it under ""."""
    tallies: dict[str, Tally] = {"": Tally()} | {language: Tally() for language in LANGUAGES}
    for case in read_cases([str(FOLDER / name)], taxonomy(), wanted):
        verdict = verdict_of(case, given_article(case.model_dump()), taxonomy(), wanted)
        for one in ("", case.language):
            tallies[one].add(verdict, wanted)
    return tallies


def at_least(score: Score, what: str, bar: float) -> None:
    reached = getattr(score, what)
    assert reached is not None, score
    assert reached >= bar, score


def test_there_are_enough_cases_of_each_kind() -> None:
    tallies = tallied("main.jsonl", MAIN)
    cases = read_cases([str(FOLDER / "main.jsonl")], taxonomy(), MAIN)
    assert len(cases) >= 250
    assert len({case.title + case.body for case in cases}) == len(cases)
    for language in LANGUAGES:
        mine = [case for case in cases if case.language == language]
        assert sum(not case.expected for case in mine) >= 10, language
        for topic in MAIN:
            assert tallies[language].topics[topic].expected >= 15, (language, topic)


@pytest.mark.parametrize("topic", sorted(MAIN))
def test_main_topics(topic: str) -> None:
    score = tallied("main.jsonl", MAIN)[""].topics[topic]
    at_least(score, "precision", 0.97)
    at_least(score, "recall", 0.97)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", sorted(MAIN))
def test_no_language_lags_behind(topic: str, language: str) -> None:
    score = tallied("main.jsonl", MAIN)[language].topics[topic]
    at_least(score, "precision", 0.93)
    at_least(score, "recall", 0.93)


@pytest.mark.parametrize("topic", ["airstrikes", "civilian-casualties"])
def test_stances(topic: str) -> None:
    score = tallied("main.jsonl", MAIN)[""].topics[topic]
    assert score.compared >= 100
    at_least(score, "accuracy", 0.9)


@pytest.mark.parametrize("topic", sorted(NEIGHBOURS))
def test_neighbours(topic: str) -> None:
    score = tallied("neighbours.jsonl", NEIGHBOURS)[""].topics[topic]
    assert score.expected >= 12
    at_least(score, "precision", 0.95)
    at_least(score, "recall", 0.95)


def test_casualty_figures() -> None:
    """Number, kind and who exactly as labelled; the source where a label names one."""
    figures = tallied("main.jsonl", MAIN)[""].figures
    assert figures.expected >= 200
    at_least(figures, "precision", 0.85)
    at_least(figures, "recall", 0.8)


def test_every_topic_has_cases() -> None:
    assert {topic.id for topic in taxonomy().topics} == MAIN | NEIGHBOURS | set(OTHERS)


@pytest.mark.parametrize("topic", OTHERS)
def test_a_topic_with_a_file_of_its_own(topic: str) -> None:
    score = tallied(f"{topic}.jsonl", frozenset({topic}))[""].topics[topic]
    assert score.expected >= 10
    at_least(score, "precision", 0.95)
    at_least(score, "recall", 0.9)
