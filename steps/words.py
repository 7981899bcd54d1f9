"""The words that may stand in a step's sentence, and how a sentence with them is recognised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_bdd import parsers

from sslspec.adapters.interface import Point, Reaction

if TYPE_CHECKING:
    from collections.abc import Callable

_ADJECTIVES = "old|new|first|second|server's|expired"

_COMPARED = r"as many {1} as before|\d+ (?:{0}|{1}) (?:more|fewer) than before"

_POINTS = {"the client has spoken": Point.CLIENT_SPOKE, "the server has answered": Point.SERVER_ANSWERED}

#: placeholder -> what it matches. A session is called by its adjective, "" for none.
_PATTERNS = {
    "a session": rf"(?:an? )(?P<session>(?:(?:{_ADJECTIVES}) )?)session",
    "the session": rf"the (?P<session>(?:(?:{_ADJECTIVES}) )?)session",
    "the cache": r"the (?P<whose>(?:client's |server's )?)cache",
    "the context": r"the (?P<whose>(?:client's |server's )?)context",
    "protocol": r"(?P<protocol>TLS 1\.[23] .+)",
    "of version": r"(?: of (?P<version>TLSv1\.[23]))?",
    "role": r"(?P<role>client|server)",
    "number": r"(?P<number>\d+)",
    "mode": r"(?P<mode>[a-z-]+(?: and [a-z-]+)*)",
    "flag": r"(?P<flag>sent|received)",
    "returned": r"(?P<returned>0 or 1|\d+)",
    "not": r"(?P<negated>not )?",
    "cached": r"(?P<cached> whose session is cached)?",
    "quietly": r"(?P<quietly> quietly)?",
    "shut down and": r"(?P<first>shut down and )?",
    "the call": r"the call(?P<inside> inside the callback)?",
    "doing": rf"(?: that (?P<reaction>{'|'.join(Reaction)}))?",
    "the client has spoken": f"(?P<until>{'|'.join(_POINTS)})",
    "which": r"(?P<which>whether the|which)",
    # What is set, added or removed, and where.
    "what": rf"(?:the (?P<session>(?:(?:{_ADJECTIVES}) )?)session|(?P<other>another session|none))",
    "where": r"(?P<where>(?:the server's end of )?(?:a new|the) connection|two new connections)",
    "ends": r"(?P<ends>at both ends|at neither end|on both connections|on neither connection)",
    # A number against the one before the first When: "as many entries as before", "2 references fewer than before".
    "entries compared": rf"(?P<gained>{_COMPARED.format('entry', 'entries')})",
    "references compared": rf"(?P<gained>{_COMPARED.format('reference', 'references')})",
}


def _gained(text: str) -> int:
    number, *rest = text.split()
    if number == "as":
        return 0
    return int(number) if "more" in rest else -int(number)


_CONVERTERS: dict[str, Callable[[str], object]] = {
    "session": lambda text: text.strip(),
    "whose": lambda text: text.removesuffix("'s ") or "the",
    "number": int,
    "negated": bool,
    "cached": bool,
    "quietly": bool,
    "first": bool,
    "inside": bool,
    "reaction": lambda text: Reaction(text or Reaction.NOTHING),
    "until": lambda text: _POINTS[text],
    "which": lambda text: text == "which",
    "returned": lambda text: tuple(map(int, text.split(" or "))),
    "gained": _gained,
}


def sentence(text: str) -> parsers.StepParser:
    """Return the parser of a step's sentence, in which `{...}` stands for a word of the table above.

    The arguments of the step are the groups that the words name: session, whose, protocol, version, ...
    """
    pieces = re.split(r"\{(.+?)\}", text)
    pattern = "".join(_PATTERNS[piece] if index % 2 else re.escape(piece) for index, piece in enumerate(pieces))
    return _Sentence(text, re.compile(pattern))


class _Sentence(parsers.StepParser):
    """A sentence that is matched as a whole, its words converted."""

    def __init__(self, name: str, pattern: re.Pattern[str]) -> None:
        super().__init__(name)
        self._pattern = pattern

    def parse_arguments(self, name: str) -> dict[str, object] | None:
        match = self._pattern.fullmatch(name)
        if match is None:
            return None
        return {key: _CONVERTERS.get(key, str)(value or "") for key, value in match.groupdict().items()}

    def is_matching(self, name: str) -> bool:
        return self._pattern.fullmatch(name) is not None


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 reference", "2 references", "1 entry"."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def change(gained: int, noun: str) -> str:
    """Return a change of a number in the words of the steps: "1 reference more than before"."""
    if gained == 0:
        return f"as many {counted(0, noun)[2:]} as before"
    return f"{counted(abs(gained), noun)} {'more' if gained > 0 else 'fewer'} than before"


def named(key: str) -> str:
    """Return how a step calls the session: "the old session"."""
    return f"the {key} session".replace("  ", " ")


def cache_named(whose: str) -> str:
    """Return how a step calls the cache: "the client's cache"."""
    return "the cache" if whose == "the" else f"the {whose}'s cache"
