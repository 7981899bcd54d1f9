"""Prose in, words with their meaning out: which of them is a function, a constant or a type, so that each format can mark it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What a word of a draft stands for."""

    PLAIN = "plain"
    FUNCTION = "function"
    CONSTANT = "constant"
    TYPE = "type"


@dataclass(frozen=True, slots=True)
class Token:
    """A word without white space. before, after: punctuation that belongs to it; a function's parentheses are in neither."""

    text: str
    meaning: Meaning = Meaning.PLAIN
    before: str = ""
    after: str = ""


_KINDS = (
    (Meaning.FUNCTION, r"SSL_(?:CTX_|SESSION_)?[a-z]\w*(?:\(\))?"),
    (Meaning.TYPE, r"SSL_(?:CTX|SESSION)"),
    (Meaning.CONSTANT, r"NULL|SIG[A-Z]+|SSL_[A-Z_]+"),
)
_TOKENS = [(meaning, re.compile(rf"(?P<before>\(*)(?P<text>{pattern})(?P<after>'s|[.,;:)?]*)")) for meaning, pattern in _KINDS]
_SENTENCE = re.compile(r"(?<=[.?!]) (?=[A-Z])")


def tokens(sentence: str) -> list[Token]:
    """Return the words of a sentence, in their order."""
    return [_token(word) for word in sentence.split()]


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    return _SENTENCE.split(text)


def _token(word: str) -> Token:
    for meaning, pattern in _TOKENS:
        if match := pattern.fullmatch(word):
            return Token(match["text"].removesuffix("()"), meaning, match["before"], match["after"])
    return Token(word)
