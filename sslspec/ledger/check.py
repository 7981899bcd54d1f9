"""Holds the ledgers against the clauses and the scenarios: what is unaccounted for, unknown, or said in one place only.

Of a question it can be told that no sentence is said to state it, and that every edition which speaks of the same things leaves it
open or names what answers it. Whether the words of a sentence answer it after all, only a reader can tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sslspec.clauses import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sslspec.clauses import Clause, Specification
    from sslspec.ledger import Entry, Ledger

_HELD = (Kind.RULE, Kind.READING)


def problems(ledgers: Sequence[Ledger], specification: Specification, scenarios: Mapping[str, int]) -> list[str]:
    """Return what is wrong, a line each.

    ledgers: of all pages and editions. scenarios: tag -> how many scenarios have it; tags that are no clause too.
    """
    found = [line for ledger in ledgers for line in _of_ledger(ledger, specification)]
    for clause in specification.clauses.values():
        found += _of_clause(clause, ledgers)
        if clause.kind is Kind.QUESTION:
            found += _of_question(clause, [ledger for ledger in ledgers if ledger.page == clause.page], specification)
        elif clause.answered_by:
            found.append(f"{clause.id}: it is no question, and has answers")
        if not scenarios.get(clause.id) and clause.kind is not Kind.OBLIGATION:
            found.append(f"{clause.id}: no scenario checks it")
    return found + [f"{tag}: a scenario is tagged with it, and it is no clause" for tag in scenarios if tag not in specification.clauses]


def _of_ledger(ledger: Ledger, specification: Specification) -> Iterator[str]:
    places = [entry.where for entry in ledger.entries if not entry.is_heading]
    for entry in ledger.entries:
        here = f"{ledger.page} {ledger.edition} {entry.where}"
        if places.count(entry.where) > 1:
            yield f"{here}: two sentences have this place"
        for line in _of_entry(ledger, entry, specification):
            yield f"{here}: {line}"


def _of_entry(ledger: Ledger, entry: Entry, specification: Specification) -> Iterator[str]:
    if not entry.states and not entry.disposition:
        yield "nothing accounts for it: no clause states it, and it has no disposition"
    if entry.states and entry.disposition:
        yield f"it states clauses and is {entry.disposition}"
    for id_, answered in [*((id_, True) for id_ in entry.states), *((id_, False) for id_ in entry.leaves)]:
        clause = specification.clauses.get(id_)
        if clause is None:
            yield f"there is no clause {id_}"
        elif (clause.kind is Kind.QUESTION) is answered:
            yield f"it answers the question {id_}" if answered else f"it leaves open {id_}, which is a {clause.kind}"
        elif _reference(entry) not in clause.stated.get(ledger.edition, ()):
            yield f"{id_} does not name it among the sentences of {ledger.edition}"


def _of_clause(clause: Clause, ledgers: Sequence[Ledger]) -> Iterator[str]:
    if clause.kind in _HELD and not any(clause.id in entry.states for ledger in ledgers for entry in ledger.entries):
        yield f"{clause.id}: no sentence states it"
    for edition, places in clause.stated.items():
        entries = {
            _reference(entry): entry
            for ledger in ledgers
            if (ledger.page, ledger.edition) == (clause.page, edition)
            for entry in ledger.entries
        }
        for place in places:
            entry = entries.get(place)
            if entry is None:
                yield f"{clause.id}: {edition} has no sentence {place!r}"
            elif clause.id not in (*entry.states, *entry.leaves):
                yield f"{clause.id}: the ledger of {edition} does not name it at {place!r}; `make ledger` puts that right"


def _of_question(question: Clause, ledgers: Sequence[Ledger], specification: Specification) -> Iterator[str]:
    """Go through what is wrong with a question; ledgers: of its page."""
    answers = [clause for id_ in question.answered_by if (clause := specification.clauses.get(id_)) and clause.kind in _HELD]
    if len(answers) < len(question.answered_by):
        yield f"{question.id}: an answer must be a rule or a reading; answered_by names {', '.join(question.answered_by)}"
    about = {id_ for ledger in ledgers for entry in ledger.entries if question.id in entry.leaves for id_ in entry.states}
    for ledger in ledgers:
        answered = [answer.id for answer in answers if ledger.edition in answer.stated]
        if ledger.edition in question.stated:
            yield from (f"{question.id}: {ledger.edition} leaves it open, and answers it by {answer}" for answer in answered)
        elif not answered:
            speaks = next((entry.where for entry in ledger.entries if about.intersection(entry.states)), "")
            if speaks:
                yield f"{question.id}: {ledger.edition} speaks of the same in {speaks}, and neither leaves it open nor answers it"


def _reference(entry: Entry) -> str:
    """Return how clauses refer to a sentence: by its place, and by the hole in it."""
    return f"{entry.where} hole" if entry.has_hole else entry.where
