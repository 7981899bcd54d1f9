"""The C functions that the native adapter calls: prototypes, and the macros that some releases have in their place.

Tables, and the look-up over them; what the functions are used for is in driver.py.
"""

from __future__ import annotations

from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_long, c_size_t, c_uint, c_ulong, c_void_p
from typing import TYPE_CHECKING, Any

from sslspec.adapters.errors import NotImplementedThere
from sslspec.adapters.interface import Command

if TYPE_CHECKING:
    from collections.abc import Callable

    from sslspec.adapters.interface import Linking
    from sslspec.adapters.native.families import Family
    from sslspec.adapters.native.library import Library

#: int (*)(SSL *, SSL_SESSION *)
NEW_CALLBACK = CFUNCTYPE(c_int, c_void_p, c_void_p)
#: void (*)(SSL_CTX *, SSL_SESSION *)
REMOVE_CALLBACK = CFUNCTYPE(None, c_void_p, c_void_p)
#: void CRYPTO_EX_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
FREE_CALLBACK = CFUNCTYPE(None, c_void_p, c_void_p, c_void_p, c_int, c_long, c_void_p)

_P = c_void_p

#: name -> (result, arguments), as in <openssl/ssl.h>, <openssl/err.h>, <openssl/bio.h> and <openssl/crypto.h>.
PROTOTYPES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "SSL_library_init": (c_int, ()),
    "SSL_load_error_strings": (None, ()),
    "TLS_client_method": (_P, ()),
    "TLS_server_method": (_P, ()),
    "TLSv1_2_client_method": (_P, ()),
    "TLSv1_2_server_method": (_P, ()),
    "SSL_CTX_new": (_P, (_P,)),
    "SSL_CTX_free": (None, (_P,)),
    "SSL_CTX_ctrl": (c_long, (_P, c_int, c_long, _P)),
    "SSL_CTX_set_options": (c_ulong, (_P, c_ulong)),
    "SSL_CTX_set_min_proto_version": (c_int, (_P, c_int)),
    "SSL_CTX_set_max_proto_version": (c_int, (_P, c_int)),
    "SSL_CTX_use_certificate_ASN1": (c_int, (_P, c_int, c_char_p)),
    "SSL_CTX_use_PrivateKey_ASN1": (c_int, (c_int, _P, c_char_p, c_long)),
    "SSL_CTX_set_session_cache_mode": (c_long, (_P, c_long)),
    "SSL_CTX_sess_set_cache_size": (c_long, (_P, c_long)),
    "SSL_CTX_sess_number": (c_long, (_P,)),
    "SSL_CTX_sess_set_new_cb": (None, (_P, NEW_CALLBACK)),
    "SSL_CTX_sess_set_remove_cb": (None, (_P, REMOVE_CALLBACK)),
    "SSL_CTX_add_session": (c_int, (_P, _P)),
    "SSL_CTX_remove_session": (c_int, (_P, _P)),
    "SSL_CTX_flush_sessions": (None, (_P, c_long)),
    "SSL_CTX_set_verify": (None, (_P, c_int, _P)),
    "SSL_CTX_UseSessionTicket": (c_int, (_P,)),  # wolfSSL
    "SSL_new": (_P, (_P,)),
    "SSL_free": (None, (_P,)),
    "SSL_clear": (c_int, (_P,)),
    "SSL_ctrl": (c_long, (_P, c_int, c_long, _P)),
    "SSL_set_bio": (None, (_P, _P, _P)),
    "SSL_set_fd": (c_int, (_P, c_int)),
    "SSL_connect": (c_int, (_P,)),
    "SSL_accept": (c_int, (_P,)),
    "SSL_get_error": (c_int, (_P, c_int)),
    "SSL_get_version": (c_char_p, (_P,)),
    "SSL_read": (c_int, (_P, _P, c_int)),
    "SSL_write": (c_int, (_P, c_char_p, c_int)),
    "SSL_shutdown": (c_int, (_P,)),
    "SSL_set_shutdown": (None, (_P, c_int)),
    "SSL_set_quiet_shutdown": (None, (_P, c_int)),
    "SSL_session_reused": (c_int, (_P,)),
    "SSL_set_session": (c_int, (_P, _P)),
    "SSL_get_session": (_P, (_P,)),
    "SSL_get0_session": (_P, (_P,)),  # a macro for SSL_get_session but in wolfSSL
    "SSL_get1_session": (_P, (_P,)),
    "SSL_SESSION_new": (_P, ()),
    "SSL_SESSION_set1_id": (c_int, (_P, c_char_p, c_uint)),
    "SSL_SESSION_set_timeout": (c_long, (_P, c_long)),
    "SSL_SESSION_up_ref": (c_int, (_P,)),
    "SSL_SESSION_free": (None, (_P,)),
    "SSL_SESSION_is_resumable": (c_int, (_P,)),
    "SSL_SESSION_set_ex_data": (c_int, (_P, c_int, _P)),
    "SSL_SESSION_get_ex_new_index": (c_int, (c_long, _P, _P, _P, FREE_CALLBACK)),
    "CRYPTO_get_ex_new_index": (c_int, (c_int, c_long, _P, _P, _P, FREE_CALLBACK)),
    "d2i_SSL_SESSION": (_P, (_P, POINTER(c_char_p), c_long)),
    "BIO_new_bio_pair": (c_int, (POINTER(_P), c_size_t, POINTER(_P), c_size_t)),
    "BIO_ctrl": (c_long, (_P, c_int, c_long, _P)),
    "ERR_clear_error": (None, ()),
    "ERR_get_error": (c_ulong, ()),
    "ERR_reason_error_string": (c_char_p, (c_ulong,)),
}


