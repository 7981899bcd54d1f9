"""One row: what each way to end it becomes, and what stands in its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sslspec.adapters import errors
from sslspec.adapters.implementation import Implementation
from sslspec.adapters.interface import Connection, Role, Variant
from sslspec.clauses import features_folder, specification
from sslspec.evidence import Event
from sslspec.record import Identity, Invariant, Wanted
from sslspec.steps.collect import read_feature
from sslspec.steps.outcomes import CannotSetUp, Deviation, verdict_of
from sslspec.steps.rows import TIDYING, Place, Run, place_of
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from sslspec.record import Row

EDITION = "openssl-1.1.1"
RULE = "SSL_set_session.3/reference-added"
LATE_RULE = "SSL_set_session.3/open-session-leaves-cache"
QUESTION = "SSL_set_session.3/set-none"
LATE_QUESTION = "SSL_set_session.3/is-set-session-open"
CRASH = errors.LibraryCrashed("SSL_free(client1)", "SIGSEGV")
HANG = errors.LibraryHung("SSL_connect(client1)", 10)


class Double:
    """An adapter that answers 1 to everything, and to what is in `answers` what stands there; an exception is raised."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, operation: str, *_args: Any) -> Any:
        self.asked.append(operation)
        answer = self.answers.get(operation, [] if operation == "evidence" else 1)
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer


def _run(  # noqa: PLR0913  # each is one circumstance
    double: Double | None = None,
    *clauses: str,
    family: str = "openssl",
    edition: str = EDITION,
    control: bool = False,
    undefined: bool = False,
    started: bool = True,
    **process: Any,
) -> Run:
    stated = tuple(specification().clauses[clause] for clause in clauses or (RULE,))
    place = Place("SSL_set_session.3/a.feature", 7, "It is so", (("where", "there"),), stated, control, undefined)
    run = Run(place, Implementation(Identity("one", family, "1"), double or Double(), **process), edition)
    if started:
        run.start()
    return run


def _ended(error: Exception | None, *clauses: str, **answers: Any) -> Row:
    return _run(Double(**answers), *clauses).end(error)


def test_a_row_that_came_to_its_end_conforms() -> None:
    row = _ended(None)
    assert (row.verdict, row.reason, row.answer) == (Verdict.CONFORMS, "", "")


def test_a_row_is_of_its_place_and_its_implementation() -> None:
    row = _run(control=True).end()
    assert (row.implementation, row.feature, row.line, row.scenario) == ("one", "SSL_set_session.3/a.feature", 7, "It is so")
    assert (row.example, row.clauses, row.control) == ((("where", "there"),), (RULE,), True)
    assert row.seconds >= 0


def test_a_deviation_keeps_both_halves() -> None:
    row = _ended(Deviation("the call returns 1", "it returned 2"))
    assert (row.verdict, row.expected, row.observed) == (Verdict.DEVIATES, "the call returns 1", "it returned 2")
    assert row.reason == "expected: the call returns 1; observed: it returned 2"


