"""The libraries that a package registry carries ready-made, and where they stand once they are on this machine.

The data is catalogue.toml. Nothing here downloads or writes: that is provision.py.
"""

from __future__ import annotations

import os
import platform
import sys
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Wheel:
    """The file that holds a library for one machine.

    python, platform: the tags to ask pip for. file: its name. sha256: in hexadecimal.
    """

    python: str
    platform: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One library of the catalogue.

    name: what `sslspec list` calls it, `openssl-1.1.1k`. family: the code base, in lower case. version: the library's.
    distribution, release: the package that bundles it. wheels: machine (as uname names it) -> its file.
    """

    name: str
    family: str
    version: str
    distribution: str
    release: str
    wheels: Mapping[str, Wheel] = field(hash=False)


@cache
def catalogue() -> dict[str, Entry]:
    """Return every library of the catalogue under its name, in the order of the file."""
    with Path(__file__).with_name("catalogue.toml").open("rb") as file:
        tables = tomllib.load(file)
    return {
        name: Entry(name, **{**table, "wheels": {machine: Wheel(**wheel) for machine, wheel in table["wheels"].items()}})
        for name, table in tables.items()
    }


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
    """Return the folder of `entry` for this machine; where it exists, it is complete."""
    # Home folders are shared between machines, so the machine is part of the name.
    return cache_folder() / f"{entry.name}-{machine()}"


def library_of(entry: Entry) -> Path | None:
    """Return the libssl of `entry` when it is ready on this machine, else None."""
    return libssl_in(folder_of(entry)) if machine() in entry.wheels else None


def libssl_in(folder: Path) -> Path | None:
    """Return the libssl among the libraries of an unpacked wheel, or None."""
    try:
        return min((path for path in folder.glob("libssl*.so*") if path.is_file()), default=None)
    except OSError:
        return None


def why_not(entry: Entry) -> str | None:
    """Return what this machine lacks for `entry` in one line, or None when it is ready or can be provisioned."""
    if library_of(entry) is not None:
        return None
    if sys.platform != "linux":
        return f"its builds are for Linux, this is {platform.system()}"
    if machine() not in entry.wheels:
        return f"there are builds for {' and '.join(entry.wheels)}, this machine is {machine()}"
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
