"""Fetcher on aiohttp: conditional, bounded in bytes and time, and never to an address it should not talk to."""

import asyncio
import ipaddress
import os
import re
import socket
import ssl
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import unquote, urldefrag, urlsplit

import aiohttp
from yarl import URL

from connectors.headers import freshness, retry_after, validator
from connectors.ports import Fetcher, HttpSpec
from connectors.secrets import headers_to_send
from transforms.errors import Busy, ConfigError, Forbidden, Gone, NewswireError, Refused, TooLarge, Unreachable
from transforms.records import Request, Response
from transforms.urls import MAX_URL, absolute, is_followable, redact, without_credentials

PERMANENT = frozenset({301, 308})
REDIRECTS = PERMANENT | {302, 303, 307}
ACCEPT = "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/feed+json, */*;q=0.5"
CHUNK = 65_536
#: The characters of RFC 3986.
_WELL_FORMED = re.compile(r"^(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$")
#: What is well-formed and followable for sure, told in one look: nearly every address of 10,000 feeds.
_PLAIN = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}))?"
    r"(?:[/?#](?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?"
)


class HttpFetcher(Fetcher):
    """See `connectors.ports.Fetcher`. Use as an async context manager, in one event loop."""

    def __init__(self, spec: HttpSpec) -> None:
        self._spec = spec
        self._stack = AsyncExitStack()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        headers = {"User-Agent": self._spec.user_agent, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate"}
        session = guarded_session(headers, allow_private_hosts=self._spec.allow_private_hosts)
        self._session = await self._stack.enter_async_context(session)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def fetch(self, request: Request) -> Response:
        try:
            async with asyncio.timeout(self._spec.timeout_s):
                return await self._follow(request)
        except CLIENT_ERRORS as e:
            raise failure(redact(request.url), e, timeout_s=self._spec.timeout_s) from e
        except ConfigError as e:  # of this one request: the others' fetches go on
            raise Refused(redact(request.url), str(e), kind="failed") from e

    async def _follow(self, request: Request) -> Response:
        assert self._session is not None, "open the fetcher with `async with`"
        subject, validators = redact(request.url), {}
        if request.etag:
            validators["If-None-Match"] = request.etag
        if request.last_modified:
            validators["If-Modified-Since"] = request.last_modified
        url, private, home = request.url, {}, ""
        if request.headers or "@" in url:
            home = _origin(as_sent(subject, url))
            url, private = without_credentials(url), _private_headers(request)
        moved_to, permanent, seen = "", True, set()
        for _ in range(self._spec.max_redirects + 1):
            sent = as_sent(subject, url)
            headers = {**validators, **private} if private and _origin(sent) == home else validators
            async with self._session.get(sent, headers=headers, allow_redirects=False) as answer:
                location = answer.headers.get("Location") if answer.status in REDIRECTS else None
                if not location:
                    return await self._read(request, url, moved_to, answer)
                permanent = permanent and answer.status in PERMANENT
            seen.add(urldefrag(url).url)
            # User and password that a server puts into its redirect are its own invention.
            url = without_credentials(absolute(url, location) or location)
            if urldefrag(url).url in seen:
                raise Refused(subject, "its redirects go round in a circle", kind="redirects")
            if permanent:
                moved_to = _as_asked(request, url, home)
        raise Refused(subject, f"more than {self._spec.max_redirects} redirects", kind="redirects")

    async def _read(self, request: Request, url: str, moved_to: str, answer: aiohttp.ClientResponse) -> Response:
        status, headers = answer.status, answer.headers
        if status != 304 and (error := error_for_status(redact(request.url), status, headers.get("Retry-After"))):
            raise error
        body = b"" if status == 304 else await self._body(request, answer)
        now = datetime.now(UTC)
        return Response(
            final_url=url,
            status=status,
            body=body,
            content_type=headers.get("Content-Type", "").encode(errors="replace").decode(),
            etag=validator(headers, "ETag"),
            last_modified=validator(headers, "Last-Modified"),
            moved_to=moved_to,
            fresh_for=freshness(headers, now),
            fetched_at=now,
        )

    async def _body(self, request: Request, answer: aiohttp.ClientResponse) -> bytes:
        """The body, unpacked chunk by chunk, so that a bomb is stopped at the cap and never held whole."""
        cap = self._spec.max_bytes
        if (length := answer.content_length) is not None and length > cap:
            raise TooLarge(redact(request.url), f"{length} bytes announced, {cap} allowed")
        body = bytearray()
        async for chunk in answer.content.iter_chunked(CHUNK):
            body += chunk
            if len(body) > cap:
                raise TooLarge(redact(request.url), f"more than {cap} bytes")
        return bytes(body)


def fetch_one(spec: HttpSpec, url: str, headers: Iterable[tuple[str, str]] = ()) -> Response:
    """One resource, asked for with `headers` (`connectors.secrets`), for a command that needs no more.

    Raises: Transient, Permanent.
    """
    request = Request(url=url, headers=tuple(headers))

    async def fetch() -> Response:
        async with HttpFetcher(spec) as fetcher:
            return await fetcher.fetch(request)

    return asyncio.run(fetch())


def guarded_session(
    headers: Mapping[str, str], *, allow_private_hosts: bool, keep_alive_s: float = 15.0, unpack: bool = True
) -> aiohttp.ClientSession:
    """A client, to be closed by whoever opened it: `headers` go with every request; connections are kept for
    `keep_alive_s` seconds; without `unpack`, bodies are handed over as they were sent. No limit of time or number is
    set, no cookie kept, no proxy taken from the environment."""
    connector = aiohttp.TCPConnector(
        limit=0,  # the crawl limits hosts and totals itself, and so does the delivery
        ttl_dns_cache=60,
        keepalive_timeout=keep_alive_s,
        socket_factory=None if allow_private_hosts else _public_socket,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),  # a cookie of one outlet is nobody else's business
        timeout=aiohttp.ClientTimeout(total=None),
        headers=headers,
        trust_env=False,
        read_bufsize=CHUNK,
        auto_decompress=unpack,
    )


