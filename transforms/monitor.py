"""Many subscriptions, and the article that has just come: which of them it is for.

The names are those of Lucene's Monitor. The presearcher turns the article into numbers; subscriptions are filed under
the rarest numbers that they cannot do without, two where there are two; what is filed under numbers that the article
has is a candidate, and is compared in full. So it is never a guess: an article matches what `transforms.matching.holds`
of, and what a search would find.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import chain

from transforms.analysis import BIGRAMS
from transforms.plans import Plan, alternatives, planned, true
from transforms.presearcher import MARK, Given, Vocabulary, lowered
from transforms.query import Query
from transforms.records import Article

#: Filed anew after so many were removed, or as many as are left: what removed ones have asked for is not forgotten at
#: once, and how rare it is was known only of those that were there.
MIN_REMOVED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a subscription asks for. What is empty lets everything through; a subscription of nothing gets everything."""

    query: Query | None = None
    #: Marks, all of which the article must have; feed ids, domains or outlet names, and languages, one of which it must
    #: have: as in `connectors.ports.Search`.
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class _Entry:
    """All subscriptions that ask for the same."""

    asked: Asked
    #: Names, each with its place in the order of arrival.
    names: dict[str, int] = field(default_factory=dict)


#: Numbers that must be there besides those that it is filed under, what else must be true, and whose it is.
_Candidate = tuple[frozenset[int], Plan | None, _Entry]


class Monitor:
    """Subscriptions by name. Not to be changed by one thread while another matches."""

    def __init__(self, subscriptions: Iterable[tuple[str, Asked]] = ()) -> None:
        self._names: dict[str, _Entry] = {}
        self._entries: dict[Asked, _Entry] = {}
        self._arrived = 0
        self._file(subscriptions)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def add(self, name: str, asked: Asked) -> None:
        """Add a subscription, in place of the one that has the name."""
        self.remove(name)
        if (entry := self._enter(name, asked)) is not None:
            for index in self._indexes.values():
                index.add(entry)

    def remove(self, name: str) -> None:
        """Remove a subscription, if it is there."""
        entry = self._names.pop(name, None)
        if entry is None:
            return
        del entry.names[name]
        if not entry.names:
            del self._entries[entry.asked]
            for index in self._indexes.values():
                index.remove(entry)
            self._removed += 1
            if self._removed >= max(MIN_REMOVED, len(self._entries)):
                self._file()

    def match(self, article: Article) -> list[str]:
        """The names of the subscriptions that the article is for, in the order in which they were added."""
        bigrams = article.language in BIGRAMS
        if (index := self._indexes.get(bigrams)) is None:
            index = self._indexes[bigrams] = _Index(self._vocabulary, self._entries.values(), bigrams=bigrams)
        found = index.matching(Given(article, self._vocabulary))
        named = chain.from_iterable(entry.names.items() for entry in dict.fromkeys(found))
        return [name for name, _ in sorted(named, key=_arrival)]

    def asked(self, name: str) -> Asked:
        """What a subscription asks for. Raises: KeyError, if there is none of that name."""
        return self._names[name].asked

    def _file(self, subscriptions: Iterable[tuple[str, Asked]] = ()) -> None:
        for name, asked in subscriptions:
            if (entry := self._names.pop(name, None)) is not None:
                del entry.names[name]
                if not entry.names:
                    del self._entries[entry.asked]
            self._enter(name, asked)
        self._vocabulary = Vocabulary()
        self._indexes: dict[bool, _Index] = {}
        self._removed = 0
        if self._entries:  # most articles are in a language without bigrams; the other index waits for one that is not
            self._indexes[False] = _Index(self._vocabulary, self._entries.values(), bigrams=False)

    def _enter(self, name: str, asked: Asked) -> _Entry | None:
        """The entry, if it is a new one."""
        entry = self._entries.get(asked)
        fresh = entry is None
        if entry is None:
            entry = self._entries[asked] = _Entry(asked)
        entry.names[name] = self._arrived
        self._arrived += 1
        self._names[name] = entry
        return entry if fresh else None


def _arrival(named: tuple[str, int]) -> int:
    return named[1]


class _Index:
    """Entries, filed under what they cannot do without."""

    def __init__(self, vocabulary: Vocabulary, entries: Collection[_Entry], *, bigrams: bool) -> None:
        self._vocabulary = vocabulary
        self._bigrams = bigrams
        #: How many entries must have each number: what many ask for is taken to be common.
        self._weights: list[int] = []
        #: Filed under one number, and under two: first the rarer one, then the other.
        self._first: dict[int, tuple[list[_Candidate], dict[int, list[_Candidate]]]] = {}
        #: Those that need nothing: compared with every article.
        self._others: list[_Candidate] = []
        #: Where each entry is filed.
        self._filed: dict[_Entry, tuple[list[_Candidate], ...]] = {}
        plans = [(entry, self._plan(entry.asked)) for entry in entries]
        for entry, plan in plans:
            self._put(entry, plan)

    def add(self, entry: _Entry) -> None:
        self._put(entry, self._plan(entry.asked))

    def remove(self, entry: _Entry) -> None:
        for filed in self._filed.pop(entry):
            filed[:] = [candidate for candidate in filed if candidate[2] is not entry]

    def matching(self, given: Given) -> list[_Entry]:
        """The entries that an article matches; some perhaps twice."""
        numbers = given.numbers
        found: list[_Entry] = []
        candidates = [self._others]
        for number in numbers & self._first.keys():
            alone, second = self._first[number]
            if alone:
                candidates.append(alone)
            candidates += map(second.__getitem__, second.keys() & numbers)
        for more, plan, entry in chain.from_iterable(candidates):
            if more <= numbers and (plan is None or true(plan, given)):
                found.append(entry)
        return found

    def _plan(self, asked: Asked) -> Plan:
        plan = planned(asked.query, self._vocabulary, bigrams=self._bigrams) if asked.query else Plan()
        number = self._vocabulary.number
        required = {number(MARK, "topic", mark) for mark in asked.topics}
        any_of = [*plan.any_of]
        if asked.sources:
            sources = (f"={name}" for name in asked.sources), (f"~{lowered(name)}" for name in asked.sources)
            any_of.append(frozenset(number(MARK, "source", name) for name in chain(*sources)))
        if asked.languages:
            any_of.append(frozenset(number(MARK, "language", language) for language in asked.languages))
        if required or len(any_of) > len(plan.any_of):
            plan = Plan(plan.required | required, tuple(any_of), plan.none_of, plan.rest)
        weights = self._weights
        if len(weights) < len(self._vocabulary):
            weights += [0] * (len(self._vocabulary) - len(weights))
        for one in chain(plan.required, *plan.any_of):
            weights[one] += 1
        return plan

    def _put(self, entry: _Entry, plan: Plan) -> None:
        weights = self._weights
        sets = alternatives(plan, weights)
        whole = None if plan == Plan(plan.required) else plan
        if sets is None:
            self._others.append((frozenset(), whole, entry))
            self._filed[entry] = (self._others,)
            return
        filed: list[list[_Candidate]] = []
        for numbers in sets:
            rarest, *more = sorted(numbers, key=weights.__getitem__)
            alone, second = self._first.setdefault(rarest, ([], {}))
            place = second.setdefault(more[0], []) if more else alone
            place.append((frozenset(more[1:]), whole, entry))
            filed.append(place)
        self._filed[entry] = tuple(filed)
