"""Where on a page the story is: the element that holds the prose beside the headline. Pure weighing of the parsed page,
without a library's guess; docs/extraction.md tells it in words.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from transforms.text import BLOCKS, only_words, overlap

#: Shorter paragraphs are captions, buttons and teasers as often as prose.
PROSE = 40
#: Less prose than this says nothing about where the story is.
LEAST_PROSE = 120
#: A sentence in Chinese or Japanese has so many times fewer letters.
DENSE = 2.5
#: A heading in other words than the headline's is still the story's when it shares so many of them.
AKIN = 0.5
_DENSE = "\u2e80"
#: The region is narrowed down while one element holds so much of its prose.
REGION_SHARE = 0.8
#: What stands around the headline is the story when it holds so much of the page's prose; an <article> may hold less,
#: since a flash is short and the teasers beneath it are many.
HEADED_SHARE, ARTICLE_SHARE = 0.4, 0.15
#: Text outside of <p> is looked at only when <p> holds less than this of the story's, and of the page's.
USUAL_SHARE = 0.5
#: Elements that are never the story, and names that publishers' systems give to what is around it. Readers' comments
#: may be longer than the story. The second kind names layouts as well ("l-sidebar-fixed"): what holds most of the
#: prose is no frame.
_BESIDE = frozenset("nav aside footer form figure figcaption noscript".split())  # noqa: SIM905
_READERS_NAME = re.compile(
    r"comment(?!ary|ator)|disqus|talkback|(?<!cor)respond|consent|cookie|footer|newsletter|popup|modal|outbrain|taboola",
    re.IGNORECASE,
)
_BESIDE_NAME = re.compile(r"sidebar|related|promo(?!ted)|subscribe(?!r)|recirc|teaser", re.IGNORECASE)
MOST = 0.5
#: Blocks that hold text without a <p>.
PLAIN_BLOCKS = frozenset("article blockquote body dd div dt li main section td".split())  # noqa: SIM905
_LONG_TEXTS: Any = etree.XPath("descendant::text()[string-length(normalize-space(.)) >= $least][not(ancestor::a)]")


@dataclass(frozen=True, slots=True)
class Prose:
    """The blocks of a page that read like prose, and how much of them every element holds, in characters (of Latin
    script, or as many as these would be)."""

    blocks: Mapping[HtmlElement, int]
    held: Mapping[HtmlElement, int]
    total: int

    def share(self, element: HtmlElement) -> int:
        """What `element` holds; the whole for one that is all of the page."""
        return self.held.get(element, self.total)


def heading_of(body: HtmlElement, headlines: Sequence[str]) -> HtmlElement | None:
    """The element that shows the story's headline, whose likeliest wordings `headlines` are, the best first."""
    headings = [(heading, only_words(heading.text_content())) for heading in body.iter("h1", "h2")]
    for words in map(only_words, headlines):
        found = next((heading for heading, shown in headings if shown == words != ""), None)
        if found is not None:
            return found
    words = only_words(next(iter(headlines), ""))
    return next((h for h, shown in headings if shown and (not words or overlap(shown, words) >= AKIN)), None)


def find_prose(body: HtmlElement, heading: HtmlElement | None) -> Prose:
    """The prose of a page, without that of its frame."""
    # What holds the headline is no frame, whatever its name says of its layout ("right-sidebar").
    inside = dict.fromkeys(heading.iterancestors() if heading is not None else (), False)
    inside[body] = False
    lengths = {p: _length(p.text_content()) for p in body.iter("p")}
    usual = _weighed(body, lengths, inside)
    dense = any(length and _is_dense(text) for text, length in ((p.text or "", n) for p, n in lengths.items()))
    for text in _LONG_TEXTS(body, least=PROSE if not dense and lengths else PROSE / DENSE):
        if (block := _block_around(text)).tag in PLAIN_BLOCKS and (length := _length(text)) >= PROSE:
            lengths[block] = lengths.get(block, 0) + length
    # Some systems write <div> or <br> between paragraphs, and keep <p> for what surrounds the story.
    every = _weighed(body, lengths, inside)
    story = find_region(body, every, heading)
    little = usual.held.get(story, 0) < USUAL_SHARE * every.share(story)
    return every if little and usual.total < USUAL_SHARE * every.total else usual


def find_region(body: HtmlElement, prose: Prose, heading: HtmlElement | None) -> HtmlElement:
    """The smallest element that holds nearly all of the story's prose: of the prose that shares an element with the
    headline, since that of other stories and of the frame stands elsewhere."""
    region = body
    for around in heading.iterancestors() if heading is not None else ():
        if around is body:
            break
        held = prose.held.get(around, 0)
        if held >= HEADED_SHARE * prose.total or (
            around.tag == "article" and held >= max(LEAST_PROSE, ARTICLE_SHARE * prose.total)
        ):
            region = around
            break
    least = REGION_SHARE * prose.share(region)
    while (inner := next((child for child in region if prose.held.get(child, 0) >= least), None)) is not None:
        region = inner
    return region


def is_frame(element: HtmlElement) -> bool:
    """Whether an element's name says that it is not of the story, wherever it stands."""
    name = f"{element.get('class') or ''} {element.get('id') or ''}"
    return _has_name(_READERS_NAME, name) or _has_name(_BESIDE_NAME, name)


def linked(element: HtmlElement) -> int:
    """How many characters of an element are links."""
    return sum(len(link.text_content()) for link in element.iter("a"))


def _weighed(body: HtmlElement, lengths: Mapping[HtmlElement, int], inside: Mapping[HtmlElement, bool]) -> Prose:
    prose = _sum(body, {b: n for b, n in lengths.items() if n >= PROSE and 2 * linked(b) <= n})
    beside = dict(inside)

    def is_beside(element: HtmlElement) -> bool:
        found = beside.get(element)
        if found is None:
            name = f"{element.get('class') or ''} {element.get('id') or ''}"
            found = (
                element.tag in _BESIDE
                or _has_name(_READERS_NAME, name)
                or (prose.held.get(element, 0) < MOST * prose.total and _has_name(_BESIDE_NAME, name))
            )
            parent = element.getparent()
            found = beside[element] = found or (parent is not None and is_beside(parent))
        return found

    return _sum(body, {block: length for block, length in prose.blocks.items() if not is_beside(block)})


def _sum(body: HtmlElement, blocks: Mapping[HtmlElement, int]) -> Prose:
    held: dict[HtmlElement, int] = {}
    for block, length in blocks.items():
        element = block.getparent() if block.tag == "p" else block
        while element is not None and element is not body:
            held[element] = held.get(element, 0) + length
            element = element.getparent()
    return Prose(blocks, held, sum(blocks.values()))


def _length(text: str) -> int:
    text = text.strip()
    return int(len(text) * DENSE) if _is_dense(text) else len(text)


def _is_dense(text: str) -> bool:
    return not text.isascii() and sum(letter > _DENSE for letter in text[:PROSE]) > PROSE / 5


def _block_around(text: Any) -> HtmlElement:
    """The block element a text node stands in."""
    element = text.getparent().getparent() if text.is_tail else text.getparent()
    while element.tag not in BLOCKS and element.getparent() is not None:
        element = element.getparent()
    return element


@lru_cache(maxsize=65536)  # a page has few names, and its neighbours have the same
def _has_name(pattern: re.Pattern[str], name: str) -> bool:
    return pattern.search(name) is not None
