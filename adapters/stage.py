"""The stage on which the model plays: contexts, connections, sessions and their counts, and the evidence of what is done to them.

No rule of a page is here; those are in model.py.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from sslspec.adapters.errors import NotObservable
from sslspec.adapters.interface import (
    CacheMode,
    Connection,
    Context,
    Description,
    Outcome,
    Reaction,
    Role,
    Session,
    ShutdownFlag,
    Variant,
)
from sslspec.adapters.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sslspec.evidence import Event, Value

T = TypeVar("T")


@dataclass(eq=False)
class StagedSession:
    """A session, and what the pages say about it: how many references there are, and whether it is marked."""

    name: Session
    id: str
    version: str
    issuer: StagedContext | None = None
    expired: bool = False
    references: int = 1
    resumable: bool = True
    destroyed: bool = False


@dataclass(eq=False)
class StagedContext:
    """A context with its cache, by session id."""

    name: Context
    role: Role
    variant: Variant
    mode: frozenset[CacheMode] = frozenset({CacheMode.SERVER})
    limit: int = 0
    cache: dict[str, StagedSession] = field(default_factory=dict)
    removals: list[StagedSession] = field(default_factory=list)


@dataclass(eq=False)
class StagedConnection:
    """One end of a connection, and how far its handshake has come."""

    name: Connection
    context: StagedContext
    session: StagedSession | None = None
    spoke: bool = False
    answered: bool = False
    established: bool = False
    cut: bool = False
    reused: bool = False
    quiet: bool = False
    shutdown: frozenset[ShutdownFlag] = frozenset()
    pending: list[StagedSession] = field(default_factory=list)


class Stage:
    """The part of the model that would be the same whatever the pages said."""

    def __init__(self, edition: str) -> None:
        self._edition = edition
        self._trace = Trace()
        self.begin()

    def describe(self) -> Description:
        """See interface.Adapter."""
        return {"version": f"model of {self._edition}", "family": "model", "release": "", "files": []}

    def begin(self) -> None:
        """See interface.Adapter."""
        self._names: Counter[str] = Counter()
        self._negotiated = 0
        self._contexts: dict[Context, StagedContext] = {}
        self._connections: dict[Connection, StagedConnection] = {}
        self._sessions: dict[Session, StagedSession] = {}

    def end(self) -> None:
        """See interface.Adapter."""
        self.begin()

    def evidence(self) -> list[Event]:
        """See interface.Adapter."""
        return self._trace.drain()

    # Contexts

    def new_context(self, role: Role, variant: Variant) -> Context:
        """See interface.Adapter."""
        name = Context(self._name("ctx"))
        self._contexts[name] = StagedContext(name, role, variant)
        self._trace.call("SSL_CTX_new", (role, variant), lambda: name, str)
        return name

    def stranger(self, context: Context) -> Context:
        """See interface.Adapter."""
        like = self._contexts[context]
        return self.new_context(like.role, like.variant)

    def set_cache(self, context: Context, flags: Sequence[CacheMode]) -> None:
        """See interface.Adapter."""
        self._contexts[context].mode = frozenset(flags)
        self._call("SSL_CTX_set_session_cache_mode", (context, list(flags)))

    def set_cache_size(self, context: Context, entries: int) -> None:
        """See interface.Adapter."""
        self._contexts[context].limit = entries
        self._call("SSL_CTX_sess_set_cache_size", (context, entries))

    def watch_removals(self, context: Context, reaction: Reaction = Reaction.NOTHING) -> None:
        """See interface.Adapter; no page says what a callback may do, so there is nothing to play when it does something."""
        if reaction is not Reaction.NOTHING:
            raise NotObservable("removal-callback", f"no page says what becomes of a callback that {reaction}")
        self._call("SSL_CTX_sess_set_remove_cb", (context,))

    def removals(self, context: Context) -> list[Session]:
        """See interface.Adapter."""
        return [session.name for session in self._contexts[context].removals]

    def reacted(self, _context: Context) -> None:
        """See interface.Adapter; none of its callbacks calls anything."""

    def entries(self, context: Context) -> int:
        """See interface.Adapter."""
        return self._observe("entries", context, len(self._contexts[context].cache))

    def flush(self, context: Context) -> None:
        """See interface.Adapter."""
        ctx = self._contexts[context]
        for session in ctx.cache.values():
            self._give_back(session)
        ctx.cache.clear()
        self._call("SSL_CTX_flush_sessions", (context, "all"))

    # Connections

    def new_connection(self, context: Context) -> Connection:
        """See interface.Adapter."""
        ctx = self._contexts[context]
        name = Connection(self._name(ctx.role))
        self._connections[name] = StagedConnection(name, ctx)
        self._trace.call("SSL_new", (context,), lambda: name, str)
        return name

    def get_session(self, connection: Connection) -> Session | None:
        """See interface.Adapter."""
        session = self._connections[connection].session
        if session:
            session.references += 1
        return self._trace.call("SSL_get1_session", (connection,), lambda: session.name if session else None, _itself)

    def peek_session(self, connection: Connection) -> Session | None:
        """See interface.Adapter."""
        session = self._connections[connection].session
        return self._trace.call("SSL_get_session", (connection,), lambda: session.name if session else None, _itself)

    def received_session(self, connection: Connection) -> Session | None:
        """See interface.Adapter."""
        return self.get_session(connection)

    def hang_up(self, connection: Connection) -> None:
        """See interface.Adapter."""
        self._connections[connection].cut = True
        self._call("(transport closed)", (connection,))

    def shutdown(self, connection: Connection) -> int:
        """See interface.Adapter; SSL_set_session.3/quiet-shutdown-is-not-open."""
        conn = self._connections[connection]
        conn.shutdown |= frozenset(ShutdownFlag) if conn.quiet else {ShutdownFlag.SENT}
        return self._trace.call("SSL_shutdown", (connection,), lambda: int(conn.quiet), int)

    def set_shutdown(self, connection: Connection, flags: Sequence[ShutdownFlag]) -> None:
        """See interface.Adapter."""
        self._connections[connection].shutdown = frozenset(flags)
        self._call("SSL_set_shutdown", (connection, list(flags)))

    def set_quiet_shutdown(self, connection: Connection) -> None:
        """See interface.Adapter."""
        self._connections[connection].quiet = True
        self._call("SSL_set_quiet_shutdown", (connection, 1))

    def clear(self, connection: Connection) -> None:
        """See interface.Adapter."""
        conn = self._connections[connection]
        conn.spoke = conn.answered = conn.established = conn.reused = False
        conn.shutdown = frozenset()
        self._call("SSL_clear", (connection,))

    def reused(self, connection: Connection) -> bool:
        """See interface.Adapter; SSL_set_session.3/reuse-can-be-asked."""
        return self._trace.call("SSL_session_reused", (connection,), lambda: self._connections[connection].reused, int)

    def version(self, connection: Connection) -> str:
        """See interface.Adapter."""
        return self._trace.call("SSL_get_version", (connection,), lambda: self._connections[connection].context.variant.version, str)

    # Sessions

    def new_session(self, label: str, version: str, age: int, timeout: int) -> Session:
        """See interface.Adapter."""
        session = self._new(label, version, None)
        session.expired = age > timeout
        made: dict[str, Value] = {"id": label, "version": version, "age": age, "timeout": timeout}
        return self._trace.call("d2i_SSL_SESSION", (made,), lambda: session.name, str)

    def release(self, session: Session) -> None:
        """See interface.Adapter."""
        self._give_back(self._sessions[session])
        self._call("SSL_SESSION_free", (session,))

    def references(self, session: Session) -> int:
        """See interface.Adapter."""
        return self._observe("references", session, self._sessions[session].references)

    def destroyed(self, session: Session) -> bool:
        """See interface.Adapter."""
        return self._observe("destroyed", session, self._sessions[session].destroyed)

    def resumable(self, session: Session) -> bool:
        """See interface.Adapter."""
        return self._observe("resumable", session, self._sessions[session].resumable)

    # Machinery

    def _name(self, kind: str) -> str:
        self._names[kind] += 1
        return f"{kind}{self._names[kind]}"

    def _new(self, label: str, version: str, issuer: StagedContext | None) -> StagedSession:
        session = StagedSession(Session(self._name("session")), label, version, issuer)
        self._sessions[session.name] = session
        return session

    def _give_back(self, session: StagedSession) -> None:
        session.references -= 1
        session.destroyed |= session.references == 0

    def _call(self, function: str, arguments: Sequence[Value]) -> None:
        self._trace.call(function, arguments, lambda: None)

    def _call_set(self, function: str, arguments: Sequence[Value], outcome: Outcome) -> Outcome:
        return self._trace.call(function, arguments, lambda: outcome, lambda outcome: outcome.value)

    def _observe(self, what: str, of: str, value: T) -> T:
        self._trace.observe(what, (of,), value)  # type: ignore[arg-type]
        return value


def _itself(name: Session | None) -> Value:
    return name
