"""What a worker process is started in, and how it has ended: the same wherever one is started (client.py, supervisor.py)."""

from __future__ import annotations

import os
import signal

#: What the names of variables begin with that would decide how a library or its memory behaves: two machines shall see the same.
_MEDDLING = ("MALLOC_", "GLIBC_TUNABLES", "OPENSSL_")
#: The operation, beside those of the interface, by which a worker is told to go and make room for another one, ...
LEAVE = "leave"
#: ... and the exit status with which it does.
LEFT = 97
#: What a shell adds to the number of the signal that ended a command.
_BY_SIGNAL = 128


def surroundings(folder: str) -> dict[str, str]:
    """Return the environment of a worker whose library is in `folder`, which comes first when it looks for its libcrypto; "" for none."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_MEDDLING)}
    if folder:
        environment["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, (folder, environment.get("LD_LIBRARY_PATH"))))
    return environment


def how_it_ended(status: int, *, told: bool = False) -> str:
    """Return the name of the signal, or "exit status N"; status: as subprocess has it; told: by a shell, or somebody else who adds 128."""
    if told and status > _BY_SIGNAL:
        status = _BY_SIGNAL - status
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:  # the real-time signals have no names
        return f"signal {-status}"


def told(status: int) -> int:
    """Return the exit status by which the end of another process is passed on; 255 is left for ssh."""
    return min(_BY_SIGNAL - status if status < 0 else status, 254)
