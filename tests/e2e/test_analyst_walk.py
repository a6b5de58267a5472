"""The analyst's walk: the demo's archive, and nothing but the guide. In the shell on SQLite and on a real
Elasticsearch, there also through the alias, as Kibana asks."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from elasticsearch import Elasticsearch

from connectors.elasticsearch import mappings
from connectors.elasticsearch.transport import StoreTransport
from pipelines.demo.server import WireServer
from pipelines.kibana.lens import View
from tests.contract.test_guide_queries import VIEWED, examples
from tests.e2e.cli import newswire, typed, write_settings
from tests.e2e.test_guides import EXAMPLE, ROOT, commands
from tests.e2e.test_kibana import IMPORT, SECRET, StandIn
from tests.e2e.test_kibana import kibana as kibana
from tests.kql import parse
from tests.ninjs import problems
from tests.servers.fixtures import forget, server_url

PAGE = ROOT / "docs" / "analyst.md"
GUIDE = PAGE.read_text("utf-8")
ARTICLES = 69
#: What the invented wire has nothing of, and what goes by the clock: the wire's week is long over.
NOT_THERE = re.compile(r"status:embargoed|--since \d+d|now-")
#: How Discover asks for what it marks.
MARKS = {"pre_tags": ["<<"], "post_tags": [">>"], "fields": {"*": {}}, "fragment_size": 2**31 - 1}
#: Examples that ask for no word, so that nothing is to be marked.
WORDLESS = ("not topics", "revision", "partial", "published_at", "dated_at", "_exists_")
#: A word for each field that the guide names.
IN_FIELDS = {
    "title": "idlib", "description": "hospital", "body": "airstrike", "keywords": "airstrikes", "author": "helene",
    "source": "northline", "agency": "northline", "language": "fr", "topic": "syria", "status": "corrected",
}  # fmt: skip


def walk() -> list[str]:
    """The commands of the guide's first section, in order."""
    section = GUIDE.partition("## A first walk\n")[2].partition("\n## ")[0]
    return [inline or block for block, inline in re.findall(r"^    (newswire .+)$|`(newswire [^`]+)`", section, re.M)]


def queries() -> list[str]:
    """What stands in the table of the query language, and below it."""
    [table] = re.findall(r"^\| write \| to find \|\n\|---\|---\|\n((?:\|.*\n)+)", GUIDE, re.M)
    rows = [re.findall("`([^`]+)`", row) for row in table.splitlines()]
    [below] = re.findall(r"`(syria \([^`]+)`", GUIDE)
    return [row[0] for row in rows] + [one for row in rows for one in row[1:] if one.startswith("published:")] + [below]


class Archive(NamedTuple):
    """The wire, both rounds of it, in a folder's store."""

    folder: Path
    #: Of the server and its indices; empty for SQLite.
    url: str = ""
    prefix: str = ""

    def typed(self, line: str) -> str:
        """What a command of the guide prints."""
        program, *arguments = shlex.split(line)
        assert program == "newswire"
        return typed(*arguments, cwd=self.folder).stdout

    def hits(self, *arguments: str) -> list[dict[str, Any]]:
        """What `newswire search` finds."""
        found = json.loads(typed("search", *arguments, "--limit", "1000", "--json", cwd=self.folder).stdout)
        assert found["total"] == len(found["hits"])
        return found["hits"]

    def ids(self, *arguments: str) -> set[str]:
        return {hit["id"] for hit in self.hits(*arguments)}

    def asked(self, query: dict[str, Any], index: str = "articles") -> list[dict[str, Any]]:
        """What Kibana would find with a query of Elasticsearch, and mark."""
        with Elasticsearch(self.url, transport_class=StoreTransport) as client:
            name = index if index.startswith(self.prefix) else f"{self.prefix}-{index}"
            answer = client.search(index=name, query=query, highlight=MARKS, size=1000)
        return list(answer["hits"]["hits"])


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("elasticsearch", marks=[pytest.mark.servers, pytest.mark.slow])]
)
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("analyst")
    for name, text in EXAMPLE.findall(GUIDE):
        (folder / name).write_text(text)
    if request.param == "sqlite":
        newswire(*shlex.split(walk()[0])[1:], cwd=folder)
        yield Archive(folder)
        return
    url, prefix = server_url("elasticsearch"), f"newswire-walk-{uuid4().hex[:8]}"
    with WireServer() as server:
        feeds = [(outlet.id, at) for outlet, at in server.feeds()]
        write_settings(folder, feeds, timeout_s=2, more=f'[store]\nurls = ["{url}"]\nprefix = "{prefix}"\n')
        newswire("store", "init", cwd=folder)
        newswire("run", "--all", cwd=folder)
        server.turn(2)
        newswire("run", "--all", cwd=folder)
    yield Archive(folder, url, prefix)
    forget(url, prefix)


