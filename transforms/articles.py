"""A fetched page, or a feed's own words, becomes an article. trafilatura reads the body; the page's own statements
(`transforms.metadata`) come before its guesses."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import trafilatura
from lxml import etree, html
from lxml.html import HtmlElement
from trafilatura.metadata import extract_metadata
from trafilatura.settings import Document, use_config

from transforms.charsets import UTF16, as_utf8
from transforms.errors import NotAnArticle
from transforms.metadata import Moment, PageMetadata, people, read_metadata, split_credit
from transforms.records import Article, BodySource, Entry, Image, Response, Source, Urls
from transforms.revisions import status_of
from transforms.text import one_line, only_words, paragraphs
from transforms.urls import canonical_url, doc_id, domain_of, is_front_page, without_credentials, without_tracking

#: Titles that pages put up instead of their story (REFERENCES.md, item 11). They count only where there is little text:
#: a story may be headlined "Access denied".
_BLOCKED = re.compile(
    r"""^(?:just\ a\ moment|attention\ required|access\ (?:to\ this\ page\ has\ been\ )?denied
    |are\ you\ (?:a\ )?(?:robot|human)|checking\ your\ browser|verif(?:y|ying)\ (?:that\ )?you\ are\ (?:a\ )?human
    |security\ check|one\ more\ step|please\ wait|ddos-guard|robot\ check|captcha|pardon\ our\ interruption
    |(?:error\ )?(?:403|404|500|502|503|504)\b|page\ not\ found|not\ found|service\ unavailable|forbidden)""",
    re.IGNORECASE | re.VERBOSE,
)
_BLOCKED_MAX_TEXT = 1_500
#: A body this short may be a teaser, or a page that trafilatura's fast mode cannot read.
LITTLE_TEXT = 500
#: A clock may be a little ahead of ours before a date counts as one from the future.
_CLOCK_SKEW = timedelta(minutes=5)
_HTML_TYPES = re.compile(r"^(?:text/(?:html|plain)|application/xhtml\+xml|application/octet-stream)?$")
_NOT_HTML = re.compile(
    rb"^(?:%PDF-|\x89PNG|\xff\xd8\xff|GIF8|PK\x03\x04|\x1f\x8b|<\?xml[^>]*>\s*<(?:rss|feed|urlset|sitemapindex|rdf:RDF)\b|<(?:rss|feed|urlset)\b)"
)
#: One a process; lxml serialises its use. Comments and processing instructions are never news.
_PARSER = html.HTMLParser(encoding="utf-8", collect_ids=False, remove_comments=True, remove_pis=True)
_SCRIPTS: Any = etree.XPath("//script[not(contains(@type, 'ld+json'))]")
_NO_TEXT = ("style", "svg", "link", "iframe", "template", "canvas", "object", "embed", "select", "audio", "video")
_TITLE_CUT = ("…", "...")
#: Below this many characters trafilatura gives up its reading for all the words on the page. Its own 250 puts the
#: navigation into every flash; on shared/pages 30 reads better, too (F1 .965 against .960).
MIN_READING = 30
_READING = use_config()
_READING.set("DEFAULT", "MIN_EXTRACTED_SIZE", str(MIN_READING))


def read_page(entry: Entry, response: Response) -> Article:
    """The article on a page; where the page gives less text than the feed did, with the feed's own text.

    Raises:
        NotAnArticle: the answer is no web page, a challenge or error page, a front page, or has no text at all.
    """
    url = without_credentials(response.final_url)
    if is_front_page(url) and not is_front_page(entry.url):
        raise NotAnArticle(entry.url, "the site sent us to its front page")
    tree = _parse(entry, response)
    said = read_metadata(tree, url)
    if not (said.title or entry.title) or not (said.published or entry.published_at):
        said = _with_guesses(said, tree, url)
    title = entry.title if entry.title and not entry.title.endswith(_TITLE_CUT) else said.title or entry.title
    body = _without_headline(_body(tree, url), {title, said.title})
    _refuse_blocked(entry, tree, body)
    own = entry.text or entry.description
    own_words = len(own) > len(body)
    if not body and not own:
        raise NotAnArticle(entry.url, "there is no text on the page, nor in the feed")
    # Where the feed's words stand in, the page may be anything (a login form that all stories share): it is no
    # identity, and what it says of itself counts only if it is headed as the story is.
    if own_words and not (entry.title and only_words(entry.title) in only_words(said.title)):
        said = PageMetadata()
    return _article(
        entry,
        said,
        url,
        identity=entry.url if own_words or is_front_page(url) else url,
        title=title,
        body=own if own_words else body,
        body_source="feed" if own_words else "page",
        fetched_at=response.fetched_at,
    )


def from_feed(entry: Entry, *, fetched_at: datetime) -> Article | None:
    """The article that the feed's own words make while its page cannot be read; None when they say nothing.

    A headline alone is kept: a flash is short, but it is news (REFERENCES.md, item 12).
    """
    own = entry.text or entry.description
    if not (entry.title or own):
        return None
    return _article(
        entry,
        PageMetadata(),
        entry.url,
        identity=entry.url,
        title=entry.title,
        body=own,
        body_source="feed",
        fetched_at=fetched_at,
    )


def _article(
    entry: Entry,
    said: PageMetadata,
    url: str,
    *,
    identity: str,
    title: str,
    body: str,
    body_source: BodySource,
    fetched_at: datetime,
) -> Article:
    """What the page says of itself, and the feed where the page is silent."""
    published = _published(said, entry, fetched_at)
    updated = [claim.at for claim in said.updated] + ([entry.updated_at] if entry.updated_at else [])
    return Article(
        id=doc_id(identity),
        url=without_tracking(url),
        urls=Urls(announced=entry.url, final=url, canonical=canonical_url(identity)),
        title=title,
        description=said.description or entry.description,
        body=body,
        body_source=body_source,
        authors=said.authors or people(entry.authors),
        published_at=published.at,
        published_precision=published.precision,
        published_source=published.source,
        updated_at=next((at for at in updated if published.at < at <= fetched_at + _CLOCK_SKEW), None),
        language=said.language or entry.language or "und",
        keywords=said.keywords or entry.keywords,
        image=_image(said.image, entry.image),
        source=_source(entry, url, said.site_name),
        section=said.section,
        status=status_of(title),
        first_seen_at=entry.seen_at,
        fetched_at=fetched_at,
    )


def _parse(entry: Entry, response: Response) -> HtmlElement:
    kind = response.content_type.partition(";")[0].strip().lower()
    start = response.body[:512].lstrip()
    if not response.body.strip():
        raise NotAnArticle(entry.url, "the answer is empty")
    if not _HTML_TYPES.match(kind) or _NOT_HTML.match(start) or (b"\0" in start and not start.startswith(UTF16)):
        raise NotAnArticle(entry.url, f"the answer is no web page ({kind or 'no content type'})")
    tree = _tree(response)
    if tree is None:
        raise NotAnArticle(entry.url, "the answer cannot be read as HTML")
    return tree


def _tree(response: Response) -> HtmlElement | None:
    """The page's one parse. What trafilatura throws away in any case goes first: it copies and searches what stays."""
    try:
        tree = html.document_fromstring(as_utf8(response), parser=_PARSER)
    except etree.LxmlError:
        return None
    for script in _SCRIPTS(tree):
        script.drop_tree()
    etree.strip_elements(tree, *_NO_TEXT, with_tail=False)
    return tree


