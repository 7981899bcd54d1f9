"""What the page's script reads: every row of the record, small enough for a page.

Texts are kept once and named by their place among them, evidence as the places of its lines: the rows of a release differ little
from those of the next. The script shows them as text, never as HTML.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sslspec.record import Results
from sslspec.reports import words
from sslspec.reports.html.view import PROTOCOL, cell_of, columns, linked, protocols, shown_lines
from sslspec.reports.words import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sslspec.evidence import Event
    from sslspec.record import Record, Row
    from sslspec.reports.html.programs import Programs


def embedded(record: Record, programs: Programs) -> str:
    """Return the data as JSON that can stand in an HTML page as it is.

    texts, lines: everything that is written. evidence: sequences of places in `lines`. templates: what the rows of all implementations
    have in common: feature and line, title, clauses (by place), control, undefined. rows: implementation -> [template, verdict, reason,
    expected, observed, answer, evidence, broken invariants ([clause, text]), known deviations]. cells: protocol ("" for all) -> clause ->
    implementation, by place -> [text, classes] by place in `marks`. reproducers: clause, by place -> implementation -> program, by
    place. code, parts, programs: see Programs.kept; the page's findings name programs by their places, too.
    """
    pool = _Pool(record)
    rows: dict[str, list[Any]] = {plain(name): [] for name in record.names()}
    for row in record.rows:
        rows[plain(row.implementation)].append(pool.row(row))
    names = [identity.name for _, group in columns(record) for identity in group]
    cells = {plain(variant): pool.cells(_with(record, variant), names) for variant in ("", *protocols(record.rows))}
    document = {
        "implementations": [plain(name) for name in names],
        "clauses": [plain(clause.id) for clause in record.clauses],
        "says": [plain(clause.says) for clause in record.clauses],
        "rows": rows,
        "cells": cells,
        "known": [pool.known(entry) for entry in record.compared.entries],
        "texts": list(pool.texts),
        "lines": list(pool.lines),
        "evidence": [list(places) for places in pool.evidence],
        "templates": [list(template) for template in pool.templates],
        "marks": [list(mark) for mark in pool.marks],
        "reproducers": programs.by_cell(clause.id for clause in record.clauses),
        **programs.kept(),
    }
    text = json.dumps(document, separators=(",", ":"))
    # Where a browser looks for the end of a script, or of a comment in it, no such sign may be.
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _with(record: Record, protocol: str) -> Record:
    rows = tuple(row for row in record.rows if not protocol or (PROTOCOL, protocol) in row.example)
    return replace(record, rows=rows)


class _Pool:
    """Everything that is kept once, with its place."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._clauses = {clause.id: place for place, clause in enumerate(record.clauses)}
        self._known = {entry.name: place for place, entry in enumerate(record.compared.entries)}
        self._read: dict[int, tuple[tuple[Event, ...], int]] = {}
        self.texts: dict[str, int] = {"": 0}
        self.lines: dict[str, int] = {}
        self.evidence: dict[tuple[int, ...], int] = {}
        self.templates: dict[tuple[Any, ...], int] = {}
        self.marks: dict[tuple[str, str], int] = {}

    def row(self, row: Row) -> list[Any]:
        clauses = tuple(self._clauses[clause] for clause in row.clauses)
        template = (f"{plain(row.feature)}:{row.line}", plain(row.title), clauses, int(row.control), int(row.undefined))
        broken = [[self._clauses[each.clause], self._text(each.broken)] for each in row.invariants if each.broken]
        return [
            _place(self.templates, template),
            *(self._text(text) for text in (row.verdict.value, row.reason, row.expected, row.observed, row.answer)),
            self._evidence(row),
            broken,
            [self._known[name] for name in row.known],
        ]

    def cells(self, record: Record, names: Sequence[str]) -> dict[str, list[int]]:
        results = Results(record)
        found = {}
        for clause in words.shown_clauses(results, record.edition):
            cells = [cell_of(results, clause, name) for name in names]
            found[plain(clause.id)] = [_place(self.marks, (cell.text, cell.classes)) for cell in cells]
        return found

    def known(self, entry: Any) -> list[list[str]]:  # a KnownDeviation
        """Return what is known, as labels and texts, and 1 behind what may be a link."""
        return [[label, plain(text), "1" if linked(text) else ""] for label, text in words.explained(entry)]

    def _text(self, text: str) -> int:
        return _place(self.texts, plain(text))

    def _evidence(self, row: Row) -> int:
        # Rows that share their evidence share the very object, where the record was read from a file.
        kept = self._read.get(id(row.evidence))
        if kept is None:
            places = tuple(_place(self.lines, line) for line in shown_lines(row))
            kept = self._read[id(row.evidence)] = (row.evidence, _place(self.evidence, places))
        return kept[1]


def _place(places: dict[Any, int], value: Any) -> int:
    return places.setdefault(value, len(places))
