"""ArticleStore on the servers: what the port's own tests cannot ask of every adapter."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.elasticsearch import articles as adapter
from connectors.elasticsearch import bulk, retagging
from connectors.elasticsearch.articles import ElasticArticles
from connectors.elasticsearch.mappings import MAPPING_VERSION
from connectors.opening import SqliteSpec, open_store
from connectors.ports import ArticleStore, Search
from tests.contract import conftest
from tests.factories import NOON, make_article
from transforms.errors import Busy, QueryError, StoreFailed, Unindexable
from transforms.query import parse
from transforms.records import Article, Source
from transforms.tags import Casualty, Evidence, TopicTag

pytestmark = pytest.mark.servers
HOUR = timedelta(hours=1)


@pytest.fixture(params=[product for product in conftest.ADAPTERS if product != "sqlite"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ArticleStore]:
    """The empty archive of each server."""
    with conftest.ADAPTERS[request.param](tmp_path) as store:
        yield store.articles


@pytest.fixture
def client(archive: ArticleStore) -> Elasticsearch:
    """What the archive itself writes by."""
    assert isinstance(archive, ElasticArticles)
    return archive._client


@pytest.fixture
def name(archive: ArticleStore) -> str:
    """What the names of its indices begin with."""
    return conftest.PREFIX


def ids(archive: ArticleStore, query: str = "", **filters: Any) -> list[str]:
    found = archive.search(Search(**{"query": parse(query) if query else None, "limit": 100, **filters}))
    assert found.total >= len(found.hits)
    return [hit.article.id for hit in found.hits]


def topic(name: str, **found: Any) -> TopicTag:
    evidence = Evidence(**{"rule": "words", "text": "x", "field": "title", "start": 0, "end": 1, **found})
    return TopicTag(id=name, label=name, score=1, rule_version="1", evidence=(evidence,))


def stored(archive: ArticleStore, query: str) -> tuple[list[tuple[int, str, str]], list[str]]:
    """All revisions of the article 1a, and the ids that a search finds."""
    return [(a.revision, a.language, a.title) for a in archive.revisions("1a")], ids(archive, query)


# The same answers as the embedded store's

TEXTS = {
    "en": "Warplanes struck the town of Idlib; air strikes killed ten people, displaced others, hit a drone-depot",
    "de": "Luftangriffe trafen die Häuser der Stadt Idlib, Drohnen töteten zehn Menschen am Straßenrand",
    "fr": "Des frappes aériennes ont touché la ville d'Idlib, dix personnes déplacées l'an dernier",
    "ru": "Город Идлиб подвергся авиационным ударам, беженцы покинули города",
    "ar": "استهدف الهجوم المدينة وقتل عشرة أشخاص في إدلب",
    "zh": "空袭击中了该市，双方同意停火协议 Idlib 停火",
    "ja": "停火合意が発表された Idlib で空襲",
    "und": "Strikes reported near Idlib, people displaced",
    "xx": "Strikes strike striking",
}
OUTLETS = (
    Source(name="The Meridian", feed_id="meridian-1", domain="meridian.example", agency="Reuters / AFP"),
    Source(name="通信社", feed_id="wire", domain="wire.example"),
    Source(name="Straße News", feed_id="strasse", domain="news.example"),
)
AUTHORS = ("Jane Doe", "K. Müller", "王小明", "Jean-Luc Öz")
TOPICS = ("air-strike", "ceasefire", "displaced-people")
MARKED = (*TOPICS, "air-strike:stated", "air-strike:denied", "ceasefire/words", "ceasefire/x")


def corpus(number: int) -> list[Article]:
    """Articles of one moment each, some a microsecond apart: the ports leave the order of equals open."""
    chance = random.Random(7)

    def some(words: Sequence[str]) -> str:
        return " ".join(chance.choices(words, k=chance.randint(1, 12)))

    made = []
    for n in range(number):
        language = chance.choice(list(TEXTS))
        words = TEXTS[language].split()
        made.append(
            make_article(
                id=f"1{n:03}", language=language, title=some(words), description=some(words),
                body=chance.choice([TEXTS[language], some(words), some(words) + "\n" + some(words)]),
                keywords=tuple(some(words) for _ in range(chance.randint(0, 3))),
                authors=tuple(chance.sample(AUTHORS, chance.randint(0, 2))), source=chance.choice(OUTLETS),
                topics=tuple(map(topic, chance.sample(TOPICS, chance.randint(0, 2)))),
                published_at=NOON + timedelta(hours=n // 4, microseconds=n % 4) if n % 5 else None,
                first_seen_at=NOON - n * HOUR, status=chance.choice(["usable", "corrected", "withdrawn"]),
            )
        )  # fmt: skip
    return made


def bare(text: str) -> str:
    return "".join(letter if letter.isalnum() else " " for letter in text)


WORDS = sorted(
    {word for text in TEXTS.values() for word in bare(text).split()} | {"strike", "houses", "stadt", "nichts"}
)
PHRASES = sorted({" ".join(text.split()[i : i + n]) for text in TEXTS.values() for i in (0, 2, 4) for n in (2, 3)})
word = st.sampled_from(WORDS)
hyphenated = st.sampled_from(["air-strikes", "drone-depot", "d'Idlib", "Jean-Luc"])
phrase = st.sampled_from([f'"{bare(text)}"' for text in PHRASES])
prefixed = st.tuples(st.sampled_from([w for w in WORDS if len(w) > 3]), st.integers(3, 8)).map(
    lambda cut: f"{cut[0][: cut[1]]}*"
)
compound = st.sampled_from(["drone-dep*", "air-str*", "停火协议*", "d'Idl*", "l'an*"])
near = st.tuples(st.lists(word, min_size=2, max_size=3), st.integers(1, 6)).map(lambda p: f'"{" ".join(p[0])}"~{p[1]}')
text = st.one_of(word, word, phrase, prefixed, hyphenated, compound, near, near)
named = st.sampled_from(
    [
        *("author:doe", "author:muller", "author:mül*", "author:jean-l*", 'author:"jane doe"', 'author:"jean luc"'),
        *("author:小明", "author:王小明", "author:王小明*", "source:通信", "source:通信社", 'source:"straße news"'),
        *("source:meridian", "source:meridian.example", "source:mer*", "source:strasse", "source:straß*"),
        *("topic:air-strike", 'topic:"air strike"', "topic:strike", "topic:cease*", "topic:displaced-peo*"),
        *("agency:afp", 'agency:"reuters afp"', "agency:reut*", 'author:"doe jane"~2'),
        *("published:>=2026-11-19", "published:[2026-11-18T12 TO 2026-11-18T14}", "published:<2026-11-17"),
        "published:2026-11-18T12:00:00",
        *("language:EN", "language:zh", "language:und", "lang:xxx*"),
        *("status:withdrawn", "status:cor*", "status:Usable"),
    ]
)
fielded = st.tuples(st.sampled_from(["title", "description", "keywords", "body", "headline"]), text).map(":".join)
queries = st.recursive(
    st.one_of(text, text, fielded, named),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} AND {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} OR {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} NOT {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} OR (NOT {two[1]}))"),
    ),
    max_leaves=6,
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "topics": st.lists(st.sampled_from(MARKED), max_size=2, unique=True).map(tuple),
        "sources": st.sampled_from([(), ("the MERIDIAN",), ("wire", "news.example"), ("STRASSE NEWS",), ("通信社",)]),
        "languages": st.sampled_from([(), ("en",), ("zh", "und")]),
        "since": st.integers(-50, 50).map(lambda n: NOON + n * HOUR + timedelta(microseconds=2)),
        "until": st.integers(-50, 50).map(lambda n: NOON + n * HOUR + timedelta(microseconds=3)),
        "limit": st.integers(0, 200),
        "offset": st.integers(0, 30),
    },
)


def test_answers_are_those_of_the_embedded_store(archive: ArticleStore, tmp_path: Path) -> None:
    """The same hits in the same order, with the same words marked, and the same totals."""
    with open_store(SqliteSpec(path=str(tmp_path / "store.db"))) as store:
        articles = corpus(200)
        assert store.articles.put(articles, now=NOON) == archive.put(articles, now=NOON)

        @settings(max_examples=int(os.environ.get("NEWSWIRE_TEST_EXAMPLES", "150")), deadline=None, derandomize=True,
                  database=None, suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
        @given(query=st.none() | queries, more=filters)
        def compare(query: str | None, more: dict[str, Any]) -> None:
            try:
                search = Search(**{"query": parse(query) if query else None, "limit": 200, **more})
            except QueryError:  # of nothing but NOT
                return
            assert archive.search(search) == store.articles.search(search)

        compare()
        assert archive.topic_counts() == store.articles.topic_counts()
        assert list(archive.topic_counts()) == list(store.articles.topic_counts())


def test_relevance_finds_the_same(archive: ArticleStore, tmp_path: Path) -> None:
    """How much each hit matters is the server's own reckoning."""
    with open_store(SqliteSpec(path=str(tmp_path / "store.db"))) as store:
        articles = corpus(60)
        store.articles.put(articles, now=NOON)
        archive.put(articles, now=NOON)
        for query in ("strikes", "title:idlib OR displac*", '"air strikes" OR 停火', "idlib NOT status:withdrawn"):
            expected = sorted(ids(store.articles, query, order="relevance"))
            assert sorted(ids(archive, query, order="relevance")) == expected != []


