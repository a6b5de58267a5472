"""The 181 real pages of ../shared: what is read off them beside what a reader of each page wrote down
(real-pages.json), and their bodies beside the true ones."""

import json
from collections.abc import Mapping

import pytest

from tests.golden.corpus import HERE, Compared, compared_real, rates
from tests.golden.scoring import body_score
from tests.shared import WHY_SKIPPED, shared_pages

#: The least share that must be right: authors by their mean F1, dates to the minute ("day": by their day), in any
#: zone where the page names none. The truth is what the page shows, also where its data say otherwise.
FLOORS: Mapping[str, float] = {
    "title": 0.99,
    "authors": 0.92,
    "agency": 0.98,
    "published": 0.89,
    "day": 0.98,
    "language": 0.99,
}
BODY_F1 = 0.970

needs_shared = pytest.mark.skipif(not shared_pages(), reason=WHY_SKIPPED)


@pytest.fixture(scope="module")
def compared() -> dict[str, Compared]:
    return compared_real()


@needs_shared
@pytest.mark.parametrize("field", FLOORS)
def test_a_field_is_right_on_enough_pages(field: str, compared: dict[str, Compared]) -> None:
    wrong = {key: str(page[field]) for key, page in compared.items() if page[field].missed}
    assert rates(compared.values())[field] >= FLOORS[field], wrong


@needs_shared
def test_none_is_refused(compared: dict[str, Compared]) -> None:
    assert {key: str(page["read"]) for key, page in compared.items() if "read" in page} == {}


@needs_shared
def test_bodies_are_the_true_ones(compared: dict[str, Compared]) -> None:
    score = body_score(page["body"].overlap for page in compared.values() if page["body"].overlap)
    worst = sorted((page["body"].score, key) for key, page in compared.items())[:10]
    assert min(score) >= BODY_F1, (score, worst)


@needs_shared
def test_every_page_has_its_truth() -> None:
    assert set(json.loads((HERE / "real-pages.json").read_text("utf-8"))) == set(shared_pages())
