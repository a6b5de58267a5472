"""What a process counts, read back with Prometheus' own parser."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from timeit import repeat

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from connectors.ports import Stored
from pipelines import metrics
from pipelines.run import Summary
from tests.factories import make_entry
from transforms.errors import ConfigError
from transforms.records import Entry

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    """Every sample of an exposition, by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def now() -> Samples:
    return samples(generate_latest(metrics.REGISTRY).decode())


def value(of: Samples, name: str, **labels: str) -> float:
    return of.get((f"newswire_{name}", frozenset(labels.items())), 0.0)


def risen(before: Samples, name: str, **labels: str) -> float:
    return value(now(), name, **labels) - value(before, name, **labels)


def test_what_steps_count_has_labels() -> None:
    before = now()
    metrics.record("store", "new", 3)
    metrics.record("store", "new")
    metrics.record("fetch.errors", "Unreachable", 2)
    metrics.record("topic", "airstrikes", 5)
    assert risen(before, "records_total", stage="store", outcome="new") == 4
    assert risen(before, "errors_total", stage="fetch", error="Unreachable") == 2
    assert risen(before, "topics_total", topic="airstrikes") == 5
    assert not [labels for _, labels in now() if ("stage", "topic") in labels or ("stage", "fetch.errors") in labels]


def test_time_spent_is_in_buckets() -> None:
    before = now()
    for seconds in (0.0004, 0.3, 200):
        metrics.spent("extract", seconds)
    assert risen(before, "stage_seconds_count", stage="extract") == 3
    assert risen(before, "stage_seconds_sum", stage="extract") == pytest.approx(200.3004)
    assert [
        risen(before, "stage_seconds_bucket", stage="extract", le=le) for le in ("0.001", "0.25", "0.5", "60.0")
    ] == [
        1,
        1,
        2,
        2,
    ]


def stored(entry: Entry, written: str = "new") -> Stored:
    return Stored(
        entry=entry, doc_id="d", revision=1, content_hash="h", month="2026-11", written=written, settled=True, at=NOW
    )


def test_a_new_story_says_how_late_we_are() -> None:
    before = now()
    entry = make_entry(seen_at=NOW - timedelta(seconds=4), published_at=NOW - timedelta(seconds=100))
    metrics.stored([stored(entry)], now=NOW)
    assert risen(before, "latency_seconds_sum", since="seen") == 4
    assert risen(before, "latency_seconds_sum", since="published") == 100
    metrics.waited("due", 7)
    metrics.waited("due", -2)  # together with one that was due
    assert risen(before, "latency_seconds_sum", since="due") == 7
    assert risen(before, "latency_seconds_count", since="due") == 2


@pytest.mark.parametrize(
    ("published", "why"),
    [
        (NOW - timedelta(days=30), "it was listed long before we looked for the first time"),
        (NOW + timedelta(hours=2), "its publisher's clock is ahead"),
        (None, "it has no time"),
    ],
)
def test_a_time_that_says_nothing_is_not_counted(published: datetime | None, why: str) -> None:
    before = now()
    metrics.stored([stored(make_entry(seen_at=NOW, published_at=published))], now=NOW)
    assert risen(before, "latency_seconds_count", since="published") == 0, why
    assert risen(before, "latency_seconds_count", since="seen") == 1


def test_neither_what_is_known_nor_what_is_filled_in_later_is_late() -> None:
    before = now()
    entry = make_entry(seen_at=NOW - timedelta(days=2), published_at=NOW - timedelta(days=2))
    metrics.stored(
        [stored(entry, "revised"), stored(entry, "unchanged"), stored(replace(entry, alerts=False))], now=NOW
    )
    assert risen(before, "latency_seconds_count", since="seen") == 0


def test_deliveries_are_asked_for() -> None:
    before = now()
    counts = {"delivered": 2}
    metrics.follow_deliveries(counts)
    counts["delivered"], counts["dead"] = 7, 1
    assert risen(before, "deliveries_total", outcome="delivered") == 7
    assert risen(before, "deliveries_total", outcome="dead") == 1
    assert risen(before, "deliveries_total", outcome="failed") == 0
    counts.clear()  # as if they never were, for the other tests of this process


def test_what_is_looked_for_first_is_there_from_the_start() -> None:
    names = {name for name, _ in now()}
    assert {"newswire_build_info", "process_resident_memory_bytes", "newswire_deliveries_total"} <= names
    assert ("newswire_records_total", frozenset({("stage", "store"), ("outcome", "new")})) in now()
    assert not [name for name in names if name.endswith("_created")]


def test_counting_is_cheap() -> None:
    """Less than 2 µs: it is done for each feed, entry and article. The best of many, since the machine has other work
    too."""
    for what in (lambda: metrics.record("store", "new"), lambda: metrics.spent("store", 0.3)):
        assert min(repeat(what, number=2_000, repeat=20)) / 2_000 < 2e-6


SUMMARY = Summary(
    run_id="here/20261120T120000-1",
    counts={"poll": {"ok": 3}, "store": {"new": 12, "unchanged": 1}, "deliver": {"dead": 2}},
    topics={"airstrikes": 4},
    errors={"fetch": {"Gone": 1}},
    stage_s={"fetch": 2.5},
    elapsed_s=9.5,
    max_rejected_share=0.5,
)


def test_a_run_is_told_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "newswire.prom"
    metrics.write_run(str(file), SUMMARY, success=True)
    of = samples(file.read_text())
    assert value(of, "run_success") == 1
    assert value(of, "run_seconds") == 9.5
    assert value(of, "run_records", stage="store", outcome="new") == 12
    assert value(of, "run_records", stage="deliver", outcome="dead") == 2
    assert value(of, "run_errors", stage="fetch", error="Gone") == 1
    assert value(of, "run_topics", topic="airstrikes") == 4
    assert value(of, "run_stage_seconds", stage="fetch") == 2.5
    assert abs(value(of, "run_end_timestamp_seconds") - datetime.now(UTC).timestamp()) < 60
    assert [one.name for one in tmp_path.iterdir()] == ["newswire.prom"]


def test_a_run_that_came_to_no_end_replaces_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "newswire.prom"
    metrics.write_run(str(file), SUMMARY, success=True)
    metrics.write_run(str(file), None, success=False)
    of = samples(file.read_text())
    assert value(of, "run_success") == 0
    assert value(of, "run_end_timestamp_seconds") > 0
    assert not [name for name, _ in of if name in ("newswire_run_records", "newswire_run_seconds")]


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        metrics.write_run(str(tmp_path / "nowhere" / "newswire.prom"), SUMMARY, success=True)
