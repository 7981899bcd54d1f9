"""Reads a page as it is shown: by man on a terminal, with its overstruck letters and colours or without, or copied from a site.

A site's copy may be flattened: one paragraph in a line, and headings that stick to the text after them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sslspec.pages.blocks import Block, Kind, Paragraph
from sslspec.pages.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sslspec.pages.source import Line

#: The headings of pages about functions: what sticks to other text has to be known. The longer of two that begin alike stands first.
_KNOWN = (
    *("NAME", "SYNOPSIS", "DESCRIPTION", "NOTES", "RETURN VALUES", "RETURN VALUE", "EXAMPLES", "EXAMPLE", "ERRORS", "WARNINGS", "BUGS"),
    *("RESTRICTIONS", "CONFORMING TO", "STANDARDS", "SEE ALSO", "HISTORY", "AUTHORS", "CAVEATS", "COPYRIGHT"),
)
_GLUED = re.compile(rf"({'|'.join(_KNOWN)})(?=[A-Za-z]\S*\s|\s+\S)")
_FIRST = re.compile(r"\s*(?:NAME|SYNOPSIS|DESCRIPTION)(?:\s|$|[A-Za-z]\S*\s)")
_ALONE = re.compile(r"[A-Z][A-Z ]*")
_BARE = re.compile(rf"[ \t]*(?:{'|'.join(_KNOWN)})[ \t]*")
#: The first and the last line that man prints: SSL_FREE(3)   OpenSSL   SSL_FREE(3), and release, date, title.
_RUNNING = re.compile(r"(\S+\(\d\w*\))[ \t].*[ \t]\1[ \t]*|\S.*\S[ \t]{3,}\S.*[ \t]{3,}\S.*")
_WIDEST = 200
_OVERSTRUCK = re.compile(r"(?:[^\x08]\x08)+([^\x08])")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[mK]|\x1b\]8;[^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b\(B")
_HYPHENATED = re.compile(r"\w\N{HYPHEN}$")
_BROKEN = re.compile(r"\w-$")
_BULLET = re.compile(r"[\N{BULLET}*o\-\N{MIDDLE DOT}][ \t]+")


def looks_like(lines: Sequence[Line]) -> bool:
    """Return whether there is one of the headings that every page has, alone in its line or stuck to text."""
    return any(_FIRST.match(_struck(line.text).chars) for line in lines)


def read(lines: Sequence[Line]) -> Iterator[Block]:
    """Return the blocks of a page as it is shown."""
    shown = [(_struck(line.text), line.after_hole) for line in lines]
    flat = sum(bool(_BARE.fullmatch(text.chars)) for text, _ in shown) < sum(bool(_GLUED.match(text.chars)) for text, _ in shown)
    paragraph, begun = Paragraph(), False
    glue = " "
    for text, after_hole in shown:
        if after_hole:
            paragraph.hole(text.place)
        heading = _heading(text, flat=flat)
        if heading:
            yield from paragraph.end()
            yield Block(Kind.HEADING, heading.strip())
            text = text[len(heading.chars) :]  # noqa: PLW2901  # what sticks to a heading is a line of its own
            begun, glue = True, " "
        elif not begun or (not flat and len(text.chars) <= _WIDEST and _RUNNING.fullmatch(text.chars)):
            yield from paragraph.end()
            if text.strip():
                yield Block(Kind.AFTER if begun else Kind.BEFORE, text.strip())
            continue
        if not text.strip():
            yield from paragraph.end()
            continue
        glue = _add(paragraph, text.strip(), glue)
        if flat:
            yield from paragraph.end()
    yield from paragraph.end()


def _add(paragraph: Paragraph, text: Text, glue: str) -> str:
    """Add a line, and return what stands between it and the next one."""
    bullet = None if paragraph else _BULLET.match(text.chars)
    text = text[bullet.end() :] if bullet else text
    hyphenated = _HYPHENATED.search(text.chars)
    paragraph.add(text[:-1] if hyphenated else text, glue)
    return "" if hyphenated or _BROKEN.search(text.chars) else " "


def _heading(text: Text, *, flat: bool) -> Text | None:
    """Return the heading that a line is, or in a flattened page begins with."""
    match = _GLUED.match(text.chars) if flat else _ALONE.fullmatch(text.chars.rstrip()) or _BARE.fullmatch(text.chars)
    return text[: match.end()] if match else None


def _struck(text: Text) -> Text:
    """Return a line as a terminal shows it: without colours, and of letters that were struck twice the last."""
    text = text.replace(_COLOUR, lambda _: "") if "\x1b" in text.chars else text
    return text.replace(_OVERSTRUCK, lambda match: match.group(1)) if "\x08" in text.chars else text
