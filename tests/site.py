"""A misbehaving news site on loopback: tests set its resources and read what was asked; every way a server is known to
go wrong has a resource of its own.

    with Site() as site:
        site.put("/a", page("Headline", ["Text."]))
        site.put("/feed", feed([("Headline", site.url("/a"), "Standfirst")]), content_type="application/rss+xml")
        ...
        assert site.paths() == ["/feed", "/a"]

A resource that was put wins over the built-in one of the same path. There is no /robots.txt (404) unless one is put.

    /drop             closes the connection before it answers       /reset           answers with a TCP reset
    /garbage          an answer that is not HTTP                    /forever         accepts, and never answers
    /partial          less body than Content-Length says            /wrong-length    more body than Content-Length says
    /broken-chunks    a chunk whose length is no number             /cut-chunks      ends in the middle of its chunks
    /drip             one byte every 0.2 s, for ever                /drip-headers    the same, in the middle of a header
    /huge             a body without an end                         /announced-huge  Content-Length: 10**12
    /headers-huge     header lines without an end                   /header-long     a header line without an end
    /bomb             1 MB of gzip that is 1 GB of zeros            /bomb-deflate    the same as deflate
    /bomb-in-bomb     the bomb, packed once more                    /broken-gzip     says gzip, and is none
    /cut-gzip         gzip that ends in the middle                  /unknown-coding  Content-Encoding: x-unheard-of
    /loop             to /loop/again and back to /loop              /chain/N         N redirects, then a page
    /to-private /to-metadata /to-file /to-javascript /to-half /to-nowhere             redirects nobody should follow
    /429 /429-date /503 /503-date                                   Retry-After as seconds and as a date
    /empty            200 and no body                               /binary          bytes that are no text
    /set-cookie       sets a cookie                                 /conditional     ETag, Last-Modified, 304
    /same-etag        new body each time under one ETag             /says-unchanged  the same, but 304 if asked with it
    /html-for-xml     a web page that says it is RSS                /gone            410
    /moves/301-302    redirects with these statuses, one after the other, then a feed
    /endless-links    a page whose links lead to pages like it      /endless/N       those
"""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.utils import formatdate
from functools import cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, repeat
from types import TracebackType
from typing import Any, NamedTuple, Self, cast
from urllib.parse import unquote, urlsplit

LOOPBACK = "127.0.0.1"
#: How often a silent or dripping resource looks whether the site stops, in seconds.
LOOK_UP_S = 0.02
DRIP_S = 0.2
#: What /429 and /503 ask for, in seconds; their `-date` forms name a moment so far ahead.
RETRY_AFTER_S = 120
ETAG = '"edition-7"'
LAST_MODIFIED = "Tue, 06 May 2025 08:00:00 GMT"
COOKIE = "reader=42"
MEGABYTE = 1 << 20
BOMB_MEGABYTES = 1024
BOMB_BYTES = BOMB_MEGABYTES * MEGABYTE
_BOMB_CRC = 0x5B64C2B0
HTML = "text/html; charset=utf-8"
RSS = "application/rss+xml"


class Asked(NamedTuple):
    """One request as it arrived. Header names are in lower case; `at` is time.monotonic()."""

    method: str
    #: With its query.
    path: str
    headers: Mapping[str, str]
    at: float