# Paging


@pytest.mark.parametrize("order", ["newest", "relevance"])
def test_pages_beyond_what_the_server_counts_to(
    archive: ArticleStore, monkeypatch: pytest.MonkeyPatch, order: Any
) -> None:
    archive.put([make_article(id=f"1{n:02}", published_at=NOON + n % 7 * HOUR) for n in range(40)], now=NOON)
    whole = ids(archive, "quiet", order=order)
    monkeypatch.setattr(adapter, "WINDOW", 6)
    assert [*ids(archive, "quiet", order=order, limit=6), *ids(archive, "quiet", order=order, offset=6)] == whole
    assert ids(archive, "quiet", order=order, offset=17, limit=11) == whole[17:28]
    assert ids(archive, "quiet", order=order, offset=39, limit=11) == whole[39:]
    assert [a.id for a in archive.each(Search(query=parse("quiet"), order=order))] == whole


def test_no_point_in_time_stays_open(archive: ArticleStore, client: Elasticsearch, name: str) -> None:
    archive.put([make_article()], now=NOON)
    before = open_contexts(client, name)
    assert [article.id for article in archive.each(Search())] == ["1a"]
    archive.each(Search())  # never read
    assert open_contexts(client, name) == before == 0


def open_contexts(client: Elasticsearch, name: str) -> int:
    search = client.indices.stats(index=f"{name}-articles-*", metric="search")["_all"]["total"]["search"]
    return int(search["open_contexts"]) + int(search.get("point_in_time_current", 0))


