"""Every command and every settings file in deploy/ is newswire's, and does what it is there for."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer.main

from pipelines.cli import app
from pipelines.settings import load
from pipelines.stream import DRAIN
from tests.deploy.common import DEPLOY, ROOT, SERVICES, SETTINGS, TOOLS, UNITS, commands, inside, manifests, tool, unit

NEWSWIRE = Path(sys.executable).with_name("newswire")
SCRIPTS = [*sorted(DEPLOY.rglob("*.sh")), *sorted((ROOT / "tests" / "deploy").glob("*.sh"))]
each_command = pytest.mark.parametrize("words", [pytest.param(words, id=where) for where, words in commands()])
each_settings = pytest.mark.parametrize("file", SETTINGS, ids=lambda file: str(file.relative_to(DEPLOY)))


def test_there_are_commands_of_every_kind() -> None:
    kinds = {where.split(":")[0] for where, _ in commands()}
    assert kinds == {"compose", "kubernetes", "systemd", "airflow", "schedule.sh", "README.md"}


@each_command
def test_a_command_is_newswires(words: list[str]) -> None:
    """Each word is taken by the command it is given to; what follows `--` is Beam's, whose flags take no value."""
    cut = words.index("--") if "--" in words else len(words)
    ours, beams = words[:cut], words[cut + 1 :]
    command, context = typer.main.get_command(app), None
    while hasattr(command, "commands"):
        name = ours.pop(0)
        assert name in command.commands
        context = typer.Context(command, parent=context, info_name=name)
        command = command.commands[name]
    command.make_context(command.name, list(ours), parent=context)
    assert not [word for word in beams if not re.fullmatch(r"--[a-z_]+(=(?!true$|false$).+)?", word)]


def settings_here(file: Path, folder: Path) -> Path:
    """A copy of a settings file that lives in a folder in place of the machine, with secrets nobody knows."""
    text = file.read_text("utf-8")
    for path in re.findall(r"/(?:run/secrets|etc/newswire)/[\w./]+", text):
        here = folder / path.lstrip("/")
        here.parent.mkdir(parents=True, exist_ok=True)
        here.write_text("secret\n")
    for outer in ("/run/secrets", "/etc/newswire", "/var/lib/newswire", "/tmp/newswire.db"):
        text = text.replace(outer, str(folder) + outer)
    for inner in ("tmp", "var/lib/newswire"):
        (folder / inner).mkdir(parents=True, exist_ok=True)
    copy = folder / "newswire.toml"
    copy.write_text(text, "utf-8")
    return copy


@each_settings
def test_settings_are_what_newswire_checks_and_finds_good(file: Path, tmp_path: Path) -> None:
    checked = subprocess.run(
        [NEWSWIRE, "check", settings_here(file, tmp_path)],
        env=os.environ | {"NEWSWIRE_STORE_USER": "newswire-writer"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr


@each_settings
def test_what_is_written_is_written_where_there_is_room(file: Path) -> None:
    """Settings are mounted read-only, and paths in them are relative to their folder."""
    if file.name == "newswire.example.toml":
        pytest.skip("it is for a folder of one's own")
    settings = load(str(file))
    assert Path(settings.store.path).parent in (Path("/var/lib/newswire"), Path("/tmp"))
    if "dataflow" not in file.parts:  # which delivers nothing: `newswire alerts deliver` does, elsewhere
        assert settings.alerts.atom_folder == "/var/lib/newswire/alerts"


@pytest.mark.slow
@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.stem)
def test_a_unit_runs_and_ends_when_it_is_told_to(file: Path, tmp_path: Path) -> None:
    """For real, with its settings: a run over no feeds ends by itself, what stays ends at SIGTERM."""
    keys = unit(file)
    settings = settings_here(DEPLOY / "systemd" / "newswire.toml", tmp_path)
    settings.write_text(settings.read_text("utf-8") + '\n[metrics]\nlisten = "127.0.0.1:0"\n', "utf-8")
    _, *words = keys["ExecStart"][0].replace("/etc/newswire/newswire.toml", str(settings)).split()
    if "serve" in words:  # its port may be somebody's here
        words += ["--listen", "127.0.0.1:0"]
    process = subprocess.Popen([NEWSWIRE, *words], stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    try:
        if keys["Type"] == ["exec"]:
            time.sleep(15)
            assert process.poll() is None, process.communicate()[1]
            process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    good = {0, *(int(word) for word in " ".join(keys["SuccessExitStatus"]).split())} - {3}
    assert process.returncode in good, said


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_is_sound(script: Path) -> None:
    shell = script.read_text("utf-8").splitlines()[0].removeprefix("#!").split()[-1].rpartition("/")[2]
    subprocess.run([shell, "-n", script], check=True)
    assert os.access(script, os.X_OK)
    tool("lint/ready")
    found = subprocess.run([TOOLS / "lint/bin/shellcheck", script], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def test_no_file_names_a_registry() -> None:
    """Images are named without one, and packages come from wherever the client is told to look."""
    hosts = re.compile(
        r"\b(?:docker\.io|ghcr\.io|quay\.io|gcr\.io|pkg\.dev|pypi\.org|maven\.org|npmjs\.\w+|golang\.org)\b"
    )
    files = [file for folder in (DEPLOY, ROOT / "tests" / "deploy") for file in folder.rglob("*") if file.is_file()]
    texts = {file: file.read_text("utf-8") for file in files if file.suffix not in (".pyc",) and file != Path(__file__)}
    assert not [str(file) for file, text in texts.items() if hosts.search(text)]


def seconds(length: str) -> int:
    """Of `120`, `2m` and `2min`."""
    number, of = re.fullmatch(r"(\d+)(s|m|min)?", length).groups()  # type: ignore[union-attr]
    return int(number) * (60 if of in ("m", "min") else 1)


def test_what_stays_has_time_to_end_what_it_has_in_hand() -> None:
    given = {
        "compose": SERVICES["stream"]["stop_grace_period"],
        "systemd": unit(DEPLOY / "systemd" / "newswire-stream.service")["TimeoutStopSec"][0],
        "kubernetes": next(
            str(of["terminationGracePeriodSeconds"]) for of in inside(list(manifests("stream"))) if "containers" in of
        ),
    }
    assert {where: seconds(length) >= DRAIN.total_seconds() + 30 for where, length in given.items()} == dict.fromkeys(
        given, True
    )
