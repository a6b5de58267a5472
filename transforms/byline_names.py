"""One part of a byline: the person it names, after titles, outlets, places and dates are taken off."""

from functools import lru_cache

from transforms.agencies import is_agency
from transforms.byline_words import (
    ABBREVIATED,
    ALONE,
    AROUND_ROLE,
    ARTICLE,
    BEFORE_DATE,
    BESIDE_ROLE,
    CAMEL,
    CASED,
    DESK,
    DIGIT,
    EAST_DESK,
    EAST_PLACE,
    EAST_POLITE,
    EDGES,
    ENDS,
    HANGUL,
    HONORIFICS,
    KANA,
    KNOWN,
    MC,
    NO_NAME,
    NOT_IN_NAME,
    NOT_WORD,
    OPENER,
    PAPER,
    PARTICLES,
    PLACED,
    ROLE,
    ROMAN,
    SHOUTED,
    SMALL,
    START_NO_NAME,
    SURNAMES,
    TITLE_MARKS,
    VOWEL,
    WITHIN_WORD,
)

#: Words of a name without its particles.
MAX_WORDS = 5


@lru_cache(maxsize=2_048)  # a page names its authors in five places
def name_in(part: str, own: frozenset[str], *, later: bool, visible: bool) -> tuple[str, bool]:
    """The person a part names (or ""), and whether the rest of the part is understood."""
    part = part.strip(EDGES) + ("." if ABBREVIATED.search(part) else "")
    while opener := OPENER.match(part):
        part = part[opener.end() :]
    if not part or squeezed(part) in own or is_agency(part):
        return "", True
    words = part.split()
    loud = next((at for at, word in enumerate(words) if not SHOUTED.fullmatch(word)), len(words))
    words, understood = _without_title(written_out(" ".join(words[:loud])).split() + words[loud:])
    while len(words) > 2 and words[0].casefold().rstrip(".") in HONORIFICS:
        words = words[1:]
    if not visible and part.islower() and len(words) in (2, 3) and CASED.match(part):
        # A name typed into a form; any word that is none makes it a phrase.
        is_name = not is_nobody(words, later=later) and all(word.isalpha() and word not in PLACED for word in words)
        return (" ".join(words) if is_name else ""), True
    stop = next((at for at, word in enumerate(words) if _ends(word, at)), len(words))
    words, rest = words[:stop], words[stop:]
    dated = bool(rest) and (bool(DIGIT.search(rest[0])) or rest[0].casefold().strip(".:") in ENDS)
    while words and (is_small(words[-1]) or (dated and words[-1].casefold().strip(".,") in BEFORE_DATE)):
        words = words[:-1]
    understood |= not rest or dated or not is_small(rest[0]) or (rest[0] in PLACED and len(rest) < MAX_WORDS)
    for length in range(min(4, len(words) - 2), 0, -1):
        tail = " ".join(words[-length:])
        if tail.casefold() in KNOWN or squeezed(tail) in own or is_agency(tail):
            words = words[:-length]
            break
    half = len(words) // 2
    if half > 1 and words[:half] == words[half:]:
        words = words[:half]
    name = " ".join(words)
    if not words or is_nobody(words, later=later) or squeezed(name) in own or (name != part and is_agency(name)):
        return "", True
    if len(words) == 1:
        alone = not (visible or part.isupper() or rest) and _may_stand_alone(name, own)
        return (name if alone else ""), True
    length = sum(word.casefold() not in PARTICLES for word in words)
    if (
        length > MAX_WORDS
        or NOT_IN_NAME.search(name)
        or not all(word[0].isalpha() or word[0] in "'’ʻ“„«" for word in words)
    ):
        return "", False
    if visible and len(words[-1].strip(".")) < 2:  # commenters sign "Rob W"
        return "", False
    return name, understood


def _may_stand_alone(word: str, own: frozenset[str]) -> bool:
    """Whether an author value of one word is somebody: Madonna, but not LinkNaija, gto, or the outlet in short."""
    low = word.casefold()
    return (
        len(word) > 1
        and word[0].isalpha()
        and not (NOT_IN_NAME.search(word) or CAMEL.search(word) or is_small(word) or word.startswith("ال"))
        and not (low in BESIDE_ROLE or low in HONORIFICS or low in ENDS or low in ALONE)
        and not (len(word) > 2 and any(squeezed(word) in mine for mine in own))
    )


