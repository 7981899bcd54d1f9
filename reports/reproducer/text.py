"""Strings of a record in C: nothing in them can end a comment or a literal, continue a line, or be anything but text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from sslspec.reports.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

#: In columns, of a comment's text.
_WIDTH = 100

#: What would begin or end a comment, or a trigraph.
_APART = {"*/": "* /", "/*": "/ *", "??": "? ?"}

_ESCAPES = {'"': '\\"', "\\": "\\\\", "?": "\\?"}


def comment(text: str) -> str:
    """Return `text` in one line of ASCII that may stand in a C comment."""
    line = plain(text).encode("ascii", "backslashreplace").decode()
    for pair, apart in _APART.items():
        # Twice, because a replacement can leave another pair: three question marks have two of them.
        line = line.replace(pair, apart).replace(pair, apart)
    return line.rstrip("\\")


def commented(text: str, label: str = "") -> Iterable[str]:
    """Go through the lines of a comment that says `text` behind `label`, the later ones indented; each begins with a space."""
    first = f" {label:<10}" if label else " "
    return textwrap.wrap(comment(text), _WIDTH, initial_indent=first, subsequent_indent=" " * len(first), break_on_hyphens=False) or [first]


def literal(text: str) -> str:
    """Return the C string literal of `text` in UTF-8, with its quotation marks."""
    return '"' + "".join(_escaped(byte) for byte in plain(text).encode("utf-8", "backslashreplace")) + '"'


def _escaped(byte: int) -> str:
    char = chr(byte)
    # All beyond ASCII have three octal digits, which is an escape's most: a digit that follows is not taken for part of it.
    return _ESCAPES.get(char) or (char if char.isascii() and char.isprintable() else f"\\{byte:o}")
