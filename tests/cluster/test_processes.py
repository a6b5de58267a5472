"""What a cluster consists of must never outlive whoever started it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from tests.cluster.processes import alive, end, kill, spawn

ROOT = Path(__file__).resolve().parents[2]
#: Starts a process, says which, and waits to be killed.
OWNER = """
import os, sys, time
from pathlib import Path
from tests.cluster.processes import spawn
folder = Path(sys.argv[1])
print(spawn(["sleep", "600"], owner=os.getpid(), log=folder / "log", folder=folder, environment=os.environ), flush=True)
time.sleep(600)
"""
#: Heeds no SIGTERM, and neither does its child, which it names.
STUBBORN = "trap '' TERM; sleep 600 & echo $!; wait"


def test_it_ends_with_an_owner_that_was_killed(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        assert alive(pid)
    finally:
        owner.kill()
        owner.communicate()
    deadline = time.monotonic() + 20
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(pid)


def test_what_was_ended_is_gone_with_all_that_it_started(tmp_path: Path) -> None:
    log = tmp_path / "log"
    start = partial(spawn, owner=os.getpid(), folder=tmp_path, environment=os.environ)
    stubborn = start(["sh", "-c", STUBBORN], log=log)
    obliging = start(["sleep", "600"], log=tmp_path / "other")
    while not log.read_text():
        time.sleep(0.01)
    child = int(log.read_text())
    assert alive(stubborn)
    assert alive(child)
    end([obliging])
    assert not alive(obliging)
    assert alive(stubborn)
    kill(stubborn)
    assert not alive(stubborn)
    assert not alive(child)
