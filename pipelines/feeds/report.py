"""How feeds are doing: a line each with their last polls, trouble first, and a few lines at the end of a run."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.table import Table
from rich.text import Text

from connectors.codec import to_data
from connectors.opening import Store
from pipelines.report import clock, console
from pipelines.saying import say
from transforms.habits import FeedHistory, PollNote
from transforms.health import STATES, TROUBLE, Health, spell
from transforms.health import health as health_of
from transforms.records import Feed
from transforms.text import one_line
from transforms.urls import redact

Listed = tuple[Feed, FeedHistory, Health]

#: One character a poll, in the order of time.
MARKS = {"new": "+", "known": "·", "unchanged": "·", "resting": "~"}
FAILED = "×"
LEGEND = "+ new  · nothing new  × failed  ~ not asked, since its host is left alone"
_STYLES = {"only-failing": "red", "silent": "red", "muted": "red", "failing": "yellow", "paused": "dim", "new": "dim"}
#: What `row` has of a feed.
HEAD = ("id", "outlet", "state", "new/day", "every", "last 30 polls", "last news", "next poll", "address")
#: Polls of one feed, and feeds at the end of a run, that are worth a reader's time.
SHOWN_POLLS, SHOWN_WARNINGS = 10, 10
_ORDER = {state: place for place, state in enumerate(STATES)}
_HIDDEN = "***"


def inspected(store: Store, now: datetime) -> list[Listed]:
    """All feeds of a store with their histories, and how each is doing `now`."""
    feeds = store.feeds.all()
    histories = store.feeds.history([feed.id for feed in feeds])
    return [(feed, histories[feed.id], health_of(feed, histories[feed.id], now)) for feed in feeds]


def print_feeds(listed: Sequence[Listed], now: datetime) -> None:
    """The feeds, a line each, those in trouble first and with what to do about them."""
    if not listed:
        say("there are no feeds yet: `newswire feeds add URL`, or [[feeds]] in the settings")
        return
    listed = sorted(listed, key=urgency)
    rows = [HEAD, *(row(one, now) for one in listed)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(set_cell_size, cells[:-1], widths[:-1])) + f"  {cells[-1]}" for cells in rows]
    out = console()
    out.print(Text(lines[0], style="bold"))
    for (_, _, health), line in zip(listed, lines[1:], strict=True):
        out.print(Text(line, style=_STYLES.get(health.state, "")))
        for words in sentences(health):
            out.print(Text(f"    {words}", style="dim"))
    out.print(Text(LEGEND, style="dim"))


def feeds_data(listed: Sequence[Listed]) -> list[dict[str, Any]]:
    """The feeds for a program, by id as they come: the record, its health and its last polls. No secret is in it."""
    return [
        {
            **to_data(feed),
            "url": redact(feed.url),
            "address": redact(feed.address),
            "moving_to": redact(feed.moving_to),
            "moved_to": redact(feed.moved_to),
            "headers": [[name, _HIDDEN] for name, _ in feed.headers],
            "health": {**to_data(health), "in_trouble": health.in_trouble},
            "polls": [to_data(note) for note in history.polls],
        }
        for feed, history, health in listed
    ]


def print_health(feed: Feed, history: FeedHistory, health: Health) -> None:
    """One feed: how it is doing, and its last polls."""
    out = console()
    out.print(Text(f"{feed.id}: {health.state} ({STATES[health.state]})", style=_STYLES.get(health.state, "bold")))
    for words in sentences(health):
        out.print(Text(f"  {words}"))
    gap = f", one every {spell(health.news_gap)}" if health.news_gap else ""
    volume = "not known yet" if health.new_a_day is None else f"{health.new_a_day:g} new a day in the last week"
    out.print(Text(f"  {volume}{gap}; {health.failed_share:.0%} of the last {len(history.polls)} polls failed"))
    out.print(Text(f"  last answer {clock(health.last_answer_at)}, next poll {clock(feed.next_poll_at)}"))
    out.print(Text(f"  {_strip(history.polls)}    {LEGEND}", style="dim"))
    table = Table(box=None, pad_edge=False)
    for name in ("polled", "outcome", "items", "new", "seconds", "why"):
        table.add_column(name, overflow="fold", justify="right" if name in ("items", "new", "seconds") else "left")
    for note in reversed(history.polls[-SHOWN_POLLS:]):
        cells = (
            clock(note.at),
            note.outcome,
            str(note.entries),
            str(note.new),
            f"{note.seconds:.1f}",
            _plain(note.reason),
        )
        table.add_row(*map(Text, cells))
    if history.polls:
        out.print(table)


def warnings(before: Mapping[str, Health], after: Sequence[Listed]) -> list[str]:
    """A line for each feed that is in trouble now and was not `before` (health by feed id; a feed that is missing there
    was well), the worst first; at most ten, then how many more."""
    lines = []
    for feed, _, health in sorted(after, key=lambda one: (_ORDER[one[2].state], one[0].id)):
        was = before.get(feed.id)
        if health.state in TROUBLE and (was is None or was.state != health.state):
            lines.append(_plain(f"{feed.id}: {health.state}: {health.words}"))
            continue
        known = {alarm.kind for alarm in was.alarms} if was else set()
        lines += [_plain(f"{feed.id}: {a.kind}: {a.words}") for a in health.alarms if a.kind not in known][:1]
    if len(lines) > SHOWN_WARNINGS:
        lines[SHOWN_WARNINGS:] = [f"and {len(lines) - SHOWN_WARNINGS} more: `newswire feeds list`"]
    return lines


def urgency(one: Listed) -> tuple[bool, int, str]:
    """What to sort feeds by: trouble first, then those that fail."""
    feed, _, health = one
    return not (health.in_trouble or health.state == "failing"), _ORDER[health.state], feed.id


def row(one: Listed, now: datetime) -> tuple[str, ...]:
    """A feed in short, as HEAD names it. No secret is in it."""
    feed, history, health = one
    interval = feed.interval or feed.pace
    return (
        feed.id,
        _short(_plain(feed.name)),
        health.state,
        "-" if health.new_a_day is None else f"{health.new_a_day:.3g}",
        spell(interval) if interval else "-",
        _strip(history.polls),
        f"{spell(now - feed.last_new_at)} ago" if feed.last_new_at else "-",
        "-" if feed.paused else _until(feed.next_poll_at, now),
        _plain(redact(feed.address)),
    )


def _until(moment: datetime | None, now: datetime) -> str:
    return f"in {spell(moment - now)}" if moment and moment - now >= timedelta(minutes=1) else "now"


def _strip(polls: Sequence[PollNote]) -> str:
    return "".join(MARKS.get(note.outcome, FAILED) for note in polls[-30:])


def sentences(health: Health) -> list[str]:
    """What is to be known of a feed, and what to do about it."""
    said = [health.words, *(f"{alarm.kind}: {alarm.words}" for alarm in health.alarms)]
    return [_plain(words) for words in said if words]


def _short(name: str, longest: int = 24) -> str:
    return name if cell_len(name) <= longest else set_cell_size(name, longest - 1).rstrip() + "…"


def _plain(text: str) -> str:
    """Outlets' names, servers' reasons and addresses come from the web: nothing in them may steer a terminal."""
    return one_line(text)
