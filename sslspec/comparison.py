"""What differs between two records: values, and the pure function that makes them of an old and a new one.

Implementations are compared in pairs, row by row; rows are told by their keys. What only one of the runs was asked (a clause that
the other's edition doesn't state, rows that the other disabled) is gone or added, and held against nobody. Evidence is not compared:
two libraries may do the same in other calls.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sslspec.errors import UsageError
from sslspec.expectations import one_line
from sslspec.verdicts import FAILED, RAN, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sslspec.record import Identity, Invariant, Record, Row

#: The family that is held to the page and is no library.
_MODEL = "model"

#: How bad a failure is: one that ends the process, or never ends, is worse than another answer.
_SEVERITY = {Verdict.DEVIATES: 1, Verdict.HANGS: 2, Verdict.CRASHES: 2}

#: So many names fit into a line.
_SHOWN = 8


class Way(StrEnum):
    """In which way something is otherwise than it was, the worst first.

    REGRESSED: it deviates, crashes or hangs, and did not, or not so badly. LOST: it ran, and now it can't be seen. BROKEN: the suite
    itself failed. OTHERWISE: it fails as badly as before, or less, with another text. SEEN: it could not be seen, and now it holds.
    """

    REGRESSED = "regressed"
    LOST = "lost"
    BROKEN = "broken"
    OTHERWISE = "fails-otherwise"
    ANSWER = "answer-changed"
    FIXED = "fixed"
    SEEN = "seen-now"


#: What makes the new record worse than the old one.
WORSE = frozenset({Way.REGRESSED, Way.LOST, Way.BROKEN})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a record says of a row, or of an invariant in it.

    expected: of a deviation. observed: what was seen instead, or why nothing was. answer: to a question.
    """

    verdict: Verdict
    expected: str = ""
    observed: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is otherwise than it was, in a row that both records have.

    row: the new one. clauses: the row's, or the one of an invariant that was checked in it. known: the known deviations that the row shows.
    """

    way: Way
    row: Row
    clauses: tuple[str, ...]
    was: Outcome
    now: Outcome
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two implementations, one of each record.

    same: how many rows ran in both and say the same. unseen: how many ran in neither. gone, added: rows that only the old run, or the new
    one, was asked. not_run, not_run_before: rows that only the old run, or the new one, came to, because the other was broken off.
    """

    old: Identity
    new: Identity
    changes: tuple[Change, ...]
    same: int
    unseen: int
    gone: tuple[Row, ...]
    added: tuple[Row, ...]
    not_run: tuple[Row, ...] = ()
    not_run_before: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Vanished:
    """An implementation that only the old record has; reason: why it could not be run, "" when nobody asked for it."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs. appeared: implementations of the new record only. clauses_gone, clauses_added: ids."""

    old: Record
    new: Record
    pairs: tuple[Pair, ...]
    vanished: tuple[Vanished, ...]
    appeared: tuple[str, ...]
    clauses_gone: tuple[str, ...]
    clauses_added: tuple[str, ...]

    @property
    def worse(self) -> bool:
        """Return whether the new record is worse: something regressed, was lost, broke or was not run."""
        unable = any(each.reason for each in self.vanished) or any(pair.not_run for pair in self.pairs)
        return unable or any(self.number(way) for way in WORSE)

    @property
    def changed(self) -> bool:
        """Return whether anything differs at all."""
        rows = any(pair.changes or pair.gone or pair.added or pair.not_run or pair.not_run_before for pair in self.pairs)
        return bool(rows or self.vanished or self.appeared or self.clauses_gone or self.clauses_added)

    def number(self, way: Way) -> int:
        """Return how many rows changed in this way."""
        return sum(change.way is way for pair in self.pairs for change in pair.changes)


def compare(old: Record, new: Record, wanted: Sequence[tuple[str, str]] = ()) -> Comparison:
    """Return what differs between two records.

    wanted: names of implementations to compare, of the old and of the new record. Without it those of one name are compared and,
    where each record has but one besides the model, these two, whatever they are called.

    Raises UsageError where there is nothing to compare: no implementation or no row in common, none that ran, a name that a record
    doesn't have, or a record that says two things of one row.
    """
    chosen = _wanted(old, new, wanted) if wanted else _chosen(old, new)
    rows_old, rows_new = _rows(old), _rows(new)
    pairs = tuple(_pair(_Side(old, was, rows_old[was]), _Side(new, now, rows_new[now])) for was, now in chosen)
    _check_common(pairs)
    before, after = ([clause.id for clause in record.clauses] for record in (old, new))
    names_old, names_new = ({pair.old.name for pair in pairs}, {pair.new.name for pair in pairs})
    why = {left.implementation: left.reason for left in new.not_run}
    return Comparison(
        old,
        new,
        pairs,
        vanished=tuple(Vanished(name, why.get(name, "")) for name in old.names() if name not in names_old and not wanted),
        appeared=tuple(name for name in new.names() if name not in names_new and not wanted),
        clauses_gone=tuple(id_ for id_ in before if id_ not in after),
        clauses_added=tuple(id_ for id_ in after if id_ not in before),
    )


