"""The channel that is no way out: a line of JSON in the log of `newswire.alerts`."""

import logging

from connectors.notify.opening import NotifySpec
from transforms.messages import Message, as_json

#: Whoever runs us decides where it goes.
LOGGER = logging.getLogger("newswire.alerts")


class Log:
    """Writes each message on one line at level INFO, in ASCII, so that no text in it begins a line or moves a
    cursor."""

    def __init__(self, spec: NotifySpec) -> None:
        self._spec = spec

    async def send(self, message: Message, target: str) -> None:
        """Never fails: what becomes of a line is the handlers' matter."""
        LOGGER.info("%s", as_json(message, base_url=self._spec.base_url, only_ascii=True))
