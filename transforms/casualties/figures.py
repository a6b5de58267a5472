"""The figures of one article, each once."""

from dataclasses import replace
from typing import Literal, cast

from transforms.casualties.groups import Group
from transforms.tags import MAX_SENTENCE, Casualty, Evidence, TextField

#: An article that gives more is a list of attacks.
MAX_FIGURES = 20
_PEOPLE = "people"
_Count = tuple[str, int | None, int | None]


class Figures:
    """What an article gives, in order.

    A figure that comes again keeps the evidence of its first place, and takes a later attribution where it had none.
    One of "people" is the same as one that says which; a headline's "12 dead" becomes the body's "at least 12 men".
    """

    def __init__(self) -> None:
        self._found: list[Casualty] = []
        self._places: dict[_Count, list[int]] = {}
        #: Counts of a headline that it gives without a noun.
        self._bare: dict[tuple[str, int], int] = {}

    def add(self, group: Group, attribution: str, field: TextField, text: str, sentence: tuple[int, int]) -> None:
        """One more figure, or the same again."""
        count = group.kind, group.min, group.max
        places = self._places.setdefault(count, [])
        same = [at for at in places if group.who in (self._found[at].who, _PEOPLE) or self._found[at].who == _PEOPLE]
        if same:
            exact = (at for at in same if self._found[at].who == group.who)
            self._again(next(exact, same[0]), group, attribution)
            return
        rough = self._bare.pop((group.kind, group.min or group.max or 0), None) if group.min != group.max else None
        if rough is not None and self._found[rough].who in (_PEOPLE, group.who):
            known = self._found[rough]
            self._places[known.kind, known.min, known.max].remove(rough)
            places.append(rough)
            by = attribution or known.attribution
            self._found[rough] = _casualty(group, by, field, text, sentence)
        elif len(self._found) < MAX_FIGURES:
            places.append(len(self._found))
            if field == "title" and group.bare and group.min == group.max:
                self._bare[group.kind, group.min or 0] = len(self._found)
            self._found.append(_casualty(group, attribution, field, text, sentence))

    def _again(self, at: int, group: Group, attribution: str) -> None:
        known = self._found[at]
        who = group.who if known.who == _PEOPLE else known.who
        self._found[at] = replace(known, who=who, attribution=known.attribution or attribution)

    def unattributed(self, field: TextField) -> bool:
        """Whether a figure that only this field gives has no source."""
        return any(one.evidence.field == field and not one.attribution for one in self._found)

    def counts(self, field: TextField, start: int, end: int) -> bool:
        """Whether a stretch of a field gives a figure that is no part of another."""
        return any(
            one.evidence.field == field and start <= one.evidence.start < end and one.evidence.rule != "among"
            for one in self._found
        )

    def attribute(self, field: TextField, attribution: str) -> None:
        """Give those their source."""
        self._found = [
            replace(one, attribution=attribution) if one.evidence.field == field and not one.attribution else one
            for one in self._found
        ]

    def all(self) -> tuple[Casualty, ...]:
        """At most `MAX_FIGURES`."""
        return tuple(self._found)


def _casualty(group: Group, attribution: str, field: TextField, text: str, sentence: tuple[int, int]) -> Casualty:
    start, end = sentence
    first, last = min(group.start, group.harm[0]), max(group.end, group.harm[1])
    cut = max(start, min(first, last - MAX_SENTENCE)) if last - start > MAX_SENTENCE else start
    return Casualty(
        kind=cast(Literal["killed", "injured"], group.kind),
        min=group.min,
        max=group.max,
        who=group.who,
        attribution=attribution,
        evidence=Evidence(
            rule=group.rule,
            text=text[first:last],
            field=field,
            start=first,
            end=last,
            sentence=text[cut : min(end, cut + MAX_SENTENCE)],
        ),
    )
