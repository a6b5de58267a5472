"""The saved objects for Kibana: every field is in our mapping, every reference leads somewhere, every query is KQL."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.elasticsearch import mappings, schema
from connectors.opening import load_taxonomy
from pipelines.kibana.lens import View, ranking
from pipelines.kibana.objects import SavedObject, as_ndjson, saved_objects
from tests.kql import NotKql, parse
from tests.shared import SHARED

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "deploy" / "kibana" / "newswire.ndjson"
VALIDATOR = SHARED / "kibana" / "validate_ndjson.py"
TOPICS = load_taxonomy().topics
OBJECTS = saved_objects("newswire", TOPICS)
#: What a data view of ours shows.
MAPPINGS = {
    "newswire-articles": mappings.article(),
    "newswire-ledger": mappings.ledger(),
    "newswire-feeds": mappings.feed(),
}
GROUPED = {"keyword", "date", "date_nanos", "long", "integer", "double", "boolean"}


def flat(properties: dict[str, Any], path: str = "") -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, field in properties.items():
        found |= {f"{path}{name}": field} if "type" in field else {}
        found |= flat(field.get("properties", {}), f"{path}{name}.") | flat(field.get("fields", {}), f"{path}{name}.")
    return found


def attributes(kind: str) -> dict[str, dict[str, Any]]:
    return {one["id"]: one["attributes"] for one in OBJECTS if one["type"] == kind}


def view_of(one: SavedObject) -> str:
    return next(reference["id"] for reference in one["references"] if reference["type"] == "index-pattern")


def panels() -> list[dict[str, Any]]:
    [dashboard] = attributes("dashboard").values()
    return json.loads(dashboard["panelsJSON"])


def layers() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each chart's kind with its only layer."""
    for panel in panels():
        if panel["type"] == "lens":
            state = panel["embeddableConfig"]["attributes"]["state"]
            [layer] = state["datasourceStates"]["formBased"]["layers"].values()
            yield panel["embeddableConfig"]["attributes"]["visualizationType"], layer


def test_what_is_there() -> None:
    assert [f"{one['type']} {one['id']}" for one in OBJECTS] == [
        "index-pattern newswire-articles",
        "index-pattern newswire-ledger",
        "index-pattern newswire-feeds",
        "search newswire-latest",
        "search newswire-casualties",
        *(f"search newswire-topic-{topic.id}" for topic in TOPICS),
        "search newswire-changed",
        "search newswire-rejected",
        "search newswire-stale-feeds",
        "dashboard newswire-overview",
    ]
    columns = attributes("search")["newswire-topic-civilian-casualties"]["columns"]
    assert {"topics.stance", "topics.evidence.text"} <= set(columns)
    assert {"killed", "injured", "casualties.who"} <= set(attributes("search")["newswire-casualties"]["columns"])


def test_the_shipped_file_is_what_is_exported() -> None:
    """`newswire kibana export deploy/kibana/newswire.ndjson` makes it anew."""
    assert SHIPPED.read_text("utf-8") == as_ndjson(OBJECTS)


def test_data_views_name_the_stores_own_indices() -> None:
    views = attributes("index-pattern")
    assert {name: view["title"] for name, view in views.items()} == {
        "newswire-articles": schema.articles("newswire"),
        "newswire-ledger": schema.single("newswire", "ledger"),
        "newswire-feeds": schema.single("newswire", "feeds"),
    }
    # Every article has it, also one that nobody has dated.
    assert views["newswire-articles"]["timeFieldName"] == "dated_at"
    assert "timeFieldName" not in views["newswire-feeds"]


def test_passwords_in_addresses_of_feeds_are_not_shown() -> None:
    hidden = {one["value"] for one in json.loads(attributes("index-pattern")["newswire-feeds"]["sourceFilters"])}
    assert {"url", "headers"} <= hidden
    assert not hidden & set(attributes("search")["newswire-stale-feeds"]["columns"])


