"""What a reader sees around a story: bylines, headings, dates and pictures, on pages of many systems."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from lxml.html import HtmlElement

from transforms.visible import (
    author_links,
    bylines,
    dates_near_headline,
    figure,
    is_elsewhere,
    leads_home,
    near_headline,
    other_headings,
    pieces,
    times,
    without_kicker,
)

HEAD = "<h1>Nine dead in bakery strike, rescuers say</h1>"


def page(body: str) -> HtmlElement:
    return html.document_fromstring(f"<html><head><title>T</title></head><body>{body}</body></html>")


def heading(inner: str) -> HtmlElement:
    return next(page(f"<h1>{inner}</h1>").iter("h1"))


def texts(claims: list[tuple[str, str]]) -> list[str]:
    return [text for _, text in claims]


@pytest.mark.parametrize(
    "element",
    [
        '<p class="byline">{}</p>',
        '<p class="by-line">{}</p>',
        '<p class="c-article__byline--large">{}</p>',
        '<div class="article-author">{}</div>',
        '<span class="AutorName">{}</span>',
        '<p class="auteur">{}</p>',
        '<div class="redaccion">{}</div>',
        '<p class="news-reporter">{}</p>',
        '<p class="skribent">{}</p>',
        '<p class="yazar">{}</p>',
        '<p class="penulis">{}</p>',
        '<a rel="author" href="/x">{}</a>',
        '<span itemprop="author">{}</span>',
        '<div data-testid="byline-name">{}</div>',
    ],
)
def test_bylines_are_known_by_their_names(element: str) -> None:
    found = bylines(page(f"{HEAD}{element.format('By Ann Lee')}<p class='story'>Text.</p>"))
    assert found == ["By Ann Lee"]


def test_links_to_authors_pages_are_found() -> None:
    linked = '<p><a href="/author/ann-lee">Ann Lee</a> <a href="/world/">World</a></p>'
    aside = '<aside><a href="/autor/bo-chan">Bo Chan</a></aside>'
    assert author_links(page(f"{HEAD}{linked}{aside}")) == ["Ann Lee"]


@pytest.mark.parametrize(
    "element",
    [
        pytest.param('<p class="lead">{}</p>', id="another name"),
        pytest.param("<p>{}</p>", id="no name"),
        pytest.param('<article class="author-story">{}</article>', id="the whole story"),
        pytest.param('<aside><p class="byline">{}</p></aside>', id="beside the story"),
        pytest.param('<footer><p class="byline">{}</p></footer>', id="in the footer"),
        pytest.param('<div class="related"><p class="byline">{}</p></div>', id="of a related story"),
        pytest.param('<ul id="comments"><li><b class="author">{}</b></li></ul>', id="of a comment"),
        pytest.param('<div class="teaser-list"><i class="author">{}</i></div>', id="of a teaser"),
        pytest.param('<p class="byline"> </p>', id="empty"),
    ],
)
def test_what_is_no_byline(element: str) -> None:
    assert bylines(page(HEAD + element.format("By Ann Lee"))) == []


def test_a_long_text_is_no_byline() -> None:
    assert bylines(page(f'{HEAD}<div class="author-bio">{"Ann Lee writes. " * 30}</div>')) == []


def test_bylines_come_in_document_order_and_not_for_ever() -> None:
    found = bylines(page(HEAD + "".join(f'<p class="byline">Ann {n}</p>' for n in range(500))))
    assert found[:2] == ["Ann 0", "Ann 1"]
    assert len(found) < 100


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(f"{HEAD}<p>By Ann Lee</p>", ["By Ann Lee"], id="behind the headline"),
        pytest.param(f"<p>By Ann Lee</p>{HEAD}", ["By Ann Lee"], id="before it"),
        pytest.param(f"<p>Far</p><p>Near</p>{HEAD}<p>After</p>", ["After", "Near"], id="the nearest first"),
        pytest.param(f"{HEAD}<div><b>Ann Lee</b><i>Berlin</i></div>", ["Ann Lee\nBerlin"], id="line by line"),
        pytest.param(f"{HEAD}<p>{'A paragraph of the story. ' * 9}</p>", [], id="not the text"),
        pytest.param(
            f"{HEAD}<figure><p>Ann Lee</p></figure><aside><p>Ann Lee</p></aside>", [], id="nor what is beside"
        ),
        pytest.param(f"{HEAD}<div class=related><p>By Bo Chan</p></div>", [], id="nor another story's"),
    ],
)
def test_short_texts_near_the_headline(body: str, expected: list[str]) -> None:
    assert [text for text in near_headline(page(body)) if text != "Far"] == expected


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        pytest.param("Nine dead", "Nine dead", id="no kicker"),
        pytest.param('<span class="kicker">Syria</span> Nine dead', "Nine dead", id="kicker"),
        pytest.param('<span class="dachzeile">Syrien:</span> <span>Neun Tote</span>', "Neun Tote", id="Dachzeile"),
        pytest.param('<i class="icon-plus">Plus</i>Nine <b>dead</b>', "Nine dead", id="label, and emphasis"),
        pytest.param('Nine dead <a class="comment-count">12</a>', "Nine dead", id="counter behind"),
        pytest.param('<span class="kicker">Syria</span>', "", id="nothing else"),
    ],
)
def test_without_kicker(inner: str, expected: str) -> None:
    assert without_kicker(heading(inner)) == expected


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("Nine dead", ()),
        ("<span>Syria</span> <span>Nine dead</span>", ("Nine dead",)),
        ("Syria <b>Nine dead</b> at dawn", ("Nine dead at dawn",)),
        ("<i>A</i><i> </i><i>B</i><i>C</i>", ("B", "C")),
    ],
    ids=["one", "two", "text first", "several"],
)
def test_pieces(inner: str, expected: tuple[str, ...]) -> None:
    assert pieces(heading(inner)) == expected


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        pytest.param('<a href="/">The Lantern</a>', True, id="front page"),
        pytest.param('<a href="https://lantern.example/">The Lantern</a>', True, id="its whole address"),
        pytest.param('<a href="/world">World</a>', True, id="section"),
        pytest.param("<a>The Lantern</a>", True, id="nowhere"),
        pytest.param('<a href="/2026/11/18/nine-dead">Nine dead</a>', False, id="the story itself"),
        pytest.param('Nine dead <a href="/">in Syria</a>', False, id="a link within"),
        pytest.param('<a href="/">Syria</a>: nine dead', False, id="a link before"),
        pytest.param("Nine dead", False, id="no link"),
    ],
)
def test_leads_home(inner: str, expected: bool) -> None:
    assert leads_home(heading(inner)) is expected


LONG = "Nine dead in bakery strike, rescuers say"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(f'<h2 class="entry-title">{LONG}</h2>', [LONG], id="microformats"),
        pytest.param(f'<div itemprop="headline">{LONG}</div>', [LONG], id="microdata"),
        pytest.param(f'<td class="article-title">{LONG}</td>', [LONG], id="a cell"),
        pytest.param(f'<font size="5">{LONG}</font>', [LONG], id="large print"),
        pytest.param(f'<font size="+2"><b>{LONG}</b></font>', [LONG], id="larger print"),
        pytest.param(f'<h1>x</h1><font size="5">{LONG}</font>', [], id="large print beside a heading"),
        pytest.param('<h2 class="entry-title">Short</h2>', [], id="too short"),
        pytest.param(f"<h2>{LONG}</h2>", [], id="any heading"),
    ],
)
def test_other_headings(body: str, expected: list[str]) -> None:
    body = f"<table><tr>{body}</tr></table>" if body.startswith("<td") else body
    assert other_headings(page(body)) == expected


class TestTimes:
    @pytest.mark.parametrize(
        ("element", "published", "updated"),
        [
            pytest.param('<time datetime="2026-11-18T10:00Z">x</time>', ["2026-11-18T10:00Z"], [], id="one"),
            pytest.param("<time>18 November 2026</time>", ["18 November 2026"], [], id="its words"),
            pytest.param('<time itemprop="datePublished" datetime="A">x</time>', ["A"], [], id="datePublished"),
            pytest.param('<time pubdate datetime="A">x</time>', ["A"], [], id="pubdate"),
            pytest.param('<time class="entry-date published" datetime="A">x</time>', ["A"], [], id="class"),
            pytest.param('<time itemprop="dateModified" datetime="A">x</time>', [], ["A"], id="dateModified"),
            pytest.param('<time class="updated" datetime="A">x</time>', [], ["A"], id="class of a change"),
            pytest.param('<time datetime="A">Updated 10:00</time>', [], ["A"], id="its words say so"),
            pytest.param('<p>Aktualisiert: <time datetime="A">10 Uhr</time></p>', [], ["A"], id="German before it"),
            pytest.param('<p>Mis à jour le <time datetime="A">x</time></p>', [], ["A"], id="French, in three words"),
            pytest.param('<p>Обновлено <time datetime="A">x</time></p>', [], ["A"], id="Russian"),
            pytest.param('<p>更新：<time datetime="A">x</time></p>', [], ["A"], id="Chinese"),
            pytest.param('<span itemprop="datePublished" content="A">x</span>', ["A"], [], id="microdata, no <time>"),
            pytest.param('<time datetime="A">x</time><time datetime="B">y</time>', ["A"], [], id="the first of many"),
            pytest.param(
                '<time datetime="A">x</time><time class="published" datetime="B">y</time>',
                ["B", "A"],
                [],
                id="one that says what it is comes first",
            ),
            pytest.param("<time></time>", [], [], id="nothing said"),
            pytest.param('<aside><time datetime="A">x</time></aside>', [], [], id="beside the story"),
            pytest.param(
                '<div class="related-stories"><time datetime="A">x</time></div>', [], [], id="of another story"
            ),
            pytest.param('<div id="comments"><time datetime="A">x</time></div>', [], [], id="of a comment"),
        ],
    )
    def test_what_they_claim(self, element: str, published: list[str], updated: list[str]) -> None:
        found = times(page(HEAD + element))
        assert (texts(found[0]), texts(found[1])) == (published, updated)

    def test_they_say_where_they_were_found(self) -> None:
        found, _ = times(page('<time class="published">A</time><i itemprop="datePublished">B</i>'))
        assert found == [("time", "A"), ("microdata", "B")]


UPDATED = {
    "en": "Updated",
    "en, modified": "Last modified",
    "de": "Aktualisiert am",
    "fr": "Mis à jour le",
    "fr, feminine": "Mise à jour :",
    "es": "Actualizado el",
    "pt": "Atualizado em",
    "it": "Aggiornato il",
    "nl": "Bijgewerkt op",
    "sv": "Uppdaterad",
    "da": "Opdateret",
    "no": "Oppdatert",
    "fi": "Päivitetty",
    "pl": "Aktualizacja:",
    "hu": "Frissítve:",
    "ru": "Обновлено",
    "uk": "Оновлено",
    "tr": "Güncelleme:",
    "el": "Ενημερώθηκε:",
    "ar": "آخر تحديث:",
    "fa": "به‌روزرسانی:",
    "he": "עודכן:",
    "hi": "अपडेटेड",
    "id": "Diperbarui",
    "vi": "Cập nhật:",
    "zh": "更新时间：",
    "ja": "更新：",
    "ko": "수정",
}


@pytest.mark.parametrize("said", UPDATED.values(), ids=UPDATED.keys())
def test_updated_in_many_languages(said: str) -> None:
    timed = times(page(f'{HEAD}<p>{said} <time datetime="A">x</time></p>'))
    seen = dates_near_headline(page(f"{HEAD}<p>{said} 2026-11-18 10:00</p>"))
    assert (timed, seen[0]) == (([], [("time", "A")]), [])
    assert texts(seen[1])[0].endswith("2026-11-18 10:00")


class TestDatesNearHeadline:
    @pytest.mark.parametrize(
        ("before", "after", "published", "updated"),
        [
            pytest.param("", "<p>18 November 2026</p>", ["18 November 2026"], [], id="after the headline"),
            pytest.param("<p>18.11.2026</p>", "", ["18.11.2026"], [], id="before it"),
            pytest.param(
                "<p>17.11.2026</p>",
                "<p>18.11.2026</p>",
                ["18.11.2026", "17.11.2026"],
                [],
                id="the one after comes first",
            ),
            pytest.param(
                "<p>18.11.2026 10:00</p><p>Politik, 1. Teil</p>",
                "",
                ["18.11.2026 10:00", "Politik, 1. Teil"],
                [],
                id="those with a clock time first",
            ),
            pytest.param(
                "",
                "<p>18 Nov 2026 10:04 – updated 11:15</p>",
                ["18 Nov 2026 10:04 – "],
                ["2026-11-18 11:15"],
                id="both in one line, the change of the same day",
            ),
            pytest.param(
                "",
                "<p>18.11.2026, 10.04 Uhr</p><p>Aktualisiert 11.15 Uhr</p>",
                ["18.11.2026, 10.04 Uhr"],
                ["2026-11-18 11:15"],
                id="German, in two lines",
            ),
            pytest.param(
                "",
                "<p>Publié le 18 novembre 2026 à 10h04, mis à jour le 19 novembre 2026 à 11h15</p>",
                ["Publié le 18 novembre 2026 à 10h04, "],
                ["mis à jour le 19 novembre 2026 à 11h15"],
                id="French, a change of another day",
            ),
            pytest.param("", "<p>Updated 19 November 2026</p>", [], ["Updated 19 November 2026"], id="a change alone"),
            pytest.param("", "<p>2026年11月18日 10:04</p>", ["2026年11月18日 10:04"], [], id="Japanese"),
            pytest.param("", "<p>١٨ نوفمبر ٢٠٢٦</p>", ["١٨ نوفمبر ٢٠٢٦"], [], id="Arabic digits"),
            pytest.param("", "<figure><figcaption>Ruins on 1 May 2020</figcaption></figure>", [], [], id="a caption's"),
            pytest.param("", "<aside><p>1 May 2020</p></aside>", [], [], id="beside the story"),
            pytest.param("", '<div class="related"><p>1 May 2020</p></div>', [], [], id="of another story"),
            pytest.param("", "<script>var d='1 May 2020'</script>", [], [], id="of a script"),
            pytest.param("", f"<p>On 1 May 2020 {'it was quiet, ' * 9}</p>", [], [], id="within the text"),
            pytest.param("", "<p>No digits here</p>", [], [], id="no digits"),
        ],
    )
    def test_what_they_claim(self, before: str, after: str, published: list[str], updated: list[str]) -> None:
        found = dates_near_headline(page(before + HEAD + after))
        assert ([t.strip() for t in texts(found[0])], texts(found[1])) == ([t.strip() for t in published], updated)
        assert {origin for claims in found for origin, _ in claims} <= {"visible"}

    def test_a_date_far_below_the_headline_is_another_ones(self) -> None:
        filler = "".join(f"<p>Paragraph {'x' * n}.</p>" for n in range(80))
        assert dates_near_headline(page(f"{HEAD}{filler}<p>1 May 2020</p>")) == ([], [])

    def test_without_a_headline_the_page_is_read_from_its_start(self) -> None:
        assert texts(dates_near_headline(page("<p>18 November 2026</p>"))[0]) == ["18 November 2026"]

    def test_the_outlets_name_is_no_headline(self) -> None:
        body = f"<h1>The Lantern</h1><p>1 May 2020</p>{'<p>Menu</p>' * 40}{HEAD}<p>18 November 2026</p>"
        assert texts(dates_near_headline(page(body))[0])[0] == "18 November 2026"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            "<figure><img src=/p.jpg><figcaption>Ruins. Photo: Ann Lee/AP</figcaption></figure>",
            ("/p.jpg", "Ruins.", "Ann Lee/AP"),
            id="all three",
        ),
        pytest.param(
            "<figure><img src=/a.jpg></figure><figure><img src=/b.jpg><figcaption>B</figcaption></figure>",
            ("/b.jpg", "B", ""),
            id="the first with a caption",
        ),
        pytest.param(
            "<figure><img src=/a.jpg><figcaption> </figcaption></figure><figure><figcaption>B</figcaption></figure>",
            ("", "B", ""),
            id="an empty caption is none",
        ),
        pytest.param(
            "<figure><img data-src=/lazy.jpg><figcaption>B</figcaption></figure>", ("/lazy.jpg", "B", ""), id="lazy"
        ),
        pytest.param(f"<figure><figcaption>{'x' * 700}</figcaption></figure>", ("", "", ""), id="too long"),
        pytest.param("<img src=/p.jpg>", ("", "", ""), id="no figure"),
        pytest.param("", ("", "", ""), id="nothing"),
    ],
)
def test_figure(body: str, expected: tuple[str, str, str]) -> None:
    assert figure(page(body)) == expected


@pytest.mark.parametrize(
    ("wrapped", "expected"),
    [
        ("<nav><b>x</b></nav>", True),
        ("<div class='most-read'><p><b>x</b></p></div>", True),
        ("<div id=disqus_thread><b>x</b></div>", True),
        ("<main class='with-sidebar'><b>x</b></main>", False),
        ("<article class='card'><b>x</b></article>", False),
        ("<div class=story><b>x</b></div>", False),
    ],
    ids=["nav", "most read", "comments", "main named after its layout", "article named so", "story"],
)
def test_is_elsewhere(wrapped: str, expected: bool) -> None:
    assert is_elsewhere(next(page(wrapped).iter("b"))) is expected


PARTS = st.sampled_from(
    [
        HEAD,
        "<time>",
        "</time>",
        "<time datetime=''>",
        "<p class=byline>",
        "<div class=related>",
        "</div>",
        "By Ann",
        "<figure>",
        "<figcaption>",
        "<img src>",
        "18.11.2026",
        "updated 25:99 ",
        "1:1",
        "<h2 class=entry-title>",
        "<font size=+9>",
        "<big>",
        "<a href='//[x'>",
        "<h1><a>",
        "</h1>",
        "<i itemprop=dateModified>",
        "<table>",
        "\u202e",
        "99 99 9999",
    ]
)


@settings(max_examples=150, deadline=1_000)
@given(st.lists(PARTS, max_size=30).map("".join))
def test_any_page_is_read(body: str) -> None:
    tree = page(body)
    bylines(tree), times(tree), dates_near_headline(tree), figure(tree), other_headings(tree)
    for found in tree.iter("h1"):
        without_kicker(found), pieces(found), leads_home(found)


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 5_000,
        '<p class="byline">' + "<b>" * 5_000,
        f'<p class="{"author " * 100_000}">x</p>',
        '<p class="byline">By Ann Lee</p>' * 10_000,
        "<time>18.11.2026</time>" * 10_000,
        "<span>18.11.2026 10:00 updated</span> " * 10_000,
        "<figure><figcaption> </figcaption></figure>" * 10_000,
        "<p>x</p>" * 50_000,
    ],
    ids=["deep", "a deep byline", "a huge class", "bylines", "times", "dates", "figures", "paragraphs"],
)
@pytest.mark.timeout(20)
def test_a_bomb_costs_little(body: str) -> None:
    tree = page(HEAD + body)
    start = time.process_time()
    bylines(tree), times(tree), dates_near_headline(tree), figure(tree), other_headings(tree)
    assert time.process_time() - start < 2
