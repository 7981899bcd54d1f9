"""Looking at processes from outside."""

from __future__ import annotations

import time
from pathlib import Path

_DEADLINE = 20.0


def gone(process: int) -> bool:
    """Return whether a process ends, within a generous time; one that only waits to be collected has ended."""
    until = time.monotonic() + _DEADLINE
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.02)
    return False
