"""The flex template's program: hands in the graph of `newswire stream` and ends, as Dataflow's launcher wants it."""

import argparse
import sys
from collections.abc import Sequence

from pipelines import cli


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code. What is no parameter of ours is Beam's: the launcher's options, and the image of the workers."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--settings", default="/etc/newswire/newswire.toml")
    ours, beams = parser.parse_known_args(argv)
    command = ["stream", ours.settings, "--profile", "dataflow", "--no-wait", "--", *beams]
    return int(cli.main(command) or 0)


if __name__ == "__main__":
    sys.exit(main())
