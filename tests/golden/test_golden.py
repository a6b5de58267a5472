"""What we make of saved pages. A reviewer reads the diff of the .json files; `pytest --update-golden` writes them."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from connectors.opening import load_taxonomy
from tests.factories import make_entry, make_response
from transforms.articles import read_page
from transforms.topics import Taxonomy

HERE = Path(__file__).parent
PAGES = sorted(HERE.glob("pages/*.html"))


@pytest.fixture(scope="module")
def topics() -> Taxonomy:
    return load_taxonomy()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page: Path, topics: Taxonomy, request: pytest.FixtureRequest) -> None:
    """A feed that gives nothing but the address: everything else must come off the page."""
    url = f"https://{page.stem}.example/2026/story.html"
    entry = make_entry(url=url, title="")
    article = topics.tag(read_page(entry, make_response(page.read_bytes(), final_url=url, content_type="text/html")))
    said = asdict(article)
    # The taxonomy's version and weights change with every edit of it; the words it found are what a reviewer can judge.
    del said["topics_version"]
    said["topics"] = {
        f"{tag.id}, {tag.stance}": [f"{proof.field}, {proof.rule}: {proof.text}" for proof in tag.evidence]
        for tag in article.topics
    }
    said["casualties"] = [
        f"{one.kind} {one.min} to {one.max} {one.who}, {one.attribution!r}: {one.evidence.text}"
        for one in article.casualties
    ]
    got = json.dumps(said, indent=1, sort_keys=True, default=str, ensure_ascii=False) + "\n"
    saved = page.with_suffix(".json")
    if request.config.getoption("--update-golden"):
        saved.write_text(got, "utf-8")
    assert got == saved.read_text("utf-8")


def test_there_are_pages_and_no_orphans() -> None:
    assert len(PAGES) >= 6
    assert {page.stem for page in PAGES} == {saved.stem for saved in HERE.glob("pages/*.json")}
