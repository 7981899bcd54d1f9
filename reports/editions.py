"""What reports say of the editions themselves: their sentences, how they differ, and which of them state a clause.

Nothing here knows how a format looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sslspec.clauses import EDITIONS, Kind
from sslspec.verdicts import RAN

if TYPE_CHECKING:
    from sslspec.clauses import Clause
    from sslspec.record import EditionOfPage, Record, Results

_CHECKABLE = (Kind.RULE, Kind.READING)


@dataclass(frozen=True, slots=True)
class Sentences:
    """How many sentences an edition has on a page, and what becomes of them.

    checkable: those that state a rule or a reading. checked: those of them of which, in this run, an implementation showed what it does.
    rest: why the others are not checkable -> how many.
    """

    edition: EditionOfPage
    checkable: int
    checked: int
    rest: dict[str, int]


def sentences(results: Results) -> list[Sentences]:
    """Return what becomes of the sentences of each edition, page by page; none for a record that does not have them."""
    return [_sentences(results, edition) for edition in results.record.editions]


def differences(edition: EditionOfPage) -> str:
    """Return in a line how an edition differs from the one it came from, "" for the first of a page."""
    said = [f"{how}: {', '.join(id_.partition('/')[2] for id_ in clauses)}" for how, clauses in edition.differs.items()]
    return f"since {edition.since}: {'; '.join(said) or 'the same clauses in the same words'}" if edition.since else ""


def stated(record: Record) -> list[tuple[str, list[str]]]:
    """Return each clause, by its id, and for each edition how many of its sentences state it (or leave it open), "" for none."""
    return [(clause.id, [str(len(clause.stated.get(edition, ())) or "") for edition in EDITIONS]) for clause in record.clauses]


def _sentences(results: Results, edition: EditionOfPage) -> Sentences:
    clauses = [clause for clause in results.record.clauses if clause.page == edition.page and clause.kind in _CHECKABLE]
    checkable = _places(clauses, edition)
    checked = _places([clause for clause in clauses if _ran(results, clause)], edition)
    told = {"to the caller": edition.stating - len(checkable)} if edition.stating > len(checkable) else {}
    return Sentences(edition, len(checkable), len(checked), {**told, **edition.other})


def _places(clauses: list[Clause], edition: EditionOfPage) -> set[str]:
    return {place for clause in clauses for place in clause.stated.get(edition.edition, ())}


def _ran(results: Results, clause: Clause) -> bool:
    return any(results.of(name, clause.id).verdict in RAN for name in results.record.names())
