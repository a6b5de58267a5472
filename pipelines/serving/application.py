"""The pages of `newswire serve` as a WSGI application: who may ask, what for, and what else an answer says.

/              search               /feeds                     how the feeds are doing
/trace/ID      one article          /alerts, /alerts/ID        subscriptions
/trace?url=…   one address          /metrics, /healthz, /livez as `pipelines.endpoint`
/like/ID       articles like one
"""

import logging
import secrets
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from importlib.resources import files
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from connectors.opening import Store, is_there, open_store
from pipelines import endpoint
from pipelines.serving import pages
from pipelines.serving.html import address, rendered
from pipelines.serving.pages import Asked, Page
from pipelines.settings import Settings
from transforms.errors import ConfigError, NewswireError, StoreFailed

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger("newswire.serve")

#: Of the endpoint's, which watches the process rather than shows what it has.
_WATCHED: Final = ("/metrics", "/healthz", "/livez")
#: Pages that are made at once. A store that hangs holds up so many, and the rest of the threads answers /livez.
PAGES: Final = 24
THREADS: Final = PAGES + 8
#: How long the next page waits for its turn.
TURN_S: Final = 0.5
#: Characters of an address: the longest query, each of its letters as escaped bytes, and some more.
MAX_ADDRESS: Final = 40_000
#: Values of one address.
MAX_VALUES: Final = 50
#: Nothing runs, nothing is fetched from elsewhere, nobody frames it, and nobody is told where a reader came from.
HEADERS: Final = (
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
_HTML, _CSS = "text/html; charset=utf-8", "text/css; charset=utf-8"


class Application:
    """Answers GET and HEAD, and writes nothing."""

    def __init__(self, settings: Settings, *, topics: Mapping[str, str], hosts: frozenset[str] | None) -> None:
        """`topics`: labels by id. `hosts`: the names it answers to, as `answers_to` has them; None: all."""
        self._spec, self._topics, self._hosts = settings.store_spec, topics, hosts
        #: Where a proxy shows the pages, as links name it.
        self._prefix = urlsplit(settings.alerts.base_url).path.rstrip("/")
        self._to = partial(address, self._prefix)
        self._style = files("pipelines.serving").joinpath("style.css").read_bytes()
        self._watched = endpoint.Application(settings, polls=False)
        self._turns = threading.BoundedSemaphore(PAGES)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            said = {name.lower() for name, _ in headers}
            more = [(name, value) for name, value in HEADERS if name.lower() not in said]
            return start_response(status, [*headers, *more], *rest)

        path, query = _text(environ["PATH_INFO"]), _text(environ.get("QUERY_STRING", ""))
        if self._prefix and path.startswith(f"{self._prefix}/"):  # some proxies take it off, some do not
            path = path[len(self._prefix) :]
        if refused := self._refused(environ):
            status, kind, body = refused.status, _HTML, self._written(refused)
        elif path in _WATCHED:
            return self._watched({**environ, "PATH_INFO": path}, start)
        elif path == "/style.css":
            status, kind, body = HTTPStatus.OK, _CSS, self._style
        else:
            status, kind, body = self._page(path, query)
        headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            headers.append(("Allow", "GET, HEAD"))
        start(f"{status.value} {status.phrase}", headers)
        return [body]

    def _refused(self, environ: "WSGIEnvironment") -> Page | None:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return _said(HTTPStatus.METHOD_NOT_ALLOWED, "These pages are only read: GET them.")
        if len(environ["PATH_INFO"]) + len(environ.get("QUERY_STRING", "")) > MAX_ADDRESS:
            return _said(HTTPStatus.REQUEST_URI_TOO_LONG, "This address is longer than any that leads anywhere here.")
        host = environ.get("HTTP_HOST", "")
        if self._hosts is not None and host and _name(host) not in self._hosts and not _is_loopback(_name(host)):
            words = "These pages are not shown under this name. Behind a proxy, [alerts] base_url names the one."
            return _said(HTTPStatus.MISDIRECTED_REQUEST, words)
        return None

    def _page(self, path: str, query: str) -> tuple[HTTPStatus, str, bytes]:
        """Never raises: what goes wrong is a page as well."""
        if not self._turns.acquire(timeout=TURN_S):
            page = _said(HTTPStatus.SERVICE_UNAVAILABLE, "Too many ask at once. Try again in a moment.")
            return page.status, _HTML, self._written(page)
        try:
            page = self._made(path, query)
            body = self._written(page)
        except Exception:  # the reader gets no more of it than where it is in the log
            name = secrets.token_hex(4)
            log.exception("a page could not be made: error %s", name)
            page = _said(
                HTTPStatus.INTERNAL_SERVER_ERROR, f"This is an error in newswire. The log has it under {name}."
            )
            body = self._written(page)
        finally:
            self._turns.release()
        return page.status, _HTML, body

    def _made(self, path: str, query: str) -> Page:
        try:
            asked = parse_qs(query, errors="replace", max_num_fields=MAX_VALUES)
        except ValueError:
            return _said(HTTPStatus.BAD_REQUEST, f"More than {MAX_VALUES} values cannot be asked for at once.")
        try:
            if not is_there(self._spec):  # opening it would make it
                raise ConfigError("there is no store any more")
            with open_store(self._spec) as store:
                return self._of(store, path, asked)
        except (NewswireError, ConfigError, StoreFailed) as e:
            log.warning("a page could not be made, since the store does not answer: %s", e)
            return _said(HTTPStatus.SERVICE_UNAVAILABLE, "The store does not answer. The log says why.")

    def _of(self, store: Store, path: str, asked: Asked) -> Page:
        now = datetime.now(UTC)
        match path.split("/", 2)[1:]:
            case [""]:
                return pages.search(store, asked, self._topics)
            case ["trace"]:
                return pages.trace(store, (*asked.get("url", ()), "")[0])
            case ["trace", article]:
                return pages.trace(store, article)
            case ["like", article] if article:
                return pages.like(store, article)
            case ["feeds"]:
                return pages.feeds(store, now)
            case ["alerts"]:
                return pages.alerts(store, asked, now)
            case ["alerts", name] if name:
                return pages.subscription(store, name, now)
        return pages.missing("There is no such page.")

    def _written(self, page: Page) -> bytes:
        return rendered(page.template, self._to, title=page.title, **page.data).encode()


def _said(status: HTTPStatus, words: str) -> Page:
    return Page(template="message.html.j2", title=status.phrase, data={"words": words}, status=status)


def answers_to(host: str, base_url: str) -> frozenset[str] | None:
    """The names, beside those of loopback, under which pages are shown that are listened for on `host`; None: any. On
    loopback a page of the web may have its own name lead here (DNS rebinding), and would read everything."""
    if not _is_loopback(host):
        return None
    return frozenset({(urlsplit(base_url).hostname or "").lower()} - {""})


def _text(raw: str) -> str:
    """What WSGI hands over a byte a letter, as text."""
    return raw.encode("latin-1", "replace").decode("utf-8", "replace")


def _name(host: str) -> str:
    """The name in a Host header, without its port; empty where it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
