"""Subscriptions as a file: TOML tables `[[subscriptions]]`, or the list `subscriptions:` in YAML.

Fields are named as those of `transforms.subscriptions.Subscription`; what is left out is as by default. Since when a
subscription asks is no matter of a file: the store knows.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from textwrap import indent
from typing import Annotated, Any, Literal

import tomli_w
import yaml
from pydantic import AfterValidator, BeforeValidator, ValidationError

from pipelines.values import Duration, Secret, Table, spoken
from transforms import plain_yaml, subscriptions
from transforms.channels import channel
from transforms.errors import ConfigError
from transforms.subscriptions import IMMEDIATE, Revisions, Subscription, lasting
from transforms.zones import in_utc

#: Far more than a hundred thousand subscriptions take.
MAX_FILE = 50_000_000
#: Of a file that is all wrong, so many problems are named; then how many more there are.
MAX_NAMED = 100
#: Where nothing else is said.
CHANNELS = ("log:",)
Format = Literal["toml", "yaml"]
#: Ends of lines in YAML 1.1, and nowhere else.
_ODD_LINES = re.compile("[\x85\u2028\u2029]")


def moment(value: object) -> object:
    """A date, or a date and time, as UTC where it names no zone: what `datetime` may be made of.

    Raises: ValueError for text that is none.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as e:
            raise ValueError(f"must be a date such as 2026-12-31 or 2026-12-31T18:00:00Z, got {value!r}") from e
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the next line gives it a zone
    return in_utc(value) if isinstance(value, datetime) else value


def _storable(text: str) -> str:
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("has half of a character in it, got text that nothing can encode")
    return text


_Text = Annotated[str, AfterValidator(_storable)]