# Writes that end half-way

BEFORE = make_article(title="First words", language="und")
AFTER = {
    "new": None,
    "revised": make_article(title="Second thoughts", language="und", revision=2),
    "moved": make_article(title="Second thoughts", language="en", revision=2),
}


class Killed(BaseException):
    """Stands for kill -9 between two requests: nothing catches it."""


@pytest.mark.parametrize("steps", range(4))
@pytest.mark.parametrize("what", AFTER)
def test_a_put_that_was_killed_loses_nothing_and_is_completed_by_the_next(
    client: Elasticsearch, name: str, monkeypatch: pytest.MonkeyPatch, what: str, steps: int
) -> None:
    change = AFTER[what]
    if change:
        ElasticArticles(client, name).put([BEFORE], now=NOON)
    article = change or BEFORE
    write, left = bulk.write, [steps]

    def killed(client: Elasticsearch, operations: Sequence[bulk.Operation]) -> list[bulk.Written]:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return write(client, operations)

    with monkeypatch.context() as patched:
        patched.setattr(adapter, "write", killed)
        with pytest.raises(Killed):
            ElasticArticles(client, name).put([article], now=NOON)

    client.indices.refresh(index=f"{name}-*")
    again = ElasticArticles(client, name)
    current = again.get(["1a"])
    assert current or not change, "what was there can be got"
    if current and change:
        assert current["1a"].title in (BEFORE.title, change.title)
        assert next(a.title for a in again.revisions("1a")) == BEFORE.title
    assert [one.error for one in again.put([article], now=NOON)] == [None]
    first = [(1, "und", BEFORE.title)]
    assert stored(again, "words OR thoughts") == (
        [*first, (2, change.language, change.title)] if change else first,
        ["1a"],
    )
    assert again.status()["articles"] == 1


