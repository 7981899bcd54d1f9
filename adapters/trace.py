"""How an adapter writes down what it does, call by call, before and after each call.

A call is announced before it is made, so that a crash names it: a worker gives `announce` a function that puts the
line where it outlives the process.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from sslspec.evidence import UNFINISHED, Event, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")


class Trace:
    """The events of the row so far, in the order in which they began."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._depth = 0
        #: Called with an event and its position since the last `drain`, when it begins and again when it has a result.
        self.announce: Callable[[int, Event], None] = lambda _position, _event: None

    def call(self, function: str, arguments: Sequence[Value], make: Callable[[], T], show: Callable[[T], Value] | None = None) -> T:
        """Make one call of the API and record it.

        show: turns the result into what the evidence says of it; without it the result is not recorded (None).
        """
        position = len(self._events)
        self._begin(Event("call", function, tuple(arguments), UNFINISHED, self._depth))
        result = make()
        self._events[position] = done = replace(self._events[position], result=show(result) if show else None)
        self.announce(position, done)
        return result

    def callback(self, name: str, arguments: Sequence[Value]) -> None:
        """Record that the library called back; it stands after the call it happened in."""
        self._begin(Event("callback", name, tuple(arguments), depth=self._depth))

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Record what is done in here as done by the callback that was recorded last."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def observe(self, what: str, arguments: Sequence[Value], value: Value) -> None:
        """Record an observation that no call of the API shows."""
        self._begin(Event("observation", what, tuple(arguments), value, self._depth))

    def drain(self) -> list[Event]:
        """Return the events since the last time, and forget them."""
        events, self._events = self._events, []
        return events

    def _begin(self, event: Event) -> None:
        position = len(self._events)
        self._events.append(event)
        self.announce(position, event)
