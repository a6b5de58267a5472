"""Evidence as people see it: in its sentence, marked, and harmless."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.evidence import MAX_SHOWN, MAX_WORDS, article_lines, figure, harmless, marked, named, sentences, words
from tests.factories import make_article
from transforms.matching import Snippet
from transforms.tags import Casualty, Evidence, Stance, TextField, TopicTag

BODY = "Jets bombed a town. Jets came back.\nNobody slept."


def proof(field: TextField, text: str, start: int, sentence: str = "", rule: str = "r") -> Evidence:
    return Evidence(rule=rule, text=text, field=field, start=start, end=start + len(text), sentence=sentence)


def shown(article: Any, *evidence: Evidence) -> list[tuple[str, tuple[str, ...], str]]:
    return [(one.field, one.rules, marked(one.snippet).plain) for one in sentences(article, evidence)]


def test_evidence_of_one_sentence_is_shown_in_it_once_and_in_order() -> None:
    first = "Jets bombed a town."
    assert shown(
        make_article(title="Jets", body=BODY),
        proof("body", "Jets", 20, "Jets came back.", "jets"),
        proof("body", "town", 14, first, "towns"),
        proof("body", "Jets bombed", 0, first, "bombed"),
        proof("title", "Jets", 0, "Jets", "jets"),
    ) == [
        ("title", ("jets",), "**Jets**"),
        ("body", ("towns", "bombed"), "**Jets bombed** a **town**."),
        ("body", ("jets",), "**Jets** came back."),
    ]


def test_a_sentence_that_is_there_twice_is_the_one_that_is_meant() -> None:
    article = make_article(body="War. War.")
    assert [one.snippet for one in sentences(article, [proof("body", "War", 5, "War.")])] == [
        Snippet("War.", ((0, 3),))
    ]


def test_words_that_run_into_the_next_sentence_are_marked_up_to_its_end() -> None:
    article = make_article(body=BODY)
    across = proof("body", BODY[7:24], 7, "Jets bombed a town.")
    assert shown(article, across) == [("body", ("r",), "Jets bo**mbed a town.**")]


def test_keywords_are_one_text() -> None:
    article = make_article(keywords=("peace", "war"))
    assert shown(article, proof("keywords", "war", 7, "peace, war")) == [("keywords", ("r",), "peace, **war**")]


@pytest.mark.parametrize("sentence", ["", "x" * MAX_SHOWN])
def test_evidence_without_its_sentence_is_shown_in_a_stretch_of_the_text(sentence: str) -> None:
    """Tags of earlier versions have none, and a long one is cut before its end."""
    body = "x" * 4000 + " an airstrike hit. " + "y" * 4000
    ((_, _, text),) = shown(make_article(body=body), proof("body", "airstrike", 4004, sentence))
    assert "**airstrike**" in text
    assert len(text) < MAX_SHOWN


@given(st.text(), st.text(), st.integers(0, 30), st.integers(0, 9))
def test_whatever_the_evidence_says_something_is_shown(body: str, sentence: str, start: int, size: int) -> None:
    one = Evidence(rule="r", text="x" * size, field="body", start=start, end=start + size, sentence=sentence)
    assert len(sentences(make_article(body=body), [one])) == 1


def test_a_whole_article_with_its_evidence_marked() -> None:
    tag = TopicTag(
        id="t",
        label="T",
        score=1,
        rule_version="1",
        evidence=(proof("body", "bombed a", 5), proof("body", "a town", 12)),
    )
    killed = Casualty(kind="killed", min=1, max=1, who="people", evidence=proof("title", "One", 0))
    article = make_article(title="One dead", body=BODY, keywords=("a", "b"), topics=(tag,), casualties=(killed,))
    assert [line.plain for line in article_lines(article)] == [
        "**One** dead",
        "keywords: a, b",
        "Jets **bombed a town**. Jets came back.\nNobody slept.",
    ]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("plain", "plain"),
        ("two\nlines\tapart", "two\nlines\tapart"),
        ("\x1b[31mred\x07", "\ufffd[31mred\ufffd"),
        ("\x9b31m\x7f\r", "\ufffd31m\ufffd\ufffd"),
        ("\u202eevil\u2066", "\ufffdevil\ufffd"),
        ("half \ud800", "half \ufffd"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("الجيش\u200f", "الجيش\u200f"),
    ],
)
def test_nothing_steers_a_terminal_and_nothing_moves(said: str, written: str) -> None:
    assert harmless(said) == written
    assert len(harmless(said)) == len(said)


@pytest.mark.parametrize(
    ("least", "most", "who", "source", "written"),
    [
        (12, 12, "civilians", "the Observatory", "12 killed (civilians), the Observatory"),
        (12, None, "people", "", "at least 12 killed"),
        (None, 1200, "people", "", "up to 1,200 killed"),
        (10, 15, "children", "\x1b[0m", "10 to 15 killed (children), \ufffd[0m"),
        (None, None, "people", "", "some killed"),
    ],
)
def test_figures_in_short(least: int | None, most: int | None, who: str, source: str, written: str) -> None:
    one = Casualty(kind="killed", min=least, max=most, who=who, attribution=source, evidence=proof("body", "x", 0))
    assert figure(one) == written


@pytest.mark.parametrize(("stance", "name"), [("stated", "t"), ("denied", "t:denied")])
def test_a_topic_is_named_as_a_search_takes_it(stance: Stance, name: str) -> None:
    assert named(TopicTag(id="t", label="T", score=1, rule_version="1", stance=stance, evidence=())) == name


def test_words_are_named_once_and_a_few_only() -> None:
    said = ["Air\n strike", "raid", "air strike", "bomb", "shell", "mine"]
    assert words([proof("body", text, 0) for text in said]) == "Air strike, raid, bomb, shell"
    assert MAX_WORDS == 4
