"""What `newswire trace` tells of one URL, to people and to programs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.alert_ports import Addressed
from connectors.opening import SqliteSpec, open_store
from connectors.ports import LedgerRow, Stored
from pipelines.tracing import MAX_CHANGES, MAX_SHOWN, Traced, print_trace
from tests.factories import NOON, URL, make_alert, make_article, make_entry
from transforms.alerts import Reprint
from transforms.records import Article, Provenance, Source
from transforms.tags import Casualty, Evidence, TopicTag
from transforms.urls import doc_id

HOUR = timedelta(hours=1)
FIRST = make_article(body="Nine people were killed at dawn, rescuers said.\nSchools stay closed.")
SECOND = make_article(
    body="Fourteen people were killed at dawn, rescuers said.\nSchools stay closed.",
    status="corrected",
    edition_note="CORRECTED",
    revision=2,
    fetched_at=NOON + HOUR,
)


def make_row(**overrides: Any) -> LedgerRow:
    return LedgerRow(
        **{"key": "1k", "url": URL, "state": "done", "first_seen_at": NOON, "updated_at": NOON, **overrides}
    )


def traced(*revisions: Article, **row: Any) -> Traced:
    return Traced(make_row(**row), (), revisions)


def shown(capsys: pytest.CaptureFixture[str], *revisions: Article, **row: Any) -> str:
    print_trace(traced(*revisions, **row))
    return capsys.readouterr().out


def test_a_program_gets_what_each_revision_changed() -> None:
    first, second = traced(FIRST, SECOND).data()["revisions"]
    assert first["changes"] == []
    assert [(change["field"], change["old"], change["new"], change["at"]) for change in second["changes"]] == [
        ("status", "usable", "corrected", 0),
        ("edition_note", "", "CORRECTED", 0),
        ("body", "Nine", "Fourteen", 0),
    ]
    assert second["title"] == "Quiet day"


def test_who_was_told_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of this article, and not of the others of its story."""
    with open_store(SqliteSpec(str(tmp_path / "store.db"))) as store:
        store.articles.put([replace(FIRST, id=doc_id(URL))], now=NOON)
        store.ledger.announce([make_entry()], run_id="1", until=NOON)
        stored = Stored(
            entry=make_entry(), doc_id=doc_id(URL), revision=1, content_hash="", month="2026-11", written="new",
            settled=True, at=NOON,
        )  # fmt: skip
        store.ledger.stored([stored])
        about = {"story": doc_id(URL), "subscription": "desk"}
        alerts = [
            make_alert(id="a1", article_id=doc_id(URL), **about),
            make_alert(id="a2", article_id="another", **about),
            make_alert(
                id="a3", article_id="another", kind="revised", **about,
                reprints=(Reprint(article_id=doc_id(URL), url=URL, headline="Quiet", outlet="Wire"),),
            ),
        ]  # fmt: skip
        store.outbox.add([Addressed(alert=one, channels=("log:", "atom:"), due_at=NOON) for one in alerts])
        found = Traced.of(URL, store)
    assert found is not None
    print_trace(found)
    said = capsys.readouterr().out
    assert "alert      desk, new, 2026-11-18 12:00 UTC: waiting to atom:, waiting to log:" in said
    assert "alert      desk, revised," in said
    told = found.data()["alerts"]
    assert [one["id"] for one in told] == ["a1", "a3"]
    assert {(one["channel"], one["state"]) for one in told[0]["deliveries"]} == {
        ("log:", "waiting"),
        ("atom:", "waiting"),
    }


def test_without_an_article_there_are_no_revisions(capsys: pytest.CaptureFixture[str]) -> None:
    assert traced().data()["revisions"] == []
    assert "revision" not in shown(capsys)


def test_a_person_sees_the_old_and_the_new_words(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line.strip() for line in shown(capsys, FIRST, SECOND).splitlines()]
    assert [line for line in lines if line[:2] in ("- ", "+ ")] == [
        "- usable",
        "+ corrected",
        "+ CORRECTED",
        "- Nine people were killed at dawn, rescuers",
        "+ Fourteen people were killed at dawn, rescuers",
    ]
    assert any(line.endswith("changed: status, edition_note, body") for line in lines)


def test_nothing_from_the_web_is_markup(capsys: pytest.CaptureFixture[str]) -> None:
    later = make_article(title="[bold]Quiet[/bold] [link=x]day", body="[red]Nothing[/] happened.", revision=2)
    out = shown(capsys, make_article(), later)
    assert "+ [bold]Quiet[/bold] [link=x]day" in out
    assert "[red]" in out


def test_a_long_passage_is_cut_and_stays_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    added = "\nA word." * 500
    later = make_article(body=f"Nothing happened.{added}", revision=2)
    line = next(line for line in shown(capsys, make_article(), later).splitlines() if line.startswith("    + "))
    assert f"[{len(added) - MAX_SHOWN} characters]" in line
    assert " ¶ A word." in line


