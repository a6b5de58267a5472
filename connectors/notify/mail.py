"""Mail by SMTP (RFC 5321): text and HTML, with the headers by which lists are known and left."""

import asyncio
import os
import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr, parseaddr
from functools import cache, cached_property
from urllib.parse import urlsplit

from connectors.notify.opening import NotifySpec
from connectors.notify.threads import Threads
from connectors.notify.words import NO_SENDER, NO_SERVER, not_set_up, quoted
from connectors.secrets import referred
from transforms.channels import channel
from transforms.errors import Busy, ConfigError, NewswireError, Refused, Unreachable
from transforms.mails import mail, unsubscribe_at
from transforms.messages import Message

#: Conversations at once: as many as the delivery has messages on their way to one host.
AT_ONCE = 16
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
#: The older classes of `email`: the newer ones read what they are given as it would be read on arrival, so that a
#: headline `=?utf-8?q?…?=` could become a header of its own (CVE-2024-6923).
_WIRE = compat32.clone(linesep="\r\n", mangle_from_=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)


class _Client(smtplib.SMTP):
    """A client that another thread may cut: a server that hangs, or says a letter a minute, keeps no thread."""

    _over = False

    def getreply(self) -> tuple[int, bytes]:
        if self._over:  # the cut came while there was nothing to cut
            raise TimeoutError
        return super().getreply()

    def cut(self) -> None:
        self._over = True
        if (sock := self.sock) is not None:
            with suppress(OSError):  # beneath TLS, which is the other thread's business
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


