"""The terminal's matrix of many implementations: a sign for each cell, a letter for each implementation, its numbers in a line.

For where they do not fit side by side in words, which is what `matrix` shows.
"""

from __future__ import annotations

from string import ascii_letters
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from sslspec.reports import words
from sslspec.reports.layout import Signs, cut, folded, lay_out_signs
from sslspec.reports.matrix import KIND_WIDTH, MARKS, STYLES
from sslspec.reports.words import CHANGED, KNOWN, SHORT, by_page, plain
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sslspec.clauses import Clause
    from sslspec.record import ClauseResult, Record, Results

#: A verdict as one sign; known deviations, crashes and hangs are in small letters.
_SIGNS = {
    Verdict.CONFORMS: ".",
    Verdict.ANSWERED: "+",
    Verdict.DEVIATES: "D",
    Verdict.CRASHES: "C",
    Verdict.HANGS: "H",
    Verdict.NOT_IMPLEMENTED: "-",
    Verdict.NOT_OBSERVABLE: "o",
    Verdict.NOT_APPLICABLE: "/",
    Verdict.DISABLED: "x",
    Verdict.ERROR: "E",
}
_IN_PART = ":"
_NOT_RUN = "_"

_MEANINGS = {
    **{sign: SHORT[verdict] for verdict, sign in _SIGNS.items()},
    **{_SIGNS[verdict].lower(): text for verdict, text in KNOWN.items()},
    _IN_PART: "ok, seen in part",
    _NOT_RUN: "not run",
    CHANGED: "no longer as known, or another answer",
}

#: Above the numbers, the name of an edition is broken where it has a hyphen.
_HEAD = len("boringssl-")

#: What is left out first of an implementation's numbers where there is no room for all comes last.
_NUMBERS = (
    *("deviates", "crashes", "hangs", "error of the suite", "conforms", "answered", "not checked", "seen only in part"),
    *("checked", "no function", "not seen", "n/a", "disabled", "not run"),
)


def keys(names: Sequence[str]) -> dict[str, str]:
    """Return a key for each name, of one letter or, where there are more names than letters, of several."""
    length = 1
    while len(ascii_letters) ** length < len(names):
        length += 1
    return {name: _key(number, length) for number, name in enumerate(names)}


