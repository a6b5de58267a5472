"""A fetched page, or a feed's own words, becomes an article: `transforms.bodies` reads the text, `transforms.metadata`
what the page says of it, and here the page, the feed and the copy's own marks are put together."""

import re
from copy import deepcopy
from datetime import UTC, datetime, time
from typing import TypeVar, cast

import htmldate
from lxml import etree
from lxml.html import HtmlElement

from transforms.agencies import agencies_in, is_agency
from transforms.bodies import read_body
from transforms.bylines import SIGNED_LAST, people, signed
from transforms.datelines import read_dateline
from transforms.dates import day_in_url
from transforms.entries import MAX_TEXT
from transforms.errors import (
    Challenged,
    ConsentWall,
    ErrorPage,
    IndexPage,
    LoginWall,
    NotAnArticle,
    Paywalled,
)
from transforms.headlines import without_site
from transforms.languages import language
from transforms.metadata import PageMetadata, read_metadata
from transforms.moments import CLOCK_SKEW, Claim, Moment, settle
from transforms.pages import parse_page
from transforms.phrases import Kind
from transforms.records import (
    Article,
    BodySource,
    Entry,
    Image,
    Origin,
    Provenance,
    Response,
    Source,
    Status,
    Urls,
    Visit,
)
from transforms.refusals import RAW, Shown, is_partial, refusal
from transforms.text import only_words
from transforms.urls import canonical_url, doc_id, domain_of, is_front_page, without_credentials, without_tracking
from transforms.visible import dates_near_headline, near_headline
from transforms.wire import read_headline, read_notes, split_credit

Value = TypeVar("Value")

#: What a page that is no article is rejected as.
_REFUSED: dict[Kind, type[NotAnArticle]] = {
    "challenge": Challenged,
    "consent": ConsentWall,
    "login": LoginWall,
    "paywall": Paywalled,
    "error": ErrorPage,
    "index": IndexPage,
    "empty": NotAnArticle,
}
#: An embargo is announced above the text; looked for only where the page has the word.
_EMBARGO = (b"mbargo", b"MBARGO", b"perrfrist")
#: So many paragraphs may stand before and at the dateline.
MAX_BEFORE = 10
#: A signature is in brackets at the end, or a paragraph of its own that is no longer than this.
_ENDING = re.compile(r"[(（]([^()（）]{2,40})[)）]\s*$")
SIGNATURE = 60
_TITLE_CUT = ("…", "...")


def read_page(entry: Entry, response: Response) -> Article:
    """The article on a page; where the page gives less text than the feed did, with the feed's own text.

    Raises:
        NotAnArticle: the answer is no web page, a front page, or has no text at all; or, by its subclasses, a
            challenge, a wall, an error page or an index.
    """
    url = without_credentials(response.final_url)
    if is_front_page(url) and not is_front_page(entry.url):
        raise NotAnArticle(entry.url, "the site sent us to its front page")
    tree = parse_page(entry.url, response)
    held = list(tree.iter())  # lxml makes an element's wrapper anew whenever nobody holds it: an eighth of the time
    said = read_metadata(tree, url)
    whole = read_body(
        tree,
        url,
        headlines=tuple(filter(None, (entry.title, *said.headlines))),
        stated=said.text,
        paid=said.free is False,
    )
    body = whole[:MAX_TEXT]
    page = Shown(
        tree=tree,
        raw=response.body[:RAW],
        url=url,
        title=said.window,
        headings=said.headings,
        body=body,
        expected=entry.title,
        stated_article=said.is_article,
        listing=said.is_listing,
        og_type=said.og_type,
        free=said.free,
    )
    own = entry.text or entry.description
    own_words = len(own) > len(body)
    if (found := refusal(page)) and not (found.kind == "empty" and own):
        raise _REFUSED[found.kind](entry.url, f"the page shows {found.shown!r} instead of its story")
    if not body and not own:
        raise NotAnArticle(entry.url, "there is no text on the page, nor in the feed")
    # Where the feed's words stand in, the page may be anything (a login form that all stories share): it is no
    # identity, and what it says of itself counts only if it is headed as the story is.
    if own_words and not (entry.title and only_words(entry.title) in only_words(said.title)):
        said = PageMetadata()
    article = _article(
        entry,
        said,
        _moments(said, entry, tree, url, response.fetched_at),
        url,
        identity=entry.url if own_words or is_front_page(url) else url,
        body=own if own_words else body,
        body_source="feed" if own_words else "page",
        partial=own != entry.text if own_words else is_partial(page) or body != whole,
        beside="\n".join(near_headline(tree)) if any(word in response.body for word in _EMBARGO) else "",
        fetched_at=response.fetched_at,
    )
    del held
    return article


