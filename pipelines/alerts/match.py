"""`newswire alerts match`: subscriptions and articles as lines of JSON in, which of them go together out."""

import gc
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast, get_args

from pipelines.cli import EXIT_OK, EXIT_REJECTED
from pipelines.jsonl import given_article, open_lines, print_lines, print_one, read_line, read_one, sound
from pipelines.saying import complain
from pipelines.values import spoken
from transforms.documents import Document
from transforms.errors import ConfigError
from transforms.matching import evidence
from transforms.messages import match_data
from transforms.monitor import Asked, Monitor
from transforms.query import parse
from transforms.records import Article, Source, Status
from transforms.tags import Evidence, Stance, TopicTag
from transforms.zones import in_utc

#: Of a file that is all wrong, so many lines are named; then how many more there are.
MAX_NAMED = 20
_SOURCE = ("name", "feed_id", "domain", "agency")
_STATUS, _STANCES = get_args(Status), get_args(Stance)


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Those of a file that can be used."""

    monitor: Monitor
    #: What they are called in the file, by their names in the monitor.
    ids: Mapping[str, str | int]
    #: How many there are besides.
    bad: int


def match_lines(source: str, subscriptions: str, *, only_ids: bool) -> int:
    """`newswire alerts match --jsonl`: one line out per line in, in order; a bad line costs only itself (exit 3)."""
    loaded = load(subscriptions)
    with open_lines(source) as lines:
        answers = (_answer(loaded, *read_line(line, article_of), only_ids=only_ids) for line in lines)
        return print_lines(answers) or _exit(loaded)


def match_one(source: str, subscriptions: str, *, only_ids: bool) -> int:
    """`newswire alerts match`: of one article, given as JSON or as text with the headline in its first line."""
    loaded = load(subscriptions)
    key, article = read_one(source, article_of)
    print_one(_answer(loaded, key, article, only_ids=only_ids))
    return _exit(loaded)


def _exit(loaded: Subscriptions) -> int:
    return EXIT_REJECTED if loaded.bad else EXIT_OK


def _answer(loaded: Subscriptions, key: Any, article: Article | str, *, only_ids: bool) -> dict[str, Any]:
    if isinstance(article, str):
        return {"key": key, "error": article}
    names = loaded.monitor.match(article)
    if only_ids:
        return {"key": key, "matches": [loaded.ids[name] for name in names]}
    document = Document(article)
    return {
        "key": key,
        "matches": [
            {"subscription": loaded.ids[name], "evidence": _evidence(loaded.monitor.asked(name), document)}
            for name in names
        ],
    }


def _evidence(asked: Asked, document: Document) -> list[dict[str, Any]]:
    return [match_data(match) for match in evidence(asked.query, document)] if asked.query else []


def load(file: str) -> Subscriptions:
    """The subscriptions of a file of lines; those that cannot be used are named on standard error.

    Raises:
        ConfigError: the file cannot be read, or none of it can be used.
    """
    ids: dict[str, str | int] = {}
    asked: dict[str, Asked] = {}
    bad = 0
    with _many_objects():
        for number, line in enumerate(_read(file), 1):
            if not line.strip():
                continue
            try:
                name, one = _subscription(line)
                if (called := f"{type(name).__name__} {name}") in ids:
                    raise ValueError(f"another line has the id {name!r}")
            except (ValueError, RecursionError) as e:  # a QueryError is one, and shows the place
                bad += 1
                _complain(bad, file, number, str(e))
            else:
                ids[called], asked[called] = name, one
        if not asked:
            raise ConfigError(f"{file}: there is no subscription in it that can be used")
        if bad > MAX_NAMED:
            complain(f"{file}: {bad - MAX_NAMED} more cannot be used")
        return Subscriptions(Monitor(asked.items()), ids, bad)


@contextmanager
def _many_objects() -> Iterator[None]:
    """Python looks through all objects again and again while there are more and more of them, for what it could throw
    away: not while subscriptions are loaded, and never again among those."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def _read(file: str) -> Iterator[str]:
    try:
        with Path(file).open(encoding="utf-8-sig", errors="replace") as lines:
            yield from lines
    except OSError as e:
        raise ConfigError(f"{file}: cannot be read: {e.strerror or e}") from e


