"""A history as text: one clause with every row that changes, or a table of many."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from sslspec.reports import history_words as words
from sslspec.reports.words import cell, held_to, plain, short_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sslspec.history import Change, History, Line, Release


def of_clause(histories: Sequence[History]) -> list[str]:
    """Return the histories of one clause, each with what changes."""
    text: list[str] = []
    for history in histories:
        (line,) = history.lines
        text += ["", *_head(history), *_says(line), *_spans(line)]
        for change in line.changes:
            text += ["", *_change(change, history.family)]
        text += _rest(history)
    return [*text[1:], "", words.CAUTION]


def table(histories: Sequence[History]) -> list[str]:
    """Return histories of many clauses: a line for each span, and how many rows are otherwise there than before."""
    text: list[str] = []
    for history in histories:
        text += ["", *_head(history)]
        for page, lines in groupby(history.lines, lambda line: line.clause.page):
            text += [f"  {page}", *_rows(list(lines))]
        text += _rest(history)
    return [*text[1:], "", "`sslspec history CLAUSE` names the rows. " + words.CAUTION]


def _head(history: History) -> list[str]:
    editions = dict.fromkeys(line.edition for line in history.lines if line.edition)
    held = ", ".join(held_to(edition) for edition in editions)
    return [f"{history.family}: {words.ran(history)}" + (f"; held to {held}" if held else "")]


def _says(line: Line) -> list[str]:
    return [f"  {line.clause.id} ({line.clause.kind})", f"  {plain(line.clause.says)}", ""]


def _spans(line: Line) -> Iterator[str]:
    spans = [(words.reach(span, line.family), cell(line.clause, span.state.result), span) for span in line.spans]
    wide = max((len(reach) for reach, _, _ in spans), default=0)
    for reach, word, span in spans:
        between = f"   not run, between equal ones: {words.some(span.unrun, line.family)}" if span.unrun else ""
        yield f"  {reach:{wide}}  {word}{between}"


def _change(change: Change, family: str) -> Iterator[str]:
    yield f"  {words.called(change.before, family)} -> {words.called(change.after, family)}{_unrun(change, family)}"
    for group in words.grouped(change):
        yield f"    {words.heading(group.kind, len(group.titles))}"
        yield f"      before  {group.before}"
        yield f"      after   {group.after}"
        yield from (f"        {title}" for title in group.titles)


def _unrun(change: Change, family: str) -> str:
    return f"   not run, so that it may be in any of them: {words.some(change.unrun, family)}" if change.unrun else ""


def _rest(history: History) -> Iterator[str]:
    troubles = [release for release in history.releases if release.trouble]
    if troubles:
        yield ""
        yield from (f"  could not be run: {release.name}: {plain(release.trouble)}" for release in troubles)
    if history.unordered:
        yield f"  run, but without a place here, because the release is unknown: {', '.join(map(plain, history.unordered))}"


def _rows(lines: Sequence[Line]) -> Iterator[str]:
    wide = max(len(short_name(line.clause)) for line in lines)
    for line in lines:
        for number, (reach, word) in enumerate(_cells(line)):
            name = "" if number else plain(short_name(line.clause))
            yield f"    {name:{wide}}  {reach}  {word}".rstrip()


def _cells(line: Line) -> list[tuple[str, str]]:
    reaches = [words.reach(span, line.family) for span in line.spans]
    wide = max(map(len, reaches), default=0)
    notes = ["", *(f"  ({_note(change, line.family)})" for change in line.changes)]
    # Without a span there is a note too many.
    cells = zip(reaches, line.spans, notes, strict=False)
    return [(f"{reach:{wide}}", cell(line.clause, span.state.result) + note) for reach, span, note in cells] or [("", "not run")]


def _note(change: Change, family: str) -> str:
    unrun: tuple[Release, ...] = change.unrun
    return words.become(change) + (f"; not run before it: {words.some(unrun, family)}" if unrun else "")
