"""The measure itself: a wrong one would praise a wrong extraction."""

from datetime import UTC, datetime

import pytest

from tests.golden.scoring import (
    Overlap,
    authors_f1,
    body_f1,
    body_score,
    date_right,
    day_right,
    grams,
    overlap,
    title_equal,
)


def test_grams_are_runs_of_four_words_counted() -> None:
    assert grams("a b c d e") == {("a", "b", "c", "d"): 1, ("b", "c", "d", "e"): 1}
    assert grams("na na na na na na") == {("na", "na", "na", "na"): 3}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param(" – … ", {}, id="no words"),
        pytest.param("Fire!", {("Fire",): 1}, id="one word"),
        pytest.param("don’t stop", {("don", "t", "stop"): 1}, id="fewer than four"),
        pytest.param("a b c d", {("a", "b", "c", "d"): 1}, id="just four"),
    ],
)
def test_short_texts_are_one_run(text: str, found: dict[tuple[str, ...], int]) -> None:
    assert grams(text) == found


@pytest.mark.parametrize(
    ("true", "got", "f1"),
    [
        pytest.param("", "", 1, id="both empty"),
        pytest.param("Fire in the harbour tonight", "", 0, id="empty answer"),
        pytest.param("", "Sign up to our newsletter", 0, id="empty truth"),
        pytest.param("Fire", "Fire", 1, id="one word"),
        pytest.param("Fire", "Flood", 0, id="another word"),
        pytest.param("Fire", "fire", 0, id="case counts"),
        pytest.param("a, b: c – d", "a b\nc d", 1, id="only words count"),
        pytest.param("one two three", "one two three four", 0, id="a short text is right whole or not at all"),
        pytest.param("a b c d e", "a b c d", 2 / 3, id="one of two runs missing"),
        pytest.param("a b c d", "a b c d e", 2 / 3, id="one run too many"),
        pytest.param("na na na na na na", "na na na na", 1 / 2, id="repeated runs count as often as they occur"),
    ],
)
def test_body_f1(true: str, got: str, f1: float) -> None:
    assert body_f1(true, got) == pytest.approx(f1)


def test_shares_add_up_to_one() -> None:
    assert overlap("a b c d e f", "b c d e f g h") == pytest.approx(Overlap(2 / 5, 2 / 5, 1 / 5))
    assert overlap("", "") == (0, 0, 0)


def test_a_long_page_weighs_no_more_than_a_short_one() -> None:
    long = " ".join(map(str, range(1000)))
    score = body_score([overlap(long, long), overlap("one two three four", "five six seven eight")])
    assert score.f1 == pytest.approx(0.5)
    assert score.f1_of_sums == pytest.approx(2 / 3)


def test_an_empty_answer_costs_recall_and_no_precision() -> None:
    """As the benchmark has it; in the sums it counts as missing."""
    score = body_score([Overlap(1, 0, 0), Overlap(0, 0, 1)])
    assert score.f1 == pytest.approx(2 * 1 * 0.5 / 1.5)
    assert score.f1_of_sums == pytest.approx(2 / 3)


def test_the_two_scores_differ_where_pages_are_half_right() -> None:
    score = body_score([Overlap(0.5, 0.5, 0), Overlap(0.5, 0.5, 0), Overlap(1, 0, 0)])
    assert score.f1 == pytest.approx(2 * (2 / 3) * 1 / (5 / 3))
    assert score.f1_of_sums == pytest.approx(4 / 5)  # 2 * 2 / (2 * 2 + 1)


@pytest.mark.parametrize(
    ("pages", "f1"),
    [
        pytest.param([Overlap(0, 0, 0)], 1, id="nothing where nothing belongs"),
        pytest.param([Overlap(0, 1, 0)], 0, id="something where nothing belongs"),
        pytest.param([Overlap(0, 0, 1)], 0, id="nothing where something belongs"),
        pytest.param([Overlap(0, 0.5, 0.5)], 0, id="all wrong"),
    ],
)
def test_scores_of_one_page(pages: list[Overlap], f1: float) -> None:
    assert body_score(pages) == (f1, f1)


