"""The servers themselves: they must never outlive whoever started them, and never leave half a build behind."""

import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import psutil
import pytest

from tests.servers import builds
from tests.servers.builds import Unavailable, cache, home, java_home
from tests.servers.fixtures import server_url

ROOT = Path(__file__).resolve().parents[2]
#: Starts a server, says what its process is, and waits to be killed.
STARTER = """
import sys, time
from tests.servers.server import Server
server = Server(sys.argv[1])
server.launch()
print(server.pid, server.folder, flush=True)
time.sleep(600)
"""


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEWSWIRE_TEST_SERVERS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for Maven: a shell script that the test writes."""
    program = tmp_path / "bin" / "mvn"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    program.touch(0o755)
    return program


def test_a_build_is_put_together_once(empty_cache: Path, maven: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "build.zip", "w") as build:
        program = zipfile.ZipInfo("opensearch-3.6.0/bin/opensearch")
        program.external_attr = 0o755 << 16
        build.writestr(program, "#!/bin/sh\n")
        build.writestr("opensearch-3.6.0/config/opensearch.yml", "")
    copied = f'for last in "$@"; do :; done; cp {tmp_path / "build.zip"} "${{last#*=}}/opensearch-3.6.0.zip"'
    maven.write_text(f"#!/bin/sh\necho run >> {tmp_path / 'runs'}\n{copied}\n")
    found = home("opensearch")
    assert home("opensearch") == found
    assert (tmp_path / "runs").read_text().splitlines() == ["run"]
    assert os.access(found / "bin" / "opensearch", os.X_OK)
    assert not os.access(found / "config" / "opensearch.yml", os.X_OK)
    assert {path.name for path in empty_cache.iterdir()} == {found.name, "fetching.lock"}


@pytest.mark.parametrize(
    ("script", "words"),
    [
        pytest.param("echo '[ERROR] no route'; exit 1", "could not be fetched: .ERROR. no", id="no network"),
        pytest.param("exit 0", "could not be fetched", id="nothing came"),
        pytest.param(
            'for last in "$@"; do :; done; echo half > "${last#*=}/opensearch-3.6.0.zip"', "is broken.*delete it",
            id="half a file",
        ),
    ],
)  # fmt: skip
def test_a_build_that_cannot_be_had_leaves_nothing_behind(
    empty_cache: Path, maven: Path, script: str, words: str
) -> None:
    maven.write_text(f"#!/bin/sh\n{script}\n")
    with pytest.raises(Unavailable, match=words):
        home("opensearch")
    assert {path.name for path in empty_cache.iterdir()} == {"fetching.lock"}


def test_no_maven(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Unavailable, match="is not installed"):
        home("opensearch")


def test_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSWIRE_TEST_JAVA_HOME", str(tmp_path))
    (tmp_path / "release").write_text('IMPLEMENTOR="x"\nJAVA_VERSION="25.0.3"\n')
    assert java_home() == tmp_path
    (tmp_path / "release").write_text('JAVA_VERSION="1.8.0_292"\n')
    monkeypatch.setattr(builds, "MIN_JAVA", 1_000)
    with pytest.raises(Unavailable, match="need Java 1000 or later"):
        java_home()


@pytest.mark.servers
@pytest.mark.parametrize("flavour", ["elasticsearch", "opensearch"])
@pytest.mark.parametrize("after_s", [1, 12], ids=["starting", "nearly up"])
def test_a_server_ends_with_whoever_started_it(flavour: str, after_s: float) -> None:
    server_url("elasticsearch")
    starter = subprocess.Popen([sys.executable, "-c", STARTER, flavour], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    pid, folder = starter.stdout.readline().split()
    server = psutil.Process(int(pid))
    time.sleep(after_s)
    family = [server, *server.children(recursive=True)]
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    _, alive = psutil.wait_procs(family, 10)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    assert Path(folder).is_relative_to(cache()), "the next server removes it"
