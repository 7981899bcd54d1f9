"""From a clause and a library to the C program that shows what the library does otherwise: choosing the case, in the words of a user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sslspec.clauses import Specification
from sslspec.errors import UsageError, unknown
from sslspec.record import Results
from sslspec.reports.reproducer import cases, linking_of, program

if TYPE_CHECKING:
    from sslspec.clauses import Clause
    from sslspec.record import Record


@dataclass(frozen=True, slots=True)
class Reproducer:
    """A program, and what it shows: the title of its row, and those of the other rows that show something of the clause."""

    text: str
    title: str
    others: tuple[str, ...]


def reproducer(record: Record, implementation: str, name: str, *, row: str = "", undefined: bool = False) -> Reproducer:
    """Return the program for what `implementation` does otherwise than the clause called `name` says.

    row: a part of the title of the row that is meant, "" for the first. undefined: also for what is an answer, and ended the process.
    Raises UsageError when nothing is to be shown, or no program can be made.
    """
    if implementation not in record.names():
        raise unknown("implementation", implementation, record.names(), f"the record has {', '.join(record.names())}")
    linking_of(next(identity for identity in record.implementations if identity.name == implementation))
    clause = Specification({clause.id: clause for clause in record.clauses}).clause(name)
    found = cases(record, implementation, clause, undefined=undefined)
    if not found:
        raise UsageError(_nothing(record, implementation, clause))
    chosen = next((case for case in found if row.casefold() in case.row.title.casefold()), None)
    if chosen is None:
        titles = "; ".join(case.row.title for case in found)
        raise UsageError(f"no row that does otherwise has {row!r} in its title; there are: {titles}")
    others = tuple(case.row.title for case in found if case is not chosen)
    return Reproducer(program(chosen, len(others)).text, chosen.row.title, others)


def _nothing(record: Record, implementation: str, clause: Clause) -> str:
    verdict = Results(record).of(implementation, clause.id).verdict
    said = f"its verdict is {verdict}" if verdict else "no row of the run is about it"
    return f"{implementation} does nothing otherwise than {clause.id} says ({said}); there is nothing to reproduce"
