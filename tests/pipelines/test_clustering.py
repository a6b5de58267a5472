"""Clusters as they are stored: across batches, within one, over revisions, and what two workers at once make of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.opening import SqliteSpec, open_store
from connectors.ports import ArticleStore
from pipelines import clustering
from pipelines.clustering import clustered
from tests.factories import NOON, make_article
from transforms.records import Article

TEXT = " ".join(f"word{n}" for n in range(100))
HOUR = timedelta(hours=1)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[ArticleStore]:
    with open_store(SqliteSpec(str(tmp_path / "newswire.db"))) as store:
        yield store.articles


def copy(name: str, **overrides: Any) -> Article:
    return make_article(**{"id": name, "body": TEXT, "published_at": NOON, **overrides})


def clusters(archive: ArticleStore, *revisions: Article) -> list[str | None]:
    """Store them as the graph does; the clusters they are stored with."""
    stored = archive.get(one.id for one in revisions)
    found = clustered(revisions, stored, archive)
    assert [replace(one, cluster_id=None) for one in found] == [replace(one, cluster_id=None) for one in revisions]
    archive.put(found, now=NOON)
    return [one.cluster_id for one in found]


def test_reprints_of_a_later_batch_join_the_first(archive: ArticleStore) -> None:
    assert clusters(archive, copy("1b"), copy("1other", body=TEXT.replace("word", "mot"))) == ["1b", "1other"]
    assert clusters(archive, copy("1a", published_at=NOON - HOUR)) == ["1b"], "what was first here stays the first"
    assert clusters(archive, copy("1c", published_at=NOON + timedelta(hours=119))) == ["1b"]
    assert clusters(archive, copy("1d", published_at=NOON + timedelta(hours=121))) == ["1d"]


def test_reprints_of_one_batch_share_the_earliest(archive: ArticleStore) -> None:
    batch = [copy("1a", published_at=NOON + HOUR), copy("1b"), copy("1c"), copy("1flash", body="Blast heard.")]
    assert clusters(archive, *batch) == ["1b", "1b", "1b", "1flash"]
    assert [one.id for one in archive.cluster("1b")] == ["1a", "1b", "1c"]


def test_a_later_revision_keeps_its_cluster(archive: ArticleStore) -> None:
    clusters(archive, copy("1a"))
    clusters(archive, copy("1b"))
    other = TEXT.replace("word", "mot")
    assert (
        clusters(archive, copy("1a", body=other, revision=2), copy("1b", body="Withdrawn.", revision=2)) == ["1a"] * 2
    )
    assert clusters(archive, copy("1c", body=other)) == ["1a"]


def test_a_page_that_comes_after_the_feeds_summary_is_looked_up(archive: ArticleStore) -> None:
    clusters(archive, copy("1a"))
    assert clusters(archive, copy("1b", body="In short.", body_source="feed")) == ["1b"]
    assert clusters(archive, copy("1b", revision=2)) == ["1a"]
    assert clusters(archive, copy("1c", body="In short."), copy("1c", revision=2)) == ["1a", "1a"]


def test_articles_of_an_earlier_newswire_are_joined(archive: ArticleStore) -> None:
    archive.put([copy("1a")], now=NOON)
    assert clusters(archive, copy("1b")) == ["1a"]
    assert [one.id for one in archive.cluster("1a")] == ["1a", "1b"]
    assert clusters(archive, copy("1a", title="New", revision=2)) == ["1a"]


def test_what_two_workers_store_at_once_may_be_two_clusters_and_no_more(archive: ArticleStore) -> None:
    """Both look before either writes; whoever comes later joins one of them."""
    one, other = (clustered([copy(name)], {}, archive) for name in ("1a", "1b"))
    archive.put(other, now=NOON)
    archive.put(one, now=NOON)
    assert [article.cluster_id for article in (*one, *other)] == ["1a", "1b"]
    assert clusters(archive, copy("1c")) == ["1a"]
    assert clusters(archive, copy("1d")) == ["1a"]


def test_each_new_article_is_counted_once(archive: ArticleStore, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    monkeypatch.setattr(clustering, "count", lambda stage, outcome: counted.append(f"{stage}/{outcome}"))
    clusters(archive, copy("1a"), copy("1b"), copy("1flash", body="Blast heard."))
    assert sorted(counted) == ["cluster/alone", "cluster/alone", "cluster/reprint"]
    clusters(archive, copy("1b", title="New", revision=2))
    assert len(counted) == 3
    assert clusters(archive) == []
