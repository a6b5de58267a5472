"""What a reader sees of a page: its words without those of scripts, of hidden elements and of the site's frame."""

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from transforms.text import one_line

#: Elements that show nothing, and those that are the same on all pages of a site.
_UNSEEN = frozenset("script style noscript template nav footer head select button svg iframe".split())  # noqa: SIM905
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_WALL = re.compile(
    r"pay-?wall|reg-?wall|piano|metered|plenigo|poool|zephr|laterpay|tp-container|tinypass"
    r"|(?:subscri\w+|abo|premium|plus|offer|content|article)[-_]{1,2}(?:wall|gate|barrier|offer|prompt|overlay)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader sees of a page, without what is the same on all pages of its site."""

    text: str
    #: The texts of links.
    links: tuple[str, ...]
    #: Where in `text` something that is named like a paywall begins, and whether there are words in it.
    walls: tuple[tuple[int, bool], ...]
    asks_password: bool


def see(tree: HtmlElement) -> Seen:
    """What is to be seen of a parsed page; nothing where it has no <body>."""
    body = tree.find("body")
    parts: list[str] = []
    links: list[str] = []
    walls: list[tuple[int, bool]] = []
    begun: list[tuple[HtmlElement, int, int]] = []
    at, password = 0, False

    def add(text: str | None) -> None:
        nonlocal at
        if text and (line := one_line(text)):
            parts.append(line)
            at += len(line) + 1

    walk: Any = etree.iterwalk(body, events=("start", "end")) if body is not None else ()
    for event, element in walk:
        if event == "end":
            if begun and begun[-1][0] is element:
                _, first, start = begun.pop()
                if element.tag == "a":
                    links.append(" ".join(parts[first:]))
                else:
                    walls.append((start, at > start))
            if element is not body:
                add(element.tail)
        elif _is_unseen(element):
            walk.skip_subtree()
        else:
            if element.tag == "a" or _WALL.search(f"{element.get('class', '')} {element.get('id', '')}"):
                begun.append((element, len(parts), at))
            password = password or (element.tag == "input" and element.get("type") == "password")
            add(element.text)
    return Seen(" ".join(parts), tuple(filter(None, links)), tuple(walls), password)


def _is_unseen(element: Any) -> bool:
    tag = element.tag
    if tag in _UNSEEN or not isinstance(tag, str) or element.get("hidden") is not None:
        return True
    if tag == "header":  # a story has a header, too
        return not any(around.tag in ("main", "article", "section") for around in element.iterancestors())
    return "none" in (style := element.get("style", "")) and _HIDDEN_STYLE.search(style) is not None
