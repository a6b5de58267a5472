"""`newswire-submit`, against a stand-in for Flink's REST API."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.deploy.common import DEPLOY


class Flink(ThreadingHTTPServer):
    """Has jobs, and ends them when it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.jobs = {"1": "RUNNING", "2": "CANCELED", "3": "RESTARTING", "4": "FINISHED", "5": "FAILED"}


class _Handler(BaseHTTPRequestHandler):
    server: Flink

    def do_GET(self) -> None:
        assert self.path == "/jobs"
        self._answer(200, {"jobs": [{"id": job, "status": status} for job, status in self.server.jobs.items()]})

    def do_PATCH(self) -> None:
        job, _, mode = self.path.removeprefix("/jobs/").partition("?")
        assert mode == "mode=cancel"
        self.server.jobs[job] = "CANCELLING"
        self._answer(202, {})

    def _answer(self, status: int, body: object) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def flink() -> Iterator[Flink]:
    with Flink() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def submit(address: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = folder / "newswire"
    program.write_text(f'#!/bin/sh\necho "$@" > {folder}/asked\nexit 7\n')
    program.chmod(0o755)
    return subprocess.run(
        [sys.executable, DEPLOY / "submit.py", address, "stream", "/etc/newswire/newswire.toml", "--profile=flink"],
        env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_earlier_graphs_are_ended_and_the_new_one_is_handed_in(flink: Flink, tmp_path: Path) -> None:
    done = submit(f"127.0.0.1:{flink.server_port}", tmp_path)
    assert done.returncode == 7
    assert (tmp_path / "asked").read_text() == "stream /etc/newswire/newswire.toml --profile=flink\n"
    assert flink.jobs == {"1": "CANCELLING", "2": "CANCELED", "3": "CANCELLING", "4": "FINISHED", "5": "FAILED"}
    assert done.stderr.count("is told to end") == 2


def test_without_flink_nothing_is_handed_in(flink: Flink, tmp_path: Path) -> None:
    flink.server_close()
    assert submit(f"127.0.0.1:{flink.server_port}", tmp_path).returncode == 1
    assert not (tmp_path / "asked").exists()
