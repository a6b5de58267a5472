"""Which groups of people a word of harm tells of: those before it, those behind it, and their parts."""

from collections.abc import Iterator, Sequence
from typing import cast

from transforms.casualties.groups import Group, Item
from transforms.casualties.words import UNKNOWN, Token, Vocabulary

#: How far from its word a figure may stand, in words and groups.
MAX_BEFORE = 24
MAX_AFTER = 24
#: Between people and what befell them: "12 people who were sheltering in a basement were killed".
MAX_GAP = 12
#: Between a number with a noun that no list has, and its word: "12 Kurdish herdsmen were killed".
MAX_UNKNOWN = 3
#: Between a word of harm and its figure: "killed in Idlib 12 civilians".
MAX_ASIDE = 3
#: Between a toll and its figure.
MAX_TOLL = 10
#: From a whole back to its part: "two were among 35".
MIN_AMONG = 3
#: How far "could" and "no" reach.
MAX_REACH = 5


def bind(items: Sequence[Item], vocabulary: Vocabulary) -> None:
    """Give each word of harm its groups."""
    void = -MAX_REACH
    for at, word in enumerate(items):
        if isinstance(word, Group) or word.role != "harm":
            continue
        if _is_void(items, at, void):
            void = at
            continue
        if word.side == "lives" and not any(one.text in vocabulary.sets["takes"] for one in _back(items, at)):
            continue
        before = [] if word.side == ">" else _before(items, at)
        after: list[Group] = []
        if word.side == "toll" or _is_number_of(items, at):
            after = [] if before else _toll(items, at)
        elif word.side in ("", ">") or (
            not before and _role(items, at - 1) == "the"
        ):  # "the dead included five children"
            after = _after(items, at)
        if _is_joint(items, at, before):
            continue
        if before and not after and word.side == "" and _role(items, at + 1) == "the" and _is_active(items, at, before):
            before = []
        if not before and not after and word.side == ">":
            last = items[at - 1] if at else word
            before = [last] if isinstance(last, Group) and not last.who and not last.kind else []  # "47 deaths of boys"
        if before and after:
            passive = _role(items, at - 1) == "was" or before[0].bare
            before, after = (before, []) if passive else ([], after)
        for group in before or after:
            group.take(word, "before" if before else "toll" if word.side == "toll" else "after")
            if group.rule == "toll" and group.min is None:  # Russian says "up to" where a toll rises
                group.min = group.max
        _name(items, at, before, after)


def _is_number_of(items: Sequence[Item], at: int) -> bool:
    """Whether a word of harm ends what counts: "the number of medics killed"."""
    noun = items[at - 1] if at else None
    return (
        isinstance(noun, Token)
        and noun.role == "who"
        and _role(items, at - 2) == "of"
        and _role(items, at - 3) == "label"
    )


def _is_active(items: Sequence[Item], at: int, before: Sequence[Group]) -> bool:
    """Whether a word of harm has people without a number as its object: "a man shot dead his wife"."""
    noun = items[at + 2] if at + 2 < len(items) else None
    if isinstance(noun, Token) and noun.role == UNKNOWN:
        noun = items[at + 3] if at + 3 < len(items) else None
    return items[at - 1] is before[0] and isinstance(noun, Token) and noun.role == "who"


def _name(items: Sequence[Item], at: int, before: Sequence[Group], after: Sequence[Group]) -> None:
    """Whom a bare number counts where the noun is beside the word: "six wounded students", "12 deaths of children"."""
    if before and before[0] is items[at - 1] and not before[0].who:
        of = _role(items, at + 1) in ("of", "between", "among")
        there = at + 1 + of
        if of and _role(items, there) == "the":
            there += 1
        noun = items[there] if there < len(items) else None
        if isinstance(noun, Token) and noun.role == "who":
            before[0].who, before[0].end = noun.name, noun.end
    if after and not after[0].who and (cast(Token, items[at]).side == "toll" or _is_number_of(items, at)):
        noun = items[at - 1] if at else None  # "the civilian toll rose to 12"
        if isinstance(noun, Token) and noun.role == "who":
            after[0].who = noun.name


