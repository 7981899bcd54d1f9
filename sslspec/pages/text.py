"""Text that knows where it came from: characters, each with its offset in the input, and the words made of them.

A reader strips margins and markup, joins lines and puts in what a formatter would; whatever is left can still be found in
the input. What was lost from the input is a hole, a character of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: Stands where a part of the input is lost. No page holds this character: what does is refused as binary.
HOLE = "\0"

_WORD = re.compile(rf"{HOLE}|[^\s{HOLE}]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or a HOLE, and the offsets in the input where it begins and behind its end."""

    chars: str
    place: int
    end: int

    @property
    def is_hole(self) -> bool:
        """Return whether something is lost here."""
        return self.chars == HOLE


@dataclass(frozen=True, slots=True)
class Text:
    """Characters, and for each of them its offset in the input."""

    chars: str = ""
    places: Sequence[int] = ()

    @classmethod
    def at(cls, chars: str, place: int) -> Text:
        """Return `chars` as they stand in the input from `place` on."""
        return cls(chars, range(place, place + len(chars)))

    @classmethod
    def put_in(cls, chars: str, place: int) -> Text:
        """Return `chars` that are not in the input but belong to `place`: what a macro or an escape stands for."""
        return cls(chars, (place,) * len(chars))

    @classmethod
    def joined(cls, parts: Iterable[Text]) -> Text:
        """Return all `parts`, one after the other."""
        kept = tuple(parts)
        return cls("".join(part.chars for part in kept), tuple(place for part in kept for place in part.places))

    def __getitem__(self, part: slice) -> Text:
        return Text(self.chars[part], self.places[part])

    def __bool__(self) -> bool:
        return bool(self.chars)

    @property
    def place(self) -> int:
        """Return where it begins; of no characters at all, 0."""
        return self.places[0] if self.places else 0

    def strip(self) -> Text:
        """Return it without white space at its ends."""
        start = len(self.chars) - len(self.chars.lstrip())
        return self[start : max(start, len(self.chars.rstrip()))]

    def replace(self, pattern: re.Pattern[str], by: Callable[[re.Match[str]], str]) -> Text:
        """Return it with what `by` makes of each match of `pattern`, which then belongs to the place of the match."""
        parts, end = [], 0
        for match in pattern.finditer(self.chars):
            parts += [self[end : match.start()], Text.put_in(by(match), self.places[match.start()])]
            end = match.end()
        return Text.joined([*parts, self[end:]])

    def words(self) -> tuple[Word, ...]:
        """Return its words and holes."""
        return tuple(
            Word(match.group(), self.places[match.start()], self.places[match.end() - 1] + 1) for match in _WORD.finditer(self.chars)
        )
