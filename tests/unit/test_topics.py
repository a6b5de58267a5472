"""Topics are data; tags carry evidence; a taxonomy that cannot work is refused with every reason."""

import pickle
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import transforms
from tests.factories import make_article
from transforms.errors import ConfigError
from transforms.records import Article
from transforms.topics import FIELD_WEIGHTS, MAX_BODY_COUNT, MAX_EVIDENCE, Taxonomy, taxonomy

SHIPPED = Path(transforms.__file__).parent / "taxonomy.yaml"


def rules(*raw: dict[str, Any], threshold: float = 0.5, **topic: Any) -> Taxonomy:
    """A taxonomy of one topic."""
    listed = [{"id": f"r{i}", **rule} for i, rule in enumerate(raw)]
    return taxonomy(
        {"version": "1", "topics": [{"id": "t", "label": "T", "threshold": threshold, "rules": listed, **topic}]},
        "here",
    )


def body(text: str, **overrides: Any) -> Article:
    return make_article(**{"title": "", "body": text, "language": "en", **overrides})


def words(tagged: Article) -> list[str]:
    return [proof.text for tag in tagged.topics for proof in tag.evidence]


def assert_evidence_points_at_its_words(tagged: Article) -> None:
    fields = {
        "title": tagged.title,
        "description": tagged.description,
        "keywords": ", ".join(tagged.keywords),
        "body": tagged.body,
    }
    for tag in tagged.topics:
        assert tag.evidence
        for proof in tag.evidence:
            assert fields[proof.field][proof.start : proof.end] == proof.text


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
        pytest.param("", "en", [], id="empty"),
    ],
)
def test_words_and_phrases(text: str, language: str, found: list[str]) -> None:
    tagged = rules({"any": {"en": ["airstrike", "air strike"], "fr": ["frappe aérienne"]}}).tag(
        body(text, language=language)
    )
    assert words(tagged) == found
    assert_evidence_points_at_its_words(tagged)


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
    tagged = rules({"any": {"en": ["plane"]}, "near": {"en": ["bombed"]}, "within": 3}).tag(body(text))
    assert words(tagged) == found
    assert_evidence_points_at_its_words(tagged)


def test_near_wants_a_second_word() -> None:
    """A word of both lists does not prove itself."""
    both = rules({"any": {"en": ["strike"]}, "near": {"en": ["strike"]}, "within": 3})
    assert words(both.tag(body("A strike"))) == []
    assert words(both.tag(body("strike upon strike")))


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
    tagged = rules({"any": {"en": ["Syrian"]}, "not_near": {"en": ["hamster"]}, "within": 2}).tag(body(text))
    assert words(tagged) == found


@pytest.mark.parametrize(
    ("article", "found"),
    [
        pytest.param(body("Damascus. " + "Filler. " * 50 + "Assad."), ["Damascus"], id="anywhere in the body"),
        pytest.param(body("Damascus", title="Assad speaks"), ["Damascus"], id="in another field"),
        pytest.param(body("Damascus", keywords=("x", "Assad")), ["Damascus"], id="in the keywords"),
        pytest.param(body("Damascus, Virginia"), [], id="absent"),
        pytest.param(body("Damas, Assad", language="fr"), [], id="a language without context"),
    ],
)
def test_context(article: Article, found: list[str]) -> None:
    rule = {"any": {"en": ["Damascus"], "fr": ["Damas"]}, "context": {"en": ["Assad"]}}
    assert words(rules(rule).tag(article)) == found


def test_a_near_word_in_a_language_the_rule_does_not_speak_is_no_pass() -> None:
    rule = {"any": {"en": ["plane"], "fr": ["avion"]}, "near": {"en": ["bombed"]}}
    assert words(rules(rule).tag(body("avion", language="fr"))) == []


@pytest.mark.parametrize(
    ("article", "score"),
    [
        pytest.param(body("strike"), 2.0, id="body"),
        pytest.param(body("", title="strike"), 2 * FIELD_WEIGHTS["title"], id="title"),
        pytest.param(body("", description="strike"), 2 * FIELD_WEIGHTS["description"], id="description"),
        pytest.param(body("", keywords=("strike",)), 2 * FIELD_WEIGHTS["keywords"], id="keywords"),
        pytest.param(body("strike strike"), 4.0, id="twice in the body"),
        pytest.param(body("strike " * 9), 2.0 * MAX_BODY_COUNT, id="often in the body"),
        pytest.param(body("", title="strike strike"), 2 * FIELD_WEIGHTS["title"], id="twice in the title"),
        pytest.param(body("strike", title="strike"), 2 + 2 * FIELD_WEIGHTS["title"], id="fields add up"),
        pytest.param(body("strike", description="strike"), 2.0, id="a description that is the body again"),
    ],
)
def test_scores(article: Article, score: float) -> None:
    (tag,) = rules({"any": {"en": ["strike"]}, "weight": 2}).tag(article).topics
    assert tag.score == score


