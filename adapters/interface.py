"""The interface between the scenarios and whatever they are run against, in the API's own terms.

Objects are named by the adapter (`ctx1`, `client1`, `server1`, `session1`, counted from 1 in each row), so that an operation and
its answer are plain JSON and the same interface works in process, through a worker, and from another language.
A row begins with `begin` and ends with `end`. Between them every operation may raise what `errors.py` lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, NewType, NotRequired, Protocol, TypedDict

from sslspec.evidence import Event

#: Of this interface and of the protocol over it (PROTOCOL.md); raised when a program written on the last one would be misunderstood.
VERSION = 1

Context = NewType("Context", str)
Connection = NewType("Connection", str)
Session = NewType("Session", str)


class Role(StrEnum):
    """Which end of a connection a context makes."""

    CLIENT = "client"
    SERVER = "server"


class Variant(StrEnum):
    """The protocol, and where the server keeps what it needs for a resumption."""

    TLS12_ID = "TLS 1.2 with session ids"
    TLS12_TICKET = "TLS 1.2 with tickets"
    TLS13_STATELESS = "TLS 1.3 stateless"
    TLS13_STATEFUL = "TLS 1.3 stateful"

    @property
    def version(self) -> str:
        """Return the protocol's name as SSL_get_version(3) gives it."""
        return "TLSv1.3" if self in (Variant.TLS13_STATELESS, Variant.TLS13_STATEFUL) else "TLSv1.2"

    @property
    def in_server_cache(self) -> bool:
        """Return whether the server finds the session in its cache rather than in a ticket."""
        return self in (Variant.TLS12_ID, Variant.TLS13_STATEFUL)


class CacheMode(StrEnum):
    """The flags of SSL_CTX_set_session_cache_mode(3); none of them means off."""

    CLIENT = "client"
    SERVER = "server"
    NO_INTERNAL_STORE = "no-internal-store"
    NO_INTERNAL_LOOKUP = "no-internal-lookup"


class ShutdownFlag(StrEnum):
    """The flags of SSL_set_shutdown(3)."""

    SENT = "sent"
    RECEIVED = "received"


class Reaction(StrEnum):
    """What a callback for removed sessions does with the session it is given."""

    NOTHING = "nothing"
    COUNT = "counts the entries"
    ADD = "adds the session"
    REMOVE = "removes the session"
    FREE = "frees the session"


class Point(StrEnum):
    """How far a handshake goes; a later call takes it further."""

    CLIENT_SPOKE = "client spoke"
    SERVER_ANSWERED = "server answered"
    ESTABLISHED = "established"


#: What an adapter can claim, and in which words a report says that it is missing.
CAPABILITIES = {
    "reference-count": "the number of references to a session",
    "destruction": "the moment a session is destroyed",
    "entries": "the number of entries of a context's cache",
    "marked": "whether a session is marked as not resumable",
    "hand-made-sessions": "sessions with a chosen id and time",
    "removal-callback": "the callback for removed sessions",
    "own-cache": "a server that has forgotten its sessions",
    "error-stack": "the error stack after a call",
    "cache-size": "a limit on the number of entries",
    **{variant.value: f"handshakes with {variant.value}" for variant in Variant},
}


class Outcome(NamedTuple):
    """What a call returned, and what it left on the error stack, oldest first (None: cannot be seen)."""

    value: int
    errors: list[str] | None


class Handshake(NamedTuple):
    """How far a handshake has come.

    client, server: whether that end has finished. failed: why it cannot go on, or "".
    """

    client: bool
    server: bool
    failed: str


class Command(NamedTuple):
    """A function of the API that is a command of another one, by its number."""

    function: str
    number: int


class Linking(TypedDict):
    """How a C program calls the functions of a library: the fields of record.Linking."""

    libraries: list[str]
    symbols: dict[str, str]
    macros: dict[str, Command]
    missing: list[str]
    constants: dict[str, int]
    ahead: int


class Description(TypedDict):
    """What is driven.

    version: in the library's own words. family: the code base it descends from. release: what releases are compared by, "1.1.1k";
    "" where the library does not say. files: the paths of what is mapped. sha256: their hashes by path, in hex, from an adapter that is
    not on this machine. linking: left out where no program can be linked with it.
    """

    version: str
    family: str
    release: str
    files: list[str]
    sha256: NotRequired[dict[str, str]]
    linking: NotRequired[Linking]


