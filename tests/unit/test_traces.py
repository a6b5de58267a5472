"""Spans, where somebody collects them; and that nobody pays where nobody does."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from timeit import repeat
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pipelines import traces
from tests.receiver import Receiver

ROOT = Path(__file__).parents[2]
A_SPAN = "from pipelines.traces import span\nwith span('store', run_id='here/1', articles=2) as note: note(stored=1)\n"


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What was exported so far, when it is called."""
    monkeypatch.setattr(traces, "_tracer", None)
    exporter = InMemorySpanExporter()
    provider = traces.export_to(exporter)

    def spans() -> list[Any]:
        provider.force_flush()
        return list(exporter.get_finished_spans())

    yield spans
    provider.shutdown()


def test_a_span_has_a_name_and_says_what_was_done(exported: Any) -> None:
    with traces.span("store", run_id="here/1", articles=2) as note:
        note(stored=1, revised=1)
    (span,) = exported()
    assert span.name == "newswire.store"
    assert dict(span.attributes) == {
        "newswire.run_id": "here/1",
        "newswire.articles": 2,
        "newswire.stored": 1,
        "newswire.revised": 1,
    }
    assert span.resource.attributes["service.name"] == "newswire"
    assert span.end_time >= span.start_time


def test_spans_within_spans_are_their_children(exported: Any) -> None:
    with traces.span("poll"), traces.span("announce"):
        pass
    inner, outer = exported()
    assert (inner.name, outer.name) == ("newswire.announce", "newswire.poll")
    assert inner.parent.span_id == outer.context.span_id


def test_an_error_is_noted_and_goes_on_its_way(exported: Any) -> None:
    with pytest.raises(ValueError, match="broken"), traces.span("read"):
        raise ValueError("broken")
    (span,) = exported()
    assert not span.status.is_ok
    assert span.events[0].attributes["exception.type"] == "ValueError"


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ({}, ""),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, "otlp"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4318/v1/traces"}, "otlp"),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, "otlp"),
        ({"OTEL_TRACES_EXPORTER": "console"}, "console"),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, ""),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, ""),
    ],
)
def test_the_environment_asks_for_them(environment: dict[str, str], kind: str) -> None:
    assert traces.wanted(environment) == kind


def test_nobody_asked() -> None:
    """0.5 µs; twice that here, since the machine does other things as well."""
    assert traces.span("store") is traces.span("poll")

    def spanned() -> None:
        with traces.span("store", run_id="here/1", articles=2):
            pass

    assert min(repeat(spanned, number=2_000, repeat=20)) / 2_000 < 1e-6


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    ours = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=ours | environment
    )


def test_nothing_is_imported_where_nobody_asked() -> None:
    assert python(f"{A_SPAN}import sys; print('opentelemetry' in sys.modules)").stdout == "False\n"


def test_a_collector_gets_them_before_the_process_ends() -> None:
    with Receiver() as receiver:
        python(A_SPAN, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=receiver.url("/hook/v1/traces"))
        (posted,) = receiver.received
    assert b"newswire.store" in posted.body
    assert b"here/1" in posted.body


def test_missing_packages_are_said_once() -> None:
    missing = "import sys; sys.modules['opentelemetry.sdk.trace'] = None\n"
    said = python(missing + A_SPAN + A_SPAN + "print('done')", OTEL_TRACES_EXPORTER="console")
    assert said.stdout == "done\n"
    assert said.stderr.count("no traces") == 1
