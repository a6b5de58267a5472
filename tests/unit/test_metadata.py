"""What a page says about itself, in the many ways pages say it, and where each field was found."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from transforms.metadata import PageMetadata, read_metadata
from transforms.records import Image, Origin
from transforms.structured import ARTICLE_TYPES, LISTING_TYPES, PUBLISHED, UPDATED

URL = "https://wire.example/world/a"
EIGHT = "2026-11-18T08:00:00Z"
#: An upper bound for a page of a megabyte, in seconds, on a slow machine.
SOON = 4.0


def page(head: str = "", *, lang: str = "", body: str = "<p>Text.</p>") -> str:
    return f"<html{f' lang={lang!r}' if lang else ''}><head>{head}</head><body>{body}</body></html>"


def read(head: str = "", *, url: str = URL, **more: str) -> PageMetadata:
    return read_metadata(html.document_fromstring(page(head, **more)), url)


def ld(data: Any) -> str:
    return f'<script type="application/ld+json">{data if isinstance(data, str) else json.dumps(data)}</script>'


def article(**fields: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "H", **fields}


def meta(name: str, content: str, key: str = "property") -> str:
    return f'<meta {key}="{name}" content="{content}">'


def item(inner: str) -> str:
    return f'<div itemscope itemtype="https://schema.org/NewsArticle">{inner}</div>'


def field(said: PageMetadata, name: str) -> tuple[Any, Origin]:
    return getattr(said, name), getattr(said.provenance, name)


def test_a_silent_page_stays_silent() -> None:
    assert read() == PageMetadata()


@pytest.mark.parametrize("kind", sorted(ARTICLE_TYPES))
def test_every_type_of_journalism(kind: str) -> None:
    said = read(ld(article(**{"@type": kind})))
    assert (said.title, said.provenance.title, said.is_article) == ("H", "jsonld", True)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(ld({"@type": "Organization", "headline": "x"}), id="no article"),
        pytest.param(ld("[" * 5000), id="nested without end"),
        pytest.param(ld("null"), id="null"),
        pytest.param(ld({"@type": 7, "headline": "x"}), id="type is a number"),
        pytest.param(ld(article(headline="x")).replace("ld+json", "json"), id="other script"),
        pytest.param(ld(article(headline=None)), id="no headline"),
        pytest.param(ld(article(headline={"x": 1})), id="headline is an object"),
    ],
)
def test_without_json_ld_the_meta_tags_count(script: str) -> None:
    assert field(read(script + meta("og:title", "From meta")), "title") == ("From meta", "opengraph")


LANTERN = {"@type": "WebSite", "name": "The Lantern"}
D = {"description": "D"}
PERSON = {"@id": "#ann", "@type": "Person", "name": "Ann Lee"}


@pytest.mark.parametrize(
    ("fields", "tags", "name", "expected", "origin"),
    [
        pytest.param(
            {"headline": "Air &amp; <b>land</b>"}, "", "title", "Air & land", "jsonld", id="HTML in a headline"
        ),
        pytest.param({"headline": ["H1", "H2"]}, "", "title", "H1", "jsonld", id="a list of headlines"),
        pytest.param({"headline": "x\ud83dy"}, "", "title", "xy", "jsonld", id="half a character"),
        pytest.param(D, meta("description", "no", "name"), "description", "D", "jsonld", id="description"),
        pytest.param(
            {}, meta("og:description", "O") + meta("description", "D", "name"), "description", "O", "opengraph", id="og"
        ),
        pytest.param({}, meta("description", "D", "name"), "description", "D", "meta", id="plain description"),
        pytest.param({"articleSection": ["World", "Asia"]}, "", "section", "World", "jsonld", id="section"),
        pytest.param({}, meta("article:section", "World"), "section", "World", "opengraph", id="section tag"),
        pytest.param({}, meta("parsely-section", "World", "name"), "section", "World", "meta", id="Parse.ly's"),
        pytest.param(
            {"author": {"name": "Ann Lee"}},
            meta("author", "Bo Chan", "name"),
            "authors",
            ("Ann Lee",),
            "jsonld",
            id="author",
        ),
        pytest.param(
            {"author": [{"name": "Ann Lee"}, "Bo Chan"]}, "", "authors", ("Ann Lee", "Bo Chan"), "jsonld", id="mixed"
        ),
        pytest.param(
            {"author": {"name": ["Ann Lee", "Bo Chan"]}},
            "",
            "authors",
            ("Ann Lee", "Bo Chan"),
            "jsonld",
            id="two names",
        ),
        pytest.param(
            {"author": "By Ann Lee and Bo Chan"}, "", "authors", ("Ann Lee", "Bo Chan"), "jsonld", id="byline"
        ),
        pytest.param({"creator": "Ann Lee"}, "", "authors", ("Ann Lee",), "jsonld", id="creator"),
        pytest.param({"author": {"@id": "#ann"}}, ld(PERSON), "authors", ("Ann Lee",), "jsonld", id="referred to"),
        pytest.param(
            {"author": [{"@id": "#ann"}]}, ld({"@graph": [PERSON]}), "authors", ("Ann Lee",), "jsonld", id="in a graph"
        ),
        pytest.param(
            {"author": {"name": ""}},
            meta("author", "Ann Lee", "name"),
            "authors",
            ("Ann Lee",),
            "meta",
            id="author tag",
        ),
        pytest.param(
            {"author": {"name": "Editor"}},
            meta("author", "Ann Lee", "name"),
            "authors",
            ("Ann Lee",),
            "meta",
            id="a desk is nobody",
        ),
        pytest.param(
            {"author": 7}, meta("article:author", "https://x.example/ann"), "authors", (), "", id="profile is no name"
        ),
        pytest.param(
            {},
            meta("article:author", "https://x.example/ann") + meta("article:author", "Ann Lee"),
            "authors",
            ("Ann Lee",),
            "opengraph",
            id="profile and name",
        ),
        pytest.param(
            {},
            meta("twitter:label1", "Written by") + meta("twitter:data1", "Ann Lee"),
            "authors",
            ("Ann Lee",),
            "meta",
            id="Yoast's label",
        ),
        pytest.param(
            {},
            meta("twitter:label1", "Reading time") + meta("twitter:data1", "Ann Lee"),
            "authors",
            (),
            "",
            id="another label",
        ),
        pytest.param(
            {"publisher": {"name": "Wire"}, "author": {"name": "Wire"}},
            "",
            "authors",
            (),
            "",
            id="the outlet is nobody",
        ),
        pytest.param({"author": "Reuters"}, "", "authors", (), "", id="an agency is nobody"),
        pytest.param({"author": "Reuters"}, "", "agency", "Reuters", "jsonld", id="but an agency"),
        pytest.param(
            {"author": "Ann Lee", "creditText": "AFP"}, "", "agency", "AFP", "jsonld", id="agency in the credit"
        ),
        pytest.param({}, meta("article:source", "dpa"), "agency", "dpa", "opengraph", id="agency in a tag"),
        pytest.param({"author": "Ann Lee"}, meta("dc.source", "The Wire", "name"), "agency", "", "", id="no agency"),
        pytest.param({"keywords": ["a", "b", 3, "a"]}, "", "keywords", ("a", "b"), "jsonld", id="keywords list"),
        pytest.param({"keywords": "a, b,,c"}, "", "keywords", ("a", "b", "c"), "jsonld", id="keywords text"),
        pytest.param({"keywords": "أ، ب؛ ج"}, "", "keywords", ("أ", "ب", "ج"), "jsonld", id="Arabic commas"),
        pytest.param(
            {"keywords": "空爆、パン屋，北部"},
            "",
            "keywords",
            ("空爆", "パン屋", "北部"),
            "jsonld",
            id="Japanese commas",
        ),
        pytest.param(
            {},
            meta("article:tag", "a") + meta("article:tag", "b") + meta("article:tag", "c, d"),
            "keywords",
            ("a", "b", "c, d"),
            "opengraph",
            id="article:tag",
        ),
        pytest.param({}, meta("article:tag", "a, b"), "keywords", ("a", "b"), "opengraph", id="one tag for all"),
        pytest.param(
            {},
            meta("news_keywords", "a,b", "name") + meta("keywords", "no", "name"),
            "keywords",
            ("a", "b"),
            "meta",
            id="news_keywords",
        ),
        pytest.param({}, meta("keywords", "a, b", "name"), "keywords", ("a", "b"), "meta", id="keywords tag"),
    ],
)
def test_fields(fields: dict[str, Any], tags: str, name: str, expected: object, origin: Origin) -> None:
    assert field(read(ld(article(**fields)) + tags), name) == (expected, origin)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param(ld(article(publisher={"name": "Wire"})) + meta("og:site_name", "no"), "Wire", id="publisher"),
        pytest.param(ld(article(publisher=[{"name": "Wire"}])), "Wire", id="publisher in a list"),
        pytest.param(ld(article(publisher="Wire")) + meta("og:site_name", "S"), "Wire", id="publisher is a text"),
        pytest.param(
            ld(article(publisher={"@id": "#w"})) + ld({"@id": "#w", "name": "Wire"}), "Wire", id="referred to"
        ),
        pytest.param(meta("og:site_name", "S"), "S", id="site name"),
        pytest.param(meta("og:site_name", "https://wire.example/"), "", id="an address is no name"),
        pytest.param(ld(LANTERN), "The Lantern", id="the site's node"),
        pytest.param(
            meta("og:site_name", "Nine dead") + meta("og:title", "Nine dead"), "", id="the headline is no name"
        ),
    ],
)
def test_whose_page_it_is(head: str, expected: str) -> None:
    assert read(head).site_name == expected


MICRO = item(
    '<h1 itemprop="headline">Nine dead in bakery strike</h1><p itemprop="description">D</p>'
    '<span itemprop="author" itemscope itemtype="https://schema.org/Person"><b itemprop="name">Ann Lee</b></span>'
    '<meta itemprop="articleSection" content="World"><meta itemprop="keywords" content="a,b">'
    '<time itemprop="datePublished" datetime="2026-11-18T08:00:00Z">x</time>'
    '<meta itemprop="inLanguage" content="fr-FR">'
    '<div itemprop="image" itemscope itemtype="https://schema.org/ImageObject"><img itemprop="url" src="/p.jpg">'
    '<i itemprop="caption">Ruins</i></div>'
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("description", "D"),
        ("authors", ("Ann Lee",)),
        ("section", "World"),
        ("keywords", ("a", "b")),
        ("language", "fr"),
    ],
)
def test_microdata(name: str, expected: object) -> None:
    assert field(read(body=MICRO), name) == (expected, "microdata")


def test_the_picture_and_the_date_of_microdata() -> None:
    said = read(body=MICRO)
    assert said.image == Image(url="https://wire.example/p.jpg", caption="Ruins")
    assert (said.provenance.image_url, said.provenance.image_caption) == ("microdata", "microdata")
    assert ("microdata", EIGHT) in said.published
    assert said.is_article


RELATED = article(headline="Ferry sinks off the coast", url="/world/b", author="Bo Chan", datePublished="2020-01-01")
MINE = article(headline="Nine dead in bakery strike", url="/world/a", author="Ann Lee", datePublished="2026-11-18")


@pytest.mark.parametrize(
    "nodes", [[RELATED, MINE], [MINE, RELATED], [RELATED] * 9 + [MINE]], ids=["before", "after", "many"]
)
def test_related_stories_do_not_speak(nodes: list[Any]) -> None:
    said = read(f"<title>Nine dead in bakery strike | Wire</title>{ld(nodes)}")
    assert (said.title, said.authors, said.published) == (
        "Nine dead in bakery strike",
        ("Ann Lee",),
        (("jsonld", "2026-11-18"),),
    )


def test_only_related_stories_say_nothing() -> None:
    said = read(f"<title>Nine dead in bakery strike</title>{ld([RELATED, {**RELATED, 'headline': 'x y z'}])}")
    assert (said.authors, said.published) == ((), ())


@pytest.mark.parametrize(
    ("lang", "fields", "tags", "expected", "locale", "origin"),
    [
        pytest.param("", {}, "", "", "", "", id="nobody says"),
        pytest.param("fr-FR", {}, meta("og:locale", "en_US"), "fr", "fr-FR", "meta", id="html lang"),
        pytest.param("fr", {"inLanguage": "ar-SY"}, "", "ar", "ar-SY", "jsonld", id="inLanguage knows best"),
        pytest.param(
            "en", {"inLanguage": {"name": "German", "alternateName": "de"}}, "", "de", "de", "jsonld", id="a node"
        ),
        pytest.param("", {}, meta("og:locale", "pt_BR"), "pt", "pt-BR", "opengraph", id="og:locale"),
        pytest.param("english", {}, meta("og:locale", "en_GB"), "en", "en-GB", "opengraph", id="nonsense is skipped"),
        pytest.param(
            "en", {}, meta("og:locale", "en_GB"), "en", "en-GB", "meta", id="the exact tag of the same language"
        ),
        pytest.param("de", {}, meta("og:locale", "en_GB"), "de", "de", "meta", id="but not of another"),
        pytest.param("zh-Hant-TW", {}, "", "zh", "zh-Hant-TW", "meta", id="with a script"),
        pytest.param("es-419", {}, "", "es", "es-419", "meta", id="Latin America"),
        pytest.param("", {}, meta("content-language", "de", "http-equiv"), "de", "de", "meta", id="http-equiv"),
    ],
)
def test_language(lang: str, fields: dict[str, Any], tags: str, expected: str, locale: str, origin: Origin) -> None:
    said = read(ld(article(**fields)) + tags, lang=lang)
    assert (said.language, said.locale, said.provenance.language) == (expected, locale, origin)


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_tag_of_publication(name: str) -> None:
    ((origin, text),) = read(meta(name, EIGHT)).published
    assert (text, origin) == (EIGHT, "opengraph" if name.startswith(("og:", "article:")) else "meta")


@pytest.mark.parametrize("name", UPDATED)
def test_every_tag_of_change(name: str) -> None:
    ((origin, text),) = read(meta(name, EIGHT)).updated
    assert (text, origin) == (EIGHT, "opengraph" if name.startswith(("og:", "article:")) else "meta")


def test_dates_come_in_the_order_of_trust_and_as_written() -> None:
    said = read(
        meta("date", "18.11.2026", "name")
        + meta("article:published_time", EIGHT)
        + ld(article(datePublished="2026-11-18", dateModified="today"))
        + ld({"@type": "WebPage", "datePublished": "2026-11-17", "dateModified": "2026-11-19"}),
        body='<time class="published" datetime="2026-11-18T09:00">x</time><p>Updated <time>10:00</time></p>',
    )
    assert said.published == (
        ("jsonld", "2026-11-18"),
        ("opengraph", EIGHT),
        ("meta", "18.11.2026"),
        ("time", "2026-11-18T09:00"),
        ("jsonld", "2026-11-17"),
    )
    assert said.updated == (("jsonld", "today"), ("time", "10:00"), ("jsonld", "2026-11-19"))


@pytest.mark.parametrize("said", ["", None, 1763452800, {"x": 1}, []])
def test_what_is_no_claim_of_a_date(said: Any) -> None:
    assert read(ld(article(datePublished=said))).published == ()


@pytest.mark.parametrize(
    ("image", "tags", "expected", "origins"),
    [
        pytest.param("/p.jpg", "", Image(url="https://wire.example/p.jpg"), ("jsonld", "", ""), id="address"),
        pytest.param(["/p.jpg", "/q.jpg"], "", Image(url="https://wire.example/p.jpg"), ("jsonld", "", ""), id="list"),
        pytest.param(
            {"@id": "#p"},
            ld({"@id": "#p", "url": "/p.jpg"}),
            Image(url="https://wire.example/p.jpg"),
            ("jsonld", "", ""),
            id="referred to",
        ),
        pytest.param(
            {"url": "p.jpg", "caption": "Ruins", "creditText": "Ann/Wire"},
            "",
            Image(url="https://wire.example/world/p.jpg", caption="Ruins", credit="Ann/Wire"),
            ("jsonld", "jsonld", "jsonld"),
            id="object",
        ),
        pytest.param(
            [{"contentUrl": "/p.jpg", "description": "Ruins", "creator": [{"name": "Ann"}, {"name": "Wire"}]}],
            "",
            Image(url="https://wire.example/p.jpg", caption="Ruins", credit="Ann / Wire"),
            ("jsonld", "jsonld", "jsonld"),
            id="object in a list",
        ),
        pytest.param(
            {"url": "/p.jpg", "caption": "Ruins. Photo: Ann Lee/AP"},
            "",
            Image(url="https://wire.example/p.jpg", caption="Ruins.", credit="Ann Lee/AP"),
            ("jsonld", "jsonld", "jsonld"),
            id="credit in the caption",
        ),
        pytest.param(
            None,
            meta("og:image", "/o.jpg") + meta("og:image:alt", "Alt"),
            Image(url="https://wire.example/o.jpg", caption="Alt"),
            ("opengraph", "opengraph", ""),
            id="og:image",
        ),
        pytest.param(
            None,
            meta("twitter:image", "/t.jpg?utm_source=x", "name"),
            Image(url="https://wire.example/t.jpg"),
            ("meta", "", ""),
            id="twitter:image",
        ),
        pytest.param("javascript:x", "", Image(), ("", "", ""), id="javascript"),
        pytest.param(
            "javascript:x",
            meta("og:image", "/o.jpg"),
            Image(url="https://wire.example/o.jpg"),
            ("opengraph", "", ""),
            id="a good one after a bad one",
        ),
        pytest.param("http://[half", "", Image(), ("", "", ""), id="no address"),
        pytest.param([], "", Image(), ("", "", ""), id="empty list"),
        pytest.param(7, "", Image(), ("", "", ""), id="number"),
    ],
)
def test_image(image: Any, tags: str, expected: Image, origins: tuple[Origin, Origin, Origin]) -> None:
    said = read(ld(article(image=image)) + tags)
    by = said.provenance
    assert (said.image, (by.image_url, by.image_caption, by.image_credit)) == (expected, origins)


def test_the_first_figure_says_what_the_page_does_not_state() -> None:
    figures = (
        "<figure><img src='/x.jpg'><figcaption> </figcaption></figure>"
        "<figure><img src='/ferry.jpg?utm_source=a'><figcaption>A ferry. Image: Ann Lee / AP</figcaption></figure>"
    )
    said = read(body=figures)
    assert said.image == Image(url="https://wire.example/ferry.jpg", caption="A ferry.", credit="Ann Lee / AP")
    assert said.provenance.image_credit == "visible"


HEAD = "<h1>Nine dead in bakery strike</h1>"


@pytest.mark.parametrize(
    ("head", "body", "authors", "origin"),
    [
        pytest.param("", "<p class=byline>By Ann Lee</p>", ("Ann Lee",), "visible", id="English"),
        pytest.param("", "<p class=auteur>Par Ann Lee et Bo Chan</p>", ("Ann Lee", "Bo Chan"), "visible", id="French"),
        pytest.param("", "<p class=author>Von Ann Lee, Berlin</p>", ("Ann Lee",), "visible", id="German, with a place"),
        pytest.param("", "<p class=author>Автор: Анна Ли</p>", ("Анна Ли",), "visible", id="Russian"),
        pytest.param("", "<p class=byline>記者王小明／台北報導</p>", ("王小明",), "visible", id="Chinese"),
        pytest.param("", "<p class=byline>Share this story</p>", (), "", id="a button"),
        pytest.param("", "<div id=comments><b class=author>Rob Smith</b></div>", (), "", id="a commenter"),
        pytest.param(
            meta("author", "Ann Lee"),
            "<p class=byline>By Ann Lee and Bo Chan</p>",
            ("Ann Lee", "Bo Chan"),
            "visible",
            id="the same and more",
        ),
        pytest.param(
            meta("author", "Ann Lee"), "<p class=byline>By Bo Chan and Cy Dee</p>", ("Ann Lee",), "meta", id="others"
        ),
    ],
)
def test_visible_bylines(head: str, body: str, authors: tuple[str, ...], origin: Origin) -> None:
    assert field(read(head, body=f"{HEAD}{body}<p>Text.</p>"), "authors") == (authors, origin)


@pytest.mark.parametrize(
    ("head", "body", "title", "origin"),
    [
        pytest.param("<title>Nine dead - Wire</title>", "", "Nine dead", "page", id="the window's title alone"),
        pytest.param(
            "<title>Nine dead in strike | Wire</title>" + meta("og:site_name", "Wire"),
            HEAD,
            "Nine dead in bakery strike",
            "visible",
            id="what a reader sees",
        ),
        pytest.param(
            meta("og:title", "Nine dead in bakery strike"),
            '<h1><a href="/">The Lantern</a></h1>',
            "Nine dead in bakery strike",
            "opengraph",
            id="the outlet's name in a heading",
        ),
        pytest.param(
            meta("og:title", "Nine dead in bakery strike"),
            "<h1>Listen to our podcast</h1>",
            "Nine dead in bakery strike",
            "opengraph",
            id="a player's heading",
        ),
        pytest.param(
            "<title>Wire</title>" + meta("og:title", "Nine dead - Wire") + meta("og:site_name", "Wire"),
            "",
            "Nine dead",
            "opengraph",
            id="the outlet's name is no headline",
        ),
        pytest.param(
            meta("twitter:title", "Nine dead in strike"), "", "Nine dead in strike", "meta", id="a copy alone"
        ),
        pytest.param(
            "",
            '<h2 class="entry-title">Nine dead in bakery strike</h2>',
            "Nine dead in bakery strike",
            "visible",
            id="no h1",
        ),
        pytest.param(
            "",
            "<h1><span class=kicker>Syria</span> Nine dead in strike</h1>",
            "Nine dead in strike",
            "visible",
            id="a kicker",
        ),
    ],
)
def test_titles(head: str, body: str, title: str, origin: Origin) -> None:
    assert field(read(head, body=body or "<p>x</p>"), "title") == (title, origin)


@pytest.mark.parametrize(
    ("said", "expected"),
    [(True, True), (False, False), ("False", False), ("true", True), (["false"], False), ("yes", None), (None, None)],
)
def test_whether_it_is_free(said: Any, expected: bool | None) -> None:
    assert read(ld(article(isAccessibleForFree=said))).free is expected
    tier = {True: "free", False: "locked", None: "metered"}[expected]
    assert read(meta("article:content_tier", tier)).free is expected


@pytest.mark.parametrize("kind", sorted(LISTING_TYPES))
def test_listings(kind: str) -> None:
    assert read(ld({"@type": kind})).is_listing
    assert not read(ld(article())).is_listing


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (meta("og:type", "Article") + meta("og:title", "T"), True),
        (meta("og:type", "article"), False),
        (meta("og:type", "website") + meta("og:title", "T"), False),
        (ld(article()), True),
        (ld(article(headline="")), False),
        ("", False),
    ],
    ids=["og", "og, no title", "og: website", "JSON-LD", "JSON-LD, no headline", "nothing"],
)
def test_whether_it_says_that_it_is_an_article(head: str, expected: bool) -> None:
    assert read(head).is_article is expected


def test_the_section_of_breadcrumbs() -> None:
    crumbs = [{"position": n, "name": name} for n, name in enumerate(["Home", "World", "Asia", "Nine dead"])]
    head = "<title>Nine dead</title>" + ld({"@type": "BreadcrumbList", "itemListElement": crumbs})
    assert field(read(head), "section") == ("Asia", "jsonld")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=10)
    | st.sampled_from(["2026-11-18", "/p", "http://[x", "#a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "url", "@type", "@id", "@graph", "caption", "creator", "@value"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)
KEYS = st.sampled_from(
    """headline description author datePublished dateModified inLanguage keywords articleSection publisher image
    mainEntity @graph @id url mainEntityOfPage creator articleBody isAccessibleForFree liveBlogUpdate
    itemListElement""".split()  # noqa: SIM905
)


@settings(max_examples=150, deadline=timedelta(seconds=2))
@given(
    st.dictionaries(KEYS, VALUES, max_size=8),
    st.sampled_from(["NewsArticle", "WebPage", "BreadcrumbList", "VideoObject"]),
)
def test_wrong_types_never_raise(fields: dict[str, Any], kind: str) -> None:
    head = ld(json.dumps({"@type": kind, **fields}).replace("</", "<\\/"))
    said = read(head + "<title>T</title>")
    repr(said).encode()
    assert said.title


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("".join(meta(f"n{n}", "x") for n in range(50_000)), id="50,000 meta tags"),
        pytest.param(meta("author", "https://x.example/ann") * 50_000, id="profiles"),
        pytest.param("".join(meta("author", f"Redaktion {n}") for n in range(1_000)), id="desks"),
        pytest.param("".join(meta("author", f"Ann Lee{n}") for n in range(10_000)), id="authors"),
        pytest.param("".join(meta("article:tag", f"t{n}") for n in range(20_000)), id="keywords"),
        pytest.param("".join(meta("og:site_name", f"s{n}") for n in range(20_000)), id="outlets"),
        pytest.param(ld([article(author=f"Ann Lee{n}") for n in range(5_000)]), id="nodes"),
        pytest.param(ld(article(author=[{"name": "Ann Lee"}] * 20_000)), id="an author many times"),
        pytest.param(ld(article(author="(" * 100_000)), id="brackets"),
        pytest.param(ld(article(author=["and " * 500] * 500)), id="nothing but and"),
        pytest.param(ld(article(headline="a - " * 50_000)), id="dashes"),
        pytest.param(ld(article(image={"url": "/x", "caption": "Photo: " * 50_000})), id="credits"),
        pytest.param(f"<title>{'|' * 200_000}</title>", id="a title of strokes"),
        pytest.param("".join(f"<h1>Nine dead in strike {n}</h1>" for n in range(1_000)), id="headings"),
        pytest.param("".join(f"<h1>Nine dead in strike {n}</h1>" for n in range(10_000)), id="10,000 headings"),
        pytest.param(f'<p class="{"author " * 50_000}">By Ann Lee</p>', id="a huge class"),
        pytest.param("<p class=byline>" + "and " * 70 + "</p>", id="a byline of and"),
        pytest.param(item("<i itemprop=author>Ann Lee</i>" * 10_000), id="microdata"),
        pytest.param(
            "<div itemscope itemtype='https://schema.org/NewsArticle' itemprop=author>" * 2_000, id="items in items"
        ),
        pytest.param("<div><p>a</p>" * 5_000, id="deep"),
        pytest.param("<div><p>a</p></div>" * 50_000, id="broad"),
    ],
)
@pytest.mark.timeout(20)
def test_a_bomb_costs_little(head: str) -> None:
    tree = html.document_fromstring(page(head, body=f"{HEAD}<p>Text.</p>"))
    start = time.process_time()
    read_metadata(tree, URL)
    assert time.process_time() - start < SOON
