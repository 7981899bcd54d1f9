"""Where a call is written down before it is made, so that it outlives the process that made it.

A file of fixed size that worker and client both have open: a length, then JSON lines, `[position, event]` when something begins
and `[position, null, result]` when it has returned. The worker only appends, and starts again with each operation; the
client reads it after the worker has died. When the file is full it starts again: the call under way matters more than those
that came first.
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
        self._end = _LENGTH.size
        self._begun = 0

    def clear(self) -> None:
        """Begin an operation."""
        self._begun = 0
        self._restart()

    def write(self, position: int, event: Event) -> None:
        """Append an event, or the result of the one that began there. An operation too long for the file loses its beginning."""
        # Every call passes here twice: what was written when it began is not written again.
        returned = position < self._begun
        line = json.dumps([position, None, event.result] if returned else [position, event.to_json()]).encode() + b"\n"
        self._begun = max(self._begun, position + 1)
        if self._end + len(line) > SIZE:
            self._restart()
        if self._end + len(line) <= SIZE:
            self._map[self._end : self._end + len(line)] = line
            self._end += len(line)
            # The length last: a reader never sees half a line.
            _LENGTH.pack_into(self._map, 0, self._end - _LENGTH.size)

    def _restart(self) -> None:
        self._end = _LENGTH.size
        _LENGTH.pack_into(self._map, 0, 0)


def forget(file: IO[bytes]) -> None:
    """Take back what was announced: the client has it by another way."""
    os.pwrite(file.fileno(), _LENGTH.pack(0), 0)


def read(file: IO[bytes]) -> list[Event]:
    """Return what the worker had announced, in order, as far as it can be read: a library with a wild pointer reaches it too."""
    # Not through the file's own buffer, which does not hear of what another process writes.
    head = os.pread(file.fileno(), _LENGTH.size, 0)
    length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
    events: dict[int, Event] = {}
    with suppress(ValueError, TypeError, AttributeError, IndexError):
        for line in os.pread(file.fileno(), min(length, SIZE), _LENGTH.size).splitlines():
            position, event, *result = json.loads(line)
            if event:
                events[int(position)] = Event.from_json(event)
            elif position in events:  # its beginning may be lost
                events[position] = replace(events[position], result=result[0])
    return [events[position] for position in sorted(events)]
