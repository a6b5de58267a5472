"""python -m tests.cluster prism | flink start [--minutes N] [--task-managers N] | stop | status | run -- COMMAND

`prism` prints the path of Prism's program. `flink start` keeps a cluster running until `stop`, or for four hours, and
says how to submit to it. `flink run` starts one, runs a command that finds it in its environment, and ends it with it.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.cluster import builds
from tests.cluster.flink import Flink, running
from tests.held import MINUTES, Held, ends_politely
from tests.servers.builds import Unavailable

_HELD = Held("tests.cluster", "flink-held", "cluster is")


def main(argv: Sequence[str]) -> int:
    """0; 1 when what is asked for cannot be had; of `run` its command's own."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description=__doc__)
    parser.add_argument("which", choices=["prism", "flink"])
    parser.add_argument("what", nargs="?", default="status", choices=["start", "stop", "status", "run", "hold"])
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--task-managers", type=int, default=2)
    at = argv.index("--") if "--" in argv else len(argv)
    asked, command = parser.parse_args(argv[:at]), argv[at + 1 :]
    try:
        if asked.which == "prism":
            print(builds.prism())
            return 0
        match asked.what:
            case "start":
                more = ["--minutes", str(asked.minutes), "--task-managers", str(asked.task_managers)]
                _HELD.start(["flink", "hold", *more])
                return status()
            case "stop":
                _HELD.stop()
                return 0
            case "status":
                return status()
            case "run":
                with running(task_managers=asked.task_managers) as cluster:
                    found = {"NEWSWIRE_TEST_FLINK": str(cluster.folder)}
                    return subprocess.run(command, env=os.environ | found).returncode
            case _:
                ends_politely()
                with running(task_managers=asked.task_managers) as cluster:
                    _HELD.hold({"folder": str(cluster.folder)}, asked.minutes)
                return 0
    except Unavailable as e:
        print(f"test cluster: {e}", file=sys.stderr)
        return 1


def status() -> int:
    """Print where the cluster is, and the options of a job for it."""
    found = _HELD.found()
    if found is None:
        return 1
    cluster = Flink(Path(found["folder"]))
    print(f"export NEWSWIRE_TEST_FLINK={cluster.folder}")
    print(f"# {cluster.rest}  logs: {cluster.logs}\n# {' '.join(cluster.options(parallelism=2))}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
