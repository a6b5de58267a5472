"""Texts as strings of one letter a term: their set of letters is what words they have, and a phrase is a string in a
string. It is `transforms.analysis` for whoever needs neither spans nor the terms themselves, at three times its pace.
"""

from collections.abc import Hashable, Iterable

from transforms.analysis import MAX_KNOWN, MAX_TOKEN, stem, terms

#: ASCII letters to small ones, and what is neither letter nor digit to blanks: what is between them is analysed by
#: itself, whatever stands beside it, and is mostly one word. That is three times as fast as looking for words.
_PIECES = bytes(ord(chr(n).lower()) if n < 128 and chr(n).isalnum() else n if n >= 128 else 32 for n in range(256))


#: The letter after each text, and the first one that is a term.
END, _FIRST = "\n", 256


def in_pieces(text: str) -> list[bytes]:
    """A text in pieces that are analysed one by one, each of a term or a few."""
    return text.encode(errors="surrogatepass").translate(_PIECES).split()


class Alphabet(dict[bytes, str]):
    """The terms of a language as letters, one each: a text is then a string as long as it has terms, a word is in it or
    not, and so is a phrase. By piece of text, its letters."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.terms: list[str] = []
        #: What phrases are in it: kept by those who look for them.
        self.phrases: dict[Hashable, str] = {}
        self._letters: dict[str, str] = {}
        self._sought = 0

    def __missing__(self, piece: bytes) -> str:
        if len(piece) > MAX_TOKEN:  # nothing hostile is kept, nor whole sentences of Chinese
            return self.spelt(terms(piece.decode(errors="surrogatepass"), self.language))
        if piece.isalnum():  # plainly one word: no need to look for it
            term = stem(piece.decode(), self.language)
            made = self._letters.get(term) or self._new(term)
        else:
            made = self.spelt(terms(piece.decode(errors="surrogatepass"), self.language))
        self[piece] = made
        return made

    def spelt(self, found: Iterable[str]) -> str:
        """Terms as letters."""
        return "".join([self._letters.get(term) or self._new(term) for term in found])

    def letter(self, term: str) -> str:
        """The letter of a term that is looked for: known from now on, and counted for nothing in `full`."""
        if (known := self._letters.get(term)) is None:
            known = self._new(term)
            self._sought += 1
        return known

    def term(self, letter: str) -> str:
        """The term that a letter is; nothing for the end of a text."""
        return "" if letter == END else self.terms[ord(letter) - _FIRST]

    @property
    def full(self) -> bool:
        """Whether it is time for a new one."""
        return len(self.terms) - self._sought > MAX_KNOWN or len(self) > MAX_KNOWN

    def _new(self, term: str) -> str:
        letter = self._letters[term] = chr(_FIRST + len(self.terms))
        self.terms.append(term)
        return letter
