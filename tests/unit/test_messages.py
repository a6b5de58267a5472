"""What is sent of alerts: which messages, what they say to programs, and what to people."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.alert_factories import (
    BIDI,
    HOSTILE,
    LONG,
    full_alert,
    make_alert,
    make_match,
    make_message,
    make_subscription,
    make_topic,
)
from tests.factories import NOON
from transforms.alert_words import asks, label, marked, named, stories, subject, unbroken
from transforms.alerts import Alert, Kind
from transforms.mails import as_text, mail, unsubscribe_at
from transforms.matching import Snippet
from transforms.messages import as_json, match_data, messages, payload, trace
from transforms.records import Status
from transforms.tags import Stance

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "alert-payload.schema.json").read_text("utf-8"))


@pytest.mark.parametrize(
    "alert",
    [
        pytest.param(make_alert(), id="ordinary"),
        pytest.param(full_alert(), id="with everything"),
        pytest.param(make_alert(published_at=None, matches=()), id="with nothing"),
        *(pytest.param(full_alert(headline=text), id=f"hostile {n}") for n, text in enumerate(HOSTILE)),
    ],
)
def test_the_payload_is_what_its_schema_says(alert: Alert) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(json.loads(as_json(make_message(alert), base_url="")))


def test_the_schema_says_what_an_alert_can_be() -> None:
    said = SCHEMA["$defs"]["alert"]["properties"]
    assert said["kind"]["enum"] == list(get_args(Kind))
    assert said["status"]["enum"] == list(get_args(Status))
    assert SCHEMA["$defs"]["topic"]["properties"]["stance"]["enum"] == list(get_args(Stance))
    assert not Draft202012Validator(SCHEMA).is_valid({**payload(make_message()), "alerts": []})


def test_each_alert_alone_unless_they_are_told_together() -> None:
    told = [make_alert(id="a1"), make_alert(id="a2", story="2")]
    alone = messages(make_subscription(), told)
    assert [(one.id, len(one.alerts)) for one in alone] == [("a1", 1), ("a2", 1)]
    for together in ({"mode": "every 15m"}, {"cool_down": timedelta(minutes=5)}):
        (one,) = messages(make_subscription(**together), told)
        assert one.alerts == tuple(told)
        assert one.id.startswith("d1")
    assert messages(make_subscription(mode="every 15m"), told[:1])[0].id == "a1"
    assert messages(make_subscription(mode="every 15m"), []) == messages(make_subscription(), []) == []


def test_the_id_of_a_digest_is_of_its_alerts() -> None:
    def made(*ids: str) -> str:
        (digest,) = messages(make_subscription(mode="every 15m"), [make_alert(id=one) for one in ids])
        return digest.id

    assert made("a1", "a2") == made("a1", "a2")
    assert len({made("a1", "a2"), made("a2", "a1"), made("a1", "a3"), made("a1", "a2", "a3")}) == 4


def test_one_shape_for_one_and_for_many() -> None:
    one, many = payload(make_message(make_alert())), payload(make_message(make_alert(), full_alert()))
    assert one.keys() == many.keys()
    assert all(told.keys() == one["alerts"][0].keys() for told in many["alerts"])
    full = many["alerts"][1]
    assert full["kind"] == full["status"] == "corrected"
    assert full["changes"] == [{"field": "body", "old": "ten", "new": "twelve", "left": "At least ", "right": " died"}]
    assert full["topics"][0]["evidence"][0]["text"] == "air strike"
    assert full["matches"] == [match_data(make_match())]
    assert full["trace"] == "newswire trace 1a"


def test_a_match_is_the_same_data_after_json() -> None:
    assert json.loads(json.dumps(match_data(make_match()))) == match_data(make_match())


@given(st.text())
def test_whatever_it_says_is_one_line_of_json(text: str) -> None:
    message = make_message(make_alert(headline=text))
    line = as_json(message, only_ascii=True)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["alerts"][0]["headline"] == text
    as_json(message).encode()


def test_a_trace_is_an_address_or_a_command() -> None:
    assert trace("1a", "") == "newswire trace 1a"
    assert (
        trace("1a", "https://news.example/") == trace("1a", "https://news.example") == "https://news.example/trace/1a"
    )


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({}, "Quiet day"),
        ({"kind": "newly-matching", "revision": 2}, "Quiet day"),
        ({"kind": "corrected", "status": "corrected"}, "CORRECTED: Quiet day"),
        ({"kind": "withdrawn", "status": "withdrawn"}, "WITHDRAWN: Quiet day"),
        # It was corrected before it matched: a reader must know all the same.
        ({"kind": "newly-matching", "status": "corrected"}, "CORRECTED: Quiet day"),
        ({"kind": "revised"}, "UPDATED: Quiet day"),
        ({"kind": "withdrawn", "status": "withdrawn", "headline": " \n "}, "WITHDRAWN: (no headline)"),
    ],
)
def test_the_subject_says_what_must_be_known_first(overrides: dict[str, Any], expected: str) -> None:
    assert subject(make_message(make_alert(**overrides))) == expected


def test_the_subject_of_a_digest() -> None:
    first, later, other = make_alert(), full_alert(headline="Twelve dead"), make_alert(id="a3", story="2")
    assert subject(make_message(first, later)) == "CORRECTED: Twelve dead"
    assert subject(make_message(first, later, other)) == "2 stories: Quiet days"
    assert subject(make_message(first, other, name="")) == "2 stories: quiet"


def test_a_story_is_its_latest_with_the_others_beneath() -> None:
    first = make_alert(headline="Ten dead")
    later = full_alert(headline="Twelve dead", made_at=NOON + timedelta(hours=1))
    one, other = stories(make_message(first, make_alert(id="a3", story="2"), later))
    assert (one.label, one.headline) == ("CORRECTED:", "Twelve dead")
    assert one.earlier == ("2026-11-18 08:30 UTC: Ten dead",)
    assert other.earlier == ()


def test_why_it_matched_or_what_was_asked() -> None:
    (one,) = stories(make_message())
    assert one.why == (("quiet, in the headline", (("Quiet", True), (" day", False))),)
    filters = {"query": "", "topics": ("airstrikes",), "languages": ("ar", "en")}
    (one,) = stories(make_message(make_alert(matches=()), **filters))
    assert one.why == (("topics: airstrikes; languages: ar, en", ()),)


def test_a_topic_says_how_it_stands_and_by_which_words() -> None:
    (one,) = stories(make_message(make_alert(topics=(make_topic(), make_topic(stance="stated", label="")))))
    proof = (("An ", False), ("air strike", True), (" hit the town.", False))
    assert one.topics == (("Air strikes (denied)", (proof,)), ("airstrikes", (proof,)))


def test_what_is_shown_is_bounded() -> None:
    long = full_alert(
        headline=LONG,
        outlet=LONG,
        description=LONG,
        matches=tuple(make_match(LONG, n, n + 90_000) for n in range(50)),
        topics=(make_topic(LONG, LONG),) * 5,
    )
    said = mail(make_message(long, name=LONG, query=LONG))
    assert len(said.subject) < 320
    assert len(said.text) < 40_000
    assert len(said.html) < 50_000


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_harmless_is_one_line_that_is_seen(text: str) -> None:
    shown = unbroken(text)
    assert len(shown) == len(text)
    assert not set(shown) & set("\n\r\t\x0b\x0c\x1b\x85\u2028\u2029\u202e\u2066\u200b\ud800")
    shown.encode()


@given(st.text(), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30))))
def test_marks_stand_where_they_were(text: str, found: list[tuple[int, int]]) -> None:
    spans = tuple((min(span), max(span)) for span in found if min(span) < max(span) <= len(text))
    pieces = marked(Snippet(text, spans))
    assert "".join(piece for piece, _ in pieces) == unbroken(text)
    hits = "".join(("x" if hit else " ") * len(piece) for piece, hit in pieces)
    assert hits == "".join("x" if any(s <= n < e for s, e in spans) else " " for n in range(len(text)))


@pytest.mark.parametrize("text", HOSTILE)
def test_text_for_people_has_lines_of_ours_only(text: str) -> None:
    hostile = full_alert(headline=text, outlet=text, agency=text, edition_note=text, description=text)
    lines = as_text(make_message(hostile)).split("\n")
    assert all(line.isprintable() for line in lines)
    assert len(lines) < 40


def test_what_cannot_be_seen_in_a_headline_is_left_out() -> None:
    assert subject(make_message(make_alert(headline=BIDI))) == "invoicegpj.exe [2J"
    assert named(make_subscription(name=BIDI)) == "invoicegpj.exe [2J"
    assert label(make_alert()) == ""
    assert asks(make_subscription(query="a\nb", sources=("reuters.com",))) == "a b; sources: reuters.com"


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("", "mailto:desk@example.org?subject=unsubscribe%20quiet"),
        ("mailto:leave@example.org", "mailto:leave@example.org?subject=unsubscribe%20quiet"),
        ("mailto:leave@example.org?subject=leave", "mailto:leave@example.org?subject=leave"),
        ("mailto:leave@example.org?cc=x@y.z", "mailto:leave@example.org?cc=x@y.z&subject=unsubscribe%20quiet"),
        ("https://news.example/leave", "https://news.example/leave?subscription=quiet"),
        ("https://news.example/leave?a=b", "https://news.example/leave?a=b&subscription=quiet"),
    ],
)
def test_where_a_subscription_is_ended(setting: str, expected: str) -> None:
    assert unsubscribe_at(setting, "desk@example.org", "quiet") == expected