def _back(items: Sequence[Item], at: int) -> Iterator[Token]:
    """The few words in front of an item."""
    return (one for one in items[max(0, at - MAX_REACH) : at] if isinstance(one, Token))


def _is_void(items: Sequence[Item], at: int, void: int) -> bool:
    """Whether a word of harm tells of nothing that was done: "could kill", "no one was killed", "20 killed a day"."""
    if _role(items, at + 1) == "per":
        return True
    word = items[at]
    if _role(items, at - 1) == "to" and cast(Token, items[at - 1]).text == "to" and cast(Token, word).side == ">":
        return True
    for i in range(at - 1, max(-1, at - 1 - MAX_REACH), -1):
        role = _role(items, i)
        if role in ("no", "maybe"):
            return True
        if role == "harm":
            return i == void and at - i <= 2
        if role in ("group", "stop", "comma", "quote", "said"):
            return False
    return False


def _is_joint(items: Sequence[Item], at: int, before: Sequence[Group]) -> bool:
    """Whether a figure is of killed and injured people together: "12 were killed or wounded"."""

    def other(there: int, join: int) -> bool:
        one = items[there] if 0 <= there < len(items) else None
        return (
            isinstance(one, Token)
            and one.role == "harm"
            and one.name != cast(Token, items[at]).name
            and _role(items, join) in ("and", "to")
        )

    if other(at + 2, at + 1):
        return bool(before) and _role(items, at + 3) != "group"
    return other(at - 2, at - 1) and not any(
        isinstance(one, Group) and one.kind for one in items[max(0, at - MAX_REACH) : at]
    )


def _before(items: Sequence[Item], at: int) -> list[Group]:
    """The groups that are the subject of a word of harm, the nearest first."""
    word = cast(Token, items[at])
    says = word.side == "<" or (word.side == "" and _role(items, at + 1) == "at")
    gap, commas, plain = 0, 0, True
    for i in range(at - 1, max(-1, at - 1 - MAX_BEFORE), -1):
        item = items[i]
        if isinstance(item, Group):
            # "12 civiles sirios murieron", "Drei Polizisten in Bagdad erschossen", "12, including five children, died"
            says = says or (plain and gap <= MAX_ASIDE and not commas) or (item.part and not gap)
            fits = (
                not item.kind and not (item.weak and word.side == "toll") and _is_subject(item, gap, commas, says=says)
            )
            return [item, *_partners(items, i)] if fits else []
        match item.role:
            case "stop" | "harm" | "state" | "no" | "maybe" | "source":
                return []
            case "was":
                says = True
            case "comma":
                commas += 1
            case "more" | "said" | "quote" | "the" | "of them":
                pass
            case _:
                gap += 1
                plain = plain and item.role in (UNKNOWN, "at", "of", "number", "unit", "age", "month")
        if gap > MAX_GAP or commas > 2:
            return []
    return []


def _is_subject(group: Group, gap: int, commas: int, *, says: bool) -> bool:
    """Whether a group is near enough to a word of harm behind it; `says` where that surely tells of what is before."""
    if gap == commas == 0:
        return True
    if commas == 2 and gap <= MAX_UNKNOWN and group.who and not group.weak:  # "two boys, grazing sheep, died"
        return True
    if group.weak:
        return False
    return says if group.who else commas == 0 and gap <= MAX_UNKNOWN and not group.bare


def _partners(items: Sequence[Item], at: int) -> list[Group]:
    """The groups in front of one that share what befell it: "12 civilians, five of them children, and two soldiers"."""
    found: list[Group] = []
    group, gap = cast(Group, items[at]), 0
    for i in range(at - 1, max(-1, at - 1 - MAX_BEFORE), -1):
        item = items[i]
        if isinstance(item, Group):
            if item.kind or (gap and not item.part and not group.part):
                break
            found.append(item)
            group, gap = item, 0
        elif item.role in ("stop", "harm", "state", "said", "source"):
            break
        elif not group.part and item.role not in ("and", "comma", "more"):
            gap += 1  # Turkish puts the part first: "5 çocuğun da bulunduğu 12 sivil"
            if gap > MAX_ASIDE or item.role != UNKNOWN:
                break
    return found


