"""Text as people read it, out of text as the web sends it."""

import re
import unicodedata

from lxml import etree, html

#: Elements that start a new line when they begin or end.
BLOCKS = frozenset(
    """address article aside blockquote br dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header
    hr li main nav ol p pre section table td th tr ul""".split()  # noqa: SIM905
)
#: Elements whose content is never prose.
SILENT = frozenset(
    "head iframe math noscript object script select style svg template textarea title".split()  # noqa: SIM905
)
_NOT_WORDS = re.compile(r"\W+")
_SPACES = re.compile(r"\s+")
#: C0/C1 controls, soft hyphens, zero-width spaces, byte order marks and the bidi overrides that can disguise a text.
#: Joiners (U+200C, U+200D) stay: Persian and emoji need them. Lone surrogates, which JSON can carry, cannot be stored,
#: and XML knows no U+FFFE and U+FFFF.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff"
    "\ufffe\uffff]"
)
#: What a terminal, a mail or a page would obey, or what hides or turns around the letters beside it.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
#: Marks in a row, and whatever else there is beside letters and digits, more than any script piles on one letter
#: (UAX #15, 13: stream-safe text). Putting them in order takes the square of their number: 200,000 took 100 s.
MOST_MARKS = 30
_HEAPS = re.compile(rf"[^\w\s\x00-\u02ff]{{{MOST_MARKS + 1},}}")
_LOOKS_LIKE_HTML = re.compile(r"<[a-zA-Z!/]|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]\w*);")


def one_line(text: str) -> str:
    """`text` in Unicode NFC on one line, without invisible characters."""
    if text.isascii() and (line := " ".join(text.split())).isprintable():  # most texts, in a tenth of the time
        return line
    return _SPACES.sub(" ", composed(_INVISIBLE.sub("", text))).strip()


def composed(text: str) -> str:
    """`text` in Unicode NFC, with MOST_MARKS marks on a letter at most."""
    if unicodedata.is_normalized("NFC", text):  # which sees marks out of order without putting them in order
        return text
    return unicodedata.normalize("NFC", _HEAPS.sub(lambda found: _bounded(found[0]), text))


def _bounded(heap: str) -> str:
    """Without the marks that stand behind MOST_MARKS others."""
    kept, marks = [], 0
    for letter in heap:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= MOST_MARKS:
            kept.append(letter)
    return "".join(kept)


def harmless(text: str) -> str:
    """`text` with what is obeyed instead of shown, and what disguises a text, made visible; as long as it was."""
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub("\ufffd", text)


def escaped(document: str) -> str:
    """A JSON document that means the same, with what `harmless` would replace as escapes."""
    return document if document.isascii() and "\x7f" not in document else _UNSEEN.sub(_escape, document)


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def only_words(text: str) -> str:
    """The words of `text`, case-folded, with one blank between: for comparing headlines."""
    return _NOT_WORDS.sub(" ", text).casefold().strip()


def overlap(words: str, others: str) -> float:
    """How many of the words of the shorter text (both of `only_words`) the other one has, 0 to 1."""
    if words == others:
        return 1.0
    ours, theirs = _pieces(words), _pieces(others)
    return len(ours & theirs) / max(1, min(len(ours), len(theirs)))


def _pieces(words: str) -> set[str]:
    """Words; of scripts that do not part them, pairs of letters."""
    found: set[str] = set()
    for word in words.split():
        found.update([word] if word[0] < "\u2e80" else (word[i : i + 2] for i in range(len(word) - 1)))
    return found


def paragraphs(text: str) -> str:
    """`text` as paragraphs separated by one newline, each on one line, none empty."""
    return "\n".join(line for line in map(one_line, text.splitlines()) if line)


def plain_text(markup: str) -> str:
    """The readable text of an HTML fragment, paragraphs separated by one newline. Never raises."""
    markup = _INVISIBLE.sub("", markup)  # lxml stops at what it cannot encode, and the rest would be lost
    if not _LOOKS_LIKE_HTML.search(markup):
        return paragraphs(markup)
    try:
        root = html.fragment_fromstring(markup, create_parent="div", parser=html.HTMLParser(remove_comments=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return paragraphs(markup)
    return lines_of(root)


def lines_of(root: etree._Element, *, apart: bool = False) -> str:
    """The readable text of an element, with a newline where a block begins or ends; with `apart`, also where words of
    neighbouring elements would run into one."""
    # A browser folds the white space of the source; only block elements break a line.
    parts: list[str] = []

    def add(text: str) -> None:
        if apart and parts and parts[-1][-1:].isalnum() and text[:1].isalnum():
            parts.append("\n")
        parts.append(_SPACES.sub(" ", text))

    for event, element in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        if element.tag in BLOCKS:
            parts.append("\n")
        if event == "start" and element.text and not _is_silent(element):
            add(element.text)
        elif event == "end" and element is not root and element.tail and not _is_silent(element.getparent()):
            add(element.tail)
    return paragraphs("".join(parts))


def _is_silent(element: etree._Element | None) -> bool:
    return element is not None and (element.tag in SILENT or next(element.iterancestors(*SILENT), None) is not None)
