"""Sentences are spans of the text, in every language and of any text."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.sentences import MAX_PIECE, sentences


def cut(text: str, language: str = "en") -> list[str]:
    return [text[start:end] for start, end in sentences(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Gen. Smith of the U.S. Army spoke. He left.", ["Gen. Smith of the U.S. Army spoke.", "He left."]),
        ("en", "A title\nA body. More", ["A title", "A body.", "More"]),
        ("en", "  \n\n A. \n", ["A."]),
        (
            "ru",
            "Об этом сообщил г. Иванов. Погибли 3 тыс. человек.",
            ["Об этом сообщил г. Иванов.", "Погибли 3 тыс. человек."],
        ),
        ("ar", "قال المتحدث. ثم انصرف؟ نعم", ["قال المتحدث.", "ثم انصرف؟", "نعم"]),
        ("und", "One. Two", ["One.", "Two"]),
        ("xx", "One. Two", ["One.", "Two"]),
        ("en", "", []),
        ("en", "\ud800 broken. Whole.", ["\ud800 broken.", "Whole."]),
    ],
)
def test_sentences(language: str, text: str, expected: list[str]) -> None:
    assert cut(text, language) == expected


def test_a_long_line_is_read_in_pieces_cut_at_blanks() -> None:
    text = "word " * MAX_PIECE
    pieces = cut(text)
    assert len(pieces) > 1
    assert " ".join(pieces) == text.strip()


@pytest.mark.parametrize("letter", ["«", '"', ".", "( ", "a.", "\n"])
def test_a_hostile_text_costs_little(letter: str) -> None:
    started = time.process_time()
    sentences(letter * (100_000 // len(letter)), "en")
    assert time.process_time() - started < 2


@given(st.text(), st.sampled_from(["en", "ar", "ru", "tr", "zh", "und"]))
def test_spans_are_in_order_and_of_words(text: str, language: str) -> None:
    found = sentences(text, language)
    assert all(0 <= start < end <= len(text) and text[start:end].strip() for start, end in found)
    assert all(one[1] <= other[0] for one, other in pairwise(found))
