"""What a page states in the forms made for machines: JSON-LD, microdata, meta tags. Sources: schema.org/NewsArticle,
json-ld.org, the HTML standard's microdata chapter, ogp.me. Nothing is weighed here (`transforms.metadata` does)."""

import html as entities
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import json_repair
from lxml import etree
from lxml.html import HtmlElement

from transforms.text import one_line, only_words, overlap, plain_text
from transforms.urls import absolute, canonical_url

Node = Mapping[str, Any]

#: schema.org types that are a piece of journalism; a page's WebPage or Organization nodes are not.
ARTICLE_TYPES = frozenset(
    """Article NewsArticle ReportageNewsArticle AnalysisNewsArticle AskPublicNewsArticle BackgroundNewsArticle
    OpinionNewsArticle ReviewNewsArticle LiveBlogPosting BlogPosting SocialMediaPosting Report TechArticle
    ScholarlyArticle SatiricalArticle AdvertiserContentArticle""".split()  # noqa: SIM905
)
#: A page that calls itself one of these lists stories, and tells none.
LISTING_TYPES = frozenset("CollectionPage SearchResultsPage ItemList ProfilePage".split())  # noqa: SIM905
#: Names of meta tags that carry the date of publication, and of the last change; the most exact first.
PUBLISHED = tuple(
    """article:published_time article:published og:published_time og:article:published_time datepublished
    date_published publication_date publish-date publishdate pubdate pub_date article:published_date
    article.published mediator_published_time parsely-pub-date sailthru.date dc.date.issued dcterms.issued
    dc.date.created dcterms.created cxenseparse:recs:publishtime cxenseparse:publishtime
    shareaholic:article_published_time originalpublicationdate iso-8601-publish-date displaydate rnews:datepublished
    og:regdate ptime firstcreatetime dc.date dcterms.date dc.date.published published created release_date date.release
    article_date_original date""".split()  # noqa: SIM905
)
UPDATED = tuple(
    """article:modified_time article:modified og:modified_time og:article:modified_time datemodified date_modified
    og:updated_time dcterms.modified dc.date.modified dc.modified article:updated_time lastmod date.updated
    mediator_modified_time revised last-modified""".split()  # noqa: SIM905
)
AUTHORS = tuple(
    """author article:author dc.creator dcterms.creator parsely-author sailthru.author cxenseparse:author byl byline
    dc.contributor mediator_author article:author_name vr:author citation_author""".split()  # noqa: SIM905
)
SECTIONS = ("article:section", "parsely-section", "section", "dc.subject.section", "cxenseparse:category", "category")
KEYWORDS = ("article:tag", "news_keywords", "parsely-tags", "sailthru.tags", "keywords", "og:article:tag")
#: JSON-LD nests a few levels; deeper is a bomb.
MAX_DEPTH = 12
#: Broken JSON is repaired up to this size in characters, and so many braces: repairing is slow, and a story's metadata
#: is small.
MAX_REPAIR, MAX_NODES = 100_000, 1_000
_JSON_NOISE = re.compile(
    r"^\s*(?://|/\*)?\s*<!\[CDATA\[(?:\s*\*/)?|^\s*<!--|(?://|/\*)?\s*\]\]>(?:\s*\*/)?\s*$|-->\s*$"
)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_ITEM: Any = etree.XPath("descendant-or-self::*[@itemscope and contains(@itemtype, 'schema.org/')]")


def meta_tags(tree: HtmlElement) -> dict[str, list[str]]:
    """name, property or itemprop in lower case → what the page's meta tags say under it, in their order."""
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        content = one_line(unescaped(element.get("content") or ""))
        if name and content:
            found.setdefault(name.strip().lower(), []).append(content)
    return found


def unescaped(text: str) -> str:
    """`text` without entities: publishers' systems escape twice ("&amp;quot;")."""
    for _ in range(2):
        if "&" not in text:
            break
        text = entities.unescape(text)
    return text


