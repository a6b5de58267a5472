"""The outbox on Elasticsearch and OpenSearch."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from elasticsearch import Elasticsearch

from connectors.alert_ports import Addressed, Batch, Delivery, Lane, Outbox, OutboxStatus, Sent, State
from connectors.codec import moment, stamp
from connectors.elasticsearch import sending, ways
from connectors.elasticsearch.changing import Change, Read, as_read, change, new_id, unmarked, write_over
from connectors.elasticsearch.failures import failure, told
from connectors.elasticsearch.reading import PAGE, every, hits
from connectors.elasticsearch.schema import single
from connectors.elasticsearch.ways import LaneRow, Row, Way
from transforms.alerts import Alert
from transforms.errors import StoreFailed

Query = dict[str, Any]

#: Lanes that are claimed with one request.
STEP = 100
_IN_ORDER = [{"made_at.exact": "asc"}, {"id": "asc"}]
_LATEST = [{"made_at.exact": "desc"}, {"id": "desc"}]
_LANE, _STATE = "deliveries.lane", "deliveries.state"
_WAITING: Query = {"term": {_STATE: "waiting"}}
_FAILING: Query = {"range": {"attempts": {"gt": 0}}}


class ElasticOutbox(Outbox):
    """See `connectors.alert_ports.Outbox`.

    An alert is one document with its deliveries. A lane is one, too, since it was first claimed: who writes it last,
    over what was read of it, has it on lease; it names the alerts in hand. Searches, which refresh first, find what
    there may be to do; what is done is decided on documents read by id, in real time, after the lane was.
    """

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client = client
        self._outbox, self._lanes = single(prefix, "outbox"), single(prefix, "lanes")

    def add(self, alerts: Sequence[Addressed]) -> list[bool]:
        new = [False] * len(alerts)

        def said(number: int, one: Addressed) -> Change:
            return sending.added(one, lambda is_new: new.__setitem__(number, is_new))

        change(self._client, self._outbox, [(one.alert.id, said(number, one)) for number, one in enumerate(alerts)])
        return new

    def told(self, stories: Iterable[str]) -> Mapping[str, list[Alert]]:
        found: dict[str, list[Alert]] = {story: [] for story in stories}
        asked = iter(found)
        self._refresh(self._outbox)
        while some := list(islice(asked, PAGE)):
            for row in map(_row, self._found([{"terms": {"story": some}}], _IN_ORDER)):
                found[row.story].append(ways.alert_of(row))
        return found

    def claim(self, *, now: datetime, worker: str, lease: timedelta, lanes: int, alerts: int) -> list[Batch]:
        at, until = stamp(now), now + lease
        self._refresh(self._outbox)
        free = self._free(at)
        batches: list[Batch] = []
        while some := dict(islice(free, min(STEP, lanes - len(batches)))):
            known = {key: one for key, one in some.items() if one is not None}
            before = {key: ways.lane_row(one.document) for key, one in known.items()}
            given: dict[str, list[Row]] = {}
            taken: dict[str, LaneRow] = {}
            for key, batch in self._in_hand(before, self._due(list(some), at, alerts), at).items():
                if now_due := [row for row in batch if row.waits(key, at)]:
                    given[key] = now_due
                    taken[key] = sending.taken(
                        before.get(key), key, batch, worker=worker, claim=new_id(), leased_until=stamp(until)
                    )
            bodies = {key: ways.lane_body(lane) for key, lane in taken.items()}
            # Where somebody was faster, it is theirs.
            lost = write_over(self._client, self._lanes, bodies, known, new_id())
            batches += [
                Batch(lane=ways.lane_of(before.get(key, taken[key])), alerts=tuple(map(ways.alert_of, given[key])))
                for key in given
                if key not in lost
            ]
        return batches

    def settle(self, sent: Sequence[Sent], *, worker: str, now: datetime) -> None:
        # The alerts first: until its lane is free, nobody else has them. A call that ends halfway may be made again.
        keys = [ways.lane_key(one.batch.lane.subscription, one.batch.lane.channel) for one in sent]
        found = as_read(self._client, self._lanes, keys)
        settling = []
        for one, key in zip(sent, keys, strict=True):
            if key in found:
                lane = ways.lane_row(found[key].document)
                settling.append((one, lane, lane.worker == worker))
        changes = [sending.settled(one, lane, ours=ours, now=now) for one, lane, ours in settling]
        alerts = change(self._client, self._outbox, [one for some in changes for one in some])
        failures = [sending.failed(one, lane, alerts, now) if ours else [] for one, lane, ours in settling]
        change(self._client, self._outbox, [one for some in failures for one in some])
        after = [
            (lane.key, sending.after(one, lane, alerts, ours=ours, failing=bool(failed), now=now))
            for (one, lane, ours), failed in zip(settling, failures, strict=True)
        ]
        change(self._client, self._lanes, after)

    def readdress(self, subscription: str, channels: Sequence[str], *, due_at: datetime) -> int:
        waiting: set[str] = set()
        query = [{"term": {"subscription": subscription}}, _nested(_WAITING)]
        kept = tuple(dict.fromkeys(channels))
        self._refresh(self._outbox, self._lanes)
        self._change_all(self._found(query, _IN_ORDER, source=False), sending.readdressed(kept, due_at, waiting.add))
        lanes = every(self._client, self._lanes, {"term": {"subscription": subscription}}, "key")
        self._go_on((lane["key"] for lane in lanes), kept)
        return len(waiting)

    def deliveries(
        self, *, subscription: str = "", alert: str = "", state: State | None = None, limit: int = 100
    ) -> list[Delivery]:
        self._refresh(self._outbox)
        query = _asked(subscription, [alert] if alert else (), state, None)
        found = self._found(query, _LATEST, limit=max(1, limit))
        return list(islice((one for hit in found for one in ways.shown(_row(hit), state)), limit))

    def redeliver(
        self,
        *,
        alerts: Sequence[str] = (),
        subscription: str = "",
        state: State | None = None,
        since: datetime | None = None,
        still: Callable[[str, str], bool] = lambda subscription, channel: True,
        now: datetime,
    ) -> int:
        query = _asked(subscription, alerts, state, since)
        if not query:
            raise ValueError("say which deliveries are to be sent again")
        from_then_on = stamp(since) if since else ""
        lanes: dict[str, list[str]] = {}

        def asked(row: Row, way: Way) -> bool:
            meant = state in (None, way.state) and row.made_at >= from_then_on
            return meant and still(row.subscription, way.channel)

        self._refresh(self._outbox)
        again = sending.redelivered(asked, now, lanes.__setitem__)
        self._change_all(self._found(query, _IN_ORDER, source=False), again)
        self._go_on(dict.fromkeys(lane for some in lanes.values() for lane in some))
        return sum(map(len, lanes.values()))

    def lanes(self, *, subscription: str = "", failing: bool = False) -> list[Lane]:
        query: list[Query] = [{"term": {"tried": True}}]
        query += [{"term": {"subscription": subscription}}] if subscription else []
        query += [_FAILING] if failing else []
        self._refresh(self._lanes)
        found = every(self._client, self._lanes, {"bool": {"filter": query}}, "key")
        lanes = [ways.lane_of(ways.lane_row(unmarked(document))) for document in found]
        return sorted(lanes, key=lambda lane: (lane.subscription, lane.channel))

    def status(self, now: datetime) -> OutboxStatus:
        at = stamp(now)
        self._refresh(self._outbox, self._lanes)
        states = {"all": {"nested": {"path": "deliveries"}, "aggs": {"states": {"terms": {"field": _STATE}}}}}
        counted = self._client.search(
            index=self._outbox, size=0, aggregations=states, allow_partial_search_results=False
        )["aggregations"]["all"]["states"]["buckets"]
        longest = {"deliveries.due_at.exact": {"order": "asc", "nested": {"path": "deliveries", "filter": _WAITING}}}
        hit = next(self._found([_nested(_WAITING, _until(at))], [longest], limit=1), None)
        waiting = [way.due_at for way in _row(hit).deliveries if way.state == "waiting"] if hit else []
        return OutboxStatus(
            deliveries={one["key"]: one["doc_count"] for one in counted},
            failing=self._client.count(index=self._lanes, query=_FAILING)["count"],
            oldest_due_at=moment(min((one for one in waiting if one <= at), default=None)),
        )

    def _free(self, at: str) -> Iterator[tuple[str, Read | None]]:
        """The lanes whose deliveries are due, longest due first, that may be claimed; None: never claimed so far."""
        seen: list[str] = []
        while found := self._with_due(at, seen):
            for number in range(0, len(found), STEP):
                some = found[number : number + STEP]
                known = as_read(self._client, self._lanes, some)
                for key in some:
                    one = known.get(key)
                    if one is None or ways.lane_row(one.document).free(at):
                        yield key, one
            if len(found) < PAGE:
                return
            seen += found

    def _with_due(self, at: str, seen: Sequence[str]) -> list[str]:
        """A page of lanes whose deliveries are due, longest due first, without those that were seen."""
        due = _bool(_WAITING, _until(at), must_not={"terms": {_LANE: list(seen)}})
        lanes = {
            # Few deliveries wait, of all that ever were: `map` does not number every lane first (100,000 take 25 ms).
            "terms": {
                "field": _LANE,
                "size": PAGE,
                "order": [{"since": "asc"}, {"_key": "asc"}],
                "execution_hint": "map",
            },
            "aggs": {"since": {"min": {"field": "deliveries.due_at"}}},
        }
        within = {"nested": {"path": "deliveries"}, "aggs": {"due": {"filter": due, "aggs": {"lanes": lanes}}}}
        found = self._client.search(
            index=self._outbox,
            size=0,
            query=_nested(due),
            aggregations={"all": within},
            track_total_hits=False,
            allow_partial_search_results=False,
        )
        return [one["key"] for one in found["aggregations"]["all"]["due"]["lanes"]["buckets"]]

    def _due(self, lanes: Sequence[str], at: str, limit: int) -> dict[str, list[str]]:
        """The alerts whose deliveries are due, by lane, in order."""
        searches: list[Mapping[str, Any]] = []
        for lane in lanes:
            query = _nested({"term": {_LANE: lane}}, _WAITING, _until(at))
            searches += [
                {"index": self._outbox, "allow_partial_search_results": False},
                {"query": query, "sort": _IN_ORDER, "size": limit, "_source": False, "track_total_hits": False},
            ]
        due: dict[str, list[str]] = {}
        for lane, answer in zip(lanes, self._client.msearch(searches=searches)["responses"], strict=True):
            if (error := answer.get("error")) is not None:
                raise failure("store", answer["status"], error) or StoreFailed(told(error)[1])
            due[lane] = [hit["_id"] for hit in answer["hits"]["hits"]]
        return due

    def _in_hand(self, lanes: Mapping[str, LaneRow], due: Mapping[str, Sequence[str]], at: str) -> dict[str, list[Row]]:
        """What of lanes is, or is to be, in hand: of the batch that was claimed before, what waits; where nothing does,
        what is due, as it is now. In order."""
        before = {key: lanes[key].batch if key in lanes else () for key in due}
        found = as_read(self._client, self._outbox, [name for key in due for name in (*before[key], *due[key])])
        rows = {name: ways.row(one.document) for name, one in found.items()}
        batches = {}
        for key in due:
            kept = [rows[name] for name in before[key] if name in rows and rows[name].waits(key)]
            new = [rows[name] for name in due[key] if name in rows and rows[name].waits(key, at)]
            batches[key] = sorted(kept or new, key=lambda row: (row.made_at, row.id))
        return batches

    def _change_all(self, hits: Iterator[Mapping[str, Any]], decide: Change) -> None:
        while some := list(islice(hits, PAGE)):
            change(self._client, self._outbox, [(hit["_id"], decide) for hit in some])

    def _go_on(self, lanes: Iterable[str], kept: Sequence[str] | None = None) -> None:
        going_on = sending.going_on(kept)
        keys = iter(lanes)
        while some := list(islice(keys, PAGE)):
            change(self._client, self._lanes, [(key, going_on) for key in some])

    def _refresh(self, *indices: str) -> None:
        self._client.indices.refresh(index=list(indices))

    def _found(
        self,
        query: Sequence[Query],
        order: Sequence[Mapping[str, Any]],
        *,
        source: Any = None,
        limit: int | None = None,
    ) -> Iterator[Mapping[str, Any]]:
        return hits(self._client, self._outbox, query, order, source=source, limit=limit)


def _nested(*of_one_delivery: Query) -> Query:
    """An alert that has a delivery of which all of this is true."""
    return {"nested": {"path": "deliveries", "query": _bool(*of_one_delivery)}}


def _bool(*filters: Query, **more: Query) -> Query:
    return {"bool": {"filter": filters, **more}}


def _until(at: str) -> Query:
    # The servers' dates end at milliseconds: what is found too early is left out where it is read.
    return {"range": {"deliveries.due_at": {"lte": at}}}


def _asked(subscription: str, alerts: Sequence[str], state: State | None, since: datetime | None) -> list[Query]:
    """What must be true of an alert; empty where nothing was said."""
    query: list[Query] = [{"terms": {"id": list(alerts)}}] if alerts else []
    query += [{"term": {"subscription": subscription}}] if subscription else []
    query += [{"range": {"made_at": {"gte": stamp(since)}}}] if since else []
    return query + ([_nested({"term": {_STATE: state}})] if state else [])


def _row(hit: Mapping[str, Any]) -> Row:
    return ways.row(unmarked(hit["_source"]))
