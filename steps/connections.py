"""Connections: setting sessions on them, handshakes, shutting down, and whether a session was reused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_bdd import given, then, when

from sslspec.adapters.interface import Point, ShutdownFlag
from sslspec.steps.outcomes import CannotSetUp, Deviation, yes_or_no
from sslspec.steps.words import named, sentence

if TYPE_CHECKING:
    from sslspec.adapters.interface import Connection
    from sslspec.steps.scene import Pair, Scene


@given(sentence("an established connection{cached}"))
def _(scene: Scene, *, cached: bool) -> None:
    scene.establish_first(scene.connect())
    if cached:
        _see_it_cached(scene, scene.pair.client)


@given(sentence("a connection on which {the session} was set"))
def _(scene: Scene, session: str) -> None:
    scene.connect(scene.sessions[session])
    if scene.outcome is None or scene.outcome.value != 1:
        raise CannotSetUp(f"SSL_set_session returned {scene.outcome and scene.outcome.value}")


@given(sentence("the application holds the connection's session as {the session}"))
def _(scene: Scene, session: str) -> None:
    _hold(scene, session, scene.pair.client)


@given(sentence("the application holds the session of the server's end as {the session}"))
def _(scene: Scene, session: str) -> None:
    _hold(scene, session, scene.server_end(scene.pair))


@given(sentence("the connection was shut down{quietly}"))
def _(scene: Scene, *, quietly: bool) -> None:
    if quietly:
        scene.adapter.set_quiet_shutdown(scene.pair.client)
        scene.adapter.shutdown(scene.pair.client)
    else:
        scene.shut_down(scene.pair)


@given("quiet shutdown was asked for on the connection")
def _(scene: Scene) -> None:
    scene.adapter.set_quiet_shutdown(scene.pair.client)


@given(sentence("the {flag} flag was set on the connection"))
def _(scene: Scene, flag: str) -> None:
    scene.adapter.set_shutdown(scene.pair.client, [ShutdownFlag(flag)])


@when("the application makes a new connection")
def _(scene: Scene) -> None:
    scene.connect()


@when(sentence("the application sets {what} on {where}"))
def _(scene: Scene, session: str, other: str, where: str) -> None:
    chosen = scene.chosen(session, other)
    for end in _ends_to_set_on(scene, where):
        scene.outcome = scene.adapter.set_session(end, chosen)


@when("the application clears the connection")
def _(scene: Scene) -> None:
    scene.adapter.clear(scene.pair.client)


@given(sentence("{the client has spoken} on the connection"))
@when(sentence("{the client has spoken}"))
def _(scene: Scene, until: Point) -> None:
    scene.go(scene.pair, until)


@when("the connection is established")
def _(scene: Scene) -> None:
    scene.establish(scene.pair)


@when("a client connects")
def _(scene: Scene) -> None:
    scene.establish(scene.connect())


@when("both handshakes go on at the same time")
def _(scene: Scene) -> None:
    one, two = scene.pairs[-2:]
    for point in Point:
        for pair in (one, two):
            if point is Point.ESTABLISHED:
                scene.establish(pair)
            else:
                scene.go(pair, point)


@when("the handshake goes as far as it can")
def _(scene: Scene) -> None:
    scene.go(scene.pair, Point.ESTABLISHED)


@when("the server hangs up before it answers")
def _(scene: Scene) -> None:
    scene.go(scene.pair, Point.CLIENT_SPOKE)
    scene.adapter.hang_up(scene.server_end(scene.pair))
    done = scene.go(scene.pair, Point.CLIENT_SPOKE)
    if not done.failed:
        raise CannotSetUp("the client's handshake did not fail")


@when("data is exchanged")
def _(scene: Scene) -> None:
    scene.adapter.exchange(scene.pair.client, scene.server_end(scene.pair))


@when(sentence("the connection is {shut down and}freed"))
def _(scene: Scene, *, first: bool) -> None:
    if first:
        scene.shut_down(scene.pair)
    scene.free(scene.pair)


@then(sentence("the {role} says that the session was {not}reused"))
def _(scene: Scene, role: str, *, negated: bool) -> None:
    _expect_reused(scene, scene.pair, role, reused=not negated)


@then(sentence("the session was reused {ends}"))
def _(scene: Scene, ends: str) -> None:
    for pair in scene.pairs[-2:] if "connection" in ends else [scene.pair]:
        for role in ("client", "server"):
            _expect_reused(scene, pair, role, reused="neither" not in ends)


@then(sentence("it is noted {which} session was reused"))
def _(scene: Scene, *, which: bool) -> None:
    if not scene.pair.progress.client:
        scene.note("the handshake fails")
    elif not scene.adapter.reused(scene.pair.client):
        scene.note("the handshake succeeds without the session")
    else:
        scene.note(f"{_session_inside(scene, scene.pair.client) if which else 'the session'} is reused")


def _see_it_cached(scene: Scene, client: Connection) -> None:
    """See that connection and cache hold the connection's session: of another it could not be told that it stays in the cache."""
    if received := scene.adapter.received_session(client):
        scene.adapter.release(received)
    inside = scene.adapter.peek_session(client)
    cached = scene.adapter.entries(scene.contexts["client"]) > 0
    holders = ("connection", "cache")
    if inside is None or not cached or scene.adapter.references(inside) != len(holders):
        raise CannotSetUp("the client's cache does not hold the connection's session after a handshake")


def _session_inside(scene: Scene, connection: Connection) -> str:
    inside = scene.adapter.peek_session(connection)
    return next((named(key) for key, session in scene.sessions.items() if session == inside), "another session")


def _hold(scene: Scene, key: str, connection: Connection) -> None:
    held = scene.adapter.get_session(connection)
    if held is None:
        raise CannotSetUp(f"{connection} has no session")
    scene.sessions[key] = held


def _ends_to_set_on(scene: Scene, where: str) -> list[Connection]:
    if where == "two new connections":
        return [scene.connect().client, scene.connect().client]
    pair = scene.connect() if where.endswith("a new connection") else scene.pair
    return [scene.server_end(pair) if where.startswith("the server's end") else pair.client]


def _expect_reused(scene: Scene, pair: Pair, role: str, *, reused: bool) -> None:
    end = pair.client if role == "client" else scene.server_end(pair)
    words = {True: "was reused", False: "was not reused"}
    said = bool(scene.adapter.reused(end))
    if said is not reused:
        wanted = yes_or_no("reused", end, yes=reused)
        raise Deviation(f"the {role} says that the session {words[reused]}", f"it says that the session {words[said]}", wanted)
