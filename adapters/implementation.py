"""An implementation that was opened, identified and probed: what the scenarios drive.

`Implementation.ask` carries out the operations of the interface behind two guards: an operation that needs a withdrawn capability raises
NotObservable (or ProtocolNotSpoken), and a handshake that speaks another version than it was made for is an error.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, cast

from sslspec.adapters.errors import AdapterBroken, NotObservable, ProtocolNotSpoken
from sslspec.adapters.interface import OPERATIONS, RETURNS, Adapter, Connection, Reaction, Variant
from sslspec.adapters.probe import probe
from sslspec.record import File, Identity, Linking, Proof

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

#: What an operation needs an adapter to have proven.
_NEEDS = {
    "references": "reference-count",
    "destroyed": "destruction",
    "entries": "entries",
    "resumable": "marked",
    "new_session": "hand-made-sessions",
    "watch_removals": "removal-callback",
    "removals": "removal-callback",
    "reacted": "removal-callback",
    "set_cache_size": "cache-size",
    "stranger": "own-cache",
}

#: What returns the error stack as well.
_WITH_ERRORS = ("set_session", "add_session", "remove_session")


class Ask(Protocol):
    """Carries out one operation of the interface by its name."""

    def __call__(self, operation: str, *args: Any) -> Any:  # JSON
        """Return the operation's answer; raises what adapters/errors.py lists."""
        ...


class _Forwarder:
    """An adapter each of whose operations is one call of `ask`."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        if operation not in OPERATIONS:
            raise AttributeError(operation)
        forward = partial(self._forward, operation)
        setattr(self, operation, forward)
        return forward

    def _forward(self, operation: str, *args: Any) -> Any:
        answer = self._ask(operation, *args)
        return RETURNS[operation](*answer) if operation in RETURNS else answer


def adapter_over(ask: Ask) -> Adapter:
    """Return the interface over a function that carries out operations by name."""
    return cast("Adapter", _Forwarder(ask))


def ask_directly(adapter: Adapter) -> Ask:
    """Return the function that carries out operations on an adapter in this process."""
    return lambda operation, *args: getattr(adapter, operation)(*args)


@dataclass
class Implementation:
    """One implementation, ready for scenarios.

    identity: what it is, with the proofs. ask: carries out operations, guarded. close: ends what was opened. hurry: limits the
    seconds that an operation may take, until the process is renewed. leave: ends the process, where that is less than `close` does.
    """

    identity: Identity
    ask: Ask
    close: Callable[[], None] = field(default=lambda: None)
    hurry: Callable[[float], None] = field(default=lambda _seconds: None)
    leave: Callable[[], None] | None = None
    _used: bool = field(init=False, default=False)

    def use(self) -> bool:
        """Begin a row; return whether there was one before it in the same process."""
        used, self._used = self._used, True
        return used

    def renew(self) -> None:
        """Begin the next row in a fresh process, where there is a process: a worker that was ended starts again when it is asked."""
        (self.leave or self.close)()
        self._used = False

    @property
    def name(self) -> str:
        """Return what the user calls it."""
        return self.identity.name


def identify(
    name: str,
    ask: Ask,
    close: Callable[[], None] = lambda: None,
    hurry: Callable[[float], None] = lambda _seconds: None,
    proofs: tuple[Proof, ...] = (),
) -> Implementation:
    """Open what is behind `ask`: ask what it is, prove what it claims, and guard it.

    proofs: of the same library, from a process that has shown them; without them they are shown here. Raises WorkerNotStarted or
    LibraryNotLoaded when there is nothing to drive.
    """
    bare = adapter_over(ask)
    try:
        described = bare.describe()
        proofs = proofs or probe(bare)
    except BaseException:
        close()
        raise
    bare.evidence()
    linking = Linking.from_json(described["linking"]) if described.get("linking") else None
    identity = Identity(
        name,
        described["family"],
        described["version"],
        files=files_of(described["files"], described.get("sha256", {})),
        proofs=proofs,
        release=described["release"],
        linking=linking,
    )
    return Implementation(identity, _guarded(ask, identity), close, hurry)


def _guarded(ask: Ask, identity: Identity) -> Ask:
    withdrawn = {proof.capability: proof.reason for proof in identity.proofs if not proof.proven}
    spoken: dict[str, str] = {}

    def guarded(operation: str, *args: Any) -> Any:
        capability = _NEEDS.get(operation)
        if capability in withdrawn:
            raise NotObservable(capability, withdrawn[capability])
        if operation == "watch_removals" and Reaction.COUNT in args and "entries" in withdrawn:
            raise NotObservable("entries", withdrawn["entries"])
        if operation == "new_context" and args[1] in withdrawn:
            raise ProtocolNotSpoken(str(args[1]), withdrawn[args[1]])
        if operation == "new_session" and args[1] == "TLSv1.3" and Variant.TLS13_STATELESS.value in withdrawn:
            raise ProtocolNotSpoken("TLS 1.3", withdrawn[Variant.TLS13_STATELESS])
        answer = ask(operation, *args)
        if operation in _WITH_ERRORS and "error-stack" in withdrawn:
            return (answer[0], None)
        if operation == "new_context":
            spoken[answer] = Variant(args[1]).version
        elif operation in ("stranger", "new_connection"):
            spoken[answer] = spoken[args[0]]
        elif operation == "handshake" and answer[0]:
            _check_version(ask, args[0], spoken[args[0]])
        return answer

    return guarded


def _check_version(ask: Ask, connection: Connection, expected: str) -> None:
    negotiated = ask("version", connection)
    if negotiated != expected:
        message = f"{connection} negotiated {negotiated} where {expected} was proven to be spoken"
        raise AdapterBroken(message)


def files_of(paths: Iterable[str], told: Mapping[str, str] = MappingProxyType({})) -> tuple[File, ...]:
    """Return files with their hashes; told: hashes by path, of those that this machine may not have."""
    return tuple(File(path, told.get(path) or _sha256(path)) for path in paths)


def _sha256(path: str) -> str:
    """Return the hash of a file, "" for one that is not on this machine."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
