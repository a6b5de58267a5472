"""`alerts test`: what a subscription would have told, counted over the archive."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from connectors.hits import hit
from connectors.ports import Hit
from transforms.clusters import story_of
from transforms.query import Query
from transforms.records import Article, dated


@dataclass(slots=True)
class DryRun:
    """What would have been told."""

    since: datetime | None
    until: datetime
    #: Articles that are found, and the stories that they tell: an alert each.
    articles: int = 0
    stories: int = 0
    #: Stories by the day of their first article.
    days: Counter[date] = field(default_factory=Counter)
    #: Articles.
    outlets: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    #: Some stories, each by one of its articles, the latest first.
    samples: list[Hit] = field(default_factory=list)

    @property
    def reprints(self) -> int:
        """Articles that would have been folded into the alert of another one."""
        return self.articles - self.stories

    @property
    def per_day(self) -> float | None:
        """Alerts a day; None where no period was asked for."""
        if self.since is None:
            return None
        return self.stories / max((self.until - self.since).total_seconds() / 86_400, 1 / 24)


def dry_run(
    articles: Iterable[Article],
    query: Query | None,
    *,
    since: datetime | None,
    until: datetime,
    zone: tzinfo,
    samples: int,
    told: Callable[[int], object],
) -> DryRun:
    """What the `articles` that a search finds would have made of alerts; `told` how many more are read.

    Articles count as they are now, and by the time they were published. So an article that matches since it was revised
    counts, and one that was found days after its publication counts on that day.

    Of each story only the id and the day are kept, and so many `samples`, spread over all stories, the same ones every
    time.
    """
    done = DryRun(since, until)
    first: dict[str, date] = {}
    kept: list[Article] = []
    for article in articles:
        done.articles += 1
        done.outlets[article.source.name or article.source.domain] += 1
        done.languages[article.language] += 1
        story, day = story_of(article), dated(article).astimezone(zone).date()
        if story not in first:
            _sample(kept, article, story, len(first) + 1, samples)
        first[story] = min(day, first.get(story, day))
        told(1)
    done.stories = len(first)
    done.days.update(first.values())
    done.samples = [hit(article, query) for article in sorted(kept, key=dated, reverse=True)]
    return done


def _sample(kept: list[Article], article: Article, story: str, number: int, most: int) -> None:
    """Reservoir sampling: each story is as likely to be kept as any other, however many there will be."""
    if len(kept) < most:
        kept.append(article)
    elif (place := random.Random(story).randrange(number)) < most:
        kept[place] = article
