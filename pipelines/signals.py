"""Ctrl-C and SIGTERM."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def on_signals(then: Callable[[], None] = lambda: None) -> Iterator[list[int]]:
    """Note the first Ctrl-C or SIGTERM (its number) in the list that this gives, and do `then`. A second one is final,
    and nothing is lost by it: all that anybody has to remember is in the store."""
    noted: list[int] = []

    def note(number: int, _frame: object) -> None:
        if noted:
            os._exit(128 + number)
        noted.append(number)
        then()

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def interrupt() -> None:
    """Unwind what is running, so that workers end and the terminal is whole. Raises: KeyboardInterrupt."""
    raise KeyboardInterrupt
