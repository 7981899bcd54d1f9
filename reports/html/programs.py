"""The C programs of a page: one for each finding and for each cell that deviates, with what they have in common kept once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from sslspec.errors import UsageError
from sslspec.reports.reproducer import program
from sslspec.reports.reproducer.case import all_cases
from sslspec.reports.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sslspec.record import Record
    from sslspec.reports.reproducer import Case, Program


class Shown(NamedTuple):
    """A program of the page: its place among all, and what can be read of it without a script: main, with its objects."""

    place: int
    text: str


class Programs:
    """The programs of a record, made when the first asks for them; those of which none can be made are left out."""

    def __init__(self, record: Record) -> None:
        self._cases = all_cases(record)
        self._places: dict[tuple[str, str, str], int] = {}
        self._made: list[Program] = []

    def of_finding(self, implementation: str, clause: str, row: str) -> Shown | None:
        """Return the program for what a row (its key) holds against an implementation with regard to a clause, None for none."""
        found = self._cases.get((implementation, clause), [])
        place = self._place([case for case in found if case.row.key == row], len(found) - 1)
        if place is None:
            return None
        return Shown(place, self._made[place].head[-1])

    def by_cell(self, clauses: Iterable[str]) -> dict[int, dict[str, int]]:
        """Return clause (its place among `clauses`) -> implementation -> the place of the program for the first case of both."""
        found: dict[int, dict[str, int]] = {}
        ranks = {clause: rank for rank, clause in enumerate(clauses)}
        for (implementation, clause), cases in self._cases.items():
            place = self._place(cases, len(cases) - 1)
            if place is not None:
                found.setdefault(ranks[clause], {})[plain(implementation)] = place
        return found

    def kept(self) -> dict[str, list[object]]:
        """Return all programs that were asked for: lines, parts as places of lines, programs as places of parts."""
        lines: dict[str, int] = {}
        parts: dict[tuple[int, ...], int] = {}
        programs: list[object] = []
        for made in self._made:
            of_parts = (tuple(lines.setdefault(line, len(lines)) for line in part.splitlines()) for part in made.parts)
            programs.append([parts.setdefault(part, len(parts)) for part in of_parts])
        return {"code": list(lines), "parts": [list(part) for part in parts], "programs": programs}

    def _place(self, cases: list[Case], others: int) -> int | None:
        for case in cases:
            key = (case.identity.name, case.clause.id, case.row.key)
            if key not in self._places:
                with suppress(UsageError):
                    self._made.append(program(case, others))
                    self._places[key] = len(self._made) - 1
            if key in self._places:
                return self._places[key]
        return None
