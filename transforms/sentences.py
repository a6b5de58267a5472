"""Where sentences begin and end, in any language."""

from sentencex import get_sentence_boundaries


def sentences(text: str, language: str) -> list[tuple[int, int]]:
    """The character spans of the sentences of `text`, in order, each without the blanks around it. A newline ends one.

    An unknown language (`und`, or one the library has no rules for) is read by the rules of English.
    """
    found: list[tuple[int, int]] = []
    at = 0
    for line in text.split("\n"):
        if line:
            for one in get_sentence_boundaries("en" if language == "und" else language, line):
                start, end = one["start_index"], one["end_index"]
                words = line[start:end]
                if words.strip():
                    found.append((at + end - len(words.lstrip()), at + start + len(words.rstrip())))
        at += len(line) + 1
    return found
