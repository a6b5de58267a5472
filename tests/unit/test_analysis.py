"""Text into tokens: what search, topics and alerts all stand on. Offsets must always point at the words."""

from itertools import pairwise

import pytest
import Stemmer
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.analysis import BIGRAMS, MARKS, MAX_TOKEN, SNOWBALL, Token, places, terms, tokens, unstemmed


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        pytest.param("Airstrikes killed civilians", "en", ["airstrik", "kill", "civilian"], id="English stems"),
        pytest.param(
            "Airstrikes killed civilians", "und", ["airstrikes", "killed", "civilians"], id="unknown: no stems"
        ),
        pytest.param(
            "Airstrikes killed civilians", "", ["airstrikes", "killed", "civilians"], id="no language: no stems"
        ),
        pytest.param("Deir ez-Zor, al_Bab's 3rd", "und", ["deir", "ez", "zor", "al", "bab", "s", "3rd"], id="runs"),
        pytest.param("CAFÉ Señor Škoda", "und", ["cafe", "senor", "skoda"], id="folded"),
        pytest.param("Straße STRASSE Maße", "und", ["strasse", "strasse", "masse"], id="German ß"),
        pytest.param("Kırık ırmak", "und", ["kirik", "irmak"], id="Turkish dotless i"),
        pytest.param("İstanbul İZMİR", "und", ["istanbul", "izmir"], id="Turkish dotted I"),
        pytest.param(
            "Æsir øre œuvre Łódź đ ð þing ħ ŋ ſ",
            "und",
            ["aesir", "ore", "oeuvre", "lodz", "d", "d", "thing", "h", "n", "s"],
            id="letters Unicode keeps whole",
        ),
        pytest.param("ﬁre ２０２６", "und", ["fire", "2026"], id="ligature and wide digits"),
        pytest.param("Ёлка Йод", "und", ["ёлка", "йод"], id="Cyrillic marks are letters"),
        pytest.param("Ελλάδα", "und", ["ελλάδα"], id="Greek is not folded"),
        pytest.param("العَرَبِيَّة وقُتل", "und", ["العربية", "وقتل"], id="Arabic vowel signs are left out"),
        pytest.param("\u0652 \u064b\u0670 ـ\u0610", "und", ["ـ"], id="and are no words"),
        pytest.param("北\u064b京空\u0650袭", "zh", ["北京", "京空", "空袭"], id="not even within bigrams"),
        pytest.param("北京空袭", "zh", ["北京", "京空", "空袭"], id="Chinese bigrams"),
        pytest.param("北京空袭", "en", ["北京空袭"], id="Chinese elsewhere is one run"),
        pytest.param("中", "zh", ["中"], id="one letter alone"),
        pytest.param("空袭Aleppo中", "zh", ["空袭", "aleppo", "中"], id="mixed run"),
        pytest.param("ミサイル攻撃", "ja", ["ミサ", "サイ", "イル", "ル攻", "攻撃"], id="Japanese"),
        pytest.param("공습으로", "ko", ["공습", "습으", "으로"], id="Korean"),
        pytest.param("", "en", [], id="empty"),
        pytest.param(" … — !", "en", [], id="no words"),
        pytest.param("x" * 150, "und", ["x" * MAX_TOKEN], id="oversized"),
    ],
)
def test_terms(text: str, language: str, expected: list[str]) -> None:
    assert terms(text, language) == expected


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        pytest.param("en", "displaced", "displacement", id="English"),
        pytest.param("de", "Luftangriff", "Luftangriffen", id="German"),
        pytest.param("de", "Füßen", "FUSSEN", id="German ß and umlaut"),
        pytest.param("fr", "frappe aérienne", "frappes aeriennes", id="French"),
        pytest.param("ru", "авиаудар", "авиаударами", id="Russian"),
        pytest.param("ar", "الغارة", "غارة", id="Arabic article"),
        pytest.param("ar", "غارةٌ جوّيّة", "غارة جوية", id="Arabic vowels"),
        pytest.param("tr", "saldırı", "saldiri", id="Turkish"),
        pytest.param("es", "ataques aéreos", "ataque aereo", id="Spanish"),
    ],
)
def test_forms_of_a_word_are_one_term(language: str, one: str, other: str) -> None:
    assert terms(one, language) == terms(other, language)


@pytest.mark.parametrize("language", sorted(SNOWBALL))
def test_every_stemmer_is_there(language: str) -> None:
    assert SNOWBALL[language] in Stemmer.algorithms()
    assert len(terms("one two three", language)) == 3


@pytest.mark.parametrize("language", sorted(BIGRAMS))
def test_prefixes_of_bigram_languages_are_analysed_as_they_are(language: str) -> None:
    assert (unstemmed(language), unstemmed("en"), unstemmed("und")) == (language, "", "")


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        pytest.param("Air\n strikes, İzmir Straße.", "en", ["Air", "strikes", "İzmir", "Straße"], id="words"),
        pytest.param("👩‍🚒 ﬁre", "en", ["ﬁre"], id="beyond the basic plane"),
        pytest.param("空袭 Raqqa", "zh", ["空袭", "Raqqa"], id="Chinese and Latin"),
        pytest.param("غارات جوية", "ar", ["غارات", "جوية"], id="Arabic"),
        pytest.param("وقُتل المدينةَ، أُصيب", "ar", ["وقُتل", "المدينةَ", "أُصيب"], id="Arabic with its vowels"),
        pytest.param("\u064eب \u064e،ت\u064e", "ar", ["ب", "ت\u064e"], id="vowels that stand on no letter"),
        pytest.param(
            "北\u064b京\u064b空 A\u064bb\u064b",
            "zh",
            ["北\u064b京\u064b", "京\u064b空", "A\u064bb\u064b"],
            id="bigrams",
        ),
        pytest.param("y" * 150, "en", ["y" * 150], id="the whole of an oversized word"),
    ],
)
def test_offsets_point_at_the_words(text: str, language: str, words: list[str]) -> None:
    assert [text[token.start : token.end] for token in tokens(text, language)] == words


def test_bigrams_overlap() -> None:
    assert tokens("a 北京空", "zh") == [Token("a", 0, 1), Token("北京", 2, 4), Token("京空", 3, 5)]


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=80) | st.text(alphabet="aÉßİıﬁ北京空ア공 _-٣ا\u0301\ud83dЖ9\u064b\u0670", max_size=40),
    st.sampled_from(["", "und", "en", "de", "ar", "tr", "ru", "zh", "ja", "ko", "xx"]),
)
def test_offsets_are_valid_and_in_order(text: str, language: str) -> None:
    found = tokens(text, language)
    for token in found:
        assert 0 <= token.start < token.end <= len(text)
        assert all(letter.isalnum() or letter in MARKS for letter in text[token.start : token.end])
        assert text[token.start].isalnum()
        assert text[token.end : token.end + 1] not in set(MARKS), "a mark belongs to the letter before it"
        assert token.term
    for one, other in pairwise(found):
        assert one.start < other.start
        assert one.end < other.end
        assert language in BIGRAMS or one.end < other.start
    assert places(text, language) == [(token.start, token.end) for token in found]
    covered = {i for token in found for i in range(token.start, token.end) if text[i] not in MARKS}
    assert covered == {i for i, letter in enumerate(text) if letter.isalnum()}
    assert terms(text, language) == [token.term for token in found]


def test_a_decorated_capital_is_a_small_letter() -> None:
    assert terms("\U0001d401\U0001d40e\U0001d40b\U0001d403", "und") == ["bold"]
