"""Reads POD, Perl's plain old documentation, in which OpenSSL keeps its pages (perlpod(1)).

A command is the line it stands in, and not, as for Perl, all up to the next empty line: published copies have lost theirs. Only what
`=for` keeps from readers goes on to there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.entities import html5
from typing import TYPE_CHECKING

from sslspec.pages.blocks import Block, Kind, Paragraph
from sslspec.pages.errors import Unclosed
from sslspec.pages.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sslspec.pages.source import Line

_COMMAND = re.compile(r"=([a-z]+\d?)\b[ \t]*")
_CODE = re.compile(r"([A-Z])(<(?:<+(?=\s))?)")
_BULLET = re.compile(r"[*o\-\N{BULLET}]")

#: E<...>, beside the names that HTML has too.
#: What a number may name: no control character, and no half of a pair.
_CHARACTERS = range(0x20, 0xD800)
_ESCAPES = {"sol": "/", "verbar": "|", "lchevron": "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}"}


def looks_like(lines: Sequence[Line]) -> bool:
    """Return whether there is a POD heading or a beginning of POD."""
    return any(re.match(r"=(?:pod|head\d)\b", line.text.chars) for line in lines)


class _Pod:
    """What is being read: the paragraph that is being put together, and what is open."""

    def __init__(self) -> None:
        self.paragraph = Paragraph()
        self.verbatim = False
        self.kept_back = False
        self.outside: Kind | None = Kind.BEFORE
        self.begun: list[Text] = []
        self.lists: list[Text] = []

    def line(self, line: Line) -> Iterator[Block]:
        """Return the blocks that `line` finishes or is."""
        command = _COMMAND.match(line.text.chars)
        if command or not line.text.strip():
            self.kept_back = bool(command and command.group(1) == "for")
        if command and not (self.begun and command.group(1) != "end"):
            yield from self.end()
            yield from self._command(command.group(1), line.text, line.text[command.end() :])
        elif self.outside:
            yield from _nonempty(self.outside, line.text)
        elif not self.begun and not self.kept_back:
            yield from self._text(line)

    def end(self) -> Iterator[Block]:
        """Return the paragraph so far."""
        for block in self.paragraph.end():
            yield block if self.verbatim else Block(block.kind, inline(block.text))
        self.verbatim = False

    def _text(self, line: Line) -> Iterator[Block]:
        if not line.text.strip():
            yield from self.end()
            return
        if line.after_hole:
            self.paragraph.hole(line.text.place)
        elif line.text.chars[0].isspace() and not self.paragraph:
            self.verbatim = True
        self.paragraph.add(line.text, "\n")

    def _command(self, name: str, line: Text, text: Text) -> Iterator[Block]:
        self.outside = Kind.AFTER if name == "cut" else None
        if name.startswith("head"):
            yield from _nonempty(Kind.HEADING, inline(text))
        elif name == "item" and not _BULLET.fullmatch(text.strip().chars):
            yield from _nonempty(Kind.LABEL, inline(text))
        elif name == "over":
            self.lists.append(line)
        elif name == "back":
            del self.lists[-1:]
        elif name == "begin":
            self.begun.append(line)
        elif name == "end":
            del self.begun[-1:]


def read(lines: Sequence[Line]) -> Iterator[Block]:
    """Return the blocks of a page in POD; raises Unclosed for an inline code, a list or a region that has no end."""
    pod = _Pod()
    for line in lines:
        yield from pod.line(line)
    yield from pod.end()
    for opened, what in ((pod.lists, "=over"), (pod.begun, "=begin")):
        if opened:
            raise Unclosed(what, opened[-1].place)


def _nonempty(kind: Kind, text: Text) -> Iterator[Block]:
    if text.strip():
        yield Block(kind, text.strip())


@dataclass
class _Open:
    """A formatting code that is not closed yet: its letter, what closes it, and what it holds so far."""

    letter: str
    closing: str
    place: int
    parts: list[Text]


def inline(text: Text) -> Text:
    """Return `text` without its formatting codes; raises Unclosed for one that has no end."""
    # No recursion: nothing keeps a page from nesting a hundred thousand of them.
    stack = [_Open("", "", 0, [])]
    start = 0
    while True:
        code = _CODE.search(text.chars, start)
        closing = stack[-1].closing
        end = text.chars.find(closing, start) if closing else -1
        if end >= 0 and (code is None or end < code.start()):
            closed = stack.pop()
            stack[-1].parts.append(_shown(closed.letter, Text.joined([*closed.parts, text[start:end]])))
            start = end + len(closing)
        elif code:
            letter, opening = code.groups()
            stack[-1].parts.append(text[start : code.start()])
            stack.append(_Open(letter, ">" if opening == "<" else " " + ">" * len(opening), text.places[code.start()], []))
            start = code.end()
        elif closing:
            raise Unclosed(f"{stack[-1].letter}<", stack[-1].place)
        else:
            return Text.joined([*stack[0].parts, text[start:]])


def _shown(letter: str, content: Text) -> Text:
    if letter in "XZ":
        return Text()
    if letter == "E":
        return Text.put_in(_escape(content.chars), content.place)
    return _link(content) if letter == "L" else content


def _escape(name: str) -> str:
    if re.fullmatch(r"0x[0-9a-fA-F]{1,6}|0[0-7]{1,7}|[1-9]\d{0,6}", name):
        number = int(name, 8 if name.startswith("0") and not name.startswith("0x") else 0)
        return chr(number) if number in _CHARACTERS else ""
    return _ESCAPES.get(name) or html5.get(f"{name};", "")


def _link(target: Text) -> Text:
    """Return the words of a link: its own, or the page or section it leads to."""
    shown, bar, _ = target.chars.partition("|")
    if bar or "://" in shown:
        return target[: len(shown)]
    page, slash, section = shown.partition("/")
    if not slash:
        return target
    return Text.put_in(f'"{section}"' + (f" in {page}" if page else ""), target.place)