def listed(record: Record, width: int) -> Table:
    """Return the implementations with their keys and versions, in as many columns as fit."""
    names = [f"{key} {plain(name)}" for name, key in keys(record.names()).items()]
    versions = [plain(identity.version) for identity in record.implementations]
    gap = 2
    left = max(map(cell_len, names))
    # One long version is not to take the next column from all others.
    right = sorted(map(cell_len, versions))[len(versions) * 9 // 10]
    columns = max((width + gap) // (left + gap + right + gap), 1)
    right = right if columns > 1 else max(width - left - gap, 1)
    height = -(-len(names) // columns)
    table = Table.grid(padding=(0, gap, 0, 0), pad_edge=False)
    cells = [(Text(name), Text(cut(version, right), style="dim")) for name, version in zip(names, versions, strict=True)]
    for line in range(height):
        table.add_row(*(text for cell in cells[line::height] for text in cell))
    return table


def matrix(results: Results, edition: str, width: int) -> Iterator[list[Text]]:
    """Return the lines of one table or, where not even the signs fit side by side, of several."""
    record = results.record
    clauses = words.shown_clauses(results, edition)
    families = {identity.name: identity.family for identity in record.implementations}
    labels = [*map(_marked, clauses), *(clause.page for clause in clauses)]
    layout = lay_out_signs(width, max(map(len, labels), default=0), families)
    for groups in layout.tables:
        yield [*_heads(layout, groups, keys(record.names())), *_clauses(results, clauses, layout, groups)]


def legend(results: Results, edition: str) -> str:
    """Return what the signs mean that `matrix` shows."""
    clauses = words.shown_clauses(results, edition)
    used = {_sign(clause, results.of(name, clause.id)) for clause in clauses for name in results.record.names()}
    return " | ".join(f"{sign} {meaning}" for sign, meaning in _MEANINGS.items() if sign in used)


def numbers(results: Results, edition: str, width: int) -> Table:
    """Return for each implementation how many clauses have which verdict and what it keeps, in as many columns as there is room for."""
    record = results.record
    held = {name: record.held_to(name) if edition == record.edition else edition for name in record.names()}
    columns = {"kept": {name: words.kept(results, name, held[name]) for name in record.names()}}
    totals = {name: words.totals(results, name, edition) for name in record.names()}
    for label in _NUMBERS:
        if any(total[label] for total in totals.values()):
            columns[label] = {name: str(total[label] or ".") for name, total in totals.items()}
    columns |= {each: dict(zip(totals, kept, strict=True)) for each, kept in words.kept_by_edition(results, tuple(totals)).items()}
    names = {name: f"{key} {plain(name)}" for name, key in keys(record.names()).items()}
    return _numbers(columns, names, width)


def _numbers(columns: dict[str, dict[str, str]], names: dict[str, str], width: int) -> Table:
    gap = 2
    widest = max(map(cell_len, names.values()))
    heads = {label: folded(label, _HEAD) for label in columns}
    widths = {label: max(map(len, (*heads[label].split("\n"), *of.values()))) for label, of in columns.items()}
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, show_edge=False, header_style="bold")
    table.add_column(Text("clauses in numbers"), width=widest, overflow="fold")
    used = widest
    shown = []
    for label, wide in widths.items():
        if used + gap + wide <= width:
            used += gap + wide
            shown.append(label)
            table.add_column(Text(heads[label]), width=wide, justify="right", no_wrap=True)
    for name, label in names.items():
        table.add_row(Text(label), *(Text(columns[each][name]) for each in shown))
    return table


def _key(number: int, length: int) -> str:
    return _key(number // len(ascii_letters), length - 1) + ascii_letters[number % len(ascii_letters)] if length else ""


def _heads(layout: Signs, groups: tuple[tuple[str, ...], ...], key_of: dict[str, str]) -> Iterator[Text]:
    for line in range(max(map(len, key_of.values()))):
        letters = " ".join("".join(key_of[name][line] for name in group) for group in groups)
        yield Text(f"{'clause' if line == 0 else '':{layout.clause}}{layout.gap}{letters}", style="bold")


def _clauses(results: Results, clauses: Sequence[Clause], layout: Signs, groups: tuple[tuple[str, ...], ...]) -> Iterator[Text]:
    for page, of_page in by_page(clauses).items():
        yield Text("")
        yield Text(page, style="bold")
        for clause in of_page:
            *above, last = folded(_marked(clause), layout.clause).split("\n")
            yield from map(Text, above)
            yield Text.assemble(f"{last:{layout.clause}}{layout.gap}", _line(results, clause, layout, groups))


def _line(results: Results, clause: Clause, layout: Signs, groups: tuple[tuple[str, ...], ...]) -> Text:
    line = Text()
    for group in groups:
        for name in group:
            result = results.of(name, clause.id)
            line.append(_sign(clause, result), style=_style(clause, result))
        line.append(" ")
    if layout.sentence:
        says = cut(plain(clause.says), layout.sentence - KIND_WIDTH - len(layout.gap))
        line.append(f"{layout.gap}{clause.kind.value:{KIND_WIDTH}}{layout.gap}{says}", style="dim")
    return line


def _sign(clause: Clause, result: ClauseResult) -> str:
    verdict = words.verdict_on(clause, result)
    if result.changed:
        return CHANGED
    if verdict is None:
        return _NOT_RUN
    if verdict is Verdict.CONFORMS and words.in_part(result):
        return _IN_PART
    return _SIGNS[verdict].lower() if result.known and verdict in KNOWN else _SIGNS[verdict]


def _style(clause: Clause, result: ClauseResult) -> str:
    if result.changed:
        return "bold red"
    verdict = words.verdict_on(clause, result)
    if verdict is None:
        return "dim"
    return STYLES.get(KNOWN[verdict] if result.known and verdict in KNOWN else SHORT[verdict], "dim")


def _marked(clause: Clause) -> str:
    return MARKS[clause.kind] + plain(words.short_name(clause))
