"""The fields of each index, made from the records: what a record gains is mapped, what it loses is not.

Documents are the records' own JSON (`connectors.codec`), with what searching needs beside it. Mappings are strict: a
field that nobody meant is an error, not a new field.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from connectors.alert_ports import Delivery, Lane
from connectors.elasticsearch.analyzers import EXACT, NAMES, WORDS
from connectors.ports import LedgerRow
from transforms.habits import Host
from transforms.records import Article, Feed
from transforms.subscriptions import Subscription
from transforms.tags import Evidence

Properties = dict[str, Any]

#: Raised with every change of a mapping; `_meta` of an index says which it was made by.
MAPPING_VERSION = 2
#: Longer values stay in the document and are not indexed: Lucene rejects terms above 32,766 bytes, whole documents with
#: them, and texts of the web go into some of these fields.
IGNORE_ABOVE = 1024
_KEYWORD = {"type": "keyword", "ignore_above": IGNORE_ABOVE}
#: Of words for a reader, only those short enough to group by are indexed.
_SENTENCE = {"type": "keyword", "ignore_above": 256}
#: Kept in the document, and nowhere else.
_KEPT = {"type": "keyword", "index": False, "doc_values": False}
#: Only looked up: neither shown nor grouped by.
_ASKED_FOR = {**_KEYWORD, "doc_values": False}
_WHOLE = {"type": "object", "enabled": False}
_MOMENT = {"type": "date"}
#: Words of several values are searched as one text, as in the embedded store.
_NO_GAP = {"position_increment_gap": 0}
_TEXT = {"type": "text", "analyzer": WORDS, "fields": {"exact": {"type": "text", "analyzer": EXACT}}}
_NAMED = {**_KEYWORD, "fields": {"words": {"type": "text", "analyzer": NAMES, **_NO_GAP}}}
#: Beside an article that gives such a figure: the largest of each kind of casualties, to sort and filter by.
FIGURES = ("killed", "injured")
_SCALARS: Mapping[Any, Properties] = {
    str: _KEYWORD,
    bool: {"type": "boolean"},
    int: {"type": "long"},
    float: {"type": "double"},
    datetime: _MOMENT,
    date: _MOMENT,
    timedelta: _KEPT,
}


def _kept(path: str, names: Iterable[str]) -> Properties:
    """Fields of evidence that are shown and neither searched nor grouped by; those that are numbers stay numbers."""
    numbers = [name for name, kind in get_type_hints(Evidence).items() if kind is int]
    return {f"{path}.{name}": _KEPT | ({"type": "integer"} if name in numbers else {}) for name in names}


#: Where words stand, and the sentence around them: for a reader.
_PLACE = ("start", "end", "sentence")

_ARTICLE: Mapping[str, Properties] = {
    "title": _TEXT | {"fields": {"exact": {"type": "text", "analyzer": EXACT}, "keyword": _KEYWORD}},
    "description": _TEXT,
    "body": _TEXT,
    "keywords": {
        "type": "text",
        "analyzer": WORDS,
        **_NO_GAP,
        "fields": {"exact": {"type": "text", "analyzer": EXACT, **_NO_GAP}, "keyword": _KEYWORD},
    },
    "authors": _NAMED,
    "source.name": _NAMED,
    "source.feed_id": _NAMED,
    "source.domain": _NAMED,
    "source.agency": _NAMED,
    "topics.id": _NAMED,
    **_kept("topics.evidence", _PLACE),
    **_kept("topics.against", _PLACE),
    **_kept("casualties.evidence", (one.name for one in fields(Evidence))),
    "image.caption": _KEPT,
    "indexed_at": {"type": "date_nanos"},
}


def article() -> Properties:
    """Fields of the article indices. Topics are plain objects: Kibana cannot aggregate nested ones."""
    # When it counts as published, for filters and for the order: with no date of its own, when it was first seen.
    # Once more in microseconds since 1970, where a date has milliseconds: stories of one moment keep their order.
    # What filters by topic ask for: `transforms.tags.marks`. By what reprints are found: `transforms.clusters.bands`.
    beside = {"dated_at": _MOMENT, "dated_us": {"type": "long"}, "marks": _KEYWORD, "bands": _ASKED_FOR}
    return properties(Article, _ARTICLE) | beside | {kind: {"type": "long"} for kind in FIGURES}


def place() -> Properties:
    """Fields of the index that says, by article id, where the current revision is: ids are read in real time. `was`
    names the other indices where a revision may still be, after its language was corrected."""
    return {"index": _KEYWORD, "revision": {"type": "long"}, "was": _KEPT}


def revision() -> Properties:
    """Fields of the index of earlier revisions, which keep the articles whole."""
    return {"id": _KEYWORD, "revision": {"type": "long"}, "replaced_at": _MOMENT, "article": _WHOLE}


def ledger() -> Properties:
    """Fields of the ledger: of LedgerRow, and what only the adapter needs."""
    seen = {"feed_id": _KEYWORD, "hash": _KEPT, "title": _KEPT, "first_seen_at": _MOMENT}
    return properties(LedgerRow, {"appearances": {"properties": seen}, "history": _WHOLE, "reason": _SENTENCE}) | {
        "run_id": _KEYWORD,
        "entry": _WHOLE,
        # An object that is not indexed cannot be asked for: whether `entry` is there.
        "has_entry": {"type": "boolean"},
        # Of the call that wrote the row: it tells a write of its own, whose answer was lost, from another's.
        "write_id": _KEPT,
    }


def item() -> Properties:
    """Fields of the index that says which row of the ledger an item of a feed is."""
    return {"feed_id": _KEYWORD, "key": _KEYWORD}


def feed() -> Properties:
    """Fields of the registry: of Feed, with its history in the same document, so that both change together."""
    return properties(Feed, {"headers": _KEPT}) | {"polls": _WHOLE, "days": _WHOLE}


def host() -> Properties:
    """Fields of what is known of hosts."""
    return properties(Host, {"robots": _KEPT})


def subscription() -> Properties:
    """Fields of the subscriptions; of one that was removed, there is its id and `removed_at`."""
    return properties(Subscription, {"query": _KEPT}) | {"removed_at": _MOMENT, "write_id": _KEPT}


def alert() -> Properties:
    """Fields of the outbox: an alert, whole, with its deliveries in the same document, so that both are there or
    neither. Each delivery is a document of its own to searches: which lane waits is asked of one, not of all."""
    kept = dict.fromkeys(("channel", "delivered_at", "attempts", "error"), _KEPT)
    # Alerts go in the order in which they were made, to the microsecond; the servers' own dates end at milliseconds.
    exact = _MOMENT | {"fields": {"exact": _KEYWORD}}
    deliveries = properties(Delivery, {"alert": _WHOLE, "history": _WHOLE, "due_at": exact, **kept})
    whole = deliveries.pop("alert")
    return {
        "id": _KEYWORD,
        "subscription": _KEYWORD,
        "story": _KEYWORD,
        "made_at": exact,
        "alert": whole,
        "deliveries": {"type": "nested", "properties": {"lane": _KEYWORD} | deliveries},
        "claims": _KEPT,
        "write_id": _KEPT,
    }


def lane() -> Properties:
    """Fields of the lanes: of Lane, who has it on lease, and the batch in hand."""
    return properties(Lane, {"channel": _KEPT, "error": _SENTENCE}) | {
        "key": _KEYWORD,
        "tried": {"type": "boolean"},
        "leased_until": _MOMENT,
        **dict.fromkeys(("worker", "claim", "batch", "write_id"), _KEPT),
    }


def properties(record: Any, special: Mapping[str, Properties], path: str = "") -> Properties:
    """A mapping's `properties` for a record type, with the dotted paths of `special` mapped as they say.

    Raises: TypeError for a field of a type that has no rule, or a special path that does not exist.
    """
    hints = get_type_hints(record)
    mapped = {one.name: _field(hints[one.name], special, f"{path}{one.name}") for one in fields(record)}
    unknown = [name for name in special if name.startswith(path) and name[len(path) :].split(".")[0] not in mapped]
    if unknown:
        raise TypeError(f"{record.__name__} has no field {', '.join(unknown)}")
    return mapped


def _field(kind: Any, special: Mapping[str, Properties], path: str) -> Properties:
    if path in special:
        return dict(special[path])
    if kind in _SCALARS:
        return dict(_SCALARS[kind])
    if is_dataclass(kind):
        return {"properties": properties(kind, special, f"{path}.")}
    if get_origin(kind) is Literal:
        return dict(_KEYWORD)
    if get_origin(kind) in (Union, UnionType, tuple, frozenset):  # arrays are mapped as what is in them
        inner = [one for one in get_args(kind) if one not in (type(None), Ellipsis)]
        if len(inner) == 1:
            return _field(inner[0], special, path)
    raise TypeError(f"{path}: there is no rule for {kind}")
