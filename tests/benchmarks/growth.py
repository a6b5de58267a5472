"""What a new article costs the embedded store, with ten thousand articles in it, a hundred thousand, and a million.

`python -m tests.benchmarks.growth [SIZE …]`: takes an hour, and 25 GB under TMPDIR, so `make bench`
does without it.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from statistics import fmean, median
from typing import Any

from connectors.codec import moment, stamp
from connectors.opening import SqliteSpec, open_store
from connectors.ports import Search
from connectors.sqlite.database import connect
from connectors.sqlite.fulltext import COLUMNS
from pipelines.settings import Settings
from pipelines.steps import Plan, Step
from pipelines.storing import MatchAlerts, RecordStored, StoreArticles
from tests.factories import make_article, make_entry, make_feed
from transforms.query import parse
from transforms.records import Reading, Source, Urls
from transforms.subscriptions import Subscription
from transforms.tags import Evidence, TopicTag
from transforms.urls import doc_id

SIZES = (10_000, 100_000, 1_000_000)
#: What an article costs with the most in the store is to be at most so many times what it costs with the fewest.
ASKED_GROWTH = 1.2
#: So many articles come together, as they do from a pass; so many batches count, after some that warm up.
BATCH, BATCHES, WARMING = 50, 100, 20
#: The first articles, which are stored as all are; the others up to a size are copies of their rows.
FIRST = 10_000
WORDS, FEEDS, SUBSCRIPTIONS, TOPICS = 430, 200, 100, 10
#: Word forms, as common as words are; and names and numbers of an article that no other has.
FORMS, OWN = 120_000, 3
#: One in so many prints what was printed shortly before.
REPRINT = 250
#: How fast the archive grows.
APART = timedelta(days=1) / 10_000
START = datetime(2026, 1, 5, tzinfo=UTC)

#: Another ten thousand articles from the rows of the first ones: later, under other ids, with other bands.
_COPIES = (
    "INSERT INTO article SELECT number + :last, copied(id), revision, language, feed_id, outlet, domain,"
    " later(published_at), doc, topics_version, copied(cluster_id) FROM article WHERE number <= :first",
    f"INSERT INTO words (rowid, {COLUMNS}) SELECT rowid + :last, {COLUMNS} FROM words WHERE rowid <= :first",
    "INSERT INTO article_topic SELECT topic, number + :last FROM article_topic WHERE number <= :first",
    "INSERT INTO article_band SELECT substr(band, 1, 2) || printf('%08x', random() & 0xffffffff), dated + :later,"
    " number + :last FROM article_band WHERE number <= :first ORDER BY number",
    "INSERT INTO ledger SELECT copied(key), url, state, stage, error, reason, retryable, attempts, next_try_at, run_id,"
    " entry, copied(doc_id), content_hash, revision, month, later(first_seen_at), later(updated_at), later(check_at),"
    " kind FROM ledger WHERE key IN (SELECT id FROM article WHERE number <= :first)",
    "INSERT INTO appearance SELECT copied(key), feed_id, hash, title, later(first_seen_at) FROM appearance"
    " WHERE key IN (SELECT id FROM article WHERE number <= :first)",
    "INSERT INTO event SELECT copied(key), later(at), stage, what FROM event"
    " WHERE key IN (SELECT id FROM article WHERE number <= :first)",
    "INSERT INTO item SELECT feed_id, item || ':' || :last, copied(key) FROM item"
    " WHERE key IN (SELECT id FROM article WHERE number <= :first)",
    "INSERT INTO alert SELECT NULL, copied(id), copied(story), subscription, later(made_at), doc FROM alert"
    " WHERE story IN (SELECT id FROM article WHERE number <= :first)",
    "INSERT INTO delivery SELECT lane, later(delivery.made_at), copied(alert), 'delivered', due_at, attempts, due_at,"
    " delivery.error, batch FROM delivery JOIN alert ON alert.id = alert"
    " WHERE story IN (SELECT id FROM article WHERE number <= :first)",
)


class _Wire:
    """Stories by number, always the same ones: words are as frequent as Zipf says, in sentences and paragraphs."""

    def __init__(self) -> None:
        dice = random.Random(7)
        letters = "etaoinshrdlucmfwygpbvk"
        forms = dict.fromkeys("".join(dice.choices(letters, k=dice.randint(2, 11))) for _ in range(2 * FORMS))
        self.forms = list(forms)[:FORMS]
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(FORMS)))

    def reading(self, number: int) -> Reading:
        """A new article, as the steps before the store make it."""
        dice = random.Random(number)
        again = number % REPRINT == REPRINT - 1
        text = self._body(random.Random(number - 40) if again else dice)
        feed, at = f"feed-{dice.randrange(FEEDS)}", START + number * APART
        url = f"https://{feed}.example/world/{number}/{self._some(dice, 4).replace(' ', '-')}"
        title, description = self._some(dice, 9).capitalize(), self._some(dice, 25).capitalize()
        entry = make_entry(
            feed_id=feed, url=url, title=title, description=description, item=f"{feed}/{number}", seen_at=at
        )
        article = make_article(
            id=doc_id(url),
            url=url,
            urls=Urls(announced=url, final=url, canonical=url),
            title=title,
            description=description,
            body=text,
            authors=(self._some(dice, 2).title(),),
            keywords=(self._some(dice, 1), self._some(dice, 2)),
            source=Source(name=f"Outlet {feed}", feed_id=feed, domain=f"{feed}.example"),
            topics=tuple(_tag(topic) for topic in range(TOPICS) if dice.random() < 0.06),
            topics_version="1",
            published_at=at,
            first_seen_at=at,
            fetched_at=at,
        )
        return Reading(entry=entry, article=article)

    def _body(self, dice: random.Random) -> str:
        words = dice.choices(self.forms, cum_weights=self._weights, k=WORDS)
        for _ in range(OWN):
            words[dice.randrange(WORDS)] = f"X{dice.getrandbits(40):x}"
        sentences = [" ".join(words[at : at + 22]).capitalize() + "." for at in range(0, WORDS, 22)]
        return "\n".join(" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3))

    def _some(self, dice: random.Random, count: int) -> str:
        return " ".join(dice.choices(self.forms, cum_weights=self._weights, k=count))


def _tag(topic: int) -> TopicTag:
    evidence = Evidence(field="title", start=0, end=5, text="", rule="words")
    return TopicTag(id=f"topic-{topic}", label=f"Topic {topic}", score=1.0, rule_version="1", evidence=(evidence,))


class _Pass:
    """The steps behind reading, each with the store open for itself, as a runner has them; and the milliseconds they
    take for an article, of the processor's time and of the clock's."""

    def __init__(self, path: Path) -> None:
        settings = Settings.model_validate({"store": {"path": str(path)}})
        now = datetime.now(UTC)
        self.plan = Plan(settings=settings, run_id="growth", started_at=now, time_limit=timedelta(days=1))
        self.steps: list[Step] = [kind(self.plan) for kind in (StoreArticles, MatchAlerts, RecordStored)]
        self.taken: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def __enter__(self) -> "_Pass":
        for step in self.steps:
            step.setup()
        self.store = self.steps[0].store
        return self

    def __exit__(self, *_: object) -> None:
        for step in self.steps:
            step.teardown()

    def add(self, wire: _Wire, start: int) -> None:
        with self.timed("making the stories"):
            readings = [wire.reading(number) for number in range(start, start + BATCH)]
        entries, now = [one.entry for one in readings], datetime.now(UTC)
        with self.timed("all"):
            with self.timed("announce"):
                self.store.ledger.announce(entries, run_id=self.plan.run_id, until=now + timedelta(hours=1))
            passed: list[Any] = [readings]
            for step in self.steps:
                with self.timed(type(step).__name__):
                    passed = [out for one in passed for out in step.process(one)]
        assert [one.written for one in passed[0]] == ["new"] * BATCH

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self.taken[what].append((time.process_time() - cpu, time.perf_counter() - wall))

    def figures(self) -> dict[str, Any]:
        """Of each part: the median and the mean of the processor's milliseconds, and the median of the clock's."""
        found = {}
        for what, pairs in self.taken.items():
            cpu, wall = ([one * 1000 / BATCH for one in column] for column in zip(*pairs, strict=True))
            found[what] = [round(figure, 3) for figure in (median(cpu), fmean(cpu), median(wall))]
        return found


def measure(sizes: Sequence[int] = SIZES) -> dict[str, Any]:
    """Milliseconds for an article at each size, from the announcement until the ledger knows it is stored."""
    with tempfile.TemporaryDirectory(prefix="newswire-growth-") as folder:
        path = Path(folder) / "newswire.db"
        found = {str(size): _alone(path, size) for size in sizes}
    costs = [one["ms"]["all"][0] for one in found.values()]
    growth = round(costs[-1] / costs[0], 2)
    return {**found, "growth": growth, "asked": ASKED_GROWTH, "reached": growth <= ASKED_GROWTH}


def _alone(path: Path, size: int) -> dict[str, Any]:
    """In a process of its own: what others have taught it about words would make it faster."""
    command = [sys.executable, "-m", "tests.benchmarks.growth", "--at", str(path), str(size)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def one_size(path: Path, size: int) -> dict[str, Any]:
    """Fill the store up to a size, and then measure."""
    wire = _Wire()
    if not path.exists():
        _begin(path, wire)
    started = time.process_time()
    _copy(path, size)
    filled = time.process_time() - started
    before = path.stat().st_size
    with _Pass(path) as work:
        for number in range(WARMING + BATCHES):
            if number == WARMING:
                work.taken.clear()
            work.add(wire, size + number * BATCH)  # its address says which it is: none of the first, none of the copies
        return {
            "ms": work.figures(),
            "searches_ms": _searches(work, wire),
            "idle_ms": _idle(work),
            "bytes_an_article": round(before / size),
            "fill_s": round(filled),
        }


def _begin(path: Path, wire: _Wire) -> None:
    """The first articles, by way of the steps; with subscriptions, of which an article concerns some."""
    now = datetime.now(UTC)
    with open_store(SqliteSpec(str(path))) as store:
        later = now + timedelta(days=1)
        ids = [f"feed-{number}" for number in range(FEEDS)]
        store.feeds.add([make_feed(id=one, url=f"https://{one}.example/rss", next_poll_at=later) for one in ids])
        queries = [
            f"{wire.forms[300 + 9 * number]} AND {wire.forms[400 + 7 * number]}" for number in range(SUBSCRIPTIONS)
        ]
        store.subscriptions.put(
            [
                Subscription(id=f"s{n}", query=query, channels=("log:",), since=now, changed_at=now)
                for n, query in enumerate(queries)
            ]
        )
    with _Pass(path) as work:
        for start in range(0, FIRST, BATCH):
            work.add(wire, start)


def _copy(path: Path, size: int) -> None:
    with closing(connect(path)) as db:
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -1000000")
        while (last := db.execute("SELECT max(number) FROM article").fetchone()[0]) < size:
            later = last * APART
            db.create_function("copied", 1, lambda key, mark=f"{last:06x}": key[:-6] + mark)
            db.create_function("later", 1, lambda text, by=later: stamp(moment(text) + by) if text else None)
            first = min(FIRST, size - last)
            values = {"last": last, "first": first, "later": later // timedelta(microseconds=1)}
            db.execute("BEGIN")
            for statement in _COPIES:
                db.execute(statement, {name: value for name, value in values.items() if f":{name}" in statement})
            db.execute("COMMIT")
        db.execute("PRAGMA journal_mode = WAL")


def _searches(work: _Pass, wire: _Wire) -> dict[str, float]:
    queries = {
        "two words that are rare": f"{wire.forms[9_000]} AND {wire.forms[7_000]}",
        "two words that are common": f"{wire.forms[200]} AND {wire.forms[900]}",
        "a word of the headline": f"title:{wire.forms[5_000]}",
    }
    return {
        name: _ms(lambda text=text: work.store.articles.search(Search(query=parse(text))))
        for name, text in queries.items()
    }


def _idle(work: _Pass) -> dict[str, float]:
    """What is asked once a second, with nothing to do."""
    ledger, feeds, now = work.store.ledger, work.store.feeds, datetime.now(UTC)
    until = now + timedelta(minutes=1)
    return {
        "next_due": _ms(ledger.next_due),
        "claim": _ms(lambda: ledger.claim(now=START, run_id="idle", until=until, limit=100)),
        "feeds.claim": _ms(lambda: feeds.claim(by=now, until=until)),
    }


def _ms(function: Callable[[], Any]) -> float:
    """The processor's milliseconds, the median of some calls."""
    taken = []
    for _ in range(11):
        started = time.process_time()
        function()
        taken.append((time.process_time() - started) * 1000)
    return round(median(taken), 3)


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["--at"]:
        print(json.dumps(one_size(Path(arguments[1]), int(arguments[2]))))
        return 0
    result = {"benchmark": "growth", **measure([int(one) for one in arguments] or SIZES)}
    print(json.dumps(result), flush=True)
    return 0 if result["reached"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
