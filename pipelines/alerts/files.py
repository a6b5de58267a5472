"""`newswire alerts import` and `export`: subscriptions as files."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipelines.alerts import report
from pipelines.alerts.commands import MAX_LINES, save, say_lacking, say_waiting, unknown
from pipelines.alerts.saved_searches import Saved, read_saved, told_apart
from pipelines.alerts.subscription_book import Format, read_books, written_out
from pipelines.cli import EXIT_OK, EXIT_REJECTED, EXIT_SETTINGS
from pipelines.commands import opened
from pipelines.saying import complain, say


def export_command(settings_file: str | None, names: Sequence[str], *, form: Format) -> int:
    """`newswire alerts export`"""
    with opened(settings_file) as store:
        if not names:
            sys.stdout.write(written_out(store.subscriptions.all(), form))
            return EXIT_OK
        known = store.subscriptions.get(names)
    sys.stdout.write(written_out(known.values(), form))
    return unknown([name for name in names if name not in known])


def import_command(settings_file: str | None, files: Sequence[str]) -> int:
    """`newswire alerts import`: nothing of TOML and YAML files is saved where anything in them is wrong; of Kibana's
    exports what can be a subscription, and the rest is named (exit 3)."""
    now = datetime.now(UTC)
    exports = [file for file in files if Path(file).suffix.lower() == ".ndjson"]
    listed = read_books([file for file in files if file not in exports], now)
    saved = [read_saved(file, now) for file in exports]
    if exports and not listed and not any(one.searches for one in saved):
        _say_refused(saved)
        complain("there is no search in it that can be a subscription")
        return EXIT_SETTINGS
    with opened(settings_file) as store:
        known = store.subscriptions.get(
            {name for each in saved for one, more in each.searches for name in (one.id, more)}
        )
        searches = told_apart(saved, {one.id for one in listed}, known)
        # A saved search says what is asked; whom to tell, and when, stays as it is.
        kept = [
            replace(known[name], name=one.name, query=one.query, topics=one.topics, since=now, changed_at=now)
            if name in known
            else one
            for name, one in searches.items()
        ]
        done = save(store, [*listed, *kept], now)
    for what, names in (("added", done.added), ("changed", done.changed)):
        for name in names[:MAX_LINES]:
            typed = f": {report.asks(searches[name])}" if name in searches else ""
            say(f"{name}: {what}{typed}")
        if len(names) > MAX_LINES:
            say(f"and {len(names) - MAX_LINES:,} more {what}")
    say_waiting(done)
    say_lacking(settings_file, [*listed, *kept])
    say(f"{len(done.added):,} added, {len(done.changed):,} changed, {len(done.unchanged):,} unchanged")
    return EXIT_REJECTED if _say_refused(saved) else EXIT_OK


def _say_refused(saved: Sequence[Saved]) -> int:
    """Name what was left out of exports; how many searches were refused."""
    for title, reason in (refused for one in saved for refused in one.refused):
        complain(f"{title}: {reason}")
    for kind, count in sorted((kind, count) for one in saved for kind, count in one.skipped.items()):
        complain(f"skipped: {count} of type {kind}, which asks for nothing")
    return sum(len(one.refused) for one in saved)
