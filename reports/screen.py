"""A console to which only plain text gets: what a library calls itself, or a path, can't colour, move or hide anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from sslspec.reports.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, RenderableType

#: A sentence is hard to follow over more columns than this, however many there are.
_TEXT_WIDTH = 120


@dataclass(frozen=True)
class Screen:
    """Prints paragraphs, titles, pairs and tables, without the blanks that rich fills its lines with."""

    console: Console

    def text(self, text: str, style: str = "", indent: int = 0, hanging: int = 0) -> None:
        """Print a paragraph, wrapped; its lines after the first are indented by `hanging` more."""
        first, *rest = self._safe(text, style).wrap(self.console, max(self._width() - indent - hanging, 1))
        for line in (first, *rest):
            self.show(Padding(line, (0, 0, 0, indent if line is first else indent + hanging)))

    def title(self, text: str, style: str = "bold") -> None:
        """Print the title of a section."""
        self.console.print()
        self.text(text, style)

    def pairs(self, pairs: Iterable[tuple[str, str]], indent: int = 2) -> None:
        """Print labels and texts in two columns."""
        pairs = [(plain(label), text) for label, text in pairs]
        longest = max((len(label) for label, _ in pairs), default=0)
        left = min(longest, max(self._width() // 3, 1))
        table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
        table.add_column(width=left, overflow="fold")
        table.add_column(max_width=max(self._width() - indent - left - 2, 1), overflow="fold")
        for label, text in pairs:
            table.add_row(self._safe(label, "dim"), self._safe(text))
        self.show(Padding(table, (0, 0, 0, indent)))

    def show(self, renderable: RenderableType) -> None:
        """Print anything, without blanks at the ends of lines: what is printed is also copied and kept in files."""
        for line in self.console.render_lines(renderable, self.console.options, pad=False):
            self.console.print(Segments([*self._encodable(_stripped(line)), Segment.line()]), end="", soft_wrap=True)

    def _width(self) -> int:
        return min(self.console.width, _TEXT_WIDTH)

    def _safe(self, text: str, style: str = "") -> Text:
        return Text(plain(text), style=style, overflow="fold")

    def _encodable(self, line: list[Segment]) -> list[Segment]:
        # What a console has no sign for is shown as an escape; Python would end the command.
        encoding = self.console.encoding
        return [segment._replace(text=segment.text.encode(encoding, "backslashreplace").decode(encoding)) for segment in line]


def _stripped(line: list[Segment]) -> list[Segment]:
    while line and not line[-1].text.strip():
        line = line[:-1]
    return [*line[:-1], Segment(line[-1].text.rstrip(), line[-1].style)] if line else []
