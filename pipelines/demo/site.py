"""The sample wire's sites: every path an outlet answers, rendered without a socket, a clock or a die."""

from __future__ import annotations

from typing import Final, NamedTuple

from pipelines.demo.feeds import CONTENT_TYPES, write_feed
from pipelines.demo.model import Image, Outlet, Story, load_wire
from pipelines.demo.pages import (
    CHALLENGE,
    CONSENT,
    MISSING,
    about_page,
    flash_page,
    listing_page,
    picture,
    section_path,
    story_page,
)

__all__ = ["HTML", "NOT_FOUND", "Image", "Outlet", "Resource", "Story", "load_wire", "render"]

HTML: Final = "text/html; charset=utf-8"

_ROBOTS: Final = "User-agent: *\nDisallow: /account/\nDisallow: /search\n"


class Resource(NamedTuple):
    """What an outlet's server answers for one path."""

    status: int
    content_type: str
    body: bytes
    #: True when the server takes the request and never answers it.
    hangs: bool = False


NOT_FOUND: Final = Resource(404, HTML, MISSING.encode())


def render(outlet: Outlet, *, base_url: str, round_: int) -> dict[str, Resource]:
    """Everything the outlet's site has in a round, by path: feed, pages, pictures, robots.txt.

    `base_url` has no slash at its end. Paths carry no query: the site ignores tracking parameters.

    Raises:
        ValueError: there is no such round.
    """
    edition = outlet.edition(round_)
    site = {
        outlet.feed_path: Resource(200, CONTENT_TYPES[outlet.feed], write_feed(outlet, edition, base_url)),
        "/robots.txt": Resource(200, "text/plain; charset=utf-8", _ROBOTS.encode()),
        "/": _html(listing_page(outlet, outlet.name, edition, edition)),
        "/about": _html(about_page(outlet, edition)),
    }
    for section in outlet.sections:
        inside = [story for story in edition if story.section == section]
        site[section_path(outlet, section)] = _html(listing_page(outlet, section, inside, edition))
    for story in edition:
        site[story.path] = _story(outlet, story, edition, base_url)
        if story.image:
            drawing = picture(story.image.file, outlet.accent)
            site[f"/images/{story.image.file}"] = Resource(200, "image/svg+xml", drawing.encode())
    return site


def _story(outlet: Outlet, story: Story, edition: tuple[Story, ...], base_url: str) -> Resource:
    match story.kind:
        case "missing":
            return NOT_FOUND
        case "silent":
            return Resource(200, HTML, b"", hangs=True)
        case "challenge":
            # Status 200, as some of these walls answer: only the text gives them away.
            return _html(CHALLENGE)
        case "consent":
            return _html(CONSENT)
        case "flash":
            return _html(flash_page(outlet, story, base_url))
        case _:
            return _html(story_page(outlet, story, edition, base_url))


def _html(text: str) -> Resource:
    return Resource(200, HTML, text.encode())