#: What a request fails with, but for what we raise ourselves: `failure` knows them all.
CLIENT_ERRORS = (TimeoutError, aiohttp.ClientError, OSError, asyncio.IncompleteReadError, ValueError)


def failure(subject: str, error: BaseException, *, timeout_s: float) -> NewswireError:
    """Our error for one of CLIENT_ERRORS; `timeout_s` is what a TimeoutError has run out of. `subject`, which is shown,
    is what was asked for."""
    match error:
        case _PrivateAddress():
            return Forbidden(subject, str(error))
        case TimeoutError():
            return Unreachable(subject, f"no complete answer within {timeout_s:g} s", kind="timeout")
        case aiohttp.InvalidURL():
            return Forbidden(subject, f"not an address that can be fetched: {_said(error)}")
        case aiohttp.ClientError() | OSError() | asyncio.IncompleteReadError():
            if private := _cause(error):
                return Forbidden(subject, str(private))
            return Unreachable(subject, _said(error), kind=_kind(error))
        case _:  # a host name that cannot be one, a header that cannot be sent
            return Forbidden(subject, f"not an address that can be fetched: {_said(error)}")


def error_for_status(url: str, status: int, wish: str | None, said: str = "") -> NewswireError | None:
    """Sort an HTTP status into the two families; None for an answer to read. The only place that knows the numbers.
    `wish` is what Retry-After says, `said` what else is to be told of the answer, in words."""
    reason = f"HTTP {status}: {said}" if said else f"HTTP {status}"
    match status:
        case 304:
            return None
        case _ if 200 <= status < 300:
            return None
        case 404:
            return Gone(url, reason)
        case 410:
            return Gone(url, reason, kind="gone")
        case 408 | 425 | 429 | 503:
            wait = retry_after(wish, datetime.now(UTC))
            return Busy(url, reason, wait, kind="rate-limited" if status == 429 else "")
        case _ if status >= 500:
            return Unreachable(url, reason, kind="server-error")
        case _:
            return Refused(url, reason, kind="redirects" if status in REDIRECTS else "")


