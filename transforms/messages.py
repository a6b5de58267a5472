"""What is sent of alerts: one message for one story, or one for all that are due together; and what it says to a
program, as JSON (docs/alert-payload.schema.json)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transforms.alerts import Alert
from transforms.matching import Match
from transforms.subscriptions import Subscription
from transforms.tags import TopicTag


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Alerts of one subscription on their way to one channel."""

    #: Stays what it is when the message is sent again: the alert's own of one, made of their ids of several.
    id: str
    subscription: Subscription
    #: At least one, in the order in which they were made.
    alerts: tuple[Alert, ...]


def messages(subscription: Subscription, alerts: Sequence[Alert]) -> list[Message]:
    """How a batch is told: each alert in a message of its own, or all of them together."""
    parts = [tuple(alerts)] if subscription.together and alerts else [(one,) for one in alerts]
    return [Message(id=_id(part), subscription=subscription, alerts=part) for part in parts]


def _id(alerts: Sequence[Alert]) -> str:
    if len(alerts) == 1:
        return alerts[0].id
    return f"d1{hashlib.sha256(' '.join(one.id for one in alerts).encode()).hexdigest()[:30]}"


def trace(article_id: str, base_url: str) -> str:
    """Where everything known of an article can be seen: an address, or without `base_url` a command."""
    return f"{base_url.rstrip('/')}/trace/{article_id}" if base_url else f"newswire trace {article_id}"


def payload(message: Message, *, base_url: str = "") -> dict[str, Any]:
    """A message as plain JSON data, of one shape for one alert and for many; moments as ISO 8601 in UTC."""
    asked = message.subscription
    return {
        "id": message.id,
        "subscription": {
            "id": asked.id,
            "name": asked.name,
            "query": asked.query,
            "topics": list(asked.topics),
            "sources": list(asked.sources),
            "languages": list(asked.languages),
            "owner": asked.owner,
        },
        "alerts": [_alert(one, base_url) for one in message.alerts],
    }


def as_json(message: Message, *, base_url: str = "", only_ascii: bool = False) -> str:
    """`payload` as one line, the same for the same message; with `only_ascii` nothing in it can move a cursor."""
    data = payload(message, base_url=base_url)
    text = json.dumps(data, ensure_ascii=only_ascii, separators=(",", ":"))
    # Halves of UTF-16 pairs, which JSON can carry and nothing can encode, are shown as what they are: unreadable.
    return text.encode(errors="replace").decode()


def _alert(alert: Alert, base_url: str) -> dict[str, Any]:
    return {
        "id": alert.id,
        "kind": alert.kind,
        "story": alert.story,
        "article_id": alert.article_id,
        "headline": alert.headline,
        "description": alert.description,
        "outlet": alert.outlet,
        "agency": alert.agency,
        "url": alert.url,
        "published_at": alert.published_at.isoformat() if alert.published_at else None,
        "language": alert.language,
        "status": alert.status,
        "edition_note": alert.edition_note,
        "revision": alert.revision,
        "made_at": alert.made_at.isoformat(),
        "topics": [_topic(one) for one in alert.topics],
        "matches": [match_data(one) for one in alert.matches],
        "still_matches": alert.still_matches,
        "changes": [
            {"field": one.field, "old": one.old, "new": one.new, "left": one.left, "right": one.right}
            for one in alert.changes
        ],
        "reprints": [
            {"article_id": one.article_id, "url": one.url, "headline": one.headline, "outlet": one.outlet}
            for one in alert.reprints
        ],
        "trace": trace(alert.article_id, base_url),
    }


def _topic(tag: TopicTag) -> dict[str, Any]:
    return {
        "id": tag.id,
        "label": tag.label,
        "stance": tag.stance,
        "score": tag.score,
        "medtop": tag.medtop,
        "evidence": [
            {
                "rule": one.rule,
                "text": one.text,
                "field": one.field,
                "start": one.start,
                "end": one.end,
                "sentence": one.sentence,
            }
            for one in tag.evidence
        ],
    }


def match_data(match: Match) -> dict[str, Any]:
    """A part of a query and where its words stand, as plain data; spans count characters of the text beside them."""
    return {
        "clause": match.clause,
        "field": match.field,
        "start": match.start,
        "end": match.end,
        "text": match.text,
        "snippet": {"text": match.snippet.text, "spans": [list(span) for span in match.snippet.spans]},
    }
