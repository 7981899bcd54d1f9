"""From the names a user gives to implementations that can be opened.

model, pyopenssl, cpython   always there
system                      this system's libssl, where there is one
openssl-1.1.1k, ...         what the catalogue has, or a library that `sslspec provision` can bring in or has built; it is brought in when
                            it is first asked for
NAME=PATH                   a libssl file or a folder with one, under a name of the user's own
NAME=ssh://HOST/PATH        the same on another machine; with ?cc=COMMAND what build: is here (remote.py)
NAME=cmd:PROGRAM            a program that speaks the worker's protocol (PROTOCOL.md), with its arguments, as a shell has them
NAME=build:PREFIX           the worker in C, compiled against the headers and linked with the library of an installation or a build;
                            PREFIX may also be the name of a library that is built from source
...                         what an installed package offers: an entry point of the group sslspec.adapters
"""

from __future__ import annotations

import shlex
import shutil
from dataclasses import replace
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from sslspec.adapters import remote
from sslspec.adapters.c.compiling import compiled
from sslspec.adapters.c.prefix import find_prefix
from sslspec.adapters.catalogue import catalogue, find, library_of, others, provenance_of
from sslspec.adapters.certificate import certificate
from sslspec.adapters.errors import AdapterError, LibraryNotLoaded
from sslspec.adapters.implementation import Implementation, ask_directly, files_of, identify
from sslspec.adapters.model import Model
from sslspec.adapters.protocol import complaints
from sslspec.adapters.provision import provision
from sslspec.adapters.sources import Own
from sslspec.adapters.system import find_libssl, system_library
from sslspec.adapters.worker.client import Program, WorkerClient, python_worker
from sslspec.clauses import DEFAULT_EDITION, OWN
from sslspec.errors import UsageError, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sslspec.adapters.c.prefix import Prefix
    from sslspec.adapters.sources import Entry
    from sslspec.record import Identity, Proof

_NATIVE = "sslspec.adapters.native.driver:open_native"

#: The bindings of this very Python, and the drivers for them.
BINDINGS = {
    "pyopenssl": "sslspec.adapters.pyopenssl.driver:open_pyopenssl",
    "cpython": "sslspec.adapters.cpython.driver:open_cpython",
}

#: The entry points that adapters of other packages are found by.
GROUP = "sslspec.adapters"
#: What stands before a program and its arguments.
COMMAND = "cmd:"
#: What stands before the folder of a library that the worker in C is compiled with.
BUILD = "build:"

#: What identify() is told of another process's; () for nothing.
Proofs: TypeAlias = "tuple[Proof, ...]"

#: In seconds, for one operation; the slowest takes a few milliseconds.
TIME_LIMIT = 10.0


class Opener(Protocol):
    """Opens one implementation; proofs: those of the same one, opened by another process (`identify`)."""

    def __call__(self, *, proofs: Proofs = ()) -> Implementation:
        """Return what was opened; raises LibraryNotLoaded or WorkerNotStarted."""
        ...


def open_model(name: str, edition: str, proofs: Proofs = ()) -> Implementation:
    """Return the model of `edition`; it has no documentation of its own, and for OWN it is of DEFAULT_EDITION."""
    return identify(name, ask_directly(Model(DEFAULT_EDITION if edition == OWN else edition)), proofs=proofs)


def open_binding(name: str, driver: str, proofs: Proofs = ()) -> Implementation:
    """Return what a driver of ours needs nothing but this Python for, in a worker."""
    return _identified(name, WorkerClient(*_served(driver), limit=TIME_LIMIT), proofs)


def open_native(name: str, path: Path, proofs: Proofs = ()) -> Implementation:
    """Return the libssl at `path`, in a worker; raises LibraryNotLoaded or WorkerNotStarted."""
    path = path.resolve()
    return _of_the_cache(_identified(name, WorkerClient(*_served(_NATIVE, path), limit=TIME_LIMIT), proofs), path)