class Entry(Table):
    """A subscription as a file has it."""

    id: _Text
    name: _Text = ""
    query: _Text = ""
    topics: tuple[_Text, ...] = ()
    sources: tuple[_Text, ...] = ()
    languages: tuple[Annotated[_Text, AfterValidator(spoken)], ...] = ()
    owner: _Text = ""
    channels: tuple[_Text, ...] = CHANNELS
    signing: tuple[Secret, ...] = ()
    mode: _Text = IMMEDIATE
    timezone: _Text = "UTC"
    quiet: _Text = ""
    revisions: Revisions = "matching"
    cool_down: Duration = timedelta(0)
    paused: bool = False
    expires_at: Annotated[datetime, BeforeValidator(moment)] | None = None

    def subscription(self, now: datetime) -> Subscription:
        """What it says, said at `now`."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return Subscription(**{**fields, "channels": tuple(dict.fromkeys(self.channels))}, since=now, changed_at=now)


#: A field, and what is wrong with it.
Problem = tuple[str, str]


def said(data: Any, now: datetime) -> tuple[Subscription | None, list[Problem]]:
    """The subscription that plain data describes, said at `now`; or all that is wrong with it, and None."""
    try:
        subscription = Entry.model_validate(data).subscription(now)
    except ValidationError as e:
        found = [(".".join(map(str, one["loc"])), _message(one)) for one in e.errors(include_url=False)]
        if not isinstance(data, dict):
            return None, found
        # What else is wrong is only seen with the rest; what is missing from the rest is not the fault of its owner.
        bad = {field.partition(".")[0] for field, _ in found}
        asks = bad & {"query", "topics", "sources", "languages"}
        stand_ins = ({"id": "x"} if "id" in bad else {}) | ({"topics": ["x"]} if asks else {})
        rest = stand_ins | {name: value for name, value in data.items() if name not in bad}
        return None, found + problems(Entry.model_validate(rest).subscription(now))
    wrong = problems(subscription)
    return (None if wrong else subscription), wrong


def problems(subscription: Subscription) -> list[Problem]:
    """Why a subscription cannot be used, its channels too."""
    found: list[Problem] = []
    for problem in subscriptions.problems(subscription):
        name, _, reason = problem.partition(": ")
        found.append((name, reason))
    for number, address in enumerate(subscription.channels):
        try:
            channel(address)
        except ValueError as e:
            found.append((f"channels.{number}", str(e)))
    return found


@dataclass(slots=True)
class Book:
    """What was read of a file."""

    #: Each with its place.
    subscriptions: list[tuple[str, Subscription]] = field(default_factory=list)
    #: Each with its place, too.
    problems: list[str] = field(default_factory=list)

    def take(self, place: str, data: Any, now: datetime) -> None:
        """Note the subscription that plain data describes, or what is wrong with it."""
        subscription, wrong = said(data, now)
        self.problems += [f"{place}.{name}: {reason}" if name else f"{place}: {reason}" for name, reason in wrong]
        if subscription is not None:
            self.subscriptions.append((place, subscription))


def read_books(files: Sequence[str], now: datetime) -> list[Subscription]:
    """The subscriptions of TOML and YAML files, said at `now`.

    Raises: ConfigError, naming every problem with its file and place.
    """
    books = [(file, _read(file, now)) for file in files]
    counted = Counter(one.id for _, book in books for _, one in book.subscriptions)
    lines: list[str] = []
    for file, book in books:
        twice = [f"{place}.id: {one.id!r} is there twice" for place, one in book.subscriptions if counted[one.id] > 1]
        if wrong := [*book.problems, *twice]:
            lines += [f"{file}: {len(wrong)} problem(s)", *(indent(line, "  ") for line in wrong[:MAX_NAMED])]
            lines += [f"  and {len(wrong) - MAX_NAMED} more"] if len(wrong) > MAX_NAMED else []
    if lines:
        raise ConfigError("\n".join(lines))
    return [one for _, book in books for _, one in book.subscriptions]


def _read(file: str, now: datetime) -> Book:
    """What a TOML or YAML file says, by its ending. Raises: ConfigError for one that cannot be read at all."""
    kind = Path(file).suffix.lower()
    if kind not in (".toml", ".yaml", ".yml"):
        raise ConfigError(f"{file}: subscriptions are read from .toml, .yaml and .yml, and Kibana's exports: .ndjson")
    text = bounded(file)
    try:
        data = tomllib.loads(text) if kind == ".toml" else plain_yaml.data(plain_yaml.compose(text))
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        raise ConfigError(f"{file}:{mark.line + 1 if mark else 1}: {getattr(e, 'problem', None) or e}") from e
    except tomllib.TOMLDecodeError as e:
        raise ConfigError(f"{file}: {e}") from e
    except RecursionError as e:
        raise ConfigError(f"{file}: it is nested too deeply") from e
    book = Book()
    tables = data.get("subscriptions") if isinstance(data, dict) else None
    if isinstance(data, dict):
        book.problems = [f"{name}: unknown key" for name in data if name != "subscriptions"]
    if not isinstance(tables, list):
        how = "[[subscriptions]] tables" if kind == ".toml" else "a list named `subscriptions`"
        book.problems.append(f"(whole file): there are no subscriptions in it; they are {how}")
        return book
    for number, table in enumerate(tables):
        book.take(f"subscriptions.{number}", table, now)
    return book


def bounded(file: str) -> str:
    """The text of a file. Raises: ConfigError for one that is larger than MAX_FILE, or cannot be read."""
    try:
        with Path(file).open("rb") as opened:
            content = opened.read(MAX_FILE + 1)
        if len(content) > MAX_FILE:
            raise ConfigError(f"{file}: is larger than {MAX_FILE // 1_000_000} MB")
        return content.decode("utf-8-sig")
    except OSError as e:
        raise ConfigError(f"{file}: {e.strerror or e}") from e
    except UnicodeDecodeError as e:
        raise ConfigError(f"{file}: {e}") from e


def written_out(subscriptions: Iterable[Subscription], form: Format) -> str:
    """Subscriptions as a file, without what is as by default; secrets stay references."""
    tables = [_table(one) for one in subscriptions]
    if form == "toml":
        return tomli_w.dumps({"subscriptions": tables})
    text = yaml.safe_dump({"subscriptions": tables}, allow_unicode=True, sort_keys=False, width=120)
    if _ODD_LINES.search(text):  # which it would read as others than it wrote
        text = yaml.safe_dump({"subscriptions": tables}, sort_keys=False, width=120)
    return text


def _table(subscription: Subscription) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name, known in Entry.model_fields.items():
        value = getattr(subscription, name)
        if value == known.default:
            continue
        if isinstance(value, timedelta):
            value = lasting(value)
        elif isinstance(value, datetime):
            value = value.isoformat().replace("+00:00", "Z")
        table[name] = list(value) if isinstance(value, tuple) else value
    return table


def _message(problem: Any) -> str:
    match problem["type"]:
        case "extra_forbidden":
            return "unknown key"
        case "missing":
            return "is missing"
    message: str = problem["msg"].removeprefix("Value error, ")
    return message if "got" in message else f"{message}, got {str(problem['input'])[:100]!r}"
