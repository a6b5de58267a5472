"""YAML as people write it by hand: text, lists and tables, and nothing that one line could make endless."""

from typing import Any

import yaml

#: No file that is written by hand is nested so deeply; the parser's own recursion, in C, ends the process.
MAX_DEPTH = 100
#: Reads nothing but text, lists and tables: `no` is Norwegian, `false` a word that denies, 1944 a year in a phrase.
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def check(text: str) -> None:
    """Whether a document may be read at all. Raises: yaml.YAMLError, with the place: it is no YAML; it is nested more
    than MAX_DEPTH deep; it has an alias, a few lines of which are a document of gigabytes."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        mark: Any = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="an alias (*name) is not read here", problem_mark=mark)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise yaml.MarkedYAMLError(problem="it is nested too deeply", problem_mark=mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def compose(text: str) -> yaml.Node | None:
    """A document with its places; None for an empty one. Raises: yaml.YAMLError, as `check` does."""
    check(text)
    found: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    return found


def data(node: yaml.Node | None) -> Any:
    """The text, lists and tables of a node. Raises: yaml.YAMLError for a key that is there twice, which YAML itself
    does not see, and for one that is no word."""
    match node:
        case yaml.MappingNode():
            made: dict[str, Any] = {}
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise yaml.MarkedYAMLError(problem="a key must be a word", problem_mark=key.start_mark)
                if key.value in made:
                    raise yaml.MarkedYAMLError(problem=f"{key.value!r} is there twice", problem_mark=key.start_mark)
                made[key.value] = data(value)
            return made
        case yaml.SequenceNode():
            return [data(one) for one in node.value]
        case yaml.ScalarNode():
            return node.value
        case _:
            return None
