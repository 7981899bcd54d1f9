"""Man pages as somebody has them, in any of the formats they come in: read into sentences, each with its place in the input.

`source` turns a file into lines, one module for each format lines into blocks, `sentences` blocks into sentences; `recognise` knows the
formats and the pages, and `words` what makes two sentences the same. A reader is held to the program that owns its format
(tests/pages/test_owners.py), and reads damaged pages as well, of which those programs make nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sslspec.pages.errors import PageNotRead, Unclosed
from sslspec.pages.recognise import KNOWN, format_of, page_of
from sslspec.pages.sentences import Sentence, sentences
from sslspec.pages.source import Source, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sslspec.pages.recognise import Format
    from sslspec.pages.source import Line, Position


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was read.

    id: which page it is, `SSL_set_session.3`. format: what it was written in. sentences: all that is in it.
    """

    id: str
    format: str
    source: Source
    sentences: tuple[Sentence, ...]

    def position(self, sentence: Sentence) -> Position:
        """Return line and column of a sentence, in the input as it was given."""
        return self.source.position(sentence.place)


def read_page(name: str) -> Page:
    """Return the page in the file called `name`, the first where there are several; see read_pages."""
    return read_pages(name)[0]


def read_pages(name: str) -> list[Page]:
    """Return the pages in the file called `name`, "-" for standard input: one, but for a header, in which there may be several.

    Raises UsageError, with the file's name, when it cannot be read or holds none of the known pages.
    """
    try:
        return parse_all(load(name))
    except OSError as error:
        raise PageNotRead(f"{name}: {error.strerror or error}") from error
    except PageNotRead as error:
        raise PageNotRead(f"{_named(name)}: {error}") from error


def parse(source: Source) -> Page:
    """Return the page that `source` holds, the first where there are several; see parse_all."""
    return parse_all(source)[0]


def parse_all(source: Source) -> list[Page]:
    """Return the pages that `source` holds; raises PageNotRead when it holds none, or none of the known ones."""
    form = format_of(source.lines)
    pages = [_parsed(source, form, part) for part in form.parts(source.lines)]
    if not pages:
        raise PageNotRead(f"it is a {form.name} and declares none of the functions of {KNOWN}")
    return pages


def _parsed(source: Source, form: Format, lines: Sequence[Line]) -> Page:
    try:
        found = sentences(form.read(lines))
    except Unclosed as error:
        raise PageNotRead(f"{source.position(error.place)}: {error.what} is never closed") from error
    return Page(page_of(found, lines), form.name, source, found)


def _named(name: str) -> str:
    return "standard input" if name == "-" else name
