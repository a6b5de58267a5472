"""What queries ask for, and what an article has, as sets of numbers: most of matching is comparing those.

A number stands for one thing that an article either has or has not: a word somewhere in its text, a word in its
headline, a word beginning so, a topic, an outlet. They are the same in all languages; which of them an article has
depends on how its language is analysed.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain

from transforms.analysis import BIGRAMS, MAX_KNOWN, MAX_TOKEN, stems, terms, words
from transforms.documents import texts
from transforms.query import TEXT_FIELDS, Words
from transforms.records import Article
from transforms.tags import marks

#: What kinds of things there are: a word whatever its ending; as it is; what a word begins with; and what a filter asks
#: for.
STEM, EXACT, PREFIX, MARK = range(4)
#: The fields whose words are analysed in the language of the article; a name is itself in every language.
_ANALYSED = frozenset(("", *TEXT_FIELDS))
#: ASCII that is neither letter nor digit to blanks: what is between them is analysed by itself, whatever stands beside
#: it, and is mostly one word. That is three times as fast as looking for words.
_CHUNKS = bytes(n if n >= 128 or chr(n).isalnum() else 32 for n in range(256))


class Vocabulary:
    """The numbers of all that queries ask for. Only ever grows; whoever drops many queries makes a new one."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, str, str], int] = {}
        #: By kind and field, the numbers of each word; and the lengths of the prefixes among them, by field.
        self._words: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
        self._lengths: dict[str, set[int]] = defaultdict(set)
        #: What becomes of pieces of text: by kind and language their terms, by field and language their numbers.
        self._terms: dict[tuple[int, str], _Terms] = {}
        self._found: dict[tuple[str, str], _Numbers] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, kind: int, field: str, word: str) -> int:
        """The number of a thing; the next free one if it is new."""
        number = self._numbers.setdefault((kind, field, word), len(self._numbers))
        if number == len(self._numbers) - 1:
            self._words[kind, field][word] = number
            if kind == PREFIX:
                self._lengths[field].add(len(word))
            if kind != MARK:
                for known in self._found.values():
                    known.learn(kind, field, word, number)
        return number

    def sought(self, asked: Words, *, bigrams: bool) -> tuple[int, Sequence[str]]:
        """How the words of a query are compared, and what they are; `bigrams`: in a language that has those."""
        kind = EXACT if asked.prefix or asked.field not in _ANALYSED else STEM
        text = asked.text
        if text.isascii() and text.isalnum() and len(text) <= MAX_TOKEN:  # as most are
            return kind, (text.lower(),)
        return kind, words(text, min(BIGRAMS) if bigrams and asked.field in _ANALYSED else "")

    def numbers(self, asked: Words, *, bigrams: bool) -> list[int]:
        """What an article must have for these words to occur in it."""
        kind, found = self.sought(asked, bigrams=bigrams)
        if not asked.prefix:
            return [self.number(kind, asked.field, word) for word in found]
        begun = self.number(PREFIX, asked.field, found[-1])
        return [*(self.number(kind, asked.field, word) for word in found[:-1]), begun]

    def of(self, given: "Given") -> set[int]:
        """The numbers of all that an article has."""
        found: set[int] = set()
        for field in {field for _, field in self._words}:
            if self._words.get((MARK, field)):
                known = self._words[MARK, field]
                found.update(map(known.__getitem__, marks_of(given.article, field) & known.keys()))
            else:
                pieces = set(chain.from_iterable(given.pieces(field)))
                numbers = self._numbers_of(field, given.language)
                numbers.meet(pieces)
                found.update(*map(numbers.__getitem__, pieces))
        return found

    def terms(self, kind: int, field: str, language: str) -> "_Terms":
        """The terms of pieces of text of a field."""
        # Before stems are made of them, words are the same in all languages but those of bigrams.
        if field not in _ANALYSED or (kind != STEM and language not in BIGRAMS):
            language = ""
        if (known := self._terms.get((kind, language))) is None:
            known = self._terms[kind, language] = _Terms(language)
        return known

    def _numbers_of(self, field: str, language: str) -> "_Numbers":
        language = language if field in _ANALYSED else ""
        if (known := self._found.get((field, language))) is None:
            stem, exact = self.terms(STEM, field, language), self.terms(EXACT, field, language)
            known = self._found[field, language] = _Numbers(field, stem, exact, self._lengths[field])
            for kind in (STEM, EXACT, PREFIX):
                for word, number in self._words.get((kind, field), {}).items():
                    known.learn(kind, field, word, number)
        return known


def marks_of(article: Article, name: str) -> set[str]:
    """What a filter may ask of an article: the marks of its topics, its language, or its outlet's ids and name."""
    match name:
        case "filter:topic":
            return set(marks(article.topics))
        case "filter:language":
            return {article.language}
        case _:
            source = article.source
            return {f"={source.feed_id}", f"={source.domain}", f"~{lowered(source.name)}"}


def lowered(name: str) -> str:
    """ASCII letters in lower case and all others as they are, as SQLite's NOCASE and the servers compare."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in name)
