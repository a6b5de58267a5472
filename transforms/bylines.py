"""Single names of people out of bylines and author values, in the languages the wire reads.

A byline is cut at its marks and at its "and", what announces a name ("By", "Von", "記者") and what follows it (titles,
outlets, places, dates) is taken off, and what is left must read like a name. The tables are our own, from how papers
sign their copy. Rather no name than a wrong one.
"""

import re
from collections.abc import Iterable, Iterator

from transforms.agencies import is_agency
from transforms.byline_names import (
    MAX_WORDS,
    eastern_names,
    has_role,
    is_nobody,
    is_small,
    name_in,
    own_names,
    squeezed,
    written_out,
)
from transforms.byline_words import (
    ADDRESS,
    AND,
    BRACKETS,
    COMMAS,
    DASH,
    DIGIT,
    EAST,
    EAST_LABEL,
    GLUED,
    HARD,
    JOINED_AND,
    JOINING,
    KNOWN,
    LABEL_STARTS,
    MARK,
    MARKS_OF_DIRECTION,
    MAYBE_AND,
    OTHERS,
    PARTICLES,
    REPORTER,
    SUFFIX,
    SURNAME_FIRST,
    WRITING,
)
from transforms.text import one_line, plain_text

#: A longer author value is no list of authors, a longer visible byline is prose.
MAX_VALUE, MAX_VISIBLE = 2_000, 300
#: Words in small letters ("in", "min read", "de diciembre de") that a byline may hold before it is prose.
MAX_SMALL = 8
#: A byline that only its own words announce is no longer than this, and begins with one of these: fewer than stand
#: where an element's name already says that it is a byline.
MAX_ANNOUNCED = 120
#: So many paragraphs at the beginning and the end of a text may be its byline.
SIGNED_FIRST, SIGNED_LAST = 2, 3
_ANNOUNCES = re.compile(
    r"""(?:(?:(?:written|reported|story|words|analysis|posted.{0,40})\ )?by|von|par|por|escrito\ por|texto\ de|door
    |av|af
    |tekst(?:i|\ av|\ af|\ door)?|text[eo]?|autor\w{0,3}|autrice|authors?|автор\w{0,3}|автор\ текста|текст|від|oleh
    |penulis|yazan|írta|szerzők?|scris\ de|editor|kirjoittanut|napsala?|लेखक|بقلم|كتب|كتبت|نوشته|מאת|ผู้เขียน|โดย|文字?
    |記者|记者|撰文)(?:\s*[:：/／]\s*|\s+)(?=\S)""",
    re.IGNORECASE | re.VERBOSE,
)
_PICTURED = re.compile("[攝摄撮]|사진|فوتو|फोटो")
#: Chinese copy begins with it: "〔記者王小明、花孟璟／花蓮報導〕受連日…", "新华社武汉11月18日电（记者周云帆）17日…".
_LEAD = re.compile(r"[^（(〔【\s]{0,20}[（(〔【]((?:記者|记者)[^）)〕】]{2,40})[）)〕】]")


def people(texts: Iterable[str], *, outlet: str = "", domain: str = "") -> tuple[str, ...]:
    """The people that author values name, each once, in their order: "By Ann Lee and Bo Chan, Reuters" gives two.

    `outlet` and `domain` are whose page it is: a paper that signs with its own name is nobody. "Lee, Ann" alone is one
    person, surname first. Titles such as Dr go where two words follow. A single word is a name ("Madonna") only where
    no longer name stands beside it. A name in capitals is written out: "ANN LEE" gives "Ann Lee".
    """
    own = own_names(outlet, domain)
    found: dict[str, str] = {}
    for text in texts:
        for name in _read(text[:MAX_VALUE], own)[0]:
            found.setdefault(name.casefold(), name)
    return tuple(found.values())


def from_visible(text: str, *, outlet: str = "", domain: str = "") -> tuple[str, ...]:
    """The people of a byline as a reader sees it, or () unless all of `text` can be told: names, titles, dates.

    Stricter than `people`: names have two words, or a reporter's mark in Chinese, Japanese and Korean.
    """
    if len(text) > MAX_VISIBLE:
        return ()
    names, clear = _read(text, own_names(outlet, domain), visible=True)
    clear &= sum(map(is_small, text.split())) <= MAX_SMALL
    return tuple({name.casefold(): name for name in reversed(names)}.values())[::-1] if clear else ()


def announced(text: str, *, outlet: str = "", domain: str = "") -> tuple[str, ...]:
    """The people of a line that nothing marks as a byline but its own words: "By Ann Lee", "(Reporting by …; Editing
    by …)", "記者王小明／花蓮報導", also where a story begins with that; or ()."""
    if (lead := _LEAD.match(text)) and not _PICTURED.search(lead[1]):
        return people([lead[1]], outlet=outlet, domain=domain)
    line = text.strip(" ()[]（）〔〕【】")
    if len(line) > MAX_ANNOUNCED or _PICTURED.search(line) or not (_ANNOUNCES.match(line) or REPORTER.search(line)):
        return ()
    names = from_visible(line, outlet=outlet, domain=domain)
    return tuple(name for name in names if " " in name or EAST.search(name))


