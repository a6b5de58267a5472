"""Something that is kept running between two commands: a process that holds it, and a file that says who that is."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.servers.builds import Unavailable, cache

ROOT = Path(__file__).resolve().parents[1]
#: Nothing outlives an afternoon.
MINUTES = 240
_STOP_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Held:
    """What a module of commands (`python -m MODULE … hold`) keeps; `name` is of its files in the cache, `what` is what
    it is called."""

    module: str
    name: str
    what: str

    def start(self, arguments: Sequence[str]) -> None:
        """Have it run, with `arguments` of the module's own; nothing happens where it runs. Raises: Unavailable."""
        if self.holder() is not None:
            return
        said = cache() / f"{self.name}.txt"
        with said.open("wb") as out:
            holder = subprocess.Popen(
                [sys.executable, "-m", self.module, *arguments],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        # A cold cache is filled before: its gigabyte takes as long as it takes.
        while self._kept().get("pid") != holder.pid:
            if holder.poll() is not None:
                raise Unavailable(said.read_text("utf-8").strip().partition(": ")[2])
            time.sleep(0.2)

    def stop(self) -> None:
        """End it, and say so."""
        holder = self.holder()
        if holder is None:
            print(f"no {self.what} running")
            return
        holder.terminate()
        psutil.wait_procs([holder], _STOP_TIMEOUT_S)
        print("stopped")

    def hold(self, found: Mapping[str, Any], minutes: float) -> None:
        """Stay for so long, or until SIGTERM, which `ends_politely` makes an exit; `found` is what others are told."""
        file = cache() / f"{self.name}.json"
        kept = {"pid": os.getpid(), "since": psutil.Process().create_time(), "found": found}
        file.with_suffix(".new").write_text(json.dumps(kept), "utf-8")
        file.with_suffix(".new").rename(file)
        try:
            time.sleep(60 * minutes)
        finally:
            file.unlink()

    def found(self) -> Mapping[str, Any] | None:
        """What the one that runs says of itself; None, and a word, where none does."""
        if self.holder() is None:
            print(f"no {self.what} running")
            return None
        found: Mapping[str, Any] = self._kept()["found"]
        return found

    def holder(self) -> psutil.Process | None:
        """The process that holds it: the one that wrote so, not another one with its number."""
        kept = self._kept()
        try:
            process = psutil.Process(kept["pid"])
            return process if process.create_time() == kept["since"] else None
        except (KeyError, psutil.NoSuchProcess):
            return None

    def _kept(self) -> dict[str, Any]:
        try:
            kept: dict[str, Any] = json.loads((cache() / f"{self.name}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return kept


def ends_politely() -> None:
    """SIGTERM is an exit, on whose way all is closed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
