"""The cache folder as provisioning changes it: whole libraries appear and disappear by a rename.

libraries/NAME-MACHINE/         a library, complete, with its provenance.json
libraries/.work-NAME-MACHINE-*  where one is being made; under the lock of its name any that is found is the leftover of a killed run
libraries/.NAME-MACHINE.lock    held while that library is brought in or removed; others go on meanwhile
logs/NAME-MACHINE.log           what the last build that failed, or is under way, has said
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from sslspec.adapters.catalogue import cache_folder
from sslspec.adapters.provision.errors import ProvisionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Seconds to wait for another run, which may be building on a slow machine.
_LOCK_LIMIT = 3600.0


@contextmanager
def work_folder(folder: Path, say: Callable[[str], None]) -> Iterator[Path]:
    """Give a folder to make the library of `folder` in, under its lock; it is removed in the end.

    Raises ProvisionError when the cache cannot be written, also when that comes out later, or when the lock is not given back.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder.with_name(f".{folder.name}.lock"), say):
            _remove_leftovers(folder)
            with TemporaryDirectory(prefix=_prefix(folder), dir=folder.parent, ignore_cleanup_errors=True) as work:
                yield Path(work)
    except BrokenPipeError:  # whoever read what `say` wrote went away
        raise
    except OSError as error:
        why = "it is a file" if isinstance(error, FileExistsError) else error.strerror or str(error)
        message = f"the cache folder {cache_folder()} cannot be written: {why}; mend that, or name another in SSLSPEC_CACHE"
        raise ProvisionError(message) from error


def place(made: Path, folder: Path, work: Path) -> None:
    """Make `made`, a folder in `work`, the library's `folder`; what was there goes away with `work`."""
    for path in made.iterdir():
        _sync(path)
    _sync(made)
    set_aside(folder, work)  # there, and yet not ready: of an older version, or somebody took its libssl away
    made.rename(folder)
    _sync(folder.parent)


def set_aside(folder: Path, work: Path) -> bool:
    """Move `folder` into `work`; return whether it was there."""
    if not os.path.lexists(folder):
        return False
    folder.rename(work / "removed")
    return True


def log_of(folder: Path) -> Path:
    """Return where the log for the library of `folder` is kept, if there is one."""
    return folder.parent.with_name("logs") / f"{folder.name}.log"


def _prefix(folder: Path) -> str:
    return f".work-{folder.name}-"


def _remove_leftovers(folder: Path) -> None:
    # Whether the rest is another library's name or what tempfile puts there: its names hold no "-".
    own = (path for path in folder.parent.glob(f"{_prefix(folder)}*") if "-" not in path.name.removeprefix(_prefix(folder)))
    # The first version of the suite called them so, whatever the library.
    for leftover in (*own, *folder.parent.glob(".incoming-*")):
        shutil.rmtree(leftover, ignore_errors=True)


@contextmanager
def _locked(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    lock = FileLock(path)
    try:
        held = lock.acquire(timeout=0)
    except Timeout:
        say("waiting for another sslspec that is provisioning it")
        try:
            held = lock.acquire(timeout=_LOCK_LIMIT)
        except Timeout:
            message = f"another process has held {path} for {_LOCK_LIMIT:.0f} s; end it and try again"
            raise ProvisionError(message) from None
    with held:
        yield


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
