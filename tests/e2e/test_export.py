"""`newswire export` on the sample wire, after a correction and a withdrawal."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.codec import from_json
from connectors.opening import open_store
from pipelines.demo.server import WireServer
from pipelines.run import run_once
from pipelines.settings import Settings, load
from tests.e2e.cli import NEWSWIRE, environment, newswire, newswire_json, wire_settings
from tests.ninjs import problems
from transforms.records import Article


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with settings and a store that has seen both editions of the wire."""
    folder = tmp_path_factory.mktemp("archive")
    with WireServer() as server:
        settings: Settings = load(str(wire_settings(folder, server)))
        run_once(settings)
        server.turn(2)
        run_once(settings, poll_all=True)
    return folder


def exported(archive: Path, *arguments: str) -> list[dict[str, Any]]:
    """What a program reads off standard output: a line is what ends in a newline, and nothing else."""
    *lines, rest = newswire("export", *arguments, cwd=archive).stdout.split("\n")
    assert rest == ""
    return [json.loads(line) for line in lines]


def test_lines_are_the_articles_as_stored_newest_first(archive: Path) -> None:
    lines = exported(archive)
    assert len(lines) == newswire_json("store", "status", cwd=archive)["articles"] == 69
    hits = newswire_json("search", "--limit", "1000", cwd=archive)["hits"]
    assert lines == [{name: value for name, value in hit.items() if name != "highlight"} for hit in hits]
    assert {"withdrawn", "corrected"} <= {line["status"] for line in lines}
    with open_store(load(str(archive / "newswire.toml")).store_spec) as store:
        articles = {line["id"]: from_json(Article, json.dumps(line)) for line in lines}
        assert store.articles.get(articles) == articles
    assert exported(archive, "--format", "jsonl") == lines


def test_every_item_is_ninjs_and_none_is_missing(archive: Path) -> None:
    items, lines = exported(archive, "--format", "ninjs"), exported(archive)
    assert [found for item in items for found in problems(item)] == []
    assert [item["uri"] for item in items] == [f"urn:newswire:{line['id']}" for line in lines]
    assert {item["pubStatus"] for item in items} >= {"usable", "canceled"}
    assert {item["language"] for item in items if "language" in item} == {"en", "ar", "fr", "ru"}
    for item, line in zip(items, lines, strict=True):
        assert item["headlines"][0]["value"] == line["title"]
        assert [body["value"] for body in item.get("bodies", [])] == ([line["body"]] if line["body"] else [])
        evidence = json.loads(item["descriptions"][-1]["value"])
        assert evidence.get("topics", []) == line["topics"]


def test_it_selects_as_search_does(archive: Path) -> None:
    asked = ["airstrike OR hospital", "--topic", "syria", "--language", "en", "--source", "northline"]
    hits = newswire_json("search", *asked, "--limit", "1000", cwd=archive)["hits"]
    assert 0 < len(hits) < 69
    assert [line["id"] for line in exported(archive, *asked)] == [hit["id"] for hit in hits]
    assert [item["version"] for item in exported(archive, "status:corrected", "--format", "ninjs")] == ["2"]
    dates = [line["published_at"] or line["first_seen_at"] for line in exported(archive)]
    middle = sorted(dates)[len(dates) // 2]
    since, until = exported(archive, "--since", middle), exported(archive, "--until", middle)
    assert (len(since), len(until)) == (sum(date >= middle for date in dates), sum(date < middle for date in dates))


def test_nothing_found_is_nothing_written(archive: Path) -> None:
    assert exported(archive, "xylophone", "--format", "ninjs") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (['title:"'], "cannot be read"),
        (["--since", "yesterday"], "--since"),
        (["--format", "xml"], "jsonl"),
        (["-s", "missing.toml"], "missing.toml"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_in_a_line(archive: Path, arguments: list[str], said: str) -> None:
    done = newswire("export", *arguments, cwd=archive, exit_code=2)
    assert (done.stdout, said in done.stderr, "Traceback" in done.stderr) == ("", True, False)


def test_a_reader_that_has_enough_is_no_accident(archive: Path) -> None:
    export = subprocess.Popen(
        [*NEWSWIRE, "export"], cwd=archive, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    assert export.stdout is not None
    assert export.stderr is not None
    json.loads(export.stdout.readline())
    export.stdout.close()
    assert export.stderr.read() == b""
    assert export.wait(timeout=20) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_said_in_a_line(archive: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*NEWSWIRE, "export"],
            cwd=archive,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "newswire: standard output: No space left on device\n")
