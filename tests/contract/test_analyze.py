"""The servers' analysis equals `transforms.analysis`: term by term, at the same characters.

What had been different, and how it was closed:

- German, 599 of 98,393 words, English, 14 of 94,733, Italian, 1 of 94,873: Lucene 10 carries a later Snowball than
  PyStemmer 2.2. It reads ae, oe and ue as umlauts, keeps the em of "system", and does not shorten "add" to "ad" when it
  takes the ending off "added". `transforms.analysis` does the same now. (Lucene 9, under Elasticsearch 8.19 and
  OpenSearch 2.19, has an earlier one: there these words differ as they did.)
- 395 Latin letters and numbers that have no decomposition (ə ɓ ŧ ❶) are folded by Lucene's `asciifolding`; by us now
  too, from a table. Some of Lucene's own come out as capitals, so the analyzer lower-cases once more.
- 862 that stand for others (𝐁 º ⅷ) are folded by us and not by `asciifolding`; a character filter made from our own
  table does it.
- Arabic: the marks over and under letters (قُتل) parted words; they are deleted by us, and by the same character filter.
- Chinese, Japanese, Korean: Lucene's `cjk_bigram` stands on a tokenizer with rules of its own ("O'Brien", "3.14"). A
  pattern that looks ahead gives the very same bigrams as ours.

What is left is in DIFFERENT, and in letters newer than the Unicode of this Python, which are no letters to us.
"""

import json
import os
import sys
from collections.abc import Iterator
from functools import cache

import justext
import pytest
from elasticsearch import Elasticsearch

from connectors.elasticsearch.analyzers import EXACT, NAMES, WORDS, analysis
from connectors.elasticsearch.client import ElasticsearchSpec, open_client
from pipelines.demo.model import load_wire
from tests.shared import PAGES
from transforms.analysis import BIGRAMS, MARKS, SNOWBALL, Token, tokens, unstemmed
from transforms.languages import language as language_of

pytestmark = pytest.mark.servers

#: Digits with a comma or stop of their own: folded by us, after the cut into words; by nobody there, since a comma that
#: a character filter puts in would cut the word.
DIFFERENT = (
    "\U0001f100\U0001f101\U0001f102\U0001f103\U0001f104\U0001f105\U0001f106\U0001f107\U0001f108\U0001f109\U0001f10a"
)
TEXTS = {
    "en": "Warplanes struck the town's market on Friday; air strikes killed ten, O'Brien added, and 3.14 million fled. "
    "Systems failed, eggs were egged on, errors erred: NATO-led co-operation (1,200 troops) ebbed, the U.N. said.",
    "de": "Luftangriffe trafen die Häuser im Gebäude der Behörde; Ärztinnen und Ärzte versorgten 1.200 Verletzte. Das "
    "Sicherheitssystem, die Straße, STRASSEN, Steuern, neue Quellen, Goethe, Mueller und Müller, Poesie, quer.",
    "fr": "Des frappes aériennes ont touché la ville d'Idlib, où l'hôpital n'était plus qu'à 2 km du cœur des combats. "
    "« L'œuvre des secouristes », selon Mme Ç., s'est arrêtée aujourd'hui. 1er, 2ᵉ et XXᵉ siècles.",
    "es": "Los ataques aéreos del 1º de octubre dejaron 1.200 heridos en la 3ª región; ¿cuántos niños murieron? «Año "
    "de señales», añadió el portavoz, según el corazón de la acción. Pingüinos, vergüenza, camión, camiones.",
    "pt": "Os ataques aéreos de sábado, à 1ª hora, mataram dez pessoas; não há informações sobre os órgãos. Às "
    "vésperas das eleições, a nação e as nações, o pão e os pães, o irmão e as irmãs, disse o 2º tenente.",
    "ru": "Город подвергся авиационным ударам; погибли десять человек, сообщили в больнице. Ёлки, подъём, чей-то"
    " дом, Санкт-Петербург, 1-й полк, 2026 года. Правительство, правительства, правительственными.",
    "ar": "استهدفت الغارات الجوية المدينةَ يوم الجمعة، وقُتل ١٠ مدنيين على الأقل، بحسب المستشفى. الهجوم، هجمات، "
    "والمستشفيات، إسرائيل، أُصيب، مدرسة، المدرسين، ٣٫٥ مليون. قَالَ المُتَحَدِّثُ بِاسْمِ الدِّفَاعِ المَدَنِيِّ إِنَّ طَائِرَاتٍ حَرْبِيَّةً قَصَفَتِ "
    "السُّوقَ، فَقُتِلَ عَشَرَةُ مَدَنِيِّينَ؛ هٰذا، اللّٰه، مـُـدُن.",
    "zh": "空袭击中了该市的医院，双方同意停火协议。联合国（UN）称，3.14万人逃离Aleppo；O'Brien：“第2次。”㈠、中・日。",
    "ja": "空爆で病院が被害を受け、双方は停戦に合意した。ミサイル・テストは２０２６年、ﾊﾝｶｸｶﾅ、O'Brien氏のスーパー。",
    "ko": "공습으로 병원이 피해를 입었고 양측은 휴전에 합의했다. O'Brien은 3.14만 명이 대피했다고 밝혔다. 2026년 ㄱㄴ.",
    "yi": "די שטאָט איז באָמבאַרדירט געוואָרן, צען מענטשן זענען געשטאָרבן, און די רעגירונג האָט געזאָגט אַז די קינדער לעבן.",
    "und": "ɓaŋ Ɗan ƴancin, Bakı Əliyev ə, Sápmi ŧuo, 𝐁𝐨𝐥𝐝 ① ⑴ ❶ ½ Ⅷ ﬁre ２ ｗｉｄｅ x² İSTANBUL ıI ŉ ſt _score_",
}
#: Where the frequent words of a language are, by other names than the stemmer's.
STOPLISTS = {"nb": "Norwegian_Bokmal", "nn": "Norwegian_Nynorsk", "no": "Norwegian_Bokmal"}


