"""The file: opening it, its schema, and transactions."""

import errno
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkstemp

from connectors.codec import from_json
from connectors.sqlite.clusters import write_bands
from connectors.sqlite.fulltext import COLUMNS, columns
from transforms.errors import Busy, ConfigError, StoreFailed
from transforms.ledger import feed_key
from transforms.records import Article
from transforms.tags import marks
from transforms.urls import redact

#: Raised with every change of SCHEMA; a file of a later version is refused, of an earlier one migrated.
SCHEMA_VERSION = 4
#: Files before this version hold terms, marks and bands that this newswire would not make.
_ANALYSED = 3
#: Mode of a new file; SQLite gives the files beside it the same.
OWN = 0o600
#: How long a writer waits for another one. Transactions are short; only a stuck disk takes longer.
BUSY_TIMEOUT_S = 30
#: Primary result codes (sqlite.org/rescode.html) that are the disk's fault, not the statement's.
BROKEN = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})

#: What came with version 2, as new files have it and as older ones get it.
CHECKS = """\
CREATE INDEX ledger_check ON ledger (check_at) WHERE check_at IS NOT NULL;
"""
HISTORIES = """\
-- Which row of the ledger an item of a feed is: its address may change.
CREATE TABLE item (
    feed_id TEXT NOT NULL, item TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (feed_id, item)
) WITHOUT ROWID;
CREATE TABLE poll (
    feed_id TEXT NOT NULL, at TEXT NOT NULL, outcome TEXT NOT NULL, entries INTEGER NOT NULL, new INTEGER NOT NULL,
    seconds REAL NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (feed_id, at)
) WITHOUT ROWID;
CREATE TABLE feed_day (
    feed_id TEXT NOT NULL, day TEXT NOT NULL, new INTEGER NOT NULL, PRIMARY KEY (feed_id, day)
) WITHOUT ROWID;
CREATE TABLE host (origin TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
"""
#: And with version 3.
TAGGED = """\
CREATE INDEX article_topics_version ON article (topics_version);
CREATE INDEX article_cluster ON article (cluster_id);
-- What `transforms.clusters.bands` makes of a body; `dated` is in microseconds since 1970.
CREATE TABLE article_band (
    band TEXT NOT NULL, dated INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (band, dated, number)
) WITHOUT ROWID;
CREATE INDEX article_band_number ON article_band (number);
"""
#: And with version 4. A lane's `due_at` is that of the first delivery that it would give; `ready_at` is when it would.
#: Its `batch` is the number of the batch in hand, which deliveries that were claimed together bear.
ALERTS = """\
-- Without a document: it was removed.
CREATE TABLE subscription (id TEXT PRIMARY KEY, changed_at TEXT NOT NULL, doc TEXT) WITHOUT ROWID;
CREATE INDEX subscription_changed ON subscription (changed_at);
CREATE TABLE alert (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, story TEXT NOT NULL, subscription TEXT NOT NULL,
    made_at TEXT NOT NULL, doc TEXT NOT NULL
);
CREATE INDEX alert_story ON alert (story);
CREATE INDEX alert_made ON alert (made_at, id);
CREATE INDEX alert_subscription ON alert (subscription, made_at, id);
CREATE TABLE lane (
    number INTEGER PRIMARY KEY, subscription TEXT NOT NULL, channel TEXT NOT NULL, next_at TEXT,
    attempts INTEGER NOT NULL DEFAULT 0, failing_since TEXT, error TEXT NOT NULL DEFAULT '', last_delivered_at TEXT,
    tried INTEGER NOT NULL DEFAULT 0, worker TEXT NOT NULL DEFAULT '', lease_until TEXT,
    batch INTEGER NOT NULL DEFAULT 1, due_at TEXT,
    ready_at TEXT AS (max(due_at, coalesce(next_at, ''), coalesce(lease_until, ''))),
    UNIQUE (subscription, channel)
);
CREATE INDEX lane_ready ON lane (ready_at) WHERE ready_at IS NOT NULL;
CREATE TABLE delivery (
    lane INTEGER NOT NULL, made_at TEXT NOT NULL, alert TEXT NOT NULL, state TEXT NOT NULL, due_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, delivered_at TEXT, error TEXT NOT NULL DEFAULT '', batch INTEGER,
    PRIMARY KEY (lane, made_at, alert)
) WITHOUT ROWID;
CREATE INDEX delivery_state ON delivery (state, made_at, alert);
-- Few wait, of all that ever were.
CREATE INDEX delivery_waiting ON delivery (lane, made_at, alert) WHERE state = 'waiting';
CREATE INDEX delivery_due ON delivery (lane, due_at) WHERE state = 'waiting';
CREATE INDEX delivery_batch ON delivery (lane, batch, due_at) WHERE state = 'waiting' AND batch IS NOT NULL;
CREATE TABLE delivery_event (lane INTEGER NOT NULL, alert TEXT NOT NULL, at TEXT NOT NULL, what TEXT NOT NULL);
CREATE INDEX delivery_event_alert ON delivery_event (lane, alert);
-- What is due is asked once a second.
CREATE INDEX feed_due ON feed (next_poll_at) WHERE paused = 0;
"""

