"""What a page says about itself, weighed: JSON-LD and microdata, meta tags, <time> elements, and the words a reader sees
around the headline. Each field says where it comes from; one the page is silent about stays empty."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, zip_longest
from typing import Any, TypeVar, cast

from lxml import etree
from lxml.html import HtmlElement

from transforms.agencies import agencies_in
from transforms.bylines import from_visible, people
from transforms.dates import parse
from transforms.feeds import primary_subtag
from transforms.headlines import CUT_LENGTH, Witness, headline
from transforms.records import Image, Origin, Provenance
from transforms.structured import (
    ARTICLE_TYPES,
    LISTING_TYPES,
    JsonLd,
    Node,
    meta_tags,
    microdata,
    names_of,
    text_of,
    types_of,
)
from transforms.text import one_line, only_words, plain_text
from transforms.urls import absolute, canonical_url, domain_of, is_followable, without_tracking
from transforms.wire import split_credit

Value = TypeVar("Value")
Claims = list[tuple[Origin, str]]

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
#: Fields in which publishers name the agency whose copy they run.
_AGENCY_FIELDS = ("author", "creator", "sourceOrganization", "creditText", "provider", "copyrightHolder", "contributor")
_AGENCY_TAGS = ("article:source", "dc.source", "source", "copyright", "dc.rights", *AUTHORS)
#: Yoast's way to say who wrote it: <meta name="twitter:label1" content="Written by">.
_LABELS = tuple((f"twitter:label{n}", f"twitter:data{n}") for n in range(1, 4))
_WRITTEN_BY = re.compile(
    r"(?:written|geschrieben|verfasst|[ée]crit|escrito|scritto|geschreven|skriv|автор|napisa|autor|yazan)",
    re.IGNORECASE,
)
#: rel=author and itemprop=author are standards; the class names are what publishers' systems commonly write.
_NAMED: Any = etree.XPath("//body//*[@class or @rel or @itemprop or @data-testid]")
_BYLINE_NAME = re.compile(
    r"by-?line|autho?r|auteur|signature|redac|reporter|journalist|writer|verfasser|penulis|autore|forfatter|skribent"
    r"|toimittaja|yazar|kirjoittaja|firma\b|contributor",
    re.IGNORECASE,
)
_WHOLE_PAGE = frozenset("article body link main meta".split())  # noqa: SIM905
#: How much each place counts when the headline is looked for: what a reader sees, unless it is about something else; what
#: is stated for machines; what repeats another place; and the window's title, which is made for search engines.
SHOWN, UNHEARD, STATED, MARKED_UP, COPIED, WINDOW = 3.5, 0.2, 2.2, 2.5, 0.4, 1.0
_KICKER = re.compile(
    r"kicker|overline|topline|infoline|eyebrow|dachzeile|pre-?title|super-?title|strapline|label|badge|\btag|flag|count"
    r"|comment|premium|prefix|icon|hidden|sr-only|category|section",
    re.IGNORECASE,
)
_MARKED_UP: Any = etree.XPath(
    "//*[self::h2 or self::h3 or self::div or self::td or self::p][contains(@class, 'entry-title') or"
    " contains(@itemprop, 'headline') or contains(@class, 'article-title') or contains(@class, 'article__title')]"
)
_LARGE: Any = etree.XPath("//font[@size >= 4 or starts-with(@size, '+')] | //big")
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
#: Texts around the headline in which a date may stand, and how long one is.
AROUND, BEFORE, MAX_DATE, MAX_DAY = 30, 8, 90, 45
_CHANGED = re.compile(
    r"modif|updat|aktualis|aktualiz|changed|mise?-?à-?jour|maj\b|actualiz|aggiorn|bijgewerkt|uppdater|oppdater|opdater|päivit|обновл"
    r"|оновл|güncel|تحديث|diperbarui|更新|수정|zmien|frissít",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-z]{2,8}|[-_]\d{3})*$", re.IGNORECASE)
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMetadata:
    """A page's statements about itself; empty where it makes none."""

    title: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    agency: str = ""
    #: What is claimed as the date of publication and of the last change, in the order of trust, as written.
    published: tuple[tuple[Origin, str], ...] = ()
    updated: tuple[tuple[Origin, str], ...] = ()
    #: The zones' witnesses: other moments the page states.
    language: str = ""
    #: The whole tag that declares the language ("en-GB"): it tells 3/4 from 4/3.
    locale: str = ""
    keywords: tuple[str, ...] = ()
    section: str = ""
    site_name: str = ""
    image: Image = Image()
    #: The story's text, where JSON-LD carries it.
    text: str = ""
    #: All that might be the headline: none of them belongs to the text.
    headlines: tuple[str, ...] = ()
    #: Whether the story may be read without paying; None where the page does not say.
    free: bool | None = None
    #: The page says that it is an article, or that it is a list.
    is_article: bool = False
    is_listing: bool = False
    provenance: Provenance = Provenance()


