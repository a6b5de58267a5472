"""`backtest`: a taxonomy held against the topics that the articles of the archive have."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pipelines.evidence import Shown, sentences
from transforms.records import Article, dated
from transforms.tags import Stance, TopicTag
from transforms.topics import Taxonomy

Kind = Literal["added", "removed", "stance"]
KINDS: tuple[Kind, ...] = ("added", "removed", "stance")


@dataclass(frozen=True, slots=True)
class Sample:
    """An article whose topic would change, and why; without its text, so that many can be kept."""

    id: str
    url: str
    outlet: str
    title: str
    dated_at: datetime
    before: Stance | None
    after: Stance | None
    #: Added, or in another stance: the new evidence. Removed: the old.
    evidence: tuple[Shown, ...]
    #: What counts against it now.
    against: tuple[Shown, ...]


@dataclass(slots=True)
class Change:
    """What would become of one topic: articles that have it now, and would have it."""

    now: int = 0
    then: int = 0
    counts: Counter[Kind] = field(default_factory=Counter)
    samples: dict[Kind, list[Sample]] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class Backtest:
    """What a taxonomy would change."""

    version: str
    articles: int = 0
    #: Articles by the version that tagged them; empty: none did.
    versions: Counter[str] = field(default_factory=Counter)
    topics: dict[str, Change] = field(default_factory=lambda: defaultdict(Change))


def backtest(
    articles: Iterable[Article],
    taxonomy: Taxonomy,
    wanted: frozenset[str],
    samples: int,
    told: Callable[[int], object],
) -> Backtest:
    """What `taxonomy` would change in the `wanted` topics (none named: in all); `told` how many more articles are read.
    Of each kind of change, so many `samples` at most, spread over all articles, and the same ones every time."""

    def looked_at(tags: Iterable[TopicTag]) -> dict[str, TopicTag]:
        return {tag.id: tag for tag in tags if not wanted or tag.id in wanted}

    done = Backtest(taxonomy.version)
    for topic in taxonomy.topics:
        if not wanted or topic.id in wanted:
            done.topics[topic.id] = Change()
    for article in articles:
        done.articles += 1
        done.versions[article.topics_version] += 1
        before, after = looked_at(article.topics), looked_at(taxonomy.tag(article).topics)
        for name in before.keys() | after.keys():
            _compare(done.topics[name], name, before.get(name), after.get(name), article, taxonomy, samples)
        told(1)
    return done


def _compare(
    change: Change,
    name: str,
    before: TopicTag | None,
    after: TopicTag | None,
    article: Article,
    taxonomy: Taxonomy,
    samples: int,
) -> None:
    change.now += before is not None
    change.then += after is not None
    if before and after and before.stance == after.stance:
        return
    kind: Kind = "added" if before is None else "removed" if after is None else "stance"
    change.counts[kind] += 1
    kept, count = change.samples[kind], change.counts[kind]
    if count <= samples:
        kept.append(_sample(name, before, after, article, taxonomy))
        return
    # Reservoir sampling: each change is as likely to be kept as any other, however many there will be.
    place = random.Random(f"{name} {kind} {article.id}").randrange(count)
    if place < samples:
        kept[place] = _sample(name, before, after, article, taxonomy)


def _sample(name: str, before: TopicTag | None, after: TopicTag | None, article: Article, taxonomy: Taxonomy) -> Sample:
    judged: Sequence[TopicTag] = [after] if after else [tag for tag in taxonomy.judge(article) if tag.id == name]
    shown = after or before
    return Sample(
        id=article.id,
        url=article.url,
        outlet=article.source.name or article.source.domain,
        title=article.title,
        dated_at=dated(article),
        before=before.stance if before else None,
        after=after.stance if after else None,
        evidence=tuple(sentences(article, shown.evidence if shown else ())),
        against=tuple(one for tag in judged for one in sentences(article, tag.against)),
    )
