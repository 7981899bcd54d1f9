"""Finding the word of a session's memory that holds its reference count.

No release has a function that tells the count. So one session is made, a reference is taken twice and given back twice, and
the one 32-bit word that went n, n+1, n+2, n+1, n is the count, at the same offset in every session of that library. With no
such word, or with two, nothing is claimed.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_WORD = 4
_MOVES = (0, 1, 2, 1, 0)


def calibrate(pointer: int, take: Callable[[], object], give_back: Callable[[], object], ahead: int = 0) -> int | str:
    """Return the offset in bytes of the reference count in the session at `pointer`, or in words why it was not found.

    take, give_back: each changes the count by one. ahead: how many bytes of the allocated block stand before the pointer.
    """
    size = _size_of(pointer - ahead)
    if size is None:
        return "this system does not tell the size of a block (no malloc_usable_size)"
    size -= ahead
    shots = [_words(pointer, size)]
    for act in (take, take, give_back, give_back):
        act()
        shots.append(_words(pointer, size))
    found = [
        index * _WORD for index, values in enumerate(zip(*shots, strict=True)) if tuple(value - values[0] for value in values) == _MOVES
    ]
    if len(found) != 1:
        return f"{len(found)} words of a session move like a reference count, where there must be exactly one"
    return found[0]


def _size_of(pointer: int) -> int | None:
    measure = getattr(ctypes.CDLL(None), "malloc_usable_size", None)
    if measure is None:
        return None
    measure.argtypes, measure.restype = (ctypes.c_void_p,), ctypes.c_size_t
    return int(measure(pointer)) // _WORD * _WORD


def _words(pointer: int, size: int) -> list[int]:
    return memoryview(ctypes.string_at(pointer, size)).cast("I").tolist()


def word_at(address: int) -> int:
    """Return the 32-bit word at `address`: a count, where `calibrate` has found its offset."""
    return ctypes.c_uint.from_address(address).value
