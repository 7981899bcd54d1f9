"""Rules that are checked on every call of a run, whatever scenario makes it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from sslspec.record import Invariant, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sslspec.adapters.implementation import Ask

_FUNCTIONS = {
    "set_session": "SSL_set_session",
    "add_session": "SSL_CTX_add_session",
    "remove_session": "SSL_CTX_remove_session",
}


def _returns_0_or_1(value: int, _errors: list[str] | None) -> str | None:
    return "" if value in (0, 1) else "0 or 1"


def _failure_has_reason(value: int, errors: list[str] | None) -> str | None:
    if value != 0 or errors is None:
        return None
    return "" if errors else "a reason on the error stack"


_Check: TypeAlias = "Callable[[int, list[str] | None], str | None]"

#: operation -> clause -> what a call's value and error stack must be: "" holds, None does not apply, else what was expected.
_CHECKS: dict[str, dict[str, _Check]] = {
    "set_session": {
        "SSL_set_session.3/returns-0-or-1": _returns_0_or_1,
        "SSL_set_session.3/failure-has-reason": _failure_has_reason,
    },
    "add_session": {"SSL_CTX_add_session.3/returns-0-or-1": _returns_0_or_1},
    "remove_session": {"SSL_CTX_add_session.3/returns-0-or-1": _returns_0_or_1},
}

#: What each check wants of a call, for a program that shows how it is broken.
_WANTED: dict[_Check, Wanted] = {_returns_0_or_1: Wanted("call", "", 0, 1), _failure_has_reason: Wanted("errors", "", 1)}


class Watch:
    """Looks at the calls of one row as they return."""

    def __init__(self, ask: Ask, clauses: Collection[str]) -> None:
        """Look at what `ask` returns; only the invariants among `clauses` are checked."""
        self._ask = ask
        self._clauses = clauses
        self._calls: Counter[str] = Counter()
        self._broken: dict[str, tuple[str, Wanted]] = {}

    def __call__(self, operation: str, *args: Any) -> Any:  # JSON
        """Carry out the operation, and check what it returned."""
        answer = self._ask(operation, *args)
        for clause, check in _CHECKS.get(operation, {}).items():
            value, errors = answer
            expected = check(value, errors) if clause in self._clauses else None
            if expected is None:
                continue
            self._calls[clause] += 1
            if expected:
                call = f"{_FUNCTIONS[operation]}({', '.join(str(arg or 'NULL') for arg in args)})"
                said = f"expected: {expected}; observed: {call} = {value}, error stack: {errors or 'empty'}"
                self._broken.setdefault(clause, (said, replace(_WANTED[check], of=call)))
        return answer

    def findings(self) -> tuple[Invariant, ...]:
        """Return what was checked in this row, and what was broken."""
        whole = ("", None)
        return tuple(Invariant(clause, calls, *self._broken.get(clause, whole)) for clause, calls in sorted(self._calls.items()))
