"""The items of a feed, however it writes them, become entries: cleaned, bounded, and told apart."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from transforms.habits import Hints
from transforms.items import name_of, rule_for, shared_addresses, short_form
from transforms.languages import primary_subtag
from transforms.records import Entry, Feed, Image, Response
from transforms.text import one_line, plain_text
from transforms.urls import canonical_url, of_item, without_credentials, without_tracking

#: Cap on each text of an entry, in characters: more than any article, far less than a bomb.
MAX_TEXT = 200_000
MAX_LINE = 2_000


#: What may be said of an item, and how it is when a feed does not: texts may be markup, addresses are complete ones.
SAYS_NOTHING: Mapping[str, Any] = MappingProxyType(
    {
        "url": "",
        #: What to call an item without an address.
        "named": "",
        #: What the feed itself tells its items apart by.
        "guid": "",
        "title": "",
        "description": "",
        "text": "",
        "authors": (),
        "keywords": (),
        #: The address of its picture, and the words beneath it.
        "picture": "",
        "caption": "",
        "credit": "",
        "language": "",
        #: In UTC, and as it is written there: with a colon it names a minute, else a day.
        "published_at": None,
        "dated": "",
        "updated_at": None,
    }
)


class Gathered:
    """What a feed's bytes say: entries in their order, one per address (the first counts), and items without one."""

    def __init__(
        self,
        feed: Feed,
        title: str,
        language: str,
        response: Response,
        *,
        hints: Hints | None = None,
        complete: bool = True,
    ) -> None:
        self._feed, self._language, self._response = feed, language, response
        self._items: list[Mapping[str, Any]] = []
        self.title, self.hints, self.rule = title, hints or Hints(), feed.item_rule
        #: False when the document ended early or broke in the middle.
        self.complete = complete
        #: (name, reason)
        self.unusable: list[tuple[str, str]] = []

    def add(self, said: Mapping[str, Any]) -> None:
        """Take an item, as far as its feed says anything of it (`SAYS_NOTHING`)."""
        raw = {**SAYS_NOTHING, **said}
        if raw["url"]:
            self._items.append(raw)
        else:
            self.unusable.append((clean_line(str(raw["named"]))[:200] or "unnamed", "the item has no http(s) address"))

    def entries(self) -> tuple[Entry, ...]:
        """One for each address, and at shared addresses one for each item; the first counts."""
        self.rule = rule_for(self._items, self.rule)
        shared = shared_addresses(self._items)
        entries: dict[str, Entry] = {}
        for raw in self._items:
            url = without_credentials(raw["url"])
            if canonical_url(url) in shared:
                name = name_of(raw, self.rule) or name_of(raw, "link+date+title")
                url = of_item(url, short_form(name))
            entries.setdefault(canonical_url(url), self._entry(raw, url))
        return tuple(entries.values())

    def _entry(self, raw: Mapping[str, Any], url: str) -> Entry:
        title, description, text = clean_line(raw["title"]), _prose(raw["description"]), _prose(raw["text"])
        if text == description:
            text = ""
        guid = clean_line(raw["guid"])[:MAX_LINE]
        return Entry(
            feed_id=self._feed.id,
            url=url,
            guid=guid,
            item=guid if self.rule == "guid" and guid != url else "",
            title=title,
            description=description,
            text=text,
            authors=_unique(raw["authors"]),
            keywords=_unique(raw["keywords"]),
            image=Image(
                url=without_tracking(raw["picture"]) if raw["picture"] else "",
                caption=clean_line(raw["caption"]),
                credit=clean_line(raw["credit"]),
            ),
            language=primary_subtag(raw["language"]) or self._language,
            source_name=self._feed.name or self.title,
            published_at=raw["published_at"],
            # "2026-11-18" and "18 Nov 2026" name a day; only a colon makes a time.
            published_precision="minute" if ":" in raw["dated"] else "day",
            updated_at=raw["updated_at"],
            seen_at=self._response.fetched_at,
        )


def clean_line(markup: str) -> str:
    return one_line(plain_text(markup[:MAX_TEXT]))[:MAX_LINE]


def _prose(markup: str) -> str:
    return plain_text(markup[:MAX_TEXT])


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    lines = (clean_line(name)[:200] for name in names)
    return tuple(dict.fromkeys(line for line in lines if line))[:50]
