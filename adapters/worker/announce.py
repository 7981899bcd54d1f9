"""Where a call is written down before it is made, so that it outlives the process that made it.

A file of fixed size that worker and client (or supervisor) both have open: a length, then JSON lines: the message under way as it was
received, `[position, event]` when something begins and `[position, null, result]` when it has returned. The worker only appends, starts
again with each message, and leaves nothing there before it answers; the other reads it after the worker has died. When the
file is full the events start again: the call under way matters more than those that came first.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from sslspec.evidence import Event

if TYPE_CHECKING:
    from typing import IO

#: In bytes; the file is sparse, so that only what is used costs anything (a handshake uses 4 kB).
SIZE = 1 << 20
_LENGTH = struct.Struct("=I")


class Announcements:
    """The worker's side: what the operation under way has done so far."""

    def __init__(self, descriptor: int) -> None:
        self._map = mmap.mmap(descriptor, SIZE)
        self._first = self._end = _LENGTH.size
        self._begun = 0

    def begin(self, message: bytes) -> None:
        """Write down what is asked, a line; one that does not fit is left out."""
        self.forget()
        self._append(message)
        self._first = self._end

    def forget(self) -> None:
        """Take back what was announced: the answer says it."""
        self._begun = 0
        self._first = self._end = _LENGTH.size
        self._say_length()

    def write(self, position: int, event: Event) -> None:
        """Append an event, or the result of the one that began there. An operation too long for the file loses its beginning."""
        # Every call passes here twice: what was written when it began is not written again.
        returned = position < self._begun
        line = json.dumps([position, None, event.result] if returned else [position, event.to_json()]).encode() + b"\n"
        self._begun = max(self._begun, position + 1)
        if self._end + len(line) > SIZE:
            self._end = self._first
            self._say_length()
        self._append(line)

    def _append(self, line: bytes) -> None:
        if self._end + len(line) <= SIZE:
            self._map[self._end : self._end + len(line)] = line
            self._end += len(line)
            # The length last: a reader never sees half a line.
            self._say_length()

    def _say_length(self) -> None:
        _LENGTH.pack_into(self._map, 0, self._end - _LENGTH.size)


def read_message(file: IO[bytes]) -> bytes:
    """Return the message under way, a line, or b"" when there is none."""
    first = _text(file).partition(b"\n")[0]
    return first if first.startswith(b"{") else b""


def read(file: IO[bytes]) -> list[Event]:
    """Return what the worker had announced, in order, as far as it can be read: a library with a wild pointer reaches it too."""
    events: dict[int, Event] = {}
    lines = _text(file).splitlines()
    with suppress(ValueError, TypeError, AttributeError, IndexError):
        for line in lines[1:] if lines and lines[0].startswith(b"{") else lines:
            position, event, *result = json.loads(line)
            if event:
                events[int(position)] = Event.from_json(event)
            elif position in events:  # its beginning may be lost
                events[position] = replace(events[position], result=result[0])
    return [events[position] for position in sorted(events)]


def _text(file: IO[bytes]) -> bytes:
    # Not through the file's own buffer, which does not hear of what another process writes.
    head = os.pread(file.fileno(), _LENGTH.size, 0)
    length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
    return os.pread(file.fileno(), min(length, SIZE), _LENGTH.size)