def read_metadata(tree: HtmlElement, url: str) -> PageMetadata:
    """Read the statements of a parsed page; never raises for bad markup."""
    return _Page(tree, url).metadata()


class _Page:
    def __init__(self, tree: HtmlElement, url: str) -> None:
        self.tree, self.url = tree, url
        self.meta = meta_tags(tree)
        self.ld = JsonLd(tree)
        self.shown = [one_line(h.text_content()) for h in tree.iter("h1")]
        self.window = one_line(tree.findtext(".//title") or "")
        self.story = self._story(self.ld.of_types(ARTICLE_TYPES))
        self.items = self._story(microdata(tree))
        #: Elements that look like bylines, with their texts.
        self.bylines = list(islice(_bylines(tree), MAX_LOOKED_AT))
        #: Pages and videos: less than an article, and often dated all the same.
        self.pages = [*self.ld.of_types(["WebPage", "ItemPage"]), *self.ld.of_types(["VideoObject"])]

    def _story(self, nodes: Sequence[Node]) -> list[Node]:
        """The nodes that are about this page's story, the best first: pages state related stories in the same way."""
        if not nodes:
            return []
        here = canonical_url(self.url)
        titles = {only_words(t) for t in (*self.shown, self.window, *self.meta.get("og:title", ())) if t} - {""}

        def closeness(node: Node) -> float:
            words = only_words(text_of(node.get("headline") or node.get("name")))
            addresses = [text_of(node.get(key)) for key in ("url", "@id")]
            addresses.append(text_of(self._named(node.get("mainEntityOfPage"))))
            links = {canonical_url(absolute(self.url, a)) for a in addresses if a and absolute(self.url, a)}
            score = 3.0 * (here in links) - 1.0 * bool(links and here not in links)
            if words and titles:
                score += max(_overlap(words, title) for title in titles) * 4 - 1
            return score + 0.5 * ("datePublished" in node) + 0.25 * ("author" in node)

        ranked = sorted(nodes, key=closeness, reverse=True)
        main = ranked[0]
        if titles and closeness(main) < -1 or (len(nodes) > 1 and closeness(main) < 0):
            return []
        words = only_words(text_of(main.get("headline")))
        same = [n for n in ranked[1:] if only_words(text_of(n.get("headline"))) in ("", words) and closeness(n) >= 0]
        return [main, *same]

    @staticmethod
    def _named(value: Any) -> Any:
        return value.get("@id") or value.get("url") if isinstance(value, dict) else value

    def said(self, key: str) -> list[tuple[Origin, Any]]:
        """All that the page's structured data say under a schema.org property, JSON-LD first."""
        found: list[tuple[Origin, Any]] = [("jsonld", self._value(node, key)) for node in self.story]
        found += [("microdata", node.get(key)) for node in self.items]
        return [(origin, value) for origin, value in found if value]

    def _value(self, node: Node, key: str) -> Any:
        value = node.get(key)
        return [self.ld.resolved(v) for v in value] if isinstance(value, list) else self.ld.resolved(value)

    def tags(self, *names: str) -> Claims:
        """What the meta tags of these names say, in the order of the names."""
        return [(_kind(name), content) for name in names for content in self.meta.get(name, ())]

    def metadata(self) -> PageMetadata:
        sites = self._site_names()
        witnesses = self._witnesses()
        title, title_from = headline(witnesses, [*sites, *_domain_names(self.url)])
        outlet = sites[0] if sites else ""
        authors, authors_from = self._authors(outlet)
        agency, agency_from = self._agency()
        description, description_from = _first(
            *((o, text_of(v)) for o, v in self.said("description")),
            *self.tags("og:description", "description", "twitter:description", "dc.description"),
        )
        keywords, keywords_from = self._keywords()
        section, section_from = self._section()
        locale, language_from = self._locale()
        image, url_from, caption_from, credit_from = self._image()
        published, updated = self._dates()
        return PageMetadata(
            title=title,
            description=description,
            authors=authors,
            agency=agency,
            published=tuple(published),
            updated=tuple(updated),
            language=primary_subtag(locale),
            locale=locale,
            keywords=keywords,
            section=section,
            site_name=outlet,
            image=image,
            text=max(
                (plain_text(v) for node in self.story if isinstance(v := node.get("articleBody"), str)),
                key=len,
                default="",
            ),
            headlines=tuple(t for t in (title, *self.shown, *(w.text for w in witnesses)) if t),
            free=self._free(),
            is_article=bool(self.story or self.items) or self.meta.get("og:type", [""])[0].lower() == "article",
            is_listing=any(types_of(node) & LISTING_TYPES for node in self.ld.nodes),
            provenance=Provenance(
                title=title_from,
                authors=authors_from,
                agency=agency_from,
                description=description_from,
                keywords=keywords_from,
                section=section_from,
                language=language_from,
                image_url=url_from,
                image_caption=caption_from,
                image_credit=credit_from,
            ),
        )

    def _site_names(self) -> list[str]:
        publishers = [name for _, value in self.said("publisher") for name in names_of(value)]
        named = [content for _, content in self.tags("og:site_name", "application-name", "al:android:app_name")]
        sites = [text_of(node.get("name")) for node in self.ld.of_types(["WebSite", "NewsMediaOrganization"])]
        # Some systems write the story's headline there as well.
        stories = {only_words(text) for text in (*self.meta.get("og:title", ()), *(text_of(v) for _, v in self.said("headline")))}
        names = dict.fromkeys(name for name in (*publishers, *named, *sites) if name and not is_followable(name))
        return [name for name in names if only_words(name) not in stories]

    def _witnesses(self) -> list[Witness]:
        others = [text_of(value) for _, value in self.said("headline")]
        others += [content for _, content in self.tags("og:title")] + [self.window]
        found = [self._heading(h, text, others) for h, text in zip(self.tree.iter("h1"), self.shown, strict=True)]
        found += [Witness(text_of(v), origin, STATED) for origin, v in self.said("headline")[:4]]
        found += [Witness(text, "opengraph", STATED) for _, text in self.tags("og:title")[:1]]
        copies = self.tags("twitter:title", "dc.title", "title")[:1] if "og:title" not in self.meta else []
        found += [Witness(text, "meta", COPIED) for _, text in copies]
        if not any(witness.weight == SHOWN for witness in found):
            found += [Witness(text, "visible", MARKED_UP) for text in _headings(self.tree)]
        found.append(Witness(self.window, "page", WINDOW))
        return [witness for witness in found if witness.text]

    @staticmethod
    def _heading(heading: HtmlElement, text: str, others: Sequence[str]) -> Witness:
        """A heading, and what of it is left without its kicker; one that leads elsewhere is the outlet's or a list's."""
        pieces = [one_line(part) for part in (heading.text or "", *(_texts(c) for c in heading)) if one_line(part)]
        clean = one_line(" ".join(_kept_texts(heading)))
        weight = SHOWN if _is_heard(text, others) else UNHEARD
        if len(pieces) == 1 and len(heading) == 1 and heading[0].tag == "a" and heading[0].get("href", "").rstrip("/").count("/") < 2:
            weight = UNHEARD
        return Witness(clean or text, "visible", weight, tuple(pieces[1:]))

    def _authors(self, outlet: str) -> tuple[tuple[str, ...], Origin]:
        """The first place that names people; the words a reader sees, where they name the same and more."""
        domain = domain_of(self.url)
        seen = self._byline(outlet, domain)
        for origin, names in self._named_authors():
            if found := people(names, outlet=outlet, domain=domain):
                known = {name.casefold() for name in found}
                if len(seen) > len(found) and known <= {name.casefold() for name in seen}:
                    return seen, "visible"
                return found, origin
        return seen, "visible" if seen else ""

    def _named_authors(self) -> Iterable[tuple[Origin, list[str]]]:
        for origin, value in self.said("author"):
            yield origin, [n for v in _as_list(value) for n in names_of(self._value({"v": v}, "v"))]
        for origin, value in self.said("creator"):
            yield origin, names_of(value)
        for origin, content in self.tags(*AUTHORS):
            if not is_followable(content):
                yield origin, self.meta[next(n for n in AUTHORS if content in self.meta.get(n, ()))]
        for label, data in _LABELS:
            if any(_WRITTEN_BY.search(said) for said in self.meta.get(label, ())):
                yield "meta", self.meta.get(data, [])
        for node in self.pages:
            yield "jsonld", names_of(self._value(node, "author"))

    def _byline(self, outlet: str, domain: str) -> tuple[str, ...]:
        """The names in the first visible byline that reads like one."""
        for element, text in self.bylines:
            if _is_elsewhere(element):
                continue
            if names := from_visible(text, outlet=outlet, domain=domain):
                return names
        return ()

    def _agency(self) -> tuple[str, Origin]:
        claims = [(o, " / ".join(names_of(v))) for key in _AGENCY_FIELDS for o, v in self.said(key)]
        claims += self.tags(*_AGENCY_TAGS)
        claims += [("visible", text) for _, text in self.bylines]
        for origin, text in claims:
            if len(text) <= MAX_BYLINE and (found := agencies_in(text)):
                return " / ".join(found), origin
        return "", ""

    def _keywords(self) -> tuple[tuple[str, ...], Origin]:
        for origin, value in self.said("keywords"):
            if words := _words(value):
                return words, origin
        for name in KEYWORDS:
            if words := _words(self.meta.get(name, [])):
                return words, _kind(name)
        return (), ""

    def _section(self) -> tuple[str, Origin]:
        crumbs = [
            text_of(self.ld.resolved(item.get("item", item)) or "") or text_of(item.get("name"))
            for node in self.ld.of_types(["BreadcrumbList"])
            for item in _as_list(node.get("itemListElement"))
            if isinstance(item, dict)
        ]
        titles = {only_words(t) for t in (*self.shown, self.window)}
        # The first crumb is the home page, the last often the story itself.
        inner = [c for c in crumbs[1:] if only_words(c) not in titles]
        return _first(
            *((o, text_of(v)) for o, v in self.said("articleSection")),
            *self.tags(*SECTIONS),
            ("jsonld", inner[-1] if inner else ""),
        )

    def _locale(self) -> tuple[str, Origin]:
        languages = [(o, _language_of(v)) for o, v in self.said("inLanguage")]
        declared = self.tree.get("lang") or self.tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
        body = self.tree.find("body")
        claims: Claims = [
            *languages,
            ("page", declared),
            ("page", body.get("lang", "") if body is not None else ""),
            *self.tags("content-language", "dc.language", "language", "og:locale", "inlanguage"),
        ]
        tags = [("meta" if o == "page" else o, said.replace("_", "-")) for o, said in claims if _LANGUAGE.match(said)]
        if not tags:
            return "", ""
        # The region tells 3/4 from 4/3, and whose clock it is.
        first = primary_subtag(tags[0][1])
        exact = next((said for _, said in tags if "-" in said and primary_subtag(said) == first), tags[0][1])
        return exact, tags[0][0]

    def _image(self) -> tuple[Image, Origin, Origin, Origin]:
        """The picture the page names as its own, with the words of its first figure where the page states none."""
        stated = [(o, self._value({"v": v[0] if isinstance(v, list) else v}, "v")) for o, v in self.said("image")]
        nodes = [(o, v if isinstance(v, dict) else {}) for o, v in stated]
        pictured, shown, credited = _figure(self.tree)
        address, url_from = _first(
            *((o, v if isinstance(v, str) else text_of(v.get("url") or v.get("contentUrl"))) for o, v in stated if v),
            *self.tags("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src"),
            ("visible", pictured),
        )
        captions = [(o, split_credit(text_of(n.get("caption") or n.get("description")))) for o, n in nodes]
        caption, caption_from = _first(
            *((o, words) for o, (words, _) in captions),
            ("visible", shown),
            *self.tags("og:image:alt", "twitter:image:alt"),
        )
        credit, credit_from = _first(
            *((o, text_of(n.get("creditText")) or " / ".join(names_of(n.get("creator")))) for o, n in nodes),
            *((o, words) for o, (_, words) in captions),
            ("visible", credited),
        )
        link = absolute(self.url, address) if address else ""
        image = Image(url=without_tracking(link) if link else "", caption=caption, credit=credit)
        return image, url_from if link else "", caption_from, credit_from

    def _free(self) -> bool | None:
        for _, value in self.said("isAccessibleForFree"):
            said = str(value[0] if isinstance(value, list) else value).casefold()
            if said in ("true", "false"):
                return said == "true"
        tier = self.meta.get("article:content_tier", [""])[0].casefold()
        return {"free": True, "locked": False, "metered": None}.get(tier)

    def _dates(self) -> tuple[Claims, Claims]:
        published: Claims = [(o, text_of(v)) for key in ("datePublished", "dateCreated") for o, v in self.said(key)]
        updated: Claims = [(o, text_of(v)) for o, v in self.said("dateModified")]
        published += self.tags(*PUBLISHED)
        updated += self.tags(*UPDATED)
        timed, changed = self._times()
        published += timed
        updated += changed
        for node in self.pages:
            published += [("jsonld", text_of(node.get(key))) for key in ("datePublished", "uploadDate")]
            updated.append(("jsonld", text_of(node.get("dateModified"))))
        return [c for c in published if c[1]], [c for c in updated if c[1]]

    def _times(self) -> tuple[Claims, Claims]:
        """What the story's <time> elements and dated microdata say. The first that is not of another story counts, and
        those that say of themselves what they are."""
        published: Claims = []
        updated: Claims = []
        loose: Claims = []
        for element in _DATED(self.tree)[:MAX_LOOKED_AT]:
            said = (
                element.get("datetime")
                or element.get("content")
                or element.get("title")
                or one_line(element.text_content())
            )
            prop = element.get("itemprop") or ""
            name = f"{prop} {element.get('class') or ''} {element.get('id') or ''} {element.get('property') or ''}"
            around = element.getparent()
            told = one_line(f"{(around.text or '') if around is not None else ''} {element.text or ''}")[:MAX_DATE]
            if not said or _is_elsewhere(element):
                continue
            if prop in ("dateModified", "dateUpdated") or (
                prop != "datePublished" and _CHANGED.search(f"{name} {told}")
            ):
                updated.append(("time" if element.tag == "time" else "microdata", said))
            elif "datePublished" in prop or element.get("pubdate") is not None or re.search("publi|entry-date", name):
                published.append(("time" if element.tag == "time" else "microdata", said))
            elif element.tag == "time":
                loose.append(("time", said))
        return published + loose[:1], updated


