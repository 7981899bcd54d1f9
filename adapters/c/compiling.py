"""Compiling worker.c against a library, and keeping the program for the next time.

Programs stand in `workers` in the cache folder, one for each library; what worker.c, the compiler's words, the headers and the library
were when it was made is in its name, and when one of them changes it is made again.
"""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING

from sslspec.adapters import tools
from sslspec.adapters.catalogue import cache_folder, machine
from sslspec.adapters.errors import LibraryNotLoaded
from sslspec.adapters.provision.commands import KEPT, Done, ask

if TYPE_CHECKING:
    from sslspec.adapters.c.prefix import Prefix

SOURCE = Path(__file__).with_name("worker.c")
#: In seconds; it takes one.
_LIMIT = 120.0
_SHORT = 16


def compiled(prefix: Prefix) -> Path:
    """Return the worker for `prefix`, a program; compile it where there is none yet.

    Raises LibraryNotLoaded when the library cannot be read, when there is no compiler, when it refuses, or when the cache folder cannot be
    written.
    """
    try:
        words = _words(prefix)
        state = _digest(*words, *_state(prefix))
    except OSError as error:
        raise LibraryNotLoaded(f"{error.filename}: {error.strerror}") from error
    program = cache_folder().with_name("workers") / f"{_digest(str(prefix.libraries[0]))}-{state}-{machine()}"
    if not program.is_file():
        try:
            _make(words, program)
        except OSError as error:
            why = f"{program.parent}: {error.strerror or error}; mend that, or name another folder in SSLSPEC_CACHE"
            raise LibraryNotLoaded(f"the worker cannot be kept in {why}") from error
    return program


def _words(prefix: Prefix) -> list[str]:
    """Return the command that compiles, but for the file it writes. Of the user's own settings it knows CC alone."""
    sanitizer = prefix.sanitizer()
    options = [f"-fsanitize={sanitizer.option}"] if sanitizer else []
    options += ["-DWITH_WOLFSSL"] if prefix.kind == "wolfssl" else []
    headers = [word for folder in prefix.headers for word in ("-isystem", str(folder))]
    folders = dict.fromkeys(str(library.parent) for library in prefix.libraries) if prefix.is_shared else []
    paths = [f"-Wl,-rpath,{folder}" for folder in folders]
    more = ["-lpthread", "-lm", *(["-ldl"] if sys.platform == "linux" else [])]
    # BoringSSL's libssl is C++; a shared one brings what it needs of that with it.
    more += ["-lstdc++"] if not prefix.is_shared and prefix.holds(b"__gxx_personality_v0") else []
    return [*tools.words("cc"), "-std=c99", "-O1", "-g", *options, *headers, str(SOURCE), *map(str, prefix.libraries), *paths, *more]


def _state(prefix: Prefix) -> list[str]:
    """Return what tells whether something has changed: worker.c itself, the times and sizes of the rest."""
    headers = [file for folder in prefix.headers for file in sorted((folder / prefix.kind).rglob("*.h"))]
    stats = [file.stat() for file in (*prefix.libraries, *headers)]
    return [hashlib.sha256(SOURCE.read_bytes()).hexdigest(), *(f"{stat.st_mtime_ns} {stat.st_size}" for stat in stats)]


def _make(words: list[str], program: Path) -> None:
    if tools.missing(["cc"]):
        raise LibraryNotLoaded(tools.remedy(["cc"]))
    program.parent.mkdir(parents=True, exist_ok=True)
    log = cache_folder().with_name("logs") / f"{program.name}.log"
    part = program.with_name(f".{program.name}-{os.getpid()}-{get_ident()}")  # others may be making the same one
    try:
        done = ask([*words, "-o", str(part)], program.parent, _environment(), _LIMIT)
        if done is None or done.status:
            raise _refused(words, done, log)
        part.rename(program)
        for older in program.parent.glob(f"{program.name.partition('-')[0]}-*"):
            if older != program:
                older.unlink(missing_ok=True)
    finally:
        part.unlink(missing_ok=True)


def _refused(words: list[str], done: Done | None, log: Path) -> LibraryNotLoaded:
    if done is None:
        return LibraryNotLoaded(f"{words[0]} did not end within {_LIMIT:.0f} s")
    said = done.stderr or done.stdout
    with suppress(OSError):  # of a log there may be none, of an error there is one
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(f"$ {' '.join(words)}\n{said}", encoding="utf-8")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    first = next((line for line in lines if "error" in line or "undefined reference" in line), lines[0] if lines else "it said nothing")
    return LibraryNotLoaded(f"the worker cannot be compiled against it: {first}; the whole log is {log}")


def _environment() -> dict[str, str]:
    return {**{name: os.environ[name] for name in KEPT if name in os.environ}, "LC_ALL": "C"}


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:_SHORT]
