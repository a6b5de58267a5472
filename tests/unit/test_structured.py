"""What pages state for machines, whole, nested and broken: JSON-LD, microdata and meta tags."""

import json
import time
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from transforms.structured import (
    ARTICLE_TYPES,
    MAX_DEPTH,
    MAX_REPAIR,
    JsonLd,
    about_page,
    meta_tags,
    microdata,
    names_of,
    text_of,
    text_stated,
    types_of,
    unescaped,
)

URL = "https://wire.example/world/a"
H = '{"@type": "NewsArticle", "headline": "H"}'
#: An upper bound for a page of a megabyte, in seconds, on a slow machine.
SOON = 2.0


def script(data: Any, kind: str = "application/ld+json") -> str:
    return f'<script type="{kind}">{data if isinstance(data, str) else json.dumps(data)}</script>'


def json_ld(*scripts: Any) -> JsonLd:
    return JsonLd(html.document_fromstring(f"<html><head>{''.join(map(script, scripts))}</head><body></body></html>"))


def headlines(*scripts: Any) -> list[str]:
    return [text_of(node.get("headline")) for node in json_ld(*scripts).of_types(ARTICLE_TYPES)]


def article(**fields: Any) -> dict[str, Any]:
    return {"@type": "NewsArticle", **fields}


def items(body: str) -> list[Any]:
    return microdata(html.document_fromstring(f"<html><body>{body}</body></html>"))


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param('{"@type": "NewsArticle", "headline": "H",}', id="a comma before the brace"),
        pytest.param(
            '{"@type": "NewsArticle", "keywords": ["a", "b", ], "headline": "H"}', id="and before the bracket"
        ),
        pytest.param('{"@type": "NewsArticle" "headline": "H"}', id="no comma between two"),
        pytest.param('{"@type": "NewsArticle", "headline": "H"', id="no brace at the end"),
        pytest.param('{"@type": "NewsArticle", "headline": "H", "author": {"name": "An', id="cut within a text"),
        pytest.param(H + "}", id="one brace too many"),
        pytest.param(H + ";", id="a semicolon behind"),
        pytest.param("\ufeff" + H, id="a byte order mark before"),
        pytest.param('{"@type": "NewsArticle", "headline": "H", "x": "a\nb\tc"}', id="line breaks within a text"),
        pytest.param('{"@type": "NewsArticle", "headline": "H", "x": "a\x02b"}', id="a control character"),
        pytest.param(r'{"@type": "NewsArticle", "headline": "H", "x": "it\'s"}', id="a needless backslash"),
        pytest.param('{"@type": "NewsArticle", "headline": "H", "x": "he said "no", and left"}', id="quotes in a text"),
        pytest.param("{'@type': 'NewsArticle', 'headline': 'H'}", id="single quotes"),
        pytest.param('{"@type": "NewsArticle", headline: "H"}', id="names without quotes"),
        pytest.param('{"@type": "NewsArticle", "headline": "H", "x": }', id="no value"),
        pytest.param('{"@type": "NewsArticle", "headline": "H", "x": undefined}', id="undefined"),
        pytest.param(H.replace('"', "&quot;"), id="escaped as HTML"),
        pytest.param('{"@type": "NewsArticle", /* x */ "headline": "H"}', id="a comment"),
        pytest.param('// x\n{"@type": "NewsArticle", "headline": "H"}', id="a comment before"),
        pytest.param(f"<![CDATA[{H}]]>", id="CDATA"),
        pytest.param(f"//<![CDATA[\n{H}\n//]]>", id="CDATA behind //"),
        pytest.param(f"/*<![CDATA[*/{H}/*]]>*/", id="CDATA in a comment"),
        pytest.param(f"/* <![CDATA[ */ {H} /* ]]> */", id="CDATA in a comment with blanks"),
        pytest.param(f"<!-- {H} -->", id="HTML comment"),
    ],
)
def test_broken_json_is_repaired(broken: str) -> None:
    assert headlines(broken) == ["H"]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("", id="empty"),
        pytest.param("null", id="null"),
        pytest.param('"NewsArticle"', id="text"),
        pytest.param("7", id="number"),
        pytest.param("[[], [null, 1]]", id="lists of nothing"),
        pytest.param("not JSON at all", id="prose"),
        pytest.param({"@type": 7, "headline": "x"}, id="type is a number"),
        pytest.param({"@type": "Organization", "headline": "x"}, id="no article"),
        pytest.param({"headline": "x"}, id="no type"),
    ],
)
def test_what_states_no_article(data: Any) -> None:
    assert headlines(data) == []


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(article(headline="H"), id="plain"),
        pytest.param([{"@type": "WebSite"}, article(headline="H")], id="list"),
        pytest.param([[article(headline="H")]], id="list in a list"),
        pytest.param({"@graph": [{"@type": "WebSite"}, article(headline="H")]}, id="@graph"),
        pytest.param({"@graph": {"@graph": [article(headline="H")]}}, id="@graph in a @graph"),
        pytest.param({"@type": "WebPage", "mainEntity": article(headline="H")}, id="mainEntity"),
        pytest.param({"@type": "WebPage", "mainEntityOfPage": [article(headline="H")]}, id="mainEntityOfPage"),
        pytest.param({"@type": ["Thing", "NewsArticle"], "headline": "H"}, id="two types"),
        pytest.param({"@type": "http://schema.org/NewsArticle", "headline": "H"}, id="type as an address"),
        pytest.param({"@type": "schema:NewsArticle", "headline": "H"}, id="type with a prefix"),
    ],
)
def test_where_articles_stand(data: Any) -> None:
    assert headlines(data) == ["H"]


