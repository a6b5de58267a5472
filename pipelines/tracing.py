"""`newswire trace`: everything known of one URL."""

from dataclasses import dataclass
from typing import Any

from rich.text import Text

from connectors.codec import to_data
from connectors.opening import Store
from connectors.ports import LedgerRow
from pipelines.report import clock, console, row_data
from transforms.records import Article
from transforms.revisions import content_hash
from transforms.urls import doc_id, is_followable


@dataclass(frozen=True, slots=True)
class Traced:
    """Everything known of one URL: its own row, the other addresses of the same article, and all revisions."""

    row: LedgerRow
    others: tuple[LedgerRow, ...]
    revisions: tuple[Article, ...]

    @classmethod
    def of(cls, url: str, store: Store) -> "Traced | None":
        """By an announced address, by the one it led to, or by document id; None when nothing is known."""
        row = store.ledger.get(url)
        document = row.doc_id if row else doc_id(url) if is_followable(url) else url
        same = store.ledger.by_document(document) if document else []
        row = row or (same[0] if same else None)
        if row is None:
            return None
        others = tuple(other for other in same if other.key != row.key)
        return cls(row, others, tuple(store.articles.revisions(document)) if document else ())

    def data(self) -> dict[str, Any]:
        """For a program."""
        return {
            **row_data(self.row),
            "also_announced_as": [other.url for other in self.others],
            "revisions": [to_data(article) for article in self.revisions],
        }


def print_trace(traced: Traced) -> None:
    """A URL's history for a person."""
    out, row = console(), traced.row
    out.print(Text(row.url, style="bold"))
    error = f" in {row.stage}: {row.error}: {row.reason} (attempt {row.attempts})" if row.error else ""
    out.print(Text(f"{row.state}{error}", style="red" if row.error else "green"))
    if row.next_try_at:
        out.print(f"next try {clock(row.next_try_at)}")
    for feed_id, title, at in row.appearances:
        out.print(Text(f"announced by {feed_id} {clock(at)}: {title}"))
    for other in traced.others:
        out.print(Text(f"the same article was announced as {other.url}"))
    if traced.revisions:
        current = traced.revisions[-1]
        out.print(Text(f"article {current.id}, {current.status}, from the {current.body_source}, {current.language}"))
        out.print(Text(f"  final      {current.urls.final}"))
        out.print(Text(f"  canonical  {current.urls.canonical}"))
        for tag in current.topics:
            where = ", ".join(f"{e.text!r} ({e.field} {e.start}-{e.end}, {e.rule})" for e in tag.evidence)
            out.print(Text(f"  topic      {tag.id} {tag.score:g}: {where}", style="green"))
        for article, before in zip(traced.revisions, (None, *traced.revisions), strict=False):
            changed = f", changed: {', '.join(_changes(before, article))}" if before else ""
            size = f"{len(article.body)} characters{changed}"
            out.print(Text(f"  revision {article.revision}  {clock(article.fetched_at)}  {article.title!r}, {size}"))
    out.print("history")
    for event in row.history:
        out.print(Text(f"  {clock(event.at)}  {event.stage:8} {event.what}"))


def _changes(before: Article, after: Article) -> list[str]:
    names = ("title", "authors", "body", "keywords", "status", "body_source")
    return [name for name in names if getattr(before, name) != getattr(after, name)] or (
        ["content"] if content_hash(before) != content_hash(after) else []
    )
