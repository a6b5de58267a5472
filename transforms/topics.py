"""Topics are data: a versioned taxonomy of rules, compiled once a language, and tags that carry their evidence.

A rule names words and phrases by language; they are compared as stems (`transforms.analysis`). `any` fires on each;
`near` wants a word of both lists within some words of each other; `not_near` takes back a hit that stands beside a word
that gives it another meaning (a Syrian *hamster*). A rule's weight counts once per field it fires in, times the field's
own weight; a topic is tagged from its threshold on.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, cast

from transforms.analysis import terms, tokens
from transforms.errors import ConfigError
from transforms.records import Article, Evidence, TopicTag

#: A headline says what a story is about; one word deep in the body may be an aside.
FIELD_WEIGHTS = {"title": 3.0, "description": 2.0, "keywords": 2.0, "body": 1.0}
#: Several mentions in a body count as more than one aside.
MAX_BODY_COUNT = 3
#: Evidence kept per rule and field: enough to show, bounded for a text that repeats itself.
MAX_EVIDENCE = 5
DEFAULT_THRESHOLD = 2.0
DEFAULT_WITHIN = 8

Stems = tuple[str, ...]


class _Hit(NamedTuple):
    """Token positions of a phrase, end exclusive."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to recognise a topic. Phrases are kept by language, as written."""

    id: str
    weight: float
    any: Mapping[str, tuple[str, ...]]
    near: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_near: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    within: int = DEFAULT_WITHIN


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic, its place in the IPTC Media Topics, and the rules that prove it."""

    id: str
    label: str
    medtop: str
    threshold: float
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, eq=False)  # compared and hashed by identity: one object per rule and language
class _CompiledRule:
    topic: Topic
    rule: Rule
    near: "_Phrases"
    not_near: "_Phrases"
    context: "_Phrases"

    def holds(self, fields: Sequence[Sequence[str]]) -> bool:
        """Whether the article, given as the stems of its fields, is in the rule's context."""
        return not self.context or any(True for stems in fields for _ in self.context.find(stems, 0, len(stems)))


class _Phrases:
    """Phrases as stems, found in a token list by their first stem."""

    def __init__(self, phrases: Sequence[str], language: str) -> None:
        self._by_first: dict[str, list[Stems]] = defaultdict(list)
        for phrase in phrases:
            stems = tuple(terms(phrase, language))
            if stems and stems not in self._by_first[stems[0]]:
                self._by_first[stems[0]].append(stems)

    def __bool__(self) -> bool:
        return bool(self._by_first)

    def find(self, stems: Sequence[str], start: int, end: int) -> Iterator[_Hit]:
        for i in range(max(0, start), min(end, len(stems))):
            for phrase in self._by_first.get(stems[i], ()):
                if tuple(stems[i : i + len(phrase)]) == phrase:
                    yield _Hit(i, i + len(phrase))


class _Compiled:
    """All rules in one language: one look-up per token says which rules could begin there."""

    def __init__(self, topics: Sequence[Topic], language: str) -> None:
        self.by_first: dict[str, list[tuple[Stems, _CompiledRule]]] = defaultdict(list)
        for topic in topics:
            for rule in topic.rules:
                compiled = _CompiledRule(
                    topic,
                    rule,
                    _Phrases(_in_language(rule.near, language), language),
                    _Phrases(_in_language(rule.not_near, language), language),
                    _Phrases(_in_language(rule.context, language), language),
                )
                if (rule.near and not compiled.near) or (rule.context and not compiled.context):
                    continue  # the rule does not speak this language
                for stems in dict.fromkeys(tuple(terms(p, language)) for p in _in_language(rule.any, language)):
                    if stems:
                        self.by_first[stems[0]].append((stems, compiled))


def _in_language(phrases: Mapping[str, tuple[str, ...]], language: str) -> tuple[str, ...]:
    """Phrases of the language, or of all where an article's language is unknown."""
    if language == "und":
        return tuple(phrase for listed in phrases.values() for phrase in listed)
    return phrases.get(language, ())


