"""feedparser, as we use it: for XML of every kind and every brokenness, without its surprises (seen in 6.0.14).

feedparser imports this module as its SAX driver, by `create_parser`.
"""

import io
import re
from collections.abc import Mapping
from typing import Any
from xml.sax import SAXException
from xml.sax.expatreader import ExpatParser

import feedparser
from feedparser import api
from feedparser.namespaces import mediarss

from transforms.errors import NotAFeed
from transforms.text import one_line
from transforms.urls import redact

#: An entity stands for a character or a name. With longer ones, or with ones made of others, a feed of two kilobytes
#: kept a worker busy for ten seconds ("billion laughs"): expat's own limit counts megabytes, not the calls they cost.
LONGEST_ENTITY = 40
#: What feedparser raises on odd markup, charsets and dates; it has no error of its own for them.
_FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_REFERENCES = re.compile(rb"(?:&#(?:[xX][0-9A-Fa-f]+|[0-9]+);)+")


def parse(url: str, body: bytes, headers: Mapping[str, str]) -> Any:
    """What feedparser makes of `body`. Raises: NotAFeed, naming `url`, where feedparser fails."""
    try:
        return _parsed(body, headers)
    except _FAILURES:
        # Most often half a character: some write 😀 as &#55357;&#56832;, and feedparser gives up the whole feed.
        mended = _REFERENCES.sub(lambda found: _characters(found[0]), body)
    try:
        return _parsed(mended, headers)
    except _FAILURES as e:
        said = one_line(f"{type(e).__name__}: {e}".encode(errors="replace").decode())[:200]
        raise NotAFeed(redact(url), f"nobody can read its markup: {said}") from e


def _parsed(body: bytes, headers: Mapping[str, str]) -> Any:
    # BytesIO, not bytes: feedparser takes anything else for a file name or a URL to open.
    # Its sanitizer and link resolver are for republishing HTML; we keep plain text only.
    return feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )


def _characters(references: bytes) -> bytes:
    """References in a row, as characters that there are: halves joined where both are there."""
    text = ""
    for reference in references.rstrip(b";").split(b";"):
        digits = reference[2:].lower()
        # More digits name no character, and are slow to read.
        code = int(digits[1:], 16) if digits[:1] == b"x" and len(digits) < 9 else -1
        code = int(digits) if digits.isdigit() and len(digits) < 9 else code
        text += chr(code) if 0 <= code < 0x110000 else "\ufffd"
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return "".join(f"&#{ord(character)};" for character in whole).encode()


class _Careful(ExpatParser):
    """A SAX parser that takes no entities but short ones."""

    _parser: Any  # the expat parser; typeshed does not know of it

    def reset(self) -> None:
        super().reset()
        self._parser.EntityDeclHandler = self._declared

    def _declared(self, name: str, is_parameter: bool, value: str | None, *_: object) -> None:
        # What lies elsewhere has no value, and is never fetched.
        if value is not None and (is_parameter or "&" in value or len(value) > LONGEST_ENTITY):
            raise SAXException(f"the entity {name} could grow without an end")


def create_parser() -> _Careful:
    """For `xml.sax.make_parser`."""
    return _Careful()


def _start_caption(parser: Any, _attributes: Any) -> None:
    parser.push("media_caption", 1)


def _end_caption(parser: Any) -> None:
    parser.pop("media_caption")


# Where an entity was refused, feedparser goes on with its own lenient parser, which knows the short ones only.
api.PREFERRED_XML_PARSERS = [__name__]
# feedparser files <media:description>, which is a picture's caption, as the item's own summary or content: a caption
# would become the story. Give it a key of its own.
mediarss.Namespace._start_media_description = _start_caption
mediarss.Namespace._end_media_description = _end_caption
