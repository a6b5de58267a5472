"""`python -m tests.benchmarks [NAME …]`: run all benchmarks, or those named; a JSON line for each."""

import json
import sys
from collections.abc import Callable
from typing import Any

from tests.benchmarks import (
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
    "elasticsearch": elasticsearch.measure,
}


def main(names: list[str]) -> int:
    failed = False
    for name in names or BENCHMARKS:
        result = {"benchmark": name, **BENCHMARKS[name]()}
        failed |= result.get("reached") is False
        print(json.dumps(result), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
