"""What counts as a change, and what is made of it. Pure: the caller brings the stored article and writes the answer."""

import hashlib
from dataclasses import replace

from transforms.records import Article
from transforms.text import only_words


def content_hash(article: Article) -> str:
    """Hash of what a reader would call the article: title, authors, body, keywords, status; never dates or layout.

    The leading `1` is the version of this recipe.
    """
    parts = [article.title, *sorted(article.authors), article.body, *sorted(article.keywords), article.status]
    return f"1{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:31]}"


def decide(new: Article, stored: Article | None) -> Article | None:
    """The article to write, with its revision, or None when nothing a reader would notice has changed.

    A feed's text never replaces a body that was read off the page: it is shorter, and stands in only while the page
    cannot be read. Its headline and status still count, since a publisher's withdrawal often reaches the feed only.
    """
    if stored is None:
        return replace(new, revision=1)
    if new.body_source == "feed" and stored.body_source == "page":
        new = replace(
            stored,
            title=new.title or stored.title,
            status=new.status,
            edition_note=new.edition_note or stored.edition_note,
            embargoed_until=new.embargoed_until or stored.embargoed_until,
            updated_at=new.updated_at or stored.updated_at,
            fetched_at=new.fetched_at,
        )
    if content_hash(new) == content_hash(stored):
        return None
    return replace(new, revision=stored.revision + 1, first_seen_at=stored.first_seen_at)


def same_story(new: Article, stored: Article) -> bool:
    """Whether two announcements that were led to the same address are about the same story.

    Sites send readers of many stories to one address (a login page, a section); there the address is no identity, and
    a false merge is worse than a miss. The headline decides, or the text.
    """
    return only_words(new.title) == only_words(stored.title) or (new.body != "" and new.body == stored.body)
