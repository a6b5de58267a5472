"""The invented pages of shapes/ that are articles: each is read as a page of the web would be and held against its
truth, field by field. What is known to be missed stands in shapes/misses.yaml, and nothing else may be."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.golden import shapes_report
from tests.golden.corpus import GROUPS, SHAPES, compare_body, compared_shape, rates, shape_truth, shapes_truth
from tests.golden.shapes_report import Misses, known_misses, write_misses

NAMES = [name for group in GROUPS for name in shapes_truth(group)]
#: What each group's means must reach: body and authors by their F1, title and date (to the minute where the page says
#: it) as the share that is right.
FLOORS: Mapping[str, Mapping[str, float]] = {
    "eu": {"body": 0.95, "title": 0.94, "authors": 0.74, "published": 0.91},
    "world": {"body": 0.95, "title": 0.94, "authors": 0.64, "published": 0.97},
    "odd": {"body": 0.93, "title": 0.93, "authors": 0.80, "published": 0.97},
}


@pytest.fixture(scope="module")
def listed() -> Misses:
    return known_misses()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_read_as_its_truth_says(name: str, listed: Misses) -> None:
    held, known = compared_shape(name), listed.get(name, {})
    new = {field: str(held[field]) for field in held if held[field].missed and field not in known}
    assert new == {}, "a new miss"
    assert [field for field in known if field not in held or not held[field].missed] == [], (
        "no longer a miss: take it out (python -m tests.golden.shapes_report --write)"
    )


@pytest.mark.parametrize(("group", "field"), [(group, field) for group in FLOORS for field in FLOORS[group]])
def test_a_group_reaches_its_floor(group: str, field: str) -> None:
    assert rates(map(compared_shape, shapes_truth(group)))[field] >= FLOORS[group][field]


def test_every_miss_is_of_a_page_there_is_and_has_a_reason(listed: Misses) -> None:
    assert set(listed) <= set(NAMES)
    assert [(name, field) for name in listed for field, why in listed[name].items() if not why.strip("? ")] == []


def test_there_are_pages_and_no_orphans() -> None:
    assert len(NAMES) >= 112
    saved = {page.stem for group in GROUPS for page in SHAPES.glob(f"{group}-*.html")}
    assert set(NAMES) == saved


def test_optional_lines_cost_nothing_however_they_are_cut() -> None:
    rows = "Party Seats\nHarbour Alliance 31\nOthers 49"
    true = "The Harbour Alliance has won.\nThe count went on until Monday."
    for table in ("", "\nParty | Seats\nHarbour Alliance | 31\nOthers | 49", "\nParty\nSeats\nHarbour Alliance\n31"):
        assert compare_body(true, true + table, rows).score == 1
    assert compare_body(true, true + "\nSign up to our newsletter.", rows).score < 1


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(shapes_report, "MISSES", tmp_path / "misses.yaml")
    return tmp_path / "misses.yaml"


def test_misses_written_anew_keep_their_reasons(elsewhere: Path) -> None:
    known = {"eu-a": {"title": "the kicker is inside the h1", "body": "a poll in the text"}, "eu-b": {"title": "gone"}}
    write_misses({"eu-a": {"title": "'X: Y' instead of 'Y'"}, "odd-c": {"slug": "'' instead of 'Ñ'"}}, known)
    assert known_misses() == {
        "eu-a": {"title": "the kicker is inside the h1"},
        "odd-c": {"slug": "? '' instead of 'Ñ'"},
    }


def test_no_misses_at_all_can_be_written(elsewhere: Path) -> None:
    write_misses({}, {"eu-a": {"title": "gone"}})
    assert known_misses() == {}


def test_the_truth_of_a_page_is_found_by_its_name() -> None:
    assert shape_truth("odd-404-number")["title"] == "404: the number that ate the web"
