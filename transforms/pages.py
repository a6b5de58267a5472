"""The bytes of a web page become its one parsed tree."""

import re
from typing import Any

from lxml import etree, html
from lxml.html import HtmlElement

from transforms.charsets import UTF16, as_utf8
from transforms.errors import NotAnArticle
from transforms.records import Response

_HTML_TYPES = re.compile(r"^(?:text/(?:html|plain)|application/xhtml\+xml|application/octet-stream)?$")
_NOT_HTML = re.compile(
    rb"^(?:%PDF-|\x89PNG|\xff\xd8\xff|GIF8|PK\x03\x04|\x1f\x8b"
    rb"|<\?xml[^>]*>\s*<(?:rss|feed|urlset|sitemapindex|rdf:RDF)\b|<(?:rss|feed|urlset)\b)"
)
#: One a process; lxml serialises its use. Comments and processing instructions are never news.
_PARSER = html.HTMLParser(encoding="utf-8", collect_ids=False, remove_comments=True, remove_pis=True)
_SCRIPTS: Any = etree.XPath("descendant::script[not(contains(@type, 'ld+json'))]")
_NO_TEXT = ("style", "svg", "link", "iframe", "template", "canvas", "object", "embed", "select", "audio", "video")
#: Characters that XML cannot carry, as UTF-8 and as references: one of them, pasted from a word processor, and
#: trafilatura discards the whole story.
_CONTROLS = bytes([*range(9), 0x0B, 0x0C, *range(0x0E, 0x20)])
_CONTROL_REFERENCE = re.compile(
    rb"&#(?:x0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|[fF]{3}[eEfF])|0*(?:[0-8]|1[124-9]|2\d|3[01]|6553[45]))(?![0-9a-fA-F]);?"
)
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")


def parse_page(url: str, response: Response) -> HtmlElement:
    """The tree of the page that was announced at `url`, without what is no text in any case: everything that follows
    copies and searches what stays.

    Raises:
        NotAnArticle: the answer is empty, or no web page.
    """
    kind = response.content_type.partition(";")[0].strip().lower()
    start = response.body[:512].lstrip()
    if not response.body.strip():
        raise NotAnArticle(url, "the answer is empty")
    if not _HTML_TYPES.match(kind) or _NOT_HTML.match(start) or (b"\0" in start and not start.startswith(UTF16)):
        raise NotAnArticle(url, f"the answer is no web page ({kind or 'no content type'})")
    tree = _tree(response)
    if tree is None:
        raise NotAnArticle(url, "the answer cannot be read as HTML")
    return tree


def _tree(response: Response) -> HtmlElement | None:
    page = _CONTROL_REFERENCE.sub(b"", as_utf8(response).translate(None, _CONTROLS))
    for character in _NONCHARACTERS:
        page = page.replace(character, b"")
    try:
        tree = html.document_fromstring(page, parser=_PARSER)
    except etree.LxmlError:
        return None
    for script in _SCRIPTS(tree):
        script.drop_tree()
    etree.strip_elements(tree, *_NO_TEXT, with_tail=False)
    return tree
