"""The query language: what it means, and errors that point at their place."""

import threading

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transforms.errors import QueryError
from transforms.query import FIELDS, MAX_QUERY, Both, Either, Not, Query, Words, parse, positive

A, B, C = Words("a"), Words("b"), Words("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        pytest.param("a", A, id="a word"),
        pytest.param(" a ", A, id="white space around"),
        pytest.param("a b", Both((A, B)), id="no operator means both"),
        pytest.param("a AND b", Both((A, B)), id="AND"),
        pytest.param("a OR b", Either((A, B)), id="OR"),
        pytest.param("a OR b AND c", Either((A, Both((B, C)))), id="AND binds tighter"),
        pytest.param("(a OR b) c", Both((Either((A, B)), C)), id="group"),
        pytest.param("a NOT b", Both((A, Not(B))), id="NOT"),
        pytest.param("a AND NOT b", Both((A, Not(B))), id="AND NOT"),
        pytest.param("a -b", Both((A, Not(B))), id="minus"),
        pytest.param("+a b", Both((A, B)), id="plus"),
        pytest.param("a NOT (b c)", Both((A, Not(Both((B, C))))), id="NOT a group"),
        pytest.param('"a b"', Words("a b"), id="phrase"),
        pytest.param("idlib-camp", Words("idlib-camp"), id="hyphen within a word"),
        pytest.param("not x", Both((Words("not"), Words("x"))), id="operators are capitals"),
        pytest.param("disp*", Words("disp", prefix=True), id="prefix"),
        pytest.param("abc*", Words("abc", prefix=True), id="shortest prefix"),
        pytest.param("title:disp*", Words("disp", "title", prefix=True), id="prefix in a field"),
        pytest.param("title:a b", Both((Words("a", "title"), B)), id="a field holds for one word"),
        pytest.param("title:(a b)", Both((Words("a", "title"), Words("b", "title"))), id="a field holds for a group"),
        pytest.param('title:"a b"', Words("a b", "title"), id="phrase in a field"),
        pytest.param("title:(a body:b)", Both((Words("a", "title"), Words("b", "body"))), id="inner field wins"),
        pytest.param("a^2", A, id="a boost changes no match"),
        pytest.param(r"C\+\+", Words("C++"), id="escaped"),
        pytest.param(r'"say \"a\" b"', Words('say "a" b'), id="escaped in a phrase"),
        pytest.param(r"a\*", Words("a*"), id="an escaped star is no prefix"),
        pytest.param("авиаудар", Words("авиаудар"), id="Russian"),
        pytest.param("غارة جوية", Both((Words("غارة"), Words("جوية"))), id="Arabic"),
    ],
)
def test_parse(text: str, tree: Query) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_can_be_asked_for(field: str) -> None:
    assert parse(f"{field}:x") == Words("x", field)


@pytest.mark.parametrize(
    ("alias", "field"),
    [("topics", "topic"), ("authors", "author"), ("headline", "title"), ("lang", "language"), ("keyword", "keywords")],
)
def test_aliases(alias: str, field: str) -> None:
    assert parse(f"{alias}:x") == Words("x", field)


