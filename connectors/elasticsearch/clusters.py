"""Near-identical articles, found by the bands that their documents have in common."""

from collections.abc import Sequence
from typing import Any

from elasticsearch import Elasticsearch

from connectors.elasticsearch import schema
from connectors.elasticsearch.documents import article_of
from connectors.elasticsearch.failures import told
from connectors.elasticsearch.places import placed
from connectors.elasticsearch.queries import microseconds
from connectors.ports import Nearby
from transforms.clusters import story_of
from transforms.errors import Busy
from transforms.records import Article

#: Questions to a request.
QUESTIONS = 100
#: An article more than this many outlets print is shown with so many of them.
MOST_MEMBERS = 1_000


def near(client: Elasticsearch, prefix: str, asked: Sequence[Nearby], limit: int) -> list[list[Article]]:
    """See `connectors.ports.ArticleStore`."""
    name = schema.articles(prefix)
    # What others wrote, too: a reprint comes minutes after the first, often by another worker.
    client.indices.refresh(index=name, ignore_unavailable=True)
    found: list[list[str]] = []
    for at in range(0, len(asked), QUESTIONS):
        searches: list[dict[str, Any]] = []
        for one in asked[at : at + QUESTIONS]:
            searches += [{"index": name, "ignore_unavailable": True}, _search(one, limit)]
        for answer in client.msearch(searches=searches)["responses"]:
            if "error" in answer or answer["_shards"]["failed"]:
                raise Busy("store", told(answer.get("error"))[1] or "not all of it answers")
            found.append([row["_id"] for row in answer["hits"]["hits"]])
    articles = _articles(client, prefix, [each for ids in found for each in ids])
    return [[articles[each] for each in dict.fromkeys(ids) if each in articles] for ids in found]


def members(client: Elasticsearch, prefix: str, cluster_id: str) -> list[Article]:
    """See `connectors.ports.ArticleStore.cluster`."""
    answer = client.search(
        index=schema.articles(prefix),
        ignore_unavailable=True,
        # One that an earlier newswire stored has no cluster, and is the first of those that joined it since.
        query={"bool": {"should": [{"term": {"cluster_id": cluster_id}}, {"term": {"id": cluster_id}}]}},
        sort=[{"id": "asc"}],
        size=MOST_MEMBERS,
        source=False,
        track_total_hits=False,
        allow_partial_search_results=False,
    )
    articles = _articles(client, prefix, [row["_id"] for row in answer["hits"]["hits"]])
    return [article for article in articles.values() if story_of(article) == cluster_id]


def _search(asked: Nearby, limit: int) -> dict[str, Any]:
    """A question, scored by how many bands are shared."""
    between = {"gte": microseconds(asked.since), "lte": microseconds(asked.until)}
    shared = [{"constant_score": {"filter": {"term": {"bands": band}}}} for band in asked.bands]
    return {
        "query": {"bool": {"should": shared, "minimum_should_match": 1, "filter": [{"range": {"dated_us": between}}]}},
        "sort": [{"_score": "desc"}, {"id": "asc"}],
        "size": limit,
        "_source": False,
        "track_total_hits": False,
    }


def _articles(client: Elasticsearch, prefix: str, ids: Sequence[str]) -> dict[str, Article]:
    """As they are now: a search may find a revision that is about to be removed from where it is."""
    places = placed(client, prefix, dict.fromkeys(ids)) if ids else {}
    return {name: article_of(place.document) for name, place in places.items() if place.document}
