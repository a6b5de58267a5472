"""The graph without an end on a Flink cluster of two TaskManagers: nothing is lost and nothing is there twice, whatever
is killed, and a savepoint is where the next job goes on.

The store is the Elasticsearch that NEWSWIRE_TEST_ELASTICSEARCH names, or else the embedded one: the machines are one.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from tests.cluster.flink import Flink, found
from tests.cluster.wire import Wire, log_of, streaming
from tests.servers.__main__ import VARIABLES

pytestmark = [pytest.mark.flink, pytest.mark.timeout(1200)]

TASK_MANAGERS = 2
STREAMED_S = 60.0
#: Between what is killed and what is killed next: some checkpoints.
APART_S = 30.0
#: Longer than a lease: what a killed worker had in hand is polled again only then, and must still be shown.
SHOWN_S = 60.0
#: What `newswire stream` says by its exit code when its job has ended without it.
ENDED_BY_ITSELF = 1


@pytest.fixture(scope="module")
def cluster() -> Flink:
    """The cluster that was started for us. Skips where there is none."""
    cluster = found()
    if cluster is None:
        pytest.skip("NEWSWIRE_TEST_FLINK is not set; `make test-flink` starts a cluster and runs this")
    return cluster


def test_two_task_managers_at_work_and_then_killed(cluster: Flink, tmp_path: Path) -> None:
    profile = f'profile = "flink"\nparallelism = {TASK_MANAGERS}\njob_endpoint = "{cluster.job_endpoint}"'
    server = os.environ.get(VARIABLES["elasticsearch"], "")
    after: dict[str, float] = {}
    with Wire(tmp_path, outlets=6, every_s=2.0, shown_s=SHOWN_S, server=server) as wire:
        wire.configure(runner=f'{profile}\nenvironment = "{cluster.environment}"')
        with streaming(wire, "--", "--checkpointing_interval=5000") as process:
            job = cluster.running_job()
            wire.publish()
            time.sleep(STREAMED_S)
            assert process.poll() is None, log_of(wire)
            assert len(cluster.workers) == TASK_MANAGERS
            quiet = len(wire.stored())
            assert quiet > len(wire.published()) / 2, log_of(wire)
            assert cluster.restored(job) == 0

            cluster.wait_for_checkpoint(job)
            began = time.monotonic()
            cluster.kill_worker()
            cluster.wait_for_restart(job, 0)
            after["a worker"] = time.monotonic() - began
            time.sleep(APART_S)

            cluster.wait_for_checkpoint(job)
            before, began = cluster.restored(job), time.monotonic()
            cluster.kill_task_manager()
            cluster.start_task_manager()
            cluster.wait_for_restart(job, before)
            after["a TaskManager"] = time.monotonic() - began
            time.sleep(APART_S)
            assert process.poll() is None, log_of(wire)

            began = time.monotonic()
            savepoint = cluster.stop_with_savepoint(job)
            assert process.wait(60) == ENDED_BY_ITSELF, log_of(wire)
        with streaming(wire, "--", f"--savepoint_path={savepoint}") as process:
            resumed = cluster.running_job()
            assert resumed != job
            after["a stop with a savepoint"] = time.monotonic() - began
            assert cluster.restored(resumed) == 1
            time.sleep(APART_S)
            wire.hush()
            counted = wire.check()
            assert process.poll() is None, log_of(wire)
            cluster.cancel(resumed)
    seconds = {name: round(value, 1) for name, value in after.items()}
    said = {"store": server or "embedded", "stored undisturbed": quiet, "seconds until it ran again, after": seconds}
    print(json.dumps(counted | said))
