"""The cache folder as provisioning changes it: whole libraries appear and disappear by a rename.

libraries/NAME-MACHINE/         a library, complete, with its provenance.json
libraries/.work-NAME-MACHINE-*  where one is being made; under the lock of its name any that is found is the leftover of a killed run
libraries/.NAME-MACHINE.lock    held while that library is brought in or removed; others go on meanwhile
logs/NAME-MACHINE.log           what the last build that failed, or is under way, has said
workers/*-MACHINE               programs that were compiled against libraries (adapters/c/compiling.py)

What stays of builds that failed or were killed is counted, and removed together: size_of_leftovers and remove_leftovers. A lock may be
removed by whoever holds it: one who got hold of it before looks whether it still has a name (filelock does, since 3.21).
"""

from __future__ import annotations

import os
import re
import shutil
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from sslspec.adapters.catalogue import cache_folder, machine
from sslspec.adapters.provision.errors import ProvisionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Seconds to wait for another run, which may be building on a slow machine.
_LOCK_LIMIT = 3600.0
#: Names of what provisioning leaves beside libraries, with the name of the library's folder in them. What tempfile adds has no "-".
_WORK = re.compile(r"\.work-(.+)-[a-z0-9_]+")
_LOCK = re.compile(r"\.(.+)\.lock")
_LOG = re.compile(r"(.+)\.log")


@contextmanager
def work_folder(folder: Path, say: Callable[[str], None]) -> Iterator[Path]:
    """Give a folder to make the library of `folder` in, under its lock; it is removed in the end.

    Raises ProvisionError when the cache cannot be written, also when that comes out later, or when the lock is not given back.
    """
    with _told():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(_lock_of(folder), say):
            for leftover in (*_work_folders().get(folder.name, ()), *_incoming()):
                shutil.rmtree(leftover, ignore_errors=True)
            with TemporaryDirectory(prefix=f".work-{folder.name}-", dir=folder.parent, ignore_cleanup_errors=True) as work:
                yield Path(work)


def size_of_leftovers() -> int:
    """Return how many bytes builds for this machine take that failed, were ended, or are under way: work folders and logs."""
    return sum(map(_size, [*_incoming(), *(path for paths in _leftovers().values() for path in paths)]))


def remove_leftovers(say: Callable[[str], None]) -> int:
    """Remove what builds for this machine have left, but for what others are at work on; return the bytes freed.

    With it go logs, locks, and the programs that were compiled against libraries: they are made again when they are needed.

    say: is told what is left alone. Raises ProvisionError when the cache cannot be written.
    """
    freed = 0
    with _told():
        for leftover in (*_incoming(), *cache_folder().with_name("workers").glob(f"*-{machine()}")):
            freed += _discard(leftover)
        for name, leftovers in _leftovers().items():
            lock = _lock_of(cache_folder() / name)
            try:
                held = FileLock(lock).acquire(timeout=0)
            except Timeout:
                say(f"{name}: left alone, another sslspec is at work on it")
                continue
            with held:
                freed += sum(map(_discard, leftovers))
                lock.unlink(missing_ok=True)
    return freed


def place(made: Path, folder: Path, work: Path) -> None:
    """Make `made`, a folder in `work`, the library's `folder`; what was there goes away with `work`."""
    for path in made.rglob("*"):
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


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.lock")


def _work_folders() -> dict[str, list[Path]]:
    return _named(_WORK, cache_folder())


def _incoming() -> list[Path]:
    """Return work folders of the first version of the suite, which called them so whatever the library."""
    return list(cache_folder().glob(".incoming-*"))


def _leftovers() -> dict[str, list[Path]]:
    """Return what there is beside this machine's libraries, by the name of the library's folder."""
    found = defaultdict(list, _work_folders())
    for others in (_named(_LOG, cache_folder().with_name("logs")), _named(_LOCK, cache_folder())):
        for name, paths in others.items():
            found[name] += paths
    return {name: paths for name, paths in found.items() if name.endswith(f"-{machine()}")}


def _named(pattern: re.Pattern[str], folder: Path) -> dict[str, list[Path]]:
    found = defaultdict(list)
    for path in folder.glob("*"):
        match = pattern.fullmatch(path.name)
        if match:
            found[match[1]].append(path)
    return found


def _discard(path: Path) -> int:
    """Remove a file or a folder; return how many bytes that freed."""
    size = _size(path)
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return size


def _size(path: Path) -> int:
    inside = [os.path.join(folder, file) for folder, _, files in os.walk(path) for file in files]  # noqa: PTH118  # of many thousands
    return sum(map(_size_of_file, inside)) if path.is_dir() else _size_of_file(path)


def _size_of_file(file: Path | str) -> int:
    try:
        return os.lstat(file).st_size
    except OSError:  # a build that is under way has just removed it
        return 0


@contextmanager
def _told() -> Iterator[None]:
    """Tell what goes wrong with the disk as a ProvisionError."""
    try:
        yield
    except BrokenPipeError:  # whoever read what `say` wrote went away
        raise
    except OSError as error:
        why = "it is a file" if isinstance(error, FileExistsError) else error.strerror or str(error)
        message = f"the cache folder {cache_folder()} cannot be written: {why}; mend that, or name another in SSLSPEC_CACHE"
        raise ProvisionError(message) from error


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
