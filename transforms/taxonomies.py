"""Taxonomies out of their files: lists joined, topics in order, and what can never work refused."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from transforms.errors import ConfigError
from transforms.lexicon import ANY, WordList, problem
from transforms.rules import MAX_BODY_COUNT, Condition, Rule
from transforms.tags import Stance
from transforms.taxonomy_files import Beside, ParsedFile, Path, RuleEntry, Source, TopicEntry, Words
from transforms.topics import Taxonomy, Topic


def read_taxonomy(sources: Sequence[Source], shipped: Sequence[Source] = ()) -> Taxonomy:
    """The taxonomy that files of YAML describe together; `shipped` is what `extends: newswire` means.

    Its version is the declared one and, after a `+`, a fingerprint of what it says: nobody has to remember to raise it.

    Raises:
        ConfigError: naming every problem with its file and line. A rule that can never fire is one.
    """
    files = [ParsedFile(source) for source in sources]
    if any(one.entry.extends for one in files):
        files = [*(ParsedFile(source, replaceable=True) for source in shipped), *files]
    problems = [line for one in files for line in one.problems]
    if not problems:
        made = _Making(files)
        problems = made.problems
    if problems:
        place = sources[0].place if sources else "the taxonomy"
        raise ConfigError("\n".join([f"{place}: {len(problems)} problem(s)", *(f"  {one}" for one in problems)]))
    return made.taxonomy()


class _Making:
    """Files of the right form, made into a taxonomy."""

    def __init__(self, files: Sequence[ParsedFile]) -> None:
        self.problems: list[str] = []
        self._files = files
        self._named: dict[str, list[Words]] = {}
        self._topics: dict[str, tuple[ParsedFile, int, TopicEntry]] = {}
        self._numbers: dict[str, int] = {}
        self._lists: list[WordList] = []
        for file in files:
            for name, entries in file.entry.lists.items():
                # A list goes on from file to file: each language has its own.
                self._named.setdefault(name, []).extend(entries)
                for number, entry in enumerate(entries):
                    self._check(entry, file, ("lists", name, number))
            for number, topic in enumerate(file.entry.topics):
                known = self._topics.get(topic.id)
                if known is not None and not known[0].replaceable:
                    self.problems.append(file.said(("topics", number, "id"), f"{topic.id!r} is there twice"))
                self._topics[topic.id] = file, number, topic
        if not any(file.entry.version for file in files):
            self.problems.append(files[0].said((), "a taxonomy has a `version` (text)"))
        self._made = [self._topic(*self._topics[name]) for name in self._ordered()]
        self._stances = self._all_stances()

    def taxonomy(self) -> Taxonomy:
        """The taxonomy; there are no problems."""
        version = next(file.entry.version for file in reversed(self._files) if file.entry.version)
        said = repr((self._made, self._lists, sorted(self._stances.items())))
        return Taxonomy(
            f"{version}+{hashlib.sha256(said.encode()).hexdigest()[:8]}", self._made, self._lists, self._stances
        )

    def _ordered(self) -> list[str]:
        """Topics after those their rules ask for; else as they are written."""
        wanted: dict[str, list[str]] = {}
        for name, (file, number, topic) in self._topics.items():
            wanted[name] = []
            for i, rule in enumerate(topic.rules):
                for side in ("near", "not_near"):
                    for k, one in enumerate(getattr(rule, side)):
                        if one.topic in self._topics:
                            wanted[name].append(one.topic)
                        elif one.topic:
                            path = ("topics", number, "rules", i, side, k, "topic")
                            self.problems.append(file.said(path, f"there is no topic {one.topic!r}"))
        try:
            return list(TopologicalSorter(wanted).static_order())
        except CycleError as e:
            file, number, _ = self._topics[e.args[1][0]]
            self.problems.append(
                file.said(("topics", number), f"topics that wait for each other: {', '.join(e.args[1])}")
            )
            return []

    def _all_stances(self) -> dict[Stance, tuple[Condition, ...]]:
        found: dict[Stance, tuple[Condition, ...]] = {}
        for file in self._files:
            for stance, entries in file.entry.stances.items():
                path: Path = ("stances", stance)
                found[stance] = tuple(self._condition(one, file, (*path, i)) for i, one in enumerate(entries))
        return found

    def _topic(self, file: ParsedFile, number: int, entry: TopicEntry) -> Topic:
        path: Path = ("topics", number)
        ids = [rule.id for rule in entry.rules]
        for i, name in enumerate(ids):
            if name in ids[:i]:
                self.problems.append(file.said((*path, "rules", i, "id"), f"{name!r} is there twice"))
        rules = tuple(self._rule(rule, file, (*path, "rules", i)) for i, rule in enumerate(entry.rules))
        weights = entry.weights.model_dump()
        most = sum(weights[name] for name in ("title", "description", "keywords"))
        most += MAX_BODY_COUNT * max(weights["lead"], weights["body"])
        if entry.threshold > most * sum(rule.weight for rule in rules):
            self.problems.append(file.said((*path, "threshold"), "no article can reach it, whatever its rules find"))
        return Topic(
            id=entry.id,
            labels=entry.labels,
            medtop=entry.medtop,
            threshold=entry.threshold,
            rules=rules,
            weights=weights,
            stances=entry.stances,
        )

    def _rule(self, entry: RuleEntry, file: ParsedFile, path: Path) -> Rule:
        mine = self._words(entry.any, file, (*path, "any"))
        near = tuple(
            sorted((self._condition(one, file, (*path, "near", i)) for i, one in enumerate(entry.near)), key=_effort)
        )
        not_near = tuple(self._condition(one, file, (*path, "not_near", i)) for i, one in enumerate(entry.not_near))
        if mine.phrases:
            asked = [mine, *(self._lists[one.words] for one in near if one.words is not None)]
            spoken = set().union(*(one.languages() for one in asked)) - {ANY} or {"en"}
            if not any(all(one.speaks(language) for one in asked) for language in spoken):
                self.problems.append(
                    file.said((*path, "near"), "shares no language with `any`, so the rule can never fire")
                )
        else:
            self.problems.append(file.said((*path, "any"), "a rule without words can never fire"))
        return Rule(id=entry.id, weight=entry.weight, any=self._number(mine), near=near, not_near=not_near)

    def _condition(self, entry: Beside, file: ParsedFile, path: Path) -> Condition:
        words = self._words(entry, file, path)
        if bool(words.phrases) == bool(entry.topic):
            self.problems.append(file.said(path, "needs either words or a `topic`"))
        return Condition(
            words=None if entry.topic else self._number(words),
            topic=entry.topic or "",
            within=entry.within,
            side=entry.side,
        )

    def _words(self, entry: Words, file: ParsedFile, path: Path) -> WordList:
        self._check(entry, file, path)
        phrases: dict[str, dict[str, None]] = {}
        excepted: dict[str, dict[str, None]] = {}
        for one in self._with_lists(entry, file, path, ()):
            for into, listed in ((phrases, _own(one)), (excepted, one.exceptions)):
                for language, written in listed.items():
                    into.setdefault(language, {}).update(dict.fromkeys(written))
        for language, said in phrases.items():
            if never := sorted(set(said) & set(excepted.get(language, ()))):
                what = f"{', '.join(never)} ({language}): is its own exception, so it can never count"
                self.problems.append(file.said(path, what))
        return WordList(
            *({language: tuple(said) for language, said in one.items() if said} for one in (phrases, excepted))
        )

    def _with_lists(self, entry: Words, file: ParsedFile, path: Path, above: tuple[str, ...]) -> Iterator[Words]:
        yield entry
        for name in entry.lists:
            if name in above:
                self.problems.append(file.said((*path, "lists"), f"the list {name!r} is part of itself"))
            elif name not in self._named:
                self.problems.append(file.said((*path, "lists"), f"there is no list {name!r}"))
            else:
                for one in self._named[name]:
                    yield from self._with_lists(one, file, path, (*above, name))

    def _check(self, entry: Words, file: ParsedFile, path: Path) -> None:
        for part, listed in (((), _own(entry)), (("except",), entry.exceptions)):
            for language, phrases in listed.items():
                for number, phrase in enumerate(phrases):
                    if wrong := problem(phrase):
                        self.problems.append(file.said((*path, *part, language, number), f"{phrase!r}: {wrong}"))

    def _number(self, words: WordList) -> int:
        """The number of a list; equal ones are looked for once."""
        said = json.dumps([words.phrases, words.excepted], sort_keys=True, ensure_ascii=False)
        if said not in self._numbers:
            self._numbers[said] = len(self._lists)
            self._lists.append(words)
        return self._numbers[said]


def _effort(condition: Condition) -> int:
    """What comes first decides most: words anywhere in an article are found at once, sentences are not."""
    return 0 if condition.topic or condition.within == "article" else 2 if condition.within == "sentence" else 1


def _own(entry: Words) -> dict[str, list[str]]:
    """The words that an entry itself has, by language."""
    return entry.__pydantic_extra__ or {}
