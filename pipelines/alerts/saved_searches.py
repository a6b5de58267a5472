"""Saved searches and saved queries of Kibana, as it exports them (`.ndjson`), as subscriptions.

A search becomes a query in our own language: what was typed, in KQL or Lucene syntax (`transforms.kql`,
`transforms.query_string`), and the filters beside it. A filter on a topic becomes a filter by topic. Times of the time
picker are left out: a subscription fires for what comes.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pipelines.alerts.subscription_book import bounded, said
from transforms import kql, query_string
from transforms.errors import ConfigError, QueryError
from transforms.query import Not, Query
from transforms.query_text import all_of, any_of, spelt_out
from transforms.subscriptions import Subscription

#: How the fields of topics are called there; of these, `topics.id` has no stances.
_TOPICS = ("topics.id", "marks")
_NOT_ID = re.compile(r"[^a-z0-9]+")
_BOUNDS = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}


@dataclass(slots=True)
class Saved:
    """What was read of an export."""

    #: Each under an id made of its title, with one that has the object's own id in it as well.
    searches: list[tuple[Subscription, str]] = field(default_factory=list)
    #: Titles of searches that cannot be subscriptions, and why.
    refused: list[tuple[str, str]] = field(default_factory=list)
    #: How many objects of other types there were, by type.
    skipped: Counter[str] = field(default_factory=Counter)


def read_saved(file: str, now: datetime) -> Saved:
    """The searches of an export, as subscriptions said at `now`. Raises: ConfigError for a file that is none."""
    saved = Saved()
    for number, line in enumerate(bounded(file).split("\n"), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except (ValueError, RecursionError) as e:
            raise ConfigError(f"{file}:{number}: is no JSON ({e})") from e
        if not isinstance(data, dict):
            raise ConfigError(f"{file}:{number}: is no saved object")
        kind = data.get("type")
        if kind not in ("search", "query"):
            if kind is not None:  # the last line counts what was exported
                saved.skipped[str(kind)] += 1
            continue
        attributes = _inside(data, "attributes")
        title = str(attributes.get("title") or data.get("id") or f"line {number}")
        name, longer = _names(title, str(data.get("id", "")))
        try:
            one = _subscription(kind, title, name, attributes, now)
        except ValueError as e:  # a QueryError is one, and shows the place
            saved.refused.append((title, str(e)))
        except RecursionError:
            saved.refused.append((title, "it is nested too deeply"))
        else:
            saved.searches.append((one, longer))
    return saved


def told_apart(
    saved: Sequence[Saved], taken: Collection[str], stored: Mapping[str, Subscription]
) -> dict[str, Subscription]:
    """The searches of all exports, by ids of their own, whatever the order; what cannot be told apart is refused. None
    gets an id in `taken`; what was imported before (`stored`) keeps its own."""
    each = {search for one in saved for search in one.searches}
    ids = Counter(one.id for one, _ in each)
    titles = Counter((one.id, one.name) for one, _ in each)

    def named(one: Subscription, longer: str) -> Subscription:
        before = stored[one.id].name if one.id in stored else ""
        alone = titles[one.id, one.name] == 1 if before == one.name else not before and ids[one.id] == 1
        return one if alone and longer not in stored and one.id not in taken else replace(one, id=longer)

    wanted = Counter(named(*search).id for search in each)
    found: dict[str, Subscription] = {}
    for book in saved:
        for search in book.searches:
            one = named(*search)
            if wanted[one.id] > 1 or one.id in taken:
                book.refused.append((one.name, f"another one has its id, {one.id}; give it another title"))
            else:
                found[one.id] = one
    return found


def _inside(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _subscription(kind: str, title: str, name: str, attributes: Mapping[str, Any], now: datetime) -> Subscription:
    """Raises: ValueError, with the reason."""
    if kind == "query":
        asked, filters = attributes.get("query"), attributes.get("filters")
    else:
        source = _inside(attributes, "kibanaSavedObjectMeta").get("searchSourceJSON")
        found = json.loads(source) if isinstance(source, str) else {}
        asked, filters = (found.get("query"), found.get("filter")) if isinstance(found, dict) else (None, None)
    parts: list[Query] = []
    topics: list[str] = []
    if (typed := _typed(asked)) is not None:
        parts.append(typed)
    for one in filters if isinstance(filters, list) else ():
        if isinstance(one, dict) and not _inside(one, "meta").get("disabled"):
            if (topic := _topic(one)) is not None:
                topics.append(topic)
            else:
                parts.append(_filter(one))
    if not parts and not topics:
        raise ValueError("it asks for everything: it has no query and no filter")
    query = spelt_out(all_of(parts)) if parts else ""
    made, wrong = said({"id": name, "name": title, "query": query, "topics": list(dict.fromkeys(topics))}, now)
    if made is None:
        raise ValueError("; ".join(f"{name}: {reason}" for name, reason in wrong))
    return made


def _typed(asked: Any) -> Query | None:
    """What was typed into the bar; None where nothing was. Raises: ValueError."""
    if not isinstance(asked, dict):
        return None
    text, language = asked.get("query"), asked.get("language")
    if not isinstance(text, str):
        raise ValueError("its query is neither KQL nor Lucene syntax")
    if not text.strip():
        return None
    if language == "kuery":
        return kql.read(text)
    if language == "lucene":
        return None if text.strip() == "*" else query_string.read(text)
    raise ValueError(f"its query is in {language!r}; only KQL (kuery) and lucene are read")


def _topic(pill: Mapping[str, Any]) -> str | None:
    """The mark that a filter asks for, where a subscription's filter by topic asks for the same."""
    meta = _inside(pill, "meta")
    if meta.get("key") not in _TOPICS or meta.get("type") != "phrase" or meta.get("negate"):
        return None
    value = _phrase(pill)
    return value if isinstance(value, str) and value.strip() else None


