"""From the names a user gives to implementations that can be opened.

model, pyopenssl            always there
system                      this system's libssl, where there is one
openssl-1.1.1k, ...         a library of the catalogue, or one that `sslspec provision` can bring in or has built; it is brought in
                            when it is first asked for
NAME=PATH                   a libssl file or a folder with one, under a name of the user's own
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sslspec.adapters.catalogue import catalogue, find, library_of, others, provenance_of
from sslspec.adapters.certificate import certificate
from sslspec.adapters.implementation import Implementation, ask_directly, identify
from sslspec.adapters.model import Model
from sslspec.adapters.provision import provision
from sslspec.adapters.system import find_libssl, system_library
from sslspec.adapters.worker.client import WorkerClient
from sslspec.clauses import DEFAULT_EDITION, OWN
from sslspec.errors import UsageError, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sslspec.adapters.sources import Entry

_NATIVE = "sslspec.adapters.native.driver:open_native"
_PYOPENSSL = "sslspec.adapters.pyopenssl.driver:open_pyopenssl"

#: In seconds, for one operation; the slowest takes a few milliseconds.
TIME_LIMIT = 10.0


def open_model(name: str, edition: str) -> Implementation:
    """Return the model of `edition`; it has no documentation of its own, and for OWN it is of DEFAULT_EDITION."""
    return identify(name, ask_directly(Model(DEFAULT_EDITION if edition == OWN else edition)))


def open_pyopenssl(name: str) -> Implementation:
    """Return pyOpenSSL, in a worker."""
    shown, key = certificate()
    client = WorkerClient(_PYOPENSSL, {"certificate": shown, "key": key}, limit=TIME_LIMIT)
    return identify(name, client.ask, client.close, client.hurry)


def open_native(name: str, path: Path) -> Implementation:
    """Return the libssl at `path`, in a worker; raises LibraryNotLoaded or WorkerNotStarted."""
    shown, key = certificate()
    path = path.resolve()
    settings = {"path": str(path), "certificate": shown, "key": key}
    client = WorkerClient(_NATIVE, settings, folder=str(path.parent), limit=TIME_LIMIT)
    opened = identify(name, client.ask, client.close, client.hurry)
    known = provenance_of(path)
    if known:
        # BoringSSL says no release, and what was built from a pinned archive is what the catalogue says that it is.
        source = f"{known.source} ({known.checked})"
        opened.identity = replace(opened.identity, release=known.version or opened.identity.release, source=source)
    return opened


def openers(requested: Sequence[str] | None, edition: str) -> dict[str, Callable[[], Implementation]]:
    """Return name -> how to open it, for what was asked for; without a request for the default ones.

    Raises UsageError for a name that nothing has, a path without a libssl, or a name that is given twice. Nothing is opened
    and nothing brought in.
    """
    found: dict[str, Callable[[], Implementation]] = {}
    for request in requested or default_names():
        name, named, path = request.partition("=")
        if not name or (named and not path):
            message = f"{request!r} names no library; write NAME or NAME=PATH"
            raise UsageError(message)
        if name in found:
            message = f"two implementations are called {name!r}; give one of them another name: -i OTHER=PATH"
            raise UsageError(message)
        found[name] = partial(open_native, name, find_libssl(Path(path))) if path else _opener(name, edition)
    return found


def default_names() -> list[str]:
    """Return what is run when nothing is asked for: what needs no download."""
    return ["model", "pyopenssl", *(["system"] if system_library() else [])]


def ready_names() -> list[str]:
    """Return what can be run without bringing anything in."""
    brought = [entry.name for entry in (*catalogue().values(), *others()) if library_of(entry)]
    return [*default_names(), *brought]


def known_names() -> list[str]:
    """Return every name that `-i` takes by itself."""
    return ["model", "pyopenssl", "system", *catalogue(), *(entry.name for entry in others())]


def _opener(name: str, edition: str) -> Callable[[], Implementation]:
    if name == "model":
        return partial(open_model, name, edition)
    if name == "pyopenssl":
        return partial(open_pyopenssl, name)
    if name == "system":
        path = system_library()
        if path is None:
            message = "this system has no libssl that could be found; name one: -i system=PATH"
            raise UsageError(message)
        return partial(open_native, name, path)
    entry = find(name)
    if entry is None:
        raise unknown("implementation", name, known_names())
    return partial(_open_provisioned, entry)


def _open_provisioned(entry: Entry) -> Implementation:
    return open_native(entry.name, provision(entry, lambda _: None))
