"""The libraries that can be had by name, and where they stand once they are on this machine.

The data is catalogue.toml; beside it are every OpenSSL that the crate openssl-src has, and what the user built from archives. Nothing
here downloads, builds or writes: that is provision/.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
import tomllib
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

from sslspec.adapters import provenance, tools
from sslspec.adapters.provenance import Provenance
from sslspec.adapters.sanitizers import Sanitizer, sanitizer_of
from sslspec.adapters.sources import READY_MADE, Archive, Crate, Debian, Edit, Entry, Own, Recipe, Source, Wheel, Wheels

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The crate that has carried every release of OpenSSL since 1.1.0f, under versions such as `111.15.0+1.1.1k`.
OPENSSL_CRATE = Crate("openssl-src", None, None, "openssl")
#: Names that resolve.py gives a meaning.
_BUILT_IN = ("model", "pyopenssl", "cpython", "system")
_OPENSSL_NAME = re.compile(r"openssl-(\d+\.\d+\.\d+[a-z]?)")


@cache
def catalogue() -> dict[str, Entry]:
    """Return every library of the catalogue under its name, in the order of the file."""
    return {name: _entry(name, dict(table)) for name, table in _tables()["library"].items()}


@cache
def recipes() -> dict[str, Recipe]:
    """Return the recipes by name; the one that is called like a family is for that family's archives."""
    return {name: _recipe(name, dict(table)) for name, table in _tables()["recipe"].items()}


def families() -> list[str]:
    """Return the families of the libraries that there are, in the order of the catalogue."""
    return list(dict.fromkeys(entry.family for entry in catalogue().values() if not isinstance(entry.source, Own)))


def libraries() -> dict[str, Entry]:
    """Return what of the catalogue is a libssl: all but programs that drive a binding."""
    return {name: entry for name, entry in catalogue().items() if not isinstance(entry.source, Own)}


def find(name: str) -> Entry | None:
    """Return what can be had by this name: of the catalogue, built from an archive, or a release that the OpenSSL crate has."""
    if name in catalogue():
        return catalogue()[name]
    sanitizer = sanitizer_of(name)
    if sanitizer:
        plain = find(name.removesuffix(sanitizer.suffix))
        return _sanitized(plain, sanitizer) if plain and plain.recipe.sanitized else None
    release = _OPENSSL_NAME.fullmatch(name)
    if release:
        return Entry(name, "openssl", release[1], OPENSSL_CRATE, recipes()["openssl"])
    return next((entry for entry in others() if entry.name == name), None)


def is_reserved(name: str) -> bool:
    """Return whether `name` means a library already, whatever a user builds."""
    return name in catalogue() or name in _BUILT_IN or sanitizer_of(name) is not None or _OPENSSL_NAME.fullmatch(name) is not None


def others() -> list[Entry]:
    """Return the libraries that are in the cache and not in the catalogue: built from archives, or OpenSSL of the crate."""
    found: list[Entry] = []
    for folder in _folders():
        known = provenance.read(folder)
        if known is None or known.name in catalogue() or folder != _folder(known.name):
            continue
        if sanitizer_of(known.name):
            found += filter(None, [find(known.name)])
            continue
        release = _OPENSSL_NAME.fullmatch(known.name)
        source = OPENSSL_CRATE if release else Archive(Path(known.source))
        found.append(Entry(known.name, known.family, known.version, source, recipes().get(known.recipe, READY_MADE)))
    return found


def cache_folder() -> Path:
    """Return the folder that provisioned libraries stand in; it need not exist.

    It is `libraries` in the user's cache folder for sslspec, or in the folder that the variable SSLSPEC_CACHE names.
    """
    named = os.environ.get("SSLSPEC_CACHE")
    # A quoted "~" reaches us unexpanded. os.path leaves an unknown user's alone, where Path.expanduser raises.
    root = Path(os.path.expanduser(named)).absolute() if named else user_cache_path("sslspec")  # noqa: PTH111
    return root / "libraries"


def machine() -> str:
    """Return the machine whose libraries this very Python can load, as the catalogue names it (`x86_64`)."""
    name = platform.machine()
    return name if sys.maxsize > 1 << 32 else f"{name} with a 32-bit Python"


def folder_of(entry: Entry) -> Path:
    """Return the folder of `entry` for this machine; where it holds a provenance, it is complete."""
    return _folder(entry.name)


def library_of(entry: Entry) -> Path | None:
    """Return the libssl of `entry`, or the program that it is, when it is ready on this machine, else None.

    What an older version of its recipe built is not ready, nor what was made of another file than the catalogue pins, nor what is there
    without a provenance that can be read.
    """
    folder = folder_of(entry)
    known = provenance.read(folder)
    if known is None or known.name != entry.name or (known.recipe, known.recipe_version) != (entry.recipe.name, entry.recipe.version):
        return None
    if _pinned(entry) not in {None, known.sha256} or Path(known.libssl).name != known.libssl:
        return None
    libssl = folder / known.libssl
    return libssl if _is_file(libssl) else None


