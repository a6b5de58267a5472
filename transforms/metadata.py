"""What a page says about itself, weighed: JSON-LD and microdata, meta tags, <time> elements, and the words that a
reader sees around the headline. Each field says where it comes from; one the page is silent about stays empty."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from transforms import visible
from transforms.agencies import agencies_in
from transforms.bylines import announced, from_visible, is_person, people
from transforms.headlines import Witness, headline, names_of_host
from transforms.languages import primary_subtag
from transforms.moments import Claim
from transforms.records import Image, Origin, Provenance
from transforms.statements import MAX_HEADINGS, Statements, kind_of
from transforms.structured import (
    AUTHORS,
    KEYWORDS,
    LISTING_TYPES,
    PUBLISHED,
    SECTIONS,
    UPDATED,
    language_of,
    names_of,
    persons_and_groups,
    text_of,
    text_stated,
    types_of,
    words_of,
)
from transforms.text import only_words, overlap
from transforms.urls import absolute, domain_of, is_followable, without_tracking
from transforms.wire import split_credit

Claims = list[Claim]

#: Fields in which publishers name the agency whose copy they run.
_AGENCY_FIELDS = ("author", "creator", "sourceOrganization", "creditText", "provider", "copyrightHolder", "contributor")
_AGENCY_TAGS = ("article:source", "dc.source", "source", "copyright", "dc.rights", *AUTHORS)
#: Yoast's way to say who wrote it: <meta name="twitter:label1" content="Written by">.
_LABELS = tuple((f"twitter:label{n}", f"twitter:data{n}") for n in range(1, 4))
_WRITTEN_BY = re.compile(
    r"(?:written|geschrieben|verfasst|[ée]crit|escrito|scritto|geschreven|skriv|автор|napisa|autor|yazan)",
    re.IGNORECASE,
)
#: How much each place counts when the headline is looked for: what a reader sees, unless it is about something else;
#: what is stated for machines; what repeats another place; and the window's title, which is made for search engines.
AKIN = 0.25
#: More authors and dates than these are an attack, or a list.
MAX_AUTHORS, MAX_DATES = 50, 40
SHOWN, UNHEARD, STATED, MARKED_UP, COPIED, WINDOW = 3.5, 0.2, 2.2, 2.5, 0.4, 1.0
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-z]{2,8}|[-_]\d{3})*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMetadata:
    """A page's statements about itself; empty where it makes none."""

    title: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    agency: str = ""
    #: Authors that the page says are organizations, case-folded.
    groups: frozenset[str] = frozenset()
    #: What is claimed as the date of publication and of the last change, in the order of trust, as written.
    published: tuple[Claim, ...] = ()
    updated: tuple[Claim, ...] = ()
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
    #: The text of <title>, and of each <h1>.
    window: str = ""
    headings: tuple[str, ...] = ()
    #: Whether the story may be read without paying; None where the page does not say.
    free: bool | None = None
    #: Whether the page says that it is an article and how that is headed, or that it is a list.
    is_article: bool = False
    is_listing: bool = False
    og_type: str = ""
    provenance: Provenance = Provenance()


def read_metadata(tree: HtmlElement, url: str) -> PageMetadata:
    """Read the statements of a parsed page; never raises for bad markup."""
    return _Page(tree, url).metadata()


