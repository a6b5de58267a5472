"""The graph without an end on Prism, Beam's own runner for one machine: nothing is lost and nothing is there twice, and
a SIGTERM in the middle changes nothing about it."""

from __future__ import annotations

import json
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.cluster import builds
from tests.cluster.wire import Wire, log_of, streaming
from tests.e2e.cli import newswire
from tests.servers.builds import Unavailable

STREAMED_S = 60.0
#: For what is in hand when it is told to stop.
STOP_TIMEOUT_S = 90.0


@pytest.fixture(scope="module")
def prism() -> Path:
    """Prism's program. Skips where it can neither be found nor built."""
    if found := shutil.which("prism"):
        return Path(found)
    try:
        return builds.prism()
    except Unavailable as e:
        pytest.skip(f"no Prism: {e}")


@pytest.mark.slow
@pytest.mark.timeout(900)  # a cold build is among it
def test_a_stream_that_is_stopped_and_started_again(prism: Path, tmp_path: Path) -> None:
    with Wire(tmp_path) as wire:
        wire.configure(runner=f'profile = "prism"\nprism = "{prism}"')
        wire.publish()
        for _ in range(2):
            with streaming(wire) as process:
                time.sleep(STREAMED_S / 2)
                assert process.poll() is None, log_of(wire)
                stored = len(wire.stored())
                process.send_signal(signal.SIGTERM)
                assert process.wait(STOP_TIMEOUT_S) == 0, log_of(wire)
            assert stored > 0, log_of(wire)
        wire.hush()
        with streaming(wire) as process:
            counted = wire.check()
            process.send_signal(signal.SIGTERM)
            assert process.wait(STOP_TIMEOUT_S) == 0, log_of(wire)
    print(json.dumps(counted))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_named_among_beams_options_it_is_the_same(prism: Path, tmp_path: Path) -> None:
    """Nobody else works on its store, and a SIGTERM ends the job: what is in hand is finished."""
    with Wire(tmp_path) as wire:
        wire.configure(runner=f'prism = "{prism}"')
        wire.publish()
        with streaming(wire, "--", "--runner", "PrismRunner") as process:
            wire.wait_for(1, STREAMED_S)
            assert "is at work on" in newswire("run", str(wire.settings), cwd=tmp_path, exit_code=1).stderr
            process.send_signal(signal.SIGTERM)
            assert process.wait(STOP_TIMEOUT_S) == 0, log_of(wire)
        assert "newswire: stopped" in log_of(wire)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_store_that_is_taken_away_ends_it(prism: Path, tmp_path: Path) -> None:
    with Wire(tmp_path) as wire:
        wire.configure(runner=f'profile = "prism"\nprism = "{prism}"')
        wire.publish()
        with streaming(wire) as process:
            wire.wait_for(1, STREAMED_S)
            (tmp_path / "newswire.db").rename(tmp_path / "elsewhere.db")
            assert process.wait(STOP_TIMEOUT_S) == 1, log_of(wire)
        assert "the store's file was removed, or replaced" in log_of(wire)
