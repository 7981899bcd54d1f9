"""What each call in the evidence becomes in C: a table, and how the values of evidence are written in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from sslspec.reports.reproducer.text import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sslspec.evidence import Value

_OBJECT = re.compile(r"(?:ctx|client|server|session)\d{1,6}")
_TRANSPORT = re.compile(r"(BIO|socket) of ((?:client|server)\d{1,6})")
_METHOD = re.compile(r"TLS(?:v1_2)?_(?:client|server)_method\(\)")

_FLAGS = {
    "client": "SSL_SESS_CACHE_CLIENT",
    "server": "SSL_SESS_CACHE_SERVER",
    "no-internal-store": "SSL_SESS_CACHE_NO_INTERNAL_STORE",
    "no-internal-lookup": "SSL_SESS_CACHE_NO_INTERNAL_LOOKUP",
    "sent": "SSL_SENT_SHUTDOWN",
    "received": "SSL_RECEIVED_SHUTDOWN",
}
_VERSIONS = {"TLSv1.2": "TLS1_2_VERSION", "TLSv1.3": "TLS1_3_VERSION", "unheard of": "0x0399"}

#: In seconds: all that a cache holds has expired by then.
_LATER = 100_000_000


class Odd(ValueError):
    """An argument that is nothing the table knows of."""


def object_(value: Value) -> str:
    """Return the name of a context, connection or session, or NULL; like all of these it raises Odd for anything else."""
    if value is None:
        return "NULL"
    if isinstance(value, str) and _OBJECT.fullmatch(value):
        return value
    raise Odd


def transport(value: Value) -> str:
    """Return what the BIO or the socket of a connection is called."""
    found = _TRANSPORT.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise Odd
    return f"{found[1].lower()}_{found[2]}"


def number(value: Value) -> str:
    """Return a whole number."""
    if not isinstance(value, int):
        raise Odd
    return str(int(value))


def _flags(value: Value) -> str:
    if not isinstance(value, list):
        raise Odd
    return " | ".join(_known(_FLAGS)(flag) for flag in value) or "SSL_SESS_CACHE_OFF"


def text_(value: Value) -> str:
    """Return a text as a literal."""
    if not isinstance(value, str):
        raise Odd
    return literal(value)


def _method(value: Value) -> str:
    if not isinstance(value, str) or not _METHOD.fullmatch(value):
        raise Odd
    return value


def _hand_made(value: Value) -> str:
    if not isinstance(value, dict) or set(value) != {"id", "version", "age", "timeout"}:
        raise Odd
    return f"{text_(value['id'])}, {_known(_VERSIONS)(value['version'])}, {number(value['age'])}, {number(value['timeout'])}"


def _known(words: Mapping[str, str]) -> Callable[[Value], str]:
    def translate(value: Value) -> str:
        if not isinstance(value, str) or value not in words:
            raise Odd
        return words[value]

    return translate


class How(Enum):
    """What is done with what a call returns."""

    DO = "nothing"
    GIVES = "it must be what it was"
    MAKES = "it is an object, and must be one"


@dataclass(frozen=True, slots=True)
class Call:
    """What a call in the evidence becomes: `text` with its arguments in C."""

    text: str
    arguments: tuple[Callable[[Value], str], ...]
    how: How = How.DO


def _only(word: str) -> Callable[[Value], str]:
    return _known({word: word})


_ONE_BYTE = _only("1 byte")

#: Every function that the native driver calls in a row, but for the turns of a handshake.
CALLS = {
    "SSL_CTX_new": Call("SSL_CTX_new({0})", (_method,), How.MAKES),
    "SSL_CTX_set_min_proto_version": Call("SSL_CTX_set_min_proto_version({0}, {1})", (object_, _known(_VERSIONS))),
    "SSL_CTX_set_max_proto_version": Call("SSL_CTX_set_max_proto_version({0}, {1})", (object_, _known(_VERSIONS))),
    "SSL_CTX_set_ecdh_auto": Call("SSL_CTX_set_ecdh_auto({0}, {1})", (object_, number)),
    "SSL_CTX_set_options": Call("SSL_CTX_set_options({0}, {1})", (object_, _only("SSL_OP_NO_TICKET"))),
    "SSL_CTX_use_certificate_ASN1": Call(
        "SSL_CTX_use_certificate_ASN1({0}, (int)sizeof {1}, {1})", (object_, _only("certificate")), How.GIVES
    ),
    "SSL_CTX_use_PrivateKey_ASN1": Call(
        "SSL_CTX_use_PrivateKey_ASN1(EVP_PKEY_EC, {0}, {1}, (long)sizeof {1})", (object_, _only("key")), How.GIVES
    ),
    "SSL_CTX_set_verify": Call("SSL_CTX_set_verify({0}, {1}, NULL)", (object_, _only("SSL_VERIFY_NONE"))),
    "SSL_CTX_UseSessionTicket": Call("SSL_CTX_UseSessionTicket({0})", (object_,), How.GIVES),
    "SSL_CTX_set_session_cache_mode": Call("SSL_CTX_set_session_cache_mode({0}, {1})", (object_, _flags)),
    "SSL_CTX_sess_set_cache_size": Call("SSL_CTX_sess_set_cache_size({0}, {1})", (object_, number)),
    "SSL_CTX_sess_set_new_cb": Call("SSL_CTX_sess_set_new_cb({0}, {1})", (object_, _only("new_session"))),
    "SSL_CTX_sess_set_remove_cb": Call("SSL_CTX_sess_set_remove_cb({0}, {1})", (object_, _only("remove_session"))),
    "SSL_CTX_add_session": Call("SSL_CTX_add_session({0}, {1})", (object_, object_), How.GIVES),
    "SSL_CTX_remove_session": Call("SSL_CTX_remove_session({0}, {1})", (object_, object_), How.GIVES),
    "SSL_CTX_sess_number": Call("SSL_CTX_sess_number({0})", (object_,), How.GIVES),
    "SSL_CTX_flush_sessions": Call(f"SSL_CTX_flush_sessions({{0}}, {{1}} + {_LATER})", (object_, _known({"all": "(long)time(NULL)"}))),
    "SSL_CTX_free": Call("SSL_CTX_free({0})", (object_,)),
    "SSL_new": Call("SSL_new({0})", (object_,), How.MAKES),
    "SSL_set_session": Call("SSL_set_session({0}, {1})", (object_, object_), How.GIVES),
    "SSL_get_session": Call("SSL_get_session({0})", (object_,), How.MAKES),
    "SSL_get0_session": Call("SSL_get0_session({0})", (object_,), How.MAKES),
    "SSL_get1_session": Call("SSL_get1_session({0})", (object_,), How.MAKES),
    "SSL_session_reused": Call("SSL_session_reused({0})", (object_,), How.GIVES),
    "SSL_write": Call('SSL_write({0}, "x", {1})', (object_, _known({"1 byte": "1"})), How.GIVES),
    "SSL_read": Call("SSL_read({0}, &byte, {1})", (object_, _known({"1 byte": "1"})), How.GIVES),
    "SSL_shutdown": Call("SSL_shutdown({0})", (object_,)),
    "SSL_set_shutdown": Call("SSL_set_shutdown({0}, {1})", (object_, _flags)),
    "SSL_set_quiet_shutdown": Call("SSL_set_quiet_shutdown({0}, {1})", (object_, number)),
    "SSL_clear": Call("SSL_clear({0})", (object_,), How.GIVES),
    "SSL_free": Call("SSL_free({0})", (object_,)),
    "d2i_SSL_SESSION": Call("hand_made({0})", (_hand_made,), How.MAKES),
    "SSL_SESSION_set1_id": Call("SSL_SESSION_set1_id({0}, id_of({1}), {1}[0] ? 32 : 0)", (object_, text_)),
    "SSL_SESSION_set_timeout": Call("SSL_SESSION_set_timeout({0}, {1})", (object_, number)),
    "SSL_SESSION_free": Call("SSL_SESSION_free({0})", (object_,)),
    "SSL_SESSION_is_resumable": Call("SSL_SESSION_is_resumable({0})", (object_,), How.GIVES),
    "BIO_new_bio_pair": Call("BIO_new_bio_pair(&{0}, 0, &{1}, 0)", (transport, transport)),
    "SSL_set_bio": Call("SSL_set_bio({0}, {1}, {1})", (object_, transport)),
    "BIO_shutdown_wr": Call("BIO_shutdown_wr({0})", (transport,)),
    "socketpair": Call("socket_pair(&{0}, &{1})", (transport, transport)),
    "SSL_set_fd": Call("SSL_set_fd({0}, {1})", (object_, transport), How.GIVES),
    "shutdown": Call("shutdown({0}, {1})", (transport, _only("SHUT_WR"))),
}

#: What a callback may call, with its own arguments' names.
REACTIONS = {
    "SSL_CTX_sess_number": "SSL_CTX_sess_number(ctx)",
    "SSL_CTX_add_session": "SSL_CTX_add_session(ctx, session)",
    "SSL_CTX_remove_session": "SSL_CTX_remove_session(ctx, session)",
    "SSL_SESSION_free": "SSL_SESSION_free(session)",
}
