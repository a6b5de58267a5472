"""Sudden death of whoever writes the embedded outbox: nothing that was added is lost, nothing is claimed for ever."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter, defaultdict
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.alert_ports import Sent
from connectors.opening import SqliteSpec, open_store
from connectors.sqlite.database import connect
from tests.factories import NOON

LIVES = 20

#: Adds, claims and settles for ever, an hour after the one before it; says what it has done, when it is done.
CHILD = """
    import random
    import sys
    from datetime import timedelta
    from itertools import count

    from connectors.alert_ports import Addressed, Sent
    from connectors.opening import SqliteSpec, open_store
    from tests.factories import NOON, make_alert

    life = int(sys.argv[2])
    dice, now = random.Random(life), NOON + life * timedelta(hours=1)
    with open_store(SqliteSpec(path=sys.argv[1])) as store:
        print("ready", flush=True)
        for number in count():
            now += timedelta(seconds=1)
            names = [f"{life:02}-{number:05}-{n}" for n in range(5)]
            store.outbox.add(
                [
                    Addressed(
                        alert=make_alert(id=name, story=name, subscription=f"desk-{dice.randrange(3)}", made_at=now),
                        channels=("https://desk.example/hook", "log:"),
                        due_at=now,
                    )
                    for name in names
                ]
            )
            print("added", *names, flush=True)
            sent = []
            for batch in store.outbox.claim(
                now=now, worker=f"w{life}", lease=timedelta(minutes=1), lanes=4, alerts=4
            ):
                ids = tuple(alert.id for alert in batch.alerts)
                if dice.random() < 0.2:
                    sent.append(Sent(batch=batch, error="HTTP 500", next_at=now + timedelta(seconds=3)))
                elif dice.random() < 0.1:
                    sent.append(Sent(batch=batch, delivered=ids[1:], dead=ids[:1], error="HTTP 410"))
                else:
                    sent.append(Sent(batch=batch, delivered=ids))
            store.outbox.settle(sent, worker=f"w{life}", now=now)
            for one in sent:
                print("delivered", one.batch.lane.channel, *one.delivered, flush=True)
"""


def lived(path: Path, life: int, seconds: float) -> list[list[str]]:
    """The lines that a child said before it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(path), str(life)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    said, errors = process.communicate(timeout=30)
    assert first == "ready\n", errors
    assert process.returncode == -signal.SIGKILL, errors
    return [line.split() for line in said.splitlines(keepends=True) if line.endswith("\n")]


@pytest.mark.slow
def test_sudden_death_loses_nothing_and_leaves_nothing_claimed(tmp_path: Path) -> None:
    path, dice = tmp_path / "store.db", random.Random(8)
    said = [line for life in range(LIVES) for line in lived(path, life, dice.uniform(0, 0.25))]
    added = {name for kind, *names in said if kind == "added" for name in names}
    delivered = {(channel, name) for kind, channel, *names in said if kind == "delivered" for name in names}
    assert len(added) > 5 * LIVES
    assert len(delivered) > LIVES
    with closing(connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with open_store(SqliteSpec(path=str(path))) as store:
        found = store.outbox.deliveries(limit=10**6)
        per_alert = Counter(one.alert.id for one in found)
        assert added <= per_alert.keys(), "what was added is there"
        assert set(per_alert.values()) == {2}, "with all of its deliveries"
        assert set(store.outbox.told(per_alert)) == per_alert.keys()
        state = {(one.channel, one.alert.id): one.state for one in found}
        assert {state[one] for one in delivered} == {"delivered"}
        for one in found:
            assert sum(event.what == "delivered" for event in one.history) == (one.state == "delivered")
        now, rest = NOON + LIVES * timedelta(hours=2), defaultdict[tuple[str, str], list[str]](list)
        while batches := store.outbox.claim(now=now, worker="last", lease=timedelta(hours=1), lanes=99, alerts=50):
            for batch in batches:
                rest[batch.lane.subscription, batch.lane.channel] += [alert.id for alert in batch.alerts]
            sent = [Sent(batch=batch, delivered=tuple(alert.id for alert in batch.alerts)) for batch in batches]
            store.outbox.settle(sent, worker="last", now=now)
        assert store.outbox.status(now).deliveries.get("waiting", 0) == 0, "nothing is claimed for ever"
        waited = {one for one, its in state.items() if its == "waiting"}
        assert {(channel, name) for (_, channel), names in rest.items() for name in names} == waited
        assert sum(map(len, rest.values())) == len(waited), "each of them once"
