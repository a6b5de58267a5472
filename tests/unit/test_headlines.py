"""Which of a page's titles is its headline, and what publishers put before and behind it."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transforms.headlines import Witness, headline, without_site
from transforms.records import Origin
from transforms.text import one_line

SITE = ("The Lantern", "lantern.example", "www.lantern.example", "lantern")
HEAD = "Nine dead in bakery strike"
LONG = "Rescue workers pull nine people from the ruins of a bakery in the north as the ministry promises an inquiry"


def window(text: str) -> Witness:
    return Witness(text, "page", 1.0)


def shown(text: str, *pieces: str) -> Witness:
    return Witness(text, "visible", 3.5, pieces)


def stated(text: str, origin: Origin = "jsonld") -> Witness:
    return Witness(text, origin, 2.2)


def og(text: str) -> Witness:
    return stated(text, "opengraph")


@pytest.mark.parametrize(
    "title",
    [
        f"{HEAD} | The Lantern",
        f"{HEAD} - The Lantern",
        f"{HEAD} – The Lantern",
        f"{HEAD} — Lantern",
        f"{HEAD} · lantern.example",
        f"{HEAD} • THE LANTERN",
        f"{HEAD} » The Lantern",
        f"{HEAD} :: The Lantern",
        f"{HEAD}|The Lantern",
        f"{HEAD}｜The Lantern",
        f"{HEAD} / The Lantern",
        f"{HEAD} | World | The Lantern",
        f"{HEAD} | The Lantern | World news",
        f"The Lantern | {HEAD}",
        f"The Lantern: {HEAD}",
        f"The Lantern - {HEAD}",
        f"Lantern » {HEAD}",
        f"  {HEAD}\n|  The   Lantern ",
    ],
)
def test_the_outlets_name_goes(title: str) -> None:
    assert headline([og(title)], SITE)[0].removesuffix(" | World") == HEAD
    assert headline([window(title), shown(HEAD)], SITE)[0] == HEAD
    assert headline([window(title), og(HEAD)], SITE)[0] == HEAD


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("Al-Qaida says it was not there", id="hyphen within a word"),
        pytest.param("Arsenal 3-1 Chelsea: three things learned", id="a score"),
        pytest.param("At 19:30 the lights went out", id="a clock"),
        pytest.param("UK/EU talks to be resumed", id="stroke within a word"),
        pytest.param("‘We are hungry’ – voices from the north of the country", id="a dash of its own"),
        pytest.param("Explainer: who is bombing the bakeries?", id="a colon of its own"),
        pytest.param("The lantern festival is cancelled", id="the outlet's name within"),
        pytest.param("Russia’s war | Ukraine hits refinery far behind the front", id="a stroke of its own"),
    ],
)
def test_what_is_of_the_headline_stays(title: str) -> None:
    assert headline([shown(title), og(title), window(f"{title} | The Lantern")], SITE) == (title, "visible")


@pytest.mark.parametrize(
    ("witnesses", "expected"),
    [
        pytest.param([window(f"{HEAD} | World | Elsewhere")], (HEAD, "page"), id="the longest part of a lone title"),
        pytest.param([window("Elsewhere :: World :: " + HEAD)], (HEAD, "page"), id="wherever it stands"),
        pytest.param(
            [window("One thing - and another")], ("One thing - and another", "page"), id="two like parts stay"
        ),
        pytest.param([window(HEAD)], (HEAD, "page"), id="nothing to take off"),
        pytest.param([window("Blast")], ("Blast", "page"), id="one word"),
        pytest.param([shown("爆発")], ("爆発", "visible"), id="one word without blanks"),
    ],
)
def test_one_witness_only(witnesses: list[Witness], expected: tuple[str, Origin]) -> None:
    assert headline(witnesses, SITE) == expected


@pytest.mark.parametrize(
    ("witnesses", "expected"),
    [
        pytest.param(
            [shown(HEAD), og("Bakery strike: live updates and video"), window("Bakery strike news | The Lantern")],
            HEAD,
            id="what a reader sees, against versions for search engines",
        ),
        pytest.param([stated("Bakery hit"), og(HEAD), window(f"{HEAD} | The Lantern")], HEAD, id="two against one"),
        pytest.param([shown("WORLD"), stated(HEAD), og(HEAD), window(HEAD)], HEAD, id="a section in a heading"),
        pytest.param([Witness("Daily podcast", "visible", 0.2), og(HEAD), window(HEAD)], HEAD, id="a player's heading"),
        pytest.param(
            [shown(f"Breaking {HEAD}", HEAD), stated(HEAD), window(f"{HEAD} | The Lantern")], HEAD, id="a kicker apart"
        ),
        pytest.param(
            [shown(f"Northern provinces {HEAD}", HEAD), og(HEAD), stated(HEAD)], HEAD, id="a kicker without a mark"
        ),
        pytest.param(
            [shown(HEAD), og(f"Northern provinces: {HEAD}"), window(f"Northern provinces: {HEAD} - The Lantern")],
            HEAD,
            id="a kicker before a colon",
        ),
    ],
)
def test_the_witnesses_are_weighed(witnesses: list[Witness], expected: str) -> None:
    assert headline(witnesses, SITE)[0] == expected


def test_among_equals_the_first_is_heard_and_named() -> None:
    assert headline([stated("Nine dead in the north"), og("Bakery hit by air strike")], SITE) == (
        "Nine dead in the north",
        "jsonld",
    )
    assert headline([og(HEAD), stated(HEAD)], SITE) == (HEAD, "opengraph")


def test_one_place_is_one_witness_however_often_it_speaks() -> None:
    player = [Witness("Watch the video of the day", "visible", 0.9) for _ in range(9)]
    assert headline([*player, og(HEAD)], SITE) == (HEAD, "opengraph")


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(f"{LONG[:70]}…", id="with an ellipsis"),
        pytest.param(f"{LONG[:70]} ...", id="with dots"),
        pytest.param(LONG[:64], id="long, without a sign"),
        pytest.param(LONG[:66], id="in the middle of a word"),
    ],
)
def test_a_cut_title_gives_way_to_the_whole(cut: str) -> None:
    assert headline([stated(cut), og(cut), window(f"{LONG} | The Lantern")], SITE)[0] == LONG
    assert headline([stated(cut), shown(LONG)], SITE)[0] == LONG


def test_a_cut_title_is_better_than_none() -> None:
    assert headline([og("Nine dead in bakery strike as …")], SITE)[0].startswith(HEAD)


def test_a_whole_title_is_not_taken_for_a_cut_one() -> None:
    head = "Nine people are dead in a strike on a bakery in the north, say rescuers"
    title = f"{head} | Reports from the north"
    assert headline([stated(head), og(head), window(title)], SITE)[0] == head


@pytest.mark.parametrize(
    ("witnesses", "expected"),
    [
        pytest.param([shown(HEAD.upper()), og(HEAD)], HEAD, id="capitals are the page's style"),
        pytest.param([shown(HEAD.upper()), window(f"{HEAD} | The Lantern")], HEAD, id="as the window has it"),
        pytest.param([shown(HEAD.upper())], HEAD.upper(), id="nobody writes it otherwise"),
        pytest.param([shown("ВЗРЫВ В ПЕКАРНЕ"), og("Взрыв в пекарне")], "Взрыв в пекарне", id="Russian"),
    ],
)
def test_capitals(witnesses: list[Witness], expected: str) -> None:
    assert headline(witnesses, SITE)[0] == expected


@pytest.mark.parametrize(
    ("title", "head", "site"),
    [
        ("台風が沖縄に接近、避難指示｜朝灯新聞", "台風が沖縄に接近、避難指示", "朝灯新聞"),
        ("台風が沖縄に接近 - 朝灯新聞デジタル", "台風が沖縄に接近", "朝灯新聞デジタル"),
        ("救援人员从面包店废墟中救出九人_灯火网", "救援人员从面包店废墟中救出九人", "灯火网"),
        ("외교부 “조속한 석방 촉구” | 등불일보", "외교부 “조속한 석방 촉구”", "등불일보"),
        ("مقتل تسعة في غارة على مخبز | المصباح", "مقتل تسعة في غارة على مخبز", "المصباح"),
        ("Девять погибших при ударе по пекарне — Фонарь", "Девять погибших при ударе по пекарне", "Фонарь"),
        ("Neun Tote nach Angriff auf Bäckerei · Die Laterne", "Neun Tote nach Angriff auf Bäckerei", "Die Laterne"),
        ("बेकरी पर हमले में नौ की मौत - दीपक समाचार", "बेकरी पर हमले में नौ की मौत", "दीपक समाचार"),
    ],
    ids=["ja", "ja, hyphen", "zh", "ko", "ar", "ru", "de", "hi"],
)
def test_in_other_languages(title: str, head: str, site: str) -> None:
    assert headline([window(title)], [site])[0] == head
    assert headline([window(title), shown(head)], [])[0] == head
    assert headline([og(title), stated(head), window(title)], [site])[0] == head


@pytest.mark.parametrize(
    "witnesses",
    [[], [og("")], [og(" \n"), window("|")], [window("The Lantern"), og("lantern.example")]],
    ids=["nobody", "nothing", "marks", "only the outlet's name"],
)
def test_where_nobody_says_anything(witnesses: list[Witness]) -> None:
    assert headline(witnesses, SITE) == ("", "")


@pytest.mark.parametrize(
    ("title", "site", "expected"),
    [
        pytest.param("Nine dead - Reuters", ["Reuters"], "Nine dead", id="a feed of feeds"),
        pytest.param("Nine dead | The Lantern", ["Lantern"], "Nine dead", id="with its article"),
        pytest.param("Nine dead - The Lantern", ["", "lantern.example"], "Nine dead - The Lantern", id="another name"),
        pytest.param("Nine dead - lantern.example", ["", "lantern.example"], "Nine dead", id="the domain"),
        pytest.param("Nine dead | World | Lantern", ["Lantern"], "Nine dead | World", id="the name alone"),
        pytest.param("Lantern: nine dead", ["Lantern"], "nine dead", id="before"),
        pytest.param("Lantern", ["Lantern"], "Lantern", id="nothing but the name"),
        pytest.param(" Nine\n dead ", [], "Nine dead", id="on one line"),
        pytest.param("", ["Lantern"], "", id="empty"),
        pytest.param("九人死亡｜朝灯新聞", ["朝灯新聞"], "九人死亡", id="Japanese"),
        pytest.param("Nine dead - live - Lantern", ["Lantern"], "Nine dead - live", id="a dash of its own"),
    ],
)
def test_without_site(title: str, site: list[str], expected: str) -> None:
    assert without_site(title, site) == expected


WORDS = st.sampled_from(
    [*"|-–—:·»/_…()", "...", "The", "Lantern", "nine", "dead", "DEAD", "爆発", "：", "｜", "", "a" * 70, "İ"]
)
TITLES = st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=30)
ORIGINS: st.SearchStrategy[Origin] = st.sampled_from(["visible", "jsonld", "opengraph", "page"])
WITNESSES = st.lists(st.builds(Witness, TITLES, ORIGINS, st.sampled_from([0.2, 1.0, 2.2, 3.5])), max_size=6)


@settings(max_examples=300, deadline=1_000)
@given(WITNESSES, st.lists(TITLES, max_size=2))
@example([shown("DEAD"), stated("| dead")], [])
def test_the_headline_is_what_a_witness_says_or_a_part_of_it(witnesses: list[Witness], site: list[str]) -> None:
    found, origin = headline(witnesses, [*site, "Lantern"])
    said = [one_line(witness.text).casefold() for witness in witnesses if witness.origin == origin]
    assert not found or any(found.casefold() in text for text in said)
    assert bool(found) == bool(origin)
    assert headline(witnesses, [*site, "Lantern"]) == (found, origin)


@settings(max_examples=200, deadline=1_000)
@given(
    st.lists(
        st.builds(
            Witness, st.sampled_from([HEAD, LONG, HEAD.upper(), "Bakery", f"{HEAD}…", "爆発"]), ORIGINS, st.just(1.0)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_it_is_never_empty_where_a_witness_says_something(witnesses: list[Witness]) -> None:
    assert headline(witnesses, SITE)[0]


@settings(max_examples=200, deadline=1_000)
@given(TITLES, st.lists(TITLES, max_size=3))
def test_without_site_takes_away_ends_only(title: str, site: list[str]) -> None:
    assert without_site(title, site) in one_line(title)


@pytest.mark.parametrize(
    "bomb",
    [
        "|" * 100_000,
        "a " * 50_000,
        " " * 100_000 + "a",
        "a" + "-" * 100_000,
        ": " * 50_000,
        "a / ~ - " * 20_000,
        "(" * 99_999,
    ],
    ids=["strokes", "words", "blanks", "dashes", "colons", "marks", "brackets"],
)
@pytest.mark.timeout(20)
def test_a_bomb_costs_little(bomb: str) -> None:
    start = time.process_time()
    headline([shown(bomb), og(f"{bomb}x"), stated(HEAD), window(f"{bomb} | The Lantern")], SITE)
    without_site(bomb, SITE)
    assert time.process_time() - start < 2


@pytest.mark.timeout(20)
def test_many_witnesses_cost_little() -> None:
    start = time.process_time()
    assert headline([*(shown(f"Heading number {n} of this page") for n in range(1_000)), stated(HEAD)], SITE)[0]
    assert time.process_time() - start < 2
