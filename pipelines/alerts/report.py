"""How subscriptions, their alerts and deliveries, and dry runs look. Text from the web is never markup."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from rich.table import Table
from rich.text import Text

from connectors.alert_ports import Delivery, Lane
from connectors.codec import to_data
from connectors.opening import Store
from connectors.ports import Found
from pipelines.alerts.dry_run import DryRun
from pipelines.evidence import marked, named, words
from pipelines.report import clock, console, found_data, outlet, when
from pipelines.tracing import print_changes
from transforms.alerts import Alert
from transforms.matching import Match
from transforms.subscriptions import Subscription, active, described
from transforms.text import harmless

#: Longer periods are counted by the month.
MAX_DAYS = 62
#: Columns of the longest bar, and outlets and languages that are named.
BAR, MOST = 40, 5
#: Alerts and deliveries of one subscription that are shown.
MAX_ALERTS, MAX_WAITING = 5, 20
#: So many messages a day are more than anybody reads.
NOISY = 50
#: Reasons of one alert, and letters of a receiver's answer, that are shown.
MAX_REASONS, MAX_ERROR = 3, 160
_STYLES = {"active": "green", "paused": "dim", "expired": "dim"}


@dataclass(frozen=True, slots=True)
class Known:
    """A subscription, what happens in its lanes, and the last alerts it was told."""

    subscription: Subscription
    lanes: tuple[Lane, ...]
    waiting: tuple[Delivery, ...]
    last: tuple[Alert, ...]

    @property
    def by_channel(self) -> dict[str, Lane | None]:
        """The lanes of its channels, and of those it had before; None where nothing was sent yet."""
        lanes = {lane.channel: lane for lane in self.lanes}
        return {channel: lanes.get(channel) for channel in (*self.subscription.channels, *lanes)}


def looked_up(store: Store, name: str) -> Known | None:
    """Everything of one subscription; None where there is none of that id."""
    one = store.subscriptions.get([name]).get(name)
    if one is None:
        return None
    told = store.outbox.deliveries(subscription=name, limit=MAX_ALERTS * max(1, len(one.channels)))
    return Known(
        subscription=one,
        lanes=tuple(store.outbox.lanes(subscription=name)),
        waiting=tuple(store.outbox.deliveries(subscription=name, state="waiting", limit=MAX_WAITING)),
        last=tuple({delivery.alert.id: delivery.alert for delivery in told}.values())[:MAX_ALERTS],
    )


def failing_lanes(store: Store) -> dict[str, list[Lane]]:
    """The lanes whose last try failed, by subscription."""
    failing: dict[str, list[Lane]] = defaultdict(list)
    for lane in store.outbox.lanes(failing=True):
        failing[lane.subscription].append(lane)
    return failing


def asks(subscription: Subscription) -> str:
    """What it asks for, on one line."""
    filters = (("topic", subscription.topics), ("source", subscription.sources), ("language", subscription.languages))
    parts = [" ".join(subscription.query.split()), *(f"{name} {', '.join(of)}" for name, of in filters if of)]
    return harmless(" · ".join(filter(None, parts)))


def state(subscription: Subscription, failing: Sequence[Lane], now: datetime) -> str:
    """How it is: active, paused, expired, or failing and why."""
    if subscription.paused:
        return "paused"
    if not active(subscription, now):
        return "expired"
    return f"failing: {_error(failing[0].error)}" if failing else "active"


def subscription_data(subscription: Subscription, lanes: Sequence[Lane], now: datetime) -> dict[str, Any]:
    """A subscription for a program, with what happens in its lanes."""
    failing = [lane for lane in lanes if lane.failing_since]
    return {
        **to_data(subscription),
        "state": state(subscription, failing, now).partition(":")[0],
        "lanes": [to_data(lane) for lane in lanes],
    }


def print_subscriptions(listed: Iterable[Subscription], failing: Mapping[str, Sequence[Lane]], now: datetime) -> None:
    """A line each."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "asks for", "when", "channels", "state"):
        table.add_column(name, overflow="fold")
    count = 0
    for one in listed:
        count += 1
        how = state(one, failing.get(one.id, ()), now)
        channels = harmless(" ".join(one.channels)) or "-"
        table.add_row(*map(Text, (one.id, asks(one), described(one), channels)), Text(how, _STYLES.get(how, "red")))
    out = console()
    if not count:
        out.print("there are no subscriptions yet: `newswire alerts add ID QUERY`")
        return
    out.print(table)
    out.print(Text(f"{count:,} subscriptions", style="dim"))


