"""The settings and topics of a stream as their files are now."""

import logging
import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.opening import load_taxonomy, open_store
from connectors.sqlite import database
from pipelines import watching
from pipelines.settings import load
from pipelines.stream import AT_THE_START
from pipelines.watching import Followed, Topics
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
    followed = Followed(str(file), settings, fixed=())
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


def test_changes_that_wait_for_the_next_start_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "newswire.watching")
    file = rewritten(tmp_path / "newswire.toml", listed("a"))
    settings = load(str(file))
    followed = Followed(str(file), settings, fixed=AT_THE_START)
    with open_store(settings.store_spec) as store:
        rewritten(file, '[log]\nlevel = "error"\n[metrics]\nlisten = ""\n' + listed("a"))
        followed.follow(store.feeds)
        assert [one.getMessage() for one in caplog.records] == [
            "changes of [metrics], [log] take effect with the next start"
        ]
        assert followed.settings == settings
        rewritten(file, "[fetch]\ngap_s = 7\n" + listed("a"))
        followed.follow(store.feeds)
        assert caplog.records[-1].getMessage() == "the settings have changed"
        assert followed.settings.fetch.gap_s == 7


def test_topics_of_another_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where they cannot be used, they stay as they were until they can be."""
    shipped, other = load_taxonomy(), tmp_path / "topics.yaml"
    text = 'version: "other"\ntopics:\n- id: a\n  labels: {en: a}\n  rules: [{id: w, weight: 2, any: {en: [word]}}]\n'
    topics, now = Topics(shipped), datetime.now(UTC)
    for broken in (False, True):
        if broken:
            rewritten(other, "topics: [")
        topics.follow(str(other))
        assert topics.now(now).version == shipped.version
    assert "the topics stay at" in caplog.text
    rewritten(other, text)
    assert topics.now(now).version.startswith("other")
    topics.follow("")
    assert topics.now(now).version == shipped.version
