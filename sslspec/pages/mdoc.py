"""Reads mdoc(7), the semantic macros for roff pages in which OpenBSD and LibreSSL keep theirs.

The macros that pages of libraries use are known by what they print; of any other one its arguments are read as plain words. Where
headings are lost, a one-line description and a declaration still say by themselves which section they are of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import TYPE_CHECKING

from sslspec.pages.blocks import Block, Kind, Paragraph
from sslspec.pages.errors import Unclosed
from sslspec.pages.roff import REQUEST, arguments, comment, is_comment, unescaped, without_comment
from sslspec.pages.sentences import SYNOPSIS
from sslspec.pages.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sslspec.pages.source import Line

_CLOSING = tuple(".,:;)]?!")
_OPENING = ("(", "[")

#: Macros that print their arguments as they are.
_PLAIN = (
    "Ad",
    "An",
    "Ar",
    "Cd",
    "Cm",
    "Dv",
    "Em",
    "Er",
    "Ev",
    "Fa",
    "Fl",
    "Ft",
    "Ic",
    "Li",
    "Ms",
    "No",
    "Pa",
    "Sx",
    "Sy",
    "Tn",
    "Va",
    "Vt",
)
#: Macros that print a system's name before its version.
_SYSTEMS = {"Ox": "OpenBSD", "Nx": "NetBSD", "Fx": "FreeBSD", "Bx": "BSD", "Bsx": "BSD/OS", "Dx": "DragonFly", "Ux": "UNIX"}
#: Macros that put the rest of their line between two marks.
_ENCLOSING = {"Pq": "()", "Dq": '""', "Qq": '""', "Sq": "''", "Ql": "''", "Bq": "[]", "Brq": "{}", "Aq": "<>", "Op": "[]"}
#: Macros that put all up to another one between two marks.
_BEGINNING = {"Po": "(", "Do": '"', "Qo": '"', "So": "'", "Bo": "[", "Bro": "{", "Ao": "<", "Oo": "["}
_ENDING = {"Pc": ")", "Dc": '"', "Qc": '"', "Sc": "'", "Bc": "]", "Brc": "}", "Ac": ">", "Oc": "]"}
_CALLABLE = {*_PLAIN, *_SYSTEMS, *_ENCLOSING, *_BEGINNING, *_ENDING, "Fn", "Xr", "Nm", "Ns", "Ap"}

#: Macros that open a region -> the one that closes it.
_CLOSED_BY = {"Bl": "El", "Bd": "Ed"}
_STAMPS = ("Dd", "Dt", "Os")


def looks_like(lines: Sequence[Line]) -> bool:
    """Return whether there is a date, a heading or a description of mdoc(7)."""
    return any(re.match(r"\.(?:Dd|Sh|Nd)[ \t]", line.text.chars) for line in lines)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a line, and whether it stands close to what is before and after it."""

    text: Text
    close_before: bool = False
    close_after: bool = False


class _Mdoc:
    """What is being read: the paragraph that is being put together, where it stands, and what is open."""

    def __init__(self) -> None:
        self.paragraph = Paragraph()
        self.section: str | None = None
        self.close = False
        #: What closes a region, and where which macro opened it.
        self.opened: list[tuple[str, str, int]] = []
        self.damaged = False
        self.begun = False

    def line(self, line: Line) -> Iterator[Block]:
        """Return the blocks that `line` finishes or is."""
        request = REQUEST.match(line.text.chars)
        stamp = request is not None and request.group(1) in _STAMPS
        self.damaged |= line.after_hole
        self.begun |= request is not None or is_comment(line.text)
        if line.after_hole and (self.paragraph or not (stamp or is_comment(line.text))):
            self.paragraph.hole(line.text.place)
        if is_comment(line.text) or stamp:
            if says := line.text if stamp else comment(line.text):
                yield Block(Kind.COMMENT, says)
        elif request:
            yield from self._macro(request.group(1), line.text, without_comment(line.text[request.end() :]))
        elif line.text.strip() and not self.begun:
            yield Block(Kind.BEFORE, line.text.strip())
        elif line.text.strip():
            self._add([_Piece(unescaped(without_comment(line.text)))])
        else:
            yield from self.paragraph.end()

    def _macro(self, name: str, line: Text, rest: Text) -> Iterator[Block]:
        if name in ("Sh", "Ss"):
            yield from self.paragraph.end()
            heading = Text.joined(Text.joined([text, Text.put_in(" ", text.place)]) for text, _ in arguments(rest)).strip()
            if heading:
                self.section = heading.chars
                yield Block(Kind.HEADING, unescaped(heading))
        elif name in ("Pp", "It", "Bl", "El", "Bd", "Ed"):
            yield from self._layout(name, line, rest)
        elif self.section is None and name in ("Nd", "Fn") and _declares(name, rest):
            self._add(_pieces([(line[1:3], False), *arguments(rest)], declaring=True))
            yield from self.paragraph.end(section="NAME" if name == "Nd" else SYNOPSIS)
        else:
            self._add(_pieces([(_named(name, line), False), *arguments(rest)], declaring=self.section == SYNOPSIS))

    def _layout(self, name: str, line: Text, rest: Text) -> Iterator[Block]:
        yield from self.paragraph.end()
        if name == "It":
            if label := _joined(_pieces([(Text.put_in("No", line.place), False), *arguments(rest)], declaring=False)).strip():
                yield Block(Kind.LABEL, label)
        elif name in _CLOSED_BY:
            self.opened.append((_CLOSED_BY[name], name, line.place))
        elif self.opened and self.opened[-1][0] == name:
            self.opened.pop()

    def _add(self, pieces: Sequence[_Piece]) -> None:
        if pieces:
            self.paragraph.add(_joined(pieces), "" if self.close or pieces[0].close_before else " ")
            self.close = pieces[-1].close_after


