"""A client of whichever product answers, opened where it is used."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from elasticsearch import ApiError, Elasticsearch

from connectors.elasticsearch.transport import StoreTransport
from connectors.servers import address, credentials, trusting
from transforms.errors import ConfigError
from transforms.urls import DEFAULT_PORTS

#: The earliest versions this is written for (issue 6); shared SERVERS.md says which ones it is tested on.
OLDEST = {"elasticsearch": (8, 19), "opensearch": (2, 19)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ElasticsearchSpec:
    """Where the store is and how to get in. Travels to workers; the client is opened there.

    Credentials are references, `${NAME}` or `${file:/path}` (`connectors.secrets`), and are looked up at the opening.
    """

    urls: tuple[str, ...]
    #: All names of the store's indices begin with it.
    prefix: str = "newswire"
    #: One of the two, or neither: a key, or a user with a password.
    api_key: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    #: PEM file of the authority that signed the server's certificate; empty: those the system trusts.
    ca_file: str = ""
    #: SHA-256 of the server's own certificate, in hexadecimal, in place of an authority.
    fingerprint: str = ""
    #: For one answer.
    timeout_s: float = 30.0
    #: How long a request is tried again while the server is down or busy: longer than its restart takes.
    patience_s: float = 120.0


@contextmanager
def open_client(spec: ElasticsearchSpec) -> Iterator[Elasticsearch]:
    """A client of the server, which is Elasticsearch or OpenSearch and new enough; closed at the end.

    Every method of it raises what `connectors.elasticsearch.transport.StoreTransport` says.

    Raises:
        ConfigError: the spec contradicts itself, the server is another product or too old, it does not let us in, or
            there is no secure connection to it.
        Transient: it does not answer, or is busy.
    """
    client = _client(spec, os.environ)
    try:
        transport = cast(StoreTransport, client.transport)
        transport.patience_s = spec.patience_s
        _check(client, ", ".join(spec.urls))
        yield client
    finally:
        client.close()


def _client(spec: ElasticsearchSpec, environ: Mapping[str, str]) -> Elasticsearch:
    """Raises: ConfigError."""
    if not spec.urls:
        raise ConfigError("the store has no address")
    options: dict[str, Any] = {}
    match credentials("the store", api_key=spec.api_key, user=spec.user, password=spec.password, environ=environ):
        case str(key):
            options["api_key"] = key
        case (user, password):
            options["basic_auth"] = (user, password)
    if spec.ca_file:
        trusting(spec.ca_file)  # told at once, and by name: the client reads it only where it connects
        options["ca_certs"] = spec.ca_file
    if spec.fingerprint:
        options["ssl_assert_fingerprint"] = spec.fingerprint.replace(":", "")
    addresses = [_address(url) for url in spec.urls]
    try:
        return Elasticsearch(addresses, transport_class=StoreTransport, request_timeout=spec.timeout_s, **options)
    except ValueError as e:  # a CA file or a fingerprint for http://
        raise ConfigError(f"{', '.join(addresses)}: {e}") from e


def _address(url: str) -> str:
    """A server's address with its port, which the client wants to see. Raises: ConfigError."""
    parts = address(url, "a server", "https://search.example:9200")
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    return f"{parts.scheme}://{host}:{port}{parts.path.rstrip('/')}"


def _check(client: Elasticsearch, subject: str) -> None:
    """Raises: ConfigError, where this is not a server we can use."""
    try:
        info: Any = client.info().body
    except ApiError as e:
        raise ConfigError(
            f"{subject}: what answers is neither Elasticsearch nor OpenSearch ({e.meta.status})"
        ) from None
    version = info.get("version") if isinstance(info, Mapping) else None
    if not isinstance(version, Mapping) or "lucene_version" not in version:
        raise ConfigError(f"{subject}: what answers is neither Elasticsearch nor OpenSearch")
    product = "opensearch" if version.get("distribution") == "opensearch" else "elasticsearch"
    number = str(version.get("number", ""))
    if tuple(int(part) for part in number.split(".")[:2] if part.isdigit()) < OLDEST[product]:
        oldest = ".".join(map(str, OLDEST[product]))
        raise ConfigError(f"{subject}: {product} {number} is too old; newswire needs {oldest} or later")
