"""The terminal's matrix: clauses by implementations, with the totals of each implementation below its column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from sslspec.clauses import Kind
from sslspec.reports.layout import cut, folded, lay_out
from sslspec.reports.words import (
    CHANGED,
    KEPT,
    KNOWN,
    SHORT,
    by_page,
    cell,
    heads,
    kept_by_edition,
    plain,
    short_name,
    shown_clauses,
    totals,
)
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from sslspec.clauses import Clause
    from sslspec.record import Results
    from sslspec.reports.layout import Layout

#: Stands before the name of a clause, because a matrix is also read where there is no room for the kind in words.
MARKS = {Kind.RULE: "  ", Kind.READING: "~ ", Kind.QUESTION: "? ", Kind.OBLIGATION: "! "}
MARKS_EXPLAINED = "~ one reading of a sentence that allows several; ? what the page leaves open"

STYLES = {
    SHORT[Verdict.CONFORMS]: "green",
    SHORT[Verdict.ANSWERED]: "cyan",
    SHORT[Verdict.DEVIATES]: "bold red",
    SHORT[Verdict.CRASHES]: "bold magenta",
    SHORT[Verdict.HANGS]: "bold magenta",
    SHORT[Verdict.ERROR]: "bold white on red",
    **dict.fromkeys(KNOWN.values(), "yellow"),
}

KIND_WIDTH = max(len(kind) for kind in (Kind.RULE, Kind.READING, Kind.QUESTION))

#: Rows of the totals that stand for all rows below them, to the next of these.
_SUMS = ("checked", "not checked", "error of the suite")


def matrix(results: Results, edition: str, width: int) -> Table | None:
    """Return the table that shows all clauses of `edition` in words, None where they do not fit on `width` columns or there are none."""
    names = results.record.names()
    clauses = shown_clauses(results, edition)
    if not clauses:
        return None
    cells = {name: max(len(cell(clause, results.of(name, clause.id))) for clause in clauses) for name in names}
    # A name may be broken anywhere, an edition below it at its hyphens only.
    above = {name: heads(results.record, name, edition) for name in names}
    cells = {name: max([wide, *(len(part) + 1 for line in above[name][1:] for part in line.split("-"))]) for name, wide in cells.items()}
    labels = [KEPT, *map(_marked, clauses), *(clause.page for clause in clauses), *map(_total, totals(results, names[0], edition))]
    layout = lay_out(width, max(map(len, labels)), cells)
    if layout is None:
        return None
    table = _frame(layout, above)
    _add_clauses(table, layout, names, results, clauses)
    _add_totals(table, names, results, edition)
    return table


def _frame(layout: Layout, shown: dict[str, list[str]]) -> Table:
    table = Table(box=None, padding=(0, layout.gap, 0, 0), pad_edge=False, show_edge=False, header_style="bold")
    table.add_column(Text("clause"), width=layout.clause, overflow="fold", vertical="top")
    for name, lines in shown.items():
        head = "\n".join(folded(plain(line), layout.widths[name]) for line in lines)
        table.add_column(Text(head), width=layout.widths[name], no_wrap=True, overflow="fold")
    if layout.sentence:
        table.add_column(Text("kind"), width=KIND_WIDTH, no_wrap=True)
        table.add_column(Text("what it says"), width=layout.sentence - KIND_WIDTH - layout.gap, no_wrap=True)
    return table


def _add_clauses(table: Table, layout: Layout, shown: tuple[str, ...], results: Results, clauses: list[Clause]) -> None:
    for page, of_page in by_page(clauses).items():
        table.add_row("")
        table.add_row(Text(page, style="bold"))
        for clause in of_page:
            row = [Text(folded(_marked(clause), layout.clause))]
            row += [_coloured(cell(clause, results.of(name, clause.id))) for name in shown]
            if layout.sentence:
                room = layout.sentence - KIND_WIDTH - layout.gap
                row += [Text(clause.kind.value, style="dim"), Text(cut(plain(clause.says), room), style="dim")]
            table.add_row(*row)


def _add_totals(table: Table, shown: tuple[str, ...], results: Results, edition: str) -> None:
    columns = [totals(results, name, edition) for name in shown]
    table.add_row("")
    for label in columns[0]:
        if any(column[label] for column in columns):
            style = "bold" if label in _SUMS else ""
            table.add_row(Text(_total(label), style=style), *(Text(str(column[label] or "."), style=style) for column in columns))
    table.add_row(Text(KEPT, style="bold"))
    for each, numbers in kept_by_edition(results, shown).items():
        table.add_row(Text(f"  {each}"), *map(Text, numbers))


def _marked(clause: Clause) -> str:
    return MARKS[clause.kind] + plain(short_name(clause))


def _total(label: str) -> str:
    return label if label in _SUMS else f"  {label}"


def _coloured(text: str) -> Text:
    if text.endswith(CHANGED):
        return Text(text, style="bold red")
    return Text(text, style=next((style for word, style in STYLES.items() if text.startswith(word)), "dim"))
