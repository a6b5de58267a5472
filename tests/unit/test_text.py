"""Text as people read it."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.text import BLOCKS, MOST_MARKS, SILENT, one_line, paragraphs, plain_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("  a \n\t b  ", "a b", id="white space"),
        pytest.param("a\u00a0b\u2003c", "a b c", id="other spaces"),
        pytest.param("e\u0301", "\u00e9", id="composed"),
        pytest.param("e\u200b\u0301", "\u00e9", id="composed across an invisible character"),
        pytest.param("so\u00adft", "soft", id="soft hyphen"),
        pytest.param("\ufeffa\u200bb\u2060", "ab", id="zero width"),
        pytest.param("a\x00b\x07c\x7f", "abc", id="controls"),
        pytest.param("kill\u202eed", "killed", id="bidi override"),
        pytest.param("a\u2066b\u2069", "ab", id="bidi isolate"),
        pytest.param("x\ud83dy", "xy", id="lone surrogate"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="Persian joiner stays"),
        pytest.param("👩\u200d🚒", "👩\u200d🚒", id="emoji joiner stays"),
        pytest.param("", "", id="empty"),
    ],
)
def test_one_line(text: str, expected: str) -> None:
    assert one_line(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a\n\n \nb", "a\nb", id="no empty ones"),
        pytest.param("a \r\n b", "a\nb", id="Windows line ends"),
        pytest.param("a\u2029b\u2028c", "a\nb\nc", id="Unicode separators"),
        pytest.param(" \n ", "", id="nothing"),
    ],
)
def test_paragraphs(text: str, expected: str) -> None:
    assert paragraphs(text) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param("plain", "plain", id="plain"),
        pytest.param("5 < 6 & 7 > 3", "5 < 6 & 7 > 3", id="no markup"),
        pytest.param("AT&T", "AT&T", id="ampersand"),
        pytest.param("Air &amp; land", "Air & land", id="entity"),
        pytest.param("caf&#233; &#xe9;", "café é", id="numeric entities"),
        pytest.param("a &lt;b&gt; c", "a <b> c", id="escaped angle brackets are text"),
        pytest.param("<p>One.</p><p>Two.</p>", "One.\nTwo.", id="paragraphs"),
        pytest.param("<p>One\n line.</p>", "One line.", id="line breaks of the source"),
        pytest.param("one<br>two<br/>three", "one\ntwo\nthree", id="br"),
        pytest.param("<b>A</b>ir <i>str</i>ike", "Air strike", id="inline elements do not break words"),
        pytest.param("lead <div>in</div> out", "lead\nin\nout", id="text around blocks"),
        pytest.param("<ul><li>a<li>b</ul>", "a\nb", id="unclosed list items"),
        pytest.param("a<script>alert(1)</script>b", "ab", id="script"),
        pytest.param("a<style>p{}</style> b", "a b", id="style"),
        pytest.param("<noscript><p>enable <b>it</b></p></noscript>z", "z", id="nested in a silent element"),
        pytest.param("a<!-- hidden -->b", "ab", id="comment"),
        pytest.param("<img src=x alt='A picture'>text", "text", id="image"),
        pytest.param("<a href='/x'>link</a>", "link", id="link"),
        pytest.param("<p>half <b>open", "half open", id="unclosed"),
        pytest.param("<b>x</b>\ud83dy", "xy", id="lone surrogate in markup"),
        pytest.param("<p>a\x00b</p>", "ab", id="NUL in markup"),
        pytest.param("<!-- x -->", "", id="only a comment"),
        pytest.param("<", "<", id="one bracket"),
        pytest.param("", "", id="empty"),
    ],
)
def test_plain_text(markup: str, expected: str) -> None:
    assert plain_text(markup) == expected


@pytest.mark.parametrize("tag", sorted(BLOCKS - {"br", "hr", "dd", "dt", "li", "td", "th", "tr", "pre", "figcaption"}))
def test_blocks_start_a_new_line(tag: str) -> None:
    assert plain_text(f"a<{tag}>b</{tag}>c") == "a\nb\nc"


@pytest.mark.parametrize("tag", sorted(SILENT - {"head", "iframe"}))
def test_silent_elements_say_nothing(tag: str) -> None:
    assert "secret" not in plain_text(f"<div>a <{tag}>secret</{tag}> b</div>")


def test_deep_nesting_is_no_attack() -> None:
    assert plain_text("before<div>" + "<div>" * 50_000) == "before"


SOUP = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<b",
            ">",
            "&amp;",
            "&#0;",
            "&#x110000;",
            "<!--",
            "-->",
            "<script>",
            "</div>",
            "<![CDATA[",
            "\x00",
            "\ud800",
            "x ",
            "\u0301",
            "<svg>",
            "<br>",
            "<td>",
        ]
    )
    | st.text(max_size=5),
    max_size=30,
).map("".join)


@settings(max_examples=100, deadline=None)
@given(SOUP)
def test_plain_text_never_raises_and_is_clean(markup: str) -> None:
    text = plain_text(markup)
    assert paragraphs(text) == text
    text.encode()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_one_line_is_clean(text: str) -> None:
    line = one_line(text)
    assert one_line(line) == line
    assert line == unicodedata.normalize("NFC", line)
    assert len(line.splitlines()) <= 1


@pytest.mark.parametrize("marks", ["\u0327\u0301", "\u0301", "\U0001d165\u0334"])
def test_a_heap_of_marks_is_put_in_order_in_no_time(marks: str) -> None:
    """Putting marks in order takes the square of their number: 200,000 on one letter took 100 s."""
    started = time.process_time()
    line = one_line("a" + marks * 100_000 + "b")
    assert time.process_time() - started < 5
    assert line[0] in "a\u00e1"
    assert line.endswith("b")
    assert len(line) <= MOST_MARKS + 2


def test_what_is_no_mark_may_stand_in_any_number() -> None:
    rule = "\u2014" * 100 + "e\u0301" + "\U0001f600" * 100
    assert one_line(rule) == unicodedata.normalize("NFC", rule)
