"""On another machine, between the connection and a worker there: it sees a crash or a hang where it happens, and hashes the files.

Served by server.py like any driver. Nothing but the standard library, as in all that is sent over (adapters/remote.py).
"""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sslspec.adapters.errors import LibraryNotLoaded
from sslspec.adapters.system import find_libssl
from sslspec.adapters.worker.client import WorkerClient, python_worker
from sslspec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sslspec.adapters.interface import Description

_NATIVE = "sslspec.adapters.native.driver:open_native"


class Relay:
    """An adapter that hands every operation on to a worker on the same machine."""

    def __init__(self, client: WorkerClient) -> None:
        self._client = client
        self.hurry = client.hurry

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return partial(self._client.ask, operation)

    def describe(self) -> Description:
        """See interface.Adapter; the files are not where the reader is."""
        said: Description = self._client.ask("describe")
        said["sha256"] = {path: hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in said["files"]}
        return said


def open_relay(path: str, certificate: bytes, key: bytes, seconds: float) -> Relay:
    """Return a relay to the libssl that `path` means on this machine; seconds: for one operation. Raises LibraryNotLoaded."""
    try:
        libssl = find_libssl(Path(path)).resolve()
    except UsageError as error:
        raise LibraryNotLoaded(str(error)) from error
    settings = {"driver": _NATIVE, "path": str(libssl), "certificate": certificate, "key": key}
    relay = Relay(WorkerClient(python_worker(str(libssl.parent)), settings, limit=seconds))
    relay.describe()  # a library that cannot be loaded is said now
    return relay
