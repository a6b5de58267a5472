"""python -m tests.servers start [--minutes N] | stop | status | run -- COMMAND

`start` keeps an Elasticsearch and an OpenSearch running until `stop`, or for four hours, and says how tests find them.
`run` starts both, runs a command that finds them in its environment, and ends them with it. A server that the
environment names already is not started.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.held import MINUTES, Held, ends_politely
from tests.servers.builds import Unavailable
from tests.servers.server import Flavour, Server

#: Where tests look for each, and whether somebody else's server is to be used.
VARIABLES: dict[Flavour, str] = {
    "elasticsearch": "NEWSWIRE_TEST_ELASTICSEARCH",
    "opensearch": "NEWSWIRE_TEST_OPENSEARCH",
}
_HELD = Held("tests.servers", "held", "servers are")


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
                _HELD.start(["hold", "--minutes", str(asked.minutes)])
                return status()
            case "stop":
                _HELD.stop()
                return 0
            case "status":
                return status()
            case "run":
                with started() as found:
                    return subprocess.run(command, env=os.environ | found).returncode
            case _:
                ends_politely()
                with started() as found:
                    _HELD.hold(found, asked.minutes)
                return 0
    except Unavailable as e:
        print(f"test servers: {e}", file=sys.stderr)
        return 1


def status() -> int:
    """Print where the servers are."""
    found = _HELD.found()
    for name, url in (found or {}).items():
        print(f"export {name}={url}")
    return 1 if found is None else 0


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