def test_rules_of_a_topic_add_up_and_say_which_fired() -> None:
    (tag,) = (
        rules({"any": {"en": ["strike"]}, "weight": 2}, {"any": {"en": ["raid"]}}).tag(body("A raid, a strike")).topics
    )
    assert tag.score == 3.0
    assert {(proof.rule, proof.text) for proof in tag.evidence} == {("r0", "strike"), ("r1", "raid")}


@pytest.mark.parametrize(("threshold", "tagged"), [(2.0, True), (2.5, False)])
def test_a_topic_is_tagged_from_its_threshold_on(threshold: float, tagged: bool) -> None:
    taxa = rules({"any": {"en": ["strike"]}, "weight": 2}, threshold=threshold)
    assert bool(taxa.tag(body("strike")).topics) is tagged


def test_evidence_is_bounded_and_does_not_overlap() -> None:
    tagged = rules({"any": {"en": ["strike", "strike again"]}}).tag(body("strike again " * 50))
    (tag,) = tagged.topics
    assert len(tag.evidence) == MAX_EVIDENCE
    assert all(one.end <= other.start for one, other in zip(tag.evidence, tag.evidence[1:], strict=False))
    assert_evidence_points_at_its_words(tagged)


def test_best_topic_first_and_what_a_tag_carries() -> None:
    taxa = taxonomy(
        {
            "version": "2026.1",
            "topics": [
                {"id": "small", "rules": [{"id": "r", "any": {"en": ["market"]}, "weight": 2}]},
                {
                    "id": "big",
                    "label": "Big",
                    "medtop": "medtop:1",
                    "rules": [{"id": "r", "any": {"en": ["war"]}, "weight": 9}],
                },
                {"id": "none", "rules": [{"id": "r", "any": {"en": ["peace"]}, "weight": 9}]},
            ],
        },
        "here",
    )
    tags = taxa.tag(body("war at the market")).topics
    assert [(tag.id, tag.label, tag.medtop, tag.rule_version) for tag in tags] == [
        ("big", "Big", "medtop:1", "2026.1"),
        ("small", "small", "", "2026.1"),
    ]


def test_tags_are_replaced_and_nothing_else_changes() -> None:
    taxa = rules({"any": {"en": ["strike"]}})
    once = taxa.tag(body("strike"))
    assert taxa.tag(once) == once
    assert rules({"any": {"en": ["peace"]}}).tag(once) == body("strike")


def test_a_taxonomy_survives_the_trip_between_workers() -> None:
    taxa = rules({"any": {"en": ["strike"]}})
    before = taxa.tag(body("strike"))
    assert pickle.loads(pickle.dumps(taxa)).tag(body("strike")) == before


GOOD_RULE = {"id": "r", "any": {"en": ["strike"]}}


