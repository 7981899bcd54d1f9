"""What the call under test returned, and what it left on the error stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_bdd import then

from sslspec.adapters.errors import NotObservable
from sslspec.record import Wanted
from sslspec.steps.outcomes import Deviation
from sslspec.steps.words import sentence

if TYPE_CHECKING:
    from sslspec.adapters.interface import Outcome
    from sslspec.steps.scene import Scene


@then(sentence("the call returns {returned}"))
def _(scene: Scene, returned: tuple[int, ...]) -> None:
    value = _outcome(scene).value
    if value not in returned:
        wanted = Wanted("call", "", min(returned), max(returned))
        raise Deviation(f"the call returns {' or '.join(map(str, returned))}", f"it returned {value}", wanted)


@then("the call fails and the error stack holds a reason")
def _(scene: Scene) -> None:
    returned, errors = _outcome(scene)
    if returned != 0:
        raise NotObservable("failing calls", "nothing that the suite tries makes the call fail")
    if not _visible(errors):
        raise Deviation("the error stack holds a reason", "it is empty", Wanted("errors", "", 1))


@then(sentence("it is noted what {the call} returns"))
def _(scene: Scene, *, inside: bool) -> None:
    if inside:
        returned = scene.adapter.reacted(scene.contexts["the"])
        scene.note(f"the call inside the callback returns {returned}" if returned is not None else "nothing is called inside the callback")
    else:
        scene.note(f"the call returns {_outcome(scene).value}")


@then("it is noted whether the error stack is empty")
def _(scene: Scene) -> None:
    errors = _visible(_outcome(scene).errors)
    scene.note(f"the error stack holds {'; '.join(errors)}" if errors else "the error stack is empty")


def _outcome(scene: Scene) -> Outcome:
    assert scene.outcome is not None, "the scenario looks at a call that it did not make"  # noqa: S101  # a mistake in a feature
    return scene.outcome


def _visible(errors: list[str] | None) -> list[str]:
    if errors is None:
        raise NotObservable("error-stack", "the adapter cannot read it")
    return errors
