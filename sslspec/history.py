"""The history of a clause in a family of libraries: what each release does about it, and between which two that changed.

Pure functions over what was run. A release that was not run has no state here, ever: where its neighbours do the same it is called
"between equal ones", and that is no claim about it. Order is that of the releases, not that of time: a correction may have gone into
3.0.17 and into 3.2.5, and 3.1 lies between them without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from sslspec.record import ClauseResult, Results
from sslspec.releases import comparable, release_of
from sslspec.verdicts import FAILED, RAN, Verdict

if TYPE_CHECKING:
    from sslspec.clauses import Clause
    from sslspec.record import Identity, Record, Row

#: What of a release names the branch that it is of: 3.0 of 3.0.17, 1.1.1 of 1.1.1k.
_BRANCH = re.compile(r"[01]\.\d+\.\d+|\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Release:
    """A release of a family.

    name: the implementation's, openssl-1.1.1k. release: 1.1.1k. trouble: why it could not be run, "" where nobody tried or it was.
    """

    name: str
    release: str
    trouble: str = ""

    @property
    def branch(self) -> str:
        """Return the branch that the release is of: from 2.0 on two numbers (3.0), before that three (1.1.1)."""
        match = _BRANCH.match(self.release)
        return match[0] if match else self.release


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says. text: the observed of a deviation, how the process ended, the answer to a question; "" for all else."""

    verdict: Verdict
    text: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What a release does about a clause: two releases that do the same have equal ones.

    rows: key of a row -> what it says. result: as reports show it.
    """

    verdict: Verdict | None
    rows: Mapping[str, Said] = field(hash=False)
    result: ClauseResult = field(compare=False, default_factory=lambda: ClauseResult(None))


@dataclass(frozen=True, slots=True)
class Point:
    """A release on a line; state: None where it was not run."""

    release: Release
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that says one thing before a change and another after it; None where it was not part of the run."""

    row: str
    before: Said | None
    after: Said | None

    @property
    def kind(self) -> Kind:
        """Return what has become of the row."""
        ran = [said is not None and said.verdict in RAN for said in (self.before, self.after)]
        return {(True, True): Kind.OTHERWISE, (False, True): Kind.FIRST_SEEN, (True, False): Kind.LOST}.get((ran[0], ran[1]), Kind.REASON)


class Kind(StrEnum):
    """What becomes of a row at a change: only the first says that a library changed what could be seen before as well."""

    OTHERWISE = "does otherwise"
    FIRST_SEEN = "seen from here on"
    LOST = "no longer seen"
    REASON = "not seen for another reason"


@dataclass(frozen=True, slots=True)
class Span:
    """Releases that were run one after the other and do the same. unrun: what lies between them and was not run."""

    state: State
    releases: tuple[Release, ...]
    unrun: tuple[Release, ...] = ()

    @property
    def first(self) -> Release:
        """Return the first release that was run."""
        return self.releases[0]

    @property
    def last(self) -> Release:
        """Return the last release that was run."""
        return self.releases[-1]


@dataclass(frozen=True, slots=True)
class Change:
    """Two releases that were run, with none that was run between them, and do not do the same. unrun: what lies between them."""

    before: Release
    after: Release
    rows: tuple[Difference, ...]
    unrun: tuple[Release, ...] = ()


