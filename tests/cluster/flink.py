"""A Flink cluster as it is deployed, on one machine: a JobManager, TaskManagers, Beam's job server, and the pool that
starts Beam's Python workers.

    with running(task_managers=2) as cluster:
        run([..., *cluster.options(parallelism=2)])     # a pipeline that submits itself with these options
        cluster.wait_for_checkpoint(job)
        cluster.kill_task_manager()
        cluster.start_task_manager()
        savepoint = cluster.stop_with_savepoint(job)

What it consists of stands in a file, so that a test may use the cluster that somebody else has started.
"""

import json
import os
import shutil
import socket
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import psutil

from tests.cluster import builds
from tests.cluster.processes import alive, end, kill, spawn
from tests.servers.builds import Unavailable, cache
from tests.servers.server import _sweep

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
#: Some 15 s on an idle machine, here for the busiest.
START_TIMEOUT_S = 180
#: How many clusters' logs are kept.
LOGS = 5
#: One, so that every worker has a machine of its own, and a machine that is lost is missed.
SLOTS = 1
#: What Flink reflects on in Java 17 (its own bin/config.sh has the list).
_OPENS = (
    *("sun.net.util", "sun.nio.ch", "java.lang", "java.lang.reflect", "java.net", "java.io", "java.nio", "java.text"),
    *("java.time", "java.util", "java.util.concurrent", "java.util.concurrent.atomic", "java.util.concurrent.locks"),
)
_SETTINGS: dict[str, object] = {
    "jobmanager.rpc.address": "127.0.0.1",
    "jobmanager.bind-host": "127.0.0.1",
    "jobmanager.memory.process.size": "1200m",
    "rest.address": "127.0.0.1",
    "rest.bind-address": "127.0.0.1",
    "taskmanager.host": "127.0.0.1",
    "taskmanager.bind-host": "127.0.0.1",
    "taskmanager.numberOfTaskSlots": SLOTS,
    "taskmanager.cpu.cores": float(SLOTS),
    "taskmanager.memory.framework.heap.size": "128m",
    "taskmanager.memory.framework.off-heap.size": "128m",
    "taskmanager.memory.task.heap.size": "384m",
    "taskmanager.memory.task.off-heap.size": "64m",
    "taskmanager.memory.managed.size": "256m",
    "taskmanager.memory.network.min": "64m",
    "taskmanager.memory.network.max": "64m",
    "taskmanager.memory.jvm-metaspace.size": "256m",
    "taskmanager.memory.jvm-overhead.min": "192m",
    "taskmanager.memory.jvm-overhead.max": "192m",
    # A dead machine is noticed within seconds, not within Flink's 50.
    "heartbeat.interval": 2_000,
    "heartbeat.timeout": 10_000,
    "state.backend.type": "rocksdb",
    "state.backend.incremental": True,
    "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": 100,
    "restart-strategy.fixed-delay.delay": "2 s",
    "cluster.evenly-spread-out-slots": True,
}