def _body(tree: HtmlElement, url: str) -> str:
    """trafilatura's text. Its fast mode, which asks no second extractor, is right more often on real news pages (F1
    .960 against .958 over shared/pages) and takes a quarter less time; where it finds little, the thorough mode tries.
    """

    def read(*, fast: bool) -> str:
        # Not extract_with_metadata(): that one writes a YAML header into .text (golden test).
        found = trafilatura.bare_extraction(
            tree,
            url=url,
            with_metadata=False,
            include_comments=False,
            include_tables=False,
            fast=fast,
            config=_READING,
        )
        return paragraphs(found.text or "") if isinstance(found, Document) else ""

    text = read(fast=True)
    return text if len(text) >= LITTLE_TEXT else max(text, read(fast=False), key=len)


def _without_headline(body: str, titles: set[str]) -> str:
    """`body` without the headline that trafilatura may leave as its first paragraph."""
    first, _, rest = body.partition("\n")
    return rest if rest and first in titles else body


def _with_guesses(said: PageMetadata, tree: HtmlElement, url: str) -> PageMetadata:
    """`said` with trafilatura's reading of the visible page where the page's own statements are silent."""
    guess = extract_metadata(tree, default_url=url)
    published = said.published
    # New Year's Day is how a guess spells "some day of that year": a copyright line says no more, and the feed or the
    # moment it was first seen is nearer to the truth.
    if not published and guess.date and not guess.date.endswith("-01-01"):
        day = datetime.fromisoformat(guess.date).replace(tzinfo=UTC)
        published = (Moment(at=day, precision="day", source="page"),)
    return replace(
        said,
        title=said.title or one_line(guess.title or ""),
        authors=said.authors or people((guess.author or "").split(";")),
        published=published,
        site_name=said.site_name or one_line(guess.sitename or ""),
    )


def _refuse_blocked(entry: Entry, tree: HtmlElement, body: str) -> None:
    heading = next((one_line(h.text_content()) for h in tree.iter("h1")), "")
    shown = one_line(tree.findtext(".//title") or "")
    notice = next((text for text in (shown, heading) if _BLOCKED.match(text)), "")
    # The feed knows the headline: a story that is really called so is no challenge.
    expected = bool(entry.title) and entry.title.casefold() in notice.casefold()
    if notice and not expected and len(body) <= _BLOCKED_MAX_TEXT:
        raise NotAnArticle(entry.url, f"the page shows {notice[:80]!r} instead of its story")


def _published(said: PageMetadata, entry: Entry, fetched_at: datetime) -> Moment:
    """The best claim that is not from the future: those to the minute first, the page's before the feed's."""
    claims = [*said.published]
    if entry.published_at:
        claims.append(Moment(at=entry.published_at, precision=entry.published_precision, source="feed"))
    past = [claim for claim in claims if claim.at <= fetched_at + _CLOCK_SKEW]
    best = sorted(past, key=lambda claim: claim.precision == "day")  # stable: the page's own order is kept
    return best[0] if best else Moment(at=entry.seen_at, precision="minute", source="crawl")


def _image(page: Image, feed: Image) -> Image:
    """The page's picture, with the feed's words where the page has none."""
    caption, credit = split_credit(page.caption or feed.caption)
    return Image(url=page.url or feed.url, caption=caption, credit=page.credit or feed.credit or credit)


def _source(entry: Entry, url: str, site_name: str) -> Source:
    return Source(name=entry.source_name or site_name, feed_id=entry.feed_id, domain=domain_of(url))
