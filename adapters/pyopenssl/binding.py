"""What lies below pyOpenSSL's public API: its cffi binding, and the C pointers inside its objects.

Both are private to pyOpenSSL and have no types. No other module of this adapter touches them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from OpenSSL import SSL
from OpenSSL._util import ffi, lib

from sslspec.adapters.errors import NotImplementedThere

if TYPE_CHECKING:
    from collections.abc import Callable

#: Who lacks a function, in the words of NotImplementedThere.
WHERE = "pyOpenSSL's binding"

NULL: Any = ffi.NULL

#: SSL_MAX_MASTER_KEY_LENGTH of <openssl/ssl.h>; TLS 1.3 fills at most 64 bytes of it.
_LONGEST_SECRET = 256


def function(name: str) -> Callable[..., Any]:
    """Return the C function called `name`; raises NotImplementedThere where the binding was made without it."""
    found: Callable[..., Any] | None = getattr(lib, name, None)
    if found is None:
        raise NotImplementedThere(name, WHERE)
    return found


def pointer_in(wrapper: SSL.Context | SSL.Connection | SSL.Session) -> Any:  # cffi has no types
    """Return the C pointer inside one of pyOpenSSL's objects."""
    if isinstance(wrapper, SSL.Context):
        return wrapper._context  # noqa: SLF001  # there is no public way to it
    return wrapper._ssl if isinstance(wrapper, SSL.Connection) else wrapper._session  # noqa: SLF001


def take_over(wrapper: SSL.Context | SSL.Connection | SSL.Session) -> Any:
    """Return the pointer inside `wrapper`, which from now on the caller has to free.

    pyOpenSSL frees it when the last Python reference to its object goes, which may be later than anybody meant (a Session
    holds its Context, a traceback holds whatever its frames held). So the free is taken away from Python's reference counts
    and made a call of ours.
    """
    pointer = pointer_in(wrapper)
    ffi.gc(pointer, None)
    return pointer


def address(pointer: Any) -> int:
    """Return where a C pointer points to, 0 for NULL."""
    return int(ffi.cast("uintptr_t", pointer))


def session_from(der: bytes) -> Any:
    """Return a new SSL_SESSION from its DER, or NULL."""
    data = ffi.new("unsigned char[]", der)
    return function("d2i_SSL_SESSION")(NULL, ffi.new("const unsigned char **", data), len(der))


def secret_of(session: Any) -> bytes:
    """Return the secret of an SSL_SESSION, empty or zeros as long as it has none."""
    space = ffi.new("unsigned char[]", _LONGEST_SECRET)
    length = function("SSL_SESSION_get_master_key")(session, space, _LONGEST_SECRET)
    return bytes(ffi.buffer(space, length))


def clear_errors() -> None:
    """Empty the error stack."""
    lib.ERR_clear_error()


def take_errors() -> list[str]:
    """Take the error stack, oldest first, each as the library words it."""
    said: list[str] = []
    while code := lib.ERR_get_error():
        reason = lib.ERR_reason_error_string(code)
        said.append(ffi.string(reason).decode("utf-8", "replace") if reason != NULL else f"error {code:#x}")
    return said
