"""The services of Apprise, by its URLs, which are secrets: nothing of them is ever told."""

import asyncio
import logging
import os
from functools import cache, partial
from typing import Any

from connectors.notify.opening import NotifySpec
from connectors.notify.threads import Threads
from connectors.notify.words import not_set_up
from connectors.secrets import referred
from transforms.alert_words import subject as subject_of
from transforms.errors import ConfigError, Transient, Unreachable
from transforms.mails import as_text
from transforms.messages import Message

#: Messages at once: as many as the delivery has on their way to one host.
AT_ONCE = 16


class Apprised:
    """Sends a message as text. Apprise can neither be asked to stop nor say what went wrong without its URL: a thread
    that outlasts the time limit ends when its service does. In one event loop."""

    def __init__(self, spec: NotifySpec) -> None:
        self._spec = spec
        self._threads = Threads("apprise", AT_ONCE)

    async def send(self, message: Message, target: str) -> None:
        """As `connectors.alert_ports.Notifier.send`, to the service that a reference names."""
        subject = f"apprise:{target}"
        try:
            url = referred("the address of a service", target, os.environ)
        except ConfigError as e:
            raise not_set_up(subject, str(e)) from None
        text = as_text(message, base_url=self._spec.base_url)
        try:
            async with asyncio.timeout(self._spec.timeout_s):
                taken = await self._threads.run(partial(_notify, url, subject_of(message), text))
        except TimeoutError:
            reason = f"the service did not take it within {self._spec.timeout_s:g} s"
            raise Unreachable(subject, reason, kind="timeout") from None
        except Exception as e:  # noqa: BLE001 - plugins by many hands, and any error may tell the URL
            raise Transient(subject, f"Apprise failed: {type(e).__name__}") from None
        if taken is None:
            raise not_set_up(subject, "what it names is no address that Apprise knows")
        if not taken:
            raise Transient(subject, "the service did not take it; the command `apprise -vv` shows why")


def _notify(url: str, title: str, body: str) -> bool | None:
    """In a thread: whether the service has it; None where the URL is none of Apprise's."""
    apprise = _apprise()
    # So that this thread sends, and no executor of Apprise's, whose end a process would wait for.
    asset = apprise.AppriseAsset(async_mode=False, service_timeout=0, secure_logging=True)
    service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if service is None:
        return None
    services = apprise.Apprise(asset=asset)
    services.add(service)
    return bool(services.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT))


@cache
def _apprise() -> Any:
    """The library: a hundred services are loaded with it, so only where there is something to send by it."""
    import apprise

    # It tells the URL's parts, and the whole answer of the service.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    return apprise
