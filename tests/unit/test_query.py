"""The query language: what it means, and errors that point at their place."""

import threading
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transforms import query as language
from transforms.errors import QueryError
from transforms.query import (
    FIELDS,
    MAX_QUERY,
    MAX_SLOP,
    Both,
    Either,
    Not,
    Published,
    Query,
    Words,
    parse,
    positive,
    written,
)
from transforms.shapes import SLOT, shape_of

A, B, C, D = Words("a"), Words("b"), Words("c"), Words("d")


def on(*date: int) -> datetime:
    return datetime(*date, tzinfo=UTC)  # type: ignore[misc,arg-type]


JANUARY, FEBRUARY = on(2026, 1, 1), on(2026, 2, 1)


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
        pytest.param("a b OR c", Both((A, Either((B, C)))), id="no operator binds least of all"),
        pytest.param("a OR b c", Both((Either((A, B)), C)), id="on either side"),
        pytest.param("a b AND c OR d", Both((A, Either((Both((B, C)), D)))), id="AND, OR, none"),
        pytest.param("a OR b NOT c", Both((Either((A, B)), Not(C))), id="NOT beside an OR"),
        pytest.param("a AND NOT b OR c", Either((Both((A, Not(B))), C)), id="NOT within an AND"),
        pytest.param("a OR b -c", Both((Either((A, B)), Not(C))), id="minus beside an OR"),
        pytest.param("a OR b !c d", Both((Either((A, B)), Not(C), D)), id="! beside an OR"),
        pytest.param("a OR b +c", Both((Either((A, B)), C)), id="plus beside an OR"),
        pytest.param("a OR +b AND c", Either((A, Both((B, C)))), id="plus within an OR"),
        pytest.param("a AND b -c", Both((Both((A, B)), Not(C))), id="minus beside an AND"),
        pytest.param('(a)-b "c"!d', Both((A, Not(B), C, Not(D))), id="minus without blanks"),
        pytest.param("a^2-b", Both((A, Not(B))), id="minus after a boost"),
        pytest.param("a -(b OR NOT c)", Both((A, Not(Either((B, Not(C)))))), id="anything goes within a NOT"),
        pytest.param("a && b", Both((A, B)), id="&&"),
        pytest.param("a&&b", Both((A, B)), id="&& without blanks"),
        pytest.param("a || b", Either((A, B)), id="||"),
        pytest.param("(a)||(b)", Either((A, B)), id="|| between groups"),
        pytest.param("a !b", Both((A, Not(B))), id="!"),
        pytest.param("a && !(b || c)", Both((A, Not(Either((B, C))))), id="&& ! ||"),
        pytest.param("a&&!b", Both((A, Not(B))), id="&& and ! without blanks"),
        pytest.param("a !title:b", Both((A, Not(Words("b", "title")))), id="! before a field"),
        pytest.param("yahoo!", Words("yahoo!"), id="! after a word"),
        pytest.param('"a && !b"', Words("a && !b"), id="no operators in a phrase"),
        pytest.param(r"a\&&b", Words("a&&b"), id="no escaped operators"),
        pytest.param("at&t", Words("at&t"), id="one & is a letter"),
        pytest.param('"a b"~4', Words("a b", slop=4), id="slop"),
        pytest.param('"a b"~0', Words("a b"), id="no slop"),
        pytest.param('title:"a b"~4^2', Words("a b", "title", slop=4), id="slop and boost in a field"),
        pytest.param("published:[2026-01-01 TO 2026-02-01}", Published(JANUARY, FEBRUARY), id="range"),
        pytest.param("published:[2026-01-01 TO 2026-01-31]", Published(JANUARY, FEBRUARY), id="all of the last day"),
        pytest.param("published:{2025-12-31 TO 2026-02}", Published(JANUARY, FEBRUARY), id="after a day"),
        pytest.param("published:[2026-01 TO 2026-01]", Published(JANUARY, FEBRUARY), id="months"),
        pytest.param("published:[* TO 2026-02}", Published(None, FEBRUARY), id="open below"),
        pytest.param("published:[2026-01 TO *]", Published(JANUARY), id="open above"),
        pytest.param("published:>=2026-01-01", Published(JANUARY), id=">="),
        pytest.param("published:>2025", Published(JANUARY), id="> is after all of it"),
        pytest.param("published:<2026-02", Published(None, FEBRUARY), id="<"),
        pytest.param("published:<=2026-01-31T23", Published(None, FEBRUARY), id="<= is until its end"),
        pytest.param("published:2026-01", Published(JANUARY, FEBRUARY), id="month"),
        pytest.param("published:2026", Published(JANUARY, on(2027, 1, 1)), id="year"),
        pytest.param("published:2025-12", Published(on(2025, 12, 1), JANUARY), id="December"),
        pytest.param('published:"2026-01-31"', Published(on(2026, 1, 31), FEBRUARY), id="day, quoted"),
        pytest.param("published:2026-01-31T23:59Z", Published(on(2026, 1, 31, 23, 59), FEBRUARY), id="minute"),
        pytest.param("published:2026-01-31T23:59:59", Published(on(2026, 1, 31, 23, 59, 59), FEBRUARY), id="second"),
        pytest.param("published:9999-12-31", Published(on(9999, 12, 31)), id="the last day"),
        pytest.param(
            "published:(2026-01 OR >=2027)",
            Either((Published(JANUARY, FEBRUARY), Published(on(2027, 1, 1)))),
            id="group of dates",
        ),
        pytest.param("a published:2026-01", Both((A, Published(JANUARY, FEBRUARY))), id="words and dates"),
        pytest.param("published_at:2026-01", Published(JANUARY, FEBRUARY), id="as the field of an article is called"),
        pytest.param(r"C\+\+", Words("C++"), id="escaped"),
        pytest.param('"a? b?"', Words("a? b?"), id="a question in quotation marks"),
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
        pytest.param("a titel:x", "there is no field 'titel'; did you mean title", 2, id="unknown field"),
        pytest.param("a zzz:x", "known are title,", 2, id="unknown field, unlike any"),
        pytest.param("see https://x.example", "there is no field 'https'", 4, id="an address"),
        pytest.param("x di*", "at least 3 letters", 2, id="short prefix"),
        pytest.param("title:*", "at least 3 letters", 6, id="star alone"),
        pytest.param("x d?splace", "only a * at the end", 2, id="question mark"),
        pytest.param("dis*ed", "only a * at the end", 0, id="star in the middle"),
        pytest.param("disp**", "only a * at the end", 0, id="two stars"),
        pytest.param("x displce~", "fuzzy queries are not supported", 2, id="fuzzy"),
        pytest.param('x "a b"~', "does not say how far", 2, id="slop without a number"),
        pytest.param('x "a b"~1.5', "no whole number", None, id="slop of a fraction"),
        pytest.param('x "a b*"~2', "within quotation marks", 2, id="slop of a prefix"),
        pytest.param('x "a b?d"', "within quotation marks", 2, id="question mark in a quoted word"),
        pytest.param(f'"a b"~{MAX_SLOP + 1}', f"more than {MAX_SLOP} apart", 0, id="slop beyond measure"),
        pytest.param("a^1.2.3", "no whole number", None, id="boost that is no number"),
        pytest.param("x *displace", "cannot begin with *", 2, id="leading wildcard"),
        pytest.param("x ?displace", "cannot begin with *", 2, id="leading question mark"),
        pytest.param("a && [a TO b]", "range queries are not supported", 5, id="places are those of what was typed"),
        pytest.param("a || b || /x/", "regex queries are not supported", 10, id="whatever && and || stand for"),
        pytest.param("a &&", "ends too early", 4, id="at the end, too"),
        pytest.param("published:2026-13", "is no date; write 2026,", 10, id="no such month"),
        pytest.param("published:2026-02-30", "is no date", 10, id="no such day"),
        pytest.param("published:now-7d", "is no date", 10, id="relative date"),
        pytest.param("published:202*", "is no date", 10, id="date with a star"),
        pytest.param("published:٢٠٢٦", "is no date", 10, id="date in other digits"),
        pytest.param("published:[2026 TO 2025]", "ends before it begins", 10, id="range turned round"),
        pytest.param("published:[2026-01-01 TO 2026-01-01}", "ends before it begins", 10, id="empty range"),
        pytest.param("published:[* TO *]", "has no bound", 10, id="range of everything"),
        pytest.param("published:{9999 TO *]", "has no bound", 10, id="after all time"),
        pytest.param("published:/2026/", "regex queries are not supported", 10, id="regular expression of dates"),
        pytest.param("NOT published:2026", "only says what must not occur", None, id="NOT dates"),
        pytest.param("x /dis.*/", "regex queries are not supported", 2, id="regular expression"),
        pytest.param("title:[a TO b]", "range queries are not supported", 6, id="range"),
        pytest.param("a -b [c TO -d]", "range queries are not supported", 5, id="a minus in it is a sign"),
        pytest.param("a +b -", "ends too early", 6, id="minus at the end"),
        pytest.param("a +b -c !e/x/ -d -titel:x", "there is no field 'titel'", 18, id="after pluses and minuses"),
        pytest.param("title:>5", "queries with > are not supported", 6, id="comparison"),
        pytest.param('a ""', "there is no word in ''", 2, id="empty phrase"),
        pytest.param("a …", "there is no word in '…'", 2, id="punctuation alone"),
        pytest.param("NOT a", "only says what must not occur", None, id="NOT alone"),
        pytest.param("-a -b", "only says what must not occur", None, id="minus alone"),
        pytest.param("NOT NOT a", "only says what must not occur", None, id="double negation"),
        pytest.param("a OR NOT b", "an alternative only says what must not occur", None, id="OR NOT"),
        pytest.param("a OR (-b -c)", "an alternative only says what must not occur", None, id="OR of NOT alone"),
        pytest.param("a " * MAX_QUERY, f"longer than {MAX_QUERY}", None, id="too long"),
        pytest.param("(" * 1900 + "a" + ")" * 1900, "nested more than 25 deep", 26, id="too deep"),
        pytest.param("(a OR " * 500 + "b" + ")" * 500, "nested more than 25 deep", 73, id="too deep with operators"),
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


