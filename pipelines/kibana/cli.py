"""The `newswire kibana` commands. Only declarations, as in `pipelines.cli`."""

from typing import Annotated

import typer

from pipelines.options import SettingsOption

kibana_app = typer.Typer(no_args_is_help=True, help="Data views, saved searches and a dashboard for Kibana.")


@kibana_app.command("export")
def kibana_export(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]")] = "-", settings: SettingsOption = None
) -> None:
    """Write the objects as NDJSON, to be imported in Kibana under Stack Management, Saved Objects."""
    from pipelines.kibana.commands import export_command

    raise typer.Exit(export_command(settings, file))


@kibana_app.command("import")
def kibana_import(
    url: Annotated[
        str, typer.Option(envvar="NEWSWIRE_KIBANA_URL", help="Kibana's address, with its base path if it has one.")
    ],
    space: Annotated[str, typer.Option(help="The identifier of a space; the default space if left out.")] = "",
    api_key: Annotated[str, typer.Option(help="By reference, as '${KIBANA_API_KEY}' or '${file:/path}'.")] = "",
    user: Annotated[str, typer.Option(help="With a password, in place of an API key.")] = "",
    password: Annotated[str, typer.Option(help="By reference, as --api-key.")] = "",
    ca_file: Annotated[str, typer.Option(help="PEM file of the authority that signed Kibana's certificate.")] = "",
    settings: SettingsOption = None,
) -> None:
    """Put the objects into a Kibana, in place of those of an earlier import."""
    from connectors.kibana import KibanaSpec
    from pipelines.kibana.commands import import_command

    spec = KibanaSpec(url=url, space=space, api_key=api_key, user=user, password=password, ca_file=ca_file)
    raise typer.Exit(import_command(settings, spec))
