"""Articles that share the most telling words with one, as `more_like_this` of Elasticsearch finds them."""

import sqlite3
from collections import Counter
from math import log

from connectors.hits import LEAST_ARTICLES, LEAST_SHARED, MOST_WORDS
from transforms.analysis import terms
from transforms.records import Article

#: Candidates looked at for each one wanted.
_EACH = 5


def similar(db: sqlite3.Connection, article: Article, limit: int) -> list[int]:
    """Numbers of the articles of the same language that are most like `article`, the closest first, without itself."""
    words = _telling(db, article)
    if not words:
        return []
    any_of = " OR ".join(f'"{word}"' for word in words)
    rows = db.execute(
        "SELECT words.rowid, words.title, words.body FROM words JOIN article ON article.number = words.rowid"
        " WHERE words MATCH ? AND article.language = ? AND article.id <> ? ORDER BY bm25(words) LIMIT ?",
        (f"{{title body}} : ({any_of})", article.language, article.id, limit * _EACH),
    )
    wanted = set(words)
    return [
        number
        for number, title, body in rows
        if len(wanted & {*title.split(), *body.split()}) * 100 >= LEAST_SHARED * len(wanted)
    ][:limit]


def _telling(db: sqlite3.Connection, article: Article) -> list[str]:
    """The words of an article that are frequent in it and rare elsewhere."""
    db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, words, 'row')")
    total = db.execute("SELECT count(*) FROM article").fetchone()[0]
    weighed: list[tuple[float, str]] = []
    for word, often in Counter(terms(f"{article.title}\n{article.body}", article.language)).items():
        found = db.execute("SELECT doc FROM temp.vocabulary WHERE term = ?", (word,)).fetchone()
        if found and found[0] >= LEAST_ARTICLES:
            weighed.append((often * (1 + log((total + 1) / (found[0] + 1))), word))
    return [word for _, word in sorted(weighed, key=lambda one: (-one[0], one[1]))[:MOST_WORDS]]
