"""An alert in words, for people: what mails, feeds and other services show of it, before it is text or HTML.

Everything in it comes from the web. Here it is cut to what one reads, and what would end a line, hide or turn around
letters is taken out; whoever writes HTML escapes it besides.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from transforms.alerts import Alert
from transforms.matching import Snippet, merged, snippet
from transforms.messages import Message, trace
from transforms.subscriptions import Subscription, described
from transforms.tags import Evidence, TopicTag
from transforms.text import harmless, one_line
from transforms.urls import is_followable

#: Characters of a headline, of a name or clause, and of any other text that are shown.
MAX_HEADLINE, MAX_NAME, MAX_TEXT = 300, 120, 600
_SPACE = re.compile(r"\s")
_LABELS = {"corrected": "CORRECTED:", "withdrawn": "WITHDRAWN:"}
#: The fields of an article, as a reader knows them.
_FIELDS = {"title": "headline", "edition_note": "note", "body": "text", "published": "time of publication"}

#: A text in pieces, each with whether it is what matched.
Pieces = tuple[tuple[str, bool], ...]


class Limits(NamedTuple):
    """How many of each are shown."""

    matches: int
    proofs: int
    changes: int
    reprints: int


#: Of the only story, and of one of several: mail programs cut what is longer than about 100 kB.
ALONE, AMONG_OTHERS = Limits(10, 3, 20, 20), Limits(3, 1, 5, 5)


class Changed(NamedTuple):
    """What a version says otherwise, with the words around it."""

    field: str
    left: str
    old: str
    new: str
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The latest of what is told of a story."""

    #: `CORRECTED:`, `WITHDRAWN:`, `UPDATED:` or nothing.
    label: str
    headline: str
    #: An http or https address, or empty.
    url: str
    #: Outlet, agency, time, version.
    facts: str
    description: str
    note: str
    remarks: tuple[str, ...]
    #: A part of the query and its field, and the words that it is true of; or what was asked for, where there are no
    #: words of it to show.
    why: tuple[tuple[str, Pieces], ...]
    #: A topic, and sentences that speak for it.
    topics: tuple[tuple[str, tuple[Pieces, ...]], ...]
    changes: tuple[Changed, ...]
    #: What the message also has of this story, the latest first: a line each.
    earlier: tuple[str, ...]
    #: Outlet, headline, address (or empty).
    reprints: tuple[tuple[str, str, str], ...]
    trace: str


def stories(message: Message, *, base_url: str = "") -> list[Story]:
    """The stories of a message, in the order in which they were first told of; versions of one stand together."""
    told: dict[str, list[Alert]] = {}
    for alert in message.alerts:
        told.setdefault(alert.story, []).append(alert)
    limits = ALONE if len(told) == 1 else AMONG_OTHERS
    return [story(versions, message.subscription, base_url=base_url, limits=limits) for versions in told.values()]


def story(
    versions: Sequence[Alert], subscription: Subscription, *, base_url: str = "", limits: Limits = ALONE
) -> Story:
    """The last of these alerts of one story in words; of the others a line each."""
    alert = versions[-1]
    return Story(
        label=label(alert),
        headline=headline(alert),
        url=_link(alert.url),
        facts=_facts(alert),
        description=_line(alert.description, MAX_TEXT),
        note=_line(alert.edition_note, MAX_TEXT),
        remarks=tuple(_remarks(alert)),
        why=tuple(_why(alert, subscription, limits.matches)),
        topics=tuple((_topic(tag), tuple(_proofs(tag.evidence[: limits.proofs]))) for tag in alert.topics),
        changes=tuple(
            Changed(_field(one.field), *(unbroken(text[:MAX_TEXT]) for text in (one.left, one.old, one.new, one.right)))
            for one in alert.changes[: limits.changes]
        ),
        earlier=tuple(f"{_clock(one)}: {titled(one)}" for one in reversed(versions[:-1])),
        reprints=tuple(
            (_line(one.outlet, MAX_NAME), _line(one.headline, MAX_HEADLINE) or "(no headline)", _link(one.url))
            for one in alert.reprints[: limits.reprints]
        ),
        trace=trace(alert.article_id, base_url),
    )


