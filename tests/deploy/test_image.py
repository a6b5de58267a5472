"""The images, as far as they can be had without a container engine: what is in them is installed for real."""

import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from pipelines.settings import load
from tests.deploy.common import COMPOSE, DEPLOY, ROOT, SERVICES, TOOLS, tool

DOCKERFILES = [DEPLOY / "Dockerfile", DEPLOY / "dataflow" / "Dockerfile"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
BEAM = re.findall(r"(?m)^apache-beam==([\d.]+)", (ROOT / "requirements.lock").read_text("utf-8"))


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: str(file.relative_to(DEPLOY)))
def test_hadolint_finds_nothing_wrong(file: Path) -> None:
    tool("lint/ready")
    found = subprocess.run([TOOLS / "lint/bin/hadolint", file], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def test_it_is_built_from_what_there_is_and_runs_as_nobody_special() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in re.sub(r"--\S+ ", "", line).split()[:-1]
    ]
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in ignored
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\S+)$", final, re.MULTILINE) == ["1000:1000"]
    [settings] = re.findall(r"NEWSWIRE_SETTINGS=(\S+)", final)
    assert any(volume.split(":")[1] == settings for volume in SERVICES["newswire"]["volumes"])


def test_it_is_a_worker_of_our_version_of_beam() -> None:
    """Beam's boot program is its entrypoint, and runs the Python that newswire is in."""
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert (
        re.findall(r"COPY --from=apache/beam_python3\.11_sdk:(\S+) /opt/apache/beam /opt/apache/beam\n", final) == BEAM
    )
    assert re.findall(r"^ENTRYPOINT (.+)$", final, re.MULTILINE) == ['["/opt/apache/beam/boot"]']
    assert "RUN_PYTHON_SDK_IN_DEFAULT_ENVIRONMENT=1" in final
    assert "ENV PATH=/opt/newswire/bin:$PATH" in final
    assert [SERVICES["jobserver"]["image"]] == [f"apache/beam_flink1.19_job_server:{version}" for version in BEAM]
    assert COMPOSE["x-flink"]["image"] == "flink:1.19"
    assert "FROM python:3.11-" in DOCKERFILE


def test_the_one_for_dataflow_is_built_from_what_there_is() -> None:
    text = (DEPLOY / "dataflow" / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    copied = re.findall(r"^COPY (?!--from)(\S+)", text, re.MULTILINE)
    assert [source for source in copied if not (DEPLOY / source).exists()] == ["secrets/dataflow_api_key"]
    assert load(str(DEPLOY / "dataflow" / "newswire.toml")).store.api_key == "${file:/etc/newswire/api_key}"
    assert "secrets/dataflow_api_key /etc/newswire/api_key\n" in text
    assert re.findall(r"FLEX_TEMPLATE_PYTHON_PY_FILE=(\S+)", text) == re.findall(r"COPY dataflow/main.py (\S+)", text)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheel_alone_has_everything_newswire_needs(tmp_path: Path) -> None:
    """Built and installed as in the Dockerfile, beside our own dependencies; its files come from nowhere else."""
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-index", "--no-build-isolation", ROOT],
        check=True,
        cwd=tmp_path,
    )
    [wheel] = tmp_path.glob("newswire-*.whl")
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index", wheel], check=True
    )
    # Our own environment's packages, after the wheel's, and without the link to this repository.
    [packages] = (tmp_path / "venv").glob("lib/python3.*/site-packages")
    [ours] = {Path(path) for path in sys.path if path.endswith("site-packages")}
    (packages / "dependencies.pth").write_text(f"{ours}\n")
    where = subprocess.run(
        [python, "-c", "import pipelines, transforms; print(pipelines.__file__, transforms.__file__)"],
        check=True, capture_output=True, text=True, cwd=tmp_path,
    ).stdout  # fmt: skip
    assert where.count(str(packages)) == 2

    def newswire(*words: str | Path) -> str:
        ended = subprocess.run(
            [tmp_path / "venv" / "bin" / "newswire", *words], capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    assert "COMMAND" in newswire("--help")
    assert "feeds" in newswire("check", DEPLOY / "newswire.example.toml")
    assert "4 rejected" in newswire("demo")
    assert "medtop:20000645" in newswire("topics", "list")
