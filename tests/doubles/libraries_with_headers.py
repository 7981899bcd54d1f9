"""Libraries that a program can be compiled against: the system's where its headers are there, and those of the catalogue."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sslspec.adapters.c.prefix import Prefix, find_prefix
from sslspec.adapters.catalogue import catalogue, find, library_of, why_not
from sslspec.adapters.tools import missing, remedy
from sslspec.errors import UsageError

SYSTEM = "system"
#: Of the catalogue, those that are built from source.
FROM_SOURCE = [name for name, entry in catalogue().items() if entry.recipe.headers]
WITH_ASAN = ["openssl-3.6.3+asan", "libressl-3.1.0+asan"]
WITH_TSAN = ["libressl-3.1.0+tsan"]


def with_headers(name: str) -> Prefix:
    """Return a library with its headers, or skip the test."""
    if not sys.platform.startswith("linux"):
        pytest.skip("native libraries are driven on Linux")
    if missing(["cc"]):
        pytest.skip(remedy(["cc"]))
    if name == SYSTEM:
        try:
            return find_prefix(Path("/usr"))
        except UsageError as error:
            pytest.skip(f"{error}; `apt-get install libssl-dev`")
    entry = find(name)
    assert entry is not None
    ready = library_of(entry)
    if ready is None:
        pytest.skip(why_not(entry) or f"{name} is not here yet; `sslspec provision {name}` brings it")
    if not (ready.parent / "include").is_dir():
        pytest.skip(f"{name} has no headers beside it; `sslspec provision --remove {name}`, then again")
    return find_prefix(ready.parent)
