"""WARC files for tests."""

import io
from collections.abc import Iterable
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

FETCHED_AT = "2025-06-01T12:00:00Z"


def answer(url: str, body: bytes, *, status: str = "200 OK", fetched_at: str = FETCHED_AT, **headers: str) -> Any:
    """A record of an answer; `Content_Type="text/html"` and the like are its headers."""
    return ("response", url, body, status, fetched_at, {k.replace("_", "-"): v for k, v in headers.items()})


def warc(records: Iterable[Any], *, packed: bool = True) -> bytes:
    """A WARC file of these records, each packed by itself or not at all."""
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=packed)
    for kind, url, body, status, fetched_at, headers in records:
        writer.write_record(
            writer.create_warc_record(
                url,
                kind,
                payload=io.BytesIO(body),
                http_headers=StatusAndHeaders(status, list(headers.items()), protocol="HTTP/1.1"),
                warc_headers_dict={"WARC-Date": fetched_at},
            )
        )
    return file.getvalue()