class _PrivateAddress(OSError):
    """An OSError, so that aiohttp tries a host's other addresses, and closes what it opened."""


def _public_socket(info: tuple[Any, ...]) -> socket.socket:
    """The socket for an address the connection is about to be made to; the last moment, after every name look-up, so
    that neither a redirect, nor an odd notation, nor a name that changes its mind gets past it.

    Raises: _PrivateAddress.
    """
    family, kind, protocol, _, address = info
    if not is_public(str(address[0])):
        raise _PrivateAddress(
            f"{address[0]} is no public address (set allow_private_hosts in [fetch], or in [alerts] for webhooks)"
        )
    return socket.socket(family=family, type=kind, proto=protocol)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet; one that carries an IPv4 address inside counts as that."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.is_site_local:  # fec0::/10, deprecated by RFC 3879, but nobody's outside all the same
            return False
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):  # NAT64, RFC 6052
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _cause(error: BaseException | None) -> _PrivateAddress | None:
    """The refusal of a private address somewhere beneath aiohttp's own error."""
    while error is not None:
        if isinstance(error, _PrivateAddress):
            return error
        inner = getattr(error, "os_error", None)
        error = inner if isinstance(inner, _PrivateAddress) else error.__cause__ or error.__context__
    return None


def _kind(error: BaseException) -> str:
    """Why there is no answer, as one of `transforms.errors.KINDS`."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "dns"
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return "tls"
    if not isinstance(error, aiohttp.ClientConnectorError):
        return "dropped"
    match error.os_error:
        case TimeoutError():  # ETIMEDOUT: the system was less patient than we are
            return "timeout"
        case ConnectionResetError() | ConnectionAbortedError() | BrokenPipeError():
            return "dropped"
        case _:
            return "refused"


def _said(error: BaseException) -> str:
    """An error in one line, without the secrets of the addresses in it."""
    text = " ".join(redact(word) for word in str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _private_headers(request: Request) -> dict[str, str]:
    """What only the request's own origin may see: its headers, and user and password as Basic authentication.

    Raises: ConfigError.
    """
    headers = headers_to_send(request.headers, os.environ)
    return headers if "authorization" in map(str.lower, headers) else {**headers, **authorization(request.url)}


def authorization(url: str) -> dict[str, str]:
    """User and password of an address as the header of Basic authentication; empty where it has none."""
    parts = urlsplit(url)
    if parts.username is None:
        return {}
    return {"Authorization": aiohttp.encode_basic_auth(unquote(parts.username), unquote(parts.password or ""))}


def _as_asked(request: Request, url: str, home: str) -> str:
    """Where a request has moved to: without the fragment, which no server sees, and with the user and password that
    were asked with, as long as they stay at home."""
    url = urldefrag(url).url
    userinfo, at, _ = urlsplit(request.url).netloc.rpartition("@")
    if at and is_followable(url) and _origin(URL(url)) == home:
        parts = urlsplit(url)
        return parts._replace(netloc=f"{userinfo}@{parts.netloc}").geturl()
    return url


def _origin(url: URL) -> str:
    """Scheme, host and port: how far a secret may go."""
    return str(url.origin()).lower()


def as_sent(subject: str, url: str) -> URL:
    """Well-formed addresses are sent as they came: quoting them anew would ask some servers for another page.

    Raises: Forbidden, ValueError.
    """
    if len(url) <= MAX_URL and _PLAIN.fullmatch(url):
        return URL(url, encoded=True)
    if not is_followable(url):
        reason = f"only http and https addresses are fetched, not {redact(url)[:200]}"
        raise Forbidden(subject, reason)
    return URL(url, encoded=bool(_WELL_FORMED.match(url)))
