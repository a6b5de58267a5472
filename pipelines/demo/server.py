"""The sample wire on loopback: one small HTTP server per outlet, with feeds that answer 304."""

from __future__ import annotations

import hashlib
import select
import socket
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, NamedTuple, Self, cast
from urllib.parse import unquote, urlsplit

from pipelines.demo.feeds import last_change
from pipelines.demo.model import Outlet, load_wire
from pipelines.demo.site import NOT_FOUND, Resource, render

_LOOPBACK: Final = "127.0.0.1"
#: How often a silent page looks whether its client has left or the server stops, in seconds.
_LOOK_UP: Final = 0.05
#: A kept-alive connection on which nobody asks is closed after this many seconds.
_IDLE: Final = 30.0
#: What the log gives as the status of a page that never answers.
UNANSWERED: Final = 0


class Asked(NamedTuple):
    """One request as it arrived; `path` is without its query."""

    method: str
    outlet: str
    path: str
    status: int


class _Edition(NamedTuple):
    """What all outlets answer in one round; replaced as a whole, so that a turn is atomic."""

    sites: dict[str, dict[str, Resource]]
    changed: dict[str, datetime]


class WireServer:
    """A context manager: while it is entered, every outlet answers on its own port of 127.0.0.1.

    `asked` and `turn` may be used from any thread. A server that has been left cannot be entered again.
    """

    def __init__(self, outlets: Sequence[Outlet] | None = None, *, round_: int = 1) -> None:
        self.outlets = tuple(load_wire() if outlets is None else outlets)
        self._lock = threading.Lock()
        self._asked: list[Asked] = []
        self._stop = threading.Event()
        self._servers: dict[str, _OutletServer] = {}
        self._threads: list[threading.Thread] = []
        self._round = round_
        self._edition = _Edition({}, {})

    def __enter__(self) -> Self:
        try:
            for outlet in self.outlets:
                self._servers[outlet.id] = _OutletServer(self, outlet)
            self.turn(self._round)
        except BaseException:
            for server in self._servers.values():
                server.server_close()
            raise
        for outlet_id, server in self._servers.items():
            thread = threading.Thread(
                target=server.serve_forever, args=(_LOOK_UP,), name=f"sample-wire-{outlet_id}", daemon=True
            )
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for server in self._servers.values():
            server.shutdown()
            server.hang_up()
            server.server_close()
        for thread in self._threads:
            thread.join()

    @property
    def stopping(self) -> threading.Event:
        """Set when the server is being left."""
        return self._stop

    @property
    def asked(self) -> list[Asked]:
        """Every request so far, in the order of arrival: a copy, which later requests leave alone."""
        with self._lock:
            return list(self._asked)

    def note(self, asked: Asked) -> None:
        """Enter a request in the log."""
        with self._lock:
            self._asked.append(asked)

    def base_url(self, outlet: Outlet) -> str:
        """Where the outlet's site is, without a slash at the end; it keeps its port through a turn."""
        return f"http://{_LOOPBACK}:{self._servers[outlet.id].server_port}"

    def feeds(self) -> list[tuple[Outlet, str]]:
        """Every outlet with the address of its feed."""
        return [(outlet, self.base_url(outlet) + outlet.feed_path) for outlet in self.outlets]

    def turn(self, round_: int) -> None:
        """Show another round from the next request on; feeds in which nothing changed keep their ETag.

        Raises:
            ValueError: there is no such round.
        """
        sites = {outlet.id: render(outlet, base_url=self.base_url(outlet), round_=round_) for outlet in self.outlets}
        changed = {outlet.id: last_change(outlet.edition(round_)) for outlet in self.outlets}
        self._edition = _Edition(sites, changed)
        self._round = round_

    def answer(self, outlet: Outlet, path: str) -> tuple[Resource, datetime | None]:
        """What the outlet shows under `path` now, and for a feed when it last changed."""
        edition = self._edition
        resource = edition.sites[outlet.id].get(path, NOT_FOUND)
        return resource, edition.changed[outlet.id] if path == outlet.feed_path else None


class _OutletServer(ThreadingHTTPServer):
    """The server of one outlet; it knows its open connections, so that it can end them."""

    # A thread sits on each kept-alive connection: leaving must not wait for clients to hang up.
    daemon_threads = True
    block_on_close = False

    def __init__(self, wire: WireServer, outlet: Outlet) -> None:
        self.wire = wire
        self.outlet = outlet
        self._connections: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((_LOOPBACK, 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every open connection; their threads then see the end of the stream and finish."""
        with self._guard:
            for connection in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the client was faster

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that leaves in the middle is part of the demonstration; anything else is a fault of ours.
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SampleWire"
    sys_version = ""
    timeout = _IDLE
    # Headers and body go out in two writes; without this the second waits for the client's ACK (40 ms a page).
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        server = cast(_OutletServer, self.server)
        path = unquote(urlsplit(self.path).path)
        resource, changed = server.wire.answer(server.outlet, path)
        if resource.hangs:
            server.wire.note(Asked(self.command, server.outlet.id, path, UNANSWERED))
            self._keep_waiting(server.wire.stopping)
            return
        validators: dict[str, str] = {}
        if changed is not None:
            etag = f'"{hashlib.sha256(resource.body).hexdigest()[:32]}"'
            validators = {"ETag": etag, "Last-Modified": format_datetime(changed, usegmt=True)}
        unchanged = changed is not None and self._has(validators["ETag"], changed)
        status = 304 if unchanged else resource.status
        server.wire.note(Asked(self.command, server.outlet.id, path, status))
        self.send_response(status)
        for name, value in validators.items():
            self.send_header(name, value)
        if not unchanged:
            self.send_header("Content-Type", resource.content_type)
            self.send_header("Content-Length", str(len(resource.body)))
        self.end_headers()
        if self.command != "HEAD" and not unchanged:
            self.wfile.write(resource.body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what was asked is in `WireServer.asked`."""

    def _has(self, etag: str, changed: datetime) -> bool:
        """Whether the client's copy is the one it would get (RFC 9110: If-None-Match goes before the date)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return etag in known or "*" in known
        since = self.headers.get("If-Modified-Since")
        if since is None:
            return False
        try:
            return changed <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False  # not a date, or one without a zone: as if it had not been sent

    def _keep_waiting(self, stopping: threading.Event) -> None:
        """Hold the connection without a word until the client leaves or the server stops."""
        self.close_connection = True
        while not stopping.wait(_LOOK_UP):
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return
