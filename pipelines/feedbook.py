"""`newswire feeds …`: the list of feeds, by hand and as OPML."""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import listparser
from lxml import etree

from connectors.codec import to_data
from connectors.http import fetch_one
from connectors.opening import open_store
from pipelines import report
from pipelines.cli import EXIT_FAILED, EXIT_OK
from pipelines.settings import load
from transforms.errors import ConfigError
from transforms.feeds import primary_subtag, read_feed
from transforms.records import Feed
from transforms.urls import is_followable, redact

_NOT_ID = re.compile(r"[^a-z0-9]+")


def add_command(settings_file: str | None, url: str, *, feed_id: str, name: str, language: str) -> int:
    """`newswire feeds add`"""
    if not is_followable(url):
        raise ConfigError(f"{url!r} is no complete http or https address")
    settings = load(settings_file)
    with open_store(settings.store_spec) as store:
        settings.register(store.feeds)
        known = store.feeds.all()
        same = next((feed for feed in known if feed.url == url), None)
        if same is not None:
            print(f"{same.id}: already there")
            return EXIT_OK
        if feed_id and any(feed.id == feed_id for feed in known):
            raise ConfigError(f"the id {feed_id!r} is taken by {next(f.url for f in known if f.id == feed_id)}")
        feed = Feed(
            id=feed_id or new_id(url, {feed.id for feed in known}),
            url=url,
            name=name,
            language=primary_subtag(language),
        )
        store.feeds.add([feed])
    print(f"{feed.id}: added; the next `newswire run` polls it")
    return EXIT_OK


def list_command(settings_file: str | None, *, as_json: bool) -> int:
    """`newswire feeds list`"""
    settings = load(settings_file)
    with open_store(settings.store_spec) as store:
        settings.register(store.feeds)
        feeds = store.feeds.all()
    if as_json:
        print(json.dumps([to_data(feed) for feed in feeds], ensure_ascii=False))
    else:
        report.print_feeds(feeds)
    return EXIT_OK


def check_command(settings_file: str | None, url: str, *, as_json: bool) -> int:
    """`newswire feeds check`: what the feed would give if it were polled now."""
    settings = load(settings_file)
    response = fetch_one(settings.http_spec, url)
    poll = read_feed(Feed(id="check", url=url), response)
    if as_json:
        entries = [to_data(entry) for entry in poll.entries]
        print(
            json.dumps(
                {"url": url, "final_url": response.final_url, "title": poll.title, "entries": entries},
                ensure_ascii=False,
            )
        )
    else:
        report.print_poll(poll, response)
    return EXIT_OK


def import_command(settings_file: str | None, file: str) -> int:
    """`newswire feeds import`: every feed of an OPML file that is not there yet."""
    try:
        parsed = listparser.parse(Path(file).read_bytes())
    except OSError as e:
        raise ConfigError(f"{file}: {e.strerror}") from e
    if not parsed.feeds:
        raise ConfigError(f"{file}: no feeds in it" + (f" ({parsed.bozo_exception})" if parsed.bozo else ""))
    added, known_urls, unusable = 0, 0, []
    settings = load(settings_file)
    with open_store(settings.store_spec) as store:
        settings.register(store.feeds)
        ids, urls = {feed.id for feed in store.feeds.all()}, {feed.url for feed in store.feeds.all()}
        for outline in parsed.feeds:
            if outline.url in urls:
                known_urls += 1
            elif not is_followable(outline.url):
                unusable.append(outline.url)
            else:
                feed = Feed(id=new_id(outline.title or outline.url, ids), url=outline.url, name=outline.title or "")
                added += store.feeds.add([feed])
                ids.add(feed.id)
                urls.add(feed.url)
    print(f"{added} feeds added, {known_urls} already there, {len(unusable)} without a usable address")
    for url in unusable:
        print(f"newswire: no http or https address: {redact(url)!r}", file=sys.stderr)
    return EXIT_FAILED if unusable else EXIT_OK


def export_command(settings_file: str | None, file: str) -> int:
    """`newswire feeds export`"""
    settings = load(settings_file)
    with open_store(settings.store_spec) as store:
        settings.register(store.feeds)
        document = opml(store.feeds.all(), datetime.now(UTC))
    if file == "-":
        sys.stdout.write(document.decode())
    else:
        Path(file).write_bytes(document)
    return EXIT_OK


def opml(feeds: Sequence[Feed], now: datetime) -> bytes:
    """The feeds as OPML 2.0 (opml.org/spec2), UTF-8."""
    root = etree.Element("opml", version="2.0")
    head, body = etree.SubElement(root, "head"), etree.SubElement(root, "body")
    etree.SubElement(head, "title").text = "newswire feeds"
    etree.SubElement(head, "dateCreated").text = now.strftime("%a, %d %b %Y %H:%M:%S GMT")
    for feed in feeds:
        name = feed.name or feed.id
        etree.SubElement(body, "outline", type="rss", text=name, title=name, xmlUrl=feed.url)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def pause_command(settings_file: str | None, feed_id: str, *, paused: bool) -> int:
    """`newswire feeds pause` and `resume`"""
    settings = load(settings_file)
    with open_store(settings.store_spec) as store:
        settings.register(store.feeds)
        if not store.feeds.pause(feed_id, paused=paused):
            print(f"newswire: there is no feed {feed_id!r}; `newswire feeds list` shows them", file=sys.stderr)
            return EXIT_FAILED
    print(f"{feed_id}: {'paused' if paused else 'resumed'}")
    return EXIT_OK


def new_id(name: str, taken: Iterable[str]) -> str:
    """A short id out of a title or an address: lower case, hyphens, made unique by a number."""
    parts = urlsplit(name)
    words = (parts.hostname or "").removeprefix("www.") + " " + parts.path if parts.hostname else name
    base = _NOT_ID.sub("-", words.lower()).strip("-")[:60].strip("-") or "feed"
    ids = set(taken)
    return next(i for i in (base, *(f"{base}-{n}" for n in range(2, len(ids) + 3))) if i not in ids)