def _wanted(old: Record, new: Record, wanted: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    for which, record, names in (("OLD", old, [pair[0] for pair in wanted]), ("NEW", new, [pair[1] for pair in wanted])):
        for name in names:
            if name not in record.names():
                message = f"{which} has no implementation {name!r}; it has {_some(record.names())}"
                raise UsageError(message)
    return list(dict.fromkeys(wanted))


def _chosen(old: Record, new: Record) -> list[tuple[str, str]]:
    same = [(name, name) for name in old.names() if name in new.names()]
    before, after = _libraries(old), _libraries(new)
    if set(before) & set(after) or not (before and after):
        if not same:
            message = f"there is nothing to compare: OLD has {_some(old.names())}, NEW has {_some(new.names())}"
            raise UsageError(message)
        return same
    if len(before) > 1 or len(after) > 1:
        message = f"no library is in both: OLD has {_some(before)}, NEW has {_some(after)}; choose a pair with -i OLD=NEW"
        raise UsageError(message)
    return [*same, (before[0], after[0])]


def _libraries(record: Record) -> list[str]:
    return [identity.name for identity in record.implementations if identity.family != _MODEL]


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(one_line(name) for name in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown or "none"


def _check_common(pairs: Iterable[Pair]) -> None:
    numbers = Counter[str]()
    for pair in pairs:
        numbers["common"] += pair.same + pair.unseen + len(pair.changes)
        numbers["ran"] += pair.same + len(pair.changes)
    if not numbers["common"]:
        raise UsageError("the records have no row in common: they were asked different clauses, or hold different editions")
    if not numbers["ran"]:
        raise UsageError("there is nothing to compare: no row that both records have ran to a verdict")


@dataclass(frozen=True, slots=True)
class _Side:
    """One implementation of a record."""

    record: Record
    name: str
    rows: Sequence[Row]

    @property
    def identity(self) -> Identity:
        return next(identity for identity in self.record.implementations if identity.name == self.name)

    def came_to(self, row: Row) -> bool:
        """Return whether its run was not broken off before a row."""
        return self.name not in self.record.incomplete() or any(each.key == row.key for each in self.rows)

    def asked(self) -> dict[str, Row]:
        """Return the rows that it was asked, by their keys."""
        stated = {clause.id for clause in self.record.clauses if self.record.held_to(self.name) in clause.stated}
        found: dict[str, Row] = {}
        for row in self.rows:
            # One that the edition states is not applicable where the library lacks the protocol.
            left_out = row.verdict is Verdict.NOT_APPLICABLE and stated.isdisjoint(row.clauses)
            if left_out or row.verdict is Verdict.DISABLED:
                continue
            if found.setdefault(row.key, row) is not row:
                message = f"a record is damaged: it says two things of the row {row.key!r:.160} of {self.name!r:.60}"
                raise UsageError(message)
        return found


def _rows(record: Record) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {name: [] for name in record.names()}
    for row in record.rows:
        found[row.implementation].append(row)
    return found


def _pair(old: _Side, new: _Side) -> Pair:
    was, now = old.asked(), new.asked()
    both = [(was[key], row) for key, row in now.items() if key in was]
    each = [(before, tuple(_changes(before, after))) for before, after in both]
    unchanged = [before for before, changes in each if not changes]
    same = sum(before.verdict in RAN for before in unchanged)
    gone = [row for key, row in was.items() if key not in now]
    added = [row for key, row in now.items() if key not in was]
    return Pair(
        old.identity,
        new.identity,
        tuple(change for _, changes in each for change in changes),
        same,
        unseen=len(unchanged) - same,
        gone=tuple(filter(new.came_to, gone)),
        added=tuple(filter(old.came_to, added)),
        not_run=tuple(row for row in gone if not new.came_to(row)),
        not_run_before=tuple(row for row in added if not old.came_to(row)),
    )


def _changes(before: Row, after: Row) -> Iterator[Change]:
    """Go through what is otherwise in a row: its own outcome, and those of the invariants that were broken in it."""
    held_before, held_after = ({each.clause: each for each in row.invariants} for row in (before, after))
    broken = dict.fromkeys(each.clause for row in (before, after) for each in row.invariants if each.broken)
    outcomes = [
        (after.clauses, _outcome(before), _outcome(after)),
        *(((clause,), _of_invariant(held_before.get(clause)), _of_invariant(held_after.get(clause))) for clause in broken),
    ]
    for clauses, was, now in outcomes:
        if way := _way(was, now):
            yield Change(way, after, clauses, was, now, after.known if now.verdict in FAILED else ())


def _outcome(row: Row) -> Outcome:
    why = "" if row.verdict in (Verdict.CONFORMS, Verdict.ANSWERED) else row.observed or row.reason
    return Outcome(row.verdict, row.expected, why, row.answer)


def _of_invariant(found: Invariant | None) -> Outcome:
    if found is None:
        return Outcome(Verdict.NOT_OBSERVABLE, observed="it was checked on no call of the row")
    return Outcome(Verdict.DEVIATES, observed=found.broken) if found.broken else Outcome(Verdict.CONFORMS)


def _way(was: Outcome, now: Outcome) -> Way | None:
    """Return in which way something changed, None where it did not."""
    if now.verdict in FAILED:
        worse = _SEVERITY.get(was.verdict, 0) < _SEVERITY[now.verdict]
        return Way.REGRESSED if worse else None if was == now else Way.OTHERWISE
    if now.verdict in RAN:
        return _way_of_success(was, now)
    if now.verdict is Verdict.ERROR:
        return None if was.verdict is Verdict.ERROR else Way.BROKEN
    return Way.LOST if was.verdict in RAN else None


def _way_of_success(was: Outcome, now: Outcome) -> Way | None:
    if was.verdict in FAILED:
        return Way.FIXED
    if was.verdict not in RAN:
        return Way.SEEN
    return None if was.answer == now.answer else Way.ANSWER
