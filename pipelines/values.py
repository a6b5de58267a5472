"""What may stand in the settings, and how it is written there: durations, addresses, headers, names of secrets."""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from connectors.secrets import check_header, is_reference
from transforms.errors import ConfigError
from transforms.languages import primary_subtag
from transforms.urls import is_followable
from transforms.zones import in_utc

_DURATION = re.compile(r"^(\d+)\s*(s|m|h|d)$")
#: The largest first.
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}


def parse_duration(text: object) -> timedelta:
    """A length of time written as `90s`, `15m`, `24h` or `7d`. Raises: ValueError for anything else."""
    if isinstance(text, timedelta):
        return text
    found = _DURATION.match(text.strip()) if isinstance(text, str) else None
    if not found:
        raise ValueError(f"must be a number with s, m, h or d, such as 15m or 24h; got {text!r}")
    try:
        return int(found[1]) * _UNITS[found[2]]
    except OverflowError as e:
        raise ValueError(f"{text!r} is too long") from e


def moment(text: str, now: datetime, option: str) -> datetime | None:
    """A point in time, said as a length before now or as a date, which is UTC where it names no zone; None for nothing.

    Raises: ConfigError, which names the option.
    """
    if not text:
        return None
    length = None
    with suppress(ValueError):
        length = parse_duration(text)
    try:
        if length is not None:
            return now - length
        return in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as e:
        raise ConfigError(f"{option}: {text!r} is neither a length such as 24h nor a date such as 2026-11-18") from e


def written(length: timedelta) -> str:
    """A length of time of whole seconds as settings have it: `90s`, `15m`, `36h`, `7d`."""
    letter, unit = next((letter, unit) for letter, unit in _UNITS.items() if not length % unit)
    return f"{length // unit}{letter}"


def spoken(tag: str) -> str:
    """The language of a tag such as `EN` or `en-US`, as articles have it: `en`; what is blank is itself.

    Raises: ValueError for what is no tag.
    """
    if not (found := primary_subtag(tag)) and tag.strip():
        raise ValueError(f"must be a language such as en or ar, got {tag!r}")
    return found or tag


def fetchable(url: str) -> str:
    """The address itself. Raises: ValueError for one that cannot be fetched."""
    if not is_followable(url):
        raise ValueError(f"must be a complete http or https address, got {url!r}")
    return url


#: Header fields that carry secrets, by name or by part of it.
_SECRET = re.compile(r"authorization|cookie|token|secret|password|signature|(?:^|[-_])(?:api-?)?key", re.IGNORECASE)


def header(name: str, value: str) -> tuple[str, str]:
    """A field to send with a feed's requests.

    Raises: ValueError where a secret is written out, or where it cannot be sent.
    """
    if _SECRET.search(name) and "${" not in value:
        raise ValueError(
            f"{name}: a secret must come from the environment, as ${{NAME}}, or from a file, ${{file:/path}};"
            " got one that is written out"
        )
    try:
        check_header(name, value)
    except ConfigError as e:
        raise ValueError(f"{e}; got the header {name!r}") from e
    return name, value


def sendable(given: dict[str, str]) -> dict[str, str]:
    """`header` of each. Raises: ValueError."""
    return dict(header(name, value) for name, value in given.items())


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]


class Table(BaseModel):
    """A table of the settings file: a typo is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _reference(secret: str) -> str:
    if secret and not is_reference(secret):
        raise ValueError(
            "a secret is named as ${NAME}, a variable of the environment, or ${file:/path}; got one that is written out"
        )
    return secret


Secret = Annotated[str, AfterValidator(_reference)]
