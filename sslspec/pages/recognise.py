"""Which format a page is in, and which page it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from sslspec.pages.errors import PageNotRead
from sslspec.pages.sentences import SYNOPSIS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sslspec.pages.blocks import Reader
    from sslspec.pages.sentences import Sentence
    from sslspec.pages.source import Line

#: The pages that are known -> the functions they document.
PAGES = {
    "SSL_set_session.3": ("SSL_set_session",),
    "SSL_CTX_add_session.3": ("SSL_CTX_add_session", "SSL_CTX_remove_session"),
}

#: The same in words.
KNOWN = " and ".join(page.replace(".3", "(3)") for page in PAGES)

_TITLE = re.compile(r"^(?:[.'].*?)?\b(SSL_\w+)[ .(]3")
_FUNCTION = re.compile(r"\w+(?=\()")


@dataclass(frozen=True, slots=True)
class Format:
    """A format that pages come in.

    name: what it is called. module: where its `looks_like` and its `read` are; imported when a page may need it.
    """

    name: str
    module: str

    def looks_like(self, lines: Sequence[Line]) -> bool:
        """Return whether `lines` may be in this format."""
        return cast("Callable[[Sequence[Line]], bool]", import_module(self.module).looks_like)(lines)

    def parts(self, lines: Sequence[Line]) -> list[Sequence[Line]]:
        """Return the lines of each page; only a header has more than one, and it may have none of those that are known."""
        split = getattr(import_module(self.module), "parts", None)
        return [part for functions in PAGES.values() if (part := split(lines, functions))] if split else [lines]

    @property
    def read(self) -> Reader:
        """Return what reads it."""
        return cast("Reader", import_module(self.module).read)


#: All formats. The first that a page looks like is taken: those that cannot be mistaken for another stand first.
FORMATS = (
    Format("C header", "sslspec.pages.header"),
    Format("POD", "sslspec.pages.pod"),
    Format("mdoc", "sslspec.pages.mdoc"),
    Format("man", "sslspec.pages.man"),
    Format("Markdown", "sslspec.pages.markdown"),
    Format("rendered text", "sslspec.pages.rendered"),
)


def format_of(lines: Sequence[Line]) -> Format:
    """Return the format of a page; raises PageNotRead when it is in none that is known."""
    for candidate in FORMATS:
        if candidate.looks_like(lines):
            return candidate
    known = ", ".join(candidate.name for candidate in FORMATS)
    raise PageNotRead(f"it is no man page in a format that is known ({known}): no section was found")


def page_of(sentences: Sequence[Sentence], lines: Sequence[Line]) -> str:
    """Return which page it is, `SSL_set_session.3`; raises PageNotRead when it is another one."""
    # The name line may be damaged, or lost; where the declarations are lost too, a title may be left.
    names = [*_names(sentences), *_declared(sentences)] or _titles(lines)
    for page, functions in PAGES.items():
        if any(name in functions for name in names):
            return page
    is_another = f"it is the page of {names[0][:60]!r}" if names else "it has no name that could be read"
    raise PageNotRead(f"{is_another}; known are {KNOWN}")


def _names(sentences: Iterable[Sentence]) -> list[str]:
    """Return the names that the name line gives."""
    lines = [sentence.chars for sentence in sentences if sentence.section == "NAME" and sentence.number]
    words = next((words[: words.index("-")] for words in lines if "-" in words), lines[0] if lines else ())
    return [name.rstrip(",") for name in words if name.isprintable()]


def _titles(lines: Iterable[Line]) -> list[str]:
    """Return the functions whose page a title or a comment says it is: `.Dt SSL_FREE 3`, `SSL_free.3,v`."""
    functions = {name.upper(): name for names in PAGES.values() for name in names}
    found = [match.group(1).upper() for line in lines if (match := _TITLE.search(line.text.chars[:200]))]
    return [functions[name] for name in found if name in functions]


def _declared(sentences: Iterable[Sentence]) -> list[str]:
    """Return the functions that the synopsis declares."""
    return [
        name.group()
        for sentence in sentences
        if sentence.section == SYNOPSIS and sentence.number
        for word in sentence.chars
        if (name := _FUNCTION.match(word))
    ]
