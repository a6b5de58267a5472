"""What a back-fill is of: the stories that a list or an archive names, with their place in it. Whatever bytes a file
has, there come stories out of it, or what is wrong with which line."""

import csv
import gzip
import json
import re
import shutil
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, TypeAlias

from connectors import warc
from pipelines.backfill.rows import Lines, rows
from pipelines.feeds.opml import read_opml
from transforms.entries import clean_line
from transforms.errors import ConfigError, NewswireError, NotAnArticle, TooLarge
from transforms.languages import primary_subtag
from transforms.lists import Kind, Said, field_of, kind_of, said, shown
from transforms.records import Entry, Feed, Response
from transforms.sitemaps import MAX_BYTES, is_sitemap, read_sitemap
from transforms.urls import canonical_url, is_front_page, without_credentials

#: Of a line: a page of `max_bytes` whose every other letter is escaped.
MAX_JSON_LINE = 60_000_000
#: Stories that the news sitemaps of an archive say something of, kept in memory.
MAX_CLAIMS = 200_000
_START = 65_536
_GZIP = b"\x1f\x8b"
_NOT_SLUG = re.compile("[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A story that is to be read."""

    entry: Entry
    #: Where its list has it, for an operator.
    place: str
    #: Where its page is in the file (`Archive.page`); None: it is to be fetched.
    offset: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A line or record that cannot be used."""

    place: str
    reason: str


#: None is a record that is no story's: an image, a redirect.
Item: TypeAlias = Listed | Broken | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What is said of all stories of a list."""

    #: What it is called where it names no outlet.
    name: str
    #: The outlet and language of those that do not say theirs.
    source: str = ""
    language: str = ""
    alerts: bool = False

    def feed_id(self, source: str = "") -> str:
        """The name under which the ledger knows what an outlet's stories were announced by."""
        slug = _NOT_SLUG.sub("-", (source or self.source or self.name).lower()).strip("-")[:60].strip("-")
        return f"backfill-{slug or 'list'}"

    def entry(self, story: Said) -> Entry:
        """A story as an announcement, made now."""
        return Entry(
            feed_id=self.feed_id(story.source),
            url=story.url,
            title=story.title,
            description=story.description,
            language=story.language or primary_subtag(self.language),
            source_name=story.source or self.source,
            published_at=story.published_at,
            published_precision=story.published_precision,
            seen_at=datetime.now(UTC),
            alerts=self.alerts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A file that can be read at any place. Travels to the step that reads the pages in it."""

    path: str
    kind: Kind
    #: What the operator calls it.
    name: str

    def items(self, labels: Labels) -> Iterator[Item]:
        """All that it lists, in its order. Not for `opml`, whose feeds have to be asked: see `feeds`.

        Raises: ConfigError: nothing of it can be read.
        """
        try:
            if self.kind == "sitemap":
                yield from _of_sitemap(self, labels)
                return
            with Path(self.path).open("rb") as file:
                yield from {"csv": _of_csv, "jsonl": _of_json_lines, "warc": _of_warc}[self.kind](file, labels)
        except ConfigError as e:
            raise ConfigError(f"{self.name}: {e}") from e
        except OSError as e:
            raise ConfigError(f"{self.name}: {e.strerror}") from e

    def feeds(self) -> list[Feed]:
        """The feeds of an OPML file. Raises: ConfigError."""
        try:
            return read_opml(self.path)
        except ConfigError as e:
            raise ConfigError(f"{self.name}: {str(e).removeprefix(self.path).removeprefix(': ')}") from e

    def page(self, file: BinaryIO, offset: int, *, max_bytes: int) -> Response:
        """The page at a place of the file, which is open. Raises: NotAnArticle, TooLarge."""
        now = datetime.now(UTC)
        if self.kind == "warc":
            return warc.answer_at(file, offset, max_bytes=max_bytes, now=now)
        file.seek(offset)
        try:
            story = said(json.loads(file.readline(MAX_JSON_LINE)))
        except (ValueError, RecursionError, AttributeError) as e:
            raise NotAnArticle(self.name, f"its line at byte {offset} has changed: {e}") from e
        body = story.html.encode(errors="replace")
        if len(body) > max_bytes:
            raise TooLarge(story.url, f"more than {max_bytes} bytes")
        kind = "text/html; charset=utf-8"
        return Response(final_url=story.url, status=200, body=body, content_type=kind, fetched_at=now)


@contextmanager
def opened(file: str, kind: Kind | None) -> Iterator[Archive]:
    """A file (`-`: standard input) as an archive of `kind`, or of the one it seems to be.

    Raises: ConfigError: it cannot be read.
    """
    with ExitStack() as stack:
        try:
            path = Path(file)
            if file == "-":
                path = _copied(stack, sys.stdin.buffer)
            with path.open("rb") as opened_file:
                packed = opened_file.read(2) == _GZIP
                opened_file.seek(0)
                start = gzip.GzipFile(fileobj=opened_file).read1(_START) if packed else opened_file.read(_START)
            kind = kind or kind_of(file, start)
            if packed and kind not in ("warc", "sitemap"):
                with gzip.open(path) as unpacked:
                    path = _copied(stack, unpacked)
        except (EOFError, zlib.error, gzip.BadGzipFile) as e:
            raise ConfigError(f"{file}: it cannot be unpacked: {e}") from e
        except OSError as e:
            raise ConfigError(f"{file}: {e.strerror or e}") from e
        yield Archive(path=str(path), kind=kind, name=file)


def _copied(stack: ExitStack, source: Any) -> Path:
    """A copy that can be read at any place, for as long as the stack is open."""
    copy = Path(stack.enter_context(TemporaryDirectory(prefix="newswire-backfill-"))) / "copy"
    with copy.open("wb") as file:
        shutil.copyfileobj(source, file)
    return copy


def _of_csv(file: BinaryIO, labels: Labels) -> Iterator[Item]:
    """Lines under a heading that names an address, or an address a line."""
    lines = Lines(file)
    heading = next((line for line in lines if line.strip("\ufeff \t\r\n")), "")
    delimiter = max(",;\t", key=heading.count)
    try:
        columns = next(csv.reader([heading], delimiter=delimiter), [])
    except csv.Error:  # it names no columns
        columns = []
    if "url" not in map(field_of, columns):
        for line in (heading, *()) if heading else ():
            yield from _address(line, lines.number, labels)
        for line in lines:
            yield from _address(line, lines.number, labels)
        return
    address_first = field_of(columns[0]) == "url"
    for place, cells, wrong in rows(lines, delimiter, address_first=address_first):
        if wrong:
            yield Broken(place=place, reason=wrong)
        elif any(cell.strip() for cell in cells):
            yield _listed(dict(zip(columns, cells, strict=False)), place, labels)


def _address(line: str, number: int, labels: Labels) -> Iterator[Item]:
    text = line.strip("\ufeff \t\r\n")
    if text and not text.startswith("#"):
        yield _listed({"url": text}, f"line {number}", labels)


def _of_json_lines(file: BinaryIO, labels: Labels) -> Iterator[Item]:
    offset = number = 0
    while line := file.readline(MAX_JSON_LINE):
        number, place = number + 1, f"line {number + 1}"
        if len(line) == MAX_JSON_LINE and not line.endswith(b"\n"):
            yield Broken(place=place, reason=f"longer than {MAX_JSON_LINE} bytes")
            while (rest := file.readline(_START)) and not rest.endswith(b"\n"):
                pass
        elif line.strip(b"\xef\xbb\xbf \t\r\n"):
            yield _of_json(line, offset, place, labels)
        offset = file.tell()


def _of_json(line: bytes, offset: int, place: str, labels: Labels) -> Item:
    try:
        data = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except UnicodeDecodeError:
        return Broken(place=place, reason="no UTF-8")
    except (ValueError, RecursionError) as e:
        return Broken(place=place, reason=f"no JSON: {e}")
    if not isinstance(data, dict):
        return Broken(place=place, reason="no JSON object")
    return _listed(data, place, labels, offset=offset)


def _listed(row: dict[str, Any], place: str, labels: Labels, *, offset: int | None = None) -> Item:
    if any(isinstance(value, str) and _is_undecoded(value) for value in row.values()):
        return Broken(place=place, reason="no UTF-8")
    try:
        story = said(row)
    except ValueError as e:
        return Broken(place=place, reason=str(e))
    return Listed(entry=labels.entry(story), place=place, offset=offset if story.html else None)


def _is_undecoded(text: str) -> bool:
    return not text.isascii() and any("\udc80" <= letter <= "\udcff" for letter in text)


def _of_sitemap(archive: Archive, labels: Labels) -> Iterator[Item]:
    with Path(archive.path).open("rb") as file:
        body = file.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise ConfigError(f"more than {MAX_BYTES} bytes, and no sitemap has more")
    if not is_sitemap(body):
        raise ConfigError("no sitemap")
    response = Response(final_url="", status=200, body=body, fetched_at=datetime.now(UTC))
    try:
        sitemap = read_sitemap(archive.name, response, recent=None)
    except NewswireError as e:
        raise ConfigError(e.reason) from e
    for number, item in enumerate(sitemap.items, 1):
        place = f"address {number}"
        if not item["url"]:
            yield Broken(place=place, reason=f"no complete http or https address: {shown(item['named'])}")
        elif is_front_page(item["url"]):
            yield None
        else:
            yield Listed(entry=labels.entry(_of_item(item, clean_line(sitemap.name))), place=place)
    if not sitemap.complete:
        yield Broken(place=f"after address {len(sitemap.items)}", reason="the file is broken, or ends early")


def _of_item(item: dict[str, Any], source: str) -> Said:
    return Said(
        url=without_credentials(item["url"]),
        title=clean_line(item["title"]),
        published_at=item["published_at"],
        published_precision="minute" if ":" in item["dated"] else "day",
        language=primary_subtag(item["language"]),
        source=source,
    )


def _of_warc(file: BinaryIO, labels: Labels) -> Iterator[Item]:
    claims = _claims(file)
    for record in warc.records(file):
        place = f"record at byte {record.offset}"
        if isinstance(record, warc.Damaged):
            yield Broken(place=place, reason=record.reason)
        elif isinstance(record, warc.Record) and record.kind == "page":
            story = claims.get(canonical_url(record.url))
            entry = labels.entry(
                Said(
                    url=record.url,
                    title=story.title if story else "",
                    published_at=story.published_at if story else None,
                    published_precision=story.published_precision if story else "minute",
                    language=story.language if story else "",
                )
            )
            yield Listed(entry=entry, place=place, offset=record.offset)
        else:
            yield None


def _claims(file: BinaryIO) -> dict[str, Said]:
    """What the news sitemaps of an archive say of stories, by canonical address. They may be anywhere in it, so that it
    is read through once for them alone."""
    claims: dict[str, Said] = {}
    sitemaps = [one.offset for one in warc.records(file) if isinstance(one, warc.Record) and one.kind == "sitemap"]
    for offset in sitemaps:
        try:
            answer = warc.answer_at(file, offset, max_bytes=MAX_BYTES, now=datetime.now(UTC))
            items: Sequence[dict[str, Any]] = read_sitemap(answer.final_url, answer, recent=None).items
        except NewswireError:  # it is no story, and nothing of the archive is lost with it
            continue
        for item in items:
            if item["url"] and (item["title"] or item["published_at"]) and len(claims) < MAX_CLAIMS:
                claims.setdefault(canonical_url(item["url"]), _of_item(item, ""))
    return claims
