"""What tests have worker processes do: importable, as workers need it."""

import ctypes
import os
import signal
import time
from pathlib import Path
from typing import Any

from transforms.errors import NotAnArticle

_calls = 0


def echo(*arguments: Any) -> tuple[Any, ...]:
    return arguments


def pid() -> int:
    return os.getpid()


def nap(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def spin() -> None:
    """Python that never ends."""
    while True:
        pass


def hang_in_c() -> None:
    """C code that never ends and never lets another thread run, as a regular expression gone wrong."""
    ctypes.PyDLL(None).pause()


def fail(reason: str) -> None:
    raise NotAnArticle("https://wire.example/a", reason)


def stumble() -> None:
    {}["bug"]


def leave(code: int) -> None:
    os._exit(code)


def die(number: int = signal.SIGKILL) -> None:
    os.kill(os.getpid(), number)
    time.sleep(10)


def crash() -> None:
    """A segmentation fault."""
    ctypes.string_at(0)


def swallow(megabytes: int) -> int:
    """Memory that is really used."""
    return sum(len(bytearray(b"x" * (1 << 20))) and len(kept) for kept in [bytearray(megabytes << 20)])


def hoard(megabytes: int) -> None:
    """Ever more memory in small pieces, as a tree takes it."""
    kept = [bytearray(1 << 16) for _ in range(megabytes << 4)]
    raise AssertionError(f"{len(kept)} pieces were had")


def limits() -> tuple[int, Any]:
    """The address space a worker may have, and what Ctrl-C does to it."""
    import resource

    return resource.getrlimit(resource.RLIMIT_AS)[0], signal.getsignal(signal.SIGINT) == signal.SIG_IGN


def mark_and_spin(path: str) -> None:
    """Tell who is at work, then never end."""
    Path(path).write_text(str(os.getpid()))
    spin()


def mark_and_hang(path: str) -> None:
    Path(path).write_text(str(os.getpid()))
    hang_in_c()


class Unreadable:
    """Pickles, and cannot be unpickled."""

    def __reduce__(self) -> Any:
        return stumble, ()


def unreadable() -> Unreadable:
    return Unreadable()


class OddError(Exception):
    """Pickles, and cannot be unpickled: a very common mistake in libraries."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(reason)


def fail_oddly() -> None:
    raise OddError(reason="odd")
