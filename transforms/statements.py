"""What one page states about its story, in whatever form: the nodes of its structured data that are about the story,
and its meta tags, each with where it stands."""

from typing import Any

from lxml.html import HtmlElement

from transforms.moments import Claim
from transforms.records import Origin
from transforms.structured import ARTICLE_TYPES, JsonLd, Node, about_page, meta_tags, microdata
from transforms.text import one_line

#: More headings than this are an attack, or a list.
MAX_HEADINGS = 10


class Statements:
    """The statements of a parsed page at `url`."""

    def __init__(self, tree: HtmlElement, url: str) -> None:
        self.meta = meta_tags(tree)
        self.ld = JsonLd(tree)
        #: The text of each <h1>, and of <title>.
        self.shown = [one_line(heading.text_content()) for heading in tree.iter("h1")]
        self.window = one_line(tree.findtext(".//title") or "")
        titles = (*self.shown[:MAX_HEADINGS], self.window, *self.meta.get("og:title", ()))
        #: The story's nodes in JSON-LD and in microdata, the best first.
        self.story = about_page(self.ld.of_types(ARTICLE_TYPES), url, titles)
        self.items = about_page(microdata(tree), url, titles)
        #: Pages and videos: less than an article, and often dated all the same.
        self.pages = [*self.ld.of_types(["WebPage", "ItemPage"]), *self.ld.of_types(["VideoObject"])]

    def said(self, key: str) -> list[tuple[Origin, Any]]:
        """All that the structured data say of the story under a schema.org property, JSON-LD first."""
        found: list[tuple[Origin, Any]] = [("jsonld", self.value(node, key)) for node in self.story]
        found += [("microdata", node.get(key)) for node in self.items]
        return [(origin, value) for origin, value in found if value is False or value]

    def value(self, node: Node, key: str) -> Any:
        """A property of a node, with references to other nodes resolved."""
        value = node.get(key)
        return [self.ld.resolved(v) for v in value] if isinstance(value, list) else self.ld.resolved(value)

    def tags(self, *names: str) -> list[Claim]:
        """What the meta tags of these names say, in the order of the names."""
        return [(kind_of(name), content) for name in names for content in self.meta.get(name, ())]


def kind_of(name: str) -> Origin:
    """Where the meta tag of a name belongs: OpenGraph has its prefixes."""
    return "opengraph" if name.startswith(("og:", "article:")) else "meta"
