"""Whether something is an item of IPTC ninjs 3.1: `tests/unit/ninjs-3.1.schema.json`, read as JSON Schema.

It knows the few keywords that file uses, and is loud about any other, so that nothing in it goes unchecked.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parent / "unit" / "ninjs-3.1.schema.json").read_text("utf-8"))
TYPES = {"object": dict, "array": list, "string": str, "integer": int}
_URI_CHARACTERS = r"(?:[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
FORMATS = {
    "uri": re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*:{_URI_CHARACTERS}(?:#{_URI_CHARACTERS})?"),  # RFC 3986
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"),  # RFC 3339
}
ABOUT = {"$schema", "$comment", "title", "$defs"}


def problems(item: Any, schema: dict[str, Any] = SCHEMA, place: str = "item") -> Iterator[str]:
    """What is wrong with `item`, each with its place; nothing when it is valid."""
    for keyword, wanted in schema.items():
        match keyword:
            case "$ref":
                yield from problems(item, _at(wanted), place)
            case "type":
                if not isinstance(item, TYPES[wanted]) or isinstance(item, bool):
                    yield f"{place}: not of type {wanted}: {item!r}"
                    return
            case "enum":
                if item not in wanted:
                    yield f"{place}: {item!r} is none of {wanted}"
            case "format":
                if not FORMATS[wanted].fullmatch(item):
                    yield f"{place}: no {wanted}: {item!r}"
            case "minimum" | "maximum":
                if item < wanted if keyword == "minimum" else item > wanted:
                    yield f"{place}: {item} is beyond the {keyword} of {wanted}"
            case "required":
                yield from (f"{place}: no {name}" for name in wanted if name not in item)
            case "additionalProperties":
                assert wanted is False
                yield from (f"{place}: unknown {name}" for name in item if name not in schema["properties"])
            case "properties":
                for name in item.keys() & wanted.keys():
                    yield from problems(item[name], wanted[name], f"{place}.{name}")
            case "items":
                for i, one in enumerate(item):
                    yield from problems(one, wanted, f"{place}[{i}]")
            case _:
                assert keyword in ABOUT, f"nobody checks {keyword}"


def _at(reference: str) -> dict[str, Any]:
    found: Any = SCHEMA
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found
