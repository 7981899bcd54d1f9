"""Reads man(7), the older macros for roff pages, as Pod::Man writes them and as people do."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sslspec.pages.blocks import Block, Kind, Paragraph
from sslspec.pages.errors import Unclosed
from sslspec.pages.roff import REQUEST, arguments, comment, is_comment, unescaped, without_comment
from sslspec.pages.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sslspec.pages.source import Line

_HEADINGS = ("SH", "SS")
_BREAKS = ("PP", "P", "LP", "sp", "TP", "IP", "RS", "RE", "HP", "Vb", "Ve", "nf", "fi", "EX", "EE", "TQ")
_FONTS = ("B", "I", "R", "SM", "SB", "BI", "BR", "IB", "IR", "RB", "RI")
_CLOSED_BY = {"Vb": "Ve", "nf": "fi", "EX": "EE"}
#: What a page says in its source only, or does to the layout: nothing of it is text.
_DEFINITIONS = ("de", "de1", "am", "ig")
_CONDITIONS = ("if", "ie", "el")
#: A condition for one line that holds on a terminal, or not; and what holds where it does not.
_TERMINAL = re.compile(r"\.[ \t]*(if n|ie n|ie t)[ \t]+(?=[.'])")
_OTHERWISE = re.compile(r"\.[ \t]*(el)[ \t]+(?=[.'])")
_BULLETS = ("\N{BULLET}", "*", "o", "-")


def looks_like(lines: Sequence[Line]) -> bool:
    """Return whether there is a title or a heading of man(7)."""
    return any(re.match(r"\.(?:TH|SH)[ \t]", line.text.chars) for line in lines)


class _Man:
    """What is being read: the paragraph that is being put together, and what is open."""

    def __init__(self) -> None:
        self.paragraph = Paragraph()
        self.awaits: Kind | None = None
        #: What closes a region, and where which request opened it.
        self.opened: list[tuple[str, str, int]] = []
        self.begun = False

    def line(self, line: Line) -> Iterator[Block]:
        """Return the blocks that `line` finishes or is."""
        if line.after_hole:
            self.paragraph.hole(line.text.place)
        request = REQUEST.match(line.text.chars)
        self.begun |= request is not None or is_comment(line.text)
        if is_comment(line.text):
            if says := comment(line.text):
                yield Block(Kind.COMMENT, says)
        elif request:
            yield from self._request(request.group(1), line.text, without_comment(line.text[request.end() :]))
        elif not line.text.strip():
            yield from self.paragraph.end()
        elif not self.begun:
            yield Block(Kind.BEFORE, line.text.strip())
        else:
            yield from self._text(unescaped(without_comment(line.text)))

    def _request(self, name: str, line: Text, rest: Text) -> Iterator[Block]:
        if name == "TH":
            yield Block(Kind.COMMENT, line)
        elif name in _HEADINGS:
            yield from self.paragraph.end()
            self.awaits = Kind.HEADING
            if rest.strip():
                yield from self._text(_joined(rest, " "))
        elif name in _FONTS:
            yield from self._text(_joined(rest, " " if len(name) == 1 or name == "SM" else ""))
        elif name in _BREAKS:
            yield from self._break(name, line, rest)

    def _break(self, name: str, line: Text, rest: Text) -> Iterator[Block]:
        yield from self.paragraph.end()
        if name in _CLOSED_BY:
            self.opened.append((_CLOSED_BY[name], name, line.place))
        elif self.opened and name == self.opened[-1][0]:
            self.opened.pop()
        elif name in ("TP", "TQ"):
            self.awaits = Kind.LABEL
        elif name == "IP":
            label = next((unescaped(text) for text, _ in arguments(rest)), Text())
            if label.strip() and label.strip().chars not in _BULLETS:
                yield Block(Kind.LABEL, label.strip())

    def _text(self, text: Text) -> Iterator[Block]:
        self.paragraph.add(text)
        if self.awaits:
            yield from self.paragraph.end(self.awaits)
            self.awaits = None


def read(lines: Sequence[Line]) -> Iterator[Block]:
    """Return the blocks of a page in man(7); raises Unclosed for a definition, a condition or an unfilled region without an end."""
    man = _Man()
    for line in _without_programs(_on_terminal(lines)):
        yield from man.line(line)
    yield from man.paragraph.end()
    if man.opened:
        _, name, place = man.opened[-1]
        raise Unclosed(f".{name}", place)


def _joined(rest: Text, glue: str) -> Text:
    parts = [unescaped(text) for text, _ in arguments(rest)]
    return Text.joined([piece for part in parts for piece in (Text.put_in(glue, part.place), part)][1:])


def _on_terminal(lines: Sequence[Line]) -> Iterator[Line]:
    """Return the lines with those of the one-line conditions that hold on a terminal."""
    on_paper = False
    for line in lines:
        condition = _TERMINAL.match(line.text.chars) or (_OTHERWISE.match(line.text.chars) if on_paper else None)
        on_paper = condition is not None and condition.group(1) == "ie t"
        yield replace(line, text=line.text[condition.end() :]) if condition and not on_paper else line


def _without_programs(lines: Iterable[Line]) -> Iterator[Line]:
    """Return the lines without definitions of macros and without other conditions: in a page only its preamble has them."""
    end, depth, begun = "", 0, ("", 0)
    for line in lines:
        text = line.text.chars
        name = _name(text)
        if depth:
            depth += _depth(text)
        elif end:
            end = "" if re.fullmatch(rf"\.[ \t]*{re.escape(end)}[ \t]*", text) else end
        elif name in _CONDITIONS or text.startswith("\\{"):
            depth, begun = _depth(text), (name or "if", line.text.place)
        elif name in _DEFINITIONS:
            end, begun = _end_of(name, text), (name, line.text.place)
        else:
            yield line
    if depth > 0 or end:
        raise Unclosed(f".{begun[0]}", begun[1])


def _depth(text: str) -> int:
    return text.count("\\{") - text.count("\\}")


def _end_of(name: str, text: str) -> str:
    """Return the request that ends a definition: `.de NAME END`, `.ig END`; the usual one is two dots."""
    words = text.split()[1 if name == "ig" else 2 :]
    return words[0] if words else "."


def _name(text: str) -> str:
    request = REQUEST.match(text)
    return request.group(1) if request else ""
