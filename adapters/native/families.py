"""What is different from one family of libraries to the next: names, numbers and habits, as data.

A family is told from what a library exports and says of itself, never from its file's name. What a function does is no business
of this module: a library that behaves otherwise is for the scenarios to find out.
"""

from __future__ import annotations

import re
from ctypes import c_char_p
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sslspec.adapters.native.library import Library

#: <openssl/ssl.h>
_OPTIONS = {"SSL_OP_NO_TICKET": 0x00004000}


@dataclass(frozen=True, slots=True)
class Family:
    """One family.

    name: as reports and the files of known deviations have it.
    symbol: what a library of this family exports, and none of a family below it in FAMILIES; "" where `release` tells it.
    release: the pattern of the release in what a library says of itself, in group 1. BoringSSL says none.
    says: the function that says it, and its arguments (SSLeay_version before 1.1.0).
    prefix: what stands before the names of functions in place of nothing. names: of functions that break that rule.
    options: the numbers of SSL_CTX_set_options.
    ahead: how many bytes of an allocated block stand before the pointer to it.
    sockets: whether a connection speaks over a descriptor and not over a BIO.
    reads_der: whether d2i_SSL_SESSION reads the DER of the other families (der.py).
    verifies: whether a client verifies its server without being told to.
    asks_for_tickets: the function that makes a client of TLS 1.2 ask for a ticket, where it does not by itself.
    libraries: what a program is linked with.
    blind: capability -> why it is not claimed.
    """

    name: str
    symbol: str
    release: str
    says: tuple[str, tuple[int, ...]] = ("OpenSSL_version", (0,))
    prefix: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, int] = field(default_factory=lambda: _OPTIONS)
    ahead: int = 0
    sockets: bool = False
    reads_der: bool = True
    verifies: bool = False
    asks_for_tickets: str = ""
    libraries: tuple[str, ...] = ("ssl", "crypto")
    blind: Mapping[str, str] = field(default_factory=dict)

    def release_in(self, version: str) -> str:
        """Return the release in what a library says of itself, "1.1.1k", or "" where it says none."""
        found = re.search(self.release, version)
        return found[1] if found else ""

    def symbols(self, name: str) -> tuple[str, ...]:
        """Return what the function called `name` in <openssl/ssl.h> may be called in a library of this family, likeliest first."""
        if name in self.names:
            return (self.names[name],)
        if not self.prefix:
            return (name,)
        return (self.prefix + name.removeprefix("SSL"), f"wolf{name}", self.prefix + "_" + name, name)


#: Newest kin first: what AWS-LC exports BoringSSL exports too, and Tongsuo exports all of OpenSSL.
FAMILIES = (
    Family(
        "wolfssl",
        symbol="wolfSSL_lib_version",
        release=r"(\d[\w.]*)",
        says=("wolfSSL_lib_version", ()),
        prefix="wolfSSL",
        names={
            "SSL_CTX_remove_session": "wolfSSL_SSL_CTX_remove_session",
            "SSL_CTX_flush_sessions": "wolfSSL_flush_sessions",
            "SSL_SESSION_set_timeout": "wolfSSL_SSL_SESSION_set_timeout",
            # SSL_get_session hands a client a reference into a cache, which it makes for the purpose: no observation.
            "SSL_get0_session": "wolfSSL_SSL_get0_session",
        },
        options={"SSL_OP_NO_TICKET": 0x00080000},
        sockets=True,
        reads_der=False,
        verifies=True,
        asks_for_tickets="SSL_CTX_UseSessionTicket",
        libraries=("wolfssl",),
        blind={
            "destruction": "wolfSSL's cache takes a session's ex_data over, so that its free callback tells nothing of the session",
            "own-cache": "all contexts of a process share one cache in wolfSSL",
        },
    ),
    Family("tongsuo", symbol="Tongsuo_version_num", release=r"Tongsuo (\d[\w.]*)", says=("OpenSSL_version", (11,))),
    Family("aws-lc", symbol="awslc_version_string", release=r"AWS-LC (\d[\w.]*)", ahead=8),
    Family("boringssl", symbol="BORINGSSL_self_test", release=r"BoringSSL (\d[\w.]*)", ahead=8),
    Family("libressl", symbol="", release=r"LibreSSL (\d[\w.]*)"),
    Family("openssl", symbol="SSL_CTX_new", release=r"OpenSSL (\d[\w.]*)"),
)


def family_of(library: Library) -> tuple[Family, str]:
    """Return the family of a loaded library, and what it says of itself ("OpenSSL 1.1.1k  25 Mar 2021")."""
    for family in FAMILIES:
        version = _said(library, family)
        if hasattr(library, family.symbol) if family.symbol else family.release_in(version):
            return family, version
    raise ValueError  # the last one fits every library that load() lets through


def _said(library: Library, family: Family) -> str:
    name, arguments = family.says
    function = getattr(library, name, None) or getattr(library, "SSLeay_version", None)
    if function is None:
        return ""
    function.restype = c_char_p
    return (function(*arguments) or b"").decode("utf-8", "replace")
