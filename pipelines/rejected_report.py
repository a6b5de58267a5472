"""What did not get through: a row each, then by host what there is to do about it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from rich.text import Text

from connectors.ports import LedgerRow
from pipelines.report import clock, console
from transforms.text import one_line

#: What to do, by class of the error; at length in docs/operator.md, "What did not get through".
ADVICE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Unreachable": "wait: it is tried again by itself; of many hosts at once, it is our own network",
        "Busy": "wait: it is tried again by itself",
        "Resting": "wait: the host is left alone for a while",
        "Gone": "nothing: the publisher says that there is no story",
        "Refused": "ask the outlet to let us in, then `newswire rejected retry --error Refused`",
        "Forbidden": "see whether the address is right",
        "Disallowed": "ask the outlet: its robots.txt keeps us out",
        "TooLarge": "raise [fetch] max_bytes if it is worth it, then `newswire rejected retry --error TooLarge`",
        "TooSlow": "raise [extract] time_limit_s if it is worth it, then `newswire rejected retry --error TooSlow`",
        "Crashed": "raise [extract] memory_limit_mb if it is worth it, then `newswire rejected retry --error Crashed`",
        "NoLink": "nothing: the item is kept with its feed",
        "NotAnArticle": "`newswire extract URL` shows what is made of the page",
        "Challenged": "say who we are ([fetch] contact), raise [fetch] gap_s, or ask the outlet to let us in",
        "ConsentWall": "ask the outlet for a feed with full texts",
        "LoginWall": "ask the outlet for a feed with full texts",
        "Paywalled": "ask the outlet for a feed with full texts",
        "ErrorPage": "wait: it is tried again by itself",
        "IndexPage": "see whether the feed is the right one: its entries lead to lists",
        "Unindexable": "mend the store, then `newswire rejected retry --stage store`",
    }
)
_OF_A_FEED: Final = "`newswire feeds list` says how the feed is doing, and what to do"
#: Hosts that are worth a line at the end.
SHOWN_HOSTS: Final = 5


def print_rejected(rows: Sequence[LedgerRow], limit: int, *, chosen: bool) -> None:
    """What did not get through, and what to do about the hosts and errors that are met most often. `limit`: of how many
    at most there are `rows`; `chosen`: these are not all kinds."""
    out = console()
    for row in rows:
        out.print(Text(f"{clock(row.updated_at)}  {row.stage:8} {row.error:13} {row.url}"))
        instead = "; the feed's own words are stored" if row.revision else ""
        out.print(Text(f"    {row.reason} (attempt {row.attempts}, {_again(row)}{instead})", style="dim"))
    if not rows:
        out.print(f"nothing {'of that kind ' if chosen else ''}is rejected")
        return
    met = Counter((_advice(row), row.error, urlsplit(row.url).netloc.rpartition("@")[2]) for row in rows)
    for (advice, error, host), n in islice(sorted(met.items(), key=lambda one: (-one[1], one[0])), SHOWN_HOSTS):
        out.print(Text(one_line(f"{n} of {host}: {error}: {advice}")))
    out.print(f"{len(rows)} rejected{', and perhaps more (--limit)' if len(rows) == limit else ''}")


def _again(row: LedgerRow) -> str:
    if row.stage == "poll":
        return "its feed is asked again by its schedule"
    return f"next try {clock(row.next_try_at)}" if row.next_try_at else "in quarantine: not tried again by itself"


def _advice(row: LedgerRow) -> str:
    return _OF_A_FEED if row.stage == "poll" else ADVICE.get(row.error, "the reason says more")
