"""Many subscriptions, and the article that has just come: which of them it is for.

The names are those of Lucene's Monitor. The presearcher turns the article into numbers; subscriptions are filed under
the rarest numbers that they cannot do without, two where there are two; what is filed under numbers that the article
has is a candidate, and is compared in full. So it is never a guess: an article matches what `transforms.matching.holds`
of, and what a search would find.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter

from transforms.analysis import BIGRAMS
from transforms.plans import NOTHING, Plan, alternatives, planned, true
from transforms.presearcher import BY_LANGUAGE, BY_SOURCE, BY_TOPIC, MARK, Given, Vocabulary, lowered
from transforms.query import Query
from transforms.records import Article

#: Filed anew after so many were removed, or as many as are left: what removed ones have asked for is not forgotten at
#: once, and how rare it is was known only of those that were there.
MIN_REMOVED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a subscription asks for. What is empty lets everything through."""

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
    #: Its place in the order of arrival.
    place: int
    names: list[str] = field(default_factory=list)


#: Numbers that must be there besides those that it is filed under, numbers that must not, what else must be true, and
#: whose it is.
_Candidate = tuple[frozenset[int], frozenset[int], Plan | None, _Entry]


_PLACE = attrgetter("place")


class Monitor:
    """Subscriptions by name. Not to be changed by one thread while another matches."""

    def __init__(self, subscriptions: Iterable[tuple[str, Asked]] = ()) -> None:
        """With these to begin with: a later one takes the place of an earlier one of its name."""
        self._named: dict[str, _Entry] = {}
        self._entries: dict[Asked, _Entry] = {}
        self._arrived = 0
        for name, asked in subscriptions:
            self._leave(name)
            self._enter(name, asked)
        self._file()

    def __len__(self) -> int:
        return len(self._named)

    def __contains__(self, name: str) -> bool:
        return name in self._named

    def add(self, name: str, asked: Asked) -> None:
        """Add a subscription, in place of the one that has the name."""
        self.remove(name)
        entry = self._enter(name, asked)
        if len(entry.names) == 1:
            for index in self._indexes.values():
                index.add(entry)

    def remove(self, name: str) -> None:
        """Remove a subscription, if it is there."""
        if (entry := self._leave(name)) is not None:
            for index in self._indexes.values():
                index.remove(entry)
            self._removed += 1
            if self._removed >= max(MIN_REMOVED, len(self._entries)):
                self._file()

    def match(self, article: Article) -> list[str]:
        """The names of the subscriptions that the article is for: in the order in which they were added, those that ask
        for the same together."""
        self._vocabulary.forget()
        index = self._index(bigrams=article.language in BIGRAMS)
        found = dict.fromkeys(index.matching(Given(article, self._vocabulary)))
        return [name for entry in sorted(found, key=_PLACE) for name in entry.names]

    def asked(self, name: str) -> Asked:
        """What a subscription asks for. Raises: KeyError, if there is none of that name."""
        return self._named[name].asked

    def _enter(self, name: str, asked: Asked) -> _Entry:
        if (entry := self._entries.get(asked)) is None:
            entry = self._entries[asked] = _Entry(asked, self._arrived)
            self._arrived += 1
        entry.names.append(name)
        self._named[name] = entry
        return entry

    def _leave(self, name: str) -> _Entry | None:
        """The entry, if nobody is left in it."""
        if (entry := self._named.pop(name, None)) is None:
            return None
        entry.names.remove(name)
        if entry.names:
            return None
        return self._entries.pop(entry.asked)

    def _file(self) -> None:
        """File everything anew. Most articles are in a language without bigrams; the other index waits for one."""
        self._vocabulary = Vocabulary()
        self._removed = 0
        self._indexes: dict[bool, _Index] = {}
        self._index(bigrams=False)

    def _index(self, *, bigrams: bool) -> "_Index":
        if (index := self._indexes.get(bigrams)) is None:
            index = self._indexes[bigrams] = _Index(self._vocabulary, self._entries.values(), bigrams=bigrams)
        return index


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
            filed[:] = [candidate for candidate in filed if candidate[-1] is not entry]

    def matching(self, given: Given) -> list[_Entry]:
        """The entries that an article matches; some perhaps twice."""
        numbers = given.numbers
        found: list[_Entry] = []
        candidates = [self._others]
        for alone, second in map(self._first.__getitem__, numbers & self._first.keys()):
            if alone:
                candidates.append(alone)
            if not numbers.isdisjoint(second):
                candidates += map(second.__getitem__, second.keys() & numbers)
        for more, none_of, plan, entry in chain.from_iterable(candidates):
            if (not more or more <= numbers) and none_of.isdisjoint(numbers) and (plan is None or true(plan, given)):
                found.append(entry)
        return found

    def _plan(self, asked: Asked) -> Plan:
        plan = planned(asked.query, self._vocabulary, bigrams=self._bigrams) if asked.query else Plan()
        required, any_of = plan.required, plan.any_of
        if asked.topics:
            required |= self._marks(BY_TOPIC, asked.topics)
        if asked.sources:
            named = (f"={name}" for name in asked.sources), (f"~{lowered(name)}" for name in asked.sources)
            any_of = (*any_of, self._marks(BY_SOURCE, chain(*named)))
        if asked.languages:
            any_of = (*any_of, self._marks(BY_LANGUAGE, asked.languages))
        weights = self._weights
        weights += [0] * (len(self._vocabulary) - len(weights))
        for one in chain(required, *any_of):
            weights[one] += 1
        return plan._replace(required=required, any_of=any_of)

    def _marks(self, field: str, names: Iterable[str]) -> frozenset[int]:
        return frozenset(self._vocabulary.number(MARK, field, name) for name in names)

    def _put(self, entry: _Entry, plan: Plan) -> None:
        weights = self._weights
        filed: list[list[_Candidate]] = []
        if (found := alternatives(plan, weights)) is None:
            self._others.append((NOTHING, NOTHING, plan, entry))
            filed.append(self._others)
        else:
            sets, left = found
            none_of = left.none_of if left else NOTHING
            if left == Plan(none_of=none_of):
                left = None
            for numbers in sets:
                rarest, *more = sorted(numbers, key=weights.__getitem__)
                alone, second = self._first.setdefault(rarest, ([], {}))
                place = second.setdefault(more[0], []) if more else alone
                place.append((frozenset(more[1:]), none_of, left, entry))
                filed.append(place)
        self._filed[entry] = tuple(filed)
