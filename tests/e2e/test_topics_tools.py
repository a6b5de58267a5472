"""The analyst's tools on a taxonomy of their own: `newswire topics …`, and evidence as `tag`, `search` and `trace` show
it."""

import itertools
import json
import os
import random
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.opening import SqliteSpec, load_taxonomy, open_store
from connectors.ports import Search
from tests.e2e import cli
from tests.e2e.cli import NEWSWIRE, Shown, environment, newswire
from tests.factories import NOON, make_article
from transforms.records import Article, Urls
from transforms.tags import Casualty, Evidence
from transforms.urls import doc_id

TAXONOMY = """\
version: "7"
lists:
  war: [{en: [war, Assad, warplane, jet]}]
stances:
  denied: [{en: [denied, rejected], within: sentence}]
  reported: [{en: [officials said], within: sentence}]
topics:
  - id: syria
    labels: {en: Syria, fr: Syrie}
    rules:
      - {id: names, weight: 2, any: {en: [Syria, Syrian, Idlib], fr: [Syrie]}, not_near: [{en: [hamster]}]}
  - id: airstrikes
    labels: {en: Airstrikes}
    medtop: medtop:20000056
    stances: true
    rules:
      - {id: words, weight: 2, any: {en: [air strike, airstrike]}}
      - {id: bombed, any: {en: [bombed]}, near: [{lists: [war], within: sentence}], not_near: [{en: [box office]}]}
"""
#: As TAXONOMY, but nothing is about Syria that says it in the body only, and sieges are a topic.
NARROWER = (
    TAXONOMY.replace("labels: {en: Syria,", "threshold: 5\n    labels: {en: Syria,").replace(
        'version: "7"', 'version: "8"'
    )
    + "  - {id: sieges, rules: [{id: words, weight: 2, any: {en: [besieged]}}]}\n"
)
STORIES = {
    "strike": ("Airstrikes hit Idlib", "Officials said jets bombed the market. 12 civilians were killed there."),
    "denial": ("Ministry speaks", "It denied that its jets bombed a school in Syria."),
    "film": ("Syrian comedy bombed", "It bombed at the box office, the jet set said."),
    "siege": ("A besieged town", "Bread is dear."),
    "hamster": ("Syrian hamster wins", "A pet show."),
}
OUTLET_DAY = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)


def story(name: str, **overrides: Any) -> Article:
    """A story three days old; a figure where it has one, read by hand."""
    title, body = STORIES[name]
    url = f"https://wire.example/{name}"
    casualties: tuple[Casualty, ...] = ()
    if "12 civilians were killed" in body:
        at = body.index("12 civilians")
        proof = Evidence(rule="by-hand", text=body[at : at + 24], field="body", start=at, end=at + 24)
        casualties = (
            Casualty(kind="killed", min=12, max=12, who="civilians", attribution="the Observatory", evidence=proof),
        )
    fields = {
        "id": doc_id(url),
        "url": url,
        "urls": Urls(announced=url, final=url, canonical=url),
        "title": title,
        "body": body,
        "published_at": OUTLET_DAY,
        "casualties": casualties,
    }
    return make_article(**{**fields, **overrides})


Typed = Callable[..., Shown]


@pytest.fixture
def typed(tmp_path: Path) -> Typed:
    """Runs a command as if it was typed in `tmp_path`."""
    return partial(cli.typed, cwd=tmp_path)