def known_data(known: Known, now: datetime) -> dict[str, Any]:
    """Everything of one subscription for a program."""
    lanes = known.by_channel
    return {
        **subscription_data(known.subscription, known.lanes, now),
        "waiting": [delivery_data(one, lanes.get(one.channel)) for one in known.waiting],
        "last_alerts": [to_data(alert) for alert in known.last],
    }


def print_known(known: Known, now: datetime) -> None:
    """Everything of one subscription for a person."""
    out, one = console(), known.subscription
    how = state(one, [lane for lane in known.lanes if lane.failing_since], now)
    rows = {
        "state": how,
        "asks for": asks(one),
        "tells": described(one),
        "revisions": one.revisions,
        "owner": one.owner,
        "signed with": ", ".join(one.signing),
        "expires": clock(one.expires_at) if one.expires_at else "",
        "asks since": clock(one.since),
        "changed": clock(one.changed_at),
    }
    out.print(Text(f"{one.id}  {harmless(one.name)}".rstrip(), style="bold"))
    for name, value in rows.items():
        if value:
            out.print(Text.assemble((f"  {name:12}", "dim"), harmless(value)))
    for channel, lane in known.by_channel.items():
        out.print(Text.assemble(("  to          ", "dim"), harmless(channel), *_lane(lane)))
    if not one.channels:
        out.print("  nobody is told: it has no channel")
    if known.waiting:
        out.print(Text(f"waiting ({len(known.waiting)}):", style="bold"))
        for delivery in known.waiting:
            line = f"  due {clock(delivery.due_at)}  {delivery.channel}  {delivery.alert.headline}"
            out.print(Text(harmless(line)))
    if known.last:
        out.print(Text("last alerts:", style="bold"))
        for alert in known.last:
            print_alert(alert)


def _lane(lane: Lane | None) -> list[tuple[str, str]]:
    if lane is None:
        return []
    said = [(f"  last delivered {clock(lane.last_delivered_at)}", "dim")] if lane.last_delivered_at else []
    if lane.failing_since:
        again = f", next try {clock(lane.next_at)}" if lane.next_at else ""
        failed = f"  failing since {clock(lane.failing_since)} ({lane.attempts} tries{again}): {_error(lane.error)}"
        said.append((failed, "red"))
    return said


def print_alert(alert: Alert) -> None:
    """An alert, and why it was made."""
    out = console()
    agency = f" / {alert.agency}" if alert.agency else ""
    head = f"  {clock(alert.made_at)}  {alert.kind}  {alert.headline}  ({alert.outlet}{agency})"
    out.print(Text(harmless(head)))
    for match in _reasons(alert.matches):
        out.print(Text.assemble((f"      {harmless(match.clause)} in {match.field}: ", "dim"), marked(match.snippet)))
    if not alert.matches:
        out.print(Text("      by its filters" if alert.still_matches else "      no longer what was asked for", "dim"))
    if alert.reprints:
        outlets = ", ".join(dict.fromkeys(one.outlet for one in alert.reprints))
        out.print(Text(harmless(f"      the same text also at: {outlets}"), style="cyan"))
    if alert.topics:
        tags = (f"{named(tag)} ({words(tag.evidence)})" for tag in alert.topics)
        out.print(Text(harmless(f"      {' · '.join(tags)}"), style="green"))
    print_changes(alert.changes, indent="      ")
    out.print(Text(f"      {alert.id}  {harmless(alert.url)}", style="dim"))
    out.print(Text(f"      newswire trace {alert.article_id}", style="dim"))


def _reasons(matches: Sequence[Match]) -> list[Match]:
    """The first places: those of all clauses, before a second one of any."""
    nth: Counter[str] = Counter()
    ranked = []
    for match in matches:
        ranked.append((nth[match.clause], match))
        nth[match.clause] += 1
    return [match for _, match in sorted(ranked, key=lambda one: one[0])][:MAX_REASONS]


def delivery_data(delivery: Delivery, lane: Lane | None) -> dict[str, Any]:
    """A delivery for a program."""
    again = _next_try(delivery, lane)
    return {**to_data(delivery), "next_try_at": again.isoformat() if again else None}


