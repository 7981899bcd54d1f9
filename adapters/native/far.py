"""The native driver on another machine: it finds the library itself, and says the hashes of files that are not where the reader is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sslspec.adapters.errors import LibraryNotLoaded
from sslspec.adapters.native.driver import NativeDriver
from sslspec.adapters.system import find_libssl
from sslspec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sslspec.adapters.interface import Description

#: Run by a Python of its own: hashlib brings Python's own libcrypto, which must not get between a library and its own.
_SUMS = """\
import hashlib, json, sys
def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()
print(json.dumps({path: digest(path) for path in sys.argv[1:]}))
"""


class FarDriver(NativeDriver):
    """Serves the operations as NativeDriver does."""

    def describe(self) -> Description:
        """See interface.Adapter."""
        said = super().describe()
        return {**said, "sha256": _sums(said["files"])}


def _sums(files: Sequence[str]) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    command = [sys.executable, "-I", "-S", "-c", _SUMS, *files]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True)  # noqa: S603  # our own words
    sums: dict[str, str] = json.loads(done.stdout)
    return sums


def open_far(path: str, certificate: bytes, key: bytes) -> FarDriver:
    """Return a driver for the libssl that `path` means on this machine; raises LibraryNotLoaded, in one line."""
    try:
        return FarDriver(find_libssl(Path(path)).resolve(), certificate, key)
    except UsageError as error:
        raise LibraryNotLoaded(str(error)) from error
    except OSError as error:
        raise LibraryNotLoaded(f"{path}: {error}") from error
