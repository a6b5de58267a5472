"""What the commands do: open, ask, print. How things look is in `pipelines.report`."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.hits import hit
from connectors.opening import Store, back_up_store, init_store, is_there, load_taxonomy, migrate_store, open_store
from connectors.ports import Found, Search
from connectors.secrets import headers_to_send, referred
from pipelines import rejected_report, report
from pipelines.cli import EXIT_FAILED, EXIT_OK
from pipelines.saying import complain, say, say_data
from pipelines.settings import DEFAULT_FILE, Settings, load
from pipelines.tracing import Traced, document_of, print_trace
from pipelines.values import moment, spoken
from transforms.errors import ConfigError
from transforms.query import parse


@contextmanager
def opened(settings_file: str | None, *, reads: bool = False) -> Iterator[Store]:
    """The store of a settings file. Whoever only `reads` is told where there was none: it may be the wrong folder."""
    settings = load(settings_file)
    if reads and not is_there(settings.store_spec):
        complain(f"{settings.store.name}: was not there; an empty one is made")
    with open_store(settings.store_spec) as store:
        yield store


def check_command(settings_file: str | None) -> int:
    """`newswire check`"""
    settings = load(settings_file)
    taxonomy = load_taxonomy(settings.topics.taxonomy)
    place = settings_file or (DEFAULT_FILE if Path(DEFAULT_FILE).exists() else "no settings file, defaults")
    say(
        f"{place}: {_feeds_of(settings)}, {len(taxonomy.topics)} topics (taxonomy {taxonomy.version}),"
        f" store {settings.store.name}"
    )
    if not settings.fetch.contact:
        complain("[fetch] contact is empty: a webmaster whom we trouble can block us, but not write to us")
    for feed in settings.listed_feeds():
        try:
            headers_to_send(feed.headers, os.environ)
        except ConfigError as e:  # no error: the schedule may run where the secrets are, and this command elsewhere
            complain(f"feed {feed.id}: {e}")
    for what, reference in settings.alerts.secrets:
        try:
            referred(what, reference, os.environ)
        except ConfigError as e:
            complain(f"[alerts] {e}")
    return EXIT_OK


def _feeds_of(settings: Settings) -> str:
    """How many feeds the file has and, where the embedded store is there, how many were added by command. A store on a
    server is not asked: settings may be checked where it is not to be reached."""
    here = f"{len(settings.feeds)} feeds"
    if settings.store.urls or not is_there(settings.store_spec):
        return here
    with open_store(settings.store_spec) as store:
        added = sum(feed.origin != "settings" for feed in store.feeds.all())
    return f"{here} and {added} added by command" if added else here


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
    try:
        asked_for = tuple(map(spoken, languages))
    except ValueError as e:
        raise ConfigError(f"--language: {e}") from e
    return Search(
        query=parse(query) if query.strip() else None,
        topics=tuple(topics),
        sources=tuple(sources),
        languages=asked_for,
        since=moment(since, now, "--since"),
        until=moment(until, now, "--until"),
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
    with opened(settings_file, reads=True) as store:
        found = alike(like, store, limit) if like else store.articles.search(search)
    if found is None:
        complain(f"there is no article of {like}")
        return EXIT_FAILED
    if as_json:
        say_data(report.found_data(found))
    else:
        report.print_found(found)
    return EXIT_OK


def alike(url: str, store: Store, limit: int) -> Found | None:
    """The articles like the one that an address became, or that has this id; None where there is none."""
    row = store.ledger.get(url)
    document = (row.doc_id if row else "") or document_of(url)
    if document not in store.articles.get([document]):
        return None
    articles = store.articles.similar(document, limit=limit)
    return Found(total=len(articles), hits=tuple(hit(article, None) for article in articles))


def trace_command(settings_file: str | None, url: str, *, as_json: bool) -> int:
    """`newswire trace`"""
    with opened(settings_file, reads=True) as store:
        traced = Traced.of(url, store)
    if traced is None:
        complain(f"nothing is known of {url}; no feed has announced it to this store")
        return EXIT_FAILED
    if as_json:
        say_data(traced.data())
    else:
        print_trace(traced)
    return EXIT_OK


def rejected_list_command(
    settings_file: str | None, *, stage: str, error: str, limit: int, as_json: bool, quarantined: bool | None = None
) -> int:
    """`newswire rejected list`"""
    with opened(settings_file, reads=True) as store:
        rows = store.ledger.rejected(stage=stage, error=error, quarantined=quarantined, limit=limit)
    if as_json:
        say_data([report.row_data(row) for row in rows])
    else:
        rejected_report.print_rejected(rows, limit, chosen=bool(stage or error or quarantined is not None))
    return EXIT_OK


def rejected_retry_command(settings_file: str | None, urls: Sequence[str], *, stage: str, error: str) -> int:
    """`newswire rejected retry`"""
    with opened(settings_file) as store:
        count = store.ledger.retry(urls=urls, stage=stage, error=error, now=datetime.now(UTC))
    say(f"{count} will be tried again by the next `newswire run`")
    return EXIT_OK if count or not urls else EXIT_FAILED


def store_init_command(settings_file: str | None) -> int:
    """`newswire store init`"""
    settings = load(settings_file)
    for done in init_store(settings.store_spec):
        say(f"made: {done}")
    with open_store(settings.store_spec) as store:
        say(f"{settings.store.name}: ready, schema {store.articles.status()['schema']}")
    return EXIT_OK


def store_migrate_command(settings_file: str | None) -> int:
    """`newswire store migrate`"""
    settings = load(settings_file)
    for done in migrate_store(settings.store_spec):
        say(f"made: {done}")
    say(f"{settings.store.name}: up to date")
    return EXIT_OK


def store_backup_command(settings_file: str | None, file: str) -> int:
    """`newswire store backup`"""
    settings = load(settings_file)
    back_up_store(settings.store_spec, Path(file))
    say(f"{file}: a copy of {settings.store.name}")
    return EXIT_OK


def store_status_command(settings_file: str | None, *, as_json: bool) -> int:
    """`newswire store status`"""
    with opened(settings_file, reads=True) as store:
        status = report.store_data(store)
    if as_json:
        say_data(status)
    else:
        report.print_store(status)
    return EXIT_OK
