"""Queries as FTS5 match expressions, and articles as the terms they are matched against."""

import re
from collections import defaultdict
from collections.abc import Iterable

from transforms.analysis import BIGRAMS, SNOWBALL, stems, terms, unstemmed, words
from transforms.query import TEXT_FIELDS, Both, Either, Not, Published, Query, Words
from transforms.records import Article

COLUMNS = (
    "title, description, keywords, body, exact_title, exact_description, exact_keywords, exact_body,"
    " author, source, language, topic, status"
)
#: Relevance weights of the columns of `words`, in their order (bm25).
WEIGHTS = (6.0, 3.0, 3.0, 1.0, 6.0, 3.0, 3.0, 1.0, 1.0, 1.0, 0.0, 1.0, 0.0)
#: Some letters stand for others with signs, ⑴ for (1), and there FTS5 would take a term apart: letters of nobody's
#: stand for the signs.
_SIGN = re.compile(r"[!-/:-@\[-`{-~]")


def columns(article: Article) -> tuple[str, ...]:
    """What the table `words` holds of an article, in the order of its columns: terms, separated by blanks."""
    texts = (article.title, article.description, ", ".join(article.keywords), article.body)
    language = article.language
    exact = [words(text, language) for text in texts]
    return (
        *(_joined(stems(found, language)) for found in exact),
        # Where nothing is stemmed the exact columns would say the same again.
        *(_joined(found) if language in SNOWBALL else "" for found in exact),
        _terms(" ".join(article.authors), ""),
        _terms(f"{article.source.name} {article.source.domain} {article.source.feed_id}", ""),
        _terms(language, ""),
        topic_terms(article),
        article.status,
    )


def topic_terms(article: Article) -> str:
    """The column `topic` alone."""
    return _terms(" ".join(tag.id for tag in article.topics), "")


def match_expression(query: Query, languages: Iterable[str]) -> str:
    """The FTS5 expression that finds what the query means in each language of the archive; more than that where it is
    not `expressible`.

    The words of a query are analysed in the language of the document they are compared with, so each way of analysing
    becomes a branch of its own, tied to its languages.
    """
    analyses: dict[str, list[str]] = defaultdict(list)
    for language in languages:
        analyses[language if language in SNOWBALL or language in BIGRAMS else ""].append(language)
    branches: dict[str, list[str]] = defaultdict(list)
    for analysis, spoken in analyses.items():
        anchor = f"language : ({' OR '.join(_quoted(_terms(name, '')) for name in spoken)})"
        branches[_branch(query, analysis, anchor, wanted=True)].append(anchor)
    return " OR ".join(f"(({' OR '.join(anchors)}) AND {branch})" for branch, anchors in branches.items())


def expressible(query: Query) -> bool:
    """Whether FTS5 can say all of a query: its NEAR asks for no order, it has no column for dates and agencies, and
    one for all names of a source, where a phrase could go from one into the next."""
    match query:
        case Words():
            return not query.slop and query.field != "agency" and not _several_of_a_source(query)
        case Published():
            return False
        case Both(parts) | Either(parts):
            return all(map(expressible, parts))
        case Not(part):
            return expressible(part)


def _several_of_a_source(sought: Words) -> bool:
    return sought.field == "source" and len(terms(sought.text, "")) > 1


def _branch(query: Query, analysis: str, anchor: str, *, wanted: bool) -> str:
    """`wanted`: whether more may be found than is meant; else less may be."""
    match query:
        case Published() | Words(field="agency"):
            return f"({anchor})" if wanted else f"(({anchor}) NOT ({anchor}))"
        case Words() if _several_of_a_source(query) and not wanted:
            return f"(({anchor}) NOT ({anchor}))"
        case Words():
            return _words(query, analysis, wanted=wanted)
        case Both(parts):
            return f"({' AND '.join(_branch(part, analysis, anchor, wanted=wanted) for part in parts)})"
        case Either(parts):
            return f"({' OR '.join(_branch(part, analysis, anchor, wanted=wanted) for part in parts)})"
        case Not(part):  # FTS5 knows NOT between two sides only; every document of the branch is on the left
            return f"(({anchor}) NOT {_branch(part, analysis, anchor, wanted=not wanted)})"


def _words(sought: Words, analysis: str, *, wanted: bool) -> str:
    if sought.field and sought.field not in TEXT_FIELDS:
        where, read_as = sought.field, ""
    else:
        exact = sought.prefix and analysis in SNOWBALL
        named = [sought.field] if sought.field else list(TEXT_FIELDS)
        where = "{" + " ".join(f"exact_{name}" if exact else name for name in named) + "}"
        read_as = unstemmed(analysis) if sought.prefix else analysis
    found = terms(sought.text, read_as)
    if sought.slop and wanted and len(found) > 1:
        # Whatever the order, so many stand between the first and the last of them at most.
        between = sought.slop + len(found) - 2
        return f"({where} : NEAR({' '.join(_quoted(_joined([term])) for term in found)}, {between}))"
    return f"({where} : {_quoted(_joined(found))}{' *' if sought.prefix else ''})"


def _terms(text: str, language: str) -> str:
    return _joined(terms(text, language))


def _joined(found: Iterable[str]) -> str:
    return _SIGN.sub(lambda sign: chr(0xE000 + ord(sign[0])), " ".join(found))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
