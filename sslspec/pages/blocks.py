"""What a reader makes of a page: blocks, in the order of the page, free of markup."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from sslspec.pages.text import HOLE, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sslspec.pages.source import Line


class Kind(Enum):
    """What a block is."""

    HEADING = "heading"
    TEXT = "text"
    #: The label of an item in a list: it belongs to the text after it.
    LABEL = "label"
    #: Outside of the page: a comment in its source, or what stands before or after it.
    COMMENT = "(comments)"
    BEFORE = "(before the page)"
    AFTER = "(after the page)"


#: The kinds that are no text of the page; each is a section of its own, in which a line counts for a sentence.
OUTSIDE = (Kind.COMMENT, Kind.BEFORE, Kind.AFTER)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, a label, or a line outside of the page.

    section: the section it belongs to, where it shows that by itself and not by the heading before it.
    """

    kind: Kind
    text: Text
    section: str | None = None


class Reader(Protocol):
    """A format: lines in, blocks out. A damaged page is read as far as it goes; markup that is never closed raises Unclosed."""

    def __call__(self, lines: Sequence[Line]) -> Iterator[Block]:
        """Return the blocks of a page."""
        ...


class Paragraph:
    """Lines on their way to becoming one block."""

    def __init__(self) -> None:
        self._parts: list[Text] = []

    def __bool__(self) -> bool:
        return bool(self._parts)

    def hole(self, place: int) -> None:
        """Note that something is lost here."""
        if not (self._parts and HOLE in self._parts[-1].chars):
            self._parts.append(Text.put_in(f" {HOLE} ", place))

    def add(self, text: Text, glue: str = " ") -> None:
        """Add a line, with `glue` before it."""
        if text:
            self._parts += [Text.put_in(glue if self._parts else "", text.place), text]

    def end(self, kind: Kind = Kind.TEXT, section: str | None = None) -> Iterator[Block]:
        """Return what there is as one block, if it is more than white space, and begin anew."""
        text = Text.joined(self._parts).strip()
        self._parts = []
        if text:
            yield Block(kind, text, section)
