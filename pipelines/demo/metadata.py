"""What the pages of the sample wire tell machines about a story: JSON-LD, meta tags, microdata, or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from pipelines.demo.model import Outlet, Story
from pipelines.demo.words import LOCALE


def head_metadata(outlet: Outlet, story: Story, base_url: str) -> str:
    """The metadata for the `<head>` of a story's page, in the story's manner; empty if it has none there."""
    if story.metadata == "jsonld":
        return _canonical(story, base_url) + "\n" + _jsonld(outlet, story, base_url)
    if story.metadata == "meta":
        return _canonical(story, base_url) + "\n" + _meta(outlet, story, base_url)
    return ""


def marked_up(story: Story, words: Mapping[str, str]) -> dict[str, str]:
    """The parts of a page with microdata that a template cannot write by itself: `people` and `picture`."""
    people = (
        '<span itemprop="author" itemscope itemtype="https://schema.org/Person">'
        f'<span itemprop="name">{escape(name)}</span></span>'
        for name in story.authors
    )
    picture = ""
    if story.image:
        credit = f'{escape(words["image"])} <span itemprop="creditText">{escape(story.image.credit)}</span>'
        picture = (
            '<figure itemprop="image" itemscope itemtype="https://schema.org/ImageObject">'
            f'<img itemprop="url" src="/images/{story.image.file}" alt="">'
            f'<figcaption><span itemprop="caption">{escape(story.image.caption)}</span> {credit}</figcaption></figure>'
        )
    return {"people": ", ".join(people), "picture": picture}


def _canonical(story: Story, base_url: str) -> str:
    return f'<link rel="canonical" href="{escape(base_url + story.path)}">'


def _jsonld(outlet: Outlet, story: Story, base_url: str) -> str:
    publisher = {"@type": "NewsMediaOrganization", "name": outlet.name, "url": f"{base_url}/"}
    article: dict[str, Any] = {
        "@type": "NewsArticle",
        "headline": story.title,
        "description": story.standfirst,
        "datePublished": story.published.isoformat(),
        "dateModified": story.changed.isoformat(),
        "author": [{"@type": "Person", "name": name} for name in story.authors],
        "publisher": publisher,
        "articleSection": story.section,
        "keywords": list(story.keywords),
        "inLanguage": story.language,
        "mainEntityOfPage": base_url + story.path,
        "url": base_url + story.path,
    }
    if story.agency:
        article["sourceOrganization"] = {"@type": "NewsMediaOrganization", "name": story.agency}
    if story.agency and not story.authors:
        article["author"] = [{"@type": "Organization", "name": story.agency}]
    if story.image:
        article["image"] = {
            "@type": "ImageObject",
            "url": f"{base_url}/images/{story.image.file}",
            "caption": story.image.caption,
            "creditText": story.image.credit,
        }
    if outlet.graph:
        site = {"@type": "WebSite", "@id": f"{base_url}/#site", "name": outlet.name, "url": f"{base_url}/"}
        crumbs = {
            "@type": "BreadcrumbList",
            "itemListElement": [{"@type": "ListItem", "position": 1, "name": story.section}],
        }
        data: dict[str, Any] = {"@context": "https://schema.org", "@graph": [site, crumbs, article]}
    else:
        data = {"@context": "https://schema.org", **article}
    # "</" would end the script element whatever the JSON string around it says.
    text = json.dumps(data, ensure_ascii=False, indent=1).replace("</", "<\\/")
    return f'<script type="application/ld+json">\n{text}\n</script>'


def _meta(outlet: Outlet, story: Story, base_url: str) -> str:
    named = [("description", story.standfirst), ("keywords", ", ".join(story.keywords))]
    named += [("author", name) for name in story.authors or ((story.agency,) if story.agency else ())]
    properties = [
        ("og:type", "article"),
        ("og:site_name", outlet.name),
        ("og:locale", LOCALE[story.language]),
        ("og:title", story.title),
        ("og:description", story.standfirst),
        ("og:url", base_url + story.path),
        ("article:published_time", story.published.isoformat()),
        ("article:section", story.section),
    ]
    if story.updated:
        properties.append(("article:modified_time", story.updated.isoformat()))
    if story.image:
        properties.append(("og:image", f"{base_url}/images/{story.image.file}"))
        properties.append(("og:image:alt", story.image.caption))
    properties += [("article:tag", word) for word in story.keywords]
    lines = [f'<meta name="{name}" content="{escape(value)}">' for name, value in named if value]
    lines += [f'<meta property="{name}" content="{escape(value)}">' for name, value in properties if value]
    return "\n".join(lines)
