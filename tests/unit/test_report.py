"""What `newswire search` shows of articles with the same text."""

from __future__ import annotations

import pytest

from connectors.hits import hit
from connectors.ports import Found
from pipelines.report import found_data, print_found
from tests.factories import make_article
from transforms.records import Article, Source


def article(name: str, outlet: str, cluster_id: str | None) -> Article:
    source = Source(name=outlet, feed_id=name, domain=f"{name}.example")
    return make_article(
        id=name, title=f"Title {name}", url=f"https://{name}.example/", source=source, cluster_id=cluster_id
    )


def found(total: int, *articles: Article) -> Found:
    return Found(total=total, hits=tuple(hit(one, None) for one in articles))


def test_reprints_are_named_beside_the_first_that_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    one, two, three, four = (
        article("a", "Northline", "c"), article("b", "Lantern", "b"), article("c", "Meridian", "c"),
        article("d", "", "c"),
    )  # fmt: skip
    print_found(found(9, one, two, three, four))
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line.startswith("Title")] == ["Title a", "Title b"]
    assert "https://a.example/\n  the same text also at: Meridian, d.example\n" in out
    assert out.count("also at") == 1
    assert "9 found, 4 shown (--limit), in 2 different texts" in out


def test_without_reprints_nothing_is_said_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    print_found(found(2, article("a", "Northline", None), article("b", "Lantern", "b")))
    out = capsys.readouterr().out
    assert "also at" not in out
    assert out.endswith("2 found\n")


def test_a_program_gets_every_article_with_its_cluster() -> None:
    data = found_data(found(2, article("a", "Northline", "a"), article("b", "Lantern", "a")))
    assert [one["cluster_id"] for one in data["hits"]] == ["a", "a"]
