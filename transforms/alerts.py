"""An alert: that an article is what a subscription asked for, and why. Decisions only.

A story is told once to each subscription: its first alert has an id of subscription and story alone, so that two
workers, a replay, or an outlet that prints the same text make one alert. Later versions of the article that was told
have ids of their own, and are told as the subscription wants (`transforms.subscriptions.Revisions`).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from transforms.clusters import story_of
from transforms.matching import Match
from transforms.records import Article, Status
from transforms.revisions import Change
from transforms.subscriptions import Subscription
from transforms.tags import TopicTag
from transforms.zones import require_utc

#: Why it is told: a new article matches; a later version of one is the first to match; the story that was told is
#: corrected, withdrawn, or otherwise changed.
Kind = Literal["new", "newly-matching", "corrected", "withdrawn", "revised"]
#: What an alert says at most; the rest is a look away, in the archive.
MAX_MATCHES, MAX_EVIDENCE, MAX_CHANGES, MAX_CHANGED_TEXT, MAX_REPRINTS = 20, 5, 20, 500, 50
#: Characters of a standfirst.
MAX_DESCRIPTION = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprint:
    """Another outlet's copy of the story."""

    article_id: str
    url: str
    headline: str
    outlet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What a subscriber is told, as it was when the article was stored."""

    #: Of the event: who gets it twice knows by it.
    id: str
    subscription: str
    #: The cluster that the article belongs to.
    story: str
    kind: Kind
    made_at: datetime
    article_id: str
    revision: int
    status: Status
    url: str
    headline: str
    description: str = ""
    outlet: str
    agency: str = ""
    #: None where the article does not say; `first_seen_at` then stands for it.
    published_at: datetime | None = None
    first_seen_at: datetime
    language: str
    edition_note: str = ""
    #: With their evidence.
    topics: tuple[TopicTag, ...] = ()
    #: What of the query is true of the article, and where; empty where only filters asked.
    matches: tuple[Match, ...] = ()
    #: False of a story that was told and is not what was asked for any longer.
    still_matches: bool = True
    #: What this version says otherwise than the one before.
    changes: tuple[Change, ...] = ()
    reprints: tuple[Reprint, ...] = ()

    def __post_init__(self) -> None:
        require_utc(made_at=self.made_at, published_at=self.published_at, first_seen_at=self.first_seen_at)


def told_id(subscription: str, story: str) -> str:
    """The id of the first alert of a story to a subscription."""
    return _digest("told", subscription, story)


def revised_id(subscription: str, story: str, article_id: str, revision: int) -> str:
    """The id of the alert of a later version of an article whose story was told."""
    return _digest("revised", subscription, story, article_id, str(revision))


def _digest(*parts: str) -> str:
    # `a1` is the version of this recipe; the parts cannot run into each other.
    return f"a1{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:30]}"


def first_kind(subscription: Subscription, article: Article, *, matches: bool) -> Kind | None:
    """Why an article of a story that the subscription was not told of is told, or None."""
    if not matches:
        return None
    if article.revision == 1:
        return "new"
    return "newly-matching" if subscription.revisions != "never" else None


def later_kind(
    subscription: Subscription, article: Article, before: Article | None, told: Sequence[Alert]
) -> Kind | None:
    """Why a version of an article is told to a subscription that was told of its story, or None. `before`: the version
    it replaces; `told`: the story's alerts to the subscription, of which one at least is there.

    A version is told only of the article that was told, and only after the versions that were.
    """
    own = [one for one in told if one.article_id == article.id]
    if subscription.revisions == "never" or not own or article.revision <= max(one.revision for one in own):
        return None
    # Beside the version before, the one that was told last: what came between may be in the archive, and nobody heard.
    versions = [max(own, key=lambda one: one.revision), *([before] if before else ())]
    if article.status == "withdrawn" and any(one.status != "withdrawn" for one in versions):
        return "withdrawn"
    noted = any((one.status, one.edition_note) != (article.status, article.edition_note) for one in versions)
    if article.status == "corrected" and (before is None or noted):
        return "corrected"
    return "revised" if subscription.revisions == "always" else None


def alert(
    subscription: Subscription,
    article: Article,
    kind: Kind,
    *,
    now: datetime,
    matches: Sequence[Match] = (),
    still_matches: bool = True,
    changes: Sequence[Change] = (),
) -> Alert:
    """The alert that tells a subscription of an article, bounded."""
    story = story_of(article)
    first = kind in ("new", "newly-matching")
    return Alert(
        id=told_id(subscription.id, story)
        if first
        else revised_id(subscription.id, story, article.id, article.revision),
        subscription=subscription.id,
        story=story,
        kind=kind,
        made_at=now,
        article_id=article.id,
        revision=article.revision,
        status=article.status,
        url=article.url,
        headline=article.title,
        description=_cut(article.description, MAX_DESCRIPTION),
        outlet=article.source.name or article.source.domain,
        agency=article.source.agency,
        published_at=article.published_at,
        first_seen_at=article.first_seen_at,
        language=article.language,
        edition_note=article.edition_note,
        topics=tuple(
            replace(tag, evidence=tag.evidence[:MAX_EVIDENCE], against=tag.against[:MAX_EVIDENCE])
            for tag in article.topics
        ),
        matches=tuple(matches[:MAX_MATCHES]),
        still_matches=still_matches,
        changes=tuple(
            replace(one, old=_cut(one.old, MAX_CHANGED_TEXT), new=_cut(one.new, MAX_CHANGED_TEXT))
            for one in changes[:MAX_CHANGES]
        ),
    )


def reprint(told: Alert, other: Alert) -> Alert:
    """The alert that was told, with the article of another one of the same story noted; itself where it is known."""
    if other.article_id in {told.article_id, *(one.article_id for one in told.reprints)}:
        return told
    if len(told.reprints) >= MAX_REPRINTS:
        return told
    noted = Reprint(article_id=other.article_id, url=other.url, headline=other.headline, outlet=other.outlet)
    return replace(told, reprints=(*told.reprints, noted))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
