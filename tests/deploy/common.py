"""What the tests of deploy/ share: the tools that tools.sh fetches, what is in the files, and every command in them."""

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
TOOLS = Path(os.environ.get("NEWSWIRE_DEPLOY_TOOLS") or Path.home() / ".cache" / "newswire-deploy-tools")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SETTINGS = sorted(DEPLOY.rglob("*.toml"))


def tool(name: str) -> Path:
    """Where a tool is; the test is skipped where there is none."""
    if not (TOOLS / name).exists():
        pytest.skip(f"there is no {TOOLS / name}; tests/deploy/tools.sh fetches it")
    return TOOLS / name


def manifests(*folders: str) -> Iterator[dict[str, Any]]:
    """The objects in the YAML files of folders of deploy/kubernetes, all of them without a name, as they stand."""
    for folder in folders or [""]:
        for file in sorted((DEPLOY / "kubernetes" / folder).rglob("*.yaml")):
            yield from yaml.safe_load_all(file.read_text("utf-8"))


def inside(value: Any) -> Iterator[dict[str, Any]]:
    """A value's mappings, however deep."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from inside(one)


def unit(file: Path) -> dict[str, list[str]]:
    """The values of each key of a unit."""
    found: dict[str, list[str]] = {}
    for line in file.read_text("utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command line of newswire in deploy/, without its first word, and where it stands."""
    for name, service in SERVICES.items():
        command = [word.replace("$$", "$") for word in service.get("command", [])]
        match [*service.get("entrypoint", []), *command]:
            case ["newswire", *words] | ["newswire-submit", _, *words]:
                yield f"compose: {name}", words
    for one in inside(list(manifests())):
        match one.get("command"):
            case ["newswire", *words] | ["newswire-submit", _, *words]:
                yield f"kubernetes: {' '.join(words)}", words
    for file in UNITS:
        [command_line] = unit(file)["ExecStart"]
        yield f"systemd: {file.stem}", shlex.split(command_line)[1:]
    dag = (DEPLOY / "airflow" / "newswire_dag.py").read_text("utf-8")
    [command_line] = re.findall(r'bash_command=f"newswire (.+?)"', dag)
    yield "airflow", shlex.split(command_line.replace("{SETTINGS}", "/etc/newswire/newswire.toml"))
    yield "schedule.sh", ["run", "--json", "/etc/newswire/newswire.toml"]
    for n, line in enumerate((DEPLOY / "README.md").read_text("utf-8").splitlines(), 1):
        if line.startswith("    ") and (
            found := re.search(r"(?:exec newswire newswire|bin/newswire|run --rm store) (.+)", line)
        ):
            yield f"README.md: {n}", shlex.split(found[1])
