"""What was done and seen behind a verdict, in order: steps, C calls, callbacks and observations.

Objects go by name (`client1`, `session2`); there are no pointers, random ids or times in evidence, so that two runs give the
same evidence and the calls can be written out as a program.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Value: TypeAlias = "str | int | bool | list[Value] | dict[str, Value] | None"
Kind: TypeAlias = Literal["step", "call", "callback", "observation"]

#: The most frequent first: evidence is read back often.
_KINDS: tuple[Kind, ...] = ("call", "observation", "step", "callback")

#: The result of a call that never returned: the library crashed or hung in it.
UNFINISHED = "(did not return)"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    kind: a Gherkin step, a call of the library's API, a callback out of the library, or an observation of the adapter.
    name: the step's text, the function, the callback, or what was observed ("references").
    arguments: objects by name, and plain values.
    result: what a call returned, or the value observed.
    depth: how many callbacks it happened inside of; each is the nearest before it that is less deep.
    """

    kind: Kind
    name: str
    arguments: tuple[Value, ...] = ()
    result: Value = None
    depth: int = 0

    def to_json(self) -> dict[str, Value]:
        """Return the event as it stands in a record and in the worker's messages."""
        if self.kind == "step":
            return {"step": self.name}
        short: dict[str, Value] = {self.kind: self.name, "of": list(self.arguments)}
        if self.kind != "callback":
            short["is"] = self.result
        return short | {"depth": self.depth} if self.depth else short

    @classmethod
    def from_json(cls, data: Mapping[str, Value]) -> Event:
        """Return the event that `to_json` wrote; raises ValueError for anything else."""
        for kind in _KINDS:
            name, of, depth = data.get(kind), data.get("of", []), data.get("depth", 0)
            if isinstance(name, str) and isinstance(of, list) and isinstance(depth, int):
                return cls(kind, name, tuple(of), data.get("is"), depth)
        message = f"not an event of evidence: {data!r:.80}"
        raise ValueError(message)

    def __str__(self) -> str:
        if self.kind == "step":
            return self.name
        inside = ", ".join(_literal(argument) for argument in self.arguments)
        if self.kind == "observation":
            return f"{self.name}({inside}): {_literal(self.result)}"
        if self.kind == "callback":
            return f"callback {self.name}({inside})"
        return f"{self.name}({inside})" + ("" if self.result is None else f" = {_literal(self.result)}")


def _literal(value: Value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "|".join(_literal(item) for item in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key}={_literal(item)}" for key, item in value.items())
    return str(value)


def lines(events: Iterable[Event]) -> list[str]:
    """Return evidence as text, one line an event, what belongs to a step or to a callback indented below it."""
    return [str(event) if event.kind == "step" else f"{'    ' * (1 + event.depth)}{event}" for event in events]


def under_way(events: Sequence[Event]) -> str:
    """Return the call that never returned, with the callbacks and the calls it was made inside of, or "" when all returned."""
    chain: list[Event] = []
    for event in reversed(events):
        if chain and chain[-1].kind == "call":
            outer = event.kind == "callback" and event.depth < chain[-1].depth
        else:
            outer = event.kind == "call" and event.result == UNFINISHED
        if outer:
            chain.append(event)
    return " inside ".join(str(event).removesuffix(f" = {UNFINISHED}") for event in chain)
