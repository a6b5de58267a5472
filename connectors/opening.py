"""Specs travel to workers; clients are opened there and never pickled."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import yaml

from connectors.ports import ArticleStore, FeedRegistry, Hosts, Ledger
from connectors.sqlite.articles import SqliteArticles
from connectors.sqlite.database import connect
from connectors.sqlite.feeds import SqliteFeeds
from connectors.sqlite.hosts import SqliteHosts
from connectors.sqlite.ledger import SqliteLedger
from transforms.errors import ConfigError
from transforms.topics import Taxonomy, taxonomy


@dataclass(frozen=True, slots=True)
class SqliteSpec:
    """The embedded store's file."""

    path: str


@dataclass(frozen=True, slots=True)
class Store:
    """The storage ports, opened together."""

    ledger: Ledger
    articles: ArticleStore
    feeds: FeedRegistry
    hosts: Hosts


@contextmanager
def open_store(spec: SqliteSpec) -> Iterator[Store]:
    """The store of a spec, closed at the end. Raises: ConfigError when it cannot be used."""
    with closing(connect(Path(spec.path))) as db:
        yield Store(ledger=SqliteLedger(db), articles=SqliteArticles(db), feeds=SqliteFeeds(db), hosts=SqliteHosts(db))


def load_taxonomy(path: str = "") -> Taxonomy:
    """The taxonomy of a YAML file, or the one that ships with newswire.

    Raises:
        ConfigError: the file cannot be read, or has problems; all are named.
    """
    source = Path(path) if path else files("transforms") / "taxonomy.yaml"
    try:
        data = yaml.safe_load(source.read_text("utf-8"))
    except OSError as e:
        raise ConfigError(f"{source}: {e.strerror}") from e
    except (yaml.YAMLError, UnicodeDecodeError) as e:
        raise ConfigError(f"{source}: {e}") from e
    return taxonomy(data, str(source))
