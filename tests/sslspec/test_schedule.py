from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sslspec.schedule import ByImplementation

if TYPE_CHECKING:
    import pytest

FEATURES = {"a.feature": 4, "b.feature": 6}


class Node:
    """A process of pytest-xdist that notes what it is told to run."""

    def __init__(self, name: str, host: str | None = None) -> None:
        self.gateway = SimpleNamespace(id=name, spec=SimpleNamespace(env={} if host is None else {"SSLSPEC_HOST": host}))
        self.shutting_down = False
        self.told: list[int] = []

    def send_runtest_some(self, items: list[int]) -> None:
        self.told += items

    def shutdown(self) -> None:
        self.shutting_down = True


class Log:
    """Takes what xdist tells its log, and says nothing."""

    def __getattr__(self, _name: str) -> Log:
        return self

    def __call__(self, *_args: object) -> None: ...


def items(names: tuple[str, ...]) -> list[str]:
    features = [(feature, number) for feature, count in FEATURES.items() for number in range(count)]
    return [f"{feature}::test_it[{name}-{number}]" for feature, number in features for name in names]


class Shared:
    """Work that is given out to nodes, which run what they are told, in turns."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        names: tuple[str, ...],
        times: Mapping[str, Mapping[str, float]],
        lacking: tuple[set[str], ...] = (),
    ) -> None:
        self.items = items(names)
        self.nodes = [Node("one"), Node("two", "0" if lacking else None)]
        self.ran: dict[str, list[str]] = {"one": [], "two": [], "three": []}
        monkeypatch.setattr("xdist.scheduler.loadscope.parse_tx_spec_config", lambda _config: self.nodes)
        config: Any = SimpleNamespace(option=SimpleNamespace(loadscopereorder=False))
        self.schedule = ByImplementation(config, Log(), names, times, lacking)  # type: ignore[arg-type]
        for node in self.nodes:
            self.join(node)
        self.schedule.schedule()

    def join(self, node: Node) -> None:
        self.schedule.add_node(node)
        self.schedule.add_node_collection(node, self.items)

    def turn(self, node: Node) -> bool:
        if not node.told:
            return False
        item = node.told.pop(0)
        self.ran[node.gateway.id].append(self.items[item])
        self.schedule.mark_test_complete(node, item)
        return True

    def run(self) -> None:
        while sum(map(self.turn, self.nodes)):  # not any(): each has its turn
            pass

    def implementations(self, node: str) -> list[str]:
        """Return the implementations that a node came to, in order, each as often as it was begun."""
        came = [item.partition("[")[2].rpartition("-")[0] for item in self.ran[node]]
        return [name for at, name in enumerate(came) if at == 0 or came[at - 1] != name]


def test_each_implementation_is_run_by_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Shared(monkeypatch, ("p", "q", "r", "s"), {})
    shared.run()
    assert sorted(shared.implementations("one") + shared.implementations("two")) == ["p", "q", "r", "s"]
    assert sorted(shared.ran["one"] + shared.ran["two"]) == sorted(shared.items)


def test_what_took_longest_is_begun_first(monkeypatch: pytest.MonkeyPatch) -> None:
    times = {name: dict.fromkeys(FEATURES, seconds) for name, seconds in {"p": 1.0, "q": 2.0, "r": 9.0, "s": 3.0}.items()}
    shared = Shared(monkeypatch, ("p", "q", "r", "s"), times)
    shared.run()
    assert [shared.implementations("one")[0], shared.implementations("two")[0]] == ["r", "s"]


def test_who_is_idle_helps_with_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Shared(monkeypatch, ("p",), {})
    shared.run()
    assert shared.implementations("one") == shared.implementations("two") == ["p"]


def test_another_host_runs_only_what_is_the_same_there(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Shared(monkeypatch, ("p", "q", "r"), {"p": {"a.feature": 9.0}}, ({"p", "q"},))
    shared.run()
    assert shared.implementations("two") == ["r"]
    assert sorted(shared.ran["one"] + shared.ran["two"]) == sorted(shared.items)
    assert [node.shutting_down for node in shared.nodes] == [True, True]


def test_another_host_for_which_nothing_is_left_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Shared(monkeypatch, ("p", "q"), {}, ({"p", "q"},))
    assert shared.nodes[1].shutting_down
    shared.run()
    assert sorted(shared.ran["one"]) == sorted(shared.items)


def test_of_two_names_that_begin_alike_the_longer_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Shared(monkeypatch, ("p", "p-q"), {})
    assert shared.schedule._split_scope("a.feature::test_it[p-q-1]") == "p-q a.feature"
    assert shared.schedule._split_scope("a.feature::test_it[p-1]") == "p a.feature"
    assert shared.schedule._split_scope("a.feature::test_it[p]") == "p a.feature"


def test_the_item_under_way_in_a_process_that_ended_is_not_run_again_and_the_others_are(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Shared(monkeypatch, ("p", "q"), {})
    one, two = shared.nodes
    assert shared.turn(one)
    under_way = shared.items[one.told[0]]
    crashed = shared.schedule.remove_node(one)
    assert crashed == under_way
    shared.nodes = [two, Node("three")]
    shared.join(shared.nodes[1])
    shared.schedule.schedule()
    shared.run()
    ran = [item for of_one in shared.ran.values() for item in of_one]
    assert sorted([*ran, crashed]) == sorted(shared.items)


def test_a_process_that_had_nothing_left_takes_nothing_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Shared(monkeypatch, ("p", "q"), {})
    shared.run()
    assert shared.schedule.remove_node(shared.nodes[0]) is None


def test_a_process_that_takes_over_a_single_item_is_told_that_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Shared(monkeypatch, ("p",), {})
    shared.run()
    group = "p a.feature"
    shared.schedule.workqueue[group] = {shared.items[0]: False}
    three = Node("three")
    shared.join(three)
    shared.schedule.schedule()
    assert (three.told, three.shutting_down) == ([0], True)