@pytest.fixture(scope="module")
def client(shared_server: str) -> Iterator[Elasticsearch]:
    with open_client(ElasticsearchSpec(urls=(shared_server,), patience_s=10)) as opened:
        yield opened


def analyzed(client: Elasticsearch, language: str, analyzer: str, texts: list[str]) -> list[list[Token]]:
    """What a server makes of each text, with offsets in characters, as `tokens` counts them."""
    index = f"newswire-test-analyze-{os.getpid()}"
    settings = {"index": {"analysis": analysis(language), "analyze": {"max_token_count": 1_000_000}}}
    client.indices.create(index=index, settings=settings)
    try:
        answers = [client.indices.analyze(index=index, analyzer=analyzer, text=text).body for text in texts]
    finally:
        client.indices.delete(index=index)
    return [
        [Token(t["token"], at[t["start_offset"]], at[t["end_offset"]]) for t in answer["tokens"]]
        for answer, at in zip(answers, map(characters, texts), strict=True)
    ]


def characters(text: str) -> list[int]:
    """For each offset in Java's UTF-16 the offset in characters."""
    return [i for i, letter in enumerate(text) for _ in range(1 + (letter > "\uffff"))] + [len(text)]


@cache
def corpus() -> dict[str, list[str]]:
    """Texts by language: those above, the sample wire, frequent words, the real pages of ../shared."""
    found = {language: [text] for language, text in TEXTS.items()}
    for language, name in SNOWBALL.items():
        listed = STOPLISTS.get(language, name.title())
        if listed in justext.get_stoplists():
            found.setdefault(language, []).append(" ".join(sorted(justext.get_stoplist(listed))))
    for outlet in load_wire():
        for story in outlet.stories:
            found[story.language].append("\n".join((story.title, story.standfirst, *story.body)))
    truth = PAGES / "ground-truth.json"
    for page in json.loads(truth.read_text("utf-8")).values() if truth.exists() else ():
        body = page["articleBody"]
        found.setdefault(language_of(body, ("", ""))[0], []).append(body)
    return found


LANGUAGES = [*SNOWBALL, *sorted(BIGRAMS), "und"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_become_the_same_terms_at_the_same_places(client: Elasticsearch, language: str) -> None:
    texts = corpus()[language]
    assert analyzed(client, language, WORDS, texts) == [tokens(text, language) for text in texts]


@pytest.mark.parametrize("language", ["en", "ar", "zh", "und"])
def test_unstemmed_texts_too(client: Elasticsearch, language: str) -> None:
    """What prefixes are looked for in."""
    texts = corpus()[language]
    assert analyzed(client, language, EXACT, texts) == [tokens(text, unstemmed(language)) for text in texts]


def test_names_are_no_bigrams_even_in_chinese(client: Elasticsearch) -> None:
    """Authors, outlets and topics are looked for in one way, whatever the language of their article."""
    texts = corpus()["zh"]
    assert analyzed(client, "zh", NAMES, texts) == [tokens(text, "") for text in texts]


@pytest.mark.parametrize("language", ["ar", "en", "und", "zh"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            " ".join(f"{mark} ا{mark}ب{mark} a{mark}b{mark}، 空{mark}袭{mark}停" for mark in MARKS), id="each"
        ),
        pytest.param("\u064b\u064c وقُُتل\u0651\u064e\u064e، 𝐁\u064e𝐨 \U0001f600\u0650ب", id="several at once"),
        pytest.param(f"{MARKS} .{MARKS}. {MARKS}", id="nothing but marks"),
    ],
)
def test_marks_of_arabic_are_nowhere_and_cost_no_offset(client: Elasticsearch, language: str, text: str) -> None:
    assert analyzed(client, language, WORDS, [text]) == [tokens(text, language)]
    assert analyzed(client, language, NAMES, [text]) == [tokens(text, "")]


@pytest.mark.parametrize("language", ["und", "zh"])
def test_every_letter_and_number_of_unicode(client: Elasticsearch, language: str) -> None:
    """Alone, and within a word; what is no letter to us is none to the servers."""
    assigned = (chr(number) for number in range(sys.maxunicode + 1) if not 0xD800 <= number <= 0xDFFF)
    letters = [one for one in assigned if (one.isalnum() or one.isprintable()) and one not in DIFFERENT]
    texts = [" . ".join(f"{one} a{one}b" for one in letters[i : i + 20_000]) for i in range(0, len(letters), 20_000)]
    for got, text in zip(analyzed(client, language, EXACT, texts), texts, strict=True):
        wrong = set(got) ^ set(tokens(text, unstemmed(language)))
        assert not wrong, sorted(wrong, key=lambda token: token.start)[:20]


def test_what_differs_still_does(client: Elasticsearch) -> None:
    """Else the list is too long, and says what is no longer true."""
    (got,) = analyzed(client, "und", EXACT, [" ".join(DIFFERENT)])
    assert not {token.term for token in got} & {token.term for token in tokens(" ".join(DIFFERENT), "")}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 300_000, id="a run without end"),
        pytest.param("é" * 150, id="cut, then folded"),
        pytest.param("\x00 a\x00b \ufffe \u202e ﷺ", id="odd characters"),
        pytest.param("", id="nothing"),
    ],
)
def test_hostile_texts(client: Elasticsearch, language: str, text: str) -> None:
    (got,) = analyzed(client, language, WORDS, [text])
    assert got == tokens(text, language)
