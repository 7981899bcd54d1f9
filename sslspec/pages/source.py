"""What a page is read from: a file or standard input, perhaps compressed, in some encoding, perhaps with numbers in its margin.

The lines that come out are free of margins, and know where they begin in the input as it was given.
"""

from __future__ import annotations

import bz2
import lzma
import re
import sys
import zlib
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sslspec.pages.errors import PageNotRead
from sslspec.pages.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

#: No page of ours comes near to it: they have 4 KB, and 12 KB with the preamble of Pod::Man.
MOST_BYTES = 1 << 18

#: A header that documents all of libssl has 330 KB. What is in it before anything is decoded, and how much it may have.
_OF_HEADER = b"OPENSSL_EXPORT "
_MOST_BYTES_OF_HEADER = 1 << 20

#: A decompressor may take this much memory; xz -9 needs 65 MB.
_MOST_MEMORY = 1 << 27

#: Fewer lines with a number than this may be anything.
_FEWEST_NUMBERED = 5

_MARGIN = re.compile(r"[ \t]*(\d{1,6})(?:[.:|][ \t]|[ \t])")


class Position(NamedTuple):
    """A place in the input as it was given, line and column both from 1 on."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its margin.

    text: what stands in it. after_hole: whether numbers in the margin say that lines are missing before it.
    """

    text: Text
    after_hole: bool = False


@dataclass(frozen=True)
class Source:
    """A page as it was given.

    name: the file's name, "-" for standard input. text: all of it. warning: what was odd about its encoding, or "".
    """

    name: str
    text: str
    warning: str = ""

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Return the lines, without numbers in the margin."""
        raw = self.text.split("\n")
        plain = [Text.at(text.removesuffix("\r"), start) for text, start in zip(raw, self._starts, strict=True)]
        numbers = [_MARGIN.match(f"{line.chars} ") for line in plain]
        if not _is_margin(plain, numbers):
            return tuple(Line(line) for line in plain)
        lines, before = [], 0
        for line, match in zip(plain, numbers, strict=True):
            number = int(match.group(1)) if match else 0
            lines.append(Line(line[match.end() :] if match else line, bool(before) and number > before + 1))
            before = number or before
        return tuple(lines)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))][:-1]

    def position(self, place: int) -> Position:
        """Return the line and column of an offset in the input."""
        line = bisect_right(self._starts, place)
        return Position(line, place - self._starts[line - 1] + 1)


def _is_margin(lines: list[Text], numbers: list[re.Match[str] | None]) -> bool:
    """Return whether from some line on nearly every one that is not empty begins with a number, each greater than the one before."""
    found = [int(match.group(1)) for match in numbers if match]
    if len(found) < _FEWEST_NUMBERED:
        return False
    # A site puts lines of its own before the listing.
    first = next((at for at, match in enumerate(numbers) if match), 0)
    written = sum(bool(line.chars.strip()) for line in lines[first:])
    return len(found) >= 0.9 * written and all(one < other for one, other in pairwise(found))


def load(name: str) -> Source:
    """Return what is in the file called `name`, "-" for standard input, unpacked and decoded.

    Raises OSError or PageNotRead when it cannot be read; see `sslspec.pages.errors`.
    """
    data = _unpacked(_bytes(name))
    if not data.strip():
        raise PageNotRead("it is empty")
    return _decoded(name, data)


def _bytes(name: str) -> bytes:
    if name == "-":
        data = sys.stdin.buffer.read(_MOST_BYTES_OF_HEADER + 1)
    else:
        with Path(name).open("rb") as file:
            data = file.read(_MOST_BYTES_OF_HEADER + 1)
    return _limited(data, "is bigger than", "is")


def _limited(data: bytes, how: str, does: str) -> bytes:
    """Return `data`; raises PageNotRead where it has more than a page, or a header that documents several, may have."""
    most, what = (_MOST_BYTES_OF_HEADER, "header") if _OF_HEADER in data else (MOST_BYTES, "page of a function")
    if len(data) > most:
        raise PageNotRead(f"it {how} {most >> 10} KB, and no {what} {does}")
    return data


class _Decompressor(Protocol):
    """What zlib, bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


#: What a compressed file begins with -> what unpacks it.
_PACKED: dict[bytes, Callable[[], _Decompressor]] = {
    b"\x1f\x8b": lambda: zlib.decompressobj(wbits=31),
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\0": lambda: lzma.LZMADecompressor(memlimit=_MOST_MEMORY),
}


def _unpacked(data: bytes) -> bytes:
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        raise PageNotRead("it is compressed by zstd; unpack it first: zstd -dc")
    begin = next((begin for magic, begin in _PACKED.items() if data.startswith(magic)), None)
    if begin is None:
        return data
    unpacker = begin()
    try:
        text = unpacker.decompress(data, _MOST_BYTES_OF_HEADER + 1)
    except (zlib.error, OSError, lzma.LZMAError) as error:
        raise PageNotRead(f"its compression is damaged: {error}") from error
    _limited(text, "expands to more than", "does")
    if not unpacker.eof:
        raise PageNotRead("it is compressed and cut off")
    return text


def _decoded(name: str, data: bytes) -> Source:
    if b"\0" in data:
        raise PageNotRead("it is binary, or not in UTF-8 (which iconv makes of other encodings)")
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        source = Source(name, data.decode("latin-1"))
        position = source.position(error.start)
        return Source(name, source.text, f"{position}: not UTF-8; the page was read as Latin-1")
