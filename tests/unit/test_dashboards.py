"""The Grafana dashboard and the alerting rules ask for nothing that is not exported, and every rule has its words."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from connectors.opening import open_store
from pipelines import metrics
from pipelines.endpoint import Health
from pipelines.settings import Settings
from pipelines.store_metrics import StoreWatch
from tests.factories import make_feed
from tests.pipelines.test_store_metrics import poll
from tests.unit.test_metrics import NOW, SUMMARY, samples

ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "deploy/grafana/newswire.json").read_text("utf-8"))
RULES = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text("utf-8"))
NAME = re.compile(r"\b(?:newswire|process)_[a-z0-9_]+")
#: `name{label="value",…}` with what is compared.
SELECTION = re.compile(r"\b((?:newswire|process)_[a-z0-9_]+)\{([^}]*)\}")
PAIR = re.compile(r'([a-z_]+)\s*(=~|!=|=)\s*"([^"]*)"')
GROUPED = re.compile(r"\bby \(([^)]*)\)")


def expressions() -> list[tuple[str, str]]:
    panels = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
    asked = [(panel["title"], target["expr"]) for panel in panels for target in panel["targets"]]
    return asked + [(rule["alert"], rule["expr"]) for group in RULES["groups"] for rule in group["rules"]]


def rules() -> list[Any]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, set[str]]]:
    """By name of a sample, the values of its labels: of a process that stays, with work behind it, and of a run."""
    folder = tmp_path_factory.mktemp("exported")
    settings = Settings.model_validate({"store": {"path": str(folder / "newswire.db")}})
    with open_store(settings.store_spec) as store:
        store.feeds.add([make_feed()])
        poll(store, make_feed(), NOW)
    metrics.record("topic", "airstrikes")
    metrics.record("poll.errors", "Unreachable")
    for stage, error in (("fetch", "Refused"), ("fetch", "Resting"), ("extract", "Challenged")):
        metrics.record(f"{stage}.errors", error)
    metrics.spent("store", 0.1)
    for outcome in ("page", "feed", "stand_in"):
        metrics.record("extract", outcome)
    metrics.record("check", "done")
    watch = StoreWatch(settings)
    registry = CollectorRegistry()
    for one in (metrics.REGISTRY, watch, Health(watch, polls=True, started=NOW)):
        registry.register(one)
    file = folder / "newswire.prom"
    metrics.write_run(str(file), SUMMARY, success=True, store=watch)
    found: dict[str, dict[str, set[str]]] = {}
    for text in (generate_latest(registry).decode(), file.read_text("utf-8")):
        for name, labels in samples(text):
            values = found.setdefault(name, {})
            for label, value in labels:
                values.setdefault(label, set()).add(value)
    return found


@pytest.mark.parametrize(("title", "expression"), expressions(), ids=lambda one: one[:40])
def test_only_what_is_exported_is_asked_for(exported: Any, title: str, expression: str) -> None:
    names = NAME.findall(expression)
    assert names
    assert set(names) <= set(exported), title
    for name, selected in SELECTION.findall(expression):
        for label, compared, wanted in PAIR.findall(selected):
            assert label in exported[name], (title, label)
            for value in wanted.split("|") if compared == "=~" else [wanted]:
                assert value in exported[name][label], (title, label, value)
    labels = {label for name in names for label in exported[name]}
    for grouped in GROUPED.findall(expression):
        assert {label.strip() for label in grouped.split(",")} <= labels, title


def test_everything_we_export_is_looked_at_somewhere(exported: Any) -> None:
    """Nobody keeps a number up to date that nobody sees; `_count` and the like come with their family."""
    asked = " ".join(expression for _, expression in expressions())
    ours = {re.sub(r"_(bucket|sum|count)$", "", name) for name in exported if name.startswith("newswire_")}
    rarely = {"newswire_run_topics"}  # as `newswire run --json` has them
    assert {name for name in ours if name not in asked} == rarely


def test_the_dashboard_is_one() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids) > 20
    assert DASHBOARD["schemaVersion"] >= 39
    (source,) = DASHBOARD["templating"]["list"]
    assert (source["name"], source["type"]) == ("datasource", "datasource")
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
        if panel["type"] != "row":
            assert panel["description"]
            assert {one["datasource"]["uid"] for one in panel["targets"]} == {"${datasource}"}


def test_every_rule_says_what_to_do() -> None:
    guide = (ROOT / "docs/operator.md").read_text("utf-8")
    section = guide.partition("\n## Watching it\n")[2].partition("\n## ")[0]
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    for rule in rules():
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["runbook"] == f"docs/operator.md, Watching it, {rule['alert']}"
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert section.count(f"| {rule['alert']} |") == 1, rule["alert"]
    assert set(re.findall(r"^\| (Newswire\w+) \|", section, re.MULTILINE)) == set(names)


def test_every_number_is_in_the_guide(exported: Any) -> None:
    guide = (ROOT / "docs/operator.md").read_text("utf-8")
    section = guide.partition("\n## Watching it\n")[2].partition("\n## ")[0]
    ours = {re.sub(r"_(bucket|sum|count)$", "", name) for name in exported if name.startswith("newswire_")}
    assert {name for name in ours if f"`{name}" not in section} == set()
