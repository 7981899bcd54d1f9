"""What the drivers inside a worker have in common: a trace, names for objects, and the beginning and the end of a row."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sslspec.adapters.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sslspec.adapters.interface import Connection, Context, Role, Session, Variant
    from sslspec.evidence import Event


class Driver:
    """The base of the native and of pyOpenSSL's driver; what these keep of a context or a connection is their own."""

    def __init__(self) -> None:
        self.trace = Trace()
        self._names: Counter[str] = Counter()
        self._contexts: dict[Context, Any] = {}
        self._connections: dict[Connection, Any] = {}

    def begin(self) -> None:
        """See interface.Adapter."""
        self._names.clear()
        self._contexts.clear()
        self._connections.clear()
        self.trace.drain()

    def end(self) -> None:
        """See interface.Adapter."""
        for connection in list(self._connections):
            self.free_connection(connection)
        for session in list(self._owned()):
            self.release(session)
        for context in list(self._contexts):
            self.free_context(context)

    def evidence(self) -> list[Event]:
        """See interface.Adapter."""
        return self.trace.drain()

    def stranger(self, context: Context) -> Context:
        """See interface.Adapter; OpenSSL and its kin give each context a cache and ticket keys of its own."""
        kept = self._contexts[context]
        return self.new_context(kept.role, kept.variant)

    def new_context(self, role: Role, variant: Variant) -> Context:
        """See interface.Adapter."""
        raise NotImplementedError

    def free_connection(self, connection: Connection) -> None:
        """See interface.Adapter."""
        raise NotImplementedError

    def release(self, session: Session) -> None:
        """See interface.Adapter."""
        raise NotImplementedError

    def free_context(self, context: Context) -> None:
        """See interface.Adapter."""
        raise NotImplementedError

    def _owned(self) -> Iterable[Session]:
        """Return the sessions the application holds, each as often as it holds a reference."""
        raise NotImplementedError

    def _name(self, kind: str) -> str:
        self._names[kind] += 1
        return f"{kind}{self._names[kind]}"
