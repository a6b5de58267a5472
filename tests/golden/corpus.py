"""The pages whose truth is known, read as the pipeline reads them and held against it: the invented ones of shapes/,
and the 181 real ones of ../shared with real-pages.json and the true bodies beside them."""

import json
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.factories import make_entry, make_response
from tests.golden.scoring import (
    Overlap,
    authors_f1,
    date_right,
    day_right,
    f1_of,
    grams,
    only_letters,
    overlap,
    title_equal,
)
from tests.shared import PAGES, shared_pages
from transforms.articles import read_page
from transforms.errors import NotAnArticle
from transforms.records import Article

HERE = Path(__file__).parent
SHAPES = HERE / "shapes"
#: The three hands that wrote the invented pages. Those that are no article (not-*) are in test_shapes_refused.
GROUPS = ("eu", "world", "odd")
#: A body below this is a miss.
BODY_ASKED = 0.9
#: When the real pages were saved, to the week.
SAVED_AT = datetime(2019, 11, 25, 12, 0, tzinfo=UTC)

Truth = Mapping[str, Any]


@dataclass(frozen=True)
class Held:
    """One field of a page beside its truth."""

    #: 1 right, 0 wrong; bodies and authors by their F1.
    score: float
    true: object
    got: object
    #: Of a body.
    overlap: Overlap | None = None

    @property
    def missed(self) -> bool:
        return self.score < (1 if self.overlap is None else BODY_ASKED)

    def __str__(self) -> str:
        if self.overlap is None:
            return f"{self.got!r} instead of {self.true!r}"
        return f"F1 {self.score:.3f}: {self.overlap.extra:.0%} too much, {self.overlap.missing:.0%} missing"


#: field → how it came out.
Compared = dict[str, Held]


@cache
def shapes_truth(group: str) -> dict[str, Truth]:
    """name → truth of one group of invented pages."""
    truth: dict[str, Truth] = yaml.load((SHAPES / f"{group}-truth.yaml").read_text("utf-8"), yaml.CSafeLoader)
    return truth


def shape_page(name: str) -> bytes:
    return (SHAPES / f"{name}.html").read_bytes()


def read(page: bytes, url: str, fetched_at: datetime) -> Article | NotAnArticle:
    """The article on a page that a feed announced by its address alone, or what refused it."""
    entry = make_entry(url=url, title="", seen_at=fetched_at)
    try:
        return read_page(entry, make_response(page, final_url=url, content_type="text/html", fetched_at=fetched_at))
    except NotAnArticle as refused:
        return refused


def shape_truth(name: str) -> Truth:
    return shapes_truth(name.partition("-")[0])[name]


@cache
def read_shape(name: str) -> Article | NotAnArticle:
    """An invented page, read when its truth says it was fetched."""
    truth = shape_truth(name)
    return read(shape_page(name), truth["url"], datetime.fromisoformat(truth["fetched"]))


def compared_shape(name: str) -> Compared:
    """An invented page, read and held against its truth."""
    return compare_shape(shape_truth(name), read_shape(name))


def more_of_shape(name: str) -> Compared:
    """Its fields that have rates but no floors; none where the page was refused."""
    article = read_shape(name)
    return {} if isinstance(article, NotAnArticle) else compare_more(shape_truth(name), article)


def compare_shape(truth: Truth, article: Article | NotAnArticle) -> Compared:
    """Every field that the truth states; a refused page has none of them."""
    if isinstance(article, NotAnArticle):
        refused = Held(0, "an article", f"{type(article).__name__}: {article.reason}")
        return {"read": refused} | {
            field: Held(0, truth[field], None, overlap=Overlap(0, 0, 1) if field == "body" else None)
            for field in ("title", "authors", "published", "body")
        }
    held = compare_main(
        truth, title=article.title, authors=article.authors, published=article.published_at, body=article.body
    )
    held |= {
        "agency": _same(truth["agency"], article.source.agency),
        "language": _same(truth["language"], article.language),
    }
    if "status" in truth:
        held |= {
            "status": _same(truth["status"], article.status),
            # Its wording is free, and a marker before the headline ("UPDATE 2") may be part of it.
            "edition_note": Held(
                bool(article.edition_note) if truth["edition_note"] else "marker" in truth or not article.edition_note,
                truth["edition_note"],
                article.edition_note,
            ),
            "dateline": _same(truth["dateline"], article.dateline),
            "located": _same(truth["located"], article.located),
            "slug": _same(truth["slug"], article.slug),
            "embargo": _moment(truth.get("embargo_until", ""), article.embargoed_until),
        }
    return held


