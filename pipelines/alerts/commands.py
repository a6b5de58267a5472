"""What the `newswire alerts` commands do, but for files (`pipelines.alerts.files`). How things look is in
`pipelines.alerts.report`."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from connectors.alert_ports import State
from connectors.notify.opening import lacking
from connectors.opening import Store, load_taxonomy
from connectors.ports import Search
from pipelines.alerts import report
from pipelines.alerts.dry_run import dry_run
from pipelines.alerts.subscription_book import CHANNELS, said
from pipelines.cli import EXIT_FAILED, EXIT_OK
from pipelines.commands import opened, typed_search
from pipelines.report import counting
from pipelines.saying import complain, say, say_data
from pipelines.settings import load
from transforms.channels import channel
from transforms.clusters import story_of
from transforms.errors import ConfigError
from transforms.subscriptions import Subscription, active, asked, described, due_at, paused
from transforms.tags import topic_of

#: How options are called that set a field, where not `--FIELD`.
_OPTIONS = {
    "id": "ID", "query": "QUERY", "topics": "--topic", "sources": "--source", "languages": "--language",
    "channels": "--to", "signing": "--sign", "cool_down": "--cool-down", "expires_at": "--expires",
}  # fmt: skip
#: What decides where and when waiting alerts are told.
_ADDRESS = ("channels", "mode", "quiet", "timezone")
#: Lines about single subscriptions of many.
MAX_LINES = 50
#: Somebody who has just typed a subscription wants to know how noisy it is, and not to wait for it.
LATELY, MAX_READ = timedelta(days=7), 2_000


@dataclass(slots=True)
class Changed:
    """What became of subscriptions that were said: their ids, and how many waiting alerts each affects."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)


def add_command(settings_file: str | None, data: dict[str, Any], *, every: str, cron: str) -> int:
    """`newswire alerts add`; `data`: fields of `pipelines.alerts.subscription_book.Entry`, empty ones left out."""
    now = datetime.now(UTC)
    mode = {"mode": f"every {every}"} if every else {"mode": f"cron {cron}"} if cron else {}
    made, wrong = said({"channels": CHANNELS} | data | mode, now)
    names = _OPTIONS | {"mode": "--cron" if cron else "--every"}
    problems = [(names.get(name.partition(".")[0], f"--{name}"), reason) for name, reason in wrong]
    if every and cron:
        problems.insert(0, ("--every, --cron", "give one of them"))
    if problems or made is None:
        raise ConfigError("\n".join([f"{len(problems)} problem(s)", *(f"  {name}: {why}" for name, why in problems)]))
    with opened(settings_file) as store:
        known = store.subscriptions.get([made.id]).get(made.id)
        made = replace(made, paused=known is not None and known.paused)
        done = save(store, [made], now)
        line = archive_line(store, made, now)
    what = "added" if done.added else "changed" if done.changed else "unchanged"
    what += ", and paused as before" if made.paused else ""
    say(f"{made.id}: {what}: {report.asks(made)}; {described(made)}, to {' '.join(made.channels)}")
    say_waiting(done)
    say_lacking(settings_file, [made])
    if made.expires_at and made.expires_at <= now:
        say(f"{made.id}: has expired already, and stays silent")
    if line:
        say(line)
    return EXIT_OK


def say_lacking(settings_file: str | None, subscriptions: Sequence[Subscription]) -> None:
    """A line for each address to which nothing goes as the settings are, and for each topic that the taxonomy has not.
    No error: they may follow; but whoever waits for a message should not have to find out."""
    settings = load(settings_file)
    asked = any(one.topics for one in subscriptions)
    topics = {topic.id for topic in load_taxonomy(settings.topics.taxonomy).topics} if asked else ()
    lacks: dict[str, list[str]] = {}
    for one in subscriptions:
        for name in map(topic_of, one.topics):
            if name not in topics:
                lack = f"nothing has the topic {name!r} yet: the taxonomy has none of that name"
                lacks.setdefault(lack, []).append(one.id)
        for address in one.channels:
            if lack := lacking(settings.notify_spec, channel(address), one.signing):
                lacks.setdefault(f"nothing goes to {address} yet: {lack}", []).append(one.id)
    for lack, (first, *more) in islice(lacks.items(), MAX_LINES):
        complain(f"{f'{first} and {len(more):,} more' if more else first}: {lack}")
    if len(lacks) > MAX_LINES:
        complain(f"and {len(lacks) - MAX_LINES:,} more addresses and topics of which nothing comes yet")


