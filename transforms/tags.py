"""What an article is about, and why we say so."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

#: Who answers for what is tagged: the article itself; an official, a rescuer, a monitor who gives it out; somebody who
#: accuses or claims; somebody who denies it.
Stance = Literal["stated", "reported", "alleged", "denied"]
#: The fields of an article that are read for topics, as an analyst knows them.
TextField = Literal["title", "description", "keywords", "body"]
#: What parts the id of a topic from a stance or a rule, in a mark.
_BEHIND = re.compile("[:/]")
#: Characters of a sentence that are kept as evidence.
MAX_SENTENCE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why an article carries a topic: the rule, the words, and where they stand."""

    #: Rule id within the topic.
    rule: str
    #: The words as written.
    text: str
    field: TextField
    #: Character span within the field.
    start: int
    end: int
    #: The sentence they stand in, cut where it is very long.
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicTag:
    """A topic an article is about, never without evidence."""

    id: str
    label: str
    #: Sum of the rules' weights, counted once per rule and field.
    score: float
    #: The broader IPTC Media Topic, as `medtop:20000056`; empty when there is none.
    medtop: str = ""
    #: Version of the taxonomy that decided.
    rule_version: str
    stance: Stance = "stated"
    evidence: tuple[Evidence, ...]
    #: What kept other words from being evidence: beside a word of the rule stood this.
    against: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Casualty:
    """A figure of people killed or injured, as an article gives it."""

    kind: Literal["killed", "injured"]
    #: "at least 12" has no `max`, "up to 20" no `min`; one number is both.
    min: int | None
    max: int | None
    #: civilians, children, women, men, medics, journalists, aid workers, soldiers, fighters, police or people.
    who: str
    #: Who gives the figure, as written; empty where the article says so itself.
    attribution: str = ""
    evidence: Evidence


def topic_of(mark: str) -> str:
    """The id of the topic that one of `marks` is of."""
    return _BEHIND.split(mark, maxsplit=1)[0]


def marks(tags: Iterable[TopicTag]) -> list[str]:
    """What an article with these tags can be filtered by, sorted: of each its `ID` and `ID:STANCE`, and `ID/RULE` for
    each rule in its evidence."""
    found: set[str] = set()
    for tag in tags:
        found |= {tag.id, f"{tag.id}:{tag.stance}", *(f"{tag.id}/{one.rule}" for one in tag.evidence)}
    return sorted(found)
