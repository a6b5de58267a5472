#!/usr/bin/env python
"""`newswire-submit HOST:PORT ARGUMENTS…`: `newswire ARGUMENTS…`, once the Flink at HOST:PORT has nothing else to do.

A graph goes on in Flink when whoever handed it in has ended. So each start would add one more, which shares the work
and costs as much as the first. The cluster is newswire's own: whatever runs there is an earlier graph, and what that
has in hand is taken up by the next one.
"""

import json
import os
import sys
from typing import Any
from urllib.request import Request, urlopen

OVER = {"CANCELED", "FAILED", "FINISHED"}


def asked(address: str, path: str, method: str = "GET") -> Any:
    """What Flink's REST API answers. Raises: OSError, ValueError."""
    with urlopen(Request(f"http://{address}{path}", method=method), timeout=30) as answer:
        return json.load(answer)


def cancel(address: str) -> list[str]:
    """The jobs that were told to end. Raises: as `asked`."""
    jobs = [job["id"] for job in asked(address, "/jobs")["jobs"] if job["status"] not in OVER]
    for job in jobs:
        asked(address, f"/jobs/{job}?mode=cancel", "PATCH")
    return jobs


if __name__ == "__main__":
    for job in cancel(sys.argv[1]):
        print(f"newswire: the earlier job {job} is told to end", file=sys.stderr)
    os.execvp("newswire", ["newswire", *sys.argv[2:]])  # noqa: S606
