"""Where messages go, by their channel. The spec travels to workers; the clients are opened there."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from connectors.alert_ports import Notifier
from connectors.notify.words import NO_SENDER, NO_SERVER, NOT_SIGNED
from transforms.channels import Channel, Kind
from transforms.messages import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySpec:
    """How to notify. What is empty is not set up: its channels fail, and say what to set."""

    user_agent: str
    #: For one message, from the first name that is looked up to the receiver's last word that counts.
    timeout_s: float = 10.0
    #: Loopback, private and link-local addresses are refused to webhooks unless this is set.
    allow_private_hosts: bool = False
    #: Keys for the webhooks of subscriptions that have none of their own, as references (`connectors.secrets`).
    signing: tuple[str, ...] = ()
    #: smtp://host:port, smtp+starttls://host:port or smtps://host:port; without a port the protocol's own.
    smtp: str = ""
    smtp_user: str = ""
    #: A reference.
    smtp_password: str = ""
    #: PEM file of the authorities to trust in place of the system's.
    smtp_ca_file: str = ""
    #: The sender, as `desk@example.org` or `Desk <desk@example.org>`.
    mail_from: str = ""
    #: Where subscribers unsubscribe: a mailto: or https: address. Empty: by a mail to the sender.
    unsubscribe: str = ""
    #: Where the Atom feeds are written.
    atom_folder: str = ""
    #: The trace of an article is to be seen at `<base_url>/trace/<article id>`; empty: by a command.
    base_url: str = ""


def lacking(spec: NotifySpec, channel: Channel, signing: Sequence[str]) -> str:
    """What is to be set before anything goes into a channel of a subscription with these keys of its own; empty where
    nothing is lacking that shows before something is sent."""
    if channel.kind == "webhook" and not (signing or spec.signing):
        return NOT_SIGNED
    if channel.kind == "mail" and not (spec.smtp and spec.mail_from):
        return NO_SENDER if spec.smtp else NO_SERVER
    return ""


class Sender(Protocol):
    """One kind of channel: `connectors.alert_ports.Notifier.send`, with the channel's target."""

    async def send(self, message: Message, target: str) -> None: ...


class _Channels(Notifier):
    def __init__(self, senders: Mapping[Kind, Sender]) -> None:
        self._senders = senders

    async def send(self, message: Message, channel: Channel) -> None:
        await self._senders[channel.kind].send(message, channel.target)


@asynccontextmanager
async def open_notifier(spec: NotifySpec) -> AsyncIterator[Notifier]:
    """All channels, closed at the end; what is under way then is given up. Nothing fails here: a channel that is not
    set up fails when it is sent to."""
    # Imported here: whoever only needs the spec does without the clients.
    from connectors.notify.apprising import Apprised
    from connectors.notify.atom import Feeds
    from connectors.notify.log import Log
    from connectors.notify.mail import Mails
    from connectors.notify.webhook import open_webhooks

    async with open_webhooks(spec) as webhooks:
        yield _Channels(
            {
                "webhook": webhooks,
                "mail": Mails(spec),
                "atom": Feeds(spec),
                "log": Log(spec),
                "apprise": Apprised(spec),
            }
        )
