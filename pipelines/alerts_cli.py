"""The `newswire alerts` commands. Only declarations, as in `pipelines.cli`."""

from typing import Annotated

import typer

alerts_app = typer.Typer(no_args_is_help=True, help="Subscriptions: what they ask for, and what they get.")


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
    from pipelines.alerts_match import match_lines, match_one

    raise typer.Exit((match_lines if jsonl else match_one)(source, subscriptions, only_ids=ids))
