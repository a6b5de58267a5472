"""Where a site's feeds may be, from its home page and its robots.txt: addresses to try, the likeliest first."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from lxml import etree, html

from transforms.charsets import as_utf8
from transforms.records import Response
from transforms.sitemaps import is_of_news
from transforms.text import one_line
from transforms.urls import absolute, canonical_url, is_front_page, same_site, without_credentials

#: A page that names more is a directory of feeds.
MAX_CANDIDATES = 200
#: How far up from a dead feed to look.
MAX_PARENTS = 3
#: Paths that feeds have where no page says so, by how many kinds of publishing software use them.
FEED_PATHS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds/posts/default")
SITEMAP_PATHS = ("/sitemap-news.xml", "/news-sitemap.xml", "/sitemap_news.xml", "/news_sitemap.xml")
_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/json",
        "application/xml",
        "text/xml",
    }
)
#: WordPress links the machine's view of every page as an alternate of type JSON; JSON Feeds are told by their address.
_API = re.compile(r"/wp-json/|/oembed", re.IGNORECASE)
_FEED = re.compile(
    r"(?:^|[/._-])(?:rss|atom|feeds?|rdf)(?:[\d.]*)(?:[/._-]|$)|[?&](?:feed|format|type|output|alt)=(?:rss|atom|feed|rdf)",
    re.IGNORECASE,
)
#: Plurals: one comment, "Kommentar" or "comment is free" is an opinion piece.
_COMMENTS = re.compile(
    r"comments|kommentare\b|комментари|comentarios|comentários|commentaires|commenti\b|yorumlar|تعليقات", re.IGNORECASE
)
#: Of a part of the outlet only: one tag, section or author.
_PART = re.compile(r"/(?:tags?|topics?|authors?|users?|categor(?:y|ies)|people|search|label)s?(?:/|$|=)", re.IGNORECASE)
_LINKS: Any = etree.XPath("descendant::link[@href and @rel]")
_ANCHORS: Any = etree.XPath("descendant::a[@href]")
_BASE: Any = etree.XPath("string(descendant::base/@href)")
#: Hosts that serve an outlet's feeds.
_OF_FEEDS = re.compile(r"^(?:feeds?|rss)\d?\.(?=[^.]+\.)")

Why = Literal["alternate", "link", "robots", "path"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address that may be a feed's. `why`: the page calls it its feed, links to it as if it were one, robots.txt
    names it as a sitemap, or feeds often have this path."""

    url: str
    why: Why
    #: As the page calls it.
    title: str = ""
    #: Of readers' comments, not of stories.
    comments: bool = False


def candidates(page: Response, sitemaps: Sequence[str] = ()) -> list[Candidate]:
    """Where the feeds of a web page's site may be, the likeliest first; `sitemaps` are those of its robots.txt.

    Feeds the page itself names come first, those of its own site before those elsewhere, then sitemaps of news, then
    feeds of a part of the site, well-known paths, other sitemaps, and feeds of comments last.
    """
    home = page.final_url
    found = [*_named(page), *_guessed(home, sitemaps)]
    ranked = sorted(enumerate(found), key=lambda numbered: (_rank(numbered[1], home), numbered[0]))
    unique: dict[str, Candidate] = {}
    for _, candidate in ranked:
        unique.setdefault(canonical_url(candidate.url), candidate)
    return list(unique.values())[:MAX_CANDIDATES]


def elsewhere(feed_url: str) -> list[str]:
    """Pages that may name the new address of a feed that died: the folders above it, up to its site's home page."""
    parts = urlsplit(without_credentials(feed_url))
    root = f"{parts.scheme}://{parts.netloc}"
    steps = [step for step in parts.path.split("/") if step]
    folders = ["/".join(["", *steps[:n], ""]) for n in range(len(steps) - 1, 0, -1)][:MAX_PARENTS]
    pages = [root + folder for folder in [*folders, "/"]]
    if served := _OF_FEEDS.match(parts.netloc):
        pages.append(f"{parts.scheme}://{parts.netloc[served.end() :]}/")
    return [page for page in pages if page != feed_url]


def _named(page: Response) -> Iterator[Candidate]:
    """What the page itself says."""
    try:
        tree = html.document_fromstring(as_utf8(page), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError):  # no element at all
        return
    base = absolute(page.final_url, _BASE(tree)) or page.final_url
    for link in _LINKS(tree):
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        url = absolute(base, link.get("href"))
        if "alternate" in link.get("rel").lower().split() and kind in _TYPES and url and not _API.search(url):
            yield _candidate(url, "alternate", link.get("title") or "")
    for anchor in _ANCHORS(tree):
        url = absolute(base, anchor.get("href"))
        # Elsewhere, "/rss" is mostly somebody's profile or a feed reader.
        if url and same_site(url, page.final_url) and looks_like_feed(url):
            yield _candidate(url, "link", anchor.text_content())


def looks_like_feed(url: str) -> bool:
    """Whether an address has the words in it that those of feeds mostly have."""
    parts = urlsplit(url)
    return bool(_FEED.search(unquote(parts.path) + (f"?{parts.query}" if parts.query else "")))


def _guessed(home: str, sitemaps: Sequence[str]) -> Iterator[Candidate]:
    for sitemap in sitemaps:
        if url := absolute(home, sitemap):
            yield _candidate(url, "robots")
    for path in (*FEED_PATHS, *(() if sitemaps else SITEMAP_PATHS)):
        yield _candidate(absolute(home, path), "path")


def _candidate(url: str, why: Why, title: str = "") -> Candidate:
    said = one_line(title)[:200]
    path = unquote(url.partition("//")[2].partition("/")[2])
    return Candidate(
        url=url.partition("#")[0],
        why=why,
        title=said,
        comments=bool(_COMMENTS.search(path) or _COMMENTS.search(said)),
    )


def _rank(candidate: Candidate, home: str) -> int:
    if candidate.comments:
        return 8
    if candidate.why == "path":
        return 6
    if candidate.why == "robots":
        return 4 if is_of_news(candidate.url) else 7
    if not is_front_page(home) and canonical_url(candidate.url).startswith(canonical_url(home) + "/"):
        return 0  # who asks for /tag/war wants /tag/war/feed
    if _PART.search(candidate.url):
        return 5
    if candidate.why == "link":
        return 3
    return 1 if same_site(candidate.url, home) else 2
