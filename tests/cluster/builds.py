"""What Beam runs on, fetched once into a cache outside the repository: Prism, built from its Go module; Flink, from its
Python package; and Beam's job server for Flink, put together from its Maven artifacts.

For tests only: Beam publishes its own job server, and Flink its own images (shared BEAM.md, 3a).
"""

import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.servers.builds import FETCH_TIMEOUT_S, Unavailable, _alone, _java_version, cache

#: Of the Beam that we use: a runner and its pipelines must agree.
PRISM = "v2.77.0"
FLINK = "1.19.3"
#: The newest complete set of its artifacts where this was written; it worked with the Python SDK 2.77.0 in all we did.
JOB_SERVER = "2.62.0"
_POM = f"""<project>
  <modelVersion>4.0.0</modelVersion><groupId>newswire</groupId><artifactId>job-server</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.beam</groupId><artifactId>beam-runners-flink-1.19</artifactId><version>{JOB_SERVER}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.flink</groupId><artifactId>flink-statebackend-rocksdb</artifactId><version>1.19.1</version>
    </dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.30</version></dependency>
  </dependencies>
</project>
"""


def prism() -> Path:
    """Prism's program, 66 MB; building it takes some minutes, once. Raises: Unavailable."""
    return _ready(f"prism-{PRISM}", _prism) / "prism"


def flink() -> Path:
    """The folder of Flink's distribution, with `lib` and `plugins`. Raises: Unavailable."""
    return _ready(f"flink-{FLINK}", _flink)


def job_server() -> Path:
    """The folder of the jars of Beam's job server for Flink. Raises: Unavailable."""
    return _ready(f"beam-job-server-{JOB_SERVER}", _job_server)


def java() -> Path:
    """A Java that Flink 1.19 knows, 11 or 17: NEWSWIRE_TEST_FLINK_JAVA_HOME, JAVA_HOME, or one of the system's.

    Raises: Unavailable.
    """
    named = [Path(os.environ[name]) for name in ("NEWSWIRE_TEST_FLINK_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    for folder in (*named, *(release.parent for release in sorted(Path("/usr/lib/jvm").glob("*/release")))):
        if _java_version(folder) in {11, 17}:
            return folder / "bin" / "java"
    raise Unavailable("Flink needs Java 11 or 17; name its folder in NEWSWIRE_TEST_FLINK_JAVA_HOME")


def _ready(name: str, assemble: Callable[[Path], Path]) -> Path:
    ready = cache() / name
    if ready.exists():  # it gets this name when it is complete
        return ready
    with _alone(cache() / f"{name}.lock"):
        if not ready.exists():
            with tempfile.TemporaryDirectory(dir=cache(), prefix="fetching-") as scratch:
                assemble(Path(scratch)).rename(ready)
    return ready


def _prism(scratch: Path) -> Path:
    built = scratch / "bin"
    named = f"github.com/apache/beam/sdks/v2/go/cmd/prism@{PRISM}"
    _run(["go", "install", named], scratch, {"GOBIN": str(built), "GOFLAGS": "-p=2"})
    return built


def _flink(scratch: Path) -> Path:
    package = "apache-flink-libraries"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--no-deps", "--no-binary", package, f"{package}=={FLINK}"], scratch)
    with tarfile.open(next(scratch.glob("*.tar.gz"))) as archive:
        archive.extractall(scratch, filter="data")
    return next(scratch.glob(f"{package}-*/deps"))


def _job_server(scratch: Path) -> Path:
    (scratch / "pom.xml").write_text(_POM, "utf-8")
    maven = ["mvn", "-q", "-B", "-Dstyle.color=never", "dependency:copy-dependencies"]
    _run([*maven, f"-DoutputDirectory={scratch / 'lib'}"], scratch)
    return scratch / "lib"


def _run(command: Sequence[str], folder: Path, environment: dict[str, str] | None = None) -> None:
    """Raises: Unavailable, for a tool that is not there or fails."""
    tool = Path(command[0]).name
    if shutil.which(command[0]) is None:
        raise Unavailable(f"{tool} is not installed ({platform.system()}), and this is fetched through it")
    try:
        done = subprocess.run(
            command, cwd=folder, env=os.environ | (environment or {}), capture_output=True, text=True,
            timeout=FETCH_TIMEOUT_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Unavailable(f"`{tool}` did not end within {FETCH_TIMEOUT_S} s") from None
    if done.returncode:
        raise Unavailable(f"`{' '.join(command)}` failed: {(done.stderr or done.stdout)[-800:]}")
