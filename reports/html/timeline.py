"""The history of each family of a record, as bars: releases that do the same about a clause, side by side, are one.

Everything here was run; a page is made of a record, and a record has nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sslspec.history import History, families, history, seen_clauses
from sslspec.reports import history_words as words
from sslspec.reports.html.view import Cell, cell_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sslspec.clauses import Clause
    from sslspec.history import Change, Line, Span
    from sslspec.record import Results

#: Headings of the clauses that change -> whether something is done otherwise there.
_GROUPS = {"done otherwise, or with another verdict": True, "only more or less of it is seen": False}


@dataclass(frozen=True, slots=True)
class Bar:
    """Releases that do the same: what that is, how many they are, from which to which, and the name of the first."""

    cell: Cell
    width: int
    reach: str
    first: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes of the rows of a clause between two releases: in numbers, and as labels and texts."""

    title: str
    number: str
    groups: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """A clause: its bars, oldest first, and what changes between them."""

    clause: Clause
    bars: tuple[Bar, ...]
    changes: tuple[Changes, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A family: its releases, the clauses that change, under headings, and those that are the same in all of them."""

    family: str
    ran: str
    heads: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Bars, ...]], ...]
    same: tuple[Clause, ...]
    unordered: tuple[str, ...]


def timelines(results: Results) -> tuple[Timeline, ...]:
    """Return the history of each family of which two releases or more were run."""
    found = (history(family, seen_clauses(results, family), [results]) for family in families(results.record))
    return tuple(_timeline(results, each) for each in found if len(each.run) > 1)


def _timeline(results: Results, of: History) -> Timeline:
    return Timeline(
        family=of.family,
        ran=words.ran(of),
        heads=tuple(words.called(release, of.family) for release in of.run),
        groups=tuple(_groups(results, of)),
        same=tuple(line.clause for line in of.lines if not line.changes),
        unordered=of.unordered,
    )


def _groups(results: Results, of: History) -> Iterator[tuple[str, tuple[Bars, ...]]]:
    for title, differs in _GROUPS.items():
        clauses = tuple(_bars(results, line) for line in of.lines if line.changes and line.differs is differs)
        if clauses:
            yield title, clauses


def _bars(results: Results, line: Line) -> Bars:
    bars = tuple(_bar(results, line, span) for span in line.spans)
    return Bars(line.clause, bars, tuple(_changes(change, line.family) for change in line.changes))


def _bar(results: Results, line: Line, span: Span) -> Bar:
    cells = [cell_of(results, line.clause, release.name) for release in span.releases]
    # What is known of some of them only is shown as what somebody has to look at.
    return Bar(next((cell for cell in cells if cell.new), cells[0]), len(cells), words.reach(span, line.family), span.first.name)


def _changes(change: Change, family: str) -> Changes:
    groups = tuple((("before", each.before), ("after", each.after), ("rows", "; ".join(each.titles))) for each in words.grouped(change))
    return Changes(f"{words.called(change.before, family)} \u2192 {words.called(change.after, family)}", words.become(change), groups)
