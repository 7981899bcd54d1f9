"""What the drivers inside a worker have in common: a trace, names for objects, the turns of a handshake, a row's beginning and end.

Also how a binding says what it has no function for (`no_function`, `no_sight`), and how it calls what raises (`Attempts`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from sslspec.adapters.errors import NotImplementedThere, NotObservable
from sslspec.adapters.interface import Handshake, Point
from sslspec.adapters.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sslspec.adapters.interface import Connection, Context, Role, Session, Variant
    from sslspec.evidence import Event, Value

#: A handshake in memory needs at most five turns of each end; more means that it does not move.
_TURNS = 12


@dataclass(kw_only=True)
class End:
    """One end of a connection, as far as all drivers keep the same of it.

    peer: what it is joined to. finished: whether its handshake is done. failed: why that cannot go on, or "".
    """

    peer: Connection | None = None
    finished: bool = False
    failed: str = ""


class Driver:
    """The base of the drivers; what else these keep of a context or a connection is their own."""

    def __init__(self) -> None:
        self.trace = Trace()
        self._names: Counter[str] = Counter()
        self._contexts: dict[Context, Any] = {}
        self._connections: dict[Connection, Any] = {}  # each is an End

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

    def handshake(self, client: Connection, server: Connection, until: Point) -> Handshake:
        """See interface.Adapter."""
        one, two = self._connections[client], self._connections[server]
        if one.peer is None:
            self._join(client, server)
        turns = {Point.CLIENT_SPOKE: (client,), Point.SERVER_ANSWERED: (client, server)}.get(Point(until), (client, server) * _TURNS)
        for end in turns:
            if one.failed or two.failed or (one.finished and two.finished):
                break
            if not self._connections[end].finished:
                self._turn(end)
        return Handshake(one.finished, two.finished, one.failed or two.failed)

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

    def _join(self, client: Connection, server: Connection) -> None:
        """Connect two ends, each of which is then the other's peer."""
        raise NotImplementedError

    def _turn(self, end: Connection) -> None:
        """Call an end that is not done once, and note what came of it."""
        raise NotImplementedError

    def _part(self, connection: Connection) -> None:
        """Forget what `connection` was joined to; the other end keeps its own half."""
        conn = self._connections[connection]
        if conn.peer in self._connections:
            self._connections[conn.peer].peer = None
        conn.peer = None

    def _owned(self) -> Iterable[Session]:
        """Return the sessions the application holds, each as often as it holds a reference."""
        raise NotImplementedError

    def _name(self, kind: str) -> str:
        self._names[kind] += 1
        return f"{kind}{self._names[kind]}"


class Attempts:
    """Calls of a binding that raises: its exceptions are answers like any other.

    failures: which exceptions. said: one of them in a line, as it stands in the evidence.
    """

    def __init__(self, trace: Trace, failures: tuple[type[Exception], ...], said: Callable[[Any], str]) -> None:
        self._trace = trace
        self._failures = failures
        self._said = said

    def __call__(
        self, function: str, arguments: Sequence[Value], make: Callable[[], Any], show: Callable[[Any], Value] | None = None
    ) -> Any:  # whatever the function returns
        """Make a call, recorded, and return its result or the exception that it raised."""

        def answer() -> Any:
            try:
                return make()
            except self._failures as error:
                # A traceback would keep the binding's objects alive.
                return error.with_traceback(None)

        def shown(result: Any) -> Value:
            if isinstance(result, self._failures):
                return f"raises {self._said(result)}"
            return show(result) if show else None

        return self._trace.call(function, arguments, answer, shown)


def no_function(function: str, where: str) -> Callable[..., NoReturn]:
    """Return the operation of a driver for which `where` has no `function`: it raises NotImplementedThere."""

    def refuse(*_: object) -> NoReturn:
        raise NotImplementedThere(function, where)

    return refuse


def no_sight(capability: str, why: str) -> Callable[..., NoReturn]:
    """Return the operation of a driver that cannot see what it is asked: it raises NotObservable."""

    def refuse(*_: object) -> NoReturn:
        raise NotObservable(capability, why)

    return refuse
