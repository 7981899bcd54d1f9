"""The watch over the calls of a row."""

from __future__ import annotations

from typing import Any

import pytest

from sslspec.adapters.interface import Outcome
from sslspec.clauses import specification
from sslspec.record import Invariant, Wanted
from sslspec.steps.invariants import _CHECKS, _FUNCTIONS, Watch

VALUE = "SSL_set_session.3/returns-0-or-1"
REASON = "SSL_set_session.3/failure-has-reason"
BOTH = "SSL_CTX_add_session.3/returns-0-or-1"
ALL = {VALUE, REASON, BOTH}


def _watch(*answers: Any, clauses: set[str] = ALL) -> Watch:
    """Return a watch over calls that answer with `answers`, one after the other."""
    rest = iter(answers)
    return Watch(lambda _operation, *_args: next(rest), clauses)


def test_the_answer_goes_through_untouched() -> None:
    asked: list[tuple[Any, ...]] = []
    watch = Watch(lambda *all_of_it: asked.append(all_of_it) or "answer", ALL)  # type: ignore[func-returns-value]
    assert watch("entries", "ctx1") == "answer"
    assert asked == [("entries", "ctx1")]


@pytest.mark.parametrize("answer", [(1, []), [1, []], Outcome(1, []), Outcome(1, None)])
def test_a_success_has_one_thing_to_check(answer: Any) -> None:
    watch = _watch(answer)
    assert watch("set_session", "client1", "session1") is answer
    assert watch.findings() == (Invariant(VALUE, 1),)


def test_a_failure_with_a_reason_holds_both() -> None:
    watch = _watch((0, ["no such version"]))
    watch("set_session", "client1", "session1")
    assert watch.findings() == (Invariant(REASON, 1), Invariant(VALUE, 1))


def test_a_failure_without_a_reason_is_broken_and_names_the_call() -> None:
    watch = _watch((0, []))
    watch("set_session", "client1", None)
    broken = "expected: a reason on the error stack; observed: SSL_set_session(client1, NULL) = 0, error stack: empty"
    wanted = Wanted("errors", "SSL_set_session(client1, NULL)", 1)
    assert watch.findings() == (Invariant(REASON, 1, broken, wanted), Invariant(VALUE, 1))


def test_a_stack_that_cannot_be_seen_says_nothing_of_reasons() -> None:
    watch = _watch((0, None))
    watch("set_session", "client1", "session1")
    assert watch.findings() == (Invariant(VALUE, 1),)


@pytest.mark.parametrize(("operation", "function"), [("add_session", "SSL_CTX_add_session"), ("remove_session", "SSL_CTX_remove_session")])
@pytest.mark.parametrize("value", [-1, 2])
def test_another_value_is_broken(operation: str, function: str, value: int) -> None:
    watch = _watch((value, []))
    watch(operation, "ctx1", "session1")
    assert watch.findings() == (
        Invariant(
            BOTH,
            1,
            f"expected: 0 or 1; observed: {function}(ctx1, session1) = {value}, error stack: empty",
            Wanted("call", f"{function}(ctx1, session1)", 0, 1),
        ),
    )


def test_adding_and_removing_need_no_reason() -> None:
    watch = _watch((0, []), (0, []))
    watch("add_session", "ctx1", "session1")
    watch("remove_session", "ctx1", "session1")
    assert watch.findings() == (Invariant(BOTH, 2),)


def test_the_first_break_is_kept_and_all_calls_are_counted() -> None:
    watch = _watch((1, []), (2, []), (3, []), (1, []))
    for number in range(4):
        watch("set_session", f"client{number}", "session1")
    (found,) = watch.findings()
    assert found.calls == 4
    assert "SSL_set_session(client1, session1) = 2" in found.broken


def test_what_the_edition_does_not_state_is_not_checked() -> None:
    watch = _watch((2, []), clauses={REASON})
    watch("set_session", "client1", "session1")
    assert watch.findings() == ()


def test_a_call_that_raises_is_not_counted() -> None:
    def raising(operation: str, *_args: Any) -> Any:
        raise KeyError(operation)

    watch = Watch(raising, ALL)
    with pytest.raises(KeyError):
        watch("set_session", "client1", "session1")
    assert watch.findings() == ()


def test_the_checks_are_of_the_clauses_that_say_they_are_invariants() -> None:
    checked = {clause for checks in _CHECKS.values() for clause in checks}
    assert checked == {clause.id for clause in specification().clauses.values() if clause.invariant}
    assert set(_CHECKS) == set(_FUNCTIONS)
