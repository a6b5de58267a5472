"""Fetcher on aiohttp: conditional, bounded in bytes and time, and never to an address it should not talk to."""

import asyncio
import ipaddress
import re
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self

import aiohttp
from yarl import URL

from connectors.ports import Fetcher
from transforms.errors import Busy, Forbidden, Gone, NewswireError, Refused, TooLarge, Unreachable
from transforms.records import Request, Response
from transforms.urls import absolute, is_followable, redact

REDIRECTS = frozenset({301, 302, 303, 307, 308})
ACCEPT = "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/feed+json, */*;q=0.5"
CHUNK = 65_536
#: The characters of RFC 3986.
_WELL_FORMED = re.compile(r"^(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$")
_CREDENTIALS = re.compile(r"//[^/@\s]+@")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSpec:
    """How to fetch. Travels to workers; the client is opened there."""

    user_agent: str
    #: From the first byte sent to the last byte read, all redirects together.
    timeout_s: float = 30.0
    #: Of the body, once unpacked: holds more than 99.99 % of pages (shared REFERENCES.md, item 10).
    max_bytes: int = 10_000_000
    max_redirects: int = 5
    #: Loopback, private and link-local addresses are refused unless this is set: a feed must not reach our own network.
    allow_private_hosts: bool = False


class HttpFetcher(Fetcher):
    """See `connectors.ports.Fetcher`. Use as an async context manager, in one event loop."""

    def __init__(self, spec: HttpSpec) -> None:
        self._spec = spec
        self._stack = AsyncExitStack()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            limit=0,  # the crawl limits hosts and totals itself
            ttl_dns_cache=60,
            socket_factory=None if self._spec.allow_private_hosts else _public_socket,
        )
        self._session = await self._stack.enter_async_context(
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),  # a cookie of one outlet is nobody else's business
                timeout=aiohttp.ClientTimeout(total=None),
                headers={"User-Agent": self._spec.user_agent, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate"},
                trust_env=False,
                read_bufsize=CHUNK,
            )
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def fetch(self, request: Request) -> Response:
        try:
            async with asyncio.timeout(self._spec.timeout_s):
                return await self._follow(request)
        except NewswireError:
            raise
        except TimeoutError as e:
            raise Unreachable(redact(request.url), f"no complete answer within {self._spec.timeout_s:g} s") from e
        except _PrivateAddress as e:
            raise Forbidden(redact(request.url), str(e)) from e
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as e:
            if private := _cause(e):
                raise Forbidden(redact(request.url), str(private)) from e
            raise Unreachable(redact(request.url), _said(e)) from e
        except ValueError as e:  # a host name that cannot be one, a header that cannot be sent
            raise Forbidden(redact(request.url), f"not an address that can be fetched: {_said(e)}") from e

    async def _follow(self, request: Request) -> Response:
        headers = {}
        if request.etag:
            headers["If-None-Match"] = request.etag
        if request.last_modified:
            headers["If-Modified-Since"] = request.last_modified
        url, seen = request.url, {request.url}
        for _ in range(self._spec.max_redirects + 1):
            if not is_followable(url):
                raise Forbidden(
                    redact(request.url), f"only http and https addresses are fetched, not {redact(url)[:200]}"
                )
            assert self._session is not None, "open the fetcher with `async with`"
            async with self._session.get(_as_sent(url), headers=headers, allow_redirects=False) as answer:
                location = answer.headers.get("Location")
                if answer.status not in REDIRECTS or not location:
                    return await self._read(request, url, answer)
            url = absolute(url, location) or location
            if url in seen:
                raise Refused(redact(request.url), "its redirects go round in a circle")
            seen.add(url)
        raise Refused(redact(request.url), f"more than {self._spec.max_redirects} redirects")

    async def _read(self, request: Request, url: str, answer: aiohttp.ClientResponse) -> Response:
        if error := error_for_status(redact(request.url), answer.status, answer.headers.get("Retry-After")):
            raise error
        body = b"" if answer.status == 304 else await self._body(request, answer)
        return Response(
            final_url=url,
            status=answer.status,
            body=body,
            content_type=answer.headers.get("Content-Type", ""),
            etag=answer.headers.get("ETag"),
            last_modified=answer.headers.get("Last-Modified"),
            fetched_at=datetime.now(UTC),
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


def fetch_one(spec: HttpSpec, url: str) -> Response:
    """One resource, for a command that needs no more. Raises: Transient, Permanent."""

    async def fetch() -> Response:
        async with HttpFetcher(spec) as fetcher:
            return await fetcher.fetch(Request(url=url))

    return asyncio.run(fetch())


def error_for_status(url: str, status: int, retry_after: str | None) -> NewswireError | None:
    """Sort an HTTP status into the two families; None for an answer to read. The only place that knows the numbers."""
    match status:
        case 304:
            return None
        case _ if 200 <= status < 300:
            return None
        case 404 | 410:
            return Gone(url, f"HTTP {status}")
        case 408 | 425 | 429 | 503:
            return Busy(url, f"HTTP {status}", parse_retry_after(retry_after, datetime.now(UTC)))
        case _ if status >= 500:
            return Unreachable(url, f"HTTP {status}")
        case _:
            return Refused(url, f"HTTP {status}")


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """The wait a server asks for, given as seconds or as a date (RFC 9110, 10.2.3); None when it is neither."""
    if not value:
        return None
    if (digits := value.strip()).isascii() and digits.isdigit():
        return timedelta(seconds=min(int(digits[:9]), 10**8))
    try:
        moment = parsedate_to_datetime(value)
        return max(moment.astimezone(UTC) - now, timedelta(0)) if moment.tzinfo else None
    except (ValueError, TypeError, OverflowError):
        return None


class _PrivateAddress(OSError):
    """An OSError, so that aiohttp tries a host's other addresses, and closes what it opened."""


def _public_socket(info: tuple[Any, ...]) -> socket.socket:
    """The socket for an address the connection is about to be made to; the last moment, after every name look-up, so
    that neither a redirect, nor an odd notation, nor a name that changes its mind gets past it.

    Raises: _PrivateAddress.
    """
    family, kind, protocol, _, address = info
    if not is_public(str(address[0])):
        raise _PrivateAddress(f"{address[0]} is no public address (set allow_private_hosts to allow it)")
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


def _said(error: BaseException) -> str:
    """An error in one line, without credentials."""
    text = _CREDENTIALS.sub("//***@", " ".join(str(error).split()))[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _as_sent(url: str) -> URL:
    """Well-formed addresses are sent as they came: quoting them anew would ask some servers for another page."""
    return URL(url, encoded=bool(_WELL_FORMED.match(url)))
