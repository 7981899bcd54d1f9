"""On another machine: starts a worker that has the connection itself for input and output, and watches it from beside.

    the worker dies in an operation        the answer is LibraryCrashed, and another worker is started
    the worker leaves, as it was told      another one is started
    an operation takes too long            the worker is killed, the answer is LibraryHung, and another worker is started
    the worker dies otherwise              the connection is ended, with the status that it died with
    the connection ends                    so does the worker, by itself or killed

No message passes through here: what is under way is read from the file of announce.py, and something is said only in place of a worker
that is dead. Whether one that died while it answered has answered nobody can tell, so that this is the end of the connection.

Nothing but the standard library, as in all that is sent over (adapters/remote.py).
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sslspec.adapters.system import find_libssl
from sslspec.adapters.worker import announce
from sslspec.adapters.worker.patience import FAR
from sslspec.adapters.worker.processes import LEFT, how_it_ended, surroundings, told
from sslspec.errors import UsageError
from sslspec.evidence import under_way

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How often is looked at what is under way, in seconds.
_TICK = 0.1
#: How long a worker whose connection has ended may take to go, in seconds.
_FAREWELL = 2.0
#: What ssh itself ends with when a connection was lost.
_LOST = 255
#: That whoever writes to a socket has closed it. Where a system has no word for it, what hangs goes at its limit.
_HUNG_UP = getattr(select, "POLLRDHUP", 0)


def supervise(code: str, path: str, limit: float) -> int:
    """Keep a worker on descriptors 0 and 1 for as long as the connection lasts; return the exit status.

    code: the folder that it is imported from. path: what the user says of where the library is. limit: seconds for one operation.
    """
    environment = {**surroundings(_folder_of(path)), "PYTHONPATH": code, FAR: "1"}
    with tempfile.TemporaryFile() as announced:
        os.truncate(announced.fileno(), announce.SIZE)
        while True:
            status, hung = _watched(environment, announced, limit)
            message = _under_way(announced)
            if status == LEFT and not message:
                continue
            if hung not in (None, message):
                return _LOST  # nobody is there to answer, or it has answered in the very last moment
            if not message or (message["operation"] == "open" and hung is None):
                return told(status)
            _say(message, announced, {"signal": how_it_ended(status)} if hung is None else {"seconds": _limit_of(message, limit)})
            os.truncate(announced.fileno(), 0)
            os.truncate(announced.fileno(), announce.SIZE)


def _folder_of(path: str) -> str:
    try:
        return str(find_libssl(Path(path)).resolve().parent)
    except UsageError:  # the worker will say it, in an answer
        return ""


def _watched(environment: Mapping[str, str], announced: IO[bytes], limit: float) -> tuple[int, dict[str, Any] | None]:
    """Start a worker and wait for its end; return its status, as subprocess has it, and what `_wait` says."""
    alive, inside = os.pipe()  # closed by its end, however that comes
    command = [sys.executable, "-S", "-P", "-m", "sslspec.adapters.worker", str(announced.fileno())]
    process = subprocess.Popen(command, env=environment, pass_fds=(announced.fileno(), inside))  # noqa: S603  # what was sent
    os.close(inside)
    try:
        hung = _wait(alive, announced, limit)
        if hung is not None:
            process.kill()
        return process.wait(), hung
    finally:
        os.close(alive)


def _wait(alive: int, announced: IO[bytes], limit: float) -> dict[str, Any] | None:
    """Return None when a worker has ended; when it has to be killed the message that takes too long, {} when nobody is there to answer."""
    events = select.poll()
    events.register(alive, select.POLLIN)
    events.register(0, _HUNG_UP)
    seen: dict[str, Any] = {}
    ticks = 0
    while not (happened := dict(events.poll(1000 * _TICK))):
        # Ticks are counted, not seconds: where this process was kept from running, so was the worker.
        message = _under_way(announced)
        ticks = ticks + 1 if message == seen else 0
        seen = message
        if message and ticks * _TICK >= _limit_of(message, limit):
            return message
    if alive in happened or select.select([alive], [], [], _FAREWELL)[0]:
        return None
    return {}


def _under_way(announced: IO[bytes]) -> dict[str, Any]:
    """Return the message that the worker is at, {} for none, and for one that a library has written over."""
    try:
        message = json.loads(announce.read_message(announced))
        return message if message.keys() >= {"id", "operation"} else {}
    except (ValueError, AttributeError, RecursionError):
        return {}


def _limit_of(message: Mapping[str, Any], limit: float) -> float:
    return float(message.get("limit", limit))


def _say(message: Mapping[str, Any], announced: IO[bytes], ending: Mapping[str, Any]) -> None:
    """Answer a message in place of a worker that is dead."""
    events = announce.read(announced)
    error = "LibraryHung" if "seconds" in ending else "LibraryCrashed"
    told_of = {"call": under_way(events) or message["operation"], **ending}
    answer = {"id": message["id"], "error": error, "with": told_of, "events": [event.to_json() for event in events]}
    line = memoryview(json.dumps(answer).encode() + b"\n")
    while line:
        line = line[os.write(1, line) :]
