"""`newswire trace`: everything known of one URL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.text import Text

from connectors.alert_ports import Delivery
from connectors.codec import to_data
from connectors.opening import Store
from connectors.ports import LedgerRow
from pipelines.evidence import figure, named
from pipelines.report import clock, console, outlet, row_data, when
from transforms.alerts import Alert
from transforms.clusters import story_of
from transforms.records import Article
from transforms.revisions import Change, changes
from transforms.tags import Evidence
from transforms.urls import doc_id, is_followable

#: More of a revision's changes, and more characters of each side of one, are shown to programs only.
MAX_CHANGES, MAX_SHOWN = 40, 400
#: Alerts of one article that are told of, the last ones.
MAX_ALERTS = 20


@dataclass(frozen=True, slots=True)
class Traced:
    """Everything known of one URL: its own row, the other addresses of the same article, all revisions, the other
    articles of its cluster, and who was told of it."""

    row: LedgerRow
    others: tuple[LedgerRow, ...]
    revisions: tuple[Article, ...]
    reprints: tuple[Article, ...] = ()
    #: Alerts, the earliest first, each with its deliveries.
    alerts: tuple[tuple[Alert, tuple[Delivery, ...]], ...] = ()

    @classmethod
    def of(cls, url: str, store: Store) -> "Traced | None":
        """By an announced address, by the one it led to, or by document id; None when nothing is known."""
        row = store.ledger.get(url)
        document = row.doc_id if row else document_of(url)
        same = store.ledger.by_document(document) if document else []
        row = row or (same[0] if same else None)
        if row is None:
            return None
        others = tuple(other for other in same if other.key != row.key)
        revisions = tuple(store.articles.revisions(document)) if document else ()
        if not revisions:
            return cls(row, others, ())
        story = story_of(revisions[-1])
        reprints = tuple(one for one in store.articles.cluster(story) if one.id != document)
        return cls(row, others, revisions, reprints, _alerts(store, story, document))

    @property
    def article(self) -> Article | None:
        """As it is now; None where the address has become none."""
        return self.revisions[-1] if self.revisions else None

    def data(self) -> dict[str, Any]:
        """For a program."""
        return {
            **row_data(self.row),
            "also_announced_as": [other.url for other in self.others],
            "same_text": [
                {"id": one.id, "url": one.url, "outlet": outlet(one), "title": one.title} for one in self.reprints
            ],
            "alerts": [
                {
                    "id": alert.id,
                    "subscription": alert.subscription,
                    "kind": alert.kind,
                    "revision": alert.revision,
                    "made_at": alert.made_at.isoformat(),
                    "deliveries": [{"channel": one.channel, "state": one.state} for one in deliveries],
                }
                for alert, deliveries in self.alerts
            ],
            "revisions": [
                {**to_data(article), "changes": [to_data(change) for change in changed]}
                for article, changed in self.changed()
            ],
        }

    def changed(self) -> Iterator[tuple[Article, list[Change]]]:
        """Each revision with what it changed; nothing of the first."""
        for before, article in zip((None, *self.revisions), self.revisions, strict=False):
            yield article, changes(before, article) if before else []


def _alerts(store: Store, story: str, document: str) -> tuple[tuple[Alert, tuple[Delivery, ...]], ...]:
    told = store.outbox.told([story]).get(story, [])
    of_it = [one for one in told if document in (one.article_id, *(reprint.article_id for reprint in one.reprints))]
    return tuple((one, tuple(store.outbox.deliveries(alert=one.id))) for one in of_it[-MAX_ALERTS:])


def document_of(typed: str) -> str:
    """The id of the document that somebody means who types an address, or the id itself."""
    return doc_id(typed) if is_followable(typed) else typed


def print_trace(traced: Traced) -> None:
    """A URL's history for a person."""
    out, row = console(), traced.row
    out.print(Text(row.url, style="bold"))
    state, *plans = standing(row)
    out.print(Text(state, style="red" if row.error else "green"))
    for plan in plans:
        out.print(plan)
    for feed_id, title, at in row.appearances:
        out.print(Text(f"announced by {feed_id} {clock(at)}: {title}"))
    for other in traced.others:
        out.print(Text(f"the same article was announced as {other.url}"))
    if traced.revisions:
        _print_article(out, traced.revisions[-1])
    for one in traced.reprints:
        out.print(Text(f"  {'same text':10} {outlet(one)}, {when(one)}: {one.title}\n{'':13}{one.url}"))
    for article, changed in traced.changed():
        _print_revision(out, article, changed)
    for alert, deliveries in traced.alerts:
        told = ", ".join(f"{one.state} to {one.channel}" for one in deliveries) or "to nobody"
        out.print(Text(f"  {'alert':10} {alert.subscription}, {alert.kind}, {clock(alert.made_at)}: {told}"))
    out.print("history")
    for event in row.history:
        out.print(Text(f"  {clock(event.at)}  {event.stage:8} {event.what}"))


