"""The CPython adapter: the interface over the public API of the standard library's ssl module, and nothing below it.

Runs inside the worker. In the evidence a call is named after what was called: `SSLObject.do_handshake`, `SSLObject.session=` for what is
assigned; an exception is the result "raises ...". Sessions are in sessions.py.

What ssl has no word for, and what follows from it: no SSL_CTX_add_session, SSL_CTX_remove_session, SSL_CTX_flush_sessions,
SSL_set_shutdown, SSL_set_quiet_shutdown and SSL_clear (not implemented); no size of a cache, no callback of one, and of a session neither
the references, nor its end, nor a mark, nor a way to make one by hand (not observable). Cache modes cannot be set: see `set_cache`. What
the library leaves on the error stack is seen only where ssl raises it.
"""

from __future__ import annotations

import _ssl
import platform
import ssl
import sys
from base64 import encodebytes
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sslspec.adapters.cpython.sessions import Sessions
from sslspec.adapters.driver import Attempts, Driver, End, no_function, no_sight
from sslspec.adapters.errors import AdapterBroken, NotImplementedThere
from sslspec.adapters.interface import CacheMode, Connection, Context, Description, Outcome, Role, Session, Variant
from sslspec.adapters.native.library import mapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sslspec.evidence import Value

#: Who lacks a function, in the words of NotImplementedThere.
WHERE = "CPython's ssl"

PROTOCOLS = {Role.CLIENT: ssl.PROTOCOL_TLS_CLIENT, Role.SERVER: ssl.PROTOCOL_TLS_SERVER}
VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}
WAITING = (ssl.SSLWantReadError, ssl.SSLWantWriteError)
#: What ssl raises for what it does not allow, without asking the library.
FORBIDDEN = (ValueError, TypeError)


@dataclass
class _Context:
    inside: ssl.SSLContext
    role: Role
    variant: Variant


@dataclass
class _Connection(End):
    inside: ssl.SSLObject
    context: _Context
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO
    hung_up: bool = False
    #: Of the session when the handshake ended; a ticket of TLS 1.3 brings another.
    id_of_handshake: bytes = b""


