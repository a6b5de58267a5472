"""Who is told of what, and under which id."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.codec import from_json, to_json
from tests.factories import NOON, make_article
from transforms import alerts
from transforms.alerts import (
    Alert,
    Kind,
    Reprint,
    alert,
    first_kind,
    later_kind,
    reprint,
    revised_id,
    story_of,
    told_id,
)
from transforms.documents import Document
from transforms.matching import evidence
from transforms.query import parse
from transforms.records import Article, Source
from transforms.revisions import Change
from transforms.subscriptions import Revisions, Subscription
from transforms.tags import Evidence, TopicTag


def make(**overrides: Any) -> Subscription:
    return Subscription(**{"id": "s", "query": "quiet", "since": NOON, "changed_at": NOON, **overrides})


def told(article: Article, kind: Kind = "new", **more: Any) -> Alert:
    return alert(make(), article, kind, now=NOON, **more)


ARTICLE = make_article(cluster_id="1c")


# Ids


def test_a_story_is_told_once_whoever_finds_it() -> None:
    first, other = told(ARTICLE), told(make_article(id="1b", cluster_id="1c", title="Elsewhere"))
    late = told(replace(ARTICLE, revision=3), "newly-matching")
    assert first.id == other.id == late.id == told_id("s", "1c")
    assert alert(make(), ARTICLE, "new", now=NOON + timedelta(days=1)).id == first.id
    assert alert(make(id="t"), ARTICLE, "new", now=NOON).id != first.id


@pytest.mark.parametrize("kind", ["corrected", "withdrawn", "revised"])
def test_each_later_version_has_an_id_of_its_own(kind: Kind) -> None:
    second, third = (told(replace(ARTICLE, revision=n), kind) for n in (2, 3))
    assert second.id == revised_id("s", "1c", "1a", 2)
    assert len({told_id("s", "1c"), second.id, third.id}) == 3


def test_a_story_of_its_own() -> None:
    assert story_of(make_article()) == "1a"
    assert story_of(ARTICLE) == told(ARTICLE).story == "1c"


PARTS = st.text(st.sampled_from("ab1.-"), max_size=3)


@given(PARTS, PARTS, PARTS, PARTS)
def test_ids_are_of_their_parts(subscription: str, story: str, other: str, another: str) -> None:
    assert (told_id(subscription, story) == told_id(other, another)) == ((subscription, story) == (other, another))
    assert len(told_id(subscription, story)) == 32
    assert told_id(subscription, story) != revised_id(subscription, story, other, 1)


def test_ids_stay_what_they_are() -> None:
    """They are in outboxes and in what receivers keep: another recipe would tell everything once more."""
    assert told_id("idlib", "1c") == "a1bc33269d114cb248d9e6bec5ff38be"
    assert revised_id("idlib", "1c", "1a", 2) == "a1aab301b879aa4161cd0a7ff52bc4d4"


# What is told


@pytest.mark.parametrize(
    ("revisions", "revision", "matches", "kind"),
    [
        ("matching", 1, True, "new"),
        ("never", 1, True, "new"),
        ("matching", 1, False, None),
        ("matching", 2, True, "newly-matching"),
        ("always", 2, True, "newly-matching"),
        ("never", 2, True, None),
        ("always", 2, False, None),
    ],
)
def test_the_first_time(revisions: Revisions, revision: int, matches: bool, kind: Kind | None) -> None:
    article = replace(ARTICLE, revision=revision)
    assert first_kind(make(revisions=revisions), article, matches=matches) == kind


USABLE = replace(ARTICLE, revision=1)
CHANGED = replace(ARTICLE, revision=2, body="Something happened.")
CORRECTED = replace(CHANGED, status="corrected", edition_note="Corrects the day")
WITHDRAWN = replace(CHANGED, status="withdrawn", edition_note="Withdrawn")


@pytest.mark.parametrize(
    ("now", "before", "never", "matching", "always"),
    [
        pytest.param(CHANGED, USABLE, None, None, "revised", id="changed"),
        pytest.param(CORRECTED, USABLE, None, "corrected", "corrected", id="corrected"),
        pytest.param(WITHDRAWN, USABLE, None, "withdrawn", "withdrawn", id="withdrawn"),
        pytest.param(CORRECTED, None, None, "corrected", "corrected", id="corrected, before is lost"),
        pytest.param(WITHDRAWN, None, None, "withdrawn", "withdrawn", id="withdrawn, before is lost"),
        pytest.param(
            replace(CORRECTED, revision=3), CORRECTED, None, None, "revised", id="changed after a correction"
        ),
        pytest.param(
            replace(CORRECTED, revision=3, edition_note="Corrects the name"),
            CORRECTED, None, "corrected", "corrected", id="corrected once more",
        ),
        pytest.param(replace(WITHDRAWN, revision=3, title="X"), WITHDRAWN, None, None, "revised", id="withdrawn still"),
        pytest.param(replace(CHANGED, revision=3), WITHDRAWN, None, None, "revised", id="back again"),
    ],
)  # fmt: skip
def test_later(
    now: Article, before: Article | None, never: Kind | None, matching: Kind | None, always: Kind | None
) -> None:
    earlier = [told(USABLE), *([told(before, "revised")] if before and before.revision > 1 else [])]
    for revisions, kind in (("never", never), ("matching", matching), ("always", always)):
        assert later_kind(make(revisions=revisions), now, before, earlier) == kind


@pytest.mark.parametrize(("unheard", "kind"), [(CORRECTED, "corrected"), (WITHDRAWN, "withdrawn")])
def test_a_correction_that_nobody_heard_of_is_told_with_the_next_version(unheard: Article, kind: Kind) -> None:
    """A run that died after the archive had it made no alert of it, and the page has changed again since."""
    now = replace(unheard, revision=3, body="Something else happened.")
    assert later_kind(make(), now, unheard, [told(USABLE)]) == kind
    assert later_kind(make(), now, unheard, [told(USABLE), told(unheard, kind)]) is None


def test_a_version_is_told_once_and_in_order() -> None:
    always = make(revisions="always")
    third = replace(CHANGED, revision=3)
    assert later_kind(always, third, CHANGED, [told(USABLE)]) == "revised"
    for known in (third, replace(third, revision=4)):
        assert later_kind(always, third, CHANGED, [told(USABLE), told(known, "revised")]) is None


def test_of_a_story_only_the_article_that_was_told_is_followed() -> None:
    other = told(make_article(id="1b", cluster_id="1c"))
    assert later_kind(make(revisions="always"), WITHDRAWN, USABLE, [other]) is None


# What an alert says


def test_what_an_alert_says() -> None:
    article = replace(
        ARTICLE,
        source=Source(name="", feed_id="wire", domain="wire.example", agency="AFP"),
        status="corrected",
        edition_note="Corrects the day",
        revision=2,
        published_at=None,
    )
    why = evidence(parse("quiet"), Document(article))
    made = told(article, "corrected", matches=why, still_matches=True)
    assert (made.outlet, made.agency) == ("wire.example", "AFP")
    assert (made.status, made.edition_note) == ("corrected", "Corrects the day")
    assert (made.published_at, made.first_seen_at, made.made_at) == (None, NOON, NOON)
    assert (made.subscription, made.kind, made.article_id, made.revision) == ("s", "corrected", "1a", 2)
    assert [(match.clause, match.field, match.text) for match in made.matches] == [("quiet", "title", "Quiet")]


def test_what_it_says_is_bounded() -> None:
    proof = tuple(Evidence(rule=str(n), text="x", field="title", start=0, end=1) for n in range(100))
    tags = (TopicTag(id="syria", label="Syria", score=1, rule_version="1", evidence=proof, against=proof),)
    why = evidence(parse("quiet"), Document(ARTICLE)) * 100
    changes = [Change(field="body", old="o" * 9_999, new="n" * 9_999)] * 100
    made = told(
        replace(ARTICLE, description="d" * 9_999, topics=tags, revision=2), "corrected", matches=why, changes=changes
    )
    assert (len(made.matches), len(made.changes)) == (alerts.MAX_MATCHES, alerts.MAX_CHANGES)
    assert (len(made.topics[0].evidence), len(made.topics[0].against)) == (alerts.MAX_EVIDENCE, alerts.MAX_EVIDENCE)
    assert len(made.description) == alerts.MAX_DESCRIPTION
    assert made.description.endswith("d…")
    assert {len(text) for one in made.changes for text in (one.old, one.new)} == {alerts.MAX_CHANGED_TEXT}
    short = told(replace(ARTICLE, description="d" * alerts.MAX_DESCRIPTION))
    assert short.description == "d" * alerts.MAX_DESCRIPTION


def test_reprints_are_noted_once_and_not_without_end() -> None:
    noted = told(ARTICLE)
    assert reprint(noted, told(ARTICLE)) is noted
    other = told(make_article(id="1b", url="https://b.example/x", title="Calm", cluster_id="1c"))
    noted = reprint(noted, other)
    assert noted.reprints == (Reprint(article_id="1b", url="https://b.example/x", headline="Calm", outlet="Wire"),)
    assert reprint(noted, other) is noted
    for n in range(100):
        noted = reprint(noted, told(make_article(id=f"2{n}", cluster_id="1c")))
    assert len(noted.reprints) == alerts.MAX_REPRINTS


def test_an_alert_is_stored_and_read_as_it_was() -> None:
    why = evidence(parse("quiet OR happened"), Document(ARTICLE))
    made = told(replace(ARTICLE, revision=2), "corrected", matches=why)
    made = reprint(made, told(make_article(id="1b", cluster_id="1c")))
    assert from_json(Alert, to_json(made)) == made