class Adapter(Protocol):
    """What drives one implementation.

    A function that the library lacks raises NotImplementedThere, an observation that cannot be made NotObservable. Observing
    changes nothing: no observation of this interface takes a reference, removes an entry or makes a handshake.
    """

    def describe(self) -> Description:
        """Return what is driven."""
        ...

    def begin(self) -> None:
        """Begin a row: names are counted from 1 again."""
        ...

    def end(self) -> None:
        """End a row: free everything that is left, connections first, then sessions, then contexts."""
        ...

    def evidence(self) -> list[Event]:
        """Return what has happened since it was last asked, in order."""
        ...

    # Contexts

    def new_context(self, role: Role, variant: Variant) -> Context:
        """Make a context for one end that speaks `variant` and nothing else."""
        ...

    def stranger(self, context: Context) -> Context:
        """Make another context like `context`, that knows nothing of its sessions: with a cache and ticket keys of its own.

        Raises NotObservable (capability "own-cache") where contexts share a cache.
        """
        ...

    def set_cache(self, context: Context, flags: Sequence[CacheMode]) -> None:
        """Set the cache mode to exactly `flags`: SSL_CTX_set_session_cache_mode(3).

        A binding that cannot raises NotImplementedThere, unless its contexts behave so anyway.
        """
        ...

    def set_cache_size(self, context: Context, entries: int) -> None:
        """Limit the cache: SSL_CTX_sess_set_cache_size(3)."""
        ...

    def watch_removals(self, context: Context, reaction: Reaction = Reaction.NOTHING) -> None:
        """Install a callback for removed sessions: SSL_CTX_sess_set_remove_cb(3).

        reaction: what it does, with this context and the session it is given, the first time it is called: SSL_CTX_sess_number(3),
        SSL_CTX_add_session(3), SSL_CTX_remove_session(3) or SSL_SESSION_free(3). Once, or a removal that calls back would never end.
        """
        ...

    def removals(self, context: Context) -> list[Session]:
        """Return the sessions that callback was called with, in order."""
        ...

    def reacted(self, context: Context) -> int | None:
        """Return what the function that the callback called has returned; None when it called none, or one that returns nothing."""
        ...

    def add_session(self, context: Context, session: Session | None) -> Outcome:
        """Call SSL_CTX_add_session(3), with NULL for None."""
        ...

    def remove_session(self, context: Context, session: Session | None) -> Outcome:
        """Call SSL_CTX_remove_session(3), with NULL for None."""
        ...

    def entries(self, context: Context) -> int:
        """Return how many sessions the context's internal cache holds: SSL_CTX_sess_number(3)."""
        ...

    def flush(self, context: Context) -> None:
        """Drop every session from the context's internal cache, as if all had expired: SSL_CTX_flush_sessions(3)."""
        ...

    def free_context(self, context: Context) -> None:
        """Give the application's reference to the context back."""
        ...

    # Connections

    def new_connection(self, context: Context) -> Connection:
        """Make a connection of the context's role."""
        ...

    def set_session(self, connection: Connection, session: Session | None) -> Outcome:
        """Call SSL_set_session(3), with NULL for None."""
        ...

    def get_session(self, connection: Connection) -> Session | None:
        """Call SSL_get1_session(3): the connection's session, to which the application takes a reference."""
        ...

    def peek_session(self, connection: Connection) -> Session | None:
        """Call SSL_get_session(3): the connection's session, without a reference of the application's own."""
        ...

    def received_session(self, connection: Connection) -> Session | None:
        """Return the session that a later connection of this client may offer; the application then owns a reference to it.

        In TLS 1.3 it is the last one that the server sent, as the new-session callback got it where there is one: the
        session inside the connection need not be one that can be resumed.
        """
        ...

    def handshake(self, client: Connection, server: Connection, until: Point) -> Handshake:
        """Take the handshake of the two ends as far as `until`, from wherever it is."""
        ...

    def exchange(self, client: Connection, server: Connection) -> None:
        """Send one byte from the server to the client; what the server sent after the handshake (tickets) arrives with it."""
        ...

    def hang_up(self, connection: Connection) -> None:
        """Close the transport at this end without a word of TLS: the other end reads an end of file."""
        ...

    def shutdown(self, connection: Connection) -> int:
        """Call SSL_shutdown(3)."""
        ...

    def set_shutdown(self, connection: Connection, flags: Sequence[ShutdownFlag]) -> None:
        """Call SSL_set_shutdown(3) with exactly `flags`."""
        ...

    def set_quiet_shutdown(self, connection: Connection) -> None:
        """Call SSL_set_quiet_shutdown(3) with 1."""
        ...

    def clear(self, connection: Connection) -> None:
        """Call SSL_clear(3)."""
        ...

    def free_connection(self, connection: Connection) -> None:
        """Call SSL_free(3)."""
        ...

    def reused(self, connection: Connection) -> bool:
        """Return what SSL_session_reused(3) says at this end."""
        ...

    def version(self, connection: Connection) -> str:
        """Return the negotiated protocol: SSL_get_version(3)."""
        ...

    # Sessions

    def new_session(self, label: str, version: str, age: int, timeout: int) -> Session:
        """Make a session that no handshake of the scenario gave; the application owns its only reference.

        label: a name for its session id, equal for equal ids, "" for a session without one.
        version: the protocol, "TLSv1.2" or "TLSv1.3", or "unheard of" for one that no library knows.
        age, timeout: in seconds; one older than its timeout has expired.
        A library that reads no session made by hand gives one of a handshake of its own, with the id and the rest of the time.
        """
        ...

    def release(self, session: Session) -> None:
        """Give one of the application's references back: SSL_SESSION_free(3)."""
        ...

    def references(self, session: Session) -> int:
        """Return how many references to `session` exist, the application's own included; 0 when it was destroyed.

        Raises NotObservable (capability "reference-count") where the library offers no way to count.
        """
        ...

    def destroyed(self, session: Session) -> bool:
        """Return whether the library has destroyed `session` (capability "destruction")."""
        ...

    def resumable(self, session: Session) -> bool:
        """Return False when the session is marked as not resumable: SSL_SESSION_is_resumable(3) (capability "marked")."""
        ...


#: The names of all operations, in the order of the interface.
OPERATIONS = tuple(name for name in vars(Adapter) if not name.startswith("_"))

#: What an operation returns where it is not plain JSON.
RETURNS: dict[str, type[Outcome | Handshake]] = {
    "set_session": Outcome,
    "add_session": Outcome,
    "remove_session": Outcome,
    "handshake": Handshake,
}