class CPythonDriver(Driver):
    """The ssl of the Python that this runs in, whose servers show `certificate` with `key` (both DER; a P-256 key in SEC 1 form)."""

    _contexts: dict[Context, _Context]
    _connections: dict[Connection, _Connection]

    def __init__(self, certificate: bytes, key: bytes) -> None:
        super().__init__()
        self._attempt = Attempts(self.trace, (ssl.SSLError, *FORBIDDEN), said)
        self._certificate = ssl.DER_cert_to_PEM_cert(certificate)
        self._key = f"-----BEGIN EC PRIVATE KEY-----\n{encodebytes(key).decode()}-----END EC PRIVATE KEY-----\n"
        self._sessions = Sessions()

    def describe(self) -> Description:
        """See interface.Adapter; "files" is the module's own, and the library's where it is not part of that."""
        python = platform.python_implementation()
        return {
            "version": f"{ssl.OPENSSL_VERSION} ({python} {platform.python_version()})",
            "family": python.lower(),
            "release": ".".join(map(str, sys.version_info[:3])),
            "files": [str(path) for path in mapped(Path(getattr(_ssl, "__file__", "")))],
        }

    def begin(self) -> None:
        """See interface.Adapter."""
        super().begin()
        self._sessions.begin()

    # Contexts

    def new_context(self, role: Role, variant: Variant) -> Context:
        """See interface.Adapter."""
        protocol = PROTOCOLS[Role(role)]
        name = Context(self._name("ctx"))
        inside = self.trace.call("SSLContext", (protocol.name,), lambda: ssl.SSLContext(protocol), lambda _: name)
        self._contexts[name] = context = _Context(inside, Role(role), Variant(variant))
        version = VERSIONS[context.variant.version]
        self._set(name, "minimum_version", version, version.name)
        self._set(name, "maximum_version", version, version.name)
        if context.variant.in_server_cache:
            self._set(name, "options", inside.options | ssl.OP_NO_TICKET, "OP_NO_TICKET")
        if context.role is Role.SERVER:
            self._show_certificate(name)
        else:
            self._set(name, "check_hostname", value=False, shown=False)
            self._set(name, "verify_mode", ssl.CERT_NONE, "CERT_NONE")
        return name

    def set_cache(self, context: Context, flags: Sequence[CacheMode]) -> None:
        """See interface.Adapter.

        Nothing can be set; a context is as OpenSSL makes it: a server caches, a client keeps nothing and the application gets its
        sessions from the connection. Where that is what is asked for, there is nothing to do. Raises NotImplementedThere otherwise.
        """
        asked = {CacheMode(flag) for flag in flags}
        if self._contexts[context].role is Role.SERVER:
            as_it_is = asked == {CacheMode.SERVER}
        else:
            as_it_is = CacheMode.CLIENT not in asked or CacheMode.NO_INTERNAL_STORE in asked
        if not as_it_is:
            raise NotImplementedThere("SSL_CTX_set_session_cache_mode", WHERE)

    set_cache_size = no_sight("cache-size", f"{WHERE} has no SSL_CTX_sess_set_cache_size")
    watch_removals = removals = reacted = no_sight("removal-callback", f"{WHERE} has no SSL_CTX_sess_set_remove_cb")
    add_session = no_function("SSL_CTX_add_session", WHERE)
    remove_session = no_function("SSL_CTX_remove_session", WHERE)
    flush = no_function("SSL_CTX_flush_sessions", WHERE)

    def entries(self, context: Context) -> int:
        """See interface.Adapter."""
        count = self._contexts[context].inside.session_stats
        return self.trace.call("SSLContext.session_stats", (context, "number"), lambda: count()["number"], int)

    def free_context(self, context: Context) -> None:
        """See interface.Adapter."""
        self.trace.call("del", (context,), lambda: self._contexts.pop(context) and None)

    # Connections

    def new_connection(self, context: Context) -> Connection:
        """See interface.Adapter."""
        kept = self._contexts[context]
        name = Connection(self._name(kept.role))
        ways = ssl.MemoryBIO(), ssl.MemoryBIO()
        is_server = kept.role is Role.SERVER
        wrapped = self.trace.call(
            "SSLContext.wrap_bio", (context, f"server_side={is_server}"), lambda: kept.inside.wrap_bio(*ways, is_server), lambda _: name
        )
        self._connections[name] = _Connection(wrapped, kept, *ways)
        return name

    def set_session(self, connection: Connection, session: Session | None) -> Outcome:
        """See interface.Adapter.

        ssl assigns no None and no session of another context, none to a server's end, and none after the handshake. It never asks the
        library then, and so there is no outcome: raises NotImplementedThere, with its own words. What it allows it hands over as a copy.
        """
        conn = self._connections[connection]
        given = self._sessions.held(session) if session else None
        answer = self._attempt("SSLObject.session=", (connection, session), lambda: setattr(conn.inside, "session", given))
        if isinstance(answer, ssl.SSLError):
            return Outcome(0, [reason_of(answer)])
        if answer is not None:
            raise NotImplementedThere(f"SSL_set_session for this: {answer}", WHERE)
        return Outcome(1, None)

    def get_session(self, connection: Connection) -> Session | None:
        """See interface.Adapter."""
        return self._look(connection, self._sessions.keep)

    def peek_session(self, connection: Connection) -> Session | None:
        """See interface.Adapter; ssl has no other way to it, and the reference that it takes is given back at once."""
        return self._look(connection, self._sessions.name)

    def received_session(self, connection: Connection) -> Session | None:
        """See interface.Adapter; of several sessions in TLS 1.3 only the last can be had, as soon as it is another than at first."""
        conn = self._connections[connection]
        if conn.context.variant.version == "TLSv1.3" and self._id_in(conn) == conn.id_of_handshake:
            return None
        return self.get_session(connection)

    def exchange(self, client: Connection, server: Connection) -> None:
        """See interface.Adapter."""
        one, two = self._connections[client].inside, self._connections[server].inside
        sent = self._attempt("SSLObject.write", (server, "1 byte"), lambda: two.write(b"x"), int)
        self._deliver(server)
        read = self._attempt("SSLObject.read", (client, "1 byte"), lambda: one.read(1), len)
        self._deliver(client)
        for answer in (sent, read):
            if isinstance(answer, Exception):
                message = f"{client} could not read what {server} wrote: {said(answer)}"
                raise AdapterBroken(message)

    def hang_up(self, connection: Connection) -> None:
        """See interface.Adapter."""
        conn = self._connections[connection]
        conn.hung_up = True
        if conn.peer in self._connections:
            self._end_input(conn.peer)

    def shutdown(self, connection: Connection) -> int:
        """See interface.Adapter; `unwrap` calls SSL_shutdown again when it has sent and not received: an exception is the -1 of that."""
        answer = self._attempt("SSLObject.unwrap", (connection,), self._connections[connection].inside.unwrap)
        self._deliver(connection)
        return -1 if isinstance(answer, Exception) else 1

    set_shutdown = no_function("SSL_set_shutdown", WHERE)
    set_quiet_shutdown = no_function("SSL_set_quiet_shutdown", WHERE)
    clear = no_function("SSL_clear", WHERE)

    def free_connection(self, connection: Connection) -> None:
        """See interface.Adapter."""
        self._part(connection)
        self.trace.call("del", (connection,), lambda: self._connections.pop(connection) and None)

    def reused(self, connection: Connection) -> bool:
        """See interface.Adapter."""
        inside = self._connections[connection].inside
        return self.trace.call("SSLObject.session_reused", (connection,), lambda: bool(inside.session_reused), bool)

    def version(self, connection: Connection) -> str:
        """See interface.Adapter; "" before there is one."""
        return self.trace.call("SSLObject.version", (connection,), lambda: self._connections[connection].inside.version() or "", str)

    # Sessions

    new_session = no_sight("hand-made-sessions", f"{WHERE} reads no session, and sets neither the id nor the time of one")

    def release(self, session: Session) -> None:
        """See interface.Adapter."""
        self.trace.call("del", (session,), lambda: self._sessions.give_back(session))

    references = no_sight("reference-count", f"{WHERE} shows neither the count nor where a session is")
    destroyed = no_sight("destruction", f"{WHERE} has no ex_data of sessions, and so no callback for their end")
    resumable = no_sight("marked", f"{WHERE} has no SSL_SESSION_is_resumable")

    # Machinery

    def _owned(self) -> Iterable[Session]:
        return self._sessions.owned()

    def _set(self, name: Context, attribute: str, value: Any, shown: Value) -> None:
        """Assign to an attribute of a context."""
        self.trace.call(f"SSLContext.{attribute}=", (name, shown), lambda: setattr(self._contexts[name].inside, attribute, value))

    def _show_certificate(self, name: Context) -> None:
        # ssl takes both from files only.
        with TemporaryDirectory() as folder:
            files = Path(folder, "certificate.pem"), Path(folder, "key.pem")
            for file, text in zip(files, (self._certificate, self._key), strict=True):
                file.write_text(text, encoding="ascii")
            load = self._contexts[name].inside.load_cert_chain
            self.trace.call("SSLContext.load_cert_chain", (name, "certificate", "key"), lambda: load(*files))

    def _look(self, connection: Connection, use: Callable[[ssl.SSLSession, Role, Connection], Session]) -> Session | None:
        """Ask a connection for its session, and return the name that `use` gives it."""
        conn = self._connections[connection]

        def look() -> Session | None:
            found = conn.inside.session
            return None if found is None else use(found, conn.context.role, connection)

        return self.trace.call("SSLObject.session", (connection,), look, lambda name: name)

    def _id_in(self, conn: _Connection) -> bytes:
        session = conn.inside.session
        return session.id if session else b""

    def _join(self, client: Connection, server: Connection) -> None:
        for name, peer in ((client, server), (server, client)):
            self._connections[name].peer = peer
            if self._connections[peer].hung_up:
                self._end_input(name)

    def _turn(self, end: Connection) -> None:
        conn = self._connections[end]
        answer = self._attempt("SSLObject.do_handshake", (end,), conn.inside.do_handshake)
        self._deliver(end)
        if answer is None:
            conn.finished = True
            conn.id_of_handshake = self._id_in(conn)
        elif not isinstance(answer, WAITING):
            conn.failed = f"SSLObject.do_handshake({end}): {said(answer)}"

    def _deliver(self, end: Connection) -> None:
        """Carry what `end` has written to its peer."""
        conn = self._connections[end]
        if conn.hung_up or conn.peer is None or not conn.outgoing.pending:
            return
        into = self._connections[conn.peer].incoming
        carried = self.trace.call("MemoryBIO.read", (f"outgoing of {end}",), conn.outgoing.read, lambda _: "bytes")
        self.trace.call("MemoryBIO.write", (f"incoming of {conn.peer}", f"bytes of {end}"), lambda: into.write(carried))

    def _end_input(self, end: Connection) -> None:
        self.trace.call("MemoryBIO.write_eof", (f"incoming of {end}",), self._connections[end].incoming.write_eof)


def reason_of(error: ssl.SSLError) -> str:
    """Return the reason of the library's error, as ssl names it, without the place in ssl's own source."""
    return str(error.reason or error.strerror or error)


def said(error: Exception) -> str:
    """Return an exception of ssl in one line."""
    return f"{type(error).__name__}: {reason_of(error) if isinstance(error, ssl.SSLError) else error}"


def open_cpython(certificate: bytes, key: bytes) -> CPythonDriver:
    """Return a driver for this Python's ssl, for a worker to open; the arguments are those of the class."""
    return CPythonDriver(certificate, key)
