"""Reading pages: how right and how fast beside bare trafilatura, and whether memory stays flat.

`python -m tests.benchmarks.extraction PART [PAGES]` measures one part in the process it is: extraction, memory, shapes.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psutil
from trafilatura import bare_extraction

from tests.golden.corpus import (
    GROUPS,
    SAVED_AT,
    Compared,
    Held,
    Truth,
    compare_main,
    compared_shape,
    more_of_shape,
    rates,
    read,
    shape_page,
    shapes_truth,
    true_bodies,
)
from tests.golden.scoring import authors_f1, body_score, day_right, only_letters, overlap
from tests.shared import shared_pages
from transforms.errors import NotAnArticle
from transforms.records import Article

ASKED_F1, ASKED_CPU, ASKED_GROWTH_MB = 0.970, 0.75, 50
PASSES = 5
MEMORY_PAGES, MEMORY_WARM_UP, MEMORY_STEP = 10_000, 1_000, 100
#: What trafilatura is asked for in every comparison: the text, without what no body of the truth has.
BARE: dict[str, Any] = {"include_comments": False, "include_tables": False}
SHAPE_FIELDS = ("title", "authors", "published", "day")


def extraction() -> dict[str, Any]:
    """Body F1 on the real pages, and seconds of CPU per page: ours and trafilatura's with metadata."""
    return in_own_process("extraction")


def memory() -> dict[str, Any]:
    """Resident memory after 1,000 pages and after 10,000, one process."""
    return in_own_process("memory")


def shapes() -> dict[str, Any]:
    """Rates on the invented pages, ours and trafilatura's."""
    return in_own_process("shapes")


def in_own_process(part: str, *more: str) -> dict[str, Any]:
    """A part measured without other benchmarks' caches and memory. Raises: RuntimeError with what it said."""
    if part != "shapes" and not shared_pages():
        return {"skipped": "../shared/pages is not there"}
    command = [sys.executable, "-m", "tests.benchmarks.extraction", part, *more]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    if done.returncode:
        raise RuntimeError(f"{part}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def measure_extraction() -> dict[str, Any]:
    """What `extraction` returns, measured here. Reading every page for its body warms both up; then they read all of
    them in turn, so that what disturbs one disturbs the other, and the median of the ratios counts."""
    pages, truth = shared_pages(), true_bodies()
    ours, bare = {}, {}
    for key, (url, page) in pages.items():
        ours[key] = _body(read(page, url, SAVED_AT))
        bare[key] = _bare(page)["text"]
    ways: list[tuple[int, Callable[[str, bytes], Any]]] = [
        (0, lambda url, page: read(page, url, SAVED_AT)),
        (1, lambda _, page: bare_extraction(page, with_metadata=True, **BARE)),
    ]
    passes = []
    for number in range(PASSES):
        spent = [0.0, 0.0]
        for which, way in ways if number % 2 else reversed(ways):
            started = time.process_time()
            for url, page in pages.values():
                way(url, page)
            spent[which] = time.process_time() - started
        passes.append(spent)
    ratio = statistics.median(mine / theirs for mine, theirs in passes)
    score = body_score(overlap(truth[key], ours[key]) for key in pages)
    score_bare = body_score(overlap(truth[key], bare[key]) for key in pages)
    return {
        "pages": len(pages),
        "f1": round(score.f1, 4),
        "f1_of_sums": round(score.f1_of_sums, 4),
        "bare_f1": round(score_bare.f1, 4),
        "bare_f1_of_sums": round(score_bare.f1_of_sums, 4),
        "asked_f1": ASKED_F1,
        "passes": PASSES,
        "cpu_ms_page": round(1000 * statistics.median(mine for mine, _ in passes) / len(pages), 2),
        "bare_cpu_ms_page": round(1000 * statistics.median(theirs for _, theirs in passes) / len(pages), 2),
        "cpu_ratio": round(ratio, 3),
        "cpu_ratios": sorted(round(mine / theirs, 3) for mine, theirs in passes),
        "asked_cpu_ratio": ASKED_CPU,
        "reached": min(score) >= ASKED_F1 and ratio <= ASKED_CPU,
    }


def measure_memory(pages: int = MEMORY_PAGES) -> dict[str, Any]:
    """What `memory` returns, measured here over `pages` pages, the real ones over and over."""
    process = psutil.Process()
    resident = []
    for number, (url, page) in enumerate(islice(cycle(shared_pages().values()), pages), 1):
        read(page, url, SAVED_AT)
        if number >= MEMORY_WARM_UP and not (number % MEMORY_STEP and number != pages):
            resident.append(process.memory_info().rss / 1e6)
    growth = resident[-1] - resident[0]
    return {
        "pages": pages,
        "after_1000_mb": round(resident[0], 1),
        "at_the_end_mb": round(resident[-1], 1),
        "largest_mb": round(max(resident), 1),
        "growth_mb": round(growth, 1),
        "asked_growth_mb": ASKED_GROWTH_MB,
        "reached": growth < ASKED_GROWTH_MB and max(resident) - resident[0] < ASKED_GROWTH_MB,
    }


def measure_shapes() -> dict[str, Any]:
    """What `shapes` returns, measured here. A date of trafilatura's has no clock, so that the day is given as well; its
    authors have no full stops, and none count."""
    result: dict[str, Any] = {}
    for group in GROUPS:
        truths = shapes_truth(group)
        ours = [compared_shape(name) | more_of_shape(name) for name in truths]
        theirs = [_bare_compared(truth, shape_page(name)) for name, truth in truths.items()]
        for whose, pages in (("", ours), ("bare_", theirs)):
            means = rates(pages)
            result |= {f"{group}_{whose}{field}": round(means[field], 3) for field in SHAPE_FIELDS}
            score = body_score(page["body"].overlap for page in pages if page["body"].overlap)
            result |= {f"{group}_{whose}body_f1": round(score.f1, 3)}
    return result


def _bare_compared(truth: Truth, page: bytes) -> Compared:
    found = _bare(page)
    published = datetime.fromisoformat(found["date"]).replace(tzinfo=UTC) if found["date"] else None
    authors = [name for name in found["author"].split("; ") if name]
    held = compare_main(truth, title=found["title"], authors=authors, published=published, body=found["text"])
    without_stops = authors_f1(map(only_letters, truth["authors"]), map(only_letters, authors))
    return held | {
        "authors": Held(max(held["authors"].score, without_stops), truth["authors"], authors),
        "day": Held(day_right(truth["published"], published), truth["published"], published),
    }


def _bare(page: bytes) -> dict[str, str]:
    """What trafilatura alone makes of a page."""
    found = bare_extraction(page, with_metadata=True, **BARE)
    said = found.as_dict() if found else {}
    return {field: said.get(field) or "" for field in ("text", "title", "author", "date")}


def _body(article: Article | NotAnArticle) -> str:
    return "" if isinstance(article, NotAnArticle) else article.body


MEASURES: dict[str, Callable[..., dict[str, Any]]] = {
    "extraction": measure_extraction,
    "memory": measure_memory,
    "shapes": measure_shapes,
}

if __name__ == "__main__":
    print(json.dumps(MEASURES[sys.argv[1]](*map(int, sys.argv[2:]))))
