"""The ledger's documents, and what becomes of one. Pure: the adapter reads rows and writes what these functions say, so
that each change can be made anew on what another writer has made of a row in the meantime."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from connectors.codec import from_data, stamp, to_data
from connectors.ports import LedgerEvent, LedgerRow, Stored
from transforms.ledger import CHECK_LEASE
from transforms.records import Entry, Rejected
from transforms.urls import redact

#: Events of a row that are kept: its latest. A document is read and written whole, and some pages fail for years.
HISTORY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A document of the ledger's index (`connectors.elasticsearch.mappings.ledger`). Moments are as `stamp` writes
    them, entries and the rest as JSON data: most rows are read only to see that nothing is to be done."""

    key: str
    url: str
    state: str
    stage: str = ""
    error: str = ""
    kind: str = ""
    reason: str = ""
    retryable: bool = False
    attempts: int = 0
    next_try_at: str | None = None
    check_at: str | None = None
    doc_id: str = ""
    content_hash: str = ""
    revision: int = 0
    month: str = ""
    first_seen_at: str
    updated_at: str
    appearances: Sequence[Mapping[str, str]] = ()
    history: Sequence[Mapping[str, str]] = ()
    run_id: str = ""
    #: What is to be fetched; None of a subject that was never announced.
    entry: Mapping[str, Any] | None = None
    has_entry: bool = False
    #: Of the call that wrote it; it is no part of what is compared.
    write_id: str = field(default="", compare=False)


#: What becomes of a row; None: nothing. Without a row, there is none yet.
Change = Callable[[Row | None], Row | None]
NAMES = tuple(one.name for one in fields(Row))
#: The fields of LedgerRow that are kept as they are there.
_PLAIN = [name for name in (one.name for one in fields(LedgerRow)) if name not in ("appearances", "history")]
_MOMENTS = ("next_try_at", "check_at", "first_seen_at", "updated_at")


def body(row: Row, write_id: str) -> str:
    """The document of a row that the call `write_id` writes."""
    return json.dumps({name: getattr(row, name) for name in NAMES} | {"write_id": write_id}, ensure_ascii=False)


def shown(row: Row) -> LedgerRow:
    """A row as the port gives it."""
    values: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    values |= {name: datetime.fromisoformat(values[name]) for name in _MOMENTS if values[name]}
    seen = sorted(row.appearances, key=lambda one: one["first_seen_at"])
    events = sorted(row.history, key=lambda one: one["at"])
    return LedgerRow(
        **values,
        appearances=tuple((one["feed_id"], one["title"], datetime.fromisoformat(one["first_seen_at"])) for one in seen),
        history=tuple(
            LedgerEvent(at=datetime.fromisoformat(one["at"]), stage=one["stage"], what=one["what"]) for one in events
        ),
    )


def entry_of(row: Row) -> Entry:
    """The entry of a row that has one."""
    return from_data(Entry, row.entry)


def with_entry(row: Row, entry: Entry) -> Row:
    return replace(row, entry=to_data(entry), has_entry=True)


def well(row: Row, at: str) -> Row:
    """Nothing is wrong with it, and nothing is to be done for it."""
    return replace(row, error="", reason="", kind="", retryable=False, attempts=0, next_try_at=None, updated_at=at)


def noted(row: Row, at: str, stage: str, what: str) -> Row:
    """With one more event."""
    return replace(row, history=[*row.history, {"at": at, "stage": stage, "what": what}][-HISTORY:])


def taken(run_id: str, now: datetime, until: datetime) -> Change:
    """A page that is due, or whose lease is over, is this run's `until` then."""
    at, lease = stamp(now), stamp(until)

    def change(row: Row | None) -> Row | None:
        if row is None or row.entry is None:
            return None
        # Pending without a time: the lease was ended, or is of before there were any.
        due = row.state == "pending" if row.next_try_at is None else row.state != "done" and row.next_try_at <= at
        return replace(row, state="pending", run_id=run_id, next_try_at=lease, updated_at=at) if due else None

    return change


def postponed(until: datetime) -> Change:
    """What is pending is nobody's, and waits."""

    def change(row: Row | None) -> Row | None:
        return replace(row, next_try_at=stamp(until)) if row is not None and row.state == "pending" else None

    return change


def released(owner: str) -> Change:
    """What a run whose id begins with `owner` has pending is anybody's."""

    def change(row: Row | None) -> Row | None:
        if row is None or row.state != "pending" or row.next_try_at is None or not row.run_id.startswith(owner):
            return None
        return replace(row, next_try_at=None)

    return change


def leased(now: datetime) -> Change:
    """A check that is due is somebody's for a while."""
    at, until = stamp(now), stamp(now + CHECK_LEASE)

    def change(row: Row | None) -> Row | None:
        if row is None or row.entry is None or row.check_at is None or row.check_at > at:
            return None
        return replace(row, check_at=until)

    return change


def checked(now: datetime, what: str, check_at: datetime | None) -> Change:
    """Nothing to store; a row that has become pending meanwhile is read anyway."""
    at, again = stamp(now), stamp(check_at) if check_at else None

    def change(row: Row | None) -> Row | None:
        if row is None or row.state != "done":
            return None
        return noted(replace(row, check_at=again, updated_at=at), at, "check", what)

    return change


def stored(one: Stored) -> Change:
    """In the archive; as it was, if its page has still to be read."""
    at = stamp(one.at)
    words = {"new": "stored", "revised": "stored", "unchanged": "unchanged, still"}[one.written]
    source = "" if one.settled else ", while its page cannot be read"

    def change(row: Row | None) -> Row | None:
        if row is None:
            return None
        row = replace(
            row,
            doc_id=one.doc_id,
            revision=one.revision,
            content_hash=one.content_hash,
            month=one.month,
            updated_at=at,
        )
        if one.settled:
            check_at = stamp(one.check_at) if one.check_at else None
            row = replace(well(row, at), state="done", stage="store", check_at=check_at)
        return noted(row, at, "store", f"{words} revision {one.revision}{source}")

    return change


def rejected(one: Rejected, key: str, next_try_at: datetime | None, now: datetime) -> Change:
    """One more attempt that failed; a subject that was never announced gets a row."""
    at = stamp(now)

    def change(row: Row | None) -> Row | None:
        if row is None:
            row = Row(key=key, url=redact(one.subject), state="rejected", first_seen_at=at, updated_at=at)
        row = replace(
            row,
            state="rejected",
            stage=one.stage,
            error=one.error,
            kind=one.kind,
            reason=one.reason,
            retryable=one.retryable,
            attempts=row.attempts + 1,
            next_try_at=stamp(next_try_at) if next_try_at else None,
            check_at=None,
            updated_at=at,
        )
        return noted(row, at, one.stage, f"{one.error}: {one.reason}")

    return change


def recovered(now: datetime) -> Change:
    """Its failures are over, if it had any."""
    at = stamp(now)

    def change(row: Row | None) -> Row | None:
        if row is None or row.state != "rejected":
            return None
        return noted(replace(well(row, at), state="done"), at, "poll", "answers again")

    return change


def due_again(now: datetime, stage: str, error: str) -> Change:
    """Rejected at `stage` with `error` (either may be empty: any), and due at once."""
    at = stamp(now)

    def change(row: Row | None) -> Row | None:
        if row is None or row.entry is None or row.state != "rejected":
            return None
        if stage not in ("", row.stage) or error not in ("", row.error):
            return None
        row = replace(row, next_try_at=at, attempts=0, updated_at=at)
        return noted(row, at, "entry", "to be tried again, by hand")

    return change
