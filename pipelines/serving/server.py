"""A WSGI application over HTTP, in threads of its own, with bounds on all that a client may ask for."""

import logging
import socket
import threading
from typing import TYPE_CHECKING, Any, Final

from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("newswire.http")

#: Requests that are answered at once, where nobody says otherwise; others wait for their turn.
THREADS: Final = 8
#: Connections at once. More wait to be accepted.
CONNECTIONS: Final = 200
#: A connection on which nothing happens is given up after so long.
SILENT_S: Final = 10
#: Bytes of a request's line and headers together, and of its body, which nobody needs.
MAX_HEAD, MAX_BODY = 64_000, 1_000
#: How long answers in hand are waited for at the end.
_ROUND_S: Final = 1.0


class Server:
    """Answers from when it is made until `close`."""

    def __init__(self, host: str, port: int, application: "WSGIApplication", *, threads: int = THREADS) -> None:
        """Raises: OSError: it cannot listen there."""
        listening = _bound(host, port)
        #: As it was got, where 0 was asked for.
        self.port: int = listening.getsockname()[1]
        #: HOST:PORT, as in an address.
        self.where = f"{f'[{host}]' if ':' in host else host}:{self.port}"
        _log_as_we_do()
        self._sockets: dict[int, Any] = {}
        server = create_server(
            _as_asked(application),
            map=self._sockets,
            sockets=[listening],
            threads=threads,
            connection_limit=CONNECTIONS,
            channel_timeout=SILENT_S,
            cleanup_interval=2,
            max_request_header_size=MAX_HEAD,
            max_request_body_size=MAX_BODY,
            ident="newswire",
            log_socket_errors=False,  # somebody went away before the answer was whole
        )
        assert isinstance(server, BaseWSGIServer)  # what it makes of one socket
        self._server = server
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._answer, name="http", daemon=True)
        self._thread.start()

    def _answer(self) -> None:
        while not self._ending.is_set():
            # select() knows no file above the 1024th, and a stream has as many open.
            wasyncore.loop(timeout=_ROUND_S, use_poll=True, map=self._sockets, count=1)
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._sockets)

    def close(self) -> None:
        """Give the port back; what is being answered has a few seconds."""
        self._ending.set()
        self._server.pull_trigger()
        self._thread.join()


def _bound(host: str, port: int) -> socket.socket:
    """As `socket.create_server`, whose errors say the address in Python's words. Raises: OSError."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
    except BaseException:
        made.close()
        raise
    return made


class _Told(logging.Handler):
    """Hands on to our log, where no text moves a cursor: a path stands in what the library says of it."""

    def emit(self, record: logging.LogRecord) -> None:
        log.log(record.levelno, "%s", record.getMessage(), exc_info=record.exc_info)


def _log_as_we_do() -> None:
    theirs = logging.getLogger("waitress")
    theirs.handlers, theirs.propagate = [_Told()], False
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that requests wait for a moment is no news


def _as_asked(application: "WSGIApplication") -> "WSGIApplication":
    """With no body in the answer to HEAD."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        body = application(environ, start_response)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else body

    return answer
