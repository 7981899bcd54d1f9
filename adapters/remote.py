"""A library on another machine, over ssh: the worker is sent along, so that nothing but a Python has to be there.

    ssh://[USER@]HOST[:PORT]/PATH[?python=COMMAND]

ssh is the user's own, with its configuration, and asks nothing (BatchMode): an unknown host or a refused key ends in its last line.
"""

from __future__ import annotations

import io
import shlex
import zipfile
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from sslspec.adapters.worker.client import Program
from sslspec.errors import UsageError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

SCHEME = "ssh://"
DRIVER = "sslspec.adapters.native.far:open_far"
#: In seconds: what the supervisor needs beyond the limit of an operation, to say that it has passed.
_MARGIN = 5.0
#: What ssh ends with when the connection, and not the command, has failed: ssh(1).
_NO_CONNECTION = 255

#: What is sent: nothing in it needs more than the standard library.
_SENT = {
    "sslspec": ("__init__", "errors", "evidence"),
    "sslspec.adapters": ("__init__", "der", "driver", "errors", "interface", "refcount", "system", "trace"),
    "sslspec.adapters.native": (),
    "sslspec.adapters.worker": (),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a library is: the host as ssh takes it, the path there, and the Python that drives it."""

    host: str
    path: str
    python: str = "python3"


def place_of(url: str) -> Place:
    """Return what `url` names; raises UsageError for one that names no host or no path."""
    try:
        split = urlsplit(url)
        port = f":{split.port}" if split.port else ""
        options = parse_qs(split.query, strict_parsing=bool(split.query))
    except ValueError as error:
        raise UsageError(f"{url}: {error}") from error
    if not split.hostname or split.netloc.startswith("-") or len(split.path) < len("/x"):
        raise UsageError(f"{url}: write ssh://HOST/PATH, with the path of a libssl or of a folder with one on that machine")
    if unknown := sorted(options.keys() - {"python"}):
        raise UsageError(f"{url}: {unknown[0]!r} is no option; there is one: ?python=COMMAND")
    user = f"{split.username}@" if split.username else ""
    return Place(f"{SCHEME}{user}{split.hostname}{port}", unquote(split.path), options.get("python", ["python3"])[-1])


def program(place: Place, limit: float) -> Program:
    """Return what starts a worker there; limit: seconds for one operation."""
    archive = _archive()
    code = files("sslspec.adapters.worker").joinpath("bootstrap.py").read_text(encoding="utf-8")
    there = f"{place.python} {shlex.join(['-c', code, str(len(archive)), place.path, str(limit)])}"
    # "--" and a URL: no host is taken for an option.
    command = ("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-T", "--", place.host, there)
    return Program(command, preamble=archive, margin=_MARGIN, lost=_NO_CONNECTION, renews=True)


@cache
def _archive() -> bytes:
    """Return the modules that are sent, as a zip that Python can import from."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for package, names in _SENT.items():
            for module in _modules(package, names):
                archive.writestr(f"{package.replace('.', '/')}/{module.name}", module.read_bytes())
    return packed.getvalue()


def _modules(package: str, names: tuple[str, ...]) -> list[Traversable]:
    modules = sorted((each for each in files(package).iterdir() if each.name.endswith(".py")), key=lambda each: each.name)
    return [module for module in modules if not names or module.name.removesuffix(".py") in names]
