"""The 181 real pages of ../shared, served on loopback behind generated feeds, through `newswire run`."""

from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.cli import newswire_json, write_settings
from tests.shared import WHY_SKIPPED, shared_pages
from tests.site import Site, feed

FEEDS = 7


@pytest.mark.slow
@pytest.mark.skipif(not shared_pages(), reason=WHY_SKIPPED)
def test_every_page_is_accounted_for(tmp_path: Path) -> None:
    pages = shared_pages()
    with Site() as site:
        for key, (_, body) in pages.items():
            site.put(f"/{key}", body, content_type="text/html")
        keys = sorted(pages)
        for n in range(FEEDS):
            listed = [("", site.url(f"/{key}"), "") for key in keys[n::FEEDS]]
            site.put(f"/feed/{n}", feed(listed), content_type="application/rss+xml")
        feeds = [(f"feed-{n}", site.url(f"/feed/{n}")) for n in range(FEEDS)]
        write_settings(tmp_path, feeds, timeout_s=30, more_fetch="per_host = 16")
        summary = newswire_json("run", cwd=tmp_path)
        fetched = Counter(path for path in site.paths() if not path.startswith(("/feed", "/robots.txt")))
    assert fetched == Counter(f"/{key}" for key in keys)
    counts = summary["counts"]
    assert counts["entry"] == {"new": len(pages)}
    assert sum(counts["fetch"].values()) == len(pages)
    assert sum(counts["extract"].values()) == counts["fetch"]["done"]
    rejected = newswire_json("rejected", "list", "--limit", "1000", cwd=tmp_path)
    assert all(row["error"] and row["reason"] for row in rejected)
    stored = newswire_json("search", "--limit", "1000", cwd=tmp_path)["hits"]
    assert len(stored) + len(rejected) == len(pages)
    assert {row["url"] for row in rejected}.isdisjoint(hit["urls"]["announced"] for hit in stored)
    # All of them are articles, and trafilatura reads every one.
    assert rejected == []
    assert all(hit["title"] and len(hit["body"]) > 200 for hit in stored)
