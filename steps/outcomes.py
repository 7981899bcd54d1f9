"""How a scenario ends, other than by conforming, and which verdict each ending is.

a statement did not hold                              Deviation                deviates
the library destroyed what the application holds      LibraryDestroyedSession  deviates
the library ended the process, or did not come back   LibraryCrashed/Hung      crashes, hangs
what the scenario begins with could not be made       CannotSetUp              not-observable
a function is missing                                 NotImplementedThere      not-implemented if the clause is about it,
                                                                               else not-observable
something cannot be seen                              NotObservable            not-observable
the library does not speak the protocol               ProtocolNotSpoken        not-applicable
anything else                                                                  error

In a row that does what the page forbids or does not speak of, what the library does to the process or to a session is an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sslspec.adapters import errors
from sslspec.record import Wanted
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(eq=False)
class Deviation(AssertionError):
    """A statement of the scenario did not hold.

    expected, observed: in the words of the step. wanted: what is expected as a number, None where it is none.
    """

    expected: str
    observed: str
    wanted: Wanted | None = None

    def __str__(self) -> str:
        return f"expected: {self.expected}; observed: {self.observed}"


@dataclass(eq=False)
class CannotSetUp(Exception):  # not an error of anybody
    """The scenario's first steps did not lead where it begins; what it is about was not reached."""

    reason: str

    def __str__(self) -> str:
        return f"the scenario could not begin: {self.reason}"


def yes_or_no(what: str, of: str, *, yes: bool) -> Wanted:
    """Return what is wanted where something is so or not; what, of: as Wanted has them."""
    return Wanted(what, of, 1) if yes else Wanted(what, of, 0, 0)


def verdict_of(error: BaseException, functions: Collection[str]) -> Verdict:
    """Return the verdict of a row that `error` ended.

    functions: those that the row's clauses are about.
    """
    if isinstance(error, errors.NotImplementedThere):
        return Verdict.NOT_IMPLEMENTED if error.function in functions else Verdict.NOT_OBSERVABLE
    return next((verdict for kind, verdict in _VERDICTS.items() if isinstance(error, kind)), Verdict.ERROR)


def answer_of(error: BaseException) -> str:
    """Return how a row answers that `error` ended when it did what the page forbids or does not speak of; "" where that is no answer."""
    match error:
        case errors.LibraryCrashed():
            return f"the process ends with {error.signal} in {error.call}"
        case errors.LibraryHung():
            return f"{error.call} does not come back"
        case errors.LibraryDestroyedSession():
            return f"{error.session} is destroyed while the application holds a reference to it"
        case _:
            return ""


_VERDICTS: dict[type[BaseException], Verdict] = {
    Deviation: Verdict.DEVIATES,
    CannotSetUp: Verdict.NOT_OBSERVABLE,
    errors.LibraryDestroyedSession: Verdict.DEVIATES,
    errors.LibraryCrashed: Verdict.CRASHES,
    errors.LibraryHung: Verdict.HANGS,
    errors.NotObservable: Verdict.NOT_OBSERVABLE,
    errors.ProtocolNotSpoken: Verdict.NOT_APPLICABLE,
}
