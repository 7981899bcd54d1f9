"""The callback for removed sessions, called by hand in place of a library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from sslspec.adapters.errors import NotImplementedThere
from sslspec.adapters.interface import Context, Reaction, Session
from sslspec.adapters.native.removals import Removals
from sslspec.adapters.trace import Trace
from sslspec.evidence import lines

if TYPE_CHECKING:
    from sslspec.adapters.native.api import Api
    from sslspec.adapters.native.sessions import Sessions

CONTEXT = Context("ctx1")
RETURNED = 7
COUNTED = 5


class Library:
    """Knows every function and every session, and calls the callback again from within."""

    def __init__(self) -> None:
        self.called: list[tuple[str, tuple[int, ...]]] = []
        self.again: Removals | None = None
        self.freed: list[tuple[Session, int | None]] = []

    def __getitem__(self, function: str) -> Any:
        def call(*pointers: int) -> int | None:
            self.called.append((function, pointers))
            if self.again:
                self.again.hear(1, 2)
            return None if function == "SSL_SESSION_free" else RETURNED

        return call

    def name(self, pointer: int) -> Session:
        return Session(f"session{pointer}")

    def count(self, session: Session) -> int | None:
        return COUNTED if session == "session2" else None

    def was_freed(self, session: Session, before: int | None) -> None:
        self.freed.append((session, before))


class Lacking(Library):
    def __getitem__(self, function: str) -> Any:
        raise NotImplementedThere(function, "it")


def removals(library: Library, reaction: Reaction, trace: Trace | None = None) -> Removals:
    return Removals(CONTEXT, reaction, cast("Api", library), trace or Trace(), cast("Sessions", library))


@pytest.mark.parametrize(
    ("reaction", "called", "returned", "evidence"),
    [
        (Reaction.NOTHING, [], None, []),
        (Reaction.COUNT, [("SSL_CTX_sess_number", (1,))], RETURNED, ["SSL_CTX_sess_number(ctx1) = 7"]),
        (Reaction.ADD, [("SSL_CTX_add_session", (1, 2))], RETURNED, ["SSL_CTX_add_session(ctx1, session2) = 7"]),
        (Reaction.REMOVE, [("SSL_CTX_remove_session", (1, 2))], RETURNED, ["SSL_CTX_remove_session(ctx1, session2) = 7"]),
        (Reaction.FREE, [("SSL_SESSION_free", (2,))], None, ["SSL_SESSION_free(session2)"]),
    ],
)
def test_a_reaction_is_one_call_inside_the_callback(
    reaction: Reaction, called: list[Any], returned: int | None, evidence: list[str]
) -> None:
    library, trace = Library(), Trace()
    callback = removals(library, reaction, trace)
    callback.hear(1, 2)
    assert (library.called, callback.returned, callback.heard) == (called, returned, ["session2"])
    assert lines(trace.drain()) == ["    callback remove_session(ctx1, session2)", *(f"        {call}" for call in evidence)]


def test_what_it_frees_is_told_with_the_count_before() -> None:
    library = Library()
    removals(library, Reaction.FREE).hear(1, 2)
    removals(library, Reaction.REMOVE).hear(1, 2)
    assert library.freed == [("session2", COUNTED)]


def test_it_reacts_once_however_often_it_is_called() -> None:
    library, trace = Library(), Trace()
    library.again = callback = removals(library, Reaction.REMOVE, trace)
    callback.hear(1, 2)
    callback.hear(1, 3)
    assert len(library.called) == 1
    assert callback.heard == ["session2", "session2", "session3"]
    assert lines(trace.drain()) == [
        "    callback remove_session(ctx1, session2)",
        "        SSL_CTX_remove_session(ctx1, session2) = 7",
        "        callback remove_session(ctx1, session2)",
        "    callback remove_session(ctx1, session3)",
    ]


@pytest.mark.parametrize("reaction", [reaction for reaction in Reaction if reaction is not Reaction.NOTHING])
def test_a_function_that_is_missing_is_missed_before_the_callback_is_called(reaction: Reaction) -> None:
    with pytest.raises(NotImplementedThere):
        removals(Lacking(), reaction)
