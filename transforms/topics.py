"""Topics are data: rules over lists of words, and tags that carry their evidence.

A rule fires at each of its words (`any`) beside which all of `near` and none of `not_near` stands: within so many
words, in the same sentence, in its context or anywhere in the article. Its weight counts once per field, in the body
once per mention, times the weight of the field; a topic is tagged from its threshold on. `transforms.taxonomies` reads
rules from YAML.
"""

import pickle
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from transforms.casualties import casualties
from transforms.lexicon import Lexicon, Span, WordList
from transforms.records import Article, text_fields
from transforms.rules import MAX_EVIDENCE, WEIGHTS, Condition, Reading, Rule, Text
from transforms.tags import Stance, TextField, TopicTag

DEFAULT_THRESHOLD = 2.0
#: A stance that only so little of the evidence has is not the article's.
_LEAST_STANCE = 0.25

_ORDER: tuple[Stance, ...] = ("denied", "alleged", "reported", "stated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic, its place in the IPTC Media Topics, and the rules that prove it."""

    id: str
    labels: Mapping[str, str]
    medtop: str
    threshold: float
    rules: tuple[Rule, ...]
    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)
    #: Whether it is something that is claimed, reported or denied.
    stances: bool = False

    @property
    def label(self) -> str:
        """Its name in English; its id where it has none."""
        return self.labels.get("en", self.id)


class Taxonomy:
    """A version of the topics. Pickles; compiles a language the first time an article in it comes by."""

    def __init__(
        self,
        version: str,
        topics: Sequence[Topic],
        lists: Sequence[WordList],
        stances: Mapping[Stance, tuple[Condition, ...]],
    ) -> None:
        """`topics` in an order in which each comes after those its rules ask for."""
        self.version = version
        self.topics = tuple(topics)
        self.lists = tuple(lists)
        self.stances = stances
        self._compiled: dict[str, _Compiled] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        # As bytes: Beam's own pickler, which is written in Python, would take a second for a hundred thousand words.
        return _unpickled, (pickle.dumps((self.version, self.topics, self.lists, self.stances)),)

    def tag(self, article: Article) -> Article:
        """The article with its topics, best first, each with evidence, and with its casualty figures. What it had of
        them is replaced."""
        return replace(
            article,
            topics=tuple(sorted(self._tags(article, below=False), key=lambda tag: (-tag.score, tag.id))),
            casualties=casualties(_fields(article), article.language),
            topics_version=self.version,
        )

    def judge(self, article: Article) -> list[TopicTag]:
        """Every topic of which the article has words that count for it or were kept from counting, also below its
        threshold."""
        return self._tags(article, below=True)

    def _tags(self, article: Article, *, below: bool) -> list[TopicTag]:
        compiled = self._compiled.get(article.language)
        if compiled is None:
            compiled = self._compiled[article.language] = _Compiled(self, article.language)
        texts = [
            Text(name, text, article.language, compiled.lexicon) for name, text in _fields(article).items() if text
        ]
        reading = Reading(texts)
        asked = compiled.asked(reading)
        return [tag for topic, rules in asked if (tag := self._judged(topic, rules, reading, below))]

    def _judged(self, topic: Topic, rules: Sequence["_Ready"], reading: Reading, below: bool) -> TopicTag | None:
        """A topic with what was found for and against it; None where nothing was or, unless `below`, not enough."""
        found = [(rule, hits) for _, rule, sense in rules for hits in reading.hits(rule, sense)]
        fired: dict[Text, list[tuple[Span, Rule]]] = defaultdict(list)
        for rule, (text, spans, _) in found:
            if spans:
                fired[text] += [(span, rule) for span in spans]
        score = sum(text.weight(hits, topic.weights) for text, hits in fired.items())
        if score >= topic.threshold:
            reading.topics.add(topic.id)
        if not found or not (below or score >= topic.threshold):
            return None
        evidence = [text.evidence(rule.id, at) for rule, (text, spans, _) in found for at in spans[:MAX_EVIDENCE]]
        against = [text.evidence(rule.id, by) for rule, (text, _, refused) in found for by in refused[:MAX_EVIDENCE]]
        return TopicTag(
            id=topic.id,
            label=topic.label,
            score=score,
            medtop=topic.medtop,
            rule_version=self.version,
            stance=self._stance(fired, reading) if topic.stances and evidence else "stated",
            evidence=tuple(evidence),
            against=tuple(against),
        )

    def _stance(self, fired: Mapping[Text, Sequence[tuple[Span, Rule]]], reading: Reading) -> Stance:
        """Whose word it is. Every sentence that speaks of it has a vote, and so has a headline that denies or
        accuses; what only the headline leaves out counts."""
        votes: dict[tuple[int, int], tuple[Stance, float]] = {}
        for text, hits in fired.items():
            for hit, _ in hits[: MAX_EVIDENCE * MAX_EVIDENCE]:
                place = id(text), text.sentence(hit.first)
                said = self._said(text, hit)
                if place not in votes or _ORDER.index(said) < _ORDER.index(votes[place][0]):
                    votes[place] = said, text.importance(hit)
        headline = reading.headline
        if headline and not fired.get(headline):
            said = self._said(headline, None)
            if said in ("denied", "alleged"):
                votes[0, 0] = said, WEIGHTS["title"]
        sums: dict[Stance, float] = defaultdict(float)
        for stance, weight in votes.values():
            sums[stance] += weight
        claimed = [stance for stance in _ORDER if stance in sums and stance != "stated"]
        best = max(claimed, key=lambda one: (sums[one], one == "reported"), default=None)
        if best and sums[best] >= _LEAST_STANCE * sum(sums.values()):
            return best
        return next(
            (stance for text in reading.opening for stance in [self._said(text, None)] if stance != "stated"), "stated"
        )

    def _said(self, text: Text, hit: Span | None) -> Stance:
        """Whose word the text at a hit is; without one, the whole beginning of the text."""
        for stance, conditions in self.stances.items():
            for one in conditions:
                if one.words is None:
                    continue
                if (
                    text.beside(hit, one, around=True)
                    if hit
                    else one.within == "sentence" and text.begins_with(one.words)
                ):
                    return stance
        return "stated"


