"""Numbers with the people they count: "at least 12 civilians", "between 10 and 15 Syrian soldiers", "a child"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from transforms.casualties.words import UNKNOWN, Token

#: From a number to its people: "two 12-year-old Syrian refugee boys".
MAX_NOUN = 7
MAX_LIMITS = 4
#: Of one number: "two hundred and fifty five thousand".
MAX_NUMBER = 8
#: A bare number among these is a year; written with a separator it is not.
YEARS = range(1900, 2101)
#: Where its letters begin.
_ARABIC = "\u0600"
_LIMITS = frozenset(["least", "most", "about", "between", "the", "more"])
_BEGIN = _LIMITS | {"number", "vague", "kin", "one", "who", "harm"}
#: What may stand between a number and its people.
_PASSED = frozenset([UNKNOWN, "more", "the", "of", "of them", "age"])


@dataclass(slots=True)
class Group:
    """Some people of a sentence, and what befell them once that is known."""

    start: int
    end: int
    min: int | None
    max: int | None
    #: Empty where the number has no noun that a list has.
    who: str
    #: Of those of another group.
    part: bool
    #: A noun without number or article, which is one only right beside a word of harm.
    weak: bool
    #: Without anything behind it that might be a noun.
    bare: bool
    #: "dozens", "hundreds".
    vague: bool = False
    kind: str = ""
    rule: str = ""
    harm: tuple[int, int] = (0, 0)
    role: str = "group"

    def take(self, harm: "Token | Group", rule: str) -> None:
        """Of a word of harm, or with another group."""
        self.rule = rule
        if isinstance(harm, Group):
            self.kind, self.harm = harm.kind, harm.harm
        else:
            self.kind, self.harm = harm.name, (harm.start, harm.end)


Item = Token | Group


class _Count(NamedTuple):
    low: int | None
    high: int | None
    #: The token behind it.
    end: int
    #: Empty where it has to be looked for.
    who: str = ""
    weak: bool = False


def groups(row: Sequence[Token], *, bare_nouns: bool) -> list[Item]:
    """The tokens with groups in place of numbers and people; `bare_nouns` where one may be counted without article."""
    found: list[Item] = []
    at = 0
    while at < len(row):
        role, text = row[at].role, row[at].text
        if role not in _BEGIN or (role in ("who", "harm") and not row[at].number and text < _ARABIC):
            found.append(row[at])
            at += 1
            continue
        group, end = _group(row, at, bare_nouns=bare_nouns)
        found.append(group or row[at])
        at = end
    return found


def _group(row: Sequence[Token], at: int, *, bare_nouns: bool) -> tuple[Group | None, int]:
    """The group that begins at a token, and the token behind it."""
    first = at
    while first < len(row) and row[first].role in _LIMITS and first - at < MAX_LIMITS:
        first += 1
    if row[at].role == "harm" and row[at].number:  # Arabic: "قتيلان", two dead
        two = Group(row[at].start, row[at].end, int(row[at].number), int(row[at].number), "", False, False, True)
        two.take(row[at], "word")
        return two, at + 1
    limits = {token.role for token in row[at:first]}
    count = _count(row, first, limits, bare_nouns=bare_nouns)
    if count is None:
        return None, at + 1
    who, end, other = (count.who, count.end, False) if count.who else _noun(row, count.end)
    if other or (not who and row[first].text.isdecimal() and count.low in YEARS):
        return None, at + 1
    part = (
        row[first].side == "of"
        or _before(row, at) in ("among", "of them")
        or (_before(row, at) == "comma" and _before(row, at - 1) == "among")
        or (_before(row, at) == "was" and _before(row, at - 1) == "among")
        or any(token.role in ("of them", "among") for token in row[first : end + 1])
        or (row[first].role == "number" and _role(row, first + 1) == "one")
    )
    bare = not who and _role(row, count.end) not in (UNKNOWN, "of")
    start = row[at + 1 if row[at].role == "the" and at < first else at].start
    return Group(
        start, row[end - 1].end, count.low, count.high, who, part, count.weak, bare, row[first].role == "vague"
    ), end


def _count(row: Sequence[Token], at: int, limits: set[str], *, bare_nouns: bool) -> _Count | None:
    """What is counted from a token on; None where nothing is."""
    if at == len(row) or _before(row, at) in ("label", "month"):
        return None
    if _before(row, at) in ("of", "the") and "no" in (_before(row, at - 1), _before(row, at - 2)):
        return None  # "none of the 12"
    token = row[at]
    match token.role:
        case "number":
            return _numbers(row, at, limits)
        case "kin" if _role(row, at + 1) == "number":
            number, end = _number(row, at + 1)
            return _Count(number, number, end, "civilians")
        case "vague":
            return _Count(int(token.number), None, at + 1)
        case "one" if _role(row, at + 1) == "kin" and _role(row, at + 2) == "number":
            number, end = _number(row, at + 2)
            return _Count(number, number, end, "civilians")
        case "one":
            who, end, other = _noun(row, at + 1)
            single = who and not other and any(one.number == 1 for one in row[end - 1 : end])
            return _Count(1, 1, end, who) if single else None
        case "who" if token.number and (bare_nouns or token.number > 1) and not limits & {"the", "least", "most"}:
            end = at + 1
            if _role(row, end) == "number" and row[end].number == token.number and not row[end].text.isdecimal():
                end += 1
            return _Count(int(token.number), int(token.number), end, token.name, token.number == 1)
        case "who" if token.number == 1 and "the" in limits and _before(row, at - 1) == "and":
            return _Count(1, 1, at + 1, token.name)  # "12 pupils and their teacher"
        case "who" if token.text > _ARABIC and _role(row, at + 1) == "number" and row[at + 1].number in (1, 2):
            # Arabic: "two" stands behind a dual that might be a plural
            return _Count(int(row[at + 1].number), int(row[at + 1].number), at + 2, token.name)
        case _:
            return None


def _numbers(row: Sequence[Token], at: int, limits: set[str]) -> _Count | None:
    low, end = _number(row, at)
    high = low
    if low == 1 and _role(row, end) in ("of", "at") and "number" in (_role(row, end + 1), _role(row, end + 2)):
        return None  # "one of 12 people killed" tells of 12, "one in three people killed" of none
    if _role(row, at - 1) == "at" and _role(row, at - 2) == "number" and row[at - 2].number == 1:
        return None
    joins = ("to", "and", "at", "most") if "between" in limits else ("to",)
    if _role(row, end) in joins and _role(row, end + 1) == "number":
        upper, after = _number(row, end + 1)
        if upper > low:
            # A toll that rises from 10 to 12 is 12.
            low, high, end = upper if _before(row, at) == "from" else low, upper, after
    if _role(row, end) in ("least", "about") and _role(row, end + 1) != "number":
        limits = limits | {row[end].role}
        end += 1
    if not high or _role(row, end) == "month" or (_role(row, end) == "of" and _role(row, end + 1) == "month"):
        return None
    return _Count(None if "most" in limits else low, None if "least" in limits else high, end)


def _number(row: Sequence[Token], at: int) -> tuple[int, int]:
    """A number in digits or words, and the token behind it: "12 thousand", "two hundred and twenty-five"."""
    whole, value = 0.0, 0.0
    last = 0.0
    end = at
    while end < min(len(row), at + MAX_NUMBER):
        token = row[end]
        if token.role == "and" and end > at and last and _role(row, end + 1) == "number" and row[end + 1].side != "x":
            following = row[end + 1]
            if following.text[0].isdecimal() or not _joins(last, following.number):
                break
            end += 1
            continue
        if token.role != "number":
            break
        if token.side == "x":
            value = (value or 1) * token.number
            if token.number >= 1000:
                whole, value = whole + value, 0.0
        elif end == at:
            value = token.number
        elif token.text[0].isdecimal() or not _joins(last, token.number):
            break
        else:
            value += token.number
        last = token.number
        end += 1
    return int(whole + value) if (whole + value).is_integer() else 0, end


def _joins(number: float, following: float) -> bool:
    """Whether number words make one number: "twenty five", "five and twenty", "hundred and twelve", "sixty twelve"."""
    tens = 20 <= number < 100 and number % 10 == 0
    units_first = number < 10 and 20 <= following < 100 and following % 10 == 0
    return (tens and 0 < following < 20) or units_first or (number >= 100 and 0 < following < number)


def _noun(row: Sequence[Token], at: int) -> tuple[str, int, bool]:
    """Whom a number in front of a token counts, the token behind them, and whether it counts something else."""
    who, end = "", at
    part = False
    for i in range(at, min(at + MAX_NOUN, len(row))):
        token = row[i]
        part = part or token.role in ("of", "of them")
        if token.role == "who":
            if who and i > end:
                break
            who, end = token.name if who in ("", "people", "civilians") or token.name != "people" else who, i + 1
        elif who:
            break
        elif token.role == "unit" or (token.role == "age" and i == at):
            if token.role == "age" or _role(row, i + 1) != "who":
                return "", at, True
        elif token.role == "state" and _role(row, i + 1) == "who":
            pass  # "40 detained migrants"
        elif token.role == "number":
            if not part and _role(row, i + 1) not in ("age", UNKNOWN):
                break
        elif (token.role == "the" and i > at and not part) or (
            token.role not in _PASSED and not (part and token.role == "was") and not (token.role == "one" and i == at)
        ):
            break
    if _role(row, end) == "of" and _role(row, end + 1) == "number" and 1 in (row[end - 1].number, row[end + 1].number):
        end += 2  # "a girl of nine", "members of one family"
    if _role(row, end) == "comma" and _role(row, end + 1) == "all" and _role(row, end + 2) == "who":
        who, end = row[end + 2].name, end + 3
    families = ("women", "children", "men")
    if who in families and _role(row, end) == "and" and _role(row, end + 1) == "who" and not row[end + 1].number:
        who, end = ("civilians", end + 2) if row[end + 1].name in families else (who, end)
    return who, end, False


def _role(row: Sequence[Token], at: int) -> str:
    return row[at].role if 0 <= at < len(row) else "end"


def _before(row: Sequence[Token], at: int) -> str:
    return row[at - 1].role if at > 0 else "start"
