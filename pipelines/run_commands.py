"""What `newswire run` and `newswire stream` do: signals, logs, and what is said at the end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.locking import AlreadyRunning
from connectors.opening import open_store
from pipelines import report
from pipelines.cli import EXIT_OK, EXIT_REJECTED
from pipelines.feeds.report import inspected, warnings
from pipelines.saying import complain, say, say_data
from pipelines.settings import Settings, load
from pipelines.signals import interrupt, on_signals
from transforms.errors import ConfigError

if TYPE_CHECKING:  # it imports Beam
    from pipelines.run import Summary


def run_command(
    settings_file: str | None,
    *,
    poll_all: bool,
    as_json: bool,
    beam_options: Sequence[str] = (),
    metrics_file: str = "",
    profile: str = "",
) -> int:
    """`newswire run`"""
    from pipelines import logs

    settings = load(settings_file).with_profile(profile)
    with logs.configured(logs.of_a_run(settings.log)), _told(metrics_file, settings) as done:
        code = _run(settings, done, poll_all=poll_all, as_json=as_json, beam_options=beam_options)
        done.well = code == EXIT_OK
        return code


@dataclass(slots=True)
class _Done:
    """What is to be said of a run."""

    #: None: it came to no end.
    summary: "Summary | None" = None
    well: bool = False


@contextmanager
def _told(file: str, settings: Settings) -> Iterator[_Done]:
    """Write to a metrics file, where there is to be one, what is known of a run when the block ends."""
    done = _Done()
    if file and not Path(file).absolute().parent.is_dir():
        raise ConfigError(f"--metrics-file {file}: there is no such folder")
    try:
        yield done
    except AlreadyRunning:  # the other one writes it
        file = ""
        raise
    finally:
        if file:
            from pipelines.metrics import write_run
            from pipelines.store_metrics import StoreWatch

            try:
                write_run(file, done.summary, success=done.well, store=StoreWatch(settings))
            except ConfigError as e:  # what the run did is done
                complain(f"{e}")


def _run(settings: Settings, done: _Done, *, poll_all: bool, as_json: bool, beam_options: Sequence[str]) -> int:
    from pipelines import logs

    with logs.beam_is_quiet():
        from pipelines.profiles import effective
        from pipelines.run import run_once
    settings = effective(settings, beam_options)
    before = {}
    if not as_json:
        with open_store(settings.store_spec) as store:
            before = {feed.id: health for feed, _, health in inspected(store, datetime.now(UTC))}
    from pipelines.alerts.service import alerts_on_stderr  # brings the clients of the channels

    stopped: list[int] = []
    try:
        with on_signals(interrupt) as stopped, report.progress(settings, quiet=as_json), alerts_on_stderr():
            summary = run_once(settings, poll_all=poll_all, beam_options=beam_options)
    except (Exception, KeyboardInterrupt):  # Beam makes an exception of its own out of an interrupt
        if not stopped:
            raise
        complain("interrupted; the next run takes up what was in hand")
        return 128 + stopped[0]
    done.summary = summary
    for line in summary.words:
        complain(f"{line}")
    if as_json:
        say_data(report.summary_data(summary))
    else:
        report.print_summary(summary)
        with open_store(settings.store_spec) as store:
            report.print_advice(summary, store, poll_all=poll_all)
            after = inspected(store, datetime.now(UTC))
        for line in warnings(before, after):
            complain(f"{line}")
    return EXIT_REJECTED if summary.too_many_rejected else EXIT_OK


def stream_command(settings_file: str | None, *, profile: str, wait: bool, beam_options: Sequence[str]) -> int:
    """`newswire stream`"""
    from pipelines import logs
    from pipelines.alerts.service import alerts_on_stderr, said
    from pipelines.endpoint import serve

    settings = load(settings_file).with_profile(profile)
    with logs.beam_is_quiet():
        from pipelines import stream
        from pipelines.profiles import effective, is_local
    settings = effective(settings, beam_options)
    local = is_local(settings, beam_options)
    if not wait:
        if local:
            raise ConfigError("--no-wait: there is nobody to submit it to; name a --profile such as flink")
        with logs.configured(settings.log):
            say(stream.submit(settings, beam_options))
        return EXIT_OK
    stop, tell = stream.Stop(), said(settings.log)
    with logs.configured(settings.log), alerts_on_stderr(), on_signals(stop.set), serve(settings, polls=True):
        if local:
            stream.passes(settings_file, settings, stop, tell)
        else:
            complain(stream.graph(settings_file, settings, stop, tell, beam_options))
    return EXIT_OK
