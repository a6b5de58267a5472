"""Rules fire where they should; tags carry their evidence, what counted against it, and whose word it is."""

import itertools
import json
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.opening import load_taxonomy
from tests.factories import make_article
from transforms.records import Article
from transforms.rules import LEAD, MAX_BODY_COUNT, MAX_EVIDENCE, WEIGHTS
from transforms.tags import MAX_SENTENCE, TopicTag
from transforms.taxonomies import read_taxonomy
from transforms.taxonomy_files import Source
from transforms.topics import Taxonomy

Data = dict[str, Any]


def made(*topics: Data, **more: Any) -> Taxonomy:
    """A taxonomy; JSON is YAML."""
    return read_taxonomy([Source("here.yaml", json.dumps({"version": "1", "topics": topics, **more}))])


def rules(
    *raw: Data, threshold: float = 0.5, lists: Data | None = None, stances: Data | None = None, **topic: Any
) -> Taxonomy:
    """A taxonomy of one topic."""
    listed = [{"id": f"r{i}", **rule} for i, rule in enumerate(raw)]
    return made({"id": "t", "threshold": threshold, "rules": listed, **topic}, lists=lists or {}, stances=stances or {})


def body(text: str, **overrides: Any) -> Article:
    return make_article(**{"title": "", "body": text, "language": "en", **overrides})


def words(tagged: Article) -> list[str]:
    return [proof.text for tag in tagged.topics for proof in tag.evidence]


def only(tagged: Article) -> TopicTag:
    (tag,) = tagged.topics
    return tag


def assert_evidence_points_at_its_words(tagged: Article) -> None:
    fields = {
        "title": tagged.title,
        "description": tagged.description,
        "keywords": ", ".join(tagged.keywords),
        "body": tagged.body,
    }
    for tag in tagged.topics:
        assert tag.evidence
        for proof in (*tag.evidence, *tag.against):
            text = fields[proof.field]
            assert text[proof.start : proof.end] == proof.text != ""
            assert proof.sentence in text
            assert len(proof.sentence) <= MAX_SENTENCE
            assert proof.text.split()[0] in proof.sentence or len(proof.sentence) == MAX_SENTENCE


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        pytest.param("An airstrike hit the market.", "en", ["airstrike"], id="one word"),
        pytest.param("AIRSTRIKES", "en", ["AIRSTRIKES"], id="another form, in capitals"),
        pytest.param("Air\n strikes resumed.", "en", ["Air\n strikes"], id="phrase over a broken line"),
        pytest.param("Air raids, then strikes", "en", [], id="phrase in pieces"),
        pytest.param("Chairstrikes", "en", [], id="inside another word"),
        pytest.param("The ceasefire holds.", "en", [], id="absent"),
        pytest.param("Des frappes aériennes", "fr", ["frappes aériennes"], id="French"),
        pytest.param("An airstrike", "fr", [], id="another language's words"),
        pytest.param(
            "An airstrike, une frappe aérienne", "und", ["airstrike", "frappe aérienne"], id="unknown language"
        ),
        pytest.param("An airstrike", "xx", [], id="a language no rule speaks"),
        pytest.param("The YPG", "tr", ["YPG"], id="a word of every language"),
        pytest.param("", "en", [], id="empty"),
    ],
)
def test_words_and_phrases(text: str, language: str, found: list[str]) -> None:
    rule = {"any": {"en": ["airstrike", "air strike"], "fr": ["frappe aérienne"], "*": ["YPG"]}}
    tagged = rules(rule).tag(body(text, language=language))
    assert words(tagged) == found
    assert_evidence_points_at_its_words(tagged)


NEAR = {"any": {"en": ["plane"]}, "near": [{"within": 3, "en": ["bombed"]}]}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Planes bombed it", ["Planes bombed"], id="side by side"),
        pytest.param("They bombed it with planes", ["bombed it with planes"], id="either order"),
        pytest.param("Planes one two bombed", ["Planes one two bombed"], id="just within"),
        pytest.param("Planes one two three bombed", [], id="just too far after"),
        pytest.param("bombed one two planes", ["bombed one two planes"], id="just within, before"),
        pytest.param("bombed one two three planes", [], id="just too far before"),
        pytest.param("Planes landed", [], id="one alone"),
        pytest.param("It was bombed", [], id="the other alone"),
        pytest.param("bombed x planes bombed", ["planes bombed"], id="the nearer one is shown"),
    ],
)
def test_near(text: str, found: list[str]) -> None:
    tagged = rules(NEAR).tag(body(text))
    assert words(tagged) == found
    assert_evidence_points_at_its_words(tagged)


