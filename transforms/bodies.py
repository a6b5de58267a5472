"""The text of a story, off its parsed page: the story's region is found first, trafilatura reads it, and what the page
states in other places repairs it. docs/extraction.md says how each choice is made, and what it was worth when measured.
"""

import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from itertools import islice

import trafilatura
from lxml import etree, html
from lxml.html import HtmlElement
from trafilatura.settings import Document, use_config

from transforms.regions import LEAST_PROSE, PROSE, Prose, find_prose, find_region, heading_of, is_frame, linked
from transforms.text import BLOCKS, one_line, only_words, paragraphs

#: A reading this short may be a teaser, or a page that trafilatura's fast mode cannot read.
LITTLE_TEXT = 500
#: Below this many characters trafilatura gives up its reading for all the words on the page. Its own 250 puts the
#: navigation into every flash; on shared/pages 30 reads better, too (F1 .965 against .960).
MIN_READING = 30
_READING = use_config()
_READING.set("DEFAULT", "MIN_EXTRACTED_SIZE", str(MIN_READING))
_TABLE = ("table", "tbody", "tr", "td", "th")
_TO_PARAGRAPHS = frozenset("dd div dt section td".split())  # noqa: SIM905
#: Several containers of one kind are one text when together they hold so much of the region's prose …
CONTINUED_SHARE = 0.7
#: … of which a reading has less than this.
COVERED = 0.8
#: An <article> within the text is an entry of it while it holds no more than this; else it is a story of its own.
ENTRY_SHARE = 0.5
#: What names itself a frame within the story goes, unless it holds so much of the story's prose.
FRAMED = 0.2
#: Before the headline, a text may have so many lines less one, so short: the place, the section.
MAX_KICKERS, KICKER = 3, 60
#: trafilatura's time grows with the square of a page; no story has so many elements.
MAX_ELEMENTS = 20_000
_JOINERS = re.compile("[\u200c\u200d]")
#: Letters of Vai, which no news page mixes with joiners.
_STAND_INS = {0x200C: "\ua60c", 0x200D: "\ua60d"}
_JOINERS_AGAIN = {0xA60C: "\u200c", 0xA60D: "\u200d"}
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
    heading = heading_of(body, headlines[:2])
    prose = find_prose(body, heading)
    if prose.total < LEAST_PROSE:
        text = _read_whole(tree, url)
    else:
        region = find_region(body, prose, heading)
        text = _read(_page_of(region, body, prose), url)
        if (joined := _continued(region, prose, text)) is not None:
            text = max(text, _read(_page_of(joined, body, prose, whole=True), url), key=len)
        if len(text) < LEAST_PROSE and 2 * len(text) < prose.share(region):
            text = max(text, _read_whole(tree, url), key=len)
    # What is too much for trafilatura is read plainly.
    text = text or "\n".join(one_line(block.text_content()) for block in prose.blocks)
    return _without_headlines(_repaired(text, stated, prose, MORE_IF_PAID if paid else MORE), headlines)


def _repaired(text: str, stated: str, prose: Prose, more: float) -> str:
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


def _in_paragraphs(stated: str, prose: Prose) -> str:
    """A stated text often comes without its paragraphs: they begin where those on the page begin."""
    for paragraph in prose.blocks if "\n" not in stated else ():
        before, begin, after = stated.partition(one_line(paragraph.text_content())[:PROSE])
        stated = f"{before.rstrip()}\n{begin}{after}" if begin and after else stated
    return paragraphs(stated)


def _page_of(region: HtmlElement, body: HtmlElement, prose: Prose, *, whole: bool = False) -> HtmlElement:
    """A page with nothing but `region`, in copies of the elements around it, whose names trafilatura looks at; blocks
    of prose are paragraphs in it, however they are marked up. With `whole`, the region is marked up as the story's
    text, so that trafilatura looks for none within it."""
    inner = deepcopy(region)
    inner.tail = None
    columns = {block.getparent() for block in prose.blocks}
    framed: list[HtmlElement] = []
    for ours, copied in list(zip(region.iter(), inner.iter(), strict=True)):
        if ours is not region and ours.tag in _TO_PARAGRAPHS and _is_paragraph(ours):
            if ours in prose.blocks or ours.getparent() in columns or ours.tag in ("dt", "dd"):
                copied.tag = "p"
        elif ours.tag != "p" and ours in prose.blocks:
            _wrap_texts(copied)
        elif ours is not region and is_frame(ours) and prose.held.get(ours, 0) < FRAMED * prose.share(region):
            framed.append(copied)
    for element in framed:
        if element.getparent() is not None:
            element.drop_tree()
    # A table is the page's frame, where the story stands in a cell.
    if any(block.tag == "td" for block in prose.blocks):
        for element in inner.iter(*_TABLE):
            element.tag = "div"
    if whole:
        inner.tag = "article"
        for name in list(inner.attrib):
            del inner.attrib[name]
        inner.set("itemprop", "articleBody")
    if region is not body:
        for around in region.iterancestors():
            shell = html.Element(around.tag if around.tag in BLOCKS - {*_TABLE} else "div", _named(around))
            shell.append(inner)
            inner = shell
            if around is body:
                inner.tag = "body"
                break
    page = html.Element("html")
    page.append(inner)
    _drop_pointers(page)
    return page