@pytest.mark.parametrize(
    ("topic", "problem"),
    [
        pytest.param({"id": "t"}, "topics.0.rules: is missing", id="no rules"),
        pytest.param({"id": "t", "rules": []}, "topics.0.rules: at least one rule", id="empty rules"),
        pytest.param({"rules": [GOOD_RULE]}, "topics.0.id: is missing", id="no id"),
        pytest.param({"id": "t", "rules": [GOOD_RULE], "weigth": 1}, "topics.0.weigth: unknown key", id="misspelt key"),
        pytest.param(
            {"id": "t", "rules": [GOOD_RULE], "threshold": 0}, "topics.0.threshold: must be", id="threshold 0"
        ),
        pytest.param(
            {"id": "t", "rules": [GOOD_RULE], "threshold": "2"}, "topics.0.threshold: must be", id="threshold as text"
        ),
        pytest.param(
            {"id": "t", "rules": [GOOD_RULE], "threshold": True}, "topics.0.threshold: must be", id="threshold yes"
        ),
        pytest.param({"id": "t", "rules": ["x"]}, "topics.0.rules.0: must be a table", id="rule as text"),
        pytest.param("t", "topics.0: must be a table", id="topic as text"),
        pytest.param({"id": "t", "rules": [{"id": "r"}]}, "topics.0.rules.0.any: is missing", id="rule without words"),
        pytest.param(
            {"id": "t", "rules": [{"any": {"en": ["x"]}}]}, "topics.0.rules.0.id: is missing", id="rule without id"
        ),
        pytest.param(
            {"id": "t", "rules": [GOOD_RULE, GOOD_RULE]}, "topics.0.rules: the id 'r' is used twice", id="rule twice"
        ),
        pytest.param(
            {"id": "t", "rules": [{"id": "r", "any": {}}]}, "any: a rule without words can never fire", id="no words"
        ),
        pytest.param(
            {"id": "t", "rules": [{"id": "r", "any": {"en": []}}]}, "can never fire", id="no words in English"
        ),
        pytest.param(
            {"id": "t", "rules": [{"id": "r", "any": ["x"]}]}, "must give words by language", id="no languages"
        ),
        pytest.param(
            {"id": "t", "rules": [{"id": "r", "any": {"en": "x"}}]}, "any.en: must be a list", id="one word as text"
        ),
        pytest.param(
            {"id": "t", "rules": [{"id": "r", "any": {"en": ["x", " "]}}]}, "any.en: must be a list", id="blank"
        ),
        pytest.param(
            {"id": "t", "rules": [{"id": "r", "any": {"en": ["x", "…"]}}]}, "'…' has no word", id="no letters"
        ),
        pytest.param(
            {"id": "t", "rules": [{"id": "r", "any": {"en": [1944]}}]}, "any.en: must be a list", id="bare number"
        ),
        pytest.param(
            {"id": "t", "rules": [{"id": "r", "any": {False: ["x"]}}]}, "False is no language code", id="YAML's no"
        ),
        pytest.param(
            {"id": "t", "rules": [{"id": "r", "any": {"EN": ["x"]}}]}, "'EN' is no language code", id="capitals"
        ),
        pytest.param(
            {"id": "t", "rules": [{**GOOD_RULE, "weight": -1}]}, "rules.0.weight: must be", id="negative weight"
        ),
        pytest.param(
            {"id": "t", "rules": [{**GOOD_RULE, "within": "2"}]}, "rules.0.within: must be", id="within as text"
        ),
        pytest.param(
            {"id": "t", "rules": [{**GOOD_RULE, "near": {"fr": ["x"]}}]}, "rules.0.near: shares no language", id="near"
        ),
        pytest.param(
            {"id": "t", "rules": [{**GOOD_RULE, "context": {"fr": ["x"]}}]},
            "rules.0.context: shares no language",
            id="context",
        ),
        pytest.param(
            {"id": "t", "rules": [{**GOOD_RULE, "nearby": {}}]}, "rules.0.nearby: unknown key", id="misspelt near"
        ),
    ],
)
def test_what_cannot_work_is_refused(topic: Any, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        taxonomy({"version": "1", "topics": [topic]}, "topics.yaml")
    assert str(caught.value).startswith("topics.yaml: ")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "data", [None, [], "x", {}, {"version": "1"}, {"version": 1, "topics": []}, {"version": "1", "topics": {}}]
)
def test_what_is_no_taxonomy(data: Any) -> None:
    with pytest.raises(ConfigError, match=r"topics\.yaml: a taxonomy has a `version`"):
        taxonomy(data, "topics.yaml")


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        taxonomy({"version": "1", "topics": [{"id": "t", "rules": []}, {"id": "t", "x": 1, "rules": [GOOD_RULE]}]}, "f")
    lines = str(caught.value).splitlines()
    assert lines[0] == "f: 3 problem(s)"
    assert len(lines) == 4
    assert "topics: the id 't' is used twice" in lines[-1]


class TestShipped:
    TAXA = taxonomy(yaml.safe_load(SHIPPED.read_text("utf-8")), "taxonomy.yaml")

    @pytest.mark.parametrize(
        ("title", "language", "topics"),
        [
            pytest.param(
                "Syria: airstrike on Aleppo market kills nineteen civilians",
                "en",
                {"syria", "airstrikes", "civilian-casualties"},
                id="English",
            ),
            pytest.param(
                "В Алеппо при авиаударе погибли мирные жители",
                "ru",
                {"syria", "airstrikes", "civilian-casualties"},
                id="Russian",
            ),
            pytest.param(
                "مقتل مدنيين في غارات جوية على إدلب", "ar", {"syria", "airstrikes", "civilian-casualties"}, id="Arabic"
            ),
            pytest.param("My Syrian hamster ran away", "en", set(), id="hamster"),
            pytest.param("Parliament debates the budget", "en", set(), id="ordinary"),
        ],
    )
    def test_headlines(self, title: str, language: str, topics: set[str]) -> None:
        tagged = self.TAXA.tag(make_article(title=title, body="", language=language))
        assert {tag.id for tag in tagged.topics} == topics
        assert_evidence_points_at_its_words(tagged)

    @settings(max_examples=60, deadline=None)
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
                    "hamster",
                    "غارة",
                    "авиаудар",
                    "barrel",
                    "bombs",
                    "jets",
                    "bombed",
                ]
            ),
            max_size=60,
        ).map(" ".join),
        st.sampled_from(["en", "ru", "ar", "und", "zh"]),
    )
    def test_evidence_always_points_at_its_words(self, text: str, language: str) -> None:
        article = make_article(title=text[:40], body=text, keywords=("Syria", "air raid"), language=language)
        assert_evidence_points_at_its_words(self.TAXA.tag(article))