@pytest.mark.parametrize(
    ("side", "text", "found"),
    [
        ("before", "bombed planes", ["bombed planes"]),
        ("before", "planes bombed", []),
        ("after", "planes bombed", ["planes bombed"]),
        ("after", "bombed planes", []),
    ],
)
def test_near_on_one_side(side: str, text: str, found: list[str]) -> None:
    rule = {"any": {"en": ["plane"]}, "near": [{"within": 3, "side": side, "en": ["bombed"]}]}
    assert words(rules(rule).tag(body(text))) == found


def test_near_wants_a_second_word() -> None:
    """A word of both lists does not prove itself."""
    both = rules({"any": {"en": ["strike"]}, "near": [{"within": 3, "en": ["strike"]}]})
    assert words(both.tag(body("A strike"))) == []
    assert words(both.tag(body("strike upon strike")))


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        pytest.param("Planes came at dawn and, as everybody knows by now, bombed it.", True, id="far, in one sentence"),
        pytest.param("Planes came. It was bombed.", False, id="side by side, in two"),
        pytest.param("Planes of Gen. Smith of the U.S. bombed it.", True, id="abbreviations end no sentence"),
        pytest.param("Planes came\nIt was bombed", False, id="a new line ends one"),
    ],
)
def test_near_in_the_same_sentence(text: str, fires: bool) -> None:
    rule = {"any": {"en": ["plane"]}, "near": [{"within": "sentence", "en": ["bombed"]}]}
    assert bool(words(rules(rule).tag(body(text)))) is fires


def test_all_of_near_must_be_there() -> None:
    taxa = rules(
        {"any": {"en": ["plane"]}, "near": [{"within": 3, "en": ["bombed"]}, {"within": "article", "en": ["war"]}]}
    )
    assert words(taxa.tag(body("Planes bombed it."))) == []
    assert words(taxa.tag(body("Planes bombed it. " + "So it goes. " * 90 + "War."))) == ["Planes bombed"]
    assert words(taxa.tag(body("Planes bombed it.", keywords=("war",)))) == ["Planes bombed"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("A Syrian hamster", [], id="beside, after"),
        pytest.param("The hamster, a Syrian", [], id="beside, before"),
        pytest.param("Syrian a b hamster", ["Syrian"], id="out of reach"),
        pytest.param("Syrian a hamster", [], id="just within reach"),
        pytest.param("A Syrian town", ["Syrian"], id="absent"),
        pytest.param("A Syrian hamster in a far Syrian town", ["Syrian"], id="takes back one hit only"),
    ],
)
def test_not_near(text: str, found: list[str]) -> None:
    rule = {"any": {"en": ["Syrian"]}, "not_near": [{"within": 2, "en": ["hamster"]}]}
    assert words(rules(rule).tag(body(text))) == found


def test_not_near_sees_a_phrase_around_the_word() -> None:
    rule = {"any": {"en": ["civilians"]}, "not_near": [{"within": 3, "en": ["no civilians"]}]}
    assert words(rules(rule).tag(body("No civilians were hurt"))) == []
    assert words(rules(rule).tag(body("Civilians were hurt"))) == ["Civilians"]


def test_exceptions_of_a_list_hold_wherever_the_list_is_used() -> None:
    lists = {"strikes": [{"en": ["strike"], "except": {"en": ["lightning strike"]}}, {"fr": ["frappe"]}]}
    taxa = rules({"any": {"lists": ["strikes"]}}, lists=lists)
    tagged = taxa.tag(body("Lightning strikes, then a strike"))
    assert words(tagged) == ["strike"]
    assert [proof.text for proof in only(tagged).against] == ["Lightning strikes"]
    assert words(taxa.tag(body("une frappe", language="fr"))) == ["frappe"]


def test_what_counted_against_is_told() -> None:
    rule = {"any": {"en": ["Syrian"]}, "not_near": [{"within": 2, "en": ["hamster"]}]}
    tagged = rules(rule).tag(body("A Syrian hamster. It came from a Syrian town."))
    (against,) = only(tagged).against
    assert (against.text, against.sentence, against.rule) == ("hamster", "A Syrian hamster.", "r0")
    assert_evidence_points_at_its_words(tagged)


def test_another_topic_can_be_asked_for() -> None:
    second = {
        "id": "deaths",
        "threshold": 0.5,
        "rules": [{"id": "r", "any": {"en": ["dead"]}, "near": [{"topic": "raids"}]}],
    }
    first = {"id": "raids", "threshold": 2.5, "rules": [{"id": "r", "any": {"en": ["raid"]}}]}
    taxa = made(second, first)  # in any order
    assert {tag.id for tag in taxa.tag(body("Ten dead in a raid, the second raid")).topics} == {"deaths", "raids"}
    assert {tag.id for tag in taxa.tag(body("Ten dead in a raid")).topics} == set()  # one raid is below its threshold