@dataclass(frozen=True)
class Line:
    """The history of a clause in a family, held to one edition (or OWN). points: in the order of the releases."""

    clause: Clause
    family: str
    edition: str
    points: tuple[Point, ...]

    @property
    def spans(self) -> tuple[Span, ...]:
        """Return the spans, oldest first."""
        return tuple(_spans(self.points))

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return the changes between neighbouring spans, oldest first."""
        return tuple(_change(self.points, before, after) for before, after in pairwise(self.spans))

    @property
    def differs(self) -> bool:
        """Return whether a release does otherwise than the one before it, or has another verdict: not only that more or less is seen."""
        verdicts = {span.state.verdict for span in self.spans}
        return len(verdicts) > 1 or any(row.kind is Kind.OTHERWISE for change in self.changes for row in change.rows)

    @property
    def unknown(self) -> tuple[Release, ...]:
        """Return what was not run and does not lie between equal ones."""
        between = {release for span in self.spans for release in span.unrun}
        return tuple(point.release for point in self.points if point.state is None and point.release not in between)


@dataclass(frozen=True)
class History:
    """The lines of a family. unordered: implementations that were run and whose release is unknown, which have no place on a line."""

    family: str
    lines: tuple[Line, ...]
    unordered: tuple[str, ...] = ()

    @property
    def releases(self) -> tuple[Release, ...]:
        """Return the releases on the lines, in their order; all lines have the same."""
        return tuple(point.release for point in self.lines[0].points) if self.lines else ()

    @property
    def run(self) -> tuple[Release, ...]:
        """Return those that were run."""
        return tuple(point.release for point in self.lines[0].points if point.state) if self.lines else ()


def history(family: str, clauses: Iterable[Clause], runs: Iterable[Results], others: Iterable[Release] = ()) -> History:
    """Return the history of `clauses` in a family.

    runs: of which each clause takes those that have rows of it. others: releases that were not run; one that was is not repeated.
    """
    every = list(runs)
    identities = {identity.name: identity for results in every for identity in results.record.implementations}
    of_family = [identity for identity in identities.values() if identity.family == family]
    lines = tuple(_line(family, clause, every, list(others)) for clause in clauses)
    return History(family, lines, tuple(identity.name for identity in of_family if not release_of(identity)))


def families(record: Record) -> list[str]:
    """Return the families of a record, in its order; the model is none, it has no releases."""
    return [family for family in dict.fromkeys(identity.family for identity in record.implementations) if family != "model"]


def seen_clauses(results: Results, family: str) -> list[Clause]:
    """Return the clauses that a run asked a family about; what its edition does not state, and what was left out, it did not ask."""
    names = [identity.name for identity in results.record.implementations if identity.family == family]
    absent = (None, Verdict.NOT_APPLICABLE, Verdict.DISABLED)
    return [clause for clause in results.record.clauses if any(results.of(name, clause.id).verdict not in absent for name in names)]


def wanted(lines: Sequence[Line], *, branches: bool = False) -> Release | None:
    """Return the release that has to be run next to know more about `lines`, which have the same points; None when all is known.

    First the ends of the line and, with `branches`, those of each branch; then, where neighbours that were run differ, the one half way
    between them. What could not be run is passed over.
    """
    if not lines:
        return None
    points = [point for point in lines[0].points if not point.release.trouble]
    groups = [list(group) for _, group in groupby(points, lambda point: point.release.branch)] if branches else [points]
    ends = [end for group in groups if group for end in (group[0], group[-1])]
    found = next((end.release for end in ends if end.state is None), None)
    return found or next((_middle(change.unrun) for line in lines for change in line.changes if _middle(change.unrun)), None)


def _middle(unrun: Sequence[Release]) -> Release | None:
    untried = [release for release in unrun if not release.trouble]
    return untried[len(untried) // 2] if untried else None


def _line(family: str, clause: Clause, runs: Sequence[Results], others: Sequence[Release]) -> Line:
    about = [results for results in runs if any(results.of(name, clause.id).verdict for name in results.record.names())]
    ran = {
        identity.name: Point(Release(identity.name, release_of(identity)), _state(results, identity, clause))
        for results in about
        for identity in results.record.implementations
        if identity.family == family and release_of(identity)
    }
    points = [*ran.values(), *(Point(other) for other in others if other.name not in ran)]
    edition = about[0].record.edition if about else ""
    return Line(clause, family, edition, tuple(sorted(points, key=_place)))


def _place(point: Point) -> tuple[object, str]:
    return comparable(point.release.release), point.release.name


def _state(results: Results, identity: Identity, clause: Clause) -> State:
    result = results.of(identity.name, clause.id)
    return State(result.verdict, {row.key: _said(row, clause) for row in result.rows}, result)


def _said(row: Row, clause: Clause) -> Said:
    broken = next((each.broken for each in row.invariants if each.clause == clause.id and each.broken), "")
    if broken:
        return Said(Verdict.DEVIATES, broken)
    # Why a row could not be seen names what is missing, in words that change from adapter to adapter.
    return Said(row.verdict, row.answer or (row.observed or row.reason if row.verdict in FAILED | {Verdict.ERROR} else ""))


def _spans(points: Sequence[Point]) -> Iterator[Span]:
    state: State | None = None
    releases: list[Release] = []
    unrun: list[Release] = []
    waiting: list[Release] = []
    for point in points:
        if point.state is None:
            waiting.append(point.release)
            continue
        if state is not None and point.state != state:
            yield Span(state, tuple(releases), tuple(unrun))
            releases, unrun = [], []
        state = point.state
        releases.append(point.release)
        # Only what lies between two releases of a span is between equal ones.
        unrun += waiting if len(releases) > 1 else []
        waiting = []
    if state is not None:
        yield Span(state, tuple(releases), tuple(unrun))


def _change(points: Sequence[Point], before: Span, after: Span) -> Change:
    order = [point.release for point in points]
    unrun = order[order.index(before.last) + 1 : order.index(after.first)]
    old, new = before.state.rows, after.state.rows
    rows = [Difference(row, old.get(row), new.get(row)) for row in dict.fromkeys((*old, *new)) if old.get(row) != new.get(row)]
    return Change(before.last, after.first, tuple(rows), tuple(unrun))
