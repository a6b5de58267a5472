"""WARC files (ISO 28500) on warcio: the pages and the sitemaps in them, and a page by its place. Nothing is fetched."""

import io
import zlib
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Any, BinaryIO, Literal

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from transforms.errors import ConfigError, NotAnArticle, TooLarge
from transforms.feeds import parse_moment
from transforms.records import Response
from transforms.sitemaps import is_sitemap
from transforms.urls import is_followable, is_front_page, without_credentials

_HTML = ("text/html", "application/xhtml+xml", "")
_GZIP = b"\x1f\x8b\x08"
#: How every record begins, unpacked.
_RECORD = b"WARC/"
_BLOCK = 1 << 20
#: What is read of a record to see whether it is a sitemap; what is looked at first for the next one behind damage.
_START = 65_536
#: Of the headers of a record, its own and those of the answer in it. The library reads a line to its end, wherever that
#: is: a file of 600 kilobytes, unpacked, may be one of 600 megabytes.
MAX_HEAD = 1 << 20
_CUT = "the file ends in the middle of a record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record of an answer with status 200."""

    url: str
    kind: Literal["page", "sitemap"]
    #: Where it begins in the file, in bytes: what `answer_at` takes.
    offset: int
    #: When it was fetched; None where the record does not say it.
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """A record that cannot be read, or that nothing is known of but where it begins."""

    offset: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A record of anything else: a request, an image, a redirect, a front page."""

    offset: int


def records(file: BinaryIO) -> Iterator[Record | Damaged | Other]:
    """All records, in the order of the file. After a damaged one, the next that can be found.

    Raises: ConfigError: it is packed as one piece, and no record could be found again.
    """
    for found in _walk(file):
        if isinstance(found, Damaged):
            yield found
            continue
        offset, record = found
        try:
            yield _record(offset, record)
        except Exception as e:  # noqa: BLE001 - a library's parser on bytes of any origin
            yield Damaged(offset=offset, reason=_words(e))


def answer_at(file: BinaryIO, offset: int, *, max_bytes: int, now: datetime) -> Response:
    """The answer whose record begins at `offset`, its coding undone, fetched when the record says (else `now`).

    Raises:
        TooLarge: more than `max_bytes`, once unpacked.
        NotAnArticle: it cannot be read.
    """
    file.seek(offset)
    url = f"record at byte {offset}"
    try:
        with redirect_stderr(io.StringIO()):
            record = next(_Archive(file))
            url = _url(record)
            body = _body(record, max_bytes + 1)
        headers = record.http_headers
        content_type = str(headers.get_header("Content-Type") or "").encode(errors="replace").decode()
        moment = _moment(record)
    except Exception as e:
        raise NotAnArticle(url, f"its record cannot be read: {_words(e)}") from e
    if len(body) > max_bytes:
        raise TooLarge(url, f"more than {max_bytes} bytes")
    at = min(moment or now, now)
    return Response(final_url=url, status=200, body=body, content_type=content_type, fetched_at=at)


def _walk(file: BinaryIO) -> Iterator[tuple[int, Any] | Damaged]:
    at: int | None = 0
    record: Any
    while at is not None:
        file.seek(at)
        archive, last, said, record = _Archive(file), at, io.StringIO(), None
        while True:
            try:
                # Of some damage the library only says something, and goes on as if the file ended there.
                with redirect_stderr(said):
                    before: Any = record
                    record = next(archive, None)
            except Exception as e:  # a library's parser on bytes of any origin
                if "non-chunked gzip" in str(e):
                    raise ConfigError("its records are packed as one piece: unpack it first (gunzip)") from e
                # After a record that was whole, the library has lost its place: it is looked for, and tried by itself.
                if before is None or _next_start(file, last + 1) != archive.offset:
                    yield Damaged(offset=max(last, archive.offset), reason=_words(e))
                break
            if said.getvalue() or (before is not None and getattr(before.raw_stream, "limit", 0) > 0):
                yield Damaged(offset=last, reason="its length is wrong, or its bytes are damaged")
                break
            if record is None:
                end = file.tell()
                if archive.is_cut and end > at:
                    yield Damaged(offset=archive.offset if archive.offset < end else last, reason=_CUT)
                return
            last = archive.offset
            if record.length is None:
                yield Damaged(offset=last, reason="it does not say how long it is")
                break
            yield last, record
        at = _next_start(file, last + 1)


class _Archive(ArchiveIterator):  # type: ignore[misc]
    """The library's, with a bound to what it takes for headers. To it, every end is the end of a record."""

    #: Whether the last packed record has no end, once there is nothing more to read.
    is_cut = False

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self._read_line, self.reader.readline = self.reader.readline, self._line
        self._left, self._at_end = MAX_HEAD, False

    def __next__(self) -> Any:
        self._left = MAX_HEAD
        return super().__next__()

    def close(self) -> None:
        self.is_cut = bool(self.reader and self.reader.decompressor and not self.reader.decompressor.eof)
        super().close()

    def _next_record(self, next_line: bytes | None) -> Any:
        left, self._at_end = self._left, False
        try:
            record = super()._next_record(next_line)
        except EOFError as e:
            if next_line or self._left < left:
                raise ArchiveLoadFailed(_CUT) from e
            raise
        if self._at_end:
            raise ArchiveLoadFailed(_CUT)
        return record

    def _line(self, length: int | None = None) -> bytes:
        line: bytes = self._read_line(min(length or self._left, self._left))
        self._at_end = self._at_end or not line
        self._left -= len(line)
        if self._left <= 0:
            raise ArchiveLoadFailed(f"its headers are longer than {MAX_HEAD} bytes")
        return line


