"""Options that many commands share."""

from typing import Annotated

import typer

SettingsOption = Annotated[
    str | None,
    typer.Option(
        "--settings", "-s", envvar="NEWSWIRE_SETTINGS", help="Settings file; newswire.toml here if there is one."
    ),
]
SettingsArgument = Annotated[
    str | None, typer.Argument(metavar="[SETTINGS]", help="Settings file; newswire.toml here if there is one.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
