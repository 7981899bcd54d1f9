"""How the native driver calls a function of its library: by the objects' names, recorded, with the error stack read after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sslspec.adapters.driver import Driver, End
from sslspec.adapters.interface import Connection, Outcome, Role, Session, Variant

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from sslspec.adapters.interface import Context
    from sslspec.adapters.native.api import Api
    from sslspec.adapters.native.sessions import Sessions
    from sslspec.evidence import Value

# <openssl/ssl.h>, the same in every release.
SSL_ERROR_NAMES = {
    1: "SSL_ERROR_SSL",
    2: "SSL_ERROR_WANT_READ",
    3: "SSL_ERROR_WANT_WRITE",
    5: "SSL_ERROR_SYSCALL",
    6: "SSL_ERROR_ZERO_RETURN",
}


@dataclass
class NativeContext:
    """What is kept of a context."""

    pointer: int
    role: Role
    variant: Variant
    # ctypes callbacks die with their last reference, while the library still holds the pointer.
    callbacks: list[Any] = field(default_factory=list)


@dataclass
class NativeConnection(End):
    """What is kept of a connection."""

    pointer: int
    # The application may free a context before its connections.
    context: NativeContext
    bio: int = 0
    socket: socket.socket | None = None
    delivered: list[Session] = field(default_factory=list)


class Calls(Driver):
    """The driver's lower half."""

    _api: Api
    _sessions: Sessions
    _contexts: dict[Context, NativeContext]
    _connections: dict[Connection, NativeConnection]

    def _call(self, function: str, arguments: Sequence[Value], make: Callable[[], Any], show: Callable[[Any], Value] | None = None) -> Any:
        return self.trace.call(function, arguments, make, show)

    def _on_context(self, function: str, context: Context, value: Any, shown: Value = None) -> None:
        pointer, called = self._contexts[context].pointer, self._api[function]
        arguments = (context, value if shown is None else shown)
        self._call(function, arguments, lambda: called(pointer, value))

    def _on_connection(
        self, function: str, connection: Connection, *values: int, shown: Value = None, show: Callable[[Any], Value] | None = None
    ) -> Any:
        pointer, called = self._connections[connection].pointer, self._api[function]
        arguments = (connection, *(values if shown is None else (shown,)))
        return self._call(function, arguments, lambda: called(pointer, *values), show)

    def _outcome(self, function: str, arguments: Sequence[Value], target: int, session: Session | None) -> Outcome:
        pointer, called = self._sessions.pointer(session) if session else None, self._api[function]
        self._clear_errors()
        value = self._call(function, arguments, lambda: called(target, pointer), int)
        return Outcome(value, self._errors())

    def _clear_errors(self) -> None:
        self._api["ERR_clear_error"]()

    def _errors(self) -> list[str]:
        """Take the error stack, oldest first, each as the library words it."""
        said: list[str] = []
        while code := self._api["ERR_get_error"]():
            reason = self._api["ERR_reason_error_string"](code)
            said.append(reason.decode("utf-8", "replace") if reason else f"error {code:#x}")
        return said

    def _reason(self, pointer: int, result: int) -> str:
        code = self._api["SSL_get_error"](pointer, result)
        return "; ".join(self._errors()) or str(SSL_ERROR_NAMES.get(code, code))
