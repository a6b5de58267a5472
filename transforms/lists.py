"""Lists of stories as people keep them: what kind of file it is, which column is what, what a line says of a story."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from transforms.dates import parse
from transforms.entries import MAX_LINE
from transforms.languages import primary_subtag
from transforms.records import Precision
from transforms.sitemaps import is_sitemap
from transforms.text import one_line
from transforms.urls import absolute, without_credentials

Kind = Literal["opml", "csv", "jsonl", "warc", "sitemap"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
#: What columns and keys are called, in any case, with `_`, `-` or a space between their words.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "url": ("url", "link", "address", "loc"),
    "title": ("title", "headline"),
    "description": ("description", "summary"),
    "published_at": ("published_at", "published", "publication_date", "date_published", "pubdate", "date"),
    "language": ("language", "lang"),
    "source": ("source", "source_name", "outlet", "publisher"),
    "html": ("html",),
}
_FIELDS = {name: field for field, names in NAMES.items() for name in names}
_BY_NAME: tuple[tuple[str, Kind], ...] = (
    (".opml", "opml"),
    (".csv", "csv"),
    (".tsv", "csv"),
    (".txt", "csv"),
    (".jsonl", "jsonl"),
    (".ndjson", "jsonl"),
    (".warc", "warc"),
)
_OPML = re.compile(rb"^(?:\xef\xbb\xbf)?(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>)*<opml[\s>]", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a list says of a story. Texts are single lines, empty where it says nothing."""

    #: Absolute, http or https, without user and password.
    url: str
    title: str = ""
    description: str = ""
    published_at: datetime | None = None
    published_precision: Precision = "minute"
    #: A primary subtag.
    language: str = ""
    source: str = ""
    #: The page itself, where the list carries it.
    html: str = ""


def kind_of(name: str, start: bytes) -> Kind:
    """The kind of a file of that name that starts with these bytes, unpacked: by its name where that says it, else by
    what is in it; lines of addresses where nothing else is."""
    name = name.lower().removesuffix(".gz")
    found = next((kind for ending, kind in _BY_NAME if name.endswith(ending)), None)
    if found is not None:
        return found
    if start.startswith(b"WARC/"):
        return "warc"
    if _OPML.match(start):
        return "opml"
    if is_sitemap(start) or name.endswith(".xml"):
        return "sitemap"
    return "jsonl" if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "csv"


def field_of(name: str) -> str:
    """The field (a key of NAMES) that a column or key of that name is; empty for any other."""
    return _FIELDS.get(re.sub(r"[\s-]+", "_", name.strip("\ufeff \t").lower()), "")


def said(row: Mapping[str, Any]) -> Said:
    """What a line says, by its own names; the first of two names for one field counts, other columns do not.

    Raises: ValueError: it has no complete http or https address, or what it has of a field is no text, or no date.
    """
    given: dict[str, Any] = {}
    for name, value in row.items():
        field = field_of(name)
        if field and value not in (None, ""):
            given.setdefault(field, value)
    for field, value in given.items():
        if not isinstance(value, str) and not (field == "published_at" and isinstance(value, int)):
            raise ValueError(f"`{field}` is no text")
    url = absolute("", given.get("url", ""))
    if not url:
        raise ValueError(f"no complete http or https address: {shown(given.get('url', ''))}")
    published_at, precision = _moment(given.get("published_at", ""))
    return Said(
        url=without_credentials(url),
        title=_line(given.get("title", "")),
        description=_line(given.get("description", "")),
        published_at=published_at,
        published_precision=precision,
        language=primary_subtag(_line(given.get("language", ""))),
        source=_line(given.get("source", "")),
        html=given.get("html", ""),
    )


def shown(text: str) -> str:
    """The start of a text of any origin, quoted, harmless to a terminal."""
    return ascii(text[:80]) if text else "it is empty"


def _moment(text: Any) -> tuple[datetime | None, Precision]:
    """A date in UTC, which is assumed where it names no zone. Raises: ValueError."""
    if not (text := str(text).strip()):
        return None, "minute"
    written = parse(text[:100])
    if written is None:
        raise ValueError(f"`published_at` is no date: {shown(text)}")
    try:
        return written.at(written.offset or timedelta(0)), "minute" if written.clock else "day"
    except OverflowError as e:
        raise ValueError(f"`published_at` is no date: {shown(text)}") from e


def _line(text: str) -> str:
    return one_line(text[: 10 * MAX_LINE].encode(errors="replace").decode())[:MAX_LINE]
