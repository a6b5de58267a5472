"""What counts as a change, and what is made of it. Pure: the caller brings the stored article and writes the answer."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher
from itertools import accumulate, takewhile

from transforms.analysis import terms
from transforms.records import Article, Entry
from transforms.text import only_words
from transforms.urls import same_site

#: What the note of an article begins with that was withdrawn since its page answers 404 or 410.
GONE = "page gone"
#: Their order says nothing.
LISTS = ("authors", "keywords")
#: Words shown on both sides of a change, and the fewest that part two changes of one paragraph.
CONTEXT, APART = 6, 3
#: Characters on each side that are looked at for these words.
BESIDE = 200
#: Steps that comparing two texts may take, at worst; what is left then is shown as replaced as a whole.
MAX_STEPS = 30_000_000
_ENDS = ".!?…؟।。！？"
#: Punctuation, and the letters of scripts that do not part their words: each is a piece of its own.
_SINGLE = r"!-/:-@\[-`{-~«»‘’“”„…–—\u2e80-\u9fff\uff01-\uff65"
#: How texts are taken apart, coarse to fine: paragraphs, sentences, words. The pieces put together are the text again.
_PIECES = (
    re.compile(r"[^\n]*\n|[^\n]+"),
    re.compile(rf"[^{_ENDS}]*[{_ENDS}]+|[^{_ENDS}]+"),
    re.compile(rf"\s+|[{_SINGLE}]|[^\s{_SINGLE}]+"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a revision says otherwise: in `field`, `new` stands where `old` stood."""

    #: Name in Article; of an image `image`, `image_caption`, `image_credit`.
    field: str
    old: str
    new: str
    #: In the body, the character of the earlier text where `old` begins, and the words around it; else 0 and empty.
    at: int = 0
    left: str = ""
    right: str = ""


def content_hash(article: Article) -> str:
    """Hash of what a reader would call the article: title, authors, body, keywords, status and the desk's note on the
    version; never dates or layout.

    The leading `2` is the version of this recipe. Hashes are for outside: `decide` computes its own, so that a new
    recipe makes no revisions.
    """
    parts = [article.title, *sorted(article.authors), article.body, *sorted(article.keywords), article.status]
    return f"2{hashlib.sha256(chr(0).join([*parts, article.edition_note]).encode()).hexdigest()[:31]}"


def decide(new: Article, stored: Article | None) -> Article | None:
    """The article to write, with its revision, or None when nothing a reader would notice has changed.

    A feed's text never replaces a body that was read off the page: it is shorter, and stands in only while the page
    cannot be read. Its headline and status still count, since a publisher's withdrawal often reaches the feed only.

    An article that is withdrawn already is not withdrawn once more because its page is gone. One that was withdrawn for
    that reason alone comes back with its page, or with words of its feed.

    A feed whose own address leads to another outlet's story has no say in what that outlet's feed has announced:
    whoever can write a headline could else write it over somebody else's story, or withdraw it.
    """
    if stored is None:
        return replace(new, revision=1)
    if new.source.feed_id != stored.source.feed_id and is_led(new) and not is_led(stored):
        return None
    if stored.status == "withdrawn" and new.edition_note.startswith(GONE):
        return None
    if new.body_source == "feed" and stored.body_source == "page":
        note = "" if stored.edition_note.startswith(GONE) else stored.edition_note
        new = replace(
            stored,
            title=new.title or stored.title,
            status=new.status,
            edition_note=new.edition_note or note,
            embargoed_until=new.embargoed_until or stored.embargoed_until,
            updated_at=new.updated_at or stored.updated_at,
            fetched_at=new.fetched_at,
        )
    if content_hash(new) == content_hash(stored):
        return None
    return replace(new, revision=stored.revision + 1, first_seen_at=stored.first_seen_at)


def is_led(article: Article) -> bool:
    """Whether the address that was announced is on another site than the page."""
    return not same_site(article.urls.announced, article.urls.final)


def same_story(new: Article, stored: Article) -> bool:
    """Whether two announcements that were led to the same address are about the same story.

    Sites send readers of many stories to one address (a login page, a section); there the address is no identity, and
    a false merge is worse than a miss. The headline decides, or the text.
    """
    return only_words(new.title) == only_words(stored.title) or (new.body != "" and new.body == stored.body)


def same_item(before: Entry, now: Entry) -> bool:
    """Whether an item of a feed that has got a new address is the story that it was: feeds use GUIDs again.

    It is if the feed dates it as before, to the minute, or if the headline keeps half of its significant words. A false
    merge is worse than a miss.
    """
    if before.published_at and now.published_at:
        by_the_minute = before.published_precision == now.published_precision == "minute"
        if by_the_minute and before.published_at.replace(second=0, microsecond=0) == now.published_at.replace(
            second=0, microsecond=0
        ):
            return True
    words, others = _significant(before), _significant(now)
    return bool(words) and 2 * len(words & others) >= len(words)


