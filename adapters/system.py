"""Finding a libssl that is on this machine already: the system's own, and the one that a user's path means.

Whether the file can be driven is found out when it is loaded: native/library.py.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from sslspec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

#: `libssl.so`, `libssl.so.1.0.2q`, and auditwheel's `libssl-3709da14.so.1.1`; not NSS's `libssl3.so`, not `libssl.so.3.bak`.
_LIBSSL = re.compile(r"libssl(-[\w.+-]+)?\.so((\.\d+[a-z]*)*)")
#: What a folder that a user names may hold instead: wolfSSL is one file.
_LIBWOLFSSL = re.compile(r"libwolfssl\.so(\.\d+)*")
_ENTRY = re.compile(r"^\s*(libssl\.so\S*) \(.*\) => (/.+)$", re.MULTILINE)
#: Of an ELF header: class and byte order, then the machine.
_IDENTITY = (slice(4, 6), slice(18, 20))
_LDCONFIG_LIMIT = 10.0


def system_library() -> Path | None:
    """Return the newest libssl that the dynamic linker would find for this Python, or None. Never raises."""
    if not sys.platform.startswith("linux"):
        return None
    return _newest(_of_the_linker()) or _newest(_of_the_usual_folders())


def find_libssl(path: Path) -> Path:
    """Return the libssl that `path` means: the file itself, or the only one in a folder or in its lib, lib64, lib/<multiarch>.

    Symbolic links to one file count once. Raises UsageError when there is none, or more than one.
    """
    try:
        path.stat()
        if path.is_file():
            return path
        if not path.is_dir():
            message = f"{path} is neither a file nor a folder"
            raise UsageError(message)
        found = _in_folder(path)
    except OSError as error:
        message = _why(path, error)
        raise UsageError(message) from error
    if len(found) == 1:
        return found[0]
    if found:
        message = f"{path} holds {len(found)} different libssl; name one of them: {', '.join(map(str, found))}"
        raise UsageError(message)
    static = ", only the static libssl.a: build a shared one" if _holds_static(path) else "; name the libssl file itself"
    message = f"{path} holds no libssl.so (nor do lib and lib64 in it){static}"
    raise UsageError(message)


def _in_folder(folder: Path) -> list[Path]:
    """Return the different files that are a libssl there, without the links to them."""
    files: dict[tuple[int, int], Path] = {}
    for place in (folder, *_library_folders(folder)):
        for path in sorted(place.iterdir()):
            if (_LIBSSL.fullmatch(path.name) or _LIBWOLFSSL.fullmatch(path.name)) and path.is_file():
                status = path.stat()
                files.setdefault((status.st_dev, status.st_ino), path.resolve())
    return sorted(files.values())


def _library_folders(folder: Path) -> list[Path]:
    return [place for name in ("lib", "lib64", "lib/*-linux-*") for place in sorted(folder.glob(name)) if place.is_dir()]


def _holds_static(folder: Path) -> bool:
    return any((place / "libssl.a").is_file() for place in (folder, *_library_folders(folder)))


def _why(path: Path, error: OSError) -> str:
    if not isinstance(error, FileNotFoundError):
        return f"{path}: {error.strerror}"
    if path.is_symlink():
        return f"{path} is a link to {path.readlink()}, which does not exist"
    return f"{path} does not exist"


def _of_the_linker() -> list[Path]:
    # An ordinary user's PATH does not have it on Debian.
    ldconfig = shutil.which("ldconfig", path=os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin")))
    if ldconfig is None:
        return []
    try:
        command = [ldconfig, "-p"]
        listed = subprocess.run(  # noqa: S603  # no word of it is the user's
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LDCONFIG_LIMIT, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return []
    entries = _ENTRY.findall(listed.stdout.decode("utf-8", "replace"))
    return [Path(path) for name, path in entries if _LIBSSL.fullmatch(name)]


def _of_the_usual_folders() -> list[Path]:
    multiarch = sysconfig.get_config_var("MULTIARCH")
    names = [f"lib/{multiarch}"] * bool(multiarch) + ["lib64", "lib"]
    folders = [Path(root, name) for root in ("/usr", "/") for name in names]
    return [path for folder in folders for path in _listed(folder) if _LIBSSL.fullmatch(path.name)]


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _newest(paths: Iterable[Path]) -> Path | None:
    """Return the path of the highest version among those that this Python can load; of equals the first."""
    ours = _header(Path(sys.executable).resolve())
    return max((path for path in paths if ours is not None and _header(path) == ours), key=_version, default=None)


def _version(path: Path) -> list[tuple[int, str]]:
    # `libssl.so` is as new as the file that it is a link to.
    match = _LIBSSL.fullmatch(path.resolve().name)
    return [(int(number), letters) for number, letters in re.findall(r"(\d+)([a-z]*)", match[2] if match else "")]


def _header(path: Path) -> tuple[bytes, ...] | None:
    try:
        with path.open("rb") as file:
            head = file.read(20)
    except OSError:
        return None
    return tuple(head[part] for part in _IDENTITY) if head.startswith(b"\x7fELF") else None
