"""Headers: the comments before the declarations of the known functions, page by page."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from sample_pages import said

from sslspec.pages import parse_all, read_pages
from sslspec.pages.errors import PageNotRead
from sslspec.pages.source import MOST_BYTES, Source

HEADER = """\
#ifndef SSL_H

// SSL_free frees |ssl|.
OPENSSL_EXPORT void SSL_free(SSL *ssl);

// SSL_CTX_add_session lends `session` to `ctx`'s cache. Nothing is
// copied.
//
// Two paragraphs are one too many!
OPENSSL_EXPORT int SSL_CTX_add_session(SSL_CTX *ctx,
                                       SSL_SESSION *session);

// Some constant.
#define SSL_NOTHING 0

// SSL_set_session sets |session| or nothing.
OPENSSL_EXPORT int SSL_set_session(SSL *ssl, SSL_SESSION *session);
OPENSSL_EXPORT int SSL_CTX_remove_session(SSL_CTX *ctx, SSL_SESSION *session);
"""


def test_each_page_has_what_stands_before_its_declarations() -> None:
    setting, adding = parse_all(Source("ssl.h", HEADER))
    assert (setting.id, setting.format, said(setting)) == (
        "SSL_set_session.3",
        "C header",
        [
            ("DESCRIPTION 1", "SSL_set_session sets session or nothing."),
            ("SYNOPSIS 1", "int SSL_set_session(SSL *ssl, SSL_SESSION *session);"),
        ],
    )
    assert (adding.id, said(adding)) == (
        "SSL_CTX_add_session.3",
        [
            ("DESCRIPTION 1", "SSL_CTX_add_session lends session to ctx's cache."),
            ("DESCRIPTION 2", "Nothing is copied."),
            ("DESCRIPTION 3", "Two paragraphs are one too many!"),
            ("SYNOPSIS 1", "int SSL_CTX_add_session(SSL_CTX *ctx, SSL_SESSION *session);"),
            ("SYNOPSIS 2", "int SSL_CTX_remove_session(SSL_CTX *ctx, SSL_SESSION *session);"),
        ],
    )


def test_sentences_are_where_they_are_in_the_header() -> None:
    _, adding = parse_all(Source("ssl.h", HEADER))
    lines = HEADER.splitlines()
    for sentence in adding.sentences:
        line, column = adding.position(sentence)[:2]
        assert lines[line - 1][column - 1 :].lstrip("`|").startswith(sentence.chars[0].rstrip("."))


def test_a_header_of_other_functions() -> None:
    with pytest.raises(PageNotRead, match=r"^it is a C header and declares none of the functions of SSL_set_session\(3\) and SSL_CTX"):
        parse_all(Source("ssl.h", "OPENSSL_EXPORT int SSL_clear(SSL *ssl);\n"))


def test_a_declaration_that_never_ends() -> None:
    (page,) = parse_all(Source("ssl.h", "OPENSSL_EXPORT int SSL_set_session(SSL *ssl,\n"))
    assert said(page) == [("SYNOPSIS 1", "int SSL_set_session(SSL *ssl,")]


def test_a_header_may_be_longer_than_a_page(tmp_path: Path) -> None:
    path = tmp_path / "ssl.h"
    path.write_text("#define X 0\n" * (MOST_BYTES // 12) + HEADER)
    assert [page.id for page in read_pages(str(path))] == ["SSL_set_session.3", "SSL_CTX_add_session.3"]
    path.write_text(HEADER + "#define X 0\n" * (5 * MOST_BYTES // 12))
    with pytest.raises(PageNotRead, match=r"it is bigger than 1024 KB, and no header is$"):
        read_pages(str(path))


def test_a_header_may_be_compressed(tmp_path: Path) -> None:
    path = tmp_path / "ssl.h.gz"
    packed = gzip.compress(os.urandom(MOST_BYTES // 4).hex().encode() + f"\n{HEADER}".encode())
    path.write_bytes(packed)
    assert [page.id for page in read_pages(str(path))] == ["SSL_set_session.3", "SSL_CTX_add_session.3"]
    path.write_bytes(packed[:-9])
    with pytest.raises(PageNotRead, match="it is compressed and cut off"):
        read_pages(str(path))
    path.write_bytes(gzip.compress(b"#define X 0\n" * MOST_BYTES + HEADER.encode()))
    with pytest.raises(PageNotRead, match="it expands to more than 256 KB"):
        read_pages(str(path))
    path.write_bytes(gzip.compress(HEADER.encode() + b"#define X 0\n" * MOST_BYTES))
    with pytest.raises(PageNotRead, match=r"it expands to more than 1024 KB, and no header does$"):
        read_pages(str(path))
