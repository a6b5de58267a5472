"""What a server says is wrong, sorted into our families of errors."""

from collections.abc import Mapping
from typing import Any

from elastic_transport import ConnectionTimeout, SerializationError, TlsError, TransportError

from connectors.servers import short
from transforms.errors import Busy, ConfigError, NewswireError, StoreFailed, Unindexable, Unreachable

#: What TLS says when trying again is of no use.
_UNTRUSTED = ("certificate", "fingerprint", "hostname", "wrong_version_number")
Failure = NewswireError | ConfigError | StoreFailed


def failure(subject: str, status: int, error: object) -> Failure | None:
    """What an answer of `status` means, of one request or of one item of a bulk request; None where the caller has to
    judge: success, 400, 404 and 409 among them. `error` is what stands under "error" in it.

    ConfigError is for whoever runs it (no access), StoreFailed for whoever keeps the server (a block on writing, a full
    disk); Busy and Unreachable go away by themselves.
    """
    kind, reason = told(error)
    if kind == "cluster_block_exception" and status in (403, 429):  # 503: a cluster that still starts
        return StoreFailed(f"the store cannot be written: {reason}")
    match status:
        case 401:
            return ConfigError(f"{subject}: the server does not accept this user or API key")
        case 403:
            return ConfigError(f"{subject}: this user or API key may not do it: {reason}")
        case 429:
            return Busy(subject, reason or "has too much to do (429)", kind="rate-limited")
        case 503:
            return Busy(subject, reason or "is not available (503)", kind="busy")
        case 502 | 504:
            return Unreachable(subject, reason or f"a gateway has no answer ({status})", kind="server-error")
        case _:
            return None


def item_failure(name: str, status: int, error: object) -> Failure | None:
    """What became of one item of a bulk request: None of one that was written, or met a conflict (409); Unindexable,
    with the server's reason, of a document it will never have."""
    if status < 300 or status == 409:
        return None
    kind, reason = told(error)
    return failure(name, status, error) or Unindexable(name, f"the server rejects it: {reason or kind or status}")


def told(error: object) -> tuple[str, str]:
    """The type and the reason of an error as the servers write it, the innermost reason first, in one line."""
    if not isinstance(error, Mapping):
        return "", short(error if isinstance(error, str) else "")
    reasons: list[str] = []
    inner: Any = error
    while isinstance(inner, Mapping):
        reasons.append(str(inner.get("reason") or ""))
        inner = inner.get("caused_by")
    said = list(dict.fromkeys(filter(None, reversed(reasons))))
    return str(error.get("type") or ""), short("; ".join(said))


def unanswered(subject: str, error: TransportError) -> Unreachable | ConfigError:
    """What it means that there is no answer at all, or none that can be read."""
    words = f"{error.message} {' '.join(map(str, error.errors))}".lower()
    if isinstance(error, ConnectionTimeout):
        return Unreachable(subject, "no complete answer in time", kind="timeout")
    if isinstance(error, TlsError):
        if any(word in words for word in _UNTRUSTED):
            return ConfigError(f"{subject}: no secure connection, since {short(error.message)}")
        return Unreachable(subject, "no secure connection", kind="tls")
    if isinstance(error, SerializationError):
        return Unreachable(subject, "the answer is not in JSON")
    if "refused" in words:
        return Unreachable(subject, "refuses connections", kind="refused")
    if "name or service" in words or "resolve" in words:
        return Unreachable(subject, "its host has no address", kind="dns")
    return Unreachable(subject, "the connection broke off")
