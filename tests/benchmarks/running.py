"""Run the installed command as an operator would, and watch what it takes."""

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

COMMAND = [sys.executable, "-m", "pipelines.cli"]


@dataclass(frozen=True)
class Ran:
    summary: dict[str, Any]
    seconds: float
    #: Largest resident memory of the process and all its children together, MB (shared pages count once per process).
    peak_mb: float


def run(settings: Path, *more: str) -> Ran:
    """`newswire run SETTINGS --json`, whole process. Raises: RuntimeError with what it printed when it failed."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [*COMMAND, "run", str(settings), "--json", *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(psutil.Process(process.pid), peak), daemon=True)
    watcher.start()
    out, err = process.communicate()
    seconds = time.perf_counter() - started
    if process.returncode not in (0, 3):
        raise RuntimeError(f"exit {process.returncode}\n{out}\n{err}")
    return Ran(json.loads(out.splitlines()[-1]), seconds, peak[0])


def _watch(process: psutil.Process, peak: list[float]) -> None:
    while process.is_running():
        try:
            family = [process, *process.children(recursive=True)]
            peak[0] = max(peak[0], sum(_resident(p) for p in family) / 1e6)
        except psutil.NoSuchProcess:
            return
        time.sleep(0.1)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
