"""Which word of a text is what."""

from __future__ import annotations

import pytest

from sslspec.drafting.markup import Meaning, Token, sentences, tokens


@pytest.mark.parametrize(
    ("word", "token"),
    [
        ("session", Token("session")),
        ("SSL_set_session()", Token("SSL_set_session", Meaning.FUNCTION)),
        ("SSL_shutdown", Token("SSL_shutdown", Meaning.FUNCTION)),
        ("(SSL_CTX_free()),", Token("SSL_CTX_free", Meaning.FUNCTION, "(", "),")),
        ("NULL:", Token("NULL", Meaning.CONSTANT, "", ":")),
        ("SIGABRT.", Token("SIGABRT", Meaning.CONSTANT, "", ".")),
        ("SSL_SENT_SHUTDOWN", Token("SSL_SENT_SHUTDOWN", Meaning.CONSTANT)),
        ("SSL_CTX's", Token("SSL_CTX", Meaning.TYPE, "", "'s")),
        ("SSL_SESSION", Token("SSL_SESSION", Meaning.TYPE)),
        ("OpenSSL_x", Token("OpenSSL_x")),
        ("TLS", Token("TLS")),
    ],
)
def test_a_word(word: str, token: Token) -> None:
    assert tokens(f"a {word} b") == [Token("a"), token, Token("b")]


def test_sentences() -> None:
    assert sentences("It is 1.1.0. In 3.0, e.g. there, it is not? No.") == ["It is 1.1.0.", "In 3.0, e.g. there, it is not?", "No."]