by_kibana = pytest.mark.parametrize(
    "archive", [pytest.param("elasticsearch", marks=[pytest.mark.servers, pytest.mark.slow])], indirect=True
)


def headline(title: str) -> str:
    """A query for a headline, in the shell as in Kibana."""
    return 'title:"{}"'.format(title.replace('"', " "))


def test_every_query_of_the_guide_finds_something(archive: Archive) -> None:
    for query in queries():
        assert archive.hits(query), query
    assert len(archive.ids("published:2026-11")) == ARTICLES
    [listed] = re.findall(r"in one field: (.*) \|", GUIDE)
    assert re.findall("`([^`]+)`", listed) == list(IN_FIELDS)
    for field, word in IN_FIELDS.items():
        assert 0 < len(archive.hits(f"{field}:{word}")) < ARTICLES, field


def test_every_search_of_the_guide_finds_something(archive: Archive) -> None:
    meridian = urlsplit(archive.hits("source:meridian")[0]["url"])
    searches = [line for line in commands(PAGE) if line.startswith(("newswire search", "newswire export"))]
    assert len(searches) > 10
    for line in searches:
        if not NOT_THERE.search(line):
            printed = archive.typed(line.replace("https://meridian.example", f"{meridian.scheme}://{meridian.netloc}"))
            assert printed.strip() not in ("", "nothing found"), line


def test_every_article_is_found_by_its_headline_and_marked(archive: Archive) -> None:
    everything = archive.hits("published:2026-11")
    for article in everything:
        hits = {hit["id"]: hit["highlight"]["title"] for hit in archive.hits(headline(article["title"]))}
        title = hits[article["id"]]
        marked = sum(end - start for start, end in title["spans"])
        assert marked > len(title["text"]) / 2, article["title"]


def test_what_is_found_says_why(archive: Archive) -> None:
    shown = archive.typed("newswire search '\"air strikes\" OR airstrike' --topic civilian-casualties")
    blocks = shown.split("\n\n")[:-1]
    assert len(blocks) > 5
    for block in blocks:
        assert "**" in block, "a headline, a text or keywords with the words that were found"
        assert re.search(r"civilian-casualties(:\w+)? \(\w", block), "the words that carry the topic"
    assert archive.typed("newswire search qastal").splitlines()[-1] == "4 found, in 2 different texts"


@by_kibana
def test_kibana_finds_and_marks_what_the_guide_asks(archive: Archive) -> None:
    fields = View.of("v", "articles", "dated_at", mappings.article()).fields.keys()
    asked = {one: parse(one, fields) for one in examples("kql")}
    asked |= {one: {"query_string": {"query": one, "analyze_wildcard": True}} for one in examples("lucene")}
    for example, query in asked.items():
        hits = archive.asked(query)
        assert hits or NOT_THERE.search(example), example
        assert example.startswith(WORDLESS) or all("highlight" in hit for hit in hits), example


@by_kibana
def test_kibana_finds_every_article_by_its_headline_and_marks_it(archive: Archive) -> None:
    for article in archive.hits("published:2026-11"):
        hits = {one["_id"]: one for one in archive.asked({"query_string": {"query": headline(article["title"])}})}
        assert "<<" in "".join(hits[article["id"]]["highlight"]["title"]), article["title"]


@by_kibana
def test_kibana_and_the_shell_count_the_same_by_topic(archive: Archive) -> None:
    listed = json.loads(typed("topics", "list", "--json", cwd=archive.folder).stdout)["topics"]
    assert sum(topic["articles"] > 0 for topic in listed) > 5
    for topic in listed:
        hits = archive.asked({"term": {"topics.id": topic["id"]}})
        assert {hit["_id"] for hit in hits} == archive.ids("--topic", topic["id"])
        assert len(hits) == topic["articles"]
        for hit in hits:
            [tag] = [tag for tag in hit["_source"]["topics"] if tag["id"] == topic["id"]]
            assert all(proof["text"] for proof in tag["evidence"])


