"""What the commands do: open, ask, print. How things look is in `pipelines.report`."""

import json
import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.hits import hit
from connectors.opening import Store, init_store, load_taxonomy, migrate_store, open_store
from connectors.ports import Found, Search
from connectors.secrets import headers_to_send
from pipelines import report
from pipelines.cli import EXIT_FAILED, EXIT_OK, EXIT_REJECTED
from pipelines.feed_report import inspected, warnings
from pipelines.settings import DEFAULT_FILE, load, parse_duration
from pipelines.tracing import Traced, document_of, print_trace
from transforms.errors import ConfigError
from transforms.query import parse


@contextmanager
def opened(settings_file: str | None) -> Iterator[Store]:
    """The store of a settings file."""
    with open_store(load(settings_file).store_spec) as store:
        yield store


def run_command(settings_file: str | None, *, poll_all: bool, as_json: bool, beam_options: Sequence[str]) -> int:
    """`newswire run`"""
    settings = load(settings_file)
    before = {}
    if not as_json:
        with open_store(settings.store_spec) as store:
            before = {feed.id: health for feed, _, health in inspected(store, datetime.now(UTC))}
    run_once = _import_run()
    stopped: list[int] = []
    try:
        with _signals_noted(stopped), report.progress(settings, quiet=as_json):
            summary = run_once(settings, poll_all=poll_all, beam_options=beam_options)
    except (Exception, KeyboardInterrupt):  # Beam makes an exception of its own out of an interrupt
        if not stopped:
            raise
        print("newswire: interrupted; the next run takes up what was in hand", file=sys.stderr)
        return 128 + stopped[0]
    if as_json:
        print(json.dumps(report.summary_data(summary)))
    else:
        report.print_summary(summary)
        with open_store(settings.store_spec) as store:
            report.print_advice(summary, store, poll_all=poll_all)
            after = inspected(store, datetime.now(UTC))
        for line in warnings(before, after):
            print(f"newswire: {line}", file=sys.stderr)
    return EXIT_REJECTED if summary.too_many_rejected else EXIT_OK


@contextmanager
def _signals_noted(stopped: list[int]) -> Iterator[None]:
    """Ctrl-C and SIGTERM unwind what is running, so that workers end and the terminal is whole; a second one is final.

    Nothing has to be saved: all that a run knows is in the store already.
    """

    def stop(number: int, _frame: object) -> None:
        if stopped:
            os._exit(128 + number)
        stopped.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _import_run() -> Any:
    """Beam warns about cloud libraries that are not installed while it is imported, and logs what is raised anyway."""
    logging.getLogger("apache_beam").setLevel(logging.CRITICAL)
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        from pipelines.run import run_once
    finally:
        root.setLevel(level)
    return run_once


def check_command(settings_file: str | None) -> int:
    """`newswire check`"""
    settings = load(settings_file)
    taxonomy = load_taxonomy(settings.topics.taxonomy)
    place = settings_file or (DEFAULT_FILE if Path(DEFAULT_FILE).exists() else "no settings file, defaults")
    print(
        f"{place}: {len(settings.feeds)} feeds, {len(taxonomy.topics)} topics (taxonomy {taxonomy.version}),"
        f" store {settings.store.name}"
    )
    if not settings.fetch.contact:
        print(
            "newswire: [fetch] contact is empty: a webmaster whom we trouble can block us, but not write to us",
            file=sys.stderr,
        )
    for feed in settings.listed_feeds():
        try:
            headers_to_send(feed.headers, os.environ)
        except ConfigError as e:  # no error: the schedule may run where the secrets are, and this command elsewhere
            print(f"newswire: feed {feed.id}: {e}", file=sys.stderr)
    return EXIT_OK


def typed_search(
    query: str,
    *,
    topics: Sequence[str],
    sources: Sequence[str],
    languages: Sequence[str],
    since: str,
    until: str,
) -> Search:
    """The search that is meant by what was typed. Raises: QueryError, ConfigError."""
    now = datetime.now(UTC)
    return Search(
        query=parse(query) if query.strip() else None,
        topics=tuple(topics),
        sources=tuple(sources),
        languages=tuple(languages),
        since=_moment(since, now, "--since"),
        until=_moment(until, now, "--until"),
    )