class Flink:
    """A cluster that runs; its processes are those of `cluster.json` in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "cluster.json"
        self._kept: dict[str, Any] = json.loads(self._file.read_text("utf-8"))

    @property
    def rest(self) -> str:
        """The address of the JobManager's REST service, which has a web page, too."""
        return f"http://127.0.0.1:{self._kept['rest']}"

    @property
    def job_endpoint(self) -> str:
        """Where jobs are submitted to: Beam's job server."""
        return f"localhost:{self._kept['jobs']}"

    @property
    def environment(self) -> str:
        """Where TaskManagers ask for Python workers: the worker pool."""
        return f"localhost:{self._kept['pool']}"

    @property
    def logs(self) -> Path:
        """The folder of all logs; what a DoFn says on standard error is in that of the pool."""
        return Path(self._kept["logs"])

    def options(self, *, parallelism: int = 1, checkpoint_s: float = 5, savepoint: str = "") -> list[str]:
        """Beam's options for a streaming job here; with `savepoint` it goes on from there (shared BEAM.md, 3c)."""
        return [
            "--runner=PortableRunner", f"--job_endpoint={self.job_endpoint}", "--environment_type=EXTERNAL",
            f"--environment_config={self.environment}", "--streaming", f"--parallelism={parallelism}",
            "--job_server_timeout=31536000", f"--checkpointing_interval={1000 * checkpoint_s:.0f}",
            "--finish_bundle_before_checkpointing", *([f"--savepoint_path={savepoint}"] if savepoint else []),
        ]  # fmt: skip

    def ask(self, path: str, body: object = None) -> Any:
        """One request to Flink's REST service, a POST with a body; the JSON of the answer. Raises: OSError."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.rest + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def jobs(self, *states: str) -> list[str]:
        """The ids of the jobs in these states (RUNNING, RESTARTING, FINISHED …), or of all; the newest first."""
        listed = sorted(self.ask("/jobs/overview")["jobs"], key=lambda job: -job["start-time"])
        return [job["jid"] for job in listed if not states or job["state"] in states]

    def running_job(self, *, within_s: float = START_TIMEOUT_S) -> str:
        """The newest job as soon as every task of it runs, in its worker. Raises: Unavailable."""

        def found() -> str | None:
            for job in self.jobs("RUNNING")[:1]:
                tasks = self.ask(f"/jobs/{job}")["vertices"]
                if all(task["status"] == "RUNNING" for task in tasks):
                    return job
            return None

        return _until(found, "a job whose tasks all run", within_s)

    def checkpoints(self, job: str) -> int:
        """How many checkpoints it has completed since it was submitted."""
        return int(self.ask(f"/jobs/{job}/checkpoints")["counts"]["completed"])

    def wait_for_checkpoint(self, job: str, *, within_s: float = 60) -> None:
        """Return after the next one completed. Raises: Unavailable."""
        before = self.checkpoints(job)
        _until(lambda: self.checkpoints(job) > before or None, "another checkpoint", within_s)

    def restored(self, job: str) -> int:
        """How often it has gone on from a checkpoint or a savepoint."""
        return int(self.ask(f"/jobs/{job}/checkpoints")["counts"]["restored"])

    def wait_for_restart(self, job: str, after: int, *, within_s: float = START_TIMEOUT_S) -> None:
        """Return when it has been restored more than `after` times, and runs. Raises: Unavailable."""
        # Not numRestarts: that metric did not move any more after a TaskManager was lost.
        _until(lambda: self.restored(job) > after or None, "a restart", within_s)
        self.running_job(within_s=within_s)

    def stop_with_savepoint(self, job: str, *, within_s: float = 90) -> str:
        """Stop a job without draining it; where it has left its state. Raises: Unavailable."""
        asked = {"drain": False, "targetDirectory": (self.folder / "savepoints").as_uri()}
        trigger = self.ask(f"/jobs/{job}/stop", asked)["request-id"]

        def done() -> str | None:
            answer = self.ask(f"/jobs/{job}/savepoints/{trigger}")
            if answer["status"]["id"] != "COMPLETED":
                return None
            if "location" not in answer["operation"]:
                raise Unavailable(f"no savepoint: {str(answer['operation'])[:800]}")
            return str(answer["operation"]["location"])

        return _until(done, "a savepoint", within_s)

    def cancel(self, job: str) -> None:
        """End a job and its state."""
        request = urllib.request.Request(f"{self.rest}/jobs/{job}?mode=cancel", b"", method="PATCH")
        with urllib.request.urlopen(request, timeout=30):
            pass
        _until(lambda: job in self.jobs("CANCELED", "FAILED", "FINISHED") or None, "the end of a job", 60)

    @property
    def task_managers(self) -> list[int]:
        """The process ids of those that run."""
        return [pid for name, pid in self._processes() if name.startswith("taskmanager") and alive(pid)]

    @property
    def workers(self) -> list[int]:
        """The process ids of the Python workers: the pool's children, one for each TaskManager that has work."""
        (pool,) = (pid for name, pid in self._processes() if name == "pool")
        # It never waits for those that have ended; what they started is not its child.
        return [child.pid for child in psutil.Process(pool).children() if alive(child.pid)]

    def kill_worker(self) -> int:
        """kill -9 of a Python worker, and nothing else: its children must notice by themselves. Its process id."""
        victim = self.workers[0]
        psutil.Process(victim).kill()
        return victim

    def kill_task_manager(self) -> int:
        """kill -9 of a TaskManager; its process id."""
        victim = self.task_managers[0]
        kill(victim)
        return victim

    def start_task_manager(self) -> int:
        """Start another TaskManager; its process id."""
        main = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
        heap = ["-Xmx512m", "-Xms256m", "-XX:MaxDirectMemorySize=320m", "-XX:MaxMetaspaceSize=256m"]
        number = len([name for name, _ in self._processes() if name.startswith("taskmanager")]) + 1
        return self._spawn(f"taskmanager-{number}", self._java(main, heap))

    def wait(self, *, task_managers: int) -> None:
        """Return when so many TaskManagers are at its service, and jobs and workers can be asked for.

        Raises: Unavailable, with the end of the log of what ended by itself.
        """

        def ready() -> bool | None:
            for name, pid in self._processes():
                if not alive(pid) and not name.startswith("taskmanager"):
                    raise Unavailable(f"{name} ended by itself:\n{self._tail(name)}")
            try:
                there = self.ask("/overview")["taskmanagers"]
            except OSError:
                return None
            return (there == task_managers and all(map(_listens, (self._kept["jobs"], self._kept["pool"])))) or None

        _until(ready, f"a cluster of {task_managers} TaskManagers", START_TIMEOUT_S)

    def launch(self) -> None:
        """Start all but the TaskManagers."""
        main = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
        self._spawn("jobmanager", [*self._java(main, ["-Xmx768m"]), "--executionMode", "cluster"])
        jars = ":".join(map(str, sorted(builds.job_server().glob("*.jar"))))
        self._spawn("jobserver", [
            str(builds.java()), "-Xmx512m", "-cp", jars, "org.apache.beam.runners.flink.FlinkJobServerDriver",
            f"--flink-master=127.0.0.1:{self._kept['rest']}", f"--job-port={self._kept['jobs']}",
            "--artifact-port=0", "--expansion-port=-1", f"--artifacts-dir={self.folder / 'artifacts'}",
        ])  # fmt: skip
        pool = "apache_beam.runners.worker.worker_pool_main"
        self._spawn("pool", [sys.executable, "-m", pool, f"--service_port={self._kept['pool']}"])

    def close(self) -> None:
        """End all its processes, and remove what it kept; its logs stay."""
        named = self._processes()
        for name, pid in named:
            if name == "pool":  # it would leave its workers behind
                kill(pid)
        end([pid for _, pid in named])
        shutil.rmtree(self.folder, ignore_errors=True)

    def _processes(self) -> list[tuple[str, int]]:
        return [tuple(pair) for pair in json.loads(self._file.read_text("utf-8"))["processes"]]

    def _spawn(self, name: str, command: list[str]) -> int:
        # The pool starts its workers as `python`, wherever that is, and they import us.
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
            "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}",
            "FLINK_CONF_DIR": str(self.folder / "conf"),
            "FLINK_LIB_DIR": str(builds.flink() / "lib"),
            "FLINK_PLUGINS_DIR": str(builds.flink() / "plugins"),
        }
        log = self.logs / f"{name}.log"
        pid = spawn(command, owner=self._kept["owner"], log=log, folder=self.folder, environment=environment)
        self._kept["processes"] = [*self._processes(), (name, pid)]
        _write(self._file, self._kept)
        return pid

    def _java(self, main: str, memory: list[str]) -> list[str]:
        jars = ":".join(map(str, sorted((builds.flink() / "lib").glob("*.jar"))))
        opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENS]
        log = f"-Dlog4j.configurationFile={self.folder / 'conf' / 'log4j.properties'}"
        return [str(builds.java()), *opened, *memory, log, "-cp", jars, main, "--configDir", str(self.folder / "conf")]

    def _tail(self, name: str) -> str:
        return "\n".join((self.logs / f"{name}.log").read_text("utf-8", errors="replace").splitlines()[-15:])


