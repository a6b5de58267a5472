"""`newswire serve`: the pages, until it is told to stop."""

import logging
import sys
import threading

from pydantic import ValidationError

from connectors.opening import load_taxonomy, open_store
from pipelines import logs
from pipelines.cli import EXIT_OK
from pipelines.saying import say
from pipelines.serving.application import THREADS, Application, answers_to
from pipelines.serving.server import Server
from pipelines.settings import load
from pipelines.signals import on_signals
from pipelines.tables import MetricsTable
from transforms.errors import ConfigError

log = logging.getLogger("newswire.serve")


def serve_command(settings_file: str | None, *, listen: str) -> int:
    """`newswire serve`"""
    settings = load(settings_file)
    host, port = _address(listen)
    taxonomy = load_taxonomy(settings.topics.taxonomy)
    topics = {topic.id: topic.label for topic in taxonomy.topics}
    with open_store(settings.store_spec):  # that it can be used is to be known before anybody asks
        pass
    stop = threading.Event()
    hosts = answers_to(host, settings.alerts.base_url)
    with logs.configured(settings.log), on_signals(stop.set):
        try:
            server = Server(host, port, Application(settings, topics=topics, hosts=hosts), threads=THREADS)
        except OSError as e:
            raise ConfigError(f"--listen {listen}: {e.strerror or e}") from e
        say(f"http://{server.where}/")
        sys.stdout.flush()
        if hosts is None:
            log.warning("whoever reaches %s reads everything here: put a proxy before it that asks who it is", host)
        stop.wait()
        server.close()
    return EXIT_OK


def _address(listen: str) -> tuple[str, int]:
    """As `[metrics] listen` writes it. Raises: ConfigError."""
    try:
        address = MetricsTable(listen=listen).address
    except ValidationError:
        address = None
    if address is None:
        raise ConfigError(f"--listen {listen!r}: write HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")
    return address
