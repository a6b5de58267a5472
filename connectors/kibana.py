"""The one thing newswire asks of Kibana: to import saved objects."""

import asyncio
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from connectors.servers import address, credentials, short, trusting
from transforms.errors import Busy, ConfigError, Refused, Unreachable

#: References come from a command line.
_HINT = " (in single quotes: a shell would put the secret itself in its place)"
_SPACE = re.compile(r"[a-z0-9_-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class KibanaSpec:
    """Where Kibana is and how to get in. Credentials are references, `${NAME}` or `${file:/path}`
    (`connectors.secrets`)."""

    #: With Kibana's base path, where it has one.
    url: str
    #: The space's identifier, as addresses have it after `/s/`; empty: the default space.
    space: str = ""
    #: One of the two, or neither: an API key of Elasticsearch (encoded), or a user with a password.
    api_key: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    #: PEM file of the authority that signed Kibana's certificate; empty: those the system trusts.
    ca_file: str = ""
    #: For the whole answer.
    timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of each object, named as `dashboard newswire-overview`."""

    done: tuple[str, ...]
    #: (object, why not).
    failed: tuple[tuple[str, str], ...]


class Kibana:
    """A Kibana, asked once a call; nothing is held open between calls."""

    def __init__(self, spec: KibanaSpec, environ: Mapping[str, str]) -> None:
        """Raises: ConfigError, where the spec contradicts itself or a credential is not where it should be."""
        self._url = f"{_address(spec.url)}{_path(spec.space)}/api/saved_objects/_import"
        self._space = spec.space
        self._headers = {"kbn-xsrf": "newswire", "Accept": "application/json", **_authorization(spec, environ)}
        self._ssl = trusting(spec.ca_file)
        self._timeout_s = spec.timeout_s

    def import_objects(self, ndjson: str) -> Imported:
        """Import objects, one a line, in place of earlier ones of the same ids. Objects that Kibana would not have are
        in the answer; the others are there then.

        Raises:
            ConfigError: it does not let us in, or this is not Kibana's address.
            Refused: it takes nothing of it.
            Busy, Unreachable: it does not answer now.
        """
        try:
            status, location, said = asyncio.run(self._post(ndjson))
        except (aiohttp.ClientSSLError, ssl.SSLError) as e:
            raise ConfigError(f"{self._url}: no secure connection, since {short(e)}") from e
        except TimeoutError as e:
            reason = f"no complete answer within {self._timeout_s:g} s"
            raise Unreachable(self._url, reason, kind="timeout") from e
        except aiohttp.ClientConnectorError as e:  # which itself tells of Python's objects
            raise Unreachable(self._url, short(e.os_error.strerror or e.os_error)) from e
        except (aiohttp.ClientError, OSError) as e:
            raise Unreachable(self._url, short(e)) from e
        answer = _json(said)
        if status != 200:
            raise self._failure(status, location, short(answer.get("message") or ""))
        if not isinstance(answer.get("success"), bool):
            raise ConfigError(f"{self._url}: what answers is not Kibana")
        return _imported(answer)

    async def _post(self, ndjson: str) -> tuple[int, str, bytes]:
        form = aiohttp.FormData()
        # Kibana looks at the end of the file's name.
        form.add_field("file", ndjson.encode(), filename="newswire.ndjson", content_type="application/ndjson")
        async with (
            asyncio.timeout(self._timeout_s),
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None), headers=self._headers) as session,
            session.post(
                self._url, params={"overwrite": "true"}, data=form, ssl=self._ssl, allow_redirects=False
            ) as answer,
        ):
            return answer.status, answer.headers.get("Location", ""), await answer.read()

    def _failure(self, status: int, location: str, message: str) -> Exception:
        more = f": {message}" if message else ""
        match status:
            case 401:
                return ConfigError(f"{self._url}: Kibana does not accept this user or API key{more}")
            case 403:
                return ConfigError(
                    f"{self._url}: this user or API key may not import saved objects here"
                    f" (Kibana's privilege: Saved Objects Management, all){more}"
                )
            case 404:
                space = f"there is no space {self._space!r}, or " if self._space else ""
                return ConfigError(f"{self._url}: {space}this is not Kibana's address with its base path{more}")
            case 429 | 503:
                return Busy(self._url, message or f"Kibana is not ready ({status})")
            case _ if 300 <= status < 400:
                return ConfigError(f"{self._url}: leads to {location or 'somewhere else'}; name Kibana's own address")
            case _ if status >= 500:
                return Unreachable(self._url, message or f"HTTP {status}", kind="server-error")
            case _:
                return Refused(self._url, message or f"HTTP {status}")


def _imported(answer: Mapping[str, Any]) -> Imported:
    done = tuple(f"{one.get('type')} {one.get('id')}" for one in answer.get("successResults") or ())
    failed = tuple((f"{one.get('type')} {one.get('id')}", _why(one.get("error"))) for one in answer.get("errors") or ())
    if not failed and answer["success"] is False:  # would be success, were it not for this word
        failed = (("the import", "Kibana says that it failed, and nothing more"),)
    return Imported(done, failed)


def _why(error: Any) -> str:
    """Why an object was not imported, in words; Kibana's own for a kind of error that is not known here."""
    error = error if isinstance(error, Mapping) else {}
    match error.get("type"):
        case "missing_references":
            names = (f"{one.get('type')} {one.get('id')}" for one in error.get("references") or ())
            return f"it refers to what is not there: {', '.join(names)}"
        case "conflict":
            return "another object has its id, in a space that is not seen from here"
        case "ambiguous_conflict":
            return "several objects may be meant by its id"
        case "unsupported_type":
            return "this Kibana has no objects of its type"
        case kind:
            return short(error.get("message") or kind or "Kibana does not say why")


def _authorization(spec: KibanaSpec, environ: Mapping[str, str]) -> dict[str, str]:
    """Raises: ConfigError."""
    match credentials(
        "Kibana", api_key=spec.api_key, user=spec.user, password=spec.password, environ=environ, hint=_HINT
    ):
        case str(key):
            return {"Authorization": f"ApiKey {key}"}
        case (user, password):
            return {"Authorization": aiohttp.encode_basic_auth(user, password)}
        case _:
            return {}


def _address(url: str) -> str:
    """Raises: ConfigError."""
    parts = address(url, "Kibana", "https://kibana.example:5601")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _path(space: str) -> str:
    """Raises: ConfigError."""
    if not _SPACE.fullmatch(space):
        raise ConfigError(f"{space!r} is no identifier of a space: small letters, digits, - and _ only")
    return f"/s/{space}" if space else ""


def _json(said: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(said)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
