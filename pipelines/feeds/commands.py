"""`newswire feeds …`: the list of feeds, by hand; `pipelines.feeds.opml` has it as a file."""

import json
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from connectors.codec import to_data
from connectors.opening import is_there, open_store
from pipelines import report
from pipelines.cli import EXIT_FAILED, EXIT_OK
from pipelines.feeds import report as feed_report
from pipelines.feeds.finding import DEAD, Search, Working, ask, is_page
from pipelines.saying import complain, say, say_data
from pipelines.settings import Settings, load
from pipelines.tables import LONGEST, SHORTEST
from pipelines.values import header, parse_duration, written
from transforms.errors import ConfigError, Forbidden, NewswireError, NotAFeed, Transient
from transforms.feeds import read_feed
from transforms.habits import FeedHistory
from transforms.health import health
from transforms.languages import primary_subtag
from transforms.records import Feed, Poll, Response
from transforms.sitemaps import children
from transforms.urls import is_followable, origin_of, redact

_NOT_ID = re.compile(r"[^a-z0-9]+")


def add_command(
    settings_file: str | None,
    url: str,
    *,
    feed_id: str = "",
    name: str = "",
    language: str = "",
    interval: str = "",
    headers: Sequence[str] = (),
    robots: bool = True,
    conditional: bool = True,
    every: bool = False,
    unchecked: bool = False,
) -> int:
    """`newswire feeds add`: the feed at an address, or the best one that a web page leads to; `every`: all of those."""
    if not is_followable(url):
        raise ConfigError(f"{redact(url)!r} is no complete http or https address")
    wanted = Feed(
        id=feed_id,
        url=url,
        name=name,
        language=primary_subtag(language),
        interval=_interval(interval),
        headers=tuple(_header(text) for text in headers),
        robots=robots,
        conditional=conditional,
    )
    settings = load(settings_file)
    with open_store(settings.store_spec) as store:
        settings.register(store.feeds)
        known = store.feeds.all()
    if same := _at(url, known):
        say(f"{same.id}: already there")
        return EXIT_OK
    if feed_id and any(feed.id == feed_id for feed in known):
        raise ConfigError(f"the id {feed_id!r} is taken by {redact(next(f.url for f in known if f.id == feed_id))}")
    if unchecked:
        return _add(settings, [(wanted, "")])
    try:
        response = ask(settings.http_spec, wanted)
    except NewswireError as e:
        # Somebody who sets up an archive behind a firewall, or before its secrets are there, knows what they do.
        if isinstance(e, (Transient, Forbidden)) or e.kind == "failed":
            complain(f"it could not be checked, and was added all the same: {e.reason}")
            return _add(settings, [(wanted, "")])
        complain(f"{redact(url)}: {e.reason}; --unchecked adds it all the same")
        return EXIT_FAILED
    try:
        poll = read_feed(wanted, response)
    except NotAFeed as e:
        if not is_page(response) and not children(response.body):
            complain(f"{redact(url)}: {e.reason}")
            return EXIT_FAILED
        return _add_found(settings, wanted, response, every=every)
    return _add(settings, [(replace(wanted, name=name or poll.title), _given(poll))])


def _add_found(settings: Settings, wanted: Feed, page: Response, *, every: bool) -> int:
    """Add what a page leads to; the headers go with it, since they are sent to the feed's own host only."""
    search = Search(settings.http_spec)
    found = search.on(page)
    if not found:
        complain(f"no feed was found from {redact(wanted.url)}; tried:")
        for url, reason in search.failed or [("nothing", "the page names no feed")]:
            complain(f"  {redact(url)}: {reason}")
        return EXIT_FAILED
    chosen = [found[0], *(one for one in found[1:] if every and not one.candidate.comments)]
    exit_code = _add(
        settings,
        [
            (
                replace(
                    wanted,
                    id=wanted.id if one is found[0] else "",
                    url=one.candidate.url,
                    name=wanted.name or one.title,
                    headers=wanted.headers if origin_of(one.candidate.url) == origin_of(wanted.url) else (),
                ),
                f"{redact(one.candidate.url)}: {_given(one.poll)}",
            )
            for one in chosen
        ],
    )
    for one in found:
        if one not in chosen:
            say(f"also: {redact(one.candidate.url)} - {one.title or '(no title)'}, {len(one.poll.entries)} entries")
    return exit_code


