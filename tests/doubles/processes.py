"""Looking at processes from outside."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Found = TypeVar("Found")

#: In seconds; whatever is waited for, on the slowest machine, comes sooner. Who waits in vain has found a fault.
PATIENCE = 600.0


def wait_for(what: Callable[[], Found]) -> Found:
    """Return what `what` says as soon as it says something, or in the end."""
    until = time.monotonic() + PATIENCE
    while not (found := what()) and time.monotonic() < until:
        time.sleep(0.01)
    return found


def is_gone(process: int) -> bool:
    """Return whether a process has ended; one that only waits to be collected has."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state in "ZX"


def gone(process: int) -> bool:
    """Return whether a process ends."""
    return wait_for(lambda: is_gone(process))
