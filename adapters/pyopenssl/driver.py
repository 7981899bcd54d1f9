"""The pyOpenSSL adapter: the interface over pyOpenSSL's public API, and over its binding where the public API has no word.

Runs inside the worker. In the evidence a call is named after what was called: `Connection.set_session` is the public API,
`lib.SSL_set_session` the binding (`OpenSSL._util.lib`), an exception is the result "raises ...". Sessions are in sessions.py,
how a call is recorded in calls.py, everything that is private to pyOpenSSL in binding.py.

What neither has, and what follows from it: no SSL_CTX_add_session, SSL_CTX_remove_session, SSL_set_quiet_shutdown and SSL_clear
(not implemented); no SSL_CTX_sess_number, no size of a cache, no callback of one, no SSL_SESSION_is_resumable and no ex_data of
a session (not observable: entries, cache-size, removal-callback, marked, destruction).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cryptography
import OpenSSL
from cryptography import x509
from cryptography.hazmat.bindings import _rust
from cryptography.hazmat.primitives.serialization import load_der_private_key
from OpenSSL import SSL

from sslspec.adapters.driver import Driver, End, no_function, no_sight
from sslspec.adapters.errors import AdapterBroken, NotObservable
from sslspec.adapters.interface import (
    CacheMode,
    Connection,
    Context,
    Description,
    Outcome,
    Role,
    Session,
    ShutdownFlag,
    Variant,
)
from sslspec.adapters.pyopenssl import binding
from sslspec.adapters.pyopenssl.calls import Calls, reasons, said
from sslspec.adapters.pyopenssl.sessions import Reference, Sessions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sslspec.evidence import Value

METHODS = {Role.CLIENT: ("TLS_CLIENT_METHOD", SSL.TLS_CLIENT_METHOD), Role.SERVER: ("TLS_SERVER_METHOD", SSL.TLS_SERVER_METHOD)}
VERSIONS = {"TLSv1.2": SSL.TLS1_2_VERSION, "TLSv1.3": SSL.TLS1_3_VERSION}
CACHE_MODES = {
    CacheMode.CLIENT: SSL.SESS_CACHE_CLIENT,
    CacheMode.SERVER: SSL.SESS_CACHE_SERVER,
    CacheMode.NO_INTERNAL_STORE: SSL.SESS_CACHE_NO_INTERNAL_STORE,
    CacheMode.NO_INTERNAL_LOOKUP: SSL.SESS_CACHE_NO_INTERNAL_LOOKUP,
}
SHUTDOWN = {ShutdownFlag.SENT: SSL.SENT_SHUTDOWN, ShutdownFlag.RECEIVED: SSL.RECEIVED_SHUTDOWN}
WAITING = (SSL.WantReadError, SSL.WantWriteError)

#: More than one end ever says at once (a flight with a P-256 certificate is below 2 kB), so that one read takes all of it.
_FLIGHT = 1 << 16


@dataclass
class _Context:
    wrapper: SSL.Context
    role: Role
    variant: Variant
    used: bool = False

    @property
    def caches(self) -> bool:
        """Return whether its connections' sessions may come back out of its cache."""
        return self.role is Role.SERVER and self.variant.in_server_cache


@dataclass
class _Connection(End):
    wrapper: SSL.Connection
    context: _Context
    started: bool = False
    hung_up: bool = False
    #: What the session's secret was when the handshake ended; a ticket of TLS 1.3 brings another.
    secret_of_handshake: bytes = b""


