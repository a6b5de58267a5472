"""What is particular to the embedded store: its file, several processes at once, sudden death, and a search that finds
what a naive reading of the same documents finds."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.alert_ports import Addressed, Sent
from connectors.codec import stamp, to_data
from connectors.opening import SqliteSpec, open_store
from connectors.ports import Search
from connectors.sqlite.articles import SqliteArticles
from connectors.sqlite.database import MIGRATIONS, SCHEMA_VERSION, _analyse_again, back_up, connect, transaction
from connectors.sqlite.fulltext import COLUMNS, columns
from connectors.sqlite.ledger import CHECKS, FIRST, OPEN, SqliteLedger
from tests.factories import NOON, make_alert, make_article, make_entry, make_feed, make_subscription
from transforms.analysis import terms, unstemmed
from transforms.errors import Busy, ConfigError, StoreFailed
from transforms.ledger import feed_key
from transforms.monitor import Asked, Monitor
from transforms.query import TEXT_FIELDS, Both, Either, Not, Query, Words, parse
from transforms.records import Article, Entry, Feed, Source
from transforms.tags import Evidence, TopicTag
from transforms.urls import doc_id, redact

LATER = NOON + timedelta(minutes=10)


def open_fails(path: Path) -> str:
    """The message of the ConfigError that opening ends with; it names the file."""
    with pytest.raises(ConfigError) as caught, open_store(SqliteSpec(path=str(path))):
        pass
    assert str(path) in str(caught.value)
    return str(caught.value)


# The terms.

LETTERS = st.text(st.sampled_from("ab1 ⑴⒈🄀⒜＿½ﬁ②éßأ空_.'\"(*"), max_size=8) | st.text(max_size=20)


@settings(max_examples=200, deadline=None, database=None)
@given(LETTERS, st.sampled_from(["", "en", "de", "tr", "ar", "ru", "zh"]))
@example("⑴ point ⒈ 🄀 a＿b", "en")
def test_the_terms_of_any_text_are_those_that_fts_knows(text: str, language: str) -> None:
    """One for one: what it took apart would be found by its parts, for which no subscription fires."""
    row = columns(make_article(title=text, language=language))
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"CREATE VIRTUAL TABLE words USING fts5({COLUMNS}, tokenize = 'ascii')")
        db.execute("CREATE VIRTUAL TABLE term USING fts5vocab(words, instance)")
        db.execute(f"INSERT INTO words ({COLUMNS}) VALUES (?{', ?' * (len(row) - 1)})", row)
        known = db.execute("SELECT term FROM term WHERE col = 'title' ORDER BY offset").fetchall()
    assert [term for (term,) in known] == row[0].split(" ") * bool(row[0])
    assert len(known) == len(terms(text, language))


@pytest.mark.parametrize(
    ("query", "found"), [("1", False), ("point", True), ("⑴", True), ('"point ⑴"~1', True), ('"⒈ ⑴"', True)]
)
def test_a_letter_that_stands_for_signs_is_one_word(tmp_path: Path, query: str, found: bool) -> None:
    article = make_article(title="Point ⒈ ⑴", description="", body="", keywords=())
    assert Monitor([("x", Asked(query=parse(query)))]).match(article) == ["x"] * found
    with open_store(SqliteSpec(path=str(tmp_path / "store.db"))) as store:
        store.articles.put([article], now=NOON)
        assert store.articles.search(Search(query=parse(query))).total == found


# The file.


def test_a_store_is_made_with_its_directories(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "store.db"
    with open_store(SqliteSpec(path=str(path))) as store:
        store.ledger.announce([make_entry()], run_id="run", until=LATER)
    with open_store(SqliteSpec(path=str(path))) as store:
        assert store.ledger.counts()["pending"] == 1


def test_a_file_of_a_later_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with open_store(SqliteSpec(path=str(path))) as store:
        store.articles.put([make_article()], now=NOON)
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    message = open_fails(path)
    assert f"schema {SCHEMA_VERSION + 1}" in message
    assert "update newswire" in message
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM article").fetchone() == (1,)
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION + 1,)


def test_somebody_else_s_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE photo (name TEXT)")
        db.commit()
    before = path.read_bytes()
    assert "not a store" in open_fails(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "content", [b"no database at all\n" * 100, b"SQLite format 3\x00" + b"\xff" * 4_000, b"PK"], ids=len
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    assert "cannot be used as a store" in open_fails(path)
    assert path.read_bytes() == content


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.touch()
    with open_store(SqliteSpec(path=str(path))) as store:
        assert store.feeds.all() == []


def test_a_directory_in_place_of_the_file(tmp_path: Path) -> None:
    assert "cannot be" in open_fails(tmp_path)


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be opened" in open_fails(tmp_path / "file" / "below" / "store.db")


def test_a_refused_file_is_not_kept_open(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE photo (name TEXT)")
        db.commit()
    open_fails(path)
    held = [
        os.readlink(f"/proc/self/fd/{fd}")
        for fd in os.listdir("/proc/self/fd")
        if os.path.exists(f"/proc/self/fd/{fd}")
    ]
    assert str(path) not in held


def test_a_full_disk_costs_the_batch_and_nothing_else(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "store.db")) as db:
        archive = SqliteArticles(db)
        archive.put([make_article(id="1a")], now=NOON)
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 3}")
        noise = random.Random(7)
        big = [make_article(id=f"1{i}", body=noise.randbytes(9_000).hex()) for i in range(9)]
        with pytest.raises(StoreFailed, match="full"):
            archive.put(big, now=NOON)
        assert archive.search(Search()).total == 1
        db.execute("PRAGMA max_page_count = 1000000")
        assert [one.error for one in archive.put(big, now=NOON)] == [None] * 9
        assert archive.search(Search()).total == 10


def test_a_transaction_that_cannot_be_committed_is_none(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "store.db")) as db:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        db.execute("CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
        with pytest.raises(sqlite3.IntegrityError), transaction(db):
            db.execute("INSERT INTO child VALUES (1)")
        with transaction(db):
            db.execute("INSERT INTO parent VALUES (1)")
        assert db.execute("SELECT count(*) FROM child").fetchone() == (0,)


def test_a_writer_that_waits_too_long_is_told_to_come_again(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(connect(path)) as db, closing(connect(path)) as other:
        db.execute("PRAGMA busy_timeout = 50")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy):
            SqliteArticles(db).put([make_article()], now=NOON)
        other.execute("ROLLBACK")
        assert [one.error for one in SqliteArticles(db).put([make_article()], now=NOON)] == [None]


# A file of an earlier version.

#: The schema of version 1, as it was.
VERSION_1 = """
CREATE TABLE feed (
    id TEXT PRIMARY KEY, url TEXT NOT NULL, origin TEXT NOT NULL, paused INTEGER NOT NULL DEFAULT 0,
    next_poll_at TEXT, doc TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE ledger (
    key TEXT PRIMARY KEY, url TEXT NOT NULL, state TEXT NOT NULL, stage TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', retryable INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, next_try_at TEXT, run_id TEXT NOT NULL DEFAULT '', entry TEXT,
    doc_id TEXT NOT NULL DEFAULT '', content_hash TEXT NOT NULL DEFAULT '', revision INTEGER NOT NULL DEFAULT 0,
    month TEXT NOT NULL DEFAULT '', first_seen_at TEXT NOT NULL, updated_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX ledger_open ON ledger (state, next_try_at) WHERE state <> 'done';

CREATE TABLE appearance (
    key TEXT NOT NULL, feed_id TEXT NOT NULL, hash TEXT NOT NULL, title TEXT NOT NULL, first_seen_at TEXT NOT NULL,
    PRIMARY KEY (key, feed_id)
) WITHOUT ROWID;
CREATE TABLE event (key TEXT NOT NULL, at TEXT NOT NULL, stage TEXT NOT NULL, what TEXT NOT NULL);
CREATE INDEX event_key ON event (key);

CREATE TABLE article (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL, language TEXT NOT NULL,
    feed_id TEXT NOT NULL, outlet TEXT NOT NULL, domain TEXT NOT NULL, published_at TEXT NOT NULL, doc TEXT NOT NULL
);
CREATE INDEX article_published ON article (published_at);
CREATE INDEX article_language ON article (language);
CREATE TABLE article_topic (
    topic TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (topic, number)
) WITHOUT ROWID;
CREATE INDEX article_topic_number ON article_topic (number);
CREATE TABLE article_revision (
    id TEXT NOT NULL, revision INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (id, revision)
) WITHOUT ROWID;
-- Holds terms, not text: transforms.analysis has done the work, and `ascii` only splits them at the blanks.
CREATE VIRTUAL TABLE words USING fts5(title, description, keywords, body,
    exact_title, exact_description, exact_keywords, exact_body, author, source, language, topic, status,
    tokenize = 'ascii');
"""

#: A feed with a password that failed in version 1, and the key that its row had then.
SECRET = "https://reader:s3cret@wire.example/feed.xml"
OLD_KEY = f"f{hashlib.sha256(SECRET.encode()).hexdigest()[:31]}"


def version_1(path: Path) -> None:
    """A file as version 1 left it: a feed, a page that was read, one that failed, a failing feed, two revisions."""
    read, failed = make_entry(), make_entry(url="https://wire.example/failed")
    found = (Evidence(rule="places", text="Raqqa", field="title", start=0, end=5),)
    topics = (TopicTag(id="syria", label="Syria", score=3, rule_version="1", evidence=found),)
    articles = [make_article(id="1a", title="Raqqa", topics=topics, revision=revision) for revision in (1, 2)]
    at = NOON.isoformat(timespec="microseconds")
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(VERSION_1)
        db.execute("PRAGMA user_version = 1")
        feed = make_feed(last_polled_at=NOON, etag='"7"')
        db.execute("INSERT INTO feed VALUES ('wire', ?, 'command', 0, NULL, ?)", (feed.url, old_json(feed)))
        rows = [
            (doc_id(read.url), read.url, "done", "", None, old_json(read), "1a", 2),
            (doc_id(failed.url), failed.url, "rejected", "Unreachable", at, old_json(failed), "", 0),
            (OLD_KEY, SECRET, "rejected", "Refused", None, None, "", 0),
        ]
        db.executemany(
            "INSERT INTO ledger (key, url, state, error, next_try_at, entry, doc_id, revision, first_seen_at,"
            " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(*row, at, at) for row in rows],
        )
        db.executemany("INSERT INTO event VALUES (?, ?, 'fetch', 'something')", [(row[0], at) for row in rows])
        digest = hashlib.sha256(b"Quiet day\0\0").hexdigest()[:32]
        db.execute("INSERT INTO appearance VALUES (?, 'wire', ?, ?, ?)", (doc_id(read.url), digest, read.title, at))
        db.execute("INSERT INTO article_topic VALUES ('syria', 1)")
        db.execute("INSERT INTO article_revision VALUES ('1a', 1, ?)", (old_article(articles[0]),))
        db.execute(
            "INSERT INTO article VALUES (1, '1a', 2, 'en', 'wire', 'Wire', 'wire.example', ?, ?)",
            (at, old_article(articles[1])),
        )
        terms_of_it = ["another analysis"] * len(columns(articles[1]))
        marks = ", ".join("?" * (1 + len(terms_of_it)))
        db.execute(f"INSERT INTO words (rowid, {COLUMNS}) VALUES ({marks})", (1, *terms_of_it))
        db.commit()


def version_2(path: Path) -> None:
    """A file of version 1 as version 2 left it."""
    version_1(path)
    with closing(sqlite3.connect(path)) as db:
        db.create_function("redact", 1, redact)
        db.create_function("feed_key", 1, feed_key)
        db.executescript(MIGRATIONS[1])
        db.execute("PRAGMA user_version = 2")


def version_3(path: Path) -> None:
    """A file of version 2 as version 3 left it, which wrote its terms, marks and bands."""
    version_2(path)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(MIGRATIONS[2])
        _analyse_again(db)
        db.execute("PRAGMA user_version = 3")
        db.commit()


EARLIER = {1: version_1, 2: version_2, 3: version_3}


def old_article(article: Article) -> str:
    """An article without the fields that version 2 did not know."""
    data: Any = to_data(article)
    for record, names in (
        (data, ("casualties", "topics_version")),
        *((topic, ("stance", "against")) for topic in data["topics"]),
        *((evidence, ("sentence",)) for topic in data["topics"] for evidence in topic["evidence"]),
    ):
        for name in names:
            del record[name]
    return json.dumps(data)


def old_json(record: Feed | Entry) -> str:
    """A record without the fields that version 1 did not know."""
    known = {
        "id",
        "url",
        "name",
        "language",
        "origin",
        "paused",
        "etag",
        "last_modified",
        "body_hash",
        "last_polled_at",
    }
    known |= {"feed_id", "title", "description", "text", "guid", "authors", "keywords", "seen_at"}
    return json.dumps({name: value for name, value in to_data(record).items() if name in known})


def schema_of(path: Path) -> set[tuple[str, str, str]]:
    """The schema's objects, however their text is laid out."""
    with closing(sqlite3.connect(path)) as db:
        found = db.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return {(kind, name, re.sub(r"\s*([(),])\s*", r"\1", " ".join(sql.split()))) for kind, name, sql in found}


@pytest.mark.parametrize("version", EARLIER)
def test_a_file_of_an_earlier_version_becomes_what_a_new_file_is(tmp_path: Path, version: int) -> None:
    EARLIER[version](tmp_path / "old.db")
    for name in ("old.db", "new.db"):
        with open_store(SqliteSpec(path=str(tmp_path / name))):
            pass
    assert schema_of(tmp_path / "old.db") == schema_of(tmp_path / "new.db")


@pytest.mark.parametrize("version", EARLIER)
def test_everything_of_a_file_of_an_earlier_version_is_found(tmp_path: Path, version: int) -> None:
    EARLIER[version](tmp_path / "store.db")
    for _ in range(2):
        with open_store(SqliteSpec(path=str(tmp_path / "store.db"))) as store:
            assert store.feeds.all() == [make_feed(last_polled_at=NOON, etag='"7"')]
            assert store.ledger.counts() == {"pending": 0, "done": 1, "rejected": 2}
            row = store.ledger.get(make_entry().url)
            assert row is not None
            assert (row.doc_id, row.revision, row.check_at, row.kind) == ("1a", 2, None, "")
            assert [event.what for event in row.history] == ["something"]
            assert row.appearances == (("wire", "Quiet day", NOON),)
            assert [article.revision for article in store.articles.revisions("1a")] == [1, 2]
            assert store.articles.search(Search(query=Words("raqqa"))).total == 1
            assert store.articles.search(Search(query=Words("syria", "topic"))).total == 1
            for mark, total in {"syria": 1, "syria:stated": 1, "syria/places": 1, "syria:denied": 0}.items():
                assert store.articles.search(Search(topics=(mark,))).total == total, mark
            assert store.articles.topic_counts() == {"syria": 1}
            assert [article.id for article in store.articles.outdated("8", limit=9)] == ["1a"]
            assert store.hosts.get(["https://wire.example"]) == {}
            assert [one.news for one in store.ledger.announce([make_entry()], run_id="run", until=LATER)] == ["known"]


def test_what_waited_in_a_file_of_version_1_goes_on(tmp_path: Path) -> None:
    version_1(tmp_path / "store.db")
    with open_store(SqliteSpec(path=str(tmp_path / "store.db"))) as store:
        assert store.ledger.next_due() == NOON
        (visit,) = store.ledger.claim(now=NOON, run_id="run", until=LATER, limit=9)
        assert visit.entry == make_entry(url="https://wire.example/failed")


def test_what_an_earlier_newswire_left_pending_is_anybody_s(tmp_path: Path) -> None:
    """There were no leases: a row says nothing, or when its last try was due."""
    entries = [make_entry(url=f"https://wire.example/{n}") for n in range(3)]
    with closing(connect(tmp_path / "store.db")) as db:
        ledger = SqliteLedger(db)
        ledger.announce(entries, run_id="run", until=LATER)
        tried = (stamp(NOON), doc_id(entries[2].url))
        db.execute("UPDATE ledger SET next_try_at = NULL")
        db.execute("UPDATE ledger SET next_try_at = ? WHERE key = ?", tried)
        assert ledger.next_due() == datetime.min.replace(tzinfo=UTC)
        visits = ledger.claim(now=NOON, run_id="run", until=LATER, limit=9)
        assert [visit.entry.url for visit in visits[2:]] == [entries[2].url]
        assert {visit.entry.url for visit in visits} == {entry.url for entry in entries}


def test_what_is_asked_every_second_is_read_from_an_index(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "store.db")) as db:
        for statement in (*FIRST, OPEN, CHECKS):
            values = (stamp(NOON), 9)[: statement.count("?")]
            plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            searches = [step for step in plan if step.startswith(("SCAN", "SEARCH"))]
            assert searches
            assert all(" USING INDEX ledger_" in step for step in searches), plan
            assert not any("TEMP B-TREE" in step for step in plan), plan


def test_who_asks_for_nothing_is_not_kept_waiting_by_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with open_store(SqliteSpec(path=str(path))) as store, closing(connect(path)) as other:
        store.feeds.add([make_feed()])
        store.feeds.claim(by=NOON, until=LATER)
        store.ledger.announce([make_entry()], run_id="run", until=LATER)
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        assert store.ledger.claim(now=NOON, run_id="run", until=LATER, limit=9) == []
        assert store.feeds.claim(by=NOON, until=LATER) == []
        assert (store.ledger.next_due(), store.feeds.next_due()) == (LATER, LATER)
        assert time.monotonic() - started < 1.0
        other.execute("ROLLBACK")


def test_passwords_that_version_1_kept_are_gone_and_their_rows_are_found(tmp_path: Path) -> None:
    version_1(tmp_path / "store.db")
    with open_store(SqliteSpec(path=str(tmp_path / "store.db"))) as store:
        row = store.ledger.get(SECRET)
        assert row is not None
        assert (row.url, row.state, len(row.history)) == ("https://***@wire.example/feed.xml", "rejected", 1)
        store.ledger.recovered([SECRET], now=NOON)
        assert store.ledger.counts()["rejected"] == 1
    with closing(sqlite3.connect(tmp_path / "store.db")) as db:
        assert "s3cret" not in "".join(db.iterdump())


def words_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        return str(db.execute("SELECT title FROM words").fetchone()[0])


@pytest.mark.parametrize(("version", "again"), [(1, True), (2, True), (3, False)])
def test_only_what_an_earlier_analysis_wrote_is_analysed_again(tmp_path: Path, version: int, again: bool) -> None:
    path = tmp_path / "store.db"
    EARLIER[version](path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE words SET title = 'another analysis'")
        db.commit()
    with closing(connect(path)):
        assert words_of(path) == ("raqqa" if again else "another analysis")


@pytest.mark.parametrize("version", EARLIER)
def test_alerts_work_in_a_file_of_an_earlier_version(tmp_path: Path, version: int) -> None:
    EARLIER[version](tmp_path / "store.db")
    with open_store(SqliteSpec(path=str(tmp_path / "store.db"))) as store:
        assert store.subscriptions.put([make_subscription()]) == 1
        assert store.outbox.add([Addressed(alert=make_alert(), channels=("log:",), due_at=NOON)]) == [True]
        (batch,) = store.outbox.claim(now=NOON, worker="one", lease=timedelta(minutes=1), lanes=1, alerts=1)
        store.outbox.settle([Sent(batch=batch, delivered=("a1",))], worker="one", now=NOON)
    with open_store(SqliteSpec(path=str(tmp_path / "store.db"))) as store:
        assert store.subscriptions.changes(NOON).changed == (make_subscription(),)
        assert store.outbox.status(NOON).deliveries == {"delivered": 1}
        assert [one.last_delivered_at for one in store.outbox.lanes()] == [NOON]


@pytest.mark.parametrize(
    ("version", "statement"),
    [*((1, n) for n in range(12)), *((2, n) for n in range(7)), *((3, n) for n in range(0, 15, 2))],
)
def test_a_migration_that_is_killed_leaves_the_earlier_version_as_it_was(
    tmp_path: Path, version: int, statement: int
) -> None:
    path = tmp_path / "store.db"
    EARLIER[version](path)
    with closing(sqlite3.connect(path)) as db:
        before = list(db.iterdump())
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(path), str(statement)], capture_output=True, text=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (version,)
        assert list(db.iterdump()) == before
    with open_store(SqliteSpec(path=str(path))) as store:
        assert store.ledger.counts() == {"pending": 0, "done": 1, "rejected": 2}


#: Opens a store, and dies at a statement of its migration.
KILLED = """
    import os, signal, sys
    from pathlib import Path
    from connectors.sqlite import database

    statements, left = database._statements, int(sys.argv[2])

    def dying(script):
        global left
        for statement in statements(script):
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            yield statement

    database._statements = dying
    database.connect(Path(sys.argv[1]))
"""


def test_processes_that_open_an_old_file_at_once_migrate_it_once(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    version_1(path)
    opened = [writer(path, name, 3) for name in ("a", "b", "c")]
    for process in opened:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in opened:
        start(process)
    for process in opened:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    with open_store(SqliteSpec(path=str(path))) as store:
        assert store.ledger.counts() == {"pending": 45, "done": 1, "rejected": 2}


def test_somebody_else_s_database_of_the_same_number_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE ledger (amount INTEGER)")
        db.execute("PRAGMA user_version = 1")
        db.commit()
    before = path.read_bytes()
    assert "not a store" in open_fails(path)
    assert path.read_bytes() == before


# Several processes.

WRITER = """
    import sys
    from connectors.opening import SqliteSpec, open_store
    from tests.factories import NOON, make_article, make_entry

    path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    print("ready", flush=True)
    sys.stdin.readline()
    with open_store(SqliteSpec(path=path)) as store:
        i = 0
        while i < count:
            batch = [f"{name}-{i}-{j}" for j in range(5)]
            entries = [make_entry(url=f"https://wire.example/{one}") for one in batch]
            answers = store.ledger.announce(entries, run_id=name, until=NOON)
            assert [one.news for one in answers] == ["new"] * 5, answers
            shared = make_article(id="1shared", title=f"Shared {name} {i}", revision=i + 1)
            outcomes = store.articles.put([*(make_article(id=one, body=one) for one in batch), shared], now=NOON)
            assert [one.error for one in outcomes] == [None] * 6
            print(i, flush=True)
            i += 1
"""


#: Without the pauses of a checkpoint; and not for ever, since what is written grows meanwhile.
COMMITS = """
    import sys
    from pathlib import Path
    from connectors.sqlite.database import connect

    db = connect(Path(sys.argv[1]))
    db.execute("PRAGMA wal_autocheckpoint = 0")
    for number in range(1, 60_000):
        db.execute("INSERT INTO host VALUES (?, '')", (f"{number:06}",))
        if number == 100:
            print("writing", flush=True)
"""
#: No file of this process may grow beyond a few pages.
FULL = """
    import resource, signal, sys
    from pathlib import Path
    from connectors.sqlite.database import back_up

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
    try:
        back_up(Path(sys.argv[1]), Path(sys.argv[2]))
    except Exception as e:
        print(type(e).__name__, e)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(path), name, str(count)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def start(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    """From the first moment on: the file is made by whoever comes first."""
    path, rounds = tmp_path / "store.db", 25
    names = ("a", "b", "c", "d")
    writers = [writer(path, name, rounds) for name in names]
    for process in writers:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in writers:
        start(process)
    for process in writers:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    with open_store(SqliteSpec(path=str(path))) as store:
        wanted = [f"{name}-{i}-{j}" for name in names for i in range(rounds) for j in range(5)]
        assert store.articles.get(wanted).keys() == set(wanted)
        assert store.ledger.counts() == {"pending": len(wanted), "done": 0, "rejected": 0}
        assert [a.revision for a in store.articles.revisions("1shared")] == list(range(1, rounds + 1))
        assert store.articles.search(Search()).total == len(wanted) + 1


def test_a_backup_is_whole_and_ends_while_others_write(tmp_path: Path) -> None:
    path, into = tmp_path / "store.db", tmp_path / "copies" / "copy.db"
    into.parent.mkdir()
    with closing(connect(path)) as db:  # which takes longer to copy than many commits take
        db.execute("INSERT INTO event VALUES ('k', '', '', zeroblob(30000000))")
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(COMMITS), str(path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        back_up(path, into)
        with closing(connect(path)) as db:
            after = int(db.execute("SELECT max(origin) FROM host").fetchone()[0])
        assert process.poll() is None, "it has written all the time"
    finally:
        process.kill()
        process.communicate()
    assert [file.name for file in into.parent.iterdir()] == ["copy.db"]
    assert into.stat().st_mode & 0o777 == 0o600
    with closing(connect(into)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT length(what) FROM event").fetchone() == (30_000_000,)
        count, last = db.execute("SELECT count(*), max(origin) FROM host").fetchone()
    assert 100 <= count == int(last) < after, "all that was there at one moment"


@pytest.mark.parametrize("version", [1, SCHEMA_VERSION])
def test_a_backup_is_of_the_schema_that_the_file_has(tmp_path: Path, version: int) -> None:
    path, into = tmp_path / "store.db", tmp_path / "copy.db"
    if version == 1:
        version_1(path)
    else:
        connect(path).close()
    back_up(path, into)
    for file in (path, into):
        with closing(sqlite3.connect(file)) as db:
            assert db.execute("PRAGMA user_version").fetchone() == (version,)


def test_a_backup_that_cannot_be_made_leaves_nothing_behind(tmp_path: Path) -> None:
    path, into = tmp_path / "store.db", tmp_path / "copy.db"
    with pytest.raises(ConfigError, match="cannot be backed up"):
        back_up(path, into)
    connect(path).close()
    with pytest.raises(ConfigError, match="cannot be made"):
        back_up(path, tmp_path / "nowhere" / "copy.db")
    into.write_text("the copy of last night")
    with pytest.raises(ConfigError, match="there already"):
        back_up(path, into)
    with pytest.raises(ConfigError, match="there already"):
        back_up(path, path)
    assert into.read_text() == "the copy of last night"
    assert {file.name for file in tmp_path.iterdir()} == {"store.db", "copy.db"}


def test_a_backup_that_does_not_fit_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    connect(path).close()
    full = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL), str(path), str(tmp_path / "copy.db")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert full.stdout.startswith("StoreFailed"), full.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["store.db"]


def test_a_reader_is_not_kept_waiting_by_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with open_store(SqliteSpec(path=str(path))) as store, closing(connect(path)) as other:
        store.articles.put([make_article()], now=NOON)
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM article")
        started = time.monotonic()
        with open_store(SqliteSpec(path=str(path))) as late:
            assert late.articles.search(Search()).total == 1
        assert store.articles.search(Search()).total == 1
        assert store.ledger.counts()["pending"] == 0
        assert time.monotonic() - started < 1.0
        other.execute("ROLLBACK")


@pytest.mark.parametrize("seed", range(4))
def test_sudden_death_leaves_whole_transactions(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "store.db"
    process = writer(path, "a", 10**6)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    start(process)
    assert process.stdout.readline() == "0\n"
    time.sleep(random.Random(seed).uniform(0.05, 0.3))
    process.send_signal(signal.SIGKILL)
    said, _ = process.communicate(timeout=10)
    finished = int(said.split()[-1]) if said.split() else 0
    with closing(connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
        archive, ledger = SqliteArticles(db), SqliteLedger(db)
        announced = ledger.counts()["pending"]
        assert announced % 5 == 0, "half a batch was announced"
        rounds = announced // 5
        assert finished + 1 <= rounds <= finished + 2, "what was reported as done is there"
        revisions = [a.revision for a in archive.revisions("1shared")]
        assert revisions == list(range(1, len(revisions) + 1))
        assert rounds - 1 <= len(revisions) <= rounds
        total = archive.search(Search()).total
        assert total == 5 * len(revisions) + 1, "half a batch was put"
        for i in range(len(revisions)):
            query = Words(f"a-{i}-3")
            assert [hit.article.id for hit in archive.search(Search(query=query)).hits] == [f"a-{i}-3"]
        assert len(ledger.claim(now=NOON, run_id="next", until=LATER, limit=10**6)) == announced


#: Tags everything anew, first as one version and then as the other, for ever.
TAGGER = """
    import sys
    from contextlib import closing
    from dataclasses import replace
    from pathlib import Path
    from connectors.sqlite.articles import SqliteArticles
    from connectors.sqlite.database import connect
    from tests.contract.test_sqlite import found_by

    with closing(connect(Path(sys.argv[1]))) as db:
        archive = SqliteArticles(db)
        print("ready", flush=True)
        while True:
            for version in ("7", "8"):
                while articles := archive.outdated(version, limit=9):
                    archive.retag([replace(one, topics=found_by(version), topics_version=version) for one in articles])
"""


def found_by(version: str) -> tuple[TopicTag, ...]:
    """What a taxonomy of that version finds in any article."""
    found = (Evidence(rule=f"r{version}", text="Quiet", field="title", start=0, end=5),)
    return (TopicTag(id=f"topic-{version}", label="", score=3, rule_version=version, evidence=found),)


@pytest.mark.parametrize("seed", range(4))
def test_sudden_death_while_tagging_leaves_each_article_whole(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "store.db"
    with closing(connect(path)) as db:
        SqliteArticles(db).put([make_article(id=f"1{n}") for n in range(200)], now=NOON)
    command = [sys.executable, "-c", textwrap.dedent(TAGGER), str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(random.Random(seed).uniform(0.05, 0.3))
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    with closing(connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
        archive = SqliteArticles(db)
        by_version: dict[str, set[str]] = {"": set(), "7": set(), "8": set()}
        for article in archive.each(Search()):
            assert article.topics == (found_by(article.topics_version) if article.topics_version else ())
            by_version[article.topics_version].add(article.id)
        for version in ("7", "8"):
            for query in (
                Search(topics=(f"topic-{version}/r{version}",), limit=999),
                Search(query=Words(f"topic-{version}", "topic"), limit=999),
            ):
                assert {hit.article.id for hit in archive.search(query).hits} == by_version[version]
            outdated = {article.id for article in archive.outdated(version, limit=999)}
            assert outdated == set().union(*by_version.values()) - by_version[version]
        while articles := archive.outdated("8", limit=99):
            archive.retag([replace(one, topics=found_by("8"), topics_version="8") for one in articles])
        assert archive.topic_counts() == {"topic-8": 200}


# Search finds what a naive reading finds.

VOCABULARY = {
    "en": ["strike", "strikes", "Striking", "air-strike", "displaced", "displacement", "the", "Idlib's", "U.S."],
    "de": ["Häuser", "Haus", "Straße", "Luftangriff", "Luftangriffe", "über"],
    "fr": ["frappe", "frappes", "aériennes", "aérien", "l'armée", "œuvre", "Été"],
    "ru": ["удар", "удары", "Ударов", "город", "городе", "ёлка", "Идлиб"],
    "ar": ["هجوم", "الهجوم", "غارة", "الغارة", "مدينة", "المدينة"],
    "tr": ["İdlib", "saldırı", "saldırıları", "ışık", "IŞIK"],
    "zh": ["停火", "停火协议", "协议", "军", "军队COVID19", "空袭"],
    "ja": ["空爆", "テレビ", "東京で", "ＡＢＣ"],
    "und": ["strike", "strikes", "naïve", "удары", "停火协议", "ﬁre", "𝐁𝐨𝐥𝐝", "x²"],
}  # fmt: skip
SOURCES = [
    Source(name="The Wire", feed_id="w-1", domain="a.b"),
    Source(name="Lantern", feed_id="l", domain="wire.example"),
]
SEPARATORS = [" ", " ", " ", ", ", ". ", "\n", "-", "_", "/", "’", " — "]


NAMED = {
    "author": ["Jane", "jane doe", "Müller", "петров"],
    "source": ["wire", "wire.example", "lantern", "The-Wire"],
    "language": sorted(VOCABULARY),
    "status": ["usable", "withdrawn"],
}


@st.composite
def texts(draw: st.DrawFn, pool: list[str], longest: int) -> str:
    parts = draw(st.lists(st.sampled_from(pool), max_size=longest))
    return "".join(part + draw(st.sampled_from(SEPARATORS)) for part in parts)


@st.composite
def articles(draw: st.DrawFn, pool: list[str], languages: list[str]) -> Article:
    return make_article(
        language=draw(st.sampled_from(languages)),
        title=draw(texts(pool, 3)),
        description=draw(texts(pool, 3)),
        keywords=tuple(draw(st.lists(st.sampled_from(pool), max_size=3))),
        body=draw(texts(pool, 8)),
        authors=tuple(draw(st.lists(st.sampled_from(["Jane Doe", "K. Müller", "Иван Петров"]), max_size=2))),
        source=draw(st.sampled_from(SOURCES)),
        status=draw(st.sampled_from(["usable", "withdrawn"])),
    )


@st.composite
def some_words(draw: st.DrawFn, pool: list[str]) -> Words:
    field = draw(st.sampled_from(["", "", "", "", *TEXT_FIELDS, *NAMED]))
    if field in NAMED:
        return Words(draw(st.sampled_from(NAMED[field])), field)
    text = draw(st.sampled_from([" ", "-"])).join(draw(st.lists(st.sampled_from(pool), min_size=1, max_size=2)))
    if draw(st.sampled_from([True, False, False])):
        return Words(text[: draw(st.integers(min_value=1, max_value=len(text)))], field, prefix=True)
    return Words(text, field)


def queries(pool: list[str]) -> st.SearchStrategy[Query]:
    def grow(inner: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return several.map(Both) | several.map(Either) | inner.map(Not)

    words = some_words(pool)
    return words | st.recursive(words, grow, max_leaves=5)


@st.composite
def archives(draw: st.DrawFn) -> tuple[list[Article], list[Query]]:
    """Documents and queries in the words of a few languages, any of which may be quoted in any other."""
    languages = draw(st.lists(st.sampled_from(sorted(VOCABULARY)), min_size=1, max_size=3, unique=True))
    every = sorted({word for language in languages for word in VOCABULARY[language]})
    pool = draw(st.lists(st.sampled_from(every), min_size=3, max_size=8, unique=True))
    documents = draw(st.lists(articles(pool, languages), min_size=2, max_size=6))
    return [replace(one, id=f"1{i}") for i, one in enumerate(documents)], draw(
        st.lists(queries(pool), min_size=3, max_size=10)
    )


def means(query: Query, article: Article) -> bool:
    """What a query says, read off the article itself."""
    match query:
        case Both(parts):
            return all(means(part, article) for part in parts)
        case Either(parts):
            return any(means(part, article) for part in parts)
        case Not(part):
            return not means(part, article)
        case Words(text, field, prefix):
            where = {
                "title": article.title,
                "description": article.description,
                "keywords": ", ".join(article.keywords),
                "body": article.body,
                "author": " ".join(article.authors),
                "source": f"{article.source.name} {article.source.domain} {article.source.feed_id}",
                "language": article.language,
                "topic": " ".join(tag.id for tag in article.topics),
                "status": article.status,
            }
            named = [field] if field else TEXT_FIELDS
            return any(
                occurs(text, prefix, where[name], article.language if name in TEXT_FIELDS else "") for name in named
            )


def occurs(sought: str, prefix: bool, text: str, language: str) -> bool:
    """Whether words stand side by side in a text."""
    analysed_as = unstemmed(language) if prefix else language
    wanted, there = terms(sought, analysed_as), terms(text, analysed_as)
    for i in range(len(there) - len(wanted) + 1):
        *head, last = there[i : i + len(wanted)]
        if head == wanted[:-1] and (last.startswith(wanted[-1]) if prefix else last == wanted[-1]):
            return True
    return False


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(archives())
def test_search_finds_what_a_naive_reading_finds(archived: tuple[list[Article], list[Query]]) -> None:
    documents, asked = archived
    with tempfile.TemporaryDirectory() as folder, closing(connect(Path(folder) / "store.db")) as db:
        archive = SqliteArticles(db)
        archive.put(documents, now=NOON)
        for query in asked:
            found = archive.search(Search(query=query, limit=100))
            assert sorted(hit.article.id for hit in found.hits) == [a.id for a in documents if means(query, a)], query
            assert found.total == len(found.hits)