def provenance_of(libssl: Path) -> Provenance | None:
    """Return where a libssl of the cache came from; None for any other file."""
    known = provenance.read(libssl.parent)
    return known if known is not None and known.libssl == libssl.name else None


def size_of(entry: Entry) -> int:
    """Return how many bytes `entry` takes on this machine's disk; 0 where it is not there."""
    try:
        return sum(path.lstat().st_size for path in folder_of(entry).rglob("*"))
    except OSError:
        return 0


def why_not(entry: Entry) -> str | None:
    """Return what this machine lacks for `entry` in one line, or None when it is ready or can be provisioned."""
    if library_of(entry) is not None:
        return None
    if sys.platform != "linux":
        return f"its builds are for Linux, this is {platform.system()}"
    if isinstance(entry.source, Wheels):
        return _why_no_wheel(entry.source)
    if isinstance(entry.source, Archive):
        return f"it was made of {entry.source}, by an older version: `sslspec provision {entry.family} --from` builds it again"
    absent = tools.missing(tools_of(entry))
    return tools.remedy(absent) if absent else None


def tools_of(entry: Entry) -> tuple[str, ...]:
    """Return the programs that bringing in `entry` needs."""
    by_source = {Crate: ("cargo",), Own: ("cargo",), Debian: ("apt-get", "dpkg-deb")}
    return (*by_source.get(type(entry.source), ()), *entry.recipe.tools)


def folder_of_program(source: Own) -> Path:
    """Return the folder of a program's source."""
    return Path(__file__).with_name(source.folder)


@cache
def sum_of_program(source: Own) -> str:
    """Return the SHA-256 of all files of a program's source with their names, in hexadecimal."""
    digest = hashlib.sha256()
    folder = folder_of_program(source)
    # Not what cargo has left there for somebody who has built it by hand.
    for file in sorted(file for pattern in ("*.*", "src/*") for file in folder.glob(pattern) if file.is_file()):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _sanitized(plain: Entry, sanitizer: Sanitizer) -> Entry:
    recipe = plain.recipe
    options = (*recipe.options, *(option.format(sanitizer=sanitizer.option) for option in recipe.sanitized))
    recipe = replace(recipe, name=recipe.name + sanitizer.suffix, options=options, sanitized=())
    return replace(plain, name=plain.name + sanitizer.suffix, recipe=recipe)


def _pinned(entry: Entry) -> str | None:
    """Return the SHA-256 that the catalogue has for what `entry` is made of here, or None where it has none."""
    match entry.source:
        case Wheels(wheels=wheels):
            return wheels[machine()].sha256 if machine() in wheels else None
        case Crate(sha256=sha256):
            return sha256
        case Own() as source:
            return sum_of_program(source)
        case _:
            return None


def _why_no_wheel(source: Wheels) -> str | None:
    if machine() not in source.wheels:
        return f"there are builds for {' and '.join(source.wheels)}, this machine is {machine()}"
    if not _has_glibc():
        return "its builds need glibc, this system has another C library"
    if find_spec("pip") is None:
        return f"this Python has no pip; `{sys.executable} -m ensurepip` or the package python3-pip brings it"
    return None


def _has_glibc() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (OSError, ValueError):  # musl does not know the name
        return False


def _folder(name: str) -> Path:
    # Home folders are shared between machines, so the machine is part of the name.
    return cache_folder() / f"{name}-{machine()}"


def _folders() -> Iterable[Path]:
    try:
        return sorted(cache_folder().glob(f"*-{machine()}"))
    except OSError:
        return []


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


@cache
def _tables() -> dict[str, Any]:
    with Path(__file__).with_name("catalogue.toml").open("rb") as file:
        return tomllib.load(file)


def _entry(name: str, table: dict[str, Any]) -> Entry:
    recipe = recipes()[table["recipe"]] if "recipe" in table else READY_MADE
    return Entry(name, table["family"], table.get("version", ""), _source(table), recipe)


def _source(table: dict[str, Any]) -> Source:
    if "crate" in table:
        return Crate(**table["crate"])
    if "program" in table:
        return Own(table["program"]["folder"])
    if "debian" in table:
        return Debian(tuple(table["debian"]["packages"]))
    wheels = dict(table["wheels"])
    return Wheels(wheels.pop("distribution"), wheels.pop("release"), {machine: Wheel(**wheel) for machine, wheel in wheels.items()})


def _recipe(name: str, table: dict[str, Any]) -> Recipe:
    edits = tuple(Edit(tuple(edit["files"]), edit["old"], edit["new"]) for edit in table.pop("edits", []))
    lists = {key: tuple(table.get(key, ())) for key in ("tools", "options", "targets", "libraries", "headers", "sanitized")}
    return Recipe(name, table["with"], table["version"], table["seconds"], **lists, edits=edits)
