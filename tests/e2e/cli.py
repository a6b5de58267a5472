"""Run `newswire` as a user does: the installed command, in a process of its own."""

import json
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from pipelines.cli import main
from pipelines.demo.server import WireServer

NEWSWIRE = [sys.executable, "-m", "pipelines.cli"]


def newswire(
    *arguments: str, cwd: Path, exit_code: int | None = 0, stdin: str = "", timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """What the command printed; fails unless it ended with `exit_code`."""
    done = subprocess.run(
        [*NEWSWIRE, *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        env=environment(),
    )
    assert exit_code is None or done.returncode == exit_code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


class Shown(NamedTuple):
    """What a command printed."""

    stdout: str
    stderr: str


def typed(*arguments: str, cwd: Path, exit_code: int = 0, stdin: str = "") -> Shown:
    """As `newswire`, in this process: without the second that a process of its own takes."""
    out, err = StringIO(), StringIO()
    with (
        chdir(cwd),
        patch.dict(os.environ, environment(), clear=True),
        patch("sys.stdin", StringIO(stdin)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = main(arguments)
    shown = Shown(out.getvalue(), err.getvalue())
    assert code == exit_code, f"exit {code}\n{shown.stdout}\n{shown.stderr}"
    return shown


def newswire_json(*arguments: str, cwd: Path, exit_code: int | None = 0) -> Any:
    """What the command printed with --json."""
    return json.loads(newswire(*arguments, "--json", cwd=cwd, exit_code=exit_code).stdout)


def environment() -> dict[str, str]:
    """Ours, without what would change the command's mind."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("NEWSWIRE_", "COLUMNS", "FORCE_COLOR"))}


def write_settings(
    folder: Path, feeds: list[tuple[str, str]], *, timeout_s: float = 3, more_fetch: str = "", more: str = ""
) -> Path:
    """A settings file with these (id, url) feeds, allowed to talk to loopback."""
    listed = "".join(f'[[feeds]]\nid = "{name}"\nurl = "{url}"\n' for name, url in feeds)
    file = folder / "newswire.toml"
    file.write_text(
        f"[fetch]\nallow_private_hosts = true\ntimeout_s = {timeout_s}\n{more_fetch}\n{more}\n{listed}", "utf-8"
    )
    return file


def wire_settings(folder: Path, server: WireServer) -> Path:
    """Settings for all outlets of the sample wire."""
    return write_settings(folder, [(outlet.id, url) for outlet, url in server.feeds()], timeout_s=2)
