"""What an operator's Prometheus and log collector see, of the installed command in processes of its own."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.opening import SqliteSpec, open_store
from connectors.ports import Search
from pipelines.demo.server import WireServer
from tests.e2e.cli import NEWSWIRE, environment, newswire, wire_settings, write_settings
from tests.e2e.test_alerts import waiting
from tests.pipelines.test_endpoint import asked
from tests.unit.test_metrics import Samples, samples, value

DELIVER = (*NEWSWIRE, "alerts", "deliver")


class Told:
    """The sample wire, run once with everything that a run can say of itself."""

    def __init__(self, folder: Path, server: WireServer) -> None:
        settings = wire_settings(folder, server)
        settings.write_text('[log]\nformat = "json"\n' + settings.read_text("utf-8"), "utf-8")
        done = newswire("run", "--json", "--metrics-file", "newswire.prom", cwd=folder)
        self.summary: dict[str, Any] = json.loads(done.stdout)
        self.lines: list[dict[str, Any]] = [json.loads(line) for line in done.stderr.splitlines()]
        self.metrics: Samples = samples((folder / "newswire.prom").read_text("utf-8"))
        with open_store(SqliteSpec(str(folder / "newswire.db"))) as store:
            self.articles = {one.id: one for one in store.articles.each(Search())}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with WireServer() as server:
        yield Told(tmp_path_factory.mktemp("told"), server)


def test_the_file_says_what_the_summary_says(told: Told) -> None:
    of = told.metrics
    assert value(of, "run_success") == 1
    assert abs(value(of, "run_end_timestamp_seconds") - datetime.now(UTC).timestamp()) < 300
    counted = {
        (dict(labels)["stage"], dict(labels)["outcome"]): n
        for (name, labels), n in of.items()
        if name == "newswire_run_records"
    }
    counts = told.summary["counts"]
    assert counted == {(stage, outcome): n for stage, outcomes in counts.items() for outcome, n in outcomes.items()}
    assert counted["store", "new"] == value(of, "articles") == len(told.articles) > 50
    assert value(of, "store_up") == 1
    assert sum(n for (name, _), n in of.items() if name == "newswire_feeds") == counted["poll", "ok"]


def test_labels_are_few_and_our_own(told: Told) -> None:
    """Nothing that an outlet sends becomes a label."""
    for name, labels in told.metrics:
        for label, said in labels:
            assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,40}", said), (name, label, said)
    assert len(told.metrics) < 200


def test_each_story_has_a_line_in_the_log(told: Told) -> None:
    stories = [line for line in told.lines if line["event"] in ("stored", "revised")]
    assert {line["doc_id"] for line in stories} == set(told.articles)
    for line in stories:
        assert line["level"] == "info"
        assert line["run_id"] == told.summary["run_id"]
        assert line["topics"] == [tag.id for tag in told.articles[line["doc_id"]].topics] or line["revision"] > 1
    assert len(stories) == value(told.metrics, "run_records", stage="store", outcome="new") + value(
        told.metrics, "run_records", stage="store", outcome="revised"
    )
    rejected = [line["error"] for line in told.lines if line["event"] == "rejected"]
    assert len(rejected) == sum(n for classes in told.summary["errors"].values() for n in classes.values())


@pytest.mark.slow
def test_a_run_in_text_is_as_quiet_as_ever(tmp_path: Path) -> None:
    with WireServer() as server:
        wire_settings(tmp_path, server)
        said = newswire("run", cwd=tmp_path).stderr
    assert "event=" not in said
    assert "level=" not in said


def test_a_run_that_fails_says_so_in_the_file(tmp_path: Path) -> None:
    write_settings(tmp_path, [])
    (tmp_path / "newswire.db").write_text("no database" * 100)
    newswire("run", "--metrics-file", "newswire.prom", cwd=tmp_path, exit_code=2)
    of = samples((tmp_path / "newswire.prom").read_text("utf-8"))
    assert value(of, "run_success") == value(of, "store_up") == 0
    assert value(of, "run_end_timestamp_seconds") > 0
    assert not (tmp_path / "newswire.prom").stat().st_mode & 0o111


def test_a_folder_that_is_not_there_is_said_before_the_run(tmp_path: Path) -> None:
    write_settings(tmp_path, [])
    said = newswire("run", "--metrics-file", "nowhere/newswire.prom", cwd=tmp_path, exit_code=2).stderr
    assert said == "newswire: --metrics-file nowhere/newswire.prom: there is no such folder\n"
    assert not (tmp_path / "newswire.db").exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def delivering(folder: Path, port: int, *, program: Sequence[str] = DELIVER) -> Iterator[subprocess.Popen[str]]:
    """`newswire alerts deliver`, once it answers."""
    more = f'[alerts]\nallow_private_hosts = true\n[metrics]\nlisten = "127.0.0.1:{port}"\n[log]\nformat = "json"\n'
    write_settings(folder, [], more=more)
    process = subprocess.Popen(
        program,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        until = time.monotonic() + 30
        while True:
            try:
                asked(port, "/livez")
                break
            except OSError:
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < until
                time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.mark.slow
def test_a_deliverer_is_watched(tmp_path: Path) -> None:
    port = free_port()
    newswire("alerts", "add", "all", "wire", "--to", "log:", cwd=tmp_path)
    with delivering(tmp_path, port) as process:
        waiting(tmp_path, "all", 3)
        until = time.monotonic() + 20
        while value(samples(asked(port, "/metrics")[1]), "deliveries_total", outcome="delivered") < 3:
            assert time.monotonic() < until
            time.sleep(0.1)
        while value(of := samples(asked(port, "/metrics")[1]), "outbox_deliveries", state="delivered") < 3:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert value(of, "healthy") == value(of, "store_up") == 1
        assert asked(port, "/healthz") == asked(port, "/livez") == (200, {"healthy": True, "reasons": []})
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    first, *alerts = [json.loads(line) for line in said.splitlines()]
    assert first["event"] == f"/metrics and /healthz on 127.0.0.1:{port}"
    assert len(alerts) == 3


def test_a_deliverer_that_hangs_is_not_well(tmp_path: Path) -> None:
    """As if a bug had it wait for ever: the process is there, and does nothing."""
    port = free_port()
    hanging = (
        "import sys, time, pipelines.endpoint as endpoint, pipelines.deliver as deliver\n"
        "from datetime import timedelta\n"
        "from pipelines.cli import main\n"
        "endpoint.STUCK = timedelta(seconds=0.5)\n"
        "deliver._Worker._claim = lambda self: time.sleep(60)\n"
        "sys.exit(main(['alerts', 'deliver']))\n"
    )
    with delivering(tmp_path, port, program=[sys.executable, "-c", hanging]):
        until = time.monotonic() + 20
        while (answer := asked(port, "/livez"))[0] != 503:
            assert time.monotonic() < until
            time.sleep(0.1)
    said = answer[1]
    assert said["reasons"][0].startswith("the loop 'deliver' has not gone round for ")


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        write_settings(tmp_path, [], more=f'[metrics]\nlisten = "{listen}"\n')
        said = newswire("alerts", "deliver", cwd=tmp_path, exit_code=2).stderr
    assert said == f"newswire: [metrics] listen = '{listen}': Address already in use\n"
