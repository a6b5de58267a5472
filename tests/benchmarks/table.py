"""The table of docs/benchmarks.md: what one run of all benchmarks measured, line by line."""

import os
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks import (
    alerting,
    elasticsearch,
    extraction,
    help_time,
    matching,
    pipeline,
    polling,
    schedule,
    topics,
    unchanged,
)

PLACE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
_BETWEEN = re.compile(r"(<!-- made by `make bench` -->\n).*?(<!-- until here -->)", re.S)
Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a benchmark. `asked` is a bar, `reached` whether it was; both empty where nobody asked."""

    benchmark: str
    figure: str
    ours: Callable[[Result], str]
    against: Callable[[Result], str] = lambda _: ""
    asked: str = ""
    reached: Callable[[Result], bool] = lambda _: True


def _rule(name: str) -> Callable[[Result], str]:
    return lambda r: f"{r['rules'][name]['in_time']:.1%}, {r['rules'][name]['polls_a_day']:g} polls"


def _matched(size: str) -> Callable[[Result], str]:
    return lambda r: f"**{r[size]['articles_per_s']:,}**; first pass {r[size]['first_pass_per_s']:,}"


def _looped(size: str) -> Callable[[Result], str]:
    return lambda r: f"{r[size]['loop_per_s']:.2g}: each query held against each document"


_ALL, _TENTH = "subscriptions_100000", "subscriptions_10000"

LINES = [
    Line(
        "extraction",
        "body F1 on 181 real pages (4-gram overlap)",
        lambda r: f"**{r['f1']:.3f}**",
        lambda r: f"{r['bare_f1']:.3f}: bare trafilatura",
        f"≥ {extraction.ASKED_F1:.3f}",
        lambda r: r["f1"] >= r["asked_f1"],
    ),
    Line(
        "extraction",
        "CPU a page, metadata included",
        lambda r: f"**{r['cpu_ratio']:.2f}** of it, {r['cpu_ms_page']:.1f} ms",
        lambda r: f"{r['bare_cpu_ms_page']:.1f} ms: bare trafilatura with metadata",
        f"≤ {extraction.ASKED_CPU}",
        lambda r: r["cpu_ratio"] <= r["asked_cpu_ratio"],
    ),
    Line(
        "memory",
        "memory over 10,000 pages",
        lambda r: f"**{r['growth_mb']:+.0f} MB** ({r['at_the_end_mb']:.0f} MB)",
        asked=f"< {extraction.ASKED_GROWTH_MB} MB",
        reached=lambda r: r["reached"],
    ),
    Line(
        "pipeline",
        "pages a second through the whole pipeline, as a share of cores × bare",
        lambda r: f"**{r['ratio']:.2f}**, {r['pages_s']:.0f} a second",
        lambda r: f"{r['bare_pages_s']:.0f} a second: bare trafilatura without metadata in one process",
        f"≥ {pipeline.ASKED}",
        lambda r: r["reached"],
    ),
    Line(
        "pipeline",
        "… as a share of cores × bare with metadata",
        lambda r: f"{r['ratio_with_metadata']:.2f}",
        lambda r: f"{r['bare_with_metadata_pages_s']:.0f} a second",
    ),
    Line(
        "schedule",
        "items seen within twice their feed's period, 30 simulated days; polls a day and feed",
        lambda r: f"**{_rule(schedule.OURS)(r)}**",
        lambda r: f"{_rule(schedule.OFTEN)(r)}: every 15 min; {_rule(schedule.MEDIA_CLOUD)(r)}: Media Cloud's rule",
        "more, at half the polls",
        lambda r: r["reached"],
    ),
    Line(
        "polling",
        "polls a second, 10,000 feeds on 200 hosts, all 304",
        lambda r: f"**{r['polls_s']:,}**: {r['of_client']:.2f} of the client",
        lambda r: f"{r['bare_client_s']:,}: bare aiohttp",
        f"≥ {polling.ASKED_OF_CLIENT}",
        lambda r: r["of_client"] >= r["asked"][0],
    ),
    Line(
        "polling",
        "… beside feedparser in a loop, which is answered 304 as well",
        lambda r: f"**{r['of_feedparser']:.1f} ×**",
        lambda r: f"{r['feedparser_s']:,} feeds a second",
        f"≥ {polling.ASKED_OF_FEEDPARSER:g} ×",
        lambda r: r["of_feedparser"] >= r["asked"][1],
    ),
    Line(
        "polling",
        "… memory of all processes together",
        lambda r: f"**{r['peak_mb']} MB**",
        asked=f"≤ {polling.ASKED_MB} MB",
        reached=lambda r: r["peak_mb"] <= r["asked"][2],
    ),
    Line(
        "unchanged_feeds",
        "a run over 500 feeds that all answer 304, beyond Beam; memory",
        lambda r: f"**{r['beyond_beam_s']:.1f} s**; {r['peak_mb']} MB",
        lambda r: f"{r['bare_beam_s']:.2f} s: a Beam pipeline that does nothing",
        f"≤ {unchanged.ASKED_S:g} s; ≤ {unchanged.ASKED_MB} MB",
        lambda r: r["reached"],
    ),
    Line(
        "topics",
        "articles of 431 words tagged a second, ten shipped topics and casualty figures, one process",
        lambda r: f"**{r['articles_per_s']:,}**",
        lambda r: f"{r['regular_expressions_per_s'][0]:g}: a loop of compiled expressions with the same words",
        f"≥ {topics.ASKED_SHIPPED}",
        lambda r: r["articles_per_s"] >= r["asked"][0],
    ),
    Line(
        "topics",
        "… with 1,000 topics (the shipped rules, words of their own as common as theirs; 10 tags an article)",
        lambda r: f"**{r['with_1000_topics_per_s']:,}**",
        lambda r: f"{r['regular_expressions_per_s'][1]:g}: the same loop",
        f"≥ {topics.ASKED_MANY}",
        lambda r: r["with_1000_topics_per_s"] >= r["asked"][1],
    ),
    Line(
        "matching",
        "documents a second matched with 100,000 subscriptions, words known; first pass",
        _matched(_ALL),
        _looped(_ALL),
        f"≥ {matching.ASKED_ALL}",
        lambda r: r[_ALL]["first_pass_per_s"] >= r["asked"][0],
    ),
    Line(
        "matching",
        "… with 10,000 subscriptions",
        _matched(_TENTH),
        _looped(_TENTH),
        f"≥ {matching.ASKED_TENTH:,}",
        lambda r: r[_TENTH]["first_pass_per_s"] >= r["asked"][1],
    ),
    Line(
        "matching",
        "… loading 100,000; memory",
        lambda r: f"**{r[_ALL]['load_s']:.1f} s**; **{r[_ALL]['peak_mb']} MB**",
        asked=f"≤ {matching.ASKED_LOAD_S:g} s; ≤ {matching.ASKED_MB} MB",
        reached=lambda r: r[_ALL]["load_s"] <= r["asked"][2] and r[_ALL]["peak_mb"] <= r["asked"][3],
    ),
    Line(
        "alerts",
        "from confirmation to webhook, 1,000 subscriptions, 50 articles a second: median; 99th percentile",
        lambda r: f"**{r['median_s']:.2f} s**; **{r['p99_s']:.2f} s**",
        asked=f"≤ {alerting.ASKED_S:g} s",
        reached=lambda r: r["reached"],
    ),
    *(
        Line(
            "elasticsearch",
            f"articles a second indexed through the adapter, {name}",
            lambda r, key=key: f"**{r[key]['of_bare']:.2f}** of it, {r[key]['adapter_s']:,}",
            lambda r, key=key: f"{r[key]['bare_s']:,}: bare `helpers.bulk`, same documents and settings",
            f"≥ {elasticsearch.ASKED_OF_BARE}",
            lambda r, key=key: r[key]["of_bare"] >= r["asked"],
        )
        for key, name in (("elasticsearch", "Elasticsearch"), ("opensearch", "OpenSearch"))
    ),
    Line(
        "help",
        "`newswire --help`",
        lambda r: f"**{r['help_s']:.2f} s**",
        lambda r: f"{r['bare_python_s']:.2f} s: a Python that does nothing",
        f"≤ {help_time.ASKED_S} s",
        lambda r: r["reached"],
    ),
]


def table(results: Sequence[Result], *, day: str, load: float) -> str:
    """Markdown: a line on where and when, then the table. What was skipped says so. `load`: of the machine before."""
    by_name = {one["benchmark"]: one for one in results}
    said = [
        f"One run of `make bench` on {day}: {len(os.sched_getaffinity(0))} cores ({_processor()}), load {load:.1f}"
        f" before it, Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in ("apache-beam", "trafilatura", "aiohttp", "feedparser"))
        + ".",
        "",
        "| figure | newswire | measured against, in the same run | asked |",
        "|---|---|---|---|",
    ]
    for line in LINES:
        result = by_name.get(line.benchmark, {"skipped": "not run"})
        if why := result.get("skipped"):
            said.append(f"| {line.figure} | not measured: {why} | | {line.asked} |")
            continue
        missed = "" if line.reached(result) else " (**missed**)"
        said.append(f"| {line.figure} | {line.ours(result)}{missed} | {line.against(result)} | {line.asked} |")
    return "\n".join(said) + "\n"


def write(text: str) -> None:
    """Put the table where it stands in the page."""
    page = PLACE.read_text("utf-8")
    new, count = _BETWEEN.subn(lambda found: found[1] + text + found[2], page)
    assert count == 1, f"{PLACE} has no place for the table"
    PLACE.write_text(new, "utf-8")


def _processor() -> str:
    names = re.findall(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.M)
    return names[0] if names else platform.machine()
