"""Subscriptions match what a search finds: the monitor is compared with a reading of the tree word by word."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import MORNING, NOON, make_article
from transforms import alphabets, monitor
from transforms.alphabets import Alphabet, in_pieces
from transforms.analysis import SNOWBALL, terms, unstemmed
from transforms.documents import Document
from transforms.matching import holds
from transforms.monitor import Asked, Monitor
from transforms.query import TEXT_FIELDS, Both, Either, Not, Published, Query, Words, parse
from transforms.records import Article, Source
from transforms.tags import Evidence, TopicTag, marks

HOUR = timedelta(hours=1)


def naive(query: Query, article: Article) -> bool:
    """The meaning of a query, in as few words as it can be said: every choice of places is tried."""
    match query:
        case Words():
            return any(
                stands(query, field, text, article.language)
                for field in ((query.field,) if query.field else TEXT_FIELDS)
                for text in field_texts(article)[field]
            )
        case Published(since, until):
            dated = article.published_at or article.first_seen_at
            return (since or dated) <= dated < (until or dated + HOUR)
        case Both(parts):
            return all(naive(part, article) for part in parts)
        case Either(parts):
            return any(naive(part, article) for part in parts)
        case Not(part):
            return not naive(part, article)


def stands(words: Words, field: str, text: str, language: str) -> bool:
    language = ("" if field not in TEXT_FIELDS else unstemmed(language) if words.prefix else language)  # fmt: skip
    sought, found = terms(words.text, language), terms(text, language)
    if words.slop and len(sought) > 1:
        places = [[n for n, term in enumerate(found) if term == one] for one in sought]
        return any(
            len(set(choice)) == len(choice)
            and max(place - n for n, place in enumerate(choice)) - min(place - n for n, place in enumerate(choice))
            <= words.slop
            for choice in itertools.product(*places)
        )
    *head, last = sought
    return any(
        found[n : n + len(head)] == head
        and (found[n + len(head)] == last or (words.prefix and found[n + len(head)].startswith(last)))
        for n in range(len(found) - len(head))
    )


def field_texts(article: Article) -> dict[str, list[str]]:
    source = article.source
    return {
        "title": [article.title],
        "description": [article.description],
        "keywords": [" ".join(article.keywords)],
        "body": [article.body],
        "author": [" ".join(article.authors)],
        "source": [source.name, source.domain, source.feed_id],
        "agency": [source.agency],
        "topic": [" ".join(tag.id for tag in article.topics)],
        "language": [article.language],
        "status": [article.status],
    }


def asked_for(asked: Asked, article: Article) -> bool:
    source = article.source
    return (
        (asked.query is None or naive(asked.query, article))
        and set(asked.topics) <= set(marks(article.topics))
        and (
            not asked.sources
            or source.feed_id in asked.sources
            or source.domain in asked.sources
            or source.name.lower() in {name.lower() for name in asked.sources}
        )
        and (not asked.languages or article.language in asked.languages)
    )


WORDS = {
    "en": "strike strikes striking drone drones the a bomb bombing add added air idlib can't u.s. drone-strike x_y",
    "de": "Häuser Haus Häusern Straße drohne drohnen system systeme idlib strike",
    "ru": "город города удар ударам идлиб strike",
    "ar": "غارة الغارة هَجوم الهجوم إدلب strike",
    "zh": "空袭击中了该市 空袭 停火协议 停火 idlib空袭 strike",
    "tr": "İstanbul'da istanbul şehir şehri strike",
    "und": "strike strikes drone Strike Straße",
}
ALL_WORDS = sorted({word for words in WORDS.values() for word in words.split()})
PROOF = (Evidence(rule="words", text="x", field="title", start=0, end=1),)
TOPICS = tuple(
    TopicTag(id=name, label=name, score=1, rule_version="1", evidence=PROOF)
    for name in ("air-strike", "ceasefire", "drone")
)


@st.composite
def articles(draw: Any) -> Article:
    language = draw(st.sampled_from(sorted(WORDS)))
    words = WORDS[language].split()
    some = st.lists(st.sampled_from(words), max_size=7).map(" ".join)
    return make_article(
        title=draw(some),
        description=draw(some),
        body=draw(st.lists(st.sampled_from([*words, "—", "\n", ", "]), max_size=16).map(" ".join)),
        keywords=tuple(draw(st.lists(some, max_size=2))),
        language=language,
        authors=tuple(draw(st.lists(st.sampled_from(["Jane Doe", "K. Müller", "王小明", "doe"]), max_size=2))),
        source=draw(
            st.sampled_from(
                [
                    Source(
                        name="The Meridian", feed_id="meridian-1", domain="meridian.example", agency="Reuters / AFP"
                    ),
                    Source(name="Straße News", feed_id="wire", domain="wire.example"),
                ]
            )
        ),
        topics=tuple(draw(st.lists(st.sampled_from(TOPICS), max_size=2, unique_by=lambda tag: tag.id))),
        status=draw(st.sampled_from(["usable", "corrected"])),
        published_at=draw(st.sampled_from([None, MORNING, NOON - HOUR])),
    )


phrases = st.lists(st.sampled_from(ALL_WORDS), min_size=1, max_size=3).map(" ".join)
anywhere = st.builds(Words, text=phrases, field=st.sampled_from(["", "", "", *TEXT_FIELDS]))
near = st.builds(replace, anywhere, slop=st.integers(1, 5))
cut = st.tuples(phrases, st.integers(0, 3)).map(lambda cut: cut[0][: len(cut[0]) - cut[1]])
begun = st.builds(
    Words,
    text=cut.filter(lambda text: bool(terms(text, ""))),
    field=st.sampled_from(["", "", "title", "body", "author", "topic"]),
    prefix=st.just(True),
)
named = st.sampled_from(
    [
        *(Words("doe", "author"), Words("doe k", "author"), Words("müller", "author"), Words("小明", "author")),
        *(Words("meridian", "source"), Words("meridian meridian", "source"), Words("wire.example", "source")),
        *(Words("reuters", "agency"), Words("reuters afp", "agency"), Words("air strike", "topic")),
        *(Words("zh", "language"), Words("corrected", "status"), Words("strike ceasefire", "topic", slop=2)),
        *(Published(since=MORNING), Published(until=NOON), Published(MORNING, NOON - HOUR)),
    ]
)  # fmt: skip
queries = st.recursive(
    st.one_of(anywhere, anywhere, near, begun, named),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Both(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Either(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=6,
)
asked = st.builds(
    Asked,
    query=st.none() | queries | queries | queries,
    topics=st.sampled_from([(), (), (), ("drone",), ("air-strike", "ceasefire:stated")]),
    sources=st.sampled_from([(), (), (), ("wire",), ("the MERIDIAN", "nobody"), ("meridian.example",)]),
    languages=st.sampled_from([(), (), (), ("en",), ("zh", "ar")]),
)
thorough = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(st.lists(asked, max_size=12), st.lists(articles(), min_size=1, max_size=4))
def test_the_monitor_says_what_a_reading_word_by_word_says(wanted: list[Asked], come: list[Article]) -> None:
    watching = Monitor((str(n), one) for n, one in enumerate(wanted))
    for article in come:
        expected = {str(n) for n, one in enumerate(wanted) if asked_for(one, article)}
        assert set(watching.match(article)) == expected


@thorough
@given(queries, articles())
def test_so_does_what_evidence_is_taken_from(query: Query, article: Article) -> None:
    assert holds(query, Document(article)) == naive(query, article)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.none() | asked), max_size=25),
    st.lists(articles(), min_size=1, max_size=2),
)
def test_changes_count_at_once(changes: list[tuple[str, Asked | None]], come: list[Article]) -> None:
    """Added, replaced, removed, while articles come: as if it had been made anew each time."""
    watching, there = Monitor(), {}
    for name, wanted in changes:
        if wanted is None:
            watching.remove(name)
            there.pop(name, None)
        else:
            watching.add(name, wanted)
            there[name] = wanted
        for article in come:
            assert set(watching.match(article)) == {name for name, one in there.items() if asked_for(one, article)}
        assert len(watching) == len(there)


ODD = [
    *("x\u00a0y", "e\u0301", "\ud83d", "a_b", "½", "ﬁre", "Σίσυφος", "ΣΑΣ", "\x1c", "\u2028", "x" * 120, "é" * 60),
    *("\u064b", "a\u064bb", "“a”—b", "İ"),
]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([*ALL_WORDS, *ODD]) | st.text(max_size=6), max_size=12),
    st.sampled_from(["", "zh", "und", *SNOWBALL]),
    st.sampled_from(["", " ", "-", "“"]),
)
def test_an_alphabet_spells_what_analysis_reads(words: list[str], language: str, between: str) -> None:
    text = between.join(words)
    alphabet = Alphabet(language)
    for _ in range(2):  # as new, and remembered
        letters = "".join(map(alphabet.__getitem__, in_pieces(text)))
        assert list(map(alphabet.term, letters)) == terms(text, language)


def names(texts: list[str], **about: Any) -> list[str]:
    """Which of the queries match an article."""
    return Monitor((text, Asked(query=parse(text))) for text in texts).match(
        make_article(**{"title": "", "body": "", **about})
    )


@pytest.mark.parametrize(
    ("query", "body", "matches"),
    [
        pytest.param('"a b"~1', "a x b", True, id="one between"),
        pytest.param('"a b"~1', "a x x b", False, id="two between"),
        pytest.param('"a b"~1', "b a", False, id="turned round takes two steps"),
        pytest.param('"a b"~2', "b a", True, id="and two are enough"),
        pytest.param('"a b c"~2', "c a b", False, id="to the other end takes three"),
        pytest.param('"a b c"~3', "c a b", True, id="and three are enough"),
        pytest.param('"a a"~5', "a", False, id="one word is not two"),
        pytest.param('"a a"~5', "a x a", True, id="the same word twice"),
        pytest.param('"bomb bombing"~5', "bombs", False, id="nor are two of one stem"),
        pytest.param('"a b"~3', "a\nb", True, id="across a line"),
        pytest.param('"a b" -"b a"', "a b a", False, id="NOT a phrase"),
        pytest.param("-x +(a OR +(b -c))", "b", True, id="OR of a NOT"),
        pytest.param("-x +(a OR +(b -c))", "b c", False, id="OR of a NOT that is not met"),
        pytest.param("a -(b c)", "a b", True, id="NOT of both"),
        pytest.param("a -(b c)", "a c b", False, id="NOT of both, which are there"),
        pytest.param("a -(b OR c)", "a c", False, id="NOT of either"),
        pytest.param("str*", "airstrike", False, id="a prefix is not a middle"),
        pytest.param("strikes*", "strike", False, id="a prefix is not stemmed"),
        pytest.param("drone-str*", "drone strikes", True, id="a phrase that goes on"),
        pytest.param("drone-str*", "drone", False, id="a phrase that goes on, at the end"),
        pytest.param("(a OR b) (c OR d)", "b c", True, id="either of both"),
        pytest.param("(a OR b) (c OR d)", "a b", False, id="either of one"),
        pytest.param("published:2026-11-18 -published:>=2026-11-18T12:00", "", True, id="dates alone"),
        pytest.param("published:>2026-11-18 OR a", "a", True, id="dates or words"),
        pytest.param(" OR ".join(f"w{n}" for n in range(60)), "w59", True, id="many alternatives"),
        pytest.param(" ".join(f"w{n}" for n in range(60)), "w59", False, id="many words"),
    ],
)
def test_match(query: str, body: str, matches: bool) -> None:
    assert names([query], body=body) == [query] * matches


def test_names_come_in_the_order_in_which_they_were_added() -> None:
    same = Asked(query=parse("strike"))
    watching = Monitor([("b", same), ("c", Asked(query=parse("strikes"))), ("a", same), ("d", Asked())])
    assert watching.match(make_article(body="strike")) == ["b", "a", "c", "d"]


def test_phrases_do_not_go_from_one_field_or_name_into_the_next() -> None:
    about = {"title": "drone", "body": "strike", "source": Source(name="Wire", domain="wire.example", feed_id="x")}
    texts = ['"drone strike"', '"strike drone"', '"drone strike"~9', 'source:"wire wire"', 'source:"wire example"']
    assert names(texts, **about) == ['source:"wire example"']


def test_a_later_subscription_of_a_name_takes_the_place_of_an_earlier_one() -> None:
    watching = Monitor([("a", Asked(query=parse("strike"))), ("a", Asked(query=parse("drone")))])
    assert (watching.match(make_article(body="strike")), watching.match(make_article(body="drone"))) == ([], ["a"])
    assert watching.asked("a") == Asked(query=parse("drone"))
    assert "a" in watching


def test_removing_what_is_not_there_changes_nothing() -> None:
    watching = Monitor([("a", Asked(query=parse("strike")))])
    watching.remove("b")
    assert len(watching) == 1


def test_what_was_removed_is_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor, "MIN_REMOVED", 10)
    watching = Monitor([("kept", Asked(query=parse("kept")))])
    for n in range(1000):
        watching.add("changing", Asked(query=parse(f"w{n}")))
    assert watching.match(make_article(body="w999 w998 kept")) == ["kept", "changing"]
    assert len(watching._vocabulary) < 20


def test_words_met_are_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alphabets, "MAX_KNOWN", 100)
    watching = Monitor([("a", Asked(query=parse('"strike now" OR w99')))])
    for n in range(100):
        article = make_article(body=f"{' '.join(f'x{n}y{i}' for i in range(9))} strikes now w{n}")
        assert watching.match(article) == ["a"]
    assert len(watching._vocabulary.alphabet(0, "", "en")) < 120


def test_words_asked_for_are_not_among_those_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alphabets, "MAX_KNOWN", 100)
    watching = Monitor((str(n), Asked(query=parse(f"w{n}"))) for n in range(300))
    watching.match(make_article(body="w7 and w299"))
    alphabet = watching._vocabulary.alphabet(0, "", "en")
    assert watching.match(make_article(body="w8 strikes")) == ["8"]
    assert watching._vocabulary.alphabet(0, "", "en") is alphabet


@pytest.mark.parametrize(
    "make", [lambda n: f"+w{n} +common", lambda n: f'"w{n} common"', lambda n: f"title:w{n} OR body:w{n}"]
)
def test_one_of_many(make: Callable[[int], str]) -> None:
    watching = Monitor((str(n), Asked(query=parse(make(n)))) for n in range(500))
    assert watching.match(make_article(body="w7 common, and w499 common")) == ["7", "499"]
