"""What a reader sees around a story: its headings, bylines, dates and pictures, where pages put them, and whatever
publishers' systems call them. Nothing is weighed here (`transforms.metadata` does)."""

import re
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, zip_longest
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from transforms.dates import parse
from transforms.headlines import CUT_LENGTH
from transforms.moments import Claim
from transforms.text import lines_of, one_line
from transforms.wire import split_credit

Claims = list[Claim]

#: rel=author and itemprop=author are standards; the class names are what publishers' systems commonly write.
_CLASSES: Any = etree.XPath("descendant::body/descendant::*/@class", smart_strings=False)
#: (Looked for one by one, in a fifth of the time that a regular expression takes.)
_BYLINE_NAMES = tuple(
    """byline by-line author autor auteur signature redac reporter journalist writer verfasser penulis forfatter
    skribent toimittaja yazar kirjoittaja firma contributor szerz""".split()  # noqa: SIM905
)
#: Addresses of pages about an author.
_AUTHORS_PAGE = re.compile(
    r"/(?:auth?or|auteur|autore|avtor|autori|staff|reporter|journalist|journaliste|novinari|szerzo"
    r"|redaktion|redakteure?|penulis|yazar(?:lar)?|writer|contributor|columnist|forfatter|skribent|starfsfolk|firmas?"
    r"|toimittaja|colunista)s?[/=][\w%+.-]",
    re.IGNORECASE,
)
_WHOLE_PAGE = frozenset("article body link main meta".split())  # noqa: SIM905
#: Parts of a heading that are not the headline.
_KICKER = re.compile(
    r"kicker|overline|topline|infoline|eyebrow|dachzeile|pre-?title|super-?title|strapline|label|badge|\btag|flag|count"
    r"|comment|premium|prefix|icon|hidden|sr-only|category|section",
    re.IGNORECASE,
)
#: Microformats' entry-title and its kin; and the large print of older pages.
_MARKED_UP: Any = etree.XPath(
    "descendant::*[self::h2 or self::h3 or self::div or self::td or self::p][contains(@class, 'entry-title') or"
    " contains(@itemprop, 'headline') or contains(@class, 'article-title') or contains(@class, 'article__title')]"
)
_LARGE: Any = etree.XPath("descendant::font[@size >= 4 or starts-with(@size, '+')] | descendant::big")
MAX_HEADING = 300
#: Where a byline or a date belongs to another story, or to a reader.
_ELSEWHERE = re.compile(
    r"comment|related|recirc|sidebar|teaser|recommend|most-?(?:read|popular)|trending|promo|card|widget|more-from|footer"
    r"|newsletter|disqus",
    re.IGNORECASE,
)
_ELSEWHERE_TAGS = frozenset(["aside", "nav", "footer"])
#: So many bylines and times are looked at; the story's own come early.
MAX_LOOKED_AT = 40
MAX_BYLINE = 300
MAX_CAPTION = 600
#: So many texts around the headline may hold a date, so long with a clock time, and so long without.
AROUND, BEFORE, MAX_DATE, MAX_DAY = 30, 8, 90, 45
_CHANGED = re.compile(
    r"modif|updat|aktuali[sz]|changed|mise?[\s-]?à[\s-]?jour|maj\b|actualiz|atualiz|aggiorn|bijgewerkt|uppdater|oppdater|opdater|uppfært"
    r"|päivit|обновл|оновл|güncel|تحديث|diperbarui|更新|수정|zmien|frissít|ενημερ|به.?روز|עודכן|अपडेट|cập nhật|แก้ไข",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_CLOCK = re.compile(r"\b([01]?\d|2[0-3])[:.hH]([0-5]\d)\b")
_DATED: Any = etree.XPath(
    "descendant::time | descendant::*[@itemprop]"
    "[contains(@itemprop, 'datePublished') or contains(@itemprop, 'dateModified')]"
    "[not(self::meta)]"
)
_SHORT_BLOCKS = ("p", "div", "li", "td", "span", "address", "section", "h3", "h4")
NEAR, MAX_SHORT = 16, 180
_ALL: Any = etree.XPath(
    "descendant::body/descendant::text()[normalize-space() != ''][not(ancestor::script or ancestor::figure)]"
)
_AFTER: Any = etree.XPath("following::text()[normalize-space() != ''][not(ancestor::script or ancestor::figure)]")
_BEFORE: Any = etree.XPath(
    "preceding::text()[normalize-space() != ''][not(ancestor::script or ancestor::head or ancestor::figure)]"
)


def bylines(tree: HtmlElement) -> list[str]:
    """The texts of the story's elements that are named like bylines, line by line, in document order."""
    return list(islice(_bylines(tree), MAX_LOOKED_AT))


def author_links(tree: HtmlElement) -> list[str]:
    """The texts of the story's links that lead to an author's page, in document order."""
    links = (link for link in tree.iter("a") if _AUTHORS_PAGE.search(link.get("href") or ""))
    texts = (one_line(link.text_content()) for link in islice(links, MAX_LOOKED_AT) if not is_elsewhere(link))
    return [text for text in texts if 0 < len(text) <= MAX_BYLINE]


def _bylines(tree: HtmlElement) -> Iterator[str]:
    # A page has many elements and few names: these are looked at first.
    names = {name for name in set(_CLASSES(tree)) if _is_byline_name(name)}
    for element in tree.iter():
        if (
            element.get("class") in names
            or element.get("rel") == "author"
            or "author" in (element.get("itemprop") or "")
            or (element.get("data-testid") or "").startswith(("byline", "author"))
        ) and element.tag not in _WHOLE_PAGE:
            if len(element.text_content()) > 4 * MAX_BYLINE:  # with the white space of its source
                continue
            text = lines_of(element, apart=True)
            if 0 < len(text) <= MAX_BYLINE and not is_elsewhere(element):
                yield text


def near_headline(tree: HtmlElement) -> list[str]:
    """The short blocks that follow and precede the headline, the nearest first: where bylines stand that no name
    gives away."""
    heading = _story_heading(tree)
    body = tree.find("body")
    before: deque[HtmlElement] = deque(maxlen=BEFORE)
    after: list[HtmlElement] = []
    reached = heading is None
    for element in body.iter(*_SHORT_BLOCKS, "h1", "h2") if body is not None else ():
        if element is heading:
            reached = True
        elif element.tag not in ("h1", "h2") and _is_short(element):
            (after if reached else before).append(element)
            if len(after) == NEAR:
                break
    texts = (lines_of(e, apart=True) for e in (*after, *reversed(before)) if not is_elsewhere(e))
    return [text for text in texts if 0 < len(text) <= MAX_SHORT]


def _is_short(element: HtmlElement) -> bool:
    """Whether a block holds a short text, and no block, and is not of a picture or a menu."""
    if any(True for _ in element.iterdescendants("p", "div", "li", "td", "section")):
        return False
    if not 0 < len(element.text_content().strip()) <= MAX_SHORT:
        return False
    return not any(around.tag in ("figure", "nav") for around in element.iterancestors())


def _story_heading(tree: HtmlElement) -> HtmlElement | None:
    return next((h for h in tree.iter("h1", "h2") if len(one_line(h.text_content())) > CUT_LENGTH), None)


def without_kicker(heading: HtmlElement) -> str:
    """The text of a heading without its kickers, labels and counters."""
    texts = [heading.text or ""]
    for child in heading:
        if not _KICKER.search(f"{child.get('class') or ''} {child.get('id') or ''}"):
            texts.append(child.text_content())
        texts.append(child.tail or "")
    return one_line(" ".join(texts))


def pieces(heading: HtmlElement) -> tuple[str, ...]:
    """What the elements of a heading set apart, after the first: with a kicker before it, that is the headline."""
    texts = [heading.text or "", *(f"{child.text_content()} {child.tail or ''}" for child in heading)]
    return tuple(filter(None, map(one_line, texts)))[1:]


def leads_home(heading: HtmlElement) -> bool:
    """Whether all of a heading is a link to a short address: it is the outlet's name, or a list's."""
    if len(heading) != 1 or heading[0].tag != "a" or one_line(heading.text or "") or one_line(heading[0].tail or ""):
        return False
    path = (heading[0].get("href") or "").partition("://")[2] or (heading[0].get("href") or "")
    return path.strip("/").count("/") < 2


def other_headings(tree: HtmlElement) -> list[str]:
    """Headlines in other elements than <h1>."""
    marked = _MARKED_UP(tree)[:3]
    large = [] if tree.find(".//h1") is not None else _LARGE(tree)[:3]
    texts = (one_line(element.text_content()) for element in (*marked, *large))
    return [text for text in texts if CUT_LENGTH <= len(text) <= MAX_HEADING]


def times(tree: HtmlElement) -> tuple[Claims, Claims]:
    """What the story's <time> elements and dated microdata claim of its publication, and of its last change.

    Those count that say what they are; of the others the first that does not belong to another story.
    """
    published: Claims = []
    updated: Claims = []
    loose: Claims = []
    for element in _DATED(tree)[:MAX_LOOKED_AT]:
        said = element.get("datetime") or element.get("content") or element.get("title")
        said = said or one_line(element.text_content())
        if not said or is_elsewhere(element):
            continue
        prop = element.get("itemprop") or ""
        name = f"{prop} {element.get('class') or ''} {element.get('id') or ''}"
        around = element.getparent()
        told = one_line(f"{(around.text or '') if around is not None else ''} {element.text or ''}")[:MAX_DATE]
        claim: Claim = ("time" if element.tag == "time" else "microdata", said)
        if prop in ("dateModified", "dateUpdated") or (prop != "datePublished" and _CHANGED.search(f"{name} {told}")):
            updated.append(claim)
        elif "datePublished" in prop or element.get("pubdate") is not None or re.search("publi|entry-date", name):
            published.append(claim)
        elif element.tag == "time":
            loose.append(claim)
    return published + loose[:1], updated


def dates_near_headline(tree: HtmlElement, language: str = "") -> tuple[Claims, Claims]:
    """Texts near the headline that may say the date of publication and of the last change, the nearest first."""
    heading = _story_heading(tree)
    after: list[Any] = (_AFTER(heading) if heading is not None else _ALL(tree))[:AROUND]
    before: list[Any] = _BEFORE(heading)[-BEFORE:][::-1] if heading is not None else []
    published: Claims = []
    changes: list[str] = []
    for text in (text for pair in zip_longest(after, before) for text in pair if text is not None):
        said = one_line(str(text))
        longest = MAX_DATE if _CLOCK.search(said) else MAX_DAY
        if not (6 <= len(said) <= longest and _DIGIT.search(said)) or is_elsewhere(text.getparent()):
            continue
        # "18 Nov 10:04 – updated 11:37" says both.
        change = _CHANGED.search(said)
        if _DIGIT.search(first := said[: change.start()] if change else said):
            published.append(("visible", first))
        if change:
            changes.append(said[change.start() :])
    published.sort(key=lambda claim: _CLOCK.search(claim[1]) is None)  # a masthead says what day it is
    days = [written.day for _, said in published if (written := parse(said, language=language))]
    updated: Claims = []
    for said in changes:
        if days and not parse(said, language=language) and (clock := _CLOCK.search(said)):
            # "updated 11:15": of the same day, since nobody says otherwise.
            said = f"{days[0]} {clock[1]}:{clock[2]}"
        updated.append(("visible", said))
    return published, updated


def figure(tree: HtmlElement) -> tuple[str, str, str]:
    """Address, caption and credit of the first figure that has a caption."""
    for caption in tree.iter("figcaption"):
        text = one_line(caption.text_content())
        if 0 < len(text) <= MAX_CAPTION:
            around = caption.getparent()
            pictures = around.iter("img") if around is not None else iter(())
            source = next((src for img in pictures if (src := img.get("src") or img.get("data-src"))), "")
            return source, *split_credit(text)
    return "", "", ""


def is_elsewhere(element: HtmlElement) -> bool:
    """Whether an element belongs to another story, to a reader's comment or to the frame of the page."""
    return any(
        around.tag in _ELSEWHERE_TAGS or _is_elsewhere_name(f"{around.get('class') or ''} {around.get('id') or ''}")
        for around in element.iterancestors()
        if around.tag not in ("body", "html", "main", "article")
    )


@lru_cache(maxsize=65536)  # a page has few names, and its neighbours have the same
def _is_byline_name(name: str) -> bool:
    name = name.lower()
    return any(part in name for part in _BYLINE_NAMES)


@lru_cache(maxsize=65536)
def _is_elsewhere_name(name: str) -> bool:
    return _ELSEWHERE.search(name) is not None