def test_a_near_word_in_a_language_the_rule_does_not_speak_is_no_pass() -> None:
    rule = {"any": {"en": ["plane"], "fr": ["avion"]}, "near": [{"en": ["bombed"]}]}
    assert words(rules(rule).tag(body("avion", language="fr"))) == []


FAR = "filler " * LEAD


@pytest.mark.parametrize(
    ("article", "score"),
    [
        pytest.param(body(FAR + "strike"), 2 * WEIGHTS["body"], id="deep in the body"),
        pytest.param(body("strike"), 2 * WEIGHTS["lead"], id="at the beginning"),
        pytest.param(body("", title="strike"), 2 * WEIGHTS["title"], id="title"),
        pytest.param(body("", description="strike"), 2 * WEIGHTS["description"], id="description"),
        pytest.param(body("", keywords=("strike",)), 2 * WEIGHTS["keywords"], id="keywords"),
        pytest.param(body(FAR + "strike strike"), 2 * 2 * WEIGHTS["body"], id="twice in the body"),
        pytest.param(body(FAR + "strike " * 9), 2 * WEIGHTS["body"] * MAX_BODY_COUNT, id="often in the body"),
        pytest.param(body("", title="strike strike"), 2 * WEIGHTS["title"], id="twice in the title"),
        pytest.param(body("strike", title="strike"), 2 * (WEIGHTS["title"] + WEIGHTS["lead"]), id="fields add up"),
        pytest.param(
            body("strike", description="strike"), 2 * WEIGHTS["lead"], id="a description that is the body again"
        ),
    ],
)
def test_scores(article: Article, score: float) -> None:
    assert only(rules({"any": {"en": ["strike"]}, "weight": 2}).tag(article)).score == score


def test_a_topic_has_weights_of_its_own() -> None:
    taxa = rules({"any": {"en": ["strike"]}}, weights={"title": 10})
    assert only(taxa.tag(body("", title="strike"))).score == 10
    assert only(taxa.tag(body("strike"))).score == WEIGHTS["lead"]


def test_rules_of_a_topic_add_up_and_say_which_fired() -> None:
    tag = only(rules({"any": {"en": ["strike"]}, "weight": 2}, {"any": {"en": ["raid"]}}).tag(body("A raid, a strike")))
    assert tag.score == 3 * WEIGHTS["lead"]
    assert {(proof.rule, proof.text) for proof in tag.evidence} == {("r0", "strike"), ("r1", "raid")}


@pytest.mark.parametrize(("threshold", "tagged"), [(4.0, True), (4.5, False)])
def test_a_topic_is_tagged_from_its_threshold_on(threshold: float, tagged: bool) -> None:
    taxa = rules({"any": {"en": ["strike"]}, "weight": 2}, threshold=threshold)
    assert bool(taxa.tag(body("strike")).topics) is tagged
    assert [tag.score for tag in taxa.judge(body("strike"))] == [4.0]  # what fell short can be looked at


def test_evidence_is_bounded_and_does_not_overlap() -> None:
    tagged = rules({"any": {"en": ["strike", "strike again"]}}).tag(body("strike again " * 50))
    evidence = only(tagged).evidence
    assert len(evidence) == MAX_EVIDENCE
    assert all(one.end <= other.start for one, other in itertools.pairwise(evidence))
    assert_evidence_points_at_its_words(tagged)


STANCES = {
    "denied": [{"within": "sentence", "en": ["denied"]}, {"within": 3, "side": "before", "en": ["never"]}],
    "alleged": [{"within": "sentence", "en": ["accused"]}],
    "reported": [{"within": "sentence", "en": ["said"]}],
}


@pytest.mark.parametrize(
    ("title", "text", "stance"),
    [
        pytest.param("Strike", "", "stated", id="nobody's word"),
        pytest.param("Army denied a strike", "", "denied", id="denied"),
        pytest.param("Army never planned a strike", "", "denied", id="just before"),
        pytest.param("Never again, say those who saw a strike", "", "stated", id="not near enough"),
        pytest.param("Strike", "A strike came, the army said.", "reported", id="the headline leaves out who says so"),
        pytest.param("Army denied a strike", "A strike came, doctors said.", "denied", id="the headline weighs more"),
        pytest.param("Quiet", "A strike came, doctors said. The army denied a strike.", "reported", id="one word each"),
        pytest.param("Army accused", "A strike came. Nobody knows.", "alleged", id="the headline accuses"),
        pytest.param("Strike", "It came at dawn. A doctor said so.", "reported", id="told in the next sentence"),
        pytest.param("Army denied and accused over a strike", "", "denied", id="the first that is defined"),
    ],
)
def test_stances(title: str, text: str, stance: str) -> None:
    taxa = made(
        {"id": "t", "threshold": 0.5, "stances": True, "rules": [{"id": "r", "any": {"en": ["strike"]}}]},
        stances=STANCES,
    )
    assert only(taxa.tag(body(text, title=title))).stance == stance


