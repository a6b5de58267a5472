"""What queries ask for, and what an article has, as sets of numbers: most of matching is comparing those.

A number stands for one thing that an article either has or has not: a word somewhere in its text, a word in its
headline, a word beginning so, a topic, an outlet. They are the same in all languages; which of them an article has
depends on how its language is analysed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain

from transforms.alphabets import END, Alphabet, in_pieces
from transforms.analysis import BIGRAMS, MAX_TOKEN, stems, words
from transforms.documents import texts
from transforms.query import TEXT_FIELDS, Words
from transforms.records import Article
from transforms.tags import marks

#: What kinds of things there are: a word whatever its ending; as it is; what a word begins with; and what a filter asks
#: for.
STEM, EXACT, PREFIX, MARK = range(4)
#: The fields of marks: what the filters of a search are, beside the fields of its query.
FILTERS = BY_TOPIC, BY_SOURCE, BY_LANGUAGE = "by topic", "by source", "by language"
#: The fields whose words are analysed in the language of the article; a name is itself in every language.
_ANALYSED = frozenset(("", *TEXT_FIELDS))


class Vocabulary:
    """The numbers of all that queries ask for. Only ever grows; whoever drops many queries makes a new one."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, str, str], int] = {}
        #: By kind and field, the numbers of each word.
        self._words: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
        #: By kind of words and language; by kind, field and language.
        self._alphabets: dict[tuple[bool, str], Alphabet] = {}
        self._found: dict[tuple[bool, str, str], _Numbers] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, kind: int, field: str, word: str) -> int:
        """The number of a thing; the next free one if it is new."""
        if (known := self._numbers.get((kind, field, word))) is not None:
            return known
        number = self._numbers[kind, field, word] = len(self._numbers)
        self._words[kind, field][word] = number
        for (stemmed, of, _), found in self._found.items():
            if of == field and stemmed == (kind == STEM):
                found.learn(kind, {word: number})
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
        for stemmed, field in {(kind == STEM, field) for kind, field in self._words}:
            if field in FILTERS:
                known = self._words[MARK, field]
                found.update(map(known.__getitem__, marks_of(given.article, field) & known.keys()))
            else:
                kind = STEM if stemmed else EXACT
                numbers = self._numbers_of(kind, field, given.article.language)
                found.update(*numbers.of(set(given.text(kind, field))))
        return found

    def alphabet(self, kind: int, field: str, language: str) -> Alphabet:
        """What a field is spelt in, of articles in a language."""
        # Before stems are made of them, words are the same in all languages but those of bigrams.
        if field not in _ANALYSED or (kind != STEM and language not in BIGRAMS):
            language = ""
        if (known := self._alphabets.get((kind == STEM, language))) is None:
            known = self._alphabets[kind == STEM, language] = Alphabet(language)
        return known

    def forget(self) -> None:
        """Make room, between one article and the next."""
        if any(known.full for known in self._alphabets.values()):
            self._alphabets.clear()
            self._found.clear()

    def _numbers_of(self, kind: int, field: str, language: str) -> "_Numbers":
        alphabet = self.alphabet(kind, field, language)
        key = kind == STEM, field, alphabet.language
        if (found := self._found.get(key)) is None:
            found = self._found[key] = _Numbers(alphabet)
            for one in (STEM,) if kind == STEM else (EXACT, PREFIX):
                found.learn(one, self._words.get((one, field), {}))
        return found


def marks_of(article: Article, name: str) -> set[str]:
    """What a filter may ask of an article: the marks of its topics, its language, or its outlet's ids and name."""
    match name:
        case "by topic":
            return set(marks(article.topics))
        case "by language":
            return {article.language}
        case _:
            source = article.source
            return {f"={source.feed_id}", f"={source.domain}", f"~{lowered(source.name)}"}


def lowered(name: str) -> str:
    """ASCII letters in lower case and all others as they are, as SQLite's NOCASE and the servers compare."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in name)


class _Numbers:
    """What numbers an article has in a field, by the letters of its terms there."""

    def __init__(self, alphabet: Alphabet) -> None:
        self.alphabet = alphabet
        self._same: dict[str, list[int]] = {}
        self._begun: dict[str, int] = {}
        self._lengths: set[int] = set()
        #: What is begun by the term of a letter, as far as it was asked.
        self._known: dict[str, list[int]] = {}

    def learn(self, kind: int, numbers: Mapping[str, int]) -> None:
        """More numbers, by word."""
        if kind == PREFIX:
            self._known.clear()
            self._begun.update(numbers)
            self._lengths.update(map(len, numbers))
        else:
            terms = stems(list(numbers), self.alphabet.language) if kind == STEM else numbers
            for letter, number in zip(map(self.alphabet.letter, terms), numbers.values(), strict=True):
                self._same.setdefault(letter, []).append(number)

    def of(self, letters: set[str]) -> Iterable[list[int]]:
        """The numbers, in lists."""
        found = map(self._same.__getitem__, letters & self._same.keys())
        return chain(found, map(self._begins, letters)) if self._begun else found

    def _begins(self, letter: str) -> list[int]:
        if (found := self._known.get(letter)) is None:
            term = self.alphabet.term(letter)
            begun = {term[:length] for length in self._lengths} & self._begun.keys()
            found = self._known[letter] = [self._begun[start] for start in begun]
        return found


class Given:
    """An article and what was read of it so far."""

    def __init__(self, article: Article, vocabulary: Vocabulary) -> None:
        self.article = article
        self._vocabulary = vocabulary
        self._pieces: dict[str, list[list[bytes]]] = {}
        self._texts: dict[tuple[bool, str], str] = {}

    @cached_property
    def numbers(self) -> set[int]:
        """What it has of all that is asked for."""
        return self._vocabulary.of(self)

    def alphabet(self, kind: int, field: str) -> Alphabet:
        """What the field is spelt in."""
        return self._vocabulary.alphabet(kind, field, self.article.language)

    def text(self, kind: int, field: str) -> str:
        """The terms of the field's texts as letters, with an END after each text. Without a field: all text fields."""
        key = kind == STEM, field
        if (found := self._texts.get(key)) is None:
            letters = self.alphabet(kind, field).__getitem__
            spelt = ["".join(map(letters, pieces)) for pieces in self._in_pieces(field)]
            found = self._texts[key] = f"{END.join(spelt)}{END}"
        return found

    def _in_pieces(self, field: str) -> list[list[bytes]]:
        if not field:
            return [pieces for name in TEXT_FIELDS for pieces in self._in_pieces(name)]
        if (found := self._pieces.get(field)) is None:
            found = self._pieces[field] = [in_pieces(text) for text in texts(self.article, field) if text]
        return found
