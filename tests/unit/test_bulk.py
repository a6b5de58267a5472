"""Bulk writing against a server that says what a test wants; tests/contract/test_articles_servers has the real ones."""

import json
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError, Elasticsearch

from connectors.elasticsearch import bulk, transport
from connectors.elasticsearch.bulk import Operation, Written, write
from transforms.errors import Busy, ConfigError, StoreFailed, Unindexable

Item = tuple[int, Mapping[str, Any] | None]


class Server:
    """What it is asked, and what it answers: for each id and the number of times it was sent, a status and an error."""

    def __init__(self, answer: Callable[[str, int], Item], *, takes: int = 10**9, patience_s: float = 60) -> None:
        self.transport = SimpleNamespace(patience_s=patience_s)
        self.asked: list[list[str]] = []
        self._answer, self._takes = answer, takes

    def bulk(self, *, operations: Sequence[bytes], filter_path: object) -> dict[str, Any]:
        ids = [json.loads(lines.split(b"\n")[0])["index"]["_id"] for lines in operations]
        self.asked.append(ids)
        if sum(map(len, operations)) > self._takes:
            meta = ApiResponseMeta(413, "1.1", HttpHeaders(), 0, NodeConfig("http", "127.0.0.1", 9))
            raise ApiError("too large", meta, None)
        items = []
        for name in ids:
            status, error = self._answer(name, sum(name in request for request in self.asked))
            items.append({"index": {"status": status} | ({"error": error} if error else {"_seq_no": 7})})
        return {"items": items}


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited, in a world where that takes no time."""
    naps: list[float] = []
    monkeypatch.setattr(transport, "time", SimpleNamespace(monotonic=lambda: sum(naps), sleep=naps.append))
    return naps


def run(server: Server, ids: str, body: str = "{}") -> list[Written]:
    return write(cast(Elasticsearch, server), [Operation("index", "i", name, body) for name in ids])


def test_only_what_the_server_was_too_busy_for_is_sent_again(naps: list[float]) -> None:
    busy: Item = (429, {"type": "es_rejected_execution_exception", "reason": "queue is full"})
    late = {"b": 2, "d": 3}
    server = Server(lambda name, times: (201, None) if times >= late.get(name, 1) else busy)
    assert run(server, "abcd") == [Written(201, None, 7)] * 4
    assert server.asked == [["a", "b", "c", "d"], ["b", "d"], ["d"]]
    assert 0.25 <= naps[0] <= 0.5 <= naps[1] <= 1


def test_patience_ends(naps: list[float]) -> None:
    server = Server(lambda name, times: (503, {"type": "unavailable_shards_exception", "reason": "no"}), patience_s=20)
    with pytest.raises(Busy):
        run(server, "ab")
    assert 5 < sum(naps) <= 20


def test_each_has_its_outcome_in_order(naps: list[float]) -> None:
    refused = {"type": "document_parsing_exception", "reason": "no such field"}
    answers: dict[str, Item] = {"a": (201, None), "b": (400, refused), "c": (409, {"type": "version_conflict"})}
    server = Server(lambda name, times: answers[name])
    assert [(one.status, type(one.error)) for one in run(server, "abca")] == [
        (201, type(None)), (400, Unindexable), (409, type(None)), (201, type(None)),
    ]  # fmt: skip
    assert naps == []


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (403, "cluster_block_exception", StoreFailed),
        (429, "cluster_block_exception", StoreFailed),
        (404, "index_not_found_exception", StoreFailed),
        (400, "validation_exception", StoreFailed),
        (403, "security_exception", ConfigError),
    ],
)
def test_what_nobody_can_write_past_is_raised(
    naps: list[float], status: int, kind: str, error: type[Exception]
) -> None:
    with pytest.raises(error, match="the reason"):
        run(Server(lambda name, times: (status, {"type": kind, "reason": "the reason"})), "ab")
    assert naps == []


def test_requests_are_of_bounded_count_and_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MAX_OPERATIONS", 3)
    monkeypatch.setattr(bulk, "MAX_BYTES", 250)
    server = Server(lambda name, times: (201, None))
    run(server, "abcdefg")
    assert [len(request) for request in server.asked] == [3, 3, 1]
    server.asked.clear()
    run(server, "abcde", json.dumps("x" * 60))
    assert [len(request) for request in server.asked] == [2, 2, 1]
    server.asked.clear()
    run(server, "ab", json.dumps("x" * 900))
    assert [len(request) for request in server.asked] == [1, 1]
    assert run(server, "") == []


def test_what_is_too_large_for_a_proxy_is_halved() -> None:
    server = Server(lambda name, times: (201, None), takes=200)
    assert [one.status for one in run(server, "abcdefgh")] == [201] * 8
    (refused,) = run(server, "a", json.dumps("x" * 300))
    assert isinstance(refused.error, Unindexable)
    assert "more than the server takes" in refused.error.reason
