"""What each runner has to be told, by the name of a profile. Source: shared BEAM.md, sections 1 to 5."""

import argparse
import os
import shutil
import socket
from collections.abc import Sequence
from typing import Any, Final

from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from pipelines.settings import Settings
from pipelines.tables import RunnerTable
from transforms.errors import ConfigError

#: Without it, the client ends every job after 300 seconds.
_A_YEAR: Final = "--job_server_timeout=31536000"
#: Hosts are dealt out to more shards than there are workers: a runner deals the shards out by a hash, and not evenly.
SHARDS_A_WORKER: Final = 32
PRISM_MISSING: Final = (
    "there is no Prism binary at {0!r}: build it with `go install"
    " github.com/apache/beam/sdks/v2/go/cmd/prism@v2.77.0`, and name it in [runner] prism"
)


def shards(runner: RunnerTable) -> int:
    """How many shards the hosts are dealt out to. In one process they are one, since nothing is gained by more."""
    return 1 if runner.profile in ("local", "prism") else runner.parallelism * SHARDS_A_WORKER


def effective(settings: Settings, more: Sequence[str]) -> Settings:
    """With the profile that `more` options amount to: who names Prism there means the same by it."""
    return settings.with_profile("prism") if _named(more) == "prism" else settings


def beam_options(settings: Settings, more: Sequence[str], *, streaming: bool) -> list[str]:
    """The options of a profile, and `more`, which win.

    Raises: ConfigError: the profile cannot be used here.
    """
    runner, options = settings.runner, [f"--job_name=newswire-{'stream' if streaming else 'run'}"]
    named = {option.partition("=")[0] for option in more}
    if runner.profile == "prism":
        options += ["--runner=PrismRunner", _A_YEAR]
        if "--prism_location" not in named:
            options.append(f"--prism_location={_prism(runner.prism)}")
    elif runner.profile == "flink":
        options += [
            "--runner=PortableRunner",
            f"--job_endpoint={runner.job_endpoint}",
            "--environment_type=EXTERNAL",
            f"--environment_config={runner.environment}",
            f"--parallelism={runner.parallelism}",
            _A_YEAR,
        ]
        if streaming:
            # What a bundle has given out must not wait in a checkpoint for a next bundle that never comes.
            options += ["--checkpointing_interval=10000", "--finish_bundle_before_checkpointing"]
    elif runner.profile == "dataflow":
        options += ["--runner=DataflowRunner", f"--num_workers={runner.parallelism}", "--sdk_location=container"]
    if streaming:
        options.append("--streaming")
    return [option for option in options if option.partition("=")[0] not in named] + list(more)


def runner_and_options(settings: Settings, more: Sequence[str], *, streaming: bool) -> tuple[Any, PipelineOptions]:
    """What a pipeline is made with; a runner of None is the one that the options name. Raises: as `beam_options`."""
    options = beam_options(settings, more, streaming=streaming)
    # Named, since the default runner may download and switch to another one (shared BEAM.md, 1).
    local = not any(option.partition("=")[0] == "--runner" for option in options)
    return FnApiRunner() if local else None, PipelineOptions(options)


def is_local(settings: Settings, more: Sequence[str]) -> bool:
    """Whether the graph runs in this process, a pass at a time."""
    return settings.runner.profile == "local" and not _named(more)


def owner() -> str:
    """What the ids of runs on this machine begin with; they exclude each other."""
    return f"{socket.gethostname()}/run/"


def _named(more: Sequence[str]) -> str:
    """The runner that options name, as Beam knows it for short (`prism`, `direct`); empty: they name none."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--runner", nargs="?")
    name = parser.parse_known_args(list(more))[0].runner or ""
    return str(name).lower().rpartition(".")[2].removesuffix("runner")


def _prism(name: str) -> str:
    found = shutil.which(os.path.expanduser(name))
    if found is None:
        raise ConfigError(PRISM_MISSING.format(name))
    return os.path.abspath(found)