def print_deliveries(
    deliveries: Sequence[Delivery], lanes: Mapping[tuple[str, str], Lane], *, whole: bool, now: datetime
) -> None:
    """The delivery log: a line for each alert and channel, with the last of what happened to it, or with all of it."""
    out = console()
    for one in deliveries:
        style = {"delivered": "green", "dead": "red", "dropped": "dim"}.get(one.state, "")
        head = f"  {one.alert.subscription}  {one.channel}  {one.alert.headline}"
        out.print(Text.assemble(f"{clock(one.alert.made_at)}  ", (f"{one.state:9}", style), harmless(head)))
        for event in one.history if whole else one.history[-1:]:
            out.print(Text(f"    {clock(event.at)}  {_error(event.what)}", style="dim"))
        again = _next_try(one, lanes.get((one.alert.subscription, one.channel)))
        due = f", next try {clock(again) if again > now else 'now'}" if again else ""
        tries = f", {one.attempts} tries failed" if one.attempts else ""
        out.print(Text(f"    {one.alert.id}{tries}{due}", style="dim"))
    out.print(f"{len(deliveries)} deliveries" if deliveries else "there are no such deliveries")


def _next_try(delivery: Delivery, lane: Lane | None) -> datetime | None:
    if delivery.state != "waiting":
        return None
    return max(delivery.due_at, lane.next_at) if lane and lane.next_at else delivery.due_at


def _error(text: str) -> str:
    line = harmless(" ".join(text.split()))
    return line if len(line) <= MAX_ERROR else f"{line[: MAX_ERROR - 1]}…"


def dry_run_data(done: DryRun, timezone: str) -> dict[str, Any]:
    """A dry run for a program."""
    return {
        "since": done.since.isoformat() if done.since else None,
        "until": done.until.isoformat(),
        "timezone": timezone,
        "fired": done.stories,
        "articles": done.articles,
        "reprints": done.reprints,
        "per_day": None if done.per_day is None else round(done.per_day, 2),
        "days": {day.isoformat(): count for day, count in sorted(done.days.items())},
        "outlets": dict(done.outlets.most_common()),
        "languages": dict(done.languages.most_common()),
        "samples": found_data(Found(total=len(done.samples), hits=tuple(done.samples)))["hits"],
    }


def print_dry_run(done: DryRun, first: date | None, last: date) -> None:
    """A dry run for a person; `first` and `last` are the days of its period."""
    out = console()
    out.print(Text(fired(done), style="bold"))
    if done.reprints:
        out.print(f"{done.reprints:,} more articles are the same texts elsewhere, folded into these alerts")
    if noise := _noise(done):
        out.print(noise)
    if not done.stories:
        return
    periods = _periods(done.days, first, last)
    most = max(count for _, count in periods)
    for name, count in periods:
        out.print(
            Text.assemble(f"  {name}  ", ("█" * -(-BAR * count // most), "cyan"), f" {count:,}" if count else "·")
        )
    for name, counted in (("outlets", done.outlets), ("languages", done.languages)):
        shown = ", ".join(f"{one or 'unknown'} {count:,}" for one, count in counted.most_common(MOST))
        more = f", and {len(counted) - MOST} more" if len(counted) > MOST else ""
        out.print(Text(harmless(f"{name}: {shown}{more}")))
    for hit in done.samples:
        out.print()
        out.print(marked(hit.title, base="bold"))
        out.print(Text(harmless(f"  {outlet(hit.article)} · {when(hit.article)}"), style="cyan"))
        if hit.text.text:
            out.print(Text("  ") + marked(hit.text))
        out.print(Text(f"  {harmless(hit.article.url)}", style="dim"))


def fired(done: DryRun) -> str:
    """How often it would have fired, and when."""
    times = "once" if done.stories == 1 else f"{done.stories:,} times"
    return f"would have fired {times}" + (f" since {clock(done.since)}" if done.since else "")


def _noise(done: DryRun) -> str:
    if not done.stories or (per_day := done.per_day) is None:
        return ""
    if per_day < 1:
        return f"that is one in {1 / per_day:.0f} days" if per_day < 2 / 3 else "that is about one a day"
    said = f"that is {per_day:,.0f} a day"
    return f"{said}; --every 1h tells them together, in at most 24 messages a day" if per_day > NOISY else said


def _periods(days: Counter[date], first: date | None, last: date) -> list[tuple[str, int]]:
    """Each day of a period with its count, those without any too; of a long one each month since the first alert."""
    found, last = min(days), max([*days, last])
    first = min(found, first or found)
    if (last - first).days < MAX_DAYS:
        return [
            (f"{day:%a %Y-%m-%d}", days[day]) for day in (first + timedelta(n) for n in range((last - first).days + 1))
        ]
    months: Counter[str] = Counter()
    for day, count in days.items():
        months[f"{day:%Y-%m}"] += count
    names = (
        f"{n // 12}-{n % 12 + 1:02}" for n in range(found.year * 12 + found.month - 1, last.year * 12 + last.month)
    )
    return [(name, months[name]) for name in names]
