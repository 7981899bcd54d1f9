"""The sessions in sight: their names, and the references that the application holds.

ssl hands out another SSLSession each time, and tells of the session inside no more than its id: so what has one id at one role's ends is
one session here. One without an id (TLS 1.3 before the tickets) is known by its connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sslspec.adapters.errors import AdapterBroken
from sslspec.adapters.interface import Connection, Role, Session

if TYPE_CHECKING:
    from ssl import SSLSession


class Sessions:
    """All sessions of the row so far."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget all names, and with them what is left of the application's references."""
        self._names: dict[tuple[Role, bytes | Connection], Session] = {}
        self._held: dict[Session, list[SSLSession]] = {}

    def name(self, session: SSLSession, role: Role, connection: Connection) -> Session:
        """Return the name of the session found in `connection`, a new one when it has not been seen before."""
        return self._names.setdefault((role, session.id or connection), Session(f"session{len(self._names) + 1}"))

    def keep(self, session: SSLSession, role: Role, connection: Connection) -> Session:
        """Keep a reference of the application's, and return the session's name."""
        name = self.name(session, role, connection)
        self._held.setdefault(name, []).append(session)
        return name

    def held(self, name: Session) -> SSLSession:
        """Return one of the application's references; raises AdapterBroken when there is none."""
        if not self._held.get(name):
            raise AdapterBroken(f"the application has no reference to {name}, and ssl no other way to it")
        return self._held[name][-1]

    def give_back(self, name: Session) -> None:
        """Let go of one of the application's references; raises AdapterBroken when there is none."""
        self.held(name)
        self._held[name].pop()

    def owned(self) -> list[Session]:
        """Return what the application holds, each as often as it holds a reference."""
        return [name for name, references in self._held.items() for _ in references]
