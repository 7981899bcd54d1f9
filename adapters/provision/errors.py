"""What can go wrong while a library is brought in, in the order in which it can happen; each is a ProvisionError.

machine  the library is not for this machine, or a program that it needs is missing
cache    the folder cannot be made, written or locked, or the disk is full
fetch    pip, cargo or apt does not start, does not end, or does not bring what was asked for
check    what came is not what the catalogue, the registry's index or the user says it is
unpack   the archive is damaged, names a file outside of itself, or is another family's
build    configure or the compiler fails
result   what was unpacked or built is no library, or lacks one
"""

from __future__ import annotations

from collections.abc import Sequence

from sslspec.errors import UsageError


class ProvisionError(UsageError):
    """A library could not be brought in or removed; the cache is as it was.

    details: lines that help to find out why, the last that a compiler said.
    """

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.details = tuple(details)
