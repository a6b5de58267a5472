"""Webhooks: signed JSON by POST, as the Standard Webhooks specification has it (version 1.0.0, symmetric keys)."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import aiohttp

from connectors.http import CLIENT_ERRORS, REDIRECTS, as_sent, authorization, error_for_status, failure, guarded_session
from connectors.notify.opening import NotifySpec
from connectors.notify.words import NOT_SIGNED, not_set_up, quoted
from connectors.secrets import is_reference, referred
from transforms.errors import KINDS, ConfigError, NewswireError, Refused
from transforms.messages import Message, as_json
from transforms.urls import is_followable, redact, without_credentials

#: A connection is used again by messages that come close together. Later its end may be on its way already, and a
#: message would be lost to it: servers close theirs after 2 s (gunicorn) or 5 s (Node, uvicorn).
KEEP_ALIVE_S = 1.0
#: Of an answer's body, at most so much is read, for so long: it says nothing that counts.
MAX_ANSWER, LAST_WORDS_S = 65_536, 1.0
_PREFIX = "whsec_"
#: What these say of an address is its host and port; other failures may say more, and are told of a secret one by
#: their kind alone.
_DISCREET = frozenset({"dns", "refused", "tls", "timeout"})


class Webhooks:
    """Sends by POST; redirects are not followed. In one event loop."""

    def __init__(self, spec: NotifySpec, session: aiohttp.ClientSession) -> None:
        self._spec = spec
        self._session = session

    async def send(self, message: Message, target: str) -> None:
        """As `connectors.alert_ports.Notifier.send`, to an http or https address or to the one that a reference names;
        no error has more of the latter than its host."""
        secret = is_reference(target)
        subject = f"webhook:{target}" if secret else redact(target)
        try:
            url = referred("the address of a webhook", target, os.environ) if secret else target
            keys = signing_keys(message.subscription.signing or self._spec.signing, os.environ)
        except ConfigError as e:
            raise not_set_up(subject, str(e)) from None
        if not is_followable(url):
            raise not_set_up(subject, "what it names is no complete http or https address")
        if not keys:
            raise not_set_up(subject, NOT_SIGNED)
        await self._post(subject, url, _Signed(message, keys, self._spec.base_url), secret=secret)

    async def _post(self, subject: str, url: str, signed: "_Signed", *, secret: bool) -> None:
        status, wish, said = 0, None, b""
        try:
            async with asyncio.timeout(self._spec.timeout_s) as limit:
                headers = {**signed.headers(), **authorization(url)}
                to = as_sent(subject, without_credentials(url))
                async with self._session.post(to, data=signed.body, headers=headers, allow_redirects=False) as answer:
                    status, wish = answer.status, answer.headers.get("Retry-After")
                    limit.reschedule(min(limit.when() or 0.0, asyncio.get_running_loop().time() + LAST_WORDS_S))
                    said = await _beginning(answer)
        except CLIENT_ERRORS as e:
            if not status:  # once there is one, it counts, however the answer ends
                raise _failure(subject, e, self._spec.timeout_s, secret=secret) from (None if secret else e)
        if not 200 <= status < 300:
            # A receiver may say in its answer at which address it was asked.
            raise _refusal(subject, status, wish, "" if secret else quoted(said))


class _Signed:
    """A message as it is sent; but for the moment and the signatures over it the same at every try."""

    def __init__(self, message: Message, keys: Sequence[bytes], base_url: str) -> None:
        self._id, self._keys = message.id, keys
        self.body = as_json(message, base_url=base_url).encode()

    def headers(self) -> dict[str, str]:
        sent_at = str(int(time.time()))
        return {
            "Content-Type": "application/json",
            "webhook-id": self._id,
            "webhook-timestamp": sent_at,
            "webhook-signature": " ".join(signature(key, self._id, sent_at, self.body) for key in self._keys),
        }


def signature(key: bytes, message_id: str, sent_at: str, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 over id, moment (seconds since 1970) and body in base64."""
    signed = b".".join([message_id.encode(), sent_at.encode(), body])
    return f"v1,{base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()}"


def signing_keys(references: Sequence[str], environ: Mapping[str, str]) -> list[bytes]:
    """The keys that references name: `whsec_` and base64, or any other text as its UTF-8 bytes.

    Raises: ConfigError, naming the reference, never the key.
    """
    return [_key(one, referred("a key that webhooks are signed with", one, environ)) for one in references]


def _key(reference: str, written: str) -> bytes:
    if not written.startswith(_PREFIX):
        key = written.encode()
    else:
        digits = written.removeprefix(_PREFIX).rstrip("=")
        try:
            key = base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
        except binascii.Error:
            raise ConfigError(f"the signing key {reference} begins with {_PREFIX}, and is no base64 after it") from None
    if not key:
        raise ConfigError(f"the signing key {reference} is empty")
    return key


async def _beginning(answer: aiohttp.ClientResponse) -> bytes:
    """What there is of a body, up to MAX_ANSWER; nothing of one that is packed."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(MAX_ANSWER):
        body += chunk
        if len(body) >= MAX_ANSWER:
            break
    return b"" if "Content-Encoding" in answer.headers else bytes(body[:MAX_ANSWER])


def _failure(subject: str, error: BaseException, timeout_s: float, *, secret: bool) -> NewswireError:
    told = failure(subject, error, timeout_s=timeout_s)
    if secret and told.kind not in _DISCREET:
        hint = "; private ones are allowed by allow_private_hosts" if told.kind == "forbidden" else ""
        return type(told)(subject, KINDS[told.kind] + hint, kind=told.kind)
    return told


def _refusal(subject: str, status: int, wish: str | None, said: str) -> NewswireError:
    if status in REDIRECTS:
        said = "redirects are not followed; the channel needs the address that it leads to"
    return error_for_status(subject, status, wish, said) or Refused(subject, f"HTTP {status}, which is no success")


@asynccontextmanager
async def open_webhooks(spec: NotifySpec) -> AsyncIterator[Webhooks]:
    """Webhooks with a client of their own."""
    headers = {"User-Agent": spec.user_agent, "Accept": "*/*", "Accept-Encoding": "identity"}
    async with guarded_session(
        headers, allow_private_hosts=spec.allow_private_hosts, keep_alive_s=KEEP_ALIVE_S, unpack=False
    ) as session:
        yield Webhooks(spec, session)
