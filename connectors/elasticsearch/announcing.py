"""What becomes of the ledger's rows when entries are announced: pure, on the rows and items that concern a batch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.codec import stamp
from connectors.elasticsearch.rows import Row, entry_of, noted, well, with_entry
from connectors.ports import Announced
from transforms.ledger import words_hash
from transforms.records import Entry
from transforms.revisions import same_item
from transforms.urls import redact

#: An item of a feed: the feed's id, and what names the item there.
Item = tuple[str, str]


@dataclass(slots=True)
class Batch:
    """Entries announced one after the other, on rows and items as they were read. None: there is none.

    What is to be written is found by comparison with what was read. It goes in three steps, so that a call that ends
    between two is healed by the next: rows; then, in `left`, the rows that an item has moved away from; then, in
    `moved`, which row the item is from now on. Until the last is written, the move is seen again.
    """

    rows: dict[str, Row | None]
    items: dict[Item, str | None]
    #: Under which run id what becomes pending is so, and until when (as `stamp` writes it).
    run_id: str
    until: str
    left: set[str] = field(default_factory=set)
    moved: set[Item] = field(default_factory=set)

    def announce(self, entry: Entry, key: str, *, known_by_item: bool) -> tuple[Announced, set[str]]:
        """What `entry` is, whose row is `key`, and the keys of the rows that this concerns."""
        before = self._until_now(entry, key) if entry.item and known_by_item else None
        concerned = {key} if before is None else {key, before}
        row = self._with_entry(key)
        if before is not None:
            self.left.add(before)
            self.moved.add((entry.feed_id, entry.item))
            if row is not None:
                self._hand_over(before, key)
                self._finish(before, entry, key)
        return self._announce(entry, key, before), concerned

    def _announce(self, entry: Entry, key: str, before: str | None) -> Announced:
        row = self._with_entry(key)
        digest, at = words_hash(entry), stamp(entry.seen_at)
        if row is None:
            if before is not None:
                return self._move(before, entry, key)
            self._insert(entry, key, entry, f"announced by {entry.feed_id}")
            return Announced(entry=entry, news="new", fetch=True)
        known = next((one["hash"] for one in row.appearances if one["feed_id"] == entry.feed_id), None)
        unread = row.state == "done" and not row.revision  # its item had moved on before its page was read
        if known == digest and not unread:
            return Announced(entry=entry, news="known", fetch=False)
        row = replace(row, appearances=_appeared(row, entry))
        if known is None:
            self.rows[key] = noted(row, at, "entry", f"also announced by {entry.feed_id}")
            return Announced(entry=entry, news="known", fetch=False)
        in_hand = row.state == "pending" and row.run_id == self.run_id and (row.next_try_at or "") > at
        # Whoever has it in hand has it for no longer: if that is nobody any more, nobody else should wait.
        until = row.next_try_at if in_hand else self.until
        entry = replace(entry, seen_at=_seen_at(row))
        row = replace(well(with_entry(row, entry), at), state="pending", check_at=None)
        row = replace(row, run_id=self.run_id, next_try_at=until)
        self.rows[key] = noted(row, at, "entry", f"{'announced again' if unread else 'changed'} by {entry.feed_id}")
        return Announced(entry=entry, news="changed", fetch=not in_hand)

    def _until_now(self, entry: Entry, key: str) -> str | None:
        """The key of the row that this item of its feed was until now, if that was another one, and the same story.
        From now on the item is `key`."""
        item = (entry.feed_id, entry.item)
        known, self.items[item] = self.items.get(item), key
        row = self._with_entry(known) if known is not None and known != key else None
        if row is None:  # also where a call ended between the item and its row
            return None
        title = next((one["title"] for one in row.appearances if one["feed_id"] == entry.feed_id), "")
        return known if same_item(replace(entry_of(row), title=title), entry) else None

    def _move(self, before: str, entry: Entry, key: str) -> Announced:
        """An item has got a new address: its story goes on there, as the same article. Nothing more is fetched from the
        old one, where it would be found gone, or older than it is."""
        old = self._row(before)
        kept = replace(entry, seen_at=_seen_at(old))
        self._insert(entry, key, kept, _came_from(entry, old))
        self._hand_over(before, key)
        self._end(before, entry, key, stamp(entry.seen_at))
        return Announced(entry=kept, news="changed", fetch=True)

    def _finish(self, before: str, entry: Entry, key: str) -> None:
        """What `_move` still has to do where a call ended after the new row was written, and before the old one was."""
        came = [one["at"] for one in self._row(key).history if one["what"] == _came_from(entry, self._row(before))]
        went = [one["at"] for one in self._row(before).history if one["what"] == _went_to(entry, self._row(key))]
        if came[-1:] > went[-1:]:
            self._end(before, entry, key, came[-1])

    def _end(self, before: str, entry: Entry, key: str, at: str) -> None:
        old = replace(well(self._row(before), at), state="done")
        self.rows[before] = noted(old, at, "entry", _went_to(entry, self._row(key)))

    def _hand_over(self, before: str, key: str) -> None:
        """Both rows are of one article, also where it has still to be read; its page is looked at under the new one."""
        old, new = self._row(before), self._row(key)
        document = new.doc_id or old.doc_id or before
        check_at = old.check_at or new.check_at if new.state == "done" else new.check_at
        self.rows[key] = replace(new, doc_id=new.doc_id or document, check_at=check_at)
        self.rows[before] = replace(old, doc_id=old.doc_id or document, check_at=None)

    def _insert(self, entry: Entry, key: str, kept: Entry, what: str) -> None:
        at = stamp(entry.seen_at)
        row = Row(key=key, url=redact(entry.url), state="pending", first_seen_at=at, updated_at=at)
        row = replace(row, run_id=self.run_id, next_try_at=self.until)
        refused = self.rows.get(key)  # a row without an entry: what was rejected before it was announced
        row = replace(
            with_entry(row, kept), appearances=_appeared(row, entry), history=refused.history if refused else ()
        )
        self.rows[key] = noted(row, at, "entry", what)

    def _with_entry(self, key: str | None) -> Row | None:
        row = self.rows.get(key) if key is not None else None
        return row if row is not None and row.entry is not None else None

    def _row(self, key: str) -> Row:
        row = self.rows[key]
        assert row is not None, "a row that was found before"
        return row


def alone(entries: Iterable[tuple[Entry, str]]) -> Mapping[Item, bool]:
    """Of each item, whether these entries, with the keys of their rows, have it at one address only: one that is at two
    at once has not moved, these are two stories."""
    addresses: dict[Item, set[str]] = {}
    for entry, key in entries:
        addresses.setdefault((entry.feed_id, entry.item), set()).add(key)
    return {item: len(keys) == 1 for item, keys in addresses.items()}


def _appeared(row: Row, entry: Entry) -> list[Mapping[str, str]]:
    """Its appearances, with what this feed says now."""
    by_feed = {one["feed_id"]: one for one in row.appearances}
    first = by_feed[entry.feed_id]["first_seen_at"] if entry.feed_id in by_feed else stamp(entry.seen_at)
    said = {"feed_id": entry.feed_id, "hash": words_hash(entry), "title": entry.title, "first_seen_at": first}
    return list({**by_feed, entry.feed_id: said}.values())


def _came_from(entry: Entry, old: Row) -> str:
    return f"announced by {entry.feed_id}, until now as {old.url}"


def _went_to(entry: Entry, new: Row) -> str:
    return f"announced by {entry.feed_id} as {new.url} from now on"


def _seen_at(row: Row) -> datetime:
    return entry_of(row).seen_at
