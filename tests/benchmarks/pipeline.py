"""Pages per second through the whole pipeline, beside bare trafilatura in one process on the same pages."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.canned import answer, rss, serving
from tests.benchmarks.running import run
from tests.shared import PAGES, shared_pages

PASSES = 8
ASKED = 1.1
#: Seconds of CPU per page, twice over all pages; the first time over is warm-up. A process of its own, as cold as ours.
BARE = """
import gzip, sys, time
from pathlib import Path
from trafilatura import bare_extraction
pages = [gzip.decompress(p.read_bytes()) for p in sorted(Path(sys.argv[1]).glob("*.html.gz"))]
options = {"with_metadata": sys.argv[2] == "metadata"}
for page in pages[:30]: bare_extraction(page, **options)
started = time.perf_counter()
for page in pages: bare_extraction(page, **options)
print(len(pages) / (time.perf_counter() - started))
"""


def measure() -> dict[str, Any]:
    """Ratios to cores × bare rate; the bare rate is the mean of one measured before and one after."""
    pages = shared_pages()
    if not pages:
        return {"skipped": "../shared/pages is not there"}
    before, before_metadata = _bare("text"), _bare("metadata")
    answers = {f"/{n}/{key}": answer(body, "text/html") for n in range(PASSES) for key, (_, body) in pages.items()}
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "newswire.toml"
        feeds_answers: dict[str, bytes] = {}
        for n in range(PASSES):
            feeds_answers[f"/feed/{n}"] = answer(
                rss(f"pass {n}", [(f"Story {key[:8]}", f"/{n}/{key}") for key in pages]), "application/rss+xml"
            )
        with serving({**answers, **feeds_answers}) as base:
            feeds = "".join(f'[[feeds]]\nid = "f{n}"\nurl = "{base}/feed/{n}"\n' for n in range(PASSES))
            settings.write_text(f'[fetch]\nallow_private_hosts = true\nper_host = 16\n[store]\npath = "a.db"\n{feeds}')
            ran = run(settings)
    bare = (before + _bare("text")) / 2
    bare_metadata = (before_metadata + _bare("metadata")) / 2
    cores = len(os.sched_getaffinity(0))
    counts = ran.summary["counts"]
    stored = counts["store"].get("new", 0)
    rate = stored / ran.summary["elapsed_s"]
    return {
        "pages": len(pages) * PASSES,
        "stored": stored,
        "cores": cores,
        "pages_s": round(rate, 1),
        "bare_pages_s": round(bare, 1),
        "bare_with_metadata_pages_s": round(bare_metadata, 1),
        "ratio": round(rate / (cores * bare), 3),
        "ratio_with_metadata": round(rate / (cores * bare_metadata), 3),
        "asked": ASKED,
        "stage_s": ran.summary["stage_s"],
        "peak_mb": round(ran.peak_mb),
        "reached": rate >= ASKED * cores * bare and stored == len(pages) * PASSES,
    }


def _bare(kind: str) -> float:
    answer_ = subprocess.run([sys.executable, "-c", BARE, str(PAGES), kind], check=True, capture_output=True, text=True)
    return float(answer_.stdout)
