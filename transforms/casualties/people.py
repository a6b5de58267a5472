"""Whom a number without a noun counts: those of the figure before it, or those an article tells of."""

from collections.abc import Callable, Sequence

from transforms.casualties.groups import Group, Item
from transforms.casualties.words import Token

#: Between people and what they say: "neighbours in southern Syria say".
MAX_SAYING = 4
_CIVILIANS = "civilians"


def name(items: Sequence[Item], theme: Callable[[], str]) -> None:
    """Give the groups that something befell their people: "killed two soldiers and wounded three".

    A number without a noun before it counts the civilians that its sentence told of ("bombs fell on mourners, killing
    14"), or else those of the `theme`, which is asked for only then. "16 visitors died, dozens were hurt": dozens of
    whom is not said.
    """
    head, found = "", False
    for i, group in enumerate(items):
        if not isinstance(group, Group) or not group.kind:
            continue
        if not group.who and group.bare:
            if not head:
                group.who = "" if _has_parts(items, i) else _told(items[:i]) or theme()
                found = True
            elif found or not group.vague:
                group.who = head
        group.who = group.who or "people"
        if not group.part:
            head = group.who


def _has_parts(items: Sequence[Item], at: int) -> bool:
    """Whether the next group is some of one: "14 dead including five women" are not civilians all."""
    following = next((one for one in items[at + 1 :] if isinstance(one, Group)), None)
    return following is not None and following.part


def theme(items: Sequence[Item]) -> str:
    """The people that a headline is about, empty where they are no civilians."""
    if any(isinstance(item, Group) and item.who == _CIVILIANS for item in items):
        return _CIVILIANS
    return _told(items)


def _told(items: Sequence[Item]) -> str:
    """Civilians that are neither counted nor say something."""
    for i, item in enumerate(items):
        if isinstance(item, Token) and item.role == "who" and item.name == _CIVILIANS and item.number != 1:
            following = [one.role for one in items[i + 1 : i + 1 + MAX_SAYING]]
            heard = following[: following.index("comma")] if "comma" in following else following
            if "said" not in heard:
                return _CIVILIANS
    return ""
