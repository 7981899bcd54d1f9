"""What the drivers share, on a driver of which only the ends of a connection are made up."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from sslspec.adapters.driver import Attempts, Driver, End, no_function, no_sight
from sslspec.adapters.errors import NotImplementedThere, NotObservable
from sslspec.adapters.interface import Connection, Handshake, Point
from sslspec.adapters.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sslspec.adapters.interface import Session

CLIENT, SERVER = Connection("client1"), Connection("server1")


class Scripted(Driver):
    """Each end is done after a number of turns, or never; `fails` says at which turn which end fails."""

    clear = no_function("SSL_clear", "a double")
    destroyed = no_sight("destruction", "a double shows nothing")

    def __init__(self, turns: dict[Connection, int], fails: tuple[Connection, int] | None = None) -> None:
        super().__init__()
        self._connections = {CLIENT: End(), SERVER: End()}
        self._left, self._fails = turns, fails
        self.called: list[str] = []

    def _join(self, client: Connection, server: Connection) -> None:
        self.called.append("join")
        self._connections[client].peer, self._connections[server].peer = server, client

    def _turn(self, end: Connection) -> None:
        self.called.append(end)
        self._left[end] -= 1
        self._connections[end].finished = self._left[end] == 0
        if self._fails == (end, self._left[end]):
            self._connections[end].failed = f"{end} has failed"

    def _owned(self) -> Iterable[Session]:
        return []

    def part(self, connection: Connection) -> None:
        self._part(connection)


def test_ends_are_joined_once_and_take_turns_until_both_are_done() -> None:
    driver = Scripted({CLIENT: 2, SERVER: 1})
    assert driver.handshake(CLIENT, SERVER, Point.CLIENT_SPOKE) == Handshake(client=False, server=False, failed="")
    assert driver.handshake(CLIENT, SERVER, Point.ESTABLISHED) == Handshake(client=True, server=True, failed="")
    assert driver.called == ["join", CLIENT, CLIENT, SERVER]


def test_the_server_answers_after_the_client_has_spoken() -> None:
    driver = Scripted({CLIENT: 2, SERVER: 2})
    driver.handshake(CLIENT, SERVER, Point.SERVER_ANSWERED)
    assert driver.called == ["join", CLIENT, SERVER]


def test_an_end_that_is_done_is_not_called_again() -> None:
    driver = Scripted({CLIENT: 1, SERVER: 3})
    driver.handshake(CLIENT, SERVER, Point.ESTABLISHED)
    assert driver.called == ["join", CLIENT, SERVER, SERVER, SERVER]


def test_a_failure_ends_it_and_stays() -> None:
    driver = Scripted({CLIENT: 5, SERVER: 5}, fails=(SERVER, 4))
    for _ in range(2):
        assert driver.handshake(CLIENT, SERVER, Point.ESTABLISHED).failed == "server1 has failed"
    assert driver.called == ["join", CLIENT, SERVER]


def test_a_handshake_that_does_not_move_is_given_up() -> None:
    driver = Scripted({CLIENT: 1000, SERVER: 1000})
    assert driver.handshake(CLIENT, SERVER, Point.ESTABLISHED) == Handshake(client=False, server=False, failed="")
    assert driver.called.count(CLIENT) == driver.called.count(SERVER) == 12


def test_parted_ends_are_joined_anew() -> None:
    driver = Scripted({CLIENT: 9, SERVER: 9})
    driver.handshake(CLIENT, SERVER, Point.CLIENT_SPOKE)
    driver.part(SERVER)
    driver.handshake(CLIENT, SERVER, Point.CLIENT_SPOKE)
    assert driver.called == ["join", CLIENT, "join", CLIENT]


def test_what_there_is_no_function_for_and_what_cannot_be_seen_is_said() -> None:
    driver = Scripted({})
    with pytest.raises(NotImplementedThere, match=r"^a double has no SSL_clear$"):
        driver.clear(CLIENT)
    with pytest.raises(NotObservable, match=r"^destruction: a double shows nothing$"):
        driver.destroyed("session1")


class Thing:
    """What a binding's exception would keep alive."""


class TestAttempts:
    def test_an_exception_is_an_answer_and_stands_in_the_evidence(self) -> None:
        trace = Trace()
        attempt = Attempts(trace, (ValueError,), lambda error: f"no: {error}")
        answer = attempt("Thing.act", ("thing1",), lambda: int("x"))
        assert isinstance(answer, ValueError)
        assert attempt("Thing.act", ("thing1",), lambda: 3, int) == 3
        assert attempt("Thing.act", ("thing1",), lambda: 3) == 3
        results = [event.result for event in trace.drain()]
        assert results == ["raises no: invalid literal for int() with base 10: 'x'", 3, None]

    def test_another_exception_is_a_fault(self) -> None:
        with pytest.raises(KeyError):
            Attempts(Trace(), (ValueError,), str)("Thing.act", (), lambda: {}["x"])

    def test_an_exception_keeps_nothing_alive(self) -> None:
        def act() -> None:
            thing = Thing()
            seen.append(weakref.ref(thing))
            raise ValueError

        seen: list[weakref.ref[Thing]] = []
        answer = Attempts(Trace(), (ValueError,), str)("Thing.act", (), act)
        gc.collect()
        assert isinstance(answer, ValueError)
        assert seen[0]() is None