SCHEMA = f"""
CREATE TABLE feed (
    id TEXT PRIMARY KEY, url TEXT NOT NULL, origin TEXT NOT NULL, paused INTEGER NOT NULL DEFAULT 0,
    next_poll_at TEXT, doc TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE ledger (
    key TEXT PRIMARY KEY, url TEXT NOT NULL, state TEXT NOT NULL, stage TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', retryable INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, next_try_at TEXT, run_id TEXT NOT NULL DEFAULT '', entry TEXT,
    doc_id TEXT NOT NULL DEFAULT '', content_hash TEXT NOT NULL DEFAULT '', revision INTEGER NOT NULL DEFAULT 0,
    month TEXT NOT NULL DEFAULT '', first_seen_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    check_at TEXT, kind TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX ledger_open ON ledger (state, next_try_at) WHERE state <> 'done';
{CHECKS}
CREATE TABLE appearance (
    key TEXT NOT NULL, feed_id TEXT NOT NULL, hash TEXT NOT NULL, title TEXT NOT NULL, first_seen_at TEXT NOT NULL,
    PRIMARY KEY (key, feed_id)
) WITHOUT ROWID;
CREATE TABLE event (key TEXT NOT NULL, at TEXT NOT NULL, stage TEXT NOT NULL, what TEXT NOT NULL);
CREATE INDEX event_key ON event (key);
{HISTORIES}
CREATE TABLE article (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL, language TEXT NOT NULL,
    feed_id TEXT NOT NULL, outlet TEXT NOT NULL, domain TEXT NOT NULL, published_at TEXT NOT NULL, doc TEXT NOT NULL,
    topics_version TEXT NOT NULL DEFAULT '', cluster_id TEXT NOT NULL DEFAULT ''
);
CREATE INDEX article_published ON article (published_at);
CREATE INDEX article_language ON article (language);
{TAGGED}
-- What `transforms.tags.marks` makes of the topics of an article.
CREATE TABLE article_topic (
    topic TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (topic, number)
) WITHOUT ROWID;
CREATE INDEX article_topic_number ON article_topic (number);
CREATE TABLE article_revision (
    id TEXT NOT NULL, revision INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (id, revision)
) WITHOUT ROWID;
-- Holds terms, not text: transforms.analysis has done the work, and `ascii` only splits them at the blanks.
CREATE VIRTUAL TABLE words USING fts5({COLUMNS}, tokenize = 'ascii');
{ALERTS}
"""

#: What makes a file of the version after the one it is named by; `redact` and `feed_key` are our own functions.
MIGRATIONS = {
    1: f"""
ALTER TABLE ledger ADD COLUMN check_at TEXT;
ALTER TABLE ledger ADD COLUMN kind TEXT NOT NULL DEFAULT '';
{CHECKS}{HISTORIES}
-- Version 1 kept the passwords of feeds that had failed, and derived their keys from them.
UPDATE event SET key = (SELECT feed_key(url) FROM ledger WHERE ledger.key = event.key)
    WHERE key IN (SELECT key FROM ledger WHERE key GLOB 'f*' AND url <> redact(url));
UPDATE OR REPLACE ledger SET key = feed_key(url), url = redact(url) WHERE key GLOB 'f*' AND url <> redact(url);
UPDATE ledger SET url = redact(url) WHERE url LIKE '%@%';
""",
    # No article of an earlier version says which taxonomy it was read with; each is a cluster of its own.
    2: f"""
ALTER TABLE article ADD COLUMN topics_version TEXT NOT NULL DEFAULT '';
ALTER TABLE article ADD COLUMN cluster_id TEXT NOT NULL DEFAULT '';
UPDATE article SET cluster_id = id;
{TAGGED}
""",
    3: ALERTS,
}


