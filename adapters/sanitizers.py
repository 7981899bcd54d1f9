"""The sanitizers that libraries are built with here, and by what each is known. Their reports are read in worker/report.py.

Nothing but the standard library, as in all that is sent to another machine (remote.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sanitizer:
    """One of a compiler's sanitizers.

    name: its own. option: what compilers know it by, after `-fsanitize=`. suffix: what the name of a library that is built with it ends
    with. mark: the function of its runtime that such a library calls.
    """

    name: str
    option: str
    suffix: str
    mark: bytes


SANITIZERS = (
    Sanitizer("AddressSanitizer", "address", "+asan", b"__asan_init"),
    Sanitizer("ThreadSanitizer", "thread", "+tsan", b"__tsan_init"),
)


def sanitizer_of(name: str) -> Sanitizer | None:
    """Return what the library of that name is built with, or None for a plain one."""
    return next((each for each in SANITIZERS if name.endswith(each.suffix)), None)


def sanitizer_in(library: Path) -> Sanitizer | None:
    """Return what the library in that file was built with, None for a plain one; raises OSError."""
    content = library.read_bytes()
    return next((each for each in SANITIZERS if each.mark in content), None)
