"""How many people were killed and injured, who they were and who says so, read out of a text with the words.

A sentence that has a word of harm becomes tokens (`casualty_words`), its numbers become groups of people
(`casualty_groups`), each word of harm takes the groups before it ("12 civilians were killed") or behind it ("killed 12
civilians"; `casualty_binding`), and who says so is found beside them (`casualty_sources`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal, cast

from transforms.casualty_binding import bind, inherit
from transforms.casualty_groups import Group, Item, groups
from transforms.casualty_sources import sources
from transforms.casualty_words import Token, spelt, tokens, vocabularies
from transforms.sentences import sentences
from transforms.tags import Casualty, Evidence, TextField

#: An article that gives more is a list of attacks.
MAX_FIGURES = 20
MAX_SENTENCE = 300
_FIELDS: tuple[TextField, ...] = ("title", "description", "body")
#: Languages that count one without an article.
_NO_ARTICLE = frozenset(["ar", "ru"])


def casualties(fields: Mapping[TextField, str], language: str) -> tuple[Casualty, ...]:
    """The figures of killed and injured people that an article gives, in order, each once; at most `MAX_FIGURES`.

    A figure that comes again keeps the evidence of its first place, and takes a later attribution where it had none. A
    text of an unknown language (`und`) is read in the one whose words it has.
    """
    texts = [(field, text) for field in _FIELDS if (text := fields.get(field))]
    known = vocabularies()
    language = language.split("-")[0].lower()
    if language != "und":
        return _read(texts, language) if language in known else ()
    start = " ".join(text[:MAX_SENTENCE] for _, text in texts)
    return _read(texts, _guess(start)) if texts else ()


def _guess(text: str) -> str:
    """The language whose words a text has most of."""
    words = set(spelt(text).split())
    return max(vocabularies().items(), key=lambda one: sum(1 for word in words if one[1].lookup(word)))[0]


def _read(texts: Sequence[tuple[TextField, str]], language: str) -> tuple[Casualty, ...]:
    found: dict[tuple[str, int | None, int | None, str], Casualty] = {}
    stems = vocabularies()[language].stems
    before: Group | None = None
    for field, text in texts:
        if not _has(text, stems) and before is None:
            continue
        for start, end in sentences(text, language):
            if before is None and not _has(text[start:end], stems):
                continue
            row = tokens(text, start, end, language)
            items = groups(row, bare_nouns=field == "title" or language in _NO_ARTICLE)
            bind(items, vocabularies()[language])
            inherit(items, before)
            before = None
            for group, by in _named(items, row, title=field == "title", language=language):
                before = group
                figure = (group.kind, group.min, group.max, group.who)
                attribution = text[slice(*by)] if by else ""
                if (known := found.get(figure)) is not None:
                    if attribution and not known.attribution:
                        found[figure] = replace(known, attribution=attribution)
                elif len(found) < MAX_FIGURES:
                    found[figure] = _casualty(group, attribution, field, text, start, end)
    return tuple(found.values())


def _has(text: str, stems: Sequence[str]) -> bool:
    plain = spelt(text)
    return any(stem in plain for stem in stems)


def _casualty(group: Group, attribution: str, field: TextField, text: str, start: int, end: int) -> Casualty:
    first, last = min(group.start, group.harm[0]), max(group.end, group.harm[1])
    cut = max(start, min(first, last - MAX_SENTENCE)) if last - start > MAX_SENTENCE else start
    return Casualty(
        kind=cast(Literal["killed", "injured"], group.kind),
        min=group.min,
        max=group.max,
        who=group.who,
        attribution=attribution,
        evidence=Evidence(
            rule=group.rule,
            text=text[first:last],
            field=field,
            start=first,
            end=last,
            sentence=text[cut : min(end, cut + MAX_SENTENCE)],
        ),
    )


def _named(
    items: Sequence[Item], row: Sequence[Token], *, title: bool, language: str
) -> Iterator[tuple[Group, tuple[int, int] | None]]:
    """The groups that something befell, all with their people, and the span of who says so.

    A bare number counts the people of the group before it: "killed two soldiers and wounded three".
    """
    bound = [item for item in items if isinstance(item, Group) and item.kind]
    given = sources(row, title=title, language=language) if bound else []
    head = ""
    for group in bound:
        group.who = group.who or (group.bare and head) or "people"
        if not group.part:
            head = group.who
        yield group, min(given, key=lambda span: max(span[0] - group.end, group.start - span[1]), default=None)