def test_nodes_come_in_document_order_and_one_script_spoils_no_other() -> None:
    assert headlines("{{{", article(headline="A"), [article(headline="B"), 7], article(headline="C")) == ["A", "B", "C"]


def test_other_scripts_are_not_read() -> None:
    tree = html.document_fromstring(f"<html>{script(H, 'application/json')}{script(H, 'text/javascript')}</html>")
    assert JsonLd(tree).nodes == []


@pytest.mark.parametrize("kind", ["Application/LD+JSON; charset=utf-8", "application/ld+json ", "application/LD+json"])
def test_odd_types_of_script(kind: str) -> None:
    assert JsonLd(html.document_fromstring(f"<html>{script(H, kind)}</html>")).nodes


class TestReferences:
    ANN: ClassVar = {"@id": "#ann", "@type": "Person", "name": "Ann Lee"}

    @pytest.mark.parametrize("first", [True, False], ids=["named before", "named after"])
    def test_across_scripts(self, first: bool) -> None:
        story = article(author={"@id": "#ann"})
        ld = json_ld(self.ANN, story) if first else json_ld(story, self.ANN)
        assert ld.resolved({"@id": "#ann"}) == self.ANN

    def test_within_a_graph_and_deep_within_another_node(self) -> None:
        ld = json_ld({"@graph": [article(author=[{"@id": "#ann"}], publisher={"@type": "X", "founder": [self.ANN]})]})
        assert ld.resolved({"@id": "#ann"})["name"] == "Ann Lee"

    def test_its_own_words_come_first(self) -> None:
        assert json_ld(self.ANN).resolved({"@id": "#ann", "name": "A. Lee"})["name"] == "A. Lee"

    def test_the_first_of_two_namesakes_counts(self) -> None:
        assert json_ld(self.ANN, {**self.ANN, "name": "Bo"}).resolved({"@id": "#ann"})["name"] == "Ann Lee"

    @pytest.mark.parametrize("value", [None, "Ann", 7, ["#ann"], {"name": "Bo"}, {"@id": 7}, {"@id": "#nobody"}])
    def test_what_leads_nowhere_stays(self, value: Any) -> None:
        assert json_ld(self.ANN).resolved(value) == value

    def test_a_node_that_refers_to_itself(self) -> None:
        node = article(**{"@id": "#a", "author": {"@id": "#a"}, "mainEntity": {"@id": "#a"}})
        assert json_ld(node).resolved({"@id": "#a"})["author"] == {"@id": "#a"}


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param("[" * 10_000 + "]" * 10_000, id="lists"),
        pytest.param("[" * 10_000, id="open lists"),
        pytest.param('{"a":' * 10_000 + "1" + "}" * 10_000, id="objects"),
        pytest.param('{"a":' * 10_000, id="open objects"),
        pytest.param('{"@graph":' * 10_000 + "1" + "}" * 10_000, id="graphs"),
        pytest.param("{" * 15_000, id="open braces"),
        pytest.param("{" + '"' * 100_000, id="quotes"),
        pytest.param('{"a": "' + "\\" * 100_000, id="backslashes"),
        pytest.param('{"a": 1' + "," * 100_000, id="commas"),
        pytest.param("{," + " " * 190_000 + "x", id="blanks"),
        pytest.param(" " * 190_000 + "x", id="blanks before"),
        pytest.param("{/*" * 50_000, id="comments"),
        pytest.param("<!--" * 50_000, id="HTML comments"),
        pytest.param('{"headline": "x" "y" ' * (MAX_REPAIR // 21), id="as much as is repaired"),
        pytest.param("{x" * MAX_REPAIR, id="more than is repaired"),
    ],
)
@pytest.mark.timeout(20)
def test_a_bomb_costs_little(bomb: str) -> None:
    start = time.process_time()
    assert headlines(bomb, H)[-1] == "H"
    assert time.process_time() - start < SOON


