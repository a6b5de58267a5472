"""`newswire alerts deliver`: from the outbox to the subscribers, in the foreground; and where lines of `log:` go."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from connectors.notify.log import LOGGER
from pipelines import logs, metrics
from pipelines.cli import EXIT_OK
from pipelines.deliver import DRAIN_S, Delivered, deliver
from pipelines.endpoint import serve, tick
from pipelines.saying import complain, say
from pipelines.settings import load
from pipelines.signals import on_signals
from pipelines.tables import LogTable

log = logging.getLogger("newswire.deliver")


@contextmanager
def alerts_on_stderr() -> Iterator[None]:
    """Have alerts of the channel `log:` written to standard error, a line of JSON each, while the block runs."""
    handler, level, propagate = logs.Lines(), LOGGER.level, LOGGER.propagate
    handler.setFormatter(logging.Formatter("%(message)s"))
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(level)
        LOGGER.propagate = propagate


def deliver_command(settings_file: str | None, *, once: bool) -> int:
    """`newswire alerts deliver`"""
    settings = load(settings_file)
    delivered = Delivered(tell=said(settings.log))
    metrics.follow_deliveries(delivered.counts)

    watched = nullcontext() if once else serve(settings, polls=False)
    with on_signals() as stopped, logs.configured(settings.log), alerts_on_stderr(), watched:

        def over() -> bool:  # it is asked whenever the deliverer goes round
            tick("deliver")
            return once or bool(stopped)

        asyncio.run(
            deliver(
                settings,
                delivered,
                over=over,
                drain_s=lambda: DRAIN_S if once and not stopped else 0.0,
            )
        )
    say(counts(delivered))
    return EXIT_OK


def said(table: LogTable) -> Callable[[str], None]:
    """Who says to the operator at once what is to be known of the delivery."""
    return complain if table.format == "text" else log.warning


def counts(delivered: Delivered) -> str:
    """What came of it, on one line."""
    of = delivered.counts
    failed = f", {of['failed']:,} tries failed" if of["failed"] else ""
    dead = f", {of['dead']:,} given up" if of["dead"] else ""
    return f"{of['delivered']:,} alerts delivered{failed}{dead}"
