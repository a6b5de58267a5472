"""Pages come in many charsets, and say so wrongly; readers get UTF-8."""

import re

from trafilatura.utils import decode_file

from transforms.languages import primary_subtag
from transforms.records import Response

#: Byte order marks, little and big end first.
UTF16 = (b"\xff\xfe", b"\xfe\xff")
_NAMED = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_SPOKEN = re.compile(rb"<html[^>]{0,200}\blang\s*=\s*[\"']?([A-Za-z]{2,3})\b", re.IGNORECASE)
#: How far into a page HTML 5 looks for its charset, in bytes (13.2.3.2).
PRESCAN = 1_024
#: Languages whose pages are windows-1252 where nothing else is said (HTML 5, 13.2.3.2).
WESTERN = frozenset("ca da de en es eu fi fr gl id is it nb nl no pt sv".split())  # noqa: SIM905


def as_utf8(response: Response) -> bytes:
    """The page in UTF-8: by its byte order mark, by the charset of its HTTP header when that fits, as UTF-8 when it is,
    by the charset it declares, by the one its language was written in before UTF-8, and otherwise as trafilatura's
    detection reads it, which mistakes short western texts for Baltic ones."""
    body = response.body
    if body.startswith(UTF16):
        return body.decode("utf-16", errors="replace").encode(errors="replace")
    named = _NAMED.search(response.content_type)
    declared, spoken = _DECLARED.search(body, 0, PRESCAN), _SPOKEN.search(body, 0, PRESCAN)
    western = spoken is not None and primary_subtag(spoken[1].decode()) in WESTERN
    for charset in (named and named[1], "utf-8", declared and declared[1].decode(), "cp1252" if western else None):
        try:
            if charset == "utf-8":
                body.decode()
                return body
            if charset:
                return body.decode(charset).encode()
        except (LookupError, ValueError):
            continue
    text: str = decode_file(body)
    return text.encode(errors="replace")
