"""Feeds of the sample wire: RSS 2.0, Atom, RSS 1.0 (RDF) and JSON Feed 1.1."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any, Final

from lxml import etree

from pipelines.demo.model import Outlet, Story

CONTENT_TYPES: Final = {
    "rss2": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "rdf": "application/rdf+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
#: What a tracking outlet hangs on the links it announces.
TRACKING: Final = "?utm_source=rss&utm_medium=feed"

_ATOM: Final = "http://www.w3.org/2005/Atom"
_CONTENT: Final = "http://purl.org/rss/1.0/modules/content/"
_DC: Final = "http://purl.org/dc/elements/1.1/"
_DCTERMS: Final = "http://purl.org/dc/terms/"
_MEDIA: Final = "http://search.yahoo.com/mrss/"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RSS1: Final = "http://purl.org/rss/1.0/"
_XML: Final = "http://www.w3.org/XML/1998/namespace"


def write_feed(outlet: Outlet, stories: Sequence[Story], base_url: str) -> bytes:
    """The outlet's feed of these stories, in the outlet's format, in the order given."""
    writers = {"rss2": _rss2, "atom": _atom, "rdf": _rdf}
    if outlet.feed == "json":
        return json.dumps(_json(outlet, stories, base_url), ensure_ascii=False, indent=1).encode()
    root = writers[outlet.feed](outlet, stories, base_url)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def announced_link(outlet: Outlet, story: Story, base_url: str) -> str:
    """The link the outlet's feed gives for a story: not always the address of its page."""
    if outlet.links == "relative":
        return story.path.lstrip("/")
    return f"{base_url}{story.path}{TRACKING if outlet.links == 'tracked' else ''}"


def paragraphs_html(story: Story) -> str:
    """The body of a story as paragraphs of HTML."""
    return "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in story.body)


def last_change(stories: Sequence[Story]) -> datetime:
    """When any of the stories was last touched."""
    return max(story.changed for story in stories)


def _identity(outlet: Outlet, story: Story) -> str:
    # Not an address: the port differs from run to run and the identity of an entry must not.
    return f"tag:{outlet.id}.example,2026:{story.slug}"


def _by(story: Story) -> list[str]:
    return list(story.authors) or ([story.agency] if story.agency else [])


