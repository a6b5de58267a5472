"""docs/licences.md names every dependency, and none forbids what we do."""

import re

from tests.licences import ROOT, brought, licence, named

PAGE = (ROOT / "docs" / "licences.md").read_text("utf-8")


def test_every_dependency_is_named_with_its_licence() -> None:
    rows = dict(re.findall(r"^\| ([\w.-]+) \| (.+) \|$", PAGE.partition("| Licence | What")[0], re.MULTILINE))
    assert list(rows) == named()
    assert rows == {name: licence(name) for name in named()}, "run `python -m tests.licences > docs/licences.md`"


def test_nothing_is_under_a_licence_that_spreads_or_none() -> None:
    """Of several, one is enough."""
    for name in brought(named()):
        free = [
            one for one in re.split(r" OR |; ", licence(name)) if not re.match(r"\W*(?:A?GPL|unknown|GNU General)", one)
        ]
        assert free, (name, licence(name))
