"""What pytest makes of a row: a pass, a failure with a few lines, a skip with its reason, or an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from sslspec.clauses import Clause, Kind, specification
from sslspec.evidence import lines
from sslspec.steps.rows import TIDYING
from sslspec.verdicts import FAILED, Verdict

if TYPE_CHECKING:
    from sslspec.evidence import Event
    from sslspec.record import Row

#: The last lines of the evidence are what a failure shows; `sslspec explain` has all of it.
_SHOWN = 12


def show(row: Row, error: Exception | None) -> None:
    """Return for a pass; raise what makes pytest report anything else.

    error: what ended the row; its traceback goes along, so that --pdb lands in the step.
    """
    if row.verdict in (Verdict.CONFORMS, Verdict.ANSWERED):
        broken = next((invariant for invariant in row.invariants if invariant.broken), None)
        if broken:
            _fail(_headed(specification().clauses[broken.clause], [broken.broken], row), None)
        return
    if row.verdict in FAILED:
        clauses = [specification().clauses[id_] for id_ in row.clauses]
        _fail(_headed(clauses[0], _statement(row), row), error)
    if row.verdict is Verdict.ERROR:
        raise error or RuntimeError(row.reason)
    raise pytest.skip.Exception(f"{row.verdict}: {row.reason}")


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