def read(lines: Sequence[Line]) -> Iterator[Block]:
    """Return the blocks of a page in mdoc(7); raises Unclosed for a list or display without an end, unless lines are missing."""
    mdoc = _Mdoc()
    for line in lines:
        yield from mdoc.line(line)
    yield from mdoc.paragraph.end()
    if mdoc.opened and not mdoc.damaged:
        _, name, place = mdoc.opened[-1]
        raise Unclosed(f".{name}", place)


def _declares(name: str, rest: Text) -> bool:
    return name == "Nd" or any(quoted for _, quoted in arguments(rest))


def _named(name: str, line: Text) -> Text:
    start = line.chars.index(name)
    return line[start : start + len(name)]


def _joined(pieces: Sequence[_Piece]) -> Text:
    parts: list[Text] = []
    close = True
    for piece in pieces:
        parts += [Text.put_in("" if close or piece.close_before else " ", piece.text.place), piece.text]
        close = piece.close_after
    return Text.joined(parts)


def _pieces(given: Sequence[tuple[Text, bool]], *, declaring: bool) -> list[_Piece]:
    """Return what a line of macros prints; a name in quotes is no macro."""
    pieces: list[_Piece] = []
    closers: list[_Piece] = []
    calls = 0

    def group(item: tuple[Text, bool]) -> int:
        nonlocal calls
        calls += not item[1] and (item[0].chars in _CALLABLE or calls == 0)
        return calls

    for _, items in groupby(given, group):
        (macro, _), *rest = items
        marks = _ENCLOSING.get(macro.chars)
        if marks:
            pieces.append(_Piece(Text.put_in(marks[0], macro.place), close_after=True))
            closers.insert(0, _Piece(Text.put_in(marks[1], macro.place), close_before=True))
        pieces += _call(macro, [text for text, _ in rest], declaring=declaring)
    end = len(pieces)
    while closers and end and pieces[end - 1].text.chars in _CLOSING:
        end -= 1
    return [*pieces[:end], *closers, *pieces[end:]]


def _call(macro: Text, given: list[Text], *, declaring: bool) -> list[_Piece]:
    """Return what one macro prints, the punctuation among its arguments set apart."""
    name, place = macro.chars, macro.place
    if name in ("Ns", "Ap"):
        return [_Piece(Text.put_in("'" * (name == "Ap"), place), close_before=True, close_after=True), *_plain(given)]
    if name in _BEGINNING:
        return [_Piece(Text.put_in(_BEGINNING[name], place), close_after=True), *_plain(given)]
    if name in _ENDING:
        return [_Piece(Text.put_in(_ENDING[name], place), close_before=True), *_plain(given)]
    lead = list(takewhile(lambda text: text.chars in _OPENING, given))
    words = list(takewhile(lambda text: text.chars not in _CLOSING + _OPENING, given[len(lead) :]))
    return [*_plain(lead), *_printed(name, place, words, declaring=declaring), *_plain(given[len(lead) + len(words) :])]


def _plain(given: Sequence[Text]) -> list[_Piece]:
    return [
        _Piece(text if text.chars in _CLOSING + _OPENING else unescaped(text), text.chars in _CLOSING, text.chars in _OPENING)
        for text in given
    ]


def _printed(name: str, place: int, words: list[Text], *, declaring: bool) -> list[_Piece]:
    first, *others = words or [Text()]
    if name == "Fn":
        ends = ");" if declaring else ")"
        commas = [piece for text in others for piece in (Text.put_in(", ", text.place), text)][1:]
        return [_Piece(unescaped(Text.joined([first, Text.put_in("(", place), *commas, Text.put_in(ends, place)])))]
    if name == "Xr" and others:
        return [_Piece(Text.joined([first, Text.put_in("(", place), others[0], Text.put_in(")", place)]))]
    if name == "In":
        return [_Piece(Text.joined([Text.put_in("#include <", place), first, Text.put_in(">", place)]))]
    if name == "Nd":
        return [_Piece(Text.put_in("-", place)), *_plain(words)]
    if name in _SYSTEMS:
        return [_Piece(Text.put_in(_SYSTEMS[name], place)), *_plain(words)]
    return _plain(words)
