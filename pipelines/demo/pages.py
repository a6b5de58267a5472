"""Pages of the sample wire: each outlet has its own templates, `templates/<outlet>.html` and `.story.html`; one that
marks stories up with microdata has `.microdata.html` as well."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from pipelines.demo.feeds import paragraphs_html
from pipelines.demo.metadata import head_metadata, marked_up
from pipelines.demo.model import READABLE, Outlet, Story
from pipelines.demo.words import DIRECTION, WORDS, spoken_date

_MOST_READ: Final = 5
_RELATED: Final = 3

CHALLENGE: Final = """<!DOCTYPE html>
<html lang="en-US"><head><title>Just a moment...</title><meta charset="utf-8">
<meta name="robots" content="noindex,nofollow"><meta http-equiv="refresh" content="390">
<style>body{font-family:system-ui;margin:8em auto;max-width:40em}.lds-ring{height:4em}</style></head>
<body class="no-js"><div class="main-wrapper" role="main"><div class="main-content">
<h1 class="zone-name-title">Just a moment...</h1>
<h2>Checking your browser before you continue.</h2>
<div class="lds-ring"></div>
<noscript><span id="challenge-error-text">Enable JavaScript and cookies to continue</span></noscript>
</div></div><script>window._chl_opt={cType:'managed',cRay:'00000000sample'};</script></body></html>
"""

CONSENT: Final = """<!DOCTYPE html>
<html lang="en"><head><title>Before you continue</title><meta charset="utf-8">
<style>body{font-family:Verdana,sans-serif;margin:4em auto;max-width:44em}</style></head>
<body><main class="gate"><h1>Your privacy, your choices</h1>
<p>We and our 412 partners store cookies and other information on a device, and process personal data such as your
address and what you read, to show you personalised advertising and to measure audiences.</p>
<p>With your consent we and our partners may use your data for these purposes. Some of our partners do not ask for your
consent and rely on their legitimate interest. You can change your choices at any time in our privacy notice.</p>
<form action="/about"><button>Accept all</button> <button>Reject all</button></form>
</main></body></html>
"""

MISSING: Final = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Page not found</title></head>'
    "<body><h1>Page not found</h1><p>The page you asked for is not here.</p></body></html>\n"
)


def story_page(outlet: Outlet, story: Story, edition: Sequence[Story], base_url: str) -> str:
    """The page of a story."""
    words = WORDS[story.language]
    section = section_path(outlet, story.section)
    shape = "microdata" if story.metadata == "microdata" else "story"
    content = _template(f"{outlet.id}.{shape}").substitute(
        _escaped(words) | marked_up(story, words),
        # title_html is markup of our own making; everything else is text.
        headline=story.title_html or escape(story.title),
        standfirst=escape(story.standfirst),
        byline=_byline(story, words),
        published_iso=f"{story.published:%Y-%m-%dT%H:%M:%SZ}",
        published=spoken_date(story.published, story.language),
        updated=_updated(story, words),
        figure=_figure(story, words),
        paragraphs=paragraphs_html(story),
        keywords=escape(", ".join(story.keywords)),
        language=story.language,
        section=escape(story.section),
        section_path=section,
    )
    return _page(
        outlet,
        edition,
        language=story.language,
        title=story.title,
        head=head_metadata(outlet, story, base_url),
        crumbs=f'<a href="/">{escape(words["home"])}</a> &rsaquo; <a href="{section}">{escape(story.section)}</a>',
        content=content,
        beside=story,
    )


def flash_page(outlet: Outlet, story: Story, base_url: str) -> str:
    """The page of a flash: the line itself, and hardly anything around it."""
    return (
        f'<!DOCTYPE html>\n<html lang="{story.language}"><head><meta charset="utf-8">'
        f"<title>{escape(story.title)} - {escape(outlet.name)}</title>\n{head_metadata(outlet, story, base_url)}\n"
        f'</head><body><a href="/">{escape(outlet.name)}</a>\n<main><h1>{escape(story.title)}</h1>\n'
        f'<time datetime="{story.published:%Y-%m-%dT%H:%M:%SZ}">{spoken_date(story.published, story.language)}</time>\n'
        f"{paragraphs_html(story)}</main></body></html>\n"
    )


def listing_page(outlet: Outlet, heading: str, stories: Sequence[Story], edition: Sequence[Story]) -> str:
    """A page that lists stories: the home page, or a section."""
    teasers = "\n".join(
        f'<li class="teaser" lang="{story.language}"><h2><a href="{story.path}">{escape(story.title)}</a></h2>'
        f"<p>{escape(story.standfirst)}</p></li>"
        for story in stories
        if story.kind != "missing"
    )
    content = f'<h1>{escape(heading)}</h1>\n<ul class="teasers">\n{teasers}\n</ul>'
    return _page(outlet, edition, language=outlet.language, title=heading, content=content)


def about_page(outlet: Outlet, edition: Sequence[Story]) -> str:
    """The page that says who the outlet is, with the places the footer links to."""
    words = WORDS[outlet.language]
    parts = "\n".join(
        f'<h2 id="{name}">{escape(words[name])}</h2>\n<p>{escape(words["about_text"])}</p>'
        for name in ("terms", "privacy", "contact", "corrections", "jobs", "advertise")
    )
    content = f"<h1>{escape(words['about'])}</h1>\n<p>{escape(outlet.tagline)}</p>\n{parts}"
    return _page(outlet, edition, language=outlet.language, title=words["about"], content=content)


def section_path(outlet: Outlet, section: str) -> str:
    """Where the index of a section is; sections whose name has no ASCII letters go by their number."""
    number = outlet.sections.index(section) + 1
    name = re.sub(r"[^a-z0-9]+", "-", section.lower()).strip("-")
    return f"/section/{name if section.isascii() else number}/"


def picture(name: str, accent: str) -> str:
    """An SVG drawing to stand where the photograph would be: bands whose heights come from the name."""
    seed = zlib.crc32(name.encode())
    bars = "".join(
        f'<rect x="{40 * bar}" y="{100 + (seed >> (2 * bar)) % 160}" width="36" height="300"'
        f' fill="{accent}" opacity="0.{3 + bar % 5}"/>'
        for bar in range(16)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" width="640" height="360">'
        f'<rect width="640" height="360" fill="#dfe5ea"/>{bars}</svg>\n'
    )


def _page(
    outlet: Outlet,
    edition: Sequence[Story],
    *,
    language: str,
    title: str,
    content: str,
    head: str = "",
    crumbs: str = "",
    beside: Story | None = None,
) -> str:
    """A page with everything that stands around its content on the outlet's site."""
    words = WORDS[language]
    readable = [story for story in edition if story.kind in READABLE and story.slug != (beside and beside.slug)]
    # No clock and no counter: a checksum gives each story a lasting place in the list.
    popular = sorted(readable, key=lambda story: zlib.crc32(story.slug.encode()))[:_MOST_READ]
    near = [story for story in readable if beside and story.section == beside.section]
    near += [story for story in readable if story not in near]
    sections = "".join(
        f'<li><a href="{section_path(outlet, name)}">{escape(name)}</a></li>' for name in outlet.sections
    )
    places = ("terms", "privacy", "contact", "corrections", "jobs", "advertise")
    return _template(outlet.id).substitute(
        _escaped(words),
        language=language,
        direction=DIRECTION.get(language, "ltr"),
        title=escape(title),
        head=head,
        name=escape(outlet.name),
        tagline=escape(outlet.tagline),
        accent=outlet.accent,
        feed=f'<link rel="alternate" type="application/{_FEED_TYPE[outlet.feed]}" href="{outlet.feed_path}">',
        sections=sections,
        crumbs=crumbs,
        content=content,
        popular="".join(f'<li><a href="{story.path}">{escape(story.title)}</a></li>' for story in popular),
        near="".join(
            f'<li><a href="{story.path}">{escape(story.title)}</a> <span>{escape(story.standfirst)}</span></li>'
            for story in near[:_RELATED]
        ),
        places="".join(f'<li><a href="/about#{name}">{escape(words[name])}</a></li>' for name in places),
    )


