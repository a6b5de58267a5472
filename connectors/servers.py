"""What the servers that an operator lets us into have in common, Elasticsearch, OpenSearch and Kibana: an address,
credentials by reference, an authority for the certificate, and more words than we pass on."""

import ssl
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from connectors.secrets import referred, resolve
from transforms.errors import ConfigError

#: Of what a server says, in our own words; it may repeat a whole document.
MAX_REASON = 300


def address(url: str, what: str, example: str) -> SplitResult:
    """The parts of the address of `what`, http or https with a host; the port may be missing.

    Raises: ConfigError, without the password that may stand in it.
    """
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        shown = url.rpartition("@")[2]  # before it may stand a password
        raise ConfigError(f"{shown}: not the address of {what}, such as {example}")
    if "@" in parts.netloc:
        raise ConfigError(f"{parts.hostname}: an address holds no user and password; name them by reference")
    return parts


def credentials(
    owner: str, *, api_key: str, user: str, password: str, environ: Mapping[str, str], hint: str = ""
) -> str | tuple[str, str] | None:
    """What `owner` ("the store") lets us in with: an API key, or a user and a password, or nothing.

    The key and the password are references, the user may be one; `hint` as in `connectors.secrets.referred`.

    Raises: ConfigError, naming what is there twice, by half or not at all.
    """
    if api_key and (user or password):
        raise ConfigError(f"{owner} has an API key and a user; one is enough")
    if bool(user) != bool(password):
        raise ConfigError(f"{owner} has a user without a password, or a password without a user")
    if api_key:
        return referred(f"{owner}'s API key", api_key, environ, hint=hint)
    if user:
        return resolve(user, environ), referred(f"{owner}'s password", password, environ, hint=hint)
    return None


def trusting(ca_file: str) -> ssl.SSLContext:
    """For connections to servers whose certificates the authority in a PEM file has signed; of an empty name, those
    that the system trusts.

    Raises: ConfigError, naming the file.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as e:  # no such file, or not a certificate in it
        raise ConfigError(f"the CA file {ca_file} cannot be used: {e.strerror or e}") from e


def short(said: object) -> str:
    """What a server says, on one line and no longer than anybody reads."""
    line = " ".join(str(said).split())
    return line if len(line) <= MAX_REASON else f"{line[:MAX_REASON]}…"
