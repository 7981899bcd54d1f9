"""The native adapter: the interface over the C functions of one loaded libssl.

Runs inside the worker. How a library is loaded is in library.py, its functions in api.py, its sessions in sessions.py.
"""

from __future__ import annotations

import time
from ctypes import create_string_buffer
from pathlib import Path
from typing import TYPE_CHECKING

from sslspec.adapters.der import id_of
from sslspec.adapters.errors import AdapterBroken, LibraryNotLoaded, NotObservable
from sslspec.adapters.interface import (
    CacheMode,
    Connection,
    Context,
    Description,
    Outcome,
    Point,
    Reaction,
    Role,
    Session,
    ShutdownFlag,
    Variant,
)
from sslspec.adapters.native.api import NEW_CALLBACK, REMOVE_CALLBACK, Api
from sslspec.adapters.native.calls import SSL_ERROR_NAMES, NativeConnection, NativeContext
from sslspec.adapters.native.families import family_of
from sslspec.adapters.native.library import load, mapped
from sslspec.adapters.native.removals import Removals
from sslspec.adapters.native.sessions import Sessions
from sslspec.adapters.native.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sslspec.evidence import Value

# <openssl/ssl.h>, <openssl/evp.h> and <openssl/bio.h>, the same in every release.
SSL_ERROR_WAITING = (2, 3)
SSL_SESS_CACHE = {
    CacheMode.CLIENT: 0x0001,
    CacheMode.SERVER: 0x0002,
    CacheMode.NO_INTERNAL_LOOKUP: 0x0100,
    CacheMode.NO_INTERNAL_STORE: 0x0200,
}
SSL_SHUTDOWN = {ShutdownFlag.SENT: 1, ShutdownFlag.RECEIVED: 2}
SSL_VERIFY_NONE = 0
VERSION_NUMBERS = {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}
EVP_PKEY_EC = 408

#: In seconds; three years, within any library's limit for a timeout.
FOREVER = 100_000_000


