"""A draft in POD, as OpenSSL's pages are written: functions with parentheses and no markup, constants and types in bold."""

from __future__ import annotations

import re
from textwrap import fill
from typing import TYPE_CHECKING

from sslspec.drafting import CAVEATS
from sslspec.drafting.markup import Meaning, Token, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sslspec.drafting import Draft, Passage

_WIDTH = 78
#: What other pages have a section for, these say in another.
_SECTIONS = {CAVEATS: "NOTES"}
_SIGN = {"<": "E<lt>", ">": "E<gt>"}


def written(draft: Draft) -> str:
    """Return the draft, to be put into a page in parts or as a whole; its comments are none of the page's text."""
    paragraphs = [_comment(draft.about)]
    below = ""
    for passage in draft.passages:
        if passage.below != below:
            paragraphs.append(_comment(f"Below {_SECTIONS.get(passage.below, passage.below)}:"))
        below = passage.below
        paragraphs += _passage(passage)
    return "\n\n".join(paragraphs) + "\n"


def _comment(text: str) -> str:
    return fill(f"=for comment {text}", _WIDTH, break_long_words=False, break_on_hyphens=False)


def _passage(passage: Passage) -> Iterator[str]:
    yield _paragraph(passage.text)
    if passage.items:
        yield "=over 4"
        for item in passage.items:
            yield "=item *"
            yield _paragraph(item)
        yield "=back"


def _paragraph(text: str) -> str:
    return fill(" ".join(map(_marked, tokens(text))), _WIDTH, break_long_words=False, break_on_hyphens=False)


def _marked(token: Token) -> str:
    text = _escaped(token.text)
    if token.meaning is Meaning.FUNCTION:
        text = f"{text}()"
    elif token.meaning is not Meaning.PLAIN:
        text = f"B<{text}>"
    return f"{token.before}{text}{token.after}"


def _escaped(text: str) -> str:
    signs = re.sub("[<>]", lambda sign: _SIGN[sign[0]], text)
    return "".join(char if char.isascii() else f"E<{ord(char)}>" for char in signs)