def _significant(entry: Entry) -> set[str]:
    """The terms of a headline but for the short ones of alphabets, which are the same in every other headline."""
    return {one for one in terms(entry.title, entry.language) if len(one) > 3 or not one.isascii() or one.isdigit()}


def changes(before: Article, after: Article) -> list[Change]:
    """What a reader would notice between two revisions, the body passage by passage, in order.

    Putting each `new` in the place of its `old`, last one first, makes the later text of the earlier one.
    """
    was, became = _as_read(before), _as_read(after)
    found: list[Change] = []
    for name, new in became.items():
        if name == "body":
            found += _passages(before.body, after.body)
        elif was[name] != new and (name not in LISTS or _sorted(before, name) != _sorted(after, name)):
            found.append(Change(field=name, old=was[name], new=new))
    return found


def _as_read(article: Article) -> dict[str, str]:
    """Every field that a reader sees, as text."""
    return {
        "title": article.title,
        "status": article.status,
        "edition_note": article.edition_note,
        "embargoed_until": _moment(article.embargoed_until),
        "slug": article.slug,
        "authors": ", ".join(article.authors),
        "description": article.description,
        "body": article.body,
        "keywords": ", ".join(article.keywords),
        "section": article.section,
        "published_at": _moment(article.published_at),
        "updated_at": _moment(article.updated_at),
        "image": article.image.url,
        "image_caption": article.image.caption,
        "image_credit": article.image.credit,
    }


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _sorted(article: Article, name: str) -> list[str]:
    return sorted(getattr(article, name))


def _passages(old: str, new: str) -> list[Change]:
    passages: list[tuple[int, int, int, int]] = []
    for start, end, begin, stop in _edits(old, new, 0, [MAX_STEPS]):
        between = old[passages[-1][1] : start] if passages else "\n"
        if "\n" not in between and len(between.split()) < APART:
            first, _, first_new, _ = passages.pop()
            passages.append((first, end, first_new, stop))
        else:
            passages.append((start, end, begin, stop))
    return [
        Change(
            field="body",
            old=old[start:end],
            new=new[begin:stop],
            at=start,
            left="".join(_words(old[max(0, start - BESIDE) : start].rpartition("\n")[2])[-CONTEXT:]),
            right="".join(_words(old[end : end + BESIDE].partition("\n")[0])[:CONTEXT]),
        )
        for start, end, begin, stop in passages
    ]


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+\s*", text)


def _edits(old: str, new: str, level: int, steps: list[int]) -> Iterator[tuple[int, int, int, int]]:
    """(start, end, start, end) of a stretch of the old text and of what stands there in the new one, in order: compared
    piece by piece, and what differs, more finely. `steps` are left."""
    ours, theirs = _PIECES[level].findall(old), _PIECES[level].findall(new)
    at, at_new = _starts(ours), _starts(theirs)
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(ours, theirs, strict=False)))
    rest = zip(reversed(ours[head:]), reversed(theirs[head:]), strict=False)
    tail = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], rest))
    ours, theirs = ours[head : len(ours) - tail], theirs[head : len(theirs) - tail]
    opcodes = [("replace", 0, len(ours), 0, len(theirs))]
    if 0 < (cost := _cost(ours, theirs)) <= steps[0]:
        steps[0] -= cost
        opcodes = list(SequenceMatcher(str.isspace, ours, theirs, autojunk=False).get_opcodes())
    for what, i, j, k, m in opcodes:
        if what == "equal":
            continue
        # As many pieces as before: each is compared with the one in its place.
        pairs = [(i + n, i + n + 1, k + n, k + n + 1) for n in range(j - i)] if j - i == m - k else [(i, j, k, m)]
        for first, last, first_new, last_new in pairs:
            start, end = at[head + first], at[head + last]
            begin, stop = at_new[head + first_new], at_new[head + last_new]
            was, becomes = old[start:end], new[begin:stop]
            if was and becomes and level + 1 < len(_PIECES):
                for a, b, c, d in _edits(was, becomes, level + 1, steps):
                    yield start + a, start + b, begin + c, begin + d
            elif was != becomes:
                yield start, end, begin, stop


def _starts(pieces: Sequence[str]) -> list[int]:
    return [0, *accumulate(map(len, pieces))]


def _cost(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """Steps of SequenceMatcher at worst: it looks at the pairs of equal pieces once for each stretch that it finds, and
    finds no more than there are pieces. Without a pair there is nothing to find."""
    counted = Counter(theirs)
    pairs = sum(counted[piece] for piece in ours if not piece.isspace())
    return (pairs + len(ours) + len(theirs)) * min(len(ours), len(theirs), pairs)
