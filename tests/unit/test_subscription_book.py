"""Subscriptions as files: what is written is read as it was, and every problem has its place."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.alerts import subscription_book
from pipelines.alerts.subscription_book import Format, moment, read_books, said, written_out
from pipelines.values import parse_duration
from tests.factories import NOON
from transforms.errors import ConfigError
from transforms.subscriptions import Subscription, lasting

LATER = NOON + timedelta(days=1)


def make(**overrides: Any) -> Subscription:
    given = {"id": "idlib", "query": "idlib", "channels": ("log:",), "since": NOON, "changed_at": NOON}
    return Subscription(**{**given, **overrides})


FULL = make(
    name='Idlib: "today", #1',
    query='title:("air strikes" OR غارة) AND\nNOT 5\\:30',
    topics=("airstrikes:denied", "syria"),
    sources=("The Meridian",),
    languages=("ar", "no"),
    owner="desk@example.org",
    channels=("https://desk.example/hook", "mailto:desk@example.org", "apprise:${SLACK}"),
    signing=("${NEW}", "${file:/run/old}"),
    mode="cron 0 7 * * 1-5",
    timezone="Europe/Berlin",
    quiet="22:00-06:30",
    revisions="always",
    cool_down=timedelta(minutes=90),
    paused=True,
    expires_at=datetime(2027, 1, 31, 18, 30, tzinfo=UTC),
)


def write(folder: Path, text: str, name: str = "book.toml") -> str:
    file = folder / name
    file.write_text(text, "utf-8")
    return str(file)


def refused(folder: Path, text: str, name: str = "book.toml") -> str:
    with pytest.raises(ConfigError) as caught:
        read_books([write(folder, text, name)], NOON)
    return str(caught.value).replace(f"{folder}/", "")


# Round trips


@pytest.mark.parametrize("form", ["toml", "yaml"])
def test_what_is_written_is_read_as_it_was(form: Format, tmp_path: Path) -> None:
    listed = [
        FULL,
        make(id="b", channels=()),
        make(id="no", query="no"),
        make(id="1e3", query="1e3", languages=("no",)),
    ]
    file = write(tmp_path, written_out(listed, form), f"book.{form}")
    assert read_books([file], LATER) == [replace(one, since=LATER, changed_at=LATER) for one in listed]


@pytest.mark.parametrize("form", ["toml", "yaml"])
def test_what_is_as_by_default_is_left_out(form: Format) -> None:
    text = written_out([make()], form)
    assert not [name for name in ("mode", "channels", "since", "paused", "revisions", "cool_down") if name in text]


def test_no_subscriptions_are_a_file_too(tmp_path: Path) -> None:
    for form in ("toml", "yaml"):
        assert read_books([write(tmp_path, written_out([], form), f"none.{form}")], NOON) == []


LINES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=150, deadline=None)
@given(LINES, LINES, st.integers(0, 10**7), st.sampled_from(["toml", "yaml"]))
def test_any_text_survives(
    tmp_path_factory: pytest.TempPathFactory, name: str, owner: str, s: int, form: Format
) -> None:
    one = make(name=name, owner=owner, cool_down=timedelta(seconds=s))
    file = write(tmp_path_factory.mktemp("book"), written_out([one], form), f"book.{form}")
    assert read_books([file], NOON) == [one]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (90, "90s"), (900, "15m"), (129_600, "36h"), (604_800, "7d"), (0.5, "1s"), (59.5, "1m")],
)
def test_lengths_of_time(seconds: float, text: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == text
    assert parse_duration(text) >= timedelta(seconds=seconds)


# Reading


def test_times_without_a_zone_are_utc() -> None:
    assert moment("2027-01-31") == datetime(2027, 1, 31, tzinfo=UTC)
    assert moment("2027-01-31T18:00:00+02:00") == datetime(2027, 1, 31, 16, tzinfo=UTC)
    with pytest.raises(ValueError, match="must be a date"):
        moment("soon")


def test_toml_has_dates_of_its_own(tmp_path: Path) -> None:
    text = '[[subscriptions]]\nid = "a"\nquery = "x"\nexpires_at = 2027-01-31\nchannels = ["atom:", "log:", "atom:"]'
    (one,) = read_books([write(tmp_path, text)], NOON)
    assert one.expires_at == datetime(2027, 1, 31, tzinfo=UTC)
    assert one.channels == ("atom:", "log:")  # each once


def test_yaml_reads_nothing_into_words(tmp_path: Path) -> None:
    text = "subscriptions:\n- id: no\n  query: yes\n  languages: [no]\n  name: 2027-01-31\n  quiet: 22:00-06:30\n"
    (one,) = read_books([write(tmp_path, text, "book.yml")], NOON)
    assert (one.id, one.query, one.languages, one.name) == ("no", "yes", ("no",), "2027-01-31")


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        pytest.param("a = ", "book.toml", "book.toml: Invalid value", id="no TOML"),
        pytest.param("subscriptions:\n- id: [", "book.yaml", "book.yaml:3: ", id="no YAML"),
        pytest.param(
            "subscriptions: []\nsubscriptions: []", "book.yaml", "book.yaml:2: 'subscriptions' is there twice"
        ),
        pytest.param("? [a]\n: b", "book.yaml", "book.yaml:1: a key must be a word", id="a list as a key"),
        pytest.param("", "book.yaml", "(whole file): there are no subscriptions in it", id="empty"),
        pytest.param("- id: a", "book.yaml", "they are a list named `subscriptions`", id="a list alone"),
        pytest.param("feeds = []", "book.toml", "  feeds: unknown key\n  (whole file): there are no subscriptions"),
        pytest.param("x", "book.json", "are read from .toml, .yaml and .yml", id="another ending"),
        pytest.param("subscriptions: [x]", "book.yaml", "subscriptions.0: ", id="no table"),
        pytest.param("[" * 5000, "book.yaml", "book.yaml:", id="deep"),
    ],
)
def test_files_that_are_none(text: str, name: str, line: str, tmp_path: Path) -> None:
    assert line in refused(tmp_path, text, name)


def test_aliases_are_refused(tmp_path: Path) -> None:
    laughs = "a: &a [x, x]\n" + "".join(f"{n}: &n{n} [*{'a' if not n else f'n{n - 1}'}, x]\n" for n in range(9))
    assert refused(tmp_path, laughs, "book.yaml") == "book.yaml:2: an alias (*name) is not read here"
    endless = "subscriptions: &a\n- *a\n"
    assert "alias" in refused(tmp_path, endless, "book.yaml")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_books([str(tmp_path / "none.toml")], NOON)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "book.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="utf-8"):
        read_books([str(tmp_path / "book.toml")], NOON)


def test_a_file_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscription_book, "MAX_FILE", 10)
    assert "is larger than" in refused(tmp_path, "# 345678901")


# Problems


def test_all_problems_of_all_files_with_their_places(tmp_path: Path) -> None:
    toml = """
    [[subscriptions]]
    id = "Bad"
    query = "title:(a OR"
    channels = ["log:", "carrier-pigeon:"]
    cool_down = "soon"
    [[subscriptions]]
    id = "twice"
    query = "x"
    feathers = 2
    [[subscriptions]]
    query = "x"
    signing = ["whsec_written_out"]
    [[subscriptions]]
    id = "fine"
    query = "x"
    """
    files = [
        write(tmp_path, toml),
        write(tmp_path, "subscriptions:\n- {id: fine, query: y}\n- {id: z, timezone: Nix, mode: hourly}\n", "b.yaml"),
    ]
    with pytest.raises(ConfigError) as caught:
        read_books(files, NOON)
    first, second = str(caught.value).replace(f"{tmp_path}/", "").split("\nb.yaml: ")
    for line in (
        "book.toml: 8 problem(s)",
        "subscriptions.0.cool_down: must be a number with s, m, h or d",
        "subscriptions.0.id: small letters",
        "subscriptions.0.query: the query ends too early",
        "subscriptions.0.channels.1: 'carrier-pigeon:' is no channel",
        "subscriptions.1.feathers: unknown key",
        "subscriptions.2.id: is missing",
        "subscriptions.2.signing.0: a secret is named as",
        "subscriptions.3.id: 'fine' is there twice",
    ):
        assert line in first
    assert "whsec" not in first
    for line in ("4 problem(s)", "1.query: it asks for nothing", "1.timezone", "1.mode", "0.id: 'fine' is there twice"):
        assert line in second


def test_of_many_problems_the_first_are_named(tmp_path: Path) -> None:
    lines = refused(tmp_path, '[[subscriptions]]\nid = "A"\nquery = "x"\n' * 150).splitlines()
    assert lines[0] == "book.toml: 150 problem(s)"
    assert lines[-1] == "  and 50 more"
    assert len(lines) == 102


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"id": "a\ud800"}, "id"),
        ({"query": 5}, "query"),
        ({"topics": "syria"}, "topics"),
        ({"languages": ["english"]}, "languages.0"),
        ({"paused": "perhaps"}, "paused"),
        ({"revisions": "sometimes"}, "revisions"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-05:00"}, "expires_at"),
        ({"expires_at": datetime.fromisoformat("0001-01-01T00:00:00+05:00")}, "expires_at"),
        ({"since": "2026-01-01"}, "since"),
        ({"channels": ["mailto:nobody"]}, "channels.0"),
    ],
)
def test_what_cannot_be_said(wrong: dict[str, Any], name: str) -> None:
    made, problems = said({"id": "a", "query": "x"} | wrong, NOON)
    assert made is None
    assert [place.removesuffix(".0") for place, _ in problems] == [name.removesuffix(".0")]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda one: (
            st.lists(one, max_size=3)
            | st.dictionaries(st.sampled_from([*subscription_book.Entry.model_fields, "x"]), one, max_size=5)
        ),
        max_leaves=8,
    )
)
def test_any_data_is_a_subscription_or_wrong(data: Any) -> None:
    made, problems = said(data, NOON)
    assert (made is None) == bool(problems)