def _add(settings: Settings, feeds: Sequence[tuple[Feed, str]]) -> int:
    """Add feeds, with what is to be said of each; one without an id is given one."""
    with open_store(settings.store_spec) as store:
        known = store.feeds.all()
        for feed, said in feeds:
            if same := _at(feed.url, known):
                say(f"{same.id}: already there" + (f" ({said})" if said else ""))
                continue
            own = feed.id or new_id(feed.url, {other.id for other in known})
            known.append(replace(feed, id=own))
            store.feeds.add(known[-1:])
            say(f"{own}: added{f' ({said})' if said else ''}; the next `newswire run` polls it")
    return EXIT_OK


def remove_command(settings_file: str | None, feed_id: str) -> int:
    """`newswire feeds remove`"""
    settings = load(settings_file)
    with open_store(settings.store_spec) as store:
        settings.register(store.feeds)
        if any(feed.id == feed_id for feed in settings.listed_feeds()):
            complain(f"{feed_id!r} is a feed of the settings file: take it out there")
            return EXIT_FAILED
        if not store.feeds.remove(feed_id):
            return _unknown(feed_id)
    say(f"{feed_id}: removed; its articles stay")
    return EXIT_OK


def list_command(settings_file: str | None, *, as_json: bool) -> int:
    """`newswire feeds list`"""
    settings = load(settings_file)
    with open_store(settings.store_spec) as store:
        settings.register(store.feeds)
        now = datetime.now(UTC)
        listed = feed_report.inspected(store, now)
    if as_json:
        say_data(feed_report.feeds_data(listed))
    else:
        feed_report.print_feeds(listed, now)
    return EXIT_OK


def check_command(settings_file: str | None, target: str, *, as_json: bool) -> int:
    """`newswire feeds check`: what a feed, by address or id, would give if it were polled now; and where else it may be
    if it is dead, or has moved."""
    settings = load(settings_file)
    known = _known(settings)
    feed = next((one for one in known if one.id == target), None) or _at(target, known)
    if feed is None and not is_followable(target):
        complain(f"{redact(target)!r} is neither a feed's id nor an http or https address")
        return EXIT_FAILED
    asked = replace(feed, body_hash=None) if feed else Feed(id="check", url=target)
    response = None
    try:
        response = ask(settings.http_spec, asked)
        poll = read_feed(asked, response)
    except NewswireError as e:
        if e.kind not in DEAD:
            raise
        search = Search(settings.http_spec, [one.address for one in known])
        found = search.instead_of(asked.address, response)
        proposals = [_proposal(one) for one in found]
        complain(f"{redact(asked.address)}: {e.reason}")
        if as_json:
            _print_json(settings, asked, feed, proposals, error=e)
        else:
            _propose(proposals, feed)
            if not proposals:
                say("no other feed was found in its place")
            _print_health(settings, feed)
        return EXIT_FAILED
    moved = [{"url": response.moved_to, "title": poll.title, "entries": len(poll.entries), "why": "moved"}]
    proposals = moved if response.moved_to not in ("", asked.address) else []
    if as_json:
        _print_json(settings, asked, feed, proposals, response=response, poll=poll)
    else:
        report.print_poll(poll, response)
        _propose(proposals, feed)
        _print_health(settings, feed)
    return EXIT_OK


def pause_command(settings_file: str | None, feed_id: str, *, paused: bool) -> int:
    """`newswire feeds pause` and `resume`"""
    settings = load(settings_file)
    with open_store(settings.store_spec) as store:
        settings.register(store.feeds)
        if not store.feeds.pause(feed_id, paused=paused):
            return _unknown(feed_id)
    say(f"{feed_id}: {'paused' if paused else 'resumed'}")
    return EXIT_OK


