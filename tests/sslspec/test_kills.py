"""Killing what takes part in a run at random moments: what was recorded is there, the rest is run where somebody is left to, nobody stays.

A seed is in each test's name, so that a moment can be had again.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sslspec.collected import LOST
from sslspec.record import Record
from sslspec.reports.record_json import read
from sslspec.results import FILE, read_results
from sslspec.verdicts import Verdict
from tests.doubles.processes import PATIENCE, gone

#: Of each of the two implementations.
_CLAUSES = ("reference-added", "open-session-leaves-cache", "added", "used-session-released")
_WORKER = b"sslspec.adapters.worker"


@dataclass
class Running:
    """A run of two implementations in its own processes."""

    folder: Path
    jobs: int
    seen: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        clauses = [argument for clause in _CLAUSES for argument in ("--clause", clause)]
        command = [sys.executable, "-P", "-m", "sslspec", "run", "-i", "pyopenssl", "-i", "cpython", *clauses, "-n", str(self.jobs), "-q"]
        self.process = subprocess.Popen(
            [*command, "-o", str(self.folder)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def rows(self) -> int:
        """Return how many rows are on disk."""
        try:
            return max((self.folder / FILE).read_bytes().count(b"\n") - 1, 0)
        except OSError:
            return 0

    def until(self, rows: int) -> None:
        """Return when so many rows are on disk, or the run is at its end."""
        end = time.monotonic() + PATIENCE
        while self.rows() < rows and self.process.poll() is None:
            assert time.monotonic() < end, f"{self.rows()} rows in {PATIENCE} seconds"
            time.sleep(0.002)
        self.seen |= {number for number, _ in self.below()}

    def below(self) -> list[tuple[int, bytes]]:
        """Return the processes that the run has started, and those they have, with their command lines."""
        parents = dict(_processes())
        found = [number for number in parents if self.process.pid in _ancestors(number, parents)]
        return [(number, _command(number)) for number in found]

    def kill(self, *, workers: bool, chance: random.Random) -> bool:
        """Kill a worker, or a process of pytest-xdist; return whether there was one.

        Of what pytest-xdist's processes have started nothing but workers: one that has just begun has its parent's command line yet.
        """
        children = {number for number, parent in _processes() if parent == self.process.pid}
        found = [(number, command) for number, command in self.below() if workers or number in children]
        victims = sorted(number for number, command in found if (_WORKER in command) is workers and command)
        with suppress(ProcessLookupError):  # it has ended by itself since it was found
            if victims:
                os.kill(chance.choice(victims), signal.SIGKILL)
                return True
        return False

    def end(self) -> str:
        """Return what the run says in the end, when everything that it had started has gone."""
        said = self.process.communicate(timeout=PATIENCE)[1]
        assert [number for number in self.seen if not gone(number)] == []
        return said

    def close(self) -> None:
        """End what a failed test has left running."""
        with self.process:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)

    def record(self) -> Record:
        """Return what a run has left that was killed, or that had come to its end before it could be."""
        return read_results(self.folder / FILE) if (self.folder / FILE).exists() else read(self.folder)


def _processes() -> Iterator[tuple[int, int]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            yield int(path.parent.name), int(path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
        except OSError:
            continue


def _ancestors(number: int, parents: dict[int, int]) -> Iterator[int]:
    while number := parents.get(number, 0):
        yield number


def _command(number: int) -> bytes:
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[..., Running]]:
    """Return what starts a run; it is ended with the tests, however they end."""
    started: list[Running] = []

    def run(folder: Path, jobs: int) -> Running:
        started.append(Running(folder, jobs))
        return started[-1]

    yield run
    for running in started:
        running.close()


@pytest.fixture(scope="module")
def undisturbed(run: Callable[..., Running], tmp_path_factory: pytest.TempPathFactory) -> Record:
    running = run(tmp_path_factory.mktemp("undisturbed"), jobs=1)
    running.end()
    return read(running.folder)


def outcomes(record: Record) -> dict[tuple[str, str], object]:
    return {(row.implementation, row.key): (row.verdict, row.reason, row.answer, row.evidence) for row in record.rows}


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("seed", range(4))
def test_what_was_recorded_before_the_run_was_killed_can_be_reported(
    seed: int, jobs: int, run: Callable[..., Running], undisturbed: Record, tmp_path: Path
) -> None:
    chance = random.Random(seed)  # noqa: S311  # a moment is no secret
    running = run(tmp_path, jobs)
    running.until(chance.randrange(1, len(undisturbed.rows) // 2))
    os.kill(running.process.pid, signal.SIGKILL)
    running.end()
    record = running.record()
    recorded = running.rows() or len(undisturbed.rows)
    assert len(record.rows) == recorded
    assert bool(record.partial) is (recorded < len(undisturbed.rows))
    assert outcomes(record).items() <= outcomes(undisturbed).items()


def _can_still_be_reported(running: Running, said: str, undisturbed: Record) -> None:
    """Check a run that pytest-xdist gave up, because a process died before it had said who it is: execnet raises EOFError then."""
    assert (running.process.returncode, "the run broke off: EOFError" in said) == (2, True), said
    record = read_results(running.folder / FILE)
    assert record.partial is not None
    assert len(record.rows) == running.rows() > 0
    kept = {key: found for key, found in outcomes(record).items() if found[0] is not Verdict.ERROR}
    assert kept.items() <= outcomes(undisturbed).items()


@pytest.mark.parametrize("seed", range(3))
def test_the_rest_is_run_when_a_process_of_the_run_is_killed(
    seed: int, run: Callable[..., Running], undisturbed: Record, tmp_path: Path
) -> None:
    chance = random.Random(seed)  # noqa: S311  # a moment is no secret
    running = run(tmp_path, jobs=2)
    killed = 0
    for rows in sorted(chance.sample(range(1, len(undisturbed.rows) - 10), 2)):
        running.until(rows)
        killed += running.kill(workers=False, chance=chance)
    said = running.end()
    if not (tmp_path / "record.json").exists():
        _can_still_be_reported(running, said, undisturbed)
        return
    record = read(tmp_path)
    lost = [row for row in record.rows if row.verdict is Verdict.ERROR]
    assert record.partial is None
    assert len(record.rows) == len(undisturbed.rows), said
    assert {row.reason for row in lost} <= {LOST}
    # One that had nothing left to do takes no row with it.
    assert len(lost) <= killed
    assert running.process.returncode == (2 if lost else 0)
    assert {key: found for key, found in outcomes(record).items() if found[0] is not Verdict.ERROR}.items() <= outcomes(undisturbed).items()
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_held_against_a_library_whose_worker_is_killed(
    seed: int, run: Callable[..., Running], undisturbed: Record, tmp_path: Path
) -> None:
    chance = random.Random(seed)  # noqa: S311  # a moment is no secret
    running = run(tmp_path, jobs=1)
    for rows in sorted(chance.sample(range(1, len(undisturbed.rows) - 10), 2)):
        running.until(rows)
        time.sleep(chance.uniform(0, 0.02))
        running.kill(workers=True, chance=chance)
        # A row that loses its worker is run again; if it loses that one as well, that is held against the library. So it is left alone.
        running.until(running.rows() + 2)
    said = running.end()
    record = read(tmp_path)
    assert [row.key for row in record.rows] == [row.key for row in undisturbed.rows], said
    assert {row.verdict for row in record.rows} <= {Verdict.ERROR, *(row.verdict for row in undisturbed.rows)}
    assert not {Verdict.CRASHES, Verdict.HANGS} & {row.verdict for row in record.rows}
