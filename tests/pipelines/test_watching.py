"""The settings of a stream as their file is now."""

import os
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.opening import open_store
from connectors.sqlite import database
from pipelines import watching
from pipelines.settings import load
from pipelines.watching import Followed
from transforms.errors import Busy


@pytest.fixture(autouse=True)
def _looks_whenever_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "FRESH", timedelta(0))


def rewritten(file: Path, text: str) -> Path:
    """With a time that is another one, however coarse the file system's clock is."""
    at = file.stat().st_mtime_ns if file.exists() else 0
    file.write_text(text, "utf-8")
    os.utime(file, ns=(at + 10**9, at + 10**9))
    return file


def listed(*names: str) -> str:
    return "".join(f'[[feeds]]\nid = "{name}"\nurl = "https://{name}.example/"\n' for name in names)


def test_feeds_that_a_busy_store_did_not_take_are_told_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.1)
    file = rewritten(tmp_path / "newswire.toml", listed("a"))
    settings = load(str(file))
    followed = Followed(str(file), settings)
    with open_store(settings.store_spec) as store:
        settings.register(store.feeds)
        rewritten(file, listed("a", "b"))
        other = sqlite3.connect(settings.store.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy):
            followed.follow(store.feeds)
        other.execute("ROLLBACK")
        other.close()
        followed.follow(store.feeds)
        assert {feed.id for feed in store.feeds.all()} == {"a", "b"}
