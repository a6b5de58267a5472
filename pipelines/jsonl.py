"""`extract` and `tag`: one thing at a time, or lines of JSON in and out."""

import gzip
import json
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

from lxml import etree, html
from rich.text import Text

from connectors.codec import to_data
from connectors.http import fetch_one
from connectors.opening import load_taxonomy
from connectors.workers import Workers, workers
from pipelines.cli import EXIT_OK, EXIT_REJECTED
from pipelines.evidence import article_lines, figure, for_and_against, named, proof_lines, sentences
from pipelines.report import console
from pipelines.saying import say_data
from pipelines.settings import Settings, load
from transforms.articles import read_page
from transforms.errors import NewswireError
from transforms.languages import language, primary_subtag
from transforms.records import Article, Entry, Response, Source, Urls
from transforms.text import composed, paragraphs
from transforms.topics import Taxonomy
from transforms.urls import is_followable, redacted

#: Lines in hand per worker: enough to keep it busy, few enough to start printing at once.
AHEAD = 4


def extract_lines(source: str, settings_file: str | None) -> int:
    """`newswire extract --jsonl`: one line out per line in, in order; a bad line costs only itself (exit 3)."""
    settings = load(settings_file)
    with workers(settings.worker_spec) as pool, open_lines(source) as lines:
        return print_lines(_extracted(lines, settings, pool))


def _extracted(lines: Iterable[str], settings: Settings, pool: Workers) -> Iterator[dict[str, Any]]:
    waiting: deque[tuple[Any, Future[Article] | str]] = deque()
    for line in lines:
        key, task = read_line(line, lambda data: _page(data, settings))
        waiting.append((key, task if isinstance(task, str) else pool.submit(read_page, task[0].url, *task[:2])))
        if len(waiting) >= AHEAD * pool.spec.count:
            yield _extract_answer(*waiting.popleft())
    while waiting:
        yield _extract_answer(*waiting.popleft())


def _extract_answer(key: Any, outcome: "Future[Article] | str") -> dict[str, Any]:
    if isinstance(outcome, str):
        return {"key": key, "error": outcome}
    try:
        return {"key": key, **to_data(outcome.result())}
    except NewswireError as e:
        return {"key": key, "error": f"{type(e).__name__}: {e.reason}"}


def print_lines(answers: Iterable[dict[str, Any]]) -> int:
    """Print each answer as it comes; the exit code."""
    bad = 0
    for answer in answers:
        bad += "error" in answer
        # Half of a surrogate pair is a str in Python and text nowhere else: it goes out as it came in, escaped.
        say_data(answer)
    return EXIT_REJECTED if bad else EXIT_OK


def extract_one(source: str, url: str, settings_file: str | None) -> int:
    """`newswire extract`: the article of a page on the web, in a file, or on standard input."""
    settings = load(settings_file)
    if is_followable(source):
        response = fetch_one(settings.http_spec, source)
        entry = Entry(feed_id="", url=source, seen_at=response.fetched_at)
    else:
        if "://" in source:
            raise NewswireError(source, "is no complete http or https address")
        try:
            body = sys.stdin.buffer.read() if source == "-" else _read_bytes(Path(source), settings)
        except (OSError, EOFError, ValueError) as e:
            raise NewswireError(source, getattr(e, "strerror", None) or str(e)) from e
        entry, response = _given(body, url or _own_address(body, source))
    with workers(settings.worker_spec) as pool:
        article = pool.submit(read_page, entry.url, entry, response).result()
    say_data(to_data(article), indent=2)
    return EXIT_OK


def tag_lines(source: str, settings_file: str | None) -> int:
    """`newswire tag --jsonl`: topics with evidence and figures, a line each; a bad line costs only itself (exit 3)."""
    taxonomy = load_taxonomy(load(settings_file).topics.taxonomy)
    with open_lines(source) as lines:
        return print_lines(_tag_answer(taxonomy, *read_line(line, given_article)) for line in lines)


def _tag_answer(taxonomy: Taxonomy, key: Any, article: Article | str) -> dict[str, Any]:
    if isinstance(article, str):
        return {"key": key, "error": article}
    return {"key": key, **_tags(taxonomy.tag(article))}


def tag_one(source: str, settings_file: str | None, *, as_text: bool = False) -> int:
    """`newswire tag`: the topics and casualty figures of an article, given as JSON (what `extract` prints) or as text,
    headline first. As text: its words with the evidence marked, and below them why it has each topic, or not."""
    taxonomy = load_taxonomy(load(settings_file).topics.taxonomy)
    article = taxonomy.tag(read_one(source, given_article)[1])
    if as_text:
        _print_tagged(article, taxonomy)
    else:
        print_one(_tags(article))
    return EXIT_OK


def _print_tagged(article: Article, taxonomy: Taxonomy) -> None:
    out = console()
    for line in article_lines(article):
        out.print(line)
    out.print(Text(f"\nlanguage {article.language}, taxonomy {article.topics_version}\n", style="dim"))
    for tag in article.topics:
        out.print(Text(f"{named(tag)}, score {tag.score:g}", style="bold green"))
        for line in for_and_against(article, tag, "  "):
            out.print(line)
    for one in article.casualties:
        out.print(Text(figure(one), style="magenta"))
        for line in proof_lines(sentences(article, [one.evidence]), "  "):
            out.print(line)
    carried = {tag.id for tag in article.topics}
    if below := [tag for tag in taxonomy.judge(article) if tag.id not in carried]:
        thresholds = {topic.id: topic.threshold for topic in taxonomy.topics}
        for tag in below:
            out.print(Text(f"not {tag.id}, score {tag.score:g} of {thresholds[tag.id]:g}", style="dim"))
            for line in for_and_against(article, tag, "  "):
                out.print(line)
    elif not article.topics:
        out.print("no topic: no rule finds a word of its own in it")


