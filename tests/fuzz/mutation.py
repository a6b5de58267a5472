"""Feeds broken at random, each by its number: `case(4711)` is the same bytes on every machine."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from pipelines.demo.feeds import write_feed
from pipelines.demo.model import load_wire

#: Of a case, in bytes: what is larger takes longer and finds no more.
MAX_BYTES = 60_000

_XML_SEEDS = [
    # RSS 2.0 with all that hangs on it.
    """<?xml version="1.0" encoding="utf-8"?><?xml-stylesheet href="/rss.xsl"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
 xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:georss="http://www.georss.org/georss" xml:base="https://wire.example/base/"><channel><title>Wire &amp; Co</title>
<link>https://wire.example/</link><atom:link rel="self" href="https://wire.example/feed.xml"/><language>en-GB</language>
<ttl>15</ttl><skipHours><hour>0</hour><hour>23</hour></skipHours><skipDays><day>Sunday</day></skipDays>
<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency><cloud domain="x" port="80"/>
<image><url>/logo.png</url><title>Logo</title></image><lastBuildDate>Wed, 18 Nov 2026 08:00:00 GMT</lastBuildDate>
<item><title>Quiet &lt;b&gt;day&lt;/b&gt; &#8212; &eacute;</title><link>/a?utm_source=rss&amp;id=1</link>
<guid isPermaLink="false">tag:wire.example,2026:1</guid><pubDate>Wed, 18 Nov 2026 08:00:00 +0300</pubDate>
<description><![CDATA[<p>Nothing <a href="x">happened</a>.<img src="/i.jpg"></p>]]></description>
<content:encoded><![CDATA[<div><p>Nothing happened all day.</p><table><tr><td>1</td></tr></table></div>]]>
</content:encoded>
<dc:creator>Ann Lee</dc:creator><author>a@wire.example (Bob)</author><category domain="x">World</category>
<enclosure url="/p.jpg" type="image/jpeg" length="12"/><media:group><media:content url="https://i.example/p.jpg"
 medium="image"><media:credit role="photographer">C</media:credit><media:description type="html">A street
</media:description></media:content><media:thumbnail url="/t.png"/></media:group><georss:point>36.2 37.1</georss:point>
<itunes:duration>1:00</itunes:duration><source url="https://o.example/rss">Other</source></item>
<item><title/><link>https://wire.example/b</link><guid>https://wire.example/b</guid></item>
<item><title>No link</title><dc:date>2026-11-18T08:00Z</dc:date></item></channel></rss>""",
    # Atom with the constructs that nest.
    """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr" xml:base="https://wire.example/">
<title type="html">&lt;i&gt;Fil&lt;/i&gt;</title><id>urn:uuid:1</id><updated>2026-11-18T08:00:00.5+01:00</updated>
<link rel="alternate" href="/"/><author><name>É. Dupont</name><email>e@x.example</email></author>
<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Un <em>titre</em></div></title>
<id>tag:wire.example,2026:2</id><link rel="alternate" type="text/html" href="a.html"/><link rel="enclosure"
 type="image/png" href="p.png"/><published>2026-11-18T07:00:00Z</published><updated>2026-11-18T08:00:00Z</updated>
<summary type="text">Résumé</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Texte</p>
<svg xmlns="http://www.w3.org/2000/svg"><a href="x"/></svg><math xmlns="http://www.w3.org/1998/Math/MathML"/></div>
</content><category term="monde" label="Monde"/><rights>©</rights></entry>
<entry><title>Base64</title><id>3</id><link href="b.html"/>
<content type="application/octet-stream">Tm90aGluZw==</content>
<source><title>Autre</title><id>x</id></source></entry></feed>""",
    # RSS 1.0, and the oldest ones.
    """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://w.example/">
<title>W</title><link>https://w.example/</link><items><rdf:Seq><rdf:li rdf:resource="https://w.example/1"/></rdf:Seq>
</items></channel><item rdf:about="https://w.example/1"><title>Новости дня</title><link>https://w.example/1</link>
<dc:date>2026-11-18</dc:date><dc:creator>Анна</dc:creator><description>Ничего не случилось</description></item>
</rdf:RDF>""",
    """<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://x.example/rss-0.91.dtd" [
<!ENTITY name "Wire"><!ENTITY two "&name;&name;">]><rss version="0.91"><channel><title>&name;</title><item>
<title>&two; أخبار</title><link>http://w.example/&name;</link><pubDate>18 نوفمبر 2026</pubDate></item></channel>
</rss>""",
    # Sitemaps.
    """<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://wire.example/a?x=1&amp;y=2</loc><lastmod>2026-11-18T08:00:00+00:00</lastmod><news:news>
