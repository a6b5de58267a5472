"""What is the same in every ledger, whatever keeps it: the keys of its rows, and what makes an announcement news."""

import hashlib
from datetime import timedelta

from transforms.records import Entry, Feed, Rejected
from transforms.urls import doc_id, redact

#: How long a check that was claimed is not due again: long enough for a run, and no loss if the run is killed.
CHECK_LEASE = timedelta(hours=1)


def feed_key(subject: str) -> str:
    """The ledger's key for a feed's own trouble, and for an item without an address: never that of a story.

    It is the same for all credentials, since the ledger shows none.
    """
    return f"f{hashlib.sha256(redact(subject).encode()).hexdigest()[:31]}"


def story_key(url: str) -> str:
    """The key of the story at what somebody typed as its URL; empty where it is none."""
    try:
        return doc_id(url)
    except ValueError:
        return ""


def key_of(rejected: Rejected) -> str:
    """Entries share the key of their URL; a feed's own trouble has a key of its own, so that it hides no story."""
    return feed_key(rejected.subject) if isinstance(rejected.payload, Feed) else doc_id(rejected.payload.url)


def words_hash(entry: Entry) -> str:
    """What a feed says of an item, without dates: publishers touch those without a change."""
    return hashlib.sha256("\0".join((entry.title, entry.description, entry.text)).encode()).hexdigest()[:32]
