"""`python -m tests.licences > docs/licences.md`: the licences of what an installation brings, by its own metadata."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
#: One licence has many names.
_SPELLINGS = {
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-3.0",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "Python Software Foundation License": "PSF-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
}
HEAD = """# Licences of dependencies

Made by `python -m tests.licences > docs/licences.md` from the metadata of what is installed; a test compares it. Where
several are named with OR, the freer one is taken. Pebble (LGPL), certifi and tld (MPL) are used as they come, unchanged
and replaceable, which is what these licences ask.

| Named in pyproject.toml | Licence |
|---|---|
"""


def named() -> list[str]:
    """The dependencies of an installation, and of its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [one for some in project["optional-dependencies"].values() for one in some]
    return sorted((Requirement(one).name for one in (*project["dependencies"], *extras)), key=str.lower)


def licence(name: str) -> str:
    """The licence of an installed distribution, by its SPDX name where it is known."""
    about = metadata.metadata(name)
    if expression := about.get("License-Expression"):
        return expression
    said = [one.rpartition(" :: ")[2] for one in about.get_all("Classifier") or () if one.startswith("License ::")]
    said = said or [(about.get("License") or "unknown").partition("\n")[0]]
    spelt = (_SPELLINGS.get(one, one.removesuffix(" License")) for one in said)
    return " OR ".join(dict.fromkeys(spelt))


def brought(names: Iterable[str]) -> set[str]:
    """All that these bring with them here, themselves too, by the names they have."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        try:
            one = metadata.distribution(waiting.pop())
        except metadata.PackageNotFoundError:  # not for this system
            continue
        if (name := canonicalize_name(one.metadata["Name"])) not in found:
            found.add(name)
            needed = map(Requirement, one.requires or ())
            waiting += [each.name for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


def page() -> str:
    """The page."""
    direct = named()
    rows = "".join(f"| {name} | {licence(name)} |\n" for name in direct)
    others: dict[str, list[str]] = defaultdict(list)
    for name in sorted(brought(direct) - set(map(canonicalize_name, direct))):
        others[licence(name)].append(name)
    more = "".join(f"| {what} | {', '.join(names)} |\n" for what, names in sorted(others.items()))
    return f"{HEAD}{rows}\n| Licence | What these bring with them |\n|---|---|\n{more}"


if __name__ == "__main__":
    print(page(), end="")
