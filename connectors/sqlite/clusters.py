"""Bands of articles, by which near-identical ones are found, and the clusters that these make."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from connectors.ports import Nearby
from transforms.clusters import bands
from transforms.records import Article, dated

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def write_bands(db: sqlite3.Connection, number: int, article: Article) -> None:
    """Give an article that has none its bands."""
    at = _microseconds(dated(article))
    db.executemany("INSERT INTO article_band VALUES (?, ?, ?)", [(band, at, number) for band in bands(article)])


def near(db: sqlite3.Connection, asked: Nearby, limit: int) -> Iterator[str]:
    """The documents that `connectors.ports.ArticleStore.near` answers one question with."""
    slots = ", ".join("?" * len(asked.bands))
    rows = db.execute(
        "SELECT article.doc FROM article_band JOIN article USING (number)"
        f" WHERE band IN ({slots}) AND dated BETWEEN ? AND ?"
        " GROUP BY number ORDER BY count(*) DESC, article.id LIMIT ?",
        (*asked.bands, _microseconds(asked.since), _microseconds(asked.until), limit),
    )
    return (row[0] for row in rows)


def members(db: sqlite3.Connection, cluster_id: str) -> Iterator[str]:
    """The documents of a cluster, by id."""
    rows = db.execute("SELECT doc FROM article WHERE cluster_id = ? ORDER BY id", (cluster_id,))
    return (row[0] for row in rows)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