def test_no_pages_have_no_score() -> None:
    with pytest.raises(ValueError, match="no pages"):
        body_score([])


@pytest.mark.parametrize(
    ("true", "got", "equal"),
    [
        pytest.param("‘We had some issues,’ exec says", "'We had some issues', Exec says", True, id="quotes, case"),
        pytest.param(
            "町議会、庁舎移転案を再び否決\u3000賛成７反対９",
            "町議会、庁舎移転案を再び否決 賛成7反対9",
            True,
            id="widths",
        ),
        pytest.param("می‌گوید", "میگوید", True, id="joiners"),
        pytest.param("Storm Odette – live", "Storm Odette: live ", True, id="dashes"),
        pytest.param("Bridge reopens", "Bridge reopens | The Clarion", False, id="the site's name"),
        pytest.param("कि", "की", False, id="vowel signs are letters"),
        pytest.param("", "Bridge", False, id="empty truth"),
        pytest.param("", "", True, id="both empty"),
    ],
)
def test_titles(true: str, got: str, equal: bool) -> None:
    assert title_equal(true, got) is equal


@pytest.mark.parametrize(
    ("true", "got", "f1"),
    [
        pytest.param([], [], 1, id="nobody"),
        pytest.param([], ["Reuters"], 0, id="somebody where nobody is named"),
        pytest.param(["Ann Lee"], [], 0, id="nobody where somebody is named"),
        pytest.param(["Ann Lee", "Dov Marchetti"], ["DOV MARCHETTI", "ann  lee"], 1, id="case, order, spaces"),
        pytest.param(["Ann Lee"], ["Ann Lee", "Staff"], 2 / 3, id="one too many"),
        pytest.param(["Ann Lee"], ["Ann Lee", "ann lee"], 1, id="said twice"),
        pytest.param(["José"], ["Jose\u0301"], 1, id="composed or not"),
    ],
)
def test_authors(true: list[str], got: list[str], f1: float) -> None:
    assert authors_f1(true, got) == pytest.approx(f1)


@pytest.mark.parametrize(
    ("true", "got", "right"),
    [
        pytest.param("2026-11-18T09:04Z", datetime(2026, 11, 18, 9, 4, 59, tzinfo=UTC), True, id="to the minute"),
        pytest.param("2026-11-18T09:04Z", datetime(2026, 11, 18, 9, 5, tzinfo=UTC), False, id="a minute late"),
        pytest.param("2026-11-18T09:04Z", datetime(2026, 11, 18, tzinfo=UTC), False, id="the day only"),
        pytest.param("2026-11-18", datetime(2026, 11, 18, 23, 59, tzinfo=UTC), True, id="a day"),
        pytest.param("2026-11-18", datetime(2026, 11, 19, tzinfo=UTC), False, id="the day after"),
        pytest.param("2026-11-18T23:04?", datetime(2026, 11, 19, 4, 4, tzinfo=UTC), True, id="in some zone"),
        pytest.param("2026-11-18T23:04?", datetime(2026, 11, 19, 4, 10, tzinfo=UTC), False, id="in no zone"),
        pytest.param("2026-11-18T23:04?", datetime(2026, 11, 19, 23, 4, tzinfo=UTC), False, id="too far for a zone"),
        pytest.param("2026-11-18T09:04Z", None, False, id="nothing said"),
        pytest.param("", None, True, id="nothing to say"),
        pytest.param("", datetime(2026, 11, 18, tzinfo=UTC), False, id="said though nobody did"),
    ],
)
def test_dates(true: str, got: datetime | None, right: bool) -> None:
    assert date_right(true, got) is right


def test_a_day_is_right_whatever_the_clock() -> None:
    assert day_right("2026-11-18T09:04Z", datetime(2026, 11, 18, 23, 0, tzinfo=UTC))
    assert not day_right("2026-11-18T09:04Z", datetime(2026, 11, 17, 23, 0, tzinfo=UTC))
