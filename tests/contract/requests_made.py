"""What an adapter asks of its server, counted."""

from collections.abc import Callable
from typing import Any

import pytest
from elasticsearch import Elasticsearch


def asked(client: Elasticsearch, monkeypatch: pytest.MonkeyPatch, job: Callable[[], Any]) -> list[str]:
    """The kinds of requests that a job makes."""
    perform, paths = client.transport.perform_request, list[str]()

    def note(method: str, target: str, **options: Any) -> Any:
        paths.append(target.partition("?")[0].rpartition("/")[2])
        return perform(method, target, **options)

    with monkeypatch.context() as patch:
        patch.setattr(client.transport, "perform_request", note)
        job()
    return paths
