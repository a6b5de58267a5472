"""Which articles are the same text, and which only look like it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.demo.site import load_wire
from tests.factories import MORNING, NOON, make_article
from transforms.clusters import BANDS, WINDOW, alike, bands, cluster, keeps_cluster
from transforms.records import Article, Source

QUAKE = """\
CORVALE, Nov 18 (Northline) - An earthquake of magnitude 6.1 shook the hills north of Corvale on Tuesday, killing at \
least 12 people and cutting the road to Lindenbourne, rescue workers said.
The tremor struck at 4:40 a.m., when most people were asleep, and lasted about twenty seconds, the seismological \
institute said. Two weaker ones followed within the hour.
"We ran out in our nightclothes and heard the church tower come down behind us," said Marta Ellison, who keeps the \
post office in the village of Harrow End.
Governor Daniel Okoro told reporters that soldiers were clearing the road and that tents for 3,000 people were on \
their way from the capital. He asked drivers to leave the valley to ambulances.
The hospital in Lindenbourne had admitted 87 injured by noon, among them 14 children, its director said. Surgeons had \
come in from three neighbouring districts.
The region has not seen a quake of this strength since 1987, when 41 people died."""


def story(body: str = QUAKE, **overrides: Any) -> Article:
    return make_article(**{"id": "1b", "body": body, **overrides})


FIRST = story(id="1a", dateline="CORVALE, Nov 18 (Northline) -")


def _source(name: str) -> Source:
    return Source(name=name, feed_id="f", domain="f.example")


PARAGRAPHS = QUAKE.split("\n")
REPRINTS = {
    "copy": story(),
    "headline, byline and picture of its own": story(title="Twelve dead in the hills", authors=("J. Doe",)),
    "no dateline": story(QUAKE.partition(" - ")[2]),
    "the tail trimmed": story("\n".join(PARAGRAPHS[:4])),
    "a byline in the text": story(f"By Anna Petrov, Evening Herald\n{QUAKE}", authors=("Anna Petrov",)),
    "another outlet's footer": story(f"{QUAKE}\nSign up for the Herald's letter and follow us on every channel."),
    "a line of introduction": story(f"This report was sent to our readers by the Northline agency.\n{QUAKE}"),
    "light edits": story(
        QUAKE.replace("shook the hills", "rocked the hills")
        .replace("when most people were asleep", "as most people slept")
        .replace("weaker ones", "aftershocks")
        .replace("were on their way", "had been sent")
    ),
    "numbers as words": story(QUAKE.replace("at least 12 people", "at least twelve people")),
    "undated": story(published_at=None),
}
OTHERS = {
    "a figure of the lead": story(QUAKE.replace("12 people", "19 people")),
    "the same in words": story(QUAKE.replace("at least 12 people", "at least nineteen people")),
    "a figure of the lead that the text has elsewhere": story(QUAKE.replace("12 people", "14 people")),
    "a name of the lead": story(QUAKE.replace("Lindenbourne", "Ravensmoor")),
    "another day": story(QUAKE.replace("Tuesday", "Friday")),
    "figures further down": story(QUAKE.replace("87", "93").replace("14", "17").replace("3,000", "5,500")),
    "a new lead over the same background": story(
        "\n".join(
            [
                "CORVALE, Nov 20 (Northline) - Parliament voted on Thursday to pay for new houses in the hills, after "
                "a debate in which ministers were accused of having ignored the warnings of their own engineers.",
                *PARAGRAPHS[2:],
            ]
        )
    ),
    "a long story with the whole of this one in it": story(
        f"{QUAKE}\n" + "\n".join(f"Chapter {n}: {' '.join(f'w{n}x{m}' for m in range(60))}" for n in range(6))
    ),
    "another language": story(language="fr", body=" ".join(f"mot{n}" for n in range(150))),
    "five days and a minute later": story(published_at=MORNING + WINDOW + timedelta(minutes=1)),
    "first seen long after, and undated": story(published_at=None, first_seen_at=NOON + WINDOW),
}


@pytest.mark.parametrize("name", REPRINTS)
def test_reprints_are_alike(name: str) -> None:
    other = REPRINTS[name]
    assert set(bands(FIRST)) & set(bands(other)), "a store would not find it"
    assert alike(FIRST, other)
    assert alike(other, FIRST)


@pytest.mark.parametrize("name", OTHERS)
def test_what_only_looks_like_it_is_not(name: str) -> None:
    assert not alike(FIRST, OTHERS[name])
    assert not alike(OTHERS[name], FIRST)


def test_the_window_is_closed_on_both_sides() -> None:
    assert alike(FIRST, story(published_at=MORNING + WINDOW))
    assert alike(FIRST, story(published_at=MORNING - WINDOW))


STOCKS = (
    "Stocks closed {} on {}, with the main index {} {} percent at {} points in moderate trading, led by banks and"
    " carmakers. Dealers said that investors were waiting for the central bank's decision on rates and for figures on"
    " jobs. Among the winners was {}, which gained {} percent. The euro stood at {} dollars in late trading, and oil"
    " cost {} dollars a barrel. The yield of ten-year bonds was {} percent."
)
WEATHER = (
    "Today's weather for the region: sunny spells in the morning, with cloud coming in from the west later in the day"
    " and a chance of showers towards evening. Highs of {} degrees on the coast and {} in the hills, lows of {} degrees"
    " at night. Winds from the south-west at {} kilometres an hour, in gusts up to {}. Tomorrow will be much the same,"
    " with highs of {} degrees. Check the warnings before you set out."
)
TEMPLATES = [
    *(
        STOCKS.format(*told)
        for told in [
            ("higher", "Monday", "up", 0.4, "12,408.2", "Ardent Motors", 2.1, 1.084, 71.3, 2.41),
            ("higher", "Tuesday", "up", 0.7, "12,495.1", "Volta Bank", 3.4, 1.087, 72.8, 2.44),
            ("lower", "Wednesday", "down", 0.2, "12,470.9", "Ardent Motors", 0.8, 1.081, 70.2, 2.39),
        ]
    ),
    *(WEATHER.format(*told) for told in [(14, 9, 4, 20, 45, 15), (15, 10, 6, 25, 55, 13), (12, 8, 2, 35, 70, 11)]),
]


def test_templates_with_other_figures_are_stories_of_their_own() -> None:
    articles = [story(body, id=f"{n}") for n, body in enumerate(TEMPLATES)]
    assert all(map(bands, articles)), "else they would never meet at all"
    assert [(a.id, b.id) for a, b in combinations(articles, 2) if alike(a, b)] == []


@pytest.mark.parametrize("body", ["", "URGENT: Blast heard in Corvale", "Corvale. " * 300])
def test_flashes_are_alone(body: str) -> None:
    assert bands(story(body)) == ()
    assert not alike(story(body, id="1a"), story(body))


CHINESE = (
    "科尔维尔市北部山区周二凌晨发生六点一级地震，造成至少12人死亡，通往林登堡的公路中断。救援人员表示，地震发生时大多数居民正在熟睡，震动持续约二十秒。"
    "当地邮局负责人玛尔塔说，她听到教堂的钟楼在身后倒塌。省长告诉记者，士兵正在清理道路，三千人的帐篷正从首都运来。他呼吁司机把山谷让给救护车。"
    "林登堡医院院长说，到中午已收治87名伤者，其中有14名儿童，邻近三个县的外科医生已赶来支援。"
)
ARABIC = (
    "قال عمال الإنقاذ إن زلزالا بقوة 6.1 درجة هز التلال شمال المدينة يوم الثلاثاء وأدى إلى مقتل 12 شخصا على "
    "الأقل وقطع الطريق إلى البلدة المجاورة. وذكر معهد رصد الزلازل أن الهزة وقعت قبل الفجر عندما كان معظم "
    "السكان نائمين واستمرت نحو عشرين ثانية. وقالت صاحبة مكتب البريد إنها سمعت برج الكنيسة ينهار خلفها. وأبلغ "
    "الحاكم الصحفيين أن الجنود يزيلون الأنقاض وأن خياما لثلاثة آلاف شخص في الطريق من العاصمة. وطلب من السائقين "
    "ترك الوادي لسيارات الإسعاف حتى المساء."
)


@pytest.mark.parametrize(("language", "body"), [("zh", CHINESE), ("ar", ARABIC)])
def test_scripts_without_capitals_or_blanks(language: str, body: str) -> None:
    first = story(body, id="1a", language=language)
    assert alike(first, story(body, language=language))
    assert alike(first, story(body[: len(body) * 4 // 5], language=language))
    assert not alike(first, story(body.replace("12", "19"), language=language))


# Properties.

WORDS = st.lists(st.sampled_from([f"word{n}" for n in range(400)]), min_size=60, max_size=200)
EDITED = st.tuples(WORDS, WORDS, st.integers(0, 200), st.integers(0, 200))


@given(WORDS, st.sampled_from(["en", "fr", "de", "ru", "und"]))
def test_a_text_and_its_copy_always_meet(words: list[str], language: str) -> None:
    one, other = (story(" ".join(words), id=name, language=language) for name in ("1a", "1b"))
    assert bands(one) == bands(other)
    assert alike(one, other) == bool(bands(one))


@settings(max_examples=200)
@given(EDITED)
def test_either_comes_first(texts: tuple[list[str], list[str], int, int]) -> None:
    base, more, at, to = texts
    one, other = story(" ".join(base), id="1a"), story(" ".join(base[:at] + more[:3] + base[to:]))
    assert alike(one, other) == alike(other, one)


@given(WORDS, WORDS)
def test_unrelated_texts_never(words: list[str], others: list[str]) -> None:
    one, other = story(" ".join(words), id="1a"), story(" ".join(f"other{word}" for word in others))
    assert not set(bands(one)) & set(bands(other))
    assert not alike(one, other)


# Clusters.


def test_an_article_alone_is_its_own_cluster() -> None:
    assert cluster(FIRST, []) == "1a"
    assert cluster(FIRST, [FIRST]) == "1a", "it is no reprint of itself"
    assert cluster(story(), [replace(OTHERS["another day"], id="1c", cluster_id="1c")]) == "1b"


def test_a_reprint_joins_the_first_also_through_another() -> None:
    first = replace(FIRST, cluster_id="1a")
    second = story(REPRINTS["light edits"].body, id="1c", cluster_id="1a")
    assert cluster(story(), [first]) == "1a"
    assert cluster(story(), [second, first]) == "1a"
    assert cluster(story(), [second]) == "1b", "the first is too far away, or too different, to be found"
    assert cluster(story(), [replace(first, cluster_id=None)]) == "1a", "an earlier newswire stored it"


def test_nothing_joins_what_began_too_long_ago() -> None:
    first = replace(FIRST, cluster_id="1a")
    second = story(id="1c", cluster_id="1a", published_at=MORNING + timedelta(hours=100))
    third = story(published_at=MORNING + timedelta(hours=130))
    assert alike(second, third)
    assert cluster(third, [second, first]) == "1b"


def test_of_two_clusters_the_closer_one_is_joined() -> None:
    edited = story(REPRINTS["light edits"].body, id="1c", cluster_id="1c")
    first = replace(FIRST, id="1z", cluster_id="1z")
    assert cluster(story(), [edited, first]) == "1z"
    assert cluster(story(edited.body), [first, edited]) == "1c"
    twin = replace(first, id="1y", cluster_id="1y")
    assert cluster(story(), [first, twin]) == cluster(story(), [twin, first]) == "1y"


def test_a_revision_keeps_its_cluster_but_where_none_can_have_joined() -> None:
    assert keeps_cluster(replace(FIRST, cluster_id="1a"))
    assert keeps_cluster(story("Short.", cluster_id="1a"))
    assert not keeps_cluster(story("Short.", cluster_id="1b"))
    assert not keeps_cluster(story("Short.", cluster_id=None))


def test_bands_are_opaque_and_bounded() -> None:
    found = bands(FIRST)
    assert len(found) == len(set(found)) == BANDS
    assert all(len(band) == 10 and band.isalnum() for band in found)
    # What is stored outlives the program: other bands for the same text want a new version of the stores.
    assert found[:2] == ("00c3cd3360", "014561e926")


def test_of_the_sample_wire_only_agency_copy_is_alike() -> None:
    articles = [
        make_article(id=one.slug, body="\n".join(one.body), language=one.language or outlet.language)
        for outlet in load_wire()
        for one in outlet.stories
        if one.body
    ]
    agency = {"aleppo-market-strike", "aleppo-vegetable-market-bombed", "market-strike-aleppo-nineteen-dead"}
    found = {frozenset((a.id, b.id)) for a, b in combinations(articles, 2) if alike(a, b)}
    assert found == {frozenset(pair) for pair in combinations(agency, 2)}
