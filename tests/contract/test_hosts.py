"""The Hosts port: the contract in `connectors.ports`, on every adapter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.feed_ports import Hosts
from connectors.opening import Store
from tests.factories import NOON
from transforms.habits import Host

WIRE = Host(
    origin="https://wire.example",
    robots="User-agent: *\nDisallow: /архив/\n",
    robots_at=NOON,
    rests_until=NOON + timedelta(hours=1),
    reason="HTTP 429",
    rests=2,
)
UNASKED = Host(origin="http://127.0.0.1:8000")


@pytest.fixture
def hosts(store: Store) -> Hosts:
    return store.hosts


def test_what_was_put_comes_back_whole(hosts: Hosts) -> None:
    hosts.put([WIRE, UNASKED])
    assert hosts.get([UNASKED.origin, WIRE.origin]) == {WIRE.origin: WIRE, UNASKED.origin: UNASKED}


def test_an_unknown_host_is_left_out(hosts: Hosts) -> None:
    hosts.put([WIRE])
    assert hosts.get(["https://other.example", WIRE.origin, WIRE.origin]) == {WIRE.origin: WIRE}
    assert hosts.get([]) == {}


def test_an_empty_robots_txt_is_not_an_unknown_one(hosts: Hosts) -> None:
    without = replace(WIRE, robots="")
    hosts.put([without, UNASKED])
    assert [hosts.get([one.origin])[one.origin].robots for one in (without, UNASKED)] == ["", None]


def test_putting_replaces_and_the_last_one_counts(hosts: Hosts) -> None:
    hosts.put([WIRE])
    rested = replace(WIRE, rests_until=None, reason="", rests=0)
    hosts.put([UNASKED, WIRE, rested])
    assert hosts.get([WIRE.origin]) == {WIRE.origin: rested}
    hosts.put([])
    assert hosts.get([WIRE.origin]) == {WIRE.origin: rested}


def test_the_schemes_of_one_host_are_two_origins(hosts: Hosts) -> None:
    plain = replace(WIRE, origin="http://wire.example", robots="")
    hosts.put([WIRE, plain])
    assert hosts.get([plain.origin]) == {plain.origin: plain}


def test_many_hosts(hosts: Hosts) -> None:
    many = [replace(WIRE, origin=f"https://h{i}.example") for i in range(3_000)]
    hosts.put(many)
    assert hosts.get(one.origin for one in many) == {one.origin: one for one in many}
