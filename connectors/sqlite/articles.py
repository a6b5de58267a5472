"""ArticleStore on SQLite with FTS5."""

import json
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.codec import from_json, stamp, to_json
from connectors.hits import hit
from connectors.ports import ArticleStore, Found, Nearby, Outcome, Search
from connectors.sqlite.clusters import members, near, write_bands
from connectors.sqlite.database import SCHEMA_VERSION, transaction, write_marks
from connectors.sqlite.fulltext import COLUMNS, WEIGHTS, columns, expressible, match_expression, topic_terms
from connectors.sqlite.similar import similar
from connectors.tagging import TAGGED, tagged
from transforms.clusters import story_of
from transforms.documents import Document
from transforms.errors import QueryError, Unindexable
from transforms.matching import holds
from transforms.query import Query, positive
from transforms.records import Article, dated
from transforms.tags import marks

#: SQLite's default limit on bound values is 32,766; this keeps far from it.
CHUNK = 500
#: What `json_set` puts in the place of an article's tags.
_REPLACED = ", ".join(f"'$.{name}', json(?)" for name in TAGGED)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A search in SQL: what follows SELECT, with the values bound in it, and the order of its rows."""

    query: Query | None
    condition: str
    values: tuple[str, ...]
    rank: str


class SqliteArticles(ArticleStore):
    """See `connectors.ports.ArticleStore`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def get(self, ids: Iterable[str]) -> Mapping[str, Article]:
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Article] = {}
        for i in range(0, len(wanted), CHUNK):
            chunk = wanted[i : i + CHUNK]
            slots = ", ".join("?" * len(chunk))
            rows = self._db.execute(f"SELECT id, doc FROM article WHERE id IN ({slots})", chunk)
            found.update((name, from_json(Article, doc)) for name, doc in rows)
        return found

    def put(self, articles: Sequence[Article], *, now: datetime) -> list[Outcome]:
        ready: list[tuple[Article, str, tuple[str, ...]]] = []
        outcomes: list[Outcome] = []
        for article in articles:
            error = None
            try:
                doc, terms = to_json(replace(article, indexed_at=now)), columns(article)
                ready.append((article, doc, terms))
            except ValueError as e:  # a lone surrogate: a str in Python, and text nowhere else
                error = _unwritable(article, e)
            outcomes.append(Outcome(id=article.id, error=error))
        with transaction(self._db):
            for article, doc, terms in ready:
                self._put(article, doc, terms)
        return outcomes

    def _put(self, article: Article, doc: str, terms: Sequence[str]) -> None:
        stored = self._db.execute("SELECT number, revision, doc FROM article WHERE id = ?", (article.id,)).fetchone()
        if stored is not None and stored[1] > article.revision:
            return
        values = (
            article.revision,
            article.language,
            article.source.feed_id,
            article.source.name,
            article.source.domain,
            stamp(dated(article)),
            doc,
            article.topics_version,
            story_of(article),
        )
        if stored is None:
            number = self._db.execute(
                "INSERT INTO article (id, revision, language, feed_id, outlet, domain, published_at, doc,"
                " topics_version, cluster_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (article.id, *values),
            ).lastrowid
        else:
            number = stored[0]
            if stored[1] < article.revision:
                self._db.execute("REPLACE INTO article_revision VALUES (?, ?, ?)", (article.id, stored[1], stored[2]))
            self._db.execute(
                "UPDATE article SET revision = ?, language = ?, feed_id = ?, outlet = ?, domain = ?, published_at = ?,"
                " doc = ?, topics_version = ?, cluster_id = ? WHERE number = ?",
                (*values, number),
            )
            self._db.execute("DELETE FROM words WHERE rowid = ?", (number,))
            self._db.execute("DELETE FROM article_topic WHERE number = ?", (number,))
            self._db.execute("DELETE FROM article_band WHERE number = ?", (number,))
        self._db.execute(
            f"INSERT INTO words (rowid, {COLUMNS}) VALUES ({', '.join('?' * (1 + len(terms)))})", (number, *terms)
        )
        assert number is not None  # the row was written
        write_marks(self._db, number, marks(article.topics))
        write_bands(self._db, number, article)

    def outdated(self, version: str, *, limit: int) -> list[Article]:
        # Either side of it: no index finds what is unequal.
        sides = [f"SELECT doc FROM article WHERE topics_version {side} ?" for side in "<>"]
        rows = self._db.execute(f"{' UNION ALL '.join(sides)} LIMIT ?", (version, version, limit))
        return [from_json(Article, row[0]) for row in rows]

    def retag(self, articles: Sequence[Article]) -> int:
        ready: list[tuple[Article, list[str], str]] = []
        bad: Unindexable | None = None
        for article in articles:
            try:
                values = [json.dumps(value, ensure_ascii=False) for value in tagged(article).values()]
                ready.append((article, values, topic_terms(article)))
            except ValueError as e:
                bad = bad or _unwritable(article, e)
        with transaction(self._db):
            written = sum(self._retag(*one) for one in ready)
        if bad:
            raise bad
        return written

    def _retag(self, article: Article, values: Sequence[str], terms: str) -> bool:
        stored = self._db.execute("SELECT number, revision FROM article WHERE id = ?", (article.id,)).fetchone()
        if stored is None or stored[1] != article.revision:
            return False
        number = stored[0]
        self._db.execute(
            f"UPDATE article SET topics_version = ?, doc = json_set(doc, {_REPLACED}) WHERE number = ?",
            (article.topics_version, *values, number),
        )
        rows = self._db.execute("SELECT topic FROM article_topic WHERE number = ? ORDER BY topic", (number,))
        if [row[0] for row in rows] != (found := marks(article.topics)):
            self._db.execute("DELETE FROM article_topic WHERE number = ?", (number,))
            write_marks(self._db, number, found)
        # The engine takes the whole row out and in again for one column: only where it has to.
        if self._db.execute("SELECT topic FROM words WHERE rowid = ?", (number,)).fetchone()[0] != terms:
            self._db.execute("UPDATE words SET topic = ? WHERE rowid = ?", (terms, number))
        return True

    def revisions(self, doc_id: str) -> list[Article]:
        earlier = self._db.execute(
            "SELECT doc FROM article_revision WHERE id = ? ORDER BY revision", (doc_id,)
        ).fetchall()
        current = self._db.execute("SELECT doc FROM article WHERE id = ?", (doc_id,)).fetchall()
        return [from_json(Article, row[0]) for row in (*earlier, *current)]

    def search(self, search: Search) -> Found:
        asked = self._asked(search)
        total = self._ask("SELECT count(*)", asked).fetchone()[0]
        rows = self._ask("SELECT doc", asked, f"ORDER BY {asked.rank} LIMIT ? OFFSET ?", search.limit, search.offset)
        return Found(total=total, hits=tuple(hit(from_json(Article, row[0]), search.query) for row in rows))

    def each(self, search: Search) -> Iterator[Article]:
        # Numbers first, eight bytes each: sorting whole documents would fill the disk, and a cursor that stays open for
        # as long as the other end of a pipe likes would keep the write-ahead log from ever being folded back.
        asked = self._asked(search)
        numbers = array("q", (row[0] for row in self._ask("SELECT article.number", asked, f"ORDER BY {asked.rank}")))
        return self._numbered(numbers)

    def similar(self, doc_id: str, *, limit: int) -> list[Article]:
        article = self.get([doc_id]).get(doc_id)
        return list(self._numbered(similar(self._db, article, limit))) if article else []

    def near(self, asked: Sequence[Nearby], *, limit: int) -> list[list[Article]]:
        return [[from_json(Article, doc) for doc in near(self._db, one, limit)] for one in asked]

    def cluster(self, cluster_id: str) -> list[Article]:
        return [from_json(Article, doc) for doc in members(self._db, cluster_id)]

    def _numbered(self, numbers: Iterable[int]) -> Iterator[Article]:
        for number in numbers:
            row = self._db.execute("SELECT doc FROM article WHERE number = ?", (number,)).fetchone()
            yield from_json(Article, row[0])  # there is a row: articles are withdrawn, never deleted

    def _asked(self, search: Search) -> _Asked:
        where, values = ["1"], []
        if search.query is not None:
            languages = [row[0] for row in self._db.execute("SELECT DISTINCT language FROM article")]
            if languages:
                where.append("words MATCH ?")
                values.append(match_expression(search.query, languages))
                if not expressible(search.query):
                    self._compare(search.query)
                    where.append("holds(article.doc)")
            else:  # an empty archive: there is nothing that the query could be compiled for
                where.append("0")
        for topic in search.topics:
            where.append("article.number IN (SELECT number FROM article_topic WHERE topic = ?)")
            values.append(topic)
        if search.sources:
            slots = ", ".join("?" * len(search.sources))
            where.append(f"(feed_id IN ({slots}) OR outlet COLLATE NOCASE IN ({slots}) OR domain IN ({slots}))")
            values += [*search.sources] * 3
        if search.languages:
            where.append(f"article.language IN ({', '.join('?' * len(search.languages))})")
            values += search.languages
        if search.since:
            where.append("published_at >= ?")
            values.append(stamp(search.since))
        if search.until:
            where.append("published_at < ?")
            values.append(stamp(search.until))
        source = "article" if search.query is None else "words JOIN article ON article.number = words.rowid"
        rank = "published_at DESC, article.id DESC"
        if search.order == "relevance" and search.query is not None:
            rank = f"bm25(words, {', '.join(map(str, WEIGHTS))}), {rank}"
        return _Asked(search.query, f"FROM {source} WHERE {' AND '.join(where)}", tuple(values), rank)

    def _compare(self, query: Query) -> None:
        """Have the SQL function `holds` say whether an article's document is what the query means."""

        def compared(doc: str) -> bool:
            return holds(query, Document(from_json(Article, doc)))

        self._db.create_function("holds", 1, compared, deterministic=True)

    def _ask(self, select: str, asked: _Asked, rest: str = "", *more: int) -> sqlite3.Cursor:
        """Raises: QueryError for a query nested more deeply than the engine can follow."""
        try:
            return self._db.execute(f"{select} {asked.condition} {rest}", (*asked.values, *more))
        except sqlite3.OperationalError as e:
            if asked.query is None or "fts5" not in str(e):
                raise
            words = " ".join(part.text for part in positive(asked.query))
            raise QueryError(words[:60], "the query is nested more deeply than the store can follow") from e

    def status(self) -> Mapping[str, int | str]:
        def count(table: str) -> int:
            return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

        pages, size = (self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        return {
            "schema": SCHEMA_VERSION,
            "sqlite": sqlite3.sqlite_version,
            "bytes": pages * size,
            "articles": count("article"),
            "earlier revisions": count("article_revision"),
        }

    def topic_counts(self) -> Mapping[str, int]:
        return dict(
            self._db.execute(
                "SELECT topic, count(*) FROM article_topic WHERE topic NOT GLOB '*[:/]*'"
                " GROUP BY topic ORDER BY 2 DESC, 1"
            )
        )


def _unwritable(article: Article, error: ValueError) -> Unindexable:
    return Unindexable(article.id, f"its text cannot be written: {' '.join(str(error).split())[:200]}")
