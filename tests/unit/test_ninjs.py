"""Articles as ninjs 3.1: what becomes of each field, and that whatever an article says, the item is valid."""

import json
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import MORNING, NOON, make_article
from tests.ninjs import problems
from transforms.ninjs import EVIDENCE, PUB_STATUS, ninjs
from transforms.records import Article, Image, Origin, Provenance, Source, Status, Urls
from transforms.tags import Casualty, Evidence, Stance, TopicTag

MEDIA_TOPIC = "http://cv.iptc.org/newscodes/mediatopic/20000056"
ROLE = "http://cv.iptc.org/newscodes/contentprodpartyrole/"


def item_of(**overrides: Any) -> dict[str, Any]:
    """The item of an article, which is valid and is JSON as it stands."""
    item = ninjs(make_article(**overrides))
    assert list(problems(item)) == []
    assert json.loads(json.dumps(item)) == item
    return item


def evidence_of(item: dict[str, Any]) -> dict[str, Any]:
    (value,) = [one["value"] for one in item["descriptions"] if one["role"] == EVIDENCE]
    found: dict[str, Any] = json.loads(value)
    return found


def make_tag(name: str, medtop: str = "medtop:20000056", **overrides: Any) -> TopicTag:
    found = Evidence(rule="words", text="air strike", field="body", start=3, end=13)
    return TopicTag(
        **{"id": name, "label": name.title(), "score": 2.5, "medtop": medtop, "rule_version": "7"} | overrides,
        evidence=(found,),
    )


# What becomes of each field.


def test_a_story_with_everything() -> None:
    item = item_of(
        id="1abc",
        url="https://wire.example/story",
        urls=Urls(
            announced="https://wire.example/a", final="https://wire.example/f", canonical="https://wire.example/c"
        ),
        title="Air strike on Idlib",
        description="Ten are dead.",
        body="An air strike.\nIn Idlib.",
        authors=("Jane Doe", "K. Müller"),
        language="ar",
        keywords=("Syria",),
        section="World",
        slug="SYRIA-CRISIS/IDLIB",
        located="IDLIB",
        dateline="IDLIB, Nov 18 (Reuters)",
        edition_note="UPDATE 2",
        source=Source(name="The Wire", feed_id="w-1", domain="wire.example", agency="Reuters / AFP"),
        image=Image(url="https://wire.example/i.jpg", caption="A street", credit="C. Camera"),
        topics=(make_tag("airstrikes"),),
        revision=3,
        updated_at=NOON,
    )
    descriptions, subjects = item.pop("descriptions"), item.pop("subjects")
    assert item == {
        "uri": "urn:newswire:1abc",
        "type": "text",
        "standard": {
            "name": "ninjs",
            "version": "3.1",
            "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#",
        },
        "representationType": "full",
        "version": "3",
        "firstCreated": "2026-11-18T08:30:00Z",
        "versionCreated": "2026-11-18T12:00:00Z",
        "pubStatus": "usable",
        "language": "ar",
        "headlines": [{"role": "main", "contentType": "text/plain", "value": "Air strike on Idlib"}],
        "slugline": "SYRIA-CRISIS/IDLIB",
        "by": "Jane Doe, K. Müller",
        "located": "IDLIB",
        "edNote": "UPDATE 2",
        "bodies": [
            {"role": "main", "contentType": "text/plain", "value": "An air strike.\nIn Idlib.", "charCount": 24},
        ],
        "infoSources": [
            {"name": "Reuters", "role": f"{ROLE}origcont"},
            {"name": "AFP", "role": f"{ROLE}origcont"},
            {"name": "The Wire", "role": f"{ROLE}distributor"},
        ],
        "associations": [
            {
                "name": "main",
                "uri": "urn:newswire:1abc#picture",
                "type": "picture",
                "by": "C. Camera",
                "descriptions": [{"role": "caption", "contentType": "text/plain", "value": "A street"}],
                "renditions": [{"name": "main", "href": "https://wire.example/i.jpg"}],
            }
        ],
        "altIds": [
            {"role": "id", "value": "1abc"},
            {"role": "url", "value": "https://wire.example/story"},
            {"role": "url-announced", "value": "https://wire.example/a"},
            {"role": "url-final", "value": "https://wire.example/f"},
            {"role": "url-canonical", "value": "https://wire.example/c"},
        ],
    }
    assert descriptions[0] == {"role": "summary", "contentType": "text/plain", "value": "Ten are dead."}
    assert [(one["role"], one["contentType"]) for one in descriptions[1:]] == [(EVIDENCE, "application/json")]
    assert subjects == [
        {"name": "Airstrikes", "rel": "about", "literal": "airstrikes", "creator": "newswire taxonomy 7"},
        {"rel": "about", "uri": MEDIA_TOPIC, "literal": "medtop:20000056", "creator": "newswire taxonomy 7"},
        {"name": "Syria", "rel": "keyword", "creator": "The Wire"},
        {"name": "World", "rel": "section", "creator": "The Wire"},
    ]


