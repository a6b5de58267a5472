"""Atom feeds: a file for each subscription, `<folder>/<id>.atom`, for a web server or a feed reader to take up."""

import asyncio
import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from connectors.notify.opening import NotifySpec
from connectors.notify.threads import Threads
from connectors.notify.words import not_set_up
from transforms.atom import feed
from transforms.errors import Refused, Unreachable
from transforms.messages import Message
from transforms.subscriptions import ID

log = logging.getLogger("newswire.alerts")


class Feeds:
    """Writes feeds, each whole or not at all. In one event loop; other processes may write to the same folder."""

    def __init__(self, spec: NotifySpec) -> None:
        self._spec = spec
        self._threads = Threads("atom", 1)  # they would wait for each other anyhow

    async def send(self, message: Message, target: str) -> None:
        """As `connectors.alert_ports.Notifier.send`: to the subscription's feed."""
        subject = f"atom:{message.subscription.id}"
        if not self._spec.atom_folder:
            raise not_set_up(subject, "no folder for feeds: set [alerts] atom_folder")
        if not ID.fullmatch(message.subscription.id):
            raise Refused(subject, "an id that no file may be called by")
        write = partial(_write, Path(self._spec.atom_folder), message, self._spec.base_url)
        try:
            async with asyncio.timeout(self._spec.timeout_s):
                await self._threads.run(write)
        except TimeoutError as e:
            reason = f"{self._spec.atom_folder} could not be written within {self._spec.timeout_s:g} s"
            raise Unreachable(subject, reason, kind="timeout") from e
        except OSError as e:
            reason = f"{self._spec.atom_folder} cannot be written: {e.strerror or e}; see [alerts] atom_folder"
            raise not_set_up(subject, reason) from e


def _write(folder: Path, message: Message, base_url: str) -> None:
    """Raises: OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{message.subscription.id}.atom"
    file, draft = folder / name, folder / f".{name}"
    with _locked(folder) as opened:
        before = file.read_bytes() if file.exists() else b""
        try:
            after = feed(before, message, base_url=base_url)
        except ValueError as e:
            aside = folder / f"{name}.broken"
            log.warning("%s is no feed of ours (%s): set aside as %s, and begun anew", file, e, aside)
            file.replace(aside)
            after = feed(b"", message, base_url=base_url)
        if after == before:
            return
        with draft.open("wb") as out:
            out.write(after)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
        os.fsync(opened)  # so that the new name lasts, too


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """The folder's descriptor, while nobody else who asks has it."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield opened
    finally:
        os.close(opened)
