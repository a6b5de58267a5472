"""Where a query's words stand: highlights an analyst can trust."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import make_article
from transforms.documents import Document
from transforms.matching import Snippet, evidence, snippet, spans
from transforms.query import parse
from transforms.records import Source
from transforms.tags import Evidence, TopicTag

AFP = Source(name="Wire", feed_id="wire", domain="wire.example", agency="Reuters / AFP")
PROOF = Evidence(rule="words", text="x", field="title", start=0, end=1)
TOPIC = TopicTag(id="drone-strike", label="Drones", score=1, rule_version="1", evidence=(PROOF,))


@pytest.mark.parametrize(
    ("query", "text", "language", "found"),
    [
        pytest.param("strike", "A strike. Two strikes, striking.", "en", ["strike", "strikes", "striking"], id="stems"),
        pytest.param("strike", "A strike. Two strikes.", "und", ["strike"], id="no stems without a language"),
        pytest.param(
            "drone strike", "A strike by a drone", "en", ["strike", "drone"], id="each word by itself, in order"
        ),
        pytest.param('"drone strike"', "A strike by a drone. Drone\n strikes.", "en", ["Drone\n strikes"], id="phrase"),
        pytest.param('"air strike"', "air raid strike", "en", [], id="broken phrase"),
        pytest.param('"air strike"', "by air", "en", [], id="phrase at the end of the text"),
        pytest.param("idlib-camp", "The Idlib camp", "en", ["Idlib camp"], id="a hyphenated word is a phrase"),
        pytest.param("displace*", "Displaced, displacement; place", "en", ["Displaced", "displacement"], id="prefix"),
        pytest.param("bomb*", "the bombing of a bomb", "en", ["bombing", "bomb"], id="prefix is not stemmed"),
        pytest.param("café", "CAFE Café", "fr", ["CAFE", "Café"], id="folded"),
        pytest.param("strike", "heatstroke outstrikes", "en", [], id="inside another word"),
        pytest.param("war NOT peace", "war and peace", "en", ["war"], id="NOT is not shown"),
        pytest.param("war OR peace", "war and peace", "en", ["war", "peace"], id="OR shows both"),
        pytest.param('"war and" "and peace"', "war and peace", "en", ["war and peace"], id="overlaps are merged"),
        pytest.param("body:war", "war", "en", ["war"], id="this field"),
        pytest.param("title:war", "war", "en", [], id="another field"),
        pytest.param("空袭", "北京空袭报道", "zh", ["空袭"], id="Chinese"),
        pytest.param("غارة", "شنت الطائرات غارة على", "ar", ["غارة"], id="Arabic"),
        pytest.param("istanbul", "İstanbul'da", "tr", ["İstanbul"], id="Turkish"),
        pytest.param("war", "", "en", [], id="no text"),
        pytest.param("…x", "y", "en", [], id="no such word"),
    ],
)
def test_spans(query: str, text: str, language: str, found: list[str]) -> None:
    hits = spans(parse(query), "body", text, language)
    assert [text[start:end] for start, end in hits] == found


LONG = " ".join(f"word{i}" for i in range(200))


def shown(snip: Snippet) -> list[str]:
    return [snip.text[start:end] for start, end in snip.spans]


def test_a_short_text_is_its_own_snippet() -> None:
    assert snippet("Nine dead\nin Idlib", [(13, 18)]) == Snippet("Nine dead in Idlib", ((13, 18),))


def test_no_hits_give_the_start() -> None:
    found = snippet(LONG, [])
    assert found.text.startswith("word0 word1 ")
    assert found.text.endswith(" …")
    assert found.spans == ()


def test_nothing_gives_nothing() -> None:
    assert snippet("", [(0, 1)]) == Snippet("", ())


def test_a_text_of_nothing_but_hits_is_cut_in_no_time() -> None:
    """It took the square of their number: 12 s of these."""
    text = "air strike " * 18_000
    started = time.process_time()
    found = snippet(text, [(at, at + 10) for at in range(0, len(text), 11)])
    assert time.process_time() - started < 2
    assert found.spans[0] == (0, 10)
    assert len(found.spans) == 22


def test_a_snippet_is_cut_at_words_around_the_hit() -> None:
    at = LONG.index("word150")
    found = snippet(LONG, [(at, at + 7)])
    assert shown(found) == ["word150"]
    assert found.text.startswith("… word")
    assert found.text.endswith(" …")
    assert {word in LONG.split() for word in found.text.strip("… ").split()} == {True}
    assert len(found.text) <= 240 + 4


def test_the_densest_stretch_is_shown() -> None:
    wanted = ["word10", "word150", "word152", "word154"]
    hits = [(LONG.index(word), LONG.index(word) + len(word)) for word in wanted]
    assert shown(snippet(LONG, hits)) == wanted[1:]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(["strike", "a", "\n", "drone", "wordwordword", "—"]), max_size=200), st.integers(30, 300)
)
def test_what_a_snippet_marks_is_what_matched(words: list[str], width: int) -> None:
    text = " ".join(words)
    hits = spans(parse("strike OR drone"), "body", text, "en")
    assert {text[start:end] for start, end in hits} <= {"strike", "drone"}
    found = snippet(text, hits, width=width)
    assert len(found.text) <= width + 4
    assert bool(found.spans) == bool(hits)
    for marked in shown(found)[:-1]:
        assert marked in ("strike", "drone")
    for marked in shown(found)[-1:]:  # the last one may be cut where the snippet ends
        assert marked
        assert any(word.startswith(marked) for word in ("strike", "drone"))


# Evidence


def found(query: str, **about: Any) -> list[tuple[str, str, str]]:
    """Clause, field and words; spans and snippets are checked on the way."""
    article = make_article(**{"title": "", "body": "", **about})
    matches = evidence(parse(query), Document(article))
    for match in matches:
        shown = [match.snippet.text[start:end] for start, end in match.snippet.spans]
        assert shown == [match.text.replace("\n", " ")]
        if match.field in ("title", "description", "body"):
            assert getattr(article, match.field)[match.start : match.end] == match.text
    return [(match.clause, match.field, match.text) for match in matches]


@pytest.mark.parametrize(
    ("query", "about", "matches"),
    [
        pytest.param("strike", {"body": "No strikes. A strike."}, [("strike", "body", "strikes")], id="the first one"),
        pytest.param(
            "strike",
            {"title": "Strike", "body": "strikes"},
            [("strike", "title", "Strike"), ("strike", "body", "strikes")],
            id="in each field",
        ),
        pytest.param(
            '"air strike"~3', {"body": "strikes from the air"}, [], id="not near enough"),
        pytest.param(
            '"air strike"~4', {"body": "strikes\nfrom the air"}, [('"air strike"~4', "body", "strikes\nfrom the air")],
            id="from the first word to the last",
        ),
        pytest.param("a OR (b c)", {"body": "a b"}, [("a", "body", "a")], id="only the alternatives that are true"),
        pytest.param("a -b", {"body": "a c"}, [("a", "body", "a")], id="nothing of NOT"),
        pytest.param("a b", {"body": "a"}, [], id="nothing where it is not true"),
        pytest.param("displac*", {"body": "the displaced"}, [("displac*", "body", "displaced")], id="prefix"),
        pytest.param("author:doe", {"authors": ("A", "Jane Doe")}, [("author:doe", "author", "Doe")], id="author"),
        pytest.param("topic:drone", {"topics": (TOPIC,)}, [("topic:drone", "topic", "drone")], id="topic"),
        pytest.param("agency:afp", {"source": AFP}, [("agency:afp", "agency", "AFP")], id="agency"),
        pytest.param("a OR a", {"body": "a"}, [("a", "body", "a")], id="once"),
        pytest.param(
            "published:2026-11-18",
            {},
            [("published:[2026-11-18T00:00:00 TO 2026-11-19T00:00:00}", "published", "2026-11-18T08:30:00+00:00")],
            id="date",
        ),
    ],
)  # fmt: skip
def test_evidence(query: str, about: dict[str, Any], matches: list[tuple[str, str, str]]) -> None:
    assert found(query, **about) == matches


NEAR = ["drone and air strike"]


@pytest.mark.parametrize(
    ("query", "marked"), [('"drone strike"~2', NEAR), ('"strike drone"~3', []), ('"strike drone"~4', NEAR)]
)
def test_what_is_near_is_marked_from_end_to_end(query: str, marked: list[str]) -> None:
    text = "A drone and air strike"
    assert [text[start:end] for start, end in spans(parse(query), "body", text, "en")] == marked


def test_names_are_not_marked_in_other_fields() -> None:
    assert spans(parse("author:doe OR agency:afp"), "body", "Doe of AFP", "en") == []
