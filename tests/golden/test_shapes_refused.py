"""The invented pages of shapes/: those that are no article are refused as what they are, and no article is refused, nor
is any of the 181 real ones of ../shared, where that is there."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree, html

from tests.factories import make_response
from tests.shared import WHY_SKIPPED, shared_pages
from transforms.bodies import read_body
from transforms.charsets import as_utf8
from transforms.refusals import Shown, is_partial, refusal
from transforms.structured import ARTICLE_TYPES, LISTING_TYPES, JsonLd, meta_tags, text_of
from transforms.text import one_line

SHAPES = Path(__file__).parent / "shapes"
TRUTH: dict[str, Any] = {
    name: said
    for file in sorted(SHAPES.glob("*-truth.yaml"))
    for name, said in yaml.safe_load(file.read_text()).items()
}
REFUSED = sorted(name for name in TRUTH if name.startswith("not-") and "paywalled_teaser" not in TRUTH[name])
TEASERS = sorted(name for name in TRUTH if "paywalled_teaser" in TRUTH[name])
ARTICLES = sorted(name for name in TRUTH if not name.startswith("not-"))
#: Neither links to stories nor says what it is; no feed announces such pages.
NOT_SEEN = {"not-index-livescores", "not-index-rss-ru"}
_PARSER = html.HTMLParser(encoding="utf-8", collect_ids=False, remove_comments=True, remove_pis=True)


def looked_at(page: bytes, url: str) -> Shown:
    """A page with what `transforms.articles` gives, put together from the same parts."""
    tree = html.document_fromstring(as_utf8(make_response(page, content_type="text/html")), parser=_PARSER)
    for script in list(tree.iter("script")):
        if "ld+json" not in (script.get("type") or ""):
            script.drop_tree()
    etree.strip_elements(tree, "style", "svg", "iframe", "template", with_tail=False)
    ld, meta = JsonLd(tree), meta_tags(tree)
    articles = ld.of_types(ARTICLE_TYPES)
    title = one_line(tree.findtext(".//title") or "")
    headings = tuple(one_line(heading.text_content()) for heading in tree.iter("h1"))
    stated = [headline for article in articles if (headline := text_of(article.get("headline")))]
    og_type = next(iter(meta.get("og:type", [])), "")
    free = next((said for node in ld.nodes if (said := node.get("isAccessibleForFree")) is not None), None)
    return Shown(
        tree=tree,
        raw=page[:100_000],
        url=url,
        title=title,
        headings=headings,
        body=read_body(tree, url, headlines=[*stated, *meta.get("og:title", []), *headings, title]),
        stated_article=bool(stated) or (og_type == "article" and "og:title" in meta),
        listing=bool(ld.of_types(LISTING_TYPES)),
        og_type=og_type,
        free=None if free is None else str(free).lower().rpartition("/")[2] == "true",
    )


@cache
def shape(name: str) -> Shown:
    return looked_at((SHAPES / f"{name}.html").read_bytes(), TRUTH[name]["url"])


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_article_is_refused(name: str) -> None:
    found = refusal(shape(name))
    assert (found.kind if found else None) == (None if name in NOT_SEEN else TRUTH[name]["kind"])


@pytest.mark.parametrize("name", [name for name in REFUSED if TRUTH[name]["kind"] not in ("index", "empty")])
def test_even_if_the_feed_has_announced_something_else(name: str) -> None:
    found = refusal(replace(shape(name), expected="Nine dead in strike on bakery"))
    assert found is not None
    assert found.kind == TRUTH[name]["kind"]


@pytest.mark.parametrize("name", TEASERS)
def test_the_opening_of_a_paid_story_is_kept_as_a_part(name: str) -> None:
    assert refusal(shape(name)) is None
    assert is_partial(shape(name))


def variants(page: Shown) -> Iterator[Shown]:
    """`page`, and as if it said less of itself."""
    yield page
    yield replace(page, expected=page.title)
    yield replace(page, stated_article=False, free=None, og_type="", listing=False)
    yield replace(page, stated_article=False, expected="Something else entirely")


@pytest.mark.parametrize("name", ARTICLES)
def test_no_article_is_refused(name: str) -> None:
    assert [refusal(page) for page in variants(shape(name))] == [None] * 4


@pytest.mark.slow
@pytest.mark.skipif(not shared_pages(), reason=WHY_SKIPPED)
def test_no_real_article_is_refused() -> None:
    refused = {}
    for key, (url, raw) in shared_pages().items():
        page = looked_at(raw, url)
        opening = replace(page, body=page.body[:250])
        for seen in (*variants(page), *variants(opening)):
            if found := refusal(seen):
                refused[key] = (url, found)
    assert refused == {}
