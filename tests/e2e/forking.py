"""Runs of newswire, each in a process of its own that does not import everything once more: for tests that kill a run
fifty times.

    python -m tests.e2e.forking SETTINGS LEASE_MARGIN_S

Each line read from standard input is one run: its process id is printed, and when it has ended, how.
"""

import os
import sys
from datetime import timedelta

from pipelines import deliver
from pipelines.run import run_once
from pipelines.run_commands import run_command


def main() -> None:
    """Fork and wait, for as long as there are lines."""
    settings, margin_s = sys.argv[1], float(sys.argv[2])
    # What a killed run had in hand is sent by the next one soon, not half a minute later.
    deliver.SENDING, deliver.MARGIN, deliver.HOST_WAIT_S = timedelta(0), timedelta(seconds=margin_s), 0.5
    assert run_once is not None  # imported here, so that no child does it
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            sys.stdin.close()
            code = 1
            try:
                code = run_command(settings, poll_all=True, as_json=True, beam_options=[])
            finally:
                sys.stdout.flush()
                os._exit(code)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(f"ended {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    main()
