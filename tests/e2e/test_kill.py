"""`kill -9` at random moments of a run, then a run to the end: the same documents as an undisturbed run."""

import random
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.codec import to_data
from connectors.opening import SqliteSpec, open_store
from connectors.ports import Search
from pipelines.demo.server import WireServer
from tests.e2e.cli import NEWSWIRE, environment, newswire_json, wire_settings

KILLS = 10
#: What is allowed to differ between two runs of the same wire: when it was read.
OF_THE_RUN = ("first_seen_at", "fetched_at", "indexed_at")


def documents(folder: Path) -> Mapping[str, Any]:
    with open_store(SqliteSpec(str(folder / "newswire.db"))) as store:
        hits = store.articles.search(Search(limit=1000)).hits
        counted = store.articles.status()["articles"]
    found = {hit.article.id: to_data(hit.article) for hit in hits}
    assert len(found) == counted
    return {key: {k: v for k, v in data.items() if k not in OF_THE_RUN} for key, data in found.items()}


def ledger(folder: Path) -> Any:
    return newswire_json("store", "status", cwd=folder)["ledger"]


@pytest.fixture(scope="module")
def server() -> Iterator[WireServer]:
    with WireServer() as running:
        yield running


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, server: WireServer) -> tuple[Path, float]:
    """An undisturbed run, and the seconds it took."""
    folder = tmp_path_factory.mktemp("whole")
    wire_settings(folder, server)
    started = time.monotonic()
    newswire_json("run", cwd=folder)
    return folder, time.monotonic() - started


@pytest.mark.slow
@pytest.mark.parametrize("moment", [(n + 0.5) / KILLS for n in range(KILLS)])
def test_killed_at_a_random_moment_nothing_is_lost_and_nothing_is_there_twice(
    tmp_path: Path, server: WireServer, whole: tuple[Path, float], moment: float
) -> None:
    undisturbed, takes = whole
    wire_settings(tmp_path, server)
    process = subprocess.Popen([*NEWSWIRE, "run", "--json"], cwd=tmp_path, stdout=subprocess.DEVNULL, env=environment())
    # Spread over the run, each with some chance of its own; the first fifth is Beam being imported.
    time.sleep((0.2 + 0.75 * moment + random.uniform(-0.5, 0.5) * 0.75 / KILLS) * takes)
    assert process.poll() is None, "the run was over before it was killed"
    process.kill()
    process.wait()
    newswire_json("run", "--all", cwd=tmp_path)
    expected, got = documents(undisturbed), documents(tmp_path)
    assert got.keys() == expected.keys()
    assert [(got[key], expected[key]) for key in expected if got[key] != expected[key]] == []
    assert ledger(tmp_path) == ledger(undisturbed)
