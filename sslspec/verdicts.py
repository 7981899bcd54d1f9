"""What a row says of an implementation, and how rows add up to a clause.

A verdict is about one row. `roll_up` makes a clause's verdict from its rows; editions are given in numbers, never in one word.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(StrEnum):
    """What one row says of one implementation, in the words that every report uses."""

    CONFORMS = "conforms"
    ANSWERED = "answered"
    DEVIATES = "deviates"
    CRASHES = "crashes"
    HANGS = "hangs"
    NOT_IMPLEMENTED = "not-implemented"
    NOT_OBSERVABLE = "not-observable"
    NOT_APPLICABLE = "not-applicable"
    DISABLED = "disabled"
    ERROR = "error"


#: The row ran to its end and says something about the library.
RAN = frozenset({Verdict.CONFORMS, Verdict.ANSWERED, Verdict.DEVIATES, Verdict.CRASHES, Verdict.HANGS})

#: The library did something else than its page says.
FAILED = frozenset({Verdict.DEVIATES, Verdict.CRASHES, Verdict.HANGS})

#: Any of these in one row is the clause's, the first of them before the others.
_HEAVY = (Verdict.ERROR, Verdict.CRASHES, Verdict.HANGS, Verdict.DEVIATES)

#: Rows that say nothing about the clause as long as others do.
_ABSENT = (Verdict.NOT_APPLICABLE, Verdict.DISABLED)

#: What a clause is when no row of it could be seen, the first of them before the others.
_UNSEEN = (Verdict.NOT_IMPLEMENTED, Verdict.NOT_OBSERVABLE)


def roll_up(rows: Iterable[Verdict]) -> Verdict | None:
    """Return the verdict of a clause over the verdicts of its rows, or None when it has none.

    A crash, hang or deviation in any row is the clause's; otherwise one row that conforms is enough, and the caller shows
    beside it how many rows could be seen.
    """
    every = set(rows)
    counting = every - set(_ABSENT) or every
    order = (*_HEAVY, Verdict.CONFORMS, Verdict.ANSWERED, *_UNSEEN, *_ABSENT)
    return next((verdict for verdict in order if verdict in counting), None)
