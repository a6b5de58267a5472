"""The architecture is a test: what may import what, what stays light, what the distribution carries."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"apache_beam", "aiohttp", "feedparser", "lxml", "pydantic", "rich", "trafilatura"}


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("pipelines.cli", set()),
        ("transforms.records", set()),
        ("transforms.topics", set()),
        ("transforms.analysis", set()),
        ("connectors.ports", set()),
        ("pipelines.commands", {"aiohttp", "pydantic", "rich", "lxml"}),
    ],
)
def test_import_stays_light(module: str, allowed: set[str]) -> None:
    """`newswire --help` is instant, looking into the archive does not pay for Beam, pure code stays usable alone."""
    code = f"import sys, {module}; print(*sorted(m for m in {HEAVY!r} if m in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert set(loaded.split()) <= allowed


def test_beam_is_imported_in_pipelines_only() -> None:
    """import-linter says so too; this one also sees imports inside functions and strings."""
    for folder in ("transforms", "connectors"):
        for file in (ROOT / folder).rglob("*.py"):
            assert "apache_beam" not in file.read_text("utf-8"), file


def test_no_dependency_ships_our_package_names() -> None:
    ours = {"transforms", "connectors", "pipelines"}
    for distribution in metadata.distributions():
        if distribution.metadata["Name"] != "newswire":
            tops = {str(path).split("/", 1)[0] for path in distribution.files or []}
            assert not tops & ours, distribution.metadata["Name"]


def test_the_lock_has_versions_and_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    entries = [line for line in lock.splitlines() if "==" in line and not line.lstrip().startswith("#")]
    assert len(entries) > 50
    assert lock.count("--hash=sha256:") >= len(entries)


def test_the_wheel_carries_the_data_it_needs(tmp_path: Path) -> None:
    """An installed `newswire demo` and `tag` need the sample wire and the taxonomy."""
    import zipfile

    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        check=True,
        capture_output=True,
        cwd=ROOT,
    )
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    assert "transforms/taxonomy/topics.yaml" in names
    assert any(name.startswith("pipelines/demo/wire/") for name in names)
    assert any(name.startswith("pipelines/demo/templates/") for name in names)
    assert {"pipelines/serving/style.css", "pipelines/serving/templates/base.html.j2"} <= set(names)
    assert not any(name.startswith("tests/") for name in names)


def test_modules_stay_rooms_not_houses() -> None:
    """About 250 lines are the habit (STYLE.md, rule 8); the lists of all commands and all reports may be longer."""
    long = {
        str(file.relative_to(ROOT)): lines
        for folder in ("transforms", "connectors", "pipelines")
        for file in (ROOT / folder).rglob("*.py")
        if (lines := len(file.read_text("utf-8").splitlines())) > 350
    }
    assert long == {}
