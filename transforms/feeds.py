"""Bytes of a feed in, entries out: RSS 0.9x, 1.0 and 2.0 and Atom through feedparser, JSON Feed by hand, sitemaps."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import charset_normalizer
import feedparser

from transforms.entries import Gathered, clean_line
from transforms.errors import NoLink, NotAFeed
from transforms.feedxml import parse
from transforms.hints import read_hints
from transforms.languages import primary_subtag
from transforms.records import Feed, Poll, Rejected, Response
from transforms.sitemaps import is_sitemap, read_sitemap
from transforms.text import one_line
from transforms.urls import absolute, is_followable, redact

#: A feed announcing more than this is a sitemap or an attack; its newest items come first.
MAX_ENTRIES = 10_000


def read_feed(feed: Feed, response: Response) -> Poll:
    """The poll that `response` amounts to: its entries, or `unchanged` for the bytes seen last time.

    Raises:
        NotAFeed: the answer is empty, a web page, or anything else that is no feed.
    """
    digest = hashlib.sha256(response.body).hexdigest()
    if digest == feed.body_hash:
        return unchanged(feed, response)
    gathered = _gather(response.body, feed=feed, response=response)
    entries = gathered.entries()
    return Poll(
        feed=feed,
        polled_at=response.fetched_at,
        status="ok",
        entries=entries,
        rejected=tuple(
            Rejected(
                stage="entry",
                subject=f"{redact(feed.url)}#{name}",
                error=NoLink.__name__,
                reason=reason,
                retryable=False,
                payload=feed,
            )
            for name, reason in gathered.unusable
        ),
        complete=gathered.complete,
        title=gathered.title,
        etag=response.etag,
        last_modified=response.last_modified,
        body_hash=digest,
        hints=gathered.hints,
        moved_to=response.moved_to,
        fresh_for=response.fresh_for,
        item_rule=gathered.rule,
    )


def unchanged(feed: Feed, response: Response) -> Poll:
    """The poll of a feed that has nothing new. A 304 may leave out validators; the old ones then still hold. Of a whole
    answer the validators are the new ones, also where there are none any more."""
    whole = response.status != 304
    return Poll(
        feed=feed,
        polled_at=response.fetched_at,
        status="unchanged",
        etag=response.etag if whole else response.etag or feed.etag,
        last_modified=response.last_modified if whole else response.last_modified or feed.last_modified,
        body_hash=feed.body_hash,
        full=whole,
        moved_to=response.moved_to,
        fresh_for=response.fresh_for,
        item_rule=feed.item_rule,
    )


def _gather(body: bytes, *, feed: Feed, response: Response) -> Gathered:
    if not body.strip():
        raise NotAFeed(redact(feed.url), "the answer is empty")
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_feed(body, feed=feed, response=response)
    if is_sitemap(body):
        sitemap = read_sitemap(redact(feed.url), response)
        gathered = Gathered(feed, clean_line(sitemap.name), feed.language, response, complete=sitemap.complete)
        for item in sitemap.items[:MAX_ENTRIES]:
            gathered.add(item)
        return gathered
    return _xml_feed(body, feed=feed, response=response)


def _xml_feed(body: bytes, *, feed: Feed, response: Response) -> Gathered:
    headers = {"content-location": response.final_url}
    if response.content_type:
        headers["content-type"] = response.content_type
    parsed = parse(feed.url, body, headers)
    if parsed.get("encoding") == _LAST_RESORT and isinstance(
        parsed.get("bozo_exception"), feedparser.CharacterEncodingOverride
    ):
        # Nothing declared fits; the last resort turns Russian and Arabic into Western accents without a complaint.
        guess = charset_normalizer.from_bytes(body).best()
        if guess is not None:
            parsed = parse(feed.url, body, {**headers, "content-type": f"application/xml; charset={guess.encoding}"})
    if not parsed.version and not parsed.entries:
        found = "a web page" if b"<html" in body[:2_000].lower() else "neither RSS, Atom nor JSON Feed"
        raise NotAFeed(redact(feed.url), f"the answer is {found}")
    broken = parsed.bozo and not isinstance(parsed.get("bozo_exception"), _HARMLESS)
    if broken and not parsed.entries:
        raise NotAFeed(
            redact(feed.url), f"broken XML without a single item: {one_line(str(parsed.get('bozo_exception')))}"
        )
    language = feed.language or primary_subtag(parsed.feed.get("language", ""))
    title = clean_line(parsed.feed.get("title", ""))
    gathered = Gathered(feed, title, language, response, hints=read_hints(parsed.feed, body), complete=not broken)
    for item in parsed.entries[:MAX_ENTRIES]:
        gathered.add(_from_feedparser(item, response.final_url))
    if broken:  # an item that was cut off comes again, whole
        gathered.unusable.clear()
    return gathered


#: What feedparser takes an encoding for when neither the declared one nor UTF-8 fits.
_LAST_RESORT = "windows-1252"
#: Oddities that cost no entry: a declared encoding that was not the real one, a text/plain content type.
_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)


def _from_feedparser(item: Any, base: str) -> dict[str, Any]:
    # A key may be there without a value, so `or`, not a default.
    contents = [content.get("value") or "" for content in item.get("content", [])]
    media = [m for m in item.get("media_content", []) if _is_image(m)] or item.get("media_thumbnail", [])
    media = media or [link for link in item.get("links", []) if link.get("rel") == "enclosure" and _is_image(link)]
    picture = media[0].get("url") or media[0].get("href") or "" if media else ""
    # Its .get() would answer a question for `updated` with `published`; the membership test does not.
    updated = _moment(item["updated_parsed"]) if "updated_parsed" in item else None
    credits_ = [credit.get("content", "") for credit in item.get("media_credit", [])]
    return {
        # Without a link, joining would answer with the feed's own address.
        "url": absolute(base, item["link"]) if item.get("link") else "",
        "named": item.get("id") or item.get("link") or item.get("title") or "",
        "guid": item.get("id") or "",
        "title": item.get("title") or "",
        "description": item.get("summary") or "",
        "text": max(contents, key=len, default=""),
        "authors": [author.get("name") or "" for author in item.get("authors", [])],
        "keywords": [tag.get("label") or tag.get("term") or "" for tag in item.get("tags", [])],
        "picture": absolute(base, picture) if picture else "",
        "caption": item.get("media_caption") or "",
        "credit": next(filter(None, credits_), ""),
        "language": item.get("language", "") or (item.get("title_detail") or {}).get("language") or "",
        # RSS 1.0 has one date, dc:date, which feedparser calls `updated`.
        "published_at": _moment(item.get("published_parsed")) or updated,
        "dated": item.get("published") or ("updated" in item and item["updated"]) or "",
        "updated_at": updated,
    }


def _json_feed(body: bytes, *, feed: Feed, response: Response) -> Gathered:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org). Wrong types in a field cost that field, not the item."""
    try:
        data = json.loads(body.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError) as e:
        raise NotAFeed(redact(feed.url), f"the answer is no JSON: {one_line(str(e))}") from e
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list) or "jsonfeed.org" not in str(data.get("version", "")):
        raise NotAFeed(redact(feed.url), "the answer is JSON, but no JSON Feed")
    gathered = Gathered(
        feed, clean_line(_string(data, "title")), feed.language or primary_subtag(_string(data, "language")), response
    )
    for item in items[:MAX_ENTRIES]:
        if isinstance(item, dict):
            gathered.add(_from_json(item, response.final_url))
        else:
            gathered.unusable.append((clean_line(str(item))[:80], "the item is no object"))
    return gathered