class Resource(NamedTuple):
    """What the site answers under a path."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    delay_s: float


class Site:
    """A context manager; every method may be used from any thread. A site that was left cannot be entered again."""

    def __init__(self, host: str = LOOPBACK) -> None:
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._resources: dict[str, Resource] = {}
        self._asked: list[Asked] = []
        self._sent: Counter[str] = Counter()
        self._server = _Server(self, host)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(LOOK_UP_S,), name="site", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """The port it listens on, chosen by the operating system."""
        return self._server.server_port

    @property
    def host(self) -> str:
        """`127.0.0.1:port`: the unit of politeness."""
        return f"{LOOPBACK}:{self.port}"

    def url(self, path: str = "/") -> str:
        """The address of a path."""
        return f"http://{self.host}{path}"

    def put(
        self,
        path: str,
        body: bytes = b"",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        content_type: str = HTML,
        delay_s: float = 0.0,
    ) -> str:
        """Answer `path` so from the next request on; its address. `headers` win over Content-Type and Content-Length.

        A path with a query is matched as a whole first, then without its query.
        """
        given = {"Content-Type": content_type, "Content-Length": str(len(body)), **(headers or {})}
        with self._lock:
            self._resources[path] = Resource(status, given, body, delay_s)
        return self.url(path)

    def remove(self, path: str) -> None:
        """Answer `path` as if nothing had been put there: with its built-in resource, or 404."""
        with self._lock:
            self._resources.pop(path, None)

    @property
    def asked(self) -> list[Asked]:
        """Every request so far in the order of arrival: a copy."""
        with self._lock:
            return list(self._asked)

    def paths(self) -> list[str]:
        """The paths asked for, in the order of arrival."""
        return [one.path for one in self.asked]

    def asked_for(self, path: str) -> list[Asked]:
        """The requests for one path."""
        return [one for one in self.asked if one.path == path]

    def forget(self) -> None:
        """Empty the log, and the counts of bytes."""
        with self._lock:
            self._asked.clear()
            self._sent.clear()

    def sent(self, path: str) -> int:
        """Bytes of bodies (and of built-in resources' headers) handed to the network under a path."""
        with self._lock:
            return self._sent[path]

    @property
    def connections(self) -> int:
        """Connections that are open now."""
        return self._server.open_connections

    def answer(self, path: str) -> Resource | None:
        """What was put under a path."""
        with self._lock:
            return self._resources.get(path) or self._resources.get(path.partition("?")[0])

    def note(self, asked: Asked) -> None:
        """Enter a request in the log."""
        with self._lock:
            self._asked.append(asked)

    def count(self, path: str, sent: int) -> None:
        """Add to the bytes sent under a path."""
        with self._lock:
            self._sent[path] += sent


def feed(entries: Sequence[tuple[str, str, str]], *, title: str = "The Wire", language: str = "en") -> bytes:
    """An RSS 2.0 feed of (title, link, description)."""
    items = "".join(
        f"<item><title>{escape(headline)}</title><link>{escape(link)}</link>"
        f"<description>{escape(description)}</description></item>\n"
        for headline, link, description in entries
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>{escape(title)}</title>'
        f"<link>https://wire.example/</link><description>News</description><language>{language}</language>\n"
        f"{items}</channel></rss>\n"
    ).encode()


def page(
    title: str, paragraphs: Sequence[str], *, language: str = "en", published: str = "2025-05-06T08:00:00Z"
) -> bytes:
    """An ordinary article page, with navigation, metadata and a footer around the text."""
    text = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)} | The Wire</title>'
        f'<meta property="og:type" content="article"><meta property="og:title" content="{escape(title)}">'
        f'<meta property="article:published_time" content="{published}"></head>\n'
        '<body><header><nav><a href="/">Home</a> <a href="/world">World</a></nav></header>\n'
        f"<main><article><h1>{escape(title)}</h1>\n{text}\n</article></main>\n"
        "<footer><p>Contact and imprint</p></footer></body></html>\n"
    ).encode()


@cache
def bomb() -> bytes:
    """A gzip file of 1 GB of zeros."""
    end = struct.pack("<II", _BOMB_CRC, BOMB_BYTES & 0xFFFFFFFF)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff" + _zeros() + end


