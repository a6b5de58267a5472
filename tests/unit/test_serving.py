"""The pages of `newswire serve`, asked in process: what they show, to whom, and that nothing in them is obeyed."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import pytest
from lxml import html

from connectors.alert_ports import Addressed, Sent
from connectors.opening import Store, open_store
from connectors.ports import Stored
from pipelines.serving import application, pages
from pipelines.serving.application import MAX_ADDRESS, MAX_VALUES, Application, answers_to
from pipelines.serving.html import address, in_pieces, paragraphs, with_commands
from pipelines.serving.pages import ARTICLES, LAST_PAGE, receiver
from pipelines.settings import Settings
from tests.alert_factories import full_alert, make_topic
from tests.e2e.cli import typed
from tests.factories import MORNING, NOON, URL, make_article, make_entry, make_feed, make_subscription
from tests.pipelines.test_store_metrics import poll
from transforms.matching import Snippet
from transforms.records import Article, Image, Source
from transforms.tags import Evidence
from transforms.urls import doc_id

MARKUP = """</p></title><script>alert(1)</script><img src=x onerror="alert(1)"> 'a' & {{ 7 * 7 }} <a href=//evil>"""
#: Turns around, hides, ends lines, moves a cursor.
UNSEEN = "gpj\u202eexe\u2066\u200b\u2028\x1b[2J\x07\u009b31m"
EVIL = f"{MARKUP} {UNSEEN}"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069]")
HOOK, TOKEN = "https://hooks.example/services/T0/s3cr3t?token=abc", "s3cr3t"
ROOMS = ("/", "/trace", "/feeds", "/alerts")