def test_nothing_is_looked_for_too_deep() -> None:
    deep, edge = "[" * MAX_DEPTH + H + "]" * MAX_DEPTH, "[" * (MAX_DEPTH - 1) + H + "]" * (MAX_DEPTH - 1)
    assert headlines(deep) == []
    assert headlines(edge) == ["H"]


@settings(max_examples=150, deadline=2_000)
@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from([*'{}[]":,\\', "@graph", "@id", "@type", " ", "a", "1", "&quot;", "<!--"]), max_size=40
    ).map("".join)
)
def test_any_script_is_read_or_skipped(text: str) -> None:
    tree = html.document_fromstring("<html><head><script type='application/ld+json'>x</script></head></html>")
    text = "".join(c for c in text if c.isprintable())
    next(tree.iter("script")).text = text
    for node in JsonLd(tree).nodes:
        types_of(node)
        names_of(dict(node))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        pytest.param("NewsArticle", {"NewsArticle"}, id="plain"),
        pytest.param("https://schema.org/NewsArticle", {"NewsArticle"}, id="address"),
        pytest.param(["schema:Article", None, 7, "Thing"], {"Article", "Thing"}, id="list"),
        pytest.param(None, set(), id="none"),
        pytest.param({"x": 1}, set(), id="object"),
    ],
)
def test_types(kind: Any, expected: set[str]) -> None:
    assert types_of({"@type": kind}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Air & land", "Air & land"),
        ("Air &amp; land", "Air & land"),
        ("Air &amp;amp; land", "Air & land"),
        ("&amp;quot;No&amp;quot;", '"No"'),
        ("R&D", "R&D"),
        ("", ""),
    ],
)
def test_unescaped(text: str, expected: str) -> None:
    assert unescaped(text) == expected


@pytest.mark.parametrize("key", ["property", "name", "itemprop", "http-equiv"])
def test_meta_tags_by_any_key_in_any_case(key: str) -> None:
    tree = html.document_fromstring(
        f"<html><head><meta {key}=' OG:Title ' content=' Air\n &amp;amp; land '></head></html>"
    )
    assert meta_tags(tree) == {"og:title": ["Air & land"]}


def test_meta_tags_keep_their_order_and_say_something() -> None:
    tree = html.document_fromstring(
        "<html><meta name=a content=1><meta name=A content=''><meta name=b><meta content=x><meta name=a content=2>"
    )
    assert meta_tags(tree) == {"a": ["1", "2"]}


NEWS = '<div itemscope itemtype="{}">{}</div>'.format


