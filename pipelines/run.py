"""One pass over the feeds that are due: lock, pipeline with delivery beside it, summary."""

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import apache_beam as beam

from connectors.locking import only_run
from connectors.opening import load_taxonomy, open_store
from pipelines.deliver import Delivered, delivering
from pipelines.ingest import build
from pipelines.profiles import owner, runner_and_options, shards
from pipelines.settings import Settings
from pipelines.steps import REJECTED, Plan
from pipelines.watching import Topics

#: Below this many rejections a share says nothing: one page that is tried again and fails again is no alarm.
A_HANDFUL = 5
STAGES = ("poll", "entry", "fetch", "check", "extract", "tag", "cluster", "store", "alert")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did: counts by stage and outcome, topics, errors by stage, and time."""

    run_id: str
    #: stage → outcome → how many; each feed, entry and article once per stage.
    counts: Mapping[str, Mapping[str, int]]
    topics: Mapping[str, int]
    #: stage → error class → how many.
    errors: Mapping[str, Mapping[str, int]]
    #: stage → seconds spent in it, over all workers; stages overlap, so the sum is more than `elapsed_s`.
    stage_s: Mapping[str, float]
    elapsed_s: float
    max_rejected_share: float
    #: What an operator should know of the delivery of alerts, a line each.
    words: tuple[str, ...] = ()

    def count(self, stage: str, *outcomes: str) -> int:
        """How many had one of these outcomes."""
        return sum(self.counts.get(stage, {}).get(outcome, 0) for outcome in outcomes)

    @property
    def rejected_share(self) -> float:
        """Feeds and pages that were rejected, as a share of those that were tried."""
        tried = self.count("poll", "ok", "unchanged", REJECTED) + self.count("fetch", "done", REJECTED)
        return self.rejected / tried if tried else 0.0

    @property
    def rejected(self) -> int:
        """Feeds and pages that were rejected."""
        return sum(self.count(stage, REJECTED) for stage in ("poll", "fetch", "extract", "store"))

    @property
    def no_answer(self) -> bool:
        """Whether feeds were polled and none has answered."""
        return self.count("poll", REJECTED) > 0 and not self.count("poll", "ok", "unchanged")

    @property
    def too_many_rejected(self) -> bool:
        """Whether an operator should look before trusting this run: no answer at all, or a large share of more than a
        handful was rejected."""
        return self.no_answer or (self.rejected >= A_HANDFUL and self.rejected_share > self.max_rejected_share)


def run_once(settings: Settings, *, poll_all: bool = False, beam_options: Sequence[str] = ()) -> Summary:
    """Poll what is due, and see everything through to the store; `beam_options` are for the runner.

    Raises:
        ConfigError: the store, the taxonomy or the runner cannot be used.
        AlreadyRunning: see there.
    """
    started = perf_counter()
    topics = Topics(load_taxonomy(settings.topics.taxonomy), settings.topics.taxonomy)
    with only_run(Path(settings.store.path)):
        take_over(settings)
        now = datetime.now(UTC)
        plan = Plan(
            settings=without_feeds(settings),
            run_id=run_id(now),
            started_at=now,
            time_limit=settings.run.time_limit,
            poll_all=poll_all,
            away=settings.runner.profile in ("flink", "dataflow"),
            workers=settings.runner.parallelism,
            shards=shards(settings.runner),
        )
        with delivering(settings) as delivered:
            result = run_pass(plan, lambda pipeline: build(pipeline, plan, topics), beam_options)
    return summary(plan.run_id, result, delivered, perf_counter() - started, settings.run.max_rejected_share)


def run_id(now: datetime) -> str:
    """The id of a run of this process on this machine that begins at `now`."""
    return f"{owner()}{now:%Y%m%dT%H%M%S}-{os.getpid()}"


def without_feeds(settings: Settings) -> Settings:
    """As a plan has them: it is copied into every step, and feeds are in the registry."""
    return settings.model_copy(update={"feeds": ()})


def take_over(settings: Settings) -> None:
    """Make the feeds of the settings those of the registry, and take what killed runs on this machine had in hand. For
    who keeps other runs off the store."""
    with open_store(settings.store_spec) as store:
        settings.register(store.feeds)
        store.ledger.release(owner())


def run_pass(plan: Plan, graph: Callable[[Any], Any], beam_options: Sequence[str] = ()) -> Any:
    """Run a pipeline of its own, which `graph` adds a bounded graph to; its result. What it could not begin in time is
    anybody's afterwards."""
    runner, options = runner_and_options(plan.settings, beam_options, streaming=False)
    pipeline = beam.Pipeline(runner=runner, options=options)
    graph(pipeline)
    result = pipeline.run()
    result.wait_until_finish()
    if not plan.is_stream:
        with open_store(plan.settings.store_spec) as store:
            store.ledger.release(plan.run_id)
    return result


def summary(run_id: str, result: Any, delivered: Delivered, elapsed_s: float, max_rejected_share: float) -> Summary:
    """What a pipeline's result says that it did."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    topics: dict[str, int] = {}
    errors: dict[str, dict[str, int]] = defaultdict(dict)
    stage_s: dict[str, float] = defaultdict(float)
    metrics = result.metrics().query()
    for counter in metrics["counters"]:
        stage, name, value = counter.key.metric.namespace, counter.key.metric.name, counter.result
        base, _, kind = stage.partition(".")
        if stage == "topic":
            topics[name] = topics.get(name, 0) + value
        elif kind == "errors":
            errors[base][name] = errors[base].get(name, 0) + value
        elif stage in STAGES:
            counts[stage][name] = counts[stage].get(name, 0) + value
    for distribution in metrics["distributions"]:
        if distribution.key.metric.name == "ms" and distribution.key.metric.namespace in STAGES:
            stage_s[distribution.key.metric.namespace] += distribution.result.sum / 1000
    if delivered.counts:
        counts["deliver"] = dict(delivered.counts)
    return Summary(run_id, counts, topics, errors, stage_s, elapsed_s, max_rejected_share, words=tuple(delivered.words))
