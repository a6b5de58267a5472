"""`/metrics`, `/healthz` and `/livez` over real HTTP, of a process that is well and of one that is not."""

import http.client
import json
import logging
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.opening import open_store
from pipelines import endpoint, logs, store_metrics
from pipelines.endpoint import rest, serve, serve_worker, tick
from pipelines.settings import Settings
from pipelines.tables import LogTable
from tests.factories import make_feed
from tests.pipelines.test_store_metrics import poll
from tests.unit.test_metrics import samples, value
from transforms.errors import ConfigError


def made(folder: Path, listen: str | None = "127.0.0.1:0") -> Settings:
    metrics = {} if listen is None else {"metrics": {"listen": listen}}
    return Settings.model_validate({"store": {"path": str(folder / "newswire.db")}, **metrics})


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of a store that is there, and asked anew each time."""
    monkeypatch.setattr(store_metrics, "KEPT_S", 0.0)
    monkeypatch.setattr(store_metrics, "KEPT_TIMES", 0.0)
    monkeypatch.setattr(endpoint, "_PROBE_S", 20.0)
    with open_store(made(tmp_path).store_spec):
        pass
    return made(tmp_path)


def asked(port: int | None, path: str, method: str = "GET", host: str = "127.0.0.1") -> tuple[int, Any]:
    """The status, and the body: of JSON what it says."""
    assert port is not None
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        body = answer.read().decode()
        is_json = answer.headers["Content-Type"] == "application/json"
        return answer.status, json.loads(body) if is_json and body else body
    finally:
        connection.close()


WELL = (200, {"healthy": True, "reasons": []})


def test_metrics_are_what_prometheus_reads(settings: Settings) -> None:
    with serve(settings, polls=True) as port:
        status, text = asked(port, "/metrics")
    assert status == 200
    of = samples(text)
    assert value(of, "healthy") == value(of, "store_up") == 1
    assert ("newswire_records_total", frozenset({("stage", "store"), ("outcome", "new")})) in of
    assert of["process_resident_memory_bytes", frozenset()] > 1e6


@pytest.mark.parametrize("path", ["/healthz", "/livez"])
def test_a_process_that_is_well(settings: Settings, path: str) -> None:
    with serve(settings, polls=True) as port:
        tick()
        assert asked(port, path) == WELL


def test_other_paths_and_methods_are_refused(settings: Settings) -> None:
    with serve(settings, polls=True) as port:
        assert asked(port, "/")[0] == asked(port, "/metrics/x")[0] == 404
        assert asked(port, "/healthz", "POST")[0] == asked(port, "/metrics", "DELETE")[0] == 405
        assert asked(port, "/healthz", "HEAD") == asked(port, "/metrics", "HEAD") == (200, "")


def test_a_store_that_is_away_is_no_reason_for_a_new_process(settings: Settings) -> None:
    Path(settings.store.path).unlink()
    with serve(settings, polls=True) as port:
        status, said = asked(port, "/healthz")
        assert (status, said["healthy"]) == (503, False)
        assert said["reasons"] == ["the store does not answer: there is no store yet"]
        assert asked(port, "/livez") == WELL
        status, text = asked(port, "/metrics")
    assert status == 200
    assert value(samples(text), "healthy") == value(samples(text), "store_up") == 0


def test_what_keeps_a_loop_from_its_work_is_no_reason_for_a_new_process(settings: Settings) -> None:
    with serve(settings, polls=True) as port:
        tick(wrong="the store cannot be written: database or disk is full")
        status, said = asked(port, "/healthz")
        assert (status, said["reasons"]) == (503, ["the store cannot be written: database or disk is full"])
        assert asked(port, "/livez") == WELL
        tick()
        assert asked(port, "/healthz") == WELL


def test_a_loop_that_does_not_go_round(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(settings, polls=True) as port:
        tick()
        tick("deliver")
        later = endpoint.monotonic() + 61
        monkeypatch.setattr(endpoint, "monotonic", lambda: later)
        tick()
        for path in ("/healthz", "/livez"):
            status, said = asked(port, path)
            assert status == 503
            assert said["reasons"] == ["the loop 'deliver' has not gone round for 61 seconds"]
        rest("deliver")
        assert asked(port, "/healthz") == WELL
        tick("deliver")
    with serve(settings, polls=True) as port:  # of a process that begins anew nothing is known
        monkeypatch.setattr(endpoint, "monotonic", lambda: later + 100)
        assert asked(port, "/livez") == WELL


@pytest.fixture
def overdue(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Hours ago, when a feed was polled that was due soon after; its process has been there as long."""
    then = datetime.now(UTC) - timedelta(hours=5)
    with open_store(settings.store_spec) as store:
        store.feeds.add([make_feed(id="a", url="https://a.example/"), make_feed(id="b", url="https://b.example/")])
        for name in "ab":
            poll(store, make_feed(id=name, url=f"https://{name}.example/"), then)
    return then


