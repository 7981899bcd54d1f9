"""What pytest is made to report of a row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sslspec.adapters.errors import AdapterBroken
from sslspec.evidence import Event
from sslspec.expectations import KnownDeviation, Whose
from sslspec.record import Invariant, Row
from sslspec.steps.outcome_in_pytest import _SHOWN, show
from sslspec.steps.rows import TIDYING
from sslspec.verdicts import FAILED, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

RULE = "SSL_set_session.3/reference-added"
READING = "SSL_set_session.3/sent-flag-is-not-open"
INVARIANT = "SSL_set_session.3/returns-0-or-1"


def _row(verdict: Verdict, clause: str = RULE, **more: Any) -> Row:
    return Row("one", "SSL_set_session.3/a.feature", 7, "It is so", (), (clause,), verdict, **more)


def _failure(row: Row, error: Exception | None = None, entries: Sequence[KnownDeviation] = ()) -> list[str]:
    # A skip that nobody catches would skip this test instead of failing it.
    with pytest.raises((pytest.fail.Exception, pytest.skip.Exception)) as caught:
        show(row, error, entries)
    assert isinstance(caught.value, pytest.fail.Exception)
    assert not caught.value.pytrace
    return str(caught.value).splitlines()


def _raised(row: Row, error: Exception | None = None, entries: Sequence[KnownDeviation] = ()) -> BaseException:
    """Return what is raised of a row, also what would make pytest skip a test that does not catch it."""
    with pytest.raises((Exception, pytest.skip.Exception, pytest.xfail.Exception)) as caught:
        show(row, error, entries)
    return caught.value


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
    assert _raised(_row(Verdict.ERROR, reason=str(error)), error) is error


def test_an_error_without_an_exception_gives_its_reason() -> None:
    raised = _raised(_row(Verdict.ERROR, reason="the scenario of a question ended without an answer"))
    assert isinstance(raised, RuntimeError)
    assert "ended without an answer" in str(raised)


@pytest.mark.parametrize("verdict", sorted(set(Verdict) - FAILED - {Verdict.CONFORMS, Verdict.ANSWERED, Verdict.ERROR}))
def test_what_is_no_verdict_is_skipped_with_its_reason(verdict: Verdict) -> None:
    with pytest.raises(pytest.skip.Exception) as caught:
        show(_row(verdict, reason="entries: no way"), None)
    assert str(caught.value) == f"{verdict}: entries: no way"


class TestKnown:
    ENTRY = KnownDeviation(
        "deviations/d.toml, entry 1",
        "d",
        RULE,
        Verdict.DEVIATES,
        "it did",
        ("SSL_set_session.3/a.feature::It is so",),
        whose=Whose.LIBRARY,
        why="It forgets.",
        link="https://example.org",
    )

    def test_a_deviation_is_an_expected_failure(self) -> None:
        raised = _raised(_row(Verdict.DEVIATES, reason="it did"), None, [self.ENTRY])
        assert isinstance(raised, pytest.xfail.Exception)
        assert str(raised) == "deviates: library: It forgets.: https://example.org"

    def test_what_conforms_now_fails_strictly(self) -> None:
        (line,) = _failure(_row(Verdict.CONFORMS), entries=[self.ENTRY])
        assert line.startswith(f"[XPASS(strict)] one: {RULE}: no longer as known: deviates: it did; observed: conforms")
        assert line.endswith("change deviations/d.toml, entry 1")

    def test_what_fails_for_another_reason_fails(self) -> None:
        (line,) = _failure(_row(Verdict.DEVIATES, reason="it did not"), entries=[self.ENTRY])
        assert "observed: deviates: it did not; change deviations/d.toml, entry 1" in line

    def test_what_fails_beside_it_fails(self) -> None:
        broken = Invariant(INVARIANT, 1, "expected: 0 or 1; observed: 2")
        text = _failure(_row(Verdict.DEVIATES, reason="it did", invariants=(broken,)), entries=[self.ENTRY])
        assert text[1] == "expected: 0 or 1; observed: 2"

    def test_what_is_known_of_two_invariants_is_not_said(self) -> None:
        always = replace(self.ENTRY, clause=RULE, rows=())
        invariants = (Invariant(RULE, 1, "it did"), Invariant(INVARIANT, 1), Invariant(INVARIANT, 1, "it did, too"))
        assert _failure(_row(Verdict.CONFORMS, invariants=invariants), entries=[always])[1] == "it did, too"

    def test_what_cannot_be_seen_is_skipped(self) -> None:
        raised = _raised(_row(Verdict.NOT_OBSERVABLE, reason="entries: no way"), None, [self.ENTRY])
        assert isinstance(raised, pytest.skip.Exception)

    def test_an_error_is_an_error(self) -> None:
        assert isinstance(_raised(_row(Verdict.ERROR, reason="new"), KeyError("new"), [self.ENTRY]), KeyError)