@cache
def _zeros() -> bytes:
    """1 GB of zeros, deflated. One megabyte is packed once; a full flush makes the block repeatable."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * BOMB_MEGABYTES + b"\x03\x00"


class _Server(ThreadingHTTPServer):
    """Knows its open connections, so that it can end them."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, site: Site, host: str) -> None:
        self.site = site
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((host, 0), _Handler)

    @property
    def open_connections(self) -> int:
        with self._guard:
            return len(self._open)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every open connection; the threads on them then finish."""
        with self._guard:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the client was faster

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that leave: that is what this site is for. Its own faults answer nothing, so the test
        that met one fails."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Site"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = 60.0

    @property
    def site(self) -> Site:
        return cast(_Server, self.server).site

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what was asked is in `Site.asked`."""

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.site.note(Asked(self.command, self.path, headers, time.monotonic()))
        put = self.site.answer(self.path)
        if put is not None:
            if put.delay_s and self.site.stopping.wait(put.delay_s):
                return
            self._answer(put.status, put.headers, put.body)
            return
        path = unquote(urlsplit(self.path).path)
        for prefix, numbered in _NUMBERED.items():
            if path.startswith(prefix) and path.removeprefix(prefix).isdigit():
                numbered(self, int(path.removeprefix(prefix)))
                return
        if path.startswith("/moves/"):
            _moves(self, path.removeprefix("/moves/"))
            return
        _BUILT_IN.get(path, _not_found)(self)

    do_HEAD = do_GET  # noqa: N815

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(body)
            self.site.count(self.path, len(body))

    def _raw(self, *parts: bytes) -> None:
        """Bytes as they are, then the end of the connection."""
        self._stream(iter(parts))

    def _stream(self, parts: Iterator[bytes], every_s: float = 0.0) -> None:
        """Parts one by one, until the client leaves or the site stops; then the end of the connection."""
        self.close_connection = True
        for part in parts:
            if self.site.stopping.is_set():
                return
            self.connection.sendall(part)
            self.site.count(self.path, len(part))
            if every_s and self.site.stopping.wait(every_s):
                return

    def _redirect(self, to: str, status: int = 302) -> None:
        self._answer(status, {"Location": to, "Content-Length": "0"})


def _head(*lines: str, status: str = "200 OK", end: bool = True) -> bytes:
    text = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Type: {HTML}", *lines])
    return (text + ("\r\n\r\n" if end else "\r\n")).encode()


def _not_found(to: _Handler) -> None:
    to._answer(404, {"Content-Type": HTML, "Content-Length": "9"}, b"not found")


def _drop(to: _Handler) -> None:
    to.close_connection = True


def _reset(to: _Handler) -> None:
    to.close_connection = True
    # No lingering: closing then sends RST. Both handles on the socket must be closed for that.
    to.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    to.rfile.close()
    to.connection.close()


def _forever(to: _Handler) -> None:
    to.close_connection = True
    to.connection.settimeout(LOOK_UP_S)
    while not to.site.stopping.is_set():
        try:
            if not to.connection.recv(1):
                return
        except TimeoutError:
            continue


def _conditional(to: _Handler) -> None:
    validators = {"ETag": ETAG, "Last-Modified": LAST_MODIFIED}
    tags, since = to.headers.get("If-None-Match"), to.headers.get("If-Modified-Since")
    # RFC 9110, 13.1: the date counts only where no tag is given.
    unchanged = tags == ETAG if tags is not None else since == LAST_MODIFIED
    if unchanged:
        to._answer(304, validators)
    else:
        body = page("Seventh edition", ["The same as ever."])
        to._answer(200, {**validators, "Content-Type": HTML, "Content-Length": str(len(body))}, body)


def _busy(status: int, *, as_date: bool) -> Callable[[_Handler], None]:
    def answer(to: _Handler) -> None:
        wish = formatdate(time.time() + RETRY_AFTER_S, usegmt=True) if as_date else str(RETRY_AFTER_S)
        to._answer(status, {"Retry-After": wish, "Content-Length": "0"})

    return answer


def _to(address: str) -> Callable[[_Handler], None]:
    return lambda to: to._redirect(address)


def _body(body: bytes, **headers: str) -> Callable[[_Handler], None]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda to: to._answer(200, {"Content-Type": HTML, "Content-Length": str(len(body)), **named}, body)


def _chain(to: _Handler, left: int) -> None:
    if left:
        to._redirect(f"/chain/{left - 1}")
    else:
        _body(page("The end of the chain", ["Here at last."]))(to)


def _endless(to: _Handler, number: int) -> None:
    links = "".join(f'<a href="/endless/{number + i}">{i}</a> ' for i in range(1, 4))
    _body(f"<!doctype html><html><body>{links}</body></html>".encode())(to)


def _moves(to: _Handler, statuses: str) -> None:
    first, _, rest = statuses.partition("-")
    if first.isdigit():
        to._redirect(f"/moves/{rest or 'end'}", int(first))
    else:
        _body(feed([]), Content_Type=RSS)(to)


def _edition(to: _Handler, *, admits_it: bool) -> None:
    number = len(to.site.asked_for(to.path))
    if not admits_it and "If-None-Match" in to.headers:
        to._answer(304, {"ETag": ETAG})
        return
    story = (f"Edition {number}", to.site.url(f"/edition/{number}"), "All new.")
    _body(feed([story]), Content_Type=RSS, ETag=ETAG)(to)


