"""The `newswire topics` commands. Only declarations, as in `pipelines.cli`."""

from typing import Annotated

import typer

from pipelines.options import JsonOption, SettingsOption

topics_app = typer.Typer(
    no_args_is_help=True, help="The topics: list them, test them, and have the archive tagged anew."
)

TaxonomyOption = Annotated[
    str, typer.Option(metavar="PATH", help="A YAML file, or a folder of them; the one of the settings if left out.")
]
OnlyOption = Annotated[
    list[str] | None, typer.Option("--topic", metavar="ID", help="Only this topic; repeat for several.")
]


@topics_app.command("list")
def topics_list(
    language: Annotated[str, typer.Option(help="Of the labels, such as fr; English where there is none.")] = "en",
    json: JsonOption = False,
    settings: SettingsOption = None,
) -> None:
    """All topics, the languages they are recognised in, and how many articles have each."""
    from pipelines.topics.commands import list_command

    raise typer.Exit(list_command(settings, language=language, as_json=json))


@topics_app.command("schema")
def topics_schema() -> None:
    """The JSON schema of a taxonomy's file, for editors that check and complete."""
    from pipelines.topics.commands import schema_command

    raise typer.Exit(schema_command())


@topics_app.command("test")
def topics_test(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Cases, as JSON Lines or as a list in YAML.")],
    topic: OnlyOption = None,
    taxonomy: TaxonomyOption = "",
    json: JsonOption = False,
    settings: SettingsOption = None,
) -> None:
    """Try a taxonomy on cases: what it misses, what it should not find, and why.

    A case is {"key","title","body","language","expected":["syria","airstrikes:denied"]}. Exit code 1 if any differs.
    """
    from pipelines.topics.commands import test_command

    raise typer.Exit(test_command(settings, files, topics=topic or [], taxonomy_path=taxonomy, as_json=json))


@topics_app.command("backtest")
def topics_backtest(
    since: Annotated[str, typer.Option(help="Published since: 24h, 30d, 2026-11-18, or with a time.")] = "30d",
    until: Annotated[str, typer.Option(help="Published before; as --since.")] = "",
    topic: OnlyOption = None,
    taxonomy: TaxonomyOption = "",
    samples: Annotated[int, typer.Option(min=0, max=1000, help="Articles shown of each kind of change.")] = 3,
    json: JsonOption = False,
    settings: SettingsOption = None,
) -> None:
    """What a taxonomy would change in the archive: topics added and removed, with samples. Nothing is written."""
    from pipelines.topics.commands import backtest_command

    raise typer.Exit(
        backtest_command(
            settings,
            since=since,
            until=until,
            topics=topic or [],
            taxonomy_path=taxonomy,
            samples=samples,
            as_json=json,
        )
    )


@topics_app.command("retag")
def topics_retag(json: JsonOption = False, settings: SettingsOption = None) -> None:
    """Tag the articles anew that another version of the taxonomy has tagged.

    No revision and no alert comes of it. Interrupted, it goes on where it was when it is started again.
    """
    from pipelines.topics.commands import retag_command

    raise typer.Exit(retag_command(settings, as_json=json))
