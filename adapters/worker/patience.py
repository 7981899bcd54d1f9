"""Waiting for the other end of a pipe without being put to sleep at once.

Client and worker take turns of some ten microseconds. To wake a process on an idle processor takes longer than that, so each
looks again for a moment first; where there is other work for the processor, it gives way.
"""

from __future__ import annotations

import os
import select
import time

#: In seconds; most turns are shorter.
_MOMENT = 200e-6


def watch(descriptor: int) -> None:
    """Return when there is something to read, or when a moment has passed."""
    until = time.perf_counter() + _MOMENT
    while time.perf_counter() < until:
        if select.select([descriptor], [], [], 0)[0]:
            return
        os.sched_yield()