def headline(alert: Alert) -> str:
    """On one line."""
    return _line(alert.headline, MAX_HEADLINE) or "(no headline)"


def label(alert: Alert) -> str:
    """What a reader must know before the headline; empty for the first word of a story that stands."""
    return _LABELS.get(alert.status, "UPDATED:" if alert.kind == "revised" else "")


def titled(alert: Alert) -> str:
    """The headline, with the label in front."""
    return f"{label(alert)} {headline(alert)}".strip()


def subject(message: Message) -> str:
    """What a message is about, on one line: the latest headline of its only story, or how many stories it has."""
    count = len({one.story for one in message.alerts})
    if count == 1:
        return titled(message.alerts[-1])
    return f"{count} stories: {named(message.subscription)}"


def named(subscription: Subscription) -> str:
    """What a subscription is called, on one line."""
    return _line(subscription.title, MAX_NAME)


def asks(subscription: Subscription) -> str:
    """What a subscription asks for, on one line."""
    parts = [
        subscription.query,
        *(
            f"{name}: {', '.join(values)}"
            for name in ("topics", "sources", "languages")
            if (values := getattr(subscription, name))
        ),
    ]
    return _line("; ".join(filter(None, map(str.strip, parts))), MAX_TEXT)


def about(subscription: Subscription) -> str:
    """Why somebody has this before them, on one line."""
    called = f"{named(subscription)} ({subscription.id})" if subscription.name else subscription.id
    return f"Subscription {called}, {described(subscription)}: {asks(subscription)}"


def unbroken(text: str) -> str:
    """`text` on one line, harmless; as long as it was."""
    return _SPACE.sub(" ", harmless(text))


def marked(found: Snippet) -> Pieces:
    """The pieces of a snippet; a long one is cut around its words."""
    if len(found.text) > MAX_TEXT:
        found = snippet(found.text, found.spans)
    text, pieces, at = unbroken(found.text), [], 0
    for start, end in merged(found.spans):
        pieces += [(text[at:start], False), (text[start:end][:MAX_TEXT], True)]
        at = end
    pieces.append((text[at:], False))
    return tuple(piece for piece in pieces if piece[0])


def _why(alert: Alert, subscription: Subscription, most: int) -> Iterable[tuple[str, Pieces]]:
    if not alert.matches and alert.still_matches:
        yield asks(subscription), ()
    for one in alert.matches[:most]:
        yield f"{_line(one.clause, MAX_NAME)}, in the {_field(one.field)}", marked(one.snippet)


def _proofs(evidence: Iterable[Evidence]) -> Iterable[Pieces]:
    for one in evidence:
        at = one.sentence.find(one.text)
        sentence = one.sentence if at >= 0 else one.text
        yield marked(Snippet(sentence, ((max(at, 0), max(at, 0) + len(one.text)),)))


def _facts(alert: Alert) -> str:
    version = f"version {alert.revision}" if alert.revision > 1 else ""
    return ", ".join(
        filter(None, [_line(alert.outlet, MAX_NAME), _line(alert.agency, MAX_NAME), _clock(alert), version])
    )


def _clock(alert: Alert) -> str:
    """When it was published, or else first seen; of later versions, when they came."""
    moment = alert.made_at if alert.revision > 1 else alert.published_at or alert.first_seen_at
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _remarks(alert: Alert) -> Iterable[str]:
    if not alert.still_matches:
        yield "This version is not what was asked for any longer."
    if alert.kind == "newly-matching":
        yield "Earlier versions of it were not what was asked for."


def _topic(tag: TopicTag) -> str:
    name = _line(tag.label or tag.id, MAX_NAME)
    return name if tag.stance == "stated" else f"{name} ({tag.stance})"


def _field(name: str) -> str:
    return _FIELDS.get(name, name.replace("_", " "))


def _link(url: str) -> str:
    return url if is_followable(url) else ""


def _line(text: str, most: int) -> str:
    line = one_line(text[: most * 4])
    return line if len(line) <= most else f"{line[: most - 1]}…"
