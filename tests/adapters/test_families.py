"""Families are told from what a library exports and says, and their names from <openssl/ssl.h>'s."""

from __future__ import annotations

from typing import Any

import pytest

from sslspec.adapters.native.api import PROTOTYPES
from sslspec.adapters.native.families import FAMILIES, Family, family_of

BY_NAME = {family.name: family for family in FAMILIES}


class Library:
    """A library that exports `symbols`, each of which says `says` or what stands for its first argument there."""

    def __init__(self, says: str | dict[int, str], *symbols: str) -> None:
        for symbol in symbols:
            setattr(self, symbol, self._function(says))

    @staticmethod
    def _function(says: str | dict[int, str]) -> Any:
        def function(*arguments: int) -> bytes | None:
            text = says if isinstance(says, str) else says.get(arguments[0])
            return text.encode() if text is not None else None

        return function


@pytest.mark.parametrize(
    ("library", "family", "release"),
    [
        (Library("OpenSSL 1.0.2q  20 Nov 2018", "SSL_CTX_new", "SSLeay_version"), "openssl", "1.0.2q"),
        (Library("OpenSSL 1.1.1k  25 Mar 2021", "SSL_CTX_new", "OpenSSL_version"), "openssl", "1.1.1k"),
        (Library("OpenSSL 3.5.8 25 Aug 2026", "SSL_CTX_new", "OpenSSL_version"), "openssl", "3.5.8"),
        (Library("LibreSSL 2.1.6", "SSL_CTX_new", "SSLeay_version"), "libressl", "2.1.6"),
        (Library("LibreSSL 3.1.0", "SSL_CTX_new", "OpenSSL_version", "SSLeay_version"), "libressl", "3.1.0"),
        (Library("BoringSSL", "SSL_CTX_new", "OpenSSL_version", "BORINGSSL_self_test"), "boringssl", ""),
        (Library("OpenSSL 1.1.1 (compatible; BoringSSL)", "SSL_CTX_new", "OpenSSL_version", "BORINGSSL_self_test"), "boringssl", ""),
        (Library("AWS-LC 5.12.0", "SSL_CTX_new", "OpenSSL_version", "BORINGSSL_self_test", "awslc_version_string"), "aws-lc", "5.12.0"),
        (
            Library({0: "OpenSSL 3.5.4 30 Sep 2025", 11: "Tongsuo 8.5.0"}, "SSL_CTX_new", "OpenSSL_version", "Tongsuo_version_num"),
            "tongsuo",
            "8.5.0",
        ),
        (Library("5.9.4", "wolfSSL_CTX_new", "wolfSSL_lib_version"), "wolfssl", "5.9.4"),
        (Library("nothing that is known", "SSL_CTX_new", "OpenSSL_version"), "openssl", ""),
        (Library("", "SSL_CTX_new"), "openssl", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_family_is_told_by_what_it_exports_and_says(library: Any, family: str, release: str) -> None:
    found, version = family_of(library)
    assert (found.name, found.release_in(version)) == (family, release)


def test_what_a_library_says_is_passed_on_in_its_own_words() -> None:
    library: Any = Library("OpenSSL 1.1.1k  25 Mar 2021", "SSL_CTX_new", "OpenSSL_version")
    assert family_of(library)[1] == "OpenSSL 1.1.1k  25 Mar 2021"


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("SSL_CTX_add_session", "wolfSSL_CTX_add_session"),
        ("SSL_SESSION_free", "wolfSSL_SESSION_free"),
        ("TLS_client_method", "wolfTLS_client_method"),
        ("ERR_get_error", "wolfSSL_ERR_get_error"),
        ("d2i_SSL_SESSION", "wolfSSL_d2i_SSL_SESSION"),
    ],
)
def test_wolfssl_has_its_own_name_for_each_function(name: str, symbol: str) -> None:
    assert symbol in BY_NAME["wolfssl"].symbols(name)


def test_an_exception_to_the_rule_is_the_only_candidate() -> None:
    assert BY_NAME["wolfssl"].symbols("SSL_CTX_remove_session") == ("wolfSSL_SSL_CTX_remove_session",)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_what_is_said_of_a_function_is_of_one_that_is_called(family: Family) -> None:
    called = {*PROTOTYPES}
    assert set(family.names) <= called
    assert {family.asks_for_tickets} - {""} <= called


@pytest.mark.parametrize("family", FAMILIES[1:], ids=lambda family: family.name)
def test_the_others_have_the_names_of_openssl(family: Family) -> None:
    assert all(family.symbols(name) == (name,) for name in PROTOTYPES)
