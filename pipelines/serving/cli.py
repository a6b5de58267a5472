"""`newswire serve`: a declaration only, as in `pipelines.cli`."""

from typing import Annotated

import typer

from pipelines.options import SettingsArgument


def serve(
    settings: SettingsArgument = None,
    listen: Annotated[
        str,
        typer.Option(metavar="HOST:PORT", help="Where; it has no accounts, so beyond loopback put a proxy before it."),
    ] = "127.0.0.1:8080",
) -> None:
    """Search, articles, feeds and alerts as pages for a browser; /metrics and /healthz."""
    from pipelines.serving.command import serve_command

    raise typer.Exit(serve_command(settings, listen=listen))