@pytest.mark.parametrize(
    ("text", "reason", "position"),
    [
        pytest.param("", "empty", None, id="empty"),
        pytest.param(" \n", "empty", None, id="white space"),
        pytest.param("a AND", "ends too early", 5, id="missing operand"),
        pytest.param("(a", "ends too early", 2, id="open group"),
        pytest.param("title:", "ends too early", 6, id="field without words"),
        pytest.param("abc)", "cannot be read", 3, id="closing without opening"),
        pytest.param("a ()", "cannot be read", 3, id="empty group"),
        pytest.param('abc "open', "cannot be read", 4, id="open phrase"),
        pytest.param("OR a", "cannot be read", 0, id="operator first"),
        pytest.param("a \\", "cannot be read", 2, id="lone backslash"),
        pytest.param("a titel:x", "there is no field 'titel'", 2, id="unknown field"),
        pytest.param("see https://x.example", "there is no field 'https'", 4, id="an address"),
        pytest.param("x di*", "at least 3 letters", 2, id="short prefix"),
        pytest.param("title:*", "at least 3 letters", 6, id="star alone"),
        pytest.param("x d?splace", "only a * at the end", 2, id="question mark"),
        pytest.param("dis*ed", "only a * at the end", 0, id="star in the middle"),
        pytest.param("disp**", "only a * at the end", 0, id="two stars"),
        pytest.param("x displce~", "fuzzy queries are not supported", 2, id="fuzzy"),
        pytest.param('x "a b"~3', "proximity queries are not supported", 2, id="proximity"),
        pytest.param("x /dis.*/", "regex queries are not supported", 2, id="regular expression"),
        pytest.param("title:[a TO b]", "range queries are not supported", 6, id="range"),
        pytest.param("title:>5", "from queries are not supported", 6, id="comparison"),
        pytest.param("a && b", "there is no word in '&&'", 2, id="&& is not AND"),
        pytest.param('a ""', "there is no word in ''", 2, id="empty phrase"),
        pytest.param("a …", "there is no word in '…'", 2, id="punctuation alone"),
        pytest.param("a !b", "write NOT or -", 2, id="! would be taken for a letter"),
        pytest.param("NOT a", "only says what must not occur", None, id="NOT alone"),
        pytest.param("-a -b", "only says what must not occur", None, id="minus alone"),
        pytest.param("NOT NOT a", "only says what must not occur", None, id="double negation"),
        pytest.param("a " * MAX_QUERY, f"longer than {MAX_QUERY}", None, id="too long"),
        pytest.param("(" * 1900 + "a" + ")" * 1900, "nested too deeply", None, id="too deep"),
        pytest.param("(a OR " * 500 + "b" + ")" * 500, "nested too deeply", None, id="too deep with operators"),
    ],
)
def test_errors_say_what_and_where(text: str, reason: str, position: int | None) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert reason in caught.value.reason
    assert caught.value.position == position


def test_the_longest_query_is_read() -> None:
    query = parse(("ab OR " * 666 + "ab" * 2)[:MAX_QUERY])
    assert isinstance(query, Either)
    assert len(query.parts) == 667


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("a b", ["a", "b"], id="both"),
        pytest.param("a OR (b c)", ["a", "b", "c"], id="nested"),
        pytest.param("a NOT b", ["a"], id="not what NOT takes away"),
        pytest.param("a -(b OR c)", ["a"], id="nor a group"),
    ],
)
def test_positive(text: str, words: list[str]) -> None:
    assert [found.text for found in positive(parse(text))] == words


def test_threads_do_not_disturb_each_other() -> None:
    """The parser's lexer keeps its state in one object; a server parses in many threads."""
    texts = [f'title:word{i} AND ("some phrase {i}" OR prefix{i}* NOT other{i})' for i in range(4)]
    alone = [parse(text) for text in texts]
    seen: list[bool] = []

    def read(i: int) -> None:
        seen.extend(parse(texts[i]) == alone[i] for _ in range(30))

    threads = [threading.Thread(target=read, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 120


PIECES = st.sampled_from(
    [
        "a",
        "disp*",
        "title:",
        "nope:",
        "(",
        ")",
        '"',
        " AND ",
        " OR ",
        " NOT ",
        "-",
        "+",
        "!",
        "~2",
        "^3",
        "[a TO b]",
        "/",
        "\\",
        "*",
        "?",
        "<",
        ">=",
        "{",
        "&&",
        "||",
        "é",
        "غارة",
        "\x00",
        "\ud83d",
        "TO",
        ":",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40) | st.lists(PIECES, max_size=12).map("".join) | st.lists(PIECES, max_size=12).map(" ".join))
@example("a:b:c")
@example("^")
@example("~")
@example("{a TO")
def test_any_text_is_a_query_or_an_error_with_its_place(text: str) -> None:
    error = None
    try:
        query = parse(text)
    except QueryError as e:
        error = e
    if error is None:
        assert any(True for _ in positive(query))
    else:
        assert error.position is None or 0 <= error.position <= len(text)
        assert error.reason in str(error)


def test_a_star_in_quotation_marks_is_refused_rather_than_ignored() -> None:
    with pytest.raises(QueryError, match="quotation marks"):
        parse('"idlib camp*"')


def test_letters_and_marks_sent_apart_are_put_together() -> None:
    assert parse("de\u0301tente") == parse("d\u00e9tente")


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(QueryError, match="deep"):
        parse("(" * 60 + "idlib" + ")" * 60)