def test_what_nobody_said_is_not_there() -> None:
    item = item_of(
        title="",
        body="",
        language="und",
        published_at=None,
        published_source="",
        source=Source(name="", feed_id="", domain=""),
    )
    assert set(item) == {
        "uri", "type", "standard", "representationType", "version", "firstCreated", "versionCreated", "pubStatus",
        "descriptions", "altIds",
    }  # fmt: skip
    assert set(evidence_of(item)) == {"status", "body_source", "first_seen_at", "fetched_at"}


@pytest.mark.parametrize(
    ("said", "pub_status", "note"),
    [
        ({"status": "usable"}, "usable", None),
        ({"status": "usable", "edition_note": "UPDATE 1"}, "usable", "UPDATE 1"),
        ({"status": "corrected"}, "usable", "Corrected"),
        ({"status": "corrected", "edition_note": "Name in paragraph 3"}, "usable", "Corrected: Name in paragraph 3"),
        ({"status": "corrected", "edition_note": "Corrects the name"}, "usable", "Corrects the name"),
        ({"status": "withdrawn"}, "canceled", None),
        ({"status": "embargoed"}, "withheld", None),
    ],
)
def test_status(said: dict[str, Any], pub_status: str, note: str | None) -> None:
    item = item_of(**said)
    assert (item["pubStatus"], item.get("edNote")) == (pub_status, note)
    assert evidence_of(item)["status"] == said["status"]


def test_every_status_has_its_word() -> None:
    assert set(PUB_STATUS) == set(get_args(Status))


def test_an_embargo_names_its_end() -> None:
    assert item_of(status="embargoed", embargoed_until=NOON)["embargoedUntil"] == "2026-11-18T12:00:00Z"
    assert "embargoedUntil" not in item_of()


def test_a_part_says_so() -> None:
    assert item_of(partial=True)["representationType"] == "partial"


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("said", "first", "version"),
    [
        pytest.param({}, MORNING, MORNING, id="published once"),
        pytest.param({"updated_at": NOON}, MORNING, NOON, id="the publisher dates the change"),
        pytest.param({"revision": 2, "fetched_at": NOON + HOUR}, MORNING, NOON + HOUR, id="or we saw it"),
        pytest.param(
            {"revision": 2, "updated_at": NOON, "fetched_at": NOON + HOUR}, MORNING, NOON, id="the former first"
        ),
        pytest.param({"published_at": None}, NOON, NOON, id="nobody dates it"),
        pytest.param({"updated_at": MORNING - HOUR}, MORNING, MORNING, id="changed before it was published"),
    ],
)
def test_dates(said: dict[str, Any], first: datetime, version: datetime) -> None:
    item = item_of(**said)
    assert [datetime.fromisoformat(item[name]) for name in ("firstCreated", "versionCreated")] == [first, version]


def test_topics_share_a_media_topic_once() -> None:
    subjects = item_of(topics=(make_tag("syria"), make_tag("airstrikes"), make_tag("own", medtop="")))["subjects"]
    assert [one.get("literal") for one in subjects] == ["syria", "airstrikes", "own", "medtop:20000056"]
    assert [one.get("uri") for one in subjects] == [None, None, None, MEDIA_TOPIC]