def _filter(pill: Mapping[str, Any]) -> Query:
    """What a filter beside the bar asks for. Raises: ValueError."""
    meta = _inside(pill, "meta")
    key, kind, params = str(meta.get("key") or ""), meta.get("type"), meta.get("params")
    try:
        match kind:
            case "phrase":
                found = kql.read(f"{_quoted(key)}: {_quoted(_phrase(pill))}")
            case "phrases" if isinstance(params, list) and params:
                found = any_of(kql.read(f"{_quoted(key)}: {_quoted(one)}") for one in params)
            case "range" if bounds := _bounds(pill):
                found = all_of(kql.read(f"{_quoted(key)} {sign} {_quoted(value)}") for sign, value in bounds)
            case "combined" if isinstance(params, list) and params and all(isinstance(one, dict) for one in params):
                together = any_of if meta.get("relation") == "OR" else all_of
                found = together(map(_filter, params))
            case _:
                raise ValueError(f"filters of type {kind or 'custom'!r} are not supported")
    except QueryError as e:  # its place is one in what was made of the filter
        raise ValueError(f"its filter on {key or 'no field'!r}: {e.reason}") from e
    except ValueError as e:
        said = str(e)
        raise ValueError(
            said if said.startswith("its filter") else f"its filter on {key or 'no field'!r}: {said}"
        ) from e
    return Not(found) if meta.get("negate") else found


def _phrase(pill: Mapping[str, Any]) -> Any:
    """The value of a filter, which some versions keep in its description, and all in the query made of it."""
    params, query = _inside(pill, "meta").get("params"), pill.get("query")
    if isinstance(params, dict) and "query" in params:
        return params["query"]
    found = query.get("match_phrase") if isinstance(query, dict) else None
    value = next(iter(found.values()), None) if isinstance(found, dict) else None
    return value.get("query") if isinstance(value, dict) else value


def _bounds(pill: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The bounds of a range, each with its sign in KQL."""
    params, query = _inside(pill, "meta").get("params"), pill.get("query")
    found = query.get("range") if isinstance(query, dict) else pill.get("range")
    value = next(iter(found.values()), None) if isinstance(found, dict) else None
    given = value if isinstance(value, dict) else params if isinstance(params, dict) else {}
    return [(sign, given[name]) for name, sign in _BOUNDS.items() if given.get(name) is not None]


def _quoted(value: Any) -> str:
    """A value as KQL has it in quotation marks. Raises: ValueError for what is no text and no number."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"{value!r} is no text")
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _names(title: str, object_id: str) -> tuple[str, str]:
    """An id made of a title, or of the object's own id where that is in other letters; and one made of both."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    slug, own = (_NOT_ID.sub("-", text.lower()).strip("-") for text in (plain, object_id))
    name = (slug or own or "search")[:56].strip("-")
    return name, f"{name[:26].strip('-')}-{own[:36].strip('-')}" if own else name
