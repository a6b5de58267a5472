"""The files of a taxonomy as analysts write them: YAML, its form checked, every problem named by file and line.

The models below are the JSON schema that `newswire topics schema` prints, for editors that check and complete.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from transforms import plain_yaml
from transforms.rules import DEFAULT_WITHIN, WEIGHTS
from transforms.tags import Stance
from transforms.topics import DEFAULT_THRESHOLD

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Language = Annotated[str, StringConstraints(pattern=r"^([a-z]{2,3}|\*)$")]
Phrase = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Positive = Annotated[float, Field(gt=0, le=1000)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Strict):
    """Words and phrases by language (`en: [...]`), `"*"` for every language."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[Language, list[Phrase]] = Field(init=False)

    lists: list[Name] = Field([], description="Names of lists whose words are meant, too.")
    exceptions: dict[Language, list[Phrase]] = Field(
        {}, alias="except", description="Phrases within which a word does not count."
    )


class Beside(Words):
    """Words that stand beside a word of the rule; or a topic that the article carries."""

    within: Annotated[int, Field(ge=1, le=1000)] | Literal["sentence", "context", "article"] = Field(
        DEFAULT_WITHIN,
        description="So many words away, in the same sentence, in what a reader has before him there, or the article.",
    )
    side: Literal["", "before", "after"] = Field("", description="On which side of the word.")
    topic: Name | None = None


def _has_words(words: Words) -> Words:
    if not words.lists and not any((words.__pydantic_extra__ or {}).values()):
        raise ValueError("a rule without words can never fire")
    return words


class RuleEntry(_Strict):
    """One way to recognise a topic."""

    id: Name
    weight: Positive = 1.0
    any: Annotated[Words, AfterValidator(_has_words)]
    near: list[Beside] = Field([], description="All of these must stand beside the word.")
    not_near: list[Beside] = Field([], description="None of these may.")


class Weights(_Strict):
    """What words count for in each field; `lead` is how a body begins."""

    title: float = Field(WEIGHTS["title"], ge=0)
    description: float = Field(WEIGHTS["description"], ge=0)
    keywords: float = Field(WEIGHTS["keywords"], ge=0)
    lead: float = Field(WEIGHTS["lead"], ge=0)
    body: float = Field(WEIGHTS["body"], ge=0)


class TopicEntry(_Strict):
    """A topic."""

    id: Name
    labels: dict[Language, str] = {}
    medtop: str = Field("", pattern=r"^(medtop:\d{8})?$", description="The broader IPTC Media Topic.")
    threshold: Positive = DEFAULT_THRESHOLD
    weights: Weights = Weights()
    stances: bool = Field(False, description="Whether it is something that is claimed, reported or denied.")
    rules: list[RuleEntry] = Field(min_length=1)


class TaxonomyFile(_Strict):
    """A file of a taxonomy; those in one folder are one taxonomy."""

    version: str = Field("", description="Raised with every change that readers of the tags should see.", max_length=40)
    extends: Literal["", "newswire"] = Field(
        "",
        description="`newswire`: with its topics, unless one's own have the same id, and its lists, which one's own of"
        " the same name continue.",
    )
    lists: dict[Name, list[Words]] = {}
    stances: dict[Stance, list[Beside]] = {}
    topics: list[TopicEntry] = []


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file, and its name for messages."""

    place: str
    text: str


def schema() -> dict[str, Any]:
    """The JSON schema of a taxonomy's file."""
    return TaxonomyFile.model_json_schema()


Path = tuple[str | int, ...]


class ParsedFile:
    """A file of a taxonomy: what it says, where, and what is wrong with its form."""

    def __init__(self, source: Source, *, replaceable: bool = False) -> None:
        """`replaceable`: its topics may be in another file as well, which counts."""
        self.replaceable = replaceable
        self.problems: list[str] = []
        self.entry = TaxonomyFile()
        self._place, self._root = source.place, None
        try:
            self._root = plain_yaml.compose(source.text)
            self.entry = TaxonomyFile.model_validate(plain_yaml.data(self._root))
        except yaml.YAMLError as e:
            mark = getattr(e, "problem_mark", None)
            self.problems = [f"{source.place}:{mark.line + 1 if mark else 1}: {getattr(e, 'problem', e)}"]
        except ValidationError as e:
            self.problems = [self.said(one["loc"], _said(one)) for one in e.errors(include_url=False)]

    def said(self, path: Path, what: str) -> str:
        """A problem with its place."""
        node, line, known = self._root, 1, list[str]()
        for part in path:
            found = _inside(node, part)
            if found is not None:  # else pydantic's own: which kind of a union it tried
                known.append(str(part))
                node, line = found
        return f"{self._place}:{line}: {'.'.join(known) or 'the file'}: {what}"


def _inside(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node, int] | None:
    """What a list or a table has at a place, and its line."""
    if isinstance(node, yaml.MappingNode):
        return next(((value, key.start_mark.line + 1) for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line + 1
    return None


def _said(error: Any) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "unknown key"
        case "missing":
            return f"`{error['loc'][-1]}` is missing"
        case _:
            return str(error["msg"]).removeprefix("Value error, ")
