"""The text of a story, off its parsed page: the story's region is found first, trafilatura reads it, and what the page
states in other places repairs it. docs/extraction.md says how each choice is made, and what it was measured to be worth.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import trafilatura
from lxml import etree, html
from lxml.html import HtmlElement
from trafilatura.settings import Document, use_config

from transforms.text import BLOCKS, one_line, only_words, paragraphs

#: A reading this short may be a teaser, or a page that trafilatura's fast mode cannot read.
LITTLE_TEXT = 500
#: Below this many characters trafilatura gives up its reading for all the words on the page. Its own 250 puts the
#: navigation into every flash; on shared/pages 30 reads better, too (F1 .965 against .960).
MIN_READING = 30
_READING = use_config()
_READING.set("DEFAULT", "MIN_EXTRACTED_SIZE", str(MIN_READING))
#: Shorter paragraphs are captions, buttons and teasers as often as prose.
PROSE = 40
_PLAIN_BLOCKS = frozenset(["div", "section", "td", "article", "body", "main", "li", "blockquote"])
_TABLE = ("table", "tbody", "tr", "td", "th")
_TO_PARAGRAPHS = frozenset(["div", "section", "td"])
#: The region is narrowed down while one element holds so much of the page's prose.
REGION_SHARE = 0.8
#: What stands around the headline is the story when it holds so much of the page's prose.
HEADED_SHARE = 0.4
#: Text outside of <p> is looked at only when there is more of it than of this share of all.
USUAL_SHARE = 0.5
#: Less prose than this says nothing about where the story is.
LEAST_PROSE = 120
#: Several containers of one kind are one text when together they hold so much of the region's prose …
CONTINUED_SHARE = 0.7
#: … of which a reading has less than this.
COVERED = 0.8
#: Elements that are never the story, and names that publishers' systems give to what is around it. Readers' comments may
#: be longer than the story. The others name layouts as well ("l-sidebar-fixed"): what holds most of the prose is no frame.
_BESIDE = frozenset("nav aside footer form figure figcaption noscript".split())  # noqa: SIM905
_READERS_NAME = re.compile(
    r"comment(?!ary|ator)|disqus|talkback|(?<!cor)respond|consent|cookie|footer|newsletter|popup|modal|outbrain|taboola",
    re.IGNORECASE,
)
_BESIDE_NAME = re.compile(r"sidebar|related|promo(?!ted)|subscribe(?!r)|recirc|teaser", re.IGNORECASE)
MOST = 0.5
#: Before the headline, a text may have so many lines less one, so short: the place, the section.
MAX_KICKERS, KICKER = 3, 60
_JOINERS = re.compile("[\u200c\u200d]")
#: Letters of Vai, which no news page mixes with joiners.
_STAND_INS = {0x200C: "\ua60c", 0x200D: "\ua60d"}
_JOINERS_AGAIN = {0xA60C: "\u200c", 0xA60D: "\u200d"}
_LONG_TEXTS: Any = etree.XPath(f".//text()[string-length(normalize-space(.)) >= {PROSE}][not(ancestor::a)]")
#: The text a publisher states replaces what was read when it is so many times as long …
MORE = 1.5
MORE_IF_PAID = 1.05
#: … and tells the same story: so much of the one stands in the other.
SAME_STORY = 0.7
#: A paragraph is a pointer when so much of it is a link, not counting a lead like "Read more:"; and a page may have so
#: much of its text in pointers before they are taken for the story (a list of deals, a chronicle).
LINKED_SHARE = 0.85
MAX_POINTERS = 0.3
_LEAD = re.compile(r"[^:：|]{1,30}[:：|]\s*")


@dataclass(frozen=True, slots=True)
class _Prose:
    """The paragraphs of a page that read like prose, and how much of them every element holds, in characters."""

    paragraphs: tuple[tuple[HtmlElement, int], ...]
    held: dict[HtmlElement, int]
    total: int


def read_body(
    tree: HtmlElement, url: str, *, headlines: Sequence[str] = (), stated: str = "", paid: bool = False
) -> str:
    """The story's paragraphs, separated by one newline; empty where the page has none. `tree` stays as it is.

    `headlines` are dropped where they open the text; the first is the story's. `stated` is the text the page gives in
    its JSON-LD; where the story is `paid` for, the page seldom shows all of it.
    """
    body = tree.find("body")
    if body is None:
        return ""
    heading = _heading(body, headlines)
    prose = _prose(body, heading)
    if prose.total < LEAST_PROSE:
        text = _read_whole(tree, url)
    else:
        region = _region(body, prose, heading)
        text = _read(_page_of(region, body, prose), url)
        if (joined := _continued(region, prose, text)) is not None:
            text = max(text, _read(_page_of(joined, body, prose, whole=True), url), key=len)
        if len(text) < LEAST_PROSE and 2 * len(text) < prose.held.get(region, prose.total):
            text = max(text, _read_whole(tree, url), key=len)
    return _without_headlines(_repaired(text, stated, prose, MORE_IF_PAID if paid else MORE), headlines)


def _repaired(text: str, stated: str, prose: _Prose, more: float) -> str:
    """`text`, or what the publisher states to be the text where it is the same story and more of it. Where it is the
    same story and no more, it still tells which paragraphs before and after the story are not of it."""
    if len(stated) < LITTLE_TEXT:
        return text
    lines = text.splitlines()
    known = only_words(stated)
    of_it = [only_words(line)[:PROSE] in known for line in lines]
    shared = sum(len(line) for line, stands in zip(lines, of_it, strict=True) if stands)
    if len(stated) >= more * len(text) and (len(text) < LITTLE_TEXT or shared >= SAME_STORY * len(text)):
        return _in_paragraphs(stated, prose)
    if shared >= SAME_STORY * max(len(text), len(stated)):
        first, last = of_it.index(True), len(of_it) - of_it[::-1].index(True)
        return "\n".join(lines[first:last])
    return text


def _in_paragraphs(stated: str, prose: _Prose) -> str:
    """A stated text often comes without its paragraphs: they begin where those on the page begin."""
    for paragraph, _ in prose.paragraphs if "\n" not in stated else ():
        before, begin, after = stated.partition(one_line(paragraph.text_content())[:PROSE])
        stated = f"{before.rstrip()}\n{begin}{after}" if begin and after else stated
    return paragraphs(stated)


def _block_around(text: Any) -> HtmlElement:
    """The block element a text node stands in."""
    element = text.getparent().getparent() if text.is_tail else text.getparent()
    while element.tag not in BLOCKS and element.getparent() is not None:
        element = element.getparent()
    return element


def _heading(body: HtmlElement, headlines: Sequence[str]) -> HtmlElement | None:
    """The element that shows the story's headline."""
    known = {only_words(headline) for headline in headlines[:1]}
    headings = list(body.iter("h1", "h2"))
    return next((h for h in headings if only_words(h.text_content()) in known), headings[0] if headings else None)


