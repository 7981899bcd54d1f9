"""What a program is made from: one thing that a row holds against an implementation, and the events that lead to it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sslspec.errors import UsageError
from sslspec.evidence import UNFINISHED, under_way
from sslspec.reports.words import failures
from sslspec.verdicts import FAILED, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sslspec.clauses import Clause
    from sslspec.evidence import Event
    from sslspec.record import Identity, Linking, Record, Row, Wanted

#: Wanted.what -> the events that show it.
SHOWN_BY = {
    "call": ("SSL_set_session", "SSL_CTX_add_session", "SSL_CTX_remove_session"),
    "errors": ("SSL_set_session", "SSL_CTX_add_session", "SSL_CTX_remove_session"),
    "references": ("references", "references, by one witness"),
    "entries": ("SSL_CTX_sess_number",),
    "destroyed": ("destroyed",),
    "resumable": ("SSL_SESSION_is_resumable",),
    "reused": ("SSL_session_reused",),
    "handshake": ("SSL_connect", "SSL_accept"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a row holds against an implementation.

    expected, observed: in words. wanted: None where the library had only to come back. at: which event of the row's evidence decides,
    its number of events where what decides is how things stand at the end. before: which one told the number that `wanted` is
    compared with, None where it is compared with none. number: what was seen, None for a handshake and for no return.
    """

    clause: Clause
    identity: Identity
    row: Row
    expected: str
    observed: str
    wanted: Wanted | None
    at: int
    before: int | None = None
    number: int | None = None

    @property
    def events(self) -> tuple[Event, ...]:
        """Return the evidence up to what decides."""
        return self.row.evidence[: self.at + 1]


def cases(record: Record, implementation: str, clause: Clause, *, undefined: bool = False) -> list[Case]:
    """Return what rows hold against an implementation with regard to a clause, in the order of the record.

    undefined: also what ended the process or did not come back where that is an answer. Raises UsageError where there are only rows of
    which no program can be made.
    """
    identity = next(identity for identity in record.implementations if identity.name == implementation)
    found: list[Case] = []
    impossible: list[UsageError] = []
    for row in record.rows:
        if row.implementation == implementation and clause.id in row.clauses + tuple(each.clause for each in row.invariants):
            try:
                found += _of_row(row, clause, identity, undefined=undefined)
            except UsageError as error:
                impossible.append(error)
    if impossible and not found:
        raise impossible[0]
    return found


def linking_of(identity: Identity) -> Linking:
    """Return how a program calls the functions of an implementation; raises UsageError where none can, or the record does not say it."""
    if identity.linking is None:
        message = (
            f"no C program can be made for {identity.name}: it is no C library, or its record was made by an older sslspec (run it again)"
        )
        raise UsageError(message)
    return identity.linking


def all_cases(record: Record) -> dict[tuple[str, str], list[Case]]:
    """Return implementation and clause (its id) -> the cases of which a program can be made, of implementations that programs can call."""
    identities = {identity.name: identity for identity in record.implementations if identity.linking}
    clauses = {clause.id: clause for clause in record.clauses}
    found: dict[tuple[str, str], list[Case]] = {}
    for row in record.rows:
        for clause in dict.fromkeys(clause for clause, *_ in failures(row) if row.implementation in identities):
            with suppress(UsageError):
                of_row = list(_of_row(row, clauses[clause], identities[row.implementation], undefined=False))
                found.setdefault((row.implementation, clause), []).extend(of_row)
    return found


def _of_row(row: Row, clause: Clause, identity: Identity, *, undefined: bool) -> Iterator[Case]:
    own = [(row.wanted, False)] * (len(row.clauses) if row.verdict in FAILED else 0)
    wanted = own + [(each.wanted, True) for each in row.invariants if each.broken]
    for (of, verdict, expected, observed), (want, first) in zip(failures(row), wanted, strict=True):
        if of == clause.id and verdict is Verdict.DEVIATES:
            yield _decided(Case(clause, identity, row, expected, observed, want, 0), first=first)
        elif of == clause.id:
            yield _ended(row, clause, identity, observed)
    if undefined and row.answer and under_way(row.evidence):
        yield _ended(row, clause, identity, row.answer)


def _ended(row: Row, clause: Clause, identity: Identity, observed: str) -> Case:
    """Return the case of a call that did not return; the callbacks inside of it belong to it."""
    at = next((at for at, event in enumerate(row.evidence) if event.result == UNFINISHED and not event.depth), None)
    if at is None:
        raise _no_program(row, "the process ended between two calls")
    return Case(clause, identity, row, f"{under_way(row.evidence)} returns", observed, None, at)


def _decided(case: Case, *, first: bool) -> Case:
    """Return the case with what decides it: the last event that shows the number or, of an invariant, the `first` that breaks it."""
    row, wanted = case.row, case.wanted
    if wanted is None:
        raise _no_program(row, f"what it expects is not one number ({case.expected})")
    places = [at for at, event in enumerate(row.evidence) if _shows(event, wanted)]
    before = _before(row, [at for at in places if at < _first_when(row)]) if wanted.gained else None
    if first:
        places = [at for at in places if row.evidence[at].result == 0 or wanted.what == "call"][:1]
    if wanted.what == "destroyed" and wanted.most == 0 and not any(row.evidence[at].result for at in places):
        return replace(case, at=len(row.evidence), number=1)
    if not places:
        raise _no_program(row, f"its evidence does not show {wanted.what} of {wanted.of or 'the call'}")
    at = places[-1]
    return replace(case, at=at, before=before, number=_number(row, wanted, at, before))


def _shows(event: Event, wanted: Wanted) -> bool:
    if event.kind == "step" or event.name not in SHOWN_BY[wanted.what]:
        return False
    call = str(event).removesuffix(f" = {event.result}")
    return wanted.of in ("", call) if wanted.what in ("call", "errors") else wanted.of in event.arguments


def _first_when(row: Row) -> int:
    return next((at for at, event in enumerate(row.evidence) if event.kind == "step" and event.name.startswith("When ")), 0)


def _before(row: Row, places: Sequence[int]) -> int:
    if not places:
        raise _no_program(row, "its evidence does not show what the number was before")
    return places[-1]


def _number(row: Row, wanted: Wanted, at: int, before: int | None) -> int | None:
    if wanted.what == "handshake":
        return None
    seen = _integer(row, at)
    return seen - _integer(row, before) if before is not None else 0 if wanted.what == "errors" else seen


def _integer(row: Row, at: int) -> int:
    result = row.evidence[at].result
    if not isinstance(result, int):
        raise _no_program(row, f"{row.evidence[at]} gives no number")
    return int(result)


def _no_program(row: Row, why: str) -> UsageError:
    return UsageError(f"no program can be made of {row.title!r}: {why}")