def test_a_code_that_is_no_media_topic_gets_no_address() -> None:
    subjects = item_of(topics=(make_tag("syria", medtop="my own: code"),))["subjects"]
    assert [one.get("uri") for one in subjects] == [None, None]


def test_evidence_is_whole_and_points_at_the_words() -> None:
    words = {"rule": "words", "text": "air strike", "field": "body", "start": 3, "end": 13, "sentence": ""}
    against = Evidence(rule="drill", text="drill", field="title", start=0, end=5, sentence="Drill.")
    figure = Casualty(kind="killed", min=12, max=None, who="civilians", attribution="police", evidence=against)
    item = item_of(
        body="An air strike.",
        topics=(make_tag("airstrikes", stance="denied", against=(against,)),),
        casualties=(figure,),
        topics_version="7",
        published_precision="day",
        published_source="url",
        provenance=Provenance(title="jsonld", authors="visible"),
        dateline="IDLIB, Nov 18 (Reuters)",
        indexed_at=NOON,
    )
    found = evidence_of(item)
    assert found["topics"] == [
        {
            "id": "airstrikes", "label": "Airstrikes", "score": 2.5, "medtop": "medtop:20000056", "rule_version": "7",
            "stance": "denied", "evidence": [words], "against": [asdict(against)],
        }
    ]  # fmt: skip
    assert found["casualties"] == [
        {
            "kind": "killed", "min": 12, "max": None, "who": "civilians", "attribution": "police",
            "evidence": asdict(against),
        }
    ]  # fmt: skip
    assert found["topics_version"] == "7"
    assert item["bodies"][0]["value"][3:13] == "air strike"
    assert found["provenance"] == {"title": "jsonld", "authors": "visible"}
    assert (found["published_precision"], found["published_source"]) == ("day", "url")
    assert found["dateline"] == "IDLIB, Nov 18 (Reuters)"
    assert found["source"] == {"feed_id": "wire", "domain": "wire.example"}
    assert found["indexed_at"] == "2026-11-18T12:00:00Z"


@pytest.mark.parametrize(
    ("url", "href"),
    [
        ("https://wire.example/i.jpg?w=1&h=2#top", "https://wire.example/i.jpg?w=1&h=2#top"),
        ("https://wire.example/фото 1.jpg", "https://wire.example/%D1%84%D0%BE%D1%82%D0%BE%201.jpg"),
        ("https://wire.example/100%/%41?q=100%#a#b", "https://wire.example/100%25/%41?q=100%25#a%23b"),
        ("https://wire.example/[a]{b}|c", "https://wire.example/%5Ba%5D%7Bb%7D%7Cc"),
        ("https://[::1]:8080/i.jpg", "https://[::1]:8080/i.jpg"),
        ("https://bücher.example/", "https://b%C3%BCcher.example/"),
    ],
)
def test_the_picture_s_address_has_only_the_characters_of_a_uri(url: str, href: str) -> None:
    assert item_of(image=Image(url=url))["associations"][0]["renditions"] == [{"name": "main", "href": href}]


@pytest.mark.parametrize("url", ["", "data:image/png;base64,AAAA", "/i.jpg", "no address", "https://"])
def test_a_picture_that_cannot_be_fetched_is_its_caption(url: str) -> None:
    assert "associations" not in item_of(image=Image(url=url))
    (picture,) = item_of(image=Image(url=url, caption="A street"))["associations"]
    assert "renditions" not in picture


# Whatever an article says, its item is valid.

MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))
TEXTS = st.text(max_size=20)
URLS = TEXTS | TEXTS.map(lambda text: f"https://wire.example/{text}") | TEXTS.map(lambda text: f"http://{text}/")


