"""A webhook receiver on loopback: it keeps what is posted to it, checks signatures with a library that is not ours, and
goes wrong in every way that `tests.site` does.

    with Receiver() as receiver:
        receiver.answers("/hook", 500, 503)       # then 204 again
        ...
        assert receiver.ids() == [message.id] * 3
        receiver.verified("whsec_…")              # what was posted, each with a good signature

What is posted to `/hook`, or to a path below it, is taken with 204, to any path of `tests.site` answered as described
there; a path that was put wins. Besides:

    /late             takes what is posted, and answers after LATE_S         /unread     answers 413 and reads no body
    /echo             answers 400 with its own path, and the body            /moved      a redirect to /hook
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from tests.site import Site
from tests.site import _Handler as _SiteHandler

#: Longer than any time limit of a test.
LATE_S = 3.0


class Received(NamedTuple):
    """A message as it arrived whole. Header names are in lower case; `at` is time.monotonic()."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class Receiver(Site):
    """A context manager, as `Site` is."""

    def __init__(self) -> None:
        super().__init__()
        self._server.RequestHandlerClass = _Handler
        self._received: list[Received] = []
        self._answers: dict[str, deque[tuple[int, Mapping[str, str]]]] = defaultdict(deque)

    def answers(self, path: str, *statuses: int, headers: Mapping[str, str] | None = None) -> str:
        """Answer the next POSTs to a path so, one after the other; its address."""
        with self._lock:
            self._answers[path] += [(status, headers or {}) for status in statuses]
        return self.url(path)

    @property
    def received(self) -> list[Received]:
        """Everything that arrived whole, whatever it was answered, in order: a copy."""
        with self._lock:
            return list(self._received)

    def ids(self, path: str = "/hook") -> list[str]:
        """The ids of the messages that came to a path, each as often as it came."""
        return [one.id for one in self.received if one.path == path]

    def verified(self, key: str | bytes) -> list[Any]:
        """What the messages say, in order. Raises: WebhookVerificationError, for a signature that is not of `key`."""
        judge = Webhook(key)
        return [judge.verify(one.body, dict(one.headers)) for one in self.received]

    def forget(self) -> None:
        super().forget()
        with self._lock:
            self._received.clear()
            self._answers.clear()

    def take(self, one: Received) -> None:
        """Enter a message in the log."""
        with self._lock:
            self._received.append(one)

    def next_answer(self, path: str) -> tuple[int, Mapping[str, str]] | None:
        """What is to be answered now, where something was set."""
        with self._lock:
            return self._answers[path].popleft() if self._answers[path] else None


class _Handler(_SiteHandler):
    def do_POST(self) -> None:
        receiver, path = cast(Receiver, self.site), urlsplit(self.path).path
        if path == "/unread":
            self.close_connection = True
            self._answer(413, {"Content-Length": "0"})
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        receiver.take(Received(path, headers, body, time.monotonic()))
        if (answer := receiver.next_answer(path)) is not None:
            status, more = answer
            self._answer(status, {"Content-Length": "0", **more})
        elif receiver.answer(self.path) is not None:
            self.do_GET()
        elif path == "/late":
            if not receiver.stopping.wait(LATE_S):
                self._answer(204, {})
        elif path == "/echo":
            said = json.dumps({"cannot": f"POST {self.path}", "given": body.decode()}).encode()
            self._answer(400, {"Content-Length": str(len(said))}, said)
        elif path == "/moved":
            self._answer(307, {"Location": receiver.url("/hook"), "Content-Length": "0"})
        elif path == "/hook" or path.startswith("/hook/"):
            self._answer(204, {})
        else:
            self.do_GET()


def wait_for(receiver: Receiver, count: int, *, within_s: float = 10.0) -> list[Received]:
    """What was received, as soon as it is `count` messages. Raises: AssertionError, when it is fewer by then."""
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while len(receiver.received) < count:
        assert time.monotonic() < deadline, f"{len(receiver.received)} of {count} messages after {within_s:g} s"
        pause.wait(0.01)
    return receiver.received