def just_before(at: int, meanwhile: Callable[[], object]) -> Callable[..., list[bulk.Written]]:
    """What writes as `bulk.write` does, and lets something happen just before the write of that number, never again."""
    left = [at]

    def late(client: Elasticsearch, operations: Sequence[bulk.Operation]) -> list[bulk.Written]:
        left[0] -= 1
        if left[0] == -1:
            meanwhile()
        return bulk.write(client, operations)

    return late


def test_writers_that_meet_lose_no_revision(archive: ArticleStore, client: Elasticsearch, name: str) -> None:
    """Eight at once, each a store object of its own, some moving the article between languages."""
    versions = [make_article(revision=n, title=f"Version {n}", language=("en", "und")[n % 2]) for n in range(1, 9)]

    def put(article: Article) -> None:
        while True:
            try:
                assert [one.error for one in ElasticArticles(client, name).put([article], now=NOON)] == [None]
            except Busy:
                continue
            return

    for _ in range(2):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(put, versions))
    client.indices.refresh(index=f"{name}-*")
    assert archive.get(["1a"]) == {"1a": replace(versions[-1], indexed_at=NOON)}
    assert ids(archive, "version") == ["1a"], "in one index only"
    revisions = [article.revision for article in archive.revisions("1a")]
    assert revisions == sorted(set(revisions))
    assert revisions[-1] == 8


@pytest.mark.parametrize("revision", [5, 7])
@pytest.mark.parametrize("language", ["en", "und", "fr"])
def test_a_revision_that_overtakes_a_later_one_takes_nothing_from_it(
    client: Elasticsearch, name: str, monkeypatch: pytest.MonkeyPatch, revision: int, language: str
) -> None:
    """The later one has its place and nothing more when the earlier one is written."""
    late, early = make_article(revision=8, language="en"), make_article(revision=revision, language=language)
    one, other = ElasticArticles(client, name), ElasticArticles(client, name)
    with monkeypatch.context() as patched:
        patched.setattr(adapter, "write", just_before(2, lambda: other.put([early], now=NOON)))
        assert [done.error for done in one.put([late], now=NOON)] == [None]
    for again in (6, 7, 8):
        other.put([make_article(revision=again, language=("en", "und")[again % 2])], now=NOON)
    assert one.get(["1a"])["1a"].revision == 8
    client.indices.refresh(index=f"{name}-*")
    assert [article.revision for article in one.revisions("1a")] == [revision, 8]
    assert ids(one, "quiet") == ["1a"]


def test_two_that_move_an_article_at_the_same_time_do_not_remove_it(client: Elasticsearch, name: str) -> None:
    """Both have seen it in the other's language, and remove it there once they have written their own."""
    for revision, language in enumerate(("fr", "en", "und"), 1):
        ElasticArticles(client, name).put([make_article(revision=revision, language=language)], now=NOON)
    placed, written = threading.Event(), threading.Event()

    def put(language: str) -> None:
        ElasticArticles(client, name).put([make_article(revision=4, language=language)], now=NOON)

    def waits_for_the_other() -> None:
        placed.set()
        assert written.wait(30)

    def lets_the_other_go_on() -> None:
        written.set()
        first.join(30)

    writes = {"first": just_before(2, waits_for_the_other), "second": just_before(3, lets_the_other_go_on)}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(adapter, "write", lambda *given: writes[threading.current_thread().name](*given))
        first = threading.Thread(target=put, args=["en"], name="first")
        second = threading.Thread(target=put, args=["fr"], name="second")
        first.start()
        assert placed.wait(30)
        second.start()
        second.join(60)
    found = ElasticArticles(client, name).get(["1a"])
    assert [article.revision for article in found.values()] == [4]


