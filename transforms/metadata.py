"""What a page says about itself: JSON-LD first, then OpenGraph and meta tags. Sources: schema.org NewsArticle, ogp.me.

Nothing is guessed here; a field the page is silent about stays empty.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from transforms.feeds import parse_moment, primary_subtag
from transforms.records import Image, Origin, Precision
from transforms.text import one_line, plain_text
from transforms.urls import absolute, without_tracking

#: schema.org types that are a piece of journalism; a page's WebPage or Organization nodes are not.
ARTICLE_TYPES = frozenset(
    [
        "Article",
        "NewsArticle",
        "ReportageNewsArticle",
        "AnalysisNewsArticle",
        "AskPublicNewsArticle",
        "BackgroundNewsArticle",
        "OpinionNewsArticle",
        "ReviewNewsArticle",
        "LiveBlogPosting",
        "BlogPosting",
        "Report",
        "AdvertiserContentArticle",
    ]
)
#: Names of meta tags that carry the date of publication, and of the last change; the most exact first.
PUBLISHED = (
    "article:published_time",
    "datepublished",
    "og:published_time",
    "parsely-pub-date",
    "dc.date.issued",
    "dc.date",
    "sailthru.date",
    "date",
)
UPDATED = ("article:modified_time", "datemodified", "og:updated_time", "last-modified")
#: JSON-LD nests a few levels; deeper is a bomb.
MAX_DEPTH = 12
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}")
_JSON_NOISE = re.compile(
    r"^\s*(?://|/\*)?\s*<!\[CDATA\[(?:\s*\*/)?|^\s*<!--|(?://|/\*)?\s*\]\]>(?:\s*\*/)?\s*$|-->\s*$"
)
_BYLINE = re.compile(r"^\s*(?:by|von|par|por|от)\s+", re.IGNORECASE)
_SEPARATORS = re.compile(r"\s*(?:,|;|\||\band\b|\bet\b|\bund\b|\by\b|\bи\b|&)\s*")
#: rel=author and itemprop=author are standards; the class names are what publishers' systems commonly write.
_BYLINES = etree.XPath(
    "//*[@rel='author' or @itemprop='author' or contains(@class, 'byline') or contains(@class, 'author-name')"
    " or contains(@class, 'author__name') or @class = 'author']"
)
MAX_BYLINE = 120
#: Two to five words, the first and the last with a capital (or of a script that has none).
_LIKE_A_NAME = re.compile(r"^(?![a-z])\w[\w.'’-]*(?: [\w.'’-]+){0,3} (?![a-z])\w[\w.'’-]*$")
MAX_CAPTION = 600
#: A credit announces itself, or comes in brackets with a stroke, as agencies write it: "(Ann Lee/AP)".
_CREDIT = re.compile(
    r"""(?:^|(?<=[.!?|()–—-])|(?-i:\s(?=[A-ZФا-ي©])))\s*
    (?:(?:image|photo(?:graph)?|picture|credit|foto|crédit|фото|الصورة|تصوير)(?:\ (?:by|credit))?\s*:|©)
    \s*(?P<name>[^:©]{2,120})$|\((?P<bracketed>[^()]{2,60}/[^()]{2,60})\)\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_NOT_A_NAME = re.compile(r"@|https?:|\d{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A date as a page gives it: `precision` says whether its clock time means anything."""

    at: datetime
    precision: Precision
    source: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMetadata:
    """A page's statements about itself; empty where it makes none."""

    title: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    #: All claims, best first.
    published: tuple[Moment, ...] = ()
    updated: tuple[Moment, ...] = ()
    language: str = ""
    keywords: tuple[str, ...] = ()
    section: str = ""
    site_name: str = ""
    image: Image = Image()


def read_metadata(tree: HtmlElement, url: str) -> PageMetadata:
    """Read the statements of a parsed page; never raises for bad markup."""
    said = next(_json_ld_articles(tree), {})
    meta = _meta(tree)
    return PageMetadata(
        title=_text(said.get("headline")) or meta.get("og:title", ""),
        description=_text(said.get("description")) or meta.get("og:description", "") or meta.get("description", ""),
        authors=(
            people(_names(said.get("author")))
            or people([meta.get("author", ""), meta.get("article:author", "")])
            or _byline(tree)
        ),
        published=_moments(("jsonld", said.get("datePublished")), ("meta", _published(meta))),
        updated=_moments(("jsonld", said.get("dateModified")), ("meta", _updated(meta))),
        language=(
            primary_subtag(_text(said.get("inLanguage")))
            or primary_subtag(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "")
            or primary_subtag(meta.get("og:locale", ""))
        ),
        keywords=_keywords(said, tree, meta),
        section=_text(said.get("articleSection")) or meta.get("article:section", ""),
        site_name=_text(_node(said.get("publisher")).get("name")) or meta.get("og:site_name", ""),
        image=_image(said, meta, tree, url),
    )


def people(names: Iterable[str]) -> tuple[str, ...]:
    """Single names out of bylines: "By Ann Lee and Bo Chan" gives two. Addresses and links are no names."""
    found: dict[str, None] = {}
    for name in names:
        for part in _SEPARATORS.split(_BYLINE.sub("", one_line(name))):
            if part and not _NOT_A_NAME.search(part):
                found[part] = None
    return tuple(found)


def _byline(tree: HtmlElement) -> tuple[str, ...]:
    """The names in the first visible byline that reads like one."""
    found: Any = _BYLINES(tree)
    for element in found:
        text = one_line(element.text_content())
        names = people([text]) if 0 < len(text) <= MAX_BYLINE else ()
        if names and all(_LIKE_A_NAME.match(name) for name in names):
            return names
    return ()


def _json_ld_articles(tree: HtmlElement) -> Iterator[Mapping[str, Any]]:
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            try:
                data = json.loads(_JSON_NOISE.sub("", script.text), strict=False)
            except (ValueError, RecursionError):
                continue
            yield from _articles(data, MAX_DEPTH)


def _articles(data: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """Article nodes in document order, wherever they are: top level, array, @graph, mainEntity."""
    if depth == 0:
        return
    if isinstance(data, list):
        for item in data:
            yield from _articles(item, depth - 1)
    elif isinstance(data, dict):
        types = data.get("@type")
        if ARTICLE_TYPES.intersection(
            t.rpartition("/")[2] for t in (types if isinstance(types, list) else [types]) if isinstance(t, str)
        ):
            yield data
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _articles(data.get(key), depth - 1)


def _meta(tree: HtmlElement) -> dict[str, str]:
    """name/property/itemprop → content; the first one that says something counts."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = one_line(element.get("content") or "")
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _published(meta: Mapping[str, str]) -> str:
    return next((meta[name] for name in PUBLISHED if name in meta), "")


def _updated(meta: Mapping[str, str]) -> str:
    return next((meta[name] for name in UPDATED if name in meta), "")


def _moments(*claims: tuple[Origin, Any]) -> tuple[Moment, ...]:
    """To the minute before to the day, otherwise in the order given."""
    found = [moment for source, said in claims if (moment := _moment(source, _text(said)))]
    return tuple(sorted(found, key=lambda moment: moment.precision == "day"))


def _moment(source: Origin, said: str) -> Moment | None:
    if at := parse_moment(said) if len(said) > len("2026-11-18") else None:
        return Moment(at=at, precision="minute", source=source)
    # A day alone, or a clock time without its zone: only the day can be relied on.
    if day := _DAY.match(said):
        try:
            return Moment(at=datetime.fromisoformat(day[0]).replace(tzinfo=UTC), precision="day", source=source)
        except ValueError:
            return None
    return None


def _keywords(said: Mapping[str, Any], tree: HtmlElement, meta: Mapping[str, str]) -> tuple[str, ...]:
    raw = said.get("keywords")
    words = [w for w in raw if isinstance(w, str)] if isinstance(raw, list) else _text(raw).split(",")
    if not any(words):
        words = [
            element.get("content") or "" for element in tree.iter("meta") if element.get("property") == "article:tag"
        ]
    if not any(words):
        words = (meta.get("news_keywords") or meta.get("keywords", "")).split(",")
    return tuple(dict.fromkeys(word for word in map(one_line, words) if word))[:50]


def _image(said: Mapping[str, Any], meta: Mapping[str, str], tree: HtmlElement, url: str) -> Image:
    """The picture the page names as its own, with the words of its first figure where the page states none."""
    raw = said.get("image")
    first = raw[0] if isinstance(raw, list) and raw else raw
    node = _node(first)
    address = _text(first) or _text(node.get("url")) or _text(node.get("contentUrl")) or meta.get("og:image", "")
    caption, credit = split_credit(_text(node.get("caption")) or _text(node.get("description")))
    credit = _text(node.get("creditText")) or credit or " / ".join(_names(node.get("creator")))
    pictured, shown, credited = _figure(tree)
    link = absolute(url, address or pictured) if address or pictured else ""
    return Image(
        url=without_tracking(link) if link else "",
        caption=caption or shown or meta.get("og:image:alt", ""),
        credit=credit or credited,
    )


def _figure(tree: HtmlElement) -> tuple[str, str, str]:
    """Address, caption and credit of the first figure that has a caption."""
    for caption in tree.iter("figcaption"):
        text = one_line(caption.text_content())
        if 0 < len(text) <= MAX_CAPTION:
            figure = caption.getparent()
            pictures = figure.iter("img") if figure is not None else iter(())
            source = next((src for img in pictures if (src := img.get("src") or img.get("data-src"))), "")
            return source, *split_credit(text)
    return "", "", ""


def split_credit(caption: str) -> tuple[str, str]:
    """A caption and the credit it ends with ("… at the quay. Image: Ann Lee / AP"); the credit is empty without one."""
    if found := _CREDIT.search(caption):
        return caption[: found.start()].rstrip(" -–—|("), (found["name"] or found["bracketed"]).strip(" .)")
    return caption, ""


def _names(value: Any) -> list[str]:
    """Names of an author value: text, a node, or a list of them."""
    if isinstance(value, list):
        return [name for item in value for name in _names(item)]
    if isinstance(value, dict):
        return _names(value.get("name"))
    return [_text(value)] if isinstance(value, str) and value.strip() else []


def _node(value: Any) -> Mapping[str, Any]:
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    """JSON-LD text is often HTML in disguise."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return one_line(plain_text(value)) if isinstance(value, str) else ""
