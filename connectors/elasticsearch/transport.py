"""Requests that outlive a server's bad minutes, and that both products understand."""

import logging
import random
import time
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any, cast

from elastic_transport import HttpHeaders, NodeConfig, Transport, TransportApiResponse, TransportError
from elasticsearch import Elasticsearch

from connectors.elasticsearch.failures import failure, unanswered
from transforms.errors import Resting, Transient

log = logging.getLogger("newswire.store")

#: The gaps between tries double from the first to the longest; each is shortened by chance by up to a half, so that
#: workers that failed together do not come back together.
FIRST_GAP_S, LONGEST_GAP_S = 0.5, 10.0
#: The try after which somebody should hear that there is no answer yet: some five seconds have gone.
HEARD = 3
#: After this many requests in a row that all patience could not save, others are not even sent for a while.
BREAK_AFTER, BREAK_S = 2, 30.0


class StoreTransport(Transport):
    """Sends plain JSON, which every version of both products takes: the client's own media type names a version of
    Elasticsearch, which earlier ones and OpenSearch refuse. Marks answers as Elasticsearch's, since the client wants
    it; `connectors.elasticsearch.client` looks at what the server really is.

    Raises, from every method of the client: Busy, Unreachable, Resting; ConfigError, StoreFailed. What is left to the
    caller are the client's ApiErrors of other statuses: 400, 404, 409.
    """

    def __init__(self, node_configs: list[NodeConfig], **options: Any) -> None:
        super().__init__(node_configs, **options)
        self.patience_s = 0.0
        self._subject = ", ".join(node.base_url for node in self.node_pool.all())
        self._nodes = len(node_configs)
        self._breaker = Breaker(self._subject)

    def perform_request(self, method: str, target: str, *, headers: Any = None, **options: Any) -> TransportApiResponse:
        """See `elastic_transport.Transport`. A request that finds no server, or a busy one, is sent again until
        `patience_s` are over: whatever is written here may be written twice."""
        options |= {"max_retries": self._nodes - 1, "retry_on_status": (), "retry_on_timeout": False}
        patience = self._breaker.ask(time.monotonic(), self.patience_s)
        deadline = time.monotonic() + patience
        for attempt in count():
            try:
                meta, body = super().perform_request(method, target, headers=_plain(headers), **options)
                error = failure(self._subject, meta.status, body.get("error") if isinstance(body, dict) else "")
            except TransportError as e:
                error = unanswered(self._subject, e)
            if error is None:
                self._breaker.answered()
                return TransportApiResponse(replace(meta, headers=_marked(meta.headers)), body)
            if not isinstance(error, Transient):
                self._breaker.answered()
                raise error
            if attempt == HEARD and self._breaker.is_news():
                log.warning("%s; it is asked again for up to %.0f seconds", error, deadline - time.monotonic())
            if not waited(attempt, deadline):
                self._breaker.failed(time.monotonic(), error)
                raise error
        raise AssertionError("count() never ends")


def patience_ends(client: Elasticsearch) -> float:
    """Until when what begins now may be tried again, by `time.monotonic`. An answer of 200 may hold items that the
    server was too busy for; they get as much patience as a whole request."""
    return time.monotonic() + cast(StoreTransport, client.transport).patience_s


def waited(attempt: int, deadline: float) -> bool:
    """Sleep for as long as is due after a failed `attempt`, 0 being the first; False, and at once, where the next one
    would be after `deadline`."""
    gap = min(LONGEST_GAP_S, FIRST_GAP_S * 2**attempt) * random.uniform(0.5, 1)
    if time.monotonic() + gap > deadline:
        return False
    time.sleep(gap)
    return True


class Breaker:
    """Whether a server that has failed us lately is asked at all."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._failures = 0
        self._open_until = 0.0
        self._last = ""
        self._said = False

    def ask(self, now: float, patience_s: float) -> float:
        """How long this request may be tried for: once and no longer, while nobody knows whether the server is back.

        Raises: Resting, while it is not to be asked.
        """
        if self._failures < BREAK_AFTER:
            return patience_s
        if now < self._open_until:
            wait = timedelta(seconds=self._open_until - now)
            raise Resting(self._subject, f"not asked, after {self._failures} failures in a row: {self._last}", wait)
        return 0.0

    def answered(self) -> None:
        """The server said something, if only that it will not have it."""
        self._failures, self._said = 0, False

    def is_news(self) -> bool:
        """Whether nobody has said yet that the server does not answer: once until it does."""
        said, self._said = self._said, True
        return not said

    def failed(self, now: float, error: Transient) -> None:
        """A request was given up."""
        self._failures += 1
        self._last = error.reason
        self._open_until = now + BREAK_S


def _plain(headers: Any) -> HttpHeaders:
    """The headers with the media types of the client's own protocol replaced by those everybody takes."""
    plain = HttpHeaders(headers or {})
    for name in ("accept", "content-type"):
        said = plain.get(name) or ""
        if "ndjson" in said:
            plain[name] = "application/x-ndjson"
        elif "json" in said:
            plain[name] = "application/json"
    return plain


def _marked(headers: HttpHeaders) -> HttpHeaders:
    marked = headers.copy()
    marked["x-elastic-product"] = "Elasticsearch"
    return marked