class Taxonomy:
    """A version of the topics. Pickles; compiles a language the first time an article in it comes by."""

    def __init__(self, version: str, topics: Sequence[Topic]) -> None:
        self.version = version
        self.topics = tuple(topics)
        self._compiled: dict[str, _Compiled] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return Taxonomy, (self.version, self.topics)

    def tag(self, article: Article) -> Article:
        """The article with its topics, best first, each with evidence. Tags it had are replaced."""
        fields = {
            "title": article.title,
            "description": article.description if article.description != article.body else "",
            "keywords": ", ".join(article.keywords),
            "body": article.body,
        }
        # Most articles are about none of the topics: where words stand is found out only once a rule may fire.
        analysed = {name: terms(text, article.language) for name, text in fields.items() if text}
        everything = list(analysed.values())
        scores: dict[str, float] = defaultdict(float)
        evidence: dict[str, list[Evidence]] = defaultdict(list)
        in_context: dict[str, bool] = {}
        for name, stems in analysed.items():
            text = fields[name]
            fired = self._fired(stems, article.language)
            standing = tokens(text, article.language) if fired else []
            for compiled, hits in fired.items():
                topic, rule = compiled.topic.id, compiled.rule
                key = f"{topic}.{rule.id}"
                if key not in in_context:
                    in_context[key] = compiled.holds(everything)
                if not in_context[key]:
                    continue
                count = min(len(hits), MAX_BODY_COUNT) if name == "body" else 1
                scores[topic] += rule.weight * FIELD_WEIGHTS[name] * count
                evidence[topic] += [
                    _evidence(rule, name, text, standing[hit.first].start, standing[hit.end - 1].end)
                    for hit in hits[:MAX_EVIDENCE]
                ]
        tags = [
            TopicTag(
                id=topic.id,
                label=topic.label,
                score=scores[topic.id],
                medtop=topic.medtop,
                rule_version=self.version,
                evidence=tuple(evidence[topic.id]),
            )
            for topic in self.topics
            if scores.get(topic.id, 0) >= topic.threshold
        ]
        return replace(article, topics=tuple(sorted(tags, key=lambda tag: (-tag.score, tag.id))))

    def _fired(self, stems: Sequence[str], language: str) -> "dict[_CompiledRule, list[_Hit]]":
        """Rules that fire in one field, with the tokens that prove them."""
        compiled = self._compiled.get(language)
        if compiled is None:
            compiled = self._compiled[language] = _Compiled(self.topics, language)
        fired: dict[_CompiledRule, list[_Hit]] = defaultdict(list)
        begins = compiled.by_first.keys()
        for i in [i for i, stem in enumerate(stems) if stem in begins]:
            for phrase, rule in compiled.by_first[stems[i]]:
                end = i + len(phrase)
                if (len(phrase) == 1 or tuple(stems[i:end]) == phrase) and (span := _span(rule, stems, i, end)):
                    hits = fired[rule]
                    if not hits or span.first >= hits[-1].end:  # longer phrases of one rule overlap shorter ones
                        hits.append(span)
        return fired


def _evidence(rule: Rule, name: str, text: str, start: int, end: int) -> Evidence:
    return Evidence(rule=rule.id, text=text[start:end], field=cast(Any, name), start=start, end=end)


def _span(compiled: _CompiledRule, stems: Sequence[str], first: int, end: int) -> _Hit | None:
    """The tokens that prove the rule around a hit of its words, or None when they do not."""
    within = compiled.rule.within
    if compiled.not_near and any(True for _ in compiled.not_near.find(stems, first - within, end + within)):
        return None
    if not compiled.near:
        return _Hit(first, end)
    others = [h for h in compiled.near.find(stems, first - within, end + within) if h.end <= first or h.first >= end]
    if not others:
        return None
    nearest = min(others, key=lambda h: max(first - h.end, h.first - end))
    return _Hit(min(first, nearest.first), max(end, nearest.end))


