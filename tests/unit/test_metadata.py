"""What a page says about itself, in the many ways pages say it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from transforms.metadata import (
    ARTICLE_TYPES,
    PUBLISHED,
    UPDATED,
    Moment,
    PageMetadata,
    people,
    read_metadata,
    split_credit,
)
from transforms.records import Image

URL = "https://wire.example/world/a"
EIGHT = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
DAY = datetime(2026, 11, 18, tzinfo=UTC)


def page(head: str = "", *, lang: str = "", body: str = "<p>Text.</p>") -> str:
    return f"<html{f' lang={lang!r}' if lang else ''}><head><title>T</title>{head}</head><body>{body}</body></html>"


def read(head: str = "", **more: str) -> PageMetadata:
    return read_metadata(html.fromstring(page(head, **more)), URL)


def ld(data: Any) -> str:
    return f'<script type="application/ld+json">{data if isinstance(data, str) else json.dumps(data)}</script>'


def article(**fields: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "H", **fields}


def meta(name: str, content: str, key: str = "property") -> str:
    return f'<meta {key}="{name}" content="{content}">'


H = '{"@type": "NewsArticle", "headline": "H"}'
OTHER = {"@type": "Organization", "name": "Wire", "headline": "not this"}


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(ld(article()), id="plain"),
        pytest.param(ld([OTHER, article()]), id="array"),
        pytest.param(ld([[article()]]), id="array in an array"),
        pytest.param(ld({"@context": "https://schema.org", "@graph": [OTHER, article()]}), id="graph"),
        pytest.param(ld({"@type": "WebPage", "mainEntity": article()}), id="mainEntity"),
        pytest.param(ld({"@type": "WebPage", "mainEntityOfPage": [article()]}), id="mainEntityOfPage"),
        pytest.param(ld(article(**{"@type": ["Thing", "NewsArticle"]})), id="two types"),
        pytest.param(ld(article(**{"@type": "http://schema.org/NewsArticle"})), id="type as an address"),
        pytest.param(ld(f"<![CDATA[{H}]]>"), id="CDATA"),
        pytest.param(ld(f"//<![CDATA[\n{H}\n//]]>"), id="CDATA behind //"),
        pytest.param(ld(f"/*<![CDATA[*/{H}/*]]>*/"), id="CDATA in a comment"),
        pytest.param(ld(f"<!-- {H} -->"), id="HTML comment"),
        pytest.param(ld('{"@type": "NewsArticle",\n"headline": "H",\n"x": "a\nb\tc"}'), id="line breaks within texts"),
        pytest.param(ld("{broken") + ld(article()), id="after a broken one"),
        pytest.param(ld("") + ld(OTHER) + ld(article()), id="after others"),
        pytest.param(ld(article()).replace("application/ld+json", "Application/LD+JSON; charset=utf-8"), id="odd type"),
    ],
)
def test_json_ld_is_found(script: str) -> None:
    assert read(script + meta("og:title", "not this")).title == "H"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(ld("{" + H), id="broken"),
        pytest.param(ld(H[:-1]), id="cut short"),
        pytest.param(ld(OTHER), id="no article"),
        pytest.param(ld("[" * 5000), id="nested without end"),
        pytest.param(ld("[" * 40 + H + "]" * 40), id="nested too deeply"),
        pytest.param(ld("null"), id="null"),
        pytest.param(ld('"NewsArticle"'), id="text"),
        pytest.param(ld({"@type": 7, "headline": "x"}), id="type is a number"),
        pytest.param(ld(article()).replace("ld+json", "json"), id="other script"),
        pytest.param(ld(article(headline=None)), id="no headline"),
        pytest.param(ld(article(headline={"x": 1})), id="headline is an object"),
    ],
)
def test_otherwise_the_meta_tags_count(script: str) -> None:
    assert read(script + meta("og:title", "From meta")).title == "From meta"


@pytest.mark.parametrize("kind", sorted(ARTICLE_TYPES))
def test_every_type_of_journalism(kind: str) -> None:
    assert read(ld(article(**{"@type": kind}))).title == "H"


def test_a_silent_page_stays_silent() -> None:
    assert read() == PageMetadata()


@pytest.mark.parametrize(
    ("fields", "tags", "name", "expected"),
    [
        pytest.param({"headline": "Air &amp; <b>land</b>"}, "", "title", "Air & land", id="HTML in a headline"),
        pytest.param({"headline": ["H1", "H2"]}, "", "title", "H1", id="a list of headlines"),
        pytest.param({"headline": "x\ud83dy"}, "", "title", "xy", id="half a character"),
        pytest.param({"description": "D"}, meta("description", "no", "name"), "description", "D", id="description"),
        pytest.param(
            {}, meta("og:description", "O") + meta("description", "D", "name"), "description", "O", id="og:description"
        ),
        pytest.param({}, meta("description", "D", "name"), "description", "D", id="plain description"),
        pytest.param({"articleSection": ["World", "Asia"]}, "", "section", "World", id="section"),
        pytest.param({}, meta("article:section", "World"), "section", "World", id="section tag"),
        pytest.param({"publisher": {"name": "Wire"}}, meta("og:site_name", "no"), "site_name", "Wire", id="publisher"),
        pytest.param({"publisher": [{"name": "Wire"}]}, "", "site_name", "Wire", id="publisher in a list"),
        pytest.param({"publisher": "Wire"}, meta("og:site_name", "S"), "site_name", "S", id="site name"),
        pytest.param(
            {"author": {"name": "Ann Lee"}}, meta("author", "no", "name"), "authors", ("Ann Lee",), id="author"
        ),
        pytest.param({"author": [{"name": "Ann"}, "Bo"]}, "", "authors", ("Ann", "Bo"), id="authors, mixed"),
        pytest.param({"author": {"name": ["Ann", "Bo"]}}, "", "authors", ("Ann", "Bo"), id="one author, two names"),
        pytest.param({"author": "By Ann Lee and Bo Chan"}, "", "authors", ("Ann Lee", "Bo Chan"), id="byline"),
        pytest.param({"author": {"name": ""}}, meta("author", "Ann", "name"), "authors", ("Ann",), id="author tag"),
        pytest.param(
            {"author": 7}, meta("article:author", "https://x.example/ann"), "authors", (), id="profile is no name"
        ),
        pytest.param({"keywords": ["a", "b", 3, "a"]}, "", "keywords", ("a", "b"), id="keywords list"),
        pytest.param({"keywords": "a, b,,c"}, "", "keywords", ("a", "b", "c"), id="keywords text"),
        pytest.param(
            {}, meta("article:tag", "a") + meta("article:tag", "b, c"), "keywords", ("a", "b, c"), id="article:tag"
        ),
        pytest.param(
            {}, meta("news_keywords", "a,b", "name") + meta("keywords", "no", "name"), "keywords", ("a", "b"), id="news"
        ),
        pytest.param({}, meta("keywords", "a, b", "name"), "keywords", ("a", "b"), id="keywords tag"),
    ],
)
def test_fields(fields: dict[str, Any], tags: str, name: str, expected: object) -> None:
    assert getattr(read(ld(article(**fields)) + tags), name) == expected


@pytest.mark.parametrize("key", ["property", "name", "itemprop"])
def test_meta_tags_by_any_key_in_any_case(key: str) -> None:
    assert read(meta(" OG:Title ", " Air\n strike ", key)).title == "Air strike"


def test_the_first_meta_tag_that_says_something_counts() -> None:
    assert read(meta("og:title", "") + meta("og:title", "first") + meta("og:title", "second")).title == "first"


@pytest.mark.parametrize(
    ("lang", "fields", "tags", "expected"),
    [
        pytest.param("", {}, "", "", id="nobody says"),
        pytest.param("fr-FR", {}, meta("og:locale", "en_US"), "fr", id="html lang"),
        pytest.param("fr", {"inLanguage": "ar-SY"}, "", "ar", id="inLanguage knows best"),
        pytest.param("", {}, meta("og:locale", "pt_BR"), "pt", id="og:locale"),
        pytest.param("english", {}, meta("og:locale", "en_GB"), "en", id="nonsense is skipped"),
    ],
)
def test_language(lang: str, fields: dict[str, Any], tags: str, expected: str) -> None:
    assert read(ld(article(**fields)) + tags, lang=lang).language == expected


@pytest.mark.parametrize(
    ("said", "at", "precision"),
    [
        pytest.param("2026-11-18T08:00:00Z", EIGHT, "minute", id="Z"),
        pytest.param("2026-11-18T10:00:00+02:00", EIGHT, "minute", id="offset"),
        pytest.param("2026-11-18T10:00+0200", EIGHT, "minute", id="offset without a colon"),
        pytest.param("2026-11-18 08:00:00 +00:00", EIGHT, "minute", id="a space before the offset"),
        pytest.param("Wed, 18 Nov 2026 00:00:00 PST", EIGHT, "minute", id="RFC 822"),
        pytest.param("2026-11-18", DAY, "day", id="a day"),
        pytest.param("2026-11-18T10:00:00", DAY, "day", id="no zone: the day only"),
        pytest.param("2026-11-18 10:00", DAY, "day", id="no zone, with a space"),
    ],
)
def test_dates(said: str, at: datetime, precision: str) -> None:
    (moment,) = read(ld(article(datePublished=said))).published
    assert moment.source == "jsonld"
    assert (moment.at, moment.precision) == (at, precision)


@pytest.mark.parametrize("said", ["", "today", "18/11/2026", "2026-13-45", "0000-00-00", None, 1763452800, {"x": 1}])
def test_what_is_no_date(said: Any) -> None:
    assert read(ld(article(datePublished=said))).published == ()


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_tag_of_publication(name: str) -> None:
    assert read(meta(name, "2026-11-18T08:00:00Z")).published == (Moment(at=EIGHT, precision="minute", source="meta"),)


@pytest.mark.parametrize("name", UPDATED)
def test_every_tag_of_change(name: str) -> None:
    assert read(meta(name, "2026-11-18T08:00:00Z")).updated == (Moment(at=EIGHT, precision="minute", source="meta"),)


def test_the_minute_comes_before_the_day() -> None:
    both = read(ld(article(datePublished="2026-11-18")) + meta("article:published_time", "2026-11-18T08:00:00Z"))
    assert [(moment.source, moment.precision) for moment in both.published] == [("meta", "minute"), ("jsonld", "day")]


def test_json_ld_comes_before_meta() -> None:
    both = read(
        ld(article(datePublished="2026-11-18T08:00:00Z", dateModified="2026-11-18T09:00:00Z"))
        + meta("article:published_time", "2026-11-18T07:00:00Z")
        + meta("article:modified_time", "2026-11-18T07:30:00Z")
    )
    assert [moment.source for moment in both.published] == ["jsonld", "meta"]
    assert [moment.source for moment in both.updated] == ["jsonld", "meta"]
    assert both.published[0].at == EIGHT


@pytest.mark.parametrize(
    ("image", "tags", "expected"),
    [
        pytest.param("/p.jpg", "", Image(url="https://wire.example/p.jpg"), id="address"),
        pytest.param(["/p.jpg", "/q.jpg"], "", Image(url="https://wire.example/p.jpg"), id="list"),
        pytest.param(
            {"url": "p.jpg", "caption": "Ruins", "creditText": "Ann/Wire"},
            "",
            Image(url="https://wire.example/world/p.jpg", caption="Ruins", credit="Ann/Wire"),
            id="object",
        ),
        pytest.param(
            [{"contentUrl": "/p.jpg", "description": "Ruins", "creator": [{"name": "Ann"}, {"name": "Wire"}]}],
            "",
            Image(url="https://wire.example/p.jpg", caption="Ruins", credit="Ann / Wire"),
            id="object in a list",
        ),
        pytest.param(
            None,
            meta("og:image", "/o.jpg") + meta("og:image:alt", "Alt"),
            Image(url="https://wire.example/o.jpg", caption="Alt"),
            id="og:image",
        ),
        pytest.param("javascript:x", "", Image(), id="javascript"),
        pytest.param([], "", Image(), id="empty list"),
        pytest.param(7, "", Image(), id="number"),
    ],
)
def test_image(image: Any, tags: str, expected: Image) -> None:
    assert read(ld(article(image=image)) + tags).image == expected


@pytest.mark.parametrize(
    ("bylines", "expected"),
    [
        pytest.param(["Ann Lee"], ("Ann Lee",), id="one"),
        pytest.param(["By Ann Lee and Bo Chan"], ("Ann Lee", "Bo Chan"), id="English"),
        pytest.param(["Von Ann Lee und Bo Chan"], ("Ann Lee", "Bo Chan"), id="German"),
        pytest.param(["Par Ann Lee et Bo Chan"], ("Ann Lee", "Bo Chan"), id="French"),
        pytest.param(["Por Ann Lee y Bo Chan"], ("Ann Lee", "Bo Chan"), id="Spanish"),
        pytest.param(["Анна Ли и Бо Чан"], ("Анна Ли", "Бо Чан"), id="Russian"),
        pytest.param(
            ["Ann Lee, Bo Chan; Cy Dee | Di Eck & Ed Fox"],
            ("Ann Lee", "Bo Chan", "Cy Dee", "Di Eck", "Ed Fox"),
            id="marks",
        ),
        pytest.param(["Ann Lee", "Ann Lee", ""], ("Ann Lee",), id="once"),
        pytest.param(["ann@wire.example", "https://wire.example/ann", "Tel 0123"], (), id="no names"),
        pytest.param(["Anderson Sandy"], ("Anderson Sandy",), id="and within a name"),
        pytest.param(["Byron Lee"], ("Byron Lee",), id="By within a name"),
        pytest.param([], (), id="none"),
    ],
)
def test_people(bylines: list[str], expected: tuple[str, ...]) -> None:
    assert people(bylines) == expected


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=10)
    | st.sampled_from(["2026-11-18", "/p.jpg", "http://[x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "url", "@type", "@graph", "caption", "creator"]), inner, max_size=3)
    ),
    max_leaves=5,
)
KEYS = st.sampled_from(
    [
        "headline",
        "description",
        "author",
        "datePublished",
        "dateModified",
        "inLanguage",
        "keywords",
        "articleSection",
        "publisher",
        "image",
        "mainEntity",
        "@graph",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_wrong_types_never_raise(fields: dict[str, Any]) -> None:
    said = read(ld(json.dumps(article(**fields)).replace("</", "<\\/")))
    repr(said).encode()


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        pytest.param(
            "A ferry at the quay. Image: Ingrid Solberg / Coastline/Press Pool Images",
            ("A ferry at the quay.", "Ingrid Solberg / Coastline/Press Pool Images"),
            id="Image:",
        ),
        pytest.param("A ferry. Photo by: Ann Lee", ("A ferry.", "Ann Lee"), id="Photo by:"),
        pytest.param("A ferry - Photograph: Ann Lee/AP", ("A ferry", "Ann Lee/AP"), id="hyphen"),
        pytest.param("A ferry (Ann Lee/AP)", ("A ferry", "Ann Lee/AP"), id="brackets"),
        pytest.param("A ferry © Coastline", ("A ferry", "Coastline"), id="copyright"),
        pytest.param("Photo: Ann Lee", ("", "Ann Lee"), id="nothing but a credit"),
        pytest.param("Паром у причала. Фото: Анна Ли", ("Паром у причала.", "Анна Ли"), id="Russian"),
        pytest.param("A ferry at the quay", ("A ferry at the quay", ""), id="none"),
        pytest.param("The image: a ferry. It sank.", ("The image: a ferry. It sank.", ""), id="a word like any other"),
        pytest.param("A ferry at the quay Photo: Ann Lee", ("A ferry at the quay", "Ann Lee"), id="no full stop"),
        pytest.param("Two ferries (2024 and 2025)", ("Two ferries (2024 and 2025)", ""), id="other brackets"),
        pytest.param("", ("", ""), id="empty"),
    ],
)
def test_split_credit(caption: str, expected: tuple[str, str]) -> None:
    assert split_credit(caption) == expected


def test_the_first_figure_says_what_the_page_does_not_state() -> None:
    page = (
        "<html><body><figure><img src='/x.jpg'><figcaption> </figcaption></figure>"
        "<figure><img src='/ferry.jpg?utm_source=a'><figcaption>A ferry. Image: Ann Lee / AP</figcaption></figure>"
        "</body></html>"
    )
    image = read_metadata(html.document_fromstring(page), "https://example.org/a").image
    assert image == Image(url="https://example.org/ferry.jpg", caption="A ferry.", credit="Ann Lee / AP")
