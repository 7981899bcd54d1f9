"""Reads Markdown as pages are published in it: markdown-it-py parses it, and here its tokens become blocks and find their places.

markdown-it-py says of a block in which lines it stands, and nothing of what is inside: each character is looked for in the source.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sslspec.pages.blocks import Block, Kind
from sslspec.pages.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

    from sslspec.pages.source import Line

_HEADING = re.compile(r"#{1,3}[ \t]+(?:NAME|SYNOPSIS|DESCRIPTION)\b", re.IGNORECASE)
_LINK_TARGET = re.compile(r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)|\]\[[^\]]*\]|\]")


def looks_like(lines: Sequence[Line]) -> bool:
    """Return whether there is a heading of a man page in Markdown."""
    return any(_HEADING.match(line.text.chars) for line in lines)


def read(lines: Sequence[Line]) -> Iterator[Block]:
    """Return the blocks of a page in Markdown."""
    from markdown_it import MarkdownIt  # noqa: PLC0415  # the other formats do without

    tokens = MarkdownIt("commonmark").parse("\n".join(line.text.chars for line in lines))
    titled = False
    for number, token in enumerate(tokens):
        if token.type in ("inline", "code_block", "fence", "html_block") and (text := _placed(token, _lines_of(token, lines))):
            kind = _kind(tokens, number, text)
            titled |= kind is Kind.HEADING
            yield Block(kind if titled else Kind.BEFORE, text)


def _kind(tokens: Sequence[Token], number: int, text: Text) -> Kind:
    """Return what the token at `number` is: a heading, a label (a word that begins an item, or before something quoted), or text."""
    before = [token.type for token in tokens[max(0, number - 2) : number]]
    after = [token.type for token in tokens[number + 1 : number + 3]]
    if "heading_open" in before:
        return Kind.HEADING
    labels = "list_item_open" in before or "blockquote_open" in after
    return Kind.LABEL if labels and not re.search(r"\s", text.chars) else Kind.TEXT


def _lines_of(token: Token, lines: Sequence[Line]) -> Text:
    start, end = token.map or (0, 0)
    return Text.joined(part for line in lines[start:end] for part in (line.text, Text.put_in("\n", line.text.place)))


def _placed(token: Token, source: Text) -> Text:
    """Return what `token` shows, each character at its place in `source`."""
    parts, start = [], 0
    for child in token.children or [token]:
        if child.type == "link_close":
            target = _LINK_TARGET.search(source.chars, start)
            start = target.end() if target else start
        shown = "\n" if child.type in ("softbreak", "hardbreak") else child.content
        for char in shown:
            found = source.chars.find(char, start)
            # An entity such as &lt; shows what the source does not have.
            parts.append(source[found : found + 1] if found >= 0 else Text.put_in(char, source[start : start + 1].place))
            start = found + 1 if found >= 0 else start
    return Text.joined(parts).strip()
