"""The language an article is written in: what is declared, unless its words clearly say otherwise."""

import re

import pycld2

from transforms.records import Origin

#: Enough for a sure answer, in characters; reading more only takes longer.
SAMPLE = 3_000
#: Templates declare a language for pages in many; CLD2 overrules one only where it is sure over so many bytes, so much
#: of them in one language.
SURE_BYTES, SURE_PERCENT = 300, 80
#: Below this, a flash's names decide more than its words.
LEAST_BYTES = 60
#: Languages that a detector takes for each other, since their speakers do: what is declared counts.
_NEIGHBOURS = tuple(
    frozenset(group.split())
    for group in [
        "bs hr sr sh cnr me",
        "id ms",
        "da nb nn no",
        "cs sk",
        "gl pt",
        "ca es oc",
        "bg mk",
        "hi mr ne",
        "fa tg prs",
        "zh yue",
        "ru uk be",
        "af nl",
        "az tr",
        "kk ky",
    ]
)
#: CLD2 still says iw and in, as the web did before 1989's ISO 639 was revised.
_KANA = re.compile("[\u3041-\u30fa]")
_PRIMARY_SUBTAG = re.compile(r"^([a-zA-Z]{2,3})(?:[-_].*)?$")
_RENAMED = {"iw": "he", "in": "id", "ji": "yi", "jw": "jv", "nb": "no"}


def language(text: str, declared: tuple[str, Origin]) -> tuple[str, Origin]:
    """The primary subtag of the language of `text` and who says so: `declared`, or ("…", "page") where nobody declares
    one or the words contradict; ("und", "") where the words say nothing either."""
    said, origin = declared
    sample = text[:SAMPLE].encode(errors="ignore")
    try:
        reliable, size, (best, *_) = pycld2.detect(sample, hintLanguage=said or None)
    except (pycld2.error, ValueError):  # bytes that are valid UTF-8 and no interchange characters
        return (said, origin) if said else ("und", "")
    found = primary_subtag(_RENAMED.get(best[1], best[1])) if best[1] != "un" else ""
    if found == "ja" and not _KANA.search(text):  # what has no kana is Chinese
        found = "zh"
    if not said:
        return (found, "page") if found and reliable and size >= LEAST_BYTES else ("und", "")
    if not found or found == said or not reliable or size < SURE_BYTES or best[2] < SURE_PERCENT:
        return said, origin
    return (said, origin) if any({said, found} <= group for group in _NEIGHBOURS) else (found, "page")


def primary_subtag(language: object) -> str:
    """The primary subtag of a BCP 47 tag in lower case; an empty string for anything else."""
    found = _PRIMARY_SUBTAG.match(str(language or "").strip())
    return found[1].lower() if found else ""