class PyOpenSSLDriver(Driver):
    """The installed pyOpenSSL, whose servers show `certificate` with `key` (both DER; a P-256 key in SEC 1 form)."""

    _contexts: dict[Context, _Context]
    _connections: dict[Connection, _Connection]

    def __init__(self, certificate: bytes, key: bytes) -> None:
        """Load them; ValueError when one of them is not what it should be."""
        super().__init__()
        self._calls = Calls(self.trace)
        self._certificate = x509.load_der_x509_certificate(certificate)
        self._key: Any = load_der_private_key(key, None)
        self._sessions = Sessions(time.time, self._held)

    def describe(self) -> Description:
        """See interface.Adapter; "files" is what holds the binding and, when its wheel was built so, OpenSSL itself."""
        library = SSL.OpenSSL_version(SSL.OPENSSL_VERSION).decode()
        version = f"{library} (pyOpenSSL {OpenSSL.__version__}, cryptography {cryptography.__version__})"
        return {"version": version, "family": "pyopenssl", "release": OpenSSL.__version__, "files": [str(_rust.__file__)]}

    def begin(self) -> None:
        """See interface.Adapter."""
        super().begin()
        self._sessions.begin()

    # Contexts

    def new_context(self, role: Role, variant: Variant) -> Context:
        """See interface.Adapter."""
        method, number = METHODS[Role(role)]
        name = Context(self._name("ctx"))
        wrapper = self.trace.call("Context", (method,), lambda: SSL.Context(number), lambda _: name)
        self._contexts[name] = context = _Context(wrapper, Role(role), Variant(variant))
        version = context.variant.version
        self._configure(name, "set_min_proto_version", version, VERSIONS[version])
        self._configure(name, "set_max_proto_version", version, VERSIONS[version])
        if context.variant.in_server_cache:
            self._configure(name, "set_options", "OP_NO_TICKET", SSL.OP_NO_TICKET)
        if context.role is Role.SERVER:
            self._configure(name, "use_certificate", "certificate", self._certificate)
            self._configure(name, "use_privatekey", "key", self._key)
        return name

    def set_cache(self, context: Context, flags: Sequence[CacheMode]) -> None:
        """See interface.Adapter."""
        kept = self._contexts[context]
        bits = sum(CACHE_MODES[CacheMode(flag)] for flag in flags)
        if not kept.used:
            self._configure(context, "set_session_cache_mode", list(flags), bits)
            return
        # pyOpenSSL refuses every change to a Context that has a Connection.
        self._calls.binding("SSL_CTX_set_session_cache_mode", (context, list(flags)), binding.pointer_in(kept.wrapper), bits)

    set_cache_size = no_sight("cache-size", f"{binding.WHERE} has no SSL_CTX_sess_set_cache_size")
    watch_removals = removals = reacted = no_sight("removal-callback", f"{binding.WHERE} has no SSL_CTX_sess_set_remove_cb")
    add_session = no_function("SSL_CTX_add_session", binding.WHERE)
    remove_session = no_function("SSL_CTX_remove_session", binding.WHERE)
    entries = no_sight("entries", f"{binding.WHERE} has no SSL_CTX_sess_number")
    flush = no_function("SSL_CTX_flush_sessions", binding.WHERE)

    def free_context(self, context: Context) -> None:
        """See interface.Adapter."""
        pointer = binding.take_over(self._contexts.pop(context).wrapper)
        self._calls.binding("SSL_CTX_free", (context,), pointer)

    # Connections

    def new_connection(self, context: Context) -> Connection:
        """See interface.Adapter."""
        kept = self._contexts[context]
        name = Connection(self._name(kept.role))
        wrapper = self.trace.call("Connection", (context,), lambda: SSL.Connection(kept.wrapper, None), lambda _: name)
        kept.used = True
        self._connections[name] = _Connection(wrapper, kept)
        return name

    def set_session(self, connection: Connection, session: Session | None) -> Outcome:
        """See interface.Adapter.

        The public API takes no None, no session made by hand and none of another Context: those go through the binding. Its
        answer is None for 1 and an exception, which has taken the error stack, for anything else.
        """
        conn = self._connections[connection]
        wrapper = self._sessions.wrapper(session, conn.context.wrapper) if session else None
        pointer = self._sessions.pointer(session) if session else binding.NULL
        binding.clear_errors()
        if wrapper is None:
            value = self._calls.binding("SSL_set_session", (connection, session), binding.pointer_in(conn.wrapper), pointer, show=int)
            return Outcome(value, binding.take_errors())
        answer = self._calls.public("Connection.set_session", (connection, session), lambda: conn.wrapper.set_session(wrapper))
        return Outcome(0, reasons(answer)) if isinstance(answer, SSL.Error) else Outcome(1, binding.take_errors())

    def get_session(self, connection: Connection) -> Session | None:
        """See interface.Adapter."""
        conn = self._connections[connection]

        def take() -> Session | None:
            wrapper = conn.wrapper.get_session()
            if wrapper is None:
                return None
            return self._sessions.take(Reference(binding.pointer_in(wrapper), wrapper, conn.context.wrapper), cached=conn.context.caches)

        return self.trace.call("Connection.get_session", (connection,), take, _as_it_is)

    def peek_session(self, connection: Connection) -> Session | None:
        """See interface.Adapter."""
        conn = self._connections[connection]

        def peek() -> Session | None:
            pointer = self._session_in(conn)
            return None if pointer == binding.NULL else self._sessions.name(pointer, cached=conn.context.caches)

        return self.trace.call("lib.SSL_get_session", (connection,), peek, _as_it_is)

    def received_session(self, connection: Connection) -> Session | None:
        """See interface.Adapter.

        There is no new-session callback, and of several sessions in TLS 1.3 only the last can be had: the one inside the
        connection, as soon as its secret is another than at the end of the handshake. (Its address tells nothing: with two
        tickets the second session may stand where the first one was.)
        """
        conn = self._connections[connection]
        if conn.context.variant.version == "TLSv1.3" and self._secret_in(conn) == conn.secret_of_handshake:
            return None
        return self.get_session(connection)

    def exchange(self, client: Connection, server: Connection) -> None:
        """See interface.Adapter."""
        one, two = self._connections[client].wrapper, self._connections[server].wrapper
        sent = self._calls.public("Connection.send", (server, "1 byte"), lambda: two.send(b"x"), int)
        self._deliver(server)
        read = self._calls.public("Connection.recv", (client, "1 byte"), lambda: one.recv(1), len)
        self._deliver(client)
        for answer in (sent, read):
            if isinstance(answer, SSL.Error):
                message = f"{client} could not read what {server} wrote: {said(answer)}"
                raise AdapterBroken(message)

    def hang_up(self, connection: Connection) -> None:
        """See interface.Adapter."""
        conn = self._connections[connection]
        conn.hung_up = True
        if conn.peer in self._connections:
            self._end_input(conn.peer)

    def shutdown(self, connection: Connection) -> int:
        """See interface.Adapter; every exception of the public API is a -1."""
        answer = self._calls.public("Connection.shutdown", (connection,), self._connections[connection].wrapper.shutdown, bool)
        self._deliver(connection)
        return -1 if isinstance(answer, SSL.Error) else int(answer)

    def set_shutdown(self, connection: Connection, flags: Sequence[ShutdownFlag]) -> None:
        """See interface.Adapter."""
        wrapper = self._connections[connection].wrapper
        bits = sum(SHUTDOWN[ShutdownFlag(flag)] for flag in flags)
        self.trace.call("Connection.set_shutdown", (connection, list(flags)), lambda: wrapper.set_shutdown(bits))

    def set_quiet_shutdown(self, connection: Connection) -> None:
        """Raise NotImplementedThere."""
        self._calls.binding("SSL_set_quiet_shutdown", (connection, 1), binding.pointer_in(self._connections[connection].wrapper), 1)

    clear = no_function("SSL_clear", binding.WHERE)

    def free_connection(self, connection: Connection) -> None:
        """See interface.Adapter."""
        self._part(connection)
        conn = self._connections.pop(connection)
        self._calls.binding("SSL_free", (connection,), binding.take_over(conn.wrapper))
        self._sessions.forget_lost()

    def reused(self, connection: Connection) -> bool:
        """See interface.Adapter."""
        pointer = binding.pointer_in(self._connections[connection].wrapper)
        return bool(self._calls.binding("SSL_session_reused", (connection,), pointer, show=int))

    def version(self, connection: Connection) -> str:
        """See interface.Adapter."""
        read = self._connections[connection].wrapper.get_protocol_version_name
        return self.trace.call("Connection.get_protocol_version_name", (connection,), read, _as_it_is)

    # Sessions

    def new_session(self, label: str, version: str, age: int, timeout: int) -> Session:
        """See interface.Adapter."""
        made: dict[str, Value] = {"id": label, "version": version, "age": age, "timeout": timeout}
        binding.clear_errors()
        session = self.trace.call(
            "lib.d2i_SSL_SESSION",
            (made,),
            lambda: self._sessions.make(label, version, age, timeout),
            _as_it_is,
        )
        if session is None:
            why = "; ".join(binding.take_errors()) or "no reason"
            raise NotObservable("hand-made-sessions", f"d2i_SSL_SESSION refuses one of {version}: {why}")
        return session

    def release(self, session: Session) -> None:
        """See interface.Adapter."""
        self._calls.binding("SSL_SESSION_free", (session,), self._sessions.give_back(session))
        self._sessions.forget_lost()

    def references(self, session: Session) -> int:
        """See interface.Adapter."""
        count = self._sessions.references(session)
        self.trace.observe("references, by one witness", (session,), count)
        return count

    destroyed = no_sight("destruction", f"{binding.WHERE} has no ex_data of sessions, and so no callback for their end")
    resumable = no_sight("marked", f"{binding.WHERE} has no SSL_SESSION_is_resumable")

    # Machinery

    def _owned(self) -> Iterable[Session]:
        return [session for session, references in self._sessions.owned.items() for _ in references]

    def _session_in(self, conn: _Connection) -> Any:  # cffi has no types
        return binding.function("SSL_get_session")(binding.pointer_in(conn.wrapper))

    def _secret_in(self, conn: _Connection) -> bytes:
        pointer = self._session_in(conn)
        return b"" if pointer == binding.NULL else binding.secret_of(pointer)

    def _held(self) -> Iterator[Any]:
        return (pointer for pointer in map(self._session_in, self._connections.values()) if pointer != binding.NULL)

    def _join(self, client: Connection, server: Connection) -> None:
        for name, peer, start in ((client, server, "set_connect_state"), (server, client, "set_accept_state")):
            conn = self._connections[name]
            conn.peer = peer
            if not conn.started:
                self.trace.call(f"Connection.{start}", (name,), getattr(conn.wrapper, start))
                conn.started = True
            if self._connections[peer].hung_up:
                self._end_input(name)

    def _turn(self, end: Connection) -> None:
        conn = self._connections[end]
        binding.clear_errors()
        answer = self._calls.public("Connection.do_handshake", (end,), conn.wrapper.do_handshake)
        self._deliver(end)
        if answer is None:
            conn.finished = True
            conn.secret_of_handshake = self._secret_in(conn)
        elif not isinstance(answer, WAITING):
            conn.failed = f"Connection.do_handshake({end}): {said(answer)}"

    def _deliver(self, end: Connection) -> None:
        """Carry what `end` has written to its peer."""
        conn = self._connections[end]
        if conn.hung_up or conn.peer is None:
            return
        peer = self._connections[conn.peer].wrapper
        carried = self._calls.public("Connection.bio_read", (end,), lambda: conn.wrapper.bio_read(_FLIGHT), lambda _: "bytes")
        if isinstance(carried, bytes):
            self._calls.public("Connection.bio_write", (conn.peer, f"bytes of {end}"), lambda: peer.bio_write(carried))

    def _end_input(self, end: Connection) -> None:
        self.trace.call("Connection.bio_shutdown", (end,), self._connections[end].wrapper.bio_shutdown)

    def _configure(self, name: Context, method: str, shown: Value, value: Any) -> None:  # flags, key, certificate
        called = getattr(self._contexts[name].wrapper, method)
        answer = self._calls.public(f"Context.{method}", (name, shown), lambda: called(value))
        if isinstance(answer, SSL.Error):
            message = f"Context.{method} refuses {shown}: {said(answer)}"
            raise AdapterBroken(message)


def _as_it_is(value: str | None) -> Value:
    return value


def open_pyopenssl(certificate: bytes, key: bytes) -> PyOpenSSLDriver:
    """Return a driver for the installed pyOpenSSL, for a worker to open; the arguments are those of the class."""
    return PyOpenSSLDriver(certificate, key)
