"""A run over 500 feeds that all answer 304, beside a Beam pipeline that does nothing."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.canned import answer, rss, serving
from tests.benchmarks.running import run

FEEDS = 500
ASKED_S, ASKED_MB = 10.0, 600
BARE_BEAM = """
import logging; logging.disable()
import apache_beam as beam
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
with beam.Pipeline(runner=FnApiRunner()) as p:
    p | beam.Create([1]) | beam.Map(print)
"""


def measure() -> dict[str, Any]:
    """Seconds of the second run, when nothing is new, less those of bare Beam."""
    paths = [f"/feed/{n}" for n in range(FEEDS)]
    answers = {path: answer(rss(path, [("x", f"http://127.0.0.1:9{path}")]), "application/rss+xml") for path in paths}
    with tempfile.TemporaryDirectory() as folder, serving(answers, unchanged=True) as base:
        settings = Path(folder) / "newswire.toml"
        feeds = "".join(f'[[feeds]]\nid = "f{n}"\nurl = "{base}{path}"\n' for n, path in enumerate(paths))
        settings.write_text(f'[fetch]\nallow_private_hosts = true\n[store]\npath = "a.db"\n{feeds}')
        run(settings, "--all")
        ran = run(settings, "--all")
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", BARE_BEAM], check=True, capture_output=True)
    bare = time.perf_counter() - started
    unchanged = ran.summary["counts"]["poll"].get("unchanged", 0)
    return {
        "feeds": FEEDS,
        "unchanged": unchanged,
        "run_s": round(ran.seconds, 2),
        "bare_beam_s": round(bare, 2),
        "beyond_beam_s": round(ran.seconds - bare, 2),
        "asked_s": ASKED_S,
        "peak_mb": round(ran.peak_mb),
        "asked_mb": ASKED_MB,
        "reached": unchanged == FEEDS and ran.seconds - bare <= ASKED_S and ran.peak_mb <= ASKED_MB,
    }
