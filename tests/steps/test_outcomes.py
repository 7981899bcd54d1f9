"""Which verdict each ending of a scenario is."""

from __future__ import annotations

import pytest

from sslspec.adapters import errors
from sslspec.steps.outcomes import CannotSetUp, Deviation, answer_of, verdict_of
from sslspec.verdicts import Verdict

ABOUT = {"SSL_set_session"}

ENDINGS: list[tuple[BaseException, Verdict]] = [
    (Deviation("1", "0"), Verdict.DEVIATES),
    (CannotSetUp("no handshake"), Verdict.NOT_OBSERVABLE),
    (errors.LibraryDestroyedSession("session1", 2), Verdict.DEVIATES),
    (errors.LibraryCrashed("SSL_set_session(client1, session1)", "SIGABRT"), Verdict.CRASHES),
    (errors.LibraryHung("SSL_connect(client1)", 10), Verdict.HANGS),
    (errors.NotImplementedThere("SSL_set_session", "the binding"), Verdict.NOT_IMPLEMENTED),
    (errors.NotImplementedThere("SSL_CTX_add_session", "the binding"), Verdict.NOT_OBSERVABLE),
    (errors.NotObservable("entries", "no way"), Verdict.NOT_OBSERVABLE),
    (errors.ProtocolNotSpoken("TLS 1.3", "1.2 was negotiated"), Verdict.NOT_APPLICABLE),
    (errors.AdapterBroken("what?"), Verdict.ERROR),
    (errors.WorkerNotStarted("no python"), Verdict.ERROR),
    (errors.LibraryNotLoaded("no file"), Verdict.ERROR),
    (AssertionError("a mistake in a feature"), Verdict.ERROR),
    (KeyError("new"), Verdict.ERROR),
]


@pytest.mark.parametrize(("error", "verdict"), ENDINGS, ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value)
def test_an_ending_is_a_verdict(error: BaseException, verdict: Verdict) -> None:
    assert verdict_of(error, ABOUT) is verdict


def test_every_error_of_an_adapter_is_among_them() -> None:
    assert set(errors.AdapterError.__subclasses__()) <= {type(error) for error, _ in ENDINGS}


@pytest.mark.parametrize("error", [error for error, _ in ENDINGS], ids=lambda error: type(error).__name__)
def test_what_becomes_of_the_process_or_of_a_session_can_be_an_answer(error: BaseException) -> None:
    answers = {
        "LibraryCrashed": "the process ends with SIGABRT in SSL_set_session(client1, session1)",
        "LibraryHung": "SSL_connect(client1) does not come back",
        "LibraryDestroyedSession": "session1 is destroyed while the application holds a reference to it",
    }
    assert answer_of(error) == answers.get(type(error).__name__, "")


def test_a_deviation_says_both_halves() -> None:
    assert str(Deviation("the call returns 1", "it returned 0")) == "expected: the call returns 1; observed: it returned 0"


def test_a_scenario_that_could_not_begin_says_why() -> None:
    assert str(CannotSetUp("a first handshake failed")) == "the scenario could not begin: a first handshake failed"
