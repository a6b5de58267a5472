"""One run at a time on one store."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another run is at work on the same store."""


@contextmanager
def only_run(store: Path) -> Iterator[None]:
    """Keep other runs off this store; the operating system lets go when the process ends, however it ends.

    Raises: AlreadyRunning, naming the other process.
    """
    lock = store.with_name(store.name + ".lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            held.seek(0)
            raise AlreadyRunning(f"another run (process {held.read().strip() or '?'}) is at work on {store}") from e
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield
