"""One pass over the feeds that are due: lock, pipeline, summary."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from connectors.locking import only_run
from connectors.opening import load_taxonomy, open_store
from pipelines.ingest import build
from pipelines.settings import Settings
from pipelines.steps import REJECTED, Plan

#: Below this many rejections a share says nothing: one page that is tried again and fails again is no alarm.
A_HANDFUL = 5
STAGES = ("poll", "entry", "fetch", "check", "extract", "tag", "cluster", "store")


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
    """Poll what is due, and see everything through to the store.

    Raises:
        ConfigError: the store or the taxonomy cannot be used.
        AlreadyRunning: see there.
    """
    started, now = perf_counter(), datetime.now(UTC)
    run_id = f"{now:%Y%m%dT%H%M%S}-{os.getpid()}"
    taxonomy = load_taxonomy(settings.topics.taxonomy)
    plan = Plan(
        settings=settings.model_copy(update={"feeds": ()}),  # the registry has them; a plan is copied into every step
        run_id=run_id,
        started_at=now,
        poll_all=poll_all,
    )
    with only_run(Path(settings.store.path)):
        with open_store(settings.store_spec) as store:
            settings.register(store.feeds)
        # Named, since the default runner may download and switch to another one (shared BEAM.md, 1).
        options = PipelineOptions(list(beam_options))
        runner = None if any(o.startswith("--runner") for o in beam_options) else FnApiRunner()
        pipeline = beam.Pipeline(runner=runner, options=options)
        build(pipeline, plan, taxonomy)
        result = pipeline.run()
        result.wait_until_finish()
    return _summary(run_id, result, perf_counter() - started, settings.run.max_rejected_share)


def _summary(run_id: str, result: Any, elapsed_s: float, max_rejected_share: float) -> Summary:
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
    return Summary(run_id, counts, topics, errors, stage_s, elapsed_s, max_rejected_share)
