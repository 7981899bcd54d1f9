"""What the two formats of roff pages, mdoc and man, have in common: comments, requests, arguments, escapes (groff(7))."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sslspec.pages.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A line that is a request or a macro: its name, and where its arguments begin.
REQUEST = re.compile(r"[.'][ \t]*([A-Za-z0-9]+)(?=[ \t\\]|$)[ \t]*")
COMMENT = re.compile(r"[.'][ \t]*\\\"[ \t]?|\.[ \t]*$")
_TRAILING_COMMENT = re.compile(r"(?<!\\)\\\".*")
_ARGUMENT = re.compile(r"\"((?:[^\"]|\"\")*)(?:\"|$)|((?:\\ |\\.|[^\s\\])+)")

_ESCAPE = re.compile(
    r"\\(?:\((?P<two>..)|\[(?P<long>[^\]]*)\]|\*(?:\((?P<string>..)|\[(?P<name>[^\]]*)\]|(?P<short>.))"
    r"|f(?:\(..|\[[^\]]*\]|.)|s(?:[+-]?\d|\([+-]?\d\d|\[[^\]]*\])|[hv]'[^']*'|(?P<char>.))"
)
_CHARACTERS = {"em": "\N{EM DASH}", "en": "\N{EN DASH}", "bu": "\N{BULLET}", "co": "\N{COPYRIGHT SIGN}", "hy": "-", "mi": "-"}
_CHARACTERS |= {"lq": '"', "rq": '"', "oq": "'", "cq": "'", "aq": "'", "dq": '"', "ga": "`", "ha": "^", "ti": "~", "rs": "\\", "sl": "/"}
_CHARACTERS |= {"la": "<", "ra": ">", "lB": "[", "rB": "]", "pl": "+", "eq": "=", "ul": "_", "at": "@", "sh": "#", "Do": "$"}
#: The strings that Pod::Man and groff define, as they come out on a terminal.
_STRINGS = {'L"': '"', 'R"': '"', "C`": "", "C'": "", "Aq": "'", "--": "-", "PI": "pi", "C+": "C++", "lq": '"', "rq": '"', "R": "(R)"}
#: Escapes of one character; all that are not here (hyphenation points, thin spaces) leave nothing.
_SINGLE = {"-": "-", "e": "\\", "\\": "\\", " ": " ", "~": " ", "0": " ", "'": "'", "`": "`", ".": ".", '"': ""}


def is_comment(text: Text) -> bool:
    """Return whether a line is a comment, or a control character alone."""
    return bool(COMMENT.match(text.chars))


def comment(text: Text) -> Text:
    """Return what a comment says."""
    match = COMMENT.match(text.chars)
    return text[match.end() :].strip() if match else text


def without_comment(text: Text) -> Text:
    """Return a line without the comment at its end."""
    match = _TRAILING_COMMENT.search(text.chars)
    return text[: len(text.chars[: match.start()].rstrip())] if match else text


def arguments(text: Text) -> Iterator[tuple[Text, bool]]:
    """Return the arguments of a macro, and of each whether it was quoted: a macro's name in quotes is no macro."""
    for match in _ARGUMENT.finditer(text.chars):
        quoted = match.group(1) is not None
        start, end = match.span(1 if quoted else 2)
        yield text[start:end].replace(re.compile('""'), lambda _: '"') if quoted else text[start:end], quoted


def unescaped(text: Text) -> Text:
    """Return `text` with its escapes as they come out on a terminal without fonts."""
    return text.replace(_ESCAPE, _character)


def _character(match: re.Match[str]) -> str:
    name = match["two"] or match["long"]
    if name:
        return _CHARACTERS.get(name, _unicode(name))
    string = match["string"] or match["name"] or match["short"]
    if string:
        return _STRINGS.get(string, "")
    return _SINGLE.get(match["char"] or "", "")


def _unicode(name: str) -> str:
    """Return the character of a name such as u2013; of any other, the replacement character."""
    number = int(name[1:], 16) if re.fullmatch(r"u[0-9A-F]{4,6}", name) else 0
    return chr(number) if number in range(0x20, 0xD800) else "\N{REPLACEMENT CHARACTER}"