def _complain(bad: int, file: str, number: int, reason: str) -> None:
    if bad <= MAX_NAMED:
        complain(f"{file}:{number}: {reason}")


def _subscription(line: str) -> tuple[str | int, Asked]:
    data = json.loads(line)
    if not isinstance(data, dict):
        raise ValueError('a subscription is an object, {"id": …, "query": …}')
    name, query = data.get("id"), data.get("query", "")
    if not isinstance(name, (str, int)) or isinstance(name, bool) or name == "":
        raise ValueError("it has no `id` (text or a whole number)")
    if not isinstance(query, str):
        raise ValueError("its `query` is no text")
    topics, sources = (_texts(data, field) for field in ("topics", "sources"))
    languages = tuple(map(spoken, _texts(data, "languages")))
    asks = bool(query.strip())
    if not asks and not (topics or sources or languages):
        raise ValueError("it has neither a `query` nor `topics`, `sources` or `languages`")
    return name, Asked(query=parse(query) if asks else None, topics=topics, sources=sources, languages=languages)


def article_of(data: Any) -> Article:
    """The article that JSON describes, with all that a subscription can ask for: in the form in which `extract` prints
    articles, or less of it. Without `published_at` it is published now.

    Raises:
        ValueError: it describes none.
    """
    article = given_article(data)
    source, status = data.get("source") or {}, data.get("status") or "usable"
    if isinstance(source, str):
        source = {"name": source}
    if not isinstance(source, dict) or not all(isinstance(source.get(name, ""), str) for name in _SOURCE):
        raise ValueError("`source` must be text, or an object with name, feed_id, domain and agency")
    if status not in _STATUS:
        raise ValueError(f"`status` must be one of {', '.join(_STATUS)}, got {status!r}")
    return replace(
        article,
        authors=_texts(data, "authors"),
        source=Source(
            **{"name": "", "feed_id": "", "domain": ""}
            | {name: sound(source[name]) for name in _SOURCE if name in source}
        ),
        topics=tuple(_topic(one) for one in _list(data, "topics")),
        status=cast(Status, status),
        published_at=_moment(data.get("published_at")),
    )


def _topic(data: Any) -> TopicTag:
    found = {"id": data} if isinstance(data, str) else data
    if not isinstance(found, dict) or not isinstance(found.get("id"), str):
        raise ValueError("one of `topics` has no `id`")
    stance = found.get("stance", "stated")
    if stance not in _STANCES:
        raise ValueError(f"the `stance` of a topic must be one of {', '.join(_STANCES)}, got {stance!r}")
    rules = [
        one["rule"] for one in _list(found, "evidence") if isinstance(one, dict) and isinstance(one.get("rule"), str)
    ]
    proofs = tuple(Evidence(rule=rule, text="", field="title", start=0, end=0) for rule in rules)
    return TopicTag(id=sound(found["id"]), label="", score=0, rule_version="", stance=stance, evidence=proofs)


def _moment(value: Any) -> datetime | None:
    if value in (None, ""):
        return None
    try:
        return in_utc(datetime.fromisoformat(value))
    except (ValueError, TypeError):
        raise ValueError(f"`published_at` must be a date as 2026-11-18T12:30:00+00:00, got {value!r}") from None


def _texts(data: Mapping[str, Any], field: str) -> tuple[str, ...]:
    found = _list(data, field)
    if not all(isinstance(one, str) for one in found):
        raise ValueError(f"`{field}` must be a list of text")
    return tuple(map(sound, found))


def _list(data: Mapping[str, Any], field: str) -> list[Any]:
    found = data.get(field) or []
    if not isinstance(found, list):
        raise ValueError(f"`{field}` must be a list")
    return found
