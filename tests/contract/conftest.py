"""Every adapter of the storage ports. What the tests here say, they say of each; a new adapter is one more line."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from connectors.opening import SqliteSpec, Store, open_store


def _sqlite(tmp_path: Path) -> AbstractContextManager[Store]:
    return open_store(SqliteSpec(path=str(tmp_path / "store.db")))


ADAPTERS: dict[str, Callable[[Path], AbstractContextManager[Store]]] = {
    "sqlite": _sqlite,
}


@pytest.fixture(params=ADAPTERS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    with ADAPTERS[request.param](tmp_path) as opened:
        yield opened