def save(store: Store, subscriptions: Sequence[Subscription], now: datetime) -> Changed:
    """Save subscriptions said at `now`; what waits for those that go elsewhere from now on, or at another time, goes
    with them."""
    known = store.subscriptions.get(one.id for one in subscriptions)
    done, moved = Changed(), list[Subscription]()
    for one in subscriptions:
        before = known.get(one.id)
        if before is None:
            done.added.append(one.id)
        elif replace(one, since=before.since, changed_at=before.changed_at) == before:
            done.unchanged.append(one.id)
        else:
            done.changed.append(one.id)
            resumed = before.paused and not one.paused
            if resumed or any(getattr(before, name) != getattr(one, name) for name in _ADDRESS):
                moved.append(one)
    same = set(done.unchanged)
    store.subscriptions.put([one for one in subscriptions if one.id not in same])
    for one in moved:
        if waiting := store.outbox.readdress(one.id, one.channels, due_at=due_at(one, now)):
            done.waiting[one.id] = waiting
    return done


def archive_line(store: Store, subscription: Subscription, now: datetime) -> str:
    """How often it would have fired of late, in a line; empty where there is nothing to go by."""
    what = asked(subscription)
    search = Search(
        query=what.query,
        topics=what.topics,
        sources=what.sources,
        languages=what.languages,
        since=now - LATELY,
        limit=1,
    )
    total = store.articles.search(search).total
    if total > MAX_READ:
        return (
            f"it would have fired for {total:,} articles in the last {LATELY.days} days, those with the same text too"
        )
    if not total and not store.articles.search(Search(limit=1)).total:
        return ""
    stories = {story_of(article) for article in store.articles.each(search)} if total else ()
    times = "once" if len(stories) == 1 else f"{len(stories):,} times"
    return f"it would have fired {times} in the last {LATELY.days} days"


def test_command(
    settings_file: str | None,
    query: str,
    *,
    subscription: str,
    topics: Sequence[str],
    sources: Sequence[str],
    languages: Sequence[str],
    since: str,
    timezone: str,
    samples: int,
    as_json: bool,
) -> int:
    """`newswire alerts test`"""
    typed = bool(query.strip() or topics or sources or languages)
    if typed == bool(subscription):
        raise ConfigError("give a query or filters to try, or --id of a subscription, and not both")
    zone = _zone(timezone)
    now = datetime.now(UTC)
    search = typed_search(query, topics=topics, sources=sources, languages=languages, since=since, until="")
    try:
        first = search.since.astimezone(zone).date() if search.since else None
    except OverflowError as e:
        raise ConfigError(f"--since: {since!r} is no date in {timezone}") from e
    with opened(settings_file) as store, counting("articles read") as told:
        if subscription:
            one = store.subscriptions.get([subscription]).get(subscription)
            if one is None:
                return unknown([subscription])
            what = asked(one)
            search = replace(
                search, query=what.query, topics=what.topics, sources=what.sources, languages=what.languages
            )
        done = dry_run(
            store.articles.each(search),
            search.query,
            since=search.since,
            until=now,
            zone=zone,
            samples=samples,
            told=told,
        )
        empty = not done.articles and not store.articles.search(Search(limit=1)).total
    if as_json:
        say_data(report.dry_run_data(done, timezone))
    else:
        if empty:
            say("the archive is empty: `newswire run` brings articles")
        report.print_dry_run(done, first, now.astimezone(zone).date())
    return EXIT_OK


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as e:
        raise ConfigError(f"--timezone: there is no time zone {name!r}; they are named as Europe/Berlin") from e


def list_command(settings_file: str | None, *, as_json: bool) -> int:
    """`newswire alerts list`"""
    now = datetime.now(UTC)
    with opened(settings_file) as store:
        failing = report.failing_lanes(store)
        if as_json:
            listed = [report.subscription_data(one, failing.get(one.id, ()), now) for one in store.subscriptions.all()]
            say_data(listed)
        else:
            report.print_subscriptions(store.subscriptions.all(), failing, now)
    return EXIT_OK


