"""Hosts on SQLite."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from connectors.codec import from_json, to_json
from connectors.feed_ports import Hosts
from connectors.sqlite.database import transaction
from transforms.habits import Host


class SqliteHosts(Hosts):
    """See `connectors.feed_ports.Hosts`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def get(self, origins: Iterable[str]) -> Mapping[str, Host]:
        wanted = dict.fromkeys(origins)
        rows = (self._db.execute("SELECT doc FROM host WHERE origin = ?", (one,)).fetchone() for one in wanted)
        return {origin: from_json(Host, row[0]) for origin, row in zip(wanted, rows, strict=True) if row}

    def put(self, hosts: Sequence[Host]) -> None:
        with transaction(self._db):
            self._db.executemany("REPLACE INTO host VALUES (?, ?)", [(host.origin, to_json(host)) for host in hosts])
