"""The mapping is made from the records; these tests hold it against documents, and the names against their rules."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.alert_ports import Addressed
from connectors.codec import stamp, to_data
from connectors.elasticsearch import documents, mappings, sending, ways
from connectors.elasticsearch.analyzers import EXACT, WORDS, analysis
from connectors.elasticsearch.changing import WRITE_ID
from connectors.elasticsearch.schema import article_index, index_templates, settings_template, single
from tests.alert_factories import full_alert
from tests.factories import NOON, make_article, make_entry, make_feed, make_subscription
from transforms.analysis import BIGRAMS, SNOWBALL
from transforms.habits import Host
from transforms.query import TEXT_FIELDS
from transforms.records import Hints, Image
from transforms.tags import Casualty, Evidence, TopicTag

TEMPLATES = index_templates("newswire", lifecycle=False)
EVIDENCE = Evidence(rule="words", text="air strike", field="title", start=3, end=13, sentence="An air strike.")
TOPIC = TopicTag(
    id="airstrike", label="Air strike", score=2.5, rule_version="7", evidence=(EVIDENCE,), against=(EVIDENCE,)
)
FIGURE = Casualty(kind="killed", min=3, max=None, who="people", evidence=EVIDENCE)


def unmapped(document: Any, properties: Any, path: str = "") -> list[str]:
    """Paths of a document that a strict mapping refuses."""
    found: list[str] = []
    for name, value in document.items():
        where = properties.get(name)
        if where is None:
            found.append(path + name)
        elif "properties" in where:
            for one in value if isinstance(value, list) else [value]:
                found += unmapped(one, where["properties"], f"{path}{name}.")
        elif isinstance(value, dict) and where.get("enabled") is not False:
            found.append(path + name)
    return found


def test_every_field_of_an_article_is_mapped() -> None:
    article = make_article(
        topics=(TOPIC,), casualties=(FIGURE,), image=Image(url="https://wire.example/i.jpg"), keywords=("war",)
    )
    document = json.loads(documents.document(article, NOON))
    assert unmapped(document, mappings.article()) == []
    assert unmapped({**document, "nonsense": 1, "image": {"nonsense": 1}}, mappings.article()) == [
        "image.nonsense",
        "nonsense",
    ], "else this test could not fail"


def test_every_field_of_a_feed_and_a_host_is_mapped() -> None:
    feed = make_feed(
        interval=timedelta(minutes=5), headers=(("Cookie", "${C}"),), hints=Hints(skip_days=frozenset({1}))
    )
    assert unmapped(to_data(feed), mappings.feed()) == []
    assert unmapped(to_data(Host(origin="https://wire.example")), mappings.host()) == []


def test_the_ledger_keeps_entries_whole() -> None:
    assert mappings.ledger()["entry"] == {"type": "object", "enabled": False}
    assert unmapped({"entry": to_data(make_entry()), "state": "pending"}, mappings.ledger()) == []


def test_every_field_of_a_subscription_an_alert_and_a_lane_is_mapped() -> None:
    said = make_subscription(expires_at=NOON, cool_down=timedelta(minutes=5), signing=("${KEY}",), topics=("war",))
    for document in (to_data(said), {"id": "desk", "removed_at": stamp(NOON)}):
        assert unmapped({**document, WRITE_ID: "1"}, mappings.subscription()) == []
    one = Addressed(alert=full_alert(), channels=("log:",), due_at=NOON)
    alert = sending.added(one, lambda new: None)(None)
    assert alert is not None
    assert unmapped({**alert, WRITE_ID: "1"}, mappings.alert()) == []
    assert unmapped({**alert, "deliveries": [{"nonsense": 1}]}, mappings.alert()) == ["deliveries.nonsense"]
    lane = sending.taken(
        None, ways.lane_key("quiet", "log:"), [ways.row(alert)], worker="w", claim="c", leased_until=""
    )
    assert lane.channel == "log:"
    assert unmapped({**ways.lane_body(lane), WRITE_ID: "1"}, mappings.lane()) == []


def test_alerts_are_kept_whole_and_deliveries_are_asked_for_one_by_one() -> None:
    """Evidence is nested, and of any length; of which lane a delivery is, and whether it waits, is one question."""
    assert mappings.alert()["alert"] == {"type": "object", "enabled": False}
    deliveries = mappings.alert()["deliveries"]
    assert deliveries["type"] == "nested"
    asked = {
        name for name, one in deliveries["properties"].items() if one.get("index", True) and one.get("enabled", True)
    }
    assert asked == {"lane", "state", "due_at"}


def test_no_text_of_the_web_can_be_too_long_a_term() -> None:
    """One keyword without a limit, and Lucene rejects the whole document."""

    def unlimited(properties: Any, path: str = "") -> list[str]:
        found: list[str] = []
        for name, field in properties.items():
            for below in ("properties", "fields"):
                found += unlimited(field.get(below, {}), f"{path}{name}.")
            indexed = field.get("index", True) or field.get("doc_values", True)
            if field.get("type") == "keyword" and indexed and "ignore_above" not in field:
                found.append(path + name)
        return found

    made = (mappings.article, mappings.ledger, mappings.feed, mappings.host, mappings.place, mappings.revision)
    made = (*made, mappings.item, mappings.subscription, mappings.alert, mappings.lane)
    assert [path for mapping in made for path in unlimited(mapping())] == []


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_fields_that_are_searched_have_stems_and_words(field: str) -> None:
    mapped = mappings.article()[field]
    assert (mapped["analyzer"], mapped["fields"]["exact"]["analyzer"]) == (WORDS, EXACT)


def field_of(path: str) -> Any:
    mapped: Any = {"properties": mappings.article()}
    for name in path.split("."):
        assert mapped.get("type") != "nested"
        mapped = mapped["properties"][name]
    return mapped


@pytest.mark.parametrize(
    "field",
    [
        "source.name", "authors", "language", "status", "topics.id", "topics.stance", "topics.evidence.rule",
        "topics.evidence.text", "topics.against.rule", "topics.against.text", "topics_version", "marks",
        "casualties.kind", "casualties.who", "casualties.attribution",
    ],
)  # fmt: skip
def test_fields_that_kibana_counts_are_keywords_and_not_nested(field: str) -> None:
    mapped = field_of(field)
    assert mapped["type"] == "keyword"
    assert mapped.get("index", True)
    assert mapped.get("doc_values", True)


@pytest.mark.parametrize("field", ["casualties.min", "casualties.max", "killed", "injured"])
def test_figures_are_numbers(field: str) -> None:
    assert field_of(field) == {"type": "long"}


@pytest.mark.parametrize("where", ["topics.evidence", "topics.against", "casualties.evidence"])
def test_sentences_and_offsets_are_kept_and_not_indexed(where: str) -> None:
    for name, kind in (("sentence", "keyword"), ("start", "integer"), ("end", "integer")):
        assert field_of(f"{where}.{name}") == {"type": kind, "index": False, "doc_values": False}


def test_a_document_has_its_marks_and_its_largest_figures() -> None:
    more = [replace(FIGURE, **said) for said in ({"min": None, "max": 5}, {"kind": "injured", "min": None, "max": 0})]
    article = make_article(topics=(TOPIC,), casualties=(FIGURE, *more, replace(FIGURE, kind="injured", min=None)))
    document = json.loads(documents.document(article, NOON))
    assert document["marks"] == ["airstrike", "airstrike/words", "airstrike:stated"]
    assert (document["killed"], document["injured"]) == (5, 0)
    bare = json.loads(documents.document(make_article(), NOON))
    assert bare["marks"] == []
    assert not {"killed", "injured"} & bare.keys()


def test_what_is_tagged_anew_is_what_a_new_document_has() -> None:
    """Else an article would be another one for having been tagged twice."""
    before = make_article(topics=(TOPIC,), casualties=(FIGURE,), topics_version="6")
    for after in (replace(before, topics=(), casualties=()), replace(before, topics=(), topics_version="7"), before):
        change = documents.retagged(after)
        merged = json.loads(documents.document(before, NOON)) | change
        expected = json.loads(documents.document(after, NOON))
        assert {name: value for name, value in merged.items() if value is not None} == {
            name: value for name, value in expected.items() if value is not None
        }
        assert {"killed", "injured"} <= change.keys(), "what is gone must be said to be"


def test_a_record_of_an_unknown_type_is_an_error_here_and_not_on_the_server() -> None:
    @dataclass(frozen=True)
    class Odd:
        part: complex

    with pytest.raises(TypeError, match="part: there is no rule"):
        mappings.properties(Odd, {})


def test_a_special_field_that_is_gone_is_an_error() -> None:
    with pytest.raises(TypeError, match="Host has no field gone"):
        mappings.properties(Host, {"gone": {"type": "text"}})


@pytest.mark.parametrize(
    ("language", "month", "index"),
    [
        pytest.param("en", datetime(2026, 11, 30, 23, 59, tzinfo=UTC), "newswire-articles-en-2026.11", id="ordinary"),
        pytest.param("und", datetime(2026, 1, 1, tzinfo=UTC), "newswire-articles-und-2026.01", id="unknown"),
        pytest.param("EN", datetime(2026, 1, 1, tzinfo=UTC), "newswire-articles-und-2026.01", id="capitals"),
        pytest.param("../*", datetime(2026, 1, 1, tzinfo=UTC), "newswire-articles-und-2026.01", id="hostile"),
        pytest.param("", datetime(2026, 1, 1, tzinfo=UTC), "newswire-articles-und-2026.01", id="empty"),
    ],
)
def test_the_index_of_an_article(language: str, month: datetime, index: str) -> None:
    assert article_index("newswire", make_article(language=language, first_seen_at=month)) == index


def test_an_index_of_no_known_kind_is_an_error() -> None:
    assert single("newswire", "ledger") == "newswire-ledger"
    assert {single("newswire", kind) for kind in ("subscriptions", "outbox", "lanes")} <= TEMPLATES.keys()
    with pytest.raises(KeyError):
        single("newswire", "ledgers")


@pytest.mark.parametrize("language", sorted([*SNOWBALL, *BIGRAMS]))
def test_each_language_has_a_template_of_its_own_before_the_general_one(language: str) -> None:
    own, general = TEMPLATES[f"newswire-articles-{language}"], TEMPLATES["newswire-articles-und"]
    assert own["index_patterns"] == [f"newswire-articles-{language}-*"]
    assert own["priority"] > general["priority"]
    assert general["index_patterns"] == ["newswire-articles-*"]
    assert own["template"]["mappings"] == general["template"]["mappings"], "field names are equal in all languages"
    assert own["template"]["settings"]["index"]["analysis"] == analysis(language) != analysis("und")


def test_every_template_is_strict_and_says_its_version() -> None:
    for template in TEMPLATES.values():
        mapping = template["template"]["mappings"]
        assert (mapping["dynamic"], mapping["_meta"]) == ("strict", {"mapping_version": mappings.MAPPING_VERSION})
        assert template["composed_of"] == ["newswire-settings"]


def test_a_template_that_changes_is_written_again() -> None:
    managed = index_templates("newswire", lifecycle=True)["newswire-articles-en"]
    assert managed["template"]["settings"]["index"]["lifecycle"] == {"name": "newswire-archive"}
    assert managed["meta"] != TEMPLATES["newswire-articles-en"]["meta"]
    assert settings_template("newswire") == settings_template("newswire")
