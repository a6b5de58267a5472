"""What tells the items of a feed apart: its GUIDs while they can be trusted, then less and less of what the item says
(shared REFERENCES.md, item 5)."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from transforms.habits import ItemRule
from transforms.text import only_words
from transforms.urls import canonical_url, is_front_page

#: With a larger share of names that are missing or repeated, a rule tells nothing apart.
MISLEADING = 0.05
#: An address that so many different headlines lead to is no story's own.
SHARED_BY = 3
_RULES: tuple[ItemRule, ...] = get_args(ItemRule)


def rule_for(items: Sequence[Mapping[str, Any]], known: ItemRule) -> ItemRule:
    """The first rule from `known` on that tells these items apart, as `transforms.feeds` reads them.

    A feed without any GUIDs has made no promise that could be broken, and keeps its rule.
    """
    if not any(item["guid"] for item in items):
        return known
    different = list({(i["guid"], i["url"], i["title"], i["dated"], i["text"]): i for i in items}.values())
    for rule in _RULES[_RULES.index(known) :]:
        names = [name_of(item, rule) for item in different]
        bad = len(names) - len(set(names) - {""})
        if bad <= MISLEADING * len(names):
            return rule
    return _RULES[-1]


def name_of(item: Mapping[str, Any], rule: ItemRule) -> str:
    """What a rule tells an item apart by; empty where the item has no GUID, and the rule asks for one.

    Of a date the day counts: some feeds date all their items anew each time.
    """
    if rule == "guid":
        return str(item["guid"])
    published = item["published_at"]
    day = published.date().isoformat() if published else str(item["dated"])
    parts = [canonical_url(item["url"]) if item["url"] else "", day]
    if "title" in rule:
        parts.append(item["title"])
    if "text" in rule:
        parts.append(item["text"] or item["description"])
    return "\n".join(parts)


def shared_addresses(items: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The canonical addresses that are no story's own: a front page, or one that several headlines lead to (a ticker).
    Its items are told apart by their names, and nothing is to be read there."""
    headlines: dict[str, set[str]] = {}
    for item in items:
        if item["url"]:
            headlines.setdefault(canonical_url(item["url"]), set()).add(only_words(item["title"]))
    return frozenset(
        address for address, titles in headlines.items() if is_front_page(address) or len(titles) >= SHARED_BY
    )


def short_form(name: str) -> str:
    """A short form of an item's name that fits into an address."""
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:16]
