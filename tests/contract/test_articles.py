"""The ArticleStore port: the contract in `connectors.ports`, on every adapter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from connectors.opening import Store
from connectors.ports import ArticleStore, Found, Nearby, Outcome, Search
from tests.factories import NOON, make_article
from transforms.clusters import bands
from transforms.errors import QueryError, Unindexable
from transforms.query import Both, Either, Query, Words, parse
from transforms.records import Article, Image, Source, Urls, dated
from transforms.tags import Casualty, Evidence, TopicTag

LATER = NOON + timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def archive(store: Store) -> ArticleStore:
    return store.articles


def make_topic(name: str, *rules: str, **overrides: Any) -> TopicTag:
    """A topic that these rules have found."""
    said = Evidence(rule="", text="air strike", field="title", start=3, end=13, sentence="An air strike.")
    found = tuple(replace(said, rule=rule) for rule in rules or ("words",))
    more = {"label": name.title(), "score": 2.5, "medtop": "medtop:1", "rule_version": "7", **overrides}
    return TopicTag(id=name, evidence=found, **more)


def make_casualty(least: int | None, most: int | None, **overrides: Any) -> Casualty:
    found = Evidence(rule="killed", text="killed", field="body", start=0, end=6, sentence="Killed.")
    return Casualty(**{"kind": "killed", "min": least, "max": most, "who": "people", "evidence": found, **overrides})


def put(archive: ArticleStore, *articles: Article) -> None:
    outcomes = archive.put(articles, now=LATER)
    assert [(one.id, one.error) for one in outcomes] == [(article.id, None) for article in articles]


def found(archive: ArticleStore, query: str = "", **filters: Any) -> Found:
    return archive.search(Search(**{"query": parse(query) if query else None, "limit": 100, **filters}))


def ids(archive: ArticleStore, query: str = "", **filters: Any) -> list[str]:
    return [hit.article.id for hit in found(archive, query, **filters).hits]


# get and put


def test_what_was_put_can_be_got_at_once(archive: ArticleStore) -> None:
    article = make_article()
    put(archive, article)
    assert archive.get(["1a"]) == {"1a": replace(article, indexed_at=LATER)}


def test_articles_come_back_whole(archive: ArticleStore) -> None:
    article = make_article(
        title="Тихий день — 静かな日 🛰",
        description="«Ничего»",
        body="One.\nTwo.",
        body_source="feed",
        authors=("A. Writer", "B. Писатель"),
        published_at=None,
        published_precision="day",
        updated_at=NOON,
        keywords=("war", "peace, of sorts"),
        image=Image(url="https://wire.example/i.jpg", caption="A street", credit="C. Camera"),
        section="World",
        topics=(
            make_topic("airstrike", "drone", "jet", stance="denied"),
            make_topic("ceasefire", against=make_topic("x", "lull").evidence),
        ),
        casualties=(make_casualty(12, None, attribution="the Observatory"), make_casualty(3, 5, kind="injured")),
        topics_version="7",
        cluster_id="c1",
        revision=4,
        status="corrected",
        urls=Urls(announced="http://a.example/1", final="https://a.example/1", canonical="https://a.example/1"),
    )
    put(archive, article)
    assert archive.get(["1a"])["1a"] == replace(article, indexed_at=LATER)
    assert archive.revisions("1a") == [replace(article, indexed_at=LATER)]


def test_get_answers_for_those_that_exist(archive: ArticleStore) -> None:
    put(archive, make_article(id="1a"), make_article(id="1b"))
    assert archive.get(["1b", "1none", "1b", "1a"]).keys() == {"1a", "1b"}
    assert archive.get([]) == {}
    assert archive.get(iter(["1a"])).keys() == {"1a"}


def test_many_at_once(archive: ArticleStore) -> None:
    put(archive, *(make_article(id=f"1{i}") for i in range(1_200)))
    assert len(archive.get(f"1{i}" for i in range(-500, 2_000))) == 1_200
    assert found(archive).total == 1_200


def test_one_outcome_per_article_in_order(archive: ArticleStore) -> None:
    articles = [make_article(id=name) for name in ("1c", "1a", "1c", "1b")]
    assert archive.put(articles, now=LATER) == [Outcome(id=name) for name in ("1c", "1a", "1c", "1b")]
    assert archive.put([], now=LATER) == []


def test_putting_twice_stores_once(archive: ArticleStore) -> None:
    put(archive, make_article())
    put(archive, make_article())
    assert ids(archive) == ["1a"]
    assert len(archive.revisions("1a")) == 1


def test_the_same_revision_replaces_without_history(archive: ArticleStore) -> None:
    put(archive, make_article(title="First words"))
    put(archive, make_article(title="Second thoughts"))
    assert [a.title for a in archive.revisions("1a")] == ["Second thoughts"]
    assert ids(archive, "first") == []
    assert ids(archive, "thoughts") == ["1a"]


def test_a_higher_revision_replaces_and_keeps_history(archive: ArticleStore) -> None:
    for revision, title in ((1, "First words"), (2, "Second thoughts"), (5, "Last word")):
        put(archive, make_article(title=title, revision=revision))
    assert archive.get(["1a"])["1a"].title == "Last word"
    assert [(a.revision, a.title) for a in archive.revisions("1a")] == [
        (1, "First words"),
        (2, "Second thoughts"),
        (5, "Last word"),
    ]
    assert ids(archive, "first OR thoughts") == [], "only the current revision is found"
    assert ids(archive, "last") == ["1a"]


def test_a_lower_revision_is_ignored_as_success(archive: ArticleStore) -> None:
    put(archive, make_article(title="Second thoughts", revision=2))
    before = archive.get(["1a"])
    put(archive, make_article(title="First words", revision=1, topics=(make_topic("airstrike"),)))
    assert archive.get(["1a"]) == before
    assert archive.revisions("1a") == [before["1a"]]
    assert ids(archive, "first") == []
    assert archive.topic_counts() == {}


def test_a_replay_of_history_changes_nothing(archive: ArticleStore) -> None:
    history = [make_article(title=f"Version {i}", revision=i) for i in (1, 2, 3)]
    put(archive, *history)
    before = archive.revisions("1a")
    put(archive, *history)
    assert archive.revisions("1a") == before


def test_revisions_of_what_is_not_there(archive: ArticleStore) -> None:
    assert archive.revisions("1none") == []


def test_one_bad_document_does_not_cost_its_neighbours(archive: ArticleStore) -> None:
    """A lone surrogate is a str in Python, and text nowhere else; JSON can carry one."""
    bad = make_article(id="1bad", title="Half a letter: \ud83d")
    outcomes = archive.put([make_article(id="1a"), bad, make_article(id="1b")], now=LATER)
    assert [one.id for one in outcomes] == ["1a", "1bad", "1b"]
    assert [type(one.error) for one in outcomes] == [type(None), Unindexable, type(None)]
    assert archive.get(["1a", "1bad", "1b"]).keys() == {"1a", "1b"}


@pytest.mark.parametrize(
    "text",
    [
        "a\x00b",
        "'); DROP TABLE article; --",
        '"',
        "* OR",
        "NEAR(a b)",
        "\ufffe",
        "{title}: x",
        "x" * 300_000,
        "🛰" * 1_000,
        " ",
        "\u202e",
    ],
    ids=ascii,
)
def test_any_text_can_be_stored(archive: ArticleStore, text: str) -> None:
    article = make_article(
        title=text, description=text, body=text, keywords=(text,), authors=(text,), section=text,
        source=Source(name=text, feed_id="wire", domain="wire.example"), status="corrected",
    )  # fmt: skip
    put(archive, article)
    assert archive.get(["1a"])["1a"] == replace(article, indexed_at=LATER)
    assert ids(archive, "status:corrected") == ["1a"]


# search: words


SEARCHES = {
    "word": ("strike", ["1a", "1b"]),
    "case": ("STRIKE", ["1a", "1b"]),
    "stemmed": ("striking", ["1a", "1b"]),
    "both": ("strike market", ["1a"]),
    "AND": ("strike AND market", ["1a"]),
    "OR": ("market OR harbour", ["1a", "1b"]),
    "NOT": ("strike NOT market", ["1b"]),
    "minus": ("strike -market", ["1b"]),
    "plus": ("+strike +market", ["1a"]),
    "parentheses": ("(market OR harbour) AND NOT drone", ["1a"]),
    "NOT of an OR": ("quiet AND NOT (strike OR harbour)", ["1c"]),
    "NOT of an AND": ("strike NOT (market AND drone)", ["1a", "1b"]),
    "phrase": ('"drone strike"', ["1b"]),
    "phrase in the other order": ('"strikes drones"', []),
    "phrase, stemmed": ('"drone strikes hit"', ["1b"]),
    "phrase with a gap": ('"strike harbour"', []),
    "no phrase across fields": ('"city harbour"', []),
    "hyphen": ("drone-strike", ["1b"]),
    "prefix that is a stem": ("displac*", ["1c"]),
    "prefix longer than the stem": ("displace*", ["1c"]),
    "prefix that is the whole word": ("displaced*", ["1c"]),
    "prefix of another form": ("displacing*", []),
    "nowhere": ("nothing_there", []),
    "field": ("title:strike", ["1b"]),
    "another field": ("body:strike", ["1a"]),
    "field group": ("title:(drone strike)", ["1b"]),
    "phrase in a field": ('title:"drone strike"', ["1b"]),
    "prefix in a field": ("title:dro*", ["1b"]),
    "prefix in the wrong field": ("body:dro*", []),
    "keywords": ("keywords:casualties", ["1a"]),
    "description": ("description:calm", ["1c"]),
    "author": ("author:müller", ["1b"]),
    "author, folded": ("author:muller", ["1b"]),
    "author in full": ('author:"jane doe"', ["1a"]),
    "source by name": ("source:meridian", ["1b"]),
    "source by domain": ("source:meridian.example", ["1b"]),
    "source by feed": ("source:wire", ["1a", "1c"]),
    "language": ("language:en", ["1a", "1b", "1c"]),
    "no such language": ("language:fr", []),
    "topic": ("topic:airstrike", ["1a"]),
    "status": ("status:withdrawn", ["1c"]),
    "a plain word is not looked for in the source": ("meridian", []),
    "nor in the authors": ("müller", []),
    "nor in the topics": ("airstrike", []),
}


def test_search(archive: ArticleStore, subtests: pytest.Subtests) -> None:
    put(
        archive,
        make_article(
            id="1a", title="Quiet day in the city", body="One strike hit the market.", keywords=("casualties",),
            authors=("Jane Doe",), topics=(make_topic("airstrike"),),
        ),
        make_article(
            id="1b", title="Drone strikes hit city", body="The harbour burns.", authors=("K. Müller",),
            source=Source(name="The Meridian", feed_id="meridian", domain="meridian.example"),
        ),
        make_article(
            id="1c", title="A quiet day", description="All calm", body="Thousands were displaced.", status="withdrawn",
        ),
    )  # fmt: skip
    for case, (query, expected) in SEARCHES.items():
        with subtests.test(case):
            assert sorted(ids(archive, query)) == expected
            assert found(archive, query, limit=0).total == len(expected)


DOCUMENTS = {
    "en": "Warplanes struck the town; air strikes killed ten people.",
    "fr": "Des frappes aériennes ont touché la ville.",
    "ru": "Город подвергся авиационным ударам.",
    "ar": "استهدف الهجوم المدينة.",
    "zh": "空袭击中了该市，双方同意停火协议。",
    "de": "Luftangriffe trafen die Häuser.",
    "tr": "Hava saldırıları şehri vurdu.",
    "und": "Strikes reported.",
}


@pytest.fixture
def multilingual(archive: ArticleStore) -> ArticleStore:
    put(archive, *(make_article(id=code, language=code, title="-", body=text) for code, text in DOCUMENTS.items()))
    return archive


IN_ITS_LANGUAGE = {
    "one query, five languages": ("strike OR frappe OR удар OR هجوم OR 空袭", "ar en fr ru zh"),
    "English is stemmed, the unknown language is not": ("strike", "en"),
    "as written": ("strikes", "en und"),
    "folded and stemmed": ("aerienne", "fr"),
    "accents": ("aériennes", "fr"),
    "Russian": ("город", "ru"),
    "Russian, another case": ("города", "ru"),
    "Russian capitals": ("ГОРОДУ", "ru"),
    "Arabic without its article": ("مدينة", "ar"),
    "Chinese word inside a sentence": ("停火", "zh"),
    "Chinese, two words": ("停火协议", "zh"),
    "Chinese in the other order": ("协议停火", ""),
    "Chinese phrase": ('"空袭击中"', "zh"),
    "German umlaut": ("hauser", "de"),
    "Turkish": ("şehir OR sehri", "tr"),
    "words and field": ("strike AND language:en", "en"),
    "NOT over languages": ("strikes NOT language:en", "und"),
    "fields only": ("language:ru OR language:zh", "ru zh"),
}


def test_each_language_is_analysed_in_its_own_way(multilingual: ArticleStore, subtests: pytest.Subtests) -> None:
    for case, (query, expected) in IN_ITS_LANGUAGE.items():
        with subtests.test(case):
            assert sorted(ids(multilingual, query)) == expected.split()


def test_highlights_follow_each_language(multilingual: ArticleStore) -> None:
    hits = found(multilingual, "strike OR frappe OR удар OR هجوم OR 空袭").hits
    marked = {h.article.id: [h.text.text[start:end] for start, end in h.text.spans] for h in hits}
    assert marked == {"en": ["strikes"], "fr": ["frappes"], "ru": ["ударам"], "ar": ["الهجوم"], "zh": ["空袭"]}


def test_a_language_that_came_later_is_searched_as_well(multilingual: ArticleStore) -> None:
    put(multilingual, make_article(id="es", language="es", title="-", body="Los ataques aéreos continúan."))
    assert ids(multilingual, "ataque") == ["es"]


def test_an_article_whose_language_was_corrected_is_found_in_its_new_way(archive: ArticleStore) -> None:
    put(archive, make_article(language="und", body="Strikes"))
    put(archive, make_article(language="en", body="Strikes", revision=2))
    assert ids(archive, "strike") == ["1a"]
    assert ids(archive, "language:und") == []


HARD_TO_ANSWER = {
    "500 words": " OR ".join(f"word{i}" for i in range(500)),
    "500 words, all": " ".join(f"word{i}" for i in range(500)),
    "parentheses": "(" * 60 + "strike" + ")" * 60,
    "nested": "".join(f"(strike {('AND', 'OR')[i % 2]} " for i in range(40)) + "strike" + ")" * 40,
    "deep": "".join(f"(a{i} {('AND', 'OR')[i % 2]} " for i in range(250)) + "strike" + ")" * 250,
    "NOT of NOT": "strike NOT (" * 150 + "b" + ")" * 150,
    "long phrase": '"' + "strike " * 400 + '"',
    "long word": "x" * 3_999,
}


def test_a_query_is_answered_or_refused_but_breaks_nothing(archive: ArticleStore, subtests: pytest.Subtests) -> None:
    put(
        archive,
        make_article(body="A strike."),
        make_article(id="1z", language="zh"),
        make_article(id="1f", language="fr"),
    )
    for case, query in HARD_TO_ANSWER.items():
        with subtests.test(case):
            try:
                ids(archive, query)
            except QueryError as e:
                assert e.reason  # noqa: PT017 - either is sound
            assert ids(archive, "strike") == ["1a"]


@pytest.mark.parametrize(
    "query", ["a' OR 1=1;", 'say \\"hi\\"', "NEAR", "title", "rowid", "O'Brien", "a\\*b", "C\\+\\+", "½", "ﬁre", "⑴"]
)
def test_nothing_in_a_query_is_read_as_the_engine_s_own_language(archive: ArticleStore, query: str) -> None:
    put(archive, make_article(id="1a", body=query.replace("\\", "")), make_article(id="1b"))
    assert ids(archive, query) == ["1a"]


# search: filters, order, paging, highlights


FILTERS: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({}, ["1a", "1b", "1c"]),
    ({"topics": ("airstrike",)}, ["1a", "1b"]),
    ({"topics": ("nothing",)}, []),
    ({"sources": ("wire",)}, ["1a", "1b"]),
    ({"sources": ("Meridian",)}, ["1c"]),
    ({"sources": ("meridian",)}, ["1c"]),
    ({"sources": ("news.example",)}, ["1c"]),
    ({"sources": ("wire", "news.example")}, ["1a", "1b", "1c"]),
    ({"sources": ("mer",)}, []),
    ({"languages": ("en",)}, ["1a", "1c"]),
    ({"languages": ("en", "fr")}, ["1a", "1b", "1c"]),
    ({"languages": ("de",)}, []),
    ({"since": NOON}, ["1b", "1c"]),
    ({"until": NOON}, ["1a"]),
    ({"since": NOON, "until": NOON + DAY}, ["1b"]),
    ({"since": NOON + DAY, "until": NOON}, []),
    ({"topics": ("airstrike",), "languages": ("en",)}, ["1a"]),
    ({"topics": ("airstrike",), "sources": ("meridian",)}, []),
)


def test_filters(archive: ArticleStore, subtests: pytest.Subtests) -> None:
    meridian = Source(name="Meridian", feed_id="mer-1", domain="news.example")
    both = (make_topic("x"), make_topic("airstrike"))
    put(
        archive,
        make_article(id="1a", topics=(make_topic("airstrike"),), published_at=NOON - timedelta(microseconds=1)),
        make_article(id="1b", title="Jour", topics=both, language="fr", published_at=NOON),
        make_article(id="1c", source=meridian, published_at=NOON + DAY),
    )  # fmt: skip
    for query, (filters, expected) in product(("", "quiet OR jour"), FILTERS):
        with subtests.test(query, filters=filters):
            assert sorted(ids(archive, query, **filters)) == expected
            assert found(archive, query, **filters).total == len(expected)


MARKS = {
    "topic": ("strike", ["1a", "1b"]),
    "stated": ("strike:stated", ["1a"]),
    "denied": ("strike:denied", ["1b"]),
    "the stance of another": ("talks:denied", []),
    "rule": ("strike/drone", ["1a", "1b"]),
    "one of several rules": ("strike/jet", ["1b"]),
    "the rule of another": ("talks/drone", []),
    "a rule that was kept from it": ("strike/lull", []),
    "rule and stance": ("strike/drone strike:denied", ["1b"]),
    "stance and another topic": ("strike:denied talks", ["1b"]),
    "half a mark": ("strike:", []),
    "in other letters": ("STRIKE", []),
    "longer than an id": ("air-strike", []),
    "a stance alone": ("denied", []),
}


def test_filters_by_what_marks_an_article(archive: ArticleStore, subtests: pytest.Subtests) -> None:
    put(
        archive,
        make_article(id="1a", topics=(make_topic("strike", "drone", against=make_topic("x", "lull").evidence),)),
        make_article(id="1b", topics=(make_topic("strike", "drone", "jet", stance="denied"), make_topic("talks"))),
        make_article(id="1c"),
    )
    for case, (marks, expected) in MARKS.items():
        topics = tuple(marks.split())
        with subtests.test(case):
            for query in ("", "quiet"):
                assert sorted(ids(archive, query, topics=topics)) == expected
            assert sorted(article.id for article in archive.each(Search(topics=topics))) == expected


def test_newest_first(archive: ArticleStore) -> None:
    put(
        archive,
        make_article(id="1b", published_at=NOON - DAY),
        make_article(id="1c", published_at=None, first_seen_at=NOON),
        make_article(id="1a", published_at=NOON + DAY),
    )
    assert ids(archive) == ["1a", "1c", "1b"], "an article without a date counts from when it was first seen"
    assert ids(archive, "quiet") == ["1a", "1c", "1b"]
    assert ids(archive, order="relevance") == ["1a", "1c", "1b"], "without words there is nothing to be relevant to"


def test_an_article_without_a_date_is_filtered_by_when_it_was_first_seen(archive: ArticleStore) -> None:
    put(archive, make_article(published_at=None, first_seen_at=NOON))
    assert ids(archive, since=NOON, until=NOON + DAY) == ["1a"]
    assert ids(archive, until=NOON) == []


def test_relevance(archive: ArticleStore) -> None:
    filler = "Some other words of no importance at all. " * 20
    put(
        archive,
        make_article(id="1body", title="A", body=f"{filler} A siege. {filler}", published_at=NOON),
        make_article(id="1title", title="The siege", body=filler, published_at=NOON - DAY),
        make_article(id="1both", title="Siege after siege", body=f"Siege. {filler}", published_at=NOON - 2 * DAY),
        *(make_article(id=f"1{i}", body=filler) for i in range(5)),
    )
    assert ids(archive, "siege", order="relevance") == ["1both", "1title", "1body"]
    assert ids(archive, "siege", order="newest") == ["1body", "1title", "1both"]


@pytest.mark.parametrize("query", ["", "quiet"])
@pytest.mark.parametrize("order", ["newest", "relevance"])
def test_pages_together_are_the_whole(archive: ArticleStore, query: str, order: str) -> None:
    # All of one moment and one wording: only a total order keeps pages apart.
    put(archive, *(make_article(id=f"1{i:02}") for i in range(25)))
    whole = ids(archive, query, order=order)
    pages = [found(archive, query, order=order, limit=10, offset=offset) for offset in (0, 10, 20, 30)]
    assert [hit.article.id for page in pages for hit in page.hits] == whole
    assert [len(page.hits) for page in pages] == [10, 10, 5, 0]
    assert {page.total for page in pages} == {25}
    assert len(set(whole)) == 25


def test_an_empty_archive_is_searched_in_vain(archive: ArticleStore) -> None:
    assert found(archive) == found(archive, "quiet") == Found(total=0, hits=())
    assert found(archive, "quiet", order="relevance") == Found(total=0, hits=())


def test_highlights(archive: ArticleStore) -> None:
    put(
        archive,
        make_article(title="Strikes on town", body="First.\nTwo strikes, then a drone strike. " + "Quiet. " * 200),
    )
    (hit,) = found(archive, '"drone strike" OR title:strike').hits
    assert [hit.title.text[start:end] for start, end in hit.title.spans] == ["Strikes"]
    assert [hit.text.text[start:end] for start, end in hit.text.spans] == ["drone strike"]
    assert "\n" not in hit.text.text
    assert len(hit.text.text) < 300


def test_words_that_stand_in_the_keywords_alone_are_marked_there(archive: ArticleStore) -> None:
    put(archive, make_article(id="1z", title="Night raid", body="Planes came.", keywords=("Idlib", "hovercraft")))
    (hit,) = found(archive, "hovercraft OR title:raids").hits
    assert hit.text.text == "Planes came.", "what the headline has is seen there"
    (hit,) = found(archive, "hovercraft").hits
    assert [hit.text.text, *(hit.text.text[start:end] for start, end in hit.text.spans)] == [
        "Idlib, hovercraft", "hovercraft",
    ]  # fmt: skip


def test_the_stretch_that_is_shown_is_the_one_that_matched(archive: ArticleStore) -> None:
    put(archive, make_article(body="Nothing. " * 300 + "A lone siege. " + "Nothing. " * 300))
    (hit,) = found(archive, "siege").hits
    assert [hit.text.text[start:end] for start, end in hit.text.spans] == ["siege"]


def test_what_matched_in_the_standfirst_is_shown(archive: ArticleStore) -> None:
    put(archive, make_article(description="A siege begins.", body="Nothing."))
    (hit,) = found(archive, "siege").hits
    assert (hit.text.text, hit.text.spans) == ("A siege begins.", ((2, 7),))


def test_without_a_query_the_beginning_is_shown(archive: ArticleStore) -> None:
    put(archive, make_article(body="It began. " * 100))
    (hit,) = found(archive).hits
    assert (hit.title.text, hit.title.spans) == ("Quiet day", ())
    assert hit.text.text.startswith("It began. ")
    assert hit.text.spans == ()


# each


def each(archive: ArticleStore, query: str = "", **filters: Any) -> list[str]:
    search = Search(**{"query": parse(query) if query else None, **filters})
    return [article.id for article in archive.each(search)]


@pytest.mark.parametrize("query", ["", "quiet"])
@pytest.mark.parametrize("order", ["newest", "relevance"])
def test_each_is_all_that_search_finds_in_its_order(archive: ArticleStore, query: str, order: str) -> None:
    put(archive, *(make_article(id=f"1{i:03}", published_at=NOON + i * 7 % 11 * DAY) for i in range(230)))
    pages = [ids(archive, query, order=order, offset=offset) for offset in (0, 100, 200)]
    assert each(archive, query, order=order) == [name for page in pages for name in page]
    assert each(archive, query, order=order, limit=0, offset=5) == each(archive, query, order=order), "nothing counts"


def test_each_gives_articles_whole_and_withdrawn_ones_too(archive: ArticleStore) -> None:
    article = make_article(status="withdrawn", topics=(make_topic("airstrike"),), keywords=("war",))
    put(archive, article)
    assert list(archive.each(Search())) == [replace(article, indexed_at=LATER)]


def test_each_gives_current_revisions_only(archive: ArticleStore) -> None:
    put(archive, make_article(title="First words"), make_article(title="Second thoughts", revision=2))
    assert [article.title for article in archive.each(Search())] == ["Second thoughts"]
    assert each(archive, "first") == []


def test_each_is_selected_as_search_is(archive: ArticleStore) -> None:
    put(
        archive,
        make_article(id="1a", topics=(make_topic("airstrike"),), published_at=NOON - DAY),
        make_article(id="1b", language="fr", title="Jour", published_at=NOON),
        make_article(id="1c", source=Source(name="Meridian", feed_id="m", domain="news.example")),
    )
    assert each(archive, topics=("airstrike",)) == ["1a"]
    assert each(archive, languages=("fr",)) == ["1b"]
    assert each(archive, sources=("meridian",)) == ["1c"]
    assert each(archive, since=NOON) == ["1b"]
    assert each(archive, until=NOON) == ["1c", "1a"]
    assert each(archive, "quiet NOT source:meridian") == ["1a"]


def test_each_of_an_empty_archive(archive: ArticleStore) -> None:
    assert each(archive) == each(archive, "quiet") == each(archive, "quiet", order="relevance") == []


def test_what_is_written_while_each_is_read(archive: ArticleStore) -> None:
    put(archive, *(make_article(id=f"1{i}", published_at=NOON - i * DAY) for i in range(5)))
    articles = archive.each(Search())
    assert next(articles).id == "10"
    put(
        archive,
        make_article(id="1new", published_at=NOON - 2 * DAY),
        make_article(id="11", title="Second thoughts", revision=2, published_at=NOON - 9 * DAY),
        make_article(id="14", title="Second thoughts", revision=2, published_at=NOON + 9 * DAY),
    )
    assert [article.id for article in articles] == ["11", "12", "13", "14"]
    assert each(archive) == ["14", "10", "1new", "12", "13", "11"]


def test_two_may_be_read_at_once(archive: ArticleStore) -> None:
    put(archive, *(make_article(id=f"1{i}", published_at=NOON - i * DAY) for i in range(3)))
    pairs = zip(archive.each(Search()), archive.each(Search()), strict=True)
    assert [(one.id, other.id) for one, other in pairs] == [(f"1{i}", f"1{i}") for i in range(3)]


def test_each_is_refused_as_search_is_and_at_the_call(archive: ArticleStore) -> None:
    put(archive, make_article(), make_article(id="1z", language="zh"))
    query: Query = Words("quiet")
    for i in range(300):  # deeper than what can be typed
        query = (Both, Either)[i % 2]((Words(f"a{i}"), query))
    try:
        archive.search(Search(query=query))
    except QueryError as e:
        with pytest.raises(QueryError, match=e.reason):
            archive.each(Search(query=query))
    else:
        assert len(list(archive.each(Search(query=query)))) == 2


# outdated and retag


def tagged(article: Article, version: str, *topics: TopicTag, casualties: tuple[Casualty, ...] = ()) -> Article:
    return replace(article, topics=topics, casualties=casualties, topics_version=version)


def outdated(archive: ArticleStore, version: str, limit: int = 100) -> list[str]:
    return sorted(article.id for article in archive.outdated(version, limit=limit))


def test_outdated_are_those_of_another_version(archive: ArticleStore) -> None:
    put(
        archive,
        make_article(id="1never"),
        make_article(id="1older", topics_version="6"),
        make_article(id="1old", topics_version="7"),
        make_article(id="1gone", topics_version="6", status="withdrawn"),
    )
    assert outdated(archive, "7") == ["1gone", "1never", "1older"]
    assert outdated(archive, "6") == ["1never", "1old"]
    assert outdated(archive, "5") == ["1gone", "1never", "1old", "1older"]
    assert outdated(archive, "") == ["1gone", "1old", "1older"]


def test_outdated_are_current_revisions_whole(archive: ArticleStore) -> None:
    article = make_article(title="Second thoughts", revision=2, topics_version="6", topics=(make_topic("airstrike"),))
    put(archive, make_article(title="First words", topics_version="5"), article)
    assert archive.outdated("7", limit=5) == [replace(article, indexed_at=LATER)]
    assert archive.outdated("6", limit=5) == [], "what is replaced does not count"


def test_outdated_are_no_more_than_asked_for(archive: ArticleStore) -> None:
    assert archive.outdated("7", limit=5) == []
    put(archive, *(make_article(id=f"1{n}") for n in range(9)))
    assert [len(archive.outdated("7", limit=limit)) for limit in (0, 1, 8, 9, 99)] == [0, 1, 8, 9, 9]


def test_what_is_tagged_anew_is_found_by_its_new_topics_alone(archive: ArticleStore) -> None:
    article = make_article(topics=(make_topic("old", "jet", stance="denied"), make_topic("kept", "drone")))
    put(archive, article, make_article(id="1b", topics=(make_topic("old"),)))
    assert archive.retag([tagged(article, "8", make_topic("kept", "jet", stance="alleged"), make_topic("new"))]) == 1
    for mark in ("kept", "kept/jet", "kept:alleged", "new", "new/words", "new:stated"):
        assert ids(archive, topics=(mark,)) == ids(archive, "quiet", topics=(mark,)) == ["1a"], mark
    for mark in ("old/jet", "old:denied", "kept/drone", "kept:stated"):
        assert ids(archive, topics=(mark,)) == [], mark
    assert ids(archive, topics=("old",)) == ids(archive, "topic:old") == ["1b"]
    assert ids(archive, "topic:new") == ids(archive, "topic:kept AND happened") == ["1a"]
    assert archive.topic_counts() == {"kept": 1, "new": 1, "old": 1}
    assert archive.retag([tagged(article, "9")]) == 1
    assert ids(archive, "topic:new OR topic:kept") == ids(archive, topics=("kept",)) == []
    assert sorted(ids(archive, "happened")) == ["1a", "1b"], "its words are found as before"


def test_tagging_anew_is_no_revision_and_changes_nothing_else(archive: ArticleStore) -> None:
    first, second = make_article(title="First words"), make_article(title="Second thoughts", revision=2)
    put(archive, first, second)
    status = archive.status()
    new = tagged(second, "8", make_topic("new"), casualties=(make_casualty(3, None),))
    given = replace(new, title="Not this", body="nor this", indexed_at=None, fetched_at=LATER, status="withdrawn")
    assert archive.retag([given]) == 1
    assert archive.get(["1a"]) == {"1a": replace(new, indexed_at=LATER)}
    assert archive.revisions("1a") == [replace(first, indexed_at=LATER), replace(new, indexed_at=LATER)]
    assert ids(archive, "thoughts") == ["1a"]
    assert {**archive.status(), "bytes": 0} == {**status, "bytes": 0}


def test_only_the_revision_that_was_read_is_tagged_anew(archive: ArticleStore) -> None:
    read = make_article(topics_version="6")
    put(archive, read, replace(read, id="1later", revision=3, title="Later words"))
    before = archive.get(["1later"])
    stale = replace(read, id="1later", revision=2)
    ahead = replace(read, id="1later", revision=4)
    gone = replace(read, id="1none")
    assert archive.retag([tagged(one, "8", make_topic("new")) for one in (stale, read, gone)]) == 1
    assert archive.retag([tagged(ahead, "8", make_topic("new"))]) == 0
    assert archive.retag([]) == 0
    assert archive.get(["1later"]) == before
    assert archive.get(["1none"]) == {}
    assert ids(archive, topics=("new",)) == ["1a"]
    assert outdated(archive, "8") == ["1later"]


@pytest.mark.parametrize("times", [1, 3])
def test_revisions_follow_on_one_that_was_tagged_anew(archive: ArticleStore, times: int) -> None:
    first = make_article(language="und")
    put(archive, first)
    for version in range(times):
        assert archive.retag([tagged(first, f"{version}", make_topic("new"))]) == 1
    put(archive, replace(first, title="The same again"))
    assert archive.get(["1a"])["1a"].title == "The same again", "a replay replaces it, as ever"
    assert ids(archive, topics=("new",)) == []
    assert archive.retag([tagged(first, "8", make_topic("new"))]) == 1
    second = replace(first, title="Second thoughts", revision=2, language="en")
    put(archive, second, replace(first, title="Too late"))
    assert archive.get(["1a"]) == {"1a": replace(second, indexed_at=LATER)}
    assert [(one.revision, one.topics_version) for one in archive.revisions("1a")] == [(1, "8"), (2, "")]
    assert ids(archive) == ["1a"]
    assert ids(archive, topics=("new",)) == []


def test_an_article_that_was_tagged_anew_can_change_its_language_without_a_revision(archive: ArticleStore) -> None:
    first = make_article(language="und")
    put(archive, first)
    assert archive.retag([tagged(first, "7", make_topic("new"))]) == 1
    put(archive, replace(first, language="en"))
    assert [article.language for article in archive.revisions("1a")] == ["en"]
    assert ids(archive) == ["1a"]
    assert outdated(archive, "8") == ["1a"]


def test_a_loop_that_is_killed_goes_on_where_it_was(archive: ArticleStore) -> None:
    put(
        archive,
        *(make_article(id=f"1{n:02}", topics_version=f"{n % 3}", language=("en", "fr")[n % 2]) for n in range(40)),
    )
    written, calls = 0, 0
    while articles := archive.outdated("2", limit=7):
        calls += 1
        half = articles[: len(articles) // 2 if calls % 2 else None] or articles  # half a batch was never written
        written += archive.retag([tagged(one, "2", make_topic("new")) for one in half])
    assert written == sum(n % 3 != 2 for n in range(40)), "each was written once"
    assert {article.topics_version for article in archive.each(Search())} == {"2"}
    assert len(ids(archive, topics=("new",))) == written
    assert {len(archive.revisions(f"1{n:02}")) for n in range(40)} == {1}


def test_tags_that_cannot_be_written_cost_only_their_own_article(archive: ArticleStore) -> None:
    put(archive, *(make_article(id=name) for name in ("1a", "1bad", "1b")))
    bad = make_topic("new", label="Half a letter: \ud83d")
    topics = {"1a": make_topic("new"), "1bad": bad, "1b": make_topic("new")}
    with pytest.raises(Unindexable, match="1bad"):
        archive.retag([tagged(one, "8", topics[one.id]) for one in archive.outdated("8", limit=9)])
    assert outdated(archive, "8") == ["1bad"]
    assert sorted(ids(archive, topics=("new",))) == ["1a", "1b"]


# topics, status


def test_topic_counts(archive: ArticleStore) -> None:
    assert archive.topic_counts() == {}
    put(
        archive,
        make_article(id="1a", topics=(make_topic("airstrike"), make_topic("ceasefire"))),
        make_article(id="1b", topics=(make_topic("airstrike"),)),
        make_article(id="1c"),
    )
    assert archive.topic_counts() == {"airstrike": 2, "ceasefire": 1}
    put(archive, make_article(id="1a", topics=(make_topic("siege"),), revision=2))
    assert archive.topic_counts() == {"airstrike": 1, "siege": 1}, "earlier revisions do not count"


def test_status(archive: ArticleStore) -> None:
    put(archive, make_article(id="1a"), make_article(id="1b"), make_article(id="1b", revision=2))
    status = archive.status()
    assert status["articles"] == 2
    assert status["earlier revisions"] == 1
    assert {"schema", "bytes"} <= status.keys()


# similar


def test_articles_alike(archive: ArticleStore) -> None:
    def story(name: str, title: str, body: str, language: str = "en") -> Article:
        return make_article(id=name, title=title, body=body, language=language)

    bridge = "Engineers closed the old suspension bridge at Corvale after cracks were found in two of its cables."
    archive.put(
        [
            story("bridge", "Corvale bridge closed after cracks found", bridge),
            story("again", "Cracks in cables: Corvale bridge stays closed", f"{bridge} It stays closed, they said."),
            story("harvest", "Harvest better than feared", "Farmers brought in more wheat than in any year before."),
            story("budget", "Council passes budget", "The council agreed on the budget after a debate about wheat."),
            story("french", "Corvale bridge", bridge, "fr"),
        ],
        now=NOON,
    )
    assert [one.id for one in archive.similar("bridge", limit=5)] == ["again"]
    assert archive.similar("nobody", limit=5) == []
    assert archive.similar("bridge", limit=5) == archive.similar("bridge", limit=5)


def test_no_more_alike_than_asked_for(archive: ArticleStore) -> None:
    archive.put([make_article(id=f"{n}", title="Corvale bridge closed", body="Cracks.") for n in range(5)], now=NOON)
    assert len(archive.similar("0", limit=3)) == 3
    assert "0" not in {one.id for one in archive.similar("0", limit=9)}


def test_an_article_without_words_is_like_none(archive: ArticleStore) -> None:
    archive.put([make_article(id=name, title="", body="") for name in ("a", "b")], now=NOON)
    assert archive.similar("a", limit=5) == []


# near, cluster


def agency(word: str, **overrides: Any) -> Article:
    """An article whose text is all of one word's kind, long enough to have bands."""
    body = " ".join(f"{word}{n}" for n in range(120))
    return make_article(**{"id": word, "body": body, "published_at": NOON, **overrides})