def read_visit(visit: Visit, response: Response) -> Article:
    """As `read_page`. Whoever is handed this imports what it stands in: workers, which have no need of Beam."""
    return read_page(visit.entry, response)


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
        _moments(PageMetadata(), entry, None, entry.url, fetched_at),
        entry.url,
        identity=entry.url,
        body=own,
        body_source="feed",
        partial=own != entry.text,
        fetched_at=fetched_at,
    )


def _article(
    entry: Entry,
    said: PageMetadata,
    moments: tuple[Moment, Moment | None],
    url: str,
    *,
    identity: str,
    body: str,
    body_source: BodySource,
    partial: bool,
    fetched_at: datetime,
    beside: str = "",
) -> Article:
    """What the page says of itself, the feed where the page is silent, and what the copy's own marks say."""
    published, updated = moments
    by_page = said.provenance
    outlet = entry.source_name or said.site_name
    announced = without_site(entry.title, [entry.source_name, said.site_name, domain_of(url)])
    given: Claim = ("feed", announced) if announced and not _is_cut(announced) else (by_page.title, said.title)
    title, title_from = _first((given[1], given[0]), (announced, "feed"))
    head, other = read_headline(title), read_headline(said.title)
    notes, above = read_notes(body), read_notes(beside)
    dateline = read_dateline(_copy(body))
    announced_by = [name for name in entry.authors if name.casefold() not in said.groups]
    authors, authors_from = _first(
        (said.authors, by_page.authors),
        (people(announced_by, outlet=outlet, domain=domain_of(url)), "feed"),
        (signed(body, outlet=outlet, domain=domain_of(url)), "visible"),
    )
    agency, agency_from = _first(
        (" / ".join(dateline.agencies) if dateline else "", "dateline"),
        (said.agency, by_page.agency),
        (_signing_agency(body), "visible"),
    )
    description, description_from = _first((said.description, by_page.description), (entry.description, "feed"))
    keywords, keywords_from = _first((said.keywords, by_page.keywords), (entry.keywords, "feed"))
    declared = _first((said.language, by_page.language), (entry.language, "feed"))
    spoken, spoken_from = language(f"{head.title}\n{body}", declared)
    image, of_image = _image(said, entry.image)
    embargo = notes.embargoed_until or head.embargoed_until or above.embargoed_until
    return Article(
        id=doc_id(identity),
        url=without_tracking(url),
        urls=Urls(announced=entry.url, final=url, canonical=canonical_url(identity)),
        title=head.title,
        description=description,
        body=body,
        body_source=body_source,
        authors=authors,
        published_at=published.at,
        published_precision=published.precision,
        published_source=published.source,
        updated_at=updated.at if updated else None,
        language=spoken,
        keywords=keywords,
        image=image,
        source=Source(name=outlet or domain_of(url), feed_id=entry.feed_id, domain=domain_of(url), agency=agency),
        section=said.section,
        located=dateline.located if dateline else "",
        dateline=dateline.text if dateline else "",
        slug=head.slug or notes.slug,
        edition_note="; ".join(
            dict.fromkeys(note for note in (head.edition_note or other.edition_note, notes.edition_note) if note)
        ),
        embargoed_until=embargo,
        status=_status((head.status, other.status, notes.status, above.status), embargo, fetched_at),
        partial=partial,
        first_seen_at=entry.seen_at,
        fetched_at=fetched_at,
        provenance=Provenance(
            title=title_from,
            authors=authors_from,
            agency=agency_from,
            updated_at=updated.source if updated else "",
            description=description_from,
            keywords=keywords_from,
            section=by_page.section,
            language=spoken_from,
            image_url=of_image[0],
            image_caption=of_image[1],
            image_credit=of_image[2],
        ),
    )


def _first(*claims: tuple[Value, Origin]) -> tuple[Value, Origin]:
    """The first value that is not empty and its origin; the last one, from nowhere, where all are."""
    return next((claim for claim in claims if claim[0]), (claims[-1][0], ""))


def _is_cut(title: str) -> bool:
    return title.endswith(_TITLE_CUT)


