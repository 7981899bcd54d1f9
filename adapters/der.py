"""Sessions made by hand: the DER that d2i_SSL_SESSION(3) reads, for a chosen id, protocol, time and timeout.

The format is the ASN.1 of ssl/ssl_asn1.c (OpenSSL 0.9.8 to 4.0; LibreSSL, BoringSSL and AWS-LC read the same).
"""

from __future__ import annotations

from typing import NamedTuple

_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30
_LONG_FORM = 0x80


class Flavour(NamedTuple):
    """What a session of one protocol version holds: version number, cipher suite, length of the secret in bytes."""

    number: int
    cipher: int
    secret: int


#: TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 and TLS_AES_128_GCM_SHA256; 0x0399 is a TLS that was never made.
FLAVOURS = {
    "TLSv1.2": Flavour(0x0303, 0xC02B, 48),
    "TLSv1.3": Flavour(0x0304, 0x1301, 32),
    "unheard of": Flavour(0x0399, 0xC02B, 48),
}


def id_of(label: str) -> bytes:
    """Return the session id that `label` stands for: 32 bytes, equal for equal labels; none for ""."""
    return label.encode().ljust(32, b"\0")[:32] if label else b""


def session(label: str, version: str, time: int, timeout: int) -> bytes:
    """Return the DER of a session.

    label: made into a session id of 32 bytes, equal labels into equal ids; "" into none. version: a key of FLAVOURS.
    time, timeout: in seconds, of the epoch and from then on.
    """
    flavour = FLAVOURS[version]
    fields = [
        _integer(1),
        _integer(flavour.number),
        _tagged(_OCTETS, flavour.cipher.to_bytes(2, "big")),
        _tagged(_OCTETS, id_of(label)),
        _tagged(_OCTETS, bytes(range(flavour.secret))),
        _explicit(1, _integer(time)),
        _explicit(2, _integer(timeout)),
        _explicit(4, _tagged(_OCTETS, b"")),
        # Sessions of TLS 1.3 come in tickets, and BoringSSL calls none resumable that has no ticket.
        *([_explicit(10, _tagged(_OCTETS, id_of(label)))] if label and version == "TLSv1.3" else []),
    ]
    return _tagged(_SEQUENCE, b"".join(fields))


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < _LONG_FORM:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, _LONG_FORM | len(length)]) + length + content


def _integer(value: int) -> bytes:
    return _tagged(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _explicit(number: int, content: bytes) -> bytes:
    return _tagged(0xA0 | number, content)