def _prose(body: HtmlElement, heading: HtmlElement | None) -> _Prose:
    # What holds the headline is no frame, whatever its name says of its layout ("right-sidebar").
    inside = dict.fromkeys(heading.iterancestors() if heading is not None else (), False)
    inside[body] = False

    def weighed(lengths: dict[HtmlElement, int]) -> _Prose:
        prose = _sum(body, {b: n for b, n in lengths.items() if n >= PROSE and 2 * _linked(b) <= n})
        beside = dict(inside)

        def is_beside(element: HtmlElement) -> bool:
            found = beside.get(element)
            if found is None:
                name = f"{element.get('class') or ''} {element.get('id') or ''}"
                found = (
                    element.tag in _BESIDE
                    or _names(_READERS_NAME, name)
                    or (prose.held.get(element, 0) < MOST * prose.total and _names(_BESIDE_NAME, name))
                )
                parent = element.getparent()
                found = beside[element] = found or (parent is not None and is_beside(parent))
            return found

        return _sum(body, {block: length for block, length in prose.paragraphs if not is_beside(block)})

    lengths = {p: len(p.text_content().strip()) for p in body.iter("p")}
    usual = weighed(lengths)
    for text in _LONG_TEXTS(body):
        if (block := _block_around(text)).tag in _PLAIN_BLOCKS:
            lengths[block] = lengths.get(block, 0) + len(text.strip())
    # Some systems write <div> or <br> between paragraphs, and keep <p> for what surrounds the story.
    every = weighed(lengths)
    story = _region(body, every, heading)
    return usual if usual.held.get(story, 0) >= USUAL_SHARE * every.held.get(story, every.total) else every


@lru_cache(maxsize=8192)  # a page has few names, and its neighbours have the same
def _names(pattern: re.Pattern[str], name: str) -> bool:
    return pattern.search(name) is not None


def _sum(body: HtmlElement, lengths: Mapping[HtmlElement, int]) -> _Prose:
    held: dict[HtmlElement, int] = {}
    for block, length in lengths.items():
        element = block.getparent() if block.tag == "p" else block
        while element is not None and element is not body:
            held[element] = held.get(element, 0) + length
            element = element.getparent()
    return _Prose(tuple(lengths.items()), held, sum(lengths.values()))


def _linked(element: HtmlElement) -> int:
    return sum(len(link.text_content()) for link in element.iter("a"))


def _region(body: HtmlElement, prose: _Prose, heading: HtmlElement | None) -> HtmlElement:
    """The smallest element that holds nearly all of the story's prose: of the prose that shares an element with the
    headline, since that of other stories and of the frame stands elsewhere."""
    region = body
    for around in heading.iterancestors() if heading is not None else ():
        if around is body:
            break
        if prose.held.get(around, 0) >= HEADED_SHARE * prose.total:
            region = around
            break
    least = REGION_SHARE * prose.held.get(region, prose.total)
    while (inner := next((child for child in region if prose.held.get(child, 0) >= least), None)) is not None:
        region = inner
    return region


