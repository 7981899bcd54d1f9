"""A page of our own making in every format that is read: the same sentences, none of which is of the real page."""

from __future__ import annotations

from sslspec.pages import parse
from sslspec.pages.source import Source

#: A page of ours, as each format writes it. None of its sentences is of the real page.
POD = """\
=pod

=encoding utf8

=head1 NAME

SSL_set_session - lend a session to a connection

=head1 SYNOPSIS

 #include <openssl/ssl.h>

 int SSL_set_session(SSL *connection, SSL_SESSION *session);

=head1 DESCRIPTION

SSL_set_session() lends B<session> to I<ssl>, see L<SSL_new(3)>. Nothing
is E<quot>copiedE<quot>. That C<< a > b >> is no link, L<here|SSL_clear(3)> is one.

Two paragraphs, e.g. This one, are one too many!

=head1 RETURN VALUES

These are known:

=over 4

=item Z<>0

It went wrong. Look elsewhere.

=item Z<>1

It went well.

=back

=head1 SEE ALSO

L<ssl(7)>, L<SSL_clear(3)>

=cut
"""

MDOC = """\
.\\" A comment.
.Dd $Mdocdate: May 1 2020 $
.Dt SSL_SET_SESSION 3
.Os
.Sh NAME
.Nm SSL_set_session
.Nd lend a session to a connection
.Sh SYNOPSIS
.In openssl/ssl.h
.Ft int
.Fn SSL_set_session "SSL *connection" "SSL_SESSION *session"
.Sh DESCRIPTION
.Fn SSL_set_session
lends
.Fa session
to
.Fa ssl ,
see
.Xr SSL_new 3 .
Nothing is
.Dq copied .
That a > b is no link,
.Em here
is one.
.Pp
Two paragraphs, e.g.\\& This one, are one too many!
.Sh RETURN VALUES
These are known:
.Bl -tag -width Ds
.It 0
It went wrong.
Look elsewhere.
.It 1
It went well.
.El
.Sh SEE ALSO
.Xr ssl 7 ,
.Xr SSL_clear 3
"""

MAN = """\
.\\" A comment.
.de Vb
.ft CW
..
.ie n \\{\\
.    ds -- \\(*W-
'br\\}
.el\\{\\
.    ds -- \\|\\(em\\|
'br\\}
.TH SSL_SET_SESSION 3SSL "2020-05-01" "9.9" "OpenSSL"
.SH "NAME"
SSL_set_session \\- lend a session to a connection
.SH "SYNOPSIS"
.IX Header "SYNOPSIS"
.Vb 1
\\& #include <openssl/ssl.h>
\\&
\\& int SSL_set_session(SSL *connection, SSL_SESSION *session);
.Ve
.SH "DESCRIPTION"
\\&\\fBSSL_set_session()\\fR lends \\fBsession\\fR to
.IR ssl ,
see \\fBSSL_new\\fR\\|(3). Nothing
is \\*(L"copied\\*(R". That a > b is no link, here is one.
.PP
Two paragraphs, e.g. This one, are one too many!
.SH "RETURN VALUES"
These are known:
.IP "0" 4
It went wrong. Look elsewhere.
.TP 4
.B 1
It went well.
.SH "SEE ALSO"
\\&\\fBssl\\fR\\|(7),
\\&\\fBSSL_clear\\fR\\|(3)
"""

MARKDOWN = """\
# NAME

SSL\\_set\\_session - lend a session to a connection

# SYNOPSIS

    #include <openssl/ssl.h>

    int SSL_set_session(SSL *connection, SSL_SESSION *session);

# DESCRIPTION

SSL\\_set\\_session() lends **session** to *ssl*, see [SSL\\_new(3)](http://x/SSL_new). Nothing
is "copied". That a &gt; b is no link, here is one.

Two paragraphs, e.g. This one, are one too many!

# RETURN VALUES

These are known:

- 0

    It went wrong. Look elsewhere.

- 1

    It went well.

# SEE ALSO

[ssl(7)](http://x/ssl),
[SSL\\_clear(3)](http://x/SSL_clear)
"""

RENDERED = """\
SSL_SET_SESSION(3SSL)               OpenSSL              SSL_SET_SESSION(3SSL)

NAME
       SSL_set_session - lend a session to a connection

SYNOPSIS
        #include <openssl/ssl.h>

        int SSL_set_session(SSL *connection, SSL_SESSION *session);

DESCRIPTION
       SSL_set_session() lends session to ssl, see SSL_new(3). Nothing is "copied".
       That a > b is no link, here is one.

       Two paragraphs, e.g. This one, are one too many!

RETURN VALUES
       These are known:

       0   It went wrong. Look else\N{HYPHEN}
           where.

       1   It went well.

SEE ALSO
       ssl(7), SSL_clear(3)

9.9                               2020-05-01             SSL_SET_SESSION(3SSL)
"""

FLATTENED = """\
A site
NAMESSL_set_session \N{MINUS SIGN} lend a session to a connection
SYNOPSIS #include <openssl/ssl.h>
int SSL_set_session(SSL *connection, SSL_SESSION *session);
DESCRIPTIONSSL_set_session() lends session to ssl, see SSL_new (3). Nothing is \u201fcopied\u201d. That a > b is no link, here is one.
Two paragraphs, e.g. This one, are one too many!
RETURN VALUESThese are known: 0 It went wrong. Look elsewhere. 1 It went well.
SEE ALSOssl (7), SSL_clear (3)
"""

PAGES_BY_FORMAT = {
    "POD": POD,
    "mdoc": MDOC,
    "man": MAN,
    "Markdown": MARKDOWN,
    "rendered text": RENDERED,
}

#: What all of them say.
SAYS = [
    ("NAME 0", "NAME"),
    ("NAME 1", "SSL_set_session - lend a session to a connection"),
    ("SYNOPSIS 0", "SYNOPSIS"),
    ("SYNOPSIS 1", "#include <openssl/ssl.h>"),
    ("SYNOPSIS 2", "int SSL_set_session(SSL *connection, SSL_SESSION *session);"),
    ("DESCRIPTION 0", "DESCRIPTION"),
    ("DESCRIPTION 1", "SSL_set_session() lends session to ssl, see SSL_new(3)."),
    ("DESCRIPTION 2", 'Nothing is "copied".'),
    ("DESCRIPTION 3", "That a > b is no link, here is one."),
    ("DESCRIPTION 4", "Two paragraphs, e.g. This one, are one too many!"),
    ("RETURN VALUES 0", "RETURN VALUES"),
    ("RETURN VALUES 1", "These are known:"),
    ("RETURN VALUES 2", "0 It went wrong."),
    ("RETURN VALUES 3", "Look elsewhere."),
    ("RETURN VALUES 4", "1 It went well."),
    ("SEE ALSO 0", "SEE ALSO"),
    ("SEE ALSO 1", "ssl(7), SSL_clear(3)"),
]


def read(text: str):
    """Return the page that `text` is."""
    return parse(Source("page", text))


def said(page):
    """Return what a page says, by place, without what stands outside of it."""
    return [(sentence.where, " ".join(sentence.chars)) for sentence in page.sentences if not sentence.outside]
