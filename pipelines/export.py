"""`export`: what the archive holds, an object of JSON a line, as it comes out of the store."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence

from connectors.codec import to_json
from pipelines.cli import EXIT_OK
from pipelines.commands import opened, typed_search
from transforms.errors import NewswireError
from transforms.ninjs import ninjs
from transforms.records import Article
from transforms.text import escaped


def _ninjs_line(article: Article) -> str:
    return json.dumps(ninjs(article), ensure_ascii=False)


#: What makes a line of an article, by the format's name.
FORMATS: dict[str, Callable[[Article], str]] = {"jsonl": to_json, "ninjs": _ninjs_line}


def export_command(
    settings_file: str | None,
    query: str,
    *,
    topics: Sequence[str],
    sources: Sequence[str],
    languages: Sequence[str],
    since: str,
    until: str,
    form: str,
) -> int:
    """`newswire export`"""
    search = typed_search(query, topics=topics, sources=sources, languages=languages, since=since, until=until)
    with opened(settings_file, reads=True) as store:
        _print_lines(map(FORMATS[form], store.articles.each(search)))
    return EXIT_OK


def _print_lines(lines: Iterable[str]) -> None:
    """Raises: NewswireError when they cannot be written, as on a full disk."""
    try:
        for line in lines:
            print(escaped(line))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as e:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the end of the program tries once more
        raise NewswireError("standard output", e.strerror or str(e)) from e
