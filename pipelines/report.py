"""How results look: tables and highlights for people, plain data for programs. Text from the web is never markup."""

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from connectors.codec import to_data
from connectors.opening import Store, open_store
from connectors.ports import Found, Hit, LedgerRow
from pipelines.evidence import figure, marked, named, words
from pipelines.saying import say
from pipelines.settings import Settings
from transforms.clusters import story_of
from transforms.errors import ConfigError, Transient
from transforms.records import Article, Poll, Response
from transforms.text import harmless
from transforms.urls import redact

if TYPE_CHECKING:  # run imports Beam; looking at results must not
    from pipelines.run import Summary

#: Where nobody's terminal says how wide it is, lines are as wide as they need to be.
WIDE = 160
#: Figures of killed and injured that are shown of one article in a list.
MAX_FIGURES = 4
#: How often a run's progress is read from its store.
PROGRESS_S = 0.5


class _Careful(Console):
    """A console on which text is only ever shown: as no markup, and with what a terminal would obey made visible."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for one in super().render(renderable, options):
            yield one if one.control else Segment(harmless(one.text), one.style)


def console() -> Console:
    """Standard output, as it is now: colours on a terminal, plain lines otherwise."""
    plain = not sys.stdout.isatty()
    return _Careful(width=WIDE if plain else None, highlight=False, markup=False, emoji=False, soft_wrap=plain)


@contextmanager
def progress(settings: Settings, *, quiet: bool) -> Iterator[None]:
    """Show how far a run is, on a terminal; say nothing elsewhere."""
    err = Console(stderr=True)
    if quiet or not err.is_terminal:
        yield
        return
    done = threading.Event()
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=err, transient=True
    ) as bar:
        task = bar.add_task("starting", total=None)

        def watch() -> None:
            try:
                with open_store(settings.store_spec) as store:
                    before = store.ledger.counts()
                    while not done.wait(PROGRESS_S):
                        counts = store.ledger.counts()
                        through, lost = counts["done"] - before["done"], counts["rejected"] - before["rejected"]
                        bar.update(task, description=f"{counts['pending']} to read, {through} read, {lost} rejected")
            except (ConfigError, Transient):
                return  # the run itself says what is wrong with the store

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many of `what` are behind us; say nothing elsewhere. Gives what counts so many more."""
    err = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.completed:,.0f} {task.description}"),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda more: bar.advance(task, more)


def summary_data(summary: "Summary") -> dict[str, Any]:
    """A run's summary for a program."""
    return {
        "run_id": summary.run_id,
        "counts": summary.counts,
        "topics": summary.topics,
        "errors": summary.errors,
        "stage_s": {stage: round(seconds, 3) for stage, seconds in summary.stage_s.items()},
        "elapsed_s": round(summary.elapsed_s, 3),
        "rejected_share": round(summary.rejected_share, 4),
        "words": summary.words,
    }