def _from_json(item: Mapping[str, Any], base: str) -> dict[str, Any]:
    listed = item.get("authors")
    authors = listed if isinstance(listed, list) else [item.get("author")]
    tags = item.get("tags")
    identity = str(item.get("id") or "")
    link = _string(item, "url") or _string(item, "external_url") or (identity if is_followable(identity) else "")
    picture = _string(item, "image") or _string(item, "banner_image")
    return {
        "url": absolute(base, link) if link else "",
        "named": identity or _string(item, "title"),
        "guid": identity,
        "title": _string(item, "title"),
        "description": _string(item, "summary"),
        "text": _string(item, "content_html") or _string(item, "content_text"),
        "authors": [_string(author, "name") for author in authors if isinstance(author, dict)],
        "keywords": [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else [],
        "picture": absolute(base, picture) if picture else "",
        "caption": "",
        "credit": "",
        "language": _string(item, "language"),
        "published_at": parse_moment(_string(item, "date_published")),
        "dated": _string(item, "date_published"),
        "updated_at": parse_moment(_string(item, "date_modified")),
    }


def parse_moment(text: str) -> datetime | None:
    """An ISO 8601 or RFC 5322 moment in UTC; None when it is neither, or has no time zone."""
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, IndexError, TypeError, OverflowError):
            return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (OverflowError, ValueError):
        return None


def _moment(parsed: Any) -> datetime | None:
    """feedparser's UTC time tuple as a datetime."""
    try:
        year, month, day, hour, minute, second = parsed[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, TypeError):  # year 0, second 61
        return None


def _is_image(media: Mapping[str, Any]) -> bool:
    kind = str(media.get("type", ""))
    return media.get("medium") == "image" or kind.startswith("image/") or (not kind and not media.get("medium"))


def _string(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""
