"""Standalone C programs that show what a row holds against a library, made from a record alone.

What a program is made from is in case.py, how evidence becomes statements in statements.py, what headers would declare in library.py,
and the machinery below main, which programs share, in templates/.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from sslspec.clauses import Kind
from sslspec.reports.reproducer.case import Case, cases, linking_of
from sslspec.reports.reproducer.library import declarations, words_of
from sslspec.reports.reproducer.statements import OBJECTS, Statements, names
from sslspec.reports.reproducer.text import commented, literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sslspec.record import Linking

__all__ = ["Case", "Program", "cases", "joined", "linking_of", "program"]


@dataclass(frozen=True, slots=True)
class _Block:
    """A part of the machinery.

    file: its template. declares: what stands above main. headers: what it needs beside those of every program.
    """

    file: str
    declares: tuple[str, ...]
    headers: tuple[str, ...] = ()


_HEADERS = ("signal.h", "stdio.h", "stdlib.h", "string.h", "time.h", "unistd.h")

#: The word that asks for it -> a part of the machinery. One may ask for those below it.
_BLOCKS = {
    "begin": _Block(
        "begin.c",
        (
            "static const char *doing;",
            "static volatile sig_atomic_t begun;",
            "static void begin(void);",
            "static void cannot_set_up(void);",
            "static int concluded(int holds, const char *observed);",
        ),
    ),
    "other": _Block("other.c", ("static const char *other(long seen);",)),
    "handshake": _Block(
        "handshake.c",
        (
            "static const char *shake(SSL *client, const char *connect, SSL *server, const char *accept);",
            '#define handshake(client, server) shake(client, "SSL_connect(" #client ")", server, "SSL_accept(" #server ")")',
        ),
    ),
    "new_session": _Block("new_session.c", ("static int new_session(SSL *ssl, SSL_SESSION *session);",)),
    "received": _Block("received.c", ("static SSL_SESSION *received(int index);",)),
    "remove_session": _Block("remove_session.c", ("static void remove_session(SSL_CTX *ctx, SSL_SESSION *session);",)),
    "references": _Block("references.c", ("static long references(SSL_SESSION *session);",), ("malloc.h",)),
    "SSL_SESSION_up_ref": _Block("up_ref.c", ("static int SSL_SESSION_up_ref(SSL_SESSION *session);",)),
    "watch": _Block("watch.c", ("static void watch(SSL_SESSION **variable);",)),
    "hand_made": _Block("hand_made.c", ("static SSL_SESSION *hand_made(const char *label, int version, long age, long timeout);",)),
    "id_of": _Block("id_of.c", ("static const unsigned char *id_of(const char *label);",)),
    "socket_pair": _Block("socket_pair.c", ("static int socket_pair(int *one, int *two);",), ("fcntl.h", "sys/socket.h")),
    "certificate": _Block("certificate.c", ("static const unsigned char certificate[400], key[121];",)),
}

#: How a call is made: with an empty error stack, and with its name at hand for whoever ends the process in it.
_MACROS = {
    "DO": "#define DO(call) (doing = #call, ERR_clear_error(), call)",
    "GIVES": "#define GIVES(call, value) (doing = #call, ERR_clear_error(), (call) == (value) ? (void)0 : cannot_set_up())",
    "MAKES": "#define MAKES(object, call) (doing = #call, ERR_clear_error(), (object = (call)) != NULL ? (void)0 : cannot_set_up())",
}

_LOCALS = {"seen": "long seen;", "before": "long before;", "why": "const char *why;", "byte": "char byte;"}


@dataclass(frozen=True, slots=True)
class Program:
    """A C program in its parts, of which programs have many in common.

    head: the comment, what headers would declare, what stands below, and main. machinery: what stands below main.
    """

    head: tuple[str, ...]
    machinery: tuple[str, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """Return all parts in their order."""
        return (*self.head, *self.machinery)

    @property
    def text(self) -> str:
        """Return the program."""
        return joined(self.parts)


def joined(parts: Iterable[str]) -> str:
    """Return parts of a program as it has them: with an empty line between two."""
    return "\n".join(parts)


def program(case: Case, others: int = 0) -> Program:
    """Return the C program that shows `case`; it exits with 1 where that shows.

    others: how many more rows show something of the same clause on the same implementation. Raises UsageError when the evidence holds
    something that has no form in C.
    """
    linking = linking_of(case.identity)
    written = Statements(case)
    used = words_of("\n".join(written.lines))
    blocks = _blocks(used, written, linking)
    declared = list(_declared(blocks, case, linking, used))
    everything = used.union(words_of("\n".join(declared)), *(words_of(text) for text in blocks.values()))
    facts = {
        "comment": list(_comment(case, linking, others)),
        "headers": sorted({*_HEADERS, *(header for name in blocks for header in _BLOCKS[name].headers)}),
        "library": declarations(linking, everything),
        "declared": declared,
        "objects": list(_objects(written.lines)),
        "locals": [text for name, text in _LOCALS.items() if name in used],
        "statements": written.lines,
    }
    head = tuple(_environment().get_template(name).render(facts) for name in ("comment.c", "library.c", "declared.c", "main.c"))
    return Program(head, tuple(blocks.values()))


def _blocks(used: frozenset[str], written: Statements, linking: Linking) -> dict[str, str]:
    """Return the parts of the machinery that are asked for, and those that they ask for."""
    facts = {
        "initialises": "SSL_library_init" not in linking.missing,
        "method": "TLSv1_2_client_method" if "TLS_client_method" in linking.missing else "TLS_client_method",
        "reaction": written.reaction,
        "reaction_told": written.reaction_told,
    }
    found: dict[str, str] = {}
    asked = used | {"begin"}
    # Each can only ask for one that stands below it.
    for name, block in _BLOCKS.items():
        if name in asked and (name in linking.missing or not name.startswith("SSL_")):
            found[name] = _environment().get_template(block.file).render(facts)
            asked |= words_of(found[name])
    return found


def _declared(blocks: dict[str, str], case: Case, linking: Linking, used: frozenset[str]) -> Iterator[str]:
    yield f"static const char expected[] = {literal(case.expected)};"
    for name in blocks:
        yield from _BLOCKS[name].declares
    if used & {*_MACROS}:
        yield "/* A call; one on the way to what it is about, which must give this value; one that must give an object. */"
    yield from (text for name, text in _MACROS.items() if name in used)
    if "references" in blocks:
        yield f"#define AHEAD {linking.ahead} /* so many bytes of an allocated block stand before the pointer to it */"


def _objects(statements: list[str]) -> Iterator[str]:
    for kind, pattern in OBJECTS.items():
        found = list(names(statements, pattern))
        star = "*" if kind.endswith("*") else ""
        if found:
            yield f"static {kind.rstrip('*')}{', '.join(star + name for name in found)};"


def _comment(case: Case, linking: Linking, others: int) -> Iterator[str]:
    clause, row, identity = case.clause, case.row, case.identity
    yield from commented(f"{clause.id} ({clause.kind})")
    yield from commented(clause.says, "Page")
    if clause.kind is Kind.READING:
        yield from commented(clause.takes, "Taken as")
        for other in clause.others:
            yield from commented(other, "Or else")
    yield from commented(identity.edition, "Edition")
    version = identity.version if identity.family in identity.version.casefold() else f"{identity.family} {identity.version}"
    yield from commented(f"{version} ({identity.name})", "Library")
    more = f" (one of {others + 1} in which it does otherwise; sslspec reproduce --row chooses)" if others else ""
    yield from commented(f"{row.title}{more}", "Case")
    yield from commented(case.expected, "Expected")
    yield from commented(case.observed, "Observed")
    yield ""
    yield from commented(f"cc repro.c {' '.join('-l' + name for name in linking.libraries)} && ./a.out")
    yield from commented("Exit status: 1 as observed, 0 as expected, 2 where the case cannot be set up.")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("sslspec.reports.reproducer"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  # C is no HTML; what comes from a record goes through text.py
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
