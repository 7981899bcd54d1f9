"""Where a call is written down before it is made, so that it outlives the process that made it.

A file of fixed size that worker and client both have open: a length, then JSON lines `[position, event]`. The worker only
appends, and starts again with each operation; the client reads it after the worker has died.
"""

from __future__ import annotations

import json
import mmap
import struct
from typing import TYPE_CHECKING

from sslspec.evidence import Event

if TYPE_CHECKING:
    from typing import IO

SIZE = 1 << 16
_LENGTH = struct.Struct("=I")


class Announcements:
    """The worker's side: what the operation under way has done so far."""

    def __init__(self, descriptor: int) -> None:
        self._map = mmap.mmap(descriptor, SIZE)
        self._end = _LENGTH.size

    def clear(self) -> None:
        """Begin an operation."""
        self._end = _LENGTH.size
        _LENGTH.pack_into(self._map, 0, 0)

    def write(self, position: int, event: Event) -> None:
        """Append an event; the last one with a position counts. An operation too long for the file loses its end."""
        line = json.dumps([position, event.to_json()]).encode() + b"\n"
        if self._end + len(line) <= SIZE:
            self._map[self._end : self._end + len(line)] = line
            self._end += len(line)
            # The length last: a reader never sees half a line.
            _LENGTH.pack_into(self._map, 0, self._end - _LENGTH.size)


def read(file: IO[bytes]) -> list[Event]:
    """Return what the worker had announced, in order."""
    file.seek(0)
    head = file.read(_LENGTH.size)
    length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
    events: dict[int, Event] = {}
    for line in file.read(min(length, SIZE)).splitlines():
        position, event = json.loads(line)
        events[position] = Event.from_json(event)
    return [events[position] for position in sorted(events)]
