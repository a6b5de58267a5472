"""Fixtures of tests marked `servers`. They skip, in words, where no server is to be used."""

import os
import uuid
from collections.abc import Callable, Iterator

import pytest
from elasticsearch import Elasticsearch

from connectors.elasticsearch.transport import StoreTransport
from tests.servers.__main__ import VARIABLES
from tests.servers.server import Flavour, Server, running


def server_url(flavour: Flavour) -> str:
    """The address of the server that tests share; each test uses index names of its own. Skips where there is none."""
    url = os.environ.get(VARIABLES[flavour], "")
    if not url:
        pytest.skip(f"{VARIABLES[flavour]} is not set; `make test-servers` starts servers and runs this")
    return url


@pytest.fixture(scope="session", params=VARIABLES)
def shared_server(request: pytest.FixtureRequest) -> str:
    """The address of each product's server in turn."""
    return server_url(request.param)


@pytest.fixture
def prefix(shared_server: str) -> Iterator[Callable[[], str]]:
    """Names for the indices of one store each, on the shared server; all that bears them is gone in the end."""
    names: list[str] = []

    def new() -> str:
        names.append(f"newswire-test-{uuid.uuid4().hex[:12]}")
        return names[-1]

    yield new
    forget(shared_server, *names)


def forget(url: str, *prefixes: str) -> None:
    """Take stores off a server, with all that bears their names."""
    with Elasticsearch(url, transport_class=StoreTransport) as client:
        for name in prefixes:
            client.indices.delete(index=f"{name}-*", expand_wildcards="all")
            client.options(ignore_status=404).indices.delete_index_template(name=f"{name}-*")
            client.options(ignore_status=404).cluster.delete_component_template(name=f"{name}-*")


@pytest.fixture(scope="session")
def secured_server() -> Iterator[Server]:
    """An Elasticsearch of its own with users, keys and TLS."""
    server_url("elasticsearch")
    with running("secured") as server:
        yield server


@pytest.fixture(scope="module", params=VARIABLES)
def breakable_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of the module's own, of each product in turn, to be stopped, paused and killed; it runs at the end."""
    server_url(request.param)
    with running(request.param) as server:
        yield server
