"""Lucene syntax as Kibana and Elasticsearch read it (`query_string`), in ours.

Two things differ. Words without an operator are alternatives: `syria idlib` is `syria OR idlib`; beside words with +
or AND they only raise the score, and `+syria idlib -sport` is `syria AND NOT sport`. And fields are those of the
indices: `source.name` for `source`. What AND, OR and parentheses say is as written.
"""

from collections.abc import Sequence

from luqum import tree as lucene
from luqum.auto_head_tail import auto_head_tail
from luqum.exceptions import ParseError
from luqum.thread import parse as parse_lucene

from transforms.errors import QueryError
from transforms.kql import NAMES
from transforms.query import MAX_QUERY, Query, parse
from transforms.shapes import PLUS, spelt
from transforms.tags import topic_of


def read(text: str) -> Query:
    """The tree of a query. Raises: QueryError, with the position in the text that it names."""
    if len(text) > MAX_QUERY:
        raise QueryError(f"{text[:60]}…", f"the query is longer than {MAX_QUERY} characters")
    in_words, at = spelt(text)
    try:
        tree = parse_lucene(in_words)
    except (ParseError, ValueError, ArithmeticError, RecursionError):
        return parse(text)  # says what is wrong, and where
    try:
        return parse(str(auto_head_tail(_meant(tree, [text[place : place + 1] for place in at]))))
    except RecursionError as e:
        raise QueryError(f"{text[:60]}…", "the query is nested too deeply") from e


def _meant(node: lucene.Item, typed: Sequence[str]) -> lucene.Item:
    """`typed`: what was typed at each place of the text that was parsed."""
    children = [_meant(child, typed) for child in node.children]
    if isinstance(node, lucene.UnknownOperation):
        return _joined(children)
    if isinstance(node, lucene.Not) and typed[node.pos] == PLUS:
        return lucene.Plus(*children)
    if isinstance(node, lucene.SearchField):
        if node.name == "marks" and topic_of(asked := str(node.expr).strip('"')) != asked:
            said = "stances and rules are not words; subscribe to the topic as TOPIC:STANCE, --topic"
            raise QueryError(str(node), said)
        return lucene.SearchField(NAMES.get(node.name, node.name), children[0])
    made = node.clone_item()
    made.children = children
    return made


def _joined(parts: Sequence[lucene.Item]) -> lucene.Item:
    """Parts without an operator between them."""
    must = [part for part in parts if isinstance(part, (lucene.Plus, lucene.AndOperation))]
    never = [part for part in parts if isinstance(part, lucene.Not)]
    may = [part for part in parts if part not in must and part not in never]
    if not must and may:
        either = may[0] if len(may) == 1 else lucene.OrOperation(*may)
        if not never:
            return either
        must = [lucene.Group(either)]
    all_of = [*must, *never]
    return all_of[0] if len(all_of) == 1 else lucene.AndOperation(*all_of)
