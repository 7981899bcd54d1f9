"""What pytest makes of a row: a pass, a failure with a few lines, an expected failure, a skip with its reason, or an error.

A known deviation is a strict xfail: it fails when it no longer happens, or happens otherwise than the entry says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from sslspec.clauses import Clause, Kind, specification
from sslspec.evidence import lines
from sslspec.known import Change, judge
from sslspec.steps.rows import TIDYING
from sslspec.verdicts import FAILED, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sslspec.evidence import Event
    from sslspec.expectations import KnownDeviation
    from sslspec.known import Unexpected
    from sslspec.record import Row

#: The last lines of the evidence are what a failure shows; `sslspec explain` has all of it.
_SHOWN = 12


def show(row: Row, error: Exception | None, entries: Sequence[KnownDeviation] = ()) -> None:
    """Return for a pass; raise what makes pytest report anything else.

    error: what ended the row; its traceback goes along, so that --pdb lands in the step. entries: what is known of the release.
    """
    if row.verdict is Verdict.ERROR:
        raise error or RuntimeError(row.reason)
    judged = judge(row, entries)
    changed = [each for each in judged.unexpected if each.change is Change.NO_LONGER]
    if changed:
        _fail(f"[XPASS(strict)] {_no_longer(changed[0])}", error)
    new = {each.clause for each in judged.unexpected}
    if row.verdict in FAILED and new & set(row.clauses):
        _fail(_headed(specification().clauses[row.clauses[0]], _statement(row), row), error)
    if broken := [invariant for invariant in row.invariants if invariant.broken and invariant.clause in new]:
        _fail(_headed(specification().clauses[broken[0].clause], [broken[0].broken], row), None)
    if judged.known:
        entry = next(entry for entry in entries if entry.name == judged.known[0])
        raise pytest.xfail.Exception(": ".join(filter(None, (entry.verdict, entry.whose, entry.why, entry.link))))
    if row.verdict not in (Verdict.CONFORMS, Verdict.ANSWERED):
        raise pytest.skip.Exception(f"{row.verdict}: {row.reason}")


def _no_longer(each: Unexpected) -> str:
    return f"{each.implementation}: {each.clause}: {each.change}: {each.expected}; observed: {each.observed}; change {each.entry}"


def _fail(message: str, error: Exception | None) -> NoReturn:
    failure = pytest.fail.Exception(message, pytrace=False)
    raise failure.with_traceback(error.__traceback__ if error else None) from None


def _statement(row: Row) -> list[str]:
    if row.verdict is Verdict.DEVIATES:
        return [f"expected: {row.expected}", f"observed: {row.observed}"]
    return [f"{row.verdict}: {row.reason}"]


def _to_the_point(row: Row) -> list[Event]:
    """Return the evidence up to what the verdict is about: the calls that free what was left tell nothing of a deviation."""
    events = list(row.evidence)
    if row.verdict is not Verdict.DEVIATES or TIDYING not in events:
        return events
    return events[: events.index(TIDYING)]


def _headed(clause: Clause, statement: list[str], row: Row) -> str:
    text = lines(_to_the_point(row))
    left_out = [f"    ... ({len(text) - _SHOWN} lines before)"] if len(text) > _SHOWN else []
    readings = [f"reading taken: {clause.takes}", *(f"another one: {other}" for other in clause.others)]
    return "\n".join(
        [
            f"{row.implementation}: {clause.id} ({clause.kind}): {clause.says}",
            *(readings if clause.kind is Kind.READING else []),
            *statement,
            "evidence:",
            *left_out,
            *text[-_SHOWN:],
            f"all of it: sslspec explain {clause.id} -i {row.implementation}",
        ]
    )