class Answer(NamedTuple):
    """What came of a request."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def page(self) -> html.HtmlElement:
        return html.document_fromstring(self.text)

    @property
    def words(self) -> str:
        """What a reader sees, on one line."""
        return " ".join(self.page.text_content().split())

    @property
    def links(self) -> list[str]:
        return [str(link) for link in self.page.xpath("//a/@href")]


class Desk:
    """The application over a store of its own."""

    def __init__(self, folder: Path, *, base_url: str = "", host: str = "127.0.0.1") -> None:
        path = str(folder / "newswire.db")
        self.settings = Settings.model_validate({"store": {"path": path}, "alerts": {"base_url": base_url}})
        with open_store(self.settings.store_spec):
            pass
        topics = {"airstrikes": "Airstrikes", "evil": EVIL}
        self.answers = Application(self.settings, topics=topics, hosts=answers_to(host, base_url))

    def get(self, path: str, *, method: str = "GET", **environ: str) -> Answer:
        said: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            said.update(status=int(status.split()[0]), headers=dict(headers))

        path, _, query = path.partition("?")
        raw = {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": method, "HTTP_HOST": "127.0.0.1:8080"}
        body = b"".join(self.answers({**raw, **environ}, start))
        return Answer(said["status"], said["headers"], body.decode())

    def store(self) -> Any:
        return open_store(self.settings.store_spec)

    def put(self, *articles: Article) -> None:
        with self.store() as store:
            store.articles.put(articles, now=NOON)
            stored = [_stored(article) for article in articles]
            store.ledger.announce([one.entry for one in stored], run_id="1", until=NOON)
            store.ledger.stored(stored)


def _stored(article: Article) -> Stored:
    return Stored(
        entry=make_entry(url=article.url, title=article.title), doc_id=article.id, revision=article.revision,
        content_hash="1", month="2026-11", written="new", settled=True, at=NOON,
    )  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def known(**overrides: Any) -> Article:
    """An article under the id that belongs to its address."""
    return make_article(**{"id": doc_id(overrides.get("url", URL)), **overrides})


def numbered(count: int) -> list[Article]:
    return [
        known(url=f"{URL}/{n}", title=f"Quiet day {n}", published_at=MORNING + timedelta(minutes=n))
        for n in range(count)
    ]


def fill_with_evil(store: Store) -> Article:
    """Everything that the web, a subscriber or a receiver may write, with the worst in it."""
    words = make_topic(sentence=EVIL, words="<script>", label=EVIL)
    proof = Evidence(rule="air-strike", text="<script>", field="body", start=11, end=19, sentence="")
    article = known(
        title=EVIL, body=f"{EVIL}\n{EVIL}", description=EVIL, keywords=(EVIL,), authors=(EVIL,), section=EVIL,
        source=Source(name=EVIL, feed_id="wire", domain="wire.example", agency=EVIL), dateline=EVIL, slug=EVIL,
        edition_note=EVIL, image=Image(url="javascript:alert(1)", caption=EVIL, credit=EVIL),
        topics=(replace(words, id="airstrikes", evidence=(proof,), against=(proof,)),), language='en" onload="x',
    )  # fmt: skip
    store.articles.put([article, replace(article, revision=2, body=EVIL, status="withdrawn")], now=NOON)
    entry = make_entry(title=EVIL)
    store.ledger.announce([entry], run_id="1", until=NOON)
    store.ledger.stored([replace(_stored(article), entry=entry)])
    store.feeds.add([make_feed(name=EVIL)])
    poll(store, make_feed(name=EVIL), datetime.now(UTC), fails=True)
    store.subscriptions.put([make_subscription(name=EVIL, query="", sources=(EVIL,), owner=EVIL, channels=(HOOK,))])
    alert = full_alert(
        subscription="desk", article_id=article.id, story=article.id, headline=EVIL, description=EVIL, outlet=EVIL,
        agency=EVIL, edition_note=EVIL, url="javascript:alert(1)",
    )  # fmt: skip
    store.outbox.add([Addressed(alert=alert, channels=(HOOK,), due_at=NOON)])
    [batch] = store.outbox.claim(now=NOON, worker="w", lease=timedelta(minutes=1), lanes=1, alerts=1)
    error = f"HTTP 404: cannot POST {urlsplit(HOOK).path} or {HOOK} {EVIL}"
    store.outbox.settle([Sent(batch=batch, dead=(alert.id,), error=error)], worker="w", now=NOON)
    return article


def evil_pages(article: Article) -> list[str]:
    asked = quote(EVIL)
    return [
        "/", f"/?q={asked}", f"/?source={asked}&topic={asked}&language={asked}&since={asked}&until={asked}",
        f"/?q=title:({asked}", f"/?page={asked}", f"/trace/{article.id}", f"/trace?url={quote(URL)}",
        f"/trace?url={asked}", f"/trace/{asked}", f"/like/{article.id}", f"/like/{asked}", "/feeds", "/alerts",
        "/alerts/desk", f"/alerts/{asked}", f"/{asked}",
    ]  # fmt: skip


# Nothing that is shown is obeyed


def test_whatever_was_written_is_only_shown(desk: Desk) -> None:
    with desk.store() as store:
        article = fill_with_evil(store)
    for path in evil_pages(article):
        answer = desk.get(path)
        assert answer.status in (200, 400, 404), (path, answer.words)
        assert not OBEYED.search(answer.text), path
        page = answer.page
        tags = {str(one.tag) for one in page.iter() if isinstance(one.tag, str)}
        assert not tags & {"script", "img", "iframe", "object", "style", "svg", "base"}, path
        attributes = {str(name) for one in page.iter() for name in one.attrib}
        assert not [name for name in attributes if name.startswith("on") or name == "style"], path
        assert "49" not in answer.words.split(), path
        for link in answer.links:
            assert link.startswith(("/", "#", "http://", "https://")), (path, link)
            assert not link.startswith("//"), (path, link)
    shown = desk.get(f"/trace/{article.id}").words
    assert "<script>alert(1)</script>" in shown
    assert "javascript:alert(1)" in shown  # as text


def test_links_to_other_sites_say_nothing_of_us(desk: Desk) -> None:
    desk.put(known())
    outside = desk.get(f"/trace/{doc_id(URL)}").page.xpath("//a[starts-with(@href, 'http')]")
    assert {link.get("href") for link in outside} == {URL}
    assert {link.get("rel") for link in outside} == {"noopener noreferrer nofollow"}


def test_texts_stand_in_their_own_direction_and_language(desk: Desk) -> None:
    desk.put(known(language="ar", title="غارة جوية على إدلب"))
    [heading] = desk.get("/").page.xpath("//h3")
    assert (heading.get("dir"), heading.get("lang")) == ("auto", "ar")
    desk.put(known(language="und", revision=2))
    [heading] = desk.get("/").page.xpath("//h3")
    assert (heading.get("dir"), heading.get("lang")) == ("auto", None)


@pytest.mark.parametrize(
    ("path", "method"),
    [("/", "GET"), ("/nothing", "GET"), ("/", "POST"), ("/style.css", "GET"), ("/healthz", "GET"), ("/metrics", "GET")],
)
def test_every_answer_says_what_a_browser_may_do_with_it(desk: Desk, path: str, method: str) -> None:
    headers = desk.get(path, method=method).headers
    policy = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    assert headers["Content-Security-Policy"] == policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_secrets_of_feeds_and_receivers_are_not_shown(desk: Desk) -> None:
    secret = "https://user:hunter2@wire.example/feed?token=abc"
    with desk.store() as store:
        article = fill_with_evil(store)
        store.feeds.add([make_feed(id="private", url=secret, headers=(("X-Api-Key", "${KEY}"),))])
    for path in (*ROOMS, f"/trace/{article.id}", "/alerts/desk"):
        text = desk.get(path).text
        assert "hunter2" not in text, path
        assert TOKEN not in text, path
        assert "services" not in text, path
        assert "token=abc" not in text, path
    assert "https://hooks.example/…" in desk.get("/alerts").text
    assert "failing: HTTP 404: cannot POST … or …" in desk.get("/alerts").words


@pytest.mark.parametrize(
    ("channel", "shown"),
    [
        (HOOK, "https://hooks.example/…"),
        ("http://user:password@127.0.0.1:9/x", "http://127.0.0.1:9/…"),
        ("webhook:${HOOK}", "webhook:${HOOK}"),
        ("apprise:${file:/run/secrets/chat}", "apprise:${file:/run/secrets/chat}"),
        ("mailto:desk@example.org", "mailto:desk@example.org"),
        ("log:", "log:"),
    ],
)
def test_a_webhook_is_known_by_its_host(channel: str, shown: str) -> None:
    assert receiver(channel) == shown


# Who may ask, and what


@pytest.mark.parametrize("name", ["localhost:8080", "127.0.0.1", "127.1.2.3:80", "[::1]:8080", "Localhost", ""])
def test_on_loopback_it_answers_to_this_machine_s_names(desk: Desk, name: str) -> None:
    assert desk.get("/", HTTP_HOST=name).status == 200


@pytest.mark.parametrize("name", ["evil.example", "localhost.evil.example", "192.0.2.1", "[::1", "a@evil.example:80"])
@pytest.mark.parametrize("path", ["/", "/metrics", "/trace/1a"])
def test_a_name_that_was_made_to_lead_here_gets_nothing(desk: Desk, name: str, path: str) -> None:
    desk.put(known(title="For our eyes"))
    answer = desk.get(path, HTTP_HOST=name)
    assert answer.status == 421
    assert "For our eyes" not in answer.text
    assert "newswire_articles" not in answer.text


def test_behind_a_proxy_it_answers_to_the_name_of_base_url(tmp_path: Path) -> None:
    desk = Desk(tmp_path, base_url="https://News.example/wire")
    assert desk.get("/", HTTP_HOST="news.example").status == 200
    assert desk.get("/", HTTP_HOST="news.example:443").status == 200
    assert desk.get("/", HTTP_HOST="other.example").status == 421


def test_elsewhere_it_answers_to_any_name(tmp_path: Path) -> None:
    assert Desk(tmp_path, host="0.0.0.0").get("/", HTTP_HOST="news.example").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", [*ROOMS, "/style.css", "/healthz", "/metrics"])
def test_other_methods_are_refused(desk: Desk, path: str, method: str) -> None:
    answer = desk.get(path, method=method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_an_address_has_its_bounds(desk: Desk) -> None:
    longest = quote("ж" * 4_000)
    assert desk.get(f"/?q={longest}").status == 200
    assert desk.get(f"/?q={'a' * MAX_ADDRESS}").status == 414
    assert desk.get("/trace/" + "a" * MAX_ADDRESS).status == 414
    assert desk.get("/?" + "&".join(["topic=a"] * MAX_VALUES)).status == 200
    assert desk.get("/?" + "&".join(["topic=a"] * (MAX_VALUES + 1))).status == 400


def test_what_there_is_not_is_said_in_words(desk: Desk) -> None:
    for path in (
        "/nothing",
        "/trace/1b",
        f"/trace?url={URL}",
        "/alerts/nobody",
        "/like/1b",
        "/trace/a/b",
        "//",
        "/x/y",
    ):
        answer = desk.get(path)
        assert answer.status == 404, path
        assert answer.page.xpath("string(//h1)") == "Not found"
    assert "no feed has announced it" in desk.get("/trace/1b").words


def test_an_error_of_ours_is_found_in_the_log(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any) -> Any:
        raise RuntimeError("a secret of the machine")

    monkeypatch.setattr(pages, "feeds", fails)
    answer = desk.get("/feeds")
    assert answer.status == 500
    assert "secret" not in answer.text
    assert "RuntimeError" not in answer.text
    [name] = re.findall(r"under ([0-9a-f]{8})\.", answer.words)
    assert name in caplog.text
    assert "a secret of the machine" in caplog.text


def test_so_is_one_in_a_template(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "feeds", lambda *_: pages.Page(template="feeds.html.j2", title="Feeds"))
    assert desk.get("/feeds").status == 500


def test_a_store_that_is_away_is_said_and_not_made(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    file = Path(desk.settings.store.path)
    assert desk.get("/healthz").status == 200  # by then nobody has it in hand
    file.unlink()
    for path in ROOMS:
        assert desk.get(path).status == 503
    assert "no store" in caplog.text
    assert desk.get("/livez").status == desk.get("/style.css").status == 200
    file.write_text("no database" * 100)
    assert desk.get("/").status == 503
    assert str(file) not in desk.get("/").text


def test_a_store_that_hangs_leaves_the_probes_their_answer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "TURN_S", 0.01)
    for _ in range(application.PAGES):
        assert desk.answers._turns.acquire(blocking=False)
    assert desk.get("/").status == 503
    assert desk.get("/livez").status == 200
    desk.answers._turns.release()
    assert desk.get("/").status == 200


def test_no_page_writes(desk: Desk) -> None:
    with desk.store() as store:
        article = fill_with_evil(store)
    file = Path(desk.settings.store.path)
    before = file.read_bytes()
    for path in evil_pages(article):
        desk.get(path)
    assert file.read_bytes() == before


# Search


def test_without_a_question_the_newest_articles_are_shown(desk: Desk) -> None:
    desk.put(*numbered(3))
    answer = desk.get("/")
    assert [one.text_content() for one in answer.page.xpath("//h3")] == ["Quiet day 2", "Quiet day 1", "Quiet day 0"]
    assert "3 found" in answer.words


@pytest.mark.parametrize(
    ("asked", "arguments"),
    [
        ("q=quiet+AND+NOT+2", ["quiet AND NOT 2"]),
        ("q=%22quiet+day%22&sort=relevance", ['"quiet day"', "--sort", "relevance"]),
        ("source=wire&language=en", ["--source", "wire", "--language", "en"]),
        ("source=wire&source=other", ["--source", "wire", "--source", "other"]),
        ("since=2026-11-18T08:31", ["--since", "2026-11-18T08:31"]),
        ("since=9999d&until=2026-11-18T08:33", ["--since", "9999d", "--until", "2026-11-18T08:33"]),
        ("topic=airstrikes:denied", ["--topic", "airstrikes:denied"]),
        ("language=fr", ["--language", "fr"]),
        ("language=EN-us", ["--language", "en"]),
        ("language=en", ["--language", "EN"]),
    ],
)  # fmt: skip
def test_it_finds_what_the_command_finds(desk: Desk, tmp_path: Path, asked: str, arguments: list[str]) -> None:
    first, *others = numbered(5)
    desk.put(replace(first, topics=(make_topic(),)), *others)
    said = json.loads(typed("search", *arguments, "--json", cwd=tmp_path).stdout)
    answer = desk.get(f"/?{asked}")
    shown = [link.rpartition("/")[2] for link in answer.page.xpath("//h3/a/@href")]
    assert shown == [hit["id"] for hit in said["hits"]]
    assert (f"{said['total']} found" if said["total"] else "nothing found") in answer.words


def test_what_was_found_is_marked(desk: Desk) -> None:
    desk.put(known(body="Nothing happened in Idlib."))
    marked = desk.get("/?q=happening+OR+quiet").page.xpath("//article//mark")
    assert [one.text_content() for one in marked] == ["Quiet", "happened"]


def test_the_same_text_is_shown_once_with_all_its_outlets(desk: Desk) -> None:
    first, second = numbered(2)
    desk.put(
        replace(second, cluster_id=second.id),
        replace(first, cluster_id=second.id, source=replace(first.source, name="Echo")),
    )
    page = desk.get("/").page
    assert len(page.xpath("//article")) == 1
    [copy] = page.xpath("//article//a[. = 'Echo']")
    assert copy.get("href") == f"/trace/{first.id}"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("q=quiet+AND+(", "the query ends too early (at character 12)"),
        ("q=" + "a" * 4_001, "the query is longer than 4000 characters"),
        ("q=*", "at character 1"),
        ("since=yesterday", "since: 'yesterday' is neither a length such as 24h nor a date such as 2026-11-18"),
        ("until=yesterday", "until: 'yesterday' is neither"),
        ("language=french", "language: must be a language such as en or ar, got 'french'"),
        ("page=0", "page: a number up to 500, got '0'"),
        ("page=501", "page: a number up to 500"),
        ("page=²", "page: a number up to 500"),
    ],
)
def test_what_cannot_be_searched_for_is_said_and_can_be_mended(desk: Desk, asked: str, words: str) -> None:
    answer = desk.get(f"/?{asked}")
    assert answer.status == 400
    assert words in answer.words
    name, _, value = asked.partition("=")
    if name != "page":
        [given] = answer.page.xpath(f"//input[@name='{name}']/@value")
        assert given == value.replace("+", " ")


def test_an_error_stands_above_the_place_it_is_at(desk: Desk) -> None:
    [said] = desk.get("/?q=idlib+AND+fuzzy~").page.xpath("//pre")
    _, query, mark = said.text.split("\n")
    assert query[mark.index("^")] == "f"


def test_pages_follow_each_other_without_a_gap(desk: Desk) -> None:
    desk.put(*numbered(2 * ARTICLES + 3))
    seen: list[str] = []
    path = "/?q=quiet&since=2020-01-01"
    for shown in (f"1 to {ARTICLES} shown", f"{ARTICLES + 1} to {2 * ARTICLES} shown", f"to {2 * ARTICLES + 3} shown"):
        answer = desk.get(path)
        assert shown in answer.words
        seen += [one.text_content() for one in answer.page.xpath("//h3")]
        path = next(iter(answer.page.xpath("//a[@rel='next']/@href")), "")
    assert seen == [f"Quiet day {n}" for n in reversed(range(2 * ARTICLES + 3))]
    assert path == ""
    assert desk.get(f"/?q=quiet&page={LAST_PAGE}").status == 200


def test_what_was_asked_stays_in_the_form(desk: Desk) -> None:
    answer = desk.get("/?q=a+%22b%22&topic=airstrikes&topic=evil&source=wire&since=7d&sort=relevance")
    values = [(str(one.get("name")), str(one.get("value"))) for one in answer.page.xpath("//input")]
    assert values == [
        ("q", 'a "b"'), ("topic", "airstrikes"), ("topic", "evil"), ("source", "wire"), ("language", ""),
        ("since", "7d"), ("until", ""),
    ]  # fmt: skip
    assert answer.page.xpath("//option[@selected]/@value") == ["relevance"]


def test_a_reader_who_sees_nothing_finds_a_name_for_each_field(desk: Desk) -> None:
    for path in ROOMS:
        page = desk.get(path).page
        named = set(page.xpath("//label/@for"))
        assert {one.get("id") for one in page.xpath("//input | //select")} <= named
        assert len(page.xpath("//h1")) == len(page.xpath("//main")) == 1
        assert page.get("lang") == "en"


# Trace


def test_everything_known_of_an_article(desk: Desk) -> None:
    body = "At dawn an air strike hit the town.\nSchools stay closed."
    proof = Evidence(rule="air-strike", text="air strike", field="body", start=11, end=21, sentence=body.split("\n")[0])
    first = known(body=body, topics=(make_topic(evidence=(proof,)),), edition_note="Corrects the town")
    with desk.store() as store:
        store.ledger.announce([make_entry()], run_id="1", until=NOON)
    desk.put(first)
    desk.put(replace(first, body=body.replace("dawn", "noon"), revision=2, status="corrected"))
    with desk.store() as store:
        alert = full_alert(subscription="desk", article_id=first.id, story=first.id)
        store.outbox.add([Addressed(alert=alert, channels=(HOOK, "log:"), due_at=NOON)])
    answer = desk.get(f"/trace/{first.id}")
    assert answer.status == 200
    assert [one.text for one in answer.page.xpath("//div[@class='body']//mark")] == ["air strike"]
    assert [one.text for one in answer.page.xpath("//del")] == ["usable", "dawn"]
    assert [one.text for one in answer.page.xpath("//ins")] == ["corrected", "noon"]
    for words in (
        "announced by wire: Quiet day",
        "desk, corrected, revision 2: waiting to https://hooks.example/…, waiting to log:",
        "body (air-strike)",
        "published: feed",
        f"article {first.id}, corrected, from the page, en",
        "stored revision 2",
    ):
        assert words in answer.words, words
    assert desk.get(f"/trace?url={quote(URL + '?utm_source=x')}").words == answer.words


def test_a_text_full_of_evidence_costs_little(desk: Desk) -> None:
    body = "air strike\n" * 18_000
    proofs = tuple(
        Evidence(rule="air-strike", text="air strike", field="body", start=11 * n, end=11 * n + 10)
        for n in range(18_000)
    )
    desk.put(known(body=body, topics=(make_topic(evidence=proofs),)))
    started = time.process_time()
    answer = desk.get(f"/trace/{doc_id(URL)}")
    assert time.process_time() - started < 10
    assert len(answer.page.xpath("//div[@class='body']//mark")) == 18_000
    assert len(answer.page.xpath("//ul[@class='proofs']/li")) <= 2 * pages.PROOFS


def test_a_withdrawn_article_says_so_first(desk: Desk) -> None:
    desk.put(known(status="withdrawn", edition_note="gone: 410 Gone"))
    answer = desk.get(f"/trace/{doc_id(URL)}")
    first = answer.page.xpath("//main/*")[0]
    assert first.text_content().startswith("Withdrawn. Its publisher has taken this story back: gone: 410 Gone")
    assert "withdrawn" in desk.get("/").words


def test_an_address_that_is_no_article_yet(desk: Desk) -> None:
    with desk.store() as store:
        store.ledger.announce([make_entry()], run_id="1", until=NOON)
    answer = desk.get(f"/trace?url={quote(URL)}")
    assert answer.status == 200
    assert "No article yet" in answer.words
    assert "in hand, on a lease until 2026-11-18 12:00 UTC" in answer.words


def test_articles_like_one(desk: Desk) -> None:
    body = "Warplanes bombed the olive market of Idlib before noon, rescuers said."
    desk.put(*(replace(one, body=body) for one in numbered(3)))
    answer = desk.get(f"/like/{doc_id(f'{URL}/0')}")
    assert {link.rpartition("/")[2] for link in answer.page.xpath("//h3/a/@href")} == {
        doc_id(f"{URL}/{n}") for n in (1, 2)
    }


# Feeds and alerts


def test_the_worst_feeds_come_first_with_what_to_do(desk: Desk) -> None:
    now = datetime.now(UTC)
    with desk.store() as store:
        feeds = [make_feed(id=name, url=f"https://{name}.example/feed") for name in ("a-well", "b-dead", "c-new")]
        store.feeds.add(feeds)
        poll(store, feeds[0], now)
        for n in range(6):
            poll(store, feeds[1], now - timedelta(hours=6 - n), fails=True)
    answer = desk.get("/feeds")
    assert [one.text_content() for one in answer.page.xpath("//tbody/tr/th")] == ["b-dead", "a-well", "c-new"]
    assert "6 polls in a row have failed" in answer.words
    assert "newswire feeds check b-dead" in [one.text for one in answer.page.xpath("//code")]
    assert "1 only-failing · 1 well · 1 new" in answer.words


def test_failing_receivers_come_first_and_dead_alerts_are_named(desk: Desk) -> None:
    with desk.store() as store:
        article = fill_with_evil(store)
        store.subscriptions.put([make_subscription(id="a-well", channels=("log:",))])
    answer = desk.get("/alerts")
    rows = [[cell.text_content() for cell in one] for one in answer.page.xpath("//tbody/tr")]
    assert [row[0] for row in rows] == ["desk", "a-well"]
    assert rows[0][4].startswith("failing: ")
    assert rows[1][1:] == ["quiet", "at once", "log:", "active"]
    [dead] = answer.page.xpath("//section[@aria-labelledby='dead']//li")
    assert dead.xpath("a/@href") == ["/alerts/desk", f"/trace/{article.id}"]


def test_many_subscriptions_are_paged(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SUBSCRIPTIONS", 2)
    with desk.store() as store:
        store.subscriptions.put([make_subscription(id=f"s{n}") for n in range(5)])
    seen, path = [], "/alerts"
    while path:
        page = desk.get(path).page
        seen += [one.text_content() for one in page.xpath("//tbody/tr/th")]
        path = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    assert seen == [f"s{n}" for n in range(5)]
    assert desk.get("/alerts?page=last").status == 404


def test_one_subscription(desk: Desk) -> None:
    with desk.store() as store:
        fill_with_evil(store)
        store.subscriptions.put([make_subscription(owner="desk@example.org", channels=("log:",), signing=("${KEY}",))])
    page = desk.get("/alerts/desk").page
    names, values = ([" ".join(one.text_content().split()) for one in page.xpath(f"//{tag}")] for tag in ("dt", "dd"))
    said = dict(zip(names, values, strict=True))
    assert (said["asks for"], said["owner"], said["signed with"]) == ("quiet", "desk@example.org", "${KEY}")
    assert "log:" in values
    assert [mark.text for mark in page.xpath("//article//mark")] == ["Quiet"]


# Where links lead


def crawl(desk: Desk, *, prefix: str = "") -> Iterator[tuple[str, Answer]]:
    """Every page that is reached from the first one by links within the site."""
    waiting, seen = [f"{prefix}/"], {f"{prefix}/"}
    while waiting:
        path = waiting.pop()
        yield path, (answer := desk.get(path))
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        for link in (*answer.links, *answer.page.xpath("//link/@href"), *answer.page.xpath("//form/@action")):
            if link.startswith("/") and (clean := link.partition("#")[0]) not in seen:
                seen.add(clean)
                waiting.append(clean)


@pytest.mark.parametrize("prefix", ["", "/wire/room"])
def test_every_link_leads_somewhere(tmp_path: Path, prefix: str) -> None:
    desk = Desk(tmp_path, base_url=f"https://news.example{prefix}/")
    with desk.store() as store:
        fill_with_evil(store)
    desk.put(*numbered(ARTICLES + 1))
    found = dict(crawl(desk, prefix=prefix))
    wrong = {path: answer.status for path, answer in found.items() if answer.status != 200}
    assert wrong == {}
    assert {urlsplit(path).path.removeprefix(prefix).split("/")[1] for path in found} >= {
        "", "trace", "like", "feeds", "alerts", "style.css",
    }  # fmt: skip
    assert all(path.startswith(f"{prefix}/") for path in found)


def test_a_proxy_may_take_its_own_part_of_the_address_off(tmp_path: Path) -> None:
    desk = Desk(tmp_path, base_url="https://news.example/wire")
    desk.put(known())
    for path in ("/", "/wire/"):
        assert f"/wire/trace/{doc_id(URL)}" in desk.get(path).links
    assert desk.get("/wire/healthz").status == 200
    assert desk.get("/wired").status == 404


def test_the_link_of_an_alert_leads_to_its_article(desk: Desk) -> None:
    from transforms.messages import trace

    desk.put(known())
    link = urlsplit(trace(doc_id(URL), "http://127.0.0.1:8080"))
    assert "Quiet day" in desk.get(link.path).words


# The pieces that pages are made of


def test_an_address_asks_for_what_is_not_empty() -> None:
    assert address("", "trace", "a/b?c") == "/trace/a%2Fb%3Fc"
    assert address("/wire", "", topic=["a", "b"], q="", source="ü&") == "/wire/?topic=a&topic=b&source=%C3%BC%26"


def test_pieces_are_the_text_again() -> None:
    text = "one two\n\nthree"
    assert in_pieces(Snippet(text, ((4, 7),))) == (("one ", False), ("two", True), ("\n\nthree", False))
    lines = list(paragraphs(Snippet(text, ((4, 11),))))
    assert lines == [(("one ", False), ("two", True)), (), (("th", True), ("ree", False))]
    assert with_commands("see `a b` and `c`") == (("see ", False), ("a b", True), (" and ", False), ("c", True))