_DATED: Any = etree.XPath(
    "//time | //*[@itemprop][contains(@itemprop, 'datePublished') or contains(@itemprop, 'dateModified')][not(self::meta)]"
)


def visible_dates(tree: HtmlElement, language: str = "") -> tuple[Claims, Claims]:
    """Texts near the headline that may say the date of publication and of the last change, the nearest first."""
    heading = next((h for h in tree.iter("h1", "h2") if len(one_line(h.text_content())) > CUT_LENGTH), None)
    after: list[Any] = (_AFTER(heading) if heading is not None else _ALL(tree))[:AROUND]
    before: list[Any] = _BEFORE(heading)[-BEFORE:][::-1] if heading is not None else []
    near = [text for pair in zip_longest(after, before) for text in pair if text is not None]
    published: Claims = []
    updated: Claims = []
    for text in near:
        said = one_line(str(text))
        longest = MAX_DATE if _CLOCK.search(said) else MAX_DAY
        if not (6 <= len(said) <= longest and _DIGIT.search(said)) or _is_elsewhere(text.getparent()):
            continue
        first, *changed = _split_change(said)
        if _DIGIT.search(first):
            published.append(("visible", first))
        updated += [("visible", part) for part in changed]
    days = [written.day for _, said in published if (written := parse(said, language=language))]
    # "updated 11:15": of the same day, since nobody says otherwise.
    dated = [(o, said if parse(said, language=language) or not days else f"{days[0]} {_clock(said)}") for o, said in updated]
    return published, dated


