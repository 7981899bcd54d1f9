"""The model: what the pages say, in Python, and nothing else.

It is meant to be read as a second statement of the specification. Each behaviour names the clause it implements; where the
pages are silent it does the least, and the scenarios never ask it (a question has no answer here). Handshakes are simulated
only as far as they concern sessions.
"""

from __future__ import annotations

from sslspec.adapters.interface import CacheMode, Connection, Context, Handshake, Outcome, Point, Role, Session, ShutdownFlag
from sslspec.adapters.stage import Stage, StagedConnection, StagedContext, StagedSession
from sslspec.clauses import specification


class Model(Stage):
    """An implementation that does what the pages of `edition` say."""

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

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        """SSL_set_session.3/open-session-leaves-cache, set-session-released, used-session-released."""
        if old is None:
            return
        if self._states("SSL_set_session.3/open-session-leaves-cache") and self._is_open(conn):
            self._take_out(conn.context, old)
        self._give_back(old)

    def _take_new(self, conn: StagedConnection, session: StagedSession | None) -> None:
        """SSL_set_session.3/reference-added."""
        conn.session = session
        if session:
            session.references += 1

    def _is_open(self, conn: StagedConnection) -> bool:
        """SSL_set_session.3/shut-down-is-not-open, sent-flag-is-not-open, received-flag-is-open."""
        return conn.established and ShutdownFlag.SENT not in conn.shutdown

    def _offer(self, client: StagedConnection) -> StagedSession | None:
        """SSL_set_session.3/offered-in-handshake; SSL_CTX_add_session.3/removed-is-not-resumed."""
        offered = client.session
        if offered is None or not offered.resumable or offered.expired or offered.version != client.context.variant.version:
            return None
        return offered

    def _accept(self, server: StagedConnection, offered: StagedSession | None) -> StagedSession | None:
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

    def _resume(self, client: StagedConnection, server: StagedConnection, found: StagedSession) -> None:
        """SSL_set_session.3/reuse-can-be-asked."""
        client.reused = server.reused = True
        if server.context.variant.in_server_cache:
            found.references += 1
        self._replace(server, found)

    def _begin_afresh(self, client: StagedConnection, server: StagedConnection) -> None:
        """SSL_set_session.3/reference-given-back."""
        self._negotiated += 1
        label, version = f"negotiated-{self._negotiated}", server.context.variant.version
        for end in (client, server):
            self._replace(end, self._new(label, version, server.context))

    def _replace(self, conn: StagedConnection, session: StagedSession) -> None:
        if conn.session:
            self._give_back(conn.session)
        conn.session = session

    # The page SSL_CTX_add_session.3

    def add_session(self, context: Context, session: Session | None) -> Outcome:
        """SSL_CTX_add_session.3/added, add-succeeds-with-1, identical-returns-0; of none the page says nothing."""
        outcome = self._put(self._contexts[context], self._sessions[session]) if session else Outcome(0, [])
        return self._call_set("SSL_CTX_add_session", (context, session), outcome)

    def remove_session(self, context: Context, session: Session | None) -> Outcome:
        """SSL_CTX_remove_session(3): SSL_CTX_add_session.3/removed, absent-returns-0; of none the page says nothing."""
        outcome = self._take_out(self._contexts[context], self._sessions[session]) if session else Outcome(0, [])
        return self._call_set("SSL_CTX_remove_session", (context, session), outcome)

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
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

    def _take_out(self, ctx: StagedContext, session: StagedSession) -> Outcome:
        """SSL_CTX_add_session.3/removed, remove-marks, remove-releases-once, remove-succeeds-with-1."""
        if ctx.cache.get(session.id) is not session:
            return Outcome(0, [])
        session.resumable = False
        ctx.removals.append(session)
        self._drop(ctx, session)
        return Outcome(1, [])

    def _drop(self, ctx: StagedContext, session: StagedSession) -> None:
        del ctx.cache[session.id]
        self._give_back(session)

    def _store(self, ctx: StagedContext, session: StagedSession) -> None:
        """Keep a session that was negotiated: SSL_CTX_add_session.3/store-suppressed, and its control."""
        wanted = CacheMode.CLIENT if ctx.role is Role.CLIENT else CacheMode.SERVER
        in_ticket = ctx.role is Role.SERVER and not ctx.variant.in_server_cache
        if wanted in ctx.mode and CacheMode.NO_INTERNAL_STORE not in ctx.mode and not in_ticket:
            self._put(ctx, session)

    def _evict(self, ctx: StagedContext) -> None:
        """SSL_CTX_sess_set_cache_size(3): the oldest entry makes room."""
        if 0 < ctx.limit < len(ctx.cache):
            self._drop(ctx, next(iter(ctx.cache.values())))

    # Handshakes, and the end of things

    def free_context(self, context: Context) -> None:
        """See interface.Adapter."""
        ctx = self._contexts.pop(context)
        for session in list(ctx.cache.values()):
            self._drop(ctx, session)
        self._call("SSL_CTX_free", (context,))

    def handshake(self, client: Connection, server: Connection, until: Point) -> Handshake:
        """See interface.Adapter."""
        one, two = self._connections[client], self._connections[server]
        self._call("SSL_connect", (client,))
        one.spoke = True
        if two.context.role is Role.CLIENT:
            return Handshake(client=False, server=False, failed="unexpected message")
        if two.cut:
            return Handshake(client=False, server=False, failed="unexpected end of file")
        if until is not Point.CLIENT_SPOKE and not two.answered:
            self._call("SSL_accept", (server,))
            self._answer(one, two)
        if until is Point.ESTABLISHED and not one.established:
            self._call("SSL_connect", (client,))
            self._establish(one, two)
        return Handshake(one.established, two.established, "")

    def _answer(self, client: StagedConnection, server: StagedConnection) -> None:
        server.answered = True
        found = self._accept(server, self._offer(client))
        if found:
            self._resume(client, server, found)
        else:
            self._begin_afresh(client, server)

    def _establish(self, client: StagedConnection, server: StagedConnection) -> None:
        client.established = server.established = True
        if not client.reused:
            self._stored_by_both(client, server)
        elif server.context.variant.version == "TLSv1.3":
            # A TLS 1.3 server sends new tickets after a resumption too; the client has them once it has read.
            client.pending.append(self._new(f"renewed-{client.name}", "TLSv1.3", server.context))

    def _stored_by_both(self, client: StagedConnection, server: StagedConnection) -> None:
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

    def free_connection(self, connection: Connection) -> None:
        """See interface.Adapter."""
        conn = self._connections.pop(connection)
        if conn.session:
            self._give_back(conn.session)
        self._call("SSL_free", (connection,))

    def _states(self, clause: str) -> bool:
        return self._edition in specification().clauses[clause].stated
