"""Figures of killed and injured people, read out as the wires of eight languages write them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.casualties import casualties
from transforms.casualties.figures import MAX_FIGURES
from transforms.casualties.words import vocabularies
from transforms.tags import MAX_SENTENCE, Casualty

SOHR = "the Syrian Observatory for Human Rights"
PIECES = [
    *(
        "12 ",
        "killed ",
        "people",
        ", ",
        "including ",
        "at least ",
        "five of them ",
        "said ",
        "the ",
        "a child ",
        "and ",
    ),
    *("مقتل ", "و30 ", "погибли ", "öldü ", "tués ", "1 200 ", "12-15", "hundred ", "none of ", ". ", "\n", "'i "),
    *("9" * 400, "9,999" + ",999" * 150, "1.5 million "),
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=20).map("".join)
LANGUAGES = ["en", "ar", "ru", "fr", "de", "es", "pt", "tr", "und", "xx", ""]


def read(body: str, language: str = "en", title: str = "") -> list[str]:
    """As "killed 12-12 civilians", a limit that is not there as "*"."""
    return [short(one) for one in casualties({"title": title, "body": body}, language)]


def short(one: Casualty) -> str:
    low, high = ("*" if limit is None else limit for limit in (one.min, one.max))
    return f"{one.kind} {low}-{high} {one.who}"


@pytest.mark.parametrize(
    ("body", "figures"),
    [
        ("Five airstrikes killed 12 people.", "killed 12-12 people"),
        ("Police shot dead three protesters.", "killed 3-3 civilians"),
        ("Three Israeli soldiers killed two Palestinians.", "killed 2-2 people"),
        ("A 12-year-old boy was killed.", "killed 1-1 children"),
        ("12 people who had sheltered in a basement were killed.", "killed 12-12 people"),
        ("A woman and her two children were killed.", "killed 1-1 women; killed 2-2 children"),
        ("The blast killed two police officers and injured five.", "killed 2-2 police; injured 5-5 police"),
        (
            "The raid killed at least 12 civilians, including five children, and wounded 30 others.",
            "killed 12-* civilians; killed 5-5 children; injured 30-30 civilians",
        ),
        ("12 people died, three of them children.", "killed 12-12 people; killed 3-3 children"),
        ("Ten people, one a girl of nine, were killed.", "killed 10-10 people; killed 1-1 children"),
        ("Seven soldiers died. Among them were two officers.", "killed 7-7 soldiers; killed 2-2 soldiers"),
        ("The raid left 12 dead and 30 wounded.", "killed 12-12 people; injured 30-30 people"),
        ("The fire claimed 12 lives.", "killed 12-12 people"),
        ("The toll from the strike on two markets rose from 10 to 12.", "killed 12-12 people"),
        ("The group recorded 12 civilian deaths.", "killed 12-12 civilians"),
        ("Six wounded students were treated.", "injured 6-6 children"),
        ("One hundred and twenty-five people died.", "killed 125-125 people"),
        ("1.2 million people were killed.", "killed 1200000-1200000 people"),
        ("1,200 fighters and 1 300 soldiers died.", "killed 1300-1300 soldiers; killed 1200-1200 fighters"),
        ("Tens of thousands have died.", "killed 20000-* people"),
        ("Dozens were hurt.", "injured 24-* people"),
        ("Scores were killed.", "killed 40-* people"),
        ("Nearly two dozen people were hurt.", "injured 24-24 people"),
        ("Between 10 and 15 soldiers were killed.", "killed 10-15 soldiers"),
        ("10-15 fighters died.", "killed 10-15 fighters"),
        ("As many as 80 people died.", "killed *-80 people"),
        ("No fewer than 80 medics died.", "killed 80-* medics"),
        ("The 2013 attack killed 1,400 people.", "killed 1400-1400 people"),
        ("She was one of 12 people killed in the raid.", "killed 12-12 people"),
        ("A family of five was killed.", "killed 5-5 civilians"),
        ("Up to 64 women and children were killed.", "killed *-64 civilians"),
        ("The attack killed 12 and displaced 30,000 people.", "killed 12-12 people"),
        ("Two people were arrested after a journalist was killed.", "killed 1-1 journalists"),
        ("Two of its staff were among at least 35 people killed.", "killed 2-2 aid workers; killed 35-* people"),
        ("12 pupils and their headmistress were killed.", "killed 12-12 children; killed 1-1 civilians"),
        ("A bomb fell on mourners, killing 14.", "killed 14-14 civilians"),
        ("Mourners gathered. Doctors said 14 died.", "killed 14-14 people"),
        ("Mourners were hit, leaving 14 dead including five women.", "killed 14-14 people; killed 5-5 women"),
        ("16 visitors died, dozens were hurt.", "killed 16-16 civilians; injured 24-* people"),
        ("The group recorded ten deaths among residents.", "killed 10-10 civilians"),
        ("It brought the number of medics killed since October to 115.", "killed 115-115 medics"),
        ("The civilian toll rose to 12.", "killed 12-12 civilians"),
        ("The study counts 47 deaths of under-18s.", "killed 47-47 children"),
        ("Nine members of one family died.", "killed 9-9 civilians"),
        ("More than 40 detained migrants were killed.", "killed 40-* civilians"),
        ("Two boys, grazing sheep, died.", "killed 2-2 children"),
        ("Prosecutors counted 19 bodies.", "killed 19-19 people"),
    ],
)
def test_english(body: str, figures: str) -> None:
    assert sorted(read(body)) == sorted(figures.split("; "))


@pytest.mark.parametrize(
    ("title", "figures"),
    [
        ("Jets pound Idlib; 12 dead", "killed 12-12 people"),
        ("Strike kills 12, injures 30", "killed 12-12 people; injured 30-30 people"),
        ("12 killed, 30 wounded", "killed 12-12 people; injured 30-30 people"),
        ("Woman, three sons perish in Tal Rifaat", "killed 1-1 women; killed 3-3 children"),
        ("Rockets on border town wound Turkish journalist", "injured 1-1 journalists"),
        ("Death toll climbs to 300", "killed 300-300 people"),
    ],
)
def test_headlines_leave_words_out(title: str, figures: str) -> None:
    assert sorted(read("", title=title)) == sorted(figures.split("; "))


@pytest.mark.parametrize(
    "body",
    [
        "No one was killed in the 12 strikes.",
        "Nobody was hurt, police said.",
        "No civilians were injured in the raid.",
        "None of the 12 passengers was hurt.",
        "The war could kill thousands of civilians.",
        "It would have killed hundreds.",
        "He planned to kill 12 people.",
        "He was killed on 12 March 2016.",
        "In 2015 killed fighters were buried.",
        "Ahmed, 12, was killed.",
        "Firefighters saved 12 lives.",
        "Prices fell 12 per cent after the killing.",
        "20% of those killed were children.",
        "12 cows were killed.",
        "Two houses were hit and nobody died.",
        "Militants killed in 12 operations were identified.",
        "The figure amounts to 83 deaths a day.",
        "Dozens of people were killed or wounded.",  # neither figure is given
        "12 people were rescued and 30 are missing.",
        "One in three people killed was a child.",
        "A man shot dead his former wife.",
        "12 people were buried under rubble.",
        "The F-16 was destroyed and 12 houses burned.",
    ],
)
def test_what_is_no_figure(body: str) -> None:
    assert read(body) == []


@pytest.mark.parametrize(
    ("language", "body", "figures"),
    [
        ("ar", "مقتل 12 مدنياً وإصابة 30 آخرين في قصف على إدلب", "killed 12-12 civilians; injured 30-30 civilians"),
        ("ar", "أسفر عن مقتل ما لا يقل عن ١٢ شخصاً، بينهم خمسة أطفال", "killed 12-* people; killed 5-5 children"),
        ("ar", "قتيلان وثلاثة جرحى في غارة", "killed 2-2 people; injured 3-3 people"),
        ("ar", "مقتل مدنيين اثنين وطفلين بقصف مدفعي", "killed 2-2 civilians; killed 2-2 children"),
        ("ar", "قال المصدر إن ثلاثة أطفال قُتلوا", "killed 3-3 children"),
        ("ar", "وأصيب أربعة من أطفالها", "injured 4-4 children"),
        ("ar", "لم يسقط أي قتلى في القصف", ""),
        ("ru", "Погибли 12 мирных жителей, в том числе пятеро детей, и ранены 30 человек.",
         "killed 12-12 civilians; killed 5-5 children; injured 30-30 people"),
        ("ru", "По меньшей мере 12 человек погибли и 30 получили ранения.", "killed 12-* people; injured 30-30 people"),
        ("ru", "Число погибших возросло до 12.", "killed 12-12 people"),
        ("ru", "Погиб ребёнок, по данным ООН, ранены от 10 до 15 солдат.",
         "killed 1-1 children; injured 10-15 soldiers"),
        ("ru", "Никто не погиб.", ""),
        ("fr", "Au moins 12 civils, dont cinq enfants, ont été tués et 30 autres blessés.",
         "killed 12-* civilians; killed 5-5 children; injured 30-30 civilians"),
        ("fr", "L'attaque a fait quinze morts et une trentaine de blessés.",
         "killed 15-15 people; injured 30-30 people"),
        ("fr", "Un enfant de 12 ans a été tué.", "killed 1-1 children"),
        ("fr", "Aucun civil n'a été tué.", ""),
        ("de", "Mindestens zwölf Zivilisten, darunter fünf Kinder, sind getötet worden.",
         "killed 12-* civilians; killed 5-5 children"),
        ("de", "Dabei kamen 1.200 Menschen ums Leben, 30 weitere wurden verletzt.",
         "killed 1200-1200 people; injured 30-30 people"),
        ("de", "Am 12. März starben zwei Menschen.", "killed 2-2 people"),
        ("de", "Bei dem Angriff kamen am Montag 23 Menschen um, viele flohen.", "killed 23-23 people"),
        ("de", "Die Helfer sprachen von mindestens 30 erschossenen Bewohnern.", "killed 30-* civilians"),
        ("de", "Niemand wurde verletzt.", ""),
        ("es", "Al menos 12 civiles, entre ellos cinco niños, murieron y 30 resultaron heridos.",
         "killed 12-* civilians; killed 5-5 children; injured 30-30 civilians"),
        ("es", "El ataque mató a treinta y dos personas e hirió a 30.", "killed 32-32 people; injured 30-30 people"),
        ("es", "Nadie resultó herido.", ""),
        ("pt", "Pelo menos 12 civis morreram e 30 ficaram feridos.", "killed 12-* civilians; injured 30-30 civilians"),
        ("pt", "O ataque matou duas mulheres.", "killed 2-2 women"),
        ("pt", "Ninguém ficou ferido.", ""),
        ("tr", "Saldırıda aralarında 5 çocuğun da bulunduğu 12 sivil hayatını kaybetti, 30 kişi yaralandı.",
         "killed 5-5 children; killed 12-12 civilians; injured 30-30 people"),
        ("tr", "5'i çocuk 12 kişi öldü.", "killed 5-5 children; killed 12-12 people"),
        ("tr", "20’den fazla asker öldürüldü.", "killed 20-* soldiers"),
        ("tr", "20 kişinin öldüğünü, bunların 8'inin çocuk olduğunu açıkladı.",
         "killed 20-20 people; killed 8-8 children"),
        ("tr", "Kimse ölmedi.", ""),
        ("und", "Bei dem Angriff wurden 12 Kinder verletzt.", "injured 12-12 children"),
        ("und", "مقتل 12 مدنيا", "killed 12-12 civilians"),
        ("pt-BR", "O ataque matou 12 pessoas.", "killed 12-12 people"),
        ("it", "Uccise 12 persone.", ""),
    ],
)  # fmt: skip
def test_languages(language: str, body: str, figures: str) -> None:
    assert sorted(read(body, language)) == sorted(filter(None, figures.split("; ")))


@pytest.mark.parametrize(
    ("language", "field", "text", "attribution"),
    [
        ("en", "body", f"Two jets killed 30 people, {SOHR} said.", SOHR),
        ("en", "body", f"Jets killed 30 people, according to {SOHR}.", SOHR),
        ("en", "body", f"{SOHR}, a monitor, said jets killed 30 people.", SOHR),
        ("en", "body", "The coalition denied killing 30 people.", "The coalition"),
        ("en", "body", "30 people died, said local rescuers.", "local rescuers"),
        ("en", "body", "He rejected the claim that 30 people died.", ""),
        ("en", "body", "The fire claimed 12 lives.", ""),
        ("en", "title", "30 dead in Idlib: monitor", "monitor"),
        ("en", "body", "The army said jets had left. They killed 30 people, it said.", "The army"),
        ("en", "body", "Jets killed 30 people, it said.", ""),
        ("en", "body", "The army said the claim that jets killed 30 people was invented.", ""),
        ("en", "body", "Researchers who spent weeks in the city say jets killed 30 people.", "Researchers"),
        ("en", "body", "It was a bombing that villagers say killed 30 people.", "villagers"),
        ("en", "body", "Three people are reported to have burned to death.", ""),
        ("en", "title", "UN: 30 killed in Idlib", "UN"),
        ("ar", "body", "مقتل 12 شخصا وفق المرصد السوري", "المرصد السوري"),
        ("ar", "body", "أعلنت وزارة الصحة في غزة مقتل 471 شخصاً", "وزارة الصحة في غزة"),
        ("ru", "body", "По данным ООН, погибли 10 человек.", "ООН"),
        ("fr", "body", "Sept soldats sont morts, a indiqué l'OSDH.", "l'OSDH"),
        ("de", "body", "Sieben Soldaten starben, wie die Weißhelme mitteilten.", "die Weißhelme"),
        ("es", "body", "Murieron 12 personas, según los Cascos Blancos.", "los Cascos Blancos"),
        ("pt", "body", "Segundo o Exército, 29 pessoas morreram.", "o Exército"),
        ("tr", "body", "Bakanlık, 12 kişinin öldüğünü açıkladı.", "Bakanlık"),
        ("tr", "body", "Gözlemevi'ne göre 12 sivil öldü.", "Gözlemevi"),
    ],
)
def test_who_says_so(language: str, field: str, text: str, attribution: str) -> None:
    fields = {"title": "", "body": "", field: text}
    assert [one.attribution for one in casualties(fields, language)] == [attribution]  # type: ignore[arg-type]


def test_a_figure_that_comes_again_is_one_with_its_first_place_and_its_first_source() -> None:
    text = {
        "title": "Strike kills 12 people",
        "body": "The strike killed 12 people, rescuers said.\nIt killed 12 people, police said.",
    }
    (one,) = casualties(text, "en")  # type: ignore[arg-type]
    assert (one.evidence.field, one.evidence.text, one.attribution) == ("title", "kills 12 people", "rescuers")


@pytest.mark.parametrize(
    ("title", "body", "figures"),
    [
        ("Three officers killed in ambush", "Gunmen fired on a jeep, Kabul said.", "killed 3-3 soldiers by Kabul"),
        ("Three officers killed in ambush", "The ministry said it would respond.", "killed 3-3 soldiers by "),
        ("Three officers killed in ambush", "Gunmen hurt two, the ministry said.",
         "killed 3-3 soldiers by ; injured 2-2 people by the ministry"),
        ("Two hurt in Aleppo", "Two residents were wounded.", "injured 2-2 civilians by "),
        ("Raid kills five soldiers", "The army said five of its members died.", "killed 5-5 soldiers by The army"),
        ("Market bombed, 11 dead", "At least 11 men died, rescuers said.", "killed 11-* men by rescuers"),
        ("Gunmen kill farmers", "Witnesses spoke of 10 to 15 dead.", "killed 10-15 civilians by Witnesses"),
    ],
)  # fmt: skip
def test_a_headline_and_its_body_complete_each_other(title: str, body: str, figures: str) -> None:
    found = casualties({"title": title, "body": body}, "en")
    assert "; ".join(f"{short(one)} by {one.attribution}" for one in found) == figures


def test_the_evidence_is_what_was_read() -> None:
    body = "Quiet day. On Monday at least 12 civilians were killed in Idlib, it said."
    (one,) = casualties({"body": body}, "en")
    found = one.evidence
    assert (found.rule, found.text) == ("before", "at least 12 civilians were killed")
    assert found.sentence == "On Monday at least 12 civilians were killed in Idlib, it said."


def test_a_long_sentence_is_cut_around_its_figure() -> None:
    body = "So " + "very " * 200 + "many: the raid killed 12 people."
    (one,) = casualties({"body": body}, "en")
    assert len(one.evidence.sentence) <= MAX_SENTENCE
    assert "killed 12 people" in one.evidence.sentence


def test_keywords_are_not_read_and_the_description_is() -> None:
    assert casualties({"keywords": "12 killed"}, "en") == ()
    assert [short(one) for one in casualties({"description": "12 killed"}, "en")] == ["killed 12-12 people"]


def test_an_article_has_a_bounded_number_of_figures() -> None:
    body = "\n".join(f"{number} people were killed." for number in range(2, 60))
    assert len(casualties({"body": body}, "en")) == MAX_FIGURES


@given(title=TEXTS, body=TEXTS, language=st.sampled_from(LANGUAGES))
@settings(max_examples=400, deadline=None)
def test_any_text_is_read_and_every_span_points_at_its_words(title: str, body: str, language: str) -> None:
    fields = {"title": title, "body": body}
    for one in casualties(fields, language):  # type: ignore[arg-type]
        text = fields[one.evidence.field]
        assert text[one.evidence.start : one.evidence.end] == one.evidence.text != ""
        assert one.attribution in title + "\0" + body
        assert len(one.evidence.sentence) <= MAX_SENTENCE
        assert one.min is not None or one.max is not None


@pytest.mark.parametrize("language", ["en", "ar", "tr"])
@pytest.mark.parametrize(
    "unit",
    [
        "12 killed ",
        "killed 12, ",
        "one hundred and ",
        "he said 12 killed, ",
        "a ",
        "12 öldü açıkladı ",
        "و",
        "x-",
        "1 000 ",
    ],
)
def test_reading_takes_time_in_proportion_to_the_text(unit: str, language: str) -> None:
    """A text ten times as long may take thirty times as long at most, on a machine that does other things too."""

    def seconds(size: int) -> float:
        text = (unit * size)[:size] + " killed öldü قتل"
        best = 60.0
        for _ in range(3):
            begin = time.process_time()
            casualties({"body": text}, language)
            best = min(best, time.process_time() - begin)
        return best

    seconds(100)
    assert seconds(100_000) <= 30 * max(seconds(10_000), 0.01)


@pytest.mark.parametrize("language", list(vocabularies()))
def test_every_language_has_what_the_grammar_asks_for(language: str) -> None:
    roles = {one.role for found in vocabularies()[language]._entries.values() for one in found}
    assert roles >= {"harm", "who", "number", "vague", "least", "most", "about", "unit", "said", "and", "no", "among"}