def _without_title(words: list[str]) -> tuple[list[str], bool]:
    """`words` without the title before or behind the name, and whether there was one."""
    role = next((at for at, word in enumerate(words) if has_role(word)), None) if has_role(" ".join(words)) else None
    if role is None:
        return words, False
    start = role
    while start and _beside_role(words[start - 1], start - 1):
        start -= 1
    if start:
        return (words[: max(start, 2)] if role > 1 else []), True
    rest = words[role + 1 :]
    while rest and (is_small(rest[0]) or rest[0].casefold() in AROUND_ROLE or has_role(rest[0])):
        rest = rest[1:]
    return (rest if len(rest) > 1 else []), True


def _beside_role(word: str, at: int) -> bool:
    return word.casefold() in AROUND_ROLE or is_small(word) or (at > 1 and _acronym(word))


def has_role(text: str) -> bool:
    return bool(ROLE.search(text.casefold()))


def _ends(word: str, at: int) -> bool:
    """Whether the name is over before this word."""
    low = word.casefold()
    return (
        bool(DIGIT.search(word))
        or low.strip(".:") in ENDS
        or (low not in PARTICLES and is_small(word))
        or (at > 1 and _acronym(word))
    )


def is_small(word: str) -> bool:
    """Whether `word` is in small letters, of a script that has others; d'Ormesson and al-Assad are not."""
    return word == word.lower() and bool(CASED.match(word))


def _acronym(word: str) -> bool:
    """BBC, AFP and the like, but neither III nor DUPONT."""
    if not (word.isupper() and word.isalpha() and 1 < len(word) < 7) or not word.strip("IVX"):
        return False
    return len(word) < 4 or not VOWEL.search(word)


def is_nobody(words: list[str], *, later: bool = False) -> bool:
    """Whether `words` name a desk, a paper, a place, or nothing at all."""
    low = [word.casefold().strip(".,:") for word in words]
    name = " ".join(low)
    return (
        not NO_NAME.isdisjoint(low)
        or words[0].casefold() in START_NO_NAME
        or low[0] in KNOWN
        or name in KNOWN
        or (later and low[-1] in PAPER)
        or (len(words) > 1 and words[0].startswith("ال") and words[1].startswith("ال"))
        or (len(words) > 1 and len(words[0]) > 2 and _acronym(words[0]))
        or bool(DESK.search(name))
    )


@lru_cache(maxsize=256)
def own_names(outlet: str, domain: str) -> frozenset[str]:
    """How the outlet may be named in a byline, squeezed."""
    labels = domain.casefold().removeprefix("www.").split(".")
    said = [outlet, *TITLE_MARKS.split(outlet), domain, *(label for label in labels[:-1] if len(label) > 3)]
    return frozenset(filter(None, map(squeezed, said)))


def squeezed(name: str) -> str:
    return NOT_WORD.sub("", ARTICLE.sub("", name.casefold().strip(), count=1))


def written_out(name: str) -> str:
    """A name in capitals as it is written otherwise; any other name as it is."""
    words = name.split()
    if len(words) < 2 or not all(map(SHOUTED.fullmatch, words)):
        return name
    turkish = "İ" in name or "Ğ" in name
    out: list[str] = []
    for at, word in enumerate(words):
        low = (word.replace("I", "ı").replace("İ", "i") if turkish else word).lower()
        bare = word.rstrip(".,")
        inner = 0 < at < len(words) - 1
        if inner and (low in SMALL or (low in ("la", "las", "los") and out[-1] == "de")):
            out.append(low)
        elif ROMAN.fullmatch(bare) or (
            len(bare) == 2 and at + 1 < len(words) and (bare[1] == "J" or (_acronym(bare) and not VOWEL.search(bare)))
        ):
            out.append(word)
        else:
            head = MC.match(word)
            spots = {0, head.end() if head else 0, *(mark.end() for mark in WITHIN_WORD.finditer(word))}
            big = {"i": "İ"} if turkish else {}
            out.append("".join(big.get(c, c.upper()) if i in spots else c for i, c in enumerate(low)))
    return " ".join(out)


def eastern_names(part: str) -> list[str]:
    """The names in a part in Chinese, Japanese or Korean letters."""
    part = part.strip(" .・=-")
    cut = EAST_PLACE.sub("", part)
    words = [EAST_POLITE.sub("", word) for word in cut.split() if not EAST_DESK.search(word) and not is_agency(word)]
    if not all(word[0].isalpha() and not NOT_IN_NAME.search(word) for word in words) or (
        cut != part and not (words and words[0][0] in SURNAMES)
    ):
        return []
    if (
        len(words) > 1
        and all(1 < len(word) < 5 and word[0] in SURNAMES for word in words)
        and len(max(words, key=len)) > 2
    ):
        return words
    name = " ".join(words)
    longest = 20 if KANA.search(name) else 4 if HANGUL.search(name) and len(words) == 1 else 9
    return [name] if 1 < len(name) <= longest and len(words) < 4 else []
