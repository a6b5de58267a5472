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
#: What is allowed to differ between two runs of the same wire: when it was read, and which copy of a story came first
#: and gave its cluster the name.
OF_THE_RUN = ("first_seen_at", "fetched_at", "indexed_at", "cluster_id")


def documents(folder: Path) -> Mapping[str, Any]:
    with open_store(SqliteSpec(str(folder / "newswire.db"))) as store:
        hits = store.articles.search(Search(limit=1000)).hits
        counted = store.articles.status()["articles"]
    found = {hit.article.id: to_data(hit.article) for hit in hits}
    assert len(found) == counted
    stories: dict[str, set[str]] = {}
    for key, data in found.items():
        stories.setdefault(data["cluster_id"], set()).add(key)
    assert all(name in members for name, members in stories.items()), "a cluster is named after one of its articles"
    return {
        key: {k: v for k, v in data.items() if k not in OF_THE_RUN} | {"story": sorted(stories[data["cluster_id"]])}
        for key, data in found.items()
    }


def ledger(folder: Path) -> Any:
    return newswire_json("store", "status", cwd=folder)["ledger"]


@pytest.fixture(scope="module")
def server() -> Iterator[WireServer]:
    with WireServer() as running:
        yield running


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, server: WireServer) -> Path:
    """The folder of an undisturbed run."""
    folder = tmp_path_factory.mktemp("whole")
    wire_settings(folder, server)
    newswire_json("run", cwd=folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("share", [(n + 1) / KILLS for n in range(KILLS)])
def test_killed_at_a_random_moment_nothing_is_lost_and_nothing_is_there_twice(
    tmp_path: Path, server: WireServer, whole: Path, share: float
) -> None:
    """Killed some time after the server was asked for a share of what it is asked for in a whole run. The page that
    never answers keeps every run alive for two seconds more than the rest takes."""
    requests = len(server.feeds()) + sum(len(outlet.edition(1)) for outlet, _ in server.feeds())
    wire_settings(tmp_path, server)
    asked = len(server.asked)
    process = subprocess.Popen([*NEWSWIRE, "run", "--json"], cwd=tmp_path, stdout=subprocess.DEVNULL, env=environment())
    while len(server.asked) - asked < round(share * requests):
        assert process.poll() is None
        time.sleep(0.001)
    time.sleep(random.uniform(0, 0.5))
    assert process.poll() is None, "the run was over before it was killed"
    process.kill()
    process.wait()
    newswire_json("run", "--all", cwd=tmp_path)
    expected, got = documents(whole), documents(tmp_path)
    assert got.keys() == expected.keys()
    assert [(got[key], expected[key]) for key in expected if got[key] != expected[key]] == []
    assert ledger(tmp_path) == ledger(whole)
