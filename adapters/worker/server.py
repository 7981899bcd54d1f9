"""The worker's side of the protocol: one JSON line in, one JSON line out, until the input ends.

    {"id": 1, "operation": "open", "args": [driver, settings]}     the first message
    {"id": 2, "operation": "new_context", "args": ["client", "TLS 1.2 with tickets"]}
    {"id": 2, "is": "ctx1", "events": [...]}                        an answer
    {"id": 2, "error": "NotImplementedThere", "with": {...}, "events": [...]}

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
from sslspec.adapters.interface import OPERATIONS
from sslspec.adapters.worker.announce import Announcements

if TYPE_CHECKING:
    from sslspec.adapters.interface import Adapter

    from sslspec.evidence import Event

PR_SET_PDEATHSIG = 1

#: The library's time limit is kept by the client. This one, in seconds beyond it, ends a worker whose client is gone.
_GRACE = 5


class Worker:
    """One driver, opened by the first message."""

    def __init__(self, announcements: Announcements | None) -> None:
        self._announcements = announcements
        self._limit = 0
        self._adapter: Adapter | None = None

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """Carry out one message and return the answer to it."""
        if self._announcements:
            self._announcements.clear()
        if self._limit:
            signal.alarm(self._limit + _GRACE)
        try:
            result = self._carry_out(message["operation"], message["args"])
        except errors.AdapterError as error:
            answer = {"id": message["id"], "error": type(error).__name__, "with": vars(error)}
        except Exception:  # noqa: BLE001  # whatever a driver raises is the suite's fault and must reach the client
            answer = {"id": message["id"], "error": "AdapterBroken", "with": {"reason": traceback.format_exc()}}
        else:
            answer = {"id": message["id"], "is": result}
        answer["events"] = [event.to_json() for event in self._adapter.evidence()] if self._adapter else []
        signal.alarm(0)
        return answer

    def _carry_out(self, operation: str, args: list[Any]) -> object:
        if operation == "open":
            self._open(*args)
            return None
        if self._adapter is None or operation not in OPERATIONS:
            reason = f"no operation is called {operation!r}" if self._adapter else "the first message must be 'open'"
            raise errors.AdapterBroken(reason)
        return getattr(self._adapter, operation)(*args)

    def _open(self, driver: str, settings: dict[str, Any]) -> None:
        """Make the driver "module:function", which takes `settings` by name; "..._base64" holds bytes."""
        self._limit = int(settings.pop("limit", 0))
        module, _, function = driver.partition(":")
        decoded = {
            key.removesuffix("_base64"): base64.b64decode(value) if key.endswith("_base64") else value for key, value in settings.items()
        }
        self._adapter = getattr(importlib.import_module(module), function)(**decoded)
        trace = getattr(self._adapter, "trace", None)
        if trace and self._announcements:
            trace.announce = self._announce

    def _announce(self, position: int, event: Event) -> None:
        if self._announcements:
            self._announcements.write(position, event)


def serve(incoming: IO[bytes], outgoing: IO[bytes], announcements: Announcements | None) -> None:
    """Answer messages until the input ends."""
    worker = Worker(announcements)
    for line in incoming:
        outgoing.write(json.dumps(worker.answer(json.loads(line))).encode() + b"\n")
        outgoing.flush()


def main() -> None:
    """Run as the worker process: `python -m sslspec.adapters.worker [DESCRIPTOR OF THE ANNOUNCEMENTS]`."""
    _die_with_parent()
    # What a library prints must not get between the messages: they go out on a descriptor that only we know.
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    announcements = Announcements(int(sys.argv[1])) if len(sys.argv) > 1 else None
    serve(sys.stdin.buffer, outgoing, announcements)


def _die_with_parent() -> None:
    # Ctrl-C is for the client, which then closes our input; a SIGINT here would show a traceback of ours.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died in between
            sys.exit(1)
