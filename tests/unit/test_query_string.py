"""Lucene syntax as Elasticsearch reads it: words without an operator are alternatives, fields those of the indices."""

import pytest

from transforms.errors import QueryError
from transforms.query_string import read
from transforms.query_text import spelt_out


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param("a b", "a OR b", id="words are alternatives"),
        pytest.param("+a b", "a", id="beside + they only score"),
        pytest.param("+a +b -c", "a AND b AND NOT c", id="plus and minus"),
        pytest.param("a b -c", "(a OR b) AND NOT c", id="minus"),
        pytest.param("a !b", "a AND NOT b", id="!"),
        pytest.param("a b NOT c", "(a OR b) AND NOT c", id="NOT"),
        pytest.param("a OR b -c", "(a OR b) AND NOT c", id="minus beside an OR"),
        pytest.param("+a b OR c -d", "a AND NOT d", id="plus and minus beside an OR"),
        pytest.param("a OR b +c", "c", id="plus beside an OR"),
        pytest.param("a AND b +c", "a AND b AND c", id="plus beside an AND"),
        pytest.param("a AND b c -d", "a AND b AND NOT d", id="beside AND they only score"),
        pytest.param("a AND b", "a AND b", id="AND"),
        pytest.param("a && b || c", "(a AND b) OR c", id="&& ||"),
        pytest.param("(a b) AND c", "(a OR b) AND c", id="group"),
        pytest.param("title.exact:(a b)", "title:(a OR b)", id="words of a field"),
        pytest.param('source.name:"The X" AND topics.id:syria', 'source:"The X" AND topic:syria', id="names"),
        pytest.param('"a b"~3 AND displ*', '"a b"~3 AND displ*', id="slop and prefix"),
        pytest.param("a^2 AND b", "a AND b", id="boost"),
        pytest.param(
            "dated_at:[2026-01-01 TO 2026-01-31]", "published:[2026-01-01T00:00:00 TO 2026-02-01T00:00:00}", id="range"
        ),
        pytest.param(r"a\:b c", r"a\:b OR c", id="escaped"),
        pytest.param("marks:syria", "topic:syria", id="mark"),
    ],
)
def test_read(typed: str, said: str) -> None:
    assert spelt_out(read(typed)) == said


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("(a", "ends too early"),
        ("a^1.2.3", "no whole number"),
        ("-a", "must not occur"),
        ("foo:a", "no field 'foo'"),
        ("dis*ed", "only a * at the end"),
        ("/x/", "regex"),
        ('marks:"a:b"', "TOPIC:STANCE"),
        ("marks:a/b", "TOPIC:STANCE"),
        ("a " * 3_000, "longer than"),
        ("(" * 1_900 + "a" + ")" * 1_900, "too deeply"),
        ("published_at:[now-7d TO now]", "is no date"),
    ],
)
def test_refused(typed: str, reason: str) -> None:
    with pytest.raises(QueryError) as caught:
        read(typed)
    assert reason in caught.value.reason