# A shape is parsed once, whatever its words.

SHAPES = st.sampled_from(
    [
        *("a", "drone", "x1", "AND", "OR", "NOT", "TO", "Straße", "авиаудар", "غارة", "空袭", SLOT, "ꙮ", "x_y", "2026"),
        *("title:a", "titel:a", "published:2026", "published:x", "topics:drone-strike", "title:drone*", "abc*", "ab*"),
        *('"a b"', '"drone"', '""', '"…"', '"a', 'a"b', 'b"', '"a b"~3', '"a"~', '"a*b"', '"a \\" b c"', '"a\nb"'),
        *("+a", "-drone", "--a", "+-a", "- a", "!a", "a!", "(a", "b)", "(", ")", "()", "(a b)", "&&", "||", "a&b"),
        *("idlib-camp", "a^2", "a~1", "[a TO b]", "T12:30", "title:T12:30", "/a/", "a/b", "a\\*", "a:", "<5", "'a"),
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(SHAPES, max_size=9).map(" ".join) | st.lists(SHAPES, max_size=5).map("".join))
@example('"a b"~2 OR (+drone -"x y")')
@example(f'"{SLOT}" {SLOT}*')
@example(f'"a b"~3{SLOT}')
@example(f"{SLOT}(a b)")
def test_a_query_means_the_same_whether_or_not_its_shape_is_known(text: str) -> None:
    assert outcome(parse, text) == outcome(language._read, text)


def outcome(read: object, text: str) -> object:
    try:
        return read(text)  # type: ignore[operator]
    except QueryError as e:
        return e.args if text.strip() else None


def test_queries_that_differ_in_their_words_have_one_shape() -> None:
    assert shape_of("+a +drone") == (f"+{SLOT} +{SLOT}", ["a", "drone"])
    assert shape_of('+Straße +10 (abc* OR "d e")') == (
        f'+{SLOT} +{SLOT} ({SLOT}* OR "{SLOT}")',
        ["Straße", "10", "abc", "d e"],
    )


# A reference for what stands side by side: clauses, each with the operator before it and its sign.

CLAUSES = st.lists(
    st.tuples(st.sampled_from([" AND ", " && ", " OR ", " || ", " "]), st.sampled_from(["", "+", "-", "!", "NOT "])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=400, deadline=None)
@given(CLAUSES)
@example([(" ", ""), (" OR ", ""), (" ", "-"), (" OR ", "")])
@example([(" ", "+"), (" AND ", "!"), (" ", "+")])
def test_and_binds_most_then_or_and_what_stands_side_by_side_least(clauses: list[tuple[str, str]]) -> None:
    words = "abcdef"[: len(clauses)]
    text = "".join(f"{before}{sign}{word}" for (before, sign), word in zip(clauses, words, strict=True))
    text = text.removeprefix(clauses[0][0])
    groups: list[list[list[str]]] = []  # all of which any of which all of which
    for (before, sign), word in zip(clauses, words, strict=True):
        clause = f"{'NOT ' * (sign in ('-', '!', 'NOT '))}{word}"
        match before.strip() if groups else "":
            case "AND" | "&&":
                groups[-1][-1].append(clause)
            case "OR" | "||":
                groups[-1].append([clause])
            case _:
                groups.append([[clause]])
    alternatives = [" OR ".join(f"({' AND '.join(all_of)})" for all_of in any_of) for any_of in groups]
    plain = " AND ".join(f"({any_of})" for any_of in alternatives)
    assert truths(text, words) == truths(plain, words)


def truths(text: str, words: str) -> list[bool] | None:
    """Of which of the words' combinations a query is true; None for one that is refused."""
    try:
        query = parse(text)
    except QueryError as e:
        assert "must not occur" in e.reason  # noqa: PT017 - or the test proves nothing
        return None
    return [true(query, {word for word, on in zip(words, held, strict=True) if on}) for held in COMBINED[len(words)]]


COMBINED = {count: list(product((False, True), repeat=count)) for count in range(1, 7)}


def true(query: Query, held: set[str]) -> bool:
    match query:
        case Words():
            return query.text in held
        case Both(parts):
            return all(true(part, held) for part in parts)
        case Either(parts):
            return any(true(part, held) for part in parts)
        case Not(part):
            return not true(part, held)
    raise AssertionError(query)


TEXTS = st.text(st.sampled_from("ab é空\\*?\"'+-&|!(){}[]^~:/<>TOANDR\n"), max_size=8) | st.sampled_from(
    ["AND", "TO", "a b"]
)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(["", "title", "author"]), st.sampled_from(["", "prefix", "slop"]))
def test_what_is_written_of_words_reads_as_those_words(text: str, field: str, kind: str) -> None:
    words = Words(text, field, prefix=kind == "prefix", slop=3 * (kind == "slop"))
    if not any(map(str.isalnum, text)) or (kind == "prefix" and ("\n" in text or len(text) < 3)):
        return
    assert parse(written(words)) == words


@pytest.mark.parametrize("text", ["published:2026-01", "published:>=2026-01-01T12:30:05", "published:<2026"])
def test_what_is_written_of_dates_reads_as_those_dates(text: str) -> None:
    dates = parse(text)
    assert isinstance(dates, Published)
    assert parse(written(dates)) == dates


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
        assert any(True for _ in positive(query)) or "published" in text
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
