"""Lines of the log: one an event, as logfmt or JSON; no terminal obeys anything in them, and nobody gets in by them."""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.ports import Stored
from pipelines import logs
from pipelines.alerting import Confirmed
from pipelines.tables import LogTable
from tests.alert_factories import BIDI
from tests.factories import make_article, make_entry, make_feed
from transforms.records import Rejected
from transforms.text import harmless

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LOG = logging.getLogger("newswire.deliver")
JSON = LogTable(format="json")
Shown = pytest.CaptureFixture[str]


def lines(shown: Shown) -> list[dict[str, Any]]:
    return [json.loads(line) for line in shown.readouterr().err.splitlines()]


def confirmed(written: Any = "new", **article: Any) -> Confirmed:
    entry = make_entry(feed_id="meridian", url="https://meridian.example/a?token=s3cret")
    made = make_article(**article)
    stored = Stored(
        entry=entry,
        doc_id=made.id,
        revision=made.revision,
        content_hash="h",
        month="2026-11",
        written=written,
        settled=True,
        at=NOW,
    )
    return Confirmed(stored=stored, article=made, at=NOW)


def test_a_line_of_json_says_when_what_and_who(capsys: Shown) -> None:
    with logs.configured(JSON), logs.bound(run_id="here/1"):
        LOG.warning("alerts wait: %s", "no answer")
    (line,) = lines(capsys)
    assert abs(datetime.fromisoformat(line.pop("time")).timestamp() - datetime.now(UTC).timestamp()) < 60
    assert line == {
        "level": "warning",
        "event": "alerts wait: no answer",
        "logger": "newswire.deliver",
        "run_id": "here/1",
    }


def test_a_line_of_text_is_logfmt(capsys: Shown) -> None:
    with logs.configured(LogTable()):
        LOG.warning('alerts "wait"')
    said = capsys.readouterr().err
    assert re.fullmatch(
        r'time=\d{4}-\d\d-\d\dT\S+Z level=warning event="alerts \\"wait\\"" logger=newswire\.deliver\n', said
    )


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_error_is_one_line_with_its_trace(capsys: Shown, form: Any) -> None:
    with logs.configured(LogTable(format=form)):
        try:
            raise ValueError("broken: https://user:s3cret@site.example/")
        except ValueError:
            LOG.exception("a bug")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "ValueError: broken: https://***@site.example/" in said
    assert "s3cret" not in said
    if form == "json":
        assert json.loads(said)["exception"].splitlines()[0] == "Traceback (most recent call last):"


@pytest.mark.parametrize(
    "said",
    [
        "see https://user:s3cret@site.example/feed, or not",
        "<https://site.example/feed?a=1&access_token=s3cret>",
        'no answer of "https://site.example/feed?apikey=s3cret"',
        "smtp+starttls://newswire:s3cret@mail.example:587 refused",
    ],
)
def test_what_lets_somebody_in_is_masked(capsys: Shown, said: str) -> None:
    with logs.configured(JSON):
        LOG.warning("%s", said)
    (line,) = lines(capsys)
    assert "s3cret" not in str(line)
    assert "example" in line["event"]


def test_values_of_secret_names_are_masked(capsys: Shown) -> None:
    with logs.configured(JSON), logs.bound(token="s3cret", headers={"Authorization": "Bearer s3cret"}):
        LOG.warning("asked")
    (line,) = lines(capsys)
    assert (line["token"], line["headers"]) == ("***", {"Authorization": "***"})


@given(st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_text_breaks_a_line_or_moves_a_cursor(capsys: Shown, form: Any, text: str) -> None:
    with logs.configured(LogTable(format=form)):
        LOG.warning("%s", text)
    said = capsys.readouterr().err
    assert said.endswith("\n")
    assert said.count("\n") == 1
    assert harmless(said[:-1]) == said[:-1]
    if form == "json":
        assert isinstance(json.loads(said)["event"], str)


def test_bidi_overrides_are_seen(capsys: Shown) -> None:
    with logs.configured(LogTable()):
        LOG.warning("%s", BIDI)
    said = capsys.readouterr().err
    assert harmless(BIDI) != BIDI
    assert f"event={harmless(BIDI)} " in said


def test_stories_are_told(capsys: Shown) -> None:
    with logs.configured(JSON):
        logs.stored(
            [
                confirmed(),
                confirmed("revised", revision=2),
                confirmed("unchanged"),
                confirmed("revised", revision=3, status="withdrawn"),
            ],
            run_id="here/1",
        )
    told = lines(capsys)
    assert [(one["event"], one["revision"]) for one in told] == [("stored", 1), ("revised", 2), ("withdrawn", 3)]
    assert told[0]["doc_id"] == make_article().id
    assert told[0]["feed"] == "meridian"
    assert told[0]["run_id"] == "here/1"
    assert told[0]["topics"] == [tag.id for tag in make_article().topics]
    assert told[0]["url"] == "https://meridian.example/a?token=***"


def test_rejections_are_told(capsys: Shown) -> None:
    def reject(stage: str, payload: Any) -> Rejected:
        return Rejected(
            stage=stage,
            subject="https://meridian.example/a",
            error="Gone",
            reason="it says 410\x1b[2J",
            retryable=False,
            payload=payload,
            kind="gone",
        )

    with logs.configured(LogTable()):
        logs.rejected(
            [reject("fetch", make_entry(feed_id="meridian")), reject("poll", make_feed(id="harbour"))], run_id="r"
        )
    first, second = capsys.readouterr().err.splitlines()
    assert "event=rejected" in first
    assert "stage=fetch" in first
    assert "feed=meridian" in first
    assert "retryable=false" in first
    assert "\x1b" not in first
    assert "feed=harbour" in second


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (LogTable(), False),
        (LogTable(format="json"), True),
        (LogTable(level="info"), True),
        (LogTable(format="json", level="warning"), False),
    ],
)
def test_a_run_on_a_terminal_tells_no_story_unless_asked(capsys: Shown, table: LogTable, told: bool) -> None:
    with logs.configured(logs.of_a_run(table)):
        logs.stored([confirmed()], run_id="r")
        LOG.warning("but this")
    assert len(capsys.readouterr().err.splitlines()) == 1 + told


def test_off_they_cost_next_to_nothing(capsys: Shown) -> None:
    class NotTouched:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

    some: Any = [NotTouched()]
    with logs.configured(LogTable(level="warning")):
        logs.stored(some, run_id="r")
        logs.rejected(some, run_id="r")
    assert capsys.readouterr().err == ""


def test_everything_is_as_it_was_afterwards(capsys: Shown, caplog: pytest.LogCaptureFixture) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level, logs.OURS.handlers[:], logs.OURS.level, logs.OURS.propagate
    with logs.configured(JSON):
        assert (root.handlers, root.level) == before[:2]
        logs.configure(LogTable())  # once more: still one line
        LOG.warning("once")
        logging.getLogger("trafilatura").warning("not ours")
    assert capsys.readouterr().err.count("once") == 1
    assert (root.handlers, root.level, logs.OURS.handlers, logs.OURS.level, logs.OURS.propagate) == before
    assert [record.getMessage() for record in caplog.records] == ["not ours"]
    LOG.warning("and pytest sees us again")
    assert "and pytest" in caplog.text


def test_lines_go_where_standard_error_is_now(monkeypatch: pytest.MonkeyPatch, capsys: Shown) -> None:
    """A progress bar takes it over for a while."""
    with logs.configured(JSON):
        monkeypatch.setattr(sys, "stderr", sys.stdout)
        LOG.warning("there")
    assert "there" in capsys.readouterr().out