def _split_change(said: str) -> list[str]:
    """What a line says of the publication, and of the change ("18 Nov 10:04 – updated 11:37")."""
    change = _CHANGED.search(said)
    return [said[: change.start()], said[change.start() :]] if change else [said]


def _clock(said: str) -> str:
    found = _CLOCK.search(said)
    return f"{found[1]}:{found[2]}" if found else ""


_CLOCK = re.compile(r"\b([01]?\d|2[0-3])[:.hH]([0-5]\d)\b")
_ALL: Any = etree.XPath("//body//text()[normalize-space() != ''][not(ancestor::script or ancestor::figure)]")
_AFTER: Any = etree.XPath("following::text()[normalize-space() != ''][not(ancestor::script or ancestor::figure)]")
_BEFORE: Any = etree.XPath(
    "preceding::text()[normalize-space() != ''][not(ancestor::script or ancestor::head or ancestor::figure)]"
)


def _kind(name: str) -> Origin:
    return "opengraph" if name.startswith(("og:", "article:")) else "meta"


def _first(*claims: tuple[Origin, str]) -> tuple[str, Origin]:
    return next(((said, origin) for origin, said in claims if said), ("", cast(Origin, "")))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _language_of(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("alternateName") or value.get("name")
    return text_of(value)


def _words(value: Any) -> tuple[str, ...]:
    """Keywords, given as a list or as one text with commas."""
    texts = [text_of(v) for v in _as_list(value)]
    words = [part for text in texts for part in re.split(r"[,،;、，]", text)] if len(texts) < 3 else texts
    return tuple(dict.fromkeys(word for word in map(one_line, words) if word))[:50]


def _overlap(words: str, title: str) -> float:
    """How much of the shorter one's words the other shares, 0 to 1."""
    if words == title:
        return 1.0
    ours, theirs = _pieces(words), _pieces(title)
    return len(ours & theirs) / max(1, min(len(ours), len(theirs)))


def _pieces(words: str) -> set[str]:
    """Words; of scripts that do not part them, pairs of letters."""
    found: set[str] = set()
    for word in words.split():
        found.update([word] if word[0] < "\u2e80" else (word[i : i + 2] for i in range(len(word) - 1)))
    return found


@lru_cache(maxsize=8192)  # a page has few names, and its neighbours have the same
def _is_byline_name(name: str) -> bool:
    return _BYLINE_NAME.search(name) is not None


@lru_cache(maxsize=8192)
def _is_elsewhere_name(name: str) -> bool:
    return _ELSEWHERE.search(name) is not None


def _bylines(tree: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    for element in _NAMED(tree):
        name = element.get("class")
        if (
            (name is not None and _is_byline_name(name))
            or element.get("rel") == "author"
            or "author" in (element.get("itemprop") or "")
            or (element.get("data-testid") or "").startswith(("byline", "author"))
        ) and element.tag not in _WHOLE_PAGE:
            text = one_line(element.text_content())
            if 0 < len(text) <= MAX_BYLINE:
                yield element, text


def _is_heard(text: str, others: Sequence[str]) -> bool:
    """A headline that shares no word with anything the page states is a player's, or the outlet's own name."""
    heard = [only_words(other) for other in others if other]
    return not heard or any(_overlap(only_words(text), other) > 0 for other in heard)


def _texts(element: HtmlElement) -> str:
    return f"{element.text_content()} {element.tail or ''}"


def _kept_texts(heading: HtmlElement) -> Iterator[str]:
    """The texts of a heading without those of its kickers, labels and counters."""
    yield heading.text or ""
    for child in heading:
        if not _KICKER.search(f"{child.get('class') or ''} {child.get('id') or ''}"):
            yield child.text_content()
        yield child.tail or ""


def _headings(tree: HtmlElement) -> list[str]:
    """Headlines in other elements than <h1>: microformats' entry-title, and the large print of older pages."""
    marked = [one_line(e.text_content()) for e in _MARKED_UP(tree)[:3]]
    large = [] if tree.find(".//h1") is not None else [one_line(e.text_content()) for e in _LARGE(tree)[:3]]
    return [text for text in (*marked, *large) if CUT_LENGTH <= len(text) <= 300]


def _domain_names(url: str) -> list[str]:
    """What of an address may stand for the outlet in a title: www.lantern.co.example, lantern.co.example, lantern."""
    host = domain_of(url)
    labels = host.split(".")
    return [host, f"www.{host}", *(label for label in labels[:-1] if len(label) > 3)]


def _is_elsewhere(element: HtmlElement) -> bool:
    """Whether an element belongs to another story, to a reader's comment or to the frame of the page."""
    return any(
        around.tag in _ELSEWHERE_TAGS
        or _is_elsewhere_name(f"{around.get('class') or ''} {around.get('id') or ''}")
        for around in element.iterancestors()
        if around.tag not in ("body", "html", "main", "article")
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