class TestMicrodata:
    @pytest.mark.parametrize(
        ("inner", "name", "expected"),
        [
            pytest.param("<h1 itemprop=headline> A <b>strike</b> </h1>", "headline", ["A strike"], id="text"),
            pytest.param("<meta itemprop=headline content='A &amp;amp; B'>", "headline", ["A & B"], id="content"),
            pytest.param(
                "<time itemprop=datePublished datetime=2026-11-18>x</time>",
                "datePublished",
                ["2026-11-18"],
                id="datetime",
            ),
            pytest.param("<img itemprop=image src=/p.jpg>", "image", ["/p.jpg"], id="src"),
            pytest.param("<link itemprop=url href=/a>", "url", ["/a"], id="href of a link"),
            pytest.param("<a itemprop=author href=/ann>Ann Lee</a>", "author", ["Ann Lee"], id="text of an anchor"),
            pytest.param("<i itemprop=author>Ann</i><i itemprop=author>Bo</i>", "author", ["Ann", "Bo"], id="twice"),
            pytest.param("<i itemprop='author creator'>Ann</i>", "creator", ["Ann"], id="two names"),
            pytest.param(
                "<div itemprop=articleBody>Text.</div>", "articleBody", None, id="the body is read off the page"
            ),
            pytest.param("<i itemprop=author> </i>", "author", None, id="nothing said"),
        ],
    )
    def test_properties(self, inner: str, name: str, expected: list[str] | None) -> None:
        (node,) = items(NEWS("https://schema.org/NewsArticle", inner))
        assert node.get(name) == expected

    @pytest.mark.parametrize(
        "kind", ["http://schema.org/NewsArticle", "https://schema.org/BlogPosting", "x https://schema.org/Article"]
    )
    def test_every_spelling_of_the_type(self, kind: str) -> None:
        assert len(items(NEWS(kind, "<i itemprop=headline>H</i>"))) == 1

    @pytest.mark.parametrize("kind", ["https://schema.org/WebPage", "https://example.org/NewsArticle", ""])
    def test_other_items_are_no_articles(self, kind: str) -> None:
        assert items(NEWS(kind, "<i itemprop=headline>H</i>")) == []

    def test_an_item_within_speaks_for_itself(self) -> None:
        person = (
            "<div itemprop=author itemscope itemtype='https://schema.org/Person'><i itemprop=name>Ann</i> of us</div>"
        )
        rating = "<div itemscope itemtype='https://schema.org/Rating'><i itemprop=headline>no</i></div>"
        (node,) = items(NEWS("https://schema.org/NewsArticle", f"{rating}{person}<h1 itemprop=headline>H</h1>"))
        assert node["headline"] == ["H"]
        assert names_of(node["author"]) == ["Ann"]
        assert "name" not in node

    def test_an_item_without_a_name_is_called_by_its_text(self) -> None:
        person = "<i itemprop=author itemscope itemtype='https://schema.org/Person'>Ann Lee</i>"
        (node,) = items(NEWS("https://schema.org/NewsArticle", person))
        assert names_of(node["author"]) == ["Ann Lee"]

    def test_a_picture_with_an_address(self) -> None:
        picture = (
            "<figure itemprop=image itemscope itemtype='https://schema.org/ImageObject'><img itemprop=url src=/p.jpg>"
        )
        caption = "<i itemprop=caption>Ruins</i></figure>"
        (node,) = items(NEWS("https://schema.org/NewsArticle", picture + caption))
        assert (node["image"][0]["url"], node["image"][0]["caption"]) == ("/p.jpg", "Ruins")

    def test_a_related_story_within_is_another_node(self) -> None:
        other = NEWS("https://schema.org/NewsArticle", "<i itemprop=headline>Other</i><i itemprop=author>Bo</i>")
        first, second = items(NEWS("https://schema.org/NewsArticle", f"<h1 itemprop=headline>H</h1>{other}"))
        assert (first["headline"], first.get("author"), second["headline"]) == (["H"], None, ["Other"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Air &amp; <b>land</b>", "Air & land", id="HTML"),
        pytest.param("Air &amp;amp; land", "Air & land", id="escaped twice"),
        pytest.param(["A", "B"], "A", id="the first of a list"),
        pytest.param([], "", id="an empty list"),
        pytest.param({"@value": "A", "@language": "en"}, "A", id="with its language"),
        pytest.param({"name": "A"}, "A", id="a node's name"),
        pytest.param({"name": {"name": "A"}}, "", id="too far down"),
        pytest.param("x\ud83dy", "xy", id="half a character"),
        pytest.param("a\n b", "a b", id="on one line"),
        pytest.param(7, "", id="number"),
        pytest.param(None, "", id="null"),
    ],
)
def test_text_of(value: Any, expected: str) -> None:
    assert text_of(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Ann", ["Ann"], id="text"),
        pytest.param({"name": ["Ann", "Bo"]}, ["Ann", "Bo"], id="one node, two names"),
        pytest.param([{"name": "Ann"}, "Bo", None, 7, {}], ["Ann", "Bo"], id="mixed"),
        pytest.param([["Ann"], [["Bo"]]], ["Ann", "Bo"], id="lists in lists"),
        pytest.param("", [], id="empty"),
    ],
)
def test_names_of(value: Any, expected: list[str]) -> None:
    assert names_of(value) == expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        pytest.param({"articleBody": "<p>One.</p><p>Two.</p>"}, "One.\nTwo.", id="HTML"),
        pytest.param({"articleBody": "&lt;p&gt;One.&lt;/p&gt;"}, "One.", id="escaped HTML"),
        pytest.param({"articleBody": ["One."]}, "", id="no text"),
        pytest.param(
            {"articleBody": "Lead.", "liveBlogUpdate": [{"headline": "10:00", "articleBody": "One."}, 7, {}]},
            "Lead.\n10:00\nOne.",
            id="live blog",
        ),
        pytest.param({"liveBlogUpdate": "x"}, "", id="no entries"),
        pytest.param({}, "", id="nothing"),
    ],
)
def test_text_stated(node: dict[str, Any], expected: str) -> None:
    assert text_stated(node) == expected


