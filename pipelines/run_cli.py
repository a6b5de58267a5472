"""`newswire run`, `stream` and `backfill`: declarations only, as in `pipelines.cli`."""

from enum import StrEnum
from typing import Annotated

import typer

from pipelines.options import JsonOption, SettingsArgument


class Profile(StrEnum):
    """Where a graph is at work, as in [runner] of the settings."""

    local = "local"
    prism = "prism"
    flink = "flink"
    dataflow = "dataflow"


ProfileOption = Annotated[Profile | None, typer.Option(help="Where it runs, in place of [runner] profile.")]


class ListFormat(StrEnum):
    """What `backfill` reads."""

    opml = "opml"
    csv = "csv"
    jsonl = "jsonl"
    warc = "warc"
    sitemap = "sitemap"


def run(
    context: typer.Context,
    settings: SettingsArgument = None,
    poll_all: Annotated[bool, typer.Option("--all", help="Poll every feed, due or not.")] = False,
    metrics_file: Annotated[
        str, typer.Option(metavar="FILE.prom", help="Write there what the run did, for Prometheus' node exporter.")
    ] = "",
    profile: ProfileOption = None,
    json: JsonOption = False,
) -> None:
    """One pass over the feeds that are due. Beam's own options follow after `--`."""
    from pipelines.run_commands import run_command

    raise typer.Exit(
        run_command(
            settings,
            poll_all=poll_all,
            as_json=json,
            beam_options=context.obj or [],
            metrics_file=metrics_file,
            profile=profile.value if profile else "",
        )
    )


def stream(
    context: typer.Context,
    settings: SettingsArgument = None,
    profile: ProfileOption = None,
    wait: Annotated[bool, typer.Option(help="Stay with the job, and deliver its alerts; or submit it and end.")] = True,
) -> None:
    """Keeps going, and stops in good order on SIGTERM or Ctrl-C. Beam's own options follow after `--`."""
    from pipelines.run_commands import stream_command

    raise typer.Exit(
        stream_command(settings, profile=profile.value if profile else "", wait=wait, beam_options=context.obj or [])
    )


def backfill(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="Its addresses, or the pages in it; packed or not.")],
    settings: SettingsArgument = None,
    format: Annotated[
        ListFormat | None,
        typer.Option(help="OPML (its feeds, each asked once), lines of CSV or JSON, WARC, sitemap; as it seems to be."),
    ] = None,
    source: Annotated[str, typer.Option(help="Outlet of what does not name its own.")] = "",
    language: Annotated[str, typer.Option(help="Language of what does not name its own.")] = "",
    rate: Annotated[
        str,
        typer.Option(metavar="N/s|N/m", help="Pages begun, over all hosts; 2/s, and no limit for pages in the file."),
    ] = "",
    limit: Annotated[int, typer.Option(min=0, help="At most so many pages; 0: all.")] = 0,
    since: Annotated[str, typer.Option(help="Without what the list dates before: 30d, 2024-01-01.")] = "",
    until: Annotated[str, typer.Option(help="Without what the list dates later; as --since.")] = "",
    alerts: Annotated[bool, typer.Option("--alerts", help="Subscribers hear of it.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    json: JsonOption = False,
) -> None:
    """Stories of old: from a list of addresses or an archive of pages, slowly, beside the live news."""
    from pipelines.backfill.command import Asked, backfill_command

    asked = Asked(
        file=file,
        kind=format.value if format else None,
        source=source,
        language=language,
        rate=rate,
        limit=limit,
        since=since,
        until=until,
        alerts=alerts,
    )
    raise typer.Exit(backfill_command(settings, asked, dry_run=dry_run, as_json=json))
