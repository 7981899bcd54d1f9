"""Waiting for the other end of a pipe without being put to sleep at once.

Client and worker take turns of some ten microseconds. To wake a process on an idle processor takes longer than that, so each
looks again for a moment first; where there is other work for the processor, it gives way. Where the processes of pytest-xdist and their
workers keep every processor busy, nothing idles, and looking again would only take time from the others: two jobs on two processors
were half as fast again without. So it is with ssh between the two, which takes longer than a moment, and a processor when it is on
the same machine.
"""

from __future__ import annotations

import os
import select
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: In seconds; most turns are shorter.
_MOMENT = 200e-6

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
