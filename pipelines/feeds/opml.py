"""`newswire feeds import` and `export`: the feeds as OPML 2.0 (opml.org/spec2).

What only newswire knows of a feed travels in attributes of a namespace of its own, which other programs ignore. Secrets
do not travel.
"""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree

from connectors.opening import open_store
from pipelines.cli import EXIT_FAILED, EXIT_OK
from pipelines.feeds.commands import new_id
from pipelines.saying import complain, say
from pipelines.settings import load
from pipelines.values import parse_duration, written
from transforms.errors import ConfigError
from transforms.languages import primary_subtag
from transforms.records import Feed
from transforms.text import one_line
from transforms.urls import is_followable, redact

NAMESPACE = "urn:newswire:opml"
#: The attributes of that namespace that are switches, with the fields of a feed.
SWITCHES = {"paused": "paused", "conditional": "conditional", "robots": "robots", "followMoves": "follow_moves"}
_ID = re.compile(r"[a-z0-9][a-z0-9._-]*")
_REDACTED = "//***@"


def import_command(settings_file: str | None, file: str) -> int:
    """`newswire feeds import`: every feed of an OPML file that is not there yet, or none where the file is broken."""
    listed = read_opml(file)
    settings = load(settings_file)
    added: list[Feed] = []
    known_urls, unusable = 0, []
    with open_store(settings.store_spec) as store:
        settings.register(store.feeds)
        known = store.feeds.all()
        ids, urls = {feed.id for feed in known}, {feed.url for feed in known}
        for feed in listed:
            if feed.url in urls:
                known_urls += 1
            elif not is_followable(feed.url) or _REDACTED in feed.url:
                unusable.append(feed.url)
            else:
                own = feed.id if feed.id and feed.id not in ids else new_id(feed.name or feed.url, ids)
                added.append(replace(feed, id=own))
                ids.add(own)
                urls.add(feed.url)
        store.feeds.add(added)
    say(f"{len(added)} feeds added, {known_urls} already there, {len(unusable)} without a usable address")
    for url in unusable:
        why = "its user and password were left out of the export" if _REDACTED in url else "no http or https address"
        complain(f"{why}: {redact(url)!r}")
    return EXIT_FAILED if unusable else EXIT_OK


def export_command(settings_file: str | None, file: str, *, with_credentials: bool) -> int:
    """`newswire feeds export`"""
    settings = load(settings_file)
    with open_store(settings.store_spec) as store:
        settings.register(store.feeds)
        feeds = store.feeds.all()
    document = opml(feeds, datetime.now(UTC), with_credentials=with_credentials)
    if file == "-":
        sys.stdout.write(document.decode())
    else:
        try:
            if with_credentials:
                Path(file).touch(0o600)
            Path(file).write_bytes(document)
        except OSError as e:
            raise ConfigError(f"{file}: {e.strerror}") from e
    _say_left_out("the user and password of the address", [] if with_credentials else _with_credentials(feeds))
    _say_left_out("the headers", [feed.id for feed in feeds if feed.headers])
    return EXIT_OK


def opml(feeds: Sequence[Feed], now: datetime, *, with_credentials: bool = False) -> bytes:
    """The feeds as OPML 2.0, UTF-8: never with headers, with users and passwords of addresses only if asked to."""
    root = etree.Element("opml", version="2.0", nsmap={"newswire": NAMESPACE})
    head, body = etree.SubElement(root, "head"), etree.SubElement(root, "body")
    etree.SubElement(head, "title").text = "newswire feeds"
    etree.SubElement(head, "dateCreated").text = now.strftime("%a, %d %b %Y %H:%M:%S GMT")
    for feed in feeds:
        outline = etree.SubElement(body, "outline", type="rss", text=feed.name or feed.id)
        if feed.name:
            outline.set("title", feed.name)
        outline.set("xmlUrl", feed.url if with_credentials else redact(feed.url))
        if feed.language:
            outline.set("language", feed.language)
        for name, value in _own_attributes(feed).items():
            outline.set(f"{{{NAMESPACE}}}{name}", value)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def read_opml(file: str) -> list[Feed]:
    """The feeds of an OPML file, in folders or not; with an empty id where the file gives none.

    Raises: ConfigError: the file cannot be read, is broken, or has no feeds; or says of one what cannot be.
    """
    try:
        document = Path(file).read_bytes()
    except OSError as e:
        raise ConfigError(f"{file}: {e.strerror}") from e
    try:
        root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (etree.XMLSyntaxError, ValueError) as e:
        raise ConfigError(f"{file}: broken XML, nothing was imported: {one_line(str(e))}") from e
    feeds, problems = [], []
    for url, said in _outlines(root).items():
        try:
            feeds.append(_feed(url, said))
        except ValueError as e:
            problems.append(f"  {redact(url)}: {e}")
    if problems:
        raise ConfigError("\n".join([f"{file}: {len(problems)} problem(s), nothing was imported", *problems]))
    if not feeds:
        raise ConfigError(f"{file}: no feeds in it: no outline with an xmlUrl")
    return feeds


def _outlines(root: Any) -> dict[str, dict[str, str]]:
    """By feed address, the attributes of the first outline that has it. Programs write xmlURL and xmlurl, too."""
    found: dict[str, dict[str, str]] = {}
    for outline in root.iter("{*}outline"):
        said = {name if name.startswith("{") else name.lower(): value for name, value in outline.attrib.items()}
        url = said.get("xmlurl", "").strip()
        if url and said.get("type", "").strip().lower() != "source":  # that is a list of other lists
            found.setdefault(url, said)
    return found


def _feed(url: str, said: Mapping[str, str]) -> Feed:
    """The feed of an outline with the attributes `said`. Raises: ValueError."""
    own = {name: said.get(f"{{{NAMESPACE}}}{name}") for name in ("id", "interval", *SWITCHES)}
    if own["id"] and not _ID.fullmatch(own["id"]):
        raise ValueError(f"{own['id']!r} is no id: lower-case letters, digits, dots, hyphens and underscores are")
    for name in SWITCHES:
        if own[name] not in (None, "true", "false"):
            raise ValueError(f"{name} must be true or false, got {own[name]!r}")
    switches: dict[str, Any] = {field: own[name] == "true" for name, field in SWITCHES.items() if own[name] is not None}
    return Feed(
        id=own["id"] or "",
        url=url,
        # Our own files give a nameless feed's id for a text, since there must be one.
        name=one_line(said.get("title", "") if own["id"] else said.get("text", "").strip() or said.get("title", "")),
        language=primary_subtag(said.get("language", "")),
        interval=parse_duration(own["interval"]) if own["interval"] else None,
        **switches,
    )


def _own_attributes(feed: Feed) -> dict[str, str]:
    """What differs from a feed that was only just added."""
    new = Feed(id=feed.id, url=feed.url)
    switched = {n: str(getattr(feed, f)).lower() for n, f in SWITCHES.items() if getattr(feed, f) != getattr(new, f)}
    return {"id": feed.id, **({"interval": written(feed.interval)} if feed.interval else {}), **switched}


def _with_credentials(feeds: Iterable[Feed]) -> list[str]:
    return [feed.id for feed in feeds if redact(feed.url) != feed.url]


def _say_left_out(what: str, ids: Sequence[str]) -> None:
    if ids:
        complain(f"left out of the export: {what} of {', '.join(ids)}")
