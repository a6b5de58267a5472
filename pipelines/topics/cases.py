"""Cases: short texts with the topics and figures that somebody who read them expects, and what a taxonomy makes of
them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from transforms import plain_yaml
from transforms.errors import ConfigError
from transforms.records import Article
from transforms.tags import Casualty, Stance, TopicTag
from transforms.topics import Taxonomy

#: A file that is no case file at all is named once, not once for each of its lines.
MAX_PROBLEMS = 20
#: Of what a line says wrongly, so much is repeated.
MAX_SAID = 60


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Expected(_Strict):
    """A topic, and its stance where that is beyond doubt. May be written as one word, `ID` or `ID:STANCE`."""

    id: str
    stance: Stance | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_word(cls, said: Any) -> Any:
        if not isinstance(said, str):
            return said
        name, colon, stance = said.partition(":")
        return {"id": name, "stance": stance} if colon else {"id": name}


class Figure(_Strict):
    """A figure that must be read out; who gives it counts only where the case says so, empty for the text itself."""

    kind: Literal["killed", "injured"]
    min: int | None
    max: int | None
    who: str
    attribution: str | None = None

    @property
    def value(self) -> tuple[Any, ...]:
        """What must be the same."""
        return self.kind, self.min, self.max, self.who


class Case(_Strict):
    """A line of a case file. `casualties` None: the figures are not looked at."""

    key: str
    title: str = ""
    description: str = ""
    body: str = ""
    keywords: list[str] = []
    language: str = ""
    url: str = ""
    expected: list[Expected]
    casualties: list[Figure] | None = None
    why: str = ""

    @field_validator("key", mode="before")
    @classmethod
    def _number(cls, said: Any) -> Any:
        return str(said) if type(said) is int else said

    @model_validator(mode="after")
    def _has_words(self) -> "Case":
        if not self.title.strip() and not self.body.strip():
            raise ValueError("a case needs a `title` or a `body`")
        names = [one.id for one in self.expected]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise ValueError(f"{twice!r} is expected twice")
        return self


class WrongStance(NamedTuple):
    """A topic that was found, with another stance than expected."""

    expected: Stance
    tag: TopicTag


@dataclass(frozen=True, slots=True)
class Verdict:
    """A case and what a taxonomy made of it; what differs, in the terms of a reader."""

    case: Case
    article: Article
    #: Missing topics; with what the rules found, None where they found no word for or against it.
    missing: tuple[tuple[str, TopicTag | None], ...]
    extra: tuple[TopicTag, ...]
    stances: tuple[WrongStance, ...]
    figures_missing: tuple[Figure, ...]
    figures_extra: tuple[Casualty, ...]
    #: Figures with another source than expected.
    sources: tuple[tuple[Figure, Casualty], ...]

    @property
    def differs(self) -> bool:
        """Whether anything is not as expected."""
        return any((self.missing, self.extra, self.stances, self.figures_missing, self.figures_extra, self.sources))


@dataclass(slots=True)
class Score:
    """How often a topic (or the figures) came out as expected."""

    expected: int = 0
    missed: int = 0
    extra: int = 0
    #: Found ones of which the stance (of figures: the source) was compared, and came out otherwise.
    compared: int = 0
    otherwise: int = 0

    @property
    def found(self) -> int:
        """Expected ones that were found."""
        return self.expected - self.missed

    @property
    def precision(self) -> float | None:
        """None where nothing was found."""
        return self.found / (self.found + self.extra) if self.found + self.extra else None

    @property
    def recall(self) -> float | None:
        """None where nothing was expected."""
        return self.found / self.expected if self.expected else None

    @property
    def accuracy(self) -> float | None:
        """Share of the compared ones that came out as expected; None where none was compared."""
        return 1 - self.otherwise / self.compared if self.compared else None

    def data(self, compared: str) -> dict[str, Any]:
        """For a program; `compared` names what was."""
        return {
            "expected": self.expected,
            "found": self.found,
            "missed": self.missed,
            "extra": self.extra,
            "precision": self.precision,
            "recall": self.recall,
            compared: self.accuracy,
        }


@dataclass(slots=True)
class Tally:
    """The scores over many cases."""

    topics: dict[str, Score] = field(default_factory=dict)
    figures: Score = field(default_factory=Score)

    def add(self, verdict: Verdict, wanted: Iterable[str]) -> None:
        """Count one more case, for the topics that are `wanted`."""
        missing = {name for name, _ in verdict.missing}
        wrong = {one.tag.id for one in verdict.stances}
        extra = {tag.id for tag in verdict.extra}
        expected = {one.id: one.stance for one in verdict.case.expected}
        for name in wanted:
            score = self.topics.setdefault(name, Score())
            score.expected += name in expected
            score.missed += name in missing
            score.extra += name in extra
            score.compared += bool(expected.get(name)) and name not in missing
            score.otherwise += name in wrong
        figures = verdict.case.casualties or []
        self.figures.expected += len(figures)
        self.figures.missed += len(verdict.figures_missing)
        self.figures.extra += len(verdict.figures_extra)
        self.figures.compared += _named(figures) - _named(verdict.figures_missing)
        self.figures.otherwise += len(verdict.sources)


def _named(figures: Iterable[Figure]) -> int:
    return sum(one.attribution is not None for one in figures)


def judged(case: Case, article: Article, taxonomy: Taxonomy, wanted: frozenset[str]) -> Verdict:
    """What a taxonomy makes of a case, whose `article` was not tagged yet; only the `wanted` topics are looked at."""
    tagged = taxonomy.tag(article)
    found = {tag.id: tag for tag in tagged.topics if tag.id in wanted}
    expected = {one.id: one.stance for one in case.expected if one.id in wanted}
    below = {tag.id: tag for tag in taxonomy.judge(article)} if expected.keys() - found.keys() else {}
    figures = _compared(case.casualties, tagged.casualties) if case.casualties is not None else ((), (), ())
    return Verdict(
        case,
        tagged,
        tuple((name, below.get(name)) for name in expected if name not in found),
        tuple(tag for name, tag in found.items() if name not in expected),
        tuple(
            WrongStance(stance, found[name])
            for name, stance in expected.items()
            if stance and name in found and found[name].stance != stance
        ),
        *figures,
    )


def _compared(
    expected: Sequence[Figure], found: Sequence[Casualty]
) -> tuple[tuple[Figure, ...], tuple[Casualty, ...], tuple[tuple[Figure, Casualty], ...]]:
    """Figures that are missing, that nobody expected, and that are given another source."""
    missing: list[Figure] = []
    sources: list[tuple[Figure, Casualty]] = []
    left = list(found)
    for figure in expected:
        same = [one for one in left if (one.kind, one.min, one.max, one.who) == figure.value]
        if not same:
            missing.append(figure)
            continue
        best = next((one for one in same if _same_source(figure.attribution, one.attribution)), same[0])
        left.remove(best)
        if not _same_source(figure.attribution, best.attribution):
            sources.append((figure, best))
    return tuple(missing), tuple(left), tuple(sources)


def _same_source(expected: str | None, found: str) -> bool:
    """Whether the words are the same, or some of the others: "Observatory" and "the Observatory"."""
    if not expected or not found:
        return expected is None or expected == found
    one, other = expected.casefold(), found.casefold()
    return one in other or other in one


def read_cases(files: Sequence[str], taxonomy: Taxonomy, wanted: frozenset[str]) -> list[Case]:
    """The cases of files of JSON Lines, or of lists in YAML (`.yaml`, `.yml`).

    Raises:
        ConfigError: naming every line that is none, or expects a topic that the taxonomy does not have (where only
            some are `wanted`, the others may be of another taxonomy).
    """
    known = frozenset(topic.id for topic in taxonomy.topics)
    cases: list[Case] = []
    problems: list[str] = []
    for file in files:
        keys: set[str] = set()
        for line, said in _items(Path(file), problems):
            case = _case(said, f"{file}:{line}", problems)
            if case is None:
                continue
            if case.key in keys:
                problems.append(f"{file}:{line}: key: {case.key!r} is there twice")
            keys.add(case.key)
            strange = [one.id for one in case.expected if one.id not in known] if wanted == known else []
            problems += [f"{file}:{line}: expected: there is no topic {name!r}" for name in strange]
            cases.append(case)
    if not cases and not problems:
        problems.append(f"{', '.join(files)}: there is no case in it")
    if problems:
        more = [f"and {len(problems) - MAX_PROBLEMS} more"] if len(problems) > MAX_PROBLEMS else []
        listed = [f"  {one}" for one in problems[:MAX_PROBLEMS] + more]
        raise ConfigError("\n".join([f"{len(problems)} problem(s) in the cases", *listed]))
    return cases


def _items(file: Path, problems: list[str]) -> Iterator[tuple[int, Any]]:
    """Each case with its line, as plain data."""
    try:
        data = file.read_bytes()
    except OSError as e:
        raise ConfigError(f"{file}: {e.strerror or e}") from e
    lines: list[str] = []
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            lines.append(line.decode())
        except UnicodeDecodeError as e:
            problems.append(f"{file}:{number}: is not UTF-8: {line[e.start : e.start + 1]!r} at byte {e.start + 1}")
            lines.append("")
    if file.suffix in (".yaml", ".yml"):
        yield from _yaml_items(file, "\n".join(lines), problems)
        return
    for number, text in enumerate(lines, 1):
        if text.strip():
            try:
                yield number, json.loads(text)
            except (ValueError, RecursionError) as e:
                reason = f"{e.msg} at character {e.pos + 1}" if isinstance(e, json.JSONDecodeError) else str(e)
                problems.append(f"{file}:{number}: is not JSON: {reason}: {text.strip()[:MAX_SAID]!r}")


def _yaml_items(file: Path, text: str, problems: list[str]) -> Iterator[tuple[int, Any]]:
    try:
        node = plain_yaml.compose(text)
        data = yaml.safe_load(text)
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        problems.append(f"{file}:{mark.line + 1 if mark else 1}: is not YAML: {getattr(e, 'problem', None) or e}")
        return
    if node is None:
        return
    if not isinstance(node, yaml.SequenceNode):
        problems.append(f"{file}:{node.start_mark.line + 1}: must be a list of cases")
        return
    yield from ((one.start_mark.line + 1, said) for one, said in zip(node.value, data, strict=True))


def _case(said: Any, place: str, problems: list[str]) -> Case | None:
    if not isinstance(said, dict):
        problems.append(f"{place}: must be an object, got {repr(said)[:MAX_SAID]}")
        return None
    try:
        return Case.model_validate(said)
    except ValidationError as e:
        for one in e.errors():
            path = ".".join(map(str, one["loc"]))
            problems.append(f"{place}: {path}{': ' if path else ''}{_wrong(one)}")
        return None


def _wrong(error: Any) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "unknown key"
        case "missing":
            return "is missing"
        case "value_error":
            return str(error["msg"]).removeprefix("Value error, ")
        case _:
            return f"{error['msg']}, got {repr(error['input'])[:MAX_SAID]}"