def test_an_article_that_moved_twice_is_in_one_place(archive: ArticleStore) -> None:
    for revision, language in enumerate(("und", "en", "fr", "en"), 1):
        archive.put([make_article(revision=revision, language=language)], now=NOON)
    assert ids(archive, "quiet") == ["1a"]
    assert [article.language for article in archive.revisions("1a")] == ["und", "en", "fr", "en"]


# Tagging anew


def tagged(article: Article, version: str, *names: str) -> Article:
    return replace(article, topics=tuple(map(topic, names)), topics_version=version)


@pytest.mark.parametrize("revision", [1, 2])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_written_while_it_is_tagged_anew_stays(
    archive: ArticleStore,
    client: Elasticsearch,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    revision: int,
    language: str,
) -> None:
    first = make_article(language="en")
    other = make_article(title="Meanwhile", revision=revision, language=language)
    archive.put([first], now=NOON)
    monkeypatch.setattr(
        retagging, "write", just_before(0, lambda: ElasticArticles(client, name).put([other], now=NOON))
    )
    assert archive.retag([tagged(first, "8", "new")]) == 0
    assert archive.get(["1a"]) == {"1a": replace(other, indexed_at=NOON)}
    assert ids(archive, "quiet OR meanwhile") == ["1a"]
    again = archive.outdated("8", limit=5)
    assert again == [replace(other, indexed_at=NOON)]
    assert archive.retag([tagged(one, "8", "new") for one in again]) == 1
    assert archive.outdated("8", limit=5) == []
    assert ids(archive, topics=("new",)) == ["1a"]


@pytest.mark.parametrize("revision", [1, 2])
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("at", range(4))
def test_what_is_tagged_anew_while_it_is_written_is_written(
    archive: ArticleStore,
    client: Elasticsearch,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    revision: int,
    language: str,
    at: int,
) -> None:
    """Before each step of `put`. A copy that is left in another index, tagged, goes with the next `put`."""
    first = make_article(language="en")
    other = make_article(title="Meanwhile", revision=revision, language=language)
    archive.put([first], now=NOON)
    monkeypatch.setattr(
        adapter, "write", just_before(at, lambda: ElasticArticles(client, name).retag([tagged(first, "8", "new")]))
    )
    assert [one.error for one in archive.put([other], now=NOON)] == [None]
    tags_last = at == 3 and revision == 1  # of the same revision, whoever writes last
    expected = tagged(other, "8", "new") if tags_last else other
    assert archive.get(["1a"]) == {"1a": replace(expected, indexed_at=NOON)}
    assert [article.revision for article in archive.revisions("1a")] == list(range(1, revision + 1))
    archive.put([other], now=NOON)
    assert ids(archive, "quiet OR meanwhile") == ["1a"]