def test_a_topic_without_stances_is_stated() -> None:
    taxa = rules({"any": {"en": ["strike"]}}, stances=STANCES)
    assert only(taxa.tag(body("He denied a strike."))).stance == "stated"


def test_best_topic_first_and_what_a_tag_carries() -> None:
    taxa = made(
        {"id": "small", "rules": [{"id": "r", "any": {"en": ["market"]}, "weight": 2}]},
        {
            "id": "big",
            "labels": {"en": "Big", "fr": "Grand"},
            "medtop": "medtop:20000056",
            "rules": [{"id": "r", "any": {"en": ["war"]}, "weight": 9}],
        },
        {"id": "none", "rules": [{"id": "r", "any": {"en": ["peace"]}, "weight": 9}]},
    )
    tagged = taxa.tag(body("war at the market"))
    assert [(tag.id, tag.label, tag.medtop, tag.rule_version) for tag in tagged.topics] == [
        ("big", "Big", "medtop:20000056", taxa.version),
        ("small", "small", "", taxa.version),
    ]
    assert tagged.topics_version == taxa.version


def test_tags_are_replaced_and_nothing_else_changes() -> None:
    taxa, other = rules({"any": {"en": ["strike"]}}), rules({"any": {"en": ["peace"]}})
    once = taxa.tag(body("strike"))
    assert taxa.tag(once) == once
    assert other.tag(once) == body("strike", topics_version=other.version)


def test_a_taxonomy_survives_the_trip_between_workers() -> None:
    taxa = rules({"any": {"en": ["strike"]}})
    before = taxa.tag(body("strike"))
    assert pickle.loads(pickle.dumps(taxa)).tag(body("strike")) == before


@pytest.fixture(scope="module")
def shipped() -> Taxonomy:
    return load_taxonomy()


class TestShipped:
    """More of it: tests/golden/test_topics.py."""

    @pytest.mark.parametrize(
        ("title", "language", "topics"),
        [
            (
                "Syria: airstrike on Aleppo market kills nineteen civilians",
                "en",
                {"syria", "airstrikes", "civilian-casualties"},
            ),
            ("В Алеппо при авиаударе погибли мирные жители", "ru", {"syria", "airstrikes", "civilian-casualties"}),
            ("مقتل مدنيين في غارات جوية على إدلب", "ar", {"syria", "airstrikes", "civilian-casualties"}),
            ("My Syrian hamster ran away", "en", set()),
            ("Parliament debates the budget", "en", set()),
        ],
    )
    def test_headlines(self, shipped: Taxonomy, title: str, language: str, topics: set[str]) -> None:
        tagged = shipped.tag(make_article(title=title, body="", language=language))
        assert {tag.id for tag in tagged.topics} == topics
        assert_evidence_points_at_its_words(tagged)

    def test_the_article_it_began_with(self, shipped: Taxonomy) -> None:
        """A denial in the headline, an accusation in the standfirst."""
        tagged = shipped.tag(
            make_article(
                title='Russian military says it has "never hit civilian targets" in Syria',
                description="Amnesty International earlier this week claimed Russian airstrikes had killed hundreds of"
                " civilians",
                body="The Russian military says it has not hit civilian targets in Syria since it first started its"
                " bombing campaign three months ago.\nIt came after a report from Amnesty International earlier this"
                " week which claimed Russian airstrikes had killed hundreds of civilians.",
            )
        )
        stances = {tag.id: tag.stance for tag in tagged.topics}
        assert stances.keys() >= {"syria", "airstrikes", "civilian-casualties"}
        assert stances["civilian-casualties"] == "denied"
        assert any(one.kind == "killed" and one.who == "civilians" and one.min == 200 for one in tagged.casualties)

    @settings(max_examples=80, deadline=None)
    @given(
        st.lists(
            st.sampled_from(
                [
                    "Syria",
                    "air",
                    "strikes",
                    "civilians",
                    "killed",
                    "near",
                    "Hama",
                    "the",
                    "\n",
                    "—",
                    ".",
                    "hamster",
                    "غارة",
                    "авиаудар",
                    "barrel",
                    "bombs",
                    "jets",
                    "bombed",
                    "no",
                    "IS",
                    "denied",
                    "12",
                    "والمدنيين",
                    "Damascus",
                    "Virginia",
                    "never",
                    "sirens",
                    "hospital",
                ]
            ),
            max_size=60,
        ).map(" ".join),
        st.sampled_from(["en", "ru", "ar", "tr", "und", "zh", "xx"]),
    )
    def test_evidence_always_points_at_its_words(self, shipped: Taxonomy, text: str, language: str) -> None:
        article = make_article(title=text[:40], body=text, keywords=("Syria", "air raid"), language=language)
        assert_evidence_points_at_its_words(shipped.tag(article))
