"""ArticleStore on Elasticsearch and OpenSearch.

An article's current revision is in the index of its language and month; `places` says by id where that is, and is read
in real time. A revision is written in this order, so that whatever ends it half-way, the same `put` completes it later
and nothing is lost: what it replaces into `revisions`, its place, the article, and last its removal from where it was.

A search sees what its own store object wrote, which has the servers refresh before it searches; what others wrote shows
once they close their store, at the latest after `index.refresh_interval`. So nothing is refreshed for writing.
"""

import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from connectors.elasticsearch import clusters, retagging, schema
from connectors.elasticsearch.bulk import Operation, Written, write
from connectors.elasticsearch.documents import article_of, document
from connectors.elasticsearch.mappings import MAPPING_VERSION
from connectors.elasticsearch.places import CHUNK, Place, placed
from connectors.elasticsearch.queries import compiled, like, order
from connectors.elasticsearch.reading import every
from connectors.hits import hit
from connectors.ports import ArticleStore, Found, Nearby, Outcome, Search
from transforms.errors import Busy, ConfigError, NewswireError, QueryError, StoreFailed, Unindexable
from transforms.query import positive
from transforms.records import Article

#: How deep a server pages by number (its `index.max_result_window`).
WINDOW = 10_000
#: How often another writer may be faster before this one asks for patience.
MAX_TRIES = 10
#: The version of a document is its revision times this, and one more each time it is tagged anew, where the server
#: compares with what was read, and counts by itself; or written again, where it was elsewhere before.
VERSIONS = 1 << 20
_POINT_IN_TIME = "2m"
#: What a server's refusal of a query names, and what it means. OpenSearch takes some 250 words, unless its setting
#: `indices.query.bool.max_clause_count` says otherwise; Elasticsearch all that can be typed.
_LIMITS = {
    "maxClauseCount": "the query has more words than the store can follow",
    "max_nested_depth": "the query is nested more deeply than the store can follow",
}


@dataclass(frozen=True, slots=True)
class _Plan:
    """The writes that one revision takes, in their order."""

    kept: Operation | None
    place: Operation | None
    article: Operation
    removed: tuple[Operation, ...]


