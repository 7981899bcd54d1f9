"""What the headers of a library would declare, so that a program needs none of them.

A program is written with the names of <openssl/ssl.h>. What a library calls otherwise, or does by SSL_CTX_ctrl, becomes a macro, as it is
one in the library's own header.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sslspec.record import Linking

TYPES = ("SSL_METHOD", "SSL_CTX", "SSL", "SSL_SESSION", "BIO")

_CALLBACK = "void (*free_func)(void *, void *, void *, int, long, void *)"

#: name -> result and arguments, as in <openssl/ssl.h>, <openssl/err.h>, <openssl/bio.h> and <openssl/crypto.h>.
PROTOTYPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "SSL_library_init": ("int", ()),
    "SSL_load_error_strings": ("void", ()),
    "TLS_client_method": ("const SSL_METHOD *", ()),
    "TLS_server_method": ("const SSL_METHOD *", ()),
    "TLSv1_2_client_method": ("const SSL_METHOD *", ()),
    "TLSv1_2_server_method": ("const SSL_METHOD *", ()),
    "SSL_CTX_new": ("SSL_CTX *", ("const SSL_METHOD *method",)),
    "SSL_CTX_free": ("void", ("SSL_CTX *ctx",)),
    "SSL_CTX_ctrl": ("long", ("SSL_CTX *ctx", "int cmd", "long larg", "void *parg")),
    "SSL_CTX_set_options": ("unsigned long", ("SSL_CTX *ctx", "unsigned long options")),
    "SSL_CTX_set_min_proto_version": ("int", ("SSL_CTX *ctx", "int version")),
    "SSL_CTX_set_max_proto_version": ("int", ("SSL_CTX *ctx", "int version")),
    "SSL_CTX_set_ecdh_auto": ("long", ("SSL_CTX *ctx", "long onoff")),
    "SSL_CTX_use_certificate_ASN1": ("int", ("SSL_CTX *ctx", "int len", "const unsigned char *d")),
    "SSL_CTX_use_PrivateKey_ASN1": ("int", ("int pk", "SSL_CTX *ctx", "const unsigned char *d", "long len")),
    "SSL_CTX_set_session_cache_mode": ("long", ("SSL_CTX *ctx", "long mode")),
    "SSL_CTX_sess_set_cache_size": ("long", ("SSL_CTX *ctx", "long size")),
    "SSL_CTX_sess_number": ("long", ("SSL_CTX *ctx",)),
    "SSL_CTX_sess_set_new_cb": ("void", ("SSL_CTX *ctx", "int (*new_session)(SSL *, SSL_SESSION *)")),
    "SSL_CTX_sess_set_remove_cb": ("void", ("SSL_CTX *ctx", "void (*remove_session)(SSL_CTX *, SSL_SESSION *)")),
    "SSL_CTX_add_session": ("int", ("SSL_CTX *ctx", "SSL_SESSION *session")),
    "SSL_CTX_remove_session": ("int", ("SSL_CTX *ctx", "SSL_SESSION *session")),
    "SSL_CTX_flush_sessions": ("void", ("SSL_CTX *ctx", "long tm")),
    "SSL_CTX_set_verify": ("void", ("SSL_CTX *ctx", "int mode", "int (*verify)(int, void *)")),
    "SSL_CTX_UseSessionTicket": ("int", ("SSL_CTX *ctx",)),
    "SSL_new": ("SSL *", ("SSL_CTX *ctx",)),
    "SSL_free": ("void", ("SSL *ssl",)),
    "SSL_clear": ("int", ("SSL *ssl",)),
    "SSL_ctrl": ("long", ("SSL *ssl", "int cmd", "long larg", "void *parg")),
    "SSL_set_bio": ("void", ("SSL *ssl", "BIO *rbio", "BIO *wbio")),
    "SSL_set_fd": ("int", ("SSL *ssl", "int fd")),
    "SSL_connect": ("int", ("SSL *ssl",)),
    "SSL_accept": ("int", ("SSL *ssl",)),
    "SSL_get_error": ("int", ("const SSL *ssl", "int ret")),
    "SSL_get_version": ("const char *", ("const SSL *ssl",)),
    "SSL_read": ("int", ("SSL *ssl", "void *buf", "int num")),
    "SSL_write": ("int", ("SSL *ssl", "const void *buf", "int num")),
    "SSL_shutdown": ("int", ("SSL *ssl",)),
    "SSL_set_shutdown": ("void", ("SSL *ssl", "int mode")),
    "SSL_set_quiet_shutdown": ("void", ("SSL *ssl", "int mode")),
    "SSL_session_reused": ("int", ("SSL *ssl",)),
    "SSL_set_session": ("int", ("SSL *ssl", "SSL_SESSION *session")),
    "SSL_get_session": ("SSL_SESSION *", ("const SSL *ssl",)),
    "SSL_get0_session": ("SSL_SESSION *", ("const SSL *ssl",)),
    "SSL_get1_session": ("SSL_SESSION *", ("SSL *ssl",)),
    "SSL_SESSION_set1_id": ("int", ("SSL_SESSION *session", "const unsigned char *sid", "unsigned int sid_len")),
    "SSL_SESSION_set_timeout": ("long", ("SSL_SESSION *session", "long t")),
    "SSL_SESSION_up_ref": ("int", ("SSL_SESSION *session",)),
    "SSL_SESSION_free": ("void", ("SSL_SESSION *session",)),
    "SSL_SESSION_is_resumable": ("int", ("const SSL_SESSION *session",)),
    "SSL_SESSION_set_ex_data": ("int", ("SSL_SESSION *session", "int idx", "void *data")),
    "SSL_SESSION_get_ex_new_index": ("int", ("long argl", "void *argp", "void *new_func", "void *dup_func", _CALLBACK)),
    "CRYPTO_get_ex_new_index": ("int", ("int class_index", "long argl", "void *argp", "void *new_func", "void *dup_func", _CALLBACK)),
    "d2i_SSL_SESSION": ("SSL_SESSION *", ("SSL_SESSION **session", "const unsigned char **pp", "long length")),
    "BIO_new_bio_pair": ("int", ("BIO **bio1", "size_t writebuf1", "BIO **bio2", "size_t writebuf2")),
    "BIO_ctrl": ("long", ("BIO *bio", "int cmd", "long larg", "void *parg")),
    "ERR_clear_error": ("void", ()),
    "ERR_get_error": ("unsigned long", ()),
    "ERR_reason_error_string": ("const char *", ("unsigned long e",)),
}

#: Macros of every release's header: what stands for what, where the library lacks the first.
MACROS = {
    "BIO_shutdown_wr": ("(bio)", "BIO_ctrl(bio, 142, 0, NULL)"),
    "SSL_SESSION_get_ex_new_index": (
        "(argl, argp, new_func, dup_func, free_func)",
        "CRYPTO_get_ex_new_index(2, argl, argp, new_func, dup_func, free_func)",
    ),
}

#: Of the same headers, with the same numbers in every release.
CONSTANTS = {
    "EVP_PKEY_EC": "408",
    "SSL_ERROR_WANT_READ": "2",
    "SSL_ERROR_WANT_WRITE": "3",
    "SSL_ERROR_SYSCALL": "5",
    "SSL_ERROR_ZERO_RETURN": "6",
    "SSL_RECEIVED_SHUTDOWN": "2",
    "SSL_SENT_SHUTDOWN": "1",
    "SSL_SESS_CACHE_OFF": "0x0000",
    "SSL_SESS_CACHE_CLIENT": "0x0001",
    "SSL_SESS_CACHE_SERVER": "0x0002",
    "SSL_SESS_CACHE_NO_INTERNAL_LOOKUP": "0x0100",
    "SSL_SESS_CACHE_NO_INTERNAL_STORE": "0x0200",
    "SSL_VERIFY_NONE": "0",
    "TLS1_2_VERSION": "0x0303",
    "TLS1_3_VERSION": "0x0304",
}


#: Comments and literals, in which a word means nothing to the compiler.
_TEXT = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\])*"', re.DOTALL)


@lru_cache(maxsize=64)  # programs share their machinery
def words_of(code: str) -> frozenset[str]:
    """Return the identifiers in C code."""
    return frozenset(re.findall(r"\b[A-Za-z_]\w*", _TEXT.sub(" ", code)))


def declarations(linking: Linking, used: frozenset[str]) -> list[list[str]]:
    """Return what code with the words `used` needs, and nothing else: types, constants, macros and other names, and prototypes."""
    macros = [line for name, line in _macros(linking) if name in used]
    used |= words_of(" ".join(macros))
    constants = CONSTANTS | {name: f"0x{number:08x}" for name, number in linking.constants.items()}
    absent = {*linking.macros, *linking.missing}
    prototypes = [_prototype(name) for name in PROTOTYPES if name in used and name not in absent]
    types = used | words_of(" ".join(prototypes))
    groups = [
        [f"typedef struct {name.lower()}_st {name};" for name in TYPES if name in types],
        [f"#define {name} {number}" for name, number in constants.items() if name in used],
        macros + [f"#define {name} {symbol}" for name, symbol in linking.symbols.items() if name in used],
        prototypes,
    ]
    return [group for group in groups if group]


def _macros(linking: Linking) -> Iterator[tuple[str, str]]:
    """Go through the macros that stand for functions, by their names."""
    for name, (arguments, text) in MACROS.items():
        if name not in PROTOTYPES or name in linking.missing:
            yield name, f"#define {name}{arguments} {text}"
    for name in filter(linking.macros.__contains__, PROTOTYPES):
        function, command = linking.macros[name]
        named = [argument.split()[-1].lstrip("*") for argument in PROTOTYPES[name][1]]
        target, value = [*named, "0"][:2]
        yield name, f"#define {name}({', '.join(named)}) {function}({target}, {command}, {value}, NULL)"


def _prototype(name: str) -> str:
    result, arguments = PROTOTYPES[name]
    return f"{result}{'' if result.endswith('*') else ' '}{name}({', '.join(arguments) or 'void'});"