def show_command(settings_file: str | None, name: str, *, as_json: bool) -> int:
    """`newswire alerts show`"""
    now = datetime.now(UTC)
    with opened(settings_file) as store:
        known = report.looked_up(store, name)
    if known is None:
        return unknown([name])
    if as_json:
        say_data(report.known_data(known, now))
    else:
        report.print_known(known, now)
    return EXIT_OK


def pause_command(settings_file: str | None, names: Sequence[str], *, pause: bool) -> int:
    """`newswire alerts pause` and `resume`"""
    now = datetime.now(UTC)
    with opened(settings_file) as store:
        made = store.subscriptions.change(names, partial(paused, now=now, pause=pause))
        for one in made:
            if one.changed_at != now:
                say(f"{one.id}: {'paused' if pause else 'active'} already")
                continue
            waiting = 0 if pause else store.outbox.readdress(one.id, one.channels, due_at=due_at(one, now))
            say(f"{one.id}: {'paused' if pause else 'resumed'}" + (f"; {_waiting(waiting)}" if waiting else ""))
            if not pause and not active(one, now):
                say(f"{one.id}: has expired, and stays silent; `newswire alerts add` says it anew")
    return unknown([name for name in names if name not in {one.id for one in made}])


def remove_command(settings_file: str | None, names: Sequence[str]) -> int:
    """`newswire alerts remove`"""
    now = datetime.now(UTC)
    missing = []
    with opened(settings_file) as store:
        for name in names:
            if not store.subscriptions.remove(name, now=now):
                missing.append(name)
                continue
            dropped = store.outbox.readdress(name, (), due_at=now)
            say(f"{name}: removed" + (f"; {dropped:,} alerts that were waiting are dropped" if dropped else ""))
    return unknown(missing)


def deliveries_command(
    settings_file: str | None, name: str, *, state: State | None, alert: str, limit: int, as_json: bool
) -> int:
    """`newswire alerts deliveries`"""
    now = datetime.now(UTC)
    with opened(settings_file) as store:
        found = store.outbox.deliveries(subscription=name, alert=alert, state=state, limit=limit)
        if name and not found and not store.subscriptions.get([name]):
            return unknown([name])
        lanes = {
            (lane.subscription, lane.channel): lane for lane in store.outbox.lanes(subscription=name, failing=True)
        }
    if as_json:
        listed = [report.delivery_data(one, lanes.get((one.alert.subscription, one.channel))) for one in found]
        say_data(listed)
    else:
        report.print_deliveries(found, lanes, whole=bool(alert), now=now)
    return EXIT_FAILED if alert and not found else EXIT_OK


def redeliver_command(
    settings_file: str | None, alerts: Sequence[str], *, subscription: str, state: State | None, since: str
) -> int:
    """`newswire alerts redeliver`"""
    if not (alerts or subscription or state or since):
        raise ConfigError("say which: alerts by their ids, --subscription, --state or --since")
    made_since = typed_search("", topics=(), sources=(), languages=(), since=since, until="").since
    left = set[tuple[str, str]]()
    with opened(settings_file) as store:

        @cache
        def channels(name: str) -> tuple[str, ...]:
            return found.channels if (found := store.subscriptions.get([name]).get(name)) else ()

        def still(name: str, to: str) -> bool:
            if told := to in channels(name):
                return told
            left.add((name, to))
            return False

        count = store.outbox.redeliver(
            alerts=alerts, subscription=subscription, state=state, since=made_since, still=still, now=datetime.now(UTC)
        )
    say(f"{count:,} deliveries will be sent again")
    for name, to in islice(sorted(left), MAX_LINES):
        complain(f"{name}: nothing is sent to {to} again, since it is told there no longer")
    if len(left) > MAX_LINES:
        complain(f"and nothing of {len(left) - MAX_LINES:,} more that are told nowhere any longer")
    return EXIT_FAILED if alerts and not count else EXIT_OK


def unknown(names: Sequence[str]) -> int:
    """Say that there are no such subscriptions; the exit code, which is 0 where none is named."""
    for name in names:
        complain(f"there is no subscription {name!r}; `newswire alerts list` shows them")
    return EXIT_FAILED if names else EXIT_OK


def say_waiting(done: Changed) -> None:
    """Say how many alerts that were waiting are told otherwise from now on."""
    for name, waiting in done.waiting.items():
        say(f"{name}: {_waiting(waiting)}")


def _waiting(count: int) -> str:
    return f"{count:,} alerts that were waiting are told so from now on"
