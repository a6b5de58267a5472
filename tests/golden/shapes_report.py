"""`python -m tests.golden.shapes_report [--write]`: how well the invented pages are read, group by group, and what is
missed; with --write, shapes/misses.yaml is written anew from it, and the reasons it gives are kept."""

import sys
from collections.abc import Mapping

import yaml

from tests.golden.corpus import GROUPS, SHAPES, compared_shape, more_of_shape, rates, shapes_truth

MISSES = SHAPES / "misses.yaml"
HEADER = """\
# What is read wrong off the invented pages: page, field, and in a line why. tests/golden/test_shapes.py holds it to the
# letter: a new miss fails, and so does one that is none any more. `python -m tests.golden.shapes_report --write` writes
# it anew and keeps the reasons; one that begins with "?" is what was read, and awaits its reason.
"""

#: page → field → why.
Misses = dict[str, dict[str, str]]


def known_misses() -> Misses:
    """What misses.yaml lists."""
    return yaml.safe_load(MISSES.read_text("utf-8")) or {} if MISSES.exists() else {}


def found_misses() -> Misses:
    """What is missed now, with what came out instead."""
    found = {
        name: {field: str(held) for field, held in compared_shape(name).items() if held.missed}
        for group in GROUPS
        for name in shapes_truth(group)
    }
    return {name: misses for name, misses in found.items() if misses}


def write_misses(found: Misses, known: Mapping[str, Mapping[str, str]]) -> None:
    """misses.yaml with every miss of `found`, and the reasons of `known`."""
    listed = {
        name: {field: known.get(name, {}).get(field) or f"? {said}" for field, said in misses.items()}
        for name, misses in found.items()
    }
    text = yaml.safe_dump(listed, allow_unicode=True, sort_keys=False, width=10_000) if listed else ""
    MISSES.write_text(HEADER + text, "utf-8")


def main(arguments: list[str]) -> int:
    for group in GROUPS:
        names = shapes_truth(group)
        for said in (rates(map(compared_shape, names)), rates(map(more_of_shape, names))):
            print(f"{group} ({len(names)}):", ", ".join(f"{field} {rate:.3f}" for field, rate in said.items()))
    found, known = found_misses(), known_misses()
    for name, misses in found.items():
        for field, said in misses.items():
            print(f"{'' if field in known.get(name, {}) else 'NEW '}{name}: {field}: {said}")
    for name, listed in known.items():
        for field in listed.keys() - found.get(name, {}).keys():
            print(f"no longer a miss: {name}: {field}")
    if "--write" in arguments:
        write_misses(found, known)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
