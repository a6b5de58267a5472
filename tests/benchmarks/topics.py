"""Tagging: articles a second with the shipped topics and with a thousand, beside a loop of regular expressions."""

import gzip
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors.opening import load_taxonomy
from tests.shared import SHARED
from transforms.analysis import words
from transforms.lexicon import WordList
from transforms.records import Article, Source, Urls
from transforms.topics import Taxonomy, Topic

ASKED_SHIPPED, ASKED_MANY, MANY = 400, 150, 1000
#: Every so many generated topics have the words of the shipped ones, so that they fire as often.
SAME_WORDS = 10


def measure() -> dict[str, Any]:
    """CPU seconds of one process, topics and casualty figures, over the 999 articles of ../shared/bench (431 words)."""
    file = SHARED / "bench" / "documents.json.gz"
    if not file.exists():
        return {"skipped": "../shared/bench is not there"}
    articles = [_article(one) for one in json.loads(gzip.decompress(file.read_bytes()))]
    shipped = load_taxonomy()
    many = _generated(shipped, articles)
    rates = {name: _rate(articles, taxa.tag) for name, taxa in (("shipped", shipped), ("thousand", many))}
    bare = {
        name: _rate(articles[:some], _loop(taxa))
        for name, taxa, some in (("shipped", shipped, 99), ("thousand", many, 3))
    }
    return {
        "topics": [len(shipped.topics), len(many.topics)],
        "articles_per_s": round(rates["shipped"]),
        "with_1000_topics_per_s": round(rates["thousand"]),
        "regular_expressions_per_s": [round(bare["shipped"], 1), round(bare["thousand"], 2)],
        "ratio": [round(rates[name] / bare[name], 1) for name in rates],
        "asked": [ASKED_SHIPPED, ASKED_MANY],
        "reached": rates["shipped"] >= ASKED_SHIPPED and rates["thousand"] >= ASKED_MANY,
    }


def _rate(articles: Sequence[Article], tag: Callable[[Article], Any]) -> float:
    for article in articles[: min(50, len(articles) // 2)]:
        tag(article)
    words.cache_clear()
    started = time.process_time()
    for article in articles:
        tag(article)
    return len(articles) / (time.process_time() - started)


def _loop(taxonomy: Taxonomy) -> Callable[[Article], list[int]]:
    """What one would write first: an expression for each list of each topic, tried on each text."""
    numbers = [rule.any for topic in taxonomy.topics for rule in topic.rules]
    compiled = {
        number: re.compile(
            r"\b(?:" + "|".join(re.escape(one.strip("=*")) for one in _english(taxonomy.lists[number])) + r")", re.I
        )
        for number in set(numbers)
    }
    return lambda article: [
        number for number in numbers for text in (article.title, article.body) for _ in compiled[number].finditer(text)
    ]


def _english(one: WordList) -> Iterable[str]:
    return [*one.phrases.get("en", ()), *one.phrases.get("*", ())] or ["\0"]


def _generated(shipped: Taxonomy, articles: Sequence[Article]) -> Taxonomy:
    """A thousand topics with the shipped rules: each fires at words of its own, which are as common in the articles as
    the shipped ones are; what must stand beside them, harm and war and who says so, is the same for all."""
    dice = random.Random(7)
    common = Counter(word for article in articles for word in set(words(article.body, "en")))
    ranked = [word for word, _ in common.most_common()]
    ranks = {word: rank for rank, word in enumerate(ranked)}
    topics, lists = list[Topic](), list(shipped.lists)
    fired_at = {rule.any for topic in shipped.topics for rule in topic.rules}
    for copy in range(-(-MANY // len(shipped.topics))):
        moved = {number: number for number in range(len(shipped.lists))}
        if copy % SAME_WORDS:
            for number in sorted(fired_at):
                moved[number] = len(lists)
                lists.append(_as_common(shipped.lists[number], ranked, ranks, dice))
        topics += [_moved(topic, copy, moved) for topic in shipped.topics]
    return Taxonomy("generated", topics[:MANY], lists, shipped.stances)


def _as_common(one: WordList, ranked: Sequence[str], ranks: dict[str, int], dice: random.Random) -> WordList:
    def other(word: str) -> str:
        rank = ranks.get(word.strip("=*").lower())
        if rank is None:  # in none of the articles: then neither is the other
            return word + str(dice.randrange(10**6))
        return ranked[min(len(ranked) - 1, int(rank * dice.uniform(0.8, 1.25)) + dice.randrange(10))]

    phrases = {" ".join(other(word.strip("=*")) for word in phrase.split()) for phrase in _english(one)}
    return WordList({"en": tuple(sorted(phrases))})


def _moved(topic: Topic, copy: int, moved: dict[int, int]) -> Topic:
    def conditions(found: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(
            replace(
                one,
                words=None if one.words is None else moved[one.words],
                topic=f"{one.topic}-{copy}" if one.topic else "",
            )
            for one in found
        )

    rules = tuple(
        replace(rule, any=moved[rule.any], near=conditions(rule.near), not_near=conditions(rule.not_near))
        for rule in topic.rules
    )
    return replace(topic, id=f"{topic.id}-{copy}", rules=rules)


def _article(one: dict[str, Any]) -> Article:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Article(
        id=str(one["id"]),
        url="",
        urls=Urls(announced="", final="", canonical=""),
        title=one["title"],
        body=one["body"],
        language="en",
        source=Source(name="", feed_id="", domain=""),
        first_seen_at=now,
        fetched_at=now,
    )
