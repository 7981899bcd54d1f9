"""The worker's side of the protocol (adapters/PROTOCOL.md) in Python: one JSON line in, one JSON line out, until the input ends.

Among the settings it is opened with is "driver": which of the adapters written in Python it is to serve.

Nothing but the standard library is imported, so that a worker runs wherever a Python is; a driver may need more.
"""

from __future__ import annotations

import base64
import ctypes
import importlib
import json
import os
import signal
import sys
import traceback
from typing import IO, TYPE_CHECKING, Any

from sslspec.adapters import errors
from sslspec.adapters.interface import OPERATIONS, VERSION
from sslspec.adapters.worker.announce import Announcements
from sslspec.adapters.worker.patience import MOST, watch
from sslspec.adapters.worker.processes import LEAVE, LEFT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sslspec.adapters.interface import Adapter
    from sslspec.evidence import Event

PR_SET_PDEATHSIG = 1

#: The library's time limit is kept by the client. So many seconds after the last moment that one may wait for, a worker ends whose client
#: is gone.
_GRACE = 5


class Worker:
    """One driver, opened by the first message."""

    def __init__(self, announcements: Announcements | None) -> None:
        self._announcements = announcements
        self._limit = 0
        self._adapter: Adapter | None = None
        self.leaves = False

    def answer(self, message: dict[str, Any]) -> bytes:
        """Carry out one message and return the line that answers it."""
        if self._limit:
            signal.alarm(self._limit * MOST + _GRACE)
        hurry = getattr(self._adapter, "hurry", None)
        if "limit" in message and hurry:
            hurry(message["limit"])
        said = self._said(message)
        try:
            line = _line({"id": message["id"], **said, "events": self._events()})
        except Exception:  # noqa: BLE001  # an answer that is no JSON, evidence that is none: as below
            line = _line({"id": message["id"], **_broken(), "events": []})
        signal.alarm(0)
        return line

    def _said(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"is": self._carry_out(message["operation"], message["args"])}
        except errors.AdapterError as error:
            return {"error": type(error).__name__, "with": vars(error)}
        except Exception:  # noqa: BLE001  # whatever a driver raises is the suite's fault and must reach the client
            return _broken()

    def _events(self) -> list[dict[str, Any]]:
        return [event.to_json() for event in self._adapter.evidence()] if self._adapter else []

    def _carry_out(self, operation: str, args: list[Any]) -> object:
        if operation == "open":
            self._open(*args)
            return {"protocol": VERSION}
        if operation == LEAVE:
            self.leaves = True
            return None
        if self._adapter is None or operation not in OPERATIONS:
            reason = f"no operation is called {operation!r}" if self._adapter else "the first message must be 'open'"
            raise errors.AdapterBroken(reason)
        return getattr(self._adapter, operation)(*args)

    def _open(self, settings: dict[str, Any]) -> None:
        """Make the driver "module:function", which takes the other settings by name; "..._base64" holds bytes."""
        settings.pop("protocol", None)
        self._limit = int(settings.pop("limit", 0))
        make = _imported(str(settings.pop("driver", "")))
        decoded = {
            key.removesuffix("_base64"): base64.b64decode(value) if key.endswith("_base64") else value for key, value in settings.items()
        }
        self._adapter = adapter = make(**decoded)
        trace = getattr(adapter, "trace", None)
        if trace and self._announcements:
            trace.announce = self._announce

    def _announce(self, position: int, event: Event) -> None:
        if self._announcements:
            self._announcements.write(position, event)


def serve(incoming: Iterable[bytes], outgoing: IO[bytes], announcements: Announcements | None) -> None:
    """Answer messages until the input ends."""
    worker = Worker(announcements)
    for line in incoming:
        if announcements:
            announcements.begin(line)
        answer = worker.answer(json.loads(line))
        # Whoever dies from here on may have answered: that nobody can tell, and a second answer would be taken for the next one's.
        if announcements:
            announcements.forget()
        outgoing.write(answer)
        outgoing.flush()
        if worker.leaves:
            os._exit(LEFT)  # without what a library does at its end


def _lines(incoming: IO[bytes]) -> Iterator[bytes]:
    while True:
        watch(incoming.fileno())
        line = incoming.readline()
        if not line:
            return
        yield line


def main() -> None:
    """Run as the worker process: `python -m sslspec.adapters.worker [DESCRIPTOR OF THE ANNOUNCEMENTS]`."""
    _die_with_parent()
    # What a library prints or reads must not get between the messages: they come and go on descriptors that only we know.
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    announcements = Announcements(int(sys.argv[1])) if len(sys.argv) > 1 else None
    serve(_lines(incoming), outgoing, announcements)


def _imported(driver: str) -> Callable[..., Adapter]:
    module, _, function = driver.partition(":")
    try:
        return getattr(importlib.import_module(module), function)  # type: ignore[no-any-return]
    except (ImportError, AttributeError, SyntaxError, ValueError) as error:
        message = f"the driver {driver} cannot be imported: {error}"
        raise errors.WorkerNotStarted(message) from error


def _line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer).encode() + b"\n"


def _broken() -> dict[str, Any]:
    return {"error": "AdapterBroken", "with": {"reason": traceback.format_exc()}}


def _die_with_parent() -> None:
    # Ctrl-C is for the client, which then closes our input; a SIGINT here would show a traceback of ours.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died in between
            sys.exit(1)