def _packed(make: Callable[[], bytes], coding: str) -> Callable[[_Handler], None]:
    def answer(to: _Handler) -> None:
        body = make()
        parts = (body[i : i + 16_384] for i in range(0, len(body), 16_384))
        to._stream(chain([_head(f"Content-Encoding: {coding}", f"Content-Length: {len(body)}")], parts))

    return answer


_PAGE = page("An ordinary day", ["Nothing happened.", "It went on happening all day."])
_BUILT_IN: dict[str, Callable[[_Handler], None]] = {
    "/drop": _drop,
    "/reset": _reset,
    "/forever": _forever,
    "/garbage": lambda to: to._raw(b"\x16\x03\x01 this is no answer at all\r\n\r\n"),
    "/partial": lambda to: to._raw(_head("Content-Length: 100000"), b"<html><body><p>The first words"),
    "/wrong-length": lambda to: to._raw(_head("Content-Length: 20"), _PAGE),
    "/broken-chunks": lambda to: to._raw(
        _head("Transfer-Encoding: chunked"), b"5\r\nfirst\r\nXYZ\r\nsecond\r\n0\r\n\r\n"
    ),
    "/cut-chunks": lambda to: to._raw(_head("Transfer-Encoding: chunked"), b"5\r\nfirst\r\n64\r\nhalf of it"),
    "/drip": lambda to: to._stream(chain([_head()], repeat(b".")), DRIP_S),
    "/drip-headers": lambda to: to._stream(chain([_head(end=False), b"X-Slow: "], repeat(b".")), DRIP_S),
    "/huge": lambda to: to._stream(chain([_head()], repeat(b"<p>more of it</p>" * 4_096))),
    "/announced-huge": lambda to: to._stream(chain([_head(f"Content-Length: {10**12}")], repeat(b"." * 65_536))),
    "/headers-huge": lambda to: to._stream(
        chain([_head(end=False)], (f"X-{i}: {'y' * 1_000}\r\n".encode() for i in range(10**9)))
    ),
    "/header-long": lambda to: to._stream(chain([_head(end=False), b"X-Long: "], repeat(b"y" * 4_096))),
    "/bomb": _packed(bomb, "gzip"),
    "/bomb-deflate": _packed(_zeros, "deflate"),
    "/bomb-in-bomb": _packed(lambda: gzip.compress(bomb(), mtime=0), "gzip, gzip"),
    "/broken-gzip": _body(b"this is no gzip at all", Content_Encoding="gzip"),
    "/cut-gzip": _body(gzip.compress(_PAGE * 100, mtime=0)[:-40], Content_Encoding="gzip"),
    "/unknown-coding": _body(b"?????", Content_Encoding="x-unheard-of"),
    "/loop": _to("/loop/again"),
    "/loop/again": _to("/loop"),
    "/to-private": _to("http://10.0.0.1/"),
    "/to-metadata": _to("http://169.254.169.254/latest/meta-data/"),
    "/to-file": _to("file:///etc/passwd"),
    "/to-javascript": _to("javascript:alert(1)"),
    "/to-half": _to("http://[half"),
    "/to-nowhere": _to("http://nobody.invalid/"),
    "/429": _busy(429, as_date=False),
    "/429-date": _busy(429, as_date=True),
    "/503": _busy(503, as_date=False),
    "/503-date": _busy(503, as_date=True),
    "/empty": _body(b""),
    "/binary": _body(bytes(range(256)) * 16, Content_Type="application/octet-stream"),
    "/set-cookie": _body(_PAGE, Set_Cookie=f"{COOKIE}; Path=/"),
    "/conditional": _conditional,
    "/same-etag": lambda to: _edition(to, admits_it=True),
    "/says-unchanged": lambda to: _edition(to, admits_it=False),
    "/html-for-xml": _body(_PAGE, Content_Type=RSS),
    "/gone": lambda to: to._answer(410, {"Content-Length": "0"}),
    "/endless-links": lambda to: _endless(to, 0),
}
_NUMBERED: dict[str, Callable[[_Handler, int], None]] = {"/chain/": _chain, "/endless/": _endless}
