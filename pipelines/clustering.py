"""Which story each article belongs to, before it is written: reprints share the cluster of the first of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import perf_counter

from connectors.ports import ArticleStore, Nearby
from pipelines.steps import count, took
from transforms.clusters import WINDOW, bands, cluster, keeps_cluster, story_of
from transforms.records import Article, dated

#: Candidates looked at for an article, those that share the most bands; each costs about a millisecond.
MOST_CANDIDATES = 10


def clustered(revisions: Sequence[Article], stored: Mapping[str, Article], archive: ArticleStore) -> list[Article]:
    """Revisions about to be written, in order, each in its cluster. `stored`: by id what they follow on, whose cluster
    they keep.

    Others are compared with what is in the archive, and with each other in the order of their dates. What another
    worker writes at this moment is not seen: two outlets' copies that are stored within the same second may begin a
    cluster each.
    """
    started = perf_counter()
    settled = {name: story_of(one) for name, one in stored.items() if keeps_cluster(one)}
    new = [one for one in revisions if one.id not in settled]
    looked_up = list({one.id: one for one in reversed(new) if bands(one)}.values())
    looked_up.sort(key=lambda one: (dated(one), one.id))
    asked = [Nearby(bands=bands(one), since=dated(one) - WINDOW, until=dated(one) + WINDOW) for one in looked_up]
    here: dict[str, list[Article]] = {}  # of this batch, by band
    for article, others in zip(looked_up, archive.near(asked, limit=MOST_CANDIDATES) if asked else [], strict=True):
        own = bands(article)
        mates = {mate.id: mate for band in own for mate in here.get(band, ())}
        settled[article.id] = cluster(article, [*others, *mates.values()])
        placed = replace(article, cluster_id=settled[article.id])
        for band in own:
            here.setdefault(band, []).append(placed)
    for name in {one.id for one in new}:
        count("cluster", "alone" if settled.get(name, name) == name else "reprint")
    took("cluster", perf_counter() - started)
    return [replace(one, cluster_id=settled.get(one.id, one.id)) for one in revisions]
