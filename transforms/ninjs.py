"""Articles as IPTC ninjs 3.1, for readers that know the standard and not us. Source: the schema of that version
(iptc.org/std/ninjs/ninjs-schema_3.1.json) and the ninjs User Guide.

The schema lets no property in that it does not name, at any level, and has no place for extensions. So what ninjs
cannot say stands in one of the `descriptions` ("descriptions are seen as metadata"), as JSON under a role of our own,
and every item is valid against the standard as it is.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from transforms.records import Article, Image, Status, dated
from transforms.tags import TopicTag
from transforms.urls import is_followable

STANDARD = {
    "name": "ninjs",
    "version": "3.1",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#",
}
#: Role of the description that holds what ninjs has no property for.
EVIDENCE = "newswire:evidence"
PUB_STATUS: dict[Status, str] = {
    "usable": "usable",
    "corrected": "usable",
    "embargoed": "withheld",
    "withdrawn": "canceled",
}
MEDIA_TOPICS = "http://cv.iptc.org/newscodes/mediatopic/"
#: IPTC's vocabulary of who did what: the agency whose copy it is originated the content, the outlet spread it.
PARTY_ROLES = "http://cv.iptc.org/newscodes/contentprodpartyrole/"
#: Fields of an article that ninjs does not have, or has only under another meaning: `firstCreated` does not say who
#: said so, nor how precisely, and `usable` does not say corrected.
_OURS = (
    "status",
    "body_source",
    "published_at",
    "published_precision",
    "published_source",
    "updated_at",
    "dateline",
    "topics_version",
    "cluster_id",
    "first_seen_at",
    "fetched_at",
    "indexed_at",
)
_MEDTOP = re.compile(r"medtop:(\d+)")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PLAIN = "text/plain"


def ninjs(article: Article) -> dict[str, Any]:
    """The current revision of `article` as a ninjs 3.1 item: plain JSON data, without properties that would be empty.

    `uri` is the same for all revisions. Nothing is invented: no urgency, no rights, no confidence of a topic.
    """
    uri = f"urn:newswire:{quote(article.id, safe='')}"
    created = dated(article)
    changed = article.updated_at or (article.fetched_at if article.revision > 1 else created)
    return _filled(
        uri=uri,
        type="text",
        standard=STANDARD,
        representationType="partial" if article.partial else "full",
        version=str(article.revision),
        firstCreated=_stamp(created),
        versionCreated=_stamp(max(created, changed)),  # publishers get their own dates wrong
        embargoedUntil=_stamp(article.embargoed_until) if article.embargoed_until else "",
        pubStatus=PUB_STATUS[article.status],
        language="" if article.language == "und" else article.language,
        headlines=_texts(main=article.title),
        slugline=article.slug,
        by=", ".join(article.authors),
        located=article.located,
        edNote=_editorial_note(article),
        descriptions=[*_texts(summary=article.description), _evidence(article)],
        bodies=[{**body, "charCount": len(article.body)} for body in _texts(main=article.body)],
        subjects=list(_subjects(article)),
        infoSources=list(_info_sources(article)),
        associations=_pictures(article.image, uri),
        altIds=_alternative_ids(article),
    )


def _filled(**properties: Any) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value}


def _texts(**by_role: str) -> list[dict[str, Any]]:
    return [{"role": role, "contentType": _PLAIN, "value": text} for role, text in by_role.items() if text]


def _editorial_note(article: Article) -> str:
    """What the desk says of this version; that it is a correction, at least, where `pubStatus` cannot say so."""
    if article.status != "corrected" or "correct" in article.edition_note.casefold():
        return article.edition_note
    return ": ".join(filter(None, ("Corrected", article.edition_note)))


def _subjects(article: Article) -> Iterator[dict[str, Any]]:
    """Our topics by their own codes, the broader Media Topics once each, then what the publisher said."""
    for tag in article.topics:
        yield _filled(name=tag.label, rel="about", literal=tag.id, creator=_taxonomy(tag))
    for code, creator in {tag.medtop: _taxonomy(tag) for tag in article.topics if tag.medtop}.items():
        known = _MEDTOP.fullmatch(code)
        yield _filled(rel="about", uri=known and MEDIA_TOPICS + known[1], literal=code, creator=creator)
    said = [("keyword", word) for word in article.keywords] + [("section", article.section)]
    yield from (_filled(name=name, rel=rel, creator=_outlet(article)) for rel, name in said if name)


def _taxonomy(tag: TopicTag) -> str:
    return f"newswire taxonomy {tag.rule_version}"


def _outlet(article: Article) -> str:
    return article.source.name or article.source.domain


def _info_sources(article: Article) -> Iterator[dict[str, Any]]:
    for agency in filter(None, article.source.agency.split(" / ")):
        yield {"name": agency, "role": f"{PARTY_ROLES}origcont"}
    if _outlet(article):
        yield {"name": _outlet(article), "role": f"{PARTY_ROLES}distributor"}


def _pictures(image: Image, uri: str) -> list[dict[str, Any]]:
    """The picture as an item of its own, which ninjs wants named and identified."""
    href = _strict(image.url)
    content = _filled(
        by=image.credit,
        descriptions=_texts(caption=image.caption),
        renditions=[{"name": "main", "href": href}] if href else [],
    )
    return [{"name": "main", "uri": f"{uri}#picture", "type": "picture", **content}] if content else []


def _alternative_ids(article: Article) -> list[dict[str, Any]]:
    """The id that `newswire trace` takes, and the addresses: ninjs has no property for the page of a story."""
    urls = article.urls
    ids = {
        "id": article.id,
        "url": article.url,
        "url-announced": urls.announced,
        "url-final": urls.final,
        "url-canonical": urls.canonical,
    }
    return [{"role": role, "value": value} for role, value in ids.items() if value]


def _evidence(article: Article) -> dict[str, Any]:
    """What ninjs has no place for, by the names it has in an article."""
    said = {name: getattr(article, name) for name in _OURS}
    if article.published_at is None:
        del said["published_precision"]
    data = _filled(
        **said,
        source=_filled(feed_id=article.source.feed_id, domain=article.source.domain),
        provenance=_filled(**asdict(article.provenance)),
        topics=[asdict(tag) for tag in article.topics],
        casualties=[asdict(one) for one in article.casualties],
    )
    value = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_stamp)
    return {"role": EVIDENCE, "contentType": "application/json", "value": value}


def _stamp(moment: datetime) -> str:
    """RFC 3339, as JSON Schema's `date-time` wants it."""
    return moment.isoformat().replace("+00:00", "Z")


def _strict(url: str) -> str:
    """An address in the characters that RFC 3986 allows, since `format: uri` means no others; empty if it is none."""
    if not is_followable(url):
        return ""
    parts = urlsplit(url)
    return urlunsplit(
        (
            parts.scheme,
            _quoted(parts.netloc, "[]:@!$&'()*+,;="),
            *(_quoted(part, "/:@!$&'()*+,;=?") for part in (parts.path, parts.query, parts.fragment)),
        )
    )


def _quoted(part: str, allowed: str) -> str:
    return quote(_BARE_PERCENT.sub("%25", part), safe=f"%{allowed}")