class ElasticArticles(ArticleStore):
    """See `connectors.ports.ArticleStore`. The store is ready, as `schema.require_ready` says."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._articles = schema.articles(prefix)
        self._places = schema.single(prefix, "places")
        self._revisions = schema.single(prefix, "revisions")
        #: Whether anything was written that searches do not see yet.
        self._unseen = False

    def get(self, ids: Iterable[str]) -> Mapping[str, Article]:
        places = placed(self._client, self._prefix, ids)
        return {name: article_of(place.document) for name, place in places.items() if place.document}

    def put(self, articles: Sequence[Article], *, now: datetime) -> list[Outcome]:
        errors: dict[int, NewswireError | None] = {}
        waiting = dict(enumerate(articles))
        tries = 0
        while waiting:
            first: dict[str, int] = {}
            for number, article in waiting.items():  # a later revision of the same article waits for the earlier
                first.setdefault(article.id, number)
            done = self._put([waiting[number] for number in first.values()], now)
            for name, error in done.items():
                errors[first[name]] = error
                del waiting[first[name]]
            tries = 0 if done else tries + 1
            if tries == MAX_TRIES:
                raise Busy(next(iter(first)), "others keep writing this article")
        return [Outcome(id=article.id, error=errors[number]) for number, article in enumerate(articles)]

    def _put(self, articles: Sequence[Article], now: datetime) -> dict[str, NewswireError | None]:
        """Articles of different ids; what became of each, but for those whose place another writer changed just now."""
        errors: dict[str, NewswireError | None] = {}
        plans: dict[str, _Plan] = {}
        places = placed(self._client, self._prefix, (article.id for article in articles))
        for article in articles:
            place = places.get(article.id)
            try:
                body = document(article, now)
            except ValueError as e:  # a lone surrogate: a str in Python, and text nowhere else
                reason = f"its text cannot be written: {' '.join(str(e).split())[:200]}"
                errors[article.id] = Unindexable(article.id, reason)
                continue
            if place and place.document and max(place.revision, place.document["revision"]) > article.revision:
                errors[article.id] = None
            else:
                plans[article.id] = self._plan(article, body, place, now)
        self._unseen = self._unseen or bool(plans)
        self._write({name: plan.kept for name, plan in plans.items() if plan.kept}, plans, errors)
        moved = self._write({name: plan.place for name, plan in plans.items() if plan.place}, plans, errors)
        for name, written in moved.items():
            if written.status == 409:
                del plans[name]
        for name, written in self._write({name: plan.article for name, plan in plans.items()}, plans, errors).items():
            if written.status == 409:  # a later revision came in between, and has not seen this one to keep it
                one = plans.pop(name).article  # or only other tags did: then this one has another try
                write(self._client, [self._history(name, json.loads(one.body), now)])
        write(self._client, [one for plan in plans.values() for one in plan.removed])
        return errors | dict.fromkeys(plans)

    def _write(
        self,
        operations: Mapping[str, Operation],
        plans: dict[str, _Plan],
        errors: dict[str, NewswireError | None],
    ) -> dict[str, Written]:
        """One step of the plans; those that it fails for end here, with their error."""
        done = dict(zip(operations, write(self._client, list(operations.values())), strict=True))
        for name, written in done.items():
            if written.error:
                errors[name] = written.error
                del plans[name]
        return done

    def _plan(self, article: Article, body: str, place: Place | None, now: datetime) -> _Plan:
        index = schema.article_index(self._prefix, article)
        version = article.revision * VERSIONS
        kept, placing = None, None
        others: tuple[str, ...] = ()
        if place is None:
            placing = self._placing("create", article, index, others)
        else:
            others = tuple(one for one in dict.fromkeys((place.index, *place.was)) if one != index)
            version = max(version, place.version + bool(others))
            if place.document and place.document["revision"] < article.revision:
                kept = self._history(article.id, place.document, now)
            elif not place.document and place.revision > article.revision:
                # A later one is on its way, that has not seen this one to keep it.
                kept = self._history(article.id, json.loads(body), now)
            if (place.index, place.revision, place.was) != (index, article.revision, others):
                unchanged = {"if_seq_no": place.seq_no, "if_primary_term": place.primary_term}
                placing = self._placing("index", article, index, others, **unchanged)
        # Elsewhere what is older is removed, and no more: of two that remove each other's, one must stay.
        return _Plan(
            kept=kept,
            place=placing,
            article=Operation("index", index, article.id, body, _over(version)),
            removed=tuple(Operation("delete", other, article.id, "", _over(version - 1)) for other in others),
        )

    def _placing(self, action: Any, article: Article, index: str, was: tuple[str, ...], **more: int) -> Operation:
        body = {"index": index, "revision": article.revision, **({"was": was} if was else {})}
        return Operation(action, self._places, article.id, json.dumps(body), more)

    def _history(self, name: str, document: Mapping[str, Any], now: datetime) -> Operation:
        revision = document["revision"]
        body = {"id": name, "revision": revision, "replaced_at": now.isoformat(), "article": document}
        return Operation("index", self._revisions, f"{name}.{revision}", json.dumps(body))

    def outdated(self, version: str, *, limit: int) -> list[Article]:
        return retagging.outdated(self._client, self._prefix, version, limit)

    def retag(self, articles: Sequence[Article]) -> int:
        self._unseen = self._unseen or bool(articles)
        return retagging.retag(self._client, self._prefix, articles)

    def close(self) -> None:
        """Have everybody see what this object wrote; it is no failure where the server does not answer just now."""
        with suppress(NewswireError, StoreFailed, ConfigError):
            self._refresh()

    def revisions(self, doc_id: str) -> list[Article]:
        self._client.indices.refresh(index=self._revisions)  # of one article, by hand: now, not in five seconds
        places = placed(self._client, self._prefix, [doc_id])
        current = [place.document for place in places.values() if place.document]
        last = max((one["revision"] for one in current), default=None)
        rows = every(self._client, self._revisions, {"term": {"id": doc_id}}, "revision")
        # One that stays current, since its successor was refused or interrupted, has been kept already.
        earlier = [row["article"] for row in rows if last is None or row["revision"] < last]
        return [article_of(document) for document in (*earlier, *current)]

    def search(self, search: Search) -> Found:
        self._refresh()
        deep = search.offset + search.limit > WINDOW
        page = {"size": 0} if deep else {"size": search.limit, "from_": search.offset}
        answer = self._ask(search, **page, index=self._articles, ignore_unavailable=True, track_total_hits=True)
        articles = [article_of(row["_source"]) for row in answer["hits"]["hits"]]
        if deep:
            with closing(self._ids(search)) as ids:
                articles = list(self._fetched(list(islice(ids, search.offset, search.offset + search.limit))))
        return Found(
            total=answer["hits"]["total"]["value"], hits=tuple(hit(article, search.query) for article in articles)
        )

    def similar(self, doc_id: str, *, limit: int) -> list[Article]:
        article = self.get([doc_id]).get(doc_id)
        if article is None:
            return []
        self._refresh()
        query = like(article, schema.article_index(self._prefix, article))
        answer = self._client.search(index=self._articles, ignore_unavailable=True, query=query, size=limit)
        return [article_of(row["_source"]) for row in answer["hits"]["hits"]]

    def near(self, asked: Sequence[Nearby], *, limit: int) -> list[list[Article]]:
        return clusters.near(self._client, self._prefix, asked, limit)

    def cluster(self, cluster_id: str) -> list[Article]:
        self._refresh()
        return clusters.members(self._client, self._prefix, cluster_id)

    def each(self, search: Search) -> Iterator[Article]:
        # Ids first: a point in time that stays open for as long as the other end of a pipe likes would run out.
        self._refresh()
        return self._fetched(list(self._ids(search)))

    def _fetched(self, ids: Sequence[str]) -> Iterator[Article]:
        for at in range(0, len(ids), CHUNK):
            chunk = ids[at : at + CHUNK]
            found = self.get(chunk)
            yield from (found[name] for name in chunk if name in found)

    def _ids(self, search: Search) -> Generator[str, None, None]:
        """The ids of all that is found, in order, as of now."""
        with self._point_in_time() as point:
            after: dict[str, Any] = {}
            while point:
                pit = {"id": point, "keep_alive": _POINT_IN_TIME}
                rows = self._ask(search, size=WINDOW, source=False, track_total_hits=False, pit=pit, **after)["hits"]
                yield from (row["_id"] for row in rows["hits"])
                if len(rows["hits"]) < WINDOW:
                    return
                after = {"search_after": rows["hits"][-1]["sort"]}

    @contextmanager
    def _point_in_time(self) -> Iterator[str]:
        """Empty while there is no article; both products have the same thing under different names."""
        if not self._client.indices.exists_alias(name=self._articles):
            yield ""
        elif self._client.info()["version"].get("distribution") == "opensearch":
            headers = {"accept": "application/json", "content-type": "application/json"}
            path, params = f"/{self._articles}/_search/point_in_time", {"keep_alive": _POINT_IN_TIME}
            point = self._client.perform_request("POST", path, params=params, headers=headers).body["pit_id"]
            try:
                yield point
            finally:
                body = {"pit_id": [point]}
                self._client.perform_request("DELETE", "/_search/point_in_time", headers=headers, body=body)
        else:
            point = self._client.open_point_in_time(index=self._articles, keep_alive=_POINT_IN_TIME)["id"]
            try:
                yield point
            finally:
                self._client.close_point_in_time(id=point)

    def _ask(self, search: Search, **more: Any) -> Any:
        """Raises: QueryError for a query with more words, or nested more deeply, than the server takes."""
        asked: dict[str, Any] = {
            "query": compiled(search),
            "sort": order(search),
            "allow_partial_search_results": False,
        }
        try:
            return self._client.search(**asked, **more)
        except ApiError as e:  # 400 or, of OpenSearch, 500
            limit = next((said for name, said in _LIMITS.items() if name in str(e.body)), "")
            if search.query is None or not limit:
                raise
            words = " ".join(part.text for part in positive(search.query))
            raise QueryError(words[:60], limit) from e

    def _refresh(self) -> None:
        """Have everything seen that this object wrote."""
        if self._unseen:
            self._client.indices.refresh(index=[self._articles, self._revisions], ignore_unavailable=True)
            self._unseen = False

    def status(self) -> Mapping[str, int | str]:
        self._refresh()
        names = [f"{self._articles}-*", self._revisions, self._places]
        version = self._client.info()["version"]
        stats = self._client.indices.stats(index=names, metric="store")
        return {
            "schema": MAPPING_VERSION,
            version.get("distribution", "elasticsearch"): version["number"],
            "bytes": stats["_all"]["total"]["store"]["size_in_bytes"],
            "articles": self._count(self._articles),
            "earlier revisions": self._count(self._revisions),
        }

    def _count(self, index: str) -> int:
        return int(self._client.count(index=index, ignore_unavailable=True)["count"])

    def topic_counts(self) -> Mapping[str, int]:
        self._refresh()
        by_topic = {"field": "topics.id", "size": WINDOW, "order": [{"_count": "desc"}, {"_key": "asc"}]}
        answer = self._client.search(
            index=self._articles, ignore_unavailable=True, size=0, aggregations={"topics": {"terms": by_topic}}
        )
        buckets = answer.get("aggregations", {}).get("topics", {}).get("buckets", [])
        return {bucket["key"]: bucket["doc_count"] for bucket in buckets}


def _over(version: int) -> dict[str, Any]:
    """Write over what has this version or an earlier one, and nothing else."""
    return {"version": version, "version_type": "external_gte"}