class _Page:
    def __init__(self, tree: HtmlElement, url: str) -> None:
        self.tree, self.url = tree, url
        self.states = Statements(tree, url)
        self.said, self.tags, self.meta = self.states.said, self.states.tags, self.states.meta
        self.bylines = visible.bylines(tree)
        #: What is said to be an organization, case-folded.
        self.groups: set[str] = set()

    def metadata(self) -> PageMetadata:
        sites = self._site_names()
        witnesses = self._witnesses()
        title, title_from = headline(witnesses, [*sites, *names_of_host(self.url)])
        outlet = sites[0] if sites else ""
        authors, authors_from = self._authors(outlet)
        agency, agency_from = self._agency(sites)
        description, description_from = _first(
            *((o, text_of(v)) for o, v in self.said("description")),
            *self.tags("og:description", "description", "twitter:description", "dc.description"),
        )
        keywords, keywords_from = self._keywords()
        section, section_from = self._section()
        locale, language_from = self._locale()
        image, url_from, caption_from, credit_from = self._image()
        published, updated = self._dates()
        og_type = self.meta.get("og:type", [""])[0].lower()
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
            text=max((text_stated(node) for node in self.states.story), key=len, default=""),
            headlines=tuple(t for t in (title, *self.states.shown[:MAX_HEADINGS], *(w.text for w in witnesses)) if t),
            free=self._free(),
            window=self.states.window,
            headings=tuple(self.states.shown),
            is_article=bool(self.said("headline")) or (og_type == "article" and "og:title" in self.meta),
            og_type=og_type,
            is_listing=any(types_of(node) & LISTING_TYPES for node in self.states.ld.nodes),
            groups=frozenset(self.groups),
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
        sites = [text_of(node.get("name")) for node in self.states.ld.of_types(["WebSite", "NewsMediaOrganization"])]
        # Some systems write the story's headline there as well.
        stories = {
            only_words(text)
            for text in (*self.meta.get("og:title", ()), *(text_of(v) for _, v in self.said("headline")))
        }
        names = dict.fromkeys(name for name in (*publishers, *named, *sites) if name and not is_followable(name))
        return [name for name in names if only_words(name) not in stories]

    def _witnesses(self) -> list[Witness]:
        others = [text_of(value) for _, value in self.said("headline")]
        others += [content for _, content in self.tags("og:title")] + [self.states.window]
        found = [
            self._heading(h, text, others)
            for h, text in zip(islice(self.tree.iter("h1"), MAX_HEADINGS), self.states.shown, strict=False)
        ]
        found += [Witness(text_of(v), origin, STATED) for origin, v in self.said("headline")[:4]]
        found += [Witness(text, "opengraph", STATED) for _, text in self.tags("og:title")[:1]]
        copies = self.tags("twitter:title", "dc.title", "title")[:1] if "og:title" not in self.meta else []
        found += [Witness(text, "meta", COPIED) for _, text in copies]
        if not any(witness.weight == SHOWN for witness in found):
            found += [Witness(text, "visible", MARKED_UP) for text in visible.other_headings(self.tree)]
        found.append(Witness(self.states.window, "page", WINDOW))
        return [witness for witness in found if witness.text]

    @staticmethod
    def _heading(heading: HtmlElement, text: str, others: Sequence[str]) -> Witness:
        """A heading without its kicker. One that shares few words with anything the page states is a player's, or the
        outlet's own name."""
        heard = [only_words(other) for other in others if other]
        is_heard = not heard or any(overlap(only_words(text), other) >= AKIN for other in heard)
        weight = SHOWN if is_heard and not visible.leads_home(heading) else UNHEARD
        return Witness(visible.without_kicker(heading) or text, "visible", weight, visible.pieces(heading))

    def _authors(self, outlet: str) -> tuple[tuple[str, ...], Origin]:
        """The first place that names people; the words a reader sees, where they name the same and more."""
        domain = domain_of(self.url)
        seen = self._seen(self.bylines, outlet, domain)
        for origin, names in self._named_authors():
            found = people(names, outlet=outlet, domain=domain)
            if found := tuple(name for name in found if name.casefold() not in self.groups):
                known = {name.casefold() for name in found}
                if len(seen) > len(found) and known <= {name.casefold() for name in seen}:
                    return seen, "visible"
                return found, origin
        seen = seen or self._seen(visible.author_links(self.tree), outlet, domain)
        near = visible.near_headline(self.tree) if not seen else []
        seen = seen or next((n for text in near if (n := announced(text, outlet=outlet, domain=domain))), ())
        return seen, "visible" if seen else ""

    def _named_authors(self) -> Iterable[tuple[Origin, list[str]]]:
        for origin, value in self.said("author"):
            nodes = [self.states.value({"v": v}, "v") for v in _as_list(value)[:MAX_AUTHORS]]
            persons, groups = persons_and_groups(nodes)
            self.groups.update(name.casefold() for name in groups)
            yield origin, persons
        for origin, value in self.said("creator"):
            yield origin, names_of(value)
        for name in AUTHORS:
            if said := [content for content in self.meta.get(name, ()) if not is_followable(content)]:
                yield kind_of(name), said[:MAX_AUTHORS]
        for label, data in _LABELS:
            if any(_WRITTEN_BY.search(said) for said in self.meta.get(label, ())):
                yield "meta", self.meta.get(data, [])
        for node in self.states.pages:
            yield "jsonld", names_of(self.states.value(node, "author"))

    @staticmethod
    def _seen(texts: Sequence[str], outlet: str, domain: str) -> tuple[str, ...]:
        """The names in the first text that reads like a byline, as a whole or line by line."""
        for text in texts:
            if names := from_visible(text, outlet=outlet, domain=domain):
                return names
        for text in texts:
            if names := people(filter(is_person, text.split("\n")), outlet=outlet, domain=domain):
                return names
        return ()

    def _agency(self, sites: Sequence[str]) -> tuple[str, Origin]:
        claims = [(o, " / ".join(names_of(v))) for key in _AGENCY_FIELDS for o, v in self.said(key)]
        claims += self.tags(*_AGENCY_TAGS)
        claims += [("visible", text) for text in self.bylines]
        for origin, text in claims:
            if len(text) <= visible.MAX_BYLINE and (found := agencies_in(text)):
                return " / ".join(found), origin
        stated = ((o, [n for n in names_of(v) if n not in sites]) for o, v in self.said("sourceOrganization"))
        return _first(*((o, " / ".join(names)) for o, names in stated))

    def _keywords(self) -> tuple[tuple[str, ...], Origin]:
        for origin, value in self.said("keywords"):
            if words := words_of(value):
                return words, origin
        for name in KEYWORDS:
            if words := words_of(self.meta.get(name, [])):
                return words, kind_of(name)
        return (), ""

    def _section(self) -> tuple[str, Origin]:
        crumbs = [
            text_of(self.states.ld.resolved(item.get("item", item)) or "") or text_of(item.get("name"))
            for node in self.states.ld.of_types(["BreadcrumbList"])
            for item in _as_list(node.get("itemListElement"))
            if isinstance(item, dict)
        ]
        titles = {only_words(t) for t in (*self.states.shown, self.states.window)}
        # The first crumb is the home page, the last often the story itself.
        inner = [c for c in crumbs[1:] if only_words(c) not in titles]
        return _first(
            *((o, text_of(v)) for o, v in self.said("articleSection")),
            *self.tags(*SECTIONS),
            ("jsonld", inner[-1] if inner else ""),
        )

    def _locale(self) -> tuple[str, Origin]:
        languages = [(o, language_of(v)) for o, v in self.said("inLanguage")]
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
        stated = [(o, self.states.value({"v": v[0] if isinstance(v, list) else v}, "v")) for o, v in self.said("image")]
        stated = [(o, v) for o, v in stated if isinstance(v, str | dict)]
        nodes = [(o, v if isinstance(v, dict) else {}) for o, v in stated]
        pictured, shown, credited = visible.figure(self.tree)
        addresses: Claims = [
            *((o, v if isinstance(v, str) else text_of(v.get("url") or v.get("contentUrl"))) for o, v in stated if v),
            *self.tags("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src"),
            ("visible", pictured),
        ]
        link, url_from = _first(*((o, absolute(self.url, address)) for o, address in addresses if address))
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
        image = Image(url=without_tracking(link) if link else "", caption=caption, credit=credit)
        return image, url_from, caption_from, credit_from

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
        timed, changed = visible.times(self.tree)
        published += timed
        updated += changed
        for node in self.states.pages:
            published += [("jsonld", text_of(node.get(key))) for key in ("datePublished", "uploadDate")]
            updated.append(("jsonld", text_of(node.get("dateModified"))))
        return [c for c in published if c[1]][:MAX_DATES], [c for c in updated if c[1]][:MAX_DATES]


def _first(*claims: tuple[Origin, str]) -> tuple[str, Origin]:
    return next(((said, origin) for origin, said in claims if said), ("", ""))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
