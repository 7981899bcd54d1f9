"""What text and page say of a history in the same words: releases, spans, and what becomes of rows at a change."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sslspec.history import Kind
from sslspec.reports.words import plain, rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sslspec.history import Change, History, Release, Said, Span

#: Said of rows, several or one.
_BECOME = {
    Kind.OTHERWISE: ("do otherwise", "does otherwise"),
    Kind.FIRST_SEEN: ("are seen from here on", "is seen from here on"),
    Kind.LOST: ("are no longer seen", "is no longer seen"),
    Kind.REASON: ("are not seen for another reason", "is not seen for another reason"),
}

#: Below every history: what the line does not say.
CAUTION = (
    "What was not run is not known, also between equal ones: releases stand in the order of their numbers, "
    "and a branch that a correction did not reach may lie between two that have it."
)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that say the same before a change, and the same after it, by their titles."""

    kind: Kind
    before: str
    after: str
    titles: tuple[str, ...]


def called(release: Release, family: str) -> str:
    """Return what a release is called on the line of its family: its number, and its name where that says something else."""
    number = plain(release.release)
    return number if release.name == f"{family}-{release.release}" else f"{number} ({plain(release.name)})"


def reach(span: Span, family: str) -> str:
    """Return the first and the last release of a span that were run."""
    first, last = called(span.first, family), called(span.last, family)
    return first if span.first == span.last else f"{first} .. {last}"


def some(releases: Sequence[Release], family: str) -> str:
    """Return releases in words; of many the first and the last, and how many they are."""
    few = 6
    names = [called(release, family) for release in releases]
    return ", ".join(names) if len(names) <= few else f"{names[0]} .. {names[-1]} ({len(names)})"


def said(what: Said | None) -> str:
    """Return what a row says, in a line."""
    if what is None:
        return "not part of the run"
    return plain(f"{what.verdict.value}: {what.text}" if what.text else what.verdict.value)


def grouped(change: Change) -> list[Group]:
    """Return the rows of a change, those that say the same together; what a library does otherwise comes first."""
    groups: dict[tuple[Kind, str, str], list[str]] = {}
    for row in change.rows:
        groups.setdefault((row.kind, said(row.before), said(row.after)), []).append(plain(row.row.partition("::")[2]))
    order = list(Kind)
    return [Group(*key, tuple(titles)) for key, titles in sorted(groups.items(), key=lambda each: order.index(each[0][0]))]


def become(change: Change) -> str:
    """Return how many rows a change is about, and what has become of them: "2 rows do otherwise, 4 rows are seen from here on"."""
    numbers = Counter(row.kind for row in change.rows)
    return ", ".join(heading(kind, numbers[kind]) for kind in Kind if numbers[kind])


def heading(kind: Kind, number: int) -> str:
    """Return what has become of a number of rows."""
    return f"{rows(number)} {_BECOME[kind][number == 1]}"


def ran(history: History) -> str:
    """Return how many releases were run, and from which to which."""
    run = history.run
    if not run:
        return "no release was run"
    first, last = called(run[0], history.family), called(run[-1], history.family)
    return f"1 release was run, {first}" if len(run) == 1 else f"{len(run)} releases were run, {first} to {last}"
