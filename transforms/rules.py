"""Where the rules of topics fire in an article."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from transforms.analysis import places
from transforms.lexicon import Found, Lexicon, Span
from transforms.sentences import sentences
from transforms.tags import MAX_SENTENCE, Evidence, TextField

#: A headline says what a story is about; one word deep in the body may be an aside.
WEIGHTS: Mapping[str, float] = {"title": 3.0, "description": 2.0, "keywords": 2.0, "lead": 2.0, "body": 1.0}
#: The first words of a body: news says first what it is about.
LEAD = 60
#: Several mentions in a body count for more than one aside, up to so many.
MAX_BODY_COUNT = 4
#: Evidence kept per rule and field: enough to show, bounded for a text that repeats itself.
MAX_EVIDENCE = 5
#: From so many words of a list on, only those nearby are looked at; no phrase has more words than LONGEST.
MANY, LONGEST = 32, 200
DEFAULT_WITHIN = 8

#: `context` is what a reader has before him there: the headline, the standfirst, the keywords, how the body begins, and
#: as many words on either side.
Within = int | Literal["sentence", "context", "article"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What must (or must not) stand beside a word: one of a list, or another topic of the article."""

    #: Number of the list in its taxonomy; None where `topic` is asked for.
    words: int | None = None
    topic: str = ""
    within: Within = DEFAULT_WITHIN
    #: On which side of the word; empty: on either.
    side: Literal["", "before", "after"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to recognise a topic."""

    id: str
    weight: float
    #: Number of the list whose words it fires at.
    any: int
    near: tuple[Condition, ...] = ()
    not_near: tuple[Condition, ...] = ()

    @property
    def sense(self) -> tuple[Any, ...]:
        """What it looks for: rules of one sense fire together."""
        return self.any, self.near, self.not_near


class Hits(NamedTuple):
    """Where rules of one sense fire in one text, and the words that kept them from firing."""

    text: "Text"
    spans: list[Span]
    refused: list[Span]


class Reading:
    """An article while it is judged."""

    def __init__(self, texts: Sequence["Text"]) -> None:
        self._texts = texts
        self.headline = next((text for text in texts if text.name == "title"), None)
        self.opening = [text for text in texts if text.name in ("title", "body")]
        #: The lists that have a word in the article, and those that had one which does not count.
        self.present = {one for text in texts for one, spans in text.found.lists.items() if spans}
        self.excepted = {one for text in texts for one in text.found.excepted}
        self._above = {one for text in texts for one, spans in text.found.lists.items() if spans and spans[0][0] < LEAD}
        self.topics: set[str] = set()
        self._hits: dict[int, list[Hits]] = {}

    def hits(self, rule: Rule, sense: int) -> list[Hits]:
        """Where a rule fires, by text; only texts in which it has something to say. Rules of one `sense` fire alike."""
        made = self._hits.get(sense)
        if made is None:
            made = self._hits[sense] = [
                one for text in self._texts if text.has(rule.any) and (one := self._fired(rule, text))
            ]
        return made

    def _fired(self, rule: Rule, text: "Text") -> Hits | None:
        spans: list[Span] = []
        refused = [by for _, by in text.found.excepted.get(rule.any, ())]
        if all(self._may_hold(one, text) for one in rule.near):
            for at in text.found.lists.get(rule.any, ()):
                proof = self._proof(rule, text, at)
                if proof is None:
                    continue
                opposed = [by for one in rule.not_near if (by := self._holds(one, text, at, around=True))]
                if opposed:
                    refused += [by for by in opposed if by.end > by.first]
                elif not spans or proof.first >= spans[-1].end:  # longer phrases of one rule overlap shorter ones
                    spans.append(proof)
        return Hits(text, spans, refused) if spans or refused else None

    def _may_hold(self, condition: Condition, text: "Text") -> bool:
        """Whether a condition can hold anywhere in a text: soon known, and mostly not."""
        if condition.words is None:
            return condition.topic in self.topics
        if condition.within in ("article", "context"):
            return condition.words in self.present
        return condition.words in text.found.lists

    def _proof(self, rule: Rule, text: "Text", at: Span) -> Span | None:
        """The words that prove a rule whose `near` conditions may all hold, or None."""
        first, end = at
        for one in rule.near:
            other = self._holds(one, text, at)
            if other is None:
                return None
            if other.end > other.first:
                first, end = min(first, other.first), max(end, other.end)
        return Span(first, end)

    def _holds(self, condition: Condition, text: "Text", at: Span, *, around: bool = False) -> Span | None:
        """The words that fulfil a condition; an empty span where they are not in this text."""
        if condition.words is None:
            return _ELSEWHERE if condition.topic in self.topics else None
        if condition.within == "article":
            return _ELSEWHERE if condition.words in self.present else None
        if condition.within == "context":
            return _ELSEWHERE if condition.words in self._above or text.is_about(at, condition.words) else None
        return text.beside(at, condition, around=around)


_ELSEWHERE = Span(0, 0)


class Text:
    """A field of an article, with the words of all lists found in it."""

    def __init__(self, name: TextField, text: str, language: str, lexicon: Lexicon) -> None:
        self.name, self._text, self._language = name, text, language
        self.found: Found = lexicon.find(text)

    @cached_property
    def _places(self) -> list[tuple[int, int]]:
        return places(self._text, self._language)

    @cached_property
    def _sentences(self) -> list[tuple[int, int]]:
        return sentences(self._text, self._language)

    @cached_property
    def _numbers(self) -> list[int]:
        """The number of its sentence, for each word."""
        starts = [start for start, _ in self._sentences]
        return [max(0, bisect_right(starts, start) - 1) for start, _ in self._places]

    def sentence(self, word: int) -> int:
        """The number of the sentence a word is in."""
        return self._numbers[word]

    def beside(self, at: Span, condition: Condition, *, around: bool = False) -> Span | None:
        """The nearest words of a condition's list beside `at`, or None. With `around`, also a phrase that `at` is part
        of ("no civilians")."""
        assert condition.words is not None
        within, side, (first, end) = condition.within, condition.side, at
        best, least = None, 0
        for other in self._around(at, condition.words, within):
            before, after = first - other[1], other[0] - end
            gap = before if before > after else after
            if gap < 0:
                if not around or other == at:
                    continue
            elif side and side != ("before" if before >= 0 else "after"):
                continue
            if within == "sentence":
                if self._numbers[other[0]] != self._numbers[at[0]]:
                    continue
            elif gap >= within:  # type: ignore[operator]
                continue
            if best is None or gap < least:
                best, least = other, gap
        return best

    def is_about(self, at: Span, words: int) -> bool:
        """Whether a word of a list stands somewhere around `at`."""
        first, end = at[0] - LEAD, at[1] + LEAD
        return any(start < end and last > first for start, last in self._around(at, words, LEAD))

    def _around(self, at: Span, words: int, within: int | str) -> Sequence[Span]:
        """The words of a list that may stand so near to `at`: of a few all, of many those that begin there, or a text
        of one word a hundred thousand times over would be read as often."""
        spans = self.found.lists.get(words, ())
        if len(spans) < MANY:
            return spans
        if isinstance(within, str):
            number = self._numbers[at[0]]
            first, end = bisect_left(self._numbers, number), bisect_right(self._numbers, number)
        else:
            first, end = at[0] - within - LONGEST, at[1] + within
        return spans[bisect_left(spans, (first, 0)) : bisect_left(spans, (end, 0))]

    def has(self, words: int) -> bool:
        """Whether a word of a list is in the text, be it one that does not count."""
        return words in self.found.lists or words in self.found.excepted

    def begins_with(self, words: int) -> bool:
        """Whether a list has a word in the first words of the text."""
        return any(span.first < LEAD for span in self.found.lists.get(words, ())[:1])

    def importance(self, hit: Span) -> float:
        """What a statement counts for its place."""
        return WEIGHTS[self._part(hit)]

    def _part(self, hit: Span) -> str:
        """What `WEIGHTS` calls the place of a hit."""
        return "lead" if self.name == "body" and hit.first < LEAD else self.name

    def weight(self, fired: Sequence[tuple[Span, Rule]], weights: Mapping[str, float]) -> float:
        """What rules count together that fired in the text. Where some found the same words the heaviest counts, in the
        body for each mention, up to as many as may; elsewhere once."""
        mentions: list[tuple[Span, Rule]] = []
        for span, rule in sorted(fired, key=lambda one: one[0]):
            if mentions and span.first < mentions[-1][0].end:
                last, heaviest = mentions[-1]
                wider = Span(last.first, max(last.end, span.end))
                mentions[-1] = wider, max(heaviest, rule, key=lambda one: one.weight)
            else:
                mentions.append((span, rule))
        if self.name != "body":
            return weights[self.name] * sum({rule.id: rule.weight for _, rule in mentions}.values())
        return sum(rule.weight * weights[self._part(span)] for span, rule in mentions[:MAX_BODY_COUNT])

    def evidence(self, rule: str, span: Span) -> Evidence:
        start, end = self._places[span.first][0], self._places[span.end - 1][1]
        sentence = slice(*self._sentences[self.sentence(span.first)]) if self._sentences else slice(0, 0)
        return Evidence(
            rule=rule,
            text=self._text[start:end],
            field=self.name,
            start=start,
            end=end,
            sentence=self._text[sentence][:MAX_SENTENCE],
        )
