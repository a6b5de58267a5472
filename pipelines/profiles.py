"""What each runner has to be told, by the name of a profile. Source: shared BEAM.md, sections 1 to 5."""

import argparse
import os
import shutil
import socket
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.runner import create_runner

from pipelines.settings import Settings
from pipelines.tables import RunnerTable
from transforms.errors import ConfigError

#: Without it, the client ends every job after 300 seconds.
_A_YEAR: Final = "--job_server_timeout=31536000"
#: Runners of this machine, in `_named` words.
_HERE: Final = frozenset({"direct", "fnapi", "prism"})
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
    """With the profile that `more` options amount to: who names Prism there means the same by it.

    Raises: ConfigError: Beam, which would only leave it out, does not know an option. Runners elsewhere have options of
    their own, and are not asked.
    """
    name = _named(more)
    if name in _HERE or (not name and settings.runner.profile in ("local", "prism")):
        _require_known(more)
    return settings.with_profile("prism") if name == "prism" else settings


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
    """What a pipeline is made with.

    Raises: ConfigError: as `beam_options`, or Beam knows no such runner, or lacks what it needs.
    """
    options = PipelineOptions(beam_options(settings, more, streaming=streaming))
    name = options.view_as(StandardOptions).runner
    if name is None:  # the default runner may download and switch to another one (shared BEAM.md, 1)
        return FnApiRunner(), options
    try:
        return create_runner(name), options
    except (ValueError, ImportError, AttributeError) as e:
        raise ConfigError(f"--runner {name}: {e}") from e


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


def _require_known(more: Sequence[str]) -> None:
    def read(parser: Any) -> None:
        def fail(message: str) -> NoReturn:
            raise ConfigError(f"after `--`: {message}")

        parser.error = fail
        if unknown := parser.parse_known_args(list(more))[1]:
            fail(f"Beam knows no {' '.join(unknown)}")

    # The one way to its parser; of no use otherwise.
    PipelineOptions().get_all_options(add_extra_args_fn=read)


def _prism(name: str) -> str:
    found = shutil.which(os.path.expanduser(name))
    if found is None:
        raise ConfigError(PRISM_MISSING.format(name))
    return os.path.abspath(found)
