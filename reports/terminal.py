"""What `sslspec run` shows in the end: the matrix first, what somebody has to act on last, so that it is still on the screen.

Where the implementations fit side by side in words, known deviations and answers are told in full; where there are more of them, each
in a line or two, because the page and `sslspec explain` have the rest.

Everything is shown as text: what a library calls itself, or a path, can't colour, move or hide anything.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sslspec.expectations import Whose
from sslspec.record import Results
from sslspec.reports import editions, signs, words
from sslspec.reports.matrix import MARKS_EXPLAINED, matrix
from sslspec.reports.screen import Screen
from sslspec.reports.words import SHORT, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from sslspec.clauses import Clause
    from sslspec.expectations import KnownDeviation
    from sslspec.record import Record
    from sslspec.verdicts import Verdict


def summary(record: Record, console: Console, *, edition: str = "") -> None:
    """Print what the run found, for `edition` or, without one, for the edition that it was held to."""
    screen = Screen(console)
    edition = edition or record.edition
    results = Results(record)
    table = matrix(results, edition, console.width)
    short = table is None and bool(words.shown_clauses(results, edition))
    _head(record, screen, edition, in_words=not short)
    if table:
        _in_words(record, screen, table)
    elif short:
        _in_signs(results, screen, edition)
    else:
        screen.title("No clause was checked.", "dim")
    for line in words.left_out(results, edition):
        screen.text(line)
    _sentences(results, screen)
    _answers(record, screen, edition, short=short)
    _not_run(record, screen)
    _unseen(record, screen, short=short)
    _known(record, screen, edition, short=short)
    _findings(record, screen, edition)
    _errors(record, screen)
    _partial(record, screen)


def to_act_on(record: Record, console: Console, *, edition: str = "") -> None:
    """Print only what somebody has to act on, and the line that says how much that is."""
    screen = Screen(console)
    _not_run(record, screen)
    _findings(record, screen, edition or record.edition)
    _errors(record, screen)
    _partial(record, screen)


def _head(record: Record, screen: Screen, edition: str, *, in_words: bool) -> None:
    number = len(record.implementations)
    implementations = "1 implementation" if number == 1 else f"{number} implementations"
    screen.text(f"sslspec {record.tool}: {implementations} held to {words.held_to(edition)}, {words.rows(len(record.rows))}", "bold")
    if in_words:
        screen.pairs((identity.name, identity.version) for identity in record.implementations)
    else:
        screen.show(Padding(signs.listed(record, screen.console.width - 2), (0, 0, 0, 2)))


def _in_words(record: Record, screen: Screen, table: Table) -> None:
    screen.console.print()
    screen.show(table)
    screen.console.print()
    for line in (MARKS_EXPLAINED, *words.legend(record)):
        screen.text(line, "dim")


def _in_signs(results: Results, screen: Screen, edition: str) -> None:
    for lines in signs.matrix(results, edition, screen.console.width):
        screen.console.print()
        for line in lines:
            screen.show(line)
    screen.console.print()
    screen.text(signs.legend(results, edition), "dim")
    screen.text(MARKS_EXPLAINED, "dim")
    screen.console.print()
    screen.show(signs.numbers(results, edition, screen.console.width))
    screen.console.print()


def _sentences(results: Results, screen: Screen) -> None:
    found = editions.sentences(results)
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


def _answers(record: Record, screen: Screen, edition: str, *, short: bool) -> None:
    found = words.answers(record, edition)
    if found:
        screen.title("Answers to what the pages leave open" + (": how many in each scenario (sslspec explain CLAUSE)" if short else ""))
    by_clause = [(clause, list(group)) for clause, group in groupby(found, lambda answers: answers.clause)]
    if short:
        screen.pairs((words.short_name(clause), ", ".join(str(len(each.answers)) for each in group)) for clause, group in by_clause)
        return
    for clause, group in by_clause:
        _answers_to(clause, group, screen)


def _answers_to(clause: Clause, group: Iterable[words.Answers], screen: Screen) -> None:
    screen.console.print()
    screen.text(f"? {clause.id}", "cyan")
    screen.text(clause.says, indent=2)
    for answers in group:
        screen.text(answers.scenario, "dim", indent=2)
        for answer, who in answers.answers:
            screen.text(f"{who}: {answer}", indent=4, hanging=2)


def _unseen(record: Record, screen: Screen, *, short: bool) -> None:
    for verdict, group in groupby(words.unseen(record), lambda unseen: unseen.verdict):
        groups = list(group)
        number = sum(unseen.where.total() for unseen in groups)
        called = "" if SHORT[verdict] == verdict.value else f" ({SHORT[verdict]})"
        screen.title(f"{words.rows(number)} {verdict.value}{called}")
        screen.pairs((str(unseen.where.total()), f"{unseen.reason} ({_where(unseen, short=short)})") for unseen in groups)


def _where(unseen: words.Unseen, *, short: bool) -> str:
    few = 3
    return f"{len(unseen.where)} implementations" if short and len(unseen.where) > few else ", ".join(unseen.where)


def _not_run(record: Record, screen: Screen) -> None:
    if record.not_run:
        screen.title("Not run", "bold yellow")
    for left in record.not_run:
        screen.text(f"{left.implementation}: {left.reason}", indent=2)
        screen.text(f"what to do: {left.remedy}", indent=4)


def _known(record: Record, screen: Screen, edition: str, *, short: bool) -> None:
    entries = words.known(words.findings(record, edition))
    if entries:
        where = "by whose it is (sslspec explain CLAUSE says why)" if short else f"and why ({record.compared.folder})"
        screen.title(f"{len(entries)} known: what these libraries do otherwise, {where}", "bold yellow")
    if short:
        _known_in_short(entries, screen)
    else:
        _known_in_full(entries, screen)
    missed = words.not_seen(record)
    if missed:
        screen.title(missed[0][0])
        screen.pairs(missed[1:])
    if uncompared := words.not_compared(record):
        screen.console.print()
        screen.text(uncompared)


def _known_in_full(entries: Sequence[tuple[KnownDeviation, list[words.Finding]]], screen: Screen) -> None:
    for entry, findings in entries:
        screen.console.print()
        screen.text(entry.clause, "bold")
        for finding in findings:
            screen.text(f"{finding.verdict}: {words.by_whom(finding)}", "yellow", indent=2, hanging=2)
            why = words.explained(entry) if finding is findings[-1] else []
            screen.pairs([*words.details(finding), *why], indent=4)


def _known_in_short(entries: Sequence[tuple[KnownDeviation, list[words.Finding]]], screen: Screen) -> None:
    for whose in Whose:
        clauses: dict[tuple[str, Verdict], list[str]] = {}
        for entry, findings in entries:
            if entry.whose is whose:
                clauses.setdefault((entry.clause, entry.verdict), []).extend(name for finding in findings for name in finding.where)
        if clauses:
            screen.title(str(whose))
        for (clause, verdict), who in clauses.items():
            screen.text(clause, indent=2)
            screen.text(f"{verdict}: {', '.join(dict.fromkeys(who))}", "yellow", indent=4, hanging=2)


def _findings(record: Record, screen: Screen, edition: str) -> None:
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


def _partial(record: Record, screen: Screen) -> None:
    if record.partial:
        screen.title(words.partial(record), "bold white on red")


def _errors(record: Record, screen: Screen) -> None:
    errors = words.errors(record)
    if not errors:
        return
    style = "bold white on red"
    screen.title(f"ERROR: the suite itself failed in {words.rows(len(errors))}; the library is not judged there", style)
    for row in errors:
        screen.text(f"{row.implementation}: {row.title} ({row.feature}:{row.line})", indent=2)
        screen.text(row.reason or "no reason was given", indent=4)