def _after(items: Sequence[Item], at: int) -> list[Group]:
    """The groups that are the object of a word of harm."""
    aside = 0
    for i in range(at + 1, min(len(items), at + 1 + MAX_AFTER)):
        item = items[i]
        if isinstance(item, Group):
            near = not aside or (item.who and _role(items, i - 1) != "at" and not _is_claimed(items, i))
            return [item, *_followers(items, i)] if near and not item.kind else []
        if item.role in ("of", "the", "more", "to") or (
            item.role in ("was", "among") and _role(items, at - 1) == "the"
        ):
            continue
        if item.role == "and" and 0 < aside == i - at - 1:  # "killed Abu Ali and two bodyguards"
            continue
        aside += 1
        if aside > MAX_ASIDE + 3 * (_role(items, at + 1) == UNKNOWN) or item.role not in (
            UNKNOWN,
            "at",
            "month",
            "number",
            "age",
        ):
            return []
    return []


def _followers(items: Sequence[Item], at: int) -> list[Group]:
    """The groups behind one that share what befell it: "killed 12 civilians in Idlib, including five children"."""
    found: list[Group] = []
    link, gap = "", 0
    for i in range(at + 1, min(len(items), at + 1 + MAX_AFTER)):
        item = items[i]
        if isinstance(item, Group):
            people = item.who or _role(items, i + 1) == "more"
            if not (link and people) or item.kind or (gap and item.weak) or _is_claimed(items, i):
                break
            found.append(item)
            link, gap = "", 0
        elif item.role in ("and", "comma", "among"):
            link = item.role
        elif item.role in (UNKNOWN, "at", "month") and not link and gap < MAX_ASIDE:
            gap += 1
        elif item.role not in ("more", "the") and not (link == "among" and item.role == UNKNOWN and not gap):
            break
    return found


def _is_claimed(items: Sequence[Item], at: int) -> bool:
    """Whether something else is said of a group by the words behind it: "and 30 were wounded", "and three rescued"."""
    unknown = 0
    for i in range(at + 1, min(len(items), at + 1 + MAX_REACH)):
        item = items[i]
        if isinstance(item, Group):
            return False
        match item.role:
            case "harm":
                return item.side != ">"
            case "state" | "was":
                return True
            case "more" | "of" | "the":
                pass
            case "" if unknown < 2:
                unknown += 1
            case _:
                return False
    return False


def _toll(items: Sequence[Item], at: int) -> list[Group]:
    """The figure of a toll: "the death toll from the strike on the market rose to 12"."""
    for i in range(at + 1, min(len(items), at + 1 + MAX_TOLL)):
        item = items[i]
        if isinstance(item, Group):
            return [item, *_followers(items, i)] if not item.kind and not item.weak else []
        if item.role in ("harm", "said", "state", "quote", "no", "maybe") or (
            item.role == "stop" and item.text not in (":", "since")
        ):
            return []
    return []


def inherit(items: Sequence[Item], before: Group | None) -> None:
    """What befell the whole befell its part: "12 killed. Among them were five children"."""
    whole = before
    for i, item in enumerate(items):
        if isinstance(item, Group) and item.kind and i >= MIN_AMONG:
            part = items[i - MIN_AMONG]  # "two of its staff were among 35 people killed"
            among = _role(items, i - 2) == "was" and _role(items, i - 1) in ("of", "among")
            if among and isinstance(part, Group) and part.who and not part.kind:
                part.take(item, "among")
                part.part = True
    for i, item in enumerate(items):
        if isinstance(item, Group):
            among = item.part or (
                whole is not None and whole.rule == "among" and _role(items, i - 1) in ("and", "comma")
            )
            if not item.kind and whole and among and item.who and not _is_claimed(items, i):
                item.take(whole, "among")
                if whole is before:  # its words stand in another sentence
                    item.harm = (item.start, item.end)
            if item.kind:
                whole = item
        elif item.role == "harm" and whole is before:
            whole = None


def _role(items: Sequence[Item], at: int) -> str:
    return items[at].role if 0 <= at < len(items) else "end"
