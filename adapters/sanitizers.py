"""The sanitizers that libraries are built with here, and by what each is known. Their reports are read in worker/report.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sanitizer:
    """One of a compiler's sanitizers.

    name: its own. option: what compilers know it by, after `-fsanitize=`. suffix: what the name of a library that is built with it ends
    with. mark: what is in such a library's file.
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
