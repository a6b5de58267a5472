"""How long `newswire --help` takes, beside a Python that does nothing."""

import subprocess
import sys
import time
from typing import Any

from tests.benchmarks.running import COMMAND

TIMES = 7
ASKED_S = 0.3


def measure() -> dict[str, Any]:
    """Medians of several runs."""
    ours, bare = _median([*COMMAND, "--help"]), _median([sys.executable, "-c", "pass"])
    return {"help_s": round(ours, 3), "bare_python_s": round(bare, 3), "asked_s": ASKED_S, "reached": ours <= ASKED_S}


def _median(command: list[str]) -> float:
    taken = []
    for _ in range(TIMES):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        taken.append(time.perf_counter() - started)
    return sorted(taken)[TIMES // 2]
