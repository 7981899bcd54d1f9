"""Headers and libraries in a folder of the user's: an installation, or where a library was built. Nothing is started here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sslspec.adapters.sanitizers import Sanitizer, sanitizer_in
from sslspec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Where libraries stand: installed, in one folder of a build, in folders of libtool's, and of cmake's.
_PLACES = ("", "lib", "lib64", "lib/*-linux-*", "ssl/.libs", "crypto/.libs", "src/.libs", "ssl", "crypto")
#: Where the source of a build is, by its Makefile (OpenSSL, autotools) or by cmake's cache.
_SOURCE = {
    "Makefile": re.compile(r"^(?:SRCDIR|srcdir) *= *(\S+)$", re.MULTILINE),
    "CMakeCache.txt": re.compile(r"^CMAKE_HOME_DIRECTORY:\w+=(.+)$", re.MULTILINE),
}
#: What is linked, libssl first, and the folder that its headers are included from.
_KINDS = {"openssl": ("libssl", "libcrypto"), "wolfssl": ("libwolfssl",)}


@dataclass(frozen=True, slots=True)
class Prefix:
    """What a program is compiled and linked with.

    kind: "openssl" or "wolfssl", as its headers are included. headers: the folders to include from. libraries: the files to link, libssl
    first; all of them shared, or none.
    """

    kind: str
    headers: tuple[Path, ...]
    libraries: tuple[Path, ...]

    @property
    def is_shared(self) -> bool:
        """Return whether the libraries are loaded when the program starts, and are not part of it."""
        return self.libraries[0].suffix != ".a"

    def sanitizer(self) -> Sanitizer | None:
        """Return the sanitizer that the library was compiled with, None for a plain one."""
        return sanitizer_in(self.libraries[0])

    def holds(self, mark: bytes) -> bool:
        """Return whether libssl (or what takes its place) has `mark` somewhere, such as the name of a symbol."""
        return mark in self.libraries[0].read_bytes()


def find_prefix(path: Path) -> Prefix:
    """Return what there is to compile with in `path`; raises UsageError when headers or libraries are missing there."""
    path = path.absolute()
    try:
        if not path.is_dir():
            how = "is a file; name the folder of an installation or a build" if path.exists() else "does not exist"
            raise UsageError(f"{path} {how}")
        return _find(path)
    except OSError as error:
        raise UsageError(f"{error.filename or path}: {error.strerror}") from error


def _find(path: Path) -> Prefix:
    headers = {kind: _headers(path, kind) for kind in _KINDS}
    libraries = {kind: _libraries(path, stems) for kind, stems in _KINDS.items()}
    for kind in _KINDS:
        if headers[kind] and libraries[kind]:
            return Prefix(kind, headers[kind], libraries[kind])
    if any(libraries.values()):
        raise UsageError(f"{path} has a library and no headers (no include/openssl/ssl.h): build: compiles a program against both")
    if any(headers.values()):
        raise UsageError(f"{path} has headers and no library (neither libssl.so nor libssl.a with its libcrypto, in it or in lib)")
    raise UsageError(f"{path} has neither headers (include/openssl/ssl.h) nor a libssl; name the folder of an installation or a build")


def _headers(path: Path, kind: str) -> tuple[Path, ...]:
    """Return the folders that hold headers, where one of them is ssl.h: a build may keep those that it makes apart."""
    roots = (path, *_sources(path))
    folders = dict.fromkeys(place for root in roots for place in (root / "include", root) if any((place / kind).glob("*.h")))
    return tuple(folders) if any((folder / kind / "ssl.h").is_file() for folder in folders) else ()


def _sources(path: Path) -> Iterator[Path]:
    for name, pattern in _SOURCE.items():
        file = path / name
        found = pattern.search(file.read_text(encoding="utf-8", errors="replace")) if file.is_file() else None
        if found:
            yield (path / found[1].strip()).resolve()


def _libraries(path: Path, stems: Sequence[str]) -> tuple[Path, ...]:
    folders = [folder for place in _PLACES for folder in (sorted(path.glob(place)) if place else [path])]
    for pattern in (r"\.so(\.[\w.]+)?", r"\.a"):
        found = [_library(folders, re.compile(re.escape(stem) + pattern)) for stem in stems]
        if all(found):
            return tuple(file for file in found if file)
    return ()


def _library(folders: Sequence[Path], name: re.Pattern[str]) -> Path | None:
    """Return the first library of that name; libssl.so before libssl.so.3, which it is a link to."""
    for folder in folders:
        found = [file for file in folder.iterdir() if name.fullmatch(file.name) and file.is_file()] if folder.is_dir() else []
        if found:
            return min(found, key=lambda file: (len(file.name), file.name))
    return None
