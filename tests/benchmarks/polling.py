"""10,000 feeds on 200 hosts that all answer 304, two at once from a host: the whole of a run, beside the bare HTTP
client asking the same of the same server, and beside feedparser in a loop.

`python -m tests.benchmarks.polling bare|feedparser BASE`: the peers, each in a process of its own.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import feedparser

from connectors.opening import open_store
from pipelines.settings import load
from tests.benchmarks.canned import answer, rss, serving
from tests.benchmarks.running import run
from transforms.records import Feed

FEEDS, HOSTS, PER_HOST, LOOPED = 10_000, 200, 2, 300
ASKED_OF_CLIENT, ASKED_OF_FEEDPARSER, ASKED_MB = 0.6, 10.0, 500
CONDITIONAL = {"If-None-Match": '"1"', "User-Agent": "newswire-benchmark"}


def measure() -> dict[str, Any]:
    """Requests a second, of a run without the start of its program; the client's are the mean of before and after."""
    paths = [f"/feed/{n}" for n in range(FEEDS // HOSTS)]
    answers = {path: answer(rss(path, [("x", f"http://127.0.0.1:9{path}")]), "application/rss+xml") for path in paths}
    with tempfile.TemporaryDirectory() as folder, serving(answers, unchanged=True, host="0.0.0.0") as base:
        settings = Path(folder) / "newswire.toml"
        settings.write_text(
            f"[fetch]\nallow_private_hosts = true\nper_host = {PER_HOST}\nconcurrency = {HOSTS * PER_HOST}\n"
            "feed_gap_s = 0\n"
            '[run]\ntime_limit = "1h"\n[store]\npath = "a.db"\n'
        )
        with open_store(load(str(settings)).store_spec) as store:
            store.feeds.add([Feed(id=f"f{n}", url=url) for n, url in enumerate(_urls(base))])
        run(settings, "--all")
        before, looped = _peer("bare", base), _peer("feedparser", base)
        ran = run(settings, "--all")
        after = _peer("bare", base)
    unchanged = ran.summary["counts"]["poll"].get("unchanged", 0)
    rate, bare = unchanged / ran.summary["elapsed_s"], (before + after) / 2
    return {
        "feeds": FEEDS,
        "hosts": HOSTS,
        "unchanged": unchanged,
        "run_s": round(ran.seconds, 2),
        "polling_s": round(ran.summary["elapsed_s"], 2),
        "polls_s": round(rate),
        "bare_client_s": round(bare),
        "feedparser_s": round(looped),
        "of_client": round(rate / bare, 3),
        "of_feedparser": round(rate / looped, 1),
        "peak_mb": round(ran.peak_mb),
        "asked": [ASKED_OF_CLIENT, ASKED_OF_FEEDPARSER, ASKED_MB],
        "reached": unchanged == FEEDS
        and rate >= ASKED_OF_CLIENT * bare
        and rate >= ASKED_OF_FEEDPARSER * looped
        and ran.peak_mb <= ASKED_MB,
    }


def _urls(base: str) -> list[str]:
    port = urlsplit(base).port
    each = FEEDS // HOSTS
    return [f"http://127.0.{1 + n // 100}.{1 + n % 100}:{port}/feed/{k}" for n in range(HOSTS) for k in range(each)]


def _peer(name: str, base: str) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.polling", name, base]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    return float(json.loads(done.stdout))


def bare(base: str) -> float:
    """Requests a second of the HTTP client alone, at the same limits."""

    async def ask() -> float:
        connector = aiohttp.TCPConnector(limit=0, limit_per_host=PER_HOST)
        async with aiohttp.ClientSession(connector=connector, headers=CONDITIONAL) as session:

            async def serve(urls: list[str]) -> None:
                while urls:
                    async with session.get(urls.pop()) as got:
                        await got.read()
                        assert got.status == 304

            by_host: dict[str, list[str]] = {}
            for url in _urls(base):
                by_host.setdefault(urlsplit(url).netloc, []).append(url)
            started = time.perf_counter()
            await asyncio.gather(*(serve(urls) for urls in by_host.values() for _ in range(PER_HOST)))
            return FEEDS / (time.perf_counter() - started)

    return asyncio.run(ask())


def in_a_loop(base: str) -> float:
    """Feeds a second of `feedparser.parse(url)`, with the validator that makes the server say 304."""
    urls = _urls(base)[:: FEEDS // LOOPED][:LOOPED]
    started = time.perf_counter()
    for url in urls:
        assert feedparser.parse(url, etag='"1"').get("status") == 304
    return LOOPED / (time.perf_counter() - started)


PEERS: dict[str, Callable[[str], float]] = {"bare": bare, "feedparser": in_a_loop}

if __name__ == "__main__":
    print(json.dumps(PEERS[sys.argv[1]](sys.argv[2])))