class Early(datetime):
    """A clock for when the process began."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return datetime.now(tz) - timedelta(hours=6)


def test_nobody_polls_though_feeds_are_due(
    settings: Settings, overdue: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "datetime", Early)
    with serve(settings, polls=True) as port, serve(settings, polls=False) as deliverer:
        monkeypatch.setattr(endpoint, "datetime", datetime)
        status, said = asked(port, "/healthz")
        assert status == 503
        assert said["reasons"][0].startswith("feeds are due, and none was polled for ")
        assert asked(port, "/livez") == WELL
        assert asked(deliverer, "/healthz") == WELL  # that is not its work
        with open_store(settings.store_spec) as store:  # one that is polled is enough
            poll(store, make_feed(id="a", url="https://a.example/"), datetime.now(UTC) - timedelta(minutes=9))
        assert asked(port, "/healthz") == WELL


@pytest.mark.parametrize(("ahead", "well"), [(timedelta(hours=3), False), (timedelta(seconds=50), True)])
def test_a_clock_that_was_set_back(settings: Settings, ahead: timedelta, well: bool) -> None:
    with open_store(settings.store_spec) as store:
        store.feeds.add([make_feed(id="a", url="https://a.example/")])
        poll(store, make_feed(id="a", url="https://a.example/"), datetime.now(UTC) + ahead)
    with serve(settings, polls=True) as port:
        reasons = asked(port, "/healthz")[1]["reasons"]
        assert reasons == [] if well else reasons == ["the store's times are ahead of this clock by 3 h"]
        assert asked(port, "/livez") == WELL


def test_a_process_that_has_just_begun_has_its_time(settings: Settings, overdue: datetime) -> None:
    with serve(settings, polls=True) as port:
        assert asked(port, "/healthz") == WELL


def test_paused_feeds_are_not_missed(settings: Settings, overdue: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(settings.store_spec) as store:
        for name in "ab":
            store.feeds.pause(name, paused=True)
    monkeypatch.setattr(endpoint, "datetime", Early)
    with serve(settings, polls=True) as port:
        monkeypatch.setattr(endpoint, "datetime", datetime)
        assert asked(port, "/healthz") == WELL


def test_that_it_is_not_well_is_said_once(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    there, away = Path(settings.store.path), Path(settings.store.path + ".away")
    there.rename(away)
    caplog.set_level("INFO", "newswire.metrics")
    with serve(settings, polls=True) as port:
        for _ in range(3):
            asked(port, "/healthz")
        away.rename(there)
        for _ in range(3):
            asked(port, "/healthz")
    said = [
        (one.levelname, one.getMessage())
        for one in caplog.records
        if "there is no" in one.msg % one.args or "again" in one.msg % one.args
    ]
    assert said == [("WARNING", "the store does not answer: there is no store yet"), ("INFO", "well again")]


# Where it listens


@pytest.fixture
def taken() -> Iterator[int]:
    """A port with somebody behind it."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_that_was_named_and_is_taken_is_an_error(tmp_path: Path, taken: int) -> None:
    listen = f"127.0.0.1:{taken}"
    with (
        pytest.raises(ConfigError, match=rf"listen = '{listen}': Address already in use"),
        serve(made(tmp_path, listen), polls=False),
    ):
        pass


def test_workers_take_the_next_port(tmp_path: Path, taken: int) -> None:
    with logs.configured(LogTable()):
        try:
            port = serve_worker(made(tmp_path, f"127.0.0.1:{taken}"))
            assert port is not None
            assert taken < port <= taken + endpoint.PORTS
            assert serve_worker(made(tmp_path, f"127.0.0.1:{taken}")) == port  # once a process
            assert asked(port, "/livez") == WELL
        finally:
            for server in endpoint._serving[:]:
                endpoint._close(server)


def test_a_worker_in_the_process_of_a_stream_has_its_port_and_its_log(tmp_path: Path) -> None:
    with logs.configured(LogTable(level="error")), serve(made(tmp_path), polls=True) as port:
        assert serve_worker(made(tmp_path)) == port
        assert logs.OURS.level == logging.ERROR


def test_a_worker_logs_as_the_settings_say(tmp_path: Path) -> None:
    with logs.configured(LogTable()):  # so that all is as it was afterwards
        logs.OURS.handlers.clear()
        serve_worker(made(tmp_path, ""))
        assert logs.is_configured()
    assert not logs.is_configured()


def test_who_named_no_port_is_not_stopped_by_it(
    tmp_path: Path, taken: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings = made(tmp_path, None)
    monkeypatch.setattr(type(settings.metrics), "address", ("127.0.0.1", taken))
    with serve(settings, polls=False) as port:
        assert port is not None
        assert port > taken
    monkeypatch.setattr(endpoint, "PORTS", 0)
    with serve(settings, polls=False) as port:
        assert port is None
    assert "cannot be listened on" in caplog.text


def test_empty_means_not_at_all(tmp_path: Path) -> None:
    with serve(made(tmp_path, ""), polls=True) as port:
        assert port is None
    with logs.configured(LogTable()):
        assert serve_worker(made(tmp_path, "")) is None


def test_on_ipv6(tmp_path: Path) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("there is no IPv6 here")
    with serve(made(tmp_path, "[::1]:0"), polls=False) as port:
        assert asked(port, "/livez", host="::1") == WELL


@pytest.mark.parametrize(
    "listen", ["9464", "localhost", "localhost:", "localhost:70000", "http://localhost:9464", ":9464"]
)
def test_what_is_no_address_is_refused(tmp_path: Path, listen: str) -> None:
    with pytest.raises(ValueError, match="listen"):
        made(tmp_path, listen)


def test_who_says_nothing_holds_up_nobody(settings: Settings) -> None:
    with serve(settings, polls=True) as port, socket.create_connection(("127.0.0.1", port or 0)) as silent:
        silent.sendall(b"GET /metrics HTTP/1.1\r\nHost: ")
        assert asked(port, "/livez") == WELL