def standing(row: LedgerRow) -> list[str]:
    """How far an address has come, and why no further; then what happens to it next, if anything."""
    kind = f" ({row.kind})" if row.kind else ""
    error = f" in {row.stage}: {row.error}{kind}: {row.reason} (attempt {row.attempts})" if row.error else ""
    lines = [f"{row.state}{error}"]
    if row.next_try_at:
        what = "in hand, on a lease until" if row.state == "pending" else "next try"
        lines.append(f"{what} {clock(row.next_try_at)}")
    if row.check_at:
        lines.append(f"next look for changes {clock(row.check_at)}")
    return lines


def kept_as(article: Article) -> str:
    """What is in the archive: id, status, where the text is from."""
    partial = ", a part of the text only" if article.partial else ""
    return f"article {article.id}, {article.status}, from the {article.body_source}, {article.language}{partial}"


def details(article: Article) -> dict[str, str]:
    """What else is known of an article, by name; `found in` says where each of its fields was found."""
    found = article.provenance
    sources = {
        "title": found.title,
        "authors": found.authors,
        "published": article.published_source,
        "updated": found.updated_at,
        "body": article.body_source,
        "language": found.language,
        "agency": found.agency,
        "keywords": found.keywords,
    }
    known = {
        "final": article.urls.final,
        "canonical": article.urls.canonical,
        "dateline": article.dateline,
        "agency": article.source.agency,
        "slug": article.slug,
        "note": article.edition_note,
        "found in": ", ".join(f"{name}: {source}" for name, source in sources.items() if source),
    }
    return {name: text for name, text in known.items() if text}


def _print_article(out: Console, article: Article) -> None:
    out.print(Text(kept_as(article)))
    for name, text in details(article).items():
        out.print(Text(f"  {name:10} {text}"))
    for tag in article.topics:
        against = f"; against it {_where(tag.against)}" if tag.against else ""
        out.print(Text(f"  topic      {named(tag)} {tag.score:g}: {_where(tag.evidence)}{against}", style="green"))
    for one in article.casualties:
        out.print(Text(f"  figure     {figure(one)}: {_where([one.evidence])}", style="magenta"))
    if article.topics_version:
        out.print(Text(f"  {'taxonomy':10} {article.topics_version}"))


def _where(evidence: Sequence[Evidence]) -> str:
    return ", ".join(f"{one.text!r} ({one.field} {one.start}-{one.end}, {one.rule})" for one in evidence)


def _print_revision(out: Console, article: Article, changed: Sequence[Change]) -> None:
    names = f", changed: {', '.join(dict.fromkeys(change.field for change in changed))}" if changed else ""
    size = f"{len(article.body)} characters{names}"
    out.print(Text(f"  revision {article.revision}  {clock(article.fetched_at)}  {article.title!r}, {size}"))
    print_changes(changed)


def print_changes(changed: Sequence[Change], *, indent: str = "    ") -> None:
    """What a revision says otherwise, field by field."""
    out = console()
    for name, alike in groupby(changed[:MAX_CHANGES], key=lambda change: change.field):
        out.print(Text(f"{indent}{name}"))
        for change in alike:
            for sign, words, style in (("-", change.old, "red"), ("+", change.new, "green")):
                if words or change.left or change.right:
                    around = (change.left, (_shown(words), f"bold {style}"), change.right)
                    out.print(Text.assemble((f"{indent}{sign} ", style), *around))
    if len(changed) > MAX_CHANGES:
        out.print(f"{indent}and {len(changed) - MAX_CHANGES} more changes (--json has them all)")


def _shown(text: str) -> str:
    """A passage on one line, however long it is."""
    if len(text) > MAX_SHOWN:
        text = f"{text[: MAX_SHOWN // 2]} [{len(text) - MAX_SHOWN} characters] {text[-MAX_SHOWN // 2 :]}"
    return text.replace("\n", " ¶ ")
