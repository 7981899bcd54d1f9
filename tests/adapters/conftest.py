"""What tests of several modules need: the libraries that are on this machine, and workers that serve the doubles."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from processes import PATIENCE

from sslspec.adapters.catalogue import catalogue, library_of, why_not
from sslspec.adapters.system import system_library
from sslspec.adapters.worker.client import WorkerClient, python_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SYSTEM = "system"


@pytest.fixture
def doubles(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., WorkerClient]]:
    """Return what makes a worker that serves a class of drivers.py; the workers are ended with the test."""
    # The worker looks for nothing in the current folder, but in PYTHONPATH.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
    made: list[WorkerClient] = []

    def serve(double: str, limit: float = PATIENCE, **settings: Any) -> WorkerClient:
        made.append(WorkerClient(python_worker(), {"driver": f"drivers:{double}", **settings}, limit=limit))
        return made[-1]

    yield serve
    for client in made:
        client.close()


@pytest.fixture(scope="session")
def system_libssl() -> Path:
    """Return the system's libssl; the test is skipped where there is none."""
    return library(SYSTEM)


@pytest.fixture(scope="session", params=[SYSTEM, *(name for name, entry in catalogue().items() if entry.family == "openssl")])
def library_name(request: pytest.FixtureRequest) -> str:
    """Return each name of an OpenSSL in turn."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def libssl(library_name: str) -> Path:
    """Return the libssl of each OpenSSL that is on this machine in turn."""
    return library(library_name)


def library(name: str) -> Path:
    """Return the libssl of the system or of a name of the catalogue, or skip the test."""
    if name == SYSTEM:
        path = system_library()
        if path is None:
            pytest.skip("this system has no libssl" if sys.platform.startswith("linux") else "native libraries are driven on Linux")
        return path
    entry = catalogue()[name]
    ready = library_of(entry)
    if ready is None:
        pytest.skip(why_not(entry) or f"{name} is not here yet; `sslspec run -i {name}` brings it")
    return ready