def search_command(
    settings_file: str | None,
    query: str,
    *,
    topics: Sequence[str],
    sources: Sequence[str],
    languages: Sequence[str],
    since: str,
    until: str,
    order: Any,
    limit: int,
    as_json: bool,
    like: str = "",
) -> int:
    """`newswire search`"""
    if like and (query.strip() or topics or sources or languages or since or until):
        raise ConfigError("--like stands alone: it is a search by itself")
    typed = typed_search(query, topics=topics, sources=sources, languages=languages, since=since, until=until)
    search = replace(typed, order=order, limit=limit)
    with opened(settings_file) as store:
        found = _like(like, store, limit) if like else store.articles.search(search)
    if found is None:
        print(f"newswire: there is no article of {like}", file=sys.stderr)
        return EXIT_FAILED
    if as_json:
        print(json.dumps(report.found_data(found), ensure_ascii=False))
    else:
        report.print_found(found)
    return EXIT_OK


def _like(url: str, store: Store, limit: int) -> Found | None:
    """The articles like the one that an address became, or that has this id; None where there is none."""
    row = store.ledger.get(url)
    document = (row.doc_id if row else "") or document_of(url)
    if document not in store.articles.get([document]):
        return None
    articles = store.articles.similar(document, limit=limit)
    return Found(total=len(articles), hits=tuple(hit(article, None) for article in articles))


def trace_command(settings_file: str | None, url: str, *, as_json: bool) -> int:
    """`newswire trace`"""
    with opened(settings_file) as store:
        traced = Traced.of(url, store)
    if traced is None:
        print(f"newswire: nothing is known of {url}; no feed has announced it to this store", file=sys.stderr)
        return EXIT_FAILED
    if as_json:
        print(json.dumps(traced.data(), ensure_ascii=False))
    else:
        print_trace(traced)
    return EXIT_OK


def rejected_list_command(
    settings_file: str | None, *, stage: str, error: str, limit: int, as_json: bool, quarantined: bool | None = None
) -> int:
    """`newswire rejected list`"""
    with opened(settings_file) as store:
        rows = store.ledger.rejected(stage=stage, error=error, quarantined=quarantined, limit=limit)
    if as_json:
        print(json.dumps([report.row_data(row) for row in rows], ensure_ascii=False))
    else:
        report.print_rejected(rows)
    return EXIT_OK


def rejected_retry_command(settings_file: str | None, urls: Sequence[str], *, stage: str, error: str) -> int:
    """`newswire rejected retry`"""
    with opened(settings_file) as store:
        count = store.ledger.retry(urls=urls, stage=stage, error=error, now=datetime.now(UTC))
    print(f"{count} will be tried again by the next `newswire run`")
    return EXIT_OK if count or not urls else EXIT_FAILED


def store_init_command(settings_file: str | None) -> int:
    """`newswire store init`"""
    settings = load(settings_file)
    for done in init_store(settings.store_spec):
        print(f"made: {done}")
    with open_store(settings.store_spec) as store:
        print(f"{settings.store.name}: ready, schema {store.articles.status()['schema']}")
    return EXIT_OK


def store_migrate_command(settings_file: str | None) -> int:
    """`newswire store migrate`"""
    settings = load(settings_file)
    for done in migrate_store(settings.store_spec):
        print(f"made: {done}")
    print(f"{settings.store.name}: up to date")
    return EXIT_OK


def store_status_command(settings_file: str | None, *, as_json: bool) -> int:
    """`newswire store status`"""
    with opened(settings_file) as store:
        status = report.store_data(store)
    if as_json:
        print(json.dumps(status))
    else:
        report.print_store(status)
    return EXIT_OK


def _moment(text: str, now: datetime, option: str) -> datetime | None:
    """A point in time, said as a length before now or as a date, which is UTC where it names no zone."""
    if not text:
        return None
    try:
        return now - parse_duration(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as e:
        raise ConfigError(f"{option}: {text!r} is neither a length such as 24h nor a date such as 2026-11-18") from e
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
