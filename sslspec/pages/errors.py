"""Why a page cannot be read, in the order in which it can happen. Each is a UsageError: one line, exit status 2.

    open        there is no such file, it is a folder, it may not be read         -> OSError, or PageNotRead
    size        it is too big, or expands to more than a page can be              -> PageNotRead
    unpack      a compressed page is damaged or cut off                           -> PageNotRead
    decode      it is empty, or binary (what is not UTF-8 is read as Latin-1, with a warning)  -> PageNotRead
    recognise   it is in no format that is known, or is another page              -> PageNotRead
    read        markup that was opened is never closed                            -> PageNotRead, with the place

The name of the file is put before the message by whoever knows it: see `sslspec.pages.read_page`.
"""

from __future__ import annotations

from sslspec.errors import UsageError


class PageNotRead(UsageError):
    """A page cannot be read; the message says why and what to do, without the file's name."""


class Unclosed(Exception):
    """Markup that is never closed.

    what: the markup as it stands in the page ("B<"). place: where it begins, as an offset in the input.
    """

    def __init__(self, what: str, place: int) -> None:
        super().__init__(what, place)
        self.what = what
        self.place = place
