"""One server: started, paused, killed and started again on the same port and the same data."""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import psutil

from tests.servers.builds import Product, Unavailable, cache, home, java_home
from tests.servers.tls import Certificates, certificates

Flavour = Literal["elasticsearch", "opensearch", "secured"]

#: Some 20 s on an idle machine, here for the busiest.
START_TIMEOUT_S = 240
STOP_TIMEOUT_S = 60
PAUSE_TIMEOUT_S = 30
#: Names further options of Java for the servers.
JAVA_OPTIONS = "NEWSWIRE_TEST_SERVERS_JAVA_OPTIONS"
#: `nobody`: who the servers run as where root starts them.
NOBODY = 65_534
#: Of the superuser of a secured server, which lives on loopback for some minutes.
USER, PASSWORD = "newswire-tests", "of-no-worth-elsewhere"
_SETTINGS: dict[str, object] = {
    "cluster.name": "newswire-tests",
    "node.name": "one",
    "discovery.type": "single-node",
    "http.host": "127.0.0.1",
    "transport.host": "127.0.0.1",
    "node.store.allow_mmap": False,  # else the kernel's vm.max_map_count must be raised
    "cluster.routing.allocation.disk.threshold_enabled": False,
    "cluster.max_shards_per_node": 20_000,  # one language and month an index, many tests
    "action.destructive_requires_name": False,
}