def taxonomy(data: Any, place: str) -> Taxonomy:
    """The taxonomy that parsed YAML describes; `place` is the file, for messages.

    Raises:
        ConfigError: naming every problem. A rule that can never fire is one.
    """
    problems: list[str] = []
    if not isinstance(data, dict) or not (
        isinstance(data.get("version"), str) and isinstance(data.get("topics"), list)
    ):
        raise ConfigError(f"{place}: a taxonomy has a `version` (text) and a list of `topics`")
    topics = [_topic(raw, f"topics.{i}", problems) for i, raw in enumerate(data["topics"])]
    ids = [topic.id for topic in topics]
    problems += [f"topics: the id {name!r} is used twice" for name in sorted({i for i in ids if ids.count(i) > 1})]
    if problems:
        raise ConfigError("\n".join([f"{place}: {len(problems)} problem(s)", *(f"  {p}" for p in problems)]))
    return Taxonomy(data["version"], topics)


def _topic(raw: Any, place: str, problems: list[str]) -> Topic:
    raw = _table(raw, place, {"id", "label", "medtop", "threshold", "rules"}, {"id", "rules"}, problems)
    rules = raw.get("rules")
    if not isinstance(rules, list) or not rules:
        problems.append(f"{place}.rules: at least one rule is needed")
        rules = []
    name = str(raw.get("id", ""))
    ids = [str(rule.get("id")) for rule in rules if isinstance(rule, dict)]
    problems += [f"{place}.rules: the id {i!r} is used twice" for i in sorted({i for i in ids if ids.count(i) > 1})]
    return Topic(
        id=name,
        label=str(raw.get("label", name)),
        medtop=str(raw.get("medtop", "")),
        threshold=_number(raw.get("threshold", DEFAULT_THRESHOLD), f"{place}.threshold", problems),
        rules=tuple(_rule(rule, f"{place}.rules.{i}", problems) for i, rule in enumerate(rules)),
    )


def _rule(raw: Any, place: str, problems: list[str]) -> Rule:
    raw = _table(raw, place, {"id", "weight", "any", "near", "not_near", "context", "within"}, {"id", "any"}, problems)
    keys = ("any", "near", "not_near", "context")
    words = {key: _phrases(raw.get(key, {}), f"{place}.{key}", problems) for key in keys}
    if "any" in raw and not any(words["any"].values()):
        problems.append(f"{place}.any: a rule without words can never fire")
    problems += [
        f"{place}.{key}: shares no language with `any`, so the rule can never fire"
        for key in ("near", "context")
        if words[key] and not set(words[key]) & set(words["any"])
    ]
    return Rule(
        id=str(raw.get("id", "")),
        weight=_number(raw.get("weight", 1), f"{place}.weight", problems),
        any=words["any"],
        near=words["near"],
        not_near=words["not_near"],
        context=words["context"],
        within=int(_number(raw.get("within", DEFAULT_WITHIN), f"{place}.within", problems)),
    )


def _table(raw: Any, place: str, known: set[str], needed: set[str], problems: list[str]) -> dict[str, Any]:
    if not isinstance(raw, dict):
        problems.append(f"{place}: must be a table, not {type(raw).__name__}")
        return {}
    problems += [f"{place}.{key}: unknown key" for key in sorted(set(raw) - known)]
    problems += [f"{place}.{key}: is missing" for key in sorted(needed - set(raw))]
    return raw


def _phrases(raw: Any, place: str, problems: list[str]) -> dict[str, tuple[str, ...]]:
    if not isinstance(raw, dict):
        problems.append(f"{place}: must give words by language, as in {{en: [airstrike]}}")
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for language, phrases in raw.items():
        if not isinstance(language, str) or not re.fullmatch("[a-z]{2,3}", language):
            # YAML reads a bare `no` as false; Norwegian rules would never fire.
            problems.append(f"{place}: {language!r} is no language code, as en or 'no' in quotes")
            continue
        if not isinstance(phrases, list) or not all(isinstance(p, str) and p.strip() for p in phrases):
            problems.append(f"{place}.{language}: must be a list of words and phrases")
            continue
        problems += [f"{place}.{language}: {p!r} has no word in it" for p in phrases if not terms(p, str(language))]
        found[str(language)] = tuple(phrases)
    return found


def _number(raw: Any, place: str, problems: list[str]) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or raw <= 0:
        problems.append(f"{place}: must be a number above 0")
        return 1.0
    return float(raw)
