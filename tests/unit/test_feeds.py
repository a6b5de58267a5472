"""Every dialect of feed, and every way feeds are known to be wrong."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.factories import FEED_URL, NOON, make_feed, make_response
from transforms import feeds
from transforms.entries import MAX_LINE, MAX_TEXT
from transforms.errors import NotAFeed
from transforms.feeds import parse_moment, read_feed, unchanged
from transforms.languages import primary_subtag
from transforms.records import Entry, Image, Poll

EIGHT = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


def rss(items: str, *, encoding: str = "utf-8", head: str = "<title>Wire</title>") -> str:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel>{head}<link>https://wire.example/</link>{items}</channel></rss>"
    )


def item(inner: str = "", *, link: str = "https://wire.example/a") -> str:
    return f"<item><link>{link}</link>{inner}</item>"


def json_feed(*items: Any, **top: Any) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Wire", "items": items, **top})


def poll(body: bytes | str, **response: Any) -> Poll:
    return read_feed(make_feed(), make_response(body, **{"final_url": FEED_URL, **response}))


def only(body: bytes | str, **response: Any) -> Entry:
    (entry,) = poll(body, **response).entries
    return entry


RSS_091 = """<?xml version="1.0"?><rss version="0.91"><channel><title>Wire</title><language>en-gb</language>
<item><title>Air strike</title><link>https://wire.example/a</link><description>Nine dead.</description></item>
</channel></rss>"""
RSS_092 = RSS_091.replace("0.91", "0.92")
RSS_100 = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://wire.example/"><title>Wire</title><dc:language>en</dc:language></channel>
<item rdf:about="https://wire.example/a"><title>Air strike</title><link>https://wire.example/a</link>
<description>Nine dead.</description><dc:creator>Ann Lee</dc:creator><dc:date>2026-11-18T08:00:00Z</dc:date></item>
</rdf:RDF>"""
RSS_200 = rss(
    item(
        "<title>Air strike</title><description>Nine dead.</description><pubDate>Wed, 18 Nov 2026 08:00:00 GMT</pubDate>"
    ),
    head="<title>Wire</title><language>en-GB</language>",
)
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Wire</title>
<entry><title>Air strike</title><id>tag:1</id><link rel="alternate" href="https://wire.example/a"/>
<summary>Nine dead.</summary><published>2026-11-18T08:00:00Z</published><updated>2026-11-18T09:00:00Z</updated>
<author><name>Ann Lee</name></author></entry></feed>"""
ATOM_03 = """<?xml version="1.0"?><feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="en"><title>Wire</title>
<entry><title>Air strike</title><id>tag:1</id><link rel="alternate" type="text/html" href="https://wire.example/a"/>
<summary>Nine dead.</summary><issued>2026-11-18T08:00:00Z</issued></entry></feed>"""
JSON = json_feed(
    {
        "id": "1",
        "url": "https://wire.example/a",
        "title": "Air strike",
        "summary": "Nine dead.",
        "date_published": "2026-11-18T08:00:00Z",
    },
    language="en",
)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(RSS_091, id="RSS 0.91"),
        pytest.param(RSS_092, id="RSS 0.92"),
        pytest.param(RSS_100, id="RSS 1.0"),
        pytest.param(RSS_200, id="RSS 2.0"),
        pytest.param(ATOM_03, id="Atom 0.3"),
        pytest.param(ATOM, id="Atom 1.0"),
        pytest.param(JSON, id="JSON Feed 1.1"),
        pytest.param(JSON.replace("1.1", "1"), id="JSON Feed 1.0"),
        pytest.param("\ufeff" + JSON, id="JSON Feed with a byte order mark"),
        pytest.param("\n\n" + RSS_200.partition("?>")[2], id="blank lines and no declaration"),
    ],
)
def test_every_dialect_says_the_same(body: str) -> None:
    answer = poll(body)
    (entry,) = answer.entries
    said = (entry.feed_id, entry.url, entry.title, entry.description, entry.text, entry.language, entry.source_name)
    assert said == ("wire", "https://wire.example/a", "Air strike", "Nine dead.", "", "en", "Wire")
    assert entry.seen_at == NOON
    assert (answer.title, answer.complete, answer.status, answer.rejected) == ("Wire", True, "ok", ())


@pytest.mark.parametrize(
    ("body", "published", "updated"),
    [
        pytest.param(ATOM, EIGHT, NINE, id="Atom has both"),
        pytest.param(RSS_100, EIGHT, EIGHT, id="RSS 1.0 has one"),
        pytest.param(RSS_200, EIGHT, None, id="RSS 2.0 has pubDate only"),
        pytest.param(RSS_091, None, None, id="RSS 0.91 has none"),
    ],
)
def test_dates_by_dialect(body: str, published: datetime | None, updated: datetime | None) -> None:
    entry = only(body)
    assert (entry.published_at, entry.updated_at) == (published, updated)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("Wed, 18 Nov 2026 08:00:00 GMT", EIGHT, id="GMT"),
        pytest.param("Wed, 18 Nov 2026 00:00:00 PST", EIGHT, id="PST"),
        pytest.param("Wed, 18 Nov 2026 03:00:00 EST", EIGHT, id="EST"),
        pytest.param("Wed, 18 Nov 2026 10:00:00 +0200", EIGHT, id="offset"),
        pytest.param("Wed, 18 Nov 2026 10:00:00 +02:00", EIGHT, id="offset with a colon"),
        pytest.param("18 Nov 2026 08:00 GMT", EIGHT, id="no weekday, no seconds"),
        pytest.param("Wed, 18 Nov 26 08:00:00 Z", EIGHT, id="year of two digits"),
        pytest.param("Fri, 18 Nov 2026 08:00:00 GMT", EIGHT, id="wrong weekday"),
        pytest.param("2026-11-18T10:00:00+02:00", EIGHT, id="ISO in RSS"),
        pytest.param("2026-11-18T08:00:00Z", EIGHT, id="ISO with Z"),
        pytest.param("yesterday", None, id="words"),
        pytest.param("0000-00-00 00:00:00", None, id="zeros"),
        pytest.param("Wed, 99 Nov 2026 08:00:00 GMT", None, id="day 99"),
        pytest.param("", None, id="empty"),
    ],
)
def test_feed_dates(said: str, expected: datetime | None) -> None:
    assert only(rss(item(f"<pubDate>{said}</pubDate>"))).published_at == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2026-11-18T08:00:00Z", EIGHT, id="ISO"),
        pytest.param(" 2026-11-18T10:00+02:00 ", EIGHT, id="ISO offset"),
        pytest.param("2026-11-18T10:00:00.123+0200", EIGHT.replace(microsecond=123_000), id="ISO offset without colon"),
        pytest.param("Wed, 18 Nov 2026 00:00:00 PST", EIGHT, id="RFC 822 zone"),
        pytest.param("2026-11-18T08:00:00", None, id="no zone"),
        pytest.param("2026-11-18", None, id="a day"),
        pytest.param("Wed, 18 Nov 2026 08:00:00 -0000", None, id="RFC 5322 for an unknown zone"),
        pytest.param("0001-01-01T00:00:00+23:00", None, id="before the calendar"),
        pytest.param("9999-12-31T23:59:00-23:00", None, id="after the calendar"),
        pytest.param("nonsense", None, id="nonsense"),
        pytest.param("", None, id="empty"),
    ],
)
def test_parse_moment(text: str, expected: datetime | None) -> None:
    assert parse_moment(text) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "en"),
        ("EN-gb", "en"),
        ("pt_BR", "pt"),
        ("zh-Hant-TW", "zh"),
        ("ckb", "ckb"),
        (" de ", "de"),
        ("english", ""),
        ("e", ""),
        ("", ""),
        (None, ""),
        ("12", ""),
        ("x-klingon", ""),
    ],
)
def test_primary_subtag(tag: object, expected: str) -> None:
    assert primary_subtag(tag) == expected


@pytest.mark.parametrize(
    ("configured", "head", "inner", "expected"),
    [
        pytest.param("", "", "", "", id="nobody says"),
        pytest.param("", "<language>fr-FR</language>", "", "fr", id="the feed says"),
        pytest.param("ar", "<language>en</language>", "", "ar", id="the operator knows better than the feed"),
        pytest.param("ar", "", '<title xml:lang="ru">Т</title>', "ru", id="the item knows best"),
    ],
)
def test_language(configured: str, head: str, inner: str, expected: str) -> None:
    answer = read_feed(make_feed(language=configured), make_response(rss(item(inner), head=head), final_url=FEED_URL))
    assert answer.entries[0].language == expected


@pytest.mark.parametrize(("name", "expected"), [("", "Wire"), ("The Wire", "The Wire")])
def test_the_operators_name_of_an_outlet_counts(name: str, expected: str) -> None:
    answer = read_feed(make_feed(name=name), make_response(RSS_200, final_url=FEED_URL))
    assert answer.entries[0].source_name == expected


@pytest.mark.parametrize(
    ("inner", "title", "description", "text"),
    [
        pytest.param(
            "<title>&lt;b&gt;Air&lt;/b&gt; &amp;amp; land</title>", "Air & land", "", "", id="HTML in a title"
        ),
        pytest.param(
            "<title><![CDATA[Air &#8216;strike&#8217;]]></title>", "Air ‘strike’", "", "", id="CDATA and entities"
        ),
        pytest.param("<title>\n Air\n strike </title>", "Air strike", "", "", id="broken lines"),
        pytest.param(
            "<description><![CDATA[<p>One.</p><p>Two.<script>x()</script></p>]]></description>",
            "",
            "One.\nTwo.",
            "",
            id="HTML",
        ),
        pytest.param(
            "<description>Short.</description><content:encoded><![CDATA[<p>All</p><p>of it.</p>]]></content:encoded>",
            "",
            "Short.",
            "All\nof it.",
            id="full text",
        ),
        pytest.param(
            "<description>Same.</description><content:encoded>&lt;p&gt;Same.&lt;/p&gt;</content:encoded>",
            "",
            "Same.",
            "",
            id="a full text that is the standfirst again",
        ),
    ],
)
def test_texts_are_plain(inner: str, title: str, description: str, text: str) -> None:
    entry = only(rss(item(inner)))
    assert (entry.title, entry.description, entry.text) == (title, description, text)


def test_a_caption_is_not_the_story() -> None:
    entry = only(
        rss(
            item(
                "<description>Nine dead.</description>"
                '<media:content url="/p.jpg?utm_source=rss" medium="image"><media:description type="html">'
                "A boy &lt;b&gt;stands&lt;/b&gt; in the ruins of a market, long and descriptive</media:description>"
                "<media:credit>Ann Lee/Wire</media:credit></media:content>"
            )
        )
    )
    assert (entry.description, entry.text) == ("Nine dead.", "")
    assert entry.image == Image(
        url="https://wire.example/p.jpg",
        caption="A boy stands in the ruins of a market, long and descriptive",
        credit="Ann Lee/Wire",
    )


@pytest.mark.parametrize(
    ("inner", "url"),
    [
        pytest.param(
            '<enclosure url="/p.jpg" type="image/jpeg" length="1"/>', "https://wire.example/p.jpg", id="enclosure"
        ),
        pytest.param('<enclosure url="/a.mp3" type="audio/mpeg" length="1"/>', "", id="a podcast is no picture"),
        pytest.param('<media:thumbnail url="https://cdn.example/t.jpg"/>', "https://cdn.example/t.jpg", id="thumbnail"),
        pytest.param('<media:content url="/v.mp4" medium="video"/>', "", id="a video is no picture"),
        pytest.param(
            '<media:content url="/v.mp4" medium="video"/><media:content url="/p.png" type="image/png"/>',
            "https://wire.example/p.png",
            id="a picture after a video",
        ),
        pytest.param('<media:content url="javascript:x" medium="image"/>', "", id="javascript"),
    ],
)
def test_pictures(inner: str, url: str) -> None:
    assert only(rss(item(inner))).image.url == url


def test_authors_and_keywords_are_listed_once() -> None:
    entry = only(
        rss(
            item(
                "<dc:creator>Ann Lee</dc:creator><dc:creator>Bo &amp;amp; Co</dc:creator>"
                "<dc:creator>Ann Lee</dc:creator><category>Syria</category><category> Syria </category>"
                "<category>War &amp;amp; peace</category><category/>"
            )
        )
    )
    assert set(entry.authors) == {"Ann Lee", "Bo & Co"}
    assert len(entry.authors) == 2
    assert entry.keywords == ("Syria", "War & peace")


@pytest.mark.parametrize(
    ("body", "url"),
    [
        pytest.param(rss(item(link="/a?id=1")), "https://wire.example/a?id=1", id="from the feed's address"),
        pytest.param(rss(item(link=" \n https://wire.example/a ")), "https://wire.example/a", id="white space"),
        pytest.param(
            rss("<item><guid>https://wire.example/g</guid></item>"), "https://wire.example/g", id="permalink guid"
        ),
        pytest.param(
            '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://b.example/x/"><title>T</title>'
            '<entry xml:base="y/"><link href="s"/></entry></feed>',
            "https://b.example/x/y/s",
            id="xml:base, nested",
        ),
        pytest.param(
            '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><link rel="self" href="/self"/>'
            '<link rel="alternate" href="/a"/></entry></feed>',
            "https://wire.example/a",
            id="alternate link",
        ),
        pytest.param(json_feed({"url": "/a"}), "https://wire.example/a", id="JSON, relative"),
        pytest.param(
            json_feed({"external_url": "https://b.example/a"}), "https://b.example/a", id="JSON, external_url"
        ),
        pytest.param(json_feed({"id": "https://b.example/a"}), "https://b.example/a", id="JSON, an address as id"),
    ],
)
def test_links(body: str, url: str) -> None:
    assert only(body).url == url


def test_links_start_from_where_the_feed_was_found() -> None:
    moved = only(rss(item(link="a")), final_url="https://moved.example/feeds/rss")
    assert moved.url == "https://moved.example/feeds/a"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        pytest.param(rss("<item><title>Lost</title></item>"), "Lost", id="no link"),
        pytest.param(
            rss("<item><title>L</title><guid isPermaLink='false'>g7</guid></item>"), "g7", id="guid is no link"
        ),
        pytest.param(rss("<item><title>Lost</title><link/></item>"), "Lost", id="empty link"),
        pytest.param(rss(item(link="javascript:alert(1)")), "javascript:alert(1)", id="javascript"),
        pytest.param(rss(item(link="mailto:a@a.example")), "mailto:a@a.example", id="mail"),
        pytest.param(rss(item(link="ftp://a.example/s")), "ftp://a.example/s", id="ftp"),
        pytest.param(rss("<item><description>x</description></item>"), "unnamed", id="nothing at all"),
        pytest.param(json_feed({"id": "7"}), "7", id="JSON without a link"),
        pytest.param(json_feed({"id": 7, "title": "T"}), "7", id="JSON with a number for an id"),
        pytest.param(json_feed({"id": "7", "url": ["https://wire.example/a"]}), "7", id="JSON with a list for a link"),
        pytest.param(
            json_feed({"id": "7", "url": "https://wire.example/\ud83d"}), "7", id="JSON with half a character"
        ),
        pytest.param(json_feed("text"), "text", id="JSON item is no object"),
    ],
)
def test_items_that_lead_nowhere_are_reported(body: str, name: str) -> None:
    answer = poll(body)
    assert answer.entries == ()
    (rejected,) = answer.rejected
    assert (rejected.stage, rejected.error, rejected.retryable) == ("entry", "NoLink", False)
    assert rejected.subject == f"{FEED_URL}#{name}"
    assert rejected.payload == make_feed()


def test_the_same_guid_on_all_merges_nothing() -> None:
    items = "".join(item("<guid isPermaLink='false'>same</guid>", link=f"https://wire.example/{i}") for i in range(3))
    assert [entry.url for entry in poll(rss(items)).entries] == [f"https://wire.example/{i}" for i in range(3)]


def test_one_entry_per_address_and_the_first_counts() -> None:
    items = item("<title>1</title>") + item("<title>2</title>", link="https://wire.example/a?utm_source=rss#x")
    (entry,) = poll(rss(items)).entries
    assert (entry.title, entry.url) == ("1", "https://wire.example/a")


def test_the_feeds_order_is_kept() -> None:
    items = "".join(item(link=f"https://wire.example/{name}") for name in "zamb")
    assert [entry.url[-1] for entry in poll(rss(items)).entries] == list("zamb")


RUSSIAN = item(
    "<title>Авиаудар по рынку в Идлибе</title><description>Погибли мирные жители, сообщили медики.</description>"
)
ARABIC = item("<title>غارات جوية على سوق في إدلب</title><description>مقتل مدنيين في المدينة بحسب مسعفين</description>")
FRENCH = item(
    "<title>Frappe aérienne à Alep</title><description>Des civils ont été tués, disent les médecins.</description>"
)


@pytest.mark.parametrize(
    ("items", "declared", "real", "content_type", "title"),
    [
        pytest.param(
            RUSSIAN, "windows-1251", "cp1251", "", "Авиаудар по рынку в Идлибе", id="windows-1251 as declared"
        ),
        pytest.param(RUSSIAN, "utf-8", "cp1251", "", "Авиаудар по рынку в Идлибе", id="windows-1251 declared as utf-8"),
        pytest.param(
            RUSSIAN, "windows-1251", "utf-8", "", "Авиаудар по рынку в Идлибе", id="utf-8 in truth, with a mark"
        ),
        pytest.param(ARABIC, "utf-8", "cp1256", "", "غارات جوية على سوق في إدلب", id="windows-1256 declared as utf-8"),
        pytest.param(FRENCH, "utf-8", "cp1252", "", "Frappe aérienne à Alep", id="windows-1252 declared as utf-8"),
        pytest.param(FRENCH, "iso-8859-1", "latin-1", "", "Frappe aérienne à Alep", id="latin-1"),
        pytest.param(
            FRENCH, "iso-8859-1", "latin-1", "text/xml", "Frappe aérienne à Alep", id="text/xml without a charset"
        ),
        pytest.param(
            FRENCH,
            "iso-8859-1",
            "latin-1",
            "text/xml; charset=utf-8",
            "Frappe aérienne à Alep",
            id="wrong charset header",
        ),
        pytest.param(FRENCH, "utf-16", "utf-16", "", "Frappe aérienne à Alep", id="utf-16 with a byte order mark"),
        pytest.param(
            RUSSIAN, "utf-8", "utf-8-sig", "", "Авиаудар по рынку в Идлибе", id="utf-8 with a byte order mark"
        ),
        pytest.param(FRENCH, "x-unheard-of", "utf-8", "", "Frappe aérienne à Alep", id="unknown encoding"),
    ],
)
def test_encodings(items: str, declared: str, real: str, content_type: str, title: str) -> None:
    body = rss(items, encoding=declared)
    sent = body.encode("utf-8-sig") if declared == "windows-1251" and real == "utf-8" else body.encode(real)
    answer = poll(sent, content_type=content_type)
    assert [entry.title for entry in answer.entries] == [title]
    assert answer.complete


TWO = rss(item("<title>First</title>") + item("<title>Second</title>", link="https://wire.example/b"))


@pytest.mark.parametrize(
    ("end", "titles"),
    [
        pytest.param("</channel>", ["First", "Second"], id="after the last item"),
        pytest.param("<title>Second", ["First", ""], id="in the second item"),
        pytest.param("<link>https://wire.example/b", ["First"], id="before the second link ends"),
        pytest.param("</item>", ["First"], id="after the first item"),
    ],
)
def test_a_feed_cut_short_keeps_what_came(end: str, titles: list[str]) -> None:
    answer = poll(TWO[: TWO.index(end) + (0 if end == "</channel>" else len(end))])
    assert [entry.title for entry in answer.entries] == titles
    assert not answer.complete
    assert FEED_URL not in [entry.url for entry in answer.entries]


def test_a_stray_ampersand_costs_no_item() -> None:
    answer = poll(
        rss(item("<title>A & B</title>", link="https://wire.example/a?x=1&y=2") + item(link="https://wire.example/b"))
    )
    assert [(entry.title, entry.url) for entry in answer.entries] == [
        ("A & B", "https://wire.example/a?x=1&y=2"),
        ("", "https://wire.example/b"),
    ]
    assert not answer.complete


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b" \r\n", "empty", id="white space"),
        pytest.param(
            b"<!doctype html><html><head><title>x</title></head><body>Log in</body></html>", "web page", id="HTML"
        ),
        pytest.param(b"hello", "neither RSS, Atom nor JSON Feed", id="text"),
        pytest.param(bytes(range(256)) * 8, "neither RSS, Atom nor JSON Feed", id="binary"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", "neither RSS, Atom nor JSON Feed", id="PDF"),
        pytest.param(b"<sitemapindex><sitemap/></sitemapindex>", "an index of sitemaps", id="index of sitemaps"),
        pytest.param(
            TWO[: TWO.index("<item>")].encode(), "broken XML without a single item", id="cut before the first item"
        ),
        pytest.param(b'{"items": []}', "no JSON Feed", id="JSON without a version"),
        pytest.param(
            b'{"version": "https://jsonfeed.org/version/1", "items": {}}', "no JSON Feed", id="items is no list"
        ),
        pytest.param(b'{"version": "https://jsonfeed.org/version/1", "items": [', "no JSON", id="JSON cut short"),
        pytest.param(b'{"a":' * 5_000, "no JSON", id="JSON nested without end"),
    ],
)
def test_what_is_no_feed(body: bytes, reason: str) -> None:
    with pytest.raises(NotAFeed, match=reason) as caught:
        poll(body)
    assert caught.value.subject == FEED_URL


def test_an_empty_feed_is_a_feed() -> None:
    assert (poll(rss("")).entries, poll(rss("")).complete) == ((), True)
    assert poll(json_feed()).entries == ()


def test_a_billion_laughs_cost_little() -> None:
    entities = '<!ENTITY a "lolololol">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(9)
    )
    bomb = f'<?xml version="1.0"?><!DOCTYPE l [{entities}]>' + rss(item("<title>&j;</title>")).partition("?>")[2]
    started = time.process_time()
    answer = poll(bomb)
    assert time.process_time() - started < 15  # expanded, it would be 9 GB
    assert max(len(entry.title) for entry in answer.entries) <= MAX_LINE
    assert not answer.complete


def test_external_entities_are_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("pass" + "word")
    doctype = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY f SYSTEM "{secret.as_uri()}">]>'
    answer = poll(doctype + rss(item("<title>x &f; y</title><description>&f;</description>")).partition("?>")[2])
    assert len(answer.entries) == 1
    assert "password" not in repr(answer)


def test_a_body_that_names_a_file_is_no_path(tmp_path: Path) -> None:
    """feedparser opens strings that look like paths; a server may answer with one."""
    saved = tmp_path / "feed.xml"
    saved.write_text(RSS_200)
    with pytest.raises(NotAFeed):
        poll(str(saved))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(rss("".join(item(link=f"https://wire.example/{i}") for i in range(9))), id="RSS"),
        pytest.param(json_feed(*({"url": f"https://wire.example/{i}"} for i in range(9))), id="JSON"),
    ],
)
def test_the_number_of_entries_is_capped(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MAX_ENTRIES", 4)
    assert [entry.url[-1] for entry in poll(body).entries] == ["0", "1", "2", "3"]


def test_texts_are_capped() -> None:
    long = only(json_feed({"url": "/a", "title": "t" * (MAX_LINE + 9), "content_text": "x" * (MAX_TEXT + 9)}))
    assert (len(long.title), len(long.text)) == (MAX_LINE, MAX_TEXT)


class TestJsonFeed:
    def test_everything(self) -> None:
        entry = only(
            json_feed(
                {
                    "id": "7",
                    "url": "https://wire.example/a",
                    "title": "A &amp; B",
                    "content_html": "<p>One.</p><p>Two.</p>",
                    "content_text": "ignored",
                    "summary": "Short.",
                    "image": "/p.jpg",
                    "date_published": "2026-11-18T10:00:00+02:00",
                    "date_modified": "2026-11-18T09:00:00Z",
                    "authors": [{"name": "Ann Lee"}, {"name": "Bo Chan"}],
                    "author": {"name": "ignored"},
                    "tags": ["Syria", "war"],
                    "language": "en-US",
                }
            )
        )
        assert entry == Entry(
            feed_id="wire",
            url="https://wire.example/a",
            title="A & B",
            description="Short.",
            text="One.\nTwo.",
            guid="7",
            item="7",
            authors=("Ann Lee", "Bo Chan"),
            keywords=("Syria", "war"),
            image=Image(url="https://wire.example/p.jpg"),
            language="en",
            source_name="Wire",
            published_at=EIGHT,
            updated_at=NINE,
            seen_at=NOON,
        )

    @pytest.mark.parametrize(
        ("fields", "name", "expected"),
        [
            pytest.param({"author": {"name": "Ann Lee"}}, "authors", ("Ann Lee",), id="author of version 1"),
            pytest.param({"authors": "Ann"}, "authors", (), id="authors as text"),
            pytest.param({"authors": ["Ann", None, {"name": 7}, {"name": "Bo"}]}, "authors", ("Bo",), id="odd authors"),
            pytest.param({"tags": ["a", 1, None, {"b": 2}]}, "keywords", ("a",), id="odd tags"),
            pytest.param({"tags": "a,b"}, "keywords", (), id="tags as text"),
            pytest.param({"title": ["T"]}, "title", "", id="title as a list"),
            pytest.param({"title": None}, "title", "", id="title is null"),
            pytest.param({"summary": 5}, "description", "", id="summary as a number"),
            pytest.param({"content_html": {}, "content_text": "Text."}, "text", "Text.", id="odd HTML, good text"),
            pytest.param(
                {"image": 3, "banner_image": "/b.png"}, "image", Image(url="https://wire.example/b.png"), id="banner"
            ),
            pytest.param({"image": "javascript:x"}, "image", Image(), id="javascript image"),
            pytest.param({"date_published": 1763452800}, "published_at", None, id="date as a number"),
            pytest.param({"date_published": "2026-11-18T08:00:00"}, "published_at", None, id="date without a zone"),
            pytest.param({"language": 1}, "language", "", id="language as a number"),
            pytest.param({"id": 12}, "guid", "12", id="id as a number"),
            pytest.param({"title": "x\ud83dy"}, "title", "xy", id="half a character"),
        ],
    )
    def test_wrong_types_cost_the_field_only(self, fields: dict[str, Any], name: str, expected: object) -> None:
        assert getattr(only(json_feed({"url": "https://wire.example/a", **fields})), name) == expected

    @pytest.mark.parametrize("top", [{"title": 7}, {"title": None}, {"language": ["en"]}, {"icon": {}}])
    def test_wrong_types_at_the_top_cost_nothing(self, top: dict[str, Any]) -> None:
        assert only(json_feed({"url": "https://wire.example/a"}, **top)).url == "https://wire.example/a"


class TestUnchanged:
    def test_the_same_bytes_are_not_parsed_again(self) -> None:
        first = poll(RSS_200, etag='"1"', last_modified="yesterday")
        assert (first.status, first.etag, first.last_modified) == ("ok", '"1"', "yesterday")
        feed = make_feed(body_hash=first.body_hash, etag='"1"', last_modified="yesterday")
        again = read_feed(feed, make_response(RSS_200, final_url=FEED_URL, etag='"2"'))
        assert (again.status, again.entries, again.body_hash) == ("unchanged", (), first.body_hash)
        assert (again.etag, again.last_modified) == ('"2"', None), "what a whole answer no longer has is gone"

    def test_one_byte_more_is_a_change(self) -> None:
        feed = make_feed(body_hash=poll(RSS_200).body_hash)
        assert read_feed(feed, make_response(RSS_200 + "\n", final_url=FEED_URL)).status == "ok"

    def test_validators_that_are_gone_are_forgotten_with_a_new_body(self) -> None:
        answer = read_feed(make_feed(etag='"1"', last_modified="x"), make_response(RSS_200, final_url=FEED_URL))
        assert (answer.etag, answer.last_modified) == (None, None)

    def test_a_304_keeps_what_it_leaves_out(self) -> None:
        feed = make_feed(etag='"1"', last_modified="yesterday", body_hash="h")
        answer = unchanged(feed, make_response(b"", status=304))
        assert (answer.status, answer.etag, answer.last_modified, answer.body_hash) == (
            "unchanged",
            '"1"',
            "yesterday",
            "h",
        )
        assert answer.polled_at == NOON


FRAGMENTS = st.sampled_from(
    [
        "<?xml version='1.0'?>",
        "<rss version='2.0'>",
        "<channel>",
        "<item>",
        "</item>",
        "<title>",
        "</title>",
        "<link>",
        "https://wire.example/a",
        "</link>",
        "<feed xmlns='http://www.w3.org/2005/Atom'>",
        "<entry>",
        "<link href='/b'/>",
        "<pubDate>Wed, 31 Feb 2026 25:61:61 PST</pubDate>",
        "<!DOCTYPE x [<!ENTITY a 'b'>]>",
        "&a;",
        "<![CDATA[",
        "]]>",
        "<media:content url='x'/>",
        "<guid>",
        "\x00",
        "&#0;",
        "<category/>",
        "<dc:date>9999-99-99</dc:date>",
        "</rss>",
        '{"version":"https://jsonfeed.org/version/1","items":[',
        '{"url":"http://[x"}',
        "]}",
        "é",
        "\ufeff",
    ]
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("https://wire.example/a"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "url", "id"]), inner, max_size=3)
    ),
    max_leaves=4,
)
JSON_KEYS = st.sampled_from(
    [
        "id",
        "url",
        "external_url",
        "title",
        "summary",
        "content_html",
        "image",
        "date_published",
        "authors",
        "author",
        "tags",
    ]
)


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=80)
    | st.lists(FRAGMENTS, max_size=25).map(lambda parts: "".join(parts).encode())
    | st.lists(st.dictionaries(JSON_KEYS, JSON_VALUES, max_size=6), max_size=3).map(
        lambda items: json_feed(*items, language=7).encode()
    ),
    st.sampled_from(
        ["", "text/xml", "application/json", "text/html; charset=koi8-r", "text/xml; charset=nonsense", ";;="]
    ),
)
@example(b"\xff\xfe<\x00", "")
@example(b"{}", "application/json")
@example(rss(item()).encode()[:-30], "")
def test_any_bytes_are_a_poll_or_no_feed(body: bytes, content_type: str) -> None:
    try:
        answer = poll(body, content_type=content_type)
    except NotAFeed:
        return
    for entry in answer.entries:
        assert entry.url.startswith(("http://", "https://"))
        repr(entry).encode()


@pytest.mark.parametrize(
    ("date", "precision"),
    [
        pytest.param("<pubDate>Tue, 18 Nov 2025 08:40:00 GMT</pubDate>", "minute", id="a moment"),
        pytest.param("<pubDate>18 Nov 2025</pubDate>", "day", id="a day"),
        pytest.param("<dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>2025-11-18</dc:date>", "day", id="ISO day"),
    ],
)
def test_a_day_is_not_taken_for_a_minute(date: str, precision: str) -> None:
    body = f"<rss version='2.0'><channel><item><link>https://wire.example/a</link>{date}</item></channel></rss>"
    (entry,) = read_feed(make_feed(), make_response(body.encode())).entries
    assert (entry.published_at is not None, entry.published_precision) == (True, precision)


def test_credentials_of_the_feed_do_not_reach_its_entries() -> None:
    body = b"<rss version='2.0'><channel><item><link>/a</link><title>A</title></item></channel></rss>"
    response = make_response(body, final_url="https://user:secret@wire.example/feed")
    (entry,) = read_feed(make_feed(), response).entries
    assert entry.url == "https://wire.example/a"


def test_two_spellings_of_one_address_are_one_entry() -> None:
    """Two would take turns in being the change of each other, at every poll."""
    items = "".join(
        f"<item><title>{n}</title><link>{link}</link></item>"
        for n, link in enumerate(["https://wire.example/a", "http://www.wire.example/a/?utm_source=x"])
    )
    entries = read_feed(make_feed(), make_response(f"<rss version='2.0'><channel>{items}</channel></rss>")).entries
    assert [entry.title for entry in entries] == ["0"]