MINE = article(headline="Nine dead in bakery strike", url=URL, datePublished="2026-11-18")
OTHER = article(headline="Ferry sinks off the coast", url="https://wire.example/world/b", datePublished="2026-11-17")
THIRD = article(headline="Council votes on budget", author="Bo")


@pytest.mark.parametrize(
    ("nodes", "titles", "expected"),
    [
        pytest.param([MINE], ["Nine dead in bakery strike"], [MINE], id="alone"),
        pytest.param([OTHER, THIRD, MINE], ["Nine dead in bakery strike | Wire"], [MINE], id="related stories before"),
        pytest.param([MINE, OTHER, THIRD], ["Nine dead in bakery strike | Wire"], [MINE], id="related stories after"),
        pytest.param([OTHER, MINE], [], [MINE], id="told by its address"),
        pytest.param([OTHER, THIRD], ["Council votes on budget"], [THIRD], id="told by its headline"),
        pytest.param([OTHER, THIRD], ["Nine dead in bakery strike"], [], id="only related stories"),
        pytest.param(
            [OTHER, article(headline="Strike on bakery: nine dead", mainEntityOfPage={"@id": f"{URL}?utm_source=x"})],
            ["Nine dead after a strike on a bakery"],
            [article(headline="Strike on bakery: nine dead", mainEntityOfPage={"@id": f"{URL}?utm_source=x"})],
            id="headed a little differently",
        ),
        pytest.param(
            [OTHER, article(headline="内閣が予算案を決定"), article(headline="台風が沖縄に接近")],
            ["台風が沖縄に接近｜通信社"],
            [article(headline="台風が沖縄に接近")],
            id="without blanks",
        ),
        pytest.param(
            [MINE, article(headline=MINE["headline"], author="Ann")],
            ["Nine dead in bakery strike"],
            [MINE, article(headline=MINE["headline"], author="Ann")],
            id="stated twice",
        ),
        pytest.param([], ["Nine dead"], [], id="nothing"),
    ],
)
def test_which_node_is_the_pages_story(nodes: list[Any], titles: list[str], expected: list[Any]) -> None:
    assert about_page(nodes, URL, titles) == expected
