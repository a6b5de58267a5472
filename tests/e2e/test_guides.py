"""The commands in the guides work as written, and the example settings are the defaults."""

import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from connectors.opening import SqliteSpec, open_store
from pipelines.demo.server import WireServer
from pipelines.settings import Settings
from tests.e2e.cli import newswire, typed, wire_settings
from tests.factories import NOON, make_article

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: An example that a guide shows under the name of a file: "```yaml conflict.yaml".
EXAMPLE = re.compile(r"^```\w+ (\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILES = {
    "story.txt": "Airstrikes hit Idlib\nWarplanes bombed the Syrian city of Idlib, killing civilians.\n",
    "stories.jsonl": '{"key": 1, "title": "Airstrikes hit Idlib", "body": "In Syria.", "language": "en"}\n',
    "subscriptions.jsonl": '{"id": "idlib", "query": "\\"air strikes\\" OR airstrike"}\n',
    "page.html": "<html><body><article><h1>A story</h1><p>It is told here at some length.</p></article></body></html>",
    "pages.jsonl": '{"key": 1, "url": "https://example.org/1", "html_path": "page.html"}\n',
}


def commands(guide: Path) -> list[str]:
    lines = [line for block in BLOCK.findall(guide.read_text("utf-8")) for line in block.splitlines()]
    return [line for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.slow
@pytest.mark.parametrize("guide", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.stem)
def test_every_command_of_a_guide_works(guide: Path, tmp_path: Path) -> None:
    for name, text in (*FILES.items(), *EXAMPLE.findall(guide.read_text("utf-8"))):
        (tmp_path / name).write_text(text)
    with WireServer() as server:
        wire_settings(tmp_path, server)
        meridian = next(url.rsplit("/", 1)[0] for outlet, url in server.feeds() if outlet.id == "meridian")
        if "newswire trace" in guide.read_text("utf-8") or "newswire search" in guide.read_text("utf-8"):
            newswire("run", cwd=tmp_path)
        for line in commands(guide):
            program, *arguments = shlex.split(line.replace("https://meridian.example", meridian))
            assert program == "newswire", line
            *arguments, into = arguments if arguments[-2:-1] == [">"] else [*arguments, ""]
            printed = newswire(*(one for one in arguments if one != ">"), cwd=tmp_path).stdout
            if into:
                (tmp_path / into).write_text(printed)


def test_a_backup_is_made_and_restored_as_the_guide_says(tmp_path: Path) -> None:
    guide = ROOT / "docs/operator.md"
    (backup,) = (line for line in commands(guide) if "backup" in line)
    (restore,) = re.findall(r"`(install [^`]+ newswire\.db)`", guide.read_text("utf-8"))
    store, copy = tmp_path / "newswire.db", tmp_path / "copy.db"
    with open_store(SqliteSpec(str(store))) as opened:
        opened.articles.put([make_article()], now=NOON)
        typed(*shlex.split(backup)[1:], cwd=tmp_path)
    assert copy.stat().st_mode & 0o777 == 0o600
    copy.chmod(0o644)  # as one of an earlier newswire's guide was
    for file in tmp_path.glob("newswire.db*"):
        file.unlink()
    subprocess.run(shlex.split(restore), cwd=tmp_path, check=True)
    assert store.stat().st_mode & 0o777 == 0o600
    assert json.loads(typed("store", "status", "--json", cwd=tmp_path).stdout)["articles"] == 1


def test_the_guides_have_commands() -> None:
    assert {guide.stem for guide in (ROOT / "docs").glob("*.md") if commands(guide)} >= {"operator", "analyst"}


def test_the_example_settings_are_all_settings_with_their_defaults() -> None:
    text = (ROOT / "deploy/newswire.example.toml").read_text("utf-8")
    data = tomllib.loads(text)
    defaults = Settings().model_dump(mode="json", exclude={"feeds"})
    defaults["schedule"] = {"interval": "15m", "shortest": "10m", "longest": "12h", "checks": ["1h", "6h", "24h"]}
    defaults["run"]["time_limit"] = "10m"
    defaults["alerts"]["give_up_after"] = "24h"
    assert data == defaults
    assert Settings.model_validate(data) == Settings()
    commented = tomllib.loads(
        "\n".join(
            line.removeprefix("# ")
            for line in text.splitlines()
            if line.startswith("# ") and ("=" in line or "[[" in line)
        )
    )
    assert Settings.model_validate(commented).feeds[0].id == "meridian"


def test_the_readme_names_its_two_commands() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in readme
    assert "make test" in readme
