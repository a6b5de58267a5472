"""What the `newswire topics` commands do. How things look is in `pipelines.topics.report`."""

from collections.abc import Mapping, Sequence, Set

from connectors.opening import is_there, load_taxonomy, open_store
from pipelines.cli import EXIT_FAILED, EXIT_OK
from pipelines.commands import opened, typed_search
from pipelines.jsonl import given_article
from pipelines.report import counting
from pipelines.saying import complain, say_data
from pipelines.settings import Settings, load
from pipelines.topics import report
from pipelines.topics.backtest import backtest
from pipelines.topics.cases import Tally, judged, read_cases
from pipelines.topics.retag import retag
from transforms.errors import ConfigError, Transient
from transforms.topics import Taxonomy


def list_command(settings_file: str | None, *, language: str, as_json: bool) -> int:
    """`newswire topics list`"""
    settings = load(settings_file)
    taxonomy = load_taxonomy(settings.topics.taxonomy)
    data = report.topics_data(taxonomy, _counts(settings), language)
    if as_json:
        say_data(data)
    else:
        report.print_topics(data)
    return EXIT_OK


def _counts(settings: Settings) -> Mapping[str, int] | None:
    """Articles by topic; None where there is no archive, or it cannot be asked."""
    if not is_there(settings.store_spec):
        return None
    try:
        with open_store(settings.store_spec) as store:
            return store.articles.topic_counts()
    except (ConfigError, Transient) as e:
        complain(f"articles are not counted: {e}")
        return None


def schema_command() -> int:
    """`newswire topics schema`"""
    from transforms.taxonomy_files import schema

    say_data(schema(), indent=2)
    return EXIT_OK


def test_command(
    settings_file: str | None, files: Sequence[str], *, topics: Sequence[str], taxonomy_path: str, as_json: bool
) -> int:
    """`newswire topics test`"""
    taxonomy = load_taxonomy(taxonomy_path or load(settings_file).topics.taxonomy)
    wanted = _wanted(topics, taxonomy)
    cases = read_cases(files, taxonomy, wanted)
    tally, differing = Tally(), []
    for case in cases:
        verdict = judged(case, given_article(case.model_dump()), taxonomy, wanted)
        tally.add(verdict, (topic.id for topic in taxonomy.topics if topic.id in wanted))
        if verdict.differs:
            differing.append(verdict)
    if as_json:
        data = {
            "version": taxonomy.version,
            "cases": len(cases),
            "differing": [report.verdict_data(one, taxonomy) for one in differing],
            **report.tally_data(tally),
        }
        say_data(data)
    else:
        for one in differing:
            report.print_verdict(one, taxonomy)
        report.print_tally(tally, len(cases), len(differing), taxonomy.version)
    return EXIT_FAILED if differing else EXIT_OK


def _wanted(topics: Sequence[str], taxonomy: Taxonomy) -> frozenset[str]:
    """The topics that are looked at. Raises: ConfigError for one that is not there."""
    known = frozenset(topic.id for topic in taxonomy.topics)
    _known(topics, known)
    return frozenset(topics) or known


def _known(topics: Sequence[str], known: Set[str]) -> None:
    if strange := [name for name in topics if name not in known]:
        raise ConfigError(f"--topic: there is no topic {', '.join(strange)}; there are {', '.join(sorted(known))}")


def backtest_command(
    settings_file: str | None,
    *,
    since: str,
    until: str,
    topics: Sequence[str],
    taxonomy_path: str,
    samples: int,
    as_json: bool,
) -> int:
    """`newswire topics backtest`"""
    taxonomy = load_taxonomy(taxonomy_path or load(settings_file).topics.taxonomy)
    search = typed_search("", topics=(), sources=(), languages=(), since=since, until=until)
    with opened(settings_file) as store, counting("articles read") as told:
        _known(topics, {topic.id for topic in taxonomy.topics} | store.articles.topic_counts().keys())
        done = backtest(store.articles.each(search), taxonomy, frozenset(topics), samples, told)
    if as_json:
        say_data(report.backtest_data(done))
    else:
        report.print_backtest(done)
    return EXIT_OK


def retag_command(settings_file: str | None, *, as_json: bool) -> int:
    """`newswire topics retag`"""
    taxonomy = load_taxonomy(load(settings_file).topics.taxonomy)
    with opened(settings_file) as store, counting("articles tagged") as told:
        done = retag(store.articles, taxonomy, told)
    if as_json:
        say_data(report.retagged_data(done))
    else:
        report.print_retagged(done)
    if done.failed:
        complain(
            f"{len(done.failed)} articles could not be tagged and keep the topics they had; this is a bug,"
            f" please report it: {next(iter(done.failed.values()))}"
        )
    return EXIT_FAILED if done.failed else EXIT_OK
