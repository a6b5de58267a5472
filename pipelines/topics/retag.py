"""`retag`: the archive brought to the taxonomy of the settings, some articles at a time.

The articles themselves say what is left to do (`topics_version`): who is killed loses the batch in hand and nothing
else, and the next one goes on. It does not take the lock of `run`, and neither waits for the other: the store writes
tags only to the revision that was read. What a run writes in the meantime has the topics of that run's taxonomy; one
that began before the taxonomy changed may leave articles for another `retag`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TypeAlias

from connectors.ports import ArticleStore
from transforms.errors import NewswireError, Unindexable
from transforms.records import Article
from transforms.topics import Taxonomy

#: An article as it was, and with its new topics.
_Pair: TypeAlias = tuple[Article, Article]
#: Articles in memory, and in a transaction, at a time.
BATCH = 200
#: Articles that cannot be tagged are passed over; from so many on the taxonomy is broken, not they.
MAX_FAILED = 100
#: A batch of which nothing could be written, since others revised all of it, is read again so often.
MAX_IDLE = 20


@dataclass(slots=True)
class Retagged:
    """What a retag did."""

    version: str
    tagged: int = 0
    #: Those whose topics, stances or figures are others now; in the rest only evidence and version may be.
    changed: int = 0
    #: Articles by topic: that have it now and had it not, the other way round, and that have it in another stance.
    added: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    stances: Counter[str] = field(default_factory=Counter)
    #: Ids of articles that could not be tagged, and why.
    failed: dict[str, str] = field(default_factory=dict)
    elapsed_s: float = 0.0


def retag(articles: ArticleStore, taxonomy: Taxonomy, told: Callable[[int], object]) -> Retagged:
    """Tag every article that has another version's topics; `told` how many more are.

    An article that cannot be tagged keeps what it has, and is among `failed`.

    Raises:
        NewswireError: nothing goes on any more. What was written stays; start it again.
        Transient, StoreFailed: as the store does.
    """
    done, started, idle = Retagged(taxonomy.version), perf_counter(), 0
    while True:
        outdated = articles.outdated(taxonomy.version, limit=BATCH + len(done.failed))
        fresh = [one for one in outdated if one.id not in done.failed]
        if not fresh:
            break
        failed = len(done.failed)
        batch = [(one, new) for one in fresh if (new := _tagged(one, taxonomy, done)) is not None]
        written = _write(articles, batch, done)
        _count(done, written)
        told(len(written))
        if len(done.failed) >= MAX_FAILED:
            subject, reason = next(iter(done.failed.items()))
            raise NewswireError(subject, f"{reason}; and {len(done.failed) - 1} others could not be tagged")
        idle = 0 if written or len(done.failed) > failed else idle + 1
        if idle > MAX_IDLE:
            raise NewswireError(fresh[0].id, "it and others are revised faster than they are tagged; start it again")
    done.elapsed_s = perf_counter() - started
    return done


def _write(articles: ArticleStore, batch: Sequence[_Pair], done: Retagged) -> list[_Pair]:
    """Those of a batch that were written; the others were revised since they were read, or the store will not have
    them."""
    try:
        if articles.retag([new for _, new in batch]) == len(batch):
            return list(batch)
    except Unindexable as e:
        done.failed[e.subject] = e.reason
    now = articles.get(new.id for _, new in batch)
    return [(one, new) for one, new in batch if now[one.id].topics_version == new.topics_version]


def _tagged(article: Article, taxonomy: Taxonomy, done: Retagged) -> Article | None:
    try:
        return taxonomy.tag(article)
    except Exception as e:  # noqa: BLE001 - a bug; said at the end, and no reason to leave the others as they are
        done.failed[article.id] = f"{type(e).__name__}: {e}"
        return None


def _count(done: Retagged, batch: Sequence[_Pair]) -> None:
    done.tagged += len(batch)
    for one, new in batch:
        before = {tag.id: tag.stance for tag in one.topics}
        after = {tag.id: tag.stance for tag in new.topics}
        done.added.update(after.keys() - before.keys())
        done.removed.update(before.keys() - after.keys())
        done.stances.update(name for name in before.keys() & after.keys() if before[name] != after[name])
        done.changed += before != after or one.casualties != new.casualties