def question(article: Article, before: timedelta = DAY, after: timedelta = DAY) -> Nearby:
    assert bands(article)
    return Nearby(bands=bands(article), since=dated(article) - before, until=dated(article) + after)


def near(archive: ArticleStore, *asked: Nearby, limit: int = 10) -> list[list[str]]:
    return [[article.id for article in found] for found in archive.near(asked, limit=limit)]


def test_near_gives_those_that_share_a_band_the_most_of_them_first(archive: ArticleStore) -> None:
    first = agency("flood")
    half = replace(first, id="half", body=first.body[: len(first.body) // 2] + agency("quake").body)
    assert 0 < len({*bands(first)} & {*bands(half)}) < len(bands(first))
    put(archive, half, first, replace(first, id="copy", language="und"), agency("storm"), make_article(id="short"))
    assert near(archive, question(first)) == [["copy", "flood", "half"]]
    assert near(archive, question(first), question(agency("storm")), question(agency("fire"))) == [
        ["copy", "flood", "half"],
        ["storm"],
        [],
    ]
    assert near(archive, question(first), question(first), limit=2) == [["copy", "flood"]] * 2
    assert near(archive) == []
    assert near(archive, Nearby(bands=(), since=NOON - DAY, until=NOON + DAY)) == [[]]


def test_near_is_bounded_by_when_an_article_counts_as_published(archive: ArticleStore) -> None:
    tick = timedelta(microseconds=1)
    first = agency("flood")
    for name, at in {"long ago": -DAY - tick, "first": -DAY, "last": DAY, "later": DAY + tick}.items():
        put(archive, replace(first, id=name, published_at=NOON + at))
    put(archive, replace(first, id="undated", published_at=None, first_seen_at=NOON))
    put(archive, replace(first, id="undated later", published_at=None, first_seen_at=NOON + DAY + tick))
    assert near(archive, question(first)) == [["first", "last", "undated"]]


def test_near_sees_current_revisions_alone_and_at_once(archive: ArticleStore) -> None:
    first = agency("flood", cluster_id="flood")
    put(archive, first)
    assert archive.near([question(first)], limit=9) == [[replace(first, indexed_at=LATER)]]
    second = agency("quake", id="flood", language="fr", revision=2, status="withdrawn")
    put(archive, second)
    assert near(archive, question(first)) == [[]]
    assert archive.near([question(second)], limit=9) == [[replace(second, indexed_at=LATER)]]
    put(archive, replace(second, published_at=NOON - 3 * DAY, revision=3))
    assert near(archive, question(second)) == [[]]
    put(archive, replace(second, body="Nothing is left.", revision=4))
    assert near(archive, question(second, before=9 * DAY)) == [[]]


def test_near_has_nobody_forgotten_when_tags_change(archive: ArticleStore) -> None:
    first = agency("flood", cluster_id="flood")
    put(archive, first)
    assert archive.retag([tagged(first, "8", make_topic("new"))]) == 1
    assert near(archive, question(first)) == [["flood"]]
    assert [one.id for one in archive.cluster("flood")] == ["flood"]


def test_many_questions_at_once(archive: ArticleStore) -> None:
    articles = [agency(f"w{n:03}x") for n in range(250)]
    put(archive, *articles)
    assert near(archive, *map(question, articles)) == [[article.id] for article in articles]


def test_a_cluster_is_those_that_say_so(archive: ArticleStore) -> None:
    put(
        archive,
        make_article(id="1c", cluster_id="1a"),
        make_article(id="1a", cluster_id="1a"),
        make_article(id="1b", cluster_id="1a", language="fr", status="withdrawn"),
        make_article(id="1d", cluster_id="1d"),
        make_article(id="1e"),
        make_article(id="1f", cluster_id="1e"),
    )
    members = {name: [one.id for one in archive.cluster(name)] for name in ("1a", "1b", "1d", "1e", "1none")}
    assert members == {"1a": ["1a", "1b", "1c"], "1b": [], "1d": ["1d"], "1e": ["1e", "1f"], "1none": []}
    put(archive, make_article(id="1c", cluster_id="1d", revision=2))
    assert [[one.id for one in archive.cluster(name)] for name in ("1a", "1d")] == [["1a", "1b"], ["1c", "1d"]]
    assert archive.cluster("1d")[0] == make_article(id="1c", cluster_id="1d", revision=2, indexed_at=LATER)
