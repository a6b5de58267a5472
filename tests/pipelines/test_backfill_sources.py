"""Bytes of a list or an archive in; stories, and what is wrong with which line, out."""

import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.backfill import sources
from pipelines.backfill.sources import Archive, Broken, Item, Labels, Listed, opened
from tests.pipelines.archives import answer, warc
from transforms.errors import ConfigError, NotAnArticle, TooLarge
from transforms.lists import Kind
from transforms.urls import is_followable

LABELS = Labels(name="march")
HTML = "text/html; charset=utf-8"
NEWS = """<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://wire.example/a</loc><news:news>
<news:publication><news:name>The Wire</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2024-03-02T08:00:00Z</news:publication_date><news:title>Quiet day</news:title></news:news></url>
<url><loc>https://wire.example/b</loc><lastmod>2019-01-01</lastmod></url><url><loc>https://wire.example/</loc></url>
<url><loc>nowhere</loc></url></urlset>"""


def read(tmp_path: Path, body: bytes | str, *, name: str = "list", labels: Labels = LABELS) -> list[Item]:
    file = tmp_path / name
    file.write_bytes(body.encode() if isinstance(body, str) else body)
    with opened(str(file), None) as archive:
        return list(archive.items(labels))


def in_short(items: list[Item]) -> list[str]:
    """Each as `place: address` or `place: what is wrong`; `-` for what is no story."""
    return [
        "-" if one is None else f"{one.place}: {one.reason if isinstance(one, Broken) else one.entry.url}"
        for one in items
    ]


