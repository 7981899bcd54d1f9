"""The model: what the pages say, in Python, and nothing else.

It is meant to be read as a second statement of the specification. Each behaviour names the clause it implements; where the
pages are silent it does the least, and the scenarios never ask it (a question has no answer here). Handshakes are simulated
only as far as they concern sessions.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from sslspec.adapters.interface import (
    CacheMode,
    Connection,
    Context,
    Handshake,
    Outcome,
    Point,
    Role,
    Session,
    ShutdownFlag,
    Variant,
)
from sslspec.adapters.trace import Trace
from sslspec.clauses import specification

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sslspec.evidence import Event, Value

T = TypeVar("T")


@dataclass(eq=False)
class _Session:
    name: Session
    id: str
    version: str
    issuer: _Context | None = None
    expired: bool = False
    references: int = 1
    resumable: bool = True
    destroyed: bool = False


@dataclass(eq=False)
class _Context:
    name: Context
    role: Role
    variant: Variant
    mode: frozenset[CacheMode] = frozenset({CacheMode.SERVER})
    limit: int = 0
    cache: dict[str, _Session] = field(default_factory=dict)
    removals: list[_Session] = field(default_factory=list)


@dataclass(eq=False)
class _Connection:
    name: Connection
    context: _Context
    session: _Session | None = None
    spoke: bool = False
    answered: bool = False
    established: bool = False
    cut: bool = False
    reused: bool = False
    quiet: bool = False
    shutdown: frozenset[ShutdownFlag] = frozenset()
    pending: list[_Session] = field(default_factory=list)


class Model:
    """An implementation that does what the pages of `edition` say."""

    def __init__(self, edition: str) -> None:
        self._edition = edition
        self._trace = Trace()
        self.begin()

    # The page SSL_set_session.3

    def set_session(self, connection: Connection, session: Session | None) -> Outcome:
        """SSL_set_session.3/succeeds-with-1, failure-has-reason."""
        return self._call_set("SSL_set_session", (connection, session), self._set_session(connection, session))

    def _set_session(self, connection: Connection, session: Session | None) -> Outcome:
        conn, new = self._connections[connection], self._sessions[session] if session else None
        if new and new.version not in ("TLSv1.2", "TLSv1.3"):
            return Outcome(0, ["no such protocol version"])
        # Taken before the old one is left: SSL_set_session.3/same-session-again.
        old = conn.session
        self._take_new(conn, new)
        self._leave_old(conn, old)
        return Outcome(1, [])

    def _leave_old(self, conn: _Connection, old: _Session | None) -> None:
        """SSL_set_session.3/open-session-leaves-cache, set-session-released, used-session-released."""
        if old is None:
            return
        if self._states("SSL_set_session.3/open-session-leaves-cache") and self._is_open(conn):
            self._take_out(conn.context, old)
        self._give_back(old)

    def _take_new(self, conn: _Connection, session: _Session | None) -> None:
        """SSL_set_session.3/reference-added."""
        conn.session = session
        if session:
            session.references += 1

    def _is_open(self, conn: _Connection) -> bool:
        """SSL_set_session.3/shut-down-is-not-open, sent-flag-is-not-open, received-flag-is-open."""
        return conn.established and ShutdownFlag.SENT not in conn.shutdown

    def _offer(self, client: _Connection) -> _Session | None:
        """SSL_set_session.3/offered-in-handshake; SSL_CTX_add_session.3/removed-is-not-resumed."""
        offered = client.session
        if offered is None or not offered.resumable or offered.expired or offered.version != client.context.variant.version:
            return None
        return offered

    def _accept(self, server: _Connection, offered: _Session | None) -> _Session | None:
        """Return the server's side of the session offered, or None for a full handshake.

        SSL_CTX_add_session.3/lookup-suppressed, hand-added-is-resumed. What was set on the server's own connection does not
        matter (SSL_set_session.3/no-part-on-server).
        """
        if offered is None:
            return None
        if not server.context.variant.in_server_cache:
            # The ticket holds the session; only the context that sealed it can open it.
            return self._new(offered.id, offered.version, server.context) if offered.issuer is server.context else None
        if CacheMode.NO_INTERNAL_LOOKUP in server.context.mode:
            return None
        found = server.context.cache.get(offered.id)
        return found if found and found.resumable and not found.expired else None

    def _resume(self, client: _Connection, server: _Connection, found: _Session) -> None:
        """SSL_set_session.3/reuse-can-be-asked."""
        client.reused = server.reused = True
        if server.context.variant.in_server_cache:
            found.references += 1
        self._replace(server, found)

    def _begin_afresh(self, client: _Connection, server: _Connection) -> None:
        """SSL_set_session.3/reference-given-back."""
        self._negotiated += 1
        label, version = f"negotiated-{self._negotiated}", server.context.variant.version
        for end in (client, server):
            self._replace(end, self._new(label, version, server.context))

    def _replace(self, conn: _Connection, session: _Session) -> None:
        if conn.session:
            self._give_back(conn.session)
        conn.session = session

    # The page SSL_CTX_add_session.3

    def add_session(self, context: Context, session: Session) -> Outcome:
        """SSL_CTX_add_session.3/added, add-succeeds-with-1, identical-returns-0."""
        ctx, new = self._contexts[context], self._sessions[session]
        return self._call_set("SSL_CTX_add_session", (context, session), self._put(ctx, new))

    def remove_session(self, context: Context, session: Session) -> Outcome:
        """SSL_CTX_remove_session(3): SSL_CTX_add_session.3/removed, absent-returns-0."""
        ctx, old = self._contexts[context], self._sessions[session]
        return self._call_set("SSL_CTX_remove_session", (context, session), self._take_out(ctx, old))

    def _put(self, ctx: _Context, new: _Session) -> Outcome:
        """SSL_CTX_add_session.3/add-reference, same-id-replaced, same-id-released-once, identical-changes-nothing."""
        old = ctx.cache.get(new.id)
        if old is new:
            return Outcome(0, [])
        if old:
            self._drop(ctx, old)
        ctx.cache[new.id] = new
        new.references += 1
        self._evict(ctx)
        return Outcome(1, [])

    def _take_out(self, ctx: _Context, session: _Session) -> Outcome:
        """SSL_CTX_add_session.3/removed, remove-marks, remove-releases-once, remove-succeeds-with-1."""
        if ctx.cache.get(session.id) is not session:
            return Outcome(0, [])
        session.resumable = False
        ctx.removals.append(session)
        self._drop(ctx, session)
        return Outcome(1, [])

    def _drop(self, ctx: _Context, session: _Session) -> None:
        del ctx.cache[session.id]
        self._give_back(session)

    def _store(self, ctx: _Context, session: _Session) -> None:
        """Keep a session that was negotiated: SSL_CTX_add_session.3/store-suppressed, and its control."""
        wanted = CacheMode.CLIENT if ctx.role is Role.CLIENT else CacheMode.SERVER
        in_ticket = ctx.role is Role.SERVER and not ctx.variant.in_server_cache
        if wanted in ctx.mode and CacheMode.NO_INTERNAL_STORE not in ctx.mode and not in_ticket:
            self._put(ctx, session)

    def _evict(self, ctx: _Context) -> None:
        """SSL_CTX_sess_set_cache_size(3): the oldest entry makes room."""
        if 0 < ctx.limit < len(ctx.cache):
            self._drop(ctx, next(iter(ctx.cache.values())))

    # Contexts

    def describe(self) -> dict[str, Value]:
        """See interface.Adapter."""
        return {"version": f"model of {self._edition}", "family": "model", "files": []}

    def begin(self) -> None:
        """See interface.Adapter."""
        self._names: Counter[str] = Counter()
        self._negotiated = 0
        self._contexts: dict[Context, _Context] = {}
        self._connections: dict[Connection, _Connection] = {}
        self._sessions: dict[Session, _Session] = {}

    def end(self) -> None:
        """See interface.Adapter."""
        self.begin()

    def evidence(self) -> list[Event]:
        """See interface.Adapter."""
        return self._trace.drain()

    def new_context(self, role: Role, variant: Variant) -> Context:
        """See interface.Adapter."""
        name = Context(self._name("ctx"))
        self._contexts[name] = _Context(name, role, variant)
        self._trace.call("SSL_CTX_new", (role, variant), lambda: name, str)
        return name

    def set_cache(self, context: Context, flags: Sequence[CacheMode]) -> None:
        """See interface.Adapter."""
        self._contexts[context].mode = frozenset(flags)
        self._call("SSL_CTX_set_session_cache_mode", (context, list(flags)))

    def set_cache_size(self, context: Context, entries: int) -> None:
        """See interface.Adapter."""
        self._contexts[context].limit = entries
        self._call("SSL_CTX_sess_set_cache_size", (context, entries))

    def watch_removals(self, context: Context) -> None:
        """See interface.Adapter."""
        self._call("SSL_CTX_sess_set_remove_cb", (context,))

    def removals(self, context: Context) -> list[Session]:
        """See interface.Adapter."""
        return [session.name for session in self._contexts[context].removals]

    def entries(self, context: Context) -> int:
        """See interface.Adapter."""
        return self._observe("entries", context, len(self._contexts[context].cache))

    def free_context(self, context: Context) -> None:
        """See interface.Adapter."""
        ctx = self._contexts.pop(context)
        for session in list(ctx.cache.values()):
            self._drop(ctx, session)
        self._call("SSL_CTX_free", (context,))

    # Connections

    def new_connection(self, context: Context) -> Connection:
        """See interface.Adapter."""
        ctx = self._contexts[context]
        name = Connection(self._name(ctx.role))
        self._connections[name] = _Connection(name, ctx)
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

    def handshake(self, client: Connection, server: Connection, until: Point) -> Handshake:
        """See interface.Adapter."""
        one, two = self._connections[client], self._connections[server]
        self._call("SSL_connect", (client,))
        one.spoke = True
        if two.cut:
            return Handshake(client=False, server=False, failed="unexpected end of file")
        if until is not Point.CLIENT_SPOKE and not two.answered:
            self._call("SSL_accept", (server,))
            self._answer(one, two)
        if until is Point.ESTABLISHED and not one.established:
            self._call("SSL_connect", (client,))
            self._establish(one, two)
        return Handshake(one.established, two.established, "")

    def _answer(self, client: _Connection, server: _Connection) -> None:
        server.answered = True
        found = self._accept(server, self._offer(client))
        if found:
            self._resume(client, server, found)
        else:
            self._begin_afresh(client, server)

    def _establish(self, client: _Connection, server: _Connection) -> None:
        client.established = server.established = True
        if not client.reused:
            self._stored_by_both(client, server)
        elif server.context.variant.version == "TLSv1.3":
            # A TLS 1.3 server sends new tickets after a resumption too; the client has them once it has read.
            client.pending.append(self._new(f"renewed-{client.name}", "TLSv1.3", server.context))

    def _stored_by_both(self, client: _Connection, server: _Connection) -> None:
        for end in (client, server):
            if end.session:
                self._store(end.context, end.session)

    def exchange(self, client: Connection, server: Connection) -> None:
        """See interface.Adapter."""
        one = self._connections[client]
        self._call("SSL_write", (server, "1 byte"))
        self._call("SSL_read", (client, "1 byte"))
        for session in one.pending:
            self._replace(one, session)
            self._store(one.context, session)
        one.pending.clear()

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

    def free_connection(self, connection: Connection) -> None:
        """See interface.Adapter."""
        conn = self._connections.pop(connection)
        if conn.session:
            self._give_back(conn.session)
        self._call("SSL_free", (connection,))

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

    def _states(self, clause: str) -> bool:
        return self._edition in specification().clauses[clause].stated

    def _name(self, kind: str) -> str:
        self._names[kind] += 1
        return f"{kind}{self._names[kind]}"

    def _new(self, label: str, version: str, issuer: _Context | None) -> _Session:
        session = _Session(Session(self._name("session")), label, version, issuer)
        self._sessions[session.name] = session
        return session

    def _give_back(self, session: _Session) -> None:
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
