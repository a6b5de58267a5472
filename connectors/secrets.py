"""Headers and passwords of an operator's own, with secrets that stand elsewhere: `${NAME}` is an environment variable,
`${file:/path}` a file. No value ever appears in an error; only its name does."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from transforms.errors import ConfigError

#: Far more than a key or a cookie, far less than a file that was named by mistake.
MAX_FILE = 65_536
_REFERENCE = re.compile(r"\$\{([^}]*)\}?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: RFC 9110, 5.6.2: a token.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: Controls, with which one header becomes two (RFC 9110, 5.5), and halves of UTF-16 pairs, which nothing can encode.
_UNFIT = re.compile("[\\x00-\\x08\\x0a-\\x1f\\x7f\\ud800-\\udfff]")
#: The client's own: what frames the message and chooses the connection, and what the answer is read by.
RESERVED = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "range",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def resolve(value: str, environ: Mapping[str, str]) -> str:
    """`value` with each `${NAME}` and `${file:/path}` replaced by what it stands for; a file's white space at both ends
    is left out. What is put in is not read again.

    Raises: ConfigError, naming the variable or the file that is not there.
    """
    return _REFERENCE.sub(lambda found: _secret(found[0], found[1], environ), value)


def is_reference(value: str) -> bool:
    """Whether `value` begins and ends as a reference does, rather than being the secret itself; what stands between is
    for `resolve` to judge."""
    return value.startswith("${") and value.endswith("}")


def referred(what: str, value: str, environ: Mapping[str, str], *, hint: str = "") -> str:
    """The secret that `value` names; `what` ("the store's password") and `hint` are for whoever wrote it out.

    Raises: ConfigError, which never holds what `value` is where it is no reference.
    """
    if not is_reference(value):
        raise ConfigError(f"{what} is named by reference, as ${{NAME}} or ${{file:/path}}{hint}, never written out")
    try:
        return resolve(value, environ)
    except ConfigError as e:
        raise ConfigError(f"{what} needs {e}") from None


def check_header(name: str, value: str) -> None:
    """Whether this may be sent as a header, before or after `resolve`.

    Raises: ConfigError, naming the header.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{_UNFIT.sub('?', name)[:80]!r} is no name of a header")
    if name.lower() in RESERVED:
        raise ConfigError(f"the header {name} is set by the client itself")
    if _UNFIT.search(value):
        raise ConfigError(f"the header {name} has a line break or another control character in its value")


def headers_to_send(headers: Iterable[tuple[str, str]], environ: Mapping[str, str]) -> dict[str, str]:
    """The headers with their secrets in place, checked; of two of one name the last counts.

    Raises: ConfigError, naming the header and what is wrong with it.
    """
    found: dict[str, str] = {}
    for name, value in headers:
        try:
            resolved = resolve(value, environ)
        except ConfigError as e:
            raise ConfigError(f"the header {name} needs {e}") from None
        check_header(name, resolved)
        found = {other: kept for other, kept in found.items() if other.lower() != name.lower()}
        found[name] = resolved.strip()
    return found


def _secret(written: str, name: str, environ: Mapping[str, str]) -> str:
    if not written.endswith("}"):
        raise ConfigError("a closing brace after ${")
    if name.startswith("file:"):
        return _content(name.removeprefix("file:"))
    if not _VARIABLE.fullmatch(name):
        raise ConfigError("the name of a variable, or file:/path, between ${ and }")
    if name not in environ:
        raise ConfigError(f"the environment variable {name}, which is not set")
    return environ[name]


def _content(path: str) -> str:
    """Raises: ConfigError."""
    file = Path(path)
    try:
        if not file.is_file():  # reading a pipe or a device might never end
            raise ConfigError(f"the file {path!r}, which is not there")
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE + 1)
        if len(content) > MAX_FILE:
            raise ConfigError(f"the file {path!r} to be smaller than {MAX_FILE} bytes")
        return content.decode().strip()
    except (OSError, ValueError) as e:  # no permission; a path with a zero byte; no UTF-8
        raise ConfigError(f"the file {path!r}, which cannot be read ({type(e).__name__})") from None
