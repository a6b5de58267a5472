"""The command line. Only declarations: every command imports what it needs when it runs, so that --help is instant.

Exit codes are an interface: 0 done, 1 failed, 2 settings (or usage), 3 too much was rejected.
"""

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from pipelines.alerts.cli import alerts_app
from pipelines.feeds.cli import feeds_app
from pipelines.kibana.cli import kibana_app
from pipelines.options import JsonOption, SettingsArgument, SettingsOption
from pipelines.run_cli import backfill, run, stream
from pipelines.serving.cli import serve
from pipelines.topics.cli import topics_app

EXIT_OK, EXIT_FAILED, EXIT_SETTINGS, EXIT_REJECTED = 0, 1, 2, 3

app = typer.Typer(
    name="newswire",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # the boxes cost 0.1 s of the 0.3 s that --help may take
    help="Wire news in; articles with topics, evidence and history out.",
)
rejected_app = typer.Typer(no_args_is_help=True, help="What did not get through, and once more.")
store_app = typer.Typer(no_args_is_help=True, help="The archive itself.")
app.add_typer(alerts_app, name="alerts")
app.add_typer(feeds_app, name="feeds")
app.add_typer(kibana_app, name="kibana")
app.add_typer(rejected_app, name="rejected")
app.add_typer(store_app, name="store")
app.add_typer(topics_app, name="topics")

# What `search` and `export` select by.
QueryArgument = Annotated[str, typer.Argument(help='Lucene syntax: words, "phrases", AND OR NOT, title:…, displace*')]
TopicOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID|ID:STANCE|ID/RULE",
        help="Only this topic, such as airstrikes; with who answers for it (stated, reported, alleged, denied), such as"
        " airstrikes:denied; or found by a rule, airstrikes/RULE. Repeat for several, all must be there.",
    ),
]
SourceOption = Annotated[
    list[str] | None, typer.Option(help="Only this outlet, domain or feed id; repeat for several.")
]
LanguageOption = Annotated[list[str] | None, typer.Option(help="Only this language; repeat for several.")]
SinceOption = Annotated[str, typer.Option(help="Published since: 24h, 7d, 2026-11-18, or with a time.")]
UntilOption = Annotated[str, typer.Option(help="Published before; as --since.")]


class Stage(StrEnum):
    """Where in the graph something did not get through."""

    POLL = "poll"
    ENTRY = "entry"
    FETCH = "fetch"
    EXTRACT = "extract"
    STORE = "store"


StageOption = Annotated[Stage | None, typer.Option(help="Only this stage.")]


class Order(StrEnum):
    """How `search` sorts."""

    newest = "newest"
    relevance = "relevance"


class Format(StrEnum):
    """What `export` writes."""

    jsonl = "jsonl"
    ninjs = "ninjs"


@app.command()
def demo(
    keep: Annotated[str | None, typer.Option(help="Keep the demo's store in this file.")] = None,
) -> None:
    """The sample wire, ingested twice and searched; no network."""
    from pipelines.demo.show import show

    raise typer.Exit(show(keep))


app.command()(run)
app.command()(stream)
app.command()(backfill)
app.command()(serve)


@app.command()
def check(settings: SettingsArgument = None) -> None:
    """Every problem in the settings, with its place."""
    from pipelines.commands import check_command

    raise typer.Exit(check_command(settings))


@app.command()
def extract(
    source: Annotated[
        str, typer.Argument(metavar="[URL|FILE|-]", help="A page, or with --jsonl a file of lines.")
    ] = "-",
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Lines of {"key","url","html_path"|"html"} in, a line each out.')
    ] = False,
    url: Annotated[str, typer.Option(help="The page's address, when it comes from a file.")] = "",
    settings: SettingsOption = None,
) -> None:
    """Page to article, as JSON."""
    from pipelines.jsonl import extract_lines, extract_one

    raise typer.Exit(extract_lines(source, settings) if jsonl else extract_one(source, url, settings))


@app.command()
def tag(
    source: Annotated[
        str, typer.Argument(metavar="[FILE|-]", help="An article as JSON or text, or with --jsonl a file of lines.")
    ] = "-",
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Lines of {"key","url","title","body","language"} in, a line each out.')
    ] = False,
    text: Annotated[
        bool, typer.Option("--text", help="Show the article with its evidence marked, and why each topic.")
    ] = False,
    settings: SettingsOption = None,
) -> None:
    """Article to topics and casualty figures with evidence, as JSON."""
    from pipelines.jsonl import tag_lines, tag_one

    if jsonl and text:
        raise typer.BadParameter("--text shows one article, --jsonl reads many")
    raise typer.Exit(tag_lines(source, settings) if jsonl else tag_one(source, settings, as_text=text))


@app.command()
def search(
    query: QueryArgument = "",
    topic: TopicOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    like: Annotated[str, typer.Option(help="Articles like this one: its URL or document id.")] = "",
    sort: Annotated[Order, typer.Option(help="Newest first, or best match first.")] = Order.newest,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    json: JsonOption = False,
    settings: SettingsOption = None,
) -> None:
    """Search the archive."""
    from pipelines.commands import search_command

    raise typer.Exit(
        search_command(
            settings,
            query,
            topics=topic or [],
            sources=source or [],
            languages=language or [],
            since=since,
            until=until,
            like=like,
            order=sort.value,
            limit=limit,
            as_json=json,
        )
    )