def compare_main(
    truth: Truth, *, title: str, authors: Iterable[str], published: datetime | None, body: str
) -> Compared:
    """What any extractor gives, with the answers that the truth itself calls right as well."""
    authors = list(authors)
    held = {
        "title": Held(title_equal(truth["title"], title), truth["title"], title),
        "authors": Held(authors_f1(truth["authors"], authors), truth["authors"], authors),
        "published": _moment(truth["published"], published),
        "body": compare_body(truth["body"], body, truth.get("optional", "")),
    }
    if "title_note" in truth and title_equal("Harbor Fire", title):
        held["title"] = Held(1, truth["title"], title)
    if "authors_note" in truth and not authors:
        held["authors"] = Held(1, truth["authors"], authors)
    if truth.get("body_may_be_empty") and not body:
        held["body"] = Held(1, "", "", overlap=Overlap(0, 0, 0))
    return held


def compare_more(truth: Truth, article: Article) -> Compared:
    """Fields that have rates but no floors: what a truth says of them is one of several things it could say."""
    image = truth.get("image") or {}
    return {
        "day": Held(day_right(truth["published"], article.published_at), truth["published"], article.published_at),
        "updated": _moment(truth["updated"] or "", article.updated_at),
        "section": _same(truth["section"], article.section),
        "description": _same(truth.get("description", ""), article.description),
        "image_caption": _same(image.get("caption") or "", article.image.caption),
        "image_credit": _same(image.get("credit") or "", article.image.credit),
    }


def compare_body(true: str, got: str, optional: str = "") -> Held:
    """A body beside the true one; lines that may be in it or not are taken out of both."""
    page = overlap(_without(true, optional), _without(got, optional))
    return Held(f1_of(page), true, got, overlap=page)


def _without(text: str, optional: str) -> str:
    """`text` less the lines that stand, in these words, in `optional`: whole lines of it, cells or several rows."""
    if not optional:
        return text
    loose = f" {only_letters(optional)} "
    return "\n".join(line for line in text.split("\n") if f" {only_letters(line)} " not in loose or not grams(line))


def compared_real() -> dict[str, Compared]:
    """key → a real page, read and held against its truth; empty where ../shared is absent."""
    truths: dict[str, Truth] = json.loads((HERE / "real-pages.json").read_text("utf-8"))
    bodies = true_bodies()
    return {
        key: _compare_real(truths[key], bodies[key], read(page, url, SAVED_AT))
        for key, (url, page) in shared_pages().items()
    }


def true_bodies() -> dict[str, str]:
    """key → true body of the real pages. Raises: OSError where ../shared is absent."""
    truth = json.loads((PAGES / "ground-truth.json").read_text("utf-8"))
    return {key: said["articleBody"] for key, said in truth.items()}


def _compare_real(truth: Truth, body: str, article: Article | NotAnArticle) -> Compared:
    if isinstance(article, NotAnArticle):
        return compare_shape({**truth, "body": body}, article)
    # The moment it was first seen is what an article has whose page names none.
    published = None if article.published_source == "crawl" else article.published_at
    main = compare_main(
        {**truth, "body": body}, title=article.title, authors=article.authors, published=published, body=article.body
    )
    return main | {
        "agency": _same(truth["agency"], article.source.agency),
        "day": Held(day_right(truth["published"], published), truth["published"], published),
        "language": _same(truth["language"], article.language),
        "section": _same(truth["section"], article.section),
    }


def rates(pages: Iterable[Compared]) -> dict[str, float]:
    """field → its mean score over the pages that have it."""
    scores: dict[str, list[float]] = {}
    for page in pages:
        for field, held in page.items():
            scores.setdefault(field, []).append(held.score)
    return {field: statistics.fmean(values) for field, values in scores.items()}


def _same(true: str, got: str) -> Held:
    return Held(only_letters(true) == only_letters(got), true, got)


def _moment(true: str, got: datetime | None) -> Held:
    return Held(date_right(true, got), true, got and f"{got:%Y-%m-%dT%H:%MZ}")
