"""Queries as the monitor compares them with an article: sets of numbers first, and only then what is left of the tree."""

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.analysis import stems
from transforms.documents import dated, near, repeats
from transforms.presearcher import STEM, Given, Vocabulary
from transforms.query import TEXT_FIELDS, Both, Either, Not, Published, Query, Words


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must stand together; that each of them is there is the plan's business."""

    kind: int
    field: str
    words: tuple[str, ...]
    prefix: bool
    slop: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A query as conditions that must all be true: numbers that an article must have, of some sets one each, some that
    it must not have; and what cannot be said in numbers."""

    required: frozenset[int] = frozenset()
    any_of: tuple[frozenset[int], ...] = ()
    none_of: frozenset[int] = frozenset()
    rest: tuple["Phrase | Published | Alternatives | Excluded", ...] = ()

    @property
    def number(self) -> int | None:
        """The one number that it all comes to, if it does."""
        plain = len(self.required) == 1 and not (self.any_of or self.none_of or self.rest)
        return next(iter(self.required)) if plain else None


@dataclass(frozen=True, slots=True)
class Alternatives:
    """At least one must be true."""

    plans: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Excluded:
    """It must not be true."""

    plan: Plan


def planned(query: Query, vocabulary: Vocabulary, *, bigrams: bool) -> Plan:
    """The plan of a query, for articles in the languages that have bigrams or for those in all others."""
    required: set[int] = set()
    any_of: list[frozenset[int]] = []
    none_of: set[int] = set()
    rest: list[Phrase | Published | Alternatives | Excluded] = []
    waiting = [query]
    while waiting:
        part = waiting.pop()
        match part:
            case Words():
                required.update(found := vocabulary.numbers(part, bigrams))
                if len(found) > 1:
                    kind, words = vocabulary.sought(part, bigrams)
                    rest.append(Phrase(kind, part.field, tuple(words), part.prefix, part.slop))
            case Published():
                rest.append(part)
            case Both(parts):
                waiting += parts
            case Either(parts):
                plans = tuple([planned(one, vocabulary, bigrams=bigrams) for one in parts])
                numbers = [plan.number for plan in plans]
                if None in numbers:
                    rest.append(Alternatives(plans))
                else:
                    any_of.append(frozenset(number for number in numbers if number is not None))
            case Not(excluded):
                plan = planned(excluded, vocabulary, bigrams=bigrams)
                if plan.number is not None:
                    none_of.add(plan.number)
                elif len(plan.any_of) == 1 and plan == Plan(any_of=plan.any_of):
                    none_of |= plan.any_of[0]
                else:
                    rest.append(Excluded(plan))
    return Plan(frozenset(required), tuple(any_of), frozenset(none_of), tuple(rest))


def true(plan: Plan, given: Given) -> bool:
    """Whether the query of this plan is true of an article."""
    numbers = given.numbers
    if not (plan.required <= numbers and plan.none_of.isdisjoint(numbers)):
        return False
    for numbered in plan.any_of:
        if numbered.isdisjoint(numbers):
            return False
    for part in plan.rest:
        match part:
            case Phrase():
                met = _stands(part, given)
            case Published(since, until):
                moment = dated(given.article)
                met = (since is None or since <= moment) and (until is None or moment < until)
            case Alternatives(plans):
                met = any(true(one, given) for one in plans)
            case Excluded(excluded):
                met = not true(excluded, given)
        if not met:
            return False
    return True


def _stands(phrase: Phrase, given: Given) -> bool:
    language = given.language if phrase.kind == STEM and phrase.field in ("", *TEXT_FIELDS) else ""
    terms = stems(phrase.words, language) if phrase.kind == STEM else phrase.words
    if not phrase.slop:
        return f" {' '.join(terms)}{'' if phrase.prefix else ' '}" in given.joined(phrase.kind, phrase.field)
    again = repeats(terms)
    for sequence in given.sequences(phrase.kind, phrase.field):
        places: dict[str, list[int]] = {term: [] for term in terms}
        for place, term in enumerate(sequence):
            if term in places:
                places[term].append(place)
        if any(True for _ in near([places[term] for term in terms], phrase.slop, again)):
            return True
    return False


def alternatives(plan: Plan, weights: Sequence[int]) -> list[frozenset[int]] | None:
    """Sets of numbers, all of one of which an article must have for the plan to be true: the rarest there are, by what
    each number weighs. None where there is nothing that it must have."""
    best: list[frozenset[int]] | None = [plan.required] if plan.required else None
    for numbers in plan.any_of:
        best = _rarer(best, [frozenset((number,)) for number in numbers], weights)
    for part in plan.rest:
        if isinstance(part, Alternatives):
            each = [alternatives(one, weights) for one in part.plans]
            if not any(one is None for one in each):
                best = _rarer(best, [numbers for one in each for numbers in one or ()], weights)
    if best is None:
        return None
    return list(dict.fromkeys(numbers | plan.required for numbers in best))


def _rarer(
    one: list[frozenset[int]] | None, other: list[frozenset[int]], weights: Sequence[int]
) -> list[frozenset[int]]:
    if one is None:
        return other

    def weight(sets: list[frozenset[int]]) -> int:
        return sum(min(weights[number] for number in numbers) for numbers in sets)

    return min(one, other, key=weight)