#: What is a macro over SSL_CTX_ctrl or SSL_ctrl in some releases, with a long for its only argument. SSL_CTRL_... of <openssl/ssl.h>;
#: the numbers have been the same since SSLeay.
MACROS: dict[str, Command] = {
    "SSL_session_reused": Command("SSL_ctrl", 8),
    "SSL_CTX_sess_number": Command("SSL_CTX_ctrl", 20),
    "SSL_CTX_set_options": Command("SSL_CTX_ctrl", 32),
    "SSL_CTX_sess_set_cache_size": Command("SSL_CTX_ctrl", 42),
    "SSL_CTX_set_session_cache_mode": Command("SSL_CTX_ctrl", 44),
    "SSL_CTX_set_ecdh_auto": Command("SSL_CTX_ctrl", 94),
    "SSL_CTX_set_min_proto_version": Command("SSL_CTX_ctrl", 123),
    "SSL_CTX_set_max_proto_version": Command("SSL_CTX_ctrl", 124),
}

CRYPTO_EX_INDEX_SSL_SESSION = 2


class Api:
    """The functions of one loaded library, looked up once."""

    def __init__(self, library: Library, family: Family, where: str) -> None:
        self.family = family
        self._library = library
        self._where = where
        self._found: dict[str, Callable[..., Any] | None] = {}

    def has(self, name: str) -> bool:
        """Return whether the library has `name`, as a symbol or as a macro over one."""
        return self._look_up(name) is not None

    def __getitem__(self, name: str) -> Callable[..., Any]:
        """Return the function called `name`; raises NotImplementedThere."""
        function = self._look_up(name)
        if function is None:
            raise NotImplementedThere(name, self._where)
        return function

    def linking(self) -> Linking:
        """Return how a C program calls the functions of this library: the fields of record.Linking."""
        exported = {name: symbol for name in PROTOTYPES if (symbol := self._exported(name))}
        macros = {name: macro for name, macro in MACROS.items() if name not in exported and macro.function in exported}
        return {
            "libraries": list(self.family.libraries),
            "symbols": {name: symbol for name, symbol in exported.items() if symbol != name},
            "macros": macros,
            "missing": [name for name in {**PROTOTYPES, **MACROS} if name not in exported and name not in macros],
            "constants": dict(self.family.options),
            "ahead": self.family.ahead,
        }

    def _look_up(self, name: str) -> Callable[..., Any] | None:
        if name not in self._found:
            self._found[name] = self._symbol(name) or self._macro(name)
        return self._found[name]

    def _symbol(self, name: str) -> Callable[..., Any] | None:
        symbol = self._exported(name) if name in PROTOTYPES else ""
        if not symbol:
            return None
        function = getattr(self._library, symbol)
        function.restype, function.argtypes = PROTOTYPES[name]
        return function  # type: ignore[no-any-return]  # ctypes makes it on the spot

    def _exported(self, name: str) -> str:
        return next((symbol for symbol in self.family.symbols(name) if hasattr(self._library, symbol)), "")

    def _macro(self, name: str) -> Callable[..., Any] | None:
        over = self._symbol(MACROS[name].function) if name in MACROS else None
        if over is None:
            return None
        command = MACROS[name].number
        return lambda target, value=0: over(target, command, value, None)
