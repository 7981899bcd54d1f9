"""Which process of pytest-xdist runs what: a library is loaded by one process, and only those that are idle in the end load it again.

The unit of work is a feature on an implementation. A process goes on with the implementation
that it has loaded; then it takes the one that nobody has begun and that took longest in the last run, so that none is begun late; then it
helps where most is left. A process on another host takes only what is the same there. What a row finds does not depend on any of this.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from xdist.scheduler import LoadScopeScheduling

from sslspec.elsewhere import host_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pytest
    from xdist.remote import Producer

#: In seconds, of a row that was never run.
_GUESS = 0.01


class ByImplementation(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives out the work as the module says.

    names: of the implementations. times: implementation -> feature -> seconds in the last run. lacking: of each other
    host the implementations that are not the same there.
    """

    def __init__(
        self,
        config: pytest.Config,
        log: Producer,
        names: Sequence[str],
        times: Mapping[str, Mapping[str, float]],
        lacking: Sequence[Collection[str]] = (),
    ) -> None:
        super().__init__(config, log)
        # Of two names of which one begins with the other, the longer one is meant where it fits.
        self._names = sorted(names, key=len, reverse=True)
        self._times = times
        self._lacking = lacking
        self._at: dict[Any, str] = {}
        self._begun: set[str] = set()
        self._places: dict[str, int] = {}

    def remove_node(self, node: Any) -> str | None:
        """Give back the work of a process that has ended; return the item that was under way, which is not run again.

        In xdist's own scheduler it is: an item that ends its process would end every one.
        """
        work = self.assigned_work.pop(node)
        crashed: str | None = next((item for unit in work.values() for item, done in unit.items() if not done), None)
        if crashed is None:
            return None
        work[self._split_scope(crashed)][crashed] = True
        self.workqueue.update({group: unit for group, unit in work.items() if not all(unit.values())})
        for other in self.nodes:
            if other in self.registered_collections:
                self._reschedule(other)
        return crashed

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        """Strike off an item that was run, and its group with the last one: what is pending is counted after every item."""
        group = self._split_scope(self.registered_collections[node][item_index])
        super().mark_test_complete(node, item_index, duration)
        work = self.assigned_work[node]
        if group in work and all(work[group].values()):
            del work[group]

    def _reschedule(self, node: Any) -> None:
        # A process runs an item when it knows the next one, or that there is none: with a single one and no word it would wait forever.
        while not node.shutting_down and self._left(node) and self._pending_of(self.assigned_work[node]) <= 2:  # noqa: PLR2004  # as xdist
            self._assign_work_unit(node)
        if not node.shutting_down and not self._left(node):
            node.shutdown()

    def _split_scope(self, nodeid: str) -> str:
        # Not by the groups of --dist loadgroup: with pytest 9.2, pytest-xdist 3.8 writes them where nobody reads them.
        feature, _, item = nodeid.partition("::")
        values = item.partition("[")[2].removesuffix("]") + "-"
        name = next((name for name in self._names if values.startswith(f"{name}-")), "")
        return f"{name} {feature}"

    def _assign_work_unit(self, node: Any) -> None:
        if not self._left(node):
            return
        group = self._choice(node)
        self._at[node] = _implementation(group)
        self._begun.add(_implementation(group))
        unit = self.workqueue.pop(group)
        self.assigned_work.setdefault(node, {})[group] = unit
        # All processes have collected the same, in the same order.
        self._places = self._places or {item: place for place, item in enumerate(self.registered_collections[node])}
        with suppress(OSError):  # it has just ended; when that is noticed, remove_node gives the work back
            node.send_runtest_some([self._places[item] for item, done in unit.items() if not done])

    def _choice(self, node: Any) -> str:
        """Return the group that `node` should run next."""
        left: dict[str, float] = {}
        for group in self._left(node):
            left[_implementation(group)] = left.get(_implementation(group), 0.0) + self._seconds(group)
        new = {name: seconds for name, seconds in left.items() if name not in self._begun} or left
        name = self._at.get(node)
        if name not in left:
            name = max(new, key=lambda each: new[each])
        groups: list[str] = [group for group in self.workqueue if _implementation(group) == name]
        return max(groups, key=self._seconds)

    def _left(self, node: Any) -> list[str]:
        """Return the groups that nobody has begun and that `node` can run."""
        host = host_of(node)
        lacking = () if host is None else self._lacking[host]
        return [group for group in self.workqueue if _implementation(group) not in lacking]

    def _seconds(self, group: str) -> float:
        name, _, feature = group.rpartition(" ")
        return self._times.get(name, {}).get(feature, _GUESS * len(self.workqueue[group]))


def _implementation(group: str) -> str:
    return group.rpartition(" ")[0]