def as_json(typed: Typed, *arguments: str, **more: Any) -> Any:
    return json.loads(typed(*arguments, "--json", **more).stdout)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with a taxonomy, settings that name it, and a changed taxonomy."""
    (tmp_path / "own.yaml").write_text(TAXONOMY)
    (tmp_path / "narrower.yaml").write_text(NARROWER)
    (tmp_path / "newswire.toml").write_text('[topics]\ntaxonomy = "own.yaml"\n')
    return tmp_path


@pytest.fixture
def archive(desk: Path) -> Path:
    """The same with an archive, tagged by the first taxonomy."""
    taxonomy = load_taxonomy(str(desk / "own.yaml"))
    with open_store(SqliteSpec(str(desk / "newswire.db"))) as store:
        for name in STORIES:
            article = taxonomy.tag(story(name))
            store.articles.put([story(name, topics=article.topics, topics_version=taxonomy.version)], now=NOON)
    return desk


def cases(folder: Path, *lines: dict[str, Any], name: str = "cases.jsonl") -> str:
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (folder / name).write_text(text + "\n", "utf-8")
    return name


def case(name: str, *expected: Any, **more: Any) -> dict[str, Any]:
    title, body = STORIES[name]
    return {"key": name, "title": title, "body": body, "language": "en", "expected": list(expected), **more}


# ---- list, schema


def test_list_without_a_store(desk: Path, typed: Typed) -> None:
    listed = as_json(typed, "topics", "list", "--language", "fr")
    assert listed["version"].startswith("7+")
    assert listed["topics"] == [
        {"id": "syria", "label": "Syrie", "medtop": "", "rules": 1, "languages": ["en", "fr"], "articles": None},
        {
            "id": "airstrikes",
            "label": "Airstrikes",
            "medtop": "medtop:20000056",
            "rules": 2,
            "languages": ["en"],
            "articles": None,
        },
    ]
    assert not (desk / "newswire.db").exists()


def test_list_counts_the_articles_of_the_archive(archive: Path, typed: Typed) -> None:
    listed = as_json(typed, "topics", "list")["topics"]
    assert {one["id"]: one["articles"] for one in listed} == {"syria": 3, "airstrikes": 2}
    assert {one["label"] for one in listed} == {"Syria", "Airstrikes"}
    shown = typed("topics", "list").stdout
    assert "medtop:20000056" in shown
    assert "2 topics, taxonomy 7+" in shown


def test_the_schema_has_what_editors_complete_and_check(tmp_path: Path, typed: Typed) -> None:
    schema = json.loads(typed("topics", "schema").stdout)
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {"version", "extends", "lists", "stances", "topics"}
    rule = schema["$defs"]["RuleEntry"]
    assert set(rule["required"]) == {"id", "any"}
    assert rule["properties"]["not_near"]["description"]


# ---- test


def test_cases_that_come_out_as_expected(desk: Path, typed: Typed) -> None:
    file = cases(
        desk,
        case("strike", "syria", "airstrikes:reported"),
        case("denial", "syria", {"id": "airstrikes", "stance": "denied"}),
        case("hamster"),
    )
    shown = typed("topics", "test", file).stdout
    assert "3 cases, 0 differ" in shown
    assert "Airstrikes hit Idlib" not in shown


def test_what_differs_is_shown_with_the_reason(desk: Path, typed: Typed) -> None:
    file = cases(
        desk,
        case("strike", "airstrikes:denied", why="a claim"),
        case("film", "airstrikes"),
        case("hamster", "syria"),
        case("siege", "syria"),
    )
    shown = typed("topics", "test", file, exit_code=1).stdout
    for line in (
        "strike  Airstrikes hit Idlib  [en]",
        "  a claim",
        "  extra: syria, score 6 of 2",
        "      + title (names): Airstrikes hit **Idlib**",
        "  stance of airstrikes: reported, expected denied",
        "      + title (words): **Airstrikes** hit Idlib",
        "  missing: airstrikes, score 0 of 2",
        "      - body (bombed): It bombed at the **box office**, the jet set said.",
        "  missing: syria, score 0 of 2",
        "      - title (names): Syrian **hamster** wins",
        "  missing: syria, no rule finds a word of its own",
    ):
        assert f"{line}\n" in shown, line
    assert "4 cases, 4 differ" in shown
    (row,) = (line.split() for line in shown.splitlines() if line.startswith("airstrikes "))
    assert row == ["airstrikes", "2", "1", "1", "0", "1.000", "0.500", "0.000"]


def test_what_differs_for_a_program(desk: Path, typed: Typed) -> None:
    file = cases(desk, case("strike", "airstrikes:denied"), case("hamster", "syria"), case("denial", "syria"))
    said = as_json(typed, "topics", "test", file, "--topic", "airstrikes", exit_code=1)
    assert [one["key"] for one in said["differing"]] == ["strike", "denial"]
    strike, denial = said["differing"]
    assert (strike["stances"][0]["expected"], strike["stances"][0]["judged"]["stance"]) == ("denied", "reported")
    assert [tag["id"] for tag in denial["extra"]] == ["airstrikes"]
    assert said["topics"] == [
        {
            "id": "airstrikes",
            "expected": 1,
            "found": 1,
            "missed": 0,
            "extra": 1,
            "precision": 0.5,
            "recall": 1.0,
            "stance_accuracy": 0.0,
        }
    ]


def test_a_taxonomy_and_cases_in_yaml_can_be_named(desk: Path, typed: Typed) -> None:
    (desk / "cases.yaml").write_text("- {key: 1, title: The besieged, expected: [sieges]}\n")
    typed("topics", "test", "cases.yaml", "--taxonomy", "narrower.yaml")
    done = typed("topics", "test", "cases.yaml", exit_code=2)
    assert "cases.yaml:1: expected: there is no topic 'sieges'" in done.stderr


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        pytest.param("c.jsonl", b'{"key": 1\n', "c.jsonl:1: is not JSON: Expecting ',' delimiter", id="JSON"),
        pytest.param(
            "c.jsonl",
            b'\n{"key": 1, "title": "x", "expected": ["airstrikes:maybe"]}\n',
            "c.jsonl:2: expected.0.stance: Input should be 'stated', 'reported', 'alleged' or 'denied', got 'maybe'",
            id="stance",
        ),
        pytest.param(
            "c.jsonl",
            b'{"key": 1, "title": "x", "expected": ["syra"]}\n',
            "c.jsonl:1: expected: there is no topic 'syra'",
            id="topic",
        ),
        pytest.param("c.jsonl", b'{"key": 1, "title": "x"}', "c.jsonl:1: expected: is missing", id="nothing expected"),
        pytest.param(
            "c.jsonl",
            b'{"key": 1, "title": "x", "expected": [], "casulties": []}',
            "c.jsonl:1: casulties: unknown key",
            id="misspelt",
        ),
        pytest.param(
            "c.jsonl", b'{"key": 1, "expected": []}', "c.jsonl:1: a case needs a `title` or a `body`", id="no words"
        ),
        pytest.param(
            "c.jsonl",
            b'{"key": 1, "title": "x", "expected": []}\n' * 2,
            "c.jsonl:2: key: '1' is there twice",
            id="twice",
        ),
        pytest.param(
            "c.jsonl",
            b'{"key": 1, "title": "x", "expected": []}\n{"key": 2, "title": "caf\xe9", "expected": []}\n',
            "c.jsonl:2: is not UTF-8: b'\\xe9' at byte 25",
            id="Latin-1",
        ),
        pytest.param("c.jsonl", b"[]\n", "c.jsonl:1: must be an object, got []", id="no object"),
        pytest.param("c.jsonl", b"\n", "there is no case in it", id="empty"),
        pytest.param("c.jsonl", b"[" * 100_000, "c.jsonl:1: is not JSON", id="deep"),
        pytest.param("c.yaml", b"- key: 1\n  title: [x\n", "c.yaml:3: is not YAML", id="YAML"),
        pytest.param("c.yaml", b"# cases\nkey: 1\n", "c.yaml:2: must be a list of cases", id="no list"),
        pytest.param(
            "c.yaml",
            b"- {key: 1, title: x, expected: []}\n\n- key: 2\n  titel: x\n  expected: []\n",
            "c.yaml:3: titel: unknown key",
            id="YAML misspelt",
        ),
    ],
)
def test_a_broken_case_file_is_refused_with_the_place(
    desk: Path, typed: Typed, name: str, text: bytes, said: str
) -> None:
    (desk / name).write_bytes(text)
    done = typed("topics", "test", name, exit_code=2)
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_of_very_many_problems_the_first_are_named(desk: Path, typed: Typed) -> None:
    (desk / "noise.jsonl").write_bytes(b"noise\n" * 5000)
    done = typed("topics", "test", "noise.jsonl", exit_code=2)
    assert "5000 problem(s)" in done.stderr
    assert len(done.stderr.splitlines()) < 30


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["test", "missing.jsonl"], "missing.jsonl: No such file"),
        (["test", "c.jsonl", "--topic", "syra"], "there is no topic syra; there are airstrikes, syria"),
        (["test", "c.jsonl", "--taxonomy", "missing.yaml"], "missing.yaml"),
        (["backtest", "--topic", "syra"], "there is no topic syra"),
        (["backtest", "--since", "soon"], "--since"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(desk: Path, typed: Typed, arguments: list[str], said: str) -> None:
    cases(desk, case("hamster"), name="c.jsonl")
    done = typed("topics", *arguments, exit_code=2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


# ---- backtest


def test_backtest_shows_what_would_change_and_changes_nothing(archive: Path, typed: Typed) -> None:
    before = (archive / "newswire.db").read_bytes()
    shown = typed("topics", "backtest", "--taxonomy", "narrower.yaml").stdout
    for line in (
        "syria would be removed in 1, such as",
        "  Ministry speaks",
        f"    Wire · {OUTLET_DAY:%Y-%m-%d %H:%M} UTC",
        "    + body (names): It denied that its jets bombed a school in **Syria**.",
        f"    https://wire.example/denial  {story('denial').id}",
        "sieges would be added in 1, such as",
        "    + title (words): A **besieged** town",
    ):
        assert f"{line}\n" in shown, line
    rows = {line.split()[0]: line.split()[1:] for line in shown.splitlines() if line.startswith(("syria ", "sieges "))}
    assert rows == {"syria": ["3", "2", "0", "1", "0"], "sieges": ["0", "1", "1", "0", "0"]}
    assert "5 articles, taxonomy 8+" in shown
    assert (archive / "newswire.db").read_bytes() == before


def test_backtest_for_a_program(archive: Path, typed: Typed) -> None:
    (archive / "other.yaml").write_text(TAXONOMY.replace("hamster", "comedy").replace("denied, rejected", "rejected"))
    said = as_json(typed, "topics", "backtest", "--taxonomy", "other.yaml")
    assert sum(said["stored_versions"].values()) == said["articles"] == 5
    syria, airstrikes = said["topics"]
    assert (syria["now"], syria["then"], syria["added"], syria["removed"]) == (3, 3, 1, 1)
    (added,), (removed,) = syria["samples"]["added"], syria["samples"]["removed"]
    assert (added["title"], removed["title"]) == ("Syrian hamster wins", "Syrian comedy bombed")
    assert removed["evidence"][0]["text"] == "Syrian comedy bombed"
    assert removed["evidence"][0]["spans"] == [[0, 6]]
    assert removed["against"][0]["spans"] == [[7, 13]]
    (changed,) = airstrikes["samples"]["stance"]
    assert (airstrikes["stance_changed"], changed["stance_before"], changed["stance_after"]) == (1, "denied", "stated")


def test_backtest_of_some_days_and_some_topics(archive: Path, typed: Typed) -> None:
    def counted(*arguments: str) -> tuple[int, list[str]]:
        said = as_json(typed, "topics", "backtest", *arguments)
        return said["articles"], [one["id"] for one in said["topics"]]

    assert counted("--since", "1d") == (0, ["syria", "airstrikes"])
    assert counted("--until", "1d", "--topic", "syria") == (5, ["syria"])
    assert counted("--until", "4d") == (0, ["syria", "airstrikes"])


def test_the_same_taxonomy_changes_nothing(archive: Path, typed: Typed) -> None:
    said = as_json(typed, "topics", "backtest")
    assert {(one["added"], one["removed"], one["stance_changed"]) for one in said["topics"]} == {(0, 0, 0)}


# ---- retag


def test_retag_applies_the_settings_taxonomy_without_a_revision(archive: Path, typed: Typed) -> None:
    (archive / "newswire.toml").write_text('[topics]\ntaxonomy = "narrower.yaml"\n')
    said = as_json(typed, "topics", "retag")
    assert (said["tagged"], said["added"], said["removed"]) == (5, {"sieges": 1}, {"syria": 1})
    assert as_json(typed, "topics", "backtest")["stored_versions"] == {said["version"]: 5}
    with open_store(SqliteSpec(str(archive / "newswire.db"))) as store:
        stored = store.articles.get([story("siege").id])[story("siege").id]
        assert (stored.revision, stored.indexed_at, stored.topics_version) == (1, NOON, said["version"])
        assert store.articles.revisions(stored.id) == [stored]
    assert as_json(typed, "search", "--topic", "sieges")["total"] == 1
    assert "nothing to do" in typed("topics", "retag").stdout


def test_retag_says_what_it_did(archive: Path, typed: Typed) -> None:
    (archive / "newswire.toml").write_text('[topics]\ntaxonomy = "narrower.yaml"\n')
    shown = typed("topics", "retag").stdout
    rows = {line.split()[0]: line.split()[1:] for line in shown.splitlines() if line.startswith(("syria ", "sieges "))}
    assert rows == {"syria": ["0", "1", "0"], "sieges": ["1", "0", "0"]}
    assert "5 articles tagged anew" in shown


def test_retag_beside_a_run_does_not_wait_for_it(archive: Path, typed: Typed) -> None:
    from connectors.locking import only_run

    (archive / "newswire.toml").write_text('[topics]\ntaxonomy = "narrower.yaml"\n')
    with only_run(archive / "newswire.db"):
        assert as_json(typed, "topics", "retag")["tagged"] == 5


#: What is told, now and then, among words that tell nothing.
TOLD = ("airstrike", "Syria", "jets bombed", "officials said", "hamster", "besieged", "denied")
REST = ("market", "convoy", "river", "school", "bread", "winter", "slowly", "road", "between", "morning")
MANY, FEW = 4000, 400
KILLS = 6


def fill(folder: Path, count: int) -> None:
    """Many articles of many words, tagged by nobody."""
    dice = random.Random(count)
    with open_store(SqliteSpec(str(folder / "newswire.db"))) as store:
        for start in range(0, count, 500):
            articles = []
            for number in range(start, min(start + 500, count)):
                said = dice.choices(TOLD + REST * 10, k=240)
                body = "\n".join(" ".join(said[i : i + 12]).capitalize() + "." for i in range(0, len(said), 12))
                url = f"https://wire.example/{number}"
                urls = Urls(announced=url, final=url, canonical=url)
                title = " ".join(dice.choices(TOLD + REST, k=6))
                articles.append(make_article(id=doc_id(url), url=url, urls=urls, title=title, body=body))
            store.articles.put(articles, now=NOON)


def retagging(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*NEWSWIRE, "topics", "retag"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment()
    )


@pytest.mark.slow
def test_retag_killed_again_and_again_comes_to_its_end(desk: Path, typed: Typed) -> None:
    fill(desk, MANY)
    taxonomy = load_taxonomy(str(desk / "own.yaml"))

    def left() -> int:
        with open_store(SqliteSpec(str(desk / "newswire.db"))) as store:
            return len(store.articles.outdated(taxonomy.version, limit=10_000))

    counts = [left()]
    for _ in range(KILLS):
        process = retagging(desk)
        while left() == counts[-1]:
            assert process.poll() is None, process.communicate()
        time.sleep(random.uniform(0, 0.1))
        assert process.poll() is None, "it was over before it was killed"
        process.kill()
        process.communicate()
        counts.append(left())
    assert counts[0] == MANY
    assert counts[-1] > 0
    assert all(later < earlier for earlier, later in itertools.pairwise(counts))
    newswire("topics", "retag", cwd=desk)
    with open_store(SqliteSpec(str(desk / "newswire.db"))) as store:
        seen = 0
        for article in store.articles.each(Search()):
            again = taxonomy.tag(article)
            assert (
                article.topics,
                article.casualties,
                article.topics_version,
                article.revision,
                article.indexed_at,
            ) == (
                again.topics,
                again.casualties,
                taxonomy.version,
                1,
                NOON,
            )
            seen += 1
    assert seen == MANY


def peak(folder: Path) -> int:
    """Kilobytes that a whole retag takes at most."""
    process = retagging(folder)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.stderr is not None
    assert process.returncode == 0, process.stderr.read()
    process.stderr.close()
    return usage.ru_maxrss


@pytest.mark.slow
def test_retag_takes_as_much_memory_for_many_as_for_a_few(desk: Path) -> None:
    many = desk / "many"
    many.mkdir()
    for file in ("own.yaml", "newswire.toml"):
        (many / file).write_text((desk / file).read_text())
    fill(desk, FEW)
    fill(many, MANY)
    few_kb, many_kb = peak(desk), peak(many)
    assert many_kb < few_kb + 10_000


# ---- tag, search, trace


def tagged(typed: Typed, article: dict[str, Any], *options: str) -> str:
    return typed("tag", "-", *options, stdin=json.dumps(article)).stdout


def test_tag_gives_topics_and_figures(desk: Path, typed: Typed) -> None:
    said = json.loads(tagged(typed, {"title": "Airstrikes hit Idlib", "body": "", "language": "en"}))
    assert [topic["id"] for topic in said["topics"]] == ["airstrikes", "syria"]
    assert said["topics"][0]["evidence"] == [
        {
            "rule": "words",
            "text": "Airstrikes",
            "field": "title",
            "start": 0,
            "end": 10,
            "sentence": "Airstrikes hit Idlib",
        }
    ]
    assert said["casualties"] == []


def test_tag_lines_give_figures_beside_topics(desk: Path, typed: Typed) -> None:
    lines = [{"key": "a", "title": "Airstrikes hit Idlib", "language": "en"}, {"key": "b"}]
    done = typed("tag", "--jsonl", stdin="\n".join(map(json.dumps, lines)), exit_code=3)
    good, bad = map(json.loads, done.stdout.splitlines())
    assert list(good) == ["key", "topics", "casualties"]
    assert list(bad) == ["key", "error"]


@pytest.mark.parametrize("key", ["half of a pair: \ud800", "[" * 3, 7, None])
def test_tag_lines_carry_any_key_over(desk: Path, typed: Typed, key: Any) -> None:
    line = json.dumps({"key": key, "title": "Syria \ud800", "language": "en"})
    done = typed("tag", "--jsonl", stdin=f"{line}\n{'[' * 100_000}\n", exit_code=3)
    good, bad = map(json.loads, done.stdout.splitlines())
    assert (good["key"], [topic["id"] for topic in good["topics"]]) == (key, ["syria"])
    assert "not JSON" in bad["error"]


def test_tag_as_text_marks_the_evidence_and_says_why(desk: Path, typed: Typed) -> None:
    title, body = STORIES["strike"]
    shown = tagged(typed, {"title": title, "body": body, "language": "en"}, "--text")
    for line in (
        "**Airstrikes** hit **Idlib**",
        "airstrikes:reported, score 8",
        "  + title (words): **Airstrikes** hit Idlib",
        "  + body (bombed): Officials said **jets bombed** the market.",
        "syria, score 6",
    ):
        assert f"{line}\n" in shown, line


def test_tag_as_text_says_why_not(desk: Path, typed: Typed) -> None:
    title, body = STORIES["hamster"]
    shown = tagged(typed, {"title": title, "body": body, "language": "en"}, "--text")
    assert "not syria, score 0 of 2\n  - title (names): Syrian **hamster** wins\n" in shown
    assert "no topic" in tagged(typed, {"title": "Quiet day", "language": "en"}, "--text")


def test_tag_as_text_is_for_one_article(desk: Path, typed: Typed) -> None:
    assert "--text" in typed("tag", "--text", "--jsonl", exit_code=2).stderr


@pytest.mark.parametrize(
    ("article", "language"),
    [
        (
            {"title": "La Syrie", "body": "La Syrie et ses voisins se sont réunis hier pour parler de la paix. " * 3},
            "fr",
        ),
        ({"title": "Syrie"}, "und"),
        ({"title": "Syria and its neighbours met to speak of the peace that they want.", "language": "fr"}, "fr"),
        ({"title": "Syria", "language": "en-GB"}, "en"),
    ],
)
def test_tag_reads_the_language_off_the_words_where_nobody_says(
    desk: Path, typed: Typed, article: dict[str, Any], language: str
) -> None:
    assert f"language {language}," in tagged(typed, article, "--text")


HOSTILE = "Syria \x1b[2J\x9b31m \u202eairstrike\u202c [bold]Idlib[/bold] \x07"


def test_what_is_shown_steers_no_terminal(desk: Path, typed: Typed) -> None:
    file = cases(desk, {"key": "\x1b[1m", "title": HOSTILE, "body": HOSTILE, "expected": [], "why": HOSTILE})
    for shown in (
        tagged(typed, {"title": HOSTILE, "keywords": [HOSTILE], "description": HOSTILE}, "--text"),
        typed("topics", "test", file, exit_code=1).stdout,
    ):
        assert "[bold]**Idlib**[/bold]" in shown
        assert not [letter for letter in "\x1b\x9b\u202e\u202c\x07" if letter in shown]


def test_search_shows_topics_with_stance_and_figures(archive: Path, typed: Typed) -> None:
    shown = typed("search", "jets").stdout
    assert "syria (Syria) · airstrikes:denied (jets bombed)" in shown
    assert "  12 killed (civilians), the Observatory\n" in shown


@pytest.mark.parametrize(
    ("mark", "titles"),
    [
        ("airstrikes", ["Airstrikes hit Idlib", "Ministry speaks"]),
        ("airstrikes:denied", ["Ministry speaks"]),
        ("airstrikes/words", ["Airstrikes hit Idlib"]),
        ("airstrikes:alleged", []),
    ],
)
def test_search_by_stance_and_by_rule(archive: Path, typed: Typed, mark: str, titles: list[str]) -> None:
    found = as_json(typed, "search", "--topic", mark)["hits"]
    assert sorted(hit["title"] for hit in found) == titles
    lines = typed("export", "--topic", mark).stdout.splitlines()
    assert sorted(json.loads(line)["title"] for line in lines) == titles


def test_the_help_says_what_a_topic_may_be(tmp_path: Path, typed: Typed) -> None:
    assert "ID:STANCE" in typed("search", "--help").stdout
