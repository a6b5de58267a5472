"""The log: a line an event on standard error, as logfmt (`key=value`) or JSON, by structlog over the standard library.

Everything that is logged under `newswire` comes out here, ours and what modules say with `logging.getLogger`. Other
libraries' loggers, Beam's and the root's are left as they are. Nothing in a line is obeyed by a terminal, no line has a
break in it, and addresses have lost their passwords and tokens.
"""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.stdlib import ProcessorFormatter

from pipelines.alerting import Confirmed
from pipelines.tables import LogTable
from transforms.records import Entry, Feed, Rejected
from transforms.text import harmless
from transforms.urls import SECRETS, redacted

OURS: Final = logging.getLogger("newswire")
_RECORDS: Final = logging.getLogger("newswire.records")

_Event = MutableMapping[str, Any]
_HIDDEN = "***"
_FIRST = ("time", "level", "event", "logger", "run_id")


class Lines(logging.Handler):
    """Writes to what standard error is at that moment: a progress bar takes it over for a while."""

    def emit(self, record: logging.LogRecord) -> None:
        """Never fails: a full disk is no matter of who logs."""
        try:
            print(self.format(record), file=sys.stderr, flush=True)
        except Exception:  # noqa: BLE001 - as every handler of `logging`
            self.handleError(record)


class _Ours(Lines):
    """That `configure` has put there."""


def configure(table: LogTable) -> None:
    """Have everything under `newswire` written to standard error from now on, as these settings say; once more is no
    error."""
    handler = _Ours()
    handler.setFormatter(_formatter(table.format))
    for one in [one for one in OURS.handlers if isinstance(one, _Ours)]:
        OURS.removeHandler(one)
    OURS.addHandler(handler)
    OURS.setLevel(table.level.upper())
    OURS.propagate = False


def is_configured() -> bool:
    """Whether `configure` was called, and holds."""
    return any(isinstance(one, _Ours) for one in OURS.handlers)


@contextmanager
def configured(table: LogTable) -> Iterator[None]:
    """`configure` while the block runs."""
    handlers, level, propagate = OURS.handlers[:], OURS.level, OURS.propagate
    configure(table)
    try:
        yield
    finally:
        OURS.handlers[:], OURS.propagate = handlers, propagate
        OURS.setLevel(level)


def of_a_run(table: LogTable) -> LogTable:
    """The settings for `newswire run`: who reads text has its table at the end, and wants no line for each story unless
    the settings name a level."""
    return table if table.format == "json" or "level" in table.model_fields_set else LogTable(level="warning")


def bound(**values: Any) -> AbstractContextManager[Any]:
    """Have these values in every line that this thread (or task) logs while the block runs: `bound(run_id=…)`."""
    return bound_contextvars(**values)


@contextmanager
def beam_is_quiet() -> Iterator[None]:
    """For the import of what uses Beam: it warns about cloud libraries that are not installed, and logs what is raised
    anyway."""
    logging.getLogger("apache_beam").setLevel(logging.CRITICAL)
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(level)


def stored(some: Iterable[Confirmed], *, run_id: str) -> None:
    """A line for each story that is stored, revised or withdrawn. Costs nothing where they are off."""
    if not _RECORDS.isEnabledFor(logging.INFO):
        return
    for one in some:
        if one.stored.written == "unchanged":
            continue
        withdrawn = one.article.status == "withdrawn"
        _log.info(
            "withdrawn" if withdrawn else "stored" if one.stored.written == "new" else "revised",
            run_id=run_id,
            doc_id=one.article.id,
            revision=one.article.revision,
            feed=one.stored.entry.feed_id,
            url=one.stored.entry.url,
            topics=[tag.id for tag in one.article.topics],
        )


def rejected(some: Iterable[Rejected], *, run_id: str) -> None:
    """A line for each rejection. Costs nothing where they are off."""
    if not _RECORDS.isEnabledFor(logging.INFO):
        return
    for one in some:
        _log.info(
            "rejected",
            run_id=run_id,
            stage=one.stage,
            error=one.error,
            reason=one.reason,
            feed=_feed_of(one.payload),
            url=one.subject,
            retryable=one.retryable,
        )


def passed(counts: Mapping[str, Mapping[str, int]], *, run_id: str, seconds: float) -> None:
    """A line for a pass of a stream that had anything to do: `counts` by stage and outcome."""
    did = {f"{stage}.{outcome}": n for stage, outcomes in counts.items() for outcome, n in outcomes.items()}
    _log.info("pass", run_id=run_id, seconds=round(seconds, 2), **did)


def _feed_of(payload: Any) -> str:
    return payload.id if isinstance(payload, Feed) else payload.feed_id if isinstance(payload, Entry) else ""


def _clean(_: Any, __: str, event: _Event) -> _Event:
    return {name: _HIDDEN if name.lower() in SECRETS else _cleaned(value) for name, value in event.items()}


def _cleaned(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(name): _HIDDEN if str(name).lower() in SECRETS else _cleaned(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_cleaned(one) for one in value]
    return "\n".join(map(harmless, redacted(str(value)).split("\n")))  # both forms of a line write a break as \n


def _flat(_: Any, __: str, event: _Event) -> _Event:
    return {name: ",".join(map(str, value)) if isinstance(value, list) else value for name, value in event.items()}


def _ordered(_: Any, __: str, event: _Event) -> _Event:
    return {name: event[name] for name in (*_FIRST, *event) if name in event}


def _formatter(form: str) -> logging.Formatter:
    last: list[Callable[..., Any]] = (
        [structlog.processors.JSONRenderer(ensure_ascii=False)]
        if form == "json"
        else [_flat, structlog.processors.LogfmtRenderer(bool_as_flag=False)]
    )
    return ProcessorFormatter(
        foreign_pre_chain=_COMMON,
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _clean,
            _ordered,
            *last,
        ],
    )


#: For our own events and for those of `logging`.
_COMMON: Final[list[Any]] = [
    merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
]
_log: Final[Any] = structlog.wrap_logger(
    _RECORDS, processors=[*_COMMON, ProcessorFormatter.wrap_for_formatter], wrapper_class=structlog.stdlib.BoundLogger
)