def _page_of(region: HtmlElement, body: HtmlElement, prose: _Prose, *, whole: bool = False) -> HtmlElement:
    """A page with nothing but `region`, in copies of the elements around it, whose names trafilatura looks at; blocks
    of prose are paragraphs in it, however they are marked up. With `whole`, the region is marked up as the story's
    text, so that trafilatura looks for none within it."""
    inner = deepcopy(region)
    inner.tail = None
    blocks = {block for block, _ in prose.paragraphs if block.tag in _TO_PARAGRAPHS}
    for ours, copied in zip(region.iter(), inner.iter(), strict=True) if blocks else ():
        if (
            ours in blocks
            and ours is not region
            and not any(child.tag in BLOCKS for child in ours if child.tag != "br")
        ):
            copied.tag = "p"
    if any(block.tag == "td" for block in blocks):  # a table is the page's frame, where the story stands in a cell
        for element in inner.iter(*_TABLE):
            element.tag = "div"
    if whole:
        inner.tag = "article"
        for name in list(inner.attrib):
            del inner.attrib[name]
        inner.set("itemprop", "articleBody")
    if region is not body:
        for around in region.iterancestors():
            shell = html.Element("div" if around.tag in _TABLE else around.tag, dict(around.attrib))
            shell.append(inner)
            inner = shell
            if around is body:
                break
    page = html.Element("html")
    page.append(inner)
    _drop_pointers(page)
    return page


def _drop_pointers(page: HtmlElement) -> None:
    """Drop paragraphs and lists that do nothing but point to other stories ("Read more: …", five headlines)."""
    pointers = [e for e in page.iter("p", "ul", "ol") if _points_away(e)]
    if sum(len(e.text_content()) for e in pointers) < MAX_POINTERS * len(page.text_content()):
        for element in pointers:
            if element.getparent() is not None:
                element.drop_tree()


def _points_away(element: HtmlElement) -> bool:
    if element.find(".//a") is None:
        return False
    if element.tag in ("ul", "ol"):
        items = element.findall("li")
        return len(items) > 0 and all(_is_linked(item) for item in items)
    return _is_linked(element)


def _is_linked(element: HtmlElement) -> bool:
    text = one_line(element.text_content())
    lead = _LEAD.match(text)
    return 0 < len(text) - (lead.end() if lead else 0) <= _linked(element) / LINKED_SHARE


def _continued(region: HtmlElement, prose: _Prose, text: str) -> HtmlElement | None:
    """The element that holds all containers of a text that is spread over several of one kind, of which `text` has but
    a part; None where that is not so."""
    kinds: dict[tuple[str, str], dict[HtmlElement, int]] = {}
    for paragraph, length in prose.paragraphs:
        container = paragraph.getparent()
        if container is not None and (kind := container.get("class")):
            holders = kinds.setdefault((container.tag, kind), {})
            holders[container] = holders.get(container, 0) + length
    best = max(kinds.values(), key=lambda holders: sum(holders.values()), default={})
    if len(best) < 2 or sum(best.values()) < CONTINUED_SHARE * prose.held.get(region, prose.total):
        return None
    covered = sum(
        length
        for paragraph, length in prose.paragraphs
        if paragraph.getparent() in best and one_line(paragraph.text_content())[:PROSE] in text
    )
    if covered >= COVERED * sum(best.values()):
        return None
    first, *others = best
    common = next(
        (e for e in first.iterancestors() if all(any(a is e for a in o.iterancestors()) for o in others)), None
    )
    # Pages that append the next story, and lists of stories: each has a headline of its own.
    if common is None or len(list(common.iter("h1", "article"))) > 1:
        return None
    return common


def _read(page: HtmlElement, url: str, *, fast: bool = True) -> str:
    # Not extract_with_metadata(): that one writes a YAML header into .text (golden test).
    # trafilatura takes the joiners of Persian and Hindi for control characters and drops them.
    joined = _JOINERS.search(page.text_content()) is not None
    if joined:
        page = html.document_fromstring(etree.tostring(page, encoding="unicode").translate(_STAND_INS))
    found = trafilatura.bare_extraction(
        page,
        url=url,
        with_metadata=False,
        include_comments=False,
        include_tables=False,
        fast=fast,
        config=_READING,
    )
    text = (found.text or "") if isinstance(found, Document) else ""
    return paragraphs(text.translate(_JOINERS_AGAIN) if joined else text)


def _read_whole(tree: HtmlElement, url: str) -> str:
    """trafilatura's reading of the whole page. Its fast mode, which asks no second extractor, is right more often on
    real news pages (F1 .960 against .958 over shared/pages) and takes a quarter less time; where it finds little, the
    thorough mode tries."""
    text = _read(tree, url)
    return text if len(text) >= LITTLE_TEXT else max(text, _read(tree, url, fast=False), key=len)


def _without_headlines(body: str, headlines: Iterable[str]) -> str:
    """`body` without the headlines that trafilatura may leave as its first paragraphs."""
    known = {only_words(headline) for headline in headlines} - {""}
    lines = body.split("\n")
    for at, line in enumerate(lines[:MAX_KICKERS]):
        if len(lines) > at + 1 and only_words(line) in known and all(len(l) < KICKER for l in lines[:at]):
            return _without_headlines("\n".join(lines[at + 1 :]), headlines)
    return body
