"""How evidence looks: the words that speak for a topic, and against it, marked where they stand.

Whatever is printed goes through here or `rich.text.Text`: text from the web is never markup, and moves no cursor.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from transforms.matching import Snippet, merged, snippet
from transforms.records import Article, text_fields
from transforms.tags import Casualty, Evidence, TextField, TopicTag
from transforms.text import harmless

MARK = "bold yellow"
#: A longer stretch of text is cut around its words.
MAX_SHOWN = 300
#: Different words of a topic that are shown in a list of articles.
MAX_WORDS = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence with the words of evidence in it."""

    field: TextField
    #: The rules that fired (or were kept from firing) there.
    rules: tuple[str, ...]
    snippet: Snippet

    def data(self) -> dict[str, object]:
        """For a program."""
        return {"field": self.field, "rules": self.rules, "text": self.snippet.text, "spans": self.snippet.spans}


def sentences(article: Article, evidence: Iterable[Evidence]) -> list[Shown]:
    """The sentences of an article that have words of the evidence, in order."""
    fields = text_fields(article)
    found: dict[tuple[TextField, int, int], list[Evidence]] = {}
    for one in evidence:
        found.setdefault((one.field, *_sentence(fields[one.field], one)), []).append(one)
    shown = []
    for (field, start, end), inside in sorted(
        found.items(), key=lambda item: (list(fields).index(item[0][0]), item[0])
    ):
        spans = merged((max(one.start, start) - start, min(one.end, end) - start) for one in inside)
        rules = tuple(dict.fromkeys(one.rule for one in inside))
        text = fields[field][start:end]
        cut = Snippet(text, tuple(spans)) if len(text) <= MAX_SHOWN else snippet(text, spans)
        shown.append(Shown(field, rules, cut))
    return shown


def _sentence(text: str, one: Evidence) -> tuple[int, int]:
    """The span of the sentence that evidence names; of the whole text where it names none, or one cut before it."""
    at = text.find(one.sentence, max(0, one.start - len(one.sentence) + 1)) if one.sentence else -1
    return (at, at + len(one.sentence)) if 0 <= at <= one.start else (0, len(text))


def marked(snippet: Snippet, base: str = "") -> Text:
    """A snippet with its matches in colour, or between ** where there is none."""
    plain = not sys.stdout.isatty()
    written = harmless(snippet.text)
    text, at = Text(style=base), 0
    for start, end in snippet.spans:
        text.append(written[at:start])
        text.append(f"**{written[start:end]}**" if plain else written[start:end], style=MARK)
        at = end
    text.append(written[at:])
    return text


def named(tag: TopicTag) -> str:
    """A topic with its stance, as `--topic` takes it."""
    return tag.id if tag.stance == "stated" else f"{tag.id}:{tag.stance}"


def words(evidence: Sequence[Evidence]) -> str:
    """A few of the words of evidence, each once."""
    different: dict[str, str] = {}
    for one in evidence:
        text = " ".join(one.text.split())
        different.setdefault(text.casefold(), text)
    return harmless(", ".join(list(different.values())[:MAX_WORDS]))


def figure(casualty: Casualty) -> str:
    """A figure in short: "at least 12 killed (civilians), the Observatory"."""
    least, most = casualty.min, casualty.max
    if most is None:
        number = f"at least {least:,}" if least is not None else "some"
    elif least is None:
        number = f"up to {most:,}"
    else:
        number = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    who = "" if casualty.who == "people" else f" ({casualty.who})"
    source = f", {casualty.attribution}" if casualty.attribution else ""
    return harmless(f"{number} {casualty.kind}{who}{source}")


def proof_lines(shown: Iterable[Shown], indent: str, *, sign: str = "") -> Iterator[Text]:
    """A line for each sentence: what it is of, the rules, and its words, marked."""
    for one in shown:
        style = {"-": "red", "+": "green"}.get(sign, "dim")
        head = f"{indent}{sign}{' ' if sign else ''}{one.field} ({', '.join(one.rules)}): "
        yield Text.assemble((head, style), marked(Snippet(one.snippet.text.replace("\n", " "), one.snippet.spans)))


def for_and_against(article: Article, tag: TopicTag, indent: str) -> Iterator[Text]:
    """What the rules of a topic found in an article, and what counted against it."""
    yield from proof_lines(sentences(article, tag.evidence), indent, sign="+")
    yield from proof_lines(sentences(article, tag.against), indent, sign="-")


def marked_fields(article: Article) -> dict[TextField, Snippet]:
    """The fields of an article that are not empty, with all words that speak for its topics and figures."""
    proofs = [one for tag in article.topics for one in tag.evidence] + [one.evidence for one in article.casualties]
    return {
        field: Snippet(text, tuple(merged((one.start, one.end) for one in proofs if one.field == field)))
        for field, text in text_fields(article).items()
        if text
    }


def article_lines(article: Article) -> Iterator[Text]:
    """`marked_fields`, as lines."""
    for field, found in marked_fields(article).items():
        whole = marked(found, base="bold" if field == "title" else "")
        yield Text.assemble((f"{field}: ", "dim"), whole) if field in ("description", "keywords") else whole
