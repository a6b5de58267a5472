"""Specs travel to workers; clients are opened there and never pickled."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from connectors.alert_ports import Outbox, Subscriptions
from connectors.feed_ports import FeedRegistry, Hosts
from connectors.ports import ArticleStore, Ledger
from connectors.sqlite.articles import SqliteArticles
from connectors.sqlite.database import back_up, connect
from connectors.sqlite.feeds import SqliteFeeds
from connectors.sqlite.hosts import SqliteHosts
from connectors.sqlite.ledger import SqliteLedger
from connectors.sqlite.outbox import SqliteOutbox
from connectors.sqlite.subscriptions import SqliteSubscriptions
from transforms.errors import ConfigError
from transforms.topics import Taxonomy

if TYPE_CHECKING:
    from connectors.elasticsearch.client import ElasticsearchSpec
    from transforms.taxonomy_files import Source


@dataclass(frozen=True, slots=True)
class SqliteSpec:
    """The embedded store's file."""

    path: str


#: Either is opened by `open_store`.
StoreSpec: TypeAlias = "SqliteSpec | ElasticsearchSpec"


@dataclass(frozen=True, slots=True)
class Store:
    """The storage ports, opened together."""

    ledger: Ledger
    articles: ArticleStore
    feeds: FeedRegistry
    hosts: Hosts
    subscriptions: Subscriptions
    outbox: Outbox


@contextmanager
def open_store(spec: StoreSpec) -> Iterator[Store]:
    """The store of a spec, closed at the end.

    Raises:
        ConfigError: it cannot be used; on a server, also when `init_store` was not there before.
        Transient: the server does not answer.
    """
    if not isinstance(spec, SqliteSpec):
        with _on_server(spec) as store:
            yield store
        return
    with closing(connect(Path(spec.path))) as db:
        yield Store(
            ledger=SqliteLedger(db),
            articles=SqliteArticles(db),
            feeds=SqliteFeeds(db),
            hosts=SqliteHosts(db),
            subscriptions=SqliteSubscriptions(db),
            outbox=SqliteOutbox(db),
        )


def is_there(spec: StoreSpec) -> bool:
    """Whether an embedded store was made already; one on a server is taken to be there."""
    return not isinstance(spec, SqliteSpec) or Path(spec.path).exists()


def file_of(spec: StoreSpec) -> tuple[int, int] | None:
    """What tells an embedded store's file from another one in its place; None where it is gone, and of a server."""
    if isinstance(spec, SqliteSpec):
        with suppress(OSError):
            at = Path(spec.path).stat()
            return at.st_dev, at.st_ino
    return None


def init_store(spec: StoreSpec) -> list[str]:
    """Make what the store needs, where it is not there; what was done, in words.

    Raises: as `open_store`.
    """
    if isinstance(spec, SqliteSpec):
        new = not Path(spec.path).exists()
        with open_store(spec):
            return [f"file {spec.path}"] if new else []
    from connectors.elasticsearch import schema
    from connectors.elasticsearch.client import open_client

    with open_client(spec) as client:
        return schema.init(client, spec.prefix)


def migrate_store(spec: StoreSpec) -> list[str]:
    """Bring the store of an earlier newswire to this one's schema; what was done, in words. An embedded one is brought
    there whenever it is opened.

    Raises: as `open_store`; StoreFailed.
    """
    if isinstance(spec, SqliteSpec):
        with open_store(spec):
            return []
    from connectors.elasticsearch.client import open_client
    from connectors.elasticsearch.migrating import migrate

    with open_client(spec) as client:
        return migrate(client, spec.prefix)


def back_up_store(spec: StoreSpec, file: Path) -> None:
    """Write a copy of an embedded store into a new file, while others use the store.

    Raises: ConfigError, also of a store on a server, which has means of its own; StoreFailed.
    """
    if not isinstance(spec, SqliteSpec):
        raise ConfigError("a store on a server is backed up by the server's own snapshots, all its indices in one")
    back_up(Path(spec.path), file)


@contextmanager
def _on_server(spec: "ElasticsearchSpec") -> Iterator[Store]:
    # Imported here: the client takes a while, and the embedded store does without.
    from connectors.elasticsearch import schema
    from connectors.elasticsearch.articles import ElasticArticles
    from connectors.elasticsearch.client import open_client
    from connectors.elasticsearch.feeds import ElasticFeeds
    from connectors.elasticsearch.hosts import ElasticHosts
    from connectors.elasticsearch.ledger import ElasticLedger
    from connectors.elasticsearch.outbox import ElasticOutbox
    from connectors.elasticsearch.subscriptions import ElasticSubscriptions

    with open_client(spec) as client:
        schema.require_ready(client, spec.prefix)
        with closing(ElasticArticles(client, spec.prefix)) as articles:
            yield Store(
                ledger=ElasticLedger(client, spec.prefix),
                articles=articles,
                feeds=ElasticFeeds(client, spec.prefix),
                hosts=ElasticHosts(client, spec.prefix),
                subscriptions=ElasticSubscriptions(client, spec.prefix),
                outbox=ElasticOutbox(client, spec.prefix),
            )


def load_taxonomy(path: str = "") -> Taxonomy:
    """The taxonomy of a YAML file or a folder of them, or the one that ships with newswire.

    Raises:
        ConfigError: a file cannot be read, or has problems; all are named.
    """
    from transforms.taxonomies import read_taxonomy

    shipped = _taxonomy_files(files("transforms") / "taxonomy")
    return read_taxonomy(_taxonomy_files(Path(path)), shipped) if path else read_taxonomy(shipped)


def _taxonomy_files(source: Traversable) -> "list[Source]":
    from transforms.taxonomy_files import Source

    try:
        found = [source]
        if source.is_dir():
            found = sorted(
                (one for one in source.iterdir() if one.name.endswith((".yaml", ".yml"))), key=lambda one: one.name
            )
        if not found:
            raise ConfigError(f"{source}: there is no .yaml file in it")
        return [Source(str(one), one.read_text("utf-8")) for one in found]
    except OSError as e:
        raise ConfigError(f"{source}: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise ConfigError(f"{source}: {e}") from e
