from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from processes import wait_for

from sslspec.adapters.worker import patience
from sslspec.adapters.worker.patience import FAR, MOST, Deadline, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells what a process waits for")
#: A limit that has passed as soon as it is looked at.
SHORT = 1e-6


@pytest.mark.parametrize(
    ("jobs", "processors", "looks"),
    [(None, 2, True), (None, 1, False), ("2", 2, False), ("2", 4, True), ("3", 4, False), ("many", 64, False)],
)
def test_who_would_keep_a_processor_from_others_does_not_look_again(jobs: str | None, processors: int, looks: bool) -> None:  # noqa: FBT001
    environment = {} if jobs is None else {"PYTEST_XDIST_WORKER_COUNT": jobs}
    assert bool(moment(environment, processors)) is looks


def test_a_worker_behind_ssh_does_not_look_again() -> None:
    assert moment({FAR: "1"}, 64) == 0.0


@pytest.fixture
def python() -> Iterator[Callable[[str], int]]:
    """Return what starts a program and returns its process id; it is ended with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(program: str) -> int:
        started.append(subprocess.Popen([sys.executable, "-c", program]))
        return started[-1].pid

    yield start
    for process in started:
        process.kill()
        process.wait()


@linux
class TestTheTimeIsUp:
    def test_for_who_sleeps(self, python: Callable[[str], int]) -> None:
        process = python("import time; time.sleep(3600)")
        assert wait_for(lambda: patience._state(process) == "S" and Deadline(process, SHORT).is_over())

    def test_for_who_goes_round_in_circles(self, python: Callable[[str], int]) -> None:
        process = python("while True: pass")
        deadline = Deadline(process, 0.1)
        clock = patience._clock_of(process)
        assert wait_for(lambda: patience._read(clock) > 0.5)
        assert deadline.is_over()

    def test_for_who_has_ended(self, python: Callable[[str], int]) -> None:
        process = python("")
        assert wait_for(lambda: patience._state(process) == "Z")
        assert Deadline(process, SHORT).is_over()

    def test_where_the_system_does_not_tell(self, monkeypatch: pytest.MonkeyPatch, python: Callable[[str], int]) -> None:
        monkeypatch.setattr(patience, "_FIND_CLOCK", None)
        assert Deadline(python("while True: pass"), SHORT).is_over()


class TestWhoIsKeptFromRunning:
    @pytest.fixture(autouse=True)
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
        """Keep every process from running; return the clock, whose `now` is the time."""
        clock = SimpleNamespace(now=1000.0)
        clock.monotonic = lambda: clock.now
        for name, instead in {"time": clock, "_clock_of": lambda _: 7, "_read": lambda _: 1.5, "_state": lambda _: "R"}.items():
            monkeypatch.setattr(patience, name, instead)
        return clock

    def test_has_the_time_once_more_from_then_on(self, clock: SimpleNamespace) -> None:
        deadline = Deadline(1, 2.0)
        clock.now += 30.0
        assert deadline.left() == 0.0
        clock.now -= 25.0
        assert not deadline.is_over()
        assert deadline.left() == 2.0

    def test_has_it_ten_times_at_most(self, clock: SimpleNamespace) -> None:
        deadline = Deadline(1, 2.0)
        clock.now += 2.0 * MOST - 1
        assert not deadline.is_over()
        assert deadline.left() == 1.0
        clock.now += 1
        assert deadline.is_over()

    def test_and_then_sleeps_has_hung(self, monkeypatch: pytest.MonkeyPatch) -> None:
        deadline = Deadline(1, 2.0)
        monkeypatch.setattr(patience, "_state", lambda _: "S")
        assert deadline.is_over()
