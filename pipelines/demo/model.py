"""What the sample wire is made of: outlets and their stories, read from `wire/*.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

KINDS = frozenset({"article", "flash", "missing", "silent", "challenge", "consent"})
FEEDS = frozenset({"rss2", "atom", "rdf", "json"})
METADATA = frozenset({"jsonld", "meta", "microdata", "none"})
FEED_TEXTS = frozenset({"summary", "full", "none"})
LINKS = frozenset({"plain", "tracked", "relative"})
#: What a page is for a reader; the other kinds have no story to show.
READABLE = frozenset({"article", "flash"})

# The C loader reads the 250 kB of stories in a tenth of the time; it is not in every build of PyYAML.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture and what stands under it."""

    #: Name of the file below `/images/` on the outlet's site.
    file: str
    caption: str
    #: As printed: "Name / AGENCY".
    credit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What the desk has written around a story, as an attentive reader would note it down.

    Pages show it in title and body only: it is what the reading of them is measured against.
    """

    #: The headline without its markers; empty where it has none.
    title: str = ""
    status: str = "usable"
    edition_note: str = ""
    dateline: str = ""
    located: str = ""
    slug: str = ""
    embargoed_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article as its outlet shows it in one round."""

    slug: str
    #: Where its page is, from the root of the outlet's site, without tracking parameters.
    path: str
    #: Plain text.
    title: str
    #: The title as the outlet's newsroom system has it, with markup and entities; empty when it is plain.
    title_html: str = ""
    standfirst: str = ""
    authors: tuple[str, ...] = ()
    #: Name of the agency whose copy this is.
    agency: str = ""
    section: str
    published: datetime
    updated: datetime | None = None
    keywords: tuple[str, ...] = ()
    image: Image | None = None
    language: str
    body: tuple[str, ...]
    #: The tags a careful human would give; what taggers are measured against, never shown on a page.
    topics: tuple[str, ...] = ()
    marks: Marks = Marks()
    kind: str = "article"
    #: What its page tells machines: jsonld, meta, microdata or none; as its outlet does where it says nothing.
    metadata: str
    feed_text: str
    #: True for a story which is not there before round 2.
    added: bool = False
    #: The same story as round 2 shows it, where that differs.
    round2: Story | None = None

    def __post_init__(self) -> None:
        _require(
            self.slug,
            kind=(self.kind, KINDS),
            metadata=(self.metadata, METADATA),
            feed_text=(self.feed_text, FEED_TEXTS),
        )
        if not self.path.startswith("/"):
            raise ValueError(f"{self.slug}: path must start with a slash, got {self.path!r}")

    @property
    def changed(self) -> datetime:
        """When the outlet last touched the story."""
        return self.updated or self.published


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """An invented publisher: how it writes its feed and its pages, and its stories."""

    id: str
    name: str
    language: str
    tagline: str
    #: Format of its feed: rss2, atom, rdf or json.
    feed: str
    #: What its pages tell machines.
    metadata: str
    #: True when its JSON-LD sits inside an `@graph`.
    graph: bool = False
    accent: str
    feed_text: str
    #: How its feed writes links: plain, tracked (with `utm_` parameters) or relative.
    links: str = "plain"
    sections: tuple[str, ...]
    #: Every story of every round, in the order of the file.
    stories: tuple[Story, ...]

    def __post_init__(self) -> None:
        _require(
            self.id,
            feed=(self.feed, FEEDS),
            metadata=(self.metadata, METADATA),
            feed_text=(self.feed_text, FEED_TEXTS),
            links=(self.links, LINKS),
        )
        for story in self.stories:
            if story.section not in self.sections:
                raise ValueError(f"{self.id}: {story.slug} is in a section the outlet does not have: {story.section}")

    @property
    def feed_path(self) -> str:
        """Where the feed is on the outlet's site."""
        return "/feed.json" if self.feed == "json" else "/feed.xml"

    def edition(self, round_: int) -> tuple[Story, ...]:
        """The stories of a round as that round shows them, newest first.

        Raises:
            ValueError: there is no such round.
        """
        if round_ not in (1, 2):
            raise ValueError(f"the sample wire has rounds 1 and 2, not {round_}")
        shown = [
            story.round2 if round_ == 2 and story.round2 else story
            for story in self.stories
            if round_ == 2 or not story.added
        ]
        return tuple(sorted(shown, key=lambda story: (story.published, story.slug), reverse=True))


@cache
def load_wire() -> tuple[Outlet, ...]:
    """All outlets with their stories, in the order of their ids.

    Raises:
        ValueError, TypeError, KeyError: a file says something the sample wire does not know.
    """
    texts = {
        source.name: source.read_text(encoding="utf-8")
        for source in files(__package__).joinpath("wire").iterdir()
        if source.name.endswith(".yaml")
    }
    return tuple(_outlet(yaml.load(texts[name], Loader=_LOADER)) for name in sorted(texts))


def _outlet(raw: Mapping[str, Any]) -> Outlet:
    head = dict(raw["outlet"])
    stories = tuple(_story(item, head) for item in raw["articles"])
    return Outlet(**{**head, "sections": tuple(head["sections"]), "stories": stories})


def _story(item: Mapping[str, Any], outlet: Mapping[str, Any]) -> Story:
    fields = {**{name: outlet[name] for name in ("language", "metadata", "feed_text")}, **item}
    later = dict(fields.pop("round2", {}))
    added = bool(later.pop("added", False))
    round2 = Story(**_typed({**fields, **later})) if later else None
    return Story(**_typed(fields), added=added, round2=round2)


def _typed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a story with dates, tuples, the image and the marks as the record wants them."""
    typed = dict(fields)
    for name in ("authors", "keywords", "body", "topics"):
        typed[name] = tuple(typed.get(name, ()))
    for name in ("published", "updated"):
        if name in typed:
            typed[name] = datetime.fromisoformat(typed[name])
    if "image" in typed:
        typed["image"] = Image(**typed["image"])
    if "marks" in typed:
        until = typed["marks"].get("embargoed_until")
        moment = {"embargoed_until": datetime.fromisoformat(until)} if until else {}
        typed["marks"] = Marks(**{**typed["marks"], **moment})
    return typed


def _require(owner: str, **choices: tuple[str, frozenset[str]]) -> None:
    for name, (value, allowed) in choices.items():
        if value not in allowed:
            raise ValueError(f"{owner}: {name} must be one of {', '.join(sorted(allowed))}, got {value!r}")
