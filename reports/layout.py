"""How wide the columns of the terminal's matrix are, and whether it fits on the screen at all. No text is shown here.

A column of verdicts is never squeezed below its longest cell: where the implementations do not fit side by side in words, a sign
stands for each cell, and where not even those fit, there are several tables of them.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: A name of a clause, or of an implementation, may be broken into lines; below this many columns that is hard to read.
_NARROW_NAME = 24
_NARROW_HEAD = 9
_WIDE_HEAD = 20

#: A clause's name is broken into lines before fewer signs than these are to stand side by side.
_FEWEST_SIGNS = 40

#: Less than this of a clause's sentence is not worth a column.
_SENTENCE = 40


@dataclass(frozen=True, slots=True)
class Layout:
    """Widths in columns of the screen.

    widths: of each implementation's column. sentence: for the clause's sentence and its kind, 0 where there is no room.
    """

    clause: int
    gap: int
    widths: dict[str, int]
    sentence: int


@dataclass(frozen=True, slots=True)
class Signs:
    """Where a cell is one sign.

    tables: the implementations of each table, those of a family side by side. gap: what stands between a clause and its signs.
    sentence: as for Layout.
    """

    clause: int
    gap: str
    tables: tuple[tuple[tuple[str, ...], ...], ...]
    sentence: int


def lay_out(width: int, clause: int, cells: Mapping[str, int]) -> Layout | None:
    """Return how to show a matrix in words on `width` columns, None where the implementations do not fit side by side.

    clause: how long the longest name of a clause is, its mark included. cells: implementation -> its longest cell.
    """
    roomy = {name: max(longest, min(len(name), _WIDE_HEAD)) for name, longest in cells.items()}
    tight = {name: max(longest, min(len(name), _NARROW_HEAD)) for name, longest in cells.items()}
    for gap, clause_width, widths in ((2, clause, roomy), (2, clause, tight), (1, clause, tight), (1, _NARROW_NAME, tight)):
        used = min(clause, clause_width) + sum(gap + column for column in widths.values())
        if used <= width:
            return Layout(min(clause, clause_width), gap, widths, _room(width - used - gap))
    return None


def lay_out_signs(width: int, clause: int, families: Mapping[str, str]) -> Signs:
    """Return how to show a matrix in signs on `width` columns; families: implementation -> its family."""
    gap = "  "
    clause_width = max(1, min(clause, max(width - len(gap) - _FEWEST_SIGNS, _NARROW_NAME), width - len(gap) - 1))
    room = width - clause_width - len(gap)
    tables: list[tuple[tuple[str, ...], ...]] = [()]
    for _, group in groupby(families, lambda name: families[name]):
        for part in batched(tuple(group), room):
            if tables[-1] and _signs(tables[-1]) + 1 + len(part) > room:
                tables.append(())
            tables[-1] = (*tables[-1], part)
    return Signs(clause_width, gap, tuple(tables), _room(room - max(map(_signs, tables)) - len(gap)))


def _signs(groups: tuple[tuple[str, ...], ...]) -> int:
    return sum(map(len, groups)) + len(groups) - 1


def _room(rest: int) -> int:
    return rest if rest >= _SENTENCE else 0


def batched(names: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    """Return `names` in parts of at most `size`."""  # itertools has it from Python 3.12 on
    return (names[start : start + size] for start in range(0, len(names), size))


def cut(text: str, width: int) -> str:
    """Return as much of `text` as fits, with dots that any encoding has."""
    if cell_len(text) <= width:
        return text
    return f"{text[: max(width - 4, 0)].rsplit(' ', 1)[0]} ..."


def folded(name: str, width: int) -> str:
    """Return `name` in lines of at most `width` characters, broken at hyphens where it has some."""
    return "\n".join(textwrap.wrap(name, width, break_on_hyphens=True)) or name
