"""The `newswire feeds` commands. Only declarations, as in `pipelines.cli`."""

from typing import Annotated

import typer

from pipelines.options import JsonOption, SettingsOption

feeds_app = typer.Typer(
    no_args_is_help=True, help="The feeds: add, list, check, import, export, pause, resume, remove."
)


@feeds_app.command("add")
def feeds_add(
    url: Annotated[str, typer.Argument(help="A feed, a news sitemap, or a web page that leads to one.")],
    id: Annotated[str, typer.Option(help="Made from the address if left out.")] = "",
    name: Annotated[str, typer.Option(help="The outlet; the feed's own title if left out.")] = "",
    language: Annotated[str, typer.Option(help="Language of articles that do not say theirs, such as en.")] = "",
    interval: Annotated[str, typer.Option(help="Poll it so often, such as 30m, whatever its habits are.")] = "",
    header: Annotated[
        list[str] | None,
        typer.Option(help="Sent to its host, as 'Authorization: Bearer ${WIRE_TOKEN}'; repeat for several."),
    ] = None,
    robots: Annotated[bool, typer.Option("--robots/--no-robots", help="Obey robots.txt.")] = True,
    conditional: Annotated[
        bool, typer.Option("--conditional/--no-conditional", help="Ask for it only if it has changed.")
    ] = True,
    every: Annotated[bool, typer.Option("--all", help="Add all feeds that a web page leads to.")] = False,
    unchecked: Annotated[bool, typer.Option("--unchecked", help="Add the address without a look at it.")] = False,
    settings: SettingsOption = None,
) -> None:
    """Add a feed; the next run polls it.

    Of a web page, the best feed that it leads to and that answers.
    """
    from pipelines.feeds.commands import add_command

    raise typer.Exit(
        add_command(
            settings,
            url,
            feed_id=id,
            name=name,
            language=language,
            interval=interval,
            headers=header or [],
            robots=robots,
            conditional=conditional,
            every=every,
            unchecked=unchecked,
        )
    )


@feeds_app.command("list")
def feeds_list(json: JsonOption = False, settings: SettingsOption = None) -> None:
    """All feeds with their last poll, failures and next poll."""
    from pipelines.feeds.commands import list_command

    raise typer.Exit(list_command(settings, as_json=json))


@feeds_app.command("check")
def feeds_check(
    feed: Annotated[str, typer.Argument(metavar="URL|ID")], json: JsonOption = False, settings: SettingsOption = None
) -> None:
    """Fetch a feed now and say what it would give; nothing is stored.

    A dead feed is looked for at other addresses of its site.
    """
    from pipelines.feeds.commands import check_command

    raise typer.Exit(check_command(settings, feed, as_json=json))


@feeds_app.command("import")
def feeds_import(file: Annotated[str, typer.Argument(metavar="OPML")], settings: SettingsOption = None) -> None:
    """Add the feeds of an OPML file."""
    from pipelines.feeds.opml import import_command

    raise typer.Exit(import_command(settings, file))


@feeds_app.command("export")
def feeds_export(
    file: Annotated[str, typer.Argument(metavar="[OPML|-]")] = "-",
    with_credentials: Annotated[
        bool, typer.Option("--with-credentials", help="With the users and passwords of addresses.")
    ] = False,
    settings: SettingsOption = None,
) -> None:
    """Write all feeds as OPML."""
    from pipelines.feeds.opml import export_command

    raise typer.Exit(export_command(settings, file, with_credentials=with_credentials))


@feeds_app.command("pause")
def feeds_pause(feed_id: str, settings: SettingsOption = None) -> None:
    """Do not poll a feed until it is resumed."""
    from pipelines.feeds.commands import pause_command

    raise typer.Exit(pause_command(settings, feed_id, paused=True))


@feeds_app.command("resume")
def feeds_resume(feed_id: str, settings: SettingsOption = None) -> None:
    """Poll a feed again, paused or not: at once, with its failures forgotten."""
    from pipelines.feeds.commands import pause_command

    raise typer.Exit(pause_command(settings, feed_id, paused=False))


@feeds_app.command("remove")
def feeds_remove(feed_id: str, settings: SettingsOption = None) -> None:
    """Take a feed off the list; its articles stay."""
    from pipelines.feeds.commands import remove_command

    raise typer.Exit(remove_command(settings, feed_id))