def _next_start(file: BinaryIO, at: int) -> int | None:
    """Where the next record begins, packed or not, at `at` or later; None: nowhere."""
    file.seek(at)
    tail, size = b"", _START
    while block := file.read(size):
        text, begins, size = tail + block, at - len(tail), _BLOCK
        for spot in merge(_all(text, _GZIP), _all(text, _RECORD)):
            if text.startswith(_RECORD, spot):
                if not spot or text[spot - 1] in b"\r\n":
                    return begins + spot
            elif _packs_record(file, begins + spot):
                return begins + spot
        at += len(block)
        file.seek(at)
        tail = text[-len(_RECORD) :]
    return None


def _all(text: bytes, piece: bytes) -> Iterator[int]:
    spot = text.find(piece)
    while spot >= 0:
        yield spot
        spot = text.find(piece, spot + 1)


def _packs_record(file: BinaryIO, at: int) -> bool:
    file.seek(at)
    try:
        return zlib.decompressobj(31).decompress(file.read(_START), len(_RECORD)) == _RECORD
    except zlib.error:
        return False


def _record(offset: int, record: Any) -> Record | Other:
    other = Other(offset=offset)
    if record.rec_type != "response" or record.http_headers is None:
        return other
    url = _url(record)
    if record.http_headers.get_statuscode() != "200" or not is_followable(url):
        return other
    kind = str(record.http_headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()
    if kind in _HTML:
        return other if is_front_page(url) else Record(url=url, kind="page", offset=offset, at=_moment(record))
    if ("xml" in kind or "gzip" in kind or url.endswith((".xml", ".gz"))) and is_sitemap(_body(record, _START)):
        return Record(url=url, kind="sitemap", offset=offset, at=_moment(record))
    return other


def _url(record: Any) -> str:
    return without_credentials(str(record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> "))


def _moment(record: Any) -> datetime | None:
    return parse_moment(str(record.rec_headers.get_header("WARC-Date") or ""))


def _body(record: Any, most: int) -> bytes:
    stream, body = record.content_stream(), bytearray()
    while len(body) < most and (piece := stream.read(min(_START, most - len(body)))):
        body += piece
    return bytes(body)


def _words(error: Exception) -> str:
    """What an error of the library says, without the bytes it quotes."""
    said = str(error).strip().partition("\n")[0].partition(", first line")[0]
    own = isinstance(error, (ArchiveLoadFailed, EOFError)) and said
    return ascii(said[:200])[1:-1] if own else f"it cannot be read as a record ({type(error).__name__})"
