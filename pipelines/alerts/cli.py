"""The `newswire alerts` commands. Only declarations, as in `pipelines.cli`."""

from enum import StrEnum
from typing import Annotated

import typer

from pipelines.options import JsonOption, SettingsOption
from transforms.channels import FORMS

alerts_app = typer.Typer(no_args_is_help=True, help="Subscriptions: what they ask for, and what they get.")

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The subscription's id.")]
IdsArgument = Annotated[list[str], typer.Argument(metavar="ID...", help="The subscriptions' ids.")]
QueryArgument = Annotated[
    str,
    typer.Argument(metavar="[QUERY]", help='As `search` takes it: words, "phrases", AND OR NOT, title:…, displace*'),
]
TopicOption = Annotated[
    list[str] | None,
    typer.Option(metavar="ID|ID:STANCE|ID/RULE", help="Only with this topic; repeat for several, all must be there."),
]
SourceOption = Annotated[
    list[str] | None, typer.Option(help="Only of this outlet, domain or feed id; repeat for several.")
]
LanguageOption = Annotated[list[str] | None, typer.Option(help="Only in this language; repeat for several.")]


class Revisions(StrEnum):
    """What is told of a story after the first time."""

    never = "never"
    matching = "matching"
    always = "always"


class State(StrEnum):
    """What became of a delivery."""

    waiting = "waiting"
    delivered = "delivered"
    dead = "dead"
    dropped = "dropped"


class BookFormat(StrEnum):
    """What `export` writes."""

    toml = "toml"
    yaml = "yaml"


StateOption = Annotated[State | None, typer.Option(help="Only those in this state.")]


@alerts_app.command("add")
def alerts_add(
    id: Annotated[str, typer.Argument(metavar="ID", help="Small letters, digits, `.`, `_` and `-`.")],
    query: QueryArgument = "",
    name: Annotated[str, typer.Option(help="What people call it; the id if left out.")] = "",
    topic: TopicOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    to: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHANNEL",
            help=f"{FORMS}; repeat for several. Left out: log:.",
        ),
    ] = None,
    every: Annotated[str, typer.Option(metavar="15m", help="Tell what came in since, together, so often.")] = "",
    cron: Annotated[
        str, typer.Option(metavar="'0 7 * * 1-5'", help="Tell what came in since, together, at these moments.")
    ] = "",
    timezone: Annotated[str, typer.Option(help="The clock of --cron and --quiet, such as Europe/Berlin.")] = "UTC",
    quiet: Annotated[str, typer.Option(metavar="22:00-06:30", help="Hours in which nothing is told.")] = "",
    revisions: Annotated[
        Revisions, typer.Option(help="Of a story that was told: corrections and withdrawals, every change, or nothing.")
    ] = Revisions.matching,
    cool_down: Annotated[
        str, typer.Option(metavar="30m", help="So long after a message the next one waits, and tells all together.")
    ] = "",
    expires: Annotated[str, typer.Option(metavar="DATE", help="From then on nothing fires.")] = "",
    owner: Annotated[str, typer.Option(help="Who answers for it.")] = "",
    sign: Annotated[
        list[str] | None,
        typer.Option(
            metavar="'${NAME}'", help="Key that its webhooks are signed with, by reference; twice while it changes."
        ),
    ] = None,
    settings: SettingsOption = None,
) -> None:
    """Add a subscription, or say anew all that one is; running pipelines know within seconds."""
    from pipelines.alerts.commands import add_command

    given = {
        "query": query,
        "name": name,
        "topics": topic,
        "sources": source,
        "languages": language,
        "channels": to,
        "timezone": timezone,
        "quiet": quiet,
        "cool_down": cool_down,
        "expires_at": expires,
        "owner": owner,
        "signing": sign,
    }
    data = {"id": id, "revisions": revisions.value, **{field: value for field, value in given.items() if value}}
    raise typer.Exit(add_command(settings, data, every=every, cron=cron))


@alerts_app.command("list")
def alerts_list(json: JsonOption = False, settings: SettingsOption = None) -> None:
    """All subscriptions: what they ask for, when and where they tell it, and how they are."""
    from pipelines.alerts.commands import list_command

    raise typer.Exit(list_command(settings, as_json=json))


@alerts_app.command("show")
def alerts_show(id: IdArgument, json: JsonOption = False, settings: SettingsOption = None) -> None:
    """Everything of one: its channels, what waits, its last alerts and why they were made."""
    from pipelines.alerts.commands import show_command

    raise typer.Exit(show_command(settings, id, as_json=json))


@alerts_app.command("test")
def alerts_test(
    query: QueryArgument = "",
    id: Annotated[str, typer.Option(help="Try this subscription as it is.")] = "",
    topic: TopicOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    since: Annotated[str, typer.Option(help="Published since: 24h, 30d, 2026-11-18, or with a time.")] = "30d",
    timezone: Annotated[str, typer.Option(help="Whose days are counted, such as Europe/Berlin.")] = "UTC",
    samples: Annotated[int, typer.Option(min=0, max=1000, help="Stories that are shown.")] = 3,
    json: JsonOption = False,
    settings: SettingsOption = None,
) -> None:
    """How often a subscription would have fired, by day, with samples. Nothing is saved, and nobody told.

    The archive is searched as it is now: articles as last revised, by the time of their publication.
    """
    from pipelines.alerts.commands import test_command

    raise typer.Exit(
        test_command(
            settings,
            query,
            subscription=id,
            topics=topic or [],
            sources=source or [],
            languages=language or [],
            since=since,
            timezone=timezone,
            samples=samples,
            as_json=json,
        )
    )


