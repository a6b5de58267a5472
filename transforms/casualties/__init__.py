"""How many people were killed and injured, who they were and who says so, read out of a text with the words.

A sentence that has a word of harm becomes tokens (`words`), its numbers become groups of people
(`groups`), each word of harm takes the groups before it ("12 civilians were killed") or behind it ("killed 12
civilians"; `binding`), a number without a noun gets its people (`people`), who says so is found
beside them (`sources`), and what is said twice is one figure (`figures`).
"""

from collections.abc import Mapping, Sequence

from transforms.casualties import people
from transforms.casualties.binding import bind, inherit
from transforms.casualties.figures import Figures
from transforms.casualties.groups import Group, Item, groups
from transforms.casualties.sources import sources
from transforms.casualties.words import Token, spelt, tokens, vocabularies
from transforms.sentences import sentences
from transforms.tags import Casualty, TextField

#: The first sentence of a body is looked for in so much.
MAX_FIRST = 1000
#: Of a text of unknown language, so much is looked at.
MAX_GUESSED = 300
_FIELDS: tuple[TextField, ...] = ("title", "description", "body")
#: Languages that count one without an article.
_NO_ARTICLE = frozenset(["ar", "ru"])
#: Languages in which who says something stands at the same end of a sentence always.
_FIXED_ORDER = frozenset(["ar", "tr"])
Span = tuple[int, int]


def casualties(fields: Mapping[TextField, str], language: str) -> tuple[Casualty, ...]:
    """The figures of killed and injured people that an article gives, in order, each once (`figures.Figures`).

    A text of an unknown language (`und`) is read in the one whose words it has.
    """
    texts = {field: text for field in _FIELDS if (text := fields.get(field))}
    language = language.split("-")[0].lower()
    if language == "und" and texts:
        language = _guess(" ".join(text[:MAX_GUESSED] for text in texts.values()))
    if language not in vocabularies():
        return ()
    return _Reader(texts, language).read()


def _guess(text: str) -> str:
    """The language whose words a text has most of."""
    words = set(spelt(text).split())
    return max(vocabularies().items(), key=lambda one: sum(1 for word in words if one[1].lookup(word)))[0]


class _Reader:
    """One article, in one language."""

    def __init__(self, texts: Mapping[TextField, str], language: str) -> None:
        self._texts = texts
        self._language = language
        self._vocabulary = vocabularies()[language]
        self._figures = Figures()
        self._theme: str | None = None
        self._named_in: tuple[str, Span, list[str]] = "", (0, 0), []

    def read(self) -> tuple[Casualty, ...]:
        """The figures."""
        before: Group | None = None
        for field, text in self._texts.items():
            if before is None and not self._vocabulary.is_harmful(text):
                continue
            previous: Span | None = None
            for sentence in sentences(text, self._language):
                words = text[slice(*sentence)]
                if self._vocabulary.is_harmful(words) or (before and self._vocabulary.tells_of_parts(words)):
                    before = self._sentence(field, sentence, previous, before)
                else:
                    before = None
                previous = sentence
        if self._figures.unattributed("title"):
            self._figures.attribute("title", self._teller())
        return self._figures.all()

    def _sentence(self, field: TextField, sentence: Span, previous: Span | None, before: Group | None) -> Group | None:
        """Read a sentence behind another; the last group in it that something befell."""
        text = self._texts[field]
        row = tokens(text, *sentence, self._language)
        items = self._items(row, field)
        if not any(isinstance(item, Group) for item in items):
            return None
        bind(items, self._vocabulary)
        inherit(items, before)
        bound = [item for item in items if isinstance(item, Group) and item.kind]
        if not bound:
            return None
        people.name(items, self._about if field != "title" else str)
        given = sources(row, title=field == "title", language=self._language)
        hearsay = [token.start for token in row if token.role == "hearsay"]
        for group in bound:
            # Who tells of a claim does not make it.
            told = next((start for start in reversed(hearsay) if start < group.start), -1) if hearsay else -1
            near = [span for span in given if span[0] > told]
            by = min(near, key=lambda span: max(span[0] - group.end, group.start - span[1]), default=None)
            attribution = text[slice(*by)] if by else ""
            if by and self._is_pronoun(attribution):
                attribution = self._antecedent(field, [span for span in near if span[1] <= by[0]], previous)
            self._figures.add(group, attribution, field, text, sentence)
        return bound[-1]

    def _items(self, row: Sequence[Token], field: TextField) -> list[Item]:
        return groups(row, bare_nouns=field == "title" or self._language in _NO_ARTICLE)

    def _is_pronoun(self, name: str) -> bool:
        return spelt(name) in self._vocabulary.sets["pronoun"]

    def _antecedent(self, field: TextField, given: Sequence[Span], previous: Span | None) -> str:
        """Whom "it said" means: who is named last before it, or first in the sentence before."""
        text = self._texts[field]
        names = [text[slice(*span)] for span in reversed(given)]
        if previous is not None:
            names += self._named(field, previous)
        return next((name for name in names if not self._is_pronoun(name)), "")

    def _named(self, field: TextField, sentence: Span) -> list[str]:
        """Who is named in a sentence, which is read once, however often one after it says "it said"."""
        if self._named_in[:2] != (field, sentence):
            text = self._texts[field]
            given = sources(tokens(text, *sentence, self._language), title=field == "title", language=self._language)
            self._named_in = field, sentence, [text[slice(*span)] for span in given]
        return self._named_in[2]

    def _about(self) -> str:
        """The people that the headline is about."""
        if self._theme is None:
            title = self._texts.get("title", "")
            self._theme = people.theme(self._items(tokens(title, 0, len(title), self._language), "title"))
        return self._theme

    def _teller(self) -> str:
        """Who tells of what the headline does: the source at the end of the body's first sentence.

        A sentence that gives a figure of its own, or begins with its source, may be about something else.
        """
        text = self._texts.get("body", "")
        start, end = next(iter(sentences(text[:MAX_FIRST], self._language)), (0, 0))
        row = tokens(text, start, end, self._language)
        if any(one.role == "harm" for one in row) and self._figures.counts("body", start, end):
            return ""
        named = sources(row, title=False, language=self._language)
        names = [
            text[slice(*span)] for span in named if self._language in _FIXED_ORDER or span[0] - start > end - span[1]
        ]
        return next((name for name in names if not self._is_pronoun(name)), "")
