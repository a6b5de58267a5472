"""The lines of a list, and the rows of one that is CSV. A quote that nobody closed costs its own line."""

import csv
from collections.abc import Iterator
from typing import BinaryIO

#: Of a list without pages.
MAX_LINE = 1_000_000
_ADDRESS = ("http://", "https://")


class Lines:
    """The lines of a file as text. Bytes that are no UTF-8 become halves of surrogate pairs, which no text has."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        #: Of the line that was read last, from 1.
        self.number = 0

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._file.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        return line.decode(errors="surrogateescape")

    def place(self) -> tuple[int, int]:
        """Where the line after the last one is, for `go_back`."""
        return self.number, self._file.tell()

    def go_back(self, place: tuple[int, int]) -> None:
        """Read on from a place."""
        self.number = place[0]
        self._file.seek(place[1])


class _NotClosed(csv.Error):
    """A quote is open where its row must have ended."""


def rows(lines: Lines, delimiter: str, *, address_first: bool) -> Iterator[tuple[str, list[str], str]]:
    """Each row as its place, its cells, and what is wrong with it, which is empty where nothing is. After a row that
    cannot be used, the next is looked for in the line after its first one. With `address_first`, a line that begins
    with an address begins a row, whatever is open."""
    for line in lines:
        behind, wrong, cells = lines.place(), "", list[str]()
        try:
            cells = next(csv.reader(_of_row(line, lines, address_first), delimiter=delimiter, strict=True))
        except csv.Error as e:
            if isinstance(e, _NotClosed) or lines.place() != behind:
                wrong = "a quote is not closed"
                lines.go_back(behind)
            else:  # quotes inside of quotes, and the like: by itself, a line may be written loosely
                try:
                    cells = next(csv.reader(_of_row(line), delimiter=delimiter))
                except csv.Error as loose:
                    wrong = f"no CSV: {loose}"
        first, last = behind[0], lines.number
        yield f"line {first}" if first == last else f"lines {first} to {last}", cells, wrong


def _of_row(line: str, more: Lines | None = None, address_first: bool = False) -> Iterator[str]:
    """The lines that a row may have; whoever wants more of them has a quote open. Raises: csv.Error."""
    yield line
    for next_line in more or ():
        if address_first and next_line.startswith(_ADDRESS):
            break
        yield next_line
    raise _NotClosed("a quote is not closed")