@pytest.mark.parametrize(
    ("error", "verdict", "reason"),
    [
        (CannotSetUp("there is no session"), Verdict.NOT_OBSERVABLE, "the scenario could not begin: there is no session"),
        (CRASH, Verdict.CRASHES, "SSL_free(client1) ended the process with SIGSEGV"),
        (HANG, Verdict.HANGS, "SSL_connect(client1) did not return within 10 s"),
        (errors.NotImplementedThere("SSL_set_session", "it"), Verdict.NOT_IMPLEMENTED, "it has no SSL_set_session"),
        (errors.NotImplementedThere("SSL_clear", "it"), Verdict.NOT_OBSERVABLE, "it has no SSL_clear"),
        (errors.NotObservable("entries", "no way"), Verdict.NOT_OBSERVABLE, "entries: no way"),
        (errors.ProtocolNotSpoken("TLS 1.3", "1.2 was"), Verdict.NOT_APPLICABLE, "TLS 1.3 is not spoken: 1.2 was"),
        (errors.AdapterBroken("no such thing"), Verdict.ERROR, "the adapter failed: no such thing"),
        (KeyError("new"), Verdict.ERROR, "KeyError: 'new'"),
        (AssertionError("looked too early"), Verdict.ERROR, "AssertionError: looked too early"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_ended_a_row_is_its_verdict(error: Exception, verdict: Verdict, reason: str) -> None:
    run = _run()
    row = run.end(error)
    assert (row.verdict, row.reason) == (verdict, reason)
    assert (row.expected, row.observed) == ("", "")
    assert run.error is error


def test_a_question_that_ran_is_answered_with_all_it_noted() -> None:
    run = _run(None, QUESTION)
    run.scene.note("the call returns 1")
    run.scene.note("the session is marked")
    row = run.end()
    assert (row.verdict, row.answer) == (Verdict.ANSWERED, "the call returns 1; the session is marked")


def test_a_question_without_an_answer_is_a_mistake_of_the_feature() -> None:
    row = _ended(None, QUESTION)
    assert (row.verdict, row.reason) == (Verdict.ERROR, "the scenario of a question ended without an answer")


def test_a_row_of_a_rule_and_a_question_conforms_and_answers() -> None:
    run = _run(None, QUESTION, RULE)
    run.scene.note("the call returns 1")
    row = run.end()
    assert (row.verdict, row.answer) == (Verdict.CONFORMS, "the call returns 1")


@pytest.mark.parametrize(
    ("error", "verdict"), [(CRASH, Verdict.CRASHES), (HANG, Verdict.HANGS), (errors.AdapterBroken("x"), Verdict.ERROR)]
)
@pytest.mark.parametrize(
    "before", [None, errors.NotObservable("entries", "no way"), CannotSetUp("no"), errors.ProtocolNotSpoken("TLS 1.3", "no")]
)
def test_what_goes_wrong_while_tidying_up_is_news_after_what_was_no_verdict(
    before: Exception | None, error: Exception, verdict: Verdict
) -> None:
    row = _ended(before, end=error)
    assert (row.verdict, row.reason) == (verdict, str(error))


@pytest.mark.parametrize("before", [Deviation("1", "0"), HANG, KeyError("x")], ids=lambda error: type(error).__name__)
def test_what_goes_wrong_while_tidying_up_is_no_news_after_a_verdict(before: Exception) -> None:
    run = _run(Double(end=CRASH))
    run.end(before)
    assert run.error is before


@pytest.mark.parametrize("error", [CRASH, HANG], ids=lambda error: type(error).__name__)
def test_nothing_is_left_of_a_process_that_has_ended(error: Exception) -> None:
    double = Double()
    row = _run(double).end(error)
    assert "end" not in double.asked
    assert TIDYING not in row.evidence


def test_a_tidying_up_that_fails_turns_an_answer_into_a_crash() -> None:
    run = _run(Double(end=CRASH), QUESTION)
    run.scene.note("the call returns 1")
    row = run.end()
    assert (row.verdict, row.answer) == (Verdict.CRASHES, "")


def test_a_row_begins_clean_and_ends_clean() -> None:
    double = Double()
    run = _run(double)
    assert double.asked == ["begin"]
    run.end()
    assert [operation for operation in double.asked if operation != "evidence"] == ["begin", "end"]


def test_evidence_stands_below_the_step_it_happened_in() -> None:
    events = iter(
        [[], [Event("call", "SSL_CTX_new", (), "ctx1")], [Event("call", "SSL_new", ("ctx1",), "client1")], [Event("call", "SSL_free", ())]]
    )
    run = _run(Double(evidence=lambda: next(events)))
    run.begin_step("given", "Given", "a client context")
    run.begin_step("then", "And", "it is so")
    assert run.end().evidence == (
        Event("step", "Given a client context"),
        Event("call", "SSL_CTX_new", (), "ctx1"),
        Event("step", "And it is so"),
        Event("call", "SSL_new", ("ctx1",), "client1"),
        TIDYING,
        Event("call", "SSL_free", ()),
    )


def test_what_is_compared_with_is_counted_once_before_the_first_when() -> None:
    counts = iter([2, 5, 7])
    run = _run(Double(references=lambda: next(counts), new_session="session1"))
    run.scene.make_session("", label="x")
    seen = [run.scene.before]
    for kind in ("given", "when", "when"):
        run.begin_step(kind, "And", "it is set")
        seen.append(run.scene.before)
    assert seen == [None, None, {"references ": 2}, {"references ": 2}]
    assert run.scene.references_gained("") == 3


def test_what_cannot_be_counted_is_only_missed_where_it_is_compared() -> None:
    unseen = errors.NotObservable("entries", "no way")
    run = _run(Double(entries=unseen, references=3, new_context="ctx1", new_session="session1"))
    run.scene.contexts["the"] = run.scene.adapter.new_context(Role.CLIENT, Variant.TLS12_ID)
    run.scene.make_session("")
    run.begin_step("when", "When", "it is set")
    assert run.scene.references_gained("") == 0
    with pytest.raises(errors.NotObservable):
        run.scene.entries_gained("the")


def test_the_invariants_of_its_calls_go_along() -> None:
    run = _run(Double(set_session=(2, [])))
    run.scene.adapter.set_session(Connection("client1"), None)
    (found,) = run.end().invariants
    wanted = Wanted("call", "SSL_set_session(client1, NULL)", 0, 1)
    assert found == Invariant("SSL_set_session.3/returns-0-or-1", 1, found.broken, wanted)
    assert found.broken


def test_an_invariant_that_the_edition_does_not_state_is_not_watched() -> None:
    run = _run(Double(set_session=(2, [])), edition="openbsd-2016")
    run.scene.adapter.set_session(Connection("client1"), None)
    assert run.end().invariants == ()


@pytest.mark.parametrize(
    ("clauses", "edition", "family", "reason"),
    [
        ([RULE], EDITION, "openssl", ""),
        ([RULE], EDITION, "model", ""),
        ([LATE_RULE], "openssl-2001", "openssl", "openssl-2001 does not state it"),
        ([LATE_RULE, RULE], "openssl-2001", "openssl", ""),
        ([QUESTION], EDITION, "openssl", ""),
        ([QUESTION], EDITION, "model", "the page is silent, and the model says only what the page says"),
        ([QUESTION, RULE], EDITION, "model", ""),
    ],
)
def test_what_is_not_asked_at_all(clauses: list[str], edition: str, family: str, reason: str) -> None:
    row = _run(None, *clauses, family=family, edition=edition).not_asked(undefined=False)
    assert (row.reason if row else "") == reason
    assert row is None or (row.verdict, row.evidence, row.seconds) == (Verdict.NOT_APPLICABLE, (), 0.0)


class TestUndefined:
    """Rows that do what the page forbids or does not speak of."""

    @pytest.mark.parametrize(
        ("family", "edition", "verdict", "says"),
        [
            ("openssl", EDITION, Verdict.DISABLED, "run it with --undefined"),
            # What would not be run with the option either does not name it.
            ("model", EDITION, Verdict.NOT_APPLICABLE, "the page is silent"),
            ("openssl", "openssl-2001", Verdict.NOT_APPLICABLE, "openssl-2001 does not state it"),
        ],
    )
    def test_are_disabled_until_they_are_asked_for(self, family: str, edition: str, verdict: Verdict, says: str) -> None:
        double = Double()
        row = _run(double, LATE_QUESTION, family=family, edition=edition, undefined=True, started=False).not_asked(undefined=False)
        assert row is not None
        assert (row.verdict, row.evidence) == (verdict, ())
        assert says in row.reason
        assert double.asked == []

    def test_are_run_when_they_are_asked_for(self) -> None:
        assert _run(None, LATE_QUESTION, undefined=True).not_asked(undefined=True) is None

    @pytest.mark.parametrize(
        ("error", "answer"),
        [
            (CRASH, "the process ends with SIGSEGV in SSL_free(client1)"),
            (HANG, "SSL_connect(client1) does not come back"),
            (errors.LibraryDestroyedSession("session1", 1), "session1 is destroyed while the application holds a reference to it"),
        ],
        ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
    )
    def test_are_answered_by_what_ends_them(self, error: Exception, answer: str) -> None:
        run = _run(None, QUESTION, undefined=True)
        run.begin_step("when", "When", "it is done")
        run.scene.note("the call returns 1")
        row = run.end(error)
        assert (row.verdict, row.answer, row.reason) == (Verdict.ANSWERED, f"the call returns 1; {answer}", "")

    @pytest.mark.parametrize(("error", "verdict"), [(CRASH, Verdict.CRASHES), (HANG, Verdict.HANGS)])
    def test_that_do_not_come_to_their_when_are_no_answer(self, error: Exception, verdict: Verdict) -> None:
        assert _run(None, QUESTION, undefined=True).end(error).verdict is verdict

    @pytest.mark.parametrize("error", [errors.NotObservable("entries", "no way"), errors.AdapterBroken("no such thing"), KeyError("x")])
    def test_are_not_answered_by_what_the_suite_could_not_do(self, error: Exception) -> None:
        run = _run(None, QUESTION, undefined=True)
        run.begin_step("when", "When", "it is done")
        assert (run.end(error).verdict, _run(None, QUESTION).end(error).verdict) == (verdict_of(error, ()),) * 2

    def test_may_end_the_process_when_what_is_left_is_freed(self) -> None:
        run = _run(Double(end=CRASH), QUESTION, undefined=True)
        run.begin_step("when", "When", "it is done")
        run.scene.note("the call returns 1")
        assert run.end().answer == "the call returns 1; when what is left is freed: the process ends with SIGSEGV in SSL_free(client1)"

    def test_hold_no_rule_against_the_library(self) -> None:
        run = _run(Double(set_session=(2, [])), QUESTION, undefined=True)
        run.scene.adapter.set_session(Connection("client1"), None)
        run.scene.note("the call returns 2")
        assert run.end().invariants == ()

    @pytest.mark.parametrize(
        ("error", "tidied"),
        [(None, ["end"]), (errors.NotObservable("entries", "no way"), ["end"]), (CRASH, [])],
        ids=["answer", "unseen", "crash"],
    )
    def test_begin_in_a_fresh_process_and_leave_none_behind(self, error: Exception | None, tidied: list[str]) -> None:
        happened: list[str] = []
        double = Double(begin=lambda: happened.append("begin"), end=lambda: happened.append("end"))
        run = _run(double, QUESTION, undefined=True, close=lambda: happened.append("renewed"))
        run.scene.note("the call returns 1")
        run.end(error)
        assert happened == ["renewed", "begin", *tidied, "renewed"]
        assert not run.implementation.use()

    def test_are_waited_for_a_shorter_time_from_their_when_on(self) -> None:
        happened: list[str] = []
        double = Double(begin=lambda: happened.append("begin"), end=lambda: happened.append("end"))
        for undefined in (True, False):
            run = _run(double, QUESTION, undefined=undefined, hurry=lambda _: happened.append("hurried"))
            run.begin_step("given", "Given", "a client context")
            happened.append("given")
            run.begin_step("when", "When", "it is done")
            run.end()
        assert happened == ["begin", "given", "hurried", "end", "begin", "given", "end"]


def test_a_place_is_where_the_scenario_stands() -> None:
    path = next(path for path in features_folder().glob("*/references.feature"))
    name, template = next(iter(read_feature(path).scenarios.items()))
    place = place_of(template, {"protocol": "TLS 1.3 stateful"})
    assert (place.feature, place.line, place.scenario) == ("SSL_set_session.3/references.feature", template.line_number, name)
    assert (place.example, [clause.id for clause in place.clauses]) == ((("protocol", "TLS 1.3 stateful"),), [RULE])
    assert path.read_text(encoding="utf-8").splitlines()[place.line - 1].strip().endswith(name)


def test_a_control_is_known_by_its_tag() -> None:
    path = next(path for path in features_folder().glob("*/references.feature"))
    places = {name: place_of(template, {}) for name, template in read_feature(path).scenarios.items()}
    assert places["The application releases its only reference"].control
    assert not places["The application releases its own reference afterwards"].control


@pytest.mark.parametrize(("signal", "again"), [("SIGKILL", True), ("SIGSEGV", False)])
def test_who_is_killed_in_a_fresh_process_is_asked_once_more(signal: str, again: bool) -> None:  # noqa: FBT001
    run = _run()
    row = run.end(errors.LibraryCrashed("SSL_free(client1)", signal))
    assert run.to_be_repeated(row) is again


def test_a_row_that_was_lost_is_an_error_with_the_reason() -> None:
    row = _run().lost("its process was killed")
    assert (row.implementation, row.verdict, row.reason, row.seconds) == ("one", Verdict.ERROR, "its process was killed", 0.0)
