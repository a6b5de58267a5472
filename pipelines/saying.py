"""What commands print. Nothing of it is obeyed by a terminal, whoever wrote the text: a publisher, a subscriber, a
server, or whoever sent the operator a file. Tables and colours go through `pipelines.report.console`, which sees to the
same; no other module prints."""

import json
import re
import sys
from typing import Any

from transforms.text import escaped, harmless
from transforms.urls import redacted

#: What Beam writes into an error that it met in a step.
_STEP = re.compile(r" \[while running '[^']*'\]")


def reason(error: Exception) -> str:
    """What an error says, without the step that it was met in."""
    return _STEP.sub("", str(error))


def say(text: str) -> None:
    """Print text for a person."""
    print(harmless(text))


def complain(text: str) -> None:
    """The same on standard error, after our name; addresses without what lets their bearer in: what cron runs ends in
    a file."""
    print(f"newswire: {harmless(redacted(text))}", file=sys.stderr)


def say_data(data: Any, *, indent: int | None = None) -> None:
    """Print data for a program: JSON, on one line unless indented, at once."""
    print(escaped(json.dumps(data, ensure_ascii=False, indent=indent)), flush=True)
