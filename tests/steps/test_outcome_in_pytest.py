"""What pytest is made to report of a row."""

from __future__ import annotations

from typing import Any

import pytest

from sslspec.adapters.errors import AdapterBroken
from sslspec.evidence import Event
from sslspec.record import Invariant, Row
from sslspec.steps.outcome_in_pytest import _SHOWN, show
from sslspec.steps.rows import TIDYING
from sslspec.verdicts import FAILED, Verdict

RULE = "SSL_set_session.3/reference-added"
READING = "SSL_set_session.3/sent-flag-is-not-open"
INVARIANT = "SSL_set_session.3/returns-0-or-1"


def _row(verdict: Verdict, clause: str = RULE, **more: Any) -> Row:
    return Row("one", "SSL_set_session.3/a.feature", 7, "It is so", (), (clause,), verdict, **more)


def _failure(row: Row, error: Exception | None = None) -> list[str]:
    # A skip that nobody catches would skip this test instead of failing it.
    with pytest.raises((pytest.fail.Exception, pytest.skip.Exception)) as caught:
        show(row, error)
    assert isinstance(caught.value, pytest.fail.Exception)
    assert not caught.value.pytrace
    return str(caught.value).splitlines()


def _calls(count: int) -> tuple[Event, ...]:
    return tuple(Event("call", f"SSL_call_{number}", ()) for number in range(count))


@pytest.mark.parametrize("verdict", [Verdict.CONFORMS, Verdict.ANSWERED])
def test_a_pass_is_silent(verdict: Verdict) -> None:
    show(_row(verdict, answer="1", invariants=(Invariant(INVARIANT, 3),)), None)


@pytest.mark.parametrize("verdict", [Verdict.CONFORMS, Verdict.ANSWERED])
def test_a_broken_invariant_fails_a_pass_under_its_own_clause(verdict: Verdict) -> None:
    broken = Invariant(INVARIANT, 3, "expected: 0 or 1; observed: 2")
    text = _failure(_row(verdict, invariants=(Invariant(RULE, 1), broken)))
    assert text[0].startswith(f"one: {INVARIANT} (rule): ")
    assert text[1] == "expected: 0 or 1; observed: 2"
    assert text[-1] == f"all of it: sslspec explain {INVARIANT} -i one"


def test_a_deviation_says_what_was_expected_and_what_was_observed() -> None:
    text = _failure(_row(Verdict.DEVIATES, expected="1 reference more", observed="as many", evidence=_calls(2)))
    assert text[0] == f"one: {RULE} (rule): Setting a session takes exactly one more reference to it."
    assert text[1:] == [
        "expected: 1 reference more",
        "observed: as many",
        "evidence:",
        "    SSL_call_0()",
        "    SSL_call_1()",
        f"all of it: sslspec explain {RULE} -i one",
    ]


def test_a_deviation_from_a_reading_says_the_other_ones() -> None:
    text = _failure(_row(Verdict.DEVIATES, READING, expected="a", observed="b"))
    assert text[1].startswith("reading taken: ")
    assert text[2].startswith("another one: ")
    assert text[3:5] == ["expected: a", "observed: b"]


@pytest.mark.parametrize("verdict", sorted(FAILED - {Verdict.DEVIATES}))
def test_a_crash_or_a_hang_says_in_which_call(verdict: Verdict) -> None:
    assert _failure(_row(verdict, reason="SSL_free(client1) ended it"))[1] == f"{verdict}: SSL_free(client1) ended it"


def test_long_evidence_is_cut_at_its_beginning() -> None:
    text = _failure(_row(Verdict.DEVIATES, evidence=_calls(_SHOWN + 3)))
    shown = text[text.index("evidence:") + 1 : -1]
    assert shown[0] == "    ... (3 lines before)"
    assert shown[1:] == [f"    SSL_call_{number}()" for number in range(3, _SHOWN + 3)]


def test_evidence_that_fits_is_not_cut() -> None:
    text = _failure(_row(Verdict.DEVIATES, evidence=_calls(_SHOWN)))
    assert text[text.index("evidence:") + 1] == "    SSL_call_0()"


@pytest.mark.parametrize(("verdict", "last"), [(Verdict.DEVIATES, "    SSL_call_0()"), (Verdict.CRASHES, "    SSL_free(client1)")])
def test_tidying_up_is_shown_where_it_matters(verdict: Verdict, last: str) -> None:
    row = _row(verdict, evidence=(*_calls(1), TIDYING, Event("call", "SSL_free", ("client1",))))
    assert _failure(row)[-2] == last


def test_the_traceback_of_what_ended_the_row_goes_along() -> None:
    with pytest.raises(KeyError) as ended:
        {"there": 1}["here"]
    with pytest.raises(pytest.fail.Exception) as caught:
        show(_row(Verdict.DEVIATES), ended.value)
    assert caught.traceback[-1].name == "test_the_traceback_of_what_ended_the_row_goes_along"


def test_an_error_is_raised_as_it_was() -> None:
    error = AdapterBroken("no such thing")
    with pytest.raises(AdapterBroken) as caught:
        show(_row(Verdict.ERROR, reason=str(error)), error)
    assert caught.value is error


def test_an_error_without_an_exception_gives_its_reason() -> None:
    with pytest.raises(RuntimeError, match="ended without an answer"):
        show(_row(Verdict.ERROR, reason="the scenario of a question ended without an answer"), None)


@pytest.mark.parametrize("verdict", sorted(set(Verdict) - FAILED - {Verdict.CONFORMS, Verdict.ANSWERED, Verdict.ERROR}))
def test_what_is_no_verdict_is_skipped_with_its_reason(verdict: Verdict) -> None:
    with pytest.raises(pytest.skip.Exception) as caught:
        show(_row(verdict, reason="entries: no way"), None)
    assert str(caught.value) == f"{verdict}: entries: no way"
