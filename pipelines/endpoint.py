"""`/metrics`, `/healthz` and `/livez` of a process that stays; and whether it is well.

/metrics   for Prometheus: what the process has counted (`pipelines.metrics`), and how the store is
/healthz   200, or 503 with the reasons, in JSON: nobody is to rely on this process as things are
/livez     the same, of its own loops only: 503 means that a new process would help
"""

import json
import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from pipelines import logs, metrics
from pipelines.serving.server import Server
from pipelines.settings import Settings
from pipelines.store_metrics import StoreWatch
from transforms.errors import ConfigError
from transforms.health import spell

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger("newswire.metrics")

#: A loop that has ticked and does so no longer than this is stuck, or its thread has died.
STUCK: Final = timedelta(minutes=1)
#: Where feeds are due and nothing at all is polled for so long, nobody polls. A stream looks once a second; even a host
#: that is asked with pauses and answers nothing is given up sooner (`[fetch] timeout_s`).
STALLED: Final = timedelta(minutes=10)
#: Clocks of machines that share a store differ by less. Where one was set back, nothing is due until it has caught up.
AHEAD: Final = timedelta(minutes=1)
#: A worker whose port is taken tries so many after it.
PORTS: Final = 16
#: What a probe waits for the store: probes give up after a second.
_PROBE_S: Final = 0.5

#: By loop, when it last went round, and what keeps it from its work.
_ticks: dict[str, tuple[float, str]] = {}


def tick(loop: str = "main", wrong: str = "") -> None:
    """Say that a loop of this process goes round. From the first time on it must do so at least once a minute. `wrong`:
    what keeps it from its work, such as a store that cannot be written; a new process would not mend it."""
    _ticks[loop] = monotonic(), wrong


def rest(loop: str = "main") -> None:
    """Say that a loop has ended as it should."""
    _ticks.pop(loop, None)


class Health(Collector):
    """Whether the process is well, and why not."""

    def __init__(self, store: StoreWatch, *, polls: bool, started: datetime) -> None:
        self._store, self._polls, self._started = store, polls, started
        self._well = True

    def loops(self) -> list[str]:
        """What is wrong with the process itself."""
        now = monotonic()
        ages = {loop: now - at for loop, (at, _) in sorted(_ticks.copy().items())}
        return [
            f"the loop {loop!r} has not gone round for {age:.0f} seconds"
            for loop, age in ages.items()
            if age > STUCK.total_seconds()
        ]

    def all(self) -> list[str]:
        """What is wrong with the process, or with what it works on."""
        looked, now = self._store.look(_PROBE_S), datetime.now(UTC)
        found = self.loops() + [wrong for _, (_, wrong) in sorted(_ticks.copy().items()) if wrong]
        if looked.error:
            found.append(f"the store does not answer: {looked.error}")
        elif looked.last_poll_at is not None and (ahead := looked.last_poll_at - now) > AHEAD:
            found.append(f"the store's times are ahead of this clock by {spell(ahead)}")
        elif self._polls and looked.feed_due_since is not None:
            idle = now - max(looked.feed_due_since, looked.last_poll_at or self._started, self._started)
            if idle > STALLED:
                found.append(f"feeds are due, and none was polled for {idle.total_seconds() / 60:.0f} minutes")
        if bool(found) == self._well:
            self._well = not found
            (log.warning if found else log.info)("%s", "; ".join(found) or "well again")
        return found

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauge, for a registry."""
        yield GaugeMetricFamily("newswire_healthy", "whether /healthz says so", value=not self.all())

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: a registry that is made must not wait for a store."""
        return []


class Application:
    """What answers at the three addresses, as WSGI."""

    def __init__(self, settings: Settings, *, polls: bool) -> None:
        """`polls` as in `serve`."""
        store = StoreWatch(settings)
        store.look(0)  # so that the first who asks need not wait
        health = self._health = Health(store, polls=polls, started=datetime.now(UTC))
        registry = CollectorRegistry()
        for collector in (metrics.REGISTRY, store, health):
            registry.register(collector)
        self._metrics: Any = make_wsgi_app(registry)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return _answer(start_response, "405 Method Not Allowed", {"error": "GET it"})
        if path == "/metrics":  # whose application does not know HEAD
            return self._metrics({**environ, "REQUEST_METHOD": "GET"}, start_response)
        if path in ("/healthz", "/livez"):
            wrong = self._health.all() if path == "/healthz" else self._health.loops()
            status = "503 Service Unavailable" if wrong else "200 OK"
            return _answer(start_response, status, {"healthy": not wrong, "reasons": wrong})
        return _answer(start_response, "404 Not Found", {"error": "there are /metrics, /healthz and /livez"})


def _answer(start_response: "StartResponse", status: str, data: Mapping[str, Any]) -> list[bytes]:
    body = json.dumps(data).encode() + b"\n"
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    start_response(status, headers)
    return [body]


@contextmanager
def serve(settings: Settings, *, polls: bool) -> Iterator[int | None]:
    """Answer on `[metrics] listen` while the block runs; the port, None where there is none. `polls`: whether this
    process is to see that feeds are polled, so that it is not well where nobody does.

    Raises: ConfigError: it cannot listen where the settings say.
    """
    _ticks.clear()
    server = _open(settings, polls=polls, spread=False)
    try:
        yield server.port if server else None
    finally:
        if server:
            _close(server)
        _ticks.clear()


#: The servers of this process.
_serving: list[Server] = []
_lock = threading.Lock()


def serve_worker(settings: Settings) -> int | None:
    """Answer from now on, and log as the settings say, where this process does not do so yet: for the processes that a
    runner starts, several on a machine. The port is the next one that is free; None where there is none."""
    with _lock:
        if not logs.is_configured():
            logs.configure(settings.log)
        server = _serving[0] if _serving else _open(settings, polls=False, spread=True)
        return server.port if server else None


def _open(settings: Settings, *, polls: bool, spread: bool) -> Server | None:
    address = settings.metrics.address
    if address is None:
        return None
    # Nobody who did not ask for an endpoint is stopped by the lack of one.
    asked_for = "listen" in settings.metrics.model_fields_set and not spread
    host, first = address
    server, answers = None, Application(settings, polls=polls)
    for port in (first,) if asked_for or not first else range(first, min(first + PORTS, 65_535) + 1):
        try:
            server = Server(host, port, answers)
        except OSError as e:
            if asked_for:
                raise ConfigError(f"[metrics] listen = {settings.metrics.listen!r}: {e.strerror or e}") from e
            reason = e
            continue
        break
    if server is None:
        log.warning("there are no /metrics and no /healthz, since %s cannot be listened on: %s", host, reason)
        return None
    _serving.append(server)
    log.info("/metrics and /healthz on %s", server.where)
    return server


def _close(server: Server) -> None:
    _serving.remove(server)
    server.close()
