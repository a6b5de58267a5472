"""The flex template: its parameters, its program, its image."""

import importlib.util
import json
import re
from types import ModuleType
from typing import Any

import pytest

from tests.deploy.common import DEPLOY, ROOT

HERE = DEPLOY / "dataflow"
METADATA: dict[str, Any] = json.loads((HERE / "metadata.json").read_text("utf-8"))
PARAMETERS: dict[str, dict[str, Any]] = {one["name"]: one for one in METADATA["parameters"]}
#: What a launcher adds of its own, as Dataflow's guide to flex templates has it.
LAUNCHERS = ("--runner=DataflowRunner", "--project=wire", "--region=europe-west3", "--temp_location=gs://wire/tmp")


@pytest.fixture
def program() -> ModuleType:
    found = importlib.util.spec_from_file_location("main", HERE / "main.py")
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_metadata_have_what_dataflow_reads_and_nothing_else() -> None:
    """Copied by hand from the tables of Dataflow's guide to flex templates: unknown keys are errors there."""
    assert METADATA.keys() <= {
        "name", "description", "streaming", "supportsAtLeastOnce", "supportsExactlyOnce", "defaultStreamingMode",
        "parameters",
    }  # fmt: skip
    assert METADATA["defaultStreamingMode"] in ("AT_LEAST_ONCE", "EXACTLY_ONCE")
    for one in PARAMETERS.values():
        assert {"name", "label", "helpText"} <= one.keys()
        assert one.keys() <= {
            "name", "label", "helpText", "paramType", "isOptional", "defaultValue", "regexes", "groupName",
        }  # fmt: skip
        assert one["paramType"] == "TEXT"


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("settings", "/etc/newswire/newswire.toml", True),
        ("settings", "/etc/newswire/../../newswire", False),
        ("settings", "newswire.toml", False),
        ("sdk_container_image", "registry.example:5000/wire/newswire-dataflow:2026-11-23", True),
        ("sdk_container_image", "newswire-dataflow@sha256:0123", True),
        ("sdk_container_image", "newswire --runner=FnApiRunner", False),
    ],
)
def test_a_parameter_takes_what_it_is_for(name: str, value: str, good: bool) -> None:
    assert all(re.fullmatch(pattern, value) for pattern in PARAMETERS[name]["regexes"]) is good


def test_a_default_is_good_and_the_programs(program: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(program.cli, "main", lambda words: asked.append(list(words)) or 0)
    assert program.main([*LAUNCHERS]) == 0
    settings = PARAMETERS["settings"]["defaultValue"]
    assert all(re.fullmatch(pattern, settings) for pattern in PARAMETERS["settings"]["regexes"])
    assert asked == [["stream", settings, "--profile", "dataflow", "--no-wait", "--", *LAUNCHERS]]
    assert f"COPY dataflow/newswire.toml {settings}\n" in (HERE / "Dockerfile").read_text("utf-8")


def test_what_is_beams_is_handed_on_and_the_exit_code_back(
    program: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(program.cli, "main", lambda words: asked.append(list(words)) or 2)
    image = "--sdk_container_image=newswire-dataflow"
    assert program.main([image, "--settings=/else/newswire.toml", *LAUNCHERS]) == 2
    [words] = asked
    assert words[1] == "/else/newswire.toml"
    assert words[words.index("--") + 1 :] == [image, *LAUNCHERS]


def test_the_lock_adds_to_newswires_and_contradicts_it_nowhere() -> None:
    """`make` of neither: how it is made is in deploy/README.md."""

    def names(text: str) -> set[str]:
        return set(re.findall(r"(?m)^([a-z0-9._-]+)==", text))

    text = (HERE / "requirements.lock").read_text("utf-8")
    added, ours = names(text), names((ROOT / "requirements.lock").read_text("utf-8"))
    assert {"google-cloud-dataflow-client", "google-cloud-storage", "google-apitools"} <= added
    assert not added & ours
    assert "://" not in text
    assert text.count("--hash=sha256:") >= len(re.findall(r"(?m)^\S+==", text))
