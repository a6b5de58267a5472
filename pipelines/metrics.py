"""What this process has counted, for Prometheus; and what one run did, as a file for node exporter's collector.

Beam's own counters say what became of a pass, when it is over; a stream has no end, and nobody asks a cluster's runner.
So each process keeps its own as well. A bundle that the runner repeats is counted twice here; the store has it once.

Labels are our own words, the names of our errors and the topics of the taxonomy: nothing from the web is ever one.
"""

import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    write_to_textfile,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from connectors.ports import Stored
from transforms.errors import ConfigError

if TYPE_CHECKING:  # it imports Beam
    from pipelines.run import Summary

#: Published longer ago than this when it was first seen, an item says nothing of how late we are: a feed lists weeks of
#: them when it is polled for the first time.
FRESH: Final = timedelta(days=1)
#: Seconds. Of one call of a step, and of the way of a story: from a second (one that is searchable at once) to a day.
_STEP_BUCKETS = (0.001, 0.005, 0.02, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_WAY_BUCKETS = (
    1.0,
    2.5,
    5.0,
    10.0,
    20.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    1_800.0,
    3_600.0,
    10_800.0,
    43_200.0,
    86_400.0,
)

#: `published`: from the publisher's own time until it is stored; `seen`: from when a poll first had it until then;
#: `due`: from when a feed was due until it is polled.
Since = Literal["published", "seen", "due"]


@dataclass(frozen=True, slots=True)
class _Ours:
    """Everything a process counts, in a registry of its own: nothing that another library counts comes into it."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"newswire_{name}", words, labels, registry=self.registry)

    def gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(f"newswire_{name}", words, labels, registry=self.registry)

    def histogram(self, name: str, words: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"newswire_{name}", words, labels, buckets=buckets, registry=self.registry)


class _Deliveries(Collector):
    """What the deliverers of this process have counted themselves: asked for, not told."""

    def __init__(self) -> None:
        self.counted: list[Mapping[str, int]] = []

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily(
            "newswire_deliveries",
            "alerts delivered, tries failed, alerts given up, by this process",
            labels=["outcome"],
        )
        for outcome in ("delivered", "failed", "dead"):
            family.add_metric([outcome], sum(counts.get(outcome, 0) for counts in self.counted))
        yield family


disable_created_metrics()  # they would double the series, and say no more than process_start_time_seconds
_ours = _Ours()
REGISTRY: Final = _ours.registry
_RECORDS = _ours.counter("records", "feeds, entries and articles that came through a stage", "stage", "outcome")
_ERRORS = _ours.counter("errors", "what was rejected, by the class of the error", "stage", "error")
_TOPICS = _ours.counter("topics", "articles tagged with a topic", "topic")
_STAGE = _ours.histogram("stage_seconds", "time spent in a stage, by call", _STEP_BUCKETS, "stage")
_LATENCY = _ours.histogram("latency_seconds", "how late we are", _WAY_BUCKETS, "since")
_DELIVERIES = _Deliveries()


REGISTRY.register(_DELIVERIES)
ProcessCollector(registry=REGISTRY)
_versions = {
    "version": metadata.version("newswire"),
    "beam": metadata.version("apache-beam"),
    "python": platform.python_version(),
}
_ours.gauge("build_info", "what is running", *_versions).labels(**_versions).set(1)
#: From the start, so that the first of each is seen as an increase.
for _stage, _outcomes in {
    "poll": ("ok", "unchanged", "rejected"),
    "fetch": ("done", "rejected"),
    "store": ("new", "revised", "unchanged", "rejected"),
}.items():
    for _outcome in _outcomes:
        _RECORDS.labels(_stage, _outcome)
for _since in ("published", "seen", "due"):
    _LATENCY.labels(_since)

#: `labels` costs more than `inc`, and is asked with the same few words a million times.
_counters: dict[tuple[str, str], Counter] = {}
_stages: dict[str, Histogram] = {}


def record(stage: str, outcome: str, n: int = 1) -> None:
    """Count `n` more of `<stage>/<outcome>`, as `pipelines.steps.count` has them: the stage `topic` counts topics, and
    `<stage>.errors` the classes of errors."""
    counter = _counters.get((stage, outcome))
    (counter or _counter(stage, outcome)).inc(n)


def spent(stage: str, seconds: float) -> None:
    """Note the time that one call of a stage took."""
    histogram = _stages.get(stage)
    if histogram is None:
        histogram = _stages[stage] = _STAGE.labels(stage)
    histogram.observe(seconds)


def waited(since: Since, seconds: float) -> None:
    """Note how late we are. A feed that is asked a little early is not late; a publisher's clock that is ahead of ours
    says nothing."""
    if seconds >= 0 or since == "due":
        _LATENCY.labels(since).observe(max(0.0, seconds))


def stored(some: Iterable[Stored], *, now: datetime) -> None:
    """Note how late each story is that is new at `now`; not those that were filled in later."""
    for one in some:
        if one.written != "new" or not one.entry.alerts:
            continue
        waited("seen", (now - one.entry.seen_at).total_seconds())
        published = one.entry.published_at
        if published is not None and one.entry.seen_at - published < FRESH:
            waited("published", (now - published).total_seconds())


def follow_deliveries(counts: Mapping[str, int]) -> None:
    """Export what a deliverer counts (`pipelines.deliver.Delivered.counts`), as it is whenever somebody asks."""
    _DELIVERIES.counted.append(counts)


def _counter(stage: str, outcome: str) -> Counter:
    base, _, kind = stage.partition(".")
    if stage == "topic":
        counter = _TOPICS.labels(outcome)
    elif kind == "errors":
        counter = _ERRORS.labels(base, outcome)
    else:
        counter = _RECORDS.labels(stage, outcome)
    _counters[stage, outcome] = counter
    return counter


def write_run(file: str, summary: "Summary | None", *, success: bool, store: Collector | None = None) -> None:
    """Write what a run did into `file`, whole or not at all, for node exporter's textfile collector, which takes files
    that end in `.prom`. Gauges: each run begins anew. `summary` None: it came to no end. `store` adds how the store is.

    Raises: ConfigError: it cannot be written.
    """
    ours = _Ours()
    ours.gauge("run_success", "whether the last run did its work").set(success)
    ours.gauge("run_end_timestamp_seconds", "when the last run ended").set(datetime.now(UTC).timestamp())
    if summary is not None:
        ours.gauge("run_seconds", "how long the last run took").set(summary.elapsed_s)
        records = ours.gauge("run_records", "as newswire_records_total, of the last run", "stage", "outcome")
        for stage, outcomes in summary.counts.items():
            for outcome, n in outcomes.items():
                records.labels(stage, outcome).set(n)
        errors = ours.gauge("run_errors", "as newswire_errors_total, of the last run", "stage", "error")
        for stage, classes in summary.errors.items():
            for error, n in classes.items():
                errors.labels(stage, error).set(n)
        topics = ours.gauge("run_topics", "as newswire_topics_total, of the last run", "topic")
        for topic, n in summary.topics.items():
            topics.labels(topic).set(n)
        seconds = ours.gauge("run_stage_seconds", "time spent in a stage, over all workers, by the last run", "stage")
        for stage, s in summary.stage_s.items():
            seconds.labels(stage).set(s)
    if store is not None:
        ours.registry.register(store)
    try:
        write_to_textfile(str(Path(file)), ours.registry)
    except OSError as e:
        raise ConfigError(f"{file}: the metrics cannot be written: {e.strerror}") from e
