"""How wide the columns of the terminal's matrix are, and how many tables it takes. No text is shown here.

A column of verdicts is never squeezed below its longest cell: where the implementations do not fit side by side, there are
several tables, of about as many implementations each.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A name of a clause, or of an implementation, may be broken into lines; below this many columns that is hard to read.
_NARROW_NAME = 24
_NARROW_HEAD = 9
_WIDE_HEAD = 20

#: Less than this of a clause's sentence is not worth a column.
_SENTENCE = 40


@dataclass(frozen=True, slots=True)
class Layout:
    """Widths in columns of the screen.

    tables: the implementations of each table. sentence: for the clause's sentence and its kind, 0 where there is no room.
    """

    clause: int
    gap: int
    widths: dict[str, int]
    tables: tuple[tuple[str, ...], ...]
    sentence: int


def lay_out(width: int, clause: int, cells: Mapping[str, int]) -> Layout:
    """Return how to show a matrix on `width` columns.

    clause: how long the longest name of a clause is, its mark included. cells: implementation -> its longest cell.
    """
    roomy = {name: max(longest, min(len(name), _WIDE_HEAD)) for name, longest in cells.items()}
    tight = {name: max(longest, min(len(name), _NARROW_HEAD)) for name, longest in cells.items()}
    for gap, clause_width, widths in ((2, clause, roomy), (2, clause, tight), (1, clause, tight), (1, _NARROW_NAME, tight)):
        used = min(clause, clause_width) + sum(gap + column for column in widths.values())
        if used <= width:
            rest = width - used - gap
            return Layout(min(clause, clause_width), gap, widths, (tuple(cells),), rest if rest >= _SENTENCE else 0)
    return _several(width, clause, tight)


def _several(width: int, clause: int, widths: dict[str, int]) -> Layout:
    gap = 2
    widest = max(widths.values()) + gap
    clause_width = max(1, min(clause, max(width - widest, 1)))
    fitting = max((width - clause_width) // widest, 1)
    count = -(-len(widths) // fitting)
    return Layout(clause_width, gap, widths, _evenly(tuple(widths), count), 0)


def _evenly(names: tuple[str, ...], count: int) -> tuple[tuple[str, ...], ...]:
    bounds = [len(names) * part // count for part in range(count + 1)]
    return tuple(names[start:end] for start, end in pairwise(bounds))


def folded(name: str, width: int) -> str:
    """Return `name` in lines of at most `width` characters, broken at hyphens where it has some."""
    return "\n".join(textwrap.wrap(name, width, break_on_hyphens=True)) or name
