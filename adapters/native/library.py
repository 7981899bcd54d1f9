"""Loading one libssl, and making sure that it is the one that was asked for.

A process in which another libcrypto is already mapped can test a mixture without noticing: the soname decides, not the path.
So the worker is started with LD_LIBRARY_PATH set to the library's folder, and after loading the mapped files are compared
with what was asked for.
"""

from __future__ import annotations

import os
import struct
import sys
from contextlib import suppress
from ctypes import CDLL, RTLD_GLOBAL
from pathlib import Path
from typing import Any, Protocol

from sslspec.adapters.errors import LibraryNotLoaded
from sslspec.adapters.sanitizers import sanitizer_in

_ELF = b"\x7fELF"
#: As many bytes of a file as reach to the end of e_machine.
_HEAD = 20
#: <elf.h>: e_ident and the fields after it; the segments of a file. Of this Python's own class, in its own byte order.
_WIDE = struct.calcsize("P") == struct.calcsize("Q")
_FILE_HEADER = struct.Struct("=16sHHIQQQIHHHHHH" if _WIDE else "=16sHHIIIIIHHHHHH")
_SEGMENT = struct.Struct("=IIQQQQQQ" if _WIDE else "=IIIIIIII")
_OFFSET, _SIZE = (2, 5) if _WIDE else (1, 4)
PT_LOAD = 1
_BIG_ENDIAN = 2
_BITS = {1: 32, 2: 64}
#: EI_CLASS, EI_DATA and e_machine of this very Python: a library must have the same.
_MACHINES = {3: "x86", 40: "arm", 62: "x86-64", 183: "aarch64", 243: "riscv64", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390x"}


class Library(Protocol):
    """What `load` returns: each function that is exported is an attribute, as ctypes has it."""

    def __getattr__(self, name: str) -> Any:
        """Return the function; raises AttributeError."""


class _Both:
    """A libssl and its libcrypto that do not know of each other: a look-up in the one does not go on in the other."""

    def __init__(self, *parts: CDLL) -> None:
        self._parts = parts

    def __getattr__(self, name: str) -> Any:
        for part in self._parts:
            with suppress(AttributeError):
                return getattr(part, name)
        raise AttributeError(name)


def load(path: Path) -> Library:
    """Return the library at `path`, loaded.

    Raises LibraryNotLoaded when the file is no library for this machine, is no libssl, was bound to a libcrypto from another folder, or
    was built with a sanitizer that this process is without.
    """
    _check_file(path)
    path = path.resolve()
    if _exported_by_python():
        message = f"{sys.executable} exports OpenSSL's symbols itself and would be tested in the library's place; use another Python"
        raise LibraryNotLoaded(message)
    _check_sanitizer(path)
    try:
        library = _loaded(path)
    except OSError as error:
        raise LibraryNotLoaded(_why(path, str(error))) from error
    if not any(hasattr(library, name) for name in ("SSL_CTX_new", "wolfSSL_CTX_new")):
        kind = "a libcrypto, name the libssl beside it" if hasattr(library, "ERR_get_error") else "no libssl (it has no SSL_CTX_new)"
        message = f"{path} is {kind}"
        raise LibraryNotLoaded(message)
    _check_mapped(path)
    return library


def mapped(asked_for: Path) -> list[Path]:
    """Return the libssl and libcrypto files that are mapped into this process, and `asked_for`; empty where the system does not tell."""
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    paths = {Path(line[line.index("/") :]) for line in maps.splitlines() if "/" in line}
    return sorted(path for path in paths if path.name.startswith(("libssl", "libcrypto")) or path == asked_for)


def _loaded(path: Path) -> Library:
    try:
        return CDLL(str(path))
    except OSError as error:
        # LibreSSL 2.1.6 and BoringSSL until 2022 do not say in the file that their libssl needs a libcrypto.
        libcrypto = {other.resolve() for other in path.parent.glob("libcrypto*.so*")}
        if "undefined symbol" not in str(error) or len(libcrypto) != 1:
            raise
        first = CDLL(str(libcrypto.pop()), mode=RTLD_GLOBAL)
        return _Both(CDLL(str(path)), first)


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
    if head.startswith(_ELF) and len(head) < _HEAD:
        message = f"{path} is cut off within its header"
        raise LibraryNotLoaded(message)
    if not head.startswith(_ELF):
        message = f"{path} is not a shared library (no ELF header)"
        raise LibraryNotLoaded(message)
    ours = _head(Path("/proc/self/exe"))
    if head[4:6] + head[18:20] != ours[4:6] + ours[18:20]:
        message = f"{path} is for {_machine(head)}; this Python is for {_machine(ours)}"
        raise LibraryNotLoaded(message)
    # The dynamic linker maps what a file says it holds, and ends the process with SIGBUS where it holds less.
    size = path.stat().st_size
    if size < _loaded_size(path):
        message = f"{path} is cut off: it has {size} bytes and says that it has more"
        raise LibraryNotLoaded(message)


def _check_sanitizer(path: Path) -> None:
    sanitizer = sanitizer_in(path)
    # It is there from the beginning, by LD_PRELOAD, or comes too late: AddressSanitizer then ends the process.
    if sanitizer and not hasattr(CDLL(None), sanitizer.mark.decode()):
        what = f"{path} is built with {sanitizer.name}, and Python is not"
        raise LibraryNotLoaded(f"{what}; write -i NAME=build:FOLDER, and a program is compiled against the library and its headers")


def _machine(head: bytes) -> str:
    big = head[5] == _BIG_ENDIAN
    machine = int.from_bytes(head[18:20], "big" if big else "little")
    return f"{_MACHINES.get(machine, f'machine {machine}')}, {_BITS.get(head[4], '?')}-bit" + ", big-endian" * big


def _loaded_size(path: Path) -> int:
    """Return how many bytes the file must have for what is loaded of it, as far as its own headers tell."""
    with path.open("rb") as file:
        try:
            fields = _FILE_HEADER.unpack(file.read(_FILE_HEADER.size))
            start, size, count = fields[5], fields[9], fields[10]
            file.seek(start)
            table = [_SEGMENT.unpack_from(file.read(size)) for _ in range(count)]
        except struct.error:
            return sys.maxsize
    return max((segment[_OFFSET] + segment[_SIZE] for segment in table if segment[0] == PT_LOAD), default=0)


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
    files = mapped(path)
    if files and path not in files:
        message = f"{path} was asked for and something else was loaded: {', '.join(map(str, files))}"
        raise LibraryNotLoaded(message)
    strangers = [file for file in files if file.resolve().parent != path.parent]
    if strangers:
        message = f"{path} was bound to {strangers[0]}, from another folder; put its own libcrypto beside it"
        raise LibraryNotLoaded(message)
    doubles = [kind for kind in ("libssl", "libcrypto") if sum(file.name.startswith(kind) for file in files) > 1]
    if doubles:
        message = f"{path}: two files of {doubles[0]} are mapped at once: {', '.join(map(str, files))}"
        raise LibraryNotLoaded(message)