class JsonLd:
    """The JSON-LD of a page: its nodes, and what their references lead to."""

    def __init__(self, tree: HtmlElement) -> None:
        self._by_id: dict[str, Node] = {}
        #: In document order; the nodes of a @graph or a list one by one.
        self.nodes: list[Node] = []
        for script in tree.iter("script"):
            if "ld+json" in (script.get("type") or "").lower() and script.text:
                self._add(_parse(script.text), MAX_DEPTH)

    def _add(self, data: Any, depth: int) -> None:
        if depth == 0:
            return
        if isinstance(data, list):
            for item in data:
                self._add(item, depth - 1)
        elif isinstance(data, dict):
            self.nodes.append(data)
            self._index(data, depth)
            for key in ("@graph", "mainEntity", "mainEntityOfPage"):
                self._add(data.get(key), depth - 1)

    def _index(self, data: Any, depth: int) -> None:
        """Nodes with a name of their own, however deep: others refer to them."""
        if isinstance(data, list) and depth:
            for item in data:
                self._index(item, depth - 1)
        elif isinstance(data, dict) and depth:
            if isinstance(name := data.get("@id"), str) and len(data) > 1:
                self._by_id.setdefault(name, data)
            for value in data.values():
                if isinstance(value, dict | list):
                    self._index(value, depth - 1)

    def resolved(self, value: Any) -> Any:
        """What a `{"@id": …}` refers to, where the page says it; any other value as it is."""
        if isinstance(value, dict) and isinstance(name := value.get("@id"), str):
            return {**self._by_id.get(name, {}), **value}
        return value

    def of_types(self, types: Iterable[str]) -> list[Node]:
        """Nodes of any of these types, in document order."""
        wanted = frozenset(types)
        return [node for node in self.nodes if wanted & types_of(node)]


def types_of(node: Node) -> frozenset[str]:
    """A node's schema.org types, without the vocabulary's address."""
    types = node.get("@type")
    return frozenset(
        t.rpartition("/")[2].removeprefix("schema:")
        for t in (types if isinstance(types, list) else [types])
        if isinstance(t, str)
    )