<news:publication><news:name>Wire</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2026-11-18</news:publication_date><news:title>Quiet day</news:title>
<news:keywords>a, b</news:keywords></news:news><image:image><image:loc>https://i.example/p.jpg</image:loc>
<image:caption>Street</image:caption></image:image></url><url><loc>https://wire.example/b</loc>
<lastmod>2026-11-18</lastmod><changefreq>daily</changefreq><priority>0.5</priority></url></urlset>""",
    """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://wire.example/news.xml</loc>
<lastmod>2026-11-18</lastmod></sitemap></sitemapindex>""",
    "<!doctype html><html><head><title>Not found</title></head><body><p>404</p></body></html>",
]
_JSON_SEED: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Wire",
    "home_page_url": "https://wire.example/",
    "language": "en",
    "items": [
        {
            "id": "1",
            "url": "https://wire.example/a",
            "title": "Quiet <b>day</b>",
            "content_html": "<p>Nothing &amp; nobody</p>",
            "summary": "Nothing",
            "image": "/p.jpg",
            "date_published": "2026-11-18T08:00:00+03:00",
            "date_modified": "2026-11-18T09:00:00Z",
            "authors": [{"name": "Ann"}],
            "tags": ["a", "b"],
            "language": "en",
            "attachments": [{"url": "x", "mime_type": "audio/mpeg"}],
        },
        {"id": 2, "external_url": "https://other.example/b", "content_text": "Text", "author": {"name": "Bob"}},
        {"id": "https://wire.example/c"},
    ],
}

_TAGS = (
    *(
        "item",
        "entry",
        "title",
        "link",
        "guid",
        "id",
        "description",
        "summary",
        "content",
        "content:encoded",
        "pubDate",
    ),
    *("updated", "published", "dc:date", "dc:creator", "author", "name", "category", "media:content", "media:group"),
    *("media:credit", "media:description", "enclosure", "image", "url", "source", "channel", "rss", "feed", "rdf:RDF"),
    *("loc", "news:news", "news:title", "urlset", "textarea", "script", "svg", "math", "table", "ttl", "hour", "day"),
    *("itunes:image", "georss:where", "gml:Point", "gml:pos", "dcterms:valid", "cloud", "xml", "xhtml:div", "a", "div"),
)
_TOKENS = [
    *(b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?", b"?>", b"<!DOCTYPE x [", b"]>", b"<", b">", b"&", b";", b'"', b"'"),
    *(b"&#0;", b"&#x1F;", b"&#xD800;", b"&#xDFFF;", b"&#x110000;", b"&#99999999999999999999;", b"&#x;", b"&nope;"),
    *(
        b"&lt;script&gt;",
        b"&amp;amp;amp;",
        b"\x00",
        b"\x0b",
        b"\x1b[31m",
        b"\x85",
        b"\xc2\x85",
        b"\xe2\x80\xae",
        b"\xff\xfe",
    ),
    *(
        b"\xed\xa0\x80",
        b"\xf0\x90\x80",
        b"\xef\xbf\xbf",
        b"\xc0\x80",
        b"\xef\xbb\xbf",
        b"\xe2\x80\xa8",
        b"+ADw-",
        b"\x1b$B",
    ),
    *(
        b"xmlns=''",
        b" xml:base='//[half/'",
        b" xml:base='\x01'",
        b" xml:lang='x'",
        b' type="xhtml"',
        b' type="application/x"',
    ),
    *(b' mode="base64"', b' isPermaLink="false"', b' rel="alternate"', b' href="javascript:1"', b"\\ud83d", b"\\u0000"),
    *(
        b"<br/>",
        b"</channel>",
        b"<item>",
        b"</item>",
        b"</rss>",
        b"<rss version='2.0'>",
        b"NaN",
        b"1e999",
        b"-Infinity",
    ),
]
_VALUES = [
    *(
        "",
        " ",
        "0",
        "-1",
        "9" * 30,
        "1e400",
        "٣",
        "²",
        "x" * 5_000,
        "<" * 300,
        "&" * 300,
        "\u202e",
        "\U0010ffff",
        "é" * 50,
    ),
    *(
        "javascript:alert(1)",
        "http://[half",
        "http://x:99999/",
        "//x",
        "http://a b/",
        "http://u:p@h.example/",
        "#",
        "?",
        ".",
    ),
    *(
        "http://" + "a" * 3_000,
        "http://h.example/" + "%" * 900,
        "data:,x",
        "http://xn--a/",
        "http://1.2.3/",
        "mailto:x@y",
    ),
    *(
        "Wed, 99 Nov 2026 25:61:61 +9999",
        "0000-00-00T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+14:00",
    ),
    *(
        "2026-11-18T08:00:00+99:99",
        "Mon, 18 Nov 99999 08:00:00 GMT",
        "18 Nov -2026",
        "2026-W47",
        "20261118",
        "12:00",
        "PST",
    ),
    *(
        "tag:x,2026:" + "y" * 3_000,
        "<a" * 100,
        "<p>" * 500,
        "<![CDATA[<p>]]>",
        "en_US.UTF-8",
        "zh-Hant-TW",
        "x-",
        "yearly",
    ),
]
_JSON_VALUES: list[Any] = [
    None,
    True,
    0,
    -1.5,
    1e308,
    10**30,
    "",
    [],
    {},
    [[]],
    {"name": []},
    ["", None, {}],
    "\ud83d",
    "\x00",
]
_ENCODINGS = (
    *("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "windows-1251", "koi8-r", "iso-8859-1", "shift_jis"),
    *("iso-2022-jp", "gb18030", "big5", "euc-kr", "cp037", "utf-7", "windows-1256", "mac-cyrillic", "iso-8859-8"),
)
#: Also such as Python knows, and no feed can be in.
_CHARSETS = (
    *_ENCODINGS,
    *(
        "",
        "x",
        "unicode_escape",
        "raw_unicode_escape",
        "idna",
        "punycode",
        "hex",
        "base64",
        "zip",
        "rot13",
        "undefined",
    ),
    *("utf_8_sig", "mbcs", "ascii", "\x00", "é", "utf-8" * 100, "'utf-8'", "utf8mb4", "none", "cp65001", "charmap"),
)
_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "text/xml",
    "text/html",
    "application/json",
    "text/plain",
    "",
    ";",
    "x/y",
)

Mutation = Callable[[random.Random, bytes], bytes]


def case(number: int) -> tuple[bytes, str]:
    """Body and content type of a case."""
    dice = random.Random(number)
    seeds = _seeds()
    body = dice.choice(seeds)
    for _ in range(dice.choice((0, 1, 1, 1, 2, 2, 3, 5, 8))):
        body = dice.choice(_MUTATIONS)(dice, body)[:MAX_BYTES]
    content_type = dice.choice(_TYPES)
    if dice.random() < 0.4:
        content_type += f"; charset={dice.choice(_CHARSETS)}"
    return body, content_type


@cache
def _seeds() -> tuple[bytes, ...]:
    wire = [write_feed(outlet, outlet.edition(1)[:3], "https://wire.example") for outlet in load_wire()]
    sitemap = _XML_SEEDS[4].encode()
    return (
        *wire,
        *(seed.encode() for seed in _XML_SEEDS),
        json.dumps(_JSON_SEED, ensure_ascii=False).encode(),
        gzip.compress(sitemap, mtime=0),
    )


def _spot(dice: random.Random, body: bytes, longest: int = 400) -> tuple[int, int]:
    """A random stretch."""
    start = dice.randrange(len(body) + 1)
    return start, min(len(body), start + dice.randint(1, longest))


def _flip(dice: random.Random, body: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(dice.choice((1, 2, 8, 64)) if body else 0):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _cut_off(dice: random.Random, body: bytes) -> bytes:
    return body[: dice.randrange(len(body) + 1)]


def _cut_out(dice: random.Random, body: bytes) -> bytes:
    start, end = _spot(dice, body)
    return body[:start] + body[end:]


def _repeat(dice: random.Random, body: bytes) -> bytes:
    start, end = _spot(dice, body)
    return body[:end] + body[start:end] * dice.choice((1, 2, 50)) + body[end:]


def _splice(dice: random.Random, body: bytes) -> bytes:
    other = dice.choice(_seeds())
    start, end = _spot(dice, other, len(other) or 1)
    at = dice.randrange(len(body) + 1)
    return body[:at] + other[start:end] + body[at:]


def _swap(dice: random.Random, body: bytes) -> bytes:
    a, b, c, d = sorted(dice.randrange(len(body) + 1) for _ in range(4))
    return body[:a] + body[c:d] + body[b:c] + body[a:b] + body[d:]


def _insert(dice: random.Random, body: bytes) -> bytes:
    at = dice.randrange(len(body) + 1)
    return body[:at] + dice.choice(_TOKENS) * dice.choice((1, 1, 1, 40)) + body[at:]


def _retag(dice: random.Random, body: bytes) -> bytes:
    """Another name for one of the elements, everywhere or once."""
    names = sorted(set(re.findall(rb"<([A-Za-z][\w:.-]*)", body)))
    if not names:
        return _insert(dice, body)
    old, new = re.escape(dice.choice(names)), dice.choice(_TAGS).encode()
    return re.sub(rb"(</?)" + old + rb"(?=[\s/>])", rb"\g<1>" + new, body, count=dice.choice((0, 0, 1, 2)))


def _revalue(dice: random.Random, body: bytes) -> bytes:
    """Another text or attribute in place of one."""
    places = list(re.finditer(rb">[^<>]+<|\"[^\"<>]*\"", body))
    if not places:
        return _insert(dice, body)
    place = dice.choice(places)
    value = dice.choice(_VALUES).encode("utf-8", "surrogatepass")
    return body[: place.start() + 1] + value + body[place.end() - 1 :]


def _nest(dice: random.Random, body: bytes) -> bytes:
    """Elements within elements, closed or not; also within the escaped text."""
    tag, depth = dice.choice(_TAGS).encode(), dice.choice((10, 100, 1_000, 3_000))
    opening, closing = (b"&lt;%b&gt;", b"&lt;/%b&gt;") if dice.random() < 0.4 else (b"<%b>", b"</%b>")
    if body[:1] in b"{[":
        opening, closing, tag = (
            dice.choice(((b"[", b"]", b""), (b'{"a":', b"}", b""))) if dice.random() < 0.9 else (b"[", b"", b"")
        )
    else:
        opening, closing = opening % tag, closing % tag
    places = [found.start() + 1 for found in re.finditer(rb"[>:]", body)] or [0]
    at = dice.choice(places)
    return body[:at] + opening * depth + closing * (depth if dice.random() < 0.5 else 0) + body[at:]


def _entities(dice: random.Random, body: bytes) -> bytes:
    """Entities that grow, that call themselves, or that lie elsewhere."""
    declared = dice.choice(
        [
            b'<!ENTITY a0 "ha">' + b"".join(b'<!ENTITY a%d "%b">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 10)),
            b'<!ENTITY a9 "&b;"><!ENTITY b "&a9;">',
            b'<!ENTITY a9 SYSTEM "file:///etc/passwd">',
            b'<!ENTITY a9 SYSTEM "http://127.0.0.1:9/x">',
            b'<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;',
            b'<!ENTITY a9 "' + b"x" * 20_000 + b'">',
            b'<!ENTITY a9 "<item><link>http://w.example/e</link></item>">',
            b'<!ATTLIST item x CDATA "y">',
        ]
    )
    root = re.search(rb"<[A-Za-z]", body)
    at = root.start() if root else 0
    whole = body[:at] + b"<!DOCTYPE x [" + declared + b"]>" + body[at:]
    return re.sub(rb"(<(?:title|link|item|description)>)", rb"\g<1>" + b"&a9;" * dice.choice((1, 1, 100)), whole)


def _recode(dice: random.Random, body: bytes) -> bytes:
    """Another encoding, with or without saying so; or saying so only."""
    encoding = dice.choice(_ENCODINGS)
    declared = dice.choice((encoding, encoding, "utf-8", dice.choice(_CHARSETS))).encode()
    if dice.random() < 0.7:
        body = re.sub(rb"^<\?xml[^>]*\?>", lambda _: b'<?xml version="1.0" encoding="' + declared + b'"?>', body)
        if not body.startswith(b"<?xml") and dice.random() < 0.3:
            body = b'<?xml version="1.0" encoding="' + declared + b'"?>' + body
    if dice.random() < 0.3:
        return body
    return body.decode("utf-8", "replace").encode(encoding, "xmlcharrefreplace")


def _rejson(dice: random.Random, body: bytes) -> bytes:
    """Another value somewhere in the JSON; for feeds in XML, one of ours instead."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        data = json.loads(json.dumps(_JSON_SEED))
    for _ in range(dice.randint(1, 4)):
        place = data
        while isinstance(place, dict | list) and place:
            key = dice.choice(list(place)) if isinstance(place, dict) else dice.randrange(len(place))
            if not isinstance(place[key], dict | list) or not place[key] or dice.random() < 0.25:
                place[key] = dice.choice([*_JSON_VALUES, *_VALUES])
                break
            place = place[key]
    return json.dumps(data, ensure_ascii=dice.random() < 0.5).encode("utf-8", "surrogatepass")


def _pack(dice: random.Random, body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)[: None if dice.random() < 0.6 else dice.randrange(1, 200)]


def _many(dice: random.Random, body: bytes) -> bytes:
    """One item many times over."""
    item = re.search(rb"<(item|entry|url)\b.*?</\1>", body, re.DOTALL)
    if item is None:
        return _repeat(dice, body)
    return body[: item.end()] + item[0] * dice.choice((3, 30, 150)) + body[item.end() :]


_MUTATIONS: tuple[Mutation, ...] = (
    *(
        _flip,
        _cut_off,
        _cut_out,
        _repeat,
        _splice,
        _swap,
        _insert,
        _insert,
        _retag,
        _retag,
        _revalue,
        _revalue,
        _revalue,
    ),
    *(_nest, _entities, _recode, _rejson, _rejson, _pack, _many),
)