def test_an_address_a_line(tmp_path: Path) -> None:
    text = (
        "\ufeff# of March\nhttps://wire.example/a,1\r\n\n http://wire.example/b \nnonsense\nhttps://wire.example/\xe9"
    )
    assert in_short(read(tmp_path, text)) == [
        "line 2: https://wire.example/a,1",
        "line 4: http://wire.example/b",
        "line 5: no complete http or https address: 'nonsense'",
        "line 6: https://wire.example/\xe9",
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_a_heading(tmp_path: Path, delimiter: str) -> None:
    rows = [
        ["Title", "URL", "Date"],
        ['"A; b, c\td\ne"', "https://wire.example/a", "2024-03-02"],
        ["x", "y"],
        ["z"],
        [],
    ]
    rows.append(["Last", "https://wire.example/b"])
    items = read(tmp_path, "\n".join(delimiter.join(row) for row in rows))
    assert in_short(items) == [
        "lines 2 to 3: https://wire.example/a",
        "line 4: no complete http or https address: 'y'",
        "line 5: no complete http or https address: it is empty",
        "line 7: https://wire.example/b",
    ]
    assert isinstance(items[0], Listed)
    entry = items[0].entry
    assert (entry.title, entry.published_at, entry.published_precision) == (
        "A; b, c d e",
        datetime(2024, 3, 2, tzinfo=UTC),
        "day",
    )


@pytest.mark.parametrize("heading", ["url,title", "title,url"])
@pytest.mark.parametrize("at", [1, 3, 5])
def test_a_quote_that_nobody_closed_costs_its_own_line(tmp_path: Path, heading: str, at: int) -> None:
    lines = [f"https://wire.example/{n},Title {n}" for n in range(1, 6)]
    lines[at - 1] = f'https://wire.example/{at},"open quote'
    lines[3] = 'https://wire.example/4,"Told, in\ntwo lines"' if at != 4 else lines[3]
    if heading == "title,url":
        lines = [",".join(reversed(line.split(",", 1))) for line in lines]
    items = read(tmp_path, "\n".join([heading, *lines]) + "\n", name="list.csv")
    places = {1: "line 2", 2: "line 3", 3: "line 4", 4: "lines 5 to 6", 5: "line 7"}
    assert in_short(items) == [
        f"{places[n]}: " + ("a quote is not closed" if n == at else f"https://wire.example/{n}") for n in range(1, 6)
    ]
    assert [one.entry.title for one in items if isinstance(one, Listed)] == [
        "Told, in two lines" if n == 4 else f"Title {n}" for n in range(1, 6) if n != at
    ]


def test_a_row_begins_where_an_address_does_if_rows_do(tmp_path: Path) -> None:
    told = 'see\nhttps://wire.example/more,"'
    assert in_short(read(tmp_path, f'title,url\n"{told},https://wire.example/a\n')) == [
        "lines 2 to 3: https://wire.example/a"
    ]
    assert in_short(read(tmp_path, f'url,title\nhttps://wire.example/a,"{told}\n')) == [
        "line 2: a quote is not closed",
        "line 3: a quote is not closed",
    ]


def test_quotes_inside_of_quotes_are_no_open_ones(tmp_path: Path) -> None:
    loose, _ = read(tmp_path, 'url,title\nhttps://wire.example/a,"A "quiet" day"\nhttps://wire.example/b,B\n')
    assert isinstance(loose, Listed)
    assert "quiet" in loose.entry.title


def test_bytes_that_are_no_utf8_cost_their_line(tmp_path: Path) -> None:
    body = "url,title\nhttps://wire.example/a,Новости\n".encode("cp1251") + b"https://wire.example/b,News\n"
    assert in_short(read(tmp_path, body)) == ["line 2: no UTF-8", "line 3: https://wire.example/b"]


def test_what_the_operator_says_of_all_holds_where_a_line_says_nothing(tmp_path: Path) -> None:
    labels = Labels(name="march", source="The Wire", language="fr", alerts=True)
    own, other = read(
        tmp_path, "url,source,language\nhttps://a.example/1,A & B,en\nhttps://a.example/2,,\n", labels=labels
    )
    assert isinstance(own, Listed)
    assert isinstance(other, Listed)
    assert (own.entry.feed_id, own.entry.source_name, own.entry.language) == ("backfill-a-b", "A & B", "en")
    assert (other.entry.feed_id, other.entry.source_name, other.entry.language) == (
        "backfill-the-wire",
        "The Wire",
        "fr",
    )
    assert own.entry.alerts
    (plain,) = read(tmp_path, "https://a.example/1")
    assert isinstance(plain, Listed)
    assert (plain.entry.feed_id, plain.entry.alerts) == ("backfill-march", False)
    assert Labels(name="Медуза").feed_id() == "backfill-list"


def test_lines_of_json_and_the_pages_in_them(tmp_path: Path) -> None:
    page = "<p>Tëxt \ud800</p>"
    lines = [
        b'\xef\xbb\xbf{"url": "https://wire.example/a", "title": "A"}',
        b"{broken",
        b"[" * 100_000,
        b'["https://wire.example/a"]',
        b'{"url": "https://wire.example/\xff"}',
        b"",
        json.dumps({"url": "https://wire.example/b", "html": page}).encode(),
    ]
    file = tmp_path / "list.jsonl"
    file.write_bytes(b"\n".join(lines))
    with opened(str(file), None) as archive:
        items = list(archive.items(LABELS))
        assert [said.partition(":")[0] for said in in_short(items)] == [f"line {n}" for n in (1, 2, 3, 4, 5, 7)]
        reasons = [one.reason.partition(":")[0] for one in items if isinstance(one, Broken)]
        assert reasons == ["no JSON", "no JSON", "no JSON object", "no UTF-8"]
        first, last = (one for one in items if isinstance(one, Listed))
        assert first.offset is None
        assert last.offset is not None
        with file.open("rb") as opened_file:
            found = archive.page(opened_file, last.offset, max_bytes=1_000)
            assert (found.final_url, found.body) == ("https://wire.example/b", page.encode(errors="replace"))
            with pytest.raises(TooLarge):
                archive.page(opened_file, last.offset, max_bytes=3)
            with pytest.raises(NotAnArticle):
                archive.page(opened_file, last.offset + 1, max_bytes=1_000)


def test_a_line_without_an_end_costs_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_JSON_LINE", 1_000)
    body = b'{"url": "' + b"x" * 200_000 + b'"}\n{"url": "https://wire.example/b"}\n'
    assert in_short(read(tmp_path, body)) == ["line 1: longer than 1000 bytes", "line 2: https://wire.example/b"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_sitemap_whatever_its_age(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    items = read(tmp_path, pack(NEWS.encode()), name="news.xml")
    assert in_short(items) == [
        "address 1: https://wire.example/a",
        "address 2: https://wire.example/b",
        "-",
        "address 4: no complete http or https address: 'nowhere'",
    ]
    assert isinstance(items[0], Listed)
    entry = items[0].entry
    assert (entry.title, entry.published_at, entry.language, entry.source_name, entry.feed_id) == (
        "Quiet day",
        datetime(2024, 3, 2, 8, tzinfo=UTC),
        "en",
        "The Wire",
        "backfill-the-wire",
    )


def test_a_sitemap_that_ends_early_says_so(tmp_path: Path) -> None:
    cut = NEWS[: NEWS.index("<url><loc>https://wire.example/b") + 20]
    assert in_short(read(tmp_path, cut)) == [
        "address 1: https://wire.example/a",
        "after address 1: the file is broken, or ends early",
    ]


def test_an_index_names_what_to_fill_in_instead(tmp_path: Path) -> None:
    index = "<sitemapindex><sitemap><loc>https://wire.example/news.xml</loc></sitemap></sitemapindex>"
    with pytest.raises(ConfigError, match=r"an index of sitemaps; its news sitemaps: https://wire\.example/news\.xml"):
        read(tmp_path, index)


def test_pages_of_a_warc_with_what_its_news_sitemap_says(tmp_path: Path) -> None:
    records = [
        answer("https://wire.example/robots.txt", b"", Content_Type="text/plain"),
        answer("https://wire.example/a", b"<p>A</p>", Content_Type=HTML),
        answer("https://wire.example/", b"<p>Front</p>", Content_Type=HTML),
        answer("https://wire.example/gone", b"", status="404 Not Found", Content_Type=HTML),
        answer("https://wire.example/p.jpg", b"\xff\xd8", Content_Type="image/jpeg"),
        answer("https://wire.example/c", b"<p>C</p>", Content_Type=HTML),
        answer("https://wire.example/news.xml", NEWS.encode(), Content_Type="application/xml"),
    ]
    items = read(tmp_path, warc(records), name="old.warc.gz")
    assert [one.entry.url for one in items if isinstance(one, Listed)] == [
        "https://wire.example/a",
        "https://wire.example/c",
    ]
    assert items.count(None) == 5
    first, second = (one.entry for one in items if isinstance(one, Listed))
    assert (first.title, first.published_at) == ("Quiet day", datetime(2024, 3, 2, 8, tzinfo=UTC))
    assert (second.title, second.published_at, second.feed_id) == ("", None, "backfill-march")


def test_a_list_on_standard_input_packed_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for body in (b"https://wire.example/a\n", gzip.compress(b"https://wire.example/a\n")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(body)))
        with opened("-", None) as archive:
            assert in_short(list(archive.items(LABELS))) == ["line 1: https://wire.example/a"]
            copy = Path(archive.path)
        assert not copy.exists()


@pytest.mark.parametrize("name", ["not-there.csv", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=rf"^{name}: "), opened(name, None):
        raise AssertionError("it was opened")


def test_half_a_packed_file_is_no_list(tmp_path: Path) -> None:
    body = gzip.compress(b"".join(b"https://wire.example/%d\n" % n for n in range(10_000)))
    with pytest.raises(ConfigError, match="cannot be unpacked"):
        read(tmp_path, body[: len(body) // 2], name="list.txt.gz")


SEEDS = [
    b'url,title,date\nhttps://wire.example/a,Quiet day,2024-03-02\nhttps://wire.example/b,"x\ny",\n',
    b'{"url": "https://wire.example/a", "html": "<p>x</p>"}\n{"url": "https://wire.example/b"}\n',
    NEWS.encode(),
    warc([answer(f"https://wire.example/{n}", b"<p>Text</p>" * 9, Content_Type=HTML) for n in range(3)]),
    warc([answer(f"https://wire.example/{n}", b"<p>Text</p>" * 9, Content_Type=HTML) for n in range(3)], packed=False),
]
CHANGES = st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 40), st.binary(max_size=20)), max_size=4)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.binary(max_size=400), st.sampled_from(SEEDS)),
    CHANGES,
    st.sampled_from([*get_args(Kind), None]),
    st.data(),
)
def test_whatever_bytes_there_are_there_come_stories_or_what_is_wrong(
    tmp_path: Path, body: bytes, changes: list[tuple[int, int, bytes]], kind: Kind | None, data: st.DataObject
) -> None:
    for at, much, instead in changes:
        body = body[:at] + instead + body[at + much :]
    file = tmp_path / data.draw(st.sampled_from(["list", "list.gz", "list.xml"]))
    file.write_bytes(body)
    unusable = False
    try:
        with opened(str(file), kind) as archive:
            if archive.kind == "opml":
                assert archive.feeds()
                return
            items = list(archive.items(LABELS))
            pages(archive, items)
    except ConfigError as e:
        items, wrong = [], str(e)
        unusable = True
    if unusable:
        assert wrong.startswith(str(file))
    for one in items:
        if isinstance(one, Listed):
            assert is_followable(one.entry.url)
            assert one.place.isprintable()
        elif one is not None:
            assert one.reason
            assert f"{one.place}{one.reason}".isprintable()


def pages(archive: Archive, items: list[Item]) -> None:
    """Every page that is held can be read, or is refused for what it is."""
    with Path(archive.path).open("rb") as file:
        for one in items:
            if isinstance(one, Listed) and one.offset is not None:
                try:
                    archive.page(file, one.offset, max_bytes=1_000)
                except (NotAnArticle, TooLarge):
                    continue
