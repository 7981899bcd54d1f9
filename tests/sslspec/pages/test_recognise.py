"""Which page it is, however much of it is lost."""

from __future__ import annotations

import re

import pytest
from sample_pages import MDOC, POD, RENDERED, read

from sslspec.clauses import specification
from sslspec.pages.errors import PageNotRead
from sslspec.pages.recognise import PAGES

NAME_LINE = "SSL_set_session - lend a session to a connection"
DECLARATION = " int SSL_set_session(SSL *connection, SSL_SESSION *session);"
NAMELESS = re.sub(r"\.(Nm|Fn) SSL_set_session.*\n", "", MDOC)


def test_the_pages_are_those_of_the_clauses() -> None:
    assert list(PAGES) == list(dict.fromkeys(clause.page for clause in specification().clauses.values()))


@pytest.mark.parametrize("name", [name for names in PAGES.values() for name in names])
def test_a_page_is_known_by_each_of_its_names(name: str) -> None:
    page = read(POD.replace("SSL_set_session - lend", f"SSL_other, {name} - lend").replace(DECLARATION, ""))
    assert name in PAGES[page.id]


@pytest.mark.parametrize(
    "text",
    [
        POD.replace(NAME_LINE, ""),
        POD.replace(NAME_LINE, "SSL_set_sezzion - lend a session"),
        POD.replace(NAME_LINE, f"A stray line.\n\n{NAME_LINE}"),
        POD.replace(DECLARATION, ""),
        POD.replace("=head1 NAME\n", ""),
        POD.replace("=head1", "=head2"),
        NAMELESS,
        NAMELESS.replace(".Dt", '.\\" $Id: SSL_set_session.3,v 1 $\n.Xx'),
        RENDERED.replace(NAME_LINE, "").replace(DECLARATION, ""),
        RENDERED.replace("NAME\n", "NOME\n"),
    ],
    ids=range(10),
)
def test_a_page_is_known_by_what_is_left(text: str) -> None:
    assert read(text).id == "SSL_set_session.3"


def test_another_page_that_speaks_of_ours_is_another_page() -> None:
    other = POD.replace(NAME_LINE, "SSL_clear - clear a connection").replace(DECLARATION, " int SSL_clear(SSL *ssl);")
    with pytest.raises(PageNotRead, match=r"^it is the page of 'SSL_clear'; known are SSL_set_session\(3\) and SSL_CTX_add_session\(3\)$"):
        read(other)


def test_a_page_without_any_name() -> None:
    with pytest.raises(PageNotRead, match=r"^it has no name that could be read; "):
        read("=head1 DESCRIPTION\n\nIt is.\n")