def _add(parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    """A new child of `parent`, holding `text`."""
    child = etree.SubElement(parent, name, attributes)
    child.text = text
    return child


def _add_image(item: Any, story: Story, base_url: str) -> None:
    if story.image is None:
        return
    url = f"{base_url}/images/{story.image.file}"
    content = _add(item, f"{{{_MEDIA}}}content", url=url, medium="image", type="image/svg+xml")
    _add(content, f"{{{_MEDIA}}}description", story.image.caption, type="plain")
    if story.image.credit:
        _add(content, f"{{{_MEDIA}}}credit", story.image.credit)


def _rss2(outlet: Outlet, stories: Sequence[Story], base_url: str) -> Any:
    names = {"content": _CONTENT, "dc": _DC, "dcterms": _DCTERMS, "media": _MEDIA, "atom": _ATOM}
    rss = etree.Element("rss", {"version": "2.0"}, nsmap=names)
    channel = _add(rss, "channel")
    _add(channel, "title", outlet.name)
    _add(channel, "link", f"{base_url}/")
    _add(channel, "description", outlet.tagline)
    _add(channel, "language", outlet.language)
    _add(channel, "lastBuildDate", format_datetime(last_change(stories), usegmt=True))
    _add(channel, f"{{{_ATOM}}}link", rel="self", type="application/rss+xml", href=base_url + outlet.feed_path)
    for story in stories:
        item = _add(channel, "item")
        _add(item, "title", story.title_html or story.title)
        _add(item, "link", announced_link(outlet, story, base_url))
        _add(item, "guid", _identity(outlet, story), isPermaLink="false")
        _add(item, "pubDate", format_datetime(story.published, usegmt=True))
        if story.feed_text != "none":
            _add(item, "description", story.standfirst)
        if story.feed_text == "full":
            _add(item, f"{{{_CONTENT}}}encoded", paragraphs_html(story))
        _add_common(item, outlet, story)
        for word in (story.section, *story.keywords):
            _add(item, "category", word)
        _add_image(item, story, base_url)
    return rss


def _rdf(outlet: Outlet, stories: Sequence[Story], base_url: str) -> Any:
    names = {None: _RSS1, "rdf": _RDF, "content": _CONTENT, "dc": _DC, "dcterms": _DCTERMS, "media": _MEDIA}
    # lxml's stubs do not know that the prefix of the default namespace is None.
    rdf = etree.Element(f"{{{_RDF}}}RDF", nsmap=names)  # type: ignore[arg-type]
    channel = _add(rdf, f"{{{_RSS1}}}channel", **{f"{{{_RDF}}}about": base_url + outlet.feed_path})
    _add(channel, f"{{{_RSS1}}}title", outlet.name)
    _add(channel, f"{{{_RSS1}}}link", f"{base_url}/")
    _add(channel, f"{{{_RSS1}}}description", outlet.tagline)
    _add(channel, f"{{{_DC}}}language", outlet.language)
    listed = _add(_add(channel, f"{{{_RSS1}}}items"), f"{{{_RDF}}}Seq")
    for story in stories:
        link = announced_link(outlet, story, base_url)
        _add(listed, f"{{{_RDF}}}li", **{f"{{{_RDF}}}resource": link})
        item = _add(rdf, f"{{{_RSS1}}}item", **{f"{{{_RDF}}}about": link})
        _add(item, f"{{{_RSS1}}}title", story.title_html or story.title)
        _add(item, f"{{{_RSS1}}}link", link)
        if story.feed_text != "none":
            _add(item, f"{{{_RSS1}}}description", story.standfirst)
        if story.feed_text == "full":
            _add(item, f"{{{_CONTENT}}}encoded", paragraphs_html(story))
        _add(item, f"{{{_DC}}}date", _iso(story.published))
        _add_common(item, outlet, story)
        _add(item, f"{{{_DC}}}subject", story.section)
        _add_image(item, story, base_url)
    return rdf


def _add_common(item: Any, outlet: Outlet, story: Story) -> None:
    """What RSS 2.0 and RSS 1.0 say the same way."""
    for name in _by(story):
        _add(item, f"{{{_DC}}}creator", name)
    if story.language != outlet.language:
        _add(item, f"{{{_DC}}}language", story.language)
    if story.updated:
        _add(item, f"{{{_DCTERMS}}}modified", _iso(story.updated))


def _atom(outlet: Outlet, stories: Sequence[Story], base_url: str) -> Any:
    # Relative links need a base; it is given even where they are absolute, as many publishers do.
    names = {None: _ATOM, "media": _MEDIA}
    feed = etree.Element(
        f"{{{_ATOM}}}feed",
        {f"{{{_XML}}}lang": outlet.language, f"{{{_XML}}}base": f"{base_url}/"},
        nsmap=names,  # type: ignore[arg-type]
    )
    _add(feed, f"{{{_ATOM}}}id", f"tag:{outlet.id}.example,2026:feed")
    _add(feed, f"{{{_ATOM}}}title", outlet.name)
    _add(feed, f"{{{_ATOM}}}subtitle", outlet.tagline)
    _add(feed, f"{{{_ATOM}}}updated", _iso(last_change(stories)))
    _add(feed, f"{{{_ATOM}}}link", rel="self", href=base_url + outlet.feed_path)
    _add(feed, f"{{{_ATOM}}}link", rel="alternate", type="text/html", href=f"{base_url}/")
    _add(_add(feed, f"{{{_ATOM}}}author"), f"{{{_ATOM}}}name", outlet.name)
    for story in stories:
        entry = _add(feed, f"{{{_ATOM}}}entry")
        if story.language != outlet.language:
            entry.set(f"{{{_XML}}}lang", story.language)
        _add(entry, f"{{{_ATOM}}}id", _identity(outlet, story))
        _add(entry, f"{{{_ATOM}}}title", story.title_html or story.title, type="html" if story.title_html else "text")
        _add(entry, f"{{{_ATOM}}}link", rel="alternate", type="text/html", href=announced_link(outlet, story, base_url))
        _add(entry, f"{{{_ATOM}}}published", _iso(story.published))
        _add(entry, f"{{{_ATOM}}}updated", _iso(story.changed))
        for name in _by(story):
            _add(_add(entry, f"{{{_ATOM}}}author"), f"{{{_ATOM}}}name", name)
        for word in (story.section, *story.keywords):
            _add(entry, f"{{{_ATOM}}}category", term=word)
        if story.feed_text != "none":
            _add(entry, f"{{{_ATOM}}}summary", story.standfirst, type="text")
        if story.feed_text == "full":
            _add(entry, f"{{{_ATOM}}}content", paragraphs_html(story), type="html")
        _add_image(entry, story, base_url)
    return feed


def _json(outlet: Outlet, stories: Sequence[Story], base_url: str) -> dict[str, Any]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": f"{base_url}/",
        "feed_url": base_url + outlet.feed_path,
        "description": outlet.tagline,
        "language": outlet.language,
        "items": [_json_item(outlet, story, base_url) for story in stories],
    }


def _json_item(outlet: Outlet, story: Story, base_url: str) -> dict[str, Any]:
    # JSON Feed wants content in every item; where the outlet gives no full text, the summary is the content.
    content = paragraphs_html(story) if story.feed_text == "full" else f"<p>{escape(story.standfirst)}</p>"
    item: dict[str, Any] = {
        "id": _identity(outlet, story),
        "url": announced_link(outlet, story, base_url),
        "title": story.title,
        "content_html": content,
        "date_published": _iso(story.published),
        "tags": [story.section, *story.keywords],
    }
    if story.feed_text != "none":
        item["summary"] = story.standfirst
    if story.updated:
        item["date_modified"] = _iso(story.updated)
    if _by(story):
        item["authors"] = [{"name": name} for name in _by(story)]
    if story.image:
        item["image"] = f"{base_url}/images/{story.image.file}"
    if story.language != outlet.language:
        item["language"] = story.language
    return item


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
