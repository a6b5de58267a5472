"""Pages as HTML. Whatever is shown is text: it is escaped, nothing in it is obeyed, hidden, or turns around the letters
beside it, and only web addresses become links."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipelines import evidence, report
from transforms.alert_words import Pieces
from transforms.matching import Snippet, merged
from transforms.text import harmless
from transforms.urls import is_followable

#: From a path of the application, and what is asked there, to an address within the site.
To = Callable[..., str]
_COMMAND = re.compile(r"`([^`]*)`")


def rendered(template: str, to: To, **data: Any) -> str:
    """The page that a template makes of `data`."""
    return _HTML.get_template(template).render(to=to, **data)


def address(prefix: str, *path: str, **asked: Any) -> str:
    """The address of a page under `prefix`, each part of its path as one part; what is empty is not asked."""
    given = [(name, one) for name, value in asked.items() for one in (value if _is_list(value) else (value,)) if one]
    query = f"?{urlencode(given, errors='replace')}" if given else ""
    return f"{prefix}/{'/'.join(quote(part, safe='', errors='replace') for part in path)}{query}"


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def in_pieces(found: Snippet) -> Pieces:
    """A text in pieces: those that are marked in it, and those between."""
    pieces, at = list[tuple[str, bool]](), 0
    for start, end in merged(found.spans):
        pieces += [(found.text[at:start], False), (found.text[start:end], True)]
        at = end
    return tuple(piece for piece in (*pieces, (found.text[at:], False)) if piece[0])


def paragraphs(found: Snippet) -> Iterator[Pieces]:
    """`in_pieces` of each line of a text."""
    line: list[tuple[str, bool]] = []
    for piece, hit in in_pieces(found):
        first, *others = piece.split("\n")
        line.append((first, hit))
        for other in others:
            yield tuple(one for one in line if one[0])
            line = [(other, hit)]
    yield tuple(one for one in line if one[0])


def with_commands(words: str) -> Pieces:
    """A sentence in pieces: what is to be typed, between backticks in it, and the rest."""
    return tuple((piece, nth % 2 == 1) for nth, piece in enumerate(_COMMAND.split(words)) if piece)


def _web(url: str) -> str:
    """The address, if a browser may be sent there."""
    return url if is_followable(url) else ""


def _lang(language: str) -> str:
    """The language as HTML names it; empty where nobody says."""
    return "" if language == "und" else language


def _shown(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_HTML = Environment(
    loader=PackageLoader("pipelines.serving"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_shown,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_HTML.globals |= {
    "clock": report.clock,
    "figure": evidence.figure,
    "in_pieces": in_pieces,
    "lang": _lang,
    "named": evidence.named,
    "outlet": report.outlet,
    "paragraphs": paragraphs,
    "sentences": evidence.sentences,
    "web": _web,
    "when": report.when,
    "with_commands": with_commands,
    "words": evidence.words,
}
