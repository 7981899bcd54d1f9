"""How rows add up to a clause."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sslspec.verdicts import FAILED, RAN, Verdict, roll_up

C, A, D = Verdict.CONFORMS, Verdict.ANSWERED, Verdict.DEVIATES
CRASHES, HANGS, ERROR = Verdict.CRASHES, Verdict.HANGS, Verdict.ERROR
NOT_IMPLEMENTED, NOT_OBSERVABLE = Verdict.NOT_IMPLEMENTED, Verdict.NOT_OBSERVABLE
NOT_APPLICABLE, DISABLED = Verdict.NOT_APPLICABLE, Verdict.DISABLED

#: The sentence on a clause over its rows, part by part.
TABLE: list[tuple[list[Verdict], Verdict | None]] = [
    ([], None),
    *(([verdict], verdict) for verdict in Verdict),
    # Not applicable and disabled don't count unless there are no others.
    ([C, NOT_APPLICABLE], C),
    ([A, DISABLED], A),
    ([NOT_OBSERVABLE, NOT_APPLICABLE, DISABLED], NOT_OBSERVABLE),
    ([D, NOT_APPLICABLE], D),
    ([NOT_APPLICABLE, DISABLED], NOT_APPLICABLE),
    # Errors, crashes, hangs and deviations in any row are the clause's, in this order.
    ([ERROR, CRASHES, HANGS, D, C], ERROR),
    ([CRASHES, HANGS, D, C, A], CRASHES),
    ([HANGS, D, C], HANGS),
    ([D, C, C, C], D),
    ([D, NOT_IMPLEMENTED], D),
    # It conforms when one row does.
    ([C, NOT_OBSERVABLE, NOT_IMPLEMENTED], C),
    ([A, NOT_OBSERVABLE], A),
    ([C, A], C),
    # Otherwise it is what its rows are.
    ([NOT_IMPLEMENTED, NOT_OBSERVABLE], NOT_IMPLEMENTED),
]


@pytest.mark.parametrize(("rows", "clause"), TABLE, ids=["+".join(rows) or "nothing" for rows, _ in TABLE])
def test_a_clause_over_its_rows(rows: list[Verdict], clause: Verdict | None) -> None:
    assert {roll_up(order) for order in permutations(rows)} == {clause}


@given(some.lists(some.sampled_from(Verdict)))
def test_a_clause_is_what_one_of_its_rows_is_however_often(rows: list[Verdict]) -> None:
    assert (roll_up(rows) in rows) if rows else (roll_up(rows) is None)
    assert roll_up(rows * 2) == roll_up(iter(rows))


@given(some.lists(some.sampled_from(Verdict)), some.sampled_from(sorted(FAILED)))
def test_a_failure_is_never_outweighed(rows: list[Verdict], failure: Verdict) -> None:
    assert roll_up([*rows, failure]) in FAILED | {ERROR}


def test_the_words_are_those_of_the_reports() -> None:
    assert [str(verdict) for verdict in Verdict] == [
        "conforms",
        "answered",
        "deviates",
        "crashes",
        "hangs",
        "not-implemented",
        "not-observable",
        "not-applicable",
        "disabled",
        "error",
    ]


def test_what_ran_and_what_failed() -> None:
    assert set(FAILED) == {D, CRASHES, HANGS}
    assert RAN.issuperset(FAILED)
    assert set(RAN - FAILED) == {C, A}
