"""How topics, cases and backtests look."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from connectors.codec import to_data
from pipelines.evidence import figure, for_and_against, named, proof_lines, sentences
from pipelines.report import clock, console
from pipelines.topics.backtest import KINDS, Backtest, Change, Sample
from pipelines.topics.cases import Figure, Score, Tally, Verdict
from pipelines.topics.retag import Retagged
from transforms.tags import Casualty, Evidence
from transforms.text import harmless
from transforms.topics import Taxonomy, Topic

#: Articles that could not be tagged, of which each has its line.
SHOWN_FAILED = 10


def spoken(topic: Topic, taxonomy: Taxonomy) -> list[str]:
    """The languages that a topic is recognised in; `*` means all."""
    found: set[str] = set()
    for rule in topic.rules:
        asked = [taxonomy.lists[rule.any], *(taxonomy.lists[o.words] for o in rule.near if o.words is not None)]
        languages = frozenset[str]().union(*(one.languages() for one in asked))
        found.update(language for language in languages if all(one.speaks(language) for one in asked))
    return sorted(found)


def topics_data(taxonomy: Taxonomy, counts: Mapping[str, int] | None, language: str) -> dict[str, Any]:
    """The topics of a taxonomy; `articles` is null where there is no archive."""
    return {
        "version": taxonomy.version,
        "topics": [
            {
                "id": topic.id,
                "label": topic.labels.get(language, topic.label),
                "medtop": topic.medtop,
                "rules": len(topic.rules),
                "languages": spoken(topic, taxonomy),
                "articles": None if counts is None else counts.get(topic.id, 0),
            }
            for topic in taxonomy.topics
        ],
    }


def print_topics(data: Mapping[str, Any]) -> None:
    """A line for each topic."""
    rows = [
        (
            one["id"],
            one["label"],
            one["medtop"] or "-",
            str(one["rules"]),
            " ".join(one["languages"]),
            "-" if one["articles"] is None else f"{one['articles']:,}",
        )
        for one in data["topics"]
    ]
    _print_table(("topic", "label", "Media Topic", "rules", "languages", "articles"), rows, left=(0, 1, 2, 4))
    console().print(Text(f"{len(rows)} topics, taxonomy {data['version']}", style="dim"))


def verdict_data(verdict: Verdict, taxonomy: Taxonomy) -> dict[str, Any]:
    """What differs in a case, for a program."""
    thresholds = {topic.id: topic.threshold for topic in taxonomy.topics}
    return {
        "key": verdict.case.key,
        "title": verdict.case.title,
        "why": verdict.case.why,
        "language": verdict.article.language,
        "missing": [
            {"id": name, "threshold": thresholds[name], "judged": to_data(tag) if tag else None}
            for name, tag in verdict.missing
        ],
        "extra": [to_data(tag) for tag in verdict.extra],
        "stances": [{"expected": one.expected, "judged": to_data(one.tag)} for one in verdict.stances],
        "figures": {
            "missing": [one.model_dump() for one in verdict.figures_missing],
            "extra": [to_data(one) for one in verdict.figures_extra],
            "sources": [
                {"expected": expected.attribution, "found": to_data(found)} for expected, found in verdict.sources
            ],
        },
    }


def tally_data(tally: Tally) -> dict[str, Any]:
    """The scores, for a program."""
    return {
        "topics": [{"id": name, **score.data("stance_accuracy")} for name, score in tally.topics.items()],
        "figures": tally.figures.data("source_accuracy"),
    }


def print_verdict(verdict: Verdict, taxonomy: Taxonomy) -> None:
    """What differs in a case, and why."""
    out = console()
    case, article = verdict.case, verdict.article
    head = Text.assemble((harmless(case.key), "cyan"), "  ", (harmless(case.title or case.body[:100]), "bold"))
    out.print(head + Text(f"  [{article.language}]", style="dim"))
    if case.why:
        out.print(Text(f"  {harmless(case.why)}", style="dim"))
    for line in _differences(verdict, taxonomy):
        out.print(Text("  ") + line)
    out.print()


def _differences(verdict: Verdict, taxonomy: Taxonomy) -> Iterator[Text]:
    article = verdict.article
    thresholds = {topic.id: topic.threshold for topic in taxonomy.topics}
    for name, tag in verdict.missing:
        score = f"score {tag.score:g} of {thresholds[name]:g}" if tag else "no rule finds a word of its own"
        yield Text(f"missing: {name}, {score}", style="bold red")
        yield from for_and_against(article, tag, "    ") if tag else ()
    for tag in verdict.extra:
        yield Text(f"extra: {named(tag)}, score {tag.score:g} of {thresholds[tag.id]:g}", style="bold red")
        yield from for_and_against(article, tag, "    ")
    for wrong in verdict.stances:
        yield Text(f"stance of {wrong.tag.id}: {wrong.tag.stance}, expected {wrong.expected}", style="bold red")
        yield from proof_lines(sentences(article, wrong.tag.evidence), "    ", sign="+")
    for one in verdict.figures_missing:
        yield Text(f"figure missing: {_wanted(one)}", style="bold red")
    for found in verdict.figures_extra:
        yield Text(f"figure extra: {figure(found)}", style="bold red")
        yield from proof_lines(sentences(article, [found.evidence]), "    ")
    for one, found in verdict.sources:
        yield Text(f"figure from another source: {figure(found)}, expected {one.attribution!r}", style="bold red")
        yield from proof_lines(sentences(article, [found.evidence]), "    ")


def _wanted(one: Figure) -> str:
    nothing = Evidence(rule="", text="", field="title", start=0, end=0)
    given = Casualty(
        kind=one.kind, min=one.min, max=one.max, who=one.who, attribution=one.attribution or "", evidence=nothing
    )
    return figure(given)


def print_tally(tally: Tally, cases: int, differing: int, version: str) -> None:
    """The scores: a table by topic, and of the figures."""
    rows = [(name, *_cells(score)) for name, score in tally.topics.items()]
    if tally.figures.expected or tally.figures.extra:
        rows.append(("figures", *_cells(tally.figures)))
    head = ("topic", "cases", "found", "missed", "extra", "precision", "recall", "stance/source")
    _print_table(head, rows)
    console().print(
        Text(f"{cases} cases, {differing} differ, taxonomy {version}", style="red" if differing else "green")
    )


def _cells(score: Score) -> tuple[str, ...]:
    counts = (score.expected, score.found, score.missed, score.extra)
    shares = (score.precision, score.recall, score.accuracy)
    return *map(str, counts), *("-" if share is None else f"{share:.3f}" for share in shares)


def backtest_data(done: Backtest) -> dict[str, Any]:
    """A backtest for a program."""
    return {
        "version": done.version,
        "articles": done.articles,
        "stored_versions": dict(done.versions),
        "topics": [
            {
                "id": name,
                "now": change.now,
                "then": change.then,
                **{("stance_changed" if kind == "stance" else kind): change.counts[kind] for kind in KINDS},
                "samples": {kind: [_sample_data(one) for one in change.samples[kind]] for kind in KINDS},
            }
            for name, change in done.topics.items()
        ],
    }


def _sample_data(sample: Sample) -> dict[str, Any]:
    return {
        "id": sample.id,
        "url": sample.url,
        "outlet": sample.outlet,
        "title": sample.title,
        "dated_at": sample.dated_at.isoformat(),
        "stance_before": sample.before,
        "stance_after": sample.after,
        "evidence": [one.data() for one in sample.evidence],
        "against": [one.data() for one in sample.against],
    }


def print_backtest(done: Backtest) -> None:
    """A backtest for a person: samples of each change, then a table."""
    out = console()
    for name, change in done.topics.items():
        for kind, title in zip(KINDS, ("would be added", "would be removed", "would change its stance"), strict=True):
            if change.samples[kind]:
                out.print(Text(f"{name} {title} in {change.counts[kind]:,}, such as", style="bold"))
                for sample in change.samples[kind]:
                    _print_sample(sample)
                out.print()
    rows = [(name, *_counted(change)) for name, change in done.topics.items()]
    _print_table(("topic", "now", "then", "added", "removed", "stance changed"), rows)
    versions = ", ".join(f"{name or 'none'} ({count:,})" for name, count in done.versions.most_common())
    out.print(
        Text(f"{done.articles:,} articles, taxonomy {done.version}; stored: {versions or 'nothing'}", style="dim")
    )


def _counted(change: Change) -> tuple[str, ...]:
    return tuple(f"{n:,}" for n in (change.now, change.then, *(change.counts[kind] for kind in KINDS)))


def _print_sample(sample: Sample) -> None:
    out = console()
    stance = f" · {sample.before} → {sample.after}" if sample.before and sample.after else ""
    out.print(Text(f"  {harmless(sample.title)}"))
    out.print(Text(f"    {harmless(sample.outlet)} · {clock(sample.dated_at)}{stance}", style="cyan"))
    for line in proof_lines(sample.evidence, "    ", sign="+"):
        out.print(line)
    for line in proof_lines(sample.against, "    ", sign="-"):
        out.print(line)
    out.print(Text(f"    {harmless(sample.url)}  {sample.id}", style="dim"))


def retagged_data(done: Retagged) -> dict[str, Any]:
    """A retag for a program."""
    return {
        "version": done.version,
        "tagged": done.tagged,
        "changed": done.changed,
        "added": dict(done.added),
        "removed": dict(done.removed),
        "stance_changed": dict(done.stances),
        "failed": done.failed,
        "elapsed_s": round(done.elapsed_s, 3),
    }


def print_retagged(done: Retagged) -> None:
    """A retag for a person."""
    out = console()
    names = sorted(done.added.keys() | done.removed.keys() | done.stances.keys())
    rows = [(name, *(f"{one[name]:,}" for one in (done.added, done.removed, done.stances))) for name in names]
    if rows:
        _print_table(("topic", "added", "removed", "stance changed"), rows)
    if done.tagged:
        rate = f", {done.tagged / done.elapsed_s:,.0f} a second" if done.elapsed_s else ""
        out.print(
            f"{done.tagged:,} articles tagged anew, {done.changed:,} changed, in {done.elapsed_s:.1f} s{rate};"
            f" taxonomy {done.version}"
        )
    elif not done.failed:
        out.print(f"nothing to do: every article has the topics of taxonomy {done.version}")
    for document, reason in list(done.failed.items())[:SHOWN_FAILED]:
        out.print(Text(f"not tagged: {document}: {harmless(reason)}", style="bold red"))


def _print_table(head: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> None:
    table = Table(box=None, pad_edge=False)
    for number, name in enumerate(head):
        table.add_column(name, overflow="fold", justify="left" if number in left else "right")
    for row in rows:
        table.add_row(*(Text(harmless(cell)) for cell in row))
    console().print(table)