class _TlsClient(_Client, smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""


class Mails:
    """Sends each message in a connection of its own. In one event loop."""

    def __init__(self, spec: NotifySpec) -> None:
        self._spec = spec
        self._threads = Threads("mail", AT_ONCE)

    async def send(self, message: Message, target: str) -> None:
        """As `connectors.alert_ports.Notifier.send`, to a mailbox."""
        subject = f"mailto:{target}"
        try:
            server, sender = self._server(), _sender(self._spec.mail_from)
            unsubscribe = _unsubscribe(self._spec.unsubscribe, sender[1], message.subscription.id)
            trusted = self._trusted if server.scheme != "smtp" else None
        except ConfigError as e:
            raise not_set_up(subject, str(e)) from None
        if "=?" in target:  # some programs would read it as something else
            raise Refused(subject, "mailboxes with =? in them are not written to")

        # The name is a placeholder: ours would be looked up at once, in the event loop.
        own, seconds = "localhost", self._spec.timeout_s
        if server.scheme == "smtps":
            client: _Client = _TlsClient(local_hostname=own, timeout=seconds, context=trusted)
        else:
            client = _Client(local_hostname=own, timeout=seconds)

        def work() -> None:
            written = _written(message, sender, target, unsubscribe, self._spec.base_url)
            try:
                _connect(client, server, trusted)
                client.sendmail(sender[1], [target], written)
                with suppress(OSError):  # it has the message; what it says at parting counts no longer
                    client.putcmd("quit")
            finally:
                client.close()

        try:
            async with asyncio.timeout(self._spec.timeout_s):
                await self._threads.run(work, cut=client.cut)
        except OSError as e:  # smtplib's own are, and so is a TimeoutError
            raise _failure(subject, e, self._spec.timeout_s) from e

    def _server(self) -> _Server:
        """Raises: ConfigError."""
        if not self._spec.smtp:
            raise ConfigError(NO_SERVER)
        try:
            parts = urlsplit(self._spec.smtp)
            scheme, host, port = parts.scheme, parts.hostname, parts.port
        except ValueError:
            scheme, host, port = "", None, None
        if not host or scheme not in _PORTS:
            raise ConfigError("[alerts] smtp must be smtp://…, smtp+starttls://… or smtps://…, with a host")
        user, password = self._spec.smtp_user, ""
        if user:
            if scheme == "smtp":
                raise ConfigError(
                    "a password is not sent in the clear: set [alerts] smtp to smtp+starttls:// or smtps://"
                )
            password = referred("[alerts] smtp_password", self._spec.smtp_password, os.environ)
        return _Server(scheme=scheme, host=host, port=port or _PORTS[scheme], user=user, password=password)

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """Raises: ConfigError."""
        try:
            return ssl.create_default_context(cafile=self._spec.smtp_ca_file or None)
        except OSError as e:  # an SSLError is one
            raise ConfigError(f"[alerts] smtp_ca_file cannot be used: {e.strerror or e}") from None


def _connect(client: _Client, server: _Server, trusted: ssl.SSLContext | None) -> None:
    """In a thread. Raises: what smtplib raises, each an OSError."""
    client.local_hostname = _own_name()
    client._host = server.host  # type: ignore[attr-defined]  # whose certificate it is to be; only __init__ sets it
    code, said = client.connect(server.host, server.port)
    if code != 220:
        raise smtplib.SMTPConnectError(code, said)
    if server.scheme == "smtp+starttls":
        client.starttls(context=trusted)
    if server.user:
        client.login(server.user, server.password)


@cache
def _own_name() -> str:
    """What we call ourselves (RFC 5321, 4.1.4); looking it up may take a while."""
    name = socket.getfqdn()
    return name if "." in name else "[127.0.0.1]"


def _sender(mail_from: str) -> tuple[str, str]:
    """Name and mailbox. Raises: ConfigError."""
    name, mailbox = parseaddr(mail_from) if mail_from.isprintable() else ("", "")
    try:
        if "=?" in mailbox:
            raise ValueError
        return name, channel(f"mailto:{mailbox}").target
    except ValueError:
        raise ConfigError(NO_SENDER) from None


def _unsubscribe(setting: str, mailbox: str, subscription_id: str) -> str:
    """Raises: ConfigError."""
    try:
        found = unsubscribe_at(setting, mailbox, subscription_id)
    except ValueError:  # `https://[`
        found = ""
    if not re.fullmatch(r"(?:mailto:|https://)[!-~]{1,900}", found):  # a line of a mail has 998 characters at most
        raise ConfigError("[alerts] unsubscribe must be a mailto: or https: address, in ASCII")
    return found.replace("<", "%3C").replace(">", "%3E")


def _written(message: Message, sender: tuple[str, str], target: str, unsubscribe: str, base_url: str) -> bytes:
    """A message as it goes over the wire; but for its date the same at every try."""
    said = mail(message, base_url=base_url, unsubscribe=unsubscribe)
    domain = sender[1].rpartition("@")[2]
    plain = said.subject.isascii() and "=?" not in said.subject
    # `=_` stands in no text that is quoted-printable (RFC 2045, 6.7).
    whole = MIMEMultipart("alternative", boundary=f"=_{message.id}", policy=_WIRE)
    whole["From"] = formataddr(sender)
    whole["To"] = target
    title = Header(said.subject, "us-ascii" if plain else "utf-8", header_name="Subject")
    whole["Subject"] = title  # type: ignore[assignment]  # typeshed has them as text only
    whole["Date"] = format_datetime(datetime.now(UTC))
    whole["Message-ID"] = f"<{message.id}@{domain}>"
    # RFC 2919; dots may stand neither side by side nor last.
    whole["List-Id"] = f"<{re.sub(r'[^a-z0-9-]+', '-', message.subscription.id)}.newswire.{domain}>"
    whole["List-Unsubscribe"] = f"<{unsubscribe}>"
    if unsubscribe.startswith("https://"):
        whole["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    whole["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers
    readable = Charset("utf-8")
    readable.body_encoding = QP
    for kind, text in (("plain", said.text), ("html", said.html)):
        whole.attach(MIMEText(text, kind, readable))  # type: ignore[arg-type]  # takes a Charset, too
    return whole.as_bytes(policy=_WIRE)


def _failure(subject: str, error: OSError, timeout_s: float) -> NewswireError:
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused) if refused:
            return _refusal(subject, *next(iter(refused.values())))
        case smtplib.SMTPDataError(smtp_code=code, smtp_error=said):
            return _refusal(subject, code, said)
        case smtplib.SMTPAuthenticationError():
            return _unwilling(subject, error, "[alerts] smtp_user and smtp_password")
        case smtplib.SMTPSenderRefused():
            return _unwilling(subject, error, "[alerts] mail_from and smtp_user")
        case smtplib.SMTPResponseException():
            return _unwilling(subject, error, "[alerts] smtp")
        case smtplib.SMTPServerDisconnected():
            return Unreachable(subject, f"the mail server ended the connection: {quoted(str(error))}")
        case smtplib.SMTPException():  # it cannot do what is asked: STARTTLS, AUTH
            return not_set_up(subject, f"the mail server: {quoted(str(error))}; see [alerts] smtp and smtp_user")
        case TimeoutError():
            return Unreachable(subject, f"the mail server did not take it within {timeout_s:g} s", kind="timeout")
        case ssl.SSLError():
            return Unreachable(subject, f"the mail server: {quoted(str(error))}; see [alerts] smtp_ca_file", kind="tls")
        case socket.gaierror():
            return Unreachable(subject, f"the mail server has no address: {quoted(str(error))}", kind="dns")
        case ConnectionRefusedError():
            return Unreachable(subject, "the mail server refuses connections", kind="refused")
        case _:
            return Unreachable(subject, f"the mail server: {type(error).__name__}: {quoted(str(error))}")


def _refusal(subject: str, code: int, said: bytes | str) -> NewswireError:
    """Of this mail or mailbox (RFC 5321, 4.2.1: 4xx for now, 5xx for good)."""
    reason = f"SMTP {code}: {quoted(said)}"
    if 500 <= code < 600:
        return Refused(subject, reason)
    return Busy(subject, reason) if 400 <= code < 500 else Unreachable(subject, reason)


def _unwilling(subject: str, error: smtplib.SMTPResponseException, settings: str) -> NewswireError:
    """The server will not have us, whatever the mail: somebody can mend that."""
    reason = f"SMTP {error.smtp_code}: {quoted(error.smtp_error)}"
    if 400 <= error.smtp_code < 500:
        return Busy(subject, reason)
    return not_set_up(subject, f"{reason}; see {settings}")
