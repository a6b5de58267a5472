"""Several workers on one store."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.opening import SqliteSpec, Store, open_store
from connectors.sqlite.ledger import SqliteLedger


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """What each gives, in threads of their own that begin together."""
    together = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        together.wait(timeout=30)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, job) for job in jobs]]


@contextmanager
def twin(store: Store, tmp_path: Path) -> Iterator[Store]:
    """The store of the fixture once more, for a second worker: an embedded one by a connection of its own, one on a
    server by the same client, which several threads may use."""
    if not isinstance(store.ledger, SqliteLedger):
        yield store
        return
    with open_store(SqliteSpec(path=str(tmp_path / "store.db"))) as other:
        yield other
