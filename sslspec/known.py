"""Which of what a run found is as expected: pure functions over rows and expectations.

A row that failed is known when an entry about its release lists it and describes how it failed; otherwise it is new. What an entry
lists and what ran to anything else is no longer as known. What could not be seen this time is counted, not held against anybody.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sslspec.clauses import Kind
from sslspec.expectations import Expectations, one_line
from sslspec.verdicts import FAILED, RAN, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sslspec.expectations import KnownDeviation
    from sslspec.record import Identity, Record, Row


class Change(StrEnum):
    """In which way something is not as expected."""

    NEW = "new"
    NO_LONGER = "no longer as known"
    ANSWER = "answer changed"


@dataclass(frozen=True, slots=True)
class Unexpected:
    """Something that fails the run.

    row: its key, "" when no single row is meant. entry: the name of the entry that is not true any more, or the file of the answer.
    expected: what was known, "" for what is new. observed: how it is now.
    """

    change: Change
    implementation: str
    clause: str
    row: str
    entry: str
    expected: str
    observed: str


@dataclass(frozen=True, slots=True)
class NotSeen:
    """Rows of a known deviation that could not be seen this time, by their keys."""

    entry: str
    implementation: str
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """How a run compares with what was expected.

    folder: where the expectations stand, in words; "" for a run that was compared with nothing. entries: those about the
    implementations of the run. not_compared: implementation -> how many of its answers were never kept.
    """

    folder: str = ""
    entries: tuple[KnownDeviation, ...] = ()
    unexpected: tuple[Unexpected, ...] = ()
    not_seen: tuple[NotSeen, ...] = ()
    not_compared: Mapping[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that a row holds against its implementation: its own verdict, or an invariant that was broken in it."""

    clauses: tuple[str, ...]
    verdict: Verdict
    reason: str
    invariant: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What entries say of a row. known, not_seen: the names of entries."""

    known: tuple[str, ...]
    unexpected: tuple[Unexpected, ...]
    not_seen: tuple[str, ...]


def failures(row: Row) -> list[Failure]:
    """Return what a row holds against its implementation."""
    own = [Failure(row.clauses, row.verdict, row.reason)] if row.verdict in FAILED else []
    return own + [Failure((each.clause,), Verdict.DEVIATES, each.broken, invariant=True) for each in row.invariants if each.broken]


def judge(row: Row, entries: Sequence[KnownDeviation]) -> Judgement:
    """Return what `entries`, those about the row's release, say of it."""
    listed = [entry for entry in entries if _lists(entry, row)]
    known, gone, not_seen = [], [], []
    for entry in listed:
        found = [failure for failure in failures(row) if entry.clause in failure.clauses]
        if any(entry.fits(failure.verdict, failure.reason) for failure in found):
            known.append(entry)
        elif entry.rows and (found or _ran(entry, row)):
            how = f"{found[0].verdict}: {found[0].reason}" if found else row.verdict.value
            gone.append(Unexpected(Change.NO_LONGER, row.implementation, entry.clause, row.key, entry.name, described(entry), how))
        elif entry.rows:
            not_seen.append(entry.name)
    new = [
        Unexpected(Change.NEW, row.implementation, clause, row.key, "", "", f"{failure.verdict}: {failure.reason}")
        for failure in failures(row)
        if not any(entry.clause in failure.clauses and entry.fits(failure.verdict, failure.reason) for entry in known)
        # What an entry about the row describes in another way is said once, with the entry to change.
        and not any(each.clause in failure.clauses for each in gone)
        for clause in failure.clauses
    ]
    return Judgement(tuple(entry.name for entry in known), tuple(new + gone), tuple(not_seen))


def compare(record: Record, expectations: Expectations) -> Record:
    """Return the record with what of it was expected."""
    about = {identity.name: expectations.about(identity) for identity in record.implementations}
    judged = [(row, judge(row, about[row.implementation])) for row in record.rows]
    unexpected = [each for _, judgement in judged for each in judgement.unexpected]
    not_seen: dict[tuple[str, str], list[str]] = {}
    for row, judgement in judged:
        for entry in judgement.not_seen:
            not_seen.setdefault((entry, row.implementation), []).append(row.key)
    not_compared: Counter[str] = Counter()
    for identity in record.implementations:
        rows = [row for row in record.rows if row.implementation == identity.name]
        unexpected += _never_broken(rows, about[identity.name], expectations)
        unexpected += _changed_answers(record, identity, rows, expectations, not_compared)
    compared = Compared(
        folder=expectations.label,
        entries=tuple(dict.fromkeys(entry for entries in about.values() for entry in entries)),
        unexpected=tuple(unexpected),
        not_seen=tuple(NotSeen(*cell, tuple(keys)) for cell, keys in not_seen.items()),
        not_compared=dict(not_compared),
    )
    rows_with = tuple(replace(row, known=judgement.known) for row, judgement in judged)
    return replace(record, rows=rows_with, compared=compared)


def described(entry: KnownDeviation) -> str:
    """Return what an entry expects of a row, in a line."""
    return f"{entry.verdict}: {entry.reason}"


def questions(row: Row, record: Record) -> Iterator[str]:
    """Go through the ids of the questions that a row answers."""
    kinds = {clause.id: clause.kind for clause in record.clauses}
    return (clause for clause in row.clauses if row.answer and kinds[clause] is Kind.QUESTION)


def _lists(entry: KnownDeviation, row: Row) -> bool:
    return row.key in entry.rows if entry.rows else any(each.clause == entry.clause for each in row.invariants)


def _ran(entry: KnownDeviation, row: Row) -> bool:
    """Return whether the row came far enough to show that it no longer does what the entry says."""
    if entry.clause in row.clauses:
        return row.verdict in RAN
    return row.verdict in RAN - FAILED and any(each.clause == entry.clause and each.calls for each in row.invariants)


def _never_broken(rows: Sequence[Row], entries: Iterable[KnownDeviation], expectations: Expectations) -> Iterator[Unexpected]:
    """Go through the invariants that any row may break and none did, though all rows were asked."""
    if not {row.key for row in expectations.rows} <= {row.key for row in rows}:
        return
    for entry in entries:
        calls = [each for row in rows for each in row.invariants if each.clause == entry.clause and each.calls]
        if not entry.rows and calls and not any(each.broken for each in calls):
            observed = f"held on all of {sum(each.calls for each in calls)} calls"
            yield Unexpected(Change.NO_LONGER, rows[0].implementation, entry.clause, "", entry.name, described(entry), observed)


def _changed_answers(
    record: Record, identity: Identity, rows: Iterable[Row], expectations: Expectations, not_compared: Counter[str]
) -> Iterator[Unexpected]:
    for row in rows:
        for clause in questions(row, record):
            kept, given = expectations.answer(identity, clause, row.key), one_line(row.answer)
            if kept is None:
                not_compared[identity.name] += 1
            elif kept != given:
                file = f"answers/{identity.family}.toml"
                yield Unexpected(Change.ANSWER, identity.name, clause, row.key, file, kept, given)
