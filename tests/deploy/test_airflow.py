"""The DAG, as Airflow itself reads it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.deploy.common import DEPLOY, TOOLS, tool

READ = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
[dag] = bag.dags.values()
[task] = dag.tasks
print("READ " + json.dumps({
    "errors": bag.import_errors,
    "dag": [dag.dag_id, dag.catchup, dag.max_active_runs, dag.dagrun_timeout.total_seconds(), dag.schedule],
    "task": [task.task_id, task.bash_command, task.append_env, sorted(task.skip_on_exit_code), task.retries],
    "seconds": [task.retry_delay.total_seconds(), task.execution_timeout.total_seconds()],
}))
"""
RUN = """
import sys
from airflow.dag_processing.dagbag import DagBag
[dag] = DagBag(sys.argv[1]).dags.values()
[task] = dag.tasks
try:
    task.execute({"ti": None})
    print("ENDED well")
except Exception as e:
    print("ENDED", type(e).__name__)
"""


def airflow(program: str, tmp_path: Path, path: str = "") -> str:
    """What a program says that Airflow's own Python runs."""
    tool("airflow-3.3.2/ready")
    environment = {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "HOME": str(tmp_path)}
    return subprocess.run(
        [TOOLS / "airflow-3.3.2/bin/python", "-c", program, DEPLOY / "airflow"],
        env=environment | {"PATH": f"{path}:{os.environ['PATH']}"},
        capture_output=True, text=True, check=True, timeout=200,
    ).stdout  # fmt: skip


@pytest.mark.slow
def test_airflow_reads_it_and_finds_no_error(tmp_path: Path) -> None:
    [line] = [line for line in airflow(READ, tmp_path).splitlines() if line.startswith("READ ")]
    assert json.loads(line.removeprefix("READ ")) == {
        "errors": {},
        "dag": ["newswire", False, 1, 1800, "*/5 * * * *"],
        "task": ["run", "newswire run --json /etc/newswire/newswire.toml", True, [3], 1],
        "seconds": [30, 1200],
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "end"),
    [(0, "well"), (3, "AirflowSkipException"), (1, "AirflowException"), (2, "AirflowException")],
)
def test_exit_codes_become_states(tmp_path: Path, code: int, end: str) -> None:
    """3, done but mostly rejected, is neither a failure nor worth another try."""
    program = tmp_path / "newswire"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\nexit {code}\n')
    program.chmod(0o755)
    assert f"ENDED {end}" in airflow(RUN, tmp_path, str(tmp_path)).splitlines()
    assert (tmp_path / "asked").read_text() == "run --json /etc/newswire/newswire.toml\n"
