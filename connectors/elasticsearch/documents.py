"""An article as a document of an article index: its own JSON, with what searching needs beside it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.codec import from_json, to_json
from connectors.elasticsearch.mappings import FIGURES
from connectors.elasticsearch.queries import microseconds
from connectors.tagging import tagged
from transforms.clusters import bands
from transforms.records import Article, dated
from transforms.tags import Casualty, marks


def document(article: Article, now: datetime) -> str:
    """The document of an article that is indexed now. Raises: ValueError, where it has no form in JSON."""
    moment = dated(article)
    times = {"dated_at": moment.isoformat(), "dated_us": microseconds(moment)}
    more = times | _extras(article) | {"bands": bands(article)}
    return f"{to_json(replace(article, indexed_at=now))[:-1]},{json.dumps(more)[1:]}"


def retagged(article: Article) -> dict[str, Any]:
    """What of the document changes where only an article's tags do. Raises: as `document` does."""
    return tagged(article) | dict.fromkeys(FIGURES) | _extras(article)


def article_of(stored: Mapping[str, Any]) -> Article:
    """The article of a document."""
    return from_json(Article, json.dumps(stored))


def _extras(article: Article) -> dict[str, Any]:
    return {"marks": marks(article.topics), **_largest(article.casualties)}


def _largest(casualties: Iterable[Casualty]) -> dict[str, int]:
    """The largest figure of each kind, whether it is "up to" or "at least"."""
    found: dict[str, int] = {}
    for one in casualties:
        for figure in (one.min, one.max):
            if figure is not None:
                found[one.kind] = max(figure, found.get(one.kind, figure))
    return found