def found() -> Flink | None:
    """The cluster that NEWSWIRE_TEST_FLINK names by its folder, if it names one."""
    folder = os.environ.get("NEWSWIRE_TEST_FLINK", "")
    return Flink(Path(folder)) if folder else None


@contextmanager
def running(*, task_managers: int = 2) -> Iterator[Flink]:
    """A cluster of this process's own, which ends with it. Raises: Unavailable."""
    cluster = Flink(_founded())
    try:
        cluster.launch()
        for _ in range(task_managers):
            cluster.start_task_manager()
        cluster.wait(task_managers=task_managers)
        yield cluster
    finally:
        cluster.close()


def _founded() -> Path:
    """The folder of a new cluster, with its configuration. Raises: Unavailable."""
    builds.flink(), builds.job_server(), builds.java()
    logs = cache() / "flink-logs"
    logs.mkdir(exist_ok=True)
    for old in sorted(logs.iterdir())[: 1 - LOGS]:
        shutil.rmtree(old, ignore_errors=True)
    kept = logs / f"{datetime.now():%Y%m%dT%H%M%S}-{os.getpid()}"
    kept.mkdir()
    there = cache() / "running"
    there.mkdir(exist_ok=True)
    _sweep(there)
    folder = Path(tempfile.mkdtemp(dir=there, prefix=f"flink-{os.getpid()}-"))
    rest, rpc, blob, jobs, pool = _free_ports(5)
    settings = _SETTINGS | {
        "rest.port": rest, "jobmanager.rpc.port": rpc, "blob.server.port": blob,
        "state.checkpoints.dir": (folder / "checkpoints").as_uri(), "io.tmp.dirs": str(folder / "tmp"),
    }  # fmt: skip
    (folder / "conf").mkdir()
    (folder / "tmp").mkdir()
    (folder / "conf" / "config.yaml").write_text(
        "".join(f"{k}: {json.dumps(v)}\n" for k, v in settings.items()), "utf-8"
    )
    (folder / "conf" / "log4j.properties").write_text(_LOG4J, "utf-8")
    what = {"owner": os.getpid(), "rest": rest, "jobs": jobs, "pool": pool, "logs": str(kept), "processes": []}
    _write(folder / "cluster.json", what)
    return folder


_LOG4J = """
rootLogger.level = INFO
rootLogger.appenderRef.console.ref = console
appender.console.name = console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %-5p %c{1} %m%n
"""


def _write(file: Path, what: object) -> None:
    file.with_suffix(".new").write_text(json.dumps(what), "utf-8")
    file.with_suffix(".new").rename(file)


def _until(look: Callable[[], T | None], what: str, within_s: float) -> T:
    """What `look` finds, as soon as it is not None. Raises: Unavailable."""
    deadline = time.monotonic() + within_s
    while (seen := look()) is None:
        if time.monotonic() > deadline:
            raise Unavailable(f"there was no {what.removeprefix('a ')} within {within_s:g} s")
        time.sleep(0.2)
    return seen


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()
