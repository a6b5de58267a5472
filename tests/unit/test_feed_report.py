"""How feeds look: in a list, alone, for a program, and at the end of a run."""

import json
from datetime import timedelta
from typing import Any

import pytest

from pipelines.feeds.report import LEGEND, Listed, feeds_data, print_feeds, print_health, warnings
from tests.factories import NOON, make_feed
from transforms.habits import FeedHistory, PollNote
from transforms.health import Alarm, Health

POLLS = tuple(
    PollNote(at=NOON - timedelta(minutes=60 - 15 * i), outcome=outcome, entries=20, new=3, seconds=0.4, reason=reason)
    for i, (outcome, reason) in enumerate(
        [("new", ""), ("known", ""), ("unchanged", ""), ("resting", "left alone"), ("timeout", "no answer\x1b[2J")]
    )
)
DEAD = Health(state="only-failing", words="five polls in a row have failed", failed_share=0.25)
WELL = Health(state="well", new_a_day=24.0, news_gap=timedelta(hours=1))
LOW = Health(state="well", alarms=(Alarm(kind="volume-low", words="less than before"),))


def listed(feed_id: str, health: Health = WELL, **feed: Any) -> Listed:
    return make_feed(id=feed_id, **feed), FeedHistory(polls=POLLS), health


def test_trouble_comes_first_with_its_words_under_it(capsys: pytest.CaptureFixture[str]) -> None:
    feeds = [listed("a"), listed("b", LOW), listed("c", Health(state="paused")), listed("d", DEAD), listed("e")]
    print_feeds(feeds, NOON)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["id", "d", "five", "b", "volume-low:", "a", "e", "c", "+"]
    assert lines[-1] == LEGEND


def test_a_line_says_how_a_feed_is_doing(capsys: pytest.CaptureFixture[str]) -> None:
    feed = listed(
        "wire",
        name="The Wire",
        pace=timedelta(minutes=42),
        last_new_at=NOON - timedelta(hours=3),
        next_poll_at=NOON + timedelta(minutes=20),
    )
    print_feeds([feed], NOON)
    cells = capsys.readouterr().out.splitlines()[1].split("  ")
    assert [cell.strip() for cell in cells if cell.strip()] == [
        *("wire", "The Wire", "well", "24", "42 min", "+··~×", "3 h ago", "in 20 min", feed[0].url)
    ]


def test_no_feeds(capsys: pytest.CaptureFixture[str]) -> None:
    print_feeds([], NOON)
    assert "no feeds yet" in capsys.readouterr().out


def test_text_from_the_web_is_neither_markup_nor_steers_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    words = Health(state="silent", words="[red]odd\x1b]0;title\x07\nwords")
    feed = listed("wire", words, name="[bold]Wire\x1b[2J\nsecond line")
    print_feeds([feed], NOON)
    print_health(*feed)
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "[bold]Wire[2J second li…" in out
    assert "[red]odd]0;title words" in out
    assert "no answer[2J" in out


SECRET = "https://reader:secret@wire.example/feed.xml"


def test_nothing_shows_a_secret(capsys: pytest.CaptureFixture[str]) -> None:
    feed = listed("wire", DEAD, url=SECRET, moving_to=SECRET, moved_to=SECRET, headers=(("X-Key", "secret"),))
    print_feeds([feed], NOON)
    print_health(*feed)
    print(json.dumps(feeds_data([feed])), warnings({}, [feed]))
    out = capsys.readouterr().out
    assert "https://***@wire.example/feed.xml" in out
    assert "secret" not in out


def test_one_feed_with_its_last_polls(capsys: pytest.CaptureFixture[str]) -> None:
    print_health(*listed("wire", DEAD))
    out = capsys.readouterr().out
    assert "wire: only-failing" in out
    assert "25% of the last 5 polls failed" in out
    assert out.index("timeout") < out.index("resting") < out.index("unchanged")


def test_one_feed_that_was_never_polled(capsys: pytest.CaptureFixture[str]) -> None:
    print_health(make_feed(), FeedHistory(), Health(state="new"))
    assert "not known yet" in capsys.readouterr().out


def test_for_a_program() -> None:
    (data,) = feeds_data([listed("wire", LOW, moved_to="https://new.example/f", headers=(("X-Key", "v"),))])
    assert (data["id"], data["address"], data["headers"]) == ("wire", "https://new.example/f", [["X-Key", "***"]])
    assert (data["health"]["state"], data["health"]["in_trouble"]) == ("well", True)
    assert data["health"]["alarms"] == [{"kind": "volume-low", "words": "less than before"}]
    assert [note["outcome"] for note in data["polls"]] == [note.outcome for note in POLLS]
    assert json.loads(json.dumps(data)) == data


@pytest.mark.parametrize(
    ("before", "after", "warned"),
    [
        pytest.param(WELL, DEAD, ["wire: only-failing: five polls in a row have failed"], id="newly in trouble"),
        pytest.param(None, DEAD, ["wire: only-failing: five polls in a row have failed"], id="nothing known before"),
        pytest.param(DEAD, DEAD, [], id="known"),
        pytest.param(WELL, Health(state="failing", words="once"), [], id="a single failure"),
        pytest.param(WELL, LOW, ["wire: volume-low: less than before"], id="an alarm"),
        pytest.param(LOW, LOW, [], id="a known alarm"),
        pytest.param(DEAD, WELL, [], id="well again"),
    ],
)
def test_a_run_warns_of_new_trouble_only(before: Health | None, after: Health, warned: list[str]) -> None:
    assert warnings({"wire": before} if before else {}, [(make_feed(), FeedHistory(), after)]) == warned


def test_a_run_warns_of_ten_feeds_at_most_the_worst_first() -> None:
    after = [listed(f"f{i:02}", LOW if i < 9 else DEAD) for i in range(12)]
    lines = warnings({}, after)
    assert [line.split(":")[0] for line in lines[:4]] == ["f09", "f10", "f11", "f00"]
    assert (len(lines), lines[-1]) == (11, "and 2 more: `newswire feeds list`")
    assert len(warnings({}, after[:10])) == 10
