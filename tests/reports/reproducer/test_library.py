"""What headers would declare."""

from __future__ import annotations

import pytest

from sslspec.adapters.native import api, driver
from sslspec.record import Linking
from sslspec.reports.reproducer.library import CONSTANTS, PROTOTYPES, declarations, words_of

OWN_NAMES = Linking(("ssl", "crypto"), constants={"SSL_OP_NO_TICKET": 0x4000})


def flat(groups):
    return [line for group in groups for line in group]


def test_the_native_adapter_calls_the_same_functions_with_as_many_arguments():
    with_arguments = {name: len(arguments) for name, (_, arguments) in PROTOTYPES.items() if name != "SSL_CTX_set_ecdh_auto"}
    assert with_arguments == {name: len(arguments) for name, (_, arguments) in api.PROTOTYPES.items() if name != "SSL_SESSION_new"}


def test_whatever_is_a_macro_somewhere_has_a_prototype():
    assert set(api.MACROS) <= set(PROTOTYPES)


def test_constants_are_those_of_the_native_adapter():
    numbers = {name: int(text, 0) for name, text in CONSTANTS.items()}
    flags = {f"SSL_SESS_CACHE_{flag.name}": number for flag, number in driver.SSL_SESS_CACHE.items()}
    assert flags.items() <= numbers.items()
    assert numbers["EVP_PKEY_EC"] == driver.EVP_PKEY_EC
    assert {numbers["SSL_ERROR_WANT_READ"], numbers["SSL_ERROR_WANT_WRITE"]} == set(driver.SSL_ERROR_WAITING)
    assert [numbers["TLS1_2_VERSION"], numbers["TLS1_3_VERSION"]] == list(driver.VERSION_NUMBERS.values())


def test_only_what_is_used_is_declared():
    assert flat(declarations(OWN_NAMES, words_of("SSL_free(client1);"))) == ["typedef struct ssl_st SSL;", "void SSL_free(SSL *ssl);"]


def test_words_of_comments_and_literals_are_none():
    assert words_of('/* SSL_new */ puts("SSL_free \\" SSL_clear"); SSL_connect(x); /* a\nb */') == {"puts", "SSL_connect", "x"}


def test_a_macro_of_the_release_is_written_as_one():
    linking = Linking(("ssl",), macros={"SSL_CTX_sess_number": ("SSL_CTX_ctrl", 20), "SSL_CTX_set_options": ("SSL_CTX_ctrl", 32)})
    lines = flat(declarations(linking, words_of("SSL_CTX_sess_number(ctx1); SSL_CTX_set_options(ctx1, SSL_OP_NO_TICKET);")))
    assert "#define SSL_CTX_sess_number(ctx) SSL_CTX_ctrl(ctx, 20, 0, NULL)" in lines
    assert "#define SSL_CTX_set_options(ctx, options) SSL_CTX_ctrl(ctx, 32, options, NULL)" in lines
    assert "long SSL_CTX_ctrl(SSL_CTX *ctx, int cmd, long larg, void *parg);" in lines
    assert not [line for line in lines if line.startswith(("long SSL_CTX_sess_number", "unsigned long SSL_CTX_set_options"))]


def test_another_name_is_a_macro_before_its_prototype():
    lines = flat(declarations(Linking(("wolfssl",), {"SSL_new": "wolfSSL_new"}), words_of("SSL_new(ctx1)")))
    assert lines.index("#define SSL_new wolfSSL_new") < lines.index("SSL *SSL_new(SSL_CTX *ctx);")


@pytest.mark.parametrize(("missing", "declared"), [((), "SSL_SESSION_get_ex_new_index("), (("SSL_SESSION_get_ex_new_index",), "CRYPTO_")])
def test_the_index_of_sessions_is_asked_for_where_there_is_a_function_for_it(missing, declared):
    lines = flat(declarations(Linking(("ssl",), missing=missing), words_of("SSL_SESSION_get_ex_new_index(0, NULL, NULL, NULL, f)")))
    assert [line for line in lines if line.startswith(f"int {declared}")]
    assert bool([line for line in lines if line.startswith("#define SSL_SESSION_get_ex_new_index(")]) is bool(missing)
