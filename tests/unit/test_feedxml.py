"""What feedparser would stumble over, and what would keep it busy."""

import time
from typing import Any

import pytest

from transforms.errors import NotAFeed
from transforms.feedxml import LONGEST_ENTITY, parse

URL = "https://wire.example/feed.xml"


def rss(title: str, *, before: str = "") -> bytes:
    item = f"<item><title>{title}</title><link>https://wire.example/a</link></item>"
    return f'<?xml version="1.0"?>{before}<rss version="2.0"><channel>{item}</channel></rss>'.encode()


def parsed(body: bytes, content_type: str = "application/xml") -> Any:
    return parse(URL, body, {"content-type": content_type})


def title(body: bytes) -> str:
    return str(parsed(body).entries[0].title)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("&#55357;&#56832; war", "😀 war", id="halves in decimal"),
        pytest.param("&#xD83D;&#xde00; war", "😀 war", id="halves in hexadecimal"),
        pytest.param("war &#xD83D;", "war \ufffd", id="half a character"),
        pytest.param("&#56832;&#55357;", "\ufffd\ufffd", id="the wrong way round"),
        pytest.param("&#x110000;&#xD800;", "\ufffd\ufffd", id="beyond all characters"),
        pytest.param("&#99999999999999999999;&#xD800;&#65;", "\ufffd\ufffdA", id="beyond all numbers"),
        pytest.param("&#x430;&#1073;", "аб", id="ordinary ones"),
    ],
)
def test_references_to_characters(written: str, read: str) -> None:
    assert title(rss(written)) == read


def test_a_short_entity_is_a_name() -> None:
    assert title(rss("&wire; says", before='<!DOCTYPE rss [<!ENTITY wire "The Wire">]>')) == "The Wire says"


LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))


@pytest.mark.parametrize(
    "declared",
    [
        pytest.param(LAUGHS, id="entities of entities"),
        pytest.param(f'<!ENTITY a9 "{"x" * (LONGEST_ENTITY + 1)}">', id="a long one"),
        pytest.param('<!ENTITY a9 "&b;"><!ENTITY b "&a9;">', id="a circle"),
        pytest.param("<!ENTITY % p \"<!ENTITY a9 'x'>\">%p;", id="made by another"),
        pytest.param('<!ENTITY a9 SYSTEM "file:///etc/passwd">', id="a file"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_that_could_grow(declared: str, encoding: str) -> None:
    body = rss("Quiet &a9; day" + "&a9;" * 100, before=f"<!DOCTYPE rss [{declared}]>")
    started = time.process_time()
    got = parsed(body.decode().encode(encoding), f"application/xml; charset={encoding}")
    assert time.process_time() - started < 1.0
    assert len(got.entries[0].title) < 1_000
    assert "root:" not in got.entries[0].title


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'<?xml version="1.0" encoding="\xf5"?>' + rss("x"), id="a charset in no charset"),
        pytest.param(b'<?xml version="1.0" encoding="undefined"?><rss/>', id="Python's own charset"),
        pytest.param(b"<rss version='2.0'><channel><item><gml:pos>1 2</gml:pos></item>&", id="a place without a where"),
    ],
)
def test_what_feedparser_fails_on_is_no_feed(body: bytes) -> None:
    with pytest.raises(NotAFeed) as caught:
        parsed(body)
    assert caught.value.subject == URL
    assert "\n" not in caught.value.reason


def test_a_secret_is_not_shown() -> None:
    with pytest.raises(NotAFeed) as caught:
        parse(f"{URL}?token=s3cret", rss("x"), {"content-type": "text/xml; charset=undefined"})
    assert "s3cret" not in str(caught.value)
