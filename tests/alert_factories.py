"""Ordinary alerts and messages with boring defaults, as `tests.factories` has records; and texts that mean harm."""

from datetime import timedelta
from typing import Any

from tests import factories
from tests.factories import MORNING, NOON
from transforms.alerts import Alert, Reprint
from transforms.matching import Match, Snippet
from transforms.messages import Message
from transforms.revisions import Change
from transforms.subscriptions import Subscription
from transforms.tags import Evidence, TopicTag

MARKUP = """</title><script>alert(1)</script><img src=x onerror=alert(1)> "quoted" 'too' &amp; {{ 7 * 7 }} {% raw %}"""
HEADERS = "Quiet day\r\nBcc: victim@example.org\r\n\r\nA body of its own"
#: Turns the letters after it around, hides, ends a line in some programs, moves a cursor.
BIDI = "invoice\u202egpj.exe\u2066\u200b\u2028\x1b[2J\x07"
LONG = "w" * 100_000
ARABIC, HEBREW = "غارة جوية على إدلب", "תקיפה אווירית"
HOSTILE = (MARKUP, HEADERS, BIDI, LONG, ARABIC, HEBREW, "", "\x00\x0b\ufffe\ud800", "=?utf-8?q?fake?=")


def make_subscription(**overrides: Any) -> Subscription:
    """Asks for quiet days, at once."""
    return factories.make_subscription(
        **{"id": "quiet", "name": "Quiet days", "query": "quiet", "since": MORNING, "changed_at": MORNING, **overrides}
    )


def make_alert(**overrides: Any) -> Alert:
    """Of a new article, with the word that matched."""
    return factories.make_alert(
        **{"subscription": "quiet", "published_at": MORNING, "matches": (make_match(),), **overrides}
    )


def make_match(text: str = "Quiet day", start: int = 0, end: int = 5, clause: str = "quiet") -> Match:
    return Match(clause, "title", start, end, text[start:end], Snippet(text, ((start, end),)))


def make_topic(sentence: str = "An air strike hit the town.", words: str = "air strike", **overrides: Any) -> TopicTag:
    """With one piece of evidence."""
    proof = Evidence(rule="air-strike", text=words, field="body", start=40, end=50, sentence=sentence)
    return TopicTag(
        **{"id": "airstrikes", "label": "Air strikes", "score": 3.0, "medtop": "medtop:20000056", "rule_version": "1"}
        | {"stance": "denied", "evidence": (proof,), **overrides}
    )


def make_message(*alerts: Alert, **of_subscription: Any) -> Message:
    """The alerts, or a boring one, in one message."""
    told = alerts or (make_alert(),)
    return Message(
        id=told[0].id if len(told) == 1 else "d1", subscription=make_subscription(**of_subscription), alerts=told
    )


def full_alert(**overrides: Any) -> Alert:
    """One that says something of everything."""
    return make_alert(
        **{
            "id": "a2",
            "kind": "corrected",
            "status": "corrected",
            "revision": 2,
            "made_at": NOON + timedelta(hours=1),
            "description": "Nothing at all.",
            "agency": "AFP",
            "edition_note": "corrects the number of dead",
            "topics": (make_topic(),),
            "still_matches": False,
            "changes": (Change(field="body", old="ten", new="twelve", at=4, left="At least ", right=" died"),),
            "reprints": (Reprint(article_id="1b", url="https://other.example/q", headline="Quiet", outlet="Post"),),
            **overrides,
        }
    )
