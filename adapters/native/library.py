"""Loading one libssl, and making sure that it is the one that was asked for.

A process in which another libcrypto is already mapped can test a mixture without noticing: the soname decides, not the path.
So the worker is started with LD_LIBRARY_PATH set to the library's folder, and after loading the mapped files are compared
with what was asked for.
"""

from __future__ import annotations

import os
import sys
from ctypes import CDLL
from pathlib import Path

from sslspec.adapters.errors import LibraryNotLoaded

_ELF = b"\x7fELF"
#: As many bytes of a file as reach to the end of e_machine.
_HEAD = 20
#: EI_CLASS and e_machine of this very Python: a library must have the same.
_MACHINES = {3: "x86", 40: "arm", 62: "x86-64", 183: "aarch64", 243: "riscv64", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390x"}


def load(path: Path) -> CDLL:
    """Return the library at `path`, loaded.

    Raises LibraryNotLoaded when the file is no library for this machine, is no libssl, or was bound to a libcrypto from
    another folder.
    """
    path = path.resolve()
    _check_file(path)
    if _exported_by_python():
        message = f"{sys.executable} exports OpenSSL's symbols itself and would be tested in the library's place; use another Python"
        raise LibraryNotLoaded(message)
    try:
        library = CDLL(str(path))
    except OSError as error:
        raise LibraryNotLoaded(_why(path, str(error))) from error
    if not hasattr(library, "SSL_CTX_new"):
        kind = "a libcrypto, name the libssl beside it" if hasattr(library, "ERR_get_error") else "no libssl (it has no SSL_CTX_new)"
        message = f"{path} is {kind}"
        raise LibraryNotLoaded(message)
    _check_mapped(path)
    return library


def mapped() -> list[Path]:
    """Return the libssl and libcrypto files that are mapped into this process; empty where the system does not tell."""
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    paths = {Path(line[line.index("/") :]) for line in maps.splitlines() if "/" in line}
    return sorted(path for path in paths if path.name.startswith(("libssl", "libcrypto")))


def _check_file(path: Path) -> None:
    try:
        head = _head(path)
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise LibraryNotLoaded(message) from error
    if not head:
        message = f"{path} is an empty file"
        raise LibraryNotLoaded(message)
    if sys.platform != "linux":
        return
    if not head.startswith(_ELF):
        message = f"{path} is not a shared library (no ELF header)"
        raise LibraryNotLoaded(message)
    ours = _head(Path("/proc/self/exe"))
    if head[4:6] + head[18:20] != ours[4:6] + ours[18:20]:
        machine, here = (int.from_bytes(header[18:20], sys.byteorder) for header in (head, ours))
        message = f"{path} is for {_MACHINES.get(machine, machine)}, this Python is for {_MACHINES.get(here, here)}"
        raise LibraryNotLoaded(message)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def _exported_by_python() -> bool:
    return hasattr(CDLL(None), "SSL_CTX_new") or hasattr(CDLL(None), "ERR_get_error")


def _why(path: Path, said: str) -> str:
    missing = said.partition(": cannot open shared object file")[0]
    if missing != said:
        return f"{path} needs {os.path.basename(missing)}, which is not beside it nor on this system"  # noqa: PTH119  # a soname
    return f"{path} cannot be loaded: {said.removeprefix(str(path) + ': ')}"


def _check_mapped(path: Path) -> None:
    files = mapped()
    strangers = [file for file in files if file.resolve().parent != path.parent]
    if strangers:
        message = f"{path} was bound to {strangers[0]}, from another folder; put its own libcrypto beside it"
        raise LibraryNotLoaded(message)
    doubles = [kind for kind in ("libssl", "libcrypto") if sum(file.name.startswith(kind) for file in files) > 1]
    if doubles:
        message = f"{path}: two files of {doubles[0]} are mapped at once: {', '.join(map(str, files))}"
        raise LibraryNotLoaded(message)
