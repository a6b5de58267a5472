"""Queries before they are parsed: Lucene's operators as luqum spells them, and what a query is without its words."""

import re

PLUS = "+"
#: What luqum would take apart likewise; in what is quoted, in ranges and within words nothing is an operator.
_PIECE = re.compile(
    r"""
    (?P<quote>["/])(?:\\.|(?!(?P=quote))[^\\])*(?P=quote)
    |[\[{](?:\\.|"(?:\\.|[^\\"])*"|[^\\"\[\]{}])*[\]}]
    |[~^][0-9.]*
    |(?P<operator>&&|\|\||[!+-])
    |(?:\\.|[^\s:^~(){}\[\]/"'<>\\])(?:\\.|&(?!&)|\|(?!\|)|[^\s:^\\~(){}\[\]&|])*
    """,
    re.VERBOSE | re.DOTALL,
)
#: luqum takes && and || and ! for letters, and gives + and - to the word before them: `a OR b -c` would be
#: `a OR (b AND NOT c)`. Its NOT binds as all of them should; which it was, the place in the text says.
_SPELT = {"&&": " AND ", "||": " OR ", "!": "NOT ", "-": "NOT ", PLUS: "NOT "}

#: Stands for a word. It is one letter of one Church Slavonic manuscript, three times.
SLOT = "ꙮꙮꙮ"
#: Where one of these is, words are not all there is.
_UNPLAIN = re.compile(r"[\\^\[\]{}/<>?&|!]")
#: A word, a prefix or a phrase that luqum reads as one thing, and as the same thing whatever its letters are.
_PLAIN = re.compile(
    r"""
    (?P<before>(?:^|[\s(:])[+-]?)
    (?:
        (?!(?:AND|OR|NOT|TO)(?:[\s)]|\Z))(?P<word>[^\W_]+(?=[\s)]|\Z)|[^\W_]{3,}(?=\*(?:[\s)]|\Z)))
        |"(?P<phrase>[^"*]*)"(?=[\s)~]|\Z)
    )
    """,
    re.VERBOSE,
)


def spelt(text: str) -> tuple[str, list[int]]:
    """`text` with its operators as luqum knows them, and where in `text` each character of that was, and its end. A NOT
    that was typed as + asks for what it stands before."""
    pieces: list[str] = []
    at: list[int] = []
    done = 0
    for found in _PIECE.finditer(text):
        if operator := found["operator"]:
            pieces += [text[done : found.start()], _SPELT[operator]]
            at += [*range(done, found.start()), *[found.start()] * len(pieces[-1])]
            done = found.end()
    return "".join((*pieces, text[done:])), [*at, *range(done, len(text) + 1)]


def shape_of(text: str) -> tuple[str, list[str]] | None:
    """`text` with SLOT in the place of each word, prefix and phrase, and those in their order; None where it has more
    than could be put back into the tree of its shape."""
    if SLOT in text or _UNPLAIN.search(text):
        return None
    words: list[str] = []

    def slot(found: re.Match[str]) -> str:
        before, word, phrase = found.groups()
        if word:
            words.append(word)
            return f"{before}{SLOT}"
        words.append(phrase)
        return f'{before}"{SLOT}"' if any(map(str.isalnum, phrase)) else '"'

    shape = _PLAIN.sub(slot, text)
    return None if shape.count('"') != 2 * shape.count(f'"{SLOT}"') else (shape, words)
