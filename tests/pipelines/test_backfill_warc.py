"""WARC files: what is a page, where it is, what it says, and what damage costs."""

import gzip
import io
import random
from datetime import UTC, datetime

import pytest

from connectors.warc import Damaged, Other, Record, answer_at, records
from tests.pipelines.archives import FETCHED_AT, answer, warc
from transforms.errors import ConfigError, NotAnArticle, TooLarge

HTML = "text/html; charset=windows-1251"
AT = datetime(2025, 6, 1, 12, tzinfo=UTC)
NOW = datetime(2026, 11, 18, tzinfo=UTC)
PAGE = "<html><p>Новости дня</p></html>".encode("cp1251")


def some(n: int, *, packed: bool) -> bytes:
    bodies = [b"<p>page %d</p>" % i + bytes(random.Random(i).choices(range(32, 127), k=1_500)) for i in range(n)]
    return warc(
        [answer(f"https://wire.example/{i}", body, Content_Type="text/html") for i, body in enumerate(bodies)],
        packed=packed,
    )


@pytest.mark.parametrize("packed", [True, False])
def test_an_answer_is_read_from_its_place_with_its_own_headers(packed: bool) -> None:
    file = io.BytesIO(
        warc(
            [
                answer("https://wire.example/a", b"<p>first</p>", Content_Type="text/html"),
                answer("<https://wire.example/b>", gzip.compress(PAGE), Content_Type=HTML, Content_Encoding="gzip"),
                answer("https://me:pw@wire.example/c", b"<p>last</p>", fetched_at="2999-01-01T00:00:00Z"),
            ],
            packed=packed,
        )
    )
    found = [one for one in records(file) if isinstance(one, Record)]
    assert [(one.url, one.kind) for one in found] == [(f"https://wire.example/{x}", "page") for x in "abc"]
    second = answer_at(file, found[1].offset, max_bytes=1_000, now=NOW)
    assert (second.body, second.content_type, second.fetched_at) == (PAGE, HTML, AT)
    last = answer_at(file, found[2].offset, max_bytes=1_000, now=NOW)
    assert (last.body, last.content_type, last.fetched_at) == (b"<p>last</p>", "", NOW)
    with pytest.raises(TooLarge):
        answer_at(file, found[1].offset, max_bytes=len(PAGE) - 1, now=NOW)
    with pytest.raises(NotAnArticle):
        answer_at(io.BytesIO(b"nothing"), 0, max_bytes=1_000, now=NOW)


def test_a_body_in_chunks_is_put_together() -> None:
    chunked = b"7\r\n<p>one \r\n7\r\ntwo</p>\r\n0\r\n\r\n"
    file = io.BytesIO(warc([answer("https://wire.example/a", chunked, Transfer_Encoding="chunked")]))
    assert answer_at(file, 0, max_bytes=1_000, now=NOW).body == b"<p>one two</p>"


def test_a_bomb_is_not_unpacked_whole() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    file = io.BytesIO(warc([answer("https://wire.example/a", bomb, Content_Type=HTML, Content_Encoding="gzip")]))
    with pytest.raises(TooLarge):
        answer_at(file, 0, max_bytes=1_000_000, now=NOW)


@pytest.mark.parametrize("packed", [True, False])
def test_one_damaged_byte_costs_one_record_and_is_told(packed: bool) -> None:
    whole, lost, told = some(5, packed=packed), 0, 0
    for seed in range(300):
        damaged = bytearray(whole)
        damaged[random.Random(seed).randrange(len(whole))] ^= 1 << seed % 8
        found = list(records(io.BytesIO(bytes(damaged))))
        pages = sum(isinstance(one, Record) for one in found)
        assert pages >= 4, seed
        if pages < 5:
            lost += 1
            told += any(isinstance(one, (Damaged, Other)) for one in found)
    assert lost > 0
    assert told == lost


def test_a_file_that_was_cut_gives_what_is_whole() -> None:
    whole = some(4, packed=True)
    found = list(records(io.BytesIO(whole[:-500])))
    assert [type(one) for one in found] in (
        [Record, Record, Record, Record, Damaged],
        [Record, Record, Record, Damaged],
    )


@pytest.mark.parametrize("packed", [True, False])
def test_a_file_that_was_cut_says_so_wherever_it_was_cut(packed: bool) -> None:
    parts = [
        warc([answer("https://wire.example/a", b"<p>first</p>", Content_Type="text/html")], packed=packed),
        warc([("resource", "https://wire.example/b", b"", "200 OK", FETCHED_AT, {})], packed=packed),
        warc([answer("https://wire.example/c", b"<p>last</p>", Content_Type="text/html")], packed=packed),
    ]
    whole, ends = b"".join(parts), {len(b"".join(parts[:n])) for n in range(4)}
    if not packed:  # the line breaks behind a record
        ends |= {end - n for end in ends for n in range(5)}
    for cut in range(len(whole) + 1):
        found = list(records(io.BytesIO(whole[:cut])))
        assert any(isinstance(one, Damaged) for one in found) == (cut not in ends), (cut, found)
        assert all(one.offset < cut for one in found), "each has a place in the file"


def test_a_file_packed_as_one_piece_cannot_be_read_at_any_place() -> None:
    with pytest.raises(ConfigError, match="unpack it first"):
        list(records(io.BytesIO(gzip.compress(some(3, packed=False)))))


def test_garbage_is_one_damaged_record() -> None:
    assert [type(one) for one in records(io.BytesIO(b"\x00\x01garbage\n" * 100))] == [Damaged]
    assert list(records(io.BytesIO(b""))) == []


def test_a_record_that_does_not_say_when_it_was_fetched() -> None:
    body = some(1, packed=False).replace(FETCHED_AT.encode(), b"yesterday at nine pm")
    file = io.BytesIO(body)
    (one,) = records(file)
    assert isinstance(one, Record)
    assert one.at is None
    assert answer_at(file, one.offset, max_bytes=10_000, now=NOW).fetched_at == NOW
