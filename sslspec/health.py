"""What `doctor` says: what this machine can run, what is missing, and what mends it."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

from sslspec import __version__, listing
from sslspec.adapters import tools
from sslspec.adapters.catalogue import cache_folder, catalogue, tools_of
from sslspec.adapters.errors import AdapterError
from sslspec.adapters.resolve import openers
from sslspec.clauses import DEFAULT_EDITION, specification
from sslspec.errors import UsageError
from sslspec.run import check_features

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_TOOLS = ("pytest", "pytest-bdd", "pytest-xdist", "pyOpenSSL", "cryptography")


def of_machine() -> tuple[bool, list[str]]:
    """Return whether all is well, and the lines that say so."""
    features = check_features()
    text = [
        f"sslspec {__version__}, Python {platform.python_version()}, {platform.platform()}",
        ", ".join(f"{tool} {version(tool)}" for tool in _TOOLS),
        f"{len(specification().clauses)} clauses, {len(features)} features",
    ]
    trouble = []
    if sys.platform != "linux":
        trouble.append("native libraries are only tried on Linux; the model and the bindings of this Python work everywhere")
    cache = cache_folder()
    if not _can_write(cache):
        trouble.append(f"the folder for libraries cannot be written: {cache}; set SSLSPEC_CACHE to one that can")
    absent = tools.missing(dict.fromkeys(tool for entry in catalogue().values() for tool in tools_of(entry)))
    if absent:
        text.append(f"not every library can be brought in: {tools.remedy(absent)}")
    text += [f"libraries are kept in {cache}", "", *listing.implementations()]
    return not trouble, [*text, "", *(f"missing: {line}" for line in trouble or ["nothing"])]


def of_implementations(names: Sequence[str]) -> list[str]:
    """Return what can be observed on each, and why not what cannot; raises UsageError for one that cannot be opened."""
    text: list[str] = []
    for name, opener in openers(names, DEFAULT_EDITION).items():
        try:
            implementation = opener()
        except AdapterError as error:
            raise UsageError(f"{name}: {error}") from error
        implementation.close()
        identity = implementation.identity
        text += [f"{name}: {identity.version} ({identity.family})"]
        text += [f"  {file.path}\n    SHA-256 {file.sha256}" for file in identity.files]
        text += [f"  {'yes' if proof.proven else 'no ':3} {proof.capability}: {proof.reason}" for proof in identity.proofs]
    return text


def _can_write(folder: Path) -> bool:
    while not folder.exists():
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
