"""Contexts and their caches: making them, adding and removing sessions, and how many entries there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_bdd import given, then, when

from sslspec.adapters.interface import CacheMode, Role, Variant
from sslspec.record import Wanted
from sslspec.steps.outcomes import CannotSetUp, Deviation
from sslspec.steps.words import cache_named, change, counted, named, sentence

if TYPE_CHECKING:
    from sslspec.adapters.interface import Context, Reaction, Session
    from sslspec.steps.scene import Scene

#: More additions than any cache of these scenarios has room for.
_ENOUGH = 16


@given(sentence("a client and a server that speak {protocol}"))
def _(scene: Scene, protocol: str) -> None:
    scene.make_contexts(Variant(protocol))


@given("a client context")
def _(scene: Scene) -> None:
    scene.contexts["the"] = scene.contexts["client"] = scene.adapter.new_context(Role.CLIENT, scene.variant)


@given(sentence("a {role} context with a cache"))
def _context_with_cache(scene: Scene, role: str) -> None:
    context = scene.adapter.new_context(Role(role), scene.variant)
    scene.contexts["the"] = scene.contexts[role] = context
    scene.adapter.set_cache(context, [CacheMode(role)])


@given(sentence("a client context whose cache has room for {number} sessions"))
def _(scene: Scene, number: int) -> None:
    _context_with_cache(scene, "client")
    scene.room = number
    scene.adapter.set_cache_size(scene.contexts["the"], number)


@given("the client keeps a cache")
def _(scene: Scene) -> None:
    scene.adapter.set_cache(scene.contexts["client"], [CacheMode.CLIENT])


@given(sentence("the {role}'s cache mode is {mode}"))
def _(scene: Scene, role: str, mode: str) -> None:
    scene.adapter.set_cache(scene.contexts[role], [] if mode == "off" else [CacheMode(flag) for flag in mode.split(" and ")])


@given("the server has forgotten its sessions")
def _(scene: Scene) -> None:
    scene.contexts["server"] = scene.adapter.stranger(scene.contexts["server"])


@given(sentence("the application has a callback for removed sessions{doing}"))
def _(scene: Scene, reaction: Reaction) -> None:
    scene.adapter.watch_removals(scene.contexts["the"], reaction)


@given(sentence("{the session} is in {the cache}"))
def _(scene: Scene, session: str, whose: str) -> None:
    _add_first(scene, scene.contexts[whose], scene.sessions[session])


@given(sentence("the application has removed {the session} from {the cache}"))
def _(scene: Scene, session: str, whose: str) -> None:
    returned = scene.adapter.remove_session(scene.contexts[whose], scene.sessions[session]).value
    if returned != 1:
        raise CannotSetUp(f"SSL_CTX_remove_session returned {returned}")


@when(sentence("the application adds {what} to {the cache}"))
def _(scene: Scene, session: str, other: str, whose: str) -> None:
    scene.outcome = scene.adapter.add_session(scene.contexts[whose], scene.chosen(session, other))


@when(sentence("the application removes {what} from {the cache}"))
def _(scene: Scene, session: str, other: str, whose: str) -> None:
    scene.outcome = scene.adapter.remove_session(scene.contexts[whose], scene.chosen(session, other))


@when("the application adds further sessions until one has left the cache")
def _(scene: Scene) -> None:
    scene.left = _fill(scene, scene.contexts["the"], {key: scene.sessions[key] for key in ("first", "second")})


@when(sentence("the application frees {the context}"))
def _(scene: Scene, whose: str) -> None:
    scene.adapter.free_context(scene.contexts[whose])


@then(sentence("{the cache} holds {number} entries"))
def _(scene: Scene, whose: str, number: int) -> None:
    held = scene.adapter.entries(scene.contexts[whose])
    if held != number:
        wanted = Wanted("entries", scene.contexts[whose], number, number)
        raise Deviation(f"{cache_named(whose)} holds {counted(number, 'entry')}", f"it holds {held}", wanted)


@then(sentence("{the cache} holds {entries compared}"))
def _(scene: Scene, whose: str, gained: int) -> None:
    seen = scene.entries_gained(whose)
    if seen != gained:
        wanted = Wanted("entries", scene.contexts[whose], gained, gained, gained=True)
        raise Deviation(f"{cache_named(whose)} holds {change(gained, 'entry')}", f"it holds {change(seen, 'entry')}", wanted)


@then(sentence("{the cache} holds more entries than before"))
def _(scene: Scene, whose: str) -> None:
    gained = scene.entries_gained(whose)
    if gained <= 0:
        wanted = Wanted("entries", scene.contexts[whose], 1, gained=True)
        raise Deviation(f"{cache_named(whose)} holds more entries than before", f"it holds {change(gained, 'entry')}", wanted)


@then("the same one has left as leaves a cache to which none was added again")
def _(scene: Scene) -> None:
    twin = scene.adapter.new_context(Role.CLIENT, scene.variant)
    scene.adapter.set_cache(twin, [CacheMode.CLIENT])
    scene.adapter.set_cache_size(twin, scene.room)
    twins = {key: scene.make_twin(key) for key in ("first", "second")}
    for session in twins.values():
        _add_first(scene, twin, session)
    undisturbed = _fill(scene, twin, twins)
    if scene.left != undisturbed:
        raise Deviation(f"{_who_left(undisturbed)}, as where none was added again", _who_left(scene.left))


@then(sentence("it is noted how many entries {the cache} holds"))
def _(scene: Scene, whose: str) -> None:
    scene.note(f"{cache_named(whose)} holds {change(scene.entries_gained(whose), 'entry')}")


@then("it is noted which sessions have left the cache")
def _(scene: Scene) -> None:
    scene.note(_who_left(scene.left))


@then("it is noted which sessions the callback has heard of")
def _(scene: Scene) -> None:
    names = {session: key for key, session in scene.sessions.items()}
    heard = [named(names[session]) if session in names else "another session" for session in scene.adapter.removals(scene.contexts["the"])]
    scene.note(f"the callback hears of {' and '.join(heard) or 'nothing'}")


def _add_first(scene: Scene, context: Context, session: Session) -> None:
    """Add a session that the scenario begins with, and see that it is there."""
    before = scene.entries_if_seen(context)
    returned = scene.adapter.add_session(context, session).value
    after = scene.entries_if_seen(context)
    if returned != 1 or (before is not None and after == before):
        raise CannotSetUp(f"SSL_CTX_add_session returned {returned}, and the cache went from {before} to {after} entries")


def _fill(scene: Scene, context: Context, watched: dict[str, Session]) -> list[str]:
    """Add sessions until one of `watched` has lost the cache's reference, and return which."""
    before = {key: scene.adapter.references(session) for key, session in watched.items()}
    for number in range(_ENOUGH):
        scene.make_session(f"further {number}")
        scene.adapter.add_session(context, scene.sessions[f"further {number}"])
        left = [key for key, session in watched.items() if scene.adapter.references(session) < before[key]]
        if left:
            return left
    raise CannotSetUp(f"none left the cache after {_ENOUGH} further sessions")


def _who_left(left: list[str]) -> str:
    return f"{' and '.join(named(key) for key in left)} left the cache" if left else "no session left the cache"
