"""Bringing a library of the catalogue into the cache folder, whole or not at all.

What can go wrong, in the order in which it can happen; each is a ProvisionError, one line that says what to do:

    machine  the library is not for this machine, or this Python has no pip
    cache    the folder cannot be made, written or locked, or the disk is full
    pip      it does not start, does not end, or does not bring the wheel
    check    the wheel is not the one the catalogue pins
    unpack   the wheel is damaged, names a file outside of itself, or holds no libssl

Everything happens in a work folder beside the library's own, and the last step is a rename: whatever ends a run, a kill
included, the library's folder is complete or is not there. Under the lock there is one run at a time, so every work
folder that a run finds is the leftover of a killed one.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile, ZipInfo

from filelock import FileLock, Timeout

from sslspec.adapters.catalogue import cache_folder, folder_of, library_of, libssl_in, machine, why_not
from sslspec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sslspec.adapters.catalogue import Entry, Wheel

_WORK = ".incoming-"
#: Seconds for one run of pip: four megabytes over a slow line, and its own retries.
_PIP_LIMIT = 600.0
#: Seconds to wait for another run, which may itself be waiting for its pip.
_LOCK_LIMIT = _PIP_LIMIT + 60
#: Both contradict a download that names one pinned version and is checked here.
_OVERRIDDEN = {"PIP_REQUIRE_HASHES": "0", "PIP_REQUIRE_VIRTUALENV": "0"}


class ProvisionError(UsageError):
    """A library could not be brought in or removed; the cache is as it was."""


def provision(entry: Entry, say: Callable[[str], None]) -> Path:
    """Return the libssl of `entry`, after bringing it into the cache if it is not there.

    say: is told what is going on, in lines. Neither pip nor the network is asked when the library is ready.
    Raises ProvisionError.
    """
    ready = library_of(entry)
    if ready is not None:
        return ready
    lacking = why_not(entry)
    if lacking is not None:
        message = f"{entry.name}: {lacking}"
        raise ProvisionError(message)
    with _work_folder(say) as work:
        return library_of(entry) or _bring(entry, work, say)


def remove(entry: Entry, say: Callable[[str], None] = lambda _: None) -> bool:
    """Take `entry` out of the cache; return whether it was there. Raises ProvisionError."""
    folder = folder_of(entry)
    if not os.path.lexists(folder):
        return False
    with _work_folder(say) as work:
        return _set_aside(folder, work)


def pip_command(entry: Entry, wheel: Wheel, folder: Path) -> list[str]:
    """Return the command that downloads `wheel` into `folder`."""
    # -P: a file called pip.py in the working folder is not pip.
    quiet = ["--no-input", "--progress-bar=off", "--disable-pip-version-check"]
    tags = [f"--platform={wheel.platform}", f"--python-version={wheel.python}", "--implementation=cp"]
    pip = [sys.executable, "-P", "-m", "pip", "download", *quiet, "--no-deps", "--only-binary=:all:", *tags]
    return [*pip, f"--dest={folder}", f"{entry.distribution}=={entry.release}"]


def _bring(entry: Entry, work: Path, say: Callable[[str], None]) -> Path:
    wheel = entry.wheels[machine()]
    say(f"{entry.name}: downloading {wheel.file}")
    archive = _download(entry, wheel, work)
    _check(archive, entry, wheel)
    libraries = work / "libraries"
    _unpack(archive, libraries)
    libssl = libssl_in(libraries)
    if libssl is None:
        message = f"{entry.name}: {wheel.file} holds no libssl; the catalogue is wrong, please report it"
        raise ProvisionError(message)
    folder = folder_of(entry)
    _set_aside(folder, work)  # there, and yet not ready: somebody took its libssl away
    libraries.rename(folder)
    _sync(folder.parent)
    say(f"{entry.name}: ready in {folder}")
    return folder / libssl.name


@contextmanager
def _work_folder(say: Callable[[str], None]) -> Iterator[Path]:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder / ".lock", say):
            for leftover in folder.glob(f"{_WORK}*"):
                shutil.rmtree(leftover, ignore_errors=True)
            with TemporaryDirectory(prefix=_WORK, dir=folder, ignore_cleanup_errors=True) as work:
                yield Path(work)
    except BrokenPipeError:  # whoever read what `say` wrote went away
        raise
    except OSError as error:
        why = "it is a file" if isinstance(error, FileExistsError) else error.strerror or str(error)
        message = f"the cache folder {folder} cannot be written: {why}; mend that, or name another in SSLSPEC_CACHE"
        raise ProvisionError(message) from error


@contextmanager
def _locked(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    lock = FileLock(path)
    try:
        held = lock.acquire(timeout=0)
    except Timeout:
        say("waiting for another sslspec that is provisioning")
        try:
            held = lock.acquire(timeout=_LOCK_LIMIT)
        except Timeout:
            message = f"another process has held {path} for {_LOCK_LIMIT:.0f} s; end it and try again"
            raise ProvisionError(message) from None
    with held:
        yield


def _set_aside(folder: Path, work: Path) -> bool:
    if not os.path.lexists(folder):
        return False
    folder.rename(work / "removed")
    return True


def _download(entry: Entry, wheel: Wheel, work: Path) -> Path:
    folder = work / "wheel"
    # pip's own temporary files go where they are removed even when pip is killed.
    environment = {**os.environ, **_OVERRIDDEN, "TMPDIR": str(work)}
    command = pip_command(entry, wheel, folder)
    wanted = f"{entry.name}: pip did not bring {entry.distribution} {entry.release}"
    try:
        done = subprocess.run(  # noqa: S603  # this Python's pip, and the catalogue's words
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_PIP_LIMIT,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = f"{wanted} within {_PIP_LIMIT:.0f} s; look at the network and try again"
        raise ProvisionError(message) from None
    except OSError as error:
        message = f"{wanted}: {command[0]} does not start: {error.strerror}"
        raise ProvisionError(message) from error
    if os.strerror(errno.ENOSPC) in done.stderr:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if done.returncode:
        message = f"{wanted}: {_last_words(done.stderr) or f'exit status {done.returncode}'}"
        raise ProvisionError(message)
    brought = list(folder.glob("*.whl"))
    if len(brought) != 1:
        message = f"{wanted}: it left {len(brought)} wheels where one was asked for"
        raise ProvisionError(message)
    return brought[0]


def _last_words(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    if "(from versions: none)" not in stderr:
        # "No matching distribution" comes last and says less than the line before it, which lists every version there is.
        telling = [line for line in lines if "No matching distribution found" not in line] or lines or [""]
        return re.sub(r"^ERROR: | \(from versions: .*\)$", "", telling[-1])
    causes = [line.removeprefix("WARNING: ") for line in lines if line.startswith("WARNING: ")]
    cause = re.sub(r"^.* connection broken by '\w+\(|<[^<>]*>: |\)': \S+$", "", causes[-1]).strip("'") if causes else "pip names no reason"
    return f"no package registry offers it ({cause}); look at the network, and at the mirror in `pip config list`"


def _check(archive: Path, entry: Entry, wheel: Wheel) -> None:
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != wheel.sha256:
        message = (
            f"{entry.name}: {archive.name} is not the file the catalogue pins and was thrown away: "
            f"SHA-256 {found} instead of {wheel.sha256}; try again from another mirror"
        )
        raise ProvisionError(message)


def _unpack(archive: Path, folder: Path) -> None:
    folder.mkdir()
    try:
        with ZipFile(archive) as wheel:
            members = wheel.infolist()
            for member in members:
                _refuse_escape(member.filename, archive)
            for member in members:
                if _is_library(member):
                    _write(wheel, member, folder)
    except BadZipFile as error:
        message = f"{archive.name} cannot be unpacked: {error}"
        raise ProvisionError(message) from error
    _sync(folder)


def _refuse_escape(name: str, archive: Path) -> None:
    parts = name.replace("\\", "/").split("/")
    if parts[0] == "" or parts[0].endswith(":") or ".." in parts:
        message = f"{archive.name} is refused: it names a file outside of itself, {name!r}"
        raise ProvisionError(message)


def _is_library(member: ZipInfo) -> bool:
    # auditwheel puts them into NAME.libs/, and before 2020 into NAME/.libs/.
    return not member.is_dir() and PurePosixPath(member.filename).parent.name.endswith(".libs")


def _write(wheel: ZipFile, member: ZipInfo, folder: Path) -> None:
    with wheel.open(member) as source, (folder / PurePosixPath(member.filename).name).open("wb") as target:
        shutil.copyfileobj(source, target)
        target.flush()
        os.fsync(target.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
