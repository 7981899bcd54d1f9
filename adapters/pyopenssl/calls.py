"""Calls of pyOpenSSL, recorded: of its public API, whose exceptions are answers like any other, and of its binding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from OpenSSL import SSL

from sslspec.adapters.driver import Attempts
from sslspec.adapters.pyopenssl.binding import function as function_of_binding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sslspec.adapters.trace import Trace
    from sslspec.evidence import Value


class Calls:
    """What is called stands in `trace`: `Connection.shutdown` for the public API, `lib.SSL_free` for the binding.

    public: makes a call of the public API, and returns its result or the SSL.Error that it raised.
    """

    def __init__(self, trace: Trace) -> None:
        """Record into `trace`."""
        self._trace = trace
        self.public = Attempts(trace, (SSL.Error,), said)

    def binding(
        self,
        function: str,
        arguments: Sequence[Value],
        *values: Any,  # what cffi takes
        show: Callable[[Any], Value] | None = None,
    ) -> Any:  # whatever the C function returns
        """Call a C function with `values`; raises NotImplementedThere where the binding has no such function."""
        called = function_of_binding(function)
        return self._trace.call(f"lib.{function}", arguments, lambda: called(*values), show)


def reasons(error: SSL.Error) -> list[str]:
    """Return the reasons of the error stack that pyOpenSSL took, oldest first, or its own word where it looked at none."""
    if error.args and isinstance(error.args[0], list):
        return [reason or "an error without a reason" for _library, _function, reason in error.args[0]]
    return [str(error.args[-1])] if error.args else []


def said(error: SSL.Error) -> str:
    """Return an exception of pyOpenSSL in one line."""
    return ": ".join(filter(None, (type(error).__name__, "; ".join(reasons(error)))))