_FEED_TYPE: Final = {"rss2": "rss+xml", "rdf": "rdf+xml", "atom": "atom+xml", "json": "feed+json"}


@cache
def _template(name: str) -> Template:
    return Template(files(__package__).joinpath("templates", f"{name}.html").read_text(encoding="utf-8"))


def _escaped(words: dict[str, str]) -> dict[str, str]:
    """The words of a language for use in a template, as `$w_name`."""
    return {f"w_{name}": escape(text) for name, text in words.items()}


def _byline(story: Story, words: dict[str, str]) -> str:
    names = f" {words['and']} ".join(filter(None, [", ".join(story.authors[:-1]), *story.authors[-1:]]))
    if story.agency:
        names = f"{names}, {story.agency}" if names else story.agency
    return escape(f"{words['by']} {names}") if names else ""


def _updated(story: Story, words: dict[str, str]) -> str:
    if story.updated is None:
        return ""
    spoken = spoken_date(story.updated, story.language)
    return f'{escape(words["updated"])} <time datetime="{story.updated:%Y-%m-%dT%H:%M:%SZ}">{spoken}</time>'


def _figure(story: Story, words: dict[str, str]) -> str:
    if story.image is None:
        return ""
    caption = escape(story.image.caption)
    credit = f" {escape(words['image'])} {escape(story.image.credit)}" if story.image.credit else ""
    return (
        f'<figure><img src="/images/{story.image.file}" alt="{caption}" width="640" height="360">'
        f"<figcaption>{caption}{credit}</figcaption></figure>"
    )
