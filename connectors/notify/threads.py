"""Calls that block, kept away from the event loop."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


class Threads:
    """At most so many threads; a call that never returns keeps its own, and holds up nobody's exit: an executor would
    wait for it when the process ends. In one event loop."""

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._room = asyncio.Semaphore(most)

    async def run(self, call: Callable[[], T], *, cut: Callable[[], None] = lambda: None) -> T:
        """What `call` returns or raises, in a thread of its own, once there is room for one. Where nobody waits for it
        any longer, `cut` is to bring it to an end; it must do no harm to a call that has ended."""
        await self._room.acquire()
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[T] = loop.create_future()

        def end(result: Any, error: BaseException | None) -> None:
            self._room.release()
            if ended.done():  # given up
                return
            if error is not None:
                ended.set_exception(error)
            else:
                ended.set_result(result)

        def work() -> None:
            result, error = None, None
            try:
                result = call()
            except BaseException as e:  # noqa: BLE001 - it is the caller's, whatever it is
                error = e
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(end, result, error)

        threading.Thread(target=work, name=self._name, daemon=True).start()
        try:
            return await ended
        finally:
            cut()
