"""The units, as systemd reads them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.common import DEPLOY, UNITS, unit

pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")
TIMER = DEPLOY / "systemd" / "newswire.timer"
each_unit = pytest.mark.parametrize("file", UNITS, ids=lambda file: file.stem)


def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    """With a newswire that is there, and a user that is."""
    for file in [*UNITS, TIMER]:
        text = file.read_text("utf-8").replace(
            "/opt/newswire/bin/newswire", str(Path(sys.executable).with_name("newswire"))
        )
        (tmp_path / file.name).write_text(text, "utf-8")
    files = sorted(tmp_path.iterdir())
    said = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    assert (said.returncode, [line for line in said.stderr.splitlines() if "newswire" in line]) == (0, [])


def test_systemd_would_find_something_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.service"
    wrong.write_text(
        (DEPLOY / "systemd" / "newswire.service").read_text("utf-8").replace("ProtectHome=", "ProtectHouse=")
    )
    said = subprocess.run(["systemd-analyze", "verify", wrong], capture_output=True, text=True, check=False)
    assert "ProtectHouse" in said.stderr


@each_unit
def test_a_unit_is_exposed_to_little(file: Path) -> None:
    """Of 10, by systemd's own measure; a service without any of it has 9.6."""
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--json=short", "--threshold=20", file],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, [one for one in json.loads(said.stdout) if not one["set"]]


@each_unit
def test_units_share_user_state_and_secrets(file: Path) -> None:
    keys = unit(file)
    assert (keys["User"], keys["StateDirectory"]) == (["newswire"], ["newswire"])
    assert keys["EnvironmentFile"] == ["-/etc/newswire/secrets.env"]
    assert keys["ExecStart"][0].endswith(" /etc/newswire/newswire.toml")
    # Workers that read pages set their own limits of memory.
    assert "@resources" not in " ".join(keys["SystemCallFilter"])


def test_the_timer_comes_every_five_minutes() -> None:
    [when] = unit(TIMER)["OnCalendar"]
    said = subprocess.run(
        ["systemd-analyze", "calendar", "--iterations=3", "--base-time=2026-11-23 12:01:00 UTC", when],
        capture_output=True, text=True, check=True, env={"TZ": "UTC", "PATH": "/usr/bin:/bin"},
    ).stdout  # fmt: skip
    assert [time in said for time in ("12:05:00", "12:10:00", "12:15:00")] == [True] * 3
