"""Writing a report's file: all of it or nothing.

the folder is missing, is none, or is not writable     -> UsageError, nothing is written
the disk is full, or the file grows beyond a limit     -> UsageError, what was there before is still there
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sslspec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def make_folder(folder: Path) -> None:
    """Make `folder`, and return when files can be written to it.

    Raises UsageError, with what to do, when they can't; to be asked before a long run, whose results would be lost.
    """
    remedy = "name another one with --out"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        message = f"{folder} is not a folder; {remedy}"
        raise UsageError(message) from error
    except OSError as error:
        message = f"{folder} cannot be made: {error.strerror or error}; {remedy}"
        raise UsageError(message) from error
    probe = folder / f".sslspec-{secrets.token_hex(8)}.tmp"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        message = f"{folder} cannot be written to: {error.strerror or error}; {remedy}"
        raise UsageError(message) from error


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 to `path`, in the place of what was there; a link keeps pointing where it points.

    Raises UsageError, with what the system said, when that cannot be done; then `path` is as it was before.
    """
    write_texts({path: text})


def check_can_write(path: Path) -> None:
    """Find out before a long work whether `write_text` could write its result; raises UsageError as that would."""
    beside = _beside(_target(path))
    with _explained(path):
        beside.touch(exist_ok=False)
        beside.unlink()


def write_texts(texts: Mapping[Path, str]) -> None:
    """Write several files, all of them or none; otherwise as `write_text`.

    Each is written beside its place first, and only when all are there do they take their places.
    """
    beside: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            target = _target(path)
            beside[target] = _beside(target)
            with _explained(path):
                _write_through(beside[target], text.encode())
        for target, written in beside.items():
            with _explained(target):
                written.replace(target)
    finally:
        for written in beside.values():
            with suppress(OSError):
                written.unlink()
    for folder in {target.parent for target in beside}:
        _keep_name(folder)


def _beside(target: Path) -> Path:
    return target.with_name(f".sslspec-{secrets.token_hex(8)}.tmp")


def _target(path: Path) -> Path:
    with _explained(path):
        target = path.resolve()
        # Renaming over a device would work, and take it away from the whole machine.
        refused = target.exists() and not target.is_file()
    if refused:
        message = f"{path} is not a regular file; name another one"
        raise UsageError(message)
    return target


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message = f"{path} cannot be written: {reason}; nothing was changed"
        raise UsageError(message) from error


def _write_through(path: Path, data: bytes) -> None:
    """Write a new file, and return when the disk has it: a file system that is full may say so only then."""
    # Not by tempfile: its files are for their owner alone, and a report is for whoever the umask lets read it.
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _keep_name(folder: Path) -> None:
    """Have the folder's new entry on the disk as well, where the system lets us."""
    # Some network file systems refuse; the file itself is written.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
