"""Processes of a cluster: each has a log and a group of its own, and ends at the latest with the cluster's owner."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

#: A JVM that checkpoints takes its time to end; then it is killed.
STOP_TIMEOUT_S = 10
#: Ends group $1 when process $0 is gone, however it may have ended; goes when there is nothing to end.
_WATCH = 'while kill -0 "-$1" 2>/dev/null; do kill -0 "$0" 2>/dev/null || kill -9 "-$1"; sleep 0.5; done'


def spawn(command: Sequence[str], *, owner: int, log: Path, folder: Path, environment: Mapping[str, str]) -> int:
    """Start a process that lives no longer than `owner`; its id, which is its group's as well."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True,  # Ctrl-C is for the tests, which then stop it
        )  # fmt: skip
    nothing = subprocess.DEVNULL
    subprocess.Popen(
        ["sh", "-c", _WATCH, str(owner), str(process.pid)],
        stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True,
    )  # fmt: skip
    return process.pid


def alive(pid: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(pids: Sequence[int]) -> None:
    """Ask processes to end, and kill them and their groups where they do not."""
    for pid in filter(alive, pids):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    _wait(pids)
    for pid in pids:
        kill(pid)


def kill(pid: int) -> None:
    """End a process and its group as a power cut would, and wait until they are gone."""
    group = [pid, *_group(pid)]
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    _wait(group)


def _group(pid: int) -> list[int]:
    found = []
    for other in psutil.pids():
        with suppress(ProcessLookupError):  # gone meanwhile
            if os.getpgid(other) == pid:
                found.append(other)
    return found


def _wait(pids: Sequence[int]) -> None:
    # Not psutil's: whose child is another's stays a zombie until that one looks.
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
