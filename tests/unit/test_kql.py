"""Queries of Kibana in our own language: they mean what they meant there, or are refused with the place."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests import kql
from tests.factories import make_article
from transforms.analysis import terms
from transforms.documents import Document
from transforms.errors import QueryError
from transforms.kql import NAMES, translated
from transforms.matching import holds
from transforms.query import FIELDS, TEXT_FIELDS, Both, Either, Not, Published, Query, Words, parse
from transforms.query_text import all_of, any_of, spelt_out
from transforms.records import Article


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param("syria", "syria", id="a word"),
        pytest.param("syria idlib", "syria OR idlib", id="words in one value: any of them"),
        pytest.param("syria and idlib", "syria AND idlib", id="and"),
        pytest.param("a or b AND c", "a OR (b AND c)", id="and binds tighter, any case"),
        pytest.param("(a or b) and not c", "(a OR b) AND NOT c", id="group and not"),
        pytest.param("a and not (b or c)", "a AND NOT (b OR c)", id="not before a group"),
        pytest.param("(a)and(b)", "a AND b", id="no blanks"),
        pytest.param('"drone strike"', '"drone strike"', id="phrase"),
        pytest.param("title: a", "title:a", id="field"),
        pytest.param("title:a b", "title:(a OR b)", id="words of a field"),
        pytest.param("title : (a or b and not c)", "title:(a OR (b AND NOT c))", id="list of values"),
        pytest.param('title: ("a b" and (c or d))', 'title:("a b" AND (c OR d))', id="list in a list"),
        pytest.param("title.exact: a and body.exact: b", "title:a AND body:b", id="without stems there"),
        pytest.param("keywords.keyword: civil war", 'keywords:"civil war"', id="a keyword is whole"),
        pytest.param("title: a and body: a", "title:a AND body:a", id="two fields"),
        pytest.param("source.name: The Meridian", 'source:"The Meridian"', id="a name is whole"),
        pytest.param("source.name.words: The Meridian", "source:(The OR Meridian)", id="or its words"),
        pytest.param("source.domain: bbc.co.uk", "source:bbc.co.uk", id="domain"),
        pytest.param(
            "source.agency: AFP or authors: (Jo or Mo)", "agency:AFP OR author:Jo OR author:Mo", id="agency, author"
        ),
        pytest.param('topics.id : "civilian-casualties"', "topic:civilian-casualties", id="topic"),
        pytest.param("marks: syria and language: ar", "topic:syria AND language:ar", id="mark without a stance"),
        pytest.param("status : (corrected or withdrawn)", "status:(corrected OR withdrawn)", id="status"),
        pytest.param("displ*", "displ*", id="prefix"),
        pytest.param("displ* camp", "displ* OR camp", id="prefix among words"),
        pytest.param("source.name: The Mer*", r"source:The\ Mer*", id="prefix of a name"),
        pytest.param("idlib-camp", "idlib OR camp", id="analysed there"),
        pytest.param('"idlib-camp"', "idlib-camp", id="as a phrase"),
        pytest.param("a - b", "a OR b", id="a sign between words"),
        pytest.param("a a A", "a OR A", id="said twice"),
        pytest.param(r"\(a\) \"b\" c\:d", "a OR b OR c OR d", id="escaped signs"),
        pytest.param(r'"say \"a\" b"', r'"say \"a\" b"', id="escaped in a phrase"),
        pytest.param(r"rock \and roll", "rock OR and OR roll", id="escaped operator"),
        pytest.param(r"\not here", "not OR here", id="escaped not"),
        pytest.param(r"\u0061bc", "abc", id="escaped letter"),
        pytest.param(r"5\*", "5", id="an escaped star is no prefix"),
        pytest.param("knot andy orient", "knot OR andy OR orient", id="operators are words of their own"),
        pytest.param("C++ ~x ^y", "C OR x OR y", id="Lucene's signs are none"),
        pytest.param("авиаудар or غارة", "авиаудар OR غارة", id="other scripts"),
        pytest.param("空袭", "空袭", id="Chinese"),
        pytest.param("published_at >= 2026-01-01", "published:[2026-01-01T00:00:00 TO *}", id=">="),
        pytest.param('dated_at > "2026-01-31"', "published:[2026-02-01T00:00:00 TO *}", id="> is after all of it"),
        pytest.param("published_at < 2026-02", "published:[* TO 2026-02-01T00:00:00}", id="<"),
        pytest.param("published_at <= 2026", "published:[* TO 2027-01-01T00:00:00}", id="<= is until its end"),
        pytest.param(
            'published_at <= "2026-01-31T23:59:59.999Z"', "published:[* TO 2026-02-01T00:00:00}", id="its last moment"
        ),
        pytest.param(
            'published_at: "2026-01-31"', "published:[2026-01-31T00:00:00 TO 2026-02-01T00:00:00}", id="a day"
        ),
        pytest.param('published_at > "2026-01-31T12:30+02:00"', "published:[2026-01-31T10:31:00 TO *}", id="a zone"),
        pytest.param(
            'a and published_at: "9999-12-31T23:59:59Z"', "a AND published:[9999-12-31T23:59:59 TO *}", id="last second"
        ),
        pytest.param(
            'a and published_at >= "9999-12-31T23:59+00:00"', "a AND published:[9999-12-31T23:59:00 TO *}", id="minute"
        ),
        pytest.param(
            r"published_at >= 2026-01-31T12\:30 and a", "published:[2026-01-31T12:30:00 TO *} AND a", id="colon"
        ),
    ],
)
def test_translated(typed: str, said: str) -> None:
    assert translated(typed) == said
    parse(said)


@pytest.mark.parametrize(
    ("typed", "reason", "position"),
    [
        pytest.param(" ", "empty", None, id="empty"),
        pytest.param("a " * 4000, "longer than", None, id="too long"),
        pytest.param("a and", "ends too early", 5, id="missing operand"),
        pytest.param("title:", "ends too early", 6, id="missing value"),
        pytest.param("and a", "a value is missing", 0, id="operator first"),
        pytest.param("a and (b", "a ( is not closed", 6, id="open group"),
        pytest.param("a b)", "nothing was opened", 3, id="closing without opening"),
        pytest.param('a and "b', "quotation mark is not closed", 6, id="open phrase"),
        pytest.param("a \\", "stands before nothing", 2, id="lone backslash"),
        pytest.param('a "b c"', "an operator is missing", 2, id="phrase beside a word"),
        pytest.param("a not b", "an operator is missing", 2, id="not between"),
        pytest.param("title: a:b", "an operator is missing", 8, id="second colon"),
        pytest.param("x and killed > 5", "cannot ask for the field 'killed'", 6, id="number"),
        pytest.param("sorce.name: a", "did you mean source.name", 0, id="misspelt"),
        pytest.param("*: a", "cannot ask for the field '*'", 0, id="any field"),
        pytest.param("title > a", "only possible of published_at", 6, id="range of words"),
        pytest.param("title: { a: b }", "nested", 7, id="nested"),
        pytest.param("title: *", "asks for anything", 7, id="exists"),
        pytest.param("*", "asks for anything", 0, id="everything"),
        pytest.param("x or *place", "only a * at the end", 5, id="leading star"),
        pytest.param("dis*ed", "only a * at the end", 0, id="star inside"),
        pytest.param("disp**", "only a * at the end", 0, id="two stars"),
        pytest.param("x y di*", "at least 3 letters", 4, id="short prefix"),
        pytest.param("title: …", "there is no word in '…'", 7, id="punctuation alone"),
        pytest.param('marks: "airstrikes:denied"', "TOPIC:STANCE", 7, id="stance"),
        pytest.param("a and published_at > now-7d", "'now-7d' is no date", 21, id="date that moves"),
        pytest.param("published_at: 2026-13", "is no date", 14, id="no such month"),
        pytest.param('published_at > "0001-01-01T00:00:00+05:00"', "is no date", 15, id="before all years"),
        pytest.param('published_at: "9999-12-31T23:59:59.999Z"', "by the second", 14, id="the last moment of all"),
        pytest.param('published_at > "9999-12-31T23:59:59.999Z"', "has no bound", 15, id="after it"),
        pytest.param('published_at > "2026-01-31T12:30:00.250Z"', "by the second", 15, id="part of a second"),
        pytest.param("published_at > 9999", "no bound", 15, id="after all time"),
        pytest.param("not a", "only says what must not occur", None, id="not alone"),
        pytest.param("a or not b", "an alternative only says", None, id="or not"),
        pytest.param("(" * 26 + "a" + ")" * 26, "nested more than", 25, id="too deep"),
        pytest.param("not " * 400 + "a", "nested more than", 100, id="too many nots"),
    ],
)
def test_refused_with_the_place(typed: str, reason: str, position: int | None) -> None:
    with pytest.raises(QueryError) as caught:
        translated(typed)
    assert reason in caught.value.reason
    assert caught.value.position == position


def test_every_field_of_ours_is_known() -> None:
    assert set(NAMES.values()) == {*FIELDS, "published"}


# What is written out is read as the same tree.

LETTERS = st.text(st.sampled_from("ab é空\\*?\"'+-&|!(){}[]^~:/<>TOANDR"), min_size=1, max_size=6)
TEXTS = st.one_of(st.sampled_from(["a", "drone", "AND", "to", "a b", "Straße", "غارة"]), LETTERS).filter(
    lambda text: any(map(str.isalnum, text))
)
NAMED = st.sampled_from(["", "", "title", "body", "author"])
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))
LEAVES: st.SearchStrategy[Query] = st.one_of(
    st.builds(Words, TEXTS, NAMED),
    st.builds(Words, TEXTS, NAMED, slop=st.integers(1, 9)),
    st.builds(Words, TEXTS.filter(lambda text: len(text) > 2), NAMED, prefix=st.just(True)),
    st.builds(Published, since=MOMENTS),
    st.builds(Published, until=MOMENTS),
)


def grown(part: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    parts = st.lists(part, min_size=2, max_size=4).map(tuple)
    return st.one_of(st.builds(Both, parts), st.builds(Either, parts), st.builds(Not, part))


def asks(query: Query) -> bool:
    if isinstance(query, Both):
        return any(map(asks, query.parts))
    return all(map(asks, query.parts)) if isinstance(query, Either) else not isinstance(query, Not)


@settings(max_examples=400, deadline=None)
@given(st.recursive(LEAVES, grown, max_leaves=8))
@example(Both((Words("a"), Not(Not(Words("b"))))))
@example(Both((Words("a", "title"), Not(Either((Words("b", "title"), Words("c", "title")))))))
@example(Both((Both((Words("a", "title"), Words("b", "title"))), Words("c", "body"))))
def test_what_is_spelt_out_is_read_as_the_same_tree(query: Query) -> None:
    whole = query if asks(query) else Both((Words("x"), query))
    assert parse(spelt_out(whole)) == whole


def test_put_together_without_repetition() -> None:
    a, b, c = Words("a"), Words("b"), Words("c")
    assert any_of([a]) == a
    assert any_of([Either((a, b)), a, c]) == Either((a, b, c))
    assert all_of([Both((a, b)), Either((a, b)), c]) == Both((a, b, Either((a, b)), c))


# What Kibana asks Elasticsearch for, read by tests.kql, is true of the same articles.

OURS = st.sampled_from(["a", "b", "c", '"a b"', "a b", "b c a", "bcd*", "a-b"])
VALUES = st.recursive(
    OURS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda all_: f"({' or '.join(all_)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda all_: f"({' and '.join(all_)})"),
    ),
    max_leaves=4,
)
PARTS = st.one_of(
    OURS.filter(lambda value: "*" not in value),
    st.builds("{}: {}".format, st.sampled_from(["title", "body"]), VALUES),
    st.builds("published_at {} {}".format, st.sampled_from(["<", "<=", ">", ">="]), st.just("2026-01-31")),
)
QUERIES = st.recursive(
    PARTS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda all_: f"({' or '.join(all_)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda all_: " and ".join(f"({one})" for one in all_)),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) and not ({two[1]})"),
    ),
    max_leaves=5,
)
SOME_WORDS = st.lists(st.sampled_from(["a", "b", "c", "bcde", "x"]), max_size=4).map(" ".join)


def true(dsl: dict[str, Any], article: Article) -> bool:
    """Whether Elasticsearch would find it."""
    ((kind, what),) = dsl.items()
    if kind == "bool":
        return (
            all(true(one, article) for one in what.get("filter", []))
            and not any(true(one, article) for one in what.get("must_not", []))
            and ("should" not in what or any(true(one, article) for one in what["should"]))
        )
    if kind == "multi_match":
        kind, fields = ("match_phrase" if what["type"] == "phrase" else "match"), dict.fromkeys(TEXT_FIELDS)
        return any(true({kind: {field: what["query"]}}, article) for field in fields)
    if kind == "query_string":
        return any(term.startswith(what["query"].rstrip("*")) for term in terms_of(article, what["fields"][0]))
    ((field, value),) = what.items()
    if kind == "range":
        ((operator, _),) = value.items()
        day = (article.published_at or article.first_seen_at).day
        return {"lt": day < 31, "lte": day <= 31, "gt": day > 31, "gte": day >= 31}[operator]
    have, sought = terms_of(article, field), terms(value, "und")
    if kind == "match":
        return not set(sought).isdisjoint(have)
    assert kind == "match_phrase"
    return any(have[n : n + len(sought)] == sought for n in range(len(have)))


def terms_of(article: Article, field: str) -> list[str]:
    text = " ".join(article.keywords) if field == "keywords" else getattr(article, field)
    return terms(text, "und")


@settings(max_examples=300, deadline=None)
@given(QUERIES, SOME_WORDS, SOME_WORDS, st.sampled_from([30, 31]))
def test_they_mean_what_they_mean_in_kibana(typed: str, title: str, body: str, day: int) -> None:
    article = make_article(title=title, body=body, language="und", published_at=datetime(2026, 1, day, 12, tzinfo=UTC))
    try:
        ours = parse(translated(typed))
    except QueryError:
        assume("not" not in typed)  # which may say only what must not occur
        raise
    assert holds(ours, Document(article)) == true(kql.parse(typed, ["title", "body", "published_at"]), article)


PIECES = st.sampled_from(
    [
        *("a", "b*", "abc*", "*", '"', '"a b"', "(", ")", ":", "{", "}", "<", ">=", "and", "or", "not", "\\", "\\:"),
        *("title", "source.name", "published_at", "2026-01", "now", "\\u0061", "é", "غارة", "\x00", "\ud83d", "-", " "),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30) | st.lists(PIECES, max_size=10).map(" ".join) | st.lists(PIECES, max_size=10).map("".join))
@example('a"')
@example("\\")
def test_any_text_is_translated_or_refused_with_its_place(typed: str) -> None:
    error = None
    try:
        parse(translated(typed))
    except QueryError as e:
        error = e
    assert error is None or error.position is None or 0 <= error.position <= len(typed)