def _copy(body: str) -> str:
    """The beginning of a text without the notes and the points that agencies put before it."""
    lines = body.split("\n", MAX_BEFORE)[:MAX_BEFORE]
    return "\n".join(line for line in lines if not (line.startswith("- ") or (line[:1] == "(" and line[-1:] == ")")))


def _signing_agency(body: str) -> str:
    """The agency that a text ends with: "(APA, 17.11.2026)", "Zdroj: ČTK"."""
    for line in body.split("\n")[-SIGNED_LAST:]:
        ending = _ENDING.search(line)
        signs = len(line) <= SIGNATURE and (":" in line or is_agency(line))
        if found := agencies_in(ending[1] if ending else line if signs else ""):
            return " / ".join(found)
    return ""


def _status(said: tuple[Status, ...], embargo: datetime | None, fetched_at: datetime) -> Status:
    """What most limits the story's use; an embargo that has passed limits nothing."""
    for status in ("withdrawn", "embargoed", "corrected"):
        if status in said and not (status == "embargoed" and embargo and embargo <= fetched_at):
            return cast(Status, status)
    return "embargoed" if embargo and embargo > fetched_at else "usable"


def _moments(
    said: PageMetadata, entry: Entry, tree: HtmlElement | None, url: str, fetched_at: datetime
) -> tuple[Moment, Moment | None]:
    """The moments of publication and of the last change; the first is when we saw it where nobody says."""

    def named(claims: tuple[Claim, ...], hints: tuple[Claim, ...]) -> tuple[Moment, ...]:
        return settle(
            claims,
            hints=hints,
            language=said.locale or entry.language,
            domain=domain_of(url),
            fetched_at=fetched_at,
        )

    published, updated = said.published, said.updated
    if own := entry.published_at:
        written = own.isoformat() if entry.published_precision == "minute" else own.date().isoformat()
        published = (*published, ("feed", written))
    if entry.updated_at:
        updated = (*updated, ("feed", entry.updated_at.isoformat()))
    settled = named(published, updated)
    if tree is not None and not _is_settled(settled):
        seen, changed = dates_near_headline(tree, said.locale)
        published, updated = (*published, *seen), (*updated, *changed)
        settled = named(published, updated)
    if not settled and tree is not None:
        settled = _guessed(tree, url, fetched_at)
    first = settled[0] if settled else Moment(at=entry.seen_at, precision="minute", source="crawl")
    return first, next((moment for moment in named(updated, published) if moment.at > first.at), None)


def _is_settled(moments: tuple[Moment, ...]) -> bool:
    """Whether the page's data name one moment, to the minute: else what a reader sees may help."""
    minutes = [moment for moment in moments if moment.precision == "minute"]
    return bool(minutes) and not minutes[0].assumed and len({m.at.replace(second=0) for m in minutes}) == 1


def _guessed(tree: HtmlElement, url: str, fetched_at: datetime) -> tuple[Moment, ...]:
    """The day in the address, or the one htmldate finds. New Year's Day is how it spells "some day of that year": a
    copyright line says no more, and the moment it was first seen is nearer to the truth."""
    if day := day_in_url(url):
        at = datetime.combine(day, time(), tzinfo=UTC)
        return (Moment(at=at, precision="day", source="url"),) if at <= fetched_at + CLOCK_SKEW else ()
    bare = deepcopy(tree)
    etree.strip_elements(
        bare, "figure", "figcaption", "aside", "nav", with_tail=False
    )  # their dates are not the story's
    today = fetched_at.strftime("%Y-%m-%d")
    found = htmldate.find_date(bare, original_date=True, max_date=today, deferred_url_extractor=True)
    if not found or found.endswith("-01-01"):
        return ()
    return (Moment(at=datetime.fromisoformat(found).replace(tzinfo=UTC), precision="day", source="page"),)


def _image(said: PageMetadata, feed: Image) -> tuple[Image, tuple[Origin, Origin, Origin]]:
    """The page's picture, with the feed's words where the page has none, and where the three come from."""
    page, by_page = said.image, said.provenance
    words, name = split_credit(page.caption)
    of_feed, feed_name = split_credit(feed.caption)
    url, url_from = _first((page.url, by_page.image_url), (feed.url, "feed"))
    caption, caption_from = _first((words, by_page.image_caption), (of_feed, "feed"))
    credit, credit_from = _first(
        (page.credit, by_page.image_credit), (name, by_page.image_caption), (feed.credit, "feed"), (feed_name, "feed")
    )
    return Image(url=url, caption=caption, credit=credit), (url_from, caption_from, credit_from)
