"""What the rest of newswire knows of the feeds it polls, and of the hosts it asks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from transforms.habits import FeedHistory, Host, PollNote
from transforms.records import Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What came of polling one feed."""

    feed: Feed
    note: PollNote
    #: From the feed as it is stored to the feed as it is from now on; pure.
    change: Callable[[Feed], Feed]


class FeedRegistry(Protocol):
    """The feeds, what the operator said of them and what polling them taught."""

    def add(self, feeds: Sequence[Feed]) -> int:
        """Add feeds, or change what the operator says of known ones: url, name, language, origin, interval, headers and
        switches. Where the url changed, what polling taught is forgotten. How many are new."""

    def retire(self, *, origin: str, keep: Iterable[str]) -> int:
        """Forget feeds of `origin` whose ids are not in `keep`; how many."""

    def remove(self, feed_id: str) -> bool:
        """Forget a feed and its history; its entries and articles stay. False when there is none of that id."""

    def all(self) -> list[Feed]:
        """Every feed, by id."""

    def claim(self, *, by: datetime, until: datetime) -> list[Feed]:
        """Feeds whose next poll is due `by` then, the longest overdue first, as they were before the call; never polled
        ones always are due, paused ones never. Until they are `polled`, they are next due `until` then: nobody else
        gets them, and those of a worker that dies come round again."""

    def next_due(self) -> datetime | None:
        """When the next poll of a feed is due, `datetime.min` (UTC) where one was never polled; None: there is no feed
        that is not paused."""

    def pause(self, feed_id: str, *, paused: bool) -> bool:
        """Pause or resume a feed; False when there is none of that id. A resumed one is due at once, with its failures
        forgotten, and no longer muted or distrusted."""

    def polled(self, polled: Sequence[Polled]) -> None:
        """Record polls, answered or not: the note in the feed's history, and what `change` makes of the feed as it is
        stored now. Nothing of a feed that is no longer there, or whose `address` is not the one that was polled; and
        nothing twice.

        Of an answered poll only after its entries are safely announced: a validator stored too early would hide them
        for ever.
        """

    def history(self, feed_ids: Iterable[str]) -> Mapping[str, FeedHistory]:
        """The history of each; empty for one never polled."""


class Hosts(Protocol):
    """What is known of the hosts we ask: politeness that outlives a run, and that all workers share."""

    def get(self, origins: Iterable[str]) -> Mapping[str, Host]:
        """Those that are known."""

    def put(self, hosts: Sequence[Host]) -> None:
        """Replace what is known of them."""
