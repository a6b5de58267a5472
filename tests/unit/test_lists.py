"""Lists as people keep them: kinds of files, names of columns, and what a line says."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.entries import MAX_LINE
from transforms.lists import KINDS, NAMES, Said, field_of, kind_of, said
from transforms.urls import is_followable

SITEMAP = b'<?xml version="1.0"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url/></urlset>'


@pytest.mark.parametrize(
    ("name", "start", "kind"),
    [
        ("feeds.opml", b"", "opml"),
        ("LIST.CSV", b"", "csv"),
        ("list.csv.gz", b"{", "csv"),
        ("list.txt", b"WARC/1.0", "csv"),
        ("list.ndjson", b"", "jsonl"),
        ("CC-NEWS.warc.gz", b"", "warc"),
        ("-", b"WARC/1.1\r\n", "warc"),
        ("-", b'<?xml version="1.0"?><!-- feeds -->\n<opml version="2.0">', "opml"),
        ("news.xml", b"<opml>", "opml"),
        ("-", SITEMAP, "sitemap"),
        ("news.xml.gz", b"", "sitemap"),
        ("-", b'\xef\xbb\xbf \n{"url": 1}', "jsonl"),
        ("-", b"https://wire.example/a", "csv"),
        ("-", b"", "csv"),
    ],
)
def test_a_file_is_what_its_name_says_or_what_is_in_it(name: str, start: bytes, kind: str) -> None:
    assert kind_of(name, start) == kind


@given(st.text(max_size=20), st.binary(max_size=200))
def test_every_file_is_something(name: str, start: bytes) -> None:
    assert kind_of(name, start) in KINDS


@pytest.mark.parametrize("name", ["URL", " Link ", "\ufeffurl", "loc"])
def test_a_column_is_known_by_any_of_its_names(name: str) -> None:
    assert field_of(name) == "url"
    assert [field_of(word) for word in ("Publication Date", "source-name", "colour")] == ["published_at", "source", ""]


def test_no_two_fields_share_a_name() -> None:
    names = [name for group in NAMES.values() for name in group]
    assert len(set(names)) == len(names)


def test_all_that_a_line_may_say() -> None:
    row = {
        "Link": " https://me:secret@wire.example/a ",
        "Headline": "Quiet  day\n",
        "summary": "Nothing",
        "date": "2024-03-02T10:00:00+02:00",
        "lang": "en-GB",
        "Outlet": "The Wire",
        "colour": "red",
    }
    assert said(row) == Said(
        url="https://wire.example/a",
        title="Quiet day",
        description="Nothing",
        published_at=datetime(2024, 3, 2, 8, tzinfo=UTC),
        language="en",
        source="The Wire",
    )


def test_a_day_is_a_day_and_a_number_is_unix_time() -> None:
    day = said({"url": "https://wire.example/a", "published_at": "2024-03-02"})
    assert (day.published_at, day.published_precision) == (datetime(2024, 3, 2, tzinfo=UTC), "day")
    assert said({"url": "https://wire.example/a", "date": 1700000000}).published_at == datetime(
        2023, 11, 14, 22, 13, 20, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, "no complete http or https address: it is empty"),
        ({"url": "wire.example/a"}, "no complete http or https address: 'wire.example/a'"),
        (
            {"url": "https://wire.example/\x1b[31m"},
            "no complete http or https address: 'https://wire.example/\\x1b[31m'",
        ),
        ({"url": 7}, "`url` is no text"),
        ({"url": "https://wire.example/a", "title": ["x"]}, "`title` is no text"),
        ({"url": "https://wire.example/a", "date": "soon"}, "`published_at` is no date: 'soon'"),
        ({"url": "https://wire.example/a", "date": True}, "`published_at` is no date: 'True'"),
    ],
)
def test_what_is_wrong_is_said(row: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as e:
        said(row)
    assert str(e.value) == reason


VALUES = st.one_of(st.text(max_size=60), st.none(), st.integers(), st.booleans(), st.lists(st.text(max_size=3)))


@given(st.dictionaries(st.sampled_from(sorted(NAMES)), VALUES), st.booleans())
def test_whatever_a_line_has_it_says_something_sound_or_what_is_wrong(row: dict[str, Any], usable: bool) -> None:
    if usable:
        row["url"] = "https://wire.example/a"
    try:
        story = said(row)
    except ValueError as e:
        story, wrong = None, str(e)
    if story is None:
        assert wrong.isascii()
        assert wrong.isprintable()
        return
    assert is_followable(story.url)
    for line in (story.title, story.description, story.source, story.language):
        assert line == " ".join(line.split())
        assert len(line.encode()) <= 4 * MAX_LINE
    assert story.published_at is None or story.published_at.tzinfo is UTC
