"""From stored articles to the outbox: whom each of them is for, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.alert_ports import Addressed
from connectors.opening import Store
from connectors.ports import Stored
from pipelines.watching import Watch
from transforms.alerts import Alert, alert, first_kind, later_kind
from transforms.clusters import story_of
from transforms.documents import Document
from transforms.matching import evidence
from transforms.records import Article
from transforms.revisions import Change, changes
from transforms.subscriptions import Subscription, due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What the archive has confirmed, and the ledger does not know of yet."""

    stored: Stored
    #: As it is in the archive now.
    article: Article
    #: The version it replaces; None of a new one, and of one that was found as it is.
    before: Article | None = None
    #: When this version was stored.
    at: datetime


def alerts(confirmed: Sequence[Confirmed], watch: Watch, store: Store, now: datetime) -> list[Addressed]:
    """The alerts that articles make, addressed.

    Of all that was confirmed, unchanged articles too: where a run died between the archive and the outbox, the next one
    finds them unchanged, and nobody was told. Who was told already is not told again, since alerts have derived ids.
    """
    later = {story_of(one.article) for one in confirmed if one.article.revision > 1}
    told = store.outbox.told(later) if later else {}
    found: list[Addressed] = []
    for one in confirmed:
        for subscription, made in _alerts(one, watch, told.get(story_of(one.article), ()), store, now):
            found.append(Addressed(alert=made, channels=subscription.channels, due_at=due_at(subscription, now)))
    return found


def _alerts(
    one: Confirmed, watch: Watch, told: Sequence[Alert], store: Store, now: datetime
) -> Iterator[tuple[Subscription, Alert]]:
    article, document = one.article, Document(one.article)
    matching = watch.matching(article)
    names = dict.fromkeys([*matching, *(earlier.subscription for earlier in told)])
    subscriptions = [found for name in names if (found := watch.get(name, now)) is not None and found.since <= one.at]
    if not subscriptions:
        return
    before = one.before or _before(article, told, store)
    changed: list[Change] | None = None  # made once, and only for those who are told
    for subscription in subscriptions:
        own = [earlier for earlier in told if earlier.subscription == subscription.id]
        asked = matching.get(subscription.id)
        if any(earlier.article_id == article.id for earlier in own):
            kind = later_kind(subscription, article, before, own)
        else:  # another outlet's copy is noted in the alert that is there
            kind = first_kind(subscription, article, matches=asked is not None)
        if kind is None:
            continue
        if changed is None:
            changed = changes(before, article) if before is not None else []
        yield (
            subscription,
            alert(
                subscription,
                article,
                kind,
                now=now,
                matches=evidence(asked.query, document) if asked is not None and asked.query is not None else (),
                still_matches=asked is not None,
                changes=changed,
            ),
        )


def _before(article: Article, told: Sequence[Alert], store: Store) -> Article | None:
    """The version before an article that was found as it is, where an earlier one was told, and this one may not be."""
    if not any(one.article_id == article.id and one.revision < article.revision for one in told):
        return None
    return next((was for was in store.articles.revisions(article.id) if was.revision == article.revision - 1), None)
