"""Traces, where somebody collects them: a span for each call of a step, by OpenTelemetry.

    with span("store", run_id=plan.run_id, articles=len(readings)) as noted:
        …
        noted(stored=len(outcomes))

They are on where the environment asks for them as OpenTelemetry says (OTEL_EXPORTER_OTLP_ENDPOINT, or
OTEL_TRACES_EXPORTER=otlp or console) and the packages are there (`pip install newswire[otel]`); all else, samplers
and headers too, is read from the same environment by the SDK. Else a span costs next to nothing.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib import metadata
from typing import Any, Final

log = logging.getLogger("newswire.traces")

Value = str | int | float | bool
Note = Callable[..., None]


def wanted(environment: Mapping[str, str]) -> str:
    """`otlp` or `console`, as an environment asks for traces; empty: it does not."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return ""
    exporter = environment.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    if exporter in ("otlp", "console"):
        return exporter
    asked = environment.get("OTEL_EXPORTER_OTLP_ENDPOINT") or environment.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return "otlp" if asked and not exporter else ""


class _Nothing:
    """The span that is none; one for all."""

    __slots__ = ()

    def __enter__(self) -> Note:
        return _ignored

    def __exit__(self, *_: object) -> None:
        pass


def _ignored(**_: Value) -> None:
    pass


_NOTHING: Final = _Nothing()
_lock = threading.Lock()
#: What makes spans; None until it is known whether anything does, and then for good where `_asked` is over.
_tracer: Any = None
_known = not wanted(os.environ)


def span(name: str, **attributes: Value) -> AbstractContextManager[Note]:
    """A span while the block runs, which may note more attributes by calling what it is given. An error that leaves the
    block is noted in the span, and goes on its way."""
    if _tracer is None and (_known or not _begun()):
        return _NOTHING
    return _span(name, attributes)


@contextmanager
def _span(name: str, attributes: Mapping[str, Value]) -> Iterator[Note]:
    named = {f"newswire.{key}": value for key, value in attributes.items()}
    with _tracer.start_as_current_span(f"newswire.{name}", attributes=named) as started:

        def note(**more: Value) -> None:
            for key, value in more.items():
                started.set_attribute(f"newswire.{key}", value)

        yield note


def _begun() -> bool:
    global _known
    with _lock:
        if not _known:
            try:
                export_to(_exporter(wanted(os.environ)))
            except ImportError as e:
                log.warning("no traces, though the environment asks for them: %s (pip install newswire[otel])", e)
            _known = True
    return _tracer is not None


def _exporter(kind: str) -> Any:
    if kind == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()


def export_to(exporter: Any) -> Any:
    """Have the spans of this process exported from now on, in batches; the provider, whose `force_flush` waits until
    they are. Nobody else's tracing is touched. Raises: ImportError: the SDK is not installed."""
    global _tracer
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    about = {
        SERVICE_NAME: os.environ.get("OTEL_SERVICE_NAME", "newswire"),
        "service.version": metadata.version("newswire"),
    }
    provider = TracerProvider(resource=Resource.create(about))  # ends with the process, and exports what is left
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = provider.get_tracer("newswire")
    return provider