def test_of_very_many_changes_the_first_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    body = "\n".join(f"Number {i} of many." for i in range(MAX_CHANGES + 5))
    out = shown(capsys, make_article(body=body), make_article(body=body.replace("many", "few"), revision=2))
    assert out.count("    + ") == MAX_CHANGES
    assert "and 5 more changes" in out


def test_what_is_known_of_an_article_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    article = make_article(
        dateline="RAQQA, Nov 18 (Wire)",
        slug="SYRIA-CRISIS/",
        edition_note="UPDATE 2",
        partial=True,
        source=Source(name="Wire", feed_id="wire", domain="wire.example", agency="Reuters / AFP"),
        provenance=Provenance(title="jsonld", authors="visible", language="meta"),
    )
    out = shown(capsys, article, check_at=NOON + HOUR)
    assert "a part of the text only" in out
    assert "next look for changes 2026-11-18 13:00 UTC" in out
    for name, text in {
        "dateline": "RAQQA, Nov 18 (Wire)",
        "slug": "SYRIA-CRISIS/",
        "note": "UPDATE 2",
        "agency": "Reuters / AFP",
        "found in": "title: jsonld, authors: visible, published: feed, body: page, language: meta",
    }.items():
        assert f"  {name:10} {text}\n" in out


def test_what_is_not_known_takes_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, make_article())
    assert not [name for name in ("dateline", "slug", "note", "agency", "part of", "next") if name in out]


def test_a_failure_is_shown_with_its_kind(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(
        capsys,
        state="rejected", stage="fetch", error="Unreachable", kind="tls", reason="bad certificate", attempts=2,
        next_try_at=NOON + HOUR,
    )  # fmt: skip
    assert "rejected in fetch: Unreachable (tls): bad certificate (attempt 2)" in out
    assert "next try 2026-11-18 13:00 UTC" in out


def test_topics_and_figures_are_shown_with_their_words(capsys: pytest.CaptureFixture[str]) -> None:
    body = "The ministry denied that 12 civilians died in air strikes, or a storm."

    def proof(rule: str, text: str) -> Evidence:
        start = body.index(text)
        return Evidence(rule=rule, text=text, field="body", start=start, end=start + len(text), sentence=body)

    tag = TopicTag(
        id="airstrikes",
        label="Airstrikes",
        score=4,
        rule_version="7",
        stance="denied",
        evidence=(proof("words", "air strikes"),),
        against=(proof("words", "storm"),),
    )
    killed = Casualty(
        kind="killed", min=12, max=None, who="civilians", attribution="the Observatory", evidence=proof("n", "12")
    )
    out = shown(capsys, make_article(body=body, topics=(tag,), casualties=(killed,), topics_version="7+ab"))
    for line in (
        "  topic      airstrikes:denied 4: 'air strikes' (body 46-57, words); against it 'storm' (body 64-69, words)",
        "  figure     at least 12 killed (civilians), the Observatory: '12' (body 25-27, n)",
        "  taxonomy   7+ab",
    ):
        assert f"{line}\n" in out


def test_the_other_articles_of_its_cluster_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    source = Source(name="Lantern", feed_id="lantern", domain="lantern.example")
    other = make_article(id="1b", url="https://lantern.example/a", title="Same words", source=source, cluster_id="1a")
    known = Traced(make_row(), (), (FIRST,), (other,))
    print_trace(known)
    out = capsys.readouterr().out
    assert "  same text  Lantern, 2026-11-18 08:30 UTC: Same words\n             https://lantern.example/a\n" in out
    assert known.data()["same_text"] == [
        {"id": "1b", "url": "https://lantern.example/a", "outlet": "Lantern", "title": "Same words"}
    ]
    assert traced(FIRST).data()["same_text"] == []


def test_its_cluster_is_read_from_the_store(tmp_path: Path) -> None:
    articles = [make_article(id="1a"), *(make_article(id=name, cluster_id="1a") for name in ("1b", "1c"))]
    with open_store(SqliteSpec(str(tmp_path / "newswire.db"))) as store:
        store.articles.put(articles, now=NOON)
        entry = make_entry()
        store.ledger.announce([entry], run_id="test", until=NOON + HOUR)
        for document, others in {"1a": ["1b", "1c"], "1b": ["1a", "1c"]}.items():
            stored = Stored(
                entry=entry, doc_id=document, revision=1, content_hash="", month="2026-11", written="new", settled=True,
                at=NOON,
            )  # fmt: skip
            store.ledger.stored([stored])
            found = Traced.of(URL, store)
            assert found is not None
            assert [one.id for one in found.reprints] == others
