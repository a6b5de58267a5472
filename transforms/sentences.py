"""Where sentences begin and end, in any language."""

import re
from collections.abc import Iterator

from sentencex import get_sentence_boundaries

#: A longer line is read in pieces, each cut at a blank: on some texts (a hundred thousand quotation marks) the library
#: takes a time that grows with the square of the length.
MAX_PIECE = 4_000
#: A lone one is a str in Python and text nowhere else.
_SURROGATE = re.compile("[\ud800-\udfff]")


def sentences(text: str, language: str) -> list[tuple[int, int]]:
    """The character spans of the sentences of `text`, in order, each without the blanks around it. A newline ends one.

    An unknown language (`und`, or one the library has no rules for) is read by the rules of English.
    """
    found: list[tuple[int, int]] = []
    read_as = "en" if language == "und" else language
    for at, piece in _pieces(text):
        for one in get_sentence_boundaries(read_as, piece):
            start, end = one["start_index"], one["end_index"]
            words = piece[start:end]
            if words.strip():
                found.append((at + end - len(words.lstrip()), at + start + len(words.rstrip())))
    return found


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text, with where they begin; long ones in pieces."""
    at = 0
    for line in text.split("\n"):
        start = 0
        while start < len(line):
            end = start + MAX_PIECE
            if end < len(line):
                end = line.rfind(" ", start + 1, end) + 1 or end
            yield at + start, _SURROGATE.sub("\ufffd", line[start:end])
            start = end
        at += len(line) + 1