def records(kind: type, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Records of a kind, with any text in each field that is text."""
    texts = {field.name: TEXTS for field in fields(kind) if field.type is str and field.name not in given}
    return st.builds(kind, **texts, **given)


ARTICLES = records(
    Article,
    id=TEXTS,
    url=URLS,
    urls=st.builds(Urls, announced=URLS, final=URLS, canonical=URLS),
    body_source=st.sampled_from(["page", "feed"]),
    authors=st.lists(TEXTS, max_size=2).map(tuple),
    keywords=st.lists(TEXTS, max_size=2).map(tuple),
    published_at=st.none() | MOMENTS,
    updated_at=st.none() | MOMENTS,
    embargoed_until=st.none() | MOMENTS,
    indexed_at=st.none() | MOMENTS,
    first_seen_at=MOMENTS,
    fetched_at=MOMENTS,
    published_precision=st.sampled_from(["minute", "day"]),
    published_source=st.sampled_from(get_args(Origin)),
    image=records(Image, url=URLS),
    source=records(Source),
    partial=st.booleans(),
    provenance=st.builds(Provenance, title=st.sampled_from(get_args(Origin))),
    topics=st.lists(
        records(
            TopicTag,
            score=st.floats(0, 100),
            stance=st.sampled_from(get_args(Stance)),
            evidence=st.just(make_tag("x").evidence),
            against=st.just(make_tag("x").evidence),
            medtop=TEXTS,
        ),
        max_size=2,
    ).map(tuple),
    casualties=st.lists(
        st.builds(
            Casualty,
            kind=st.sampled_from(["killed", "injured"]),
            who=TEXTS,
            attribution=TEXTS,
            min=st.none() | st.integers(0, 10**6),
            max=st.none() | st.integers(0, 10**6),
            evidence=st.just(make_tag("x").evidence[0]),
        ),
        max_size=2,
    ).map(tuple),
    topics_version=TEXTS,
    cluster_id=st.none() | TEXTS,
    revision=st.integers(1, 10**6),
    status=st.sampled_from(get_args(Status)),
)


@settings(max_examples=300, deadline=None, database=None)
@given(ARTICLES)
def test_every_article_makes_a_valid_item(article: Article) -> None:
    item = ninjs(article)
    assert list(problems(item)) == []
    assert json.loads(json.dumps(item)) == item
    assert item == ninjs(article)
    if article.body:
        assert item["bodies"][0]["value"] == article.body


# The check itself.


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"uri": "no uri"},
        {"uri": "urn:x:ü"},
        {"uri": "urn:x:1#a#b"},
        {"uri": "urn:x:100%"},
        {"uri": 5},
        {"uri": "urn:x:1", "newswire": {}},
        {"uri": "urn:x:1", "type": "story"},
        {"uri": "urn:x:1", "pubStatus": "corrected"},
        {"uri": "urn:x:1", "representationType": "complete"},
        {"uri": "urn:x:1", "version": 1},
        {"uri": "urn:x:1", "urgency": 0},
        {"uri": "urn:x:1", "urgency": 10},
        {"uri": "urn:x:1", "urgency": True},
        {"uri": "urn:x:1", "firstCreated": "2026-11-18"},
        {"uri": "urn:x:1", "firstCreated": "2026-11-18T12:00:00"},
        {"uri": "urn:x:1", "headlines": "Quiet day"},
        {"uri": "urn:x:1", "headlines": [{"role": "main"}]},
        {"uri": "urn:x:1", "bodies": [{"value": "x", "charCount": "1"}]},
        {"uri": "urn:x:1", "subjects": [{"name": "x", "confidence": 101}]},
        {"uri": "urn:x:1", "subjects": [{"name": "x", "evidence": []}]},
        {"uri": "urn:x:1", "associations": [{"uri": "urn:x:2"}]},
        {"uri": "urn:x:1", "associations": [{"name": "main"}]},
        {"uri": "urn:x:1", "associations": [{"name": "main", "uri": "urn:x:2", "headlines": [{}]}]},
        {"uri": "urn:x:1", "renditions": [{"href": "https://wire.example/"}]},
    ],
    ids=str,
)
def test_what_is_no_item_is_found_out(broken: dict[str, Any]) -> None:
    assert len(list(problems(broken))) == 1