class NativeDriver(Transport):
    """One libssl at `path`, whose servers show `certificate` with `key` (both DER; a P-256 key in SEC 1 form)."""

    def __init__(self, path: Path, certificate: bytes, key: bytes) -> None:
        super().__init__()
        self._path = path.resolve()
        library = load(path)
        family, self._version = family_of(library)
        self._api = api = Api(library, family, path.name)
        self._certificate, self._key = certificate, key
        if api.has("SSL_library_init"):
            api["SSL_library_init"]()
            api["SSL_load_error_strings"]()
        self._sessions = Sessions(api, time.time, self._bare_connection)
        self._by_pointer: dict[int, Connection] = {}
        self._row = 0
        # Apart from the contexts, because freeing one calls back as well.
        self._removals: dict[Context, Removals] = {}

    def describe(self) -> Description:
        """See interface.Adapter."""
        family = self._api.family
        return {
            "version": self._version,
            "family": family.name,
            "release": family.release_in(self._version),
            "files": [str(path) for path in mapped(self._path)],
            "linking": self._api.linking(),
        }

    def begin(self) -> None:
        """See interface.Adapter."""
        super().begin()
        self._row += 1
        self._by_pointer.clear()
        self._removals.clear()
        self._sessions.begin()

    # Contexts

    def new_context(self, role: Role, variant: Variant) -> Context:
        """See interface.Adapter."""
        name = Context(self._name("ctx"))
        method = self._method(role)
        pointer = self._call("SSL_CTX_new", (f"{method}()",), lambda: self._api["SSL_CTX_new"](self._api[method]()), lambda _: name)
        if not pointer:
            message = f"SSL_CTX_new failed: {self._errors()}"
            raise AdapterBroken(message)
        self._contexts[name] = context = NativeContext(pointer, Role(role), Variant(variant))
        self._limit_protocol(name, context)
        if role == Role.SERVER:
            self._make_server(name, context)
        else:
            self._make_client(name, context)
        return name

    def stranger(self, context: Context) -> Context:
        """See interface.Adapter."""
        shared = self._api.family.blind.get("own-cache")
        if shared:
            raise NotObservable("own-cache", shared)
        return super().stranger(context)

    def set_cache(self, context: Context, flags: Sequence[CacheMode]) -> None:
        """See interface.Adapter."""
        bits = sum(SSL_SESS_CACHE[CacheMode(flag)] for flag in flags)
        self._on_context("SSL_CTX_set_session_cache_mode", context, bits, shown=list(flags))

    def set_cache_size(self, context: Context, entries: int) -> None:
        """See interface.Adapter."""
        self._on_context("SSL_CTX_sess_set_cache_size", context, entries)

    def watch_removals(self, context: Context, reaction: Reaction = Reaction.NOTHING) -> None:
        """See interface.Adapter."""
        self._removals[context] = Removals(context, Reaction(reaction), self._api, self.trace, self._sessions)
        callback = REMOVE_CALLBACK(self._removals[context].hear)
        self._contexts[context].callbacks.append(callback)
        self._on_context("SSL_CTX_sess_set_remove_cb", context, callback, shown="remove_session")

    def removals(self, context: Context) -> list[Session]:
        """See interface.Adapter."""
        return list(self._removals[context].heard)

    def reacted(self, context: Context) -> int | None:
        """See interface.Adapter."""
        return self._removals[context].returned

    def add_session(self, context: Context, session: Session | None) -> Outcome:
        """See interface.Adapter."""
        return self._outcome("SSL_CTX_add_session", (context, session), self._contexts[context].pointer, session)

    def remove_session(self, context: Context, session: Session | None) -> Outcome:
        """See interface.Adapter."""
        return self._outcome("SSL_CTX_remove_session", (context, session), self._contexts[context].pointer, session)

    def entries(self, context: Context) -> int:
        """See interface.Adapter."""
        pointer = self._contexts[context].pointer
        return int(self._call("SSL_CTX_sess_number", (context,), lambda: self._api["SSL_CTX_sess_number"](pointer), int))

    def flush(self, context: Context) -> None:
        """See interface.Adapter."""
        self._on_context("SSL_CTX_flush_sessions", context, int(time.time()) + FOREVER, shown="all")

    def free_context(self, context: Context) -> None:
        """See interface.Adapter."""
        kept = self._contexts.pop(context)
        self._call("SSL_CTX_free", (context,), lambda: self._api["SSL_CTX_free"](kept.pointer))
        # `kept` and its callbacks live on in the connections that are left, as the context does in theirs.

    # Connections

    def new_connection(self, context: Context) -> Connection:
        """See interface.Adapter."""
        kept = self._contexts[context]
        name = Connection(self._name(kept.role))
        pointer = self._call("SSL_new", (context,), lambda: self._api["SSL_new"](kept.pointer), lambda _: name)
        self._connections[name] = NativeConnection(pointer, kept)
        self._by_pointer[pointer] = name
        return name

    def set_session(self, connection: Connection, session: Session | None) -> Outcome:
        """See interface.Adapter."""
        return self._outcome("SSL_set_session", (connection, session), self._connections[connection].pointer, session)

    def get_session(self, connection: Connection) -> Session | None:
        """See interface.Adapter."""
        session = self._session_by("SSL_get1_session", connection)
        if session:
            self._sessions.owned[session] += 1
        return session

    def peek_session(self, connection: Connection) -> Session | None:
        """See interface.Adapter."""
        # A macro for the other one but in wolfSSL, where that one makes an entry of a cache and hands out a reference to it.
        return self._session_by("SSL_get0_session" if self._api.has("SSL_get0_session") else "SSL_get_session", connection)

    def received_session(self, connection: Connection) -> Session | None:
        """See interface.Adapter."""
        conn = self._connections[connection]
        if conn.context.variant.version != "TLSv1.3":
            return self.get_session(connection)
        if not conn.delivered:
            return None
        *others, last = conn.delivered
        conn.delivered.clear()
        for session in others:
            self.release(session)
        return last

    def exchange(self, client: Connection, server: Connection) -> None:
        """See interface.Adapter."""
        one, two = (self._connections[end].pointer for end in (client, server))
        space = create_string_buffer(1)
        self._clear_errors()
        self._call("SSL_write", (server, "1 byte"), lambda: self._api["SSL_write"](two, b"x", 1), int)
        read = self._call("SSL_read", (client, "1 byte"), lambda: self._api["SSL_read"](one, space, 1), int)
        if read != 1:
            message = f"{client} could not read what {server} wrote: {self._reason(one, read)}"
            raise AdapterBroken(message)

    def shutdown(self, connection: Connection) -> int:
        """See interface.Adapter."""
        self._clear_errors()
        return int(self._on_connection("SSL_shutdown", connection, show=int))

    def set_shutdown(self, connection: Connection, flags: Sequence[ShutdownFlag]) -> None:
        """See interface.Adapter."""
        bits = sum(SSL_SHUTDOWN[ShutdownFlag(flag)] for flag in flags)
        self._on_connection("SSL_set_shutdown", connection, bits, shown=list(flags))

    def set_quiet_shutdown(self, connection: Connection) -> None:
        """See interface.Adapter."""
        self._on_connection("SSL_set_quiet_shutdown", connection, 1)

    def clear(self, connection: Connection) -> None:
        """See interface.Adapter."""
        self._on_connection("SSL_clear", connection, show=int)
        self._part(connection)
        conn = self._connections[connection]
        conn.finished, conn.failed = False, ""

    def free_connection(self, connection: Connection) -> None:
        """See interface.Adapter."""
        self._on_connection("SSL_free", connection)
        self._part(connection)
        conn = self._connections.pop(connection)
        self._by_pointer.pop(conn.pointer, None)
        if conn.socket:
            conn.socket.close()

    def reused(self, connection: Connection) -> bool:
        """See interface.Adapter."""
        return bool(self._on_connection("SSL_session_reused", connection, show=int))

    def version(self, connection: Connection) -> str:
        """See interface.Adapter."""
        return str(self._on_connection("SSL_get_version", connection, show=bytes.decode).decode())

    # Sessions

    def new_session(self, label: str, version: str, age: int, timeout: int) -> Session:
        """See interface.Adapter."""
        if not self._api.family.reads_der:
            return self._shake_out(label, version, timeout - age)
        made: dict[str, Value] = {"id": label, "version": version, "age": age, "timeout": timeout}
        self._clear_errors()
        pointer = self._call("d2i_SSL_SESSION", (made,), lambda: self._sessions.make(label, version, age, timeout), self._shown)
        if not pointer:
            raise NotObservable(
                "hand-made-sessions", f"d2i_SSL_SESSION refuses one of {version}: {'; '.join(self._errors()) or 'no reason'}"
            )
        session = self._sessions.name(pointer)
        self._sessions.owned[session] += 1
        return session

    def _shake_out(self, label: str, version: str, lifetime: int) -> Session:
        """Return the session of a handshake of which nothing else is left, with this id and `lifetime` seconds to live."""
        variant = {"TLSv1.2": Variant.TLS12_ID, "TLSv1.3": Variant.TLS13_STATELESS}.get(version)
        if variant is None:
            raise NotObservable("hand-made-sessions", f"the library reads none made by hand, and no handshake gives one of {version}")
        for_server = {context.role for context in self._contexts.values()} == {Role.SERVER}
        contexts = self.new_context(Role.CLIENT, variant), self.new_context(Role.SERVER, variant)
        # The handshake must not put into a cache what the scenario has not added.
        self.set_cache(contexts[1], [CacheMode.SERVER, CacheMode.NO_INTERNAL_STORE])
        client, server = (self.new_connection(context) for context in contexts)
        done = self.handshake(client, server, Point.ESTABLISHED)
        if done.failed:
            raise NotObservable("hand-made-sessions", f"the handshake that should give one failed: {done.failed}")
        self.exchange(client, server)
        # A library that reads none files a session under the end that it was made at, and a server looks for a server's.
        session = self.get_session(server) if for_server else self.received_session(client)
        if session is None:
            raise NotObservable("hand-made-sessions", "the handshake that should give one gave the client no session")
        self._name_it(session, label, lifetime)
        for connection in (client, server):
            self.free_connection(connection)
        for context in contexts:
            self.free_context(context)
        return session

    def _name_it(self, session: Session, label: str, lifetime: int) -> None:
        # Another id in each row: a cache that all contexts share holds what earlier rows left there.
        pointer, identity = self._sessions.pointer(session), id_of(label and f"{self._row} {label}")
        set_id, set_timeout = self._api["SSL_SESSION_set1_id"], self._api["SSL_SESSION_set_timeout"]
        self._call("SSL_SESSION_set1_id", (session, label), lambda: set_id(pointer, identity, len(identity)), int)
        self._call("SSL_SESSION_set_timeout", (session, max(lifetime, 0)), lambda: set_timeout(pointer, max(lifetime, 0)), int)

    def release(self, session: Session) -> None:
        """See interface.Adapter."""
        before = self._sessions.count(session)
        pointer = self._sessions.pointer(session)
        self._sessions.owned[session] -= 1
        self._call("SSL_SESSION_free", (session,), lambda: self._api["SSL_SESSION_free"](pointer))
        self._sessions.check_release(session, before)

    def references(self, session: Session) -> int:
        """See interface.Adapter."""
        count = self._sessions.references(session)
        self.trace.observe("references" if self._sessions.two_witnesses else "references, by one witness", (session,), count)
        return count

    def destroyed(self, session: Session) -> bool:
        """See interface.Adapter."""
        gone = self._sessions.destroyed(session)
        self.trace.observe("destroyed", (session,), gone)
        return gone

    def resumable(self, session: Session) -> bool:
        """See interface.Adapter."""
        if not self._api.has("SSL_SESSION_is_resumable"):
            raise NotObservable("marked", "the library has no SSL_SESSION_is_resumable")
        pointer = self._sessions.pointer(session)
        return bool(self._call("SSL_SESSION_is_resumable", (session,), lambda: self._api["SSL_SESSION_is_resumable"](pointer), int))

    # Machinery of contexts

    def _owned(self) -> Iterable[Session]:
        return self._sessions.still_owned()

    def _method(self, role: Role) -> str:
        # 1.0.2 has no way to limit the range of versions: there the method is the version.
        return f"TLS_{role}_method" if self._api.has(f"TLS_{role}_method") else f"TLSv1_2_{role}_method"

    def _limit_protocol(self, name: Context, context: NativeContext) -> None:
        if self._api.has(f"TLS_{context.role}_method"):
            number = VERSION_NUMBERS[context.variant.version]
            self._on_context("SSL_CTX_set_min_proto_version", name, number, shown=context.variant.version)
            self._on_context("SSL_CTX_set_max_proto_version", name, number, shown=context.variant.version)
        elif context.role is Role.SERVER:
            # Before 1.1.0 a server offers no elliptic curve unless told to, and could not use its P-256 key.
            self._on_context("SSL_CTX_set_ecdh_auto", name, 1)
        if context.variant in (Variant.TLS12_ID, Variant.TLS13_STATEFUL):
            self._on_context("SSL_CTX_set_options", name, self._api.family.options["SSL_OP_NO_TICKET"], shown="SSL_OP_NO_TICKET")

    def _make_server(self, name: Context, context: NativeContext) -> None:
        use_certificate, use_key = self._api["SSL_CTX_use_certificate_ASN1"], self._api["SSL_CTX_use_PrivateKey_ASN1"]
        accepted = [
            self._call(
                "SSL_CTX_use_certificate_ASN1",
                (name, "certificate"),
                lambda: use_certificate(context.pointer, len(self._certificate), self._certificate),
                int,
            ),
            self._call(
                "SSL_CTX_use_PrivateKey_ASN1",
                (name, "key"),
                lambda: use_key(EVP_PKEY_EC, context.pointer, self._key, len(self._key)),
                int,
            ),
        ]
        if accepted != [1, 1]:
            message = f"the library does not take the server's certificate: {self._errors()}"
            raise AdapterBroken(message)

    def _make_client(self, name: Context, context: NativeContext) -> None:
        family = self._api.family
        if family.verifies:
            called = self._api["SSL_CTX_set_verify"]
            self._call("SSL_CTX_set_verify", (name, "SSL_VERIFY_NONE"), lambda: called(context.pointer, SSL_VERIFY_NONE, None))
        if family.asks_for_tickets and context.variant is Variant.TLS12_TICKET:
            ask = self._api[family.asks_for_tickets]
            self._call(family.asks_for_tickets, (name,), lambda: ask(context.pointer), int)
        if context.variant.version == "TLSv1.3":
            self._collect_sessions(name, context)

    def _collect_sessions(self, name: Context, context: NativeContext) -> None:
        def arrived(ssl: int, pointer: int) -> int:
            session = self._sessions.name(pointer)
            connection = self._by_pointer[ssl]
            self.trace.callback("new_session", (connection, session))
            self._connections[connection].delivered.append(session)
            self._sessions.owned[session] += 1
            return 1

        context.callbacks.append(NEW_CALLBACK(arrived))
        self._on_context("SSL_CTX_sess_set_new_cb", name, context.callbacks[-1], shown="new_session")

    def _bare_connection(self) -> int:
        context = self._api["SSL_CTX_new"](self._api[self._method(Role.CLIENT)]())
        connection = int(self._api["SSL_new"](context))
        self._api["SSL_CTX_free"](context)
        return connection

    # Machinery of connections

    def _turn(self, end: Connection) -> None:
        conn = self._connections[end]
        function = "SSL_connect" if conn.context.role is Role.CLIENT else "SSL_accept"
        self._clear_errors()
        result = self._on_connection(function, end, show=int)
        if result == 1:
            conn.finished = True
            return
        code = self._call("SSL_get_error", (end, result), lambda: self._api["SSL_get_error"](conn.pointer, result), SSL_ERROR_NAMES.get)
        if code not in SSL_ERROR_WAITING:
            conn.failed = f"{function}({end}): {'; '.join(self._errors()) or SSL_ERROR_NAMES.get(code, code)}"

    def _session_by(self, function: str, connection: Connection) -> Session | None:
        pointer = self._connections[connection].pointer
        found = self._call(function, (connection,), lambda: self._api[function](pointer), self._shown)
        return self._sessions.name(found) if found else None

    def _shown(self, pointer: int | None) -> Value:
        return self._sessions.name(pointer) if pointer else None


def open_native(path: str, certificate: bytes, key: bytes) -> NativeDriver:
    """Return a driver for the libssl at `path`; raises LibraryNotLoaded, in one line, whatever is wrong with the file."""
    try:
        return NativeDriver(Path(path), certificate, key)
    except OSError as error:
        message = f"{path}: {error}"
        raise LibraryNotLoaded(message) from error
