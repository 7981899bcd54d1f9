"""What makes two sentences the same: their words after normalisation, a fingerprint of all of them, and a mark of each.

No sentence of a page is in this project, so what the ledger knows of one is

- its fingerprint, 64 bits of a hash over all words, which tells whether a sentence is exactly the one that is known;
- a mark for each word, 10 bits of a hash keyed with the fingerprint, which tells word by word what changed.

Marks are short on purpose. Of ten thousand words ten share each, so that a sentence of fourteen words may be any of 10 to the 14th: it
cannot be read out of its marks, and the key makes those of one sentence say nothing about another's. But who has the changed sentence
in hand can lay its words beside them and see which still fit. A word that took another's place fits by chance once in 1024 times; the
fingerprint differs all the same.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from sslspec.pages.text import HOLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sslspec.pages.text import Word

#: Two of these make a mark; a hole is two dots.
_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_LENGTH = 2
MARK_OF_HOLE = "." * _LENGTH
_MARKS = re.compile(rf"(?:[{_DIGITS}]{{{_LENGTH}}}|{re.escape(MARK_OF_HOLE)})+")

_FOLDED = str.maketrans(
    {
        **dict.fromkeys("\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}\N{HORIZONTAL BAR}\N{MINUS SIGN}", "-"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032`\u00b4", "'"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"),
    }
)
_QUOTE_OF_TWO = re.compile(r"''")
_DASH_OF_TWO = re.compile(r"--+")
_SECTION = re.compile(r"\((\d)(?:ssl|SSL|ossl)\)")
_URL = re.compile(r"<((?:https?|ftp)://[^<>]*)>")
_REFERENCE = re.compile(r"\(\d(?:ssl|SSL|ossl)?\)[.,;:)\"']*")
_NAME = re.compile(r"[\w.]*\w")
#: What a version control system puts in by itself.
STAMP = re.compile(r"\$(\w{1,20}): [^$\n]{0,200} \$")


def folded(words: Iterable[Word]) -> tuple[Word, ...]:
    """Return `words` as they are compared: quotes, dashes and references to pages written in one way.

    `SSL_free (3)` becomes one word, as other formats write it; what folds to nothing is left out.
    """
    kept: list[Word] = []
    for word in words:
        chars = word.chars if word.is_hole else _fold(word.chars)
        if kept and _REFERENCE.fullmatch(chars) and _NAME.fullmatch(kept[-1].chars):
            kept[-1] = replace(kept[-1], chars=kept[-1].chars + chars, end=word.end)
        elif chars:
            kept.append(replace(word, chars=chars))
    return tuple(kept)


def _fold(chars: str) -> str:
    one = _DASH_OF_TWO.sub("-", _QUOTE_OF_TWO.sub('"', chars.translate(_FOLDED)))
    return _URL.sub(r"\1", _SECTION.sub(r"(\1)", one))


def fingerprint(words: Sequence[str]) -> str:
    """Return 16 hexadecimal digits that only these words, in this order and with these holes, have."""
    return blake2b("\n".join(words).encode(), digest_size=8, person=b"sentence").hexdigest()


def marks(words: Iterable[str], key: str) -> tuple[str, ...]:
    """Return the marks that `words` have in the sentence with the fingerprint `key`."""
    secret = bytes.fromhex(key)
    return tuple(MARK_OF_HOLE if word == HOLE else _mark(word, secret) for word in words)


@cache
def _mark(word: str, secret: bytes) -> str:
    first, second = blake2b(word.encode(), digest_size=_LENGTH, key=secret).digest()
    return _DIGITS[first % len(_DIGITS)] + _DIGITS[second % len(_DIGITS)]


def packed(marks_of_words: Iterable[str]) -> str:
    """Return marks as one string, as the ledger keeps them."""
    return "".join(marks_of_words)


def unpacked(text: str) -> tuple[str, ...]:
    """Return the marks in a string; raises ValueError when it is not made of marks."""
    if not _MARKS.fullmatch(text):
        raise ValueError(f"{text!r} is not made of marks of {_LENGTH} digits")
    return tuple(text[start : start + _LENGTH] for start in range(0, len(text), _LENGTH))