def open_built(name: str, prefix: Prefix, proofs: Proofs = ()) -> Implementation:
    """Return the library of `prefix`, driven by the worker in C.

    Raises LibraryNotLoaded when that cannot be compiled, or runs with another library than it was linked with.
    """
    program = Program((str(compiled(prefix)),), str(prefix.libraries[0].parent) if prefix.is_shared else "")
    opened = _identified(name, WorkerClient(program, _shown(), limit=TIME_LIMIT), proofs)
    strangers = {file.path for file in opened.identity.files} - {str(library.resolve()) for library in prefix.libraries}
    if strangers:
        opened.close()
        raise LibraryNotLoaded(f"{prefix.libraries[0]} was linked and {min(strangers)} is loaded")
    # Of a static library, and where the system does not tell, nothing is seen to be mapped.
    opened.identity = replace(opened.identity, files=opened.identity.files or files_of(map(str, prefix.libraries)))
    return _of_the_cache(opened, prefix.libraries[0])


def _of_the_cache(opened: Implementation, path: Path) -> Implementation:
    """Say of what was opened where it came from, if that is the cache."""
    known = provenance_of(path)
    if known:
        # BoringSSL says no release, and what was built from a pinned archive is what the catalogue says that it is.
        source = f"{known.source} ({known.checked})"
        opened.identity = replace(opened.identity, release=known.version or opened.identity.release, source=source)
    return opened


def open_remote(name: str, place: remote.Place, proofs: Proofs = ()) -> Implementation:
    """Return a libssl on another machine."""
    settings = {**remote.settings(place), **_shown()}
    opened = _identified(name, WorkerClient(remote.program(place, TIME_LIMIT), settings, limit=TIME_LIMIT), proofs)
    opened.identity = replace(opened.identity, source=f"on {place.host.removeprefix(remote.SCHEME)}")
    return opened


def open_foreign(name: str, program: Program, settings: Mapping[str, Any], proofs: Proofs = ()) -> Implementation:
    """Return what an adapter of somebody else drives; each of its answers is held against the protocol's schema."""
    client = WorkerClient(program, settings, limit=TIME_LIMIT, inspect=lambda *said: "; ".join(complaints(*said)))
    return _identified(name, client, proofs)


def foreign(command: Sequence[str]) -> tuple[Program, dict[str, Any]]:
    """Return how a program on the protocol is started, and what it is opened with.

    A single word may also be the name of an installed package's adapter, or of something of ours that runs in a worker and is here.
    Raises UsageError when there is no such program.
    """
    if len(command) == 1 and (served := _worker_called(command[0])):
        return served
    if not shutil.which(command[0]):
        raise UsageError(f"there is no program {command[0]!r} that could be run")
    return Program(tuple(command)), _shown()


def _worker_called(name: str) -> tuple[Program, dict[str, Any]] | None:
    """Return what `-i` would start for a name, None for a name that nothing has and for what runs in no worker."""
    if entry := find(name):
        path = library_of(entry)
        if path is None:
            raise UsageError(f"{name} is not here yet: `sslspec provision {name}` brings it")
        return (Program((str(path),)), _shown()) if isinstance(entry.source, Own) else _served(_NATIVE, path)
    path = system_library() if name == "system" else None
    driver = _NATIVE if path else BINDINGS.get(name) or packages().get(name)
    return _served(driver, path) if driver else None


def _served(driver: str, path: Path | None = None) -> tuple[Program, dict[str, Any]]:
    """Return our own worker, and the settings with which it serves a driver; path: of the library, for the native one."""
    of_path = {"path": str(path)} if path else {}
    return python_worker(str(path.parent) if path else ""), {"driver": driver, **of_path, **_shown()}


def _shown() -> dict[str, bytes]:
    """Return what servers show, as settings."""
    shown, key = certificate()
    return {"certificate": shown, "key": key}


def packages() -> dict[str, str]:
    """Return name -> driver ("module:function") of the adapters that other packages have installed."""
    return {entry.name: f"{entry.module}:{entry.attr}" for entry in entry_points(group=GROUP)}


def openers(requested: Sequence[str] | None, edition: str) -> dict[str, Opener]:
    """Return name -> how to open it, for what was asked for; without a request for the default ones.

    Raises UsageError for a name that nothing has, a path without a libssl, or a name that is given twice. Nothing is opened
    and nothing brought in.
    """
    found: dict[str, Opener] = {}
    for request in requested or default_names():
        name, named, path = request.partition("=")
        if not name or (named and not path):
            message = f"{request!r} names no library; write NAME or NAME=PATH"
            raise UsageError(message)
        if name in found:
            message = f"two implementations are called {name!r}; give one of them another name: -i OTHER=PATH"
            raise UsageError(message)
        found[name] = _opener_of(name, path) if path else _opener(name, edition)
    return found


