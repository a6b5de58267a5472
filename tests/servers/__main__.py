"""python -m tests.servers start [--minutes N] | stop | status | run -- COMMAND

`start` keeps an Elasticsearch and an OpenSearch running until `stop`, or for four hours, and says how tests find them.
`run` starts both, runs a command that finds them in its environment, and ends them with it. A server that the
environment names already is not started.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.servers.builds import Unavailable, cache
from tests.servers.server import START_TIMEOUT_S, Flavour, Server

#: Where tests look for each, and whether somebody else's server is to be used.
VARIABLES: dict[Flavour, str] = {
    "elasticsearch": "NEWSWIRE_TEST_ELASTICSEARCH",
    "opensearch": "NEWSWIRE_TEST_OPENSEARCH",
}
#: Nobody's servers outlive an afternoon.
MINUTES = 240
ROOT = Path(__file__).resolve().parents[2]


def main(argv: Sequence[str]) -> int:
    """0; 1 when there is no server to be had; of `run` its command's own."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    parser.add_argument("what", choices=["start", "stop", "status", "run", "hold"])
    parser.add_argument("--minutes", type=float, default=MINUTES)
    ours, command = (
        (argv[: argv.index("--")], argv[argv.index("--") + 1 :]) if "--" in argv else (list(argv), [])
    )  # fmt: skip
    asked = parser.parse_args(ours)
    try:
        match asked.what:
            case "start":
                return start(asked.minutes)
            case "stop":
                return stop()
            case "status":
                return status()
            case "run":
                with started() as found:
                    return subprocess.run(command, env=os.environ | found).returncode
            case _:
                return hold(asked.minutes)
    except Unavailable as e:
        print(f"test servers: {e}", file=sys.stderr)
        return 1


def start(minutes: float) -> int:
    """Have servers that stay, and print where they are."""
    if _holder() is None:
        file = cache() / "held.txt"
        with file.open("wb") as out:
            holder = subprocess.Popen(
                [sys.executable, "-m", "tests.servers", "hold", "--minutes", str(minutes)],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        # A cold cache is filled before: its gigabyte takes as long as it takes.
        while not (held := _held()) or held["pid"] != holder.pid:
            if holder.poll() is not None:
                raise Unavailable(file.read_text("utf-8").strip().removeprefix("test servers: "))
            time.sleep(0.2)
    return status()


def stop() -> int:
    """End the servers that `start` started."""
    holder = _holder()
    if holder is None:
        print("no servers are running")
        return 0
    holder.terminate()
    psutil.wait_procs([holder], START_TIMEOUT_S)
    print("stopped")
    return 0


def status() -> int:
    """Print where the servers are."""
    if _holder() is None:
        print("no servers are running")
        return 1
    for name, url in _held()["servers"].items():
        print(f"export {name}={url}")
    return 0


def hold(minutes: float) -> int:
    """Run servers until the end of time, or SIGTERM; what `start` leaves behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with started() as found:
        file = cache() / "held.json"
        kept = {"pid": os.getpid(), "since": psutil.Process().create_time(), "servers": found}
        file.with_suffix(".new").write_text(json.dumps(kept), "utf-8")
        file.with_suffix(".new").rename(file)
        try:
            time.sleep(60 * minutes)
        finally:
            file.unlink()
    return 0


@contextmanager
def started() -> Iterator[dict[str, str]]:
    """Servers that run, as the variables by which tests find them. Raises: Unavailable."""
    servers = {name: Server(flavour) for flavour, name in VARIABLES.items() if not os.environ.get(name)}
    try:
        for server in servers.values():
            server.launch()
        for server in servers.values():
            server.wait()
        named = {name: os.environ[name] for name in VARIABLES.values() if os.environ.get(name)}
        yield named | {name: server.url for name, server in servers.items()}
    finally:
        for server in servers.values():
            server.close()


def _held() -> dict[str, object] | dict[str, dict[str, str]]:
    try:
        return json.loads((cache() / "held.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _holder() -> psutil.Process | None:
    """The process that holds the servers: the one that wrote so, not another one with its number."""
    held = _held()
    try:
        process = psutil.Process(held["pid"])
        return process if process.create_time() == held["since"] else None
    except (KeyError, psutil.NoSuchProcess):
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