def _parse(script: str) -> Any:
    """The data of a script; broken JSON is repaired, since the broken field is rarely the one that matters."""
    text = script.strip()
    if any(mark in text for mark in ("<!", "]]>", "-->")):
        text = _JSON_NOISE.sub("", text).strip()
    text = text.rstrip(";")
    for candidate in (text, _TRAILING_COMMA.sub("", text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    if len(text) > MAX_REPAIR or text.count("{") > MAX_NODES or "{" not in text:
        return None
    try:
        return json_repair.loads(unescaped(text) if text.startswith("{&quot;") else text, skip_json_loads=True)
    except (ValueError, RecursionError, IndexError):
        return None


def microdata(tree: HtmlElement) -> list[Node]:
    """The page's articles in microdata, as nodes like those of JSON-LD (texts and names only)."""
    found: list[Node] = []
    for item in _ITEM(tree):
        if types_of({"@type": (item.get("itemtype") or "").split()}) & ARTICLE_TYPES:
            node = _properties(item)
            node["@type"] = [t.rpartition("/")[2] for t in (item.get("itemtype") or "").split()]
            found.append(node)
    return found


def _properties(item: HtmlElement) -> dict[str, Any]:
    node: dict[str, Any] = {}
    for element, name in _own_properties(item):
        if name == "articleBody":  # the text is read off the page
            continue
        value: Any
        if element.get("itemscope") is not None:
            types = [t.rpartition("/")[2] for t in (element.get("itemtype") or "").split()]
            value = {"@type": types} | {
                part: stated(inner) for inner, part in _own_properties(element) if part in ("name", "url", "caption")
            }
            value.setdefault("name", "" if "url" in value else stated(element))
        else:
            value = stated(element)
        if value:
            node.setdefault(name, []).append(value)
    return node


def _own_properties(item: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """(element, property) of an item, without those of the items within it."""
    inner: set[HtmlElement] = set()
    for element in item.iterdescendants():
        parent = element.getparent()
        if parent in inner:
            inner.add(element)
            continue
        if element.get("itemscope") is not None:
            inner.add(element)
        for name in (element.get("itemprop") or "").split():
            yield element, name


def stated(element: HtmlElement) -> str:
    """What a microdata element says: its machine-readable value, or else its text."""
    said = element.get("content") or element.get("datetime")
    if not said and element.tag in ("img", "a", "link"):
        said = element.get("src") or (element.get("href") if element.tag == "link" else None)
    return one_line(unescaped(said) if said else element.text_content())


def text_of(value: Any) -> str:
    """A value as a line of text: JSON-LD text is often HTML in disguise, and a list of one."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name") or ""
    return one_line(plain_text(unescaped(value))) if isinstance(value, str) else ""


def text_stated(node: Node) -> str:
    """The text of the story that a node carries, in paragraphs; of a live blog, that of its entries, too."""
    body = node.get("articleBody")
    parts = [plain_text(unescaped(body))] if isinstance(body, str) else []
    entries = node.get("liveBlogUpdate")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            parts += [text_of(entry.get("headline")), plain_text(unescaped(str(entry.get("articleBody") or "")))]
    return "\n".join(filter(None, parts))


def persons_and_groups(value: Any) -> tuple[list[str], list[str]]:
    """The names of an author value that may be people's, and those of nodes that say they are an organization."""
    persons: list[str] = []
    groups: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        types = types_of(item) if isinstance(item, dict) else frozenset()
        (groups if types and all("Organization" in kind for kind in types) else persons).extend(names_of(item))
    return persons, groups


def names_of(value: Any) -> list[str]:
    """Names of an author value: text, a node, or a list of them."""
    if isinstance(value, list):
        return [name for item in value for name in names_of(item)]
    if isinstance(value, dict):
        return names_of(value.get("name"))
    return [text] if isinstance(value, str) and (text := text_of(value)) else []


def about_page(nodes: Sequence[Node], url: str, titles: Iterable[str]) -> list[Node]:
    """The nodes that are about the story at `url`, the best first: pages state related stories in the same way.

    `titles` are what the page is headed. A node is told by its address and by its headline.
    """
    here = canonical_url(url)
    known = {only_words(title) for title in titles} - {""}

    def closeness(node: Node) -> float:
        words = only_words(text_of(node.get("headline") or node.get("name")))
        addresses = [text_of(node.get("url")), text_of(node.get("@id")), text_of(_named(node.get("mainEntityOfPage")))]
        links = {canonical_url(link) for address in addresses if address and (link := absolute(url, address))}
        score = 3.0 * (here in links) - 1.0 * bool(links and here not in links)
        if words and known:
            score += 4 * max(overlap(words, title) for title in known) - 1
        return score + 0.5 * ("datePublished" in node) + 0.25 * ("author" in node)

    scores = {id(node): closeness(node) for node in nodes}
    ranked = sorted(nodes, key=lambda node: scores[id(node)], reverse=True)
    if not ranked or (known and scores[id(ranked[0])] < (0 if len(ranked) > 1 else -1)):
        return []
    words = only_words(text_of(ranked[0].get("headline")))
    same = [n for n in ranked[1:] if only_words(text_of(n.get("headline"))) in ("", words) and scores[id(n)] >= 0]
    return [ranked[0], *same]


def _named(value: Any) -> Any:
    return value.get("@id") or value.get("url") if isinstance(value, dict) else value


def language_of(value: Any) -> str:
    """The tag of an inLanguage value: text, or a node."""
    if isinstance(value, dict):
        value = value.get("alternateName") or value.get("name")
    return text_of(value)


def words_of(value: Any) -> tuple[str, ...]:
    """Keywords, given as a list or as one text with commas."""
    texts = [text_of(v) for v in (value if isinstance(value, list) else [value])]
    words = [part for text in texts for part in re.split(r"[,،;؛；、，]", text)] if len(texts) < 3 else texts
    return tuple(dict.fromkeys(word for word in map(one_line, words) if word))[:50]
