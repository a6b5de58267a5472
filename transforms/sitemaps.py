"""Sitemaps read as feeds (sitemaps.org, protocol 0.9, with Google's extensions for news and images).

A news sitemap lists the stories of the last two days, and is the only feed that many outlets still have. Of an ordinary
sitemap only what changed in those two days is news, and its page says what it is called.
"""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lxml import etree

from transforms.dates import parse
from transforms.errors import NotAFeed, TooLarge
from transforms.records import Response
from transforms.text import one_line, plain_text
from transforms.urls import absolute, is_front_page, redact

#: Limits of the protocol, for one file: of addresses, and of bytes once unpacked.
MAX_URLS, MAX_BYTES = 50_000, 52_428_800
#: A news sitemap lists no more, and of an ordinary one no more is taken: the latest ones.
MAX_PLAIN = 1_000
#: News sitemaps keep a story for so long; an ordinary one is read as if it did.
RECENT = timedelta(hours=48)
#: How many sitemaps an index is quoted with.
QUOTED = 5
_GZIP = b"\x1f\x8b"
_CHUNK = 65_536
#: How far the root element may be from the start: behind a declaration, style sheets and a generator's comment.
_START = 4_096
_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*>)*+<(?:[\w.-]+:)?(urlset|sitemapindex)[\s/>]",
    re.DOTALL,
)
_END = re.compile(rb"</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>|<(?:[\w.-]+:)?(?:urlset|sitemapindex)(?:\s[^<>]*)?/>")
_ITEM_END = re.compile(rb"</(?:[\w.-]+:)?(?:url|sitemap)\s*>")
#: Left as it is, `?a=1&b=2` would lose its `b`, and any entity could be one that the document itself defines.
_NO_REFERENCE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_NEWS = re.compile(r"news|noticia|nachricht|actualit|novosti", re.IGNORECASE)
#: Broken, but nothing is lost by it.
_HARMLESS = frozenset({"ERR_INVALID_CHAR", "ERR_INVALID_ENCODING", "ERR_DOCUMENT_END"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What a sitemap announces."""

    #: The outlet's name, where its stories say it.
    name: str
    #: As `transforms.feeds` reads the items of any feed, in the order of the file; ordinary ones the latest first.
    items: tuple[dict[str, Any], ...]
    #: False when the document ended early or broke in the middle.
    complete: bool


def is_sitemap(body: bytes) -> bool:
    """Whether `body` starts as a sitemap or an index of sitemaps does, packed by gzip or not."""
    return bool(_ROOT.match(_start(body)))


def children(body: bytes) -> list[tuple[str, datetime | None]]:
    """The sitemaps that an index names, with the time each was last changed; empty for anything but an index."""
    if not _is_index(body):
        return []
    listed, _ = _elements(_unpacked("", body)[0], "sitemap")
    found = [(absolute("", one.get("loc", "")), _moment(one.get("lastmod", ""))[0]) for one in listed]
    return [(url, changed) for url, changed in found if url]


def is_of_news(url: str) -> bool:
    """Whether a sitemap's address says that it lists news."""
    return bool(_NEWS.search(url.partition("//")[2].partition("/")[2]))


def read_sitemap(url: str, response: Response, *, recent: timedelta | None = RECENT) -> Sitemap:
    """The items of a sitemap that `url` answered with: every one with news about it, and of the others those that
    changed within `recent` of the answer; None: all, in the order of the file. A sitemap without any is no error: it
    may be a quiet day.

    Raises:
        NotAFeed: an index, whose sitemaps the reason names; or broken before the first address ended.
        TooLarge: more than MAX_BYTES once unpacked.
    """
    if _is_index(response.body):
        raise NotAFeed(url, _of_index(response.body))
    body, whole = _unpacked(url, response.body)
    listed, sound = _elements(body, "url")
    if not listed and not (whole and sound):
        raise NotAFeed(url, "a broken sitemap without a single address")
    items: list[dict[str, Any]] = []
    plain: list[tuple[datetime, dict[str, Any]]] = []
    for one in listed:
        changed, is_day = _moment(one.get("lastmod", ""))
        item = _item(one, changed, response.final_url)
        if "news" in one or recent is None:
            items.append(item)
        elif changed and not is_front_page(item["url"]):
            # A day lasts until its end.
            age = response.fetched_at - changed - (timedelta(days=1) if is_day else timedelta(0))
            if -recent <= age <= recent:
                plain.append((changed, item))
    plain.sort(key=lambda dated: dated[0], reverse=True)
    names = [one["news.name"] for one in listed if one.get("news.name")]
    return Sitemap(
        name=one_line(plain_text(names[0])) if len(set(names)) == 1 else "",
        items=(*items, *(item for _, item in plain[:MAX_PLAIN])),
        complete=whole and sound,
    )


def _item(one: dict[str, str], changed: datetime | None, base: str) -> dict[str, Any]:
    published, _ = _moment(one.get("news.publication_date", ""))
    # In a sitemap that was escaped twice, the address is still escaped once.
    loc, picture = (one.get(name, "").replace("&amp;", "&") for name in ("loc", "image.loc"))
    return {
        "url": absolute(base, loc) if loc else "",
        "named": loc or one.get("news.title", ""),
        "guid": absolute(base, loc) if loc else "",
        "title": one.get("news.title", ""),
        "description": "",
        "text": "",
        "authors": [],
        "keywords": one.get("news.keywords", "").split(","),
        "picture": absolute(base, picture) if picture else "",
        "caption": one.get("image.caption", "") or one.get("image.title", ""),
        "credit": "",
        "language": one.get("news.language", ""),
        "published_at": published,
        "dated": one.get("news.publication_date", "") if published else "",
        "updated_at": changed,
    }


def _elements(body: bytes, name: str) -> tuple[list[dict[str, str]], bool]:
    """The elements of a name in a sitemap, each as its texts by their path (`loc`, `news.title`; `news` itself where it
    is there), the first of each path; and whether the document was sound."""
    body = _NO_REFERENCE.sub(b"&amp;", body)
    if cut := not _END.search(body, max(0, len(body) - _START)):
        # An element that was cut off would be closed for us, with half an address in it.
        body = body[: max((found.end() for found in _ITEM_END.finditer(body)), default=0)]
    found: list[dict[str, str]] = []
    events: Any = etree.iterparse(
        io.BytesIO(body),
        events=("end",),
        recover=True,
        huge_tree=False,
        no_network=True,
        load_dtd=False,
        resolve_entities=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for _, element in events:
            # Outlets write many namespaces, and none: the names alone are clear.
            if _local(element) == name and element.getparent() is not None and element.getparent().getparent() is None:
                found.append(_texts(element))
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
                if len(found) >= MAX_URLS:
                    break
    except (etree.XMLSyntaxError, UnicodeDecodeError):  # not even a root; a name in no encoding
        return found, False
    fatal = [e.type_name for e in events.error_log if e.level_name == "FATAL"]
    return found, not cut and _HARMLESS.issuperset(fatal)


def _texts(element: Any) -> dict[str, str]:
    texts: dict[str, str] = {}
    for child in element:
        name = _local(child)
        if name in ("news", "image"):
            texts.setdefault(name, "")
            for inner in child.iterdescendants():
                texts.setdefault(f"{name}.{_local(inner)}", "".join(inner.itertext()).strip())
        else:
            texts.setdefault(name, "".join(child.itertext()).strip())
    return texts


def _local(element: Any) -> str:
    """An element's name without its namespace, or the prefix of one that was never declared."""
    tag: str = element.tag if isinstance(element.tag, str) else ""
    return tag.rpartition("}")[2].rpartition(":")[2]


def _moment(text: str) -> tuple[datetime | None, bool]:
    """A date in UTC, and whether it names no more than a day; without a zone (W3C wants one), UTC is assumed."""
    written = parse(text[:100]) if text else None
    if written is None:
        return None, False
    try:
        return written.at(written.offset or timedelta(0)), written.clock is None
    except OverflowError:
        return None, False


def _of_index(body: bytes) -> str:
    listed = children(body)
    newest = sorted(listed, key=lambda child: (child[1] is not None, child[1] and child[1].timestamp()), reverse=True)
    news = [url for url, _ in newest if is_of_news(url)]
    quoted = ", ".join(redact(url) for url in (news or [url for url, _ in newest])[:QUOTED])
    if not quoted:
        return "an index of sitemaps that names none"
    return f"an index of sitemaps; {'its news sitemaps' if news else 'none of news by name, the latest'}: {quoted}"


def _is_index(body: bytes) -> bool:
    root = _ROOT.match(_start(body))
    return root is not None and root[1] == b"sitemapindex"


def _start(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body[:_START]
    return next(_pieces(body, _START), b"")


def _unpacked(url: str, body: bytes) -> tuple[bytes, bool]:
    """The XML of a sitemap, and whether it could be unpacked to its end. Raises: TooLarge."""
    if not body.startswith(_GZIP):
        return body, True
    unpacked = bytearray()
    whole = False
    for piece in _pieces(body, _CHUNK):
        unpacked += piece
        whole = not piece
        if len(unpacked) > MAX_BYTES:
            raise TooLarge(url, f"more than {MAX_BYTES} bytes once unpacked")
    return bytes(unpacked), whole


def _pieces(body: bytes, size: int) -> Iterator[bytes]:
    """What gzip packed, in pieces of up to `size` bytes; an empty one at its end, none where it breaks off."""
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
        try:
            while piece := packed.read1(size):
                yield piece
            yield b""
        except (EOFError, OSError, zlib.error):
            return
