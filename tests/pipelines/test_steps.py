"""Wiring only: what a step gives out, what leaves by the side door, what is counted, and that bugs are loud."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.util import assert_that, equal_to

from connectors.opening import open_store
from connectors.ports import Outcome
from connectors.sqlite.articles import SqliteArticles
from pipelines.polling import Announce
from pipelines.reading import ReadPages
from pipelines.settings import Settings
from pipelines.steps import IN_HAND, REJECTED, Plan
from pipelines.storing import MatchAlerts, RecordRejected, RecordStored, StoreArticles, Tag
from pipelines.watching import Topics
from tests.factories import make_article, make_entry, make_feed
from transforms.articles import from_feed
from transforms.errors import Unindexable
from transforms.records import Article, Entry, Poll, Reading, Rejected, Visit
from transforms.taxonomies import read_taxonomy
from transforms.taxonomy_files import Source
from transforms.urls import canonical_url, doc_id

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    settings = Settings.model_validate({"store": {"path": str(tmp_path / "newswire.db")}})
    return Plan(settings=settings, run_id="test", started_at=NOW, time_limit=timedelta(days=9_999))


def through(step: beam.DoFn, element: Any, check: Any = None, rejected: Any = None) -> dict[str, int]:
    """Run one element through a step; its counters as `stage/outcome`."""
    pipeline = beam.Pipeline(runner=FnApiRunner())
    out = pipeline | beam.Create([element]) | beam.ParDo(step).with_outputs(REJECTED, main="done")
    done = out.done
    if isinstance(step, StoreArticles):  # what the archive has confirmed is recorded two steps on
        done = done | "Match" >> beam.ParDo(MatchAlerts(step.plan)) | "Record" >> beam.ParDo(RecordStored(step.plan))
    if check is not None:
        assert_that(done, check, "done")
    if rejected is not None:
        assert_that(out[REJECTED] | beam.Map(lambda r: (r.stage, r.error, r.retryable)), rejected, "rejected")
    result = pipeline.run()
    counters = result.metrics().query()["counters"]
    return {f"{c.key.metric.namespace}/{c.key.metric.name}": c.result for c in counters}


def reading(**overrides: Any) -> Reading:
    entry = make_entry(url="https://example.org/a", title="Quiet day")
    url = overrides.pop("url", entry.url)
    article = make_article(id=doc_id(url), title="Quiet day", body="Nothing happened.", **overrides)
    return Reading(entry=entry, article=article)


def stored(plan: Plan) -> list[Article]:
    with open_store(plan.settings.store_spec) as store:
        row = store.ledger.get("https://example.org/a")
        return store.articles.revisions(row.doc_id) if row else []


def announced(plan: Plan, *entries: Entry) -> None:
    with open_store(plan.settings.store_spec) as store:
        store.ledger.announce(list(entries), run_id="test", until=plan.pages_until(NOW))


def test_announce_gives_out_what_is_new_and_sets_aside_what_leads_nowhere(plan: Plan) -> None:
    feed = make_feed(id="wire", url="https://example.org/feed")
    subject = f"{feed.url}#x"
    lost = Rejected(stage="entry", subject=subject, error="NoLink", reason="none", retryable=False, payload=feed)
    entry = make_entry(url="https://example.org/a")
    poll = Poll(feed=feed, polled_at=NOW, status="ok", entries=(entry,), rejected=(lost,))
    counters = through(
        Announce(plan),
        [poll],
        equal_to([(0, [Visit(entry=entry, until=plan.pages_until(NOW))])]),
        equal_to([("entry", "NoLink", False)]),
    )
    assert counters == {"poll/ok": 1, "entry/new": 1, "entry/rejected": 1, "entry.errors/NoLink": 1}
    again = through(Announce(plan), [poll], equal_to([]))
    assert again["entry/known"] == 1


def test_tag_gives_topics_and_counts_each_article_once() -> None:
    rule = {"id": "r", "weight": 2, "any": {"en": ["quiet"]}}
    told = json.dumps({"version": "1", "topics": [{"id": "quiet", "rules": [rule]}]})
    rules = read_taxonomy([Source("x.yaml", told)])
    one = reading(language="en")

    def check(out: list[list[Reading]]) -> None:
        assert [tag.id for r in out[0] for tag in r.article.topics] == ["quiet", "quiet"]

    counters = through(Tag(Topics(rules)), [one, one], check)
    assert counters == {"tag/tagged": 2, "topic/quiet": 2}


def test_store_writes_once_however_often_it_is_told(plan: Plan) -> None:
    announced(plan, reading().entry)
    assert through(StoreArticles(plan), [reading()])["store/new"] == 1
    assert through(StoreArticles(plan), [reading(), reading()])["store/unchanged"] == 2
    assert [article.revision for article in stored(plan)] == [1]


def test_an_article_that_the_store_refuses_costs_only_itself(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    good = reading(url="https://example.org/good")
    bad = Reading(entry=make_entry(url="https://example.org/bad"), article=make_article(id="bad"))

    def put(self: SqliteArticles, articles: list[Article], *, now: datetime) -> list[Outcome]:
        return [Outcome(id=a.id, error=Unindexable(a.id, "no") if a.id == "bad" else None) for a in articles]

    monkeypatch.setattr(SqliteArticles, "put", put)
    counters = through(StoreArticles(plan), [good, bad], rejected=equal_to([("store", "Unindexable", False)]))
    assert (counters["store/new"], counters["store/rejected"]) == (1, 1)


def test_two_announcements_led_to_one_address_stay_two_when_they_are_two_stories(plan: Plan) -> None:
    login = "https://example.org/login"
    readings = []
    for name in ("one", "two"):
        entry = make_entry(url=f"https://example.org/{name}", title=f"Story {name}")
        article = make_article(id=doc_id(login), title=entry.title, body=f"About {name}.")
        urls = article.urls.__class__(announced=entry.url, final=login, canonical=canonical_url(login))
        readings.append(Reading(entry=entry, article=replace(article, urls=urls)))
        announced(plan, entry)
    assert through(StoreArticles(plan), readings)["store/new"] == 2
    with open_store(plan.settings.store_spec) as store:
        ids = [row.doc_id for r in readings if (row := store.ledger.get(r.entry.url))]
    assert ids == [doc_id(login), doc_id("https://example.org/two")]


def test_two_announcements_of_one_story_that_lead_to_one_address_are_one_document(plan: Plan) -> None:
    final = "https://example.org/story"
    readings = []
    for name in ("one", "two"):
        entry = make_entry(url=f"https://feeds.example/{name}", title="The story")
        article = make_article(id=doc_id(final), title="The story", body="Told.")
        urls = article.urls.__class__(announced=entry.url, final=final, canonical=canonical_url(final))
        readings.append(Reading(entry=entry, article=replace(article, urls=urls)))
        announced(plan, entry)
    counters = through(StoreArticles(plan), readings)
    assert (counters["store/new"], counters["store/unchanged"]) == (1, 1)
    with open_store(plan.settings.store_spec) as store:
        assert len(store.ledger.by_document(doc_id(final))) == 2


def test_a_page_that_comes_after_the_feeds_own_words_is_the_next_revision_of_the_same_document(plan: Plan) -> None:
    """Even when the page turns out to be at another address than the announced one."""
    entry = make_entry(url="https://feeds.example/redirect/1", title="The story", description="In short.")
    announced(plan, entry)
    own_words = from_feed(entry, fetched_at=NOW)
    assert own_words is not None
    through(StoreArticles(plan), [Reading(entry=entry, article=own_words, settled=False)])
    final = "https://example.org/story"
    page = make_article(id=doc_id(final), title="The story", body="Told at length.")
    counters = through(StoreArticles(plan), [Reading(entry=entry, article=page)])
    assert counters["store/revised"] == 1
    with open_store(plan.settings.store_spec) as store:
        assert store.articles.status()["articles"] == 1
        revisions = store.articles.revisions(doc_id(entry.url))
    assert [(one.revision, one.body_source) for one in revisions] == [(1, "feed"), (2, "page")]


def test_failures_are_recorded_with_their_next_try(plan: Plan) -> None:
    entry = make_entry(url="https://example.org/a")
    announced(plan, entry)
    failed = Rejected(
        stage="fetch", subject=entry.url, error="Busy", reason="HTTP 503", retryable=True, payload=entry,
        retry_after=timedelta(hours=3),
    )  # fmt: skip
    before = datetime.now(UTC)
    through(RecordRejected(plan), [failed])
    with open_store(plan.settings.store_spec) as store:
        row = store.ledger.get(entry.url)
    assert row is not None
    assert (row.state, row.error, row.attempts) == ("rejected", "Busy", 1)
    assert row.next_try_at is not None
    assert row.next_try_at >= before + timedelta(hours=3)


def test_a_bug_is_loud(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def put(self: SqliteArticles, articles: list[Article], *, now: datetime) -> list[Outcome]:
        raise KeyError("a bug")

    monkeypatch.setattr(SqliteArticles, "put", put)
    with pytest.raises(Exception, match="a bug"):
        through(StoreArticles(plan), [reading()])


def test_a_host_belongs_to_one_shard(plan: Plan) -> None:

    many = replace(plan, shards=8)
    assert len({many.shard(f"https://example.org/{n}") for n in range(50)}) == 1
    assert len({many.shard(f"https://site{n}.example/") for n in range(200)}) == 8


def test_a_stream_lets_a_flooding_host_wait_its_turn_and_nobody_else(plan: Plan) -> None:
    """What cannot be begun in time at a polite pace is put off at once, each page until it may be its turn."""
    flood = [make_entry(url=f"https://flood.example/{n}") for n in range(12)]
    other = make_entry(url="https://other.example/a")
    streaming = replace(plan, time_limit=timedelta(seconds=0), started_at=datetime.now(UTC), hands_on=True)
    announced(plan, *flood, other)
    through(ReadPages(streaming), (0, [[Visit(entry=entry) for entry in [*flood, other]]]), equal_to([]))
    with open_store(plan.settings.store_spec) as store:
        due = {entry.url: row.next_try_at for entry in [*flood, other] if (row := store.ledger.get(entry.url))}
    waits = [round((at - streaming.started_at).total_seconds()) for at in due.values() if at]
    gap = int(plan.settings.fetch.gap_s)
    turns = int(IN_HAND.total_seconds()) // gap
    # There was no time at all: the first of each host are anybody's at once.
    assert max(waits[:turns] + waits[12:]) <= 5
    assert waits[turns:12] == pytest.approx([gap * n for n in range(turns, 12)], abs=3)
