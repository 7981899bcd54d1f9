"""A library on another machine, over ssh: the worker is sent along, so that nothing but a Python has to be there, or a C compiler.

    ssh://[USER@]HOST[:PORT]/PATH[?python=COMMAND]    the worker in Python; PATH is of a libssl, or of a folder with one
    ssh://[USER@]HOST[:PORT]/PREFIX?cc=COMMAND        the worker in C, which c/there.sh compiles there with what PREFIX has

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
_DRIVER = "sslspec.adapters.native.far:open_far"
#: In seconds: what a slow machine may need to connect, to unpack or compile, and to start.
_START = 120.0
#: In seconds: what the supervisor needs beyond the limit of an operation, to say that it has passed.
_MARGIN = 5.0
#: What ssh ends with when the connection, and not the command, has failed: ssh(1).
_NO_CONNECTION = 255

#: What a URL may have after its path.
_OPTIONS = ("python", "cc")
#: Run by a shell there: what comes after it, where it is a program.
_IF_FOUND = """\
command -v "$1" >/dev/null && exec "$@"
echo "there is no $1 on that machine; name another Python: ?python=COMMAND, or a C compiler: ssh://HOST/PREFIX?cc=cc, where PREFIX is the \
folder of the headers and the library" >&2
exit 1"""

#: What is sent: nothing in it needs more than the standard library.
_SENT = {
    "sslspec": ("__init__", "errors", "evidence"),
    "sslspec.adapters": ("__init__", "der", "driver", "errors", "interface", "refcount", "sanitizers", "system", "trace"),
    "sslspec.adapters.native": (),
    "sslspec.adapters.worker": (),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a library is: the host as ssh takes it, the path there, and the Python that drives it, or else the words of a C compiler."""

    host: str
    path: str
    python: str = "python3"
    compiler: tuple[str, ...] = ()


def place_of(url: str) -> Place:
    """Return what `url` names; raises UsageError for one that names no host or no path."""
    try:
        split = urlsplit(url)
        port = f":{split.port}" if split.port else ""
        options = _options(split.query)
        compiler = tuple(shlex.split(options.get("cc", "")))
    except ValueError as error:
        raise UsageError(f"{url}: {error}") from error
    path = unquote(split.path)
    if not split.hostname or split.netloc.startswith("-") or len(path) < len("/x"):
        raise UsageError(f"{url}: write ssh://HOST/PATH, with the path of a libssl or of a folder with one on that machine")
    if "cc" in options and ("python" in options or "\n" in path):
        raise UsageError(f"{url}: a C compiler needs no Python, and takes no path with a line feed")
    user = f"{split.username}@" if split.username else ""
    return Place(f"{SCHEME}{user}{split.hostname}{port}", path, options.get("python", "python3"), compiler)


def _options(query: str) -> dict[str, str]:
    options = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True, strict_parsing=bool(query)).items()}
    for name, value in options.items():
        if name not in _OPTIONS:
            message = f"{name!r} is no option; there are {' and '.join(f'?{one}=COMMAND' for one in _OPTIONS)}"
            raise ValueError(message)
        if not value.strip():
            message = f"?{name}= names no command"
            raise ValueError(message)
    return options


def settings(place: Place) -> dict[str, str]:
    """Return what the worker of `program` is told of its library; the one in C is compiled with it."""
    return {} if place.compiler else {"driver": _DRIVER, "path": place.path}


def program(place: Place, limit: float) -> Program:
    """Return what starts a worker there; limit: seconds for one operation."""
    sent, there = _for_compiler(place) if place.compiler else _for_python(place, limit)
    # "--" and a URL: no host is taken for an option.
    command = ("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-T", "--", place.host, there)
    return Program(command, preamble=sent, start=_START, margin=_MARGIN, lost=_NO_CONNECTION, renews=True)


def _for_python(place: Place, limit: float) -> tuple[bytes, str]:
    """Return what is sent before the first message, and the command that takes it."""
    archive = _archive()
    code = files("sslspec.adapters.worker").joinpath("bootstrap.py").read_text(encoding="utf-8")
    words = shlex.join(["-c", code, str(len(archive)), place.path, str(limit)])
    return archive, f"exec sh -c {shlex.quote(_IF_FOUND)} sh {place.python} {words}"


def _for_compiler(place: Place) -> tuple[bytes, str]:
    script, source = (files("sslspec.adapters.c").joinpath(name).read_bytes() for name in ("there.sh", "worker.c"))
    # Not as an argument: it would have to pass the user's own shell, whichever that is.
    take = f'eval "$(dd bs=1 count={len(script)} 2>/dev/null)"'
    return script + source, f"exec sh -c {shlex.join([take, 'sh', str(len(source)), place.path, *place.compiler])}"


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