@by_kibana
def test_the_saved_searches_open_on_what_they_are_named_for(archive: Archive) -> None:
    shipped = (ROOT / "deploy" / "kibana" / "newswire.ndjson").read_text("utf-8")
    exported = typed("kibana", "export", cwd=archive.folder).stdout
    assert exported.count("\n") >= shipped.count("\n")
    objects = [json.loads(line) for line in exported.splitlines()]
    views = {one["id"]: one["attributes"]["title"] for one in objects if one["type"] == "index-pattern"}
    found = {}
    for one in objects:
        if one["type"] == "search":
            query = json.loads(one["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])["query"]["query"]
            hits = archive.asked(parse(query, VIEWED), views[one["references"][0]["id"]])
            found[one["id"].removeprefix(f"{archive.prefix}-")] = {hit["_id"] for hit in hits}
    everything = archive.hits("published:2026-11")
    status = json.loads(typed("store", "status", "--json", cwd=archive.folder).stdout)
    assert found["latest"] == {one["id"] for one in everything}
    assert found["casualties"] == {one["id"] for one in everything if one["casualties"]}
    assert found["changed"] == archive.ids("status:corrected OR status:withdrawn")
    assert len(found["rejected"]) == status["ledger"]["rejected"] > 0
    assert found["stale-feeds"] == set()
    for name, ids in found.items():
        if name.startswith("topic-"):
            assert ids == archive.ids("--topic", name.removeprefix("topic-")), name


def test_the_first_walk(archive: Archive) -> None:
    demo, search, trace, test, backtest, retag, by_topic, export, as_ninjs = walk()
    assert demo == "newswire demo --keep newswire.db"
    shown = archive.typed(search)
    [story] = [block for block in shown.split("\n\n") if "14 killed" in block]
    assert "**camp**" in story
    url = story.splitlines()[-1].strip()
    traced = archive.typed(trace.replace("URL", url))
    for words in ("announced by meridian", "'air raid' (title", "- Forty-one killed", "+ Fourteen killed"):
        assert words in traced
    assert "0 differ" in archive.typed(test)
    assert "bread-queues would be added in 1, such as\n  Raqqa bakeries" in archive.typed(backtest)
    assert archive.ids("--topic", "bread-queues") == set()
    file = archive.folder / "newswire.toml"
    before = file.read_text() if file.exists() else ""
    file.write_text(f'[topics]\ntaxonomy = "conflict.yaml"\n{before}')
    archive.typed(retag)
    assert "nothing to do" in archive.typed(retag)
    assert "bread-queues (Bread queues, bakeries)" in archive.typed(by_topic)
    [article] = map(json.loads, archive.typed(export).splitlines())
    proofs = [proof for tag in article["topics"] if tag["id"] == "bread-queues" for proof in tag["evidence"]]
    assert proofs
    for proof in proofs:
        assert article[proof["field"]][proof["start"] : proof["end"]] == proof["text"]
    [item] = map(json.loads, archive.typed(as_ninjs).splitlines())
    assert list(problems(item)) == []
    assert item["uri"] == f"urn:newswire:{article['id']}"
    if archive.url:
        [hit] = archive.asked({"term": {"topics.id": "bread-queues"}})
        assert hit["_id"] == article["id"]


def test_the_guides_imports_into_kibana(kibana: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo, *imports = re.findall(r"^    (newswire .+)$", GUIDE, re.M)
    assert [demo, len(imports)] == [walk()[0], 2]
    monkeypatch.setenv("KIBANA_API_KEY", SECRET)
    (tmp_path / "kibana").write_text(SECRET)
    for line in imports:
        line = line.replace("https://kibana.example:5601", kibana.url).replace("/run/secrets", str(tmp_path))
        assert typed(*shlex.split(line)[1:], cwd=tmp_path).stdout.endswith(" objects imported, 0 not\n")
    assert [one.path.partition("/api")[0] for one in kibana.asked] == ["/s/desk", ""]
    assert all(one.path.endswith(f"{IMPORT}?overwrite=true") and one.objects for one in kibana.asked)
