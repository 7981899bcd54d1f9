"""Waiting for the other end of a pipe: without being put to sleep at once, and without taking a busy machine for a hang.

Client and worker take turns of some ten microseconds. To wake a process on an idle processor takes longer than that, so each
looks again for a moment first; where there is other work for the processor, it gives way. Where the processes of pytest-xdist and their
workers keep every processor busy, nothing idles, and looking again would only take time from the others: two jobs on two processors
were half as fast again without. So it is with ssh between the two, which takes longer than a moment, and a processor when it is on
the same machine.

A process that hangs sleeps, or goes round in circles. One that neither sleeps nor had the processor is only kept waiting by others, and
that time does not count.
"""

from __future__ import annotations

import ctypes
import os
import select
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: In seconds; most turns are shorter.
_MOMENT = 200e-6

#: A process that is kept from running has so many times its limit at most. Who ends by itself when its client is gone does so later.
MOST = 10

#: What pytest-xdist tells its processes, and so their workers.
_JOBS = "PYTEST_XDIST_WORKER_COUNT"


#: What a worker is told whose client is on another machine.
FAR = "SSLSPEC_FAR_CLIENT"


def moment(environment: Mapping[str, str], processors: int) -> float:
    """Return how long to look again, in seconds; a client and its worker want a processor each for that."""
    if FAR in environment:
        return 0.0
    jobs = environment.get(_JOBS, "1")
    return _MOMENT if jobs.isdecimal() and 2 * int(jobs) <= processors else 0.0


_PATIENCE = moment(os.environ, os.cpu_count() or 1)


def watch(descriptor: int) -> None:
    """Return when there is something to read, or when a moment has passed."""
    until = time.perf_counter() + _PATIENCE
    while time.perf_counter() < until:
        if select.select([descriptor], [], [], 0)[0]:
            return
        os.sched_yield()


class Deadline:
    """Until when an answer of a process is waited for.

    process: its id. seconds: what it has for the answer. The time in which it wanted to run and was not let comes on top, up to MOST
    times as much in all; where the system does not tell of that, nothing does.
    """

    def __init__(self, process: int, seconds: float) -> None:
        self._process, self._seconds = process, seconds
        self._begun = time.monotonic()
        self._until = self._begun + seconds
        self._clock = _clock_of(process)
        self._used = _read(self._clock)

    def left(self) -> float:
        """Return for how many seconds more to wait."""
        return max(0.0, self._until - time.monotonic())

    def is_over(self) -> bool:
        """Return whether the time is up, which is asked when nothing has come until then."""
        now, last = time.monotonic(), self._begun + MOST * self._seconds
        if now >= last or not self._was_kept_waiting():
            return True
        self._until = min(now + self._seconds, last)
        return False

    def _was_kept_waiting(self) -> bool:
        used = _read(self._clock) - self._used
        return self._clock is not None and used < self._seconds / 2 and _state(self._process) in _WANTS_TO_RUN


#: As ps(1) has them: on a processor or waiting for one, and waiting for a disk.
_WANTS_TO_RUN = ("R", "D")

_FIND_CLOCK = getattr(ctypes.CDLL(None), "clock_getcpuclockid", None)


def _clock_of(process: int) -> int | None:
    """Return the clock of the processor time of a process, None where there is none."""
    clock = ctypes.c_int()
    return clock.value if _FIND_CLOCK is not None and _FIND_CLOCK(process, ctypes.byref(clock)) == 0 else None


def _read(clock: int | None) -> float:
    try:
        return time.clock_gettime(clock) if clock is not None else 0.0
    except OSError:  # it has ended
        return 0.0


def _state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""