def signed(body: str, *, outlet: str = "", domain: str = "") -> tuple[str, ...]:
    """The people who sign at the beginning or the end of a text."""
    lines = body.split("\n")
    ends = [*lines[:SIGNED_FIRST], *lines[SIGNED_FIRST:][-SIGNED_LAST:]]
    return next((names for line in ends if (names := announced(line, outlet=outlet, domain=domain))), ())


def is_person(name: str) -> bool:
    """Whether `name` reads like one person's full name and nothing else."""
    name = one_line(name[:MAX_VISIBLE])
    if EAST.search(name):
        return eastern_names(name) == [name] and not REPORTER.search(name)
    return _read(name, frozenset(), visible=True)[0] in ([name], [written_out(name)]) and " " in name


def _read(text: str, own: frozenset[str], *, visible: bool = False) -> tuple[list[str], bool]:
    """The names in `text`, and whether all the rest of it is understood."""
    text = ADDRESS.sub(_without_address, plain_text(text))
    if visible:
        text = GLUED.sub("\n", text)
    if not text.isascii():
        text = EAST_LABEL.sub(r"\1\2：", text.translate(MARKS_OF_DIRECTION))
    names: list[str] = []
    clear = True
    for segment in () if squeezed(text) in own else HARD.split(text):
        known = len(names)
        for piece in DASH.split(segment):
            if any(" " in name for name in names[known:]) and not MARK.search(piece):
                break  # what follows the dash after a name is where they work
            for credited, run in _credits(_without_brackets(piece)):
                for part in _parts(run, swap=not visible):
                    if EAST.search(part):
                        credited = credited or bool(REPORTER.search(run))
                        names += eastern_names(part) if credited or not visible else ()
                        clear &= credited
                        continue
                    name, understood = name_in(part, own, later=bool(names), visible=visible)
                    clear &= understood
                    names += [name] if name else []
                    if names and DIGIT.search(part):
                        break  # what comes after the date has nothing to do with authors
    # Beside a full name a single word is a place, a paper or a button.
    full = [name for name in names if " " in name or EAST.search(name)]
    return full or ([] if visible else names), clear


def _without_address(found: re.Match[str]) -> str:
    """What an address leaves: "Ann Lee@annlee" keeps the name, "ann@wire.example" nothing."""
    handle = found[2] is not None and "." not in found[2]
    return f"{found[1]}\n" if handle else "\n"


def _without_brackets(piece: str) -> str:
    """`piece` without what stands in brackets, unless there is nothing else."""
    if inner := BRACKETS.search(piece):
        bare = BRACKETS.sub(" ", piece)
        return bare if bare.strip(" ,.") else inner[1]
    return piece


def _credits(piece: str) -> Iterator[tuple[bool, str]]:
    """The runs of a piece that credit authors, and whether a label says so; other people's runs are left out."""
    start, wanted, labelled = 0, True, False
    for mark in MARK.finditer(piece):
        head = piece[start : mark.start()]
        if mark[0] in "=＝" and REPORTER.search(head):  # "홍길동 기자 = ...": what follows is the story
            yield True, head
            return
        label = LABEL_STARTS.split(head)[-1]
        before, words = head[: len(head) - len(label)], label.split()
        # "Text: Ann Lee Foto: Bo Chan": the last words are the label, those before belong to the run before.
        said = len(words)
        while said and (words[said - 1].casefold() in JOINING or _credit_word(words[said - 1])):
            said -= 1
        if 1 < said < len(words):
            before += " ".join(words[:said])
        if wanted:
            yield labelled, before
        labelled, wanted = True, not OTHERS.search(label.casefold()) or bool(WRITING.search(label.casefold()))
        start = mark.end()
    if wanted:
        yield labelled, piece[start:]


def _credit_word(word: str) -> bool:
    return bool(OTHERS.search(word.casefold()) or WRITING.search(word.casefold()))


def _parts(run: str, *, swap: bool) -> Iterator[str]:
    """The pieces of a run that may be one name each."""
    run = SUFFIX.sub(" ", REPORTER.sub("、", run) if EAST.search(run) else run)
    if swap and (turned := SURNAME_FIRST.fullmatch(run)) and turned[1].isupper() == turned[2].isupper():
        pair = (turned[1], turned[2])
        if not any(is_nobody([word]) or is_agency(word) or has_role(word) or not word[0].isupper() for word in pair):
            run = f"{turned[2]} {turned[1]}"
    for piece in COMMAS.split(run):
        joined = JOINED_AND.fullmatch(piece)
        for part in joined.groups() if joined else AND.split(f" {piece} "):
            for mark in MAYBE_AND.finditer(part):
                left, right = part[: mark.start()], part[mark.end() :].strip()
                meant = part.isupper() or mark[1].islower()  # E may be an initial
                if meant and right.casefold() not in KNOWN and _is_full(left) and _is_full(right):
                    yield left
                    part = right  # a list has commas: no third name is looked for
                    break
            if part.strip():
                yield part


def _is_full(text: str) -> bool:
    words = [word for word in text.split()[:MAX_WORDS] if word.casefold() not in PARTICLES]
    return len(words) > 1 and not is_small(words[0]) and not is_small(words[1])
