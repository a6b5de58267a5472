"""Subscriptions as their owners keep them: added, listed, tried, paused, carried in files; and the delivery log."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.alert_ports import Addressed, Sent
from connectors.opening import SqliteSpec, Store, open_store
from connectors.ports import Search
from pipelines.alerts.dry_run import dry_run
from pipelines.demo.server import WireServer
from tests.alert_factories import BIDI, make_alert
from tests.e2e import cli
from tests.e2e.cli import NEWSWIRE, Shown, environment, newswire, wire_settings, write_settings
from tests.factories import NOON, make_article
from tests.receiver import Receiver, wait_for
from tests.unit.test_monitor import articles, queries
from transforms.alerts import Reprint
from transforms.clusters import story_of
from transforms.documents import Document
from transforms.matching import holds
from transforms.query import Query
from transforms.records import Article, Source
from transforms.subscriptions import Subscription

SHIPPED = Path(__file__).parents[2] / "deploy" / "kibana" / "newswire.ndjson"
DAY = timedelta(days=1)


Typed = Callable[..., Shown]


@pytest.fixture
def typed(tmp_path: Path) -> Typed:
    """Runs `newswire alerts …` as if it was typed in `tmp_path`."""
    return partial(cli.typed, "alerts", cwd=tmp_path)


def as_json(typed: Typed, *arguments: str, **more: Any) -> Any:
    return json.loads(typed(*arguments, "--json", **more).stdout)


def in_store(folder: Path, do: Callable[[Store], Any]) -> Any:
    with open_store(SqliteSpec(str(folder / "newswire.db"))) as store:
        return do(store)


def kept(folder: Path) -> dict[str, Subscription]:
    return in_store(folder, lambda store: {one.id: one for one in store.subscriptions.all()})


def waiting(folder: Path, name: str, number: int = 1, channels: Sequence[str] = ("log:",), **more: Any) -> None:
    """Alerts that wait for a subscription, due at once."""
    now = datetime.now(UTC)
    alerts = [make_alert(**{"id": f"{name}{n}", "subscription": name, "made_at": now, **more}) for n in range(number)]
    made = [Addressed(alert=one, channels=tuple(channels), due_at=now) for one in alerts]
    assert all(in_store(folder, lambda store: store.outbox.add(made)))


def settle(folder: Path, *, dead: bool = False, error: str = "") -> None:
    """What becomes of all that waits."""
    now = datetime.now(UTC) + DAY

    def do(store: Store) -> None:
        batches = store.outbox.claim(now=now, worker="w", lease=DAY, lanes=10, alerts=10)
        assert batches
        ids = [tuple(alert.id for alert in batch.alerts) for batch in batches]
        sent = [
            Sent(
                batch=batch,
                delivered=() if error else names,
                dead=names if dead else (),
                error=error,
                next_at=now + DAY if error and not dead else None,
            )
            for batch, names in zip(batches, ids, strict=True)
        ]
        store.outbox.settle(sent, worker="w", now=now)

    in_store(folder, do)


def article(number: int, title: str = "Idlib market", *, days: float = 1, **overrides: Any) -> Article:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days)
    return make_article(**{"id": f"1{number:03}", "title": title, "published_at": at, **overrides})


def archive(folder: Path, *put: Article) -> None:
    in_store(folder, lambda store: store.articles.put(put, now=datetime.now(UTC)))


# Adding


def test_added_and_shown(typed: Typed, tmp_path: Path) -> None:
    said = typed(
        "add", "idlib", '"drone strike"~4', "--name", "Idlib", "--topic", "syria", "--source", "wire", "--language",
        "en-US", "--to", "mailto:desk@example.org", "--to", "webhook:${HOOK}", "--cron", "0 7 * * 1-5", "--timezone",
        "Europe/Berlin", "--quiet", "22:00-06:30", "--revisions", "always", "--cool-down", "30m", "--expires",
        "2099-12-31", "--owner", "desk", "--sign", "${KEY}",
    )  # fmt: skip
    assert said.stdout == (
        'idlib: added: "drone strike"~4 · topic syria · source wire · language en;'
        " cron 0 7 * * 1-5, Europe/Berlin, quiet 22:00-06:30, at most every 30m,"
        " to mailto:desk@example.org webhook:${HOOK}\n"
    )
    one = kept(tmp_path)["idlib"]
    assert one == Subscription(
        id="idlib", name="Idlib", query='"drone strike"~4', topics=("syria",), sources=("wire",), languages=("en",),
        channels=("mailto:desk@example.org", "webhook:${HOOK}"), mode="cron 0 7 * * 1-5", timezone="Europe/Berlin",
        quiet="22:00-06:30", revisions="always", cool_down=timedelta(minutes=30), owner="desk", signing=("${KEY}",),
        expires_at=datetime(2099, 12, 31, tzinfo=UTC), since=one.since, changed_at=one.changed_at,
    )  # fmt: skip
    shown = typed("show", "idlib").stdout
    for words in ("Idlib", "drone strike", "always", "desk", "${KEY}", "2099-12-31", "mailto:desk@example.org"):
        assert words in shown
    (listed,) = as_json(typed, "list")
    assert (listed["id"], listed["state"], listed["lanes"]) == ("idlib", "active", [])


def test_without_more_it_is_logged_at_once(typed: Typed, tmp_path: Path) -> None:
    assert typed("add", "a", "idlib").stdout == "a: added: idlib; at once, to log:\n"
    assert kept(tmp_path)["a"].channels == ("log:",)
    assert typed("add", "b", "--topic", "syria", "--every", "15m").stdout.startswith("b: added: topic syria; every 15m")


def test_said_anew(typed: Typed, tmp_path: Path) -> None:
    typed("add", "a", "idlib")
    first = kept(tmp_path)["a"]
    assert "a: unchanged" in typed("add", "a", "idlib").stdout
    assert kept(tmp_path)["a"] == first
    assert "a: changed" in typed("add", "a", "idlib", "--to", "atom:").stdout
    assert kept(tmp_path)["a"].since == first.since  # it asks for the same
    assert "a: changed" in typed("add", "a", "aleppo", "--to", "atom:").stdout
    assert kept(tmp_path)["a"].since > first.since


def test_all_problems_come_at_once_each_with_its_option(typed: Typed, tmp_path: Path) -> None:
    said = typed(
        "add", "X", "title:(a", "--every", "3s", "--to", "desk@example.org", "--timezone", "Berlin", "--quiet", "22",
        "--cool-down", "soon", "--expires", "soon", "--sign", "s3cr3t", exit_code=2,
    )  # fmt: skip
    named = [line.strip().partition(": ")[0] for line in said.stderr.splitlines() if ": " in line]
    assert named == [
        "newswire", "--sign", "--cool-down", "--expires", "ID", "QUERY", "--timezone", "--every", "--quiet", "--to",
    ]  # fmt: skip
    assert "ends too early (at character 9)\n  title:(a\n          ^" in said.stderr
    assert "s3cr3t" not in said.stderr
    assert "give one of them" in typed("add", "x", "a", "--every", "1h", "--cron", "x", exit_code=2).stderr
    assert "--cron" in typed("add", "x", "a", "--cron", "61 * * * *", exit_code=2).stderr
    assert "asks for nothing" in typed("add", "x", exit_code=2).stderr
    assert not (tmp_path / "newswire.db").exists()


def test_how_often_it_would_have_fired_of_late(typed: Typed, tmp_path: Path) -> None:
    source = Source(name="Other", feed_id="other", domain="other.example")
    archive(tmp_path, article(1, cluster_id="1001"), article(2, cluster_id="1001", source=source), article(3, days=9))
    assert "it would have fired once in the last 7 days" in typed("add", "a", "title:idlib").stdout
    assert "it would have fired 0 times" in typed("add", "b", "aleppo").stdout


def test_what_waits_goes_with_the_subscription(typed: Typed, tmp_path: Path) -> None:
    typed("add", "a", "idlib")
    waiting(tmp_path, "a", 2)
    assert "waiting" not in typed("add", "a", "idlib", "--owner", "me").stdout
    assert "2 alerts that were waiting" in typed("add", "a", "idlib", "--to", "atom:", "--every", "1h").stdout
    deliveries = in_store(tmp_path, lambda store: store.outbox.deliveries(subscription="a", state="waiting"))
    assert [one.channel for one in deliveries] == ["atom:", "atom:"]
    assert all(one.due_at > datetime.now(UTC) for one in deliveries)


# The list


def test_the_list_says_how_they_are(typed: Typed, tmp_path: Path) -> None:
    assert "no subscriptions yet" in typed("list").stdout
    for name in ("active", "paused", "expired", "failing"):
        typed("add", f"is-{name}", "idlib", *(["--expires", "2026-01-01"] if name == "expired" else []))
    typed("pause", "is-paused")
    waiting(tmp_path, "is-failing")
    settle(tmp_path, error="HTTP 500\x1b[2J\nno")
    lines = {line.split()[0]: line for line in typed("list").stdout.splitlines()}
    for name in ("active", "paused", "expired"):
        assert lines[f"is-{name}"].rstrip().endswith(name)
    assert "failing: HTTP 500�[2J no" in lines["is-failing"]
    assert {one["id"]: one["state"] for one in as_json(typed, "list")} == {
        f"is-{name}": name for name in ("active", "paused", "expired", "failing")
    }
    assert "failing since" in typed("show", "is-failing").stdout
    (lane,) = as_json(typed, "show", "is-failing")["lanes"]
    assert (lane["channel"], lane["attempts"]) == ("log:", 1)


def test_hostile_text_moves_no_cursor(typed: Typed, tmp_path: Path) -> None:
    typed("add", "a", "quiet", "--name", BIDI, "--owner", BIDI)
    waiting(tmp_path, "a", headline=BIDI, outlet=f"[red]{BIDI}", url=f"https://x.example/{BIDI}", agency=BIDI)
    shown = "".join(
        typed(*command.split()).stdout for command in ("show a", "list", "deliveries", "deliveries --alert a0")
    )
    assert "[red]" in shown
    assert not set(shown) & set("\x1b\x07\u202e\u2066\u200b\u2028")


def test_nobody_of_that_id(typed: Typed) -> None:
    for command in ("show x", "pause x", "resume x", "remove x", "deliveries x", "test --id x", "export x"):
        assert "no subscription 'x'" in typed(*command.split(), exit_code=1).stderr


def test_show_says_why(typed: Typed, tmp_path: Path) -> None:
    typed("add", "a", "quiet")
    reprint = Reprint(article_id="1b", url="https://other.example/", headline="Quiet", outlet="The Post")
    waiting(tmp_path, "a", reprints=(reprint,))
    shown = typed("show", "a").stdout
    assert "quiet in title: **Quiet** day" in shown
    assert "the same text also at: The Post" in shown
    assert "waiting (1):" in shown
    data = as_json(typed, "show", "a")
    assert [one["id"] for one in data["last_alerts"]] == ["a0"]
    assert [one["state"] for one in data["waiting"]] == ["waiting"]


# Pausing and removing


def test_pause_and_resume(typed: Typed, tmp_path: Path) -> None:
    for name in ("a", "b"):
        typed("add", name, "idlib")
    waiting(tmp_path, "a", 3)
    said = typed("pause", "a", "x", "b", exit_code=1)
    assert said.stdout == "a: paused\nb: paused\n"
    assert "'x'" in said.stderr
    assert "paused already" in typed("pause", "a").stdout
    before = datetime.now(UTC)
    assert typed("resume", "a").stdout.startswith("a: resumed; 3 alerts that were waiting")
    assert "active already" in typed("resume", "a").stdout
    one = kept(tmp_path)["a"]
    assert not one.paused
    assert one.since >= before  # what came in between does not fire
    assert kept(tmp_path)["b"].paused
    typed("add", "c", "idlib", "--expires", "2026-01-01")
    typed("pause", "c")
    assert "has expired" in typed("resume", "c").stdout


def test_removed(typed: Typed, tmp_path: Path) -> None:
    typed("add", "a", "idlib")
    waiting(tmp_path, "a", 2)
    assert typed("remove", "a").stdout == "a: removed; 2 alerts that were waiting are dropped\n"
    assert kept(tmp_path) == {}
    assert {one["state"] for one in as_json(typed, "deliveries", "a")} == {"dropped"}
    assert "no subscription" in typed("remove", "a", exit_code=1).stderr


# The delivery log


def test_the_delivery_log(typed: Typed, tmp_path: Path) -> None:
    assert "no such deliveries" in typed("deliveries").stdout
    typed("add", "a", "idlib")
    waiting(tmp_path, "a")
    settle(tmp_path)
    waiting(tmp_path, "b")
    settle(tmp_path, error="HTTP 500")
    shown = typed("deliveries").stdout
    assert "delivered" in shown
    assert "1 tries failed, next try" in shown
    assert "2 deliveries" in shown
    assert "1 deliveries" in typed("deliveries", "a").stdout
    (one,) = as_json(typed, "deliveries", "--state", "waiting")
    assert (one["alert"]["id"], one["attempts"], one["error"]) == ("b0", 1, "HTTP 500")
    assert datetime.fromisoformat(one["next_try_at"]) > datetime.now(UTC) + DAY
    assert [one["next_try_at"] for one in as_json(typed, "deliveries", "--alert", "a0")] == [None]
    assert "HTTP 500" in typed("deliveries", "--alert", "b0").stdout
    typed("deliveries", "--alert", "none", exit_code=1)
    assert len(as_json(typed, "deliveries", "--limit", "1")) == 1


def test_sent_once_more(typed: Typed, tmp_path: Path) -> None:
    typed("add", "a", "idlib")
    typed("add", "b", "idlib")
    waiting(tmp_path, "a", 2)
    settle(tmp_path, dead=True, error="HTTP 410")
    waiting(tmp_path, "b")
    settle(tmp_path)
    assert "say which" in typed("redeliver", exit_code=2).stderr
    assert "--since" in typed("redeliver", "--since", "soon", exit_code=2).stderr
    assert typed("redeliver", "nothing", exit_code=1).stdout == "0 deliveries will be sent again\n"
    assert typed("redeliver", "--state", "dropped").stdout == "0 deliveries will be sent again\n"
    assert typed("redeliver", "a0").stdout == "1 deliveries will be sent again\n"
    assert typed("redeliver", "--state", "dead", "--since", "1h").stdout == "1 deliveries will be sent again\n"
    assert typed("redeliver", "--subscription", "b").stdout == "1 deliveries will be sent again\n"
    assert {one["state"] for one in as_json(typed, "deliveries")} == {"waiting"}


def test_nothing_is_sent_again_to_who_is_not_told_any_longer(typed: Typed, tmp_path: Path) -> None:
    for name in ("moved", "gone"):
        typed("add", name, "idlib", "--to", "log:", "--to", "atom:")
        waiting(tmp_path, name, channels=("log:", "atom:"))
        settle(tmp_path)
    typed("add", "moved", "idlib", "--to", "log:")
    typed("remove", "gone")
    before = {(one["alert"]["subscription"], one["channel"]): one["state"] for one in as_json(typed, "deliveries")}
    said = typed("redeliver", "--since", "1h")
    assert said.stdout == "1 deliveries will be sent again\n"
    assert "gone: nothing is sent to atom: again, since it is told there no longer" in said.stderr
    assert "moved: nothing is sent to atom: again" in said.stderr
    after = {(one["alert"]["subscription"], one["channel"]): one["state"] for one in as_json(typed, "deliveries")}
    assert after == before | {("moved", "log:"): "waiting"}


# The dry run


def test_the_dry_run(typed: Typed, tmp_path: Path) -> None:
    other = Source(name="The [b]Post\x1b", feed_id="post", domain="post.example")
    archive(
        tmp_path,
        article(1, days=1, cluster_id="1001"),
        article(2, "Elsewhere in Idlib", days=1.1, cluster_id="1001", source=other),
        article(3, days=3, language="fr"),
        article(4, "Nothing", days=2),
        article(5, days=40),
    )
    shown = typed("test", "title:idlib").stdout
    assert "would have fired 2 times since" in shown
    assert "1 more articles are the same texts elsewhere" in shown
    assert "that is one in 15 days" in shown
    assert "outlets: Wire 2, The [b]Post� 1" in shown
    assert "languages: en 2, fr 1" in shown
    assert "**Idlib**" in shown
    assert len([line for line in shown.splitlines() if line.startswith("  ") and "█" in line]) == 2
    data = as_json(typed, "test", "title:idlib", "--since", "90d", "--samples", "1")
    assert (data["fired"], data["articles"], data["reprints"], len(data["samples"])) == (3, 4, 1, 1)
    assert sum(data["days"].values()) == 3
    assert as_json(typed, "test", "title:idlib", "--source", "post.example")["fired"] == 1
    assert as_json(typed, "test", "--language", "fr")["fired"] == 1
    months = typed("test", "title:idlib", "--since", "90d").stdout
    assert f"{datetime.now(UTC):%Y-%m}  " in months
    assert "0 times" in typed("test", "aleppo").stdout
    typed("add", "a", "title:idlib", "--language", "fr")
    assert as_json(typed, "test", "--id", "a")["fired"] == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["test"], "give a query"),
        (["test", "a", "--id", "x"], "not both"),
        (["test", "(a"], "ends too early"),
        (["test", "a", "--since", "soon"], "--since"),
        (["test", "a", "--timezone", "Berlin"], "--timezone"),
        (["test", "a", "--language", "english"], "--language: must be a language"),
        (["test", "a", "--timezone", "America/New_York", "--since", "0001-01-01"], "--since"),
    ],
)
def test_dry_runs_that_cannot_be(typed: Typed, arguments: list[str], reason: str) -> None:
    assert reason in typed(*arguments, exit_code=2).stderr


def test_days_are_those_of_the_first_article_and_of_a_zone() -> None:
    late = make_article(published_at=datetime(2026, 1, 1, 23, 30, tzinfo=UTC), cluster_id="1c")
    later = replace(late, id="1b", published_at=datetime(2026, 1, 3, tzinfo=UTC))
    for zone, day in (("UTC", 1), ("Europe/Berlin", 2)):
        done = dry_run([later, late], None, since=None, until=NOON, zone=ZoneInfo(zone), samples=5, told=lambda _: None)
        assert {at.day: count for at, count in done.days.items()} == {day: 1}
        assert [one.article.id for one in done.samples] == ["1b"]


def test_samples_are_spread_and_the_same_every_time() -> None:
    come = [make_article(id=f"1{n}", published_at=NOON - timedelta(hours=n)) for n in range(500)]
    kept_ids = [
        [
            one.article.id
            for one in dry_run(
                come, None, since=None, until=NOON, zone=ZoneInfo("UTC"), samples=10, told=lambda _: None
            ).samples
        ]
        for _ in range(2)
    ]
    assert kept_ids[0] == kept_ids[1]
    assert len(set(kept_ids[0])) == 10
    assert kept_ids[0] != [one.id for one in come[:10]]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("promise")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(articles(), st.sampled_from("cde")), min_size=1, max_size=6), queries, st.uuids())
def test_it_counts_the_stories_that_would_have_fired(
    scratch: Path, come: list[tuple[Article, str]], query: Query, name: Any
) -> None:
    put = [replace(one, id=f"1{n}", cluster_id=f"1{cluster}") for n, (one, cluster) in enumerate(come)]
    fired = {story_of(one) for one in put if holds(query, Document(one))}
    with open_store(SqliteSpec(str(scratch / f"{name}.db"))) as store:
        store.articles.put(put, now=NOON)
        found = store.articles.each(Search(query=query))
        done = dry_run(found, query, since=None, until=NOON, zone=ZoneInfo("UTC"), samples=2, told=lambda _: None)
    assert done.stories == len(fired)
    assert {story_of(one.article) for one in done.samples} <= fired


# Files


@pytest.mark.parametrize("form", ["toml", "yaml"])
def test_out_and_in_again_changes_nothing(typed: Typed, tmp_path: Path, form: str) -> None:
    typed("add", "a", '"drone strike"~4', "--quiet", "22:00-06:30", "--cool-down", "30m", "--sign", "${KEY}")
    typed("add", "b", "--topic", "syria", "--expires", "2099-01-01", "--to", "webhook:${HOOK}", "--every", "1h")
    typed("add", "c", "idlib", "--expires", "2026-01-01")
    typed("pause", "b")
    before = kept(tmp_path)
    (tmp_path / f"book.{form}").write_text(typed("export", "--format", form).stdout, "utf-8")
    assert typed("import", f"book.{form}").stdout == "0 added, 0 changed, 3 unchanged\n"
    assert kept(tmp_path) == before
    typed("remove", "a", "c")
    assert typed("import", f"book.{form}").stdout == "a: added\nc: added\n2 added, 0 changed, 1 unchanged\n"
    assert {name: replace(one, since=NOON, changed_at=NOON) for name, one in kept(tmp_path).items()} == {
        name: replace(one, since=NOON, changed_at=NOON) for name, one in before.items()
    }


def test_some_of_them_and_nobody(typed: Typed) -> None:
    typed("add", "a", "idlib")
    typed("add", "b", "aleppo")
    said = typed("export", "b", "x", exit_code=1)
    assert 'id = "b"' in said.stdout
    assert 'id = "a"' not in said.stdout
    assert "'x'" in said.stderr


def test_nothing_is_imported_if_anything_is_wrong(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("subscriptions: [{id: a, query: idlib}]")
    (tmp_path / "bad.toml").write_text('[[subscriptions]]\nid = "b"\nquery = "(a"\n')
    said = typed("import", "good.yaml", "bad.toml", exit_code=2)
    assert "bad.toml: 1 problem(s)\n  subscriptions.0.query: the query ends too early" in said.stderr
    assert not (tmp_path / "newswire.db").exists()
    assert typed("import", "good.yaml").stdout == "a: added\n1 added, 0 changed, 0 unchanged\n"


def test_what_waits_goes_with_an_imported_subscription(typed: Typed, tmp_path: Path) -> None:
    typed("add", "a", "idlib")
    waiting(tmp_path, "a")
    (tmp_path / "book.yaml").write_text("subscriptions: [{id: a, query: idlib, channels: ['atom:']}]")
    assert "a: 1 alerts that were waiting" in typed("import", "book.yaml").stdout


def test_what_an_imported_channel_lacks_is_said_once_an_address(typed: Typed, tmp_path: Path) -> None:
    book = "subscriptions: [{id: a, query: idlib, channels: ['mailto:a@example.org', 'atom:']}, {id: b, query: homs, "
    (tmp_path / "book.yaml").write_text(book + "channels: ['mailto:a@example.org']}]")
    said = typed("import", "book.yaml")
    assert "2 added" in said.stdout
    (line,) = (line for line in said.stderr.splitlines() if "nothing goes to" in line)
    assert "a and 1 more: nothing goes to mailto:a@example.org yet: no mail server" in line


def test_kibanas_searches(typed: Typed, tmp_path: Path) -> None:
    said = typed("import", str(SHIPPED), exit_code=3)
    assert "10 added, 0 changed, 0 unchanged" in said.stdout
    assert "topic:syria" in said.stdout
    assert "Casualties as reported: a subscription cannot ask for the field 'killed'" in said.stderr
    assert "skipped: 1 of type dashboard" in said.stderr
    assert "10 unchanged" in typed("import", str(SHIPPED), exit_code=3).stdout
    (name,) = (one.id for one in kept(tmp_path).values() if one.query == "topic:syria")
    typed("add", name, "topic:aleppo", "--to", "atom:", "--every", "1h")
    assert f"{name}: changed: topic:syria" in typed("import", str(SHIPPED), exit_code=3).stdout
    one = kept(tmp_path)[name]
    assert (one.query, one.channels, one.mode) == ("topic:syria", ("atom:",), "every 1h")


def test_searches_of_several_exports(typed: Typed, tmp_path: Path) -> None:
    for file, title, query in (("a", "Idlib", "idlib"), ("b", "Idlib!", "aleppo")):
        asked = {"title": title, "query": {"query": query, "language": "kuery"}}
        (tmp_path / f"{file}.ndjson").write_text(json.dumps({"type": "query", "id": file, "attributes": asked}))
    assert "2 added, 0 changed" in typed("import", "a.ndjson", "b.ndjson").stdout
    assert "2 unchanged" in typed("import", "b.ndjson", "a.ndjson").stdout
    assert "1 unchanged" in typed("import", "b.ndjson").stdout
    assert {name: one.query for name, one in kept(tmp_path).items()} == {"idlib-a": "idlib", "idlib-b": "aleppo"}
    (tmp_path / "c.yaml").write_text("subscriptions: [{id: idlib-a, query: homs}]")
    refused = typed("import", "c.yaml", "a.ndjson", exit_code=3)
    assert "Idlib: another one has its id, idlib-a; give it another title" in refused.stderr
    assert "0 added, 1 changed" in refused.stdout


def test_an_export_without_a_search_that_can_be_used(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "x.ndjson").write_text('{"type":"lens","id":"a"}\n')
    assert "there is no search" in typed("import", "x.ndjson", exit_code=2).stderr
    assert not (tmp_path / "newswire.db").exists()


@pytest.mark.slow
def test_as_installed(tmp_path: Path) -> None:
    """In processes of their own, once."""
    newswire("alerts", "add", "a", "idlib", "--every", "15m", cwd=tmp_path)
    assert "every 15m" in newswire("alerts", "list", cwd=tmp_path).stdout
    assert "Traceback" not in newswire("alerts", "add", "B", "(", cwd=tmp_path, exit_code=2).stderr
    newswire("alerts", "add", "a", "b", "--revisions", "sometimes", cwd=tmp_path, exit_code=2)
    newswire("alerts", "show", cwd=tmp_path, exit_code=2)


# From the wire to the receiver


SIGNING = "kept by the receiver"
HOOKED = '[alerts]\nallow_private_hosts = true\nsigning = ["${HOOK_KEY}"]\ntimeout_s = 2'


def deliver(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """`newswire alerts deliver`, in a process of its own."""
    return subprocess.Popen(
        [*NEWSWIRE, "alerts", "deliver", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment() | {"HOOK_KEY": SIGNING},
    )


def test_what_waits_is_delivered_and_logged(typed: Typed, tmp_path: Path) -> None:
    typed("add", "a", "idlib")
    waiting(tmp_path, "a", 2, headline=f"One\n{BIDI}")
    said = typed("deliver", "--once")
    assert said.stdout == "2 alerts delivered\n"
    assert [json.loads(line)["subscription"]["id"] for line in said.stderr.splitlines()] == ["a", "a"]
    assert {one["state"] for one in as_json(typed, "deliveries")} == {"delivered"}
    assert typed("deliver", "--once").stdout == "0 alerts delivered\n"


def test_what_a_paused_one_is_said_to_be_is_no_resumption(typed: Typed, tmp_path: Path) -> None:
    typed("add", "a", "idlib")
    typed("pause", "a")
    assert "a: changed, and paused as before" in typed("add", "a", "aleppo").stdout
    assert kept(tmp_path)["a"].paused


@pytest.mark.slow
def test_delivered_until_it_is_stopped(typed: Typed, tmp_path: Path) -> None:
    with Receiver() as receiver:
        write_settings(tmp_path, [], more=HOOKED)
        receiver.answers("/hook", 500)
        typed("add", "a", "idlib", "--to", receiver.url("/hook"))
        now = datetime.now(UTC)
        alert = make_alert(id="a0", subscription="a", made_at=now)
        made = Addressed(alert=alert, channels=(receiver.url("/hook"),), due_at=now)
        in_store(tmp_path, lambda store: store.outbox.add([made]))
        process = deliver(tmp_path)
        wait_for(receiver, 2, within_s=30)  # the first is refused
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate(timeout=30)
        assert (process.returncode, stdout) == (0, "1 alerts delivered, 1 tries failed\n"), stderr
        assert receiver.ids() == ["a0", "a0"]
        assert [one["alerts"][0]["id"] for one in receiver.verified(SIGNING.encode())] == ["a0", "a0"]
    (delivery,) = as_json(typed, "deliveries")
    assert delivery["state"] == "delivered"
    assert len(delivery["history"]) == 2


@pytest.mark.slow
def test_a_second_signal_ends_it_at_once(typed: Typed, tmp_path: Path) -> None:
    with Receiver() as receiver:
        write_settings(tmp_path, [], more=HOOKED.replace("timeout_s = 2", "timeout_s = 50"))
        hook = receiver.url("/late")
        typed("add", "a", "idlib", "--to", hook)
        now = datetime.now(UTC)
        made = Addressed(alert=make_alert(id="a0", subscription="a", made_at=now), channels=(hook,), due_at=now)
        in_store(tmp_path, lambda store: store.outbox.add([made]))
        process = deliver(tmp_path)
        wait_for(receiver, 1, within_s=30)
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(0.5)
        process.communicate(timeout=2)
        assert process.returncode == 130
    assert {one["state"] for one in as_json(typed, "deliveries")} == {"waiting"}


@pytest.mark.slow
def test_the_dry_run_counts_what_the_graph_fires(typed: Typed, tmp_path: Path) -> None:
    asked = {"strikes": ['"air strikes" OR airstrike*'], "topic": ["--topic", "syria"], "title": ["title:strike"]}
    with WireServer() as server:
        wire_settings(tmp_path, server)
        for name, what in asked.items():
            typed("add", name, *what)
        newswire("run", cwd=tmp_path)
    for name, what in asked.items():
        told = {one["alert"]["story"] for one in as_json(typed, "deliveries", name, "--limit", "1000")}
        assert told
        assert as_json(typed, "test", *what, "--since", "2000-01-01")["fired"] == len(told)
        assert as_json(typed, "test", "--id", name, "--since", "2000-01-01")["fired"] == len(told)
        assert len(as_json(typed, "show", name)["last_alerts"]) == min(5, len(told))