def reopened(request: str, edition: str, known: Identity) -> Implementation:
    """Open what another process has opened and probed, and take over its proofs.

    request: as for `-i`. Raises what opening does, and LibraryNotLoaded for something else by that name.
    """
    opened = openers([request], edition)[known.name](proofs=known.proofs)
    if not opened.identity.is_same(known):
        opened.close()
        found = opened.identity.version
        raise LibraryNotLoaded(f"{known.name} is not the one that the run began with, by its version or its files: it is {found} here")
    return opened


def why_not_reopened(request: str, edition: str, known: Identity) -> str:
    """Return why `reopened` would fail here, "" when it would not; nothing is brought in."""
    entry = find(request)
    if entry and library_of(entry) is None:
        return f"{known.name} is not there yet: `sslspec provision {known.name}` there brings it"
    try:
        reopened(request, edition, known).close()
    except (AdapterError, UsageError) as error:
        return str(error)
    return ""


def default_names() -> list[str]:
    """Return what is run when nothing is asked for: what needs no download."""
    return ["model", *BINDINGS, *(["system"] if system_library() else [])]


def ready_names() -> list[str]:
    """Return what can be run without bringing anything in."""
    brought = [entry.name for entry in (*catalogue().values(), *others()) if library_of(entry)]
    return [*default_names(), *brought]


def known_names() -> list[str]:
    """Return every name that `-i` takes by itself."""
    return ["model", *BINDINGS, "system", *catalogue(), *(entry.name for entry in others()), *packages()]


def _opener_of(name: str, what: str) -> Opener:
    """Return what opens something of the user's own, called `name`."""
    if what.startswith(remote.SCHEME):
        return partial(open_remote, name, remote.place_of(what))
    if what.startswith(COMMAND):
        return partial(open_foreign, name, *foreign(_words(what.removeprefix(COMMAND))))
    if what.startswith(BUILD):
        return _opener_of_build(name, what.removeprefix(BUILD))
    return partial(open_native, name, find_libssl(Path(what)))


def _opener_of_build(name: str, what: str) -> Opener:
    entry = None if Path(what).exists() else find(what)
    if not what or (entry is None and what in known_names()):
        raise UsageError(f"after {BUILD} write the folder of an installation or a build, or a name of a library that is built from source")
    if entry is None:
        return partial(open_built, name, find_prefix(Path(what)))
    if not entry.recipe.headers:
        raise UsageError(f"{entry.name} comes ready-made and without headers; {BUILD} needs a library that is built from source")
    return partial(_open_built_entry, name, entry)


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"{COMMAND}{command}: {error}") from error
    if not words:
        raise UsageError(f"write a program, and its arguments, after {COMMAND}")
    return words


def _opener(name: str, edition: str) -> Opener:
    if name == "model":
        return partial(open_model, name, edition)
    if name in BINDINGS:
        return partial(open_binding, name, BINDINGS[name])
    if name == "system":
        path = system_library()
        if path is None:
            message = "this system has no libssl that could be found; name one: -i system=PATH"
            raise UsageError(message)
        return partial(open_native, name, path)
    entry = find(name)
    if entry is None and name in packages():
        return partial(open_foreign, name, *foreign([name]))
    if entry is None:
        raise unknown("implementation", name, known_names())
    return partial(_open_built_entry, name, entry) if entry.is_sanitized else partial(_open_provisioned, entry)


def _identified(name: str, client: WorkerClient, proofs: Proofs) -> Implementation:
    opened = identify(name, client.ask, client.close, client.hurry, proofs)
    opened.leave = client.leave
    return opened


def _open_built_entry(name: str, entry: Entry, proofs: Proofs = ()) -> Implementation:
    folder = provision(entry, lambda _: None).parent
    if not (folder / "include").is_dir():
        again = f"`sslspec provision --remove {entry.name}`, and it is brought in with them"
        raise LibraryNotLoaded(f"{entry.name} has no headers beside it: {again}")
    return open_built(name, find_prefix(folder), proofs)


def _open_provisioned(entry: Entry, proofs: Proofs = ()) -> Implementation:
    path = provision(entry, lambda _: None)
    if isinstance(entry.source, Own):
        return _of_the_cache(open_foreign(entry.name, Program((str(path),)), _shown(), proofs), path)
    return open_native(entry.name, path, proofs)