def read_one(source: str, make: Callable[[Any], Article]) -> tuple[Any, Article]:
    """(key, article) of a source: JSON, or a text with its headline in the first line.

    Raises:
        NewswireError: it cannot be read, or `make` makes nothing of it.
    """
    with open_lines(source) as lines:
        text = "".join(lines)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        title, _, body = text.strip().partition("\n")
        data = {"title": title, "body": body}
    try:
        article = make(data)
    except (ValueError, TypeError) as e:
        raise NewswireError(source, str(e)) from e
    return data.get("key"), article


def print_one(answer: Mapping[str, Any]) -> None:
    """Print an answer for a reader, whatever letters are in it."""
    say_data(answer, indent=2)


def read_line(line: str, make: Callable[[dict[str, Any]], Any]) -> tuple[Any, Any]:
    """(key, what `make` makes of the line), or (key, what is wrong with it)."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as e:
        return None, f"not JSON: {e}"
    if not isinstance(data, dict):
        return None, "not a JSON object"
    try:
        return data.get("key"), make(data)
    except (ValueError, TypeError, OSError, EOFError) as e:
        return data.get("key"), str(e) or type(e).__name__


def _page(data: dict[str, Any], settings: Settings) -> tuple[Entry, Response]:
    if isinstance(data.get("html"), str):
        body = data["html"].encode("utf-8", errors="replace")
    elif isinstance(data.get("html_path"), str):
        body = _read_bytes(Path(data["html_path"]), settings)
    else:
        raise ValueError("needs `html` or `html_path` (text)")
    url = data.get("url") or _own_address(body, str(data.get("html_path", "")))
    if not isinstance(url, str) or not is_followable(url):
        raise ValueError(f"`url` must be a complete http or https address, got {redacted(repr(url))}")
    return _given(body, url, "text/html; charset=utf-8" if "html" in data else "")


def given_article(data: Any) -> Article:
    """The article that JSON describes. Where it does not say its language, its words do, as a page's would.

    Raises:
        ValueError: it describes none.
    """
    if (
        not isinstance(data, dict)
        or not isinstance(data.get("title", ""), str)
        or not isinstance(data.get("body", ""), str)
    ):
        raise ValueError("an article is an object with `title` and `body` (text)")
    if not data.get("title") and not data.get("body"):
        raise ValueError("an article needs a `title` or a `body`")
    now, url = datetime.now(UTC), str(data.get("url", ""))
    keywords = data.get("keywords") or []
    title, body = sound(data.get("title", "")), paragraphs(data["body"]) if data.get("body") else ""
    return Article(
        id="",
        url=url,
        urls=Urls(announced=url, final=url, canonical=url),
        title=title,
        description=sound(str(data.get("description") or "")),
        body=body,
        keywords=tuple(sound(word) for word in keywords if isinstance(word, str)) if isinstance(keywords, list) else (),
        language=primary_subtag(data.get("language")) or language(f"{title}\n{body}", ("", ""))[0],
        source=Source(name="", feed_id="", domain=""),
        first_seen_at=now,
        fetched_at=now,
    )


def sound(text: str) -> str:
    """`text` in Unicode NFC, as all stored text is, and without halves of surrogate pairs, which JSON can carry and
    nothing else."""
    return composed(text.encode(errors="replace").decode())


def _tags(article: Article) -> dict[str, object]:
    return {
        "topics": [to_data(tag) for tag in article.topics],
        "casualties": [to_data(one) for one in article.casualties],
    }


def _given(body: bytes, url: str, content_type: str = "") -> tuple[Entry, Response]:
    now = datetime.now(UTC)
    return Entry(feed_id="", url=url, seen_at=now), Response(
        final_url=url, status=200, body=body, content_type=content_type, fetched_at=now
    )


def _own_address(body: bytes, source: str) -> str:
    """The address a saved page gives itself; a made-up one where it gives none."""
    try:
        tree = html.document_fromstring(body)
    except (etree.LxmlError, ValueError):
        return "http://localhost/" + Path(source).name
    links: Any = tree.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
    return next(filter(is_followable, map(str, links)), "http://localhost/" + Path(source).name)


def _read_bytes(path: Path, settings: Settings) -> bytes:
    """A file's bytes, unpacked when they are gzip, up to the size that a page may have. Raises: OSError, ValueError."""
    cap = settings.fetch.max_bytes
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        body = gzip.GzipFile(fileobj=file).read(cap + 1) if packed else file.read(cap + 1)
    if len(body) > cap:
        raise ValueError(f"{path}: more than {cap} bytes")
    return body


@contextmanager
def open_lines(source: str) -> Iterator[TextIO]:
    """The lines of a file, or of standard input, without a byte order mark.

    Raises:
        NewswireError: it cannot be read.
    """
    if source == "-":
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace")
        yield sys.stdin
        return
    try:
        with Path(source).open(encoding="utf-8-sig", errors="replace") as file:
            yield file
    except OSError as e:
        raise NewswireError(source, e.strerror or str(e)) from e