@lru_cache(maxsize=2)
def _unpickled(data: bytes) -> Taxonomy:
    # The same one for all who are sent the same, in one process: what it compiles takes longer than all the rest.
    return Taxonomy(*pickle.loads(data))  # noqa: S301 - nothing but what `__reduce__` has made


class _Ready(NamedTuple):
    """A rule that speaks a language."""

    #: Its topic's number, and its own in the topic.
    place: tuple[int, int]
    rule: Rule
    #: The same number for rules that look for the same.
    sense: int


class _Compiled:
    """The rules that speak a language, by the list they fire at."""

    def __init__(self, taxonomy: Taxonomy, language: str) -> None:
        self.lexicon = Lexicon(taxonomy.lists, language)
        self._topics = taxonomy.topics
        #: By the list a rule fires at, and the lists of which it wants a word besides.
        self._by_list: dict[int, dict[frozenset[int], list[_Ready]]] = defaultdict(lambda: defaultdict(list))
        senses: dict[tuple[Any, ...], int] = {}
        for number, topic in enumerate(taxonomy.topics):
            for order, rule in enumerate(topic.rules):
                needs = frozenset(one.words for one in rule.near if one.words is not None)
                if all(taxonomy.lists[one].speaks(language) for one in (rule.any, *needs)):
                    sense = senses.setdefault(rule.sense, len(senses))
                    self._by_list[rule.any][needs].append(_Ready((number, order), rule, sense))

    def asked(self, reading: Reading) -> Iterator[tuple[Topic, list[_Ready]]]:
        """The topics whose rules may fire in the article or have an exception there, in their order, with these
        rules."""
        ready: list[_Ready] = []
        for found in (reading.present | reading.excepted) & self._by_list.keys():
            for needs, rules in self._by_list[found].items():
                if needs <= reading.present or found in reading.excepted:
                    ready += rules
        ready.sort(key=itemgetter(0))
        for number, those in groupby(ready, key=lambda one: one.place[0]):
            yield self._topics[number], list(those)


def _fields(article: Article) -> dict[TextField, str]:
    """The fields of an article, each text once: some feeds' standfirst is the whole body."""
    fields = text_fields(article)
    return fields | {"description": ""} if article.description == article.body else fields
