"""Queries as the monitor compares them with an article: sets of numbers first, then what is left of the tree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from transforms.alphabets import END, Alphabet
from transforms.analysis import stems
from transforms.documents import near, repeats
from transforms.presearcher import STEM, Given, Vocabulary
from transforms.query import Both, Either, Not, Published, Query, Words
from transforms.records import dated

#: So many alternatives are filed one by one, so that nothing is left to be compared.
MAX_SPREAD = 16
NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """Words that must stand together; that each of them is there is the plan's business."""

    kind: int
    field: str
    words: tuple[str, ...]
    prefix: bool
    slop: int


class Plan(NamedTuple):
    """A query as conditions that must all be true: numbers that an article must have, of some sets one each, some that
    it must not have; and what cannot be said in numbers."""

    required: frozenset[int] = NOTHING
    any_of: tuple[frozenset[int], ...] = ()
    none_of: frozenset[int] = NOTHING
    rest: tuple["Phrase | Published | Alternatives | Excluded", ...] = ()


class Alternatives(NamedTuple):
    """At least one must be true."""

    plans: tuple[Plan, ...]


class Excluded(NamedTuple):
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
                required.update(found := vocabulary.numbers(part, bigrams=bigrams))
                if len(found) > 1:
                    kind, words = vocabulary.sought(part, bigrams=bigrams)
                    rest.append(Phrase(kind, part.field, tuple(words), part.prefix, part.slop))
            case Published():
                rest.append(part)
            case Both(parts):
                waiting += parts
            case Either(parts):
                plans = [planned(one, vocabulary, bigrams=bigrams) for one in parts]
                if (numbers := _numbers(plans)) is not None:
                    any_of.append(numbers)
                else:
                    rest.append(Alternatives(tuple(plans)))
            case Not(excluded):
                plan = planned(excluded, vocabulary, bigrams=bigrams)
                if (numbers := _numbers([plan])) is not None:
                    none_of |= numbers
                elif len(plan.any_of) == 1 and plan == Plan(any_of=plan.any_of):
                    none_of |= plan.any_of[0]
                else:
                    rest.append(Excluded(plan))
    return Plan(frozenset(required), tuple(any_of), frozenset(none_of) if none_of else NOTHING, tuple(rest))


def _numbers(plans: Iterable[Plan]) -> frozenset[int] | None:
    """The numbers that plans come to, if each comes to one."""
    found: set[int] = set()
    for required, any_of, none_of, rest in plans:
        if len(required) != 1 or any_of or none_of or rest:
            return None
        found |= required
    return frozenset(found)


def true(plan: Plan, given: Given) -> bool:
    """Whether the query of this plan is true of an article."""
    numbers = given.numbers
    required, any_of, none_of, rest = plan
    if not (required <= numbers and none_of.isdisjoint(numbers)):
        return False
    for numbered in any_of:
        if numbered.isdisjoint(numbers):
            return False
    return not rest or all(_stands(part, given) if type(part) is Phrase else _met(part, given) for part in rest)


def _met(part: Phrase | Published | Alternatives | Excluded, given: Given) -> bool:
    match part:
        case Published(since, until):
            moment = dated(given.article)
            return (since is None or since <= moment) and (until is None or moment < until)
        case Alternatives(plans):
            return any(true(one, given) for one in plans)
        case Excluded(excluded):
            return not true(excluded, given)
        case Phrase():
            return _stands(part, given)


def _stands(phrase: Phrase, given: Given) -> bool:
    kind, field = phrase.kind, phrase.field
    alphabet, text = given.alphabet(kind, field), given.text(kind, field)
    if phrase.slop:
        return _near(_spelt(phrase, alphabet), phrase.slop, text)
    if not phrase.prefix:
        return _spelt(phrase, alphabet) in text
    head, last = alphabet.spelt(phrase.words[:-1]), phrase.words[-1]
    at = text.find(head)
    while at >= 0:
        if alphabet.term(text[at + len(head)]).startswith(last):
            return True
        at = text.find(head, at + 1)
    return False


def _spelt(phrase: Phrase, alphabet: Alphabet) -> str:
    if (known := alphabet.phrases.get(phrase)) is None:
        words = stems(phrase.words, alphabet.language) if phrase.kind == STEM else phrase.words
        known = alphabet.phrases[phrase] = alphabet.spelt(words)
    return known


def _near(letters: str, slop: int, text: str) -> bool:
    again = repeats(letters)
    for one in text.split(END):
        places = [[place for place, letter in enumerate(one) if letter == sought] for sought in letters]
        if any(True for _ in near(places, slop, again)):
            return True
    return False


def alternatives(plan: Plan, weights: Sequence[int]) -> tuple[list[frozenset[int]], Plan | None] | None:
    """Sets of numbers, all of one of which an article must have for the plan to be true, the rarest there are by what
    each number weighs; and what must be true besides. None where there is nothing that it must have."""
    required, any_of, none_of, rest = plan
    if required and not any_of:
        return [required], Plan(none_of=none_of, rest=rest) if none_of or rest else None
    if len(any_of) == 1 and not rest and len(any_of[0]) <= MAX_SPREAD:
        sets = [required | {number} for number in any_of[0]]
        return sets, Plan(none_of=none_of) if none_of else None
    found: list[list[frozenset[int]]] = [[required]] if required else []
    found += [[frozenset((number,)) for number in numbers] for numbers in any_of]
    for part in rest:
        if isinstance(part, Alternatives):
            each = [alternatives(one, weights) for one in part.plans]
            if not any(one is None for one in each):
                found.append([numbers for one in each if one for numbers in one[0]])
    if not found:
        return None
    best = min(found, key=lambda sets: sum(min(weights[number] for number in numbers) for numbers in sets))
    return list({numbers | required for numbers in best}), plan
