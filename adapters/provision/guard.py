"""Runs a command, and ends it with everything that it started as soon as whoever started this is gone.

A script of its own, started in a process group of its own with the reading end of a pipe: `guard.py DESCRIPTOR COMMAND...`. Nothing is
ever written to the pipe: reading returns when the other end is closed, by whatever ended that process, kill -9 included. A compiler
would go on otherwise.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

#: What a shell answers for a program that does not start, and for one that a signal ended (128 and its number).
NOT_STARTED = 127
_SIGNALLED = 128


def _end_with_the_parent(descriptor: int) -> None:
    os.read(descriptor, 1)
    os.killpg(0, signal.SIGKILL)


def main(descriptor: str, *command: str) -> int:
    """Run `command` and return its exit status, as a shell would."""
    threading.Thread(target=_end_with_the_parent, args=(int(descriptor),), daemon=True).start()
    try:
        status = subprocess.call(command, stdin=subprocess.DEVNULL)  # noqa: S603  # the words of those who start this
    except OSError as error:
        sys.stderr.write(f"{command[0]} does not start: {error.strerror}\n")
        sys.stderr.flush()
        return NOT_STARTED
    return status if status >= 0 else _SIGNALLED - status


if __name__ == "__main__":
    # Not sys.exit: the thread is still reading.
    os._exit(main(*sys.argv[1:]))
