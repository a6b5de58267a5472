"""python -m tests.cluster flink run -- python -m tests.cluster.throughput

Articles a second from the moment that their feeds are known, through `newswire stream` on one and on two workers: as
processes of one machine (profile local), and as TaskManagers of Flink. The pages are those of ../shared; what the
processors were busy with is said beside it, a JSON line each: where others are at work, seconds say little.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from connectors.opening import open_store
from tests.benchmarks.canned import answer, rss, serving
from tests.benchmarks.pipeline import _bare
from tests.cluster.flink import Flink, found
from tests.cluster.wire import Wire, log_of, streaming
from tests.shared import WHY_SKIPPED, shared_pages
from transforms.records import Feed

#: So often each page, every time under another address.
COPIES = 4
OUTLETS = 16
#: How long is looked at what it takes to do nothing.
IDLE_S = 30.0
#: For all pages on the slowest.
LIMIT_S = 300.0


def main() -> int:
    """0; 1 where the pages are not there."""
    if not (pages := shared_pages()):
        print(f"throughput {WHY_SKIPPED}", file=sys.stderr)
        return 1
    listed = [(key, f"/{copy}/{key}") for copy in range(COPIES) for key in pages]
    answers = {path: answer(pages[key][1], "text/html") for key, path in listed}
    feeds = {
        f"/feed/{n}": answer(rss(f"outlet {n}", listed[n::OUTLETS]), "application/rss+xml") for n in range(OUTLETS)
    }
    cluster = found()
    with serving({**answers, **feeds}, host="0.0.0.0") as base:
        port = int(base.rpartition(":")[2])
        addresses = [f"http://127.0.0.{2 + n}:{port}/feed/{n}" for n in range(OUTLETS)]
        for count in (1, 2):
            _say("local", count, addresses, len(listed), "", None)
        for count in (1, 2) if cluster else ():
            assert cluster is not None
            runner = (
                f'profile = "flink"\nparallelism = {count}\njob_endpoint = "{cluster.job_endpoint}"\n'
                f'environment = "{cluster.environment}"'
            )
            _say("flink", count, addresses, len(listed), runner, cluster)
    print(json.dumps({"bare trafilatura with metadata, one process": round(_bare("metadata"), 1)}), flush=True)
    return 0


def _say(profile: str, count: int, feeds: Sequence[str], pages: int, runner: str, cluster: Flink | None) -> None:
    with tempfile.TemporaryDirectory() as folder, Wire(Path(folder), outlets=1) as wire:
        wire.configure(
            fetch="allow_private_hosts = true\nper_host = 16\ngap_s = 0\nfeed_gap_s = 0\nrobots = false",
            # On Flink each worker has a process of its own for reading, on one machine they share what there is.
            extract=f"processes = {1 if cluster else count}",
            runner=runner or 'profile = "local"',
        )
        wire.publish_at_once(4)
        with streaming(wire) as process:
            wire.wait_for(4, LIMIT_S)  # all that starts has started
            before = _busy(process.pid, cluster)
            time.sleep(IDLE_S)
            idle = {name: round((s - before[name]) / IDLE_S, 2) for name, s in _busy(process.pid, cluster).items()}
            psutil.cpu_percent()
            before, began = _busy(process.pid, cluster), time.monotonic()
            with open_store(wire.spec) as store:
                store.feeds.add([Feed(id=f"f{n}", url=url, interval=timedelta(hours=1)) for n, url in enumerate(feeds)])
            wire.wait_for(4 + pages, LIMIT_S)
            took = time.monotonic() - began
            after, machine = _busy(process.pid, cluster), psutil.cpu_percent() / 100 * (os.cpu_count() or 1)
            assert process.poll() is None, log_of(wire)
            if cluster is not None:
                cluster.cancel(cluster.running_job())
    spent = {name: seconds - before.get(name, 0.0) for name, seconds in after.items()}
    cores = {name: round(seconds / took, 2) for name, seconds in spent.items()}
    cores["others"] = round(machine - sum(cores.values()), 2)
    said = {"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}", "profile": profile, "workers": count, "articles": pages}
    said |= {"seconds": round(took, 1), "articles_s": round(pages / took, 1), "cores": cores, "cores before": idle}
    said["CPU ms an article"] = {name: round(1000 * seconds / pages, 1) for name, seconds in spent.items()}
    print(json.dumps(said), flush=True)


def _busy(stream: int, cluster: Flink | None) -> Mapping[str, float]:
    """Seconds of CPU so far, by what they were spent on."""
    spent: dict[str, Any] = {"newswire stream": _cpu([stream]), "web server and test": _cpu([os.getpid()], (stream,))}
    if cluster is not None:
        spent["Python workers"] = _cpu(cluster.workers)
        spent["TaskManagers"] = _cpu(cluster.task_managers)
    return spent


def _cpu(pids: Sequence[int], but: Sequence[int] = ()) -> float:
    """Of these processes and all that they have started and that is still there."""
    family = {one.pid: one for pid in pids for one in (psutil.Process(pid), *psutil.Process(pid).children(True))}
    left_out = {one.pid for pid in but for one in (psutil.Process(pid), *psutil.Process(pid).children(True))}
    times = [one.cpu_times() for pid, one in family.items() if pid not in left_out]
    return sum(one.user + one.system for one in times)


if __name__ == "__main__":
    sys.exit(main())
