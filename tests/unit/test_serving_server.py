"""What is asked over HTTP is answered within bounds: threads, bytes, silence."""

import http.client
import os
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipelines.serving import server
from pipelines.serving.application import THREADS
from pipelines.serving.server import Server
from tests.pipelines.test_endpoint import asked
from tests.unit.test_serving import Desk, numbered

App = Callable[[dict[str, Any], Any], Iterable[bytes]]


@contextmanager
def listening(application: Any, **options: Any) -> Iterator[int]:
    made = Server("127.0.0.1", 0, application, **options)
    try:
        yield made.port
    finally:
        made.close()


def hello(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


def test_twenty_searches_at_once_are_all_answered(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.put(*numbered(50))
    with listening(desk.answers, threads=THREADS) as port, ThreadPoolExecutor(20) as many:
        answers = list(many.map(lambda n: asked(port, f"/?q=quiet+AND+{n}"), range(20)))
    assert [status for status, _ in answers] == [200] * 20
    for n, (_, text) in enumerate(answers):
        assert "1 found" in text
        assert f"<mark>{n}</mark>" in text


def test_to_head_it_says_how_long_the_answer_would_be() -> None:
    with listening(hello) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        said = b"".join(iter(lambda: client.recv(4096), b""))
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"Content-Length: 5" in head
    assert body == b""


def test_no_more_is_answered_at_once_than_there_are_threads() -> None:
    at_once, most, lock = [0], [0], threading.Lock()

    def slow(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.05)
        with lock:
            at_once[0] -= 1
        return hello(environ, start)

    with listening(slow, threads=3) as port, ThreadPoolExecutor(12) as many:
        assert [status for status, _ in many.map(lambda _: asked(port, "/"), range(12))] == [200] * 12
    assert most[0] == 3


@pytest.mark.parametrize(
    ("head", "status"),
    [(f"X: {'a' * server.MAX_HEAD}", 431), (f"Content-Length: {server.MAX_BODY + 1}", 413), ("X: a", 200)],
    ids=["head", "body", "neither"],
)
def test_heads_and_bodies_have_their_bounds(head: str, status: int) -> None:
    with listening(hello) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(f"GET / HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode())
        assert int(client.recv(4096).split()[1]) == status


def test_a_silent_connection_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SILENT_S", 1)
    with listening(hello) as port, socket.create_connection(("127.0.0.1", port), timeout=20) as silent:
        silent.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert silent.recv(4096) == b""


def test_a_process_with_many_files_open_answers() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2_000:
        pytest.skip("so many files may not be opened here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (2_000, hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)]
    try:
        with listening(hello) as port:
            assert asked(port, "/") == (200, "hello")
    finally:
        for one in opened:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_an_application_that_fails_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def fails(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        raise RuntimeError("a secret of the machine")

    with listening(fails) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/")
        answer = connection.getresponse()
        assert answer.status == 500
        assert b"secret" not in answer.read()
        connection.close()
    [said] = [one for one in caplog.records if one.name == "newswire.http"]  # and there in our own form
    assert said.levelname == "ERROR"


def test_the_port_is_free_again_once_it_is_closed() -> None:
    first = Server("127.0.0.1", 0, hello)
    with pytest.raises(OSError, match="in use"):
        Server("127.0.0.1", first.port, hello)
    first.close()
    second = Server("127.0.0.1", first.port, hello)
    assert asked(second.port, "/") == (200, "hello")
    second.close()
