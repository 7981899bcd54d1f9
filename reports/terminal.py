"""What `sslspec run` shows in the end: the matrix first, what somebody has to act on last, so that it is still on the screen.

Everything is shown as text: what a library calls itself, or a path, can't colour, move or hide anything.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from sslspec.record import Results
from sslspec.reports import editions, words
from sslspec.reports.matrix import MARKS_EXPLAINED, matrix
from sslspec.reports.screen import Screen as _Screen
from sslspec.reports.words import SHORT, plain

if TYPE_CHECKING:
    from rich.console import Console

    from sslspec.record import Record


def summary(record: Record, console: Console, *, edition: str = "") -> None:
    """Print what the run found, for `edition` or, without one, for the edition that it was held to."""
    screen = _Screen(console)
    edition = edition or record.edition
    _head(record, screen, edition)
    _matrix(record, screen, edition)
    _sentences(record, screen)
    _answers(record, screen, edition)
    _not_run(record, screen)
    _unseen(record, screen)
    _known(record, screen, edition)
    _findings(record, screen, edition)
    _errors(record, screen)


def _head(record: Record, screen: _Screen, edition: str) -> None:
    number = len(record.implementations)
    implementations = "1 implementation" if number == 1 else f"{number} implementations"
    screen.text(f"sslspec {record.tool}: {implementations} held to {words.held_to(edition)}, {words.rows(len(record.rows))}", "bold")
    screen.pairs((identity.name, identity.version) for identity in record.implementations)


def _matrix(record: Record, screen: _Screen, edition: str) -> None:
    results = Results(record)
    shown = False
    for table in matrix(results, edition, screen.console.width):
        shown = True
        screen.console.print()
        screen.show(table)
    screen.console.print()
    for line in (MARKS_EXPLAINED, *words.legend(record)) if shown else ("No clause was checked.",):
        screen.text(line, "dim")
    for line in words.left_out(results, edition):
        screen.text(line)


def _sentences(record: Record, screen: _Screen) -> None:
    found = editions.sentences(Results(record))
    if not found:
        return
    screen.console.print()
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_edge=False, header_style="bold")
    for head in ("sentences of", "all", "checkable", "checked here"):
        table.add_column(Text(head), justify="left" if head == "sentences of" else "right")
    for page, of_page in groupby(found, lambda each: each.edition.page):
        table.add_row(Text(page, style="bold"))
        for each in of_page:
            numbers = (each.edition.sentences, each.checkable, each.checked)
            table.add_row(Text(f"  {plain(each.edition.edition)}"), *(Text(str(number)) for number in numbers))
    screen.show(table)


def _answers(record: Record, screen: _Screen, edition: str) -> None:
    found = words.answers(record, edition)
    if found:
        screen.title("Answers to what the pages leave open")
    for clause, group in groupby(found, lambda answers: answers.clause):
        screen.console.print()
        screen.text(f"? {clause.id}", "cyan")
        screen.text(clause.says, indent=2)
        for answers in group:
            screen.text(answers.scenario, "dim", indent=2)
            for answer, who in answers.answers:
                screen.text(f"{who}: {answer}", indent=4, hanging=2)


def _unseen(record: Record, screen: _Screen) -> None:
    for verdict, group in groupby(words.unseen(record), lambda unseen: unseen.verdict):
        groups = list(group)
        number = sum(unseen.where.total() for unseen in groups)
        short = "" if SHORT[verdict] == verdict.value else f" ({SHORT[verdict]})"
        screen.title(f"{words.rows(number)} {verdict.value}{short}")
        screen.pairs((str(unseen.where.total()), f"{unseen.reason} ({', '.join(unseen.where)})") for unseen in groups)


def _not_run(record: Record, screen: _Screen) -> None:
    if record.not_run:
        screen.title("Not run", "bold yellow")
    for left in record.not_run:
        screen.text(f"{left.implementation}: {left.reason}", indent=2)
        screen.text(f"what to do: {left.remedy}", indent=4)


def _known(record: Record, screen: _Screen, edition: str) -> None:
    entries = words.known(words.findings(record, edition))
    if entries:
        screen.title(f"{len(entries)} known: what these libraries do otherwise, and why ({record.compared.folder})", "bold yellow")
    for entry, findings in entries:
        screen.console.print()
        screen.text(entry.clause, "bold")
        for finding in findings:
            screen.text(f"{finding.verdict}: {words.by_whom(finding)}", "yellow", indent=2, hanging=2)
            why = words.explained(entry) if finding is findings[-1] else []
            screen.pairs([*words.details(finding), *why], indent=4)
    missed = words.not_seen(record)
    if missed:
        screen.title(missed[0][0])
        screen.pairs(missed[1:])
    if uncompared := words.not_compared(record):
        screen.console.print()
        screen.text(uncompared)


def _findings(record: Record, screen: _Screen, edition: str) -> None:
    found = words.findings(record, edition)
    changed = words.changed(record)
    new = words.new(found)
    screen.title(words.headline(found, record), "bold red" if new or changed else "bold green")
    for clause, group in groupby(new, lambda finding: finding.clause):
        screen.console.print()
        screen.text(clause.id, "bold")
        screen.pairs(words.statement(clause))
        for finding in group:
            screen.text(f"{SHORT[finding.verdict]}: {words.by_whom(finding)}", "bold red", indent=2, hanging=2)
            screen.pairs(words.details(finding), indent=4)
    for each in changed:
        screen.console.print()
        screen.text(each.clause.id, "bold")
        screen.text(f"{each.change.upper()}: {each.implementation}", "bold red", indent=2, hanging=2)
        screen.pairs(words.changed_details(each), indent=4)


def _errors(record: Record, screen: _Screen) -> None:
    errors = words.errors(record)
    if not errors:
        return
    style = "bold white on red"
    screen.title(f"ERROR: the suite itself failed in {words.rows(len(errors))}; the library is not judged there", style)
    for row in errors:
        screen.text(f"{row.implementation}: {row.title} ({row.feature}:{row.line})", indent=2)
        screen.text(row.reason or "no reason was given", indent=4)