def test_a_copy_that_is_no_longer_current_is_not_outdated(
    archive: ArticleStore, client: Elasticsearch, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left by a put that was killed before it removed it; a search finds it, and the loop must end all the same."""
    articles = [replace(BEFORE, id=f"1{n}") for n in range(5)]
    archive.put(articles, now=NOON)

    def kill() -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(adapter, "write", just_before(3, kill))
        with pytest.raises(Killed):
            archive.put([replace(one, language="en", revision=2, topics_version="8") for one in articles[:4]], now=NOON)
    assert len(ids(archive, "words")) == 5 + 4, "else this test could not fail"
    monkeypatch.setattr(retagging, "PAGE", 2)
    again = archive.outdated("8", limit=3)
    assert [(one.id, one.revision) for one in again] == [("14", 1)]
    assert archive.retag([tagged(one, "8") for one in again]) == 1
    assert archive.outdated("8", limit=3) == []


def test_what_others_wrote_just_now_is_outdated(archive: ArticleStore, client: Elasticsearch, name: str) -> None:
    archive.put([make_article(id="1z", topics_version="8")], now=NOON)
    client.indices.put_settings(index=f"{name}-articles-*", settings={"index.refresh_interval": "-1"})
    assert archive.outdated("8", limit=5) == []
    ElasticArticles(client, name).put([make_article()], now=NOON)
    assert [article.id for article in archive.outdated("8", limit=5)] == ["1a"]


def test_more_than_one_page_is_outdated(archive: ArticleStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retagging, "PAGE", 4)
    articles = [make_article(id=f"1{n:02}", topics_version="8" if n % 4 == 0 else "7") for n in range(20)]
    archive.put(articles, now=NOON)
    assert sorted(article.id for article in archive.outdated("8", limit=11)) == [f"1{n:02}" for n in range(15) if n % 4]


def casualty(kind: Any, least: int | None, most: int | None) -> Casualty:
    return Casualty(kind=kind, min=least, max=most, who="people", evidence=topic("x").evidence[0])


@pytest.mark.parametrize("anew", [False, True])
def test_the_largest_figures_are_there_to_sort_by(
    archive: ArticleStore, client: Elasticsearch, name: str, anew: bool
) -> None:
    figures = {
        "1both": [casualty("killed", 3, 5), casualty("killed", 12, None), casualty("injured", None, 40)],
        "1killed": [casualty("killed", 0, 0)],
        "1none": [casualty("injured", None, None)],
    }
    articles = [make_article(id=one, casualties=tuple(said)) for one, said in figures.items()]
    if anew:
        before = [replace(one, casualties=(casualty("injured", 7, 7), casualty("killed", 9, 9))) for one in articles]
        archive.put(before, now=NOON)
        assert archive.retag(articles) == 3
    else:
        archive.put(articles, now=NOON)
    client.indices.refresh(index=f"{name}-articles")

    def having(query: dict[str, Any]) -> list[str]:
        hits = client.search(index=f"{name}-articles", query=query, sort=["id"])["hits"]["hits"]
        return [hit["_id"] for hit in hits]

    assert having({"range": {"killed": {"gte": 0}}}) == ["1both", "1killed"]
    assert having({"term": {"killed": 12}}) == ["1both"]
    assert having({"term": {"injured": 40}}) == having({"exists": {"field": "injured"}}) == ["1both"]


# What the server refuses


def test_what_the_server_refuses_costs_only_itself(archive: ArticleStore) -> None:
    archive.put([make_article(id="1b")], now=NOON)
    bad = topic("airstrike", end=2**40)  # the mapping has 32 bits for it
    outcomes = archive.put(
        [make_article(id="1a"), make_article(id="1b", revision=2, topics=(bad,)), make_article(id="1c")], now=NOON
    )
    assert [type(one.error) for one in outcomes] == [type(None), Unindexable, type(None)]
    assert "out of range" in str(outcomes[1].error)
    assert sorted(ids(archive)) == ["1a", "1b", "1c"]
    assert [a.revision for a in archive.revisions("1b")] == [1], "its earlier revision stays as it was"
    assert [one.error for one in archive.put([make_article(id="1b", revision=2)], now=NOON)] == [None]
    assert [a.revision for a in archive.revisions("1b")] == [1, 2]


def test_a_block_on_writing_is_a_failed_store(archive: ArticleStore, client: Elasticsearch, name: str) -> None:
    archive.put([make_article()], now=NOON)
    for end in ("places", "articles"):
        client.indices.put_settings(index=f"{name}-{end}*", settings={"index.blocks.write": True})
        try:
            with pytest.raises(StoreFailed, match="write"):
                archive.put([make_article(revision=2)], now=NOON)
        finally:
            client.indices.put_settings(index=f"{name}-{end}*", settings={"index.blocks.write": None})
        assert archive.get(["1a"])["1a"].revision == 1
    assert [one.error for one in archive.put([make_article(revision=2)], now=NOON)] == [None]
    assert [a.revision for a in archive.revisions("1a")] == [1, 2]


# Refreshing


def test_others_see_it_after_the_refresh_and_reading_by_id_needs_none(
    archive: ArticleStore, client: Elasticsearch, name: str
) -> None:
    archive.put([make_article(id="1z", title="Its index")], now=NOON)
    client.indices.put_settings(index=f"{name}-articles-*", settings={"index.refresh_interval": "-1"})
    other = ElasticArticles(client, name)
    archive.put([make_article()], now=NOON)
    assert other.get(["1a"]).keys() == {"1a"}
    assert ids(other, "quiet") == []
    assert ids(archive, "quiet") == ["1a"]
    assert ids(other, "quiet") == ["1a"]
    assert other.status()["schema"] == MAPPING_VERSION
