"""Who gives the figures of a sentence: "according to X", "X said", ", said X", "12 dead: X"."""

from collections.abc import Sequence

from transforms.casualties.words import UNKNOWN, Token, vocabularies

#: A name of more words is none.
MAX_NAME = 14
#: In a headline, "12 dead: health ministry".
MAX_LABEL = 5
#: Of one sentence.
MAX_SOURCES = 40
#: From a verb that ends its sentence back to its subject.
MAX_BACK = 60
#: Right before a verb that ends its sentence.
MAX_NEAR = 4
_ENDS = frozenset(["comma", "stop", "quote", "said", "harm", "that", "source", "behind", "hearsay"])
_FRINGE = frozenset(["and", "more", "was", "that", "stop", "no", "comma", "quote", "maybe"])
_VERB_FIRST = "ar"
_VERB_LAST = "tr"
Span = tuple[int, int]


def sources(row: Sequence[Token], *, title: bool, language: str) -> list[Span]:
    """The spans of all that a sentence names as giving out what it says."""
    found: list[Span | None] = []
    for at, token in enumerate(row):
        if len(found) == MAX_SOURCES:
            break
        if token.role == "source":
            found.append(_forward(row, at + 1))
        elif token.role == "behind":
            found.append(_back(row, at))
        elif token.role == "said":
            found.append(_said(row, at, language))
    if title and not any(found):
        found += _labels(row, language)
    return [span for span in found if span]


def _said(row: Sequence[Token], at: int, language: str) -> Span | None:
    """Of a verb, its subject, on whichever side it is."""
    after = row[at + 1] if at + 1 < len(row) else row[at]
    if after.role == "of" or (
        after.role == "harm" and after.side != ">" and row[at].text not in vocabularies()[language].sets["speaks"]
    ):
        return None  # "accused of", "12 reported killed"
    if row[at].text in vocabularies()[language].sets["takes"] and any(
        one.side == "lives" for one in row[at : at + MAX_LABEL]
    ):
        return None
    if language == _VERB_LAST:
        return _first(row, at)
    before = at - 1
    if before >= 0 and row[before].role in ("the", "one", "at", "of"):  # "the claim that"
        return None
    if after.role == "to" and row[before].role == "was":  # "are reported to have died"
        return None
    while before >= 0 and row[before].role in ("was", "more"):
        before -= 1
    if before > 0 and row[before].role == "comma" and (named := _explained(row, before)):
        return named
    if language == _VERB_FIRST or before < 0 or row[before].role in ("comma", "quote", "stop"):
        return _forward(row, at + 1)
    if row[before].role == "that":
        sets = vocabularies()[language].sets
        if row[before].text in sets["pronoun"]:
            return row[before].start, row[before].end
        return _back(row, before) if row[before].text in sets["relative"] else None
    if row[before].role in ("said", "and", "hearsay"):
        return None
    start = _reach(row, at)
    if start and row[start - 1].text in vocabularies()[language].sets["relative"]:
        return _back(row, start - 1)  # "researchers who spent weeks there say"
    return _back(row, at)


def _forward(row: Sequence[Token], at: int) -> Span | None:
    """The words from a token on; a name in quotation marks is one."""
    quoted = at < len(row) and row[at].role == "quote"
    at += quoted
    end = at
    while end < len(row) and end - at < MAX_NAME and row[end].role not in _ENDS:
        if end > at and row[end].role in ("number", "vague", "was", "one"):
            break
        end += 1
    return _span(row[at:end])


def _back(row: Sequence[Token], at: int) -> Span | None:
    """The words in front of a token."""
    return _span(row[_reach(row, at) : at])


def _reach(row: Sequence[Token], at: int) -> int:
    """Where the words in front of a token begin."""
    start = at
    while start > 0 and at - start < MAX_NAME and row[start - 1].role not in _ENDS:
        if row[start - 1].role in ("number", "vague") and at - start:
            break
        start -= 1
    return start


def _explained(row: Sequence[Token], comma: int) -> Span | None:
    """What the words before a comma explain: the name in "X, a monitor, said" and in "X, which has sources, said"."""
    start = comma
    while start > 0 and comma - start < MAX_NAME and row[start - 1].role not in ("comma", "stop", "quote", "said"):
        start -= 1
    explains = start < comma and row[start].role in ("one", "that") and row[start - 1].role == "comma"
    return _back(row, start - 1) if explains and start > 1 else None


def _first(row: Sequence[Token], at: int) -> Span | None:
    """Where the verb ends the sentence, its subject begins it, or stands right before it."""
    near = _back(row, at)
    if near and at - MAX_NEAR <= next(
        (i for i in range(at - 1, -1, -1) if row[i].role in ("comma", "stop")), -MAX_NAME
    ):
        return near
    start = next((i + 1 for i in range(at - 1, max(-1, at - MAX_BACK), -1) if row[i].role in ("stop", "quote")), 0)
    comma = next((i for i in range(start, min(at, start + MAX_NAME)) if row[i].role == "comma"), None)
    return _span(row[start : comma if comma is not None else min(at, start + 1)])


def _labels(row: Sequence[Token], language: str) -> list[Span | None]:
    """The few words before a headline's first colon or behind its last, where a giver of figures is among them."""
    givers = vocabularies()[language].sets["giver"]
    marks = [i for i, token in enumerate(row) if token.role == "stop" and not token.text.isalpha()]
    found: list[Span | None] = []
    parts = [row[marks[-1] + 1 :]] if marks else []
    if marks and row[marks[0]].text == ":":
        parts.append(row[: marks[0]])
    for part in parts:
        plain = 0 < len(part) <= MAX_LABEL and not any(one.role in ("harm", "number", "vague") for one in part)
        if plain and any(one.text in givers for one in part):
            found.append(_span(part))
    return found


def _span(words: Sequence[Token]) -> Span | None:
    first, last = 0, len(words)
    while first < last and words[first].role in _FRINGE:
        first += 1
    while first < last and words[last - 1].role in _FRINGE | {"at"}:
        last -= 1
    if first == last or all(
        one.role in ("that", "month", "number") and one.role != UNKNOWN for one in words[first:last]
    ):
        return None
    return words[first].start, words[last - 1].end
