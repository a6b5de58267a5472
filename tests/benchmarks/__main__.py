"""`python -m tests.benchmarks [NAME …]`: run all benchmarks, or those named; a JSON line for each. A run of all of them
is the table of docs/benchmarks.md from then on."""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
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
    table,
    topics,
    unchanged,
)

BENCHMARKS: dict[str, Callable[[], dict[str, Any]]] = {
    "help": help_time.measure,
    "unchanged_feeds": unchanged.measure,
    "pipeline": pipeline.measure,
    "extraction": extraction.extraction,
    "memory": extraction.memory,
    "shapes": extraction.shapes,
    "polling": polling.measure,
    "schedule": schedule.measure,
    "topics": topics.measure,
    "matching": matching.measure,
    "alerts": alerting.measure,
    "elasticsearch": elasticsearch.measure,
}


def main(names: list[str]) -> int:
    """0, or 1 where a bar was missed."""
    day, load = datetime.now(UTC).date().isoformat(), os.getloadavg()[0]
    results = []
    for name in names or BENCHMARKS:
        results.append({"benchmark": name, **BENCHMARKS[name]()})
        print(json.dumps(results[-1]), flush=True)
    if not names:
        table.write(table.table(results, day=day, load=load))
    return 1 if any(result.get("reached") is False for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
