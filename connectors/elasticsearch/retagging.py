"""Tags of stored articles, replaced in place.

A search may be behind, and may find a revision in an index that it is about to be removed from; so it only says which
articles to look at, and `places` what each is now.
"""

import json
from collections.abc import Sequence
from typing import Any

from elasticsearch import Elasticsearch

from connectors.elasticsearch import schema
from connectors.elasticsearch.bulk import Operation, write
from connectors.elasticsearch.documents import article_of, retagged
from connectors.elasticsearch.places import placed
from transforms.errors import Unindexable
from transforms.records import Article

#: Articles looked at with one search.
PAGE = 1_000


def outdated(client: Elasticsearch, prefix: str, version: str, limit: int) -> list[Article]:
    """See `connectors.ports.ArticleStore`."""
    name = schema.articles(prefix)
    # Also what others wrote: nobody is to be told that none is left because a search has not seen it yet.
    client.indices.refresh(index=name, ignore_unavailable=True)
    found: list[Article] = []
    after: dict[str, Any] = {}
    while len(found) < limit:
        rows = client.search(
            index=name,
            ignore_unavailable=True,
            query={"bool": {"must_not": [{"term": {"topics_version": version}}]}},
            sort=[{"id": "asc"}],
            size=min(PAGE, limit - len(found)),
            source=False,
            track_total_hits=False,
            allow_partial_search_results=False,
            **after,
        )["hits"]["hits"]
        if not rows:
            break
        places = placed(client, prefix, (row["_id"] for row in rows)).values()
        articles = [article_of(place.document) for place in places if place.document]
        found += [article for article in articles if article.topics_version != version]
        after = {"search_after": rows[-1]["sort"]}
    return found


def retag(client: Elasticsearch, prefix: str, articles: Sequence[Article]) -> int:
    """See `connectors.ports.ArticleStore`. A write whose answer is lost does not count."""
    bad: Unindexable | None = None
    changes: dict[str, tuple[Article, str]] = {}
    for article in articles:
        try:
            changes[article.id] = article, json.dumps({"doc": retagged(article)})
        except ValueError as e:
            bad = bad or Unindexable(article.id, f"its tags cannot be written: {' '.join(str(e).split())[:200]}")
    operations = []
    for name, place in placed(client, prefix, changes, ["revision"]).items():
        article, body = changes[name]
        if place.current and place.current["_source"]["revision"] == article.revision:
            unchanged = {"if_seq_no": place.current["_seq_no"], "if_primary_term": place.current["_primary_term"]}
            operations.append(Operation("update", place.current["_index"], name, body, unchanged))
    done = write(client, operations)
    bad = bad or next((one.error for one in done if one.error), None)
    if bad:
        raise bad
    return sum(one.status == 200 for one in done)