def new_id(name: str, taken: Iterable[str]) -> str:
    """A short id out of a title or an address: lower case, hyphens, made unique by a number."""
    parts = urlsplit(name)
    words = (parts.hostname or "").removeprefix("www.") + " " + parts.path if parts.hostname else name
    base = _NOT_ID.sub("-", words.lower()).strip("-")[:60].strip("-") or "feed"
    ids = set(taken)
    return next(i for i in (base, *(f"{base}-{n}" for n in range(2, len(ids) + 3))) if i not in ids)


def _interval(text: str) -> timedelta | None:
    try:
        length = parse_duration(text) if text else None
    except ValueError as e:
        raise ConfigError(f"--interval {e}") from e
    if length is not None and not SHORTEST <= length <= LONGEST:
        raise ConfigError(f"--interval must be from {written(SHORTEST)} to {written(LONGEST)}; got {text!r}")
    return length


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:  # its text may be the secret itself
        raise ConfigError("--header must be written as 'Name: value'")
    try:
        return header(name.strip(), value.strip())
    except ValueError as e:
        raise ConfigError(f"--header {e}") from e


def _known(settings: Settings) -> list[Feed]:
    """The feeds, without making a store where there is none yet."""
    if not is_there(settings.store_spec):
        return settings.listed_feeds()
    with open_store(settings.store_spec) as store:
        settings.register(store.feeds)
        return store.feeds.all()


def _at(url: str, known: Iterable[Feed]) -> Feed | None:
    return next((feed for feed in known if url in (feed.url, feed.address)), None)


def _unknown(feed_id: str) -> int:
    complain(f"there is no feed {feed_id!r}; `newswire feeds list` shows them")
    return EXIT_FAILED


def _given(poll: Poll) -> str:
    return f"{poll.title or '(no title)'}, {len(poll.entries)} entries"


def _history(settings: Settings, feed: Feed) -> FeedHistory:
    if not is_there(settings.store_spec):
        return FeedHistory()
    with open_store(settings.store_spec) as store:
        return store.feeds.history([feed.id])[feed.id]


def _print_health(settings: Settings, feed: Feed | None) -> None:
    if feed:
        history = _history(settings, feed)
        feed_report.print_health(feed, history, health(feed, history, datetime.now(UTC)))


def _proposal(found: Working) -> dict[str, Any]:
    candidate = found.candidate
    return {"url": candidate.url, "title": found.title, "entries": len(found.poll.entries), "why": candidate.why}


def _print_json(
    settings: Settings,
    asked: Feed,
    feed: Feed | None,
    proposals: Sequence[dict[str, Any]],
    *,
    response: Response | None = None,
    poll: Poll | None = None,
    error: NewswireError | None = None,
) -> None:
    data = {
        "url": redact(asked.url),
        "final_url": redact(response.final_url) if response else "",
        "title": poll.title if poll else "",
        "entries": [to_data(entry) for entry in poll.entries] if poll else [],
        "error": {"kind": error.kind, "reason": error.reason} if error else None,
        "proposals": [{**one, "url": redact(one["url"])} for one in proposals],
        "health": to_data(health(feed, _history(settings, feed), datetime.now(UTC))) if feed else None,
    }
    say_data(data)


def _propose(proposals: Sequence[dict[str, Any]], feed: Feed | None) -> None:
    """What to type for each new address."""
    for one in proposals:
        moved = "moved for good" if one["why"] == "moved" else "found"
        say(f"{moved}: {redact(one['url'])} - {one['title'] or '(no title)'}, {one['entries']} entries")
        url = shlex.quote(redact(one["url"]))
        if feed is None:
            say(f"  propose: newswire feeds add {url}")
        elif feed.origin == "settings":
            say(f"  propose: url = {json.dumps(redact(one['url']))} for {feed.id} in the settings file")
        else:
            say(f"  propose: newswire feeds remove {feed.id} && newswire feeds add {url} --id {feed.id}")
