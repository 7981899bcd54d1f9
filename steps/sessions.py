"""Sessions as the scenarios see them: where they come from, references, destruction, and the mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_bdd import given, then, when

from sslspec.record import Wanted
from sslspec.steps.outcomes import CannotSetUp, Deviation, yes_or_no
from sslspec.steps.words import change, named, sentence

if TYPE_CHECKING:
    from sslspec.steps.scene import Scene

#: In seconds: a session made an hour ago, good for five minutes, has expired.
_LONG_AGO, _SHORT = 3600, 300


@given(sentence("{a session}{of version} made by hand"))
def _(scene: Scene, session: str, version: str) -> None:
    if session == "expired":
        scene.make_session("", version=version, age=_LONG_AGO, timeout=_SHORT)
    else:
        scene.make_session(session, version=version)


@given(sentence("{a session} of a protocol version that nobody knows"))
def _(scene: Scene, session: str) -> None:
    scene.make_session(session, version="unheard of")


@given(sentence("{a session} without a session id"))
def _(scene: Scene, session: str) -> None:
    scene.make_session(session, label="")


@given(sentence("{a session}{of version} with the same session id"))
def _(scene: Scene, session: str, version: str) -> None:
    scene.make_session(session, label=scene.labels["old"], version=version)


@given(sentence("{a session} that expires in {number} seconds"))
def _(scene: Scene, session: str, number: int) -> None:
    scene.make_session(session, timeout=number)


@given(sentence("{a session} of an earlier connection"))
def _of_an_earlier_connection(scene: Scene, session: str) -> None:
    pair = scene.connect()
    scene.establish_first(pair)
    received = scene.adapter.received_session(pair.client)
    if received is None:
        raise CannotSetUp("the client received no session")
    scene.sessions[session] = received
    scene.shut_down(pair)
    scene.free(pair)


@given("a session of an earlier connection that the server holds too")
def _(scene: Scene) -> None:
    pair = scene.connect()
    scene.establish_first(pair)
    ends = {"": scene.adapter.received_session(pair.client), "server's": scene.adapter.get_session(scene.server_end(pair))}
    for key, session in ends.items():
        if session is None:
            raise CannotSetUp(f"there is no {named(key)[4:]} after the handshake")
        scene.sessions[key] = session
    scene.shut_down(pair)
    scene.free(pair)


@given(sentence("the application has released {the session}"))
@when(sentence("the application releases {the session}"))
def _(scene: Scene, session: str) -> None:
    scene.adapter.release(scene.sessions[session])


@then(sentence("{the session} has {references compared}"))
def _(scene: Scene, session: str, gained: int) -> None:
    seen = scene.references_gained(session)
    if seen != gained:
        wanted = Wanted("references", scene.sessions[session], gained, gained, gained=True)
        raise Deviation(f"{named(session)} has {change(gained, 'reference')}", f"it has {change(seen, 'reference')}", wanted)


@then(sentence("{the session} is {not}destroyed"))
def _(scene: Scene, session: str, *, negated: bool) -> None:
    if scene.adapter.destroyed(scene.sessions[session]) is negated:
        outcome = ("is destroyed", "is not destroyed")
        wanted = yes_or_no("destroyed", scene.sessions[session], yes=not negated)
        raise Deviation(f"{named(session)} {outcome[negated]}", f"it {outcome[not negated]}", wanted)


@then(sentence("{the session} is {not}marked as not resumable"))
def _(scene: Scene, session: str, *, negated: bool) -> None:
    if scene.adapter.resumable(scene.sessions[session]) is not negated:
        outcome = ("is marked as not resumable", "is not marked as not resumable")
        wanted = yes_or_no("resumable", scene.sessions[session], yes=negated)
        raise Deviation(f"{named(session)} {outcome[negated]}", f"it {outcome[not negated]}", wanted)


@then(sentence("it is noted how many references {the session} has"))
def _(scene: Scene, session: str) -> None:
    scene.note(f"{named(session)} has {change(scene.references_gained(session), 'reference')}")


@then(sentence("it is noted whether {the session} is marked"))
def _(scene: Scene, session: str) -> None:
    marked = not scene.adapter.resumable(scene.sessions[session])
    scene.note(f"{named(session)} is {'marked' if marked else 'not marked'}")
