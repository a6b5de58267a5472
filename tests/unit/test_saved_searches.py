"""What Kibana exported as subscriptions: what it asks there is asked here, or it is refused with the reason."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.alerts.saved_searches import Saved, read_saved, told_apart
from tests.factories import NOON
from transforms.errors import ConfigError
from transforms.subscriptions import Subscription, problems

SHIPPED = Path(__file__).resolve().parents[2] / "deploy/kibana/newswire.ndjson"


def search(query: str, *filters: Any, language: str = "kuery", title: str = "Idlib", **more: Any) -> dict[str, Any]:
    source = {"query": {"query": query, "language": language}, "filter": list(filters), "index": "x"}
    meta = {"searchSourceJSON": json.dumps(source)}
    return {"type": "search", "id": "1-2", "attributes": {"title": title, "kibanaSavedObjectMeta": meta}} | more


def pill(kind: str, key: str, params: Any = None, **more: Any) -> dict[str, Any]:
    """A filter beside the bar."""
    return {"meta": {"type": kind, "key": key, "params": params, "disabled": False, **more}, "query": {}}


def phrase(key: str, value: Any, **more: Any) -> dict[str, Any]:
    return pill("phrase", key, {"query": value}, **more)


def read(folder: Path, *objects: Any) -> Saved:
    file = folder / "export.ndjson"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in objects), "utf-8")
    return read_saved(str(file), NOON)


def only(folder: Path, *objects: Any) -> Subscription:
    saved = read(folder, *objects)
    assert saved.refused == []
    ((one, _),) = saved.searches
    assert problems(one) == []
    return one


@pytest.mark.parametrize(
    ("typed", "language", "query"),
    [
        pytest.param('title: idlib and not "x y"', "kuery", 'title:idlib AND NOT "x y"', id="KQL"),
        pytest.param("syria idlib", "kuery", "syria OR idlib", id="KQL: any of them"),
        pytest.param("syria idlib", "lucene", "syria OR idlib", id="Lucene: any of them, as there"),
        pytest.param("+syria idlib -sport", "lucene", "syria AND NOT sport", id="Lucene: + and -"),
        pytest.param("syria idlib -sport", "lucene", "(syria OR idlib) AND NOT sport", id="Lucene: any, but not"),
        pytest.param('source.name:"The Meridian" AND displ*', "lucene", 'source:"The Meridian" AND displ*', id="names"),
        pytest.param("title:(a b)", "lucene", "title:(a OR b)", id="Lucene: group"),
    ],
)
def test_what_was_typed(typed: str, language: str, query: str, tmp_path: Path) -> None:
    assert only(tmp_path, search(typed, language=language)).query == query


@pytest.mark.parametrize(
    ("beside", "query"),
    [
        pytest.param(phrase("source.name", "The Meridian"), 'source:"The Meridian"', id="phrase"),
        pytest.param(phrase("title", 'a "b" \\ c'), 'title:"a \\"b\\" \\\\ c"', id="signs in it"),
        pytest.param(phrase("language", "ar", negate=True), "NOT language:ar", id="not"),
        pytest.param(pill("phrases", "language", ["ar", "he"]), "language:(ar OR he)", id="one of"),
        pytest.param(
            pill("phrases", "language", ["ar", "he"], negate=True), "NOT language:(ar OR he)", id="none of them"
        ),
        pytest.param(
            pill("range", "published_at", {"gte": "2026-01-01", "lt": "2026-02-01"}),
            "published:[2026-01-01T00:00:00 TO *} AND published:[* TO 2026-02-01T00:00:00}",
            id="range",
        ),
        pytest.param(
            pill("combined", "", [phrase("title", "a"), phrase("body", "b")], relation="OR"),
            "(title:a OR body:b)",
            id="either",
        ),
        pytest.param(
            pill("combined", "", [phrase("title", "a"), phrase("body", "b", negate=True)], relation="AND"),
            "title:a AND NOT body:b",
            id="both",
        ),
    ],
)
def test_filters_beside_it(beside: dict[str, Any], query: str, tmp_path: Path) -> None:
    assert only(tmp_path, search("idlib", beside)).query == f"idlib AND {query}"


def test_a_filter_that_is_switched_off_asks_nothing(tmp_path: Path) -> None:
    assert only(tmp_path, search("idlib", phrase("language", "ar", disabled=True))).query == "idlib"


def test_the_value_of_older_versions_is_in_the_query(tmp_path: Path) -> None:
    old = {"meta": {"type": "phrase", "key": "title"}, "query": {"match_phrase": {"title": {"query": "a b"}}}}
    bounds = {"meta": {"type": "range", "key": "published_at"}, "range": {"published_at": {"gte": "2026-01-01"}}}
    found = only(tmp_path, search("idlib", old, bounds)).query
    assert found == 'idlib AND title:"a b" AND published:[2026-01-01T00:00:00 TO *}'


def test_topics_become_filters_by_topic(tmp_path: Path) -> None:
    one = only(tmp_path, search("", phrase("topics.id", "syria"), phrase("marks", "airstrikes:denied")))
    assert (one.query, one.topics) == ("", ("syria", "airstrikes:denied"))
    one = only(tmp_path, search("idlib", phrase("topics.id", "syria", negate=True)))
    assert (one.query, one.topics) == ("idlib AND NOT topic:syria", ())


def test_saved_queries(tmp_path: Path) -> None:
    asked = {"query": "idlib", "language": "kuery"}
    filters = [phrase("language", "ar")]
    attributes = {"title": "Ar", "query": asked, "filters": filters, "timefilter": {"from": "now-7d", "to": "now"}}
    one = only(tmp_path, {"type": "query", "id": "q", "attributes": attributes})
    assert (one.id, one.name, one.query) == ("ar", "Ar", "idlib AND language:ar")


@pytest.mark.parametrize(
    ("saved", "reason"),
    [
        pytest.param(search(""), "it asks for everything", id="everything"),
        pytest.param(search("*", language="lucene"), "it asks for everything", id="a star"),
        pytest.param(search("killed > 5"), "cannot ask for the field 'killed'", id="no such field"),
        pytest.param(search("published_at > now-7d"), "is no date", id="a date that moves"),
        pytest.param(search("not idlib"), "only says what must not occur", id="not alone"),
        pytest.param(search("idlib~2", language="lucene"), "fuzzy", id="fuzzy"),
        pytest.param(search("/i.*b/", language="lucene"), "regex", id="regular expression"),
        pytest.param(search("title:(a", language="lucene"), "", id="half a query"),
        pytest.param(search("FROM x", language="esql"), "'esql'", id="another language"),
        pytest.param(search("idlib", pill("exists", "title")), "filters of type 'exists'", id="exists"),
        pytest.param(search("idlib", pill("custom", "query")), "filters of type 'custom'", id="of one's own"),
        pytest.param(search("idlib", phrase("image.url", "x")), "its filter on 'image.url'", id="field of a filter"),
        pytest.param(search("idlib", phrase("title", None)), "is no text", id="no value"),
        pytest.param(search("idlib", {"meta": 5}), "filters of type 'custom'", id="no filter"),
        pytest.param(search("idlib", pill("range", "published_at", {})), "filters of type 'range'", id="no bounds"),
        pytest.param({"type": "search", "id": "x", "attributes": 5}, "asks for everything|neither", id="no attributes"),
        pytest.param(
            {"type": "search", "attributes": {"kibanaSavedObjectMeta": {"searchSourceJSON": "{"}}}, "", id="half JSON"
        ),
    ],
)
def test_what_cannot_be_a_subscription_is_named_with_the_reason(saved: Any, reason: str, tmp_path: Path) -> None:
    found = read(tmp_path, search("fine", title="Fine"), saved)
    assert [one.name for one, _ in found.searches] == ["Fine"]
    ((title, why),) = found.refused
    assert title
    assert why
    assert any(one in why for one in reason.split("|"))


def test_the_place_in_what_was_typed_is_shown(tmp_path: Path) -> None:
    ((_, why),) = read(tmp_path, search("idlib and titel: x")).refused
    assert "did you mean title" in why
    assert why.splitlines()[1:] == ["  idlib and titel: x", "            ^"]


def test_other_objects_are_counted(tmp_path: Path) -> None:
    found = read(tmp_path, {"type": "dashboard"}, {"type": "dashboard"}, {"type": "tag"}, {"exportedCount": 3})
    assert found.skipped == {"dashboard": 2, "tag": 1}
    assert (found.searches, found.refused) == ([], [])


def test_ids_are_made_of_titles(tmp_path: Path) -> None:
    objects = [search("a", title=title) for title in ("Idlib: Überblick!", "غارة", "x" * 200)]
    assert list(told_apart([read(tmp_path, *objects)], (), {})) == ["idlib-uberblick", "1-2", "x" * 56]


IDLIB, ALEPPO = search("idlib", title="Idlib", id="A-1"), search("aleppo", title="Idlib!", id="b2")


def apart(folder: Path, *exports: list[Any], taken: str = "", stored: tuple[Subscription, ...] = ()) -> dict[str, str]:
    """What is asked under which id, and "refused": the titles of what was."""
    saved = [read(folder, *objects) for objects in exports]
    found = told_apart(saved, taken.split(), {one.id: one for one in stored})
    refused = " ".join(title for one in saved for title, _ in one.refused)
    return {name: one.query for name, one in found.items()} | ({"refused": refused} if refused else {})


def test_titles_that_make_one_id_are_told_apart_by_the_objects_own_whatever_the_order(tmp_path: Path) -> None:
    both = {"idlib-a-1": "idlib", "idlib-b2": "aleppo"}
    assert apart(tmp_path, [IDLIB], [ALEPPO]) == apart(tmp_path, [ALEPPO], [IDLIB]) == both
    assert apart(tmp_path, [ALEPPO, IDLIB]) == both
    assert apart(tmp_path, [IDLIB], taken="idlib") == {"idlib-a-1": "idlib"}
    assert apart(tmp_path, [IDLIB], [IDLIB]) == {"idlib": "idlib"}
    long = apart(tmp_path, *([search("a", title="x" * 99, id=f"{n}{'y' * 99}")] for n in range(2)))
    assert list(long) == [f"{'x' * 26}-{n}{'y' * 35}" for n in range(2)]


def test_what_was_imported_keeps_its_id(tmp_path: Path) -> None:
    alone = only(tmp_path, IDLIB)
    assert apart(tmp_path, [ALEPPO], [IDLIB], stored=(alone,)) == {"idlib-b2": "aleppo", "idlib": "idlib"}
    assert apart(tmp_path, [ALEPPO], stored=(alone,)) == {"idlib-b2": "aleppo"}
    assert apart(tmp_path, [ALEPPO], stored=(replace(alone, name=""),)) == {"idlib": "aleppo"}
    assert apart(tmp_path, [IDLIB], stored=(replace(alone, id="idlib-a-1"),)) == {"idlib-a-1": "idlib"}
    twins = [IDLIB, search("homs", title="Idlib", id="c")]
    assert apart(tmp_path, twins, stored=(alone,)) == {"idlib-a-1": "idlib", "idlib-c": "homs"}


def test_what_cannot_be_told_apart_is_refused(tmp_path: Path) -> None:
    changed = search("homs", title="Idlib", id="A-1")
    assert apart(tmp_path, [IDLIB], [changed, ALEPPO]) == {"idlib-b2": "aleppo", "refused": "Idlib Idlib"}
    assert apart(tmp_path, [IDLIB], taken="idlib idlib-a-1") == {"refused": "Idlib"}


@pytest.mark.parametrize("line", ["{", "5", "[" * 100_000])
def test_a_file_that_is_no_export(line: str, tmp_path: Path) -> None:
    (tmp_path / "x.ndjson").write_text(f'{{"type": "tag"}}\n{line}\n')
    with pytest.raises(ConfigError, match=r"x\.ndjson:2: "):
        read_saved(str(tmp_path / "x.ndjson"), NOON)


def test_the_objects_we_ship_are_subscriptions_or_refused() -> None:
    objects = [json.loads(line) for line in SHIPPED.read_text("utf-8").splitlines()]
    searches = [one["attributes"]["title"] for one in objects if one.get("type") in ("search", "query")]
    saved = read_saved(str(SHIPPED), NOON)
    read_of_it = [one for one, _ in saved.searches]
    assert sorted([one.name for one in read_of_it] + [title for title, _ in saved.refused]) == sorted(searches)
    assert len(read_of_it) >= 10
    assert all(problems(one) == [] for one in read_of_it)
    assert all(reason for _, reason in saved.refused)
