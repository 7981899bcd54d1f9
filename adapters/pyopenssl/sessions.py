"""The sessions in sight: their names, the application's references to them, and the count of all references.

The binding has no ex_data for sessions, so nothing tells when one is destroyed, and its address may then be another's. A
session to which the application owns a reference is known by its address. Any other keeps its name only while a connection
holds it, or while a server's cache may hold it, and only if its secret is still the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from OpenSSL import SSL

from sslspec.adapters.der import session as der_session
from sslspec.adapters.errors import AdapterBroken, NotObservable
from sslspec.adapters.interface import Session
from sslspec.adapters.pyopenssl import binding
from sslspec.adapters.refcount import calibrate, word_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Reference(NamedTuple):
    """One reference that the application owns.

    wrapper: pyOpenSSL's object around it; None for one that the binding gave. context: the Context the wrapper belongs to.
    """

    pointer: Any
    wrapper: SSL.Session | None = None
    context: SSL.Context | None = None


class Sessions:
    """All sessions of the row so far."""

    def __init__(self, now: Callable[[], float], held: Callable[[], Iterable[Any]]) -> None:
        """Look for the reference count.

        now: tells the time, in seconds of the epoch. held: returns the session pointers inside all living connections.
        """
        self._now = now
        self._held = held
        self._offset = self._calibrate()
        self.begin()

    def begin(self) -> None:
        """Forget all names."""
        self._count = 0
        self._names: dict[int, Session] = {}
        self._secrets: dict[Session, bytes] = {}
        self._cached: set[Session] = set()
        self.owned: dict[Session, list[Reference]] = {}

    def make(self, label: str, version: str, age: int, timeout: int) -> Session | None:
        """Return a new session made by hand, None where the library refuses it; see interface.Adapter.new_session."""
        pointer = binding.session_from(der_session(label, version, int(self._now()) - age, timeout))
        if pointer == binding.NULL:
            return None
        # All of them have the same secret: it must not make this one pass for an earlier one at its address.
        self._names.pop(binding.address(pointer), None)
        return self.take(Reference(pointer))

    def take(self, reference: Reference, *, cached: bool = False) -> Session:
        """Record a reference of the application's, and return the session's name as `name` does."""
        session = self.name(reference.pointer, cached=cached)
        self.owned.setdefault(session, []).append(reference)
        return session

    def give_back(self, session: Session) -> Any:  # cffi has no types
        """Return the pointer behind one of the application's references, which the caller frees right after."""
        if not self.owned.get(session):
            message = f"the application has no reference to {session} that it could give back"
            raise AdapterBroken(message)
        reference = self.owned[session].pop()
        self._secrets[session] = binding.secret_of(reference.pointer)
        return binding.take_over(reference.wrapper) if reference.wrapper else reference.pointer

    def name(self, pointer: Any, *, cached: bool) -> Session:
        """Return the name of the session at `pointer`, a new one when it has not been seen before.

        cached: whether it was found where it may also be in a server's cache, from which it can come back.
        """
        session = self._recognise(pointer)
        if session is None:
            self._count += 1
            session = self._names[binding.address(pointer)] = Session(f"session{self._count}")
            self._secrets[session] = binding.secret_of(pointer)
        if cached:
            self._cached.add(session)
        return session

    def forget_lost(self) -> None:
        """Forget the names of sessions that nobody known can hold any more: another may come to stand at their address.

        In a resumption with a ticket the server's new session has the old one's secret, and often its address.
        """
        held = {self._recognise(pointer) for pointer in self._held()}
        for address, session in list(self._names.items()):
            if not (self.owned.get(session) or session in held or session in self._cached):
                del self._names[address]

    def pointer(self, session: Session) -> Any:
        """Return where `session` is; raises NotObservable (capability "destruction") when it may be gone."""
        if self.owned.get(session):
            return self.owned[session][-1].pointer
        for pointer in self._held():
            if self._recognise(pointer) == session:
                return pointer
        raise NotObservable("destruction", f"whether {session} still exists cannot be seen, and to use it could be undefined")

    def wrapper(self, session: Session, context: SSL.Context) -> SSL.Session | None:
        """Return pyOpenSSL's own object for `session` that belongs to `context`, None where there is none."""
        owned = self.owned.get(session, [])
        return next((reference.wrapper for reference in owned if reference.context is context), None)

    def references(self, session: Session) -> int:
        """Return the count in memory; raises NotObservable where there is no such word, or the memory may not be valid."""
        if isinstance(self._offset, str):
            raise NotObservable("reference-count", self._offset)
        try:
            pointer = self.pointer(session)
        except NotObservable as error:
            reason = f"neither the application nor a connection holds {session}, and its destruction cannot be seen"
            raise NotObservable("reference-count", reason) from error
        return word_at(binding.address(pointer) + self._offset)

    def _recognise(self, pointer: Any) -> Session | None:
        session = self._names.get(binding.address(pointer))
        if session is None or self.owned.get(session):
            return session
        secret = self._secrets[session]
        return session if any(secret) and secret == binding.secret_of(pointer) else None

    def _calibrate(self) -> int | str:
        pointer = binding.session_from(der_session("calibration", "TLSv1.2", int(self._now()), 7200))
        if pointer == binding.NULL:
            return "no session can be made by hand to find the count in"
        # The binding has no SSL_SESSION_up_ref: a reference is taken through a connection that holds the session.
        holder = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), None)
        inside = binding.pointer_in(holder)
        take, give_back = binding.function("SSL_get1_session"), binding.function("SSL_SESSION_free")
        if binding.function("SSL_set_session")(inside, pointer) != 1:
            return "no connection takes a session made by hand to find the count in"
        found = calibrate(binding.address(pointer), lambda: take(inside), lambda: give_back(pointer))
        give_back(pointer)
        return found
