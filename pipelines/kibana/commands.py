"""What the `newswire kibana` commands do."""

import os
import sys
from pathlib import Path

from connectors.kibana import Kibana, KibanaSpec
from connectors.opening import load_taxonomy
from pipelines.cli import EXIT_FAILED, EXIT_OK
from pipelines.kibana.objects import as_ndjson, saved_objects
from pipelines.saying import complain, say
from pipelines.settings import load
from transforms.errors import ConfigError


def export_command(settings_file: str | None, file: str) -> int:
    """`newswire kibana export`"""
    exported = _ndjson(settings_file)
    if file == "-":
        sys.stdout.write(exported)
        return EXIT_OK
    try:
        Path(file).write_text(exported, "utf-8")
    except OSError as e:
        raise ConfigError(f"{file}: {e.strerror}") from e
    say(f"{exported.count(chr(10))} objects in {file}")
    return EXIT_OK


def import_command(settings_file: str | None, spec: KibanaSpec) -> int:
    """`newswire kibana import`: all objects, each that failed with the reason."""
    imported = Kibana(spec, os.environ).import_objects(_ndjson(settings_file))
    for what, why in imported.failed:
        complain(f"{what}: {why}")
    say(f"{len(imported.done)} objects imported, {len(imported.failed)} not")
    return EXIT_FAILED if imported.failed else EXIT_OK


def _ndjson(settings_file: str | None) -> str:
    """The objects for the store and the topics of a settings file."""
    settings = load(settings_file)
    return as_ndjson(saved_objects(settings.store.prefix, load_taxonomy(settings.topics.taxonomy).topics))
