"""The worker in C, compiled against a library that is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from libraries_with_headers import FROM_SOURCE, SYSTEM, with_headers

from sslspec.adapters.c.compiling import compiled
from sslspec.adapters.catalogue import find, library_of

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def worker() -> Path:
    """Return the worker for whichever library is there, the system's first; skip the test where there is none."""
    ready = [
        name for name in FROM_SOURCE if (entry := find(name)) and (libssl := library_of(entry)) and (libssl.parent / "include").is_dir()
    ]
    name = SYSTEM if Path("/usr/include/openssl/ssl.h").is_file() or not ready else ready[0]
    return compiled(with_headers(name))


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Return what makes a folder with these files in it; their content is their name, or what is given."""

    def make(*names: str, **contents: str) -> Path:
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(contents.get(name, name))
        return tmp_path

    return make