def _named(element: HtmlElement) -> dict[str, str]:
    """The attributes that trafilatura looks at; those a broken template left behind may not even be copied."""
    return {name: value for name in ("id", "class", "itemprop", "role") if (value := element.get(name)) is not None}


def _is_paragraph(element: HtmlElement) -> bool:
    """Whether an element holds a text and no other block."""
    has_text = one_line(element.text or "") != "" or any(one_line(child.tail or "") for child in element)
    return has_text and not any(child.tag in BLOCKS for child in element if child.tag != "br")


def _wrap_texts(element: HtmlElement) -> None:
    """Make paragraphs of the long texts that stand between an element's blocks."""
    for child in list(element):
        if (child.tag in BLOCKS or child.tag == "img") and len((child.tail or "").strip()) >= PROSE:
            child.addnext(_paragraph(child.tail))
            child.tail = None
    if len((element.text or "").strip()) >= PROSE and (not len(element) or element[0].tag in BLOCKS):
        element.insert(0, _paragraph(element.text))
        element.text = None


def _paragraph(text: str | None) -> HtmlElement:
    paragraph = html.Element("p")
    paragraph.text = text
    return paragraph


def _drop_pointers(page: HtmlElement) -> None:
    """Drop paragraphs and lists that do nothing but point to other stories ("Read more: …", five headlines), or say
    when this one was changed."""
    pointers = [e for e in page.iter("p", "ul", "ol") if _points_away(e) or _only_dates(e)]
    if sum(len(e.text_content()) for e in pointers) < MAX_POINTERS * len(page.text_content()):
        for element in pointers:
            if element.getparent() is not None:
                element.drop_tree()


def _only_dates(element: HtmlElement) -> bool:
    """Whether a paragraph says when the story was published or changed, and no more."""
    return (
        element.tag == "p" and element.find(".//time") is not None and len(one_line(element.text_content())) <= KICKER
    )


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
    return 0 < len(text) - (lead.end() if lead else 0) <= linked(element) / LINKED_SHARE


def _continued(region: HtmlElement, prose: Prose, text: str) -> HtmlElement | None:
    """The element that holds all containers of a text that is spread over several of one kind, of which `text` has but
    a part; None where that is not so."""
    kinds: dict[tuple[str, str], dict[HtmlElement, int]] = {}
    for paragraph, length in prose.blocks.items():
        container = paragraph.getparent()
        if container is not None and (kind := container.get("class")) and _is_within(container, region):
            holders = kinds.setdefault((container.tag, kind), {})
            holders[container] = holders.get(container, 0) + length
    best = max(kinds.values(), key=lambda holders: sum(holders.values()), default={})
    if len(best) < 2 or sum(best.values()) < CONTINUED_SHARE * prose.share(region):
        return None
    covered = sum(
        length
        for paragraph, length in prose.blocks.items()
        if paragraph.getparent() in best and one_line(paragraph.text_content())[:PROSE] in text
    )
    if covered >= COVERED * sum(best.values()):
        return None
    first, *others = best
    common = next((e for e in first.iterancestors() if all(_is_within(other, e) for other in others)), None)
    # Pages that append the next story have a headline for each, and an <article>; the entries of a live blog are many.
    if common is None or len(list(common.iter("h1"))) > 1:
        return None
    longest = max((prose.held.get(article, 0) for article in common.iterdescendants("article")), default=0)
    return common if longest <= ENTRY_SHARE * prose.share(common) else None


def _is_within(element: HtmlElement, outer: HtmlElement) -> bool:
    return element is outer or any(around is outer for around in element.iterancestors())


def _read(page: HtmlElement, url: str, *, fast: bool = True) -> str:
    # Not extract_with_metadata(): that one writes a YAML header into .text (golden test).
    if sum(1 for _ in islice(page.iter(), MAX_ELEMENTS)) == MAX_ELEMENTS:
        return ""
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
    start = 0
    while True:
        # Before the headline there may be the place or the section.
        ahead = range(start, min(start + MAX_KICKERS, len(lines) - 1))
        found = next((at for at in ahead if only_words(lines[at]) in known), None)
        if found is None or any(len(line) >= KICKER for line in lines[start:found]):
            return "\n".join(lines[start:])
        start = found + 1
