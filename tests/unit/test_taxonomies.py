"""A taxonomy that cannot work is refused with every reason, by file and line."""

import json
from typing import Any

import pytest

from connectors.opening import load_taxonomy
from tests.factories import make_article
from transforms.errors import ConfigError
from transforms.taxonomies import read_taxonomy
from transforms.taxonomy_files import Source, schema

HEAD = 'version: "1"\n'
X = "{id: r, any: {en: [x]}}"


def refused(text: str) -> list[str]:
    """The lines of what is said against a taxonomy, without the first."""
    with pytest.raises(ConfigError) as caught:
        read_taxonomy([Source("t.yaml", text)])
    first, *lines = str(caught.value).splitlines()
    assert first == f"t.yaml: {len(lines)} problem(s)"
    return [line.strip() for line in lines]


def topic(rule: str) -> str:
    return f"{HEAD}topics:\n  - id: t\n    rules:\n      - {rule}\n"


def near(condition: str) -> str:
    return topic(f"{{id: r, any: {{en: [x]}}, near: [{condition}]}}")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("a: [", "t.yaml:2: did not find", id="not YAML"),
        pytest.param("", "t.yaml:1: the file: ", id="nothing"),
        pytest.param("[]", "t.yaml:1: the file: ", id="a list"),
        pytest.param("topics: []", "t.yaml:1: the file: a taxonomy has a `version`", id="no version"),
        pytest.param(f"{HEAD}topics: {{}}", "t.yaml:2: topics: ", id="topics as a table"),
        pytest.param(f"{HEAD}topics:\n  - id: t", "t.yaml:3: topics.0: `rules`", id="no rules"),
        pytest.param(f"{HEAD}topics:\n  - id: t\n    rules: []", "t.yaml:4: topics.0.rules: ", id="empty rules"),
        pytest.param(
            f"{HEAD}topics:\n  - id: Big T\n    rules: []", "t.yaml:3: topics.0.id: ", id="an id with a blank"
        ),
        pytest.param(
            topic("{id: r, any: {en: [x]}, wieght: 1}"), ":5: topics.0.rules.0.wieght: unknown key", id="typo"
        ),
        pytest.param(topic("{id: r}"), "t.yaml:5: topics.0.rules.0: `any` is missing", id="rule without words"),
        pytest.param(topic("{id: r, any: {}}"), "t.yaml:5: topics.0.rules.0.any: a rule without words", id="no words"),
        pytest.param(topic("{id: r, any: {en: []}}"), "a rule without words can never fire", id="no words in English"),
        pytest.param(topic("{id: r, any: [x]}"), "t.yaml:5: topics.0.rules.0.any: ", id="no languages"),
        pytest.param(topic("{id: r, any: {en: x}}"), "t.yaml:5: topics.0.rules.0.any.en: ", id="one word, not a list"),
        pytest.param(topic("{id: r, any: {EN: [x]}}"), "t.yaml:5: topics.0.rules.0.any.EN: ", id="capitals"),
        pytest.param(topic("{id: r, any: {en: [x, …]}}"), "any.en.1: '…': there is no word in it", id="no letters"),
        pytest.param(topic("{id: r, any: {en: [b*]}}"), "any.en.0: 'b*': at least 3 letters", id="short beginning"),
        pytest.param(topic("{id: r, any: {en: [x]}, weight: -1}"), "t.yaml:5: topics.0.rules.0.weight: ", id="weight"),
        pytest.param(near("{within: 0, en: [y]}"), "near.0.within: ", id="within 0"),
        pytest.param(near("{within: far, en: [y]}"), "near.0.within: ", id="within far"),
        pytest.param(near("{fr: [y]}"), "shares no language with `any`", id="no language"),
        pytest.param(near("{}"), "either words or a `topic`", id="near nothing"),
        pytest.param(
            near("{topic: t2, en: [y]}"),
            "either words or a `topic`",
            id="near both",
        ),
        pytest.param(near("{topic: no}"), "no topic 'no'", id="unknown topic"),
        pytest.param(topic("{id: r, any: {lists: [no]}}"), "any.lists: there is no list 'no'", id="unknown list"),
        pytest.param(
            topic("{id: r, any: {en: [x], except: {en: [x]}}}"), "x (en): is its own exception", id="excepts itself"
        ),
        pytest.param(
            f"{HEAD}lists:\n  a: [{{lists: [b]}}]\n  b: [{{lists: [a]}}]\n"
            + topic("{id: r, any: {lists: [a]}}")[len(HEAD) :],
            "is part of itself",
            id="lists in a circle",
        ),
        pytest.param(
            f"{HEAD}topics:\n  - {{id: a, rules: [{{id: r, any: {{en: [x]}}, near: [{{topic: b}}]}}]}}\n"
            "  - {id: b, rules: [{id: r, any: {en: [x]}, near: [{topic: a}]}]}",
            "topics that wait for each other: ",
            id="topics in a circle",
        ),
        pytest.param(
            f"{HEAD}topics:\n  - {{id: a, threshold: 900, rules: [{{id: r, any: {{en: [x]}}}}]}}",
            "t.yaml:3: topics.0.threshold: no article can reach it",
            id="too high a threshold",
        ),
        pytest.param(
            f"{HEAD}topics:\n  - {{id: a, rules: [{X}]}}\n  - {{id: a, rules: [{X}]}}",
            "t.yaml:4: topics.1.id: 'a' is there twice",
            id="a topic twice",
        ),
        pytest.param(
            topic(X) + f"      - {X}",
            "t.yaml:6: topics.0.rules.1.id: 'r' is there twice",
            id="a rule twice",
        ),
        pytest.param(f"{HEAD}lists:\n  a: []\n  a: []", "t.yaml:4: 'a' is there twice", id="a key twice"),
    ],
)
def test_what_cannot_work_is_refused(text: str, problem: str) -> None:
    assert any(problem in line for line in refused(text)), refused(text)


