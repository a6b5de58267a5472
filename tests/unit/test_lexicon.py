"""Words of lists are found in their forms, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.analysis import places
from transforms.lexicon import Lexicon, Span, WordList, problem


def found(text: str, *phrases: str, language: str = "en", excepted: tuple[str, ...] = ()) -> list[str]:
    """The words of `text` that a list of these phrases finds."""
    one = WordList({language: phrases}, {language: excepted})
    spans = Lexicon([one], language).find(text).lists.get(0, [])
    at = places(text, language)
    return [text[at[span.first][0] : at[span.end - 1][1]] for span in spans]


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        pytest.param("strike", "Strikes, striking, strike", ["Strikes", "striking", "strike"], id="stems"),
        pytest.param("=strike", "Strikes, Strike", ["Strike"], id="this form alone"),
        pytest.param("bombard*", "bombarded, bombardment, bomb", ["bombarded", "bombardment"], id="a beginning"),
        pytest.param("hit bombard*", "hit bombarded", ["hit bombarded"], id="a beginning in a phrase"),
        pytest.param("=IS", "IS is here", ["IS"], id="capitals only"),
        pytest.param("=AC-130", "an AC-130, ac-130", ["AC-130"], id="capitals and a number"),
        pytest.param("=Hama", "hama HAMA Hamas", ["hama", "HAMA"], id="one capital is no capitals"),
        pytest.param("Deir ez-Zor", "in Deir ez Zor, Deir-ez-Zor", ["Deir ez Zor", "Deir-ez-Zor"], id="hyphens"),
        pytest.param("air strike", "air\nstrike; strike air", ["air\nstrike"], id="in this order"),
        pytest.param("a b a", "a b a b a", ["a b a", "a b a"], id="overlapping"),
        pytest.param("Idlib", "İdlib IDLIB ídlib", ["İdlib", "IDLIB", "ídlib"], id="marks and capitals"),
    ],
)
def test_how_phrases_are_written(phrase: str, text: str, expected: list[str]) -> None:
    assert found(text, phrase) == expected


def test_what_an_exception_covers_does_not_count_and_is_told() -> None:
    one = WordList({"en": ("strike",)}, {"en": ("lightning strike", "strike zone")})
    answer = Lexicon([one], "en").find("A lightning strike, a strike, the strike zone")
    assert answer.lists == {0: [Span(4, 5)]}
    assert answer.excepted == {0: [(Span(2, 3), Span(1, 3)), (Span(6, 7), Span(6, 8))]}


@pytest.mark.parametrize(
    "text",
    ["غارة", "الغارة", "والغارة", "بالغارة", "للغارة", "فغارة", "غاره", "غَارَة", "غـارة", "كالغارة"],
)
def test_arabic_words_are_found_behind_what_is_written_as_one_with_them(text: str) -> None:
    assert found(f"قبل {text} بعد", "غارة", language="ar") == [text]


@pytest.mark.parametrize(
    ("phrase", "text"), [("إدلب", "ادلب"), ("مشفى", "مشفي"), ("آخر", "اخر"), ("الغارة الجوية", "غارة جوية")]
)
def test_arabic_letters_have_one_form(phrase: str, text: str) -> None:
    assert found(text, phrase, language="ar") == [text]


def test_a_first_letter_may_be_the_words_own() -> None:
    assert found("باب", "باب", language="ar") == ["باب"]
    assert found("لبنان", "بنان", language="ar") == ["لبنان"]  # the price: who knows no words cannot tell
    assert found("الف", "ف", language="ar") == []


def test_an_unknown_language_is_read_as_every_one() -> None:
    lists = [WordList({"fr": ("frappe aérienne",), "ru": ("авиаудар",), "*": ("YPG",)}), WordList({"en": ("strike",)})]
    answer = Lexicon(lists, "und").find("Frappes aériennes, авиаудары, strikes, YPG")
    assert {number: len(spans) for number, spans in answer.lists.items()} == {0: 3, 1: 1}


def test_languages() -> None:
    one = WordList({"en": ("a",), "fr": ()})
    assert one.languages() == {"en"}
    assert [one.speaks(language) for language in ("en", "fr", "und")] == [True, False, True]
    assert all(WordList({"*": ("a",)}).speaks(language) for language in ("en", "xx", "und"))
    assert not WordList({}).speaks("und")


@pytest.mark.parametrize(
    ("phrase", "wrong"),
    [
        ("air strike", ""),
        ("bomb*", ""),
        ("=IS", ""),
        ("bo*", "at least 3 letters"),
        ("b*mb", "at the end of a word"),
        ("*bomb", "at the end of a word"),
        ("=bomb*", "at the end of a word"),
        ("…", "no word"),
        ("rehin al*", ""),
        ("rehin a*", "at least 2 letters"),
    ],
)
def test_what_is_wrong_with_a_phrase(phrase: str, wrong: str) -> None:
    assert wrong in problem(phrase)
    assert bool(problem(phrase)) is bool(wrong)


@given(
    st.lists(st.sampled_from(["air", "strike", "strikes", "the", "civil", "war"]), max_size=30).map(" ".join),
    st.lists(
        st.lists(st.sampled_from(["air", "strike", "civil", "war"]), min_size=1, max_size=3).map(" ".join), max_size=5
    ),
)
def test_all_and_only_occurrences_are_found(text: str, phrases: list[str]) -> None:
    """Against the plain definition: each window of words whose stems are the phrase's."""
    stem = {"strikes": "strike"}
    said = [stem.get(word, word) for word in text.split()]
    expected = {
        (at, at + len(phrase.split()))
        for phrase in phrases
        for at in range(len(said))
        if said[at : at + len(phrase.split())] == phrase.split()
    }
    lists = Lexicon([WordList({"en": tuple(phrases)})], "en").find(text).lists
    assert set(lists.get(0, [])) == expected