class Server:
    """A real Elasticsearch or OpenSearch on loopback. It ends with the process that started it, and its data with
    `close`; what a killed process leaves behind is removed by the next one.

    `secured` is Elasticsearch with users, keys and TLS.
    """

    def __init__(self, flavour: Flavour) -> None:
        """Raises: Unavailable, when there is no build or no Java."""
        self.flavour: Flavour = flavour
        self._product: Product = "opensearch" if flavour == "opensearch" else "elasticsearch"
        self._home, self._java = home(self._product), java_home()
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None
        running = cache() / "running"
        running.mkdir(exist_ok=True)
        _sweep(running)
        self.folder = Path(tempfile.mkdtemp(dir=running, prefix=f"{flavour}-{os.getpid()}-"))
        self.port, transport = _free_ports()
        self.certificates: Certificates | None = None
        self._configure(transport)

    @property
    def url(self) -> str:
        """The same for the server's whole life, however often it is started."""
        return f"{'https' if self.flavour == 'secured' else 'http'}://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process that was started; None while there is none."""
        return self._process.pid if self._process is not None else None

    def launch(self) -> None:
        """Start it without waiting for it. It is no error if it runs."""
        if self._process is not None and self._process.poll() is None:
            return
        name = "ES" if self._product == "elasticsearch" else "OPENSEARCH"
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.folder),
            f"{name}_JAVA_HOME": str(self._java),
            f"{name}_JAVA_OPTS": os.environ.get(JAVA_OPTIONS, ""),
            f"{name}_PATH_CONF": str(self.folder / "config"),
            f"{name}_TMPDIR": str(self.folder / "tmp"),
        }
        with (self.folder / "out.txt").open("ab") as out:
            self._process = subprocess.Popen(
                [*_unprivileged(), str(self._home / "bin" / self._product)],
                cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop it
            )  # fmt: skip
        # Ends the server when nobody holds the other end of its pipe any more, however we may have died.
        self._watcher = subprocess.Popen(
            ["sh", "-c", 'cat > /dev/null; kill -9 "-$0"', str(self._process.pid)],
            stdin=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def wait(self) -> None:
        """Return when it answers and has settled. Raises: Unavailable, with the end of its log."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            if self._process is None or self._process.poll() is not None:
                raise Unavailable(f"{self.flavour} ended by itself:\n{self._log()}")
            try:
                if self.ask("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s")["status"] != "red":
                    return
            except OSError:
                pass  # not listening yet, or not ready to say anything
            if time.monotonic() > deadline:
                raise Unavailable(f"{self.flavour} did not start within {START_TIMEOUT_S} s:\n{self._log()}")
            time.sleep(0.2)

    def start(self) -> None:
        """Start it, and return when it answers. Raises: Unavailable."""
        self.launch()
        self.wait()

    def stop(self) -> None:
        """Shut it down in order; its port and its data stay its own."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Let it hang: connections are accepted, and nothing is answered from when this returns."""
        family = self._family()
        for process in family:
            process.suspend()
        # The signal takes effect when the process is next run, which is a while on a busy machine; its other threads go
        # on answering until then.
        deadline = time.monotonic() + PAUSE_TIMEOUT_S
        while any(process.status() != psutil.STATUS_STOPPED for process in family):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.flavour} did not pause within {PAUSE_TIMEOUT_S} s")
            time.sleep(0.01)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        for process in self._family():
            process.resume()

    def close(self) -> None:
        """End it, and remove its data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """One request, as its superuser; the JSON of the answer. Raises: OSError for any other answer, or none."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Content-Type": "application/json"}
        context = None
        if self.certificates is not None:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            context = self.certificates.context()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30, context=context) as answer:
            return json.load(answer)

    def _configure(self, transport: int) -> None:
        config = self.folder / "config"
        shutil.copytree(self._home / "config", config)
        settings = dict(_SETTINGS)
        settings |= {"http.port": self.port, "transport.port": transport}
        settings |= {"path.data": str(self.folder / "data"), "path.logs": str(self.folder / "logs")}
        if self._product == "elasticsearch":
            settings["xpack.security.enabled"] = self.flavour == "secured"
        if self.flavour == "secured":
            self.certificates = certificates(config)
            settings |= {
                "xpack.security.http.ssl.enabled": True,
                "xpack.security.http.ssl.certificate": "server.pem",
                "xpack.security.http.ssl.key": "server.key",
                "xpack.security.transport.ssl.enabled": False,
                "xpack.security.authc.api_key.enabled": True,
            }
        written = "".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items())
        (config / f"{self._product}.yml").write_text(written, "utf-8")
        options = config / "jvm.options"
        lines = options.read_text("utf-8").splitlines(keepends=True)
        options.write_text("".join(line for line in lines if "gc.log" not in line), "utf-8")  # kept beside the build
        (config / "jvm.options.d").mkdir(exist_ok=True)
        (config / "jvm.options.d" / "heap.options").write_text("-Xms512m\n-Xmx512m\n", "utf-8")
        for name in ("data", "logs", "tmp"):
            (self.folder / name).mkdir()
        if self.flavour == "secured":
            self._add_user(config)
        self.folder.chmod(0o700)
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)

    def _add_user(self, config: Path) -> None:
        tool = [str(self._home / "bin" / "elasticsearch-users"), "useradd", USER, "-p", PASSWORD, "-r", "superuser"]
        environment = {"PATH": os.environ.get("PATH", ""), "ES_JAVA_HOME": str(self._java), "ES_PATH_CONF": str(config)}
        done = subprocess.run(tool, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise Unavailable(f"no user could be added: {done.stdout} {done.stderr}")

    def _family(self) -> list[psutil.Process]:
        """The started process and its children: Elasticsearch's launcher has the server as a child."""
        if self._process is None or self._process.poll() is not None:
            return []
        try:
            started = psutil.Process(self._process.pid)
            return [started, *started.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _end(self, how: signal.Signals) -> None:
        if self._watcher is not None and self._watcher.stdin is not None:
            self._watcher.kill()
            self._watcher.wait()
            self._watcher.stdin.close()
        family = self._family()
        if how is signal.SIGKILL:
            for process in reversed(family):  # the server before its launcher, which would tell it to stop in order
                _send(process, how)
        elif family:
            _send(family[0], how)
        _, alive = psutil.wait_procs(family, STOP_TIMEOUT_S)
        for process in alive:
            _send(process, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(STOP_TIMEOUT_S)
        self._process = self._watcher = None

    def _log(self) -> str:
        return "\n".join((self.folder / "out.txt").read_text("utf-8", errors="replace").splitlines()[-15:])


@contextmanager
def running(flavour: Flavour) -> Iterator[Server]:
    """A started server, closed at the end. Raises: Unavailable."""
    server = Server(flavour)
    try:
        server.start()
        yield server
    finally:
        server.close()


def _unprivileged() -> list[str]:
    """What runs a command as nobody where we are root. Raises: Unavailable."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        raise Unavailable(
            "the servers refuse to run as root, and there is no setpriv (util-linux) to run them as nobody"
        )
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])


def _send(process: psutil.Process, how: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(how)


def _sweep(running: Path) -> None:
    """Remove what processes that are no more have left behind."""
    for folder in running.iterdir():
        starter = folder.name.split("-")[1]
        if starter.isdigit() and not psutil.pid_exists(int(starter)):
            shutil.rmtree(folder, ignore_errors=True)
