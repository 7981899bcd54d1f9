"""What a program is made from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sslspec.errors import UsageError
from sslspec.evidence import UNFINISHED, Event
from sslspec.record import Invariant, Wanted
from sslspec.reports.reproducer.case import cases
from sslspec.verdicts import Verdict

SET = Event("call", "SSL_set_session", ("client1", "session1"), 0)
NUMBER = Event("call", "SSL_CTX_sess_number", ("ctx1",), 1)
OTHERS = Event("call", "SSL_CTX_sess_number", ("ctx2",), 5)
WHEN = Event("step", "When it happens")
AFTER = Event("step", "(the row is over and what is left is freed)")


def found(make, *evidence, verdict=Verdict.DEVIATES, undefined=False, **more):
    record = make.record([make.row(verdict, evidence=evidence, **more)])
    return cases(record, "one", record.clauses[0], undefined=undefined)


def case_of(make, *evidence, **more):
    (case,) = found(make, *evidence, **more)
    return case


def test_the_last_call_decides_what_the_call_returns(make):
    case = case_of(make, SET, WHEN, SET, AFTER, wanted=Wanted("call", "", 1, 1), expected="1", observed="0")
    assert (case.at, case.number, case.before) == (2, 0, None)
    assert case.events == (SET, WHEN, SET)
    assert (case.expected, case.observed) == ("1", "0")


def test_a_difference_is_to_the_last_number_before_the_first_when(make):
    wanted = Wanted("entries", "ctx1", -1, -1, gained=True)
    case = case_of(make, NUMBER, NUMBER, OTHERS, WHEN, NUMBER, OTHERS, WHEN, NUMBER, OTHERS, wanted=wanted)
    assert (case.at, case.before, case.number) == (7, 1, 0)


def test_a_session_that_was_destroyed_is_seen_at_the_end(make):
    case = case_of(make, SET, AFTER, wanted=Wanted("destroyed", "session1", 0, 0))
    assert (case.at, case.number) == (2, 1)


def test_a_session_that_was_not_destroyed_is_seen_where_it_was_looked_at(make):
    looked = Event("observation", "destroyed", ("session1",), result=False)
    case = case_of(make, SET, looked, AFTER, wanted=Wanted("destroyed", "session1", 1))
    assert (case.at, case.number) == (1, 0)


def test_the_call_that_did_not_return_decides_with_all_that_it_called(make):
    outer = Event("call", "SSL_CTX_flush_sessions", ("ctx1", "all"), UNFINISHED)
    inner = Event("call", "SSL_CTX_add_session", ("ctx1", "session1"), UNFINISHED, 1)
    called = Event("callback", "remove_session", ("ctx1", "session1"))
    case = case_of(make, SET, outer, called, inner, verdict=Verdict.CRASHES, reason="... ended the process with SIGSEGV")
    assert (case.at, case.wanted) == (1, None)
    assert case.expected.startswith(
        "SSL_CTX_add_session(ctx1, session1) inside callback remove_session(ctx1, session1) inside SSL_CTX_flush"
    )
    assert case.expected.endswith("returns")
    assert case.observed == "... ended the process with SIGSEGV"


def test_an_answer_that_ended_the_process_counts_when_asked_for(make):
    ended = Event("call", "SSL_connect", ("client1",), UNFINISHED)
    more = {"verdict": Verdict.ANSWERED, "answer": "the process ends with SIGSEGV in SSL_connect(client1)"}
    assert found(make, ended, **more) == []
    assert case_of(make, ended, undefined=True, **more).observed == more["answer"]
    assert found(make, SET, undefined=True, **more) == []


def test_the_first_call_that_broke_an_invariant_decides(make):
    wanted = Wanted("errors", "SSL_set_session(client1, session1)", 1)
    broken = Invariant(f"{make.page}/a-rule", 3, "expected: a reason; observed: none", wanted)
    other = Event("call", "SSL_set_session", ("client2", "session1"), 0)
    fine = Event("call", "SSL_set_session", ("client1", "session1"), 1)
    case = case_of(make, other, fine, SET, SET, verdict=Verdict.CONFORMS, clause="another", invariants=(broken,))
    assert (case.at, case.number) == (2, 0)
    assert (case.expected, case.observed) == ("a reason", "none")


def test_what_conforms_and_what_others_do_is_no_case(make):
    assert found(make, SET, verdict=Verdict.CONFORMS) == []
    assert found(make, SET, verdict=Verdict.DEVIATES, clause="another") == []
    rows = [make.row(), make.row(Verdict.DEVIATES, implementation="two", wanted=Wanted("call", "", 1))]
    assert cases(make.record(rows), "one", make.clause()) == []


@pytest.mark.parametrize(
    ("evidence", "more", "said"),
    [
        ((SET,), {"expected": "the same one leaves"}, "what it expects is not one number (the same one leaves)"),
        ((SET,), {"wanted": Wanted("reused", "client1", 1)}, "does not show reused of client1"),
        ((WHEN, NUMBER), {"wanted": Wanted("entries", "ctx1", 1, gained=True)}, "what the number was before"),
        ((Event("call", "SSL_CTX_sess_number", ("ctx1",), "x"),), {"wanted": Wanted("entries", "ctx1", 1)}, "gives no number"),
        ((SET,), {"verdict": Verdict.CRASHES}, "between two calls"),
        ((replace(SET, result=UNFINISHED, depth=1),), {"verdict": Verdict.CRASHES}, "between two calls"),
    ],
)
def test_a_row_of_which_no_program_can_be_made_says_why(make, evidence, more, said):
    with pytest.raises(UsageError, match="no program can be made of 'It is so'") as caught:
        found(make, *evidence, **more)
    assert said in str(caught.value)


def test_a_row_that_breaks_an_invariant_and_deviates_is_two_cases(make):
    broken = Invariant(
        f"{make.page}/a-rule", 1, "expected: a reason; observed: none", Wanted("errors", "SSL_set_session(client1, session1)", 1)
    )
    own, invariant = found(make, SET, NUMBER, wanted=Wanted("entries", "ctx1", 2), invariants=(broken,), expected="2", observed="1")
    assert (own.at, own.wanted.what, own.expected) == (1, "entries", "2")
    assert (invariant.at, invariant.wanted.what, invariant.expected) == (0, "errors", "a reason")


def test_rows_of_which_none_can_be_made_are_passed_over_where_there_are_others(make):
    good = {"evidence": (SET,), "wanted": Wanted("call", "", 1), "scenario": "Another"}
    record = make.record([make.row(Verdict.DEVIATES), make.row(Verdict.DEVIATES, **good)])
    assert [case.row.title for case in cases(record, "one", record.clauses[0])] == ["Another"]