@alerts_app.command("pause")
def alerts_pause(ids: IdsArgument, settings: SettingsOption = None) -> None:
    """Have nothing fire until it is resumed."""
    from pipelines.alerts.commands import pause_command

    raise typer.Exit(pause_command(settings, ids, pause=True))


@alerts_app.command("resume")
def alerts_resume(ids: IdsArgument, settings: SettingsOption = None) -> None:
    """Have it fire again, for what comes from now on."""
    from pipelines.alerts.commands import pause_command

    raise typer.Exit(pause_command(settings, ids, pause=False))


@alerts_app.command("remove")
def alerts_remove(ids: IdsArgument, settings: SettingsOption = None) -> None:
    """Forget it; what waits for it is dropped, its delivery log stays."""
    from pipelines.alerts.commands import remove_command

    raise typer.Exit(remove_command(settings, ids))


@alerts_app.command("deliveries")
def alerts_deliveries(
    id: Annotated[str, typer.Argument(metavar="[ID]", help="Only of this subscription.")] = "",
    state: StateOption = None,
    alert: Annotated[str, typer.Option(help="Only of this alert, with all that happened to it.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    json: JsonOption = False,
    settings: SettingsOption = None,
) -> None:
    """The delivery log: what became of alerts in each channel, and when the next try is; latest alert first."""
    from pipelines.alerts.commands import deliveries_command

    raise typer.Exit(
        deliveries_command(settings, id, state=state.value if state else None, alert=alert, limit=limit, as_json=json)
    )


@alerts_app.command("redeliver")
def alerts_redeliver(
    alerts: Annotated[list[str] | None, typer.Argument(metavar="[ALERT...]", help="Only these alerts.")] = None,
    subscription: Annotated[str, typer.Option(metavar="ID", help="Only of this subscription.")] = "",
    state: StateOption = None,
    since: Annotated[str, typer.Option(help="Only alerts made since: 24h, 7d, 2026-11-18, or with a time.")] = "",
    settings: SettingsOption = None,
) -> None:
    """Send alerts once more, whatever became of them, under the ids that receivers know. At least one filter is needed.

    Those that were given up: --state dead.
    """
    from pipelines.alerts.commands import redeliver_command

    raise typer.Exit(
        redeliver_command(
            settings, alerts or [], subscription=subscription, state=state.value if state else None, since=since
        )
    )


@alerts_app.command("deliver")
def alerts_deliver(
    settings: Annotated[
        str | None, typer.Argument(metavar="[SETTINGS]", help="Settings file; newswire.toml here if there is one.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End as soon as nothing is due.")] = False,
) -> None:
    """Send what waits to its receivers, beside the runs, or where they are done elsewhere; until Ctrl-C or SIGTERM.

    What is in hand is ended first; a second signal ends it at once.
    """
    from pipelines.alerts.service import deliver_command

    raise typer.Exit(deliver_command(settings, once=once))


@alerts_app.command("import")
def alerts_import(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="TOML or YAML, or saved searches that Kibana exported, .ndjson."),
    ],
    settings: SettingsOption = None,
) -> None:
    """Add the subscriptions of files, or say those anew that are there; nothing where anything is wrong in a file.

    What a file leaves out of a subscription is as by default. Saved searches of Kibana that cannot be subscriptions are
    named, and the others are added (exit 3); whom to tell of one that is there already, and when, stays as it is.
    """
    from pipelines.alerts.files import import_command

    raise typer.Exit(import_command(settings, files))


@alerts_app.command("export")
def alerts_export(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID...]", help="Only these; all if none is named.")
    ] = None,
    format: Annotated[BookFormat, typer.Option(help="As `import` reads it.")] = BookFormat.toml,
    settings: SettingsOption = None,
) -> None:
    """Write subscriptions as a file, on standard output. Secrets are named in it, never written out."""
    from pipelines.alerts.files import export_command

    raise typer.Exit(export_command(settings, ids or [], form=format.value))


@alerts_app.command("match")
def alerts_match(
    subscriptions: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help='Lines of {"id","query"}; also "topics", "sources" and "languages", lists as the options of `search`.',
        ),
    ],
    source: Annotated[
        str, typer.Argument(metavar="[FILE|-]", help="An article as JSON or text, or with --jsonl a file of lines.")
    ] = "-",
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help='Lines of {"key","title","body","language",…} in, a line each out, in order.'),
    ] = False,
    ids: Annotated[bool, typer.Option("--ids", help="The ids of the subscriptions alone, without evidence.")] = False,
) -> None:
    """Which subscriptions an article is for, and why, as JSON.

    A subscription that cannot be used is named on standard error, a bad article gets a line that says so; the others
    are matched, and the exit code is 3. It is 2 if no subscription can be used.
    """
    from pipelines.alerts.match import match_lines, match_one

    raise typer.Exit((match_lines if jsonl else match_one)(source, subscriptions, only_ids=ids))