def test_all_problems_are_named_at_once_each_on_its_line() -> None:
    lines = refused(topic("{id: r, any: {en: [x, …], lists: [no]}}") + "      - {id: r, any: {en: [b*]}}\n")
    assert sorted(line.split(": ")[0] for line in lines) == ["t.yaml:5", "t.yaml:5", "t.yaml:6", "t.yaml:6"]


def test_words_that_other_yaml_takes_for_something_else() -> None:
    """`no` is a language and a word, 1944 a year, false a word that denies."""
    taxa = read_taxonomy([Source("t.yaml", topic("{id: r, any: {no: [nei], en: [1944, false, no, null]}}"))])
    for word, language in [("nei", "no"), ("1944", "en"), ("False", "en"), ("no", "en"), ("null", "en")]:
        assert taxa.tag(make_article(title=word, body="", language=language)).topics


def test_a_list_goes_on_in_another_file() -> None:
    files = [
        Source("a.yaml", HEAD + "lists: {w: [{en: [strike]}]}\ntopics: [{id: t, rules: [{id: r, any: {lists: [w]}}]}]"),
        Source("b.yaml", "lists: {w: [{fr: [frappe]}]}"),
    ]
    taxa = read_taxonomy(files)
    assert taxa.tag(make_article(title="une frappe", body="", language="fr")).topics


class TestExtending:
    SHIPPED = (
        Source("s.yaml", HEAD + "lists: {w: [{en: [strike]}]}\ntopics: [{id: t, rules: [{id: r, any: {lists: [w]}}]}]"),
    )

    def own(self, text: str) -> list[str]:
        taxa = read_taxonomy([Source("own.yaml", "extends: newswire\n" + text)], self.SHIPPED)
        return [tag.id for tag in taxa.tag(make_article(title="strike bang", body="")).topics]

    def test_ones_own_topic_stands_beside_the_shipped_ones(self) -> None:
        assert self.own("topics: [{id: own, rules: [{id: r, any: {en: [bang]}}]}]") == ["own", "t"]

    def test_ones_own_topic_of_the_same_id_counts(self) -> None:
        assert self.own("topics: [{id: t, rules: [{id: r, any: {en: [boom]}}]}]") == []

    def test_ones_own_words_join_a_shipped_list(self) -> None:
        taxa = read_taxonomy([Source("o.yaml", "extends: newswire\nlists: {w: [{en: [bang]}]}")], self.SHIPPED)
        assert taxa.tag(make_article(title="bang", body="")).topics

    def test_without_extends_the_shipped_ones_are_not_there(self) -> None:
        taxa = read_taxonomy([Source("o.yaml", topic("{id: r, any: {en: [bang]}}"))], self.SHIPPED)
        assert [one.id for one in taxa.topics] == ["t"]
        assert not taxa.tag(make_article(title="strike", body="")).topics


def test_the_version_says_what_the_taxonomy_says() -> None:
    def version(text: str) -> str:
        return read_taxonomy([Source("t.yaml", text)]).version

    assert version(topic(X)).startswith("1+")
    assert version(topic(X)) == version(topic(X) + "# a remark\n") != version(topic("{id: r, any: {en: [y]}}"))


def test_the_schema_knows_every_key() -> None:
    said: dict[str, Any] = schema()
    assert set(said["properties"]) == {"version", "extends", "lists", "stances", "topics"}
    assert json.dumps(said)


def test_the_shipped_taxonomy_is_in_order() -> None:
    taxa = load_taxonomy()
    assert {"syria", "airstrikes", "civilian-casualties"} <= {one.id for one in taxa.topics}
    spoken = {language for one in taxa.lists for language in one.languages()}
    assert spoken >= {"en", "ar", "ru", "fr", "de", "es", "pt", "tr"}
    assert all(one.labels.keys() >= {"en", "ar", "ru", "fr", "de", "es", "pt", "tr"} for one in taxa.topics)
