"""Reads the C header that is the documentation of some libraries: the comments that stand before declarations, with `//` before each line.

One header documents all pages: `parts` finds what of it belongs to which. The comment before a declaration is text of DESCRIPTION, the
declaration itself of SYNOPSIS; both as a man page has them, without the macro that exports and without the marks around names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sslspec.pages.blocks import Block, Kind, Paragraph
from sslspec.pages.sentences import SYNOPSIS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sslspec.pages.source import Line

_EXPORTED = re.compile(r"OPENSSL_EXPORT\s+")
_DECLARED = re.compile(r"OPENSSL_EXPORT\s[\w\s*]{0,80}?\b(?P<function>\w+)\(")
_COMMENT = re.compile(r"// ?")
_MARKED = re.compile(r"(?P<mark>[|`])(?P<name>[^|`\s]{1,80})(?P=mark)")


def looks_like(lines: Sequence[Line]) -> bool:
    """Return whether there is a declaration as headers of OpenSSL's descendants write it."""
    return any(_DECLARED.match(line.text.chars) for line in lines)


def parts(lines: Sequence[Line], functions: Sequence[str]) -> list[Line]:
    """Return the declarations of `functions`, each with the comment before it."""
    found: list[Line] = []
    for number, line in enumerate(lines):
        declared = _DECLARED.match(line.text.chars)
        if declared and declared["function"] in functions:
            found += lines[_first_of_comment(lines, number) : _last_of_declaration(lines, number) + 1]
    return found


def read(lines: Sequence[Line]) -> Iterator[Block]:
    """Return the blocks of comments and declarations: a paragraph of a comment, or a declaration as a whole, is one."""
    paragraph, section = Paragraph(), ""
    for line in lines:
        comment = _COMMENT.match(line.text.chars)
        here = "DESCRIPTION" if comment else SYNOPSIS
        text = line.text[comment.end() :] if comment else line.text.replace(_EXPORTED, lambda _: "")
        if here != section or not text.strip():
            yield from paragraph.end(Kind.TEXT, section)
        section = here
        paragraph.add(text.strip().replace(_MARKED, lambda match: match["name"]))
    yield from paragraph.end(Kind.TEXT, section)


def _first_of_comment(lines: Sequence[Line], number: int) -> int:
    while number and _COMMENT.match(lines[number - 1].text.chars):
        number -= 1
    return number


def _last_of_declaration(lines: Sequence[Line], number: int) -> int:
    while number + 1 < len(lines) and ";" not in lines[number].text.chars:
        number += 1
    return number
