"""`kill -9` at random moments of runs that ingest and deliver: every alert arrives, each story under one id, and what
arrives twice arrives under the same one."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.opening import open_store
from pipelines.settings import load
from tests.e2e.cli import environment, write_settings
from tests.receiver import Receiver
from tests.site import RSS, Site, feed, page
from transforms.subscriptions import Subscription

KILLS = 50
STORIES_A_ROUND = 3
KEY = "kept by the receiver"
#: How much longer than a message a lease lasts here.
MARGIN_S = 0.5


class Runs:
    """`newswire run --all`, again and again."""

    def __init__(self, settings: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.forking", str(settings), str(MARGIN_S)],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment() | {"HOOK_KEY": KEY},
        )

    def start(self) -> int:
        """A run's process id."""
        assert self._process.stdin is not None
        self._process.stdin.write("run\n")
        self._process.stdin.flush()
        return int(self._line())

    def ended(self) -> int:
        """Wait for its end: its exit code, negative where a signal ended it."""
        while not (line := self._line()).startswith("ended "):
            pass
        return int(line.removeprefix("ended "))

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the runs have ended"
        return line.strip()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(60) == 0


def story(number: int) -> tuple[str, str, bytes]:
    """Path, headline and page of a story like no other."""
    words = [f"w{random.Random(f'{number}/{n}').randrange(10**9)}x" for n in range(60)]
    text = f"Drones hit the harbour for the {number}th time, officials said on Monday. {' '.join(words)}."
    headline = f"Harbour hit, report {number}"
    return f"/story/{number}.html", headline, page(headline, [text, f"Nobody could say why, it was said in {number}."])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_fifty_times_every_alert_arrives_and_none_under_two_ids(tmp_path: Path) -> None:
    rng = random.Random(8)
    with Site() as site, Receiver() as receiver:
        hooks = {"each": receiver.url("/hook/each"), "together": receiver.url("/hook/together")}
        settings = write_settings(
            tmp_path,
            [("wire", site.put("/feed.xml", feed([]), content_type=RSS))],
            more_fetch="gap_s = 0\nfeed_gap_s = 0",
            more='[alerts]\nallow_private_hosts = true\nsigning = ["${HOOK_KEY}"]\ntimeout_s = 1',
        )
        now = datetime.now(UTC)
        with open_store(load(str(settings)).store_spec) as store:
            store.subscriptions.put(
                [
                    Subscription(id="each", query="drones", channels=(hooks["each"],), since=now, changed_at=now),
                    Subscription(
                        id="together",
                        query="harbour",
                        channels=(hooks["together"],),
                        cool_down=timedelta(seconds=1),
                        since=now,
                        changed_at=now,
                    ),
                ]
            )
        runs = Runs(settings)
        started = time.monotonic()
        runs.start()
        assert runs.ended() == 0
        took = time.monotonic() - started  # about as long as a run takes that has more to do
        told: list[tuple[str, str, str]] = []
        kills = rounds = 0
        while kills < KILLS:
            rounds += 1
            assert rounds < 3 * KILLS, f"only {kills} of {rounds} runs were killed before they were over"
            for one in range(len(told), len(told) + STORIES_A_ROUND):
                path, headline, body = story(one)
                told.append((headline, site.put(path, body), "It is said."))
            site.put("/feed.xml", feed(told[::-1]), content_type=RSS)
            heard_before, started = len(receiver.received), time.monotonic()
            child = runs.start()
            if rounds % 2:  # at any moment
                time.sleep(rng.uniform(0, 1) * took)
            else:  # about when a message has gone out, and may not be noted as sent
                while len(receiver.received) == heard_before and time.monotonic() - started < took:
                    time.sleep(0.001)
                time.sleep(rng.uniform(0, 0.1))
            with suppress(ProcessLookupError):  # over already
                os.kill(child, signal.SIGKILL)
            if runs.ended() < 0:
                kills += 1
            else:
                took = min(took, time.monotonic() - started)
        for _ in range(20):
            runs.start()
            assert runs.ended() == 0
            with open_store(load(str(settings)).store_spec) as store:
                waiting = store.outbox.status(datetime.now(UTC)).deliveries.get("waiting", 0)
                stored = store.articles.status()["articles"]
            if stored == len(told) and not waiting:
                break
        runs.close()
        messages = receiver.verified(KEY.encode())
        arrived = receiver.received
    heard: dict[str, dict[str, set[str]]] = {name: defaultdict(set) for name in hooks}
    of_message: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for got, message in zip(arrived, messages, strict=True):
        assert got.path == f"/hook/{message['subscription']['id']}"
        assert got.id == message["id"]
        of_message[got.id].add(tuple(alert["id"] for alert in message["alerts"]))
        for alert in message["alerts"]:
            heard[message["subscription"]["id"]][alert["url"]].add(alert["id"])
    urls = {url for _, url, _ in told}
    for name in hooks:
        assert heard[name].keys() == urls, f"{name}: {sorted(urls - heard[name].keys())[:5]} were never told"
        assert {len(ids) for ids in heard[name].values()} == {1}
    assert {len(bodies) for bodies in of_message.values()} == {1}, "one message, said in two ways"
    copies = Counter(got.id for got in arrived)
    print(json.dumps({"messages": len(copies), "sent again": sum(copies.values()) - len(copies), "rounds": rounds}))
