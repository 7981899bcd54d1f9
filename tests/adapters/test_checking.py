"""What an author is told of a program with one fault, and that one without a fault is told nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from processes import PATIENCE

from sslspec.adapters import checking
from sslspec.adapters.resolve import foreign
from tests.doubles import program as double

PROGRAM = [sys.executable, str(Path(double.__file__))]


def wrong(fault: str, limit: float = PATIENCE) -> dict[str, str]:
    """Return title -> what is wrong."""
    found = checking.check(*foreign([*PROGRAM, fault]), limit)
    return {finding.title: finding.wrong for finding in found if finding.seen and finding.wrong}


def test_nothing_is_wrong_with_a_program_that_keeps_to_it() -> None:
    assert wrong("") == {}


@pytest.mark.parametrize(
    ("fault", "title", "says"),
    [
        ("speaks another version", "it opens, and says what it drives", "protocol"),
        ("counts on", "objects are counted from 1 in each row", "not ['ctx1', 'ctx2'"),
        ("forgets to say", "an operation says what it has called", "set_session has left no call with client1"),
        ("never stops", "a handshake stops where it is told", "is done already"),
        ("takes a reference by looking", "looking changes nothing", "after observations"),
        ("answers anything", "an operation that there is not is refused, and the next one answered", "'error' is a required property"),
        ("prints noise", "an operation says what it has called", "no answer of the protocol"),
        ("wrong type", "an operation says what it has called", "is: 'done'"),
        ("dies", "an operation says what it has called", "exit status 3"),
        ("stays", "it goes when its input ends", "still there"),
    ],
)
def test_a_fault_is_named_where_it_is(monkeypatch: pytest.MonkeyPatch, fault: str, title: str, says: str) -> None:
    if fault == "stays":  # it would for an hour
        monkeypatch.setattr("sslspec.adapters.worker.client._FAREWELL", 0.1)
    found = wrong(fault)
    assert list(found)[:1] == [title]
    assert says in found[title]


def test_a_claim_that_cannot_be_shown_is_no_fault_but_is_said() -> None:
    found = {finding.title: finding for finding in checking.check(*foreign([*PROGRAM, "claims what it cannot"]), PATIENCE)}
    assert not found["entries"].seen
    assert "7" in found["entries"].wrong
    assert found["destruction"].seen


def test_the_message_and_the_answer_are_shown() -> None:
    found = next(finding for finding in checking.check(*foreign([*PROGRAM, "wrong type"]), PATIENCE) if finding.wrong)
    assert found.said[0].startswith('> set_cache ["ctx1", ["client"]]')
    assert found.said[1].startswith('< {"is": "done"')