def print_summary(summary: "Summary") -> None:
    """The table a run ends with."""
    n = summary.count
    rows = [
        (
            "feeds",
            "poll",
            f"{n('poll', 'ok')} polled, {n('poll', 'unchanged')} unchanged, {n('poll', 'rejected')} failed"
            + _some(n("poll", "resting"), "not asked, since their host is left alone")
            + _some(n("poll", "postponed"), "left for the next run"),
        ),
        (
            "entries",
            "entry",
            f"{n('entry', 'new')} new, {n('entry', 'changed')} changed, {n('entry', 'known')} known"
            + _some(n("entry", "again"), "tried again")
            + _some(n("entry", "rejected"), "without an address"),
        ),
        (
            "pages",
            "fetch",
            f"{n('fetch', 'done')} fetched, {n('fetch', 'rejected')} failed"
            + _some(n("fetch", "postponed"), "left for the next run")
            + _some(n("check", "done", "gone", "failed"), "looked at again")
            + _some(n("check", "gone"), "gone"),
        ),
        (
            "articles",
            "extract",
            f"{n('extract', 'page')} from their page, {n('extract', 'feed', 'stand_in')} in the feed's own words,"
            f" {n('extract', 'rejected')} pages refused",
        ),
        (
            "stored",
            "store",
            f"{n('store', 'new')} new, {n('store', 'revised')} revised, {n('store', 'unchanged')} unchanged"
            + _some(n("store", "rejected"), "refused")
            + _some(n("cluster", "reprint"), "of them the same text as others"),
        ),
        ("topics", "tag", ", ".join(f"{name} {count}" for name, count in _most(summary.topics)) or "none"),
    ]
    if summary.counts.get("alert") or summary.counts.get("deliver"):
        rows.append(
            (
                "alerts",
                "alert",
                f"{n('alert', 'new', 'newly-matching')} stories"
                + _some(n("alert", "corrected", "withdrawn", "revised"), "changes of stories")
                + f"; {n('deliver', 'delivered')} delivered"
                + _some(n("deliver", "failed"), "tries failed")
                + _some(n("deliver", "dead"), "given up"),
            )
        )
    table = Table(title=f"Run {summary.run_id}", title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    table.add_column("", overflow="fold")
    table.add_column("seconds", justify="right")
    for name, stage, text in rows:
        table.add_row(name, text, f"{summary.stage_s.get(stage, 0.0):.1f}")
    out = console()
    out.print(table)
    out.print(
        f"{summary.elapsed_s:.1f} s in all; a stage's seconds are added up over everything at work at once", style="dim"
    )
    for stage, errors in sorted(summary.errors.items()):
        listed = ", ".join(f"{name} {count}" for name, count in _most(errors))
        out.print(Text(f"rejected in {stage}: {listed}"), style="red")


def print_advice(summary: "Summary", store: Store, *, poll_all: bool) -> None:
    """What an operator would ask next."""
    out = console()
    if summary.errors:
        out.print("`newswire rejected list` says why, and when each is tried again")
    if summary.count("deliver", "failed"):
        out.print("`newswire alerts list` says which receivers do not take their alerts, and why")
    if summary.no_answer:
        out.print("no feed that was polled has answered", style="red")
    elif summary.too_many_rejected:
        share = f"{summary.rejected_share:.0%} of feeds and pages were rejected"
        out.print(f"{share}, more than [run] max_rejected_share allows", style="red")
    if not summary.counts.get("poll") and not poll_all:
        feeds = [feed for feed in store.feeds.all() if not feed.paused]
        waiting = [feed.next_poll_at for feed in feeds if feed.next_poll_at]
        if not feeds:
            out.print("there are no feeds yet: `newswire feeds add URL`, or [[feeds]] in the settings")
        elif waiting:
            out.print(f"no feed was due; {len(feeds)} feeds, the next at {clock(min(waiting))} (--all polls them now)")


def found_data(found: Found) -> dict[str, Any]:
    """Search results for a program: whole articles, with the matched spans of headline and text."""
    return {
        "total": found.total,
        "hits": [{**to_data(hit.article), "highlight": _highlight(hit)} for hit in found.hits],
    }


def _highlight(hit: Hit) -> dict[str, Any]:
    return {name: {"text": s.text, "spans": s.spans} for name, s in (("title", hit.title), ("text", hit.text))}


def by_story(found: Found) -> list[list[Hit]]:
    """The hits, those with the same text together, in the order of the first of them."""
    stories: dict[str, list[Hit]] = {}
    for hit in found.hits:
        stories.setdefault(story_of(hit.article), []).append(hit)
    return list(stories.values())


def print_found(found: Found) -> None:
    """Search results for a person. Of those with the same text the first is shown, with the outlets of the others."""
    out, stories = console(), by_story(found)
    for hit, *reprints in stories:
        article = hit.article
        out.print(marked(hit.title, base="bold"))
        status = f" · {article.status.upper()}" if article.status != "usable" else ""
        revision = f" · revision {article.revision}" if article.revision > 1 else ""
        byline = f" · {', '.join(article.authors[:3])}" if article.authors else ""
        out.print(
            Text(
                f"  {outlet(article)} · {when(article)}{byline}{revision}{status}",
                style="cyan",
            )
        )
        if hit.text.text:
            out.print(Text("  ") + marked(hit.text))
        if article.topics:
            tags = (f"{named(tag)} ({words(tag.evidence)})" for tag in article.topics)
            out.print(Text(f"  {' · '.join(tags)}", style="green"))
        if article.casualties:
            figures = dict.fromkeys(map(figure, article.casualties[:MAX_FIGURES]))
            more = _some(len(article.casualties) - MAX_FIGURES, "more")
            out.print(Text(f"  {' · '.join(figures)}{more}", style="magenta"))
        out.print(Text(f"  {article.url}", style="dim"))
        if reprints:
            outlets = ", ".join(dict.fromkeys(outlet(one.article) for one in reprints))
            out.print(Text(f"  the same text also at: {outlets}", style="cyan"))
        out.print()
    more = "" if found.total <= len(found.hits) else f", {len(found.hits)} shown (--limit)"
    if len(stories) < len(found.hits):
        more += f", in {len(stories)} different texts" if len(stories) > 1 else ", in one text"
    out.print(f"{found.total} found{more}" if found.total else "nothing found")


def row_data(row: LedgerRow) -> dict[str, Any]:
    """A ledger row for a program."""
    data = to_data(row)
    data["appearances"] = [{"feed_id": f, "title": title, "first_seen_at": at} for f, title, at in data["appearances"]]  # type: ignore[attr-defined]
    return data


def print_poll(poll: Poll, response: Response) -> None:
    """What a feed would give."""
    out = console()
    out.print(Text(poll.title or "(no title)", style="bold"))
    out.print(Text(f"{redact(response.final_url)}: {len(poll.entries)} entries, {len(response.body)} bytes"))
    if not poll.complete:
        out.print("the answer breaks off; this is what could be read", style="red")
    texts = sum(1 for entry in poll.entries if entry.text)
    dated = sum(1 for entry in poll.entries if entry.published_at)
    validators = (
        " and ".join(n for n, v in (("ETag", poll.etag), ("Last-Modified", poll.last_modified)) if v) or "no validators"
    )
    out.print(f"{texts} with full text, {dated} with a date; {validators}")
    for entry in poll.entries[:10]:
        out.print(Text(f"  {clock(entry.published_at)}  {entry.title}\n      {entry.url}"))
    for unusable in poll.rejected[:10]:
        out.print(Text(f"  unusable: {unusable.reason}: {unusable.subject}", style="red"))


def store_data(store: Store) -> dict[str, Any]:
    """Counts and versions of everything stored."""
    feeds = store.feeds.all()
    return {
        **store.articles.status(),
        "ledger": dict(store.ledger.counts()),
        "topics": dict(store.articles.topic_counts()),
        "feeds": len(feeds),
        "feeds_failing": sum(1 for feed in feeds if feed.failures),
    }


def print_store(status: Mapping[str, Any]) -> None:
    """Counts and versions for a person."""
    for name, value in status.items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) or "none" if isinstance(value, Mapping) else value
        say(f"{name:18} {shown}")


def _most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _some(n: int, what: str) -> str:
    return f", {n} {what}" if n > 0 else ""


def outlet(article: Article) -> str:
    """Whose article it is, for a person."""
    return article.source.name or article.source.domain


def when(article: Article) -> str:
    """When it was published, as precisely as is known, for a person."""
    if article.published_at is None:
        return "no date"
    return f"{article.published_at:%Y-%m-%d}" if article.published_precision == "day" else clock(article.published_at)


def clock(moment: datetime | None) -> str:
    """A moment to the minute, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment else "-"