@app.command()
def export(
    query: QueryArgument = "",
    topic: TopicOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    format: Annotated[
        Format, typer.Option(help="Articles as they are stored, or IPTC ninjs 3.1 items.")
    ] = Format.jsonl,
    settings: SettingsOption = None,
) -> None:
    """All that a search would find, as lines of JSON, newest first."""
    from pipelines.export import export_command

    raise typer.Exit(
        export_command(
            settings,
            query,
            topics=topic or [],
            sources=source or [],
            languages=language or [],
            since=since,
            until=until,
            form=format.value,
        )
    )


@app.command()
def trace(url: str, json: JsonOption = False, settings: SettingsOption = None) -> None:
    """Everything known of one URL.

    Who announced it, where it is stuck or what became of it, all revisions. Also by final URL or document id.
    """
    from pipelines.commands import trace_command

    raise typer.Exit(trace_command(settings, url, as_json=json))


@rejected_app.command("list")
def rejected_list(
    stage: StageOption = None,
    error: Annotated[str, typer.Option(help="Only this error, such as Unreachable.")] = "",
    quarantined: Annotated[
        bool | None, typer.Option("--quarantined/--waiting", help="Only pages that are not tried again by themselves.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1)] = 100,
    json: JsonOption = False,
    settings: SettingsOption = None,
) -> None:
    """What did not get through, latest first, with the reason and the next try."""
    from pipelines.commands import rejected_list_command

    raise typer.Exit(
        rejected_list_command(
            settings, stage=stage or "", error=error, quarantined=quarantined, limit=limit, as_json=json
        )
    )


@rejected_app.command("retry")
def rejected_retry(
    urls: Annotated[list[str] | None, typer.Argument(help="Only these; all if none is named.")] = None,
    stage: StageOption = None,
    error: Annotated[str, typer.Option(help="Only this error.")] = "",
    settings: SettingsOption = None,
) -> None:
    """Have the next run try them once more, whatever the error was."""
    from pipelines.commands import rejected_retry_command

    raise typer.Exit(rejected_retry_command(settings, urls or [], stage=stage or "", error=error))


@store_app.command("init")
def store_init(settings: SettingsOption = None) -> None:
    """Make the store if it is not there; harmless if it is."""
    from pipelines.commands import store_init_command

    raise typer.Exit(store_init_command(settings))


@store_app.command("migrate")
def store_migrate(settings: SettingsOption = None) -> None:
    """Bring the store of an earlier newswire to this one's schema, while it is in use."""
    from pipelines.commands import store_migrate_command

    raise typer.Exit(store_migrate_command(settings))


@store_app.command("backup")
def store_backup(
    file: Annotated[str, typer.Argument(help="The copy: a new file.")], settings: SettingsOption = None
) -> None:
    """Copy the embedded store to a new file, while it is in use."""
    from pipelines.commands import store_backup_command

    raise typer.Exit(store_backup_command(settings, file))


@store_app.command("status")
def store_status(json: JsonOption = False, settings: SettingsOption = None) -> None:
    """Counts and versions."""
    from pipelines.commands import store_status_command

    raise typer.Exit(store_status_command(settings, as_json=json))


def main(argv: Sequence[str] | None = None) -> Any:
    """`newswire COMMAND … [-- BEAM OPTIONS]`; the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    beam_options: list[str] = []
    if arguments[:1] in (["run"], ["stream"]) and "--" in arguments:
        cut = arguments.index("--")
        arguments, beam_options = arguments[:cut], arguments[cut + 1 :]
    try:
        app(args=arguments, obj=beam_options, standalone_mode=True)
    except SystemExit as e:
        return e.code
    except BrokenPipeError:  # `newswire search … | head`
        sys.stderr.close()
        return EXIT_FAILED
    except Exception as e:  # noqa: BLE001 - raised again unless it is meant for the person at the keyboard
        return _expected(e, arguments)
    return EXIT_OK


def _expected(error: Exception, arguments: Sequence[str]) -> int:
    """The exit code of an error meant for the person at the keyboard, said in one line; a bug is raised again."""
    from connectors.locking import AlreadyRunning
    from pipelines.saying import complain, reason
    from transforms.errors import ConfigError, NewswireError, QueryError, StoreFailed

    if isinstance(error, (ConfigError, QueryError)):
        complain(reason(error))
        return EXIT_SETTINGS
    if isinstance(error, (NewswireError, AlreadyRunning, StoreFailed)):
        complain(reason(error))
        return EXIT_FAILED
    if isinstance(error, UnicodeEncodeError) and (bad := [one for one in arguments if not _is_utf8(one)]):
        complain(f"{bad[0]!r} is not UTF-8")
        return EXIT_SETTINGS
    raise error


def _is_utf8(argument: str) -> bool:
    """Whether what was typed is text, and not bytes that Python had to smuggle in (PEP 383)."""
    return not any("\udc80" <= letter <= "\udcff" for letter in argument)


if __name__ == "__main__":
    sys.exit(main())
