"""Every adapter of the storage ports. What the tests here say, they say of each; a new adapter is one more line."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from connectors.elasticsearch.client import ElasticsearchSpec, open_client
from connectors.opening import SqliteSpec, Store, init_store, open_store
from tests.servers.fixtures import server_url
from tests.servers.server import Flavour

#: The indices of the contract tests on a server: made once by each of pytest's workers, emptied before each test.
PREFIX = f"newswire-contract-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


def _sqlite(tmp_path: Path) -> AbstractContextManager[Store]:
    return open_store(SqliteSpec(path=str(tmp_path / "store.db")))


@cache
def _spec(flavour: Flavour) -> ElasticsearchSpec:
    spec = ElasticsearchSpec(urls=(server_url(flavour),), prefix=PREFIX, patience_s=20)
    init_store(spec)
    return spec


def _on(flavour: Flavour) -> Callable[[Path], AbstractContextManager[Store]]:
    @contextmanager
    def opened(_: Path) -> Iterator[Store]:
        spec = _spec(flavour)
        with open_client(spec) as client:
            client.indices.delete(index=f"{PREFIX}-articles-*")
            client.indices.refresh(index=f"{PREFIX}-*")  # what was just written would be overlooked
            client.delete_by_query(index=f"{PREFIX}-*", query={"match_all": {}}, refresh=True, conflicts="proceed")
        with open_store(spec) as store:
            yield store

    return opened


ADAPTERS: dict[str, Callable[[Path], AbstractContextManager[Store]]] = {
    "sqlite": _sqlite,
    "elasticsearch": _on("elasticsearch"),
    "opensearch": _on("opensearch"),
}
_PARAMS = [pytest.param(name, marks=pytest.mark.servers if name in get_args(Flavour) else ()) for name in ADAPTERS]


@pytest.fixture(params=_PARAMS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    with ADAPTERS[request.param](tmp_path) as opened:
        yield opened
