"""A draft in mdoc, as LibreSSL's pages are written: each sentence on lines of its own, what has a meaning marked by it."""

from __future__ import annotations

import re
from textwrap import wrap
from typing import TYPE_CHECKING

from sslspec.drafting import CAVEATS, HISTORY
from sslspec.drafting.markup import Meaning, Token, sentences, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sslspec.drafting import Draft, Passage

_WIDTH = 76
_COMMENT = '.\\" '
_MACROS = {Meaning.FUNCTION: "Fn", Meaning.CONSTANT: "Dv", Meaning.TYPE: "Vt"}


def written(draft: Draft) -> str:
    """Return the draft, to be put into a page in parts or as a whole; its comments are none of the page's text."""
    lines = [*_comment(draft.about)]
    below = ""
    for passage in draft.passages:
        if passage.below != below:
            lines += _comment(f"Below {passage.below}{_with_a_paragraph(passage)}:")
        elif below:
            lines.append(".Pp")
        below = passage.below
        lines += _passage(passage)
    return "\n".join(lines) + "\n"


def _with_a_paragraph(passage: Passage) -> str:
    # First in its section, the macro would be one too many.
    return ", after a .Pp where there is text already" if passage.below in (CAVEATS, HISTORY) else ""


def _comment(text: str) -> list[str]:
    return wrap(_escaped(text), _WIDTH, initial_indent=_COMMENT, subsequent_indent=_COMMENT, break_long_words=False, break_on_hyphens=False)


def _passage(passage: Passage) -> Iterator[str]:
    yield from _text(passage.text)
    if passage.items:
        yield ".Bl -bullet"
        for item in passage.items:
            yield ".It"
            yield from _text(item)
        yield ".El"


def _text(text: str) -> Iterator[str]:
    for sentence in sentences(text):
        plain: list[str] = []
        for token in tokens(sentence):
            if token.meaning is Meaning.PLAIN:
                plain.append(_escaped(token.text))
                continue
            yield from _filled(plain)
            plain = []
            yield _macro(token)
        yield from _filled(plain)


def _filled(words: list[str]) -> list[str]:
    # A dot or a quote that begins a line would make a macro of it.
    return [re.sub(r"^(?=[.'])", r"\\&", line) for line in wrap(" ".join(words), _WIDTH, break_long_words=False, break_on_hyphens=False)]


def _macro(token: Token) -> str:
    after = ["Ns", token.after] if token.after.startswith("'") else list(token.after)
    return " ".join([f".{_MACROS[token.meaning]}", *token.before, token.text, *after])


def _escaped(text: str) -> str:
    return "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in text.replace("\\", "\\e"))