def connect(path: Path) -> sqlite3.Connection:
    """An open store, made new if it is not there; one connection per user, not shared between threads at work.

    Raises:
        ConfigError: the file is no newswire store, is of a later version, or cannot be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():  # passwords of feeds and mailboxes of subscribers are nobody else's on this machine
            path.touch(OWN)
        # Autocommit, with explicit transactions: the module's own implicit ones begin too late to lock.
        db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        try:
            _prepare(db, path)
        except BaseException:
            db.close()
            raise
    except sqlite3.Error as e:
        raise ConfigError(f"{path}: cannot be used as a store: {e}") from e
    except OSError as e:
        raise ConfigError(f"{path}: cannot be opened: {e.strerror}") from e
    return db


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    db.execute("BEGIN")  # both questions to one state of the file; somebody else may be making it
    try:
        version = _version(db, path)  # before anything is written: a file that is not ours stays as it is
    finally:
        db.execute("ROLLBACK")
    _to_wal(db)
    # In WAL mode NORMAL survives every crash of the process; a power cut may cost the last transactions, whose
    # rows then are as if never written: the next run does that work again.
    db.execute("PRAGMA synchronous = NORMAL")
    if version == SCHEMA_VERSION:  # whoever only reads need not wait for writers
        return
    db.create_function("redact", 1, redact, deterministic=True)
    db.create_function("feed_key", 1, feed_key, deterministic=True)
    with transaction(db):  # all of it or nothing: whoever is killed here leaves the file as it was
        version = _version(db, path)
        for script in [SCHEMA] if version == 0 else [MIGRATIONS[v] for v in range(version, SCHEMA_VERSION)]:
            for statement in _statements(script):
                db.execute(statement)
        if 0 < version < _ANALYSED:
            _analyse_again(db)
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _analyse_again(db: sqlite3.Connection) -> None:
    """Write the terms, marks and bands of every article anew: an earlier newswire may have made others of the same
    words and topics."""
    db.execute("DELETE FROM words")
    db.execute("DELETE FROM article_topic")
    db.execute("DELETE FROM article_band")
    insert = f"INSERT INTO words (rowid, {COLUMNS}) VALUES (?{', ?' * len(COLUMNS.split(','))})"
    for number, doc in db.execute("SELECT number, doc FROM article"):
        article = from_json(Article, doc)
        db.execute(insert, (number, *columns(article)))
        write_marks(db, number, marks(article.topics))
        write_bands(db, number, article)


def write_marks(db: sqlite3.Connection, number: int, found: Iterable[str]) -> None:
    """Give an article that has none its marks."""
    db.executemany("INSERT INTO article_topic VALUES (?, ?)", [(mark, number) for mark in found])


def _to_wal(db: sqlite3.Connection) -> None:
    """Of those who open a new file at once, one may switch; SQLite refuses the others, instead of letting them wait."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as e:
            if "locked" not in str(e) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _version(db: sqlite3.Connection, path: Path) -> int:
    """The file's schema, 0 of an empty one. Raises: ConfigError when it is no store, or one of a later version."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
    if version == 0 and not tables:
        return 0
    if not (version in {*MIGRATIONS, SCHEMA_VERSION} and {"ledger", "article"} <= tables):  # 1 is anybody's version
        raise ConfigError(
            f"{path}: not a store this newswire can use (schema {version}, wanted {SCHEMA_VERSION}); "
            "update newswire, or name another file in [store] path"
        )
    return version


def back_up(path: Path, into: Path) -> None:
    """Write the store as it is at one moment into a new file, which its owner alone may read, while others write to it.

    Raises:
        ConfigError: there is no store, or there is something in the new file's place, or it cannot be made there.
        StoreFailed: the copy cannot be written; nothing is left of it.
    """
    try:
        # Not by `connect`, which makes what is not there, and brings an earlier schema to this one before it is kept.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_S)) as db:
            _version(db, path)
            _copy(db, into)
    except sqlite3.Error as e:
        raise ConfigError(f"{path}: cannot be backed up: {e}") from e


def _copy(db: sqlite3.Connection, into: Path) -> None:
    try:
        if os.path.lexists(into):
            raise FileExistsError(errno.EEXIST, "it is there already")
        number, name = mkstemp(prefix=f"{into.name}.", dir=into.parent)  # its owner's alone
        os.close(number)
    except OSError as e:
        raise ConfigError(f"{into}: cannot be made: {e.strerror}") from e
    try:
        with closing(sqlite3.connect(name)) as copy:
            db.backup(copy)  # in one step: between two, each commit of another process would make it begin again
        Path(name).rename(into)  # only what is whole has the name
    except (sqlite3.Error, OSError) as e:
        raise StoreFailed(f"{into}: the copy cannot be written: {e}") from e
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """One write transaction: all of it or nothing.

    Raises:
        Busy: another writer holds the file too long.
        StoreFailed: the file cannot be written.
    """
    try:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("COMMIT")
    except BaseException as e:
        if db.in_transaction:  # SQLite itself rolls back on a full disk
            db.execute("ROLLBACK")
        if not isinstance(e, sqlite3.OperationalError):
            raise
        if e.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise Busy("store", f"another process is writing: {e}") from e
        if e.sqlite_errorcode & 0xFF in BROKEN:
            raise StoreFailed(f"the store cannot be written: {e}") from e
        raise


def _statements(script: str) -> Iterator[str]:
    """Single statements: executescript() would commit the transaction it runs in."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