@pytest.mark.parametrize("one", OBJECTS, ids=lambda one: f"{one['type']} {one['id']}")
def test_every_reference_leads_to_an_object_before_it(one: SavedObject) -> None:
    before = [(other["type"], other["id"]) for other in OBJECTS[: OBJECTS.index(one)]]
    assert all((reference["type"], reference["id"]) in before for reference in one["references"])
    names = [reference["name"] for reference in one["references"]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("one", [one for one in OBJECTS if one["type"] == "search"], ids=lambda one: one["id"])
def test_searches_show_fields_there_are_and_ask_in_kql(one: SavedObject) -> None:
    fields = flat(MAPPINGS[view_of(one)])
    kept = one["attributes"]
    assert set(kept["columns"]) <= fields.keys()
    assert {fields[name]["type"] for name, _ in kept["sort"]} <= {"date", "long"}
    assert fields[kept.get("breakdownField", "status" if "status" in fields else "id")]["type"] == "keyword"
    source = json.loads(kept["kibanaSavedObjectMeta"]["searchSourceJSON"])
    assert source["query"]["language"] == "kuery"
    parse(source["query"]["query"], fields.keys())


def test_charts_and_controls_are_on_fields_that_can_be_grouped_by() -> None:
    fields = flat(mappings.article())
    [dashboard] = attributes("dashboard").values()
    controls = json.loads(dashboard["controlGroupInput"]["panelsJSON"]).values()
    used = [one["explicitInput"]["fieldName"] for one in sorted(controls, key=lambda control: control["order"])]
    assert used == ["topics.id", "topics.stance", "language", "source.name"]
    used += [column["sourceField"] for _, layer in layers() for column in layer["columns"].values()]
    for field in set(used) - {"___records___"}:
        assert fields[field]["type"] in GROUPED
        assert fields[field].get("doc_values", True)


def test_the_known_faults_of_charts_are_not_made() -> None:
    """../shared/SEARCH.md, Kibana."""
    fields = flat(mappings.article())
    for kind, layer in layers():
        columns = layer["columns"]
        order = [columns[name]["operationType"] for name in layer["columnOrder"]]
        assert order == sorted(order, key=["terms", "date_histogram", "count", "unique_count", "max"].index), kind
        for column in columns.values():
            if column["operationType"] in ("max", "date_histogram"):
                assert (column["dataType"], fields[column["sourceField"]]["type"]) == ("date", "date")
    for panel in panels():
        chart = panel["embeddableConfig"].get("attributes", {})
        if chart.get("visualizationType") == "lnsXY":
            assert isinstance(chart["state"]["visualization"]["legend"]["isVisible"], bool)
        if panel["type"] == "search":
            assert panel["panelRefName"] == f"panel_{panel['panelIndex']}"
            [reference] = [one for one in OBJECTS[-1]["references"] if one["type"] == "search"]
            assert reference["name"] == f"{panel['panelIndex']}:{panel['panelRefName']}"


def test_the_same_export_is_the_same_bytes_and_another_prefix_is_another_set() -> None:
    assert as_ndjson(saved_objects("newswire", TOPICS)) == as_ndjson(OBJECTS)
    other = saved_objects("desk-2", TOPICS)
    assert not {one["id"] for one in other} & {one["id"] for one in OBJECTS}
    assert "newswire-" not in as_ndjson(other)


@pytest.mark.parametrize("field", ["title", "topics", "nowhere", "image.caption"])
def test_a_field_that_cannot_be_grouped_by_is_an_error(field: str) -> None:
    view = View.of("v", "newswire-articles", "dated_at", mappings.article())
    with pytest.raises(TypeError, match=f"newswire-articles has no field {field} that Kibana can group by"):
        ranking(view, "Wrong", (0, 0, 1, 1), field)


def test_a_time_field_is_a_date() -> None:
    with pytest.raises(TypeError, match="status is no date"):
        View.of("v", "newswire-articles", "status", mappings.article())


@pytest.mark.parametrize("view", MAPPINGS)
def test_the_given_validator_finds_nothing(view: str, tmp_path: Path) -> None:
    """One data view at a time: the validator holds all fields against one mapping."""
    if not VALIDATOR.exists():
        pytest.skip("needs ../shared/kibana/validate_ndjson.py, which is not beside this checkout")
    python = _python_with_jsonschema()
    ours = [one for one in OBJECTS if one["id"] == view or any(r["id"] == view for r in one["references"])]
    (tmp_path / "objects.ndjson").write_text(as_ndjson(ours))
    (tmp_path / "mapping.json").write_text(json.dumps({"properties": MAPPINGS[view]}))
    timeless = view == "newswire-feeds"  # it takes every data view to have a time field
    given = [str(tmp_path / "objects.ndjson"), *([] if timeless else [str(tmp_path / "mapping.json")])]
    done = subprocess.run([python, str(VALIDATOR), *given], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == (f"OK ({len(ours)} objects)\n", 0), done.stderr


def _python_with_jsonschema() -> str:
    for python in filter(None, (sys.executable, shutil.which("python3"))):
        if subprocess.run([python, "-c", "import jsonschema"], capture_output=True).returncode == 0:
            return python
    pytest.skip("the validator needs a Python with jsonschema")


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("title : hospital~1", id="fuzzy"),
        pytest.param('title : "a b"~3', id="proximity"),
        pytest.param("dated_at : [2026 TO 2027]", id="range in brackets"),
        pytest.param("title : /hosp.*/", id="regular expression"),
        pytest.param("+hospital", id="plus"),
        pytest.param("hospital && idlib", id="other operators"),
        pytest.param("headline : hospital", id="no such field"),
        pytest.param("title : (hospital", id="open parenthesis"),
        pytest.param('title : "hospital', id="open quote"),
        pytest.param("title :", id="no value"),
        pytest.param("_exists_ : title", id="_exists_"),
    ],
)
def test_what_is_not_kql(query: str) -> None:
    with pytest.raises(NotKql):
        parse(query, flat(mappings.article()).keys())


def test_what_is_kql() -> None:
    fields = flat(mappings.article()).keys()
    assert parse('topics.id : "syria" AND NOT status : withdrawn', fields) == {
        "bool": {
            "filter": [
                {"match_phrase": {"topics.id": "syria"}},
                {"bool": {"must_not": [{"match": {"status": "withdrawn"}}]}},
            ]
        }
    }
    assert parse("revision > 1 or updated_at : *", fields) == {
        "bool": {
            "should": [{"range": {"revision": {"gt": "1"}}}, {"exists": {"field": "updated_at"}}],
            "minimum_should_match": 1,
        }
    }
